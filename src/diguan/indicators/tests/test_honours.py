"""The county's own honours: entered by one with the paper, verified by another, counted from their award to their last day."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from diguan.indicators.actions import honours as actions
from diguan.indicators.models import Honour
from diguan.indicators.queries import honours, own_lines
from diguan.indicators.queries.honours import honour_lines
from diguan.indicators.tests.factories import snapshot_factory
from diguan.indicators.tests.plan_factories import PROOF, clerk, honour_factory, table_factory
from diguan.indicators.web.honours import on_desk
from diguan.kernel import clocks
from diguan.kernel.access import Forbidden
from diguan.kernel.actions import Refusal
from diguan.kernel.events import Event
from diguan.kernel.measures import Asked
from diguan.kernel.tests.factories import person_factory, unit_factory

pytestmark = pytest.mark.django_db


def lines(day, known_at=None):
    return [line for line in honour_lines(Asked(day, known_at)) if (line.on is None or line.on <= day) and (line.until is None or line.until >= day)]


# ── entered, verified ────────────────────────────────────────────────────────
def test_an_honour_counts_once_another_person_has_verified_it_from_the_day_of_its_award():
    row = honour_factory(issued=dt.date(2025, 3, 1))
    assert lines(clocks.today()) == []
    row = actions.verify_honour(honour=row, version=row.version, by=person_factory("leader"))
    assert [(line.label, line.groups["honour_kind"]) for line in lines(dt.date(2025, 3, 1))] == [(row.name, "award")]
    assert lines(dt.date(2025, 2, 28)) == []
    assert list(Event.objects.filter(verb__startswith="honour").order_by("id").values_list("verb", flat=True)) == ["honour_entered", "honour_verified"]


def test_who_entered_it_can_neither_verify_it_nor_take_it_back_once_verified():
    by = clerk()
    row = honour_factory(by=by)
    with pytest.raises(Refusal, match="own_row"):
        actions.verify_honour(honour=row, version=row.version, by=by)
    row = actions.verify_honour(honour=row, version=row.version, by=person_factory("leader"))
    for deed in (lambda: actions.reject_honour(honour=row, version=row.version, reason="弄错了", by=by), lambda: actions.withdraw_honour(honour=row, version=row.version, on=clocks.today(), reason="撤了", by=by)):
        with pytest.raises(Refusal, match="own_row"):
            deed()


def test_a_snapshot_knows_only_what_was_verified_by_then():
    row = honour_factory(verified=True)
    assert lines(clocks.today(), row.verified_at) != []
    assert lines(clocks.today(), row.verified_at - dt.timedelta(seconds=1)) == []


@pytest.mark.parametrize(("values", "code", "field"), [
    ({"name": ""}, "invalid", "name"), ({"issuer": " "}, "invalid", "issuer"), ({"kind": "prize"}, "invalid", "kind"), ({"level": ""}, "invalid", "level"), ({"issued": dt.date(2999, 1, 1)}, "bad_day", "issued"), ({"issued": dt.date(1911, 1, 1)}, "bad_day", "issued"),
    ({"issued": None}, "invalid", "issued"), ({"valid_until": dt.date(2025, 2, 1)}, "bad_day", "valid_until"), ({"name": "长" * 101}, "invalid", "name"), ({"holder": "\u200b"}, "invalid", "holder"), ({"name": "（）"}, "invalid", "name"), ({"name": "ﷺ" * 100}, "invalid", "name")])
def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_kept(values, code, field):
    with pytest.raises(Refusal) as refused:
        honour_factory(**values)
    assert (refused.value.code, refused.value.field, Honour.objects.count()) == (code, field, 0)


def test_it_needs_its_paper_and_is_entered_once():
    row = honour_factory(name="样例先进县", issued=dt.date(2025, 3, 1))
    told = {name: getattr(row, name) for name in actions.FIELDS}
    with pytest.raises(Refusal) as refused:
        actions.enter_honour(told=told, proof=None, by=clerk())
    assert refused.value.field == "proof"
    with pytest.raises(Refusal, match="told_already"):
        actions.enter_honour(told={**told, "name": " 样例先进县 "}, proof=PROOF, by=clerk())
    with pytest.raises(Refusal, match="invalid"):
        actions.enter_honour(told={**told, "name": "另一项"}, proof=("网页.pdf", b"<html>"), by=clerk())


# ── its end ──────────────────────────────────────────────────────────────────
def test_it_ends_with_its_last_day_or_the_day_before_its_issuer_took_it_back():
    ends = honour_factory(verified=True, valid_until=dt.date(2026, 3, 31))
    back = honour_factory(verified=True)
    back = actions.withdraw_honour(honour=back, version=back.version, on=dt.date(2026, 2, 1), reason="省政府 2026 年 2 号文", by=person_factory("leader"))
    assert {line.label for line in lines(dt.date(2026, 1, 31))} == {ends.name, back.name}
    assert {line.label for line in lines(dt.date(2026, 3, 31))} == {ends.name}
    assert lines(dt.date(2026, 4, 1)) == []
    assert {honours.standing(row, dt.date(2026, 4, 1)) for row in (ends, back)} == {honours.ENDED}


@pytest.mark.parametrize("day", [dt.date(2025, 2, 28), dt.date(2999, 1, 1)])
def test_it_is_taken_back_neither_before_it_was_given_nor_in_days_to_come(day):
    row = honour_factory(verified=True, issued=dt.date(2025, 3, 1))
    with pytest.raises(Refusal, match="bad_day"):
        actions.withdraw_honour(honour=row, version=row.version, on=day, reason="撤了", by=person_factory("leader"))


def test_what_waits_or_was_taken_back_is_not_taken_back_again():
    leader = person_factory("leader")
    waits, back = honour_factory(), honour_factory(verified=True)
    back = actions.withdraw_honour(honour=back, version=back.version, on=clocks.today(), reason="撤了", by=leader)
    for row in (waits, back):
        with pytest.raises(Refusal, match="not_waiting"):
            actions.withdraw_honour(honour=row, version=row.version, on=clocks.today(), reason="撤了", by=leader)


def test_a_withdrawal_entered_by_mistake_is_made_void_and_the_honour_entered_anew():
    leader, row = person_factory("leader"), honour_factory(verified=True, name="样例先进县")
    row = actions.withdraw_honour(honour=row, version=row.version, on=clocks.today(), reason="撤了", by=leader)
    row = actions.reject_honour(honour=row, version=row.version, reason="撤销的是另一个县", by=leader)
    assert (row.state, lines(row.issued)) == ("void", [])
    again = honour_factory(name="样例先进县")
    actions.verify_honour(honour=again, version=again.version, by=leader)
    assert len(lines(clocks.today())) == 1


def test_what_was_withdrawn_or_made_void_later_stood_for_who_asked_before():
    leader = person_factory("leader")
    back, void = honour_factory(verified=True), honour_factory(verified=True)
    then = void.verified_at
    back = actions.withdraw_honour(honour=back, version=back.version, on=dt.date(2025, 6, 1), reason="撤了", by=leader)
    actions.reject_honour(honour=void, version=void.version, reason="弄错了", by=leader)
    assert {line.label for line in lines(clocks.today(), then)} == {back.name, void.name}
    assert lines(clocks.today()) == []
    assert [line.label for line in lines(dt.date(2025, 5, 31))] == [back.name]


def test_letters_nobody_sees_are_left_out_of_a_name():
    assert honour_factory(name="先\u202e进\u200b县\x00").name == "先进县"


def test_a_wrong_one_is_made_void_and_never_counted_and_may_be_entered_anew():
    row = honour_factory(verified=True, name="样例先进县")
    row = actions.reject_honour(honour=row, version=row.version, reason="文件是另一个县的", by=person_factory("leader"))
    assert (row.state, lines(clocks.today())) == ("void", [])
    assert honour_factory(name="样例先进县").state == "entered"


def test_of_two_who_decide_the_second_is_told():
    row = honour_factory()
    seen = Honour.objects.get()
    actions.verify_honour(honour=row, version=row.version, by=person_factory("leader"))
    with pytest.raises(Refusal, match="conflict"):
        actions.reject_honour(honour=seen, version=seen.version, reason="不对", by=person_factory("leader"))


# ── pages ────────────────────────────────────────────────────────────────────
def test_a_clerk_enters_it_a_leader_verifies_it_and_the_list_tells_how_each_stands(client):
    client.force_login(clerk())
    sent = {"kind": "rating", "name": "营商环境评价优秀", "holder": "样例县", "level": "provincial", "issuer": "省办", "document": "", "issued": "2025-03-12", "valid_until": "", "proof": SimpleUploadedFile(*PROOF)}
    answer = client.post(reverse("indicators:honour_new"), sent, follow=True)
    page = answer.content.decode()
    assert "等另一个人核实" in page
    assert "核实无误" not in page
    row = Honour.objects.get()
    leader = person_factory("leader")
    client.force_login(leader)
    assert [item.url for item in on_desk(leader)] == [reverse("indicators:honour", args=[row.pk])]
    assert client.post(reverse("indicators:honour_verify", args=[row.pk]), {"version": "1"}, follow=True).status_code == 200
    assert "营商环境评价优秀" in client.get(reverse("indicators:honours") + "?standing=holds").content.decode()
    assert "营商环境评价优秀" not in client.get(reverse("indicators:honours") + "?standing=ended").content.decode()
    assert client.get(reverse("indicators:honour_proof", args=[row.pk])).content == PROOF[1]
    assert list(on_desk(leader)) == []
    assert reverse("indicators:honour", args=[row.pk]) in client.get(reverse("site:search"), {"q": "营商环境评价"}).content.decode()
    client.force_login(person_factory("administrator"))
    assert reverse("indicators:honour", args=[row.pk]) not in client.get(reverse("site:search"), {"q": "营商环境评价"}).content.decode()


def test_what_was_filled_in_stays_when_it_is_refused(client):
    client.force_login(clerk())
    answer = client.post(reverse("indicators:honour_new"), {"kind": "award", "name": "样例先进县", "holder": "样例县", "level": "city", "issuer": "市府", "issued": "2999-01-01"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="样例先进县"' in page


def test_a_day_that_is_none_is_told_and_nothing_is_withdrawn(client):
    row = honour_factory(verified=True)
    client.force_login(person_factory("leader"))
    answer = client.post(reverse("indicators:honour_withdraw", args=[row.pk]), {"version": row.version, "on": "去年", "reason": "撤了"})
    assert (answer.status_code, "撤销日期没有填对" in answer.content.decode(), Honour.objects.get().withdrawn_on) == (422, True, None)


# ── rights ───────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("role", ["enterprise", "service_window", "administrator"])
def test_who_may_not_see_it_gets_neither_page_nor_file(client, role):
    row = honour_factory(verified=True)
    client.force_login(person_factory(role) if role != "enterprise" else person_factory("policy_officer", unit_factory(), is_active=True))
    if role == "enterprise":
        assert client.get(reverse("indicators:honour_new")).status_code == 403
        assert client.post(reverse("indicators:honour_verify", args=[row.pk]), {"version": row.version}).status_code == 403
        return
    for name in ("indicators:honour", "indicators:honour_proof"):
        assert client.get(reverse(name, args=[row.pk])).status_code in (403, 404)
    assert client.get(reverse("indicators:honours")).status_code == 403


def test_who_only_reads_can_neither_enter_nor_verify():
    reader, row = person_factory("policy_officer"), honour_factory()
    with pytest.raises(Forbidden):
        actions.enter_honour(told={name: getattr(row, name) for name in actions.FIELDS}, proof=PROOF, by=reader)
    with pytest.raises(Forbidden):
        actions.verify_honour(honour=row, version=row.version, by=reader)


# ── figures ──────────────────────────────────────────────────────────────────
def test_the_figure_of_honours_opens_its_rows(client):
    honour_factory(verified=True, kind="rating")
    row = honour_factory(verified=True)
    honour_factory()
    snapshot_factory()
    client.force_login(person_factory("leader"))
    period = clocks.today().strftime("%Y-%m")
    page = client.get(reverse("indicators:rows", args=["indicators.honours"]) + f"?period={period}&dim=honour_kind&group=award").content.decode()
    assert row.name in page
    assert reverse("indicators:honour", args=[row.pk]) in page
    assert "荣誉称号" in page


def test_a_figure_of_a_table_counts_in_the_unit_it_was_printed_in_until_the_next_table():
    table_factory(("测试县", "42.6"), ("样例县", "35.1"), title="常年在外人数", period="2024", unit="万人")
    table_factory(("测试县", "43.05"), ("样例县", "35.0"), title="常年在外人数", period="2025", unit="万人")
    table_factory(("测试县", "0.123456"), ("样例县", "1"), title="太细的数", period="2025", unit="人")
    table_factory(("别的县", "1"), ("样例县", "2"), title="没有本县", period="2025", unit="人")
    unit_factory()
    assert [(line.num, line.groups["table"]) for line in own_lines.place_lines(Asked(clocks.today()))] == [(2, "太细的数"), (1, "常年在外人数"), (1, "常年在外人数")]
    found = [(line.num, line.on, line.until, dict(line.groups)) for line in own_lines.printed_lines(Asked(clocks.today()))]
    both = {"table": "常年在外人数", "unit": "人"}
    assert found == [(430_500, dt.date(2025, 12, 31), None, both), (426_000, dt.date(2024, 12, 31), dt.date(2025, 12, 30), both)]
