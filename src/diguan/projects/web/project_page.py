"""One project: its page, and every deed on it; a deed that is refused comes back with the reason and what was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from diguan.kernel import access, packs, timelines
from diguan.kernel.api.once import fresh, sent_once
from diguan.kernel.evidence import actions as papers
from diguan.kernel.evidence import queries as held
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.forms import done, refused
from diguan.kernel.lists.files import sent
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.shell import asking, language, or_404, whole
from diguan.kernel.stages import actions as stage_actions
from diguan.kernel.stages.queries import due_words
from diguan.kernel.stages.refusals import ChangedMeanwhile, GateClosed
from diguan.kernel.stages.tree import ACTIVE
from diguan.kernel.templatetags.diguan import quantity
from diguan.projects.actions import board as actions
from diguan.projects.actions import projects as opening
from diguan.projects.queries import board, leads, projects
from diguan.projects.queries.board import HOLD, View
from diguan.projects.queries.projects import CHANGE
from diguan.projects.web import project_forms as forms
from diguan.projects.web import project_words as words


def view_of(request: HttpRequest, number: int) -> View:
    """The project of this address.

    Raises:
        Forbidden: the person sees no projects. Http404: there is none, or none they may see.
    """
    access.require(asking(request), projects.VIEW)
    return or_404(board.find(asking(request), number))


@require_GET
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One project: where it stands, what is missing before the next stage, its papers, what was done."""
    return show(request, view_of(request, number))


def show(request: HttpRequest, view: View, status: int = 200, **more: Any) -> HttpResponse:
    """The page of a project; ``more`` are refused forms in the place of fresh ones."""
    person, row, flow, task = view.person, view.row, view.course.tree, view.task
    may_change, may_hold = access.may(person, CHANGE, row), access.may(person, HOLD, row)
    context = {
        "view": view, "row": row, "state": words.view_status(view), "bar": words.bar(view), "ways": [words.way(view, way) for way in view.ways], "papers": words.papers(view),
        "due": [text.text(language()) for way in view.ways if way.clock and (text := due_words(task, way.step.id))] if task else [],
        "move_forms": {way.step.id: forms.MoveForm(initial={"to": way.step.id, "version": task.version}) for way in view.ways} if task and view.may_move else {},
        "team_form": forms.TeamForm(initial={"version": row.version, "chain_chief": row.chain_chief_id, "task_force": row.task_force_id, "service_officer": row.service_officer_id}) if may_change else None,
        "note_form": forms.NoteForm() if may_change else None, "back_form": forms.BackForm(_back(view), initial={"version": task.version}) if task and view.may_move and _back(view) else None,
        "status_form": forms.StatusForm(to, initial={"version": view.course.version}) if may_hold and (to := statuses(view)) else None,
        "paper_form": forms.PaperForm(words.entries_of(view)) if task and access.may(person, projects.MOVE, row) and access.may(person, held.ENTER) else None,
        "may_change": may_change, "land_words": quantity(row.land, "亩") if row.land is not None else "", "industry": packs.codes().industries.get(row.industry, ""), "timeline": words.history(timelines.of(person, row, limit=30)), "held": view.course.status != ACTIVE and view.course.status in flow.status}
    return render(request, "projects/project.html", {**context, **more}, status=status)


def _back(view: View) -> list[tuple[str, str]]:
    return [(name, view.course.tree.step[name].label(language())) for name in view.step.back]


def statuses(view: View) -> list[tuple[str, str]]:
    """What may be declared now: a status of the flow, or that it goes on again."""
    now = view.course.tree.status.get(view.course.status)
    if now is not None:
        return [] if now.final else [(ACTIVE, _("恢复推进"))]
    if view.task is None:
        return []
    return [(one.id, one.label(language())) for one in view.course.tree.statuses if not one.start or view.step.id in one.start]


