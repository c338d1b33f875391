"""Rows of this room for its tests and those above it, made as the actions make them."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from diguan.chains.actions import coverage as actions
from diguan.chains.actions import economy, introductions
from diguan.chains.actions import introduction_orders as orders
from diguan.chains.actions.target_import import import_targets
from diguan.chains.engine import example, tablefile
from diguan.chains.models import (
    Coverage,
    Estimate,
    Introduction,
    IntroductionOrder,
    IntroductionSide,
    IoTable,
    Membership,
    TargetFirm,
)
from diguan.chains.queries import targets as lists
from diguan.chains.queries.targets import Entry, ListKey
from diguan.enterprises.models import Enterprise
from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel import clocks, periods
from diguan.kernel.access.models import Person
from diguan.kernel.facts import actions as facts
from diguan.kernel.facts import files
from diguan.kernel.facts.models import Batch, Upload
from diguan.kernel.tests.factories import person_factory

_number = itertools.count(1)
TOLD: dict[str, Any] = {"source": "2026 年走访", "told_on": dt.date(2026, 1, 20), "confidence": "medium"}


def coverage_factory(enterprise: Enterprise | None = None, node: str = "watch_assembly", role: str = "make", *, by: Person | None = None, verified: bool = True, proof: tuple[str, bytes] | None = None, **told: Any) -> Coverage:
    """An enterprise at a node, verified by another person unless told otherwise; amounts are fen of 2025."""
    values = {**TOLD, "node": node, "role": role, **told}
    if any(values.get(name) is not None for name in actions.MONEY):
        values.setdefault("year", 2025)
    row = actions.claim_coverage(enterprise=enterprise or enterprise_factory(production_status="在产"), told=values, by=by or person_factory("data_clerk"), proof=proof)
    return actions.verify_coverage(coverage=row, version=row.version, by=person_factory("chain_officer")) if verified else row


# ── the regional economy ─────────────────────────────────────────────────────
HIGHER = {"name": "上级表", "level": "province", "region": "某省", "unit": "百万元", "year": "2022"}
"""The example's figures as a province's, not marked as an example: for tests alone."""
PROJECT: dict[str, Any] = {"title": "手表整机厂", "firm": "甲表业", "sector": "C", "sales": 20_000_000_000, "sold": [0.1, 0.1, 0.1], "displacement": [0.2, 0.3, 0.4], "deadweight": None,
                           "building": [{"sector": "D", "fen": 5_000_000_000, "share": [0.5, 0.6, 0.7], "item": "建筑安装"}], "own": {"jobs": 120}, "customers": []}


def table_text(head: dict[str, str] | None = None, change: dict[tuple[str, str], str] | None = None) -> bytes:
    """The example as a CSV with another head and other cells (by row and column name)."""
    lines = [[str(cell) for cell in line] for line in tablefile.rows(example.table())]
    said = {"example": "", **(head or {})}
    columns = next(line for line in lines if line[0] == "code")
    for line in lines:
        if len(line) == 2 and line[0] in said:
            line[1] = said[line[0]]
        for (row, column), value in (change or {}).items():
            if line[0] == row and len(line) > 2:
                line[columns.index(column)] = value
    return "\n".join(",".join(line) for line in lines if line[0] != "example" or line[1]).encode()


def draft_factory(head: dict[str, str] | None = None, *, by: Person | None = None) -> IoTable:
    """A table that was read and not taken in."""
    return economy.bring_table(file=economy.File("表.csv", table_text({**HIGHER, **(head or {})})), by=by or person_factory("chain_officer"))


def table_factory() -> IoTable:
    """The example, in use."""
    return economy.take_example(by=person_factory("chain_officer"))


def region_text(shares: dict[str, float] | None = None) -> bytes:
    """A county that makes 2 % of the example's output, more or less of some sectors."""
    found = example.table()
    return "\n".join(["code,local", *(f"{code},{output * (shares or {}).get(code, 0.02)}" for code, output in zip(found.codes, found.output, strict=True))]).encode()


def county_factory(shares: dict[str, float] | None = None, **said: Any) -> IoTable:
    """A province's table in use, with the county's figures by sector."""
    by = person_factory("chain_officer")
    row = economy.keep_table(table=draft_factory(by=by), by=by)
    economy.bring_sectors(table=row, file=economy.File("对照.csv", b"prefix,sector\nC,B\n30,C\n39,C\nE,D\nF,E\n"), by=by)
    row.refresh_from_db()
    told = {"name": "本县", "year": 2025, "income": 60.0, "spending": 30.0, **said}
    economy.tell_region(table=row, said=economy.Said(**told), proxy="output", file=economy.File("本县.csv", region_text(shares or {"C": 0.04, "A": 0.01})), unit=row.unit, by=by)
    return row


