"""Pages of cases for the office: what waits for it, all cases, one case with its steps, and every deed on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access, clocks, timelines
from diguan.kernel.access.models import Person
from diguan.kernel.access.roles import title_of
from diguan.kernel.evidence import actions as looks
from diguan.kernel.evidence import queries as evidence
from diguan.kernel.forms import done
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.lists.files import download, sent
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.seals import queries as seals
from diguan.kernel.shell import asking, language, or_404, trail, whole
from diguan.kernel.stages import actions as stage_actions
from diguan.kernel.stages.models import Task, TaskState
from diguan.kernel.stages.queries import PAUSE
from diguan.kernel.stages.refusals import ChangedMeanwhile
from diguan.services.actions import case_terms as term_actions
from diguan.services.actions import cases as actions
from diguan.services.engine.caseflow import ACCEPT, DELIVER
from diguan.services.models import Extension
from diguan.services.queries import case_terms as terms
from diguan.services.queries import cases
from diguan.services.queries.cases import HANDLE, Line, View
from diguan.services.web import case_forms as forms
from diguan.services.web import case_terms, own_cases
from diguan.services.web import case_words as words

EXTENSIONS = {"asked": ("warn", gettext_lazy("等批准")), "granted": ("ok", gettext_lazy("已批准")), "refused": ("mute", gettext_lazy("不批准"))}


# ── lists ────────────────────────────────────────────────────────────────────
def _progress(row: Any) -> str:
    return _("{done} / {there}").format(done=row.done, there=len(row.matters))


PAGE = ListPage(
    title=gettext_lazy("办件"), permission=cases.VIEW, export_permission=cases.EXPORT, rows=lambda person: cases.with_progress(cases.visible_cases(person)), file_name="cases", most_counted=1_000,
    empty=(gettext_lazy("还没有办件"), gettext_lazy("企业在“办一件事”里提交之后，这里就有。")), template="services/cases.html",
    about=[(gettext_lazy("口径"), gettext_lazy("一件事一次办为一件；事项数是其中要办的事项"))],
    columns=(
        Column("number", gettext_lazy("编号"), head=True, value=lambda row: row.number, link=lambda row: reverse("services:case", args=[row.pk])),
        Column("life_event", gettext_lazy("一件事"), value=words.title),
        Column("applicant", gettext_lazy("申请人"), sort=True), Column("uscc", gettext_lazy("统一社会信用代码"), in_file=True),
        Column("progress", gettext_lazy("办结事项"), value=_progress),
        Column("day", gettext_lazy("提交"), kind="day", sort=True),
        Column("ended", gettext_lazy("状态"), kind="status", value=lambda row: ("ok", _("已办结")) if row.course and row.course.ended_at else ("accent", _("在办")))),
    filters=(Filter("q", gettext_lazy("申请人或信用代码"), kind="search", fields=("applicant", "uscc")),
             Filter("state", gettext_lazy("状态"), choices=[("open", gettext_lazy("在办")), ("ended", gettext_lazy("已办结"))],
                    apply=cases.by_state)))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Every case the office may see; an enterprise's agent has a list of its own."""
    person = asking(request)
    if access.usccs_of(person):
        return redirect("services:own_cases")
    of_office(person)
    return PAGE.show(request, waiting=cases.open_tasks(person).count() if access.may(person, HANDLE) else 0)


INBOX = ListPage(
    title=gettext_lazy("待办环节"), permission=HANDLE, rows=cases.open_tasks, file_name="case-tasks", empty=(gettext_lazy("没有等您单位办的环节"), ""),
    columns=(
        Column("key", gettext_lazy("环节"), head=True, value=lambda row: row.step.label(language()), link=lambda row: reverse("services:case", args=[row.course.subject_id]), note=lambda row: row.course.title),
        Column("owner_unit", gettext_lazy("承办单位"), value=lambda row: row.owner_unit.name if row.owner_unit else ""),
        Column("opened_at", gettext_lazy("轮到时间"), kind="day", value=lambda row: row.opened_at.astimezone(clocks.COUNTY_TIME).date() if row.opened_at else None),
        Column("due", gettext_lazy("最晚"), kind="day", sort=True, nothing=gettext_lazy("时限暂停")),
        Column("shade", gettext_lazy("时限"), kind="status", value=case_terms.shade)),
    filters=(Filter("q", gettext_lazy("申请人或一件事"), kind="search", fields=("course__title",)),))


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for this person's office, soonest first."""
    of_office(asking(request))
    return INBOX.show(request)


def of_office(person: Person) -> None:
    """Let pass who sees cases for an office.

    Raises:
        Forbidden: they see none, or an enterprise's own alone.
    """
    access.require(person, cases.VIEW)
    if access.scope(person, cases.VIEW) is access.Scope.OWN:
        raise Forbidden(cases.VIEW, title_of(cases.VIEW))


# ── one case ─────────────────────────────────────────────────────────────────
def view_of(request: HttpRequest, number: int) -> View:
    """The case of this address.

    Raises:
        Forbidden: the person sees no cases. Http404: there is none, or none they may see.
    """
    person = asking(request)
    access.require(person, cases.VIEW)
    return View(person, or_404(cases.find(person, number)), clocks.today())


