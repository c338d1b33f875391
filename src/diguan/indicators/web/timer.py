"""The timer across rooms: how long from contract to licence to production, who waits longest and at which step; and every signed project behind it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from diguan.indicators.engine.spread import binned
from diguan.indicators.queries import EXPORT, VIEW, timer
from diguan.indicators.queries.timer import Leg
from diguan.indicators.web import words
from diguan.kernel import pictures
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.pictures import Bar
from diguan.kernel.shell import asking, language

STATES = {"signed": ("warn", gettext_lazy("等领照")), "licensed": ("accent", gettext_lazy("等投产")), "produced": ("ok", gettext_lazy("已投产")), "ended": ("mute", gettext_lazy("流失或终止"))}
TOLD: dict[str, Any] = {timer.LICENCE: gettext_lazy("执照签发日"), timer.GATE: gettext_lazy("过“已注册”关口那天"), timer.NOBODY: ""}
COUNTED = {"工作日": gettext_lazy("按工作日算（县里的日历）：这是办事的承诺"), "天": gettext_lazy("按自然日算：这是过程的长短")}


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """How the days are spread, and who waits longest."""
    person = asking(request)
    clusters = timer.clusters(person)
    cluster = request.GET.get("cluster", "")
    cluster = cluster if cluster in clusters else ""
    found = timer.timer(person, cluster)
    return render(request, "indicators/timer.html", {
        "timer": found, "legs": [_leg(leg, cluster) for leg in found.legs], "cluster": cluster, "clusters": [(one, words.part_words("cluster", one)) for one in clusters], "told": [(TOLD[who], count, _listed(cluster, told_by=who)) for who, count in found.told.items()],
        "slowest": [{"name": each.row.name, "url": reverse("projects:project", args=[each.row.pk]), "days": each.days, "signed": each.journey.signed, "since": each.row.since, "due": each.row.due,
                     "late": bool(each.row.due and each.row.due < found.as_of), "step": step_of(each.row), "next": next_of(each.row), "who": each.row.service_officer.name if each.row.service_officer else ""} for each in found.slowest],
        "all": _listed(cluster), "ended": _listed(cluster, state="ended")})


def _listed(cluster: str, **more: str) -> str:
    query = {name: value for name, value in {"cluster": cluster, **more}.items() if value}
    return reverse("indicators:timer_projects") + (f"?{urlencode(query)}" if query else "")


def _leg(leg: Leg, cluster: str) -> dict[str, Any]:
    """A leg as its card shows it; its words say which days are meant."""
    unit = words.unit_words(leg.unit)
    bars = [Bar(_span(low, high, unit), float(count), ngettext("{n} 个", "{n} 个", count).format(n=count), _listed(cluster, took=f"{leg.key}.{low}")) for low, high, count in leg.bins]
    return {"key": leg.key, "title": leg.title.text(language()), "unit": unit, "how": COUNTED[leg.unit], "done": leg.done, "waiting": leg.waiting, "bars": pictures.bars(bars), "few": leg.kept,
            "url": _listed(cluster, leg=leg.key), "waiting_url": _listed(cluster, waiting=leg.key)}


def _span(low: int, high: int | None, unit: str) -> str:
    return f"≥ {low} {unit}" if high is None else f"{low} {unit}" if low == high else f"{low}–{high} {unit}"


def step_of(row: Any) -> str:
    """Where a project stands."""
    step = row.course.tree.step.get(row.stage) if row.course else None
    return step.label(language()) if step else ""


def next_of(row: Any) -> str:
    """Where it may go from there."""
    step = row.course.tree.step.get(row.stage) if row.course else None
    return _("或").join(row.course.tree.step[each].label(language()) for each in step.next) if step else ""


def _with_leg(rows: Any, leg: str) -> Any:
    return [row for row in rows if row.journey.days.get(leg) is not None]


def _before_leg(rows: Any, leg: str) -> Any:
    return [row for row in rows if row.journey.waits(leg)]


def _legs(_person: Any) -> list[tuple[str, str]]:
    return [(key, title.text(language())) for key, (title, _unit, _edges) in timer.LEGS.items()]


def _bins(_person: Any) -> list[tuple[str, str]]:
    return [(f"{key}.{low}", f"{title.text(language())} {_span(low, high, words.unit_words(unit))}") for key, (title, unit, edges) in timer.LEGS.items() for low, high, _count in binned((), edges)]


def _in_bin(rows: Any, value: str) -> Any:
    leg, _dot, least = value.partition(".")
    low, high = next((low, high) for low, high, _count in binned((), timer.LEGS[leg][2]) if str(low) == least)
    return [row for row in _with_leg(rows, leg) if low <= row.journey.days[leg] and (high is None or row.journey.days[leg] <= high)]


PROJECTS = ListPage(
    title=gettext_lazy("全程计时的项目"), rows=timer.entries, permission=VIEW, export_permission=EXPORT, file_name="timer", template="indicators/timer_projects.html",
    empty=(gettext_lazy("没有签过正式合同的项目"), gettext_lazy("签了正式合同、由别人核实以后，项目就在这里。")),
    about=[(gettext_lazy("口径"), gettext_lazy("从首次签订正式合同起；领照是项目公司执照签发那天，老企业是过“已注册”关口那天；投产是过投产关口那天。签约到领照按工作日，其余按自然日。"))],
    columns=(
        Column("name", gettext_lazy("项目"), head=True, value=lambda row: row.journey.name, link=lambda row: reverse("projects:project", args=[row.pk]), note=lambda row: step_of(row.row)),
        Column("state", gettext_lazy("走到哪"), kind="status", value=lambda row: STATES[row.state]),
        Column("signed", gettext_lazy("签约"), kind="day", value=lambda row: row.journey.signed, sort="journey.signed"),
        Column("licensed", gettext_lazy("领照"), kind="day", value=lambda row: row.journey.licensed, note=lambda row: TOLD[row.journey.told_by], nothing=gettext_lazy("还没有")),
        Column("to_licence", gettext_lazy("签约到领照（工作日）"), kind="number", value=lambda row: row.journey.days[timer.TO_LICENCE], nothing="—"),
        Column("produced", gettext_lazy("投产"), kind="day", value=lambda row: row.journey.produced, nothing=gettext_lazy("还没有")),
        Column("whole", gettext_lazy("签约到投产（天）"), kind="number", value=lambda row: row.journey.days[timer.WHOLE], nothing="—")),
    filters=(
        Filter("q", gettext_lazy("项目"), kind="search", fields=("journey.name",)),
        Filter("state", gettext_lazy("走到哪"), choices=tuple((key, word) for key, (_kind, word) in STATES.items()), fields=("state",)),
        Filter("cluster", gettext_lazy("产业集群"), choices=lambda person: [(one, words.part_words("cluster", one)) for one in timer.clusters(person)], apply=lambda rows, value: [row for row in rows if row.journey.groups["cluster"] == value]),
        Filter("told_by", gettext_lazy("领照日由谁说"), choices=[(who, TOLD[who]) for who in (timer.LICENCE, timer.GATE)], apply=lambda rows, value: [row for row in rows if row.journey.told_by == value and row.journey.licensed]),
        Filter("leg", gettext_lazy("走完的一段"), choices=_legs, apply=_with_leg),
        Filter("took", gettext_lazy("走完用了"), choices=_bins, apply=_in_bin),
        Filter("waiting", gettext_lazy("还没走完的一段"), choices=_legs, apply=_before_leg)))


@require_GET
def projects(request: HttpRequest) -> HttpResponse:
    """Every signed project with its days."""
    return PROJECTS.show(request)
