"""Simulations: scenarios side by side are what matches of such policies would be; a limit moved is a match with that limit."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from fractions import Fraction

import pytest
from django.urls import reverse

from diguan.kernel.access import Forbidden
from diguan.kernel.actions import Refusal
from diguan.kernel.rules import judged, tree
from diguan.kernel.tests.factories import person_factory
from diguan.policies import actions, queries
from diguan.policies.actions import drafts
from diguan.policies.actions.simulation import run_simulation
from diguan.policies.engine import scenarios
from diguan.policies.queries import simulations, sweeps
from diguan.policies.queries.simulations import Scenario, Sums
from diguan.policies.tests import county
from diguan.policies.tests.county import ELSEWHERE, PLAIN, POLICY, RICH, SHORT, SILENT

pytestmark = pytest.mark.django_db
LIMIT = "clause:burns:0"


@pytest.fixture
def pack(settings, tmp_path, monkeypatch):
    county.begin(settings, tmp_path, monkeypatch)
    county.deliver((RICH, 600), (PLAIN, 500), (SHORT, 90))
    return tmp_path / "pack"


@pytest.fixture
def officer(pack):
    found = person_factory("policy_officer", from_day=dt.date(2026, 1, 1))
    actions.run_match(by=found)
    return found


def test_the_first_scenario_is_the_match_and_a_lower_limit_lets_the_next_one_in(officer):
    run = run_simulation(scenarios=[Scenario(POLICY), Scenario(POLICY, {LIMIT: "80立方米"})], by=officer)
    now, lower = simulations.results_of(run)
    match = queries.totals_of(queries.current_run())[POLICY]
    assert dataclasses.replace(now.totals, id=POLICY) == match
    assert (lower.totals.eligible, lower.totals.amount_fen) == (3, match.amount_fen)  # 90 m³ is below the first step: entitled to nothing
    assert simulations.moved(run, 1) == {"gained": [SHORT], "lost": [], "more": [], "less": []}


def test_every_number_of_a_simulation_is_the_sum_of_its_rows(officer):
    run = run_simulation(scenarios=[Scenario(POLICY), Scenario(POLICY, {"benefit:step:0:amount": "2万元", LIMIT: "550立方米"})], by=officer)
    for at, result in enumerate(simulations.results_of(run)):
        rows = simulations.standing_of(run, at).values()
        assert sum(status == tree.ELIGIBLE for status, _fen in rows) == result.totals.eligible
        assert sum(status == tree.UNDECIDED for status, _fen in rows) == result.totals.unknown
        assert sum(fen or 0 for status, fen in rows if status == tree.ELIGIBLE) == result.totals.amount_fen
        for group in simulations.GROUPS:
            cells = [row[at] for row in simulations.cells(run, group).values()]
            assert (sum(one.eligible for one in cells), sum(one.unknown for one in cells), sum(one.low_fen for one in cells), sum(one.high_fen for one in cells)) == (
                result.totals.eligible, result.totals.unknown, result.totals.amount_fen, result.totals.high_fen)


def test_who_loses_and_who_gets_more_is_told_with_the_money_that_moves(officer):
    run = run_simulation(scenarios=[Scenario(POLICY), Scenario(POLICY, {"benefit:step:1:amount": "6万元"}), Scenario(POLICY, {LIMIT: "550立方米"})], by=officer)
    dearer, harder = simulations.sums_of(run, 1), simulations.sums_of(run, 2)
    assert (dearer["more"].firms, dearer["more"].fen) == (2, 2 * 1_000_000)
    assert (harder["lost"].firms, harder["lost"].fen) == (1, 5_000_000)
    assert [line.enterprise.uscc for line in simulations.movers(officer, run, 2, "lost")] == [PLAIN]


def test_who_moves_is_told_by_group_too_and_each_group_opens_its_firms(officer, client):
    run = run_simulation(scenarios=[Scenario(POLICY), Scenario(POLICY, {LIMIT: "550立方米", "benefit:step:1:amount": "6万元"})], by=officer)
    assert simulations.sums_by(run, 1, "town") == {"界牌镇": {"lost": Sums(1, 5_000_000), "more": Sums(1, 1_000_000)}}
    for group in simulations.GROUPS:
        parts = simulations.sums_by(run, 1, group).values()
        assert {move: (one.firms, one.fen) for move, one in simulations.sums_of(run, 1).items()} == {
            move: (sum(part[move].firms for part in parts if move in part), sum(part[move].fen for part in parts if move in part)) for move in simulations.MOVES}
    client.force_login(officer)
    address = reverse("policies:simulation_moved", args=[run.run_id, 1, "lost"])
    assert f"{address}?by=town&amp;value=" in client.get(reverse("policies:simulation", args=[run.run_id])).content.decode()
    assert PLAIN in client.get(address, {"by": "town", "value": "界牌镇"}).content.decode()
    assert PLAIN not in client.get(address, {"by": "town", "value": "西渡镇"}).content.decode()
    assert client.get(address, {"by": "owner"}).status_code == 404


def test_the_firms_behind_a_cell_stand_as_they_do_in_the_first_scenario_under_the_names_the_columns_have(officer, client):
    run = run_simulation(scenarios=[Scenario(POLICY), Scenario(POLICY, {LIMIT: "80立方米"}, "放宽")], by=officer)
    found = {line.enterprise.uscc: (line.was, line.now) for line in simulations.counted(officer, run, 1, "", "")}
    assert found[SHORT] == (tree.INELIGIBLE, tree.ELIGIBLE)
    assert found[RICH] == (tree.ELIGIBLE, tree.ELIGIBLE)
    client.force_login(officer)
    html = client.get(reverse("policies:simulation_moved", args=[run.run_id, 1, "gained"])).content.decode()
    assert "新增可享：放宽与现行相比" in html
    assert "第一种" not in html
    html = client.get(reverse("policies:simulation_firms", args=[run.run_id, 1])).content.decode()
    assert "放宽的金额" in html
    assert "现行的金额" in html
    longer = run_simulation(scenarios=[Scenario(POLICY), Scenario(POLICY, {LIMIT: "80立方米"}, "放宽" * 15)], by=officer)
    html = client.get(reverse("policies:simulation_firms", args=[longer.run_id, 1])).content.decode()
    assert "方案 1的金额" in html, "a long name would make the table wider than the page"
    assert "放宽" * 15 in html


def test_money_nobody_knows_is_counted_and_not_taken_for_nothing():
    was, now = {"a": (tree.UNDECIDED, None), "b": (tree.INELIGIBLE, None)}, {"a": (tree.ELIGIBLE, None), "b": (tree.ELIGIBLE, 700)}
    assert simulations._sums(["a", "b"], was, now) == Sums(2, 700, 1)


def test_who_may_not_see_which_firms_is_not_told_of_one_or_two(officer, client, monkeypatch):
    run = run_simulation(scenarios=[Scenario(POLICY), Scenario(POLICY, {LIMIT: "550立方米"})], by=officer)
    monkeypatch.setattr(simulations, "may_list", lambda _person: False)
    assert simulations.told_sums(officer, run, 1) == {"gained": Sums(0, 0), "lost": None, "more": Sums(0, 0), "less": Sums(0, 0)}
    client.force_login(officer)
    page = client.get(reverse("policies:simulation", args=[run.run_id])).content.decode()
    assert "&lt;3" in page
    assert reverse("policies:simulation_moved", args=[run.run_id, 1, "lost"]) not in page
    assert "万元" not in page.partition('id="groups"')[2].partition('id="sweep"')[0]


def test_the_same_inputs_are_the_same_run_and_another_title_is_another(officer):
    first = run_simulation(scenarios=[Scenario(POLICY)], by=officer)
    assert run_simulation(scenarios=[Scenario(POLICY)], by=officer) == first
    assert run_simulation(scenarios=[Scenario(POLICY, title="现行")], by=officer) != first


@pytest.mark.parametrize(("given", "code", "field"), [
    ([], "too_many", ""), ([Scenario(POLICY)] * 7, "too_many", ""), ([Scenario("clean-klin-2026")], "no_policy", "policy"),
    ([Scenario(POLICY, {LIMIT: "80元"})], "invalid", LIMIT), ([Scenario(POLICY, {"clause:burn:0": "80立方米"})], "invalid", "clause:burn:0"),
    ([Scenario(POLICY, {"budget:amount": "-1元"})], "invalid", "budget:amount"),
])
def test_what_cannot_be_simulated_is_refused_and_nothing_is_kept(officer, given, code, field):
    with pytest.raises(Refusal) as refusal:
        run_simulation(scenarios=given, by=officer)
    assert (refusal.value.code, refusal.value.field or "") == (code, field)
    assert not simulations.recent(officer)


def test_who_may_not_simulate_does_neither_run_nor_read_one(officer):
    run = run_simulation(scenarios=[Scenario(POLICY)], by=officer)
    for role in ("data_clerk", "bureau_clerk", "administrator"):
        other = person_factory(role, from_day=dt.date(2026, 1, 1))
        with pytest.raises(Forbidden):
            run_simulation(scenarios=[Scenario(POLICY)], by=other)
        with pytest.raises(Forbidden):
            simulations.find(other, run.run_id)


# ── the limit moved ──────────────────────────────────────────────────────────
@pytest.mark.parametrize("grid", [[0, 89, 90, 91, 100, 500, 501, 600, 601, 10**9]])
def test_a_sweep_is_a_match_at_every_point(officer, grid):
    of, policy = queries.current_run(), queries.library().policies[POLICY]
    knob = sweeps.sweepable(policy)[0]
    found = sweeps.sweep(of, policy, knob, [Fraction(value) for value in grid])
    for point in found:
        moved = scenarios.at(policy, knob, point.value)
        totals = judged.one_by_one([moved], simulations.data_of(of, [moved]), of.as_of)[0].totals
        assert (point.eligible, point.unknown, point.low_fen, point.more_fen, point.open) == (
            totals.eligible, totals.unknown, totals.amount_fen, totals.undecided_amount_fen, totals.amount_unknown + totals.undecided_amount_unknown), point.value
    assert found[0].eligible + found[0].unknown > found[-1].eligible + found[-1].unknown  # the grid does move something


def test_a_sweep_without_a_grid_takes_the_values_that_occur_and_the_limit_as_it_stands(officer):
    policy = queries.library().policies[POLICY]
    found = sweeps.sweep(queries.current_run(), policy, sweeps.sweepable(policy)[0])
    assert [int(point.value) for point in found] == [90, 100, 500, 600]


def test_firms_nobody_told_anything_of_are_undecided_at_every_limit(officer):
    policy = queries.library().policies[POLICY]
    assert {point.unknown for point in sweeps.sweep(queries.current_run(), policy, sweeps.sweepable(policy)[0])} == {1}
    assert SILENT != ELSEWHERE


# ── pages ────────────────────────────────────────────────────────────────────
def test_an_officer_turns_a_number_sees_who_comes_in_and_adds_a_scenario(officer, client):
    client.force_login(officer)
    page = client.post(reverse("policies:new_simulation") + f"?policy={POLICY}", {"title": "放宽", LIMIT: "80立方米"}, follow=True)
    text = page.content.decode()
    assert "放宽" in text
    assert "新增可享" in text
    run = simulations.recent(officer)[0]
    movers = client.get(reverse("policies:simulation_moved", args=[run.run_id, 1, "gained"])).content.decode()
    assert SHORT in movers
    assert RICH not in movers
    client.post(reverse("policies:new_simulation") + f"?from={run.run_id}", {LIMIT: "550立方米"})
    assert [len(one.inputs["scenarios"]) for one in simulations.recent(officer)] == [3, 2]
    drawn = client.get(reverse("policies:simulation", args=[run.run_id]) + f"?limit={LIMIT}").content.decode()
    assert drawn.count("dg-target") >= 1


def test_a_value_that_does_not_fit_is_said_at_its_field_and_what_was_typed_is_kept(officer, client):
    client.force_login(officer)
    text = client.post(reverse("policies:new_simulation") + f"?policy={POLICY}", {LIMIT: "80元", "budget:amount": "7万元"}).content.decode()
    assert 'value="80元"' in text
    assert 'value="7万元"' in text
    assert "立方米" in text
    assert not simulations.recent(officer)


def test_who_may_not_simulate_gets_no_page_and_no_button(officer, client):
    run = run_simulation(scenarios=[Scenario(POLICY), Scenario(POLICY, {LIMIT: "80立方米"})], by=officer)
    client.force_login(person_factory("data_clerk", from_day=dt.date(2026, 1, 1)))
    assert reverse("policies:new_simulation") not in client.get(reverse("policies:policy", args=[POLICY])).content.decode()
    for name, args in (("simulations", []), ("simulation", [run.run_id]), ("simulation_moved", [run.run_id, 1, "gained"]), ("simulation_firms", [run.run_id, 1])):
        assert client.get(reverse(f"policies:{name}", args=args)).status_code == 403
    assert client.post(reverse("policies:new_simulation") + f"?policy={POLICY}", {LIMIT: "80立方米"}).status_code == 403


def test_a_draft_stands_beside_the_text_in_force_and_a_later_text_is_another_simulation(officer, client):
    made = drafts.copy_policy(policy=POLICY, by=officer)
    client.force_login(officer)
    page = client.get(reverse("policies:new_simulation") + f"?draft={made.pk}")
    assert LIMIT in page.content.decode()
    client.post(reverse("policies:new_simulation") + f"?draft={made.pk}", {})
    run = simulations.recent(officer)[0]
    assert [one.policy for one in simulations.scenarios_of(run)] == [POLICY, f"draft:{made.pk}"]
    assert simulations.sums_of(run, 1)["gained"].firms == 0
    drafts.save_draft(draft=made, version=made.version, text=re.sub(r"(value: \W?)100", r"\g<1>80", made.text), source=made.source, by=officer)
    client.post(reverse("policies:new_simulation") + f"?draft={made.pk}", {})
    assert simulations.sums_of(simulations.recent(officer)[0], 1)["gained"].firms == 1
    assert "政策文本在试算之后改过" in client.get(reverse("policies:simulation", args=[run.run_id])).content.decode()


def test_who_sees_no_drafts_simulates_none(officer, pack, monkeypatch):
    (pack / "roles.yaml").write_text("analyst:\n  title: {zh: 分析员}\n  permissions: {policies.simulate: county}\n", "utf-8")
    monkeypatch.setenv("DIGUAN_PACKS", f"base,{pack}")
    made, analyst = drafts.copy_policy(policy=POLICY, by=officer), person_factory("analyst")
    assert run_simulation(scenarios=[Scenario(POLICY)], by=analyst)
    with pytest.raises(Forbidden):
        run_simulation(scenarios=[Scenario(POLICY), Scenario(f"draft:{made.pk}")], by=analyst)


def test_a_draft_nobody_has_is_no_policy(officer, client):
    with pytest.raises(Refusal, match="no_policy"):
        run_simulation(scenarios=[Scenario("draft:77")], by=officer)
    client.force_login(officer)
    assert client.get(reverse("policies:new_simulation") + "?draft=77").status_code == 404


@pytest.mark.parametrize(("was", "now"), [(r"(value: \W?)100", r"\g<1>一百"), ("benefit:", "benefits:")])
def test_a_draft_with_a_fault_in_what_decides_is_refused_with_its_line_and_not_tried_in_part(officer, client, was, now):
    made = drafts.copy_policy(policy=POLICY, by=officer)
    text = re.sub(was, now, made.text, count=1)
    assert text != made.text
    drafts.save_draft(draft=made, version=made.version, text=text, source=made.source, by=officer)
    with pytest.raises(Refusal) as refusal:
        run_simulation(scenarios=[Scenario(POLICY), Scenario(f"draft:{made.pk}")], by=officer)
    assert (refusal.value.code, refusal.value.field) == ("invalid", "policy")
    assert not simulations.recent(officer)
    client.force_login(officer)
    page = client.get(reverse("policies:new_simulation") + f"?draft={made.pk}").content.decode()
    assert "草稿还算不了" in page
    assert "草稿第 " in page
