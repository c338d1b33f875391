"""What the one sheet reader makes of files as people send them."""

from __future__ import annotations

import datetime as dt

import pytest

from diguan.kernel.sheets import guard
from diguan.kernel.sheets.tests import ugly
from diguan.kernel.sheets.tests.ugly import HEADS, body, checked, code, errors, told, xlsx


def fen(data, **more):
    return [fact.num for fact in told(checked(data, **more)) if fact.fact == "tax.paid"]


def test_a_merged_title_a_unit_in_the_heading_and_a_total_are_read():
    rows = [["衡阳县2026年8月税收明细表"], [None, None, "填报单位：税务局"], HEADS, *body(), ["合计", None, None, 9.0], ["注：不含个体户"]]
    found = checked(xlsx(rows, merge=["A1:D1"]), period=None)
    assert (found.ok, found.rows, found.warnings) == (True, 3, [])
    assert [fact.num for fact in told(found)] == [1_500_000, 3_000_000, 4_500_000]
    assert {fact.period.text for fact in told(found)} == {"2026-08"}
    assert [number for number, _ in found.read.skipped] == [7, 8]


def test_two_heading_rows_are_joined_and_the_parent_holds_the_unit():
    rows = [["统一社会信用代码", "企业名称", "税收（万元）", None, None], [None, None, "税收合计", "增值税", "企业所得税"],
            [code(1), "甲", 3, 2, 1]]
    found = checked(xlsx(rows, merge=["A1:A2", "B1:B2", "C1:E1"]))
    assert {fact.fact: fact.num for fact in told(found)} == {"tax.paid": 3_000_000, "tax.vat": 2_000_000, "tax.income": 1_000_000}


@pytest.mark.parametrize("written", ["1,286.5", "１，２８６．５", " 1286.5 ", "1286.50", "0.12865亿元", "1286.5万元", 1286.5, "¥1,286.5"])
def test_numbers_written_in_any_way_are_exact(written):
    assert fen(xlsx([HEADS, [1, code(1), "甲", written]])) == [1_286_500_000]


def test_a_float_never_touches_money():
    rows = [HEADS, [1, code(1), "甲", 0.29], [2, code(2), "乙", 0.1 + 0.2], [3, code(3), "丙", 123456.789012]]
    assert fen(xlsx(rows)) == [290_000, 300_000, 123_456_789_012]


def test_more_decimals_than_a_fen_is_an_error():
    heads = [*HEADS[:3], "入库税额（元）"]
    assert errors(xlsx([heads, [1, code(1), "甲", 1234.5600000001]])) == [("D2", "小数位太多：1234.5600000001，最小单位是0.01 元（分）。填的若是万元，请在表头写上“（万元）”")]


def test_a_unit_note_above_the_table_counts_for_money_without_a_unit():
    rows = [["税收明细"], ["单位：万元、人"], ["统一社会信用代码", "企业名称", "入库税额"], [code(1), "甲", 2]]
    assert fen(xlsx(rows)) == [2_000_000]


def test_money_without_any_unit_is_yuan():
    assert fen(xlsx([["统一社会信用代码", "企业名称", "入库税额"], [code(1), "甲", 2]])) == [200]


@pytest.mark.parametrize("written", ["2026年8月", "2026-8", "2026.08.31", "2026/8/1", "202608", 202608, 46265, dt.date(2026, 8, 31), "２０２６年０８月"])
def test_a_month_written_in_any_way_is_that_month(written):
    rows = [[*HEADS, "所属期"], [1, code(1), "甲", 1, written]]
    assert told(checked(xlsx(rows), period=None))[0].period.text == "2026-08"


