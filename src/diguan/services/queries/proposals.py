"""Reads of proposals: who sees which, what waits for whom, what may mend one, before and after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from diguan.kernel import access, clocks, packs
from diguan.kernel.access.models import Person, Post, Unit
from diguan.kernel.access.roles import roles
from diguan.kernel.clocks import Due
from diguan.kernel.evidence import dictionary
from diguan.services.models import LifeEventVersion, MatterVersion, Proposal, ProposalState, Walk, WalkNote
from diguan.services.queries import life_events as events
from diguan.services.queries import walks
from diguan.services.queries.walks import VIEW

FIX = "services.fix_proposal"
VERIFY = "services.verify_proposal"
WAITING = (ProposalState.OPEN, ProposalState.ACCEPTED)
"""States in which its office has still to do something."""
_RELATED = ("note__step__walk__life_event__life_event", "note__step__walk__created_by", "note__step__matter", "note__matter__matter", "owner_unit", "owner", "created_by", "done_by", "verified_by", "after_matter__matter",
            "after_event__life_event", "after_walk__life_event__life_event")


def visible_proposals(person: Person) -> QuerySet[Proposal]:
    """Those an office has to answer and those made of walks the person may see; what is due first stands first."""
    own = access.visible(Proposal.objects.all(), person, VIEW).order_by().values("pk")
    seen = access.visible(Walk.objects.all(), person, VIEW).order_by().values("pk")
    return Proposal.objects.select_related(*_RELATED).filter(Q(pk__in=own) | Q(note__step__walk__in=seen)).order_by("due", "id")


def find(person: Person, number: int) -> Proposal | None:
    """One proposal, if the person may see it."""
    return visible_proposals(person).filter(pk=number).first()


def overdue(rows: QuerySet[Proposal]) -> QuerySet[Proposal]:
    """Those that nobody has refused or mended in time."""
    return rows.filter(state__in=WAITING, due__lt=clocks.today())


def is_overdue(row: Proposal) -> bool:
    """The same of one."""
    return row.state in WAITING and row.due < clocks.today()


def due_of(row: Proposal) -> Due:
    """How its day comes about."""
    return clocks.due_after(row.day, row.days, packs.calendar())


def to_fix(person: Person) -> QuerySet[Proposal]:
    """What waits for this person's office, soonest first."""
    return access.visible(Proposal.objects.filter(state__in=WAITING), person, FIX).order_by("due", "id")


def to_verify(person: Person) -> QuerySet[Proposal]:
    """What others proposed and others say is done, for this person to look at."""
    return access.visible(Proposal.objects.filter(state=ProposalState.DONE), person, VERIFY).exclude(done_by=person).exclude(created_by=person).order_by("done_day", "id")


def offices() -> list[Unit]:
    """The offices that may be asked to change something."""
    return list(Unit.objects.filter(active=True).exclude(kind="bank").order_by("path", "id"))


def people_of(units: Iterable[Unit]) -> list[tuple[Person, Unit]]:
    """Who holds a post of an office today that may change what it answers for."""
    able = [name for name, role in roles().items() if FIX in role.permissions]
    posts = Post.objects.current().filter(unit__in=list(units), role__in=able, person__is_active=True).select_related("person", "unit").order_by("unit__path", "person__name", "id")
    return list({(post.person_id, post.unit_id): (post.person, post.unit) for post in posts if post.unit is not None}.values())


# ── what mends it ────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Mending:
    """What may be shown as proof: versions published after the one that was noted, walks that came after the proposal and were closed."""

    matters: tuple[MatterVersion, ...]
    events: tuple[LifeEventVersion, ...]
    walks: tuple[Walk, ...]


def mending(person: Person, row: Proposal) -> Mending:
    """What this person may show as proof of one proposal."""
    note, walk = row.note, row.note.step.walk
    matters = MatterVersion.objects.filter(matter=note.matter.matter_id, published=True, number__gt=note.matter.number).select_related("matter").order_by("-number") if note.matter else ()
    later = LifeEventVersion.objects.filter(life_event=walk.life_event.life_event_id, number__gt=walk.life_event.number).select_related("life_event").order_by("-number")
    again = walks.others(person, walk).filter(pk__gt=walk.pk, day__gte=row.day, closed__isnull=False)
    return Mending(tuple(matters), tuple(later), tuple(again))


# ── before and after ─────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Side:
    """A matter or a life event as one version has it. Days are working days; None where the version does not tell.

    ``steps`` are those of a matter's own procedure, or the matters of a life event.
    """

    number: int
    valid_from: dt.date
    steps: int | None
    papers: int
    fields: int
    visits: int | None
    promised: int | None
    statutory: int | None


def side_of_matter(version: MatterVersion) -> Side:
    """What a version of a matter asks and promises."""
    known, content = dictionary.known(), version.content
    names = [one["meaning"] for one in content["requirements"]]
    fields = sum(name in known and known[name].kind == "field" for name in names)
    return Side(version.number, version.valid_from, len(content["steps"]) or None, len(names) - fields, fields, content["visits"], content["promised_days"], content["statutory_days"])


def side_of_event(version: LifeEventVersion, walk: Walk, day: dt.date) -> Side | None:
    """What a version of a life event asks and promises with the answers of a walk, by the matters in force on a day; None where it cannot be read any more."""
    told = events.document(version)
    if told is None:
        return None
    shown = events.picture(told, walk.answers, day)
    contents = [shown.versions[name].content for name in shown.chosen.sure if name in shown.versions]
    visits = [one["visits"] for one in contents]
    statutory, promised = shown.promises
    return Side(version.number, version.valid_from, len(shown.chosen.sure), len(shown.papers), len(shown.fields), None if None in visits else sum(visits), promised, statutory)


def sides(note: WalkNote) -> tuple[Side | None, Side | None]:
    """The version that was noted and the newest that is published, of the matter or, where a note is about no matter, of the life event."""
    walk = note.step.walk
    if note.matter is not None:
        return side_of_matter(note.matter), side_of_matter(MatterVersion.objects.filter(matter=note.matter.matter_id, published=True).order_by("-number")[0])
    newest = LifeEventVersion.objects.filter(life_event=walk.life_event.life_event_id).order_by("-number")[0]
    return side_of_event(walk.life_event, walk, walk.day), side_of_event(newest, walk, max(clocks.today(), newest.valid_from))
