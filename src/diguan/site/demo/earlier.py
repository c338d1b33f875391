"""Cases of 2025 and 2026, each opened at the window, done and sent out by September: what the public page says of days and trips is counted from those of 2025.

How many working days a case takes and how often somebody comes is drawn up here; days and trips before are those of the life event's
document. The reductions follow from both, by the measures of cases.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from diguan.site.demo import accounts, cases
from diguan.site.demo.requests import on

FLEXIBLE = {"hires": "local", "flexible_hours": "yes"}
PLAIN = {"hires": "local", "flexible_hours": "no"}
MOVING = {"applicant": "company", "move_to": "inside", "site": "lease", "licences_held": "none", "customs_held": "no", "signboard": "no"}


class Plan(NamedTuple):
    """One case: which life event with which answers, the day it was opened, how many working days it took, how often somebody came."""

    event: str
    answers: dict[str, str]
    opened: dt.date
    days: int
    trips: int


PLANS = (
    Plan("hiring", PLAIN, dt.date(2025, 2, 18), 5, 1), Plan("factory_fitout", cases.FITOUT, dt.date(2025, 3, 4), 18, 3), Plan("moving", MOVING, dt.date(2025, 3, 25), 5, 2), Plan("hiring", FLEXIBLE, dt.date(2025, 4, 9), 11, 2),
    Plan("hiring", PLAIN, dt.date(2025, 5, 13), 4, 1), Plan("factory_fitout", cases.FITOUT, dt.date(2025, 5, 27), 18, 3), Plan("hiring", PLAIN, dt.date(2025, 6, 17), 5, 1), Plan("moving", MOVING, dt.date(2025, 7, 8), 5, 1),
    Plan("hiring", FLEXIBLE, dt.date(2025, 7, 22), 10, 1), Plan("hiring", PLAIN, dt.date(2025, 8, 19), 5, 1),
    Plan("hiring", PLAIN, dt.date(2026, 1, 13), 5, 1), Plan("moving", MOVING, dt.date(2026, 2, 3), 5, 1), Plan("factory_fitout", cases.FITOUT, dt.date(2026, 3, 10), 17, 3), Plan("hiring", FLEXIBLE, dt.date(2026, 4, 14), 10, 1),
    Plan("hiring", PLAIN, dt.date(2026, 5, 19), 4, 1), Plan("moving", MOVING, dt.date(2026, 6, 16), 5, 2), Plan("factory_fitout", cases.FITOUT, dt.date(2026, 7, 7), 17, 2), Plan("hiring", PLAIN, dt.date(2026, 8, 18), 4, 1))


def prepare() -> None:
    """Carry them from the window to the courier; where there are any they are left as they are."""
    from diguan.enterprises.models import Enterprise
    from diguan.services.models import Case

    if Case.objects.filter(year=2025).exists():
        return
    firms = list(Enterprise.objects.filter(production_status="在产", business_status="存续", established__lt=dt.date(2024, 1, 1)).order_by("-registered_capital_fen", "uscc").values_list("uscc", flat=True)[:len(PLANS)])
    for plan, uscc in zip(PLANS, firms, strict=False):
        _carried(plan, uscc)


def _carried(plan: Plan, uscc: str) -> None:
    """One case; results are given out on the last of its working days."""
    from diguan.kernel import clocks, packs
    from diguan.services.actions import cases as actions

    window, bureau = accounts.known("service"), accounts.known("service2")
    accepted, ended = (clocks.due_after(plan.opened, days, packs.calendar()).day for days in (1, plan.days))
    with on(plan.opened):
        case = cases.opened(plan.event, plan.answers, uscc, window, online=False)
    with on(accepted):
        cases.accepted(case, bureau)
    for number in range(1, plan.trips):
        with on(accepted + dt.timedelta(days=number)):
            actions.note_touch(case=case, kind="visit", what=f"到现场核对第 {number} 次（演示）", by=bureau)
    with on(ended):
        cases.finished(case, case.matters, bureau)
        cases.delivered(case, bureau)
