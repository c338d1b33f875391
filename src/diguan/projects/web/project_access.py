"""Pages of access reviews: begin, fill in, the result with every part opened, verify, the meeting, the decision, the printed sheet."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from diguan.kernel import access, clocks, timelines
from diguan.kernel.forms import day_field, done, file_field, paper
from diguan.kernel.refusals import Refusal
from diguan.kernel.shell import asking, language, or_404, trail
from diguan.projects.actions import access as actions
from diguan.projects.engine import access as engine
from diguan.projects.models import AccessReview
from diguan.projects.queries import access as reviews
from diguan.projects.queries.access import DECIDE, ENTER, VERIFY, ReviewView
from diguan.projects.web.project_forms import Versioned
from diguan.projects.web.project_page import view_of as project_of

State, Decision = AccessReview.State, AccessReview.Decision
VETO = {engine.YES: ("bad", gettext_lazy("否决")), engine.NO: ("ok", gettext_lazy("不涉及")), engine.UNKNOWN: ("unknown", gettext_lazy("还没查清"))}
MINIMUM = {engine.MET: ("ok", gettext_lazy("达到")), engine.BELOW: ("bad", gettext_lazy("不到")), engine.OPEN: ("unknown", gettext_lazy("还不知道"))}
DILIGENCE = {engine.YES: ("ok", gettext_lazy("做了")), engine.NO: ("bad", gettext_lazy("发现问题")), engine.UNKNOWN: ("unknown", gettext_lazy("还没做"))}
SCORE = {engine.MET: ("ok", gettext_lazy("到及格线")), engine.BELOW: ("bad", gettext_lazy("不到及格线")), engine.OPEN: ("unknown", gettext_lazy("缺数，还定不了"))}
STATES = {State.ENTERED: "warn", State.VERIFIED: "accent", State.DECIDED: "ok"}


def view_of(request: HttpRequest, number: int) -> ReviewView:
    """The review of this address.

    Raises:
        Forbidden: the person sees no reviews. Http404: there is none, or none they may see.
    """
    access.require(asking(request), reviews.VIEW)
    return or_404(reviews.find(asking(request), number))


# ── forms ────────────────────────────────────────────────────────────────────
class AnswersForm(Versioned):
    """Everything a standard asks; an empty answer is not known."""

    def __init__(self, view: ReviewView, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": _initial(view), **kwargs})
        said, nobody = language(), ("", _("还不知道"))
        for veto in view.standard.vetoes:
            self.fields[f"veto-{veto.id}"] = forms.ChoiceField(label=veto.title.text(said), required=False, choices=[nobody, (engine.NO, _("不涉及")), (engine.YES, _("涉及"))], help_text=veto.source.document)
        for asked in view.standard.inputs:
            self.fields[f"input-{asked.id}"] = forms.CharField(label=_("{title}（{unit}）").format(title=asked.title.text(said), unit=asked.unit), max_length=30, required=False)
        for one in view.standard.criteria:
            if one.words:
                self.fields[f"choice-{one.id}"] = forms.ChoiceField(label=one.title.text(said), required=False, choices=[nobody, *((word.id, word.title.text(said)) for word in one.words)])
        for check in view.standard.diligence:
            self.fields[f"check-{check.id}"] = forms.ChoiceField(label=check.title.text(said), required=False, choices=[("", _("还没做")), (engine.YES, _("做了，没有问题")), (engine.NO, _("做了，发现问题"))])
        self.fields["note"] = forms.CharField(label=_("说明"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def part(self, prefix: str) -> list[Any]:
        """The fields of one part, for the page."""
        return [self[name] for name in self.fields if name.startswith(prefix)]

    @property
    def vetoes(self) -> list[Any]:
        """The veto list."""
        return self.part("veto-")

    @property
    def figures(self) -> list[Any]:
        """The figures."""
        return self.part("input-")

    @property
    def choices(self) -> list[Any]:
        """The worded criteria."""
        return self.part("choice-")

    @property
    def checks(self) -> list[Any]:
        """Due diligence."""
        return self.part("check-")

    @property
    def answers(self) -> dict[str, Any]:
        """What was filled in, as the action takes it."""
        kinds = {"inputs": "input-", "choices": "choice-", "vetoes": "veto-", "diligence": "check-"}
        return {kind: {name.removeprefix(prefix): value for name, value in self.cleaned_data.items() if name.startswith(prefix) and value} for kind, prefix in kinds.items()} | {"note": self.cleaned_data["note"]}


def _initial(view: ReviewView) -> dict[str, Any]:
    kinds = {"inputs": "input-", "choices": "choice-", "vetoes": "veto-", "diligence": "check-"}
    said = view.row.answers
    return {f"{prefix}{name}": value for kind, prefix in kinds.items() for name, value in said.get(kind, {}).items() if value != engine.UNKNOWN} | {"note": said.get("note", ""), "version": view.row.version}


class VerifyForm(Versioned):
    """What was filled in is true."""


class MeetForm(Versioned):
    """The meeting and its minutes."""

    met_on = day_field(gettext_lazy("评审会日期"))
    members = forms.CharField(label=gettext_lazy("参会单位和人员"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    number = forms.CharField(label=gettext_lazy("纪要文号"), max_length=100, required=False)
    file = file_field(gettext_lazy("会议纪要"))


class DecideForm(Versioned):
    """Passed, refused or returned."""

    decision = forms.ChoiceField(label=gettext_lazy("决定"), choices=Decision.choices)
    conditions = forms.CharField(label=gettext_lazy("条件；不通过、退回的写明为什么"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))


# ── pages ────────────────────────────────────────────────────────────────────
@require_POST
def start(request: HttpRequest, number: int) -> HttpResponse:
    """Begin a review of a project."""
    view = project_of(request, number)
    try:
        row = actions.start_review(project=view.row, by=view.person)
    except Refusal as refusal:
        if refusal.code == "forbidden":
            raise
        for text in refusal.texts(language()):
            messages.error(request, text)
        return redirect("projects:project", number)
    return redirect("projects:access_answers", row.pk)


@require_http_methods(["GET", "POST"])
def answers(request: HttpRequest, number: int) -> HttpResponse:
    """Fill a review in; what is not known stays empty."""
    view = view_of(request, number)
    access.require(view.person, ENTER, view.row)
    form = AnswersForm(view, request.POST or None)
    row = done(request, form, lambda: actions.answer_review(review=view.row, version=form.cleaned_data["version"], answers=form.answers, by=view.person))
    if row is None:
        return render(request, "projects/access_answers.html", {"view": view, "row": view.row, "form": form, "listed": _listed(view)}, status=422 if form.errors else 200)
    messages.success(request, _("已保存，请另一个人核实"))
    return redirect("projects:access", number)


def _listed(view: ReviewView) -> list[dict[str, Any]]:
    """The entries of regulated industries that name the project's industry."""
    found = engine.matches(view.standard, str(view.row.basis.get("industry", "")), view.row.day)
    return [{"title": one.title.text(language()), "banned": one.level == engine.BANNED, "document": one.source.document} for one in found]


