"""An event log in columns, and how raw rows of a file become one without anything being dropped unsaid.

**The log.** One row is one *execution*: an activity done once in a case, from ``start`` to ``end``. Rows stand by case and,
in a case, by ``end``, then ``start``, then where the file had them. Names are numbers into sorted tuples. Instants are
microseconds since 1970 UTC. Where a file tells only one time for an execution, start and end are that instant and
``timed`` is False: nothing is known of how long the work took.

**From raw rows.** A raw row is an event (start or complete) or a whole execution (a sheet with two time columns). Starts
and completes of the same case and activity are paired first in, first out, by ``instance`` where the file gives one. Each
row that cannot be used is left out for one reason, counted and told with its line (:data:`LEFT_OUT`); whatever had to be
assumed is counted and told too (:data:`ASSUMED`). ``events == used + sum(left_out)``, which a test holds.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from diguan.kernel.messages import Message
from diguan.services.engine.instants import AWARE, DAY_ONLY, MISSING, NAIVE, UNREADABLE, Ints, Marks

Codes = np.ndarray[Any, np.dtype[np.int32]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
NOBODY = -1
"""No resource, no unit."""
MOST_TOLD = 20
"""Problems of one sort that are told one by one; the rest is in the count."""
MOST_EVENTS = 5_000_000
"""Events of one file at most: what is to be held in memory must have an end."""
START, COMPLETE, OTHER = range(3)
_TRANSITIONS = {"": COMPLETE, "complete": COMPLETE, "completed": COMPLETE, "end": COMPLETE, "完成": COMPLETE, "结束": COMPLETE, "办结": COMPLETE,
                "start": START, "started": START, "begin": START, "开始": START}
LEFT_OUT = {
    "no_case": Message("没有案件编号", "no case id"),
    "outside_case": Message("事件不在任何案件里", "the event stands in no case"),
    "no_activity": Message("没有环节名称", "no activity"),
    "ragged": Message("这一行的格数比表头多，可能错位", "the row has more cells than the heading: it may be shifted"),
    "unreadable_time": Message("时间读不出；请写年在前，如 2026-10-31 09:00", "the time cannot be read; write the year first, as 2026-10-31 09:00"),
    "no_time": Message("没有时间", "no time"),
    "transition": Message("既不是开始也不是完成的状态", "neither a start nor a completion"),
    "reversed": Message("完成早于开始", "it ends before it starts"),
    "duplicate": Message("与前面的一行完全相同", "it repeats an earlier row in everything"),
    "unfinished": Message("开始了，没有见到完成", "started, never completed"),
}
"""Why a row may be left out; of several reasons the first counts."""
ASSUMED = {
    "naive": Message("时间没有写时区，按本地时间计", "no time zone written: taken as local time"),
    "mixed_zones": Message("有的时间写了时区，有的没有", "some times have a zone and some have none"),
    "day_only": Message("只有日期没有钟点，按零点计，当天之内的先后不可知", "a day without an hour, taken as midnight: the order within that day is unknown"),
    "unordered": Message("在文件里排在同一案件较晚的事件之后，已按时间重排", "stood after a later event of its case, put in order of time"),
    "tied": Message("与同一案件的前一环节时间相同，先后按文件次序", "at the same instant as the activity before it in its case: kept in the order of the file"),
    "starts_only": Message("整份日志只有开始没有完成，开始当作发生的时刻", "the log has starts only: they are taken as the instants"),
    "unnamed_case": Message("案件没有编号，以行号为名", "the case has no id and is named by its line"),
    "empty_case": Message("案件里没有事件，不算案件", "the case holds no event and is none"),
    "split_case": Message("同一编号的案件在文件里出现了不止一次，合为一件", "the same case id comes more than once in the file: made one case"),
}
"""What may have had to be assumed."""


COLUMNS = {"case": Message("案件", "case"), "activity": Message("环节", "activity"), "start": Message("开始", "start"), "end": Message("完成", "end"), "resource": Message("办理人", "resource"),
           "unit": Message("部门", "unit"), "lifecycle": Message("开始或完成", "start or completion")}


class LogRefused(ValueError):
    """The file as a whole cannot be used; one sentence says why. ``line`` is where, 0 if nowhere in particular."""

    def __init__(self, zh: str, en: str, line: int = 0) -> None:
        where = (f"第 {line} 行：", f"line {line}: ") if line else ("", "")
        self.message, self.line = Message(where[0] + zh, where[1] + en), line
        super().__init__(str(self.message))


@dataclass(frozen=True, eq=False)
class EventLog:
    """Executions in columns, all of one length; ``offsets`` has one more entry than there are cases.

    The rows of case ``i`` are ``offsets[i]`` to ``offsets[i + 1]``; every case has at least one. ``cases``, ``activities``,
    ``resources`` and ``units`` are sorted and hold only names that occur. ``resource`` and ``unit`` are :data:`NOBODY`
    where none is told. ``line`` is where the row stood in its file, 0 where it came from none.
    """

    cases: tuple[str, ...]
    activities: tuple[str, ...]
    resources: tuple[str, ...]
    units: tuple[str, ...]
    offsets: Ints
    case: Codes
    activity: Codes
    start: Ints
    end: Ints
    timed: Flags
    resource: Codes
    unit: Codes
    line: Ints

    def __len__(self) -> int:
        return len(self.case)

    def same(self, other: EventLog) -> bool:
        """Whether both tell the same; where rows stood in their files does not matter."""
        names = all(getattr(self, each) == getattr(other, each) for each in ("cases", "activities", "resources", "units"))
        columns = ("case", "activity", "start", "end", "timed", "resource", "unit")
        return names and all(np.array_equal(getattr(self, each), getattr(other, each)) for each in columns)


@dataclass(frozen=True)
class Problem:
    """One thing told about one row: a word of :data:`LEFT_OUT` or :data:`ASSUMED`, its line, and the sentence."""

    code: str
    line: int
    message: Message


@dataclass(frozen=True)
class Reading:
    """What came of a file.

    Attributes:
        log: what is used.
        events: how many events (rows, for a sheet) the file held.
        used: how many of them are in the log; a start and its completion are two events and one row.
        left_out: events left out, by reason.
        assumed: events or cases of which something was assumed, by sort.
        problems: the first of each sort with their lines, in the order of the file.
        unread: attributes or columns nothing was read from, with how many values.
        columns: of a sheet, which heading was taken for what.
    """

    log: EventLog
    events: int
    used: int
    left_out: dict[str, int] = field(default_factory=dict)
    assumed: dict[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    unread: dict[str, int] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)

    def summary(self) -> list[Message]:
        """The whole account in sentences: what was read, left out and why, assumed, not looked at."""
        told = [Message(f"读到 {self.events} 个事件，计入 {self.used} 个：{len(self.log.cases)} 个案件、{len(self.log.activities)} 种环节、{len(self.log)} 次办理",
                        f"{self.events} events read, {self.used} used: {len(self.log.cases)} cases, {len(self.log.activities)} activities, {len(self.log)} executions")]
        if self.columns:
            pairs = [(COLUMNS[name], heading) for name, heading in self.columns.items()]
            told.append(Message("各列：" + "，".join(f"{word.zh}是“{heading}”" for word, heading in pairs), "columns: " + ", ".join(f"{word.en} is “{heading}”" for word, heading in pairs)))
        told += [Message(f"未计入 {count} 个：{LEFT_OUT[code].zh}", f"{count} left out: {LEFT_OUT[code].en}") for code, count in self.left_out.items()]
        told += [Message(f"{count} 处：{ASSUMED[code].zh}", f"{count} times: {ASSUMED[code].en}") for code, count in self.assumed.items()]
        told += [Message(f"没有用到“{name}”（{count} 个值）", f"“{name}” is not used ({count} values)") for name, count in self.unread.items()]
        return told


Row = tuple[str | None, str | None, str | None, str | None, str | None, str | None, str | None, str | None]
"""A raw row: case, activity, start, end, transition, resource, unit, instance, as texts; its line is told apart."""
_NAMES = ("case", "activity", "transition", "resource", "unit", "instance")
_PLACES = (0, 1, 4, 5, 6, 7)


def bounded(events: int, line: int) -> None:
    """Refuse a file of more than :data:`MOST_EVENTS` events.

    Raises:
        LogRefused: there are more.
    """
    if events > MOST_EVENTS:
        raise LogRefused(f"事件超过 {MOST_EVENTS} 个，请按时间拆开", f"more than {MOST_EVENTS} events; split the log by time", line)


class Gatherer:
    """Takes raw rows in batches and keeps them as numbers, so that a file of any size is held once and in little.

    A row costs about 64 bytes, and each distinct name once.
    """

    def __init__(self) -> None:
        self.tables: list[defaultdict[str | None, int]] = [defaultdict() for _ in _NAMES]
        for table in self.tables:
            table.default_factory = table.__len__
        self.codes: list[list[Codes]] = [[] for _ in _NAMES]
        self.times: list[list[np.ndarray[Any, Any]]] = [[], [], [], []]
        self.lines: list[Ints] = []
        self.taken = 0

    def add(self, rows: Sequence[Row], lines: Sequence[int], starts: tuple[Ints, Marks], ends: tuple[Ints, Marks]) -> None:
        """Take a batch; ``starts`` and ``ends`` are its two time columns as ``read_instants`` gives them.

        Raises:
            LogRefused: more than :data:`MOST_EVENTS` in all.
        """
        self.taken += len(rows)
        bounded(self.taken, lines[-1] if len(lines) else 0)
        columns = list(zip(*rows, strict=True)) or [()] * 8
        for table, codes, place in zip(self.tables, self.codes, _PLACES, strict=True):
            codes.append(np.fromiter(map(table.__getitem__, columns[place]), np.int32, len(rows)))
        columns_of_time: tuple[np.ndarray[Any, Any], ...] = (*starts, *ends)
        for times, column in zip(self.times, columns_of_time, strict=True):
            times.append(column)
        self.lines.append(np.array(lines, np.int64))

    def reading(self, told: Iterable[tuple[str, int]] = (), outside: Iterable[int] = (), ragged: Iterable[int] = (), unread: dict[str, int] | None = None, columns: dict[str, str] | None = None) -> Reading:
        """Clean, pair and sort what was taken.

        Args:
            told: what the reader itself had to assume: (word of :data:`ASSUMED`, line).
            outside: lines of events that stood in no case.
            ragged: lines of rows with more cells than the heading.
            unread: see :class:`Reading`.
            columns: likewise.

        Raises:
            LogRefused: nothing was taken at all.
        """
        account, raw, lost = _Account(), self._raw(), {"outside_case": list(outside), "ragged": list(ragged)}
        for code, lines in lost.items():
            account.note(code, np.array(lines, np.int64))
        for code, group in itertools.groupby(sorted(told), lambda each: each[0]):
            account.note(code, np.array([line for _, line in group], np.int64))
        events = len(raw.line) + sum(map(len, lost.values()))
        if not events:
            raise LogRefused("文件里没有事件", "the file holds no event")
        return dataclasses.replace(_built(raw, account, events), unread=unread or {}, columns=columns or {})

    def _raw(self) -> _Raw:
        """What was taken, each column in one piece; the pieces are let go."""
        def joined(parts: list[Any], kind: Any) -> Any:
            whole = np.concatenate(parts) if parts else np.zeros(0, kind)
            parts.clear()
            return whole
        names = {}
        for name, table, codes in zip(_NAMES, self.tables, self.codes, strict=True):
            names[name] = _cleaned(list(table), joined(codes, np.int32))
        start, start_mark, end, end_mark = (joined(times, kind) for times, kind in zip(self.times, (np.int64, np.int8, np.int64, np.int8), strict=True))
        return _Raw(names, start, start_mark, end, end_mark, joined(self.lines, np.int64))


@dataclass
class _Raw:
    names: dict[str, tuple[tuple[str, ...], Codes]]
    start: Ints
    start_mark: Marks
    end: Ints
    end_mark: Marks
    line: Ints


class _Account:
    """Counts and first lines by sort."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.problems: list[Problem] = []

    def note(self, code: str, lines: Ints, words: Sequence[str] = ()) -> None:
        """Count the lines; tell the first of them, with a word each where given."""
        if not len(lines):
            return
        self.counts[code] = self.counts.get(code, 0) + len(lines)
        text, out = {**LEFT_OUT, **ASSUMED}[code], code in LEFT_OUT
        for at, line in enumerate(lines[:MOST_TOLD].tolist()):
            word = f"（{words[at]}）" if at < len(words) else ""
            word_en = f" ({words[at]})" if at < len(words) else ""
            self.problems.append(Problem(code, line, Message(f"第 {line} 行：{text.zh}{word}{'，未计入' if out else ''}",
                                                             f"line {line}: {text.en}{word_en}{', left out' if out else ''}")))

    def of(self, words: dict[str, Message]) -> dict[str, int]:
        return {code: self.counts[code] for code in words if code in self.counts}


