"""What gates know of a subject: facts of its kinds, and what verified evidence tells where nobody delivered it yet.

A room names in its AppConfig how the facts of its kind are read: ``subject_facts = {"enterprise": later("….facts_of")}``, a
function ``(subject_id, day) -> SubjectFacts``. A kind nobody names is read from the committed batches. Where a subject goes round more than
once, ``subject_rounds = {kind: later("….round_began")}``, a function ``(subject_id) -> datetime | None``, says since when papers count.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps

from diguan.kernel import packs
from diguan.kernel.catalogue import FactSpec
from diguan.kernel.evidence import dictionary
from diguan.kernel.evidence.dictionary import Entry
from diguan.kernel.evidence.queries import EXPIRED, HELD, OUTDATED, WAITING, Holding, holdings
from diguan.kernel.facts import batches, store
from diguan.kernel.messages import Message
from diguan.kernel.periods import Period
from diguan.kernel.rules import scalar, standards, tree, windows
from diguan.kernel.rules.scalar import Coverage, Row, Stored, SubjectFacts
from diguan.kernel.rules.tree import FALSE, TRUE, UNKNOWN
from diguan.kernel.rules.windows import Window
from diguan.kernel.stages.gates import Held
from diguan.kernel.stages.models import Course

ENTERPRISE = "enterprise"
_WORDS = {WAITING: (UNKNOWN, Message("已填报，还没核实", "handed in, not verified yet")), EXPIRED: (FALSE, Message("已过期", "expired")),
          OUTDATED: (FALSE, Message("是修订之前那一轮的，要重新提交", "of the round before the amendment: hand it in anew"))}
_MISSING = Held(FALSE, Message("没有", "not there"))


@dataclass(frozen=True)
class Known:
    """Everything known of a course's subjects on a day, for gates."""

    facts: SubjectFacts
    evidence: Mapping[str, Held]


def keys_of(course: Course) -> dict[str, str]:
    """The subjects a course's gates may read: its own and, where it is about one, the enterprise."""
    own = {course.subject_kind: course.subject_id}
    return own | ({ENTERPRISE: course.uscc} if course.uscc and ENTERPRISE not in own else {})


def known_of(course: Course, entries: Sequence[str], facts: Iterable[FactSpec], day: dt.date) -> Known:
    """What is known on a day of what a gate asks: these dictionary ids, and these facts."""
    shelf = dictionary.known()
    asked = [shelf[name] for name in entries if name in shelf]
    read = [*facts, *(one.fact for entry in asked for one in entry.shared if one.fact is not None)]
    tellers = _tellers({fact.name for fact in read})
    wanted = {*entries, *(one.evidence for entry in asked for one in entry.shared if one.evidence), *(entry.id for entry in tellers)}
    held = holdings(sorted(wanted), keys_of(course).items(), day, _round_began(course))
    told = facts_of(course, {fact.subject for fact in read}, day) if read else _NOTHING
    told = _with_standards(_with_evidence(told, [(entry, held[entry.id]) for entry in tellers]), read, day)
    return Known(told, {entry.id: _held(entry, held, told, day) for entry in asked})


def facts_of(course: Course, kinds: Iterable[str], day: dt.date) -> SubjectFacts:
    """The facts of these kinds of a course's subjects as one; a kind it has no subject of tells nothing."""
    keys = keys_of(course)
    readers = _named("subject_facts")
    parts = [readers.get(kind, _from_batches(kind))(keys[kind], day) for kind in sorted(kinds) if kind in keys] or [_NOTHING]
    return parts[0] if len(parts) == 1 else _joined(parts)


def _round_began(course: Course) -> dt.datetime | None:
    began = _named("subject_rounds").get(course.subject_kind)
    return began(course.subject_id) if began else None


def _named(attribute: str) -> dict[str, Callable[..., Any]]:
    """What the rooms name in their AppConfig, by kind of subject."""
    found: dict[str, Callable[..., Any]] = {}
    for config in apps.get_app_configs():
        found |= getattr(config, attribute, {}) if config.name.startswith("diguan.") else {}
    return found


