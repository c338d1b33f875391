"""What an enterprise can do (能力名册): the kinds of claims, and what each of them has to say. Pure.

A kind is declared once, in :data:`KINDS`; form, import, export, list and dossier follow from it. What somebody
writes (``told``) becomes what is kept (``details``) in :func:`read` alone, so that every door refuses alike.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from diguan.enterprises.engine import name_key
from diguan.kernel.messages import Message, nearest
from diguan.kernel.sheets import values
from diguan.kernel.sheets.declare import Column, headed, heading_key

Details = dict[str, Any]
LONGEST = 100  # characters of a text in the details
MOST = 10**12  # no count of anything is larger
HOME = "CN"
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
_LIST = re.compile(r"[、,，;；/\s]+")
# The words of stored choices, in both languages; the first spelling of each in a file is the Chinese one.
WORDS: dict[str, Message] = {
    "national": Message("国家级", "National"), "province": Message("省级", "Provincial"), "city": Message("市级", "Municipal"),
    "county": Message("县级", "County"), "led": Message("主导", "Led"), "took_part": Message("参与", "Took part"),
    "leading": Message("一级（国际领先）", "Level 1 (leading in the world)"), "advanced": Message("二级（国内先进）", "Level 2 (advanced in the country)"),
    "basic": Message("三级（国内一般）", "Level 3 (basic)"), "quantity": Message("按数量", "by quantity"), "value": Message("按金额", "by value"),
    "piece": Message("只", "pieces"), "item": Message("件", "items"), "pair": Message("双", "pairs"), "set": Message("台", "units"),
}
LEVELS = ("national", "province", "city", "county")


def _choices(**spellings: str) -> dict[str, str]:
    """Stored values by every spelling, ``national="国家级 国家"``."""
    return {heading_key(word): value for value, words in spellings.items() for word in (*words.split(), value)}


_CATEGORY = headed("category", "品类 产品类别", "Product class", required=True)
_UNIT = headed("unit", "计量单位 单位", "Counted in", "choice", required=True, choices=_choices(piece="只 支 块", item="件 套", pair="双", set="台"))
_LEVEL = headed("level", "级别", "Level", "choice", required=True, choices=_choices(
    national="国家级 国家 全国", province="省级 省", city="市级 市", county="县级 县"))


_SILENT = Message("", "")


@dataclass(frozen=True)
class Kind:
    """One kind of claim. ``subject`` is what its name names; ``key`` the columns that, with the name, make it the same claim."""

    name: str
    title: Message
    subject: Message
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    hint: Message = _SILENT


KINDS: dict[str, Kind] = {kind.name: kind for kind in (
    Kind("product", Message("产品与日产能", "Product and daily capacity"), Message("产品名称", "Product"), (
        _CATEGORY, _UNIT,
        headed("daily_capacity", "日产能 设计日产能 最大日产能", "Daily capacity", "number", required=True),
        headed("daily_output", "日均产量 实际日产量", "Daily output", "number"),
    ), ("category",), Message("产能是一天最多能做多少，产量是实际做了多少；两个数分开填", "Capacity is the most that can be made in a day, output what is made: two figures")),
    Kind("market", Message("出口市场", "Export markets"), Message("出口产品", "Product exported"), (
        headed("countries", "出口国家和地区 出口国家 出口市场", "Countries and regions", required=True),
    ), hint=Message("国家和地区写名称或两位代码，用顿号隔开", "Countries and regions by name or two-letter code, with commas between")),
    Kind("share", Message("市场份额", "Market share"), Message("产品", "Product"), (
        headed("share", "市场份额 份额 占有率", "Share", "number", unit="%", required=True),
        headed("market", "份额分母 统计范围 什么市场", "Of which market", required=True),
        headed("year", "统计年份", "Year of the statistics", "number", required=True),
        headed("statistics", "数据出处 谁的统计", "Whose statistics", required=True),
        headed("basis", "份额口径", "Counted by", "choice", choices=_choices(quantity="按数量 数量", value="按金额 金额")),
    ), ("market", "year"), Message("份额要说清是哪个市场、哪一年、谁的统计；说不清的不收", "A share says of which market, which year and whose statistics; without these it is refused")),
    Kind("brand", Message("品牌", "Brand"), Message("品牌名称", "Brand"), (headed("registration", "商标注册号", "Trade mark number"),)),
    Kind("honour", Message("荣誉", "Honour"), Message("荣誉名称", "Honour"), (_LEVEL,), ("level",)),
    Kind("standard", Message("参与标准", "Standard"), Message("标准名称", "Standard"), (
        headed("number", "标准号 标准编号", "Number of the standard", required=True),
        headed("role", "作用 起草方式", "Role", "choice", required=True, choices=_choices(led="主导 牵头 主持 第一起草", took_part="参与 参加 参编")),
    ), ("number",)),
    Kind("joint_rd", Message("联合研发", "Joint R&D"), Message("研发项目", "Project"), (
        headed("partner", "合作方 合作单位", "Partner", required=True), headed("result", "成果", "Result", required=True))),
    Kind("robot", Message("机器人", "Robots"), Message("机器人用途", "What the robots do"), (
        headed("count", "机器人台数 台数", "How many", "number", unit="台", required=True),)),
    Kind("clean", Message("清洁生产", "Clean production"), Message("审核名称", "Audit"), (
        headed("clean_level", "清洁生产等级", "Level of clean production", "choice", required=True, choices=_choices(
            leading="一级（国际领先） 一级 国际领先 I级", advanced="二级（国内先进） 二级 国内先进 II级", basic="三级（国内一般） 三级 国内一般 国内基本 III级")),
        headed("audit_date", "审核日期 审核验收日期", "Day of the audit", "date", required=True))),
    Kind("core_task", Message("核心技术攻关", "Core-technology task"), Message("攻关任务", "Task"), (_LEVEL,), ("level",)),
)}
COLUMNS: dict[str, Column] = {column.name: column for kind in KINDS.values() for column in kind.columns}


# ── words ────────────────────────────────────────────────────────────────────
def kind_named(word: str) -> str | Message:
    """A kind by its name or its title; else what is wrong, with the nearest one.

    >>> kind_named("出口市场"), kind_named("Export markets")
    ('market', 'market')
    >>> kind_named("出口国").zh
    '没有能力类别“出口国”，最接近的是“出口市场”；可填 产品与日产能、出口市场、市场份额、品牌、荣誉、参与标准、联合研发、机器人、清洁生产、核心技术攻关'
    """
    key = heading_key(word)
    known = {heading_key(spelling): kind for kind in KINDS.values() for spelling in (kind.name, kind.title.zh, kind.title.en)}
    if key in known:
        return known[key].name
    near = nearest(key, known, 0.3)
    hints = (f"，最接近的是“{known[near].title.zh}”", f"; the nearest is “{known[near].title.en}”") if near else ("", "")
    return Message(f"没有能力类别“{word}”{hints[0]}；可填 {'、'.join(kind.title.zh for kind in KINDS.values())}",
                   f"no kind of claim “{word}”{hints[1]}; there are {', '.join(kind.title.en for kind in KINDS.values())}")


def country_codes(text: str, countries: Mapping[str, Message]) -> list[str]:
    """Countries written by name or code, each once, in order of code.

    >>> country_codes("美国、DE，us", {"US": Message("美国", "United States"), "DE": Message("德国", "Germany")})
    ['DE', 'US']

    Raises:
        values.ValueProblem: one is not on the list (the nearest is named), or is China itself, or none is named.
    """
    known = {name_key(word): code for code, name in countries.items() for word in (code, name.zh, name.en)}
    found = set()
    for word in _words(text, known):
        code = known.get(name_key(word))
        if code is None:
            raise _no_country(word, known, countries)
        if code == HOME:
            raise values.ValueProblem("出口市场里不能有中国", "China itself is no export market")
        found.add(code)
    if not found:
        raise values.ValueProblem("一个国家或地区也没有写", "no country or region is named")
    return sorted(found)


def _words(text: str, known: Mapping[str, str]) -> list[str]:
    """The names in a list; English names hold spaces, so a blank parts them only where the whole is no name."""
    parts = [part for part in re.split(r"[、,，;；/\n]+", text) if part.strip()]
    return [word for part in parts for word in ([part] if name_key(part) in known else filter(None, _LIST.split(part)))]


def _no_country(word: str, known: Mapping[str, str], countries: Mapping[str, Message]) -> values.ValueProblem:
    near = nearest(name_key(word), known, 0.4)
    name = countries[known[near]] if near else None
    return values.ValueProblem(f"“{word}”不是国家或地区" + (f"，最接近的是“{name.zh}”" if name else ""),
                               f"“{word}” is no country or region" + (f"; the nearest is “{name.en}”" if name else ""))


# ── what is told becomes what is kept ────────────────────────────────────────
def read(kind: Kind, told: Mapping[str, Any], countries: Mapping[str, Message]) -> tuple[Details, dict[str, Message]]:
    """What somebody wrote as it is kept: whole numbers, shares in basis points, days as text, country codes.

    Args:
        kind: what is claimed.
        told: values by column as written (text, number or day); empty ones are not told.
        countries: the listed countries.

    Returns:
        The details, and what is wrong by column.
    """
    columns = {column.name: column for column in kind.columns}
    details: Details = {}
    wrong: dict[str, Message] = {name: _unknown(name, kind) for name in told if name not in columns}
    for name, column in columns.items():
        value = told.get(name)
        if value in (None, ""):
            if column.required:
                wrong[name] = Message(f"{kind.title.zh}要填“{column.label()}”", f"{kind.title.en} needs “{column.label('en')}”")
            continue
        try:
            details[name] = _value(column, value, countries)
        except values.ValueProblem as problem:
            wrong[name] = problem.message
    return details, wrong | _beyond(details)


def _unknown(name: str, kind: Kind) -> Message:
    near = nearest(name, [column.name for column in kind.columns], 0)
    return Message(f"{kind.title.zh}没有 {name} 这一项" + (f"，最接近的是 {near}" if near else ""), f"{kind.title.en} has no {name}" + (f"; the nearest is {near}" if near else ""))


def _value(column: Column, value: Any, countries: Mapping[str, Message]) -> Any:
    if column.name == "countries":
        return country_codes("、".join(value) if isinstance(value, list | tuple) else str(value), countries)
    if column.type == "number":
        return values.stored_number(value, unit=column.unit, factor=Decimal(1), scale=100 if column.unit == "%" else 1)
    if column.type == "choice":
        return _choice(column, value)
    if column.type == "date":
        return values.day_of(value).isoformat()
    return _text(value)


def _choice(column: Column, value: Any) -> str:
    key = heading_key(values.shown(value))
    if key in column.choices:
        return column.choices[key]
    offered = "、".join(WORDS[stored].zh for stored in options(column))
    near = nearest(key, column.choices, 0.3)
    word = WORDS[column.choices[near]] if near else None
    raise values.ValueProblem(f"“{values.shown(value)}”不在 {offered} 之中" + (f"，最接近的是“{word.zh}”" if word else ""),
                              f"“{values.shown(value)}” is none of {', '.join(WORDS[stored].en for stored in options(column))}"
                              + (f"; the nearest is “{word.en}”" if word else ""))


def _text(value: Any) -> str:
    text = values.text_of(value)
    if "\x00" in text:
        raise values.ValueProblem("有看不见的非法字符，请重新录入", "it holds an invisible character that is not allowed; type it again")
    if len(text) > LONGEST:
        raise values.ValueProblem(f"太长：{len(text)} 个字，最多 {LONGEST} 个", f"too long: {len(text)} characters, at most {LONGEST}")
    return text


def _beyond(details: Mapping[str, Any]) -> dict[str, Message]:
    """Numbers that cannot be."""
    bounds = {"daily_capacity": (1, MOST), "daily_output": (0, MOST), "count": (1, MOST), "share": (1, 10_000), "year": (_FIRST_YEAR, _LAST_YEAR)}
    wrong: dict[str, Message] = {}
    for name, (least, most) in bounds.items():
        if name in details and not least <= details[name] <= most:
            scale = 100 if COLUMNS[name].unit == "%" else 1
            least_word, most_word = (f"{(Decimal(bound) / scale):f}{'%' if scale == 100 else ''}" for bound in (least, most))
            wrong[name] = Message(f"“{COLUMNS[name].label()}”应在 {least_word} 到 {most_word} 之间", f"“{COLUMNS[name].label('en')}” is from {least_word} to {most_word}")
    if not wrong and details.get("daily_output", 0) > details.get("daily_capacity", MOST):
        wrong["daily_output"] = Message("日均产量比日产能还大；产能是最多能做多少", "daily output is above daily capacity, which is the most that can be made")
    return wrong


def options(column: Column) -> list[str]:
    """The stored values a choice column offers, each once, in the order declared."""
    return list(dict.fromkeys(column.choices.values()))


def key_of(kind: Kind, name: str, details: Mapping[str, Any], issued: dt.date) -> str:
    """What makes it the same claim of one enterprise; an honour of another year is another one."""
    parts = [name_key(name), *(name_key(str(details.get(column, ""))) for column in kind.key)]
    return "|".join([*parts, issued.isoformat()] if kind.name == "honour" else parts)


def distinct_countries(details: Iterable[Mapping[str, Any]]) -> list[str]:
    """Every country named in any of these, once, in order of code."""
    return sorted({code for one in details for code in one.get("countries", ())})
