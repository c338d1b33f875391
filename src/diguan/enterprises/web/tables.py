"""The sheet in which an office keeps its enterprises: what its columns are, what is wrong in them, what they change.

An empty cell tells nothing and changes nothing; 无 in town, park or cluster says that there is none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from diguan.enterprises import actions, engine
from diguan.enterprises.actions import imports as writes
from diguan.enterprises.models import (
    NONE_WORD,
    TITLE_NAMES,
    BusinessStatus,
    Contact,
    ProductionStatus,
    Title,
    TitleKind,
)
from diguan.enterprises.queries import imports
from diguan.enterprises.queries.imports import ContactEntry, Entry, Plan, TitleEntry
from diguan.kernel import clocks, packs
from diguan.kernel.messages import Message, nearest
from diguan.kernel.sheets import check
from diguan.kernel.sheets.check import Checked, of_records
from diguan.kernel.sheets.declare import RecordSheet, Sheet, headed, heading_key
from diguan.kernel.sheets.reader import Read, Row
from diguan.kernel.sheets.values import ValueProblem, day_of

SHOWN_CHANGES = 8


SHEET = Sheet(
    name="enterprises", title={"zh": "企业名册", "en": "Register of enterprises"}, source="registry",
    columns=(
        headed("uscc", "统一社会信用代码 信用代码 社会信用代码 统一代码 信用代码证号 税号 纳税人识别号", "Credit code", "uscc", required=True),
        headed("name", "企业名称 名称 单位名称 公司名称 企业全称 纳税人名称", "Name", required=True, filled=True),
        headed("former_names", "曾用名 原名 曾用名称 原企业名称", "Former names"),
        headed("registered_region", "登记地 注册地 登记地区划 登记地行政区划 注册地区划", "Region of registration"),
        headed("registered_authority", "登记机关 发照机关", "Registration authority"),
        headed("place_region", "经营地 生产经营地 经营地区划 实际经营地", "Region of business"),
        headed("town", "所在乡镇 乡镇 所属乡镇 乡镇（街道） 乡镇街道", "Town"),
        headed("address", "经营地址 地址 生产经营地址 详细地址 实际经营地址 住所", "Address"),
        headed("industry", "行业代码 国民经济行业代码 所属行业代码 行业 所属行业", "Industry"),
        headed("cluster", "产业集群 所属集群 集群 产业", "Cluster"),
        headed("park", "所在园区 园区 所属园区", "Park"),
        headed("business_status", "登记状态 经营状态 企业状态 状态", "Status"),
        headed("production_status", "生产状态 生产情况 是否投产", "Production status"),
        headed("established", "成立日期 注册日期 设立日期 成立时间", "Established", "date"),
        headed("registered_capital_fen", "注册资本 注册资金 认缴资本", "Registered capital", "money", unit="万元"),
        headed("legal_representative", "法定代表人 法人代表 法人 负责人 法定代表人姓名", "Legal representative"),
        headed("contact", "联系人 联系人姓名 经办人", "Contact"),
        headed("contact_role", "联系人职务 职务", "Contact's role"),
        headed("phone", "联系电话 电话 手机 联系方式 手机号 联系人电话", "Phone"),
        headed("titles", "荣誉资质 资质荣誉 资质 荣誉", "Titles"),
    ),
)

_BUSINESS = {value: value for value in BusinessStatus.values} | {
    "在业": "存续", "开业": "存续", "在营": "存续", "正常": "存续", "存续（在营、开业、在册）": "存续", "歇业": "停业", "停业歇业": "停业",
    "已注销": "注销", "已吊销": "吊销", "吊销未注销": "吊销", "吊销，未注销": "吊销"}
_PRODUCTION = {value: value for value in ProductionStatus.values} | {
    "正常生产": "在产", "生产": "在产", "已投产": "在产", "投产": "在产", "建设中": "在建", "筹建": "在建", "在建设": "在建", "停工": "停产", "停产停工": "停产",
    "尚未投产": "未投产", "是": "在产", "否": "未投产"}
_TITLES = {name: kind for kind, name in TITLE_NAMES.items()} | {
    "国家高新技术企业": "high_tech_enterprise", "高企": "high_tech_enterprise", "专精特新": "sred_sme", "省级专精特新中小企业": "sred_sme",
    "专精特新企业": "sred_sme", "省专精特新中小企业": "sred_sme", "小巨人": "little_giant", "小巨人企业": "little_giant",
    "国家级专精特新小巨人企业": "little_giant", "单项冠军": "single_champion", "国家制造业单项冠军": "single_champion",
    "规上企业": "above_scale", "规模以上工业企业": "above_scale", "规上工业": "above_scale"}
_TITLE_KINDS = {engine.name_key(word): kind for word, kind in _TITLES.items()}


def title_kind(name: str) -> str:
    """The kind of a title by its words; any other title is ``other`` and keeps its own words."""
    return _TITLE_KINDS.get(engine.name_key(name), TitleKind.OTHER.value)


def misspelt(name: str) -> str | None:
    """The known title that this one is a letter away from; None for a known title, and for one of its own.

    >>> misspelt("高新技木企业"), misspelt("高新技术企业"), misspelt("湖南省著名商标")
    ('高新技术企业', None, None)
    """
    key = engine.name_key(name)
    return None if key in _TITLE_KINDS else next((word for word in _TITLES if engine.one_letter(key, engine.name_key(word))), None)


class _Wrong(Exception):
    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(message.zh)


# ── one cell ─────────────────────────────────────────────────────────────────
def _word(choices: Mapping[str, str]) -> Callable[[str], str]:
    known = {heading_key(word): value for word, value in choices.items()}

    def read(text: str) -> str:
        key = heading_key(text)
        if key in known:
            return known[key]
        near = nearest(key, known, 0.4)
        offered = "、".join(dict.fromkeys(choices.values()))
        raise _Wrong(Message(f"“{text}”不在 {offered} 之中" + (f"，最接近的是“{known[near]}”" if near else ""),
                             f"“{text}” is none of {offered}" + (f"; the nearest is “{known[near]}”" if near else "")))

    return read


def _plain(text: str) -> str:
    return "" if text == NONE_WORD else text


_READERS: dict[str, Callable[[str], str]] = {
    "registered_region": lambda text: packs.codes().region_of(text), "place_region": lambda text: packs.codes().region_of(text),
    "industry": lambda text: packs.codes().industry_of(text), "business_status": _word(_BUSINESS),
    "production_status": _word(_PRODUCTION), "town": str, "park": str, "cluster": str, "name": str,
}


@dataclass
class _Line:
    """One row on its way: what it tells, and what is wrong in it by column."""

    row: Row
    values: dict[str, Any] = field(default_factory=dict)
    wrong: list[tuple[str, Message]] = field(default_factory=list)

    def text(self, name: str) -> str:
        return _plain(self.row.values.get(name) or "")


def _values(line: _Line) -> None:
    for name in actions.FIELDS:
        told = line.row.values.get(name)
        if told is None:
            continue
        try:
            value = _READERS.get(name, _plain)(told) if isinstance(told, str) else told
        except _Wrong as wrong:
            line.wrong.append((name, wrong.message))
            continue
        if value != "":
            line.values[name] = value
    line.wrong += actions.problems(line.values).items()


def _titles(line: _Line) -> Iterator[TitleEntry]:
    seen = set()
    for parts in engine.split_titles(line.text("titles")):
        try:
            entry = _title(parts)
        except _Wrong as wrong:
            line.wrong.append(("titles", wrong.message))
            continue
        if entry.key not in seen:
            seen.add(entry.key)
            yield entry


def _title(parts: tuple[str, ...]) -> TitleEntry:
    name, issuer, issued, until, *rest = parts
    if rest or not name or not issued:
        raise _Wrong(Message(f"荣誉资质“{'|'.join(parts)}”应写成 名称|发证机关|发证日期|有效期至，多项用；隔开",
                             f"write the title “{'|'.join(parts)}” as name|issuer|issued|valid until, several joined by ；"))
    first, last = _day(name, issued), _day(name, until) if until else None
    kind = title_kind(name)
    found = actions.title_problems(kind, name, first, last) | actions.too_long(Title, {"name": name, "issuer": issuer})
    if (meant := misspelt(name)) is not None:
        found["name"] = Message(f"没有这种资质，像是“{meant}”", f"no such title; “{meant}” seems to be meant")
    if first > clocks.today():
        found["issued"] = Message(f"发证日期 {first} 还没到", f"issued on {first}, a day yet to come")
    if found:
        raise _Wrong(Message(f"荣誉资质“{name}”：{'；'.join(one.zh for one in found.values())}",
                             f"title “{name}”: {'; '.join(one.en for one in found.values())}"))
    return TitleEntry(kind, name, first, issuer, last)


def _day(name: str, text: str) -> dt.date:
    try:
        return day_of(text)
    except ValueProblem as problem:
        raise _Wrong(Message(f"荣誉资质“{name}”：{problem.message.zh}", f"title “{name}”: {problem.message.en}")) from problem


def _contact(line: _Line) -> ContactEntry | None:
    name, phone, role = line.text("contact"), engine.tidy_phone(line.text("phone")), line.text("contact_role")
    problem = actions.phone_problem(phone)
    if problem:
        line.wrong.append(("phone", problem))
    if not (name or phone):
        return None
    entry = ContactEntry(name or line.values.get("legal_representative", "") or "未留姓名", phone, role)
    columns = {"name": "contact", "phone": "phone", "role": "contact_role"}
    told = {"name": entry.name, "phone": entry.phone, "role": entry.role}
    line.wrong += [(columns[key], one) for key, one in actions.too_long(Contact, told).items()]
    return entry


def _names(line: _Line) -> tuple[str, ...]:
    names = engine.split_names(line.text("former_names"))
    line.wrong += [("former_names", one) for name in names for one in actions.problems({"name": name}).values()]
    return tuple(names)


# ── the file ─────────────────────────────────────────────────────────────────
def preview(read: Read, *, by: Any) -> Checked:
    """Errors and warnings by cell, and what the file would change; writes nothing."""
    check.duplicates(read)
    lines = [_Line(row) for row in read.rows]
    entries = [entry for line in lines if (entry := _entry(read, line)) is not None]
    plan = imports.plan(by, entries)
    rows = {row.values["uscc"]: row for row in read.rows if row.values.get("uscc")}
    for code in sorted(plan.beyond):
        read.report(rows[code], "uscc", Message("这家企业不归您管，改不了", "this enterprise is not yours to change"))
    _warn(read, rows, plan, by)
    return of_records(read, changes=plan.counts, notes=[*check.unread(read), *_notes(plan)], payload=plan)


def _entry(read: Read, line: _Line) -> Entry | None:
    """What a row tells; None where something in it is wrong, which is then reported."""
    row = line.row
    _values(line)
    names, titles, contact = _names(line), tuple(_titles(line)), _contact(line)
    if check.TOTAL_NAME(row.values.get("name") or ""):
        line.wrong.append(("name", Message("这像是合计行，却带着信用代码；合计不能当数据导入", "this looks like a total with a credit code; a total is no data")))
    for column, message in line.wrong:
        read.report(row, column, message)
    industry = packs.codes().industry_warning(line.values.get("industry", ""))
    if industry and not line.wrong:
        read.report(row, "industry", industry, warning=True)
    return None if row.broken else Entry(row.values["uscc"], line.values, names, titles, contact)


def _warn(read: Read, rows: Mapping[str, Row], plan: Plan, by: Any) -> None:
    for code, found in imports.twins(by, plan.new).items():
        names = "、".join(f"{twin.name}（{twin.uscc}）" for twin in found)
        read.report(rows[code], "name", Message(f"可能与 {names} 是同一家企业，请核对", f"possibly the same firm as {names}; please check"), warning=True)
    for change in plan.changed:
        if change.row.name in change.former_names:
            read.report(rows[change.row.uscc], "name", Message(
                f"与库里的名称不同（库里：{change.row.name}）；入库后旧名记为曾用名", f"the register's name is {change.row.name}; it will be kept as a former name"), warning=True)


def _notes(plan: Plan) -> list[Message]:
    notes = [_note(change) for change in plan.changed[:SHOWN_CHANGES]]
    more = len(plan.changed) - SHOWN_CHANGES
    return notes + ([Message(f"还有 {more} 家有变化", f"{more} more would change")] if more > 0 else [])


def _note(change: imports.Change) -> Message:
    """What would change in one firm; what is about a person is named, not shown."""
    names = {column.name: column for column in SHEET.columns}
    zh, en = [], []
    for name, value in change.after.items():
        column, hidden = names[name], name in actions.PERSONAL
        was = change.before[name]
        zh.append(column.label() + ("" if hidden else f" {_shown(name, was)} → {_shown(name, value)}"))
        en.append(column.label("en") + ("" if hidden else f" {_shown(name, was)} → {_shown(name, value)}"))
    for words, told in ((("曾用名", "former names"), change.former_names), (("荣誉资质", "titles"), change.titles), (("联系人", "contact"), change.contact)):
        if told:
            zh.append(words[0])
            en.append(words[1])
    return Message(f"{change.row.name}：{'；'.join(zh)}", f"{change.row.name}: {'; '.join(en)}")


def _shown(name: str, value: Any) -> str:
    if value in (None, ""):
        return "—"
    return f"{value // 1_000_000:,} 万元" if name == "registered_capital_fen" else str(value)


def commit(checked: Checked, *, by: Any, upload: Any) -> None:
    """Write the file whole; there is no batch, the register itself is the truth."""
    writes.import_enterprises(plan=checked.payload, upload=upload, by=by)


RECORD_SHEET = RecordSheet(SHEET, preview, commit, permission=writes.IMPORT)
