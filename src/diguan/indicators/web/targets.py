"""Pages of targets: the figure beside the target, the distance in words, and an estimate of the year's end."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diguan.indicators.actions import goals as actions
from diguan.indicators.engine import figures, gaps
from diguan.indicators.engine.forecast import Forecast
from diguan.indicators.models import Target
from diguan.indicators.queries import goals, plans, snapshots
from diguan.indicators.queries.goals import Standing
from diguan.indicators.web import plan_forms as forms
from diguan.indicators.web import plan_lists as lists
from diguan.indicators.web import plan_words as words
from diguan.indicators.web.plans import deed, plan_of, reason_of, shown_form, version_of
from diguan.indicators.web.words import period_words, told_address
from diguan.kernel import access, pictures, timelines
from diguan.kernel.forms import done
from diguan.kernel.shell import asking, language, or_404, trail


def target_of(request: HttpRequest, number: int) -> Target:
    """The target of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), plans.VIEW)
    return or_404(plans.target(asking(request), number))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All targets beside their figures."""
    person = asking(request)
    return lists.target_page(person).show(request, tabs=words.tabs(), run=snapshots.current())


@require_GET
def target(request: HttpRequest, number: int) -> HttpResponse:
    """One target."""
    return _show(request, target_of(request, number))


def _show(request: HttpRequest, row: Target, status: int = 200, **more: Any) -> HttpResponse:
    person = asking(request)
    (one,) = goals.standings(person, [row])
    context = {"row": row, "value": words.value_words(row), "found": words.found_words(one), "status": words.goal_status(one), "gap": one.gap.text(language()), "standing": one, "run": snapshots.current(),
               "period": period_words(_span(one), one.cell.period) if one.cell and one.one else "", "ending": _ending(one), "rows_url": _rows_url(one), "chart": _chart(person, one),
               "may_manage": access.may(person, plans.MANAGE, row), "timeline": trail(timelines.of(person, row)), **more}
    return render(request, "indicators/target.html", context, status=status)


def _span(one: Standing) -> str:
    assert one.cell is not None
    return one.cell.span


def _rows_url(one: Standing) -> str:
    if one.cell is None or one.found is None:
        return ""
    part = {"dim": one.row.dim, "group": one.row.group} if one.row.dim else {}
    return f"{reverse('indicators:rows', args=[one.cell.code])}?{urlencode({'period': one.cell.period, **part})}"


def _ending(one: Standing) -> dict[str, str] | None:
    """The estimate of the year's end: low, middle and high in words, and what it rests on."""
    if one.one is None or not isinstance(one.ending, Forecast):
        return None
    unit, whole_ = one.one.unit, one.one.unit in figures.COUNTS
    low, high = gaps.bounds(one.ending, whole_)
    mid = Decimal(f"{one.ending.mid:.{0 if whole_ else 2}f}")
    low_words, mid_words, high_words = (figures.words(unit, each).text(language()) for each in (low, mid, high))
    return {"low": low_words, "mid": mid_words, "high": high_words, "based_on": one.ending.based_on.text(language())}


def _chart(person: Any, one: Standing) -> pictures.Chart | None:
    """The year's months and the target as a line."""
    if one.one is None or one.found is None:
        return None
    found = snapshots.figures(person)
    cells = list(found.series(one.row.indicator, one.row.dim, one.row.group))[-25:] if found else []
    points = [None if (value := cell.value(one.one)) is None else float(value) for cell in cells]
    goal = float(goals.value_of(one.row))
    series = [pictures.Series(one.row.title, points, urls=[told_address(one.one, cell) for cell in cells]), pictures.Series(_("目标"), [goal if cell.period[:4] == str(one.row.year) else None for cell in cells])]
    return pictures.chart(series, [cell.period for cell in cells], one.one.unit if language() == "zh" else figures.english(one.one.unit), zh=language() == "zh")


# ── writing ──────────────────────────────────────────────────────────────────
def new(request: HttpRequest, number: int) -> HttpResponse:
    """Set a target of a plan."""
    plan = plan_of(request, number)
    access.require(asking(request), plans.MANAGE, plan)
    form = forms.TargetForm(request.POST or None, initial={**forms.year_of(plan), "source": plan.source, "checked": not plan.provisional})
    row = done(request, form, lambda: actions.set_target(plan=plan, wanted=form.wanted(), owner_unit=form.cleaned_data["owner_unit"], owner=form.cleaned_data["owner"], by=asking(request)))
    if row is None:
        return shown_form(request, form, _("立目标"), words.plan_address(plan.pk), _("立目标"))
    messages.success(request, _("目标立好了"))
    return redirect(words.target_address(row))


def change(request: HttpRequest, number: int) -> HttpResponse:
    """Change a target."""
    row = target_of(request, number)
    access.require(asking(request), plans.MANAGE, row)
    form = forms.TargetChangeForm(request.POST or None, initial=forms.filled(row))
    saved = done(request, form, lambda: actions.change_target(target=row, version=form.cleaned_data["version"], wanted=form.wanted(), owner_unit=form.cleaned_data["owner_unit"], owner=form.cleaned_data["owner"], reason=form.cleaned_data["reason"], by=asking(request)))
    return redirect(words.target_address(row)) if saved else shown_form(request, form, _("调整目标"), words.target_address(row), _("调整目标"))


@require_POST
def take_back(request: HttpRequest, number: int) -> HttpResponse:
    """Take a target back."""
    row = target_of(request, number)
    return deed(request, lambda: actions.take_back_target(target=row, version=version_of(request), reason=reason_of(request), by=asking(request)), _("目标已撤回，原因留着"), partial(_show, request, row), words.plan_address(row.plan_id))
