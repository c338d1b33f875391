"""The sheet of hometown people (同乡名册): one row a person with their consent. All of a file or nothing; the roster itself is what proves the consents."""

from __future__ import annotations

import re
from typing import Any

from diguan.kernel import access, clocks, packs
from diguan.kernel.messages import Message
from diguan.kernel.sheets.check import Checked, of_records, unread
from diguan.kernel.sheets.declare import RecordSheet, Sheet, headed, heading_key
from diguan.kernel.sheets.reader import ABSENT, Read, Row
from diguan.ties import engine
from diguan.ties.actions import imports
from diguan.ties.actions.imports import Entry, Plan
from diguan.ties.actions.parts import EARLIEST
from diguan.ties.actions.people import Agreed
from diguan.ties.models import How, PersonKind, Purpose
from diguan.ties.queries import people, terms
from diguan.ties.queries.people import IMPORT

_KINDS = {"在外商人": PersonKind.MERCHANT, "商人": PersonKind.MERCHANT, "湘商": PersonKind.MERCHANT, "在外人才": PersonKind.TALENT, "人才": PersonKind.TALENT, "退休干部": PersonKind.RETIRED, "其他": PersonKind.OTHER,
          **{each.value: each for each in PersonKind}}
_HOW = {"签字": How.SIGNED, "签字的同意书": How.SIGNED, "同意书": How.SIGNED, "网上勾选": How.ONLINE, "本人网上勾选": How.ONLINE, "短信": How.MESSAGE, "微信": How.MESSAGE, "本人短信或微信答复": How.MESSAGE, "录音": How.RECORDED, "当面或电话，有录音": How.RECORDED,
        **{each.value: each for each in How}}
_PURPOSES = {"联系": Purpose.CONTACT, "走访": Purpose.CONTACT, "联系走访": Purpose.CONTACT, "引荐": Purpose.INTRODUCE, "引荐企业": Purpose.INTRODUCE, "邀请": Purpose.INVITE, "返乡": Purpose.INVITE, "邀请返乡、参会": Purpose.INVITE, "邀请返乡": Purpose.INVITE,
             **{each.value: each for each in Purpose}}
_APART = re.compile(r"[、,，;；/\n\s]+")
SHEET = Sheet(
    name="hometown_people", title={"zh": "同乡名册", "en": "Roster of hometown people"}, source="hometown_people", key="name", subject="hometown_person",
    columns=(
        headed("name", "姓名", "Name", required=True, filled=True),
        headed("kind", "类别 人员类别", "Kind", "choice", required=True, filled=True, choices={heading_key(word): kind.value for word, kind in _KINDS.items()}),
        headed("town", "籍贯乡镇 乡镇 籍贯", "Native town"),
        headed("phone", "手机 手机号 电话 联系电话", "Phone"),
        headed("region", "现居地 现居省份 现居省市", "Lives in", "region"),
        headed("city", "城市 现居城市", "City"),
        headed("employer", "工作单位 单位 企业名称", "Employer"),
        headed("employer_uscc", "单位信用代码 统一社会信用代码", "Employer's credit code", "uscc"),
        headed("position", "职务", "Position"),
        headed("skills", "专长", "Skills"),
        headed("purposes", "同意用途 本人同意用于", "Consents to", required=True, filled=True),
        headed("given_on", "同意日期", "Consented on", "date", required=True, filled=True),
        headed("expires_on", "同意到期 同意到哪天", "Consent until", "date", required=True, filled=True),
        headed("how", "同意方式", "How consented", "choice", required=True, filled=True, choices={heading_key(word): each.value for word, each in _HOW.items()}),
        headed("words", "用途说明 同意书上的用途", "Purpose in words"),
    ),
)
_LENGTHS = {"name": 60, "city": 40, "employer": 100, "position": 60, "skills": 200, "phone": 30, "words": 200}


def preview(read: Read, *, by: Any) -> Checked:
    """Errors and warnings by cell, and what the file would keep; writes nothing."""
    towns = _towns(by)
    entries = [(row, entry) for row in read.rows if (entry := _entry(read, row, towns, by)) is not None]
    entries = _once(read, entries)
    fresh = [entry for row, entry in entries if not _known(read, row, entry)]
    wrong = any(row.broken for row in read.rows)
    plan = Plan(tuple(fresh), len(entries) - len(fresh), wrong)
    return of_records(read, changes={"new": len(fresh), "changed": 0, "same": plan.same, "gone": 0}, notes=unread(read), payload=plan)


def _towns(by: Any) -> dict[str, Any]:
    """The towns the right to import reaches, by name and code."""
    return {word: town for town in people.towns(by, IMPORT) for word in (town.name, town.code)}


