"""What the command line answers of indicators: plain values, money in fen under keys that end in ``_fen``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from diguan.indicators.engine import tables
from diguan.indicators.engine.terms import Indicator
from diguan.indicators.queries import article, behind, compute, goals
from diguan.indicators.queries.snapshots import Cell, Figures
from diguan.kernel.access.models import Person

STATES = {tables.WHOLE: "whole", tables.RUNNING: "running", tables.PARTIAL: "partial", tables.UNKNOWN: "unknown", tables.REFUSED: "refused", tables.FEW: "few"}
"""How far a figure may be used, in a word."""


Targets = Mapping[tuple[str, int], Decimal]


def answer(person: Person, found: Figures, chosen: Sequence[Indicator]) -> dict[str, Any]:
    """The last figure told of each of these indicators in a snapshot, with its year's target in the same unit, where one was set and this person may see it."""
    set_ = goals.whole_by_year(person, [one.code for one in chosen])
    return {"as_of": found.run.as_of.isoformat(), "known_at": found.run.known_at.isoformat(), "indicators": [_line(one, found.cell(one.code), found, set_) for one in chosen]}


def _line(one: Indicator, cell: Cell | None, found: Figures, set_: Targets) -> dict[str, Any]:
    value = cell.value(one) if cell else None
    target = set_.get((one.code, int(cell.period[:4]))) if cell else None
    why = compute.refusal(found.book, one, found.run.as_of)
    return {"code": one.code, "name": one.title.zh, **({"refused": {"zh": why.zh, "en": why.en}} if why else {}), **_value(one.unit, value), "unit": one.unit, "scope": one.scope, "period": cell.period if cell else None, "snapshot": found.run.run_id, **_value(one.unit, target, "target"),
            "version": cell.version if cell else one.version, "state": STATES[cell.state if cell else tables.UNKNOWN], **_counts(cell)}


def _counts(cell: Cell | None) -> dict[str, int | None]:
    """Of how many it was told; of a figure that is hidden that is hidden too."""
    if cell is not None and cell.state == tables.FEW:
        return {"told": None, "expected": None}
    return {"told": cell.told if cell else 0, "expected": cell.expected if cell else 0}


def _value(unit: str, value: Decimal | None, key: str = "value") -> dict[str, Any]:
    """A figure as a number in its unit; of money (in yuan, or yuan for one of something) the fen beside, to the nearest."""
    plain = None if value is None else number(value)
    return {key: plain, f"{key}_fen": None if value is None else int((value * 100).to_integral_value())} if unit.startswith("元") else {key: plain}


def number(value: Decimal) -> int | float:
    """A whole number as one, another to six places.

    >>> number(Decimal("12.00")), number(Decimal(1) / 3)
    (12, 0.333333)
    """
    return int(value) if value == value.to_integral_value() else float(round(value, 6))


def explained(person: Person, found: Figures, one: Indicator, cell: Cell) -> dict[str, Any]:
    """A figure with the rows behind it, as far as this person may see them; ``hidden`` counts those they may not.

    Raises:
        access.Forbidden: they may not see records of this kind.
    """
    sides = behind.sides(person, found.run, one, cell, found.book) if cell.num is not None else []
    return {**_line(one, cell, found, goals.whole_by_year(person, [one.code])), "as_of": found.run.as_of.isoformat(), "dim": cell.dim, "group": cell.group, "definition": one.definition.zh, "owner": one.owner.zh, "source": one.source.zh,
            "sides": [_side(each) for each in sides]}


def _side(side: behind.Side) -> dict[str, Any]:
    unit, scale = behind.unit_of(side.source)
    return {"role": side.role, "code": side.indicator.code, "period": side.period, "unit": unit, "hidden": side.hidden, "rows": [_row(row, unit, scale) for row in side.rows]}


def _row(row: behind.Row, unit: str, scale: int) -> dict[str, Any]:
    told: dict[str, Any] = {"key": row.key, "label": row.label, **({"kind": row.kind} if row.kind else {}), "on": row.on.isoformat() if row.on else None}
    if unit == "元":
        return {**told, "num_fen": row.num, "of_fen": row.of}
    return {**told, "num": None if row.num is None else number(Decimal(row.num) / scale), "of": row.of}


def judged(rows: Sequence[article.Judged]) -> list[dict[str, Any]]:
    """Printed figures held against ours."""
    return [{"line": row.said.line, "title": row.said.title.zh, "said": row.said.said, "printed": str(row.said.value), "unit": row.said.unit.zh, "compare": row.said.compare, "code": row.said.code or None, "period": row.said.period or None,
             "dim": row.said.dim, "group": row.said.group, "ours": None if row.ours is None else number(row.ours), "ours_printed": None if row.printed is None else str(row.printed), "state": row.state, "waits": row.said.waits or None} for row in rows]


