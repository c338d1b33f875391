"""The ledger of investment promotion, from the first talks to the money: every project with its contract, its slips and its proofs, through the ordinary actions.

How many and how much in all stands in ``demo.yaml`` under ``promotion``; names, shares and days are drawn from its seed. Beside what counts there
is what does not: a framework, a contract signed anew, an upgrade, a slip nobody has verified, one that was reversed. The year after is ``this_year.py``.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from diguan.site.demo import accounts, papers
from diguan.site.demo.requests import on

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person
    from diguan.projects.models import Agreement, Project

WAN = 1_000_000
"""Fen in 10,000 yuan."""
FIRST, LAST = dt.date(2025, 1, 6), dt.date(2025, 9, 26)
PROVINCES = (("440000", ("深圳", "东莞", "广州", "中山", "佛山", "惠州")), ("330000", ("温州", "宁波", "杭州", "台州")), ("320000", ("苏州", "无锡", "常州")))
WORDS = ("样例", "示例", "演示", "样本")
# cluster, node, industry, what it makes
LINES = (
    ("钟表", "movement_quartz", "4030", "石英机芯"), ("钟表", "case", "4030", "表壳"), ("钟表", "dial", "4030", "表盘"), ("钟表", "strap_leather", "1929", "皮表带"), ("钟表", "plating", "3360", "精密电镀"),
    ("钟表", "smart_module", "3973", "智能模组"), ("小家电", "micro_motor", "3813", "微电机"), ("小家电", "plastic_parts", "2929", "注塑件"), ("小家电", "controller_board", "3982", "控制板"),
    ("鞋帽服装", "sole", "2929", "鞋底"), ("鞋帽服装", "leather", "1910", "皮革"), ("陶瓷", "glaze", "2643", "釉料"), ("陶瓷", "daily_ceramics", "3074", "日用瓷"))
SOURCES = ("chain_team", "door_knocking", "hometown_ties", "referral_by_investor", "outpost", "chamber", "hometown_ties", "door_knocking")
KINDS = ("capital", "land", "construction", "equipment")


@dataclass(frozen=True)
class Plan:
    """One project as drawn. ``fen`` is its contract, ``slips`` what arrived of it, in fen."""

    number: int
    name: str
    investor: str
    region: str
    source: str
    line: Sequence[str]
    fen: int
    slips: Sequence[int]
    returnee: bool
    signed_on: dt.date


def plans(said: Mapping[str, Any], seed: int, brands: Sequence[str], first: dt.date = FIRST, last: dt.date = LAST, known: int = 0) -> list[Plan]:
    """The projects signed between two days: exactly so many, with exactly that much contracted and in place; ``known`` projects were drawn before.

    >>> found = plans({"new_projects": 39, "contracted": 12_000_000_000, "in_place": 4_293_000_000, "returnees": 23, "returnee_share": 0.625}, 7, ["衡岳"])
    >>> len(found), sum(one.fen for one in found), sum(sum(one.slips) for one in found), sum(one.returnee for one in found)
    (39, 1200000000000, 429300000000, 23)
    """
    draw = random.Random(f"{seed}-promotion" + (f"-{known}" if known else ""))
    count, back = int(said["new_projects"]), int(said["returnees"])
    whole, home = int(said["contracted"]) * 100, int(said["contracted"] * said["returnee_share"]) * 100
    amounts = [*_parts(draw, home, back, 2_000 * WAN), *_parts(draw, whole - home, count - back, 2_000 * WAN)]
    arrived = _arrived(draw, int(said["in_place"]) * 100, amounts)
    order = draw.sample(range(count), count)
    days = sorted(draw.randrange((last - first).days) for _ in range(count))
    return [_plan(draw, known + place + 1, brands[(known + place) % len(brands)], amounts[which], arrived[which], which < back, first + dt.timedelta(days=day)) for place, (which, day) in enumerate(zip(order, days, strict=True))]


def _plan(draw: random.Random, number: int, brand: str, fen: int, arrived: int, back: bool, day: dt.date) -> Plan:
    region, cities = PROVINCES[number % len(PROVINCES)]
    line, city = LINES[number % len(LINES)], cities[number % len(cities)]
    brand = f"{WORDS[number % len(WORDS)]}{brand}"
    while day.weekday() > 4:
        day += dt.timedelta(days=1)
    parts = min(len(KINDS), max(1, arrived // (3_000 * WAN))) if arrived else 0
    slips = _parts(draw, arrived, parts, 10 * WAN) if parts else ()
    source = "hometown_ties" if back and number % 3 else SOURCES[number % len(SOURCES)]
    return Plan(number, f"{brand}{line[3]}项目", f"{city}{brand}{line[3]}有限公司", region, source, line, fen, slips, back, day)


def _parts(draw: random.Random, whole: int, count: int, least: int) -> list[int]:
    """So many parts of a whole, each a multiple of 10,000 yuan but the last, none under ``least``.

    >>> sum(_parts(random.Random(1), 1_000 * WAN, 3, 10 * WAN)) == 1_000 * WAN
    True
    """
    weights = [draw.lognormvariate(0, 0.7) for _ in range(count)]
    free = whole - least * count
    found = [least + int(free * weight / sum(weights)) // WAN * WAN for weight in weights]
    found[-1] += whole - sum(found)
    return found


def _arrived(draw: random.Random, whole: int, amounts: Sequence[int]) -> list[int]:
    """What arrived of each, no more than was contracted; some have nothing yet."""
    shares = [0.0 if draw.random() < 0.15 else draw.uniform(0.15, 0.6) for _ in amounts]
    scale = whole / sum(share * fen for share, fen in zip(shares, amounts, strict=True))
    found = [int(min(0.95, share * scale) * fen) // WAN * WAN for share, fen in zip(shares, amounts, strict=True)]
    left, order = whole - sum(found), sorted(range(len(found)), key=lambda at: amounts[at] - found[at], reverse=True)
    for at in order:
        more = min(left, amounts[at] - found[at]) if found[at] else 0
        found[at], left = found[at] + more, left - more
    assert left == 0, "more is in place than was contracted"
    return found


# ── through the actions ──────────────────────────────────────────────────────
def prepare(params: Mapping[str, Any]) -> int:
    """The year's ledger, unless there is one; how many projects there are."""
    from diguan.projects.models import Project

    said = params.get("promotion")
    if said is None or Project.objects.exists():
        return Project.objects.count()
    first, second = accounts.known("invest"), accounts.known("invest2")
    rows = [(plan, signed(plan, first, second)) for plan in plans(said, params["seed"], params["brands"])]
    for plan, project in rows:
        money(plan, project, first, second, LAST)
    _beside(rows, first, second)
    return Project.objects.count()


