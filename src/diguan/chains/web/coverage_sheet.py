"""The sheet of coverage (企业环节表): one row an enterprise at a node. An empty cell tells nothing and changes nothing."""

from __future__ import annotations

from typing import Any

from diguan.chains.actions import coverage as actions
from diguan.chains.models import Role
from diguan.chains.queries import coverage as register
from diguan.chains.queries import shelf
from diguan.chains.queries.coverage import Entry
from diguan.enterprises.queries import misnamed, subject_names
from diguan.kernel.messages import Message
from diguan.kernel.sheets.check import Checked, of_records, unread
from diguan.kernel.sheets.declare import RecordSheet, Sheet, headed, heading_key
from diguan.kernel.sheets.reader import Read, Row

_ROLES = {"生产": "make", "制造": "make", "产": "make", "make": "make", "采购": "use", "使用": "use", "用": "use", "use": "use"}
_SURE = {"有凭据": "high", "high": "high", "走访所见": "medium", "medium": "medium", "估计": "low", "low": "low"}


SHEET = Sheet(
    name="coverage", title={"zh": "企业环节表", "en": "Coverage of chain nodes"}, source="registry",
    columns=(
        headed("uscc", "统一社会信用代码 信用代码 社会信用代码 税号", "Credit code", "uscc", required=True),
        headed("enterprise", "企业名称 单位名称 公司名称", "Enterprise"),
        headed("node", "环节 环节代码 环节名称 产业链环节 节点", "Node", required=True, filled=True),
        headed("role", "生产或采购 角色 供需", "Makes or buys", "choice", required=True, filled=True, choices={heading_key(word): value for word, value in _ROLES.items()}),
        headed("year", "年份 年度", "Year", "number"),
        headed("amount_fen", "年产值或年采购额 年产值 年采购额 金额", "Amount a year", "money", unit="万元"),
        headed("local_fen", "其中在本县 本地销售额 本地采购额", "Of it in the county", "money", unit="万元"),
        headed("park_fen", "其中在本园区 本园区销售额 本园区采购额", "Of it in the park", "money", unit="万元"),
        headed("capacity_fen", "年产能折合 产能折合", "Capacity in money", "money", unit="万元"),
        headed("capacity", "年产能 产能", "Capacity", "number"),
        headed("unit", "产能单位 单位", "Unit"),
        headed("price_fen", "单价 报价", "Price", "money", unit="元"),
        headed("price_unit", "计价单位", "Unit of price"),
        headed("source", "来源 出处", "Source", required=True, filled=True),
        headed("told_on", "来源日期 日期", "Told on", "date", required=True, filled=True),
        headed("confidence", "把握 置信度", "Confidence", "choice", choices={heading_key(word): value for word, value in _SURE.items()}),
    ),
)


def preview(read: Read, *, by: Any) -> Checked:
    """Errors and warnings by cell, and what the file would change; writes nothing."""
    rows: dict[tuple[str, str, str], Row] = {}
    entries = [entry for row in read.rows if (entry := _entry(read, row, rows)) is not None]
    plan = register.plan(by, entries)
    for entry in entries:
        if entry.uscc in plan.beyond:
            read.report(rows[entry.identity], "uscc", Message("企业库里没有这家企业，或不归您管；请先登记企业", "this enterprise is not registered, or not yours; register it first"))
    _warn(read, rows, plan)
    notes = [Message("入库后都是“待核实”，由另一个人核实之后图谱上才计数", "all of it waits for verification by another person before the map counts it")] if plan.new or plan.changed else []
    return of_records(read, changes=plan.counts, notes=[*unread(read), *notes], payload=plan)


def _entry(read: Read, row: Row, rows: dict[tuple[str, str, str], Row]) -> Entry | None:
    """What a row tells; None where something in it is wrong, which is then reported at its cell."""
    if row.broken:
        return None
    told = {name: value for name, value in row.values.items() if value not in (None, "") and name not in ("uscc", "enterprise")}
    told["node"] = shelf.node_of(str(told.get("node") or ""))
    values, wrong = actions.checked(told)
    for column, message in wrong.items():
        read.report(row, column, message)
    if wrong:
        return None
    entry = Entry(row.values["uscc"], values["node"], values["role"], {name: values[name] for name in told if name not in ("node", "role")})
    twin = rows.setdefault(entry.identity, row)
    if twin is not row:
        read.report(row, "node", Message(f"和第 {twin.number} 行是同一家企业的同一个环节", f"the same enterprise at the same node as row {twin.number}"))
        return None
    return entry


def _warn(read: Read, rows: dict[tuple[str, str, str], Row], plan: register.Plan) -> None:
    known = subject_names({uscc for uscc, _node, _role in rows})
    for (uscc, key, role), row in rows.items():
        if odd := misnamed(str(row.values.get("enterprise") or ""), known.get(uscc, frozenset())):
            read.report(row, "enterprise", odd, warning=True)
        firm = (plan.enterprises or {}).get(uscc)
        if firm and role == Role.MAKE and (doubt := register.doubt(firm, key)):
            read.report(row, "node", doubt, warning=True)
    for before, entry in plan.changed:
        if before.state == "verified":
            read.report(rows[entry.identity], "node", Message("这一条已核实过；改了要重新核实", "it was verified; changed, it waits for verification again"), warning=True)


def commit(checked: Checked, *, by: Any, upload: Any) -> None:
    """Enter the file whole."""
    actions.import_coverages(plan=checked.payload, upload=upload, by=by)


RECORD_SHEET = RecordSheet(SHEET, preview, commit, permission=register.IMPORT)
