"""Pages of cases as the enterprise, the window and the bureaus use them; and who may not."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from diguan.kernel.evidence.models import Evidence
from diguan.kernel.seals import casefile
from diguan.kernel.tests.factories import person_factory
from diguan.services.engine.caseflow import ACCEPT, DELIVER
from diguan.services.models import Case
from diguan.services.tests.test_cases import PDF, accepted, done, opened, task, waiting, who

__all__ = ["who"]
pytestmark = pytest.mark.django_db


def at(name, *args):
    return reverse(f"services:{name}", args=args)


def page(client, person, url, status=200):
    client.force_login(person)
    answer = client.get(url)
    assert answer.status_code == status, answer.content.decode()[:400]
    return answer.content.decode()


def send(client, person, url, status=302, **data):
    client.force_login(person)
    answer = client.post(url, data)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


def deed(client, person, case, key, name, status=302, **data):
    return send(client, person, at("case_deed", case.pk, key, name), status, **{"version": task(case, key).version, **data})


def filled():
    return {"send": "1", "site": "lease", "uscc": "91430421MA0000001X", "value_company_name": "县示例时计有限公司", "value_business_scope": "钟表制造",
            "file_layout": SimpleUploadedFile("平面图.pdf", PDF, "application/pdf")}


def test_a_firm_chooses_answers_fills_in_once_and_sees_whose_turn_it_is(client, who):
    assert "建厂房" in page(client, who.agent, at("choose"))
    assert "先说说情况" in page(client, who.agent, at("apply", "factory"))
    shown = page(client, who.agent, at("apply", "factory") + "?site=lease")
    assert "一次办 4 个事项" in shown
    assert "用电报装" in shown
    assert "容后再交" in shown  # the address may follow
    refused = send(client, who.agent, at("apply", "factory"), 422, **{**filled(), "value_company_name": ""})
    assert "钟表制造" in refused  # what was typed is kept
    send(client, who.agent, at("apply", "factory"), **filled())
    case = Case.objects.get()
    shown = page(client, who.agent, at("case", case.pk))
    for words in (case.number, "待受理", "还没轮到", "县行政审批局"):
        assert words in shown
    assert case.number in page(client, who.agent, at("own_cases"))


def test_the_window_accepts_the_bureaus_do_their_parts_and_the_window_gives_out(client, who):
    case = opened(who)
    shown = page(client, who.officer, at("case", case.pk))
    assert "勾选的核对无误，受理" in shown
    assert "一次告知补正" in shown
    deed(client, who.officer, case, ACCEPT, "accept", verified=waiting(case))
    assert "消防设计审查" in page(client, who.housing, at("inbox"))
    assert "办结这一项" in page(client, who.housing, at("case", case.pk))
    deed(client, who.housing, case, "fire", "finish", number="衡消审〔2026〕1号", file=SimpleUploadedFile("结果.pdf", PDF))
    deed(client, who.power, case, "power", "pause", article=task(case, "power").step.gate.term.pauses[0], reason="现场勘察")
    assert "时限暂停" in page(client, who.agent, at("case", case.pk))
    deed(client, who.power, case, "power", "resume")
    for key, by in (("filing", who.reform), ("power", who.power), ("planning", who.land)):
        deed(client, by, case, key, "finish")
    deed(client, who.officer, case, DELIVER, "deliver", kind="courier")
    shown = page(client, who.agent, at("case", case.pk))
    for words in ("全部办好了", "衡消审〔2026〕1号", "办得怎么样"):
        assert words in shown
    send(client, who.agent, at("case_rate", case.pk), stars="5", words="很快")
    assert "很快" in page(client, who.agent, at("case", case.pk))


def test_a_correction_is_asked_on_the_page_and_given_on_the_firms(client, who):
    case = opened(who)
    deed(client, who.officer, case, ACCEPT, "correct", items=["company_name"], reason="名称和执照不一致")
    shown = page(client, who.agent, at("case", case.pk))
    assert "等申请人补正" in shown
    assert "名称和执照不一致" in shown
    send(client, who.agent, at("case_supplement", case.pk), 422)
    send(client, who.agent, at("case_supplement", case.pk), value_company_name="县示例时计有限公司")
    assert "待核实" in page(client, who.officer, at("case", case.pk))


def test_refusals_come_on_the_page_with_their_reason(client, who):
    case = opened(who, "layout")
    assert "没办成" in deed(client, who.officer, case, ACCEPT, "accept", 422, verified=waiting(case))
    assert "没办成" in deed(client, who.officer, case, ACCEPT, "correct", 422, reason="没有勾选")
    assert "没办成" in deed(client, who.officer, case, ACCEPT, "accept", 409, version=99, verified=[])
    assert deed(client, who.officer, case, ACCEPT, "accept", 422, version="²")
    assert "已经不在办了" in deed(client, who.housing, case, "fire", "finish", 409)
    send(client, who.officer, at("case_deed", case.pk, "nonsense", "finish"), 404, version=1)
    send(client, who.officer, at("case_touch", case.pk), 422, kind="visit", what="")
    send(client, who.officer, at("case_touch", case.pk), kind="visit", what="现场勘察")
    assert "现场勘察" in page(client, who.officer, at("case", case.pk))


def test_files_go_to_who_may_see_them_and_the_chain_can_be_checked(client, who):
    case = opened(who)
    piece = Evidence.objects.get(entry="layout", subject_id=str(case.pk))
    client.force_login(who.officer)
    answer = client.get(at("case_paper", case.pk, piece.pk))
    assert (answer.status_code, answer.content) == (200, PDF)
    told = client.get(at("case_chain", case.pk)).content.decode()
    assert json.loads(told)["root"] == ["services.case", str(case.pk)]
    assert [fault.zh[:4] for fault in casefile.check(told).faults] == ["没有封存"]
    page(client, who.officer, at("case_paper", case.pk, 999999), 404)


@pytest.mark.parametrize("name", ["case", "case_chain"])
def test_another_firm_and_another_bureau_get_nothing(client, who, name):
    case = opened(who)
    stranger = person_factory("enterprise_agent", uscc="91430421MA0000002X")
    for person in (stranger, person_factory("bureau_clerk")):
        page(client, person, at(name, case.pk), 404)
    page(client, person_factory("finance_officer"), at(name, case.pk), 403)
    piece = Evidence.objects.filter(subject_id=str(case.pk)).first()
    page(client, stranger, at("case_paper", case.pk, piece.pk), 404)
    for url in ("case_supplement", "case_rate"):
        send(client, stranger, at(url, case.pk), 404)
        send(client, who.officer, at(url, case.pk), 403 if url == "case_rate" else 422)


def test_a_bureau_cannot_do_what_is_anothers(client, who):
    case = opened(who)
    accepted(who, case)
    for key, name in (("fire", "finish"), ("fire", "pause")):
        deed(client, who.land, case, key, name, 403, reason="试试", article="x")
        deed(client, who.agent, case, key, name, 403, reason="试试", article="x")
    done(case, "fire", who.housing)


def test_an_agent_is_led_to_their_own_list(client, who):
    client.force_login(who.agent)
    assert client.get(at("cases")).url == at("own_cases")
    page(client, who.agent, at("inbox"), 403)


def test_what_is_personal_is_hidden_and_each_look_leaves_a_trace(client, who):
    from diguan.kernel.events import Event
    from diguan.kernel.evidence.actions import About
    from diguan.kernel.evidence.tests.factories import evidence_factory

    case = opened(who)
    row = evidence_factory("shareholders", About("case", str(case.pk), case.uscc), who.officer, None, "张三 60%，李四 40%")
    shown = page(client, who.officer, at("case", case.pk))
    assert "张三 60%" not in shown
    assert send(client, who.officer, at("case_reveal", case.pk), 422, piece=row.pk, reason="")
    assert "张三 60%" in send(client, who.officer, at("case_reveal", case.pk), 200, piece=row.pk, reason="核对股东")
    assert Event.objects.filter(verb="evidence_revealed").count() == 1
    send(client, who.officer, at("case_reveal", case.pk), 404, piece="999999", reason="核对股东")
    send(client, who.agent, at("case_reveal", case.pk), 403, piece=row.pk, reason="核对股东")
    send(client, who.land, at("case_reveal", case.pk), 404, piece=row.pk, reason="核对股东")


def test_what_the_county_holds_of_another_firm_is_not_told(client, who, monkeypatch):
    from diguan.services.queries import cases

    asked = []
    monkeypatch.setattr(cases, "held_of", lambda uscc, entries, day: asked.append(uscc) or frozenset())
    page(client, who.agent, at("apply", "factory") + "?site=lease&uscc=91430421MA0000002X")
    assert asked == ["91430421MA0000001X"]


def test_a_list_of_many_asks_no_more_than_a_list_of_one(client, who, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    accepted(who, opened(who))
    client.force_login(who.officer)
    client.get(at("cases"))
    with CaptureQueriesContext(connection) as one:
        assert "0 / 4" in client.get(at("cases")).content.decode()
    second = opened(who)
    accepted(who, second)
    done(second, "fire", who.housing)
    with django_assert_max_num_queries(len(one)):
        assert "1 / 4" in client.get(at("cases")).content.decode()


def test_a_number_of_thousands_of_digits_is_no_paper(client, who):
    case = opened(who)
    assert "没办成" in deed(client, who.officer, case, ACCEPT, "accept", 422, verified=["9" * 5000])


def test_what_was_typed_of_a_step_stays_when_it_is_refused(client, who):
    case = opened(who, "business_address")
    assert 'value="请补场地的材料"' in deed(client, who.officer, case, ACCEPT, "correct", 422, reason="请补场地的材料")
    text = deed(client, who.officer, case, ACCEPT, "accept", 422, reason="容缺理由写在这里", verified=[waiting(case)[0]])
    assert 'value="容缺理由写在这里"' in text
    assert f'name="verified" value="{waiting(case)[0]}" checked' in text
    accepted(who, case, tolerated=["business_address"], reason="租约在签")
    row = task(case, "filing")
    text = send(client, who.reform, at("case_deed", case.pk, "filing", "finish"), 409, version=row.version + 7, number="衡字〔2026〕9 号", reason="核过了")
    assert 'value="衡字〔2026〕9 号"' in text
    assert 'value="核过了"' in text
    assert f'name="version" value="{row.version}"' in text  # to be sent again on what is there now
    done(case, "filing", who.reform)
    assert "您写的没有保存：衡字〔2026〕9 号" in send(client, who.reform, at("case_deed", case.pk, "filing", "finish"), 409, version=row.version, number="衡字〔2026〕9 号")


def test_the_window_founds_a_firm_by_the_page_whatever_the_pack_calls_its_questions(client, who, monkeypatch):
    shown = page(client, who.officer, at("apply", "factory") + "?site=lease")
    assert 'name="founder"' in shown
    assert 'name="applicant"' not in shown  # a question of the shipped pack has this name
    form = {name: value for name, value in filled().items() if name != "uscc"}
    assert "请写申请人" in send(client, who.officer, at("apply", "factory"), 422, **form)
    send(client, who.officer, at("apply", "factory"), **{**filled(), "uscc": "", "founder": "示例筹建组"})
    assert Case.objects.get().applicant == "示例筹建组"
    left_out = send(client, who.officer, at("apply", "factory"), 422, **{**filled(), "site": "", "uscc": "", "founder": "示例筹建组"})
    assert "先说说情况" in left_out


def test_a_form_that_is_sent_twice_is_done_once(client, who):
    shown = page(client, who.agent, at("apply", "factory") + "?site=lease")
    key = shown.split('name="once" value="')[1].split('"')[0]
    for _again in range(2):
        send(client, who.agent, at("apply", "factory"), **filled(), once=key)
    case = Case.objects.get()
    shown = page(client, who.officer, at("case", case.pk))
    key = shown.split('name="once" value="')[1].split('"')[0]
    for _again in range(2):
        send(client, who.officer, at("case_touch", case.pk), kind="visit", what="来窗口问进展", once=key)
    assert case.touches.filter(kind="visit").count() == 1
    send(client, who.officer, at("case_touch", case.pk), 422, kind="visit", what="", once="other")
    send(client, who.officer, at("case_touch", case.pk), kind="visit", what="又来一次", once="other")  # what was refused used no key up
    assert case.touches.filter(kind="visit").count() == 2


def test_a_version_no_database_knows_is_a_fault_of_the_form(client, who):
    case = opened(who)
    deed(client, who.officer, case, ACCEPT, "accept", 422, version="9" * 30)


def test_many_names_nobody_of_another_office(client, who):
    case = opened(who)
    accepted(who, case)
    done(case, "fire", who.housing)
    row = task(case, "fire")
    assert who.housing.name not in send(client, who.power, reverse("services:finish_many"), 409, tick=f"{row.pk}:1")
