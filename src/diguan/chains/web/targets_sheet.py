"""The sheet of firms (目标企业名单): one row a firm in a dated list. An empty cell tells nothing and takes nothing back."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from diguan.chains.actions import target_import
from diguan.chains.actions.targets import EARLIEST, nodes_problem, personal_problem, problems
from diguan.chains.models import ListKind, Pollution
from diguan.chains.models.targets import TOP500
from diguan.chains.queries import shelf
from diguan.chains.queries import targets as register
from diguan.chains.queries.targets import FACTS, Entry, ListKey
from diguan.enterprises.engine import name_key
from diguan.kernel import clocks, packs
from diguan.kernel.messages import Message
from diguan.kernel.sheets.check import Checked, of_records, unread
from diguan.kernel.sheets.declare import Column, RecordSheet, Sheet, headed, heading_key
from diguan.kernel.sheets.reader import ABSENT, Read, Row

_KINDS = {"世界500强": ListKind.WORLD, "财富世界500强": ListKind.WORLD, "中国企业500强": ListKind.CHINA, "中国500强": ListKind.CHINA, "中国民营企业500强": ListKind.PRIVATE, "民营企业500强": ListKind.PRIVATE, "民企500强": ListKind.PRIVATE,
          "商会名录": ListKind.CHAMBER, "商会": ListKind.CHAMBER, "其他名单": ListKind.OTHER, "其他": ListKind.OTHER, **{kind.value: kind for kind in ListKind}}
_POLLUTION = {"基本无污染": Pollution.NONE, "无": Pollution.NONE, "轻污染": Pollution.LIGHT, "轻": Pollution.LIGHT, "中度污染": Pollution.MEDIUM, "中": Pollution.MEDIUM, "重污染": Pollution.HEAVY, "重": Pollution.HEAVY,
              **{kind.value: kind for kind in Pollution}}
_APART = re.compile(r"[、,，;；/\n]+")


def _fact(name: str, headings: str, en: str, kind: str, unit: str) -> Column:
    return headed(name, headings, en, kind, fact=FACTS[name], unit=unit)


SHEET = Sheet(
    name="firms", title={"zh": "目标企业名单", "en": "List of target firms"}, source="target_firms", key="name", subject="target",
    columns=(
        headed("kind", "名单类别 类别", "Kind of list", "choice", required=True, filled=True, choices={heading_key(word): kind.value for word, kind in _KINDS.items()}),
        headed("list_name", "名单名称 名单", "List"),
        headed("year", "名单年份 年份 年度", "Year of the list", "number", required=True, filled=True),
        headed("list_source", "名单来源 来源 出处", "Source", required=True, filled=True),
        headed("rank", "名次 排名", "Rank", "number"),
        headed("name", "企业名称 单位名称 公司名称", "Firm", required=True, filled=True),
        headed("uscc", "统一社会信用代码 信用代码 税号", "Credit code", "uscc"),
        headed("parent", "母公司 上榜集团 所属集团", "Parent in the list"),
        headed("proof", "控股证明 控股依据", "Proof of control"),
        headed("region", "总部所在地 总部 所在省份 注册地", "Seat", "region"),
        headed("industry", "行业 行业代码 国民经济行业", "Industry", "industry"),
        headed("nodes", "可做环节 环节 产业链环节", "Nodes it makes"),
        _fact("growth", "营收增长 营收增长率 增长率", "Growth of revenue", "number", "%"),
        _fact("jobs", "预计用工 用工人数", "Jobs expected", "number", "人"),
        _fact("tax_per_mu", "亩均税收 亩均税收贡献", "Tax per mu a year", "money", "万元"),
        _fact("land", "用地需求 需要土地 用地", "Land needed", "number", "亩"),
        _fact("local_share", "本地采购比例 本地配套率", "Local purchase share", "number", "%"),
        headed("pollution", "污染程度 污染等级", "Pollution class", "choice", choices={heading_key(word): kind.value for word, kind in _POLLUTION.items()}),
        headed("hometown_tie", "乡情关联 是否有乡情 湘商", "Hometown tie", "bool"),
        headed("told_on", "来源日期 日期", "Told on", "date"),
    ),
)


def preview(read: Read, *, by: Any) -> Checked:
    """Errors and warnings by cell, and what the file would change; writes nothing."""
    rows = {row.number: row for row in read.rows}
    entries = [entry for row in read.rows if (entry := _entry(read, row)) is not None]
    _one_year(read, rows, entries)
    plan = register.plan([entry for entry in entries if not rows[entry.row].broken])
    for number, (column, message) in plan.wrong.items():
        read.report(rows[number], column, message)
    for number, (column, message) in plan.doubts.items():
        read.report(rows[number], column, message, warning=True)
    _warn(read, rows, entries)
    return of_records(read, changes=plan.counts, notes=[*unread(read), *_notes(entries)], payload=plan)


def _entry(read: Read, row: Row) -> Entry | None:
    """What a row tells; None where something in it is wrong, which is then reported at its cell."""
    if row.broken:
        return None
    told = {name: value for name, value in row.values.items() if value not in (None, "")}
    for name in [name for name, value in told.items() if value is ABSENT]:
        read.report(row, name, Message("没有就写 0，不知道就空着", "write 0 for none, leave it empty if it is not known"))
    if row.broken:
        return None
    codes = packs.codes()
    told |= {name: reading(str(told[name])) for name, reading in (("region", codes.region_of), ("industry", codes.industry_of)) if name in told}
    nodes = tuple(dict.fromkeys(shelf.node_of(part) for part in _APART.split(str(told.get("nodes", ""))) if part.strip()))
    year, day = told["year"], told.get("told_on")
    values = {name: told[name] for name in FACTS if name in told}
    for name, message in {**problems({**values, "name": told["name"], "uscc": told.get("uscc", "")}), **_list_problems(told, year, day), **nodes_problem(nodes)}.items():
        read.report(row, name, message)
    if row.broken:
        return None
    kind = str(told["kind"])
    name = str(told.get("list_name") or ListKind(kind).label) if kind not in TOP500 else str(ListKind(kind).label)
    until = min(dt.date(year, 12, 31), clocks.today())
    return Entry(row.number, ListKey(kind, name, year), str(told["list_source"]), day or until, str(told["name"]).strip(), str(told.get("uscc", "")), told.get("rank"),
                 str(told.get("parent", "")).strip(), str(told.get("proof", "")).strip(), nodes, values)


def _list_problems(told: dict[str, Any], year: int, day: dt.date | None) -> dict[str, Message]:
    today, wrong = clocks.today(), dict[str, Message]()
    if not EARLIEST.year <= year <= today.year:
        wrong["year"] = Message(f"名单年份应在 {EARLIEST.year} 到 {today.year} 之间", f"the year of the list is between {EARLIEST.year} and {today.year}")
    if day is not None and not EARLIEST <= day <= today:
        wrong["told_on"] = Message(f"来源日期应在 {EARLIEST} 以后、今天以前", f"told on a day after {EARLIEST} and not after today")
    if told.get("rank") is not None and not 1 <= told["rank"] <= 100_000:
        wrong["rank"] = Message("名次从 1 起", "ranks begin with 1")
    if told["kind"] in (ListKind.CHAMBER, ListKind.OTHER) and not told.get("list_name"):
        wrong["list_name"] = Message("商会名录和其他名单要写名称", "a chamber's or other list needs its name")
    if told.get("proof") and not told.get("parent"):
        wrong["proof"] = Message("写了控股证明，就要写母公司（上榜集团）", "a proof of control needs the parent that stands in the list")
    return wrong | {name: problem for name, most in _LENGTHS if (problem := _word_problem(str(told.get(name, "")), most))}


_LENGTHS = (("list_name", 80), ("list_source", 80), ("name", 100), ("parent", 100), ("proof", 100))


def _word_problem(text: str, most: int) -> Message | None:
    return Message(f"太长：{len(text)} 个字，最多 {most} 个", f"too long: {len(text)} characters, at most {most}") if len(text) > most else personal_problem(text)


def _one_year(read: Read, rows: dict[int, Row], entries: list[Entry]) -> None:
    """A file tells of one list one year and one source: two in one file are two files put together by mistake."""
    first: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        other = first.setdefault((entry.list.kind, name_key(entry.list.name)), entry)
        if other.list.year != entry.list.year:
            read.report(rows[entry.row], "year", Message(f"同一张名单写了两个年份：第 {other.row} 行是 {other.list.year}，请分成两个文件", f"one list of two years: row {other.row} says {other.list.year}; make it two files"))
        elif other.source != entry.source:
            read.report(rows[entry.row], "list_source", Message(f"同一张名单写了两个来源：第 {other.row} 行是“{other.source}”", f"one list from two sources: row {other.row} says “{other.source}”"))


def _warn(read: Read, rows: dict[int, Row], entries: list[Entry]) -> None:
    for entry in entries:
        if entry.parent and not entry.proof and entry.list.kind in TOP500:
            read.report(rows[entry.row], "parent", Message("子公司没有控股证明，先不算 500 强企业", "a subsidiary without proof of control does not count as a top-500 firm yet"), warning=True)
        if (odd := packs.codes().industry_warning(str(entry.told.get("industry", "")))) is not None:
            read.report(rows[entry.row], "industry", odd, warning=True)


def _notes(entries: list[Entry]) -> list[Message]:
    """Which lists it is, and where a newer one is there already."""
    newest, found = register.newest_lists(), []
    for key in dict.fromkeys(entry.list for entry in entries):
        later = newest.get(key.kind, 0)
        if key.kind in TOP500 and later > key.year:
            found.append(Message(f"已有 {later} 年的{key.name}：这份 {key.year} 年的只补没人说过的，不覆盖新的", f"{key.name} of {later} is there already: this one of {key.year} fills what nobody told and overwrites nothing newer"))
    return found


def commit(checked: Checked, *, by: Any, upload: Any) -> None:
    """Enter the file whole."""
    target_import.import_targets(plan=checked.payload, upload=upload, by=by)


RECORD_SHEET = RecordSheet(SHEET, preview, commit, permission=register.IMPORT)
