"""A page of the cockpit, read from a snapshot alone: its figures, its pictures, what was not delivered, what moved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.apps import apps

from diguan.indicators.engine import spans, tables, terms
from diguan.indicators.engine.terms import Indicator
from diguan.indicators.queries import VIEW, cockpit, register, snapshots
from diguan.indicators.queries.cockpit import Chapter, Picture
from diguan.indicators.queries.snapshots import Cell, Figures
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.facts.runs import Run

OLD = 35
"""A snapshot of so many days ago is said to be old: figures come monthly."""
MOST, LINES = 8, 4
"""Lines of a list, and parts of a chart, at most."""
USABLE = (tables.WHOLE, tables.RUNNING)
PLACE = "位"
"""What is counted in places is no amount: the whole is a middle of several tables, and of two places there is no percentage."""


@dataclass(frozen=True)
class Change:
    """A figure against the same period a year before: in percent, or of a percentage in points."""

    value: Decimal
    points: bool


@dataclass(frozen=True)
class Tile:
    """One figure: the last that is told, what was to be told since and was not, how it changed in a year, the last day it speaks of."""

    one: Indicator
    cell: Cell | None
    later: Cell | None
    change: Change | None
    day: dt.date | None

    @property
    def late(self) -> bool:
        """Whether a bureau owes a period that is over. Lines tell every period by what there is: they lack nothing."""
        return self.later is not None and self.later.state == tables.UNKNOWN and self.one.kind == terms.FACT

    @property
    def lacking(self) -> bool:
        """Whether a bureau owes it, or told a part of it only."""
        return self.late or (self.cell is not None and self.cell.state == tables.PARTIAL)

    @property
    def moved(self) -> bool:
        """Whether it changed in a year and it matters where to."""
        return self.one.direction != "none" and self.change is not None and bool(self.change.value)


@dataclass(frozen=True)
class Line:
    """One line of a chart or one bar: the indicator, the part ("" for all), its name where the pack gives one, its cells by period."""

    one: Indicator
    dim: str
    group: str
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Shown:
    """A picture with its first indicator and the lines it is drawn from; ``rest`` are parts a chart of lines has no room for, which its table holds."""

    picture: Picture
    first: Indicator
    lines: tuple[Line, ...]
    rest: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Noted:
    """A list of figures (``notes``), and how many there are beyond them."""

    picture: Picture
    tiles: tuple[Tile, ...]
    more: int = 0


@dataclass(frozen=True)
class Screen:
    """One page. ``hidden`` counts its indicators that the person may not see, ``unbuilt`` names rooms that are not there, ``age`` is in days; ``run`` None before the first snapshot."""

    chapter: Chapter
    chapters: tuple[Chapter, ...]
    run: Run | None
    age: int
    tiles: tuple[Tile, ...]
    columns: tuple[tuple[Shown | Noted, ...], ...]
    hidden: int
    unbuilt: tuple[str, ...]

    @property
    def old(self) -> bool:
        """Whether its snapshot is older than figures usually are."""
        return self.age > OLD


def screen(person: Person, name: str = cockpit.FRONT, language: str = "zh") -> Screen | None:
    """A page of the cockpit; None where there is no such chapter.

    Raises:
        access.Forbidden: the person may see no indicators.
        PackError: a pack's cockpit cannot be used.
    """
    access.require(person, VIEW)
    chapters = cockpit.board()
    chapter = chapters.get(name)
    if chapter is None:
        return None
    found = snapshots.figures(person)
    allowed = {one.code: one for one in register.visible(person)}
    codes = {*chapter.figures, *(code for column in chapter.columns for each in column if each.kind != cockpit.NOTES for code in each.codes)}
    made = _Maker(found, allowed, language)
    return Screen(chapter, tuple(chapters.values()), found.run if found else None, (clocks.today() - found.run.as_of).days if found else 0,
                  tuple(made.tile(allowed[code]) for code in chapter.figures if code in allowed), made.columns(chapter) if found else (),
                  len(codes - allowed.keys()), tuple(room for room in chapter.rooms if not apps.is_installed(f"diguan.{room}")))


def tile(found: Figures | None, one: Indicator) -> Tile:
    """An indicator as the snapshot tells it; without one it tells nothing."""
    if found is None:
        return Tile(one, None, None, None, None)
    cell = found.cell(one.code)
    return Tile(one, cell, later(one, found), yearly(one, cell, found), min(ends(cell), found.run.as_of) if cell else None)


@dataclass(frozen=True)
class _Maker:
    """Makes the pieces of a page from one snapshot."""

    found: Figures | None
    allowed: Mapping[str, Indicator]
    language: str

    def tile(self, one: Indicator) -> Tile:
        return tile(self.found, one)

    def columns(self, chapter: Chapter) -> tuple[tuple[Shown | Noted, ...], ...]:
        made = [tuple(shown for each in column if (shown := self._shown(each))) for column in chapter.columns]
        return tuple(column for column in made if column)

    def _shown(self, picture: Picture) -> Shown | Noted | None:
        if picture.kind == cockpit.NOTES:
            listed = _LISTS[picture.codes[0]](self)
            return Noted(picture, tuple(listed[:MOST]), max(len(listed) - MOST, 0))
        if any(code not in self.allowed for code in picture.codes):
            return None
        lines, rest = _parts(self, picture) if picture.by else (_several(self, picture), [])
        return Shown(picture, self.allowed[picture.codes[0]], tuple(lines), tuple(rest))

    def cells(self, one: Indicator, picture: Picture, dim: str = "", group: str = "") -> tuple[Cell, ...]:
        """What a line or bar is drawn from: the last months; of a bar the one period in which the whole indicator was told last, so that all bars speak of one."""
        assert self.found is not None
        if picture.kind == cockpit.LINES:
            return tuple(self.found.series(one.code, dim, group)[-picture.months:])
        whole = self.found.cell(one.code)
        cell = self.found.cell(one.code, whole.period, dim, group) if whole else None
        return (cell,) if cell else ()


def _several(made: _Maker, picture: Picture) -> list[Line]:
    names = [one.text(made.language) for one in picture.names] or [""] * len(picture.codes)
    return [Line(made.allowed[code], "", "", name, made.cells(made.allowed[code], picture)) for code, name in zip(picture.codes, names, strict=True)]


def _parts(made: _Maker, picture: Picture) -> tuple[list[Line], list[Line]]:
    """The parts of a breakdown, the largest first; what nobody put into a part comes last, and not into a chart of lines. Besides, the parts such a chart has no room for."""
    assert made.found is not None
    one = made.allowed[picture.codes[0]]
    groups = made.found.groups(one.code, picture.by)
    lines = [Line(one, picture.by, group, "", made.cells(one, picture, picture.by, group)) for group in picture.only or groups if group in groups]
    if picture.only:
        return (lines[:LINES], lines[LINES:]) if picture.kind == cockpit.LINES else (lines, [])
    if picture.kind == cockpit.GRID:
        return sorted((line for line in lines if line.group), key=lambda line: line.group), []
    ordered = sorted(lines, key=lambda line: (line.group == "", -_newest(line), line.group))
    if picture.kind != cockpit.LINES:
        return ordered[:MOST], []
    named = [line for line in ordered if line.group]
    return named[:LINES], [*named[LINES:], *(line for line in ordered if not line.group)]


def _newest(line: Line) -> Decimal:
    """The last that is told of a line, to order by."""
    return next((value for cell in reversed(line.cells) if (value := cell.value(line.one)) is not None), Decimal(-1))


# ── what is not delivered, what moved ────────────────────────────────────────
def later(one: Indicator, found: Figures) -> Cell | None:
    """Of the periods that were over by the snapshot's day and come after the last that is told: of a fact the first, which is owed; else the newest."""
    cells = found.series(one.code)
    told = max((at for at, cell in enumerate(cells) if cell.num is not None), default=-1)
    after = [cell for cell in cells[told + 1:] if spans.bounds(cell.span, cell.period)[1] <= found.run.as_of]
    return None if not after else after[0] if one.kind == terms.FACT and told >= 0 else after[-1]


