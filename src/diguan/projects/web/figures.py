"""Pages of figures: what was signed and arrived, each of its cohort; a ratio that is refused across cohorts; the projects and agreements behind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from diguan.enterprises.models import ProductionStatus
from diguan.enterprises.queries.clusters import clusters
from diguan.kernel import access, clocks, money
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.measures import value
from diguan.kernel.shell import asking, language
from diguan.projects.engine import cohorts, counting
from diguan.projects.models import Agreement, Project
from diguan.projects.queries import agreements, counted, figures
from diguan.projects.queries.projects import visible_projects
from diguan.projects.web import ledger_words as words
from diguan.projects.web.ledger_forms import SpanForm
from diguan.projects.web.project_lists import address_of

TILES = (("projects", "signed"), ("contracted", "contracted"), ("in_place", "funded"), ("returnee_firms", "signed"), ("projects", "introduced"), ("producing", "introduced"))
"""What stands first, each of its own cohort."""
RATES = (("funds_rate", "signed"), ("fulfilment_rate", "signed"), ("start_rate", "signed"), ("production_rate", "signed"), ("production_rate", "introduced"), ("returnee_share", "signed"), ("returnee_amount_share", "signed"))
RATE_NAMES = {("production_rate", "signed"): gettext_lazy("投产率（投产 ÷ 新签约）"), ("production_rate", "introduced"): gettext_lazy("投产率（投产 ÷ 引进）")}
"""Rates that stand twice say in their name what of."""
NAMES = {("projects", "signed"): gettext_lazy("新签约项目"), ("projects", "introduced"): gettext_lazy("引进项目"), ("producing", "introduced"): gettext_lazy("其中已投产")}


def _span(request: HttpRequest, signed: set[int]) -> tuple[SpanForm, dt.date, dt.date, dt.date | None]:
    """The period that is asked for; where none is, or it is none, the last year something was signed in, until today."""
    today = clocks.today()
    if any(name in request.GET for name in ("start", "end", "as_of")):
        form = SpanForm(request.GET)
        if form.is_valid():
            return form, form.cleaned_data["start"], form.cleaned_data["end"], form.cleaned_data["as_of"]
        return form, *_year(today.year, today), None
    first, last = _year(max(signed, default=today.year), today)
    return SpanForm(initial={"start": first, "end": last, "as_of": today}), first, last, today


def _signed_years(person: Any) -> set[int]:
    """The years a contract that holds was signed in, of those the person may see; a framework is none."""
    rows = agreements.visible_agreements(person).filter(state="verified", signed_on__lte=clocks.today()).exclude(kind="framework")
    return {day.year for day in rows.order_by().dates("signed_on", "year")}


def _year(year: int, today: dt.date) -> tuple[dt.date, dt.date]:
    return dt.date(year, 1, 1), min(dt.date(year, 12, 31), today)


def _chips(signed: set[int], start: dt.date, end: dt.date) -> list[dict[str, Any]]:
    """The years to look at: those something was signed in, and this one."""
    today = clocks.today()
    years = sorted({today.year, *signed}, reverse=True)
    spans = [(year, *_year(year, today)) for year in years]
    return [{"year": year, "url": f"?{urlencode({'start': first.isoformat(), 'end': last.isoformat(), 'as_of': today.isoformat()})}", "on": (first, last) == (start, end), "now": year == today.year} for year, first, last in spans]


def _clusters(person: Any) -> list[dict[str, Any]]:
    """Firms introduced and producing of each cluster, as the register has them today; each number opens its firms."""
    def side(name: str, of: Any, **more: str) -> dict[str, Any]:
        return {"num": value(f"enterprises.{name}", person, of).num, "url": f"{reverse('enterprises:list')}?{urlencode({'cluster': of.name, **more})}"}
    return [{"name": of.name, "firms": side("cluster_firms", of), "producing": side("cluster_producing", of, production_status=ProductionStatus.PRODUCING)} for of in clusters(person)]


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Figures of a period as they stood on a day, and one chosen over another."""
    person = asking(request)
    access.require(person, figures.VIEW)
    signed = _signed_years(person)
    form, start, end, as_of = _span(request, signed)
    of = figures.samples(person, figures.COHORTS, start, end, as_of)
    any_of = of["all"]
    return render(request, "projects/figures.html", {
        "form": form, "start": start, "end": end, "as_of": any_of.as_of, "tiles": [_tile(person, name, of[rule]) for name, rule in TILES], "rates": [_rate(person, name, of[rule]) for name, rule in RATES],
        "years": _chips(signed, start, end), "clusters": _clusters(person), "today": clocks.today(), "choice": _choice(request), "ratio": _ratio(request, person, of), "span": {"start": start.isoformat(), "end": end.isoformat(), "as_of": any_of.as_of.isoformat()},
        "figures": [(name, spec.title.text(language())) for name, spec in figures.FIGURES.items()], "cohorts": [(name, title.text(language())) for name, title in figures.COHORTS.items()],
        "counting": f"{reverse('projects:counting')}?{urlencode({'year': start.year})}" if start.year == end.year else reverse("projects:counting")})


