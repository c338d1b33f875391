"""What is lacking, who tells otherwise, what is published, and the snapshot of the night."""

from __future__ import annotations

import datetime as dt
import logging

import pytest

from diguan.enterprises.models import Enterprise
from diguan.indicators.actions import nightly
from diguan.indicators.actions.published import publish_month
from diguan.indicators.engine import tables
from diguan.indicators.models import PublishedMonth
from diguan.indicators.queries import changes, disagreements, missing, published, register, snapshots, sources
from diguan.indicators.tests.factories import firms, snapshot_factory, told
from diguan.kernel import access, jobs
from diguan.kernel.actions import Refusal
from diguan.kernel.events import Event
from diguan.kernel.facts.runs import Run
from diguan.kernel.jobs import Job
from diguan.kernel.tests.factories import person_factory, unit_factory

pytestmark = pytest.mark.django_db
SEPTEMBER = dt.date(2025, 9, 30)


def taxed(rows, amount, months=("2025-08",), whole=True):
    return told("tax.paid", {row.uscc: dict.fromkeys(months, amount) for row in rows}, whole=months if whole else ())


def staffed(rows, number, source):
    return told("jobs.headcount", {row.uscc: {"2025-08": number + at} for at, row in enumerate(rows)}, source)


# ── what is lacking ──────────────────────────────────────────────────────────
def lacking(run, code="tax.paid", last=2):
    found = snapshots.figures(person_factory("leader"), run)
    return [(item.spec.name, item.period, item.source, item.unit, item.due, item.firms, item.late) for item in missing.owed(run, found.book.newest(code), found.series(code)[-last:])]


def test_a_month_that_has_not_come_whole_is_named_with_who_owes_it_and_by_when():
    unit_factory(code="tax", name="税务样例局")
    rows = firms(4)
    taxed(rows, 100, ("2025-07",))
    taxed(rows[:3], 100, whole=False)
    run = snapshot_factory(as_of=SEPTEMBER)
    assert lacking(run, last=3) == [("tax.paid", "2025-09", "tax_bureau", "税务样例局", dt.date(2025, 10, 15), 0, True), ("tax.paid", "2025-08", "tax_bureau", "税务样例局", dt.date(2025, 9, 15), 3, True)]
    figures = snapshots.figures(person_factory("leader"), run)
    assert (figures.cell("tax.paid", "2025-08").num, figures.cell("tax.paid", "2025-08").state) == (300, tables.PARTIAL), "nothing is made up for the fourth"


def test_growth_lacks_what_its_month_and_the_one_a_year_before_lack():
    rows = firms(5)
    taxed(rows, 100, ("2024-01", "2025-01", "2025-02"))
    taxed(rows[:3], 100, ("2024-02",), whole=False)
    assert [item[1] for item in lacking(snapshot_factory(as_of=dt.date(2025, 2, 28)), "tax.growth", 1)] == ["2024-02"]


def test_the_late_delivery_turns_it_whole():
    rows = firms(4)
    taxed(rows[:3], 100, whole=False)
    assert lacking(snapshot_factory(as_of=dt.date(2025, 8, 31)), last=1)
    taxed(rows, 100)
    run = snapshot_factory(as_of=dt.date(2025, 8, 31))
    assert lacking(run, last=1) == []
    assert snapshots.figures(person_factory("leader"), run).cell("tax.paid", "2025-08").state == tables.WHOLE


# ── two sources ──────────────────────────────────────────────────────────────
def test_two_sources_stand_side_by_side_with_the_firms_that_explain_it_the_largest_first():
    rows = firms(5)
    staffed(rows, 100, "hr_bureau")
    told("jobs.headcount", {row.uscc: {"2025-08": num} for row, num in zip(rows[:4], (100, 111, 92, 103), strict=True)}, "park_office")
    run, leader = snapshot_factory(as_of=SEPTEMBER), person_factory("leader")
    (pair,) = disagreements.pairs(leader, run)
    assert (pair.period, pair.first, pair.second, pair.firms, pair.differ, pair.one, pair.other) == ("2025-08", "hr_bureau", "park_office", 4, 2, 406, 406)
    found = disagreements.explained(leader, run, pair)
    assert [(one.name, one.by) for one in found.firms] == [(rows[1].name, 10), (rows[2].name, -10)]
    assert (found.hidden, found.rest) == (0, 0)
    assert disagreements.of_indicator(leader, run, register.book().newest("jobs.headcount"), "2025-08") == [pair]
    assert disagreements.of_indicator(leader, run, register.book().newest("jobs.headcount"), "2025-07") == []
    assert disagreements.of_indicator(leader, run, register.book().newest("tax.paid"), "2025-08") == []


def test_two_firms_told_by_both_are_not_told_of():
    rows = firms(5)
    staffed(rows, 100, "hr_bureau")
    staffed(rows[:2], 140, "park_office")
    run, leader = snapshot_factory(as_of=SEPTEMBER), person_factory("leader")
    (pair,) = disagreements.pairs(leader, run)
    assert (pair.firms, pair.one, pair.other, pair.by) == (2, None, None, None)
    assert disagreements.explained(leader, run, pair).firms == ()


