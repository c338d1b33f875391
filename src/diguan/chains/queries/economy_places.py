"""Where the county's industries are concentrated and why they grew, from counts by region: quotients with bands, shift-share, relatedness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diguan.chains.engine import location
from diguan.chains.engine.basis import Vector, refused
from diguan.chains.engine.complexity import Complexity, complexity
from diguan.chains.engine.location import Quotients, ShiftShare
from diguan.chains.models import Places
from diguan.chains.queries import economy as queries
from diguan.chains.queries.economy_files import counted
from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal


@dataclass(frozen=True)
class Located:
    """(n,) by ``industries``. ``hhi`` and ``krugman`` of the county's make-up; ``shifts`` None where there is one year alone; ``related`` None with ``no_related`` saying why."""

    row: Places
    years: tuple[int, ...]
    first: int
    last: int
    against: str
    industries: tuple[str, ...]
    local: Vector
    whole: Vector
    quotients: Quotients
    hhi: float
    krugman: float
    shifts: ShiftShare | None
    related: Complexity | None
    no_related: Message | None
    at: int
    regions: tuple[str, ...]


def located(person: Person, against: str = "", first: int = 0, last: int = 0) -> Located | None:
    """The county against another region of the sheet (``""``: all of them together), over two of its years; None where no counts were brought.

    Raises:
        access.Forbidden: no right to see it.
        Refusal: no such region or year, or nothing in the county in that year.
    """
    access.require(person, queries.VIEW)
    row = queries.places()
    if row is None:
        return None
    counts = counted(row)
    years = tuple(sorted(counts.values))
    last, first = last or years[-1], first or years[0]
    if last not in years or first not in years or (against and against not in counts.regions):
        raise refused("no_such_place", "表里没有这个地区或年份。", "The sheet has no such region or year.")
    at = counts.regions.index(row.home)
    local, whole = counts.values[last][at], _whole(counts.values[last], counts.regions, against)
    found = location.with_band(local, whole) if row.counts else _plain(local, whole)
    shifts = location.shift_share((counts.values[first][at], local), (_whole(counts.values[first], counts.regions, against), whole)) if first != last else None
    related, why = _related(counts.values[last], at, row)
    return Located(row, years, first, last, against, counts.industries, local, whole, found, location.hhi(local), location.krugman(local, whole), shifts, related, why, at, counts.regions)


def _whole(matrix: np.ndarray, regions: Sequence[str], against: str) -> Vector:
    return np.asarray(matrix[list(regions).index(against)] if against else matrix.sum(axis=0))


def _plain(local: Vector, whole: Vector) -> Quotients:
    found = location.quotients(local, whole)
    return Quotients(found, found, found, (found - 1) / (found + 1), np.zeros(len(local), dtype=bool))


def _related(matrix: np.ndarray, at: int, row: Places) -> tuple[Complexity | None, Message | None]:
    try:
        return complexity(matrix, min(queries.LEAST_FIRMS, float(matrix[at].sum())) if row.counts else 0.0), None
    except Refusal as refusal:
        return None, refusal.reasons[0]
