"""Words of leads for lists, pages and the desk: where one stands, what its clocks say."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel import clocks
from diguan.kernel.shell import language
from diguan.kernel.stages import shelf
from diguan.kernel.stages.tree import ACTIVE
from diguan.projects.models import Lead
from diguan.projects.queries.leads import DORMANT, DUPLICATE, FLOW, FOLLOWING, LOST, PROMOTED, REGISTERED, RESPONDED

STAGES = ((REGISTERED, gettext_lazy("已登记")), (RESPONDED, gettext_lazy("已首次联系")), (FOLLOWING, gettext_lazy("已研判，跟进中")), (PROMOTED, gettext_lazy("已立为项目")))
STATUSES = ((ACTIVE, gettext_lazy("在跟进")), (DORMANT, gettext_lazy("搁置")), (LOST, gettext_lazy("流失")), (DUPLICATE, gettext_lazy("和别的线索重复")))
NEAR = dt.timedelta(days=3)


def title_of(row: Any) -> str:
    """The stage or status in the page's language, as the flow in force says."""
    flow = shelf.known()[FLOW]
    found = flow.status.get(row.status) or flow.step.get(row.stage or "")
    return found.label(language()) if found else str(row.stage or "")


def stage_of(row: Any) -> tuple[str, str]:
    """Colour and word of where a lead stands; ``row`` is one of ``queries.leads.visible_leads``."""
    if row.status == LOST or row.status == DUPLICATE or row.status == DORMANT:
        return "mute", title_of(row)
    return ("ok" if row.stage == PROMOTED else "accent"), title_of(row)


def next_due(row: Any) -> dt.date | None:
    """What a lead under way is due for first: its step, its news, or its referrer's answer."""
    if row.status != ACTIVE or row.stage == PROMOTED:
        return None
    days = (row.due, row.progress_due, row.feedback_due if row.feedback_on is None else None)
    return min((day for day in days if day is not None), default=None)


def clock_of(row: Any) -> tuple[str, str] | None:
    """Colour and day of what is due first; None where nothing is."""
    day = next_due(row)
    if day is None:
        return None
    today = clocks.today()
    if day < today:
        return "bad", _("超期，最晚 {day}").format(day=day)
    return ("warn" if day <= today + NEAR else "ok"), _("最晚 {day}").format(day=day)


def held_by(row: Lead) -> str:
    """Who holds it and since when, and until when it is protected."""
    if row.holder is None:
        return _("没有人持有，可以认领")
    if row.protected_until is not None and row.protected_until < clocks.today():
        return _("{name}，保护期到 {day} 已过，可以认领").format(name=row.holder.name, day=row.protected_until)
    return _("{name}，保护到 {day}").format(name=row.holder.name, day=row.protected_until or "—")
