"""Measures of cases 成效: working days and trips counted from what was done, held against the former way; nothing is claimed.

**Days.** From the day a case was handed in (that day not counted) up to and with the day its results were given out, in working days of
the calendar. ``days`` counts all of them; ``own_days`` leaves out those on which the case waited for its applicant's correction.
**Trips.** Contacts of the kind “到现场”, from handing in to giving out. **Before.** What the document of the life event said of the matters
of this case when it was opened. Where it said nothing (0), the case has no figure before: it is counted as missing and is in no reduction.
**Which cases.** Reductions are of cases whose results were given out; one that ended otherwise is in no reduction.
"""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from diguan.kernel import access, clocks, packs, remember
from diguan.kernel.access.models import Person
from diguan.kernel.measures import measure
from diguan.kernel.messages import Message
from diguan.services.engine.reduction import Reduction, reduction
from diguan.services.queries import case_counts, cases
from diguan.services.queries.case_counts import Told
from diguan.services.queries.cases import VIEW

Counts = Callable[[Told], bool]


@dataclass(frozen=True)
class Choice:
    """Which cases: of one life event (its key), in which one office (its id) has a matter, of one year or month; empty for all."""

    event: str = ""
    bureau: str = ""
    period: str = ""

    def takes(self, one: Told) -> bool:
        """Whether a case is one of these."""
        return (not self.event or one.event == self.event) and (not self.bureau or self.bureau in {str(unit) for unit in one.bureaus}) and one.month.startswith(self.period)

    @property
    def query(self) -> dict[str, str]:
        """As an address has it."""
        return {name: text for name, text in (("event", self.event), ("bureau", self.bureau), ("period", self.period)) if text}


@dataclass(frozen=True)
class Book:
    """Cases that a person may see, as they stand on a day."""

    told: tuple[Told, ...]
    as_of: dt.date | None
    known_at: dt.datetime | None

    def of(self, counts: Counts) -> tuple[Told, ...]:
        """Those that count."""
        return tuple(one for one in self.told if counts(one))

    def within(self, choice: Choice) -> Book:
        """Those of a choice."""
        return replace(self, told=self.of(choice.takes))


def book(person: Person, choice: Choice | None = None) -> Book:
    """The cases this person may see, told for the measures.

    Raises:
        access.Forbidden: the person may see no cases, or only an enterprise's own.
    """
    access.require(person, VIEW)
    day = clocks.today()
    whole = remember.once(("case_measures", person.pk, day), lambda: Book(tuple(case_counts.told(cases.visible_cases(person), day, packs.calendar())), day, clocks.now()))
    return whole.within(choice) if choice else whole


# ── which cases count ────────────────────────────────────────────────────────
def every(one: Told) -> bool:
    """Every one that was handed in."""
    return True


def is_open(one: Told) -> bool:
    """Under way."""
    return not one.over


def is_late(one: Told) -> bool:
    """A step of it ran, or runs, past its term."""
    return one.late


def delivered(one: Told) -> bool:
    """Its results were given out."""
    return one.ended is not None


def corrected(one: Told) -> bool:
    """The applicant was told to correct something."""
    return one.corrected


def rated(one: Told) -> bool:
    """The applicant rated it."""
    return one.stars is not None


def online(one: Told) -> bool:
    """It was handed in by the page."""
    return one.online


def days_known(one: Told) -> bool:
    """Given out, with a figure of the days before."""
    return delivered(one) and one.days_before is not None


def days_missing(one: Told) -> bool:
    """Given out, without one."""
    return delivered(one) and one.days_before is None


def trips_known(one: Told) -> bool:
    """Given out, with a figure of the trips before."""
    return delivered(one) and one.trips_before is not None


def trips_missing(one: Told) -> bool:
    """Given out, without one."""
    return delivered(one) and one.trips_before is None


def visited(one: Told) -> bool:
    """Given out, and somebody came for it."""
    return delivered(one) and one.trips > 0


def _rows(counts: Counts) -> Callable[[Person, Any], Sequence[Told]]:
    """The cases behind a figure, as far as the person may see them now."""

    def behind(person: Person, of: Book) -> Sequence[Told]:
        seen = set(cases.visible_cases(person).values_list("pk", flat=True))
        return [one for one in of.of(counts) if one.pk in seen]

    return behind


# ── the reductions ───────────────────────────────────────────────────────────
def days_cut(told: Iterable[Told]) -> Reduction | None:
    """By how much the days fell, in both ways; None where no case has a figure before."""
    return _cut([(one.days_before, one.days) for one in told if days_known(one)])


def own_days_cut(told: Iterable[Told]) -> Reduction | None:
    """As :func:`days_cut`, without the days on which it waited for the applicant."""
    return _cut([(one.days_before, one.own_days) for one in told if days_known(one)])


def trips_cut(told: Iterable[Told]) -> Reduction | None:
    """By how much the trips fell, in both ways."""
    return _cut([(one.trips_before, one.trips) for one in told if trips_known(one)])


