"""A visit is written down once whatever is sent how often; follow-ups run on working days; guests come or do not."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from diguan.kernel import clocks
from diguan.kernel.access import Forbidden
from diguan.kernel.events import Event
from diguan.kernel.refusals import Refusal
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.outreach.actions import guests, visits
from diguan.outreach.models import Invitation, VisitLog
from diguan.outreach.queries import visits as queries
from diguan.outreach.tests.factories import (
    call_factory,
    follow_up_factory,
    invitation_factory,
    officer_factory,
    refused,
    site_visit_factory,
    told_visit,
    trip_factory,
    visit_factory,
)
from diguan.projects.actions.assignments import set_assignment
from diguan.projects.queries import assignments

pytestmark = pytest.mark.django_db
DAY = dt.date(2025, 9, 26)


@pytest.fixture(autouse=True)
def september(settings, tmp_path):
    settings.DIGUAN_DATA, settings.DIGUAN_TODAY = tmp_path, DAY.isoformat()


def test_the_same_entry_sent_twice_is_one_row_and_one_event():
    by, key = officer_factory(), uuid.uuid4()
    first, new = visits.send_visit(key=key, values=told_visit(), by=by)
    again, newer = visits.send_visit(key=key, values=told_visit(said=" 看了两条产线，想在内地找配套 "), by=by)
    assert (new, newer, first.pk, VisitLog.objects.count()) == (True, False, again.pk, 1)
    assert Event.objects.filter(verb="visit_logged").count() == 1


def test_another_text_or_another_person_under_the_same_key_is_refused_clearly():
    by, key = officer_factory(), uuid.uuid4()
    visits.send_visit(key=key, values=told_visit(), by=by)
    assert "没有存" in refused("key_taken", visits.send_visit, key=key, values=told_visit(said="完全不同的话"), by=by).texts("zh")[0]
    refused("key_taken", visits.send_visit, key=key, values=told_visit(), by=officer_factory())
    assert VisitLog.objects.get().said == told_visit()["said"]


def test_what_was_sent_and_then_corrected_is_still_the_same_entry():
    by, key = officer_factory(), uuid.uuid4()
    row, _new = visits.send_visit(key=key, values=told_visit(), by=by)
    follow = follow_up_factory(row)
    better = visits.correct_visit(visit=row, values=told_visit(said="看了三条产线"), reason="记少了一条", by=by)
    assert visits.send_visit(key=key, values=told_visit(), by=by) == (row, False)
    assert list(queries.current(queries.visible_visits(by))) == [better]
    follow.refresh_from_db()
    assert follow.visit == better
    refused("conflict", visits.correct_visit, visit=row, values=told_visit(), reason="再改一次", by=by)


@pytest.mark.parametrize(("change", "code", "field"), [
    ({"name": ""}, "invalid", "name"), ({"said": ""}, "invalid", "said"), ({"said": "长" * 2001}, "invalid", "said"), ({"outcome": "great"}, "invalid", "outcome"), ({"visited_on": DAY + dt.timedelta(days=1)}, "bad_day", "visited_on"),
    ({"visited_on": dt.date(2020, 1, 1)}, "bad_day", "visited_on"), ({"said": "a\x00b"}, "invalid", "said")])
def test_what_cannot_be_a_visit_is_refused_at_its_field_and_nothing_is_kept(change, code, field):
    assert refused(code, visits.send_visit, key=uuid.uuid4(), values=told_visit(**change), by=officer_factory()).field == field
    assert not VisitLog.objects.exists()


def test_a_visit_makes_its_call_and_nobody_writes_to_anothers_trip():
    by = officer_factory()
    row = trip_factory(by, started=True)
    call = call_factory(row, by)
    assert visit_factory(by, call=call, name=call.name).trip == row
    call.refresh_from_db()
    assert call.state == "made"
    refused("not_yours", visits.send_visit, key=uuid.uuid4(), values=told_visit(trip=row), by=officer_factory())


def test_a_member_of_another_unit_writes_to_the_trip_they_are_on():
    mate = officer_factory()
    row = trip_factory(started=True, members=(mate,))
    assert visit_factory(mate, trip=row).trip == row


def test_a_town_officer_reads_their_unit_and_a_role_without_the_right_writes_nothing():
    other, town = visit_factory(), person_factory("town_officer")
    own = visit_factory(town)
    assert list(queries.visible_visits(town)) == [own]
    assert queries.visit(town, other.pk) is None
    with pytest.raises(Forbidden):
        visits.send_visit(key=uuid.uuid4(), values=told_visit(), by=person_factory("leader"))


# ── follow-ups ───────────────────────────────────────────────────────────────
def test_a_follow_up_is_due_on_working_days():
    assert follow_up_factory(days=2).due_on == dt.date(2025, 9, 29)  # Friday; the Sunday after it is worked for the national holiday


def test_a_follow_up_is_late_the_day_after_and_not_once_it_is_done(settings):
    by = officer_factory()
    row = follow_up_factory(by=by, days=1)
    settings.DIGUAN_TODAY = row.due_on.isoformat()
    assert not queries.overdue(queries.visible_follow_ups(by)).exists()
    settings.DIGUAN_TODAY = (row.due_on + dt.timedelta(days=1)).isoformat()
    assert list(queries.overdue(queries.visible_follow_ups(by))) == [row]
    refused("invalid", visits.finish_follow_up, row=row, version=row.version, result="", by=by)
    row = visits.finish_follow_up(row=row, version=row.version, result="资料寄到了", by=by)
    assert not queries.overdue(queries.visible_follow_ups(by)).exists()
    refused("over", visits.finish_follow_up, row=row, version=row.version, result="再办一次", by=by)


def test_a_follow_up_is_handed_over_to_somebody_in_post_and_seen_by_them():
    by, to = officer_factory(), person_factory("town_officer")
    row = follow_up_factory(by=by)
    gone = person_factory("promotion_officer", from_day=dt.date(2024, 1, 1), to_day=dt.date(2025, 1, 1))
    refused("not_in_post", visits.hand_over_follow_up, row=row, version=row.version, to=gone, reason="他熟", by=by)
    row = visits.hand_over_follow_up(row=row, version=row.version, to=to, reason="企业老家在那里", by=by)
    assert list(queries.visible_follow_ups(to)) == [row]
    assert visits.finish_follow_up(row=row, version=row.version, result="见过面了", by=to).state == "done"


def test_a_stranger_neither_ends_nor_hands_over():
    row, stranger = follow_up_factory(), officer_factory()
    for deed, told in ((visits.finish_follow_up, {"result": "办了"}), (visits.hand_over_follow_up, {"to": stranger, "reason": "我来"})):
        with pytest.raises(Forbidden):
            deed(row=row, version=row.version, by=stranger, **told)


# ── guests ───────────────────────────────────────────────────────────────────
def test_an_invitation_becomes_a_visit_with_an_outcome():
    by = officer_factory()
    row = invitation_factory(by)
    visit = site_visit_factory(row, by)
    row.refresh_from_db()
    assert row.state == "accepted"
    refused("planned_already", site_visit_factory, invitation=row, by=by)
    refused("invalid", guests.end_site_visit, invitation=row, visit=visit, version=visit.version, came=True, outcome="", by=by)
    row = guests.end_site_visit(invitation=row, visit=visit, version=visit.version, came=True, outcome="看中两栋厂房，要报价", by=by)
    row.refresh_from_db()
    assert (row.state, row.site_visits.get().state) == ("came", "done")
    refused("over", guests.answer_invitation, invitation=row, version=row.version, accepted=False, answer="不来", by=by)


def test_who_is_still_expected_is_not_invited_twice():
    by = officer_factory()
    row = invitation_factory(by)
    refused("asked_already", invitation_factory, by=by, name=row.name)
    row = guests.answer_invitation(invitation=row, version=row.version, accepted=False, answer="今年不扩产", by=by)
    assert invitation_factory(by, name=row.name).pk != row.pk


@pytest.mark.parametrize("change", [{"guests": 0}, {"to_day": DAY - dt.timedelta(days=1)}, {"to_day": DAY + dt.timedelta(days=30)}, {"itinerary": ""}])
def test_what_cannot_be_a_visit_of_guests_is_refused(change):
    row = invitation_factory()
    with pytest.raises(Refusal):
        site_visit_factory(row, **change)
    assert not row.site_visits.exists()


def test_guests_have_not_come_before_their_day():
    row = site_visit_factory(from_day=DAY + dt.timedelta(days=3), to_day=DAY + dt.timedelta(days=3))
    refused("bad_day", guests.end_site_visit, invitation=row.invitation, visit=row, version=row.version, came=True, outcome="来过了", by=row.host)


def test_a_leader_reads_and_does_not_invite():
    assert Invitation.objects.count() == 0
    with pytest.raises(Forbidden):
        invitation_factory(person_factory("leader"))


def test_chambers_are_counted_by_name_and_not_where_nobody_was_met():
    by = officer_factory()
    for day, outcome in ((1, "keen"), (5, "later"), (9, "absent")):
        visit_factory(by, party="chamber", name="宁波示例湖南商会", visited_on=dt.date(2025, 9, day), outcome=outcome)
    (line,) = queries.chambers_reached(by)
    assert (line["times"], line["last"]) == (2, dt.date(2025, 9, 5))


def test_a_target_of_visits_counts_those_made_away_and_opens_them(client: Client) -> None:
    bureau = unit_factory("招商服务中心")
    by, leader = officer_factory(unit=bureau), person_factory("leader")
    trip = trip_factory(by, started=True)
    for name, more in (("杭州甲样例有限公司", {}), ("杭州乙样例有限公司", {"outcome": "absent", "next_step": ""}), ("县内丙样例有限公司", {"trip": None})):
        visit_factory(by, name=name, **{"trip": trip, **more})
    set_assignment(year=clocks.today().year, unit=bureau, measure="visits", number=6, note="", by=leader)
    line, = assignments.lines(leader, clocks.today().year)
    assert line.done is not None
    assert line.done.number == 1
    client.force_login(leader)
    page = client.get(f"{reverse(line.done.url_name)}?{line.done.query}").content.decode()
    assert "杭州甲样例有限公司" in page
    assert "杭州乙样例有限公司" not in page
    assert "县内丙样例有限公司" not in page
