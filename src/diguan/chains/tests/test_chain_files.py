"""Chain files: what is read is what was written, and whatever is wrong is told with its line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from diguan.chains.engine import chainfile, chaintext
from diguan.chains.queries import shelf, warning
from diguan.chains.web.urls import urlpatterns
from diguan.kernel import packs
from diguan.kernel.packs import Codes
from diguan.kernel.rules.nodes import DocumentErrors

CODES = Codes({"430421": "衡阳县"}, {"40": "仪器仪表制造业", "403": "钟表与计时仪器制造", "4030": "钟表与计时仪器制造", "3130": "钢压延加工", "3525": "模具制造"},
              {"4041": ("光学仪器制造", "4040")})
GOOD = """id: watch
name: {zh: 钟表, en: Watches}
version: "1"
region_scope: "430421"
licence: Apache-2.0
sources:
  std: {zh: 标准, en: Standard}
nodes:
  - id: steel
    name: {zh: 钢, en: Steel}
    stage: upstream
    kind: material
    gbt4754: ["3130"]
  - id: case
    name: {zh: 表壳, en: "Cases, polished"}
    stage: mid
    kind: component
    gbt4754: {"4030": 0.5, "3525": 1}
    hs: ["9111", "9114.90"]
    products: [表壳]
    io_sector: "89"
    key: true
    criticality: 3
    unconfirmed: ["3399"]
    evidence:
      - {source: std, says: {zh: 见表, en: see the table}, confirmed: false}
  - id: watch
    name: {zh: 手表, en: Watch}
    stage: downstream
    kind: product
edges:
  - {from: steel, to: case, share: 0.25, substitutable: false}
  - {from: case, to: watch, type: process, share: 0.75}
  - {from: watch, to: steel, loop: true, evidence: [{source: std}]}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(DocumentErrors) as refused:
        chainfile.read("链.yaml", text.encode(), CODES)
    return [f"{problem.line} {problem.message.en} [{problem.nearest or ''}]" for problem in refused.value.problems]


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


def test_a_file_is_read_whole_and_written_byte_for_byte() -> None:
    read = chainfile.read("链.yaml", GOOD.encode(), CODES)
    case = read.chain.by_id["case"]
    assert (dict(case.codes), case.hs, case.key, case.criticality, case.unconfirmed) == ({"4030": 0.5, "3525": 1.0}, ("9111", "9114.90"), True, 3, ("3399",))
    assert case.evidence[0].note is not None
    assert case.evidence[0].note.en == "see the table"
    assert not case.evidence[0].confirmed
    assert [(edge.share, edge.substitutable, edge.loop) for edge in read.chain.edges] == [(0.25, False, False), (0.75, None, False), (None, None, True)]
    assert read.chain.loops == (("watch", "steel"),)
    assert read.lines == {"steel": 9, "case": 14, "watch": 27}
    assert read.warnings == ()
    assert chaintext.write(read.chain) == GOOD


@pytest.mark.parametrize(("old", "new", "line", "says"), [
    ("    stage: mid\n", "    stage: mid\n    critical: 3\n", 17, "unknown key critical [criticality]"),
    ("stage: mid", "stage: middle", 16, "'middle' is none of upstream, mid, downstream, service"),
    ('gbt4754: ["3130"]', 'gbt4754: ["C3130"]', 13, "an industry code has no section letter and no blanks: C3130 [3130]"),
    ('gbt4754: ["3130"]', 'gbt4754: ["4041"]', 13, "4041 (光学仪器制造) is a code of the 2011 edition, changed in 2017 [4040]"),
    ('gbt4754: ["3130"]', 'gbt4754: ["3131"]', 13, "no code 3131 in the table of industries"),
    ('gbt4754: ["3130"]', 'gbt4754: ["9999"]', 13, "9999 is no GB/T 4754-2017 code of two to four digits"),
    ('gbt4754: ["3130"]', 'gbt4754: ["3130", "3130"]', 13, "the industry code 3130 is written twice"),
    ('"4030": 0.5', '"4030": 0', 18, "a weight is above 0"),
    ('"4030": 0.5', '"4030": 1.5', 18, "a weight is a number from 0 to 1 with at most nine decimals, not 1.5"),
    ('"9114.90"]', '"9114.9010"]', 19, "an HS code has 2, 4 or 6 digits (91, 9111, 9114.90), not 9114.9010 [9114.90]"),
    ("products: [表壳]", "products: [表壳；表圈]", 20, "a word holds no semicolon"),
    ("criticality: 3", "criticality: 4", 23, "'4' is none of 0, 1, 2, 3"),
    ("- {source: std, says", "- {source: sdt, says", 26, "no source sdt among the sources [std]"),
    ("share: 0.25", "share: -0.1", 32, "a share is a number from 0 to 1 with at most nine decimals, not -0.1"),
    ("share: 0.25", "share: .nan", 32, "a share is a number from 0 to 1 with at most nine decimals, not .nan"),
    ("to: case, share", "to: cases, share", 32, "no node cases [case]"),
    ("loop: true", "loop: maybe", 34, "'maybe' is none of true, false"),
    ('region_scope: "430421"', 'region_scope: "430499"', 4, "region_scope is any or a region code, not 430499 [430421]"),
    ("id: watch\nname", "id: Watch\nname", 1, "an id begins with a letter and is made of 2 to 60 lower-case letters, digits and _: Watch"),
    ("name: {zh: 钢, en: Steel}", "name: {zh: 钢}", 10, "en is missing"),
    ("name: {zh: 钢, en: Steel}", 'name: {zh: 钢, en: "Steel\\nplate"}', 10, "write it on one line"),
    ("    stage: mid\n", "    stage: mid\n    stage: mid\n", 17, "bad YAML|the key stage is written twice"),
])
def test_a_bad_field_is_refused_at_its_line_with_the_nearest(old: str, new: str, line: int, says: str) -> None:
    found = problems(changed(old, new))
    assert len(found) == 1, found
    assert found[0].startswith(f"{line} "), found
    assert any(part in found[0] for part in says.split("|")), found


