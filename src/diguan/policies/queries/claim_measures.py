"""Measures of claims: how much of what is promised was paid, how much came without application, how long it took."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Sum

from diguan.kernel import clocks, packs
from diguan.kernel.access.models import Person
from diguan.kernel.measures import measure
from diguan.kernel.messages import Message
from diguan.kernel.stages.models import Passage
from diguan.policies.models import Claim, Delivery
from diguan.policies.queries import claims
from diguan.policies.queries.claims import CLAWBACK, PAID, VIEW, Staged

STARTED = "started"


@dataclass(frozen=True)
class Book:
    """The claims of one policy, or of every one (``policy`` empty), as they stand now."""

    policy: str
    as_of: dt.date | None
    known_at: dt.datetime | None


def owed(of: Book) -> Staged:
    """What is to be paid or was: neither given up nor refused nor returned."""
    rows = Claim.objects.filter(policy=of.policy) if of.policy else Claim.objects.all()
    return claims.live(rows)


def paid(of: Book) -> Staged:
    """What was paid, whatever is being clawed back of it."""
    return owed(of).filter(stage__in=(PAID, CLAWBACK))


def _seen(person: Person, rows: Staged) -> Sequence[Claim]:
    return list(claims.visible_claims(person).filter(pk__in=rows.values("pk")))


def _share(part: int, whole: int) -> int | None:
    """Basis points, rounded down; nothing where there is no whole."""
    return part * 10_000 // whole if whole else None


_OWED = Message("应兑现 = 已开的兑现，不算企业放弃、不予兑现和已退回的", "owed = claims opened, without those given up, refused or returned")


@measure("policies.claims_paid_share", title=Message("兑现率（件）", "Paid, by number"), unit="%", permission=VIEW, rows=lambda person, of: _seen(person, owed(of)),
         definition=Message(f"已拨付的件数 ÷ 应兑现的件数。{_OWED.zh}", f"claims paid ÷ claims owed; {_OWED.en}"))
def paid_share(of: Book) -> int | None:
    """Of the claims that are owed, those paid."""
    return _share(paid(of).count(), owed(of).count())


@measure("policies.claims_paid_share_amount", title=Message("兑现率（金额）", "Paid, by amount"), unit="%", permission=VIEW, rows=lambda person, of: _seen(person, owed(of)),
         definition=Message(f"已拨付的核定金额 ÷ 应兑现的核定金额。{_OWED.zh}", f"granted amounts of claims paid ÷ of claims owed; {_OWED.en}"))
def paid_share_amount(of: Book) -> int | None:
    """Of the money that is owed, what was paid."""
    return _share(paid(of).aggregate(fen=Sum("amount_fen"))["fen"] or 0, owed(of).aggregate(fen=Sum("amount_fen"))["fen"] or 0)


@measure("policies.claims_automatic_share", title=Message("免申即享占比", "Paid without application"), unit="%", permission=VIEW,
         rows=lambda person, of: _seen(person, owed(of).filter(delivery=Delivery.AUTOMATIC)),
         definition=Message(f"应兑现里免申即享的件数 ÷ 应兑现的件数。{_OWED.zh}", f"claims owed that need no application ÷ claims owed; {_OWED.en}"))
def automatic_share(of: Book) -> int | None:
    """Of the claims that are owed, those that need no application."""
    return _share(owed(of).filter(delivery=Delivery.AUTOMATIC).count(), owed(of).count())


@measure("policies.claims_days_to_paid", title=Message("开兑现到拨付", "From opened to paid"), unit="个工作日", permission=VIEW, rows=lambda person, of: _seen(person, paid(of)),
         definition=Message("已拨付的兑现从开出到拨付的工作日，取中位数（偶数件取较小的一个）", "working days from opened to paid of the claims paid: the median, of two middle ones the smaller"))
def days_to_paid(of: Book) -> int | None:
    """The median of working days from opened to paid."""
    moves = Passage.objects.filter(course__in=paid(of).values("course")).order_by("id")
    begun: dict[int, dt.date] = {}
    for course, day in moves.filter(kind=STARTED).values_list("course", "day"):
        begun.setdefault(course, day)
    ends, calendar = dict(moves.filter(target=PAID).values_list("course", "day")), packs.calendar()
    days = [clocks.working_between(begun[course], day, calendar)[0] for course, day in ends.items() if course in begun]
    return statistics.median_low(days) if days else None
