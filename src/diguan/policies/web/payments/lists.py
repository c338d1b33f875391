"""Lists of payments: orders, claims with their sums, ledger entries. Filters in the address, export of what is filtered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from diguan.kernel.lists import Column, Filter, ListPage
from diguan.policies.engine.ledger import Sums
from diguan.policies.models import Claim, EntryKind, OrderState, PaymentOrder
from diguan.policies.queries import ledgers, payments
from diguan.policies.web.payments import shown

WAITING, OUTSTANDING, OWED = "waiting", "outstanding", "owed"


def _policies(person: Any) -> list[tuple[str, str]]:
    known = shown.titles()
    return [(name, known.get(name, name)) for name in ledgers.visible_claims(person).order_by("policy").values_list("policy", flat=True).distinct()]


def _of_order(row: PaymentOrder) -> str:
    return reverse("policies:payment", args=[row.pk])


def searched(rows: Any, text: str) -> Any:
    """Orders whose number is this, or with a line of an enterprise of this name or code."""
    digits = "".join(letter for letter in text.rsplit("〕", maxsplit=1)[-1] if letter.isdecimal())
    found = PaymentOrder.objects.filter(lines__claim__enterprise__name__icontains=text) | PaymentOrder.objects.filter(lines__claim__enterprise__uscc__icontains=text)
    if digits and len(digits) < 9 and ("号" in text or text.strip() == digits):
        found |= PaymentOrder.objects.filter(serial=int(digits))
    return rows.filter(pk__in=found.values("pk"))


# The page and the API ask alike.
ORDER_FILTERS = (
    Filter("q", gettext_lazy("文号、企业或信用代码"), kind="search", apply=searched),
    Filter("state", gettext_lazy("状态"), choices=OrderState.choices),
    Filter("policy", gettext_lazy("政策"), choices=_policies))


ORDERS = ListPage(
    title=gettext_lazy("付款通知"), permission=ledgers.VIEW, export_permission=payments.SEND, rows=payments.orders, file_name="payment-orders", template="policies/payments.html",
    empty=(gettext_lazy("还没有付款通知"), gettext_lazy("兑现走到“企业已确认意愿和账户”、条件核实之后，就可以拟付款通知。")),
    columns=(
        Column("number", gettext_lazy("文号"), head=True, link=_of_order, note=lambda row: shown.title_of(row.policy)),
        Column("state", gettext_lazy("状态"), kind="status", value=shown.state),
        Column("count", gettext_lazy("笔数"), kind="number", sort=True),
        Column("total", gettext_lazy("金额"), kind="money", sort=True),
        Column("entered_by.name", gettext_lazy("拟稿人")),
        Column("approved_by.name", gettext_lazy("审批人")),
        Column("sent_on", gettext_lazy("送出日期"), kind="day", sort=True, nothing=gettext_lazy("还没送出"))),
    filters=ORDER_FILTERS)


# ── claims with their sums ───────────────────────────────────────────────────
@dataclass(frozen=True)
class Line:
    """A claim with its ledger's sums and what is ordered and not paid."""

    claim: Claim
    sums: Sums
    waiting_fen: int

    @property
    def outstanding_fen(self) -> int:
        """Granted and not paid."""
        return self.claim.amount_fen - self.sums.net


def claim_lines(person: Any) -> list[Line]:
    """The claims that count, as totals count them."""
    payments.require_office(person)
    rows = list(ledgers.visible_claims(person).select_related("enterprise", "course").order_by("policy", "enterprise__name_key", "id"))
    told, live = ledgers.sums_of(row.pk for row in rows), ledgers.live_lines(row.pk for row in rows)
    return [Line(row, told[row.pk], sum(fen for line, fen in live.get(row.pk, []) if line.order.state == OrderState.SENT)) for row in rows if ledgers.counts(row.course, told[row.pk])]


