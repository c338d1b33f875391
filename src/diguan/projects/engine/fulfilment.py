"""Obligations on a day, and what a performance check comes to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

OPEN, CLAIMED, MET, WAIVED, LATE = "open", "claimed", "met", "waived", "late"
PASSED, SHORT, UNKNOWN = "passed", "short", "unknown"


def standing(state: str, due_on: dt.date, day: dt.date) -> str:
    """How an obligation stands on a day: one whose day is past is late until it is met or waived.

    >>> day = dt.date(2026, 5, 1)
    >>> standing(OPEN, dt.date(2026, 4, 30), day), standing(OPEN, day, day), standing(MET, dt.date(2026, 4, 30), day)
    ('late', 'open', 'met')
    """
    return LATE if state in (OPEN, CLAIMED) and due_on < day else state


def verdict(lines: Iterable[tuple[int, int | None]]) -> str:
    """What was measured against what was promised: pairs (promised, measured). Nothing promised, or one not measured, is no verdict.

    >>> verdict([(100, 120), (30, 30)]), verdict([(100, 99)]), verdict([(100, None)]), verdict([])
    ('passed', 'short', 'unknown', 'unknown')
    """
    found = list(lines)
    if any(measured is not None and measured < promised for promised, measured in found):
        return SHORT
    return PASSED if found and all(measured is not None for _promised, measured in found) else UNKNOWN


def fulfilled(obligations: Iterable[tuple[str, dt.date]], day: dt.date) -> bool | None:
    """Whether an investor kept its word by a day: pairs (state, due). None where nothing fell due yet, which is not the same as yes.

    >>> day = dt.date(2026, 5, 1)
    >>> fulfilled([(MET, dt.date(2026, 4, 1)), (OPEN, dt.date(2026, 9, 1))], day), fulfilled([(OPEN, dt.date(2026, 4, 1))], day), fulfilled([(OPEN, dt.date(2026, 9, 1))], day)
    (True, False, None)
    """
    due = [state for state, until in obligations if until <= day or state == MET]
    return all(state in (MET, WAIVED) for state in due) if due else None
