"""Words of the rule builder: what the choices of its editor are called, and a whole document read aloud."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel import money, packs, places
from diguan.kernel.catalogue import FactSpec
from diguan.kernel.rules import tree, words
from diguan.kernel.shell import language
from diguan.kernel.units import UNITS
from diguan.policies.web import shown

OVERS = [("", gettext_lazy("不取期间")), ("previous_year", gettext_lazy("上一年度")), ("this_year", gettext_lazy("今年以来")), ("last_12_months", gettext_lazy("近十二个月")),
         ("previous_quarter", gettext_lazy("上一季度")), ("latest", gettext_lazy("最近一期")), ("year:-2", gettext_lazy("前年")), ("year:-3", gettext_lazy("三年前那一年")), ("all", gettext_lazy("历来"))]
AGGS = [("", gettext_lazy("不汇总")), ("sum", gettext_lazy("合计")), ("count", gettext_lazy("笔数")), ("max", gettext_lazy("最高值")), ("min", gettext_lazy("最低值")),
        ("latest", gettext_lazy("最近一期的值")), ("growth", gettext_lazy("同比增幅"))]
OPS = [(">=", gettext_lazy("≥ 不低于")), (">", gettext_lazy("> 高于")), ("<=", gettext_lazy("≤ 不超过")), ("<", gettext_lazy("< 低于")), ("=", gettext_lazy("= 等于")), ("!=", gettext_lazy("≠ 不等于")),
       ("between", gettext_lazy("在两者之间（含）")), ("in", gettext_lazy("是其中之一")), ("starts_with", gettext_lazy("代码以此开头")), ("exists", gettext_lazy("有记录"))]
MISSING = [("ask", gettext_lazy("先问，不判不符合")), ("fail", gettext_lazy("判不符合"))]
GROUPS = {"all": gettext_lazy("以下全部符合"), "any": gettext_lazy("以下符合一条"), "not": gettext_lazy("以下不得是")}
ROUNDINGS = [("", gettext_lazy("舍到分（默认）")), ("down_to_fen", gettext_lazy("舍到分")), ("half_up_to_fen", gettext_lazy("四舍五入到分")), ("down_to_yuan", gettext_lazy("舍到元")),
             ("half_up_to_yuan", gettext_lazy("四舍五入到元")), ("up_to_yuan", gettext_lazy("进到元"))]
KINDS = [("flat", gettext_lazy("定额：每户一样多")), ("rate", gettext_lazy("按比例：某个数乘一个比例")), ("tiers", gettext_lazy("分档：达到哪一档给多少"))]
EXHAUSTED = [("waitlist", gettext_lazy("后面的轮候")), ("prorate", gettext_lazy("大家按比例分"))]
REVIEWS = [("", gettext_lazy("还没有")), ("pending", gettext_lazy("审查中")), ("passed", gettext_lazy("通过")), ("failed", gettext_lazy("没通过"))]
STATUSES = [("eligible", gettext_lazy("可享")), ("ineligible", gettext_lazy("不可享")), ("unknown", gettext_lazy("待补信息"))]
_SPLIT = re.compile(r"\s*[、，；,;\n]\s*")
_UNITS = {"元": ("元", "万元", "亿元"), "%": ("%",)}


def offered(choices: Sequence[tuple[str, Any]], *held: str) -> list[tuple[str, Any]]:
    """Choices, and behind them what stands in the draft and is none of them: it is kept, and the loader says what is wrong."""
    known = {key for key, _words in choices}
    return [*choices, *((text, text) for text in dict.fromkeys(held) if text and text not in known)]


def units_of(spec: FactSpec | None, agg: str, ratio: bool) -> list[tuple[str, str]]:
    """The units a value of this fact may be written in; none for words and dates."""
    if ratio or agg == "growth":
        return [("", "—"), ("%", "%")]
    if spec is None or not spec.numeric or agg == "count":
        return [("", "—")]
    return [("", "—"), *((unit, unit) for unit in _UNITS.get(spec.unit, (spec.unit, f"万{spec.unit}")) if spec.unit)]


def fact_words(spec: FactSpec) -> str:
    """A fact as the catalogue's list shows it: 设备购置额（元，按月）."""
    periods = {"none": "", "year": _("按年"), "quarter": _("按季"), "month": _("按月"), "day": _("按日")}
    unit = spec.unit if language() == "zh" or spec.unit not in UNITS else UNITS[spec.unit].name_en
    more = _("，").join(part for part in (unit, periods[spec.period]) if part)
    return _("{label}（{more}）").format(label=spec.label(language()), more=more) if more else spec.label(language())


def facts() -> list[tuple[str, str]]:
    """Every fact a clause about an enterprise may read, by name, with its words."""
    return [(name, fact_words(spec)) for name, spec in sorted(packs.catalogue().items()) if spec.subject == "enterprise"]


TEXTUAL = ("=", "!=", "in", "starts_with", "exists")
"""The comparisons of words, codes and yes-or-no."""


