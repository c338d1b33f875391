"""What is different between two snapshots: the figures, and what went in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from diguan.indicators.engine.terms import Indicator
from diguan.indicators.queries import VIEW, facts, register, snapshots, why
from diguan.indicators.queries.snapshots import Cell
from diguan.indicators.queries.why import Told
from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.facts import runs
from diguan.kernel.facts.models import Batch
from diguan.kernel.facts.runs import Run
from diguan.kernel.messages import Message

CHANGED, NEW, LOST = "changed", "new", "lost"


@dataclass(frozen=True)
class Changed:
    """One figure in two snapshots: told otherwise (``changed``), for the first time (``new``), or no longer (``lost``)."""

    one: Indicator
    period: str
    before: Cell | None
    after: Cell | None
    kind: str

    @property
    def pk(self) -> str:
        """As lists ask it."""
        return f"{self.one.code}/{self.period}"

    @property
    def code(self) -> str:
        """Whose figure it is."""
        return self.one.code


@dataclass(frozen=True)
class Delivery:
    """A delivery only one of the two snapshots read: what it was for, and who brought it when (:class:`Told`)."""

    sheet: str
    period: str
    rows: int
    told: Told
    gone: bool


@dataclass(frozen=True)
class Redefined:
    """An indicator whose definition is another one: the versions named before and after, and why."""

    one: Indicator
    before: tuple[int, ...]
    after: tuple[int, ...]
    why: Message | None


@dataclass(frozen=True)
class Inputs:
    """What went into one snapshot and not into the other. ``unseen`` deliveries are not for this person; ``lines`` counts the lines of each measure, before and after."""

    deliveries: tuple[Delivery, ...]
    unseen: int
    redefined: tuple[Redefined, ...]
    lines: Mapping[str, tuple[int, int]]
    program: bool
    register: bool


def between(person: Person, old: Run, new: Run) -> list[Changed]:
    """Every whole figure that is another one in the later snapshot, the newest period first, of the indicators this person may see.

    Raises:
        access.Forbidden: they may see none.
    """
    before, after = snapshots.figures(person, old), snapshots.figures(person, new)
    assert before is not None
    assert after is not None
    found = []
    for one in register.visible(person):
        then, now = (dict(each.cells.get((one.code, "", ""), {})) for each in (before, after))
        found += [Changed(one, period, then.get(period), now.get(period), kind) for period in {**then, **now} if (kind := _kind(then.get(period), now.get(period)))]
    return sorted(sorted(found, key=lambda row: row.one.code), key=lambda row: row.period, reverse=True)


def _kind(before: Cell | None, after: Cell | None) -> str:
    was, is_now = _told(before), _told(after)
    if was == is_now:
        return ""
    return NEW if was is None else LOST if is_now is None else CHANGED


def _told(cell: Cell | None) -> tuple[int, int, int] | None:
    """What a cell tells: the figure and by which version; None where it tells none."""
    return None if cell is None or cell.num is None or cell.den is None else (cell.num, cell.den, cell.version)


def inputs(person: Person, old: Run, new: Run) -> Inputs:
    """What went into one of two snapshots and not into the other.

    Raises:
        access.Forbidden: the person may see no indicators.
    """
    access.require(person, VIEW)
    before, after = ({row.pk: row for row in runs.told(run) if row.subject == facts.SUBJECT} for run in (old, new))
    other = [*(row for number, row in after.items() if number not in before), *(row for number, row in before.items() if number not in after)]
    delivered = [row for row in other if not row.replaces_all]
    told = why.deliveries(person, [row.pk for row in delivered])
    seen = [_delivery(row, told[row.pk], gone=row.pk not in after) for row in delivered if told[row.pk].seen]
    allowed = {one.of.name for one in register.visible(person) if one.kind == "measure"}  # type: ignore[union-attr]
    return Inputs(tuple(sorted(seen, key=lambda one: (str(one.told.at), one.told.number), reverse=True)), len(delivered) - len(seen), _redefined(person, old, new), _lines(old, new, allowed),
                  old.inputs["engine"] != new.inputs["engine"], any(row.replaces_all for row in other))


def _delivery(row: Batch, told: Told, *, gone: bool) -> Delivery:
    return Delivery(row.sheet, row.period, row.rows, told, gone)


def _lines(old: Run, new: Run, allowed: Iterable[str]) -> dict[str, tuple[int, int]]:
    if old.inputs["rows"] == new.inputs["rows"]:
        return {}
    before, after = snapshots.lines(old), snapshots.lines(new)
    return {name: (len(before.get(name, ())), len(after.get(name, ()))) for name in sorted(allowed) if before.get(name) != after.get(name)}


def _redefined(person: Person, old: Run, new: Run) -> tuple[Redefined, ...]:
    before, after = old.inputs["indicators"], new.inputs["indicators"]
    known = register.book()
    found = []
    for one in register.visible(person):
        names = [each.name for each in known.versions[one.code]]
        was, is_now = ({name: each.get(name) for name in names if name in each} for each in (before, after))
        if was != is_now:
            found.append(Redefined(one, _numbers(was), _numbers(is_now), one.why))
    return tuple(found)


def _numbers(names: Iterable[str]) -> tuple[int, ...]:
    return tuple(sorted(int(name.rpartition("@")[2]) for name in names))
