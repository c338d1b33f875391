"""Many cases at once: the steps that wait for an office are ticked, what comes out of them is written, it is shown once more, then all are done or none."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.shell import asking, language, whole
from diguan.kernel.stages.actions import Tick
from diguan.kernel.stages.refusals import OneOfMany
from diguan.services.actions import cases as actions
from diguan.services.queries import case_many as queries
from diguan.services.queries.cases import HANDLE
from diguan.services.web import case_forms as forms
from diguan.services.web.case_lists import of_office


def finish(request: HttpRequest) -> HttpResponse:
    """Tick and write; send: it is shown once more; confirm: it is done."""
    person = asking(request)
    of_office(person)
    access.require(person, HANDLE)
    if request.method != "POST":
        return _list(request)
    form, ticked = forms.ManyForm(request.POST), _ticked(request)
    numbers = {number: words for number in ticked if (words := request.POST.get(f"number-{number}", "").strip())}
    if wrong := _wrong(form, ticked, numbers):
        return _list(request, 422, form, wrong)
    rows = queries.chosen(person, ticked)
    if gone := sorted(ticked.keys() - {row.task.pk for row in rows}):
        return _list(request, 409, form, [_("一项也没有办：勾选的有 {n} 项已经不在您单位的待办里").format(n=len(gone)), *_who(person, gone)])
    if "confirmed" not in request.POST:
        bare = [row for row in rows if row.gives and row.task.pk not in numbers]
        return render(request, "services/finish_confirm.html", {"rows": [(row, ticked[row.task.pk], numbers.get(row.task.pk, "")) for row in rows], "form": form, "bare": bare, "step": request.POST.get("step", "")})
    try:
        actions.finish_matters(ticks=[Tick(row.task, ticked[row.task.pk]) for row in rows], numbers=numbers, issued=form.cleaned_data["issued"], reason=form.cleaned_data["reason"], by=person)
    except Forbidden:
        raise
    except Refusal as refusal:
        more = _who(person, [refusal.task.pk]) if isinstance(refusal, OneOfMany) else []
        return _list(request, 409, form, [*refusal.texts(language()), *more])
    messages.success(request, ngettext("办结了 %(n)s 项", "办结了 %(n)s 项", len(rows)) % {"n": len(rows)})
    return redirect("services:inbox")


def _wrong(form: forms.ManyForm, ticked: dict[int, int], numbers: dict[int, str]) -> list[str]:
    """What is wrong with what was sent, before anything is looked up."""
    if not form.is_valid():
        return [str(text) for texts in form.errors.values() for text in texts]
    if not ticked or len(ticked) > actions.MOST_AT_ONCE:
        return [_("请勾选要办结的环节，一次最多 {n} 项").format(n=actions.MOST_AT_ONCE)]
    return [_("证号或文号最多 100 字")] if any(len(words) > 100 for words in numbers.values()) else []


def _ticked(request: HttpRequest) -> dict[int, int]:
    """The steps that were ticked, each with the version that was read."""
    parted = (each.partition(":") for each in request.POST.getlist("tick"))
    return {task: whole(version, 9) for number, _colon, version in parted if (task := whole(number, 17))}


def _who(person: Person, numbers: list[int]) -> list[str]:
    return [said.text(language()) for number in numbers[:20] if (said := queries.first_there(person, number))]


def _list(request: HttpRequest, status: int = 200, form: forms.ManyForm | None = None, error: list[str] | None = None) -> HttpResponse:
    """The list to tick, with what was ticked and written where it was refused."""
    person, sent = asking(request), request.POST
    step = (sent if form else request.GET).get("step", "")
    rows = queries.waiting(person, step, actions.MOST_AT_ONCE)
    ticked = _ticked(request)
    lines: list[dict[str, Any]] = [{"row": row, "title": row.task.step.label(language()), "ticked": row.task.pk in ticked, "number": sent.get(f"number-{row.task.pk}", "")} for row in rows]
    names = {row.task.key: row.task.step.label(language()) for row in queries.waiting(person, "", actions.MOST_AT_ONCE)} if step else {row.task.key: row.task.step.label(language()) for row in rows}
    return render(request, "services/finish_many.html", {"lines": lines, "form": form or forms.ManyForm(), "error": error, "step": step, "steps": sorted(names.items()), "most": actions.MOST_AT_ONCE,
                                                         "mixed": len({row.gives for row in rows}) > 1}, status=status)
