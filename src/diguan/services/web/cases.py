"""Pages of cases for the office: what waits for it, all cases, one case with its steps, and every deed on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access, clocks, timelines
from diguan.kernel.access.roles import title_of
from diguan.kernel.api.once import fresh, sent_once
from diguan.kernel.evidence import actions as looks
from diguan.kernel.evidence import queries as evidence
from diguan.kernel.forms import done, refused
from diguan.kernel.lists.files import download, sent
from diguan.kernel.refusals import Forbidden
from diguan.kernel.seals import queries as seals
from diguan.kernel.shell import asking, language, or_404, trail, whole
from diguan.kernel.stages import actions as stage_actions
from diguan.kernel.stages.models import Task, TaskState
from diguan.kernel.stages.queries import PAUSE
from diguan.kernel.stages.refusals import ChangedMeanwhile
from diguan.services.actions import case_terms as term_actions
from diguan.services.actions import cases as actions
from diguan.services.actions import commitments as promise_actions
from diguan.services.engine.caseflow import ACCEPT, DELIVER
from diguan.services.models import Commitment, Extension
from diguan.services.queries import case_help as helps
from diguan.services.queries import case_terms as terms
from diguan.services.queries import cases
from diguan.services.queries.cases import HANDLE, Line, View
from diguan.services.web import case_forms as forms
from diguan.services.web import case_words as words
from diguan.services.web import own_cases

EXTENSIONS = {"asked": ("warn", gettext_lazy("等批准")), "granted": ("ok", gettext_lazy("已批准")), "refused": ("mute", gettext_lazy("不批准"))}


Refused = tuple[int, django_forms.Form] | None
"""A form that was refused, with the id of what it is about; shown again as it was sent."""


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


def show(request: HttpRequest, view: View, status: int = 200, decided: Refused = None, checked: Refused = None, help_form: forms.HelpForm | None = None,
         refused: tuple[str, str, django_forms.Form] | None = None, **more: Any) -> HttpResponse:
    """The page of one case for the office; ``decided`` and ``checked`` are what was refused of an extension and of a promise, ``refused`` of a step: its key, the deed, the form."""
    mine = {line.task.pk: deeds(view, line) for line in view.lines if line.state == "open" and access.may(view.person, HANDLE, line.task)}
    lines, asked = words.lines(view), terms.extensions(view.case)
    for line in lines:
        line["deeds"] = _as_typed(mine.get(line["line"].task.pk), line["line"].task, refused)
        line["extensions"] = [_extension(view, row, decided) for row in asked.get(line["line"].task.pk, ()) if view.sight.does(line["line"].task.key)]
    helped = helps.current(view.case)
    leads = not view.ended and access.may(view.person, helps.OVERSEE, view.case)
    accept, asks = view.tasks[ACCEPT], [words.ask(each) for each in view.asks]
    for one in asks:
        one["check"] = _check(view, one["ask"].promise, checked)
    context = {
        "view": view, "case": view.case, "title": words.title(view.case), "state": words.status(view), "lines": lines, "asks": asks, "late_papers": view.accepted and not view.ended and any(one["row"] for one in asks) and access.may(view.person, HANDLE, view.case),
        "accept": accept if accept.pk in mine else None, "touch_form": forms.TouchForm() if access.may(view.person, HANDLE, view.case) else None, "touches": list(view.case.touches.select_related("by")) if view.sight.whole else [],
        "personal": [(each.held.row.pk, each.entry.label(language())) for each in view.asks if each.entry.personal and each.held.row] if access.may(view.person, evidence.REVEAL) else [],
        "once": fresh(), "closed": view.closed, "close_form": forms.CloseForm(initial={"version": view.course.version}) if not view.ended and access.may(view.person, HANDLE, view.case) else None, "helped": helped, "may_end_help": helped is not None and (leads or helped.assistant_id == view.person.pk),
        "help_form": help_form or (forms.HelpForm(case=view.case, assistants=helps.assistants()) if leads and helped is None else None),
        "results": view.results, "timeline": trail(timelines.of(view.person, view.case))}
    return render(request, "services/case.html", {**context, **more}, status=status)


SLOTS = {"finish": "result", "deliver": "deliver", "pause": "pause", "resume": "resume", "extend": "extend"}


def _as_typed(found: dict[str, Any] | None, task: Task, refused: tuple[str, str, django_forms.Form] | None) -> dict[str, Any] | None:
    """The forms of a step; the one that was refused as it was sent, on the version that is shown now."""
    if found is None or refused is None or refused[0] != task.key or not found.get(SLOTS.get(refused[1], "")):
        return found
    form = refused[2]
    form.data = {**{name: form.data.get(name) for name in form.fields}, "version": task.version}
    return {**found, SLOTS[refused[1]]: form}


def _check(view: View, row: Commitment | None, checked: Refused) -> django_forms.Form | None:
    """The form for who may say of a promise what was found."""
    if row is None or row.state != Commitment.State.UNVERIFIED or row.due is None or row.evidence.entered_by_id == view.person.pk or not access.may(view.person, HANDLE, row):
        return None
    form = checked[1] if checked and checked[0] == row.pk else forms.CheckForm(initial={"version": row.version})
    form.auto_id = f"check-{row.pk}-%s"
    return form


def _extension(view: View, row: Extension, decided: Refused) -> dict[str, Any]:
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
    term, room = task.step.gate.term, terms.room(task, view.day, view.clock(task))
    articles = term.pauses if term and task.key not in (ACCEPT, DELIVER) else ()
    return {"result": forms.ResultForm(initial=start) if task.key not in (ACCEPT, DELIVER) and not paused else None, "deliver": forms.DeliverForm(initial=start) if task.key == DELIVER else None,
            "pause": forms.PauseForm(initial=start, articles=articles) if articles and not paused and access.may(view.person, PAUSE, task) else None,
            "extend": forms.ExtendForm(initial={**start, "days": room.days}) if not room.why else None,
            "resume": forms.StepForm(initial=start) if paused and task.key != ACCEPT and access.may(view.person, PAUSE, task) else None}


# ── deeds ────────────────────────────────────────────────────────────────────
Deed = Callable[[View, Task, dict[str, Any], HttpRequest], object]


def _accept(view: View, task: Task, data: dict[str, Any], request: HttpRequest) -> object:
    return actions.accept_case(task=task, version=data["version"], verified=_ticked(request), tolerated=request.POST.getlist("tolerated"), reason=data["reason"], by=view.person)


def _ticked(request: HttpRequest) -> list[int]:
    return [number for each in request.POST.getlist("verified") if (number := whole(each, 17))]


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
        typed = [_("您写的没有保存：{words}").format(words=words) for name in ("number", "reason") if (words := request.POST.get(name, "").strip()[:300])]
        return show(request, view, 409, error=[_("这一步已经不在办了，请看最新进展"), *typed])
    access.require(view.person, HANDLE, task)
    act, said = DEEDS[name]
    form = _form(name, task, request)
    if not form.is_valid():
        return show(request, view, 422, refused=(key, name, form), typed=_typed(name, request), error=[text for texts in form.errors.values() for text in texts])
    refusal = refused(lambda: act(view, task, form.cleaned_data, request))
    if refusal is not None:
        return show(request, view_of(request, int(number)), 409 if isinstance(refusal, ChangedMeanwhile) else 422, refused=(key, name, form), typed=_typed(name, request), error=refusal.texts(language()))
    messages.success(request, said)
    return redirect("services:case", number)


def _typed(name: str, request: HttpRequest) -> dict[str, Any]:
    """What was ticked and written of a form the page makes itself, to be shown again."""
    return {name: {"reason": request.POST.get("reason", ""), "verified": _ticked(request), **{each: request.POST.getlist(each) for each in ("tolerated", "items")}}}


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
def close(request: HttpRequest, number: int) -> HttpResponse:
    """End it without its delivery; refused, the page comes again with the reason and what was typed."""
    view = view_of(request, number)
    access.require(view.person, HANDLE, view.case)
    form = forms.CloseForm(request.POST)
    if done(request, form, lambda: actions.close_case(case=view.case, **form.cleaned_data, by=view.person)) is None:
        return show(request, view_of(request, number), 422, close_form=form)
    messages.success(request, _("已结束，已告知申请人"))
    return redirect("services:case", number)


@require_POST
def check_commitment(request: HttpRequest, number: int) -> HttpResponse:
    """Say what was found of a promise; refused, the case's page comes again with the reason and what was typed."""
    person = asking(request)
    access.require(person, HANDLE)
    row = or_404(terms.promise(person, number))
    form = forms.CheckForm(request.POST)
    if done(request, form, lambda: promise_actions.check_commitment(commitment=row, **form.cleaned_data, by=person)) is None:
        return show(request, view_of(request, row.case_id), 422, checked=(row.pk, form), error=[text for texts in form.errors.values() for text in texts])
    messages.success(request, _("核查结果已记下"))
    return redirect("services:case", row.case_id)


