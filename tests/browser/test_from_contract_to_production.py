"""上午签约、下午办证、次月投产: an industrial project with one form, many bureaus side by side, a correction, a pause and one pack of results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.browser.conftest import Acting
from tests.browser.county import County
from tests.browser.test_one_matter_once import finished, given_out, press_link, rated, taken_on
from tests.browser.test_to_the_account import paper, press

pytestmark = pytest.mark.browser

ANSWERS = {"land": "standard_land", "eia_class": "register", "energy_class": "low", "earthwork": "small", "fire_class": "other", "danger": "no", "discharge": "register", "special_equipment": "no", "product": "other"}
VALUES = {"money": "3000万元", "number": "120", "date": "2026-11-01", "industry": "3861", "bool": "true"}
PACKS = Path(__file__).parents[2] / "src/diguan/packs"


def types() -> dict[str, str]:
    """What sort of value each field of the packs takes."""
    found: dict[str, str] = {}
    for name in ("base", "hengyang"):
        path = PACKS / name / "evidence.yaml"
        if path.exists():
            found |= {key: (entry.get("value") or {}).get("type", "") for key, entry in yaml.safe_load(path.read_text(encoding="utf-8")).items()}
    return found


def opened(page: Any) -> str:
    """The questions are answered as they come up; then everything is handed in at once."""
    press_link(page, "工业项目从签约到投产")
    while not page.locator("input[name='send']").count():
        for select in page.locator("form[method='get'] select").all():
            name = select.get_attribute("name") or ""
            if not select.input_value():
                values = [option.get_attribute("value") or "" for option in select.locator("option").all()]
                select.select_option(ANSWERS[name] if ANSWERS.get(name) in values else values[1])
        press(page, "看要办什么")
    known = types()
    form = page.locator("form:has(input[name='send'])")
    for field in form.locator("input:visible").all():
        name, kind = field.get_attribute("name") or "", field.get_attribute("type")
        if kind == "file":
            field.set_input_files(paper(name.removeprefix("file_")))
        elif kind == "date":
            field.fill("2026-10-12")
        else:
            field.fill(VALUES.get(known.get(name.removeprefix("value_"), ""), "演示〔2026〕9号"))
    press(page, "一次提交")
    assert "待受理" in page.inner_text("main")
    return str(page.url)


def asked_to_correct(page: Any) -> None:
    """The window says once what is wrong; until it comes the term stands still."""
    page.locator("summary", has_text="一次告知补正").click()
    page.locator("fieldset label", has_text="总投资").locator("input").check()
    page.fill("#correct-reason", "总投资和备案的建设规模对不上，请核对")
    press(page, "告知申请人")
    assert "等申请人补正" in page.inner_text("main")


def corrected(page: Any) -> None:
    page.fill("[name='value_total_investment']", "3200万元")
    press(page, "交上去")


def paused_and_resumed(page: Any) -> None:
    """One office waits for an expert review, which the law leaves out of its days, and goes on."""
    row = page.locator("tr:has(summary:has-text('暂停时限'))").first
    key = row.get_attribute("id")
    row.locator("summary", has_text="暂停时限").click()
    row.locator("[name='reason']:visible").fill("专家评审")
    with page.expect_navigation():
        row.get_by_role("button", name="暂停时限").click()
    assert "时限暂停" in page.inner_text(f"#{key}")
    with page.expect_navigation():
        page.locator(f"#{key}").get_by_role("button", name="时限接着算").click()


def finished_one(page: Any) -> None:
    """The filing of the project, which everything waits for."""
    row = page.locator("#project_filing")
    row.locator("summary", has_text="办结").first.click()
    row.locator("[name='number']:visible").fill("2026-430421-41-01-000001")
    row.locator("[name='issued']:visible").fill("2026-10-30")
    with page.expect_navigation():
        row.get_by_role("button", name="办结这一项").click()


def side_by_side(page: Any) -> None:
    """Several bureaus have their matters at the same time; what binds still waits."""
    rows = page.locator("tr:has(summary:has-text('办结'))")
    offices = {rows.nth(at).locator("td").first.inner_text() for at in range(rows.count())}
    assert len(offices) > 1, offices
    assert page.locator("tr", has_text="等：").count()


def measured(page: Any) -> None:
    """Days and visits of the case open what they are counted from."""
    press_link(page, "怎么数的")
    assert "提交" in page.inner_text("main")


def test_morning_contract_afternoon_licences_production_next_month(act: Acting, county: County) -> None:
    address = act("agent", opened, f"{county.address}/services/apply/", size="phone")
    act("service", asked_to_correct, address)
    act("agent", corrected, address, size="phone")
    act("service2", taken_on, address)
    act("service", paused_and_resumed, address)
    act("service", finished_one, address)
    act("service", side_by_side, address)
    act("service", finished, address)
    act("service", given_out, address)
    act("service", measured, address)
    act("agent", rated, address, size="phone")
    assert act.seen == []
