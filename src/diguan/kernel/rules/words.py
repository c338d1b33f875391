"""Conditions, reasons and gaps as a person reads them, in Chinese and English. Nothing is judged here.

No threshold is shown rounded: an amount that the short form cannot hold is written out in 元. What was observed and how
far it is from the threshold are rounded as money is everywhere, but never so that a missed threshold looks reached.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from diguan.kernel import money
from diguan.kernel.messages import Message, beside
from diguan.kernel.periods import ALL, Day, Period
from diguan.kernel.rules import scalar, tree
from diguan.kernel.rules.scalar import Finding, SubjectFacts
from diguan.kernel.units import MOST_PLACES, UNITS

_EPOCH = Day(1970, 1, 1)
_PERIODS = {"last_12_months": Message("近十二个月", "the last 12 months"), "all": Message("历来", "all time"),
            "previous_quarter": Message("上一季度", "the previous quarter")}
_YEARS = {0: Message("今年以来", "this year so far"), -1: Message("上一年度", "the previous year"), -2: Message("前年", "the year before last")}
_AGGREGATIONS = {"sum": Message("合计", "total"), "count": Message("笔数", "number of entries"), "max": Message("最高值", "highest"),
                 "min": Message("最低值", "lowest"), "latest": Message("最近一期", "latest"), "growth": Message("同比增幅", "growth on the year before")}
_COUNTED = {"month": Message("月数", "months with a figure"), "quarter": Message("季数", "quarters with a figure"), "year": Message("年数", "years with a figure")}
"""What a count of a fact's figures counts, where it has one a period."""
_OPERATORS = {"=": Message("为", "is"), "!=": Message("不为", "is not"), "<": Message("低于", "below"), "<=": Message("不超过", "at most"),
              ">": Message("高于", "above"), ">=": Message("不低于", "at least"), "in": Message("属于", "one of"),
              "starts_with": Message("代码以此开头：", "code begins with"), "between": Message("在两者之间（含）：", "between (both included)")}
_DATED = {"<": Message("早于", "before"), "<=": Message("不晚于", "no later than"), ">": Message("晚于", "after"), ">=": Message("不早于", "no earlier than")}
_SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}
_GROUPS: dict[type, Message] = {tree.All: Message("以下全部满足", "all of"), tree.Any: Message("以下满足一项", "any of")}
_BOOLS = {True: Message("是", "yes"), False: Message("否", "no")}


def reading(condition: tree.Condition, language: str = "zh", names: Mapping[str, str] | None = None) -> str:
    """A condition as a sentence; ``names`` gives the names of region and industry codes."""
    if isinstance(condition, tree.Compare):
        return _comparison(condition, language, names or {})
    zh = language.startswith("zh")
    if isinstance(condition, tree.Not):
        inner = reading(condition.of, language, names)
        return f"不得是：{inner}" if zh else f"not: {inner}"
    parts = ("；" if zh else "; ").join(reading(part, language, names) for part in condition.of)
    head = _GROUPS[type(condition)].text(language)
    return f"{head}（{parts}）" if zh else f"{head} ({parts})"


def reason(clause: tree.Clause, finding: Finding, as_of: Day, language: str = "zh", names: Mapping[str, str] | None = None, *,
           distance: bool = True) -> str:
    """Why a clause holds, fails or stays open: what there is, what it takes and, unless ``distance`` is off, how far apart."""
    if finding.verdict == tree.UNKNOWN:
        return Message("没人告诉过我们", "Nobody has told us").text(language)
    asked = reading(clause.condition, language, names)
    single = clause.condition
    if isinstance(single, tree.Not) and isinstance(single.of, tree.Compare) and finding.observed is not None:
        have = _brief(finding.observed, single.of.of, as_of, language, names)
        met = finding.verdict == tree.TRUE
        said = _now(have, finding.observed, single.of.of, language)
        return said if met else said + Message(f"；要求：{asked}", f"; required: {asked}").text(language)
    if isinstance(single, tree.Compare) and single.op == "exists":
        return Message(*(("有记录", "On record") if finding.verdict == tree.TRUE else ("没有记录", "Nothing on record"))).text(language)
    if not isinstance(single, tree.Compare) or single.op == "exists" or finding.observed is None:
        met = finding.verdict == tree.TRUE
        return Message(f"满足：{asked}" if met else f"没有满足的记录；要求：{asked}",
                       f"Met: {asked}" if met else f"Nothing on record meets it; required: {asked}").text(language)
    have = _apart(single, finding, _brief(finding.observed, single.of, as_of, language, names), as_of, language)
    said = _now(have, finding.observed, single.of, language)
    if finding.verdict == tree.TRUE:
        return said
    if single.op not in tree.ORDERED:
        return said + Message(f"；要求：{asked}", f"; required: {asked}").text(language)
    return said + ("，" if language.startswith("zh") else "; ") + _needed(single, finding.observed if distance else None, as_of, language)


