"""Login, session, the wall in front of every page, and administration through the pages."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from diguan.kernel import clocks, remember
from diguan.kernel.access.models import Person
from diguan.kernel.tests.factories import PASSWORD, person_factory
from diguan.site.login import LoginWall

pytestmark = pytest.mark.django_db


def enter(client, person, password=PASSWORD, **extra):
    return client.post(reverse("site:login"), {"login_name": person.login_name, "password": password, **extra})


@pytest.fixture
def admin():
    return person_factory("administrator", password=PASSWORD)


@pytest.mark.parametrize("name", ["home", "password", "people", "units"])
def test_a_stranger_is_sent_to_the_login_page_and_back_afterwards(client, admin, name):
    path = reverse(f"site:{name}")
    response = client.get(path)
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("site:login"))
    assert enter(client, admin, next=path)["Location"] == path
    assert client.get(path).status_code == 200


def test_an_address_elsewhere_is_not_followed_after_login(client, admin):
    assert enter(client, admin, next="https://example.com/")["Location"] == "/"


def test_login_renews_the_session_and_logout_ends_it(client, admin):
    client.get(reverse("site:login"))
    session = client.session
    session["planted"] = "x"
    session.save()
    before = session.session_key
    client.cookies["diguan_session"] = before
    enter(client, admin)
    assert client.cookies["diguan_session"].value != before
    assert "planted" not in client.session
    client.post(reverse("site:logout"))
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("hours", [2.1, 12.1])
def test_an_idle_and_an_old_session_end(client, admin, monkeypatch, hours):
    enter(client, admin)
    assert client.get("/").status_code == 200
    start = clocks.now()

    def later(seconds):
        monkeypatch.setattr(clocks, "now", lambda: start + dt.timedelta(seconds=seconds))
        return client.get("/").status_code

    if hours > 12:
        assert [later(step * 3590) for step in range(1, 13)] == [200] * 12
    assert later(hours * 3600) == 302


@pytest.mark.parametrize(("method", "found"), [("GET", [1, 1]), ("HEAD", [1, 1]), ("POST", [1, 2]), ("PUT", [1, 2]), ("PATCH", [1, 2]), ("DELETE", [1, 2])])
def test_a_request_that_may_write_asks_anew_and_one_that_reads_does_not(rf, method, found):
    asked, told = itertools.count(1), []

    def view(_request):
        told.extend(remember.while_reading("key", lambda: next(asked)) for _turn in range(2))
        return HttpResponse()

    LoginWall(view)(rf.generic(method, "/"))
    assert told == found


def test_a_wrong_password_and_a_lock_say_nothing_about_the_account(client, admin):
    for name in (admin.login_name, "nobody-here"):
        for _ in range(5):
            assert "登录名或密码不对" in client.post("/login/", {"login_name": name, "password": "x"}).content.decode()
        assert "15 分钟" in client.post("/login/", {"login_name": name, "password": PASSWORD}).content.decode()


def test_a_first_password_must_be_changed_before_anything_else(client):
    person = person_factory("administrator", password=PASSWORD, must_change_password=True)
    enter(client, person)
    assert client.get("/people/")["Location"] == reverse("site:password")
    new = {"current": PASSWORD, "password": "quite-another-77", "again": "quite-another-77"}
    assert client.post("/password/", {**new, "again": "x"}).status_code == 422
    assert client.post("/password/", new).status_code == 302
    assert client.get("/people/").status_code == 200


def test_a_deactivated_persons_session_ends(client, admin):
    client.force_login(admin)
    Person.objects.filter(pk=admin.pk).update(is_active=False)
    assert client.get("/").status_code == 302


def test_pages_carry_strict_headers_and_chinese_unless_chosen(client, admin):
    response = client.get("/login/", headers={"Accept-Language": "en"})
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response["X-Frame-Options"] == "DENY"
    assert response["Content-Language"] == "zh-hans"
    assert client.post("/language/", {"language": "en", "next": "/login/"})["Location"] == "/login/"
    assert client.get("/login/")["Content-Language"] == "en"
    client.force_login(admin)
    assert "no-store" in client.get("/")["Cache-Control"]


def test_a_stranger_who_locks_my_name_does_not_keep_me_out_of_the_browser_i_use(client, admin):
    enter(client, admin)
    client.post(reverse("site:logout"))
    stranger = type(client)()
    for _ in range(6):
        answer = enter(stranger, admin, "wrong")
    assert "15 分钟" in answer.content.decode()
    assert enter(stranger, admin).status_code == 401
    assert enter(client, admin).status_code == 302


def test_what_a_familiar_browser_keeps_opens_nothing_by_itself(client, admin):
    enter(client, admin)
    kept = client.cookies["diguan_familiar"]
    assert kept["httponly"]
    assert kept["path"] == reverse("site:login")
    other = type(client)()
    other.cookies["diguan_familiar"] = kept.value
    assert other.get("/").status_code == 302
    assert enter(other, admin, "wrong").status_code == 401


def test_ones_own_new_password_ends_the_sessions_elsewhere_and_keeps_this_one(client, admin):
    elsewhere = type(client)()
    enter(elsewhere, admin)
    enter(client, admin)
    new = {"current": PASSWORD, "password": "quite-another-77", "again": "quite-another-77"}
    assert client.post("/password/", new).status_code == 302
    assert client.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302


@pytest.mark.parametrize(("referer", "back"), [
    ("http://testserver/password/?a=1", "/password/?a=1"), ("https://elsewhere.example/password/", "/"), ("http://testserver//elsewhere.example/", "/"), (None, "/")])
def test_what_is_sent_after_the_session_ended_leads_back_to_where_it_was_typed_and_says_that_it_did_not_arrive(client, admin, referer, back):
    sent = client.post("/password/", {"current": "x"}, headers={"referer": referer} if referer else {})
    page = client.get(sent["Location"])
    assert "刚才填的没有送出去" in page.content.decode()
    assert page.context["next"] == back
    assert "刚才填的没有送出去" not in client.get("/login/?next=/password/").content.decode()
    assert client.post(sent["Location"], {"login_name": admin.login_name, "password": PASSWORD, "next": page.context["next"]})["Location"] == back


def test_a_form_that_was_open_too_long_leads_back_to_where_it_was_typed(admin):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin)
    page = strict.post("/password/", {"current": "x"}, headers={"referer": "http://testserver/password/"})
    assert page.status_code == 403
    assert 'href="/password/"' in page.content.decode()


def test_a_password_the_administrator_resets_ends_every_session(client, admin):
    person = person_factory("leader", password=PASSWORD)
    enter(client, person)
    boss = type(client)()
    enter(boss, admin)
    assert boss.post(reverse("site:person_deed", args=[person.pk, "reset"]), {"password": "qingcao-chitang-33"}).status_code == 302
    assert client.get("/").status_code == 302


def test_an_open_session_of_a_closed_account_is_gone_for_good(client, admin):
    """Not only asleep: opening the account again must not wake a session that was left open somewhere."""
    person = person_factory("leader", password=PASSWORD)
    enter(client, person)
    boss = type(client)()
    enter(boss, admin)
    boss.post(reverse("site:person_deed", args=[person.pk, "deactivate"]), {"reason": "离职"})
    assert client.get("/").status_code == 302
    assert client.post("/password/", {}).status_code == 302
    boss.post(reverse("site:person_deed", args=[person.pk, "reactivate"]), {"reason": "返聘"})
    assert client.get("/").status_code == 302
    assert enter(client, person).status_code == 302
    assert client.get("/").status_code == 200


def test_a_session_number_somebody_else_chose_is_not_taken_up(client, admin):
    client.cookies["diguan_session"] = "a" * 32
    enter(client, admin)
    assert client.cookies["diguan_session"].value != "a" * 32
    thief = type(client)()
    thief.cookies["diguan_session"] = "a" * 32
    assert thief.get("/").status_code == 302


def test_one_login_after_another_in_one_browser_carries_nothing_over(client, admin):
    leader = person_factory("leader", password=PASSWORD)
    enter(client, admin)
    first = client.cookies["diguan_session"].value
    enter(client, leader)
    assert client.get(reverse("site:people")).status_code == 403
    thief = type(client)()
    thief.cookies["diguan_session"] = first
    assert thief.get("/").status_code == 302


@pytest.mark.parametrize("address", ["/?q=%00", "/search/?q=%00", "/people/?q=a%00b", "/people/?sort=%00", "/people/?page=%00",
                                     "/people/?page=999999999999999999999", "/people/%00/", "/people/999999999999999999999/", "/people/1/%E4%BB%BB/"])
def test_an_address_nobody_would_write_is_never_a_crash(client, admin, address):
    client.force_login(admin)
    assert client.get(address).status_code in (200, 400, 404)


def test_a_login_form_nobody_would_fill_in_is_only_wrong(client, admin):
    for name, word in (("\x00", "x"), ("x" * 100_000, "x"), (admin.login_name, "x" * 100_000), ("", ""), (admin.login_name, "\x00")):
        assert client.post("/login/", {"login_name": name, "password": word}).status_code in (401, 404), name[:5]
