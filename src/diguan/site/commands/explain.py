"""``diguan explain``: one enterprise under one policy, clause by clause."""

from __future__ import annotations

import argparse
import difflib

from diguan.kernel.rules import explain as explaining
from diguan.site.commands import shared


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("explain", help="逐条说明 / explain clause by clause")
    parser.add_argument("uscc")
    parser.add_argument("policy")
    shared.add_data(parser)


def run(args: argparse.Namespace) -> int:
    """Explain and print."""
    data = shared.dataset(args.data)
    found = {policy.id: policy for policy in shared.policies(args.policies, data.catalogue)}
    if args.policy not in found:
        near = difflib.get_close_matches(args.policy, found, n=1)
        raise shared.refuse(f"没有政策 {args.policy}，最近的是 {near or sorted(found)}", f"no policy {args.policy}, nearest {near or sorted(found)}")
    if data.number_of(args.uscc) is None:
        near = difflib.get_close_matches(args.uscc, data.ids, n=1)
        raise shared.refuse(f"数据里没有企业 {args.uscc}，最近的是 {near}", f"no enterprise {args.uscc} in the data, nearest {near}")
    answer = explaining.explain(found[args.policy], data.subject_facts(args.uscc), shared.as_of(args))
    if args.json:
        shared.show(answer)
        return 0
    print(f"{args.uscc} {found[args.policy].label()}：{answer['status']}，金额（分）{answer['amount_fen']}")
    for clause in answer["clauses"]:
        print(f"  {clause['id']}：{clause['verdict']}，现有 {clause['observed']}，需 {clause['threshold']}，差 {clause['gap']} {clause['unit'] or ''}"
              f"（{clause['cite']['article']} {clause['cite']['quote']}）")
    if answer["ask"]:
        print("要补的事实：" + "、".join(answer["ask"]))
    return 0