# ── opened, changed ──────────────────────────────────────────────────────────
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Open a project: by itself, on a lead (``?lead=``), or as an addition to another (``?extends=``)."""
    person = asking(request)
    access.require(person, CHANGE)
    lead = or_404(leads.visible_leads(person).filter(pk=whole(request.GET["lead"], 17)).first()) if request.GET.get("lead") else None
    seen = projects.visible_projects(person)
    initial: dict[str, Any] = {"extends": request.GET.get("extends", "")[:20], "kind": "added" if request.GET.get("extends") else "new"}
    if lead is not None:
        initial |= {"name": lead.title, "investor": lead.firm_name, "investor_uscc": lead.uscc, **{name: getattr(lead, name) for name in ("region", "source", "told", "node", "industry", "jobs")}}
        initial |= {"planned_fen": f"{lead.investment_fen / 100:.2f} 元" if lead.investment_fen is not None else "", "land": lead.land / forms.MU if lead.land is not None else None}
    form = forms.ProjectForm(seen, request.POST or None, initial=initial)

    def opened() -> HttpResponse | None:
        row = done(request, form, lambda: opening.open_project(said=form.said, by=person, lead=lead, extends=form.cleaned_data["extends"]))
        if row is None:
            return None
        messages.success(request, _("已立项，下一步明确链长、链班和服务专员"))
        return redirect("projects:project", row.pk)

    return sent_once(request, opened) or render(request, "projects/project_form.html", {"form": form, "lead": lead, "once": fresh()}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, number: int) -> HttpResponse:
    """Change what is told of a project; whoever comes second keeps what they typed and sees what is there now."""
    view = view_of(request, number)
    access.require(view.person, CHANGE, view.row)
    form = forms.ChangeForm(projects.visible_projects(view.person), request.POST or None, initial=forms.initial_of(view.row))
    row = done(request, form, lambda: actions.change_project(
        project=view.row, version=form.cleaned_data["version"] or 0, said=form.said, extends=form.cleaned_data["extends"], enterprise=form.cleaned_data["enterprise"], by=view.person))
    if row is None:
        clash = bool(form.is_bound and not form.has_error("version") and str(form.data.get("version")) != str(view.row.version))
        return render(request, "projects/project_form.html", {"form": form, "row": view.row, "now": _now(view.row) if clash else []}, status=409 if clash else 422 if form.errors else 200)
    messages.success(request, _("已保存"))
    return redirect("projects:project", number)


def _now(row: Any) -> list[tuple[Any, Any]]:
    """What is there now, for who came second."""
    shown = forms.ChangeForm(None, initial=forms.initial_of(row))
    return [(bound.label, bound.value()) for bound in shown.visible_fields() if bound.value() not in (None, "")]


# ── deeds ────────────────────────────────────────────────────────────────────
Deed = Callable[[HttpRequest, View, Any], object]


def _move(request: HttpRequest, view: View, form: Any) -> object:
    return opening.pass_stage(project=view.row, task=or_404(view.task), by=view.person, **form.cleaned_data)


def _send_back(request: HttpRequest, view: View, form: Any) -> object:
    return actions.send_project_back(project=view.row, task=or_404(view.task), by=view.person, **form.cleaned_data)


def _status(request: HttpRequest, view: View, form: Any) -> object:
    return actions.set_project_status(project=view.row, by=view.person, **form.cleaned_data)


def _waive(request: HttpRequest, view: View, form: Any) -> object:
    return stage_actions.waive_item(task=or_404(view.task), by=view.person, **form.cleaned_data)


def _team(request: HttpRequest, view: View, form: Any) -> object:
    return actions.name_team(project=view.row, by=view.person, **form.cleaned_data)


def _paper(request: HttpRequest, view: View, form: Any) -> object:
    return actions.hand_in(project=view.row, entry=form.cleaned_data["entry"], paper=form.paper(), by=view.person)


def _note(request: HttpRequest, view: View, form: Any) -> object:
    return actions.note_project_progress(project=view.row, note=form.note, by=view.person)


DEEDS: dict[str, tuple[Deed, str, Any]] = {
    "move": (_move, "move_form", gettext_lazy("已进入下一阶段")), "back": (_send_back, "back_form", gettext_lazy("已退回")), "status": (_status, "status_form", gettext_lazy("状态已改")),
    "waive": (_waive, "waive_form", gettext_lazy("已免予提供，理由已留痕")), "team": (_team, "team_form", gettext_lazy("已明确")),
    "paper": (_paper, "paper_form", gettext_lazy("已交，请另一个人核实")), "note": (_note, "note_form", gettext_lazy("已记下"))}


def form_of(name: str, view: View, request: HttpRequest) -> django_forms.Form:
    """The form a deed was sent with."""
    made: dict[str, Callable[[], django_forms.Form]] = {
        "move": lambda: forms.MoveForm(request.POST), "back": lambda: forms.BackForm(_back(view), request.POST), "status": lambda: forms.StatusForm(statuses(view), request.POST),
        "waive": lambda: forms.WaiveForm(request.POST), "team": lambda: forms.TeamForm(request.POST), "paper": lambda: forms.PaperForm(words.entries_of(view), request.POST, request.FILES),
        "note": lambda: forms.NoteForm(request.POST)}
    return made[name]()


@require_POST
def deed(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Do one thing with a project as its page showed it. A closed gate answers with the form of what is missing, never with a silent no."""
    view, (act, place, said) = view_of(request, int(number)), DEEDS[name]
    form = form_of(name, view, request)
    if not form.is_valid():
        return _again(request, view, 422, name, form, place, [])
    try:
        act(request, view, form)
    except Forbidden:
        raise
    except GateClosed:
        return gate_page(request, view_of(request, int(number)), form.cleaned_data["to"], 422, blocked=True)
    except Refusal as refusal:
        field = refusal.field if refusal.field in form.fields else None
        if field:
            form.add_error(field, refusal.texts(language()))
        status = 409 if isinstance(refusal, ChangedMeanwhile) or refusal.code == "conflict" else 422
        return _again(request, view_of(request, int(number)), status, name, form, place, [] if field else refusal.texts(language()))
    messages.success(request, said)
    gate = request.POST.get("gate", "")
    return redirect("projects:gate", number, gate) if gate in view.course.tree.step and gate in view.step.next else redirect("projects:project", number)


