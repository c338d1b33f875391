"""What is done about a lead: answered, judged, kept alive, given on, ended; whose it is; whom the clock tells."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from diguan.kernel.access.models import Post
from diguan.kernel.events import Event
from diguan.kernel.notices.models import Notice
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.stages import queries as stages
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.projects.actions import lead_holding as holding
from diguan.projects.actions import lead_notices, projects
from diguan.projects.actions import lead_work as work
from diguan.projects.actions import leads as actions
from diguan.projects.actions.lead_work import News
from diguan.projects.models import Lead, Progress
from diguan.projects.queries import leads, terms
from diguan.projects.tests.factories import lead_factory

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 10, 30)


@pytest.fixture(autouse=True)
def october(settings: Any) -> None:
    settings.DIGUAN_TODAY = "2026-10-30"


@pytest.fixture
def officer() -> Any:
    return person_factory("promotion_officer", name="甲专员", from_day=dt.date(2026, 1, 1))


@pytest.fixture
def other() -> Any:
    return person_factory("promotion_officer", unit_factory("工信局"), name="乙专员", from_day=dt.date(2026, 1, 1))


def refused(code: str, act: Any) -> Refusal:
    with pytest.raises(Refusal) as found:
        act()
    assert found.value.code == code
    return found.value


def following(by: Any, **values: Any) -> Lead:
    """A lead that was answered and judged."""
    row = lead_factory(by, **values)
    row = work.respond(lead=row, version=row.version, news=News(DAY, "打了电话，对方愿意来看"), by=by)
    return work.judge(lead=row, version=row.version, opinion="合产业方向，先上门", by=by)


def stage(row: Lead) -> str:
    return stages.progress(row.course).at[0]


# ── its course ───────────────────────────────────────────────────────────────
def test_a_lead_is_answered_then_judged_then_followed(officer: Any) -> None:
    row = following(officer)
    assert stage(row) == "following"
    assert row.judgement == "合产业方向，先上门"
    assert row.progress_due == terms.in_force(DAY).progress_due(DAY)
    assert [event.verb for event in Event.objects.filter(root_id=str(row.pk), root_type__icontains="lead").order_by("seq")] == ["lead_registered", "lead_responded", "lead_judged"]


def test_nobody_judges_before_the_first_response(officer: Any) -> None:
    row = lead_factory(officer)
    refused("not_now", lambda: work.judge(lead=row, version=row.version, opinion="行", by=officer))
    row.refresh_from_db()
    assert row.judgement == ""


def test_a_town_officer_answers_but_does_not_judge(officer: Any) -> None:
    town = person_factory("town_officer")
    row = lead_factory(town)
    row = work.respond(lead=row, version=row.version, news=News(DAY, "打了电话"), by=town)
    refused("gate_closed", lambda: work.judge(lead=row, version=row.version, opinion="合方向", by=town))
    assert Lead.objects.get(pk=row.pk).judgement == ""


def test_a_lead_nobody_holds_is_not_answered(officer: Any) -> None:
    row = actions.register_lead(said=actions.Said(title="有人想来", firm_name="无主样例公司", source="online", came_on=DAY), by=officer, hold=False)
    refused("gate_closed", lambda: work.respond(lead=row, version=row.version, news=News(DAY, "打了电话"), by=officer))
    assert not Progress.objects.exists()


@pytest.mark.parametrize("news", [News(DAY, ""), News(dt.date(2026, 10, 31), "打了电话"), News(DAY, "打了电话", "上门"), News(DAY, "打了电话", "上门", dt.date(2026, 10, 1))])
def test_news_that_cannot_be_are_refused_and_nothing_is_written(officer: Any, news: News) -> None:
    row = following(officer)
    before = Progress.objects.count()
    with pytest.raises(Refusal):
        work.tell_progress(lead=row, version=row.version, news=news, by=officer)
    assert Progress.objects.count() == before
    assert Lead.objects.get(pk=row.pk).version == row.version


def test_who_comes_second_is_told_and_writes_nothing(officer: Any) -> None:
    row = following(officer)
    seen = row.version
    work.tell_progress(lead=row, version=seen, news=News(DAY, "又打了电话"), by=officer)
    refused("conflict", lambda: work.tell_progress(lead=row, version=seen, news=News(DAY, "也打了电话"), by=officer))
    assert not Progress.objects.filter(what="也打了电话").exists()


def test_news_renew_protection_up_to_the_limit_of_one_holding(officer: Any, settings: Any) -> None:
    row = following(officer)
    limit = row.held_since + dt.timedelta(days=180)
    for day in ("2026-11-20", "2026-12-18", "2027-03-30", "2027-04-26"):
        settings.DIGUAN_TODAY = day
        row = work.tell_progress(lead=row, version=row.version, news=News(dt.date.fromisoformat(day), "谈着"), by=officer)
        assert row.protected_until == min(dt.date.fromisoformat(day) + dt.timedelta(days=30), limit)
    assert row.protected_until == limit


def test_letting_go_and_taking_back_is_no_new_holding_and_for_another_it_is(officer: Any, settings: Any) -> None:
    row = following(officer)
    limit = row.held_since + dt.timedelta(days=180)
    settings.DIGUAN_TODAY = (limit - dt.timedelta(days=3)).isoformat()
    row = holding.release_lead(lead=row, version=row.version, reason="先放一放", by=officer)
    row = holding.claim_lead(lead=row, by=officer)
    assert row.protected_until == limit
    row = holding.release_lead(lead=row, version=row.version, reason="先放一放", by=officer)
    other = person_factory("promotion_officer")
    row = holding.claim_lead(lead=row, by=other)
    assert row.protected_until == limit + dt.timedelta(days=27)


def test_a_step_is_done_once(officer: Any) -> None:
    row = following(officer)
    row = work.tell_progress(lead=row, version=row.version, news=News(DAY, "谈了", "上门", dt.date(2026, 11, 2), officer), by=officer)
    step = row.progress.exclude(next_step="").get()
    assert list(leads.next_steps(officer, dt.date(2026, 11, 2))) == [step]
    work.finish_step(lead=row, progress=step, version=step.version, on=DAY, by=officer)
    step.refresh_from_db()
    refused("not_now", lambda: work.finish_step(lead=row, progress=step, version=step.version, on=DAY, by=officer))
    assert not leads.next_steps(officer, dt.date(2026, 11, 2)).exists()


def test_a_referrer_is_answered_within_five_working_days(officer: Any) -> None:
    row = lead_factory(officer)
    assert row.feedback_due == dt.date(2026, 11, 6)
    assert lead_factory(officer, firm="线上样例公司", source="online").feedback_due is None
    row = work.give_feedback(lead=row, version=row.version, on=DAY, what="说已联系上", by=officer)
    assert row.feedback_on == DAY


def test_what_is_laid_aside_waits_for_nothing_until_it_is_taken_up(officer: Any, settings: Any) -> None:
    row = work.lay_aside(lead=(one := following(officer)), version=one.version, reason="对方换了负责人", by=officer)
    settings.DIGUAN_TODAY = "2026-12-30"
    assert not leads.stale(Lead.objects.all()).exists()
    refused("not_now", lambda: work.tell_progress(lead=row, version=row.version, news=News(DAY, "谈着"), by=officer))
    row = work.take_up(lead=row, version=row.version, reason="又联系上了", by=officer)
    assert row.progress_due > dt.date(2026, 12, 30)


def test_a_lost_lead_is_over(officer: Any) -> None:
    row = work.lose(lead=(one := following(officer)), version=one.version, reason="去了邻县", by=officer)
    row.course.refresh_from_db()
    assert row.course.ended_at is not None
    refused("not_now", lambda: work.tell_progress(lead=row, version=row.version, news=News(DAY, "谈着"), by=officer))
    refused("not_now", lambda: holding.claim_lead(lead=row, by=officer))


def test_a_duplicate_names_the_other_lead_and_never_itself(officer: Any) -> None:
    first, second = lead_factory(officer), lead_factory(officer, firm="深圳样例机芯公司")
    refused("not_that_one", lambda: work.mark_duplicate(lead=second, version=second.version, of=second, reason="同一家", by=officer))
    second = work.mark_duplicate(lead=second, version=second.version, of=first, reason="同一家", by=officer)
    assert second.duplicate_of == first
    refused("not_that_one", lambda: work.mark_duplicate(lead=first, version=first.version, of=second, reason="同一家", by=officer))


# ── whose it is ──────────────────────────────────────────────────────────────
def test_a_protected_lead_is_not_claimed_and_the_claimer_is_told_who_has_it(officer: Any, other: Any, settings: Any) -> None:
    row = lead_factory(officer)
    told = refused("held_already", lambda: holding.claim_lead(lead=row, by=other))
    assert "甲专员" in told.texts("zh")[0]
    settings.DIGUAN_TODAY = "2026-11-29"  # its last protected day
    refused("held_already", lambda: holding.claim_lead(lead=row, by=other))
    settings.DIGUAN_TODAY = "2026-11-30"
    row = holding.claim_lead(lead=row, by=other)
    assert (row.holder, row.owner_unit.name, row.registered_unit) == (other, "工信局", officer.posts.get().unit)


def test_an_offer_leaves_the_lead_until_it_is_taken(officer: Any, other: Any) -> None:
    row = lead_factory(officer)
    row = holding.offer_lead(lead=row, version=row.version, to=other, by=officer)
    assert row.holder == officer
    assert Notice.objects.filter(kind=lead_notices.OFFERED, person=other, ended_at=None).count() == 1
    refused("offered_already", lambda: holding.offer_lead(lead=row, version=row.version, to=person_factory("leader"), by=officer))
    offer = leads.offered_to(other).get()
    refused("not_offered", lambda: holding.accept_lead(handover=offer, by=person_factory("leader")))
    row = holding.accept_lead(handover=offer, by=other)
    assert row.holder == other
    refused("not_offered", lambda: holding.accept_lead(handover=offer, by=other))
    assert not Notice.objects.filter(kind=lead_notices.OFFERED, ended_at=None).exists()


def test_only_the_holder_offers_and_only_whoever_leads_assigns(officer: Any, other: Any) -> None:
    row, chain = lead_factory(officer), person_factory("chain_officer", officer.posts.get().unit)
    refused("not_yours", lambda: holding.offer_lead(lead=row, version=row.version, to=other, by=chain))
    with pytest.raises(Forbidden):
        holding.assign_lead(lead=row, version=row.version, to=other, reason="换人", by=chain)
    refused("invalid", lambda: holding.assign_lead(lead=row, version=row.version, to=other, reason="", by=person_factory("leader")))
    row = holding.assign_lead(lead=row, version=row.version, to=other, reason="换人", by=person_factory("leader"))
    assert row.holder == other


def test_a_released_lead_is_for_anybody_who_sees_it(officer: Any, other: Any) -> None:
    row = holding.release_lead(lead=(one := lead_factory(officer)), version=one.version, reason="没有精力", by=officer)
    assert row.holder is None
    town = person_factory("town_officer")
    with pytest.raises(Forbidden):
        holding.claim_lead(lead=row, by=town)
    assert holding.claim_lead(lead=row, by=other).holder == other


def test_who_has_no_post_any_more_sees_and_does_nothing(officer: Any, settings: Any) -> None:
    row = following(officer)
    Post.objects.filter(person=officer).update(to_day=DAY)
    settings.DIGUAN_TODAY = "2026-10-31"
    assert not leads.visible_leads(officer).exists()
    with pytest.raises(Forbidden):
        work.tell_progress(lead=row, version=row.version, news=News(DAY, "谈着"), by=officer)
    with pytest.raises(Forbidden):
        actions.reveal_contact(lead=row, reason="要打电话", by=officer)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_claim_one_lead_at_once_one_has_it_and_the_others_are_told(officer: Any) -> None:
    row = holding.release_lead(lead=(one := lead_factory(officer)), version=one.version, reason="没有精力", by=officer)
    people = [person_factory("promotion_officer", name=f"专员{number}") for number in range(4)]
    gate, found = threading.Barrier(4), [""] * 4

    def run(number: int) -> None:
        try:
            gate.wait()
            holding.claim_lead(lead=Lead.objects.get(pk=row.pk), by=people[number])
            found[number] = "done"
        except Refusal as refusal:
            found[number] = refusal.texts("zh")[0]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = Lead.objects.get(pk=row.pk).holder
    assert found.count("done") == 1
    assert found[people.index(winner)] == "done"
    assert sum(winner.name in words for words in found) == 3
    assert Event.objects.filter(verb="lead_claimed").count() == 1


# ── the clock tells ──────────────────────────────────────────────────────────
def test_the_holder_and_whoever_leads_the_office_are_told_once_of_each_clock(settings: Any) -> None:
    bureau = unit_factory("商务局")
    head = person_factory("promotion_officer", bureau, from_day=dt.date(2026, 1, 1))
    officer = person_factory("chain_officer", bureau, from_day=dt.date(2026, 1, 1))
    row = lead_factory(officer)
    assert lead_notices.remind_due() == 0
    settings.DIGUAN_TODAY = "2026-11-04"
    assert lead_notices.remind_due() == 1
    assert lead_notices.remind_due() == 0
    assert set(Notice.objects.filter(kind=lead_notices.LATE).values_list("person", flat=True)) == {officer.pk, head.pk}
    work.respond(lead=row, version=row.version, news=News(dt.date(2026, 11, 4), "打了电话"), by=officer)
    assert not Notice.objects.filter(kind=lead_notices.LATE, ended_at=None).exists()


# ── contacts ─────────────────────────────────────────────────────────────────
def test_a_contact_is_masked_and_seen_only_with_a_reason_that_is_kept(client: Any, officer: Any) -> None:
    row = lead_factory(officer, contact_name="欧阳样例", contact_phone="13800001234")
    client.force_login(officer)
    page = client.get(reverse("projects:lead", args=[row.pk])).content.decode()
    assert "13800001234" not in page
    assert "欧阳样例" not in page
    assert client.post(reverse("projects:lead_reveal", args=[row.pk]), {"reason": ""}).status_code == 422
    assert not Event.objects.filter(verb="lead_contact_revealed").exists()
    shown = client.post(reverse("projects:lead_reveal", args=[row.pk]), {"reason": "约时间上门"}).content.decode()
    assert "13800001234" in shown
    assert Event.objects.get(verb="lead_contact_revealed").reason == "约时间上门"
    assert "13800001234" not in "".join(Event.objects.values_list("after_json", flat=True))


def test_a_lead_that_became_a_project_leads_to_it_and_its_referrer_is_still_answered(client: Any, officer: Any) -> None:
    row = following(officer)
    project = projects.open_project(said=projects.Said(name="样例机芯项目", investor=row.firm_name, source=row.source), lead=row, by=officer)
    client.force_login(officer)
    page = client.get(reverse("projects:lead", args=[row.pk])).content.decode()
    assert reverse("projects:project", args=[project.pk]) in page
    sent = {"version": Lead.objects.get(pk=row.pk).version, "on": "2026-10-30", "what": "告诉他已经立项"}
    assert reverse("projects:lead_do", args=[row.pk, "feedback"]) in page
    assert client.post(reverse("projects:lead_do", args=[row.pk, "feedback"]), sent).status_code == 302
    assert Lead.objects.get(pk=row.pk).feedback_on == DAY
    stranger = person_factory("bureau_clerk", unit_factory("发改局"), name="丙办事员", from_day=dt.date(2026, 1, 1))
    client.force_login(stranger)
    assert client.get(reverse("projects:lead", args=[row.pk])).status_code == 403


def test_what_is_seldom_done_with_a_lead_stands_in_one_card_below_what_is_due(client: Any, officer: Any) -> None:
    row = lead_factory(officer, referrer=None)
    client.force_login(officer)
    page = client.get(reverse("projects:lead", args=[row.pk])).content.decode()
    due, seldom = page.split('aria-labelledby="others"')
    assert "记下首次联系" in due
    assert f"{reverse('ties:paths')}?firm=" in due, "who can introduce us is one press away"
    assert all(words in seldom and f"<summary>{words}" not in due for words in ("交给别人", "不再跟进", "搁置", "流失", "和别的线索重复"))
    assert "<summary>答复引荐人" not in seldom, "it has a day of its own, so it stands above"
