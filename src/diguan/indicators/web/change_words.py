"""What changed, what is lacking and who tells otherwise, in words."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from diguan.indicators.engine import changes as engine
from diguan.indicators.engine.changes import Part
from diguan.indicators.engine.terms import MEASURE, Indicator
from diguan.indicators.queries import behind, changes, sources, why
from diguan.indicators.queries.missing import Owed
from diguan.indicators.queries.snapshots import Cell
from diguan.indicators.queries.why import Row, Side, Why
from diguan.indicators.web import words
from diguan.kernel import money, packs
from diguan.kernel.facts.runs import Run
from diguan.kernel.measures import COUNTED
from diguan.kernel.shell import language, source_name

CAUSES = {engine.DEFINITION: ("accent", gettext_lazy("口径改变")), engine.REGISTER: ("mute", gettext_lazy("分组变动")), engine.CORRECTED: ("warn", gettext_lazy("更正")), engine.ADDED: ("ok", gettext_lazy("补报")),
          engine.GONE: ("bad", gettext_lazy("撤下")), engine.HIDDEN: ("mute", gettext_lazy("不在您的职责范围内")), engine.PROGRAM: ("mute", gettext_lazy("计算程序改变"))}
OF_RECORDS = {engine.ADDED: ("ok", gettext_lazy("新增")), engine.GONE: ("bad", gettext_lazy("不再计入"))}
KINDS = {changes.CHANGED: ("warn", gettext_lazy("变了")), changes.NEW: ("ok", gettext_lazy("新有的")), changes.LOST: ("unknown", gettext_lazy("不再显示"))}
ROLES = {sources.ONLY: "", sources.NOW: gettext_lazy("本期"), sources.THEN: gettext_lazy("对比的一期"), sources.TOP: gettext_lazy("分子"), sources.BOTTOM: gettext_lazy("分母")}
_NAMED = 2
_LEAST = Decimal("0.01")


def cause(of_records: bool, name: str) -> tuple[str, Any]:
    """A cause as a status."""
    return (OF_RECORDS.get(name) if of_records else None) or CAUSES[name]


def signed(text: str) -> str:
    """An amount as a difference: with a plus where it is no minus."""
    return text if text.startswith("−") else f"+{text}"


def difference(one: Indicator, found: Fraction) -> str:
    """A difference of figures in words; of percentages in points."""
    value = why.in_unit(one, found)
    return signed(_("{n} 个百分点").format(n=money.digits(value, 2 if abs(value) >= _LEAST else 4)) if one.unit == "%" else words.amount(one, value))


def exact(one: Indicator, found: Fraction) -> str:
    """A difference to the last storage unit (money to the fen), percentages to four digits."""
    value = why.in_unit(one, found)
    if one.unit == "元":
        return signed(f"{money.digits(value, 2)} {words.unit_words('元')}")
    return signed(_("{n} 个百分点").format(n=money.digits(value, 4)) if one.unit == "%" else f"{money.digits(value, 4)} {words.unit_words(one.unit)}".strip())


def shown(one: Indicator, cell: Cell | None) -> str:
    """A figure, or that there is none."""
    return words.shown(one, cell) or _("没有数")


def stored(side: Side, num: int | None) -> str:
    """A row's number in its own unit; a dash where there was none."""
    return "—" if num is None else words.stored(*behind.unit_of(side.source), num)


def total(side: Side, pair: tuple[int, int]) -> str:
    """A total, with what it is a part of where it is a share."""
    first = stored(side, pair[0])
    return f"{first} / {stored(side, pair[1])}" if pair[1] else first


def side_title(side: Side) -> str:
    """What a total is of: of a growth the number that grows, else the indicator."""
    if not side.indicator.change and side.role not in ("now", "then"):
        return side.indicator.title.text(language())
    return COUNTED[side.source.name].title.text(language()) if side.source.kind == MEASURE else packs.catalogue()[side.source.name].label(language())


def row_by(side: Side, row: Row) -> str:
    """By how much a row moves its side."""
    return signed(stored(side, row.by))


def _counted(found: Why, part: Part) -> str:
    if not part.rows:
        return ""
    if found.one.firms:
        return ngettext("{n} 户", "{n} 户", part.rows).format(n=part.rows)
    return ngettext("{n} 条", "{n} 条", part.rows).format(n=part.rows)


def of_records(found: Why) -> bool:
    """Whether its rows are records and not deliveries."""
    return any(side.source.kind == MEASURE for side in found.sides)


def lines(found: Why) -> list[dict[str, Any]]:
    """The parts of a difference, a line a cause: the word, how many rows, by how much in words and exactly."""
    return [{"cause": cause(of_records(found), part.cause), "rows": _counted(found, part), "by": difference(found.one, part.by), "exact": exact(found.one, part.by)}
            for part in found.parts or ()]


def sentence(found: Why, group: str) -> str:
    """The difference and its causes in one sentence."""
    what = " ".join(filter(None, (words.period_words(found.after.span, found.after.period) if found.after else "", group, found.one.title.text(language()))))
    said = _("{what}从 {before} 变为 {after}").format(what=what, before=shown(found.one, found.before), after=shown(found.one, found.after))
    parts = [" ".join(filter(None, (str(line["cause"][1]), line["rows"], line["by"] or _("（不足 3 户，不显示）")))) for line in lines(found)]
    return said + (_("：") + _("，").join(parts) if parts else "") + _("。")


def address(code: str, old: Run, new: Run, period: str, dim: str = "", group: str = "") -> str:
    """Where it says why a figure changed."""
    query = {"period": period, "from": old.run_id, "to": new.run_id, **({"dim": dim, "group": group} if dim else {})}
    return f"{reverse('indicators:changed', args=[code])}?{urlencode(query)}"


def run_words(run: Run) -> str:
    """A snapshot by its day and the first letters of its name."""
    return f"{run.as_of:%Y-%m-%d} · {run.run_id[:8]}"


def told_words(row: Row) -> str:
    """Whose word it is."""
    return source_name(row.told.source) if row.told else ""


def owed_words(found: Sequence[Owed]) -> str:
    """What is lacking, in a few words for a list: the first months and who owes them."""
    if not found:
        return ""
    said = _("、").join(_("{period}（{who}）").format(period=item.period, who=item.unit or source_name(item.source)) for item in found[:_NAMED])
    return _("缺 {what}").format(what=said) if len(found) <= _NAMED else _("缺 {what}，共 {n} 项").format(what=said, n=len(found))


def owed_lines(found: Sequence[Owed]) -> list[dict[str, Any]]:
    """What is lacking, a line each: of what, when, whose, by when, and what has come."""
    return [{"title": item.spec.label(language()), "period": item.period, "source": source_name(item.source), "unit": item.unit, "due": item.due, "late": item.late,
             "came": ngettext("来了 {n} 户，没有说齐", "来了 {n} 户，没有说齐", item.firms).format(n=item.firms) if item.firms else _("还没有来")} for item in found]


def pair_amount(pair: Any, num: int | None) -> str:
    """A number of a fact that two sources tell, in its unit; empty where it is not told."""
    return "" if num is None else words.stored(pair.spec.unit, pair.spec.scale, num)


