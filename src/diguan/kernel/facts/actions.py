"""The writes of facts: keep an uploaded file, commit a batch, withdraw one; a batch closes the requests it answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet

from diguan.kernel import access, clocks, declare, jobs
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.facts import batches, files
from diguan.kernel.facts.models import Batch, BatchState, Coverage, DataRequest, RequestLine, RequestState, Upload
from diguan.kernel.messages import Message
from diguan.kernel.packs import SELF

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person

CHANGED_MEANWHILE = Message("预览之后这个来源又有新批次入库，请重新核对", "the source delivered again after the preview; check once more")


@dataclass(frozen=True)
class Staged:
    """A delivery whose Parquet file is written and durable, ready for its manifest row.

    ``after`` is the newest batch of the source when the changes were counted; a batch that slipped in
    since then refuses the commit, so that nobody commits what was not previewed.
    """

    source: str
    sheet: str
    period: str
    sha256: str
    rows: int
    facts: int
    coverage: tuple[tuple[str, str], ...] = ()
    subject: str = "enterprise"
    file_name: str = ""
    upload_sha256: str = ""
    changes: Mapping[str, int] = field(default_factory=dict)
    replaces_all: bool = False
    after: int | None = None


def already_there(found: Batch) -> Refusal:
    """The refusal of a file that was imported before."""
    return Refusal("already_imported", [Message(
        f"这份文件已经入库，是第 {found.pk} 号批次（{found.period}，{found.file_name}）",
        f"this very file is already in, as batch {found.pk} ({found.period}, {found.file_name})")])


def newest(source: str) -> int | None:
    """The number of the newest batch of a source, whatever its state."""
    found: int | None = Batch.objects.filter(source=source).aggregate(last=Max("pk"))["last"]
    return found


@action(permission="facts.keep_upload", event="file_uploaded")
def keep_upload(*, name: str, content: bytes, sheet: str, by: Person) -> Upload:
    """Keep a file for its bringer's preview and commit."""
    digest = files.keep_upload(content)
    return Upload.objects.create(sha256=digest, name=name[-200:], size=len(content), sheet=sheet,
                                 owner_unit_id=access.unit_of(by), created_by=by, changed_by=by)


@action(permission="facts.import_batch", event="batch_imported")
def import_batch(*, staged: Staged, by: Person, reason: str = "") -> Done[Batch]:
    """Insert the manifest row, its coverage and the Event: from here on the batch's facts are visible.

    Raises:
        Refusal: the same file is in already, its Parquet file is gone, or the source delivered meanwhile.
    """
    if not files.batch_path(staged.sha256).exists():
        raise Refusal("no_file", [Message("批次文件不见了，请重新导入", "the batch file is gone; import again")])
    twin = batches.same_file(staged.source, staged.sheet, staged.upload_sha256) if staged.upload_sha256 else None
    if twin is not None:
        raise already_there(twin)
    if newest(staged.source) != staged.after:
        raise Refusal("changed_meanwhile", [CHANGED_MEANWHILE])
    row, closed = insert(staged, by)
    return Done(row, after={
        "source": row.source, "sheet": row.sheet, "period": row.period, "rows": row.rows, "facts": row.facts,
        "sha256": row.sha256, "file": row.file_name, "changes": dict(staged.changes),
        "coverage": [f"{fact} {period}" for fact, period in staged.coverage],
    }, related=[*([row.supersedes] if row.supersedes else []), *closed])


def insert(staged: Staged, by: Person) -> tuple[Batch, list[DataRequest]]:
    """The manifest row with its coverage, the requests it closes, and what follows a delivery; inside the caller's action."""
    row, closed = _with_coverage(staged, by)
    follow_up(by=by)
    return row, closed


def _with_coverage(staged: Staged, by: Person) -> tuple[Batch, list[DataRequest]]:
    row = _insert(staged, by)
    Coverage.objects.bulk_create([Coverage(batch=row, fact=fact, period=period) for fact, period in staged.coverage])
    return row, settle([row], RequestLine.objects.all(), by)


@action(permission="facts.export_registry", event="registry_exported")
def export_registry_batch(*, staged: Staged, by: Person) -> Done[Batch]:
    """Insert the manifest row of what the register says at the start of a run."""
    row, closed = _with_coverage(staged, by)
    return Done(row, after={"source": row.source, "rows": row.rows, "facts": row.facts, "sha256": row.sha256}, related=closed)


def _insert(staged: Staged, by: Person) -> Batch:
    try:
        with transaction.atomic():
            return Batch.objects.create(
                source=staged.source, sheet=staged.sheet, period=staged.period, subject=staged.subject,
                state=BatchState.COMMITTED, sha256=staged.sha256, rows=staged.rows, facts=staged.facts,
                file_name=staged.file_name[-200:], upload_sha256=staged.upload_sha256, changes=dict(staged.changes),
                replaces_all=staged.replaces_all, committed_at=_instant(), owner_unit_id=access.unit_of(by),
                follows=staged.after or 0, supersedes=batches.previous(staged.source, staged.sheet, staged.period), created_by=by, changed_by=by)
    except IntegrityError as error:
        # Of two commits at one time both may have passed the checks above; the constraints let one through.
        if newest(staged.source) != staged.after:
            raise Refusal("changed_meanwhile", [CHANGED_MEANWHILE]) from error
        raise Refusal("already_imported", [Message("这份文件刚刚由别人入库", "somebody imported this very file a moment ago")]) from error


