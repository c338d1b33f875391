"""Facts as JSON: money as integer fen, days as ISO, other numbers as exact decimal text in the catalogue's unit."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from ninja import Schema

from diguan.kernel import packs, periods
from diguan.kernel.catalogue import FactSpec
from diguan.kernel.facts.series import FactSeries, Told

EPOCH = dt.date(1970, 1, 1)


class ValueOut(Schema):
    """A value as one source told it. ``state`` is value or absent; money is in ``value_fen``, everything else in ``value``."""

    state: str
    value: str | bool | None = None
    value_fen: int | None = None


class ToldOut(ValueOut):
    """``current`` is false for what the same source has said differently since."""

    source: str
    batch: int
    delivered_at: dt.datetime | None
    current: bool


class PointOut(Schema):
    """One period: the value used first, then what else was told; ``disagrees`` where sources tell different values."""

    period: str
    disagrees: bool
    told: list[ToldOut]


class FactSpecOut(Schema):
    """An entry of the catalogue."""

    name: str
    title: dict[str, str]
    type: str
    unit: str
    period: str
    subject: str
    sources: list[str]


class FactOut(ValueOut):
    """A fact as it stands: value, absent (known not to exist) or unknown (nobody has told us)."""

    fact: str
    unit: str
    period: str | None


class FactSeriesOut(Schema):
    """One fact of one subject, oldest period first; in ``whole`` periods whoever is not told of is known to have none."""

    fact: FactSpecOut
    points: list[PointOut]
    whole: list[str]


def spec_out(spec: FactSpec) -> FactSpecOut:
    """An entry of the catalogue."""
    return FactSpecOut(name=spec.name, title=dict(spec.title), type=spec.type, unit=spec.unit, period=spec.period, subject=spec.subject,
                       sources=list(spec.sources))


def catalogue_out() -> list[FactSpecOut]:
    """The whole catalogue, in its order."""
    return [spec_out(spec) for spec in packs.catalogue().values()]


def value_of(spec: FactSpec | None, state: str, num: int | None, text: str | None) -> dict[str, Any]:
    """A stored value as JSON holds it."""
    if state != "value" or spec is None or num is None:
        return {"state": state, "value": text if state == "value" else None}
    if spec.type == "money":
        return {"state": state, "value_fen": num}
    if spec.type == "bool":
        return {"state": state, "value": bool(num)}
    if spec.type == "date":
        return {"state": state, "value": (EPOCH + dt.timedelta(days=num)).isoformat()}
    return {"state": state, "value": decimal(num, spec.scale)}


def decimal(num: int, scale: int) -> str:
    """A stored number in its display unit, exactly.

    >>> decimal(123450, 100), decimal(-1, 10_000), decimal(7, 1), decimal(0, 100)
    ('1234.5', '-0.0001', '7', '0')
    """
    text = f"{Decimal(num) / scale:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def fact_out(one: FactSeries) -> FactOut:
    """A fact at its last known period."""
    standing = one.standing
    used = standing.point.used if standing.point else None
    shown = value_of(one.spec, standing.state, used.num, used.text) if used else {"state": standing.state}
    return FactOut(fact=one.spec.name, unit=one.spec.unit, period=standing.period or None, **shown)


def series_out(one: FactSeries, as_of: dt.date | None) -> FactSeriesOut:
    """A fact's periods that had begun by a day."""
    points = [PointOut(period=point.period, disagrees=point.disagrees, told=[_told(one.spec, told) for told in point.told])
              for point in one.points if _begun(point.period, as_of)]
    return FactSeriesOut(fact=spec_out(one.spec), points=points, whole=[period for period in sorted(one.whole) if _begun(period, as_of)])


def _told(spec: FactSpec, told: Told) -> ToldOut:
    return ToldOut(**value_of(spec, told.state, told.num, told.text), source=told.source, batch=told.batch, delivered_at=told.delivered_at, current=told.current)


def _begun(period: str, as_of: dt.date | None) -> bool:
    return as_of is None or periods.parse(period).start <= as_of
