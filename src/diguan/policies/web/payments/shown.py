"""How pages say money, states and people of payments."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from diguan.kernel import access, pictures
from diguan.kernel.evidence.queries import VIEW as PAPERS
from diguan.kernel.shell import language
from diguan.policies import queries
from diguan.policies.engine import payee
from diguan.policies.models import Claim, EntryKind, LedgerEntry, OrderState, PaymentOrder
from diguan.policies.queries import ledgers, payments
from diguan.policies.queries.payments import Budget, LineSeen

ORDER_STATES: Mapping[str, str] = {OrderState.DRAFTED: "warn", OrderState.APPROVED: "accent", OrderState.SENT: "accent", OrderState.CLOSED: "ok", OrderState.CANCELLED: "mute"}


def yuan(fen: int) -> str:
    """An amount to the fen, both decimals always written.

    >>> yuan(900_050)
    '9,000.50 元'
    """
    return _("{amount} 元").format(amount=f"{Decimal(fen) / 100:,.2f}".replace("-", "−"))


def state(row: PaymentOrder) -> tuple[str, str]:
    """Colour and word of an order's state."""
    return ORDER_STATES[row.state], str(OrderState(row.state).label)


def titles() -> dict[str, str]:
    """Policies by id, as pages call them."""
    return {name: policy.label(language()) for name, policy in queries.library().policies.items()}


def title_of(policy: str) -> str:
    """What pages call a policy; one the packs have no longer goes by its id."""
    return titles().get(policy, policy)


def line_state(one: LineSeen, row: PaymentOrder) -> tuple[str, str]:
    """Colour and word of one line, from its sums."""
    if one.results:
        return "warn", _("有结果待复核")
    if one.sums.net == one.row.amount_fen:
        return "ok", _("已付清")
    if one.sums.returned and not one.open_fen:
        return "bad", _("银行退回")
    if one.sums.net:
        return "accent", _("付了一部分")
    return ("accent", _("在国库")) if one.open_fen and row.state == OrderState.SENT else ("mute", _("未付"))


def lines(row: PaymentOrder) -> list[dict[str, Any]]:
    """The lines of an order for its page, accounts masked."""
    return [{"row": one.row, "url": reverse("policies:payment_line", args=[one.row.pk]), "ledger": reverse("policies:claim_ledger", args=[one.row.claim_id]),
             "account": payee.mask(one.row.account), "amount": yuan(one.row.amount_fen), "net": yuan(one.sums.net), "open": yuan(one.open_fen), "state": line_state(one, row)}
            for one in payments.lines_of(row)]


# ── the ledger of a claim ────────────────────────────────────────────────────
def entry(one: LedgerEntry, person: Any) -> dict[str, Any]:
    """One entry for a table; who booked it may not reverse it."""
    back = one.reverses.kind if one.reverses else ""
    plain = one.kind in (EntryKind.PAID, EntryKind.RETURNED, EntryKind.DEMANDED, EntryKind.REPAID)
    may = plain and not hasattr(one, "reversal") and one.verified_by_id != person.pk and access.may(person, payments.RECORD)
    return {"row": one, "kind": str(EntryKind(one.kind).label), "back": str(EntryKind(back).label) if back else "", "amount": yuan(one.fen), "reversed": hasattr(one, "reversal"),
            "order": one.line.order if one.line else None, "may_reverse": may, "paper": one.voucher if one.voucher and access.may(person, PAPERS, one.voucher) else None}


def ledger(person: Any, claim: Claim) -> dict[str, Any]:
    """What ``policies/_ledger.html`` shows of a claim; nothing for who may not see payments."""
    if not access.may(person, ledgers.VIEW, claim):
        return {}
    told = ledgers.sums_of([claim.pk])[claim.pk]
    waiting = sum(fen for _line, fen in ledgers.live_lines([claim.pk]).get(claim.pk, []))
    parts = ((_("核定"), claim.amount_fen), (_("待付"), waiting), (_("已拨付净额"), told.net), (_("还没付"), claim.amount_fen - told.net), (_("要追回"), told.demanded), (_("已退缴"), told.repaid))
    return {"claim": claim, "sums": told, "figures": [(label, yuan(fen)) for label, fen in parts], "entries": [entry(one, person) for one in ledgers.ledger_of(person, claim)],
            "url": reverse("policies:claim_ledger", args=[claim.pk]), "office": access.scope(person, ledgers.VIEW) is not access.Scope.OWN}


# ── budgets ──────────────────────────────────────────────────────────────────
def budget(one: Budget) -> dict[str, Any]:
    """One policy's bar: paid, ordered and granted against the budget; every number with where its rows are."""
    total, net = one.total, one.total.sums.net
    whole = max(total.granted, one.limit or 0, 1) * 108 / 100
    share = 100 * one.limit / whole if one.limit is not None else 0
    return {
        "title": one.title, "policy": total.policy, "solid": pictures.span(0, max(net - total.sums.repaid, 0), whole), "hatched": pictures.span(max(net, 0), total.granted - net, whole),
        "at": f"{share:.2f}%", "anchor": "start" if share < 15 else "end" if share > 85 else "middle", "limit": yuan(one.limit) if one.limit is not None else "",
        "over": yuan(-one.left) if one.left is not None and one.left < 0 else "", "figures": _figures(one),
        "holds": total.granted == total.sums.paid - total.sums.returned + total.outstanding}


def _figures(one: Budget) -> list[tuple[str, str, str]]:
    total, sums = one.total, one.total.sums
    claims, entries = reverse("policies:ledger"), reverse("policies:entries")
    found = [(_("核定"), total.granted, claims, {}), (_("待付"), total.waiting, claims, {"what": "waiting"}), (_("已支付"), sums.paid, entries, {"kind": "paid"}),
             (_("银行退回"), sums.returned, entries, {"kind": "returned"}), (_("还没付"), total.outstanding, claims, {"what": "outstanding"}),
             (_("要追回"), sums.demanded, entries, {"kind": "demanded"}), (_("已退缴"), sums.repaid, entries, {"kind": "repaid"})]
    shown = [(label, yuan(fen), f"{url}?{urlencode({'policy': total.policy, **more})}") for label, fen, url, more in found]
    return [*shown, (_("预算余下"), yuan(one.left), "")] if one.left is not None else shown
