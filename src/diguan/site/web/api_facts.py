"""Routes of facts: the catalogue, what came in and what is missing, and bringing a file in."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from diguan.kernel import access, clocks, packs, periods
from diguan.kernel.api import paging
from diguan.kernel.api.facts import FactSpecOut, ValueOut, catalogue_out, value_of
from diguan.kernel.api.once import Key, once
from diguan.kernel.api.problems import READS, WRITES, NoNul, Stale, refuse
from diguan.kernel.api.sent import Sent
from diguan.kernel.api.versions import IF_MATCH, brief, require_match, told
from diguan.kernel.facts import actions, batches, coverage, deliveries
from diguan.kernel.facts.deliveries import Preview
from diguan.kernel.facts.models import Batch, BatchState, Upload
from diguan.kernel.sheets import guard
from diguan.kernel.shell import asking, language, or_404
from diguan.site.web.batches import batch_filters
from diguan.site.web.imports import MOST_REASON

router = Router(tags=["facts"])
VIEW_FACT = "facts.view_fact"
MOST_MONTHS = 36


# ── the catalogue ────────────────────────────────────────────────────────────
@router.get("/facts", response={200: list[FactSpecOut], **READS}, url_name="facts")
def list_facts(request: HttpRequest) -> list[FactSpecOut]:
    """The catalogue: every fact with its type, unit, period and who tells it."""
    access.require(asking(request), VIEW_FACT)
    return catalogue_out()


class SheetOut(Schema):
    """A sheet this person may bring in."""

    name: str
    title: dict[str, str]
    source: str
    sources: list[str]


@router.get("/sheets", response={200: list[SheetOut], **READS}, url_name="sheets")
def list_sheets(request: HttpRequest) -> list[SheetOut]:
    """The sheets this person may bring in; none is an empty list."""
    return [SheetOut(name=sheet.name, title=dict(sheet.title), source=sheet.source, sources=list(sheet.sources)) for sheet in deliveries.sheets_for(asking(request))]


# ── batches ──────────────────────────────────────────────────────────────────
class BatchFilters(paging.Paging):
    """The filters of the list page."""

    q: str = Field("", max_length=80, description="In the file's name or the period")
    source: str = Field("", max_length=40)
    sheet: str = Field("", max_length=60)
    state: BatchState | None = None


class BatchOut(Schema):
    """One delivery. ``changes`` counts new, changed, same and gone against what the source had said."""

    id: int
    source: str
    sheet: str
    period: str
    state: str
    rows: int
    facts: int
    file_name: str
    sha256: str
    changes: dict[str, int]
    supersedes: int | None
    committed_at: dt.datetime | None
    withdrawn_at: dt.datetime | None


class BatchPage(Schema):
    items: list[BatchOut]
    next: str | None


class Covered(Schema):
    """A delivery is complete for this fact and period: whoever is not in it has none."""

    fact: str
    period: str


class BatchWhole(BatchOut):
    coverage: list[Covered]


class BatchRow(ValueOut):
    """One row of a batch."""

    subject: str
    subject_id: str
    fact: str
    period: str


class BatchRowPage(Schema):
    items: list[BatchRow]
    next: str | None


class Withdrawal(Sent):
    reason: Annotated[str, NoNul, Field(min_length=1, max_length=500)]


def _batch(row: Batch) -> dict[str, Any]:
    return {name: getattr(row, name) for name in (
        "source", "sheet", "period", "state", "rows", "facts", "file_name", "sha256", "changes", "committed_at", "withdrawn_at")} | {
            "id": row.pk, "supersedes": row.supersedes_id}


def _found(request: HttpRequest, number: int) -> Batch:
    access.require(asking(request), batches.VIEW)
    return or_404(batches.batch(asking(request), number))


def _whole(row: Batch) -> HttpResponse:
    covered = [Covered(fact=one.fact, period=one.period) for one in row.coverage.all()]
    return told(BatchWhole(**_batch(row), coverage=covered), version=row.state)


@router.get("/batches", response={200: BatchPage, **READS}, url_name="batches")
def list_batches(request: HttpRequest, asked: Query[BatchFilters]) -> HttpResponse:
    """Deliveries, newest first, with the filters of the list page."""
    access.require(asking(request), batches.VIEW)
    rows = paging.filtered(batches.batches(asking(request)), batch_filters(), asked)
    part = paging.of_query(rows, ("-id",), asked)
    return told(BatchPage(items=[BatchOut(**_batch(row)) for row in part.rows], next=part.next))


@router.get("/batches/{number}", response={200: BatchWhole, **READS}, url_name="batch")
def one_batch(request: HttpRequest, number: paging.Number) -> HttpResponse:
    """One delivery and what it is complete for; its ETag is what a withdrawal needs as If-Match."""
    return _whole(_found(request, number))


@router.get("/batches/{number}/rows", response={200: BatchRowPage, **READS}, url_name="batch_rows")
def batch_rows(request: HttpRequest, number: paging.Number, asked: Query[paging.Paging]) -> HttpResponse:
    """What a delivery tells, by subject, fact and period. A batch never changes, so its pages never shift."""
    row = _found(request, number)
    part = paging.of_place(lambda limit, start: batches.content(asking(request), row, limit, start), asked)
    catalogue = packs.catalogue()
    items = [BatchRow(subject=line["subject"], subject_id=line["subject_id"], fact=line["fact"], period=line["period"],
                    **value_of(catalogue.get(line["fact"]), line["state"], line["num"], line["text"])) for line in part.rows]
    return told(BatchRowPage(items=items, next=part.next))


@router.post("/batches/{number}/withdraw", response={200: BatchWhole, **WRITES}, url_name="batch_withdraw", openapi_extra=IF_MATCH)
def withdraw_batch(request: HttpRequest, number: paging.Number, data: Withdrawal, key: Key = None) -> HttpResponse:
    """Take a delivery back; what was visible before it is visible again."""
    row = _found(request, number)
    access.require(asking(request), batches.IMPORT, row)

    def work() -> HttpResponse:
        require_match(request, row.state)
        return _whole(actions.withdraw_batch(batch=row, by=asking(request), reason=data.reason))

    return once(request, key, work)


# ── coverage ─────────────────────────────────────────────────────────────────
class CellOut(Schema):
    """``state``: complete, partial (delivered, not declared complete) or missing."""

    period: str
    state: str
    batches: list[int]


class CoverageLine(Schema):
    fact: str
    cells: list[CellOut]


@router.get("/coverage", response={200: list[CoverageLine], **READS}, url_name="coverage")
def get_coverage(request: HttpRequest, months: Annotated[int, Query(ge=1, le=MOST_MONTHS)] = 12) -> list[CoverageLine]:
    """Fact by month: what has come, whether it was said to be complete, and by which batches."""
    lines = coverage.matrix(asking(request), packs.catalogue(), {"month": coverage.months(clocks.today(), months)})["month"]
    return [CoverageLine(fact=line.spec.name, cells=[CellOut(period=cell.period, state=cell.state, batches=list(cell.batches)) for cell in line.cells])
            for line in lines]


# ── imports ──────────────────────────────────────────────────────────────────
class Said(Sent):
    """What the bringer says of a file. ``complete``: whoever is not in it has none. ``only_new`` adds what is not there yet and changes nothing."""

    period: str = Field("", pattern=r"^(|[0-9]{4}(-Q[1-4]|-[0-9]{2}(-[0-9]{2})?)?)$", description="2026-08; by default what the file says")
    source: Annotated[str, NoNul] = Field("", max_length=40, description="by default the sheet's own")
    complete: bool = True
    only_new: bool = False

    @field_validator("period")
    @classmethod
    def _a_period(cls, text: str) -> str:
        try:
            return periods.parse(text).text if text else ""
        except periods.PeriodError as error:
            raise PydanticCustomError("period", "write a period as 2026, 2026-Q1, 2026-08 or 2026-08-31") from error

    def of(self, sheet: str) -> deliveries.Request:
        """As the engine takes it."""
        return deliveries.Request(sheet, periods.parse(self.period) if self.period else None, self.source, None if self.complete else (), self.only_new)


class Brought(Said):
    """A file's sheet and what is said of it."""

    sheet: Annotated[str, NoNul] = Field(max_length=60)


