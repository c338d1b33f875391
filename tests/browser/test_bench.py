"""The re-engineering bench on a log in a public format: read, looked at, judged, reviewed, planned, published as the next version."""

from __future__ import annotations

import datetime as dt
import gzip
import os
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Acting
from tests.browser.county import County
from tests.browser.test_to_the_account import press

pytestmark = pytest.mark.browser

STEPS = ("受理", "公司设立登记", "公章刻制备案", "企业社会保险登记", "办结")


def xes() -> bytes:
    """IEEE 1849 (XES), packed: 60 cases one step after the other, every tenth with two steps the other way round."""
    traces = []
    for case in range(60):
        names = list(STEPS)
        if case % 10 == 0:
            names[2], names[3] = names[3], names[2]
        at, events = dt.datetime(2025, 3, 3, 9) + dt.timedelta(days=7 * (case % 40)), []
        for number, name in enumerate(names):
            for transition, minutes in (("start", 60 * number * 5 + case), ("complete", 60 * number * 5 + 40 + case)):
                events.append(f'<event><string key="concept:name" value="{name}"/><string key="lifecycle:transition" value="{transition}"/><string key="org:group" value="{name[:2]}科"/>'
                              f'<date key="time:timestamp" value="{at + dt.timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%S}+08:00"/></event>')
        traces.append(f'<trace><string key="concept:name" value="件{case:03}"/>{"".join(events)}</trace>')
    return gzip.compress(f'<?xml version="1.0" encoding="UTF-8"?><log xes.version="1849-2016" xmlns="http://www.xes-standard.org/">{"".join(traces)}</log>'.encode())


def picture(page: Any, name: str) -> None:
    """Keep how it looks, where somebody asked for pictures."""
    if folder := os.environ.get("DIGUAN_PICTURES"):
        page.screenshot(path=Path(folder) / f"bench-{name}.png", full_page=True)


def brought(page: Any) -> str:
    """The log is brought and read; nothing of it is lost unsaid."""
    page.locator("main").get_by_role("link", name="导入日志").first.click()
    page.fill("[name='title']", "开办企业 2025")
    page.set_input_files("[name='file']", {"name": "log.xes.gz", "mimeType": "application/gzip", "buffer": xes()})
    page.select_option("[name='life_event']", label="开办企业")
    press(page, "读进来分析")
    text = page.inner_text("main")
    assert "读到 600 个事件，计入 600 个：60 个案件" in text
    assert page.locator("svg.dg-flow .dg-flow-box").count() == len(STEPS)
    picture(page, "log")
    return str(page.url)


def judged(page: Any) -> None:
    """What the law binds is kept with its article, the rest is let go."""
    page.get_by_role("link", name="先后").first.click()
    row = page.locator("tr", has=page.locator("th", has_text="受理")).filter(has_text="公司设立登记").first
    row.locator("select").select_option(label="法定")
    row.locator("input[name^='evidence']").fill("市场主体登记管理条例第十九条")
    press(page, "记下判定")
    page.fill("#free-reason", "逐个单位问过，没有依据")
    press(page, "没有依据的先后都去掉")
    assert "0 条还没判定" in page.inner_text("main")
    picture(page, "orders")


def planned(page: Any) -> None:
    """The plan is proven, the simulation and the replay say what is saved."""
    page.goto(page.url.rsplit("orders/", 1)[0] + "plan/" if "orders" in page.url else page.url + "plan/")
    text = page.inner_text("main")
    assert "已证明不能更短" in text
    assert "种子 1" in text
    page.fill("[name='wait_left']", "50")
    press(page, "按这些重算")
    assert "已证明不能更短" in page.inner_text("main")
    picture(page, "plan")


BPMN = ('<?xml version="1.0" encoding="UTF-8"?><definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t" id="d"><process id="p" name="开办企业（画的）"><startEvent id="s"/>'
        '<task id="a" name="受理"/><task id="b" name="公司设立登记"/><task id="c" name="公章刻制"/><task id="e" name="企业社会保险登记"/><task id="f" name="办结"/>{more}<endEvent id="z"/>'
        + "".join(f'<sequenceFlow id="{one}{two}" sourceRef="{one}" targetRef="{two}"/>' for one, two in zip("sabcef", "abcefz", strict=True)) + "</process></definitions>")


def send(page: Any, text: str) -> None:
    page.set_input_files("[name='file']", {"name": "flow.bpmn", "mimeType": "application/xml", "buffer": text.encode()})
    with page.expect_navigation():
        page.get_by_role("button", name="读进来对照").click()


def held(page: Any) -> None:
    """A drawn flow: all that is not understood is said; then what is read is matched, and each deviation opens its cases."""
    page.goto(page.url + "flows/")
    send(page, BPMN.format(more='<serviceTask id="x"/><subProcess id="y"/>'))
    text = page.inner_text("main")
    assert "serviceTask x（第 1 行）" in text
    assert "subProcess y（第 1 行）" in text
    picture(page, "flow-refused")
    send(page, BPMN.format(more=""))
    assert "最近的是“公章刻制备案”" in page.inner_text("main")
    picture(page, "flow-open")
    page.get_by_label("公章刻制").fill("公章刻制备案")
    press(page, "按这样对照")
    text = page.inner_text("main")
    assert "公章刻制备案 → 企业社会保险登记" in text
    picture(page, "flow-held")
    address = page.url
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    picture(page, "flow-phone")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.context.add_cookies([{"name": name, "value": value, "url": address.split("/services/")[0]} for name, value in (("diguan_theme", "dark"), ("diguan_language", "en"))])
    page.goto(address)
    picture(page, "flow-dark")
    page.get_by_role("row", name="公章刻制备案 → 企业社会保险登记").get_by_role("link").click()
    assert "件000" in page.inner_text("main")


def reviewed(page: Any) -> None:
    """Somebody else looks at what binds."""
    page.goto(page.url + "orders/")
    for box in page.locator("input[name='edge']").all():
        box.check()
    press(page, "复核勾选的")


def published(page: Any) -> None:
    """And publishes; the version that follows names the study."""
    page.goto(page.url + "outcome/")
    page.fill("[name='valid_from']", "2026-12-15")
    page.fill("[name='reason']", "按日志压减（演示）")
    press(page, "发布新的一版")
    assert "发布过的" in page.inner_text("main")
    picture(page, "outcome")


def test_a_public_log_becomes_a_better_flow(act: Acting, county: County) -> None:
    address = act("service", brought, f"{county.address}/services/bench/")
    act("service", judged, address)
    act("service", planned, address)
    act("service", held, address)
    act("service2", reviewed, address)
    act("service2", published, address)
    assert act.seen == []
