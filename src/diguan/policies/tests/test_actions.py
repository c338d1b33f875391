"""A match from the register and the deliveries to a run: once per state of knowledge, by whom it is allowed."""

from __future__ import annotations

import datetime as dt

import pytest

from diguan.enterprises.models import Enterprise
from diguan.kernel import jobs
from diguan.kernel.access import Forbidden
from diguan.kernel.actions import Refusal
from diguan.kernel.events import Event
from diguan.kernel.facts import deliveries
from diguan.kernel.facts.models import Batch
from diguan.kernel.facts.runs import Run
from diguan.kernel.periods import parse
from diguan.kernel.sheets.tests.ugly import HEADS, code, xlsx
from diguan.kernel.tests.factories import person_factory
from diguan.policies import actions, queries

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DIGUAN_DATA = tmp_path


@pytest.fixture
def officer():
    for number in (1, 2):
        Enterprise.objects.create(uscc=code(number), name=f"演示企业{number}", registered_region="430421", town="西渡镇")
    return person_factory("policy_officer")


def deliver(period, *amounts):
    clerk = person_factory("data_clerk")
    data = xlsx([HEADS, *([n, code(n), f"演示企业{n}", amount] for n, amount in enumerate(amounts, 1))])
    upload = deliveries.keep(f"{period}.xlsx", data, "tax_monthly", by=clerk)
    return deliveries.commit(deliveries.Request("tax_monthly", parse(period)), upload, data, by=clerk)


def test_a_match_is_one_run_with_one_event_and_its_files(officer):
    run = actions.run_match(by=officer)
    assert (run.kind, run.as_of) == ("match", dt.date(2026, 10, 31))
    assert {path.name for path in run.folder.iterdir()} >= {"match.parquet", "run.json"}
    assert Event.objects.filter(verb="match_run").count() == 1
    assert set(run.inputs["policies"]) == set(queries.library().policies)


def test_with_nothing_new_the_next_match_is_the_same_run(officer):
    first = actions.run_match(by=officer)
    assert actions.run_match(by=officer) == first
    deliver("2026-08", 1, 2)
    second = actions.run_match(by=officer)
    assert second != first
    assert Run.objects.count() == 2


def test_what_was_known_at_an_earlier_instant_gives_the_earlier_run(officer):
    first = actions.run_match(by=officer)
    batch = deliver("2026-08", 1, 2)
    assert actions.run_match(by=officer, known_at=batch.committed_at - dt.timedelta(microseconds=1)) == first


def test_a_run_whose_files_were_lost_is_written_again(officer):
    run = actions.run_match(by=officer)
    (run.folder / "run.json").unlink()
    assert actions.run_match(by=officer) == run
    assert (run.folder / "run.json").exists()


def test_before_any_delivery_a_match_into_the_past_is_refused_with_its_reason(officer):
    with pytest.raises(Refusal, match="nothing_known"):
        actions.run_match(by=officer, known_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))


def test_who_may_not_run_a_match_leaves_nothing_behind(officer):
    for person in (person_factory("leader"), person_factory("enterprise_agent", uscc=code(1)), person_factory()):
        with pytest.raises(Forbidden):
            actions.run_match(by=person)
    assert (Run.objects.count(), Batch.objects.count()) == (0, 0)


def test_in_the_background_it_is_the_same_match(officer):
    job = jobs.enqueue(actions.JOB, {"as_of": "2026-10-31"}, officer)
    jobs.run_pending()
    job.refresh_from_db()
    assert (job.state, job.result) == ("done", Run.objects.get().run_id), job.error
