"""A pack with a slip in it is refused with file and line, in both languages, before anything is read with it."""

from __future__ import annotations

import pytest

from diguan.kernel import packs
from diguan.kernel.sheets import shelf

pytestmark = pytest.mark.one_database
RIGHT = {
    "sources.yaml": "post: {zh: 县邮政管理局, en: County postal bureau}\n",
    "facts.yaml": "- {name: logistics.parcels, type: number, unit: 件, period: month, title: {zh: 快递发件量, en: Parcels}, sources: [post]}\n",
    "sheets.yaml": "- name: parcels\n  source: post\n  period: month\n  columns:\n"
                   "    - {name: uscc, type: uscc, headings: [信用代码]}\n    - {name: parcels, fact: logistics.parcels, headings: [发件量]}\n",
}


@pytest.fixture
def pack(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGUAN_PACKS", f"base,{tmp_path}")

    def write(file="", old="", new=""):
        for name, text in RIGHT.items():
            assert name != file or old in text
            (tmp_path / name).write_text(text.replace(old, new) if name == file else text, "utf-8")

    return write


def test_a_pack_without_a_slip_brings_its_sheet(pack):
    pack()
    assert shelf.fact_sheets()["parcels"].facts[0].type == "number"


@pytest.mark.parametrize(("file", "old", "new", "line", "zh", "en"), [
    ("facts.yaml", "- {", "  {", ":1", "列表", "list"),
    ("facts.yaml", "- {", "- 事实\n- {", "", "第 1 项", "item 1"),
    ("facts.yaml", "type: number, ", "", ":1", "name 和 type", "a name and a type"),
    ("facts.yaml", "[post]", "post", ":1", "写成列表", "is a list"),
    ("facts.yaml", "[post]", "[pots]", ":1", "最近的是 post", "nearest post"),
    ("sources.yaml", "{zh: 县邮政管理局, en: County postal bureau}", "县邮政管理局", "", "post 要有名称", "post needs its names"),
    ("sources.yaml", "post:", "- post:", ":1", "键值", "mapping"),
    ("sheets.yaml", "source: post", "source: pots", ":1", "最近的是 post", "nearest post"),
    ("sheets.yaml", "source: post", "source: customs", ":1", "没有 customs", "do not name customs"),
    ("sheets.yaml", "  source: post\n", "", ":1", "要有 source", "needs a source"),
    ("sheets.yaml", "fact: logistics.parcels", "fact: logistics.parcel", ":6", "最接近的是 logistics.parcels", "nearest logistics.parcels"),
    ("sheets.yaml", "{name: uscc, type: uscc, headings: [信用代码]}", "uscc", ":1", "每一列", "every column"),
    ("sheets.yaml", "period: month", "period: monthly", ":1", "周期 monthly", "period monthly"),
])
def test_a_slip_is_refused_with_its_file_and_line_in_both_languages(pack, tmp_path, file, old, new, line, zh, en):
    pack(file, old, new)
    with pytest.raises(packs.PackError) as refused:
        shelf.fact_sheets()
    assert refused.value.where == f"{tmp_path / file}{line}"
    assert zh in refused.value.message.zh
    assert en in refused.value.message.en


def test_a_pack_of_ones_own_is_named_by_its_path(monkeypatch):
    monkeypatch.setenv("DIGUAN_PACKS", "base,ours")
    with pytest.raises(packs.PackError, match=r"\./ours"):
        packs.folders()
