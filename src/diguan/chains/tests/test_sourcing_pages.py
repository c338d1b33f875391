"""Pages of local sourcing and introductions: who sees names, what is suppressed, what a firm never sees before both consent."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from diguan.chains.models import Answer, Introduction, IntroductionState
from diguan.chains.tests.factories import (
    agent_of,
    agreed_factory,
    consented,
    coverage_factory,
    introduction_factory,
    order_factory,
    side_of,
)
from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel import clocks
from diguan.kernel.events import Event
from diguan.kernel.shell import desk_of
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db


def page(client: Client, person: Any, address: str, status: int = 200) -> str:
    client.force_login(person)
    found = client.get(address)
    assert found.status_code == status, address
    return found.content.decode()


def send(client: Client, person: Any, address: str, status: int = 302, **told: Any) -> str:
    client.force_login(person)
    found = client.post(address, told)
    assert found.status_code == status, (address, found.content.decode()[-3000:])
    return found.content.decode()


def firms(makers: int, users: int) -> None:
    """So many of each at the dial; each maker has 1,234.5 万元 free, each user lacks 100."""
    for _number in range(makers):
        coverage_factory(enterprise_factory(name=f"衡阳供方{_number}有限公司", park="钟表产业园"), "dial", amount_fen=1_234_500_000, local_fen=0)
    for _number in range(users):
        coverage_factory(enterprise_factory(name=f"衡阳需方{_number}有限公司", park="钟表产业园"), "dial", "use", amount_fen=100_000_000, local_fen=0)


# ── names and sums ───────────────────────────────────────────────────────────
def test_names_are_for_who_may_see_every_firms_amounts(client: Client) -> None:
    firms(2, 1)
    seen = page(client, person_factory("chain_officer"), "/chains/nodes/dial/sourcing/")
    assert "衡阳供方0有限公司" in seen
    assert "另有 1 户供方一样合适" in seen
    assert "介绍对接" in seen
    assert "介绍对接" not in page(client, person_factory("leader"), "/chains/nodes/dial/sourcing/").split('id="pairs"')[1]
    hidden = page(client, person_factory("policy_officer"), "/chains/nodes/dial/sourcing/")
    assert "衡阳供方0" not in hidden
    assert "100 万元" not in hidden
    assert "不足 3 户" in hidden
    for person in (person_factory("enterprise_agent", uscc=enterprise_factory().uscc), person_factory("bureau_clerk")):
        page(client, person, "/chains/nodes/dial/sourcing/", 403)
        page(client, person, "/chains/watch/sourcing/", 403)


@pytest.mark.parametrize(("makers", "users", "shown"), [(3, 3, True), (2, 5, False), (5, 2, False), (1, 9, False)])
def test_a_sum_is_told_only_where_three_firms_stand_behind_on_either_side(client: Client, makers: int, users: int, shown: bool) -> None:
    for _number in range(makers):
        coverage_factory(enterprise_factory(park="钟表产业园"), "dial", amount_fen=100_000_000 * users // makers, local_fen=0)
    for _number in range(users):
        coverage_factory(enterprise_factory(park="钟表产业园"), "dial", "use", amount_fen=100_000_000, local_fen=0)
    for person, told in ((person_factory("policy_officer"), shown), (person_factory("leader"), True)):
        client.force_login(person)
        assert (client.get("/chains/nodes/dial/sourcing/").context["more"] == users * 100_000_000) is told
        found = client.get("/chains/watch/sourcing/")
        (line,) = (line for line in found.context["lines"] if line["url"] == "/chains/nodes/dial/sourcing/")
        assert (line["more"], found.context["totals"]["more"]) == ((users * 100_000_000,) * 2 if told else (None, None))
        assert ("不足 3 户，不显示" in found.content.decode()) is not told


def test_one_hidden_sum_is_not_told_by_the_total(client: Client) -> None:
    firms(1, 1)
    seen = page(client, person_factory("policy_officer"), "/chains/watch/sourcing/")
    assert "100 万元" not in seen
    assert "不足 3 户，不显示" in seen


def test_two_hidden_sums_of_one_supplier_each_are_not_told_by_the_total(client: Client) -> None:
    for node, makers in (("dial", 1), ("hands", 1), ("case", 3)):
        for _number in range(makers):
            coverage_factory(node=node, amount_fen=300_000_000 // makers, local_fen=0)
        for _number in range(3):
            coverage_factory(node=node, role="use", amount_fen=100_000_000, local_fen=0)
    for role, shown in (("policy_officer", None), ("chain_officer", 900_000_000)):
        client.force_login(person_factory(role))
        assert client.get("/chains/watch/sourcing/").context["totals"]["more"] == shown


def test_who_did_not_tell_is_listed_as_unknown(client: Client) -> None:
    coverage_factory(enterprise_factory(name="衡阳不说有限公司"), "dial", "use", amount_fen=900_000_000)
    seen = page(client, person_factory("chain_officer"), "/chains/nodes/dial/sourcing/")
    assert "衡阳不说有限公司" in seen
    assert "没说其中多少在本县" in seen


def test_the_card_of_an_enterprise_counts_partners_and_names_none(client: Client) -> None:
    firms(1, 3)
    from diguan.chains.models import Coverage

    maker = Coverage.objects.get(role="make").enterprise
    own = page(client, person_factory("enterprise_agent", uscc=maker.uscc), f"/enterprises/{maker.uscc}/")
    assert "县内 3 户可买" in own
    assert "衡阳需方0" not in own
    user = Coverage.objects.filter(role="use")[0].enterprise
    own = page(client, person_factory("enterprise_agent", uscc=user.uscc), f"/enterprises/{user.uscc}/")
    assert "不足 3 户" in own
    assert "县内 1 户可供" in page(client, person_factory("chain_officer"), f"/enterprises/{user.uscc}/")


# ── from the pair to the invoice ─────────────────────────────────────────────
def test_an_introduction_goes_its_way_on_pages(client: Client) -> None:
    supply = coverage_factory(enterprise_factory(name="衡阳供给有限公司"), "dial", amount_fen=76_543_000_000, local_fen=0)
    need = coverage_factory(enterprise_factory(name="衡阳需求有限公司"), "dial", "use", amount_fen=76_543_000_000, local_fen=0)
    officer, second = person_factory("chain_officer"), person_factory("chain_officer")
    new = f"/chains/introductions/new/{supply.pk}/{need.pk}/"
    assert "76543" in page(client, officer, new).replace(",", "")
    assert "衡阳供给" in send(client, officer, new, 422, proposed_fen="76543", purpose="请衡阳供给有限公司谈谈", until="2027-01-20")
    day = (clocks.today() + dt.timedelta(days=60)).isoformat()
    send(client, officer, new, proposed_fen="76543", purpose="本县有企业采购表盘", until=day)
    row = Introduction.objects.get()
    assert (row.proposed_fen, row.purpose) == (76_543_000_000, "本县有企业采购表盘")
    maker, user, stranger = agent_of(row, "make"), agent_of(row, "use"), person_factory("enterprise_agent", uscc=enterprise_factory().uscc)
    own = f"/chains/introductions/own/{row.pk}/"
    for person, other in ((maker, "衡阳需求"), (user, "衡阳供给")):
        for address in (own, "/chains/introductions/own/", "/policies/mine/", "/notices/", f"/enterprises/{side_of(row, 'make' if person == maker else 'use').enterprise.uscc}/"):
            seen = page(client, person, address)
            assert other not in seen, address
            assert "76543" not in seen.replace(",", ""), address
        page(client, person, f"/chains/introductions/{row.pk}/", 403)
        page(client, person, "/chains/introductions/", 403)
    page(client, stranger, own, 404)
    assert "表盘" not in page(client, stranger, "/chains/introductions/own/")
    for deed in ("consent", "decline", "withdraw", "other", "order"):
        send(client, stranger, f"{own}{deed}/", 404)
        send(client, officer, f"{own}{deed}/", 403)
    assert "13900000001" in send(client, maker, f"{own}consent/", 422, contact_name="", contact_phone="13900000001")
    send(client, maker, f"{own}consent/", contact_name="钱样本", contact_phone="13900000001")
    assert "衡阳需求" not in send(client, maker, f"{own}other/", 409)
    send(client, user, f"{own}consent/", contact_name="孙样本", contact_phone="13900000002")
    seen = page(client, maker, own)
    assert "衡阳需求" not in seen
    assert "13900000002" not in seen
    seen = send(client, maker, f"{own}other/", 200)
    assert "衡阳需求有限公司" in seen
    assert "13900000002" in seen
    assert Event.objects.filter(verb="introduction_other_seen", actor=maker).count() == 1
    assert "13900000001" not in page(client, officer, f"/chains/introductions/{row.pk}/")
    file = SimpleUploadedFile("票.pdf", b"%PDF-1.7 x", "application/pdf")
    send(client, user, f"{own}order/", amount_fen="1,286.50", invoice="24430000000001", invoiced_on=clocks.today().isoformat(), proof=file)
    order = row.orders.get()
    assert order.amount_fen == 128_650
    send(client, second, f"/chains/introductions/{row.pk}/orders/{order.pk}/verify/")
    seen = page(client, second, f"/chains/introductions/{row.pk}/")
    assert "其中在本县" in seen
    assert f"/chains/coverage/{supply.pk}/change/" in seen
    assert "其中在本县" in page(client, user, own)
    send(client, maker, f"{own}withdraw/", reason="")
    assert "13900000001" not in send(client, user, f"{own}other/", 409)
    row.refresh_from_db()
    assert row.state == IntroductionState.WITHDRAWN


def test_a_refused_order_comes_again_as_typed(client: Client) -> None:
    row, officer = agreed_factory(), person_factory("chain_officer")
    seen = send(client, officer, f"/chains/introductions/{row.pk}/order/", 422, amount_fen="一百", invoice="24430000000007", invoiced_on="2026-01-01", proof=SimpleUploadedFile("票.pdf", b"%PDF-1.7 x"))
    assert "24430000000007" in seen
    assert "不是金额" in seen
    assert not row.orders.exists()


def test_the_office_declines_nothing_verifies_not_its_own_and_others_not_at_all(client: Client) -> None:
    row, officer = agreed_factory(), person_factory("chain_officer")
    one = order_factory(row, by=officer)
    address = f"/chains/introductions/{row.pk}/orders/{one.pk}/"
    assert "不能自己核实" in send(client, officer, f"{address}verify/", 422)
    for person in (person_factory("data_clerk"), agent_of(row, "make")):
        send(client, person, f"{address}verify/", 403)
        page(client, person, f"{address}proof/", 403)
    send(client, person_factory("leader"), f"{address}verify/", 403)
    other = order_factory(agreed_factory(), by=officer)
    send(client, person_factory("chain_officer"), f"/chains/introductions/{row.pk}/orders/{other.pk}/verify/", 404)
    assert "驳回原因" in send(client, person_factory("chain_officer"), f"{address}reject/", 422, reason="")


def test_the_list_is_filtered_and_exported_by_who_may(client: Client) -> None:
    row, other = agreed_factory(), introduction_factory()
    officer = person_factory("chain_officer")
    order_factory(row, by=person_factory("chain_officer"))
    assert other.supply.enterprise.name not in page(client, officer, "/chains/introductions/?agreed=1")
    assert row.supply.enterprise.name in page(client, officer, "/chains/introductions/?check=1")
    client.force_login(officer)
    assert row.need.enterprise.name.encode() in client.get("/chains/introductions/?export=csv&agreed=1").content
    client.force_login(person_factory("leader"))
    assert client.get("/chains/introductions/?export=csv").status_code == 403


def test_the_desk_tells_each_what_waits(client: Client) -> None:
    def asked(person: Any) -> list[str]:
        return [str(item.what) for group in desk_of(person) for item in group.items if "对接" in str(item.what)]

    officer = person_factory("chain_officer")
    row = introduction_factory(by=officer)
    agent = agent_of(row, "make")
    assert asked(agent) == ["有一家县内企业想和您对接：表盘与字钉"]
    consented(row, "make", "use")
    assert side_of(row, "make").answer == Answer.CONSENTED
    assert asked(agent) == []
    assert "1 对企业同意对接" in page(client, officer, "/")
    order_factory(row, by=officer)
    assert "1 张对接来的发票等人核实" in page(client, person_factory("chain_officer"), "/")
