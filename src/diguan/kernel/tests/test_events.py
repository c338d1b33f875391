"""The trail: append-only, chained, and in order under eight writers."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from diguan.kernel import events, timelines
from diguan.kernel.access import actions as access_actions
from diguan.kernel.events import AppendOnlyError, Break, Event, EventPersonal, EventSubject
from diguan.kernel.tests.factories import person_factory, unit_factory


@pytest.fixture
def chain(db):
    unit, other = unit_factory(), unit_factory()
    for number in range(4):
        events.append(
            unit, "renamed", by=None, after={"number": number}, related=[other], personal={"phone": f"139{number}"}
        )
    return unit


def forge(sql, *values):
    """Write as somebody with the database in their hands would."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_an_untouched_chain_holds(chain):
    assert events.verify(chain) == []
    assert [event.seq for event in Event.objects.all()] == [1, 2, 3, 4]


def test_a_changed_value_reason_time_or_actor_shows(chain):
    event = Event.objects.get(seq=2)
    for column, value in [("after_json", "{}"), ("reason", "x"), ("at", "2020-01-01 00:00:00+00:00"), ("verb", "sold")]:
        before = {"after_json": event.after_json, "reason": "", "at": event.at, "verb": event.verb}[column]
        forge(f"UPDATE kernel_event SET {column} = %s WHERE id = %s", value, event.pk)
        assert events.verify(chain) == [Break(2, "hash")]
        forge(f"UPDATE kernel_event SET {column} = %s WHERE id = %s", before, event.pk)


def test_a_removed_event_shows(chain):
    pk = Event.objects.get(seq=2).pk
    for table in ("kernel_eventsubject", "kernel_eventpersonal"):
        forge(f"DELETE FROM {table} WHERE event_id = %s", pk)
    forge("DELETE FROM kernel_event WHERE id = %s", pk)
    assert events.verify(chain) == [Break(3, "gap"), Break(3, "previous")]


def test_changed_subjects_and_changed_personal_values_show(chain):
    forge("DELETE FROM kernel_eventsubject WHERE event_id = %s", Event.objects.get(seq=1).pk)
    forge("UPDATE kernel_eventpersonal SET values_json = '{}' WHERE event_id = %s", Event.objects.get(seq=3).pk)
    assert events.verify(chain) == [Break(1, "hash"), Break(3, "personal")]
    assert events.verify_all() != {}


def test_events_cannot_be_changed_or_deleted_through_the_models(chain):
    event = Event.objects.first()
    for attempt in (event.save, event.delete, Event.objects.all().delete, EventSubject.objects.all().delete):
        with pytest.raises(AppendOnlyError):
            attempt()
    with pytest.raises(AppendOnlyError):
        Event.objects.update(reason="x")
    assert EventPersonal.objects.count() == 4


def test_a_timeline_is_closed_to_who_may_not_see_the_row(chain):
    assert len(timelines.of(person_factory("administrator"), chain)) == 4
    assert timelines.of(person_factory("data_clerk"), chain) == []


@pytest.mark.django_db
def test_what_was_done_to_a_person_is_seen_by_who_administers_people_and_not_by_themself():
    admin = person_factory("administrator")
    person = access_actions.create_person(login_name="clerk", name="甲", password="long-enough-password-1", by=admin)
    post = access_actions.appoint(person=person, role="data_clerk", unit=unit_factory(), by=admin, reason="上岗")
    access_actions.end_post(post=post, by=admin)
    assert [line.verb for line in timelines.of(admin, person)] == ["post_ended", "person_appointed", "person_created"]
    assert timelines.of(person, person) == []


@pytest.mark.django_db(transaction=True)
def test_eight_writers_on_one_root_leave_one_unbroken_chain():
    unit, failures = unit_factory(), []

    def write():
        try:
            for _ in range(5):
                events.append(unit, "renamed", by=None)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert Event.objects.filter(root_id=str(unit.pk)).count() == 40
    assert events.verify(unit) == []
