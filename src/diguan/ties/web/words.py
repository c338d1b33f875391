"""How the room's rows are said on its pages."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from diguan.kernel import packs
from diguan.ties.models import Chamber, HometownPerson, Return, Tie, TiedFirm, TieKind
from diguan.ties.queries.terms import ON_RECORD

STATUS = {"claimed": "warn", "verified": "ok", "rejected": "bad", "ended": "mute"}


def person_address(row: HometownPerson) -> str:
    """Where somebody's page is."""
    return reverse("ties:person", args=[row.pk])


def chamber_address(row: Chamber) -> str:
    """Where a chamber's page is."""
    return reverse("ties:chamber", args=[row.pk])


def tie_address(row: Tie) -> str:
    """Where a tie's page is."""
    return reverse("ties:tie", args=[row.pk])


def return_address(row: Return) -> str:
    """Where a proof's page is."""
    return reverse("ties:return", args=[row.pk])


def firm_address(row: TiedFirm) -> str:
    """Who can introduce us to a firm."""
    return f"{reverse('ties:paths')}?firm={row.uscc or row.name}"


def region(code: str) -> str:
    """A region's name; the code where the table does not list it."""
    return packs.codes().regions.get(code, code)


def place(row: Any) -> str:
    """Where somebody lives or a chamber is: the region and the place as people say it."""
    return " ".join(part for part in (region(row.region), row.city) if part)


def state_of(row: Any) -> tuple[str, str]:
    """A tie's or a proof's state as a status."""
    return STATUS[row.state], row.get_state_display()


def kind(key: str) -> str:
    """A relation in words; the consent by which the county knows somebody among them."""
    return _("在册，本人同意引荐") if key == ON_RECORD else str(TieKind(key).label)


def end(row: Tie, side: str) -> tuple[str, str]:
    """One end of a tie: its name and address, the address empty where there is no page."""
    person, firm, chamber, officer = (getattr(row, f"{side}_{each}") for each in ("person", "firm", "chamber", "officer"))
    if person:
        return person.name, person_address(person)
    if firm:
        return firm.name, firm_address(firm)
    return (chamber.name, chamber_address(chamber)) if chamber else (_("{name}（县里）").format(name=officer.name), "")


def reached(to_kind: str, row: Any) -> tuple[str, str]:
    """Whom a hop reaches: name and address."""
    address = person_address(row) if to_kind == "person" else firm_address(row) if to_kind == "firm" else chamber_address(row)
    return row.name, address
