"""A notice from its writing to its answer: once, by every channel, and to nobody it is not for."""

from __future__ import annotations

import datetime as dt
import io
import threading

import pytest
from django.apps import apps
from django.db import connection, connections
from django.urls import reverse
from openpyxl import load_workbook

from diguan.kernel import access
from diguan.kernel.events import Event, verify
from diguan.kernel.facts import deliveries
from diguan.kernel.messages import Message
from diguan.kernel.notices import actions, kinds, queries, receipts
from diguan.kernel.notices.kinds import Address, Draft, Kind
from diguan.kernel.notices.models import Channel, Dispatch, Notice, Round, State, Way
from diguan.kernel.refusals import Refusal
from diguan.kernel.sheets.tests.ugly import xlsx
from diguan.kernel.tests.factories import delegation_factory, person_factory

ONE, TWO, THREE = "91430421MA0000011X", "91430421MA00000228", "91430421MA00000338"
BOOK = {ONE: Address("一号厂", "界牌镇", None, "13800000001"), TWO: Address("二号厂", "西渡镇", None, "13800000002"), THREE: Address("三号厂", "西渡镇")}
WORDS = Message("请看", "please look")
HEADS = ["通知编号", "状态", "时间", "原因"]


@pytest.fixture(autouse=True)
def own_house(settings, tmp_path, monkeypatch):
    settings.DIGUAN_DATA = tmp_path
    monkeypatch.setitem(kinds._BOOKS, "enterprise", lambda usccs: {code: BOOK[code] for code in usccs if code in BOOK})
    asked = Kind("test.asked", "测试", "我办", {"too_little": "太少", "other": "其他"})
    monkeypatch.setattr(apps.get_app_config("kernel"), "notices", [asked], raising=False)


@pytest.fixture
def officer(db):
    return person_factory("policy_officer")


def draft(uscc="", about="1", text="请登录查看", person=None):
    return Draft("test.asked", ("thing", about), WORDS, WORDS, uscc=uscc, person=person, text=text)


def write(officer, *usccs, **more):
    return actions.write(drafts=[draft(uscc, **more) for uscc in usccs], by=officer)


def ways(row):
    return {way.channel: way.state for way in row.dispatches.all()}


def receipt(officer, *rows, heads=HEADS):
    data = xlsx([heads, *rows])
    return deliveries.preview(deliveries.Request("notice_receipts"), "回执.xlsx", data, by=officer), data


def bring(officer, *rows):
    _found, data = receipt(officer, *rows)
    upload = deliveries.keep("回执.xlsx", data, "notice_receipts", by=officer)
    deliveries.commit(deliveries.Request("notice_receipts"), upload, data, by=officer)


# ── writing ──────────────────────────────────────────────────────────────────
def test_a_notice_is_written_once_and_again_only_after_it_ended(officer):
    (row,) = write(officer, ONE)
    assert (row.addressee, row.place, row.spell, row.state) == ("一号厂", "界牌镇", 1, "queued")
    assert write(officer, ONE, ONE) == []
    assert len(write(officer, ONE, about="2")) == 1
    assert actions.end(numbers=[row.pk], by=officer) == ([row.pk], [])
    assert actions.end(numbers=[row.pk], by=officer) == ([], [])
    (again,) = write(officer, ONE)
    assert again.spell == 2


def test_whom_no_address_book_knows_gets_none(officer):
    assert write(officer, "91430421MA00000999") == []


def test_a_text_longer_than_a_message_is_refused(officer):
    with pytest.raises(Refusal, match="text_too_long"):
        write(officer, ONE, text="长" * 141)
    assert not Notice.objects.exists()


def test_a_person_gets_a_notice_in_the_inbox_without_any_message(officer, client):
    clerk = person_factory("data_clerk")
    (row,) = actions.write(drafts=[draft(person=clerk, text="")], by=officer)
    assert actions.write(drafts=[draft(person=clerk, text="")], by=officer) == []
    assert actions.send_due(by=officer) == 1
    client.force_login(clerk)
    assert "请看" in client.get(reverse("notices:inbox")).content.decode()
    assert client.get(reverse("notices:one", args=[row.pk])).status_code == 200
    row.refresh_from_db()
    assert (row.state, row.opened_by, ways(row)) == ("opened", clerk, {"page": "delivered"})
    assert client.get(reverse("notices:outbox")).status_code == 403
    client.force_login(person_factory("data_clerk"))
    assert client.get(reverse("notices:one", args=[row.pk])).status_code == 404


