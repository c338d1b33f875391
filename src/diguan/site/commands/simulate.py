"""``diguan simulate``: what a policy would cost and whom it would reach with other numbers."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

from diguan.kernel import money
from diguan.site.commands import shared


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("simulate", help="试算政策 / simulate a policy with other numbers")
    parser.add_argument("policy", help="政策编号 / policy id")
    parser.add_argument("--scenario", action="append", default=[], metavar="PATH=VALUE[;PATH=VALUE]", help="一种方案，可写几次；可调的数不写方案时列出 / one scenario, may be repeated; without any the numbers that can be turned are listed")
    parser.add_argument("--draft", default="", metavar="NUMBER", help="草稿编号，与现行并排，方案也改它 / the number of a draft, beside the policy in force; scenarios turn it")
    parser.add_argument("--sweep", default="", metavar="PATH", help="把这条门槛取遍各值 / move this threshold over its values")
    parser.add_argument("--run", default="", help="比对的运行号，缺省是页面用的那次 / the match; by default the one pages speak from")
    parser.add_argument("--by", default="", help="以谁的名义（登录名） / in whose name (login name)")
    parser.add_argument("--json", action="store_true", help="输出一份 JSON / one JSON document")


def run(args: argparse.Namespace) -> int:
    """Simulate and print what each scenario comes to."""
    shared.open_database()
    from diguan.policies.actions import simulation
    from diguan.policies.queries.simulations import SIMULATE

    given = _given(args)
    with shared.refusals():
        by = shared.acting(args.by, SIMULATE)
        found = simulation.run_simulation(scenarios=given, by=by, match=shared.run_id("match", args.run))
    answer = _answer(found, by, args)
    if args.json:
        shared.show(answer)
        return 0
    _print(answer)
    return 0


def _given(args: argparse.Namespace) -> list[Any]:
    """The policy in force, the draft if there is one, and what is turned: of the draft if there is one."""
    from diguan.policies.queries.simulations import DRAFT, Scenario

    base = Scenario(f"{DRAFT}{args.draft}" if args.draft else args.policy)
    return [Scenario(args.policy), *([base] if args.draft else []), *(replace(base, changes=_changes(text), title=text) for text in args.scenario)]


def _changes(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in text.split(";"):
        path, equals, value = part.partition("=")
        if not equals or not path.strip() or not value.strip():
            raise shared.refuse(f"方案 {text!r} 应写成 路径=值;路径=值", f"scenario {text!r}: write PATH=VALUE;PATH=VALUE")
        found[path.strip()] = value.strip()
    return found


def _answer(found: Any, by: Any, args: argparse.Namespace) -> dict[str, Any]:
    from diguan.policies.engine import scenarios
    from diguan.policies.queries import simulations

    policy = simulations.text_of(simulations.scenarios_of(found)[-1].policy)
    assert policy is not None  # it was simulated a moment ago
    lines = [{"draft": one.scenario.policy.startswith(simulations.DRAFT), "changes": dict(one.scenario.changes), "eligible": one.totals.eligible, "unknown": one.totals.unknown, "ineligible": one.totals.ineligible, "low_fen": one.totals.amount_fen,
              "high_fen": one.totals.high_fen, "amount_unknown": one.totals.amount_unknown + one.totals.undecided_amount_unknown, "budget_fen": one.budget_fen,
              "moves": _moves(simulations.told_sums(by, found, at)) if at else {}}
             for at, one in enumerate(simulations.results_of(found))]
    answer = {"as_of": found.as_of.isoformat(), "run": found.run_id, "match": found.inputs["match"], "policy": policy.id, "version": policy.version,
              "knobs": [knob.path for knob in scenarios.knobs(policy)], "scenarios": lines}
    return {**answer, "sweep": _sweep(found, policy, args.sweep)} if args.sweep else answer


def _moves(sums: dict[str, Any]) -> dict[str, Any]:
    """Null where it is of a few firms and the one who asks may not see which."""
    return {name: each and {"firms": each.firms, "fen": each.fen, "amount_unknown": each.open} for name, each in sums.items()}


def _sweep(found: Any, policy: Any, path: str) -> list[dict[str, Any]]:
    from diguan.policies.queries import simulations, sweeps

    known = {knob.path: knob for knob in sweeps.sweepable(policy)}
    match = simulations.match_of(found)
    if path not in known or match is None:
        raise shared.refuse(f"没有可移动的门槛 {path}；可以的有：{'、'.join(known) or '无'}", f"no threshold {path} to move; there are: {', '.join(known) or 'none'}")
    return [{"value": str(point.value), "eligible": point.eligible, "unknown": point.unknown, "low_fen": point.low_fen, "high_fen": point.high_fen, "amount_unknown": point.open}
            for point in sweeps.sweep(match, policy, known[path])]


def _print(answer: dict[str, Any]) -> None:
    print(f"按 {answer['as_of']} 的比对 {answer['match'][:12]} 试算，运行号 {answer['run'][:12]} / simulated by match {answer['match'][:12]}, run {answer['run'][:12]}")
    for line in answer["scenarios"]:
        said = "；".join(f"{path} = {value}" for path, value in line["changes"].items()) or ("草稿 / draft" if line["draft"] else "现行 / as it stands")
        print(f"{said}：可享 {line['eligible']} 户，待补 {line['unknown']} 户，{money.span(line['low_fen'], line['high_fen'])}"
              + "".join(f"，{name} {move['firms']}" for name, move in line["moves"].items() if move and move["firms"]))
    if len(answer["scenarios"]) == 1:
        print("可调的数 / numbers that can be turned: " + "  ".join(answer["knobs"]))
    for point in answer.get("sweep", ()):
        print(f"  {point['value']}：可享 {point['eligible']}，待补 {point['unknown']}，{money.span(point['low_fen'], point['high_fen'])}")
