"""Reads of target firms: who is in which list, who told what, who may be one and the same, and what a file would change."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from django.db.models import Count, QuerySet

from diguan.chains.engine.targets import core_key
from diguan.chains.models import FirmList, Membership, NoTwin, TargetFirm, TargetNode, Telling
from diguan.enterprises.engine import name_key
from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.messages import Message
from diguan.kernel.records import chunks

VIEW = "chains.view_target"
IMPORT = "chains.import_target"
CHANGE = "chains.change_target"
EXPORT = "chains.export_target"
FACTS = {"region": "target.region", "industry": "target.industry", "growth": "target.growth", "jobs": "target.jobs", "tax_per_mu": "target.tax_per_mu", "land": "target.land",
         "local_share": "target.local_purchase", "pollution": "target.pollution", "hometown_tie": "target.hometown_tie"}
"""The columns of a firm that somebody tells, and the fact each is."""
TEXTS = ("name", "uscc", "region", "industry", "pollution")
TOLD = ("name", "uscc", *FACTS)
"""Every column that follows from what was told; the latest telling counts."""


# ── lists ────────────────────────────────────────────────────────────────────
def visible_firms(person: Person) -> QuerySet[TargetFirm]:
    """The firms this person may see; those found to be one with another are not among them."""
    return access.visible(TargetFirm.objects.filter(merged_into=None), person, VIEW).order_by("name_key", "id")


def firm(person: Person, number: int) -> TargetFirm | None:
    """One firm by its number; of one merged into another, that other."""
    found = access.visible(TargetFirm.objects.all(), person, VIEW).select_related("merged_into").filter(pk=number).first()
    return found.merged_into or found if found else None


def lists(person: Person) -> list[FirmList]:
    """The lists the county imported, newest year first; ``firms`` says how many stand in each."""
    rows = access.visible(FirmList.objects.all(), person, VIEW)
    return list(rows.annotate(firms=Count("memberships")).order_by("kind", "name_key", "-year"))


def list_label(one: FirmList) -> str:
    """A list as a source names it."""
    return f"{one.name} {one.year}（{one.source}）"[:100]


def newest_lists() -> dict[str, int]:
    """By kind of list the newest year imported."""
    found: dict[str, int] = {}
    for kind, year in FirmList.objects.values_list("kind", "year"):
        found[kind] = max(year, found.get(kind, 0))
    return found


@dataclass(frozen=True)
class ToldColumn:
    """Everything told of one column, the one that counts first."""

    column: str
    tellings: tuple[Telling, ...]

    @property
    def disagree(self) -> bool:
        """Whether two sources tell different values."""
        return len({one.value for one in self.tellings}) > 1


def told(row: TargetFirm) -> dict[str, ToldColumn]:
    """By column what was told of a firm, latest first."""
    found: dict[str, list[Telling]] = defaultdict(list)
    for one in row.tellings.select_related("list").order_by("-told_on", "-id"):
        found[one.column].append(one)
    return {column: ToldColumn(column, tuple(each)) for column, each in found.items()}


def counting(tellings: Sequence[Telling]) -> dict[str, Any]:
    """By column the value that counts: of the latest day, of several that day the one entered last."""
    found: dict[str, Any] = {}
    for one in sorted(tellings, key=lambda one: (one.told_on, one.pk)):
        found[one.column] = one.value
    return found


# ── twins ────────────────────────────────────────────────────────────────────
def twins(person: Person) -> list[tuple[TargetFirm, TargetFirm]]:
    """Pairs of firms whose names are alike but for 有限公司 and the like, and of which nobody said yet whether they are two."""
    keys = visible_firms(person).order_by().values("core_key").annotate(n=Count("pk")).filter(n__gt=1).values_list("core_key", flat=True)
    groups: dict[str, list[TargetFirm]] = defaultdict(list)
    for part in chunks(sorted(keys)):
        for row in visible_firms(person).filter(core_key__in=part):
            groups[row.core_key].append(row)
    apart = set(NoTwin.objects.values_list("first", "second"))
    return [(one, other) for rows in groups.values() for one, other in combinations(sorted(rows, key=lambda row: row.pk), 2) if (one.pk, other.pk) not in apart]


# ── a file of firms ──────────────────────────────────────────────────────────
@dataclass(frozen=True)
class ListKey:
    """One list as a file names it."""

    kind: str
    name: str
    year: int

    @property
    def key(self) -> tuple[str, str, int]:
        """What makes it the same list."""
        return (self.kind, name_key(self.name), self.year)


@dataclass(frozen=True)
class Entry:
    """One row as a file tells it. ``told`` holds the columns it fills, ``row`` is its number in the file."""

    row: int
    list: ListKey
    source: str
    told_on: dt.date
    name: str
    uscc: str = ""
    rank: int | None = None
    parent: str = ""
    proof: str = ""
    nodes: tuple[str, ...] = ()
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def tells(self) -> dict[str, Any]:
        """By column what it tells, name and credit code among them."""
        return {"name": self.name, **({"uscc": self.uscc} if self.uscc else {}), **self.told}

    @property
    def membership(self) -> dict[str, Any]:
        """How the firm stands in the list."""
        return {"rank": self.rank, "parent": self.parent, "control_proof": bool(self.proof), "proof_source": self.proof}


@dataclass
class Slot:
    """One firm of a file: ``firm`` where it is known already, and the rows that speak of it."""

    firm: TargetFirm | None
    entries: list[Entry]


@dataclass(frozen=True)
class Plan:
    """All of a file: its firms, how many of them are new, changed and the same; by row what is wrong, and what somebody should look at."""

    slots: tuple[Slot, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    wrong: Mapping[int, tuple[str, Message]] = field(default_factory=dict)
    doubts: Mapping[int, tuple[str, Message]] = field(default_factory=dict)


def plan(entries: Sequence[Entry]) -> Plan:
    """Compare a file with what is kept: a few queries for every 500 firms."""
    known = _Known(entries)
    slots: list[Slot] = []
    wrong: dict[int, tuple[str, Message]] = {}
    for entry in entries:
        try:
            slot = known.slot_of(entry)
        except _Unclear as unclear:
            wrong[entry.row] = ("name", unclear.message)
            continue
        twin = next((one for one in slot.entries if one.list.key == entry.list.key), None)
        if twin is not None:
            wrong[entry.row] = ("name", Message(f"和第 {twin.row} 行是同一家企业，同一张名单里只能有一次", f"the same firm as row {twin.row}; it stands in one list once"))
            continue
        if not slot.entries:
            slots.append(slot)
        slot.entries.append(entry)
    kept = _kept([slot.firm for slot in slots if slot.firm is not None])
    changed = sum(slot.firm is not None and kept.differs(slot) for slot in slots)
    new = sum(slot.firm is None for slot in slots)
    return Plan(tuple(slots), {"new": new, "changed": changed, "same": len(slots) - new - changed}, wrong, known.doubts(slots))


class _Unclear(Exception):
    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


class _Known:
    """The firms a file may mean: those kept, and those it has brought so far."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        codes, keys = sorted({entry.uscc for entry in entries if entry.uscc}), sorted({name_key(entry.name) for entry in entries})
        self.by_code: dict[str, Slot] = {}
        self.by_name: dict[str, list[Slot]] = defaultdict(list)
        self._slots: dict[int, Slot] = {}
        for name, wanted in (("uscc", codes), ("name_key", keys)):
            for part in chunks(wanted):
                for row in TargetFirm.objects.filter(**{f"{name}__in": part}).select_related("merged_into"):
                    self._keep(row)

    def _keep(self, row: TargetFirm) -> None:
        """A firm under its code and name; one merged into another stands for that other."""
        root = row.merged_into or row
        slot = self._slots.setdefault(root.pk, Slot(root, []))
        for each in {row, root}:
            if each.uscc:
                self.by_code[each.uscc] = slot
            if slot not in self.by_name[each.name_key]:
                self.by_name[each.name_key].append(slot)

    def slot_of(self, entry: Entry) -> Slot:
        """The firm a row speaks of: by its credit code, else by its name where no code says otherwise; a new one else."""
        key = name_key(entry.name)
        found = self.by_code.get(entry.uscc) if entry.uscc else None
        if found is None:
            like = [slot for slot in self.by_name[key] if not entry.uscc or not (code := _code(slot)) or code == entry.uscc]
            if len(like) > 1:
                raise _Unclear(Message("有两家企业叫这个名字，请写统一社会信用代码", "two firms bear this name; give the credit code"))
            found = like[0] if like else Slot(None, [])
        if entry.uscc:
            self.by_code[entry.uscc] = found
        if found not in self.by_name[key]:
            self.by_name[key].append(found)
        return found

    def doubts(self, slots: Sequence[Slot]) -> dict[int, tuple[str, Message]]:
        """New firms whose names are like another's but for 有限公司 and the like: by row, for a person to look at."""
        new = [slot for slot in slots if slot.firm is None]
        cores: dict[str, list[str]] = defaultdict(list)
        for part in chunks(sorted({_core(slot) for slot in new})):
            for core, name in TargetFirm.objects.filter(core_key__in=part, merged_into=None).values_list("core_key", "name"):
                cores[core].append(name)
        found = {}
        for slot in new:
            entry, others = slot.entries[0], cores[_core(slot)]
            if others:
                found[entry.row] = ("name", Message(f"和“{others[0]}”的名称很像，可能是同一家；入库后在“疑似同一家”里由人判断", f"much like “{others[0]}”, perhaps the same firm; somebody decides on it once it is in"))
            others.append(entry.name)
        return found