# ── the inbox ────────────────────────────────────────────────────────────────
def test_the_inbox_is_a_channel_once_somebody_can_open_it(officer):
    first, second = write(officer, ONE, TWO)
    ended = person_factory("enterprise_agent")
    delegation_factory(ended, TWO, from_day=dt.date(2026, 1, 1), to_day=dt.date(2026, 10, 30))
    locked = person_factory("enterprise_agent", uscc=TWO, is_active=False)
    person_factory(uscc=TWO)  # delegated, but without any post
    person_factory("enterprise_agent", uscc=ONE)
    assert actions.send_due(by=officer) == 1
    assert actions.send_due(by=officer) == 0
    for row in (first, second):
        row.refresh_from_db()
    assert (first.state, second.state) == ("delivered", "queued")
    assert Event.objects.filter(verb="notices_delivered").count() == 1
    assert verify(Round.objects.get()) == []
    assert not locked.is_active


def test_the_clock_sends_in_the_name_of_who_may_and_does_nothing_where_nobody_may(db):
    officer = person_factory("policy_officer", is_active=False)
    write(officer, ONE)
    person_factory("enterprise_agent", uscc=ONE)
    assert actions.send_due() == 0
    clerk = person_factory("data_clerk")
    assert actions.send_due() == 1
    assert Round.objects.get().created_by == clerk


def test_the_first_look_of_the_firm_counts_and_no_officials(officer, client):
    (row,) = write(officer, ONE)
    client.force_login(officer)
    client.get(reverse("notices:one", args=[row.pk]))
    row.refresh_from_db()
    assert row.state == "queued"
    agent, colleague = person_factory("enterprise_agent", uscc=ONE), person_factory("enterprise_agent", uscc=ONE)
    for person in (agent, colleague, agent):
        client.force_login(person)
        assert client.get(reverse("notices:one", args=[row.pk])).status_code == 200
    row.refresh_from_db()
    assert (row.state, row.opened_by, ways(row)) == ("opened", agent, {"page": "delivered", "file": "skipped"})
    assert Event.objects.filter(verb="notice_opened").count() == 1
    with pytest.raises(access.Forbidden):
        actions.open_notice(notice=row, by=officer)


def test_a_stale_page_notes_no_second_look(officer):
    (row,) = write(officer, ONE)
    agent = person_factory("enterprise_agent", uscc=ONE)
    stale = Notice.objects.get(pk=row.pk)
    assert actions.look(notice=row, by=agent)
    assert not actions.look(notice=stale, by=agent)
    assert Event.objects.filter(verb="notice_opened").count() == 1


def test_another_firm_sees_and_answers_nothing(officer, client):
    (row,) = write(officer, ONE)
    other = person_factory("enterprise_agent", uscc=TWO)
    client.force_login(other)
    assert client.get(reverse("notices:one", args=[row.pk])).status_code == 404
    assert client.post(reverse("notices:answer", args=[row.pk]), {"answer": "acted"}).status_code == 404
    assert "一号厂" not in client.get(reverse("notices:inbox")).content.decode()
    for person in (other, officer):
        with pytest.raises(access.Forbidden):
            actions.answer_notice(notice=row, acted=True, by=person)
    row.refresh_from_db()
    assert row.state == "queued"


def test_the_number_of_the_unopened_stands_above_every_page_of_the_firm(officer, client):
    write(officer, ONE)
    write(officer, ONE, about="2")
    agent = person_factory("enterprise_agent", uscc=ONE)
    client.force_login(agent)
    assert queries.unopened(agent) == 2
    client.get(reverse("notices:one", args=[Notice.objects.first().pk]))
    assert queries.unopened(agent) == 1
    assert "1 条没有打开" in client.get(reverse("notices:inbox")).content.decode()


