"""Routes of the capability register (能力名册): the lists, one claim, its proof, and what may be done with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import File, Query, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from diguan.enterprises.actions import capabilities as actions
from diguan.enterprises.actions.capabilities import FIELDS, Proof
from diguan.enterprises.engine import capabilities as kinds
from diguan.enterprises.models import Capability
from diguan.enterprises.queries import capabilities as register
from diguan.enterprises.web.capabilities import lists, pages
from diguan.enterprises.web.pages import enterprise
from diguan.kernel import access, clocks
from diguan.kernel.api import paging
from diguan.kernel.api.facts import decimal
from diguan.kernel.api.once import Key, once
from diguan.kernel.api.problems import READS, WRITES, NoNul, refuse
from diguan.kernel.api.sent import Sent
from diguan.kernel.api.versions import IF_MATCH, require_match, told
from diguan.kernel.evidence import sniff
from diguan.kernel.shell import asking

router = Router(tags=["enterprises"])
LONGEST_LIST = 300
_STATES = ("verified", "claimed", "expired", "rejected", "withdrawn")
Line = Annotated[str, NoNul, Field(max_length=kinds.LONGEST)]
Figure = Annotated[int, Field(strict=True, ge=-kinds.MOST, le=kinds.MOST)]
Words = Annotated[str, NoNul, Field(max_length=4000)]
Detail = Words | Figure | Annotated[list[Line], Field(max_length=LONGEST_LIST)] | None
Details = Annotated[dict[Annotated[str, NoNul, Field(max_length=40)], Detail], Field(max_length=40, description=(
    "What this kind of claim says besides: whole numbers as they are, a share as decimal text in per cent, days as ISO, choices and countries by code or word"))]
PROOF: dict[str, Any] = {"responses": {200: {"description": "The file", "content": {kind: {"schema": {"type": "string", "format": "binary"}}
                                                         for kind in ("application/pdf", "image/jpeg", "image/png", "application/octet-stream")}}}}


def _one_of(names: Any) -> str:
    return f"^(|{'|'.join(names)})$"


# ── what goes out ────────────────────────────────────────────────────────────
class CapabilityLine(Schema):
    """A claim in a list. ``state`` is the one of today (verified, claimed, expired, rejected, withdrawn); only verified ones count."""

    id: int
    uscc: str
    enterprise: str
    kind: str
    name: str
    details: dict[str, str | int | list[str]]
    issuer: str
    document: str | None
    issued: dt.date
    valid_until: dt.date | None
    state: str
    version: int


class CapabilityPage(Schema):
    items: list[CapabilityLine]
    next: str | None


class ProofOut(Schema):
    name: str
    size: int


class CapabilityOut(CapabilityLine):
    """All there is of one claim; ``decision`` is why it was rejected or withdrawn."""

    proof: ProofOut | None
    entered_by: str
    decided_by: str | None
    decided_on: dt.date | None
    decision: str | None
    changed_at: dt.datetime


def _details(row: Capability) -> dict[str, Any]:
    """The details as they may be sent back: a share as decimal text in per cent."""
    return {name: decimal(value, 100) if kinds.COLUMNS[name].unit == "%" else value for name, value in row.details.items()}


def _line(row: Capability) -> dict[str, Any]:
    kept = {name: getattr(row, name) for name in ("kind", "name", "issuer", "issued", "valid_until", "version")}
    return kept | {"id": row.pk, "uscc": row.enterprise.uscc, "enterprise": row.enterprise.name, "details": _details(row),
                   "document": row.document or None, "state": row.standing(clocks.today())}


def _out(row: Capability) -> CapabilityOut:
    return CapabilityOut(
        **_line(row), proof=ProofOut(name=row.proof.name, size=row.proof.size) if row.proof else None, entered_by=row.entered_by.name,
        decided_by=row.decided_by.name if row.decided_by else None, decided_on=row.decided_on, decision=row.decision or None, changed_at=row.changed_at)


# ── what comes in ────────────────────────────────────────────────────────────
class CapabilityFilters(paging.Paging):
    """The filters of the list page."""

    q: str = Field("", max_length=80, description="In the claim's name, its issuer, its paper or the enterprise")
    kind: str = Field("", pattern=_one_of(kinds.KINDS))
    state: str = Field("", pattern=_one_of(_STATES), description="As of today")
    cluster: str = Field("", max_length=40)
    town: str = Field("", max_length=60)
    category: str = Field("", max_length=100, description="Class of product")
    level: str = Field("", pattern=_one_of(kinds.LEVELS))
    ending: bool = Field(False, description=f"Ends within {register.SOON} days")


class CapabilityChange(Sent):
    """What is told changes, what is not told stays; a detail that is null goes."""

    name: Line = ""
    issuer: Line = ""
    document: Line = ""
    issued: dt.date | None = None
    valid_until: dt.date | None = Field(None, description="null: for as long as it is not taken back")
    details: Details = Field(default_factory=dict)


class CapabilityNew(CapabilityChange):
    """A claim to be entered. It counts once another person has verified it."""

    kind: Annotated[str, NoNul, Field(max_length=40, description=f"One of {', '.join(kinds.KINDS)}")]
    name: Line
    issuer: Line
    issued: dt.date


class CapabilityReason(Sent):
    reason: Annotated[str, NoNul, Field(min_length=2, max_length=200)]


def _kept(row: Capability) -> dict[str, Any]:
    """What is kept, as the actions take it."""
    return {**{name: getattr(row, name) for name in FIELDS}, **_details(row)}


def _sent(data: CapabilityChange) -> dict[str, Any]:
    """What was sent, as the actions take it."""
    fields = {name: value for name, value in data.model_dump(exclude_unset=True).items() if name in FIELDS}
    return {name: _written(name, value) for name, value in data.details.items()} | fields


def _written(name: str, value: Any) -> Any:
    if name in FIELDS:
        refuse("invalid", f"{name} 不写在 details 里，写在外面", f"{name} is not among the details: send it beside them", "details")
    if isinstance(value, list) and name != "countries":
        refuse("invalid", f"{name} 只有一个值，不是一串", f"{name} is one value, not a list", "details")
    return "、".join(value) if isinstance(value, list) else value


# ── reads ────────────────────────────────────────────────────────────────────
def _shown(request: HttpRequest, number: int, status: int = 200) -> HttpResponse:
    row = pages.claim_of(request, number)
    return told(_out(row), status, version=row.version, at=reverse("api:capability", args=[number]) if status == 201 else "")


@router.get("/capabilities", response={200: CapabilityPage, **READS}, url_name="capabilities")
def list_capabilities(request: HttpRequest, asked: Query[CapabilityFilters]) -> HttpResponse:
    """Claims of every enterprise you may see, entered last first, with the filters of the list page."""
    access.require(asking(request), register.VIEW)
    rows = paging.filtered(lists.PAGE.rows(asking(request)), lists.FILTERS, asked)
    part = paging.of_query(rows, ("-id",), asked)
    return told(CapabilityPage(items=[CapabilityLine(**_line(row)) for row in part.rows], next=part.next))


@router.get("/enterprises/{uscc}/capabilities", response={200: CapabilityPage, **READS}, url_name="enterprise_capabilities")
def enterprise_capabilities(request: HttpRequest, uscc: str, asked: Query[paging.Paging]) -> HttpResponse:
    """What one enterprise can do: its claims by kind, newest first."""
    row = enterprise(request, uscc)
    access.require(asking(request), register.VIEW)
    order = {name: place for place, name in enumerate(kinds.KINDS)}
    found = register.of_enterprise(asking(request), row)
    part = paging.of_list(found, lambda one: (order.get(one.kind, len(order)), -one.issued.toordinal(), -one.pk), asked)
    return told(CapabilityPage(items=[CapabilityLine(**_line(one)) for one in part.rows], next=part.next))


@router.get("/capabilities/{number}", response={200: CapabilityOut, **READS}, url_name="capability")
def one_capability(request: HttpRequest, number: paging.Number) -> HttpResponse:
    """One claim; its ETag is what every change needs as If-Match."""
    return _shown(request, number)


@router.get("/capabilities/{number}/proof", response=READS, url_name="capability_proof", openapi_extra=PROOF)
def capability_proof(request: HttpRequest, number: paging.Number) -> HttpResponse:
    """The file that proves a claim, as it was brought."""
    return pages.proof(request, number)


# ── writes ───────────────────────────────────────────────────────────────────
@router.post("/enterprises/{uscc}/capabilities", response={201: CapabilityOut, **WRITES}, url_name="enterprise_capabilities")
def claim_capability(request: HttpRequest, uscc: str, data: CapabilityNew, key: Key = None) -> HttpResponse:
    """Enter a claim of one enterprise; a file that proves it follows at its address."""
    row = enterprise(request, uscc)
    access.require(asking(request), register.CLAIM, row)

    def work() -> HttpResponse:
        made = actions.claim_capability(enterprise=row, kind=data.kind, told=_sent(data), by=asking(request))
        return _shown(request, made.pk, 201)

    return once(request, key, work)


@router.patch("/capabilities/{number}", response={200: CapabilityOut, **WRITES}, url_name="capability", openapi_extra=IF_MATCH)
def change_capability(request: HttpRequest, number: paging.Number, data: CapabilityChange, key: Key = None) -> HttpResponse:
    """Enter a claim anew; it waits for another person to verify it again, also when it was rejected or withdrawn."""
    return _do(request, number, key, register.CLAIM, lambda row: actions.change_capability(
        capability=row, version=row.version, told=_kept(row) | _sent(data), by=asking(request)))


@router.post("/capabilities/{number}/proof", response={200: CapabilityOut, **WRITES}, url_name="capability_proof", openapi_extra=IF_MATCH)
def bring_proof(request: HttpRequest, number: paging.Number, file: File[UploadedFile], key: Key = None) -> HttpResponse:
    """Bring the file (PDF, JPG, PNG up to 10 MB) that proves a claim; as any change, it puts it back to waiting."""
    return _do(request, number, key, register.CLAIM, lambda row: actions.change_capability(
        capability=row, version=row.version, told=_kept(row), proof=_proof(file), by=asking(request)))


def _proof(file: UploadedFile) -> Proof:
    if (file.size or 0) > sniff.MOST_BYTES:  # not even read
        refuse("invalid", "凭证文件太大：最多 10 兆", "the file is too large: at most 10 MB", "file")
    return Proof(file.name or "", file.read())


@router.post("/capabilities/{number}/verify", response={200: CapabilityOut, **WRITES}, url_name="capability_verify", openapi_extra=IF_MATCH)
def verify_capability(request: HttpRequest, number: paging.Number, key: Key = None) -> HttpResponse:
    """Say that a claim is true, with its proof before you; who entered it cannot (``own_claim``)."""
    return _do(request, number, key, register.VERIFY, lambda row: actions.verify_capability(capability=row, version=row.version, by=asking(request)))


@router.post("/capabilities/{number}/reject", response={200: CapabilityOut, **WRITES}, url_name="capability_reject", openapi_extra=IF_MATCH)
def reject_capability(request: HttpRequest, number: paging.Number, data: CapabilityReason, key: Key = None) -> HttpResponse:
    """Say that a claim does not hold, and why; who entered it cannot."""
    return _do(request, number, key, register.VERIFY, lambda row: actions.reject_capability(
        capability=row, version=row.version, reason=data.reason, by=asking(request)))


@router.post("/capabilities/{number}/withdraw", response={200: CapabilityOut, **WRITES}, url_name="capability_withdraw", openapi_extra=IF_MATCH)
def withdraw_capability(request: HttpRequest, number: paging.Number, data: CapabilityReason, key: Key = None) -> HttpResponse:
    """Take a claim back, verified or not, and say why."""
    return _do(request, number, key, register.CLAIM, lambda row: actions.withdraw_capability(
        capability=row, version=row.version, reason=data.reason, by=asking(request)))


def _do(request: HttpRequest, number: int, key: str | None, right: str, deed: Callable[[Capability], Any]) -> HttpResponse:
    """Do something with a claim as it was read, for who may."""
    row = pages.claim_of(request, number)
    access.require(asking(request), right, row)

    def work() -> HttpResponse:
        require_match(request, row.version)
        deed(row)
        return _shown(request, number)

    return once(request, key, work)
