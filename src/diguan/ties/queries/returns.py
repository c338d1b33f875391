"""Reads of 湘商回归: whether an investor is proved to be a returnee."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.ties import engine
from diguan.ties.models import Return, ReturnSubject, TieState
from diguan.ties.queries import people, ties

VIEW, CHANGE, VERIFY, EXPORT = "ties.view_return", "ties.change_return", "ties.verify_return", "ties.export_return"
PROVED, CLAIMED, NONE = "verified", "claimed", "none"


def visible_returns(person: Person) -> QuerySet[Return]:
    """The proofs this person may see, newest first. They name a person only while that person's consent is in force: ask :func:`people.names_of`."""
    return access.visible(Return.objects.select_related("firm", "person", "entered_by", "verified_by", "owner_unit"), person, VIEW).order_by("-id")


def a_return(person: Person, number: int) -> Return | None:
    """One of them; None where there is none for this person."""
    return visible_returns(person).select_related("proof").filter(pk=number).first()


def to_verify(person: Person) -> QuerySet[Return]:
    """Those that wait and that this person may decide on: entered by others."""
    return access.visible(visible_returns(person), person, VERIFY).filter(state=TieState.CLAIMED).exclude(entered_by=person)


def search(rows: QuerySet[Return], text: str) -> QuerySet[Return]:
    """By the firm's name or code, or the document; blank text finds all."""
    key = engine.name_key(text)
    return rows.filter(Q(firm__name_key__contains=key) | Q(firm__uscc=key.upper()) | Q(document__icontains=text.strip()))


@dataclass(frozen=True)
class ReturneeProof:
    """Whether an investor is a returnee. ``state`` is ``verified``, ``claimed`` (entered, nobody else verified it: counts nowhere) or ``none``.

    ``number`` is that of the proof in this room; ``basis`` as :class:`~diguan.ties.models.Basis`, ``decided_on`` the day of verification. Nothing in it names a person.
    """

    state: str
    number: int | None = None
    basis: str = ""
    document: str = ""
    decided_on: dt.date | None = None

    @property
    def counts(self) -> bool:
        """Whether the flag may be set: a file, verified by another than who entered it."""
        return self.state == PROVED


def returnee_proof(person: Person, *, uscc: str = "", name: str = "", hometown_person: int | None = None, on: dt.date | None = None) -> ReturneeProof:
    """The proof that an investor is a returnee (湘商回归), for the rooms above: a flag without ``counts`` must not be counted.

    Args:
        person: who asks; who may not see proofs is told ``none``.
        uscc: the investing firm's credit code, looked for first.
        name: the firm's whole name, where the code is not known or not on record; letters' width, spaces and brackets do not matter.
        hometown_person: the number of a hometown person, where the investor is a person. Their consent need not be in force: the proof stands
            on the register's document, and nothing of the person is told.
        on: the day as of which it was verified; a proof verified later is told as ``claimed``. None: as it stands.

    Returns:
        The best there is: a verified one before a claimed one; rejected and withdrawn ones are none.
    """
    wanted = _subject(uscc, name, hometown_person)
    rows = list(visible_returns(person).filter(wanted, state__in=ties.OPEN)) if wanted is not None else []
    found = sorted((_proof(row, on) for row in rows), key=lambda one: (not one.counts, -(one.number or 0)))
    return found[0] if found else ReturneeProof(NONE)


def _subject(uscc: str, name: str, number: int | None) -> Q | None:
    if number is not None:
        return Q(subject=ReturnSubject.PERSON, person=number)
    firm = ties.firm_of(uscc, name)
    return Q(subject=ReturnSubject.FIRM, firm=firm) if firm else None


def _proof(row: Return, on: dt.date | None) -> ReturneeProof:
    proved = row.state == TieState.VERIFIED and (on is None or (row.decided_on is not None and row.decided_on <= on))
    return ReturneeProof(PROVED if proved else CLAIMED, row.pk, row.basis, row.document, row.decided_on if proved else None)


def shown_names(person: Person, rows: list[Return]) -> dict[int, str]:
    """Names of the people these proofs rest on, of those this person may see today."""
    return people.names_of(person, [row.person_id for row in rows])
