"""Writes of tables of peers: a file comes in whole; one that came before stays and is named as replaced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from diguan.enterprises.engine import name_key
from diguan.indicators.actions.parts import refuse
from diguan.indicators.engine import ranks
from diguan.indicators.models import PeerValue, RankingTable
from diguan.indicators.queries.rankings import IMPORT
from diguan.kernel import access, clocks, periods
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, action, told_of
from diguan.kernel.facts.models import Upload
from diguan.kernel.messages import Message
from diguan.kernel.records import Visibility

FEWEST = 2


@dataclass(frozen=True)
class Peer:
    """One county's figure as it was printed, and the error the source tells (None: it tells none)."""

    county: str
    printed: str
    band: Decimal | None = None


@dataclass(frozen=True)
class Entry:
    """One table: the list, its period (2026 or 2026-08), unit, order, source, and its peers."""

    title: str
    period: str
    unit: str
    more_is_better: bool
    source: str
    example: bool
    peers: tuple[Peer, ...]


def problem(entry: Entry) -> tuple[str, Message] | None:
    """What is wrong with a table, and in which of its columns; None: nothing."""
    try:
        period = periods.parse(entry.period)
    except periods.PeriodError:
        return "period", Message("期间写成 2026 或 2026-08", "a period is written 2026 or 2026-08")
    if period.kind not in ("year", "month"):
        return "period", Message("期间写成 2026 或 2026-08", "a period is written 2026 or 2026-08")
    if period.start > clocks.today():
        return "period", Message(f"{entry.period} 还没到", f"{entry.period} is still to come")
    if len(entry.peers) < FEWEST:
        return "county", Message("只有一个县，排不出位次", "one county alone has no place")
    if len({peer.county for peer in entry.peers}) != len(entry.peers):
        return "county", Message("同一个县出现了两次", "a county occurs twice")
    if any(ranks.read(peer.printed) is None for peer in entry.peers):
        return "value", Message("不是数字；没有公布的就不要这一行", "no number; leave out a county whose figure was not published")
    if any(peer.band is not None and peer.band < 0 for peer in entry.peers):
        return "band", Message("误差不能是负数", "an error is not negative")
    return None


@action(permission=IMPORT, event="rankings_imported", on="upload")
def import_rankings(*, entries: Sequence[Entry], upload: Upload, by: Person) -> Done[Upload]:
    """Keep the tables of a file, all or nothing; one of the same list and period is replaced and kept.

    Raises:
        Refusal: ``invalid`` (column named).
    """
    for entry in entries:
        wrong = problem(entry)
        if wrong is not None:
            raise refuse("invalid", wrong[1].zh, wrong[1].en, wrong[0])
    made = [_kept(entry, upload, by) for entry in entries]
    return Done(upload, after={"file": upload.name, "tables": [str(row) for row in made], "rows": sum(len(entry.peers) for entry in entries)}, related=made)


def _kept(entry: Entry, upload: Upload, by: Person) -> RankingTable:
    told = told_of(RankingTable, {"title": entry.title, "period": entry.period, "unit": entry.unit, "source": entry.source}, ("title", "period", "unit", "source"))
    key = name_key(told["title"])
    earlier = list(RankingTable.objects.filter(title_key=key, period=told["period"], replaced_by__isnull=True))
    # The old one steps back first: of one list and period only one counts at a time. It names itself until the new one is there.
    for old in earlier:
        RankingTable.objects.filter(pk=old.pk, replaced_by__isnull=True).update(replaced_by=old, changed_by=by, changed_at=clocks.now())
    row = RankingTable.objects.create(**told, title_key=key, more_is_better=entry.more_is_better, example=entry.example, upload=upload, visibility=Visibility.SCOPED, owner_unit_id=access.unit_of(by), created_by=by, changed_by=by)
    PeerValue.objects.bulk_create([PeerValue(table=row, county=peer.county, printed=peer.printed, band=peer.band) for peer in entry.peers])
    RankingTable.objects.filter(pk__in=[old.pk for old in earlier]).update(replaced_by=row)
    return row
