"""Allocation over numbers in columns beside the textbook's dictionaries, on generated counties; both grant the same, claim by claim.

``python benchmarks/allocation.py [--sizes 1000 10000 100000] [--policies 50] [--most-plain 100000]`` gives every firm a
claim under a third of the policies, in groups of which it may have one, with budgets for about half of what is asked;
a tenth of the policies share, a tenth count places. Prints a table and writes ``results/allocation.json``. Both sides
start from their own form of the same claims: columns on one side, rows on the other.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import record

from diguan.policies.engine import allocation
from diguan.policies.engine.allocation import Claim, Claims, Fund
from diguan.policies.tests import plain_allocation

GROUP = 5


def county(firms: int, policies: int) -> Claims:
    """Seeded claims: amounts from 1 000 to 200 000 yuan, the size of the firm in all of them; one key, a tenth of it unknown."""
    dice = np.random.default_rng(20261031)
    firm, policy = np.nonzero(dice.random((firms, policies), dtype=np.float32) < 0.34)
    size = dice.lognormal(0, 1, firms)
    fen = np.clip(dice.lognormal(1, 0.7, len(firm)) * size[firm] * 1_000_000, 100_000, 20_000_000).astype(np.int64)
    key = np.where(dice.random(len(firm)) < 0.1, allocation.LAST, dice.integers(0, firms, len(firm)))
    order = np.lexsort((firm, policy))
    firm, policy, fen, key = firm[order], policy[order], fen[order], key[order]
    wanted = np.bincount(policy, weights=fen, minlength=policies)
    names = [f"p{at:03d}" for at in range(policies)]
    funds = tuple(Fund(name, int(wanted[at] * dice.uniform(0.1, 0.6)), prorate=at % 10 == 9,
                       excludes=frozenset(names[at // GROUP * GROUP:at // GROUP * GROUP + GROUP]) - {name},
                       places=firms // 20 if at % 10 == 4 else None) for at, name in enumerate(names))
    unknown = dice.random(len(firm)) < 0.05
    return Claims(funds, tuple(f"91430421MA{number:08d}" for number in range(firms)), firm, policy, np.where(unknown, allocation.NONE, fen),
                  dice.random(len(firm)) > 0.05, key.reshape(-1, 1), np.full(len(firm), allocation.NONE), np.ones(len(firm), dtype=np.bool_))


def rows_of(claims: Claims) -> list[Claim]:
    """The same claims as the textbook takes them."""
    columns = (claims.firm, claims.policy, claims.fen, claims.eligible, claims.keys[:, 0])
    return [Claim(claims.firms[firm], claims.funds[policy].id, None if fen == allocation.NONE else fen, eligible, (key,))
            for firm, policy, fen, eligible, key in zip(*(column.tolist() for column in columns), strict=True)]


def measure(way: str, firms: int, policies: int) -> dict[str, Any]:
    """One allocation in this process, and the digest of who gets what."""
    claims = county(firms, policies)
    rows = rows_of(claims) if way == "plain" else []
    before = record.peak(reset=True)
    cpu, wall, rounds = time.process_time(), time.perf_counter(), 0
    if way == "plain":
        granted = plain_allocation.allocate(claims.funds, rows)
    else:
        outcome = allocation.allocate(claims)
        rounds = outcome.rounds
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    if way != "plain":
        granted = {(row[0], row[1]): row[4] for row in outcome.rows() if row[2] == "granted"}
    told = json.dumps(sorted((*pair, fen) for pair, fen in granted.items())).encode()
    return {"way": way, "firms": firms, "claims": len(claims), "granted": len(granted), "granted_fen": sum(granted.values()), "rounds": rounds,
            "cpu_seconds": round(cpu, 3), "seconds": round(wall, 3), "peak_mib": round(record.peak()), "data_mib": round(before), "digest": hashlib.sha256(told).hexdigest()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--policies", type=int, default=50)
    parser.add_argument("--most-plain", type=int, default=100_000)
    parser.add_argument("--results", type=Path, default=record.RESULTS, help="folder of the result file")
    parser.add_argument("--measure", nargs=3, metavar=("WAY", "FIRMS", "POLICIES"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure[0], int(given.measure[1]), int(given.measure[2]))))
        return 0
    found, wrong = [], 0
    for firms in given.sizes:
        ours = record.child(__file__, "--measure", "columns", firms, given.policies)
        plain = record.child(__file__, "--measure", "plain", firms, given.policies) if firms <= given.most_plain else None
        same = plain is None or plain["digest"] == ours["digest"]
        wrong += not same
        ratio = plain and round(plain["cpu_seconds"] / max(ours["cpu_seconds"], 0.001), 1)
        found.append({"columns": ours, "plain": plain, "same": same, "ratio": ratio})
        print(f"{firms:>8} firms {ours['claims']:>9} claims, {ours['rounds']} rounds: columns {ours['cpu_seconds']:.2f} CPU s, {ours['peak_mib']} MiB"
              + (f"; textbook {plain['cpu_seconds']:.2f} CPU s = {ratio}×, {'same grants' if same else 'DIFFERENT'}" if plain else ""), flush=True)
    goals = [record.goal(f"CPU seconds for {found[-1]['columns']['firms']} firms under {given.policies} policies", found[-1]["columns"]["cpu_seconds"], 5.0)]
    record.write("allocation", goals, given.results, policies=given.policies, runs=found)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
