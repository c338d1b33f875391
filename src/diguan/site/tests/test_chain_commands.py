"""``diguan chain``: files are checked, go to tables and back, and nothing is overwritten unasked."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from diguan.kernel import packs
from diguan.kernel.sheets.tests.ugly import xlsx
from diguan.site.cli import main

SHIPPED = packs.SHIPPED / "base" / "chains"
PLACE = Path("shared", "data", "chain", "codes", "gbt4754_2017.csv")
STANDARD = next((above / PLACE for above in Path(__file__).resolve().parents if (above / PLACE).is_file()), PLACE)
whole = pytest.mark.skipif(not STANDARD.is_file(), reason="the standard's table ../shared/data/chain/codes is not here")


@pytest.fixture
def ceramics(tmp_path):
    file = tmp_path / "ours.yaml"
    file.write_bytes((SHIPPED / "ceramics.yaml").read_bytes())
    return file


# ── check ─────────────────────────────────────────────────────────────────
def test_the_shipped_chains_hold(capsys):
    assert main(["chain", "check", *map(str, sorted(SHIPPED.glob("*.yaml")))]) == 0
    assert "4 chains can be read, 0 problems, 0 warnings" in capsys.readouterr().out


def test_what_is_wrong_is_named_with_file_and_line_and_exits_one(ceramics, capsys):
    ceramics.write_text(ceramics.read_text("utf-8").replace('["3074"]', '["C3074"]').replace('["3075"]', '["307"]'), "utf-8")
    assert main(["chain", "check", str(ceramics), "--json"]) == 1
    said = capsys.readouterr()
    answer = json.loads(said.out)
    line = ceramics.read_text("utf-8").splitlines().index('    gbt4754: ["C3074"]') + 1
    assert [(problem["file"], problem["line"], problem["nearest"]) for problem in answer["problems"]] == [(str(ceramics), line, "3074")]
    assert (answer["chains"], f"ours.yaml:{line}: " in said.err) == ([], True)


def test_a_link_shared_with_a_shipped_chain_is_the_same_there(ceramics, capsys):
    ceramics.write_text(ceramics.read_text("utf-8").replace("id: ceramics\n", "id: ours\n").replace("{zh: 纸包装, en: Paper packaging}", "{zh: 纸箱, en: Boxes}"), "utf-8")
    assert main(["chain", "check", str(ceramics)]) == 1
    assert "the shared node packaging is not as in" in capsys.readouterr().err


def test_a_wide_code_is_a_warning(ceramics, capsys):
    ceramics.write_text(ceramics.read_text("utf-8").replace('["3074"]', '["307"]'), "utf-8")
    assert main(["chain", "check", str(ceramics), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["warnings"]) == 1


def test_a_file_that_is_not_there_exits_two(tmp_path, capsys):
    assert main(["chain", "check", str(tmp_path / "none.yaml")]) == 2
    assert " / " in capsys.readouterr().err


# ── table and file ────────────────────────────────────────────────────────
@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_chain_goes_to_a_table_and_back_byte_for_byte(suffix, ceramics, tmp_path, capsys):
    table, back = tmp_path / f"表.{suffix}", tmp_path / "back.yaml"
    assert main(["chain", "table", str(ceramics), "--out", str(table)]) == 0
    assert main(["chain", "check", str(table)]) == 0
    assert main(["chain", "file", str(table), "--out", str(back)]) == 0
    assert back.read_bytes() == ceramics.read_bytes()
    capsys.readouterr()
    assert main(["chain", "file", str(table)]) == 0
    assert capsys.readouterr().out.encode() == ceramics.read_bytes()


def test_a_file_that_is_there_stays_unless_told(ceramics, tmp_path, capsys):
    out = tmp_path / "表.csv"
    out.write_text("meins", "utf-8")
    assert main(["chain", "table", str(ceramics), "--out", str(out)]) == 2
    assert (out.read_text("utf-8"), "--replace" in capsys.readouterr().err) == ("meins", True)
    assert main(["chain", "table", str(ceramics), "--out", str(out), "--replace", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"id": "ceramics", "out": str(out), "nodes": 19, "edges": 58}


def test_only_known_kinds_of_files_are_written_and_a_bad_table_writes_nothing(ceramics, tmp_path, capsys):
    assert main(["chain", "table", str(ceramics), "--out", str(tmp_path / "x.pdf")]) == 2
    assert main(["chain", "file", str(ceramics), "--out", str(tmp_path / "x.csv")]) == 2
    table, out = tmp_path / "表.csv", tmp_path / "x.yaml"
    table.write_text("行,编号,名称\n环节,x,y\n", "utf-8")
    assert main(["chain", "file", str(table), "--out", str(out)]) == 2
    assert (out.exists(), "表.csv:1" in capsys.readouterr().err) == (False, True)


def test_the_schema_is_printed(capsys):
    assert main(["chain", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Diguan chain"


# ── codes ─────────────────────────────────────────────────────────────────
def standard():
    return [[row["code"], row["name"], row["parent"]] for row in csv.DictReader(io.StringIO(STANDARD.read_text("utf-8-sig")))]


def codes(tmp_path, rows, *more):
    file = tmp_path / "行业.xlsx"
    file.write_bytes(xlsx([["代码", "名称", "上级代码"], *rows]))
    return main(["chain", "codes", str(file), *more])


def test_a_part_of_the_standard_is_not_the_standard(tmp_path, capsys):
    out = tmp_path / "industries.csv"
    assert codes(tmp_path, [["C", "制造业", ""], ["40", "仪器仪表制造业", "C"], ["4030", "钟表与计时仪器制造", "403"]], "--out", str(out), "--json") == 1
    said = json.loads(capsys.readouterr().out)
    assert [fault["en"] for fault in said["faults"]] == [
        "there are 1 sections, the standard has 20", "there are 1 divisions, the standard has 97", "there are 0 groups, the standard has 473", "there are 1 classes, the standard has 1,381",
        "1 codes lack what is above them, as 4030"]
    assert (said["rows"][0]["row"], out.exists()) == (4, False)


@whole
def test_the_whole_standard_goes_into_a_pack_and_is_then_used(tmp_path, monkeypatch, capsys):
    out = tmp_path / "industries.csv"
    assert codes(tmp_path, standard(), "--out", str(out)) == 0
    assert "1971 codes" in capsys.readouterr().out
    monkeypatch.setenv("DIGUAN_PACKS", f"base,{tmp_path}")
    assert len(packs.codes().industries) == 20 + 97 + 473 + 1381
    assert codes(tmp_path, standard(), "--out", str(out)) == 2
    assert codes(tmp_path, standard(), "--out", str(out), "--replace") == 0


@whole
def test_padded_codes_are_taken_and_wrong_parents_told(tmp_path, capsys):
    rows = [[f"C{code}" if code[:2] == "40" else code, name, "323" if code == "3240" else parent] for code, name, parent in standard()]
    assert codes(tmp_path, rows, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["codes"], said["padded"], said["out"]) == (1971, sum(row[0] != code for row, (code, *_) in zip(rows, standard(), strict=True)), None)
    assert [row["en"] for row in said["rows"]] == ["the table says parent 323, the prefix says 324; the prefix is kept"]


@whole
def test_rows_of_the_2011_edition_are_named_and_nothing_is_written(tmp_path, capsys):
    old = {"4040": ["4041", "光学仪器制造", "404"], "404": ["404", "光学仪器及眼镜制造", "40"], "3972": ["3972", "印制电路板制造", "397"]}
    out = tmp_path / "industries.csv"
    assert codes(tmp_path, [old.get(row[0], row) for row in standard()], "--out", str(out)) == 1
    said = capsys.readouterr().err
    for words in ("4041 光学仪器制造 is of the 2011 edition; in 2017 it is 4040", "404 光学仪器及眼镜制造 is of the 2011 edition", "in 2017 it is 3982"):
        assert words in said
    assert not out.exists()


@whole
def test_a_group_that_is_missing_is_told_where_the_counts_agree(tmp_path, capsys):
    rows = [["409", "凑数", "40"] if row[0] == "403" else row for row in standard()]
    assert codes(tmp_path, rows) == 1
    assert "1 codes lack what is above them, as 4030" in capsys.readouterr().err
