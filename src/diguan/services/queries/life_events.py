"""Reads of life events: which there are, which version is in force, and what follows from a set of answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.rules.nodes import DocumentErrors
from diguan.services import queries
from diguan.services.engine import lifeevents, matters, merging
from diguan.services.engine.lifeevents import Chosen, Names, Situation
from diguan.services.engine.lifeevents import LifeEvent as Document
from diguan.services.engine.merging import Asking, Merged
from diguan.services.engine.situations import Answers, both
from diguan.services.models import LifeEvent, LifeEventVersion, Matter, MatterState, MatterVersion, Retirement
from diguan.services.queries import shelf

VIEW = "services.view_life_event"
PUBLISH = "services.publish_life_event"


def visible_life_events(person: Person) -> QuerySet[LifeEvent]:
    """What this person may see, in the order in which they came."""
    return access.visible(LifeEvent.objects.prefetch_related("versions", "retirements"), person, VIEW).order_by("id")


def names() -> Names:
    """What a document may name: the questions of the packs and the published matters of the library."""
    return Names(shelf.questions(), frozenset(Matter.objects.filter(state=MatterState.PUBLISHED).values_list("key", flat=True)))


def in_force(row: LifeEvent, day: dt.date) -> LifeEventVersion | None:
    """The version in force on a day; None before its first and after its last."""
    ended = max((one.after for one in row.retirements.all() if one.day <= day), default=0)
    rows = [one for one in row.versions.all() if one.number > ended and one.valid_from <= day and (one.valid_to is None or day <= one.valid_to)]
    return max(rows, key=lambda one: (one.valid_from, one.number), default=None)


def retirement(row: LifeEvent) -> Retirement | None:
    """How its newest version ends or ended; None where it does not."""
    last = max((one.number for one in row.versions.all()), default=0)
    return next((one for one in row.retirements.all() if one.after == last), None)


def retired(person: Person, day: dt.date) -> list[tuple[LifeEvent, Retirement]]:
    """The life events that no case begins with any more, each with why."""
    return [(row, told) for row in visible_life_events(person) if (told := retirement(row)) is not None and told.day <= day]


def document(version: LifeEventVersion, keys: frozenset[str] | None = None) -> Document | None:
    """A version as a tree; None where something it names is gone."""
    try:
        return shelf.read_frozen(version.sha256, version.text, names_keys() if keys is None else keys)
    except DocumentErrors:
        return None


def names_keys() -> frozenset[str]:
    """The keys of every matter there is, published or not: a version that was published may name one that was retired."""
    return frozenset(Matter.objects.values_list("key", flat=True))


def pending() -> list[Document]:
    """The packs' life events whose text was never published; what the county published since is its own."""
    said = set(LifeEventVersion.objects.values_list("sha256", flat=True))
    return [event for event in shelf.life_events().values() if event.sha256 not in said]


@dataclass(frozen=True)
class Fee:
    """One fee, booked for the matter that charges it; ``fen`` None: it has to be worked out."""

    matter: str
    name: str
    standard: str
    fen: int | None
    basis: str


@dataclass(frozen=True)
class Summary:
    """A life event in the list, without any answer."""

    row: LifeEvent
    version: LifeEventVersion
    document: Document


def summaries(person: Person, day: dt.date | None = None) -> list[Summary]:
    """The life events in force on the day, today unless given, as far as this person may see them."""
    return summaries_of(visible_life_events(person), day or clocks.today())


def summaries_of(rows: QuerySet[LifeEvent], day: dt.date) -> list[Summary]:
    """Those of these life events that are in force on a day and can be read."""
    keys, found = names_keys(), []
    for row in rows:
        version = in_force(row, day)
        told = document(version, keys) if version else None
        if version is not None and told is not None:
            found.append(Summary(row, version, told))
    return found


@dataclass(frozen=True)
class Picture:
    """What follows from some answers: the matters with the version of each, one form, one set of papers, edges, fees, the former way."""

    document: Document
    situation: Situation
    chosen: Chosen
    versions: Mapping[str, MatterVersion]
    missing: tuple[str, ...]
    fields: tuple[Merged, ...]
    papers: tuple[Merged, ...]
    fees: tuple[Fee, ...]

    @property
    def handed_in(self) -> tuple[int, int]:
        """Papers handed in when every matter asked by itself, and now."""
        return merging.handed_in({one.meaning: one for one in self.papers})

    @property
    def filled_in(self) -> tuple[int, int]:
        """Fields filled in when every matter had its own form, and now."""
        return merging.handed_in({one.meaning: one for one in self.fields})

    @property
    def promises(self) -> tuple[int, int]:
        """The sums of statutory and promised limits: one after another. A matter without a statutory limit counts with its promise."""
        told = [self.versions[name].content for name in self.chosen.sure if name in self.versions]
        return sum(_statutory(one) for one in told), sum(one["promised_days"] for one in told)

    def title(self, matter: str) -> str:
        """A matter's name."""
        return str(self.versions[matter].content["name"]) if matter in self.versions else matter


def _statutory(content: Mapping[str, Any]) -> int:
    return int(content["promised_days"] if content["statutory_days"] is None else content["statutory_days"])


def picture(told: Document, answers: Answers, day: dt.date) -> Picture:
    """Everything about one life event with these answers, by the matters in force on the day."""
    good = {name: value for name, value in answers.items() if name in {one.question for one in told.asked} and value in shelf.questions()[name].answers}
    chosen = lifeevents.choose(told, good)
    situation = lifeevents.situated(told, good)
    versions = queries.contents(list(chosen.matters), day)
    askings = [one for name, state in chosen.matters.items() if name in versions for one in _askings(versions[name], state, situation)]
    fields, papers = _sorted_out(merging.merge(askings))
    return Picture(told, situation, chosen, versions, tuple(name for name in chosen.matters if name not in versions), fields, papers, tuple(_fees(chosen, versions)))


def _sorted_out(merged: Mapping[str, Merged]) -> tuple[tuple[Merged, ...], tuple[Merged, ...]]:
    """What is filled in and what is handed in, each in the order of the dictionary."""
    known = shelf.known().meanings
    place = {name: number for number, name in enumerate(known)}
    ordered = sorted(merged.values(), key=lambda one: (place.get(one.meaning, len(place)), one.meaning))
    fields = tuple(one for one in ordered if one.meaning in known and known[one.meaning].kind == "field")
    return fields, tuple(one for one in ordered if one not in fields)


def _askings(version: MatterVersion, state: bool | None, situation: Situation) -> list[Asking]:
    return list(matters.askings(version.content, version.matter.key, lambda when: both(state, situation.holds(when))))


def _fees(chosen: Chosen, versions: Mapping[str, MatterVersion]) -> list[Fee]:
    return [Fee(name, one["name"], one["standard"], one["fen"], one["basis"])
            for name in chosen.matters if name in versions for one in versions[name].content["fees"]]