def _what(rows: Sequence[Line], value: str) -> list[Line]:
    tests = {WAITING: lambda line: line.waiting_fen, OUTSTANDING: lambda line: line.outstanding_fen, OWED: lambda line: line.sums.owed}
    return [row for row in rows if tests[value](row)]


CLAIMS = ListPage(
    title=gettext_lazy("兑现台账"), permission=ledgers.VIEW, export_permission=payments.SEND, rows=claim_lines, file_name="ledger", template="policies/ledger.html",
    empty=(gettext_lazy("还没有兑现"), gettext_lazy("公示期满、企业确认之后，兑现会列在这里。")),
    columns=(
        Column("claim.enterprise.name", gettext_lazy("企业"), head=True, sort="claim.enterprise.name_key", link=lambda line: reverse("policies:claim_ledger", args=[line.claim.pk]),
               note=lambda line: shown.title_of(line.claim.policy)),
        Column("claim.enterprise.uscc", gettext_lazy("统一社会信用代码"), in_file=True),
        Column("claim.amount_fen", gettext_lazy("核定"), kind="money", sort=True),
        Column("waiting_fen", gettext_lazy("待付"), kind="money", sort=True),
        Column("sums.net", gettext_lazy("已拨付净额"), kind="money", sort=True),
        Column("outstanding_fen", gettext_lazy("还没付"), kind="money", sort=True),
        Column("sums.owed", gettext_lazy("还要退缴"), kind="money", sort=True, wide=True)),
    filters=(Filter("q", gettext_lazy("企业名称或信用代码"), kind="search", fields=("claim.enterprise.name", "claim.enterprise.uscc")),
             Filter("policy", gettext_lazy("政策"), choices=_policies, fields=("claim.policy",)),
             Filter("what", gettext_lazy("哪些"), choices=[(WAITING, gettext_lazy("已送国库，等支付")), (OUTSTANDING, gettext_lazy("还没付清")), (OWED, gettext_lazy("还要退缴"))], apply=_what)))


# ── entries ──────────────────────────────────────────────────────────────────
def entry_rows(person: Any) -> Any:
    """The entries of the office, newest first."""
    payments.require_office(person)
    return ledgers.entries(person)


def _kind(rows: Any, value: str) -> Any:
    """Entries of a kind that stand: what was reversed, and the reversal, belong together."""
    return rows.filter(kind=value, reversal__isnull=True)


ENTRIES = ListPage(
    title=gettext_lazy("台账明细"), permission=ledgers.VIEW, export_permission=payments.SEND, rows=entry_rows, file_name="ledger-entries", template="policies/ledger.html",
    empty=(gettext_lazy("台账还没有记录"), ""),
    columns=(
        Column("claim.enterprise.name", gettext_lazy("企业"), head=True, link=lambda row: reverse("policies:claim_ledger", args=[row.claim_id]), note=lambda row: shown.title_of(row.claim.policy)),
        Column("claim.enterprise.uscc", gettext_lazy("统一社会信用代码"), in_file=True),
        Column("kind", gettext_lazy("事项"), value=lambda row: EntryKind(row.kind).label),
        Column("fen", gettext_lazy("金额"), kind="money", sort=True),
        Column("day", gettext_lazy("日期"), kind="day", sort=True),
        Column("voucher.number", gettext_lazy("凭证号"), wide=True),
        Column("entered_by.name", gettext_lazy("录入人"), wide=True),
        Column("verified_by.name", gettext_lazy("复核人"), wide=True)),
    filters=(Filter("q", gettext_lazy("企业名称或信用代码"), kind="search", fields=("claim__enterprise__name", "claim__enterprise__uscc")),
             Filter("policy", gettext_lazy("政策"), choices=_policies, fields=("claim__policy",)),
             Filter("kind", gettext_lazy("事项"), choices=[(name, label) for name, label in EntryKind.choices if name != EntryKind.REVERSED], apply=_kind)))
