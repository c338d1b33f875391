"""Figures and their states in words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy

from diguan.indicators.engine import tables
from diguan.indicators.engine.terms import Indicator
from diguan.indicators.queries import snapshots, wording
from diguan.indicators.queries.snapshots import Cell
from diguan.kernel import money
from diguan.kernel.shell import language

STATES = {tables.WHOLE: ("ok", gettext_lazy("齐全")), tables.RUNNING: ("accent", gettext_lazy("期间未完")), tables.PARTIAL: ("warn", gettext_lazy("数据不全")), tables.UNKNOWN: ("unknown", gettext_lazy("没有数据")),
          tables.REFUSED: ("bad", gettext_lazy("不能相除")), tables.FEW: ("mute", gettext_lazy("不足 3 户，不显示"))}
SCOPES = {"statistics": gettext_lazy("统计口径"), "department": gettext_lazy("部门口径"), "self_reported": gettext_lazy("企业自报")}
SPANS = {"month": gettext_lazy("当月"), "quarter": gettext_lazy("当季"), "year": gettext_lazy("全年"), "to_date": gettext_lazy("1 月起累计"), "day": gettext_lazy("期末")}
CHANGES = {"yoy": gettext_lazy("比上年同期"), "mom": gettext_lazy("比上一期")}
DIRECTIONS = {"up": gettext_lazy("越高越好"), "down": gettext_lazy("越低越好"), "none": gettext_lazy("不分高低")}
DIMS = {"cluster": gettext_lazy("产业集群"), "town": gettext_lazy("乡镇"), "park": gettext_lazy("园区"), "industry": gettext_lazy("行业"), "source": gettext_lazy("线索来源"), "kind": gettext_lazy("类别")}


def unit_words(unit: str) -> str:
    """A unit as this language has it."""
    return wording.unit(unit, language())


def shown(one: Indicator, cell: Cell | None) -> str:
    """A figure with its unit; empty where it is not told."""
    found = cell.value(one) if cell else None
    return "" if found is None else amount(one, found)


def amount(one: Indicator, found: Decimal) -> str:
    """A value in the indicator's unit, in words."""
    return wording.amount(one, found, language())


def stored(unit: str, scale: int, num: int) -> str:
    """A number in storage units, in words."""
    return money.words(num, language()) if unit == "元" else f"{money.digits(Decimal(num) / scale, 4)} {unit_words(unit)}".strip()


def period_words(span: str, period: str) -> str:
    """A period with its span."""
    return f"{period} {SPANS[span]}" if span in ("to_date", "day") else period


def dim_words(dim: str) -> str:
    """A breakdown's name."""
    return str(DIMS.get(dim) or snapshots.titles(dim).get(language()) or dim)


def rows_address(cell: Cell) -> str:
    """Where the rows behind a figure are."""
    query = {"period": cell.period, **({"dim": cell.dim, "group": cell.group} if cell.dim else {})}
    return f"{reverse('indicators:rows', args=[cell.code])}?{urlencode(query)}"


def status_of(cell: Cell | None) -> tuple[str, Any]:
    """How far a figure may be used."""
    return STATES[cell.state if cell else tables.UNKNOWN]
