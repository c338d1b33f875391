"""Reads of the register: lists, search, duplicates, what it says as facts, and the dossier."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When

from diguan.enterprises import engine
from diguan.enterprises.models import (
    NONE_WORD,
    Contact,
    Enterprise,
    FormerName,
    Title,
    TitleKind,
)
from diguan.kernel import access, packs, places
from diguan.kernel.access.models import Person
from diguan.kernel.facts.declare import NOTHING, Answer, Attribute, attributes_of, fact, related
from diguan.kernel.messages import Message
from diguan.kernel.notices.kinds import Address
from diguan.kernel.records import chunks

VIEW = "enterprises.view_enterprise"
CHANGE = "enterprises.change_enterprise"
VIEW_CONTACT = "enterprises.view_contact"
REVEAL = "enterprises.reveal_contact"
EPOCH = dt.date(1970, 1, 1)
_WORD = re.compile(r"\s+")
_CODE_PART = re.compile(r"[0-9A-Za-z]{3,18}")


# ── lists and search ─────────────────────────────────────────────────────────
def visible_enterprises(person: Person) -> QuerySet[Enterprise]:
    """The enterprises this person may see, by name key, then id."""
    return access.visible(Enterprise.objects.all(), person, VIEW).order_by("name_key", "id")


def search(person: Person | None, text: str, rows: QuerySet[Enterprise] | None = None) -> QuerySet[Enterprise]:
    """Enterprises found by name, former name, pinyin initials or code; every word must be found.

    A two-character Chinese fragment is enough. Best first: the code itself, the name's beginning, the
    name, its initials, a former name. Blank text finds all. ``rows`` narrowed already to what the person may
    see may be given instead of the person.
    """
    found = rows if rows is not None else visible_enterprises(person) if person else Enterprise.objects.none()
    words = [word for word in _WORD.split(text.strip()) if engine.name_key(word)]
    for word in words:
        found = found.filter(_matches(word))
    return found.annotate(rank=_rank(words[0])).order_by("rank", "name_key", "id") if words else found


def _matches(word: str) -> Q:
    key = engine.name_key(word)
    former = FormerName.objects.filter(enterprise=OuterRef("pk"))
    condition = Q(name_key__contains=key) | Q(Exists(former.filter(name_key__contains=key)))
    if key.isascii():
        condition |= Q(pinyin_key__contains=key) | Q(Exists(former.filter(pinyin_key__contains=key)))
    if _CODE_PART.fullmatch(key):
        condition |= Q(uscc__contains=key.upper())
    return condition


def _rank(word: str) -> Case:
    key = engine.name_key(word)
    steps = [
        When(uscc=key.upper(), then=Value(0)),
        When(name_key__startswith=key, then=Value(1)),
        When(name_key__contains=key, then=Value(2)),
    ]
    if key.isascii():
        steps += [When(pinyin_key__startswith=key, then=Value(3)), When(pinyin_key__contains=key, then=Value(4))]
    return Case(*steps, default=Value(5), output_field=IntegerField())


def holding(rows: QuerySet[Enterprise], kind: str, day: dt.date) -> QuerySet[Enterprise]:
    """Of these enterprises, those that hold a title of this kind on ``day``."""
    held = Title.objects.filter(enterprise=OuterRef("pk"), kind=kind).filter(_held(day))
    return rows.filter(Exists(held))


def in_section(rows: QuerySet[Enterprise], letter: str) -> QuerySet[Enterprise]:
    """Of these enterprises, those of one section of GB/T 4754, by the prefix of their code."""
    first, last = places.SECTIONS[letter][:2]
    condition = Q(industry=letter)
    for division in range(first, last + 1):
        condition |= Q(industry__startswith=f"{division:02d}")
    return rows.filter(condition)


def _held(day: dt.date) -> Q:
    return (Q(issued__lte=day) & (Q(valid_until__isnull=True) | Q(valid_until__gte=day))
            & (Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gt=day)))


def choices(person: Person, column: str) -> list[str]:
    """The words in use in one column (cluster, park, town), for filters and suggestions."""
    rows = visible_enterprises(person).exclude(**{column: ""})
    return list(rows.order_by(column).values_list(column, flat=True).distinct())


def enterprise(person: Person, uscc: str) -> Enterprise | None:
    """One enterprise by its code, None where there is none for this person."""
    return visible_enterprises(person).filter(uscc=uscc).first()


# ── duplicates ───────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Duplicate:
    """An entry that may be the same firm; ``reasons`` as :class:`engine.Likeness`."""

    enterprise: Enterprise
    score: int
    reasons: tuple[str, ...]


@functools.lru_cache(maxsize=4)
def region_names() -> frozenset[str]:
    """Names of the listed regions, as prefixes of firms' names."""
    return frozenset(packs.codes().regions.values())


