"""What an indicator 指标 is: what is counted, which of it, over which span, held against what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from diguan.kernel.messages import Message

SPANS = ("month", "quarter", "year", "to_date", "day")
"""Over a month, a quarter, a year, from January to the month, or what stands at the month's last day."""
SUM, COUNT, LAST, DISTINCT, KINDS, SHARE, MEAN_SHARE, P50, P90 = "sum", "count", "last", "distinct", "kinds", "share", "mean_share", "p50", "p90"
FACT_FOLDS = (SUM, COUNT, LAST)
LINE_FOLDS = (SUM, COUNT, DISTINCT, KINDS, SHARE, MEAN_SHARE, P50, P90)
WHOLE_FOLDS = (KINDS, P50, P90)
"""Folds of which no single row has a part of its own."""
_SPANS = {"month": Message("当月", "a month"), "quarter": Message("当季", "a quarter"), "year": Message("全年", "a year"), "to_date": Message("1 月起累计", "January to the month"), "day": Message("期末", "a day")}
CHANGES = ("", "yoy", "mom")
"""As it is, against the same span a year before, against the span before."""
SCOPES = ("statistics", "department", "self_reported")
DIRECTIONS = ("up", "down", "none")
FACT, MEASURE, RATIO = "fact", "measure", "ratio"
Where = tuple[tuple[str, tuple[str, ...]], ...]
"""Which of it: for each name the values that count, in order of the names."""


@dataclass(frozen=True)
class Source:
    """What is folded: a fact of enterprises or the lines of a measure, by its name. ``each``: of what the fold ``kinds`` counts how many different ones there are.

    ``beside``: only firms that were told of this other fact too; so above and below a line stand the same firms.
    """

    kind: str
    name: str
    where: Where
    fold: str
    span: str
    each: str = ""
    beside: Source | None = None

    @property
    def cohort(self) -> tuple[str, str, Where, str]:
        """Whom it speaks of and when: figures of different cohorts are not divided. Facts all speak of the enterprises of the register."""
        return (self.kind, self.name if self.kind == MEASURE else "enterprise", self.where, self.span)


@dataclass(frozen=True)
class Over:
    """One indicator divided by another, by their codes. ``part``: the top is a part of the bottom's cohort, with a filter more.

    ``mean``: the mean of the firms' own ratios instead of the ratio of the sums; a firm counts that both were told of and that has some of the bottom.
    """

    top: str
    bottom: str
    part: bool
    mean: bool = False


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


def of_both(of: Over, top: Source, bottom: Source) -> tuple[Source, Source]:
    """Above and below of a ratio: of two facts, the firms that were told of both; else the one told of more would count firms the other knows nothing of.

    >>> one, two = Source("fact", "tax.paid", (), "sum", "year"), Source("fact", "land.area", (), "last", "year")
    >>> of_both(Over("a", "b", False), one, two)[0].beside == two, of_both(Over("a", "b", True), one, two)[0].beside
    (True, None)
    """
    if of.part or top.cohort != bottom.cohort or top.kind != FACT or top.name == bottom.name or COUNT in (top.fold, bottom.fold):
        return top, bottom
    return replace(top, beside=bottom), replace(bottom, beside=top)


def refusal(top: Source, bottom: Source, part: bool, titles: Mapping[str, Message]) -> Message | None:
    """Why one is not divided by the other: they speak of different records, filters or spans. None: they may be. ``titles`` name what they are folded from.

    >>> of = Source("measure", "projects.funds", (), "sum", "year")
    >>> refusal(of, of, False, {}) is None
    True
    >>> names = {"projects.funds": Message("到资", "funds"), "projects.contracts": Message("合同额", "contracts")}
    >>> refusal(of, Source("measure", "projects.contracts", (), "sum", "year"), False, names).en
    'not of one cohort: one counts funds, the other contracts, and the records behind them differ'
    """
    if top.cohort == bottom.cohort:
        return None
    if top.span != bottom.span:
        one, two = _SPANS[top.span], _SPANS[bottom.span]
        return Message(f"不是同一批：期间不同，一个是{one.zh}，一个是{two.zh}", f"not of one cohort: different spans, one of {one.en}, the other of {two.en}")
    if top.cohort[:2] != bottom.cohort[:2]:
        first, second = titles[top.name], titles[bottom.name]
        return Message(f"不是同一批：一个数的是{first.zh}，一个数的是{second.zh}，背后的记录不同", f"not of one cohort: one counts {first.en}, the other {second.en}, and the records behind them differ")
    if part and set(top.where) >= set(bottom.where):
        return None
    return Message("不是同一批：筛选条件不同", "not of one cohort: different filters")
