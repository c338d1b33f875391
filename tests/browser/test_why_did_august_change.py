"""Why did August's number change: the leader sees that tax of August is another figure than the one published, opens why, and stands at the firm's row and at the delivery that says so."""

from __future__ import annotations

import csv
import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.browser.conftest import Acting, faults
from tests.browser.county import County, visitor
from tests.browser.test_day import bring, commit

pytestmark = pytest.mark.browser
MONTH = "2026-08"


def snapshots(page: Any) -> int:
    """How many there are."""
    return int(re.search(r"\d+", page.locator("[role=status]").first.inner_text())[0])


def taken(page: Any) -> None:
    """The clerk takes a snapshot and waits for it."""
    before, until = snapshots(page), time.monotonic() + 150
    page.get_by_role("button", name="生成快照").click()
    while snapshots(page) == before:
        assert time.monotonic() < until, "the snapshot is not taken"
        time.sleep(1)
        page.reload()


def first_taken(page: Any) -> None:
    """There is one to begin with; nothing new makes no other."""
    if snapshots(page) == 0:
        taken(page)


def published(page: Any) -> None:
    """The leader publishes August from the newest snapshot."""
    page.get_by_label("说明").fill("发布八月")
    page.get_by_role("button", name=re.compile("发布")).click()
    page.wait_for_load_state()
    assert "现在用这一次" in page.inner_text("main")


def two_firms(county: County) -> tuple[tuple[str, str], tuple[str, str]]:
    """Code and name of a firm that the bureau's sheet of August names, and of one on the register that it does not."""
    rows = load_workbook(next(county.waiting.glob("税务-2026-08*.xlsx"))).worksheets[0].iter_rows(values_only=True)
    told = {str(cell).strip() for row in rows for cell in row if cell}
    with closing(sqlite3.connect(f"file:{county.folder / 'db.sqlite3'}?mode=ro", uri=True)) as database:
        firms = database.execute("SELECT uscc, name FROM enterprises_enterprise ORDER BY id").fetchall()
    return next(firm for firm in firms if firm[0] in told), next(firm for firm in reversed(firms) if firm[0] not in told)


def sheet(path: Path, uscc: str, name: str, tax: str) -> Path:
    """A tax sheet of one firm, as a bureau sends it after the month's."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([["统一社会信用代码", "企业名称", "所属期", "入库税额（元）"], [uscc, name, MONTH, tax]])
    return path


def delivered(chromium: Any, county: County, file: Path) -> None:
    """The clerk brings in a sheet that is not the whole month's, and says why where it is asked."""
    with visitor(chromium, county, "clerk") as clerk:
        bring(clerk, file, "tax_monthly", MONTH)
        part = clerk.page.get_by_role("link", name="这份不齐全：按不齐全核对")
        if part.count():
            part.first.click()
        if clerk.page.locator("[name=reason]").count():
            clerk.page.locator("[name=reason]").first.fill("逐户核对过")
        commit(clerk)
        assert not clerk.said


def test_the_leader_finds_the_corrected_return_and_the_late_one_behind_a_changed_figure(act: Acting, chromium: Any, county: County, tmp_path: Path) -> None:
    corrected, late = two_firms(county)
    act("clerk", first_taken, f"{county.address}/indicators/snapshots/")
    act("leader", published, f"{county.address}/indicators/months/{MONTH}/")
    delivered(chromium, county, sheet(tmp_path / "税务-2026-08-更正.csv", *corrected, "987654.32"))
    delivered(chromium, county, sheet(tmp_path / "税务-2026-08-迟报-更正.csv", *late, "12345.67"))
    act("clerk", taken, f"{county.address}/indicators/snapshots/")
    with visitor(chromium, county, "leader") as leader:
        leader.go("/indicators/of/tax.paid/?period=2026-08")
        assert re.search(r"2026-08 从 [\d.,]+ (万|亿)元 变为 [\d.,]+ (万|亿)元。", leader.page.inner_text("main"))
        assert faults(leader.page) == []
        leader.page.get_by_role("link", name="看为什么变了").click()
        text = leader.page.inner_text("main")
        assert re.search(r"2026-08 入库税收从 .* 变为 .*：更正 1 户 .*，补报 1 户 \+1.2 万元。", text), text[:600]
        assert "+12,345.67 元" in text
        rows = leader.page.locator("table").last.locator("tbody tr")
        assert {rows.nth(at).locator("th a").inner_text() for at in range(rows.count())} == {corrected[1], late[1]}
        row = rows.filter(has_text=corrected[1])
        assert "987,654.32" in row.inner_text() or "98.8 万元" in row.inner_text()
        assert "县税务局" in row.inner_text()
        assert faults(leader.page) == []
        row.get_by_role("link", name=re.compile(r"^#\d+")).click()
        assert "税务-2026-08-更正.csv" in leader.page.inner_text("main")
        leader.page.go_back()
        leader.page.get_by_role("link", name="这两份快照都变了什么").click()
        assert "税务-2026-08-更正.csv" in leader.page.inner_text("main")
        assert faults(leader.page) == []
        leader.page.go_back()
        leader.page.get_by_role("link", name=corrected[1]).click()
        assert leader.heading().startswith(corrected[1])
    act("leader", read, f"{county.address}/indicators/disagreements/?period=2026-08")
    act("leader", read, f"{county.address}/indicators/disagreements/jobs.headcount/2026-08/")
    act("leader", read, f"{county.address}/indicators/of/jobs.headcount/")
    assert act.seen == []


def read(page: Any) -> str:
    """The page as it stands."""
    return str(page.inner_text("main"))
