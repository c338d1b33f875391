"""The firms of ``regio.py`` that look for suppliers: ours, and DuckDB's join on the same rows.

Each firm offers at two nodes and needs at four, a node drawn evenly or by Zipf's law. The score is made of quotients, products and a root, so ours and the
database's must be the same numbers to the last bit, in the same order.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import record

from diguan.chains.engine.pairing import NONE, Kilometres, Needs, Offers, shortlists

MOST, HALF = 10, 20.0
SCORED = f"""WITH pairs AS (
    SELECT n.row AS need, o.row AS offer, o.firm, least(o.amount / n.amount, 1.0) * ({HALF} / (sqrt((n.east - o.east) * (n.east - o.east) + (n.north - o.north) * (n.north - o.north)) + {HALF})) AS score
    FROM needs n JOIN offers o ON n.node = o.node WHERE n.firm <> o.firm)
"""
RANKED = SCORED + f"SELECT need, offer, score FROM pairs WHERE score > 0 QUALIFY row_number() OVER (PARTITION BY need ORDER BY score DESC, firm) <= {MOST}"
HEAPED = SCORED + f"SELECT need, max_by(offer, score, {MOST}) AS offers, max(score, {MOST}) AS scores FROM pairs GROUP BY need"
"""A heap a need: DuckDB's quickest way; equal scores come in any order, so it is timed and not compared."""


def world(firms: int, zipf: float, nodes: int) -> tuple[Offers, Needs, Kilometres]:
    """Offers, needs and places of a county of 60 by 60 km."""
    draw = np.random.default_rng(20261127)
    popular = np.arange(1, nodes + 1) ** -zipf

    def edges(count: int) -> tuple[Any, Any, Any]:
        told = np.unique(np.stack([draw.integers(0, firms, count), draw.choice(nodes, count, p=popular / popular.sum())], axis=1), axis=0)
        return told[:, 0].copy(), told[:, 1].copy(), np.round(draw.lognormal(3, 1, len(told)), 2)

    return Offers(*edges(firms * 2)), Needs(*edges(firms * 4)), Kilometres(draw.random(firms) * 60, draw.random(firms) * 60, HALF)


def ours(folder: Path, firms: int, zipf: float, nodes: int) -> dict[str, Any]:
    """All shortlists in this process; they are left in the folder."""
    offers, needs, near = world(firms, zipf, nodes)
    before = record.peak(reset=True)
    cpu, begun = time.process_time(), time.perf_counter()
    found = shortlists(offers, needs, near, MOST)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    most = record.peak()
    np.savez(folder / "lists.npz", offer=found.offer, score=found.score)
    return {"offers": len(offers), "needs": len(needs), "pairs": found.pairs, "listed": int((found.offer != NONE).sum()), "seconds": round(seconds, 3), "cpu_seconds": round(cpu, 3),
            "million_pairs_a_second": round(found.pairs / seconds / 1e6, 1), "peak_mib": round(most), "data_mib": round(before)}


def joined(folder: Path, firms: int, zipf: float, nodes: int) -> dict[str, Any]:
    """The same by DuckDB, on both processors: a heap a need is timed; ranks, whose order is certain, are timed and compared."""
    offers, needs, near = world(firms, zipf, nodes)
    tables = {name: pa.table({"row": np.arange(len(each)), "firm": each.firm, "node": each.node, "amount": each.amount, "east": near.east[each.firm], "north": near.north[each.firm]})
              for name, each in (("offers", offers), ("needs", needs))}
    with duckdb.connect(config={"threads": 2, "memory_limit": "10GB", "temp_directory": str(folder / "spill")}) as connection:
        for name, table in tables.items():
            connection.register(f"{name}_arrow", table)
            connection.execute(f"CREATE TABLE {name} AS FROM {name}_arrow")
        before = record.peak(reset=True)
        heap, begun = time.process_time(), time.perf_counter()
        connection.execute(HEAPED).to_arrow_table()
        seconds, heap = time.perf_counter() - begun, time.process_time() - heap
        most = record.peak()
        cpu, begun = time.process_time(), time.perf_counter()
        rows = connection.execute(RANKED).to_arrow_table().sort_by([("need", "ascending"), ("score", "descending")])
        ranked, cpu = time.perf_counter() - begun, time.process_time() - cpu
    return {"seconds": round(seconds, 3), "cpu_seconds": round(heap, 3), "ranked_seconds": round(ranked, 3), "ranked_cpu_seconds": round(cpu, 3), "peak_mib": round(most), "data_mib": round(before), **_same(folder, rows)}


def _same(folder: Path, rows: pa.Table) -> dict[str, Any]:
    mine = np.load(folder / "lists.npz")
    listed = mine["offer"] != NONE
    need, place = np.nonzero(listed)
    theirs = {name: rows[name].to_numpy() for name in ("need", "offer", "score")}
    if len(need) != len(theirs["need"]):
        return {"compared": len(need), "same": False, "listed": len(theirs["need"])}
    # Offers are in order of firm, so equal scores go to the smaller row in both.
    order = np.lexsort((theirs["offer"], -theirs["score"], theirs["need"]))
    same = {name: bool(np.array_equal(values, theirs[name][order])) for name, values in (("need", need), ("offer", mine["offer"][listed]), ("score", mine["score"][need, place]))}
    return {"compared": len(need), "same": all(same.values())}


def transport(folder: Path, suppliers: int, buyers: int) -> dict[str, Any]:
    """How much goes from whom to whom at one node: the exact transport problem by HiGHS, over every pair and over the shortlists alone."""
    from diguan.chains.engine import sourcing  # only here: it takes half a second to import

    draw = np.random.default_rng(suppliers)
    firms = suppliers + buyers
    offers = Offers(np.arange(suppliers), np.zeros(suppliers, dtype=int), np.round(draw.lognormal(3, 1, suppliers), 2))
    needs = Needs(np.arange(suppliers, firms), np.zeros(buyers, dtype=int), np.round(draw.lognormal(2.3, 1, buyers), 2))
    near = Kilometres(draw.random(firms) * 60, draw.random(firms) * 60, HALF)
    cost = 1 / near(needs.firm[None, :], offers.firm[:, None]) - 1
    found: dict[str, Any] = {"suppliers": suppliers, "buyers": buyers}
    need, offer = shortlists(offers, needs, near, MOST).rows()
    allowed = np.zeros(cost.shape, dtype=bool)
    allowed[offer, need] = True
    for name, pairs in (("every_pair", None), ("shortlists", allowed)):
        begun = time.perf_counter()
        solved = sourcing.match(offers.amount, needs.amount, cost, pairs)
        found[name] = {"pairs": cost.size if pairs is None else int(pairs.sum()), "seconds": round(time.perf_counter() - begun, 3), "met": round(solved.met, 2), "cost": round(solved.cost, 2), "gap": solved.gap}
    return found
