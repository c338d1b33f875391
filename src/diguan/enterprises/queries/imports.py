"""What a file of enterprises would do to the register: what is new, what changes, who may be there already."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from diguan.enterprises import engine, queries
from diguan.enterprises.models import Contact, Enterprise, FormerName, Title
from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.records import chunks

IMPORT = "enterprises.import_enterprise"
MOST_ALIKE = 500  # entries of one key are no sign of a duplicate beyond so many


@dataclass(frozen=True)
class TitleEntry:
    """One title as a file tells it."""

    kind: str
    name: str
    issued: dt.date
    issuer: str = ""
    valid_until: dt.date | None = None

    @property
    def key(self) -> tuple[str, str, dt.date]:
        """What makes it the same title."""
        return (self.kind, self.name, self.issued)


@dataclass(frozen=True)
class ContactEntry:
    """One contact as a file tells it; ``""`` is not told."""

    name: str
    phone: str = ""
    role: str = ""


@dataclass(frozen=True)
class Entry:
    """One firm as a file tells it. ``values`` holds only what the file tells: an empty cell changes nothing."""

    uscc: str
    values: Mapping[str, Any]
    former_names: tuple[str, ...] = ()
    titles: tuple[TitleEntry, ...] = ()
    contact: ContactEntry | None = None


@dataclass(frozen=True)
class Change:
    """What a file changes in one registered firm; ``before`` and ``after`` are values by field."""

    row: Enterprise
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    former_names: tuple[str, ...] = ()
    titles: tuple[tuple[Title | None, TitleEntry], ...] = ()
    contact: tuple[Contact | None, ContactEntry] | None = None

    @property
    def empty(self) -> bool:
        """Whether it says what the register says already."""
        return not (self.after or self.former_names or self.titles or self.contact)


@dataclass(frozen=True)
class Plan:
    """All of a file: firms to register, firms to change, how many stay as they are, whom the person may not change."""

    new: tuple[Entry, ...] = ()
    changed: tuple[Change, ...] = ()
    same: int = 0
    beyond: frozenset[str] = frozenset()

    @property
    def counts(self) -> dict[str, int]:
        """New, changed and same, as an import's preview shows them."""
        return {"new": len(self.new), "changed": len(self.changed), "same": self.same}


def plan(person: Person, entries: Sequence[Entry]) -> Plan:
    """Compare a file with the register. Linear in the file: a few queries for every 500 firms."""
    stored = {row.uscc: row for row in _stored([entry.uscc for entry in entries])}
    within = _within(person, [row.pk for row in stored.values()])
    changes = [_change(stored[entry.uscc], entry) for entry in entries if entry.uscc in stored]
    return Plan(
        new=tuple(entry for entry in entries if entry.uscc not in stored),
        changed=tuple(change for change in changes if not change.empty),
        same=sum(change.empty for change in changes),
        beyond=frozenset(code for code, row in stored.items() if row.pk not in within),
    )


def _stored(found: Sequence[str]) -> Iterator[Enterprise]:
    for part in chunks(found):
        yield from Enterprise.objects.filter(uscc__in=part).prefetch_related("former_names", "titles", "contacts")


def _within(person: Person, keys: Sequence[int]) -> set[int]:
    """Of these rows, those the person's right to import reaches."""
    rows = access.visible(Enterprise.objects.all(), person, IMPORT)
    return {key for part in chunks(keys) for key in rows.filter(pk__in=part).values_list("pk", flat=True)}


def _change(row: Enterprise, entry: Entry) -> Change:
    after = {name: value for name, value in entry.values.items() if getattr(row, name) != value}
    names = [*entry.former_names]
    if "name" in after and engine.name_key(after["name"]) != row.name_key:
        names.append(row.name)
    return Change(row, {name: getattr(row, name) for name in after}, after, _unknown_names(row, after.get("name", row.name), names),
                  tuple(_title_changes(row, entry.titles)), _contact_change(row, entry.contact))


def _unknown_names(row: Enterprise, present: str, names: Iterable[str]) -> tuple[str, ...]:
    """Names not noted yet, each once, without the present one."""
    known = {former.name_key for former in row.former_names.all()} | {engine.name_key(present)}
    fresh = {engine.name_key(name): name for name in names}
    return tuple(name for key, name in fresh.items() if key not in known)


def _title_changes(row: Enterprise, titles: Iterable[TitleEntry]) -> Iterator[tuple[Title | None, TitleEntry]]:
    known = {(title.kind, title.name, title.issued): title for title in row.titles.all()}
    for entry in titles:
        title = known.get(entry.key)
        told_end = entry.valid_until is not None and title is not None and title.valid_until != entry.valid_until
        told_issuer = bool(entry.issuer) and title is not None and title.issuer != entry.issuer
        if title is None or told_end or told_issuer:
            yield title, entry


