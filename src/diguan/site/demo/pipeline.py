"""The demo's projects on their way: from the talks to full capacity, each gate passed with its own papers, on days of 2025 and 2026.

Whatever a gate asks for is there: the team, an access review that one filled in, another verified and a leader decided, the firm in the register, papers of the
site, of the start and of production. A project that lacks something stays where it is; nobody in the demo county makes movements or cases, so no such project gets
past its contract.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from django.db import transaction

from diguan.site.demo import accounts, leads, papers, talks
from diguan.site.demo.requests import on

if TYPE_CHECKING:
    from diguan.enterprises.models import Enterprise
    from diguan.kernel.access.models import Person
    from diguan.projects.models import AccessReview, Agreement, Project

WAN = 1_000_000
"""Fen in 10,000 yuan."""
NEGOTIATING, CONTRACT, REGISTERED, SITED, CONSTRUCTION, PRODUCTION, FULL = "negotiating", "contract", "registered", "sited", "construction", "production", "full_capacity"
AIMS: Mapping[str, int] = {FULL: 4, PRODUCTION: 8, CONSTRUCTION: 8, SITED: 6, REGISTERED: 4, CONTRACT: 9}
"""How many of the 39 get how far; all are signed, so none stays before its contract. Who is still talked about stands in ``talks.py``."""
ORDER = (NEGOTIATING, CONTRACT, REGISTERED, SITED, CONSTRUCTION, PRODUCTION, FULL)
NOT_MADE = ("movement_quartz", "case")
"""Nodes nobody in the demo county makes (``demo/chains.py``)."""
FIGHTERS = {"钟表": "watch-park", "陶瓷": "jiepai"}
"""The task force of a cluster; of the others it is the bureau's."""
AFTER = {CONTRACT: (1, 1), REGISTERED: (9, 9), SITED: (28, 17), CONSTRUCTION: (52, 90), PRODUCTION: (150, 150), FULL: (330, 60)}
"""Working days from the signature, and by how much they differ from project to project."""
SLOWER, UNTIL = {REGISTERED: 20, SITED: 120, CONSTRUCTION: 120}, dt.date(2026, 10, 23)
"""Those not in production yet took longer for their last step, by up to so many working days; before the last week everything but what is of it had happened."""
FOUNDED = dt.timedelta(days=42)
"""After it was opened a project is in the register at the earliest; its firm is no younger."""
ARRIVED = dt.date(2025, 10, 15)
"""The payments of 2025 are all verified by then; nothing is said to produce before."""
LATELY = {CONSTRUCTION: dt.date(2026, 10, 27), SITED: dt.date(2026, 10, 28), REGISTERED: dt.date(2026, 10, 29), PRODUCTION: dt.date(2026, 10, 30)}
"""One project came to each of these stages in the week of the demo's day."""
PAPERS = {SITED: ("site_proof", "厂房租赁合同"), CONSTRUCTION: ("construction_start_proof", "装修开工证明"), PRODUCTION: ("production_proof", "投产核验记录")}
JOBS = 120


@dataclass(frozen=True)
class Cast:
    """Who does it: one enters, another verifies, a leader decides."""

    first: Person
    second: Person
    leader: Person

    def mover(self, to: str) -> Person:
        """Who passes a gate: never who did the step before, where the gate asks for another."""
        return {CONSTRUCTION: self.second, PRODUCTION: self.leader, CONTRACT: self.second, FULL: self.second}.get(to, self.first)


