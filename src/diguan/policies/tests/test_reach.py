"""From a fact to a notice: who is told, once, and what the policy's page says of how far it reached."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from diguan.enterprises.models import Enterprise
from diguan.enterprises.tests.factories import contact_factory
from diguan.kernel import access, measures
from diguan.kernel.events import Event, verify
from diguan.kernel.notices import actions as notices
from diguan.kernel.notices.models import Notice, State
from diguan.kernel.notices.queries import visible
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.policies import actions, queries
from diguan.policies.queries import reach
from diguan.policies.tests import county
from diguan.policies.tests.county import PLAIN, POLICY, RICH, SHORT, SILENT

pytestmark = pytest.mark.django_db
LONG = dt.date(2026, 1, 1)


@pytest.fixture
def officer(settings, tmp_path, monkeypatch):
    county.begin(settings, tmp_path, monkeypatch)
    county.deliver((RICH, 600), (PLAIN, 100), (SHORT, 90))
    return person_factory("policy_officer", from_day=LONG)


def agent(uscc):
    return person_factory("enterprise_agent", uscc=uscc, from_day=LONG)


def figures(person):
    of = queries.standing(person, POLICY)
    return {stage: measures.value(f"policies.{stage}", person, of).num for stage in reach.STAGES}


def held():
    return {(row.uscc, row.spell): row.state for row in Notice.objects.all()}


# ── who is told ──────────────────────────────────────────────────────────────
def test_the_first_match_tells_every_entitled_firm_and_nobody_else(officer):
    agent(RICH)
    run = actions.run_match(by=officer)
    assert held() == {(RICH, 1): "delivered", (PLAIN, 1): "queued"}
    row = Notice.objects.get(uscc=RICH)
    assert (row.run, row.addressee, row.place, row.about_id) == (run, "衡阳大窑瓷业有限公司", "界牌镇", POLICY)
    assert "可享 5 万元" in row.body_zh
    assert "县发改局" in row.body_zh
    assert "meets all 2 clauses" in row.body_en
    assert len(row.text) <= reach.TEXT
    assert Event.objects.filter(verb="notices_written").count() == 1
    assert verify(run) == []


def test_one_changed_fact_makes_exactly_one_new_notice_and_moves_the_funnel(officer):
    actions.run_match(by=officer)
    before = figures(officer)
    county.deliver((SHORT, 120), period="2026-10")
    actions.run_match(by=officer)
    assert Notice.objects.filter(ended_at__isnull=True).count() == 3
    assert Notice.objects.exclude(uscc__in=(RICH, PLAIN)).get().uscc == SHORT
    after = figures(officer)
    assert (before["notified"], after["notified"]) == (2, 3)
    assert (before["unreached"], after["unreached"]) == (2, 3)


def test_a_match_with_nothing_new_sends_nothing_twice(officer):
    agent(RICH)
    actions.run_match(by=officer)
    events = Event.objects.count()
    actions.run_match(by=officer)
    assert actions.notify_due() == 0
    assert notices.send_due() == 0
    assert Notice.objects.count() == 2
    assert Event.objects.filter(verb__startswith="notice").count() == 2
    assert Event.objects.count() == events


def test_who_lost_it_before_delivery_gets_none_and_who_regains_it_gets_a_new_one(officer):
    actions.run_match(by=officer)
    county.deliver((PLAIN, 10), period="2026-10")
    actions.run_match(by=officer)
    assert held()[PLAIN, 1] == State.WITHDRAWN
    seller = agent(PLAIN)
    assert notices.send_due(by=officer) == 0
    assert not visible(seller).exclude(state=State.WITHDRAWN).exists()
    county.deliver((PLAIN, 110), period="2026-10")
    actions.run_match(by=officer)
    assert held() == {(RICH, 1): "queued", (PLAIN, 1): "withdrawn", (PLAIN, 2): "delivered"}


def test_who_lost_it_after_delivery_keeps_the_notice_and_is_told_that_it_no_longer_holds(client, officer):
    seller = agent(PLAIN)
    actions.run_match(by=officer)
    county.deliver((PLAIN, 10), period="2026-10")
    actions.run_match(by=officer)
    row = Notice.objects.get(uscc=PLAIN)
    assert row.state == "delivered"
    assert row.ended_at is not None
    client.force_login(seller)
    html = client.get(reverse("notices:one", args=[row.pk])).content.decode()
    assert "已经不再有效" in html
    assert 'value="acted"' not in html
    assert client.post(reverse("notices:answer", args=[row.pk]), {"answer": "acted"}).status_code == 422
    assert figures(officer)["notified"] == 1


def test_a_policy_that_may_not_be_published_tells_nobody_and_takes_back_what_was_not_delivered(officer, tmp_path):
    actions.run_match(by=officer)
    path = tmp_path / f"pack/policies/{POLICY}.yaml"
    path.write_text(path.read_text("utf-8").replace("status: passed, date: 2025-12-18, record: 演示公竞审〔2026〕1号", "status: pending"), "utf-8")
    assert not queries.library().policies[POLICY].publishable
    actions.run_match(by=officer)
    assert set(held().values()) == {"withdrawn"}


def test_a_text_that_changed_since_the_match_leaves_the_notices_as_they_are(officer, tmp_path):
    actions.run_match(by=officer)
    county.policy(tmp_path / "pack", least="80")
    assert actions.notify(by=officer) == 0
    actions.run_match(by=officer)
    assert set(held()) == {(RICH, 1), (PLAIN, 1), (SHORT, 1)}


def test_a_trial_for_another_day_tells_nobody(officer):
    actions.run_match(by=officer, as_of=dt.date(2027, 6, 30))
    assert not Notice.objects.exists()


def test_who_may_not_run_a_match_writes_no_notice(officer):
    actions.run_match(by=officer)
    with pytest.raises(access.Forbidden):
        actions.write_notices(run=queries.current_run(), drafts=[], over=list(Notice.objects.values_list("pk", flat=True)), by=agent(RICH))
    assert not Notice.objects.filter(ended_at__isnull=False).exists()


# ── the funnel ───────────────────────────────────────────────────────────────
def test_the_funnel_runs_from_entitled_to_acted_and_every_figure_opens_its_rows(client, officer):
    rich, plain = agent(RICH), agent(PLAIN)
    county.deliver((SHORT, 120), (SILENT, 200), period="2026-10")
    actions.run_match(by=officer)
    for person, uscc in ((rich, RICH), (plain, PLAIN)):
        client.force_login(person)
        assert client.get(reverse("notices:one", args=[Notice.objects.get(uscc=uscc).pk])).status_code == 200
    notices.answer_notice(notice=Notice.objects.get(uscc=RICH), acted=True, by=rich)
    notices.answer_notice(notice=Notice.objects.get(uscc=PLAIN), acted=False, reason="too_little", by=plain)
    assert figures(officer) == {"notified": 4, "delivered": 2, "opened": 2, "acted": 1, "refused": 1, "unreached": 2}
    of = queries.standing(officer, POLICY)
    for stage, count in figures(officer).items():
        assert len(measures.behind(f"policies.{stage}", officer, of)) == count, stage
    client.force_login(officer)
    html = client.get(reverse("policies:policy", args=[POLICY])).content.decode()
    assert "可享但没有触达" in html
    assert "金额太少，不值得办 1" in html
    listed = client.get(reverse("policies:reach", args=[POLICY, "refused"]) + "?reason=too_little").content.decode()
    assert PLAIN in listed
    assert RICH not in listed
    unreached = client.get(reverse("policies:reach", args=[POLICY, "unreached"])).content.decode()
    assert SHORT in unreached
    assert PLAIN not in unreached
    file = client.get(reverse("policies:reach", args=[POLICY, "unreached"]) + "?export=csv").content.decode("utf-8-sig")
    assert SILENT in file
    assert RICH not in file


def test_a_receipt_that_says_delivered_reaches_a_firm_without_an_account(officer):
    contact_factory(Enterprise.objects.get(uscc=PLAIN))
    actions.run_match(by=officer)
    assert figures(officer)["unreached"] == 2
    notices.hand_over(by=officer)
    assert figures(officer)["delivered"] == 0


def test_an_agent_sees_no_funnel_and_no_list(client, officer):
    seller = agent(RICH)
    actions.run_match(by=officer)
    client.force_login(seller)
    assert client.get(reverse("policies:reach", args=[POLICY, "notified"])).status_code == 403
    clerk = person_factory("data_clerk", from_day=LONG)
    client.force_login(clerk)
    assert client.get(reverse("policies:reach", args=[POLICY, "notified"])).status_code == 403


def test_an_office_of_one_place_sees_the_notices_of_its_firms_alone(client, officer, monkeypatch):
    from diguan.kernel.access import queries as rights
    from diguan.kernel.access.roles import Role, Scope, roles

    town = unit_factory("界牌镇")
    Enterprise.objects.filter(uscc=RICH).update(owner_unit=town)
    actions.run_match(by=officer)
    local = Role("town_officer", {"zh": "镇干部"}, enterprise=False, permissions=dict.fromkeys(
        ("notices.view_notice", "policies.view_entitlement", "enterprises.view_enterprise", "notices.export_notice"), Scope.UNIT))
    monkeypatch.setattr(rights, "roles", lambda: {**roles(), "town_officer": local})
    person = person_factory("town_officer", town, from_day=LONG)
    assert [row.uscc for row in visible(person)] == [RICH]
    client.force_login(person)
    html = client.get(reverse("notices:outbox")).content.decode()
    assert RICH in html
    assert PLAIN not in html
    assert client.get(reverse("notices:one", args=[Notice.objects.get(uscc=PLAIN).pk])).status_code == 404
