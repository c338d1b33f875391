"""Runs the conformance cases through a command line: ``python conformance/run.py [--command "diguan explain"] [FILE …]``.

For every case and policy the command is called as ``COMMAND CASE POLICY --data DIR --policies DIR --as-of DAY --json`` and its
answer is held against the case. With ``--match "diguan match --engine spark"`` a command that judges everybody at once is called
a time for each file, and its totals and its ``match.parquet`` are. Exits 1 where an answer differs. Another implementation gives
its own command, or reads the YAML itself: see README.md. Nothing here imports the engine.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

CASES = Path(__file__).resolve().parent / "cases"
NOT_IN_FORCE = "not_in_force"
STATUS = {"ineligible": 0, "eligible": 1, "unknown": 2}
DIGITS = {"true": 0, "false": 1, "unknown": 2}
Family = Mapping[str, Any]


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Plain(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    def ignore_aliases(self, data: object) -> bool:
        return True


def families(paths: Iterable[Path] = ()) -> dict[str, Family]:
    """The case files by name."""
    return {path.stem: yaml.load(path.read_text("utf-8"), _Loader) for path in (list(paths) or sorted(CASES.glob("*.yaml")))}  # noqa: S506 - either of the two safe loaders


def number_of(at: int) -> str:
    """What the case at a place is called in the data folder."""
    return f"CASE{at + 1:02d}"


def write(family: Family, folder: Path) -> None:
    """The family as a data folder (``enterprises``, ``facts``, ``coverage``, ``catalogue``) with its ``policies``."""
    facts, cases = family["facts"], family["cases"]
    attributes = [name for name, spec in facts.items() if spec["period"] == "none"]
    _table(folder / "catalogue.csv", ["fact", "type", "unit", "period", "non_negative"],
           [[name, spec["type"], spec.get("unit", ""), spec["period"], "true" if spec.get("non_negative") else ""] for name, spec in facts.items()])
    _table(folder / "coverage.csv", ["fact", "period"], [[name, period] for name, periods in family["coverage"].items() for period in periods])
    _table(folder / "enterprises.csv", ["uscc", *(name.rpartition(".")[2] for name in attributes)],
           [[number_of(at), *(_cell(case["facts"].get(name, "")) for name in attributes)] for at, case in enumerate(cases)])
    _table(folder / "facts.csv", ["uscc", "fact", "period", "value", "state"],
           [[number_of(at), *row] for at, case in enumerate(cases) for name in case["facts"] if name not in attributes for row in _rows(name, case["facts"][name])])
    (folder / "policies/sources").mkdir(parents=True)
    for name in family["policies"]:
        _policy(policy(family, name), folder / "policies")


def _rows(fact: str, told: Mapping[str, Any]) -> Iterator[list[str]]:
    for period, values in told.items():
        for value in values if isinstance(values, list) else [values]:
            yield [fact, str(period), *(("", "absent") if value == "absent" else (_cell(value), "value"))]


def _cell(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _table(path: Path, head: list[str], rows: list[list[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([head, *rows])


def policy(family: Family, name: str) -> dict[str, Any]:
    """One policy with the defaults of its file: what an implementation judges by."""
    return {"id": name, **family["defaults"], **family["policies"][name]}


def _policy(document: dict[str, Any], folder: Path) -> None:
    """The document with what the semantics do not need: a title, a source that holds its quotes, examples that expect nothing."""
    clauses = [{**clause, "cite": {"article": f"第{at}条", "quote": f"第{at}条，须予满足。"}} for at, clause in enumerate(document["clauses"], 1)]
    text = "".join(clause["cite"]["quote"] + "\n" for clause in clauses).encode()
    (folder / f"sources/{document['id']}.txt").write_bytes(text)
    source = {"document": "conformance", "file": f"sources/{document['id']}.txt", "sha256": hashlib.sha256(text).hexdigest()}
    example = {"as_of": "2026-06-30", "facts": {}, "expect": {}}
    whole = {**document, "title": document["id"], "source": source, "clauses": clauses, "examples": [example] * 3}
    (folder / f"{document['id']}.yaml").write_text(yaml.dump(whole, Dumper=_Plain, allow_unicode=True, sort_keys=False), "utf-8")


def differences(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """Where an answer in the form of ``diguan explain --json`` is not the one a case expects."""
    verdicts = {clause["id"]: clause["verdict"] for clause in found["clauses"]}
    expected = {name: str(letter).lower() for name, letter in wanted["clauses"].items()}
    pairs = {"status": (found["status"], wanted["status"]), "clauses": (verdicts, expected), "amount_fen": (found["amount_fen"], wanted["amount_fen"]),
             "ask": (found["ask"], wanted["ask"])}
    if "gap" in wanted:
        missed = next(clause for clause in found["clauses"] if clause["verdict"] == "false")
        pairs |= {"gap": (missed["gap"], wanted["gap"]), "unit": (missed["unit"] or "", wanted["unit"])}
    return [f"{name}: expected {right!r}, found {left!r}" for name, (left, right) in pairs.items() if left != right]


def cells(family: Family) -> Iterator[tuple[int, str, Any]]:
    """Every case's number, policy and expectation."""
    for at, case in enumerate(family["cases"]):
        for name, wanted in case["expect"].items():
            yield at, name, wanted


