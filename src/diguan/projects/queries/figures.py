"""Figures of promotion, each of a cohort on a day, with the projects behind it; a ratio only within one cohort (``engine/cohorts.py``)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from diguan.kernel import access, clocks
from diguan.kernel.measures import measure
from diguan.kernel.messages import Message
from diguan.kernel.records import chunks
from diguan.kernel.stages.models import Passage
from diguan.projects.engine import cohorts, counting
from diguan.projects.models import Fund, Project, ProjectKind
from diguan.projects.queries import counted, fulfilment, funds
from diguan.projects.queries.projects import VIEW as VIEW_PROJECT

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person

VIEW = "projects.view_figure"
EXPORT = "projects.export_figure"
STARTED = ("construction", "production", "full_capacity", "above_scale")
PRODUCING = STARTED[1:]
GONE = ("lost", "abandoned")

COHORTS: Mapping[str, Message] = {
    "signed": Message("期间新签约的项目", "projects newly signed in the period"),
    "introduced": Message("期间立项的新引进项目", "new projects opened in the period"),
    "contracted": Message("期间有合同额计入的项目（含增资）", "projects with contracted investment counted in the period, additions included"),
    "funded": Message("期间有资金到位的项目", "projects with funds that arrived in the period"),
    "all": Message("到时点为止立项的全部项目", "every project opened by the day"),
}
"""The rules that pick projects."""


@dataclass(frozen=True)
class Sample:
    """What a figure is of: the projects a rule picked, as far as the person may see them, a period with both ends, and the day it is asked of.

    ``known_at`` is the last word counted, None: now.
    """

    rule: str
    start: dt.date
    end: dt.date
    as_of: dt.date
    known_at: dt.datetime | None
    members: frozenset[int]
    book: counting.Book = field(repr=False, compare=False)

    @property
    def cohort(self) -> cohorts.Cohort:
        """The cohort as ratios compare it. The period belongs to the rule, but of all projects."""
        return cohorts.Cohort(self.rule if self.rule == "all" else f"{self.rule}/{self.start}/{self.end}", self.title, self.members, self.as_of)

    @property
    def title(self) -> Message:
        """The rule in words, with its period."""
        words = COHORTS[self.rule]
        return words if self.rule == "all" else Message(f"{words.zh}，{self.start} 至 {self.end}", f"{words.en}, {self.start} to {self.end}")

    @cached_property
    def of_period(self) -> dict[int, int]:
        """What counts of each member's agreements signed in the period, in fen."""
        return self.book.within(self.start, self.end, self.members).by_project()

    @cached_property
    def to_date(self) -> dict[int, int]:
        """The same of everything signed by the day."""
        return self.book.within(projects=self.members).by_project()

    @cached_property
    def arrived(self) -> dict[int, int]:
        """What arrived for each member by the day, in fen."""
        return funds.by_project(self.members, self.as_of, self.known_at)

    @cached_property
    def arrived_in_period(self) -> dict[int, int]:
        """The same within the period."""
        return funds.by_project(self.members, min(self.end, self.as_of), self.known_at, self.start)

    @cached_property
    def returnees(self) -> frozenset[int]:
        """The members proved to be returnees'."""
        return self.members & counted.returnees(self.known_at)

    @cached_property
    def fulfilled(self) -> frozenset[int]:
        """The members whose investor kept everything that fell due."""
        return fulfilment.fulfilled(self.members, self.as_of, self.known_at)

    def reached(self, stages: tuple[str, ...]) -> frozenset[int]:
        """The members that came to one of these stages by the day and were not lost or given up by then."""
        return self._passed(stages) - self._passed(GONE)

    def _passed(self, targets: tuple[str, ...]) -> frozenset[int]:
        found: set[int] = set()
        for part in chunks(sorted(self.members)):
            rows = Passage.objects.filter(course__project__in=part, target__in=targets, day__lte=self.as_of)
            rows = rows.filter(at__lte=self.known_at) if self.known_at is not None else rows
            found |= set(rows.order_by().values_list("course__project", flat=True))
        return frozenset(found)


def sample(person: Person, rule: str, start: dt.date, end: dt.date, as_of: dt.date | None = None, known_at: dt.datetime | None = None) -> Sample:
    """The projects a rule picks on a day, of those the person may see.

    Args:
        person: who asks.
        rule: one of :data:`COHORTS`.
        start: first day of the period.
        end: its last day.
        as_of: the day that is asked of, None: the end of the period, today at most.
        known_at: what was entered later is left out; None: nothing is.

    Raises:
        access.Forbidden: they may see no figures. KeyError: there is no such rule.
    """
    access.require(person, VIEW)
    return samples(person, (rule,), start, end, as_of, known_at)[rule]


