"""A matter or a life event ends: nothing begins with it from the day on, what is under way goes on, a new version brings it back."""

from __future__ import annotations

import datetime as dt

import pytest

from diguan.kernel.actions import Refusal
from diguan.kernel.refusals import Forbidden
from diguan.services import actions as library
from diguan.services import queries
from diguan.services.actions import retirement as actions
from diguan.services.models import LifeEvent, Matter, Retirement
from diguan.services.queries import cases as reads
from diguan.services.queries import life_events as events
from diguan.services.tests.test_case_pages import at, page, send
from diguan.services.tests.test_cases import accepted, done, opened, states, who

__all__ = ["who"]
pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 16)


def retired(who, key="power", **more):
    row = Matter.objects.get(key=key)
    return actions.retire_matter(matter=row, version=row.version, day=DAY, reason="职责划转给供电公司", by=who.officer, **{"basis": "县政府令第 3 号", **more})


def test_no_case_begins_with_a_retired_matter_and_those_under_way_go_on(who, settings):
    case = opened(who)
    retired(who)
    assert opened(who).matters  # the day has not come
    settings.DIGUAN_TODAY = "2026-11-16"
    with pytest.raises(Refusal):
        opened(who)
    accepted(who, case)
    done(case, "power", who.power)
    assert states(case)["power"] == "done"


def test_a_new_version_brings_it_back(who, settings):
    row = retired(who)
    settings.DIGUAN_TODAY = "2026-11-17"
    assert queries.in_force(row, dt.date(2026, 11, 15)) is not None
    assert queries.in_force(row, dt.date(2026, 11, 17)) is None
    content = row.versions.first().content
    row = library.draft_matter(matter=row, version=row.version, content={**content, "promised_days": 2}, valid_from=dt.date(2026, 11, 17), by=who.second)
    library.publish_matter(matter=row, version=row.version, by=who.officer)
    assert queries.in_force(row, dt.date(2026, 11, 17)).number == 2
    assert queries.retirement(row) is None
    assert opened(who).matters


@pytest.mark.parametrize(("more", "field"), [({"day": dt.date(2026, 11, 9)}, "day"), ({"reason": "无"}, "reason"), ({"basis": " "}, "basis"), ({"successor": "no_such"}, "successor"), ({"successor": "power"}, "successor"), ({"version": 99}, "")])
def test_what_is_not_said_rightly_retires_nothing(who, more, field):
    row = Matter.objects.get(key="power")
    with pytest.raises(Refusal) as refused:
        actions.retire_matter(**{"matter": row, "version": row.version, "day": DAY, "reason": "职责划转了", "basis": "令", "by": who.officer, **more})
    assert refused.value.field == field
    assert not Retirement.objects.exists()


def test_twice_and_by_others_it_is_refused(who, client):
    retired(who, successor="filing")
    with pytest.raises(Refusal, match="已经停用"):
        retired(who)
    event = LifeEvent.objects.get(key="factory")
    for person in (who.agent, who.power):
        with pytest.raises(Forbidden):
            actions.retire_life_event(life_event=event, version=event.version, day=DAY, reason="不再办了", basis="令", by=person)
        send(client, person, at("matter_retire", "fire"), 403, day="2026-11-16", reason="不再办了", basis="令", version="1")
        send(client, person, at("life_event_retire", "factory"), 403, day="2026-11-16", reason="不再办了", basis="令", version="1")
    assert Retirement.objects.count() == 1


def test_the_pages_say_it_keep_what_was_typed_and_offer_it_no_more(who, client, settings):
    row = Matter.objects.get(key="fire")
    text = send(client, who.officer, at("matter_retire", "fire"), 422, day="2026-11-16", reason="并入施工图联审", version=row.version)
    assert 'value="并入施工图联审"' in text
    send(client, who.officer, at("matter_retire", "fire"), 302, day="2026-11-16", reason="并入施工图联审", basis="住建部令第 51 号", successor="planning", version=row.version)
    text = page(client, who.officer, at("matter", "fire"))
    for words in ("并入施工图联审", "住建部令第 51 号", "不再受理新的"):
        assert words in text
    event = LifeEvent.objects.get(key="factory")
    send(client, who.officer, at("life_event_retire", "factory"), 302, day="2026-11-16", reason="改由园区代办", basis="县政府令第 3 号", version=event.version)
    assert "改由园区代办" in page(client, who.officer, at("life_event", "factory"))
    assert [one.row.key for one in reads.offered()] == ["factory"]
    settings.DIGUAN_TODAY = "2026-11-16"
    assert reads.offered() == []
    assert events.in_force(event, DAY) is None
    assert "停用的" in page(client, who.officer, at("life_events"))
    page(client, who.agent, at("apply", "factory"), 404)
