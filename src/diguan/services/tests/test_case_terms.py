"""Extensions decided by somebody else, and the watch over days: once in each colour, one failing case keeping no other from its warnings."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from diguan.kernel.access import Forbidden
from diguan.kernel.access.models import Post
from diguan.kernel.notices.models import Notice
from diguan.kernel.stages.actions import ChangedMeanwhile
from diguan.kernel.tests.factories import person_factory
from diguan.services.actions import case_terms, case_watch
from diguan.services.models import CaseWarning, Extension
from diguan.services.queries import case_terms as terms
from diguan.services.tests.test_case_pages import at, deed, page, send
from diguan.services.tests.test_cases import USCC, accepted, done, opened, refused, task, who

__all__ = ["who"]
pytestmark = pytest.mark.django_db
BASIS = "行政许可法第四十二条第一款"


@pytest.fixture
def case(who):
    row = opened(who)
    accepted(who, row)
    return row


def ask(case, by, **more):
    row = task(case, "fire")
    return case_terms.ask_extension(**{"task": row, "version": row.version, "days": 10, "basis": BASIS, "reason": "要专家复核", "by": by, **more})


def decide(by, **more):
    row = Extension.objects.get()
    return case_terms.decide_extension(**{"extension": row, "version": row.version, "grant": True, "reason": "情况属实", "by": by, **more})


def test_a_head_grants_what_the_bureau_asked_and_the_day_says_how_it_came_about(who, case):
    head = person_factory("bureau_head", who.offices["housing"])
    ask(case, who.housing)
    assert [row.task.key for row in terms.to_decide(head)] == ["fire"]
    assert Notice.objects.get(kind="services.extension_asked").person == head
    assert task(case, "fire").due == dt.date(2026, 11, 16)
    decide(head)
    assert task(case, "fire").due == dt.date(2026, 11, 30)
    told = "\n".join(line.zh for line in terms.derivation(task(case, "fire"), terms.clock_rows(case.course)[task(case, "fire").pk], reasons=True))
    for words in ("自 2026-11-09 起算，当天不算；5 个工作日", "批准延长 10 个工作日", BASIS, "日历版本", "到 2026-11-30"):
        assert words in told
    assert "要专家复核" in Notice.objects.get(kind="services.case_extended", uscc=USCC).body_zh
    refused("no_extension", lambda: ask(case, who.housing))  # once


def test_what_is_not_allowed_changes_nothing(who, case, settings):
    head = person_factory("bureau_head", who.offices["housing"])
    for by in (who.land, who.agent, head):
        with pytest.raises(Forbidden):
            ask(case, by)
    refused("too_long", lambda: ask(case, who.housing, days=11))
    refused("invalid", lambda: ask(case, who.housing, basis=""))
    refused("invalid", lambda: ask(case, who.housing, reason=""))
    with pytest.raises(ChangedMeanwhile):
        ask(case, who.housing, version=99)
    ask(case, who.housing)
    refused("asked_already", lambda: ask(case, who.housing))
    for by in (who.housing, who.agent, who.officer, person_factory("bureau_head", who.offices["land"])):
        with pytest.raises(Forbidden):
            decide(by)
    settings.DIGUAN_TODAY = "2026-11-17"
    refused("no_extension", lambda: decide(head))  # the term is over
    assert Extension.objects.get().state == "asked"
    decide(head, grant=False)
    assert Extension.objects.get().state == "refused"
    assert task(case, "fire").due == dt.date(2026, 11, 16)


def told(kind):
    return sorted(Notice.objects.filter(kind=f"services.{kind}", ended_at=None).values_list("person", flat=True))


def test_yellow_then_red_then_whoever_leads_each_once(who, case, settings):
    settings.DIGUAN_TODAY = "2026-11-12"
    case_watch.warn_due()
    assert not CaseWarning.objects.filter(task__key="fire").exists()
    settings.DIGUAN_TODAY = "2026-11-13"
    case_watch.warn_due()
    assert who.housing.pk in told("case_due_soon")
    settings.DIGUAN_TODAY = "2026-11-17"
    case_watch.warn_due()
    before = Notice.objects.count()
    assert case_watch.warn_due() == 0
    assert Notice.objects.count() == before
    assert who.housing.pk in told("case_late")
    assert {who.officer.pk, who.second.pk} <= set(told("case_escalated"))
    assert who.agent.pk not in told("case_late")
    assert list(CaseWarning.objects.filter(task__key="fire").order_by("id").values_list("colour", flat=True)) == ["yellow", "red", "escalated"]
    done(case, "fire", who.housing)
    case_watch.warn_due()
    assert who.housing.pk not in told("case_late")  # what is done is no longer said to be late


def test_a_case_that_fails_keeps_no_other_from_its_warnings(who, case, settings, monkeypatch):
    other = opened(who)
    accepted(who, other)
    settings.DIGUAN_TODAY = "2026-11-17"
    real = terms.responsible
    monkeypatch.setattr(terms, "responsible", lambda row: real(row) if row.course_id == other.course_id else 1 / 0)
    assert case_watch.warn_due() == 1
    assert set(CaseWarning.objects.values_list("case", flat=True)) == {other.pk}
    monkeypatch.undo()
    settings.DIGUAN_TODAY = "2026-11-17"
    assert case_watch.warn_due() == 1
    assert set(CaseWarning.objects.values_list("case", flat=True)) == {case.pk, other.pk}


# ── on pages ─────────────────────────────────────────────────────────────────
def test_a_bureau_asks_on_the_page_its_head_decides_there_and_nobody_else(client, who, case):
    head, other = person_factory("bureau_head", who.offices["housing"]), person_factory("bureau_head", who.offices["land"])
    assert "申请延期" in page(client, who.housing, at("case", case.pk))
    assert "最多延长 10" in deed(client, who.housing, case, "fire", "extend", 422, days=11, basis=BASIS, reason="要专家复核")
    deed(client, who.housing, case, "fire", "extend", days=10, basis=BASIS, reason="要专家复核")
    row = Extension.objects.get()
    shown = page(client, who.housing, at("case", case.pk))
    assert "要专家复核" in shown
    assert "批不批准延期" not in shown  # who asked does not decide
    assert "要专家复核" in page(client, head, at("case_extensions"))
    assert "批不批准延期" in page(client, head, at("case", case.pk))
    assert "要专家复核" not in page(client, other, at("case_extensions"))
    send(client, other, at("extension_decide", row.pk), 404, version=row.version, grant="yes", reason="情况属实")
    send(client, who.housing, at("extension_decide", row.pk), 403, version=row.version, grant="yes", reason="情况属实")
    assert "情况属实吗" in send(client, head, at("extension_decide", row.pk), 422, version=row.version, grant="", reason="情况属实吗")  # what was typed is kept
    send(client, head, at("extension_decide", row.pk), version=row.version, grant="yes", reason="情况属实")
    assert "11 月 30 日" in page(client, who.agent, at("case", case.pk)) or "2026-11-30" in page(client, who.agent, at("case", case.pk))
    assert "没有等您批的延期" in page(client, head, at("case_extensions"))


def test_who_oversees_finds_what_is_late_and_only_their_own(client, who, case, settings):
    head, other = person_factory("bureau_head", who.offices["housing"]), person_factory("bureau_head", who.offices["land"])
    settings.DIGUAN_TODAY = "2026-11-25"
    case_watch.warn_due()
    for person in (head, person_factory("leader"), who.officer):
        assert "消防设计审查" in page(client, person, at("case_watch") + "?shade=red")
    assert "已超期" in page(client, who.housing, at("inbox"))
    assert "消防设计审查" not in page(client, other, at("case_watch"))
    page(client, who.housing, at("case_watch"), 403)
    page(client, who.agent, at("case_watch"), 403)


def test_who_holds_two_posts_keeps_nobody_from_their_warnings(who, case, settings):
    head = person_factory("bureau_head", who.offices["land"])
    first = Post.objects.order_by("id").first()
    Post.objects.filter(pk=first.pk).update(person=head, role="bureau_head", unit=who.offices["land"])  # the oldest post there is
    Post.objects.create(person=head, role="bureau_clerk", unit=who.offices["land"], from_day=first.from_day)
    settings.DIGUAN_TODAY = "2026-11-17"
    assert case_watch.warn_due() == 1
    assert CaseWarning.objects.filter(case=case, colour="red").exists()


def test_late_steps_stand_on_the_weekly_dispatch_sheet_of_who_oversees_them(client, who, case, settings):
    leader = person_factory("leader")
    assert "办件卡住的" not in page(client, leader, reverse("projects:dispatch"))
    settings.DIGUAN_TODAY = "2026-11-25"
    seen = page(client, leader, reverse("projects:dispatch"))
    assert "办件卡住的" in seen
    assert "消防设计审查" in seen
    assert "办件卡住的" not in page(client, person_factory("promotion_officer"), reverse("projects:dispatch"))