@functools.lru_cache(maxsize=engine.KEPT)
def core_of(name: str) -> str:
    """The name's core with the listed regions and the legal form taken off."""
    return engine.name_core(name, region_names())


def identity(*, name: str, uscc: str = "", legal_representative: str = "", phone: str = "", address: str = "") -> engine.Identity:
    """What is compared of an entry that may not be stored yet."""
    phones = frozenset({engine.phone_key(phone)} - {""})
    return engine.Identity(uscc=uscc, core=core_of(name) if name else "", person=engine.name_key(legal_representative),
                           phones=phones, address=engine.name_key(address), initials=engine.pinyin_key(name) if name else "")


def duplicates_of(
    person: Person, *, name: str, uscc: str = "", legal_representative: str = "", phone: str = "", address: str = "",
    exclude: int | None = None,
) -> list[Duplicate]:
    """Entries that may be the same firm, best first, at most five; only among what the person may see.

    Candidates come by index: the same code, core name, initials, legal representative, phone or address, or a
    core name that begins alike. A look through the whole register is never needed.
    """
    one = identity(name=name, uscc=uscc, legal_representative=legal_representative, phone=phone, address=address)
    rows = access.visible(Enterprise.objects.all(), person, VIEW).filter(_candidates(one)).exclude(pk=exclude or 0)
    found = {row.pk: row for row in rows.prefetch_related("former_names", "contacts").order_by("id")[:200]}
    pairs = [(key, each) for key, row in found.items() for each in identities_of(row)]
    best: dict[int, engine.Likeness] = {}
    for key, like in engine.alike(one, pairs, most=50):
        best.setdefault(key, like)
    return [Duplicate(found[key], like.score, like.reasons) for key, like in best.items()][:5]


def _candidates(one: engine.Identity) -> Q:
    condition = Q(pk__in=[])
    if one.uscc:
        condition |= Q(uscc=one.uscc)
    if one.core:
        former = FormerName.objects.filter(enterprise=OuterRef("pk"), core_key=one.core)
        condition |= Q(core_key=one.core) | Q(Exists(former))
        if len(one.core) >= 3:
            condition |= Q(core_key__startswith=one.core[:3])
    if one.initials:
        condition |= Q(pinyin_key=one.initials)
    if one.person:
        condition |= Q(person_key=one.person)
    if one.phones:
        condition |= Q(Exists(Contact.objects.filter(enterprise=OuterRef("pk"), phone_key__in=one.phones)))
    if len(one.address) >= engine.ADDRESS:
        condition |= Q(address_key=one.address)
    return condition


def identities_of(row: Enterprise) -> Iterator[engine.Identity]:
    """The entry under its name and under each former name; contacts and former names prefetched."""
    phones = frozenset({contact.phone_key for contact in row.contacts.all()} - {""})
    names = {row.core_key: row.pinyin_key} | {former.core_key: former.pinyin_key for former in row.former_names.all()}
    for core, initials in names.items():
        yield engine.Identity(row.uscc, core, row.person_key, phones, row.address_key, initials)


def subject_names(ids: set[str]) -> Mapping[str, frozenset[str]]:
    """Of these credit codes the registered ones, each with every name it bears or bore."""
    found: dict[str, set[str]] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), 500):
        part = wanted[start:start + 500]
        for code, name in Enterprise.objects.filter(uscc__in=part).values_list("uscc", "name"):
            found.setdefault(code, set()).add(name)
        borne = FormerName.objects.filter(enterprise__uscc__in=part)
        for code, name in borne.values_list("enterprise__uscc", "name"):
            found.setdefault(code, set()).add(name)
    return {code: frozenset(names) for code, names in found.items()}


def misnamed(said: str, borne: Collection[str]) -> Message | None:
    """A warning where a file calls an enterprise what it never was called: the code may be another firm's. ``borne`` are its names, see :func:`subject_names`."""
    if not said or not borne or engine.name_key(said) in {engine.name_key(name) for name in borne}:
        return None
    return Message(f"与库里的名称不同（库里：{'、'.join(sorted(borne))}），请核对信用代码", f"the register calls it {', '.join(sorted(borne))}; check the credit code")


def all_within(person: Person, permission: str, codes: Collection[str]) -> bool:
    """Whether every one of these credit codes is registered and in this person's reach by this right."""
    reach, wanted = access.visible(Enterprise.objects.all(), person, permission), sorted(set(codes))
    return sum(reach.filter(uscc__in=part).count() for part in chunks(wanted)) == len(wanted)


# ── where an enterprise is reached ───────────────────────────────────────────
_MOBILE = re.compile(r"1\d{10}")


