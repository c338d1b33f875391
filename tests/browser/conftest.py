"""A real browser (Debian's Chromium) looking at pages; skipped with its reason where there is none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
VENDOR = HERE / "vendor"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for the session."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium on this machine")
        pytest.skip("no Chromium on this machine (Debian package: chromium)")
    sync_api = pytest.importorskip("playwright.sync_api")
    # Django would refuse the database inside the loop the driver keeps running.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The demo county, prepared and served by the command a newcomer types; the day's tests change it as they go."""
    from tests.browser.county import started

    with started(tmp_path_factory.mktemp("county")) as running:
        yield running


class Acting:
    """People of one story, one after the other, each in a browser of their own; ``seen`` is what axe found on the pages they left."""

    def __init__(self, chromium: Any, county: Any) -> None:
        self.chromium, self.county, self.seen = chromium, county, list[str]()

    def __call__(self, login: str, deed: Callable[[Any], Any], address: str, size: str = "desk") -> Any:
        """This person opens the address and does the deed; answers what the deed does."""
        from tests.browser.county import visitor

        with visitor(self.chromium, self.county, login, size=size) as person:
            person.page.goto(address)
            found = deed(person.page)
            self.seen.extend(f"{login} {deed.__name__}: {fault}" for fault in faults(person.page))
            return found


@pytest.fixture
def act(chromium: Any, county: Any) -> Acting:
    """See :class:`Acting`."""
    return Acting(chromium, county)


def faults(page: Any) -> list[str]:
    """What axe finds wrong with the page as it stands."""
    page.evaluate((VENDOR / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{item['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
            for item in found["violations"] for node in item["nodes"]]


def small(page: Any, *, phone: bool) -> list[str]:
    """What of the page is smaller than the guide allows, or Chinese that an English page does not mark."""
    return list(page.evaluate((HERE / "measure.js").read_text(encoding="utf-8"), {"phone": phone}))


def crowded(page: Any) -> list[str]:
    """Words of the page that lie over others, or are cut off by what holds them or by the screen."""
    return list(page.evaluate((HERE / "crowded.js").read_text(encoding="utf-8")))
