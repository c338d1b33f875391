"""Reads of hometown people. Whoever has no consent in force today is in none of them, whatever the row says and whether or not the clock has been."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import DateField, Exists, Max, OuterRef, Q, QuerySet, Subquery

from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person, Unit, UnitKind
from diguan.kernel.phones import masked
from diguan.ties import engine
from diguan.ties.models import Consent, HometownPerson, PersonState, Purpose
from diguan.ties.queries import terms

VIEW, REVEAL, CHANGE, IMPORT, EXPORT = "ties.view_person", "ties.reveal_person", "ties.change_person", "ties.import_person", "ties.export_person"


def in_force(day: dt.date) -> QuerySet[Consent]:
    """The consents in force on a day."""
    return Consent.objects.filter(withdrawn_on__isnull=True, given_on__lte=day, expires_on__gte=day)


def consented(rows: QuerySet[HometownPerson], purpose: Purpose | None = None, day: dt.date | None = None) -> QuerySet[HometownPerson]:
    """Of these rows, those kept with a consent in force today (or on ``day``), to this purpose where one is named."""
    mine = in_force(day or clocks.today()).filter(person=OuterRef("pk"), **({purpose.value: True} if purpose else {}))
    return rows.filter(Exists(mine), state=PersonState.KEPT)


def visible_people(person: Person, purpose: Purpose | None = None) -> QuerySet[HometownPerson]:
    """The people this person may see today, by name, then id; ``until`` is the last day any consent of theirs holds."""
    until = in_force(clocks.today()).filter(person=OuterRef("pk")).order_by("-expires_on").values("expires_on")[:1]
    rows = access.visible(consented(HometownPerson.objects.all(), purpose), person, VIEW)
    return rows.select_related("owner_unit", "town").annotate(until=Subquery(until, output_field=DateField())).order_by("name_key", "id")


def hometown_person(person: Person, number: int) -> HometownPerson | None:
    """One of them; None where there is none for this person, or no consent of theirs is in force."""
    return visible_people(person).filter(pk=number).first()


def lapsed(person: Person) -> QuerySet[HometownPerson]:
    """The rows whose consent is over, for who may renew it: number, town and last day are all that may be shown of them. The latest first."""
    rows = HometownPerson.objects.exclude(pk__in=consented(HometownPerson.objects.all()).values("pk")).exclude(state=PersonState.ERASED)
    return access.visible(rows, person, CHANGE).select_related("owner_unit", "town").annotate(over=Max("consents__expires_on")).order_by("-over", "id")


def renewable(person: Person, number: int) -> HometownPerson | None:
    """A row whose consent this person may renew or take back, in force or over; not one that was erased."""
    return access.visible(HometownPerson.objects.exclude(state=PersonState.ERASED), person, CHANGE).select_related("town", "owner_unit").filter(pk=number).first()


def consent_of(row: HometownPerson) -> Consent | None:
    """The consent in force today that lasts longest."""
    return in_force(clocks.today()).filter(person=row).select_related("proof", "entered_by").order_by("-expires_on", "-id").first()


def overdue(rows: QuerySet[HometownPerson]) -> QuerySet[HometownPerson]:
    """Of these, those still said to be kept whose consent is over: for the clock."""
    return rows.filter(state=PersonState.KEPT).exclude(pk__in=consented(rows).values("pk"))


def running_out(person: Person) -> QuerySet[HometownPerson]:
    """Those this person may renew whose consent ends soon, as ``ties.yaml`` says what soon is."""
    return access.visible(ending_soon(visible_people(person)), person, CHANGE)


def ending_soon(rows: QuerySet[HometownPerson]) -> QuerySet[HometownPerson]:
    """Of visible rows, those whose consent ends soon."""
    today = clocks.today()
    soon: dict[str, dt.date] = {"until__lte": today + dt.timedelta(days=terms.in_force(today).remind_days)}
    return rows.filter(**soon)


def search(rows: QuerySet[HometownPerson], text: str) -> QuerySet[HometownPerson]:
    """By name, initials, employer or what somebody is good at; blank text finds all."""
    key = engine.name_key(text)
    found = Q(name_key__contains=key) | Q(employer__icontains=text.strip()) | Q(skills__icontains=text.strip()) | Q(position__icontains=text.strip())
    return rows.filter(found | Q(pinyin_key__contains=key) if key.isascii() else found)


def agreed_to(rows: QuerySet[HometownPerson], purpose: str) -> QuerySet[HometownPerson]:
    """Of these, those whose consent covers a purpose today."""
    return consented(rows, Purpose(purpose))


# ── towns and doubles ────────────────────────────────────────────────────────
def towns(person: Person, permission: str = CHANGE) -> QuerySet[Unit]:
    """The towns a right reaches: a town officer's is their own."""
    return access.visible(Unit.objects.filter(kind=UnitKind.TOWN, active=True), person, permission).order_by("path", "id")


def digest(phone: str) -> str:
    """What a phone number is compared by."""
    return engine.digest(phone, str(settings.SECRET_KEY))


@dataclass(frozen=True)
class Double:
    """Somebody on record who may be the one being entered; ``sure`` where name and number agree."""

    row: HometownPerson
    sure: bool


def doubles(*, name: str, phone: str = "", town: int | None = None, city: str = "", besides: int | None = None) -> list[Double]:
    """Who is on record with this name and number, or this name, town and city; only of people whose consent is in force."""
    key, number = engine.name_key(name), digest(phone)
    rows = consented(HometownPerson.objects.filter(name_key=key)).exclude(pk=besides or 0).select_related("town") if key else HometownPerson.objects.none()
    found = [Double(row, bool(number) and row.phone_digest == number) for row in rows.order_by("id")]
    return [one for one in found if one.sure or (town is not None and one.row.town_id == town and engine.name_key(one.row.city) == engine.name_key(city))]


# ── for other rooms ──────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Referrer:
    """A hometown person as another room may name them; the number is masked for everybody."""

    number: int
    name: str
    kind: str
    where: str
    employer: str
    phone: str
    until: dt.date


def referrers(person: Person, text: str = "", most: int = 50) -> Sequence[Referrer]:
    """Whom a lead may name as who introduces (引荐人): those this person may see who agreed today to introduce firms, by name.

    Args:
        person: who asks; nobody without the right to see hometown people gets any.
        text: part of a name, initials, an employer or a skill; blank finds all.
        most: so many at most.
    """
    rows = search(visible_people(person, Purpose.INTRODUCE), text)
    return [_referrer(row) for row in rows[:most]]


def referrer(person: Person, number: int) -> Referrer | None:
    """One of :func:`referrers` by the number that another room kept; None where the consent is over, was taken back, or reaches not so far."""
    row = visible_people(person, Purpose.INTRODUCE).filter(pk=number).first()
    return _referrer(row) if row else None


def _referrer(row: HometownPerson) -> Referrer:
    return Referrer(row.pk, row.name, row.get_kind_display(), row.city or row.region, row.employer, masked(row.phone), row.until)  # type: ignore[attr-defined]


def names_of(person: Person, numbers: Iterable[int]) -> dict[int, str]:
    """Names by number, of those this person may see today; the others are not in it."""
    return dict(visible_people(person).filter(pk__in=set(numbers)).values_list("pk", "name"))
