"""The fifty policies as plain data for peers in other environments: periods as place numbers, limits in storage units, gaps worked out by hand.

:func:`write` puts policies (JSON), firms and dated rows (Parquet) into a folder. A peer reads that folder and nothing of Diguan.
"""

from __future__ import annotations

import datetime as dt
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import county
import pyarrow.parquet as pq
from county import ALWAYS, Leaf, Pays
from hand_sql import BACK, FACTS, SIGNED, SPAN, Columns, span_of, stored

from diguan.kernel.rules.tree import AsOf


def write(folder: Path, count: int) -> None:
    """Everything a peer needs."""
    pq.write_table(county.attributes(count), folder / "firms.parquet")
    pq.write_table(county.rows(count), folder / "rows.parquet")
    (folder / "plan.json").write_text(json.dumps({"count": count, "facts": FACTS, "texts": county.TEXTS, "policies": policies()}, ensure_ascii=False), "utf-8")


def policies() -> list[dict[str, Any]]:
    """Every policy as dictionaries."""
    return [{"id": one.id, "pays": _pays(one.pays), "clauses": [
        {"how": clause.how, "fail": clause.fail, "leaves": [_leaf(leaf) for leaf in (clause.leaves if clause.how == "any" else clause.leaves[:1])]}
        for clause in one.clauses]} for one in county.plain()]


def _window(fact: str, over: str) -> dict[str, Any]:
    """``gaps``: the places that a firm must tell itself; None where only all of it would do and nobody did."""
    span = SPAN[over] if over == "year before" else span_of(fact, over)
    return {"fact": FACTS.index(fact), "first": span[0], "last": span[1], "gaps": None if fact == "award.won" else Columns.gaps(fact, span)}


def _leaf(leaf: Leaf) -> dict[str, Any]:
    if len(leaf.of) == 2:
        share = Fraction(leaf.limits[0])  # type: ignore[arg-type]
        return {"kind": "ratio", "a": _window(leaf.of[0], leaf.over), "b": _window(leaf.of[1], leaf.over), "num": share.numerator, "den": share.denominator}
    fact = leaf.of[0]
    if not leaf.over:
        return {"kind": "attribute", "fact": fact, "op": leaf.op, "always": fact in ALWAYS, "values": [_value(fact, limit) for limit in leaf.limits]}
    if leaf.op == "exists":
        return {"kind": "exists", "of": _window(fact, leaf.over)}
    if leaf.agg == "growth":
        return {"kind": "growth", "now": _window(fact, leaf.over), "before": _window(fact, "year before"), "percent": leaf.limits[0]}
    return {"kind": "total", "of": _window(fact, leaf.over), "agg": leaf.agg, "op": leaf.op, "limit": int(stored(fact, leaf.limits[0])), "signed": fact in SIGNED}


def _value(fact: str, limit: object) -> int | str:
    if isinstance(limit, AsOf):
        return (BACK[limit.months] - dt.date(1970, 1, 1)).days
    return limit if isinstance(limit, str) else int(stored(fact, limit))


def _pays(pays: Pays) -> dict[str, Any]:
    if pays.kind == "flat":
        return {"kind": "flat", "fen": pays.amount * 100}
    of = _window(pays.of, pays.over)
    if pays.kind == "rate":
        part = pays.rate / 100
        return {"kind": "rate", "of": of, "num": part.numerator, "den": part.denominator, "cap": pays.amount * 100}
    return {"kind": "tiers", "of": of, "steps": [[least * 100, yuan * 100] for least, yuan in pays.steps]}