@require_GET
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One case: for the office with what it may do, for its enterprise with whose turn it is."""
    view = view_of(request, number)
    return own_cases.show(request, view) if access.scope(view.person, cases.VIEW) is access.Scope.OWN else show(request, view)


def show(request: HttpRequest, view: View, status: int = 200, decided: tuple[int, forms.DecideForm] | None = None, **more: Any) -> HttpResponse:
    """The page of one case for the office; ``decided`` is what was refused of an extension (its id) with the form."""
    mine = {line.task.pk: deeds(view, line) for line in view.lines if line.state == "open" and access.may(view.person, HANDLE, line.task)}
    lines, asked = words.lines(view), terms.extensions(view.case)
    for line in lines:
        line["deeds"] = mine.get(line["line"].task.pk)
        line["extensions"] = [_extension(view, row, decided) for row in asked.get(line["line"].task.pk, ()) if view.sight.does(line["line"].task.key)]
    accept = view.tasks[ACCEPT]
    context = {
        "view": view, "case": view.case, "title": words.title(view.case), "state": words.status(view), "lines": lines, "asks": [words.ask(each) for each in view.asks],
        "accept": accept if accept.pk in mine else None, "touch_form": forms.TouchForm() if access.may(view.person, HANDLE, view.case) else None, "touches": list(view.case.touches.select_related("by")) if view.sight.whole else [],
        "personal": [(each.held.row.pk, each.entry.label(language())) for each in view.asks if each.entry.personal and each.held.row] if access.may(view.person, evidence.REVEAL) else [],
        "results": view.results, "timeline": trail(timelines.of(view.person, view.case))}
    return render(request, "services/case.html", {**context, **more}, status=status)


def _extension(view: View, row: Extension, decided: tuple[int, forms.DecideForm] | None) -> dict[str, Any]:
    """One extension that was asked for, with the form for who may decide it."""
    may = row.state == Extension.State.ASKED and row.asked_by_id != view.person.pk and access.may(view.person, terms.DECIDE, row)
    form = decided[1] if decided and decided[0] == row.pk else forms.DecideForm(initial={"version": row.version})
    form.auto_id = f"extension-{row.pk}-%s"
    return {"row": row, "state": EXTENSIONS[row.state], "form": form if may else None}


def deeds(view: View, line: Line) -> dict[str, Any]:
    """The forms of what may be done with an open step."""
    task = line.task
    start = {"version": task.version}
    paused = line.paused
    term = task.step.gate.term
    articles = term.pauses if term and task.key not in (ACCEPT, DELIVER) else ()
    return {"result": forms.ResultForm(initial=start) if task.key not in (ACCEPT, DELIVER) and not paused else None, "deliver": forms.DeliverForm(initial=start) if task.key == DELIVER else None,
            "pause": forms.PauseForm(initial=start, articles=articles) if articles and not paused and access.may(view.person, PAUSE, task) else None,
            "extend": forms.ExtendForm(initial={**start, "days": terms.room(task, view.day).days}) if not terms.room(task, view.day).why else None,
            "resume": forms.StepForm(initial=start) if paused and task.key != ACCEPT and access.may(view.person, PAUSE, task) else None}


# ── deeds ────────────────────────────────────────────────────────────────────
Deed = Callable[[View, Task, dict[str, Any], HttpRequest], object]


def _accept(view: View, task: Task, data: dict[str, Any], request: HttpRequest) -> object:
    seen = [number for each in request.POST.getlist("verified") if (number := whole(each, 17))]
    return actions.accept_case(task=task, version=data["version"], verified=seen, tolerated=request.POST.getlist("tolerated"), reason=data["reason"], by=view.person)


def _correct(view: View, task: Task, data: dict[str, Any], request: HttpRequest) -> object:
    return actions.ask_correction(task=task, version=data["version"], items=request.POST.getlist("items"), reason=data["reason"], by=view.person)


def _finish(view: View, task: Task, data: dict[str, Any], request: HttpRequest) -> object:
    form = forms.ResultForm(request.POST, request.FILES)
    assert form.is_valid()
    return actions.finish_matter(task=task, version=data["version"], result=form.paper, reason=data["reason"], by=view.person)


def _deliver(view: View, task: Task, data: dict[str, Any], request: HttpRequest) -> object:
    return actions.deliver(task=task, version=data["version"], kind=data["kind"], reason=data["reason"], by=view.person)


def _pause(view: View, task: Task, data: dict[str, Any], request: HttpRequest) -> object:
    return stage_actions.pause_clock(task=task, to=task.key, version=data["version"], article=data["article"], reason=data["reason"], by=view.person)


def _resume(view: View, task: Task, data: dict[str, Any], request: HttpRequest) -> object:
    return stage_actions.resume_clock(task=task, to=task.key, version=data["version"], reason=data["reason"], by=view.person)


def _extend(view: View, task: Task, data: dict[str, Any], request: HttpRequest) -> object:
    return term_actions.ask_extension(task=task, version=data["version"], days=data["days"], basis=data["basis"], reason=data["reason"], by=view.person)


def _form(name: str, task: Task, request: HttpRequest) -> django_forms.Form:
    term = task.step.gate.term
    made: dict[str, Callable[[], django_forms.Form]] = {
        "accept": lambda: forms.StepForm(request.POST), "correct": lambda: forms.StepForm(request.POST), "finish": lambda: forms.ResultForm(request.POST, request.FILES),
        "deliver": lambda: forms.DeliverForm(request.POST), "pause": lambda: forms.PauseForm(request.POST, articles=term.pauses if term else ()), "resume": lambda: forms.StepForm(request.POST),
        "extend": lambda: forms.ExtendForm(request.POST)}
    return made[name]()


DEEDS: dict[str, tuple[Deed, Any]] = {
    "accept": (_accept, gettext_lazy("已受理，各部门同时开始办")), "correct": (_correct, gettext_lazy("已一次告知，等申请人补正")), "finish": (_finish, gettext_lazy("已办结这一项")),
    "deliver": (_deliver, gettext_lazy("已送达，这一件办结")), "pause": (_pause, gettext_lazy("时限已暂停")), "resume": (_resume, gettext_lazy("时限接着算")),
    "extend": (_extend, gettext_lazy("已报请批准延期，批准之前时限照走"))}


@require_POST
def case_deed(request: HttpRequest, number: str, key: str, name: str) -> HttpResponse:
    """Do one thing with one step as its page showed it; refused, the page comes again with the reason."""
    view = view_of(request, int(number))
    task = or_404(view.tasks.get(key))
    if task.state != TaskState.OPEN:
        access.require(view.person, HANDLE)
        return show(request, view, 409, error=[_("这一步已经不在办了，请看最新进展")])
    access.require(view.person, HANDLE, task)
    act, said = DEEDS[name]
    form = _form(name, task, request)
    if not form.is_valid():
        return show(request, view, 422, error=[text for texts in form.errors.values() for text in texts])
    try:
        act(view, task, form.cleaned_data, request)
    except Forbidden:
        raise
    except Refusal as refusal:
        return show(request, view_of(request, int(number)), 409 if isinstance(refusal, ChangedMeanwhile) else 422, error=refusal.texts(language()))
    messages.success(request, said)
    return redirect("services:case", number)


@require_POST
def decide_extension(request: HttpRequest, number: int) -> HttpResponse:
    """Grant or refuse more days; refused, the case's page comes again with the reason and what was typed."""
    person = asking(request)
    access.require(person, terms.DECIDE)
    row = or_404(terms.asked(person, number))
    form = forms.DecideForm(request.POST)
    if done(request, form, lambda: term_actions.decide_extension(extension=row, **form.cleaned_data, by=person)) is None:
        view = view_of(request, row.case_id)
        return show(request, view, 422, decided=(row.pk, form), error=[text for texts in form.errors.values() for text in texts])
    messages.success(request, _("已批准，时限延长了") if form.cleaned_data["grant"] else _("已答复不批准"))
    return redirect("services:case", row.case_id)