def _now(have: str, observed: Fraction | str, of: tree.Source, language: str) -> str:
    """``现有 852 万元`` of an amount, ``现在：存续`` of a word."""
    if not language.startswith("zh"):
        return f"Now {have}"
    return f"现在：{have}" if isinstance(observed, str) or of.type == "bool" else beside("现有", have)


def seen(source: tree.Source, facts: SubjectFacts, as_of: Day, language: str = "zh") -> str:
    """What is known of one read: ``最近一期期末用工人数 85 人``."""
    there = scalar.see(source, facts, as_of)
    if there.state == scalar.VALUE and there.value is not None:
        return f"{subject(source, language)} {_brief(there.value, source, as_of, language)}"
    words = {scalar.ABSENT: Message("无记录", "nothing on record"), scalar.PART: Message("还没报齐", "not all told yet")}
    return f"{subject(source, language)} {words.get(there.state, Message('没人告诉过我们', 'nobody has told us')).text(language)}"


def untold(sources: Iterable[tree.Source], facts: SubjectFacts, as_of: Day, language: str = "zh") -> dict[str, str]:
    """Of each fact that is open, by name, the periods nobody has told us of: ``2026-08``, ``2025-01 等 12 个月``; empty for an attribute and for all time."""
    found: dict[str, list[Period]] = {}
    for source in sources:
        for fact, parts in scalar.untold(source, facts, as_of).items():
            kept = found.setdefault(fact.name, [])
            kept += [part for part in parts if part not in kept]
    return {name: _parts(sorted(parts), language) for name, parts in found.items()}


def _parts(parts: Sequence[Period], language: str) -> str:
    parts = [part for part in parts if part != ALL]
    if not parts:
        return ""
    if len(parts) <= 2:
        return Message("、", ", ").text(language).join(part.text for part in parts)
    kinds = {"month": Message("个月", "months"), "quarter": Message("个季度", "quarters"), "year": Message("年", "years"), "day": Message("天", "days")}
    kind = kinds[parts[0].kind]
    return Message(f"{parts[0].text} 至 {parts[-1].text} 中的 {len(parts)} {kind.zh}", f"{len(parts)} {kind.en} of {parts[0].text} to {parts[-1].text}").text(language)


def basis(benefit: tree.Benefit, facts: SubjectFacts, as_of: Day, language: str = "zh") -> str:
    """How the amount comes about: ``上一年度设备购置额合计 852 万元 × 5%``, with the cap where it bites."""
    if isinstance(benefit, tree.Flat):
        return Message("定额", "A fixed amount").text(language)
    seen, named = scalar.see(benefit.of, facts, as_of), subject(benefit.of, language)
    if seen.state in (scalar.UNTOLD, scalar.PART):
        return Message(f"{named}还没报齐，金额算不准", f"{named}: not all told yet, so the amount is open").text(language)
    base = seen.value if isinstance(seen.value, Fraction) else Fraction(0)
    said = f"{named} {_brief(base, benefit.of, as_of, language)}"
    rate = benefit.rate if isinstance(benefit, tree.Rate) else _reached(benefit, base)
    if rate is None:
        return said + Message("，没到最低一档", ", below the lowest step").text(language)
    if isinstance(rate, tree.Step):
        step = _brief(rate.at_least, benefit.of, as_of, language)
        return said + Message(f"，达到 {step}这一档", f", the step from {step}").text(language)
    said += f" × {_rate(rate, benefit.of, language)}"
    return said + _capped(base * rate, benefit.cap_fen, language)


def _reached(benefit: tree.Tiers, base: Fraction) -> Fraction | tree.Step | None:
    """The rate of the highest step reached, or the step itself where it pays a fixed amount; None below the lowest."""
    step = next((step for step in reversed(benefit.steps) if step.at_least <= base), None)
    return step if step is None or step.rate is None else step.rate


