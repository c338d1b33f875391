"""局长办证 in a browser: a director walks on a phone, notes and closes, proposes; the bureau mends with a new version; a third person finds it real."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Acting, small
from tests.browser.county import County
from tests.browser.test_to_the_account import press

pytestmark = pytest.mark.browser
WHAT = "医保登记不再收花名册"


def picture(page: Any, name: str) -> None:
    """Keep how it looks, where somebody asked for pictures."""
    if folder := os.environ.get("DIGUAN_PICTURES"):
        page.screenshot(path=Path(folder) / f"walk-{name}.png", full_page=True)


def begun(page: Any) -> str:
    """Which life event, which situation, as whom."""
    page.get_by_role("link", name="走一次").click()
    page.get_by_role("link", name="招聘用工").click()
    page.select_option("[name='hires']", "local")
    page.select_option("[name='flexible_hours']", "no")
    press(page, "看要走哪些")
    page.select_option("[name='role']", "applicant")
    press(page, "开始走")
    assert "在走" in page.inner_text("main")
    return str(page.url)


def walked(page: Any) -> None:
    """Arrived and done at the first step, something met at a matter, and nothing too small for a finger."""
    first = page.locator("#step-1")
    first.get_by_role("button", name="到了").click()
    first.get_by_text("在这一步").wait_for()
    page.fill("#s1-minutes", "33")
    page.fill("#s1-trips", "0")
    first.get_by_role("button", name="办完了").click()
    first.get_by_text("33 分钟").wait_for()
    step = page.locator("section.card", has=page.get_by_role("heading", name="职工参保登记"))
    step.locator("summary").first.click()
    step.locator("summary", has_text="记一个问题").click()
    step.locator("select[name='trouble']").select_option(label="多余的材料")
    step.locator("textarea[name='words']").fill("花名册和表里填的人员是一回事")
    step.get_by_role("button", name="记下").click()
    step.locator("li").get_by_text("花名册和表里填的人员是一回事").wait_for()
    assert small(page, phone=True) == []
    picture(page, "phone")


def closed(page: Any) -> str:
    """The end, and a proposal to the bureau of the matter."""
    press(page, "走完了")
    page.get_by_role("link", name="提整改建议").click()
    assert page.locator("#id_unit option:checked").inner_text() == "县人社局"
    page.fill("[name='what']", WHAT)
    page.select_option("[name='owner']", label="县人社局 刘演示")
    page.fill("[name='days']", "5")
    press(page, "提出")
    assert "待答复" in page.inner_text("main")
    return str(page.url)


def taken(page: Any) -> str:
    """The bureau takes it up and drafts the next version of its matter; answers where the matter is."""
    press(page, "采纳，按期整改")
    text = page.inner_text("main")
    assert "现在还没有凭据" in text
    page.get_by_role("link", name="去看事项").click()
    page.get_by_role("link", name="起草下一版").click()
    box = page.locator("[name='requirements']")
    lines = box.input_value().splitlines()
    assert any("花名册" in line for line in lines)
    box.fill("\n".join(line for line in lines if "花名册" not in line))
    page.fill("[name='valid_from']", "2026-10-31")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(re.compile(r"/matters/[a-z_]+/(\?.*)?$"))
    return str(page.url)


def published(page: Any) -> None:
    """Somebody else publishes it."""
    press(page, "发布这一版")


def mended(page: Any) -> None:
    """The new version is the proof; the page shows one paper less."""
    page.fill("[name='changed']", "人员从表里读，不再要花名册")
    press(page, "整改好了")
    text = page.inner_text("main")
    assert "还没有核验，不算数" in text
    row = page.locator("tr", has_text="交的材料").inner_text()
    assert "−1" in row


def proposer(page: Any) -> None:
    """Who proposed it has no button to find it real."""
    assert page.get_by_role("button", name="核验属实").count() == 0


def verified(page: Any) -> None:
    """A third person does."""
    press(page, "核验属实")
    assert "核验属实" in page.inner_text("main h1 ~ *, main")
    picture(page, "proposal")


def compared(page: Any) -> None:
    """Beside the demo's own walks of the same life event."""
    page.get_by_role("link", name="和另一次对照").click()
    text = page.inner_text("main")
    assert "33 分钟" in text
    assert "没有计" in text
    picture(page, "beside")


def test_a_walk_becomes_a_better_matter(act: Acting, county: County) -> None:
    walk = act("head", begun, f"{county.address}/services/walks/", "phone")
    act("head", walked, walk, "phone")
    proposal = act("head", closed, walk, "phone")
    matter = act("bureau", taken, proposal)
    act("service2", published, matter)
    act("bureau", mended, proposal)
    act("head", proposer, proposal)
    act("service", verified, proposal)
    act("head", compared, walk)
    assert act.seen == []
