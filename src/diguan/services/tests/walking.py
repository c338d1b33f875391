"""A director on the way, for the tests of walks, of proposals and of their pages."""

from __future__ import annotations

import datetime as dt

from diguan.services import actions as library
from diguan.services.actions import proposals, walks
from diguan.services.models import Matter, MatterVersion, Proposal, Walk, WalkNote
from diguan.services.tests.test_cases import version


def begun(by, role="applicant", site="lease") -> Walk:
    """A walk of the factory of ``test_cases``: one form, one paper, acceptance, four matters, pick-up."""
    return walks.begin_walk(life_event=version(), role=role, answers={"site": site}, by=by)


def step_of(walk, kind, key=""):
    """One step of it, a matter by its key."""
    return walk.steps.get(kind=kind, **({"matter__matter__key": key} if kind == "matter" else {}))


def noted(walk, by, kind="matter", key="fire", words="同一张平面图要交两次", trouble="needless", **more) -> WalkNote:
    """One thing noted at a step."""
    walks.note_walk(walk=walk, step=step_of(walk, kind, key), trouble=trouble, words=words, by=by, **more)
    return WalkNote.objects.latest("id")


def closed(walk, by, minutes=30) -> Walk:
    """Its form done in so many minutes with one trip, and the walk closed."""
    walks.finish_step(walk=walk, step=step_of(walk, "form"), minutes=minutes, trips=1, by=by)
    return walks.close_walk(walk=walk, by=by)


def proposed(who, head, days=5, **more) -> Proposal:
    """A proposal to the housing office, of a closed walk."""
    walk = begun(head)
    note = noted(walk, head)
    closed(walk, head)
    return proposals.propose(walk=walk, note=note, what="平面图只收一次", unit=who.offices["housing"], days=days, by=head, **more)


def accepted(row, by) -> Proposal:
    """Taken up by its office."""
    return proposals.accept_proposal(proposal=row, version=row.version, by=by)


def next_version(key, who, drafter, first=None, **told) -> MatterVersion:
    """The next version of a matter, drafted by its bureau and published by the window."""
    matter = Matter.objects.get(key=key)
    content = {**MatterVersion.objects.filter(matter=matter).order_by("-number")[0].content, **told}
    row = library.draft_matter(matter=matter, version=matter.version, content=content, valid_from=first or dt.date(2026, 11, 9), by=drafter)
    library.publish_matter(matter=row, version=row.version, by=who.officer)
    return MatterVersion.objects.get(matter=matter, number=2)