def _rate(rate: Fraction, of: tree.Read, language: str) -> str:
    return f"{_digits(rate)}%" if of.type == "money" else _amount(rate, language)


def _capped(fen: Fraction, cap_fen: int | None, language: str) -> str:
    if cap_fen is None or fen <= cap_fen:
        return ""
    cap = _amount(Fraction(cap_fen), language)
    return Message(f"，按上限 {cap}", f", capped at {cap}").text(language)


def gap(compare: tree.Compare, observed: Fraction | str | None, as_of: Day, language: str = "zh") -> str | None:
    """How far an ordered comparison is from true: ``还差 22 万元``; None where there is no distance."""
    if compare.op not in tree.ORDERED or not isinstance(observed, Fraction):
        return None
    distance = scalar.gap(compare, observed, as_of)
    if distance == 0:
        return Message("正好卡在这个数上，要超过它才行", "exactly at the limit, which must be passed").text(language)
    size = _distance(distance, compare.of, language)
    if compare.of.type == "date":
        return Message(f"相差 {size}", f"{size} apart").text(language)
    above = observed > scalar.number(compare.values[-1], as_of)
    if compare.op in ("<", "<=") or (compare.op == "between" and above):
        return Message(f"超出 {size}", f"over by {size}").text(language)
    return Message(f"还差 {size}", f"{size} short").text(language)


def value(found: Any, of: tree.Source, as_of: Day | None, language: str = "zh", names: Mapping[str, str] | None = None) -> str:
    """One value in words: an observed one (display units), or a threshold (a date may stay ``as_of``)."""
    if isinstance(found, tree.AsOf) and as_of is None:
        return _as_of(found.months, language)
    if isinstance(found, str):
        name = (names or {}).get(found)
        return f"{name}（{found}）" if name and language.startswith("zh") else f"{name} ({found})" if name else found
    if of.type == "bool":
        return _BOOLS[bool(found)].text(language)
    number = scalar.number(found, as_of or _EPOCH)
    if of.type == "date":
        return (_EPOCH + dt.timedelta(days=int(number))).isoformat()
    return f"{_digits(number * 100)}%" if of.type == "percent" else _quantity(number, of, language)


def _brief(found: Fraction | str, of: tree.Source, as_of: Day, language: str, names: Mapping[str, str] | None = None) -> str:
    """An observed value, money rounded as it is everywhere on pages."""
    if isinstance(found, Fraction) and isinstance(of, tree.Read) and of.type == "money":
        return money.words(round(found * 100), language)
    return value(found, of, as_of, language, names)


def _comparison(compare: tree.Compare, language: str, names: Mapping[str, str]) -> str:
    zh = language.startswith("zh")
    named = subject(compare.of, language)
    if compare.op == "exists":
        return f"{named}有记录" if zh else f"{named}: on record"
    table = {**_OPERATORS, **_DATED} if compare.of.type == "date" else _OPERATORS
    limits = ("、" if zh else ", ").join(_runs(compare) or [value(each, compare.of, None, language, names) for each in compare.values])
    verb = table[compare.op].text(language)
    return f"{named}{beside(verb, limits)}" if zh else f"{named}: {verb} {limits}"


def _runs(compare: tree.Compare) -> list[str]:
    """Many codes of one length as runs: 13–43; nothing where the codes are few."""
    codes = sorted(str(each) for each in compare.values)
    if compare.op not in ("starts_with", "in") or len(codes) < 4 or not all(code.isdecimal() and len(code) == len(codes[0]) for code in codes):
        return []
    runs: list[list[str]] = []
    for code in codes:
        if runs and int(code) == int(runs[-1][-1]) + 1:
            runs[-1] = [runs[-1][0], code]
        else:
            runs.append([code])
    return ["–".join(run) for run in runs]


def subject(of: tree.Source, language: str = "zh") -> str:
    """What is read, in words: ``上一年度设备购置额合计``."""
    zh = language.startswith("zh")
    if isinstance(of, tree.Ratio):
        a, b = of.a.label(language), of.b.label(language)
        over = _period(of.window).text(language)
        return f"{over}{a}与{b}之比" if zh else f"{a} to {b}, {over}"
    label = of.fact.label(language)
    if of.window is None:
        return label
    over = "" if of.agg == "latest" and of.window.name == "all" else _period(of.window).text(language)
    agg = (_COUNTED.get(of.fact.period) if of.agg == "count" else None) or _AGGREGATIONS.get(of.agg or "", Message("", ""))
    return _put(label, over, agg.text(language), of, language)


