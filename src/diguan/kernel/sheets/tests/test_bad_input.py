"""Each bad input has one clear answer, by cell where there is a cell."""

from __future__ import annotations

import contextlib
import io
import zipfile

import pytest

from diguan.kernel.sheets import declare, grid, guard, reader
from diguan.kernel.sheets.tests import ugly
from diguan.kernel.sheets.tests.ugly import HEADS, body, checked, code, errors, xlsx


def refused(data: bytes, name: str = "税务.xlsx") -> str:
    with pytest.raises(guard.SheetRefused) as caught:
        checked(data, name=name)
    return caught.value.message.zh


def one(row, heads=HEADS, **more):
    (error,) = errors(xlsx([heads, row]), **more)
    return error


def test_a_wrong_check_digit_is_named_with_the_right_one():
    bad = code(1)[:17] + ("0" if code(1)[17] != "0" else "1")
    cell, words = one([1, bad, "甲", 1])
    assert cell == "B2"
    assert f"应为 {code(1)[17]}" in words


def test_the_code_whose_sum_is_zero_mod_31_is_valid():
    assert checked(xlsx([HEADS, [1, "91430421MA00002260", "甲", 1]])).ok


def test_an_unknown_enterprise_is_an_error_and_another_name_a_warning(monkeypatch):
    monkeypatch.setitem(declare._SUBJECTS, "enterprise", lambda ids: {code(1): frozenset({"甲公司"})})
    found = checked(xlsx([HEADS, [1, code(1), "乙公司", 1], [2, code(2), "丙", 1]]))
    assert [error.cell for error in found.errors] == ["B3"]
    assert [warning.cell for warning in found.warnings] == ["C2"]


def test_duplicate_rows_are_both_named():
    assert errors(xlsx([HEADS, *body(2), [3, code(1), "甲", 7]])) == [
        ("B2", "第 2 行和第 4 行重复（同一代码、同一期间）"), ("B4", "第 2 行和第 4 行重复（同一代码、同一期间）")]


def test_a_period_twice_for_one_enterprise_is_a_duplicate():
    rows = [[*HEADS, "所属期"], [1, code(1), "甲", 1, "2026年8月"], [2, code(1), "甲", 2, "2026-08"], [3, code(1), "甲", 2, "2026-09"]]
    assert [cell for cell, _ in errors(xlsx(rows), period=None)] == ["B2", "B3"]


def test_a_column_twice_is_an_error():
    rows = [[*HEADS, "入库税额（元）"], [1, code(1), "甲", 1, 10_000]]
    assert errors(xlsx(rows)) == [("E1", "“入库税额”出现两次（另一处在 D1）；只能有一列")]


def test_a_total_with_a_code_is_no_data():
    assert one([1, code(1), "合计", 9])[0] == "C2"


def test_a_row_without_a_code_is_an_error():
    assert one([1, None, "甲", 9]) == ("B2", "“统一社会信用代码”不能为空")


def test_negative_tax_is_an_error():
    assert one([1, code(1), "甲", -3]) == ("D2", "“入库税额”不会是负数")
    assert one([1, code(1), "甲", "(3)"])[0] == "D2"


@pytest.mark.parametrize("value", ["NaN", "#N/A", "#REF!", "inf"])
def test_a_failed_value_is_not_an_empty_cell(value):
    assert one([1, code(1), "甲", value])[0] == "D2"


def test_an_error_cell_of_excel_is_not_an_empty_cell():
    made = ugly.book([HEADS, [1, code(1), "甲", 1]])
    made.active["D2"].value = "#N/A"
    made.active["D2"].data_type = "e"
    assert errors(ugly.content(made))[0][0] == "D2"


def test_a_formula_is_an_error_by_cell():
    assert one([1, code(1), "甲", "=1+1"]) == ("D2", "这里是公式；请复制后“粘贴为数值”")


def test_a_formula_without_a_stored_result_is_found_too():
    data = xlsx([HEADS, [1, code(1), "甲", "=SUM(A1:A2)"], *body()[1:]])
    assert [cell for cell, _ in errors(data)] == ["D2"]


def test_a_formula_in_the_total_row_is_no_matter():
    assert checked(xlsx([HEADS, *body(), ["合计", None, None, "=SUM(D2:D4)"]])).ok


def test_another_period_than_asked_is_an_error_in_title_and_rows():
    assert errors(xlsx([["2026年7月税收明细"], HEADS, *body()], merge=["A1:D1"])) == [("A1", "表头写的是 2026-07，要导入的却是 2026-08")]
    rows = [[*HEADS, "所属期"], [1, code(1), "甲", 1, "2026年7月"]]
    assert errors(xlsx(rows)) == [("E2", "这一行是 2026-07，要导入的却是 2026-08")]


def test_a_cumulative_period_is_an_error():
    assert "累计" in one([1, code(1), "甲", 1, "2026年1-8月"], heads=[*HEADS, "所属期"])[1]


def test_no_period_at_all_is_refused():
    with pytest.raises(guard.SheetRefused, match="没有写所属期"):
        checked(xlsx([HEADS, *body()]), period=None)


def test_an_unknown_unit_is_named_at_the_heading():
    found = errors(xlsx([[*HEADS[:3], "入库税额（万吨）"], *body(1)]))
    assert [cell for cell, _ in found] == ["D1"]  # once, not at every row
    assert "万吨" in found[0][1]