def _cleaned(written: Sequence[str | None], codes: Codes) -> tuple[tuple[str, ...], Codes]:
    """Distinct names without blanks around them, sorted, and the codes into them; -1 for blank."""
    stripped = [(text or "").strip() for text in written]
    used = np.zeros(len(written), np.bool_)
    used[codes] = True
    names = tuple(sorted({text for text, is_used in zip(stripped, used.tolist(), strict=True) if text and is_used}))
    place = {name: at for at, name in enumerate(names)}
    turn = np.array([place.get(text, NOBODY) for text in stripped], np.int32)
    return names, turn[codes] if len(codes) else codes


def _built(raw: _Raw, account: _Account, events: int) -> Reading:
    kind = _kinds(raw, account)
    keep = _usable(raw, kind, account)
    _tell_zones(raw, keep, account)
    _tell_unordered(raw, keep, account)
    keep, start, timed = _paired(raw, kind, keep, account)
    used = events - sum(account.counts.get(code, 0) for code in LEFT_OUT)
    log = _sorted(raw, keep, start, timed)
    _tell_ties(log, account)
    problems = tuple(sorted(account.problems, key=lambda each: (each.line, each.code)))
    return Reading(log, events, used, account.of(LEFT_OUT), account.of(ASSUMED), problems)


