"""A file of either sort into an event log: XES, packed XES, or a sheet as CSV in whatever encoding an office's computer wrote it."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import gzip
import io
import itertools
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import BinaryIO, TextIO

from diguan.kernel.messages import nearest
from diguan.services.engine.eventlog import Gatherer, LogRefused, Reading, Row
from diguan.services.engine.instants import read_instants
from diguan.services.engine.xes import BATCH, CHUNK, MOST_BYTES, read_xes

LONGEST_CELL = 131_072
_PACKED, _ZIP = b"\x1f\x8b", b"PK"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DELIMITERS = ",;\t|"
# Names that may as well mean something else are not among them: 受理时间 is often the whole case's, 状态 of any sort. They can be declared.
_USUAL = {
    "case": ("案件编号", "案件号", "办件编号", "办件号", "业务编号", "业务流水号", "受理编号", "流水号", "案号", "案件", "case", "caseid", "casenumber", "caseconceptname", "traceid"),
    "activity": ("环节", "环节名称", "活动", "活动名称", "步骤", "事项", "事项名称", "任务", "activity", "activityname", "conceptname", "task", "taskname", "event", "eventname", "step"),
    "start": ("开始时间", "开始", "接收时间", "start", "starttime", "starttimestamp", "startdate", "begin", "started"),
    "end": ("完成时间", "完成", "结束时间", "结束", "办结时间", "办理时间", "时间", "时间戳", "end", "endtime", "endtimestamp", "enddate", "complete", "completetime", "completetimestamp", "completiontime",
            "completed", "timetimestamp", "timestamp", "time"),
    "resource": ("办理人", "经办人", "办理人员", "人员", "resource", "orgresource", "user", "officer", "clerk"),
    "unit": ("部门", "办理部门", "单位", "办理单位", "承办单位", "科室", "unit", "department", "orggroup", "group", "orgrole", "bureau"),
    "lifecycle": ("生命周期", "lifecycle", "lifecycletransition", "transition"),
}
_WORDS = {"case": ("案件编号", "case"), "activity": ("环节", "activity"), "end": ("完成时间或开始时间", "end or start")}


@dataclass(frozen=True)
class Columns:
    """Which heading is what; an empty one is looked for among the usual names, in Chinese and English."""

    case: str = ""
    activity: str = ""
    start: str = ""
    end: str = ""
    resource: str = ""
    unit: str = ""
    lifecycle: str = ""


def read_log(stream: BinaryIO, zone: dt.tzinfo, columns: Columns | None = None) -> Reading:
    """An event log out of a file, told by its content: XES, gzip of either, or CSV.

    Args:
        stream: the file, seekable, at its beginning; read once or twice, never held whole.
        zone: whose local time the times without a zone are.
        columns: for CSV; None looks for the usual names.

    Raises:
        LogRefused: see the message; nothing of the file is used then.
    """
    head = stream.read(4)
    stream.seek(0)
    if head.startswith(_PACKED):
        try:
            with gzip.GzipFile(fileobj=stream) as inner:
                return _unpacked(inner, zone, columns)  # type: ignore[arg-type]
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise LogRefused("压缩文件不完整或已损坏，整份未导入", "the packed file is damaged or cut short; nothing was imported") from error
    if head.startswith(_ZIP):
        raise LogRefused("这是压缩包或 Excel 工作簿；请另存为 CSV，或解压出 XES", "this is an archive or a workbook; save it as CSV, or unpack the XES")
    return _unpacked(stream, zone, columns)


def _unpacked(stream: BinaryIO, zone: dt.tzinfo, columns: Columns | None) -> Reading:
    head = stream.read(4096)
    stream.seek(0)
    if head.startswith(_PACKED):
        raise LogRefused("压缩文件里又是压缩文件", "a packed file within a packed file")
    text = head[3:] if head.startswith(codecs.BOM_UTF8) else head
    if text.lstrip()[:1] == b"<" or (head[:2] in _UTF16 and head[2:].replace(b"\0", b"").lstrip()[:1] == b"<"):
        return read_xes(stream, zone)
    return read_csv(stream, zone, columns)


def read_csv(stream: BinaryIO, zone: dt.tzinfo, columns: Columns | None = None) -> Reading:
    """An event log out of a sheet: a row is an execution (two time columns), an event (one), or a start or completion (``lifecycle``).

    UTF-8 with or without a mark, UTF-16 with one, else GB 18030. Comma, semicolon, tab or bar. Lines are those of the file, 1 the first.

    Raises:
        LogRefused: no text, no heading that tells case, activity and a time, a declared heading that is not there, or no row.
    """
    text = io.TextIOWrapper(io.BufferedReader(_Bounded(stream)), encoding=_encoding(stream), newline="")
    try:
        return _rows_of(text, zone, columns or Columns())
    except csv.Error as error:
        raise LogRefused(f"表格读不下去（{error}）；可能有引号没有成对", f"the sheet cannot be read on ({error}); a quote may lack its partner") from error
    finally:
        text.detach()


class _Bounded(io.RawIOBase):
    """The stream, up to so many bytes."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream, self.left = stream, MOST_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, into: bytearray | memoryview) -> int:  # type: ignore[override]
        found = self.stream.read(len(into))
        self.left -= len(found)
        if self.left < 0:
            raise LogRefused(f"展开后超过 {MOST_BYTES >> 30} GiB，请按时间拆开", f"it unpacks to more than {MOST_BYTES >> 30} GiB; split it by time")
        into[:len(found)] = found
        return len(found)


