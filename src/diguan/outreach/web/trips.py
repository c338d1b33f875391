"""Pages of trips: the list, one with its calls, results and expenses, and what is done to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access, phones, timelines
from diguan.kernel.api.once import fresh, sent_once
from diguan.kernel.forms import done
from diguan.kernel.shell import asking, or_404, trail
from diguan.outreach.actions import expenses
from diguan.outreach.actions import trips as actions
from diguan.outreach.models import Call, Expense, Trip
from diguan.outreach.queries import planning, rights, terms, trips, visits
from diguan.outreach.web import forms, tables


def trip_of(request: HttpRequest, number: int) -> Trip:
    """The trip of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), rights.VIEW)
    return or_404(trips.trip(asking(request), number))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All of them, with filters in the address, their figures above."""
    access.require(asking(request), rights.VIEW)
    return tables.TRIPS.show(request, tiles=tables.tiles(asking(request), tables.TRIPS.narrowed(request), request.GET), may_change=access.may(asking(request), rights.CHANGE))


@require_GET
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """One of them."""
    return show(request, trip_of(request, number))


def masked(name: str) -> str:
    """A contact's name as pages show it: the family name."""
    return f"{name[:1]}**" if name else ""


def call_lines(person: Any, row: Trip, calls: list[Call], revealed: Call | None = None) -> list[dict[str, Any]]:
    """The calls as the page lists them, contacts masked but the one just looked at."""
    may = access.may(person, rights.REVEAL, row)
    return [{"row": call, "shown": revealed is not None and call.pk == revealed.pk, "who": masked(call.contact_name), "phone": phones.masked(call.contact_phone), "may_reveal": may and bool(call.contact_name or call.contact_phone)} for call in calls]


def result_words(key: str) -> str:
    """How a figure of the results is called."""
    return {"visits": _("拜访（次）"), "firms": _("见到企业（家）"), "leads": _("有意向的（家）"), "invited": _("邀请来县（家）")}[key]


def result_url(row: Trip, key: str) -> str:
    """Where the rows behind a figure are."""
    page = {"visits": "", "firms": "&party=firm&met=1", "leads": "&keen=1"}
    return f"{reverse('outreach:guests')}?trip={row.pk}" if key == "invited" else f"{reverse('outreach:visits')}?trip={row.pk}{page[key]}"


def show(request: HttpRequest, row: Trip, status: int = 200, revealed: Call | None = None, **more: Any) -> HttpResponse:
    """A trip with everything on it."""
    person, calls, found = asking(request), trips.calls_of(row), trips.results(asking(request), row)
    may, may_approve = access.may(person, rights.CHANGE, row), access.may(person, rights.APPROVE, row)
    of = terms.in_force(row.from_day)
    context = {
        "row": row, "state": (tables.TRIP_STATUS[row.state], row.get_state_display()), "cities": trips.cities_of(row), "team": [one.person for one in row.members.select_related("person")], "may_change": may,
        "may_plan": may and row.open, "calls": call_lines(person, row, calls, revealed), "hours": f"{planning.clock(row.leaves)}–{planning.clock(row.back)}", "found": found,
        "results": [{"label": result_words(line.key), "line": line, "url": result_url(row, line.key)} for line in found.lines], "visits": [(one, tables.outcome_status(one)) for one in found.visits],
        "expenses": [{"row": one, "may_decide": one.state == "waiting" and may_approve and one.created_by_id != person.pk, "may_reverse": may and row.open and one.state != "reversed", "place": trips.region_name(one.region)} for one in trips.expenses_of(row)],
        "terms": of, "over_budget": row.budget_fen is not None and found.spent_fen > row.budget_fen, "may_log": access.may(person, rights.LOG) and row in visits.open_trips(person),
        "expense": forms.ExpenseForm(auto_id="expense-%s", initial={"day": row.from_day, "persons": row.members.count() + 1}) if may and row.state != "cancelled" else None,
        "close": forms.SummaryForm(auto_id="close-%s", initial={"version": row.version}) if may and row.state == "under_way" else None,
        "cancel": forms.ReasonVersionForm(auto_id="cancel-%s", initial={"version": row.version}) if may and row.state == "planned" else None,
        "timeline": trail(timelines.of(person, row)), "once": fresh(), **more}
    return render(request, "outreach/trip.html", context, status=status)


def new(request: HttpRequest) -> HttpResponse:
    """Plan one."""
    person = asking(request)
    access.require(person, rights.CHANGE)
    form = forms.TripForm(request.POST or None, person=person, initial={"leader": person.pk, "leaves": 510, "back": 1110})
    row = done(request, form, lambda: actions.plan_trip(**_told(form), by=person))
    return redirect(tables.address_of(row)) if row else page(request, form, _("计划外出"), reverse("outreach:trips"))


