"""The list: columns, filters and what the search box finds, in one declaration."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy

from diguan.kernel.declare import Hit, Hits
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.outreach import queries
from diguan.outreach.models import Outreach


def address_of(row: Outreach) -> str:
    """Where its page is."""
    return reverse("outreach:detail", args=[row.pk])


PAGE = ListPage(
    title=gettext_lazy("外出招商"), rows=queries.visible_outreach,
    columns=(
        Column("name", gettext_lazy("名称"), sort="name_key", link=address_of, head=True),
        Column("owner_unit.name", gettext_lazy("归口单位")),
        Column("note", gettext_lazy("说明")),
        Column("changed_at", gettext_lazy("修改时间"), kind="moment", sort="changed_at"),
    ),
    filters=(Filter("q", gettext_lazy("名称"), kind="search", apply=queries.search),),
    permission=queries.VIEW, export_permission=queries.EXPORT, file_name="outreach", template="outreach/list.html",
    empty=(gettext_lazy("这里还没有内容"), gettext_lazy("先登记一个。")),
)


def found(person: Any, text: str, limit: int) -> Hits:
    """What the search box finds here."""
    rows = queries.search(queries.visible_outreach(person), text)
    hits = [Hit(row.name, address_of(row), row.note) for row in rows[:limit]]
    return Hits(hits, rows.count(), f"{reverse('outreach:list')}?{urlencode({'q': text})}")
