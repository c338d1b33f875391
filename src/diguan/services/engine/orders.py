"""Which of two activities always came first, and which came in either order: strict and free orders, with their evidence.

In a case that holds both, ``a`` comes *before* ``b`` if the first ``b`` starts no earlier than the first ``a`` ends; *together*
if neither comes before the other (they overlap); *tied* if all four instants are one, which tells nothing. First executions
count, so what is done again after a correction turns no order round. ``a`` before ``b`` is **strict** with no counter-example (a
case in which ``b`` came before ``a``, or together) and at least ``support`` cases for it; it is **free** if both orders, or both
together, were seen. Everything else is **thin**: too few cases to say. A log shows what was done, not what must be: a strict
order may be habit, and the law may bind what the log shows free.
"""

from __future__ import annotations

import graphlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from diguan.services.engine.eventlog import EventLog, LogRefused
from diguan.services.engine.instants import Ints

STRICT, FREE, THIN = "strict", "free", "thin"
MOST_ACTIVITIES = 1_000
"""Distinct activities at most; where there are more, the column is likely to hold something else."""
SHOWN = 5
_AT_ONCE, _TABLES = 1 << 18, 4
"""Pairs worked on at once: that many, or that many times the table of all pairs, which each time is added to the whole."""
_FORWARD, _BACKWARD, _TOGETHER, _TIED = range(4)


@dataclass(frozen=True)
class Order:
    """Two activities and their order.

    Attributes:
        before: the one that came first more often; of equals the one whose name sorts first.
        after: the other.
        kind: :data:`STRICT`, :data:`FREE` or :data:`THIN`.
        support: cases in which ``before`` came before ``after``.
        against: cases in which it came after.
        together: cases in which they overlapped.
        tied: cases that tell nothing: all at one instant.
        counter_examples: the first case ids, at most :data:`SHOWN`, among ``against + together``; for all of them see :func:`counter_examples`.
    """

    before: str
    after: str
    kind: str
    support: int
    against: int
    together: int
    tied: int
    counter_examples: tuple[str, ...]

    @property
    def seen(self) -> int:
        """Cases that hold both."""
        return self.support + self.against + self.together + self.tied