def _kinds(raw: _Raw, account: _Account) -> Marks:
    """Start, complete or other, of each raw row; where the log has nothing but starts, they count as completions."""
    names, codes = raw.names["transition"]
    table = np.array([*(_TRANSITIONS.get(name.lower(), OTHER) for name in names), COMPLETE], np.int8)
    kind = np.asarray(table[codes])
    started_only = (kind == COMPLETE) & (raw.end_mark == MISSING) & (raw.start_mark < MISSING)
    kind[started_only] = START
    if (kind == START).any() and not (kind == COMPLETE).any():
        account.note("starts_only", raw.line[kind == START])
        alone = (kind == START) & (raw.end_mark == MISSING)
        raw.end[alone], raw.end_mark[alone], raw.start_mark[alone] = raw.start[alone], raw.start_mark[alone], MISSING
        kind[kind == START] = COMPLETE
    return kind


def _usable(raw: _Raw, kind: Marks, account: _Account) -> Flags:
    """Which rows can be used at all; the others are told, each for the first reason that holds."""
    case, activity = raw.names["case"][1], raw.names["activity"][1]
    nothing = (raw.start_mark == MISSING) & (raw.end_mark == MISSING)
    both = (raw.start_mark < MISSING) & (raw.end_mark < MISSING)
    keep = np.ones(len(raw.line), np.bool_)
    for code, wrong in (("no_case", case < 0), ("no_activity", activity < 0), ("unreadable_time", (raw.start_mark == UNREADABLE) | (raw.end_mark == UNREADABLE)),
                        ("no_time", nothing), ("transition", kind == OTHER), ("reversed", both & (raw.end < raw.start))):
        _leave(raw, keep, wrong, code, account)
    _leave(raw, keep, _repeats(raw, kind, keep), "duplicate", account)
    return keep


