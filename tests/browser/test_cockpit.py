"""The cockpit, the big screen, the timer and the dispatch sheet in a browser: both themes, both languages, a phone and paper; nothing over
another, nothing cut off, every number a link. With ``DIGUAN_PICTURES=FOLDER`` it takes their pictures for docs/.
"""

from __future__ import annotations

import os
import re
from typing import Any

import pytest

from tests.browser.conftest import crowded, faults, small
from tests.browser.county import County, Visitor, visitor

pytestmark = pytest.mark.browser
PAGES = {"cockpit": "/indicators/cockpit/", "investment": "/indicators/cockpit/investment/", "land": "/indicators/cockpit/land/", "culture": "/indicators/cockpit/culture_tourism/", "timer": "/indicators/timer/", "dispatch": "/projects/dispatch/"}
BIG = "/indicators/cockpit/?kiosk=1"
LOOKS = [("zh", "light", "desk"), ("zh", "dark", "desk"), ("zh", "dark", "phone"), ("en", "light", "desk"), ("en", "light", "phone")]
LANGUAGES = {"zh": "zh-hans", "en": "en"}
PICTURED = {("cockpit", "zh", "light", "desk"), ("cockpit", "zh", "dark", "desk"), ("cockpit", "zh", "dark", "phone"), ("cockpit", "en", "light", "desk"), ("timer", "zh", "light", "desk"), ("dispatch", "zh", "light", "desk")}
FILL = """() => {
    for (const body of document.querySelectorAll('.dg-sheet tbody')) {
        while (body.rows.length < 6) body.append(body.rows[0].cloneNode(true));
        for (const row of [...body.rows].slice(4)) row.querySelector('th a').textContent = '一个名称写到四十个字的项目'.repeat(3) + '扩建';
    }
    return document.querySelectorAll('.dg-sheet tbody tr').length;
}"""
"""Four parts of six rows, a third of them with names that take two lines."""


LOOSE = """() => {
    const plain = /\\d{4}-\\d{2}(-\\d{2})?|\\d{4}-?Q\\d|\\d{4} ?全年|\\d{4} whole year|1 月起|\\b20\\d{2}$|\\d{2}:\\d{2}/g;
    const found = [], walk = document.createTreeWalker(document.querySelector('#dg-content'), NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const at = walk.currentNode.parentElement, text = walk.currentNode.textContent.trim();
        if (/\\d/.test(text.replace(plain, '')) && !at.closest('a, script, option, svg, figcaption, .dg-ck-legend, .dg-bars th, thead th, [aria-labelledby=definition] p, .dg-tile dt, .dg-ck-says .dg-st-mute, .dg-note')) found.push(text);
    }
    return found;
}"""
"""Texts with a number in them that is neither a day or a period nor inside a link; scales and names of steps are no numbers of the county."""


@pytest.fixture(scope="module")
def shown(chromium: Any, county: County) -> County:
    """The county once it has a snapshot: a clerk presses the button, the worker takes it."""
    with visitor(chromium, county, "clerk") as clerk:
        clerk.go("/indicators/snapshots/")
        if clerk.page.locator("table tbody tr").count() == 0:
            clerk.page.get_by_role("button", name="生成快照").click()
            for _turn in range(60):
                clerk.page.wait_for_timeout(2000)
                clerk.go("/indicators/snapshots/")
                if clerk.page.locator("table tbody tr").count():
                    break
        assert clerk.page.locator("table tbody tr").count()
    return county


def picture(page: Any, name: str) -> None:
    """Keep a picture where they are asked for."""
    if folder := os.environ.get("DIGUAN_PICTURES"):
        size, tall = page.viewport_size, page.evaluate("document.documentElement.scrollHeight")
        if not name.startswith("kiosk"):
            page.set_viewport_size({**size, "height": max(size["height"], tall)})  # else the menu beside it is cut where the window ends
        page.screenshot(path=f"{folder}/{name}.png")
        page.set_viewport_size(size)


def wrong_with(person: Visitor, name: str, *, phone: bool) -> list[str]:
    """What is wrong with the page as it stands."""
    found = [*person.said, *crowded(person.page), *small(person.page, phone=phone), *faults(person.page)]
    person.said.clear()  # axe measures with styles of its own, which the page's policy refuses: no fault of the page
    person.page.evaluate("document.querySelectorAll('.dg-chart details').forEach(one => { one.open = true; })")
    if not person.page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        found.append("wider than the screen")
    return [f"{name}: {fault}" for fault in found]


