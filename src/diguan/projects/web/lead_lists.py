"""The list of leads: columns, filters and what the search box finds, in one declaration."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy

from diguan.enterprises import engine as names
from diguan.kernel.declare import Hit, Hits
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.projects.models import Lead, LeadSource
from diguan.projects.queries import leads


def address_of(row: Lead) -> str:
    """Where its page is."""
    return reverse("projects:lead", args=[row.pk])


def search(rows: QuerySet[Lead], text: str) -> QuerySet[Lead]:
    """The leads whose title, number or firm holds the text."""
    return rows.filter(Q(title__contains=text.strip()) | Q(number__contains=text.strip()) | Q(name_key__contains=names.name_key(text)))


PAGE = ListPage(
    title=gettext_lazy("招商线索"), rows=leads.visible_leads,
    columns=(
        Column("number", gettext_lazy("编号"), sort="number", link=address_of, head=True),
        Column("title", gettext_lazy("线索")),
        Column("firm_name", gettext_lazy("投资方"), sort="name_key"),
        Column("get_source_display", gettext_lazy("线索来源")),
        Column("holder.name", gettext_lazy("持有人")),
        Column("came_on", gettext_lazy("得到线索"), kind="day", sort="came_on"),
    ),
    filters=(Filter("q", gettext_lazy("名称"), kind="search", apply=search), Filter("source", gettext_lazy("线索来源"), choices=tuple(LeadSource.choices))),
    permission=leads.VIEW, export_permission=leads.EXPORT, file_name="leads", template="kernel/list.html",
    empty=(gettext_lazy("还没有线索"), gettext_lazy("先登记一条。")),
)


def found(person: Any, text: str, limit: int) -> Hits:
    """What the search box finds here."""
    rows = search(leads.visible_leads(person), text)
    hits = [Hit(row.title, address_of(row), row.firm_name) for row in rows[:limit]]
    return Hits(hits, rows.count(), f"{reverse('projects:leads')}?{urlencode({'q': text})}")