def _leave(raw: _Raw, keep: Flags, wrong: Flags, code: str, account: _Account) -> None:
    out = np.flatnonzero(keep & wrong)
    account.note(code, raw.line[out], [_about(raw, row) for row in out[:MOST_TOLD].tolist()])
    keep[out] = False


def _about(raw: _Raw, row: int) -> str:
    """Case and activity of a row, as far as it has them; long names are cut."""
    said = [names[codes[row]] for names, codes in (raw.names[each] for each in ("case", "activity", "transition")) if codes[row] >= 0]
    return " ".join(word if len(word) <= 40 else word[:39] + "…" for word in said) or "—"


def _repeats(raw: _Raw, kind: Marks, keep: Flags) -> Flags:
    """Rows equal to an earlier one in everything that is read; only rows alike in case, activity and times are compared further."""
    rows = np.flatnonzero(keep)
    rows = rows[np.sort(np.concatenate(_runs([raw.start[rows], raw.end[rows], raw.names["activity"][1][rows], raw.names["case"][1][rows]])))]
    columns = [raw.names[each][1][rows] for each in ("instance", "resource", "unit")] + [kind[rows], raw.start_mark[rows] == MISSING, raw.end_mark[rows] == MISSING,
               raw.start[rows], raw.end[rows], raw.names["activity"][1][rows], raw.names["case"][1][rows]]
    repeats = np.zeros(len(keep), np.bool_)
    repeats[rows[_runs(columns)[1]]] = True
    return repeats