def run(family: Family, explain: Callable[[list[str]], Mapping[str, Any]]) -> Iterator[str]:
    """What differs, asked of a command: ``explain`` takes its arguments and gives the answer."""
    with tempfile.TemporaryDirectory(prefix="conformance-") as name:
        folder = Path(name)
        write(family, folder)
        for at, policy_id, wanted in cells(family):
            if wanted == NOT_IN_FORCE:
                continue
            found = explain([number_of(at), policy_id, "--data", name, "--policies", str(folder / "policies"), "--as-of", str(family["as_of"]), "--json"])
            for line in differences(found, wanted):
                yield f"{family['family']}: {family['cases'][at]['name']}: {policy_id}: {line}"


def totals(family: Family) -> dict[str, dict[str, Any]]:
    """What a match says of each policy, summed up from the cells."""
    found: dict[str, dict[str, Any]] = {name: dict.fromkeys((*STATUS, "near_miss", "amount_fen", "amount_unknown"), 0) for name in family["policies"]}
    for _at, name, wanted in cells(family):
        if wanted != NOT_IN_FORCE:
            total, entitled = found[name], wanted["status"] == "eligible"
            total[wanted["status"]] += 1
            total["near_miss"] += "gap" in wanted
            total["amount_fen"] += wanted["amount_fen"] or 0 if entitled else 0
            total["amount_unknown"] += entitled and wanted["amount_fen"] is None
    return found


def rows(family: Family) -> dict[tuple[str, str], dict[str, Any]]:
    """The rows a match writes, by enterprise and policy: who is eligible or unknown, or has one clause that is false and none that is unknown."""
    found = {}
    for at, name, wanted in cells(family):
        verdicts = [] if wanted == NOT_IN_FORCE else [str(letter).lower() for letter in wanted["clauses"].values()]
        false, unknown = verdicts.count("false"), verdicts.count("unknown")
        if verdicts and (not false or (false == 1 and not unknown)):
            found[number_of(at), name] = {
                "status": STATUS[wanted["status"]], "code": sum(DIGITS[letter] << 2 * place for place, letter in enumerate(verdicts)), "n_false": false,
                "n_unknown": unknown, "amount_fen": wanted["amount_fen"], "amount_unknown": not false and wanted["amount_fen"] is None}
    return found


def run_match(family: Family, match: Callable[[list[str]], Mapping[str, Any]]) -> Iterator[str]:
    """What differs, asked of a command that judges everybody at once and writes ``match.parquet``."""
    import pyarrow.parquet as pq

    with tempfile.TemporaryDirectory(prefix="conformance-") as name:
        folder = Path(name)
        write(family, folder)
        answer = match(["--data", name, "--policies", str(folder / "policies"), "--as-of", str(family["as_of"]), "--out", str(folder / "out"), "--json"])
        written = pq.read_table(folder / "out/match.parquet").to_pylist()
    told = {line["id"]: line for line in answer["policies"]}
    for policy_id, wanted in totals(family).items():
        found = {key: told.get(policy_id, {}).get(key) for key in wanted}
        if found != wanted:
            yield f"{family['family']}: {policy_id}: expected {wanted!r}, found {found!r}"
    got = {(row["enterprise_id"], row["policy_id"]): row for row in written}
    expected = rows(family)
    for key in sorted(got.keys() | expected.keys()):
        row = {column: got[key].get(column) for column in next(iter(expected.values()))} if key in got else None
        if row != expected.get(key):
            yield f"{family['family']}: {' '.join(key)}: expected {expected.get(key)!r}, found {row!r}"


def main() -> int:
    """Every case through a command; prints what differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, help="case files; all of them by default")
    parser.add_argument("--command", default="diguan explain", help="judges one enterprise under one policy")
    parser.add_argument("--match", help="judges everybody under all policies, instead; needs PyArrow")
    given = parser.parse_args()

    def ask(arguments: list[str]) -> Mapping[str, Any]:
        done = subprocess.run([*shlex.split(given.match or given.command), *arguments], capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{shlex.join(arguments)}: exit {done.returncode}\n{done.stderr}")
        return dict(json.loads(done.stdout))

    found = families(given.files)
    wrong = [line for family in found.values() for line in (run_match if given.match else run)(family, ask)]
    sys.stdout.write("".join(f"{line}\n" for line in wrong) + f"{len(found)} files, {sum(len(list(cells(family))) for family in found.values())} cells, {len(wrong)} differences\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
