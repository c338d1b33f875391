"""Cursors: what they skip, what they refuse."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diguan.kernel.access.models import Unit
from diguan.kernel.api import paging
from diguan.kernel.refusals import Refusal
from diguan.kernel.tests.factories import unit_factory


class Narrowed(paging.Paging):
    q: str = ""


def at(cursor: str | None, limit: int) -> paging.Paging:
    return paging.Paging(cursor=cursor or "", limit=limit)


def forged(*values: Any) -> str:
    """A cursor of the unfiltered list; ``values`` begin with what it is a page of."""
    held = [*values[:1], at("", 1).filters, *values[1:]] if values else []
    return base64.urlsafe_b64encode(json.dumps(held).encode()).decode().rstrip("=")


NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=3)


@given(st.lists(st.tuples(NAMES, st.integers(-5, 5)), unique=True), st.integers(1, 5))
def test_the_pages_of_a_list_together_are_the_list_in_order(rows: list[tuple[str, int]], limit: int) -> None:
    found, cursor = [], ""
    while True:
        part = paging.of_list(rows, lambda row: row, at(cursor, limit))
        assert len(part.rows) == limit or part.next is None
        found += part.rows
        if part.next is None:
            break
        cursor = part.next
    assert found == sorted(rows)


def test_a_page_ends_where_the_rows_end() -> None:
    assert paging.of_list([1, 2], lambda row: (row,), at("", 2)).next is None
    assert paging.of_list([], lambda row: (row,), at("", 2)) == paging.Part([], None)


@pytest.mark.django_db
def test_a_query_runs_up_and_down_and_ties_are_broken_by_the_last_field() -> None:
    county = unit_factory("县", kind="county", code="county")
    rows = [unit_factory("同名", parent=county, code=f"u{number}") for number in range(5)]
    units = Unit.objects.exclude(pk=county.pk)
    for order, wanted in ((("name", "id"), rows), (("name", "-id"), rows[::-1]), (("-id",), rows[::-1])):
        found, cursor = [], ""
        while cursor is not None:
            part = paging.of_query(units, order, at(cursor, 2))
            found, cursor = [*found, *part.rows], part.next
        assert found == wanted


@pytest.mark.parametrize("cursor", ["x", "bm90IGpzb24", forged(), forged(""), forged("", 1), forged("", "a", "1"), forged("", "a", True), forged("", "a", 1.5),
                                    forged("", "a", 2**63), forged("", "a\x00", 1), forged("", "\ud800", 1), forged("", ["a"], 1), forged("", "a", 1, 2), "W" * 300])
@pytest.mark.django_db
def test_a_cursor_that_is_none_of_ours_is_refused(cursor: str) -> None:
    with pytest.raises(Refusal, match="cursor"):
        paging.of_query(Unit.objects.all(), ("name", "id"), at(cursor, 2))
    with pytest.raises(Refusal, match="cursor"):
        paging.of_list([("a", 1), ("b", 2)], lambda row: row, at(cursor, 2))


def test_a_cursor_of_something_else_says_that_it_has_moved_on() -> None:
    first = paging.of_list([1, 2, 3], lambda row: (row,), at("", 1), of="run a")
    assert first.next is not None
    with pytest.raises(Refusal, match="moved_on"):
        paging.of_list([1, 2, 3], lambda row: (row,), at(first.next, 1), of="run b")


def test_a_cursor_goes_on_only_with_the_filters_it_was_given_for() -> None:
    first = paging.of_list([1, 2, 3], lambda row: (row,), Narrowed(q="甲", limit=1))
    assert first.next is not None
    assert paging.of_list([1, 2, 3], lambda row: (row,), Narrowed(q="甲", cursor=first.next)).rows == [2, 3]
    with pytest.raises(Refusal, match="cursor"):
        paging.of_list([1, 2, 3], lambda row: (row,), Narrowed(q="乙", cursor=first.next))


def test_a_place_beyond_the_end_is_an_empty_page() -> None:
    rows = list(range(5))
    read = lambda limit, start: rows[start:start + limit]  # noqa: E731
    first = paging.of_place(read, at("", 3))
    assert first.next is not None
    assert (list(first.rows), paging.of_place(read, at(first.next, 3))) == ([0, 1, 2], paging.Part([3, 4], None))
    assert paging.of_place(read, at(forged("", 99), 3)) == paging.Part([], None)
    with pytest.raises(Refusal, match="cursor"):
        paging.of_place(read, at(forged("", -1), 3))
