"""The bench from a log to the next version of a life event: read, judged, reviewed, planned, published; and what must not be."""

from __future__ import annotations

import datetime as dt
import gzip
import random

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from diguan.kernel.actions import Refusal
from diguan.kernel.refusals import Forbidden
from diguan.kernel.tests.factories import person_factory
from diguan.services.actions import bench as actions
from diguan.services.models import LifeEvent, LifeEventVersion, Study
from diguan.services.queries import bench
from diguan.services.queries import life_events as events
from diguan.services.tests.factories import life_event_factory, matter_factory

pytestmark = pytest.mark.django_db

NAMES = ["受理", "企业登记", "公章刻制", "社保开户", "办结"]


def sheet(cases: int = 40, seed: int = 1) -> bytes:
    """A log in which everything was done one after the other, but for the seal and the account, which come in either order in a tenth."""
    chance, lines = random.Random(seed), ["案件编号,环节,开始时间,完成时间,办理人,部门"]
    for case in range(cases):
        at = dt.datetime(2025, 3, 3, 9) + dt.timedelta(days=7 * (case % 40))
        names = list(NAMES)
        if case % 10 == 0:
            names[2], names[3] = names[3], names[2]
        for name in names:
            start = at + dt.timedelta(hours=chance.randrange(1, 3))
            at = start + dt.timedelta(minutes=chance.randrange(10, 50))
            lines.append(f"C{case:03},{name},{start:%Y-%m-%d %H:%M},{at:%Y-%m-%d %H:%M},{name}员{case % 2},{name}科")
    return "\n".join(lines).encode()


@pytest.fixture
def officer():
    return person_factory("service_officer")


@pytest.fixture
def event():
    matter_factory("company_registration", name="企业登记")
    matter_factory("seal_record", name="公章刻制")
    life_event_factory("starting", "company_registration", "seal_record")
    return LifeEvent.objects.get(key="starting")


@pytest.fixture
def study(officer, event):
    return actions.open_study(title="2025 年开办企业", file_name="办件.csv", content=sheet(), life_event=event, by=officer)


def judged(study: Study, officer, *binding: tuple[str, str]) -> Study:
    """Everything is habit but these."""
    for before, after in binding:
        row = study.edges.filter(before=before, after=after).first()
        study = actions.judge(study=study, version=study.version, said={row.pk: ("legal", "登记条例第九条")}, by=officer)
    return actions.free_habits(study=study, version=study.version, reason="逐个单位问过", by=officer)


def reviewed(study: Study, other) -> Study:
    numbers = list(study.edges.exclude(kind__in=("", "habit")).values_list("pk", flat=True))
    return actions.review(study=study, version=study.version, numbers=numbers, by=other)


def test_a_log_becomes_a_study_with_its_strict_orders(study):
    assert (study.cases, study.events, study.support) == (40, 200, 3)
    assert study.names == {"企业登记": "company_registration", "公章刻制": "seal_record"}
    pairs = {(row.before, row.after) for row in study.edges.all()}
    assert ("受理", "企业登记") in pairs
    assert ("公章刻制", "社保开户") not in pairs


def test_a_packed_log_is_read_as_well(officer):
    row = actions.open_study(title="压缩", file_name="log.csv.gz", content=gzip.compress(sheet(10)), by=officer)
    assert row.cases == 10