def _encoding(stream: BinaryIO) -> str:
    """What the whole file is written in; the stream is at its beginning again."""
    head = stream.read(4096)
    stream.seek(0)
    if head[:2] in _UTF16:
        return "utf-16"
    if b"\0" in head:
        raise LogRefused("这不是表格文件；可导入 XES、XES.gz 和 CSV", "this is no sheet; XES, XES.gz and CSV can be imported")
    for name in ("utf-8", "gb18030"):
        if _decodes(stream, name):
            return "utf-8-sig" if name == "utf-8" else name
    raise LogRefused("文字编码认不出；请另存为 UTF-8 的 CSV", "the encoding is not known; save the CSV as UTF-8")


def _decodes(stream: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    left = MOST_BYTES
    try:
        while (chunk := stream.read(CHUNK)) and left > 0:
            decoder.decode(chunk)
            left -= len(chunk)
        decoder.decode(b"", final=left > 0)
    except UnicodeDecodeError:
        return False
    finally:
        stream.seek(0)
    return True


def _rows_of(text: TextIO, zone: dt.tzinfo, columns: Columns) -> Reading:
    first, line = _heading(text)
    delimiter = max(_DELIMITERS, key=first.count)
    header = next(csv.reader([first], delimiter=delimiter))
    places = _places(header, columns, line)
    body = csv.reader(_lines(text, line), delimiter=delimiter)
    gatherer, ragged = Gatherer(), list[int]()
    unread = [0] * len(header)
    spare = [at for at in range(len(header)) if at not in places.values()]
    take = [places.get(name) for name in ("case", "activity", "start", "end", "lifecycle", "resource", "unit")]
    for rows, lines in _batches(body, line, len(header), ragged):
        columns_of = list(itertools.zip_longest(*rows, fillvalue=None)) if rows else []
        columns_of += [(None,) * len(rows)] * (len(header) - len(columns_of))
        chosen = [columns_of[at] if at is not None else (None,) * len(rows) for at in take]
        starts, ends = (read_instants([(cell or "").strip() or None for cell in chosen[at]], zone) for at in (2, 3))
        packed: list[Row] = list(zip(*chosen, (None,) * len(rows), strict=True))
        gatherer.add(packed, lines, starts, ends)
        for at in spare:
            unread[at] += sum(bool(cell and cell.strip()) for cell in columns_of[at])
    return gatherer.reading(ragged=ragged, unread={header[at].strip() or f"#{at + 1}": unread[at] for at in spare}, columns={name: header[at].strip() for name, at in places.items()})


def _heading(text: TextIO) -> tuple[str, int]:
    """The first line that is not blank, and its number."""
    for number in itertools.count(1):
        line = text.readline(LONGEST_CELL)
        if not line:
            raise LogRefused("文件是空的", "the file is empty")
        if line.strip(" \t\r\n,;|\ufeff"):
            return line.rstrip("\r\n"), number
    raise AssertionError


def _lines(text: TextIO, before: int) -> Iterator[str]:
    for number in itertools.count(before + 1):
        line = text.readline(LONGEST_CELL)
        if len(line) == LONGEST_CELL and not line.endswith("\n"):
            raise LogRefused("这一行长得不正常，为安全起见不读", "the line is abnormally long; it is not read for safety", number)
        if not line:
            return
        yield line


def _batches(body: Iterator[list[str]], line: int, width: int, ragged: list[int]) -> Iterator[tuple[list[list[str]], list[int]]]:
    """Rows that fit the heading, with their lines; blank ones are passed over, longer ones go to ``ragged``."""
    rows, lines = list[list[str]](), list[int]()
    for row in body:
        if len(row) > width and any(cell.strip() for cell in row[width:]):
            ragged.append(line + body.line_num)  # type: ignore[attr-defined]
        elif any(row):
            rows.append(row[:width])
            lines.append(line + body.line_num)  # type: ignore[attr-defined]
        if len(rows) >= BATCH:
            yield rows, lines
            rows, lines = [], []
    yield rows, lines


def _plain(heading: str) -> str:
    """A heading without case, width, blanks, signs.

    >>> _plain(" Case_ID："), _plain("time:timestamp")
    ('caseid', 'timetimestamp')
    """
    return "".join(letter for letter in unicodedata.normalize("NFKC", heading).lower() if letter.isalnum())


def _places(header: Sequence[str], columns: Columns, line: int) -> dict[str, int]:
    """Where each column stands."""
    plain = [_plain(heading) for heading in header]
    found: dict[str, int] = {}
    for each in fields(Columns):
        declared = getattr(columns, each.name)
        usual = [plain.index(word) for word in _USUAL[each.name] if word in plain]
        if declared:
            found[each.name] = _declared(declared, header, line)
        elif usual:
            found[each.name] = usual[0]
    missing = [name for name in ("case", "activity") if name not in found] + ([] if "start" in found or "end" in found else ["end"])
    if missing:
        shown = "、".join(heading.strip() for heading in header[:20])[:300]
        raise LogRefused(f"表头里没有{'、'.join(_WORDS[name][0] for name in missing)}；表头是：{shown}。可以指明哪一列是什么",
                         f"the heading has no {', '.join(_WORDS[name][1] for name in missing)}; it says: {shown}. Say which column is what", line)
    return found


def _declared(name: str, header: Sequence[str], line: int) -> int:
    plain = [_plain(heading) for heading in header]
    if _plain(name) in plain:
        return plain.index(_plain(name))
    like = nearest(name, header)
    hint = (f"；是不是“{like}”？", f"; is it “{like}”?") if like else ("", "")
    raise LogRefused(f"表头里没有“{name}”{hint[0]}", f"the heading has no “{name}”{hint[1]}", line)
