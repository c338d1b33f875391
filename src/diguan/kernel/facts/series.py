"""One subject's facts as a page shows them: by period and source, with what disagrees."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from diguan.kernel import access, packs, periods
from diguan.kernel.access.roles import title_of
from diguan.kernel.catalogue import Catalogue, FactSpec
from diguan.kernel.facts import batches, duck, projections, store

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person
    from diguan.kernel.facts.models import Batch

VIEW = "facts.view_fact"


@dataclass(frozen=True)
class Told:
    """What one source said of one period: the value in storage units, absent, and by which batch and when.

    ``current`` is False for what the same source has said differently since.
    """

    source: str
    state: str
    num: int | None
    text: str | None
    batch: int
    delivered_at: dt.datetime | None
    current: bool = True

    @property
    def value(self) -> int | str | None:
        return self.num if self.num is not None else self.text


@dataclass(frozen=True)
class Point:
    """One period: the value used, all that was told now, and whether sources disagree."""

    period: str
    used: Told
    told: tuple[Told, ...]

    @property
    def disagrees(self) -> bool:
        return len({(one.state, one.num, one.text) for one in self.told if one.current}) > 1


@dataclass(frozen=True)
class Standing:
    """How a fact stands at its last known period: value, absent (by word or by a complete delivery) or unknown."""

    state: str
    period: str = ""
    point: Point | None = None


@dataclass(frozen=True)
class FactSeries:
    """One fact of one subject, oldest period first.

    ``whole`` are the periods for which a delivery was complete: who is not told of in one of them has none.
    """

    spec: FactSpec
    points: tuple[Point, ...] = field(default_factory=tuple)
    whole: tuple[str, ...] = ()

    @property
    def standing(self) -> Standing:
        """The last period anything is known of; unknown where nobody has told us anything."""
        told = {point.period: point for point in self.points}
        known = sorted({*told, *self.whole}, key=lambda text: (periods.parse(text).start, text))
        if not known:
            return Standing("unknown")
        point = told.get(known[-1])
        return Standing(point.used.state if point else "absent", known[-1], point)

    @property
    def latest(self) -> Point:
        return self.points[-1]

    @property
    def disagrees(self) -> bool:
        return any(point.disagrees for point in self.points)

    def trend(self, count: int = 12) -> list[tuple[str, int | None]]:
        """The last periods with their numbers, oldest first; None where it is absent."""
        return [(point.period, point.used.num) for point in self.points[-count:]]


def facts_of(person: Person, subject_id: str, known_at: dt.datetime | None = None, *, subject: str = "enterprise",
             catalogue: Catalogue | None = None) -> list[FactSeries]:
    """Every fact known of a subject, in the catalogue's order.

    The caller has shown that the person may see the subject; here the right to facts is asked, and an
    enterprise's own people reach only the codes they are delegated for.

    Raises:
        access.Forbidden: the person may not view facts, or not of this subject.
    """
    require_of(person, subject_id)
    catalogue = catalogue or packs.catalogue()
    return _facts_of(subject_id, _visible(known_at, subject), subject, catalogue)


def _visible(known_at: dt.datetime | None, subject: str) -> list[Batch]:
    return [row for row in batches.visible_batches(known_at) if row.subject == subject]


def _facts_of(subject_id: str, found: Sequence[Batch], subject: str, catalogue: Catalogue) -> list[FactSeries]:
    if not found:
        return []
    delivered = {row.pk: row.committed_at for row in found}
    rows = projections.rows_of(projections.projection(found, catalogue) / projections.SERIES, subject, [subject_id])
    told: dict[str, dict[str, list[Told]]] = {}
    for row in sorted((row for row in rows if row["current"]), key=_order):
        told.setdefault(row["fact"], {}).setdefault(row["period"], []).append(_told(row, delivered))
    return [FactSeries(catalogue[fact], tuple(_points(told[fact].items()))) for fact in catalogue if fact in told]


def everything_of(person: Person, subject_id: str, known_at: dt.datetime | None = None, *, subject: str = "enterprise",
                  catalogue: Catalogue | None = None) -> list[FactSeries]:
    """As :func:`facts_of`, with what complete deliveries say and with every dated fact nobody has told us.

    Raises:
        access.Forbidden: as :func:`facts_of`.
    """
    require_of(person, subject_id)
    catalogue, found = catalogue or packs.catalogue(), _visible(known_at, subject)
    told = {one.spec.name: one for one in _facts_of(subject_id, found, subject, catalogue)}
    whole: dict[str, list[str]] = {}
    for fact, period in store.covered(found).periods:
        whole.setdefault(fact, []).append(period.text)
    dated = [spec for spec in catalogue.values() if spec.period != "none" and spec.subject == subject]
    return [FactSeries(spec, told[spec.name].points if spec.name in told else (), tuple(whole.get(spec.name, ()))) for spec in dated]


def history_of(person: Person, subject_id: str, fact: str, known_at: dt.datetime | None = None, *, subject: str = "enterprise",
               catalogue: Catalogue | None = None) -> FactSeries | None:
    """One fact with everything ever said of it, also what its source has corrected since; None for no such fact.

    A point's ``told`` begins with the value used and holds the superseded ones last.

    Raises:
        access.Forbidden: as :func:`facts_of`.
    """
    catalogue = catalogue or packs.catalogue()
    one = next((one for one in everything_of(person, subject_id, known_at, subject=subject, catalogue=catalogue) if one.spec.name == fact), None)
    if one is None or not one.points:
        return one
    old: dict[str, list[Told]] = {}
    for period, told in _superseded(subject_id, fact, known_at, subject, catalogue):
        old.setdefault(period, []).append(told)
    points = [Point(point.period, point.used, (*point.told, *old.get(point.period, ()))) for point in one.points]
    return FactSeries(one.spec, tuple(points), one.whole)


def _superseded(subject_id: str, fact: str, known_at: dt.datetime | None, subject: str, catalogue: Catalogue) -> Iterable[tuple[str, Told]]:
    found = _visible(known_at, subject)
    delivered = {row.pk: row.committed_at for row in found}
    rows = projections.rows_of(projections.projection(found, catalogue) / projections.SERIES, subject, [subject_id])
    old = sorted((row for row in rows if row["fact"] == fact and not row["current"]), key=_order)
    return [(row["period"], _told(row, delivered)) for row in old]


def numbers(ids: Collection[str], facts: Collection[str], first: dt.date, last: dt.date, known_at: dt.datetime | None = None, *,
            subject: str = "enterprise") -> Mapping[str, Mapping[str, Mapping[str, Mapping[str, int]]]]:
    """What many subjects were told of between two days: fact → subject id → source → period → number in storage units.

    Sources stand in the catalogue's order. Not narrowed to a person: for counts and sums only, the caller sees to the rights.
    """
    found = _visible(known_at, subject)
    told: dict[str, dict[str, dict[str, dict[str, int]]]] = {}
    if not found or not ids:
        return told
    with duck.connect() as db:
        rows = db.execute(_NUMBERS, [str(projections.projection(found, packs.catalogue()) / projections.SERIES), subject, sorted(facts), sorted(ids), first, last]).fetchall()
    for fact, subject_id, source, period, num in rows:
        told.setdefault(fact, {}).setdefault(subject_id, {}).setdefault(source, {})[period] = num
    return told


_NUMBERS = """
SELECT fact, subject_id, source, period, num FROM read_parquet(?) WHERE current AND state = 'value' AND num IS NOT NULL AND subject = ?
AND fact IN (SELECT unnest(?)) AND subject_id IN (SELECT unnest(?)) AND period_start >= ? AND period_end <= ? ORDER BY place, source
"""


def _order(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """By fact and time; of one period what is used first, then by the sources' places, of one source the last first."""
    return (row["fact"], row["period_start"], row["period"], not row["chosen"], row["place"], row["source"], -row["batch"])


def _told(row: Mapping[str, Any], delivered: Mapping[int, dt.datetime | None]) -> Told:
    return Told(row["source"], row["state"], row["num"], row["text"], row["number"], delivered.get(row["number"]), row["current"])


def _points(by_period: Iterable[tuple[str, list[Told]]]) -> Iterable[Point]:
    return (Point(period, found[0], tuple(found)) for period, found in by_period)


def require_of(person: Person, subject_id: str) -> None:
    """Let pass who may see the facts of this subject; an enterprise's own people reach only what they are delegated for.

    Raises:
        access.Forbidden: they may not.
    """
    access.require(person, VIEW)
    if access.scope(person, VIEW) is access.Scope.OWN and subject_id not in access.usccs_of(person):
        raise access.Forbidden(VIEW, title_of(VIEW))
