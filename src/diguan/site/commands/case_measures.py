"""``diguan case-measures``: the measures of cases as they were counted, the gap to what was published, and the simulations beside them."""

from __future__ import annotations

import argparse
from typing import Any

from diguan.kernel import money
from diguan.kernel.messages import Message
from diguan.site.commands import shared


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("case-measures", help="办件的成效 / measures of cases")
    parser.add_argument("--event", default="", help="只看这件事（标识） / of one life event, by its key")
    parser.add_argument("--bureau", default="", metavar="CODE", help="只看这个单位参与的（单位代码） / in which this office has a matter, by its code")
    parser.add_argument("--period", default="", help="只看这一年或这个月 / of a year or a month: 2026, 2026-10")
    parser.add_argument("--seed", type=int, default=None, help="模拟的种子 / seed of the simulation")
    parser.add_argument("--by", default="", help="以谁的名义（登录名） / in whose name (login name)")
    parser.add_argument("--json", action="store_true", help="输出一份 JSON / one JSON document")


def run(args: argparse.Namespace) -> int:
    """Count, simulate and print."""
    shared.open_database()
    from diguan.services.engine.edges import BenchRefused
    from diguan.services.engine.trials import SEED
    from diguan.services.queries import case_answer
    from diguan.services.queries.cases import VIEW
    from diguan.services.queries.life_events import VIEW as VIEW_EVENTS

    choice = _choice(args)
    try:
        with shared.refusals():
            answer = case_answer.answer(shared.acting(args.by, VIEW, VIEW_EVENTS), choice, SEED if args.seed is None else args.seed)
    except BenchRefused as refused:
        raise shared.BadInput([refused.message]) from refused
    if args.json:
        shared.show(answer)
        return 0
    _print(answer)
    return 0


def _choice(args: argparse.Namespace) -> Any:
    """What is asked for, when it is there.

    Raises:
        BadInput: no such life event, office or period.
    """
    from diguan.kernel import periods
    from diguan.kernel.access.models import Unit
    from diguan.services.models import LifeEvent
    from diguan.services.queries.case_measures import Choice

    if args.event and not LifeEvent.objects.filter(key=args.event).exists():
        raise shared.refuse(f"没有这件事：{args.event}", f"no life event {args.event}")
    unit = Unit.objects.filter(code=args.bureau).first() if args.bureau else None
    if args.bureau and unit is None:
        raise shared.refuse(f"没有这个单位：{args.bureau}", f"no office {args.bureau}")
    try:
        period = periods.parse(args.period) if args.period else None
    except periods.PeriodError:
        period = periods.ALL
    if period is not None and (period.kind not in ("year", "month") or period.text != args.period):
        raise shared.refuse(f"{args.period} 不是年或月，应写成 2026 或 2026-10", f"{args.period} is no year or month, write 2026 or 2026-10")
    return Choice(args.event, str(unit.pk) if unit else "", args.period)


def _print(answer: dict[str, Any]) -> None:
    from diguan.kernel.measures import MEASURES

    print(Message(f"按 {answer['as_of']} 的办件，工作日历 {answer['calendar']}", f"cases as of {answer['as_of']}, calendar {answer['calendar']}"))
    for name, num in answer["measured"].items():
        found = MEASURES.get(f"services.{name}")
        if found is not None:
            print(f"  {found.title}：{_shown(num, found.unit)}")
    for name, one in answer["published"].items():
        mean, total = (_shown(answer["measured"][f"{name}_gap_{way}"], "%") for way in ("mean", "sum"))
        print(Message(f"  公开说过“{one['said']}”（{one['as_of']}，{one['source']}），还差：每件平均 {mean}，合计 {total}",
                      f"published: {_shown(one['less_by'], '%')} less ({one['as_of']}); short of it by {mean} (mean of ratios), {total} (ratio of sums)"))
    found = answer["simulated"]
    print(Message(f"模拟：种子 {found['seed']}，输入 {found['inputs'][:12]}，结果 {found['digest'][:12]}", f"simulated: seed {found['seed']}, inputs {found['inputs'][:12]}, result {found['digest'][:12]}"))
    for one in (*found["events"], {"key": "合计 / whole", "cases": found["cases"], "trial": found["whole"]}):
        print(f"  {one['key']} ({one['cases']})：{_trial(one['trial'])}")


def _shown(num: int | None, unit: str) -> str:
    return "—" if num is None else money.percent(num) if unit == "%" else f"{num / 100:g} 星" if unit == "0.01 星" else f"{num} {unit}"


def _trial(one: dict[str, Any] | None) -> str:
    if one is None:
        return "—"
    days, trips, before, after = one["days"], one["trips"], one["before"], one["after"]
    cut = "，".join(f"{word} −{_shown(part['mean_of_ratios'], '%')} / −{_shown(part['ratio_of_sums'], '%')}" for word, part in (("天数 / days", days), ("跑动 / trips", trips)))
    return f"p50 {before['p50']:g} → {after['p50']:g}，p90 {before['p90']:g} → {after['p90']:g}，{cut}"
