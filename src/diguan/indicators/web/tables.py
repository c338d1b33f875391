"""Lists of this room: the indicators, the rows behind a figure, the snapshots; and what the search box finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy

from diguan.indicators.engine.terms import Indicator
from diguan.indicators.queries import EXPORT, VIEW, article, missing, register, screens, snapshots
from diguan.indicators.queries.behind import Row
from diguan.indicators.queries.missing import Owed
from diguan.indicators.queries.snapshots import Cell, Figures
from diguan.indicators.web import change_words, words
from diguan.kernel.declare import Hit, Hits
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.shell import language


@dataclass(frozen=True)
class Entry:
    """An indicator with its last figure; whether it lacks data or changed in a year, as the cockpit has it."""

    one: Indicator
    cell: Cell | None
    owed: tuple[Owed, ...] = ()
    lacking: bool = False
    moved: bool = False

    @property
    def pk(self) -> str:
        """As lists ask it."""
        return self.one.code

    @property
    def title(self) -> str:
        """Its name in this language."""
        return self.one.title.text(language())

    @property
    def owner(self) -> str:
        """Whose it is."""
        return self.one.owner.text(language())


def entries(person: Any) -> list[Entry]:
    """Every indicator this person may see, with the last figure of the snapshot pages speak from."""
    found = snapshots.figures(person)
    return [entry_of(found, one) for one in register.visible(person)]


def entry_of(found: Figures | None, one: Indicator) -> Entry:
    """An indicator with its last figure and what is lacking from there on."""
    tile = screens.tile(found, one)
    if found is None or tile.cell is None:
        return Entry(one, None)
    return Entry(one, tile.cell, tuple(missing.owed(found.run, one, [each for each in found.series(one.code) if each.period >= tile.cell.period])), tile.lacking, tile.moved)


def address_of(code: str) -> str:
    """Where an indicator's page is."""
    return reverse("indicators:indicator", args=[code])


PAGE = ListPage(
    title=gettext_lazy("指标"), rows=entries, permission=VIEW, export_permission=EXPORT, file_name="indicators", template="indicators/list.html",
    empty=(gettext_lazy("这里还没有指标"), gettext_lazy("数据包 indicators.yaml 里写了指标，这里就有。")),
    columns=(
        Column("title", gettext_lazy("指标"), sort=True, link=lambda row: address_of(row.one.code), head=True, note=lambda row: row.one.definition.text(language())),
        Column("value", gettext_lazy("最近一期"), value=lambda row: words.shown(row.one, row.cell), link=lambda row: words.rows_address(row.cell) if row.cell else address_of(row.one.code)),
        Column("period", gettext_lazy("期间"), value=lambda row: words.period_words(row.cell.span, row.cell.period) if row.cell else ""),
        Column("state", gettext_lazy("数据"), kind="status", value=lambda row: words.status_of(row.cell), note=lambda row: change_words.owed_words(row.owed)),
        Column("scope", gettext_lazy("口径来源"), value=lambda row: words.SCOPES[row.one.scope]),
        Column("owner", gettext_lazy("归口单位"), sort=True),
        Column("one.code", gettext_lazy("代码"), in_file=True)),
    filters=(
        Filter("q", gettext_lazy("名称或代码"), kind="search", fields=("title", "one.code")),
        Filter("scope", gettext_lazy("口径来源"), choices=tuple(words.SCOPES.items()), fields=("one.scope",)),
        Filter("owner", gettext_lazy("归口单位"), choices=lambda person: [(one, one) for one in sorted({each.owner.text(language()) for each in register.visible(person)})]),
        Filter("lacking", gettext_lazy("数据没到的"), kind="bool"),
        Filter("moved", gettext_lazy("一年里变化的"), kind="bool")))

def row_address(row: Row) -> str:
    """Where a record's page is."""
    return reverse(row.route, args=[row.key])


