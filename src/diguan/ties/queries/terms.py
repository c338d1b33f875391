"""How strong each kind of tie counts and how long a consent may last: dated data of the packs (``ties.yaml``), each with its source."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from diguan.kernel import dated, periods
from diguan.kernel.dated import Dated, Entry
from diguan.kernel.messages import Message
from diguan.kernel.packs import PackError
from diguan.ties.engine.paths import Prices
from diguan.ties.models import TieKind

ON_RECORD = "on_record"
_NUMBERS = {"hops": (1, 6), "paths": (1, 20), "unverified": (0, 100), "stale": (0, 100), "stale_months": (1, 600), "longest_consent_months": (1, 120), "remind_days": (1, 180)}
KINDS = (ON_RECORD, *TieKind.values)


@dataclass(frozen=True)
class Terms(Dated):
    """What holds between two days. ``strength`` is 1 to 100 by kind."""

    strength: Mapping[str, int]
    hops: int
    paths: int
    unverified: int
    stale: int
    stale_months: int
    longest_consent_months: int
    remind_days: int

    @property
    def prices(self) -> Prices:
        """What lies on a hop besides its strength."""
        return Prices(self.unverified, self.stale)

    def stale_before(self, day: dt.date) -> dt.date:
        """Sources of days before this one are old on ``day``."""
        return periods.add_months(day, -self.stale_months)

    def consent_until(self, given_on: dt.date) -> dt.date:
        """The last day a consent given on a day may name."""
        return periods.add_months(given_on, self.longest_consent_months)


def in_force(day: dt.date) -> Terms:
    """What holds on a day; of several entries the one that began last.

    Raises:
        PackError: the file cannot be used, or says nothing of that day.
    """
    found = dated.in_force(dated.known("ties.yaml", _read), day)
    if found is None:
        raise PackError("ties.yaml", Message(f"没有 {day} 生效的一段", f"holds nothing in force on {day}"))
    return found


def _read(where: str, entry: Entry) -> Terms:
    span, strength = dated.span(where, entry, ("strength", *_NUMBERS)), entry.get("strength")
    if not isinstance(strength, dict):
        raise PackError(where, Message("strength 要按关系写强弱", "strength is to tell of every kind"))
    dated.only(where, strength, KINDS)
    return Terms(*span, {kind: dated.number(where, strength, kind, 1, 100) for kind in KINDS}, *(dated.number(where, entry, name, *bounds) for name, bounds in _NUMBERS.items()))
