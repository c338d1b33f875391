"""Pages for the enterprise: choose what is to be done, answer, fill in once, see whose turn it is, correct, rate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diguan.enterprises.models import Enterprise
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.api.once import fresh, sent_once
from diguan.kernel.evidence import dictionary
from diguan.kernel.forms import done
from diguan.kernel.shell import asking, language, or_404
from diguan.kernel.stages.tree import ACTIVE
from diguan.services.actions import case_help as help_actions
from diguan.services.actions import cases as actions
from diguan.services.models import LifeEvent, Rating
from diguan.services.queries import case_help as helps
from diguan.services.queries import cases, shelf
from diguan.services.queries import life_events as events
from diguan.services.queries.cases import OPEN, Ask, Draft, View
from diguan.services.web import case_forms as forms
from diguan.services.web import case_words as words

MOST_SHOWN = 200


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """我的办件: every case of the person's enterprises, those that wait for them first."""
    person = asking(request)
    access.require(person, cases.VIEW)
    views = cases.views(person, list(cases.visible_cases(person)[:MOST_SHOWN]), clocks.today())
    lines = [{"view": view, "title": words.title(view.case), "state": words.status(view), "turn": words.turn(view), "mine": not view.ended and bool(view.to_give)} for view in views]
    lines.sort(key=lambda line: not line["mine"])
    return render(request, "services/own_cases.html", {"lines": lines, "may_open": access.may(person, OPEN)})


@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """办一件事: the life events in force."""
    person = asking(request)
    access.require(person, OPEN)
    return render(request, "services/choose.html", {"events": cases.offered()})


def firms_of(person: Person) -> list[tuple[str, str]]:
    """The enterprises for which a person may open a case."""
    codes = access.usccs_of(person)
    return [(row.uscc, row.name) for row in Enterprise.objects.filter(uscc__in=codes).order_by("name_key", "uscc")] if codes else []


def apply(request: HttpRequest, key: str) -> HttpResponse:
    """Answer the questions; once all are answered, one form with one set of papers for everything that is called for."""
    person = asking(request)
    access.require(person, OPEN)
    row = or_404(LifeEvent.objects.prefetch_related("versions").filter(key=key).first())
    version = or_404(events.in_force(row, clocks.today()))
    told = request.POST if request.method == "POST" else request.GET
    answers = {name: told[name] for name in shelf.questions() if told.get(name)}
    draft: Draft = or_404(cases.draft(version, answers, clocks.today()))
    firms = firms_of(person)
    uscc = told.get("uscc", "")
    if firms and uscc not in dict(firms):  # what the county holds of another's firm is not for this person
        uscc = firms[0][0]
    entries, held = _entries(draft, uscc)
    form = forms.PapersForm(request.POST if "send" in told else None, request.FILES if "send" in told else None, entries=entries, tolerant=draft.tolerant, firms=firms, window=not firms, initial={"uscc": uscc},
                            promisable={entry.id: draft.promisable[entry.id]["days"] for entry in entries if entry.id in draft.promisable})
    if draft.ready and "send" in request.POST:
        def opened() -> HttpResponse | None:
            made = done(request, form, lambda: actions.open_case(
                life_event=version, uscc=form.cleaned_data.get("uscc", ""), applicant=form.cleaned_data.get("founder", ""), answers=dict(draft.picture.situation.answers), papers=form.papers,
                promised=form.promised, by=person, online=bool(firms)))
            if made is None:
                return None
            messages.success(request, _("已提交，编号 {number}；不用再跑，进展都在这一页").format(number=made.number))
            return redirect("services:case", made.pk)

        answer = sent_once(request, opened)
        if answer is not None:
            return answer
    questions = [shelf.questions()[name] for name in draft.picture.situation.put]
    context = {"row": row, "title": draft.picture.document.label(language()), "draft": draft, "question_form": forms.QuestionForm(initial=answers, questions=questions), "form": form, "answers": draft.picture.situation.answers,
               "held": held, "matters": [{"title": work.content["name"], "bureau": work.content["bureau"], "days": work.content["promised_days"]} for work in draft.works]}
    return render(request, "services/apply.html", {**context, "once": fresh()}, status=422 if form.errors or "send" in request.POST else 200)