def _contact_change(row: Enterprise, entry: ContactEntry | None) -> tuple[Contact | None, ContactEntry] | None:
    if entry is None:
        return None
    key, phone = engine.name_key(entry.name), engine.phone_key(entry.phone)
    known = next((one for one in row.contacts.all() if engine.name_key(one.name) == key), None)
    if known is None:
        return (None, entry)
    told = (phone and known.phone_key != phone) or (entry.role and known.role != entry.role)
    return (known, entry) if told else None


# ── who may be the same firm under another code ──────────────────────────────
@dataclass(frozen=True)
class Twin:
    """An entry that may be the same firm as a new one."""

    uscc: str
    name: str
    reasons: tuple[str, ...]


_Known = tuple[str, str, engine.Identity]  # code, name, what is compared


def twins(person: Person, entries: Sequence[Entry]) -> dict[str, list[Twin]]:
    """For each new firm the firms it may be, at most three, best first: of the register, and of the file before it.

    Candidates share a key (core name, initials, legal representative, phone, address), so the work grows with the
    file, not with its square. A registered number speaks only to who may see it in full: else a file of ten thousand
    guesses would tell the four digits that are hidden, and nobody's look be logged.
    """
    mine = [(entry.uscc, entry.values.get("name", ""), _identity(entry)) for entry in entries]
    index: dict[tuple[str, str], list[_Known]] = {}
    for known in _registered(person, mine):
        _put(index, known)
    found = {}
    for known in mine:
        near = {other[0]: other for key in _keys(known[2]) for other in index.get(key, ())[:MOST_ALIKE] if other[0] != known[0]}
        alike = _alike(known, list(near.values()))
        if alike:
            found[known[0]] = alike
        _put(index, known)
    return found


def _alike(one: _Known, others: list[_Known]) -> list[Twin]:
    pairs = [(place, other[2]) for place, other in enumerate(others)]
    return [Twin(others[place][0], others[place][1], like.reasons) for place, like in engine.alike(one[2], pairs, most=3)]


def _put(index: dict[tuple[str, str], list[_Known]], known: _Known) -> None:
    for key in _keys(known[2]):
        index.setdefault(key, []).append(known)


def _keys(one: engine.Identity) -> Iterator[tuple[str, str]]:
    """Under what an identity is found again."""
    told = {"core": one.core, "initials": one.initials, "person": one.person, "address": one.address if len(one.address) >= engine.ADDRESS else ""}
    yield from ((kind, text) for kind, text in told.items() if text)
    yield from (("phone", phone) for phone in one.phones)


def _identity(entry: Entry) -> engine.Identity:
    told = entry.values
    return queries.identity(
        name=told.get("name", ""), uscc=entry.uscc, legal_representative=told.get("legal_representative", ""),
        phone=entry.contact.phone if entry.contact else "", address=told.get("address", ""))


def _registered(person: Person, mine: Sequence[_Known]) -> Iterator[_Known]:
    """Registered firms that share a key with one of these, of those the person may see."""
    seen: dict[int, Enterprise] = {}
    open_ = access.may(person, queries.REVEAL)
    asked = [one if open_ else replace(one, phones=frozenset()) for _code, _name, one in mine]
    for condition in _conditions(asked):
        rows = _visible(person).filter(condition).prefetch_related("former_names", "contacts")
        seen.update({row.pk: row for row in rows})
    for row in seen.values():
        yield from ((row.uscc, row.name, one if open_ else replace(one, phones=frozenset())) for one in queries.identities_of(row))


def _visible(person: Person) -> QuerySet[Enterprise]:
    return access.visible(Enterprise.objects.all(), person, queries.VIEW)


def _conditions(found: Sequence[engine.Identity]) -> Iterator[Q]:
    columns: dict[str, Collection[str]] = {
        "core_key": {one.core for one in found}, "pinyin_key": {one.initials for one in found},
        "person_key": {one.person for one in found},
        "address_key": {one.address for one in found if len(one.address) >= engine.ADDRESS}}
    for column, words in columns.items():
        yield from (Q(**{f"{column}__in": part}) for part in chunks(sorted(set(words) - {""})))
    former = FormerName.objects.filter(enterprise=OuterRef("pk"))
    for part in chunks(sorted({one.core for one in found} - {""})):
        yield Q(Exists(former.filter(core_key__in=part)))
    for part in chunks(sorted({phone for one in found for phone in one.phones})):
        yield Q(Exists(Contact.objects.filter(enterprise=OuterRef("pk"), phone_key__in=part)))
