"""What the pages of the measures of cases show: figures in words, a line for each group, bars before and now, the simulations, what a row does to the days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel import money, pictures
from diguan.kernel.access.models import Person
from diguan.kernel.clocks import EXTEND, PAUSE, RESUME, START, STOP
from diguan.kernel.measures import MEASURES, Figure
from diguan.kernel.shell import language
from diguan.kernel.templatetags.diguan import number
from diguan.services.engine import trials
from diguan.services.engine.reduction import Reduction
from diguan.services.engine.spells import Spread
from diguan.services.engine.trials import Trial
from diguan.services.models import TouchKind
from diguan.services.queries import case_measures, published
from diguan.services.queries.case_evidence import BEGINS, CLOCK, ENDS, PASSAGE, RUNS_ON, TRIP, WAITS, Happened
from diguan.services.queries.case_groups import FEWEST, Group, few, figure_of
from diguan.services.queries.case_measures import NAMES, Book, Choice, points
from diguan.services.queries.case_trials import Trials, Tried
from diguan.services.queries.published import DAYS, TRIPS, Published

HEADLINES = (("case_days_cut_mean", DAYS), ("case_days_cut_sum", DAYS), ("case_trips_cut_mean", TRIPS), ("case_trips_cut_sum", TRIPS))
MORE = ("cases_opened", "cases_open", "cases_late", "cases_ended", "case_days", "case_own_days", "case_own_days_cut_mean", "case_own_days_cut_sum", "case_corrections", "case_online_share", "case_rating",
        "case_days_missing", "case_trips_missing")
UNITS = {"个工作日": gettext_lazy("个工作日"), "件": gettext_lazy("件"), "次": gettext_lazy("次"), "0.01 星": gettext_lazy("星")}
DOES = {BEGINS: gettext_lazy("从次日起算天数"), ENDS: gettext_lazy("天数算到这天"), WAITS: gettext_lazy("次日起等申请人"), RUNS_ON: gettext_lazy("次日起接着算"), TRIP: gettext_lazy("算跑动 1 次")}
HAPPENED = {(PASSAGE, "started"): gettext_lazy("开始"), (PASSAGE, "done"): gettext_lazy("办结这一步"), (PASSAGE, "skipped"): gettext_lazy("不需办理"), (CLOCK, START): gettext_lazy("时限开始"),
            (CLOCK, PAUSE): gettext_lazy("时限暂停"), (CLOCK, RESUME): gettext_lazy("时限接着算"), (CLOCK, EXTEND): gettext_lazy("时限延长"), (CLOCK, STOP): gettext_lazy("时限停止")}
SORTS = {PASSAGE: gettext_lazy("流转"), CLOCK: gettext_lazy("时限"), "touch": gettext_lazy("联系")}


# ── figures ──────────────────────────────────────────────────────────────────
def words(figure: Figure) -> tuple[str, str]:
    """A figure and its unit; an em dash for what nobody can know."""
    unit, num = figure.measure.unit, figure.num
    if num is None:
        return "—", ""
    if unit == "%":
        return money.percent(num), ""
    return (number(num / 100) if unit == "0.01 星" else number(num)), str(UNITS[unit])


def of_case(title: Mapping[str, str]) -> str:
    """A title in the page's language."""
    return title.get("zh" if language().startswith("zh") else "en") or title["zh"]


def address(name: str, choice: Choice) -> str:
    """Where the cases behind a figure are."""
    return f"{reverse('services:case_measure', args=[name])}?{urlencode(choice.query)}".rstrip("?")


def tiles(person: Person, book: Book, choice: Choice, *, public: bool) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The headline reductions, each with the gap to what was published, and the other figures; in public without their rows, and none of few cases."""
    if public and few(book):
        return [], []
    return [_tile(person, book, choice, name, published.known().get(claim), public=public) for name, claim in HEADLINES], [_tile(person, book, choice, name, None, public=public) for name in MORE]


def _tile(person: Person, book: Book, choice: Choice, name: str, claim: Published | None, *, public: bool) -> dict[str, Any]:
    figure = figure_of(person, book, name, public=public)
    text, unit = words(figure)
    note = _("{gap}（按 {n} 件）").format(gap=gap(figure.num, claim), n=len(book.of(case_measures.COUNTS[name]))) if claim and figure.num is not None else gap(None, claim) if claim else _("{n} 件评价过").format(n=len(book.of(case_measures.rated))) if name == "case_rating" and not public else ""
    return {"title": figure.measure.title.text(language()), "text": text, "unit": unit, "note": note, "url": "" if public else address(name, choice)}


def gap(basis_points: int | None, claim: Published) -> str:
    """How far a reduction is from what was published, in percentage points."""
    rest = claim.gap(basis_points)
    if rest is None:
        return _("公开说过 {n}%").format(n=claim.less_by)
    told = money.digits(pct(abs(rest)), 2)
    return _("公开说过 {n}%，还差 {gap} 个百分点").format(n=claim.less_by, gap=told) if rest > 0 else _("公开说过 {n}%，超过 {gap} 个百分点").format(n=claim.less_by, gap=told) if rest else _("和公开说过的 {n}% 一样").format(n=claim.less_by)


def short(rest: int | None) -> str:
    """A gap in percentage points, in few words."""
    return "—" if rest is None else _("差 {n}").format(n=money.digits(pct(rest), 1)) if rest > 0 else _("超 {n}").format(n=money.digits(pct(-rest), 1))


def pct(basis_points: int) -> Decimal:
    """Basis points as per cent."""
    return Decimal(basis_points) / 100


def told(person: Person, book: Book, name: str) -> str:
    """One figure in words."""
    return " ".join(filter(None, words(figure_of(person, book, name))))


def definitions() -> list[tuple[str, str]]:
    """Every measure with what it counts."""
    return [(MEASURES[full].title.text(language()), MEASURES[full].definition.text(language())) for full in NAMES.values()]


# ── groups ───────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class GroupLine:
    """A group with its figures by name; of one that is hidden there are none."""

    group: Group
    figures: Mapping[str, int | None]
    public: bool

    @property
    def title(self) -> str:
        """Its name in the page's language."""
        return of_case(self.group.title)

    @property
    def stars(self) -> Decimal | None:
        """The mean rating."""
        found = self.figures.get("case_rating")
        return None if found is None else pct(found)