def _entries(draft: Draft, uscc: str) -> tuple[list[dictionary.Entry], list[str]]:
    """What the form asks, and the names of what the county holds already."""
    there = cases.held_of(uscc, draft.asked, clocks.today()) if uscc else frozenset()
    known = dictionary.known()
    return [known[name] for name in draft.asked if name not in there and name in known], [known[name].label(language()) for name in draft.asked if name in there]


# ── one case ─────────────────────────────────────────────────────────────────
def show(request: HttpRequest, view: View, status: int = 200, form: forms.PapersForm | None = None, rate_form: forms.RateForm | None = None, withdraw_form: forms.WithdrawForm | None = None) -> HttpResponse:
    """One case for its enterprise."""
    helps_with = helps.helping(view.person, view.case)
    asked = view.to_give if not view.ended and (helps_with or access.may(view.person, OPEN, view.case)) else []
    rated = Rating.objects.filter(case=view.case).first()
    context: dict[str, Any] = {
        "view": view, "case": view.case, "title": words.title(view.case), "state": words.status(view), "turn": words.turn(view), "lines": words.lines(view), "asks": [words.ask(each) for each in view.asks],
        "form": form or (_papers_form(view, asked) if asked else None), "results": view.results, "rated": rated, "once": fresh(), "closed": view.closed, "withdraw_form": withdraw_form or (forms.WithdrawForm(initial={"version": view.course.version}) if not view.ended and access.may(view.person, OPEN, view.case) else None),
        "helped": helps.current(view.case), "helps_with": helps_with,
        "rate_form": rate_form or (forms.RateForm(initial={"stars": 5}) if view.ended and view.course.status == ACTIVE and rated is None and access.may(view.person, cases.RATE, view.case) else None)}
    return render(request, "services/own_case.html", context, status=status)


def _papers_form(view: View, asks: Sequence[Ask], *sent: Any) -> forms.PapersForm:
    """What is still to be given; a promise will do only before acceptance."""
    own = access.may(view.person, OPEN, view.case)  # an assistant promises nothing in another's name
    promisable = {ask.entry.id: ask.promise_days for ask in asks if ask.may_promise and not view.accepted and own}
    return forms.PapersForm(*sent, entries=[ask.entry for ask in asks], partly=True, promisable=promisable)


def _own(request: HttpRequest, number: int, permission: str) -> View:
    person = asking(request)
    access.require(person, permission)
    row = or_404(cases.find(person, number))
    access.require(person, permission, row)
    return View(person, row, clocks.today())


@require_POST
def supplement(request: HttpRequest, number: int) -> HttpResponse:
    """Give what is still asked for, as the applicant or for them."""
    person = asking(request)
    row = cases.find(person, number)
    helps_with = helps.helping(person, row) if row else None
    view = View(person, row, clocks.today()) if row and helps_with else _own(request, number, OPEN)
    form = _papers_form(view, view.to_give, request.POST, request.FILES)
    act = (lambda: help_actions.supplement_for(case_help=helps_with, papers=form.papers, by=person)) if helps_with else (
        lambda: actions.supplement(case=view.case, papers=form.papers, promised=form.promised, by=person))

    def given() -> HttpResponse | None:
        if done(request, form, act) is None:
            return None
        messages.success(request, _("收到了，窗口核对后接着办"))
        return redirect("services:case", number)

    return sent_once(request, given) or show(request, View(person, view.case, clocks.today()), 422, form=form)


@require_POST
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Take the case back."""
    view = _own(request, number, OPEN)
    form = forms.WithdrawForm(request.POST)
    if done(request, form, lambda: actions.withdraw_case(case=view.case, **form.cleaned_data, by=view.person)) is None:
        return show(request, _own(request, number, OPEN), 422, withdraw_form=form)
    messages.success(request, _("已撤回"))
    return redirect("services:case", number)


@require_POST
def rate(request: HttpRequest, number: int) -> HttpResponse:
    """Say how it was."""
    view = _own(request, number, cases.RATE)
    form = forms.RateForm(request.POST)
    if done(request, form, lambda: actions.rate_case(case=view.case, **form.cleaned_data, by=view.person)) is None:
        return show(request, _own(request, number, cases.RATE), 422, rate_form=form)
    messages.success(request, _("谢谢，评价已经记下"))
    return redirect("services:case", number)
