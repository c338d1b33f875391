"""Reads of evidence: what a person may see, and what of a subject's is held on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from diguan.kernel import access
from diguan.kernel.evidence.dictionary import Entry, known
from diguan.kernel.evidence.models import Evidence, EvidenceState
from diguan.kernel.facts.models import Upload

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person

VIEW = "evidence.view_evidence"
ENTER = "evidence.enter_evidence"
VERIFY = "evidence.verify_evidence"
REVEAL = "evidence.reveal_evidence"
HELD, WAITING, EXPIRED, OUTDATED, MISSING = "held", "waiting", "expired", "outdated", "missing"
Subjects = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Piece:
    """One row as the asking person may see it: of a personal one number, value and file stay hidden until a look is logged."""

    row: Evidence
    entry: Entry | None
    standing: str
    number: str
    value: int | str | None
    hidden: bool


@dataclass(frozen=True)
class Holding:
    """What is held of one dictionary id on a day: ``held`` verified and in force, ``waiting`` to be verified, ``expired``, ``outdated`` (verified for
    a round that is over), ``missing``.
    """

    state: str
    row: Evidence | None = None
    by: int | None = None

    @property
    def value(self) -> int | str | None:
        """Its value in the storage unit, once it is verified."""
        return value_of(self.row) if self.state == HELD and self.row is not None else None


def visible_evidence(person: Person) -> QuerySet[Evidence]:
    """The evidence a person may see."""
    return access.visible(Evidence.objects.all(), person, VIEW)


def pieces(person: Person, subjects: Subjects, day: dt.date) -> list[Piece]:
    """What was handed in for these subjects, newest first, as the person may see it."""
    return _shown(visible_evidence(person), subjects, day)


def pieces_of(subjects: Subjects, day: dt.date) -> list[Piece]:
    """As :func:`pieces`, of everybody's, what is personal masked; for a room that has seen to the rights by a rule of its own."""
    return _shown(Evidence.objects.all(), subjects, day)


def _shown(rows: QuerySet[Evidence], subjects: Subjects, day: dt.date) -> list[Piece]:
    found = rows.filter(_of(subjects)).select_related("upload", "entered_by", "verified_by").order_by("-id")
    return [piece(row, day) for row in found]


def piece(row: Evidence, day: dt.date) -> Piece:
    """One row, what is personal in it masked; ``actions.reveal`` shows it and leaves a trace."""
    entry = known().get(row.entry)
    hidden = entry is None or entry.personal
    value = value_of(row)
    shown = mask(str(value)) if hidden and value is not None else value
    return Piece(row, entry, row.standing(day), mask(row.number) if hidden else row.number, shown, hidden)


def mask(text: str) -> str:
    """All but the last four letters hidden; of a short text everything.

    >>> mask("430421199001011234"), mask("1234")
    ('**************1234', '****')
    """
    return "*" * len(text) if len(text) <= 6 else "*" * (len(text) - 4) + text[-4:]


def value_of(row: Evidence) -> int | str | None:
    """The value that was entered, in the storage unit."""
    return row.num if row.num is not None else row.text or None


def holdings(entries: Collection[str], subjects: Subjects, day: dt.date, since: dt.datetime | None = None) -> Mapping[str, Holding]:
    """What is held of each of these ids for any of these subjects on a day; what was verified before ``since`` is outdated.

    Asked by gates, so no right is judged: it tells no content.
    """
    if not entries:
        return {}
    rows = Evidence.objects.filter(_of(subjects), entry__in=entries, state__in=(EvidenceState.ENTERED, EvidenceState.VERIFIED)).order_by("id")
    found: dict[str, Holding] = {}
    for row in rows:
        one = _holding(row, day, since)
        if one is not None and _RANK[one.state] >= _RANK[found[row.entry].state if row.entry in found else MISSING]:
            found[row.entry] = one
    return {entry: found.get(entry, Holding(MISSING)) for entry in entries}


_RANK = {MISSING: 0, OUTDATED: 1, EXPIRED: 2, WAITING: 3, HELD: 4}


def _holding(row: Evidence, day: dt.date, since: dt.datetime | None) -> Holding | None:
    if row.issued is not None and row.issued > day:
        return None
    if row.state == EvidenceState.ENTERED:
        return Holding(WAITING, row, row.entered_by_id)
    old = since is not None and (row.decided_at is None or row.decided_at < since)
    return Holding(OUTDATED if old else EXPIRED if row.standing(day) == "expired" else HELD, row, row.entered_by_id)


def file_of(person: Person, row: Evidence) -> Upload | None:
    """The file of a row for who may see it; of a personal one None: ``actions.reveal`` gives that."""
    if not access.may(person, VIEW, row) or piece(row, dt.date.max).hidden:
        return None
    return row.upload


def _of(subjects: Subjects) -> Q:
    found = Q(pk__in=[])
    for kind, key in subjects:
        found |= Q(subject_kind=kind, subject_id=key)
    return found
