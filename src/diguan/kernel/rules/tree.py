"""The typed tree of a policy document: names resolved, units folded, nothing left to guess.

Every number is an exact ``Fraction`` in the fact's *display* unit (元, 人, 亩 …), a share or growth in
units of one (3% is 3/100); a face multiplies by the scale of the data it runs over. Money a benefit
pays out is whole fen. The tree holds no data and reads no date: what depends on ``as_of`` stays symbolic.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from pathlib import Path

from diguan.kernel.catalogue import FactSpec
from diguan.kernel.messages import Message
from diguan.kernel.periods import Day, add_months

OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "in", "starts_with", "between", "exists")
SYNONYMS = {"≠": "!=", "≤": "<=", "≥": ">="}
ORDERED = ("<", "<=", ">", ">=", "between")
AGGREGATIONS = ("sum", "count", "max", "min", "latest", "growth")
ROUNDINGS = ("down_to_fen", "half_up_to_fen", "down_to_yuan", "half_up_to_yuan", "up_to_yuan")
DELIVERIES = ("automatic_entitlement", "fast_claim", "application")
MOST_CLAUSES = 31

TRUE, FALSE, UNKNOWN = 0, 1, 2
"""A verdict as the two bits of ``code``."""
INELIGIBLE, ELIGIBLE, UNDECIDED = 0, 1, 2
"""A status as ``match.parquet`` writes it."""
VERDICT_WORDS = {TRUE: "true", FALSE: "false", UNKNOWN: "unknown"}
STATUS_WORDS = {INELIGIBLE: "ineligible", ELIGIBLE: "eligible", UNDECIDED: "unknown"}


@dataclass(frozen=True)
class AsOf:
    """A date value written as ``as_of``, ``as_of - 12 months`` or ``as_of + 3 months``."""

    months: int = 0

    def on(self, as_of: Day) -> Day:
        """The day it names; one that does not exist becomes the month's last day."""
        return add_months(as_of, self.months)


Value = Fraction | str | bool | dt.date | AsOf


@dataclass(frozen=True)
class Word:
    """A period word, synonyms resolved: ``year`` (with ``years`` ≤ 0), ``last_12_months``, ``previous_quarter``, ``all``."""

    name: str
    years: int = 0

    @property
    def text(self) -> str:
        return f"year:{self.years}" if self.name == "year" else self.name


@dataclass(frozen=True)
class Read:
    """A fact as a condition or a benefit reads it.

    An attribute has neither window nor aggregation. ``over: latest`` is the window ``all`` with
    ``agg`` latest. ``exists`` over a window may have no ``agg``: any value row.
    """

    fact: FactSpec
    window: Word | None = None
    agg: str | None = None

    @property
    def facts(self) -> tuple[FactSpec, ...]:
        return (self.fact,)

    @cached_property
    def _hash(self) -> int:
        return hash((self.fact.name, self.window, self.agg))

    def __hash__(self) -> int:
        return self._hash  # worked out once: sets and tables of comparisons ask for it all the time

    @cached_property
    def type(self) -> str:
        """The result's type: the fact's own, or ``count``, or ``percent`` for a growth."""
        return {"count": "count", "growth": "percent"}.get(self.agg or "", self.fact.type)


@dataclass(frozen=True)
class Ratio:
    """``a op k·b``, both sides sums over the window; ``k`` is a's display unit per b's display unit."""

    a: FactSpec
    b: FactSpec
    window: Word

    @cached_property
    def sides(self) -> tuple[Read, Read]:
        """The two sums it divides."""
        return Read(self.a, self.window, "sum"), Read(self.b, self.window, "sum")

    @property
    def facts(self) -> tuple[FactSpec, ...]:
        return (self.a, self.b)

    @cached_property
    def type(self) -> str:
        """``percent`` where both sides have one unit, else ``pair``."""
        return "percent" if self.a.unit == self.b.unit else "pair"


Source = Read | Ratio


@dataclass(frozen=True)
class Compare:
    """One comparison. ``values``: none for exists, two for between, any number for in and starts_with, else one."""

    of: Source
    op: str
    values: tuple[Value, ...] = ()

    @cached_property
    def _hash(self) -> int:
        return hash((self.of, self.op, self.values))

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def numbers(self) -> tuple[Fraction, ...] | None:
        """Its limits where they are numbers whatever the day; None else."""
        found = tuple(value for value in self.values if isinstance(value, Fraction))
        return found if len(found) == len(self.values) else None


@dataclass(frozen=True)
class All:
    of: tuple[Condition, ...]


@dataclass(frozen=True)
class Any:
    of: tuple[Condition, ...]


@dataclass(frozen=True)
class Not:
    of: Condition


Condition = All | Any | Not | Compare


@dataclass(frozen=True)
class Cite:
    """The words a clause stands on; ``span`` is where they are in ``Policy.text``."""

    article: str
    quote: str
    span: tuple[int, int]


