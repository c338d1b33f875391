"""A chain as its file: keys in one order, nodes and edges in theirs, so that two versions compare line by line. What was read is written byte for byte."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from diguan.chains.engine.chain import INPUT, Chain, Edge, Evidence, Node
from diguan.kernel.messages import Message

_PLAIN = re.compile(r"[A-Za-z\u4e00-\u9fff](?:[\w\u4e00-\u9fff（）、，。《》“”/+.() -]*[\w\u4e00-\u9fff（）、，。《》“”/+.()])?", re.ASCII)
_TAKEN = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
_SHOWN = {'"': '\\"', "\\": "\\\\"}


def write(chain: Chain) -> str:
    """The text of the chain's file; read again it is the same chain.

    What has its default (no share, not key, confirmed) is left out; codes that all weigh 1 are a list.
    """
    return "\n".join(_lines(chain)) + "\n"


def _lines(chain: Chain) -> Iterator[str]:
    yield f"id: {scalar(chain.id)}"
    yield f"name: {_words(chain.name)}"
    yield f"version: {quoted(chain.version)}"
    yield f"region_scope: {quoted(chain.region_scope) if chain.region_scope.isdigit() else scalar(chain.region_scope)}"
    yield f"licence: {scalar(chain.licence)}"
    yield "sources:" if chain.sources else "sources: {}"
    yield from (f"  {scalar(name)}: {_words(words)}" for name, words in chain.sources.items())
    yield "nodes:" if chain.nodes else "nodes: []"
    for node in chain.nodes:
        yield from _node(node)
    yield "edges:" if chain.edges else "edges: []"
    for edge in chain.edges:
        yield from _edge(edge)


def _node(node: Node) -> Iterator[str]:
    yield f"  - id: {scalar(node.id)}"
    told = {"name": _words(node.name), "stage": node.stage, "kind": node.kind, "gbt4754": _codes(node.codes), "hs": _listed(node.hs, quoted), "products": _listed(node.products, scalar),
            "io_sector": quoted(node.io_sector) if node.io_sector else "", "key": "true" if node.key else "", "criticality": str(node.criticality) if node.criticality else "",
            "unconfirmed": _listed(node.unconfirmed, quoted)}
    yield from (f"    {key}: {value}" for key, value in told.items() if value)
    if node.evidence:
        yield "    evidence:"
        yield from (f"      - {_evidence(one)}" for one in node.evidence)


def _edge(edge: Edge) -> Iterator[str]:
    told = {"from": scalar(edge.start), "to": scalar(edge.end), "type": edge.type if edge.type != INPUT else "", "share": "" if edge.share is None else number(edge.share),
            "substitutable": "" if edge.substitutable is None else str(edge.substitutable).lower(), "loop": "true" if edge.loop else "",
            "evidence": _list(map(_evidence, edge.evidence)) if edge.evidence else ""}
    yield f"  - {_mapping(told)}"


def _evidence(one: Evidence) -> str:
    return _mapping({"source": scalar(one.source), "says": _words(one.note) if one.note else "", "confirmed": "" if one.confirmed else "false"})


def _codes(codes: Mapping[str, float]) -> str:
    if all(weight == 1 for weight in codes.values()):
        return _listed(tuple(codes), quoted)
    return _mapping({quoted(code): number(weight) for code, weight in codes.items()})


def _listed(words: tuple[str, ...], shown: object) -> str:
    return _list(shown(word) for word in words) if words else ""  # type: ignore[operator]


def _list(parts: Iterable[str]) -> str:
    return f"[{', '.join(parts)}]"


def _mapping(told: Mapping[str, str]) -> str:
    return f"{{{', '.join(f'{key}: {value}' for key, value in told.items() if value)}}}"


def _words(words: Message) -> str:
    return f"{{zh: {scalar(words.zh)}, en: {scalar(words.en)}}}"


def number(value: float) -> str:
    """A number from 0 to 1 as files have it, to nine decimals.

    >>> number(1.0), number(0.12), number(1e-07)
    ('1', '0.12', '0.0000001')
    """
    return f"{value:.9f}".rstrip("0").rstrip(".")


def scalar(text: str) -> str:
    """A text as YAML has it anywhere, quoted only where it must be.

    >>> scalar("表壳"), scalar("no"), scalar("a: b"), scalar("Watch case")
    ('表壳', '"no"', '"a: b"', 'Watch case')
    """
    return text if _PLAIN.fullmatch(text) and text.lower() not in _TAKEN else quoted(text)


def quoted(text: str) -> str:
    """A text in double quotes; what does not print is written by its number.

    >>> print(quoted("4030"))
    "4030"
    """
    return '"' + "".join(_SHOWN.get(each) or (each if each.isprintable() else _number_of(each)) for each in text) + '"'


def _number_of(each: str) -> str:
    return f"\\u{ord(each):04x}" if ord(each) < 0x10000 else f"\\U{ord(each):08x}"