def _cut(pairs: Collection[tuple[int | None, int]]) -> Reduction | None:
    return reduction([before or 0 for before, _after in pairs], [after for _before, after in pairs]) if pairs else None


def points(share: float | None) -> int | None:
    """A share in basis points, to the nearest."""
    return None if share is None else round(share * 10_000)


_DAYS = Message("天数 = 提交次日起到送达当天的工作日，含等补正的日子；原来的天数 = 提交时这件事的文件里写的；没有原来天数的件不算",
                "days = working days after the day of handing in, up to the day of giving out, waits for corrections included; before = what the life event's document said at the time; cases without it are left out")
_OWN = Message("同上，但等申请人补正的日子不算", "the same without the days on which the case waited for the applicant's correction")
_TRIPS = Message("次数 = 登记的到现场次数，从提交到送达；原来的次数 = 提交时这件事的文件里写的；没有原来次数的件不算",
                 "trips = visits noted from handing in to giving out; before = what the life event's document said at the time; cases without it are left out")
_MEAN = Message("每件的压减率（原来 − 现在）÷ 原来，再平均：每件一样重", "(before − now) ÷ before of each case, then the mean: every case counts the same")
_SUM = Message("（原来合计 − 现在合计）÷ 原来合计：每天（次）一样重", "(sum before − sum now) ÷ sum before: every day (trip) counts the same")


def _both(way: Message, what: Message) -> Message:
    return Message(f"{way.zh}。{what.zh}", f"{way.en}; {what.en}")


@measure("services.case_days_cut_mean", title=Message("天数压减（每件平均）", "Days cut, mean of ratios"), unit="%", permission=VIEW, rows=_rows(days_known), definition=_both(_MEAN, _DAYS))
def days_cut_mean(of: Book) -> int | None:
    """Mean of ratios, in basis points."""
    return _mean(days_cut(of.told))


@measure("services.case_days_cut_sum", title=Message("天数压减（合计）", "Days cut, ratio of sums"), unit="%", permission=VIEW, rows=_rows(days_known), definition=_both(_SUM, _DAYS))
def days_cut_sum(of: Book) -> int | None:
    """Ratio of sums, in basis points."""
    return _sum(days_cut(of.told))


@measure("services.case_own_days_cut_mean", title=Message("天数压减，不含等补正（每件平均）", "Days cut without corrections, mean of ratios"), unit="%", permission=VIEW, rows=_rows(days_known),
         definition=_both(_both(_MEAN, _DAYS), _OWN))
def own_days_cut_mean(of: Book) -> int | None:
    """Mean of ratios of the days that were not the applicant's."""
    return _mean(own_days_cut(of.told))


@measure("services.case_own_days_cut_sum", title=Message("天数压减，不含等补正（合计）", "Days cut without corrections, ratio of sums"), unit="%", permission=VIEW, rows=_rows(days_known),
         definition=_both(_both(_SUM, _DAYS), _OWN))
def own_days_cut_sum(of: Book) -> int | None:
    """Ratio of sums of the days that were not the applicant's."""
    return _sum(own_days_cut(of.told))


@measure("services.case_trips_cut_mean", title=Message("跑动压减（每件平均）", "Trips cut, mean of ratios"), unit="%", permission=VIEW, rows=_rows(trips_known), definition=_both(_MEAN, _TRIPS))
def trips_cut_mean(of: Book) -> int | None:
    """Mean of ratios, in basis points."""
    return _mean(trips_cut(of.told))


@measure("services.case_trips_cut_sum", title=Message("跑动压减（合计）", "Trips cut, ratio of sums"), unit="%", permission=VIEW, rows=_rows(trips_known), definition=_both(_SUM, _TRIPS))
def trips_cut_sum(of: Book) -> int | None:
    """Ratio of sums, in basis points."""
    return _sum(trips_cut(of.told))


def _mean(found: Reduction | None) -> int | None:
    return points(found.mean_of_ratios) if found else None


def _sum(found: Reduction | None) -> int | None:
    return points(found.ratio_of_sums) if found else None


# ── the other figures ────────────────────────────────────────────────────────
@measure("services.case_days", title=Message("每件用了几天（中位数）", "Days a case took, median"), unit="个工作日", permission=VIEW, rows=_rows(delivered),
         definition=Message("送达的件从提交次日起到送达当天的工作日，取中位数（偶数件取较小的一个）", "working days of the cases given out, after the day of handing in up to the day of giving out: the median, of two middle ones the smaller"))
def case_days(of: Book) -> int | None:
    """The median of working days."""
    return _median([one.days for one in of.of(delivered)])


@measure("services.case_own_days", title=Message("每件用了几天，不含等补正（中位数）", "Days a case took without corrections, median"), unit="个工作日", permission=VIEW, rows=_rows(delivered),
         definition=Message("同上，等申请人补正的日子不算", "the same without the days on which it waited for the applicant's correction"))