# ── the answer ───────────────────────────────────────────────────────────────
def test_a_no_needs_a_reason_and_other_needs_words(officer, client):
    (row,) = write(officer, ONE)
    agent = person_factory("enterprise_agent", uscc=ONE)
    client.force_login(agent)
    where = reverse("notices:answer", args=[row.pk])
    assert "请选一个不办的原因" in client.post(where, {"answer": "refused"}).content.decode()
    assert client.post(where, {"answer": "refused", "reason": "invented"}).status_code == 422
    assert "请写明是什么原因" in client.post(where, {"answer": "refused", "reason": "other"}).content.decode()
    with pytest.raises(Refusal, match="words_too_long"):
        actions.answer_notice(notice=row, acted=False, reason="other", words="长" * 201, by=agent)
    row.refresh_from_db()
    assert row.answered_at is None
    assert client.post(where, {"answer": "refused", "reason": "other", "words": "要等 批次"}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.reason, row.reason_text, row.answered_by) == ("refused", "other", "要等 批次", agent)


def test_a_firm_may_think_again_but_not_say_the_same_twice(officer):
    (row,) = write(officer, ONE)
    agent = person_factory("enterprise_agent", uscc=ONE)
    actions.answer_notice(notice=row, acted=False, reason="too_little", by=agent)
    actions.answer_notice(notice=row, acted=True, by=agent)
    assert (row.state, row.reason) == ("acted", "")
    assert row.opened_at is not None
    with pytest.raises(Refusal, match="nothing_to_answer"):
        actions.answer_notice(notice=row, acted=True, by=agent)
    assert Event.objects.filter(verb="notice_answered").count() == 2
    assert verify(row) == []


def test_another_reason_is_taken_as_the_page_offers_and_the_same_one_is_not(officer, client):
    (row,) = write(officer, ONE)
    client.force_login(person_factory("enterprise_agent", uscc=ONE))
    where = reverse("notices:answer", args=[row.pk])
    client.post(where, {"answer": "refused", "reason": "too_little"})
    assert "改一个原因" in client.get(reverse("notices:one", args=[row.pk])).content.decode()
    assert client.post(where, {"answer": "refused", "reason": "too_little"}).status_code == 422
    assert client.post(where, {"answer": "refused", "reason": "other", "words": "要等批次"}).status_code == 302
    assert client.post(where, {"answer": "refused", "reason": "other", "words": "搬走了"}).status_code == 302
    row.refresh_from_db()
    assert (row.reason, row.reason_text) == ("other", "搬走了")
    assert Event.objects.filter(verb="notice_answered").count() == 3


def test_of_two_colleagues_who_answer_at_once_the_second_is_refused(officer):
    (row,) = write(officer, ONE)
    one, two = (person_factory("enterprise_agent", uscc=ONE) for _each in range(2))
    old = Notice.objects.get(pk=row.pk)
    actions.answer_notice(notice=row, acted=True, by=one)
    with pytest.raises(Refusal, match="nothing_to_answer"):
        actions.answer_notice(notice=old, acted=False, reason="too_little", by=two)
    assert Notice.objects.get(pk=row.pk).answered_by == one


def test_what_ended_cannot_be_answered(officer):
    (row,) = write(officer, ONE)
    actions.end(numbers=[row.pk], by=officer)
    with pytest.raises(Refusal, match="nothing_to_answer"):
        actions.answer_notice(notice=row, acted=True, by=person_factory("enterprise_agent", uscc=ONE))