def _entry(read: Read, row: Row, towns: dict[str, Any], by: Any) -> Entry | None:
    """What a row tells; None where something in it is wrong, which is then reported at its cell."""
    if row.broken:
        return None
    told = {name: value for name, value in row.values.items() if value not in (None, "", ABSENT)}
    told["region"] = packs.codes().region_of(str(told.get("region", "")))
    purposes = [_PURPOSES.get(part) for part in _APART.split(str(told["purposes"])) if part]
    for name, message in {**_lengths(told), **_place_problem(told, towns, by), **_consent_problems(told, purposes), **_phone_problem(told)}.items():
        read.report(row, name, message)
    if row.broken:
        return None
    values = {name: told.get(name, "") for name in ("name", "kind", "region", "city", "employer", "employer_uscc", "position", "skills", "phone")}
    words = str(told.get("words") or "、".join(str(Purpose(each).label) for each in purposes if each))
    agreed = Agreed(frozenset(each for each in purposes if each), words, told["given_on"], told["expires_on"], str(told["how"]), None)
    return Entry(row.number, {**values, "town": towns.get(str(told.get("town", "")))}, agreed)


def _lengths(told: dict[str, Any]) -> dict[str, Message]:
    return {name: Message(f"太长：{len(str(told[name]))} 个字，最多 {most} 个", f"too long: {len(str(told[name]))} characters, at most {most}") for name, most in _LENGTHS.items() if len(str(told.get(name, ""))) > most}


def _place_problem(told: dict[str, Any], towns: dict[str, Any], by: Any) -> dict[str, Message]:
    town, wrong = str(told.get("town", "")), dict[str, Message]()
    if town and town not in towns:
        wrong["town"] = Message(f"“{town}”不是您能登记的乡镇", f"“{town}” is no town you may enter people of")
    elif not town and access.scope(by, IMPORT) is not access.Scope.COUNTY:
        wrong["town"] = Message("请写籍贯乡镇：您只能登记本乡镇的人", "name the native town: you may enter people of your own only")
    problem = packs.codes().region_problem(told["region"]) if told["region"] else None
    return wrong | ({"region": problem} if problem else {})


def _consent_problems(told: dict[str, Any], purposes: list[Purpose | None]) -> dict[str, Message]:
    today, wrong = clocks.today(), dict[str, Message]()
    if None in purposes or not purposes:
        wrong["purposes"] = Message("只能写：联系走访、引荐企业、邀请返乡，多项用顿号隔开", "one or more of contact, introduce, invite")
    if not EARLIEST <= told["given_on"] <= today:
        wrong["given_on"] = Message("同意日期应在今天以前", "consented on a day before today")
    elif not today <= told["expires_on"] <= terms.in_force(today).consent_until(told["given_on"]):
        longest = terms.in_force(today).consent_until(told["given_on"])
        wrong["expires_on"] = Message(f"应在今天到 {longest} 之间：过了期的不能登记", f"between today and {longest}: one that is over keeps nobody")
    return wrong


def _phone_problem(told: dict[str, Any]) -> dict[str, Message]:
    phone = str(told.get("phone", ""))
    return {"phone": Message("不是电话号码", "not a phone number")} if phone and not 7 <= len(engine.phone_key(phone)) <= 15 else {}


def _once(read: Read, entries: list[tuple[Row, Entry]]) -> list[tuple[Row, Entry]]:
    """Rows of one file that are one person: name and number, or name, town and city agree."""
    first: dict[tuple[Any, ...], Row] = {}
    kept = []
    for row, entry in entries:
        values = entry.values
        key = engine.name_key(values["name"])
        marks: list[tuple[Any, ...]] = [("phone", key, engine.phone_key(str(values["phone"])))] if values["phone"] else []
        marks.append(("place", key, values["town"].pk if values["town"] else None, engine.name_key(str(values["city"]))))
        other = next((first[mark] for mark in marks if mark in first and (mark[0] == "phone" or values["town"])), None)
        for mark in marks:
            first.setdefault(mark, row)
        if other is None:
            kept.append((row, entry))
            continue
        message = Message(f"第 {other.number} 行和第 {row.number} 行像是同一个人", f"rows {other.number} and {row.number} look like one person")
        read.report(row, "name", message)
        read.report(other, "name", message)
    return [(row, entry) for row, entry in kept if not row.broken]


def _known(read: Read, row: Row, entry: Entry) -> bool:
    """Whether somebody on record is surely this person, who is then left as they are; one who may be is only pointed at."""
    values = entry.values
    found = people.doubles(name=values["name"], phone=values["phone"], town=values["town"].pk if values["town"] else None, city=values["city"])
    for one in found:
        sure = Message(f"已经在册（#{one.row.pk}，姓名和电话相同），不再登记", f"on record already (#{one.row.pk}, name and number), left as it is")
        doubt = Message(f"可能已经在册（#{one.row.pk}，同名、同乡镇、同城市），请核对", f"may be on record (#{one.row.pk}: name, town and city), please check")
        read.report(row, "name", sure if one.sure else doubt, warning=True)
    return any(one.sure for one in found)


def commit(checked: Checked, *, by: Any, upload: Any) -> None:
    """Enter the roster whole."""
    imports.import_people(plan=checked.payload, upload=upload, by=by)


RECORD_SHEET = RecordSheet(SHEET, preview, commit, permission=IMPORT)
