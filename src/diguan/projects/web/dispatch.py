"""The weekly dispatch sheet: one page of A4, exceptions only."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from diguan.kernel import access, clocks
from diguan.kernel.shell import asking, language
from diguan.projects.models.leads import LEAD
from diguan.projects.queries import dispatch
from diguan.projects.queries.dispatch import Item, Part

SPAN = range(2000, 2200)


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """One week, by default this one; ``week`` is any day of it, or as browsers write weeks (2026-W44)."""
    access.require(asking(request), dispatch.VIEW)
    week = _day(request.GET.get("week", ""))
    found = dispatch.sheet(asking(request), week)
    parts = [("decide", _("请您定"), _("没有要定的"), found.decide), ("stuck", _("卡住的"), _("没有卡住的"), found.stuck), ("moved", _("这一周的进展"), _("这一周没有进到下一步的"), found.moved), ("coming", _("下周到期"), _("下周没有到期的"), found.coming)]
    context = {"sheet": found, "parts": [(key, title, nothing, _rows(part), part.more) for key, title, nothing, part in parts],
               "before": (found.start - dt.timedelta(days=7)).isoformat(), "after": (found.start + dt.timedelta(days=7)).isoformat()}
    return render(request, "projects/dispatch.html", context)


def _day(text: str) -> dt.date:
    try:
        day = dt.date.fromisoformat(f"{text}-1" if "W" in text else text)
    except ValueError:
        return clocks.today()
    return day if day.year in SPAN else clocks.today()


def _rows(part: Part) -> list[dict[str, Any]]:
    return [{"what": one.what, "why": one.why.text(language()), "who": one.who, "day": one.day, "url": address_of(one), "kind": _("线索") if one.kind == LEAD else _("项目")} for one in part.items]


def address_of(one: Item) -> str:
    """The page of what an item is about."""
    return reverse("projects:lead" if one.kind == LEAD else "projects:project", args=[one.number])