def _runs(columns: Sequence[np.ndarray[Any, Any]]) -> tuple[Ints, Ints]:
    """Of rows that equal another in all columns: the first ones, and the others; as places."""
    order = np.lexsort(columns)
    equal = np.ones(max(len(order) - 1, 0), np.bool_)
    for column in columns:
        ranked = column[order]
        equal &= ranked[1:] == ranked[:-1]
    again = np.concatenate(([False], equal))[:len(order)]
    return order[np.append(again[1:], False)[:len(order)] & ~again], order[again]


def _at(raw: _Raw) -> Ints:
    """The instant of a raw row: its end where it has one, else its start."""
    return np.where(raw.end_mark == MISSING, raw.start, raw.end)


def _tell_zones(raw: _Raw, keep: Flags, account: _Account) -> None:
    def lines(mark: int) -> Ints:
        return raw.line[keep & ((raw.start_mark == mark) | (raw.end_mark == mark))]
    account.note("naive", lines(NAIVE))
    account.note("day_only", lines(DAY_ONLY))
    without = np.concatenate((lines(NAIVE), lines(DAY_ONLY)))
    if len(lines(AWARE)) and len(without):
        account.note("mixed_zones", np.sort(without)[:1])


def _tell_unordered(raw: _Raw, keep: Flags, account: _Account) -> None:
    rows = np.flatnonzero(keep)
    order = rows[np.argsort(raw.names["case"][1][rows], kind="stable")]
    case, at = raw.names["case"][1][order], _at(raw)[order]
    back = np.flatnonzero((case[1:] == case[:-1]) & (at[1:] < at[:-1])) + 1
    account.note("unordered", np.sort(raw.line[order[back]]))


def _paired(raw: _Raw, kind: Marks, keep: Flags, account: _Account) -> tuple[Flags, Ints, Flags]:
    """Starts joined to their completions: which rows stay, their starts, and whether a start is known."""
    timed = (raw.start_mark < MISSING) & (raw.end_mark < MISSING) & (kind == COMPLETE)
    start = np.where(timed, raw.start, raw.end)
    if not (keep & (kind == START)).any():
        return keep, start, timed
    at = _at(raw)
    rows = np.flatnonzero(keep & ~timed)
    keys = [raw.names[each][1] for each in ("case", "activity", "instance")]
    by: list[np.ndarray[Any, Any]] = [raw.line[rows], kind[rows], at[rows], *(key[rows] for key in reversed(keys))]
    rows = rows[np.lexsort(by)]
    by.clear()
    group = np.ones(len(rows), np.bool_)
    group[1:] = np.logical_or.reduce([key[rows][1:] != key[rows][:-1] for key in keys])
    first, last = (rows[places] for places in _first_in_first_out(group, kind[rows] == START))
    start[last], timed[last] = at[first], True
    for name in ("resource", "unit"):
        codes = raw.names[name][1]
        codes[last] = np.where(codes[last] < 0, codes[first], codes[last])
    keep = keep.copy()
    keep[first] = False
    _leave(raw, keep, kind == START, "unfinished", account)
    return keep, start, timed


