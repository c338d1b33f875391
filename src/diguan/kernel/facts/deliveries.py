"""A delivery from file to batch: what page, command line and demo do alike.

``preview`` reads and checks and counts what would change; ``commit`` does the same again on the kept
file and then writes one batch, or nothing. Only the reading is spared where it was just done: see :class:`_Read`.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import operator
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa
from django.db import transaction

from diguan.kernel import access, clocks, packs, periods
from diguan.kernel.access.roles import title_of
from diguan.kernel.actions import Refusal
from diguan.kernel.facts import actions, batches, coverage, doubts, files
from diguan.kernel.facts.actions import Staged
from diguan.kernel.facts.batches import Compared
from diguan.kernel.facts.models import Batch, Upload
from diguan.kernel.facts.requests import queries
from diguan.kernel.messages import Message
from diguan.kernel.periods import Period
from diguan.kernel.sheets import guard, reader, shelf
from diguan.kernel.sheets.check import Checked, all_known, check_file
from diguan.kernel.sheets.declare import RecordSheet, Sheet, record_sheets

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person


@dataclass(frozen=True)
class Request:
    """What the bringer said of a file. ``complete`` None: as the sheet's default; else the facts it is complete for.

    ``only_new`` leaves alone what the source has told already, and adds the rest.
    """

    sheet: str
    period: Period | None = None
    source: str = ""
    complete: tuple[str, ...] | None = None
    only_new: bool = False


@dataclass
class Preview:
    """A file read, checked and compared with what its source had said."""

    request: Request
    sheet: Sheet
    source: str
    name: str
    checked: Checked
    period: str = ""
    coverage: list[tuple[str, str]] = field(default_factory=list)
    compared: Compared | None = None
    twin: Batch | None = None
    after: int | None = None
    record_sheet: RecordSheet | None = None
    doubts: list[Message] = field(default_factory=list)
    part: Message | None = None

    @property
    def ok(self) -> bool:
        return self.checked.ok and self.twin is None

    def settled(self, reason: str) -> bool:
        """Whether nothing looks wrong, or somebody said why it is right, or it changes nothing that is there nor speaks for who is not in it."""
        return not self.doubts or bool(reason.strip()) or (self.request.only_new and self.part is None)

    @property
    def counts(self) -> dict[str, int]:
        """New, changed, same and gone: facts of a fact sheet, rows of a record sheet."""
        if self.record_sheet:
            return dict(self.checked.changes)
        found = dict(self.compared.counts) if self.compared else dict.fromkeys(("new", "changed", "same", "gone"), 0)
        return found | {"changed": 0, "gone": 0} if self.request.only_new else found


def sheets_for(person: Person) -> list[Sheet]:
    """The sheets this person may bring in: who speaks for some sources only, those that they deliver."""
    own = queries.sources_of(person, batches.IMPORT)
    return [sheet for name, sheet in shelf.sheets().items() if access.may(person, permission_of(name))
            and (own is None or name in record_sheets() or own & {sheet.source, *sheet.sources})]


def require_any(person: Person) -> None:
    """Let pass who may bring in anything at all.

    Raises:
        access.Forbidden: they may bring in nothing.
    """
    if not sheets_for(person):
        access.require(person, batches.IMPORT)


def newest(request: Request, *, by: Person) -> int | None:
    """The source's newest batch, as :attr:`Preview.after` names it: another one since means that a preview is out of date.

    None for a register's sheet, whose rows have their own checks.
    """
    sheet = sheet_named(request.sheet)
    if sheet.name in record_sheets():
        return None
    return actions.newest(request.source or _usual(sheet, queries.sources_of(by, batches.IMPORT)))


def permission_of(sheet: str) -> str:
    """The right it takes to bring a sheet of this name in."""
    record_sheet = record_sheets().get(sheet)
    return (record_sheet.permission if record_sheet else "") or batches.IMPORT


def sheet_named(name: str) -> Sheet:
    """A sheet by name.

    Raises:
        guard.SheetRefused: there is none; the names are listed.
    """
    known = shelf.sheets()
    if name not in known:
        raise guard.refuse(f"没有名为 {name} 的表；可用的有 {'、'.join(sorted(known))}", f"no sheet named {name}; there are {', '.join(sorted(known))}")
    return known[name]


_collecting = threading.Lock()
_at_work = 0


@contextlib.contextmanager
def _without_collection() -> Iterator[None]:
    """Millions of cells and rows come to be and none of them in a cycle: looking for cycles among them takes a third of the time."""
    global _at_work  # noqa: PLW0603 (how many threads are at it: the last one turns collection on again)
    with _collecting:
        _at_work += 1
        gc.disable()
    try:
        yield
    finally:
        with _collecting:
            _at_work -= 1
            if not _at_work:
                gc.enable()


@dataclass(frozen=True)
class _Read:
    """The last file this process read without an error, and what it was read by: sheet, catalogue and codes of the packs.

    It is held in memory and by nobody but this process, for one commit, and is no more than a check spared: whoever does
    not find it reads the file again.
    """

    file: tuple[str, str, Period | None]
    by: tuple[object, ...]
    checked: Checked


_last: _Read | None = None


def _read(sheet: Sheet, name: str, content: bytes, period: Period | None, *, again: bool) -> Checked:
    """Read and check a file; ``again`` may answer with what was read a moment ago, if the register knows all its subjects still."""
    global _last  # noqa: PLW0603 (the one read that is held)
    file, by = (hashlib.sha256(content).hexdigest(), name, period), (sheet, packs.catalogue(), packs.codes())
    held, _last = _last, None
    if again and held is not None and held.file == file and all(map(operator.is_, held.by, by)) and all_known(sheet, held.checked.subjects):
        return held.checked
    checked = check_file(sheet, packs.catalogue(), name, content, period)
    if checked.ok and not again:
        _last = _Read(file, by, checked.light())
    return checked


def preview(request: Request, name: str, content: bytes, *, by: Person) -> Preview:
    """Read, check and compare; writes nothing.

    Raises:
        guard.SheetRefused: the file as a whole is no such sheet, or the source may not send it.
        access.Forbidden: the person may not import this sheet, or not for this source.
    """
    return _preview(request, name, content, by=by)


@_without_collection()
def _preview(request: Request, name: str, content: bytes, *, by: Person, again: bool = False) -> Preview:
    sheet = sheet_named(request.sheet)
    record_sheet = record_sheets().get(sheet.name)
    access.require(by, permission_of(sheet.name))
    own = queries.sources_of(by, batches.IMPORT)
    source = request.source or _usual(sheet, own)
    if not sheet.takes_source(source):
        known = "、".join(filter(None, (sheet.source, *sheet.sources)))
        raise guard.refuse(f"{sheet.label()}不由 {source} 报送；可以是 {known}", f"{sheet.label('en')} is not delivered by {source}; it may be {known}")
    if not record_sheet and own is not None and source not in own:
        raise access.Forbidden(batches.IMPORT, title_of(batches.IMPORT))
    if record_sheet:
        checked = record_sheet.preview(reader.read_file(sheet, packs.catalogue(), name, content, request.period), by=by)
        return Preview(request, sheet, source, name, checked, period="all", record_sheet=record_sheet)
    after = actions.newest(source)  # before the file is read: what arrives meanwhile was not seen
    checked = _read(sheet, name, content, request.period, again=again)
    _in_time({*checked.periods, *filter(None, [request.period])})
    found = Preview(request, sheet, source, name, checked, period=_period_text(request.period, checked), after=after)
    _compare(found, content)
    return found


def _usual(sheet: Sheet, own: frozenset[str] | None) -> str:
    """Who delivers a sheet where nothing is said: its main source, or the other one that its bringer speaks for."""
    return next((source for source in (sheet.source, *sheet.sources) if own is None or source in own), sheet.source)


def _in_time(spoken_of: Iterable[Period]) -> None:
    """Refuse a file that speaks of a period that has not begun, or of one too far back: a slip of the pen would become the latest figure."""
    for period in sorted(spoken_of, key=lambda one: one.start):
        if (wrong := periods.untimely(period, clocks.today())) is not None:
            raise guard.refuse(wrong.zh, wrong.en)


def _period_text(asked: Period | None, checked: Checked) -> str:
    if asked is not None:
        return asked.text
    held = checked.periods
    if not held:
        return checked.read.period.text if checked.read.period else ""
    return held[0].text if len(held) == 1 else f"{held[0].text}/{held[-1].text}"


def _compare(found: Preview, content: bytes) -> None:
    asked = found.checked.read.period or found.request.period
    complete = found.sheet.complete if found.request.complete is None else found.request.complete
    present = {column.fact for name in found.checked.read.header.found for column in found.sheet.facts if column.name == name}
    found.coverage = coverage.declared(set(complete) & present, found.checked.periods, asked, packs.catalogue())
    found.twin = batches.same_file(found.source, found.sheet.name, hashlib.sha256(content).hexdigest())
    if found.checked.ok:
        found.compared = batches.compare(found.source, found.checked.facts, found.coverage)
        found.part = doubts.part_for_whole(found.source, found.sheet.name, found.checked.rows, found.coverage)
        found.doubts = [*filter(None, [found.part]), *doubts.of(found.source, found.sheet.name, found.name, found.checked, packs.catalogue())]


def keep(name: str, content: bytes, sheet: str, *, by: Person) -> Upload:
    """Keep a file for a later commit, once it has passed the door.

    Raises:
        access.Forbidden: the person may not bring this sheet.
        guard.SheetRefused: it is too large, or no honest sheet.
    """
    access.require(by, permission_of(sheet))
    guard.kind_of(name, content)
    return actions.keep_upload(name=name, content=content, sheet=sheet, by=by)


def kept(number: int, *, by: Person) -> tuple[Upload, bytes]:
    """An upload and its content; only for who brought it.

    Raises:
        access.Forbidden: the person may import nothing at all.
        guard.SheetRefused: there is none of theirs, or the file is damaged.
    """
    require_any(by)
    upload = Upload.objects.filter(pk=number, created_by=by).first()
    path = files.upload_path(upload.sha256) if upload else None
    content = path.read_bytes() if path and path.exists() else b""
    if upload is None or hashlib.sha256(content).hexdigest() != upload.sha256:
        raise guard.refuse("这次上传已经不在，请重新选择文件", "this upload is no longer there; choose the file again")
    return upload, content


@_without_collection()
def commit(request: Request, upload: Upload, content: bytes, *, by: Person, reason: str = "") -> Batch | None:
    """Check once more and commit one batch, or nothing; a record sheet's own action decides what it answers.

    Raises:
        guard.SheetRefused: as :func:`preview`.
        Refusal: the file has errors, is in already, or the source delivered since the checks began.
    """
    found = _preview(request, upload.name, content, by=by, again=True)
    if found.twin is not None:
        raise actions.already_there(found.twin)
    if not found.checked.ok:
        raise Refusal("sheet_errors", [error.message for error in found.checked.errors[:20]] or [
            Message("没有可导入的行", "there is no row to import")])
    if found.record_sheet:
        return _commit_records(found, upload, by)
    if not found.settled(reason):
        raise Refusal("doubtful", [*found.doubts, Message("没错的话，写明理由再入库", "if it is right, say why")], field="reason")
    rows = _written(found)
    if not rows.num_rows:
        raise Refusal("nothing_new", [Message("这份里没有新的数可补", "there is nothing new in this file")])
    staged = Staged(source=found.source, sheet=found.sheet.name, period=found.period, sha256=files.write_table(rows),
                    rows=found.checked.rows, facts=len(rows), coverage=tuple(found.coverage), subject=found.sheet.subject,
                    file_name=upload.name, upload_sha256=upload.sha256, changes=found.counts | ({doubts.CORRECTS: 1} if doubts.corrects(upload.name, found.checked) else {}), after=found.after)
    return actions.import_batch(staged=staged, by=by, reason=reason)


def _written(found: Preview) -> pa.Table:
    """The rows of the batch: what the file says, and that there is none of what a complete one no longer names."""
    assert found.compared is not None
    return found.compared.new if found.request.only_new else pa.concat_tables([found.checked.facts, found.compared.gone])


def _commit_records(found: Preview, upload: Upload, by: Person) -> Batch | None:
    assert found.record_sheet is not None
    with transaction.atomic():
        batch: Batch | None = found.record_sheet.commit(found.checked, by=by, upload=upload)
        actions.follow_up(by=by)
    return batch


def first_rows(found: Preview, count: int = 10) -> tuple[Sequence[str], list[list[str]]]:
    """The headings and the first data rows as written in the file, for the preview."""
    names = list(found.checked.read.header.found)
    heads = [found.checked.read.heading(name) for name in names]
    return heads, [[row.raw(name) for name in names] for row in found.checked.read.rows[:count]]