def prepare(aims: Mapping[str, int] = AIMS) -> int:
    """Move every project of 2025 as far as it is to get, and set the leads and targets of autumn; how many projects left triage.

    A project is moved in one piece, so that an interrupted start finds it done or untouched.
    """
    from diguan.projects.models import Project

    cast, rows = Cast(*(accounts.known(login) for login in ("invest", "invest2", "leader"))), _rows()
    chosen = aimed(rows, aims)
    firms = firms_of([row for row in rows if ORDER.index(chosen.get(row.pk, NEGOTIATING)) >= ORDER.index(REGISTERED)])
    last = {aim: row.pk for row in rows if (aim := chosen.get(row.pk))}
    for place, row in enumerate(rows):
        aim = chosen.get(row.pk)
        if aim and row.chain_chief_id is None:
            with transaction.atomic():
                Walk(cast, row, place, aim, firms.get(row.pk), LATELY.get(aim) if last[aim] == row.pk else None).go()
    _statuses(chosen, cast)
    talked = talks.prepare(cast)
    _reviews(talked, cast)
    _obligations([pk for pk, aim in chosen.items() if aim == PRODUCTION], cast)
    _notes({**chosen, **dict.fromkeys(talked, NEGOTIATING)}, cast)
    leads.prepare()
    return Project.objects.filter(chain_chief__isnull=False).count()


def _rows() -> list[Project]:
    """The new projects of 2025, the first signed first."""
    from diguan.projects.models import Project

    return list(Project.objects.select_related("course__frozen").filter(kind="new", opened_on__year__lte=2025).order_by("id"))


def aimed(rows: Sequence[Project], aims: Mapping[str, int]) -> dict[int, str]:
    """How far each project gets: those with payments and a node that is made here far, the others not past their contract.

    Returns:
        The stage by project; one for which there is no place is left out.
    """
    from diguan.projects.models import Fund

    paid = set(Fund.objects.filter(state="verified", paid_on__lte=ARRIVED).values_list("project", flat=True))
    made = [row for row in rows if row.node not in NOT_MADE]
    left = sorted(made, key=lambda row: (row.pk not in paid, row.pk))
    last = [row for row in rows if row.node in NOT_MADE]
    found: dict[int, str] = {}
    for aim in (FULL, PRODUCTION, CONSTRUCTION, SITED, REGISTERED):
        for _turn in range(aims.get(aim, 0)):
            if left and (aim not in (FULL, PRODUCTION) or left[0].pk in paid):
                found[left.pop(0).pk] = aim
    last += left
    for row in last[:aims.get(CONTRACT, 0)]:
        found[row.pk] = CONTRACT
    return found


def firms_of(rows: Sequence[Project]) -> dict[int, Enterprise]:
    """A producing firm of the cluster for each project, none twice and none of another project; makers of its node first, then the youngest that was there by then."""
    from diguan.chains.models import Coverage
    from diguan.enterprises.models import Enterprise, ProductionStatus
    from diguan.projects.models import Project

    taken = set(Project.objects.exclude(pk__in=[row.pk for row in rows]).filter(enterprise__isnull=False).values_list("enterprise", flat=True))
    makers: dict[int, set[str]] = {}
    for firm, node in Coverage.objects.filter(role="make").order_by().values_list("enterprise", "node"):
        makers.setdefault(firm, set()).add(node)
    known = list(Enterprise.objects.filter(production_status=ProductionStatus.PRODUCING, cluster__in={row.cluster for row in rows}, established__isnull=False).exclude(pk__in=taken).order_by("-established", "id"))
    found: dict[int, Enterprise] = {}
    for row in rows:
        best = min((firm for firm in known if firm.cluster == row.cluster and firm.established is not None and firm.established <= row.opened_on + FOUNDED), key=lambda firm: row.node not in makers.get(firm.pk, ()), default=None)
        if best is not None:
            known.remove(best)
            found[row.pk] = best
    return found


# ── one project ──────────────────────────────────────────────────────────────
def after(day: dt.date, days: int) -> dt.date:
    """So many working days later."""
    from diguan.kernel import clocks, packs

    return clocks.due_after(day, days, packs.calendar()).day


def paper(words: str) -> tuple[str, bytes]:
    """A file of the demo by its name."""
    return f"{words}.pdf", papers.pdf(f"Synthetic paper {words.encode().hex()[:40]}")


