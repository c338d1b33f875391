"""Pages of walks: the list, a walk that is begun, one on the way (read standing, on a phone), two side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access, clocks, timelines
from diguan.kernel.forms import done, refused
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.shell import asking, language, or_404, trail, whole
from diguan.services.actions import walks as actions
from diguan.services.models import LifeEvent, StepKind, Walk, WalkRole, WalkStep
from diguan.services.queries import cases, shelf, walks
from diguan.services.queries import life_events as events
from diguan.services.queries.walks import VIEW, WALK, Way
from diguan.services.web import case_forms
from diguan.services.web import walk_forms as forms
from diguan.services.web import walk_words as words


# ── the list ─────────────────────────────────────────────────────────────────
def _counted(rows: Sequence[Any]) -> Sequence[Any]:
    """The rows with what was counted on each, in one query."""
    steps: dict[int, list[WalkStep]] = {}
    for step in WalkStep.objects.filter(walk__in=[row.pk for row in rows]):
        steps.setdefault(step.walk_id, []).append(step)
    for row in rows:
        row.totals = walks.totals(steps.get(row.pk, []))
    return rows


def _events(person: Any) -> list[tuple[str, str]]:
    met = LifeEvent.objects.filter(versions__walks__in=walks.visible_walks(person).order_by().values("pk")).distinct().order_by("id")
    return [(row.key, row.title.get(language()) or row.title["zh"]) for row in met]


NOT_COUNTED = gettext_lazy("没有计")
PAGE = ListPage(
    title=gettext_lazy("局长办证"), permission=VIEW, export_permission=walks.EXPORT, rows=walks.visible_walks, fill=_counted, file_name="walks", template="services/walks/walks.html",
    empty=(gettext_lazy("还没有人走过流程"), gettext_lazy("局长以申请人或经办人员的身份走一件事，遇到的问题在这里变成整改建议。")),
    about=[(gettext_lazy("口径"), gettext_lazy("走一次为一条；分钟和趟数只加计了的环节，没有计不等于零"))],
    columns=(
        Column("life_event", gettext_lazy("一件事"), head=True, value=lambda row: words.event(row.life_event), link=lambda row: reverse("services:walk", args=[row.pk]), note=lambda row: row.get_role_display()),
        Column("created_by", gettext_lazy("谁走的"), value=lambda row: row.created_by.name if row.created_by else "", note=lambda row: row.owner_unit.name if row.owner_unit else ""),
        Column("day", gettext_lazy("哪天"), kind="day", sort=True),
        Column("minutes", gettext_lazy("用了几分钟"), kind="number", value=lambda row: row.totals.minutes, nothing=NOT_COUNTED),
        Column("trips", gettext_lazy("跑了几趟"), kind="number", value=lambda row: row.totals.trips, nothing=NOT_COUNTED),
        Column("noted", gettext_lazy("问题"), kind="number", sort=True), Column("proposed", gettext_lazy("整改建议"), kind="number", sort=True),
        Column("closed", gettext_lazy("状态"), kind="status", value=words.walk_state)),
    filters=(
        Filter("life_event", gettext_lazy("一件事"), choices=_events, fields=("life_event__life_event__key",)), Filter("role", gettext_lazy("身份"), choices=WalkRole.choices),
        Filter("state", gettext_lazy("状态"), choices=[("going", gettext_lazy("在走")), ("closed", gettext_lazy("走完了"))], apply=lambda rows, value: rows.filter(closed__isnull=value == "going"))))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The walks this person may see."""
    return PAGE.show(request, may_walk=access.may(asking(request), WALK))


# ── begun ────────────────────────────────────────────────────────────────────
@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """Which life event is walked."""
    access.require(asking(request), WALK)
    found = [{"key": one.row.key, "title": one.document.label(language()), "matters": len(one.document.parts)} for one in cases.offered()]
    return render(request, "services/walks/choose.html", {"events": found})