@dataclass(frozen=True)
class Clause:
    id: str
    cite: Cite
    condition: Condition
    on_missing: str = "ask"
    line: int = 0


@dataclass(frozen=True)
class Flat:
    amount_fen: int
    rounding: str = "down_to_fen"


@dataclass(frozen=True)
class Rate:
    """``rate`` is fen per one display unit of the base: 10% of money in yuan is 10."""

    of: Read
    rate: Fraction
    cap_fen: int | None = None
    rounding: str = "down_to_fen"


@dataclass(frozen=True)
class Step:
    """Reached at ``at_least`` (display units of the base); pays ``amount_fen`` or ``rate``, never both."""

    at_least: Fraction
    amount_fen: int | None = None
    rate: Fraction | None = None


@dataclass(frozen=True)
class Tiers:
    """Steps lowest first: the highest one reached counts for the whole base; below the lowest 0."""

    of: Read
    steps: tuple[Step, ...]
    cap_fen: int | None = None
    rounding: str = "down_to_fen"


Benefit = Flat | Rate | Tiers


@dataclass(frozen=True)
class OrderKey:
    """A ranking key of the allocation step."""

    of: Read
    descending: bool = False


@dataclass(frozen=True)
class Budget:
    """What the allocation step may give out: money, and at most so many ``places`` (None: any number)."""

    amount_fen: int
    order: tuple[OrderKey, ...] = ()
    when_exhausted: str = "waitlist"
    places: int | None = None


@dataclass(frozen=True)
class Review:
    """The fair-competition review."""

    status: str
    date: Day | None = None
    record: str = ""


@dataclass(frozen=True)
class Origin:
    """The document a policy was read from."""

    document: str
    file: str
    sha256: str


@dataclass(frozen=True)
class Example:
    """A worked example, raw: ``examples`` turns it into rows and judges it."""

    name: str
    as_of: Day
    facts: Mapping[str, object]
    expect: Mapping[str, object]
    line: int = 0


@dataclass(frozen=True, eq=False)
class Policy:
    """A whole document. Runs record its ``id`` and :attr:`digest`; two objects are equal only if they are one."""

    id: str
    title: Mapping[str, str]
    in_force_from: Day
    in_force_to: Day | None
    clauses: tuple[Clause, ...]
    benefit: Benefit
    version: str
    origin: Origin
    text: str = field(repr=False, default="")
    issuer: str = ""
    recorded_at: Day | None = None
    delivery: str = "application"
    legal_basis: str = ""
    review: Review | None = None
    exclusive_with: tuple[str, ...] = ()
    budget: Budget | None = None
    examples: tuple[Example, ...] = field(repr=False, default=())
    path: Path | None = None
    sha256: str = ""
    """The digest of the document, whatever version it gives itself."""

    def in_force(self, as_of: Day) -> bool:
        """Both ends are included; no ``to`` is open."""
        return self.in_force_from <= as_of and (self.in_force_to is None or as_of <= self.in_force_to)

    @property
    def digest(self) -> str:
        """What tells one text from another: two documents may give themselves one version."""
        return self.sha256 or self.version

    @cached_property
    def facts(self) -> tuple[FactSpec, ...]:
        """Every fact it reads, in order of first reading: a change of any other fact leaves it alone."""
        sources = [source for clause in self.clauses for source in sources_of(clause.condition)]
        if not isinstance(self.benefit, Flat):
            sources.append(self.benefit.of)
        return tuple(dict.fromkeys(fact for source in sources for fact in source.facts))

    @property
    def unpublishable(self) -> tuple[Message, ...]:
        """Why it may be tried but not published; empty if it may be."""
        reasons = []
        if not self.legal_basis:
            reasons.append(Message("没有写明法律或政策依据", "no legal basis is given"))
        if self.review is None or self.review.status != "passed":
            reasons.append(Message("没有通过公平竞争审查的记录", "no passed fair-competition review is recorded"))
        return tuple(reasons)

    @property
    def publishable(self) -> bool:
        return not self.unpublishable

    def label(self, language: str = "zh") -> str:
        return self.title.get(language) or self.title.get("zh") or self.id


def comparisons(condition: Condition) -> Iterator[Compare]:
    """Every comparison in a condition, in file order."""
    if isinstance(condition, Compare):
        yield condition
    elif isinstance(condition, Not):
        yield from comparisons(condition.of)
    else:
        for part in condition.of:
            yield from comparisons(part)


def sources_of(condition: Condition) -> Iterator[Source]:
    """Every read and ratio in a condition, in file order."""
    for comparison in comparisons(condition):
        yield comparison.of


def has_near_miss(clause: Clause) -> bool:
    """Whether the clause can be missed by a distance: one single ordered comparison of numbers or dates."""
    return isinstance(clause.condition, Compare) and clause.condition.op in ORDERED
