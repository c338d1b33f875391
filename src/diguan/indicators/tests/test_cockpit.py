"""The cockpit: chosen by data, read from the snapshot alone; what is partial, late, old, hidden or not built says so."""

from __future__ import annotations

import datetime as dt
import html
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from diguan.indicators.queries import cockpit, register, screens, snapshots
from diguan.indicators.tests.factories import firms, pack, snapshot_factory, told
from diguan.indicators.tests.plan_factories import table_factory
from diguan.indicators.web import cockpit as web
from diguan.kernel import packs
from diguan.kernel.access.roles import title_of
from diguan.kernel.packs import PackError
from diguan.kernel.refusals import Forbidden
from diguan.kernel.tests.factories import county_factory, person_factory

pytestmark = pytest.mark.django_db
CODES = "- code: a.tax\nHEAD\n  fact: tax.paid\n  by: [cluster]\n- code: a.jobs\nHEAD\n  fact: jobs.headcount\n  fold: last\n"
FRONT = "- chapter: front\n  title: {zh: 总览, en: Overview}\n"
MONTHS = ("2025-08", "2026-08", "2026-09")


@pytest.fixture(autouse=True)
def october(settings: Any) -> None:
    settings.DIGUAN_TODAY = "2026-10-31"


@pytest.fixture
def board(tmp_path: Path, monkeypatch: Any) -> Any:
    """The board of one pack with these chapters and two indicators."""

    def of(text: str) -> Any:
        folder = pack(tmp_path, CODES)
        (folder / cockpit.FILE).write_text(text, "utf-8")
        found = {register.FILE, cockpit.FILE}
        monkeypatch.setattr(packs, "files", lambda name: iter([folder / name]) if name in found else iter([one for one in (packs.SHIPPED / "base" / name,) if one.exists()]))
        return cockpit.board()

    return of


def taxed(rows: list[Any], months: tuple[str, ...] = MONTHS, whole: bool = True, amount: int = 1_000_000) -> None:
    told("tax.paid", {row.uscc: dict.fromkeys(months, amount) for row in rows}, whole=months if whole else ())


def tile(found: screens.Screen, code: str) -> screens.Tile:
    return next(one for one in found.tiles if one.one.code == code)


# ── as data ──────────────────────────────────────────────────────────────────
def test_chapters_are_read_in_their_order(board: Any) -> None:
    found = board(FRONT + "  figures: [a.tax]\n  columns:\n    - - {lines: a.tax, by: cluster, only: [钟表], months: 6}\n- chapter: money\n  title: {zh: 钱, en: Money}\n  rooms: [finance]\n")
    assert list(found) == ["front", "money"]
    (picture,) = found["front"].columns[0]
    assert (picture.kind, picture.codes, picture.by, picture.only, picture.months) == ("lines", ("a.tax",), "cluster", ("钟表",), 6)
    assert found["money"].rooms == ("finance",)


@pytest.mark.parametrize(("text", "word"), [
    ("  figures: [a.taxes]\n", "最接近的是 a.tax"),
    ("  figure: [a.tax]\n", "最近的是 figures"),
    ("  figures: [a.tax, a.tax]\n", "不重复"),
    ("  rooms: [tourisme]\n", "最接近的是 tourism"),
    ("  columns: [[{parts: a.tax, by: clusters}]]\n", "最接近的是 cluster"),
    ("  columns: [[{parts: a.tax}]]\n", "要写 by"),
    ("  columns: [[{bars: [a.tax], by: cluster}]]\n", "要写 by"),
    ("  columns: [[{bars: [a.tax, a.jobs]}]]\n", "同一个单位"),
    ("  columns: [[{pie: a.tax}]]\n", "不认识的键 pie"),
    ("  columns: [[{notes: lacks}]]\n", "最接近的是 lacking"),
    ("  columns: [[{lines: a.tax, bars: a.tax}]]\n", "只写一种"),
    ("  columns: [[{lines: []}]]\n", "要写指标"),
    ("  columns: [[{lines: a.tax, months: 99}]]\n", "2 到 36"),
    ("  columns: [[{lines: [a.tax], names: [税]}]]\n", "短名"),
    ("  columns: [[], [], [], []]\n", "最多 3 列"),
    ("  columns: [[a.tax]]\n", "要写成键值"),
    (FRONT, "写了两次"),
    ("- chapter: Not a word\n  title: {zh: 坏, en: Bad}\n", "一个英文词"),
    ("- chapter: money\n", "title 要写明"),
])
def test_what_cannot_be_shown_is_refused_with_its_line_and_the_nearest(board: Any, text: str, word: str) -> None:
    with pytest.raises(PackError) as refused:
        board(FRONT + text)
    assert "cockpit.yaml:" in refused.value.where
    assert word in refused.value.message.zh