def lines(person: Person, groups: Iterable[Group], *, public: bool) -> list[GroupLine]:
    """The groups as the list shows them."""
    return [GroupLine(group, {} if group.hidden else {name: figure_of(person, group.book, name, public=public).num for name in NAMES}, public) for group in groups]


def bars(groups: Sequence[Group], *, public: bool) -> list[dict[str, Any]]:
    """Of each group the days before and now of the same cases, in the mean, as pieces of a bar; a group without such cases has none, nor in public one of few."""
    found = [(group, told, sum(one.days_before or 0 for one in told) / len(told), sum(one.days for one in told) / len(told)) for group in groups
             for told in [group.book.of(case_measures.days_known)] if told and not group.hidden and not (public and len(told) < FEWEST)]
    most = max((max(before, now) for _group, _told, before, now in found), default=0.0)
    return [{"title": of_case(group.title), "before": _one(before), "now": _one(now), "cases": len(told), "was": pictures.span(0, before, most), "is": pictures.span(0, now, most)} for group, told, before, now in found]


def _one(days: float) -> str:
    return number(round(days, 1))


# ── simulations ──────────────────────────────────────────────────────────────
def simulated(found: Trials, book: Book) -> dict[str, Any]:
    """The simulations as a table, each beside what was measured of its cases; ``whole`` is the last line."""
    rows = [_tried(one, [case for case in book.told if case.event == one.key]) for one in found.tried]
    whole = {"title": _("合计"), **_trial(found.whole), **_measured(book.told), "cases": found.measured} if found.whole else None
    return {"rows": rows, "whole": whole, "seed": found.seed, "runs": trials.RUNS, "inputs": found.inputs, "digest": found.digest, "causes": _causes(found.whole) if found.whole else []}


def _tried(one: Tried, cases: Sequence[Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"title": one.document.label(language()), "cases": one.measured, "left": one.left, "url": reverse("services:life_event", args=[one.key])}
    return {**told, **_measured(cases), **(_trial(one.trial) if one.trial else {"problem": one.problem.text(language()) if one.problem else ""})}


def _trial(one: Trial | None) -> dict[str, Any]:
    if one is None:
        return {}
    before, after = one.spreads
    return {"before": _spread(before), "after": _spread(after), "days": _reduction(one.time, DAYS), "trips": _reduction(one.trips, TRIPS)}


def _spread(one: Spread) -> str:
    return f"{_one(one.p50)} / {_one(one.p90)}"


def _reduction(one: Reduction | None, name: str) -> dict[str, Any]:
    if one is None:
        return {}
    mean, claim = points(one.mean_of_ratios), published.known().get(name)
    total = points(one.ratio_of_sums)
    return {"mean": "—" if mean is None else money.percent(mean), "sum": "—" if total is None else money.percent(total), "gaps": "" if claim is None else " / ".join(short(claim.gap(each)) for each in (mean, total))}


def _measured(told: Sequence[Any]) -> dict[str, Any]:
    return {"real_days": _reduction(case_measures.days_cut(told), DAYS), "real_trips": _reduction(case_measures.trips_cut(told), TRIPS)}


def _causes(one: Trial) -> list[tuple[str, str]]:
    days = [(trials.WORDS[cause].text(language()), _("{n} 天").format(n=money.digits(pct(round(float(part) * -100)), 1))) for cause, part in one.causes.items()]
    return days + [(trials.WORDS[cause].text(language()), _("{n} 次").format(n=money.digits(pct(round(float(part) * -100)), 1))) for cause, part in one.trip_causes.items()]


# ── one case ─────────────────────────────────────────────────────────────────
def happened(one: Happened) -> dict[str, Any]:
    """A row of what happened, and what it does to the figures."""
    kind = TouchKind(one.kind).label if one.sort == "touch" else HAPPENED.get((one.sort, one.kind), one.kind)
    days = _("{n} 个工作日").format(n=one.days) if one.days else ""
    return {"row": one, "title": of_case(one.title), "what": kind, "sort": SORTS[one.sort], "days": days, "does": DOES.get(one.does, "")}
