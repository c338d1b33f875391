"""The list of chambers, and what the search box finds."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy

from diguan.kernel import packs
from diguan.kernel.declare import Hit, Hits
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.phones import masked
from diguan.ties.queries import chambers
from diguan.ties.web import words

PAGE = ListPage(
    title=gettext_lazy("异地商会"), rows=chambers.visible_chambers, permission=chambers.VIEW, export_permission=chambers.EXPORT, file_name="chambers", template="ties/chambers.html",
    columns=(
        Column("name", gettext_lazy("商会名称"), sort="name_key", link=words.chamber_address, head=True),
        Column("place", gettext_lazy("所在地"), value=words.place, sort="region"),
        Column("members", gettext_lazy("会员数"), kind="number", sort=True, nothing=gettext_lazy("未知")),
        Column("founded", gettext_lazy("成立日期"), kind="day", sort=True, nothing=gettext_lazy("未知")),
        Column("contact_name", gettext_lazy("联系人"), note=lambda row: masked(row.contact_phone), nothing=gettext_lazy("未知")),
        Column("source", gettext_lazy("来源"), wide=True),
        Column("source_date", gettext_lazy("来源日期"), kind="day", sort=True, wide=True),
        Column("phone", gettext_lazy("联系电话"), value=lambda row: masked(row.contact_phone), in_file=True),
    ),
    filters=(
        Filter("q", gettext_lazy("名称或城市"), kind="search", apply=chambers.search),
        Filter("region", gettext_lazy("省份"), choices=lambda _person: [(code, name) for code, name in packs.codes().regions.items() if code.endswith("0000")],
               apply=lambda rows, value: rows.filter(region__startswith=value[:2])),
    ),
    empty=(gettext_lazy("还没有商会"), gettext_lazy("先登记一个，写明来源。")))


def found(person: Any, text: str, limit: int) -> Hits:
    """What the search box finds here."""
    rows = chambers.search(chambers.visible_chambers(person), text)
    return Hits([Hit(row.name, words.chamber_address(row), words.place(row)) for row in rows[:limit]], rows.count(), f"{reverse('ties:chambers')}?{urlencode({'q': text})}")