def samples(person: Person, rules: Iterable[str], start: dt.date, end: dt.date, as_of: dt.date | None = None, known_at: dt.datetime | None = None) -> dict[str, Sample]:
    """As :func:`sample` for several rules at once: everything is counted once.

    Raises:
        access.Forbidden, KeyError: as :func:`sample`.
    """
    access.require(person, VIEW)
    day = as_of or min(end, clocks.today())
    book = counted.book(day, known_at)
    mine = frozenset(access.visible(Project.objects.filter(opened_on__lte=day), person, VIEW_PROJECT).order_by().values_list("pk", flat=True))
    seen = frozenset(access.visible(Project.objects.all(), person, VIEW_PROJECT).order_by().values_list("pk", flat=True))
    return {rule: Sample(rule, start, end, day, known_at, _PICK[rule](book, start, min(end, day), day, known_at) & (mine if rule in ("introduced", "all") else seen), book) for rule in rules}


Pick = Callable[[counting.Book, dt.date, dt.date, dt.date, "dt.datetime | None"], frozenset[int]]


def _funded(book: counting.Book, start: dt.date, end: dt.date, day: dt.date, known_at: dt.datetime | None) -> frozenset[int]:
    return frozenset(funds.arrived(Fund.objects.filter(paid_on__gte=start), end, known_at).order_by().values_list("project", flat=True))


_PICK: Mapping[str, Pick] = {
    "signed": lambda book, start, end, day, known: frozenset(book.within(start, end).firsts),
    "introduced": lambda book, start, end, day, known: frozenset(Project.objects.filter(kind=ProjectKind.NEW, opened_on__range=(start, end)).order_by().values_list("pk", flat=True)),
    "contracted": lambda book, start, end, day, known: frozenset(book.within(start, end).by_project()),
    "funded": _funded,
    "all": lambda book, start, end, day, known: frozenset(Project.objects.order_by().values_list("pk", flat=True)),
}


# ── figures ──────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Spec:
    """One figure: what it reads of a sample, and the projects behind it."""

    title: Message
    unit: str
    definition: Message
    read: Callable[[Sample], int | None]
    behind: Callable[[Sample], frozenset[int]]


def _firms(of: Sample) -> int:
    """How many investors, not projects: one investor counts once."""
    rows = Project.objects.filter(pk__in=of.returnees).order_by().values_list("investor_uscc", "core_key", "investor_key")
    return len({core or name or uscc for uscc, core, name in rows})


def _of(amounts: Mapping[int, int]) -> frozenset[int]:
    return frozenset(key for key, fen in amounts.items() if fen)


FIGURES: Mapping[str, Spec] = {
    "projects": Spec(Message("项目数", "Projects"), "个", Message("这批项目一共几个，一个项目只算一次", "How many projects the cohort holds; each counts once"), lambda of: len(of.members), lambda of: of.members),
    "contracted": Spec(Message("合同引资额", "Contracted investment"), "元", Message("期间签订、按计数规则计入的合同额；框架协议不计，增资只计增量，重签不计", "What counts of contracts signed in the period by the counting rules: no frameworks, only increments of additions, nothing of what is signed again"),
                       lambda of: sum(of.of_period.values()), lambda of: _of(of.of_period)),
    "contracted_to_date": Spec(Message("累计合同引资额", "Contracted to date"), "元", Message("这批项目到时点为止计入的全部合同额", "All that counts of the cohort's contracts by the day"), lambda of: sum(of.to_date.values()), lambda of: _of(of.to_date)),
    "in_place": Spec(Message("实际到位资金", "Funds in place"), "元", Message("期间付款、由录入人以外的人核实过且没有冲销的到资", "Funds paid in the period, verified by another than who entered them, and not reversed"),
                     lambda of: sum(of.arrived_in_period.values()), lambda of: _of(of.arrived_in_period)),
    "in_place_to_date": Spec(Message("累计到位资金", "Funds in place to date"), "元", Message("这批项目到时点为止核实过的全部到资", "All verified funds of the cohort's projects by the day"), lambda of: sum(of.arrived.values()), lambda of: _of(of.arrived)),
    "returnee_projects": Spec(Message("湘商回归项目", "Returnees' projects"), "个", Message("有凭据、经另一个人核实的回归项目", "Projects proved to be returnees' and verified by another"), lambda of: len(of.returnees), lambda of: of.returnees),
    "returnee_firms": Spec(Message("湘商回归企业", "Returnee firms"), "家", Message("上述项目的投资方，一家只算一次", "The investors of those projects, each once"), _firms, lambda of: of.returnees),
    "returnee_contracted": Spec(Message("回归项目累计合同额", "Contracted by returnees to date"), "元", Message("回归项目到时点为止计入的合同额", "What counts of returnees' contracts by the day"),
                                lambda of: sum(fen for key, fen in of.to_date.items() if key in of.returnees), lambda of: of.returnees & _of(of.to_date)),
    "started": Spec(Message("开工项目", "Started"), "个", Message("到时点为止过了开工或投产关口、没有流失或终止的项目", "Projects past the gate of construction or production by the day, not lost or given up"), lambda of: len(of.reached(STARTED)), lambda of: of.reached(STARTED)),
    "producing": Spec(Message("投产项目", "Producing"), "个", Message("到时点为止过了投产关口、没有流失或终止的项目", "Projects past the gate of production by the day, not lost or given up"), lambda of: len(of.reached(PRODUCING)), lambda of: of.reached(PRODUCING)),
    "fulfilled": Spec(Message("履约项目", "Projects that fulfil"), "个", Message("投资方到期的约定都已履行或豁免的项目；没有到期约定的不算", "Projects whose investor met, or was let off, everything that fell due; none where nothing fell due"), lambda of: len(of.fulfilled), lambda of: of.fulfilled),
}


