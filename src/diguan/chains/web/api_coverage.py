"""Routes of coverage (企业环节): who stands at which node, and what may be done with one row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router, Schema
from pydantic import Field

from diguan.chains.actions import coverage as actions
from diguan.chains.models import Confidence, Coverage, Role
from diguan.chains.queries import coverage as register
from diguan.chains.queries import shelf
from diguan.chains.web import coverage_lists as lists
from diguan.chains.web.coverage_pages import enterprise_of, row_of
from diguan.kernel import access, clocks
from diguan.kernel.api import paging
from diguan.kernel.api.once import Key, once
from diguan.kernel.api.problems import READS, WRITES, NoNul, refuse
from diguan.kernel.api.sent import Sent
from diguan.kernel.api.versions import IF_MATCH, require_match, told
from diguan.kernel.shell import asking

router = Router(tags=["chains"])
FENS = 10**17
Fen = Annotated[int, Field(strict=True, ge=0, le=FENS)]
Reason = Annotated[str, NoNul, Field(min_length=2, max_length=200)]


# ── what goes out ────────────────────────────────────────────────────────────
class ChainCoverageLine(Schema):
    """An enterprise at a node. ``state`` is the one of today (claimed, verified, stale, rejected, withdrawn). Amounts are fen of ``year``, null where nobody told them
    and, with ``amounts_shown`` false, where you may not see them.
    """

    id: int
    uscc: str
    enterprise: str
    node: str
    role: str
    state: str
    amounts_shown: bool
    year: int | None
    amount_fen: int | None
    local_fen: int | None
    capacity_fen: int | None
    capacity: int | None
    unit: str | None
    source: str
    told_on: dt.date
    confidence: str
    decided_on: dt.date | None
    version: int


class ChainCoveragePage(Schema):
    items: list[ChainCoverageLine]
    next: str | None


class ChainCoverageOut(ChainCoverageLine):
    """All there is of one row; ``decision`` is why it was rejected or withdrawn. The file that proves it is on its page."""

    entered_by: str
    decided_by: str | None
    decision: str | None
    proved: bool
    changed_at: dt.datetime


# ── what comes in ────────────────────────────────────────────────────────────
class ChainCoverageFilters(paging.Paging):
    """The filters of the list page."""

    q: str = Field("", max_length=80, description="In the enterprise's name, pinyin initials or credit code, or in the source")
    chain: str = Field("", max_length=60)
    node: str = Field("", max_length=60)
    role: Role | None = None
    state: str = Field("", pattern="^(|verified|stale|claimed|rejected|withdrawn)$", description="As of today")


class ChainCoverageChange(Sent):
    """What is told changes, what is not told stays; null is not known."""

    year: Annotated[int, Field(strict=True, ge=0, le=9999)] | None = None
    amount_fen: Fen | None = Field(None, description="What it puts out at this node, or buys of it, in the year")
    local_fen: Fen | None = Field(None, description="The part sold to, or bought from, firms of the county")
    capacity_fen: Fen | None = None
    capacity: Fen | None = Field(None, description="In ``unit``")
    unit: Annotated[str, NoNul, Field(max_length=20)] = ""
    source: Annotated[str, NoNul, Field(max_length=100)] = ""
    told_on: dt.date | None = None
    confidence: Confidence = Confidence.MEDIUM


class ChainCoverageNew(ChainCoverageChange):
    """A row to be claimed; it counts once another person has verified it."""

    node: Annotated[str, NoNul, Field(max_length=60)]
    role: Role
    source: Annotated[str, NoNul, Field(max_length=100)]
    told_on: dt.date


class ChainCoverageReason(Sent):
    reason: Reason


# ── words ────────────────────────────────────────────────────────────────────
def _line(person: Any, row: Coverage) -> dict[str, Any]:
    sees = register.sees_volume(person, row)
    kept = {name: getattr(row, name) for name in ("node", "role", "source", "told_on", "confidence", "decided_on", "version")}
    amounts = {name: (getattr(row, name) or None if name == "unit" else getattr(row, name)) if sees else None for name in ("year", *actions.AMOUNTS, "unit")}
    return kept | amounts | {"id": row.pk, "uscc": row.enterprise.uscc, "enterprise": row.enterprise.name, "state": row.standing(clocks.today()), "amounts_shown": sees}


def _shown(request: HttpRequest, number: int, status: int = 200) -> HttpResponse:
    row = row_of(request, number)
    body = ChainCoverageOut(**_line(asking(request), row), entered_by=row.entered_by.name, decided_by=row.decided_by.name if row.decided_by else None, decision=row.decision or None,
                            proved=row.proof_id is not None, changed_at=row.changed_at)
    return told(body, status, version=row.version, at=reverse("api:chain_coverage", args=[number]) if status == 201 else "")


# ── reads ────────────────────────────────────────────────────────────────────
@router.get("/chain-coverages", response={200: ChainCoveragePage, **READS}, url_name="chain_coverages")
def list_chain_coverages(request: HttpRequest, asked: Query[ChainCoverageFilters]) -> HttpResponse:
    """The rows you may see, entered last first, with the filters of the list page."""
    person = asking(request)
    access.require(person, register.VIEW)
    if asked.chain and asked.chain not in shelf.chains():
        refuse("invalid", f"没有产业链 {asked.chain}", f"there is no chain {asked.chain}", "chain")
    part = paging.of_query(paging.filtered(register.visible_coverages(person), lists.FILTERS, asked), ("-id",), asked)
    return told(ChainCoveragePage(items=[ChainCoverageLine(**_line(person, row)) for row in part.rows], next=part.next))


@router.get("/chain-coverages/{number}", response={200: ChainCoverageOut, **READS}, url_name="chain_coverage")
def one_chain_coverage(request: HttpRequest, number: paging.Number) -> HttpResponse:
    """One row; its ETag is what every change needs as If-Match."""
    return _shown(request, number)


# ── writes ───────────────────────────────────────────────────────────────────
@router.post("/enterprises/{uscc}/chain-coverages", response={201: ChainCoverageOut, **WRITES}, url_name="enterprise_chain_coverages")
def claim_chain_coverage(request: HttpRequest, uscc: str, data: ChainCoverageNew, key: Key = None) -> HttpResponse:
    """Say that an enterprise makes, or buys, what a node stands for."""
    firm = enterprise_of(request, uscc)
    return once(request, key, lambda: _shown(request, actions.claim_coverage(enterprise=firm, told=data.model_dump(), by=asking(request)).pk, 201))


@router.patch("/chain-coverages/{number}", response={200: ChainCoverageOut, **WRITES}, url_name="chain_coverage", openapi_extra=IF_MATCH)
def change_chain_coverage(request: HttpRequest, number: paging.Number, data: ChainCoverageChange, key: Key = None) -> HttpResponse:
    """Tell a row anew; node and role stay, and it waits for another person to verify it again. Who may not see its amounts cannot."""
    def deed(row: Coverage) -> None:
        access.require(asking(request), register.VOLUME, row)
        kept = {name: getattr(row, name) for name in actions.FIELDS}
        actions.change_coverage(coverage=row, version=row.version, told=kept | data.model_dump(exclude_unset=True), by=asking(request))

    return _do(request, number, key, register.CLAIM, deed)


@router.post("/chain-coverages/{number}/verify", response={200: ChainCoverageOut, **WRITES}, url_name="chain_coverage_verify", openapi_extra=IF_MATCH)
def verify_chain_coverage(request: HttpRequest, number: paging.Number, key: Key = None) -> HttpResponse:
    """Say that a row holds as of today; who entered it cannot (``own_claim``)."""
    return _do(request, number, key, register.VERIFY, lambda row: actions.verify_coverage(coverage=row, version=row.version, by=asking(request)))


@router.post("/chain-coverages/{number}/reject", response={200: ChainCoverageOut, **WRITES}, url_name="chain_coverage_reject", openapi_extra=IF_MATCH)
def reject_chain_coverage(request: HttpRequest, number: paging.Number, data: ChainCoverageReason, key: Key = None) -> HttpResponse:
    """Say that a row does not hold, and why; who entered it cannot."""
    return _do(request, number, key, register.VERIFY, lambda row: actions.reject_coverage(coverage=row, version=row.version, reason=data.reason, by=asking(request)))


@router.post("/chain-coverages/{number}/withdraw", response={200: ChainCoverageOut, **WRITES}, url_name="chain_coverage_withdraw", openapi_extra=IF_MATCH)
def withdraw_chain_coverage(request: HttpRequest, number: paging.Number, data: ChainCoverageReason, key: Key = None) -> HttpResponse:
    """Take a row back and say why; from then on it counts for nothing."""
    return _do(request, number, key, register.CLAIM, lambda row: actions.withdraw_coverage(coverage=row, version=row.version, reason=data.reason, by=asking(request)))


def _do(request: HttpRequest, number: int, key: str | None, right: str, deed: Callable[[Coverage], Any]) -> HttpResponse:
    """Do something with a row as it was read, for who may."""
    row = row_of(request, number)
    access.require(asking(request), right, row)

    def work() -> HttpResponse:
        require_match(request, row.version)
        deed(row)
        return _shown(request, number)

    return once(request, key, work)
