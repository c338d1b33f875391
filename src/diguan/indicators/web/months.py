"""Pages of published months: all of them, one with its publications, and the form that publishes it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from diguan.indicators.actions import published as actions
from diguan.indicators.engine import spans
from diguan.indicators.models import PublishedMonth
from diguan.indicators.queries import PUBLISH, VIEW, changes, published, snapshots
from diguan.indicators.web import change_words
from diguan.kernel import access, clocks, periods
from diguan.kernel.access.models import Person
from diguan.kernel.facts import runs
from diguan.kernel.facts.runs import Run
from diguan.kernel.forms import done
from diguan.kernel.lists import Column, ListPage
from diguan.kernel.shell import asking, language, or_404

OFFERED = 13
PAGE = ListPage(
    title=gettext_lazy("已发布的月份"), rows=published.months, permission=VIEW, file_name="months", template="indicators/months.html",
    empty=(gettext_lazy("还没有发布过月份"), gettext_lazy("月度指标核对好以后，由县领导发布；发布以后再改，要再发布一次。")),
    columns=(
        Column("month", gettext_lazy("月份"), head=True, sort=True, link=lambda row: reverse("indicators:month", args=[row.month])),
        Column("number", gettext_lazy("第几次发布"), kind="number"),
        Column("run.as_of", gettext_lazy("数据截至"), kind="day"),
        Column("created_at", gettext_lazy("发布时间"), kind="moment"),
        Column("created_by.name", gettext_lazy("谁发布的")),
        Column("reason", gettext_lazy("说明"))))


def _run_words(run: Run) -> str:
    """A snapshot, told apart from others of its day by how much it holds and who took it."""
    return " · ".join(filter(None, (change_words.run_words(run), _("{n} 个数").format(n=run.rows), str(run.created_by or ""))))


class PublishForm(forms.Form):
    """From which snapshot; published again: why."""

    run = forms.ChoiceField(label=gettext_lazy("用哪份快照"))
    reason = forms.CharField(label=gettext_lazy("说明"), max_length=300, required=False, help_text=gettext_lazy("第一次发布、数都齐全的可以不写；有数不齐或再次发布，要写原因"))

    def __init__(self, month: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = {run.run_id: run for run in published.offered(month)}
        self.fields["run"].choices = [(name, _run_words(run)) for name, run in self.offered.items()]  # type: ignore[attr-defined]


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Every published month, the newest first."""
    current = snapshots.current()
    known = {row.month for row in published.months(asking(request))}
    ended = [month for month in spans.months(clocks.today(), OFFERED) if published.ended(month) <= clocks.today() and month not in known]
    may = access.may(asking(request), PUBLISH) and current is not None
    return PAGE.show(request, open_months=list(reversed(ended))[:3] if may else [])


@require_http_methods(["GET", "POST"])
def month(request: HttpRequest, month: str) -> HttpResponse:
    """One month: its publications with what changed from one to the next; who may publishes it from here."""
    person = asking(request)
    access.require(person, VIEW)
    _month_or_404(month)
    if request.method == "POST":
        access.require(person, PUBLISH)
    form = PublishForm(month, request.POST or None) if access.may(person, PUBLISH) else None
    saved = done(request, form, lambda: actions.publish_month(month=month, run=form.offered[form.cleaned_data["run"]], by=person, reason=form.cleaned_data["reason"])) if form else None
    if saved is not None:
        return redirect("indicators:month", month=month)
    rows = published.versions(month)
    context = {"month": month, "rows": _lines(person, rows, month), "form": form if form and (form.offered or form.is_bound) else None, "again": bool(rows)}
    return render(request, "indicators/month.html", context, status=422 if request.method == "POST" else 200)


def _month_or_404(month: str) -> None:
    try:
        published.ended(month)
    except periods.PeriodError:
        or_404(None)


def _lines(person: Person, rows: list[PublishedMonth], month: str) -> list[dict[str, Any]]:
    """Publications, the last first, each with how many figures of the month it changed against the one before."""
    whole = {row.pk: runs.intact(row.run) for row in rows}
    before = {late.pk: early for late, early in pairwise(rows)}
    lines = []
    for row in rows:
        early = before.get(row.pk)
        able = early is not None and whole[row.pk] and whole[early.pk]
        found = changes.between(person, early.run, row.run) if early and able else []
        url = reverse("indicators:against", args=[row.run.run_id, early.run.run_id]) if early and able else ""
        lines.append({"row": row, "whole": whole[row.pk], "changed": [_changed(one, early, row) for one in found if one.period == month] if early else [], "url": url, "all": len(found)})
    return lines


def _changed(one: changes.Changed, early: PublishedMonth, row: PublishedMonth) -> dict[str, str]:
    return {"title": one.one.title.text(language()), "before": change_words.shown(one.one, one.before), "after": change_words.shown(one.one, one.after), "url": change_words.address(one.code, early.run, row.run, one.period)}
