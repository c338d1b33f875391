"""The only door to the wall clock.

``today`` is the day the county lives in: the setting ``DIGUAN_TODAY`` when given (the demo county
lives on 2026-10-31), otherwise the local date. ``now`` is the instant at which something was done
and is never faked: an audit trail with invented instants would be worthless.
Working-day calendars arrive with their first deadline.
"""

from __future__ import annotations

import datetime as dt
import os
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

COUNTY_TIME = ZoneInfo("Asia/Shanghai")


def today() -> dt.date:
    """Return the day on which conditions, posts and delegations are judged by default.

    The engine alone runs without settings; it reads ``DIGUAN_TODAY`` from the environment.
    """
    fixed = str(getattr(settings, "DIGUAN_TODAY", "") or "") if settings.configured else os.environ.get("DIGUAN_TODAY", "")
    if fixed:
        return dt.date.fromisoformat(fixed)
    return dt.datetime.now(COUNTY_TIME).date()


def now() -> dt.datetime:
    """Return the present instant, aware, in UTC."""
    return timezone.now()
