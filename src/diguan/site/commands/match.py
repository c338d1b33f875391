"""``diguan match``: who is entitled, who is not, whose facts are missing, and how much money."""

from __future__ import annotations

import argparse
from pathlib import Path

from diguan.kernel.rules import runfile
from diguan.site.commands import shared


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("match", help="比对企业与政策 / match enterprises with policies")
    shared.add_data(parser)
    parser.add_argument("--known-at", type=shared.moment, help="所知截至 / last delivery counted")
    parser.add_argument("--out", type=Path, help="结果文件夹 / result folder")
    parser.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb")


def run(args: argparse.Namespace) -> int:
    """Match and print the totals."""
    if args.engine == "spark":
        raise shared.refuse("这个版本没有带 Spark，请用 --engine duckdb", "this version comes without Spark, use --engine duckdb")
    data = shared.dataset(args.data)
    try:
        outcome = runfile.match(shared.policies(args.policies, data.catalogue), data, shared.as_of(args), args.known_at)
    except runfile.AmountTooLarge as error:
        raise shared.refuse(f"金额太大，存不下：{error}", f"the amount is too large to store: {error}") from error
    if args.out:
        try:
            runfile.write(outcome, args.out)
        except OSError as error:
            raise shared.refuse(f"结果写不到 {args.out}：{error.strerror}", f"cannot write the result to {args.out}: {error.strerror}") from error
    keys = ("id", "version", "eligible", "ineligible", "unknown", "near_miss", "amount_fen", "amount_unknown")
    lines = [{key: getattr(total, key) for key in keys} for total in outcome.totals]
    if args.json:
        shared.show({"as_of": shared.as_of(args).isoformat(), "engine": args.engine, "run": outcome.run_id, "policies": lines})
        return 0
    print(f"按 {shared.as_of(args)} 判断，企业 {len(data.ids)} 户，批次 {outcome.run_id[:12]}")
    for line in lines:
        print(f"{line['id']}：可享 {line['eligible']}，差一步 {line['near_miss']}，待补信息 {line['unknown']}，"
              f"不适用 {line['ineligible']}，确定金额 {line['amount_fen'] / 100:,.2f} 元")
    return 0
