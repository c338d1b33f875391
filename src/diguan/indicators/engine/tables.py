"""Figures by period and part: folded, compared, divided, and kept from telling of few firms. Every number is a whole one in storage units."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

WHOLE, RUNNING, PARTIAL, UNKNOWN, REFUSED, FEW = range(6)
"""How far a figure may be used, the better first: told whole; its month still runs; told in part; not told; divides different cohorts; of fewer than three firms."""
LEAST = 3
"""Figures of fewer firms are not told."""
ALL = ("", "")
"""The part that is everything."""
MILLION = 1_000_000
Numbers = npt.NDArray[np.int64]
States = npt.NDArray[np.int8]
Part = tuple[str, str]


@dataclass(frozen=True)
class Table:
    """One indicator: a row a period, a column a part (breakdown, group), the first of which is :data:`ALL`.

    ``num`` over ``den`` where it is a share, else ``den`` is all ones. ``firms`` stand behind a figure, ``told`` of ``expected`` were told of.
    """

    periods: tuple[str, ...]
    parts: tuple[Part, ...]
    num: Numbers
    den: Numbers
    firms: Numbers
    told: Numbers
    expected: Numbers
    state: States


@dataclass(frozen=True)
class Cube:
    """A fact of all classes of firms alike in every attribute that is asked for: a row a period, a column a class.

    ``num`` sums what was told, ``told`` counts firms with a value, ``positive`` those with one above zero, ``covered`` periods a delivery is complete for.
    """

    periods: tuple[str, ...]
    covered: npt.NDArray[np.bool_]
    num: Numbers
    told: Numbers
    positive: Numbers


@dataclass(frozen=True)
class Classes:
    """Firms alike: how many are in each class, and for each attribute the value of each class ("" where nobody told)."""

    sizes: Numbers
    values: Mapping[str, Sequence[str]]


def mask(classes: Classes, where: Sequence[tuple[str, Sequence[str]]]) -> Numbers:
    """1 for classes that count, 0 for others."""
    return passing(classes.values, where, len(classes.sizes)).astype(np.int64)


def passing(told: Mapping[str, Sequence[str]], where: Sequence[tuple[str, Sequence[str]]], count: int) -> npt.NDArray[np.bool_]:
    """Which of ``count`` things pass a filter, by what is told of them."""
    found = np.ones(count, np.bool_)
    for name, values in where:
        found &= np.isin(np.array(told[name], dtype=object), list(values))
    return found


def places(values: Mapping[str, Sequence[str]], by: Sequence[str], count: int) -> tuple[tuple[Part, ...], Numbers]:
    """The parts of breakdowns, and in which of them each of ``count`` things is: a row a thing, a column for the whole and one for each breakdown."""
    parts, at = [ALL], [np.zeros(count, np.int64)]
    for name in by:
        words = sorted(set(values[name]))
        place = {word: len(parts) + number for number, word in enumerate(words)}
        parts.extend((name, word) for word in words)
        at.append(np.array([place[word] for word in values[name]], np.int64))
    return tuple(parts), np.stack(at, axis=1)


def columns(values: Mapping[str, Sequence[str]], by: Sequence[str], count: int) -> tuple[tuple[Part, ...], Numbers]:
    """The parts of breakdowns, and which of ``count`` things is in which: a row a thing, a column a part."""
    parts, at = places(values, by, count)
    found = np.zeros((count, len(parts)), np.int64)
    found[np.arange(count)[:, None], at] = 1
    return parts, found


def of_fact(cube: Cube, classes: Classes, where: Sequence[tuple[str, Sequence[str]]], by: Sequence[str], fold: str, spans: Mapping[str, Sequence[str]]) -> Table:
    """A fact folded over spans: ``spans`` names for each period the fact's own periods in it, in order."""
    parts, inside = columns(classes.values, by, len(classes.sizes))
    chosen = inside * mask(classes, where)[:, None]
    members = classes.sizes @ chosen
    place = {text: at for at, text in enumerate(cube.periods)}
    base = (cube.positive if fold == "count" else cube.num) @ chosen
    told, known = cube.told @ chosen, np.where(cube.covered[:, None], members, cube.told @ chosen)
    hidden = _veils(cube.told, chosen, parts, members)
    shape = (len(spans), len(parts))
    num, firms, seen, state = (np.zeros(shape, np.int64) for _ in range(4))
    for row, steps in enumerate(spans.values()):
        at = [place[step] for step in (steps[-1:] if fold == "last" else steps) if step in place]
        lacking = len(steps[-1:] if fold == "last" else steps) - len(at)
        if not at:
            state[row] = UNKNOWN
            continue
        num[row], firms[row] = base[at].sum(axis=0), told[at].max(axis=0)
        seen[row] = 0 if lacking else known[at].min(axis=0)
        whole = bool(cube.covered[at].all()) and not lacking
        state[row] = WHOLE if whole else np.where(firms[row] > 0, np.where(seen[row] >= members, WHOLE, PARTIAL), UNKNOWN)
        state[row] = hide(state[row], np.any(hidden[at], axis=0))
    expected = np.broadcast_to(members, shape).copy()
    return Table(tuple(spans), parts, num, np.ones(shape, np.int64), firms, seen, expected, state.astype(np.int8))


