"""The terms of leads that are no gates, dated (``packs/*/promotion.yaml``): feedback, news, and for how long a lead is somebody's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from diguan.kernel import clocks, dated, packs
from diguan.kernel.dated import Dated, Entry
from diguan.kernel.messages import Message
from diguan.kernel.packs import PackError

FILE = "promotion.yaml"
_DAYS = ("feedback_days", "progress_days", "protection_days", "protection_most")
MOST_DAYS = 730


@dataclass(frozen=True)
class Terms(Dated):
    """What holds between two days. Feedback and progress are working days, protection calendar days."""

    feedback_days: int
    progress_days: int
    protection_days: int
    protection_most: int

    def feedback_due(self, start: dt.date) -> dt.date:
        """The last day to answer the referrer of a lead that was registered on ``start``."""
        return clocks.due_after(start, self.feedback_days, packs.calendar()).day

    def progress_due(self, start: dt.date) -> dt.date:
        """The last day for the next news after those of ``start``."""
        return clocks.due_after(start, self.progress_days, packs.calendar()).day

    def protected_until(self, held_since: dt.date, news: dt.date) -> dt.date:
        """The last day of protection, renewed by news of a day; never past the limit of one holding."""
        return min(news + dt.timedelta(days=self.protection_days), held_since + dt.timedelta(days=self.protection_most))


def known() -> Sequence[Terms]:
    """Every entry, oldest first.

    Raises:
        PackError: one that cannot be used, with file and line.
    """
    return dated.known(FILE, read)


def in_force(day: dt.date) -> Terms:
    """The terms of a day, of several the one that began last; before the first the first.

    Raises:
        PackError: there is none at all.
    """
    found = known()
    if not found:
        raise PackError(FILE, Message("没有一条线索时限", "there are no terms of leads"))
    return dated.in_force(found, day) or found[0]


def read(where: str, entry: Entry) -> Terms:
    """One entry; ``where`` is its file and line.

    Raises:
        PackError: an unknown key, a wrong day or number, no source.
    """
    terms = Terms(*dated.span(where, entry, _DAYS), *(dated.number(where, entry, name, 1, MOST_DAYS) for name in _DAYS))
    if terms.protection_most < terms.protection_days:
        raise PackError(where, Message("protection_most 不能小于 protection_days", "protection_most is not below protection_days"))
    return terms
