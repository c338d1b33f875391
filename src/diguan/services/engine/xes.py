"""XES (IEEE 1849) in and out. Reading streams: the file is never a tree, so half a gigabyte needs room for its columns only.

Read are ``concept:name`` of cases and activities, ``time:timestamp``, ``lifecycle:transition``, ``org:resource``, ``org:group``
(where there is none ``org:role``), ``concept:instance``, and ``start_timestamp`` as some tools write it. Everything else is
named in ``Reading.unread`` with its count. A document type, and with it every entity, is refused before it is read.
"""

from __future__ import annotations

import codecs
import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import BinaryIO
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from diguan.services.engine.eventlog import NOBODY, EventLog, Gatherer, LogRefused, Reading, Row, bounded
from diguan.services.engine.instants import read_instants

BATCH = 32_768
CHUNK = 1 << 18
MOST_BYTES = 2 << 30
"""Bytes of XML, unpacked, that are read at most."""
DEEPEST = 32
_LONGEST = 4 << 20
"""Bytes one tag may have at most: a parser must hold it whole, and a value of megabytes is no event's."""
_MOST_KEYS = 1_000
_CASE = "concept:name"
_KEYS = {"concept:name": 1, "start_timestamp": 2, "time:timestamp": 3, "lifecycle:transition": 4, "org:resource": 5, "org:group": 6, "concept:instance": 7, "org:role": 8}
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_CHINESE = {"gbk", "gb2312", "gb18030", "gb_2312-80", "cp936"}
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def read_xes(stream: BinaryIO, zone: dt.tzinfo) -> Reading:
    """An event log out of XES.

    Args:
        stream: the XML itself, unpacked.
        zone: whose local time the timestamps without a zone are.

    Raises:
        LogRefused: no XML, damaged, no XES, with a document type or entities, nested too deep, too large, or without any event.
    """
    parser, decode = _parser(stream)
    reader = _Reader(zone, lambda: parser.CurrentLineNumber)
    parser.ordered_attributes = True
    parser.StartElementHandler, parser.EndElementHandler = reader.begin, reader.finish
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _no_entities
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    read = 0
    try:
        while chunk := stream.read(CHUNK):
            piece = decode(chunk)
            read += len(piece)
            parser.Parse(piece, False)
            _bounded(read, parser.CurrentByteIndex, parser.CurrentLineNumber)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise LogRefused(f"XML 不完整或有错（{expat.ErrorString(error.code)}），整份未导入", f"the XML is damaged ({expat.ErrorString(error.code)}); nothing was imported", error.lineno) from error
    except UnicodeDecodeError as error:
        raise LogRefused("文字编码与文件自己声明的不符", "the text is not in the encoding the file declares", parser.CurrentLineNumber) from error
    return reader.reading()


def _parser(stream: BinaryIO) -> tuple[expat.XMLParserType, Callable[[bytes], bytes]]:
    """A parser, and what turns a chunk into bytes it knows: expat has no Chinese encodings of its own."""
    head = stream.read(256)
    stream.seek(-len(head), 1)
    declared = _DECLARED.match(head)
    name = declared.group(1).decode().lower() if declared else ""
    if name in _CHINESE:
        decoder = codecs.getincrementaldecoder("gb18030")()
        return expat.ParserCreate("utf-8"), lambda chunk: decoder.decode(chunk).encode()
    return expat.ParserCreate(), lambda chunk: chunk


def _bounded(read: int, reached: int, line: int) -> None:
    if read > MOST_BYTES:
        raise LogRefused(f"展开后超过 {MOST_BYTES >> 30} GiB，请按时间拆开", f"it unpacks to more than {MOST_BYTES >> 30} GiB; split it by time", line)
    if read - reached > _LONGEST:
        raise LogRefused("有一个值长得不正常，为安全起见不读", "one value is abnormally long; it is not read for safety", line)


def _no_entities(name: str, *_: object) -> None:
    raise LogRefused(f"XML 里定义了文档类型或实体（{name[:40]}），为安全起见不读", f"the XML defines a document type or an entity ({name[:40]}); it is not read for safety")


