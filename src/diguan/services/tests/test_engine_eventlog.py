from __future__ import annotations

import datetime as dt
import gzip
import io
import subprocess
import sys
import tracemalloc
from unittest import mock
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diguan.kernel.messages import Message
from diguan.services.engine import eventlog, readers, xes
from diguan.services.engine import instants as instants_of
from diguan.services.engine.eventlog import LEFT_OUT, MOST_TOLD, Execution, LogRefused, Reading, log_of
from diguan.services.engine.instants import (
    AWARE,
    DAY_ONLY,
    MISSING,
    NAIVE,
    SECOND,
    UNREADABLE,
    instants,
    local,
    read_instants,
)
from diguan.services.tests import eventlogs
from diguan.services.tests.eventlogs import MORNING, ZONE, event, read, trace

HEAD = "案件编号,环节,开始时间,完成时间,办理人,部门\n"


def balanced(reading: Reading) -> bool:
    return reading.events == reading.used + sum(reading.left_out.values())


def lines(reading: Reading, code: str) -> list[int]:
    return [each.line for each in reading.problems if each.code == code]


# ── instants ──────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("text", "mark"), [
    ("2025-03-03T09:00:00+08:00", AWARE), ("2025-03-03T01:00:00Z", AWARE), ("2025-03-03 09:00:00.000 +0800", AWARE), ("20250303T090000+08", AWARE), ("2025-03-02T20:00:00.0000000-05:00", AWARE),
    ("2025-03-03 09:00", NAIVE), ("2025/3/3 9:00:00", NAIVE), ("2025年3月3日 9时0分", NAIVE), ("2025年3月3日9时", NAIVE), ("２０２５-０３-０３　０９：００", NAIVE), ("20250303090000", NAIVE), ("2025.3.3 9:00", NAIVE)])
def test_one_instant_is_read_however_it_is_written(text, mark):
    at, marks = read_instants([text], ZONE)
    assert (at.tolist(), marks.tolist()) == ([MORNING], [mark])


@pytest.mark.parametrize("text", ["03/04/2025 09:00", "31.10.2025", "45719.375", "2025-02-30", "2025-03-03 24:00", "2025-13-01", "1025-03-03 09:00:00", "9999-12-31T23:59:59Z", "下午三点", "2025-03-03T09:00:00+99:00", " " * 10_000 + "x", "0"])
def test_what_is_no_time_or_could_be_two_days_is_unreadable(text):
    assert read_instants([text, "2025-03-03 09:00"], ZONE)[1].tolist() == [UNREADABLE, NAIVE]


def test_a_day_without_an_hour_is_marked_and_nothing_is_nothing():
    assert read_instants(["2025-03-03", "2025年3月3日", None, " "], ZONE)[1].tolist() == [DAY_ONLY, DAY_ONLY, MISSING, MISSING]
    assert read_instants(["2025-03-03", None], ZONE)[1].tolist() == [DAY_ONLY, MISSING]
    assert read_instants([], ZONE)[0].tolist() == []


