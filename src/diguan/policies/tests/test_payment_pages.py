"""Pages of payments: from the list of what may be paid to the money in the account, by the people whose deed each is; who may not is refused."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from diguan.kernel import clocks, timelines
from diguan.kernel.evidence.tests.factories import PDF, evidence_factory
from diguan.kernel.tests.factories import person_factory
from diguan.policies.models import LedgerEntry, PaymentOrder, PaymentResult
from diguan.policies.queries import ledgers, payments
from diguan.policies.tests import payment_factory as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def who(settings, tmp_path):
    settings.DIGUAN_DATA = tmp_path
    return make.cast()


def page(person):
    client = Client()
    client.force_login(person)
    return client


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def at(name, *args):
    return reverse(f"policies:{name}", args=args)


def result_form(line, fen="10000", outcome="paid", **more):
    return {"outcome": outcome, "fen": fen, "day": clocks.today().isoformat(), "number": "国库1号", "reason": "", "version": line.version,
            "file": SimpleUploadedFile("凭证.pdf", PDF), **more}


def test_from_the_list_of_what_may_be_paid_to_the_money_in_the_account(who):
    good, bad = make.ready(who), make.ready(who)
    make.check(who, bad, value="false")
    officer = page(who.officer)
    found = officer.get(at("payment_new"), {"policy": make.POLICY})
    assert good.enterprise.name in text(found)
    assert "兑现条件没有达到" in text(found)
    assert make.ACCOUNT not in found.content.decode()
    assert f'value="{bad.pk}"' not in found.content.decode()  # what may not be paid cannot be ticked
    refused = officer.post(at("payment_draft"), {"policy": make.POLICY, "claim": [good.pk, bad.pk]})
    assert (refused.status_code, PaymentOrder.objects.count()) == (409, 0)
    assert "兑现条件没有达到" in text(refused)
    made = officer.post(at("payment_draft"), {"policy": make.POLICY, "claim": [good.pk]})
    order = PaymentOrder.objects.get()
    assert made.url == at("payment", order.pk)
    assert "审批通过" not in text(officer.get(made.url))
    page(who.leader).post(at("payment_deed", order.pk, "approve"), {"version": 1})
    assert "已审批" in text(officer.get(made.url))
    sender, booker = page(who.sender), page(who.booker)
    sender.post(at("payment_deed", order.pk, "send"), {"version": 2})
    assert make.stage(good) == "payment_ordered"
    line = make.line_of(good)
    assert sender.post(at("payment_line", line.pk), result_form(line)).status_code == 302
    row = PaymentResult.objects.get()
    button = at("payment_result", row.pk, "book")
    assert button not in sender.get(at("payment_line", line.pk)).content.decode()
    assert button in booker.get(at("payment_line", line.pk)).content.decode()
    booker.post(at("payment_result", row.pk, "book"), {"version": 1})
    assert (make.stage(good), ledgers.paid_of(good)) == ("paid", 1_000_000)
    assert "已办结" in text(officer.get(made.url))
    assert "10,000.00 元" in text(officer.get(at("claim_ledger", good.pk)))
    assert "都对得上" in text(officer.get(at("reconcile")))


def test_the_account_is_masked_everywhere_until_a_look_is_logged_and_the_export_is_logged_too(who):
    claim = make.ready(who)
    order = make.sent(who, claim)
    line = order.lines.get()
    for url in (at("payments"), at("payment", order.pk), at("payment_line", line.pk), at("claim_ledger", claim.pk), at("ledger"), at("entries"), at("reconcile"),
                f"{at('payments')}?export=csv", f"{at('ledger')}?export=csv", f"{at('entries')}?export=csv"):
        answer = page(who.officer).get(url)
        assert answer.status_code == 200, url
        assert make.ACCOUNT not in answer.content.decode(), url
    refused = page(who.sender).post(at("payment_reveal", line.pk), {"reason": " "})
    assert refused.status_code == 422
    assert make.ACCOUNT not in refused.content.decode()
    shown = page(who.sender).post(at("payment_reveal", line.pk), {"reason": "核对退票"})
    assert make.ACCOUNT in shown.content.decode()
    assert page(who.leader).post(at("payment_reveal", line.pk), {"reason": "看看"}).status_code == 403
    body = page(who.sender).post(at("payment_export", order.pk))
    assert body["Content-Disposition"].endswith('.xlsx"')
    assert [one.verb for one in timelines.of(who.leader, order)][:2] == ["payment_order_exported", "payment_account_revealed"]
    assert page(who.leader).post(at("payment_export", order.pk)).status_code == 403
    assert page(who.sender).get(at("payment_export", order.pk)).status_code == 405


def test_a_refusal_stands_on_the_page_with_what_was_typed(who):
    order = make.drafted(who, make.ready(who))
    stale = page(who.leader).post(at("payment_deed", order.pk, "approve"), {"version": 9})
    assert stale.status_code == 409
    assert "您看到的是第 9 版" in text(stale)
    empty = page(who.officer).post(at("payment_deed", order.pk, "cancel"), {"version": 1, "reason": "x"})
    assert empty.status_code == 409
    assert 'value="x"' in empty.content.decode()
    page(who.officer).post(at("payment_deed", order.pk, "cancel"), {"version": 1, "reason": "重拟一份"})
    order.refresh_from_db()
    assert order.state == "cancelled"


def test_a_result_is_refused_at_its_field_and_a_bad_number_is_no_server_error(who):
    claim = make.ready(who)
    make.sent(who, claim)
    line = make.line_of(claim)
    sender = page(who.sender)
    for more, says in (({"fen": "10000.01"}, "还可支付"), ({"fen": "很多"}, "输入一个数字"), ({"outcome": "returned"}, "要写原因"), ({"file": SimpleUploadedFile("a.exe", b"MZ")}, "只收 PDF")):
        answer = sender.post(at("payment_line", line.pk), result_form(line, **more))
        assert answer.status_code == 200
        assert says in text(answer), text(answer)
    assert not PaymentResult.objects.exists()
    assert sender.post(at("payment_line", line.pk), result_form(line, version=9)).status_code == 200
    assert "刚有别人登记过" in text(sender.post(at("payment_line", line.pk), result_form(line, version=9)))


def test_clawback_on_the_page_by_two_people(who):
    claim = make.ready(who)
    make.sent(who, claim)
    make.booked(who, claim, 1_000_000)
    url = at("claim_ledger", claim.pk)
    said = {"entry": "clawback_decision", "number": "追〔2026〕1号", "issued": clocks.today().isoformat(), "file": SimpleUploadedFile("决定.pdf", PDF)}
    assert page(who.officer).post(url, said).status_code == 302
    paper = payments.papers_waiting(claim, "clawback_decision")[0]
    assert "决定追回" not in text(page(who.sender).get(url)).replace("登记追回决定", "")
    bad = page(who.leader).post(at("claim_demand", claim.pk), {"paper": paper.pk, "fen": "10000.01", "reason": "虚报"})
    assert bad.status_code == 409
    assert "最多追回" in text(bad)
    page(who.leader).post(at("claim_demand", claim.pk), {"paper": paper.pk, "fen": "4000", "reason": "虚报发票"})
    assert make.stage(claim) == "clawback"
    back = evidence_factory("return_voucher", make.about(claim), who.sender, number="退1号")
    assert page(who.booker).post(at("claim_repay", claim.pk), {"paper": back.pk, "fen": "4000"}).status_code == 302
    assert make.stage(claim) == "clawed_back"
    assert page(who.officer).get(at("payment_paper", paper.pk)).content == PDF


def test_a_reversal_on_the_page(who):
    claim = make.ready(who)
    make.sent(who, claim)
    make.booked(who, claim, 1_000_000)
    entry = LedgerEntry.objects.get(kind="paid")
    assert page(who.booker).post(at("entry_reverse", entry.pk), {"reason": "记错了"}).status_code == 409
    page(who.sender).post(at("entry_reverse", entry.pk), {"reason": "记到别家了"})
    assert make.stage(claim) == "payment_ordered"
    assert "已冲销" in text(page(who.sender).get(at("claim_ledger", claim.pk)))


PAGES = ("payments", "ledger", "entries", "reconcile")


@pytest.mark.parametrize("role", ["data_clerk", "administrator", "bureau_clerk", "enterprise_agent"])
def test_who_may_not_see_payments(who, role):
    claim = make.ready(who)
    order = make.sent(who, claim)
    stranger = page(person_factory(role, uscc=claim.enterprise.uscc if role == "enterprise_agent" else None))
    urls = [*map(at, PAGES), at("payment_new"), at("payment", order.pk), at("payment_line", make.line_of(claim).pk)]
    assert [stranger.get(url).status_code for url in urls] == [403] * len(urls)
    assert stranger.post(at("payment_draft"), {"policy": make.POLICY, "claim": [claim.pk]}).status_code == 403


def test_an_enterprise_sees_its_own_ledger_and_no_other(who):
    claim, other = make.ready(who), make.ready(who)
    make.sent(who, claim)
    make.booked(who, claim, 400_000)
    agent = page(person_factory("enterprise_agent", uscc=claim.enterprise.uscc))
    found = agent.get(at("claim_ledger", claim.pk))
    assert found.status_code == 200
    assert "4,000.00 元" in text(found)
    assert who.booker.name not in text(found)
    assert agent.get(at("claim_ledger", other.pk)).status_code == 404
    assert agent.post(at("claim_ledger", claim.pk), {}).status_code == 403
    assert agent.get(at("payment_paper", LedgerEntry.objects.get(kind="paid").voucher_id)).status_code == 403


@pytest.mark.parametrize(("deed", "who_may"), [("approve", "leader"), ("send", "sender"), ("cancel", "officer"), ("recall", "leader")])
def test_only_who_may_finds_and_presses_each_button(who, deed, who_may):
    claim = make.ready(who)
    order = make.approved(who, claim) if deed == "send" else make.drafted(who, claim)
    url, said = at("payment_deed", order.pk, deed), {"version": order.version, "reason": "不付了"}
    may = {"approve": ("leader", "sender", "booker"), "recall": ("leader", "sender", "booker"), "send": ("sender", "booker", "officer", "checker"), "cancel": ("officer", "checker")}[deed]
    for name, person in vars(who).items():
        if name not in may:
            assert page(person).post(url, said).status_code == 403, name
            assert url not in page(person).get(at("payment", order.pk)).content.decode(), name
    assert url in page(getattr(who, who_may)).get(at("payment", order.pk)).content.decode()
    assert page(getattr(who, who_may)).post(url, said).status_code == 302


def test_every_number_of_the_budget_opens_rows_that_add_up_to_it(who):
    first, second = make.ready(who, 700_000), make.ready(who, 300_000)
    make.sent(who, first, second)
    make.booked(who, first, 500_000)
    (one,) = payments.budgets(who.leader, "zh")
    assert (one.total.granted, one.total.waiting, one.total.sums.net, one.total.outstanding) == (1_000_000, 500_000, 500_000, 500_000)
    found = page(who.officer).get(at("reconcile"))
    links = re.findall(r'href="([^"]+policy=[^"]+)"', found.content.decode())
    assert len(links) == 7
    for link in links:
        assert page(who.officer).get(link.replace("&amp;", "&")).status_code == 200
    waiting = page(who.officer).get(f"{at('ledger')}?policy={make.POLICY}&what=waiting")
    assert {first.enterprise.name, second.enterprise.name} <= set(re.findall(r"衡阳演示\d+有限公司", text(waiting)))


def test_no_page_asks_more_for_more_claims(who, django_assert_max_num_queries):
    def rows(count):
        claims = [make.ready(who, 1_000) for _ in range(count)]
        make.sent(who, *claims)
        for claim in claims:
            make.booked(who, claim, 500)
            make.ready(who, 1_000)
        return claims

    def counts():
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        found, client = [], page(who.officer)
        for url in (at("payments"), at("payment", PaymentOrder.objects.latest("id").pk), f"{at('payment_new')}?policy={make.POLICY}", at("ledger"), at("entries"), at("reconcile")):
            client.get(url)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url).status_code == 200
            found.append((url.split("?")[0], len(queries)))
        return found

    rows(2)
    few = counts()
    rows(5)
    assert [many for (_url, many) in counts()] == [count for (_url, count) in few]


def test_the_desk_tells_each_what_waits_for_them(who):
    make.drafted(who, make.ready(who))
    assert payments.to_do(who.leader) == {"approve": 1}
    assert "等您审批" in text(page(who.leader).get("/"))
    claim = make.ready(who)
    make.sent(who, claim)
    make.entered(who, claim, 100)
    assert payments.to_do(who.booker) == {"approve": 1, "send": 0, "book": 1}
    assert payments.to_do(who.sender)["book"] == 0
    assert payments.unanswered(who.sender) == 0
    make.sent(who, make.ready(who))
    assert payments.unanswered(who.sender) == 1
    assert "1 笔在国库，等登记支付结果" in text(page(who.sender).get("/"))
    assert payments.unanswered(who.officer) == 0
