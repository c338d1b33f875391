"""The regional economy: tables are looked at before they count, made-up ones are marked for good, and a county is never given a nation's multiplier."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from django.test import Client
from openpyxl import load_workbook

from diguan.chains.actions import economy as actions
from diguan.chains.actions.economy import File, Said
from diguan.chains.engine import example
from diguan.chains.engine.chain import Node
from diguan.chains.models import Estimate, IoTable, Places, RegionYear
from diguan.chains.queries import economy as queries
from diguan.chains.queries import economy_files as files
from diguan.chains.queries import economy_parts, shelf
from diguan.chains.tests.factories import (
    county_factory,
    coverage_factory,
    draft_factory,
    region_text,
    table_factory,
    table_text,
)
from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel.facts.models import Upload
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db
EXAMPLE = "数字是编造的"


@pytest.fixture(autouse=True)
def data(settings: Any, tmp_path: Any) -> None:
    settings.DIGUAN_DATA = tmp_path


def as_(role: str) -> Client:
    client = Client()
    client.force_login(person_factory(role), backend="diguan.kernel.access.passwords.PersonBackend")
    return client


def officer() -> Any:
    return person_factory("chain_officer")


def bring(content: bytes, **more: Any) -> IoTable:
    return actions.bring_table(file=File("表.csv", content), by=officer(), **more)


# ── tables ───────────────────────────────────────────────────────────────────
def test_a_table_counts_once_it_was_looked_at() -> None:
    row = draft_factory()
    assert queries.current() is None
    assert (row.state, row.level, row.unit, row.size) == ("draft", "province", "百万元", 6)
    kept = actions.keep_table(table=row, by=officer())
    assert queries.current() == kept
    other = actions.take_example(by=officer())
    assert [each.pk for each in IoTable.objects.filter(current=True)] == [other.pk]
    assert actions.choose_table(table=kept, by=officer()).current


def test_a_draft_is_not_chosen_and_tells_nothing_of_the_county() -> None:
    row = draft_factory()
    with pytest.raises(Refusal, match="not_kept"):
        actions.choose_table(table=row, by=officer())
    with pytest.raises(Refusal, match="not_kept"):
        actions.tell_region(table=row, said=Said("本县", 2025), proxy="output", file=File("x.csv", region_text()), by=officer())


def test_a_table_that_does_not_balance_is_shown_with_every_fault_and_not_taken_in() -> None:
    row = bring(table_text({"level": "province"}, {("B", "C"): "860"}))  # 100 more than it should be
    page = as_("chain_officer").get(f"/chains/economy/tables/{row.pk}/").content.decode()
    assert "行 B 零部件与材料不平衡" in page
    assert "列 C 整机与消费品制造不平衡" in page
    assert "/keep/" not in page
    with pytest.raises(Refusal, match="unbalanced"):
        actions.keep_table(table=row, by=officer())
    assert as_("chain_officer").post(f"/chains/economy/tables/{row.pk}/keep/").status_code == 422


def test_a_table_that_misses_by_little_is_taken_in_and_says_so_everywhere() -> None:
    row = actions.keep_table(table=bring(table_text({"level": "county"}, {("B", "C"): "762"})), by=officer())
    assert "表不平衡" in as_("leader").get("/chains/economy/").content.decode()
    assert 0 < row.off < files.MOST_OFF


@pytest.mark.parametrize(("content", "words"), [
    (b"\x00\x01nonsense", "bad_table_file"), (b"a,b\n1,2\n", "bad_table_file"), (table_text({}, {("B", "C"): "many"}), "bad_table_file"), (table_text({"imports": "some"}), "bad_table_file")])
def test_a_file_that_is_no_table_writes_nothing(content: bytes, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        bring(content)
    assert not IoTable.objects.exists()
    assert not Upload.objects.exists()


def test_a_sector_with_inputs_and_no_output_is_refused_and_one_without_either_has_multiplier_1() -> None:
    with pytest.raises(Refusal):
        actions.keep_table(table=bring(table_text({}, {("D", "output"): "0"})), by=officer())
    row = actions.keep_table(table=bring(_with_empty_sector()), by=officer())
    found = queries.economy(officer())
    assert found is not None
    assert found.row == row
    first = found.effects("output")
    assert first is not None
    assert first[:, -1].tolist() == [1.0, 1.0, 1.0]


def _with_empty_sector() -> bytes:
    text = table_text({"level": "county"}).decode().split("\n")
    at = next(number for number, line in enumerate(text) if line.startswith("code,"))
    out = []
    for number, line in enumerate(text):
        cells = line.split(",")
        if number >= at:
            cells.insert(8, "Z" if number == at else "0")
        out.append(",".join(cells))
        if number > at and cells[0] == "F":
            out.append("Z,空,0,0,0,0,0,0,0," + ",".join("0" for _ in cells[9:]))
    return "\n".join(out).encode()


# ── the example ──────────────────────────────────────────────────────────────
def test_the_mark_of_the_example_stands_on_every_page_and_in_the_file() -> None:
    row = table_factory()
    client = as_("chain_officer")
    for place in ("", "known/", f"tables/{row.pk}/", f"tables/{row.pk}/region/", "estimates/project/", "estimates/tourism/"):
        assert EXAMPLE in client.get(f"/chains/economy/{place}").content.decode(), place
    book = load_workbook(io.BytesIO(client.get("/chains/economy/export/").content))
    first = book.worksheets[0]
    assert (first["A1"].value, EXAMPLE in str(first["B1"].value)) == ("警告", True)


def test_the_mark_survives_a_copy_of_the_example_brought_as_a_file() -> None:
    row = actions.keep_table(table=bring(table_text({"example": "yes"})), by=officer())
    assert row.example
    assert EXAMPLE in as_("leader").get("/chains/economy/").content.decode()


def test_made_up_figures_rank_no_gaps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "nodes", lambda: {"gear": Node("gear", Message("齿轮", "gear"), "mid", "component", {}, io_sector="B")})
    table_factory()
    assert economy_parts.parts().reach == {}


# ── the county ───────────────────────────────────────────────────────────────
def test_a_larger_regions_table_gives_nothing_until_the_countys_figures_are_told() -> None:
    actions.keep_table(table=draft_factory(), by=officer())
    assert queries.economy(officer()) is None
    page = as_("leader").get("/chains/economy/")
    assert page.status_code == 200
    assert "还没有本县各部门的数" in page.content.decode()


def test_a_countys_multipliers_lie_below_the_regions_and_have_a_band() -> None:
    county_factory()
    found = queries.economy(officer())
    assert found is not None
    first, second = found.effects("output"), found.effects("output", closed=True)
    assert first is not None
    assert second is not None
    assert (first[0] <= first[1]).all()
    assert (first[1] <= first[2]).all()
    assert (first[2] < found.national).all()
    assert (first[0] < first[2] - 0.001).any()
    assert (second >= first - 1e-12).all()
    assert (second[1] > first[1] + 1e-4).all()
    assert found.basis.delta == (0.15, 0.2, 0.3)


def test_wages_do_not_stand_in_for_household_income_and_without_it_there_is_no_type_ii() -> None:
    county_factory(income=None, spending=None)
    found = queries.economy(officer())
    assert found is not None
    assert found.closed is None
    assert found.no_closed == queries.NO_INCOME
    paid = sum(np.asarray(example.table().value_added["wages"]) * [0.01, 0.02, 0.04, 0.02, 0.02, 0.02])
    with pytest.raises(Refusal, match="bad_income"):
        county_factory(income=paid, spending=5.0)


def test_type_ii_is_spending_over_income_from_all_sources_by_hand() -> None:
    """Doubling the income at the same spending weakens the loop through households as the closed formula says."""
    county_factory()
    near = queries.economy(officer())
    assert near is not None
    assert near.closed is not None
    model, opened = near.closed[1], near.opened[1]
    row, column = model.a[-1, :-1], model.a[:-1, -1]
    assert column.sum() < 30.0 / 60.0  # what is spent on local goods alone
    inverse = opened.inverse
    loop = 1 / (1 - row @ inverse @ column)
    by_hand = inverse.sum(axis=0) + loop * (inverse @ column).sum() * (row @ inverse)
    found = near.effects("output", closed=True)
    assert found is not None
    assert np.allclose(found[1], by_hand)


def test_fewer_workers_who_live_here_spend_less_here() -> None:
    county_factory()
    all_here = queries.economy(officer())
    county_factory(living_here=5_000)
    half_here = queries.economy(officer())
    assert all_here is not None
    assert half_here is not None
    more, less = all_here.effects("output", closed=True), half_here.effects("output", closed=True)
    assert more is not None
    assert less is not None
    assert (less[1] < more[1]).all()


def test_a_county_larger_than_its_region_is_refused_with_the_sectors_by_name() -> None:
    row = actions.keep_table(table=draft_factory(), by=officer())
    with pytest.raises(Refusal) as refused:
        actions.tell_region(table=row, said=Said("本县", 2025), proxy="output", file=File("本县.csv", region_text({"C": 1.5, "D": 2})), unit=row.unit, by=officer())
    assert "C 整机与消费品制造、D 建筑" in refused.value.texts("zh")[0]


@pytest.mark.parametrize(("content", "unit", "code"), [
    (region_text(dict.fromkeys("ABCDEF", 0.0)), "百万元", "empty_region"), (region_text({"C": 1.5}), "百万元", "larger_than_whole"), (b"code,local\nA,1\nQ,3\n", "百万元", "bad_file"),
    (b"code,local\nA,1\nA,3\n", "百万元", "bad_file"), (b"code,local\nA,-1\n", "百万元", "bad_file"), (b"code,local\nA,1\n", "百万元", "sectors_missing"), (b"x,y\n1,2\n", "百万元", "no_columns"),
    (region_text(), "USD", "other_unit")])
def test_figures_that_make_no_county_write_nothing(content: bytes, unit: str, code: str) -> None:
    row = actions.keep_table(table=draft_factory(), by=officer())
    with pytest.raises(Refusal, match=code):
        actions.tell_region(table=row, said=Said("本县", 2025), proxy="output", file=File("本县.csv", content), unit=unit, by=officer())
    assert not RegionYear.objects.exists()


def test_figures_in_another_unit_are_turned_into_the_tables() -> None:
    row = actions.keep_table(table=draft_factory(), by=officer())
    text = "\n".join(["code,local", *(f"{code},{value * 100}" for code, value in zip(example.table().codes, example.table().output * 0.02, strict=True))]).encode()
    told = actions.tell_region(table=row, said=Said("本县", 2025), proxy="output", file=File("本县.csv", text), unit="万元", by=officer())
    assert told.local["C"] == pytest.approx(1585 * 0.02)


def test_jobs_in_place_of_output_are_named_wherever_a_figure_stands() -> None:
    row = actions.keep_table(table=draft_factory(), by=officer())
    text = "\n".join(["code,local", *(f"{code},{round(jobs * 0.02)}" for code, jobs in zip(example.table().codes, example.table().satellites["jobs"], strict=True))]).encode()
    actions.tell_region(table=row, said=Said("本县", 2025), proxy="jobs", file=File("本县.csv", text), by=officer())
    assert "以从业人员代替本地产出" in as_("leader").get("/chains/economy/").content.decode()


# ── what firms told ──────────────────────────────────────────────────────────
def test_local_purchase_shares_of_firms_calibrate_their_sector() -> None:
    county_factory()
    before = queries.economy(officer())
    firm = enterprise_factory(industry="3091", production_status="在产")
    coverage_factory(firm, "movement_quartz", "use", amount_fen=1_000_000, local_fen=50_000)
    coverage_factory(firm, "case", "use", amount_fen=1_000_000, local_fen=50_000, verified=False)
    after = queries.economy(officer())
    assert before is not None
    assert after is not None
    assert after.shares == {"C": 0.05}
    at = after.table.place("C")
    asked, whole = after.opened[1].a[:, at].sum(), after.whole.a[:, at].sum()
    assert asked == pytest.approx(0.05 * whole)
    assert before.opened[1].a[:, at].sum() != pytest.approx(0.05 * whole)
    assert after.basis.surveyed == 1
    assert after.learned is None
    assert "1 个部门按调查的本地采购比例校准" in as_("leader").get("/chains/economy/").content.decode()


def test_an_industry_has_the_sector_of_its_longest_prefix() -> None:
    sectors = files.read_sectors("对照.csv", b"prefix,sector\nC,A\n30,B\n305,C\n", ["A", "B", "C"])
    assert [files.sector_of(code, sectors) for code in ("3052", "3011", "3911", "5111", "")] == ["C", "B", "A", None, None]
    for wrong in (b"prefix,sector\nC,X\n", b"prefix,sector\nZZ,A\n", b"prefix,sector\nC,A\nC,B\n", b"prefix,sector\n12345,A\n"):
        with pytest.raises(Refusal, match="bad_file"):
            files.read_sectors("对照.csv", wrong, ["A", "B"])


# ── rights ───────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("role", "view", "bring_", "estimate"), [("leader", 200, 403, 403), ("data_clerk", 200, 200, 403), ("chain_officer", 200, 200, 200), ("policy_officer", 403, 403, 403), ("enterprise_agent", 403, 403, 403)])
def test_each_role_sees_and_does_what_is_its_own(role: str, view: int, bring_: int, estimate: int) -> None:
    row = table_factory()
    client = as_(role)
    for place in ("", "known/", "tables/", f"tables/{row.pk}/", "location/", "estimates/", "estimates/sum/"):
        assert client.get(f"/chains/economy/{place}").status_code == view, place
    assert client.get(f"/chains/economy/tables/{row.pk}/region/").status_code == bring_
    for place in ("estimates/project/", "estimates/tourism/"):
        assert client.get(f"/chains/economy/{place}").status_code == estimate, place
    assert (client.post("/chains/economy/tables/example/").status_code == 302) == (bring_ == 200)
    assert client.post("/chains/economy/tables/", {}).status_code == (422 if bring_ == 200 else 403)
    assert client.post("/chains/economy/location/", {}).status_code == (422 if bring_ == 200 else 403)


def test_who_may_not_export_gets_no_file() -> None:
    table_factory()
    assert as_("data_clerk").get("/chains/economy/export/").status_code == 403
    assert as_("leader").get("/chains/economy/export/").status_code == 200


def test_actions_refuse_who_has_no_right() -> None:
    table_factory()
    leader = person_factory("leader")
    for deed in (lambda: actions.take_example(by=leader), lambda: actions.bring_table(file=File("表.csv", table_text()), by=leader),
                 lambda: actions.estimate_effect(kind="project", title="某", inputs={}, by=person_factory("data_clerk")),
                 lambda: actions.bring_places(file=File("x.csv", b""), home="甲", source="", by=leader)):
        with pytest.raises(Forbidden):
            deed()
    assert not Estimate.objects.exists()
    assert not Places.objects.exists()
