"""The components page, drawn by the product's own templates and style, under the product's own policy."""

from __future__ import annotations

import mimetypes
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import engines
from django.test import RequestFactory

from tests.browser.conftest import faults

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
HOST = "http://face.test"
WIDTHS = {"desk": 1440, "phone": 390}


class Form(forms.Form):
    """One wrong field, one with a hint."""

    start = forms.DateField(label="实际开工日期")
    invested = forms.IntegerField(label="设备投资额", help_text="已从 2025 年报带出，不用再填", initial=852, required=False)
    kind = forms.ChoiceField(label="方式", choices=[("a", "免申即享"), ("b", "快申快享")], required=False)


def components(theme: str) -> str:
    """The page as text."""
    page = engines["django"].from_string((HERE / "templates" / "components.html").read_text(encoding="utf-8"))
    request = RequestFactory().get("/")
    request.user = SimpleNamespace(name="陈示例", login_name="chen", is_authenticated=True, posts=None)
    entries = [SimpleNamespace(when="今天 06:00", what="新可享「技术改造奖补」", note="因：县税务局交付 10 月数据", icon="gift",
                               result=True), SimpleNamespace(when="11-12 周四", what="走访", icon="notes")]
    return page.render({
        "face": {"theme": theme, "lang": "zh-Hans", "menu": [("", [SimpleNamespace(label="工作台", url="/", icon="layout-dashboard",
                 current=True, count=6)]), ("服务", [SimpleNamespace(label="惠企政策", url="/policies/", icon="certificate")])],
                 "data_as_of": "2026-10-31", "post": "钟表产业链专班"},
        "demo": True, "low": 175630000000, "high": 246890000000, "points": [1, 2, None, 3, 2, 5], "entries": entries,
        "tabs": [("a", "概览", "#a"), ("b", "事实", "#b", 46)], "steps": ["受理", "审核", "拨付"],
        "form": Form({"start": "明天", "invested": "852"}),
    }, request)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_components_page_has_no_fault_and_breaks_no_policy(chromium: Any, theme: str, width: str) -> None:
    page = chromium.new_page(viewport={"width": WIDTHS[width], "height": 900})
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    policy = "; ".join(f"{key} {' '.join(words)}" for key, words in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].items())

    def answer(route: Any) -> None:
        path = route.request.url.removeprefix(HOST)
        if path == "/":
            route.fulfill(body=components(theme), content_type="text/html; charset=utf-8",
                          headers={"Content-Security-Policy": policy})
            return
        found = finders.find(path.removeprefix("/static/"))
        assert found, path
        route.fulfill(path=found, content_type=mimetypes.guess_type(found)[0] or "text/plain")

    page.route("**/*", answer)
    page.goto(HOST + "/")
    if folder := os.environ.get("DIGUAN_PICTURES"):
        page.screenshot(path=f"{folder}/components-{theme}-{width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the screen"
    assert not said, said
    # axe is run past the policy: it is the test's tool, no part of the page.
    wrong = faults(page)
    page.close()
    assert not wrong, "\n".join(wrong)