@pytest.mark.parametrize("look", LOOKS, ids="-".join)
def test_the_pages_are_without_fault(chromium: Any, shown: County, look: tuple[str, str, str]) -> None:
    language, theme, size = look
    wrong: list[str] = []
    with visitor(chromium, shown, "leader", size=size, theme=theme, language=LANGUAGES[language]) as person:
        for name, path in PAGES.items():
            person.go(path)
            if (name, *look) in PICTURED:
                picture(person.page, f"{name}-{language}-{theme}{'-phone' if size == 'phone' else ''}")
            wrong += wrong_with(person, name, phone=size == "phone")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("language", "size", "theme"), [("zh", (1920, 1080), "light"), ("zh", (1440, 810), "dark"), ("en", (1920, 1080), "dark"), ("zh", (390, 844), "light"), ("en", (390, 844), "dark")])
def test_the_big_screen_is_dark_and_holds_everything(chromium: Any, shown: County, language: str, size: tuple[int, int], theme: str) -> None:
    with visitor(chromium, shown, "leader", theme=theme, language=LANGUAGES[language]) as person:
        person.page.set_viewport_size({"width": size[0], "height": size[1]})
        person.go(BIG)
        assert person.page.locator(".dg-side, .dg-top").count() == 0
        assert person.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(14, 22, 24)"
        if size[0] > 1000:
            assert person.page.evaluate("document.documentElement.scrollHeight - innerHeight") <= 1, "it does not fit sixteen by nine"
        if size == (1920, 1080):
            picture(person.page, f"kiosk-{language}")
        wrong = wrong_with(person, "kiosk", phone=size[0] < 768)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("language", "theme", "size"), [("zh", "light", "desk"), ("en", "dark", "phone")])
def test_every_number_of_the_cockpit_is_a_link(chromium: Any, shown: County, language: str, theme: str, size: str) -> None:
    with visitor(chromium, shown, "leader", size=size, theme=theme, language=LANGUAGES[language]) as person:
        person.go(PAGES["cockpit"])
        chapters = person.page.evaluate("[...document.querySelectorAll('#dg-content a')].map(a => a.getAttribute('href')).filter(to => /^.indicators.cockpit.[a-z_]+.$/.test(to))")
        assert len(chapters) == 6
        loose = []
        for path in (PAGES["cockpit"], *chapters, BIG, PAGES["timer"]):
            person.go(path)
            loose += [f"{path}: {text}" for text in person.page.evaluate(LOOSE)]
        for link in person.page.evaluate("[...document.querySelectorAll('#dg-content a')].map(a => a.getAttribute('href')).filter(to => to && to.startsWith('/'))"):
            person.go(link)
    assert loose == []


def test_the_big_screen_refreshes_itself(chromium: Any, shown: County) -> None:
    with visitor(chromium, shown, "leader") as person:
        person.go(BIG)
        assert person.page.locator("#dg-kiosk").get_attribute("hx-trigger") == "every 300s"
        with person.page.expect_response(lambda answer: "kiosk=1" in answer.url) as again:
            person.page.evaluate("htmx.ajax('GET', location.href, {target: '#dg-kiosk', select: '#dg-kiosk', swap: 'outerHTML'})")
        assert again.value.status == 200
        person.page.wait_for_timeout(300)
        assert person.page.locator("#dg-kiosk h1").count() == 1
        person.page.locator(".dg-ck-tile .dg-figure a").first.click()
        assert "/rows/" in person.page.url
        assert not person.said


def test_the_sheet_with_all_its_parts_full_is_one_page_of_a4(chromium: Any, shown: County) -> None:
    with visitor(chromium, shown, "leader") as person:
        person.go(PAGES["dispatch"])
        assert person.page.evaluate(FILL) == 24
        paper = person.page.pdf(format="A4", prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1


@pytest.mark.parametrize(("planted", "named"), [
    ('<p style="position:absolute;top:90px">one</p><p style="position:absolute;top:96px">two</p>', "over each other"),
    ('<p style="width:40px;overflow:hidden;white-space:nowrap">a long word that is cut</p>', "cut off"),
    ('<div class="card" style="width:60px"><span style="white-space:nowrap">words that leave their card</span></div>', "beyond its frame"),
    ('<svg width="60" height="20"><text x="30" y="12">cut at the edge</text></svg>', "cut off"),
])
def test_a_planted_crowd_is_named(chromium: Any, planted: str, named: str) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    page.set_content(f"<html lang='en'><body><p>in peace</p>{planted}</body></html>")
    found = crowded(page)
    page.close()
    assert found
    assert all(named in one for one in found), found
