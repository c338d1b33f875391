"""A flow drawn elsewhere is brought to a study: read or refused with all that was not understood, matched, and the log held against it."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from diguan.kernel.actions import Refusal
from diguan.kernel.facts.models import Upload
from diguan.kernel.refusals import Forbidden
from diguan.kernel.tests.factories import person_factory
from diguan.services.actions import bench as studies
from diguan.services.actions import bench_flows as actions
from diguan.services.engine import bpmn, bpmnfile
from diguan.services.models import Study
from diguan.services.queries import bench_flows as queries

pytestmark = pytest.mark.django_db

HEAD = f'<definitions xmlns="{bpmnfile.MODEL}" targetNamespace="t" id="d">'


def log() -> bytes:
    """Ten cases one step after the other; the last two decided before they were examined, the first with a step the flow has not."""
    lines = ["案件编号,环节,开始时间,完成时间,部门"]
    for case in range(10):
        names = ["受理", "审查", "决定"] if case < 8 else ["受理", "决定", "审查"]
        for at, name in enumerate([*names, "抽查"] if case == 0 else names):
            day = dt.datetime(2025, 3, 3, 9 + at) + dt.timedelta(days=case)
            lines.append(f"C{case},{name},{day:%Y-%m-%d %H:%M},{day + dt.timedelta(minutes=20):%Y-%m-%d %H:%M},窗口")
    return "\n".join(lines).encode()


def drawn(*names: str, title: str = "办件流程") -> bytes:
    return bpmnfile.write(bpmn.process_of({name: name for name in names}, list(itertools.pairwise(names)), title))


@pytest.fixture
def officer():
    return person_factory("service_officer")


@pytest.fixture
def study(officer):
    return studies.open_study(title="2025 年办件", file_name="a.csv", content=log(), by=officer)


def brought(study: Study, officer, content: bytes) -> queries.Brought:
    actions.bring_flow(study=study, file_name="flow.bpmn", content=content, by=officer)
    return queries.find(study, study.flows.first().pk)


def test_a_flow_is_read_matched_by_name_and_the_log_held_against_it(study, officer):
    found = brought(study, officer, drawn("受 理", "审查", "会审", "决定"))
    assert sorted(found.row.names.values()) == sorted(["受理", "审查", "决定"])
    assert [(one.title, one.activity) for one in found.matches if not one.activity] == [("会审", "")]
    held = found.held
    assert held.plan.edges == (("受理", "审查"), ("审查", "决定"))  # passed on through what the log does not know
    assert (held.fitting_share, held.unplanned) == (0.7, {"抽查": 1})
    assert [(one.early, one.examples) for one in held.edges] == [(0, ()), (2, ("C8", "C9"))]


def test_what_the_bench_writes_it_reads_back(study, officer):
    client = Client()
    client.force_login(officer)
    written = client.get(f"/services/bench/{study.pk}/flow.bpmn").content
    found = brought(study, officer, written)
    assert len(found.row.names) == found.row.tasks == 4
    assert found.order.pairs
    assert found.held.plan.activities


@pytest.mark.parametrize(("content", "said"), [
    (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "DOCTYPE"),
    (b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><a>&b;</a>', "DOCTYPE"),
    (b"MZ\x90\x00" + b"\x00" * 60, "可执行程序"), (b"\x7fELF" + b"\x00" * 60, "可执行程序"), (b"PK\x03\x04zip", "压缩包"), (b"%PDF-1.7", "PDF"),
    (b"hello", "XML"), (b"<html/>", "definitions"),
    (drawn("a", "b").replace(b"</bpmn:process>", b""), "XML"),
])
def test_what_is_no_flow_is_refused_and_nothing_of_it_kept(study, officer, content, said):
    files = Upload.objects.count()
    with pytest.raises(Refusal, match=said) as refused:
        actions.bring_flow(study=study, file_name="x.bpmn", content=content, by=officer)
    assert all(each.zh and each.en for each in refused.value.reasons)
    assert (study.flows.count(), Upload.objects.count()) == (0, files)


FAULTY = (HEAD + '<collaboration id="co"/>\n<process id="p"><laneSet id="la"/>\n<startEvent id="s"/><subProcess id="sub"/>\n<serviceTask id="sv"/><task id="a" name="受理"><extensionElements/></task><inclusiveGateway id="g"/>\n'
          '<endEvent id="e"><terminateEventDefinition id="te"/></endEvent>\n<sequenceFlow id="f1" sourceRef="s" targetRef="sub"/></process></definitions>')


def test_every_element_that_is_not_understood_is_said_with_line_id_and_what_is_expected(study, officer):
    with pytest.raises(Refusal) as refused:
        actions.bring_flow(study=study, file_name="x.bpmn", content=FAULTY.encode(), by=officer)
    told = "\n".join(str(each) for each in refused.value.reasons)
    assert len(refused.value.reasons) == 7
    for words in ("collaboration co（第 1 行）：不在支持的范围内；请去掉泳池", "laneSet la（第 2 行）", "subProcess sub（第 3 行）：不在支持的范围内；请展开", "serviceTask sv（第 4 行）", "extensionElements（第 4 行）：不在支持的范围内（在 task a",
                  "inclusiveGateway g（第 4 行）：不在支持的范围内；请改用并行网关", "terminateEventDefinition te (line 5)"):
        assert words in told


def test_the_page_refuses_a_large_file_before_it_reads_it_and_says_all_faults(study, officer, monkeypatch):
    client = Client()
    client.force_login(officer)
    base = f"/services/bench/{study.pk}/flows/"
    monkeypatch.setattr(actions, "MOST_BYTES", 1000)
    monkeypatch.setattr(bpmnfile, "read", lambda content: pytest.fail("it was read"))
    answer = client.post(base, {"file": SimpleUploadedFile("a.bpmn", b" " * 1001)})
    assert answer.status_code == 422
    assert "最多" in answer.content.decode()
    monkeypatch.undo()
    answer = client.post(base, {"file": SimpleUploadedFile("a.bpmn", FAULTY.encode())})
    assert answer.status_code == 422
    assert answer.content.decode().count("不在支持的范围内") >= 7
    assert not study.flows.exists()


def test_a_flow_on_the_page_from_the_file_to_the_cases_of_each_deviation(study, officer):
    client = Client()
    client.force_login(officer)
    answer = client.post(f"/services/bench/{study.pk}/flows/", {"file": SimpleUploadedFile("flow.bpmn", drawn("受理", "审核", "决定"))})
    assert answer.status_code == 302
    page = answer["location"]
    text = client.get(page).content.decode()
    assert "最近的是“审查”" in text
    study.refresh_from_db()
    said = {"version": study.version, "task_0": "受理", "task_1": "审核", "task_2": "受理"}
    answer = client.post(page, said)
    assert answer.status_code == 422
    assert "是不是“审查”" in answer.content.decode()
    assert "已经对应了“受理”" in answer.content.decode()
    assert 'value="审核"' in answer.content.decode()  # what was typed stays
    assert client.post(page, {**said, "task_1": "审查", "task_2": "决定"}).status_code == 302
    text = client.get(page).content.decode()
    flow = study.flows.get().pk
    cases = f"/services/bench/{study.pk}/cases/?flow={flow}&"
    assert f"flow={flow}&amp;edge=1&amp;how=early" in text
    for query, inside, outside in (("edge=1&how=early", "C8", "C7"), ("extra=3", "C0", "C8"), ("fit=1", "C1", "C9"), ("fit=0", "C9", "C1")):
        found = client.get(cases + query).content.decode()
        assert f">{inside}</a>" in found, query
        assert f">{outside}</a>" not in found, query
    case = client.get(f"/services/bench/{study.pk}/case/?id=C8&flow={flow}").content.decode()
    assert "“决定”在“审查”完成之前就开始了" in case
    assert "没有违反" in client.get(f"/services/bench/{study.pk}/case/?id=C1&flow={flow}").content.decode()


def test_the_same_file_twice_a_stale_page_and_an_activity_twice_are_refused(study, officer):
    found = brought(study, officer, drawn("受理", "审查", "决定"))
    with pytest.raises(Refusal, match="已经导入过"):
        actions.bring_flow(study=study, file_name="b.bpmn", content=drawn("受理", "审查", "决定"), by=officer)
    tasks = [task for task, _ in found.order.tasks]
    with pytest.raises(Refusal, match="对应了两个环节"):
        actions.match_flow(study=study, flow=found.row.pk, version=study.version, names={tasks[0]: "受理", tasks[1]: "受理"}, by=officer)
    with pytest.raises(Refusal, match="是不是“审查”"):
        actions.match_flow(study=study, flow=found.row.pk, version=study.version, names={tasks[0]: "审查了"}, by=officer)
    actions.match_flow(study=study, flow=found.row.pk, version=study.version, names={}, by=officer)
    with pytest.raises(Refusal, match="别人先改"):
        actions.match_flow(study=study, flow=found.row.pk, version=study.version, names={tasks[0]: "受理"}, by=officer)
    assert study.flows.get().names == {}


def test_a_flow_of_nothing_known_is_shown_and_not_held(study, officer):
    client = Client()
    client.force_login(officer)
    found = brought(study, officer, drawn("甲", "乙"))
    answer = client.get(f"/services/bench/{study.pk}/flows/{found.row.pk}/")
    assert answer.status_code == 200
    assert "还不能对照" in answer.content.decode()


def test_nobody_else_brings_sees_or_matches_a_flow(study, officer):
    found = brought(study, officer, drawn("受理", "审查"))
    for role in ("enterprise_agent", "policy_officer"):
        person = person_factory(role)
        with pytest.raises(Forbidden):
            actions.bring_flow(study=study, file_name="b.bpmn", content=drawn("受理"), by=person)
        with pytest.raises(Forbidden):
            actions.match_flow(study=study, flow=found.row.pk, version=study.version, names={}, by=person)
        client = Client()
        client.force_login(person)
        for tail in ("flows/", f"flows/{found.row.pk}/"):
            assert client.post(f"/services/bench/{study.pk}/{tail}", {"file": SimpleUploadedFile("a.bpmn", drawn("受理"))}).status_code in (403, 404)
            assert client.get(f"/services/bench/{study.pk}/{tail}").status_code in (403, 404)
    other = studies.open_study(title="另一个", file_name="a.csv", content=log(), by=officer)
    client = Client()
    client.force_login(officer)
    assert client.get(f"/services/bench/{other.pk}/flows/{found.row.pk}/").status_code == 404
    assert study.flows.count() == 1
