"""Routes of indicators: which there are, the figures of a snapshot, the rows behind one, and the snapshots."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from diguan.indicators import queries
from diguan.indicators.actions import snapshots as actions
from diguan.indicators.engine.terms import Indicator
from diguan.indicators.queries import behind, compose, compute, open_data, register, snapshots
from diguan.indicators.queries.answers import STATES
from diguan.indicators.queries.snapshots import Cell, Figures
from diguan.indicators.web import pages
from diguan.kernel import access
from diguan.kernel.api import paging
from diguan.kernel.api.once import Key, once
from diguan.kernel.api.problems import READS, WRITES, NoNul, refuse
from diguan.kernel.api.queued import Queued
from diguan.kernel.api.sent import Sent
from diguan.kernel.api.versions import told
from diguan.kernel.facts.runs import Run
from diguan.kernel.shell import asking, language, or_404

router = Router(tags=["indicators"])
PERIOD = r"^(|20[0-9]{2}(-(0[1-9]|1[0-2]|Q[1-4]))?)$"
Word = Annotated[str, NoNul, Field(max_length=80)]


# ── what goes out ────────────────────────────────────────────────────────────
class IndicatorOut(Schema):
    """One version of an indicator: what is counted. ``of`` names its fact or measure, or what is over what; ``span`` is month, quarter, year, to_date or day."""

    code: str
    version: int
    title: dict[str, str]
    definition: dict[str, str]
    unit: str
    span: str
    change: str
    breakdowns: list[str]
    scope: str
    owner: dict[str, str]
    source: dict[str, str]
    effective_from: dt.date
    digest: str
    of: dict[str, str]


class IndicatorPage(Schema):
    items: list[IndicatorOut]
    next: str | None


class IndicatorWhole(IndicatorOut):
    """The newest version, and every version before it, oldest first. ``refused`` says why it gives no figure, null where it gives one."""

    versions: list[IndicatorOut]
    refused: str | None


class FigureOut(Schema):
    """A figure of a snapshot in the indicator's unit, as exact decimal text; null is not told, which is not zero. ``state``: whole, running (its period still
    runs), partial (``told`` of ``expected`` were told of), unknown, refused (of different cohorts), few (of fewer than three firms).
    """

    period: str
    breakdown: str
    part: str
    value: str | None
    state: str
    told: int | None
    expected: int | None
    version: int


class FigurePage(Schema):
    """``snapshot`` and ``as_of`` name what every item rests on."""

    code: str
    unit: str
    snapshot: str
    as_of: dt.date
    items: list[FigureOut]
    next: str | None


class BehindOut(Schema):
    """A record a figure is made of: what it counts for, over what: fen of money, else exact decimal text in the ``unit`` of the page."""

    key: str
    label: str
    num_fen: int | None = None
    of_fen: int | None = None
    num: str | None = None
    of: str | None = None
    on: dt.date | None


class BehindPage(Schema):
    """The rows of one side of a figure; ``sides`` names all of them (this period and the one before, above and below). ``hidden``: so many more you may not see."""

    code: str
    snapshot: str
    period: str
    side: int
    sides: list[str]
    unit: str
    hidden: int
    items: list[BehindOut]
    next: str | None


class SnapshotOut(Schema):
    """A snapshot: the day it speaks of, the last word it counted, how many figures, the digest of its files and the batches by number."""

    run_id: str
    as_of: dt.date
    known_at: dt.datetime
    rows: int
    result_sha256: str
    batches: list[int]
    current: bool


class SnapshotPage(Schema):
    items: list[SnapshotOut]
    next: str | None


# ── what comes in ────────────────────────────────────────────────────────────
class IndicatorFilters(paging.Paging):
    """The filters of the list page."""

    q: Word = Field("", description="In the code or the title")
    scope: str = Field("", pattern="^(|statistics|department|self_reported)$")


class FigureFilters(paging.Paging):
    """Of which snapshot, by default the one pages speak from; without ``by`` the whole county alone."""

    snapshot: Word = ""
    by: Word = Field("", description="A breakdown of the indicator")
    since: str = Field("", pattern=PERIOD, description="The first period, `2026-08`, `2026-Q3` or `2026`")
    until: str = Field("", pattern=PERIOD, description="The last period")


class BehindFilters(paging.Paging):
    """One figure of a snapshot, by default the newest that is told, and which of its sides."""

    snapshot: Word = ""
    period: Word = ""
    by: Word = ""
    part: Word = ""
    side: int = Field(0, ge=0, le=3)


class SnapshotNew(Sent):
    """The day it shall speak of, today where none is named."""

    as_of: dt.date | None = None


# ── words ────────────────────────────────────────────────────────────────────
def _figure(found: Figures, cell: Cell) -> FigureOut:
    value = cell.value(compose.version_of(found, cell))
    known = value is not None
    return FigureOut(period=cell.period, breakdown=cell.dim, part=cell.group, value=None if value is None else open_data.plain(value), state=STATES[cell.state], told=cell.told if known else None,
                     expected=cell.expected if known else None, version=cell.version)


def _snapshot(run: Run, current: Run | None) -> dict[str, Any]:
    return {"run_id": run.run_id, "as_of": run.as_of, "known_at": run.known_at, "rows": run.rows, "result_sha256": run.result_sha256,
            "batches": sorted(int(name.rpartition("#")[2]) for name in run.inputs["data"]), "current": current is not None and current.pk == run.pk}


def _row(row: behind.Row, unit: str, scale: int) -> BehindOut:
    if unit == "元":
        return BehindOut(key=row.key, label=row.label, num_fen=row.num, of_fen=row.of, on=row.on)
    num, of = (None if value is None else open_data.plain(Decimal(value) / scale) for value in (row.num, row.of))
    return BehindOut(key=row.key, label=row.label, num=num, of=of, on=row.on)


def _asked(request: HttpRequest, code: str) -> tuple[Indicator, Figures]:
    """The indicator of an address and the figures that are asked for, as its page has them; 404 where there are none."""
    one, found = pages.asked(request, code)
    return one, or_404(found)


# ── indicators ───────────────────────────────────────────────────────────────
@router.get("/indicators", response={200: IndicatorPage, **READS}, url_name="indicators")
def list_indicators(request: HttpRequest, asked: Query[IndicatorFilters]) -> HttpResponse:
    """The indicators you may see, by code."""
    rows = [one for one in register.visible(asking(request)) if asked.scope in ("", one.scope) and asked.q.lower() in f"{one.code} {one.title.zh} {one.title.en}".lower()]
    part = paging.of_list(rows, lambda one: (one.code,), asked)
    return told(IndicatorPage(items=[IndicatorOut(**open_data.definition(one)) for one in part.rows], next=part.next))


@router.get("/indicators/{code}", response={200: IndicatorWhole, **READS}, url_name="indicator")
def one_indicator(request: HttpRequest, code: str) -> HttpResponse:
    """One with every version of its definition."""
    one, found = pages.asked(request, code)
    why = compute.refusal(found.book, one, found.run.as_of) if found else None
    versions = [IndicatorOut(**open_data.definition(each)) for each in register.book().versions[code]]
    return told(IndicatorWhole(**open_data.definition(one), versions=versions, refused=why.text(language()) if why else None))


@router.get("/indicators/{code}/figures", response={200: FigurePage, **READS}, url_name="figures")
def list_figures(request: HttpRequest, code: str, asked: Query[FigureFilters]) -> HttpResponse:
    """Its figures, oldest first: of the county, or by the parts of one breakdown."""
    one, found = _asked(request, code)
    if asked.by and asked.by not in one.by:
        refuse("invalid", f"这个指标没有按 {asked.by} 分", f"this indicator has no breakdown by {asked.by}", "by")
    parts = found.groups(code, asked.by) if asked.by else [""]
    cells = [cell for part in parts for cell in found.series(code, asked.by, part) if (asked.since or "") <= cell.period <= (asked.until or "9")]
    page = paging.of_list(cells, lambda cell: (cell.period, cell.group), asked, of=f"{found.run.run_id} {code}")
    return told(FigurePage(code=code, unit=one.unit, snapshot=found.run.run_id, as_of=found.run.as_of, items=[_figure(found, cell) for cell in page.rows], next=page.next))


@router.get("/indicators/{code}/rows", response={200: BehindPage, **READS}, url_name="figure_rows")
def list_rows(request: HttpRequest, code: str, asked: Query[BehindFilters]) -> HttpResponse:
    """The rows one figure is made of, as far as you may see them; none of a figure that is not told."""
    one, found = _asked(request, code)
    cell = or_404(found.cell(code, asked.period, asked.by, asked.part))
    sides = behind.sides(asking(request), found.run, one, cell, found.book) if cell.num is not None else []
    if asked.side and asked.side >= len(sides):
        refuse("invalid", f"这个数有 {len(sides)} 个部分，从 0 数起", f"this figure has {len(sides)} sides, counted from 0", "side")
    chosen = sides[asked.side] if sides else None
    rows = list(enumerate(chosen.rows)) if chosen else []
    unit, scale = behind.unit_of(chosen.source) if chosen else (one.unit, 1)
    page = paging.of_list(rows, lambda pair: (pair[0],), asked, of=f"{found.run.run_id} {code} {cell.period}")
    return told(BehindPage(code=code, snapshot=found.run.run_id, period=cell.period, side=asked.side, sides=[f"{each.indicator.code} {each.period}" for each in sides], unit=unit, hidden=chosen.hidden if chosen else 0,
                           items=[_row(row, unit, scale) for _at, row in page.rows], next=page.next))


# ── snapshots ────────────────────────────────────────────────────────────────
@router.get("/snapshots", response={200: SnapshotPage, **READS}, url_name="snapshots")
def list_snapshots(request: HttpRequest, asked: Query[paging.Paging]) -> HttpResponse:
    """The snapshots, the newest first."""
    part, current = paging.of_query(snapshots.kept(asking(request)), ("-id",), asked), snapshots.current()
    return told(SnapshotPage(items=[SnapshotOut(**_snapshot(run, current)) for run in part.rows], next=part.next))


@router.post("/snapshots", response={202: Queued, **WRITES}, url_name="snapshots")
def start_snapshot(request: HttpRequest, sent: SnapshotNew, key: Key = None) -> HttpResponse:
    """Ask for a snapshot in the background; one that waits already is that one."""
    access.require(asking(request), queries.SNAPSHOT)

    def work() -> HttpResponse:
        job = actions.enqueue_snapshot(by=asking(request), as_of=sent.as_of)
        return told(Queued(job=job.pk, state=job.state), 202)

    return once(request, key, work)


@router.get("/snapshots/{run_id}", response={200: SnapshotOut, **READS}, url_name="snapshot")
def one_snapshot(request: HttpRequest, run_id: str) -> HttpResponse:
    """One snapshot; ``current`` is the one pages speak from."""
    access.require(asking(request), queries.VIEW)
    current = snapshots.current()
    return told(SnapshotOut(**_snapshot(or_404(current if run_id == "current" else snapshots.named(run_id)), current)))
