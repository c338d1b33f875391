"""The register's file: what it changes, what is refused by cell, and that nothing is half written."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.db import DatabaseError

from diguan.enterprises import actions
from diguan.enterprises.actions import imports as writes
from diguan.enterprises.models import Contact, Enterprise, FormerName, Title
from diguan.enterprises.queries import imports
from diguan.enterprises.tests.factories import contact_factory, credit_code, enterprise_factory
from diguan.kernel import access
from diguan.kernel.access import roles
from diguan.kernel.events import Event, EventPersonal, EventSubject, verify
from diguan.kernel.facts import deliveries
from diguan.kernel.refusals import Refusal
from diguan.kernel.sheets.tests.ugly import xlsx
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db
CODE, OTHER = credit_code(1), credit_code(2)
HEADS = ["统一社会信用代码", "企业名称", "曾用名", "登记地", "经营地", "所在乡镇", "经营地址", "行业代码", "产业集群", "所在园区", "登记状态", "生产状态",
         "成立日期", "注册资本（万元）", "法定代表人", "联系人", "联系电话", "荣誉资质"]
ROW = dict(zip(HEADS, [
    CODE, "衡阳样例钟表有限公司", "样例钟厂、样例表厂", "衡阳县", "430421", "西渡镇", "西渡镇演示路1号", "4030", "钟表", "无", "在业", "在产", "2012年5月6日", 800.5,
    "赵样", "钱例", "138 0000 0001", "高新技术企业|省科技厅|2023-12-05|2026-12-04；县长质量奖|县政府|2024.3.1"], strict=True))


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DIGUAN_DATA = tmp_path


@pytest.fixture
def clerk(db):
    return person_factory("data_clerk")


def file(*rows, heads=HEADS):
    return xlsx([["衡阳县企业名册"], heads, *([row.get(head) for head in heads] for row in rows)])


def preview(by, *rows, heads=HEADS):
    return deliveries.preview(deliveries.Request("enterprises"), "名册.xlsx", file(*rows, heads=heads), by=by).checked


def bring(by, *rows, heads=HEADS):
    data = file(*rows, heads=heads)
    upload = deliveries.keep("名册.xlsx", data, "enterprises", by=by)
    deliveries.commit(deliveries.Request("enterprises"), upload, data, by=by)
    return upload


def told(messages):
    return [(error.cell, error.message.zh) for error in messages]


def test_a_row_becomes_an_enterprise_with_all_that_it_tells(clerk):
    bring(clerk, ROW)
    row = Enterprise.objects.get()
    assert (row.uscc, row.name, row.registered_region, row.place_region) == (CODE, ROW["企业名称"], "430421", "430421")
    assert (row.business_status, row.park, row.established, row.registered_capital_fen) == ("存续", "无", dt.date(2012, 5, 6), 800_500_000)
    assert [former.name for former in row.former_names.order_by("id")] == ["样例钟厂", "样例表厂"]
    assert {(title.kind, title.issuer, title.valid_until) for title in row.titles.all()} == {
        ("high_tech_enterprise", "省科技厅", dt.date(2026, 12, 4)), ("other", "县政府", None)}
    assert [(one.name, one.phone_key) for one in row.contacts.all()] == [("钱例", "13800000001")]
    assert (row.owner_unit_id, row.created_by) == (access.granted(clerk)[0].unit_id, clerk)
    assert (row.name_key, row.pinyin_key) == ("衡阳样例钟表有限公司", "hyylzbyxgs")


def test_the_same_file_again_changes_nothing(clerk):
    bring(clerk, ROW)
    assert preview(clerk, ROW).changes == {"new": 0, "changed": 0, "same": 1}


def test_only_what_the_file_tells_is_changed(clerk):
    bring(clerk, ROW)
    change = {"统一社会信用代码": CODE, "企业名称": ROW["企业名称"], "登记状态": "停业", "荣誉资质": "高新技术企业|省科技厅|2023-12-05|2027-01-01", "联系人": "钱例", "联系电话": "13900000002"}
    found = preview(clerk, change)
    assert found.changes == {"new": 0, "changed": 1, "same": 0}
    assert found.notes[0].zh == "衡阳样例钟表有限公司：登记状态 存续 → 停业；荣誉资质；联系人"
    bring(clerk, change)
    row = Enterprise.objects.get()
    assert (row.business_status, row.town, row.legal_representative, row.version) == ("停业", "西渡镇", "赵样", 2)
    assert Title.objects.get(kind="high_tech_enterprise").valid_until == dt.date(2027, 1, 1)
    assert (Title.objects.count(), Contact.objects.get().phone, FormerName.objects.count()) == (2, "13900000002", 2)


def test_a_new_name_is_warned_of_and_the_old_one_kept(clerk):
    bring(clerk, ROW)
    renamed = {**ROW, "企业名称": "衡阳样例时计有限公司"}
    assert "旧名记为曾用名" in preview(clerk, renamed).warnings[0].message.zh
    bring(clerk, renamed)
    row = Enterprise.objects.get()
    assert row.name_key == "衡阳样例时计有限公司"
    assert "衡阳样例钟表有限公司" in {former.name for former in row.former_names.all()}


def test_an_import_is_one_event_that_names_every_firm_it_touched_and_no_person(clerk):
    enterprise_factory(OTHER, "衡阳演示陶瓷厂", town="三湖镇")
    before = Event.objects.count()
    upload = bring(clerk, ROW, {"统一社会信用代码": OTHER, "企业名称": "衡阳演示陶瓷厂", "所在乡镇": "西渡镇", "法定代表人": "孙样"})
    events = Event.objects.filter(verb="enterprises_imported")
    assert (events.count(), Event.objects.count() - before) == (1, 2)  # the other one keeps the file
    event = events.get()
    assert event.after["new"] == [CODE]
    assert event.after["counts"] == {"new": 1, "changed": 1, "same": 0}
    assert (event.before["changed"], event.after["changed"][OTHER]["town"]) == ({OTHER: {"town": "三湖镇"}}, "西渡镇")
    assert EventSubject.objects.filter(event=event, subject_type="enterprises.enterprise").count() == 2
    body = event.before_json + event.after_json
    assert not [word for word in ("赵样", "钱例", "138 0000 0001", "孙样") if word in body]
    personal = json.loads(EventPersonal.objects.get(event=event).values_json)
    assert personal[CODE]["phone"] == "138 0000 0001"
    assert verify(upload) == []


BAD = {
    "check digit": ("统一社会信用代码", CODE[:17] + ("X" if CODE[17] != "X" else "Y"), "校验位不对", "check character"),
    "no name": ("企业名称", None, "不能为空", "must be filled"),
    "a total": ("企业名称", "合计", "合计不能当数据", "a total is no data"),
    "a very long name": ("企业名称", "长" * 201, "最多 200 个", "at most 200"),
    "unknown region": ("登记地", "430429", "最接近的是 4304", "the nearest is 4304"),
    "unknown place": ("经营地", "999999", "没有行政区划代码", "no region code"),
    "a misspelt region": ("登记地", "衡阳县县", "最接近的是 430421 衡阳县", "the nearest is 430421"),
    "a misspelt industry": ("行业代码", "钟表与记时仪器制造", "最接近的是 4030 钟表与计时仪器制造", "the nearest is 4030"),
    "wrong industry": ("行业代码", "403A", "最接近的是 403", "the nearest is 403"),
    "unknown status": ("登记状态", "存在", "最接近的是“存续”", "the nearest is “存续”"),
    "unknown production": ("生产状态", "在产量", "最接近的是“在产”", "the nearest is “在产”"),
    "impossible date": ("成立日期", "2012-02-30", "不是日期", "is no date"),
    "a day to come": ("成立日期", "2999-01-01", "不可能", "cannot be"),
    "negative capital": ("注册资本（万元）", -3, "不能是负数", "not negative"),
    "capital in words": ("注册资本（万元）", "八百万", "应为数字", "a number is expected"),
    "a phone of three": ("联系电话", "110", "7 至 12 位", "7 to 12 digits"),
    "a title without a day": ("荣誉资质", "高新技术企业", "应写成 名称|发证机关|发证日期|有效期至", "write the title"),
    "a title on no day": ("荣誉资质", "高新技术企业|厅|2023-13-01", "不是日期", "is no date"),
    "a title that ends first": ("荣誉资质", "高新技术企业|厅|2023-12-05|2022-12-04", "早于发证日期", "is before"),
    "an unknown title": ("荣誉资质", "高新技木企业|厅|2023-12-05", "像是“高新技术企业”", "“高新技术企业” seems to be meant"),
    "a title to come": ("荣誉资质", "高新技术企业|厅|2999-12-05", "还没到", "yet to come"),
    "a failed cell": ("所在乡镇", "#N/A", "不是数据", "is no data"),
    "a former name too long": ("曾用名", "长" * 201, "最多 200 个", "at most 200"),
}


@pytest.mark.parametrize(("heading", "value", "zh", "en"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_by_cell_and_nothing_is_written(clerk, heading, value, zh, en):
    good = {**ROW, "统一社会信用代码": OTHER}
    found = preview(clerk, good, {**ROW, heading: value})
    (error,) = found.errors
    assert error.cell == f"{'ABCDEFGHIJKLMNOPQR'[HEADS.index(heading)]}4"
    assert zh in error.message.zh
    assert en in error.message.en
    with pytest.raises(Refusal, match="sheet_errors"):
        bring(clerk, good, {**ROW, heading: value})
    assert Enterprise.objects.count() == 0


def test_a_code_twice_names_both_rows(clerk):
    found = preview(clerk, ROW, ROW)
    assert told(found.errors) == [("A3", "第 3 行和第 4 行重复（同一代码）"), ("A4", "第 3 行和第 4 行重复（同一代码）")]


def test_a_row_with_a_wrong_code_is_never_taken_for_a_note(clerk):
    row = {"统一社会信用代码": "91430421MA0000226", "企业名称": "打印机配件厂"}
    assert [error.cell for error in preview(clerk, row, heads=["企业名称", "统一社会信用代码"]).errors] == ["B3"]


def test_a_well_formed_unlisted_industry_is_a_warning(clerk):
    found = preview(clerk, {**ROW, "行业代码": "0191"})
    assert found.ok
    (place, words), = told(found.warnings)
    assert (place, words.partition("；若是写错，最接近的是 ")[0]) == ("H3", "行业代码 0191 不在已载入的行业表中，先照收")


@pytest.mark.parametrize("written", ["4030", "C4030", "Ｃ４０３０", "4030 钟表与计时仪器制造"])
def test_an_industry_may_be_written_as_offices_write_it(clerk, written):
    bring(clerk, {**ROW, "行业代码": written})
    assert Enterprise.objects.get().industry == "4030"


@pytest.mark.parametrize("written", ["430421", "衡阳县", "430421000000", 430421])
def test_a_region_may_be_its_code_or_its_name(clerk, written):
    bring(clerk, {**ROW, "登记地": written})
    assert Enterprise.objects.get().registered_region == "430421"


@pytest.mark.parametrize("heads", [["信用代码", "单位名称", "注册资金"], ["税号", "公司名称", "注册资本（元）"], ["*统一社会信用代码", "企业全称", "注册资本（亿元）"]])
def test_usual_headings_and_units_are_understood(clerk, heads):
    bring(clerk, dict(zip(heads, [CODE, "衡阳样例钟表有限公司", 3], strict=True)), heads=heads)
    factor = {"注册资金": 1_000_000, "注册资本（元）": 100, "注册资本（亿元）": 10_000_000_000}[heads[2]]
    assert Enterprise.objects.get().registered_capital_fen == 3 * factor


def test_a_firm_of_the_same_name_under_another_code_is_a_warning_that_names_it(clerk):
    enterprise_factory(OTHER, "样例钟表（衡阳）有限责任公司")
    found = preview(clerk, ROW)
    assert found.ok
    assert told(found.warnings) == [("B3", f"可能与 样例钟表（衡阳）有限责任公司（{OTHER}） 是同一家企业，请核对")]


def test_twins_within_the_file_are_named_too(clerk):
    found = preview(clerk, ROW, {**ROW, "统一社会信用代码": OTHER, "企业名称": "衡阳样列钟表有限公司"})
    assert [(one.cell, CODE in one.message.zh) for one in found.warnings] == [("B4", True)]


@pytest.mark.parametrize("may_reveal", [False, True])
def test_a_hidden_number_is_not_guessed_by_a_file_of_guesses(clerk, monkeypatch, may_reveal):
    """The name is half alike, so the number alone decides whether there is a warning."""
    contact_factory(enterprise_factory(OTHER, "衡阳万顺精密钟表机芯有限公司"), "钱例", "138 0000 0648")
    if may_reveal:
        monkeypatch.setitem(roles.roles()["data_clerk"].permissions, "enterprises.reveal_contact", access.Scope.COUNTY)
    guesses = [{"统一社会信用代码": credit_code(n), "企业名称": "衡阳万顺精密钟表机蕊有限公司", "联系人": "钱", "联系电话": f"138{n:04d}0648"} for n in (9998, 0, 9999) if n]
    guesses.append({**guesses[0], "统一社会信用代码": credit_code(10_000), "联系电话": "13800000648"})
    named = [one.cell for one in preview(clerk, *guesses).warnings if OTHER in one.message.zh]
    assert named == (["B5"] if may_reveal else [])


def test_an_update_is_not_warned_of_itself(clerk):
    bring(clerk, ROW)
    assert preview(clerk, {**ROW, "所在乡镇": "三湖镇"}).warnings == []


def test_a_firm_beyond_ones_scope_is_refused_by_row(clerk, monkeypatch):
    enterprise_factory(CODE, ROW["企业名称"])
    known = roles.roles()["data_clerk"]
    monkeypatch.setitem(known.permissions, "enterprises.import_enterprise", access.Scope.UNIT)
    assert told(preview(clerk, ROW).errors) == [("A3", "这家企业不归您管，改不了")]
    plan = imports.plan(clerk, [imports.Entry(CODE, {"name": "甲"})])
    with pytest.raises(Refusal, match="beyond"):
        writes.import_enterprises(plan=plan, upload=deliveries.keep("a.csv", b"a,b\n", "enterprises", by=clerk), by=clerk)


@pytest.mark.parametrize("role", [None, "leader", "policy_officer", "enterprise_agent", "administrator"])
def test_who_may_not_import_gets_no_preview_and_no_write(clerk, role):
    person = person_factory(role, uscc=CODE) if role else person_factory()
    with pytest.raises(access.Forbidden):
        preview(person, ROW)
    upload = deliveries.keep("名册.xlsx", file(ROW), "enterprises", by=clerk)
    with pytest.raises(access.Forbidden):
        writes.import_enterprises(plan=imports.plan(clerk, []), upload=upload, by=person)


def test_a_change_between_check_and_commit_refuses_the_whole_file(clerk):
    row = enterprise_factory(CODE, ROW["企业名称"])
    plan = imports.plan(clerk, [imports.Entry(OTHER, {"name": "甲厂"}), imports.Entry(CODE, {"town": "三湖镇"})])
    actions.change_enterprise(enterprise=row, version=1, values={"town": "西渡镇"}, by=clerk)
    upload = deliveries.keep("名册.xlsx", file(ROW), "enterprises", by=clerk)
    with pytest.raises(Refusal, match="conflict"):
        writes.import_enterprises(plan=plan, upload=upload, by=clerk)
    assert list(Enterprise.objects.values_list("uscc", "town")) == [(CODE, "西渡镇")]


def test_a_firm_registered_between_check_and_commit_refuses_the_whole_file(clerk):
    plan = imports.plan(clerk, [imports.Entry(OTHER, {"name": "甲厂"}), imports.Entry(CODE, {"name": "乙厂"})])
    enterprise_factory(CODE, "乙厂")
    upload = deliveries.keep("名册.xlsx", file(ROW), "enterprises", by=clerk)
    with pytest.raises(Refusal, match="conflict"):
        writes.import_enterprises(plan=plan, upload=upload, by=clerk)
    assert Enterprise.objects.count() == 1


def test_a_failure_half_way_leaves_nothing(clerk, monkeypatch):
    monkeypatch.setattr(writes, "_put_contacts", lambda found: (_ for _ in ()).throw(DatabaseError("the disk is full")))
    with pytest.raises(DatabaseError):
        bring(clerk, ROW)
    assert (Enterprise.objects.count(), Title.objects.count(), Event.objects.filter(verb="enterprises_imported").count()) == (0, 0, 0)


def test_the_work_grows_with_the_file_and_not_faster(clerk, django_assert_max_num_queries):
    rows = [{"统一社会信用代码": credit_code(n), "企业名称": f"衡阳{n}号演示厂", "联系电话": f"138{n:08d}"} for n in range(1000, 1600)]
    with django_assert_max_num_queries(60):
        found = preview(clerk, *rows)
    with django_assert_max_num_queries(80):
        writes.import_enterprises(plan=found.payload, upload=deliveries.keep("a.xlsx", file(ROW), "enterprises", by=clerk), by=clerk)
    assert Enterprise.objects.count() == 600


def test_unknown_firms_in_a_fact_sheet_are_refused_by_row(clerk):
    enterprise_factory(CODE, "衡阳样例钟表有限公司")
    data = xlsx([["统一社会信用代码", "企业名称", "入库税额（万元）"], [CODE, "衡阳样例钟表有限公司", 1], [OTHER, "乙厂", 2]])
    found = deliveries.preview(deliveries.Request("tax_monthly", deliveries.periods.parse("2026-08")), "税.xlsx", data, by=clerk).checked
    assert [(error.cell, "企业库里没有" in error.message.zh) for error in found.errors] == [("A3", True)]


def test_a_contact_that_is_there_is_not_added_twice(clerk):
    row = enterprise_factory(CODE, ROW["企业名称"])
    contact_factory(row, "钱例", "13800000001", "经理")
    bring(clerk, ROW)
    assert [(one.name, one.role) for one in row.contacts.all()] == [("钱例", "经理")]


def test_columns_that_were_not_read_are_named(clerk):
    found = preview(clerk, {**ROW, "序号": 1, "经济类型": "民营", "企业规模": "小型"}, heads=["序号", *HEADS, "经济类型", "企业规模"])
    assert found.notes[0].zh == "这些列没有读：经济类型、企业规模"


def test_a_phone_in_full_width_digits_is_kept_in_half_width(clerk):
    bring(clerk, {**ROW, "联系电话": "１３８ ００００ ０００１"})
    assert Contact.objects.get().phone == "138 0000 0001"


def test_a_title_too_long_for_the_register_is_refused_by_cell(clerk):
    assert "最多 100 个" in preview(clerk, {**ROW, "荣誉资质": f"{'奖' * 101}||2020-01-01"}).errors[0].message.zh
