"""Tokens: issued on a page, shown once, kept by digest, never wider than their person, ended in time."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel import clocks
from diguan.kernel.access import actions as access_actions
from diguan.kernel.access.tokens import actions, queries
from diguan.kernel.access.tokens.models import ApiToken
from diguan.kernel.events import Event
from diguan.kernel.refusals import Refusal
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db


def issued(client: Client, name: str = "每月报送") -> str:
    page = client.post(reverse("site:tokens"), {"name": name, "days": "90"})
    assert page.status_code == 201
    found = re.search(r'id="fresh"[^>]*>(dgt_[\w-]+)<', page.content.decode())
    assert found is not None
    return found.group(1)


def asks(token: str, path: str = "/api/enterprises") -> int:
    return Client(headers={"Authorization": f"Bearer {token}"}).get(path).status_code


@pytest.fixture
def clerk(client: Client) -> Any:
    person = person_factory("data_clerk")
    client.force_login(person)
    return person


def test_a_token_is_issued_on_the_page_shown_once_and_opens_the_api(client: Client, clerk: Any) -> None:
    token = issued(client)
    assert asks(token) == 200
    row = ApiToken.objects.get()
    assert row.digest == queries.digest_of(token)
    assert token not in "".join(str(value) for value in ApiToken.objects.values().get().values())
    assert row.last_day == clocks.today() + dt.timedelta(days=90)
    page = client.get(reverse("site:tokens")).content.decode()
    assert token not in page
    assert "每月报送" in page
    event = Event.objects.get(verb="token_issued")
    assert (event.actor, token in event.after_json) == (clerk, False)


def test_its_last_use_is_noted_at_a_minutes_grain(client: Client, clerk: Any, django_assert_num_queries: Any) -> None:
    token = issued(client)
    assert "还没有用过" in client.get(reverse("site:tokens")).content.decode()
    asks(token)
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    asks(token)
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.update(last_used_at=first - dt.timedelta(minutes=2))
    asks(token)
    assert ApiToken.objects.get().last_used_at > first - dt.timedelta(minutes=1)


def test_a_revoked_token_opens_nothing_and_only_its_person_revokes_it(client: Client, clerk: Any) -> None:
    token, row = issued(client), ApiToken.objects.get()
    stranger = Client()
    stranger.force_login(person_factory("data_clerk"))
    assert stranger.post(reverse("site:token_revoke", args=[row.pk])).status_code == 404
    with pytest.raises(Refusal, match="not_revocable"):
        actions.revoke_token(person=(other := person_factory("data_clerk")), token=row, by=other)
    assert asks(token) == 200
    assert client.post(reverse("site:token_revoke", args=[row.pk])).status_code == 302
    assert asks(token) == 401
    assert Event.objects.filter(verb="token_revoked", actor=clerk).count() == 1
    assert client.post(reverse("site:token_revoke", args=[row.pk])).status_code == 302  # pressed twice: said, not failed
    assert Event.objects.filter(verb="token_revoked").count() == 1


def test_a_token_ends_with_its_day(client: Client, clerk: Any) -> None:
    token = issued(client)
    ApiToken.objects.update(last_day=clocks.today())
    assert asks(token) == 200
    ApiToken.objects.update(last_day=clocks.today() - dt.timedelta(days=1))
    assert asks(token) == 401
    assert "已到期" in client.get(reverse("site:tokens")).content.decode()


def test_a_deactivated_person_is_unknown_and_stays_so_once_opened_again(client: Client, clerk: Any) -> None:
    token, admin = issued(client), person_factory("administrator")
    access_actions.deactivate_person(person=clerk, by=admin, reason="调离")
    assert asks(token) == 401
    access_actions.reactivate_person(person=clerk, by=admin)
    assert asks(token) == 401


def test_a_reset_password_ends_tokens_and_a_first_password_opens_nothing(client: Client, clerk: Any) -> None:
    token, admin = issued(client), person_factory("administrator")
    access_actions.reset_password(person=clerk, password="wo-men-de-xian-8", by=admin)
    assert asks(token) == 401
    fresh = queries.make()
    actions.issue_token(person=clerk, name="新的", last_day=clocks.today(), token=fresh, by=clerk)
    answer = Client(headers={"Authorization": f"Bearer {fresh}"}).get("/api/enterprises")
    assert (answer.status_code, answer.json()["code"]) == (403, "password_change_needed")


def test_a_token_loses_a_right_with_its_persons_post(client: Client, clerk: Any) -> None:
    token = issued(client)
    clerk.posts.update(to_day=clocks.today() - dt.timedelta(days=1))
    assert asks(token) == 403


def test_nobody_issues_in_anothers_name_too_long_or_too_many(clerk: Any) -> None:
    def issue(**more: Any) -> None:
        actions.issue_token(**{"person": clerk, "name": "x", "last_day": clocks.today(), "token": queries.make(), "by": clerk, **more})

    for code, more in (("forbidden", {"by": person_factory("administrator")}), ("token_name", {"name": " "}), ("token_name", {"name": "长" * 61}),
                       ("token_day", {"last_day": clocks.today() - dt.timedelta(days=1)}), ("token_day", {"last_day": clocks.today() + dt.timedelta(days=367)})):
        with pytest.raises(Refusal, match=code):
            issue(**more)
    for _number in range(actions.MOST_LIVE):
        issue()
    with pytest.raises(Refusal, match="too_many_tokens"):
        issue()


def test_a_token_opens_no_page(client: Client, clerk: Any) -> None:
    token = issued(client)
    answer = Client(headers={"Authorization": f"Bearer {token}"}).get(reverse("enterprises:list"))
    assert (answer.status_code, answer.url.startswith("/login/")) == (302, True)


def test_an_agent_issues_one_too_and_it_reaches_their_firm_alone(client: Client) -> None:
    own, other = enterprise_factory(), enterprise_factory()
    client.force_login(person_factory("enterprise_agent", uscc=own.uscc))
    token = issued(client)
    found = Client(headers={"Authorization": f"Bearer {token}"}).get("/api/enterprises").json()["items"]
    assert [each["uscc"] for each in found] == [own.uscc]
    assert asks(token, f"/api/enterprises/{other.uscc}") == 404


# ── the session of a page ────────────────────────────────────────────────────
def test_the_session_opens_the_api_but_writes_only_with_the_csrf_token(clerk: Any) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(clerk)
    assert browser.get("/api/enterprises").status_code == 200
    body = {"uscc": enterprise_factory().uscc, "name": "x"}
    answer = browser.post("/api/enterprises", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    browser.get(reverse("site:tokens"))
    csrf = browser.cookies["diguan_csrf"].value
    answer = browser.post("/api/enterprises", body, content_type="application/json", headers={"X-CSRFToken": csrf})
    assert (answer.status_code, answer.json()["code"]) == (409, "uscc_taken")


def test_an_idle_session_is_unknown_to_the_api(client: Client, clerk: Any) -> None:
    assert client.get("/api/enterprises").status_code == 200
    session = client.session
    session["last_seen"] -= 3 * 3600
    session.save()
    assert client.get("/api/enterprises").status_code == 401


def test_a_wrong_token_beside_a_good_session_is_judged_alone(client: Client, clerk: Any) -> None:
    assert client.get("/api/enterprises", headers={"Authorization": "Bearer dgt_wrong"}).status_code == 401


def test_a_program_is_answered_in_the_language_it_asks_for(client: Client, clerk: Any) -> None:
    token = issued(client)
    program = Client(headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"})
    assert program.get("/api/enterprises/none").json()["message"].startswith("there is no such address")
    assert Client(headers={"Authorization": f"Bearer {token}"}).get("/api/enterprises/none").json()["message"].startswith("没有这个地址")