def begin(request: HttpRequest, key: str) -> HttpResponse:
    """Answer the questions, say as whom, and go."""
    person = asking(request)
    access.require(person, WALK)
    row = or_404(LifeEvent.objects.prefetch_related("versions").filter(key=key).first())
    version = or_404(events.in_force(row, clocks.today()))
    told = request.POST if request.method == "POST" else request.GET
    draft = or_404(cases.draft(version, {name: told[name] for name in shelf.questions() if told.get(name)}, clocks.today()))
    answers = dict(draft.picture.situation.answers)
    form = forms.BeginForm(request.POST or None)
    walk = done(request, form, lambda: actions.begin_walk(life_event=version, role=form.cleaned_data["role"], answers=answers, by=person))
    if walk is not None:
        messages.success(request, _("开始了；到一步记一步"))
        return redirect("services:walk", walk.pk)
    questions = [shelf.questions()[name] for name in draft.picture.situation.put]
    context = {"row": row, "title": draft.picture.document.label(language()), "draft": draft, "answers": answers, "form": form, "question_form": case_forms.QuestionForm(initial=answers, questions=questions),
               "steps": [words.title(WalkStep(kind=kind, entry=entry, matter=matter)) for kind, entry, matter in walks.steps_of(draft)] if draft.ready else []}
    return render(request, "services/walks/begin.html", context, status=422 if form.errors else 200)


# ── on the way ───────────────────────────────────────────────────────────────
def walk_of(request: HttpRequest, number: int) -> Walk:
    """The walk of this address.

    Raises:
        Forbidden: the person sees no walks. Http404: there is none, or none they may see.
    """
    access.require(asking(request), VIEW)
    return or_404(walks.find_walk(asking(request), number))


