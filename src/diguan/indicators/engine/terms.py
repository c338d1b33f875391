"""What an indicator 指标 is: what is counted, which of it, over which span, held against what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from diguan.kernel.messages import Message

SPANS = ("month", "quarter", "year", "to_date", "day")
"""Over a month, a quarter, a year, from January to the month, or what stands at the month's last day."""
SUM, COUNT, LAST, DISTINCT, SHARE, MEAN_SHARE, P50, P90 = "sum", "count", "last", "distinct", "share", "mean_share", "p50", "p90"
FACT_FOLDS = (SUM, COUNT, LAST)
LINE_FOLDS = (SUM, COUNT, DISTINCT, SHARE, MEAN_SHARE, P50, P90)
CHANGES = ("", "yoy", "mom")
"""As it is, against the same span a year before, against the span before."""
SCOPES = ("statistics", "department", "self_reported")
DIRECTIONS = ("up", "down", "none")
FACT, MEASURE, RATIO = "fact", "measure", "ratio"
Where = tuple[tuple[str, tuple[str, ...]], ...]
"""Which of it: for each name the values that count, in order of the names."""


@dataclass(frozen=True)
class Source:
    """What is folded: a fact of enterprises or the lines of a measure, by its name."""

    kind: str
    name: str
    where: Where
    fold: str
    span: str

    @property
    def cohort(self) -> tuple[str, str, Where, str]:
        """Whom it speaks of and when: figures of different cohorts are not divided. Facts all speak of the enterprises of the register."""
        return (self.kind, self.name if self.kind == MEASURE else "enterprise", self.where, self.span)


@dataclass(frozen=True)
class Over:
    """One indicator divided by another, by their codes. ``part``: the top is a part of the bottom's cohort, with a filter more."""

    top: str
    bottom: str
    part: bool


@dataclass(frozen=True)
class Indicator:
    """One version of an indicator. ``of`` says what it is; ``by`` names its breakdowns; ``digest`` is that of its whole definition.

    ``scale``: so many storage units make one ``unit`` (fen in 元: 100). A change (``yoy``, ``mom``) and a share are percentages.
    ``why`` says what changed against the version before; ``public``: it may be published as open data.
    """

    code: str
    version: int
    effective_from: dt.date
    title: Message
    definition: Message
    scope: str
    owner: Message
    source: Message
    direction: str
    unit: str
    scale: int
    of: Source | Over
    change: str
    by: tuple[str, ...]
    weight: int
    public: bool
    why: Message | None
    firms: bool
    digest: str

    @property
    def name(self) -> str:
        """Code and version."""
        return f"{self.code}@{self.version}"

    @property
    def kind(self) -> str:
        """fact, measure or ratio."""
        return RATIO if isinstance(self.of, Over) else self.of.kind

    @property
    def is_share(self) -> bool:
        """Whether its value is one number over another."""
        return bool(self.change) or isinstance(self.of, Over) or self.of.fold in (SHARE, MEAN_SHARE)


@dataclass(frozen=True)
class Book:
    """Every version of every indicator: code → versions, oldest first."""

    versions: Mapping[str, tuple[Indicator, ...]]

    def at(self, code: str, day: dt.date) -> Indicator:
        """The version in force on a day; before the first the first.

        Raises:
            KeyError: there is no such indicator.
        """
        found = self.versions[code]
        return next((one for one in reversed(found) if one.effective_from <= day), found[0])

    def newest(self, code: str) -> Indicator:
        """The last version.

        Raises:
            KeyError: there is no such indicator.
        """
        return self.versions[code][-1]


def source_of(one: Indicator, book: Book, day: dt.date) -> Source:
    """What an indicator is folded from in the end: of a ratio what its top is.

    >>> # a ratio of a ratio is refused by the loader, so this ends after one step
    """
    return source_of(book.at(one.of.top, day), book, day) if isinstance(one.of, Over) else one.of


def refusal(top: Source, bottom: Source, part: bool) -> Message | None:
    """Why one is not divided by the other: they speak of different records, filters or spans. None: they may be.

    >>> of = Source("measure", "projects.funds", (), "sum", "year")
    >>> refusal(of, of, False) is None
    True
    >>> refusal(of, Source("measure", "projects.contracts", (), "sum", "year"), False).en
    'not of one cohort: different records (projects.funds, projects.contracts)'
    """
    if top.cohort == bottom.cohort:
        return None
    if top.span != bottom.span:
        return Message(f"不是同一批：期间不同（{top.span}、{bottom.span}）", f"not of one cohort: different spans ({top.span}, {bottom.span})")
    if top.cohort[:2] != bottom.cohort[:2]:
        return Message(f"不是同一批：记录不同（{top.name}、{bottom.name}）", f"not of one cohort: different records ({top.name}, {bottom.name})")
    if part and set(top.where) >= set(bottom.where):
        return None
    return Message("不是同一批：筛选条件不同", "not of one cohort: different filters")