@require_POST
def verify(request: HttpRequest, number: int) -> HttpResponse:
    """Papers that followed after acceptance hold, or are sent back."""
    view = view_of(request, number)
    access.require(view.person, HANDLE, view.case)
    holds = "back" not in request.POST
    refusal = refused(lambda: actions.verify_papers(case=view.case, pieces=_ticked(request), holds=holds, reason=request.POST.get("reason", ""), by=view.person))
    if refusal is not None:
        return show(request, view, 422, typed=_typed("accept", request), error=refusal.texts(language()))
    messages.success(request, _("补交的材料已核对") if holds else _("已退回，请申请人重交"))
    return redirect("services:case", number)


@require_POST
def touch(request: HttpRequest, number: int) -> HttpResponse:
    """Note a contact that happened."""
    view = view_of(request, number)
    form = forms.TouchForm(request.POST)

    def noted() -> HttpResponse | None:
        if done(request, form, lambda: actions.note_touch(case=view.case, **form.cleaned_data, by=view.person)) is None:
            return None
        messages.success(request, _("已记下"))
        return redirect("services:case", number)

    return sent_once(request, noted) or show(request, view, 422, touch_form=form)


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
    refusal = refused(lambda: looks.reveal(evidence=piece.row, reason=request.POST.get("reason", ""), by=view.person))
    if refusal is not None:
        return show(request, view, 422, typed={"reveal": {"reason": request.POST.get("reason", ""), "piece": piece.row.pk}}, error=refusal.texts(language()))
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