def _put(label: str, over: str, agg: str, of: tree.Read, language: str) -> str:
    if language.startswith("zh") and of.agg == "count" and of.fact.period in _COUNTED:
        return f"{over}有{label}的{agg}"
    if language.startswith("zh"):
        return f"{over}{agg}{label}" if of.agg == "latest" else f"{over}{label}{agg}"
    return ", ".join(part for part in (label, " over ".join(part for part in (agg, over) if part)) if part)


def _period(word: tree.Word) -> Message:
    if word.name != "year":
        return _PERIODS[word.name]
    return _YEARS.get(word.years) or Message(f"{-word.years} 年前那一年", f"the year {-word.years} years back")


def _as_of(months: int, language: str) -> str:
    if not months:
        return Message("判定日", "the day of judging").text(language)
    side = Message("前", "before") if months < 0 else Message("后", "after")
    count = abs(months)
    return Message(f"判定日{side.zh} {count} 个月", f"{count} months {side.en} the day of judging").text(language)


def _needed(compare: tree.Compare, observed: Fraction | str | None, as_of: Day, language: str) -> str:
    limits = [value(each, compare.of, as_of, language) for each in compare.values]
    wanted = f"{limits[0]}–{limits[1]}" if compare.op == "between" else f"{_SIGNS[compare.op]} {limits[0]}"
    needs = Message(f"需 {wanted}", f"needs {wanted}").text(language)
    far = gap(compare, observed, as_of, language)
    return needs if far is None else needs + ("，" if language.startswith("zh") else "; ") + far


def _apart(compare: tree.Compare, finding: Finding, have: str, as_of: Day, language: str) -> str:
    """A missed value that rounds to its very limit must not look reached."""
    if finding.verdict != tree.FALSE or compare.op not in tree.ORDERED or not isinstance(finding.observed, Fraction):
        return have
    for limit in compare.values:
        bound = scalar.number(limit, as_of)
        if bound != finding.observed and _brief(bound, compare.of, as_of, language) == have:
            exact = value(finding.observed, compare.of, as_of, language)
            if exact != have:
                return exact
            side = Message("略低于", "just below") if finding.observed < bound else Message("略高于", "just above")
            return f"{side.text(language)} {have}"
    return have


def _distance(distance: Fraction, of: tree.Source, language: str) -> str:
    if of.type == "percent":
        points = distance * 100
        return f"{_digits(round(points, 2) or points)} {Message('个百分点', 'percentage points').text(language)}"
    if of.type == "date":
        return f"{int(distance)} {Message('天', 'days').text(language)}"
    if isinstance(of, tree.Read) and of.type == "money":
        return money.words(max(round(distance * 100), 1), language)
    return _quantity(distance, of, language)


def _quantity(number: Fraction, of: tree.Source, language: str) -> str:
    if isinstance(of, tree.Ratio):
        return f"{_digits(number)} {_unit(of.a.unit, language)}/{_unit(of.b.unit, language)}"
    if of.type == "money":
        return _amount(number * 100, language)
    unit = _unit(of.fact.unit, language) if of.type == "number" else ""
    return f"{_digits(number)} {unit}".strip() if unit != "%" else f"{_digits(number)}%"


def _amount(fen: Fraction, language: str) -> str:
    """Short where the short form is exact, else in 元 to the last digit."""
    if fen.denominator == 1:
        short = money.words(int(fen), "zh")
        if money.parse(short.replace("−", "-")) == fen:
            return money.words(int(fen), language) if language.startswith("zh") else f"{_digits(fen / 100)} yuan"
    return f"{_digits(fen / 100)} {_unit('元', language)}"


def _unit(unit: str, language: str) -> str:
    return unit if language.startswith("zh") or unit not in UNITS else UNITS[unit].name_en


def _digits(number: Fraction) -> str:
    """Two decimals; four where the number has them, or is small; a distance too small for that is not called 0."""
    least = Fraction(1, 10**MOST_PLACES)
    if 0 < number < least:
        return f"<{money.digits(Decimal(1) / 10**MOST_PLACES, MOST_PLACES)}"
    endless = (number * 10**MOST_PLACES).denominator != 1
    places = 2 if (number * 100).denominator == 1 or (endless and abs(number) >= 1) else MOST_PLACES
    return money.digits(Decimal(number.numerator) / Decimal(number.denominator), places)
