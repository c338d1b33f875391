"""Lists of firms: bad files by cell, one firm in several lists, older lists, proof of control, twins, rights."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from diguan.chains.actions import targets as actions
from diguan.chains.actions.target_import import import_targets
from diguan.chains.models import FirmList, Membership, TargetFirm, TargetNode, Telling
from diguan.chains.queries import target_board as boards
from diguan.chains.queries import targets as register
from diguan.chains.tests.factories import entry, target_factory, targets_factory
from diguan.kernel.access.models import Person
from diguan.kernel.facts import deliveries
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.sheets.check import Checked
from diguan.kernel.sheets.tests.ugly import code, xlsx
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db

HEADS = ["名单类别", "名单名称", "名单年份", "名单来源", "名次", "企业名称", "统一社会信用代码", "母公司", "控股证明", "总部所在地", "行业", "可做环节", "营收增长（%）", "预计用工", "亩均税收（万元）", "用地需求（亩）", "本地采购比例（%）", "污染程度", "乡情关联", "来源日期"]
PLAIN = {"名单类别": "民营企业500强", "名单年份": 2026, "名单来源": "全国工商联（演示）", "企业名称": "示例精密股份有限公司"}


def row(**told: Any) -> list[Any]:
    more = {**PLAIN, **told}
    names = {head.partition("（")[0]: head for head in HEADS}
    assert set(more) <= set(names), set(more) - set(names)
    return [more.get(short) for short in names]


def preview(*rows: list[Any], by: Person | None = None) -> Checked:
    return deliveries.preview(deliveries.Request("firms"), "名单.xlsx", xlsx([HEADS, *rows]), by=by or person_factory("chain_officer")).checked


def bring(*rows: list[Any]) -> None:
    by, data = person_factory("chain_officer"), xlsx([HEADS, *rows])
    deliveries.commit(deliveries.Request("firms"), deliveries.keep("名单.xlsx", data, "firms", by=by), data, by=by)


# ── bad files ────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("told", "column", "said"), [
    ({"统一社会信用代码": "91430421MA00002261"}, "统一社会信用代码", "校验位"), ({"可做环节": "dial、movement_quarz"}, "可做环节", "movement_quartz"), ({"预计用工": -5}, "预计用工", "负数"), ({"亩均税收": -1}, "亩均税收", "负数"),
    ({"名单年份": 2199}, "名单年份", "之间"), ({"名单年份": None}, "名单年份", "不能为空"), ({"名单来源": None}, "名单来源", "不能为空"), ({"名单类别": "胡润"}, "名单类别", ""), ({"名次": 0}, "名次", "从 1 起"),
    ({"本地采购比例": 120}, "本地采购比例", "100%"), ({"营收增长": -140}, "营收增长", "100%"), ({"污染程度": "很脏"}, "污染程度", ""), ({"总部所在地": "999999"}, "总部所在地", "999999"), ({"乡情关联": "李四"}, "乡情关联", ""),
    ({"控股证明": "年报"}, "控股证明", "母公司"), ({"名单类别": "商会名录"}, "名单名称", "名称"), ({"预计用工": "无"}, "预计用工", "写 0"), ({"来源日期": "2199-01-01"}, "来源日期", "今天"), ({"名单来源": "找老王 13800000001"}, "名单来源", "电话"),
])
def test_a_bad_cell_is_named_and_nothing_is_written(told: dict[str, Any], column: str, said: str) -> None:
    found = preview(row(**told), row(企业名称="另一家示例有限公司"))
    assert not found.ok
    assert [(error.row, error.column.partition("（")[0]) for error in found.errors] == [(2, column)], found.errors
    assert said in found.errors[0].message.zh
    assert found.errors[0].message.en
    with pytest.raises(Refusal):
        bring(row(**told), row(企业名称="另一家示例有限公司"))
    assert not TargetFirm.objects.exists()


def test_one_list_of_two_years_or_two_sources_is_two_files() -> None:
    found = preview(row(), row(企业名称="乙公司示例", 名单年份=2025), row(企业名称="丙公司示例", 名单来源="别处"))
    assert [(error.row, error.column) for error in found.errors] == [(3, "名单年份"), (4, "名单来源")]


def test_a_firm_stands_in_one_list_once() -> None:
    found = preview(row(), row(企业名称="示例精密股份有限公司", 预计用工=5))
    assert [(error.row, error.column) for error in found.errors] == [(3, "企业名称")]


def test_two_firms_of_one_name_need_the_code() -> None:
    targets_factory(entry("同名示例有限公司", uscc=code(1)), entry("同名示例有限公司", row=6, kind="other", list_name="别的", uscc=code(2)))
    found = preview(row(企业名称="同名示例有限公司"))
    assert "信用代码" in found.errors[0].message.zh
    assert preview(row(企业名称="同名示例有限公司", 统一社会信用代码=code(2))).changes == {"new": 0, "changed": 1, "same": 0}


# ── one firm, many lists ─────────────────────────────────────────────────────
def test_a_file_says_everything_it_says() -> None:
    bring(row(名次=12, 统一社会信用代码=code(1), 总部所在地="深圳市", 行业="4030", 可做环节="dial；movement_quartz", 营收增长=12.5, 预计用工=300, 亩均税收=18, 用地需求=30.5, 本地采购比例=40, 污染程度="轻", 乡情关联="是"))
    firm = TargetFirm.objects.get()
    assert (firm.uscc, firm.region, firm.industry, firm.growth, firm.jobs, firm.tax_per_mu, firm.land, firm.local_share, firm.pollution, firm.hometown_tie) == (
        code(1), "440300", "4030", 1250, 300, 18_000_000, 305_000, 4000, "light", True)
    assert set(firm.nodes.values_list("node", flat=True)) == {"dial", "movement_quartz"}
    member = firm.memberships.get()
    assert (member.rank, member.list.kind, member.list.year, str(member.list.name)) == (12, "top500_private", 2026, "中国民营企业500强")


def test_a_firm_in_three_lists_is_one_by_code_then_by_name() -> None:
    bring(row(企业名称="示例甲股份有限公司", 统一社会信用代码=code(1)))
    bring(row(企业名称="甲股份（示例）", 统一社会信用代码=code(1), 名单类别="世界500强"), row(企业名称="示例甲股份有限公司", 名单类别="世界500强", 统一社会信用代码=code(2)))
    bring(row(企业名称="示例甲股份有限公司", 名单类别="商会名录", 名单名称="湘商会", 统一社会信用代码=code(1)))
    assert TargetFirm.objects.count() == 2  # the other of that name bears another code
    assert TargetFirm.objects.get(uscc=code(1)).memberships.count() == 3


def test_the_same_file_again_changes_nothing() -> None:
    bring(row(预计用工=5))
    assert preview(row(预计用工=5)).changes == {"new": 0, "changed": 0, "same": 1}
    bring(row(预计用工=5))
    assert (TargetFirm.objects.count(), FirmList.objects.count(), Telling.objects.filter(column="jobs").count(), TargetFirm.objects.get().version) == (1, 1, 1, TargetFirm.objects.get().version)


def test_an_older_list_overwrites_nothing_newer_but_fills_what_nobody_told() -> None:
    bring(row(预计用工=500))
    older = preview(row(名单年份=2024, 预计用工=200, 用地需求=20))
    assert "2026" in older.notes[0].zh
    bring(row(名单年份=2024, 预计用工=200, 用地需求=20))
    firm = TargetFirm.objects.get()
    assert (firm.jobs, firm.land) == (500, 200_000)
    assert [one.value for one in register.told(firm)["jobs"].tellings] == [500, 200]
    assert register.told(firm)["jobs"].disagree
    bring(row(名单年份=2025, 用地需求=25))
    assert TargetFirm.objects.get().land == 250_000


def test_an_empty_cell_takes_nothing_back() -> None:
    bring(row(预计用工=500, 乡情关联="否"))
    bring(row(企业名称="示例精密股份有限公司", 名单类别="世界500强"))
    firm = TargetFirm.objects.get()
    assert (firm.jobs, firm.hometown_tie) == (500, False)


def test_a_conflict_between_check_and_commit_writes_nothing() -> None:
    person = person_factory("chain_officer")
    plan = register.plan([entry("示例抢先有限公司", uscc=code(3))])
    target_factory("示例抢先有限公司", uscc=code(3))
    before = (TargetFirm.objects.count(), Telling.objects.count())
    upload = deliveries.keep("x.xlsx", xlsx([HEADS, row()]), "firms", by=person)
    with pytest.raises(Refusal, match="conflict"):
        import_targets(plan=plan, upload=upload, by=person)
    assert (TargetFirm.objects.count(), Telling.objects.count()) == before


# ── subsidiaries ─────────────────────────────────────────────────────────────
def known(person: Person, firm: TargetFirm, name: str) -> Any:
    return boards.line_of(person, firm)[0].told.get(name)


def test_a_subsidiary_counts_only_once_its_control_is_proved() -> None:
    person = person_factory("chain_officer")
    bring(row(企业名称="示例集团钟表有限公司", 母公司="示例集团"))
    assert any("控股" in one.message.zh for one in preview(row(企业名称="示例集团电机有限公司", 母公司="示例集团")).warnings)
    firm = TargetFirm.objects.get()
    assert known(person, firm, "target.top500") is None
    with pytest.raises(Refusal):
        actions.prove_control(membership=firm.memberships.get(), proof=" ", by=person)
    actions.prove_control(membership=firm.memberships.get(), proof="公示系统股东信息，持股 67%", by=person)
    assert known(person, firm, "target.top500") == 1
    bring(row(企业名称="示例集团钟表有限公司", 母公司="示例集团", 名次=9))  # a file that is silent on it takes no proof away
    assert Membership.objects.get().control_proof


def test_a_firm_of_an_older_list_alone_is_not_called_a_member_and_no_list_is_not_no() -> None:
    person = person_factory("chain_officer")
    firm = target_factory("示例旧榜有限公司", year=2024)
    assert known(person, firm, "target.top500") == 1
    target_factory("示例新榜有限公司", year=2026)
    assert known(person, firm, "target.top500") is None
    for kind in ("top500_world", "top500_china"):
        target_factory(f"示例{kind}有限公司", kind=kind, list_name=kind)
    assert known(person, firm, "target.top500") == 0


# ── twins ────────────────────────────────────────────────────────────────────
def test_like_names_are_shown_and_a_person_decides() -> None:
    person = person_factory("chain_officer")
    first = target_factory("示例双生集团有限公司", jobs=10, nodes=("dial",), told_on=dt.date(2026, 1, 1))
    assert [one.column for one in preview(row(企业名称="示例双生股份有限公司")).warnings] == ["企业名称"]
    second = target_factory("示例双生股份有限公司", kind="other", list_name="别的", land=30_000, nodes=("case",), told_on=dt.date(2026, 1, 2))
    assert register.twins(person) == [(first, second)]
    kept = actions.merge_targets(kept=first, other=second, by=person)
    assert (kept.jobs, kept.land, set(kept.nodes.values_list("node", flat=True)), kept.memberships.count()) == (10, 30_000, {"dial", "case"}, 2)
    assert register.twins(person) == []
    assert register.firm(person, second.pk) == kept
    assert list(register.visible_firms(person)) == [kept]
    with pytest.raises(Refusal, match="conflict"):
        actions.merge_targets(kept=first, other=second, by=person)
    again = targets_factory(entry("示例双生股份有限公司", kind="chamber", list_name="商会"))  # a list that comes later finds the one that was kept
    assert again == [kept]


def test_two_that_are_two_are_not_asked_about_again_and_two_codes_are_never_one() -> None:
    person = person_factory("chain_officer")
    first, second = target_factory("示例双生集团有限公司", uscc=code(1)), target_factory("示例双生股份有限公司", uscc=code(2), kind="other", list_name="别的")
    with pytest.raises(Refusal, match="invalid"):
        actions.merge_targets(kept=first, other=second, by=person)
    actions.part_targets(first=second, second=first, by=person)
    assert register.twins(person) == []


# ── what somebody tells ──────────────────────────────────────────────────────
def test_what_somebody_tells_counts_by_its_day_and_the_rest_stays_to_be_seen() -> None:
    person, firm = person_factory("chain_officer"), target_factory(jobs=100, told_on=dt.date(2026, 1, 1))
    late = actions.tell_target(firm=firm, version=firm.version, told={"jobs": 80, "hometown_tie": 0}, nodes=("dial",), source="走访", told_on=dt.date(2026, 1, 5), by=person)
    assert (late.jobs, late.hometown_tie) == (80, False)
    early = actions.tell_target(firm=late, version=late.version, told={"jobs": 60}, source="旧年报", told_on=dt.date(2025, 1, 5), by=person)
    assert early.jobs == 80
    assert TargetNode.objects.filter(firm=firm, node="dial", source="走访").exists()


@pytest.mark.parametrize(("told", "nodes", "source", "field"), [
    ({"growth": 1_000_001}, (), "2025 年报", "growth"),
    ({"jobs": -1}, (), "走访", "jobs"), ({"local_share": 10_001}, (), "走访", "local_share"), ({"pollution": "x"}, (), "走访", "pollution"), ({"jobs": 1}, ("movement",), "走访", "nodes"), ({"jobs": 1}, (), " ", "source"),
    ({"jobs": 1}, (), "问 13800000001", "source"), ({"region": "000000"}, (), "走访", "region"), ({"jobs": 10**18}, (), "走访", "jobs"), ({}, (), "走访", "")])
def test_what_cannot_be_is_refused_at_its_field(told: dict[str, Any], nodes: tuple[str, ...], source: str, field: str) -> None:
    firm = target_factory()
    before = Telling.objects.count()
    with pytest.raises(Refusal) as refused:
        actions.tell_target(firm=firm, version=firm.version, told=told, nodes=nodes, source=source, told_on=dt.date(2026, 1, 5), by=person_factory("chain_officer"))
    assert refused.value.field == field
    assert Telling.objects.count() == before


def test_who_comes_second_writes_nothing() -> None:
    person, firm = person_factory("chain_officer"), target_factory()
    actions.note_approach(firm=firm, version=firm.version, state="contacted", note="电话联系过", on=dt.date(2026, 1, 5), by=person)
    with pytest.raises(Refusal, match="conflict"):
        actions.note_approach(firm=firm, version=firm.version, state="visiting", note="去过了", on=dt.date(2026, 1, 6), by=person)
    assert firm.notes.count() == 1
    assert TargetFirm.objects.get(pk=firm.pk).approach == "contacted"


@pytest.mark.parametrize(("state", "note", "field"), [("dropped", "", "note"), ("met", "见了", "state"), ("contacted", "王总 13800000001", "note"), ("contacted", "证件 430421199001011234", "note"), ("contacted", "去过" * 101, "note")])
def test_a_note_holds_no_personal_data_and_who_drops_says_why(state: str, note: str, field: str) -> None:
    firm = target_factory()
    with pytest.raises(Refusal) as refused:
        actions.note_approach(firm=firm, version=firm.version, state=state, note=note, on=dt.date(2026, 1, 5), by=person_factory("chain_officer"))
    assert refused.value.field == field
    assert not firm.notes.exists()


# ── rights ───────────────────────────────────────────────────────────────────
PAGES = ("/chains/targets/", "/chains/targets/weights/", "/chains/targets/twins/")


@pytest.mark.parametrize("role", ["policy_officer", "data_clerk", "enterprise_agent", "administrator"])
def test_nobody_else_sees_target_firms(role: str, client: Client) -> None:
    firm = target_factory(parent="示例集团")
    person = person_factory(role, **({"uscc": code(9)} if role == "enterprise_agent" else {}))
    client.force_login(person)
    for address in (*PAGES, f"/chains/targets/{firm.pk}/", f"/chains/targets/{firm.pk}/tell/", "/chains/targets/?export=xlsx"):
        page = client.get(address)
        assert page.status_code in (403, 404), address
        assert firm.name not in page.content.decode(), address
    for address in (f"/chains/targets/{firm.pk}/approach/", f"/chains/targets/members/{firm.memberships.get().pk}/prove/"):
        assert client.post(address, {"proof": "公示系统", "state": "contacted", "note": "来过"}).status_code in (403, 404), address
    with pytest.raises(Forbidden):
        actions.tell_target(firm=firm, version=firm.version, told={"jobs": 1}, source="走访", told_on=dt.date(2026, 1, 5), by=person)
    with pytest.raises(Forbidden):
        preview(row(), by=person)
    assert not list(register.visible_firms(person))


def test_a_leader_looks_and_does_not_touch(client: Client) -> None:
    firm, leader = target_factory(parent="示例集团"), person_factory("leader")
    client.force_login(leader)
    for address in (*PAGES, f"/chains/targets/{firm.pk}/"):
        assert client.get(address).status_code == 200, address
    assert client.get("/chains/targets/?export=xlsx").status_code == 403
    assert client.get(f"/chains/targets/{firm.pk}/tell/").status_code == 403
    assert "导入名单" not in client.get("/chains/targets/").content.decode()
    assert client.post(f"/chains/targets/members/{firm.memberships.get().pk}/prove/", {"proof": "公示系统"}).status_code == 403
    assert client.post(f"/chains/targets/{firm.pk}/approach/", {"state": "contacted", "note": "来过", "on": "2026-01-05", "version": firm.version}).status_code == 403
    assert not firm.notes.exists()
    assert not firm.memberships.get().control_proof
