"""The other bureaus' books: every fact has a bureau that tells it, and every file is a sheet the county can read."""

from __future__ import annotations

import pytest

from diguan.kernel import packs, periods
from diguan.kernel.sheets import check, declare, shelf
from diguan.site.demo import county, files, more


@pytest.fixture(autouse=True)
def no_register(monkeypatch):
    monkeypatch.setattr(declare, "_SUBJECTS", {})  # who is registered is another test's matter


@pytest.fixture(scope="module")
def params():
    return county.parameters()


@pytest.fixture(scope="module")
def rows(params):
    firms = [firm for firm in county.draw_firms(params) if firm.producing][::9]
    return county.draw_rows(firms, params)


@pytest.fixture(scope="module")
def tables(rows, params):
    return list(more.tables(rows, params))


def test_every_dated_fact_of_the_catalogue_is_told_by_a_file_of_the_demo():
    told = {column.fact for columns in (files.TAX, files.JOBS, *(book.columns for book in more.BOOKS)) for column in columns}
    assert told == {spec.name for spec in packs.catalogue().values() if spec.period != "none"}


def test_every_book_is_a_declared_sheet_of_its_source():
    for book in more.BOOKS:
        sheet = shelf.fact_sheets()[book.sheet]
        assert sheet.source == book.source, book.sheet
        assert {column.fact for column in book.columns} == set(sheet.complete), book.sheet


def test_every_file_is_read_without_an_error(tables, tmp_path):
    assert {table.sheet for table in tables} == {book.sheet for book in more.BOOKS}
    for table in tables:
        delivery = files.write(tmp_path, table)
        found = check.check_file(shelf.fact_sheets()[table.sheet], packs.catalogue(), delivery.path.name, delivery.path.read_bytes(),
                                 periods.parse(table.period))
        assert found.errors == [], (table.name, [(error.cell, error.message.zh) for error in found.errors[:3]])
        assert found.rows == len(table.rows), table.name


def test_what_is_written_is_what_was_drawn_to_the_last_unit(tables, tmp_path):
    table = next(table for table in tables if table.sheet == "electricity_monthly" and table.period == "2026-10")
    delivery = files.write(tmp_path, table)
    found = check.check_file(shelf.fact_sheets()[table.sheet], packs.catalogue(), delivery.path.name, delivery.path.read_bytes(), periods.parse("2026-10"))
    told = {(row.values["uscc"], column): row.values[column] for row in found.read.rows for column in ("electricity", "cost")}
    for firm, one in table.rows:
        assert told[firm.uscc, "electricity"] == one.values["energy.electricity"]
        assert told[firm.uscc, "cost"] == one.values["energy.electricity_cost"]


def test_the_books_agree_with_themselves(tables):
    for table in tables:
        for _firm, one in table.rows:
            told = one.values
            assert told.get("finance.value_added", 0) <= told.get("finance.output_value", 0)
            assert told.get("complaint.settled", 0) <= told.get("complaint.received", 0)
            assert told.get("loan.new", 0) <= told.get("loan.balance", 0) + told.get("loan.new", 0) // 50
            assert (told.get("penalty.fines", 0) > 0) == (told.get("penalty.count", 0) > 0)


def test_the_same_county_has_the_same_books(rows, params, tables):
    assert [(table.name, [one for _firm, one in table.rows]) for table in more.tables(rows, params)] == [
        (table.name, [one for _firm, one in table.rows]) for table in tables]


def test_some_deliveries_are_late_or_not_whole(tables, rows, params):
    names = {table.name for table in tables}
    assert "贷款-2026-Q3" in names
    assert "贷款-2026-10" not in names
    assert more.late(rows, params).name == "贷款-2026-10"
    assert {table.name for table in tables if table.complete == ()} == {"年报财务-2025", "用地厂房-2025", "用电-2026-Q2-更正"}


def test_a_bill_in_ten_thousands_goes_back(rows, params, tmp_path):
    delivery = files.write(tmp_path, more.in_ten_thousands(rows, params))
    found = check.check_file(shelf.fact_sheets()["electricity_monthly"], packs.catalogue(), delivery.path.name, delivery.path.read_bytes(),
                             periods.parse("2026-10"))
    assert len(found.errors) > 20
    assert {error.column for error in found.errors} == {"电费（元）"}
    assert all("小数位太多" in error.message.zh for error in found.errors)


def test_misread_meters_are_put_right_by_a_file_of_those_firms_alone(tables):
    first, right = (next(table for table in tables if table.name == name) for name in ("用电-2026-Q2", "用电-2026-Q2-更正"))
    told = {(firm.uscc, one.period.text): one.values for firm, one in first.rows}
    assert 0 < len(right.rows) < len(first.rows) / 10
    for firm, one in right.rows:
        assert told[firm.uscc, one.period.text] == {fact: value * 10 for fact, value in one.values.items()}


def test_sources_disagree_now_and_then_and_not_always(rows, tables):
    customs = {(firm.uscc, one.period.text): one.values["customs.exports"] for table in tables if table.sheet == "customs_monthly" for firm, one in table.rows}
    near = [customs[firm.uscc, month.period.text] * 7.13 / month.export for firm, month in rows
            if (firm.uscc, month.period.text) in customs and month.export]
    assert 0.6 < sum(0.98 < each < 1.02 for each in near) / len(near) < 0.95
