"""``diguan explain``: one enterprise under one policy, clause by clause."""

from __future__ import annotations

import argparse
import datetime as dt

from diguan.kernel import money, packs
from diguan.kernel.messages import nearest
from diguan.kernel.rules import asking, scalar, tree, words
from diguan.kernel.rules import explain as explaining
from diguan.kernel.rules.dataset import Dataset
from diguan.kernel.rules.scalar import SubjectFacts
from diguan.site.commands import given, shared


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("explain", help="逐条说明 / explain clause by clause")
    parser.add_argument("uscc")
    parser.add_argument("policy")
    given.add_data(parser)


def run(args: argparse.Namespace) -> int:
    """Explain and print."""
    data = given.dataset(args.data) if args.data else _database(args)
    found = {policy.id: policy for policy in given.policies(args.policies, data.catalogue)}
    if args.policy not in found:
        offered = nearest(args.policy, found) or ", ".join(sorted(found))
        raise shared.refuse(f"没有政策 {args.policy}，最近的是 {offered}", f"no policy {args.policy}, nearest {offered}")
    if data.number_of(args.uscc) is None:
        near = nearest(args.uscc, data.ids, 0.6)
        raise shared.refuse(f"数据里没有企业 {args.uscc}" + (f"，最近的是 {near}" if near else ""), f"no enterprise {args.uscc} in the data" + (f", nearest {near}" if near else ""))
    facts = given.with_standards(data, [found[args.policy]], given.as_of(args)).subject_facts(args.uscc)
    if args.json:
        shared.show(explaining.explain(found[args.policy], facts, given.as_of(args)))
    else:
        _print(args.uscc, found[args.policy], facts, given.as_of(args))
    return 0


def _database(args: argparse.Namespace) -> Dataset:
    """What a match of this moment would read, for who may see what this enterprise is entitled to."""
    shared.open_database()
    from diguan.enterprises.actions.told import delivered
    from diguan.enterprises.models import Enterprise
    from diguan.kernel import access, packs
    from diguan.kernel.facts import batches, store

    with shared.refusals():
        by = shared.acting(args.by, "policies.view_entitlement", "facts.export_registry")
        access.require(by, "policies.view_entitlement")
        if (row := Enterprise.objects.filter(uscc=args.uscc).first()) is not None:
            access.require(by, "enterprises.view_enterprise", row)
        known_at = given.instant(args.known_at)
        fresh = known_at is None and access.may(by, "facts.export_registry")
        told = delivered(by=by, as_of=given.as_of(args)) if fresh else batches.visible_batches(known_at, given.as_of(args))
        return store.open_batches(told, packs.catalogue())


STATUSES = {tree.ELIGIBLE: "可享", tree.UNDECIDED: "待补信息", tree.INELIGIBLE: "不适用"}
VERDICTS = {tree.TRUE: "符合", tree.FALSE: "不符合", tree.UNKNOWN: "未知"}


def _print(uscc: str, policy: tree.Policy, facts: SubjectFacts, day: dt.date) -> None:
    """For a person at a terminal; scripts take ``--json``."""
    verdict, names = scalar.judge(policy, facts, day), packs.codes().names
    status = STATUSES[verdict.status] if scalar.near_miss(policy, verdict) is None else "差一步"
    amount = "" if verdict.status == tree.INELIGIBLE else f"，{money.words(verdict.amount_fen)}" if verdict.amount_fen is not None else "，金额待定"
    print(f"{uscc} {policy.label()}：{status}{amount}（按 {day} 判断）")
    for number, (clause, finding) in enumerate(zip(policy.clauses, verdict.findings, strict=True), 1):
        print(f"  {number}. {VERDICTS[finding.verdict]}：{words.reading(clause.condition, names=names)}。{words.reason(clause, finding, day, names=names)}"
              f"（{clause.cite.article}“{clause.cite.quote}”）")
    wanted = {fact.name: fact.label() for fact in policy.facts}
    asked = [f"{wanted[name]} {name}" for name in asking.ask(policy, verdict, facts, day)]
    if asked:
        print("补上就能判：" + "、".join(asked))
