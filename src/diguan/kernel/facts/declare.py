"""Facts that Records back: ``@fact`` says which, and what each says of a row on a day.

A room declares them in its queries. Before a run they are exported, each source's to a batch of its own (the register
of enterprises is ``registry``), so that a run never depends on rows that change.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

# Known not to exist; None means that nobody has told us.
ABSENT: Final = "absent"
VALUE: Final = "value"
REGISTRY: Final = "registry"
"""The source of what the register of enterprises says."""


@dataclass(frozen=True)
class Absent:
    """The one value that says: known not to exist."""


NOTHING: Final = Absent()
Answer = int | str | Absent | None
Reader = Callable[[Any, dt.date], Answer]


@dataclass(frozen=True)
class _Declared:
    reader: Reader
    reads: tuple[str, ...]
    source: str


_DECLARED: dict[str, dict[str, _Declared]] = {}


@dataclass(frozen=True)
class Attribute:
    """One fact of one subject: ``state`` is value or absent; a date is days since 1970, a bool 0 or 1. ``source`` says who keeps it."""

    subject_id: str
    fact: str
    state: str
    value: int | str | None
    source: str = REGISTRY


def fact(name: str, *, subject: str = "enterprise", reads: Iterable[str] = (), source: str = REGISTRY) -> Callable[[Reader], Reader]:
    """Declare a function ``(row, day) -> value in storage units, NOTHING or None`` as the source of a fact.

    Args:
        name: the fact, as ``facts.yaml`` lists it.
        subject: the kind of row it speaks of.
        reads: names of the relations it reads with ``row.NAME.all()``; they are fetched once for everybody, not row by row.
        source: who keeps the rows it is read from, as ``sources.yaml`` names them and ``facts.yaml`` lists them for the fact.

    Raises:
        ValueError: the fact is declared by two functions.
    """

    def declare(reader: Reader) -> Reader:
        known = _DECLARED.setdefault(subject, {})
        if name in known and known[name].reader.__qualname__ != reader.__qualname__:
            raise ValueError(f"fact {name} is declared twice")
        known[name] = _Declared(reader, tuple(reads), source)
        return reader

    return declare


def declared(subject: str = "enterprise") -> Mapping[str, Reader]:
    """The declared facts of a subject kind, by name."""
    return {name: one.reader for name, one in _DECLARED.get(subject, {}).items()}


def sources(subject: str = "enterprise") -> Mapping[str, str]:
    """Who keeps each declared fact of a subject kind, by the fact's name."""
    return {name: one.source for name, one in _DECLARED.get(subject, {}).items()}


def related(subject: str = "enterprise") -> tuple[str, ...]:
    """The relations that the declared facts read: fetch them together before asking for many rows."""
    return tuple(sorted({relation for one in _DECLARED.get(subject, {}).values() for relation in one.reads}))


def attributes_of(row: Any, subject_id: str, day: dt.date, subject: str = "enterprise") -> Iterator[Attribute]:
    """What the declared facts say of one row; an unknown fact says nothing."""
    for name, one in _DECLARED.get(subject, {}).items():
        answer = one.reader(row, day)
        if answer is None:
            continue
        known = not isinstance(answer, Absent)
        yield Attribute(subject_id, name, VALUE if known else ABSENT, answer if known else None, one.source)  # type: ignore[arg-type]
