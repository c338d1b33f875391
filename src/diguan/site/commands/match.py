"""``diguan match``: who is entitled, who is not, whose facts are missing, and how much money."""

from __future__ import annotations

import argparse
import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from diguan.kernel import money
from diguan.kernel.rules import runfile, tree
from diguan.kernel.rules.dataset import Dataset
from diguan.site.commands import given, shared

KEYS = ("id", "version", "eligible", "ineligible", "unknown", "near_miss", "amount_fen", "amount_unknown")


@dataclass(frozen=True)
class Answer:
    """A run's name, its totals by policy, and how many enterprises were judged (0: not counted)."""

    as_of: str
    run: str
    totals: Sequence[Mapping[str, Any]]


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("match", help="比对企业与政策 / match enterprises with policies")
    given.add_data(parser)
    parser.add_argument("--out", type=Path, help="结果文件夹 / result folder")
    parser.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb")
    parser.add_argument("--master", help="Spark 的主机地址，缺省 local[2] / Spark's master, local[2] by default")


def run(args: argparse.Namespace) -> int:
    """Match and print the totals."""
    try:
        with _face(args) as face:
            answer = _folder(args, face) if args.data else _database(args, face)
    except runfile.AmountTooLarge as error:
        raise shared.refuse(f"金额太大，存不下：{error}", f"the amount is too large to store: {error}") from error
    lines = [{key: total[key] for key in KEYS} for total in answer.totals]
    if args.json:
        shared.show({"as_of": answer.as_of, "engine": args.engine, "run": answer.run, "policies": lines})
        return 0
    print(f"按 {answer.as_of} 判断，运行号 {answer.run[:12]} / judged on {answer.as_of}, run {answer.run[:12]}")
    for line in lines:
        print(f"{line['id']}：可享 {line['eligible']}，待补信息 {line['unknown']}，不适用 {line['ineligible']}（其中差一步 {line['near_miss']}），"
              f"确定金额 {money.words(line['amount_fen'])}")
    return 0


@contextlib.contextmanager
def _face(args: argparse.Namespace) -> Iterator[runfile.Face | None]:
    """What judges; None for DuckDB."""
    if args.engine != "spark":
        if args.master:
            raise shared.refuse("--master 只和 --engine spark 一起用", "--master goes with --engine spark only")
        yield None
        return
    from diguan.kernel.rules import spark

    try:
        yield spark.face(args.master or spark.MASTER)
    except spark.Unusable as error:
        raise shared.BadInput([error.message]) from error


def _folder(args: argparse.Namespace, face: runfile.Face | None) -> Answer:
    """The engine alone, on a data folder."""
    data = given.dataset(args.data)
    return _judged(args, given.policies(args.policies, data.catalogue), data, args.known_at, face)


def _database(args: argparse.Namespace, face: runfile.Face | None) -> Answer:
    """What the county knows: the very run of the pages; with other policies a trial that is not kept.

    A run that is there already is not judged again, whichever engine judged it: the bytes are the same.
    """
    shared.open_database()
    from diguan.enterprises.actions.told import delivered
    from diguan.kernel import packs
    from diguan.kernel.facts import store
    from diguan.policies import actions, queries

    known_at = given.instant(args.known_at)
    with shared.refusals():
        by = shared.acting(args.by, actions.RUN)
        if args.policies:
            told = delivered(by=by, as_of=given.as_of(args), known_at=known_at)
            data = store.open_batches(told, packs.catalogue())
            return _judged(args, given.policies(args.policies, data.catalogue), data, args.known_at, face)
        given.tell(queries.library().problems)
        found = actions.run_match(by=by, as_of=args.as_of, known_at=known_at, face=face)
    document = json.loads((found.folder / "run.json").read_text("utf-8"))
    if args.out:
        shared.write(args.out, lambda: runfile.copy(found.folder, args.out))
    return Answer(found.as_of.isoformat(), found.run_id, document["totals"])


def _judged(args: argparse.Namespace, policies: Sequence[tree.Policy], data: Dataset, known_at: str | None, face: runfile.Face | None) -> Answer:
    as_of = given.as_of(args)
    outcome = runfile.match(policies, given.with_standards(data, policies, as_of), as_of, known_at, face=face)
    if args.out:
        shared.write(args.out, lambda: runfile.write(outcome, args.out))
    return Answer(as_of.isoformat(), outcome.run_id, [asdict(total) for total in outcome.totals])
