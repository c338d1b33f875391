"""``diguan industries``: a table of the standard becomes a pack's, or nothing does."""

from __future__ import annotations

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
