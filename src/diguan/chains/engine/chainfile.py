"""A chain file (YAML) into a :class:`~diguan.chains.engine.chain.Chain`, or every problem with its line; :mod:`chaintext` writes it again, byte for byte.

```yaml
id: watch
name: {zh: 钟表, en: Watches and clocks}
version: "v1"
region_scope: any                      # or a region code
licence: Apache-2.0
sources:
  gbt4754: {zh: GB/T 4754-2017 国民经济行业分类, en: GB/T 4754-2017 Industrial classification}
nodes:
  - id: case
    name: {zh: 表壳, en: Watch case}
    stage: mid
    kind: component
    gbt4754: ["4030"]                  # or {"4030": 1, "3399": 0.5} with weights
    hs: ["9111"]
    unconfirmed: ["3399"]
    evidence:
      - {source: gbt4754, says: {zh: …, en: …}, confirmed: false}
edges:
  - {from: steel, to: case, type: input, share: 0.12}
```
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from diguan.chains.engine import chainparts, chainrules
from diguan.chains.engine.chain import EDGES, INPUT, KINDS, STAGES, Chain, Edge, Evidence, Node
from diguan.chains.engine.chainparts import Codes
from diguan.kernel.catalogue import Catalogue
from diguan.kernel.messages import Message, nearest
from diguan.kernel.rules import nodes
from diguan.kernel.rules.conditions import Reader, Refused
from diguan.kernel.rules.nodes import DocumentErrors, Problem

HEAD = ("id", "name", "version", "region_scope", "licence", "sources", "nodes", "edges")
NODE = ("id", "name", "stage", "kind", "gbt4754", "hs", "products", "io_sector", "key", "criticality", "unconfirmed", "evidence")
EDGE = ("from", "to", "type", "share", "substitutable", "loop", "evidence")
EVIDENCE = ("source", "says", "confirmed")
NEEDED_NODE, NEEDED_EDGE = ("id", "name", "stage", "kind"), ("from", "to")
ANY = "any"
MOST_NODES = 500
TAKEN = ("all", "coverage", "economy", "introductions", "nodes", "targets", "warnings")
"""What no chain is called: pages that stand beside the chains', and all chains together in the early warning."""


@dataclass(frozen=True)
class Read:
    """A chain that may be used, the line of each node, and what its keeper should look at again."""

    chain: Chain
    lines: Mapping[str, int]
    warnings: tuple[Problem, ...] = ()


@dataclass
class ChainReader(Reader):
    """As :class:`Reader`, with warnings beside."""

    warnings: list[Problem] = field(default_factory=list)

    def warn(self, node: nodes.Node, zh: str, en: str, near: str | None = None) -> None:
        """Note what is allowed and yet odd."""
        self.warnings.append(Problem(self.name, node.line, Message(zh, en), near))


def read(file: str, content: bytes, codes: Codes) -> Read:
    """The chain in a file.

    Args:
        file: what errors call it.
        content: UTF-8 YAML, at most 1 MB; no aliases, tags or keys written twice.
        codes: the industries and regions there are.

    Raises:
        DocumentErrors: anything wrong in it, all of it, with file and line; nothing is half read.
    """
    return build(ChainReader(file, Catalogue(()), None), nodes.parse(content, file), codes)


def build(reader: ChainReader, root: nodes.Node, codes: Codes) -> Read:
    """The chain a document tells; the document may have been a table (:mod:`chaincsv`).

    Raises:
        DocumentErrors: as :func:`read`.
    """
    try:
        chain = _chain(reader, root, codes)
    except Refused:
        chain = None
    if reader.problems or chain is None:
        raise DocumentErrors(reader.problems)
    links = chainparts.items(reader, (root.keys or {})["nodes"])
    return Read(chain, {node.id: part.line for node, part in zip(chain.nodes, links, strict=True)}, tuple(sorted(reader.warnings, key=lambda problem: problem.line)))


def check_shared(reads: Mapping[str, Read]) -> None:
    """Let pass chains in which whatever bears one id is one thing: a node that several chains share has the same name, kind and codes in all.

    Args:
        reads: by the name of their files.

    Raises:
        DocumentErrors: a node told differently from the first telling, with the file and line of the later one.
    """
    problems = [Problem(name, reads[name].lines[node_id], message) for name, node_id, message in chainrules.differing({name: read.chain for name, read in reads.items()})]
    if problems:
        raise DocumentErrors(problems)


def _chain(reader: ChainReader, root: nodes.Node, codes: Codes) -> Chain:
    keys = reader.keys(root, HEAD, HEAD)
    head = _Head(reader, codes, {name: chainparts.words(reader, part) for name, part in chainparts.named(reader, keys["sources"])})
    links = [head.node(part) for part in chainparts.items(reader, keys["nodes"])]
    lines = [head.edge(part) for part in chainparts.items(reader, keys["edges"])]
    if not links:
        reader.refuse(keys["nodes"], "链上一个环节也没有", "the chain has no node at all")
    if len(links) > MOST_NODES:
        reader.refuse(keys["nodes"], f"一条链最多 {MOST_NODES} 个环节，现有 {len(links)} 个；请分成几条链", f"a chain has at most {MOST_NODES} nodes, there are {len(links)}: split it")
    chain = Chain(
        id=_chain_id(reader, keys["id"]), name=chainparts.words(reader, keys["name"]), version=chainparts.one_line(reader, keys["version"]), region_scope=head.region(keys["region_scope"]),
        licence=chainparts.one_line(reader, keys["licence"]), sources=head.sources,
        nodes=tuple(node for node in links if node), edges=tuple(edge for edge in lines if edge))
    if not reader.problems:  # a node that was refused would make its edges look lost too
        _whole(reader, chain, keys)
    return chain