def test_firms_that_may_not_be_seen_are_a_number_and_a_sum(monkeypatch):

    rows = firms(5)
    staffed(rows, 100, "hr_bureau")
    staffed(rows, 110, "park_office")
    run, leader = snapshot_factory(as_of=SEPTEMBER), person_factory("leader")
    seen = sources.visible_enterprises
    monkeypatch.setattr(sources, "visible_enterprises", lambda person: seen(person).filter(pk=rows[0].pk))
    found = disagreements.explained(leader, run, disagreements.pairs(leader, run)[0])
    assert ([one.name for one in found.firms], found.hidden, found.rest) == ([rows[0].name], 4, 40)
    monkeypatch.setattr(sources, "visible_enterprises", lambda person: seen(person).exclude(pk=rows[0].pk))
    found = disagreements.explained(leader, run, disagreements.pairs(leader, run)[0])
    assert (found.hidden, found.rest) == (1, None)
    assert found.firms == (), "the others would tell the hidden one's, beside the whole"
    with pytest.raises(access.Forbidden):
        disagreements.pairs(person_factory("town_officer"), run)


def test_a_difference_of_one_firm_is_told_to_who_may_see_it_alone(monkeypatch):
    rows = firms(5)
    staffed(rows, 100, "hr_bureau")
    told("jobs.headcount", {row.uscc: {"2025-08": 137 if at == 0 else 100 + at} for at, row in enumerate(rows)}, "park_office")
    run, leader = snapshot_factory(as_of=SEPTEMBER), person_factory("leader")
    (pair,) = disagreements.pairs(leader, run)
    assert (pair.differ, pair.by) == (1, 37)
    monkeypatch.setattr(disagreements.access, "scope", lambda person, right: access.Scope.OWN)
    (pair,) = disagreements.pairs(leader, run)
    assert (pair.differ, pair.one, pair.by) == (1, None, None)


# ── two snapshots ────────────────────────────────────────────────────────────
def test_two_snapshots_name_what_figures_changed_and_what_went_in():
    rows = firms(4)
    taxed(rows, 100, ("2025-07", "2025-08"))
    old = snapshot_factory(as_of=SEPTEMBER)
    batch = taxed(rows[:1], 130, whole=False)
    Enterprise.objects.filter(pk=rows[1].pk).update(production_status="停产")
    new, leader = snapshot_factory(as_of=SEPTEMBER), person_factory("leader")
    found = {(row.one.code, row.period): row.kind for row in changes.between(leader, old, new)}
    assert found["tax.paid", "2025-08"] == changes.CHANGED
    assert ("tax.paid", "2025-07") not in found
    went = changes.inputs(leader, old, new)
    assert [(one.told.number, one.sheet, one.gone) for one in went.deliveries] == [(batch.pk, "sample", False)]
    assert (went.unseen, went.redefined, went.program, went.register) == (0, (), False, True)
    assert went.lines == {"enterprises.registered": (4, 4)}
    back = changes.inputs(leader, new, old)
    assert [one.gone for one in back.deliveries] == [True]
    assert changes.between(leader, new, new) == []


def test_who_sees_no_measure_is_not_told_that_its_figures_changed():
    from diguan.projects.tests.factories import project_factory

    firms(3)
    old = snapshot_factory(as_of=SEPTEMBER)
    project_factory(person_factory("promotion_officer"))
    new = snapshot_factory(as_of=SEPTEMBER)
    assert not {row.code for row in changes.between(person_factory("policy_officer"), old, new) if row.code.startswith("projects.")}
    for read in (changes.between, changes.inputs):
        with pytest.raises(access.Forbidden):
            read(person_factory("town_officer"), old, new)


# ── published months ─────────────────────────────────────────────────────────
def test_a_month_published_again_keeps_the_earlier_publication_and_says_why():
    rows = firms(4)
    taxed(rows, 100)
    old, leader = snapshot_factory(as_of=SEPTEMBER), person_factory("leader")
    first = publish_month(month="2025-08", run=old, by=leader, reason="前几个月没有报")
    taxed(rows[:1], 130, whole=False)
    new = snapshot_factory(as_of=SEPTEMBER)
    with pytest.raises(Refusal) as refused:
        publish_month(month="2025-08", run=new, by=leader)
    assert (refused.value.code, refused.value.field) == ("no_reason", "reason")
    second = publish_month(month="2025-08", run=new, by=leader, reason="税务更正一户")
    assert published.versions("2025-08") == [second, first]
    assert published.latest("2025-08") == second
    assert (second.number, second.reason, second.created_by) == (2, "税务更正一户", leader)
    assert published.held_against(new) == first
    assert published.held_against(old) is None
    event = Event.objects.filter(verb="month_published").order_by("at").last()
    assert (event.before, event.after["number"], event.reason) == ({"run": old.run_id}, 2, "税务更正一户")
    for run in (old, new):
        with pytest.raises(Refusal) as refused:
            publish_month(month="2025-08", run=run, by=leader, reason="再来")
        assert refused.value.code == "not_newer"


