"""One matter once: a firm fills in once on its phone, the window corrects and accepts, offices work side by side, everything comes back together."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser.conftest import Acting
from tests.browser.county import County
from tests.browser.test_to_the_account import paper, press

pytestmark = pytest.mark.browser

FIELDS = {"value_contract_terms": "一年期，装配工", "value_contribution_base": "30万元", "value_hired_people": "张三等 6 人", "value_staff_number": "86"}


def fill_in(page: Any) -> None:
    """Everything the form asks: fields by name, whatever is a file gets one."""
    form = page.locator("form:has(input[name='send'])")
    for field in form.locator("input:visible").all():
        name, kind = field.get_attribute("name") or "", field.get_attribute("type")
        if kind == "file":
            field.set_input_files(paper(name.removeprefix("file_")))
        elif kind == "date":
            field.fill("2026-10-12")
        elif not name.startswith("uscc"):
            field.fill(FIELDS.get(name, "演示〔2026〕9号"))


def opened(page: Any) -> str:
    """The firm answers two questions and hands everything in at once; the address of its case."""
    press_link(page, "招聘用工")
    page.select_option("[name='hires']", label="一般职工")
    page.select_option("[name='flexible_hours']", label="有")
    press(page, "看要办什么")
    assert "一次办 5 个事项" in page.inner_text("main")
    assert "县里已有，不用交" in page.inner_text("main")
    fill_in(page)
    press(page, "一次提交")
    assert "待受理" in page.inner_text("main")
    return str(page.url)


def press_link(page: Any, name: str) -> None:
    with page.expect_navigation():
        page.locator("main").get_by_role("link", name=name).first.click()


def asked_to_correct(page: Any) -> None:
    """The window says once what is wrong."""
    page.locator("summary", has_text="一次告知补正").click()
    page.locator("fieldset label", has_text="职工人数").locator("input").check()
    page.fill("#correct-reason", "职工人数和参保人数对不上，请核对")
    press(page, "告知申请人")
    assert "等申请人补正" in page.inner_text("main")


def corrected(page: Any) -> None:
    assert "职工人数和参保人数对不上" in page.inner_text("main")
    page.fill("[name='value_staff_number']", "26")
    press(page, "交上去")


def taken_on(page: Any) -> None:
    """The window looks at everything and accepts."""
    for box in page.locator("input[name='verified']").all():
        box.check()
    press(page, "勾选的核对无误，受理")
    assert "还没轮到" in page.inner_text("main")  # only the delivery waits


def paused_and_resumed(page: Any) -> None:
    row = page.locator("#special_hours")
    row.locator("summary", has_text="暂停时限").click()
    row.locator("[name='reason']:visible").fill("现场核查")
    with page.expect_navigation():
        row.get_by_role("button", name="暂停时限").click()
    assert "时限暂停" in page.inner_text("#special_hours")
    with page.expect_navigation():
        page.locator("#special_hours").get_by_role("button", name="时限接着算").click()


def finished(page: Any) -> None:
    """Every matter this office may end, one after the other; each with its number."""
    while (row := page.locator("tr:has(summary:has-text('办结'))")).count():
        first = row.first
        first.locator("summary", has_text="办结").first.click()
        first.locator("[name='number']:visible").fill("演示〔2026〕人社 9号")
        first.locator("[name='issued']:visible").fill("2026-10-30")
        with page.expect_navigation():
            first.get_by_role("button", name="办结这一项").click()


def given_out(page: Any) -> None:
    press(page, "送达，办结")
    assert "已办结" in page.inner_text("h1 ~ *, main")


def rated(page: Any) -> None:
    assert "全部办好了" in page.inner_text("main")
    assert "演示〔2026〕人社 9号" in page.inner_text("main")
    page.locator("[name='words']").fill("交了一次")
    press(page, re.compile("^评价$"))
    assert "您的评价" in page.inner_text("main")


def test_one_form_side_by_side_and_one_delivery(act: Acting, county: County) -> None:
    address = act("agent", opened, f"{county.address}/services/apply/", size="phone")
    act("service", asked_to_correct, address)
    act("agent", corrected, address, size="phone")
    act("service2", taken_on, address)
    act("bureau", paused_and_resumed, address)
    act("bureau", finished, address)
    act("service", finished, address)
    act("service", given_out, address)
    act("agent", rated, address, size="phone")
    assert act.seen == []