def _chain_id(reader: ChainReader, part: nodes.Node) -> str:
    """A chain's id; it becomes the address of its pages, so names of other pages are taken."""
    name = chainparts.identity(reader, part)
    if name in TAKEN:
        raise reader.refuse(part, f"链的编号不能用 {name}：系统里另有这一页", f"a chain is not called {name}: another page of the system is")
    return name


def _whole(reader: ChainReader, chain: Chain, keys: Mapping[str, nodes.Node]) -> None:
    told = {chainrules.NODE: keys["nodes"].items or (), chainrules.EDGE: keys["edges"].items or ()}
    for wrong in chainrules.wrongs(chain):
        part = told[wrong.part][wrong.index]
        reader.refuse((part.keys or {}).get(wrong.field, part), wrong.message.zh, wrong.message.en, wrong.nearest)


@dataclass(frozen=True)
class _Head:
    """What the parts of one chain share."""

    reader: ChainReader
    codes: Codes
    sources: Mapping[str, Message]

    def region(self, part: nodes.Node) -> str:
        text = self.reader.text(part)
        if text != ANY and text not in self.codes.regions:
            raise self.reader.refuse(part, f"适用地区写 any 或行政区划代码，现为 {text}", f"region_scope is any or a region code, not {text}", self.codes.nearest_region(text))
        return text

    def node(self, part: nodes.Node) -> Node | None:
        """One node, or nothing; one bad part must not hide what is wrong with the next."""
        try:
            return self._node(chainparts.told(self.reader, self.reader.keys(part, NODE, NEEDED_NODE), NEEDED_NODE))
        except Refused:
            return None

    def _node(self, keys: Mapping[str, nodes.Node]) -> Node:
        reader = self.reader
        return Node(
            id=chainparts.identity(reader, keys["id"]), name=chainparts.words(reader, keys["name"]), stage=reader.word(keys["stage"], STAGES), kind=reader.word(keys["kind"], KINDS),
            codes=self._codes(keys.get("gbt4754")), hs=tuple(self._heading(one) for one in chainparts.listed(reader, keys, "hs")),
            products=tuple(chainparts.word(reader, one) for one in chainparts.listed(reader, keys, "products")), io_sector=chainparts.one_line(reader, keys["io_sector"]) if "io_sector" in keys else "",
            key=chainparts.flag(reader, keys["key"]) if "key" in keys else False, criticality=int(reader.word(keys["criticality"], "0123")) if "criticality" in keys else 0,
            unconfirmed=tuple(chainparts.word(reader, one) for one in chainparts.listed(reader, keys, "unconfirmed")), evidence=self._evidence(keys))

    def edge(self, part: nodes.Node) -> Edge | None:
        """One edge, or nothing."""
        reader = self.reader
        try:
            keys = chainparts.told(reader, reader.keys(part, EDGE, NEEDED_EDGE), NEEDED_EDGE)
            return Edge(
                start=chainparts.identity(reader, keys["from"]), end=chainparts.identity(reader, keys["to"]), type=reader.word(keys["type"], EDGES) if "type" in keys else INPUT,
                share=chainparts.share(reader, keys["share"]) if "share" in keys else None, substitutable=chainparts.flag(reader, keys["substitutable"]) if "substitutable" in keys else None,
                loop=chainparts.flag(reader, keys["loop"]) if "loop" in keys else False, evidence=self._evidence(keys))
        except Refused:
            return None

    def _evidence(self, keys: Mapping[str, nodes.Node]) -> tuple[Evidence, ...]:
        return tuple(self._one(part) for part in chainparts.listed(self.reader, keys, "evidence"))

    def _one(self, part: nodes.Node) -> Evidence:
        reader = self.reader
        keys = chainparts.told(reader, reader.keys(part, EVIDENCE, ("source",)), ("source",))
        source = chainparts.identity(reader, keys["source"])
        if source not in self.sources:
            raise reader.refuse(keys["source"], f"sources 里没有这个来源：{source}", f"no source {source} among the sources", nearest(source, self.sources, 0.3))
        return Evidence(source, chainparts.words(reader, keys["says"]) if "says" in keys else None, chainparts.flag(reader, keys["confirmed"]) if "confirmed" in keys else True)

    def _codes(self, part: nodes.Node | None) -> Mapping[str, float]:
        if part is None:
            return {}
        if part.keys is not None:
            return {self._code(weight, code): chainparts.weight(self.reader, weight) for code, weight in part.keys.items()}
        found: dict[str, float] = {}
        for one in chainparts.items(self.reader, part):
            code = self._code(one, self.reader.text(one))
            if code in found:
                raise self.reader.refuse(one, f"行业代码 {code} 写了两次", f"the industry code {code} is written twice")
            found[code] = 1.0
        return found

    def _code(self, part: nodes.Node, code: str) -> str:
        """A code of the standard: four digits, or fewer with a warning."""
        chainparts.industry(self.reader, part, code, self.codes)
        if len(code) < 4:
            self.reader.warn(part, f"行业代码 {code} 是大类或中类，范围偏宽，最好写到四位小类", f"industry code {code} is a division or group, rather wide; a class of four digits is better")
        return code

    def _heading(self, part: nodes.Node) -> str:
        text = self.reader.text(part)
        if chainparts.HS.fullmatch(text) is None:
            digits = re.sub(r"\D", "", text)[:6]
            near = (f"{digits[:4]}.{digits[4:]}" if len(digits) == 6 else digits[:4]) if len(digits) >= 4 else None
            raise self.reader.refuse(part, f"HS 编码写 2、4 或 6 位（如 91、9111、9114.90），现为 {text}", f"an HS code has 2, 4 or 6 digits (91, 9111, 9114.90), not {text}", near)
        return text
