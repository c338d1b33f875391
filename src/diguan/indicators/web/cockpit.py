"""The cockpit: its chapters, and the same on a big screen (``?kiosk=1``). Everything comes from the snapshot; every number opens its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from diguan.indicators.engine import tables
from diguan.indicators.engine.terms import Indicator
from diguan.indicators.queries import cockpit, screens, timer
from diguan.indicators.queries.screens import Change, Line, Noted, Screen, Shown, Tile
from diguan.indicators.queries.snapshots import Cell
from diguan.indicators.web import tables as lists
from diguan.indicators.web import words
from diguan.kernel import clocks, money, pictures
from diguan.kernel.pictures import Bar
from diguan.kernel.shell import asking, language, or_404

SIZES = {1: (900, 260), 2: (560, 230), 3: (360, 190)}
KIOSK = {1: (1100, 220), 2: (640, 180), 3: (480, 170)}
"""Width and height of a chart by how many columns there are, so that its letters are as large as the page's; flatter on the big screen."""
MOST = 4
"""So many lines of a list fit on the big screen."""
ROOMS = {"enterprises": gettext_lazy("企业库"), "ties": gettext_lazy("乡情"), "parks": gettext_lazy("园区与要素空间"), "chains": gettext_lazy("产业链"), "projects": gettext_lazy("招商项目"), "outreach": gettext_lazy("敲门招商"),
         "policies": gettext_lazy("惠企政策"), "finance": gettext_lazy("银企对接"), "services": gettext_lazy("一件事一次办"), "dialogue": gettext_lazy("诉求与会客厅"), "costs": gettext_lazy("要素成本"), "tourism": gettext_lazy("文旅")}


@require_GET
def page(request: HttpRequest, chapter: str = cockpit.FRONT) -> HttpResponse:
    """A chapter in the staff frame, or by ``?kiosk=1`` dark and alone on a big screen."""
    found = or_404(screens.screen(asking(request), chapter, language()))
    kiosk = request.GET.get("kiosk") == "1"
    return render(request, f"indicators/{'kiosk' if kiosk else 'cockpit'}.html", {
        "screen": found, "run": found.run, "title": found.chapter.title.text(language()), "front": chapter == cockpit.FRONT, "tiles": [tile(one) for one in found.tiles],
        "columns": [[picture(one, (KIOSK if kiosk else SIZES)[len(found.columns)], MOST if kiosk else None) for one in column] for column in found.columns], "tabs": _tabs(found, kiosk=kiosk), "unbuilt": [ROOMS[room] for room in found.unbuilt],
        "nothing": bool(found.run) and not (found.tiles or found.columns or found.hidden), "now": clocks.now(), "big": f"{address_of(chapter)}?kiosk=1", "small": address_of(chapter), "may_time": timer.may_see(asking(request))})


def address_of(chapter: str) -> str:
    """Where a chapter is."""
    return reverse("indicators:cockpit") if chapter == cockpit.FRONT else reverse("indicators:cockpit_chapter", args=[chapter])


def _tabs(found: Screen, *, kiosk: bool) -> list[tuple[str, str, str]]:
    return [(one.name, one.title.text(language()), address_of(one.name) + ("?kiosk=1" if kiosk else "")) for one in found.chapters]


# ── a figure ─────────────────────────────────────────────────────────────────
def tile(one: Tile) -> dict[str, Any]:
    """A figure as its tile shows it."""
    figure, _space, unit = words.shown(one.one, one.cell).partition(" ")
    return {"title": one.one.title.text(language()), "definition": lists.address_of(one.one.code), "figure": figure, "unit": unit, "rows": words.rows_address(one.cell) if one.cell else "",
            "day": one.day, "span": words.SPANS[one.cell.span] if one.cell else "", "period": one.cell.period if one.cell else "", "owner": one.one.owner.text(language()), "says": says(one)}


