"""The JSON Schema of a chain file, made from the same tables the loader reads."""

from __future__ import annotations

from typing import Any

from diguan.chains.engine import chainfile, chainparts
from diguan.chains.engine.chain import EDGES, KINDS, STAGES

_NUMBER: dict[str, Any] = {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "string", "pattern": f"^(?:{chainparts.NUMBER.pattern})$"}]}
_NOTHING = ["", "~", "null"]
_FLAG: dict[str, Any] = {"enum": [True, False, "true", "false"]}


def _text(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^(?:{pattern})$"}


def _or_nothing(of: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [of, {"enum": [None, *_NOTHING]}]}


def _closed(properties: dict[str, Any], needed: tuple[str, ...]) -> dict[str, Any]:
    """A mapping; what may be left out may also be null."""
    parts = {name: of if name in needed else _or_nothing(of) for name, of in properties.items()}
    return {"type": "object", "additionalProperties": False, "properties": parts, "required": list(needed)}


def _list(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


def schema() -> dict[str, Any]:
    """The whole schema (draft 2020-12). What joins the parts (codes there are, ids once, loops, sums of shares) only the loader checks."""
    identity = _text(chainparts.ID.pattern)
    line = {"anyOf": [{**_text(chainparts.ONE_LINE), "not": {"enum": _NOTHING}}, {"type": "number", "minimum": 0}, {"type": "boolean"}]}  # what YAML takes for a number is read as it is written
    word = {**line, "not": {"type": "string", "pattern": "[;；]"}}
    words = _closed({"zh": line, "en": line}, ("zh", "en"))
    code = {"anyOf": [_text(chainparts.CODE.pattern), {"type": "integer", "minimum": 10, "maximum": 9999}]}
    weights = {"type": "object", "propertyNames": _text(chainparts.CODE.pattern), "additionalProperties": {**_NUMBER, "not": {"enum": [0, "0"]}}}
    evidence = _closed({"source": identity, "says": words, "confirmed": _FLAG}, ("source",))
    node = _closed({
        "id": identity, "name": words, "stage": {"enum": list(STAGES)}, "kind": {"enum": list(KINDS)},
        "gbt4754": {"anyOf": [_list(code), weights]}, "hs": _list({"anyOf": [_text(chainparts.HS.pattern), {"type": "integer", "minimum": 10, "maximum": 99}, {"type": "integer", "minimum": 1000, "maximum": 9999}]}), "products": _list(word), "io_sector": line,
        "key": _FLAG, "criticality": {"enum": [0, 1, 2, 3, "0", "1", "2", "3"]}, "unconfirmed": _list(word), "evidence": _list(evidence),
    }, chainfile.NEEDED_NODE)
    edge = _closed({"from": identity, "to": identity, "type": {"enum": list(EDGES)}, "share": _NUMBER, "substitutable": _FLAG, "loop": _FLAG, "evidence": _list(evidence)}, chainfile.NEEDED_EDGE)
    whole = _closed({
        "id": {**identity, "not": {"enum": list(chainfile.TAKEN)}}, "name": words, "version": line, "region_scope": {"anyOf": [{"const": chainfile.ANY}, _text(r"\d{6}"), {"type": "integer", "minimum": 100000, "maximum": 999999}]}, "licence": line,
        "sources": _or_nothing({"type": "object", "propertyNames": identity, "additionalProperties": words}),
        "nodes": {**_list({"$ref": "#/$defs/node"}), "minItems": 1, "maxItems": chainfile.MOST_NODES}, "edges": _or_nothing(_list({"$ref": "#/$defs/edge"})),
    }, chainfile.HEAD)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Diguan chain", "$defs": {"node": node, "edge": edge}, **whole}
