"""Every screen of the demo county in light, dark and on a phone: no fault axe can find, nothing wider than the
screen, nothing refused by the page's own policy. With ``DIGUAN_PICTURES=FOLDER`` it also takes the pictures of docs/.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.browser.conftest import faults, small
from tests.browser.county import County, Visitor, visitor

pytestmark = pytest.mark.browser

POLICY = "equipment-upgrade-2026"
STAFF = {  # picture name: login, address
    "desk": ("officer", "/"),
    "enterprises": ("officer", "/enterprises/"),
    "dossier": ("officer", "/enterprises/{uscc}/"),
    "policies": ("officer", "/policies/"),
    "policy": ("officer", f"/policies/{POLICY}/"),
    "lives": ("officer", "/policies/lives/"),
    "life-begin": ("officer", f"/policies/lives/begin/?policy={POLICY}"),
    "reviews": ("officer", "/policies/reviews/"),
    "near": ("officer", f"/policies/{POLICY}/near/"),
    "explanation": ("officer", f"/policies/{POLICY}/" + "{uscc}/"),
    "ask": ("officer", "/policies/training-subsidy-2026/ask/"),
    "unreached": ("officer", f"/policies/{POLICY}/reach/unreached/"),
    "runs": ("officer", "/policies/runs/"),
    "standards": ("officer", "/enterprises/{uscc}/standards/?on=2026-04-01&against=2026-03-31"),
    "capabilities": ("officer", "/enterprises/capabilities/"),
    "firm-capabilities": ("officer", "/enterprises/{uscc}/capabilities/"),
    "overview": ("officer", "/enterprises/capabilities/overview/"),
    "outbox": ("officer", "/notices/outbox/"),
    "rounds": ("officer", "/notices/rounds/"),
    "requests": ("officer", "/requests/"),
    "request": ("officer", "/requests/1/"),
    "tokens": ("officer", "/tokens/"),
    "search": ("officer", "/search/?q=yj"),
    "import": ("clerk", "/imports/"),
    "batches": ("clerk", "/batches/"),
    "coverage": ("clerk", "/coverage/"),
    "enterprise-new": ("clerk", "/enterprises/new/"),
    "people": ("admin", "/people/"),
    "units": ("admin", "/units/"),
    "leader": ("leader", "/"),
    "office": ("bureau", "/requests/"),
    "mine": ("agent", "/policies/mine/"),
    "inbox": ("agent", "/notices/"),
    "answer": ("agent", "/requests/of/{uscc}/answer/"),
    "claim": ("agent", "/enterprises/{uscc}/capabilities/new/?kind=share"),
}
PICTURED = ("desk", "dossier", "policies", "policy", "import", "mine", "overview")  # those that docs/pictures keeps
WHOLE = {("zh", "light", "desk"), ("zh", "dark", "phone"), ("en", "dark", "desk"), ("en", "light", "phone")}
"""The looks in which every screen is looked at; in the others only those that are pictured."""
LOOKS = [("zh", "light", "desk"), ("zh", "dark", "desk"), ("zh", "light", "phone"), ("zh", "dark", "phone"),
         ("en", "light", "desk"), ("en", "dark", "desk"), ("en", "light", "phone"), ("en", "dark", "phone")]
LANGUAGES = {"zh": "zh-hans", "en": "en"}


def looked_at(person: Visitor, name: str, look: tuple[str, str, str]) -> list[str]:
    """What is wrong with the page as it stands."""
    wrong = [f"{name}: {line}" for line in person.said]
    if not person.page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        wrong.append(f"{name}: wider than the screen")
    wrong += [f"{name}: {text}" for text in small(person.page, phone=look[2] == "phone")]
    wrong += [f"{name}: {text}" for text in faults(person.page)]
    person.said.clear()  # axe measures with styles of its own, which the page's policy refuses: no fault of the page
    if (folder := os.environ.get("DIGUAN_PICTURES")) and name in PICTURED:
        language, theme, size = look
        kind = f"{theme}" if size == "desk" else f"{theme}-phone"
        person.page.screenshot(path=f"{folder}/{name}-{language}-{kind}.png")
    return wrong


@pytest.mark.parametrize("look", LOOKS, ids="-".join)
def test_every_screen_is_without_fault(chromium: Any, county: County, look: tuple[str, str, str]) -> None:
    language, theme, size = look
    wrong: list[str] = []
    for login in dict.fromkeys(login for login, _ in STAFF.values()):
        with visitor(chromium, county, login, size=size, theme=theme, language=LANGUAGES[language]) as person:
            for name, (_, path) in STAFF.items():
                if STAFF[name][0] == login and (look in WHOLE or name in PICTURED):
                    person.go(path.format(uscc=county.firm))
                    wrong += looked_at(person, name, look)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("planted", "named"), [
    ('<p style="font-size:11px">small</p>', "smaller than 12 px"),
    ('<p>The firm 衡阳演示</p>', "Chinese not marked"),
    ('<p><a href="/a/" style="display:block;height:30px">a</a></p>', "lower than 44 px"),
    ('<button style="height:40px">b</button>', "lower than 44 px"),
])
def test_a_planted_smallness_is_named(chromium: Any, planted: str, named: str) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    page.set_content(f'<html lang="en"><body><p lang="zh-Hans">标明了的</p>{planted}</body></html>')
    found = small(page, phone=True)
    page.close()
    assert len(found) == 1, found
    assert named in found[0]


def test_paper_has_tables_and_black_ink_and_a_phone_folds_its_filters(chromium: Any, county: County) -> None:
    with visitor(chromium, county, "officer", size="phone", theme="dark") as person:
        person.go("/enterprises/")
        form = person.page.locator("form.dg-filters")
        assert not form.is_visible()
        person.page.locator(".dg-fold summary").click()
        assert form.is_visible()
        person.page.emulate_media(media="print")
        seen = {part: person.page.locator(part).first.is_visible() for part in (".dg-top", ".dg-fold", "form.dg-filters", ".dg-print-foot")}
        assert seen == {".dg-top": False, ".dg-fold": False, "form.dg-filters": False, ".dg-print-foot": True}
        told = "[...document.querySelectorAll('table thead, .dg-st, body')].map(e => [getComputedStyle(e).display, getComputedStyle(e).color])"
        (_block, ink), (head, _ink), (_status, word) = person.page.evaluate(told)[:3]
        assert (head, ink, word) == ("table-header-group", "rgb(0, 0, 0)", "rgb(0, 0, 0)")


def test_on_a_wide_screen_the_filters_stand_open(chromium: Any, county: County) -> None:
    with visitor(chromium, county, "officer") as person:
        person.go("/enterprises/")
        assert person.page.locator("form.dg-filters").is_visible()
        assert not person.page.locator(".dg-fold").is_visible()