def orders(log: EventLog, support: int) -> tuple[Order, ...]:
    """The order of every two activities that occur in one case, by the two names.

    Args:
        log: the log.
        support: cases a strict order needs at least.

    Raises:
        ValueError: a support below 1.
        LogRefused: more than :data:`MOST_ACTIVITIES` activities.
    """
    if support < 1:
        raise ValueError("a strict order needs at least one case")
    size = len(log.activities)
    if size > MOST_ACTIVITIES:
        raise LogRefused(f"有 {size} 种环节，最多 {MOST_ACTIVITIES} 种；是不是把别的列当成了环节？", f"there are {size} activities, at most {MOST_ACTIVITIES}: is another column taken for the activity?")
    case, activity, start, end = _firsts(log)
    counts = np.zeros(size * size * 4, np.int64)
    for left, right in _pairs(case, size):
        relation = _relation(start[left], end[left], start[right], end[right])
        counts += np.bincount((activity[left].astype(np.int64) * size + activity[right]) * 4 + relation, minlength=len(counts))
    table = counts.reshape(-1, 4)
    pairs = np.flatnonzero(table.any(axis=1))
    examples = _examples((case, activity, start, end), size, table)
    found = [_told(log, int(pair) // size, int(pair) % size, table[pair].tolist(), examples.get(int(pair), {}), support) for pair in pairs]
    return tuple(sorted(found, key=lambda each: (each.before, each.after)))


def counter_examples(log: EventLog, before: str, after: str) -> tuple[str, ...]:
    """All case ids in which ``before`` came after ``after`` or together with it, in the log's order.

    Raises:
        ValueError: an activity the log does not have.
    """
    case, activity, start, end = _firsts(log)
    one, other = (np.flatnonzero(activity == log.activities.index(name)) for name in (before, after))
    _, left, right = np.intersect1d(case[one], case[other], return_indices=True)
    relation = _relation(start[one[left]], end[one[left]], start[other[right]], end[other[right]])
    wrong = one[left][(relation == _BACKWARD) | (relation == _TOGETHER)]
    return tuple(log.cases[each] for each in case[wrong].tolist())


def skeleton(log: EventLog, found: Iterable[Order]) -> tuple[Order, ...]:
    """The strict orders that say it all: without those that follow from two others in every case they hold in.

    ``a`` before ``b`` follows from ``a`` before ``c`` before ``b`` only if ``c`` is in every case that holds ``a`` and ``b``. Where the
    strict orders of different cases run in a circle nothing is left out.

    Args:
        log: the log.
        found: what :func:`orders` found in it.
    """
    strict = [each for each in found if each.kind == STRICT]
    after: dict[str, set[str]] = {name: set() for name in log.activities}
    for each in strict:
        after[each.before].add(each.after)
    if _runs_in_a_circle(after):
        return tuple(strict)
    case, activity, *_ = _firsts(log)
    held = [np.zeros(len(log.cases), np.bool_) for _ in log.activities]
    for code, mine in enumerate(held):
        mine[case[activity == code]] = True
    masks = {name: int.from_bytes(np.packbits(mine).tobytes(), "big") for name, mine in zip(log.activities, held, strict=True)}

    def follows(order: Order) -> bool:
        both = masks[order.before] & masks[order.after]
        return any(order.after in after[between] and not both & ~masks[between] for between in after[order.before])
    return tuple(each for each in strict if not follows(each))


def _runs_in_a_circle(after: dict[str, set[str]]) -> bool:
    try:
        graphlib.TopologicalSorter(after).prepare()
    except graphlib.CycleError:
        return True
    return False


Firsts = tuple[Ints, Ints, Ints, Ints]


def _firsts(log: EventLog) -> Firsts:
    """Of each activity in each case: case, activity, first start, first end; by case, then activity."""
    order = np.lexsort((log.activity, log.case))
    case, activity = log.case[order].astype(np.int64), log.activity[order].astype(np.int64)
    new = np.ones(len(order), np.bool_)
    new[1:] = (case[1:] != case[:-1]) | (activity[1:] != activity[:-1])
    at = np.flatnonzero(new)
    if not len(at):
        return at, at, at, at
    return case[at], activity[at], np.minimum.reduceat(log.start[order], at), np.minimum.reduceat(log.end[order], at)


def _pairs(case: Ints, size: int) -> Iterator[tuple[Ints, Ints]]:
    """Every two rows of one case, the left one first, a bounded number at a time."""
    most = max(_AT_ONCE, _TABLES * size * size)
    ends = np.searchsorted(case, case, side="right")
    more = ends - np.arange(len(case)) - 1
    reached = np.cumsum(more)
    at = 0
    while at < len(case):
        done = int(reached[at - 1]) if at else 0
        until = max(int(np.searchsorted(reached, done + most, side="right")), at + 1)
        rows = np.arange(at, until)
        left = np.repeat(rows, more[at:until])
        right = left + 1 + np.arange(len(left)) - np.repeat(reached[at:until] - more[at:until] - done, more[at:until])
        if len(left):
            yield left, right
        at = until


def _relation(start: Ints, end: Ints, other_start: Ints, other_end: Ints) -> np.ndarray[Any, np.dtype[np.int64]]:
    forward, backward = end <= other_start, other_end <= start
    return np.where(forward, np.where(backward, _TIED, _FORWARD), np.where(backward, _BACKWARD, _TOGETHER))


def _examples(firsts: Firsts, size: int, table: Ints) -> dict[int, dict[int, list[int]]]:
    """The first cases of each pair by what went against its usual order: a second walk, which stops when it has them all."""
    case, activity, start, end = firsts
    lacking = np.minimum(table, SHOWN)
    lacking[:, _TIED] = 0
    usual = np.where(table[:, _FORWARD] >= table[:, _BACKWARD], _FORWARD, _BACKWARD)
    lacking[np.arange(len(table)), usual] = 0
    found: dict[int, dict[int, list[int]]] = {}
    flat = lacking.reshape(-1)
    for left, right in _pairs(case, size):
        if not flat.any():
            break
        key = (activity[left] * size + activity[right]) * 4 + _relation(start[left], end[left], start[right], end[right])
        for place, row in _first_of(key, flat):
            found.setdefault(place // 4, {}).setdefault(place % 4, []).append(int(case[left[row]]))
    return found


def _first_of(key: Ints, lacking: Ints) -> Iterator[tuple[int, int]]:
    """The first rows of each key, as many as it lacks; afterwards it lacks that many less."""
    rows = np.flatnonzero(lacking[key] > 0)
    rows = rows[np.argsort(key[rows], kind="stable")]
    keys, first, counts = np.unique(key[rows], return_index=True, return_counts=True)
    taken = np.minimum(counts, lacking[keys])
    lacking[keys] -= taken
    for place, begin, many in zip(keys.tolist(), first.tolist(), taken.tolist(), strict=True):
        for row in rows[begin:begin + many].tolist():
            yield place, row


def _told(log: EventLog, left: int, right: int, counts: list[int], examples: dict[int, list[int]], support: int) -> Order:
    if turned := counts[_BACKWARD] > counts[_FORWARD]:
        left, right, counts = right, left, [counts[_BACKWARD], counts[_FORWARD], *counts[2:]]
    wrong = sorted(examples.get(_FORWARD if turned else _BACKWARD, []) + examples.get(_TOGETHER, []))[:SHOWN]
    against = counts[_BACKWARD] + counts[_TOGETHER]
    kind = FREE if against else STRICT if counts[_FORWARD] >= support else THIN
    return Order(log.activities[left], log.activities[right], kind, counts[0], counts[1], counts[2], counts[3], tuple(log.cases[each] for each in wrong))
