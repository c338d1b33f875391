"""Reads of assisted handling 帮代办: which cases somebody helps with today, whom one may ask."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.services.models import Case, CaseHelp
from diguan.services.queries import case_terms as terms

ASSIST = "services.assist_case"
OVERSEE = terms.OVERSEE


def standing() -> Q:
    """Help that holds today: consented to, not ended, its day not past."""
    return Q(consented_at__isnull=False, ended_at=None, until__gte=clocks.today())


def helped(person: Person) -> QuerySet[Case, int] | None:
    """The numbers of the cases this person helps with today; None for who helps with none by right."""
    if access.scope(person, ASSIST) is None:
        return None
    return CaseHelp.objects.filter(standing(), assistant=person).values_list("case", flat=True)  # type: ignore[return-value]


def helping(person: Person, case: Case) -> CaseHelp | None:
    """The help by which this person may act for the applicant of a case today."""
    if access.scope(person, ASSIST) is None:
        return None
    return CaseHelp.objects.filter(standing(), assistant=person, case=case).first()


def current(case: Case) -> CaseHelp | None:
    """The help of a case that has not ended: asked for, or consented to."""
    return case.helps.filter(ended_at=None, until__gte=clocks.today()).select_related("assistant", "assigned_by", "consented_by").first()


def assistants() -> QuerySet[Person]:
    """Whom one may ask to help: who holds the right today."""
    return Person.objects.filter(pk__in=terms.holders(ASSIST)).order_by("name", "pk")


def find(person: Person, number: int) -> CaseHelp | None:
    """One help, as far as the person has to do with it: its applicant, its assistant, or the office that leads the case."""
    rows = CaseHelp.objects.select_related("case__course", "assistant", "assigned_by")
    for permission in (ASSIST, OVERSEE, "services.open_case"):
        row = access.visible(rows.filter(pk=number), person, permission).first()
        if row is not None:
            return row
    return None
