"""A proposal from note to what is real: three people, a proof, a day in working days, one notice when it has passed."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from diguan.kernel.access import Forbidden
from diguan.kernel.events import Event
from diguan.kernel.notices.models import Notice
from diguan.kernel.tests.factories import person_factory
from diguan.services.actions import proposals as actions
from diguan.services.models import Proposal
from diguan.services.queries import proposals
from diguan.services.tests.test_cases import refused, who
from diguan.services.tests.walking import accepted, begun, closed, next_version, noted, proposed

__all__ = ["who"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def head(who):
    return person_factory("bureau_head", who.offices["land"])


def done(row, by, **proof):
    return actions.finish_proposal(proposal=row, version=row.version, changed="合并了两处要求", by=by, **proof)


def test_a_note_becomes_a_better_version_that_a_third_person_finds_real(who, head):
    row = proposed(who, head)
    assert (row.day, row.due, row.state, row.owner) == (dt.date(2026, 11, 9), dt.date(2026, 11, 16), "open", None)
    assert list(Notice.objects.filter(kind=actions.MADE).values_list("person", flat=True)) == [who.housing.pk]
    accepted(row, who.housing)
    assert (row.state, row.owner) == ("accepted", who.housing)
    assert Notice.objects.filter(kind=actions.MADE, ended_at__isnull=True).count() == 0
    better = next_version("fire", who, who.housing, promised_days=2, requirements=[{"meaning": "company_name", "quality": "D"}], steps=["受理", "审查", "决定"])
    done(row, who.housing, matter=better)
    before, after = proposals.sides(row.note)
    assert before is not None
    assert after is not None
    assert ((before.number, before.promised, before.fields, before.papers, before.steps), (after.number, after.promised, after.fields, after.papers, after.steps)) == ((1, 5, 2, 0, None), (2, 2, 1, 0, 3))
    refused("own_work", lambda: actions.verify_proposal(proposal=row, version=row.version, by=_also(who.housing)))
    actions.verify_proposal(proposal=row, version=row.version, by=who.officer)
    assert (row.state, row.verified_by) == ("verified", who.officer)


def _also(person):
    """The same person with a second post that may verify."""
    from diguan.kernel.tests.factories import post_factory

    post_factory(person, "service_officer")
    return person


def test_who_proposed_it_does_not_find_it_real(who):
    boss = person_factory("leader")
    row = proposed(who, boss)
    accepted(row, who.housing)
    done(row, who.housing, matter=next_version("fire", who, who.housing, promised_days=2))
    refused("own_work", lambda: actions.verify_proposal(proposal=row, version=row.version, by=boss))
    refused("own_work", lambda: actions.return_proposal(proposal=row, version=row.version, reason="没改", by=boss))
    assert (list(proposals.to_verify(boss)), list(proposals.to_verify(who.officer))) == ([], [row])
    for same in (boss, who.housing):
        with pytest.raises(IntegrityError), transaction.atomic():
            Proposal.objects.filter(pk=row.pk).update(state="verified", verified_by=same, verified_day=row.day)


def test_done_needs_a_proof_that_came_later(who, head):
    row = accepted(proposed(who, head), who.housing)
    refused("no_proof", lambda: done(row, who.housing))
    refused("not_later", lambda: done(row, who.housing, matter=row.note.matter))
    refused("not_later", lambda: done(row, who.housing, matter=next_version("power", who, who.power, promised_days=1)))
    refused("not_later", lambda: done(row, who.housing, life_event=row.note.step.walk.life_event))
    refused("not_later", lambda: done(row, who.housing, walk=row.note.step.walk))
    again = begun(person_factory("bureau_head", who.offices["housing"]))
    refused("not_later", lambda: done(row, who.housing, walk=again))  # not closed
    closed(again, again.created_by)
    assert done(row, who.housing, walk=again).after_walk == again


def test_what_is_not_in_force_yet_is_not_real(who, head, settings):
    row = accepted(proposed(who, head), who.housing)
    done(row, who.housing, matter=next_version("fire", who, who.housing, first=dt.date(2026, 12, 1), promised_days=2))
    refused("not_in_force", lambda: actions.verify_proposal(proposal=row, version=row.version, by=who.officer))
    settings.DIGUAN_TODAY = "2026-12-01"
    assert actions.verify_proposal(proposal=row, version=row.version, by=who.officer).state == "verified"


def test_what_does_not_hold_goes_back_with_its_reason(who, head):
    row = accepted(proposed(who, head), who.housing)
    done(row, who.housing, matter=next_version("fire", who, who.housing, promised_days=2))
    assert refused("invalid", lambda: actions.return_proposal(proposal=row, version=row.version, reason="", by=who.officer)).field == "reason"
    actions.return_proposal(proposal=row, version=row.version, reason="平面图还是要两次", by=who.officer)
    assert (row.state, row.reason, row.done_by, row.after_matter) == ("accepted", "平面图还是要两次", None, None)


def test_a_refusal_has_a_reason_and_is_the_end(who, head):
    row = proposed(who, head)
    assert refused("invalid", lambda: actions.refuse_proposal(proposal=row, version=row.version, reason=" ", by=who.housing)).field == "reason"
    actions.refuse_proposal(proposal=row, version=row.version, reason="消防规范要两份", by=who.housing)
    refused("no_way", lambda: accepted(row, who.housing))
    refused("no_way", lambda: actions.verify_proposal(proposal=row, version=row.version, by=who.officer))
    assert list(proposals.to_fix(who.housing)) == []


def test_two_at_once_the_second_is_told(who, head):
    row = proposed(who, head)
    stale = Proposal.objects.get(pk=row.pk)
    accepted(row, who.housing)
    stale.state = "open"
    refused("changed_meanwhile", lambda: accepted(stale, who.housing))


def test_an_overdue_proposal_is_told_once(who, head, settings):
    row, quick = proposed(who, head), proposed(who, head, days=1)
    actions.refuse_proposal(proposal=quick, version=quick.version, reason="办不了", by=who.housing)
    settings.DIGUAN_TODAY = "2026-11-16"
    assert actions.tell_overdue() == 0  # the day itself is not late
    settings.DIGUAN_TODAY = "2026-11-17"
    assert list(proposals.overdue(Proposal.objects.all())) == [row]
    assert (actions.tell_overdue(), actions.tell_overdue()) == (1, 0)
    assert [notice.person for notice in Notice.objects.filter(kind=actions.LATE)] == [who.housing]
    row.refresh_from_db()
    accepted(row, who.housing)
    settings.DIGUAN_TODAY = "2026-11-30"
    assert actions.tell_overdue() == 0
    done(row, who.housing, matter=next_version("fire", who, who.housing, promised_days=2))
    assert Notice.objects.filter(kind=actions.LATE, ended_at__isnull=True).count() == 0
    assert list(proposals.overdue(Proposal.objects.all())) == []


def test_one_that_cannot_be_told_does_not_keep_the_others_from_it(who, head, settings, monkeypatch, caplog):
    first, second = proposed(who, head), proposed(who, head)
    settings.DIGUAN_TODAY = "2026-11-30"
    tell = actions._tell
    monkeypatch.setattr(actions, "_tell", lambda kind, row, *rest: 1 / 0 if row.pk == first.pk else tell(kind, row, *rest))
    assert actions.tell_overdue() == 1
    assert list(Proposal.objects.exclude(told=None)) == [second]
    assert "could not be told" in caplog.text


def test_bad_proposals_are_refused_by_name(who, head):
    walk = begun(head)
    note = noted(walk, head)

    def ask(**more):
        return actions.propose(**{"walk": walk, "note": note, "what": "平面图只收一次", "unit": who.offices["housing"], "days": 5, "by": head, **more})
    refused("not_closed", ask)
    closed(walk, head)
    other = begun(head)
    refused("not_of_this", lambda: ask(note=noted(other, head)))
    for field, more in (("days", {"days": 0}), ("days", {"days": 251}), ("what", {"what": "改"}), ("unit", {"unit": who.offices["land"].parent}), ("owner", {"owner": who.power})):
        assert refused({"unit": "no_unit", "owner": "no_owner"}.get(field, "invalid"), lambda more=more: ask(**more)).field == field
    assert Proposal.objects.count() == 0
    ask(owner=who.housing)
    refused("proposed", ask)


def test_only_those_concerned_act_and_see(who, head):
    row = proposed(who, head)
    for person in (who.land, head, who.officer, who.agent, person_factory("leader"), person_factory("finance_officer")):
        for act in (lambda person=person: accepted(row, person), lambda person=person: actions.refuse_proposal(proposal=row, version=row.version, reason="不改", by=person),
                    lambda person=person: done(row, person)):
            with pytest.raises(Forbidden):
                act()
    for person in (who.housing, head, who.land, who.agent):
        with pytest.raises(Forbidden):
            actions.verify_proposal(proposal=row, version=row.version, by=person)
    with pytest.raises(Forbidden):
        actions.propose(walk=row.note.step.walk, note=row.note, what="别人也来提", unit=who.offices["housing"], days=5, by=person_factory("bureau_head", who.offices["land"]))
    assert [proposals.find(person, row.pk) is not None for person in (who.housing, head, who.land, who.officer, who.power, who.reform, who.agent)] == [True, True, True, True, False, False, False]


def test_two_ticks_at_once_tell_it_once(who, head, settings):
    row = proposed(who, head)
    stale = Proposal.objects.get(pk=row.pk)  # as the second tick read it, before the first wrote
    settings.DIGUAN_TODAY = "2026-11-30"
    actions.urge_proposal(proposal=row, by=who.officer)
    assert actions._told(stale, who.officer) == 0
    assert Notice.objects.filter(kind=actions.LATE).count() == 1
    assert Event.objects.filter(verb="proposal_urged").count() == 1