def test_hidden_sheets_are_left_out_and_hidden_rows_are_read_and_said():
    made = ugly.book([HEADS, *body()], hidden=[3])
    other = made.create_sheet("旧表")
    for row in [HEADS, *body(9)]:
        other.append(row)
    other.sheet_state = "hidden"
    found = checked(ugly.content(made))
    assert found.rows == 3
    warning, = found.warnings
    assert (warning.cell, "有 1 行在 Excel 里是隐藏的（从第 3 行起），也读进来了" in warning.message.zh) == ("B3", True)
    made.active.row_dimensions[3].hidden = False
    made.active.column_dimensions["A"].hidden = True
    assert checked(ugly.content(made)).warnings == []


def test_of_several_visible_sheets_the_one_that_matches_is_read():
    made = ugly.book([["说明"], ["请按时报送"]], title="说明")
    for row in [HEADS, *body()]:
        made.create_sheet("明细") if "明细" not in made.sheetnames else None
        made["明细"].append(row)
    assert checked(ugly.content(made)).rows == 3


def test_two_visible_sheets_that_both_match_are_refused_by_name():
    made = ugly.book([HEADS, *body()], title="一")
    other = made.create_sheet("二")
    for row in [HEADS, *body()]:
        other.append(row)
    with pytest.raises(guard.SheetRefused, match="一、二"):
        checked(ugly.content(made))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_is_read_in_the_encodings_people_use(encoding):
    lines = "\r\n".join([",".join(HEADS), f'1,{code(1)},"甲,乙公司","1,286.5"', "合计,,,1286.5"])
    assert fen(lines.encode(encoding), name="税务.csv") == [1_286_500_000]


def test_a_subtotal_is_checked_against_its_block_and_a_total_against_all():
    rows = [HEADS, *body(2), ["小计", None, None, 4.5], [3, code(3), "丙", 1], ["小计", None, None, 2], ["总 计", None, None, 5.5]]
    (warning,) = checked(xlsx(rows)).warnings
    assert (warning.cell, warning.message.zh) == ("D6", "合计写的是 2，各行相加是 1")


def test_a_heading_repeated_on_each_printed_page_is_skipped():
    found = checked(xlsx([HEADS, *body(2), HEADS, [3, code(3), "丙", 1]]))
    assert (found.ok, found.rows) == (True, 3)


def test_an_empty_cell_tells_nothing_and_the_word_none_tells_absent():
    rows = [HEADS, [1, code(1), "甲", None], [2, code(2), "乙", "无"], [3, code(3), "丙", "—"]]
    assert [(fact.state, fact.num) for fact in told(checked(xlsx(rows)))] == [("absent", None)]


def test_a_code_in_full_width_or_with_spaces_is_the_same_code():
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in code(1))
    assert told(checked(xlsx([HEADS, [1, f" {wide[:9]} {wide[9:]}", "甲", 1]])))[0].subject_id == code(1)


def test_the_nearest_heading_is_named_when_a_required_one_is_missing():
    with pytest.raises(guard.SheetRefused, match="缺少：入库税额（最接近的是“入库税额累计（万元）”）"):
        checked(xlsx([["统一社会信用代码", "企业名称", "入库税额累计（万元）"], [code(1), "甲", 1]]))


def test_a_cumulative_heading_is_not_taken_for_a_month():
    with pytest.raises(guard.SheetRefused):
        checked(xlsx([["统一社会信用代码", "企业名称", "入库税额（1-8月累计）（万元）"], [code(1), "甲", 1]]))


def test_a_group_of_cumulative_columns_beside_the_month_is_left_out():
    rows = [["统一社会信用代码", "本月（万元）", None, "累计（万元）", None], [None, "税收合计", "增值税", "税收合计", "增值税"], [code(1), 3, 2, 30, 20]]
    found = checked(xlsx(rows, merge=["A1:A2", "B1:C1", "D1:E1"]))
    assert {fact.fact: fact.num for fact in told(found)} == {"tax.paid": 3_000_000, "tax.vat": 2_000_000}


def test_a_title_that_speaks_of_cumulative_numbers_is_a_warning():
    found = checked(xlsx([["2026年1-8月税收"], HEADS, *body()], merge=["A1:D1"]))
    assert found.ok
    assert [warning.cell for warning in found.warnings] == ["A1"]
