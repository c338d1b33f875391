"""Adjust what was drawn to the public figures in ``demo.yaml``, each to its last digit.

A drawn county comes close to the figures; what is missing is put right in whole fen and in the open: from January
2025 on every firm of a cluster pays tax at the same small multiple of what was drawn (reliefs begin and end with a
year), and the fen that rounding leaves go to the largest payer. Sales, headcounts and all else stay as drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from diguan.site.demo.firm import Firm, Month, Params

Row = tuple[Firm, Month]
Kept = TypeVar("Kept")
BEFORE, AFTER = ("2024-01", "2024-08"), ("2025-01", "2025-08")


def adjusted(rows: Sequence[Row], params: Params) -> list[Row]:
    """The rows with the tax growth of each cluster that ``tax_growth`` names; a county without those months stays as it is."""
    kept = list(rows)
    for cluster, basis_points in params["tax_growth"].items():
        _grow(kept, cluster, basis_points)
    return kept


def _grow(rows: list[Row], cluster: str, basis_points: int) -> None:
    before, drawn = (sum(rows[at][1].tax for at in _places(rows, cluster, *span)) for span in (BEFORE, AFTER))
    if not before or not drawn:
        return
    wanted = (before * (10_000 + basis_points) + 5_000) // 10_000
    for at in _places(rows, cluster, AFTER[0], "9999-12"):
        firm, month = rows[at]
        rows[at] = (firm, _paying(month, month.tax * wanted // drawn))
    inside = _places(rows, cluster, *AFTER)
    largest = max(inside, key=lambda at: rows[at][1].tax)
    firm, month = rows[largest]
    rows[largest] = (firm, _paying(month, month.tax + wanted - sum(rows[at][1].tax for at in inside)))


def _places(rows: Sequence[Row], cluster: str, first: str, last: str) -> list[int]:
    return [at for at, (firm, month) in enumerate(rows) if firm.cluster == cluster and first <= month.period.text <= last]


def _paying(month: Month, tax: int) -> Month:
    """The month with this tax; VAT and income tax keep their shares."""
    return replace(month, tax=tax, vat=tax * 62 // 100, income=tax * 20 // 100)


def summing_to(told: Sequence[Kept], wanted: int, get: Callable[[Kept], int], put: Callable[[Kept, int], Kept]) -> list[Kept]:
    """The same rows with one amount scaled so that they add up to ``wanted``; what rounding leaves goes to the largest."""
    drawn = sum(map(get, told))
    if not drawn:
        return list(told)
    scaled = [put(one, get(one) * wanted // drawn) for one in told]
    largest = max(range(len(scaled)), key=lambda at: get(scaled[at]))
    scaled[largest] = put(scaled[largest], get(scaled[largest]) + wanted - sum(map(get, scaled)))
    return scaled