@dataclass
class Walk:
    """One project from triage to its aim. ``lately``: the day of its last step, where that is of this week."""

    cast: Cast
    row: Project
    place: int
    aim: str
    firm: Enterprise | None
    lately: dt.date | None

    def go(self) -> None:
        """Its team, then stage after stage; without a firm it stays at its contract."""
        from diguan.projects.models import Agreement

        self._team()
        if self.aim == NEGOTIATING:
            return
        agreed = Agreement.objects.filter(project=self.row, kind="contract", state="verified").order_by("id").first()
        assert agreed is not None  # the ledger signs every project that gets further than talks
        self._review(after(self.row.opened_on, 3))
        for stage in ORDER[1:ORDER.index(self.aim) + 1]:
            if stage == REGISTERED and self.firm is None:
                return
            if stage == CONSTRUCTION and self.aim != CONSTRUCTION and self.place % 3 == 0:
                continue  # a unit that was rented ready for use is taken into production without works
            self._to(stage, self._day(stage, agreed.signed_on), agreed)

    def _day(self, stage: str, signed: dt.date) -> dt.date:
        least, spread = AFTER[stage]
        slower = self.place * 13 % SLOWER[stage] if stage == self.aim and stage in SLOWER else 0
        found = min(after(signed, least + self.place * 7 % spread + slower), UNTIL)
        return self.lately if self.lately and stage == self.aim else max(found, ARRIVED) if stage == PRODUCTION else found

    def _team(self) -> None:
        from diguan.kernel.access.models import Unit
        from diguan.projects.actions import board

        force = Unit.objects.get(code=FIGHTERS.get(self.row.cluster, "science-industry"))
        officer = (self.cast.first, self.cast.second)[self.place % 2]
        day = after(self.row.opened_on, 1 + self.place % 3)
        with on(day):
            self.row = board.name_team(project=self.row, version=self.row.version, chain_chief=self.cast.leader, task_force=force, service_officer=officer, by=self.cast.first)
            self.pass_to(NEGOTIATING, day)

    def _review(self, day: dt.date) -> None:
        """The access review, from the first figure to the leader's word."""
        row = met(filled(self.row, day, self.cast), after(day, 3), after(day, 6), self.cast)
        decided(row, after(day, 8), self.cast)

    def _to(self, stage: str, day: dt.date, agreed: Agreement) -> None:
        with on(day):
            if stage == REGISTERED:
                self._register()
            elif stage in PAPERS:
                self.prove(*PAPERS[stage], day)
            elif stage == FULL:
                self._perform(agreed, day)
            self.pass_to(stage, day)

    def _register(self) -> None:
        """The project's firm, as the register has it."""
        from diguan.projects.actions import board, projects

        told = projects.Said(**{one.name: getattr(self.row, one.name) for one in fields(projects.Said)})
        self.row = board.change_project(project=self.row, version=self.row.version, said=told, enterprise=self.firm, by=self.cast.first)

    def prove(self, entry: str, title: str, day: dt.date) -> None:
        """A paper that one hands in and another verifies."""
        from diguan.kernel.evidence import actions as evidence
        from diguan.projects.actions import board

        name, content = paper(f"{title}-{self.row.number}")
        said = evidence.Paper(value="true" if entry == "site_proof" else "", number=f"{title}第{self.row.pk:03d}号", issued=day, file_name=name, content=content)
        piece = board.hand_in(project=self.row, entry=entry, paper=said, by=self.cast.first)
        evidence.verify(evidence=piece, version=piece.version, by=self.cast.second)

    def _perform(self, agreed: Agreement, day: dt.date) -> None:
        """What was promised, measured and found reached."""
        from diguan.projects.actions import fulfilment

        duty = owed(agreed, ("investor", "达产时用工不少于 120 人", day, "jobs", JOBS), self.cast)
        reached = JOBS + 3 + self.place % 20
        keep(duty, day, reached, self.cast)
        check = fulfilment.enter_check(project=self.row, point="production", on=day, measured={duty.pk: reached}, note="社保参保人数核对", proof=paper(f"履约核查-{self.row.number}"), by=self.cast.first)
        fulfilment.verify_check(check=check, version=check.version, by=self.cast.second)

    def pass_to(self, to: str, day: dt.date) -> None:
        """Through the gate, by who may."""
        from diguan.kernel.stages import queries as stages
        from diguan.projects.actions import projects

        assert self.row.course is not None
        task = stages.current(self.row.course)
        assert task is not None
        projects.pass_stage(project=self.row, task=task, to=to, version=task.version, by=self.cast.mover(to), day=day)


