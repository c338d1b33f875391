"""Counting rules, proved by those who try to pad: splitting, signing again, a new investor, frameworks first, adding and upgrading raise nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diguan.projects.engine import counting
from diguan.projects.engine.counting import (
    ADDED,
    AMENDMENT,
    CONTRACT,
    FRAMEWORK,
    NEW,
    REPLACEMENT,
    SUPPLEMENT,
    UPGRADED,
    Book,
    Place,
    Signed,
    count,
    standing,
)

DAY = dt.date(2025, 3, 1)
A, B, C = Place(1, node="dial", name="甲", uscc="A", core="a"), Place(2, node="dial", name="乙", uscc="A", core="a"), Place(3, node="case", name="丙", uscc="C", core="c")


def signed(number: int, project: int, kind: str, fen: int | None = None, days: int = 0, **more: object) -> Signed:
    return Signed(number, project, kind, DAY + dt.timedelta(days=days), fen, **more)  # type: ignore[arg-type]


def reasons(book: Book) -> dict[int, str]:
    return {line.agreement: line.reason for line in book.lines}


# ── each rule by itself ──────────────────────────────────────────────────────
def test_a_project_counts_once_at_its_first_contract() -> None:
    book = count([A], [signed(1, 1, CONTRACT, 100), signed(2, 1, CONTRACT, 300, 40)])
    assert (book.fen, dict(book.firsts), reasons(book)[2]) == (100, {1: DAY}, "resigned")


def test_a_framework_counts_nothing_however_large() -> None:
    book = count([A], [signed(1, 1, FRAMEWORK, 10**9)])
    assert (book.fen, dict(book.firsts), reasons(book)) == (0, {}, {1: "framework"})


def test_added_investment_counts_by_what_the_whole_is_more_than_before() -> None:
    book = count([A], [signed(1, 1, CONTRACT, 100), signed(2, 1, SUPPLEMENT, 150, 9, total_fen=150)])
    assert (book.fen, reasons(book)[2], len(book.firsts)) == (150, "increment", 1)


def test_an_added_project_is_no_new_project_and_counts_its_increment() -> None:
    book = count([A, Place(4, ADDED, 1)], [signed(1, 1, CONTRACT, 100), signed(2, 4, CONTRACT, 60, 9, total_fen=160)])
    assert (book.fen, dict(book.firsts), book.by_project()) == (160, {1: DAY}, {1: 100, 4: 60})


def test_added_investment_without_the_whole_or_without_a_contract_before_counts_nothing() -> None:
    assert reasons(count([A], [signed(1, 1, CONTRACT, 100), signed(2, 1, SUPPLEMENT, 50, 9)]))[2] == "no_increase"
    assert reasons(count([A], [signed(2, 1, SUPPLEMENT, 50, 9, total_fen=50)]))[2] == "no_base"


def test_a_changed_investor_replaces_and_may_lower_but_not_raise() -> None:
    assert count([A], [signed(1, 1, CONTRACT, 100), signed(2, 1, REPLACEMENT, 300, 9, uscc="N")]).fen == 100
    lower = count([A], [signed(1, 1, CONTRACT, 100), signed(2, 1, REPLACEMENT, 70, 9, uscc="N")])
    assert (lower.fen, lower.lines[0].cut_by) == (70, 2)


def test_a_replacement_under_a_new_number_stays_with_the_first_project() -> None:
    book = count([A, C], [signed(1, 1, CONTRACT, 100), signed(2, 3, REPLACEMENT, 100, 9, replaces=1), signed(3, 3, CONTRACT, 100, 10)])
    assert (book.fen, dict(book.firsts), reasons(book)[2], reasons(book)[3]) == (100, {1: DAY}, "replaced", "resigned")


def test_an_upgraded_project_adds_no_amount() -> None:
    book = count([A, Place(4, UPGRADED, 1)], [signed(1, 1, CONTRACT, 100), signed(2, 4, CONTRACT, 60, 9, total_fen=160)])
    assert (book.fen, reasons(book)[2]) == (100, "upgrade")


@pytest.mark.parametrize("state", ["entered", "rejected", "void"])
def test_what_is_not_verified_rejected_or_void_counts_nothing(state: str) -> None:
    book = count([A], [signed(1, 1, CONTRACT, 100, state=state)])
    assert (book.fen, dict(book.firsts)) == (0, {})
    assert reasons(book)[1] in ("unverified", "rejected", "void")


def test_a_void_first_contract_lets_the_second_be_the_first() -> None:
    book = count([A], [signed(1, 1, CONTRACT, 100, state="void"), signed(2, 1, CONTRACT, 80, 30)])
    assert (book.fen, dict(book.firsts)) == (80, {1: DAY + dt.timedelta(days=30)})


def test_the_same_project_under_two_numbers_counts_once_until_it_is_proved_to_be_two() -> None:
    rows = [signed(1, 1, CONTRACT, 100), signed(2, 2, CONTRACT, 100, 9), signed(3, 2, SUPPLEMENT, 100, 12, total_fen=200)]
    book = count([A, B], rows)
    assert (book.fen, len(book.firsts), reasons(book)[2], reasons(book)[3], book.lines[1].other) == (100, 1, "twin", "twin", 1)
    assert count([A, B], rows, [frozenset({1, 2})]).fen == 300


def test_one_investor_at_one_node_with_another_amount_waits_too() -> None:
    assert reasons(count([A, B], [signed(1, 1, CONTRACT, 100), signed(2, 2, CONTRACT, 40, 9)]))[2] == "same_investor"


def test_other_firms_and_other_nodes_are_other_projects() -> None:
    other_node = Place(4, node="case", uscc="A", core="a")
    assert count([A, C, other_node], [signed(1, 1, CONTRACT, 100), signed(2, 3, CONTRACT, 100), signed(3, 4, CONTRACT, 100)]).fen == 300


def test_two_firms_with_codes_of_their_own_and_a_like_name_are_two() -> None:
    assert count([A, Place(4, node="dial", uscc="Z", core="a")], [signed(1, 1, CONTRACT, 100), signed(2, 4, CONTRACT, 40)]).fen == 140


def test_a_period_is_cut_after_counting_and_not_before() -> None:
    book = count([A], [signed(1, 1, CONTRACT, 100), signed(2, 1, CONTRACT, 100, 400)])
    later = book.within(DAY + dt.timedelta(days=300))
    assert (later.fen, len(later.firsts), [line.reason for line in later.left_out]) == (0, 0, ["resigned"])


def test_what_was_known_at_a_moment_is_found_again() -> None:
    told = dt.datetime(2025, 4, 1, tzinfo=dt.UTC)
    row = signed(1, 1, CONTRACT, 100, state="void", verified_at=told, voided_at=told + dt.timedelta(days=30))
    states = [standing([row], dt.date(2026, 1, 1), told + dt.timedelta(days=days))[0].state for days in (-1, 1, 31)]
    assert states == ["entered", "verified", "void"]


# ── padding ──────────────────────────────────────────────────────────────────
@dataclass
class Padder:
    """An office that has one real project and wants to show more. ``truth`` is what the investor really put in."""

    truth: int
    places: list[Place] = field(default_factory=lambda: [A])
    rows: list[Signed] = field(default_factory=list)

    def sign(self, project: int, kind: str, fen: int | None, **more: object) -> None:
        self.rows.append(signed(len(self.rows) + 1, project, kind, fen, len(self.rows), **more))

    def number(self, kind: str = NEW, extends: int | None = None) -> int:
        self.places.append(Place(len(self.places) + 1, kind, extends, node="dial", uscc="A", core="a"))
        return len(self.places)


OPERATIONS = ("framework", "resign", "rename", "rename_elsewhere", "split", "twin", "overclaim", "upgrade", "amend", "add_then_upgrade", "honest_supplement", "honest_added")


def pad(office: Padder, operation: str, fen: int) -> None:
    """One attempt. Only the honest ones change the truth."""
    match operation:
        case "framework" | "resign" | "amend":
            office.sign(1, {"framework": FRAMEWORK, "resign": CONTRACT, "amend": AMENDMENT}[operation], fen)
        case "rename":
            office.sign(1, REPLACEMENT, fen, uscc="N", core="n", replaces=1)
        case "rename_elsewhere":
            office.sign(office.number(), REPLACEMENT, fen, uscc="N", core="n", replaces=1)
        case "split" | "twin":
            office.sign(office.number(), CONTRACT, min(fen, office.truth) if operation == "split" else office.truth)
        case "overclaim":
            office.sign(1, SUPPLEMENT, fen, total_fen=office.truth)
        case "upgrade":
            office.sign(office.number(UPGRADED, 1), CONTRACT, fen, total_fen=office.truth + fen)
        case "add_then_upgrade":
            added = office.number(ADDED, 1)
            office.sign(added, CONTRACT, fen, total_fen=office.truth)
            office.sign(office.number(UPGRADED, added), CONTRACT, fen, total_fen=office.truth + fen)
        case _:
            office.truth += fen
            office.sign(1 if operation == "honest_supplement" else office.number(ADDED, 1), SUPPLEMENT if operation == "honest_supplement" else CONTRACT, fen, total_fen=office.truth)


@given(st.integers(1, 10**6), st.lists(st.tuples(st.sampled_from(OPERATIONS), st.integers(1, 10**6)), max_size=12), st.booleans())
def test_no_padding_shows_more_than_was_really_signed(first: int, attempts: list[tuple[str, int]], framework_first: bool) -> None:
    office = Padder(first)
    if framework_first:
        office.sign(1, FRAMEWORK, first * 10)
        office.sign(1, CONTRACT, first)
    else:
        office.sign(1, CONTRACT, first)
    for operation, fen in attempts:
        pad(office, operation, fen)
    book = count(office.places, office.rows)
    assert book.fen <= office.truth
    assert len(book.firsts) == 1
    assert len(book.lines) == len(office.rows)
    assert all(line.reason in counting.REASONS and line.fen >= 0 for line in book.lines)
    assert all(line.fen == 0 for line in book.left_out)


@given(st.integers(1, 10**6), st.lists(st.tuples(st.sampled_from(("framework", "resign", "overclaim", "upgrade", "add_then_upgrade", "split", "twin", "honest_supplement", "honest_added")), st.integers(1, 10**6)), max_size=12))
def test_what_was_honestly_added_counts_whole_between_the_attempts(first: int, attempts: list[tuple[str, int]]) -> None:
    office = Padder(first)
    office.sign(1, CONTRACT, first)
    for operation, fen in attempts:
        pad(office, operation, fen)
    assert count(office.places, office.rows).fen == office.truth


@given(st.lists(st.tuples(st.sampled_from(("framework", "resign", "split", "overclaim")), st.integers(1, 1000)), max_size=8), st.integers(0, 12))
def test_cut_into_periods_the_parts_come_to_the_whole(attempts: list[tuple[str, int]], at: int) -> None:
    office = Padder(500)
    office.sign(1, CONTRACT, 500)
    for operation, fen in attempts:
        pad(office, operation, fen)
    book, cut = count(office.places, office.rows), DAY + dt.timedelta(days=at)
    assert book.within(end=cut).fen + book.within(cut + dt.timedelta(days=1)).fen == book.fen