def _code(slot: Slot) -> str:
    told = [slot.firm.uscc] if slot.firm is not None else []
    return next((code for code in (*told, *(entry.uscc for entry in slot.entries)) if code), "")


def _core(slot: Slot) -> str:
    return core_key(name_key(slot.entries[0].name))


@dataclass(frozen=True)
class Kept:
    """What is kept of some firms, by firm and list, and by firm."""

    memberships: Mapping[tuple[int, tuple[str, str, int]], Membership]
    tellings: Mapping[tuple[int, tuple[str, str, int]], Mapping[str, Telling]]
    nodes: Mapping[int, frozenset[str]]

    def differs(self, slot: Slot) -> bool:
        """Whether the file tells anything of a known firm that its lists did not tell before."""
        assert slot.firm is not None
        return any(self._news(slot.firm.pk, entry) for entry in slot.entries)

    def _news(self, number: int, entry: Entry) -> bool:
        place = (number, entry.list.key)
        member, before = self.memberships.get(place), self.tellings.get(place, {})
        if member is None or any(getattr(member, name) != value for name, value in entry.membership.items()) or not set(entry.nodes) <= self.nodes.get(number, frozenset()):
            return True
        return any(column not in before or before[column].value != value or before[column].told_on != entry.told_on for column, value in entry.tells.items())


def _kept(firms: Sequence[TargetFirm]) -> Kept:
    numbers = sorted({row.pk for row in firms})
    memberships, nodes = {}, defaultdict[int, set[str]](set)
    tellings: dict[tuple[int, tuple[str, str, int]], dict[str, Telling]] = defaultdict(dict)
    keys = {number: (kind, key, year) for number, kind, key, year in FirmList.objects.values_list("pk", "kind", "name_key", "year")}
    for part in chunks(numbers):
        for member in Membership.objects.filter(firm__in=part):
            memberships[member.firm_id, keys[member.list_id]] = member
        for one in Telling.objects.filter(firm__in=part, list__isnull=False):
            tellings[one.firm_id, keys[one.list_id or 0]][one.column] = one
        for number, node in TargetNode.objects.filter(firm__in=part).values_list("firm_id", "node"):
            nodes[number].add(node)
    return Kept(memberships, tellings, {number: frozenset(found) for number, found in nodes.items()})


def kept(slots: Sequence[Slot]) -> Kept:
    """What is kept of the known firms of a file."""
    return _kept([slot.firm for slot in slots if slot.firm is not None])
