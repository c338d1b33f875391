"""Working days: weekends and announced holidays are off, announced weekends are worked, a year without a notice is provisional."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diguan.kernel import clocks, packs


def due(start, days):
    return clocks.due_after(dt.date.fromisoformat(start), days, packs.calendar())


@pytest.mark.parametrize(("start", "days", "day"), [
    ("2026-10-30", 1, "2026-11-02"),  # Friday to Monday
    ("2026-10-31", 5, "2026-11-06"),  # Saturday counts from Monday
    ("2026-09-24", 5, "2026-10-09"),  # Mid-Autumn and the National Day week
    ("2026-09-18", 1, "2026-09-20"),  # a Sunday that is worked
    ("2026-02-13", 2, "2026-02-24"),  # the Saturday before the Spring Festival is worked
])
def test_holidays_are_passed_over_and_worked_weekends_count(start, days, day):
    assert due(start, days).day.isoformat() == day


def test_the_derivation_names_what_was_passed_over_and_what_was_worked():
    found = due("2026-09-18", 5)
    assert ([day.isoformat() for day in found.weekends], [day.isoformat() for day in found.holidays], found.provisional) == (["2026-09-20"], [], False)
    assert [day.isoformat() for day in due("2026-09-24", 1).holidays] == ["2026-09-25"]


def test_a_date_that_reaches_into_a_year_without_a_notice_is_provisional():
    assert (due("2026-12-30", 1).provisional, due("2026-12-31", 1).provisional, due("2027-03-01", 1).provisional) == (False, True, True)


def test_a_term_of_no_days_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        due("2026-10-30", 0)


@given(st.dates(dt.date(2025, 6, 1), dt.date(2027, 6, 1)), st.integers(1, 40))
def test_so_many_working_days_lie_between(start, days):
    calendar, found = packs.calendar(), clocks.due_after(start, days, packs.calendar())
    between = [start + dt.timedelta(days=number) for number in range(1, (found.day - start).days + 1)]
    assert sum(calendar.working(day) for day in between) == days
    assert calendar.working(found.day)


@pytest.mark.parametrize(("text", "words"), [
    ("- {year: 2026, document: x, holidays: [2027-01-01], working_weekends: []}", "不在 2026 年内"),
    ("- {year: 2026, document: x, holidays: [十月一日], working_weekends: []}", "不是日期"),
    ("- {year: 2026, document: x, holidays: []}", "要有而且只有"),
    ("- {year: 2026, document: x, holidays: [2026-10-07/2026-10-01], working_weekends: []}", "不在 2026 年内"),
])
def test_a_calendar_that_cannot_be_used_is_refused_with_its_line(tmp_path, monkeypatch, text, words):
    (tmp_path / "workdays.yaml").write_text(text, "utf-8")
    monkeypatch.setenv("DIGUAN_PACKS", f"base,{tmp_path}")
    with pytest.raises(packs.PackError, match=rf"workdays.yaml:1: .*{words}"):
        packs.calendar()


def test_self_reported_stands_last_among_the_sources_of_a_fact(tmp_path, monkeypatch):
    (tmp_path / "facts.yaml").write_text("- {name: x.y, type: number, period: month, sources: [enterprise, tax_bureau]}", "utf-8")
    monkeypatch.setenv("DIGUAN_PACKS", f"base,{tmp_path}")
    with pytest.raises(packs.PackError, match="要排在来源的最后"):
        packs.catalogue()


def test_the_calendar_holds_every_year_from_2007_to_2026_and_2027_is_provisional():
    calendar = packs.calendar()
    assert calendar.years == frozenset(range(2007, 2027))
    assert [year for year in range(2006, 2029) if clocks.due_after(dt.date(year, 3, 2), 3, calendar).provisional] == [2006, 2027, 2028]


@pytest.mark.parametrize(("day", "working"), [
    ("2007-05-07", False), ("2008-02-02", True), ("2009-10-08", False), ("2010-09-19", True), ("2013-02-15", False), ("2015-09-03", False), ("2015-09-06", True),
    ("2019-05-03", False), ("2019-05-05", True), ("2020-01-31", False), ("2020-02-03", True), ("2024-02-18", True), ("2025-01-28", False), ("2025-10-08", False)])
def test_days_of_earlier_years_as_they_were_announced(day, working):
    assert packs.calendar().working(dt.date.fromisoformat(day)) is working


def test_no_year_lists_a_day_that_is_off_anyway_as_worked_or_the_other_way_round():
    calendar = packs.calendar()
    assert all(day.weekday() >= 5 for day in calendar.work)
    assert not calendar.work & calendar.off
    assert all(10 <= sum(day.weekday() < 5 for day in calendar.off if day.year == year) <= 24 for year in calendar.years)


def test_a_notice_that_comes_in_is_read_without_a_restart(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGUAN_PACKS", f"base,{tmp_path}")
    assert clocks.due_after(dt.date(2027, 2, 4), 3, packs.calendar()).provisional
    (tmp_path / "workdays.yaml").write_text(
        "- {year: 2027, document: 演示通知, holidays: [2027-02-05/2027-02-11], working_weekends: [2027-02-14]}\n", "utf-8")
    found = clocks.due_after(dt.date(2027, 2, 4), 3, packs.calendar())
    assert (found.day, found.provisional) == (dt.date(2027, 2, 15), False)
