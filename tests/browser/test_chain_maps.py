"""The maps of the four chains: no label over another at forty nodes, keys that walk, nothing axe can find; on screen, dark, in print.

With ``DIGUAN_PICTURES=FOLDER`` it also takes the pictures of docs/.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import faults, small
from tests.browser.county import County, visitor

pytestmark = pytest.mark.browser

CHAINS = ("watch", "ceramics", "footwear_hat_garment", "small_appliance")
OVERLAPS = """() => {
  const nodes = [...document.querySelectorAll("[data-node]")].map((node) => ({
    name: node.querySelector("title").textContent,
    shape: node.querySelector(".dg-shape").getBoundingClientRect(),
    words: [...node.querySelectorAll("text")].map((text) => text.getBoundingClientRect()),
  }));
  const apart = (one, two) => one.right <= two.left + 0.5 || two.right <= one.left + 0.5 || one.bottom <= two.top + 0.5 || two.bottom <= one.top + 0.5;
  const found = [];
  nodes.forEach((one, at) => {
    one.words.forEach((word) => { if (word.left < one.shape.left || word.right > one.shape.right) found.push(`wider than its box: ${one.name}`); });
    nodes.slice(at + 1).forEach((two) => {
      if (!apart(one.shape, two.shape)) found.push(`boxes: ${one.name} / ${two.name}`);
      one.words.forEach((a) => two.words.forEach((b) => { if (!apart(a, b)) found.push(`words: ${one.name} / ${two.name}`); }));
    });
  });
  return { found, nodes: nodes.length };
}"""


def picture(page: Any, name: str) -> None:
    """Keep how it looks, where somebody asked for pictures."""
    if folder := os.environ.get("DIGUAN_PICTURES"):
        page.screenshot(path=Path(folder) / f"chain-{name}.png", full_page=True)


def checked(page: Any, chain: str, look: str) -> list[str]:
    told = page.evaluate(OVERLAPS)
    assert told["nodes"] >= 19
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    picture(page, f"{chain}-{look}")
    return [*(f"{chain} {look}: {one}" for one in told["found"]), *([f"{chain} {look}: {wide} px too wide"] if wide > 0 else [])]


@pytest.mark.parametrize(("language", "theme", "size"), [("zh-hans", "light", "desk"), ("en", "dark", "desk"), ("en", "light", "phone")])
def test_no_label_lies_over_another(chromium: Any, county: County, language: str, theme: str, size: str) -> None:
    wrong: list[str] = []
    with visitor(chromium, county, "chain", language=language, theme=theme, size=size) as person:
        for chain in CHAINS:
            person.page.goto(f"{county.address}/chains/{chain}/")
            wrong += checked(person.page, chain, theme if size == "desk" else "phone")
            wrong += [f"{chain}: {one}" for one in (*faults(person.page), *small(person.page, phone=size == "phone"))]
    assert wrong == [], wrong[:12]


def test_the_map_prints_whole(chromium: Any, county: County) -> None:
    wrong: list[str] = []
    with visitor(chromium, county, "chain") as person:
        for chain in CHAINS:
            person.page.goto(f"{county.address}/chains/{chain}/")
            person.page.emulate_media(media="print")
            person.page.set_viewport_size({"width": 1040, "height": 1400})
            wrong += checked(person.page, chain, "print")
            inside = person.page.evaluate("document.querySelector('.dg-chain').getBoundingClientRect().right <= document.documentElement.clientWidth")
            wrong += [] if inside else [f"{chain}: the map is cut off on paper"]
            person.page.emulate_media(media="screen")
    assert wrong == [], wrong[:12]


def test_arrow_keys_walk_between_neighbours_and_enter_opens_the_node(chromium: Any, county: County) -> None:
    with visitor(chromium, county, "chain") as person:
        page = person.page
        page.goto(f"{county.address}/chains/watch/")
        start = page.locator("[data-node]", has_text="石英机芯").first
        start.focus()
        page.keyboard.press("ArrowRight")
        after = page.evaluate("document.activeElement.textContent")
        assert "整装" in after or "智能手表" in after
        page.keyboard.press("ArrowLeft")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.locator("#node-name").inner_text()
        page.get_by_role("link", name="看成清单").click()
        assert "石英机芯" in page.inner_text("main")
