"""The early warning: who is compared with whom, what is hidden, what is told once."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from diguan.chains.actions.warning import ABOUT, KIND, warn_due
from diguan.chains.engine import warning as engine
from diguan.chains.engine.warning import FLOW, STOCK, Line, Span, compare, hidden, span
from diguan.chains.queries import shelf, warning_terms
from diguan.chains.queries import warning as queries
from diguan.chains.tests.factories import coverage_factory, monthly_factory
from diguan.enterprises.models import Enterprise
from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel import packs
from diguan.kernel.events import Event
from diguan.kernel.notices.models import Notice
from diguan.kernel.refusals import Forbidden
from diguan.kernel.tests.factories import person_factory, unit_factory

POWER, TAX, JOBS = "energy.electricity", "tax.paid", "jobs.headcount"
SOURCES = {POWER: "power_grid", TAX: "tax_bureau", JOBS: "hr_bureau"}
NOW, AGO, BEFORE = "2025-12", "2024-12", ("2025-09", "2025-10", "2025-11")
DECEMBER = 2025 * 12 + 11
ALONE = Span((DECEMBER,))
LINE = Line(POWER, FLOW, 500, 0)


# ── pure ─────────────────────────────────────────────────────────────────────
def told(*, now: int | None = None, ago: int | None = None, before: int | None = None) -> dict[int, int]:
    found = {DECEMBER: now, DECEMBER - 12: ago, **{DECEMBER - back: before for back in (1, 2, 3)}}
    return {month: value for month, value in found.items() if value is not None}


def test_only_firms_with_both_sides_are_compared_and_missing_is_no_zero() -> None:
    firms = {"a": {"grid": told(now=90, ago=100)}, "b": {"grid": told(now=500)}, "c": {"grid": told(ago=700)}, "d": {"grid": told(now=10, ago=10)}}
    one = compare(firms, LINE, ALONE, firms="abcde").year
    assert (one.now, one.before, one.firms, one.told, one.gone) == (100, 110, ("a", "d"), 3, ("c",))
    assert one.change == -909


def test_two_sources_of_one_firm_are_never_compared_with_each_other() -> None:
    firms = {"a": {"hr": told(now=90), "park": told(ago=300)}, "b": {"hr": told(now=1), "park": told(now=80, ago=100)}}
    one = compare(firms, LINE, ALONE, firms="ab").year
    assert (one.now, one.before, one.firms, one.sources, one.gone) == (80, 100, ("b",), ("park",), ())


def test_the_three_months_before_are_a_mean_on_one_scale() -> None:
    firms = {"a": {"grid": {DECEMBER: 100, DECEMBER - 1: 90, DECEMBER - 2: 110, DECEMBER - 3: 100}}}
    one = compare(firms, LINE, ALONE, firms="a").before
    assert (one.now, one.before, one.change, one.falls(0)) == (300, 300, 0, False)


def test_january_and_february_are_judged_together_and_of_a_stock_the_last_month_alone() -> None:
    assert span(DECEMBER, (1, 2)) == ALONE
    january = 2026 * 12
    assert span(january, (1, 2)) is None
    months = span(january + 1, (1, 2))
    assert months is not None
    values = {january: 50, january + 1: 150, january - 12: 100, january - 11: 100, january - 1: 100, january - 2: 100, january - 3: 100}
    flow, stock = (compare({"a": {"grid": values}}, Line(POWER, kind, 500, 0), months, firms="a") for kind in (FLOW, STOCK))
    assert (flow.year.change, flow.before.change) == (0, 0)
    assert (stock.year.change, stock.before.change) == (5000, 5000)


def test_a_series_falls_only_against_both_and_what_is_not_known_does_not_clear() -> None:
    fell = {each: {"grid": told(now=90, ago=100, before=95)} for each in "abc"}
    recovered = {each: {"grid": told(now=90, ago=100, before=80)} for each in "abc"}
    half = {each: {"grid": told(now=90, ago=100)} for each in "abc"}
    found = [compare(each, LINE, ALONE, firms="abc").falls for each in (fell, recovered, half)]
    assert found == [True, False, None]


def test_a_fall_exactly_at_the_line_counts_and_one_short_of_it_does_not() -> None:
    assert engine.Compared(9500, 10_000, ("a",)).falls(500)
    assert not engine.Compared(9501, 10_000, ("a",)).falls(500)
    assert not engine.Compared(0, 0, ("a",)).falls(0)


CELLS = st.dictionaries(st.sampled_from("vwxyz"), st.frozensets(st.sampled_from("abcdefghij"), min_size=1), min_size=1)


@given(CELLS)
def test_no_shown_figure_and_no_difference_of_a_shown_one_inside_another_tells_of_fewer_than_three(cells: dict[str, frozenset[str]]) -> None:
    whole = {**cells, "total": frozenset().union(*cells.values())}
    shown = {key: firms for key, firms in whole.items() if key not in hidden(whole)}
    assert all(len(firms) >= 3 for firms in shown.values())
    assert not [(inner, outer) for inner in shown for outer in shown if shown[inner] < shown[outer] and len(shown[outer] - shown[inner]) < 3]


def test_of_a_total_and_its_parts_a_second_part_is_hidden_where_the_first_could_be_worked_out() -> None:
    parts = {"total": "abcdefghij", "one": "abcd", "two": "efgh", "three": "ij"}
    assert hidden(parts) == {"three", "one"}
    assert hidden({"total": "abcdefghijk", "one": "abcd", "two": "efgh", "three": "ijk"}) == set()


# ── with rows ────────────────────────────────────────────────────────────────
def makers(count: int = 3, node: str = "watch_assembly") -> list[Enterprise]:
    return [coverage_factory(enterprise_factory(production_status="在产"), node).enterprise for _ in range(count)]


def deliver(firms: list[Enterprise], change: dict[str, int], month: str = NOW) -> None:
    """Each fact at 1,000 a firm and month, and in the month so much changed (percent)."""
    for fact, percent in change.items():
        monthly_factory(fact, {firm.uscc: {AGO: 1000, **dict.fromkeys(BEFORE, 1000), month: 1000 + 10 * percent} for firm in firms}, SOURCES[fact])


def level_of(key: str = "watch") -> str:
    board = queries.board(person_factory("chain_officer"))
    assert board is not None
    found = board.one(key)
    assert found is not None
    return found.level


@pytest.mark.django_db
@pytest.mark.parametrize(("change", "level"), [
    ({POWER: -20, TAX: -20, JOBS: -20}, engine.RED), ({POWER: -20, TAX: -20, JOBS: 5}, engine.YELLOW), ({POWER: -20, TAX: 5, JOBS: 5}, engine.CALM),
    ({POWER: -20, TAX: -20}, engine.YELLOW), ({POWER: -20, TAX: 3}, engine.UNCLEAR), ({POWER: -4, TAX: -20, JOBS: -20}, engine.YELLOW)])
def test_three_that_fall_are_red_two_yellow_and_a_series_that_is_not_in_clears_nothing(change: dict[str, int], level: str) -> None:
    deliver(makers(), change)
    assert level_of() == level


@pytest.mark.django_db
def test_of_two_firms_nothing_is_shown_or_judged() -> None:
    deliver(makers(2), {POWER: -20, TAX: -20, JOBS: -20})
    board = queries.board(person_factory("chain_officer"))
    assert board is not None
    one = board.one("watch")
    assert one is not None
    assert (one.level, [each.shown("year") for each in one.series]) == (engine.UNCLEAR, [None, None, None])


@pytest.mark.django_db
def test_a_chain_of_two_firms_hides_another_chain_where_the_total_would_give_it_away() -> None:
    alone = next(node.id for node in shelf.chains()["ceramics"].nodes if len(shelf.chains_of(node.id)) == 1)
    watch, ceramics = makers(4), makers(2, alone)
    deliver([*watch, *ceramics], {POWER: -20, TAX: -20})
    board = queries.board(person_factory("chain_officer"))
    assert board is not None
    shown = {key: one.series[0].shown("year") is not None for key in ("watch", "ceramics", queries.TOTAL) if (one := board.one(key))}
    assert shown == {"watch": False, "ceramics": False, "all": True}


@pytest.mark.django_db
def test_a_correction_known_later_changes_the_warning_and_not_what_was_known_before() -> None:
    firms = makers()
    deliver(firms, {POWER: -20, TAX: -20, JOBS: 5})
    before = queries.board(person_factory("chain_officer"))
    assert before is not None
    monthly_factory(POWER, {firm.uscc: {NOW: 1000} for firm in firms})
    assert level_of() == engine.CALM
    again = queries.board(person_factory("chain_officer"), known_at=before.known_at)
    assert again is not None
    assert [one.level for one in again.warned] == [engine.YELLOW]


@pytest.mark.django_db
def test_what_a_source_says_is_none_is_no_zero() -> None:
    firms = makers(4)
    deliver(firms[:3], {POWER: 0, TAX: 0})
    monthly_factory(POWER, {firms[3].uscc: {AGO: 5000}}, absent={firms[3].uscc: [NOW]})
    board = queries.board(person_factory("chain_officer"))
    assert board is not None
    one = board.one("watch")
    assert one is not None
    assert (one.series[0].year.change, one.series[0].year.gone) == (0, (firms[3].uscc,))


@pytest.mark.django_db
def test_a_warning_is_told_once_to_who_leads_told_again_when_it_gets_worse_and_ended_when_it_was_none() -> None:
    officer, leader, clerk = person_factory("chain_officer"), person_factory("leader"), person_factory("policy_officer")
    firms = makers()
    told_to = {officer.pk, leader.pk}
    deliver(firms, {POWER: -20, TAX: -20})
    assert (warn_due(), warn_due()) == (1, 0)
    rows = Notice.objects.filter(kind=KIND, about_kind=ABOUT)
    # Who verified the rows of the sample is a chain officer too; the policy officer only looks.
    assert told_to <= set(rows.values_list("person", flat=True))
    assert clerk.pk not in set(rows.values_list("person", flat=True))
    assert {row.about_id for row in rows} == {f"watch/{NOW}/yellow"}
    assert Event.objects.filter(verb="chain_warned").count() == 1
    deliver(firms, {JOBS: -20})
    assert (warn_due(), warn_due()) == (1, 0)
    assert {row.about_id for row in rows.filter(ended_at__isnull=True)} == {f"watch/{NOW}/red"}
    deliver(firms, {POWER: 0, TAX: 0})
    assert (warn_due(), warn_due()) == (1, 0)
    assert not rows.filter(ended_at__isnull=True).exists()


@pytest.mark.django_db
def test_pages_open_firms_to_who_may_see_their_facts_and_hide_amounts_from_others(client: Client) -> None:
    firms = makers()
    deliver(firms, {POWER: -20, TAX: -20, JOBS: -20})
    client.force_login(person_factory("chain_officer"))
    page = client.get("/chains/warnings/").content.decode()
    assert "−20%" in page
    assert "红色" in page
    assert "/chains/warnings/watch/firms/" in page
    assert firms[0].name in client.get("/chains/warnings/watch/firms/").content.decode()
    assert client.get("/chains/warnings/watch/").status_code == 200
    assert client.get("/chains/warnings/nothing/").status_code == 404
    assert client.get("/chains/warnings/?month=2031-01").status_code == 404
    client.force_login(person_factory("data_clerk"))
    assert client.get("/chains/warnings/").status_code == 403


@pytest.mark.django_db
def test_nobody_without_the_right_reads_a_warning() -> None:
    for role in ("data_clerk", "enterprise_agent"):
        with pytest.raises(Forbidden):
            queries.board(person_factory(role, unit_factory() if role == "data_clerk" else None))


@pytest.mark.django_db
def test_a_hidden_figure_opens_no_firms(client: Client) -> None:
    deliver(makers(2), {POWER: -20, TAX: -20})
    client.force_login(person_factory("chain_officer"))
    assert client.get("/chains/warnings/watch/firms/").status_code == 404


@pytest.mark.django_db
def test_a_pack_with_bad_thresholds_is_refused_with_file_and_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = "- effective_from: 2023-01-01\n  source: {zh: 甲, en: a}\n  least_firms: 3\n  series:\n    - {fact: tax.paid, kind: flow, year_fall: 5, before_fall: 0}\n    - {fact: jobs.headcount, kind: stock, year_fall: 5, before_fall: 0}\n"
    path = tmp_path / "warnings.yaml"
    monkeypatch.setenv("DIGUAN_PACKS", f"base,{tmp_path}")
    path.write_text(good, "utf-8")
    assert [one.facts for one in warning_terms.known()] == [[TAX, JOBS]]
    for old, new, said in (("least_firms: 3", "least_firms: 2", "least_firms"), ("tax.paid", "tax.payed", "tax.paid"), ("kind: flow", "kind: sum", "kind"), ("year_fall: 5", "year_fall: -5", "year_fall"),
                           ("  least_firms", "  joined_months: [1, 3]\n  least_firms", "joined_months"), ("source: {zh: 甲, en: a}", "source: 甲", "source"), ("least_firms", "fewest_firms", "least_firms")):
        path.write_text(good.replace(old, new, 1) + f"# {said}\n", "utf-8")
        with pytest.raises(packs.PackError) as error:
            warning_terms.known()
        assert said in str(error.value)
        assert "warnings.yaml:" in error.value.where
