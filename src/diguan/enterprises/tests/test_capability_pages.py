"""The register's pages and its file: who sees and does what, and that what goes out comes in again."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags
from openpyxl import load_workbook

from diguan.enterprises.actions import capabilities as actions
from diguan.enterprises.actions.capabilities import Proof
from diguan.enterprises.engine import capabilities as kinds
from diguan.enterprises.models import Capability
from diguan.enterprises.tests.factories import CLAIMS, COMMON, capability_factory, credit_code, enterprise_factory, hand
from diguan.kernel.access import roles
from diguan.kernel.events import Event
from diguan.kernel.facts import deliveries
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.sheets.tests.ugly import xlsx
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db
ONE, TWO = credit_code(1), credit_code(2)
PDF = b"%PDF-1.7 proof"
HEADS = ["统一社会信用代码", "企业名称", "能力类别", "名称", "品类", "计量单位", "日产能", "出口国家和地区", "市场份额（%）", "份额分母", "统计年份", "数据出处",
         "出具单位", "文号或证书号", "出具日期", "有效期至"]
PRODUCT = dict(zip(HEADS, [ONE, "衡阳样例钟表有限公司", "产品与日产能", "石英手表", "钟表", "只", 30_000, None, None, None, None, None, "县科工局", "示例1号", "2026-03-01", None], strict=True))


@pytest.fixture
def one(db):
    return enterprise_factory(ONE, "衡阳样例钟表有限公司", cluster="钟表", town="西渡镇")


@pytest.fixture
def two(db):
    return enterprise_factory(TWO, "衡阳演示陶瓷有限公司", cluster="陶瓷", town="界牌镇")


def page(client, who, name, *args, status=200, query="", data=None):
    client.force_login(who)
    where = reverse(f"enterprises:{name}", args=args) + query
    answer = client.get(where) if data is None else client.post(where, data)
    assert answer.status_code == status, answer.content.decode()[:2000]
    if answer.has_header("Content-Disposition"):
        return answer.content
    return answer.content.decode()


# ── who sees what ────────────────────────────────────────────────────────────
def test_an_agent_sees_the_claims_of_their_own_firm_alone_and_no_sum_of_the_county(client, one, two, clerk):
    mine, theirs = capability_factory(one, clerk), capability_factory(two, clerk, name="青花碗")
    agent = hand("enterprise_agent", uscc=ONE)
    assert "青花碗" not in page(client, agent, "capabilities")
    assert "石英手表" in page(client, agent, "enterprise_capabilities", ONE)
    assert "核实无误" not in page(client, agent, "capability", mine.pk)
    page(client, agent, "capability", theirs.pk, status=404)
    page(client, agent, "capability_proof", theirs.pk, status=404)
    page(client, agent, "change_capability", theirs.pk, status=404)
    page(client, agent, "enterprise_capabilities", TWO, status=404)
    page(client, agent, "claim_capability", TWO, status=404)
    page(client, agent, "capability_overview", status=403)


@pytest.mark.parametrize("name", ["capabilities", "capability_overview"])
def test_who_has_no_post_or_no_right_to_it_is_refused(client, one, clerk, name):
    capability_factory(one, clerk)
    for person in (person_factory(), hand("administrator")):
        assert "石英手表" not in page(client, person, name, status=403)


@pytest.mark.parametrize("deed", ["verify", "reject", "withdraw"])
def test_a_deed_is_refused_to_who_has_not_the_right_and_by_get(client, one, clerk, deed):
    row = capability_factory(one, clerk)
    wrong = hand("leader")
    assert page(client, wrong, f"{deed}_capability", row.pk, data={"version": 1, "reason": "不对"}, status=403)
    page(client, wrong, f"{deed}_capability", row.pk, status=405)
    assert Capability.objects.get().state == "claimed"


def test_a_dossier_without_the_right_to_claims_has_no_tab_and_tells_nothing_of_them(client, one, clerk, monkeypatch):
    capability_factory(one, clerk)
    leader = hand("leader")
    assert reverse("enterprises:enterprise_capabilities", args=[ONE]) in page(client, leader, "dossier", ONE)
    assert "填报能力" in page(client, leader, "history", ONE)
    monkeypatch.delitem(roles.roles()["leader"].permissions, "enterprises.view_capability")
    assert reverse("enterprises:enterprise_capabilities", args=[ONE]) not in page(client, leader, "dossier", ONE)
    assert "填报能力" not in page(client, leader, "history", ONE)
    page(client, leader, "enterprise_capabilities", ONE, status=403)


# ── claim, verify, reject, withdraw ──────────────────────────────────────────
def test_an_agent_claims_on_the_form_and_an_official_verifies(client, one, officer):
    agent = hand("enterprise_agent", uscc=ONE)
    assert "市场份额" in page(client, agent, "claim_capability", ONE)
    form = {**COMMON, **CLAIMS["product"], "unit": "piece", "proof": SimpleUploadedFile("证明.pdf", PDF)}
    page(client, agent, "claim_capability", ONE, query="?kind=product", data=form, status=302)
    row = Capability.objects.get()
    assert (row.state, row.details["daily_capacity"], row.entered_by) == ("claimed", 30_000, agent)
    shown = page(client, officer, "capability", row.pk)
    assert "30,000 只/日" in shown
    assert "核实无误" in shown
    assert page(client, officer, "capability_proof", row.pk) == PDF
    page(client, officer, "verify_capability", row.pk, data={"version": 1}, status=302)
    assert Capability.objects.get().state == "verified"
    assert "核实能力" in page(client, agent, "history", ONE)


def test_a_form_that_will_not_do_keeps_the_input_and_says_why_at_the_field(client, one, clerk):
    form = {**COMMON, **CLAIMS["share"], "basis": "quantity", "statistics": ""}
    shown = page(client, clerk, "claim_capability", ONE, query="?kind=share", data=form, status=422)
    assert 'value="全球石英手表市场"' in shown
    assert 'aria-invalid="true"' in shown
    shown = page(client, clerk, "claim_capability", ONE, query="?kind=market", data={**COMMON, "name": "手表", "countries": "德果"}, status=422)
    assert "最接近的是“德国”" in shown
    shown = page(client, clerk, "claim_capability", ONE, query="?kind=brand", data={**COMMON, "name": "蒸水", "proof": SimpleUploadedFile("a.pdf", b"<html>")}, status=422)
    assert "凭证只收 PDF、JPG、PNG 文件" in shown
    assert not Capability.objects.exists()


def test_a_kind_nobody_knows_asks_for_the_kind(client, one, clerk):
    assert "先选类别" in page(client, clerk, "claim_capability", ONE, query="?kind=magic")


def test_a_change_begins_with_what_is_kept_and_waits_again(client, one, clerk, officer):
    row = capability_factory(one, clerk, "share", verified_by=officer)
    shown = page(client, clerk, "change_capability", row.pk)
    assert 'value="11%"' in shown
    form = {**COMMON, **CLAIMS["share"], "basis": "quantity", "share": "12.5", "version": 2}
    page(client, clerk, "change_capability", row.pk, data=form, status=302)
    assert (Capability.objects.get().details["share"], Capability.objects.get().state) == (1_250, "claimed")
    page(client, clerk, "change_capability", row.pk, data=form, status=422)  # the version is an old one


def test_who_entered_it_is_told_to_ask_another(client, one, officer):
    row = capability_factory(one, officer)
    shown = page(client, officer, "capability", row.pk)
    assert "要由另一个人核实" in shown
    assert "核实无误" not in shown
    assert "自己填报的不能自己核实" in page(client, officer, "verify_capability", row.pk, data={"version": 1}, status=422)


def test_a_rejection_needs_a_reason_and_shows_it_to_the_claimant(client, one, officer):
    agent = hand("enterprise_agent", uscc=ONE)
    row = capability_factory(one, agent)
    assert "请写明驳回原因" in page(client, officer, "reject_capability", row.pk, data={"version": 1, "reason": " "}, status=422)
    page(client, officer, "reject_capability", row.pk, data={"version": 1, "reason": "与设备清单不符"}, status=302)
    assert "与设备清单不符" in page(client, agent, "capability", row.pk)
    assert "与设备清单不符" in page(client, agent, "enterprise_capabilities", ONE)


def test_a_claim_without_proof_offers_rejection_only(client, one, clerk, officer):
    row = capability_factory(one, clerk, document="")
    shown = page(client, officer, "capability", row.pk)
    assert "没有文号也没有凭证文件" in shown
    assert "核实无误" not in shown
    page(client, officer, "capability_proof", row.pk, status=404)


def test_a_late_decision_is_a_conflict_and_a_withdrawal_goes_through(client, one, clerk, officer):
    row = capability_factory(one, clerk)
    assert "别人先改过或核实过" in page(client, officer, "verify_capability", row.pk, data={"version": 9}, status=409)
    for forged in ("x", "²", "9" * 5000):
        assert "别人先改过或核实过" in page(client, officer, "verify_capability", row.pk, data={"version": forged}, status=409), forged
    page(client, clerk, "withdraw_capability", row.pk, data={"version": 1, "reason": "产线已拆"}, status=302)
    assert "产线已拆" in page(client, clerk, "capability", row.pk)


def test_a_proof_is_only_ever_a_download(client, one, clerk):
    row = actions.claim_capability(enterprise=one, kind="brand", told={**COMMON, "name": "蒸水"}, proof=Proof('坏"名.pdf', PDF), by=clerk)
    client.force_login(clerk)
    answer = client.get(reverse("enterprises:capability_proof", args=[row.pk]))
    assert answer.content == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    client.force_login(hand("administrator"))
    assert client.get(reverse("enterprises:capability_proof", args=[row.pk])).status_code == 403


# ── the list and the county's page ───────────────────────────────────────────
@pytest.mark.parametrize(("query", "found"), [
    ("", {"石英手表", "青花碗", "绿色工厂"}), ("?kind=honour", {"绿色工厂"}), ("?state=verified", {"石英手表"}), ("?state=claimed", {"青花碗"}), ("?state=expired", {"绿色工厂"}),
    ("?cluster=陶瓷", {"青花碗"}), ("?town=西渡镇", {"石英手表", "绿色工厂"}), ("?category=日用瓷", {"青花碗"}), ("?level=national", {"绿色工厂"}), ("?ending=1", {"石英手表"}),
    ("?q=青花", {"青花碗"}), ("?q=hyystc", {"青花碗"}), (f"?q={TWO}", {"青花碗"}), ("?state=rejected", set()), ("?state=nonsense", {"石英手表", "青花碗", "绿色工厂"})])
def test_the_list_narrows(client, one, two, clerk, officer, query, found):
    capability_factory(one, clerk, verified_by=officer, valid_until=dt.date(2026, 12, 31))
    capability_factory(two, clerk, name="青花碗", category="日用瓷")
    capability_factory(one, clerk, "honour", verified_by=officer, valid_until=dt.date(2026, 9, 30))
    shown = page(client, officer, "capabilities", query=query)
    assert {name for name in ("石英手表", "青花碗", "绿色工厂") if f">{name}</a>" in shown} == found


def test_the_export_holds_what_is_filtered_and_comes_back_unchanged(client, one, two, clerk, officer):
    for kind in kinds.KINDS:
        capability_factory(one, clerk, kind)
    capability_factory(two, clerk)
    data = page(client, officer, "capabilities", query="?cluster=钟表&export=xlsx")
    rows = list(load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True))
    assert len(rows) == 1 + len(kinds.KINDS)
    found = deliveries.preview(deliveries.Request("capabilities"), "能力.xlsx", data, by=clerk).checked
    assert found.errors == []
    assert found.changes == {"new": 0, "changed": 0, "same": len(kinds.KINDS)}
    client.force_login(clerk)
    assert client.get(reverse("enterprises:capabilities") + "?export=xlsx").status_code == 403


def test_the_countys_page_opens_its_rows_and_keeps_waiting_apart(client, one, two, clerk, officer):
    for kind in kinds.KINDS:
        capability_factory(one, clerk, kind, verified_by=officer)
    capability_factory(two, clerk, name="挂钟", daily_capacity=777, daily_output="")
    shown = page(client, hand("leader"), "capability_overview")
    assert "30,000" in shown
    assert "777" in shown
    assert "30,777" not in shown
    assert "11% · 全球石英手表市场 · 2025 · 中国钟表协会" in shown
    assert "数据截至 2026-10-31" in strip_tags(shown)
    assert "kind=product&amp;state=verified&amp;category=" in shown
    only = page(client, officer, "capability_overview", query="?cluster=陶瓷")
    assert "777" in only
    assert "30,000" not in only
    client.force_login(officer)
    client.post(reverse("site:language"), {"language": "en"})
    assert "Daily capacity" in page(client, officer, "capability_overview")


def test_an_empty_register_says_what_to_do(client, clerk):
    assert "能力名册里还没有记录" in page(client, clerk, "capabilities")
    page(client, clerk, "capability_overview")


def test_the_desk_names_what_waits_for_another_persons_claims_only(client, one, clerk, officer):
    capability_factory(one, officer, name="自己报的")
    capability_factory(one, clerk)
    client.force_login(officer)
    assert "1 条企业能力等人核实" in client.get("/").content.decode()
    client.force_login(clerk)
    assert "等人核实" not in client.get("/").content.decode()


def test_the_tab_shows_what_rules_are_told_and_unknown_is_not_zero(client, one, clerk, officer):
    capability_factory(one, clerk, "robot", verified_by=officer)
    shown = page(client, officer, "enterprise_capabilities", ONE)
    assert "12 台" in shown
    assert shown.count("未知") >= 3


def asked(client, name, *args):
    """How many questions a page asks."""
    with CaptureQueriesContext(connection) as found:
        client.get(reverse(f"enterprises:{name}", args=args))
    return len(found)


@pytest.mark.parametrize(("name", "args"), [("capabilities", ()), ("capability_overview", ()), ("enterprise_capabilities", (ONE,)), ("history", (ONE,)), ("dossier", (ONE,))])
def test_pages_ask_the_database_no_more_for_more_claims(client, one, two, clerk, officer, name, args):
    for n in range(2):
        capability_factory((one, two)[n % 2], clerk, verified_by=officer, name=f"手表{n}")
    client.force_login(officer)
    asked(client, name, *args)
    before = asked(client, name, *args)
    for n in range(2, 14):
        capability_factory((one, two)[n % 2], clerk, verified_by=officer, name=f"手表{n}")
    assert asked(client, name, *args) == before


# ── the file ─────────────────────────────────────────────────────────────────
def bring(by, *rows):
    data = xlsx([["企业能力名册"], HEADS, *([row.get(head) for head in HEADS] for row in rows)])
    upload = deliveries.keep("能力.xlsx", data, "capabilities", by=by)
    return deliveries.commit(deliveries.Request("capabilities"), upload, data, by=by)


def preview(by, *rows):
    data = xlsx([["企业能力名册"], HEADS, *([row.get(head) for head in HEADS] for row in rows)])
    return deliveries.preview(deliveries.Request("capabilities"), "能力.xlsx", data, by=by).checked


def test_a_file_becomes_claims_that_wait_and_one_event_names_the_enterprises(client, one, two, clerk, officer):
    market = {**PRODUCT, "统一社会信用代码": TWO, "企业名称": two.name, "能力类别": "出口市场", "出口国家和地区": "美国、德国"}
    market = {name: value for name, value in market.items() if name not in ("品类", "计量单位", "日产能")}
    assert preview(clerk, PRODUCT, market).changes == {"new": 2, "changed": 0, "same": 0}
    bring(clerk, PRODUCT, market)
    assert {(row.enterprise.uscc, row.state, row.entered_by_id) for row in Capability.objects.all()} == {(ONE, "claimed", clerk.pk), (TWO, "claimed", clerk.pk)}
    event = Event.objects.get(verb="capabilities_imported")
    assert event.after["claims"] == {ONE: ["product"], TWO: ["market"]}
    assert "导入能力名册" in page(client, officer, "history", ONE)
    assert "产品与日产能 1" in page(client, officer, "history", ONE)


def test_every_error_of_a_file_stands_at_its_cell_and_nothing_is_written(one, clerk):
    share = {**PRODUCT, "能力类别": "市场份额", "品类": None, "计量单位": None, "日产能": None, "市场份额（%）": 11}
    wrong = [
        {**PRODUCT, "能力类别": "产品"}, {**PRODUCT, "日产能": -3, "名称": "a"}, {**PRODUCT, "计量单位": "匹", "名称": "b"}, share,
        {**PRODUCT, "统一社会信用代码": TWO, "名称": "c"}, {**PRODUCT, "出口国家和地区": "美国", "名称": "d"}, PRODUCT, PRODUCT]
    found = preview(clerk, *wrong)
    assert {(error.cell[0], error.row) for error in found.errors} == {
        ("C", 3), ("G", 4), ("F", 5), ("J", 6), ("K", 6), ("L", 6), ("A", 7), ("H", 8), ("D", 10)}
    with pytest.raises(Refusal):
        bring(clerk, *wrong)
    assert not Capability.objects.exists()


def test_a_file_told_again_changes_nothing_and_an_empty_cell_neither(one, clerk):
    bring(clerk, {**PRODUCT, "有效期至": "2027-12-31"})
    assert preview(clerk, PRODUCT).changes == {"new": 0, "changed": 0, "same": 1}
    assert Capability.objects.get().valid_until == dt.date(2027, 12, 31)


def test_a_file_that_changes_a_verified_claim_warns_and_puts_it_back_to_waiting(one, clerk, officer):
    bring(clerk, PRODUCT)
    row = Capability.objects.get()
    actions.verify_capability(capability=row, version=1, by=officer)
    changed = {**PRODUCT, "日产能": 31_000}
    assert "重新核实" in preview(clerk, changed).warnings[0].message.zh
    bring(clerk, changed)
    row.refresh_from_db()
    assert (row.state, row.details["daily_capacity"], row.version) == ("claimed", 31_000, 3)


def test_a_rejected_claim_told_again_unchanged_stays_rejected_and_says_so(one, clerk, officer):
    bring(clerk, PRODUCT)
    actions.reject_capability(capability=Capability.objects.get(), version=1, reason="不符", by=officer)
    found = preview(clerk, PRODUCT)
    assert found.changes == {"new": 0, "changed": 0, "same": 1}
    assert "已驳回（不符）" in found.warnings[0].message.zh


def test_a_file_compared_before_somebody_changed_the_register_is_refused_whole(one, two, clerk, officer):
    bring(clerk, PRODUCT)
    found = preview(clerk, {**PRODUCT, "日产能": 31_000}, {**PRODUCT, "统一社会信用代码": TWO, "企业名称": two.name})
    actions.verify_capability(capability=Capability.objects.get(), version=1, by=officer)
    upload = deliveries.keep("能力.xlsx", xlsx([HEADS]), "capabilities", by=clerk)
    with pytest.raises(Refusal, match="conflict"):
        actions.import_capabilities(plan=found.payload, upload=upload, by=clerk)
    assert Capability.objects.count() == 1


def test_who_may_not_import_claims_brings_none(one, officer, clerk):
    for person in (officer, hand("enterprise_agent", uscc=ONE)):
        with pytest.raises(Forbidden):
            preview(person, PRODUCT)
    found = preview(clerk, PRODUCT)
    upload = deliveries.keep("能力.xlsx", xlsx([HEADS]), "capabilities", by=clerk)
    with pytest.raises(Forbidden):
        actions.import_capabilities(plan=found.payload, upload=upload, by=officer)
