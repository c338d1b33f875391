"""zen-engine (JDM decisions in Rust): ``python peer_zen.py FOLDER COUNT`` in the peers' environment; writes ``zen.json``.

One decision holds all policies and is asked once a firm. It has no windows of time over rows, so sums, counts and coverage are worked
out for it beforehand and not counted. Null stops its arithmetic: each expression asks for it first.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import peer_loop
import zen


def name(of: dict[str, Any], what: str) -> str:
    return f"{what}_{of['fact']}_{of['first']}_{of['last']}"


def number(of: dict[str, Any], what: str, seen: dict[str, Any]) -> str:
    """An aggregate's name in the context; it is noted as asked for."""
    seen[name(of, what)] = (of, what)
    return f"f.{name(of, what)}"


def attribute(leaf: dict[str, Any]) -> str:
    column, values, op = f"f.{leaf['fact'].replace('.', '_')}", leaf["values"], leaf["op"]
    if op == "starts_with":
        test = " or ".join(f"startsWith({column}, '{value}')" for value in values)
    elif op == "between":
        test = f"{column} >= {values[0]} and {column} <= {values[1]}"
    elif op in ("!=", "<="):
        test = f"{column} {op} {values[0]!r}"
    else:
        test = f"{column} in {json.dumps(values, ensure_ascii=False)}"
    return f"({column} == null ? {1 if leaf['always'] else 2} : (({test}) ? 0 : 1))"


def total(leaf: dict[str, Any], seen: dict[str, Any]) -> str:
    of, agg, op, limit = leaf["of"], leaf["agg"], leaf["op"], leaf["limit"]
    value = number(of, {"latest": "last", "count": "n"}.get(agg, agg), seen)
    if agg == "latest":
        return f"({value} == null ? 1 : ({value} >= {limit} ? 0 : 1))"
    whole = number(of, "whole", seen)
    if agg == "max":
        return f"({value} == null ? ({whole} ? 1 : 2) : ({value} >= {limit} ? 0 : ({whole} ? 1 : 2)))"
    if agg == "min":
        return f"({value} == null ? ({whole} ? 1 : 2) : ({value} <= {limit} ? 1 : ({whole} ? 0 : 2)))"
    yes, no = (("2", "2") if leaf["signed"] else ("2", "1") if op == "<=" else ("0", "2"))
    return f"({value} {op} {limit} ? ({whole} ? 0 : {yes}) : ({whole} ? 1 : {no}))"


def one(leaf: dict[str, Any], seen: dict[str, Any]) -> str:
    kind = leaf["kind"]
    if kind == "attribute":
        return attribute(leaf)
    if kind == "total":
        return total(leaf, seen)
    if kind == "exists":
        return f"({number(leaf['of'], 'n', seen)} > 0 ? 0 : ({number(leaf['of'], 'whole', seen)} ? 1 : 2))"
    if kind == "growth":
        now, before = number(leaf["now"], "sum", seen), number(leaf["before"], "sum", seen)
        return f"({before} > 0 and ({now} - {before}) * 100 >= {before} * {leaf['percent']} ? 0 : 1)"
    a, b = number(leaf["a"], "sum", seen), number(leaf["b"], "sum", seen)
    known_a, known_b = number(leaf["a"], "whole", seen), number(leaf["b"], "whole", seen)
    return f"({known_b} and {b} <= 0 ? 1 : ({known_a} and {known_b} ? ({a} * {leaf['den']} >= {b} * {leaf['num']} ? 0 : 1) : 2))"


def clause(of: dict[str, Any], seen: dict[str, Any]) -> str:
    parts = [one(leaf, seen) for leaf in of["leaves"]]
    found = parts[0]
    if of["how"] == "any":
        found = f"(0 in [{', '.join(parts)}] ? 0 : (2 in [{', '.join(parts)}] ? 2 : 1))"
    elif of["how"] == "not":
        found = f"[1, 0, 2][{found}]"
    return f"({found} == 0 ? 0 : 1)" if of["fail"] else found


def amount(pays: dict[str, Any], seen: dict[str, Any]) -> str:
    if pays["kind"] == "flat":
        return str(pays["fen"])
    base, whole = number(pays["of"], "sum", seen), number(pays["of"], "whole", seen)
    if pays["kind"] == "rate":
        return f"{whole} ? min([floor({base} * {pays['num']} / {pays['den']}) * 100, {pays['cap']}]) : null"
    found = "0"
    for least, fen in pays["steps"]:
        found = f"({base} >= {least} ? {fen} : {found})"
    return f"{whole} ? {found} : null"


def model(policies: list[dict[str, Any]], seen: dict[str, Any]) -> dict[str, Any]:
    """The decision of all policies; ``seen`` gathers what the context must hold."""
    lines = []
    for policy in policies:
        lines += [(f"{policy['id']}_c{at}", clause(each, seen)) for at, each in enumerate(policy["clauses"])]
        lines.append((f"{policy['id']}_fen", amount(policy["pays"], seen)))
    expressions = [{"id": key, "key": key, "value": value} for key, value in lines]
    nodes = [("i", "inputNode", {}), ("e", "expressionNode", {"expressions": expressions}), ("o", "outputNode", {})]
    return {"nodes": [{"id": each, "type": kind, "name": each, "content": content} for each, kind, content in nodes],
            "edges": [{"id": a + b, "sourceId": a, "targetId": b, "type": "edge"} for a, b in ("ie", "eo")]}


def context(firm: dict[str, Any], rows: peer_loop.Rows, seen: dict[str, Any]) -> dict[str, Any]:
    """What the decision is told of one firm."""
    found = {key.replace(".", "_"): value for key, value in firm.items()}
    for key, (of, what) in seen.items():
        if what == "whole":
            found[key] = peer_loop.covered(of, rows)
        elif what == "last":
            found[key] = max((row for row in rows.get(of["fact"], ()) if of["first"] <= row[0] <= of["last"]), default=(0, None))[1]
        else:
            numbers = peer_loop.inside(of, rows)
            found[key] = {"sum": sum, "n": len, "max": lambda each: max(each, default=None), "min": lambda each: min(each, default=None)}[what](numbers)
    return {"f": found}


def main() -> int:
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    policies, firms, told = peer_loop.read(folder, count)
    seen: dict[str, Any] = {}
    decision = zen.ZenEngine().create_decision(json.dumps(model(policies, seen), ensure_ascii=False))
    asked = [context(firm, rows, seen) for firm, rows in zip(firms, told, strict=True)]
    decision.evaluate(asked[0])  # the first time it compiles
    cpu, wall = time.process_time(), time.perf_counter()
    answers = [decision.evaluate(each)["result"] for each in asked]
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    found = []
    for ent, answer in enumerate(answers):
        for at, policy in enumerate(policies):
            letters = [int(answer[f"{policy['id']}_c{place}"]) for place in range(len(policy["clauses"]))]
            fen = answer[f"{policy['id']}_fen"]
            found.append((at, ent, sum(letter << 2 * place for place, letter in enumerate(letters)), None if 1 in letters or fen is None else int(fen)))
    (folder / "zen.json").write_text(json.dumps(found), "utf-8")
    print(json.dumps({"firms": count, "cpu_seconds": round(cpu, 4), "seconds": round(wall, 4)}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