def yearly(one: Indicator, cell: Cell | None, found: Figures) -> Change | None:
    """How a figure changed in a year; None where one of the two is not whole, or another definition told it, or it is a change itself or a place."""
    if cell is None or one.change or one.unit == PLACE or cell.state not in USABLE:
        return None
    then = found.cell(one.code, spans.before(cell.span, cell.period, "yoy"), cell.dim, cell.group)
    if then is None or then.state not in USABLE or then.version != cell.version:
        return None
    value, was = cell.value(one), then.value(one)
    if value is None or was is None or (one.unit != "%" and was <= 0):
        return None
    return Change(value - was, True) if one.unit == "%" else Change((value - was) / was * 100, False)


def _lacking(made: _Maker) -> Sequence[Tile]:
    """What a bureau owes or tells of a part only: what is late first."""
    return sorted((tile for tile in map(made.tile, made.allowed.values()) if tile.lacking), key=lambda tile: (not tile.late, tile.one.code))


def _moved(made: _Maker) -> Sequence[Tile]:
    return sorted((tile for tile in map(made.tile, made.allowed.values()) if tile.moved), key=lambda tile: (-abs(tile.change.value) if tile.change else 0, tile.one.code))


_LISTS = {cockpit.LACKING: _lacking, cockpit.MOVED: _moved}


def moved(person: Person, most: int) -> tuple[Run | None, Sequence[Tile]]:
    """The figures that changed most in a year, and the snapshot that says so.

    Raises:
        access.Forbidden: the person may see no indicators.
    """
    found = snapshots.figures(person)
    return (found.run, _moved(_Maker(found, {one.code: one for one in register.visible(person)}, ""))[:most]) if found else (None, ())


def ends(cell: Cell) -> dt.date:
    """The last day a figure speaks of."""
    return spans.bounds(cell.span, cell.period)[1]
