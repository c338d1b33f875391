"""The list of ties, and what the room puts on the desk about them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from diguan.kernel.declare import DeskItem
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.ties.models import TieKind, TieState
from diguan.ties.queries import ties
from diguan.ties.web import words

PAGE = ListPage(
    title=gettext_lazy("乡情关系"), rows=ties.visible_ties, permission=ties.VIEW, file_name="ties", template="ties/ties.html",
    columns=(
        Column("pair", gettext_lazy("哪两头"), value=lambda row: f"{words.end(row, 'a')[0]} — {words.end(row, 'b')[0]}", link=words.tie_address, head=True),
        Column("kind", gettext_lazy("关系"), value=lambda row: row.get_kind_display(), sort="kind"),
        Column("state", gettext_lazy("状态"), kind="status", value=words.state_of),
        Column("source", gettext_lazy("来源"), wide=True),
        Column("source_date", gettext_lazy("来源日期"), kind="day", sort=True),
        Column("by", gettext_lazy("录入人"), value=lambda row: row.recorded_by.name, wide=True),
    ),
    filters=(
        Filter("q", gettext_lazy("姓名、企业、商会或来源"), kind="search", apply=ties.search),
        Filter("kind", gettext_lazy("关系"), choices=TieKind.choices),
        Filter("state", gettext_lazy("状态"), choices=TieState.choices),
        Filter("end", gettext_lazy("一头是"), choices=(("firm", gettext_lazy("企业")), ("chamber", gettext_lazy("商会")), ("officer", gettext_lazy("县里的人"))), apply=ties.with_end),
    ),
    empty=(gettext_lazy("还没有记过关系"), gettext_lazy("从一位同乡或一家商会的页面点“记一条关系”。")))


def desk(person: Any) -> Iterator[DeskItem]:
    """Ties that wait for this person."""
    waiting = ties.to_verify(person).count()
    if waiting:
        yield DeskItem("week", "warn", _("待核实"), ngettext("%(n)s 条乡情关系等人核实", "%(n)s 条乡情关系等人核实", waiting) % {"n": waiting}, _("没核实的引荐路径排在后面"), "", f"{reverse('ties:ties')}?state=claimed", _("去核实"), 46)
