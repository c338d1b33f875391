"""The peer in plain Python: one firm after the other, one policy after the other, as one writes it without a library.

``python peer_loop.py FOLDER COUNT`` judges the first ``COUNT`` firms of a folder of ``peer_plan.py`` and writes ``loop.json``.
0 is true, 1 false, 2 unknown.
"""

from __future__ import annotations

import json
import operator
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

OPS = {">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt}
Rows = dict[int, list[tuple[int, "int | None"]]]


def read(folder: Path, count: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[Rows]]:
    """Policies, attributes and dated rows of the first firms."""
    plan = json.loads((folder / "plan.json").read_text("utf-8"))
    firms = pq.read_table(folder / "firms.parquet").slice(0, count).to_pylist()
    told: list[Rows] = [{} for _ in firms]
    table = pq.read_table(folder / "rows.parquet", filters=[("ent", "<", count)])
    for ent, fact, period, num in zip(*(table[name].to_pylist() for name in ("ent", "fact", "period", "num")), strict=True):
        told[ent].setdefault(fact, []).append((period, num))
    return plan["policies"], firms, told


def inside(of: dict[str, Any], rows: Rows) -> list[int]:
    """The values in a window."""
    return [num for period, num in rows.get(of["fact"], ()) if num is not None and of["first"] <= period <= of["last"]]


def covered(of: dict[str, Any], rows: Rows) -> bool:
    """Whether every period of a window is told, by a delivery or by the firm."""
    return of["gaps"] is not None and {period for period, _ in rows.get(of["fact"], ())}.issuperset(of["gaps"])


def attribute(leaf: dict[str, Any], firm: dict[str, Any]) -> int:
    value, values, op = firm[leaf["fact"]], leaf["values"], leaf["op"]
    if value is None:
        return 1 if leaf["always"] else 2
    if op == "starts_with":
        return 0 if value.startswith(tuple(values)) else 1
    if op == "between":
        return 0 if values[0] <= value <= values[1] else 1
    if op == "!=":
        return 0 if value != values[0] else 1
    return 0 if (value <= values[0] if op == "<=" else value in values) else 1


def total(leaf: dict[str, Any], rows: Rows) -> int:
    of, agg, limit = leaf["of"], leaf["agg"], leaf["limit"]
    if agg == "latest":
        last = max((row for row in rows.get(of["fact"], ()) if of["first"] <= row[0] <= of["last"]), key=operator.itemgetter(0), default=(0, None))[1]
        return 0 if last is not None and last >= limit else 1
    found = inside(of, rows)
    whole = covered(of, rows)
    if agg == "max":
        return 0 if max(found, default=-1) >= limit else 1 if whole else 2
    if agg == "min":
        return 1 if found and min(found) <= limit else 2 if not whole else 0 if found else 1
    holds = OPS[leaf["op"]](len(found) if agg == "count" else sum(found), limit)
    if whole:
        return 0 if holds else 1
    if leaf["signed"]:
        return 2
    return (2 if holds else 1) if leaf["op"] == "<=" else (0 if holds else 2)


def one(leaf: dict[str, Any], firm: dict[str, Any], rows: Rows) -> int:
    """One comparison."""
    kind = leaf["kind"]
    if kind == "attribute":
        return attribute(leaf, firm)
    if kind == "total":
        return total(leaf, rows)
    if kind == "exists":
        return 0 if inside(leaf["of"], rows) else 1 if covered(leaf["of"], rows) else 2
    if kind == "growth":
        now, before = sum(inside(leaf["now"], rows)), sum(inside(leaf["before"], rows))
        return 0 if before > 0 and (now - before) * 100 >= before * leaf["percent"] else 1
    a, b = sum(inside(leaf["a"], rows)), sum(inside(leaf["b"], rows))
    known = covered(leaf["b"], rows)
    if known and b <= 0:
        return 1
    if not known or not covered(leaf["a"], rows):
        return 2
    return 0 if a * leaf["den"] >= b * leaf["num"] else 1


def clause(of: dict[str, Any], firm: dict[str, Any], rows: Rows) -> int:
    found = [one(leaf, firm, rows) for leaf in of["leaves"]]
    letter = found[0]
    if of["how"] == "any":
        letter = 0 if 0 in found else 2 if 2 in found else 1
    elif of["how"] == "not":
        letter = (1, 0, 2)[letter]
    return 1 if of["fail"] and letter == 2 else letter


def amount(pays: dict[str, Any], rows: Rows) -> int | None:
    """Fen, whole yuan of them; None where the base is not known."""
    if pays["kind"] == "flat":
        return int(pays["fen"])
    if not covered(pays["of"], rows):
        return None
    base = sum(inside(pays["of"], rows))
    if pays["kind"] == "rate":
        return int(min(base * pays["num"] // pays["den"] * 100, pays["cap"]))
    return next((fen for least, fen in reversed(pays["steps"]) if base >= least), 0)


def judge(policies: list[dict[str, Any]], firms: list[dict[str, Any]], told: list[Rows]) -> list[tuple[int, int, int, int | None]]:
    """Policy, firm, code and fen of every pair without a false clause, and the code alone of all others."""
    found = []
    for ent, (firm, rows) in enumerate(zip(firms, told, strict=True)):
        for at, policy in enumerate(policies):
            letters = [clause(each, firm, rows) for each in policy["clauses"]]
            code = sum(letter << 2 * place for place, letter in enumerate(letters))
            found.append((at, ent, code, None if 1 in letters else amount(policy["pays"], rows)))
    return found


def main() -> int:
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    policies, firms, told = read(folder, count)
    cpu, wall = time.process_time(), time.perf_counter()
    found = judge(policies, firms, told)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    (folder / "loop.json").write_text(json.dumps(found), "utf-8")
    print(json.dumps({"firms": count, "cpu_seconds": round(cpu, 4), "seconds": round(wall, 4)}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
