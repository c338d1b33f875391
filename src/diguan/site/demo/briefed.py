"""Briefings of the demo: August 2025 signed by three people, and last month's, which waits to be signed, so that there is one to read and one to decide on."""

from __future__ import annotations

import datetime as dt

from diguan.site.demo import accounts

SIGNED, AS_OF = "2025-08", dt.date(2025, 9, 30)


def prepare() -> int:
    """Draft, review and sign what is not there yet; answers how many briefings there are."""
    from diguan.indicators.actions import briefings as actions
    from diguan.indicators.actions import snapshots
    from diguan.indicators.models import Briefing, BriefingState
    from diguan.kernel import clocks
    from diguan.kernel.periods import add_months

    one, other, leader = (accounts.known(login) for login in ("stat", "stat2", "leader"))
    for month, day in ((SIGNED, AS_OF), (f"{add_months(clocks.today().replace(day=1), -1):%Y-%m}", clocks.today())):
        row = Briefing.objects.filter(month=month).order_by("edition").first()
        if row is None:
            row = actions.draft_briefing(month=month, run=snapshots.take_snapshot(by=one, as_of=day), by=one)
        if row.state == BriefingState.DRAFT:
            row = actions.review_briefing(briefing=row, version=row.version, digest=row.digest, by=other)
        if row.state == BriefingState.REVIEWED and month == SIGNED:
            actions.sign_briefing(briefing=row, version=row.version, digest=row.digest, by=leader, reason="演示数据，个别户没有报送" if row.partial else "")
    return Briefing.objects.count()
