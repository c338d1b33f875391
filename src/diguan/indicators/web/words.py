"""Figures and their states in words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.indicators.engine import judging, tables
from diguan.indicators.engine.terms import Indicator
from diguan.indicators.queries import article, snapshots, wording
from diguan.indicators.queries.snapshots import Cell
from diguan.kernel import money
from diguan.kernel.shell import language

STATES = {tables.WHOLE: ("ok", gettext_lazy("齐全")), tables.RUNNING: ("accent", gettext_lazy("期间未完")), tables.PARTIAL: ("warn", gettext_lazy("数据不全")), tables.UNKNOWN: ("unknown", gettext_lazy("没有数据")),
          tables.REFUSED: ("bad", gettext_lazy("不能相除")), tables.FEW: ("mute", gettext_lazy("不足 3 户，不显示"))}
SCOPES = {"statistics": gettext_lazy("统计口径"), "department": gettext_lazy("部门口径"), "self_reported": gettext_lazy("企业自报")}
SPANS = {"month": gettext_lazy("当月"), "quarter": gettext_lazy("当季"), "year": gettext_lazy("全年"), "to_date": gettext_lazy("1 月起累计"), "day": gettext_lazy("期末")}
CHANGES = {"yoy": gettext_lazy("比上年同期"), "mom": gettext_lazy("比上一期")}
DIRECTIONS = {"up": gettext_lazy("越高越好"), "down": gettext_lazy("越低越好"), "none": gettext_lazy("不分高低")}
DIMS = {"cluster": gettext_lazy("产业集群"), "town": gettext_lazy("乡镇"), "park": gettext_lazy("园区"), "industry": gettext_lazy("行业"), "source": gettext_lazy("线索来源"), "policy": gettext_lazy("政策"), "movement": gettext_lazy("事项"), "delivery": gettext_lazy("兑现方式"), "honour_kind": gettext_lazy("荣誉类别"), "honour_level": gettext_lazy("荣誉级别"), "kind": gettext_lazy("类别"),
        "event": gettext_lazy("一件事"), "bureau": gettext_lazy("部门"), "province": gettext_lazy("省"), "unit": gettext_lazy("单位"), "party": gettext_lazy("对象"), "level": gettext_lazy("级别"), "chain": gettext_lazy("产业链"), "node": gettext_lazy("环节"), "stage": gettext_lazy("阶段"), "told_by": gettext_lazy("领照日由谁说"),
        "section": gettext_lazy("所属行动"), "standing": gettext_lazy("办成没有"), "table": gettext_lazy("榜单")}
JUDGED = {article.MATCH: ("ok", gettext_lazy("相符")), article.DIFFERS: ("bad", gettext_lazy("不符")), article.AIM: ("accent", gettext_lazy("目标")), article.NO_ROWS: ("unknown", gettext_lazy("还没有数据")), article.LISTED: ("mute", gettext_lazy("只是列举")),
          article.BEYOND: ("mute", gettext_lazy("不在职责范围内"))}
COMPARES = {judging.LEAST: gettext_lazy("{n}以上"), judging.MORE: gettext_lazy("超过 {n}"), judging.TARGET: gettext_lazy("目标 {n}")}


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


def counting(unit: str, scale: int, num: int, of: int | None) -> str:
    """What a row counts for, and of what."""
    return stored(unit, scale, num) if of is None else f"{stored(unit, scale, num)} ÷ {stored(unit, scale, of)}"


def period_words(span: str, period: str) -> str:
    """A period with its span."""
    return f"{period} {SPANS[span]}" if span in ("to_date", "day") else period


def dim_words(dim: str) -> str:
    """A breakdown's name."""
    return str(DIMS.get(dim) or snapshots.titles(dim).get(language()) or dim)


def within(word: str) -> str:
    """A word as it stands inside a sentence: in English without its capital."""
    return word[:1].lower() + word[1:]


def part_words(dim: str, group: str) -> str:
    """A part's name as this language has it; empty where nobody put it into a part."""
    return snapshots.group_label(dim, group, language()) if dim else ""


def rows_address(cell: Cell, snapshot: str = "") -> str:
    """Where the rows behind a figure are; of a snapshot that is named, else of the one pages speak from."""
    query = {"period": cell.period, **({"dim": cell.dim, "group": cell.group} if cell.dim else {}), **({"snapshot": snapshot} if snapshot else {})}
    return f"{reverse('indicators:rows', args=[cell.code])}?{urlencode(query)}"


def told_address(one: Indicator, cell: Cell | None, snapshot: str = "") -> str:
    """Where the rows behind a figure are (:func:`rows_address`); empty where it is not told."""
    return "" if cell is None or cell.value(one) is None else rows_address(cell, snapshot)


def status_of(cell: Cell | None) -> tuple[str, Any]:
    """How far a figure may be used."""
    return STATES[cell.state if cell else tables.UNKNOWN]


# ── printed figures ──────────────────────────────────────────────────────────
def said(one: article.Printed) -> str:
    """A printed figure with its unit and how it is meant."""
    figure = _counted(one.value, one)
    return str(COMPARES[one.compare]).format(n=figure) if one.compare in COMPARES else figure


def as_printed(row: article.Judged) -> str:
    """Ours as it would be printed; empty where there is none."""
    return "" if row.printed is None else _counted(row.printed, row.said)


def _counted(number: Decimal, one: article.Printed) -> str:
    unit = one.unit.text(language())
    return f"{number}%" if unit == "%" else f"{number} {unit}".rstrip()


def remark(row: article.Judged) -> str:
    """What else is to be known of a printed figure: who will bring the rows, how much is missing, what leaves it open."""
    parts = [row.said.note.text(language())] if row.said.note else []
    room = article.room_of(row)
    if row.state == article.NO_ROWS and room is not None:
        parts.insert(0, str(_("等“{room}”的记录")).format(room=room.text(language())))
    if row.short:
        parts.insert(0, str(_("还差 {n}")).format(n=_counted(row.short, row.said)))
    if row.cell is not None and row.ours is not None and row.cell.state not in (tables.WHOLE, tables.RUNNING):
        parts.append(str(STATES[row.cell.state][1]))
    return str(_("；")).join(parts)