def _proof(name: str) -> tuple[str, bytes]:
    return f"{name}.pdf", papers.pdf(f"Synthetic paper {name}")


def signed(plan: Plan, first: Person, second: Person) -> Project:
    """A project with its contract, and the proof of a returnee where it is one's."""
    from diguan.projects.actions import projects, proofs

    cluster, node, industry, makes = plan.line
    with on(plan.signed_on - dt.timedelta(days=30)):
        project = projects.open_project(said=projects.Said(
            name=plan.name, investor=plan.investor, source=plan.source, region=plan.region, node=node, cluster=cluster, industry=industry, told=f"年产{makes}，租用标准厂房", planned_fen=plan.fen), by=first)
    with on(plan.signed_on):
        contract(project, plan.fen, plan.signed_on, f"合同-{plan.number:03d}", first, second)
        if plan.returnee:
            claim = proofs.claim_returnee(project=project, basis="实际控制人为本县籍，户籍证明在案（演示）", proof=_proof(f"origin-{plan.number}"), by=first)
            proofs.verify_returnee(claim=claim, version=claim.version, by=second)
    return project


def contract(project: Project, fen: int, day: dt.date, number: str, first: Person, second: Person, kind: str = "contract", **more: Any) -> Agreement:
    """An agreement without promises, entered by one and verified by another."""
    from diguan.projects.actions import agreements

    said = agreements.Said(kind=kind, number=number, signed_on=day, counterparty=project.investor, minor=fen, no_promises=True, **more)
    row = agreements.enter_agreement(project=project, said=said, proof=_proof(number.encode().hex()), by=first)
    return agreements.verify_agreement(agreement=row, version=row.version, by=second)


def money(plan: Plan, project: Project, first: Person, second: Person, last: dt.date) -> None:
    """What arrived of it, slip by slip, verified by the end of the ledger's days."""
    for place, fen in enumerate(plan.slips):
        day = min(plan.signed_on + dt.timedelta(days=4 + 3 * place), last + dt.timedelta(days=3))
        with on(max(day, last)):
            slip(project, KINDS[place], fen, day, f"回单{plan.number:03d}{place}", first, second)


def slip(project: Project, kind: str, fen: int, day: dt.date, document: str, first: Person, second: Person | None) -> Any:
    """A payment, verified if somebody else is given to do it."""
    from diguan.projects.actions import funds

    said = funds.Said(kind=kind, origin="other_province", payer=project.investor, paid_on=day, amount_fen=fen, document=document)
    row = funds.enter_fund(project=project, said=said, proof=_proof(document.encode().hex()), by=first)
    return funds.verify_fund(fund=row, version=row.version, by=second) if second is not None else row


def _beside(rows: Sequence[tuple[Plan, Project]], first: Person, second: Person) -> None:
    """What stands in the ledger and counts for nothing, or not for 2025."""
    from diguan.projects.actions import fulfilment, funds, projects

    (plan, project), (other_plan, other) = rows[0], rows[1]
    with on(LAST + dt.timedelta(days=4)):
        contract(project, plan.fen * 3, plan.signed_on - dt.timedelta(days=10), "框架-001", first, second, kind="framework")
        contract(other, other_plan.fen, LAST, "合同-002-重签", first, second)
        slip(project, "other", 500 * WAN, LAST, "回单待核实", first, None)
        wrong = slip(other, "other", 800 * WAN, LAST, "回单记错", first, second)
        back = funds.reverse_fund(fund=wrong, reason="这笔是另一家企业的货款，记错了项目", by=first)
        funds.verify_fund(fund=back, version=back.version, by=second)
        upgraded = projects.open_project(said=projects.Said(name=f"{project.name}智能化改造", investor=project.investor, source="in_place_doubling", kind="upgraded", node=project.node, cluster=project.cluster), extends=project, by=first)
        contract(upgraded, 2_000 * WAN, LAST, "技改-001", first, second)
        moved = projects.open_project(said=projects.Said(name=f"{other.name}生产线搬迁", investor=other.investor, source="in_place_doubling", kind="added", node=other.node, cluster=other.cluster, told="把深圳的生产线搬进来，已签框架协议"), extends=other, by=first)
        pledged = contract(moved, 8_000 * WAN, LAST, "框架-002", first, second, kind="framework")
        for what, text, fen in (("output", "搬迁后年产值 3 亿元", 30_000 * WAN), ("tax", "搬迁后年税收 800 万元", 800 * WAN)):
            fulfilment.add_obligation(agreement=pledged, said=fulfilment.Said(side="investor", text=text, due_on=dt.date(2027, 12, 31), measure=what, target=fen), by=first)
    with on(dt.date(2026, 3, 10)):
        slip(other, "equipment", 1_200 * WAN, dt.date(2026, 3, 9), "回单2026", first, second)