def test_the_shipped_cockpit_is_whole_and_a_county_replaces_a_chapter() -> None:
    found = cockpit.board()
    assert list(found) == ["front", "business_environment", "investment", "chains", "money", "land", "culture_tourism"]
    assert len(found["front"].figures) == cockpit.SIX
    assert found["front"].columns[0][0].only == ("钟表", "小家电", "鞋帽服装", "陶瓷")


# ── as a page ────────────────────────────────────────────────────────────────
def test_before_the_first_snapshot_it_says_so_and_shows_no_number(client: Any) -> None:
    client.force_login(person_factory("leader"))
    for query in ({}, {"kiosk": "1"}):
        seen = client.get(reverse("indicators:cockpit"), query).content.decode()
        assert "还没有快照" in seen
        assert "/rows/" not in seen


def test_every_number_opens_its_rows_and_every_name_its_definition(client: Any) -> None:
    taxed(firms(5))
    snapshot_factory()
    client.force_login(person_factory("leader"))
    seen = client.get(reverse("indicators:cockpit_chapter", args=["money"])).content.decode()
    rows, definition = reverse("indicators:rows", args=["tax.paid"]) + "?period=2026-09", reverse("indicators:indicator", args=["tax.paid"])
    assert f'href="{rows}"' in seen
    assert f'href="{definition}"' in seen
    assert "截至 <span class=\"dg-nowrap\">2026-09-30</span>" in seen
    for address in (rows, definition):
        assert client.get(address).status_code == 200


def test_the_big_screen_is_dark_alone_and_refreshes_itself_without_script_of_its_own(client: Any) -> None:
    taxed(firms(5))
    snapshot_factory()
    client.force_login(person_factory("leader"))
    seen = client.get(reverse("indicators:cockpit"), {"kiosk": "1"}).content.decode()
    assert 'data-theme="dark"' in seen
    assert 'hx-trigger="every 300s"' in seen
    assert "dg-side" not in seen
    assert "marquee" not in seen
    assert "style=" not in seen
    assert reverse("indicators:rows", args=["tax.to_date"]) in seen


def test_a_partial_figure_says_so_is_hatched_and_has_no_change(client: Any) -> None:
    rows = firms(5)
    taxed(rows, ("2025-09",))
    taxed(rows[:3], ("2026-09",), whole=False)
    snapshot_factory()
    leader = person_factory("leader")
    one = tile(screens.screen(leader, "money"), "tax.paid")
    assert (one.cell.told, one.cell.expected, one.change) == (3, 5, None)
    client.force_login(leader)
    seen = client.get(reverse("indicators:cockpit_chapter", args=["money"])).content.decode()
    assert "数据不全" in seen
    assert "空心点" in seen


def test_a_month_that_was_not_delivered_is_named_and_the_last_that_was_is_shown_with_its_own_day() -> None:
    taxed(firms(5), ("2025-08", "2026-08"))
    snapshot_factory()
    one = tile(screens.screen(person_factory("leader"), "money"), "tax.paid")
    assert (one.cell.period, one.day, one.late, one.later.period) == ("2026-08", dt.date(2026, 8, 31), True, "2026-09")
    found = screens.screen(person_factory("leader"))
    assert "tax.paid" in {each.one.code for column in found.columns for shown in column if shown.picture.codes == ("lacking",) for each in shown.tiles}


def test_figures_of_fewer_than_three_firms_stay_hidden_on_every_picture(client: Any) -> None:
    two = firms(2, "陶瓷")
    taxed([*firms(6), *firms(7, "小家电"), *two], tuple(f"2026-{month:02}" for month in range(1, 11)), amount=1_234_500)
    snapshot_factory()
    client.force_login(person_factory("leader"))
    seen = client.get(reverse("indicators:cockpit_chapter", args=["money"])).content.decode()
    assert "不足 3 户，不显示" in seen
    assert "group=%E9%99%B6%E7%93%B7" not in seen
    assert all(row.name not in seen for row in two)


def test_an_old_snapshot_is_said_to_be_old(client: Any, settings: Any) -> None:
    snapshot_factory()
    client.force_login(person_factory("leader"))
    assert "天前的" not in client.get(reverse("indicators:cockpit")).content.decode()
    settings.DIGUAN_TODAY = "2026-12-20"
    assert "最近一份快照是 50 天前的" in client.get(reverse("indicators:cockpit")).content.decode()


