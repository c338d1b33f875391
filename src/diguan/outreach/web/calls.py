"""Pages of calls and of the plan: whom to call on, the planner's proposal, moved by hand, calendar and booklet."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diguan.chains.queries import targets as register
from diguan.kernel import access, clocks
from diguan.kernel.forms import done, refused
from diguan.kernel.lists.files import download
from diguan.kernel.refusals import Refusal
from diguan.kernel.shell import asking, language, or_404, whole
from diguan.kernel.templatetags.diguan import near_day
from diguan.outreach.actions import calls as actions
from diguan.outreach.actions import plans
from diguan.outreach.engine import ical, planner
from diguan.outreach.models import Call, Trip, TripPlan
from diguan.outreach.queries import planning, rights, trips
from diguan.outreach.web import forms, tables
from diguan.outreach.web.trips import call_lines, page, show, trip_of


def call_of(request: HttpRequest, number: int) -> Call:
    """The call of this address.

    Raises:
        Http404: there is none on a trip of this person.
    """
    access.require(asking(request), rights.VIEW)
    row = or_404(Call.objects.select_related("trip", "place").filter(pk=number).first())
    trip_of(request, row.trip_id)
    return row


def new(request: HttpRequest, number: int) -> HttpResponse:
    """Add somebody to call on."""
    row, person = trip_of(request, number), asking(request)
    access.require(person, rights.CHANGE, row)
    form = forms.CallForm(request.POST or None, trip=row, person=person, initial={"opens": 540, "closes": 1050})
    saved = done(request, form, lambda: actions.add_call(trip=row, values=form.cleaned_data, by=person))
    return redirect(tables.address_of(row)) if saved else page(request, form, _("加拜访对象"), tables.address_of(row), row=row)


def change(request: HttpRequest, number: int) -> HttpResponse:
    """Change a call; its contact stays unless the person may see it."""
    call, person = call_of(request, number), asking(request)
    access.require(person, rights.CHANGE, call)
    form = forms.CallForm(request.POST or None, trip=call.trip, person=person, hide_contact=True, initial=forms.CallForm.first(call))
    kept = {name: getattr(call, name) for name in actions.PERSONAL}
    saved = done(request, form, lambda: actions.change_call(call=call, version=form.cleaned_data["version"] or 0, values={**form.cleaned_data, **kept}, by=person))
    return redirect(tables.address_of(call.trip)) if saved else page(request, form, call.name, tables.address_of(call.trip), row=call.trip)


def drop(request: HttpRequest, number: int) -> HttpResponse:
    """Say why it was not made."""
    call, person = call_of(request, number), asking(request)
    access.require(person, rights.CHANGE, call)
    form = forms.ReasonVersionForm(request.POST or None, initial={"version": call.version})
    saved = done(request, form, lambda: actions.drop_call(call=call, **form.cleaned_data, by=person))
    return redirect(tables.address_of(call.trip)) if saved else page(request, form, _("没去成：{name}").format(name=call.name), tables.address_of(call.trip), row=call.trip)


@require_POST
def reveal(request: HttpRequest, number: int) -> HttpResponse:
    """Show whom to ask for in full, once, with a reason that is kept."""
    call = call_of(request, number)
    refusal = refused(lambda: actions.reveal_contact(call=call, reason=request.POST.get("reason", "")[:200], by=asking(request)))
    if refusal is not None:
        return show(request, call.trip, 422, error=" ".join(refusal.texts(language())), reveal_of=call.pk)
    return show(request, call.trip, revealed=call)


def targets(request: HttpRequest, number: int) -> HttpResponse:
    """Take target firms, best score first."""
    row, person = trip_of(request, number), asking(request)
    access.require(person, rights.CHANGE, row)
    access.require(person, register.VIEW)
    found, error = planning.candidates(person, row), ""
    if request.method == "POST":
        chosen = {whole(each) for each in request.POST.getlist("firm")}
        try:
            actions.add_targets(trip=row, firms=[firm for firm, _score in found if firm.pk in chosen], by=person)
        except Refusal as refusal:
            error = " ".join(refusal.texts(language()))
        else:
            return redirect("outreach:plan", row.pk)
    lines = [{"firm": firm, "score": score, "place": trips.region_name(firm.region) if firm.region else ""} for firm, score in found]
    return render(request, "outreach/targets.html", {"row": row, "lines": lines, "error": error}, status=422 if error else 200)


# ── the plan ─────────────────────────────────────────────────────────────────
def why_words(why: str) -> str:
    """Why the planner left somebody out."""
    return {planner.CLOSED: _("这几天都不开门，或开门时间不够一次拜访"), planner.FAR: _("单独去也赶不上：路太远或时间对不上"), planner.FULL: _("排得下，但要挤掉更值得去的")}[why]


def how_words(how: str) -> str:
    """How ways are known."""
    return {"table": _("路程表里有"), "back": _("按回程算"), "reckoned": _("按坐标估"), "unknown": _("不知道，按假设算")}[how]


@require_GET
def plan(request: HttpRequest, number: int) -> HttpResponse:
    """The plan as it would go, the last proposal beside it, buttons to move by hand."""
    return _plan(request, trip_of(request, number))


def _plan(request: HttpRequest, row: Trip, status: int = 200, **more: Any) -> HttpResponse:
    person, calls = asking(request), trips.calls_of(row)
    ground = planning.ground(row, calls)
    days, last = planning.day_plans(row, ground), row.plans.first()
    names = {call.pk: call for call in calls}
    value = sum(call.worth for call in ground.calls if call.day is not None and call.day < row.days)
    context = {
        "row": row, "may_plan": row.open and access.may(person, rights.CHANGE, row), "days": [_day_lines(one) for one in days], "value": value, "all": sum(call.worth for call in ground.calls),
        "outside": [call for call in ground.calls if call.day is None or call.day >= row.days], "last": last, "by": ground.by, "how": [(how_words(how), count) for how, count in sorted(ground.how.items())],
        "left": [(names[call], why_words(why)) for call, why in (last.left if last else []) if call in names], "gain": last.value - last.greedy_value if last else 0, "stops": len(last.stops) if last else 0,
        "proposed": _proposed(row, last, names), "base": forms.BaseForm(person=person, initial={"base": row.base_id, "version": row.version}), "breaks": sum(not one.route.holds for one in days), **more}
    return render(request, "outreach/plan.html", context, status=status)


def _day_lines(one: planning.DayPlan) -> dict[str, Any]:
    lines = [{"call": call, "arrives": planning.clock(stop.arrives), "begins": planning.clock(stop.begins), "ends": planning.clock(stop.ends), "late": stop.late, "closed": stop.closed, "closes": planning.clock(call.closes)} for call, stop in one.lines]
    return {"number": one.number + 1, "words": near_day(one.date), "lines": lines, "back": planning.clock(one.route.back), "over": one.route.over, "travelled": one.route.travelled, "holds": one.route.holds}


def _proposed(row: Trip, last: TripPlan | None, names: dict[int, Call]) -> list[tuple[str, list[tuple[Call, str]]]]:
    found: dict[int, list[tuple[Call, str]]] = {}
    for call, day, begins in last.stops if last else []:
        if call in names:
            found.setdefault(day, []).append((names[call], planning.clock(begins)))
    return [(near_day(row.from_day + dt.timedelta(days=day)), lines) for day, lines in sorted(found.items())]


def _planned(request: HttpRequest, row: Trip, act: Any) -> HttpResponse:
    refusal = refused(act)
    if refusal is not None:
        return _plan(request, row, 422, error=" ".join(refusal.texts(language())))
    return redirect("outreach:plan", row.pk)


@require_POST
def propose(request: HttpRequest, number: int) -> HttpResponse:
    """Have a plan worked out."""
    row = trip_of(request, number)
    return _planned(request, row, lambda: plans.propose_plan(trip=row, by=asking(request)))


@require_POST
def take(request: HttpRequest, number: int, plan: int) -> HttpResponse:
    """Plan as proposed."""
    row = trip_of(request, number)
    one = or_404(row.plans.filter(pk=plan).first())
    return _planned(request, row, lambda: plans.take_plan(trip=row, plan=one, version=whole(request.POST.get("version", "")), by=asking(request)))


@require_POST
def move(request: HttpRequest, number: int) -> HttpResponse:
    """Move one by hand."""
    call = call_of(request, number)
    return _planned(request, call.trip, lambda: plans.move_call(call=call, version=whole(request.POST.get("version", "")), how=request.POST.get("how", ""), by=asking(request)))


@require_POST
def base(request: HttpRequest, number: int) -> HttpResponse:
    """Say where the day begins and ends."""
    row = trip_of(request, number)
    form = forms.BaseForm(request.POST, person=asking(request))
    if done(request, form, lambda: plans.set_base(trip=row, version=form.cleaned_data["version"], base=form.cleaned_data["base"], by=asking(request))) is None:
        return _plan(request, row, 422, base=form)
    return redirect("outreach:plan", row.pk)


@require_GET
def calendar(request: HttpRequest, number: int) -> HttpResponse:
    """The plan as a calendar file; no contact is in it."""
    row = trip_of(request, number)
    ground = planning.ground(row, trips.calls_of(row))
    entries = []
    for one in planning.day_plans(row, ground):
        midnight = dt.datetime.combine(one.date, dt.time())
        entries += [ical.Entry(f"call-{call.pk}@{request.get_host().partition(':')[0]}", midnight + dt.timedelta(minutes=stop.begins), midnight + dt.timedelta(minutes=stop.ends),
                               _("拜访 {name}").format(name=call.name), call.place.address or call.place.name if call.place else "", call.questions, row.version) for call, stop in one.lines]
    return download(ical.calendar(entries, clocks.now(), row.title), "text/calendar; charset=utf-8", f"trip-{row.pk}.ics")


@require_GET
def booklet(request: HttpRequest, number: int) -> HttpResponse:
    """The trip to be printed: each day's route in words, firms, what to ask, contacts masked."""
    row, person = trip_of(request, number), asking(request)
    calls = trips.calls_of(row)
    ground = planning.ground(row, calls)
    shown = {line["row"].pk: line for line in call_lines(person, row, calls)}
    days = [{**_day_lines(one), "lines": [{**line, **shown[line["call"].pk]} for line in _day_lines(one)["lines"]]} for one in planning.day_plans(row, ground)]
    return render(request, "outreach/booklet.html", {"row": row, "days": days, "cities": trips.cities_of(row), "team": [one.person for one in row.members.select_related("person")], "hours": f"{planning.clock(row.leaves)}–{planning.clock(row.back)}"})


# ── places and ways ──────────────────────────────────────────────────────────
def places(request: HttpRequest) -> HttpResponse:
    """The places, and a form to keep one more."""
    person = asking(request)
    access.require(person, rights.VIEW)
    may = access.may(person, rights.CHANGE)
    form = forms.PlaceForm(request.POST if "name" in request.POST else None, auto_id="place-%s")
    ways = forms.WaysForm(request.POST if "ways" in request.POST else None, auto_id="ways-%s")
    kept = done(request, form, lambda: plans.keep_place(values=form.cleaned_data, by=person)) or done(request, ways, lambda: plans.tell_ways(ways=plans.read_ways(ways.cleaned_data["ways"]), source=ways.cleaned_data["source"], by=person))
    if kept is not None:
        messages.success(request, _("记下了"))
        return redirect(reverse("outreach:places"))
    answer = tables.PLACES.show(request, place=form if may else None, ways=ways if may else None)
    answer.status_code = 422 if form.errors or ways.errors else answer.status_code
    return answer
