"""``diguan evaluate``: what became of those who received a policy, beside comparable ones who did not."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from diguan.site.commands import shared


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("evaluate", help="评估政策 / evaluate a policy after a year")
    parser.add_argument("policy", help="政策编号 / policy id")
    parser.add_argument("--outcome", required=True, metavar="FACT", help="看哪个事实 / the fact that is the outcome")
    parser.add_argument("--before", required=True, metavar="P", help="前一段：2025、2025-Q3，或截至某月的十二个月 2025-09 / a year, a quarter, or the twelve months up to 2025-09")
    parser.add_argument("--after", required=True, metavar="P", help="后一段，写法相同 / the period after, alike")
    parser.add_argument("--limit", default="", metavar="PATH", help="在哪条门槛两侧比 / the threshold to compare at, clause:ID:0")
    parser.add_argument("--agg", default="sum", help="sum 合计或 latest 最近一次 / sum or latest")
    parser.add_argument("--run", default="", help="看哪次比对时的企业，缺省选合适的一次 / the match whose receivers; by default the one that fits")
    parser.add_argument("--by", default="", help="以谁的名义（登录名） / in whose name (login name)")
    parser.add_argument("--json", action="store_true", help="输出一份 JSON / one JSON document")


def run(args: argparse.Namespace) -> int:
    """Evaluate and print both methods, the interval first."""
    shared.open_database()
    from diguan.policies.actions import evaluation
    from diguan.policies.queries.questions import EVALUATE, Question

    question = Question(args.policy, args.outcome, args.before, args.after, args.limit, args.agg, shared.run_id("match", args.run))
    with shared.refusals():
        found = evaluation.run_evaluation(question=question, by=shared.acting(args.by, EVALUATE))
    answer = _answer(found)
    if args.json:
        shared.show(answer)
    else:
        _print(answer)
    return 0


def _answer(found: Any) -> dict[str, Any]:
    from diguan.policies.queries import evaluated

    told = {method: dict(line) for method, line in evaluated.told(found).items()}
    for method in ("threshold", "change"):
        told[method]["level"] = evaluated.level(method, told[method])
    return {"as_of": found.as_of.isoformat(), "run": found.run_id, "match": found.inputs["match"], "question": found.inputs["question"], "received": found.inputs["received"], **told}


def _print(answer: Mapping[str, Any]) -> None:
    print(f"{answer['question']['policy']}，{answer['as_of']} 的比对 {answer['match'][:12]}，运行号 {answer['run'][:12]} / match of that day, run")
    for method, title in (("threshold", "门槛两侧 / at the threshold"), ("change", "前后变化 / before and after")):
        line = answer[method]
        if line["refused"]:
            print(f"{title}：不能判断 / no answer: {line['refused']} ({line['left']} | {line['right']})")
            continue
        effect = line["effect"]
        low, high, estimate = (_figure(effect[name], answer["question"]["fact"]) for name in ("low", "high", "estimate"))
        print(f"{title}：95% {low} … {high}，差别 / difference {estimate}，{effect['left']} | {effect['right']} 户 / firms，{line['level']}"
              + (f"；存疑 / doubts: {', '.join(line['warnings'])}" if line["warnings"] else ""))


def _figure(value: float, outcome: str) -> str:
    """An estimate in the unit of the outcome; never with an exponent."""
    from diguan.kernel import money, packs

    fact = packs.catalogue().get(outcome)
    if fact is not None and fact.type == "money":
        return money.words(round(value * 100))
    return f"{value:,.2f} {fact.unit if fact is not None else ''}".strip()
