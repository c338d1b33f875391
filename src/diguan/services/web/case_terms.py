"""Pages about the days of cases: what comes near or is late (督办), and more days asked for and decided (延期)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from diguan.kernel import clocks, packs
from diguan.kernel.declare import DeskItem
from diguan.kernel.evidence import dictionary
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.shell import language
from diguan.kernel.stages.models import Task
from diguan.services.engine import caseterms
from diguan.services.engine.caseterms import RED, YELLOW
from diguan.services.models import Commitment, Extension
from diguan.services.queries import case_terms as terms
from diguan.services.web.case_words import PROMISES

STUCK = 4
"""So many late steps fit on the weekly sheet."""
SHADES = {RED: ("bad", gettext_lazy("已超期")), YELLOW: ("warn", gettext_lazy("快到期")), "": ("accent", gettext_lazy("在期限内"))}


def shade(row: Task) -> tuple[str, Any]:
    """Colour and word of the day of a step; a term that stands still has no day."""
    return SHADES[terms.shade_of(row, clocks.today())] if row.due else ("mute", gettext_lazy("时限暂停"))


def address_of(row: Task) -> str:
    """Where a step is on the page of its case."""
    return f"{reverse('services:case', args=[row.course.subject_id])}#{row.key}"


def _shaded(rows: QuerySet[Task], value: str) -> QuerySet[Task]:
    late = {"due__lt": clocks.today()}
    return rows.filter(**late) if value == RED else rows.exclude(**late)


def _told(rows: Sequence[Any]) -> Sequence[Any]:
    """The rows, each with the day on which it was brought to whoever leads, if it was."""
    found = terms.escalated(rows)
    for row in rows:
        row.escalated = found.get(row.pk)
    return rows


# ── what comes near or is late ───────────────────────────────────────────────
WATCH = ListPage(
    title=gettext_lazy("督办"), permission=terms.OVERSEE, rows=terms.watched, file_name="case-watch", fill=_told,
    empty=(gettext_lazy("没有快到期和超期的环节"), gettext_lazy("到期前五个工作日起，环节会列在这里。")),
    about=[(gettext_lazy("口径"), gettext_lazy("五个工作日内到期的和超期的；剩下不到期限五分之一（最少一天）算快到期，通知承办人；过了最晚一天算超期，上报一次"))],
    columns=(
        Column("key", gettext_lazy("环节"), head=True, value=lambda row: row.step.label(language()), link=address_of, note=lambda row: row.course.title),
        Column("state", gettext_lazy("状态"), kind="status", value=shade),
        Column("owner_unit", gettext_lazy("承办单位"), value=lambda row: row.owner_unit.name if row.owner_unit else ""),
        Column("due", gettext_lazy("最晚"), kind="day", sort=True),
        Column("escalated", gettext_lazy("上报"), kind="day", value=lambda row: row.escalated, nothing=gettext_lazy("没有上报"))),
    filters=(Filter("q", gettext_lazy("申请人或一件事"), kind="search", fields=("course__title",)),
             Filter("shade", gettext_lazy("状态"), choices=[(RED, gettext_lazy("已超期")), (YELLOW, gettext_lazy("还没到期"))], apply=_shaded)))


@require_GET
def watch(request: HttpRequest) -> HttpResponse:
    """Steps whose day is near or past, for who oversees them."""
    return WATCH.show(request)


def stuck(person: Any, sheet: Any) -> dict[str, Any] | None:
    """For the weekly dispatch sheet: steps past their day, the oldest first; nothing where all are in time."""
    late = terms.watched(person).filter(due__lt=clocks.today())
    rows = list(late[:STUCK])
    return {"rows": [{"step": row.step.label(language()), "case": row.course.title, "url": address_of(row), "unit": row.owner_unit.name if row.owner_unit else "", "due": row.due} for row in rows],
            "more": late.count() - len(rows)} if rows else None


# ── extensions ───────────────────────────────────────────────────────────────
def _days(row: Extension) -> str:
    return _("{n} 个工作日").format(n=row.days)


EXTENSIONS = ListPage(
    title=gettext_lazy("等批的延期"), permission=terms.DECIDE, rows=terms.to_decide, file_name="case-extensions", personal=True, empty=(gettext_lazy("没有等您批的延期"), ""),
    columns=(
        Column("task", gettext_lazy("环节"), head=True, value=lambda row: row.task.step.label(language()), link=lambda row: address_of(row.task), note=lambda row: row.task.course.title),
        Column("days", gettext_lazy("延长"), value=_days), Column("basis", gettext_lazy("法律依据")), Column("reason", gettext_lazy("理由")),
        Column("asked_by", gettext_lazy("申请人"), value=lambda row: row.asked_by.name),
        Column("due", gettext_lazy("最晚"), kind="day", value=lambda row: row.task.due, nothing=gettext_lazy("时限暂停"))))


@require_GET
def extensions(request: HttpRequest) -> HttpResponse:
    """What waits for this person to decide."""
    return EXTENSIONS.show(request)


# ── commitments ──────────────────────────────────────────────────────────────
def _promise_state(row: Commitment) -> tuple[str, Any]:
    if row.state != Commitment.State.UNVERIFIED:
        return PROMISES[row.state]
    return SHADES[caseterms.shade(row.due, row.days, clocks.today(), packs.calendar())] if row.due else SHADES[""]


COMMITMENTS = ListPage(
    title=gettext_lazy("告知承诺核查"), permission=terms.HANDLE, rows=terms.commitments, file_name="case-commitments", empty=(gettext_lazy("没有要您单位核查的告知承诺"), ""),
    columns=(
        Column("entry", gettext_lazy("代替的材料"), head=True, value=lambda row: dictionary.known()[row.entry].label(language()), link=lambda row: f"{reverse('services:case', args=[row.case_id])}#papers",
               note=lambda row: f"{row.case.number} {row.case.applicant}"),
        Column("state", gettext_lazy("状态"), kind="status", value=_promise_state),
        Column("unit", gettext_lazy("核查单位"), value=lambda row: row.unit.name if row.unit else ""),
        Column("due", gettext_lazy("最晚核查"), kind="day"),
        Column("reason", gettext_lazy("核查情况"))),
    filters=(Filter("q", gettext_lazy("申请人"), kind="search", fields=("case__applicant",)), Filter("state", gettext_lazy("状态"), choices=Commitment.State.choices)))


@require_GET
def commitments(request: HttpRequest) -> HttpResponse:
    """The promises that this person's office checks."""
    return COMMITMENTS.show(request)


def desk(person: Any) -> Iterator[DeskItem]:
    """What waits for this person to decide, as a line of the desk."""
    waiting = terms.to_decide(person).count()
    if waiting:
        yield DeskItem("first", "warn", _("等您批"), _("{n} 份延期申请等您批").format(n=waiting), _("批准之前时限照走"), "", reverse("services:case_extensions"), _("去批"), 30)


def late(person: Any) -> Iterator[DeskItem]:
    """What is late, as a line of the desk of whoever oversees it."""
    n = _shaded(terms.watched(person), RED).count()
    if n:
        yield DeskItem("first", "bad", _("超期"), _("{n} 个办件环节超期").format(n=n), "", "", f"{reverse('services:case_watch')}?shade={RED}", _("去看"), 35)
