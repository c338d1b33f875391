"""What policies put on the work desk: documents that could not be used, money over budget, what to ask for, what ends soon."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from diguan.kernel import access, clocks, money
from diguan.kernel.declare import DeskItem
from diguan.policies import actions, queries
from diguan.policies.queries import Standing
from diguan.policies.web import lists, shown

SOON = dt.timedelta(days=60)
MOST_ASKED = 3


def items(person: Any) -> Iterator[DeskItem]:
    """The lines for this person; who may see no policy of the county has none."""
    try:
        standings = queries.standings(person)
    except access.Forbidden:
        return
    if access.may(person, actions.RUN):
        yield from _problems()
        yield from _stale(standings)
    yield from _budgets(standings)
    for standing in standings:
        yield from _ending(standing)
    if access.may(person, queries.ENTITLEMENT):
        yield from _asks(standings)


def _problems() -> Iterator[DeskItem]:
    for problem in queries.library().problems[:MOST_ASKED]:
        yield DeskItem("first", "bad", _("没有用上"), _("一份政策文件有误"), f"{problem.where}：{problem.message.text(shown.language())}", "",
                       reverse("policies:list"), _("看错在哪"), 10)


def _stale(standings: list[Standing]) -> Iterator[DeskItem]:
    changed = [standing for standing in standings if standing.changed or (standing.run and not standing.totals)]
    if changed:
        titles = _("、").join(standing.policy.label(shown.language()) for standing in changed[:MOST_ASKED])
        yield DeskItem("first", "warn", _("该重新比对"), _("{n} 份政策改过文本或是新的").format(n=len(changed)), titles, "",
                       reverse("policies:list"), _("去比对"), 15)


def _budgets(standings: list[Standing]) -> Iterator[DeskItem]:
    """The policies that cost most beyond their budget; the others in one line."""
    over = sorted((standing for standing in standings if _excess(standing) > 0), key=lambda standing: (-_excess(standing), standing.policy.id))
    yield from (_budget(standing) for standing in over[:MOST_ASKED])
    if len(over) > MOST_ASKED:
        yield DeskItem("week", "warn", _("可能超预算"), _("另有 {n} 份政策超预算或可能超").format(n=len(over) - MOST_ASKED), "", "",
                       reverse("policies:list"), _("看惠企政策"), 35)


def _excess(standing: Standing) -> int:
    """How much the known high end passes the budget, in fen; negative or 0 where it does not."""
    budget, totals = standing.policy.budget, standing.totals
    return totals.high_fen - budget.amount_fen if budget and totals else 0


def _budget(standing: Standing) -> DeskItem:
    budget, totals = standing.policy.budget, standing.totals
    assert budget is not None  # only such a policy exceeds one
    assert totals is not None
    over = totals.amount_fen > budget.amount_fen
    return DeskItem("first" if over else "week", "bad" if over else "warn", _("超预算") if over else _("可能超预算"), standing.policy.label(shown.language()),
                   _("要花：{money}，预算 {budget}").format(money=shown.span(standing), budget=money.words(budget.amount_fen, shown.language())),
                   standing.policy.issuer, reverse("policies:policy", args=[standing.policy.id]), _("看政策"), 30)


def _ending(standing: Standing) -> Iterator[DeskItem]:
    last, today = standing.policy.in_force_to, clocks.today()
    if last is not None and today <= last <= today + SOON:
        yield DeskItem("week", "mute", _("快到期"), standing.policy.label(shown.language()), _("施行到 {day}").format(day=last), standing.policy.issuer,
                       reverse("policies:policy", args=[standing.policy.id]), _("看政策"), 60)


def _asks(standings: list[Standing]) -> Iterator[DeskItem]:
    """The policies with most undecided enterprises, and the fact that would decide most of them."""
    counted = sorted(((standing.totals.unknown, standing) for standing in standings if standing.totals and standing.totals.unknown),
                     key=lambda found: (-found[0], found[1].policy.id))
    for count, standing in counted[:MOST_ASKED]:
        asked = lists.asked(standing)
        why = _("先问{fact}（{who}），{n} 户缺它").format(fact=asked[0]["label"], who=asked[0]["sources"], n=asked[0]["count"]) if asked else ""
        yield DeskItem("week", "unknown", _("待补信息"), _("{title}：{n} 户判不了").format(title=standing.policy.label(shown.language()), n=count), why,
                       asked[0]["sources"] if asked else "", lists.address(standing, queries.UNKNOWN), _("看缺什么"), 50)
