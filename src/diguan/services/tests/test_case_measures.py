"""Measures of cases: days and trips from what was done, both ways of reducing, what is missing, whose rows; checked against figures worked out by hand."""

from __future__ import annotations

import pytest

from diguan.kernel import access
from diguan.kernel.measures import MEASURES, behind, value
from diguan.kernel.packs import PackError
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.services.actions import cases as actions
from diguan.services.engine.caseflow import DELIVER
from diguan.services.models import Case
from diguan.services.queries import case_groups, case_measures, published
from diguan.services.queries.case_measures import NAMES, Choice
from diguan.services.tests.test_cases import accepted, done, opened, papers, task, who

__all__ = ["who"]
pytestmark = pytest.mark.django_db


def carried_out(who, settings, opened_on="2026-11-09", accepted_on="2026-11-10", ended_on="2026-11-16", *, visits=0, correction=None, rating=None, online=True):
    """One case from its day to its end; ``correction`` is the day on which what was asked for came."""
    settings.DIGUAN_TODAY = opened_on
    case = opened(who, *(["layout"] if correction else []), online=online)
    if correction:
        row = task(case, "case_accepted")
        actions.ask_correction(task=row, version=row.version, items=["layout"], reason="请补厂房租赁合同", by=who.officer)
        settings.DIGUAN_TODAY = correction
        actions.supplement(case=case, papers={"layout": papers()["layout"]}, by=who.agent)
    settings.DIGUAN_TODAY = accepted_on
    accepted(who, case)
    for _visit in range(visits):
        actions.note_touch(case=case, kind="visit", what="到窗口核验原件", by=who.officer)
    for key, by in (("filing", who.reform), ("power", who.power)):
        done(case, key, by)
    settings.DIGUAN_TODAY = ended_on
    for key, by in (("fire", who.housing), ("planning", who.land)):
        done(case, key, by)
    last = task(case, DELIVER)
    actions.deliver(task=last, version=last.version, by=who.officer)
    case = Case.objects.get(pk=case.pk)
    if rating:
        actions.rate_case(case=case, stars=rating, by=who.agent)
    return case


@pytest.fixture
def done_cases(who, settings):
    """Three that ended (5 days and no trip; 7 days, 3 of them the applicant's, and 2 trips; 10 days and 1 trip without a figure before), one under way."""
    first = carried_out(who, settings, rating=5)
    second = carried_out(who, settings, ended_on="2026-11-18", accepted_on="2026-11-12", correction="2026-11-12", visits=2, rating=4)
    third = carried_out(who, settings, ended_on="2026-11-23", visits=0, online=False)
    Case.objects.filter(pk=third.pk).update(days_before=0, trips_before=0)
    settings.DIGUAN_TODAY = "2026-11-24"
    fourth = opened(who)
    return first, second, third, fourth


def figure(person, name, choice=None):
    return value(NAMES[name], person, case_measures.book(person, choice)).num


def test_days_and_trips_are_counted_from_what_was_done(who, done_cases):
    by = {one.pk: one for one in case_measures.book(who.officer).told}
    first, second, third, fourth = (by[case.pk] for case in done_cases)
    assert [(one.days, one.own_days, one.trips) for one in (first, second, third)] == [(5, 5, 0), (7, 4, 2), (10, 10, 1)]
    assert (first.days_before, first.trips_before) == (50, 9)
    assert (third.days_before, third.trips_before) == (None, None)
    assert (fourth.ended, fourth.over, fourth.days) == (None, False, 0)
    assert (second.corrected, first.corrected, third.online, first.online) == (True, False, False, True)
    assert first.desk == (1, 0)


def test_both_ways_of_reducing_leave_out_what_has_no_figure_before_and_count_it(who, done_cases):
    # 5 of 50 and 7 of 50 days; 0 of 9 and 2 of 9 trips: the third has no figure before
    assert (figure(who.officer, "case_days_cut_mean"), figure(who.officer, "case_days_cut_sum")) == (8800, 8800)
    assert (figure(who.officer, "case_own_days_cut_mean"), figure(who.officer, "case_own_days_cut_sum")) == (9100, 9100)
    assert (figure(who.officer, "case_trips_cut_mean"), figure(who.officer, "case_trips_cut_sum")) == (8889, 8889)
    assert (figure(who.officer, "case_days_missing"), figure(who.officer, "case_trips_missing")) == (1, 1)
    Case.objects.filter(pk=done_cases[0].pk).update(days_before=6)  # 1/6 and 43/50: the mean of ratios and the ratio of sums part
    assert (figure(who.officer, "case_days_cut_mean"), figure(who.officer, "case_days_cut_sum")) == (5133, 7857)


def test_every_other_figure(who, done_cases):
    told = {name: figure(who.officer, name) for name in NAMES}
    assert told | {"cases_opened": 4, "cases_open": 1, "cases_ended": 3, "case_corrections": 1, "case_online_share": 7500, "case_rating": 450, "case_days": 7, "case_own_days": 5, "case_trips": 3} == told


def test_a_step_that_ran_past_its_term_makes_its_case_late(who, done_cases, settings):
    # housing promised five working days: of the third it was accepted on 10 November and done on 23 November
    assert [one.late for one in sorted(case_measures.book(who.officer).told, key=lambda one: one.pk)] == [False, False, True, False]
    settings.DIGUAN_TODAY = "2026-12-02"  # five working days of acceptance are over
    assert figure(who.officer, "cases_late") == 2


