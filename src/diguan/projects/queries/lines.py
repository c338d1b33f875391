"""The lines that figures of promotion over months are folded from: what was signed and what arrived, by the counting rules and the ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from itertools import zip_longest

from django.db.models import Q

from diguan.kernel import clocks
from diguan.kernel.measures import Asked, Line, counted, part_choices
from diguan.kernel.messages import Message
from diguan.kernel.stages.actions.moves import PASSED, STARTED
from diguan.kernel.stages.models import Passage
from diguan.projects.models import CheckState, Fund, LeadSource, Measured, Obligation, ObligationState, Project, Side
from diguan.projects.queries import counted as counting
from diguan.projects.queries import funds
from diguan.projects.queries.agreements import VIEW as VIEW_AGREEMENT
from diguan.projects.queries.projects import VIEW, visible_projects

GROUPS = ("cluster", "source", "kind", "returnee")
RETURNEE = {True: "yes", False: "no"}
part_choices("source", LeadSource)
part_choices("pledge", Measured)


def _projects(known_at: dt.datetime | None) -> dict[int, tuple[str, Mapping[str, str]]]:
    """Every project's name and parts."""
    proved = counting.returnees(known_at)
    rows = Project.objects.order_by("id").values_list("id", "name", "cluster", "source", "kind")
    return {key: (name, {"cluster": cluster, "source": source, "kind": kind, "returnee": RETURNEE[key in proved]}) for key, name, cluster, source, kind in rows}


@counted("projects.signed_lines", title=Message("新签约项目", "Projects newly signed"), unit="个", permission=VIEW, visible=visible_projects, route="projects:project", groups=GROUPS,
         definition=Message("每个项目只在首次签订正式合同那天算一次，按计数规则", "each project once, on the day of its first contract, by the counting rules"))
def signed(asked: Asked) -> Iterable[Line]:
    """One line a project."""
    known = _projects(asked.known_at)
    return [Line(str(key), known[key][0], 1, day, groups=known[key][1]) for key, day in counting.book(asked.as_of, asked.known_at).firsts.items()]


@counted("projects.contract_lines", title=Message("合同引资额", "Contracted investment"), unit="元", permission=VIEW, visible=visible_projects, route="projects:project", groups=GROUPS,
         definition=Message("按计数规则计入的合同额，在签订那天；框架协议不计，增资只计增量", "what counts of each contract by the counting rules, on the day of signing; no frameworks, of additions only the increment"))
def contracts(asked: Asked) -> Iterable[Line]:
    """One line an agreement that counts."""
    known = _projects(asked.known_at)
    return [Line(str(one.project), known[one.project][0], one.fen, one.on, groups=known[one.project][1]) for one in counting.book(asked.as_of, asked.known_at).lines if one.counts]


@counted("projects.fund_lines", title=Message("实际到位资金", "Funds in place"), unit="元", permission=funds.VIEW, visible=visible_projects, route="projects:project", groups=GROUPS,
         definition=Message("由录入人以外的人核实、没有冲销的到资，在付款那天", "funds verified by another than who entered them and not reversed, on the day of payment"))
def arrived(asked: Asked) -> Iterable[Line]:
    """One line a payment."""
    known = _projects(asked.known_at)
    rows = funds.arrived(Fund.objects.all(), min(asked.as_of, clocks.today()), asked.known_at).order_by("id").values_list("project", "amount_fen", "paid_on")
    return [Line(str(key), known[key][0], fen, day, groups=known[key][1]) for key, fen, day in rows]


@counted("projects.pledge_lines", title=Message("投资方约定的年产值和年税收", "Yearly output and tax pledged by investors"), unit="元", permission=VIEW_AGREEMENT, visible=visible_projects, route="projects:project", groups=(*GROUPS, "pledge"),
         definition=Message("核实过的协议里投资方约定的年产值、年税收，没有豁免的；一个项目约了几年的，取最高的一年，从签订那天算起；是约定，不是完成",
                            "yearly output and tax that investors pledged in verified agreements and that were not waived; of several years of a project the highest, from the day of signing; what was pledged, not what was reached"))
def pledges(asked: Asked) -> Iterable[Line]:
    """One line a project and what is pledged of it, until a higher pledge is signed."""
    known = _projects(asked.known_at)
    rows = Obligation.objects.filter(side=Side.INVESTOR, measure__in=(Measured.OUTPUT, Measured.TAX), agreement__state=CheckState.VERIFIED, agreement__signed_on__lte=asked.as_of)
    waived = Q(state=ObligationState.WAIVED)
    if asked.known_at is not None:
        rows, waived = rows.filter(agreement__verified_at__lte=asked.known_at, created_at__lte=asked.known_at), waived & Q(decided_at__lte=asked.known_at)
    rising: dict[tuple[int, str], list[tuple[dt.date, int]]] = {}
    for key, what, fen, day in rows.exclude(waived).order_by("agreement__signed_on", "-target", "id").values_list("agreement__project", "measure", "target", "agreement__signed_on"):
        steps = rising.setdefault((key, what), [])
        if not steps or (fen or 0) > steps[-1][1]:  # the database holds that a measure has its target
            steps.append((day, fen or 0))
    for (key, what), steps in rising.items():
        for (day, fen), after in zip_longest(steps, [later for later, _fen in steps[1:]]):
            yield Line(str(key), known[key][0], fen, day, after - dt.timedelta(days=1) if after else None, groups={**known[key][1], "pledge": what})


@counted("projects.stage_lines", title=Message("到过的阶段", "Stages reached"), unit="个", permission=VIEW, visible=visible_projects, route="projects:project", groups=(*GROUPS, "stage"),
         definition=Message("每个项目第一次进到一个阶段那天算一次；后来退回、流失的也算到过", "each project once for each stage, on the day it first came there; what went back or was lost later has been there"))
def stages(asked: Asked) -> Iterable[Line]:
    """One line a project and stage."""
    known = _projects(asked.known_at)
    rows = Passage.objects.filter(course__project__isnull=False, kind__in=(STARTED, PASSED), day__lte=asked.as_of)
    rows = rows.filter(at__lte=asked.known_at) if asked.known_at is not None else rows
    firsts: dict[tuple[int, str], dt.date] = {}
    for key, stage, day in rows.order_by("day", "id").values_list("course__project", "target", "day"):
        firsts.setdefault((key, stage), day)
    return [Line(str(key), known[key][0], 1, day, groups={**known[key][1], "stage": stage}) for (key, stage), day in firsts.items()]