class Decided(Said):
    """What is to be committed; ``reason`` says why a file that looks wrong (``doubts``) is right."""

    reason: Annotated[str, NoNul, Field(max_length=MOST_REASON)] = ""


class CellErrorOut(Schema):
    """One thing wrong, at the row and cell Excel shows."""

    row: int
    column: str
    cell: str
    value: str
    message: str


class ImportOut(Schema):
    """What a file holds, as ``diguan import --json`` tells it. ``twin`` is the batch this very file is in as already.

    ``doubts`` say what looks wrong though every cell is in order: such a file needs a ``reason``, or ``only_new``.
    """

    id: int
    sheet: str
    rows: int
    accepted: int
    rejected: int
    errors: list[CellErrorOut]
    warnings: list[CellErrorOut]
    doubts: list[str]
    changes: dict[str, int]
    coverage: list[Covered]
    twin: int | None


class Committed(Schema):
    """A file that is in: its batch, or null where the rows of a register have no batch."""

    id: int
    sheet: str
    batch: int | None


def _import(upload: Upload, found: Preview) -> ImportOut:
    checked = found.checked
    return ImportOut(
        id=upload.pk, sheet=found.sheet.name, rows=checked.rows, accepted=checked.rows if found.ok and found.settled("") else 0, rejected=checked.rejected,
        doubts=[doubt.text(language()) for doubt in found.doubts],
        errors=[CellErrorOut(**error.as_json()) for error in checked.errors], warnings=[CellErrorOut(**error.as_json()) for error in checked.warnings],
        changes=found.counts, coverage=[Covered(fact=fact, period=period) for fact, period in found.coverage], twin=found.twin.pk if found.twin else None)


