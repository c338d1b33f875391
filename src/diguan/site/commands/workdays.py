"""``diguan workdays``: a due date in working days, and the working days between two days."""

from __future__ import annotations

import argparse

from diguan.kernel import clocks, packs
from diguan.kernel.messages import Message
from diguan.site.commands import given, shared


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands."""
    parts = subparsers.add_parser("workdays", help="数工作日 / count working days").add_subparsers(dest="part", required=True)
    due = parts.add_parser("add", help="某日之后的第几个工作日 / so many working days after a day")
    due.add_argument("start", type=given.day, metavar="DATE")
    due.add_argument("days", type=int, metavar="N")
    between = parts.add_parser("between", help="两日之间的工作日，前一日不算 / working days after a day, up to another")
    between.add_argument("start", type=given.day, metavar="A")
    between.add_argument("end", type=given.day, metavar="B")
    for part in (due, between):
        part.add_argument("--json", action="store_true", help="输出一份 JSON / one JSON document")


def run(args: argparse.Namespace) -> int:
    """Count and print."""
    return _add(args) if args.part == "add" else _between(args)


def _add(args: argparse.Namespace) -> int:
    calendar = packs.calendar()
    try:
        found = clocks.due_after(args.start, args.days, calendar)
    except (ValueError, OverflowError) as error:
        raise shared.refuse(f"{args.days} 个工作日数不出来，应不小于 1", f"{args.days} working days cannot be counted; at least 1") from error
    passed = sorted([(day.isoformat(), "holiday") for day in found.holidays] + [(day.isoformat(), "working_weekend") for day in found.weekends])
    if args.json:
        shared.show({"date": found.day.isoformat(), "provisional": found.provisional, "derivation": [{"date": day, "kind": kind} for day, kind in passed]})
        return 0
    print(found.day.isoformat())
    for day, kind in passed:
        print(Message(f"  {day} {'节假日，不算' if kind == 'holiday' else '周末上班，算'}",
                      f"{day} {'a holiday, not counted' if kind == 'holiday' else 'a weekend worked, counted'}"))
    _warn(found.provisional)
    return 0


def _between(args: argparse.Namespace) -> int:
    if args.end < args.start:
        raise shared.refuse(f"{args.end} 早于 {args.start}", f"{args.end} is before {args.start}")
    days, provisional = clocks.working_between(args.start, args.end, packs.calendar())
    if args.json:
        shared.show({"working_days": days, "provisional": provisional})
        return 0
    print(Message(f"{days} 个工作日", f"{days} working days"))
    _warn(provisional)
    return 0


def _warn(provisional: bool) -> None:
    if provisional:
        print(Message("放假安排还没有全部公布，只按周末推算", "not every year's holidays are announced; worked out from weekends there"))