# ── few firms ────────────────────────────────────────────────────────────────
def _veils(told: Numbers, chosen: Numbers, parts: Sequence[Part], members: Numbers) -> npt.NDArray[np.bool_]:
    """What is hidden in each of a fact's own periods; what is hidden in one of them is hidden in every span that holds it, or the difference of two spans would tell."""
    found: dict[bytes, npt.NDArray[np.bool_]] = {}
    for row in told:
        if row.tobytes() not in found:
            weighed = (chosen * row[:, None]).astype(np.float64)
            found[row.tobytes()] = veil(parts, members, (weighed.T @ chosen.astype(np.float64)).astype(np.int64))
    return np.stack([found[row.tobytes()] for row in told]) if len(told) else np.zeros((0, len(parts)), np.bool_)


def veil(parts: Sequence[Part], members: Numbers, together: Numbers, *, nested: bool = True) -> npt.NDArray[np.bool_]:
    """Which parts are not told, so that no figure of fewer than three firms can be read or worked out from those that are.

    Args:
        parts: the columns, the whole first.
        members: how many firms each part has.
        together: how many firms that were told of two parts share; the diagonal is how many each has.
        nested: whether one part less another that lies within it would tell something (a sum does, a number of firms does not).

    Hidden are parts of fewer than three; a part within another that but one or two firms set apart; and of each breakdown as many more,
    the smallest first, that what is hidden is two parts and three firms at least. Sums and differences of more than two parts of
    different breakdowns are not followed.
    """
    told = together.diagonal()
    hidden = ((members > 0) & (members < LEAST)) | ((told > 0) & (told < LEAST))
    rest = told[:, None] - together
    apart = (together == told[None, :]) & (told[None, :] > 0) & (rest > 0) & (rest < LEAST)
    breakdowns = [np.array([at for at, part in enumerate(parts) if part[0] == name]) for name in dict.fromkeys(dim for dim, _group in parts if dim)]
    while True:
        before = hidden.copy()
        if nested:
            hidden |= (apart & ~hidden[:, None]).any(axis=0)
        for at in breakdowns:
            _cover(hidden, told, at)
        if (hidden == before).all():
            return hidden


def _cover(hidden: npt.NDArray[np.bool_], told: Numbers, at: Numbers) -> None:
    """Hide more parts of one breakdown until the whole less what is shown tells nothing."""
    while not hidden[0]:
        lost = told[at][hidden[at] & (told[at] > 0)]
        others = [column for column in at if not hidden[column] and told[column] > 0]
        if not len(lost) or (len(lost) > 1 and lost.sum() >= LEAST) or not others:
            return
        hidden[min(others, key=lambda column: (told[column], column))] = True


def hide(state: npt.NDArray[Any], hidden: Any) -> npt.NDArray[Any]:
    """The states of a period's parts once some are hidden; of what nothing is known there is nothing to hide."""
    return np.where(hidden & (state != UNKNOWN), FEW, state)


def change(table: Table, before: Callable[[str], str]) -> Table:
    """Each period against the one ``before`` it: the difference over what was; unknown where nothing is known of it or it is not above zero."""
    place = {text: at for at, text in enumerate(table.periods)}
    kept = [(at, place[before(text)]) for at, text in enumerate(table.periods) if before(text) in place]
    now, then = [at for at, _ in kept], [at for _, at in kept]
    num, den = table.num[now] - table.num[then], table.num[then].copy()
    state = np.maximum(table.state[now], table.state[then])
    state = np.where((state != FEW) & (den <= 0), UNKNOWN, state).astype(np.int8)
    return Table(tuple(table.periods[at] for at in now), table.parts, num, np.where(den > 0, den, 1), np.minimum(table.firms[now], table.firms[then]),
                 np.minimum(table.told[now], table.told[then]), np.maximum(table.expected[now], table.expected[then]), state)


def over(top: Table, bottom: Table) -> Table:
    """One table over another, period by period and part by part; what one of them lacks is unknown."""
    rows = [(top.periods.index(text), bottom.periods.index(text)) for text in top.periods if text in bottom.periods]
    parts = [part for part in top.parts if part in bottom.parts]
    one, two = (np.ix_([pair[side] for pair in rows], [each.parts.index(part) for part in parts]) for side, each in ((0, top), (1, bottom)))
    den = bottom.num[two] * top.den[one]
    state = np.maximum(top.state[one], bottom.state[two])
    state = np.where((state != FEW) & (den <= 0), UNKNOWN, state).astype(np.int8)
    return Table(tuple(top.periods[at] for at, _ in rows), tuple(parts), top.num[one] * bottom.den[two], np.where(den > 0, den, 1), np.minimum(top.firms[one], bottom.firms[two]),
                 np.minimum(top.told[one], bottom.told[two]), np.maximum(top.expected[one], bottom.expected[two]), state)


def refused(table: Table) -> Table:
    """The same periods and parts with no figure."""
    return replace(table, num=np.zeros_like(table.num), den=np.ones_like(table.den), state=np.full_like(table.state, REFUSED))
