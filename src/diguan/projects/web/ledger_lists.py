"""The lists of agreements, obligations and funds: columns, filters and export in one declaration each."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from diguan.kernel.lists import Column, Filter, ListPage
from diguan.projects.models import (
    Agreement,
    AgreementKind,
    CheckState,
    Fund,
    FundKind,
    FundOrigin,
    Measured,
    Obligation,
    ObligationState,
    Side,
)
from diguan.projects.queries import agreements, fulfilment, funds
from diguan.projects.web import ledger_words as words


def agreement_address(row: Agreement) -> str:
    """Where an agreement is."""
    return reverse("projects:agreement", args=[row.pk])


def fund_address(row: Fund) -> str:
    """Where a line of the ledger is."""
    return reverse("projects:fund", args=[row.pk])


def obligation_address(row: Obligation) -> str:
    """Where an obligation is."""
    return reverse("projects:obligation", args=[row.pk])


AGREEMENTS = ListPage(
    title=gettext_lazy("招商协议"), rows=agreements.visible_agreements, permission=agreements.VIEW, export_permission=agreements.EXPORT, file_name="agreements", template="projects/agreements.html",
    empty=(gettext_lazy("还没有协议"), gettext_lazy("在项目页上录入签好的协议。")),
    about=[(gettext_lazy("口径"), gettext_lazy("这里是全部协议；计不计入合同引资额看“计数”"))],
    columns=(
        Column("number", gettext_lazy("协议编号"), head=True, link=agreement_address, note=lambda row: row.project.name),
        Column("get_kind_display", gettext_lazy("协议类别")),
        Column("counterparty", gettext_lazy("签约方")),
        Column("amount_fen", gettext_lazy("折合人民币"), kind="money", sort=True, note=words.original),
        Column("signed_on", gettext_lazy("签订日期"), kind="day", sort=True),
        Column("status", gettext_lazy("状态"), kind="status", value=words.state_of),
        Column("project.number", gettext_lazy("项目编号"), in_file=True),
        Column("project.name", gettext_lazy("项目"), in_file=True),
        Column("counterparty_uscc", gettext_lazy("签约方信用代码"), in_file=True),
        Column("currency", gettext_lazy("币种"), in_file=True),
        Column("total_fen", gettext_lazy("增资后总投资"), kind="money", in_file=True),
        Column("entered_by.name", gettext_lazy("录入人"), wide=True),
        Column("verified_by.name", gettext_lazy("核实人"), wide=True)),
    filters=(
        Filter("q", gettext_lazy("编号、签约方或项目"), kind="search", apply=agreements.search),
        Filter("kind", gettext_lazy("协议类别"), choices=AgreementKind.choices),
        Filter("state", gettext_lazy("状态"), choices=CheckState.choices),
        Filter("review", gettext_lazy("有承诺待审查"), kind="bool", apply=lambda rows, _value: rows.filter(pk__in=rows.filter(promises__conclusion="").order_by().values("pk")))))

FUNDS = ListPage(
    title=gettext_lazy("到资台账"), rows=funds.visible_funds, permission=funds.VIEW, export_permission=funds.EXPORT, file_name="funds", template="projects/funds.html",
    empty=(gettext_lazy("还没有到资"), gettext_lazy("在项目页上按凭证录入，或导入“到资台账”。")),
    about=[(gettext_lazy("口径"), gettext_lazy("由录入人以外的人核实、没有冲销的才算到位资金"))],
    columns=(
        Column("document", gettext_lazy("凭证号"), head=True, link=fund_address, note=lambda row: row.project.name),
        Column("get_kind_display", gettext_lazy("到资类别")),
        Column("payer", gettext_lazy("付款方"), sort="payer_key"),
        Column("get_origin_display", gettext_lazy("资金来源地")),
        Column("amount_fen", gettext_lazy("金额"), kind="money", sort=True, note=lambda row: row.reason),
        Column("paid_on", gettext_lazy("付款日期"), kind="day", sort=True),
        Column("status", gettext_lazy("状态"), kind="status", value=words.state_of),
        Column("project.number", gettext_lazy("项目编号"), in_file=True),
        Column("project.name", gettext_lazy("项目"), in_file=True),
        Column("payer_uscc", gettext_lazy("付款方信用代码"), in_file=True),
        Column("entered_by.name", gettext_lazy("录入人"), wide=True),
        Column("verified_by.name", gettext_lazy("核实人"), wide=True),
        Column("verified_at", gettext_lazy("核实时间"), kind="moment", in_file=True)),
    filters=(
        Filter("q", gettext_lazy("付款方、凭证或项目"), kind="search", apply=funds.search),
        Filter("kind", gettext_lazy("到资类别"), choices=FundKind.choices),
        Filter("origin", gettext_lazy("资金来源地"), choices=FundOrigin.choices),
        Filter("state", gettext_lazy("状态"), choices=[choice for choice in CheckState.choices if choice[0] != "void"]),
        Filter("counts", gettext_lazy("计入到位资金的"), kind="bool", apply=lambda rows, _value: rows.filter(state="verified", reverses=None, reversed=False)),
        Filter("bare", gettext_lazy("还没有凭证文件"), kind="bool", apply=lambda rows, _value: rows.filter(proof=None))))


def _standing(rows: Any, value: str) -> Any:
    return {"late": fulfilment.late, "soon": fulfilment.due_soon}[value](rows)


OBLIGATIONS = ListPage(
    title=gettext_lazy("约定履行"), rows=fulfilment.visible_obligations, permission=agreements.VIEW, export_permission=agreements.EXPORT, file_name="obligations", template="kernel/list.html",
    empty=(gettext_lazy("还没有登记约定"), gettext_lazy("在协议页上把双方的约定逐条登记。")),
    columns=(
        Column("text", gettext_lazy("约定内容"), head=True, link=obligation_address, note=lambda row: row.agreement.project.name),
        Column("get_side_display", gettext_lazy("哪一方")),
        Column("due_on", gettext_lazy("约定期限"), kind="day", sort=True),
        Column("target", gettext_lazy("约定数值"), value=lambda row: words.quantity(row.target, row.measure), nothing=gettext_lazy("不量化")),
        Column("measured", gettext_lazy("实际数值"), value=lambda row: words.quantity(row.measured, row.measure)),
        Column("status", gettext_lazy("履行情况"), kind="status", value=words.obligation_state),
        Column("project", gettext_lazy("项目编号"), value=lambda row: row.agreement.project.number, in_file=True),
        Column("agreement.number", gettext_lazy("协议编号"), in_file=True),
        Column("get_measure_display", gettext_lazy("量化指标"), in_file=True),
        Column("met_on", gettext_lazy("履行日期"), kind="day", in_file=True),
        Column("decision", gettext_lazy("原因"), in_file=True)),
    filters=(
        Filter("q", gettext_lazy("约定或项目"), kind="search", apply=fulfilment.search),
        Filter("side", gettext_lazy("哪一方"), choices=Side.choices),
        Filter("state", gettext_lazy("履行情况"), choices=ObligationState.choices),
        Filter("due", gettext_lazy("期限"), choices=[("late", gettext_lazy("逾期")), ("soon", gettext_lazy("30 天内到期"))], apply=_standing),
        Filter("measure", gettext_lazy("量化指标"), choices=[choice for choice in Measured.choices if choice[0]])))
