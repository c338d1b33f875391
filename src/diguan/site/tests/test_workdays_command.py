"""``diguan workdays``: what scripts may rely on. No database is touched."""

from __future__ import annotations

import json

import pytest

from diguan.site.cli import main


def answer(capsys, *args):
    try:
        left = main(["workdays", *args])
    except SystemExit as stopped:
        left = stopped.code
    out, err = capsys.readouterr()
    return left, out, err


def test_a_due_date_comes_with_what_was_passed_over_and_what_was_worked(capsys):
    left, out, err = answer(capsys, "add", "2026-09-18", "8", "--json")
    assert (left, err) == (0, "")
    assert json.loads(out) == {"date": "2026-09-30", "provisional": False, "derivation": [
        {"date": "2026-09-20", "kind": "working_weekend"}, {"date": "2026-09-25", "kind": "holiday"}]}


@pytest.mark.parametrize(("first", "last", "days", "provisional"), [
    ("2026-09-24", "2026-10-09", 5, False),  # of a Thursday to a Friday, with two holidays between
    ("2026-10-30", "2026-10-30", 0, False),  # the first day does not count
    ("2026-10-30", "2026-11-02", 1, False),  # the last one does
    ("2026-12-31", "2027-01-04", 2, True),   # a year whose holidays nobody knows
])
def test_the_first_day_is_left_out_and_the_last_one_counts(capsys, first, last, days, provisional):
    left, out, _err = answer(capsys, "between", first, last, "--json")
    assert (left, json.loads(out)) == (0, {"working_days": days, "provisional": provisional})


def test_the_two_are_each_others_opposite(capsys):
    due = json.loads(answer(capsys, "add", "2026-01-05", "200", "--json")[1])["date"]
    assert json.loads(answer(capsys, "between", "2026-01-05", due, "--json")[1])["working_days"] == 200


@pytest.mark.parametrize("args", [
    ("add", "2026-10-30", "0"), ("add", "2026-10-30", "-3"), ("add", "9999-12-30", "5"), ("add", "2026-02-30", "1"), ("add", "2026-10-30", "soon"),
    ("between", "2026-10-30", "2026-10-29"), ("between", "2026-10-30", "later")])
def test_what_cannot_be_counted_exits_two(capsys, args):
    left, out, err = answer(capsys, *args, "--json")
    assert (left, out) == (2, "")
    assert err


def test_a_person_is_told_in_both_languages(capsys):
    _left, out, _err = answer(capsys, "add", "2026-12-31", "1")
    assert out.splitlines()[0] == "2027-01-01"
    assert all(" / " in line for line in out.splitlines()[1:])
    assert "not every year" in out
    assert "1 working days" in answer(capsys, "between", "2026-10-30", "2026-11-02")[1]
