"""Find the missing movement maker: the gap on the map, its buyers by name, candidate firms with their ranks, and what a project would set in motion, with its band."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser.conftest import Acting
from tests.browser.county import County
from tests.browser.test_to_the_account import follow, press

pytestmark = pytest.mark.browser


def gap_found(page: Any) -> list[str]:
    """The map says what is missing and who buys it; answers the buyers' names."""
    follow(page, "钟表")
    first = page.locator("table tbody tr").first.inner_text()
    assert "石英机芯" in first
    assert "补链" in first
    assert re.search(r"\n\d+(–\d+)?", first), "the rank says how far it moves"
    with page.expect_navigation():
        page.locator("[data-node]", has_text="石英机芯").first.click()
    panel = page.locator("#node")
    assert "谁在买" in panel.inner_text()
    return [each.inner_text() for each in panel.locator("a[href^='/chains/coverage/']:not([href*='?'])").all()]


def candidates(page: Any) -> str:
    """Firms that could fill it, ranked, each score open to its parts; answers the first one's name."""
    with page.expect_navigation():
        page.locator("#node").get_by_role("link", name="看候选企业").click()
    text = page.inner_text("main")
    assert "能做“石英机芯”的企业里排" in text
    assert "一致性比率" in text
    row = page.locator("table tbody tr").first
    assert "名次" in row.inner_text()
    row.locator("summary").click()
    assert "补上的缺口" in row.inner_text()
    return str(row.locator("th a").inner_text())


def estimated(page: Any) -> str:
    """What a plant here would set in motion: value added, jobs and tax, from low to high, on a table that is named; answers the estimate's address."""
    page.fill("[name='title']", "石英机芯厂一期")
    page.select_option("[name='sector']", value="B")
    page.fill("[name='sales']", "1.6 亿元")
    page.fill("[name='sold']", "60-80")
    page.fill("[name='displacement']", "0-10")
    page.fill("[name='money_1']", "5000")
    page.select_option("[name='from_1']", value="D")
    page.fill("[name='local_1']", "50-70")
    with page.expect_navigation():
        page.get_by_role("button", name="估计并保存").click()
    text = page.inner_text("main")
    assert re.search(r"增加值\s.*\d.*–", text), "a band"
    assert "示例表：数字是编造的" in text
    assert "示例省投入产出表" in text
    assert "δ 0.15–0.3" in text
    assert "通常的说法" in text
    return str(page.url)


def hidden(page: Any) -> str:
    return str(page.inner_text("main"))


def test_from_a_gap_to_a_multiplier_with_its_band(act: Acting, county: County) -> None:
    buyers = act("chain", gap_found, f"{county.address}/chains/")
    assert len(buyers) >= 3
    seen = act("officer", hidden, f"{county.address}/chains/watch/?node=movement_quartz")
    assert "石英机芯" in seen
    assert not any(name in seen for name in buyers), "buyers stand by name only where volumes may be seen"
    assert "有限公司" in act("chain", candidates, f"{county.address}/chains/watch/?node=movement_quartz")
    address = act("chain", estimated, f"{county.address}/chains/economy/estimates/project/?node=movement_quartz")
    again = act("leader", hidden, address)
    assert "石英机芯厂一期" in again
    assert "示例表：数字是编造的" in again
    assert act.seen == []


def offered(page: Any) -> None:
    """A firm is asked whether it wants to meet another; it does not learn which one before that one consents too."""
    assert "双方都同意之前，谁也看不到对方是谁" in page.inner_text("main")
    with page.expect_navigation():
        page.locator("main .dg-rows a").first.click()
    text = page.inner_text("main")
    assert "有一家县内企业想和您对接" in text
    assert "建议金额" not in text
    page.fill("[name='contact_name']", "陈样例")
    page.fill("[name='contact_phone']", "13800000000")
    press(page, "同意")
    assert "已同意；对方也同意以后双方才看得到对方" in page.inner_text("body")


def test_a_firm_consents_before_it_sees_anybody(act: Acting, county: County) -> None:
    act("agent", offered, f"{county.address}/chains/introductions/own/", "phone")
    assert act.seen == []