def test_an_undeclared_loop_is_named_by_its_nodes_at_the_edge_that_closes_it() -> None:
    assert problems(changed(", loop: true", "")) == ["34 the edges close a loop: steel → case → watch → steel; the one that goes back needs loop: true []"]


def test_shares_into_a_node_stay_within_one() -> None:
    more = GOOD + "  - {from: steel, to: watch, share: 0.26}\n"
    assert problems(more) == ["35 the shares into watch add up to 1.01 here, above 1 []"]
    tenths = GOOD.replace("share: 0.75", "share: 0.7") + "  - {from: steel, to: watch, share: 0.3}\n"
    chainfile.read("链.yaml", tenths.encode(), CODES)


def test_a_node_without_edges_and_an_edge_told_twice_are_refused() -> None:
    alone = changed("edges:\n", "  - id: band\n    name: {zh: 表带, en: Strap}\n    stage: mid\n    kind: component\nedges:\n")
    assert problems(alone) == ["31 the node band has no edge []"]
    assert problems(GOOD + "  - {from: steel, to: case}\n") == ["35 the edge from steel to case is told twice []"]
    assert problems(GOOD + "  - {from: case, to: case, loop: true}\n") == ["35 an edge does not lead from case to itself []"]
    assert problems(changed("  - id: watch\n", "  - id: case\n"))[0] == "27 the node id case is used twice []"


def test_a_file_holds_at_most_five_hundred_links() -> None:
    def long(count: int) -> str:
        links = "".join(f"  - {{id: n{at}, name: {{zh: 环, en: Link}}, stage: mid, kind: component}}\n" for at in range(count))
        lines = "".join(f"  - {{from: n{at}, to: n{at + 1}}}\n" for at in range(count - 1))
        return GOOD[:GOOD.index("nodes:")] + f"nodes:\n{links}edges:\n{lines}"

    assert len(chainfile.read("链.yaml", long(500).encode(), CODES).chain.nodes) == 500
    assert problems(long(501))[0] == "9 a chain has at most 500 nodes, there are 501: split it []"


@pytest.mark.parametrize("nothing", ["[]", "null", ""])
def test_a_chain_without_a_node_is_refused(nothing: str) -> None:
    head, _nodes = GOOD.split("nodes:\n")
    assert problems(f"{head}nodes: {nothing}\nedges: []\n") == ["8 the chain has no node at all []"]


def test_no_chain_is_called_like_another_page() -> None:
    pages = {str(pattern.pattern).split("/")[0] for pattern in urlpatterns} - {"", "<slug:key>"}
    assert set(chainfile.TAKEN) == pages | {warning.TOTAL}
    for name in chainfile.TAKEN:
        assert problems(GOOD.replace("id: watch\n", f"id: {name}\n", 1)) == [f"1 a chain is not called {name}: another page of the system is []"]


def test_everything_wrong_is_told_at_once() -> None:
    text = changed("stage: mid", "stage: middle").replace('"9114.90"', '"x"').replace("loop: true", "loop: 2")
    assert [found.split()[0] for found in problems(text)] == ["16", "34"]
    assert problems("id: x1\n") == ["1 name is missing []"]