def test_ambiguous_commas_are_an_error():
    assert one([1, code(1), "甲", "1,5"])[0] == "D2"


def test_a_code_that_excel_made_a_number_is_named_as_such():
    assert "数字" in one([1, 911304210000000000, "甲", 1])[1]


def test_half_a_person_is_an_error():
    heads = ["统一社会信用代码", "期末用工人数（人）"]
    assert errors(xlsx([heads, [code(1), 3.5]]), sheet="employment_monthly")[0][0] == "B2"


def test_a_file_over_fifty_megabytes_is_refused():
    assert "60 MB" in refused(b"PK" + b"0" * (60 * 1024 * 1024))


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    data = xlsx([HEADS, *body()])
    assert "展开" in refused(ugly.rewritten(data, {"xl/media/bomb.xml": b"0" * (30 * 1024 * 1024)}))


def test_a_zip_whose_directory_lies_about_sizes_is_refused():
    data = bytearray(ugly.rewritten(xlsx([HEADS, *body()]), {"xl/extra.xml": b"0" * (9 * 1024 * 1024)}))
    true, lie = (9 * 1024 * 1024).to_bytes(4, "little"), (1000).to_bytes(4, "little")
    assert true in data
    assert refused(bytes(data).replace(true, lie))


def test_a_sheet_that_spans_a_billion_cells_is_refused_and_its_last_cell_named():
    made = ugly.book([HEADS, *body()])
    made.active["XFD1048576"] = 1
    assert "万格（写到了 XFD1048576）" in refused(ugly.content(made))


def test_a_cell_that_is_only_coloured_does_not_count():
    from openpyxl.styles import PatternFill

    made = ugly.book([HEADS, *body()])
    made.active["XFD1048576"].fill = PatternFill("solid", fgColor="FF0000")
    assert checked(ugly.content(made)).ok


def test_a_macro_workbook_is_refused_under_any_name():
    data = ugly.rewritten(xlsx([HEADS, *body()]), {"xl/vbaProject.bin": b"x"})
    assert "宏" in refused(data)
    assert "宏" in refused(xlsx([HEADS, *body()]), name="税务.xlsm")


def test_old_and_encrypted_excel_are_told_apart():
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    assert ".xls" in refused(ole, name="税务.xls")
    assert "密码" in refused(ole + "EncryptedPackage".encode("utf-16-le"))


def test_a_definition_in_the_xml_is_refused():
    data = xlsx([HEADS, *body()])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    assert refused(ugly.rewritten(data, {"xl/worksheets/sheet1.xml": b'<!DOCTYPE x [<!ENTITY a "b">]>' + sheet}))


@pytest.mark.parametrize(("data", "name"), [
    (b"", "空.csv"), (b"%PDF-1.7 ...", "文件.pdf"), (b"hello", "税务.xlsx"), (b"\x89PNG\r\n\0\0", "图.csv"), (b"PK\x03\x04garbage", "税务.xlsx"),
    (b"\xff\xfe\xfa\x81\x30", "乱.csv"), (b"a,b\n1,2\n", "别的.csv"), ("统一社会信用代码,入库税额\n".encode(), "空表.csv"),
])
def test_what_is_no_such_sheet_is_refused_in_one_sentence(data, name):
    words = refused(data, name)
    assert words
    assert "\n" not in words


def test_a_damaged_sheet_is_refused():
    data = xlsx([HEADS, *body()])
    assert refused(ugly.rewritten(data, {"xl/worksheets/sheet1.xml": b"<worksheet><sheetData><row"}))


def test_a_workbook_with_any_one_byte_turned_is_refused_or_read_and_never_breaks_the_reader():
    data = xlsx([HEADS, *body()])
    for at in range(0, len(data), 7):
        turned = data[:at] + bytes([data[at] ^ 0x5A]) + data[at + 1:]
        with contextlib.suppress(guard.SheetRefused):
            grid.read("税务.xlsx", turned)


def test_columns_are_named_as_excel_names_them():
    assert [grid.letters(number) for number in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


@pytest.mark.parametrize("strange", ["\x00", "A" * 100_000, "=cmd|' /C calc'!A0", "<script>", "📈", "\u202e"])
def test_no_strange_text_breaks_the_reader(strange):
    lines = f"统一社会信用代码,企业名称,入库税额\n{code(1)},{strange},{strange}\n".encode()
    with contextlib.suppress(guard.SheetRefused):
        assert not checked(lines, name="怪.csv").ok


def test_a_quote_that_is_never_closed_swallows_no_row():
    lines = f"统一社会信用代码,企业名称,入库税额（元）\n{code(1)},甲,1\n{code(2)},\"乙,2\n{code(3)},丙,3\n{code(4)},丁,4\n"
    with pytest.raises(guard.SheetRefused, match="引号不成对"):
        checked(lines.encode(), name="税务.csv")


def test_a_file_wrong_throughout_names_the_first_errors_and_says_that_there_are_more(monkeypatch):
    monkeypatch.setattr(reader, "MOST_TOLD", 5)
    found = errors(xlsx([HEADS, *([n, code(n), f"企业{n}", -1] for n in range(1, 40))]))
    assert len(found) == 6
    assert found[-1][1] == "这样的问题太多，只列前 5 处"
