"""Pages of promotion targets: assigned beside done, in the order of offices; every number opens its rows."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from diguan.kernel import access, clocks, money
from diguan.kernel.forms import done
from diguan.kernel.shell import asking, or_404, whole
from diguan.projects.actions import assignments as actions
from diguan.projects.models import Assignment
from diguan.projects.models.assignments import MONEY
from diguan.projects.queries import assignments
from diguan.projects.web import assignment_forms as forms


def assignment_of(request: HttpRequest, number: int) -> Assignment:
    """The task of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), assignments.VIEW)
    return or_404(assignments.visible_assignments(asking(request)).filter(pk=number).first())


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """A year's tasks of every office."""
    person = asking(request)
    access.require(person, assignments.VIEW)
    years = assignments.years(person)
    year = whole(request.GET.get("year", ""), 4)
    year = year if year in years else clocks.today().year
    lines = [(line, _rows_url(line)) for line in assignments.lines(person, year)]
    return render(request, "projects/assignments.html", {"year": year, "years": years, "lines": lines, "may_set": access.may(person, assignments.SET)})


def _rows_url(line: assignments.Line) -> str:
    if line.done is None or not line.done.url_name:
        return ""
    where = reverse(line.done.url_name, args=[line.row.pk] if line.done.url_name == "projects:assignment_rows" else [])
    return f"{where}?{line.done.query}" if line.done.query else where


def new(request: HttpRequest) -> HttpResponse:
    """Give an office a task."""
    access.require(asking(request), assignments.SET)
    form = forms.AssignmentForm(request.POST or None, initial={"year": clocks.today().year})
    row = done(request, form, lambda: actions.set_assignment(**form.cleaned_data, by=asking(request)))
    if row is None:
        return render(request, "projects/assignment_form.html", {"form": form}, status=422 if form.errors else 200)
    messages.success(request, _("任务已下达"))
    return redirect(f"{reverse('projects:assignments')}?year={row.year}")


def change(request: HttpRequest, number: int) -> HttpResponse:
    """Change a task's number, with a reason."""
    row = assignment_of(request, number)
    access.require(asking(request), assignments.SET, row)
    form = forms.ChangeForm(row.measure, request.POST or None, initial=_initial(row))
    if done(request, form, lambda: actions.change_assignment(assignment=row, **form.cleaned_data, by=asking(request))) is None:
        return render(request, "projects/assignment_form.html", {"form": form, "row": row}, status=422 if form.errors else 200)
    messages.success(request, _("任务已调整"))
    return redirect(f"{reverse('projects:assignments')}?year={row.year}")


def _initial(row: Assignment) -> dict[str, Any]:
    return {"number": f"{money.exact(row.number)} 元" if row.measure in MONEY else str(row.number), "note": row.note, "version": row.version}


@require_GET
def rows(request: HttpRequest, number: int) -> HttpResponse:
    """The projects behind a number, each with what it brings where the number is money."""
    row = assignment_of(request, number)
    return render(request, "projects/assignment_rows.html", {"row": row, "rows": assignments.rows_of(asking(request), row)[:500]})
