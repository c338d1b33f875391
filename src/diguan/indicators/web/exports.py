"""Figures taken out: a snapshot as one workbook, and the series of one indicator as a list that is exported as it is filtered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from diguan.indicators import queries
from diguan.indicators.engine import tables as states
from diguan.indicators.engine.terms import Indicator
from diguan.indicators.queries import compose, compute, register, snapshots
from diguan.indicators.queries.snapshots import Cell, Figures
from diguan.indicators.web import pages, words
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.facts import runs
from diguan.kernel.facts.runs import Run
from diguan.kernel.lists import Column, Filter, ListPage, files
from diguan.kernel.shell import asking, language, or_404
from diguan.kernel.templatetags.diguan import moment

Table = list[list[Any]]
SHEETS = (("month", gettext_lazy("按月")), ("quarter", gettext_lazy("按季")), ("year", gettext_lazy("按年")))
"""Sheets by what their columns are; since January and a month's end stand among the months."""


@require_GET
def workbook(request: HttpRequest, run_id: str) -> HttpResponse:
    """A snapshot as a workbook: figures by month, quarter and year, what is not whole or kept back and why, definitions, what went in.

    Raises:
        Forbidden: the person may not take figures out.
        Http404: there is no such snapshot.
    """
    person = asking(request)
    access.require(person, queries.VIEW)
    access.require(person, queries.EXPORT)
    run = or_404(snapshots.named(run_id))
    found = snapshots.figures(person, run)
    assert found is not None
    book = [(str(title), table) for kind, title in SHEETS if len(table := by_period(found, kind)) > 1]
    about = [(_("快照"), run.run_id), (_("数据截至"), run.as_of.isoformat()), (_("数据入库到"), moment(run.known_at)), (_("空格"), _("没有数字的格不是零：原因在“不齐全和不显示”那一页")),
             (_("范围"), _("只有您看得到的指标")), (_("导出"), f"{person} · {clocks.now().astimezone(clocks.COUNTY_TIME):%Y-%m-%d %H:%M}")]
    body = files.workbook([*book, (_("不齐全和不显示"), lacking(found)), (_("口径"), definitions(found)), (_("由什么算出"), made_of(found))], about)
    return files.download(body, files.XLSX, f"indicators-{run.as_of.isoformat()}-{run.run_id[:12]}.xlsx")


def _rows(found: Figures) -> Iterator[tuple[Indicator, str, str, Sequence[Cell]]]:
    for (code, dim, group), cells in found.cells.items():
        yield found.book.newest(code), dim, group, list(cells.values())


def _kind(one: Indicator) -> str:
    span = compute.span_of(register.book(), one)
    return span if span in ("quarter", "year") else "month"


def _named(one: Indicator, dim: str, group: str) -> list[Any]:
    return [one.code, one.title.text(language()), str(words.SPANS[compute.span_of(register.book(), one)]), words.unit_words(one.unit), words.dim_words(dim) if dim else _("全县"), _group(dim, group)]


def _group(dim: str, group: str) -> str:
    return (words.part_words(dim, group) or _("没有填")) if dim else ""


def by_period(found: Figures, kind: str) -> Table:
    """A row an indicator and part, a column a period; a cell that is not told is empty."""
    rows = [(one, dim, group, {cell.period: cell for cell in cells}) for one, dim, group, cells in _rows(found) if _kind(one) == kind]
    periods = sorted({period for *_rest, cells in rows for period in cells})
    head = [_("代码"), _("指标"), _("期间"), _("单位"), _("分组"), _("组"), *periods]
    return [head, *([*_named(one, dim, group), *(value(found, cells.get(period)) for period in periods)] for one, dim, group, cells in rows)]


def value(found: Figures, cell: Cell | None) -> Decimal | None:
    """A figure in its unit, to four decimals; None where it is not told."""
    told = cell.value(compose.version_of(found, cell)) if cell else None
    return None if told is None else told.quantize(Decimal("0.0001")).normalize() + 0


def lacking(found: Figures) -> Table:
    """Every figure that is empty or not whole, with the reason."""
    head = [_("代码"), _("指标"), _("期间"), _("单位"), _("分组"), _("组"), _("哪一期"), _("原因"), _("有数的"), _("应有的")]
    few = (states.FEW, states.UNKNOWN, states.REFUSED)
    return [head, *([*_named(one, dim, group), cell.period, str(words.status_of(cell)[1]), *((None, None) if cell.state in few else (cell.told, cell.expected))]
                    for one, dim, group, cells in _rows(found) for cell in cells if cell.state != states.WHOLE)]


