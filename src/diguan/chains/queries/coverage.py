"""Reads of coverage: who stands at which node, what is believed, what is stale, and what a file would change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from diguan.chains.models import Coverage, CoverageState
from diguan.chains.models.coverage import STALE_DAYS
from diguan.chains.queries import shelf
from diguan.enterprises.engine import name_key
from diguan.enterprises.models import Enterprise
from diguan.kernel import access, events, packs
from diguan.kernel.access.models import Person
from diguan.kernel.events import Event
from diguan.kernel.messages import Message
from diguan.kernel.records import chunks

VIEW_CHAIN = "chains.view_chain"
EXPORT_CHAIN = "chains.export_chain"
VIEW = "chains.view_coverage"
VOLUME = "chains.view_volume"
CLAIM = "chains.claim_coverage"
VERIFY = "chains.verify_coverage"
IMPORT = "chains.import_coverage"
EXPORT = "chains.export_coverage"


# ── lists ────────────────────────────────────────────────────────────────────
def visible_coverages(person: Person) -> QuerySet[Coverage]:
    """The rows this person may see, by node, then enterprise."""
    return access.visible(Coverage.objects.all(), person, VIEW).select_related("enterprise").order_by("node", "role", "enterprise__name_key", "id")


def coverage(person: Person, number: int) -> Coverage | None:
    """One row by its number, None where there is none for this person."""
    return visible_coverages(person).select_related("proof", "entered_by", "decided_by", "created_by").filter(pk=number).first()


def of_enterprise(person: Person, row: Enterprise) -> list[Coverage]:
    """Where one enterprise stands."""
    return list(visible_coverages(person).filter(enterprise=row))


def sees_volume(person: Person, row: Coverage) -> bool:
    """Whether this person may see the amounts of a row: a right of its own."""
    return access.may(person, VOLUME, row)


def sees_volumes(person: Person) -> bool:
    """Whether this person may see the amounts of every row they see."""
    return access.may(person, VOLUME) and access.scope(person, VOLUME) == access.scope(person, VIEW)


def sees_every_volume(person: Person) -> bool:
    """Whether this person may see every firm's amounts, hence both sides of any trade."""
    return access.scope(person, VOLUME) is access.Scope.COUNTY


def seen_at(person: Person, nodes: Iterable[str]) -> frozenset[int]:
    """Numbers of the rows at these nodes that this person may see; none for who may not see who stands where."""
    if not access.may(person, VIEW):
        return frozenset()
    return frozenset(visible_coverages(person).filter(node__in=list(nodes)).values_list("pk", flat=True))


def in_state(rows: QuerySet[Coverage], state: str, day: dt.date) -> QuerySet[Coverage]:
    """Of these rows, those in one state on ``day``; ``verified`` are those looked at lately, ``stale`` those that were not."""
    if state in ("verified", "stale"):
        line = day - dt.timedelta(days=STALE_DAYS)
        found = rows.filter(state=CoverageState.VERIFIED)
        return found.filter(decided_on__gte=line) if state == "verified" else found.filter(decided_on__lt=line)
    return rows.filter(state=state)


def search(rows: QuerySet[Coverage], text: str) -> QuerySet[Coverage]:
    """Rows whose enterprise or source holds the text."""
    key = name_key(text)
    return rows.filter(Q(source__icontains=text) | Q(enterprise__name_key__contains=key) | Q(enterprise__pinyin_key__contains=key) | Q(enterprise__uscc=text.upper()))


def believed(nodes: Iterable[str] | None = None) -> QuerySet[Coverage]:
    """Every verified row of enterprises that still exist, at these nodes or at all. Not narrowed to a person: for counts and sums only."""
    rows = Coverage.objects.filter(state=CoverageState.VERIFIED).exclude(enterprise__business_status__in=("注销", "吊销")).select_related("enterprise")
    return rows if nodes is None else rows.filter(node__in=list(nodes))


# ── who may do what with a row ───────────────────────────────────────────────
def may_verify(person: Person, row: Coverage) -> bool:
    """Whether this person may say that the row holds: it waits or is verified (looked at again), and another person entered it."""
    return row.state in (CoverageState.CLAIMED, CoverageState.VERIFIED) and not entered_by(person, row) and access.may(person, VERIFY, row)


def entered_by(person: Person, row: Coverage) -> bool:
    """Whether this person entered the row, first or last, or wrote anything of it in between."""
    if person.pk in (row.entered_by_id, row.created_by_id):
        return True
    kind, key = events.key_of(row)
    return Event.objects.filter(root_type=kind, root_id=key, verb="coverage_changed", actor=person).exists()


