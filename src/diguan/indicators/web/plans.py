"""Pages of plans and tasks: what was set, who answers for it, what was done and who looked at it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diguan.indicators.actions import plans as actions
from diguan.indicators.actions import progress
from diguan.indicators.models import Plan, ProgressNote, Task, TaskState
from diguan.indicators.queries import goals, plans
from diguan.indicators.web import plan_forms as forms
from diguan.indicators.web import plan_lists as lists
from diguan.indicators.web import plan_words as words
from diguan.kernel import access, clocks, timelines
from diguan.kernel.forms import done, refused
from diguan.kernel.lists.files import sent
from diguan.kernel.shell import asking, language, or_404, trail, whole

NEWEST = 12
"""So many lines of a plan's history stand beside it; each task keeps its own."""


def plan_of(request: HttpRequest, number: int) -> Plan:
    """The plan of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), plans.VIEW)
    return or_404(plans.plan(asking(request), number))


def task_of(request: HttpRequest, number: int) -> Task:
    """The task of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), plans.VIEW)
    return or_404(plans.task(asking(request), number))


def note_of(request: HttpRequest, number: int) -> ProgressNote:
    """The note of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), plans.VIEW)
    return or_404(plans.note(asking(request), number))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All plans."""
    return lists.plan_page(asking(request)).show(request, may_manage=access.may(asking(request), plans.MANAGE), tabs=words.tabs())


@require_GET
def tasks(request: HttpRequest) -> HttpResponse:
    """The tasks of all plans."""
    return lists.TASKS.show(request, tabs=words.tabs())


@require_GET
def plan(request: HttpRequest, number: int) -> HttpResponse:
    """One plan: its tasks by section, its targets beside their figures."""
    person, row = asking(request), plan_of(request, number)
    rows = list(plans.visible_tasks(person).filter(plan=row))
    sections: dict[str, list[dict[str, Any]]] = {}
    for one in rows:
        sections.setdefault(one.section, []).append({"row": one, "url": words.task_address(one), "status": words.task_status(one)})
    targets = [_target(one) for one in goals.standings(person, plans.visible_targets(person).filter(plan=row))]
    counted = plans.counts(person).get(row.pk, plans.Counts(0, 0, 0, 0, 0))
    return render(request, "indicators/plan.html", {
        "row": row, "sections": list(sections.items()), "targets": targets, "counted": counted, "standings": [(words.STANDINGS[key], getattr(counted, key), words.tasks_address(row.pk, key)) for key in (plans.DONE, plans.WAITING, plans.LATE, plans.SOON_DUE)],
        "plan_tasks_url": f"{reverse('indicators:tasks')}?plan={row.pk}", "kept_url": words.tasks_address(row.pk), "may_manage": access.may(person, plans.MANAGE, row), "may_export": access.may(person, plans.EXPORT), "timeline": trail(timelines.of(person, row))[:NEWEST]})


def _target(one: goals.Standing) -> dict[str, Any]:
    return {"row": one.row, "url": words.target_address(one.row), "value": words.value_words(one.row), "found": words.found_words(one), "status": words.goal_status(one), "gap": one.gap.text(language())}


@require_GET
def task(request: HttpRequest, number: int) -> HttpResponse:
    """One task."""
    return _show(request, task_of(request, number))


def _show(request: HttpRequest, row: Task, status: int = 200, **more: Any) -> HttpResponse:
    person = asking(request)
    may_note = row.state == TaskState.OPEN and access.may(person, plans.NOTE, row)
    found = [{"row": one, "status": words.note_status(one), "own": one.entered_by_id == person.pk,
              "may_decide": one.state == "entered" and one.proof_id is not None and one.entered_by_id != person.pk and access.may(person, plans.VERIFY, one)} for one in plans.notes(person, row)]
    targets = [_target(one) for one in goals.standings(person, plans.visible_targets(person).filter(task=row))]
    context = {"row": row, "standing": words.task_status(row), "notes": found, "targets": targets, "may_note": may_note, "form": forms.NoteForm(initial={"on": clocks.today()}) if may_note else None,
               "may_manage": row.state == TaskState.OPEN and access.may(person, plans.MANAGE, row), "may_reopen": row.state == TaskState.DONE and access.may(person, plans.VERIFY, row), "timeline": trail(timelines.of(person, row)), **more}
    return render(request, "indicators/task.html", context, status=status)


# ── making and changing ──────────────────────────────────────────────────────
def shown_form(request: HttpRequest, form: BaseForm, title: str, back: str, button: str, over: tuple[str, str] | None = None) -> HttpResponse:
    """A form of this room on a page of its own; ``over`` is the page above it, plans where nothing is said."""
    context = {"form": form, "title": title, "back": back, "button": button, "over": over or (_("方案和目标"), reverse("indicators:plans"))}
    return render(request, "indicators/form.html", context, status=422 if form.errors else 200)


def new_plan(request: HttpRequest) -> HttpResponse:
    """Make a plan."""
    access.require(asking(request), plans.MANAGE)
    form = forms.PlanForm(request.POST or None, initial={"year": clocks.today().year})
    row = done(request, form, lambda: actions.make_plan(values=form.cleaned_data, year=form.cleaned_data["year"], provisional=not form.cleaned_data["checked"], by=asking(request)))
    if row is None:
        return shown_form(request, form, _("建方案"), reverse("indicators:plans"), _("建方案"))
    messages.success(request, _("方案建好了，接着下达任务、立目标"))
    return redirect(words.plan_address(row.pk))


