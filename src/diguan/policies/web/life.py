"""Pages of a policy's life: the list 政策全过程, one policy's way with its gate, papers and history, and every deed on it."""

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

from diguan.kernel import access, clocks
from diguan.kernel.evidence import actions as evidence
from diguan.kernel.evidence import queries as held
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.forms import done
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.lists.files import sent
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.shell import asking, language, or_404, whole
from diguan.kernel.stages import actions as stages
from diguan.kernel.stages import shelf
from diguan.kernel.stages.refusals import ChangedMeanwhile
from diguan.policies import queries
from diguan.policies.actions import life as actions
from diguan.policies.queries import life, life_view
from diguan.policies.queries.life_view import Life, Line
from diguan.policies.web import life_forms as forms
from diguan.policies.web import life_shown as shown

STATES = {life_view.LATE: ("bad", gettext_lazy("已超期")), life_view.RUNNING: ("accent", gettext_lazy("在办")), life_view.HELD: ("warn", gettext_lazy("停办")),
          life_view.ENDED: ("ok", gettext_lazy("办结")), life_view.NONE: ("mute", gettext_lazy("没有开始"))}


def life_of(request: HttpRequest, policy_id: str) -> Life:
    """The life of the policy of this address.

    Raises:
        Forbidden: the person may see no courses. Http404: there is none, or none that they may see.
    """
    return or_404(life_view.of_policy(asking(request), policy_id))


# ── the list ─────────────────────────────────────────────────────────────────
def _stage(line: Line) -> str:
    if line.course is None:
        return ""
    step = line.course.tree.step.get(line.stage)
    return step.label(language()) if step else ""


def _status(line: Line) -> tuple[str, str]:
    if line.course is not None and line.course.status in line.course.tree.status:
        return (shown.COLOURS.get(line.course.status, "warn"), line.course.tree.status[line.course.status].label(language()))
    kind, word = STATES[line.state]
    return (kind, str(word))


def _url(line: Line) -> str:
    return reverse("policies:life", args=[line.policy_id]) if line.course else reverse("policies:policy", args=[line.policy_id])


def _stages(person: Any) -> list[tuple[str, str]]:
    return [(step.id, step.label(language())) for step in shelf.known()[life.FLOW].steps]


