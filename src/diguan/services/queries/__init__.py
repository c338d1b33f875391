"""Reads of matters: who sees which, the version in force, what a file or a pack would change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from diguan.enterprises.engine import name_key
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person, Unit
from diguan.kernel.records import chunks
from diguan.services.engine import matters
from diguan.services.models import Matter, MatterVersion, Retirement
from diguan.services.queries import shelf

VIEW = "services.view_matter"
CHANGE = "services.change_matter"
PUBLISH = "services.publish_matter"
IMPORT = "services.import_matter"
EXPORT = "services.export_matter"


def visible_matters(person: Person) -> QuerySet[Matter]:
    """What this person may see: their own bureau's, and whatever is published; by bureau, then name."""
    return access.visible(Matter.objects.select_related("owner_unit"), person, VIEW).order_by("bureau", "name_key", "id")


def search(rows: QuerySet[Matter], text: str) -> QuerySet[Matter]:
    """The rows whose name or code holds the text, however it is typed."""
    plain = text.strip()
    return rows.filter(Q(name_key__contains=name_key(plain)) | Q(task_code__contains=plain.upper()) | Q(catalog_code__contains=plain.upper()) | Q(key__contains=plain.lower()))


def bureaus(person: Person) -> list[str]:
    """The bureaus whose matters this person sees."""
    return list(visible_matters(person).order_by("bureau").values_list("bureau", flat=True).distinct())


def sees_drafts(person: Person, matter: Matter) -> bool:
    """Whether the person may read what is not published: who may change or publish it."""
    return access.may(person, CHANGE, matter) or access.may(person, PUBLISH, matter)


def versions(person: Person, matter: Matter) -> list[MatterVersion]:
    """Its versions, newest first; a draft only for who may work on it."""
    rows = matter.versions.select_related("drafted_by", "published_by")
    return list(rows if sees_drafts(person, matter) else rows.filter(published=True))


def in_force(matter: Matter, day: dt.date) -> MatterVersion | None:
    """The version in force on a day: the newest published one that has begun and not ended."""
    return _on(matter.versions.filter(published=True), day).first()


def newest(rows: Iterable[Matter]) -> Mapping[int, MatterVersion]:
    """The newest published version of each, or its draft where none is published: what a file of them tells."""
    found: dict[int, MatterVersion] = {}
    for part in chunks([row.pk for row in rows]):
        for version in MatterVersion.objects.filter(matter__in=part).order_by("published", "number"):
            found[version.matter_id] = version
    return found


def contents(keys: Sequence[str], day: dt.date) -> dict[str, MatterVersion]:
    """The version in force of each of these matters, by key: one query for five hundred."""
    found: dict[str, MatterVersion] = {}
    for part in chunks(list(keys)):
        rows = _on(MatterVersion.objects.filter(matter__key__in=part, published=True), day).select_related("matter")
        for version in rows:
            found.setdefault(version.matter.key, version)
    return found


def _on(rows: QuerySet[MatterVersion], day: dt.date) -> QuerySet[MatterVersion]:
    ended = Retirement.objects.filter(matter=OuterRef("matter"), day__lte=day, after__gte=OuterRef("number"))
    return rows.filter(~Exists(ended), Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day).order_by("-valid_from", "-number")


def retirement(matter: Matter) -> Retirement | None:
    """How its newest published version ends or ended; None where it does not."""
    last = matter.versions.filter(published=True).first()
    return matter.retirements.filter(after=last.number).first() if last else None


def intact(version: MatterVersion) -> bool:
    """Whether a version still is what was published."""
    return version.digest == digest_of(version)


def digest_of(version: MatterVersion) -> str:
    """What the digest of a version has to be: its content, its place and its days."""
    days = (day.isoformat() if day else "" for day in (version.valid_from, version.valid_to))
    return matters.digest(version.content, version.matter.key, str(version.number), *days)


# ── what would change ────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Entry:
    """What a file or a pack tells of one matter. ``key`` is empty where only a code or a name says which one it is; what is not told stays."""

    key: str
    content: Mapping[str, Any]
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None

    @property
    def mark(self) -> str:
        """By what the library is asked for it."""
        return self.key or self.content.get("task_code") or f"{self.content.get('bureau', '')} {name_key(self.content.get('name', ''))}"


