"""An assistant sees nothing before the applicant consents, hands in for them while it holds, and sees nothing after."""

from __future__ import annotations

import datetime as dt

import pytest

from diguan.kernel.access import Forbidden
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.notices.models import Notice
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.services.actions import case_help as actions
from diguan.services.actions import cases as case_actions
from diguan.services.models import CaseHelp
from diguan.services.queries import cases
from diguan.services.tests.test_case_pages import at, page, send
from diguan.services.tests.test_cases import USCC, opened, papers, refused, version, who

__all__ = ["who"]
pytestmark = pytest.mark.django_db
UNTIL = dt.date(2026, 11, 30)


@pytest.fixture
def helper(who):
    return person_factory("case_assistant", unit_factory("产业园"))


@pytest.fixture
def case(who):
    return opened(who, "layout")


def offer(case, helper, by, **more):
    return actions.offer_help(**{"case": case, "assistant": helper, "purpose": "帮着补平面图", "until": UNTIL, "by": by, **more})


def row():
    return CaseHelp.objects.select_related("case", "assistant").get()


def layout():
    return {"layout": papers()["layout"]}


def test_consent_opens_one_case_for_a_purpose_until_a_day(who, helper, case, settings):
    other = opened(who)
    offer(case, helper, who.officer)
    assert Notice.objects.filter(kind="services.case_help_offered", uscc=USCC).count() == 1
    assert cases.find(helper, case.pk) is None
    with pytest.raises(Forbidden):
        actions.supplement_for(case_help=row(), papers=layout(), by=helper)
    for by in (who.officer, helper, who.housing, person_factory("enterprise_agent", uscc="91430421MA0000002X")):
        with pytest.raises(Forbidden):
            actions.consent_help(case_help=row(), by=by)
    actions.consent_help(case_help=row(), by=who.agent)
    refused("not_waiting", lambda: actions.consent_help(case_help=row(), by=who.agent))
    assert Notice.objects.filter(kind="services.case_help_begun", person=helper).count() == 1
    assert [found.pk for found in cases.visible_cases(helper)] == [case.pk]
    assert cases.find(helper, other.pk) is None
    actions.supplement_for(case_help=row(), papers=layout(), by=helper)
    assert Evidence.objects.get(entry="layout", subject_id=str(case.pk)).entered_by == helper
    with pytest.raises(Forbidden):
        case_actions.supplement(case=case, papers=layout(), by=helper)
    settings.DIGUAN_TODAY = "2026-12-01"
    assert cases.find(helper, case.pk) is None
    with pytest.raises(Forbidden):
        actions.supplement_for(case_help=row(), papers=layout(), by=helper)


def test_the_applicant_ends_it_at_any_time_and_strangers_do_not(who, helper, case):
    offer(case, helper, who.officer)
    refused("helped_already", lambda: offer(case, helper, who.officer))
    actions.consent_help(case_help=row(), by=who.agent)
    for by in (who.housing, person_factory("enterprise_agent", uscc="91430421MA0000002X"), person_factory("case_assistant")):
        with pytest.raises(Forbidden):
            actions.end_help(case_help=row(), reason="", by=by)
    actions.end_help(case_help=row(), reason="", by=who.agent)
    assert cases.find(helper, case.pk) is None
    refused("not_waiting", lambda: actions.end_help(case_help=row(), reason="", by=who.officer))
    offer(case, helper, who.officer)


def test_what_is_wrong_is_refused(who, helper, case):
    refused("no_assistant", lambda: offer(case, who.second, who.officer))
    refused("bad_day", lambda: offer(case, helper, who.officer, until=dt.date(2026, 11, 8)))
    refused("bad_day", lambda: offer(case, helper, who.officer, until=dt.date(2027, 11, 8)))
    refused("invalid", lambda: offer(case, helper, who.officer, purpose=" "))
    refused("invalid", lambda: offer(case, helper, who.officer, paper="纸质同意书"))
    for by in (who.agent, who.housing, helper):
        with pytest.raises(Forbidden):
            offer(case, helper, by)
    assert not CaseHelp.objects.exists()


def test_who_founds_a_firm_consents_on_paper(who, helper):
    founding = case_actions.open_case(life_event=version(), applicant="示例筹建组", answers={"site": "lease"}, papers=papers("layout"), by=who.officer)
    refused("invalid", lambda: offer(founding, helper, who.officer))
    offer(founding, helper, who.officer, paper="同意书 2026-1")
    actions.supplement_for(case_help=row(), papers=layout(), by=helper)


def test_it_is_asked_consented_used_and_ended_on_pages(client, who, helper, case):
    assert "请帮办员" in page(client, who.officer, at("case", case.pk))
    send(client, who.agent, at("help_offer", case.pk), 403, assistant=helper.pk, purpose="帮着补平面图", until="2026-11-30")
    assert "帮着补平面图" in send(client, who.officer, at("help_offer", case.pk), 422, assistant=helper.pk, purpose="帮着补平面图", until="2028-11-30")
    send(client, who.officer, at("help_offer", case.pk), assistant=helper.pk, purpose="帮着补平面图", until="2026-11-30")
    page(client, helper, at("case", case.pk), 404)
    assert "同意吗" in page(client, who.agent, at("case", case.pk))
    send(client, helper, at("help_consent", row().pk), 403)
    send(client, who.agent, at("help_consent", row().pk))
    assert case.number in page(client, helper, at("own_cases"))
    assert "您在帮" in page(client, helper, at("case", case.pk))
    page(client, helper, at("case_chain", case.pk), 403)
    page(client, helper, at("case_watch"), 403)
    from django.core.files.uploadedfile import SimpleUploadedFile

    send(client, helper, at("case_supplement", case.pk), file_layout=SimpleUploadedFile("平面图.pdf", b"%PDF-1.7 x", "application/pdf"))
    assert Evidence.objects.filter(entry="layout").exists()
    send(client, who.agent, at("help_end", row().pk))
    page(client, helper, at("case", case.pk), 404)


def test_help_whose_day_is_past_makes_room_for_another(who, helper, case, settings):
    offer(case, helper, who.officer)
    actions.consent_help(case_help=row(), by=who.agent)
    settings.DIGUAN_TODAY = "2026-12-01"
    offer(case, helper, who.officer, until=dt.date(2026, 12, 15))
    assert CaseHelp.objects.filter(case=case, ended_at=None).count() == 1
