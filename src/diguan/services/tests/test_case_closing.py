"""A case that ends without its delivery: taken back, not accepted, ended by law; what is under way stops, and the applicant is told what may be done."""

from __future__ import annotations

import pytest

from diguan.kernel import clocks
from diguan.kernel.access import Forbidden
from diguan.kernel.notices.models import Notice
from diguan.kernel.stages.refusals import ChangedMeanwhile
from diguan.services.actions import cases as actions
from diguan.services.models import Case
from diguan.services.queries import case_measures, cases
from diguan.services.queries.cases import View
from diguan.services.tests.test_case_pages import at, page, send
from diguan.services.tests.test_cases import USCC, accepted, done, opened, refused, states, who

__all__ = ["who"]
pytestmark = pytest.mark.django_db
BASIS = "行政许可法第三十二条第一款"


def again(case):
    return Case.objects.select_related("course__frozen", "life_event__life_event", "owner_unit").get(pk=case.pk)


def close(case, by, **more):
    row = again(case)
    return actions.close_case(**{"case": row, "version": row.course.version, "basis": BASIS, "reason": "不属于本机关职权", "by": by, **more})


def test_the_applicant_takes_it_back_and_everything_under_way_stops(who, settings):
    case = opened(who)
    accepted(who, case)
    done(case, "fire", who.housing)
    row = again(case)
    for by in (who.housing, who.power):
        with pytest.raises(Forbidden):
            actions.withdraw_case(case=row, version=row.course.version, reason="不办了", by=by)
    settings.DIGUAN_TODAY = "2026-11-11"
    actions.withdraw_case(case=row, version=row.course.version, reason="不办了", by=who.agent)
    assert set(states(case).values()) == {"done", "cancelled"}
    assert states(case)["fire"] == "done"
    view = View(who.agent, again(case), clocks.today())
    assert (view.ended, view.closed.reason, view.days) == (True, "不办了", 2)
    settings.DIGUAN_TODAY = "2026-11-30"
    assert View(who.agent, again(case), clocks.today()).days == 2  # nothing more is counted
    refused("ended", lambda: actions.withdraw_case(case=again(case), version=again(case).course.version, reason="再撤一次", by=who.agent))
    assert not cases.open_tasks(who.power).exists()
    told = next(one for one in case_measures.book(who.officer).told if one.pk == case.pk)
    assert (told.ended, told.over) == (None, True)  # in no reduction


def test_what_is_not_accepted_says_why_and_what_may_be_done(who):
    case = opened(who)
    for by in (who.agent, who.housing):
        with pytest.raises(Forbidden):
            close(case, by)
    refused("invalid", lambda: close(case, who.officer, basis="无"))
    refused("invalid", lambda: close(case, who.officer, reason=""))
    with pytest.raises(ChangedMeanwhile):
        close(case, who.officer, version=99)
    close(case, who.officer)
    assert again(case).course.status == "not_accepted"
    body = Notice.objects.get(kind="services.case_closed", uscc=USCC).body_zh
    assert BASIS in body
    assert "行政复议" in body
    refused("ended", lambda: close(case, who.officer))


def test_an_accepted_one_is_ended_by_law(who):
    case = opened(who)
    accepted(who, case)
    close(case, who.officer, reason="申请人已注销")
    assert again(case).course.status == "stopped"
    assert cases.by_state(cases.visible_cases(who.officer), "open").count() == 0


def test_both_on_pages(client, who):
    first, second = opened(who), opened(who)
    assert "不予受理" in page(client, who.officer, at("case", first.pk))
    assert "不予受理" not in page(client, who.housing, at("case", first.pk))
    send(client, who.housing, at("case_close", first.pk), 403, version=1, basis=BASIS, reason="不属于")
    assert "没有写全的理由" in send(client, who.officer, at("case_close", first.pk), 422, version=again(first).course.version, basis="", reason="没有写全的理由")
    send(client, who.officer, at("case_close", first.pk), version=again(first).course.version, basis=BASIS, reason="不属于本机关职权")
    assert "不属于本机关职权" in page(client, who.agent, at("case", first.pk))
    assert "撤回申请" not in page(client, who.agent, at("case", first.pk))
    send(client, who.agent, at("case_withdraw", second.pk), version=again(second).course.version, reason="不办了")
    shown = page(client, who.officer, at("case", second.pk))
    assert "申请人撤回" in shown
    assert "勾选的核对无误，受理" not in shown
    assert "申请人撤回" in page(client, who.officer, at("cases"))
