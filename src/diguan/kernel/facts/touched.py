"""Which facts two sets of batches may say differently: what a run must judge anew, and what it may keep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from diguan.kernel.facts import batches, duck, files
from diguan.kernel.facts.models import Batch

_ROWS = "SELECT subject, subject_id, fact, period, state, num, text FROM read_parquet(?)"
_DIFFER = f"SELECT DISTINCT fact FROM (({_ROWS} EXCEPT ALL {_ROWS}) UNION ALL ({_ROWS} EXCEPT ALL {_ROWS}))"
_FACTS = "SELECT DISTINCT fact FROM read_parquet(?)"
_SUBJECTS = "SELECT DISTINCT subject, subject_id FROM read_parquet(?) WHERE period = 'all'"


@dataclass(frozen=True)
class Touched:
    """``facts`` that may be told otherwise; ``subjects``: whether others are judged than before, and so everything is anew."""

    facts: frozenset[str]
    subjects: bool


def between(old: Sequence[Batch], new: Sequence[Batch]) -> Touched:
    """What one set of batches may tell otherwise than another: never less than what differs, whatever the order.

    Of a source that delivers everything each time (the register) only what its two deliveries say differently counts;
    of every other batch that only one set has, every fact it tells or is complete for.
    """
    gone, come = _without(old, new), _without(new, old)
    wholes = {(row.subject, row.source, row.sheet): row for row in gone if row.replaces_all}
    pairs = [(wholes[key], row) for row in come if row.replaces_all and (key := (row.subject, row.source, row.sheet)) in wholes]
    paired = {row.pk for pair in pairs for row in pair}
    plain = [row for row in (*gone, *come) if row.pk not in paired]
    facts = _told(plain) | {fact for fact, _period in batches.coverage_of(plain)}
    for before, after in pairs:
        facts |= _differ(before, after) | {fact for fact, _period in set(batches.coverage_of([before])) ^ set(batches.coverage_of([after]))}
    return Touched(frozenset(facts), _subjects(gone) != _subjects(come) and _subjects(old) != _subjects(new))


def _without(some: Sequence[Batch], others: Sequence[Batch]) -> list[Batch]:
    known: Mapping[int, Batch] = {row.pk: row for row in others}
    return [row for row in some if row.pk not in known]


def _paths(found: Iterable[Batch]) -> list[str]:
    return sorted({str(files.batch_path(row.sha256)) for row in found})


def _told(found: Sequence[Batch]) -> set[str]:
    if not found:
        return set()
    with duck.connect() as db:
        return {fact for fact, in db.execute(_FACTS, [_paths(found)]).fetchall()}


def _differ(before: Batch, after: Batch) -> set[str]:
    one, other = (_paths([row]) for row in (before, after))
    with duck.connect() as db:
        return {fact for fact, in db.execute(_DIFFER, [one, other, other, one]).fetchall()}


def _subjects(found: Sequence[Batch]) -> set[tuple[str, str]]:
    """Who is on a register: whom a batch says something of that has no period."""
    if not found:
        return set()
    with duck.connect() as db:
        return set(db.execute(_SUBJECTS, [_paths(found)]).fetchall())
