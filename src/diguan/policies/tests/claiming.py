"""A county day up to its allocation, and short words for what an office and a firm do with a claim."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from diguan.enterprises.models import Enterprise
from diguan.kernel.evidence.actions import Paper
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.facts.runs import Run
from diguan.kernel.stages import queries as stages
from diguan.kernel.tests import worlds
from diguan.kernel.tests.factories import person_factory
from diguan.policies import actions, queries
from diguan.policies.actions import claim_lists, claim_papers, claim_steps, claims
from diguan.policies.actions.allocation import run_allocation
from diguan.policies.models import Claim
from diguan.policies.queries import claims as reads
from diguan.policies.tests import county
from diguan.policies.tests.county import PLAIN, POLICY, RICH, SHORT

PDF = Paper(content=b"%PDF-1.7 test", file_name="公示.pdf")
SINCE = dt.date(2026, 1, 1)


def begin(settings: Any, tmp_path: Path, monkeypatch: Any, *, budget: str = "90万元", delivery: str = "automatic_entitlement") -> SimpleNamespace:
    """Three entitled firms, the policy in a delivery, the match and the people; ``budget`` empty: none."""
    county.live(settings, tmp_path, monkeypatch)
    return worlds.remembered(("claiming", budget, delivery), tmp_path, lambda: _begun(tmp_path, budget, delivery))


def _begun(tmp_path: Path, budget: str, delivery: str) -> SimpleNamespace:
    county.pack(tmp_path / "pack")
    county.firms()
    register_them()
    county.deliver((RICH, 600), (PLAIN, 500), (SHORT, 120))
    folder = tmp_path / "pack"
    rewrite(folder, budget=budget, delivery=delivery)
    who = SimpleNamespace(pack=folder, **{name: person_factory(role, from_day=SINCE, name=title) for name, role, title in (
        ("officer", "policy_officer", "甲专员"), ("second", "policy_officer", "乙专员"), ("third", "policy_officer", "丙专员"), ("leader", "leader", "县领导"))})
    who.agent = person_factory("enterprise_agent", uscc=RICH, from_day=SINCE, name="经办人")
    who.match = actions.run_match(by=who.officer)
    return who


def register_them() -> None:
    """The register knows every firm's status, so that nobody asks for the licence."""
    Enterprise.objects.update(business_status="存续")


def officers() -> tuple[Any, Any]:
    """Two policy officers."""
    return person_factory("policy_officer", from_day=SINCE), person_factory("policy_officer", from_day=SINCE)


def open_all(run: Run, by: Any) -> None:
    """Claims for everybody an allocation granted."""
    claims.open_claims(allocation=run, policy=POLICY, by=by)


def confirm_all(by: Any) -> None:
    """Confirm whatever still waits for it."""
    claim_lists.pass_list(to="confirmed", seen={one.claim.pk: one.seen for one in reads.ready_for(by, POLICY, "confirmed", 0)}, by=by)


def rewrite(folder: Path, name: str = POLICY, *, budget: str = "90万元", delivery: str = "automatic_entitlement", **more: tuple[str, str]) -> None:
    """The policy's document with another budget and delivery."""
    county.policy(folder, name)
    path = folder / f"policies/{name}.yaml"
    text = path.read_text("utf-8").replace("delivery: fast_claim", f"delivery: {delivery}")
    line = next(each for each in text.splitlines() if each.startswith("budget:"))
    text = text.replace(line, line.replace("amount: 4万元", f"amount: {budget}") if budget else "")
    for old, new in more.values():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


def allocated(who: SimpleNamespace) -> Run:
    """The allocation of the match."""
    return run_allocation(by=who.officer)


def opened(who: SimpleNamespace) -> list[Claim]:
    """Claims for everybody it granted, by amount and name."""
    return claims.open_claims(allocation=allocated(who), policy=POLICY, by=who.officer)


def again(claim: Claim) -> Claim:
    """The claim as it stands in the database."""
    return reads.with_stage(Claim.objects.select_related("enterprise", "course__frozen")).get(pk=claim.pk)


def seen(claim: Claim) -> reads.Seen:
    """Its open stage as it is now."""
    task = stages.current(claim.course)
    assert task is not None
    return reads.Seen.of(task)


def go(claim: Claim, to: str, by: Any, **more: Any) -> Any:
    """One step of one claim, as it stands now."""
    now = again(claim)
    return claim_steps.pass_step(claim=now, to=to, seen=seen(now), by=by, **more)


def paper(claim: Claim, entry: str, by: Any, verifier: Any = None) -> None:
    """The office enters a piece, and somebody else verifies it."""
    claim_papers.enter_paper(claim=again(claim), entry=entry, paper=PDF, by=by)
    if verifier is not None:
        verified(claim, entry, verifier)


def verified(claim: Claim, entry: str, by: Any) -> None:
    """Somebody says that the piece that waits holds."""
    row = Evidence.objects.get(subject_id=str(claim.pk), subject_kind="policy_claim", entry=entry, state="entered")
    claim_papers.decide_paper(claim=again(claim), paper=row, version=row.version, holds=True, by=by)


def published(claim: Claim, who: SimpleNamespace) -> None:
    """Confirmed by another officer, its notice put up by a third."""
    go(claim, "confirmed", who.second)
    paper(claim, "publicity_notice", who.officer, who.third)
    go(claim, "publicised", who.third)


def unobjected(claim: Claim, who: SimpleNamespace, settings: Any) -> None:
    """Five working days later."""
    published(claim, who)
    settings.DIGUAN_TODAY = "2026-11-10"
    go(claim, "unobjected", who.officer)


def answer(claim: Claim, by: Any, account: str = "1801 2345 6789 01") -> None:
    """The firm confirms what it is asked for."""
    now = again(claim)
    claim_papers.hand_in(claim=now, version=now.version, papers={"intent_confirmation": Paper(value="true"), "bank_account": Paper(value=account, number="农业银行衡阳县支行")}, by=by)


def answer_as(read: Claim, by: Any) -> None:
    """The firm answers to the version it has read."""
    claim_papers.hand_in(claim=read, version=read.version, papers={"intent_confirmation": Paper(value="true"), "bank_account": Paper(value="18012345678901", number="农业银行衡阳县支行")}, by=by)


def on_notice(officer: Any, run: Run, policy: str, firm: Enterprise, *, put_up: bool = True) -> Claim:
    """A claim that is on public notice (or about to be), opened by an officer and confirmed by another, whatever the allocation says."""
    second = person_factory("policy_officer")
    text = queries.library().policies[policy]
    claims.open_for(run=run, policy=text, grants=[claims.Grant(firm, 1_000_000, run.inputs["match"], run.run_id)], by=officer)
    row = Claim.objects.select_related("enterprise", "course__frozen").get(policy=policy, enterprise=firm)
    licence = Paper(number="演示1号", issued=SINCE, content=b"%PDF-1.7 test", file_name="营业执照.pdf")
    claim_papers.enter_paper(claim=again(row), entry="business_licence", paper=licence, by=officer)
    verified(row, "business_licence", second)
    go(row, "confirmed", second)
    claim_papers.enter_paper(claim=again(row), entry="publicity_notice", paper=PDF, by=officer)
    verified(row, "publicity_notice", second)
    if put_up:
        go(row, "publicised", second)
    return again(row)
