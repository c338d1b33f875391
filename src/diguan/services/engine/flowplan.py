"""A flow that was drawn elsewhere, held beside a log: which task is which activity, and the plan that the log is checked against. Pure.

A task that no activity of the log stands for is not asked: the log does not say whether it was done. Its order is passed on to
those around it. A task behind an exclusive gateway is optional; the order around it stays besides, since a case may do without it.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diguan.kernel.messages import nearest
from diguan.services.engine import conformance
from diguan.services.engine.bpmn import Order
from diguan.services.engine.conformance import Plan
from diguan.services.engine.edges import BenchRefused, Pair

MOST_PAIRS = 5_000
"""Orders of a plan that a log is held against."""


@dataclass(frozen=True)
class Match:
    """A task of the flow and the activity it is; ``near`` is the name most like it where there is none."""

    task: str
    title: str
    activity: str
    near: str = ""


def plain(name: str) -> str:
    """A name as it is compared: full and half width alike, no spaces, no capitals.

    >>> plain("企业 登记（Ａ）") == plain("企业登记(a)")
    True
    """
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def matched(order: Order, activities: Sequence[str]) -> dict[str, str]:
    """Task → activity of the same name or id; names that stand for two of either are left open.

    >>> matched(Order((("t1", "受 理"), ("t2", "审核")), ()), ["受理", "审查"])
    {'t1': '受理'}
    """
    words = Counter(plain(name) for name in activities)
    known = {plain(name): name for name in activities if words[plain(name)] == 1}
    titles = Counter(plain(title or task) for task, title in order.tasks)
    found: dict[str, str] = {}
    for task, title in order.tasks:
        activity = known.get(plain(title or task)) if titles[plain(title or task)] == 1 else None
        activity = activity or known.get(plain(task))
        if activity and activity not in found.values():
            found[task] = activity
    return found


def matches(order: Order, names: Mapping[str, str], activities: Sequence[str]) -> tuple[Match, ...]:
    """Every task with its activity, or with the name most like its own among those not taken.

    >>> [each.near for each in matches(Order((("t1", "受理"), ("t2", "审核")), ()), {"t1": "受理"}, ["受理", "审查"])]
    ['', '审查']
    """
    open_ = [name for name in activities if name not in names.values()]
    return tuple(Match(task, title or task, names.get(task, ""), "" if task in names else nearest(title or task, open_) or "") for task, title in order.tasks)


def plan(order: Order, names: Mapping[str, str]) -> Plan:
    """The plan a log is held against, in the words of the log.

    Raises:
        BenchRefused: ``no_match``: no task is an activity; ``too_many``: more orders than :data:`MOST_PAIRS`.

    >>> plan(Order((("a", ""), ("x", ""), ("b", "")), (("a", "x"), ("x", "b"))), {"a": "受理", "b": "办结"}).edges
    (('受理', '办结'),)
    """
    if not names:
        raise BenchRefused("no_match", "流程里没有一个环节对得上日志，先对应", "no task of the flow is an activity of the log yet: say which is which")
    pairs = passed_on(order.pairs, [task for task, _ in order.tasks if task not in names])
    return conformance.plan_of([names[task] for task, _ in order.tasks if task in names], [(names[before], names[after]) for before, after in pairs], [names[task] for task in order.optional if task in names])


def passed_on(pairs: Sequence[Pair], left_out: Sequence[str]) -> list[Pair]:
    """The orders without some of the tasks: whatever came before such a one comes before whatever came after it.

    Raises:
        BenchRefused: ``too_many``.
    """
    found = dict.fromkeys(pairs)
    for task in left_out:
        before, after = [one for one, other in found if other == task], [other for one, other in found if one == task]
        found = dict.fromkeys(pair for pair in found if task not in pair)
        if len(before) * len(after) > MOST_PAIRS:
            raise _too_many(len(before) * len(after))
        found.update(dict.fromkeys((one, other) for one in before for other in after))
    if len(found) > MOST_PAIRS:
        raise _too_many(len(found))
    return list(found)


def _too_many(many: int) -> BenchRefused:
    return BenchRefused("too_many", f"流程里有 {many} 条先后，至多对照 {MOST_PAIRS} 条；请分段画", f"the flow holds {many} orders, at most {MOST_PAIRS} are checked: draw it in parts")
