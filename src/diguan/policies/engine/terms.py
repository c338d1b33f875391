"""Money, dates and examples of a document as the fields of a form, and back; what says the same is left as it was written."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Data: TypeAlias = Any
Fields: TypeAlias = dict[str, str]
HIGH = ("高", "desc", "high")
LOW = ("低", "asc", "low")
PLACES: dict[tuple[str | int, ...], str] = {
    ("title",): "title", ("title", "en"): "title_en", ("id",): "policy", ("issuer",): "issuer", ("source",): "document", ("benefit",): "kind", ("benefit", "kind"): "kind",
    ("benefit", "amount"): "amount", ("benefit", "of"): "of_fact", ("benefit", "of", "fact"): "of_fact", ("benefit", "of", "over"): "of_over", ("benefit", "of", "agg"): "of_agg",
    ("benefit", "rate"): "rate", ("benefit", "tiers"): "tiers", ("benefit", "cap"): "cap", ("benefit", "rounding"): "rounding", ("budget",): "budget", ("budget", "amount"): "budget",
    ("budget", "places"): "places", ("budget", "order"): "order", ("budget", "when_exhausted"): "when_exhausted", ("exclusive_with",): "exclusive_with", ("in_force",): "start",
    ("in_force", "from"): "start", ("in_force", "to"): "end", ("recorded_at",): "recorded_at", ("delivery",): "delivery", ("legal_basis",): "legal_basis",
    ("fair_competition_review",): "review_status", ("fair_competition_review", "status"): "review_status", ("fair_competition_review", "date"): "review_date",
    ("fair_competition_review", "record"): "review_record"}
"""Which field shows each part of a document."""


def _text(data: Mapping[str, Data], *path: str) -> str:
    found: Data = data
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) else ""


def fields_of(document: Mapping[str, Data]) -> Fields:
    """A document's terms as fields."""
    title = document.get("title")
    found = {"title": title if isinstance(title, str) else _text(document, "title", "zh"), "title_en": _text(document, "title", "en"), "policy": _text(document, "id"),
             "document": _text(document, "source", "document"), "kind": _text(document, "benefit", "kind"), "budget": _text(document, "budget", "amount"),
             "start": _text(document, "in_force", "from"), "end": _text(document, "in_force", "to")}
    found |= {name: _text(document, name) for name in ("issuer", "recorded_at", "delivery", "legal_basis")}
    found |= {name: _text(document, "benefit", name) for name in ("amount", "rate", "cap", "rounding")}
    found |= {f"of_{name}": _text(document, "benefit", "of", name) for name in ("fact", "over", "agg")}
    found |= {name: _text(document, "budget", name) for name in ("places", "when_exhausted")}
    found |= {f"review_{name}": _text(document, "fair_competition_review", name) for name in ("status", "date", "record")}
    return found | {"tiers": _tier_lines(document), "order": _order_lines(document), "exclusive_with": "、".join(_list(document.get("exclusive_with")))}


def _list(value: Data) -> list[Data]:
    return list(value) if isinstance(value, list) else []


def _tier_lines(document: Mapping[str, Data]) -> str:
    benefit = document.get("benefit")
    steps = _list(benefit.get("tiers")) if isinstance(benefit, Mapping) else []
    return "\n".join(f"{_text(step, 'at_least')} = {_text(step, 'amount') or _text(step, 'rate')}" for step in steps if isinstance(step, Mapping))


def _order_lines(document: Mapping[str, Data]) -> str:
    budget = document.get("budget")
    keys = _list(budget.get("order")) if isinstance(budget, Mapping) else []
    return "\n".join(" ".join(part for part in (_text(key, "fact"), _text(key, "over"), _text(key, "agg"), HIGH[0] if key.get("desc") in ("", "true") else LOW[0]) if part)
                     for key in keys if isinstance(key, Mapping))


def document_of(fields: Mapping[str, str], old: Mapping[str, Data]) -> dict[str, Data]:
    """The document with these terms."""
    before = fields_of(old)
    given = {name: str(fields.get(name, before[name]) or "").replace("\r\n", "\n").strip() for name in before}
    changed = {name for name in before if given[name] != before[name].strip()}
    found = copy.deepcopy(dict(old))
    for name, key in (("policy", "id"), ("issuer", "issuer"), ("recorded_at", "recorded_at"), ("delivery", "delivery"), ("legal_basis", "legal_basis")):
        if name in changed:
            _set(found, key, given[name])
    for names, put in _PARTS:
        if set(names) & changed:
            put(found, given, changed)
    return found


def _title(document: dict[str, Data], given: Fields, _changed: set[str]) -> None:
    document["title"] = {"zh": given["title"], **({"en": given["title_en"]} if given["title_en"] else {})}


def _document(document: dict[str, Data], given: Fields, _changed: set[str]) -> None:
    document["source"] = {**(document["source"] if isinstance(document.get("source"), dict) else {}), "document": given["document"]}


def _in_force(document: dict[str, Data], given: Fields, _changed: set[str]) -> None:
    document["in_force"] = {"from": given["start"], **({"to": given["end"]} if given["end"] else {})}


def _review(document: dict[str, Data], given: Fields, _changed: set[str]) -> None:
    _set(document, "fair_competition_review", {name: given[f"review_{name}"] for name in ("status", "date", "record") if given[f"review_{name}"]})


def _exclusive(document: dict[str, Data], given: Fields, _changed: set[str]) -> None:
    _set(document, "exclusive_with", [part for part in re.split(r"[、，,\s]+", given["exclusive_with"]) if part])


