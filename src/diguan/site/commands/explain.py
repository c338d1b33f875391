"""``diguan explain``: one enterprise under one policy, clause by clause."""

from __future__ import annotations

import argparse
import difflib
from typing import Any

from diguan.kernel.rules import explain as explaining
from diguan.kernel.rules.dataset import Dataset
from diguan.site.commands import shared


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("explain", help="逐条说明 / explain clause by clause")
    parser.add_argument("uscc")
    parser.add_argument("policy")
    shared.add_data(parser)


def run(args: argparse.Namespace) -> int:
    """Explain and print."""
    data = shared.dataset(args.data) if args.data else _database(args)
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
    else:
        _print(args.uscc, found[args.policy].label(), answer)
    return 0


def _database(args: argparse.Namespace) -> Dataset:
    """What a match of this moment would read, for who may see what this enterprise is entitled to."""
    shared.open_database()
    from diguan.enterprises.models import Enterprise
    from diguan.kernel import access, packs
    from diguan.kernel.facts import batches, store
    from diguan.policies import actions

    with shared.refusals():
        by = shared.acting(args.by, "policies.view_entitlement", "facts.export_registry")
        access.require(by, "policies.view_entitlement")
        if (row := Enterprise.objects.filter(uscc=args.uscc).first()) is not None:
            access.require(by, "enterprises.view_enterprise", row)
        known_at = shared.instant(args.known_at)
        fresh = known_at is None and access.may(by, "facts.export_registry")
        told = actions.delivered(by=by, as_of=shared.as_of(args)) if fresh else batches.visible_batches(known_at)
        return store.open_batches(told, packs.catalogue())


def _print(uscc: str, title: str, answer: dict[str, Any]) -> None:
    print(f"{uscc} {title}：{answer['status']}，金额（分）{answer['amount_fen']}")
    for clause in answer["clauses"]:
        print(f"  {clause['id']}：{clause['verdict']}，现有 {clause['observed']}，需 {clause['threshold']}，差 {clause['gap']} {clause['unit'] or ''}"
              f"（{clause['cite']['article']} {clause['cite']['quote']}）")
    if answer["ask"]:
        print("要补的事实：" + "、".join(answer["ask"]))
