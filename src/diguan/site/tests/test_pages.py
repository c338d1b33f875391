"""The site's own pages, as a person meets them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from diguan.kernel.access import actions

pytestmark = pytest.mark.django_db
PASSWORD = "青草-池塘-处处蛙-3年"


@pytest.fixture
def administrator() -> Any:
    """The first administrator of a new county."""
    return actions.found_county(county="样例县", login_name="admin", name="王样例", password=PASSWORD)


@pytest.mark.usefixtures("administrator")
def test_a_person_logs_in_and_lands_on_the_work_desk(client: Client) -> None:
    answer = client.post("/login/", {"login_name": "admin", "password": PASSWORD}, follow=True)
    assert answer.status_code == 200
    assert "，王样例</h1>" in answer.content.decode()


@pytest.mark.usefixtures("administrator")
def test_a_wrong_password_does_not_say_which_was_wrong(client: Client) -> None:
    known = client.post("/login/", {"login_name": "admin", "password": "no"}).content.decode()
    unknown = client.post("/login/", {"login_name": "nobody", "password": "no"}).content.decode()
    assert "登录名或密码不对" in known
    assert "登录名或密码不对" in unknown


def test_a_stranger_is_sent_to_the_login_page(client: Client) -> None:
    assert client.get("/").headers["Location"].startswith("/login/")


@pytest.mark.usefixtures("administrator")
def test_language_and_theme_are_chosen_without_script(client: Client) -> None:
    assert client.post("/theme/", {"theme": "dark", "next": "/login/"}).headers["Location"] == "/login/"
    assert 'data-theme="dark"' in client.get("/login/").content.decode()
    client.post("/language/", {"language": "en"})
    assert '<html lang="en"' in client.get("/login/").content.decode()


def test_a_redirect_never_leaves_the_house(client: Client) -> None:
    assert client.post("/theme/", {"theme": "dark", "next": "https://elsewhere.example/"}).headers["Location"] == "/"


def test_there_is_a_page_for_an_address_that_is_none(client: Client, administrator: Any) -> None:
    client.force_login(administrator, backend="diguan.kernel.access.passwords.PersonBackend")
    answer = client.get("/no-such-page/")
    assert answer.status_code == 404
    assert "没有这一页" in answer.content.decode()


@pytest.mark.parametrize("host", ["testserver", "elsewhere.example"])
def test_what_is_too_much_is_told_on_a_page_in_both_languages(client: Client, settings: Any, host: str) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 3
    answer = client.post("/login/", dict.fromkeys("abcde", "x"), headers={"host": host})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "什么也没有改动" in page
    assert "nothing was changed" in page


def test_demo_accounts_are_shown_in_a_demo_only(client: Client, settings: Any) -> None:
    from diguan.site.demo.accounts import ACCOUNTS

    settings.DIGUAN_DEMO = False
    assert ACCOUNTS["leader"].password not in client.get("/login/").content.decode()
    settings.DIGUAN_DEMO = True
    page = client.get("/login/").content.decode()
    assert all(f"<code>{login}</code>" in page and account.password in page for login, account in ACCOUNTS.items())
    assert "县领导" in page


@pytest.mark.usefixtures("administrator")
def test_a_right_that_is_missing_is_told_on_one_page_with_its_reason(client: Client) -> None:
    from diguan.kernel.tests.factories import person_factory

    client.force_login(person_factory())
    answer = client.get("/batches/")
    assert answer.status_code == 403
    assert "<h1>没有权限</h1>" in answer.content.decode()
    assert "查看批次" in answer.content.decode()