# ── access reviews ───────────────────────────────────────────────────────────
def filled(row: Project, day: dt.date, cast: Cast) -> AccessReview:
    """A review that says everything, its figures worked out from what the project plans: 4 million yuan a mu, 350,000 of tax."""
    from diguan.projects.actions import access
    from diguan.projects.queries import access as reviews

    planned = (row.planned_fen or 0) // WAN
    land = max(1, planned // 400)
    site = land * 667
    inputs = {"investment": planned, "land": land, "tax": land * 35, "floor": site * 3 // 2, "base": site // 2, "site": site, "jobs": JOBS, "research": 3}
    choices = {"industry": "leading", "investor": "sound", "environment": "light", "safety": "general", "planning": "fits"}
    with on(day):
        review = access.start_review(project=row, by=cast.first)
        standard = reviews.standard_of(review)
        said: dict[str, Any] = {"inputs": {name: str(number) for name, number in inputs.items()}, "choices": choices,
                                "vetoes": {one.id: "no" for one in standard.vetoes}, "diligence": {one.id: "yes" for one in standard.diligence}}
        return access.answer_review(review=review, version=review.version, answers=said, by=cast.first)


def met(row: AccessReview, verified: dt.date, meeting: dt.date, cast: Cast) -> AccessReview:
    """Verified by another, and the meeting with its minutes."""
    from diguan.kernel.evidence.actions import Paper
    from diguan.projects.actions import access

    with on(verified):
        row = access.verify_review(review=row, version=row.version, by=cast.second)
    name, content = paper(f"评审会纪要-{row.pk}")
    with on(meeting):
        return access.record_meeting(review=row, version=row.version, met_on=meeting, members="县商务局、县发改局、县自然资源局、市生态环境局衡阳县分局、县应急局", minutes=Paper(file_name=name, content=content), by=cast.second)


def decided(row: AccessReview, day: dt.date, cast: Cast) -> None:
    """The leader passes it."""
    from diguan.projects.actions import access

    with on(day):
        access.decide_review(review=row, version=row.version, decision="passed", by=cast.leader)


def _reviews(pks: Sequence[int], cast: Cast) -> None:
    """Those still talked about are reviewed now: the first waits for a decision, the next for its meeting, one for its verification."""
    from diguan.projects.actions import access
    from diguan.projects.models import AccessReview, Project

    for place, row in enumerate(Project.objects.filter(pk__in=pks).order_by("id")):
        if place < 3 and not AccessReview.objects.filter(project=row).exists():
            review = filled(row, dt.date(2026, 10, 19 + place), cast)
            if place == 0:
                met(review, dt.date(2026, 10, 22), dt.date(2026, 10, 28), cast)
            elif place == 1:
                with on(dt.date(2026, 10, 23)):
                    access.verify_review(review=review, version=review.version, by=cast.second)


# ── obligations, statuses, what comes next ───────────────────────────────────
def owed(agreed: Agreement, said: tuple[str, str, dt.date, str, int | None], cast: Cast) -> Any:
    """One thing a side owes by an agreement."""
    from diguan.projects.actions import fulfilment

    side, text, due, measure, target = said
    return fulfilment.add_obligation(agreement=agreed, said=fulfilment.Said(side=side, text=text, due_on=due, measure=measure, target=target), by=cast.first)


def keep(duty: Any, day: dt.date, reached: int | None, cast: Cast) -> None:
    """It is told to be met, and verified by another."""
    from diguan.projects.actions import fulfilment

    row = fulfilment.claim_obligation(obligation=duty, version=duty.version, met_on=day, measured=reached, proof=paper(f"履约证明-{duty.pk}"), by=cast.first)
    fulfilment.verify_obligation(obligation=row, version=row.version, by=cast.second)


def _obligations(pks: Sequence[int], cast: Cast) -> None:
    """Of two agreements: what is met, what is late, what falls due in three weeks."""
    from diguan.projects.models import Agreement, Obligation

    agreed = Agreement.objects.filter(project__in=pks, kind="contract", state="verified").exclude(number__contains="重签").order_by("id")[:2]
    for place, row in enumerate(agreed):
        if Obligation.objects.filter(agreement=row).exists():
            continue
        with on(dt.date(2026, 6, 30)):
            keep(owed(row, ("county", "标准厂房水、电、气接到车间", dt.date(2026, 6, 30), "", None), cast), dt.date(2026, 6, 29), None, cast)
            owed(row, ("investor", "用工不少于 120 人", dt.date(2026, 9, 30) if place == 0 else dt.date(2026, 12, 31), "jobs", JOBS), cast)
            owed(row, ("county", "协助办妥员工公租房 40 套", dt.date(2026, 11, 20), "", None), cast)


def _statuses(chosen: Mapping[int, str], cast: Cast) -> None:
    """One that is built slowly, one that is laid aside."""
    from diguan.projects.actions import board
    from diguan.projects.models import Project

    for aim, to, day, reason in ((CONSTRUCTION, "delayed", dt.date(2026, 10, 13), "设备到货推迟两个月，专用变压器还没装"), (CONTRACT, "dormant", dt.date(2026, 8, 18), "投资方总部调整计划，明年一季度再议")):
        row = Project.objects.select_related("course").filter(pk__in=[pk for pk, each in chosen.items() if each == aim]).order_by("id").first()
        if row is not None and row.course is not None and row.course.status == "active":
            with on(day):
                board.set_project_status(project=row, to=to, version=row.course.version, reason=reason, by=cast.second)


NOTES = (
    (CONSTRUCTION, dt.date(2026, 10, 26), "到现场看装修，消防喷淋没通过预验", "请县住建局到场指导消防整改", dt.date(2026, 11, 3)),
    (SITED, dt.date(2026, 10, 27), "和投资方核对设备清单和用电负荷", "县供电公司答复增容方案", dt.date(2026, 11, 4)),
    (REGISTERED, dt.date(2026, 10, 22), "带投资方看了两栋标准厂房", "园区报厂房租金和交付日期", dt.date(2026, 10, 29)),
    (NEGOTIATING, dt.date(2026, 10, 28), "评审会开过，等县领导决定", "报县领导决定", dt.date(2026, 11, 2)),
    (PRODUCTION, dt.date(2026, 10, 29), "上门问用工，缺 15 名装配工", "请县人社局开一场专场招聘", dt.date(2026, 11, 6)))


def _notes(chosen: Mapping[int, str], cast: Cast) -> None:
    """What was done lately and what comes next; one of the next steps is late."""
    from diguan.projects.actions import board
    from diguan.projects.models import Project

    for aim, day, what, step, next_on in NOTES:
        row = Project.objects.filter(pk__in=[pk for pk, each in chosen.items() if each == aim]).order_by("id").first()
        if row is not None and not row.progress.exists():
            with on(day):
                board.note_project_progress(project=row, note=board.Note(what=what, on=day, next_step=step, next_on=next_on, next_by=row.service_officer), by=cast.first)
