"""A chain as lines of a table, for people who work in spreadsheets: one line for the chain, each source, node and edge, and each piece of evidence below what it proves.

The headings and words are Chinese; the words of the YAML file are taken as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from diguan.chains.engine import chaintext
from diguan.chains.engine.chain import Chain, Edge, Evidence, Node

CHAIN, SOURCE, NODE, EDGE, EVIDENCE = "chain", "source", "node", "edge", "evidence"
HEADINGS: Mapping[str, str] = {
    "row": "行", "id": "编号", "name_zh": "名称", "name_en": "英文名称", "version": "版本", "region_scope": "适用地区", "licence": "许可",
    "stage": "阶段", "kind": "类别", "gbt4754": "行业代码", "hs": "海关编码", "products": "关键词", "io_sector": "投入产出部门", "key": "关键环节", "criticality": "关键程度", "unconfirmed": "待确认",
    "from": "从", "to": "到", "type": "连线类型", "share": "份额", "substitutable": "可替代", "loop": "回路",
    "source": "来源", "says_zh": "说明", "says_en": "英文说明", "confirmed": "已确认",
}
_PROOF = ("source", "says_zh", "says_en", "confirmed")
USED: Mapping[str, tuple[str, ...]] = {
    CHAIN: ("id", "name_zh", "name_en", "version", "region_scope", "licence"),
    SOURCE: ("id", "name_zh", "name_en"),
    NODE: ("id", "name_zh", "name_en", "stage", "kind", "gbt4754", "hs", "products", "io_sector", "key", "criticality", "unconfirmed"),
    EDGE: ("from", "to", "type", "share", "substitutable", "loop"),
    EVIDENCE: _PROOF,
}
"""Columns that a line of each sort fills; the others stay empty."""
_YES = {"true": "是", "false": "否"}
WORDS: Mapping[str, Mapping[str, str]] = {
    "row": {CHAIN: "链", SOURCE: "来源", NODE: "环节", EDGE: "连线", EVIDENCE: "依据"},
    "stage": {"upstream": "上游", "mid": "中游", "downstream": "下游", "service": "配套服务"},
    "kind": {"material": "材料", "component": "零部件", "process": "工序", "equipment": "设备", "product": "产品", "service": "服务"},
    "type": {"input": "投入", "process": "工序", "equipment": "设备", "service": "服务"},
    "key": _YES, "substitutable": _YES, "loop": _YES, "confirmed": _YES,
}
LISTS = ("gbt4754", "hs", "products", "unconfirmed")
SHEETS: Mapping[str, tuple[str, ...]] = {"环节": (CHAIN, SOURCE, NODE), "连线": (EDGE,)}
"""Which lines stand on which sheet of a workbook; evidence stands below what it proves."""

Value = str | float | int
Line = Mapping[str, Value]


def lines(chain: Chain, sorts: tuple[str, ...] = (CHAIN, SOURCE, NODE, EDGE)) -> Iterator[Line]:
    """The chain's lines of these sorts, by column; what is empty is left out."""
    if CHAIN in sorts:
        yield _line(CHAIN, id=chain.id, name_zh=chain.name.zh, name_en=chain.name.en, version=chain.version, region_scope=chain.region_scope, licence=chain.licence)
    for name, words in chain.sources.items() if SOURCE in sorts else ():
        yield _line(SOURCE, id=name, name_zh=words.zh, name_en=words.en)
    for node in chain.nodes if NODE in sorts else ():
        yield from _node(node)
    for edge in chain.edges if EDGE in sorts else ():
        yield from _edge(edge)


def columns(sorts: tuple[str, ...]) -> list[str]:
    """The columns of a sheet that holds these sorts of lines."""
    used = {name for sort in (*sorts, EVIDENCE) for name in USED[sort]}
    return [name for name in HEADINGS if name == "row" or name in used]


def _node(node: Node) -> Iterator[Line]:
    codes = "；".join(code if weight == 1 else f"{code}:{chaintext.number(weight)}" for code, weight in node.codes.items())
    yield _line(NODE, id=node.id, name_zh=node.name.zh, name_en=node.name.en, stage=node.stage, kind=node.kind, gbt4754=codes, hs="；".join(node.hs), products="；".join(node.products),
                io_sector=node.io_sector, key="true" if node.key else "", criticality=node.criticality or "", unconfirmed="；".join(node.unconfirmed))
    yield from map(_proof, node.evidence)


def _edge(edge: Edge) -> Iterator[Line]:
    yield _line(EDGE, **{"from": edge.start}, to=edge.end, type=edge.type, share="" if edge.share is None else edge.share,
                substitutable="" if edge.substitutable is None else str(edge.substitutable).lower(), loop="true" if edge.loop else "")
    yield from map(_proof, edge.evidence)


def _proof(evidence: Evidence) -> Line:
    note = evidence.note
    return _line(EVIDENCE, source=evidence.source, says_zh=note.zh if note else "", says_en=note.en if note else "", confirmed="" if evidence.confirmed else "false")


def _line(row: str, **values: Value) -> Line:
    told = {"row": row, **{name: value for name, value in values.items() if value != ""}}
    return {name: WORDS[name].get(str(value), value) if name in WORDS else value for name, value in told.items()}
