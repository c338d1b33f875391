"""How pages say states, measures and reasons of the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.chains.queries import shelf
from diguan.kernel import clocks, money
from diguan.kernel.declare import Text
from diguan.kernel.shell import language
from diguan.projects.engine import counting, currency, fulfilment
from diguan.projects.models import Agreement, Checked, Fund, Obligation, Promise

STATES = {"entered": "warn", "verified": "ok", "rejected": "bad", "void": "mute"}
CONCLUSIONS = {"": "warn", "passed": "ok", "failed": "bad", "exempt": "accent"}
OBLIGATIONS = {"open": "mute", "claimed": "warn", "met": "ok", "waived": "accent", "late": "bad"}
VERDICTS: Mapping[str, tuple[str, Text]] = {fulfilment.PASSED: ("ok", gettext_lazy("达到约定")), fulfilment.SHORT: ("bad", gettext_lazy("没有达到约定")), fulfilment.UNKNOWN: ("unknown", gettext_lazy("没有测全，不下结论"))}
REASONS: Mapping[str, Text] = {
    counting.COUNTED: gettext_lazy("首次签订正式合同，全额计入"), counting.INCREMENT: gettext_lazy("增资，只计比原来多出来的"), counting.NOT_SIGNED_CONTRACT: gettext_lazy("框架协议不计合同引资额"),
    counting.RESIGNED: gettext_lazy("项目已在首次签约时计过，重签不再计"), counting.REPLACED: gettext_lazy("变更投资方是替换，不再计一次"), counting.AMENDED: gettext_lazy("修订协议不增加合同额，增加的要签增资"),
    counting.UPGRADE: gettext_lazy("技改升级只更新状态，不加合同额"), counting.NO_BASE: gettext_lazy("没有已核实的首份正式合同"), counting.NO_INCREASE: gettext_lazy("总投资没有比原来多"),
    counting.TWIN: gettext_lazy("疑似同一个项目两个编号：投资方（或名称）、环节和金额都相同"), counting.SAME_INVESTOR: gettext_lazy("同一投资方在同一环节已有项目：是增资请挂到原项目，是两个项目请附凭据认定"),
    counting.UNVERIFIED: gettext_lazy("还没有由另一个人核实"), counting.WAS_REJECTED: gettext_lazy("已驳回"), counting.WAS_VOID: gettext_lazy("已作废"),
}


def state_of(row: Checked) -> tuple[str, str]:
    """Colour and word of a row that is verified by another; a fund that was reversed says so."""
    if isinstance(row, Fund) and getattr(row, "reversed", False):
        return "mute", _("已冲销")
    return STATES[row.state], row.get_state_display()


def conclusion_of(row: Promise) -> tuple[str, str]:
    """Colour and word of a review."""
    return CONCLUSIONS[row.conclusion], row.get_conclusion_display()


def obligation_state(row: Obligation) -> tuple[str, str]:
    """Colour and word of an obligation today."""
    found = fulfilment.standing(row.state, row.due_on, clocks.today())
    if found != fulfilment.LATE:
        return OBLIGATIONS[found], row.get_state_display()
    return "bad", _("逾期，已报履行待核实") if row.state == "claimed" else _("逾期")


def verdict_of(name: str) -> tuple[str, str]:
    """Colour and word of a performance check."""
    kind, word = VERDICTS[name]
    return kind, str(word)


def quantity(value: int | None, measure: str) -> str:
    """A number of an obligation in its unit; empty where there is none."""
    if value is None or not measure:
        return ""
    if measure == "jobs":
        return _("{n} 人").format(n=f"{value:,}")
    if measure == "land":
        return _("{n} 亩").format(n=f"{value / 10_000:,.4f}".rstrip("0").rstrip("."))
    return money.words(value, language())


def original(row: Agreement) -> str:
    """The amount in its own money with the rate, of a contract in foreign money; empty of others."""
    if row.currency == currency.CNY or row.minor is None or row.rate is None:
        return ""
    rate = f"{row.rate / currency.RATE:.8f}".rstrip("0").rstrip(".")
    said = _("{amount}，汇率 {rate}（{day}，{source}）").format(amount=currency.words(row.minor, row.currency), rate=rate, day=row.rate_on, source=row.rate_source)
    return f"{said} · {_('四舍五入到分')}" if row.rounded else said


def reason_of(line: Any) -> str:
    """Why an agreement counts or not."""
    return str(REASONS[line.reason])


def node_name(node: str) -> str:
    """A node of a chain by its name; the id itself where no chain has it any more."""
    found = shelf.node(node)
    return found.name.text(language()) if found else node