@dataclass(frozen=True)
class Rate:
    """A named ratio of two figures of one cohort."""

    title: Message
    top: str
    bottom: str


RATES: Mapping[str, Rate] = {
    "fulfilment_rate": Rate(Message("履约率", "Fulfilment rate"), "fulfilled", "projects"),
    "start_rate": Rate(Message("开工率", "Start rate"), "started", "projects"),
    "production_rate": Rate(Message("投产率", "Production rate"), "producing", "projects"),
    "funds_rate": Rate(Message("资金到位率", "Funds-in-place rate"), "in_place_to_date", "contracted_to_date"),
    "returnee_share": Rate(Message("回归项目占比（按个数）", "Returnees' share by number"), "returnee_projects", "projects"),
    "returnee_amount_share": Rate(Message("回归项目占比（按合同额）", "Returnees' share by amount"), "returnee_contracted", "contracted_to_date"),
}


def figure(name: str, of: Sample) -> cohorts.Figure:
    """A figure with its cohort."""
    spec = FIGURES[name]
    return cohorts.Figure(name, spec.title, spec.read(of), spec.unit, of.cohort)


def ratio(top: str, above: Sample, bottom: str, below: Sample) -> cohorts.Ratio | cohorts.Refused:
    """One figure over another, refused where they are of two cohorts."""
    return cohorts.ratio(figure(top, above), figure(bottom, below))


def rate(name: str, of: Sample) -> int | None:
    """A named ratio in basis points; one cohort above and below, so it is never refused."""
    found = ratio(RATES[name].top, of, RATES[name].bottom, of)
    return found.points if isinstance(found, cohorts.Ratio) else None


def amounts(name: str, of: Sample) -> Mapping[int, int] | None:
    """What each project behind a figure of money has in it, in fen; None of a figure that counts projects."""
    found = {"contracted": "of_period", "contracted_to_date": "to_date", "returnee_contracted": "to_date", "in_place": "arrived_in_period", "in_place_to_date": "arrived"}.get(name)
    return getattr(of, found) if found else None


def _rows(person: Person, keys: frozenset[int]) -> list[Project]:
    return list(access.visible(Project.objects.filter(pk__in=keys), person, VIEW_PROJECT).order_by("name_key", "id"))


def _declare(name: str, spec: Spec) -> None:
    measure(f"projects.{name}", title=spec.title, unit=spec.unit, definition=spec.definition, permission=VIEW, rows=lambda person, of: _rows(person, spec.behind(of)))(spec.read)


def _declare_rate(name: str, one: Rate) -> None:
    top, bottom = FIGURES[one.top], FIGURES[one.bottom]
    measure(f"projects.{name}", title=one.title, unit="%", permission=VIEW, rows=lambda person, of: _rows(person, bottom.behind(of)),
            definition=Message(f"同一批项目的{top.title.zh} ÷ {bottom.title.zh}，分母是哪一批写在旁边", f"{top.title.en} over {bottom.title.en} of one cohort, which is named beside it"))(lambda of: rate(name, of))


for _name, _spec in FIGURES.items():
    _declare(_name, _spec)
for _name, _rate in RATES.items():
    _declare_rate(_name, _rate)
