"""Writes of fulfilment: obligations of both sides, what was told of them, performance checks; who holds the project is told once what is late."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.urls import reverse

from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action, write_at
from diguan.kernel.evidence.actions import said as reason_of
from diguan.kernel.messages import Message
from diguan.kernel.notices import actions as notices
from diguan.kernel.notices.kinds import Draft
from diguan.projects.actions import checking
from diguan.projects.actions.checking import CHANGED, Proof
from diguan.projects.actions.fields import no
from diguan.projects.models import (
    Agreement,
    CheckPoint,
    CheckState,
    Measured,
    Obligation,
    ObligationState,
    PerformanceCheck,
    PerformanceLine,
    Project,
    Side,
)
from diguan.projects.queries import agreements, fulfilment
from diguan.projects.queries.agreements import ENTER, VERIFY

MOST = 10**15
LATE, ABOUT = "projects.obligation_late", "obligation"


@dataclass(frozen=True)
class Said:
    """What an agreement says one side owes. ``target`` in the storage unit of ``measure``."""

    side: str
    text: str
    due_on: dt.date
    measure: str = ""
    target: int | None = None


@action(permission=ENTER, event="obligation_entered", on="agreement")
def add_obligation(*, agreement: Agreement, said: Said, by: Person) -> Done[Obligation]:
    """Tell one thing a side owes by a day.

    Raises:
        Refusal: ``invalid``, ``bad_day`` (field named), ``not_live``.
    """
    if agreement.state not in agreements.LIVE:
        raise no("not_live", "协议已驳回或作废", "the agreement was rejected or made void")
    if said.side not in Side.values or said.measure not in Measured.values:
        raise no("invalid", "没有这一项", "there is no such choice", "side" if said.side not in Side.values else "measure")
    told = checking.words({"text": said.text}, Obligation, ("text",))
    if said.due_on < agreement.signed_on:
        raise no("bad_day", f"期限早于签订日期 {agreement.signed_on}", f"due before {agreement.signed_on}, when it was signed", "due_on")
    if bool(said.measure) != (said.target is not None) or not (said.target is None or 0 < said.target <= MOST):
        raise no("invalid", "选了量化指标要写大于零的数值，不量化就不写", "a measure needs a target above zero, and no measure none", "target")
    row = Obligation.objects.create(**asdict(said) | told, agreement=agreement, owner_unit_id=agreement.project.owner_unit_id, created_by=by, changed_by=by)
    return Done(row, after=asdict(said) | {"agreement": agreement.pk}, related=[agreement, agreement.project])


@action(permission=ENTER, event="obligation_claimed", on="obligation")
def claim_obligation(*, obligation: Obligation, version: int, met_on: dt.date, proof: Proof | None, by: Person, measured: int | None = None) -> Done[Obligation]:
    """Tell that it is met, with what proves it; it is once another person has verified it.

    Raises:
        Refusal: ``not_open``, ``bad_day``, ``invalid`` (field named), ``conflict``.
    """
    if obligation.state != ObligationState.OPEN:
        raise no("not_open", "这一条已报履行、已履行或已豁免", "it was told to be met, is met or waived already")
    checking.past(met_on, "met_on", obligation.agreement.signed_on)
    if obligation.target is not None and (measured is None or not 0 <= measured <= MOST):
        raise no("invalid", "要写实际达到的数值", "say what was reached", "measured")
    values = {"state": ObligationState.CLAIMED, "met_on": met_on, "measured": measured if obligation.target is not None else None, "proof": checking.kept(proof, obligation.agreement.project.owner_unit_id, by),
              "claimed_by": by, "decision": ""}
    return _written(obligation, version, values, by)


@action(permission=VERIFY, event="obligation_verified", on="obligation")
def verify_obligation(*, obligation: Obligation, version: int, by: Person) -> Done[Obligation]:
    """Say that it is met; who told so cannot.

    Raises:
        Refusal: ``own_row``, ``short``: less was reached than promised, ``not_waiting``, ``conflict``.
    """
    _waits(obligation, by)
    if obligation.target is not None and (obligation.measured is None or obligation.measured < obligation.target):
        raise no("short", "实际数值没有达到约定，不能核实为已履行；可以驳回，或由另一个人豁免", "less was reached than promised: reject it, or let another person waive it")
    return _written(obligation, version, {"state": ObligationState.MET, "decided_by": by, "decided_at": clocks.now()}, by)


@action(permission=VERIFY, event="obligation_rejected", on="obligation")
def reject_obligation(*, obligation: Obligation, version: int, reason: str, by: Person) -> Done[Obligation]:
    """Say that it is not met, and why; it is open again.

    Raises:
        Refusal: ``own_row``, ``not_waiting``, ``invalid`` without a reason, ``conflict``.
    """
    decision = reason_of(reason)
    _waits(obligation, by)
    return _written(obligation, version, {"state": ObligationState.OPEN, "decision": decision, "met_on": None, "measured": None}, by)


@action(permission=VERIFY, event="obligation_waived", on="obligation")
def waive_obligation(*, obligation: Obligation, version: int, reason: str, by: Person) -> Done[Obligation]:
    """Let a side off, with the reason; who entered the obligation cannot.

    Raises:
        Refusal: ``own_row``, ``not_open``, ``invalid`` without a reason, ``conflict``.
    """
    decision = reason_of(reason)
    if obligation.created_by_id == by.pk:
        raise no("own_row", "自己录入的义务要由另一个人豁免", "who entered it does not waive it: ask somebody else")
    if obligation.state not in (ObligationState.OPEN, ObligationState.CLAIMED):
        raise no("not_open", "这一条已履行或已豁免", "it is met or waived already")
    return _written(obligation, version, {"state": ObligationState.WAIVED, "decision": decision, "decided_by": by, "decided_at": clocks.now()}, by)


def _waits(row: Obligation, by: Person) -> None:
    if row.state != ObligationState.CLAIMED:
        raise no("not_waiting", "这一条不在待核实状态", "this row does not wait for verification")
    if row.claimed_by_id == by.pk:
        raise no("own_row", "自己报的不能自己核实，请另一个人来", "who told so cannot verify it: ask somebody else")


def _written(row: Obligation, version: int, values: Mapping[str, Any], by: Person) -> Done[Obligation]:
    before = row.state
    write_at(row, version, values, by=by, taken=CHANGED)
    row.refresh_from_db()
    return Done(row, before={"state": before}, after={"state": row.state, "met_on": row.met_on, "measured": row.measured}, related=[row.agreement, row.agreement.project])


# ── performance ──────────────────────────────────────────────────────────────
@action(permission=ENTER, event="performance_entered", on="project")
def enter_check(*, project: Project, point: str, on: dt.date, measured: Mapping[int, int | None], note: str, proof: Proof | None, by: Person) -> Done[PerformanceCheck]:
    """Enter what was measured, obligation by obligation (None: could not be measured); its verdict counts once another person has verified it.

    Raises:
        Refusal: ``nothing_promised``, ``invalid``, ``bad_day`` (field named).
    """
    if point not in CheckPoint.values:
        raise no("invalid", "没有这种核查", "there is no such check", "point")
    checking.past(on, "on")
    promised = list(fulfilment.measurable(project))
    if not promised:
        raise no("nothing_promised", "协议里没有登记可以量化的约定，没有东西可核", "no agreement of it holds a figure that was promised: there is nothing to check")
    if any(value is not None and not 0 <= value <= MOST for value in measured.values()):
        raise no("invalid", "数值不能是负数，也不能太大", "neither negative nor that large", "measured")
    told = checking.words({"note": note}, PerformanceCheck, ())
    row = PerformanceCheck.objects.create(project=project, point=point, on=on, **told, proof=checking.kept(proof, project.owner_unit_id, by), entered_by=by, owner_unit_id=project.owner_unit_id, created_by=by, changed_by=by)
    PerformanceLine.objects.bulk_create([PerformanceLine(check_of=row, obligation=one, promised=one.target or 0, measured=measured.get(one.pk)) for one in promised])
    return Done(row, after={"point": point, "on": on, "lines": len(promised), "verdict": fulfilment.verdict(row)}, related=[project])


@action(permission=VERIFY, event="performance_verified", on="check")
def verify_check(*, check: PerformanceCheck, version: int, by: Person) -> Done[PerformanceCheck]:
    """Say that it was measured so; who entered it cannot.

    Raises:
        Refusal: ``own_row``, ``not_waiting``, ``conflict``.
    """
    checking.verified(check, version, by)
    return Done(check, before={"state": CheckState.ENTERED}, after={"state": check.state, "verdict": fulfilment.verdict(check)}, related=[check.project])


@action(permission=VERIFY, event="performance_rejected", on="check")
def reject_check(*, check: PerformanceCheck, version: int, reason: str, by: Person) -> Done[PerformanceCheck]:
    """Say that it does not hold, and why.

    Raises:
        Refusal: ``invalid`` without a reason, ``not_waiting``, ``conflict``.
    """
    checking.rejected(check, version, reason, by)
    return Done(check, before={"state": CheckState.ENTERED}, after={"state": check.state}, related=[check.project])


# ── the clock ────────────────────────────────────────────────────────────────
def late_due() -> int:
    """What the clock does: of an obligation that is late its project's service officer is told, once. Answers of how many."""
    rows = list(fulfilment.late(Obligation.objects.filter(agreement__state=CheckState.VERIFIED, late_told_on__isnull=True)).select_related("agreement__project__service_officer").order_by("id")[:500])
    if not rows:
        return 0
    try:
        by = access.acting_person(None, VERIFY)
    except Refusal:
        return 0
    told = 0
    for row in rows:
        try:
            tell_late(obligation=row, version=row.version, by=by)
            told += 1
        except Refusal:  # somebody has just told that it is met: it is looked at again the next time
            continue
    return told


@action(permission=VERIFY, event="obligation_late_told", on="obligation")
def tell_late(*, obligation: Obligation, version: int, by: Person) -> Done[Obligation]:
    """Tell who looks after the project that an obligation is late.

    Raises:
        Refusal: ``conflict``.
    """
    project, day = obligation.agreement.project, clocks.today()
    write_at(obligation, version, {"late_told_on": day}, by=by, taken=CHANGED)
    title = Message(f"约定逾期：{project.name}", f"Obligation overdue: {project.number}")
    body = Message(f"{Side(obligation.side).label}应在 {obligation.due_on} 前履行：{obligation.text}", f"Due by {obligation.due_on}: see the agreement of {project.number}")
    if project.service_officer is not None:
        notices.write(drafts=[Draft(LATE, (ABOUT, str(obligation.pk)), title, body, person=project.service_officer, link=reverse("projects:agreement", args=[obligation.agreement_id]))], by=by)
    obligation.refresh_from_db()
    return Done(obligation, after={"late_told_on": day, "due_on": obligation.due_on}, related=[obligation.agreement, project])
