"""The twin of a chain file for spreadsheets: nothing is lost on either way, and what is wrong is told by row and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from diguan.chains.engine import chaincsv, chainfile, chaintext
from diguan.chains.engine.chain import EDGES, KINDS, STAGES, Chain, Edge, Evidence, Node
from diguan.chains.queries import shelf
from diguan.chains.tests.test_chain_files import CODES, GOOD
from diguan.kernel import packs
from diguan.kernel.messages import Message
from diguan.kernel.rules.nodes import DocumentErrors

CHAIN = chainfile.read("链.yaml", GOOD.encode(), CODES).chain

# ── chains of every kind ──────────────────────────────────────────────────
TEXTS = st.one_of(st.sampled_from(["表壳", "a: b", "no", "#1", "x, y", "0.50", "“引”", "a 'b' \"c\"", "9114.9", "{x}", "2026-11", "词；词", "x;y", "null x", "\\n", "é\u200bx", "\U0001f552", "~x", "true", "#N/A", "#DIV/0!"]),
                  st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufeff\ufffe\uffff"), min_size=1, max_size=12)).map(str.strip).filter(
                      lambda text: bool(text) and text[0] not in "=+-@" and text not in ("null", "~") and "_x" not in text)  # _x0041_ is a letter's number in a workbook
PLAIN = TEXTS.filter(lambda text: ";" not in text and "；" not in text)
WORDS = st.builds(Message, TEXTS, TEXTS)
IDS = st.from_regex(r"[a-z][a-z0-9_]{1,6}", fullmatch=True).filter(lambda text: text not in ("null", "true", "false"))
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""A chain that fails is short enough, and making it shorter takes minutes."""
SHARES = st.integers(0, 10**9).map(lambda billionths: billionths / 10**9)


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    sources = draw(st.dictionaries(IDS, WORDS, min_size=1, max_size=3))
    evidence = st.lists(st.builds(Evidence, st.sampled_from(sorted(sources)), st.none() | WORDS, st.booleans()), max_size=2).map(tuple)
    names = draw(st.lists(IDS, min_size=2, max_size=6, unique=True))
    weights = st.dictionaries(st.sampled_from(sorted(code for code in CODES.industries if len(code) == 4)), st.just(1.0) | SHARES.filter(bool), max_size=3)
    words = st.lists(PLAIN, max_size=3).map(tuple)
    hs = st.lists(st.sampled_from(["91", "9111", "9114.90", "9114.09"]), max_size=3).map(tuple)
    links = tuple(draw(st.builds(Node, st.just(name), WORDS, st.sampled_from(STAGES), st.sampled_from(KINDS), weights, hs, words, st.just("") | TEXTS, st.booleans(), st.integers(0, 3), words, evidence)) for name in names)
    pairs = [(names[at], names[at + 1]) for at in range(len(names) - 1)] + [(names[-1], names[0])]
    edges = tuple(draw(st.builds(Edge, st.just(start), st.just(end), st.sampled_from(EDGES), st.none() | SHARES, st.none() | st.booleans(), st.just((start, end) == pairs[-1]), evidence)) for start, end in pairs)
    return Chain(draw(IDS), draw(WORDS), draw(TEXTS), draw(st.sampled_from(["any", "430421"])), draw(TEXTS), sources, links, edges)


@settings(max_examples=60, deadline=None, phases=NO_SHRINKING)
@given(chains())
def test_a_chain_is_the_same_after_its_file_its_csv_and_its_workbook(chain: Chain) -> None:
    text = chaintext.write(chain)
    assert chainfile.read("链.yaml", text.encode(), CODES).chain == chain
    assert chaintext.write(chainfile.read("链.yaml", text.encode(), CODES).chain) == text
    assert chaincsv.read("链.csv", chaincsv.as_csv(chain), CODES).chain == chain
    plain = yaml.safe_load(text)  # what other readers of YAML make of it: texts are texts
    assert [plain["name"], plain["version"], plain["licence"]] == [{"zh": chain.name.zh, "en": chain.name.en}, chain.version, chain.licence]
    assert [(node["id"], node.get("products", []), node.get("io_sector", "")) for node in plain["nodes"]] == [(node.id, list(node.products), node.io_sector) for node in chain.nodes]