def estimate_factory(**inputs: Any) -> Estimate:
    """A project's estimate by the table in use, the example where there is none."""
    if not IoTable.objects.filter(current=True).exists():
        table_factory()
    told = {**PROJECT, **inputs}
    return economy.estimate_effect(kind="project", title=told["title"], inputs=told, node=told.pop("node", ""), by=person_factory("chain_officer"))
def introduction_factory(supply: Coverage | None = None, need: Coverage | None = None, *, by: Person | None = None, **told: Any) -> Introduction:
    """Two firms asked about dials; nobody has answered."""
    supply = supply or coverage_factory(node="dial", amount_fen=50_000_000, local_fen=0)
    need = need or coverage_factory(node="dial", role="use", amount_fen=40_000_000, local_fen=0)
    values = {"proposed_fen": 40_000_000, "purpose": "一家要买，一家能做，想请双方谈谈", "until": clocks.today() + dt.timedelta(days=90), **told}
    return introductions.introduce(supply=supply, need=need, by=by or person_factory("chain_officer"), **values)


def side_of(row: Introduction, role: str) -> IntroductionSide:
    """One side as it is now."""
    return row.sides.select_related("introduction", "enterprise").get(role=role)


def agent_of(row: Introduction, role: str) -> Person:
    """Somebody who acts for that side's firm."""
    return person_factory("enterprise_agent", uscc=side_of(row, role).enterprise.uscc)


def consented(row: Introduction, *roles: str) -> Introduction:
    """These sides consent, each by an agent of its own."""
    for role in roles:
        row = introductions.consent(side=side_of(row, role), contact_name=f"钱样本{role}", contact_phone="13900000009" if role == "use" else "13900000001", by=agent_of(row, role))
    return row


def agreed_factory(supply: Coverage | None = None, need: Coverage | None = None, **told: Any) -> Introduction:
    """One both sides consented to."""
    return consented(introduction_factory(supply, need, **told), "make", "use")


def order_factory(row: Introduction, *, by: Person | None = None, **told: Any) -> IntroductionOrder:
    """An invoice that waits for verification."""
    values = {"amount_fen": 1_234_500, "invoice": f"2443{row.pk:06d}{row.orders.count():04d}", "invoiced_on": clocks.today(), "proof": ("发票.pdf", b"%PDF-1.7 x"), **told}
    orders.enter_order(introduction=row, by=by or person_factory("chain_officer"), **values)
    return row.orders.select_related("introduction").latest("id")
def targets_factory(*entries: Entry, by: Person | None = None) -> list[TargetFirm]:
    """These rows brought in as one file; the firms they speak of, in their order."""
    person = by or person_factory("chain_officer")
    number = Upload.objects.count()
    upload = Upload.objects.create(sha256=f"{number:064x}", name=f"名单{number}.xlsx", size=1, sheet="firms", created_by=person, changed_by=person)
    import_targets(plan=lists.plan(entries), upload=upload, by=person)
    found = {member.firm_id: member.firm for member in Membership.objects.select_related("firm")}
    return [next(firm for firm in found.values() if firm.name == entry.name or (entry.uscc and firm.uscc == entry.uscc)) for entry in entries]


def entry(name: str = "示例钟表股份有限公司", row: int = 5, kind: str = "top500_private", year: int = 2026, source: str = "演示名单", list_name: str = "中国民营企业500强", **more: Any) -> Entry:
    """One row of a file."""
    day = more.pop("told_on", min(dt.date(year, 12, 31), clocks.today()))
    fields = {key: more.pop(key) for key in ("uscc", "rank", "parent", "proof", "nodes") if key in more}
    return Entry(row, ListKey(kind, list_name, year), source, day, name, told=more, **fields)


def target_factory(name: str = "示例钟表股份有限公司", **more: Any) -> TargetFirm:
    """One firm of one list."""
    return targets_factory(entry(name, **more))[0]
def monthly_factory(fact: str, values: Mapping[str, Mapping[str, int]], source: str = "power_grid", absent: Mapping[str, Iterable[str]] | None = None) -> Batch:
    """What a bureau delivers: credit code → month → value in storage units; ``absent`` names months for which it says that there is none."""
    told = [(uscc, month, value) for uscc, months in values.items() for month, value in months.items()]
    none = [(uscc, month, None) for uscc, months in (absent or {}).items() for month in months]
    rows = [{"subject": "enterprise", "subject_id": uscc, "fact": fact, "period": month, "period_start": periods.parse(month).start, "period_end": periods.parse(month).end,
             "state": "absent" if value is None else "value", "num": value, "text": None} for uscc, month, value in (*told, *none)]
    staged = facts.Staged(source, "sample_monthly", f"sample-{next(_number)}", files.write_batch(rows), len(values), len(rows), after=facts.newest(source))
    return facts.import_batch(staged=staged, by=person_factory("data_clerk"))
