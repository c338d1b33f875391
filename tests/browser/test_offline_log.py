"""A visit written where there is no network: the page opens again, what is not sent is shown, and it arrives once; nobody else's is sent or shown."""

from __future__ import annotations

import itertools
import sqlite3
import time
from contextlib import closing
from typing import Any

import pytest

from tests.browser.conftest import faults, small
from tests.browser.county import PASSWORDS, SIZES, County

pytestmark = pytest.mark.browser
ADDRESS = "/outreach/log/"


_number = itertools.count(int(time.time()))


def firm(name: str) -> str:
    """A name nobody has written down before."""
    return f"{name}{next(_number)}"


class Officer:
    """Somebody of the promotion bureau with a phone."""

    def __init__(self, context: Any, county: County) -> None:
        self.context, self.county, self.page = context, county, context.new_page()
        self.said = list[str]()
        self.page.on("pageerror", lambda error: self.said.append(str(error)))

    def log_in(self, who: str = "invest") -> None:
        self.page.goto(self.county.address + "/login/")
        self.page.fill("#login_name", who)
        self.page.fill("#password", PASSWORDS[who])
        self.page.get_by_role("button", name="登录", exact=True).tap()
        self.page.wait_for_url(lambda url: "/login" not in url)

    def log_out(self) -> None:
        self.page.goto(self.county.address + "/")
        self.page.evaluate("document.querySelector('form[action*=logout]').submit()")
        self.page.wait_for_url(lambda url: "/login" in url)
        self.until("caches.has('dg-log').then((there) => !there)")

    def until(self, asked: str) -> None:
        """Until the page says so; the pages' policy forbids what would wait inside them."""
        for _tenth in range(100):
            if self.page.evaluate(asked):
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(asked)

    def open(self) -> None:
        self.page.goto(self.county.address + ADDRESS)

    def reopen(self) -> None:
        """The browser is closed and opened again: another page of the same device."""
        self.page.close()
        self.page = self.context.new_page()
        self.open()

    def kept(self) -> None:
        """Until the device says that the page opens without a network."""
        self.page.locator("dg-outbox[data-kept]").wait_for(timeout=15_000)

    def write(self, name: str, said: str = "看了两条产线，想在内地找配套") -> None:
        self.page.fill("#id_name", name)
        self.page.select_option("#id_outcome", "keen")
        self.page.fill("#id_said", said)
        self.page.get_by_role("button", name="记下走访", exact=True).tap()

    @property
    def unsent(self) -> Any:
        return self.page.locator("[data-outbox]")

    def rows(self, name: str) -> int:
        with closing(sqlite3.connect(f"file:{self.county.folder / 'db.sqlite3'}?mode=ro", uri=True, timeout=30)) as database:
            return int(database.execute("SELECT count(*) FROM outreach_visitlog WHERE name = ?", [name]).fetchone()[0])


@pytest.fixture
def officer(chromium: Any, county: County) -> Any:
    context = chromium.new_context(viewport=SIZES["phone"], has_touch=True, is_mobile=True, locale="zh-CN", service_workers="allow")
    officer = Officer(context, county)
    officer.log_in()
    officer.open()
    officer.kept()
    yield officer
    context.close()


def test_what_is_written_without_a_network_survives_the_browser_and_arrives_once(officer: Officer) -> None:
    movements = firm("离线示例机芯厂")
    straps = firm("离线示例表带厂")
    officer.context.set_offline(True)
    officer.write(movements)
    officer.write(straps, "只见到了门卫")
    assert officer.page.get_by_text("还没传上去 (2)").is_visible()
    officer.reopen()
    assert officer.page.get_by_role("heading", name="写走访记录").is_visible()
    assert officer.page.get_by_text("还没传上去 (2)").is_visible()
    assert officer.unsent.get_by_text("看了两条产线，想在内地找配套").is_visible()
    assert (officer.rows(movements), officer.rows(straps)) == (0, 0)
    officer.context.set_offline(False)  # the device notices by itself
    officer.unsent.wait_for(state="hidden", timeout=15_000)
    officer.reopen()
    assert officer.unsent.is_hidden()
    assert (officer.rows(movements), officer.rows(straps)) == (1, 1)
    assert officer.said == []


