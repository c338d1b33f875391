"""``diguan case-measures``: what it answers, the same bytes twice, and what it refuses."""

from __future__ import annotations

import json

import pytest

from diguan.kernel.tests.factories import person_factory
from diguan.services.models import Case, LifeEventVersion
from diguan.services.tests.factories import life_event_factory, matter_factory
from diguan.site import cli

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(settings):
    settings.DIGUAN_TODAY = "2026-11-09"
    by = person_factory("service_officer")
    matter_factory("company_registration", promised_days=1)
    matter_factory("seal_record", name="公章刻制备案", promised_days=1)
    life_event_factory()
    return by


def test_it_prints_what_was_counted_and_simulated_the_same_twice(officer, capsys):
    assert cli.main(["case-measures", "--seed", "5", "--json"]) == 0
    first = capsys.readouterr().out
    assert cli.main(["case-measures", "--seed", "5", "--json"]) == 0
    assert capsys.readouterr().out == first
    told = json.loads(first)
    assert told["measured"]["case_days_cut_mean"] is None  # nothing ended: not known, which is not zero
    assert told["measured"]["cases_opened"] == Case.objects.count() == 0
    assert told["published"]["case_trips_cut"]["less_by"] == 7500
    assert [one["key"] for one in told["simulated"]["events"]] == ["start_business"]
    assert told["simulated"]["events"][0]["trial"]["before"]["p50"] > 0
    assert cli.main(["case-measures", "--seed", "6", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["simulated"]["digest"] != told["simulated"]["digest"]


def test_as_text_it_says_the_gap_and_the_seed(officer, capsys):
    assert cli.main(["case-measures", "--event", "start_business", "--period", "2026-11"]) == 0
    said = capsys.readouterr().out
    assert "平均压减审批时限 60%" in said
    assert "种子 20260101" in said
    assert "start_business (0)" in said


@pytest.mark.parametrize("words", [["--event", "no_such"], ["--bureau", "no_such"], ["--period", "2026-Q1"], ["--period", "soon"], ["--period", "all"], ["--seed", "-1"], ["--by", "nobody"]])
def test_what_is_not_there_is_refused(officer, capsys, words):
    assert cli.main(["case-measures", *words]) == 2
    assert capsys.readouterr().err
    assert LifeEventVersion.objects.count() == 1


def test_in_the_name_of_who_may_not_it_is_refused(officer, capsys):
    by = person_factory("data_clerk")
    assert cli.main(["case-measures", "--by", by.login_name]) == 2
