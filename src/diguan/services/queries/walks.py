"""Reads of walks: who sees which, the steps somebody meets, what was noted and counted, two walks side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count, QuerySet

from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.evidence import dictionary
from diguan.services.models import MatterVersion, StepKind, Walk, WalkNote, WalkStep
from diguan.services.queries.cases import Draft

VIEW = "services.view_walk"
WALK = "services.walk_case"
EXPORT = "services.export_walk"


def visible_walks(person: Person) -> QuerySet[Walk]:
    """The walks a person may see, newest first, with how many ``noted`` and ``proposed`` came of each."""
    rows = Walk.objects.filter(pk__in=access.visible(Walk.objects.all(), person, VIEW).order_by().values("pk"))
    counted = rows.annotate(noted=Count("steps__notes", distinct=True), proposed=Count("steps__notes__proposals", distinct=True))
    return counted.select_related("life_event__life_event", "created_by", "owner_unit").order_by("-id")


def find_walk(person: Person, number: int) -> Walk | None:
    """One walk, if the person may see it."""
    return visible_walks(person).filter(pk=number).first()


# ── the way ──────────────────────────────────────────────────────────────────
def steps_of(draft: Draft) -> list[tuple[StepKind, str, MatterVersion | None]]:
    """What lies on the way, in the order in which it is met: one form, each paper, acceptance, each matter, what comes out."""
    known = dictionary.known()
    asked = [known[name] for name in draft.asked if name in known]
    form: list[tuple[StepKind, str, MatterVersion | None]] = [(StepKind.FORM, "", None)] if any(entry.kind == "field" for entry in asked) else []
    papers = [(StepKind.PAPER, entry.id, None) for entry in asked if entry.kind != "field"]
    matters = [(StepKind.MATTER, "", draft.picture.versions[work.key]) for work in draft.works]
    return [*form, *papers, (StepKind.ACCEPT, "", None), *matters, (StepKind.PICKUP, "", None)]


@dataclass(frozen=True)
class Totals:
    """What was counted in all. ``minutes`` and ``trips`` are None where no step counted any; ``timed`` and ``tripped`` say how many of the ``steps`` did."""

    steps: int
    done: int
    minutes: int | None
    trips: int | None
    timed: int
    tripped: int


def totals(steps: Iterable[WalkStep]) -> Totals:
    """The sums of some steps; what nobody counted is no zero."""
    rows = list(steps)
    minutes, trips = [one.took for one in rows if one.took is not None], [one.trips for one in rows if one.trips is not None]
    return Totals(len(rows), sum(one.done_at is not None for one in rows), sum(minutes) if minutes else None, sum(trips) if trips else None, len(minutes), len(trips))


@dataclass(frozen=True)
class Way:
    """One walk with everything on its way."""

    walk: Walk

    @cached_property
    def steps(self) -> list[WalkStep]:
        """Every step in order."""
        return list(self.walk.steps.select_related("matter__matter").order_by("place"))

    @cached_property
    def notes(self) -> dict[int, list[WalkNote]]:
        """What was noted at each step, with the proposals that came of it."""
        found: dict[int, list[WalkNote]] = {}
        for note in WalkNote.objects.filter(step__walk=self.walk).select_related("matter__matter", "by").prefetch_related("proposals").order_by("id"):
            found.setdefault(note.step_id, []).append(note)
        return found

    @cached_property
    def versions(self) -> list[MatterVersion]:
        """The versions of matters that were met."""
        return [step.matter for step in self.steps if step.matter is not None]

    def about(self, step: WalkStep) -> list[MatterVersion]:
        """The versions a note at this step may be about: its own matter, those that ask for its paper, else any."""
        if step.matter is not None:
            return [step.matter]
        asking = [version for version in self.versions if step.entry in {one["meaning"] for one in version.content["requirements"]}]
        return asking if step.kind == StepKind.PAPER and asking else self.versions

    @property
    def totals(self) -> Totals:
        """What was counted in all."""
        return totals(self.steps)

    @property
    def troubles(self) -> Mapping[str, int]:
        """How many notes of each kind."""
        return Counter(note.trouble for notes in self.notes.values() for note in notes)


# ── side by side ─────────────────────────────────────────────────────────────
def others(person: Person, walk: Walk) -> QuerySet[Walk]:
    """The other walks of the same life event that this person may see."""
    return visible_walks(person).filter(life_event__life_event=walk.life_event.life_event_id).exclude(pk=walk.pk)


def _what(step: WalkStep) -> tuple[str, str | int | None]:
    """By what a step is found in another walk: versions of one matter are the same thing."""
    return (step.kind, step.matter.matter_id if step.matter else step.entry)


def beside(left: Sequence[WalkStep], right: Sequence[WalkStep]) -> list[tuple[WalkStep | None, WalkStep | None]]:
    """The steps of two walks, pairwise, in the order of the first; what only the second met comes last."""
    there = {_what(step): step for step in right}
    pairs: list[tuple[WalkStep | None, WalkStep | None]] = [(step, there.pop(_what(step), None)) for step in left]
    return pairs + [(None, step) for step in there.values()]


def comparable(pairs: Sequence[tuple[WalkStep | None, WalkStep | None]], read: Callable[[WalkStep], int | None]) -> tuple[int, int, int]:
    """Of the steps that both walks counted: how many, and the sums of each; a walk that counted less is not shorter for it."""
    both = [(read(left), read(right)) for left, right in pairs if left and right]
    known = [(left, right) for left, right in both if left is not None and right is not None]
    return len(known), sum(left for left, _right in known), sum(right for _left, right in known)
