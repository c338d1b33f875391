"""Writes of promises: told with the agreement, reviewed for fair competition by another person."""

from __future__ import annotations

from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action, write_at
from diguan.kernel.messages import Message
from diguan.projects.actions import checking
from diguan.projects.actions.checking import CHANGED, Proof
from diguan.projects.actions.fields import no
from diguan.projects.models import Agreement, CheckState, Promise, PromiseKind, ReviewConclusion
from diguan.projects.queries import agreements, fair_competition
from diguan.projects.queries.agreements import ENTER, REVIEW


@action(permission=ENTER, event="promise_entered", on="agreement")
def add_promise(*, agreement: Agreement, version: int, kind: str, text: str, by: Person, legal_basis: str = "") -> Done[Promise]:
    """Tell one thing the county promises in an agreement that nobody has verified yet.

    Raises:
        Refusal: ``invalid`` (field named), ``verified_already``, ``conflict``.
    """
    if agreement.state != CheckState.ENTERED:
        raise no("verified_already", "协议已经核实，承诺不能再加；另有承诺的请登记修订协议", "the agreement was decided on; enter an amendment for further promises")
    if kind not in PromiseKind.values:
        raise no("invalid", "没有这种承诺", "there is no such kind of promise", "kind")
    told = checking.words({"text": text, "legal_basis": legal_basis}, Promise, ("text",))
    write_at(agreement, version, {"no_promises": False}, by=by, taken=CHANGED)
    row = Promise.objects.create(agreement=agreement, kind=kind, **told, entered_by=by, owner_unit_id=agreement.project.owner_unit_id, created_by=by, changed_by=by)
    return Done(row, after={"agreement": agreement.pk, "kind": kind, **told}, related=[agreement, agreement.project])


@action(permission=REVIEW, event="promise_reviewed", on="promise")
def review_promise(*, promise: Promise, version: int, conclusion: str, review_note: str, proof: Proof | None, by: Person) -> Done[Promise]:
    """Say what the fair-competition review came to, with its paper; who told the promise, or entered its agreement, cannot.

    Raises:
        Refusal: ``own_row``, ``no_legal_basis`` with the article, ``not_waiting``, ``invalid``, ``conflict``.
    """
    if by.pk in (promise.entered_by_id, promise.agreement.entered_by_id):
        raise no("own_row", "自己录入的承诺要由另一个人审查", "who entered a promise does not review it: ask somebody else")
    if promise.conclusion != ReviewConclusion.WAITING or promise.agreement.state not in agreements.LIVE:
        raise no("not_waiting", "这条承诺不在待审查状态", "this promise does not wait for its review")
    if conclusion not in (ReviewConclusion.PASSED, ReviewConclusion.FAILED, ReviewConclusion.EXEMPT):
        raise no("invalid", "请选审查结论", "choose a conclusion", "conclusion")
    _lawful(promise, conclusion)
    told = checking.words({"review_note": review_note}, Promise, ("review_note",))
    values = {"conclusion": conclusion, **told, "reviewed_by": by, "reviewed_on": clocks.today(), "review_proof": checking.kept(proof, promise.agreement.project.owner_unit_id, by)}
    write_at(promise, version, values, by=by, taken=CHANGED)
    promise.refresh_from_db()
    return Done(promise, after={"conclusion": conclusion, "agreement": promise.agreement_id}, related=[promise.agreement, promise.agreement.project])


def _lawful(promise: Promise, conclusion: str) -> None:
    """Without a legal basis a favour of this kind cannot pass; of taxes and money the database says so too."""
    rule = fair_competition.provisions(clocks.today()).get(promise.kind)
    needed = promise.kind == PromiseKind.FISCAL or (rule is not None and rule.basis_needed)
    if not needed or promise.legal_basis.strip() or conclusion == ReviewConclusion.FAILED:
        return
    reasons = [Message("没有法律依据，结论只能是“不通过”", "without a legal basis it can only fail")]
    if rule is not None:
        reasons.append(Message(f"{rule.says.zh}。依据：{rule.source.zh}", f"{rule.says.en}. Source: {rule.source.en}"))
    raise Refusal("no_legal_basis", reasons, "conclusion")