@given(st.lists(st.datetimes(dt.datetime(1901, 1, 1), dt.datetime(2099, 1, 1)), max_size=30), st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/St_Johns"]))
@settings(deadline=None)
def test_local_and_world_time_agree_with_the_standard_library(moments, name):
    zone, utc = ZoneInfo(name), [moment.replace(tzinfo=dt.UTC) for moment in moments]
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    at = np.array([(moment - epoch) // dt.timedelta(microseconds=1) for moment in utc], np.int64)
    shown = [moment.astimezone(zone).replace(tzinfo=dt.UTC) for moment in utc]
    assert local(at, zone).tolist() == [(moment - epoch) // dt.timedelta(microseconds=1) for moment in shown]
    meant = [moment.replace(tzinfo=zone) for moment in moments]
    assert instants(at, zone).tolist() == [(moment - epoch) // dt.timedelta(microseconds=1) for moment in meant]


WAYS = ["%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%dT%H:%M:%S+08:00", "%Y-%m-%d %H:%M:%S-0330", "%Y/%m/%d %H:%M", "%Y年%m月%d日 %H时%M分", "%Y%m%d%H%M%S", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S.%f123", "%Y-%m-%d 24:%M", "%Y-%m-31",
        "%Y-02-%d", "%Y-%m-%dT%H:%M:%S+24:00", "%d/%m/%Y", "2025-%S-%M", "%Y-%m-%d %M:%S:%f", "", " ", "2025-1-1 9:00", "%Y-%m-%dT%H:%M:%Sz", "%Y-%m-%dT%H:%M:%S+08"]


@given(st.lists(st.tuples(st.sampled_from(WAYS), st.datetimes(dt.datetime(1850, 1, 1), dt.datetime(2150, 1, 1))), max_size=40), st.sampled_from([dt.UTC, ZONE, ZoneInfo("Europe/Berlin")]), st.integers(0, 16))
@settings(deadline=None)
def test_texts_read_all_at_once_are_read_as_each_by_itself(ways, zone, shapes):
    texts = [moment.strftime(way) for way, moment in ways]
    with mock.patch.object(instants_of, "_SHAPES", 0):
        singly = read_instants(texts, zone)
    with mock.patch.object(instants_of, "_SHAPES", shapes):
        together = read_instants(texts, zone)
    assert [each.tolist() for each in together] == [each.tolist() for each in singly]


def test_reading_loads_no_package_that_the_product_can_do_without():
    code = ("import io, sys, datetime as dt; from diguan.services.engine import readers; readers.read_log(io.BytesIO('case,activity,time\\n1,a,2025-01-01 09:00'.encode()), dt.UTC);"
            "print(sorted({'pandas', 'pyarrow', 'duckdb', 'django'} & set(sys.modules)))")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


# ── sheets ────────────────────────────────────────────────────────────────
SHEET = HEAD + "1,受理,2025-03-03 09:00,2025-03-03 09:30,张,窗口\n1,审查,2025-03-03 10:00,2025-03-04 09:00,李,住建局\n2,受理,,2025-03-03 11:00,张,窗口\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_an_offices_sheet_is_read_in_any_encoding_and_with_any_delimiter(encoding, delimiter):
    reading = read(SHEET.replace(",", delimiter).encode(encoding))
    assert reading.log.cases == ("1", "2")
    assert reading.log.activities == ("受理", "审查")
    assert reading.log.units == ("住建局", "窗口")
    assert reading.log.timed.tolist() == [True, True, False]
    assert (reading.used, reading.left_out, reading.assumed) == (3, {}, {"naive": 3})
    assert reading.log.line.tolist() == [2, 3, 4]


def test_blank_lines_do_not_shift_the_lines_that_are_told_nor_do_cells_of_several_lines():
    reading = read("\n\n" + HEAD + '\n1,受理,,2025-03-03 09:30,"张\n三",窗口\n,,,,,\n,审查,,2025-03-03 09:30,,\n')
    assert reading.left_out == {"no_case": 1}
    assert lines(reading, "no_case") == [8]
    assert str(reading.problems[-1].message) == "第 8 行：没有案件编号（审查），未计入 / line 8: no case id (审查), left out"


def test_every_row_that_cannot_be_used_is_counted_once_and_told_with_its_line():
    reading = read(HEAD + ",a,,2025-01-01 09:00,,\n1,,,2025-01-01 09:00,,\n1,a,,一月一日,,\n1,a,,,,\n1,a,2025-01-02 09:00,2025-01-01 09:00,,\n"
                   "1,a,,2025-01-01 09:00,张,\n1,a,,2025-01-01 09:00,张,\n1,b,2025-01-03 09:00,,,\n1,a,,2025-01-01 09:00,,,more\n")
    assert reading.left_out == {"no_case": 1, "no_activity": 1, "unreadable_time": 1, "no_time": 1, "reversed": 1, "duplicate": 1, "unfinished": 1, "ragged": 1}
    assert [(each.code, each.line) for each in reading.problems if each.code in LEFT_OUT] == [
        ("no_case", 2), ("no_activity", 3), ("unreadable_time", 4), ("no_time", 5), ("reversed", 6), ("duplicate", 8), ("unfinished", 9), ("ragged", 10)]
    assert (reading.events, reading.used, len(reading.log)) == (9, 1, 1)
    assert balanced(reading)
    assert reading.summary()[0].en == "9 events read, 1 used: 1 cases, 1 activities, 1 executions"


def test_rows_that_differ_in_anything_read_are_no_duplicates():
    assert "duplicate" not in read(HEAD + "1,a,,2025-01-01 09:00,张,\n1,a,,2025-01-01 09:00,李,\n1,a,2025-01-01 09:00,2025-01-01 09:00,张,\n").left_out


def test_of_many_problems_of_one_sort_the_first_are_told_and_all_are_counted():
    reading = read(HEAD + ",a,,2025-01-01 09:00,,\n" * 100)
    assert (reading.left_out, lines(reading, "no_case"), len(reading.log)) == ({"no_case": 100}, list(range(2, 2 + MOST_TOLD)), 0)


def test_rows_out_of_order_are_put_in_order_and_told():
    reading = read(HEAD + "1,b,,2025-01-02 09:00,,\n1,a,,2025-01-01 09:00,,\n1,c,,2025-01-02 09:00,,\n")
    assert [reading.log.activities[code] for code in reading.log.activity] == ["a", "b", "c"]
    assert (lines(reading, "unordered"), lines(reading, "tied")) == ([3], [4])


def test_zones_that_are_mixed_and_days_without_hours_are_told():
    reading = read(HEAD + "1,a,,2025-01-01T09:00:00+08:00,,\n1,b,,2025-01-01 10:00,,\n1,c,,2025-01-02,,\n")
    assert reading.assumed == {"naive": 1, "mixed_zones": 1, "day_only": 1}
    assert np.diff(reading.log.end).tolist() == [3600 * SECOND, 14 * 3600 * SECOND]


def test_a_naive_time_is_that_of_the_zone_given():
    at = [int(read(HEAD + "1,a,,2025-01-01 09:00,,\n", zone=zone).log.end[0]) for zone in (dt.UTC, ZONE)]
    assert at[0] - at[1] == 8 * 3600 * SECOND


def test_columns_can_be_declared_and_what_is_not_used_is_named():
    reading = read("编码,做了什么,几时,备注\n1,a,2025-01-01 09:00,好\n1,b,2025-01-01 10:00,\n", readers.Columns(case="编码", activity="做了什么", end="几时"))
    assert (len(reading.log), reading.unread) == (2, {"备注": 1})
    assert reading.summary()[1] == Message("各列：案件是“编码”，环节是“做了什么”，完成是“几时”", "columns: case is “编码”, activity is “做了什么”, end is “几时”")


def test_a_heading_that_may_mean_the_whole_case_is_not_guessed():
    reading = read("办件编号,环节名称,受理时间,完成时间,状态\n1,a,2025-01-01 09:00,2025-01-02 09:00,正常\n")
    assert (reading.columns, reading.unread, reading.log.timed.tolist()) == ({"case": "办件编号", "activity": "环节名称", "end": "完成时间"}, {"受理时间": 1, "状态": 1}, [False])


@pytest.mark.parametrize(("heading", "columns", "zh"), [
    ("编码,活动,时间", None, "第 1 行：表头里没有案件编号；表头是：编码、活动、时间。可以指明哪一列是什么"),
    ("案件编号,环节,办理人", None, "第 1 行：表头里没有完成时间或开始时间；表头是：案件编号、环节、办理人。可以指明哪一列是什么"),
    ("案件编号,环节,完成时间", readers.Columns(unit="完成时刻"), "第 1 行：表头里没有“完成时刻”；是不是“完成时间”？")])
def test_a_heading_that_does_not_say_enough_is_refused_with_what_it_says(heading, columns, zh):
    with pytest.raises(LogRefused) as refused:
        read(heading + "\n1,2,3\n", columns)
    assert refused.value.message.zh == zh


def test_events_of_one_time_column_with_a_state_are_paired():
    reading = read("case,activity,timestamp,lifecycle\n1,a,2025-01-01 09:00,START\n1,b,2025-01-01 09:10,start\n1,a,2025-01-01 09:30,complete\n1,b,2025-01-01 10:00,完成\n1,c,2025-01-01 11:00,暂停\n")
    assert ((reading.log.end - reading.log.start) // SECOND).tolist() == [1800, 3000]
    assert reading.left_out == {"transition": 1}
    assert balanced(reading)


# ── XES ───────────────────────────────────────────────────────────────────
def test_starts_and_completions_are_paired_first_in_first_out_and_by_instance():
    text = eventlogs.xes(trace("1", event("a", "2025-01-01T09:00:00Z", "start"), event("a", "2025-01-01T09:10:00Z", "start"), event("a", "2025-01-01T09:20:00Z"), event("a", "2025-01-01T09:40:00Z"),
                               event("b", "2025-01-01T10:00:00Z"), event("c", "2025-01-01T11:00:00Z", "start")),
                         trace("2", *(event("a", f"2025-01-01T{at}:00Z", kind, f'<string key="concept:instance" value="{number}"/>')
                                      for at, kind, number in (("09:00", "start", 1), ("09:10", "start", 2), ("09:20", "complete", 2), ("09:40", "complete", 1)))))
    reading = read(text)
    assert ((reading.log.end - reading.log.start) // (60 * SECOND)).tolist() == [20, 30, 0, 10, 40]
    assert reading.log.timed.tolist() == [True, True, False, True, True]
    assert (reading.left_out, reading.events, reading.used, len(reading.log)) == ({"unfinished": 1}, 10, 9, 5)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=30))
def test_pairing_is_a_queue_for_each_group(rows):
    group, is_start = (np.array([row[at] for row in rows], np.bool_) for at in (0, 1))
    group[:1] = True
    pairs, waiting = [], []
    for place, (new, start) in enumerate(zip(group.tolist(), is_start.tolist(), strict=True)):
        waiting = [] if new else waiting
        if start:
            waiting.append(place)
        elif waiting:
            pairs.append((waiting.pop(0), place))
    found = eventlog._first_in_first_out(group, is_start)
    assert list(zip(*(places.tolist() for places in found), strict=True)) == pairs


def test_a_start_after_its_completion_pairs_with_nothing():
    reading = read(eventlogs.xes(trace("1", event("a", "2025-01-01T09:00:00Z"), event("a", "2025-01-01T10:00:00Z", "start"))))
    assert (reading.log.timed.tolist(), reading.left_out) == ([False], {"unfinished": 1})


def test_a_log_of_starts_alone_is_read_as_instants_and_told():
    reading = read(eventlogs.xes(trace("1", event("a", "2025-01-01T09:00:00Z", "start"), event("b", "2025-01-01T10:00:00Z", "start"))))
    assert (len(reading.log), reading.assumed, reading.left_out) == (2, {"starts_only": 2}, {})


def test_what_xes_says_beyond_what_is_read_is_counted_and_deeper_levels_are_not_taken_for_events():
    nested = '<list key="notes"><string key="concept:name" value="wrong"/><values><string key="time:timestamp" value="x"/></values></list><int key="cost" value="3"/>'
    reading = read(eventlogs.xes('<global scope="event"><string key="concept:name" value="default"/></global><classifier name="c" keys="concept:name"/>',
                                 '<trace><string key="concept:name" value="1"><string key="concept:name" value="inner"/></string><string key="kind" value="x"/>'
                                 + event("a", "2025-01-01T09:00:00Z", more=nested) + "</trace>", event("b", "2025-01-01T09:00:00Z")))
    assert reading.log.cases == ("1",)
    assert reading.log.activities == ("a",)
    assert reading.unread == {"trace kind": 1, "notes": 1, "cost": 1}
    assert (reading.left_out, lines(reading, "outside_case")) == ({"outside_case": 1}, [5])


def test_cases_without_a_name_are_named_by_their_line_and_a_name_that_comes_twice_is_one_case():
    reading = read(eventlogs.xes("<trace>" + event("a", "2025-01-01T09:00:00Z") + "</trace>", trace("1", event("a", "2025-01-01T09:00:00Z")), trace("1", event("b", "2025-01-01T08:00:00Z"))))
    assert reading.log.cases == ("#3", "1")
    assert reading.assumed == {"unordered": 1, "unnamed_case": 1, "split_case": 1}


def test_prefixed_names_are_the_same_names_and_a_role_stands_in_for_a_group():
    text = ('<x:log xmlns:x="http://www.xes-standard.org/"><x:trace><x:string value="1" key="concept:name"/><x:event><x:string value="a" key="concept:name"/>'
            '<x:date key="time:timestamp" value="2025-01-01T09:00:00Z"/><x:string key="org:role" value="窗口"/></x:event></x:trace></x:log>')
    assert (read(text).log.cases, read(text).log.units) == (("1",), ("窗口",))


LAUGHS = ('<?xml version="1.0"?><!DOCTYPE log [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
          '<log><trace><string key="concept:name" value="&c;"/></trace></log>')
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE log [<!ENTITY a SYSTEM "file:///etc/passwd">]><log><trace>&a;</trace></log>'
REMOTE = '<?xml version="1.0"?><!DOCTYPE log SYSTEM "http://127.0.0.1/x.dtd"><log/>'


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("text", [LAUGHS, OUTSIDE, REMOTE], ids=["bomb", "file", "remote"])
def test_entities_and_document_types_are_refused_packed_or_not(text, packed):
    with pytest.raises(LogRefused, match="为安全起见不读"):
        read(gzip.compress(text.encode()) if packed else text)


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030", "gb2312"])
def test_entities_are_refused_in_other_encodings_too(encoding):
    with pytest.raises(LogRefused, match="为安全起见不读"):
        read(LAUGHS.replace('"1.0"', f'"1.0" encoding="{encoding}"').encode(encoding))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "GBK", "gb2312", "GB18030"])
def test_xes_in_the_encodings_of_chinese_offices_is_read(encoding):
    text = eventlogs.xes(trace("1", event("受理", "2025-01-01T09:00:00Z"))).replace("UTF-8", "utf-8" if encoding == "utf-8-sig" else encoding)
    assert read(text.encode(encoding)).log.activities == ("受理",)


@pytest.mark.parametrize(("content", "en"), [
    (b"", "the file is empty"), (b"  \n\n", "the file is empty"), (HEAD.encode(), "the file holds no event"), (eventlogs.xes().encode(), "the file holds no event"),
    (eventlogs.xes(trace("1", event("a", "2025-01-01T09:00:00Z")))[:-20].encode(), "the XML is damaged"), (b"<html><body/></html>", "this is XML but no XES log (its root is <html>)"),
    (b"<log><trace></log>", "the XML is damaged (mismatched tag)"), (b"PK\x03\x04rest", "this is an archive or a workbook"), (b"\x1f\x8bxx", "the packed file is damaged"),
    (gzip.compress(SHEET.encode())[:-9], "the packed file is damaged"), (gzip.compress(gzip.compress(SHEET.encode())), "a packed file within a packed file"),
    (b"MZ\x90\x00\x03\x00\x00", "this is no sheet"), (b"\xff\xff\xff,\xfe\n", "the encoding is not known"), (b'<?xml version="1.0" encoding="gbk"?><log>\xff\xff\xff</log>', "the text is not in the encoding"),
    (b"<log>" + b"<a>" * 50, "nested too deep"), (HEAD.encode() + b'1,"a' + b"x" * 200_000, "abnormally long"), (HEAD.encode() + b'1,"a' + b"x\n" * 200_000, "the sheet cannot be read on")])
def test_a_file_that_is_no_log_is_refused_in_one_sentence(content, en):
    with pytest.raises(LogRefused) as refused:
        read(content)
    assert en in refused.value.message.en
    assert refused.value.message.zh


def test_a_value_of_megabytes_is_refused_before_it_is_held():
    class Endless(io.RawIOBase):
        given = 0

        def readable(self):
            return True

        def seekable(self):
            return True

        def read(self, size=-1):
            self.given += size
            return b'<log><trace><string key="' + b"x" * (size - 25) if self.given == size else b"x" * size

        def seek(self, *_):
            self.given = 0
            return 0

    endless = Endless()
    with pytest.raises(LogRefused, match="one value is abnormally long"):
        xes.read_xes(endless, ZONE)
    assert endless.given < 16 << 20


def test_what_unpacks_to_more_than_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(xes, "MOST_BYTES", 1 << 20)
    monkeypatch.setattr(readers, "MOST_BYTES", 1 << 20)
    for content in (eventlogs.xes(*[trace("1", event("a", "2025-01-01T09:00:00Z"))] * 20_000), HEAD + "1,a,,2025-01-01 09:00,,\n" * 60_000):
        with pytest.raises(LogRefused, match="it unpacks to more than"):
            read(gzip.compress(content.encode()))


class Flowing(io.RawIOBase):
    """A XES that exists nowhere: its traces are made as they are read."""

    def __init__(self, traces):
        self.traces = traces
        self.seek(0)

    def readable(self):
        return True

    def read(self, size=-1):
        while len(self.left) < size and (more := next(self.parts, b"")):
            self.left += more
        given, self.left = self.left[:size], self.left[size:]
        return given

    def seek(self, offset, whence=0):
        self.parts, self.left = self._parts(), b""
        return 0

    def _parts(self):
        yield b"<log>"
        yield from self.traces()
        yield b"</log>"


def test_a_file_is_never_held_whole(monkeypatch):
    def traces():
        for number in range(500):
            yield trace(str(number), *(event(f"a{each}", f"2025-01-01T{each // 60 % 24:02}:{each % 60:02}:00Z", more='<string key="note" value="' + "x" * 300 + '"/>') for each in range(90))).encode()

    monkeypatch.setattr(xes, "BATCH", 2_000)
    size = sum(map(len, traces()))
    tracemalloc.start()
    reading = xes.read_xes(Flowing(traces), ZONE)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert reading.unread == {"note": 45_000}
    assert (len(reading.log), reading.left_out) == (45_000, {})
    assert size > 20 << 20
    assert peak < 12 << 20


def test_a_case_of_any_length_is_one_case(monkeypatch):
    monkeypatch.setattr(xes, "BATCH", 2)
    events = [event(f"a{number}", f"2025-01-01T09:{number:02}:00Z") for number in range(7)]
    reading = read(eventlogs.xes(trace("1", *events), "<trace>" + "".join(events) + '<string key="concept:name" value="late"/></trace>'))
    assert (reading.log.cases, np.bincount(reading.log.case).tolist()) == (("#12", "1"), [7, 7])
    assert reading.assumed == {"unnamed_case": 1}


def test_cases_without_events_are_told():
    reading = read(eventlogs.xes(trace("1", event("a", "2025-01-01T09:00:00Z")), trace("2"), "<trace/>"))
    assert (reading.log.cases, reading.assumed, lines(reading, "empty_case")) == (("1",), {"empty_case": 2}, [6, 9])


def test_more_events_than_can_be_held_are_refused(monkeypatch):
    monkeypatch.setattr(eventlog, "MOST_EVENTS", 100)
    for content in (eventlogs.xes(*["<trace/>"] * 101), eventlogs.xes(*["<event/>"] * 101), eventlogs.xes(trace("1", *["<event/>"] * 101)), HEAD + "1,a,,2025-01-01 09:00,,\n" * 101):
        with pytest.raises(LogRefused, match="more than 100 events"):
            read(content)


def test_attributes_of_a_thousand_names_are_counted_together():
    reading = read(eventlogs.xes(trace("1", event("a", "2025-01-01T09:00:00Z", more="".join(f'<string key="k{number}" value=""/>' for number in range(1_500))))))
    assert (len(reading.unread), reading.unread["…"], sum(reading.unread.values())) == (1_001, 500, 1_500)


# ── writing ───────────────────────────────────────────────────────────────
@given(eventlogs.logs)
@settings(deadline=None)
def test_a_log_written_as_xes_reads_back_the_same(log):
    text = "".join(xes.write_xes(log, ZONE))
    if not len(log):
        with pytest.raises(LogRefused, match="no event"):
            read(text)
        return
    reading = read(text)
    assert reading.log.same(log)
    assert not reading.left_out
    assert set(reading.assumed) <= {"tied"}


def test_names_that_xml_cannot_carry_are_refused_when_written():
    with pytest.raises(LogRefused, match="cannot carry"):
        list(xes.write_xes(log_of([Execution("1", "a\x01", MORNING)]), ZONE))


def test_executions_without_a_case_or_ending_before_they_start_are_no_log():
    for wrong in (Execution("", "a", 5), Execution("1", " ", 5), Execution("1", "a", 5, 6)):
        with pytest.raises(ValueError, match="execution 2"):
            log_of([Execution("1", "a", 5), wrong])


# ── anything at all ───────────────────────────────────────────────────────
_CELL = st.sampled_from(["", "1", "2", "受理", "审查", "2025-03-03 09:00", "2025-03-03 09:30", "2025-03-04", "2025-03-03T09:00:00Z", "坏", '"', "a,b", "开始", "完成", "\ufeff", " "])


@given(st.lists(st.lists(_CELL, max_size=8).map(",".join), max_size=12))
@settings(deadline=None)
def test_any_sheet_is_refused_or_accounted_for_row_by_row(rows):
    try:
        reading = read("案件编号,环节,开始时间,完成时间,办理人,部门,生命周期\n" + "\n".join(rows))
    except LogRefused:
        return
    assert balanced(reading)
    log = reading.log
    assert (log.start <= log.end).all()
    assert log.offsets.tolist() == [0, *np.cumsum(np.bincount(log.case, minlength=len(log.cases))).tolist()]
    told = {code: len([each for each in reading.problems if each.code == code]) for code in {**reading.left_out, **reading.assumed}}
    assert told == {code: min(count, MOST_TOLD) for code, count in {**reading.left_out, **reading.assumed}.items()}


@given(st.binary(max_size=300) | st.text("<>log/trace event\"=&;!-[]DOCTYPE\n", max_size=200).map(str.encode))
@settings(deadline=None)
def test_any_bytes_are_read_or_refused(content):
    for head in (b"", b"<log><trace>", HEAD.encode()):
        try:
            assert balanced(read(head + content))
        except LogRefused:
            continue