def _shown(num: int | None, unit: str) -> str:
    if num is None:
        return ""
    return money.words(num, language()) if unit == "元" else f"{num:,}"


def rows_address(name: str, of: figures.Sample) -> str:
    """Where the projects behind a figure are."""
    return reverse("projects:figure_rows", args=[name, of.rule, of.start.isoformat(), of.end.isoformat(), of.as_of.isoformat()])


def _tile(person: Any, name: str, of: figures.Sample) -> dict[str, Any]:
    found = value(f"projects.{name}", person, of)
    return {"label": NAMES.get((name, of.rule), found.measure.title.text(language())), "num": found.num, "money": found.measure.unit == "元", "url": rows_address(name, of), "note": of.title.text(language())}


def _rate(person: Any, name: str, of: figures.Sample) -> dict[str, Any]:
    one, found = figures.RATES[name], value(f"projects.{name}", person, of)
    sides = [{"title": figures.FIGURES[key].title.text(language()), "shown": _shown(figures.figure(key, of).num, figures.FIGURES[key].unit), "url": rows_address(key, of)} for key in (one.top, one.bottom)]
    return {"title": RATE_NAMES.get((name, of.rule), one.title.text(language())), "points": found.num, "sides": sides, "cohort": of.title.text(language())}


# ── one figure over another ──────────────────────────────────────────────────
def _choice(request: HttpRequest) -> dict[str, str]:
    usual = {"top": "in_place", "top_of": "funded", "bottom": "contracted", "bottom_of": "contracted"}
    asked = {name: request.GET.get(name, "") for name in usual}
    return {name: asked[name] if asked[name] in (figures.COHORTS if name.endswith("_of") else figures.FIGURES) else usual[name] for name in usual}


def _ratio(request: HttpRequest, person: Any, of: dict[str, figures.Sample]) -> dict[str, Any] | None:
    """The ratio that was asked for, or why there is none, and which projects differ."""
    if "top" not in request.GET:
        return None
    chosen = _choice(request)
    above, below = of[chosen["top_of"]], of[chosen["bottom_of"]]
    found = figures.ratio(chosen["top"], above, chosen["bottom"], below)
    sides = [{"title": side.title.text(language()), "shown": _shown(side.num, side.unit), "cohort": side.cohort.title.text(language()), "url": rows_address(side.name, sample)} for side, sample in ((found.top, above), (found.bottom, below))]
    told: dict[str, Any] = {"sides": sides}
    if isinstance(found, cohorts.Ratio):
        return told | {"points": found.points, "given": True}
    only = {name: list(visible_projects(person).filter(pk__in=sorted(keys))[:20]) for name, keys in (("top", found.only_top), ("bottom", found.only_bottom))}
    query = {**{key: text for key, text in request.GET.items() if key in ("start", "end", "as_of", "top", "bottom")}, "top_of": chosen["bottom_of"], "bottom_of": chosen["bottom_of"]}
    if chosen["top"] == "in_place":  # of the denominator's projects everything that arrived is asked, not only this period's
        query["top"] = "in_place_to_date"
    if chosen["bottom"] == "contracted":
        query["bottom"] = "contracted_to_date"
    return told | {"reasons": [reason.text(language()) for reason in found.reasons], "only_top": only["top"], "only_bottom": only["bottom"], "more_top": len(found.only_top) - len(only["top"]),
                   "more_bottom": len(found.only_bottom) - len(only["bottom"]), "same": f"?{urlencode(query)}#ratio"}


# ── what is behind ───────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Behind:
    """One project behind a figure, and what of it is in a figure of money."""

    project: Project
    fen: int | None

    @property
    def pk(self) -> int:
        """As lists ask it."""
        return self.project.pk


_ROWS = ListPage(
    title="", rows=lambda person: (), permission=figures.VIEW, export_permission=figures.EXPORT, file_name="figure", template="projects/figure_rows.html",
    empty=(gettext_lazy("这个数背后没有项目"), gettext_lazy("换一个期间或口径再看。")),
    columns=(
        Column("project.name", gettext_lazy("项目"), head=True, link=lambda row: address_of(row.project), sort="project.name_key"),
        Column("project.number", gettext_lazy("编号"), sort="project.number"),
        Column("project.investor", gettext_lazy("投资方"), sort="project.investor_key"),
        Column("project.get_kind_display", gettext_lazy("类别"), value=lambda row: row.project.get_kind_display()),
        Column("fen", gettext_lazy("其中金额"), kind="money", sort=True, nothing=gettext_lazy("不计金额")),
        Column("project.opened_on", gettext_lazy("立项"), kind="day", sort="project.opened_on")))


