"""Calendar files, ways and limits."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from diguan.outreach.engine import ical, limits, travel

DAY = dt.datetime(2025, 7, 8, 9, 30)


def file_of(**more: object) -> str:
    entry = ical.Entry("call-1@county", DAY, DAY + dt.timedelta(minutes=90), "拜访 甲; 乙, 丙", **more)  # type: ignore[arg-type]
    return ical.calendar([entry], dt.datetime(2025, 7, 1, tzinfo=dt.UTC), "赴杭州").decode()


def test_a_calendar_names_its_zone_and_ends_lines_as_the_standard_says() -> None:
    text = file_of(place="杭州市西湖区\n3 层")
    assert text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert "DTSTART;TZID=Asia/Shanghai:20250708T093000\r\nDTEND;TZID=Asia/Shanghai:20250708T110000" in text
    assert "TZID:Asia/Shanghai\r\nBEGIN:STANDARD" in text
    assert "UID:call-1@county" in text
    assert "SUMMARY:拜访 甲\\; 乙\\, 丙" in text
    assert "LOCATION:杭州市西湖区\\n3 层" in text


@given(st.text(max_size=300))
def test_no_line_is_longer_than_75_octets_and_unfolding_gives_it_back(words: str) -> None:
    line = f"SUMMARY:{ical.escaped(words)}"
    parts = ical.folded(line).split("\r\n")
    assert all(len(part.encode()) <= 75 for part in parts)
    assert ical.folded(line).replace("\r\n ", "") == line


@given(st.text(max_size=100))
def test_a_text_cannot_begin_a_property_of_its_own(words: str) -> None:
    assert not any(break_ in ical.escaped(words) for break_ in "\r\n")


def test_a_way_is_told_by_the_table_before_it_is_reckoned() -> None:
    by = travel.Assumption(60, 30, 15, 60)
    one, other = travel.Spot(1, 30_274_000, 120_155_000), travel.Spot(2, 31_230_000, 121_473_000)
    assert travel.way(one, other, {(1, 2): 150}, by) == travel.Way(150, "table")
    assert travel.way(one, other, {(2, 1): 150}, by) == travel.Way(150, "back")
    reckoned = travel.way(one, other, {}, by)
    assert reckoned.how == "reckoned"
    assert 220 < reckoned.minutes < 240  # 165 km, a third more by road, at 60 km/h, and a quarter of an hour
    assert travel.way(one, travel.Spot(3), {}, by) == travel.Way(60, "unknown")


@given(st.integers(1, 50), st.integers(1, 30), st.integers(1, 10**9))
def test_what_is_above_and_what_is_allowed_add_up(persons: int, days: int, amount: int) -> None:
    found = limits.judge({"meals": {"": 10_000}}, "meals", "330100", persons, days, amount)
    assert found.allowed == 10_000 * persons * days
    assert found.over == max(0, amount - found.allowed)


def test_a_kind_without_a_limit_has_none() -> None:
    assert limits.judge({"meals": {"": 10_000}}, "transport", "330100", 1, 1, 999_999) == limits.Judged(None, 0)
