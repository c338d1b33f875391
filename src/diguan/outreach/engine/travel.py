"""How long the way takes: what a table says, else as the crow flies with a stated speed; every answer says which of the two it is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TABLE, BACK, REACHED, UNKNOWN = "table", "back", "reckoned", "unknown"
"""Said by the table; by the table for the way back; reckoned from coordinates; neither is known."""
EARTH_KM = 6371.0088


@dataclass(frozen=True)
class Spot:
    """A place; coordinates in millionths of a degree, None where nobody knows them."""

    key: int
    lat_e6: int | None = None
    lon_e6: int | None = None


@dataclass(frozen=True)
class Assumption:
    """How coordinates become minutes: km/h along a road so many per cent longer than the straight line, minutes for parking and doors, and what an unknown way counts."""

    speed_kmh: int
    detour_percent: int
    doors: int
    unknown: int


@dataclass(frozen=True)
class Way:
    """Minutes from one place to another and how they are known."""

    minutes: int
    how: str


def straight_km(one: Spot, other: Spot) -> float | None:
    """Kilometres along the great circle (haversine); None where a coordinate is missing.

    >>> round(straight_km(Spot(1, 30_274_000, 120_155_000), Spot(2, 31_230_000, 121_473_000)))
    165
    """
    if None in (one.lat_e6, one.lon_e6, other.lat_e6, other.lon_e6):
        return None
    first, second = math.radians((one.lat_e6 or 0) / 1e6), math.radians((other.lat_e6 or 0) / 1e6)
    across = math.radians(((other.lon_e6 or 0) - (one.lon_e6 or 0)) / 1e6)
    half = math.sin((second - first) / 2) ** 2 + math.cos(first) * math.cos(second) * math.sin(across / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(half))


def way(one: Spot, other: Spot, table: Mapping[tuple[int, int], int], by: Assumption) -> Way:
    """How long it takes from one place to another: the table, the table for the way back, coordinates, or what an unknown way counts.

    >>> way(Spot(1), Spot(2), {(1, 2): 35}, Assumption(60, 30, 10, 60))
    Way(minutes=35, how='table')
    >>> way(Spot(1), Spot(2), {}, Assumption(60, 30, 10, 60))
    Way(minutes=60, how='unknown')
    """
    if one.key == other.key:
        return Way(0, TABLE)
    if (one.key, other.key) in table:
        return Way(table[one.key, other.key], TABLE)
    if (other.key, one.key) in table:
        return Way(table[other.key, one.key], BACK)
    far = straight_km(one, other)
    if far is None:
        return Way(by.unknown, UNKNOWN)
    return Way(by.doors + math.ceil(far * (100 + by.detour_percent) * 60 / (100 * by.speed_kmh)), REACHED)


def matrix(spots: Sequence[Spot], table: Mapping[tuple[int, int], int], by: Assumption) -> tuple[tuple[Way, ...], ...]:
    """The ways from each place to each."""
    return tuple(tuple(way(one, other, table, by) for other in spots) for one in spots)
