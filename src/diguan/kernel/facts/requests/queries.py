"""Reads of requests: which a person may see, what a firm is asked, for which sources a person speaks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Min, Q, QuerySet

from diguan.kernel import access, clocks, packs
from diguan.kernel.access.models import Unit
from diguan.kernel.catalogue import STANDARD, FactSpec
from diguan.kernel.facts.models import DataRequest, RequestLine, RequestState
from diguan.kernel.packs import SELF

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person

VIEW = "facts.view_request"
ASK = "facts.ask_fact"
ANSWER = "facts.answer_request"
EXPORT = "facts.export_request"
WORKDAYS = 5
"""The term of a request where its asker names none."""


@dataclass(frozen=True)
class Question:
    """One fact of one enterprise for one period (``all`` for an attribute); ``why`` names the clause that reads it."""

    subject_id: str
    name: str
    fact: str
    period: str
    why: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.subject_id, self.fact, self.period)


@dataclass(frozen=True)
class About:
    """What asks: a kind of thing, its id, its title; the kernel need not know more of it."""

    kind: str
    id: str
    title: str


@dataclass(frozen=True)
class Letter:
    """Questions to one addressee, to be answered within so many working days."""

    addressee: str
    questions: tuple[Question, ...]
    about: About
    workdays: int = WORKDAYS

    @property
    def firms(self) -> int:
        """How many enterprises it asks about."""
        return len({question.subject_id for question in self.questions})


def letters(asked: Mapping[str, Iterable[Question]], about: About, workdays: int = WORKDAYS) -> list[Letter]:
    """One letter to each bureau, and one to each enterprise that is asked itself."""
    found: list[Letter] = []
    for addressee, questions in asked.items():
        by_firm: dict[str, list[Question]] = {}
        for question in questions:
            by_firm.setdefault(question.subject_id if addressee == SELF else "", []).append(question)
        found += [Letter(addressee, tuple(each), about, workdays) for _firm, each in sorted(by_firm.items())]
    return found


def addressees(spec: FactSpec) -> tuple[str, ...]:
    """Whom a fact may be asked of: the first bureau that delivers it, and the enterprise where it may tell it itself."""
    bureaus = [source for source in spec.sources if source not in (SELF, STANDARD)]
    return (*bureaus[:1], *(source for source in spec.sources if source == SELF))


def may_be_told(spec: FactSpec | None) -> bool:
    """Whether an enterprise may tell this fact of itself."""
    return spec is not None and SELF in spec.sources and spec.type in ("money", "number", "bool", "date")


def requests(person: Person) -> QuerySet[DataRequest]:
    """Every request the person may see, with ``asked``, ``open`` and ``answered`` lines counted; an enterprise sees its own, a bureau those to it."""
    rows = access.visible(DataRequest.objects.all(), person, VIEW).select_related("created_by", "to_unit")
    return rows.annotate(asked=Count("lines"), open=Count("lines", filter=Q(lines__state=RequestState.OPEN)),
                         answered=Count("lines", filter=Q(lines__state=RequestState.ANSWERED))).order_by("-id")


def request(person: Person, number: int) -> DataRequest | None:
    """One request, None where there is none for this person."""
    return requests(person).filter(pk=number).first()


def may_answer(person: Person, row: DataRequest) -> bool:
    """Whether the person speaks for its addressee: for an enterprise its own people alone, for a bureau its office."""
    if row.addressee == SELF and row.subject_id not in access.usccs_of(person):
        return False
    return access.may(person, ANSWER, row)


def overdue(rows: QuerySet[DataRequest]) -> QuerySet[DataRequest]:
    """Those that are open after their day."""
    return rows.filter(state=RequestState.OPEN, due__lt=clocks.today())


def in_time(rows: QuerySet[DataRequest]) -> QuerySet[DataRequest]:
    """Those that are open and whose day has not passed."""
    return rows.filter(state=RequestState.OPEN, due__gte=clocks.today())


def standing(person: Person) -> tuple[int, int, dt.date | None]:
    """Of the open requests the person may see: how many are overdue, how many are not, and when the first of those is due."""
    rows = access.visible(DataRequest.objects.filter(state=RequestState.OPEN), person, VIEW)
    late, waiting = Q(due__lt=clocks.today()), Q(due__gte=clocks.today())
    found = rows.aggregate(late=Count("pk", filter=late), waiting=Count("pk", filter=waiting), first=Min("due", filter=waiting))
    return found["late"], found["waiting"], found["first"]


def asked_of(person: Person, subject_id: str) -> list[RequestLine]:
    """What one enterprise is asked and has not answered yet, by due date; only for its own people."""
    if subject_id not in access.usccs_of(person):
        return []
    rows = access.visible(DataRequest.objects.filter(addressee=SELF, subject_id=subject_id), person, VIEW)
    return list(RequestLine.objects.filter(request__in=rows, state=RequestState.OPEN).select_related("request").order_by("request__due", "fact", "period", "id"))


def open_already(letters: Sequence[Letter]) -> dict[str, frozenset[tuple[str, str, str]]]:
    """What each addressee of these letters is being asked already: (subject id, fact, period)."""
    rows = RequestLine.objects.filter(state=RequestState.OPEN, addressee__in={letter.addressee for letter in letters})
    found: dict[str, set[tuple[str, str, str]]] = {letter.addressee: set() for letter in letters}
    for addressee, *key in rows.values_list("addressee", "subject_id", "fact", "period"):
        found[addressee].add((key[0], key[1], key[2]))
    return {addressee: frozenset(keys) for addressee, keys in found.items()}


def sources_of(person: Person, permission: str) -> frozenset[str] | None:
    """The sources a person speaks for under a right: those whose office it reaches; None where it reaches the county's.

    What an enterprise says of itself is never among an office's.
    """
    if access.scope(person, permission) is access.Scope.COUNTY:
        return None
    offices = Q(pk__in=[])
    for grant in access.granted(person):
        reach = grant.role.permissions.get(permission)
        if reach is not None and not grant.role.enterprise and reach > access.Scope.OWN:
            offices |= Q(path__startswith=grant.unit_path) if reach is access.Scope.UNIT else Q(pk=grant.unit_id)
    codes = set(Unit.objects.filter(offices).values_list("code", flat=True))
    return frozenset(name for name, words in packs.sources().items() if words.get("unit") in codes)


def unit_for(source: str) -> Unit | None:
    """The office that answers for a source, where the packs name one that is there."""
    code = packs.sources().get(source, {}).get("unit")
    return Unit.objects.filter(code=code, active=True).first() if code else None


def sheets_of(row: DataRequest, lines: Sequence[RequestLine]) -> dict[tuple[str, str], list[RequestLine]]:
    """The open lines of a bureau's request by the declared sheet that brings them, and by period where its rows name none.

    What no sheet brings is under an empty name.
    """
    from diguan.kernel.sheets import shelf

    by_fact: dict[str, str] = {}
    known = shelf.fact_sheets()
    for name, sheet in known.items():
        if sheet.takes_source(row.addressee):
            by_fact |= {column.fact: name for column in sheet.facts if column.fact not in by_fact}
    found: dict[tuple[str, str], list[RequestLine]] = {}
    for line in lines:
        if line.state == RequestState.OPEN:
            name = by_fact.get(line.fact, "")
            found.setdefault((name, line.period if name and known[name].period_column is None else ""), []).append(line)
    return found