# ── the file and its receipts ────────────────────────────────────────────────
def test_the_file_holds_full_numbers_and_the_page_masked_ones(officer, client):
    first, _second, _silent = write(officer, ONE, TWO, THREE)
    agent = person_factory("enterprise_agent", uscc=TWO)
    actions.look(notice=Notice.objects.get(uscc=TWO), by=agent)
    client.force_login(officer)
    html = client.get(reverse("notices:rounds")).content.decode()
    assert "138****0001" in html
    assert "13800000001" not in html
    answer = client.post(reverse("notices:hand_over"), {"kind": "xlsx"})
    book = load_workbook(io.BytesIO(answer.content))
    assert [[cell.value for cell in line] for line in book.worksheets[0].rows] == [
        list(receipts.HEADINGS), [first.pk, "13800000001", "请登录查看", "一号厂", ONE]]  # who read it needs no message, who has no number gets none
    assert ways(first)["file"] == "handed"
    event = Event.objects.get(verb="notices_handed_over")
    assert (event.actor, event.after) == (officer, {"channel": "file", "count": 1})
    assert first.pk in {int(row.subject_id) for row in event.subjects.all()}
    again = client.post(reverse("notices:hand_over"))
    assert again.status_code == 302  # nothing waits any more
    row = Round.objects.get(kind="file")
    assert "13800000001" in client.post(reverse("notices:take_again", args=[row.pk]), {"kind": "csv"}).content.decode("utf-8-sig")
    assert Event.objects.filter(verb="notices_taken_again").count() == 1


@pytest.mark.parametrize("role", ["leader", "data_clerk", "enterprise_agent", "administrator"])
def test_taking_out_full_numbers_is_a_right_of_its_own(officer, client, role):
    write(officer, ONE)
    actions.hand_over(by=officer)
    row = Round.objects.get()
    client.force_login(person_factory(role, **({"uscc": ONE} if role == "enterprise_agent" else {})))
    for name, args in (("hand_over", []), ("take_again", [row.pk])):
        assert client.post(reverse(f"notices:{name}", args=args)).status_code == 403
    assert "13800000001" not in client.get(reverse("notices:rounds")).content.decode()


def test_receipts_say_what_arrived_and_why_not(officer):
    one, two = write(officer, ONE, TWO)
    actions.hand_over(by=officer)
    bring(officer, [one.pk, "成功", "2026-10-30 09:15", None], [two.pk, "失败", "2026/10/30", "空号"])
    for row in (one, two):
        row.refresh_from_db()
    assert (one.state, two.state) == ("delivered", "queued")
    failed = Dispatch.objects.get(notice=two, channel=Channel.FILE)
    assert (failed.state, failed.note) == (Way.FAILED, "空号")
    assert queries.lost(queries.visible(officer)).count() == 1
    assert Event.objects.get(verb="receipts_imported").after == {"receipts": 2, "delivered": 1, "failed": 1}


@pytest.mark.parametrize(("row", "cell", "words"), [
    ([987654, "成功", "2026-10-30", None], "A2", "没有这个编号的通知"),
    (["queued", "成功", "2026-10-30", None], "A2", "还没有交出过"),
    (["read", "成功", "2026-10-30", None], "A2", "企业已在网页上看过"),
    (["done", "成功", "2026-10-30", None], "A2", "回执已经入库"),
    (["甲", "成功", "2026-10-30", None], "A2", "甲"),
    (["handed", "也许", "2026-10-30", None], "B2", "不在可填的词之中"),
    (["handed", "成功", "昨天", None], "C2", "不是时间"),
    (["handed", "成功", "9999-12-31 23:59", None], "C2", "还没到，或太早"),
    (["handed", "成功", "0001-01-01", None], "C2", "还没到，或太早"),
    (["handed", "失败", "2026-10-30", None], "D2", "要写原因"),
    (["handed", "成功", None, None], "C2", "不能为空"),
])
def test_a_receipt_that_cannot_be_is_an_error_at_its_cell_and_nothing_is_written(officer, row, cell, words):
    done, read, handed = write(officer, ONE, TWO, THREE)
    Dispatch.objects.filter(notice__in=(done, handed), channel=Channel.FILE).update(state=Way.HANDED)
    bring(officer, [done.pk, "成功", "2026-10-30", None])
    actions.look(notice=read, by=person_factory("enterprise_agent", uscc=TWO))
    (queued,) = write(officer, ONE, about="2")
    names = {"done": done.pk, "read": read.pk, "handed": handed.pk, "queued": queued.pk}
    found, _data = receipt(officer, [names.get(row[0], row[0]), *row[1:]])
    assert (found.checked.errors[0].cell, words in found.checked.errors[0].message.zh) == (cell, True), found.checked.errors
    assert not found.ok
    with pytest.raises(Refusal):
        bring(officer, [names.get(row[0], row[0]), *row[1:]])
    assert Round.objects.filter(kind="receipt").count() == 1