def addresses(usccs: Collection[str]) -> dict[str, Address]:
    """Name, town, unit and mobile number of these enterprises: the first of its contacts that has one. For notices.

    It asks no right: a full number leaves the house only with the right to take notices out.
    """
    found: dict[str, Address] = {}
    wanted = sorted(usccs)
    for start in range(0, len(wanted), 500):
        part = wanted[start:start + 500]
        phones: dict[int, str] = {}
        for key, phone in Contact.objects.filter(enterprise__uscc__in=part).order_by("id").values_list("enterprise_id", "phone_key"):
            if _MOBILE.fullmatch(phone):
                phones.setdefault(key, phone)
        for key, code, name, place, unit in Enterprise.objects.filter(uscc__in=part).values_list("pk", "uscc", "name", "town", "owner_unit_id"):
            found[code] = Address(name, "" if place == NONE_WORD else place, unit, phones.get(key, ""))
    return found


# ── the register as facts ────────────────────────────────────────────────────
def _word(text: str) -> Answer:
    return NOTHING if text == NONE_WORD else text or None


@fact("enterprise.registered_region")
def registered_region(row: Enterprise, day: dt.date) -> Answer:
    """Region of the registration authority, as the register says; never from the credit code."""
    return row.registered_region or None


@fact("enterprise.place_region")
def place_region(row: Enterprise, day: dt.date) -> Answer:
    """Region where it works."""
    return row.place_region or None


@fact("enterprise.town")
def town(row: Enterprise, day: dt.date) -> Answer:
    """Town where it works."""
    return _word(row.town)


@fact("enterprise.industry")
def industry(row: Enterprise, day: dt.date) -> Answer:
    """GB/T 4754-2017 code."""
    return row.industry or None


@fact("enterprise.cluster")
def cluster(row: Enterprise, day: dt.date) -> Answer:
    """Industrial cluster."""
    return _word(row.cluster)


@fact("enterprise.park")
def park(row: Enterprise, day: dt.date) -> Answer:
    """Park; absent where the register says 无."""
    return _word(row.park)


@fact("enterprise.status")
def status(row: Enterprise, day: dt.date) -> Answer:
    """Registration status."""
    return row.business_status or None


@fact("enterprise.production_status")
def production_status(row: Enterprise, day: dt.date) -> Answer:
    """Production status."""
    return row.production_status or None


@fact("enterprise.established")
def established(row: Enterprise, day: dt.date) -> Answer:
    """Day of establishment, in days since 1970-01-01."""
    return (row.established - EPOCH).days if row.established else None


@fact("enterprise.registered_capital")
def registered_capital(row: Enterprise, day: dt.date) -> Answer:
    """Registered capital in fen."""
    return row.registered_capital_fen


def _holds(row: Enterprise, kind: TitleKind, day: dt.date) -> Answer:
    # The register of titles is complete: a title not in it is not held, which is a value (0), not a gap.
    return int(any(title.kind == kind and title.holds(day) for title in row.titles.all()))


@fact("enterprise.high_tech", reads=["titles"])
def high_tech(row: Enterprise, day: dt.date) -> Answer:
    """Whether it is a high-tech enterprise on the day."""
    return _holds(row, TitleKind.HIGH_TECH, day)


@fact("enterprise.sred_sme", reads=["titles"])
def sred_sme(row: Enterprise, day: dt.date) -> Answer:
    """Whether it is a specialised, refined, distinctive and innovative SME on the day."""
    return _holds(row, TitleKind.SRED_SME, day)


@fact("enterprise.little_giant", reads=["titles"])
def little_giant(row: Enterprise, day: dt.date) -> Answer:
    """Whether it is a little giant on the day."""
    return _holds(row, TitleKind.LITTLE_GIANT, day)


@fact("enterprise.above_scale", reads=["titles"])
def above_scale(row: Enterprise, day: dt.date) -> Answer:
    """Whether it is listed as an above-scale industrial firm on the day."""
    return _holds(row, TitleKind.ABOVE_SCALE, day)


def attribute_rows(as_of: dt.date) -> Iterator[Attribute]:
    """What the register says of every enterprise on ``as_of``, in order of credit code and fact.

    For the export before a run; not for a person's eyes, so there is no person to ask rights for.
    """
    rows = Enterprise.objects.order_by("uscc").prefetch_related(*related())
    for row in rows.iterator(chunk_size=1000):
        yield from sorted(attributes_of(row, row.uscc, as_of), key=lambda told: told.fact)


def subject_ids() -> list[str]:
    """Every registered credit code, in order."""
    return list(Enterprise.objects.order_by("uscc").values_list("uscc", flat=True))
