"""Introductions: nobody learns who the other is before both consent; consent taken back or run out hides it again; outcomes are verified by another."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection

from diguan.chains.actions import introduction_orders as orders
from diguan.chains.actions import introductions as actions
from diguan.chains.models import Answer, Coverage, Introduction, IntroductionSide, IntroductionState, OrderState
from diguan.chains.queries import introductions as queries
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
from diguan.kernel.events import Event, EventPersonal, verify
from diguan.kernel.measures import behind, value
from diguan.kernel.notices.models import Notice
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db
CONTACT = {"contact_name": "钱样本", "contact_phone": "13900000001"}


def refused(code: str, act: Any) -> Refusal:
    with pytest.raises(Refusal) as error:
        act()
    assert error.value.code == code
    assert all(reason.zh and reason.en for reason in error.value.reasons)
    return error.value


# ── before both consent ──────────────────────────────────────────────────────
def test_each_firm_is_told_what_it_is_about_and_nothing_of_the_other() -> None:
    row = introduction_factory()
    told = list(Notice.objects.filter(kind=actions.ASKED))
    assert {notice.uscc for notice in told} == {row.supply.enterprise.uscc, row.need.enterprise.uscc}
    for notice in told:
        other = row.need if notice.uscc == row.supply.enterprise.uscc else row.supply
        words = f"{notice.title_zh}{notice.title_en}{notice.body_zh}{notice.body_en}{notice.text}{notice.link}"
        assert "表盘" in words
        assert other.enterprise.name not in words
        assert other.enterprise.uscc not in words
        assert "40" not in words.replace(str(row.pk), "")


def test_a_purpose_that_names_a_firm_or_its_code_is_refused() -> None:
    firm = enterprise_factory(name="衡阳蒸水表盘有限公司")
    supply, need = coverage_factory(firm, "dial", amount_fen=100, local_fen=0), coverage_factory(node="dial", role="use", amount_fen=100, local_fen=0)
    for words in ("想请衡阳蒸水表盘有限公司谈谈", f"想请 {firm.uscc.lower()} 谈谈", "想请 衡阳 蒸水 表盘 有限公司 谈谈"):
        refused("names_firm", lambda words=words: introduction_factory(supply, need, purpose=words))
    assert not Introduction.objects.exists()


def test_one_consent_opens_nothing_and_both_open_each_to_the_other() -> None:
    row = introduction_factory()
    maker, user = agent_of(row, "make"), agent_of(row, "use")
    row = actions.consent(side=side_of(row, "make"), **CONTACT, by=maker)
    assert row.state == IntroductionState.ASKED
    assert queries.other_of(side_of(row, "make")) is None
    refused("not_waiting", lambda: actions.see_other(side=side_of(row, "make"), by=maker))
    row = actions.consent(side=side_of(row, "use"), contact_name="孙样本", contact_phone="0734-6812345", by=user)
    assert (row.state, row.agreed_on) == (IntroductionState.AGREED, clocks.today())
    other = queries.other_of(side_of(row, "make"))
    assert other is not None
    assert (other.enterprise, other.contact_name) == (row.need.enterprise, "孙样本")
    assert Notice.objects.filter(kind=actions.AGREED).count() == 2
    assert not Notice.objects.filter(kind=actions.ASKED, ended_at=None).exists()


def test_nobody_answers_for_another_firm() -> None:
    row = introduction_factory()
    strangers = [agent_of(row, "use"), person_factory("enterprise_agent", uscc=enterprise_factory().uscc), person_factory("enterprise_agent"), person_factory("chain_officer"), person_factory("data_clerk"), person_factory("leader")]
    for by in strangers:
        for act in (lambda by=by: actions.consent(side=side_of(row, "make"), **CONTACT, by=by), lambda by=by: actions.decline(side=side_of(row, "make"), by=by),
                    lambda by=by: actions.withdraw_consent(side=side_of(row, "make"), by=by), lambda by=by: actions.see_other(side=side_of(row, "make"), by=by)):
            with pytest.raises(Forbidden):
                act()
    assert side_of(row, "make").answer == Answer.WAITING
    assert queries.own_side(strangers[1], row.pk) is None


def test_a_delegation_that_ended_answers_nothing() -> None:
    row = introduction_factory()
    day = clocks.today()
    gone = person_factory("enterprise_agent", uscc=row.supply.enterprise.uscc, from_day=day - dt.timedelta(days=9), to_day=day - dt.timedelta(days=1))
    with pytest.raises(Forbidden):
        actions.consent(side=side_of(row, "make"), **CONTACT, by=gone)


def test_who_may_not_see_both_amounts_introduces_nobody_and_sees_no_introduction() -> None:
    row = introduction_factory()
    for role in ("data_clerk", "policy_officer", "leader"):
        with pytest.raises(Forbidden):
            introduction_factory(row.supply, coverage_factory(node="dial", role="use", amount_fen=10, local_fen=0), by=person_factory(role))
    assert [found.pk for found in queries.visible_introductions(person_factory("leader"))] == [row.pk]
    for person in (person_factory("data_clerk"), person_factory("policy_officer"), agent_of(row, "make")):
        assert not queries.visible_introductions(person).exists()


@pytest.mark.parametrize(("told", "code"), [
    ({"proposed_fen": 0}, "invalid"), ({"purpose": " "}, "invalid"), ({"until": dt.date(2020, 1, 1)}, "bad_day"), ({"until": dt.date(2199, 1, 1)}, "bad_day"),
])
def test_what_is_wrong_is_refused(told: dict[str, Any], code: str) -> None:
    refused(code, lambda: introduction_factory(**told))
    assert not Introduction.objects.exists()
    assert not Notice.objects.exists()


def test_only_two_verified_firms_on_either_side_of_one_node_are_a_pair() -> None:
    supply = coverage_factory(node="dial", amount_fen=100, local_fen=0)
    for need in (coverage_factory(node="hands", role="use"), coverage_factory(supply.enterprise, "dial", "use"), coverage_factory(node="dial"), coverage_factory(node="dial", role="use", verified=False)):
        refused("not_a_pair", lambda need=need: introduction_factory(supply, need))
    row = introduction_factory(supply)
    refused("introduced_already", lambda: introduction_factory(row.supply, row.need))


# ── ended ────────────────────────────────────────────────────────────────────
def test_who_declines_ends_it_and_the_other_learns_no_more_than_that() -> None:
    row = consented(introduction_factory(), "use")
    row = actions.decline(side=side_of(row, "make"), reason="价格谈不拢", by=agent_of(row, "make"))
    assert (row.state, row.ended_on) == (IntroductionState.DECLINED, clocks.today())
    (told,) = Notice.objects.filter(kind=actions.OVER)
    assert told.uscc == row.need.enterprise.uscc
    assert told.created_by == row.created_by
    assert row.supply.enterprise.name not in told.title_zh + told.body_zh
    assert "谈不拢" not in told.title_zh + told.body_zh
    assert side_of(row, "use").contact_phone == ""
    refused("not_waiting", lambda: actions.consent(side=side_of(row, "use"), **CONTACT, by=agent_of(row, "use")))


def test_consent_taken_back_hides_again_and_empties_the_contact() -> None:
    row = agreed_factory()
    stale = side_of(row, "use")
    row = actions.withdraw_consent(side=side_of(row, "make"), by=agent_of(row, "make"))
    assert row.state == IntroductionState.WITHDRAWN
    for role in ("make", "use"):
        assert queries.other_of(side_of(row, role)) is None
        assert (side_of(row, role).contact_name, side_of(row, role).contact_phone) == ("", "")
    assert queries.other_of(stale) is None
    refused("not_waiting", lambda: actions.see_other(side=stale, by=agent_of(row, "use")))
    again = introduction_factory(row.supply, row.need)
    assert again.pk != row.pk


def test_one_may_take_back_consent_before_the_other_answered() -> None:
    row = consented(introduction_factory(), "make")
    actions.withdraw_consent(side=side_of(row, "make"), by=agent_of(row, "make"))
    refused("not_waiting", lambda: actions.consent(side=side_of(row, "use"), **CONTACT, by=agent_of(row, "use")))


def test_every_look_at_the_other_is_an_event_and_contacts_are_kept_apart_from_it() -> None:
    row = agreed_factory()
    by = agent_of(row, "use")
    for _look in range(2):
        actions.see_other(side=side_of(row, "use"), by=by)
    looks = Event.objects.filter(verb="introduction_other_seen", root_id=str(row.pk))
    assert [(event.actor, event.after["side"]) for event in looks] == [(by, "use")] * 2
    assert all("1390000000" not in str(event.after) for event in Event.objects.all())
    assert EventPersonal.objects.filter(event__verb="introduction_consented").count() == 2
    assert verify(row) == []


def test_a_day_past_closes_it_before_the_clock_comes_and_the_clock_ends_it_once(settings: Any) -> None:
    asked, agreed = introduction_factory(), agreed_factory()
    by = agent_of(agreed, "make")
    settings.DIGUAN_TODAY = str(agreed.until)
    assert queries.other_of(side_of(agreed, "make")) is not None
    refused("not_waiting", lambda: actions.consent(side=side_of(asked, "make"), **CONTACT, by=agent_of(asked, "make")))
    settings.DIGUAN_TODAY = str(agreed.until + dt.timedelta(days=1))
    assert queries.other_of(side_of(agreed, "make")) is None
    refused("not_open", lambda: actions.see_other(side=side_of(agreed, "make"), by=by))
    assert actions.expire_due() == 2
    assert actions.expire_due() == 0
    assert set(Introduction.objects.values_list("state", flat=True)) == {IntroductionState.EXPIRED}
    assert not IntroductionSide.objects.exclude(contact_phone="").exists()
    assert Notice.objects.filter(kind=actions.OVER).count() == 4


def test_nobody_holding_the_right_leaves_the_clock_nothing_to_do(settings: Any) -> None:
    row = introduction_factory()
    row.created_by.posts.all().delete()  # type: ignore[union-attr]
    settings.DIGUAN_TODAY = str(row.until + dt.timedelta(days=1))
    from diguan.kernel.access.models import Post

    Post.objects.filter(role="chain_officer").delete()
    assert actions.expire_due() == 0


# ── two at once ──────────────────────────────────────────────────────────────
def test_two_answers_of_one_firm_at_once_count_once() -> None:
    row = introduction_factory()
    first, second = side_of(row, "make"), side_of(row, "make")
    actions.consent(side=first, **CONTACT, by=agent_of(row, "make"))
    refused("not_waiting", lambda: actions.decline(side=second, by=agent_of(row, "make")))
    assert side_of(row, "make").answer == Answer.CONSENTED


def test_both_consents_at_once_as_both_saw_it_open_it() -> None:
    row = introduction_factory()
    one, other = side_of(row, "make"), side_of(row, "use")
    actions.consent(side=one, **CONTACT, by=agent_of(row, "make"))
    actions.consent(side=other, **CONTACT, by=agent_of(row, "use"))
    assert Introduction.objects.get(pk=row.pk).state == IntroductionState.AGREED


def test_the_office_ends_it_as_it_saw_it_or_not_at_all() -> None:
    row = introduction_factory()
    officer = person_factory("chain_officer")
    consented(row, "make")
    refused("conflict", lambda: actions.end_introduction(introduction=row, version=row.version, reason="企业搬走了", by=officer))
    row.refresh_from_db()
    refused("invalid", lambda: actions.end_introduction(introduction=row, version=row.version, reason="", by=officer))
    stale = side_of(row, "use")
    row = actions.end_introduction(introduction=row, version=row.version, reason="企业搬走了", by=officer)
    assert row.state == IntroductionState.ENDED
    refused("not_waiting", lambda: actions.consent(side=stale, **CONTACT, by=agent_of(row, "use")))
    refused("not_waiting", lambda: actions.end_introduction(introduction=row, version=row.version, reason="再结束", by=officer))
    with pytest.raises(Forbidden):
        actions.end_introduction(introduction=introduction_factory(), version=1, reason="不该能办", by=person_factory("data_clerk"))


# ── what came of it ──────────────────────────────────────────────────────────
def test_an_order_counts_once_another_has_verified_it_and_changes_no_row_of_coverage() -> None:
    row, officer = agreed_factory(), person_factory("chain_officer")
    before = list(Coverage.objects.order_by("pk").values())
    one = order_factory(row, by=officer)
    refused("own_claim", lambda: orders.verify_order(introduction=row, order=one, by=officer))
    person = person_factory("leader")
    assert (value("chains.introduced_orders", person, queries.book(person)).num, value("chains.introductions_traded", person, queries.book(person)).num) == (0, 0)
    second = person_factory("chain_officer")
    assert list(queries.to_verify(second)) == [one]
    assert not queries.to_verify(officer).exists()
    orders.verify_order(introduction=row, order=one, by=second)
    refused("not_waiting", lambda: orders.reject_order(introduction=row, order=one, reason="重复", by=second))
    found = queries.book(person)
    assert value("chains.introduced_orders", person, found).num == 1_234_500
    assert [each.pk for each in behind("chains.introduced_orders", person, found)] == [one.pk]
    assert [each.pk for each in behind("chains.introductions_traded", person, found)] == [row.pk]
    assert list(Coverage.objects.order_by("pk").values()) == before


def test_a_firm_tells_of_an_invoice_while_it_consents_and_nobody_else_does() -> None:
    row = agreed_factory()
    told = {"amount_fen": 500, "invoice": "24430000 00001", "invoiced_on": clocks.today(), "proof": ("票.png", b"\x89PNG\r\n\x1a\n0")}
    by = agent_of(row, "use")
    orders.tell_order(side=side_of(row, "use"), **told, by=by)
    with pytest.raises(Forbidden):
        orders.tell_order(side=side_of(row, "use"), **{**told, "invoice": "2443000000009"}, by=agent_of(row, "make"))
    with pytest.raises(Forbidden):
        orders.verify_order(introduction=row, order=row.orders.get(), by=agent_of(row, "make"))
    assert refused("invalid", lambda: order_factory(row, invoice="2443000000001")).field == "invoice"
    officer = person_factory("chain_officer")
    orders.reject_order(introduction=row, order=row.orders.get(), reason="不是这两家的", by=officer)
    order_factory(row, invoice="2443000000001")
    actions.withdraw_consent(side=side_of(row, "use"), by=by)
    refused("not_agreed", lambda: orders.tell_order(side=side_of(row, "use"), **{**told, "invoice": "2443000000002"}, by=by))
    order_factory(row, invoice="2443000000003")


@pytest.mark.parametrize(("told", "field"), [
    ({"amount_fen": 0}, "amount_fen"), ({"invoice": "123"}, "invoice"), ({"invoice": "发票一二三四五六七"}, "invoice"), ({"invoiced_on": dt.date(2020, 1, 1)}, "invoiced_on"), ({"invoiced_on": dt.date(2199, 1, 1)}, "invoiced_on"), ({"proof": ("a.exe", b"MZ")}, "proof"),
])
def test_an_invoice_that_cannot_be_is_refused_at_its_field(told: dict[str, Any], field: str) -> None:
    row = agreed_factory()
    assert refused("invalid", lambda: order_factory(row, **told)).field == field
    assert not row.orders.exists()


def test_without_consent_of_both_there_is_no_order() -> None:
    refused("not_agreed", lambda: order_factory(consented(introduction_factory(), "make")))


def test_measures_count_what_their_rows_show() -> None:
    introduction_factory()
    declined, agreed = introduction_factory(), agreed_factory()
    actions.decline(side=side_of(declined, "make"), by=agent_of(declined, "make"))
    actions.withdraw_consent(side=side_of(agreed, "make"), by=agent_of(agreed, "make"))
    person = person_factory("chain_officer")
    found = queries.book(person)
    for name, number in (("made", 3), ("agreed", 1), ("traded", 0)):
        assert value(f"chains.introductions_{name}", person, found).num == len(behind(f"chains.introductions_{name}", person, found)) == number
    with pytest.raises(Forbidden):
        value("chains.introductions_made", person_factory("data_clerk"), found)
    assert OrderState.CLAIMED == "claimed"


# ── really at once ───────────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_both_firms_and_a_rival_answer_in_threads_and_one_outcome_stands() -> None:
    for _round in range(3):
        row = introduction_factory()
        maker, rival, user = agent_of(row, "make"), agent_of(row, "make"), agent_of(row, "use")
        deeds = [lambda row=row, by=maker: actions.consent(side=side_of(row, "make"), **CONTACT, by=by), lambda row=row, by=rival: actions.decline(side=side_of(row, "make"), by=by),
                 lambda row=row, by=user: actions.consent(side=side_of(row, "use"), **CONTACT, by=by)]
        at_once(deeds)
        now = Introduction.objects.get(pk=row.pk)
        answers = (side_of(row, "make").answer, side_of(row, "use").answer)
        assert answers[0] != Answer.WAITING
        assert (now.state == IntroductionState.AGREED) is (answers == (Answer.CONSENTED, Answer.CONSENTED))
        assert (now.state == IntroductionState.DECLINED) is (answers[0] == Answer.DECLINED)
        assert Event.objects.filter(root_id=str(row.pk), verb__in=("introduction_consented", "introduction_declined")).count() == sum(answer != "" for answer in answers)
        assert verify(now) == []


def at_once(deeds: list[Any]) -> None:
    """Do these in threads of their own, begun together; a refusal is an outcome too."""
    start = threading.Barrier(len(deeds))

    def run(deed: Any) -> None:
        try:
            start.wait()
            deed()
        except Refusal:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
