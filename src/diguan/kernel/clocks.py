"""The only door to the wall clock.

``today`` is the day the county lives in: the setting ``DIGUAN_TODAY`` when given (the demo county
lives on 2026-10-31), otherwise the local date. ``now`` is the instant at which something was done
and is never faked: an audit trail with invented instants would be worthless.
Working-day calendars arrive with their first deadline.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.utils import timezone


def today() -> dt.date:
    """Return the day on which conditions, posts and delegations are judged by default."""
    fixed: str = getattr(settings, "DIGUAN_TODAY", "") or ""
    if fixed:
        return dt.date.fromisoformat(fixed)
    return timezone.localdate()


def now() -> dt.datetime:
    """Return the present instant, aware, in UTC."""
    return timezone.now()