@action(permission="facts.import_batch", event="batch_withdrawn", on="batch")
def withdraw_batch(*, batch: Batch, by: Person, reason: str) -> Done[Batch]:
    """Take a batch back: what was visible before it is visible again; asking as of an earlier instant still finds it."""
    if not reason.strip():
        raise Refusal("no_reason", [Message("请写明撤回的理由", "say why it is withdrawn")], field="reason")
    changed = Batch.objects.filter(pk=batch.pk, state=BatchState.COMMITTED).update(
        state=BatchState.WITHDRAWN, withdrawn_at=_instant(), changed_by=by, changed_at=clocks.now())
    if not changed:
        raise Refusal("not_committed", [Message("这个批次不在已入库状态", "this batch is not in the committed state")])
    batch.refresh_from_db()
    reopened = _reopen(batch, by)
    follow_up(by=by)
    return Done(batch, before={"state": "committed"}, after={"state": "withdrawn"}, related=reopened)


# ── requests close by what is visible ────────────────────────────────────────
def settle(found: Sequence[Batch], lines: QuerySet[RequestLine], by: Person) -> list[DataRequest]:
    """Close what these batches tell of the open lines; answers with the requests that had one.

    What an enterprise says of itself answers what it was asked itself, never what a bureau was asked.
    """
    open_ = lines.filter(state=RequestState.OPEN)
    touched: set[int] = set()
    for part, tellers in ((open_.filter(addressee=SELF), found), (open_.exclude(addressee=SELF), [row for row in found if row.source != SELF])):
        asked: dict[batches.Wanted, list[tuple[int, int]]] = {}
        for pk, request, *words in part.values_list("pk", "request_id", "subject_id", "fact", "period") if tellers else ():
            asked.setdefault((words[0], words[1], words[2]), []).append((pk, request))
        for key, number in batches.tells(tellers, asked).items():
            RequestLine.objects.filter(pk__in=[pk for pk, _request in asked[key]], state=RequestState.OPEN).update(
                state=RequestState.ANSWERED, batch_id=number, closed_at=clocks.now())
            touched |= {request for _pk, request in asked[key]}
    return _close(touched, by)


def _close(numbers: set[int], by: Person) -> list[DataRequest]:
    """Close the requests of which nothing is open any more."""
    rows = DataRequest.objects.filter(pk__in=sorted(numbers)).order_by("pk")
    rows.filter(state=RequestState.OPEN).exclude(lines__state=RequestState.OPEN).update(
        state=RequestState.ANSWERED, closed_at=clocks.now(), closed_by=by)
    return list(rows)


def _reopen(batch: Batch, by: Person) -> list[DataRequest]:
    """Open again what a batch had told that is taken back, unless it is being asked anew or another batch tells it as well."""
    lines = RequestLine.objects.filter(batch=batch, state=RequestState.ANSWERED).select_related("request").order_by("-pk")
    reopened: set[int] = set()
    for line in lines:
        twin = RequestLine.objects.filter(state=RequestState.OPEN, addressee=line.addressee, subject=line.subject, subject_id=line.subject_id,
                                          fact=line.fact, period=line.period)
        if line.request.state in (RequestState.OPEN, RequestState.ANSWERED) and not twin.exists():
            RequestLine.objects.filter(pk=line.pk).update(state=RequestState.OPEN, batch=None, closed_at=None)
            reopened.add(line.pk)
    rows = DataRequest.objects.filter(lines__in=sorted(reopened)).distinct()
    numbers = sorted(rows.values_list("pk", flat=True))
    DataRequest.objects.filter(pk__in=numbers).update(state=RequestState.OPEN, closed_at=None, closed_by=None)
    if reopened:
        settle(batches.visible_batches(), RequestLine.objects.filter(pk__in=sorted(reopened)), by)
    return list(DataRequest.objects.filter(pk__in=numbers).order_by("pk"))


def follow_up(*, by: Person) -> None:
    """Queue what rooms want done once the data have changed (``after_delivery`` of their AppConfig), each once.

    Called inside the transaction that changes the data, so there is never the one without the other.
    """
    for name, kwargs, *rights in declare.declared("after_delivery"):
        carrier = _carrier(by, rights)
        if carrier is not None:
            jobs.enqueue_once(name, kwargs, carrier)


def _carrier(by: Person, rights: Sequence[str]) -> Person | None:
    """Whoever brought the data, if they may do what follows; else whoever longest may, since data wait for nobody."""
    if all(access.may(by, right) for right in rights):
        return by
    try:
        return access.acting_person(None, *rights)
    except Refusal:
        return None


def _instant() -> dt.datetime:
    """Now, but always after the last commit, so that batches have one order even if the clock is set back."""
    last = Batch.objects.aggregate(last=Max("committed_at"))["last"]
    now = clocks.now()
    return now if last is None or now > last else last + dt.timedelta(microseconds=1)
