"""Reads of drafts: which there are, what one says so far, and everything that is still wrong in it, by place."""

from __future__ import annotations

import copy
import datetime as dt
import functools
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from diguan.kernel import access, packs
from diguan.kernel.access.models import Person
from diguan.kernel.messages import Message
from diguan.kernel.rules import conditions, document, tree
from diguan.kernel.rules.conditions import Reader, Refused
from diguan.policies.engine import clausetree, yamltext
from diguan.policies.models import Draft, DraftVersion

VIEW = "policies.view_draft"
WRITE = "policies.draft_policy"
PUBLISH = "policies.publish_draft"
NAME = "policies/draft.yaml"
DAY = "2026-01-01"
KEPT = 64
Place = yamltext.Path


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a draft: where in the document, on which line of its text, what, and the nearest valid name."""

    place: Place
    line: int
    message: Message
    nearest: str | None = None

    def within(self, *place: str | int) -> bool:
        """Whether it is about this part of the document, or a part of it."""
        return self.place[:len(place)] == place


@dataclass(frozen=True, eq=False)
class Opened:
    """What a text says: its data, the policy where the loader accepts it as a tree, and what is wrong.

    ``trial`` is the policy as far as it can be tried at all, whatever day it is in force: clauses with a fault (``left_out``, by
    number from 0) stand aside, and what is missing pays nothing.
    """

    data: Mapping[str, Any]
    policy: tree.Policy | None
    faults: tuple[Fault, ...]
    trial: tree.Policy | None
    left_out: frozenset[int]

    @property
    def usable(self) -> bool:
        """Whether the loader takes it as it is, examples and all."""
        return self.policy is not None and not self.faults

    def at(self, *place: str | int) -> list[Fault]:
        """What is wrong in one part."""
        return [fault for fault in self.faults if fault.within(*place)]


# ── rows ─────────────────────────────────────────────────────────────────────
def visible_drafts(person: Person) -> QuerySet[Draft]:
    """The drafts a person may see, last changed first."""
    return access.visible(Draft.objects.select_related("changed_by", "created_by"), person, VIEW)


def draft(person: Person, number: int) -> Draft | None:
    """One draft; None where there is none for this person."""
    return visible_drafts(person).filter(pk=number).first()


def versions(draft: Draft) -> QuerySet[DraftVersion]:
    """What was kept of a draft the person may see, newest first."""
    return DraftVersion.objects.filter(draft=draft).select_related("by").order_by("-number")


def version(draft: Draft, number: int) -> DraftVersion | None:
    """One kept version."""
    return versions(draft).filter(number=number).first()


def name_in(text: str) -> str:
    """The id a kept text gives itself; a draft may have been renamed since."""
    return str(yamltext.read(text, NAME).get("id", ""))


def substance(text: str) -> Mapping[str, Any]:
    """What of a kept text its reviews are about: all but their own record, the document's number and file, and the day it begins.

    Those four are known only once the reviews are done and the text is issued.
    """
    data = {name: value for name, value in yamltext.read(text, NAME).items() if name not in ("fair_competition_review", "source", "version", "recorded_at")}
    days = data.get("in_force")
    return {**data, "in_force": {name: value for name, value in days.items() if name != "from"}} if isinstance(days, dict) else data


# ── what a text says ─────────────────────────────────────────────────────────
def opened(text: str, source: str) -> Opened:
    """Read a draft; the same text is read once."""
    return _opened(text, source, packs.folders())


@functools.lru_cache(maxsize=KEPT)
def _opened(text: str, source: str, _packs: tuple[Path, ...]) -> Opened:
    data, raw = yamltext.read(text, NAME), source.encode()
    lines = yamltext.lines_of(text)
    policy, faults = _tried(data, raw, lines, hashlib.sha256(text.encode()).hexdigest())
    whole, more = _tried(_filled(data, raw), raw, lines)
    both = (*(one for one in faults if one.place), *(one for one in more if one.place and one.place[0] in data), *_missing(data, lines))
    faults = tuple(sorted({(fault.place, str(fault.message)): fault for fault in both}.values(), key=lambda fault: (fault.line, str(fault.place))))
    bad = frozenset(int(fault.place[1]) for fault in faults if fault.within("clauses") and len(fault.place) > 1)
    rest, _none = (whole, ()) if whole else _tried(_sound(_filled(data, raw), faults, bad), raw, lines)
    trial = tried_text(rest) if rest else None
    return Opened(data, policy, faults, trial, bad if whole is None else frozenset())


def _missing(data: Mapping[str, Any], lines: Mapping[Place, int]) -> Iterator[Fault]:
    """What is not there yet; the loader stops at the first."""
    few = document.FEWEST_EXAMPLES
    for key in document.NEEDED:
        if not data.get(key) and key != "examples":
            yield Fault((key,), _line((key,), lines), Message(f"还没写 {key}", f"{key} is missing"))
    held = data.get("examples")
    if not isinstance(held, list) or len(held) < few:
        count = len(held) if isinstance(held, list) else 0
        yield Fault(("examples",), _line(("examples",), lines), Message(f"至少要 {few} 个算例，现有 {count} 个", f"at least {few} examples are needed, there are {count}"))


def _tried(data: Mapping[str, Any], raw: bytes, lines: Mapping[Place, int], sha256: str = "") -> tuple[tree.Policy | None, tuple[Fault, ...]]:
    node, places = yamltext.numbered(data)
    policy, problems = document.try_policy(node, NAME, packs.catalogue(), packs.codes(), sha256=sha256, source=raw)
    return policy, tuple(Fault(places[one.line], _line(places[one.line], lines), one.message, one.nearest) for one in problems)


def _line(place: Place, lines: Mapping[Place, int]) -> int:
    """The line of a place; of one that is not in the text that of what it stands in."""
    return next(lines[place[:end]] for end in range(len(place), -1, -1) if place[:end] in lines)


def _filled(data: Mapping[str, Any], raw: bytes) -> dict[str, Any]:
    """The document with something for everything that is still missing, so that the rest of it is looked at."""
    found = copy.deepcopy(dict(data))
    defaults: dict[str, Any] = {"id": "draft", "title": "draft", "source": {}, "in_force": {}, "clauses": [], "benefit": {"kind": "flat", "amount": "0元"}, "examples": []}
    for key, value in defaults.items():
        found[key] = found.get(key) or value
    if isinstance(found["source"], dict):
        given = {name: text for name, text in found["source"].items() if text}
        found["source"] = {"document": "—", "file": "sources/draft.txt", "sha256": hashlib.sha256(raw).hexdigest(), **given}
    if isinstance(found["in_force"], dict):
        found["in_force"] = {**found["in_force"], "from": found["in_force"].get("from") or DAY}
    return found


def _sound(data: dict[str, Any], faults: Iterable[Fault], bad: frozenset[int]) -> dict[str, Any]:
    """Only the parts nothing is wrong with; a part that must be there is replaced by one that says nothing."""
    wrong = {fault.place[0] for fault in faults if fault.place and fault.place[0] != "clauses"}
    kept = {key: value for key, value in data.items() if key not in wrong}
    kept["clauses"] = [clause for at, clause in enumerate(clausetree.clauses(data)) if at not in bad]
    return {**_filled(kept, b""), "source": kept.get("source", data["source"]), "examples": [] if bad else kept.get("examples", [])}


@functools.lru_cache(maxsize=KEPT)
def tried_text(policy: tree.Policy) -> tree.Policy:
    """A whole policy as a trial takes it: whatever days it is in force."""
    return replace(policy, in_force_from=dt.date.min, in_force_to=None)


def condition_of(data: Any) -> tree.Condition | None:
    """A condition by itself, where nothing is wrong with it."""
    reader = Reader(NAME, packs.catalogue(), packs.codes())
    try:
        found = conditions.condition(reader, yamltext.numbered(data)[0])
    except Refused:
        return None
    return None if reader.problems else found
