"""How an indicator's figure stands: whether it changed since it was published, what it lacks, who tells otherwise."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from diguan.indicators.engine.terms import Indicator
from diguan.indicators.queries import disagreements, missing, published, snapshots
from diguan.indicators.queries.disagreements import Pair
from diguan.indicators.queries.snapshots import Cell, Figures
from diguan.indicators.web import change_words
from diguan.kernel.access.models import Person
from diguan.kernel.shell import language, source_name

SHOWN = 13
"""So many periods back it is said what is lacking."""


def of(person: Person, found: Figures | None, one: Indicator, cell: Cell | None) -> dict[str, Any]:
    """What an indicator's page says of its figure besides the figure."""
    if found is None or cell is None:
        return {}
    owed = missing.owed(found.run, one, list(found.series(one.code))[-SHOWN:])
    return {"changed": changed(person, found, one, cell), "owed": change_words.owed_lines(owed), "pairs": [pair_line(pair) for pair in disagreements.of_indicator(person, found.run, one, cell.period)]}


def changed(person: Person, found: Figures, one: Indicator, cell: Cell) -> dict[str, Any]:
    """How the figure was published last, where it was another one; nothing where it is the same."""
    row = published.held_against(found.run)
    before = snapshots.figures(person, row.run) if row else None
    was = before.cell(one.code, cell.period) if before else None
    if row is None or was is None or (was.num, was.den) == (cell.num, cell.den):
        return {}
    return {"month": row.month, "day": row.created_at, "before": change_words.shown(one, was), "after": change_words.shown(one, cell), "url": change_words.address(one.code, row.run, found.run, cell.period)}


def pair_line(pair: Pair) -> dict[str, Any]:
    """Two sources that tell otherwise, as a page says it."""
    return {"title": pair.spec.label(language()), "period": pair.period, "firms": pair.firms, "differ": pair.differ, "one": change_words.pair_amount(pair, pair.one), "other": change_words.pair_amount(pair, pair.other),
            "first": source_name(pair.first), "second": source_name(pair.second), "url": pair_address(pair)}


def pair_address(pair: Pair) -> str:
    """Where the firms behind a pair are."""
    return f"{reverse('indicators:disagreement', args=[pair.spec.name, pair.period])}?{urlencode({'first': pair.first, 'second': pair.second})}"
