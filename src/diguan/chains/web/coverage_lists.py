"""The list of coverage: columns, filters, and a file that can be brought in again. Amounts stand only in what a right of its own opens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.chains.models import Coverage, Role
from diguan.chains.queries import coverage as register
from diguan.chains.queries import shelf
from diguan.chains.web import words
from diguan.kernel import access, clocks
from diguan.kernel.declare import DeskItem
from diguan.kernel.lists import Column, Filter, ListPage

AMOUNTS = (
    Column("year", gettext_lazy("年份"), value=lambda row: str(row.year or ""), in_file=True),
    Column("amount_fen", gettext_lazy("年产值或年采购额"), kind="money", sort="amount_fen"),
    Column("local_fen", gettext_lazy("其中在本县"), kind="money", sort="local_fen"),
    Column("park_fen", gettext_lazy("其中在本园区"), kind="money", in_file=True),
    Column("capacity_fen", gettext_lazy("年产能折合"), kind="money", in_file=True),
    Column("capacity", gettext_lazy("年产能"), kind="number", in_file=True),
    Column("unit", gettext_lazy("产能单位"), in_file=True),
    Column("price_fen", gettext_lazy("单价"), kind="money", in_file=True),
    Column("price_unit", gettext_lazy("计价单位"), in_file=True),
)


def address_of(row: Coverage) -> str:
    """Where one row is."""
    return reverse("chains:coverage", args=[row.pk])


def list_address(**filters: Any) -> str:
    """The list narrowed to these filters."""
    return f"{reverse('chains:coverages')}?{urlencode(filters)}"


def _columns(*amounts: Column) -> tuple[Column, ...]:
    return (
        Column("enterprise.name", gettext_lazy("企业名称"), sort="enterprise__name_key", link=address_of, head=True),
        Column("uscc", gettext_lazy("统一社会信用代码"), value=lambda row: row.enterprise.uscc, in_file=True),
        Column("node_name", gettext_lazy("哪个环节"), sort="node", value=lambda row: words.node(row.node), note=lambda row: words.chains_of(row.node)),
        Column("node", gettext_lazy("环节代码"), in_file=True),
        Column("role", gettext_lazy("生产或采购"), value=lambda row: row.get_role_display(), sort="role"),
        Column("status", gettext_lazy("核实情况"), kind="status", value=lambda row: words.status_of(row, clocks.today())),
        *amounts,
        Column("source", gettext_lazy("来源"), wide=True),
        Column("told_on", gettext_lazy("来源日期"), kind="day", in_file=True),
        Column("confidence", gettext_lazy("把握"), value=lambda row: row.get_confidence_display(), in_file=True),
        Column("decided_on", gettext_lazy("核实日期"), kind="day", sort="decided_on", nothing=gettext_lazy("还没有人核实")),
    )


FILTERS = (
    Filter("q", gettext_lazy("企业或来源"), kind="search", apply=register.search),
    Filter("chain", gettext_lazy("产业链"), choices=lambda person: [(key, words.said(chain.name)) for key, chain in shelf.chains().items()],
           apply=lambda rows, value: rows.filter(node__in=[node.id for node in shelf.chains()[value].nodes])),
    Filter("node", gettext_lazy("哪个环节"), choices=lambda person: [(key, words.said(node.name)) for key, node in shelf.nodes().items()]),
    Filter("role", gettext_lazy("生产或采购"), choices=Role.choices),
    Filter("state", gettext_lazy("核实情况"), choices=lambda person: words.states(), apply=lambda rows, state: register.in_state(rows, state, clocks.today())),
)

_PLAIN = ListPage(
    title=gettext_lazy("企业环节"), rows=register.visible_coverages, columns=_columns(), filters=FILTERS, permission=register.VIEW, export_permission=register.EXPORT, file_name="coverage",
    empty=(gettext_lazy("还没有企业归到环节上"), gettext_lazy("从图谱的一个环节采纳系统建议，或导入一份企业环节表。")), template="chains/coverages.html",
)
_WHOLE = replace(_PLAIN, columns=_columns(*AMOUNTS))


def page_for(person: Any) -> ListPage:
    """The list with amounts for who may see those of every row they see, without them for others."""
    return _WHOLE if register.sees_volumes(person) else _PLAIN


def desk(person: Any) -> Iterator[DeskItem]:
    """What the room puts on the desk: rows that wait for this person, and those nobody has looked at for too long."""
    rows = access.visible(register.visible_coverages(person), person, register.VERIFY)
    waiting = register.in_state(rows, "claimed", clocks.today()).exclude(entered_by=person).exclude(created_by=person).count()
    if waiting:
        yield DeskItem("week", "warn", _("待核实"), _("{n} 条企业环节等人核实").format(n=waiting), _("核实之前图谱上不计数"), "", reverse("chains:verify_many"), _("去核实"), 41)
    stale = register.in_state(rows, "stale", clocks.today()).count()
    if stale:
        yield DeskItem("waiting", "mute", _("久未核验"), _("{n} 条企业环节超过 90 天没有核验").format(n=stale), _("图谱上已标灰；看过就再核一次"), "", reverse("chains:verify_many"), _("去核验"), 61)
