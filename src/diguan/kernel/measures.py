"""Measures 指标口径: named figures, each with its definition and the rows behind it.

A room declares one in its queries::

    @measure("policies.entitled", title=Message("可享", "Entitled"), unit="户", definition=Message("…", "…"),
             permission="policies.view_policy", rows=entitled_rows)
    def entitled(of: Standing) -> int | None: ...

What it is a figure *of* (``of``: one policy in one run, a town, a month) is the room's own value and says when it was
true: ``as_of`` and ``known_at``. A figure nobody can know is None, which is not zero.

What is to be counted month by month and cut into parts is declared by its **lines**: one for each record that counts, with the day it
counts from. Whoever folds them (the indicators room) has the rows behind every figure by the way::

    @counted("projects.funds_arrived", title=…, unit="元", definition=…, permission="projects.view_fund",
             visible=visible_projects, route="projects:project", groups=("cluster",))
    def funds_arrived(asked: Asked) -> Iterable[Line]: ...
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from django.utils import translation

from diguan.kernel import access
from diguan.kernel.messages import Message
from diguan.kernel.records import chunks

if TYPE_CHECKING:
    from django.db.models import TextChoices

    from diguan.kernel.access.models import Person


class Dated(Protocol):
    """What a figure is of: the day it speaks of, and the last word counted; None before the first."""

    @property
    def as_of(self) -> dt.date | None: ...
    @property
    def known_at(self) -> dt.datetime | None: ...


Read = Callable[[Any], int | None]
Rows = Callable[["Person", Any], Sequence[Any]]


@dataclass(frozen=True)
class Measure:
    """A named aggregate. ``unit`` 元 is counted in fen; ``permission`` is asked for the figure, ``rows`` asks its own."""

    name: str
    title: Message
    unit: str
    definition: Message
    permission: str
    read: Read
    rows: Rows | None = None


@dataclass(frozen=True)
class Figure:
    """A measure's value: ``num`` in the measure's unit (fen for 元), the day it speaks of, and the last word counted."""

    measure: Measure
    num: int | None
    as_of: dt.date | None
    known_at: dt.datetime | None

    @property
    def period(self) -> str:
        """The period as text: the day of a stock."""
        return self.as_of.isoformat() if self.as_of else ""


_MEASURES: dict[str, Measure] = {}
MEASURES: Mapping[str, Measure] = MappingProxyType(_MEASURES)


def measure(name: str, *, title: Message, unit: str, definition: Message, permission: str, rows: Rows | None = None) -> Callable[[Read], Read]:
    """Declare a measure; the function below it reads the figure.

    Raises:
        TypeError: another function has that name.
    """

    def declare(read: Read) -> Read:
        known = _MEASURES.setdefault(name, Measure(name, title, unit, definition, permission, read, rows))
        _only(known.read, read, f"measure {name} is declared twice")
        return read

    return declare


def _only(known: Callable[..., Any], read: Callable[..., Any], fault: str) -> None:
    """One function has a name; the same one may come again when its module is loaded anew."""
    if (known.__module__, known.__qualname__) != (read.__module__, read.__qualname__):
        raise TypeError(fault)


def value(name: str, person: Person, of: Dated) -> Figure:
    """The figure, for who may see it.

    Raises:
        KeyError: no measure has that name.
        access.Forbidden: the person may not see it.
    """
    found = MEASURES[name]
    access.require(person, found.permission)
    return Figure(found, found.read(of), of.as_of, of.known_at)


def behind(name: str, person: Person, of: Dated) -> Sequence[Any]:
    """The rows behind the figure, as far as the person may see them.

    Raises:
        KeyError: no measure has that name, or it keeps no rows.
        access.Forbidden: the person may not see such rows.
    """
    found = MEASURES[name]
    if found.rows is None:
        raise KeyError(name)
    return found.rows(person, of)


# ── lines: what a figure is folded from ──────────────────────────────────────
@dataclass(frozen=True)
class Asked:
    """For which day lines are asked, and the last word counted (None: now)."""

    as_of: dt.date
    known_at: dt.datetime | None = None


@dataclass(frozen=True)
class Line:
    """One record that counts.

    Args:
        key: names the record, in the column the declaration tells; the same key may come more than once (two payments of a project).
        label: the record's name as it was when it was counted.
        num: what it counts for, in the measure's unit (fen for 元); None: nobody knows, which is not zero.
        on: the first day it counts; None: always.
        until: the last day it stands, for what can end (a certificate); None: still.
        of: what ``num`` is a part of, where the measure has shares; None: of nothing.
        groups: its part of each breakdown, ``{"cluster": "钟表"}``; an empty text: nobody has told.
    """

    key: str
    label: str
    num: int | None = 1
    on: dt.date | None = None
    until: dt.date | None = None
    of: int | None = None
    groups: Mapping[str, str] = field(default_factory=dict)


class Findable(Protocol):
    """Records that can be narrowed, as a query set is."""

    def filter(self, **wanted: Any) -> Iterable[Any]:
        """Those of them that are so."""
        ...


ReadLines = Callable[[Asked], Iterable[Line]]


@dataclass(frozen=True)
class Counted:
    """A measure by its lines. ``read`` asks no right: the lines are the county's. ``visible`` narrows records to a person, ``column`` finds them by key.

    ``firms``: the lines tell of single firms, so figures of fewer than three are not told. ``groups`` name the breakdowns its lines carry.
    """

    name: str
    title: Message
    unit: str
    definition: Message
    permission: str
    read: ReadLines
    visible: Callable[[Person], Findable]
    column: str
    route: str
    groups: tuple[str, ...]
    firms: bool


_COUNTED: dict[str, Counted] = {}
COUNTED: Mapping[str, Counted] = MappingProxyType(_COUNTED)


def counted(name: str, *, title: Message, unit: str, definition: Message, permission: str, visible: Callable[[Person], Findable], route: str,
            column: str = "pk", groups: Sequence[str] = (), firms: bool = False) -> Callable[[ReadLines], ReadLines]:
    """Declare a measure by the function that reads its lines.

    Raises:
        TypeError: another function has that name.
    """

    def declare(read: ReadLines) -> ReadLines:
        made = Counted(name, title, unit, definition, permission, read, visible, column, route, tuple(groups), firms)
        known = _COUNTED.setdefault(name, made)
        _only(known.read, read, f"measure {name} is declared twice")
        return read

    return declare


# ── names of parts that lines carry as codes ─────────────────────────────────
NamePart = Callable[[str, str], str]
_PART_NAMES: dict[str, NamePart] = {}


def part_names(dim: str) -> Callable[[NamePart], NamePart]:
    """Declare what the codes of a breakdown are called; the function below it is asked for a code and ``zh`` or ``en``, and answers with nothing where it has no name.

    Raises:
        TypeError: another function names that breakdown.
    """

    def declare(read: NamePart) -> NamePart:
        _only(_PART_NAMES.setdefault(dim, read), read, f"parts of {dim} are named twice")
        return read

    return declare


def part_choices(dim: str, choices: type[TextChoices]) -> None:
    """Declare that the codes of a breakdown are the values of these choices.

    Raises:
        TypeError: another function names that breakdown.
    """

    def read(group: str, language: str) -> str:
        with translation.override("zh-hans" if language == "zh" else language):
            return str(choices(group).label) if group in choices.values else ""

    read.__module__, read.__qualname__ = choices.__module__, choices.__qualname__  # told again by the same choices it is the same
    part_names(dim)(read)


def part_name(dim: str, group: str, language: str = "zh") -> str:
    """What a part is called: the name of its code, else the word itself."""
    return (_PART_NAMES[dim](group, language) if dim in _PART_NAMES else "") or group


def opened(person: Person, name: str, keys: Iterable[str]) -> dict[str, Any]:
    """Of these records those this person may see now, by key.

    Raises:
        KeyError: no measure has that name.
        access.Forbidden: the person may not see such records.
    """
    found = COUNTED[name]
    access.require(person, found.permission)
    return {str(getattr(row, found.column)): row for part in chunks(sorted(set(keys))) for row in found.visible(person).filter(**{f"{found.column}__in": part})}
