"""The lists of a chain: the same on page and in the file, no wider than the person may see, and nothing runs in a spreadsheet."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from diguan.chains.queries import maps, shelf
from diguan.chains.tests.factories import coverage_factory
from diguan.chains.web.chain_lists import tables
from diguan.enterprises.tests.factories import capability_factory, enterprise_factory
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db
SHEETS = ["环节与连线", "企业清单", "缺口清单", "项目清单", "人才与技术清单", "说明"]


def world() -> Any:
    firm = coverage_factory(enterprise_factory(name="=SUM(A1)有限公司", production_status="在产"), amount_fen=123_456, local_fen=100_000).enterprise
    coverage_factory(enterprise_factory(name="在建有限公司", production_status="在建"), node="hands", capacity_fen=5_000_000)
    coverage_factory(enterprise_factory(name="没核实有限公司", production_status="在产"), node="hands", verified=False)
    clerk, officer = person_factory("data_clerk"), person_factory("policy_officer")
    capability_factory(firm, clerk, "joint_rd", verified_by=officer)
    capability_factory(firm, clerk, "robot")
    return firm


def book_of(client: Client) -> Any:
    answer = client.get("/chains/watch/lists.xlsx")
    assert answer.status_code == 200
    return load_workbook(io.BytesIO(answer.content))


def rows(sheet: Any) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_the_workbook_holds_the_five_lists_and_says_what_they_are(client: Client) -> None:
    world()
    client.force_login(person_factory("chain_officer", name="导出人"))
    book = book_of(client)
    assert book.sheetnames == SHEETS
    chain = shelf.chains()["watch"]
    drawn = rows(book["环节与连线"])[1:]
    assert {row[1] for row in drawn} == {node.id for node in chain.nodes}
    assert sum(row[12] is not None for row in drawn) == len(chain.edges)
    firms = rows(book["企业清单"])
    assert "年产值或年采购额（元）" in firms[0]
    assert [float(row[11]) for row in firms[1:] if row[0] == "=SUM(A1)有限公司"] == [1234.56]
    assert "没核实有限公司" not in {row[0] for row in firms}
    assert [row[0] for row in rows(book["项目清单"])[1:]] == ["在建有限公司"]
    assert [row[2] for row in rows(book["人才与技术清单"])[1:]] == ["联合研发"]
    about = dict(rows(book["说明"]))
    assert about["导出"].startswith("导出人")
    assert chain.version in about["产业链"]


def test_a_name_that_begins_like_a_formula_stays_a_text(client: Client) -> None:
    world()
    client.force_login(person_factory("chain_officer"))
    found = [cell for row in book_of(client)["企业清单"].iter_rows() for cell in row if cell.value == "=SUM(A1)有限公司"]
    assert [cell.data_type for cell in found] == ["s"]


def test_amounts_are_only_for_who_may_see_them_and_names_for_who_may_see_who_stands_where() -> None:
    world()
    chain = shelf.chains()["watch"]
    officer, plain = person_factory("chain_officer"), person_factory("policy_officer")
    heads = [{head.label for head in next(table for table in tables(person, maps.view(person, chain)) if table.key == "firms").heads} for person in (officer, plain)]
    assert ["年产值或年采购额" in each for each in heads] == [True, False]
    texts = str([[cell.value for cell in row] for table in tables(plain, maps.view(plain, chain)) for row in table.rows])
    assert "123456" not in texts
    assert "5000000" not in texts


def test_without_the_right_to_see_who_stands_where_no_list_holds_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    firm, person, chain = world(), person_factory("policy_officer"), shelf.chains()["watch"]
    from diguan.kernel import access

    may = access.may
    monkeypatch.setattr(access, "may", lambda who, permission, record=None: permission != "chains.view_coverage" and may(who, permission, record))
    found = tables(person, maps.view(person, chain))
    assert [table.key for table in found if table.closed] == ["firms", "projects", "technique"]
    assert firm.name not in str([table.sheet for table in found])
    assert "在建有限公司" not in str([table.sheet for table in found])


def test_an_amount_of_few_firms_is_hidden_from_who_may_not_see_amounts_and_the_file_says_so() -> None:
    coverage_factory(node="watch_assembly", amount_fen=1_000_000)
    coverage_factory(enterprise_factory(production_status="在产"), "movement_quartz", "use", amount_fen=777_777)
    chain = shelf.chains()["watch"]
    plain, officer = person_factory("policy_officer"), person_factory("chain_officer")
    said = {who.pk: next(table for table in tables(who, maps.view(who, chain)) if table.key == "gaps").sheet for who in (plain, officer)}
    assert "7777.77" not in str(said[plain.pk])
    assert "不足 3 户，不显示" in str(said[plain.pk])
    assert "7777.77" in str(said[officer.pk])


def test_the_page_says_the_same_as_the_file_and_export_is_a_right_of_its_own(client: Client) -> None:
    world()
    client.force_login(person_factory("chain_officer"))
    book = book_of(client)
    for key, title in zip(("map", "firms", "gaps", "projects", "technique"), SHEETS, strict=False):
        page = client.get(f"/chains/watch/lists/?list={key}").content.decode()
        assert "<h1" in page
        for row in rows(book[title])[1:4]:
            assert str(row[0]) in page
    client.force_login(person_factory("policy_officer"))
    assert client.get("/chains/watch/lists/").status_code == 200
    assert [client.get(f"/chains/watch/{name}").status_code for name in ("lists.xlsx", "map.svg")] == [403, 403]
    client.force_login(person_factory("data_clerk"))
    assert client.get("/chains/watch/lists.xlsx").status_code == 403
    client.force_login(person_factory("administrator"))
    assert client.get("/chains/watch/lists/").status_code == 403


def test_the_drawing_stands_alone(client: Client) -> None:
    world()
    client.force_login(person_factory("chain_officer"))
    answer = client.get("/chains/watch/map.svg")
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    text = answer.content.decode()
    root = ET.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert all(word not in text for word in ("var(--", "class=", "<script", "href="))
    said = "".join(root.itertext())
    assert "截至" in said
    assert "=SUM" not in said
