"""Pages of the measures of cases 成效: the reductions beside what was published, by life event, bureau and month; the cases behind a figure; what one case is counted from; the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from diguan.kernel import access, clocks, money, packs
from diguan.kernel.access.models import Person
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.lists.files import streamed
from diguan.kernel.measures import MEASURES, behind
from diguan.kernel.shell import asking, language, or_404, whole
from diguan.services.engine.trials import MOST_SEED, SEED
from diguan.services.models import Case
from diguan.services.queries import case_evidence, case_groups, case_log, case_measures, case_trials, cases, published
from diguan.services.queries import life_events as events
from diguan.services.queries.case_counts import Told
from diguan.services.queries.case_groups import BUREAU, EVENT, MONTH
from diguan.services.queries.case_measures import NAMES, Book, Choice
from diguan.services.web import case_measure_words as words
from diguan.services.web.case_lists import PAGE, of_office
from diguan.services.web.case_measure_words import GroupLine
from diguan.services.web.cases import view_of

NO_CASES = (gettext_lazy("还没有办件"), gettext_lazy("企业在“办一件事”里提交之后，这里就有。"))
_BY = [(EVENT, gettext_lazy("一件事")), (BUREAU, gettext_lazy("部门")), (MONTH, gettext_lazy("月份"))]


# ── what is chosen ───────────────────────────────────────────────────────────
def _unchanged(rows: Any, _value: str) -> Any:
    """The rows were made from the choice already."""
    return rows


def _filters(book: Book) -> list[Filter]:
    offered = case_groups.options(book)
    return [Filter("period", gettext_lazy("年或月"), choices=[(period, period) for period in offered.periods], apply=_unchanged),
            Filter("event", gettext_lazy("一件事"), choices=[(key, words.of_case(title)) for key, title in offered.events.items()], apply=_unchanged),
            Filter("bureau", gettext_lazy("部门"), choices=list(offered.bureaus.items()), apply=_unchanged)]


def _chosen(request: HttpRequest, filters: list[Filter]) -> dict[str, str]:
    """The filters that are set, with values that are offered."""
    bare = ListPage(title="", rows=lambda _person: (), columns=(), permission=cases.VIEW, filters=filters)
    return {item.key: value for item, value in bare.chosen(request)}


def _choice(chosen: dict[str, str]) -> Choice:
    return Choice(chosen.get("event", ""), chosen.get("bureau", ""), chosen.get("period", ""))


def _book(request: HttpRequest) -> Book:
    """The cases of this person; for a file those that they may take out."""
    person = asking(request)
    of_office(person)
    found = case_measures.book(person)
    if request.GET.get("export") in ("xlsx", "csv"):
        may = set(access.visible(Case.objects.all(), person, cases.EXPORT).values_list("pk", flat=True))
        found = Book(found.of(lambda one: one.pk in may), found.as_of, found.known_at)
    return found


# ── the page ─────────────────────────────────────────────────────────────────
def _figure(name: str, kind: str, *, label: Any = "", in_file: bool = False, wide: bool = False, note: Callable[[GroupLine], Any] | None = None) -> Column:
    return Column(f"figures.{name}", label or MEASURES[NAMES[name]].title.text(language()), kind=kind, sort=True, in_file=in_file, wide=wide, link=lambda line: _opens(name, line), note=note)


def _opens(name: str, line: GroupLine) -> str:
    return "" if line.group.hidden or line.public or not line.figures.get(name) else words.address(name, line.group.choice)


def _total(name: str) -> Callable[[GroupLine], str]:
    """The ratio of sums, under the mean of ratios."""
    return lambda line: "" if line.figures.get(name) is None else _("合计 {share}").format(share=money.percent(line.figures[name] or 0))


def _columns(by: str) -> list[Column]:
    shares = ("case_days_cut_sum", "case_trips_cut_sum", "case_own_days_cut_mean", "case_own_days_cut_sum")
    file = ("cases_opened", "cases_open", "case_own_days", "case_trips", "case_days_missing", "case_trips_missing")
    return [Column("title", dict(_BY)[by], head=True, link=_narrowed, note=_small),
            _figure("cases_ended", "number"), _figure("case_days", "number", label=gettext_lazy("天数（中位数）")), _figure("case_days_cut_mean", "percent", note=_total("case_days_cut_sum")),
            _figure("case_trips_cut_mean", "percent", note=_total("case_trips_cut_sum")), _figure("cases_late", "number"), _figure("case_corrections", "number", label=gettext_lazy("补正"), wide=True),
            _figure("case_online_share", "percent", label=gettext_lazy("网上提交"), wide=True), Column("stars", gettext_lazy("好差评（星）"), kind="number", sort=True, wide=True, link=lambda line: _opens("case_rating", line)),
            *(_figure(name, "percent", in_file=True) for name in shares), *(_figure(name, "number", in_file=True) for name in file)]


def _narrowed(line: GroupLine) -> str:
    return "" if line.public else f"{reverse('services:case_measures')}?{urlencode(line.group.choice.query)}"


def _small(line: GroupLine) -> str:
    return _("太少，不公开") if line.group.hidden else ""


def _listed(book: Book, choice: Choice, by: str, filters: list[Filter], rows: Callable[[Person], Any]) -> ListPage:
    about = [*words.definitions(), (_("公开的数"), "；".join(f"{one.said}（{one.as_of}，{one.source}）" for one in published.known().values())), (_("工作日历"), packs.calendar().version),
             (_("截至"), book.as_of.isoformat() if book.as_of else "")]
    return ListPage(title=gettext_lazy("成效"), rows=rows, columns=_columns(by), permission=cases.VIEW, export_permission=cases.EXPORT, filters=filters, file_name="case-measures", template="services/case_measures.html",
                    about=about, empty=NO_CASES)


@require_GET
def measures(request: HttpRequest) -> HttpResponse:
    """The reductions beside what was published, the other figures, a line a group, and the simulations."""
    whole_book, person = _book(request), asking(request)
    filters = [Filter("by", gettext_lazy("怎么分"), choices=_BY, apply=_unchanged), *_filters(whole_book), Filter("public", _("公开用：不足 {n} 件的不列").format(n=case_groups.FEWEST), kind="bool", apply=_unchanged)]
    chosen = _chosen(request, filters)
    choice, by, public = _choice(chosen), chosen.get("by", EVENT), "public" in chosen
    book = whole_book.within(choice)
    groups = case_groups.groups(whole_book, by, choice, public=public)
    page = _listed(book, choice, by, filters, lambda person: words.lines(person, groups, public=public))
    headlines, more = words.tiles(person, book, choice, public=public)
    return page.show(request, headlines=headlines, more=more, public=public, nothing_ended=bool(book.told) and not book.of(case_measures.delivered), definitions=words.definitions(),
                     bars=words.bars(groups, public=public), published=[_published(one) for one in published.known().values()], day=book.as_of, calendar=packs.calendar().version,
                     provisional=any(one.provisional for one in book.told), keep=[(key, text) for key, text in chosen.items() if text], few=public and case_groups.few(book), **_simulated(request, book, choice, public=public))


def _published(one: published.Published) -> dict[str, Any]:
    return {"said": one.said, "day": one.as_of, "source": one.source, "open": one.leaves_open.text(language()), "provisional": one.provisional}


def _simulated(request: HttpRequest, book: Book, choice: Choice, *, public: bool) -> dict[str, Any]:
    """The simulations, for who may see life events; they speak of single cases' situations and are no public figures."""
    person = asking(request)
    if public or not access.may(person, events.VIEW):
        return {}
    asked = request.GET.get("seed", "").strip()
    seed = whole(asked, 10) if asked else SEED
    wrong = asked != "" and (not asked.isdigit() or seed > MOST_SEED)
    found = case_trials.tried(person, book, seed=SEED if wrong else seed, event=choice.event)
    return {"simulated": words.simulated(found, book), "assumed": case_trials.ASSUMED.text(language()), "seed_error": _("种子应是 0 到 {n} 的整数").format(n=MOST_SEED) if wrong else ""}