@require_GET
def rows(request: HttpRequest, name: str, rule: str, start: str, end: str, as_of: str) -> HttpResponse:
    """The projects behind a figure of a cohort."""
    person = asking(request)
    access.require(person, figures.VIEW)
    of, spec = _asked(person, name, rule, start, end, as_of)
    amounts = figures.amounts(name, of)
    keys = spec.behind(of)
    found = [Behind(row, amounts.get(row.pk, 0) if amounts is not None else None) for row in visible_projects(person).filter(pk__in=sorted(keys))]
    listing = replace(_ROWS, title=spec.title.text(language()), rows=lambda _person: found, about=[(_("口径"), spec.definition.text(language())), (_("哪一批"), of.title.text(language())), (_("数据截至"), of.as_of.isoformat())])
    return listing.show(request, spec=spec, definition=spec.definition.text(language()), cohort=of.title.text(language()), as_of=of.as_of, shown=_shown(spec.read(of), spec.unit))


def _asked(person: Any, name: str, rule: str, start: str, end: str, as_of: str) -> tuple[figures.Sample, figures.Spec]:
    try:
        first, last, day = (dt.date.fromisoformat(text) for text in (start, end, as_of))
    except ValueError as error:
        raise Http404 from error
    if name not in figures.FIGURES or rule not in figures.COHORTS:
        raise Http404
    return figures.sample(person, rule, first, last, day), figures.FIGURES[name]


# ── what counts ──────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Counted:
    """An agreement with what counts of it."""

    row: Agreement
    line: counting.Line
    other: Project | None

    @property
    def pk(self) -> int:
        """As lists ask it."""
        return self.row.pk


def counted_rows(person: Any) -> list[Counted]:
    """Every agreement the person may see with what counts of it today, the last signed first."""
    lines = counted.book(clocks.today()).lines
    mine = {row.pk: row for row in agreements.visible_agreements(person)}
    others = {row.pk: row for row in visible_projects(person).filter(pk__in={line.other for line in lines if line.other})}
    return [Counted(mine[line.agreement], line, others.get(line.other) if line.other else None) for line in reversed(lines) if line.agreement in mine]


def _about(one: Counted) -> str:
    if one.line.cut_by is not None:
        return _("后来变更或修订，只按较低的计")
    return one.other.number + " " + one.other.name if one.other is not None and one.other.pk != one.row.project_id else ""


def _years(person: Any) -> Sequence[tuple[str, str]]:
    days = agreements.visible_agreements(person).order_by().dates("signed_on", "year")
    return [(str(day.year), str(day.year)) for day in sorted(days, reverse=True)]


COUNTING = ListPage(
    title=gettext_lazy("合同引资额计数"), rows=counted_rows, permission=agreements.VIEW, export_permission=agreements.EXPORT, file_name="counting", template="projects/counting.html",
    empty=(gettext_lazy("还没有协议"), gettext_lazy("在项目页上录入签好的协议。")),
    about=[(gettext_lazy("口径"), gettext_lazy("一个项目只在首次签订正式合同时计一次；框架协议不计；增资只计增量；变更投资方是替换；升级不加额；不计的写明原因"))],
    columns=(
        Column("row.number", gettext_lazy("协议编号"), head=True, link=lambda one: reverse("projects:agreement", args=[one.row.pk]), note=lambda one: one.row.project.name),
        Column("row.kind", gettext_lazy("协议类别"), value=lambda one: one.row.get_kind_display()),
        Column("line.on", gettext_lazy("签订日期"), kind="day", sort=True),
        Column("line.said", gettext_lazy("协议金额"), kind="money", sort=True),
        Column("line.fen", gettext_lazy("计入"), kind="money", sort=True),
        Column("status", gettext_lazy("计不计"), kind="status", value=lambda one: ("ok", _("计入")) if one.line.counts else ("mute", _("不计"))),
        Column("why", gettext_lazy("为什么"), value=lambda one: words.reason_of(one.line), note=_about),
        Column("row.project.number", gettext_lazy("项目编号"), in_file=True)),
    filters=(
        Filter("q", gettext_lazy("编号或项目"), kind="search", fields=("row.number", "row.project.name", "row.project.number")),
        Filter("counts", gettext_lazy("计不计"), choices=[("yes", gettext_lazy("计入")), ("no", gettext_lazy("不计"))], apply=lambda rows, chosen: [one for one in rows if one.line.counts == (chosen == "yes")]),
        Filter("why", gettext_lazy("为什么"), choices=[(key or "counted", text) for key, text in words.REASONS.items()], apply=lambda rows, chosen: [one for one in rows if (one.line.reason or "counted") == chosen]),
        Filter("year", gettext_lazy("签订年份"), choices=_years, apply=lambda rows, chosen: [one for one in rows if str(one.line.on.year) == chosen])))


@require_GET
def counting_page(request: HttpRequest) -> HttpResponse:
    """Every agreement: what counts of it, or why it does not; twins that wait to be judged."""
    access.require(request.user, agreements.VIEW)
    found = COUNTING.narrowed(request)
    pairs = [one for one in found if one.line.reason in (counting.TWIN, counting.SAME_INVESTOR) and one.other is not None]
    return COUNTING.show(request, total_fen=sum(one.line.fen for one in found), pairs=pairs[:20], rulings=list(counted.rulings_to_verify(asking(request))[:20]))
