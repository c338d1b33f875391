"""Lists of cases for the office: all of them, and what waits for it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.access.roles import title_of
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.refusals import Forbidden
from diguan.kernel.shell import asking, language
from diguan.kernel.stages.tree import ACTIVE
from diguan.services.models import Commitment
from diguan.services.queries import case_terms as terms
from diguan.services.queries import cases
from diguan.services.queries.cases import HANDLE
from diguan.services.web import case_terms
from diguan.services.web import case_words as words


# ── lists ────────────────────────────────────────────────────────────────────
def _progress(row: Any) -> str:
    return _("{done} / {there}").format(done=row.done, there=len(row.matters))


def _state(row: Any) -> tuple[str, str]:
    if row.course is None or row.course.ended_at is None:
        return ("accent", _("在办"))
    return ("ok", _("已办结")) if row.course.status == ACTIVE else ("mute", row.course.tree.status[row.course.status].label(language()))


PAGE = ListPage(
    title=gettext_lazy("办件"), permission=cases.VIEW, export_permission=cases.EXPORT, rows=lambda person: cases.with_progress(cases.visible_cases(person)), file_name="cases", most_counted=1_000,
    empty=(gettext_lazy("还没有办件"), gettext_lazy("企业在“办一件事”里提交之后，这里就有。")), template="services/cases.html",
    about=[(gettext_lazy("口径"), gettext_lazy("一件事一次办为一件；事项数是其中要办的事项"))],
    columns=(
        Column("number", gettext_lazy("编号"), head=True, value=lambda row: row.number, link=lambda row: reverse("services:case", args=[row.pk])),
        Column("life_event", gettext_lazy("一件事"), value=words.title),
        Column("applicant", gettext_lazy("申请人"), sort=True), Column("uscc", gettext_lazy("统一社会信用代码"), in_file=True),
        Column("progress", gettext_lazy("办结事项"), value=_progress),
        Column("day", gettext_lazy("提交"), kind="day", sort=True),
        Column("ended", gettext_lazy("状态"), kind="status", value=_state)),
    filters=(Filter("q", gettext_lazy("申请人或信用代码"), kind="search", fields=("applicant", "uscc")),
             Filter("state", gettext_lazy("状态"), choices=[("open", gettext_lazy("在办")), ("ended", gettext_lazy("已办结"))],
                    apply=cases.by_state)))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Every case the office may see; an enterprise's agent has a list of its own."""
    person = asking(request)
    if access.usccs_of(person) or access.scope(person, cases.VIEW) is access.Scope.OWN:
        return redirect("services:own_cases")
    of_office(person)
    handles = access.may(person, HANDLE)
    return PAGE.show(request, waiting=cases.open_tasks(person).count() if handles else 0, promises=terms.commitments(person).filter(state=Commitment.State.UNVERIFIED).count() if handles else 0)


INBOX = ListPage(
    title=gettext_lazy("待办环节"), permission=HANDLE, rows=cases.open_tasks, file_name="case-tasks", template="services/inbox.html", personal=True, empty=(gettext_lazy("没有等您单位办的环节"), ""),
    columns=(
        Column("key", gettext_lazy("环节"), head=True, value=lambda row: row.step.label(language()), link=lambda row: reverse("services:case", args=[row.course.subject_id]), note=lambda row: row.course.title),
        Column("owner_unit", gettext_lazy("承办单位"), value=lambda row: row.owner_unit.name if row.owner_unit else ""),
        Column("opened_at", gettext_lazy("轮到时间"), kind="day", value=lambda row: row.opened_at.astimezone(clocks.COUNTY_TIME).date() if row.opened_at else None),
        Column("due", gettext_lazy("最晚"), kind="day", sort=True, nothing=gettext_lazy("时限暂停")),
        Column("shade", gettext_lazy("时限"), kind="status", value=case_terms.shade)),
    filters=(Filter("q", gettext_lazy("申请人或一件事"), kind="search", fields=("course__title",)),))


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for this person's office, soonest first."""
    of_office(asking(request))
    return INBOX.show(request)


def of_office(person: Person) -> None:
    """Let pass who sees cases for an office.

    Raises:
        Forbidden: they see none, or an enterprise's own alone.
    """
    access.require(person, cases.VIEW)
    if access.scope(person, cases.VIEW) is access.Scope.OWN:
        raise Forbidden(cases.VIEW, title_of(cases.VIEW))