@settings(max_examples=15, deadline=None, phases=NO_SHRINKING)
@given(chains())
def test_a_chain_is_the_same_after_its_workbook(chain: Chain) -> None:
    assert chaincsv.read("链.xlsx", chaincsv.as_xlsx(chain), CODES).chain == chain


def test_the_shipped_chains_go_to_tables_and_back() -> None:
    for chain in shelf.chains().values():
        assert chaincsv.read("链.csv", chaincsv.as_csv(chain), packs.codes()).chain == chain
        assert chaincsv.read("链.xlsx", chaincsv.as_xlsx(chain), packs.codes()).chain == chain


# ── what people make of them ──────────────────────────────────────────────
def rows() -> list[list[str]]:
    return list(csv.reader(io.StringIO(chaincsv.as_csv(CHAIN).decode("utf-8-sig"))))


def as_csv(table: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(table)
    return out.getvalue().encode()


def put(row: int, heading: str, text: str) -> Callable[[list[list[str]]], object]:
    """A change of one cell; rows as a spreadsheet counts them."""
    return lambda table: table[row - 1].__setitem__(table[0].index(heading), text)


def problems(content: bytes, name: str = "链.csv") -> list[str]:
    with pytest.raises(DocumentErrors) as refused:
        chaincsv.read(name, content, CODES)
    return [f"{problem.where} {problem.message.en} [{problem.nearest or ''}]" for problem in refused.value.problems]


def test_the_table_speaks_chinese_and_takes_the_words_of_the_file_too() -> None:
    table = rows()
    assert [row[0] for row in table] == ["行", "链", "来源", "环节", "环节", "依据", "环节", "连线", "连线", "连线", "依据"]
    assert dict(zip(table[0], table[4], strict=True)) | {"编号": "case"} == dict.fromkeys(table[0], "") | {
        "行": "环节", "编号": "case", "名称": "表壳", "英文名称": "Cases, polished", "阶段": "中游", "类别": "零部件", "行业代码": "4030:0.5；3525", "海关编码": "9111；9114.90", "关键词": "表壳",
        "投入产出部门": "89", "关键环节": "是", "关键程度": "3", "待确认": "3399"}
    english = as_csv(table).decode()
    for zh, en in (("行,编号", "row,id"), ("阶段", "stage"), ("\n环节,case", "\nnode,case"), ("中游", "mid"), (",是,", ",TRUE,"), ("4030:0.5；3525", "4030：0.5; 3525")):
        assert zh in english.replace("\r", "")
        english = english.replace("\r", "").replace(zh, en)
    assert chaincsv.read("chain.csv", english.encode(), CODES).chain == CHAIN
    assert chaincsv.read("链.csv", as_csv([["衡阳县产业链"], [], *table]).decode().encode("gb18030"), CODES).chain == CHAIN


@pytest.mark.parametrize(("change", "said"), [
    (put(5, "阶段", "中上游"), "链.csv:5 column H (阶段): '中上游' is none of upstream, mid, downstream, service [中游]"),
    (put(5, "行业代码", "4031"), "链.csv:5 column J (行业代码): no code 4031 in the table of industries; if GB/T 4754-2017 does have it, load the whole table by diguan industries [4030]"),
    (put(5, "行业代码", "4030:2"), "链.csv:5 column J (行业代码): a weight is a number from 0 to 1 with at most nine decimals, not 2 []"),
    (put(5, "行业代码", "4030:0.2；4030"), "链.csv:5 column J (行业代码): the industry code 4030 is written twice []"),
    (put(5, "关键程度", "高"), "链.csv:5 column O (关键程度): '高' is none of 0, 1, 2, 3 []"),
    (put(5, "份额", "0.5"), "链.csv:5 column T (份额): a row of sort node does not fill this column []"),
    (put(9, "份额", "30%"), "链.csv:9 column T (份额): a share is a number from 0 to 1 with at most nine decimals, not 30% []"),
    (put(8, "到", "cases"), "链.csv:8 column R (到): no node cases [case]"),
    (put(9, "份额", "0.9"), None),
    (put(10, "份额", "0.9"), None),
    (put(10, "回路", ""), "链.csv:10 column R (到): the edges close a loop: steel → case → watch → steel; the one that goes back needs loop: true []"),
    (put(6, "来源", "sdt"), "链.csv:6 column W (来源): no source sdt among the sources [std]"),
    (put(6, "英文说明", ""), "链.csv:6 en is missing []"),
    (put(3, "编号", ""), "链.csv:3 a source needs an id []"),
    (put(5, "行", ""), "链.csv:5 the row's sort is missing: one of chain, source, node, edge, evidence []"),
    (put(5, "行", "环"), "链.csv:5 column A (行): '环' is none of chain, source, node, edge, evidence [环节]"),
    (put(1, "份额", "占比"), "链.csv:1 column T (占比): unknown column 占比 []"),
    (put(1, "份额", "回路"), "链.csv:1 column V (回路): this column is there twice []"),
    (lambda table: table.insert(3, table[1]), "链.csv:4 there is one row of sort chain []"),
    (lambda table: table.insert(3, table[2]), "链.csv:4 column B (编号): the source id std is used twice []"),
    (lambda table: table.insert(3, table[5]), "链.csv:4 a row of evidence stands below the node or edge it proves []"),
    (lambda table: table.pop(1), "链.csv:1 there is no row of sort chain, which says id, names, version, region and licence []"),
    (lambda table: table.pop(0), "链.csv:1 no row of headings: 行 (row), 编号 (id), 名称 (name_zh) and so on []"),
])
def test_a_bad_cell_is_told_by_row_and_column(change: Callable[[list[list[str]]], object], said: str | None) -> None:
    table = rows()
    change(table)
    if said is None:
        chaincsv.read("链.csv", as_csv(table), CODES)
    else:
        assert problems(as_csv(table))[0] == said


def test_a_workbook_is_read_by_its_sheets_and_takes_numbers_for_codes() -> None:
    book = load_workbook(io.BytesIO(chaincsv.as_xlsx(CHAIN)))
    assert book.sheetnames == ["环节", "连线"]
    book.create_sheet("备注").append(["谁都可以写点什么"])
    links, lines = book["环节"], book["连线"]
    column = {cell.value: cell.column for cell in links[1]}
    links.cell(4, column["行业代码"]).value = 3130
    links.cell(5, column["海关编码"]).value = 9114.9
    links.cell(5, column["关键环节"]).value = True
    stream = io.BytesIO()
    book.save(stream)
    read = chaincsv.read("链.xlsx", stream.getvalue(), CODES)
    assert (dict(read.chain.by_id["steel"].codes), read.chain.by_id["case"].hs, read.chain.by_id["case"].key) == ({"3130": 1.0}, ("9114.90",), True)
    lines.cell(2, 3).value = "cases"
    lines.cell(3, 5).value = "=1/0"
    lines.cell(3, 5).data_type = "e"
    lines.cell(3, 5).value = "#DIV/0!"
    stream = io.BytesIO()
    book.save(stream)
    assert problems(stream.getvalue(), "链.xlsx") == ["链.xlsx“连线”:3 column E (份额): the cell holds a formula that failed []"]


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"PK\x03\x04", b"a,b\n1,2\n", b"x" * 3_000_000])
def test_what_is_no_table_of_a_chain_is_refused(content: bytes) -> None:
    assert problems(content)


def test_a_workbook_of_something_else_is_refused() -> None:
    stream = io.BytesIO()
    Workbook().save(stream)
    assert "no row of headings" in problems(stream.getvalue(), "链.xlsx")[0]
