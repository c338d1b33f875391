"""Writes of coverage: one person says where an enterprise stands, another looks and says that it holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from diguan.chains.models import Confidence, Coverage, CoverageState, Role
from diguan.chains.queries import coverage as register
from diguan.chains.queries import shelf
from diguan.chains.queries.coverage import CLAIM, IMPORT, VERIFY, Entry, Plan, Suggestion
from diguan.enterprises.actions import too_long
from diguan.enterprises.models import Enterprise
from diguan.enterprises.queries import all_within
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action, write_at
from diguan.kernel.evidence.actions import keep_proof
from diguan.kernel.facts.models import Upload
from diguan.kernel.messages import Message
from diguan.kernel.records import CHUNK

AMOUNTS = ("amount_fen", "local_fen", "park_fen", "capacity_fen", "capacity")
MONEY = AMOUNTS[:-1]
FIELDS = ("node", "role", "year", *AMOUNTS, "unit", "price_fen", "price_unit", "source", "told_on", "confidence")
PROOF_SHEET = "coverage_proof"
EARLIEST = dt.date(2000, 1, 1)
SOMEBODY_FIRST = Message("没保存上：别人先改过或核实过这一条，请重新打开再办", "Not saved: somebody changed or decided on this row first; open it again")
TOLD_ALREADY = Message("这家企业在这个环节已经有一条，请去修改那一条", "this enterprise is at this node already; change that row")


# ── what may be stored ───────────────────────────────────────────────────────
def checked(told: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Message]]:
    """What somebody told, as the columns keep it, and what is wrong with it by field. Amounts are fen; None is not known."""
    values = {name: told.get(name) for name in FIELDS}
    for name in ("unit", "price_unit", "source"):
        values[name] = str(values[name] or "").strip()
    values["confidence"] = values["confidence"] or Confidence.MEDIUM
    wrong = {**({"node": odd} if (odd := shelf.node_problem(str(values["node"] or ""))) else {}), **_word_problems(values), **_day_problems(values), **_amount_problems(values), **_price_problems(values)}
    return ({}, wrong) if wrong else (values, {})


def _word_problems(values: Mapping[str, Any]) -> dict[str, Message]:
    wrong: dict[str, Message] = {}
    if values["role"] not in Role.values:
        wrong["role"] = Message("要写明是生产还是采购", "say whether it makes or buys this")
    if values["confidence"] not in Confidence.values:
        wrong["confidence"] = Message("把握只能是 有凭据、走访所见、估计", "confidence is high, medium or low")
    if not values["source"]:
        wrong["source"] = Message("来源没有填：谁说的、凭什么", "the source is missing: who says so")
    return wrong | too_long(Coverage, {name: values[name] for name in ("source", "unit", "price_unit")})


def _day_problems(values: Mapping[str, Any]) -> dict[str, Message]:
    wrong: dict[str, Message] = {}
    day, year, today = values["told_on"], values["year"], clocks.today()
    if day is None:
        wrong["told_on"] = Message("来源日期没有填", "the day of the source is missing")
    elif not EARLIEST <= day <= today:
        wrong["told_on"] = Message(f"来源日期 {day} 不可能：应在 {EARLIEST} 以后、今天以前", f"told on {day} cannot be: after {EARLIEST} and not after today")
    if year is not None and not EARLIEST.year <= year <= today.year:
        wrong["year"] = Message(f"年份应在 {EARLIEST.year} 到 {today.year} 之间", f"the year is between {EARLIEST.year} and {today.year}")
    if year is None and any(values[name] is not None for name in MONEY):
        wrong["year"] = Message("有金额就要写是哪一年的", "amounts need the year they are of")
    return wrong


_PARTS = (
    ("local_fen", "amount_fen", (Message("写了本县的部分，就要写总数", "the local part needs the whole"), Message("本县的部分不能大于总数", "the local part cannot be more than the whole"))),
    ("park_fen", "local_fen", (Message("写了本园区的部分，就要写本县的部分", "the part in the park needs the part in the county"), Message("本园区的部分不能大于本县的部分", "the part in the park cannot be more than that in the county"))),
)


def _amount_problems(values: Mapping[str, Any]) -> dict[str, Message]:
    wrong = {name: Message("不能小于 0", "not below 0") for name in AMOUNTS if values[name] is not None and values[name] < 0}
    wrong |= {name: Message("太大了，请核对单位", "too large: check the unit") for name in AMOUNTS if values[name] is not None and values[name] > 10**17}
    for part, whole, why in () if wrong else _PARTS:
        if values[part] is not None and (values[whole] is None or values[part] > values[whole]):
            wrong[part] = why[values[whole] is not None]
    if values["capacity"] is not None and not values["unit"]:
        wrong["unit"] = Message("写了产能就要写单位", "a capacity needs its unit")
    if values["role"] == Role.USE and (values["capacity"] is not None or values["capacity_fen"] is not None):
        wrong["capacity"] = Message("采购没有产能", "who buys has no capacity here")
    return wrong


def _price_problems(values: Mapping[str, Any]) -> dict[str, Message]:
    price = values["price_fen"]
    if price is None:
        return {"price_fen": Message("写了计价单位就要写单价", "a unit of price needs its price")} if values["price_unit"] else {}
    if values["role"] == Role.USE:
        return {"price_fen": Message("单价由生产的一方填", "the price is told by who makes it")}
    if not 0 < price <= 10**17:
        return {"price_fen": Message("单价要大于 0，也不能太大；请核对单位", "a price is above 0 and not that large: check the unit")}
    return {} if values["price_unit"] else {"price_unit": Message("写了单价就要写计价单位，如：只", "a price needs its unit, such as piece")}


def _values(told: Mapping[str, Any]) -> dict[str, Any]:
    values, wrong = checked(told)
    if wrong:
        raise Refusal("invalid", list(wrong.values()), field=next(iter(wrong)))
    return values


def _keep(proof: tuple[str, bytes] | None, enterprise: Enterprise, by: Person) -> dict[str, Any]:
    """Keep a proof (name, content) by its content; nothing where none was brought."""
    return {"proof": keep_proof(name=proof[0], content=proof[1], sheet=PROOF_SHEET, unit=enterprise.owner_unit_id, by=by)} if proof else {}


def _waiting(by: Person) -> dict[str, Any]:
    return {"state": CoverageState.CLAIMED, "entered_by": by, "decided_by": None, "decided_on": None, "decision": ""}


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in values.items() if name != "proof"}
    return kept | ({"proof": values["proof"].sha256} if values.get("proof") else {})


# ── one row ──────────────────────────────────────────────────────────────────
@action(permission=CLAIM, event="coverage_claimed", on="enterprise")
def claim_coverage(*, enterprise: Enterprise, told: Mapping[str, Any], by: Person, proof: tuple[str, bytes] | None = None, reason: str = "") -> Done[Coverage]:
    """Say that an enterprise makes, or buys, what a node stands for; it counts once another person has verified it.

    Raises:
        Refusal: ``invalid`` (field named): no such node, a value that is none, or told already.
    """
    values = {**_values(told), **_keep(proof, enterprise, by)}
    try:
        with transaction.atomic():
            row = Coverage.objects.create(enterprise=enterprise, owner_unit_id=enterprise.owner_unit_id, entered_by=by, created_by=by, changed_by=by, **values)
    except IntegrityError as error:
        raise Refusal("invalid", [TOLD_ALREADY], field="node") from error
    return Done(row, after=_told(values), related=[enterprise])


@action(permission=CLAIM, event="coverage_changed", on="coverage")
def change_coverage(*, coverage: Coverage, version: int, told: Mapping[str, Any], by: Person, proof: tuple[str, bytes] | None = None, reason: str = "") -> Done[Coverage]:
    """Tell a row anew, as somebody saw it at ``version``; node and role stay, and it waits for verification again.

    Raises:
        Refusal: ``invalid`` (field named) or ``conflict``: somebody changed it first, nothing was written.
    """
    values = {**_values({**told, "node": coverage.node, "role": coverage.role}), **_keep(proof, coverage.enterprise, by)}
    before = {name: getattr(coverage, name) for name, value in values.items() if getattr(coverage, name) != value}
    fresh = _write(coverage, version, {**values, **_waiting(by)}, by)
    return Done(fresh, before={**_told(before), "state": coverage.state}, after={**_told({name: values[name] for name in before}), "state": fresh.state}, related=[coverage.enterprise])


@action(permission=VERIFY, event="coverage_verified", on="coverage")
def verify_coverage(*, coverage: Coverage, version: int, by: Person, reason: str = "") -> Done[Coverage]:
    """Say that a row holds as of today; one that was verified before is looked at again. Who entered it cannot.

    Raises:
        Refusal: ``own_claim``, ``not_waiting`` or ``conflict``.
    """
    return _verified(coverage, version, by)


def _verified(coverage: Coverage, version: int, by: Person) -> Done[Coverage]:
    _other_person(coverage, by, (CoverageState.CLAIMED, CoverageState.VERIFIED))
    fresh = _write(coverage, version, {"state": CoverageState.VERIFIED, "decided_by": by, "decided_on": clocks.today(), "decision": ""}, by)
    return Done(fresh, before={"state": coverage.state, "decided_on": coverage.decided_on}, after={"state": fresh.state, "decided_on": fresh.decided_on}, related=[coverage.enterprise])


@action(permission=VERIFY, event="coverage_verified")
def verify_coverages(*, rows: Sequence[tuple[Coverage, int]], by: Person, reason: str = "") -> Done[Coverage]:
    """Say of many rows, each as it was seen at its version, that they hold as of today. All of them or none.

    Raises:
        Refusal: ``nothing`` ticked, ``own_claim``, ``not_waiting`` or ``conflict``, with the enterprise it is about; Forbidden beyond the person's reach.
    """
    if not rows:
        raise Refusal("nothing", [Message("一条也没有勾", "nothing was ticked")])
    done = []
    for row, version in rows:
        access.require(by, VERIFY, row)
        try:
            done.append(_verified(row, version, by))
        except Refusal as refusal:
            said = [Message(f"{row.enterprise.name}：{each.zh}", f"{row.enterprise.name}: {each.en}") for each in refusal.reasons]
            raise Refusal(refusal.code, said) from refusal
    return Done(done[0].record, done[0].before, done[0].after, done[0].related, also=done[1:])


@action(permission=VERIFY, event="coverage_rejected", on="coverage")
def reject_coverage(*, coverage: Coverage, version: int, reason: str, by: Person) -> Done[Coverage]:
    """Say that a row does not hold, and why; also one that was verified and holds no longer.

    Raises:
        Refusal: ``invalid`` without a reason, ``own_claim``, ``not_waiting`` or ``conflict``.
    """
    _other_person(coverage, by, (CoverageState.CLAIMED, CoverageState.VERIFIED))
    fresh = _write(coverage, version, {"state": CoverageState.REJECTED, "decided_by": by, "decided_on": clocks.today(), "decision": _reason(reason)}, by)
    return Done(fresh, before={"state": coverage.state}, after={"state": fresh.state}, related=[coverage.enterprise])


@action(permission=CLAIM, event="coverage_withdrawn", on="coverage")
def withdraw_coverage(*, coverage: Coverage, version: int, reason: str, by: Person) -> Done[Coverage]:
    """Take a row back; from then on it counts for nothing.

    Raises:
        Refusal: ``invalid`` without a reason, ``not_waiting`` where it is rejected or withdrawn already, or ``conflict``.
    """
    words = _reason(reason)
    if coverage.state not in (CoverageState.CLAIMED, CoverageState.VERIFIED):
        raise Refusal("not_waiting", [Message("已驳回或已撤回的不用再撤", "it is rejected or withdrawn already")])
    fresh = _write(coverage, version, {"state": CoverageState.WITHDRAWN, "decision": words}, by)
    return Done(fresh, before={"state": coverage.state}, after={"state": fresh.state}, related=[coverage.enterprise])


def _other_person(coverage: Coverage, by: Person, states: Sequence[str]) -> None:
    now = Coverage.objects.get(pk=coverage.pk)  # the row in hand may be old
    if register.entered_by(by, now):
        raise Refusal("own_claim", [Message("自己填报的不能自己核实，请另一个人来", "who entered a row cannot decide on it: ask somebody else")])
    if now.state not in states:
        raise Refusal("not_waiting", [Message("这一条已驳回或撤回，不能再核实；请填报人重新填报", "this row was rejected or withdrawn; it has to be told anew first")])


def _reason(reason: str) -> str:
    if len(reason.strip()) < 2:
        raise Refusal("invalid", [Message("请写明原因", "say why")], field="reason")
    return reason.strip()[:200]


def _write(coverage: Coverage, version: int, values: Mapping[str, Any], by: Person) -> Coverage:
    write_at(coverage, version, values, by=by, taken=SOMEBODY_FIRST)
    return Coverage.objects.select_related("enterprise").get(pk=coverage.pk)


# ── many at once ─────────────────────────────────────────────────────────────
@action(permission=CLAIM, event="suggestions_taken")
def take_suggestions(*, suggestions: Sequence[Suggestion], by: Person, reason: str = "") -> Done[Coverage]:
    """Enter what the register suggests and this person ticked, as claims that wait for somebody else. All of it or nothing.

    Raises:
        Refusal: ``nothing`` ticked, ``beyond`` the person's scope, or ``conflict``: one of them is there by now.
    """
    if not suggestions:
        raise Refusal("nothing", [Message("一条也没有勾", "nothing was ticked")])
    if not all_within(by, CLAIM, {one.enterprise.uscc for one in suggestions}):
        raise Refusal("beyond", [Message("有企业不归您管，一条都没有写入", "some enterprises are not yours; nothing was written")])
    try:
        with transaction.atomic():
            rows = [Coverage.objects.create(enterprise=one.enterprise, node=one.node, role=Role.MAKE, source=_suggested(one), told_on=clocks.today(), confidence=Confidence.LOW,
                                            owner_unit_id=one.enterprise.owner_unit_id, entered_by=by, created_by=by, changed_by=by) for one in suggestions]
    except IntegrityError as error:
        raise Refusal("conflict", [TOLD_ALREADY]) from error
    done = [Done(row, after={"node": row.node, "role": row.role, "source": row.source}, related=[row.enterprise]) for row in rows]
    return Done(rows[0], done[0].before, done[0].after, done[0].related, also=done[1:])


def _suggested(one: Suggestion) -> str:
    parts = ([f"行业代码 {one.enterprise.industry}"] if one.by_code else []) + ([f"名称或产品有“{'、'.join(one.words[:3])}”"] if one.words else [])
    return ("系统建议：" + "；".join(parts))[:100]


@action(permission=IMPORT, event="coverages_imported")
def import_coverages(*, plan: Plan, upload: Upload, by: Person, reason: str = "") -> Done[Upload]:
    """Enter what a checked file tells, all of it or nothing; one Event, on the upload, with every enterprise it touched.

    Raises:
        Refusal: ``beyond`` the person's scope, or ``conflict``: the rows changed since the file was compared.
    """
    firms, told = plan.enterprises or {}, [*plan.new, *(entry for _row, entry in plan.changed)]
    touched: dict[str, list[str]] = {}
    for entry in told:
        touched.setdefault(entry.uscc, []).append(entry.node)
    if plan.beyond or not all_within(by, IMPORT, touched):
        raise Refusal("beyond", [Message("有企业不在库里或不归您管，一行都没有写入", "some enterprises are not registered or not yours; nothing was written")])
    try:
        with transaction.atomic():
            _insert(plan.new, firms, by)
            for row, entry in plan.changed:
                _write(row, row.version, {**entry.values, **_waiting(by)}, by)
    except IntegrityError as error:
        raise Refusal("conflict", [Message("核对之后有人改动了企业环节，一行都没有写入；请重新导入", "rows were changed after the check; nothing was written, import again")]) from error
    return Done(upload, after={"file": upload.name, "sha256": upload.sha256, "counts": plan.counts, "nodes": touched}, related=[firms[code] for code in touched])


def _insert(entries: Sequence[Entry], firms: Mapping[str, Enterprise], by: Person) -> None:
    now = clocks.now()
    Coverage.objects.bulk_create([Coverage(
        enterprise=firms[entry.uscc], owner_unit_id=firms[entry.uscc].owner_unit_id, node=entry.node, role=entry.role, entered_by=by, created_by=by, changed_by=by,
        created_at=now, changed_at=now, **entry.values) for entry in entries], batch_size=CHUNK)