def definitions(found: Figures) -> Table:
    """Every version of every indicator in the workbook."""
    head = [_("代码"), _("版本"), _("指标"), _("口径"), _("口径来源"), _("归口单位"), _("来源"), _("单位"), _("期间"), _("对比"), _("方向"), _("起用"), _("为什么改"), _("口径摘要")]
    codes = sorted({code for code, _dim, _group in found.cells})
    return [head, *([one.code, one.version, one.title.text(language()), one.definition.text(language()), str(words.SCOPES[one.scope]), one.owner.text(language()), one.source.text(language()), words.unit_words(one.unit),
                     str(words.SPANS[compute.span_of(found.book, one)]), str(words.CHANGES.get(one.change, "")), str(words.DIRECTIONS[one.direction]), one.effective_from, one.why.text(language()) if one.why else "",
                     found.run.inputs["indicators"].get(one.name, "")] for code in codes for one in found.book.versions[code])]


def made_of(found: Figures) -> Table:
    """What the snapshot was computed from: code, lines, batches."""
    inputs = found.run.inputs
    rows: Table = [[_("项"), _("内容"), _("摘要")], [_("程序版本"), inputs["code"], inputs["engine"]], [_("记录"), inputs["rows"], ""], [_("结果"), found.run.run_id, found.run.result_sha256]]
    return rows + [[_("批次"), f"{row.source} {row.period}", row.sha256] for row in runs.told(found.run)]


# ── one indicator ────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Told:
    """One figure of a series as a row."""

    one: Indicator
    cell: Cell
    found: Figures

    @property
    def pk(self) -> str:
        """As lists ask it."""
        return f"{self.cell.period}/{self.cell.dim}/{self.cell.group}"

    @property
    def number(self) -> int | float | None:
        """The figure in its unit, as a file's cell takes it."""
        told = value(self.found, self.cell)
        return None if told is None else int(told) if told == int(told) else float(told)

    @property
    def period(self) -> str:
        """Which period."""
        return self.cell.period

    @property
    def dim(self) -> str:
        """Which breakdown, empty for the whole."""
        return self.cell.dim


SERIES = ListPage(
    title="", rows=lambda person: (), permission=queries.VIEW, export_permission=queries.EXPORT, file_name="series", template="indicators/series.html", order="-period",
    empty=(gettext_lazy("这份快照里没有这个指标"), gettext_lazy("指标是快照之后才写的；生成一份新的快照。")),
    columns=(
        Column("period", gettext_lazy("期间"), head=True, sort=True),
        Column("dim", gettext_lazy("分组"), value=lambda row: words.dim_words(row.dim) if row.dim else _("全县")),
        Column("group", gettext_lazy("组"), value=lambda row: _group(row.dim, row.cell.group)),
        Column("shown", gettext_lazy("数"), value=lambda row: words.shown(row.one, row.cell), link=lambda row: words.rows_address(row.cell)),
        Column("number", gettext_lazy("数值"), value=lambda row: row.number, in_file=True),
        Column("one.unit", gettext_lazy("单位"), value=lambda row: words.unit_words(row.one.unit), in_file=True),
        Column("state", gettext_lazy("数据"), kind="status", value=lambda row: words.status_of(row.cell)),
        Column("cell.version", gettext_lazy("第几版口径"), kind="number"),
        Column("cell.told", gettext_lazy("有数的"), value=lambda row: row.cell.told if row.number is not None else None, kind="number", in_file=True),
        Column("cell.expected", gettext_lazy("应有的"), value=lambda row: row.cell.expected if row.number is not None else None, kind="number", in_file=True)))


@require_GET
def series(request: HttpRequest, code: str) -> HttpResponse:
    """The figures of one indicator over all periods and parts."""
    one, found = pages.asked(request, code)
    run = found.run if found else None
    rows = [Told(compose.version_of(found, cell), cell, found) for (each, _dim, _group), cells in found.cells.items() if each == code for cell in cells.values()] if found else []
    shown = tuple(replace(column, link=lambda row: words.rows_address(row.cell, run.run_id)) if column.key == "shown" and run else column for column in SERIES.columns)
    page = replace(SERIES, title=one.title.text(language()), rows=lambda _person: rows, columns=shown, file_name=f"series-{code}",
                   filters=(Filter("dim", gettext_lazy("分组"), choices=tuple((name, words.dim_words(name)) for name in one.by)), _of_snapshot(asking(request), run)),
                   about=[(_("代码"), code), (_("口径"), one.definition.text(language())), (_("归口单位"), one.owner.text(language())), (_("快照"), run.run_id if run else ""), (_("数据截至"), run.as_of.isoformat() if run else ""), (_("数据入库到"), moment(run.known_at) if run else "")])
    return page.show(request, one=one, run=run)


def _of_snapshot(person: Person, run: Run | None) -> Filter:
    """Which snapshot: in the address, so that the file is of the same one."""
    recent = {each.run_id: each for each in (*([run] if run else []), *snapshots.kept(person)[:runs.RECENT])}
    return Filter("snapshot", gettext_lazy("快照"), choices=tuple((name, f"{each.as_of.isoformat()} · {name[:12]}") for name, each in recent.items()), apply=lambda rows, _value: rows)
