"""A match from the register and the deliveries to a run: once per state of knowledge, by whom it is allowed."""

from __future__ import annotations

import datetime as dt

import pytest

from diguan.enterprises.models import Enterprise, Title, TitleKind
from diguan.kernel import jobs
from diguan.kernel.access import Forbidden
from diguan.kernel.actions import Refusal
from diguan.kernel.events import Event
from diguan.kernel.facts import actions as facts_actions
from diguan.kernel.facts import batches, deliveries
from diguan.kernel.facts.models import Batch
from diguan.kernel.facts.runs import Run
from diguan.kernel.jobs import Job
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


def test_a_match_of_an_earlier_day_does_not_displace_what_the_register_says_today(officer):
    firm = Enterprise.objects.get(uscc=code(1))
    Title.objects.create(enterprise=firm, kind=TitleKind.HIGH_TECH, name="高新技术企业", issued=dt.date(2026, 1, 1))
    today = actions.run_match(by=officer)
    earlier = actions.run_match(by=officer, as_of=dt.date(2025, 9, 30))
    assert earlier != today
    assert actions.run_match(by=officer) == today
    assert actions.run_match(by=officer, as_of=dt.date(2025, 9, 30)) == earlier
    assert [row.period for row in batches.visible_batches()] == ["2026-10-31"]


def test_a_delivery_queues_one_match_and_the_next_delivery_none_while_it_waits(officer):
    deliver("2026-08", 1, 2)
    deliver("2026-09", 1, 4)
    assert [(job.name, job.state) for job in Job.objects.all()] == [("policies.run_match", "queued")]
    assert jobs.run_pending() == 1
    assert len(Run.objects.get().inputs["data"]) == 3
    deliver("2026-07", 1, 3)
    assert Job.objects.filter(state="queued").count() == 1


def test_a_batch_taken_back_queues_a_match(officer):
    batch = deliver("2026-08", 1, 2)
    jobs.run_pending()
    facts_actions.withdraw_batch(batch=batch, by=person_factory("data_clerk"), reason="报错了月份")
    jobs.run_pending()
    newest = Run.objects.order_by("-known_at").first()
    assert [name.partition("/")[0] for name in newest.inputs["data"]] == ["registry"]


def test_a_delivery_that_fails_queues_nothing(officer):
    with pytest.raises(Refusal):
        deliver("2026-08", "十二万", 2)
    assert not Job.objects.exists()
