"""How the contracts ask for this room's addresses: who may, and with which arguments (``tests/contracts/world.py``)."""

from __future__ import annotations

from typing import Any

from diguan.ties.models import Chamber, HometownPerson, Return, Tie
from diguan.ties.tests.factories import PDF, chamber_factory, person_kept, return_factory, tie_factory


def _person(_world: Any) -> dict[str, Any]:
    return {"number": (HometownPerson.objects.filter(name="张样例").first() or person_kept()).pk}


def _leaving(_world: Any) -> dict[str, Any]:
    """Somebody who takes their consent back."""
    return {"number": (HometownPerson.objects.filter(name="王样例").first() or person_kept("王样例", phone="138 0000 0002")).pk}


def _chamber(_world: Any) -> dict[str, Any]:
    return {"number": (Chamber.objects.first() or chamber_factory()).pk}


def _tie(world: Any) -> dict[str, Any]:
    """One that waits, recorded by somebody else, with a file."""
    person = HometownPerson.objects.get(pk=_person(world)["number"])
    found = Tie.objects.filter(state="claimed").first()
    return {"number": (found or tie_factory("legal_representative", person, "深圳样例机芯有限公司", verified=False, proof=PDF)).pk}


def _return(world: Any) -> dict[str, Any]:
    """One that waits, entered by somebody else."""
    person = HometownPerson.objects.get(pk=_person(world)["number"])
    return {"number": (Return.objects.filter(state="claimed").first() or return_factory(person, verified=False)).pk}


WHO = "promotion_officer"
SAMPLES: dict[str, Any] = {
    "ties:people": (WHO, None),
    "ties:lapsed": (WHO, None),
    "ties:person_new": (WHO, None),
    "ties:person": (WHO, _person),
    "ties:person_change": (WHO, _person),
    "ties:person_reveal": (WHO, _person, {"gives": "deed"}),
    "ties:consent": (WHO, _person),
    "ties:consent_withdraw": (WHO, _leaving, {"gives": "deed"}),
    "ties:consent_proof": (WHO, _person, {"gives": "deed"}),
    "ties:chambers": (WHO, None),
    "ties:chamber_new": (WHO, None),
    "ties:chamber": (WHO, _chamber),
    "ties:chamber_change": (WHO, _chamber),
    "ties:chamber_reveal": (WHO, _chamber, {"gives": "deed"}),
    "ties:ties": (WHO, None),
    "ties:tie_new": (WHO, None),
    "ties:tie": (WHO, _tie),
    "ties:tie_verify": (WHO, _tie, {"gives": "deed"}),
    "ties:tie_reject": (WHO, _tie, {"gives": "deed"}),
    "ties:tie_end": (WHO, _tie, {"gives": "deed"}),
    "ties:tie_proof": (WHO, _tie, {"gives": "file"}),
    "ties:paths": (WHO, None),
    "ties:returns": (WHO, None),
    "ties:return_new": (WHO, None),
    "ties:return": (WHO, _return),
    "ties:return_verify": (WHO, _return, {"gives": "deed"}),
    "ties:return_reject": (WHO, _return, {"gives": "deed"}),
    "ties:return_withdraw": (WHO, _return, {"gives": "deed"}),
    "ties:return_proof": (WHO, _return, {"gives": "file"}),
}
