"""``diguan industries``: a table of the standard becomes a pack's, or nothing does."""

from __future__ import annotations

import json

from diguan.kernel import packs
from diguan.kernel.sheets.tests.ugly import xlsx
from diguan.site.cli import main

TABLE = [["代码", "名称"], ["01", "农业"], ["011", "谷物种植"], ["0111", "稻谷种植"]]


def test_the_command_writes_a_pack_that_is_then_used(tmp_path, monkeypatch, capsys):
    file, out = tmp_path / "行业.xlsx", tmp_path / "industries.csv"
    file.write_bytes(xlsx(TABLE))
    assert main(["industries", str(file), "--out", str(out)]) == 0
    monkeypatch.setenv("DIGUAN_PACKS", f"base,{tmp_path}")
    assert packs.codes().industries["0111"] == "稻谷种植"
    assert "3 codes" in capsys.readouterr().out


def test_the_command_writes_nothing_where_a_row_cannot_be_used(tmp_path, capsys):
    file, out = tmp_path / "行业.xlsx", tmp_path / "industries.csv"
    file.write_bytes(xlsx([["代码", "名称"], ["9999", "不存在"]]))
    assert main(["industries", str(file), "--out", str(out)]) == 1
    assert not out.exists()
    assert "行业.xlsx:2" in capsys.readouterr().err


def test_what_was_done_is_one_json_document(tmp_path, capsys):
    good, bad, out = tmp_path / "行业.xlsx", tmp_path / "坏.xlsx", tmp_path / "industries.csv"
    good.write_bytes(xlsx(TABLE))
    bad.write_bytes(xlsx([["代码", "名称"], ["01", "农业"], ["9999", "不存在"]]))
    assert main(["industries", str(bad), "--out", str(out), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["codes"], said["out"], said["rows"][0]["row"]) == (0, None, 3)
    assert main(["industries", str(good), "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"codes": 3, "out": str(out), "padded": 0, "faults": [], "rows": []}


def test_a_place_that_cannot_be_written_exits_two(tmp_path, capsys):
    file = tmp_path / "行业.xlsx"
    file.write_bytes(xlsx(TABLE))
    assert main(["industries", str(file), "--out", str(tmp_path / "nowhere" / "x.csv")]) == 2
    assert " / " in capsys.readouterr().err


def test_a_table_that_is_there_stays_unless_told(tmp_path, capsys):
    file, out = tmp_path / "行业.xlsx", tmp_path / "industries.csv"
    file.write_bytes(xlsx(TABLE))
    out.write_text("code,name\n", "utf-8")
    assert main(["industries", str(file), "--out", str(out)]) == 2
    assert (out.read_text("utf-8"), "--replace" in capsys.readouterr().err) == ("code,name\n", True)
    assert main(["industries", str(file), "--out", str(out), "--replace"]) == 0
    assert "0111" in out.read_text("utf-8")
