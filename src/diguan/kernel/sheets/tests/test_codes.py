"""Regions and industries in a bureau's own fact sheet: read as rules know them, held against the lists of codes."""

from __future__ import annotations

import pytest

from diguan.kernel import packs
from diguan.kernel.sheets import check
from diguan.kernel.sheets.declare import Column, Sheet
from diguan.kernel.sheets.tests.ugly import code, xlsx

pytestmark = pytest.mark.one_database
SHEET = Sheet("sites", (
    Column("uscc", "uscc", ("信用代码",), required=True),
    Column("region", "region", ("所在地",), fact="enterprise.place_region"),
    Column("industry", "industry", ("行业",), fact="enterprise.industry")))


def look(*rows):
    return check.check_file(SHEET, packs.catalogue(), "表.xlsx", xlsx([["信用代码", "所在地", "行业"], *([code(n), *row] for n, row in enumerate(rows, 1))]))


@pytest.mark.parametrize("region", ["430421", "４３０４２１", "430421000000", 430421, " 衡阳县 "])
@pytest.mark.parametrize("industry", ["4030", "C4030", "Ｃ４０３０", 4030, "4030 钟表与计时仪器制造", "钟表与计时仪器制造"])
def test_they_are_the_same_however_they_are_written(region, industry):
    found = look([region, industry])
    assert not found.errors
    assert not found.warnings
    assert set(found.facts["text"].to_pylist()) == {"430421", "4030"}


@pytest.mark.parametrize(("row", "zh", "en"), [
    (["430499", "4030"], "没有行政区划代码 430499，最接近的是 4304", "no region code 430499; the nearest is 4304"),
    (["衡阳县县", "4030"], "最接近的是 430421 衡阳县", "the nearest is 430421"),
    (["430421", "D4030"], "D4030 不是国民经济行业代码（GB/T 4754-2017），最接近的是 4030", "D4030 is no GB/T 4754-2017 code; the nearest is 4030"),
    (["430421", "钟表与记时仪器制造"], "最接近的是 4030 钟表与计时仪器制造", "the nearest is 4030"),
])
def test_one_that_is_not_listed_is_an_error_with_the_nearest(row, zh, en):
    error, = look(row).errors
    assert zh in error.message.zh
    assert en in error.message.en


def test_an_industry_that_could_be_one_is_kept_and_said():
    found = look(["430421", "4039"])
    assert not found.errors
    warning, = found.warnings
    assert "不在已载入的行业表中，先照收；若是写错，最接近的是 403" in warning.message.zh
    assert "the nearest is 403" in warning.message.en


def test_a_code_of_the_2011_edition_is_kept_and_called_so():
    warning, = look(["430421", "1810"]).warnings
    assert "1810（机织服装制造）是 2011 年版的，2017 年版已改，现在是 1819" in warning.message.zh
    assert "of the 2011 edition, changed in 2017; now 1819" in warning.message.en


def test_known_not_to_exist_is_no_wrong_code():
    found = look(["无", "无"])
    assert not found.errors
    assert found.facts["state"].to_pylist() == ["absent", "absent"]