@require_GET
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One review: its result with every part opened, and what may be done next."""
    return show(request, view_of(request, number))


def show(request: HttpRequest, view: ReviewView, status: int = 200, **more: Any) -> HttpResponse:
    """The page of a review; ``more`` are refused forms in the place of fresh ones."""
    row, person, start_ = view.row, view.person, {"version": view.row.version}
    others = person.pk not in row.enterers
    context = shown(view) | {
        "may_answer": row.state != State.DECIDED and access.may(person, ENTER, row),
        "verify_form": VerifyForm(initial=start_) if row.state == State.ENTERED and others and access.may(person, VERIFY, row) else None,
        "meet_form": MeetForm(initial={**start_, "met_on": clocks.today()}) if row.state == State.VERIFIED and access.may(person, ENTER, row) else None,
        "decide_form": DecideForm(initial=start_) if row.state == State.VERIFIED and row.minutes_id and others and access.may(person, DECIDE, row) else None,
        "timeline": trail(timelines.of(person, row))}
    return render(request, "projects/access.html", {**context, **more}, status=status)


def shown(view: ReviewView) -> dict[str, Any]:
    """The result in words, for page and print."""
    result, said = view.result, language()
    parts = [{"title": part.criterion.title.text(said), "weight": part.criterion.weight, "value": part.word.title.text(said) if part.word else _figure(part.value), "known": part.known,
              "points": points(part.low) if part.known else f"{points(part.low)}–{points(part.high)}"} for part in result.parts]
    return {
        "view": view, "row": view.row, "project": view.row.project, "state": (STATES[view.row.state], view.row.get_state_display()), "parts": parts, "listed": _listed(view),  # type: ignore[index]
        "vetoes": [{"title": part.veto.title.text(said), "state": VETO[part.state], "document": part.veto.source.document, "confirmed": part.veto.source.confirmed, "listed": part.listed.title.text(said) if part.listed else ""} for part in result.vetoes],
        "minimums": [{"title": part.minimum.title.text(said), "value": _figure(part.value), "least": _figure(part.minimum.at_least), "unit": part.minimum.unit, "state": MINIMUM[part.state], "document": part.minimum.source.document,
                      "confirmed": part.minimum.source.confirmed} for part in result.minimums],
        "diligence": [{"title": check.title.text(said), "state": DILIGENCE[state]} for check, state in result.diligence],
        "score": points(result.low) if result.low == result.high else f"{points(result.low)}–{points(result.high)}", "line": points(result.standard.pass_line), "score_state": SCORE[result.score],
        "problems": [problem.text(said) for problem in result.problems], "note": view.row.answers.get("note", ""), "standard_title": result.standard.title.text(said), "confirmed": result.standard.source.confirmed,
        "holds": view.row.state == State.DECIDED and reviews.holds(view.row, view.row.project, clocks.today())}


def points(value: Fraction) -> str:
    """Points to one decimal, rounded down: a line is not reached by rounding.

    >>> points(Fraction(5999, 100)), points(Fraction(60))
    ('59.9', '60')
    """
    tenths = value.numerator * 10 // value.denominator
    return f"{tenths / 10:g}"


def _figure(value: Fraction | None) -> str:
    return "" if value is None else f"{float(value):,.2f}".rstrip("0").rstrip(".")


@require_GET
def printed(request: HttpRequest, number: int) -> HttpResponse:
    """The sheet for the meeting."""
    return render(request, "projects/access_print.html", shown(view_of(request, number)))


# ── deeds ────────────────────────────────────────────────────────────────────
def _meet(view: ReviewView, form: Any) -> object:
    data = form.cleaned_data
    return actions.record_meeting(review=view.row, version=data["version"], met_on=data["met_on"], members=data["members"], minutes=paper(data["file"], number=data["number"]), by=view.person)


DEEDS: dict[str, tuple[Callable[[HttpRequest], forms.Form], Callable[[ReviewView, Any], object], str, Any]] = {
    "verify": (lambda request: VerifyForm(request.POST), lambda view, form: actions.verify_review(review=view.row, version=form.cleaned_data["version"], by=view.person), "verify_form", gettext_lazy("已核实，可以上会")),
    "meet": (lambda request: MeetForm(request.POST, request.FILES), _meet, "meet_form", gettext_lazy("已记下，请领导决定")),
    "decide": (lambda request: DecideForm(request.POST), lambda view, form: actions.decide_review(review=view.row, by=view.person, **form.cleaned_data), "decide_form", gettext_lazy("已决定")),
}


@require_POST
def deed(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Do one thing with a review as its page showed it; refused, the page comes again with the reason and what was typed."""
    view, (made, act, place, said) = view_of(request, int(number)), DEEDS[name]
    form = made(request)
    if done(request, form, lambda: act(view, form)) is None:
        return show(request, view_of(request, int(number)), 422, **{place: form})
    messages.success(request, said)
    return redirect("projects:access", number)
