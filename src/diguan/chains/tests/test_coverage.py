"""Coverage: one tells, another verifies; who may see what; nothing half-written."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from diguan.chains.actions import coverage as actions
from diguan.chains.models import Coverage, CoverageState
from diguan.chains.queries import coverage as register
from diguan.chains.queries import shelf
from diguan.chains.tests.factories import TOLD, coverage_factory
from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db


def told(**more: Any) -> dict[str, Any]:
    return {**TOLD, "node": "case", "role": "make", **more}


def test_who_entered_a_row_cannot_verify_it_not_even_after_another_changed_it() -> None:
    first, second, third = (person_factory("chain_officer") for _ in range(3))
    row = actions.claim_coverage(enterprise=enterprise_factory(), told=told(), by=first)
    with pytest.raises(Refusal, match="own_claim"):
        actions.verify_coverage(coverage=row, version=row.version, by=first)
    row = actions.change_coverage(coverage=row, version=row.version, told=told(source="发票"), by=second)
    for one in (first, second):
        with pytest.raises(Refusal, match="own_claim"):
            actions.verify_coverage(coverage=row, version=row.version, by=one)
    row = actions.verify_coverage(coverage=row, version=row.version, by=third)
    assert (row.state, row.decided_by) == (CoverageState.VERIFIED, third)


def test_a_change_takes_verification_away() -> None:
    row = coverage_factory(amount_fen=100_00)
    row = actions.change_coverage(coverage=row, version=row.version, told=told(source="走访", amount_fen=90_00, year=2025), by=person_factory("chain_officer"))
    assert (row.state, row.decided_on, row.node, row.amount_fen) == (CoverageState.CLAIMED, None, "watch_assembly", 90_00)


@pytest.mark.parametrize(("more", "field"), [
    ({"node": "movement"}, "node"), ({"role": "both"}, "role"), ({"source": " "}, "source"), ({"told_on": None}, "told_on"), ({"told_on": dt.date(2199, 1, 1)}, "told_on"),
    ({"amount_fen": 100}, "year"), ({"amount_fen": -1, "year": 2025}, "amount_fen"), ({"amount_fen": 10**18, "year": 2025}, "amount_fen"), ({"local_fen": 5, "year": 2025}, "local_fen"),
    ({"amount_fen": 5, "local_fen": 6, "year": 2025}, "local_fen"), ({"amount_fen": 9, "park_fen": 5, "year": 2025}, "park_fen"), ({"amount_fen": 9, "local_fen": 5, "park_fen": 6, "year": 2025}, "park_fen"), ({"price_fen": 5}, "price_unit"), ({"price_unit": "只"}, "price_fen"),
    ({"price_fen": 0, "price_unit": "只"}, "price_fen"), ({"role": "use", "price_fen": 5, "price_unit": "只"}, "price_fen"), ({"capacity": 5}, "unit"), ({"role": "use", "capacity_fen": 5, "year": 2025}, "capacity"), ({"year": 2199}, "year"), ({"source": "a" * 101}, "source"),
])
def test_what_cannot_be_is_refused_at_its_field(more: dict[str, Any], field: str) -> None:
    _values, wrong = actions.checked(told(**more))
    assert field in wrong
    assert wrong[field].zh
    assert wrong[field].en


def test_an_unknown_node_names_the_nearest() -> None:
    _values, wrong = actions.checked(told(node="movement_quarz"))
    assert "movement_quartz" in wrong["node"].zh


def test_the_same_enterprise_stands_at_a_node_once_per_side() -> None:
    row = coverage_factory()
    with pytest.raises(Refusal, match="invalid"):
        actions.claim_coverage(enterprise=row.enterprise, told=told(node=row.node), by=person_factory("data_clerk"))
    coverage_factory(row.enterprise, row.node, "use")
    assert Coverage.objects.count() == 2


def test_who_comes_second_writes_nothing() -> None:
    row = coverage_factory(verified=False)
    actions.verify_coverage(coverage=row, version=row.version, by=person_factory("chain_officer"))
    with pytest.raises(Refusal, match="conflict"):
        actions.change_coverage(coverage=row, version=row.version, told=told(source="晚到"), by=person_factory("chain_officer"))
    assert Coverage.objects.get(pk=row.pk).source == TOLD["source"]


def test_many_are_verified_together_or_none_is() -> None:
    clerk, officer = person_factory("data_clerk"), person_factory("chain_officer")
    rows = [coverage_factory(by=clerk, verified=False) for _ in range(3)]
    mine = coverage_factory(by=officer, verified=False)
    with pytest.raises(Refusal, match="own_claim") as refused:
        actions.verify_coverages(rows=[(row, row.version) for row in (*rows, mine)], by=officer)
    assert mine.enterprise.name in refused.value.reasons[0].zh
    assert not Coverage.objects.filter(state=CoverageState.VERIFIED).exists()
    actions.verify_coverages(rows=[(row, row.version) for row in rows], by=officer)
    assert Coverage.objects.filter(state=CoverageState.VERIFIED).count() == 3


def test_stale_is_after_ninety_days_and_looking_again_ends_it() -> None:
    row = coverage_factory()
    day = row.decided_on
    assert day is not None
    assert not row.stale(day + dt.timedelta(days=90))
    assert row.stale(day + dt.timedelta(days=91))
    assert list(register.in_state(Coverage.objects.all(), "stale", day + dt.timedelta(days=91))) == [row]
    fresh = actions.verify_coverage(coverage=row, version=row.version, by=person_factory("chain_officer"))
    assert fresh.version == row.version + 1


def test_rejected_is_not_verified_again_without_being_told_anew() -> None:
    row = coverage_factory(verified=False)
    officer = person_factory("chain_officer")
    row = actions.reject_coverage(coverage=row, version=row.version, reason="没有看到设备", by=officer)
    with pytest.raises(Refusal, match="not_waiting"):
        actions.verify_coverage(coverage=row, version=row.version, by=officer)


# ── suggestions ──────────────────────────────────────────────────────────────
def test_suggestions_come_from_words_then_code_and_not_from_who_is_there_or_was_rejected() -> None:
    person = person_factory("chain_officer")
    named, coded = enterprise_factory(name="衡阳示例表盘工艺有限公司", industry="4030"), enterprise_factory(name="衡阳示例时光有限公司", industry="4030")
    enterprise_factory(name="衡阳示例米业有限公司", industry="1311")
    there, refused = enterprise_factory(name="衡阳演示表盘有限公司", industry="4030"), enterprise_factory(name="衡阳样本表盘有限公司", industry="4030")
    coverage_factory(there, "dial")
    wrong = coverage_factory(refused, "dial", verified=False)
    actions.reject_coverage(coverage=wrong, version=wrong.version, reason="只做印刷", by=person)
    node = shelf.nodes()["dial"]
    found = register.suggestions(person, "dial", node.codes, node.products)
    assert [one.enterprise for one in found] == [named, coded]
    assert found[0].words
    assert found[1].by_code
    row = actions.take_suggestions(suggestions=found[:1], by=person)
    assert (row.state, row.confidence, row.enterprise) == (CoverageState.CLAIMED, "low", named)
    with pytest.raises(Refusal, match="conflict"):
        actions.take_suggestions(suggestions=found[:1], by=person)


def test_a_firm_whose_code_says_otherwise_is_doubted() -> None:
    odd = register.doubt(enterprise_factory(industry="1311"), "dial")
    assert odd is not None
    assert "1311" in odd.zh
    assert register.doubt(enterprise_factory(industry="4030"), "dial") is None
    assert register.doubt(enterprise_factory(), "dial") is None


# ── rights ───────────────────────────────────────────────────────────────────
def test_amounts_are_a_right_of_their_own(client: Client) -> None:
    row = coverage_factory(amount_fen=123_456_700, local_fen=0)
    client.force_login(person_factory("policy_officer"))
    for address in (f"/chains/coverage/{row.pk}/", "/chains/coverage/", f"/chains/watch/?node={row.node}"):
        page = client.get(address)
        assert page.status_code == 200
        assert "123.5 万元" not in page.content.decode(), address
    client.force_login(person_factory("chain_officer"))
    assert "123.5 万元" in client.get(f"/chains/coverage/{row.pk}/").content.decode()


def test_an_agent_sees_and_tells_its_own_firm_alone(client: Client) -> None:
    row, other = coverage_factory(amount_fen=50_000_000), coverage_factory(amount_fen=70_000_000)
    client.force_login(person_factory("enterprise_agent", uscc=row.enterprise.uscc))
    assert client.get(f"/chains/coverage/{row.pk}/").status_code == 200
    assert client.get(f"/chains/coverage/{other.pk}/").status_code == 404
    assert other.enterprise.name not in client.get("/chains/coverage/").content.decode()
    for address in ("/chains/", "/chains/watch/", "/chains/watch/list/", "/chains/watch/gaps/", "/chains/nodes/dial/suggested/", "/chains/nodes/dial/feasibility/", "/chains/coverage/verify/"):
        assert client.get(address).status_code in (403, 404), address
    assert client.get(f"/chains/coverage/of/{other.enterprise.uscc}/new/").status_code in (403, 404)
    with pytest.raises(Forbidden):
        actions.claim_coverage(enterprise=other.enterprise, told=told(), by=person_factory("enterprise_agent", uscc=row.enterprise.uscc))


def test_an_agent_cannot_verify_what_another_agent_of_the_firm_told() -> None:
    firm = enterprise_factory()
    row = coverage_factory(firm, by=person_factory("enterprise_agent", uscc=firm.uscc), verified=False)
    with pytest.raises(Forbidden):
        actions.verify_coverage(coverage=row, version=row.version, by=person_factory("enterprise_agent", uscc=firm.uscc))