def change_plan(request: HttpRequest, number: int) -> HttpResponse:
    """Mend a plan's name and document."""
    row = plan_of(request, number)
    access.require(asking(request), plans.MANAGE, row)
    form = forms.PlanChangeForm(request.POST or None, initial={"name": row.name, "source": row.source, "checked": not row.provisional, "version": row.version})
    data = form.cleaned_data if request.method == "POST" and form.is_valid() else {}
    saved = done(request, form, lambda: actions.change_plan(plan=row, version=data["version"], name=data["name"], source=data["source"], provisional=not data["checked"], by=asking(request)))
    return redirect(words.plan_address(row.pk)) if saved else shown_form(request, form, _("修改方案"), words.plan_address(row.pk), _("保存"))


def new_task(request: HttpRequest, number: int) -> HttpResponse:
    """Put a task into a plan."""
    row = plan_of(request, number)
    access.require(asking(request), plans.MANAGE, row)
    form = forms.TaskForm(request.POST or None, initial={**forms.year_of(row), "number": 1 + max([0, *row.tasks.values_list("number", flat=True)])})
    saved = done(request, form, lambda: actions.set_task(plan=row, number=form.cleaned_data["number"], values=form.cleaned_data, owner_unit=form.cleaned_data["owner_unit"], owner=form.cleaned_data["owner"], due_on=form.cleaned_data["due_on"], by=asking(request)))
    if saved is None:
        return shown_form(request, form, _("下达工作任务"), words.plan_address(row.pk), _("下达工作任务"))
    messages.success(request, _("任务已下达"))
    return redirect(words.task_address(saved))


def change_task(request: HttpRequest, number: int) -> HttpResponse:
    """Change an open task."""
    row = task_of(request, number)
    access.require(asking(request), plans.MANAGE, row)
    form = forms.TaskChangeForm(request.POST or None, initial={name: getattr(row, name) for name in ("section", "text", "owner_unit", "owner", "due_on", "version")})
    saved = done(request, form, lambda: actions.change_task(task=row, version=form.cleaned_data["version"], values=form.cleaned_data, owner_unit=form.cleaned_data["owner_unit"], owner=form.cleaned_data["owner"], due_on=form.cleaned_data["due_on"],
                                                            reason=form.cleaned_data["reason"], by=asking(request)))
    return redirect(words.task_address(row)) if saved else shown_form(request, form, _("调整工作任务"), words.task_address(row), _("调整工作任务"))


@require_POST
def note(request: HttpRequest, number: int) -> HttpResponse:
    """Note what was done."""
    row = task_of(request, number)
    access.require(asking(request), plans.NOTE, row)
    form = forms.NoteForm(request.POST or None, request.FILES or None, initial={"on": clocks.today()})
    saved = done(request, form, lambda: progress.note_progress(task=row, **form.cleaned_data, by=asking(request)))
    if saved is None:
        return _show(request, row, 422 if form.errors else 200, form=form)
    messages.success(request, _("记下了，等另一个人核实") if saved.proof_id else _("记下了"))
    return redirect(words.task_address(row))


# ── deciding ─────────────────────────────────────────────────────────────────
def deed(request: HttpRequest, act: Callable[[], Any], said: str, show: Callable[..., HttpResponse], back: str) -> HttpResponse:
    """Do what a page asks for and go back; a refusal stands on that page, which ``show`` draws with its status."""
    refusal = refused(act)
    if refusal is not None:
        return show(409 if refusal.code == "conflict" else 422, error=" ".join(refusal.texts(language())))
    messages.success(request, said)
    return redirect(back)


def version_of(request: HttpRequest) -> int:
    """The version its page showed; 0 where none was sent."""
    return whole(request.POST.get("version", ""))


def reason_of(request: HttpRequest) -> str:
    """The reason that was written, as much as is kept."""
    return request.POST.get("reason", "")[:200]


def _done(request: HttpRequest, row: Task, act: Callable[[], Any], said: str) -> HttpResponse:
    return deed(request, act, said, partial(_show, request, row), words.task_address(row))


@require_POST
def drop_task(request: HttpRequest, number: int) -> HttpResponse:
    """Say that a task is not carried out any more."""
    row = task_of(request, number)
    return _done(request, row, lambda: actions.drop_task(task=row, version=version_of(request), reason=reason_of(request), by=asking(request)), _("这项任务不再办，原因留着"))


@require_POST
def reopen_task(request: HttpRequest, number: int) -> HttpResponse:
    """Open a task again that was wrongly taken as done."""
    row = task_of(request, number)
    return _done(request, row, lambda: progress.reopen_task(task=row, version=version_of(request), reason=reason_of(request), by=asking(request)), _("重新打开了，原来的完成记录标为驳回"))


@require_POST
def verify(request: HttpRequest, number: int) -> HttpResponse:
    """Say that the file shows it."""
    row = note_of(request, number)
    return _done(request, task_of(request, row.task_id), lambda: progress.verify_note(note=row, version=version_of(request), by=asking(request)), _("已核实"))


@require_POST
def reject(request: HttpRequest, number: int) -> HttpResponse:
    """Say that it does not."""
    row = note_of(request, number)
    return _done(request, task_of(request, row.task_id), lambda: progress.reject_note(note=row, version=version_of(request), reason=reason_of(request), by=asking(request)), _("已驳回，填的人能看到原因"))


@require_GET
def proof(request: HttpRequest, number: int) -> HttpResponse:
    """The file of a note, for who notes or verifies such progress."""
    row = note_of(request, number)
    if not access.may(asking(request), plans.NOTE, row):
        access.require(asking(request), plans.VERIFY, row)
    if row.proof is None:
        return or_404(None)
    return sent(row.proof)