def case_own_days(of: Book) -> int | None:
    """The median of the days that were not the applicant's."""
    return _median([one.own_days for one in of.of(delivered)])


@measure("services.case_trips", title=Message("到现场", "Visits"), unit="次", permission=VIEW, rows=_rows(visited), definition=Message("送达的件登记的到现场次数合计", "visits noted of the cases given out, summed"))
def case_trips(of: Book) -> int | None:
    """Visits of all of them; nothing where no case was given out."""
    found = of.of(delivered)
    return sum(one.trips for one in found) if found else None


def _median(days: list[int]) -> int | None:
    return statistics.median_low(days) if days else None


@measure("services.cases_opened", title=Message("提交", "Handed in"), unit="件", permission=VIEW, rows=_rows(every), definition=Message("提交的件，不论现在到哪一步", "cases handed in, wherever they stand now"))
def cases_opened(of: Book) -> int | None:
    """How many."""
    return len(of.told)


@measure("services.cases_open", title=Message("在办", "Under way"), unit="件", permission=VIEW, rows=_rows(is_open), definition=Message("提交了、还没有办结的件", "cases handed in that have not ended"))
def cases_open(of: Book) -> int | None:
    """How many."""
    return len(of.of(is_open))


@measure("services.cases_late", title=Message("超期", "Late"), unit="件", permission=VIEW, rows=_rows(is_late),
         definition=Message("有环节超过时限的件：办完时已过最晚那天的，和现在还没办完、已过最晚那天的；时限暂停的日子不算", "cases of which a step was done after its last day, or is not done and past it; paused days do not count"))
def cases_late(of: Book) -> int | None:
    """How many."""
    return len(of.of(is_late))


@measure("services.cases_ended", title=Message("送达办结", "Given out"), unit="件", permission=VIEW, rows=_rows(delivered), definition=Message("结果已送达的件", "cases whose results were given out"))
def cases_ended(of: Book) -> int | None:
    """How many."""
    return len(of.of(delivered))


@measure("services.case_corrections", title=Message("告知过补正", "Corrections asked"), unit="件", permission=VIEW, rows=_rows(corrected), definition=Message("窗口一次告知过补正的件", "cases of which a correction was asked, once"))
def case_corrections(of: Book) -> int | None:
    """How many."""
    return len(of.of(corrected))


@measure("services.case_online_share", title=Message("网上提交占比", "Handed in online"), unit="%", permission=VIEW, rows=_rows(online), definition=Message("网上提交的件 ÷ 提交的件", "cases handed in by the page ÷ cases handed in"))
def online_share(of: Book) -> int | None:
    """Basis points, rounded down."""
    return len(of.of(online)) * 10_000 // len(of.told) if of.told else None


@measure("services.case_rating", title=Message("好差评平均", "Mean rating"), unit="0.01 星", permission=VIEW, rows=_rows(rated), definition=Message("评价过的件的平均星级，5 星为最好；没评价的不算", "mean stars of the cases rated, 5 the best; those not rated are left out"))
def rating(of: Book) -> int | None:
    """Hundredths of a star."""
    stars = [one.stars for one in of.told if one.stars is not None]
    return round(100 * sum(stars) / len(stars)) if stars else None


@measure("services.case_days_missing", title=Message("没有原来的天数", "Without days before"), unit="件", permission=VIEW, rows=_rows(days_missing), definition=Message("送达的件里没有原来天数的：不算 0，不进压减率", "cases given out without days before: not 0, in no reduction"))
def no_days_before(of: Book) -> int | None:
    """How many."""
    return len(of.of(days_missing))


@measure("services.case_trips_missing", title=Message("没有原来的次数", "Without trips before"), unit="件", permission=VIEW, rows=_rows(trips_missing), definition=Message("送达的件里没有原来次数的：不算 0，不进压减率", "cases given out without trips before: not 0, in no reduction"))
def no_trips_before(of: Book) -> int | None:
    """How many."""
    return len(of.of(trips_missing))


COUNTS: Mapping[str, Counts] = {
    "case_days_cut_mean": days_known, "case_days_cut_sum": days_known, "case_own_days_cut_mean": days_known, "case_own_days_cut_sum": days_known, "case_trips_cut_mean": trips_known, "case_trips_cut_sum": trips_known,
    "case_days": delivered, "case_own_days": delivered, "case_trips": visited, "cases_opened": every, "cases_open": is_open, "cases_late": is_late, "cases_ended": delivered, "case_corrections": corrected,
    "case_online_share": online, "case_rating": rated, "case_days_missing": days_missing, "case_trips_missing": trips_missing}
"""Which cases count in each figure, by the word an address has for it."""
NAMES: Mapping[str, str] = {name: f"services.{name}" for name in COUNTS}
"""Every measure of cases by that word."""