def test_an_entry_whose_answer_was_lost_is_sent_again_and_is_still_one_row(officer: Officer) -> None:
    name = firm("丢了答复的示例厂")
    lost = []

    def lose(route: Any) -> None:
        """The server takes it, its answer never comes back."""
        if not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    officer.page.route("**/outreach/log/send/", lose)
    officer.write(name)
    officer.page.get_by_text("还没传上去 (1)").wait_for()
    officer.until("!document.querySelector('dg-outbox').busy")
    assert (lost, officer.rows(name)) == ([201], 1)
    officer.page.get_by_role("button", name="现在传").tap()
    officer.unsent.wait_for(state="hidden", timeout=15_000)
    assert officer.rows(name) == 1


def test_what_is_refused_stays_with_its_reason_and_can_be_mended(officer: Officer) -> None:
    name = firm("日子不对的示例厂")
    officer.page.fill("#id_visited_on", "2030-01-01")
    officer.write(name)
    officer.unsent.get_by_text("没有收：走访日期不能在今天以后").wait_for()
    officer.reopen()
    assert officer.unsent.get_by_text("没有收：走访日期不能在今天以后").is_visible()
    officer.unsent.get_by_role("button", name="拿出来改").tap()
    officer.page.fill("#id_visited_on", "2026-10-30")
    officer.page.get_by_role("button", name="记下走访", exact=True).tap()
    officer.page.get_by_text(f"传上去了：{name}").wait_for()
    assert officer.rows(name) == 1


def test_another_person_on_the_device_neither_sees_nor_sends_it_and_its_writer_does_later(officer: Officer) -> None:
    name = firm("别人看不到的示例厂")
    officer.page.route("**/outreach/log/who/", lambda route: route.abort())  # a network that comes and goes
    officer.write(name)
    officer.page.get_by_text("还没传上去 (1)").wait_for()  # shown before it is sent: the question may still be under way
    officer.until("!document.querySelector('dg-outbox').busy")
    officer.page.unroute("**/outreach/log/who/")
    officer.log_out()
    officer.context.set_offline(True)
    with pytest.raises(Exception, match="ERR_"):
        officer.open()  # signed out, the device keeps no page
    officer.context.set_offline(False)
    officer.log_in("invest2")
    officer.open()
    officer.kept()
    assert officer.unsent.is_hidden()
    assert name not in officer.page.content()
    assert officer.rows(name) == 0
    officer.log_out()
    officer.log_in("invest")
    officer.open()
    officer.page.get_by_text(f"传上去了：{name}").wait_for()
    assert officer.rows(name) == 1


def test_a_session_that_ended_sends_nothing_and_loses_nothing(officer: Officer) -> None:
    name = firm("登录过期的示例厂")
    with closing(sqlite3.connect(officer.county.folder / "db.sqlite3", timeout=30)) as database, database:
        database.execute("DELETE FROM django_session")
    officer.write(name)
    officer.page.get_by_text("登录过期了：登录以后会接着传，写的都还在").wait_for()
    assert (officer.page.get_by_text("还没传上去 (1)").is_visible(), officer.rows(name)) == (True, 0)
    officer.log_in()
    officer.open()
    officer.page.get_by_text(f"传上去了：{name}").wait_for()
    assert officer.rows(name) == 1


def test_half_a_sentence_is_there_after_the_browser_was_closed(officer: Officer) -> None:
    officer.page.fill("#id_name", "写了一半的示例厂")
    officer.page.locator("#id_said").press_sequentially("刚说到")
    officer.reopen()
    assert (officer.page.input_value("#id_name"), officer.page.input_value("#id_said")) == ("写了一半的示例厂", "刚说到")
    officer.page.evaluate("localStorage.clear()")


def test_the_page_with_its_outbox_is_fit_for_a_phone_and_for_everybody(officer: Officer) -> None:
    officer.context.set_offline(True)
    officer.write("无障碍示例厂")
    assert faults(officer.page) == []
    assert small(officer.page, phone=True) == []
    officer.page.evaluate("localStorage.clear()")
