"""Estimates of projects and visitors: net of what would have been anyway, never counted twice, kept as they were made; and where industries are concentrated."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from django.test import Client

from diguan.chains.actions import economy as actions
from diguan.chains.actions.economy import File
from diguan.chains.engine import known, leontief
from diguan.chains.engine.chain import Node
from diguan.chains.models import Estimate, Places
from diguan.chains.queries import economy as queries
from diguan.chains.queries import economy_estimates as sums
from diguan.chains.queries import economy_parts, maps, shelf
from diguan.chains.queries.economy_places import located, read_places
from diguan.chains.tests.factories import PROJECT, county_factory, draft_factory, estimate_factory, table_factory
from diguan.chains.web.economy_words import amount, rounded
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data(settings: Any, tmp_path: Any) -> None:
    settings.DIGUAN_DATA = tmp_path


def as_(role: str) -> Client:
    client = Client()
    client.force_login(person_factory(role), backend="diguan.kernel.access.passwords.PersonBackend")
    return client


def officer() -> Any:
    return person_factory("chain_officer")


# ── a project ────────────────────────────────────────────────────────────────
def test_a_projects_output_is_net_by_hand() -> None:
    """Sales × (1 − sold here) × (1 − displaced) × (1 − deadweight) × multiplier, worst to best."""
    county_factory()
    economy = queries.economy(officer())
    assert economy is not None
    row = estimate_factory(sales=10_000_000_000, sold=[0.1] * 3, displacement=[0.2, 0.3, 0.4], deadweight=[0.0, 0.0, 0.0], own={})
    first = economy.effects("output")
    assert first is not None
    low, mid, high = first[:, economy.table.place("C")]
    assert row.result["I"]["operation"]["bands"]["output"] == pytest.approx([1e10 * 0.9 * 0.6 * low, 1e10 * 0.9 * 0.7 * mid, 1e10 * 0.9 * 0.8 * high], rel=1e-6)
    assert row.result["gross"] == pytest.approx(1e10 * high, rel=1e-6)
    assert row.result["national"] > row.result["gross"]
    assert row.result["I"]["construction"]["bands"]["output"][1] == pytest.approx(5e9 * 0.6 * first[1, economy.table.place("D")], rel=1e-6)
    assert row.result["I"]["operation"]["direct"]["jobs"][1] < row.result["I"]["operation"]["bands"]["jobs"][1]


def test_what_nobody_knows_is_the_whole_range_and_said() -> None:
    county_factory()
    row = estimate_factory(sold=None, displacement=None, deadweight=None)
    assert row.result["I"]["operation"]["bands"]["value_added"][0] == 0
    assert "售给本地企业的比例" in " ".join(row.basis["zh"]["warnings"])


def test_own_jobs_stand_in_for_the_sectors_average() -> None:
    county_factory()
    known_ = estimate_factory(own={"jobs": 7}, sold=[0.0] * 3, displacement=[0.0] * 3, deadweight=[0.0] * 3)
    assert known_.result["I"]["operation"]["direct"]["jobs"] == [7, 7, 7]


@pytest.mark.parametrize("inputs", [
    {"sector": "Q"}, {"sold": [0.5, 1.0, 1.5]}, {"sold": [0.9, 0.5, 0.1]}, {"sales": -1}, {"building": [{"sector": "D", "fen": 1, "share": [0.1] * 3}, {"sector": "D", "fen": 1, "share": [0.2] * 3}]}])
def test_a_project_that_cannot_be_writes_nothing(inputs: dict[str, Any]) -> None:
    county_factory()
    with pytest.raises(Refusal):
        estimate_factory(**inputs)
    assert not Estimate.objects.exists()


def test_a_table_in_other_money_estimates_no_project() -> None:
    actions.keep_table(table=draft_factory({"unit": "GBP million", "level": "county"}), by=officer())
    with pytest.raises(Refusal, match="other_unit"):
        estimate_factory()
    assert as_("leader").get("/chains/economy/").status_code == 200


def test_without_a_table_there_is_no_estimate_and_the_page_says_what_is_missing() -> None:
    with pytest.raises(Refusal, match="no_table"):
        actions.estimate_effect(kind="project", title="某", inputs=PROJECT, by=officer())
    page = as_("chain_officer").get("/chains/economy/estimates/project/")
    assert page.status_code == 200
    assert "还不能估计" in page.content.decode()


def test_the_form_makes_an_estimate_that_is_opened_again() -> None:
    table_factory()
    client = as_("chain_officer")
    told = {"title": "手表整机厂", "firm": "", "sector": "C", "sales": "2亿元", "sold": "10", "displacement": "20-40", "deadweight": "", "customers": "乙公司、丙公司", "jobs": "120", "tax": "", "value_added": "",
            "money_1": "5000", "from_1": "D", "local_1": "50-70", "money_2": "", "from_2": "", "local_2": "", "money_3": "", "from_3": "", "local_3": ""}
    answer = client.post("/chains/economy/estimates/project/", told)
    row = Estimate.objects.get()
    assert answer.headers["Location"] == f"/chains/economy/estimates/{row.pk}/"
    assert (row.inputs["sales"], row.inputs["displacement"], row.inputs["customers"]) == (20_000_000_000, [0.2, 0.3, 0.4], ["乙公司", "丙公司"])
    page = client.get(answer.headers["Location"]).content.decode()
    for words in (f"估计第 {row.pk} 号", "数字是编造的", "运营期（每年）", "本地化之后，什么都不扣", "凭什么"):
        assert words in page
    assert page.index("增加值") < page.index(">总产出<")
    for wrong in ({"sold": "120"}, {"displacement": "40-20"}, {"sales": "很多"}, {"from_1": ""}, {"value_added": "3亿元"}, {"sector": ""}):
        assert client.post("/chains/economy/estimates/project/", {**told, **wrong}).status_code == 422, wrong
    assert Estimate.objects.count() == 1


def test_an_estimate_stays_as_it_was_when_the_table_changes() -> None:
    county_factory()
    row = estimate_factory()
    table_factory()
    again = Estimate.objects.get(pk=row.pk)
    page = as_("leader").get(f"/chains/economy/estimates/{row.pk}/").content.decode()
    assert again.result == row.result
    assert "上级表" in page
    assert "数字是编造的" not in page


def test_a_nodes_sector_is_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    table_factory()
    node = Node("gear", Message("齿轮", "gear"), "mid", "component", {}, io_sector="B")
    monkeypatch.setattr(shelf, "nodes", lambda: {"gear": node})
    page = as_("chain_officer").get("/chains/economy/estimates/project/?node=gear").content.decode()
    assert '<option value="B" selected>' in page
    assert "齿轮项目" in page


# ── several ──────────────────────────────────────────────────────────────────
def test_value_added_and_jobs_are_added_and_output_never() -> None:
    county_factory()
    one, two = estimate_factory(), estimate_factory(title="表壳厂", firm="乙表壳", sector="B")
    total = {each.phase: each.bands for each in sums.added([one, two])}
    assert "output" not in total["operation"]
    for kind in ("value_added", "jobs"):
        parts = [row.result["I"]["operation"]["bands"][kind] for row in (one, two)]
        assert total["operation"][kind] == pytest.approx([parts[0][end] + parts[1][end] for end in range(3)])
    page = as_("leader").get(f"/chains/economy/estimates/sum/?pick={one.pk}&pick={two.pk}")
    assert page.status_code == 200
    assert "凭什么" in page.content.decode()


def test_a_firm_and_its_local_customer_are_not_added() -> None:
    county_factory()
    seller, buyer = estimate_factory(title="表壳厂", firm="乙表壳", sector="B", customers=["甲 表业"]), estimate_factory()
    with pytest.raises(Refusal, match="double_count"):
        sums.added([seller, buyer])
    page = as_("leader").get(f"/chains/economy/estimates/sum/?pick={seller.pk}&pick={buyer.pk}")
    assert page.status_code == 422
    assert "重复计算" in page.content.decode()


def test_neighbours_on_a_chain_are_seller_and_customer() -> None:
    county_factory()
    chain = shelf.chains()["watch"]
    start, end = next((edge.start, edge.end) for edge in chain.edges if edge.type == "input")
    with pytest.raises(Refusal, match="double_count"):
        sums.added([estimate_factory(title="上游", firm="上游", node=start), estimate_factory(title="下游", firm="下游", node=end)])


def test_one_project_is_not_added_twice_nor_different_tables() -> None:
    county_factory()
    one, same = estimate_factory(), estimate_factory()
    with pytest.raises(Refusal, match="counted_twice"):
        sums.added([one, same])
    with pytest.raises(Refusal, match="nothing"):
        sums.added([one])
    table_factory()
    with pytest.raises(Refusal, match="different_tables"):
        sums.added([one, estimate_factory(title="别的", firm="别家")])


# ── visitors ─────────────────────────────────────────────────────────────────
def visitors(**more: Any) -> dict[str, str]:
    told = {"title": "2026 年文旅", "visits": "1000000", "outside": "80-90", "day": "60-80", "margin": "20", "maker": "", "made": ""}
    for at, (day, night) in enumerate(((60, 60), (0, 200), (50, 150), (20, 40), (30, 80))):
        told |= {f"sector_{at}": "E" if at else "F", f"day_{at}": str(day), f"night_{at}": str(night)}
    return {**told, **more}


def test_visitors_from_outside_alone_count_and_leverage_has_its_definition() -> None:
    table_factory()
    client = as_("chain_officer")
    assert client.post("/chains/economy/estimates/tourism/", visitors()).status_code == 302
    row = Estimate.objects.get()
    day, night = 60 + 0 + 50 + 20 + 30, 60 + 200 + 150 + 40 + 80
    assert row.result["spent"][1] == pytest.approx(1e6 * 0.85 * (0.7 * day + 0.3 * night) * 100, rel=1e-6)
    assert row.result["tickets"][1] == pytest.approx(1e6 * 0.85 * 60 * 100, rel=1e-6)
    whole = sum(row.result[part]["output"][1] for part in ("direct", "indirect", "induced"))
    assert row.result["leverage"][1] == pytest.approx(whole / row.result["tickets"][1], rel=1e-3)
    assert row.result["direct"]["output"][1] < row.result["spent"][1]  # of shopping the margin alone stays
    page = client.get(f"/chains/economy/estimates/{row.pk}/").content.decode()
    assert "拉动比 = 外来游客消费带动的本地总产出" in page


def test_visitors_need_household_income() -> None:
    county_factory(income=None, spending=None)
    page = as_("chain_officer").get("/chains/economy/estimates/tourism/").content.decode()
    assert "居民收入（全部来源）" in page
    with pytest.raises(Refusal, match="no_closed"):
        actions.estimate_effect(kind="tourism", title="某", inputs={"items": []}, by=officer())


@pytest.mark.parametrize("wrong", [{"outside": "101"}, {"day": ""}, {"visits": "0"}, {"sector_1": ""}, {"day_0": "-5"}])
def test_a_years_visitors_that_cannot_be_are_refused(wrong: dict[str, str]) -> None:
    table_factory()
    assert as_("chain_officer").post("/chains/economy/estimates/tourism/", visitors(**wrong)).status_code == 422
    assert not Estimate.objects.exists()


# ── how we know ──────────────────────────────────────────────────────────────
def test_the_textbook_and_what_must_hold() -> None:
    assert all(each.holds for each in known.textbook())
    assert all(each.holds for each in known.properties())


def test_the_page_says_so_when_the_arithmetic_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    real = leontief.coefficients
    monkeypatch.setattr(leontief, "coefficients", lambda flows, output: real(flows, output) * 1.01)
    assert not all(each.holds for each in known.textbook())
    page = as_("leader").get("/chains/economy/known/").content.decode()
    assert "不同" in page


# ── where industries are ─────────────────────────────────────────────────────
def counts(year: str = "2025") -> list[str]:
    rng = np.random.default_rng(3)
    industries = ["2710", "3091", "3092", "1310", "1953", "3854", "5111", "6110"]
    return [f"{region},{year},{code},{int(each)}" for region in ("本县", "甲", "乙", "丙", "丁", "戊") for code, each in zip(industries, rng.integers(0, 60, len(industries)), strict=True)]


def bring_counts(*lines: str) -> Places:
    text = "\n".join(["region,year,industry,count", *lines]).encode()
    return actions.bring_places(file=File("户数.csv", text), home="本县", source="示意", by=officer())


def test_quotients_shift_share_and_relatedness_of_counts() -> None:
    bring_counts(*counts("2024"), *[f"{line.rsplit(',', 1)[0]},{int(line.rsplit(',', 1)[1]) + 3}" for line in counts("2025")])
    found = located(officer())
    assert found is not None
    assert found.shifts is not None
    assert np.allclose(found.shifts.national + found.shifts.mix + found.shifts.competitive, found.shifts.change)
    assert (found.quotients.low <= found.quotients.quotient).all()
    assert np.average(found.quotients.quotient, weights=found.whole) == pytest.approx(1)
    assert 1 / len(found.industries) <= found.hhi <= 1
    page = as_("leader").get("/chains/economy/location/?against=甲&first=2024&last=2025")
    assert page.status_code == 200
    assert "离本县优势产业最近" in page.content.decode()
    assert as_("leader").get("/chains/economy/location/?against=无此地").status_code == 422


@pytest.mark.parametrize("text", [b"region,year,industry,count\n", b"region,year,industry,count\nA,25,x,1\n", b"region,year,industry,count\nA,2025,x,-1\n", b"region,year,industry,count\nA,2025,x,1\nA,2025,x,1\n", b"a,b\n1,2\n"])
def test_counts_that_are_none_write_nothing(text: bytes) -> None:
    with pytest.raises(Refusal):
        read_places("户数.csv", text)
    with pytest.raises(Refusal):
        actions.bring_places(file=File("户数.csv", text), home="A", source="", by=officer())
    assert not Places.objects.exists()


def test_an_empty_county_has_no_quotient_and_the_page_says_why() -> None:
    bring_counts(*["甲,2025,2710,5", "乙,2025,2710,3", "本县,2025,2710,0"])
    answer = as_("leader").get("/chains/economy/location/")
    assert answer.status_code == 422
    assert "没有任何数值" in answer.content.decode()
    assert economy_parts.parts().relatedness == {}


# ── the gap ranking ──────────────────────────────────────────────────────────
def test_the_ranking_takes_reach_and_relatedness_where_they_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = {"gear": Node("gear", Message("齿轮", "gear"), "mid", "component", {"3091": 1.0}, io_sector="B"), "dial": Node("dial", Message("表盘", "dial"), "mid", "component", {"9999": 1.0}, io_sector="77")}
    monkeypatch.setattr(shelf, "nodes", lambda: nodes)
    assert economy_parts.parts().reach == {}
    county_factory()
    bring_counts(*counts())
    found = economy_parts.parts()
    economy = queries.of_county()
    assert economy is not None
    loss = economy.extraction.loss
    assert found.reach == {"gear": pytest.approx(loss[economy.table.place("B")] / loss.max())}
    assert set(found.relatedness) == {"gear"}
    assert 0 <= found.relatedness["gear"] <= 1


def test_whoever_looks_at_a_chain_gets_the_same_ranking() -> None:
    """Page, lists and API ask for a view alone: none may forget what the economy tells."""
    bring_counts(*counts())
    known = economy_parts.parts().relatedness
    chain = next(one for one in shelf.chains().values() if known.keys() & one.by_id.keys())
    found = maps.view(officer(), chain).gaps
    nodes = [found.gaps[at].node for at in found.places]
    assert [bool(told) for told in found.known[:, 1]] == [node in known for node in nodes]
    assert any(node in known for node in nodes)


# ── how figures are said ─────────────────────────────────────────────────────
def test_estimates_are_said_in_three_figures() -> None:
    assert rounded(1234567) == 1230000
    assert amount(123_456_789_012) == "12.3 亿元"
    assert rounded(0) == 0
