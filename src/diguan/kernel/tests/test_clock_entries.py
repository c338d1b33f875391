"""A clock from its entries: paused days do not count, extensions do, and the day says how it came about."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diguan.kernel import clocks, packs
from diguan.kernel.clocks import EXTEND, PAUSE, PAUSED, RESUME, RUNNING, START, STOP, STOPPED, Calendar, Entry

pytestmark = pytest.mark.one_database
MONDAY = dt.date(2026, 11, 9)
PLAIN = Calendar(years=frozenset({2026, 2027}))


def at(number):
    return MONDAY + dt.timedelta(days=number)


def read(*entries, calendar=PLAIN):
    return clocks.read([Entry(START, MONDAY, 5), *entries], calendar)


def test_the_day_it_starts_does_not_count():
    assert read().due.day == at(7)
    assert read().state == RUNNING


def test_while_it_is_paused_there_is_no_day_but_what_is_left():
    found = read(Entry(PAUSE, at(2)))
    assert (found.state, found.due, found.left) == (PAUSED, None, 3)
    again = read(Entry(PAUSE, at(2)), Entry(RESUME, at(9)), Entry(PAUSE, at(10)))
    assert (again.due, again.left) == (None, 2)


def test_a_pause_moves_the_day_by_its_working_days():
    assert read(Entry(PAUSE, at(2)), Entry(RESUME, at(9))).due.day == at(14)  # Wednesday to Wednesday: five working days more
    assert read(Entry(PAUSE, at(2)), Entry(RESUME, at(2))).due.day == at(7)
    assert read(Entry(PAUSE, at(4)), Entry(RESUME, at(6))).due.day == at(7)  # over a weekend nothing is lost


def test_a_pause_after_the_day_has_passed_changes_nothing():
    found = read(Entry(PAUSE, at(10)))
    assert (found.due.day, found.late(at(10))) == (at(7), True)


def test_an_extension_adds_working_days_and_a_stop_keeps_whether_it_was_late():
    assert read(Entry(EXTEND, at(1), 3)).due.day == at(10)
    in_time, late = read(Entry(STOP, at(7))), read(Entry(STOP, at(8)))
    assert (in_time.state, in_time.late(at(99)), late.late(at(99))) == (STOPPED, False, True)
    assert read(Entry(PAUSE, at(1)), Entry(STOP, at(3))).state == STOPPED


def test_what_may_follow_what():
    begun = [Entry(START, MONDAY, 5)]
    paused, stopped = [*begun, Entry(PAUSE, at(2))], [*begun, Entry(STOP, at(2))]
    allowed = {state: {kind for kind in (START, PAUSE, RESUME, EXTEND, STOP) if clocks.why_not(entries, kind, at(3)) is None}
               for state, entries in {"running": begun, "paused": paused, "stopped": stopped}.items()}
    assert allowed == {"running": {PAUSE, EXTEND, STOP}, "paused": {RESUME, EXTEND, STOP}, "stopped": set()}
    assert "早于" in clocks.why_not(paused, RESUME, at(1)).zh


def test_the_derivation_tells_holidays_working_weekends_pauses_and_a_year_without_notice():
    due = clocks.due_after(dt.date(2026, 9, 30), 3, packs.calendar())
    assert (due.day, len(due.holidays), due.weekends) == (dt.date(2026, 10, 10), 5, (dt.date(2026, 10, 10),))
    assert clocks.derivation(due).zh == "自 2026-09-30 起（当天不算）3 个工作日，放假 5 天不计，周末上班 1 天计入，到 2026-10-10"
    across = clocks.read([Entry(START, dt.date(2026, 12, 28), 20), Entry(PAUSE, dt.date(2026, 12, 29)), Entry(RESUME, dt.date(2027, 1, 4))], packs.calendar())
    assert across.due.provisional
    assert "2026-12-29 至 2027-01-04 暂停不计" in clocks.derivation(across.due).zh
    assert "provisional" in clocks.derivation(across.due).en


def test_another_notice_is_another_calendar():
    assert PLAIN.version == Calendar(years=frozenset({2027, 2026})).version
    assert PLAIN.version != Calendar(off=frozenset({MONDAY}), years=PLAIN.years).version


@given(st.integers(1, 60), st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=4))
def test_exactly_so_many_working_days_lie_outside_the_pauses(days, pauses):
    entries, day = [Entry(START, MONDAY, days)], MONDAY
    for before, length in pauses:
        day += dt.timedelta(days=before)
        entries.append(Entry(PAUSE, day))
        day += dt.timedelta(days=length)
        entries.append(Entry(RESUME, day))
    due = clocks.read(entries, PLAIN).due
    spans = [(one.day, two.day) for one, two in zip(entries[1::2], entries[2::2], strict=True)]
    counted = [one for number in range(1, (due.day - MONDAY).days + 1)
               if PLAIN.working(one := MONDAY + dt.timedelta(days=number)) and not any(first < one <= last for first, last in spans)]
    assert (len(counted), counted[-1]) == (days, due.day)
