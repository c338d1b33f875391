"""Writes of returnee proofs: entered by one person with a file, verified by another."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action, write_at
from diguan.kernel.facts.models import Upload
from diguan.kernel.messages import Message
from diguan.ties.actions import parts
from diguan.ties.actions.parts import Proof, invalid
from diguan.ties.actions.ties import FirmName
from diguan.ties.models import Basis, HometownPerson, PersonState, Return, ReturnSubject, TiedFirm, TieState
from diguan.ties.queries import people, ties
from diguan.ties.queries.returns import CHANGE, VERIFY

PROOF_SHEET = "returnee_proof"
HALF = 5_000
"""Basis points above which a share controls (公司法（2023 修订）第二百六十五条：出资额或股份超过百分之五十)."""
_DECIDED = Message("没办成：别人先办过这一条，请重新打开再办", "not done: somebody acted on this first; open it again")


@action(permission=CHANGE, event="return_claimed")
def claim_return(*, person: HometownPerson, basis: str, document: str, proof: Proof | Upload | None, firm: FirmName | TiedFirm | None = None, share: int | None = None, by: Person) -> Done[Return]:
    """Enter the proof that an investor is a returnee: a person by birthplace or household register, a firm by the controlling share a hometown person holds.

    Args:
        person: the hometown person it rests on, whose consent is in force.
        basis: a :class:`~diguan.ties.models.Basis`; control is a firm's, the others a person's.
        document: what the file is: 户口簿, 出生医学证明, 股东名册.
        proof: the file; without one there is no claim.
        firm: the investing firm, where the ground is control.
        share: basis points held, more than half.
        by: who enters it; verified by another.

    Raises:
        Refusal: ``invalid`` (field named), ``no_consent``, ``claimed_already``.
    """
    if people.hometown_person(by, person.pk) is None:
        raise Refusal("no_consent", [Message("没有这个人，或本人的同意不在有效期内", "there is no such person, or their consent is not in force")], field="person")
    words = " ".join(document.split())
    if not 2 <= len(words) <= 100 or "\x00" in words:
        raise invalid("document", "请写证明材料的名称，2 到 100 字", "name the document in 2 to 100 characters")
    subject = _subject(basis, firm, share)
    there = parts.firm_at(firm.name, firm.uscc) if isinstance(firm, FirmName) else firm
    kept = parts.kept(proof, PROOF_SHEET, access.unit_of(by), by)
    if kept is None:
        raise invalid("proof", "没有材料文件不能认定", "without a file there is no proof")
    try:
        with transaction.atomic():
            row = Return.objects.create(subject=subject, firm=there, person=person, basis=basis, share=share, document=words, proof=kept, entered_by=by, owner_unit_id=access.unit_of(by), created_by=by, changed_by=by)
    except IntegrityError as error:
        raise Refusal("claimed_already", [Message("这个对象已经有一份认定在办或已核实", "there is a proof of this investor already, waiting or verified")]) from error
    return Done(row, after={"subject": subject, "firm": there.pk if there else None, "basis": basis, "share": share, "proof": kept.sha256}, related=[person, *([there.enterprise] if there and there.enterprise else [])],
                personal={"document": words})


def _subject(basis: str, firm: FirmName | TiedFirm | None, share: int | None) -> ReturnSubject:
    if basis not in Basis.values:
        raise invalid("basis", "请选依据", "choose the ground")
    if basis != Basis.CONTROL:
        if firm is not None or share is not None:
            raise invalid("basis", "企业按“同乡控股”认定；出生地、户籍认定的是个人", "a firm is a returnee by control; birthplace and register are a person's")
        return ReturnSubject.PERSON
    if firm is None:
        raise invalid("firm_name", "请写投资企业", "name the investing firm")
    if share is None or not HALF < share <= 10_000:
        raise invalid("share", "控股要超过 50%，最多 100%", "control is more than 50 % and at most 100 %")
    return ReturnSubject.FIRM


@action(permission=VERIFY, event="return_verified", on="proof")
def verify_return(*, proof: Return, version: int, by: Person) -> Done[Return]:
    """Say that the file proves it; who entered it cannot, nor anybody once the person's data were erased.

    Raises:
        Refusal: ``own_claim``, ``gone``, ``not_waiting`` or ``conflict``.
    """
    if proof.person.state == PersonState.ERASED:
        raise Refusal("gone", [Message("本人已撤回同意、资料已删除，不能再核实", "the person took their consent back and was erased: it can no longer be verified")])
    return _decided(proof, version, by, TieState.VERIFIED, "")


@action(permission=VERIFY, event="return_rejected", on="proof")
def reject_return(*, proof: Return, version: int, reason: str, by: Person) -> Done[Return]:
    """Say that it does not, and why; the investor may then be entered anew.

    Raises:
        Refusal: ``invalid`` without a reason, ``own_claim``, ``not_waiting`` or ``conflict``.
    """
    return _decided(proof, version, by, TieState.REJECTED, parts.reason_of(reason))


def _decided(proof: Return, version: int, by: Person, state: TieState, decision: str) -> Done[Return]:
    if proof.entered_by_id == by.pk:
        raise Refusal("own_claim", [Message("自己录入的不能自己核实，请另一个人来", "who entered it cannot decide on it: ask somebody else")])
    if proof.state != TieState.CLAIMED:
        raise Refusal("not_waiting", [Message("这份认定已经核实、驳回或撤回过", "it was decided on or withdrawn already")])
    write_at(proof, version, {"state": state, "verified_by": by, "decided_on": clocks.today(), "decision": decision}, by=by, taken=_DECIDED)
    return _done(proof)


@action(permission=CHANGE, event="return_withdrawn", on="proof")
def withdraw_return(*, proof: Return, version: int, reason: str, by: Person) -> Done[Return]:
    """Take a proof back, verified or not; from then on it counts for nothing.

    Raises:
        Refusal: ``invalid`` without a reason, ``not_waiting`` or ``conflict``.
    """
    words = parts.reason_of(reason)
    if proof.state not in ties.OPEN:
        raise Refusal("not_waiting", [Message("这份认定已经驳回或撤回过", "it was rejected or withdrawn already")])
    write_at(proof, version, {"state": TieState.ENDED, "decision": words}, by=by, taken=_DECIDED)
    return _done(proof)


def _done(proof: Return) -> Done[Return]:
    before = proof.state
    now = Return.objects.select_related("person").get(pk=proof.pk)
    return Done(now, before={"state": before}, after={"state": now.state, "proof": now.proof.sha256}, related=[now.person])