def test_a_chapter_whose_room_is_not_built_says_so_and_an_unknown_one_is_not_there(client: Any) -> None:
    snapshot_factory()
    client.force_login(person_factory("leader"))
    seen = client.get(reverse("indicators:cockpit_chapter", args=["culture_tourism"])).content.decode()
    assert "有模块还没有建成" in seen
    assert "这一章还没有数" in seen
    assert client.get(reverse("indicators:cockpit_chapter", args=["nothing"])).status_code == 404


def test_indicators_of_records_one_may_not_see_are_left_out_and_counted() -> None:
    taxed(firms(5))
    snapshot_factory()
    clerk = screens.screen(person_factory("data_clerk"), "investment")
    assert (clerk.tiles, clerk.columns) == ((), ())
    assert clerk.hidden == 6
    assert screens.screen(person_factory("leader"), "investment").hidden == 0


def test_the_cockpit_is_for_who_may_see_indicators(client: Any) -> None:
    snapshot_factory()
    for role, status in (("leader", 200), ("policy_officer", 200), ("town_officer", 403), ("enterprise_agent", 403)):
        client.force_login(person_factory(role))
        for address in (reverse("indicators:cockpit"), reverse("indicators:cockpit") + "?kiosk=1", reverse("indicators:cockpit_chapter", args=["money"])):
            assert client.get(address).status_code == status, (role, address)
    with pytest.raises(Forbidden):
        screens.screen(person_factory("town_officer"))
    assert title_of("indicators.view_indicator")


def test_it_is_in_the_menu_of_who_may_open_it(client: Any) -> None:
    for role, there in (("leader", True), ("town_officer", False)):
        client.force_login(person_factory(role))
        assert (f'href="{reverse("indicators:cockpit")}"' in client.get("/").content.decode()) is there


def test_it_asks_the_database_little_however_much_the_snapshot_holds(client: Any) -> None:
    taxed(firms(5))
    snapshot_factory()
    client.force_login(person_factory("leader"))
    address = reverse("indicators:cockpit") + "?kiosk=1"
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    assert len(queries) <= 8, [one["sql"][:120] for one in queries]


# ── on the weekly dispatch sheet ─────────────────────────────────────────────
def test_figures_that_moved_stand_on_the_sheet_and_nothing_before_the_first_snapshot(client: Any) -> None:
    leader = person_factory("leader")
    client.force_login(leader)
    assert "变化大的" not in client.get(reverse("projects:dispatch")).content.decode()
    rows = firms(5)
    taxed(rows, ("2025-09",), amount=1_000_000)
    taxed(rows, ("2026-09",), amount=2_000_000)
    snapshot_factory()
    seen = client.get(reverse("projects:dispatch")).content.decode()
    assert "变化大的" in seen
    assert "同比 +100%" in seen
    assert "年度目标" not in seen


def test_disagreeing_figures_stand_side_by_side_for_who_may_see_the_countys(client: Any) -> None:
    rows = firms(4)
    told("jobs.headcount", {row.uscc: {"2026-09": 10} for row in rows}, source="hr_bureau")
    told("jobs.headcount", {row.uscc: {"2026-09": 12} for row in rows}, source="park_office")
    client.force_login(person_factory("leader"))
    seen = client.get(reverse("projects:dispatch")).content.decode()
    assert "两个数对不上" in seen
    assert "4 户对不上" in seen


def test_a_place_has_no_percentage_and_what_is_to_be_low_says_so_beside_its_change() -> None:
    county_factory()
    table_factory(("测试县", "40"), ("甲县", "45"), period="2025-09")
    table_factory(("测试县", "40"), ("甲县", "45"), ("乙县", "50"), period="2026-09")
    firms(3)
    snapshot_factory()
    leader = person_factory("leader")
    _run, found = screens.moved(leader, 99)
    figures = snapshots.figures(leader)
    assert figures is not None
    assert figures.cell("indicators.place", "2026-09").num == 3
    assert "indicators.place" not in {one.one.code for one in found}
    assert web.change_words(screens.Change(Decimal(10), points=False), "down") == "同比 +10%（越低越好）"
    assert web.change_words(screens.Change(Decimal(10), points=False), "up") == "同比 +10%"


def test_a_chart_that_has_no_room_for_every_part_says_so_and_its_table_holds_all(client: Any) -> None:
    for cluster in ("钟表", "陶瓷", "小家电", "鞋帽服饰", "新能源"):
        taxed(firms(4, cluster))
    taxed(firms(4, ""))
    snapshot_factory()
    leader = person_factory("leader")
    found = screens.screen(leader, "chains")
    assert found is not None
    shown = next(one for column in found.columns for one in column if isinstance(one, screens.Shown) and one.picture.kind == cockpit.LINES and one.picture.by == "cluster")
    assert (len(shown.lines), [line.group for line in shown.rest][-1], len(shown.rest)) == (4, "", 2)
    made = web.picture(shown, (360, 190))
    assert made["left"] == "只画最大的 4 组，共 5 组，其余在表里"
    assert (len(made["chart"].series), len(made["chart"].heads), len(made["chart"].rows[0][1])) == (4, 6, 6)
    client.force_login(leader)
    assert made["left"] in client.get(reverse("indicators:cockpit_chapter", args=["chains"])).content.decode()