def version_of(asked: deliveries.Request, after: int | None) -> str:
    """What was compared: the source's newest batch then, and what was said of the file; another of either is another comparison."""
    return f"after-{after or 0}-{brief(repr(asked))}"


@router.post("/imports", response={201: ImportOut, **WRITES}, url_name="imports")
def bring_file(request: HttpRequest, data: Form[Brought], file: File[UploadedFile], key: Key = None) -> HttpResponse:
    """Check a file (.xlsx, .csv) and keep it: what it holds, what is wrong by cell, what committing it would change. Commits nothing."""
    deliveries.require_any(asking(request))
    access.require(asking(request), deliveries.permission_of(data.sheet))
    return once(request, key, lambda: _bring(request, data, file))


def _bring(request: HttpRequest, data: Brought, file: UploadedFile) -> HttpResponse:
    guard.check_size(file.size or 0)
    name, content, person = file.name or "", file.read(), asking(request)
    asked = data.of(data.sheet)
    found = deliveries.preview(asked, name, content, by=person)
    upload = deliveries.keep(name, content, data.sheet, by=person)
    return told(_import(upload, found), 201, version=version_of(asked, found.after), at=reverse("api:import", args=[upload.pk]))


@router.get("/imports/{number}", response={200: ImportOut, **READS}, url_name="import")
def preview_import(request: HttpRequest, number: paging.Number, said: Query[Said]) -> HttpResponse:
    """Check a kept file once more, with the same or other words about it. Only for who brought it."""
    upload, content = _kept(request, number)
    asked = said.of(upload.sheet)
    found = deliveries.preview(asked, upload.name, content, by=asking(request))
    return told(_import(upload, found), version=version_of(asked, found.after))


@router.post("/imports/{number}/commit", response={201: Committed, **WRITES}, url_name="import_commit", openapi_extra=IF_MATCH)
def commit_import(request: HttpRequest, number: paging.Number, data: Decided, key: Key = None) -> HttpResponse:
    """Commit a kept file as one batch or nothing.

    If-Match is the ETag of a check with the same words: other words, or a delivery since then, are refused with 412.
    """
    upload, content = _kept(request, number)
    return once(request, key, lambda: _commit(request, upload, content, data))


def _commit(request: HttpRequest, upload: Upload, content: bytes, data: Decided) -> HttpResponse:
    asked = data.of(upload.sheet)
    try:
        require_match(request, version_of(asked, deliveries.newest(asked, by=asking(request))))
    except Stale:  # without the version that would pass: nobody has seen what it stands for
        refuse("changed_meanwhile", "核对之后又有新的报送，或这次的说法（期间、来源、是否完整、只补新）与核对时不同：请照这次的说法重新核对；什么都没有写入",
               "there were deliveries since the check, or it was made with other words (period, source, complete, only_new): "
               "check again with these words; nothing was written")
    batch = deliveries.commit(asked, upload, content, by=asking(request), reason=data.reason)
    number = batch.pk if isinstance(batch, Batch) else None
    return told(Committed(id=upload.pk, sheet=upload.sheet, batch=number), 201, at=reverse("api:batch", args=[number]) if number else "")


def _kept(request: HttpRequest, number: int) -> tuple[Upload, bytes]:
    deliveries.require_any(asking(request))
    if not Upload.objects.filter(pk=number, created_by=asking(request)).exists():
        raise Http404
    return deliveries.kept(number, by=asking(request))
