"""The county's system of industries: what is told, what is left open, and what may not be told twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from diguan.chains.engine import taxonomyfile
from diguan.chains.queries.taxonomy import taxonomy
from diguan.chains.tests.test_chain_files import CODES
from diguan.kernel import packs
from diguan.kernel.rules.nodes import DocumentErrors

GOOD = """id: four
title: {zh: 体系, en: System}
groups:
  - id: leading
    title: {zh: 主导, en: Leading}
    count: 2
    industries:
      - id: watch
        title: {zh: 钟表, en: Watches}
        chains: [watch]
        gbt4754: ["4030"]
        clusters: [钟表]
      - id: steel
        title: {zh: 钢, en: Steel}
  - id: others
    title: {zh: 其他, en: Others}
    open: {zh: 未定, en: not settled}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(DocumentErrors) as refused:
        taxonomyfile.read("体系.yaml", text.encode(), CODES, ("watch",))
    return [f"{problem.line} {problem.message.en} [{problem.nearest or ''}]" for problem in refused.value.problems]


def test_a_system_is_read_and_asked_by_cluster_and_code() -> None:
    found = taxonomyfile.read("体系.yaml", GOOD.encode(), CODES, ("watch",))
    assert [(group.id, group.count, [industry.id for industry in group.industries], group.open is None) for group in found.groups] == [("leading", 2, ["watch", "steel"], True), ("others", None, [], False)]
    assert [found.of_cluster(word) and found.of_cluster(word).id for word in ("钟表", "钢")] == ["watch", None]  # type: ignore[union-attr]
    assert [found.of_code(code) is not None for code in ("4030", "403", "3130")] == [True, False, False]


@pytest.mark.parametrize(("old", "new", "said"), [
    ("count: 2", "count: 3", "6 leading lists 2 industries; what is left open needs its reason in open []"),
    ("count: 2", "count: 1", "6 leading is to have 1 industries, 2 are listed []"),
    ("count: 2", "count: two", "6 count is a whole number from 1 to 99, not two []"),
    ("count: 2", "count: 2\n    open: {zh: 无, en: none}", "7 leading is complete and needs no open []"),
    ("    open: {zh: 未定, en: not settled}\n", "", "15 others lists 0 industries; what is left open needs its reason in open []"),
    ("[watch]", "[watches]", "10 no chain watches [watch]"),
    ('["4030"]', '["4041"]', "11 4041 (光学仪器制造) is a code of the 2011 edition, changed in 2017 [4040]"),
    ("id: steel", "id: watch", "13 watch is told twice []"),
    ("id: others", "id: leading", "15 leading is told twice []"),
    ("en: Steel}\n", 'en: Steel}\n        gbt4754: ["4030"]\n', "15 4030 is told twice []"),
    ("en: Steel}\n", 'en: Steel}\n        gbt4754: ["40"]\n', "4 4030 of watch is within 40 of steel []"),
    ("en: Steel}\n", "en: Steel}\n        clusters: [钟表]\n", "15 钟表 is told twice []"),
    ("clusters:", "cluster:", "12 unknown key cluster [clusters]"),
    ("title: {zh: 体系, en: System}\n", "", "1 title is missing []"),
])
def test_a_bad_system_is_refused_with_its_line(old: str, new: str, said: str) -> None:
    assert GOOD.count(old) == 1
    assert problems(GOOD.replace(old, new)) == [said]


def test_the_shipped_county_tells_its_four_clusters_and_leaves_open_what_nobody_said() -> None:
    found = taxonomy()
    assert found is not None
    assert [(group.id, group.count, len(group.industries), group.open is not None) for group in found.groups] == [("leading", 4, 4, False), ("three", 3, 0, True), ("others", None, 0, True)]
    told = {cluster["name"] for cluster in packs.read_yaml(packs.SHIPPED / "hengyang" / "demo.yaml")["clusters"]} - {"其他"}
    assert {word for industry in found.industries for word in industry.clusters} == told
    assert found.of_code("4030") == found.of_cluster("钟表")


def test_without_a_countys_pack_there_is_no_system_and_a_later_pack_replaces_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGUAN_PACKS", "base")
    assert taxonomy() is None
    (tmp_path / "taxonomy.yaml").write_text(GOOD.replace("4030", "4030"), "utf-8")
    monkeypatch.setenv("DIGUAN_PACKS", f"base,hengyang,{tmp_path}")
    found = taxonomy()
    assert found is not None
    assert found.id == "four"