@pytest.mark.parametrize(("content", "word"), [(b"", "空"), (b"PK\x03\x04....", "工作簿"), ("案件编号,环节,时间\n1,受理,".encode(), "可用|种环节"), ("甲,乙\n1,2".encode(), "表头"),
                                               (b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "b">]><log>&a;</log>', "实体|类型")])
def test_what_is_no_log_is_refused_and_nothing_is_kept(officer, content, word):
    with pytest.raises(Refusal, match=word) as refused:
        actions.open_study(title="不是日志", file_name="x", content=content, by=officer)
    assert refused.value.field == "file"
    assert not Study.objects.exists()


def test_hours_that_overlap_are_refused(officer):
    with pytest.raises(Refusal) as refused:
        actions.open_study(title="钟点", file_name="a.csv", content=sheet(5), hours="09:00-12:00,11:00-15:00", by=officer)
    assert refused.value.field == "hours"


def test_what_a_habit_kept_in_order_by_the_way_comes_to_light(study, officer):
    first = study.edges.get(before="受理", after="企业登记")
    assert not study.edges.filter(before="受理", after="公章刻制").exists()
    study = actions.judge(study=study, version=study.version, said={first.pk: ("habit", "")}, by=officer)
    assert study.edges.filter(before="受理", after="公章刻制", kind="").exists()
    assert ("受理", "公章刻制") in bench.redesign(study).kept  # not judged: it stays


def test_an_order_that_binds_needs_evidence(study, officer):
    row = study.edges.get(before="受理", after="企业登记")
    with pytest.raises(Refusal, match="依据"):
        actions.judge(study=study, version=study.version, said={row.pk: ("legal", " ")}, by=officer)
    assert study.edges.get(pk=row.pk).kind == ""


def test_two_people_at_once_the_second_is_told(study, officer):
    row = study.edges.first()
    actions.judge(study=study, version=study.version, said={row.pk: ("habit", "")}, by=officer)
    with pytest.raises(Refusal) as refused:
        actions.judge(study=study, version=study.version, said={row.pk: ("legal", "第一条")}, by=officer)
    assert refused.value.code == "conflict"
    assert study.edges.get(pk=row.pk).kind == "habit"


def test_an_order_against_another_is_a_circle(study, officer):
    row = study.edges.get(before="受理", after="企业登记")
    study = actions.judge(study=study, version=study.version, said={row.pk: ("legal", "第一条")}, by=officer)
    with pytest.raises(Refusal, match="圈"):
        actions.add_order(study=study, version=study.version, before="企业登记", after="受理", kind="data", evidence="反了", by=officer)
    assert not study.edges.filter(before="企业登记", after="受理").exists()


def test_free_habits_leaves_what_binds_and_the_plan_gets_shorter(study, officer):
    before = bench.redesign(study).schedule.slots
    study = judged(study, officer, ("受理", "企业登记"))
    found = bench.redesign(study)
    assert set(found.kept) == {("企业登记", "公章刻制"), ("受理", "企业登记")}
    assert found.schedule.proven
    assert found.schedule.slots < before
    assert not study.edges.filter(kind="").exists()
    assert found.replay.reduction.ratio_of_sums > 0
    assert found.simulation.digest == bench.redesign(Study.objects.get(pk=study.pk)).simulation.digest


def test_who_judged_does_not_review_and_who_opened_does_not_publish(study, officer):
    study = judged(study, officer, ("受理", "企业登记"))
    numbers = list(study.edges.exclude(kind="habit").values_list("pk", flat=True))
    with pytest.raises(Refusal, match="两个人"):
        actions.review(study=study, version=study.version, numbers=numbers, by=officer)
    with pytest.raises(Refusal, match="复核"):
        actions.publish_study(study=study, version=study.version, valid_from=dt.date(2026, 12, 1), by=person_factory("service_officer"))
    other = person_factory("service_officer")
    study = actions.review(study=study, version=study.version, numbers=numbers, by=other)
    with pytest.raises(Refusal) as refused:
        actions.publish_study(study=study, version=study.version, valid_from=dt.date(2026, 12, 1), by=officer)
    assert refused.value.code == "own"


def test_a_study_is_published_as_the_next_version_with_measured_days(study, officer):
    other = person_factory("service_officer")
    _text, told = bench.rewritten(reviewed(judged(study, officer, ("受理", "企业登记")), other), dt.date(2026, 12, 1))
    assert "受理 → 企业登记" in told[-1].zh  # it binds, and acceptance is no matter: said, not lost
    study = Study.objects.get(pk=study.pk)
    old = LifeEventVersion.objects.get(life_event__key="starting")
    study = actions.publish_study(study=study, version=study.version, valid_from=dt.date(2026, 12, 1), by=other)
    with pytest.raises(Refusal, match="没有不同"):
        actions.publish_study(study=study, version=study.version, valid_from=dt.date(2026, 12, 2), by=other)
    made = study.published
    assert made.number == old.number + 1
    assert str(study.pk) in made.origin
    document = events.document(made)
    assert {part.matter: part.before.days for part in document.parts} == {"company_registration": 1, "seal_record": 1}
    assert study.proof["digest"]
    assert study.proof["simulation"] == bench.redesign(study).simulation.digest


def test_a_matter_that_falls_away_leaves_the_event_and_passes_its_order_on(study, officer):
    study = reviewed(judged(study, officer), person_factory("service_officer"))
    study = actions.assume(study=study, version=study.version, staff={}, wait_left=50, share=20, dropped=["公章刻制"], seed=7, names=study.names, by=officer)
    study = actions.publish_study(study=study, version=study.version, valid_from=dt.date(2026, 12, 1), by=person_factory("service_officer"))
    assert events.document(study.published).keys == ("company_registration",)


def test_nobody_else_sees_or_runs_a_study(study):
    for role in ("agent", "policy_officer"):
        person = person_factory("enterprise_agent" if role == "agent" else role)
        assert bench.find(person, study.pk) is None if role != "policy_officer" else True
        with pytest.raises(Forbidden):
            actions.free_habits(study=study, version=study.version, reason="没有权", by=person)
        client = Client()
        client.force_login(person)
        for tail in ("", "orders/", "plan/", "outcome/", "cases/", "case/?id=C000", "flow.bpmn", "log.xes"):
            assert client.get(f"/services/bench/{study.pk}/{tail}").status_code in (403, 404)


def test_every_page_of_a_study_is_shown_and_its_figures_open_their_rows(study, officer):
    client = Client()
    client.force_login(officer)
    base = f"/services/bench/{study.pk}/"
    for tail in ("", "?limit=1", "orders/", "plan/", "outcome/", "cases/", "cases/?late=1", "cases/?variant=1", "cases/?slower=1", "cases/?rework=受理", "case/?id=C000"):
        answer = client.get(base + tail)
        assert answer.status_code == 200, tail
        assert "员0" not in answer.content.decode(), "officers are not named"
    assert "4" in client.get(base + "cases/?variant=1").content.decode()
    assert client.get(base + "case/?id=nobody").status_code == 404
    assert client.get(base + "flow.bpmn").content.startswith(b"<?xml")
    again = actions.open_study(title="回读", file_name="again.xes", content=b"".join(client.get(base + "log.xes").streaming_content), by=officer)
    assert bench.analysis(again).log.same(bench.analysis(study).log)


def test_a_log_is_brought_by_the_page(officer, event):
    client = Client()
    client.force_login(officer)
    answer = client.post("/services/bench/new/", {"title": "页面导入", "file": SimpleUploadedFile("a.csv", sheet(20)), "life_event": "starting", "hours": bench.OFFICE_HOURS, "support": ""})
    assert answer.status_code == 302
    assert Study.objects.get().life_event == event
    answer = client.post("/services/bench/new/", {"title": "坏的", "file": SimpleUploadedFile("a.csv", b"x,y\n1,2"), "hours": ""})
    assert answer.status_code == 422
    assert "表头里没有" in answer.content.decode()


def test_deeds_on_the_page(study, officer):
    client = Client()
    client.force_login(officer)
    row = study.edges.first()
    base = f"/services/bench/{study.pk}/orders/"
    assert client.post(base + "judge/", {"version": study.version, f"kind-{row.pk}": "legal", f"evidence-{row.pk}": ""}).status_code == 409
    assert client.post(base + "judge/", {"version": study.version, f"kind-{row.pk}": "legal", f"evidence-{row.pk}": "第九条"}).status_code == 302
    study.refresh_from_db()
    assert client.post(base + "free/", {"version": study.version, "reason": "逐个问过"}).status_code == 302
    study.refresh_from_db()
    answer = client.post(f"/services/bench/{study.pk}/plan/assume/", {"version": study.version, "wait_left": "200", "share": "20", "seed": "1", **{f"staff_{at}": "2" for at in range(5)}})
    assert answer.status_code == 422
    answer = client.post(f"/services/bench/{study.pk}/plan/assume/", {"version": study.version, "wait_left": "50", "share": "20", "seed": "1", **{f"staff_{at}": "2" for at in range(5)}})
    assert answer.status_code == 302
    study.refresh_from_db()
    assert study.assumed["wait_left"] == 50


def test_what_was_typed_of_an_order_stays_when_it_is_refused(study, officer):
    client = Client()
    client.force_login(officer)
    first, second = study.edges.all()[:2]
    base = f"/services/bench/{study.pk}/orders/"
    sent = {"version": study.version, f"kind-{first.pk}": "legal", f"evidence-{first.pk}": "条例第九条第二款", f"kind-{second.pk}": "data", f"evidence-{second.pk}": ""}
    answer = client.post(base + "judge/", sent)
    assert answer.status_code == 409
    text = answer.content.decode()
    assert 'value="条例第九条第二款"' in text
    assert text.count("没有保存；库里是") == 2
    actions.judge(study=study, version=study.version, said={first.pk: ("habit", "")}, by=officer)
    text = client.post(base + "judge/", {**sent, f"evidence-{second.pk}": "读登记号"}).content.decode()  # somebody was first
    assert "别人先改" in text
    assert "库里是：习惯" in text
    assert 'value="读登记号"' in text
    study.refresh_from_db()
    assert f'name="version" value="{study.version}"' in text
    assert 'value="问"' in client.post(base + "free/", {"version": study.version, "reason": "问"}).content.decode()
    text = client.post(base + "add/", {"version": study.version, "before": "办结", "after": "办结", "kind": "data", "evidence": "读编号的"}).content.decode()
    assert 'value="读编号的"' in text
    assert '<option value="办结" selected>' in text
    assert set(study.edges.values_list("kind", flat=True)) == {"habit", ""}