def codes_of(spec: FactSpec | None) -> list[tuple[str, str]]:
    """The codes a value of this fact may be, each with its name; none where it is no code."""
    known = {"region": packs.codes().regions, "industry": packs.codes().industries}.get(spec.type if spec else "", {})
    return sorted(known.items())


def coded(given: Mapping[str, str]) -> dict[str, str]:
    """What the editor sent, with codes where names were written (衡阳县, 制造业) and a comparison that goes with the fact.

    A section of industries becomes its divisions: codes are digits, none begins with the letter.
    """
    told, spec = dict(given.items()), packs.catalogue().get(given.get("fact", "").strip())
    if spec is None or spec.type not in ("text", "region", "industry", "bool"):
        return told
    if told.get("op") not in TEXTUAL:
        told["op"] = "=" if spec.type == "bool" else "in"
    if found := codes_of(spec):
        whole = told.get("value", "").strip()
        parts = [whole] if _section(whole) or any(name == whole for _code, name in found) else [part.strip() for part in _SPLIT.split(whole) if part.strip()]
        if spec.type == "industry" and told["op"] in ("=", "in") and any(_section(part) for part in parts):
            told["op"] = "starts_with"  # to be in a section is to have a code of one of its divisions
        told["value"] = "、".join(code for part in parts for code in _codes_named(part, found, told["op"] == "starts_with"))
    return told


def _section(text: str) -> str:
    """The letter of a section of industries, by letter or name; empty where it is none."""
    return next((letter for letter, (_first, _last, zh, _en) in places.SECTIONS.items() if text in (letter, zh)), "")


def _codes_named(text: str, known: Sequence[tuple[str, str]], wide: bool) -> list[str]:
    """The code of a name, or the text as it is. Of a name that a group and its only class share, the group begins them both and the class is what a firm has."""
    if wide and (section := _section(text)):
        first, last = places.SECTIONS[section][:2]
        return [f"{division:02d}" for division in range(first, last + 1)]
    named = sorted((code for code, name in known if name == text), key=len, reverse=not wide)
    return named[:1] or [text]


def reading(condition: tree.Condition) -> str:
    """A condition as a sentence."""
    return words.reading(condition, language(), packs.codes().names)


# ── a whole document ─────────────────────────────────────────────────────────
def benefit(found: tree.Benefit) -> str:
    """What it pays: 按上一年度设备购置额合计的 5%，最高 100 万元."""
    if isinstance(found, tree.Flat):
        return _("每户 {amount}").format(amount=money.words(found.amount_fen, language()))
    of, cap = words.subject(found.of, language()), ""
    if found.cap_fen is not None:
        cap = _("，最高 {amount}").format(amount=money.words(found.cap_fen, language()))
    if isinstance(found, tree.Rate):
        return _("按{of}的 {rate}{cap}").format(of=of, rate=_rate(found.rate, found.of), cap=cap)
    steps = _("；").join(_("达到 {limit}的，{pays}").format(limit=words.value(step.at_least, found.of, None, language()), pays=_pays(step, found.of)) for step in found.steps)
    return _("按{of}分档：{steps}{cap}").format(of=of, steps=steps, cap=cap)


def _pays(step: tree.Step, of: tree.Read) -> str:
    if step.amount_fen is not None:
        return _("给 {amount}").format(amount=money.words(step.amount_fen, language()))
    return _("按 {rate}").format(rate=_rate(step.rate or Fraction(0), of))


def _rate(rate: Fraction, of: tree.Read) -> str:
    if of.type == "money" or of.type == "percent":
        return f"{_number(rate)}%"
    return f"{money.words(int(rate), language())}/{of.fact.unit}" if rate.denominator == 1 else f"{_number(rate / 100)} {_('元')}/{of.fact.unit}"


def _number(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.4f}".rstrip("0")


def budget(found: tree.Budget | None) -> str:
    """How much there is, and who comes first."""
    if found is None:
        return _("没有预算上限")
    said = _("预算 {amount}").format(amount=money.words(found.amount_fen, language()))
    if found.places is not None:
        said += _("，名额 {n} 个").format(n=found.places)
    keys = _("、").join(shown.way(key).format(what=words.subject(key.of, language())) for key in found.order)
    if keys:
        said += _("，按{keys}排序").format(keys=keys)
    return said + (_("，用完按比例分") if found.when_exhausted == "prorate" else _("，用完轮候"))


def dates(found: tree.Policy) -> str:
    """From when to when it is in force."""
    end = found.in_force_to.isoformat() if found.in_force_to else _("另行通知")
    return _("{start} 至 {end}").format(start=found.in_force_from.isoformat(), end=end)


def aloud(found: tree.Policy) -> str:
    """The whole document in one breath: who, what they get, how much there is."""
    conditions = _("；").join(reading(clause.condition) for clause in found.clauses)
    return _("同时做到这 {n} 条的企业：{conditions}。{benefit}。{budget}。").format(n=len(found.clauses), conditions=conditions, benefit=benefit(found.benefit), budget=budget(found.budget))
