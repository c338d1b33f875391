"""What somebody typed on a phone is not lost with the session, the network or the back button; and nobody else gets it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from tests.browser.county import PASSWORDS, SIZES, County

pytestmark = pytest.mark.browser
KEPT = "sessionStorage.getItem('dg-unsent')"


class Owner:
    """A factory's owner with a phone, at the form that asks for figures."""

    def __init__(self, page: Any, county: County) -> None:
        self.page, self.county = page, county
        self.address = f"{county.address}/requests/of/{county.firm}/answer/?also=export.sales@2026-07"

    def tap(self, target: Any) -> None:
        with self.page.expect_navigation():
            target.tap()

    def log_in(self, who: str = "agent", password: str = "") -> None:
        self.page.fill("#login_name", who)
        self.page.fill("#password", password or PASSWORDS[who])
        self.tap(self.page.get_by_role("button", name="登录", exact=True))

    def session_ends(self) -> None:
        with closing(sqlite3.connect(self.county.folder / "db.sqlite3", timeout=30)) as database, database:
            database.execute("DELETE FROM django_session")

    @property
    def field(self) -> Any:
        return self.page.locator("main form.dg-form input[type=text]").first

    @property
    def send(self) -> Any:
        return self.page.get_by_role("button", name="报送", exact=True)


@pytest.fixture
def owner(chromium: Any, county: County) -> Any:
    context = chromium.new_context(viewport=SIZES["phone"], has_touch=True, is_mobile=True, locale="zh-CN")
    owner = Owner(context.new_page(), county)
    owner.page.goto(county.address + "/login/")
    owner.log_in()
    owner.page.goto(owner.address)
    yield owner
    context.close()


def test_what_was_typed_when_the_session_had_ended_stands_there_again_after_the_login(owner: Owner) -> None:
    owner.field.fill("12.5万元")
    owner.session_ends()
    owner.tap(owner.send)
    assert owner.page.get_by_text("登录过期了，刚才填的没有送出去").is_visible()
    owner.log_in(password="not-this-one-77")
    owner.log_in()
    assert owner.page.url == owner.address
    assert owner.field.input_value() == "12.5万元"
    assert owner.page.get_by_text("刚才没有送出去").is_visible()
    owner.page.reload()
    assert owner.field.input_value() == ""


def test_another_person_in_the_same_tab_gets_none_of_it(owner: Owner) -> None:
    owner.field.fill("12.5万元")
    owner.session_ends()
    owner.tap(owner.send)
    owner.log_in("clerk")
    assert owner.page.evaluate(KEPT) is None


def test_what_was_typed_when_the_network_went_is_there_on_the_way_back(owner: Owner) -> None:
    owner.field.fill("12.5万元")
    owner.page.context.set_offline(True)
    owner.send.tap()
    for _tenth in range(100):  # waiting for an address raises where the address is an error's
        if owner.page.url.startswith("chrome-error:"):
            break
        owner.page.wait_for_timeout(100)
    owner.page.context.set_offline(False)
    with owner.page.expect_navigation():
        owner.page.evaluate("history.back()")
    owner.page.goto(owner.address)
    assert owner.field.input_value() == "12.5万元"


def test_going_to_another_page_and_back_keeps_what_was_typed(owner: Owner) -> None:
    owner.field.fill("12.5万元")
    owner.page.goto(owner.county.address + "/notices/")
    owner.page.go_back()
    assert owner.field.input_value() == "12.5万元"


def test_what_has_arrived_is_kept_nowhere(owner: Owner) -> None:
    owner.field.fill("很多")
    owner.tap(owner.send)
    assert owner.page.get_by_text("这里应为数字").first.is_visible()
    owner.page.goto(owner.county.address + "/notices/")
    assert owner.page.evaluate(KEPT) is None
