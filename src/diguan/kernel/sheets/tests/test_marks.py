"""The file that comes back."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from diguan.kernel.sheets import marks
from diguan.kernel.sheets.tests import ugly
from diguan.kernel.sheets.tests.ugly import HEADS, body, checked, code, xlsx


def returned(data: bytes, name: str = "税务.xlsx"):
    return load_workbook(io.BytesIO(marks.marked(name, data, checked(data, name=name))))


def test_errors_are_red_commented_explained_in_the_row_and_listed_first():
    data = xlsx([["税收明细"], HEADS, *body(2), [3, code(3), "丙", -1]], merge=["A1:D1"])
    back = returned(data)
    sheet = back["明细"]
    assert sheet["D5"].fill.fgColor.rgb == "00FFC7CE"
    assert "不会是负数" in sheet["D5"].comment.text
    assert (sheet["E2"].value, sheet["E5"].value) == ("错误说明", "D5：“入库税额”不会是负数")
    assert back.sheetnames[0] == "错误清单"
    assert [cell.value for cell in back["错误清单"][2]][:5] == ["明细", 5, "D5", "入库税额（万元）", "-1"]


def test_a_csv_comes_back_as_a_workbook():
    lines = ",".join(HEADS) + f"\n1,{code(1)},甲,-1\n"
    assert returned(lines.encode("gb18030"), "税务.csv").worksheets[1]["D2"].fill.fgColor.rgb == "00FFC7CE"


def test_formulas_and_dangerous_words_come_back_as_words():
    data = xlsx([HEADS, [1, code(1), "=HYPERLINK(\"http://x\")", -1]])
    cell = returned(data)["明细"]["C2"]
    assert cell.data_type == "s"
    assert cell.quotePrefix
    lines = ",".join(HEADS) + f"\n1,{code(1)},\"=cmd|' /C calc'!A0\",-1\n"
    cell = returned(lines.encode(), "税务.csv").worksheets[1]["C2"]
    assert (cell.data_type, bool(cell.quotePrefix)) == ("s", True)


def test_the_marked_file_can_be_mended_and_brought_in_again():
    data = xlsx([HEADS, *body(2), [3, code(3), "丙", -1]])
    back = returned(data)
    back["明细"]["D4"] = 4
    again = checked(ugly.content(back))
    assert (again.ok, again.rows) == (True, 3)


@pytest.mark.parametrize("merge", [["D2:D3"], ["A1:D1"]])
def test_an_error_in_a_merged_cell_is_marked(merge):
    back = returned(xlsx([HEADS, *[[n, code(n), "甲", -1] for n in (1, 2)]], merge=merge if merge == ["D2:D3"] else []))
    assert back["明细"]["D2"].fill.fgColor.rgb == "00FFC7CE"
