"""The list of leads: columns, filters and what the search box finds, in one declaration."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.enterprises import engine as names
from diguan.kernel import clocks
from diguan.kernel.declare import Hit, Hits
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.projects.models import Lead, LeadSource
from diguan.projects.queries import assignments, leads
from diguan.projects.web import lead_words as words


def address_of(row: Lead) -> str:
    """Where its page is."""
    return reverse("projects:lead", args=[row.pk])


def search(rows: QuerySet[Lead], text: str) -> QuerySet[Lead]:
    """The leads whose title, number or firm holds the text."""
    return rows.filter(Q(title__contains=text.strip()) | Q(number__contains=text.strip()) | Q(name_key__contains=names.name_key(text)))


def in_year(rows: QuerySet[Lead], year: str) -> QuerySet[Lead]:
    """Those that came in a year."""
    return rows.filter(came_on__year=int(year)) if year.isascii() and year.isdigit() and len(year) == 4 else rows.none()


def due_by(rows: QuerySet[Lead], value: str) -> QuerySet[Lead]:
    """Those whose step is late, whose news are, or whose referrer waits."""
    return {"stage": leads.late, "news": leads.stale, "referrer": leads.unanswered, "free": leads.free}[value](rows)


def holders(person: Any) -> list[tuple[str, str]]:
    """Who holds any of the leads this person sees."""
    rows = leads.visible_leads(person).exclude(holder=None).order_by("holder__name", "holder").values_list("holder", "holder__name").distinct()
    return [("me", _("我的")), *((str(number), name) for number, name in rows)]


def held_by(rows: QuerySet[Lead], value: str) -> QuerySet[Lead]:
    """Those of one holder."""
    return rows.filter(holder=int(value)) if value.isascii() and value.isdigit() else rows


class _LeadPage(ListPage):
    """The list, in which 我的 is whoever asks."""

    def chosen(self, request: Any) -> list[tuple[Filter, str]]:
        """The filters that are set; ``holder=me`` is the person."""
        return [(item, str(request.user.pk) if item.key == "holder" and value == "me" else value) for item, value in super().chosen(request)]


FILTERS = (
    Filter("q", gettext_lazy("名称"), kind="search", apply=search),
    Filter("stage", gettext_lazy("进到哪一步"), choices=words.STAGES, apply=lambda rows, value: rows.filter(stage=value)),
    Filter("status", gettext_lazy("状态"), choices=words.STATUSES, apply=lambda rows, value: rows.filter(course__status=value)),
    Filter("holder", gettext_lazy("持有人"), choices=holders, apply=held_by),
    Filter("source", gettext_lazy("线索来源"), choices=tuple(LeadSource.choices)),
    Filter("due", gettext_lazy("时限"), choices=(("stage", gettext_lazy("这一步超期")), ("news", gettext_lazy("该写进展没写")), ("referrer", gettext_lazy("没答复引荐人")), ("free", gettext_lazy("可以认领"))), apply=due_by),
    Filter("brought", gettext_lazy("登记单位"), choices=lambda person: [(str(unit.pk), unit.name) for unit in assignments.units()], apply=lambda rows, value: rows.filter(registered_unit__path__contains=f"/{value}/", duplicate_of__isnull=True)),
    Filter("year", gettext_lazy("得到年度"), choices=lambda person: [(str(year), str(year)) for year in range(clocks.today().year, clocks.today().year - 6, -1)], apply=in_year),
)
PAGE = _LeadPage(
    title=gettext_lazy("招商线索"), rows=leads.visible_leads,
    columns=(
        Column("title", gettext_lazy("线索"), link=address_of, head=True, note=lambda row: row.number),
        Column("firm_name", gettext_lazy("投资方"), sort="name_key"),
        Column("stage", gettext_lazy("进到哪一步"), kind="status", value=words.stage_of),
        Column("clock", gettext_lazy("时限"), kind="status", value=words.clock_of, nothing=gettext_lazy("没有时限")),
        Column("holder.name", gettext_lazy("持有人"), note=lambda row: row.owner_unit.name if row.owner_unit else "", nothing=gettext_lazy("没有人持有")),
        Column("get_source_display", gettext_lazy("线索来源"), wide=True),
        Column("came_on", gettext_lazy("得到线索"), kind="day", sort="came_on", wide=True),
        Column("number", gettext_lazy("编号"), in_file=True),
        Column("uscc", gettext_lazy("统一社会信用代码"), in_file=True),
        Column("told", gettext_lazy("想投什么"), in_file=True),
        Column("investment_fen", gettext_lazy("意向投资"), kind="money", in_file=True),
        Column("protected_until", gettext_lazy("保护到"), kind="day", in_file=True),
    ),
    filters=FILTERS,
    permission=leads.VIEW, export_permission=leads.EXPORT, file_name="leads", template="projects/leads.html",
    empty=(gettext_lazy("还没有线索"), gettext_lazy("先登记一条。")),
)


def found(person: Any, text: str, limit: int) -> Hits:
    """What the search box finds here."""
    rows = search(leads.visible_leads(person), text)
    hits = [Hit(row.title, address_of(row), row.firm_name) for row in rows[:limit]]
    return Hits(hits, rows.count(), f"{reverse('projects:leads')}?{urlencode({'q': text})}")
