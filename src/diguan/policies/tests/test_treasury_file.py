"""The list for the treasury and its answer: dry run, errors by cell, the same file twice is nothing twice."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from diguan.kernel import clocks
from diguan.kernel.access import Forbidden
from diguan.kernel.facts import deliveries
from diguan.kernel.refusals import Refusal
from diguan.kernel.sheets.tests.ugly import xlsx
from diguan.kernel.tests.factories import person_factory
from diguan.policies.actions import results
from diguan.policies.models import LedgerEntry, PaymentResult
from diguan.policies.queries import ledgers, reconciling
from diguan.policies.tests import payment_factory as make
from diguan.policies.tests.test_payments import outsiders
from diguan.policies.web.payments import sheet

pytestmark = pytest.mark.django_db


@pytest.fixture
def who(settings, tmp_path):
    settings.DIGUAN_DATA = tmp_path
    return make.cast()


@pytest.fixture
def claims(who):
    rows = [make.ready(who, fen) for fen in (1_000_000, 500_000, 123_456)]
    make.sent(who, *rows)
    return rows


def row(claim, outcome="已支付", yuan=None, number="国库1号", reason=None, **more):
    line = make.line_of(claim)
    given = {"付款通知号": line.order.number, "明细号": line.pk, "收款账号": line.account, "结果": outcome, "支付金额（元）": claim.amount_fen / 100 if yuan is None else yuan,
             "支付日期": clocks.today().isoformat(), "凭证号": number, "退回原因": reason}
    return {**given, **more}


def book(*rows):
    heads = list(rows[0])
    return xlsx([heads, *([one[head] for head in heads] for one in rows)])


def read(who, content, by=None):
    return deliveries.preview(deliveries.Request("treasury_answers"), "国库.xlsx", content, by=by or who.sender)


def bring(who, content):
    upload = deliveries.keep("国库.xlsx", content, "treasury_answers", by=who.sender)
    return deliveries.commit(deliveries.Request("treasury_answers"), upload, content, by=who.sender)


def book_all(who):
    for one in PaymentResult.objects.filter(state="entered").order_by("id"):
        results.book_result(result=one, version=1, by=who.booker)


def test_the_answer_is_entered_by_one_and_booked_by_another_and_the_same_file_twice_is_nothing_twice(who, claims):
    content = book(row(claims[0]), row(claims[1], "部分支付", 2000), row(claims[2], "退回", number="国库3号", reason="账号不符"))
    assert read(who, content).counts == {"new": 3, "changed": 0, "same": 0, "gone": 0}
    assert not PaymentResult.objects.exists()  # a dry run writes nothing
    bring(who, content)
    assert sorted(PaymentResult.objects.values_list("outcome", "fen")) == [("paid", 200_000), ("paid", 1_000_000), ("returned", 123_456)]
    assert not LedgerEntry.objects.filter(kind="paid").exists()
    assert read(who, content).counts == {"new": 0, "changed": 0, "same": 3, "gone": 0}
    bring(who, content)
    assert PaymentResult.objects.count() == 3
    book_all(who)
    assert [make.stage(claim) for claim in claims] == ["paid", "payment_ordered", "intent_confirmed"]
    bring(who, content)  # nor after it is booked
    assert (PaymentResult.objects.count(), [ledgers.paid_of(claim) for claim in claims]) == (3, [1_000_000, 200_000, 0])
    assert reconciling.faults(who.leader) == []


@pytest.mark.parametrize(("wrong", "column", "says"), [
    ({"明细号": 99_999}, "明细号", "没有这个明细号"), ({"付款通知号": "付〔2026〕99号"}, "付款通知号", "属于 付〔2026〕1号"), ({"收款账号": "18000000000000"}, "收款账号", "和付款通知上的不同"),
    ({"支付金额（元）": 10_001}, "支付金额（元）", "还可支付 10000.00 元"), ({"支付金额（元）": 9_999}, "支付金额（元）", "部分支付"), ({"支付日期": "2026-11-30"}, "支付日期", "今天之前"),
    ({"支付日期": "2026-10-01"}, "支付日期", "送出之后"), ({"结果": "退回", "退回原因": None}, "退回原因", "要写原因"), ({"结果": "也许"}, "结果", ""), ({"支付金额（元）": "很多"}, "支付金额（元）", ""),
    ({"凭证号": None}, "凭证号", "")])
def test_a_bad_row_is_named_by_row_and_cell_and_stops_the_file(who, claims, wrong, column, says):
    content = book(row(claims[1]), row(claims[0], **wrong))
    found = read(who, content)
    (error,) = found.checked.errors
    assert (error.row, error.column) == (3, column)
    assert says in error.message.zh
    with pytest.raises(Refusal, match="sheet_errors"):
        bring(who, content)
    assert not PaymentResult.objects.exists()


def test_a_line_of_another_offices_order_is_no_line(who, claims, tmp_path, monkeypatch):
    (tmp_path / "roles.yaml").write_text(
        "office_cashier:\n  title: {zh: 本单位出纳}\n  permissions: {policies.view_payment: unit, policies.record_payment: county, facts.keep_upload: county}\n", "utf-8")
    monkeypatch.setenv("DIGUAN_PACKS", f"base,hengyang,{tmp_path}")
    (error,) = read(who, book(row(claims[0])), by=person_factory("office_cashier")).checked.errors
    assert "不归您管" in error.message.zh


def test_rows_of_one_line_count_together_and_one_voucher_stands_once(who, claims):
    parts = book(row(claims[0], "部分支付", 6000, "国库1号"), row(claims[0], "部分支付", 4000.01, "国库2号"))
    assert [one.cell[-1] for one in read(who, parts).checked.errors] == ["3"]
    twins = book(row(claims[0], "部分支付", 6000, "国库1号"), row(claims[0], "部分支付", 10, "国库1号"))
    assert "同一张凭证" in read(who, twins).checked.errors[0].message.zh
    bring(who, book(row(claims[0], "部分支付", 6000, "国库1号")))
    other = read(who, book(row(claims[0], "部分支付", 6001, "国库1号")))
    assert "金额是 6000.00 元" in other.checked.errors[0].message.zh


def test_the_file_that_went_out_comes_back_filled_in(who, claims):
    order = make.line_of(claims[0]).order
    body = load_workbook(io.BytesIO(sheet.treasury_file(order, "某人")))
    page = body.worksheets[0]
    heads = [cell.value for cell in page[1]]
    assert heads == list(sheet.HEADINGS)
    accounts = [page.cell(at, heads.index("收款账号") + 1).value for at in (2, 3, 4)]
    assert accounts == [make.ACCOUNT] * 3  # as text, whole
    for at, claim in enumerate(claims, 2):
        for head, value in (("结果", "已支付"), ("支付金额（元）", claim.amount_fen / 100), ("支付日期", clocks.today()), ("凭证号", f"{at}号")):
            page.cell(at, heads.index(head) + 1).value = value
    out = io.BytesIO()
    body.save(out)
    bring(who, out.getvalue())
    book_all(who)
    assert [make.stage(claim) for claim in claims] == ["paid"] * 3


@pytest.mark.parametrize("role", outsiders("finance_officer"))
def test_who_may_not_bring_the_answer(who, claims, role):
    with pytest.raises(Forbidden):
        read(who, book(row(claims[0])), by=person_factory(role))


def test_the_list_comes_back_as_it_is_with_the_rows_filled_in_that_have_an_answer(who, claims):
    empty = {"结果": None, "支付金额（元）": None, "支付日期": None, "凭证号": None}
    content = book(row(claims[0]), row(claims[1]) | empty, row(claims[2]) | empty)
    found = read(who, content)
    assert found.counts == {"new": 1, "changed": 0, "same": 0, "gone": 0}
    assert any("2 行还没填结果" in note.zh for note in found.checked.notes)
    bring(who, content)
    book_all(who)
    with pytest.raises(Exception, match="没有一行填了结果"):
        read(who, book(row(claims[1]) | empty))
    half = read(who, book(row(claims[1]) | {"凭证号": None}))
    assert [error.message.zh for error in half.checked.errors] == ["“凭证号”不能为空"]


def test_a_list_taken_again_names_no_line_that_was_paid(who, claims):
    bring(who, book(row(claims[0])))
    book_all(who)
    order = make.line_of(claims[0]).order
    body = load_workbook(io.BytesIO(sheet.treasury_file(order, "某人")))
    assert [line[1].value for line in body.worksheets[0].iter_rows(min_row=2)] == [make.line_of(claims[1]).pk, make.line_of(claims[2]).pk]


def test_the_treasury_is_asked_for_nothing_but_its_file_and_led_to_no_page_it_may_not_see(who, client):
    client.force_login(who.sender)
    html = client.get("/imports/?sheet=treasury_answers").content.decode()
    assert 'name="complete"' not in html
    assert 'name="period"' not in html
    for name in ("batches", "coverage"):
        there = f"/{name}/"
        assert (f'href="{there}"' in html) == (client.get(there).status_code == 200), name


def test_why_the_bank_sent_it_back_is_said_of_the_return_alone(who, claims):
    bring(who, book(row(claims[2], "退回", number="国库3号", reason="账号不符")))
    book_all(who)
    assert list(LedgerEntry.objects.filter(claim=claims[2], kind__in=("paid", "returned")).order_by("id").values_list("kind", "reason")) == [("paid", ""), ("returned", "账号不符")]
