"""A promise in the place of a paper: who may make one, what it lets pass, who checks it, and what is held back where it does not hold."""

from __future__ import annotations

import datetime as dt

import pytest

from diguan.kernel.access import Forbidden
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.notices.models import Notice
from diguan.kernel.stages.refusals import ChangedMeanwhile
from diguan.kernel.tests.factories import person_factory
from diguan.services.actions import case_watch, commitments
from diguan.services.actions import cases as actions
from diguan.services.actions.life_events import publish_life_event
from diguan.services.engine import cells, fields, matters, merging
from diguan.services.engine.caseflow import ACCEPT, DELIVER
from diguan.services.engine.merging import Asking
from diguan.services.models import CaseWarning, Commitment
from diguan.services.queries import shelf
from diguan.services.queries.cases import View
from diguan.services.tests.factories import content_factory, matter_factory
from diguan.services.tests.test_case_pages import at, filled, page, send
from diguan.services.tests.test_cases import EVENT, USCC, done, opened, papers, refused, task, waiting
from diguan.services.tests.test_cases import who as plain

__all__ = ["plain"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def who(plain):
    """As in the tests of cases; the layout may be promised, and is checked within ten days by the bureau that plans."""
    row = matter_factory("zoning", plain.offices["land"], name="规划条件核实", promised_days=2, statutory_days=20, kind="行政许可", results=[{"name": "规划条件核实批复", "kind": "出文"}],
                         requirements=[{"meaning": "layout", "quality": "C", "commitment_days": 10}, {"meaning": "company_name", "quality": "D"}, {"meaning": "business_address", "quality": "D", "tolerant": True}])
    publish_life_event(text=EVENT.replace("id: factory", "id: zone").replace("建厂房", "用地").replace("planning", row.key), by=plain.officer)
    return plain


def zone():
    from diguan.services.models import LifeEventVersion

    return LifeEventVersion.objects.get(life_event__key="zone")


def begun(who, *leave, promised=("layout",)):
    given = papers("business_scope", "layout", *leave)
    return actions.open_case(life_event=zone(), uscc=USCC, answers={"site": "lease"}, papers=given, promised=promised, by=who.agent)


def let_in(who, case, **more):
    row = task(case, ACCEPT)
    seen = Evidence.objects.filter(pk__in=waiting(case)).exclude(entry="commitment").values_list("pk", flat=True)
    actions.accept_case(task=row, version=row.version, verified=list(seen), by=who.officer, **more)


def all_done(who, case):
    for key, by in (("filing", who.reform), ("zoning", who.land), ("fire", who.housing), ("power", who.power)):
        done(case, key, by)


def given_out(who, case):
    row = task(case, DELIVER)
    return actions.deliver(task=row, version=row.version, by=who.officer)


def checked(by, **more):
    row = Commitment.objects.get()
    return commitments.check_commitment(**{"commitment": row, "version": row.version, "holds": True, "reason": "到现场看过，与承诺一致", "by": by, **more})


def test_a_promise_lets_the_acceptance_pass_and_its_bureau_checks_it(who, settings):
    case = begun(who)
    row = Commitment.objects.get()
    assert (row.entry, row.matter, row.unit, row.days, row.due) == ("layout", "zoning", who.offices["land"], 10, None)
    assert "县自然资源局在受理后 10 个工作日内核查" in row.evidence.text
    refused("not_accepted", lambda: checked(who.land))
    let_in(who, case)
    assert Commitment.objects.get().due == dt.date(2026, 11, 23)
    for by in (who.housing, who.agent, person_factory("leader")):
        with pytest.raises(Forbidden):
            checked(by)
    refused("invalid", lambda: checked(who.land, reason=""))
    checked(who.land)
    assert Commitment.objects.get().state == "holds"
    assert Evidence.objects.get(entry="commitment").state == "verified"
    with pytest.raises(ChangedMeanwhile):
        checked(who.land)
    all_done(who, case)
    given_out(who, case)


def test_where_it_does_not_hold_the_paper_is_owed_before_anything_is_given_out(who):
    case = begun(who)
    let_in(who, case)
    checked(who.land, holds=False, reason="没有这份图")
    assert Notice.objects.filter(kind="services.commitment_failed", uscc=USCC).count() == 1
    all_done(who, case)
    refused("papers_owed", lambda: given_out(who, case))
    refused("no_commitment", lambda: commitments.promise(case, View(who.agent, case, dt.date(2026, 11, 9)).asks, ["layout"], who.agent))
    actions.supplement(case=case, papers={"layout": papers()["layout"]}, by=who.agent)
    refused("papers_owed", lambda: given_out(who, case))  # handed in is not yet looked at
    actions.verify_papers(case=case, pieces=[Evidence.objects.get(entry="layout").pk], holds=False, reason="图上没有盖章", by=who.officer)
    assert Notice.objects.filter(kind="services.case_correction", uscc=USCC, body_zh__contains="图上没有盖章").exists()
    actions.supplement(case=case, papers={"layout": papers()["layout"]}, by=who.agent)
    actions.verify_papers(case=case, pieces=[Evidence.objects.get(entry="layout", state="entered").pk], by=who.officer)
    given_out(who, case)


def test_what_was_let_follow_follows_before_the_end(who):
    case = begun(who, "business_address")
    refused("not_tolerant", lambda: let_in(who, case, tolerated=["layout"], reason="可以后补"))
    let_in(who, case, tolerated=["business_address"], reason="地址证明后补")
    all_done(who, case)
    refused("papers_owed", lambda: given_out(who, case))
    with pytest.raises(Forbidden):
        actions.verify_papers(case=case, pieces=[1], by=who.agent)
    refused("not_of_this", lambda: actions.verify_papers(case=case, pieces=[], by=who.officer))
    actions.supplement(case=case, papers={"business_address": papers()["business_address"]}, by=who.agent)
    actions.verify_papers(case=case, pieces=[Evidence.objects.get(entry="business_address").pk], by=who.officer)
    given_out(who, case)
    refused("accepted", lambda: actions.supplement(case=case, papers={"layout": papers()["layout"]}, by=who.agent))


def test_a_promise_that_is_declined_asks_for_the_paper(who):
    case = begun(who)
    row = task(case, ACCEPT)
    actions.ask_correction(task=row, version=row.version, items=["layout"], reason="有失信记录，不适用告知承诺", by=who.officer)
    assert Commitment.objects.get().state == "declined"
    refused("no_commitment", lambda: actions.supplement(case=case, papers={}, promised=["layout"], by=who.agent))
    actions.supplement(case=case, papers={"layout": papers()["layout"]}, by=who.agent)
    let_in(who, case)
    assert Commitment.objects.get().due is None


def test_only_what_every_matter_lets_be_promised_may_be(who):
    refused("no_commitment", lambda: opened(who, "layout", promised=["layout"]))  # planning wants the paper itself
    case = opened(who)
    assert case.promisable == {}
    merged = merging.merge([Asking("layout", "甲", commitment_days=20), Asking("layout", "乙", commitment_days=10), Asking("plan", "甲", commitment_days=5), Asking("plan", "乙")])
    assert merged["layout"].value("commitment_days") == 10
    assert merged["plan"].value("commitment_days") is None
    assert merged["plan"].why("commitment_days").demanded_by == ("乙",)


def test_a_commitment_is_written_in_a_cell_and_read_back_and_what_is_filled_in_has_none():
    spec = fields.BY_NAME["requirements"]
    told = [{**matters.REQUIREMENT, "meaning": "layout", "commitment_days": 20}]
    cell = cells.written(spec, told, shelf.known())
    assert "告知承诺20日" in str(cell)
    assert cells.read(spec, str(cell), shelf.known())[0]["commitment_days"] == 20
    wrong = matters.whole(content_factory(requirements=[{"meaning": "company_name", "quality": "D", "commitment_days": 20}, {"meaning": "layout", "commitment_days": 999}]))
    assert sum("承诺" in one.message.zh for one in matters.problems(wrong, shelf.known())) == 2
    assert "commitment_days" not in matters.whole(content_factory())["requirements"][0]  # what was published before keeps its digest


def test_a_check_that_comes_near_is_told_and_brought_up_once(who, settings):
    case = begun(who)
    let_in(who, case)
    settings.DIGUAN_TODAY = "2026-11-24"
    case_watch.warn_due()
    row = Commitment.objects.get()
    assert list(CaseWarning.objects.filter(commitment=row).order_by("id").values_list("colour", flat=True)) == ["red", "escalated"]
    assert Notice.objects.filter(kind="services.case_late", person=who.land, title_zh__contains="核查告知承诺").exists()
    checked(who.land)
    case_watch.warn_due()
    assert not CaseWarning.objects.filter(commitment=row, ended=False).exists()
    assert case.pk


def test_a_firm_promises_on_the_page_and_the_bureau_checks_there(client, who):
    shown = page(client, who.agent, at("apply", "zone") + "?site=lease")
    assert "用告知承诺代替" in shown
    assert "受理后 10 个工作日内核查" in shown
    form = {**filled(), "value_business_address": "西渡高新区 1 号"}
    del form["file_layout"]
    assert "请上传，或勾选下面的告知承诺" in send(client, who.agent, at("apply", "zone"), 422, **form)
    send(client, who.agent, at("apply", "zone"), **form, promise_layout="on")
    row = Commitment.objects.get()
    assert "告知承诺，待核查" in page(client, who.agent, at("case", row.case_id))
    let_in(who, row.case)
    assert "核查告知承诺" in page(client, who.land, at("case", row.case_id))
    assert row.case.applicant in page(client, who.land, at("case_commitments"))
    assert row.case.applicant not in page(client, who.housing, at("case_commitments"))
    send(client, who.housing, at("commitment_check", row.pk), 404, version=row.version, holds="yes", reason="看过")
    send(client, who.agent, at("commitment_check", row.pk), 403, version=row.version, holds="yes", reason="看过")
    assert "看过了没有" in send(client, who.land, at("commitment_check", row.pk), 422, version=row.version, holds="", reason="看过了没有")
    send(client, who.land, at("commitment_check", row.pk), version=row.version, holds="no", reason="没有这份图")
    assert "要补交" in page(client, who.agent, at("case", row.case_id))
