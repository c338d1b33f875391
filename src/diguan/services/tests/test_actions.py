from __future__ import annotations

import datetime as dt

import pytest

from diguan.kernel.access import Forbidden
from diguan.kernel.events import Event
from diguan.kernel.refusals import Refusal
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.services import actions, queries
from diguan.services.actions import packs
from diguan.services.actions.life_events import publish_life_event
from diguan.services.models import LifeEvent, LifeEventVersion, Matter, MatterVersion
from diguan.services.queries import life_events, shelf
from diguan.services.tests.factories import (
    EVENT,
    FIRST,
    content_factory,
    draft_factory,
    life_event_factory,
    matter_factory,
)

pytestmark = pytest.mark.django_db
WITHOUT = ["leader", "policy_officer", "finance_officer", "data_clerk", "enterprise_agent", "administrator"]


def refused(act, **values):
    with pytest.raises(Refusal) as found:
        act(**values)
    return found.value


def officer():
    return person_factory("service_officer")


def test_a_draft_belongs_to_the_bureau_it_names_and_leaves_one_event():
    unit = unit_factory("县市监局")
    row = draft_factory(unit=unit)
    assert (row.owner_unit, row.state) == (unit, "draft")
    assert [event.verb for event in Event.objects.filter(root_type="services.matter")] == ["matter_drafted"]


@pytest.mark.parametrize("role", WITHOUT)
def test_a_role_without_the_right_writes_nothing(role):
    row, who = draft_factory(), person_factory(role)
    for act in (lambda: actions.create_matter(key="new_one", content=content_factory(), valid_from=FIRST, by=who),
                lambda: actions.draft_matter(matter=row, version=1, content=content_factory(bureau=row.bureau), valid_from=FIRST, by=who),
                lambda: actions.publish_matter(matter=row, version=1, by=who), lambda: actions.drop_draft(matter=row, version=1, by=who),
                lambda: actions.adopt_matter(key="company_registration", by=who), lambda: publish_life_event(text=EVENT, by=who)):
        with pytest.raises(Forbidden):
            act()
    assert MatterVersion.objects.count() == 1


def test_a_bureau_clerk_drafts_for_the_own_bureau_alone_and_publishes_nothing():
    mine, theirs = unit_factory("县市监局"), unit_factory("县公安局")
    clerk = person_factory("bureau_clerk", mine)
    row = actions.create_matter(key="own_one", content=content_factory(bureau="县市监局"), valid_from=FIRST, by=clerk)
    assert refused(actions.create_matter, key="their_one", content=content_factory(bureau="县公安局"), valid_from=FIRST, by=clerk).code == "beyond"
    assert refused(actions.draft_matter, matter=row, version=row.version, content=content_factory(bureau="县公安局"), valid_from=FIRST, by=clerk).code == "beyond"
    with pytest.raises(Forbidden):
        actions.draft_matter(matter=matter_factory("theirs", theirs), version=2, content=content_factory(bureau="县公安局"), valid_from=FIRST, by=clerk)
    with pytest.raises(Forbidden):
        actions.publish_matter(matter=row, version=row.version, by=clerk)


def test_who_drafted_does_not_publish():
    who = officer()
    row = draft_factory(by=who)
    assert refused(actions.publish_matter, matter=row, version=row.version, by=who).code == "own_draft"
    assert actions.publish_matter(matter=row, version=row.version, by=officer()).state == "published"


def test_a_draft_against_a_rule_is_kept_and_not_published():
    row = draft_factory(promised_days=9)
    found = refused(actions.publish_matter, matter=row, version=row.version, by=officer())
    assert (found.code, found.field) == ("invalid", "promised_days")
    assert not MatterVersion.objects.filter(published=True).exists()


def test_a_published_version_never_changes_and_the_next_one_is_in_force_from_its_day():
    row = matter_factory()
    first = row.versions.get()
    row = actions.draft_matter(matter=row, version=row.version, content=content_factory(bureau=row.bureau, promised_days=1), valid_from=dt.date(2026, 7, 1), by=officer())
    row = actions.publish_matter(matter=row, version=row.version, by=officer())
    again = MatterVersion.objects.get(pk=first.pk)
    assert (again.content, again.digest, queries.intact(again)) == (first.content, first.digest, True)
    assert [queries.in_force(row, day).number for day in (FIRST, dt.date(2026, 6, 30), dt.date(2026, 7, 1))] == [1, 1, 2]
    assert queries.in_force(row, dt.date(2025, 12, 31)) is None
    assert row.promised_days == 1


def test_a_version_that_was_edited_in_the_database_shows():
    version = matter_factory().versions.get()
    MatterVersion.objects.filter(pk=version.pk).update(content={**version.content, "promised_days": 1})
    assert not queries.intact(MatterVersion.objects.get(pk=version.pk))


def test_a_version_cannot_begin_before_the_one_in_force():
    row = matter_factory()
    row = actions.draft_matter(matter=row, version=row.version, content=content_factory(bureau=row.bureau), valid_from=dt.date(2025, 1, 1), by=officer())
    assert refused(actions.publish_matter, matter=row, version=row.version, by=officer()).code == "too_early"