# ── a file of rows ───────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Entry:
    """One row as a file tells it; ``values`` hold what it fills."""

    uscc: str
    node: str
    role: str
    values: Mapping[str, Any]

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes it the same row."""
        return (self.uscc, self.node, self.role)


@dataclass(frozen=True)
class Plan:
    """All of a file: rows that are new, that change, that stay, and codes of enterprises that are not there or out of reach."""

    new: tuple[Entry, ...] = ()
    changed: tuple[tuple[Coverage, Entry], ...] = ()
    same: int = 0
    enterprises: Mapping[str, Enterprise] | None = None
    beyond: frozenset[str] = frozenset()

    @property
    def counts(self) -> dict[str, int]:
        """New, changed and same, as an import's preview shows them."""
        return {"new": len(self.new), "changed": len(self.changed), "same": self.same}


def plan(person: Person, entries: Sequence[Entry]) -> Plan:
    """Compare a file with what is kept: a few queries for every 500 enterprises."""
    codes = sorted({entry.uscc for entry in entries})
    reach = access.visible(Enterprise.objects.all(), person, IMPORT)
    firms = {row.uscc: row for part in chunks(codes) for row in reach.filter(uscc__in=part)}
    stored = {(row.enterprise.uscc, row.node, row.role): row for part in chunks(codes) for row in Coverage.objects.filter(enterprise__uscc__in=part).select_related("enterprise")}
    pairs = [(stored.get(entry.identity), entry) for entry in entries if entry.uscc in firms]
    changed = tuple((row, entry) for row, entry in pairs if row is not None and differs(row, entry.values))
    return Plan(tuple(entry for row, entry in pairs if row is None), changed, sum(row is not None for row, _entry in pairs) - len(changed), firms,
                frozenset(code for code in codes if code not in firms))


def differs(row: Coverage, told: Mapping[str, Any]) -> bool:
    """Whether a file or form tells anything else than what is kept."""
    return any(getattr(row, name) != value for name, value in told.items())


# ── what the register suggests ───────────────────────────────────────────────
@dataclass(frozen=True)
class Suggestion:
    """An enterprise that, by its industry code or its name, seems to make what a node stands for; ``words`` found in its name or products."""

    enterprise: Enterprise
    node: str
    by_code: bool
    words: tuple[str, ...]

    @property
    def key(self) -> str:
        """Node and enterprise, as a form sends it back."""
        return f"{self.node}:{self.enterprise.uscc}"


def suggestions(person: Person, node: str, codes: Iterable[str], products: Sequence[str]) -> list[Suggestion]:
    """Enterprises in reach that are not at the node yet (rejected ones are not suggested again): words first, then code alone.

    A code alone stands for many things (4030 is case, hands and movement alike), so it suggests only where no other word decides.
    """
    there = Coverage.objects.filter(enterprise=OuterRef("pk"), node=node, role="make")
    rows = access.visible(Enterprise.objects.all(), person, CLAIM).exclude(Exists(there)).exclude(business_status__in=("注销", "吊销")).prefetch_related("capabilities")
    wanted = Q()
    for code in codes:
        wanted |= Q(industry__startswith=code)
    for word in products:
        wanted |= Q(name_key__contains=name_key(word)) | Q(capabilities__kind="product", capabilities__name__contains=word)
    if not wanted:
        return []
    found = [Suggestion(row, node, any(row.industry.startswith(code) for code in codes), _words(row, products)) for row in rows.filter(wanted).distinct().order_by("name_key", "id")]
    return sorted(found, key=lambda one: (not one.words, not one.by_code))


def _words(row: Enterprise, products: Sequence[str]) -> tuple[str, ...]:
    told = name_key(" ".join([row.name, *(one.name for one in row.capabilities.all() if one.kind == "product")]))
    return tuple(word for word in products if name_key(word) in told)


def doubt(row: Enterprise, node: str) -> Message | None:
    """A warning where the industry code of an enterprise says that it hardly makes what the node stands for; None where nothing speaks against it.

    Only a code of another division (two digits) counts: many firms do more than their code says.
    """
    found = shelf.node(node)
    if found is None or not found.codes or not row.industry or any(code[:2] == row.industry[:2] for code in found.codes):
        return None
    names = packs.codes().industries
    return Message(f"这家企业的行业代码是 {row.industry}{names.get(row.industry, '')}，不像做“{found.name.zh}”的（{'、'.join(found.codes)}），请核对",
                   f"its industry code is {row.industry}, which hardly makes {found.name.en} ({', '.join(found.codes)}); check it")
