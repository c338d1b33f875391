"""Pages: what they show, what they refuse, who may not; calendar and booklet without contacts; the device's door."""

from __future__ import annotations

import datetime as dt
import re
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.outreach.actions import plans
from diguan.outreach.models import Call, Invitation, Trip, VisitLog
from diguan.outreach.tests.factories import (
    call_factory,
    expense_factory,
    follow_up_factory,
    invitation_factory,
    officer_factory,
    site_visit_factory,
    trip_factory,
    visit_factory,
)
from diguan.projects.tests.factories import lead_factory, project_factory

pytestmark = pytest.mark.django_db
DAY = dt.date(2025, 8, 4)


@pytest.fixture(autouse=True)
def august(settings, tmp_path):
    settings.DIGUAN_DATA, settings.DIGUAN_TODAY = tmp_path, DAY.isoformat()


@pytest.fixture
def officer(db):
    return officer_factory()


@pytest.fixture
def signed(client, officer):
    client.force_login(officer)
    return client


def text(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


def trip_form(officer, **more):
    return {"title": "赴杭州", "purpose": "拜访配套企业", "from_day": "2025-08-04", "to_day": "2025-08-06", "cities": ["330100", "330200"], "leader": officer.pk, "leaves": "08:30", "back": "18:30", "budget_fen": "1.2 万元", **more}


def test_a_trip_is_planned_on_the_page_and_a_wrong_one_keeps_what_was_typed(signed, officer):
    wrong = text(signed.post(reverse("outreach:new"), trip_form(officer, to_day="2025-08-01")), 422)
    assert "返回不能早于出发" in wrong
    assert "拜访配套企业" in wrong
    assert signed.post(reverse("outreach:new"), trip_form(officer)).status_code == 302
    row = Trip.objects.get()
    assert (row.budget_fen, row.leaves, row.back, [city.region for city in row.cities.all()]) == (1_200_000, 510, 1110, ["330100", "330200"])
    shown = text(signed.get(reverse("outreach:trip", args=[row.pk])))
    assert "杭州市" in shown
    assert "没有定预期" in shown


def test_an_expense_above_the_limit_is_refused_on_the_page_and_kept_in_the_form(signed, officer):
    row = trip_factory(officer)
    told = {"kind": "lodging", "day": "2025-08-04", "region": "330100", "persons": 1, "days": 1, "amount_fen": "500"}
    shown = text(signed.post(reverse("outreach:expense", args=[row.pk]), told), 422)
    assert "超限额" in shown
    assert 'value="500"' in shown
    assert signed.post(reverse("outreach:expense", args=[row.pk]), {**told, "reason": "展会期间没有别的房"}).status_code == 302
    assert "等审批" in text(signed.get(reverse("outreach:trip", args=[row.pk])))


def test_an_expense_sent_twice_is_kept_once(signed, officer):
    row = trip_factory(officer)
    told = {"kind": "transport", "day": "2025-08-04", "region": "330100", "persons": 1, "days": 1, "amount_fen": "500", "once": "a-key"}
    assert [signed.post(reverse("outreach:expense", args=[row.pk]), told).status_code for _turn in range(2)] == [302, 302]
    assert row.expenses.count() == 1
    assert 'name="once"' in text(signed.get(reverse("outreach:trip", args=[row.pk])))


def test_a_leader_approves_on_the_page_and_the_desk_says_that_something_waits(client, officer):
    row = trip_factory(officer)
    one = expense_factory(row, officer, amount_fen=50_000, reason="展会期间没有别的房")
    client.force_login(person_factory("leader"))
    assert "1 笔外出费用超限额" in text(client.get("/"))
    assert client.post(reverse("outreach:expense_decide", args=[row.pk, one.pk]), {"approve": "1"}).status_code == 302
    one.refresh_from_db()
    assert one.state == "approved"


def test_the_plan_page_proposes_takes_and_moves(signed, officer):
    row = trip_factory(officer)
    for name in ("甲厂", "乙厂"):
        call_factory(row, officer, name=name)
    assert signed.post(reverse("outreach:propose", args=[row.pk])).status_code == 302
    shown = text(signed.get(reverse("outreach:plan", args=[row.pk])))
    assert "上限" in shown
    assert "就近挑着去" in shown
    assert "没有填过的按坐标估" in shown
    plan, version = row.plans.get(), Trip.objects.get().version
    assert signed.post(reverse("outreach:take", args=[row.pk, plan.pk]), {"version": version}).status_code == 302
    call = Call.objects.filter(day__isnull=False).first()
    assert "已经在头上了" in text(signed.post(reverse("outreach:call_move", args=[call.pk]), {"version": Trip.objects.get().version, "how": "earlier"}), 422)
    assert "别人先保存了" in text(signed.post(reverse("outreach:call_move", args=[call.pk]), {"version": 1, "how": "out"}), 422)
    assert signed.post(reverse("outreach:call_move", args=[call.pk]), {"version": Trip.objects.get().version, "how": "out"}).status_code == 302
    call.refresh_from_db()
    assert call.day is None


def test_calendar_and_booklet_hold_the_plan_and_no_contact(signed, officer):
    row = trip_factory(officer)
    call = call_factory(row, officer, name="甲厂; 二部", contact_name="钱样本", contact_phone="13900000001", questions="扩产吗")
    plans.move_call(call=call, version=row.version, how="in", by=officer)
    calendar = signed.get(reverse("outreach:calendar", args=[row.pk]))
    assert calendar["Content-Type"].startswith("text/calendar")
    body = text(calendar)
    assert "DTSTART;TZID=Asia/Shanghai:20250804T093000" in body
    assert "拜访 甲厂\\; 二部" in body
    assert f"UID:call-{call.pk}@" in body
    booklet = text(signed.get(reverse("outreach:booklet", args=[row.pk])))
    assert "扩产吗" in booklet
    assert "139****0001" in booklet
    for found in (body, booklet, text(signed.get(reverse("outreach:trip", args=[row.pk])))):
        assert "13900000001" not in found
        assert "钱样本" not in found


def test_a_contact_is_shown_once_for_a_reason(signed, officer):
    call = call_factory(trip_factory(officer), officer, contact_name="钱样本", contact_phone="13900000001")
    address = reverse("outreach:call_reveal", args=[call.pk])
    assert "13900000001" not in text(signed.post(address, {"reason": ""}), 422)
    assert "13900000001" in text(signed.post(address, {"reason": "约时间"}))


def test_changing_a_call_on_the_page_leaves_its_contact_alone(signed, officer):
    call = call_factory(trip_factory(officer), officer, contact_phone="13900000001")
    address = reverse("outreach:call_change", args=[call.pk])
    assert "13900000001" not in text(signed.get(address))
    told = {"party": "firm", "name": "改名厂", "worth": 5, "minutes": 60, "opens": "09:00", "closes": "12:00", "shut": ["1"], "version": call.version}
    assert signed.post(address, told).status_code == 302
    call.refresh_from_db()
    assert (call.name, call.contact_phone, call.shut, call.closes) == ("改名厂", "13900000001", "1", 720)


def test_places_and_ways_are_kept_from_their_page(signed):
    address = reverse("outreach:places")
    assert signed.post(address, {"name": "杭州东站", "address": "杭州市上城区", "region": "330100", "lat_e6": "30.29", "lon_e6": "120.21"}).status_code == 302
    assert "第 1 行" in text(signed.post(address, {"ways": "甲,甲,3", "source": "车队"}), 422)
    assert signed.post(address, {"ways": "杭州东站,甲厂,35", "source": "车队"}).status_code == 302
    assert "30.2900, 120.2100" in text(signed.get(address))


# ── the log ──────────────────────────────────────────────────────────────────
def sent(officer, **more):
    return {"who": officer.pk, "key": str(uuid.uuid4()), "party": "firm", "name": "甲厂", "visited_on": "2025-08-04", "outcome": "keen", "said": "想在内地找配套", "next_step": "", "trip": "", "call": "", **more}


def test_the_plain_form_writes_once_even_if_it_is_sent_twice(signed, officer):
    told = sent(officer)
    assert signed.post(reverse("outreach:log"), told).status_code == 302
    assert signed.post(reverse("outreach:log"), told).status_code == 302
    assert VisitLog.objects.count() == 1


def test_a_device_sends_one_entry_twice_and_it_is_one_row(signed, officer):
    told, address = sent(officer), reverse("outreach:log_send")
    first, again = signed.post(address, told), signed.post(address, told)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    other = signed.post(address, {**told, "said": "别的话"})
    assert (other.status_code, VisitLog.objects.count()) == (409, 1)
    assert "没有存" in other.json()["why"]


def test_a_device_hears_why_an_entry_cannot_be_used(signed, officer):
    wrong = signed.post(reverse("outreach:log_send"), sent(officer, visited_on="2025-09-04"))
    assert (wrong.status_code, wrong.json()["why"]) == (422, "走访日期不能在今天以后")
    assert "谈了什么" in signed.post(reverse("outreach:log_send"), sent(officer, said="")).json()["why"]


def test_what_one_person_wrote_is_not_taken_while_another_is_signed_in(signed, officer):
    answer = signed.post(reverse("outreach:log_send"), sent(officer_factory()))
    assert (answer.status_code, VisitLog.objects.count()) == (409, 0)
    assert signed.get(reverse("outreach:log_who")).json()["who"] == str(officer.pk)


def test_a_device_needs_the_token_and_the_right(officer):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(officer)
    told = sent(officer)
    assert strict.post(reverse("outreach:log_send"), told).status_code == 403
    token = strict.get(reverse("outreach:log_who")).json()["token"]
    assert strict.post(reverse("outreach:log_send"), {**told, "csrfmiddlewaretoken": token}).status_code == 201
    strict.force_login(person_factory("leader"))
    assert strict.get(reverse("outreach:log")).status_code == 403


def test_the_worker_is_served_for_its_page_alone(signed):
    answer = signed.get(reverse("outreach:log_worker"))
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Service-Worker-Allowed"] == "/outreach/log/"
    assert "unsafe" not in answer["Content-Security-Policy"]


def test_a_call_fills_the_log(signed, officer):
    row = trip_factory(officer, started=True)
    call = call_factory(row, officer, name="甲厂")
    shown = text(signed.get(reverse("outreach:log") + f"?call={call.pk}"))
    assert 'value="甲厂"' in shown
    assert signed.post(reverse("outreach:log"), sent(officer, trip=row.pk, call=call.pk)).status_code == 302
    call.refresh_from_db()
    assert call.state == "made"


# ── visits, follow-ups, guests ───────────────────────────────────────────────
def test_a_follow_up_is_set_late_done_and_handed_over(signed, officer, settings):
    visit = visit_factory(officer, name="甲厂")
    colleague = officer_factory(name="乙同事")
    assert signed.post(reverse("outreach:visit_follow", args=[visit.pk]), {"what": "寄资料", "owner": officer.pk, "days": 1}).status_code == 302
    row = visit.follow_ups.get()
    settings.DIGUAN_TODAY = "2025-08-08"
    assert "寄资料" in text(signed.get("/"))
    assert "超期" in text(signed.get(reverse("outreach:follow_ups") + "?late=1"))
    assert "写一句结果" in text(signed.post(reverse("outreach:follow_done", args=[row.pk]), {"version": 1, "result": "x"}), 422)
    assert signed.post(reverse("outreach:hand_over", args=[row.pk]), {"version": 1, "to": colleague.pk, "reason": "他熟"}).status_code == 302
    row.refresh_from_db()
    assert row.owner == colleague


def test_guests_come_on_the_page(signed, officer):
    assert signed.post(reverse("outreach:guest_new"), {"party": "firm", "name": "宁波示例厂", "purpose": "看厂房", "invited_on": "2025-08-04"}).status_code == 302
    visit = site_visit_factory(Invitation.objects.get(), officer)
    row = visit.invitation
    assert signed.post(reverse("outreach:guest_end", args=[row.pk, visit.pk]), {"version": 1, "came": "1", "outcome": "看中两栋"}).status_code == 302
    shown = text(signed.get(reverse("outreach:guest", args=[row.pk])))
    assert "看中两栋" in shown
    assert "来过了" in shown


def test_each_number_of_the_results_opens_its_rows(signed, officer):
    row = trip_factory(officer, started=True, expected_visits=3)
    for name, outcome in (("甲厂", "keen"), ("乙厂", "absent")):
        visit_factory(officer, trip=row, name=name, outcome=outcome)
    shown = text(signed.get(reverse("outreach:trip", args=[row.pk])))
    assert "预期 3，还差 1" in shown
    opened = text(signed.get(reverse("outreach:visits") + f"?trip={row.pk}&keen=1"))
    assert "甲厂" in opened
    assert "乙厂" not in opened


# ── who may not ──────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", ["trips", "visits", "follow_ups", "guests", "chambers"])
def test_a_town_officer_exports_nothing_and_sees_no_other_unit(client, name, officer):
    row = trip_factory(officer, title="别处的外出")
    follow_up_factory(visit_factory(officer, trip=None, name="别处的企业"), by=officer)
    client.force_login(person_factory("town_officer"))
    shown = text(client.get(reverse(f"outreach:{name}")))
    assert "别处的" not in shown
    assert client.get(reverse(f"outreach:{name}") + "?export=xlsx").status_code == 403
    assert client.get(reverse("outreach:trip", args=[row.pk])).status_code == 404


@pytest.mark.parametrize("role", ["policy_officer", "data_clerk", "administrator", "enterprise_agent"])
def test_a_role_without_the_right_is_refused_every_list(client, role, officer):
    client.force_login(person_factory(role))
    for name in ("trips", "visits", "follow_ups", "guests", "chambers", "places", "log", "new", "guest_new"):
        assert client.get(reverse(f"outreach:{name}")).status_code == 403, name


def test_another_units_officer_reads_and_changes_nothing(client, officer):
    row = trip_factory(officer)
    call = call_factory(row, officer, contact_phone="13900000001")
    client.force_login(officer_factory(unit=unit_factory()))
    shown = text(client.get(reverse("outreach:trip", args=[row.pk])))
    assert "看全" not in shown
    for name, number in (("change", row.pk), ("call_new", row.pk), ("call_change", call.pk), ("call_drop", call.pk)):
        assert client.get(reverse(f"outreach:{name}", args=[number])).status_code == 403, name
    for name, number in (("propose", row.pk), ("start", row.pk), ("call_reveal", call.pk), ("expense", row.pk)):
        told = {"version": 1, "reason": "看看", "kind": "meals", "day": "2025-08-04", "region": "330100", "persons": 1, "days": 1, "amount_fen": "50"}
        assert client.post(reverse(f"outreach:{name}", args=[number]), told).status_code == 403, name


# ── nothing is chosen beforehand, and an empty list says whose it is ─────────
def test_neither_the_result_of_a_visit_nor_the_source_of_a_lead_is_chosen_beforehand(signed):
    for page, name in ((reverse("outreach:log"), "outcome"), (reverse("projects:lead_new"), "source")):
        select = re.search(rf'<select name="{name}".*?</select>', text(signed.get(page)), re.S)
        assert select
        assert re.search(r'<option value="" selected', select[0]), name


def test_an_empty_list_of_one_office_does_not_say_that_the_county_has_none(client, officer):
    trip_factory(officer, title="赴杭州")
    client.force_login(person_factory("town_officer", unit_factory("别镇")))
    shown = text(client.get(reverse("outreach:trips")))
    assert "这里只列归您单位的" in shown
    assert "还没有外出招商" not in shown


# ── from a visit to a lead, and back from the firm ───────────────────────────
FIRM = "杭州样例指针有限公司"


def test_a_firm_a_lead_and_a_project_tell_who_went_to_see_them_and_who_is_about_to(signed, officer):
    visit_factory(officer, name=FIRM, next_step="寄园区资料")
    call_factory(trip_factory(officer, title="再赴杭州"), name=FIRM)
    pages = (reverse("enterprises:dossier", args=[enterprise_factory(name=FIRM).uscc]), reverse("projects:lead", args=[lead_factory(officer, firm=FIRM, came_on=DAY).pk]),
             reverse("projects:project", args=[project_factory(officer, investor=FIRM).pk]))
    for page in pages:
        shown = text(signed.get(page))
        assert "寄园区资料" in shown, page
        assert "有意向，接着谈" in shown, page
        assert "再赴杭州" in shown, page
    assert "走访和外出" not in text(signed.get(reverse("enterprises:dossier", args=[enterprise_factory(name="衡阳另一家样例有限公司").uscc])))


def test_a_trip_says_in_words_what_came_of_its_visits(signed, officer):
    trip = trip_factory(officer, started=True)
    visit_factory(officer, name=FIRM, trip=trip)
    shown = text(signed.get(reverse("outreach:trip", args=[trip.pk])))
    found = re.search(FIRM + r"</a>.*?</tr>", shown, re.S)
    assert found
    assert "有意向，接着谈" in found[0]


def test_a_firms_page_tells_visits_only_to_who_may_read_them(client, officer):
    visit_factory(officer, name=FIRM, next_step="寄园区资料")
    row = enterprise_factory(name=FIRM)
    client.force_login(person_factory("policy_officer"))
    assert "寄园区资料" not in text(client.get(reverse("enterprises:dossier", args=[row.uscc])))
    lead = lead_factory(holder := person_factory("town_officer", unit_factory("别镇")), firm=FIRM, came_on=DAY)
    client.force_login(holder)
    assert "寄园区资料" not in text(client.get(reverse("projects:lead", args=[lead.pk]))), "the visit is of another office"


def test_a_visit_and_its_follow_up_lead_to_the_lead_or_to_registering_one(signed, officer):
    visit = visit_factory(officer, name=FIRM)
    follow = follow_up_factory(visit)
    pages = [reverse("outreach:visit", args=[visit.pk]), reverse("outreach:follow_up", args=[follow.pk])]
    found = re.search(r'href="(/projects/leads/new/[^"]*)"', text(signed.get(pages[0])))
    assert found
    form = text(signed.get(found[1].replace("&amp;", "&")))
    assert f'value="{FIRM}"' in form
    assert re.search(r'<option value="door_knocking" selected', form)
    lead = lead_factory(officer, firm=FIRM, came_on=DAY)
    for page in pages:
        shown = text(signed.get(page))
        assert reverse("projects:lead", args=[lead.pk]) in shown
        assert "/projects/leads/new/" not in shown


def test_figures_of_trips_name_the_provinces_and_who_was_invited_and_open_their_rows(signed, officer):
    for cities in (("330100", "330200"), ("440300",)):
        trip = trip_factory(officer, started=True, cities=cities)
        visit_factory(officer, name=f"到过{cities[0]}样例公司", trip=trip)
        invitation_factory(officer, name=f"请过{cities[0]}样例公司", trip=trip)
    trip_factory(officer, cities=("110000",))
    shown = text(signed.get(reverse("outreach:trips")))
    assert "浙江省、广东省" in shown
    assert re.search(r'<option value="110000"', shown)
    assert not re.search(r'<option value="540000"', shown), "nobody goes there"
    rows = text(signed.get(reverse("outreach:guests"), {"away": "1", "province": "440000"}))
    assert "请过440300样例公司" in rows
    assert "请过330100样例公司" not in rows
    rows = text(signed.get(reverse("outreach:visits"), {"away": "1", "met": "1", "known": "1", "province": "330000"}))
    assert "到过330100样例公司" in rows
    assert "到过440300样例公司" not in rows
    assert 'aria-label="合计"' not in text(signed.get(reverse("outreach:trips"), {"q": "赴"})), "its rows could not be opened"
