"""线索表: one row a lead. A firm that looks known already is shown with who has it, and left out unless the row says 仍登记."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diguan.enterprises import engine
from diguan.kernel import clocks, packs
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal
from diguan.kernel.sheets.check import Checked, of_records, unread
from diguan.kernel.sheets.declare import RecordSheet, Sheet, headed, heading_key
from diguan.kernel.sheets.reader import ABSENT, Read, Row
from diguan.projects.actions import lead_import
from diguan.projects.actions.lead_import import Plan
from diguan.projects.actions.leads import Said, checked
from diguan.projects.models import LeadSource
from diguan.projects.queries.leads import IMPORT
from diguan.projects.queries.lookup import LEAD, PROJECT, TENANT, Asked, Match, half_marks, matches_of

_SOURCES = {"chain_team": "产业链 链班", "door_knocking": "敲门 上门", "hometown_ties": "乡情 老乡", "referral_by_investor": "以商引商", "outpost": "驻点", "platform_based": "平台", "chamber": "商会",
            "town": "乡镇", "online": "线上 网上", "in_place_doubling": "增资扩产", "talent_attraction": "人才", "campaign": "三乡 迎老乡 迎老乡回故乡建家乡"}
SKIP, KEEP = "skip", "keep"
_LONG = ("title", "firm_name", "contact_name", "contact_phone", "source_note", "told", "node")
WORDS = {LEAD: Message("有一条线索像是同一家", "a lead looks like the same firm"), PROJECT: Message("有一个项目像是同一家", "a project looks like the same firm"),
         TENANT: Message("县内有一家企业像是同一家", "a firm in the county looks like the same")}

SHEET = Sheet(
    name="leads", title={"zh": "线索表", "en": "Sheet of leads"}, source="projects", key="firm_name", subject="lead",
    columns=(
        headed("firm_name", "投资方 企业名称 公司名称 企业", "Investor", required=True, filled=True),
        headed("title", "线索 线索名称 事项", "Lead"),
        headed("source", "线索来源 来源方式 渠道", "Source", "choice", required=True, filled=True, choices={
            **{heading_key(str(word)): source.value for source in LeadSource for word in (source.value, source.label)},
            **{heading_key(word): value for value, words in _SOURCES.items() for word in words.split()}}),
        headed("came_on", "得到线索 得到线索日期 日期", "Came on", "date"),
        headed("uscc", "统一社会信用代码 信用代码", "Credit code", "uscc"),
        headed("region", "投资方所在地 所在地", "Place", "region"),
        headed("contact_name", "联系人", "Contact"),
        headed("contact_phone", "联系电话 电话 手机", "Phone"),
        headed("source_note", "怎么来的 引荐人 来源说明", "How it came"),
        headed("told", "想投什么 投资意向 意向", "What they would build"),
        headed("node", "产业链环节 环节", "Node"),
        headed("industry", "行业 行业代码", "Industry", "industry"),
        headed("investment_fen", "意向投资 意向投资额 投资额", "Investment", "money", unit="万元"),
        headed("land", "用地需求 用地", "Land", "number", fact="target.land", unit="亩"),
        headed("jobs", "预计用工 用工", "Jobs", "number", unit="人"),
        headed("when_alike", "重复时 遇重复", "If alike", "choice", choices={heading_key("跳过"): SKIP, heading_key("仍登记"): KEEP, SKIP: SKIP, KEEP: KEEP}),
    ),
)


def preview(read: Read, *, by: Any) -> Checked:
    """Errors and warnings by cell, who has what looks known already, and what the file would bring; writes nothing."""
    told = [(row, said) for row in read.rows if (said := _said(read, row)) is not None]
    good = [(row, said) for row, said in told if not row.broken]
    found = matches_of(by, [Asked(said.firm_name, said.uscc, said.contact_phone) for _row, said in good])
    twins = _twins(good)
    new, alike = list[Said](), 0
    for place, ((row, said), matches) in enumerate(zip(good, found, strict=True)):
        keep = row.values.get("when_alike") == KEEP
        for message in (*map(alike_words, matches), *_twin_words(twins.get(place), good)):
            end = Message("；这一行仍会登记", "; this row is registered all the same") if keep else Message("；这一行会跳过，要登记就在“重复时”写“仍登记”", "; this row is left out; write 仍登记 in the column 重复时 to register it")
            read.report(row, "firm_name", Message(message.zh + end.zh, message.en + end.en), warning=True)
        known = bool(matches) or place in twins
        alike += known
        if keep or not known:
            new.append(said)
    plan = Plan(tuple(new), len(good) - len(new))
    notes = [Message(f"{alike} 行像是已有的企业，只告诉您在谁手里", f"{alike} rows look like firms that are known; only who has them is told")] if alike else []
    return of_records(read, changes={"new": len(new), "skipped": plan.left_out}, notes=[*unread(read), *notes], payload=plan)


def alike_words(match: Match) -> Message:
    """What may be told of a match: that it exists, and who has it."""
    word, office = WORDS[match.kind], f"（{match.office}）" if match.office else ""
    who = Message(f"，{match.holder}{office}负责" if match.holder else (f"，归{match.office}" if match.office else "，还没有人负责"),
                  f", with {match.holder} {office}".rstrip() if match.holder else (f", of {match.office}" if match.office else ", with nobody yet"))
    return Message(word.zh + who.zh, word.en + who.en)


def _said(read: Read, row: Row) -> Said | None:
    """What a row tells; None where something in it is wrong, which is then reported at its cell."""
    told = {name: value for name, value in row.values.items() if value not in (None, "", ABSENT) and name != "when_alike"}
    if row.broken or not told.get("firm_name"):
        return None
    codes = packs.codes()
    told |= {name: reading(str(told[name])) for name, reading in (("region", codes.region_of), ("industry", codes.industry_of)) if name in told}
    for name, problem in (("region", codes.region_problem), ("industry", codes.industry_problem)):
        if (wrong := problem(told.get(name, ""))) is not None:
            read.report(row, name, wrong)
            return None
    told |= {name: str(told[name]).strip() for name in _LONG if name in told}
    told.setdefault("title", f"{told['firm_name']}有意投资"[:120])
    told.setdefault("came_on", clocks.today())
    said = Said(**told)
    try:
        checked(said)
    except Refusal as refusal:
        read.report(row, refusal.field or "firm_name", refusal.reasons[0])
        return None
    return said


def _twins(good: Sequence[tuple[Row, Said]]) -> dict[int, int]:
    """Rows of one file that look like the same firm: each later one with the place of the first."""
    ones = [Asked(said.firm_name, said.uscc, said.contact_phone).identity for _row, said in good]
    first: dict[tuple[str, str], list[int]] = {}
    found: dict[int, int] = {}
    for place, one in enumerate(ones):
        marks = list(half_marks(one))
        before = sorted({other for mark in marks for other in first.get(mark, ())})
        same = next((other for other in before if engine.likeness(one, ones[other]).score), None)
        if same is not None:
            found[place] = same
            continue
        for mark in marks:
            first.setdefault(mark, []).append(place)
    return found


def _twin_words(first: int | None, good: Sequence[tuple[Row, Said]]) -> list[Message]:
    if first is None:
        return []
    number = good[first][0].number
    return [Message(f"和第 {number} 行像是同一家", f"looks like the same firm as row {number}")]


def commit(checked: Checked, *, by: Any, upload: Any) -> None:
    """Register the file whole."""
    lead_import.import_leads(plan=checked.payload, upload=upload, by=by)


RECORD_SHEET = RecordSheet(SHEET, preview, commit, permission=IMPORT)