# ── the rows behind a figure ─────────────────────────────────────────────────
def _cut(before: int | None, now: int) -> int | None:
    return None if not before else round((before - now) * 10_000 / before)


def _before(number: int | None) -> str:
    return _("没有原来的数") if number is None else _("原来 {n}").format(n=number)


ROWS = (
    Column("number", gettext_lazy("编号"), head=True, link=lambda one: reverse("services:case_counted", args=[one.pk]), note=lambda one: words.of_case(one.title)),
    Column("event", gettext_lazy("一件事"), in_file=True, value=lambda one: words.of_case(one.title)), Column("applicant", gettext_lazy("申请人"), sort=True, wide=True),
    Column("day", gettext_lazy("提交"), kind="day", sort=True), Column("ended", gettext_lazy("送达"), kind="day", sort=True, nothing=gettext_lazy("还没有")),
    Column("days", gettext_lazy("天数"), kind="number", sort=True, note=lambda one: _("不含等补正 {n}").format(n=one.own_days) if one.corrected else ""), Column("own_days", gettext_lazy("不含等补正"), kind="number", in_file=True),
    Column("days_before", gettext_lazy("原来的天数"), kind="number", in_file=True),
    Column("days_cut", gettext_lazy("天数压减"), kind="percent", value=lambda one: _cut(one.days_before, one.days) if one.ended else None, note=lambda one: _before(one.days_before)),
    Column("trips", gettext_lazy("跑动"), kind="number", sort=True), Column("trips_before", gettext_lazy("原来跑的次数"), kind="number", in_file=True),
    Column("trips_cut", gettext_lazy("跑动压减"), kind="percent", value=lambda one: _cut(one.trips_before, one.trips) if one.ended else None, note=lambda one: _before(one.trips_before)),
    Column("late", gettext_lazy("超期"), kind="status", value=lambda one: ("bad", _("超期")) if one.late else ("ok", _("没有超期"))),
    Column("corrected", gettext_lazy("告知过补正"), in_file=True, value=lambda one: _("是") if one.corrected else _("否")), Column("online", gettext_lazy("网上提交"), in_file=True, value=lambda one: _("是") if one.online else _("否")),
    Column("stars", gettext_lazy("好差评（星）"), kind="number", sort=True, wide=True, nothing=gettext_lazy("没有评价")))