def test_a_month_nobody_told_is_a_gap_in_a_chart_and_the_months_before_the_first_are_left_out() -> None:
    for cluster in ("钟表", "陶瓷"):
        taxed(firms(4, cluster), ("2025-12", "2026-03", "2026-09"))
    snapshot_factory()
    found = screens.screen(person_factory("leader"), "chains")
    assert found is not None
    shown = next(one for column in found.columns for one in column if isinstance(one, screens.Shown) and one.picture.kind == cockpit.LINES and one.first.code == "tax.growth")
    cells = tuple(replace(cell, num=1 if cell.period in ("2025-12", "2026-03", "2026-09") else None, den=1) for cell in shown.lines[0].cells)
    made = web.picture(replace(shown, lines=(replace(shown.lines[0], cells=cells),), rest=()), (360, 190))["chart"]
    assert made.labels == ("2025-12", *(f"2026-{month:02}" for month in range(1, 10)))
    assert (len(made.series[0].dots), len(made.series[0].lines)) == (3, 0)


def test_each_number_of_a_charts_table_opens_its_rows_and_each_change_its_periods(client: Any) -> None:
    rows = firms(4)
    taxed(rows, ("2025-08", "2025-09", "2026-08", "2026-09"))
    snapshot_factory()
    client.force_login(person_factory("leader"))
    seen = client.get(reverse("indicators:cockpit_chapter", args=["chains"])).content.decode()
    told = re.findall(r'<td class="dg-number">(?:<a href="([^"]+)">)?([^<]*)', seen[seen.index("dg-chart"):])
    assert any(url for url, _number in told)
    assert {number for url, number in told if not url and any(letter.isdigit() for letter in number)} == set()
    for url in {html.unescape(url) for url, _number in told if url}:
        assert client.get(url).status_code == 200, url
    front = client.get(reverse("indicators:cockpit")).content.decode()
    assert f'{reverse("indicators:indicator", args=["tax.paid"])}#periods' in front


def test_what_the_cockpit_has_no_room_for_is_counted_as_the_list_of_indicators_has_it(client: Any) -> None:
    rows = firms(4)
    taxed(rows, ("2025-09", "2026-08"))
    told("jobs.headcount", {row.uscc: {"2025-09": 10, "2026-09": 12} for row in rows}, source="hr_bureau")
    snapshot_factory()
    leader = person_factory("leader")
    client.force_login(leader)
    address = reverse("indicators:list")
    for column in screens.screen(leader).columns:
        for one in column:
            if isinstance(one, screens.Noted):
                name = web._KEPT[one.picture.codes[0]]
                kept = client.get(address, {name: "1"}).context["page"].paginator.object_list
                assert len(kept) == len(one.tiles) + one.more, name
                assert len(kept) < len(client.get(address).context["page"].paginator.object_list)


def test_a_list_that_is_cut_says_how_many_more_there_are() -> None:
    firms(3)
    snapshot_factory()
    found = screens.screen(person_factory("leader"))
    assert found is not None
    noted = next(one for column in found.columns for one in column if isinstance(one, screens.Noted) and one.tiles)
    assert web.picture(replace(noted, tiles=noted.tiles[:1] * 8, more=3), (360, 190), 4)["about"] == "自动列出，另有 7 项"
    assert "另有" not in web.picture(replace(noted, tiles=noted.tiles[:1], more=0), (360, 190), 4)["about"]


def test_a_chapter_whose_every_figure_is_hidden_says_that_and_not_that_there_is_none_yet(client: Any, monkeypatch: Any) -> None:
    firms(3)
    snapshot_factory()
    client.force_login(person_factory("leader"))
    full = screens.screen
    monkeypatch.setattr(screens, "screen", lambda *told: replace(full(*told), tiles=(), columns=(), hidden=5))
    seen = client.get(reverse("indicators:cockpit_chapter", args=["money"])).content.decode()
    assert "另有 5 个指标不在您的职责范围内" in seen
    assert "这一章还没有数" not in seen
    monkeypatch.setattr(screens, "screen", lambda *told: replace(full(*told), tiles=(), columns=(), hidden=0))
    assert "这一章还没有数" in client.get(reverse("indicators:cockpit_chapter", args=["money"])).content.decode()
