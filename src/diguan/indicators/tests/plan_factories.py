"""Plans, tasks, notes, targets and tables of peers for the tests of this room."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

from diguan.indicators.actions import goals, honours, plans, progress, rankings
from diguan.indicators.actions.goals import Wanted
from diguan.indicators.actions.rankings import Entry, Peer
from diguan.indicators.models import Honour, Plan, ProgressNote, RankingTable, Target, Task
from diguan.kernel import clocks
from diguan.kernel.access.models import Person, Unit
from diguan.kernel.facts.models import Upload
from diguan.kernel.tests.factories import person_factory, unit_factory

PROOF = ("佐证.pdf", b"%PDF-1.4\n%%EOF\n")
_number = itertools.count(1)


def clerk() -> Person:
    """Who may manage plans and bring tables."""
    return person_factory("data_clerk")


def plan_factory(by: Person | None = None, **values: Any) -> Plan:
    """A list of measures of this year."""
    told = {"code": f"plan-{next(_number)}", "kind": "measures", "name": f"样例方案{next(_number)}", "source": "会议纪要（演示）"} | values
    year = told.pop("year", clocks.today().year)
    return plans.make_plan(values=told, year=year, by=by or clerk())


def owner_factory(unit: Unit | None = None, role: str = "policy_officer") -> tuple[Unit, Person]:
    """An office and somebody in it who may note progress."""
    unit = unit or unit_factory()
    return unit, person_factory(role, unit)


def task_factory(plan: Plan | None = None, owner: Person | None = None, unit: Unit | None = None, **values: Any) -> Task:
    """A task due in a month, with its own office and person unless told otherwise."""
    plan = plan or plan_factory()
    if owner is None:
        unit, owner = owner_factory(unit)
    told = {"number": 1 + plan.tasks.count(), "text": "样例任务", "section": "聚链成群", "due_on": clocks.today() + dt.timedelta(days=30)} | values
    return plans.set_task(plan=plan, number=told.pop("number"), due_on=told.pop("due_on"), values=told, owner_unit=unit or owner.posts.get().unit, owner=owner, by=clerk())


def note_factory(task: Task | None = None, **values: Any) -> ProgressNote:
    """A note that says the task is done, with a file."""
    task = task or task_factory()
    told = {"on": clocks.today(), "said": "办好了", "finished": True, "proof": PROOF} | values
    return progress.note_progress(task=task, by=told.pop("by", task.owner), **told)


def wanted(**values: Any) -> Wanted:
    """150 firms in production by the year's end."""
    told = {"indicator": "enterprises.producing", "title": "投产企业", "value": 150, "unit": "户", "due_on": dt.date(clocks.today().year, 12, 31), "source": "报告（演示）"} | values
    return Wanted(**told)


def target_factory(plan: Plan | None = None, owner: Person | None = None, year: int | None = None, **values: Any) -> Target:
    """A target somebody answers for."""
    unit, person = (owner.posts.get().unit, owner) if owner else owner_factory()
    return goals.set_target(plan=plan or plan_factory(), wanted=wanted(**values), owner_unit=unit, owner=person, year=year, by=clerk())


def table_factory(*peers: tuple[str, str], by: Person | None = None, bands: dict[str, str] | None = None, **values: Any) -> RankingTable:
    """A table of peers as it was printed."""
    person = by or clerk()
    told = {"title": "实际到位资金", "period": "2026-08", "unit": "亿元", "more_is_better": True, "source": "市商务局（示例）", "example": True} | values
    upload = Upload.objects.create(sha256="0" * 64, name="排名.xlsx", size=1, sheet="rankings", created_by=person, changed_by=person)
    found = peers or (("测试县", "42.93"), ("样例县", "39.10"), ("示例市", "35.20"))
    rankings.import_rankings(entries=[Entry(**told, peers=tuple(Peer(county, printed, Decimal(bands[county]) if bands and county in bands else None) for county, printed in found))], upload=upload, by=person)
    return RankingTable.objects.get(title=told["title"], period=told["period"], replaced_by=None)


def honour_factory(by: Person | None = None, verified: bool = False, **values: Any) -> Honour:
    """An award that waits to be verified, or is."""
    told = {"kind": "award", "name": f"样例先进县{next(_number)}", "holder": "样例县", "level": "provincial", "issuer": "样例省人民政府", "issued": dt.date(2025, 3, 1)} | values
    row = honours.enter_honour(told=told, proof=PROOF, by=by or clerk())
    return honours.verify_honour(honour=row, version=row.version, by=person_factory("leader")) if verified else row