@require_POST
def touch(request: HttpRequest, number: int) -> HttpResponse:
    """Note a contact that happened."""
    view = view_of(request, number)
    form = forms.TouchForm(request.POST)
    if not form.is_valid():
        return show(request, view, 422, touch_form=form)
    actions.note_touch(case=view.case, **form.cleaned_data, by=view.person)
    messages.success(request, _("已记下"))
    return redirect("services:case", number)


# ── files ────────────────────────────────────────────────────────────────────
@require_GET
def paper(request: HttpRequest, number: int, piece: int) -> HttpResponse:
    """The file of a paper or a result, for who may see it; always as a download. What is personal goes by ``reveal`` alone."""
    found = or_404(next((one for one in view_of(request, number).pieces if one.row.pk == piece and not one.hidden), None))
    return sent(found.row.upload)


@require_POST
def reveal(request: HttpRequest, number: int) -> HttpResponse:
    """Show what is personal in full, once, with the reason kept; a file is sent."""
    view, asked = view_of(request, number), request.POST.get("piece", "")
    piece = or_404(next((one for one in view.pieces if str(one.row.pk) == asked), None))
    try:
        looks.reveal(evidence=piece.row, reason=request.POST.get("reason", ""), by=view.person)
    except Forbidden:
        raise
    except Refusal as refusal:
        return show(request, view, 422, error=refusal.texts(language()))
    if piece.row.upload:
        return sent(piece.row.upload)
    told = f"{evidence.value_of(piece.row) or ''} {piece.row.number}".strip()
    return show(request, view, revealed=(piece.entry.label(language()) if piece.entry else piece.row.entry, told))


@require_GET
def chain(request: HttpRequest, number: int) -> HttpResponse:
    """The file of what was done to this case, to be checked offline by ``diguan verify-case``."""
    view = view_of(request, number)
    if not view.sight.whole:  # it names the answers and every paper, and a chain that is cut proves nothing
        raise Forbidden(cases.VIEW, title_of(cases.VIEW))
    return download(seals.case_file(view.person, view.case).encode(), "application/json", f"case-{view.case.year}-{view.case.pk}.json")
