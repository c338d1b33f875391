"""Tables: read, checked, imports taken out; and what faulty files say."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from openpyxl import Workbook

from diguan.chains.engine import example, leontief, tablefile
from diguan.chains.engine.basis import EXAMPLE, REMOVED, joined
from diguan.chains.engine.table import check, column_gaps, row_gaps, without_imports
from diguan.kernel.refusals import Refusal


def as_csv(rows) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def changed(row, column, value):
    rows = tablefile.rows(example.table())
    rows[row][column] = value
    return as_csv(rows)


def sentences(refusal) -> str:
    return " | ".join(refusal.value.texts("en"))


def bureau(error_column=False, names_first=True) -> bytes:
    """The example in the bureau's form, as an xlsx with a title and headings around it."""
    table = example.table()
    book = Workbook()
    sheet = book.active
    sheet.title = "2020年表"
    blank = [] if names_first else [None]
    sheet.append(["2020年全国投入产出表（产品部门×产品部门）"])
    sheet.append(["按当年生产者价格计算", "单位：万元"])
    words = ["TIU", "FU101", "FU102", "THC", "FU103", "TC", "FU201", "FU202", "GCF", "EX", "TFU", "IM", *(["ERR"] if error_column else []), "GO"]
    codes = ["01001", "02", "03", "04", "05", "06"]
    sheet.append([None, "代码", *blank, *codes, *words])
    lead = (lambda name, code: [name, code]) if names_first else (lambda name, code: [None, code, name])
    for at, name in enumerate(table.names):
        use = {kind: float(vector[at]) for kind, vector in table.use.items()}
        half, inv = use["households"] / 2, use["investment"]
        final = [half, half, 2 * half, use["government"], 2 * half + use["government"], inv, 0, inv, use["exports"], table.final_use()[at], float(table.imports[at])]
        tail = [*final, *([7.0] if error_column else []), float(table.output[at]) + (7 if error_column else 0)]
        sheet.append([*lead(name, codes[at]), *map(float, table.flows[at]), float(table.flows[at].sum()), *tail])
    sheet.append([*lead("中间投入合计", "TII"), *map(float, table.flows.sum(axis=0))])
    for code, kind in {"VA001": "wages", "VA002": "taxes", "VA003": "depreciation", "VA004": "surplus"}.items():
        extra = 7 if error_column and kind == "surplus" else 0
        sheet.append([*lead(kind, code), *(float(each) + extra for each in table.value_added[kind])])
    sheet.append([*lead("增加值合计", "TVA"), *map(float, table.added())])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_the_example_is_balanced_and_says_that_it_is_one():
    table = example.table()
    assert np.abs(row_gaps(table)).max() < 1e-9
    assert np.abs(column_gaps(table)).max() < 1e-9
    assert table.basis.example
    assert table.basis.warnings()[0] == EXAMPLE


def test_the_example_mark_survives_every_step_and_the_way_out_and_in_again():
    table = example.table()
    again = tablefile.read("again.csv", as_csv(tablefile.rows(without_imports(table))))
    assert again.basis.example
    assert again.basis.imports == REMOVED
    found = leontief.multipliers(leontief.model(again))
    assert EXAMPLE.zh in found.basis.caption("zh")
    assert found.basis.exported("zh")[0] == ("警告", EXAMPLE.zh)
    assert joined([replace(found.basis, example=False), found.basis]).example


def test_caption_names_table_year_imports_delta_and_closure():
    line = example.table().basis.caption("en")
    for part in ("示例县投入产出表", "2020", "competitive", "δ", "type I", "estimate"):
        assert part in line


def test_a_table_written_out_reads_back_the_same():
    table = example.table()
    again = tablefile.read("again.csv", as_csv(tablefile.rows(table)))
    assert again.basis == table.basis
    assert (again.flows == table.flows).all()
    assert {kind: list(row) for kind, row in again.satellites.items()} == {kind: list(row) for kind, row in table.satellites.items()}


@pytest.mark.parametrize("names_first", [True, False])
def test_the_bureaus_workbook_is_found_whatever_stands_around_it(names_first):
    table = tablefile.read("2020.xlsx", bureau(names_first=names_first))
    assert table.codes[0] == "01001"
    assert table.names == example.table().names
    assert (table.flows == example.table().flows).all()
    assert (table.basis.year, table.basis.unit, table.basis.imports, table.basis.example) == (2020, "万元", "included", False)
    assert np.allclose(table.use["households"], example.table().use["households"])


