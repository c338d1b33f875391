"""The work desk 工作台: what waits on this person, what arrived last, what was computed last."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from diguan.kernel import access, clocks
from diguan.kernel.facts import runs
from diguan.kernel.facts.models import Batch
from diguan.kernel.shell import quick_actions_of
from diguan.kernel.templatetags.diguan import address
from diguan.site.login import person_of

WEEKDAYS = "一二三四五六日"


def home(request: HttpRequest) -> HttpResponse:
    """Officials see their desk; an enterprise's 经办人 goes straight to what it may enjoy."""
    if person_of(request).usccs() and (own := address("policies:own")):
        return redirect(own)
    may_see = access.may(person_of(request), "facts.view_batch")
    batches = access.visible(Batch.objects.all(), person_of(request), "facts.view_batch")[:5] if may_see else []
    return render(
        request,
        "site/home.html",
        {
            "batches": batches,
            "may_see_batches": may_see,
            "run": runs.latest(person_of(request), "match"),
            "buttons": quick_actions_of(person_of(request)),
            "long_day": _long_day(),
        },
    )


def _long_day() -> str:
    day = clocks.today()
    if not (get_language() or "zh").startswith("zh"):
        return f"{day:%A, %d %B %Y}"
    return _("{year}年{month}月{day}日 星期{weekday}").format(
        year=day.year, month=day.month, day=day.day, weekday=WEEKDAYS[day.weekday()]
    )