class _Reader:
    """Follows log, trace, event, attribute by depth; what lies deeper belongs to an attribute and is not read."""

    def __init__(self, zone: dt.tzinfo, where: Callable[[], int]) -> None:
        self.zone, self.where = zone, where
        self.gatherer, self.unread = Gatherer(), Counter[str]()
        self.depth = 0
        self.trace: str | None = None
        self.in_trace, self.trace_line = False, 0
        self.opened = False
        """Whether events of the case being read were handed on already."""
        self.others = 0
        """Cases, and events outside them."""
        self.values: list[str | None] | None = None
        """What the event being read says, by the places of :data:`_KEYS`, its line last; None between events."""
        self.begun: list[list[str | None]] = []
        self.rows: list[Row] = []
        self.lines: list[int] = []
        self.begun_lines: list[int] = []
        self.outside: list[int] = []
        self.told: list[tuple[str, int]] = []
        self.seen: set[str] = set()

    def begin(self, name: str, found: list[str]) -> None:
        """An element begins; ``found`` are its attributes, name and value in turn. Called a million times, hence in one piece."""
        self.depth = depth = self.depth + 1
        if depth == 4:
            if self.values is not None:
                if len(found) != 4 or found[0] != "key" or found[2] != "value":
                    found = _in_order(found)
                place = _KEYS.get(found[1])
                if place is None:
                    self._not_read(found[1])
                else:
                    self.values[place] = found[3]
        elif depth == 3:
            self._in_trace(name.rpartition(":")[2], found)
        elif depth < 3:
            self._in_log(name.rpartition(":")[2])
        elif depth > DEEPEST:
            raise LogRefused("嵌套太深，这不是正常的 XES", "nested too deep for a XES file", self.where())

    def _in_trace(self, name: str, found: list[str]) -> None:
        if not self.in_trace:
            return
        if name == "event":
            self.values = [None] * 9
            self.begun_lines.append(self.where())
            return
        _, key, _, value = _in_order(found)
        if key == _CASE and self.trace is None:
            self.trace = value.strip() or None
        elif key:
            self._not_read(f"trace {key}")

    def _not_read(self, key: str) -> None:
        key = key[:80]
        self.unread[key if key in self.unread or len(self.unread) < _MOST_KEYS else "…"] += 1

    def _in_log(self, name: str) -> None:
        if self.depth == 1 and name != "log":
            raise LogRefused(f"这是 XML，但不是 XES 日志（最外层是 <{name[:40]}>）", f"this is XML but no XES log (its root is <{name[:40]}>)", self.where())
        if name == "trace":
            self.in_trace, self.trace, self.trace_line, self.opened = True, None, self.where(), False
        elif name == "event":
            self.outside.append(self.where())
        if name in ("trace", "event"):
            self.others += 1
            bounded(self.others, self.where())

    def finish(self, _: str) -> None:
        self.depth = depth = self.depth - 1
        if depth == 2 and self.values is not None:
            self.begun.append(self.values)
            self.values = None
            if len(self.begun) >= BATCH:
                self._hand_on()
        elif depth == 1 and self.in_trace:
            self.in_trace = False
            if self.begun or self.opened:
                self._hand_on()
            else:
                self.told.append(("empty_case", self.trace_line))

    def _hand_on(self) -> None:
        """The events of a case so far, under its name; a name that comes only after thousands of them comes too late."""
        case = self.trace
        if case is None:
            self.trace = case = f"#{self.trace_line}"
            self.told.append(("unnamed_case", self.trace_line))
        elif case in self.seen and not self.opened:
            self.told.append(("split_case", self.trace_line))
        self.seen.add(case)
        self.opened = True
        self.rows.extend((case, each[1], each[2], each[3], each[4], each[5], each[6] or each[8], each[7]) for each in self.begun)
        self.lines.extend(self.begun_lines)
        self.begun, self.begun_lines = [], []
        if len(self.rows) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        starts, ends = (read_instants([(row[place] or "").strip() or None for row in self.rows], self.zone) for place in (2, 3))
        self.gatherer.add(self.rows, self.lines, starts, ends)
        self.rows, self.lines = [], []

    def reading(self) -> Reading:
        self._flush()
        return self.gatherer.reading(self.told, self.outside, unread=dict(self.unread.most_common()))


def _in_order(found: list[str]) -> list[str]:
    """The attributes ``key`` and ``value`` of an element in this order, empty where it lacks one."""
    told = dict(zip(found[::2], found[1::2], strict=True))
    return ["key", told.get("key", ""), "value", told.get("value", "")]


_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<global scope="trace"><string key="concept:name" value=""/></global>
<global scope="event"><string key="concept:name" value=""/><date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/><string key="lifecycle:transition" value="complete"/></global>
<classifier name="Activity" keys="concept:name"/>
"""


def write_xes(log: EventLog, zone: dt.tzinfo) -> Iterator[str]:
    """A log as XES 1849-2016, a piece of text for each case; encode as UTF-8. ``read_xes`` reads the same log back.

    An execution whose start is known is a start and a completion, any other a completion; each has its own ``concept:instance``, so that what was
    done twice at one instant stays twice.
    Instants are written in ``zone`` with its distance from UTC, to the microsecond.

    Raises:
        LogRefused: a name holds a character that XML 1.0 cannot carry.
    """
    quoted = [_quoted(names) for names in (log.cases, log.activities, log.resources, log.units)]
    yield _HEAD
    for number, case in enumerate(quoted[0]):
        events = "".join(text for *_, text in sorted(_events(log, number, quoted, zone), key=lambda each: each[:3]))
        yield f'<trace>\n<string key="concept:name" value={case}/>\n{events}</trace>\n'
    yield "</log>\n"


def _events(log: EventLog, number: int, quoted: list[list[str]], zone: dt.tzinfo) -> Iterator[tuple[int, int, int, str]]:
    """The events of a case: instant, row, start before completion, text."""
    for row in range(int(log.offsets[number]), int(log.offsets[number + 1])):
        who = "".join(f'<string key="{key}" value={names[code]}/>' for key, names, code in (("org:resource", quoted[2], log.resource[row]), ("org:group", quoted[3], log.unit[row])) if code != NOBODY)
        timed, name = bool(log.timed[row]), quoted[1][log.activity[row]]
        who += f'<string key="concept:instance" value="{row}"/>'
        steps = (("start", 0, log.start[row]), ("complete", 1, log.end[row])) if timed else (("complete", 1, log.end[row]),)
        for transition, rank, at in steps:
            yield int(at), row, rank, (f'<event><string key="concept:name" value={name}/><date key="time:timestamp" value="{written(int(at), zone)}"/>'
                                       f'<string key="lifecycle:transition" value="{transition}"/>{who}</event>\n')


def written(at: int, zone: dt.tzinfo) -> str:
    """An instant in a zone as ISO 8601.

    >>> written(0, dt.timezone(dt.timedelta(hours=8)))
    '1970-01-01T08:00:00.000000+08:00'
    """
    return (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=at)).astimezone(zone).isoformat(timespec="microseconds")


def _quoted(names: tuple[str, ...]) -> list[str]:
    for name in names:
        if _FORBIDDEN.search(name):
            raise LogRefused(f"名称 {name!r} 含有 XML 不能写的字符", f"the name {name!r} holds a character that XML cannot carry")
    return [quoteattr(name) for name in names]