def _from_batches(kind: str) -> Callable[[str, dt.date], SubjectFacts]:
    def read(subject_id: str, day: dt.date) -> SubjectFacts:
        told = [row for row in batches.visible_batches(as_of=day) if row.subject == kind]
        if not told:
            return _NOTHING
        data = store.open_batches(told, packs.catalogue(), subject=kind, only=[subject_id])
        return data.subject_facts(subject_id) if subject_id in data.ids else _NOTHING
    return read


@dataclass(frozen=True)
class _Parts:
    """The coverage of several kinds' data: what one of them covers is covered; a gap has to be one of all that know the fact."""

    parts: tuple[Coverage, ...]

    def gaps(self, fact: str, window: Window, kind: str) -> Sequence[Period]:
        return min((part.gaps(fact, window, kind) for part in self.parts), key=len)

    def touches(self, fact: str, window: Window) -> bool:
        return any(part.touches(fact, window) for part in self.parts)


_NOTHING = SubjectFacts({}, {}, windows.Coverage({}))


def _joined(parts: Sequence[SubjectFacts]) -> SubjectFacts:
    """Facts are told of one kind of subject each, so nothing is told twice."""
    attributes: dict[str, Stored] = {}
    rows: dict[str, Sequence[Row]] = {}
    scales: dict[str, int] = {}
    for part in parts:
        attributes |= part.attributes
        rows |= part.rows
        scales |= part.scales
    return SubjectFacts(attributes, rows, _Parts(tuple(part.coverage for part in parts)), frozenset().union(*(part.absent for part in parts)), scales)


# ── evidence ─────────────────────────────────────────────────────────────────
def _tellers(facts: set[str]) -> list[Entry]:
    """The entries whose verified value stands for one of these facts."""
    return [entry for entry in dictionary.known().values() if entry.tells and entry.value is not None and entry.value.name in facts]


def _with_evidence(told: SubjectFacts, held: Iterable[tuple[Entry, Holding]]) -> SubjectFacts:
    """The facts, and of those nobody told what verified evidence says of them."""
    more: dict[str, Stored] = {}
    for entry, holding in held:
        assert entry.value is not None
        name = entry.value.name
        if holding.value is not None and name not in told.attributes and name not in told.absent:
            more[name] = holding.value
    return _with(told, more)


def _with_standards(told: SubjectFacts, read: Sequence[FactSpec], day: dt.date) -> SubjectFacts:
    """The facts, and what dated national standards tell from them, as far as that is read."""
    names = {fact.name for fact in read if fact.by_standard and fact.name not in told.attributes}
    found = {one.fact.name: standards.told(one, told, day) for one in standards.known() if one.fact.name in names} if names else {}
    return _with(told, {name: value for name, value in found.items() if value is not None})


def _with(told: SubjectFacts, more: Mapping[str, Stored]) -> SubjectFacts:
    if not more:
        return told
    scales = {name: spec.scale for name in more if (spec := packs.catalogue().get(name)) is not None}
    return SubjectFacts({**told.attributes, **more}, told.rows, told.coverage, told.absent, {**told.scales, **scales})


def _held(entry: Entry, held: Mapping[str, Holding], facts: SubjectFacts, day: dt.date) -> Held:
    own = held[entry.id]
    if own.state == HELD:
        return Held(TRUE, Message("已核实", "verified"), own.by)
    for one in entry.shared:
        name = _told_by_fact(one.fact, facts, day) if one.fact is not None else _told_by_entry(one.evidence, held)
        if name is not None:
            return Held(TRUE, Message(f"县里已有：{name.zh}", f"the county holds it: {name.en}"))
    if own.state in _WORDS:
        state, words = _WORDS[own.state]
        return Held(state, words, own.by)
    return _MISSING


def _told_by_fact(fact: FactSpec, facts: SubjectFacts, day: dt.date) -> Message | None:
    """The fact's name where it is known and is not no."""
    read = tree.Read(fact) if fact.period == "none" else tree.Read(fact, tree.Word("all"), "latest")
    seen = scalar.see(read, facts, day)
    if seen.state != scalar.VALUE or (fact.type == "bool" and not seen.value):
        return None
    return Message(fact.label(), fact.label("en"))


def _told_by_entry(name: str, held: Mapping[str, Holding]) -> Message | None:
    entry = dictionary.known()[name]
    return Message(entry.label(), entry.label("en")) if held[name].state == HELD else None
