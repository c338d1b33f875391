"""Whether an expense keeps the limits: so many fen per person and day, by kind and region, as dated data say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LODGING, MEALS, LOCAL, TRANSPORT = "lodging", "meals", "local", "transport"
KINDS = (TRANSPORT, LODGING, MEALS, LOCAL)


Limits = Mapping[str, Mapping[str, int]]
"""Fen per person and day (or night), by kind and region. Regions are codes or their beginnings (``4403`` covers every district), ``""`` is everywhere else; a kind that is not named has no limit."""


@dataclass(frozen=True)
class Judged:
    """An expense beside its limit: fen allowed (None: no limit), fen above it."""

    allowed: int | None
    over: int


def allowed(limits: Limits | None, kind: str, region: str) -> int | None:
    """Fen per person and day; the longest beginning of the region's code counts. None: no limit is known.

    >>> of = {"lodging": {"": 33_000, "4403": 45_000}}
    >>> allowed(of, "lodging", "440305"), allowed(of, "lodging", "330100"), allowed(of, "transport", "330100")
    (45000, 33000, None)
    """
    by_region = limits.get(kind, {}) if limits else {}
    return next((by_region[region[:size]] for size in range(len(region), -1, -1) if region[:size] in by_region), None)


def judge(limits: Limits | None, kind: str, region: str, persons: int, days: int, amount_fen: int, *, team: int | None = None, used_fen: int = 0) -> Judged:
    """What is allowed for so many persons and days, and what lies above it.

    Args:
        limits: of the day.
        kind: lodging, meals …
        region: its code.
        persons: how many it was spent on.
        days: days or nights.
        amount_fen: what was spent.
        team: how many there are; together all entries of these days stay within what so many are allowed, however they are split. None: not asked.
        used_fen: what other entries of the kind took of these days already.

    >>> of = {"meals": {"": 10_000}}
    >>> judge(of, "meals", "330100", 3, 2, 66_000), judge(of, "meals", "330100", 3, 1, 20_000, team=3, used_fen=15_000)
    (Judged(allowed=60000, over=6000), Judged(allowed=15000, over=5000))
    """
    each = allowed(limits, kind, region)
    if each is None:
        return Judged(None, 0)
    most = each * persons * days
    if team is not None:
        most = min(most, max(0, each * team * days - used_fen))
    return Judged(most, max(0, amount_fen - most))
