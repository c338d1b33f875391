"""Deeds of assisted handling: the office asks an assistant, the applicant consents or ends it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from diguan.kernel import access
from diguan.kernel.forms import done
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.shell import asking, language, or_404
from diguan.services.actions import case_help as actions
from diguan.services.models import CaseHelp
from diguan.services.queries import case_help as helps
from diguan.services.queries import cases as case_queries
from diguan.services.queries.cases import OPEN
from diguan.services.web import case_forms as forms
from diguan.services.web import cases


@require_POST
def offer(request: HttpRequest, number: int) -> HttpResponse:
    """Ask somebody to help; refused, the case's page comes again with what was typed."""
    view = cases.view_of(request, number)
    access.require(view.person, helps.OVERSEE, view.case)
    form = forms.HelpForm(request.POST, case=view.case, assistants=helps.assistants())
    if done(request, form, lambda: actions.offer_help(case=view.case, **form.cleaned_data, by=view.person)) is None:
        return cases.show(request, cases.view_of(request, number), 422, help_form=form)
    messages.success(request, _("已请帮办员，等申请人同意") if view.case.uscc else _("已请帮办员"))
    return redirect("services:case", number)


@require_POST
def consent(request: HttpRequest, number: int) -> HttpResponse:
    """The applicant lets the assistant help."""
    person = asking(request)
    access.require(person, OPEN)
    return _did(request, lambda row: actions.consent_help(case_help=row, by=person), or_404(helps.find(person, number)), _("已同意，帮办员现在看得到这一件"))


@require_POST
def end(request: HttpRequest, number: int) -> HttpResponse:
    """End it, by whoever has to do with it."""
    person = asking(request)
    access.require(person, case_queries.VIEW)
    return _did(request, lambda row: actions.end_help(case_help=row, reason=request.POST.get("reason", ""), by=person), or_404(helps.find(person, number)), _("帮代办已结束"))


def _did(request: HttpRequest, act: Callable[[CaseHelp], object], row: CaseHelp, said: str) -> HttpResponse:
    try:
        act(row)
    except Forbidden:
        raise
    except Refusal as refusal:
        messages.error(request, "；".join(refusal.texts(language())))
        return redirect(_back(request, row))
    messages.success(request, said)
    return redirect(_back(request, row))


def _back(request: HttpRequest, row: CaseHelp) -> str:
    """The case, for who still sees it."""
    return reverse("services:case", args=[row.case_id]) if case_queries.find(asking(request), row.case_id) else reverse("services:own_cases")
