"""The pages of claims: what the office and a firm see and press, what is printed, and who is refused at every door."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from diguan.kernel.evidence.models import Evidence
from diguan.kernel.tests.factories import person_factory
from diguan.policies.actions import checks
from diguan.policies.models import Claim
from diguan.policies.queries import claims
from diguan.policies.tests import claiming, county
from diguan.policies.tests.claiming import PDF, SINCE, again, answer, go, opened, paper, published, seen, unobjected
from diguan.policies.tests.county import PLAIN, POLICY, RICH, SHORT, SILENT
from diguan.policies.web import shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def who(settings, tmp_path, monkeypatch):
    return claiming.begin(settings, tmp_path, monkeypatch)


def rich(rows):
    return next(row for row in rows if row.enterprise.uscc == RICH)


def pdf(name="公示.pdf"):
    return SimpleUploadedFile(name, b"%PDF-1.7 test", "application/pdf")


def page(client, person, name, *args, **query):
    client.force_login(person)
    response = client.get(reverse(f"policies:{name}", args=args), query)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


# ── the office's day, by pages alone ─────────────────────────────────────────
def test_a_day_of_the_office_by_its_pages(client, who, settings):
    run = claiming.allocated(who)
    assert "据此开兑现" in page(client, who.officer, "allocated", run.run_id, POLICY)
    response = client.post(reverse("policies:open_claims", args=[run.run_id, POLICY]), follow=True)
    html = response.content.decode()
    assert "已开 3 件兑现" in html
    assert "整批确认" in html
    assert "候选 <b>3</b>" in html
    html = page(client, who.second, "claim_step", POLICY, "confirmed")
    assert "不差什么" in html
    rows = list(Claim.objects.all())
    html = client.post(reverse("policies:claim_step", args=[POLICY, "confirmed"]), {"claim": [f"{row.pk}:{seen(row)}" for row in rows]}).content.decode()
    assert "办成 3 户" in html
    html = client.post(reverse("policies:claim_step", args=[POLICY, "confirmed"]), {"claim": ["x"]})
    assert html.status_code == 422
    assert "名单读不懂" in html.content.decode()
    client.post(reverse("policies:claim_notice", args=[POLICY]), {"file": pdf()})
    assert Evidence.objects.filter(entry="publicity_notice").count() == 3
    html = page(client, who.third, "claim_step", POLICY, "publicised")
    assert "没有公示页" not in html
    client.post(reverse("policies:claim_step", args=[POLICY, "publicised"]), {"claim": [f"{row.pk}:{seen(again(row))}" for row in rows]})
    assert {again(row).stage for row in rows} == {"publicised"}
    html = page(client, who.second, "publicity", POLICY)
    assert "5 个工作日，到 2026-11-06" in html
    assert "9143**********0013" in html
    assert RICH not in html
    html = page(client, who.second, "claim_step", POLICY, "unobjected")
    assert "还差" in html
    settings.DIGUAN_TODAY = "2026-11-10"
    client.post(reverse("policies:claim_step", args=[POLICY, "unobjected"]), {"claim": [f"{row.pk}:{seen(again(row))}" for row in rows]})
    assert {again(row).stage for row in rows} == {"unobjected"}


def test_a_firm_finds_what_it_is_asked_and_its_account_is_masked_afterwards(client, who, settings):
    row = rich(opened(who))
    assert "现在不用您做什么" in page(client, who.agent, "claim", row.pk)
    unobjected(row, who, settings)
    html = page(client, who.agent, "own_claims")
    assert "轮到您：确认意愿和收款账户" in html
    html = page(client, who.agent, "claim", row.pk)
    assert "甲专员" in html
    response = client.post(reverse("policies:claim_answer", args=[row.pk]), {"version": again(row).version, "intent": "on", "account": "12", "bank": "县农商行"})
    assert response.status_code == 422
    assert "账号要有 12 到 30 位" in response.content.decode()
    assert 'value="12"' in response.content.decode()  # what was typed stays
    client.post(reverse("policies:claim_answer", args=[row.pk]), {"version": again(row).version, "intent": "on", "account": "1801 2345 6789 01", "bank": "县农商行西渡支行"})
    html = page(client, who.agent, "claim", row.pk)
    assert "18012345678901" not in html
    assert "**********8901" in html
    assert "现在不用您做什么" in html
    html = page(client, who.second, "claim", row.pk)
    assert "核实无误，转去付款" in html
    assert "18012345678901" not in html
    assert "**********8901 · 县农商行西渡支行" in html  # of an account the number is secret, the bank is not
    account = Evidence.objects.get(entry="bank_account")
    assert client.post(reverse("policies:claim_reveal", args=[row.pk, account.pk]), {"reason": ""}).status_code == 409
    assert "18012345678901" in client.post(reverse("policies:claim_reveal", args=[row.pk, account.pk]), {"reason": "核对户名"}).content.decode()
    client.post(reverse("policies:claim_pass", args=[row.pk]), {"to": "intent_confirmed", "seen": str(seen(again(row)))})
    assert again(row).stage == "intent_confirmed"
    # The account was wrong: until a payment is ordered it may be told anew, and waits to be verified.
    assert "更正收款账户" in page(client, who.agent, "claim", row.pk)
    client.post(reverse("policies:claim_answer", args=[row.pk]), {"version": again(row).version, "account": "18012345679999", "bank": "县农商行"})
    assert sorted(Evidence.objects.filter(entry="bank_account").values_list("state", flat=True)) == ["entered", "verified"]
    client.force_login(who.second)
    client.post(reverse("policies:claim_decide", args=[row.pk, Evidence.objects.get(entry="bank_account", state="entered").pk]), {"version": 1, "holds": "1"})
    assert set(Evidence.objects.filter(entry="bank_account").values_list("state", flat=True)) == {"verified"}


def test_a_claims_page_leads_to_its_check_and_its_payment_and_who_opened_it_verifies_no_conditions(client, who, settings):
    row = rich(opened(who))
    unobjected(row, who, settings)
    answer(row, who.agent)
    client.force_login(who.second)
    client.post(reverse("policies:claim_pass", args=[row.pk]), {"to": "intent_confirmed", "seen": str(seen(again(row)))})
    assert "前一步或材料是您经办的" not in page(client, who.second, "claim", row.pk), "whoever sends the order is asked that, not the reader"
    html = page(client, who.third, "claim", row.pk)
    assert reverse("policies:claim_ledger", args=[row.pk]) in html
    assert f"{reverse('policies:payment_new')}?policy={POLICY}" in html
    checks.enter_check(claim=row, met=True, matches=False, file_name="核查.pdf", content=PDF.content, by=who.third)
    html = page(client, who.officer, "claim", row.pk)
    assert "不符合" in html, "the conclusion is read before it is verified"
    waiting = Evidence.objects.get(entry="conditions_check")
    decide = reverse("policies:claim_decide", args=[row.pk, waiting.pk])
    refused = client.post(decide, {"version": 1, "holds": "1"})  # who opened the claim does not verify its conditions
    assert refused.status_code == 409
    assert "兑现条件请另一个人核实" in refused.content.decode()
    client.force_login(who.second)
    assert client.post(decide, {"version": 1, "holds": "1"}).status_code == 302
    assert Evidence.objects.get(pk=waiting.pk).state == "verified"


def test_a_piece_that_does_not_hold_makes_it_the_firms_turn_again(client, who, settings):
    row = rich(opened(who))
    unobjected(row, who, settings)
    answer(row, who.agent)
    account = Evidence.objects.get(entry="bank_account")
    client.force_login(who.second)
    client.post(reverse("policies:claim_decide", args=[row.pk, account.pk]), {"version": 1, "holds": "0", "reason": "户名不是本企业"})
    html = page(client, who.agent, "claim", row.pk)
    assert "轮到您：确认意愿和收款账户" in html
    assert "户名不是本企业" in html


def test_a_closed_gate_is_a_list_of_what_is_missing_and_the_claim_stays(client, who):
    row = rich(opened(who))
    client.force_login(who.officer)
    response = client.post(reverse("policies:claim_pass", args=[row.pk]), {"to": "confirmed", "seen": str(seen(row))})
    assert response.status_code == 409
    assert "经办人和核验人不是同一个人" in response.content.decode()
    assert again(row).stage == "found"


def test_refused_with_a_reason_the_firm_appeals_on_its_page(client, who):
    row = rich(opened(who))
    paper(row, "refusal_notice", who.officer, who.second)
    client.force_login(who.second)
    client.post(reverse("policies:claim_pass", args=[row.pk]), {"to": "refused", "seen": str(seen(row)), "reason": "核查发现已停产"})
    html = page(client, who.agent, "claim", row.pk)
    assert "核查发现已停产" in html
    assert "申请复核" in html
    client.post(reverse("policies:claim_answer", args=[row.pk]), {"version": again(row).version, "file_appeal_letter": pdf("复核.pdf")})
    assert Evidence.objects.get(entry="appeal_letter").uscc == RICH


def test_a_firm_gives_up_on_its_page_and_says_why(client, who):
    row = rich(opened(who))
    client.force_login(who.agent)
    assert client.post(reverse("policies:claim_give_up", args=[row.pk]), {"version": 1, "reason": ""}).status_code == 422
    client.post(reverse("policies:claim_give_up", args=[row.pk]), {"version": 1, "reason": "今年不需要"})
    assert "您已经放弃这一件" in page(client, who.agent, "claim", row.pk)


def test_a_firm_starts_its_fast_claim_on_the_page_of_the_policy(client, settings, tmp_path, monkeypatch):
    who = claiming.begin(settings, tmp_path, monkeypatch, budget="", delivery="fast_claim")
    assert "现在申领" in page(client, who.agent, "explanation", POLICY, RICH)
    client.post(reverse("policies:start_claim", args=[POLICY, RICH]))
    assert Claim.objects.get().enterprise.uscc == RICH
    assert "现在申领" not in page(client, who.agent, "explanation", POLICY, RICH)


def test_a_delivery_has_one_name_on_every_page():
    """A policy's page and a claim's page call the three ways alike."""
    assert {claims.DELIVERIES[name].label: str(word) for name, word in shown.DELIVERY.items()} == {word: word for word in ("免申即享", "快申快享", "申报")}


# ── why not me ───────────────────────────────────────────────────────────────
def test_why_not_me_is_told_in_plain_words(client, settings, tmp_path, monkeypatch):
    who = claiming.begin(settings, tmp_path, monkeypatch, budget="5万元")
    agents = {uscc: person_factory("enterprise_agent", uscc=uscc, from_day=SINCE) for uscc in (PLAIN, SILENT, SHORT)}
    assert "可享，资金还没有分配" in page(client, agents[PLAIN], "explanation", POLICY, PLAIN)
    opened(who)
    html = page(client, agents[PLAIN], "explanation", POLICY, PLAIN)
    assert "为什么没有我" in html
    assert "排第 2 位，预算已由排在前面的用完" in html
    assert "已安排 1 户，还有 2 户在等" in html
    assert "缺天然气用量" in page(client, agents[SILENT], "explanation", POLICY, SILENT)
    assert "为什么没有我" not in page(client, who.agent, "explanation", POLICY, RICH)


def test_a_refusal_is_why_not_me_whatever_the_match_says_and_an_appeal_is_received(client, who):
    row = rich(opened(who))
    paper(row, "refusal_notice", who.officer, who.second)
    go(row, "refused", who.second, reason="核查发现窑炉已拆除")
    html = page(client, who.agent, "explanation", POLICY, RICH)
    assert "不予兑现的原因：核查发现窑炉已拆除" in html
    assert "确认后会通知您" not in html
    client.post(reverse("policies:claim_answer", args=[row.pk]), {"version": again(row).version, "file_appeal_letter": pdf()})
    assert "复核申请已经收到" in page(client, who.agent, "claim", row.pk)
    client.force_login(who.third)
    assert "复核申请等核实" in client.get("/").content.decode()


# ── objections ───────────────────────────────────────────────────────────────
def test_another_firm_objects_from_the_public_list_and_is_not_named_to_the_firm(client, who):
    row = rich(opened(who))
    published(row, who)
    other = person_factory("enterprise_agent", uscc=PLAIN, from_day=SINCE)
    assert "提异议" in page(client, other, "publicity", POLICY)
    client.post(reverse("policies:object", args=[POLICY, row.pk]), {"uscc": PLAIN, "file": pdf()})
    assert Evidence.objects.get(entry="objection").uscc == PLAIN
    assert "异议材料" not in page(client, who.agent, "claim", row.pk)
    html = page(client, who.second, "claim", row.pk)
    assert "异议材料" in html
    assert "有 1 份异议：先核实" in html
    client.force_login(who.second)
    desk = client.get("/").content.decode()
    assert "异议等核实" in desk
    assert reverse("policies:claim", args=[row.pk]) in desk
    client.force_login(who.agent)
    assert "异议等核实" not in client.get("/", follow=True).content.decode()


def test_what_is_not_on_public_notice_is_no_page_for_a_firm(client, who):
    rows = opened(who)
    go(rich(rows), "confirmed", who.second)
    client.force_login(who.agent)
    assert client.get(reverse("policies:publicity", args=[POLICY])).status_code == 404
    assert "还没有公示" in page(client, who.second, "publicity", POLICY)


# ── lists ────────────────────────────────────────────────────────────────────
def test_the_list_is_filtered_and_exported_as_filtered(client, who):
    rows = opened(who)
    go(rich(rows), "confirmed", who.second)
    html = page(client, who.second, "claims_of", POLICY, stage="confirmed")
    assert "衡阳大窑瓷业" in html
    assert "衡阳小窑瓷业" not in html
    client.force_login(who.second)
    text = b"".join(client.get(reverse("policies:claims_of", args=[POLICY]), {"stage": "found", "export": "csv"})).decode("utf-8-sig")
    assert "衡阳小窑瓷业有限公司" in text
    assert "衡阳大窑瓷业有限公司" not in text
    assert "兑现率（件）" in page(client, who.second, "claims")
    assert reverse("policies:claims_of", args=[POLICY]) in page(client, who.second, "policy", POLICY)


def test_what_waits_is_on_the_desk(client, who, settings):
    row = rich(opened(who))
    client.force_login(who.second)
    html = client.get("/").content.decode()
    assert "3 件兑现，11 万元" in html
    assert reverse("policies:claim_step", args=[POLICY, "confirmed"]) in html
    published(row, who)
    there = reverse("policies:claim_step", args=[POLICY, "unobjected"])
    assert there not in client.get("/").content.decode()
    settings.DIGUAN_TODAY = "2026-11-10"
    assert there in client.get("/").content.decode()
    go(row, "unobjected", who.officer)
    answer(row, who.agent)
    assert "1 户已确认意愿和账户，等您核对" in client.get("/").content.decode()


# ── who may not ──────────────────────────────────────────────────────────────
@pytest.mark.parametrize("role", ["data_clerk", "administrator"])
def test_who_sees_no_claims_gets_none(client, who, role):
    row = rich(opened(who))
    client.force_login(person_factory(role, from_day=SINCE))
    for name, args in (("claims", []), ("claims_of", [POLICY]), ("claim", [row.pk]), ("claim_step", [POLICY, "confirmed"]), ("own_claims", [])):
        assert client.get(reverse(f"policies:{name}", args=args)).status_code == 403, name


def test_a_leader_reads_and_moves_nothing(client, who):
    row = rich(opened(who))
    html = page(client, who.leader, "claim", row.pk)
    assert "<form class=\"dg-stack\" method=\"post\"" not in html
    assert client.get(reverse("policies:claim_step", args=[POLICY, "confirmed"])).status_code == 403
    for name, data in (("claim_pass", {"to": "confirmed", "seen": str(seen(row))}), ("claim_back", {"to": "found"}), ("claim_answer", {}), ("claim_give_up", {})):
        assert client.post(reverse(f"policies:{name}", args=[row.pk]), data).status_code in (403, 409), name
    assert again(row).stage == "found"
    assert client.get(reverse("policies:claims_of", args=[POLICY]), {"export": "csv"}).status_code == 403


def test_another_firm_finds_nothing_of_a_claim(client, who, settings):
    row = rich(opened(who))
    unobjected(row, who, settings)
    other = person_factory("enterprise_agent", uscc=PLAIN, from_day=SINCE)
    client.force_login(other)
    notice = Evidence.objects.get(entry="publicity_notice")
    for name, args in (("claim", [row.pk]), ("claim_paper", [row.pk, notice.pk])):
        assert client.get(reverse(f"policies:{name}", args=args)).status_code == 404, name
    for name, args in (("claim_answer", [row.pk]), ("claim_give_up", [row.pk]), ("claim_pass", [row.pk]), ("claim_enter", [row.pk]), ("claim_reveal", [row.pk, notice.pk])):
        assert client.post(reverse(f"policies:{name}", args=args)).status_code in (403, 404), name
    assert client.post(reverse("policies:start_claim", args=[POLICY, RICH])).status_code == 404
    assert client.get(reverse("policies:claims_of", args=[POLICY])).status_code == 302
    assert client.get(reverse("policies:claim_step", args=[POLICY, "confirmed"])).status_code == 403
    assert county.enterprise(RICH).name not in client.get(reverse("policies:own_claims")).content.decode()


def test_a_clerk_of_another_unit_sees_no_claim(client, who):
    row = rich(opened(who))
    client.force_login(person_factory("bureau_clerk", from_day=SINCE))
    assert client.get(reverse("policies:claim", args=[row.pk])).status_code == 404
    assert "衡阳大窑瓷业" not in client.get(reverse("policies:claims_of", args=[POLICY])).content.decode()


def test_a_longer_list_asks_no_more_of_the_database(client, who):
    rows = opened(who)
    client.force_login(who.leader)
    counts = []
    for words in (f"?q={RICH}", ""):
        client.get(reverse("policies:claims_of", args=[POLICY]) + words)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("policies:claims_of", args=[POLICY]) + words)
        counts.append(len(queries))
    assert len(rows) == 3
    assert counts[1] <= counts[0]
    assert counts[0] < 40