ROWS = ListPage(
    title="", rows=lambda person: (), permission=VIEW, export_permission=EXPORT, file_name="rows", template="indicators/rows.html", kept=("period", "dim", "group", "side", "snapshot"),
    empty=(gettext_lazy("没有记录计入这个数，或没有您能看的"), gettext_lazy("换一个期间，或看指标的口径。")),
    columns=(
        Column("label", gettext_lazy("记录"), head=True, link=row_address, sort=True),
        Column("key", gettext_lazy("编号"), in_file=True),
        Column("on", gettext_lazy("日期"), kind="day", sort=True),
        Column("num", gettext_lazy("计入"), sort=True)))


SNAPSHOTS = ListPage(
    title=gettext_lazy("指标快照"), rows=snapshots.kept, permission=VIEW, file_name="snapshots", template="indicators/snapshots.html",
    empty=(gettext_lazy("还没有快照"), gettext_lazy("生成一份快照，页面上的数才有来处。")),
    columns=(
        Column("as_of", gettext_lazy("数据截至"), kind="day", sort="as_of", head=True, link=lambda row: reverse("indicators:snapshot", args=[row.run_id])),
        Column("known_at", gettext_lazy("数据入库到"), kind="moment", sort="known_at"),
        Column("rows", gettext_lazy("数字"), kind="number"),
        Column("created_at", gettext_lazy("生成"), kind="moment", sort="created_at"),
        Column("run_id", gettext_lazy("快照号"), value=lambda row: row.run_id[:12])))


# ── printed figures ──────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Printed:
    """A printed figure beside ours, as the list shows it; ``snapshot`` names the one ours is of."""

    row: article.Judged
    place: int
    snapshot: str

    @property
    def pk(self) -> str:
        """As lists ask it."""
        return str(self.place)

    @property
    def title(self) -> str:
        """Its name in this language."""
        return self.row.said.title.text(language())

    @property
    def rows(self) -> str:
        """Where the rows behind our figure are; empty where there is none."""
        return words.rows_address(self.row.cell, self.snapshot) if self.row.cell and self.row.ours is not None else ""


def printed(person: Any) -> list[Printed]:
    """Every printed figure, held against the newest snapshot of the day it speaks of."""
    told = article.article()
    run = article.snapshot_of(told.as_of) if told else None
    found = snapshots.figures(person, run) if run else None
    return [Printed(row, place, run.run_id if run else "") for place, row in enumerate(article.judged(person, told, found))] if told else []


ARTICLE = ListPage(
    title=gettext_lazy("报道里的数"), rows=printed, permission=VIEW, export_permission=EXPORT, file_name="article", template="indicators/article.html",
    empty=(gettext_lazy("没有要核对的报道"), gettext_lazy("数据包 article.yaml 里写了报道的数，这里就逐条核对。")),
    columns=(
        Column("row.said.line", gettext_lazy("条目"), kind="number"),
        Column("title", gettext_lazy("数"), head=True, link=lambda row: address_of(row.row.one.code) if row.row.one else "", note=lambda row: row.row.said.said),
        Column("said", gettext_lazy("报道"), value=lambda row: words.said(row.row.said)),
        Column("ours", gettext_lazy("按记录算"), value=lambda row: words.as_printed(row.row), link=lambda row: row.rows),
        Column("period", gettext_lazy("期间"), value=lambda row: words.period_words(row.row.cell.span, row.row.cell.period) if row.row.cell else row.row.said.period),
        Column("state", gettext_lazy("核对"), kind="status", value=lambda row: words.JUDGED[row.row.state]),
        Column("remark", gettext_lazy("说明"), value=lambda row: words.remark(row.row)),
        Column("row.said.code", gettext_lazy("指标代码"), in_file=True)),
    filters=(
        Filter("q", gettext_lazy("名称或原文"), kind="search", fields=("title", "row.said.said")),
        Filter("state", gettext_lazy("核对"), choices=tuple((key, word) for key, (_kind, word) in words.JUDGED.items()), fields=("row.state",))))


def found(person: Any, text: str, limit: int) -> Hits:
    """What the search box finds here."""
    hits = [one for one in register.visible(person) if text.lower() in one.code or text in one.title.zh or text.lower() in one.title.en.lower()]
    return Hits([Hit(one.title.text(language()), address_of(one.code), one.owner.text(language())) for one in hits[:limit]], len(hits), f"{reverse('indicators:list')}?{urlencode({'q': text})}")