def says(one: Tile) -> list[tuple[str, Any, str, str]]:
    """How far it may be used, what came after it, how it changed: kind, words, icon, where the periods it compares are; what is whole needs no word."""
    found: list[tuple[str, Any, str, str]] = []
    if one.cell is not None and one.cell.state not in (tables.WHOLE, tables.RUNNING):
        found.append((*words.status_of(one.cell), "", ""))
    if one.later is not None and one.cell is not one.later:
        found.append((*_later(one), "", ""))
    if one.change is not None:
        found.append(("accent", change_words(one.change, one.one.direction), "arrow-up" if one.change.value > 0 else "arrow-down" if one.change.value < 0 else "minus", f"{lists.address_of(one.one.code)}#periods"))
    return found


def _later(one: Tile) -> tuple[str, str]:
    assert one.later is not None
    if one.late:
        return ("unknown", _("{period} 还没报").format(period=one.later.period))
    return ("mute", f"{one.later.period} {_('没有') if one.later.state == tables.UNKNOWN else words.status_of(one.later)[1]}")


def change_words(change: Change, direction: str = "") -> str:
    """How it changed in a year, with its sign; of what is to be low, that it is: its arrow up is no good news."""
    size = money.digits(abs(change.value), 1)
    sign = "" if size == "0" else "+" if change.value > 0 else "−"
    said = _("同比 {size} 个百分点").format(size=sign + size) if change.points else _("同比 {size}%").format(size=sign + size)
    return _("{change}（越低越好）").format(change=said) if direction == "down" and change.value else said


# ── pictures ─────────────────────────────────────────────────────────────────
def picture(one: Shown | Noted, size: tuple[int, int], most: int | None = None) -> dict[str, Any]:
    """A picture as its card shows it: its title, what it is about, and what is drawn; of a list ``most`` lines."""
    key = f"{one.picture.kind}-{one.picture.codes[0]}-{one.picture.by}".replace(".", "-")
    return {"key": key, "title": _title(one), **(_notes(one, most) if isinstance(one, Noted) else _DRAWN[one.picture.kind](one, size))}


def _title(one: Shown | Noted) -> str:
    """The pack's title, else the indicator's with its breakdown, so that no two pictures of a page are called the same."""
    if one.picture.title is not None:
        return one.picture.title.text(language())
    if isinstance(one, Noted):
        return str(_TITLES[one.picture.codes[0]])
    title = one.first.title.text(language())
    return _("{title}（按{dim}）").format(title=title, dim=words.within(words.dim_words(one.picture.by))) if one.picture.by else title


def _name(line: Line) -> str:
    return line.name or (words.part_words(line.dim, line.group) or str(_("没有填")) if line.dim else line.one.title.text(language()))


def _lines(one: Shown, size: tuple[int, int]) -> dict[str, Any]:
    """A chart of lines from the first month any of them tells to the last; one in between that none tells is a gap, never left out."""
    told = {cell.period for line in one.lines for cell in line.cells if cell.num is not None}
    first, last = min(told, default=""), max(told, default="")
    periods = sorted({cell.period for line in one.lines for cell in line.cells if first <= cell.period <= last})
    if not periods:
        return {"chart": None, "nothing": _("这几个月没有能显示的数")}
    drawn, every = ([_series(line, periods) for line in lines] for lines in (one.lines, (*one.lines, *one.rest)))
    chart = pictures.chart(drawn, periods, words.unit_words(one.first.unit), width=size[0], height=size[1], zh=language() == "zh")
    return {"chart": pictures.tabled(chart, every, zh=language() == "zh"), "left": _left(one), "open": [(line.one.title.text(language()) if line.dim else _name(line), lists.address_of(line.one.code) + (f"?by={line.dim}" if line.dim else "")) for line in one.lines[:1 if one.picture.by else None]]}


def _left(one: Shown) -> str:
    """That a chart has more parts than lines; the table has them all."""
    count = len([line for line in (*one.lines, *one.rest) if line.group])
    return _("只画最大的 {drawn} 组，共 {n} 组，其余在表里").format(drawn=len(one.lines), n=count) if count > len(one.lines) else ""


def _series(line: Line, periods: Sequence[str]) -> pictures.Series:
    by_period: Mapping[str, Cell] = {cell.period: cell for cell in line.cells}
    cells = [by_period.get(period) for period in periods]
    points = [None if cell is None else cell.value(line.one) for cell in cells]
    return pictures.Series(_name(line), [None if point is None else float(point) for point in points], frozenset(at for at, cell in enumerate(cells) if cell is not None and cell.state == tables.PARTIAL),
                           [words.told_address(line.one, cell) for cell in cells])


