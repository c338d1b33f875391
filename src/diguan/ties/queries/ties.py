"""Reads of ties. A tie of somebody whose consent is not in force is in none of them."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from diguan.enterprises import queries as register
from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.ties import engine
from diguan.ties.models import Chamber, HometownPerson, Tie, TiedFirm, TieState
from diguan.ties.queries import people

VIEW, CHANGE, VERIFY = "ties.view_tie", "ties.change_tie", "ties.verify_tie"
OPEN = (TieState.CLAIMED, TieState.VERIFIED)


def visible_ties(person: Person) -> QuerySet[Tie]:
    """The ties this person may see: both ends are theirs to see, and nobody among them is without consent. Newest first."""
    if not access.may(person, VIEW):
        return Tie.objects.none()
    seen = people.visible_people(person).order_by().values("pk")
    rows = Tie.objects.filter(Q(a_person__isnull=True) | Q(a_person__in=seen), Q(b_person__isnull=True) | Q(b_person__in=seen))
    if not access.may(person, "ties.view_chamber"):
        rows = rows.filter(a_chamber__isnull=True, b_chamber__isnull=True)
    return rows.select_related("a_person", "a_firm", "a_chamber", "a_officer", "b_person", "b_firm", "b_chamber", "b_officer", "recorded_by", "verified_by", "owner_unit").order_by("-id")


def tie(person: Person, number: int) -> Tie | None:
    """One of them; None where there is none for this person."""
    return visible_ties(person).select_related("proof").filter(pk=number).first()


def of_end(person: Person, kind: str, number: int) -> QuerySet[Tie]:
    """The ties at one end that are claimed or verified; the verified first."""
    return visible_ties(person).filter(Q(**{f"a_{kind}": number}) | Q(**{f"b_{kind}": number}), state__in=OPEN).order_by("-state", "-id")


def to_verify(person: Person) -> QuerySet[Tie]:
    """Those that wait and that this person may decide on: recorded by others."""
    return access.visible(visible_ties(person), person, VERIFY).filter(state=TieState.CLAIMED).exclude(recorded_by=person)


def search(rows: QuerySet[Tie], text: str) -> QuerySet[Tie]:
    """By the name of either end, or the source; blank text finds all."""
    key = engine.name_key(text)
    condition = Q(source__icontains=text.strip())
    for side in "ab":
        condition |= Q(**{f"{side}_person__name_key__contains": key}) | Q(**{f"{side}_firm__name_key__contains": key}) | Q(**{f"{side}_chamber__name_key__contains": key})
    return rows.filter(condition)


def with_end(rows: QuerySet[Tie], kind: str) -> QuerySet[Tie]:
    """Of these, those with such an end."""
    return rows.filter(Q(**{f"a_{kind}__isnull": False}) | Q(**{f"b_{kind}__isnull": False}))


# ── firms ────────────────────────────────────────────────────────────────────
def firms_named(text: str, most: int = 20) -> list[TiedFirm]:
    """Firms at the end of some tie whose code is this, or whose name holds it; the exact ones first. Blank finds none."""
    key = engine.name_key(text)
    if not key:
        return []
    rows = list(TiedFirm.objects.filter(Q(uscc=key.upper()) | Q(name_key__contains=key)).order_by("name_key", "id")[:200])
    return sorted(rows, key=lambda row: (row.uscc != key.upper(), row.name_key != key, len(row.name_key), row.name_key, row.pk))[:most]


def firm_of(code: str, name: str = "") -> TiedFirm | None:
    """The firm of exactly this code, or of exactly this name where the code is not told or that firm's not known; of several the one with a code."""
    code, key = engine.name_key(code).upper(), engine.name_key(name)
    found = TiedFirm.objects.filter(uscc=code).first() if code else None
    if found is None and key:
        rows = TiedFirm.objects.filter(name_key=key, **({"uscc": ""} if code else {}))
        found = rows.order_by("-uscc", "id").first()
    return found


def firm(number: int) -> TiedFirm | None:
    """A firm by its number here."""
    return TiedFirm.objects.select_related("enterprise").filter(pk=number).first()


def suggestions(person: Person, text: str, most: int = 8) -> list[tuple[str, str]]:
    """Names and codes of firms like this, those at the end of a tie first, then the county's own that this person may see."""
    found = {(row.name, row.uscc): None for row in firms_named(text, most)}
    if len(found) < most and len(engine.name_key(text)) > 1:
        found |= {(row.name, row.uscc): None for row in register.search(person, text)[:most]}
    return list(found)[:most]


# ── ends, as somebody names them ─────────────────────────────────────────────
def people_named(person: Person, text: str) -> list[HometownPerson]:
    """Who is meant by a number or a whole name, of those this person may see."""
    rows, key = people.visible_people(person), engine.name_key(text)
    if key.isdigit() and len(key) < 10:
        return list(rows.filter(pk=int(key)))
    return list(rows.filter(name_key=key)[:20]) if key else []


def chambers_named(person: Person, text: str) -> list[Chamber]:
    """Which chamber is meant by its whole name."""
    key = engine.name_key(text)
    return list(access.visible(Chamber.objects.filter(name_key=key), person, "ties.view_chamber")[:2]) if key else []
