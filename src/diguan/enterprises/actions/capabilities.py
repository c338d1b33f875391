"""Writes to the capability register: one person claims, another verifies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from diguan.enterprises.actions import too_long
from diguan.enterprises.engine import capabilities as kinds
from diguan.enterprises.engine import name_key
from diguan.enterprises.models import Capability, CapabilityState, Enterprise
from diguan.enterprises.queries import all_within
from diguan.enterprises.queries import capabilities as register
from diguan.enterprises.queries.capabilities import CLAIM, IMPORT, VERIFY, Entry, Plan
from diguan.kernel import clocks, packs
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action, write_at
from diguan.kernel.evidence.actions import keep_proof
from diguan.kernel.facts.models import Upload
from diguan.kernel.messages import Message
from diguan.kernel.records import CHUNK

# What every kind of claim has besides its details.
FIELDS = ("name", "issuer", "document", "issued", "valid_until")
PROOF_SHEET = "capability_proof"
EARLIEST = dt.date(1949, 10, 1)
SOMEBODY_FIRST = Message("没保存上：别人先改过或核实过这一条，请重新打开再办", "Not saved: somebody changed or decided on this claim first; open it again")


@dataclass(frozen=True)
class Proof:
    """A file brought as proof, as it came."""

    name: str
    content: bytes


# ── what may be stored ───────────────────────────────────────────────────────
def checked(kind: str, told: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Message]]:
    """What somebody wrote, as the columns keep it, and what is wrong with it by field.

    Args:
        kind: a kind's name or title.
        told: the common fields and the details of that kind, as written.
    """
    found = kinds.kind_named(kind)
    if isinstance(found, Message):
        return {}, {"kind": found}
    own = {name: value for name, value in told.items() if name not in FIELDS}
    details, wrong = kinds.read(kinds.KINDS[found], own, packs.countries())
    common: dict[str, Any] = {name: str(told.get(name) or "").strip() for name in ("name", "issuer", "document")}
    common |= {"issued": told.get("issued"), "valid_until": told.get("valid_until")}
    wrong = _common_problems(kinds.KINDS[found], common) | wrong
    if wrong:
        return {}, wrong
    return {**common, "kind": found, "details": details, "key": kinds.key_of(kinds.KINDS[found], common["name"], details, common["issued"])}, {}


def _common_problems(kind: kinds.Kind, common: Mapping[str, Any]) -> dict[str, Message]:
    wrong = too_long(Capability, {name: common[name] for name in ("name", "issuer", "document")})
    if not name_key(common["name"]):
        wrong["name"] = Message(f"“{kind.subject.zh}”没有填", f"“{kind.subject.en}” is missing")
    if not common["issuer"]:
        wrong["issuer"] = Message("出具单位没有填：谁证明的", "the issuer is missing: who says so")
    return wrong | _day_problems(common["issued"], common["valid_until"])


def _day_problems(issued: dt.date | None, until: dt.date | None) -> dict[str, Message]:
    if issued is None:
        return {"issued": Message("出具日期没有填", "the day of issue is missing")}
    if not EARLIEST <= issued <= clocks.today():
        return {"issued": Message(f"出具日期 {issued} 不可能：应在 {EARLIEST} 以后、今天以前", f"issued on {issued} cannot be: after {EARLIEST} and not after today")}
    if until is not None and until < issued:
        return {"valid_until": Message(f"有效期至 {until} 早于出具日期 {issued}", f"valid until {until} is before {issued}")}
    return {}


def _values(kind: str, told: Mapping[str, Any]) -> dict[str, Any]:
    values, wrong = checked(kind, told)
    if wrong:
        raise Refusal("invalid", list(wrong.values()), field=next(iter(wrong)))
    return values


def _keep(proof: Proof | None, enterprise: Enterprise, by: Person) -> dict[str, Any]:
    """Keep a proof by its content; nothing where none was brought."""
    return {"proof": keep_proof(name=proof.name, content=proof.content, sheet=PROOF_SHEET, unit=enterprise.owner_unit_id, by=by)} if proof else {}


def _waiting(by: Person) -> dict[str, Any]:
    """The columns of a claim that somebody enters anew."""
    return {"state": CapabilityState.CLAIMED, "entered_by": by, "decided_by": None, "decided_on": None, "decision": ""}


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    """What an event says of a claim: its fields, and its proof by digest."""
    kept = {name: value for name, value in values.items() if name not in ("key", "proof")}
    return kept | ({"proof": values["proof"].sha256} if values.get("proof") else {})


def _told_already() -> Refusal:
    return Refusal("invalid", [Message("这一条已经报过，请去修改那一条", "this claim is there already; change that one")], field="name")


# ── one claim ────────────────────────────────────────────────────────────────
@action(permission=CLAIM, event="capability_claimed", on="enterprise")
def claim_capability(*, enterprise: Enterprise, kind: str, told: Mapping[str, Any], by: Person, proof: Proof | None = None, reason: str = "") -> Done[Capability]:
    """Enter a claim; it counts once another person has verified it.

    Raises:
        Refusal: ``invalid`` (field named): no such kind, a value that is none, a share without its denominator, told already.
    """
    values = {**_values(kind, told), **_keep(proof, enterprise, by)}
    try:
        with transaction.atomic():
            row = Capability.objects.create(enterprise=enterprise, owner_unit_id=enterprise.owner_unit_id, entered_by=by, created_by=by, changed_by=by, **values)
    except IntegrityError as error:
        raise _told_already() from error
    return Done(row, after=_told(values), related=[enterprise])


@action(permission=CLAIM, event="capability_changed", on="capability")
def change_capability(*, capability: Capability, version: int, told: Mapping[str, Any], by: Person, proof: Proof | None = None, reason: str = "") -> Done[Capability]:
    """Enter a claim anew, as somebody saw it at ``version``; it waits for verification again, also when it was rejected or withdrawn.

    Raises:
        Refusal: ``invalid`` (field named) or ``conflict``: somebody changed it first, nothing was written.
    """
    values = {**_values(capability.kind, told), **_keep(proof, capability.enterprise, by)}
    before = {name: getattr(capability, name) for name, value in values.items() if getattr(capability, name) != value}
    try:
        with transaction.atomic():
            fresh = _write(capability, version, {**values, **_waiting(by)}, by)
    except IntegrityError as error:
        raise _told_already() from error
    after = {name: values[name] for name in before}
    return Done(fresh, before={**_told(before), "state": capability.state}, after={"name": fresh.name, **_told(after), "state": fresh.state}, related=[capability.enterprise])


@action(permission=VERIFY, event="capability_verified", on="capability")
def verify_capability(*, capability: Capability, version: int, by: Person, reason: str = "") -> Done[Capability]:
    """Say that a claim is true; who entered it cannot, and one without proof cannot be.

    Raises:
        Refusal: ``own_claim``, ``no_proof``, ``not_waiting`` or ``conflict``.
    """
    _other_person(capability, by)
    if not (capability.document or capability.proof_id):
        raise Refusal("no_proof", [Message("没有文号也没有凭证文件，不能核实；请填报人补上", "there is no paper's number and no file: it cannot be verified before its proof is added")])
    return _decide(capability, version, CapabilityState.VERIFIED, "", by)


@action(permission=VERIFY, event="capability_rejected", on="capability")
def reject_capability(*, capability: Capability, version: int, reason: str, by: Person) -> Done[Capability]:
    """Say that a claim does not hold, and why.

    Raises:
        Refusal: ``invalid`` without a reason, ``own_claim``, ``not_waiting`` or ``conflict``.
    """
    _other_person(capability, by)
    return _decide(capability, version, CapabilityState.REJECTED, _reason(reason, "驳回", "rejecting"), by)


@action(permission=CLAIM, event="capability_withdrawn", on="capability")
def withdraw_capability(*, capability: Capability, version: int, reason: str, by: Person) -> Done[Capability]:
    """Take a claim back, verified or not; from then on it counts for nothing.

    Raises:
        Refusal: ``invalid`` without a reason, ``not_waiting`` where it is rejected or withdrawn already, or ``conflict``.
    """
    words = _reason(reason, "撤回", "withdrawing")
    if capability.state not in (CapabilityState.CLAIMED, CapabilityState.VERIFIED):
        raise Refusal("not_waiting", [Message("已驳回或已撤回的不用再撤", "it is rejected or withdrawn already")])
    fresh = _write(capability, version, {"state": CapabilityState.WITHDRAWN, "decision": words}, by)
    return Done(fresh, before={"state": capability.state}, after={"name": fresh.name, "state": fresh.state}, related=[capability.enterprise])


def _other_person(capability: Capability, by: Person) -> None:
    now = Capability.objects.get(pk=capability.pk)  # the row in hand may be old
    if register.entered_by(by, now):
        raise Refusal("own_claim", [Message("自己填报的不能自己核实，请另一个人来", "who entered a claim cannot decide on it: ask somebody else")])
    if now.state != CapabilityState.CLAIMED:
        raise Refusal("not_waiting", [Message("这一条不在待核实状态", "this claim does not wait for verification")])


def _reason(reason: str, zh: str, en: str) -> str:
    if len(reason.strip()) < 2:
        raise Refusal("invalid", [Message(f"请写明{zh}原因", f"say why you are {en} it")], field="reason")
    return reason.strip()[:200]


def _decide(capability: Capability, version: int, state: CapabilityState, words: str, by: Person) -> Done[Capability]:
    fresh = _write(capability, version, {"state": state, "decided_by": by, "decided_on": clocks.today(), "decision": words}, by)
    return Done(fresh, before={"state": capability.state}, after={"name": fresh.name, "state": fresh.state}, related=[capability.enterprise])


def _write(capability: Capability, version: int, values: Mapping[str, Any], by: Person) -> Capability:
    write_at(capability, version, values, by=by, taken=SOMEBODY_FIRST)
    return Capability.objects.select_related("enterprise").get(pk=capability.pk)


# ── many at once ─────────────────────────────────────────────────────────────
@action(permission=IMPORT, event="capabilities_imported")
def import_capabilities(*, plan: Plan, upload: Upload, by: Person, reason: str = "") -> Done[Upload]:
    """Enter what a checked file claims, all of it or nothing; one Event, on the upload, with every enterprise it touched.

    Raises:
        Refusal: ``beyond`` the person's scope, or ``conflict``: the register changed since the file was compared.
    """
    firms, told = plan.enterprises or {}, [*plan.new, *(entry for _row, entry in plan.changed)]
    touched: dict[str, list[str]] = {}
    for entry in told:
        touched.setdefault(entry.uscc, []).append(entry.kind)
    if plan.beyond or not all_within(by, IMPORT, touched):
        raise Refusal("beyond", [Message("有企业不在库里或不归您管，一行都没有写入", "some enterprises are not registered or not yours; nothing was written")])
    try:
        with transaction.atomic():
            _insert(plan.new, firms, by)
            for row, entry in plan.changed:
                _write(row, row.version, {**_columns(entry), **_waiting(by)}, by)
    except IntegrityError as error:
        raise Refusal("conflict", [Message("核对之后有人改动了能力名册，一行都没有写入；请重新导入", "the register was changed after the check; nothing was written, import again")]) from error
    return Done(upload, after={"file": upload.name, "sha256": upload.sha256, "counts": plan.counts, "claims": touched}, related=[firms[code] for code in touched])


def _columns(entry: Entry) -> dict[str, Any]:
    return {**entry.values, "kind": entry.kind, "key": entry.key}


def _insert(entries: tuple[Entry, ...], firms: Mapping[str, Enterprise], by: Person) -> None:
    now = clocks.now()
    Capability.objects.bulk_create([Capability(
        enterprise=firms[entry.uscc], owner_unit_id=firms[entry.uscc].owner_unit_id, entered_by=by, created_by=by, changed_by=by, created_at=now, changed_at=now,
        **_columns(entry)) for entry in entries], batch_size=CHUNK)