def _told(form: forms.TripForm) -> dict[str, Any]:
    told = dict(form.cleaned_data)
    return {"leader": told.pop("leader"), "members": list(told.pop("members")), "cities": told.pop("cities"), "values": {name: value for name, value in told.items() if name != "version"}}


def change(request: HttpRequest, number: int) -> HttpResponse:
    """Change one."""
    row, person = trip_of(request, number), asking(request)
    access.require(person, rights.CHANGE, row)
    first = {**{name: getattr(row, name) for name in (*actions.FIELDS, "version", "leader")}, "members": [one.person_id for one in row.members.all()], "cities": [city.region for city in row.cities.all()],
             "budget_fen": f"{row.budget_fen / 100:.2f}" if row.budget_fen is not None else ""}
    form = forms.TripForm(request.POST or None, person=person, initial=first)
    saved = done(request, form, lambda: actions.change_trip(trip=row, version=form.cleaned_data["version"] or 0, **_told(form), by=person))
    return redirect(tables.address_of(saved)) if saved else page(request, form, row.title, tables.address_of(row))


def page(request: HttpRequest, form: django_forms.Form, title: str, back: str, **more: Any) -> HttpResponse:
    """A form on a page of its own."""
    return render(request, "outreach/form.html", {"form": form, "title": title, "back": back, "deed": _("保存"), **more}, status=422 if form.errors else 200)


def _deed(request: HttpRequest, row: Trip, name: str, form: django_forms.Form, act: Callable[[], Any], said: str) -> HttpResponse:
    """A form on the trip's page: done, or the page again with it open."""
    if done(request, form, act) is None:
        shown: dict[str, Any] = {name: form, "opened": name}
        return show(request, row, 422, **shown)
    messages.success(request, said)
    return redirect(tables.address_of(row))


@require_POST
def start(request: HttpRequest, number: int) -> HttpResponse:
    """It sets out."""
    row, form = trip_of(request, number), forms.VersionForm(request.POST)
    return _deed(request, row, "started", form, lambda: actions.start_trip(trip=row, version=form.cleaned_data["version"], by=asking(request)), _("已出发，路上可以写走访记录"))


@require_POST
def close(request: HttpRequest, number: int) -> HttpResponse:
    """It is over."""
    row, form = trip_of(request, number), forms.SummaryForm(request.POST, auto_id="close-%s")
    return _deed(request, row, "close", form, lambda: actions.close_trip(trip=row, **form.cleaned_data, by=asking(request)), _("已结束"))


@require_POST
def cancel(request: HttpRequest, number: int) -> HttpResponse:
    """It is not made."""
    row, form = trip_of(request, number), forms.ReasonVersionForm(request.POST, auto_id="cancel-%s")
    return _deed(request, row, "cancel", form, lambda: actions.cancel_trip(trip=row, **form.cleaned_data, by=asking(request)), _("已取消"))


# ── expenses ─────────────────────────────────────────────────────────────────
@require_POST
def expense(request: HttpRequest, number: int) -> HttpResponse:
    """Enter what was spent."""
    row, form = trip_of(request, number), forms.ExpenseForm(request.POST, auto_id="expense-%s")

    def entered() -> HttpResponse | None:
        if done(request, form, lambda: expenses.enter_expense(trip=row, values=form.cleaned_data, by=asking(request))) is None:
            return None
        messages.success(request, _("记下了"))
        return redirect(tables.address_of(row))

    return sent_once(request, entered) or show(request, row, 422, expense=form, opened="expense")


def _expense_of(request: HttpRequest, number: int, expense: int) -> tuple[Trip, Expense]:
    row = trip_of(request, number)
    return row, or_404(row.expenses.filter(pk=expense).first())


@require_POST
def decide(request: HttpRequest, number: int, expense: int) -> HttpResponse:
    """Approve or refuse what is above its limit."""
    row, one = _expense_of(request, number, expense)
    form = forms.ReasonForm(request.POST, auto_id=f"decide-{one.pk}-%s")
    approve = request.POST.get("approve") == "1"
    form.fields["reason"].required = False
    return _deed(request, row, "decided", form, lambda: expenses.decide_expense(trip=row, expense=one, approve=approve, reason=form.cleaned_data["reason"], by=asking(request)), _("已批准") if approve else _("没有批准，录入人能看到"))


@require_POST
def reverse_one(request: HttpRequest, number: int, expense: int) -> HttpResponse:
    """Take a wrong entry out of the sums."""
    row, one = _expense_of(request, number, expense)
    form = forms.ReasonForm(request.POST, auto_id=f"reverse-{one.pk}-%s")
    return _deed(request, row, "reversed", form, lambda: expenses.reverse_expense(trip=row, expense=one, reason=form.cleaned_data["reason"], by=asking(request)), _("已冲销，这一笔不再计入"))
