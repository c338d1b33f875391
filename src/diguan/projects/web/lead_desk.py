"""What of leads stands on the work desk of whoever follows them: what is theirs to do, nobody else's, ranked by its day alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from diguan.kernel import clocks, packs
from diguan.kernel.declare import DeskItem
from diguan.projects.queries import leads

SOON = dt.timedelta(days=6)
SHOWN = 12


def desk(person: Any) -> Iterator[DeskItem]:
    """Steps one has put down, clocks of one's leads, news that are due, offers that wait."""
    yield from _steps(person)
    yield from _clocks(person)
    waiting = leads.offered_to(person).count()
    if waiting:
        yield DeskItem("first", "accent", _("等您接"), ngettext("%(n)s 条线索等您接手", "%(n)s 条线索等您接手", waiting) % {"n": waiting}, _("接了以后由您跟进"), "", reverse("projects:lead_offers"), _("去看"), 20)


def _steps(person: Any) -> Iterator[DeskItem]:
    today = clocks.today()
    for step in leads.next_steps(person, today + SOON)[:SHOWN]:
        row = step.lead or step.project
        if row is None or step.next_on is None:
            continue
        late, what = step.next_on < today, step.next_step
        url = reverse("projects:lead" if step.lead_id else "projects:project", args=[row.pk])
        yield DeskItem("first" if step.next_on <= today else "week", "bad" if late else "warn" if step.next_on == today else "mute", _("过了日子") if late else _("下一步"), what,
                       _("最晚 {day}").format(day=step.next_on), str(row), url, _("去办"), 22)


def _clocks(person: Any) -> Iterator[DeskItem]:
    today, rows = clocks.today(), leads.visible_leads(person).filter(holder=person)
    page = f"{reverse('projects:leads')}?holder=me"
    next_day = clocks.due_after(today, 1, packs.calendar()).day  # on a Friday what is due on Monday is due first
    for row in leads.open_leads(rows).filter(due__lte=max(today + SOON, next_day)).order_by("due", "id")[:SHOWN]:
        late = row.due < today
        what = _("首次联系：{title}") if row.stage == leads.REGISTERED else _("写研判意见：{title}")
        yield DeskItem("first" if row.due <= next_day else "week", "bad" if late else "warn", _("超期") if late else _("快到期"), what.format(title=row.title), _("最晚 {day}").format(day=row.due), row.firm_name, reverse("projects:lead", args=[row.pk]), _("去办"), 21)
    stale, unanswered = leads.stale(rows).count(), leads.unanswered(rows).count()
    if stale:
        yield DeskItem("week", "warn", _("没有进展"), ngettext("%(n)s 条线索该写进展了", "%(n)s 条线索该写进展了", stale) % {"n": stale}, _("写了进展，保护期才顺延"), "", f"{page}&due=news", _("去写"), 41)
    if unanswered:
        yield DeskItem("week", "warn", _("没答复"), ngettext("%(n)s 条线索还没答复引荐人", "%(n)s 条线索还没答复引荐人", unanswered) % {"n": unanswered}, "", "", f"{page}&due=referrer", _("去答复"), 42)
