"""Plain reading of a data folder and of the quantities in policies, for the naive judge.

Shares no code with the engine. Coverage is checked period by period (day by day for dated events).
Numbers are exact: money in fen, dates as ordinals, everything else in the fact's own unit.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

Day = dt.date
Span = tuple[Day, Day]
Spec = dict[str, str]
BEGIN = Day.min
PREFIXES = {"": 1, "百": 100, "千": 1000, "万": 10_000, "百万": 10**6, "千万": 10**7, "亿": 10**8}
MONTHS = {"year": 12, "quarter": 3, "month": 1}


# ---- days and periods -------------------------------------------------------------------------

def shift(day: Day, months: int) -> Day:
    """A day that does not exist becomes the month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return Day(year, month + 1, min(last, day.day))
        except ValueError:
            continue
    raise AssertionError(day)


def one_day(day: Day, days: int) -> Day:
    return day + dt.timedelta(days=days)


def period_of(day: Day, kind: str) -> Span:
    if kind == "day":
        return day, day
    first = Day(day.year, (day.month - 1) // MONTHS[kind] * MONTHS[kind] + 1, 1)
    return first, one_day(shift(first, MONTHS[kind]), -1)


def read_period(text: object) -> tuple[str, Span]:
    text = str(text)
    if re.fullmatch(r"\d{4}", text):
        return "year", period_of(Day(int(text), 1, 1), "year")
    if found := re.fullmatch(r"(\d{4})-Q([1-4])", text):
        return "quarter", period_of(Day(int(found[1]), int(found[2]) * 3, 1), "quarter")
    if found := re.fullmatch(r"(\d{4})-(\d\d)", text):
        return "month", period_of(Day(int(found[1]), int(found[2]), 1), "month")
    return "day", (Day.fromisoformat(text), Day.fromisoformat(text))


def inside(inner: Span, outer: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def touch(one: Span, other: Span) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


@dataclass(frozen=True)
class Window:
    """The days a period word names for a fact of one kind; ``span`` None is no day at all."""

    kind: str
    span: Span | None
    everything: bool = False

    def parts(self) -> Iterator[Span]:
        """Every whole period of the fact's kind in it, walked day by day."""
        if self.span is None:
            return
        day, end = self.span
        while day <= end:
            part = period_of(day, self.kind)
            if inside(part, self.span):
                yield part
            day = one_day(part[1], 1)

    def year_earlier(self) -> Window:
        if self.span is None:
            return self
        return Window(self.kind, (shift(self.span[0], -12), one_day(shift(one_day(self.span[1], 1), -12), -1)))


def window(word: str, kind: str, as_of: Day) -> Window:
    """What a period word means for a fact of this kind."""
    if word == "all":
        return Window(kind, (BEGIN, as_of), everything=True)
    this_year = (Day(as_of.year, 1, 1), as_of)
    if word.startswith("year:") and word != "year:0":
        year = as_of.year + int(word[5:])
        return Window(kind, (Day(year, 1, 1), Day(year, 12, 31)))
    if word == "previous_year":
        return window("year:-1", kind, as_of)
    if word == "previous_quarter":
        return Window(kind, period_of(one_day(period_of(as_of, "quarter")[0], -1), "quarter"))
    if word == "last_12_months":
        if kind == "day":
            return Window(kind, (one_day(shift(as_of, -12), 1), as_of))
        end = last_whole_end(kind, as_of)
        return Window(kind, (one_day(shift(one_day(end, 1), -12), 0), end))
    assert word in ("this_year", "year:0"), word
    if kind == "day":
        return Window(kind, this_year)
    end = last_whole_end(kind, as_of)
    return Window(kind, (this_year[0], end) if end >= this_year[0] else None)


def last_whole_end(kind: str, as_of: Day) -> Day:
    """The last day of the last whole period of the kind ended by ``as_of``."""
    first, last = period_of(as_of, kind)
    return last if last == as_of else one_day(first, -1)


# ---- the data ---------------------------------------------------------------------------------

@dataclass(frozen=True)
class Row:
    kind: str
    span: Span
    value: Any  # None says absent


@dataclass
class Subject:
    """Everything known about one enterprise.

    ``attributes``: name to value, None for absent; a name not there is unknown.
    ``complete``: fact to the periods said to be complete, "all" among them; ``holes``: in an
    example, the periods of a named fact that are not.
    """

    facts: dict[str, Spec]
    attributes: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    complete: dict[str, list[Any]] = field(default_factory=dict)
    holes: dict[str, list[Span]] = field(default_factory=dict)

    def known(self, fact: str, within: Window, as_of: Day) -> list[Row]:
        """A row belongs to a period if it lies wholly in it and not after as_of."""
        return [row for row in self.rows.get(fact, ())
                if within.span and inside(row.span, within.span) and row.span[1] <= as_of]

    def covers(self, fact: str, part: Span, as_of: Day) -> bool:
        """Does one period (or day) lie in a coverage period or in a row ending by as_of?"""
        if fact in self.holes:
            if not any(touch(part, hole) for hole in self.holes[fact]):
                return True
        elif any(span == "all" or inside(part, span) for span in self.complete.get(fact, ())):
            return True
        return any(inside(part, row.span) and row.span[1] <= as_of for row in self.covering_rows(fact))

    def covering_rows(self, fact: str) -> list[Row]:
        """A value row of a day fact covers nothing, since another event may follow that day."""
        return [row for row in self.rows.get(fact, ())
                if row.value is None or self.facts[fact]["period"] != "day"]

    def covered(self, fact: str, within: Window, as_of: Day) -> bool:
        if within.everything:
            if fact in self.holes:
                return not any(hole[0] <= as_of for hole in self.holes[fact])
            return "all" in self.complete.get(fact, ())
        return all(self.covers(fact, part, as_of) for part in within.parts())

    def touched(self, fact: str, within: Window, as_of: Day) -> bool:
        """Does any coverage touch the window?"""
        if within.span is None:
            return False
        if fact in self.holes and not any(inside(within.span, hole) for hole in self.holes[fact]):
            return True
        return (any(span == "all" or touch(span, within.span) for span in self.complete.get(fact, ()))
                or any(touch(row.span, within.span) and row.span[1] <= as_of for row in self.covering_rows(fact)))


def read_value(spec: Spec, text: str) -> Any:
    """A cell of facts.csv or enterprises.csv; money in yuan becomes fen."""
    kind = spec["type"]
    if kind == "money":
        return Fraction(text) * 100
    if kind == "number":
        return Fraction(text)
    if kind == "date":
        return Day.fromisoformat(text).toordinal()
    return text == "true" if kind == "bool" else text


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def read_folder(folder: Path) -> dict[str, Subject]:
    """A data folder in CSV: enterprises, facts, coverage, catalogue."""
    facts = {row["fact"]: row for row in read_csv(folder / "catalogue.csv")}
    for spec in facts.values():
        spec["period"] = spec["period"] or "none"
    complete: dict[str, list[Any]] = {}
    for row in read_csv(folder / "coverage.csv"):
        complete.setdefault(row["fact"], []).append(
            "all" if row["period"] == "all" else read_period(row["period"])[1])
    subjects = {row["uscc"]: Subject(facts, read_attributes(facts, complete, row), complete=complete)
                for row in read_csv(folder / "enterprises.csv")}
    for row in read_csv(folder / "facts.csv"):
        kind, span = read_period(row["period"])
        value = read_value(facts[row["fact"]], row["value"]) if row["state"] == "value" else None
        subjects[row["uscc"]].rows.setdefault(row["fact"], []).append(Row(kind, span, value))
    return subjects


def read_attributes(facts: dict[str, Spec], complete: dict[str, list[Any]], row: dict[str, str]) -> dict[str, Any]:
    """An empty cell is unknown, unless coverage lists the fact with period "all": then absent."""
    found: dict[str, Any] = {}
    for fact, spec in facts.items():
        if spec["period"] == "none" and (cell := row.get(fact.rsplit(".", 1)[1], "")):
            found[fact] = read_value(spec, cell)
        elif spec["period"] == "none" and "all" in complete.get(fact, ()):
            found[fact] = None
    return found


def read_example(facts: dict[str, Spec], given: dict[str, Any]) -> Subject:
    """A fact that is named is complete but for periods given as unknown; one not named is unknown."""
    subject = Subject(facts)
    for fact, value in given.items():
        if value == "unknown":
            continue
        if facts[fact]["period"] == "none":
            subject.attributes[fact] = None if value == "absent" else threshold(facts[fact], value, BEGIN)
            continue
        rows, holes = subject.rows.setdefault(fact, []), subject.holes.setdefault(fact, [])
        for period, one in ({} if value == "absent" else value).items():
            kind, span = read_period(period)
            if one == "unknown":
                holes.append(span)
            else:
                rows.append(Row(kind, span, None if one == "absent" else threshold(facts[fact], one, BEGIN)))
    return subject


# ---- quantities in policies -------------------------------------------------------------------

def quantity(text: object) -> tuple[Fraction, str]:
    """``5万元`` is (50000, 元); a pair ``10万元/亩`` is (100000, 元/亩)."""
    number, unit = re.fullmatch(r"\s*([+-]?[\d.,]+)\s*(.*?)\s*", str(text)).groups()  # type: ignore[union-attr]
    worth = Fraction(number.replace(",", ""))
    for prefix in sorted(PREFIXES, key=len, reverse=True):
        if unit.startswith(prefix) and len(unit) > len(prefix):
            return worth * PREFIXES[prefix], unit[len(prefix):]
    return worth, unit


def threshold(spec: Spec, value: object, as_of: Day) -> Any:
    """A value written in a policy or an example, in the numbers the data is read into."""
    kind = spec["type"]
    if kind in ("money", "number"):
        number, _ = quantity(value)
        return number * 100 if kind == "money" else number
    if kind == "date":
        if found := re.fullmatch(r"as_of(?:\s*([+-])\s*(\d+) months?)?", str(value)):
            return shift(as_of, int(f"{found[1] or '+'}{found[2] or 0}")).toordinal()
        return Day.fromisoformat(str(value)).toordinal()
    return value


def rate_of(text: object) -> Fraction:
    """``3%`` is 0.03; ``10万元/亩`` is fen for one 亩."""
    number, unit = quantity(text)
    if unit == "%":
        return number / 100
    return number * 100 if unit.startswith("元/") else number