@require_GET
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One walk with its steps."""
    return _show(request, walk_of(request, number))


def _show(request: HttpRequest, walk: Walk, status: int = 200, error: Sequence[str] = (), sent: tuple[int, str, Any] | None = None) -> HttpResponse:
    """The page of one walk; ``sent`` is the form that was refused: its step, its name, itself."""
    way, person = Way(walk), asking(request)
    mine = access.may(person, WALK, walk)
    lines = _lines(way, mine and not walk.closed, sent)
    context = {"walk": walk, "title": words.event(walk.life_event), "state": words.walk_state(walk), "figures": words.counted(way.totals), "lines": lines, "here": next((line["step"].place for line in lines if line["now"] and line["open"]), None), "mine": mine,
               "others": walks.others(person, walk).exists(), "troubles": sum(way.troubles.values()), "error": error, "timeline": trail(timelines.of(person, walk))}
    return render(request, "services/walks/walk.html", context, status=status)


def _lines(way: Way, going: bool, sent: tuple[int, str, Any] | None) -> list[dict[str, Any]]:
    now = next((step.pk for step in way.steps if step.done_at is None), None)
    return [_line(way, step, step.pk == now, going, sent if sent and sent[0] == step.place else None) for step in way.steps]


def _line(way: Way, step: WalkStep, now: bool, going: bool, sent: tuple[int, str, Any] | None) -> dict[str, Any]:
    made = {} if not going else {"done_form": _done_form(step, None), "note_form": _note_form(way, step, None)}
    if sent and going:
        made[f"{sent[1]}_form"] = sent[2]
    for note in way.notes.get(step.pk, []):
        note.step = step
        step.walk = way.walk
    return {"step": step, "title": words.title(step), "hint": words.hint(step), "state": words.step_state(step), "now": now, "open": going and (now or sent is not None), "noting": bool(sent and sent[1] == "note"), **made,
            "took": " · ".join([words.minutes(step.took), words.trips(step.trips)]) if step.done_at else "", "notes": [(note, words.about(note), len(note.proposals.all())) for note in way.notes.get(step.pk, [])]}


def _done_form(step: WalkStep, data: Any) -> forms.DoneForm:
    return forms.DoneForm(data, auto_id=f"s{step.place}-%s", initial={"minutes": step.minutes, "trips": step.trips})


def _note_form(way: Way, step: WalkStep, data: Any) -> forms.NoteForm:
    return forms.NoteForm(data, auto_id=f"s{step.place}-%s", about=way.about(step), whole=step.kind != StepKind.PAPER)


def _reach(way: Way, step: WalkStep, request: HttpRequest) -> None:
    actions.reach_step(walk=way.walk, step=step, by=asking(request))


def _done(form: Any, way: Way, step: WalkStep, request: HttpRequest) -> None:
    actions.finish_step(walk=way.walk, step=step, **form.cleaned_data, by=asking(request))


def _noted(form: Any, way: Way, step: WalkStep, request: HttpRequest) -> None:
    actions.note_walk(walk=way.walk, step=step, trouble=form.cleaned_data["trouble"], words=form.cleaned_data["words"], matter=form.chosen, by=asking(request))


DEEDS: dict[str, tuple[Callable[[Way, WalkStep, Any], Any] | None, Callable[..., None], Any]] = {
    "reach": (None, _reach, gettext_lazy("记下了到的时间")), "done": (lambda _way, step, data: _done_form(step, data), _done, gettext_lazy("这一步记下了")), "note": (_note_form, _noted, gettext_lazy("问题记下了"))}


@require_POST
def step_deed(request: HttpRequest, number: str, place: str, name: str) -> HttpResponse:
    """Say that one has arrived, is done, or has met something; refused, the page comes again with the reason and what was typed."""
    walk = walk_of(request, whole(number))
    access.require(asking(request), WALK, walk)
    way = Way(walk)
    step = or_404(next((each for each in way.steps if each.place == whole(place, 4)), None))
    make, act, said = DEEDS[name]
    form = make(way, step, request.POST) if make else None
    if form is not None and not form.is_valid():
        return _show(request, walk, 422, [text for texts in form.errors.values() for text in texts], (step.place, name, form))
    refusal = refused(lambda: act(*([form] if form is not None else []), way, step, request))
    if refusal is not None:
        return _show(request, walk_of(request, walk.pk), 422, refusal.texts(language()), (step.place, name, form) if form is not None else None)
    messages.success(request, said)
    return redirect(f"{reverse('services:walk', args=[walk.pk])}#step-{step.place}")


@require_POST
def close(request: HttpRequest, number: int) -> HttpResponse:
    """Say that it has come to its end."""
    walk = walk_of(request, number)
    refusal = refused(lambda: actions.close_walk(walk=walk, by=asking(request)))
    if refusal is not None:
        return _show(request, walk, 422, refusal.texts(language()))
    messages.success(request, _("走完了；有问题的，提整改建议"))
    return redirect("services:walk", walk.pk)


# ── side by side ─────────────────────────────────────────────────────────────
@require_GET
def beside(request: HttpRequest, number: int) -> HttpResponse:
    """This walk beside another of the same life event, the newest unless one is chosen."""
    walk, person = walk_of(request, number), asking(request)
    others = list(walks.others(person, walk))
    chosen = whole(request.GET.get("other", ""))
    other = next((each for each in others if each.pk == chosen), others[0] if others and not chosen else None)
    if chosen and other is None:
        or_404(None)
    pairs = walks.beside(Way(walk).steps, Way(other).steps) if other else []
    context = {"walk": walk, "title": words.event(walk.life_event), "other": other, "names": (words.walk(walk), words.walk(other) if other else ""), "others": [(each.pk, words.walk(each)) for each in others],
               "rows": words.pairs(pairs), "minutes": walks.comparable(pairs, lambda step: step.took), "trips": walks.comparable(pairs, lambda step: step.trips),
               "totals": [(words.minutes(told.minutes), words.trips(told.trips), told) for each in (walk, other) if each for told in [Way(each).totals]]}
    return render(request, "services/walks/beside.html", context)