@dataclass(frozen=True)
class Plan:
    """A file compared with the library: new matters, changed ones with what they say now, how many stay. Every content is whole."""

    new: tuple[Entry, ...] = ()
    changed: tuple[tuple[Matter, MatterVersion | None, Entry], ...] = ()
    same: int = 0
    beyond: frozenset[str] = frozenset()
    missing_units: frozenset[str] = frozenset()
    units: Mapping[str, Unit] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """How many of each."""
        return {"new": len(self.new), "changed": len(self.changed), "same": self.same}

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What would be written."""
        return (*self.new, *(entry for _row, _was, entry in self.changed))


def plan(person: Person, told: Sequence[Entry], permission: str) -> Plan:
    """Compare entries with the library, by key, else by implementation code, else by bureau and name: a few queries for every 500."""
    there = _library(told)
    latest = newest(there.values())
    entries = [_over(entry, there.get(entry.mark), latest) for entry in told]
    units = units_named({entry.content["bureau"] for entry in entries})
    reach = _Reach(person, permission, list(there.values()), list(units.values()))
    new, changed, same, beyond = [], [], 0, set()
    for before, entry in zip(told, entries, strict=True):
        row = there.get(before.mark)
        if not reach.over(row, units.get(entry.content["bureau"])):
            beyond.add(before.mark)
        elif row is None:
            new.append(entry)
        elif (was := latest.get(row.pk)) is not None and was.content == entry.content and was.valid_to == entry.valid_to:
            same += 1
        else:
            changed.append((row, was, entry))
    return Plan(tuple(new), tuple(changed), same, frozenset(beyond), frozenset({entry.content["bureau"] for entry in entries if entry.content["bureau"]} - set(units)), units)


class _Reach:
    """Which rows and offices a right reaches."""

    def __init__(self, person: Person, permission: str, rows: list[Matter], units: list[Unit]) -> None:
        self.all = access.scope(person, permission) is access.Scope.COUNTY
        self.rows = {pk for part in chunks([row.pk for row in rows]) for pk in access.visible(Matter.objects.filter(pk__in=part), person, permission).values_list("pk", flat=True)}
        self.units = set(access.visible(Unit.objects.filter(pk__in=[unit.pk for unit in units]), person, permission).values_list("pk", flat=True))

    def over(self, row: Matter | None, unit: Unit | None) -> bool:
        """Whether it reaches the matter, and the office it names; an office that is none yet is reached by whoever reaches all."""
        return self.all or ((row is None or row.pk in self.rows) and unit is not None and unit.pk in self.units)


def _over(entry: Entry, row: Matter | None, latest: Mapping[int, MatterVersion]) -> Entry:
    """The entry over what the library says: what it does not tell stays."""
    was = latest.get(row.pk) if row else None
    return Entry(row.key if row else entry.key, matters.whole({**(was.content if was else {}), **entry.content}),
                 entry.valid_from or clocks.today(), entry.valid_to or (was.valid_to if was else None))


def _library(entries: Sequence[Entry]) -> dict[str, Matter]:
    """The matters these entries are about, by their marks."""
    found: dict[str, Matter] = {}
    bare = [entry for entry in entries if not entry.key]
    for part in chunks([entry.key for entry in entries if entry.key]):
        found |= {row.key: row for row in Matter.objects.filter(key__in=part)}
    for part in chunks([code for entry in bare if (code := entry.content.get("task_code"))]):
        found |= {str(row.task_code): row for row in Matter.objects.filter(task_code__in=part)}
    for part in chunks([name_key(entry.content.get("name", "")) for entry in bare if not entry.content.get("task_code")]):
        found |= {f"{row.bureau} {row.name_key}": row for row in Matter.objects.filter(name_key__in=part)}
    return found


def units_named(names: Iterable[str]) -> dict[str, Unit]:
    """The offices of these names; a bureau that is none yet is missing."""
    found: dict[str, Unit] = {}
    for part in chunks(sorted(names)):
        found |= {unit.name: unit for unit in Unit.objects.filter(name__in=part, active=True)}
    return found


def pending() -> list[str]:
    """The keys of the packs' matters whose text the library has never published; what the county changed since is its own."""
    told = shelf.matters()
    said: dict[str, list[Any]] = {}
    for version in MatterVersion.objects.filter(matter__key__in=list(told), published=True).select_related("matter"):
        said.setdefault(version.matter.key, []).append(version.content)
    return [key for key, matter in told.items() if matter.content not in said.get(key, [])]


def with_draft(rows: QuerySet[Matter]) -> QuerySet[Matter]:
    """Those that have a draft waiting to be published."""
    return rows.filter(pk__in=MatterVersion.objects.filter(published=False).values("matter"))


def to_publish(person: Person) -> int:
    """How many drafts of others wait for this person to publish them."""
    return access.visible(MatterVersion.objects.filter(published=False).exclude(drafted_by=person), person, PUBLISH).count()
