"""A sheet whose rows become records goes through the same doors."""

from __future__ import annotations

import pytest

from diguan.kernel.facts import deliveries
from diguan.kernel.sheets import check, declare, reader
from diguan.kernel.sheets.declare import Column, RecordSheet, Sheet
from diguan.kernel.sheets.tests.ugly import code, xlsx
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db
SHEET = Sheet("toys", (Column("uscc", "uscc", ("信用代码",), required=True), Column("toy", headings=("玩具",), filled=True)), source="registry")


@pytest.fixture
def written(monkeypatch, settings, tmp_path):
    settings.DIGUAN_DATA = tmp_path
    rows = []

    def preview(read, *, by):
        check.duplicates(read)
        found = list(reader.cells_of(read))
        return check.Checked(read, errors=[one for one in found if not one.warning], changes={"new": len(read.rows)})

    def commit(checked, *, by, upload):
        rows.extend(row.values for row in checked.read.rows)

    monkeypatch.setitem(declare._RECORD_SHEETS, "toys", RecordSheet(SHEET, preview, commit))
    return rows


def bring(data):
    clerk = person_factory("data_clerk")
    upload = deliveries.keep("玩具.xlsx", data, "toys", by=clerk)
    return deliveries.commit(deliveries.Request("toys"), upload, data, by=clerk)


def test_its_rows_reach_the_rooms_own_action(written):
    assert bring(xlsx([["信用代码", "玩具"], [code(1), "钟"]])) is None
    assert written == [{"uscc": code(1), "toy": "钟"}]


def test_its_errors_stop_it_by_cell(written):
    from diguan.kernel.actions import Refusal

    with pytest.raises(Refusal, match="sheet_errors"):
        bring(xlsx([["信用代码", "玩具"], [code(1), None], [code(1), "钟"]]))
    assert written == []
