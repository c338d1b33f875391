"""A working day in the county, in a real browser, on the running demo."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.browser.county import County, Visitor, visitor

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]


def bring(person: Visitor, file: Path, sheet: str, period: str = "") -> None:
    """Choose a file and go to its preview."""
    person.go("/imports/")
    person.page.get_by_label("表", exact=True).select_option(sheet)
    person.page.get_by_label("文件").set_input_files(file)
    person.page.get_by_label("所属期").fill(period)
    person.page.get_by_role("button", name="核对这份表").click()
    person.page.wait_for_url(re.compile(r"/imports/\d+/"))


def commit(person: Visitor) -> None:
    """Press the one button of a preview without errors."""
    person.page.get_by_role("button", name=re.compile("^入库这")).click()
    person.page.wait_for_url(re.compile(r"/(batches|imports)/"))


def moved(file: Path, target: Path) -> tuple[Path, str]:
    """The county's register with its first firm moved to another town, and that firm's code: as a clerk edits a file."""
    book = load_workbook(file)
    sheet = book.worksheets[0]
    heads = {cell.value: cell.column for row in sheet.iter_rows(min_row=1, max_row=5) for cell in row if cell.value}
    line = next(row for row in range(2, 12) if str(sheet.cell(row, heads["统一社会信用代码"]).value or "").startswith("9"))
    sheet.cell(line, heads["所在乡镇"]).value = "井头镇"
    book.save(target)
    return target, str(sheet.cell(line, heads["统一社会信用代码"]).value)


def newest_batch(person: Visitor) -> str:
    """The first line of the list of batches."""
    person.go("/batches/")
    return str(person.page.locator("tbody tr").first.inner_text())


def test_a_file_full_of_errors_comes_back_marked_and_nothing_is_stored(chromium: Any, county: County, tmp_path: Path) -> None:
    with visitor(chromium, county, "clerk") as clerk:
        before = newest_batch(clerk)
        bring(clerk, next(county.waiting.glob("*有错*.xlsx")), "employment_monthly", "2026-10")
        assert clerk.page.get_by_role("button", name=re.compile("^入库这")).count() == 0
        assert clerk.page.get_by_text("校验").count(), "a wrong check digit is named"
        with clerk.page.expect_download() as coming:
            clerk.page.get_by_role("link", name="下载标好错误的表").click()
        coming.value.save_as(tmp_path / "marked.xlsx")
        noted = [cell.comment.text for sheet in load_workbook(tmp_path / "marked.xlsx") for row in sheet for cell in row if cell.comment]
        assert len(noted) >= 8
        assert newest_batch(clerk) == before
        assert not clerk.said


def test_three_sheets_come_in_through_the_web(chromium: Any, county: County, tmp_path: Path) -> None:
    register, code = moved(county.folder / "demo" / "01-企业名册.xlsx", tmp_path / "企业名册-更正.xlsx")
    with visitor(chromium, county, "clerk") as clerk:
        bring(clerk, register, "enterprises")
        commit(clerk)
        clerk.go(f"/enterprises/{code}/")
        assert clerk.page.get_by_text("井头镇").count()
        bring(clerk, next(county.waiting.glob("用工-*补齐.xlsx")), "employment_monthly", "2026-10")
        commit(clerk)
        assert "2026-10" in newest_batch(clerk)
        assert not clerk.said


VOUCHER = "中小外贸企业参展服务券"
STORY = {
    "README.md": "{0} firms are entitled, {1} are one step short, of {2} a fact is missing (待补信息).|look again: {3} are entitled, {4} waits.|of {5} it is now known that they export",
    "README.zh.md": "可享 {0} 户，差一步 {1} 户，待补信息 {2} 户（缺数据，判不了）。|可享 {3} 户，待补信息 {4} 户。|另外 {5} 户现在知道了，没有出口",
}
"""What both READMEs tell of the voucher: entitled, one step short, unknown; then entitled, unknown; then known not to export."""


def counts(person: Visitor) -> dict[str, tuple[int, int]]:
    """Of every policy in the list: how many are entitled, how many lack information."""
    person.go("/policies/")
    found = {}
    for row in person.page.locator("tbody tr").all():
        entitled, unknown = (number(row.locator(f"td[data-label='{label}']").inner_text()) for label in ("可享", "待补信息"))
        found[row.locator("th").inner_text().split("\n")[0]] = (entitled, unknown)
    return found


def one_step_short(person: Visitor, title: str) -> int:
    """How many firms the list of policies says are one step short."""
    return number(person.page.locator("tbody tr").filter(has_text=title).locator("td[data-label='差一步']").inner_text())


def settled(person: Visitor) -> None:
    """Wait until no match waits or runs in the background."""
    until = time.monotonic() + 120
    person.go("/policies/runs/")
    while person.page.get_by_role("heading", name="正在比对").count():
        assert time.monotonic() < until, "the match does not come to its end"
        time.sleep(1)
        person.go("/policies/runs/")


def number(text: str) -> int:
    """The whole number in a cell."""
    found = re.search(r"\d[\d,]*", text)
    assert found, text
    return int(found[0].replace(",", ""))


def test_a_clerk_imports_augusts_tax_file_and_three_firms_move_from_unknown_to_entitled(chromium: Any, county: County) -> None:
    with visitor(chromium, county, "clerk") as clerk, visitor(chromium, county, "officer") as officer:
        settled(officer)
        before = counts(officer)
        short = one_step_short(officer, VOUCHER)
        bring(clerk, next(county.waiting.glob("税务-2026-08*.xlsx")), "tax_monthly", "2026-08")
        commit(clerk)
        settled(officer)
        after = counts(officer)
        moved = {title: (after[title][0] - before[title][0], after[title][1] - before[title][1]) for title in before
                 if after[title] != before[title]}
        assert [up for up, _down in moved.values()] == [3], moved
        (entitled, unknown), (now, left) = before[VOUCHER], after[VOUCHER]
        told = {name: story.format(entitled, short, unknown, now, left, unknown - left - 3).split("|") for name, story in STORY.items()}
        assert [words for name, sentences in told.items() for words in sentences if words not in (ROOT / name).read_text(encoding="utf-8")] == []
        officer.page.goto(county.address + "/policies/runs/")
        officer.page.locator("tbody th a").first.click()
        officer.page.get_by_role("link", name="和上一次比").click()
        officer.page.goto(officer.page.url + "?way=unknown-entitled")
        assert officer.page.get_by_role("row").filter(has_text="出口销售额 2026-08 新报").count() == 3
        assert not clerk.said + officer.said
