"""Measures 指标口径: named figures, each with its definition and the rows behind it.

A room declares one in its queries::

    @measure("policies.entitled", title=Message("可享", "Entitled"), unit="户", definition=Message("…", "…"),
             permission="policies.view_policy", rows=entitled_rows)
    def entitled(of: Standing) -> int | None: ...

What it is a figure *of* (``of``: one policy in one run, a town, a month) is the room's own value and says when it was
true: ``as_of`` and ``known_at``. A figure nobody can know is None, which is not zero.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from diguan.kernel import access
from diguan.kernel.messages import Message

if TYPE_CHECKING:
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
        if known.read is not read and (known.read.__module__, known.read.__qualname__) != (read.__module__, read.__qualname__):
            raise TypeError(f"measure {name} is declared twice")
        return read

    return declare


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