def test_no_case_is_no_zero(who):
    for name in ("case_days_cut_mean", "case_days_cut_sum", "case_trips_cut_mean", "case_days", "case_trips", "case_rating", "case_online_share"):
        assert figure(who.officer, name) is None
    assert figure(who.officer, "cases_opened") == 0


@pytest.mark.parametrize(("name", "count"), [("case_days_cut_mean", 2), ("case_trips_cut_sum", 2), ("case_days_missing", 1), ("cases_open", 1), ("case_rating", 2), ("case_online_share", 3), ("case_trips", 2), ("cases_late", 1)])
def test_every_number_opens_its_rows(who, done_cases, name, count):
    assert len(behind(NAMES[name], who.officer, case_measures.book(who.officer))) == count


def test_every_measure_is_declared_with_its_rows():
    declared = {name for name, found in MEASURES.items() if found.read.__module__ == case_measures.__name__}
    assert set(NAMES.values()) == declared
    assert all(MEASURES[name].rows for name in declared)


def test_a_bureau_counts_its_own_cases_an_agent_and_a_stranger_none(who, done_cases, settings):
    assert figure(who.power, "cases_opened") == 4
    stranger = person_factory("bureau_clerk", unit_factory("县林业局"))
    assert figure(stranger, "cases_opened") == 0
    with pytest.raises(access.Forbidden):
        case_measures.book(person_factory("data_clerk"))
    told = case_measures.book(who.officer)
    assert behind(NAMES["cases_opened"], stranger, told) == []  # rights are asked again of the rows
    with pytest.raises(access.Forbidden):
        value(NAMES["cases_opened"], person_factory("data_clerk"), told)


def test_choices_and_groups(who, done_cases):
    told = case_measures.book(who.officer)
    assert len(told.within(Choice(event="factory", period="2026")).told) == 4
    assert len(told.within(Choice(period="2026-12")).told) == 0
    power = str(who.offices["power"].pk)
    assert len(told.within(Choice(bureau=power)).told) == 4
    by_bureau = case_groups.groups(told, case_groups.BUREAU, Choice())
    assert {group.title["zh"]: len(group.book.told) for group in by_bureau} == {"县发改局": 4, "县自然资源局": 4, "县住建局": 4, "供电公司": 4}
    assert [group.key for group in case_groups.groups(told, case_groups.BUREAU, Choice(bureau=power))] == [power]
    assert [(group.key, group.ended) for group in case_groups.groups(told, case_groups.MONTH, Choice())] == [("2026-11", 3)]


def told_group(months):
    """Bare cases, so many in each month."""
    import datetime as dt

    from diguan.services.queries.case_counts import Told

    rows = [Told(number, str(number), "e", {"zh": "e"}, "", day, day, True, 1, 1, 0, 2, 2, False, False, True, None, frozenset(), 1, (), (0, 0), False)
            for month, count in months.items() for number in range(count) for day in [dt.date.fromisoformat(f"{month}-02")]]
    return case_measures.Book(tuple(rows), dt.date(2026, 11, 1), None)


def test_in_public_few_cases_are_hidden_and_never_one_group_alone():
    shown = case_groups.groups(told_group({"2026-01": 9, "2026-02": 4, "2026-03": 6}), case_groups.MONTH, Choice(), public=True)
    assert {group.key: group.hidden for group in shown} == {"2026-01": False, "2026-02": True, "2026-03": True}
    shown = case_groups.groups(told_group({"2026-01": 9, "2026-02": 4, "2026-03": 1}), case_groups.MONTH, Choice(), public=True)
    assert [group.key for group in shown if group.hidden] == ["2026-03", "2026-02"]
    assert not any(group.hidden for group in case_groups.groups(told_group({"2026-02": 1}), case_groups.MONTH, Choice()))


def test_the_published_figures_are_dated_data_and_the_gap_is_to_them():
    found = published.known()
    assert {name: (one.less_by, one.as_of.isoformat()) for name, one in found.items()} == {"case_days_cut": (60, "2025-09-30"), "case_trips_cut": (75, "2025-09-30")}
    assert found["case_days_cut"].gap(8800) == -2800
    assert found["case_trips_cut"].gap(7000) == 500
    assert found["case_trips_cut"].gap(None) is None


@pytest.mark.parametrize("wrong", ["less_by: 0", "less_by: true", "as_of: soon", "id: other", "leaves_open: x", "sayd: x", "source: ''"])
def test_a_published_figure_that_cannot_be_used_is_refused_with_its_line(tmp_path, monkeypatch, wrong):
    right = {"id": "case_days_cut", "less_by": "60", "said": "x", "as_of": "2025-09-30", "source": "y", "leaves_open": "{zh: a, en: b}"}
    name, _colon, said = wrong.partition(": ")
    lines = [f"{'- ' if at == 0 else '  '}{key}: {text}" for at, (key, text) in enumerate({**right, name: said}.items())]
    (tmp_path / "published.yaml").write_text("\n".join(lines), "utf-8")
    monkeypatch.setenv("DIGUAN_PACKS", f"base,{tmp_path}")
    with pytest.raises(PackError, match=r"published\.yaml:1"):
        published.known()