def test_who_saves_second_is_told_and_writes_nothing():
    row, who = draft_factory(), officer()
    actions.draft_matter(matter=row, version=row.version, content=content_factory(bureau=row.bureau, visits=1, visits_reason="核验"), valid_from=FIRST, by=who)
    for act in (lambda: actions.draft_matter(matter=row, version=row.version, content=content_factory(bureau=row.bureau), valid_from=FIRST, by=who),
                lambda: actions.publish_matter(matter=row, version=row.version, by=officer())):
        with pytest.raises(Refusal) as found:
            act()
        assert found.value.code == "conflict"
    assert row.versions.get().content["visits"] == 1


def test_a_draft_is_dropped_and_what_is_published_stays():
    row = matter_factory()
    assert refused(actions.drop_draft, matter=row, version=row.version, by=officer()).code == "no_draft"
    row = actions.draft_matter(matter=row, version=row.version, content=content_factory(bureau=row.bureau, promised_days=1), valid_from=FIRST, by=officer())
    actions.drop_draft(matter=row, version=row.version, by=officer())
    assert row.versions.get().number == 1


def test_two_matters_do_not_share_an_implementation_code():
    code = "1" * 31
    matter_factory("one", task_code=code)
    assert refused(draft_factory, key="two", task_code=code).code == "taken"


@pytest.mark.parametrize(("told", "field"), [({"name": ""}, "name"), ({"kind": "许可"}, "kind"), ({"task_code": "12"}, "task_code"), ({"requirements": [{"meaning": "nothing"}]}, "requirements")])
def test_what_cannot_be_kept_is_refused_with_its_field(told, field):
    found = refused(draft_factory, **told)
    assert (found.code, found.field) == ("invalid", field)
    assert not Matter.objects.exists()


# ── packs and life events ────────────────────────────────────────────────────
def test_the_packs_are_adopted_once_and_only_what_differs_again():
    who = officer()
    assert packs.adopt(by=who) == 79 + 10
    assert Matter.objects.filter(state="published", provisional=True).count() == 79
    assert packs.adopt(by=who) == 0
    row = Matter.objects.get(key="seal_record")
    row = actions.draft_matter(matter=row, version=row.version, content={**row.versions.first().content, "promised_days": 1}, valid_from=dt.date(2026, 8, 1), by=who)
    actions.publish_matter(matter=row, version=row.version, by=officer())
    assert queries.pending() == ["seal_record"]
    assert refused(actions.adopt_matter, key="company_registration", by=who).code == "same"
    assert refused(actions.adopt_matter, key="nothing", by=who).code == "no_matter"


def test_a_life_event_is_published_whole_and_a_new_text_is_a_new_version():
    matter_factory()
    matter_factory("seal_record", name="公章刻制备案")
    row = life_event_factory()
    assert refused(life_event_factory).code == "same"
    publish_life_event(text=EVENT.format(key="start_business", first="company_registration", second="seal_record").replace("trips: 2", "trips: 1"), by=officer())
    assert [version.number for version in LifeEventVersion.objects.filter(life_event=row)] == [2, 1]
    assert LifeEvent.objects.get().version == 2


def test_a_life_event_over_a_matter_that_is_not_published_is_refused_with_its_line():
    matter_factory()
    draft_factory("seal_record", name="公章刻制备案")
    found = refused(life_event_factory)
    assert found.code == "invalid"
    assert "第 7 行" in found.reasons[0].zh
    assert not LifeEvent.objects.exists()


def test_the_picture_of_a_life_event_merges_by_meaning_and_books_fees_to_their_matters():
    packs.adopt(by=officer())
    event = shelf.life_events()["industrial_project"]
    answers = {"applicant": "agent", "land": "grant", "eia_class": "table", "energy_class": "low", "earthwork": "middle", "fire_class": "other", "danger": "no", "discharge": "register", "special_equipment": "no", "product": "none"}
    shown = life_events.picture(event, answers, dt.date(2026, 10, 31))
    assert shown.chosen.open_questions == ()
    assert "eia_approval" in shown.chosen.sure
    assert "energy_review" not in shown.chosen.matters
    assert {fee.matter for fee in shown.fees} >= {"land_registration", "house_registration"}
    assert [fee.fen for fee in shown.fees if fee.matter == "land_registration"] == [55_000]
    licence = next(one for one in shown.papers if one.meaning == "business_licence")
    assert licence.value("quality") == "B"
    assert "land_registration" in licence.why("quality").demanded_by
    assert shown.handed_in[0] > shown.handed_in[1]
    assert all(one.needed is True for one in shown.papers)


def test_bureau_clerks_see_their_own_drafts_and_what_is_published_and_nobody_else_sees_drafts():
    unit = unit_factory("县市监局")
    draft_factory("mine", unit)
    draft_factory("theirs", unit_factory("县公安局"))
    matter_factory("open")
    for role, place, seen in (("bureau_clerk", unit, {"mine", "open"}), ("policy_officer", unit_factory(), {"open"}), ("service_officer", None, {"mine", "theirs", "open"}), ("enterprise_agent", None, set()), ("administrator", None, set())):
        person = person_factory(role, place) if place else person_factory(role)
        assert set(queries.visible_matters(person).values_list("key", flat=True)) == seen, role


def test_a_next_draft_is_read_by_whom_it_concerns():
    row = matter_factory("one", unit_factory("县市监局"))
    row = actions.draft_matter(matter=row, version=row.version, content=content_factory(bureau=row.bureau, promised_days=1), valid_from=FIRST, by=officer())
    assert [len(queries.versions(who, row)) for who in (officer(), person_factory("leader"), person_factory("bureau_clerk"), person_factory("bureau_clerk", row.owner_unit))] == [2, 1, 1, 2]
