"""What a match runs over: attributes (wide), facts (long), coverage and catalogue. Plain data, no database.

Enterprises are numbered in the order of their ids and every (fact, period, state) that occurs is a *key*,
numbered by fact and time: the set face then filters and groups small integers only. Both faces read this class.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from diguan.kernel.catalogue import Catalogue
from diguan.kernel.messages import Message
from diguan.kernel.periods import Day, Period
from diguan.kernel.rules.scalar import Row, SubjectFacts
from diguan.kernel.rules.windows import Coverage

ROWS = pa.schema([("ent", pa.int32()), ("key", pa.int32()), ("num", pa.int64()), ("text", pa.string()),
                  ("top", pa.bool_())])
_EPOCH = Day(1970, 1, 1)
FEW = 50


@dataclass(frozen=True)
class DataProblem:
    """One thing wrong in a data file: where, and what was expected, in both languages."""

    file: str
    row: int | None
    column: str
    message: Message

    @property
    def where(self) -> str:
        return ":".join(str(part) for part in (self.file, self.row, self.column) if part not in (None, ""))

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


class DatasetError(ValueError):
    """Data that cannot be used; ``problems`` says where and why, in file order."""

    def __init__(self, problems: Sequence[DataProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Key(NamedTuple):
    """One fact, period and state that occurs in the rows; ``number`` sorts by fact, then time, and is odd for a value."""

    number: int
    fact: str
    start: Day
    end: Day
    value: bool


@dataclass(frozen=True)
class Dataset:
    """Facts of many enterprises. ``attributes`` has ``ent`` and one column per fact without a period."""

    ids: tuple[str, ...]
    attributes: pa.Table
    rows: pa.Table
    keys: tuple[Key, ...]
    coverage: Mapping[str, tuple[Period, ...]]
    catalogue: Catalogue
    sources: Mapping[str, str] = field(default_factory=dict)
    """What it was read from: file name to sha256, for a run's manifest."""
    standards: Mapping[str, str] = field(default_factory=dict)
    """The facts that a standard told of everybody, each with the digest of the standard's document."""
    gaps: Coverage | None = None
    """``coverage`` with its gaps, where another dataset of the same batches has worked them out already."""

    def scale(self, fact: str) -> int:
        """Storage units in one display unit, in this data."""
        return self.catalogue[fact].scale if fact in self.catalogue else 1

    def attribute_columns(self) -> tuple[str, ...]:
        return tuple(name for name in self.attributes.column_names if name != "ent")

    @cached_property
    def covered_always(self) -> frozenset[str]:
        """The facts of which ``all`` is covered: an attribute nobody filled in is then absent."""
        return frozenset(fact for fact, periods in self.coverage.items() if any(period.kind == "all" for period in periods))

    @cached_property
    def known_gaps(self) -> Coverage:
        """The coverage with its gaps, worked out once for all enterprises."""
        return self.gaps or Coverage(self.coverage)

    @cached_property
    def scales(self) -> Mapping[str, int]:
        """Storage units in one display unit of every fact, in this data."""
        return {name: spec.scale for name, spec in self.catalogue.items()}

    @cached_property
    def keys_of(self) -> Mapping[str, tuple[Key, ...]]:
        """The keys of each fact, in order."""
        found: dict[str, list[Key]] = {}
        for key in self.keys:
            found.setdefault(key.fact, []).append(key)
        return {fact: tuple(keys) for fact, keys in found.items()}

    def largest_sum(self, fact: str) -> int:
        """No sum of one enterprise's values of a fact is larger, or smaller than its negative."""
        found = self.keys_of.get(fact, ())
        once = not any(key.start == key.end for key in found)  # of a day there may be several rows, of other periods one each
        return self._largest * (len(found) if once else self.rows.num_rows)

    @cached_property
    def _largest(self) -> int:
        ends = pc.min_max(self.rows.column("num")).as_py()
        return max(abs(ends["min"] or 0), abs(ends["max"] or 0))

    @cached_property
    def names(self) -> pa.Array:
        """``ids`` as a column."""
        return pa.array(self.ids, pa.string())

    def number_of(self, subject_id: str) -> int | None:
        """The enterprise's number, or None if it is not in this data."""
        at = bisect_left(self.ids, subject_id)
        return at if at < len(self.ids) and self.ids[at] == subject_id else None

    @cached_property
    def _rows_by_enterprise(self) -> dict[int, list[tuple[int, int | None, str | None]]]:
        found: dict[int, list[tuple[int, int | None, str | None]]] = {}
        columns = [self.rows.column(name).to_pylist() for name in ("ent", "key", "num", "text")]
        for ent, key, num, text in zip(*columns, strict=True):
            found.setdefault(ent, []).append((key, num, text))
        return found

    @cached_property
    def _key_of(self) -> dict[int, Key]:
        return {key.number: key for key in self.keys}

    def series(self, subject_id: str) -> dict[str, list[tuple[Key, int | str | None]]]:
        """All dated rows of one enterprise by fact, in time order; the value of an absent row is None."""
        number = self.number_of(subject_id)
        found: dict[str, list[tuple[Key, int | str | None]]] = {}
        for at, num, text in sorted(self._rows_by_enterprise.get(number, ()) if number is not None else (),
                                    key=lambda row: row[0]):
            key = self._key_of[at]
            found.setdefault(key.fact, []).append((key, num if num is not None else text))
        return found

    def attributes_of(self, subject_id: str) -> dict[str, int | str]:
        """The attributes one enterprise has a value for."""
        number = self.number_of(subject_id)
        if number is None:
            return {}
        row = self.attributes.slice(number, 1).to_pylist()[0]
        return {name: value for name, value in row.items() if name != "ent" and value is not None}

    def subject_facts(self, subject_id: str) -> SubjectFacts:
        """One enterprise's facts for the single-enterprise face."""
        if len(self.ids) > FEW:
            return self._put_together(subject_id)
        if subject_id not in self._subjects:
            self._subjects[subject_id] = self._put_together(subject_id)
        return self._subjects[subject_id]

    def _put_together(self, subject_id: str) -> SubjectFacts:
        attributes = self.attributes_of(subject_id)
        rows = {fact: [Row(key.start, key.end, value if key.value else None) for key, value in series]
                for fact, series in self.series(subject_id).items()}
        absent = (self.covered_always | rows.keys()) - attributes.keys()
        return SubjectFacts(attributes, rows, self.known_gaps, frozenset(absent), self.scales)

    @cached_property
    def _subjects(self) -> dict[str, SubjectFacts]:
        """Of few enterprises, what was put together once: a page judges each of them many times."""
        return {}


def days(day: dt.date) -> int:
    """Days since 1970-01-01, as dates are stored."""
    return (day - _EPOCH).days
