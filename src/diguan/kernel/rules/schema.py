"""The JSON Schema of a policy document, made from the same tables the loader reads."""

from __future__ import annotations

from typing import Any

from diguan.kernel.rules import document, tree, windows

_TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
_VALUE: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_DAY: dict[str, Any] = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}


def _closed(properties: dict[str, Any], needed: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": list(needed)}


def _list(of: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": of, **more}


def _conditions() -> dict[str, Any]:
    this = {"$ref": "#/$defs/condition"}
    leaf = {**_read(), "ratio": _list(_TEXT, minItems=2, maxItems=2),
            "op": {"enum": [*tree.OPERATORS, *tree.SYNONYMS]}, "value": {"anyOf": [_VALUE, _list(_VALUE)]}}
    return {"anyOf": [_closed({"all": _list(this, minItems=1)}, ("all",)), _closed({"any": _list(this, minItems=1)}, ("any",)),
                      _closed({"not": this}, ("not",)), _closed(leaf, ("op",))]}


def _read() -> dict[str, Any]:
    words = [word for word in windows.WORDS if word != "year:n"]
    return {"fact": _TEXT, "over": {"anyOf": [{"enum": words}, {"pattern": r"^year:\s*(-\d+|[+-]?0)$"}]}, "agg": {"enum": list(tree.AGGREGATIONS)}}


def _benefit() -> dict[str, Any]:
    step = _closed({"at_least": _VALUE, "amount": _VALUE, "rate": _VALUE}, ("at_least",))
    parts = {"kind": _TEXT, "of": _closed(_read(), ("fact",)), "rate": _VALUE, "amount": _VALUE, "cap": _VALUE,
             "tiers": _list(step, minItems=1), "rounding": {"enum": list(tree.ROUNDINGS)}}
    return {"anyOf": [_closed({**{key: parts[key] for key in keys}, "kind": {"const": kind}}, ("kind",))
                      for kind, keys in document.BENEFIT_KEYS.items()]}


def schema() -> dict[str, Any]:
    """The whole schema (draft 2020-12). Dates and amounts are checked as texts here, by the loader in full."""
    clause = _closed({"id": _TEXT, "cite": _closed({"article": _TEXT, "quote": _TEXT}, ("article", "quote")),
                      "when": {"$ref": "#/$defs/condition"}, "on_missing": {"enum": ["ask", "fail"]}}, ("id", "cite", "when"))
    order = _closed({**_read(), "desc": {}, "asc": {}}, ("fact",))
    example = _closed({"name": _TEXT, "as_of": _DAY, "facts": {"type": "object"},
                       "expect": _closed({"status": {"enum": list(tree.STATUS_WORDS.values())}, "amount": _VALUE, "amount_fen": _VALUE,
                                          "clauses": {"type": "object"}, "gap": {}})}, ("as_of", "facts", "expect"))
    title = {"anyOf": [_TEXT, _closed({"zh": _TEXT, "en": _TEXT}, ("zh",))]}
    whole = _closed({
        "id": _TEXT, "version": _VALUE, "title": title, "issuer": _TEXT, "legal_basis": {"type": "string"}, "recorded_at": _DAY,
        "source": _closed({"document": _TEXT, "file": _TEXT, "sha256": _TEXT}, ("document", "file", "sha256")),
        "in_force": _closed({"from": _DAY, "to": {"anyOf": [_DAY, {"type": "null"}]}}, ("from",)),
        "delivery": {"enum": list(tree.DELIVERIES)}, "exclusive_with": _list(_TEXT),
        "fair_competition_review": _closed({"status": _TEXT, "date": _DAY, "record": {"type": "string"}}, ("status",)),
        "clauses": _list(clause, minItems=1, maxItems=tree.MOST_CLAUSES), "benefit": _benefit(),
        "budget": _closed({"amount": _VALUE, "order": _list(order), "when_exhausted": {"enum": ["waitlist", "prorate"]}, "places": {"type": "integer", "minimum": 1}}, ("amount",)),
        "examples": _list(example, minItems=document.FEWEST_EXAMPLES),
    }, document.NEEDED)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Diguan policy", "$defs": {"condition": _conditions()}, **whole}
