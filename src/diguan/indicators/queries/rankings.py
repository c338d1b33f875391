"""Reads of tables of peers: places, with their ranges where printed digits and revisions leave them open."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Prefetch, QuerySet

from diguan.indicators.engine import ranks
from diguan.indicators.engine.ranks import Place, Value
from diguan.indicators.models import PeerValue, RankingTable
from diguan.kernel import access
from diguan.kernel.access.models import Person, Unit, UnitKind

VIEW = "indicators.view_ranking"
EXPORT = "indicators.export_ranking"
IMPORT = "indicators.import_ranking"

_PEERS = (Prefetch("values", PeerValue.objects.order_by("id")), Prefetch("replaces", RankingTable.objects.prefetch_related("values")))


@dataclass(frozen=True)
class Line:
    """One peer with its place; ``band`` is half of what the figure leaves open, ``revised`` how far a revision moved it (None: there was none)."""

    row: PeerValue
    place: Place
    band: Decimal
    revised: Decimal | None
    own: bool

    @property
    def pk(self) -> int:
        """As lists ask it."""
        return self.row.pk


def visible_tables(person: Person) -> QuerySet[RankingTable]:
    """The tables that count, the newest period first; those a revision replaced stay to be read on their own page."""
    return access.visible(RankingTable.objects.select_related("owner_unit").prefetch_related(*_PEERS), person, VIEW).filter(replaced_by__isnull=True).order_by("-period", "title_key", "-id")


def table(person: Person, number: int) -> RankingTable | None:
    """One of all of them; None where there is none for this person."""
    return access.visible(RankingTable.objects.select_related("replaced_by").prefetch_related(*_PEERS), person, VIEW).filter(pk=number).first()


def before(row: RankingTable) -> RankingTable | None:
    """The table this one revised."""
    return max(row.replaces.all(), key=lambda one: one.pk, default=None)


def own_name() -> str:
    """What this county is called in tables: the name of the office at the root."""
    root = Unit.objects.filter(kind=UnitKind.COUNTY, parent__isnull=True).order_by("id").first()
    return root.name if root else ""


def lines(row: RankingTable, own: str | None = None) -> list[Line]:
    """The peers of a table, the first printed place first, equal ones in the table's order. ``own`` is what this county is called, where the caller has asked already.

    What a figure leaves open is the largest of: half of its last printed digit, the error the source tells, and how far a revision moved it.
    """
    earlier = before(row)
    was = {one.county: number for one in earlier.values.all() if (number := ranks.read(one.printed)) is not None} if earlier else {}
    own = own_name() if own is None else own
    told = [(one, number) for one in row.values.all() if (number := ranks.read(one.printed)) is not None]
    moved = {one.county: abs(number - was[one.county]) for one, number in told if one.county in was}
    bands = [max(ranks.half_digit(number), one.band or Decimal(0), moved.get(one.county, Decimal(0))) for one, number in told]
    places = ranks.places([Value(one.county, number, band) for (one, number), band in zip(told, bands, strict=True)], more_is_better=row.more_is_better)
    found = [Line(one, place, band, moved.get(one.county), is_own(one.county, own)) for (one, _number), place, band in zip(told, places, bands, strict=True)]
    return sorted(found, key=lambda line: (line.place.printed, line.row.pk))


def is_own(county: str, own: str) -> bool:
    """Whether a name in a table is this county's; a table may write it with or without 政府."""
    return bool(own) and county.removesuffix("人民政府") == own.removesuffix("人民政府")


def own_line(row: RankingTable, own: str | None = None) -> Line | None:
    """This county in a table; None where it is not in it."""
    return next((line for line in lines(row, own) if line.own), None)
