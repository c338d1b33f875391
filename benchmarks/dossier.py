"""One enterprise under 200 policies with explanation: ``python benchmarks/dossier.py [--demo FOLDER] [--firms 300] [--county 50000]``.

Evaluated: the firm's facts are at hand, nothing has been read of them: verdicts, findings and amounts. Warm: the same
and explained. Cold: nothing of that firm is in the process, which has answered others before: batches and coverage
asked of the database, facts fetched from the projection, judged and explained. Over the full demo county and over a
county of 50,000 firms, one firm after the other, in a process set up as one that serves pages. The 200 policies are the
shipped ones with other thresholds. Writes ``results/dossier.json``.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import itertools
import json
import random
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import installation
import record

POLICIES, MOST_EVALUATED, MOST_COLD = 200, 5.0, 50.0
WARM_UP = 20


def library() -> list[Any]:
    """The shipped policies, again and again with every number in a condition a little higher."""
    from diguan.policies import queries

    shipped = [policy for _id, policy in sorted(queries.library().policies.items())]
    return [shipped[at % len(shipped)] if at < len(shipped) else _varied(shipped[at % len(shipped)], at // len(shipped)) for at in range(POLICIES)]


def _varied(policy: Any, turn: int) -> Any:
    clauses = tuple(dataclasses.replace(clause, condition=_higher(clause.condition, Fraction(100 + turn, 100))) for clause in policy.clauses)
    return dataclasses.replace(policy, id=f"{policy.id}-{turn}", clauses=clauses)


def _higher(condition: Any, by: Fraction) -> Any:
    from diguan.kernel.rules import tree

    if isinstance(condition, tree.Compare):
        return dataclasses.replace(condition, values=tuple(value * by if isinstance(value, Fraction) else value for value in condition.values))
    of = _higher(condition.of, by) if isinstance(condition, tree.Not) else tuple(_higher(part, by) for part in condition.of)
    return type(condition)(of)


def measure(data: Path, made: int, firms: int) -> dict[str, Any]:
    """Milliseconds of ``firms`` enterprises drawn at random; ``made`` 0 takes the folder as it is."""
    installation.start(data)
    county = installation.county(made, 46, 4) if made else {}
    from diguan.enterprises.models import Enterprise
    from diguan.kernel import packs
    from diguan.kernel.facts import runs, series, store
    from diguan.kernel.rules import explain, scalar, standards
    from diguan.policies import queries
    from diguan.site import wsgi  # noqa: F401 (makes this process one that serves pages)
    from diguan.site.demo import accounts

    run, policies, officer = queries.current_run(), library(), accounts.person("officer")
    assert run is not None
    assert officer is not None
    codes = list(Enterprise.objects.order_by("uscc").values_list("uscc", flat=True))
    drawn = random.Random(3).sample(codes, min(len(codes), firms + WARM_UP))

    def fetched(uscc: str) -> Any:
        told = store.open_batches(runs.told(run), packs.catalogue(), only=[uscc])
        return standards.for_policies(told, policies, run.as_of).subject_facts(uscc)

    def judged(facts: Any) -> list[Any]:
        return [scalar.judge(policy, facts, run.as_of) for policy in policies]

    def explained(facts: Any) -> list[Any]:
        return [explain.explain(policy, facts, run.as_of) for policy in policies]

    times: dict[str, list[float]] = {"facts_alone": [], "cold": [], "evaluated": [], "warm": []}
    told = hashlib.sha256()
    for at, uscc in enumerate(drawn):
        begun = time.perf_counter()
        facts = fetched(uscc)
        fetching = time.perf_counter() - begun
        said = explained(facts)
        spent = {"facts_alone": fetching, "cold": time.perf_counter() - begun}
        spent |= {name: _seconds(work, dataclasses.replace(facts)) for name, work in (("evaluated", judged), ("warm", explained))}  # nothing read yet
        if at >= WARM_UP:
            for name, seconds in spent.items():
                times[name].append(seconds)
            told.update(json.dumps(said, ensure_ascii=False, sort_keys=True).encode())
    pages = _timed(lambda row: queries.entitlements(officer, row), list(Enterprise.objects.filter(uscc__in=drawn[WARM_UP:])))
    dossiers = _timed(lambda uscc: series.everything_of(officer, uscc), drawn[WARM_UP:])
    return {"firms_in_the_county": len(codes), **county, "batches": len(run.inputs["data"]), "policies": len(policies), "clauses": sum(len(policy.clauses) for policy in policies),
            **{name: record.percentiles(seconds) for name, seconds in times.items()}, "entitlements_as_shipped": pages, "facts_of_a_dossier": dossiers,
            "same_as_the_match": _same(run, queries, codes, fetched, drawn[:200]), "digest": told.hexdigest()}


def _timed(work: Callable[[Any], Any], given: list[Any]) -> dict[str, float]:
    return record.percentiles([_seconds(work, one) for one in given])


def _seconds(work: Callable[[Any], Any], one: Any) -> float:
    begun = time.perf_counter()
    work(one)
    return time.perf_counter() - begun


def _same(run: Any, queries: Any, codes: list[str], fetched: Callable[[str], Any], drawn: list[str]) -> bool:
    """Whether what is told of single firms is what the match over all wrote, under the shipped policies."""
    import pyarrow.parquet as pq

    from diguan.kernel.rules import scalar, tree

    wanted = pq.read_table(run.folder / "match.parquet", filters=[("enterprise_id", "in", sorted(drawn))], columns=["policy_id", "enterprise_id", "status", "code", "amount_fen"])
    written = {(row["policy_id"], row["enterprise_id"]): (row["status"], row["code"], row["amount_fen"]) for row in wanted.to_pylist()}
    found, facts = {}, {uscc: fetched(uscc) for uscc in drawn}
    for uscc, policy in itertools.product(drawn, queries.library().policies.values()):
        if policy.in_force(run.as_of) and run.inputs["policies"].get(policy.id) == policy.digest:
            verdict = scalar.judge(policy, facts[uscc], run.as_of)
            if verdict.status != tree.INELIGIBLE or (verdict.n_false == 1 and not verdict.n_unknown):
                found[policy.id, uscc] = (verdict.status, verdict.code, verdict.amount_fen)
    return {key: value for key, value in written.items() if run.inputs["policies"][key[0]] in {policy.digest for policy in queries.library().policies.values()}} == found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--demo", type=Path, help="a folder with the demo county; made aside where none is given")
    parser.add_argument("--firms", type=int, default=300, help="firms that are asked for")
    parser.add_argument("--county", type=int, default=50_000, help="firms of the larger county; 0 leaves it out")
    parser.add_argument("--only-county", action="store_true", help="leave the demo county out")
    parser.add_argument("--results", type=Path, default=record.RESULTS, help="folder of the result file")
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(Path(given.measure[0]), int(given.measure[1]), int(given.measure[2])), ensure_ascii=False))
        return 0
    found = {}
    with tempfile.TemporaryDirectory(prefix="diguan-bench-") as folder:
        if not given.only_county:
            found["demo"] = record.child(__file__, "--measure", given.demo or installation.demo(Path(folder) / "demo"), 0, given.firms)
        if given.county:
            found["large"] = record.child(__file__, "--measure", Path(folder) / "large", given.county, given.firms)
    for name, line in found.items():
        print(f"{name:>6}: {line['firms_in_the_county']} firms; {line['policies']} policies evaluated p95 {line['evaluated']['p95_ms']} ms, explained too {line['warm']['p95_ms']} ms; cold p95 {line['cold']['p95_ms']} ms, of it facts {line['facts_alone']['p95_ms']} ms; "
              f"{'as the match' if line['same_as_the_match'] else 'DIFFERENT from the match'}", flush=True)
    goals = [record.goal(f"evaluated, p95 over {line['firms_in_the_county']} firms, ms", line["evaluated"]["p95_ms"], MOST_EVALUATED) for line in found.values()]
    goals += [record.goal(f"evaluated and explained, p95 over {line['firms_in_the_county']} firms, ms", line["warm"]["p95_ms"], MOST_EVALUATED) for line in found.values()]
    goals += [record.goal(f"cold with facts fetched, p95 over {line['firms_in_the_county']} firms, ms", line["cold"]["p95_ms"], MOST_COLD) for line in found.values()]
    record.write("dossier", goals, given.results, counties=found)
    return 0 if all(line["same_as_the_match"] for line in found.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