def _bars(one: Shown, size: tuple[int, int]) -> dict[str, Any]:
    found = [_bar(line) for line in one.lines]
    last = max((line.cells[-1].period for line in one.lines if line.cells), default="")
    return {"bars": pictures.bars(found), "about": " · ".join(filter(None, (words.unit_words(one.first.unit) or str(_("个数")), last))) if last else "", "nothing": "" if last else _("还没有能显示的数")}


def _bar(line: Line) -> Bar:
    cell = line.cells[-1] if line.cells else None
    value = cell.value(line.one) if cell else None
    if cell is None or value is None:
        return Bar(_name(line), None, str(words.status_of(cell)[1]))
    return Bar(_name(line), float(value), words.shown(line.one, cell), words.rows_address(cell), cell.state == tables.PARTIAL, str(words.status_of(cell)[1]) if cell.state == tables.PARTIAL else "",
               "" if line.dim else lists.address_of(line.one.code))


def _grid(one: Shown, size: tuple[int, int]) -> dict[str, Any]:
    """Fields shaded in four steps by how much there is, in order of their names: it is no map."""
    cells = [(line, line.cells[-1] if line.cells else None) for line in one.lines]
    values = {line.group: value for line, cell in cells if cell and (value := cell.value(line.one)) is not None}
    edges = _steps(sorted(values.values()))
    legend = [(at, _edge(one.first, edges, at, max(values.values()))) for at in range(1, len(edges) + 1)]
    fields = [{"name": _name(line), "shown": words.shown(line.one, cell) if cell else "", "word": words.status_of(cell)[1], "url": words.rows_address(cell) if cell else "",
               "step": sum(values[line.group] >= edge for edge in edges) if line.group in values else 0} for line, cell in cells]
    last = next((cell.period for _line, cell in cells if cell), "")
    return {"fields": fields, "legend": legend, "about": " · ".join(filter(None, (words.unit_words(one.first.unit), last, _("按名称排，不是位置，不排名")))) if last else "", "nothing": "" if fields else _("还没有能显示的数")}


def _steps(values: Sequence[Any]) -> list[Any]:
    """From where each of four shades begins, so that each holds about as many."""
    return sorted({values[len(values) * step // 4] for step in range(4)}) if values else []


def _edge(one: Indicator, edges: Sequence[Any], at: int, most: Any) -> str:
    """From where to where a shade goes, in words."""
    low = words.amount(one, edges[at - 1])
    if at == len(edges):
        return low if edges[at - 1] == most else _("{low} 以上").format(low=low)
    return _("{low} 到不足 {high}").format(low=low, high=words.amount(one, edges[at]))


def _notes(one: Noted, most: int | None) -> dict[str, Any]:
    empty = {cockpit.LACKING: _("各项数据都齐全"), cockpit.MOVED: _("没有可比的变化")}[one.picture.codes[0]]
    shown = one.tiles[:most]
    more = len(one.tiles) - len(shown) + one.more
    about = {cockpit.LACKING: ngettext("自动列出，另有 {n} 项", "自动列出，另有 {n} 项", more).format(n=more) if more else _("自动列出，不人工挑选"), cockpit.MOVED: _("和上年同期比，变化大的在前")}[one.picture.codes[0]]
    return {"notes": [tile(each) for each in shown], "nothing": "" if one.tiles else empty, "about": about, "about_url": f"{reverse('indicators:list')}?{_KEPT[one.picture.codes[0]]}=1" if more else ""}


_TITLES: Mapping[str, Any] = {cockpit.LACKING: gettext_lazy("数据没到的"), cockpit.MOVED: gettext_lazy("变化大的")}
_KEPT = {cockpit.LACKING: "lacking", cockpit.MOVED: "moved"}
"""The filter of the list of indicators that keeps the same ones."""
_DRAWN: Mapping[str, Callable[[Shown, tuple[int, int]], dict[str, Any]]] = {cockpit.LINES: _lines, cockpit.BARS: _bars, cockpit.PARTS: _bars, cockpit.GRID: _grid}