def test_a_wide_code_is_a_warning_and_no_error() -> None:
    read = chainfile.read("链.yaml", changed('gbt4754: ["3130"]', 'gbt4754: ["403", "40"]').encode(), CODES)
    assert [(warning.line, warning.message.en.split(",")[0]) for warning in read.warnings] == [(13, "industry code 403 is a division or group"), (13, "industry code 40 is a division or group")]


@pytest.mark.parametrize("content", [
    b"a: &a [x, x]\nb: &b [*a, *a, *a]\nid: *b\n", b"- id: watch\n", b"\xff\xfe", b"", b"id: !!python/object:os.system x\n", b"a: " + b"[" * 500, b"id: [", b"x" * 3_000_000,
    b"nodes:\n" + b"  - {id: nn, name: {zh: a, en: b}, stage: mid, kind: product}\n" * 60_000,
])
def test_what_is_no_plain_small_yaml_is_refused(content: bytes) -> None:
    with pytest.raises(DocumentErrors) as refused:
        chainfile.read("链.yaml", content, CODES)
    assert refused.value.problems[0].file == "链.yaml"


def test_a_shared_node_is_the_same_thing_in_every_chain() -> None:
    one = chainfile.read("一.yaml", GOOD.encode(), CODES)
    other = chainfile.read("二.yaml", changed("name: {zh: 钢, en: Steel}", "name: {zh: 钢, en: Iron}").replace("stage: upstream", "stage: mid").encode(), CODES)
    chainfile.check_shared({"一.yaml": one})
    with pytest.raises(DocumentErrors) as refused:
        chainfile.check_shared({"一.yaml": one, "二.yaml": other})
    assert [str(problem) for problem in refused.value.problems] == ["二.yaml:9: 共用环节 steel 与 一.yaml 中的不一样：name / the shared node steel is not as in 一.yaml: name"]


# ── the packs ─────────────────────────────────────────────────────────────
def test_the_four_shipped_chains_load_without_a_warning_and_are_written_as_they_lie() -> None:
    assert list(shelf.chains()) == ["ceramics", "footwear_hat_garment", "small_appliance", "watch"]
    assert shelf.warnings() == ()
    for chain in shelf.chains().values():
        assert chaintext.write(chain) == (packs.SHIPPED / "base" / "chains" / f"{chain.id}.yaml").read_text("utf-8")


def test_shared_links_are_wholly_one_thing_in_the_shipped_chains() -> None:
    shared = {name for name in shelf.nodes() if len(shelf.chains_of(name)) > 1}
    assert shared >= {"mould", "plating", "packaging", "pcb", "battery", "testing", "leather", "micro_motor", "design", "e_commerce"}
    for name in shared:
        assert len({repr(chain.by_id[name]) for chain in shelf.chains_of(name)}) == 1, name
    assert [chain.id for chain in shelf.chains_of("micro_motor")] == ["small_appliance", "watch"]
    assert shelf.chains_of("nowhere") == ()


def test_every_code_of_the_shipped_chains_has_evidence_or_is_left_open() -> None:
    for node in shelf.nodes().values():
        sources = {evidence.source for evidence in node.evidence}
        assert "gbt4754" in sources if node.codes else node.unconfirmed, node.id
        assert not node.hs or sources & {"hs91", "general"}, node.id
        assert all(not evidence.confirmed for evidence in node.evidence if evidence.source not in ("gbt4754", "hs91")), node.id


def test_a_countys_chain_replaces_the_shipped_one_and_is_read_again_when_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "chains"
    folder.mkdir()
    text = (packs.SHIPPED / "base" / "chains" / "ceramics.yaml").read_text("utf-8")
    (folder / "ours.yaml").write_text(text.replace("version: \"v1\"", 'version: "ours"'), "utf-8")
    monkeypatch.setenv("DIGUAN_PACKS", f"base,{tmp_path}")
    assert shelf.chains()["ceramics"].version == "ours"
    (folder / "ours.yaml").write_text(text.replace("version: \"v1\"", 'version: "again, longer"'), "utf-8")
    os.utime(folder / "ours.yaml", ns=(1, 1))
    assert shelf.chains()["ceramics"].version == "again, longer"
    (folder / "ours.yaml").write_text("id: x\n", "utf-8")
    with pytest.raises(DocumentErrors, match=r"chains/ours.yaml:1"):
        shelf.chains()


def test_the_example_of_the_documentation_is_a_chain() -> None:
    page = next(above / "docs" / "add-data.md" for above in Path(__file__).resolve().parents if (above / "docs" / "add-data.md").is_file()).read_text("utf-8")
    block = page[page.index("```yaml\nid: watch\n") + len("```yaml\n"):]
    read = chainfile.read("add-data.md", block[:block.index("```")].encode(), packs.codes())
    assert [len(read.chain.nodes), len(read.chain.edges), len(read.warnings)] == [3, 3, 0]