def _first_in_first_out(group: Flags, is_start: Flags) -> tuple[Ints, Ints]:
    """Places of starts and of their completions, side by side.

    Args:
        group: True where a new group begins: a case, an activity, an instance. In a group rows stand in order of time.
        is_start: whether a row is a start; else it is a completion.

    In a group let the level be starts less completions so far. A completion that takes it below zero and below all before it finds
    nobody waiting and stays alone. The others take the starts in their order.
    """
    number = np.cumsum(group, dtype=np.int32)
    begins = np.flatnonzero(group).astype(np.int32)[number - 1]
    step = np.where(is_start, 1, -1).astype(np.int8)
    count = np.cumsum(step, dtype=np.int32)
    level = count - (count[begins] - step[begins])
    apart = number * np.int64(2 * len(group) + 2)
    lowest = np.minimum.accumulate(level - apart) + apart
    before = np.where(group, 0, np.minimum(np.append(0, lowest[:-1]), 0)).astype(np.int32)
    taking = ~is_start & (level >= before)
    del apart, lowest, before, level, count
    most = np.bincount(number[taking], minlength=int(number[-1]) + 1 if len(number) else 1)
    starts = np.cumsum(is_start, dtype=np.int32)
    rank = starts - (starts[begins] - is_start[begins])
    return np.flatnonzero(is_start & (rank <= most[number])), np.flatnonzero(taking)


def _sorted(raw: _Raw, keep: Flags, start: Ints, timed: Flags) -> EventLog:
    rows = np.flatnonzero(keep)
    by: list[np.ndarray[Any, Any]] = [raw.line[rows], start[rows], raw.end[rows], raw.names["case"][1][rows]]
    order = rows[np.lexsort(by)]
    (cases, case), (activities, activity), (resources, resource), (units, unit) = (_used(*raw.names[name], order) for name in ("case", "activity", "resource", "unit"))
    offsets = np.searchsorted(case, np.arange(len(cases) + 1)).astype(np.int64)
    return EventLog(cases, activities, resources, units, offsets, case, activity, start[order], raw.end[order], timed[order], resource, unit, raw.line[order])


def _used(names: tuple[str, ...], codes: Codes, rows: Ints) -> tuple[tuple[str, ...], Codes]:
    """The names that still occur among some rows, and the codes of those rows into them."""
    taken = codes[rows]
    occurs = np.bincount(taken[taken >= 0], minlength=len(names)) > 0
    turn = np.append(np.cumsum(occurs) - 1, NOBODY).astype(np.int32)
    return tuple(itertools.compress(names, occurs.tolist())), turn[taken]


def _tell_ties(log: EventLog, account: _Account) -> None:
    tied = (log.case[1:] == log.case[:-1]) & (log.end[1:] == log.end[:-1]) & (log.activity[1:] != log.activity[:-1])
    account.note("tied", np.sort(log.line[1:][tied]))


@dataclass(frozen=True)
class Execution:
    """One execution as plain values, for a log that comes from no file; instants in microseconds since 1970 UTC.

    ``start`` is None where it is not known.
    """

    case: str
    activity: str
    end: int
    start: int | None = None
    resource: str = ""
    unit: str = ""


def log_of(rows: Iterable[Execution]) -> EventLog:
    """The log of some executions, whatever their order; rows equal in everything are kept, each was done.

    Raises:
        ValueError: one without case or activity, or one that ends before it starts; its number counts from 1.
    """
    kept = list(rows)
    for number, row in enumerate(kept, 1):
        if not row.case.strip() or not row.activity.strip() or (row.start is not None and row.end < row.start):
            raise ValueError(f"execution {number} has no case, no activity, or ends before it starts")
    names = {}
    for name in ("case", "activity", "resource", "unit"):
        table: defaultdict[str | None, int] = defaultdict()
        table.default_factory = table.__len__
        codes = np.array([table[getattr(row, name)] for row in kept], np.int32)
        names[name] = _cleaned(list(table), codes)
    end = np.array([row.end for row in kept], np.int64)
    timed = np.array([row.start is not None for row in kept], np.bool_)
    start = np.array([row.end if row.start is None else row.start for row in kept], np.int64)
    marks = np.zeros(len(kept), np.int8)
    raw = _Raw(names, start, marks, end, marks, np.arange(1, len(kept) + 1, dtype=np.int64))
    return _sorted(raw, np.ones(len(kept), np.bool_), start, timed)
