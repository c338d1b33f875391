"""The list of introductions, how they are said, and what the room puts on the desk about them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from diguan.chains.models import Answer, Introduction, IntroductionSide, IntroductionState, Role
from diguan.chains.queries import introductions as queries
from diguan.chains.queries import shelf
from diguan.chains.web import words
from diguan.kernel import access, clocks
from diguan.kernel.declare import DeskItem
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.measures import value

STATUS = {"asked": "warn", "agreed": "accent", "declined": "mute", "withdrawn": "mute", "expired": "mute", "ended": "mute"}


def address_of(row: Introduction) -> str:
    """Where one is, for the office."""
    return reverse("chains:introduction", args=[row.pk])


def own_address(side: IntroductionSide) -> str:
    """Where one is, for a firm."""
    return reverse("chains:own_introduction", args=[side.introduction_id])


def state_of(row: Introduction) -> tuple[str, str]:
    """Its state as a status; one whose day is past says so before the clock has been."""
    day = clocks.today()
    if (row.state == IntroductionState.ASKED and not row.waits(day)) or (row.state == IntroductionState.AGREED and not row.opens(day)):
        return "mute", str(IntroductionState.EXPIRED.label)
    return STATUS[row.state], row.get_state_display()


def own_state(side: IntroductionSide) -> tuple[str, str]:
    """How it stands for one firm: its own answer, and of the other no more than whether it is over or both consented."""
    row, day = side.introduction, clocks.today()
    if row.opens(day):
        return "ok", _("双方同意，可以看对方")
    if not row.waits(day):
        return "mute", _("已结束")
    return ("accent", _("您已同意，等对方")) if side.answer == Answer.CONSENTED else ("warn", _("等您答复"))


def role_word(role: str) -> str:
    """Which side a firm is on."""
    return _("供方") if role == Role.MAKE else _("需方")


COLUMNS = (
    Column("node", gettext_lazy("环节"), head=True, link=address_of, value=lambda row: words.node(row.node), note=lambda row: words.chains_of(row.node)),
    Column("supply", gettext_lazy("供方"), value=lambda row: row.supply.enterprise.name, sort="supply__enterprise__name_key"),
    Column("need", gettext_lazy("需方"), value=lambda row: row.need.enterprise.name, sort="need__enterprise__name_key"),
    Column("status", gettext_lazy("状态"), kind="status", value=state_of),
    Column("proposed_fen", gettext_lazy("建议金额（每年）"), kind="money", sort=True),
    Column("verified_fen", gettext_lazy("核实成交额"), kind="money", sort=True, nothing=gettext_lazy("还没有")),
    Column("answer_by", gettext_lazy("最晚答复"), kind="day", sort=True, wide=True),
    Column("made_on", gettext_lazy("提出"), kind="day", sort=True, wide=True),
    Column("supply_uscc", gettext_lazy("供方信用代码"), value=lambda row: row.supply.enterprise.uscc, in_file=True),
    Column("need_uscc", gettext_lazy("需方信用代码"), value=lambda row: row.need.enterprise.uscc, in_file=True),
    Column("purpose", gettext_lazy("为什么对接"), in_file=True),
    Column("until", gettext_lazy("同意到哪天"), kind="day", in_file=True),
    Column("agreed_on", gettext_lazy("双方同意"), kind="day", in_file=True),
    Column("ended_on", gettext_lazy("结束"), kind="day", in_file=True),
    Column("end_reason", gettext_lazy("为什么结束"), in_file=True),
    Column("by", gettext_lazy("谁提的"), value=lambda row: row.created_by.name if row.created_by else "", in_file=True),
)
FILTERS = (
    Filter("q", gettext_lazy("供方或需方"), kind="search", apply=queries.search),
    Filter("chain", gettext_lazy("产业链"), choices=lambda person: [(key, words.said(chain.name)) for key, chain in shelf.chains().items()],
           apply=lambda rows, value: rows.filter(node__in=[node.id for node in shelf.chains()[value].nodes])),
    Filter("node", gettext_lazy("环节"), choices=lambda person: [(key, words.said(node.name)) for key, node in shelf.nodes().items()]),
    Filter("state", gettext_lazy("状态"), choices=IntroductionState.choices),
    Filter("agreed", gettext_lazy("双方同意过"), kind="bool", apply=lambda rows, _value: rows.filter(agreed_on__isnull=False)),
    Filter("traded", gettext_lazy("有核实成交"), kind="bool", apply=lambda rows, _value: rows.filter(verified_fen__isnull=False)),
    Filter("check", gettext_lazy("有发票待核实"), kind="bool", apply=lambda rows, _value: rows.filter(pk__in=rows.filter(orders__state="claimed").order_by().values("pk"))),
    Filter("late", gettext_lazy("过了日子"), kind="bool", apply=lambda rows, _value: queries.overdue(rows)),
)
PAGE = ListPage(
    title=gettext_lazy("供需对接"), rows=queries.visible_introductions, columns=COLUMNS, filters=FILTERS, permission=queries.VIEW, export_permission=queries.EXPORT, file_name="introductions", template="chains/introductions.html",
    empty=(gettext_lazy("还没有介绍过对接"), gettext_lazy("打开一个环节的本地配套，从能配上的一对点“介绍对接”。")),
    about=[(gettext_lazy("口径"), gettext_lazy("一次是一对企业在一个环节上；成交额是核实过的发票合计，含税；没有的不是未知"))])


def tiles(person: Any, rows: Any) -> list[dict[str, Any]]:
    """The figures over the list, of what is filtered; each opens its rows."""
    found, page = queries.book(person, rows), reverse("chains:introductions")
    return [
        {"label": _("介绍对接"), "num": value("chains.introductions_made", person, found).num, "url": page},
        {"label": _("双方同意"), "num": value("chains.introductions_agreed", person, found).num, "url": f"{page}?agreed=1"},
        {"label": _("有核实成交"), "num": value("chains.introductions_traded", person, found).num, "url": f"{page}?traded=1"},
        {"label": _("核实成交额"), "fen": value("chains.introduced_orders", person, found).num, "url": f"{page}?traded=1"},
    ]


# ── the desk ─────────────────────────────────────────────────────────────────
def desk(person: Any) -> Iterator[DeskItem]:
    """For the task force: consents that came, answers that are late, invoices to verify."""
    rows, page = queries.visible_introductions(person), reverse("chains:introductions")
    if access.may(person, queries.INTRODUCE):
        mine = rows.filter(created_by=person)
        agreed = mine.filter(state=IntroductionState.AGREED, until__gte=clocks.today(), orders=None).count()
        late = queries.overdue(mine).count()
        if agreed:
            yield DeskItem("week", "accent", _("双方同意"), ngettext("%(n)s 对企业同意对接", "%(n)s 对企业同意对接", agreed) % {"n": agreed}, _("问问谈得怎么样，有发票就录进来"), "", f"{page}?state=agreed", _("去看"), 43)
        if late:
            yield DeskItem("week", "mute", _("过了日子"), ngettext("%(n)s 次对接过了日子", "%(n)s 次对接过了日子", late) % {"n": late}, _("没有答复或同意到期；要接着谈就再介绍一次"), "", f"{page}?late=1", _("去看"), 62)
    waiting = queries.to_verify(person).count()
    if waiting:
        yield DeskItem("week", "warn", _("待核实"), ngettext("%(n)s 张对接来的发票等人核实", "%(n)s 张对接来的发票等人核实", waiting) % {"n": waiting}, _("核实之前不计成交"), "", f"{page}?check=1", _("去核实"), 44)


def own_desk(person: Any) -> Iterator[DeskItem]:
    """For a firm: somebody would like to meet it."""
    rows = list(queries.waiting(person)[:20])
    for side in rows:
        yield DeskItem("first", "warn", _("等您答复"), _("有一家县内企业想和您对接：{node}").format(node=words.node(side.introduction.node)), _("双方都同意之前，谁也看不到对方是谁；{day} 前答复").format(day=side.introduction.answer_by),
                       side.enterprise.name, own_address(side), _("去答复"), 30)
