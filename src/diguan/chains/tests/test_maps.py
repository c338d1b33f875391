"""The county's chains: who is counted, what is needed, what is missing, and in which order."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from diguan.chains.actions.feasibility import tell_feasibility
from diguan.chains.engine import gaps as engine
from diguan.chains.engine.chain import Chain, Edge, Node
from diguan.chains.engine.layout import layout
from diguan.chains.engine.picture import HIGH, WIDE, fitted, picture, width
from diguan.chains.models import Feasibility
from diguan.chains.queries import maps, shelf, sourcing
from diguan.chains.tests.factories import coverage_factory
from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel.measures import behind, value
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db


def chain(*edges: Edge, **more: Any) -> Chain:
    """steel → movement → watch, movement being key."""
    nodes = tuple(Node(key, Message(key, key), "mid", "component", {}, key=key == "movement_quartz") for key in ("steel", "movement_quartz", "watch_assembly"))
    return Chain("little", Message("小", "little"), "1", "any", "CC0", {}, nodes, edges or (Edge("steel", "movement_quartz", share=0.3), Edge("movement_quartz", "watch_assembly", share=0.2)), **more)


def see(*edges: Edge) -> maps.ChainView:
    return maps.view(person_factory("chain_officer"), chain(*edges))


def test_only_verified_producing_firms_count() -> None:
    coverage_factory(node="watch_assembly")
    coverage_factory(node="watch_assembly", verified=False)
    coverage_factory(enterprise_factory(production_status="在建"), "watch_assembly")
    coverage_factory(enterprise_factory(production_status="停产"), "watch_assembly")
    coverage_factory(enterprise_factory(business_status="注销"), "watch_assembly")
    stand = see().stands["watch_assembly"]
    assert (len(stand.makers), len(stand.growing), stand.waiting, stand.shape) == (1, 1, 1, maps.SINGLE)


def test_a_key_node_nobody_makes_is_a_gap_and_another_is_bought_outside() -> None:
    view = see()
    assert {key: stand.shape for key, stand in view.stands.items()} == {"steel": maps.OUTSIDE, "movement_quartz": maps.GAP, "watch_assembly": maps.OUTSIDE}
    coverage_factory(node="movement_quartz", verified=False)
    assert see().stands["movement_quartz"].shape == maps.PLANNED


def test_need_is_what_was_told_then_what_the_share_says_and_what_is_silent_is_no_zero() -> None:
    told, guessed, silent = (enterprise_factory(production_status="在产") for _ in range(3))
    coverage_factory(told, "watch_assembly", amount_fen=1000)
    coverage_factory(told, "movement_quartz", "use", amount_fen=333)
    coverage_factory(guessed, "watch_assembly", amount_fen=1000)
    coverage_factory(silent, "watch_assembly")
    need = see().stands["movement_quartz"].need
    assert (need.fen, need.told, need.estimated, need.silent, need.firms) == (533, 1, 1, 1, 3)
    unknown = see(Edge("steel", "movement_quartz"), Edge("movement_quartz", "watch_assembly")).stands["movement_quartz"].need
    assert (unknown.fen, unknown.estimated, unknown.silent) == (333, 0, 2)
    assert see(Edge("steel", "movement_quartz"), Edge("steel", "watch_assembly")).stands["steel"].need.fen is None


def test_nobody_needs_it_is_zero_and_nobody_told_is_not() -> None:
    assert see().stands["steel"].need.fen == 0
    coverage_factory(node="movement_quartz")
    assert see().stands["steel"].need.fen is None


def test_a_gap_between_two_that_are_there_is_filled_first() -> None:
    coverage_factory(node="steel", amount_fen=500)
    coverage_factory(node="watch_assembly", amount_fen=1000)
    view = see()
    kinds = {gap.node: gap.kind for gap in view.gaps.gaps}
    assert kinds == {"steel": engine.STRENGTHEN, "movement_quartz": engine.FILL, "watch_assembly": engine.STRENGTHEN}
    assert view.ranked[0][1].node.id == "movement_quartz"
    assert view.stands["movement_quartz"].gap is not None
    assert view.stands["movement_quartz"].gap.value == 200


def test_a_maker_of_whom_nobody_knows_how_much_leaves_the_gap_open() -> None:
    coverage_factory(node="watch_assembly", amount_fen=1000)
    coverage_factory(node="movement_quartz")
    gap = see().stands["movement_quartz"].gap
    assert gap is not None
    assert (gap.kind, gap.cover, gap.value, gap.single) == (engine.STRENGTHEN, None, None, True)


def test_a_new_firm_at_a_node_never_raises_that_nodes_score() -> None:
    coverage_factory(node="watch_assembly", amount_fen=10_000)
    before = see()
    for amount in (200, 700, 5000):
        coverage_factory(node="movement_quartz", amount_fen=amount)
        after = see()
        scores = [{stand.node.id: float(view.gaps.ranking.score[row]) for row, stand in view.ranked} for view in (before, after)]
        assert scores[1].get("movement_quartz", 0.0) <= scores[0].get("movement_quartz", 0.0) + 1e-12
        before = after


def test_what_is_not_known_widens_and_a_closed_door_takes_a_node_out_of_the_ranking() -> None:
    coverage_factory(node="watch_assembly", amount_fen=1000)
    officer = person_factory("chain_officer")
    told = {"land": "open", "energy": "open", "environment": "tight", "source": "复函", "told_on": dt.date(2026, 1, 20)}

    def seen() -> tuple[float, float, bool]:
        view = see()
        row = next(row for row, stand in view.ranked if stand.node.id == "movement_quartz")
        return float(view.gaps.ranking.low[row]), float(view.gaps.ranking.high[row]), bool(view.gaps.known[row, 3])

    assert seen()[0] == seen()[1], "known of no node it counts nothing"
    tell_feasibility(node="steel", version=0, told=told, by=officer)
    low, high, known = seen()
    assert low < high
    assert not known
    row = tell_feasibility(node="movement_quartz", version=0, told=told, by=officer)
    assert seen()[0] == seen()[1]
    row = tell_feasibility(node="movement_quartz", version=row.version, told={**told, "environment": "closed"}, by=officer)
    assert row.score == 0
    assert [stand.node.id for stand in see().closed] == ["movement_quartz"]
    with pytest.raises(Refusal, match="conflict"):
        tell_feasibility(node="movement_quartz", version=1, told=told, by=officer)


def test_feasibility_is_not_for_agents() -> None:
    firm = enterprise_factory()
    with pytest.raises(Forbidden):
        tell_feasibility(node="dial", version=0, told={"source": "自己说", "told_on": dt.date(2026, 1, 20)}, by=person_factory("enterprise_agent", uscc=firm.uscc))


@pytest.mark.parametrize(("more", "field"), [({"land": "yes"}, "land"), ({"source": ""}, "source"), ({"told_on": None}, "told_on"), ({"told_on": dt.date(2199, 1, 1)}, "told_on"), ({"note": "a" * 201}, "note")])
def test_feasibility_that_cannot_be_is_refused(more: dict[str, Any], field: str) -> None:
    told = {"source": "复函", "told_on": dt.date(2026, 1, 20), **more}
    with pytest.raises(Refusal) as refused:
        tell_feasibility(node="dial", version=0, told=told, by=person_factory("chain_officer"))
    assert refused.value.field == field
    assert not Feasibility.objects.exists()


def test_rates_are_of_those_who_told_both_and_open_their_rows() -> None:
    officer = person_factory("chain_officer")
    coverage_factory(node="dial", amount_fen=1000, local_fen=400)
    coverage_factory(node="dial", amount_fen=9000)
    coverage_factory(node="hands", role="use", amount_fen=500, local_fen=500)
    view = maps.view(officer, shelf.chains()["watch"])
    assert value("chains.local_sales_rate", officer, view).num == 4000
    assert value("chains.local_sourcing_rate", officer, view).num == 10_000
    assert len(behind("chains.links", officer, view)) == value("chains.links", officer, view).num == 3
    assert value("chains.local_sales_rate", officer, see()).num is None


def test_a_share_is_the_same_on_the_map_and_in_local_sourcing() -> None:
    officer = person_factory("chain_officer")
    coverage_factory(node="dial", amount_fen=30_000, local_fen=20_000)
    view = maps.view(officer, shelf.chains()["watch"])
    shared = sourcing.county_of(sourcing.matches(officer, list(view.stands)).values(), "make")
    assert value("chains.local_sales_rate", officer, view).num == shared.now == 6667


# ── pages ────────────────────────────────────────────────────────────────────
def test_the_amount_of_fewer_than_three_firms_is_not_shown_to_who_may_not_see_volumes(client: Client) -> None:
    for amount in (123_000_000, 1_000_000):
        coverage_factory(node="movement_quartz", role="use", amount_fen=amount)
    client.force_login(person_factory("policy_officer"))
    page = client.get("/chains/watch/?node=movement_quartz").content.decode()
    assert "124 万元" not in page
    assert "不足 3 户，不显示" in page
    client.force_login(person_factory("chain_officer"))
    assert "124 万元" in client.get("/chains/watch/?node=movement_quartz").content.decode()


def test_who_told_nothing_does_not_make_an_amount_one_of_three_firms(client: Client) -> None:
    for node, role in (("movement_quartz", "use"), ("dial", "make")):
        coverage_factory(node=node, role=role, amount_fen=123_000_000)
        for _number in range(2):
            coverage_factory(node=node, role=role)
    client.force_login(person_factory("policy_officer"))
    for node in ("movement_quartz", "dial"):
        page = client.get(f"/chains/watch/?node={node}").content.decode()
        assert "123 万元" not in page
        assert "不足 3 户，不显示" in page
    found = {node["id"]: node for node in client.get("/api/chains/watch").json()["node_list"]}
    assert found["movement_quartz"]["need_fen"] is found["dial"]["supply_fen"] is None


def test_a_rate_of_fewer_than_three_firms_is_not_shown_to_who_may_not_see_volumes(client: Client) -> None:
    for _number in range(2):
        coverage_factory(node="dial", amount_fen=1000, local_fen=437)
        coverage_factory(node="hands", role="use", amount_fen=1000, local_fen=563)
    for role, shown in (("policy_officer", False), ("chain_officer", True)):
        client.force_login(person_factory(role))
        for address, said in (("/chains/watch/", ("43.7", "56.3")), ("/chains/", ("56.3",))):
            page = client.get(address).content.decode()
            assert all((rate in page) is shown for rate in said), (role, address)
            assert ("不足 3 户，不显示" in page) is not shown
        told = client.get("/api/chains/watch").json()
        assert (told["local_sales_bp"], told["local_sourcing_bp"]) == ((4370, 5630) if shown else (None, None))


def test_a_score_does_not_give_back_an_amount_that_is_hidden(client: Client) -> None:
    for _number in range(3):
        coverage_factory(node="crystal", role="use", amount_fen=100_000_000)
    coverage_factory(node="movement_quartz", role="use", amount_fen=123_000_000)
    for role, shown in (("policy_officer", False), ("chain_officer", True)):
        client.force_login(person_factory(role))
        found = client.get("/chains/watch/gaps/?gap=100&relatedness=0&reach=0&feasibility=0")
        line = next(line for line in found.context["lines"] if line["stand"].node.id == "movement_quartz")
        assert (line["parts"][0]["hidden"], line["low"], line["high"]) == ((False, 41, 41) if shown else (True, 0, 100))
        part = next(one for one in client.get("/api/chains/watch/gaps").json()["items"] if one["node"] == "movement_quartz")["parts"][0]
        assert (part["points"] is not None) is shown
        assert ("不足 3 户，不显示</span></li>" in found.content.decode()) is not shown


def test_buyers_stand_by_name_only_where_volumes_may_be_seen(client: Client) -> None:
    row = coverage_factory(node="movement_quartz", role="use", amount_fen=123_000_000)
    client.force_login(person_factory("policy_officer"))
    assert row.enterprise.name not in client.get("/chains/watch/?node=movement_quartz").content.decode()
    client.force_login(person_factory("chain_officer"))
    assert row.enterprise.name in client.get("/chains/watch/?node=movement_quartz").content.decode()


def test_weights_are_turned_by_the_address_and_wrong_ones_are_said(client: Client) -> None:
    coverage_factory(node="watch_assembly", amount_fen=1000)
    client.force_login(person_factory("chain_officer"))
    assert client.get("/chains/watch/gaps/?gap=100&relatedness=0&reach=0&feasibility=0").status_code == 200
    for wrong in ("gap=-5&relatedness=0&reach=0&feasibility=0", "gap=0&relatedness=0&reach=0&feasibility=0", "gap=x", "gap=101&relatedness=1&reach=1&feasibility=1", "gap=٣&relatedness=1&reach=1&feasibility=1"):
        assert client.get(f"/chains/watch/gaps/?{wrong}").status_code == 422, wrong


def test_a_chain_there_is_not_is_not_found(client: Client) -> None:
    client.force_login(person_factory("chain_officer"))
    for address in ("/chains/bicycles/", "/chains/bicycles/list/", "/chains/bicycles/gaps/", "/chains/nodes/wheel/suggested/", "/chains/nodes/wheel/feasibility/"):
        assert client.get(address).status_code == 404, address


# ── the drawing ──────────────────────────────────────────────────────────────
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_box_of_the_shipped_chains_overlaps_and_every_name_fits(language: str) -> None:
    for found in shelf.chains().values():
        names = {node.id: node.name.text(language) for node in found.nodes}
        drawn = picture(layout([node.id for node in found.nodes], found.pairs, found.loops), names)
        assert len(drawn.boxes) == len(found.nodes)
        for at, box in enumerate(drawn.boxes):
            assert all(width(line) <= WIDE - 20 for line in box.lines), box
            assert 0 <= box.x <= drawn.width - WIDE
            assert 0 <= box.y <= drawn.height - HIGH
            for other in drawn.boxes[:at]:
                assert abs(box.x - other.x) >= WIDE or abs(box.y - other.y) >= HIGH, (box, other)


def test_a_name_too_long_is_cut_and_says_so() -> None:
    assert fitted("一" * 40)[-1].endswith("…")
    assert fitted("Incomprehensibilities-of-precision-engineering")[0].endswith("…")
