"""The file in the national columns: out and in again is no change, what is wrong is told at its cell, nothing is half written."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.urls import reverse

from diguan.kernel.access import Forbidden
from diguan.kernel.events import Event
from diguan.kernel.facts import deliveries
from diguan.kernel.refusals import Refusal
from diguan.kernel.sheets.tests.ugly import xlsx
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.services import actions
from diguan.services.actions import packs
from diguan.services.models import Matter, MatterVersion
from diguan.services.tests.factories import matter_factory

pytestmark = pytest.mark.django_db
HEADS = ["事项名称", "事项类型", "行使层级", "实施主体", "设定依据", "服务对象", "办件类型", "承诺办结时限（工作日）", "法定时限", "到办事现场次数", "办理形式", "暂录待核", "申请材料", "审批结果"]
GOOD = ["食品经营许可", "行政许可", "县级", "县市监局", "食品安全法第三十五条", "法人", "承诺件", 5, 20, 0, "窗口办理、网上办理", "是", "营业执照|C\n场所证明|C|容缺", "食品经营许可证|出证"]


def row(**changes):
    return [changes.get(head, value) for head, value in zip(HEADS, GOOD, strict=True)]


def paper(value):
    return value.replace("场所证明", "住所使用证明") if isinstance(value, str) else value


def book(*rows):
    return xlsx([HEADS, *([paper(value) for value in each] for each in rows)])


def look(content, by):
    return deliveries.preview(deliveries.Request("matters"), "事项.xlsx", content, by=by).checked


def bring(content, by):
    upload = deliveries.keep("事项.xlsx", content, "matters", by=by)
    return deliveries.commit(deliveries.Request("matters"), upload, content, by=by)


@pytest.fixture
def officer(db):
    unit_factory("县市监局")
    return person_factory("service_officer")


def test_a_file_comes_in_as_drafts_with_one_event_and_another_person_publishes(officer):
    checked = look(book(row()), officer)
    assert (checked.errors, checked.changes["new"]) == ([], 1)
    assert not Matter.objects.exists()
    bring(book(row()), officer)
    version = MatterVersion.objects.get()
    assert (version.published, version.content["promised_days"], version.content["handling_form"]) == (False, 5, ["窗口办理", "网上办理"])
    assert [one["meaning"] for one in version.content["requirements"]] == ["business_licence", "premises_proof"]
    assert [event.verb for event in Event.objects.filter(verb="matters_imported")] == ["matters_imported"]
    assert actions.publish_matter(matter=version.matter, version=version.matter.version, by=person_factory("service_officer")).state == "published"


@pytest.mark.parametrize(("head", "value", "field"), [
    ("承诺办结时限（工作日）", 30, "承诺办结时限"), ("办件类型", "承诺", "办件类型"), ("申请材料", "没有这种材料", "申请材料"), ("设定依据", "无", "设定依据"), ("到办事现场次数", "两次", "现场次数"), ("暂录待核", "否", "编码")])
def test_what_is_wrong_is_told_at_its_cell_and_nothing_is_written(officer, head, value, field):
    checked = look(book(row(), row(**{"事项名称": "另一个事项", head: value})), officer)
    assert {error.row for error in checked.errors} == {3}, checked.errors
    assert any(field in error.message.zh or field in error.column for error in checked.errors)
    with pytest.raises(Refusal):
        bring(book(row(), row(**{"事项名称": "另一个事项", head: value})), officer)
    assert not Matter.objects.exists()


def test_one_matter_in_two_rows_is_an_error(officer):
    assert "第 2 行" in look(book(row(), row()), officer).errors[0].message.zh


def test_an_empty_cell_changes_nothing_and_a_told_one_does(officer):
    bring(book(row()), officer)
    checked = look(xlsx([["事项名称", "实施主体", "承诺办结时限"], ["食品经营许可", "县市监局", 3]]), officer)
    assert (checked.errors, dict(checked.changes)) == ([], {"new": 0, "changed": 1, "same": 0})
    assert "承诺办结时限" in checked.notes[-1].zh


def test_a_bureau_clerk_brings_the_own_bureaus_matters_alone(officer):
    clerk = person_factory("bureau_clerk", unit_factory("县公安局"))
    assert "不归您管" in look(book(row()), clerk).errors[0].message.zh
    assert look(book(row(实施主体="县公安局")), clerk).errors == []
    with pytest.raises(Forbidden):
        look(book(row()), person_factory("policy_officer"))


def test_what_is_exported_comes_back_as_no_change(client, officer):
    packs.adopt(by=officer)
    matter_factory("with_code", task_code="11430421006345678C4000131001000", name="有编码的事项")
    client.force_login(officer)
    content = client.get(reverse("services:matters") + "?export=xlsx").content
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    checked = look(content, officer)
    assert checked.errors == []
    assert dict(checked.changes) == {"new": 0, "changed": 0, "same": 80}
