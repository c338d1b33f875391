"""What the allocation claims: it ends, it conserves, it is stable and best for firms among all stable outcomes, and it depends on nothing else."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diguan.policies.engine import allocation
from diguan.policies.engine.allocation import LAST, BelowGranted, Claim, Fund, claims_of
from diguan.policies.tests import plain_allocation

pytestmark = pytest.mark.one_database
FIRMS = [f"F{number:02d}" for number in range(12)]


def settled(funds, rows):
    return allocation.allocate(claims_of(funds, rows))


def states(funds, rows):
    return {(policy, firm): (state, reason, fen, place, other) for policy, firm, state, reason, fen, place, other in settled(funds, rows).rows()}


# ── counties at random ───────────────────────────────────────────────────────
@st.composite
def counties(draw, firms=8, policies=5, *, grouped=False, plain=False, equal=False):
    """Funds and claims; ``grouped`` excludes within groups only, ``plain`` has neither shares nor anything kept or unknown, ``equal`` one amount a policy."""
    names = "ABCDE"[:draw(st.integers(1, policies))]
    group = {name: draw(st.integers(0, 1)) for name in names}
    fen = st.sampled_from([1, 2, 3, 5, 8, 13, 30]) if plain else st.sampled_from([0, 1, 2, 3, 5, 8, 13, 30, 2**53 + 1, 2**62])
    amount = {name: draw(st.integers(1, 9)) for name in names}
    funds = []
    for name in names:
        others = {other for other in names if other != name and (group[other] == group[name] if grouped else draw(st.booleans()))}
        budget = draw(st.one_of(st.none(), st.integers(0, 40), st.just(2**63 - 1)) if not plain else st.integers(0, 40))
        funds.append(Fund(name, budget, prorate=not plain and draw(st.booleans()), excludes=frozenset(others),
                          places=draw(st.one_of(st.none(), st.integers(0, 4))) if not equal else None))
    rows = []
    for firm, name in itertools.product(FIRMS[:draw(st.sampled_from([firms, firms, firms - 1, firms // 2, 1]))], names):
        if draw(st.integers(0, 3)) == 0:
            continue
        row = Claim(firm, name, amount[name] if equal else draw(fen), keys=(draw(st.sampled_from([0, 1, 2, LAST])), draw(st.integers(0, 1))))
        if not plain:
            odd = draw(st.integers(0, 9))
            row = {0: replace(row, fen=None), 1: replace(row, eligible=False), 2: replace(row, kept_fen=draw(st.integers(0, 5)))}.get(odd, row)
        rows.append(row)
    return funds, rows


def possible(county):
    """Whether nothing kept is more than there is."""
    funds, rows = county
    kept = {fund.id: [row.kept_fen for row in rows if row.policy == fund.id and row.kept_fen is not None] for fund in funds}
    return all((fund.budget_fen is None or sum(kept[fund.id]) <= fund.budget_fen) and (fund.places is None or len(kept[fund.id]) <= fund.places) for fund in funds)


@settings(max_examples=150, deadline=None)
@given(counties().filter(possible), st.randoms(use_true_random=False))
def test_no_fen_is_granted_that_is_not_there_and_every_claim_has_one_answer_with_its_reason(county, dice):
    funds, rows = county
    known, found = {fund.id: fund for fund in funds}, states(*county)
    assert found.keys() == {(row.policy, row.firm) for row in rows}
    for fund in funds:
        won = {firm: answer for (policy, firm), answer in found.items() if policy == fund.id and answer[0] == "granted"}
        assert fund.budget_fen is None or sum(answer[2] for answer in won.values()) <= fund.budget_fen
        assert fund.places is None or len(won) <= fund.places
    for row in rows:
        state, reason, fen, _place, other = found[row.policy, row.firm]
        assert fen >= 0
        assert (fen == 0) or state == "granted"
        if row.kept_fen is not None:
            assert (state, reason, fen) == ("granted", "kept", row.kept_fen)
        elif not row.eligible or row.fen is None:
            assert state == "undecided"
        elif state == "granted":
            assert fen == row.fen or (reason == "shared" and fen < row.fen)
            assert not any(found.get((each, row.firm), [""])[0] == "granted" for each in known if plain_allocation.apart(known, row.policy, each))
        elif state == "displaced":
            assert found[other, row.firm][0] == "granted"
            assert plain_allocation.apart(known, row.policy, other)
        else:
            assert (state == "nothing") == (row.fen == 0)
    dice.shuffle(rows)
    dice.shuffle(funds)
    assert settled(funds, rows).rows() == settled(*county).rows()
    assert states(funds, rows) == found


@settings(max_examples=150, deadline=None)
@given(counties().filter(possible))
def test_a_textbook_that_forgets_everything_between_rounds_grants_the_same(county):
    assert {pair: answer[2] for pair, answer in states(*county).items() if answer[0] == "granted"} == plain_allocation.allocate(*county)


# ── the exact solver: every stable outcome there is ──────────────────────────
def preferred(one, other):
    """Whether a firm would rather have the first claim; None is nothing."""
    return one is not None and (other is None or (-one.fen, one.policy) < (-other.fen, other.policy))


def group_of(funds, name):
    return frozenset(next(fund.excludes for fund in funds if fund.id == name) | {name})


def standing(rows, funds):
    """The claims that stand in a line: those no larger than all there is."""
    budget = {fund.id: fund.budget_fen for fund in funds}
    return [row for row in rows if row.fen <= budget[row.policy]]


def stable(funds, rows, outcome):
    """Every policy serves exactly those that would take it, down its line, whose amounts added up stay within the budget."""
    for fund in funds:
        would = [row for row in rows if row.policy == fund.id and not preferred(outcome.get((row.firm, group_of(funds, fund.id))), row)]
        spent, wanted = 0, set()
        for at, row in enumerate(sorted(would, key=lambda row: (row.keys, row.firm))):
            spent += row.fen
            if spent <= fund.budget_fen and (fund.places is None or at < fund.places):
                wanted.add(row.firm)
        if wanted != {firm for (firm, _), row in outcome.items() if row.policy == fund.id}:
            return False
    return True


def every_stable_outcome(funds, rows):
    """Each is what firms choose from the policies that still serve them at some place of every line: all places are tried."""
    lines = [sorted((row for row in rows if row.policy == fund.id), key=lambda row: (row.keys, row.firm)) for fund in funds]
    groups = {fund.id: group_of(funds, fund.id) for fund in funds}
    for cut in itertools.product(*(range(len(line) + 1) for line in lines)):
        outcome = {}
        for row in itertools.chain.from_iterable(line[:at] for line, at in zip(lines, cut, strict=True)):
            place = row.firm, groups[row.policy]
            if preferred(row, outcome.get(place)):
                outcome[place] = row
        if stable(funds, rows, outcome):
            yield outcome


def every_outcome(funds, rows):
    """Each firm and group with one of its claims or none."""
    claims = {}
    for row in rows:
        claims.setdefault((row.firm, group_of(funds, row.policy)), [None]).append(row)
    for choice in itertools.product(*claims.values()):
        yield {place: row for place, row in zip(claims, choice, strict=True) if row is not None}


def as_outcome(funds, rows):
    found = states(funds, rows)
    return {(row.firm, group_of(funds, row.policy)): row for row in rows if found[row.policy, row.firm][0] == "granted"}


@settings(max_examples=60, deadline=None)
@given(counties(firms=4, policies=3, grouped=True, plain=True))
def test_trying_every_place_of_every_line_finds_every_stable_outcome(county):
    funds, rows = county[0], standing(county[1], county[0])
    by_places = [dict(outcome) for outcome in every_stable_outcome(funds, rows)]
    assert all(outcome in by_places for outcome in every_outcome(funds, rows) if stable(funds, rows, outcome))


@settings(max_examples=80, deadline=None)
@given(counties(firms=12, policies=3, grouped=True, plain=True))
def test_of_all_stable_outcomes_every_firm_gets_its_best(county):
    funds, rows = county[0], standing(county[1], county[0])
    ours = as_outcome(*county)
    assert stable(funds, rows, ours)
    for other in every_stable_outcome(funds, rows):
        for place in ours.keys() | other.keys():
            assert not preferred(other.get(place), ours.get(place))


def test_where_lines_and_wishes_disagree_there_are_several_stable_outcomes_and_firms_get_the_one_they_prefer():
    funds = [Fund("A", 5, excludes=frozenset({"B"})), Fund("B", 5, excludes=frozenset({"A"}))]
    rows = [Claim("F00", "A", 5, keys=(1,)), Claim("F00", "B", 4, keys=(0,)), Claim("F01", "A", 4, keys=(0,)), Claim("F01", "B", 5, keys=(1,))]
    assert len({tuple(sorted((firm, row.policy) for (firm, _), row in outcome.items())) for outcome in every_stable_outcome(funds, rows)}) == 2
    assert {pair for pair, answer in states(funds, rows).items() if answer[0] == "granted"} == {("A", "F00"), ("B", "F01")}


def blocking(funds, rows, outcome):
    """Pairs that would both rather have each other: money is free, or goes to firms further down the line that pay for it."""
    for fund in funds:
        won = [row for (_, _), row in outcome.items() if row.policy == fund.id]
        for row in rows:
            if row.policy == fund.id and preferred(row, outcome.get((row.firm, group_of(funds, fund.id)))):
                ahead = sum(other.fen for other in won if (other.keys, other.firm) < (row.keys, row.firm))
                if ahead + row.fen <= fund.budget_fen:
                    yield row


@settings(max_examples=150, deadline=None)
@given(counties(firms=12, policies=4, grouped=True, plain=True, equal=True))
def test_of_equal_amounts_no_pair_would_rather_have_each_other(county):
    assert not list(blocking(*county, as_outcome(*county)))


@settings(max_examples=150, deadline=None)
@given(counties(firms=12, policies=4, grouped=True, plain=True))
def test_of_unequal_amounts_nobody_is_passed_over_for_a_firm_further_down_and_who_would_fit_stands_behind_a_larger_one(county):
    funds, rows = county[0], standing(county[1], county[0])
    funds = [replace(fund, places=None) for fund in funds]
    outcome, found = as_outcome(funds, rows), states(funds, rows)
    for row in blocking(funds, rows, outcome):
        assert found[row.policy, row.firm][1] == "behind"
    for (policy, firm), (state, _reason, _fen, place, _other) in found.items():
        if state == "waitlisted" and place:
            assert all(other[3] < place for (each, who), other in found.items() if each == policy and who != firm and other[0] == "granted")


def overtaking(funds, rows, outcome):
    """Stable as those would have it who let a smaller claim pass a larger one that does not fit: nobody blocks."""
    within = all(sum(row.fen for row in outcome.values() if row.policy == fund.id) <= fund.budget_fen for fund in funds)
    return within and not list(blocking(funds, rows, outcome))


def test_with_overtaking_there_are_counties_without_a_stable_outcome():
    funds = [Fund("A", 2, excludes=frozenset({"B"})), Fund("B", 8, excludes=frozenset({"A"}))]
    county = without_peace(funds)
    assert county is not None
    assert not any(overtaking(funds, county, outcome) for outcome in every_outcome(funds, county))
    assert stable(funds, standing(county, funds), as_outcome(funds, county))


def without_peace(funds):
    """The first county of a seeded search in which every outcome is blocked."""
    dice = random.Random(7)
    for _ in range(4000):
        rows = [Claim(firm, fund.id, dice.randint(1, fund.budget_fen), keys=(dice.randint(0, 9),)) for firm in FIRMS[:4] for fund in funds if dice.random() < 0.8]
        if not any(overtaking(funds, rows, outcome) for outcome in every_outcome(funds, rows)):
            return rows
    return None


@settings(max_examples=150, deadline=None)
@given(counties(firms=10, policies=4, grouped=True, plain=True), st.integers(0, 3), st.integers(1, 20))
def test_more_money_for_one_policy_makes_no_firm_worse_off(county, which, more):
    funds, rows = county
    rows = standing(rows, funds)  # a larger budget also lets larger amounts into the line; that is another county
    richer = [replace(fund, budget_fen=fund.budget_fen + more) if at == which % len(funds) else fund for at, fund in enumerate(funds)]
    before, after = as_outcome(funds, rows), as_outcome(richer, rows)
    for place in before.keys() | after.keys():
        assert not preferred(before.get(place), after.get(place))


@settings(max_examples=100, deadline=None)
@given(counties(firms=8, policies=4, grouped=True, plain=True), st.randoms(use_true_random=False))
def test_in_groups_it_does_not_matter_in_which_order_firms_ask(county, dice):
    funds, rows = county
    assert one_at_a_time(funds, standing(rows, funds), dice) == as_outcome(funds, rows)


def one_at_a_time(funds, rows, dice):
    """One firm asks for one claim, chosen by the dice, and the policy answers at once."""
    asked, refused = {fund.id: [] for fund in funds}, set()
    while True:
        holding = {(row.firm, group_of(funds, row.policy)) for line in asked.values() for row in line if (row.policy, row.firm) not in refused}
        open_ = {}
        for row in sorted(rows, key=lambda row: (-row.fen, row.policy)):
            place = row.firm, group_of(funds, row.policy)
            if place not in holding and row not in asked[row.policy]:
                open_.setdefault(place, row)
        if not open_:
            return {(row.firm, group_of(funds, row.policy)): row for line in asked.values() for row in line if (row.policy, row.firm) not in refused}
        row = dice.choice(sorted(open_.values(), key=lambda row: (row.policy, row.firm)))
        fund = next(fund for fund in funds if fund.id == row.policy)
        line = asked[row.policy] = sorted([*asked[row.policy], row], key=lambda row: (row.keys, row.firm))
        refused |= {(fund.id, row.firm) for row in line[plain_allocation.served(fund, line, fund.budget_fen, fund.places):]}


# ── single sentences ─────────────────────────────────────────────────────────
def test_what_was_granted_before_is_kept_lowers_the_budget_and_excludes():
    funds = [Fund("A", 10, excludes=frozenset({"B"})), Fund("B", 10)]
    rows = [Claim("F00", "B", kept_fen=6, in_match=False), Claim("F00", "A", 9), Claim("F01", "B", 5), Claim("F02", "B", 4)]
    found = states(funds, rows)
    assert found["B", "F00"][:3] == ("granted", "kept", 6)
    assert found["A", "F00"] == ("displaced", "excluded", 0, 0, "B")
    assert found["B", "F01"][:3] == ("waitlisted", "budget_used", 0)
    assert found["B", "F02"][:3] == ("granted", "in_budget", 4)


@pytest.mark.parametrize(("fund", "what", "figures"), [(Fund("B", 5), "fen", (5, 6)), (Fund("B", 9, places=1), "places", (1, 2))])
def test_a_budget_below_what_is_granted_is_refused_with_the_figures(fund, what, figures):
    with pytest.raises(BelowGranted) as refusal:
        settled([fund], [Claim("F00", "B", kept_fen=2), Claim("F01", "B", kept_fen=4)])
    assert (refusal.value.policy, refusal.value.what) == ("B", what)
    assert (refusal.value.limit, refusal.value.granted) == figures


def test_what_stands_in_the_way_is_the_largest_of_several():
    funds = [Fund("A"), Fund("B", excludes=frozenset("AC")), Fund("C")]
    assert states(funds, [Claim("F00", "A", 20), Claim("F00", "B", 5), Claim("F00", "C", 10)])["B", "F00"] == ("displaced", "excluded", 0, 0, "A")


def test_of_nothing_left_nobody_gets_a_share():
    found = states([Fund("A", 4, prorate=True)], [Claim("F00", "A", kept_fen=4), Claim("F01", "A", 3), Claim("F02", "A", 5)])
    assert [found["A", firm][:3] for firm in FIRMS[:3]] == [("granted", "kept", 4), ("waitlisted", "budget_used", 0), ("waitlisted", "too_large", 0)]


def test_an_amount_beyond_the_whole_budget_waits_and_holds_nobody_up():
    found = states([Fund("A", 10)], [Claim("F00", "A", 11, keys=(0,)), Claim("F01", "A", 9, keys=(1,)), Claim("F02", "A", 1, keys=(2,))])
    assert found["A", "F00"] == ("waitlisted", "too_large", 0, 0, "")
    assert [found["A", firm][0] for firm in FIRMS[1:3]] == ["granted", "granted"]


def test_a_key_nobody_knows_stands_behind_every_known_one_either_way_and_ties_go_by_the_firms_id():
    for descending in (True, False):
        keys = allocation.places_of([None, 3, 9, 3], descending=descending)
        rows = [Claim(firm, "A", 1, keys=(key,)) for firm, key in zip(FIRMS, keys, strict=False)]
        order = [firm for _place, firm in sorted((answer[3], firm) for (_policy, firm), answer in states([Fund("A", 9)], rows).items())]
        assert order == (["F02", "F01", "F03", "F00"] if descending else ["F01", "F03", "F02", "F00"])


def test_sums_beyond_64_bits_are_exact():
    rows = [Claim(firm, "A", 2**62 + 1) for firm in FIRMS]
    found = states([Fund("A", 2**63 - 1)], rows)
    assert sum(answer[0] == "granted" for answer in found.values()) == 1
    shared = states([Fund("A", 2**63 - 1, prorate=True)], rows)
    assert sum(answer[2] for answer in shared.values()) == 2**63 - 1


def test_a_claim_told_twice_or_of_no_policy_is_refused():
    with pytest.raises(ValueError, match="told twice: A F00"):
        claims_of([Fund("A")], [Claim("F00", "A", 1), Claim("F00", "A", 2)])
    with pytest.raises(ValueError, match="no such policy: B"):
        claims_of([Fund("A")], [Claim("F00", "B", 1)])
    with pytest.raises(ValueError, match="no amount"):
        claims_of([Fund("A")], [Claim("F00", "A", -1)])


def test_nobody_claims_anything():
    assert settled([Fund("A", 5)], []).rows() == []
    assert settled([], []).rows() == []
