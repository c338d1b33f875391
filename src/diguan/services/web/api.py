"""Routes of matters and life events, to read: the library, one matter with its versions, the life events, and what follows from answers."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from diguan.kernel import access, clocks
from diguan.kernel.api import paging
from diguan.kernel.api.problems import READS, refuse
from diguan.kernel.api.versions import told
from diguan.kernel.shell import asking, or_404
from diguan.services import queries
from diguan.services.engine import fields
from diguan.services.engine.merging import Merged
from diguan.services.models import Matter, MatterVersion
from diguan.services.queries import life_events as reads
from diguan.services.queries import shelf
from diguan.services.queries.life_events import Picture, Summary
from diguan.services.web import lists
from diguan.services.web.pages import matter_of

router = Router(tags=["services"])
LONGEST_ANSWERS = 2000


# ── matters ──────────────────────────────────────────────────────────────────
class MatterLine(Schema):
    """A matter in a list, as its newest published version says; one of which nothing is published, as its draft."""

    key: str
    name: str
    bureau: str
    kind: str
    case_type: str
    catalog_code: str | None
    task_code: str | None
    statutory_days: int | None
    promised_days: int | None
    visits: int | None
    is_fee: bool
    provisional: bool
    state: str


class MatterPage(Schema):
    items: list[MatterLine]
    next: str | None


class MatterVersionOut(Schema):
    """One version; ``digest`` is of its content, its place and its days, and a published one keeps it."""

    number: int
    published: bool
    in_force: bool
    valid_from: dt.date
    valid_to: dt.date | None
    digest: str
    intact: bool


class MatterOut(MatterLine):
    """One matter: the version in force today (the newest where none is) in the national fields, and which versions there are."""

    version: int
    number: int | None
    content: dict[str, Any] | None
    versions: list[MatterVersionOut]


class MatterFilters(paging.Paging):
    """The filters of the list page."""

    q: str = Field("", max_length=80, description="In the name or a code")
    bureau: str = Field("", max_length=60)
    kind: str = Field("", pattern=f"^(|{'|'.join(fields.KINDS)})$")
    case_type: str = Field("", pattern=f"^(|{'|'.join(fields.CASE_TYPES)})$")
    state: str = Field("", pattern="^(|draft|published|retired)$")
    waiting: bool = Field(False, description="A draft waits to be published")
    provisional: bool = False
    is_fee: bool = False


def _line(row: Matter) -> dict[str, Any]:
    return {name: getattr(row, name) for name in MatterLine.model_fields} | {"catalog_code": row.catalog_code or None}


def _version(one: MatterVersion, now: MatterVersion | None) -> MatterVersionOut:
    return MatterVersionOut(**{name: getattr(one, name) for name in ("number", "published", "valid_from", "valid_to", "digest")},
                            in_force=now is not None and one.pk == now.pk, intact=queries.intact(one))


@router.get("/matters", response={200: MatterPage, **READS}, url_name="matters")
def list_matters(request: HttpRequest, asked: Query[MatterFilters]) -> HttpResponse:
    """The matters you may see, by bureau and name, with the filters of the list page."""
    access.require(asking(request), queries.VIEW)
    part = paging.of_query(paging.filtered(lists.PAGE.rows(asking(request)), lists.PAGE.filters, asked), ("bureau", "name_key", "id"), asked)
    return told(MatterPage(items=[MatterLine(**_line(row)) for row in part.rows], next=part.next))


@router.get("/matters/{key}", response={200: MatterOut, **READS}, url_name="matter")
def one_matter(request: HttpRequest, key: str) -> HttpResponse:
    """One matter with the content in force today and all versions you may see."""
    row = matter_of(request, key)
    versions, now = queries.versions(asking(request), row), queries.in_force(row, clocks.today())
    shown = now or (versions[0] if versions else None)
    return told(MatterOut(**_line(row), version=row.version, number=shown.number if shown else None, content=shown.content if shown else None,
                          versions=[_version(one, now) for one in versions]), version=row.version)


# ── life events ──────────────────────────────────────────────────────────────
class LifeEventLine(Schema):
    """A life event in force; ``days_before`` and ``trips_before`` are of all its matters, one after another, as entered, not counted."""

    key: str
    title: dict[str, str]
    number: int
    sha256: str
    valid_from: dt.date
    provisional: bool
    matters: list[str]
    questions: list[str]
    days_before: int
    trips_before: int


class LifeEventPage(Schema):
    items: list[LifeEventLine]
    next: str | None


class SituationQuestion(Schema):
    """One question that is put, with the answer told."""

    id: str
    title: dict[str, str]
    answers: dict[str, dict[str, str]]
    answer: str | None


class CalledFor(Schema):
    """One matter; ``needed`` null: an open question decides."""

    matter: str
    name: str
    bureau: str
    needed: bool | None
    statutory_days: int | None
    promised_days: int | None
    days_before: int
    trips_before: int


class StrictestOut(Schema):
    """Why a rule is as strict as it is."""

    rule: str
    value: str | int | bool | None
    demanded_by: list[str]
    content_with: dict[str, str | int | bool | None]


class MergedOut(Schema):
    """One meaning asked for once, by its id in the dictionary."""

    meaning: str
    title: str
    needed: bool | None
    quality: str
    form: str
    copies: int
    tolerant: bool
    fresh_months: int | None
    commitment_days: int | None
    matters: list[str]
    whys: list[StrictestOut]


class EdgeOut(Schema):
    """One matter before another; only legal, data and physical ones bind."""

    start: str
    end: str
    kind: str
    evidence: str
    reviewer: str


class FeeOut(Schema):
    """One fee of one matter; ``fen`` null: it has to be worked out."""

    matter: str
    name: str
    standard: str
    fen: int | None
    basis: str


class LifeEventOut(Schema):
    """What follows from the answers."""

    key: str
    title: dict[str, str]
    number: int
    sha256: str
    provisional: bool
    questions: list[SituationQuestion]
    open_questions: list[str]
    matters: list[CalledFor]
    form: list[MergedOut]
    papers: list[MergedOut]
    edges: list[EdgeOut]
    fees: list[FeeOut]
    days_before: int
    trips_before: int


class Answered(Schema):
    """Answers to the questions of a life event."""

    answers: str = Field("", max_length=LONGEST_ANSWERS, description="question=answer, several joined by commas: site=lease,staff_now=yes")


@router.get("/life-events", response={200: LifeEventPage, **READS}, url_name="life_events")
def list_life_events(request: HttpRequest, asked: Query[paging.Paging]) -> HttpResponse:
    """The life events in force today."""
    access.require(asking(request), reads.VIEW)
    part = paging.of_list(reads.summaries(asking(request)), lambda one: (one.row.key,), asked)
    return told(LifeEventPage(items=[_event(one) for one in part.rows], next=part.next))


def _event(one: Summary) -> LifeEventLine:
    parts = one.document.parts
    return LifeEventLine(key=one.row.key, title=dict(one.document.title), number=one.version.number, sha256=one.version.sha256, valid_from=one.version.valid_from, provisional=one.document.provisional,
                         matters=list(one.document.keys), questions=[each.question for each in one.document.asked], days_before=sum(part.before.days for part in parts), trips_before=sum(part.before.trips for part in parts))


@router.get("/life-events/{key}", response={200: LifeEventOut, **READS}, url_name="life_event")
def one_life_event(request: HttpRequest, key: str, asked: Query[Answered]) -> HttpResponse:
    """One life event with some answers: the matters, one form, one set of papers with who asks and why the strictest wins, the order, the fees."""
    access.require(asking(request), reads.VIEW)
    found = or_404(next((one for one in reads.summaries(asking(request)) if one.row.key == key), None))
    shown = reads.picture(found.document, _answers(found, asked.answers), clocks.today())
    return told(LifeEventOut(
        key=key, title=dict(found.document.title), number=found.version.number, sha256=found.version.sha256, provisional=found.document.provisional, questions=_questions(shown),
        open_questions=list(shown.chosen.open_questions), matters=[_called(shown, name, state) for name, state in shown.chosen.matters.items()],
        form=[_merged(one) for one in shown.fields], papers=[_merged(one) for one in shown.papers],
        edges=[EdgeOut(start=one.start, end=one.end, kind=one.kind, evidence=one.evidence, reviewer=one.reviewer) for one in shown.chosen.edges],
        fees=[FeeOut(**vars(one)) for one in shown.fees], days_before=shown.chosen.days_before, trips_before=shown.chosen.trips_before))


def _answers(found: Summary, text: str) -> dict[str, str]:
    """The answers told; a question or an answer that is none is refused."""
    pairs = [part.partition("=") for part in filter(None, (part.strip() for part in text.split(",")))]
    asked = {one.question for one in found.document.asked}
    for name, _, value in pairs:
        if name not in asked or value not in shelf.questions()[name].answers:
            refuse("invalid", f"没有这个问题或答案：{name}={value}", f"no such question or answer: {name}={value}", "answers")
    return {name: value for name, _, value in pairs}


def _questions(shown: Picture) -> list[SituationQuestion]:
    return [SituationQuestion(id=one.id, title=dict(one.title), answers={value: dict(words) for value, words in one.answers.items()}, answer=shown.situation.answers.get(one.id))
            for one in (shelf.questions()[name] for name in shown.situation.put)]


def _called(shown: Picture, name: str, state: bool | None) -> CalledFor:
    content = shown.versions[name].content if name in shown.versions else {}
    before = next(part.before for part in shown.document.parts if part.matter == name)
    return CalledFor(matter=name, name=shown.title(name), bureau=content.get("bureau", ""), needed=state, statutory_days=content.get("statutory_days"),
                     promised_days=content.get("promised_days"), days_before=before.days, trips_before=before.trips)


def _merged(one: Merged) -> MergedOut:
    entry = shelf.known().meanings.get(one.meaning)
    return MergedOut(meaning=one.meaning, title=entry.label() if entry else one.meaning, needed=one.needed, matters=list(one.matters), quality=one.value("quality"), form=one.value("form"),
                     copies=one.value("copies"), tolerant=one.value("tolerant"), fresh_months=one.value("fresh_months"), commitment_days=one.value("commitment_days"),
                     whys=[StrictestOut(rule=why.rule, value=why.value, demanded_by=list(why.demanded_by), content_with=dict(why.content_with)) for why in one.whys])
