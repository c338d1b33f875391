"""Routes of the register: the list, one, its facts, and the changes a page can make."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router, Schema
from pydantic import Field

from diguan.enterprises import actions, queries
from diguan.enterprises.models import BusinessStatus, Enterprise, ProductionStatus, TitleKind
from diguan.enterprises.queries import dossier
from diguan.enterprises.web import lists
from diguan.enterprises.web.pages import enterprise
from diguan.kernel import access, places
from diguan.kernel.api import paging
from diguan.kernel.api.facts import FactOut, FactSeriesOut, fact_out, series_out
from diguan.kernel.api.once import Key, once
from diguan.kernel.api.problems import READS, WRITES, NoNul, refuse
from diguan.kernel.api.sent import Sent
from diguan.kernel.api.versions import IF_MATCH, require_match, told
from diguan.kernel.facts import series
from diguan.kernel.shell import asking, or_404

router = Router(tags=["enterprises"])
FENS = 2**62 - 1
Line = Annotated[str, NoNul, Field(max_length=200)]
Reason = Annotated[str, NoNul, Field(max_length=200)]


# ── what goes out ────────────────────────────────────────────────────────────
class EnterpriseLine(Schema):
    """An enterprise in a list. null is unknown; 无 is known to be none."""

    uscc: str
    name: str
    registered_region: str | None
    town: str | None
    industry: str | None
    cluster: str | None
    park: str | None
    business_status: str | None
    production_status: str | None
    established: dt.date | None
    registered_capital_fen: int | None
    version: int


class EnterprisePage(Schema):
    items: list[EnterpriseLine]
    next: str | None


class TitleOut(Schema):
    """A dated title; ``holds`` tells whether it is held today."""

    id: int
    kind: str
    name: str
    issuer: str | None
    issued: dt.date
    valid_until: dt.date | None
    withdrawn_on: dt.date | None
    holds: bool


class ContactOut(Schema):
    """A contact, the number masked."""

    id: int
    name: str
    role: str | None
    phone_masked: str | None


class EnterpriseOut(EnterpriseLine):
    """All the register keeps of one. ``contacts`` is null for who may not see them."""

    registered_authority: str | None
    place_region: str | None
    address: str | None
    legal_representative: str | None
    former_names: list[str]
    titles: list[TitleOut]
    contacts: list[ContactOut] | None
    changed_at: dt.datetime


def _line(row: Enterprise) -> dict[str, Any]:
    return {name: getattr(row, name) or None for name in (
        "uscc", "name", "registered_region", "town", "industry", "cluster", "park", "business_status", "production_status", "established",
        )} | {"registered_capital_fen": row.registered_capital_fen, "version": row.version}


def _out(person: Any, row: Enterprise) -> EnterpriseOut:
    contacts = dossier.contacts(person, row)
    held = {title.pk for title in dossier.held_titles(row)}
    more = {name: getattr(row, name) or None for name in ("registered_authority", "place_region", "address", "legal_representative")}
    return EnterpriseOut(
        **(_line(row) | more), changed_at=row.changed_at, former_names=[former.name for former in row.former_names.all()],
        titles=[TitleOut(id=each.pk, kind=each.kind, name=each.name, issuer=each.issuer or None, issued=each.issued, valid_until=each.valid_until,
                         withdrawn_on=each.withdrawn_on, holds=each.pk in held) for each in row.titles.all()],
        contacts=None if contacts is None else [
            ContactOut(id=each.contact.pk, name=each.contact.name, role=each.contact.role or None, phone_masked=each.phone or None) for each in contacts])


# ── what comes in ────────────────────────────────────────────────────────────
class EnterpriseFilters(paging.Paging):
    """The filters of the list page."""

    q: str = Field("", max_length=80, description="Name, former name, pinyin initials or credit code")
    cluster: str = Field("", max_length=40)
    park: str = Field("", max_length=60)
    town: str = Field("", max_length=60)
    registered_region: str = Field("", max_length=6)
    section: str = Field("", pattern="^([A-T]|)$", description="Section of GB/T 4754")
    production_status: ProductionStatus | None = None
    business_status: BusinessStatus | None = None
    title: TitleKind | None = Field(None, description="A title held today")


class EnterpriseValues(Sent):
    """What the register keeps of a firm. "" and null are unknown, 无 is known to be none."""

    name: Line | None = None
    registered_region: Line | None = None
    registered_authority: Line | None = None
    place_region: Line | None = None
    town: Line | None = None
    address: Line | None = None
    industry: Line | None = None
    cluster: Line | None = None
    park: Line | None = None
    business_status: BusinessStatus | None = None
    production_status: ProductionStatus | None = None
    established: dt.date | None = None
    registered_capital_fen: int | None = Field(None, ge=0, le=FENS, strict=True)
    legal_representative: Line | None = None
    reason: Reason = Field("", description="Why, for the Event")


class EnterpriseChange(EnterpriseValues):
    """What is told changes, what is not told stays."""

    renamed: bool = Field(False, description="Keep the old name as a former name")


class EnterpriseNew(EnterpriseValues):
    """A firm to register; ``checked`` says that it is none of those the register found alike."""

    uscc: Annotated[str, NoNul, Field(max_length=40)]
    name: Line
    checked: bool = False


class FormerNameNew(Sent):
    name: Line
    until: dt.date | None = None


class TitleNew(Sent):
    kind: TitleKind
    issued: dt.date
    name: Annotated[str, NoNul, Field(max_length=100)] = ""
    issuer: Annotated[str, NoNul, Field(max_length=100)] = ""
    valid_until: dt.date | None = None


class TitleEnd(Sent):
    on_day: dt.date
    reason: Reason


def _values(data: EnterpriseValues) -> dict[str, Any]:
    """What was told, as the actions take it: the texts stripped, an industry code without its padded letter."""
    found = {name: value for name, value in data.model_dump(exclude_unset=True).items() if name in actions.FIELDS}
    for name, value in found.items():
        if name not in ("established", "registered_capital_fen"):
            found[name] = str(value or "").strip()
    if "industry" in found:
        found["industry"] = places.normal_industry(found["industry"])
    return found


# ── reads ────────────────────────────────────────────────────────────────────
def _to_change(request: HttpRequest, uscc: str) -> Enterprise:
    row = enterprise(request, uscc)
    access.require(asking(request), queries.CHANGE, row)
    return row


def _told(request: HttpRequest, uscc: str, status: int = 200) -> HttpResponse:
    row = enterprise(request, uscc)
    at = reverse("api:enterprise", args=[uscc]) if status == 201 else ""
    return told(_out(asking(request), row), status, version=row.version, at=at)


@router.get("/enterprises", response={200: EnterprisePage, **READS}, url_name="enterprises")
def list_enterprises(request: HttpRequest, asked: Query[EnterpriseFilters]) -> HttpResponse:
    """Enterprises by name, with the filters of the list page."""
    access.require(asking(request), queries.VIEW)
    rows = paging.filtered(queries.visible_enterprises(asking(request)), lists.FILTERS, asked)
    part = paging.of_query(rows, ("name_key", "id"), asked)
    return told(EnterprisePage(items=[EnterpriseLine(**_line(row)) for row in part.rows], next=part.next))


@router.get("/enterprises/{uscc}", response={200: EnterpriseOut, **READS}, url_name="enterprise")
def one_enterprise(request: HttpRequest, uscc: str) -> HttpResponse:
    """One enterprise; its ETag is what a change needs as If-Match."""
    return _told(request, uscc)


@router.get("/enterprises/{uscc}/facts", response={200: list[FactOut], **READS}, url_name="enterprise_facts")
def enterprise_facts(request: HttpRequest, uscc: str, known_at: paging.Instant | None = None) -> list[FactOut]:
    """Every dated fact as it stands at its last known period: value, absent or unknown."""
    row = enterprise(request, uscc)
    return [fact_out(one) for one in series.everything_of(asking(request), row.uscc, known_at)]


@router.get("/enterprises/{uscc}/facts/{name}", response={200: FactSeriesOut, **READS}, url_name="enterprise_fact")
def enterprise_fact(request: HttpRequest, uscc: str, name: str, as_of: dt.date | None = None, known_at: paging.Instant | None = None) -> FactSeriesOut:
    """One fact by period: what each source told, the value used, what was corrected since. ``as_of`` leaves out later periods, ``known_at`` later deliveries."""
    row = enterprise(request, uscc)
    one = or_404(series.history_of(asking(request), row.uscc, name, known_at))
    return series_out(one, as_of)


# ── writes ───────────────────────────────────────────────────────────────────
@router.post("/enterprises", response={201: EnterpriseOut, **WRITES}, url_name="enterprises")
def create_enterprise(request: HttpRequest, data: EnterpriseNew, key: Key = None) -> HttpResponse:
    """Register an enterprise. One that looks registered already is refused (``looks_registered``) unless ``checked`` is true."""
    access.require(asking(request), queries.CHANGE)
    return once(request, key, lambda: _create(request, data))


def _create(request: HttpRequest, data: EnterpriseNew) -> HttpResponse:
    person, values = asking(request), _values(data)
    alike = [] if data.checked else queries.duplicates_of(person, name=values["name"], legal_representative=values.get("legal_representative", ""), address=values.get("address", ""))
    if alike:
        codes = ", ".join(each.enterprise.uscc for each in alike)
        refuse("looks_registered", f"看起来已经登记过：{codes}；核对后确实不是，带上 checked: true", f"it looks registered already: {codes}; if it is none of them, send checked: true")
    row = actions.create_enterprise(uscc=data.uscc, values=values, reason=data.reason, by=person)
    return _told(request, row.uscc, 201)


@router.patch("/enterprises/{uscc}", response={200: EnterpriseOut, **WRITES}, url_name="enterprise", openapi_extra=IF_MATCH)
def change_enterprise(request: HttpRequest, uscc: str, data: EnterpriseChange, key: Key = None) -> HttpResponse:
    """Change an enterprise as it was read: If-Match names that version, and an old one is refused with 412."""
    row = _to_change(request, uscc)
    return once(request, key, lambda: _change(request, row, data))


def _change(request: HttpRequest, row: Enterprise, data: EnterpriseChange) -> HttpResponse:
    require_match(request, row.version)
    actions.change_enterprise(enterprise=row, version=row.version, values=_values(data), renamed=data.renamed, reason=data.reason, by=asking(request))
    return _told(request, row.uscc)


@router.post("/enterprises/{uscc}/former-names", response={200: EnterpriseOut, **WRITES}, url_name="enterprise_former_names")
def add_former_name(request: HttpRequest, uscc: str, data: FormerNameNew, key: Key = None) -> HttpResponse:
    """Note a name the firm bore."""
    row = _to_change(request, uscc)

    def work() -> HttpResponse:
        actions.add_former_name(enterprise=row, name=data.name, until=data.until, by=asking(request))
        return _told(request, uscc)

    return once(request, key, work)


@router.post("/enterprises/{uscc}/titles", response={200: EnterpriseOut, **WRITES}, url_name="enterprise_titles")
def add_title(request: HttpRequest, uscc: str, data: TitleNew, key: Key = None) -> HttpResponse:
    """Note a dated title."""
    row = _to_change(request, uscc)

    def work() -> HttpResponse:
        actions.add_title(enterprise=row, by=asking(request), **data.model_dump())
        return _told(request, uscc)

    return once(request, key, work)


@router.post("/enterprises/{uscc}/titles/{number}/withdraw", response={200: EnterpriseOut, **WRITES}, url_name="enterprise_title_withdraw")
def withdraw_title(request: HttpRequest, uscc: str, number: paging.Number, data: TitleEnd, key: Key = None) -> HttpResponse:
    """Note that a title was taken back; it still held before that day."""
    row = _to_change(request, uscc)
    title = or_404(row.titles.filter(pk=number).first())

    def work() -> HttpResponse:
        actions.withdraw_title(enterprise=row, title=title, on_day=data.on_day, reason=data.reason, by=asking(request))
        return _told(request, uscc)

    return once(request, key, work)