def test_the_bureaus_column_of_errors_is_part_of_the_balance():
    table = tablefile.read("2020.xlsx", bureau(error_column=True))
    assert (table.error == 7).all()
    assert np.abs(row_gaps(without_imports(table))).max() < 1e-9


def test_imports_taken_out_leave_rows_and_columns_balanced():
    table = without_imports(example.table())
    assert np.abs(row_gaps(table)).max() < 1e-9
    assert np.abs(column_gaps(table)).max() < 1e-9
    assert np.abs(table.imports).max() < 1e-9
    assert leontief.multipliers(leontief.model(table)).effect.mean() < leontief.multipliers(leontief.model(example.table())).effect.mean()
    assert without_imports(table) is table


def test_imports_beyond_home_use_are_cut_and_told():
    table = example.table()
    imports, exports = table.imports.copy(), table.use["exports"].copy()
    imports[0] += 2000
    exports[0] += 2000
    found = without_imports(check(replace(table, imports=imports, use={**table.use, "exports": exports})))
    assert "A" in found.basis.notes[0].en
    assert np.abs(row_gaps(found)).max() < 1e-9


def test_an_unbalanced_table_names_row_and_column_and_by_how_much():
    with pytest.raises(Refusal) as refusal:
        tablefile.read("t.csv", changed(10, 3, 421.0))
    assert "Row B 零部件与材料 does not balance: its parts are 1 百万元 above" in sentences(refusal)
    assert "Column B" in sentences(refusal)


def test_a_cell_that_is_no_number_is_named_and_an_empty_one_is_not_0():
    for value, said in (("约五百", "“约五百”"), ("", "empty")):
        with pytest.raises(Refusal) as refusal:
            tablefile.read("t.csv", changed(10, 3, value))
        assert "t.csv, cell D11 (row 11, column 4)" in sentences(refusal)
        assert said in sentences(refusal)


@pytest.mark.parametrize(("row", "column", "value", "said"), [
    (1, 1, "明年", "four digits"), (6, 1, "maybe", "one of domestic, included, removed"), (9, 0, "Q", "has a row and no column"),
    (8, 13, "", "a column output is expected"), (2, 0, "sauce", "unknown head"), (6, 1, "domestic", "a column imports is expected with imports,included"),
])
def test_faulty_heads_and_codes_are_refused(row, column, value, said):
    with pytest.raises(Refusal) as refusal:
        tablefile.read("t.csv", changed(row, column, value))
    assert said in sentences(refusal)


def test_a_file_that_holds_no_table_is_refused():
    for content in (b"a,b\n1,2\n", b"\x00\x01\x02"):
        with pytest.raises(Refusal):
            tablefile.read("t.csv", content)


def test_inputs_without_output_and_a_sector_twice_are_refused():
    table = example.table()
    output = table.output.copy()
    output[0] = 0
    for faulty in (replace(table, output=output), replace(table, codes=("A", "A", *table.codes[2:])), replace(table, output=-table.output)):
        with pytest.raises(Refusal):
            check(faulty)


@pytest.mark.parametrize("line", [["B", "again", *range(14)], ["va:wages", "", *range(6)]])
def test_a_line_told_twice_is_refused_and_not_the_later_one_taken(line):
    rows = tablefile.rows(example.table())
    with pytest.raises(Refusal) as refusal:
        tablefile.read("t.csv", as_csv([*rows[:17], line, *rows[17:]]))
    assert f"“{line[0]}” stands twice" in sentences(refusal)


def test_a_head_or_a_column_told_twice_is_refused():
    rows = tablefile.rows(example.table())
    for again in ([["unit", "亿元"], *rows], [[*line, "B" if line[0] == "code" else 1] if len(line) > 2 else line for line in rows]):
        with pytest.raises(Refusal) as refusal:
            tablefile.read("t.csv", as_csv(again))
        assert "stands twice" in sentences(refusal)


def test_a_figure_of_an_impossible_size_is_refused_at_its_cell():
    with pytest.raises(Refusal) as refusal:
        tablefile.read("t.csv", changed(9, 2, "1e300"))
    assert "cell C10" in sentences(refusal)
    assert "too large" in sentences(refusal)


def test_a_missing_number_is_not_0():
    flows = example.table().flows.copy()
    flows[0, 0] = np.nan
    with pytest.raises(Refusal):
        check(replace(example.table(), flows=flows))


def test_results_of_different_tables_are_not_joined():
    basis = example.table().basis
    with pytest.raises(Refusal):
        joined([basis, replace(basis, year=2017)])