@pytest.mark.parametrize("reason", ["", " ", "\u3000\u200b\u2060"])
def test_a_month_of_figures_told_in_part_is_published_with_a_reason_alone(reason):
    taxed(firms(4)[:3], 100, whole=False)
    run, leader = snapshot_factory(as_of=SEPTEMBER), person_factory("leader")
    with pytest.raises(Refusal) as refused:
        publish_month(month="2025-08", run=run, by=leader, reason=reason)
    assert (refused.value.code, refused.value.field) == ("partial", "reason")
    assert "入库税收" in refused.value.reasons[0].zh
    assert publish_month(month="2025-08", run=run, by=leader, reason="三户先报，余下一户停产").reason == "三户先报，余下一户停产"


@pytest.mark.parametrize(("month", "code"), [("2025-09", "not_ended"), ("2025-Q3", "no_month"), ("八月", "no_month"), (" 2025-07", "no_month")])
def test_what_is_no_month_or_has_not_ended_is_not_published(month, code):
    run = snapshot_factory(as_of=dt.date(2025, 9, 29))
    with pytest.raises(Refusal) as refused:
        publish_month(month=month, run=run, by=person_factory("leader"))
    assert refused.value.code == code
    assert not PublishedMonth.objects.exists()


@pytest.mark.parametrize("month", ["1900-01", "2021-03"])
def test_a_month_that_a_snapshot_tells_nothing_of_is_not_published(month):
    taxed(firms(4), 100)
    with pytest.raises(Refusal) as refused:
        publish_month(month=month, run=snapshot_factory(as_of=SEPTEMBER), by=person_factory("leader"), reason="补发")
    assert (refused.value.code, PublishedMonth.objects.count()) == ("nothing_told", 0)


def test_lines_alone_are_no_snapshot_and_a_damaged_one_is_not_published():
    run = snapshot_factory(as_of=SEPTEMBER)
    lines = Run.objects.get(kind="snapshot_rows")
    (run.folder / "snapshot.parquet").write_bytes(b"")
    for each in (lines, run):
        with pytest.raises(Refusal) as refused:
            publish_month(month="2025-08", run=each, by=person_factory("leader"), reason="前几个月没有报")
        assert refused.value.code == "no_snapshot"


@pytest.mark.parametrize("role", ["policy_officer", "data_clerk", "chain_officer", "town_officer", "enterprise_agent"])
def test_nobody_without_the_right_publishes(role):
    run = snapshot_factory(as_of=SEPTEMBER)
    with pytest.raises(access.Forbidden):
        publish_month(month="2025-08", run=run, by=person_factory(role))


# ── the snapshot of the night ────────────────────────────────────────────────
@pytest.fixture
def yesterday():
    """A snapshot of yesterday, its clerk in post."""
    run = snapshot_factory()
    Run.objects.update(created_at=run.created_at - dt.timedelta(days=1))
    Event.objects.exclude(verb__in=nightly.OWN)._raw_delete("default")  # the trail of this test's own making
    return run


def test_the_night_takes_one_snapshot_where_anything_is_new_and_no_second(yesterday):
    assert nightly.snapshot_due() == 0
    taxed(Enterprise.objects.all(), 100)
    assert [nightly.snapshot_due(), nightly.snapshot_due()] == [1, 0]
    assert jobs.run_pending() >= 1  # a match follows the delivery
    assert nightly.snapshot_due() == 0
    assert Job.objects.get(name=nightly.JOB).state == "done"
    assert snapshots.current() != yesterday


def test_the_first_snapshot_is_taken_by_a_person():
    firms(3)
    taxed(Enterprise.objects.all(), 100)
    assert nightly.snapshot_due() == 0


def test_a_month_that_has_ended_is_new(yesterday, settings):
    settings.DIGUAN_TODAY = (yesterday.as_of + dt.timedelta(days=31)).isoformat()
    assert nightly.snapshot_due() == 1


def test_a_night_that_fails_says_so_and_is_not_tried_all_day(yesterday, monkeypatch, caplog):
    taxed(Enterprise.objects.all(), 100)

    def refuse(**_more):
        raise Refusal("no_indicators", [])

    monkeypatch.setattr(nightly, "take_snapshot", refuse)
    assert nightly.snapshot_due() == 1
    with caplog.at_level(logging.ERROR, "diguan.indicators"):
        jobs.run_pending()
    assert "the snapshot of the night failed" in caplog.text
    assert (Job.objects.get(name=nightly.JOB).state, nightly.snapshot_due()) == ("failed", 0)


def test_where_nobody_may_take_one_the_log_says_so(yesterday, caplog):
    from diguan.kernel.access.models import Post

    taxed(Enterprise.objects.all(), 100)
    Post.objects.update(role="leader")
    with caplog.at_level(logging.ERROR, "diguan.indicators"):
        assert nightly.snapshot_due() == 0
    assert "is not taken" in caplog.text