PAGE = ListPage(
    title=gettext_lazy("政策全过程"), permission=life_view.VIEW, rows=life_view.lines, file_name="policy-lives", template="policies/lives.html",
    empty=(gettext_lazy("没有这样的政策"), ""),
    columns=(
        Column("title", gettext_lazy("政策"), sort=True, head=True, link=_url, note=lambda line: line.policy_id),
        Column("state", gettext_lazy("状态"), kind="status", value=_status),
        Column("stage", gettext_lazy("阶段"), value=_stage, nothing=gettext_lazy("没有开始")),
        Column("due", gettext_lazy("截止"), kind="day", sort=True, nothing=gettext_lazy("没有期限")),
        Column("office", gettext_lazy("承办单位"), value=lambda line: line.office or line.issuer, sort=True)),
    filters=(Filter("q", gettext_lazy("政策名称或编号"), kind="search", fields=("title", "policy_id")),
             Filter("state", gettext_lazy("状态"), choices=[(name, word) for name, (_kind, word) in STATES.items()]),
             Filter("stage", gettext_lazy("阶段"), choices=_stages)))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Every policy with its stage, due date and whose it is; the late ones can be filtered."""
    return PAGE.show(request, may_begin=access.may(asking(request), actions.BEGIN))


def begin(request: HttpRequest) -> HttpResponse:
    """Begin the life of a policy; one of the library, or the draft somebody comes from, is filled in."""
    person = asking(request)
    access.require(person, actions.BEGIN)
    policy = queries.library().policies.get(request.GET.get("policy", ""))
    initial = {"day": clocks.today(), "policy_id": policy.id if policy else request.GET.get("policy", "")[:80], "title": policy.label() if policy else request.GET.get("title", "")[:200]}
    form = forms.Begin(request.POST or None, initial=initial)
    course = done(request, form, lambda: actions.begin_life(**form.cleaned_data, by=person))
    if course is None:
        return render(request, "policies/life_begin.html", {"form": form, "in_force": policy is not None and policy.publishable}, status=422 if form.errors else 200)
    messages.success(request, _("已开始，下一步是公平竞争审查"))
    return redirect("policies:life", course.subject_id)


# ── one of them ──────────────────────────────────────────────────────────────
@require_GET
def one(request: HttpRequest, policy_id: str) -> HttpResponse:
    """Where a policy is on its way, what is missing at the next gate, its papers and its history."""
    return _show(request, life_of(request, policy_id))


def _show(request: HttpRequest, found: Life, status: int = 200, **more: Any) -> HttpResponse:
    return render(request, "policies/life.html", {**shown.page(found), **more}, status=status)


Deed = Callable[[HttpRequest, Life, dict[str, Any]], object]


def _pass(request: HttpRequest, found: Life, data: dict[str, Any]) -> object:
    return actions.pass_stage(task=or_404(found.task), by=found.person, **data)


def _back(request: HttpRequest, found: Life, data: dict[str, Any]) -> object:
    return actions.send_stage_back(task=or_404(found.task), by=found.person, **data)


def _hold(request: HttpRequest, found: Life, data: dict[str, Any]) -> object:
    return actions.hold_life(course=found.course, by=found.person, **data)


def _resume(request: HttpRequest, found: Life, data: dict[str, Any]) -> object:
    return actions.resume_life(course=found.course, by=found.person, **data)


def _assign(request: HttpRequest, found: Life, data: dict[str, Any]) -> object:
    return stages.assign_task(task=or_404(found.task), version=data["version"], owner=None, unit=data["unit"], by=found.person)


def _form_of(deed: str, found: Life, data: Any, files: Any = None) -> django_forms.Form:
    """The form a deed was sent with."""
    back = [(name, name) for name in found.task.step.back] if found.task else []
    made: dict[str, Callable[[], django_forms.Form]] = {
        "pass": lambda: forms.Pass(data), "back": lambda: forms.Back(back, data), "resume": lambda: forms.Resume(data), "assign": lambda: forms.Assign(data),
        "hold": lambda: forms.Hold(shown.holds_of(found), len(actions.open_claims(found.course.subject_id)), data),
        "hand-in": lambda: forms.HandIn(shown.asked(found), data, files)}
    return made[deed]()


def _hand_in(request: HttpRequest, found: Life, data: dict[str, Any]) -> object:
    form = _form_of("hand-in", found, request.POST, request.FILES)
    assert form.is_valid()
    assert isinstance(form, forms.HandIn)
    office = found.task.owner_unit_id if found.task else None
    about = evidence.About(life.KIND, found.course.subject_id, owner_unit=office or found.course.owner_unit_id)
    return evidence.enter(entry=data["entry"], about=about, paper=form.paper(), by=found.person)


DEEDS: dict[str, tuple[Deed, str, Any]] = {
    "pass": (_pass, "pass_form", gettext_lazy("已进入下一阶段")), "back": (_back, "back_form", gettext_lazy("已退回")),
    "hold": (_hold, "hold_form", gettext_lazy("已改")), "resume": (_resume, "resume_form", gettext_lazy("已恢复")),
    "assign": (_assign, "assign_form", gettext_lazy("已转交")),
    "hand-in": (_hand_in, "hand_in_form", gettext_lazy("已填报，请另一个人核实"))}


@require_POST
def deed(request: HttpRequest, policy_id: str, name: str) -> HttpResponse:
    """Do one thing with a life as its page showed it; refused, the page comes again with the reason and what was typed."""
    found = life_of(request, policy_id)
    act, place, words = DEEDS[name]
    form = _form_of(name, found, request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, found, 422, **{place: form})
    try:
        act(request, found, form.cleaned_data)
    except Forbidden:
        raise
    except Refusal as refusal:
        again = life_of(request, policy_id)
        return _show(request, again, 409 if isinstance(refusal, ChangedMeanwhile) else 422, error=refusal.texts(language()), **{place: form})
    messages.success(request, words)
    return redirect("policies:life", policy_id)


# ── papers ───────────────────────────────────────────────────────────────────
def _piece(request: HttpRequest, found: Life, number: int) -> Evidence:
    return or_404(next((one.row for one in found.pieces if one.row.pk == number), None))


@require_POST
def decide(request: HttpRequest, policy_id: str, number: str, name: str) -> HttpResponse:
    """Verify or reject one piece of evidence as the page showed it; never one's own."""
    found = life_of(request, policy_id)
    row, version = _piece(request, found, int(number)), whole(request.POST.get("version", ""), 8)
    try:
        if name == "verify":
            evidence.verify(evidence=row, version=version, by=found.person)
        else:
            evidence.reject(evidence=row, version=version, reason=request.POST.get("reason", ""), by=found.person)
    except Forbidden:
        raise
    except Refusal as refusal:
        return _show(request, found, 409 if refusal.code == "changed_meanwhile" else 422, error=refusal.texts(language()))
    messages.success(request, _("已核实") if name == "verify" else _("已驳回"))
    return redirect("policies:life", policy_id)


@require_GET
def paper(request: HttpRequest, policy_id: str, number: int) -> HttpResponse:
    """The file of a piece of evidence, for who may see it; always as a download."""
    found = life_of(request, policy_id)
    return sent(held.file_of(found.person, _piece(request, found, number)))