@require_GET
def measure(request: HttpRequest, name: str) -> HttpResponse:
    """Exactly the cases behind one figure."""
    if name not in NAMES:
        raise Http404
    whole_book = _book(request)
    filters = _filters(whole_book)
    choice = _choice(_chosen(request, filters))
    book, found = whole_book.within(choice), MEASURES[NAMES[name]]
    rows: list[Told] = list(behind(NAMES[name], asking(request), book))
    said = found.definition.text(language())
    page = ListPage(title=found.title.text(language()), rows=lambda _person: rows, columns=ROWS, permission=cases.VIEW, export_permission=cases.EXPORT, filters=filters, file_name=f"cases-{name}",
                    template="services/case_measure.html", empty=(gettext_lazy("这个数背后没有办件"), said), about=[(_("口径"), said)])
    tile = words.told(asking(request), book, name)
    return page.show(request, definition=said, figure=tile, back=urlencode(choice.query))


@require_GET
def counted(request: HttpRequest, number: int) -> HttpResponse:
    """What one case's days and trips are counted from."""
    of_office(asking(request))
    view_of(request, number)
    found = or_404(case_evidence.counted(asking(request), number))
    return render(request, "services/case_counted.html", {"found": found, "told": found.told, "title": words.of_case(found.told.title), "sentence": found.sentence.text(language()),
                                                        "rows": [words.happened(one) for one in found.happened], "calendar": packs.calendar().version,
                                                        "days_cut": _cut(found.told.days_before, found.told.days), "trips_cut": _cut(found.told.trips_before, found.told.trips)})


# ── the log ──────────────────────────────────────────────────────────────────
@require_GET
def log(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The cases of the list, as it is filtered, as an event log; packed where ``gz`` is asked."""
    person = asking(request)
    of_office(person)
    rows = case_log.exportable(person, PAGE.narrowed(request))
    texts, name = case_log.pieces(rows), f"cases-{clocks.today().isoformat()}.xes"
    packed = request.GET.get("gz") == "1"
    body = case_log.packed(texts) if packed else (text.encode() for text in texts)
    return streamed(body, "application/gzip" if packed else "application/xml; charset=utf-8", f"{name}{'.gz' if packed else ''}")