def _again(request: HttpRequest, view: View, status: int, name: str, form: Any, place: str, error: list[str]) -> HttpResponse:
    """Where it was sent from, with the form as it was sent."""
    gate = request.POST.get("gate", "")
    if gate in view.step.next and name in ("paper", "waive"):
        return gate_page(request, view, gate, status, refused=form, error=error)
    return show(request, view, status, error=error, **{place: form})


@require_POST
def step_done(request: HttpRequest, number: int, progress: int) -> HttpResponse:
    """The next step that was noted is done."""
    view = view_of(request, number)
    row = or_404(next((one for one in view.progress if one.pk == progress), None))
    refusal = refused(lambda: actions.finish_project_step(project=view.row, progress=row, version=whole(request.POST.get("version", ""), 9), by=view.person))
    if refusal is not None:
        return show(request, view_of(request, number), 409, error=refusal.texts(language()))
    messages.success(request, _("这一步办了"))
    return redirect("projects:project", number)


# ── the gate ─────────────────────────────────────────────────────────────────
@require_GET
def gate(request: HttpRequest, number: int, to: str) -> HttpResponse:
    """What is missing before a stage, each with the form to hand it in."""
    return gate_page(request, view_of(request, number), to)


def gate_page(request: HttpRequest, view: View, to: str, status: int = 200, refused: Any = None, **more: Any) -> HttpResponse:
    """The form of what is missing: met items first; evidence is handed in here, part by part."""
    way = or_404(next((words.way(view, one) for one in view.ways if one.step.id == to), None))
    may_enter = access.may(view.person, projects.MOVE, view.row) and access.may(view.person, held.ENTER)
    waits = {one["row"].entry for one in words.papers(view) if one["row"].state == "entered"}
    for item in way["items"]:
        sent_as = refused is not None and refused.data.get("entry") == item["entry"] and item["entry"]
        item["waits"] = item["entry"] in waits
        item["lacking"] = item["fact"] and not item["met"] and not item["entry"]
        item["form"] = (refused if sent_as else forms.PaperForm([item["entry"]], initial={"entry": item["entry"]}, auto_id=f"paper-{item['id']}-%s")) if item["entry"] and may_enter else None
    move = forms.MoveForm(initial={"to": to, "version": view.task.version}) if view.task and view.may_move and way["met"] else None
    return render(request, "projects/gate.html", {"view": view, "row": view.row, "way": way, "move_form": move, "refused": refused, **more}, status=status)


# ── papers ───────────────────────────────────────────────────────────────────
def _piece(view: View, number: int) -> Evidence:
    return or_404(next((one.row for one in view.pieces if one.row.pk == number), None))


@require_POST
def decide(request: HttpRequest, number: str, piece: str, name: str) -> HttpResponse:
    """Verify, reject or withdraw one paper as the page showed it; nobody verifies their own."""
    view = view_of(request, int(number))
    row, version, why = _piece(view, int(piece)), whole(request.POST.get("version", ""), 9), request.POST.get("reason", "")
    made: dict[str, Callable[[], Any]] = {"verify": lambda: papers.verify(evidence=row, version=version, by=view.person), "reject": lambda: papers.reject(evidence=row, version=version, reason=why, by=view.person),
                                          "withdraw": lambda: papers.withdraw(evidence=row, version=version, reason=why, by=view.person)}
    refusal = refused(made[name])
    if refusal is not None:
        return show(request, view_of(request, int(number)), 409 if refusal.code == "changed_meanwhile" else 422, error=refusal.texts(language()), typed=why)
    messages.success(request, {"verify": _("已核实"), "reject": _("已驳回"), "withdraw": _("已撤回，相应的关口重新关上")}[name])
    return redirect("projects:project", number)


@require_GET
def file(request: HttpRequest, number: int, piece: int) -> HttpResponse:
    """The file of a paper, for who may see it; always as a download."""
    view = view_of(request, number)
    return sent(held.file_of(view.person, _piece(view, piece)))
