"""What payments put on the work desk: orders to approve or send, results to book, whatever does not add up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from diguan.kernel.declare import DeskItem
from diguan.policies.models import OrderState
from diguan.policies.queries import payments


def items(person: Any) -> Iterator[DeskItem]:
    """The lines for this person; none where nothing waits for them."""
    found, orders = payments.to_do(person), reverse("policies:payments")
    if count := found.get("approve"):
        yield DeskItem("first", "warn", _("待审批"), _("{n} 份付款通知等您审批").format(n=count), "", "", f"{orders}?state={OrderState.DRAFTED.value}", _("去审批"), 20)
    if count := found.get("send"):
        yield DeskItem("first", "accent", _("待送出"), _("{n} 份付款通知已审批，等送国库").format(n=count), "", "", f"{orders}?state={OrderState.APPROVED.value}", _("去送出"), 21)
    if count := found.get("book"):
        yield DeskItem("first", "warn", _("待复核"), _("{n} 条支付结果等您复核入账").format(n=count), "", "", f"{orders}?state={OrderState.SENT.value}", _("去复核"), 22)
    if count := payments.unanswered(person):
        yield DeskItem("week", "accent", _("等结果"), _("{n} 笔在国库，等登记支付结果").format(n=count), "", "", f"{orders}?state={OrderState.SENT.value}", _("去登记"), 23)