def _set(document: dict[str, Data], key: str, value: Data) -> None:
    """A part that says nothing is left out."""
    if value:
        document[key] = value
    else:
        document.pop(key, None)


def _benefit(document: dict[str, Data], given: Fields, changed: set[str]) -> None:
    was = document["benefit"] if isinstance(document.get("benefit"), dict) else {}
    kind = given["kind"]
    of = {name: given[f"of_{name}"] for name in ("fact", "over", "agg") if given[f"of_{name}"]}
    parts: dict[str, Data] = {"kind": kind}
    if kind == "flat":
        parts["amount"] = given["amount"]
    else:
        parts["of"] = of
        parts |= {"rate": given["rate"]} if kind == "rate" else {"tiers": _tiers(given["tiers"]) if "tiers" in changed or "tiers" not in was else was["tiers"]}
        parts |= {"cap": given["cap"]} if given["cap"] else {}
    document["benefit"] = parts | ({"rounding": given["rounding"]} if given["rounding"] else {})


def _tiers(lines: str) -> list[dict[str, str]]:
    """``500万元 = 5%`` and ``100人 = 10万元``, a line each."""
    return [{"at_least": at_least, "rate" if pays.endswith(("%", "％")) or "/" in pays else "amount": pays} for at_least, pays in _pairs(lines)]


def _budget(document: dict[str, Data], given: Fields, changed: set[str]) -> None:
    was = document["budget"] if isinstance(document.get("budget"), dict) else {}
    if not any(given[name] for name in ("budget", "places", "order")):
        document.pop("budget", None)
        return
    found: dict[str, Data] = {"amount": given["budget"]}
    order = _order(given["order"]) if "order" in changed else was.get("order", [])
    found |= {"order": order} if order else {}
    found |= {"places": given["places"]} if given["places"] else {}
    document["budget"] = found | ({"when_exhausted": given["when_exhausted"]} if given["when_exhausted"] else {})


def _order(lines: str) -> list[dict[str, str]]:
    found = []
    for line in filter(str.strip, lines.split("\n")):
        parts = line.split()
        way = parts.pop() if parts[-1] in (*HIGH, *LOW) else LOW[0]
        key = dict(zip(("fact", "over", "agg"), parts, strict=False))
        found.append({**key, "desc": "true" if way in HIGH else "false"})
    return found


_PARTS: tuple[tuple[tuple[str, ...], Callable[[dict[str, Data], Fields, set[str]], None]], ...] = (
    (("title", "title_en"), _title), (("document",), _document), (("start", "end"), _in_force), (("review_status", "review_date", "review_record"), _review),
    (("exclusive_with",), _exclusive), (("kind", "amount", "of_fact", "of_over", "of_agg", "rate", "tiers", "cap", "rounding"), _benefit),
    (("budget", "places", "order", "when_exhausted"), _budget))
"""The fields that make one part of a document together, and what writes it."""


# ── examples ─────────────────────────────────────────────────────────────────
def example_fields(example: Mapping[str, Data]) -> Fields:
    """A worked example as fields: its facts a line each, ``fact = value`` or ``fact period = value``."""
    facts, clauses = example.get("facts"), example.get("expect", {})
    lines: list[str] = []
    for name, value in (facts.items() if isinstance(facts, Mapping) else ()):
        if isinstance(value, Mapping):
            lines += [f"{name} {period} = {part}" for period, parts in value.items() for part in (parts if isinstance(parts, list) else [parts])]
        else:
            lines.append(f"{name} = {value}")
    told = clauses.get("clauses") if isinstance(clauses, Mapping) else None
    return {"name": _text(example, "name"), "as_of": _text(example, "as_of"), "facts": "\n".join(lines), "status": _text(example, "expect", "status"),
            "amount": _text(example, "expect", "amount"), "clauses": "\n".join(f"{key} = {value}" for key, value in (told or {}).items())}


def example_of(fields: Mapping[str, str], old: Mapping[str, Data] | None = None) -> dict[str, Data]:
    r"""The worked example that fields say.

    >>> example_of({"name": "甲", "as_of": "2026-06-30", "facts": "a.b = 1\nc.d 2025-03 = 5万元", "status": "eligible", "amount": "", "clauses": ""})["facts"]
    {'a.b': '1', 'c.d': {'2025-03': '5万元'}}
    """
    given = {name: str(fields.get(name, "") or "").replace("\r\n", "\n").strip() for name in ("name", "as_of", "facts", "status", "amount", "clauses")}
    if old is not None and given == example_fields(old):
        return dict(old)
    before = old.get("expect") if old is not None else None
    kept = {key: value for key, value in before.items() if key not in ("status", "amount", "clauses")} if isinstance(before, Mapping) else {}
    expect: dict[str, Data] = {"status": given["status"], **({"amount": given["amount"]} if given["amount"] else {}), **kept}
    told = dict(_pairs(given["clauses"]))
    return {"name": given["name"], "as_of": given["as_of"], "facts": _facts(given["facts"]), "expect": {**expect, **({"clauses": told} if told else {})}}


def _pairs(lines: str) -> list[tuple[str, str]]:
    found = []
    for line in filter(str.strip, lines.split("\n")):
        key, _sign, value = line.partition("=")
        found.append((key.strip(), value.strip()))
    return found


def _facts(lines: str) -> dict[str, Data]:
    found: dict[str, Data] = {}
    for key, value in _pairs(lines):
        name, _space, period = key.partition(" ")
        if not period:
            found[name] = value
            continue
        periods = found.setdefault(name, {})
        if isinstance(periods, dict):
            at = period.strip()
            periods[at] = value if at not in periods else [*(periods[at] if isinstance(periods[at], list) else [periods[at]]), value]
    return found
