"""The work desk 工作台: what waits on this person, what arrived last, what was computed last."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.facts import batches
from diguan.kernel.shell import LOOKED, DeskGroup, asking, desk_of, news_of, quick_actions_of, source_name
from diguan.kernel.templatetags.diguan import WEEKDAYS, address, moment
from diguan.policies import queries as policies
from diguan.site import desk
from diguan.site.web.batches import sheet_name

GROUPS = {"first": gettext_lazy("先办这些"), "week": gettext_lazy("本周"), "waiting": gettext_lazy("等别人")}
DELIVERIES = 5
# Who holds none of these rights does nothing here but know: a leader.
DOES = ("facts.import_batch", "policies.run_match", "access.manage_person")


def home(request: HttpRequest) -> HttpResponse:
    """Officials see their desk; an enterprise's 经办人 goes straight to what it may enjoy."""
    person = asking(request)
    if access.usccs_of(person) and (own := address("policies:mine")):
        return redirect(own)
    groups, exceptions = desk_of(person), not any(access.may(person, right) for right in DOES)
    if news_of(request):  # only then: a session written at every look would make every read a write
        request.session[LOOKED] = clocks.now().isoformat()
    return render(request, "site/home.html", {
        "groups": [(GROUPS[group.key], group) for group in groups], "total": sum(len(group.items) for group in groups),
        "summary": _summary(groups, exceptions), "greeting": _greeting(), "long_day": _long_day(), "buttons": quick_actions_of(person),
        "exceptions_only": exceptions,
        "run": policies.current_run(), "match": _match(person), "may_see_runs": access.may(person, "facts.view_run"),
        "may_see_policies": access.may(person, "policies.view_policy"), **_delivered(person)})


def _match(person: Person) -> list[tuple[str, int]]:
    """How the current match came out over all policies, each enterprise counted once a policy; nothing where the person sees no county."""
    run = policies.current_run()
    if run is None or not policies.sees_county(person):
        return []
    totals = policies.totals_of(run).values()
    return [(_("在施行的政策"), len(totals)), (_("可享"), sum(one.eligible for one in totals)),
            (_("差一步"), sum(one.near_miss for one in totals)), (_("待补信息"), sum(one.unknown for one in totals))]


def _delivered(person: Person) -> dict[str, Any]:
    """The last deliveries as a timeline, and how much came whole."""
    if not access.may(person, batches.VIEW):
        return {"deliveries": None}
    rows = batches.batches(person).filter(state="committed", replaces_all=False)[:DELIVERIES]
    lines = [{"when": moment(row.committed_at), "what": f"{sheet_name(row.sheet)} {row.period if row.period != 'all' else ''}",
              "note": _("{source} · {rows} 行").format(source=source_name(row.source), rows=f"{row.rows:,}"),
              "url": reverse("site:batch", args=[row.pk]), "icon": "database"} for row in rows]
    return {"deliveries": lines, "on_time": desk.on_time(person), "own_deliveries": access.scope(person, batches.VIEW) is not access.Scope.COUNTY}


def _summary(groups: list[DeskGroup], exceptions: bool) -> str:
    counts = {group.key: len(group.items) for group in groups}
    if not counts:
        return _("现在没有要您办的。")
    words = [(counts.get("first"), _("{n} 件先要知道") if exceptions else _("{n} 件要先办")), (counts.get("week"), _("{n} 件本周看")), (counts.get("waiting"), _("{n} 件等别人"))]
    return _("您有 {counts}。").format(counts=_("、").join(word.format(n=n) for n, word in words if n))


def _greeting() -> str:
    hour = clocks.now().astimezone(clocks.COUNTY_TIME).hour
    return _("早上好") if 5 <= hour < 11 else _("中午好") if 11 <= hour < 13 else _("下午好") if 13 <= hour < 18 else _("晚上好")


def _long_day() -> str:
    day = clocks.today()
    if not (get_language() or "zh").startswith("zh"):
        return f"{day:%A, %d %B %Y}"
    return _("{year}年{month}月{day}日 星期{weekday}").format(
        year=day.year, month=day.month, day=day.day, weekday=WEEKDAYS[day.weekday()]
    )
