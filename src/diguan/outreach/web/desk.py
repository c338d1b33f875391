"""What the room puts on the work desk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from diguan.kernel import clocks
from diguan.kernel.declare import DeskItem
from diguan.kernel.templatetags.diguan import near_day
from diguan.outreach.models import FollowState
from diguan.outreach.queries import trips, visits
from diguan.outreach.web.tables import follow_address, guest_address

MOST = 5


def follow_ups(person: Any) -> Iterator[DeskItem]:
    """Mine: late ones first, then what is due; beyond a few they are one line."""
    mine = visits.visible_follow_ups(person).filter(owner=person, state=FollowState.OPEN)
    rows = list(mine[:MOST])
    for row in rows:
        late = row.due_on < clocks.today()
        yield DeskItem("first" if late else "week", "bad" if late else "accent", _("超期") if late else _("跟进"), row.what,
                       _("{who}；最晚 {day}").format(who=row.visit.name if row.visit else _("外出招商"), day=near_day(row.due_on)), "", follow_address(row), _("去办"), 20 if late else 40)
    more = mine.count() - len(rows)
    if more > 0:
        yield DeskItem("week", "mute", _("跟进"), ngettext("还有 %(n)s 件要跟进", "还有 %(n)s 件要跟进", more) % {"n": more}, "", "", f"{reverse('outreach:follow_ups')}?mine={person.pk}&state=open", _("去看"), 41)


def expenses(person: Any) -> Iterator[DeskItem]:
    """For who approves: what waits."""
    waiting = trips.to_approve(person).count()
    if waiting:
        yield DeskItem("week", "warn", _("等您审批"), ngettext("%(n)s 笔外出费用超限额", "%(n)s 笔外出费用超限额", waiting) % {"n": waiting}, _("批准之前不算数"), "", f"{reverse('outreach:trips')}?approve=1", _("去看"), 45)


def guests(person: Any) -> Iterator[DeskItem]:
    """Guests I am to receive."""
    for row in visits.coming(person)[:MOST]:
        past = row.to_day < clocks.today()
        yield DeskItem("first" if past else "week", "warn" if past else "accent", _("记结果") if past else _("来考察"), row.invitation.name,
                       _("来过了，写一句结果") if past else _("{day} 到，{n} 人").format(day=near_day(row.from_day), n=row.guests), "", guest_address(row.invitation), _("去看"), 30)