def test_the_same_receipt_twice_in_a_file_or_after_it_came_is_refused(officer):
    (row,) = write(officer, ONE)
    actions.hand_over(by=officer)
    line = [row.pk, "成功", "2026-10-30", None]
    found, data = receipt(officer, line, line)
    assert len(found.checked.errors) == 2
    found, data = receipt(officer, line)
    upload = deliveries.keep("回执.xlsx", data, "notice_receipts", by=officer)
    bring(officer, line)
    with pytest.raises(Refusal, match="receipt_meanwhile"):
        actions.import_receipts(receipts=found.checked.payload, upload=upload, by=officer)
    assert Round.objects.filter(kind="receipt").count() == 1


def test_who_may_not_bring_receipts_brings_none(officer):
    (row,) = write(officer, ONE)
    actions.hand_over(by=officer)
    with pytest.raises(access.Forbidden):
        receipt(person_factory("leader"), [row.pk, "成功", "2026-10-30", None])


def test_a_message_that_left_the_house_is_not_withdrawn_but_ends(officer):
    (row,) = write(officer, ONE)
    actions.hand_over(by=officer)
    assert actions.end(numbers=[row.pk], by=officer) == ([], [row.pk])
    row.refresh_from_db()
    assert row.state == State.QUEUED


def test_the_official_page_shows_how_it_went(officer, client):
    one, two = write(officer, ONE, TWO)
    actions.hand_over(by=officer)
    bring(officer, [two.pk, "失败", "2026-10-30 10:00", "停机"])
    client.force_login(officer)
    html = client.get(reverse("notices:one", args=[two.pk])).content.decode()
    for words in ("没有送到", "停机", "导入通知回执", "交出短信名单", "企业还没有打开过"):
        assert words in html, words
    listed = client.get(reverse("notices:outbox") + "?channel=failed").content.decode()
    assert "二号厂" in listed
    assert "一号厂" not in listed
    assert one.pk != two.pk


def test_the_desk_counts_whom_no_channel_reached_and_leads_to_just_these(officer, client):
    one, two = write(officer, ONE, TWO)
    actions.hand_over(by=officer)
    bring(officer, [one.pk, "失败", "2026-10-30 10:00", "停机"], [two.pk, "失败", "2026-10-30 10:00", "停机"])
    Notice.objects.filter(pk=one.pk).update(state=State.OPENED)  # it was opened on the page after all
    client.force_login(officer)
    desk = client.get("/").content.decode()
    assert "1 条通知短信退回，网页也没人打开" in desk
    assert "?channel=lost" in desk
    listed = client.get(reverse("notices:outbox") + "?channel=lost").content.decode()
    assert ("二号厂" in listed, "一号厂" in listed) == (True, False)


# ── two at once ──────────────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_two_ticks_at_once_write_and_send_each_notice_once():
    officer = person_factory("policy_officer")
    codes = [f"91430421MA{number:07d}X" for number in range(40)]
    kinds._BOOKS["enterprise"] = lambda usccs: {code: Address(code) for code in usccs}
    for code in codes:
        person_factory("enterprise_agent", uscc=code)
    gate, sent, wrong = threading.Barrier(4), [], []

    def tick():
        try:
            gate.wait()
            from django.db import transaction

            with transaction.atomic():
                actions.write(drafts=[draft(code) for code in codes], by=officer)
            sent.append(actions.send_due(by=officer))
        except Exception as error:
            wrong.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=tick) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert Notice.objects.count() == 40
    assert Dispatch.objects.count() == 80
    assert sum(sent) == 40 == Dispatch.objects.filter(state=Way.DELIVERED).count()
    assert Event.objects.filter(verb="notices_delivered").count() == Round.objects.count()
    connection.close()
