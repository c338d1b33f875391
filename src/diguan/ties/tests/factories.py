"""Rows for the tests of this room and of those above it; everything through the actions, by somebody whose right reaches it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from diguan.kernel import clocks
from diguan.kernel.access.models import Person, Unit, UnitKind
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.ties.actions import chambers, people, returns, ties
from diguan.ties.actions.people import Agreed
from diguan.ties.actions.ties import FirmName
from diguan.ties.models import Chamber, HometownPerson, Purpose, Return, Tie

PDF = ("同意书.pdf", b"%PDF-1.7 consent")
EVERYTHING = frozenset(Purpose)


def town_factory(name: str = "样例镇") -> Unit:
    """A town, the same one for a name within a test."""
    return Unit.objects.filter(name=name, kind=UnitKind.TOWN).first() or unit_factory(name, kind=UnitKind.TOWN)


def agreed(*purposes: Purpose, days: int = 200, given: int = 0, **more: Any) -> Agreed:
    """A consent given so many days ago that lasts so many days from today."""
    today = clocks.today()
    told: dict[str, Any] = {"words": "联系走访和引荐企业", "how": "signed", "proof": PDF, **more}
    return Agreed(frozenset(purposes) or EVERYTHING, told["words"], today - dt.timedelta(days=given), today + dt.timedelta(days=days), told["how"], told["proof"])


def person_kept(name: str = "张样例", *, by: Person | None = None, consent: Agreed | None = None, **values: Any) -> HometownPerson:
    """A hometown person with a consent."""
    told = {"name": name, "kind": "merchant", "town": None, "city": "深圳", "region": "440300", "phone": "138 0000 0001", **values}
    return people.keep_person(values=told, agreed=consent or agreed(), again=True, by=by or person_factory("promotion_officer"))


def chamber_factory(name: str = "深圳市样例商会", *, by: Person | None = None, **values: Any) -> Chamber:
    """A chamber in Shenzhen."""
    told = {"name": name, "region": "440300", "city": "深圳", "contact_name": "李示例", "contact_phone": "0755-12345678", "source": "商会 2026 年名册", "source_date": clocks.today(), **values}
    return chambers.keep_chamber(values=told, by=by or person_factory("promotion_officer"))


def tie_factory(kind: str, one: Any, other: Any, *, by: Person | None = None, verified: bool = True, **more: Any) -> Tie:
    """A tie; verified by another person unless told otherwise. A text is a firm's name."""
    ends = [FirmName(each) if isinstance(each, str) else each for each in (one, other)]
    told = {"source": "本人来电", "source_date": clocks.today(), **more}
    row = ties.record_tie(kind=kind, one=ends[0], other=ends[1], by=by or person_factory("promotion_officer"), **told)
    return ties.verify_tie(tie=row, version=row.version, by=person_factory("promotion_officer")) if verified else row


def return_factory(person: HometownPerson, firm: str = "深圳样例机芯有限公司", *, verified: bool = True, by: Person | None = None) -> Return:
    """A firm controlled by a hometown person."""
    row = returns.claim_return(person=person, basis="controlling_share", document="股东名册", proof=PDF, firm=FirmName(firm), share=6_000, by=by or person_factory("promotion_officer"))
    return returns.verify_return(proof=row, version=row.version, by=person_factory("promotion_officer")) if verified else row
