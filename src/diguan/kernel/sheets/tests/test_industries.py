"""The full table of industries, in the layouts in which it goes round."""

from __future__ import annotations

import pytest

from diguan.kernel import packs
from diguan.kernel.sheets import guard, industries
from diguan.kernel.sheets.tests.ugly import xlsx

TABLE = {"A": "农、林、牧、渔业", "01": "农业", "011": "谷物种植", "0111": "稻谷种植", "C": "制造业", "40": "仪器仪表制造业", "403": "钟表与计时仪器制造", "4030": "钟表与计时仪器制造"}
PRINTED = [["国民经济行业分类（GB/T 4754-2017）"], ["门类", "大类", "中类", "小类", "类别名称", "说明"],
           ["A", None, None, None, "农、林、牧、渔业", "01～05 大类"], [None, 1, None, None, "农业", None], [None, None, 11, None, "谷物种植", None],
           [None, None, None, 111, "稻谷种植", "指水稻的种植"], ["C", None, None, None, "制造业", None], [None, 40, None, None, "仪器仪表制造业", None],
           [None, None, 403, 4030, "钟表与计时仪器制造", None]]


def test_the_printed_layout_is_read_and_lost_zeros_are_put_back():
    table = industries.read("行业.xlsx", xlsx(PRINTED))
    assert table.names == TABLE
    assert table.odd == []


@pytest.mark.parametrize("padded", ["", "C"])
def test_code_and_name_are_enough(padded):
    rows = [["代码", "名称"], *([f"{padded if code[0] == '4' else ''}{code}", name] for code, name in TABLE.items())]
    table = industries.read("行业.xlsx", xlsx(rows))
    assert table.names == TABLE
    assert table.padded == (3 if padded else 0)


def test_a_wrong_parent_is_reported_and_the_prefix_kept():
    odd = industries.read("行业.xlsx", xlsx([["代码", "名称", "上级代码"], ["32", "有色", "C"], ["324", "铜压延", "323"]])).odd
    assert [(row.line, row.left_out) for row in odd] == [(3, False)]


@pytest.mark.parametrize("row", [["9999", "不存在"], ["4030", "另一个名字"]])
def test_a_row_that_cannot_be_used_is_named(row):
    rows = [["代码", "名称"], ["40", "仪器仪表制造业"], ["403", "钟表"], ["4030", "钟表与计时仪器制造"], row]
    odd = industries.read("行业.xlsx", xlsx(rows)).odd
    assert [one.line for one in odd if one.left_out] == [5]


def test_a_table_without_codes_is_refused():
    with pytest.raises(guard.SheetRefused):
        industries.read("行业.xlsx", xlsx([["名称"], ["钟表"]]))


def test_a_pack_with_a_code_of_no_section_is_refused_with_its_line(tmp_path, monkeypatch):
    (tmp_path / "industries.csv").write_text("code,name\nC4030,钟表\n9999,不存在\n", "utf-8")
    monkeypatch.setenv("DIGUAN_PACKS", str(tmp_path))
    with pytest.raises(packs.PackError, match=r"industries\.csv:3"):
        packs.codes()
