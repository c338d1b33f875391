"""Cases of a life event of 79 tasks, made in bulk: an acceptance, 77 matters in eight lanes of eight offices, one delivery.

``WIDE`` has all matters side by side. What is made here is what ``open_case`` and ``accept_case`` leave, without answers and papers.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person
    from diguan.services.models import Case

MATTERS, OFFICES = 77, 8
TASKS = MATTERS + 2
LANES, WIDE = "lanes", "wide"
DOCUMENT = """id: bench
title: {zh: 测速一件事, en: A life event to measure}
valid_from: 2026-01-01
questions: []
matters: [{matter: m00, before: {days: 5, trips: 1}}]
edges: []
before: {sequential: true, source: 测速}
"""


def key(number: int) -> str:
    """The key of a matter."""
    return f"m{number:02d}"


def before(shape: str) -> dict[str, list[str]]:
    """What each task waits for, in the order of the flow; peers are given the same."""
    found = {"case_accepted": list[str]()}
    for number in range(MATTERS):
        found[key(number)] = [key(number - OFFICES)] if shape == LANES and number >= OFFICES else ["case_accepted"]
    ends = range(MATTERS - OFFICES, MATTERS) if shape == LANES else range(MATTERS)
    return found | {"case_delivered": [key(number) for number in ends]}


def text(shape: str, offices: list[str]) -> str:
    """The flow as a case of that life event freezes it."""
    from diguan.services.engine import caseflow
    from diguan.services.engine.caseflow import Work
    from diguan.services.engine.lifeevents import Edge

    content = {"promised_days": 5, "statutory_days": 20, "kind": "行政许可", "provisional": False, "results": []}
    works = [Work(key(number), {**content, "name": f"事项{number}"}, offices[number % OFFICES]) for number in range(MATTERS)]
    edges = [Edge(start, end, kind="legal") for end, starts in before(shape).items() for start in starts if start.startswith("m") and end.startswith("m")]
    return caseflow.flow(f"bench_{shape}", {"zh": "测速一件事", "en": "A life event to measure"}, works, edges, [], [])


@dataclass(frozen=True)
class County:
    """Who is there: the window and a clerk of each of the eight offices."""

    officer: Person
    clerks: list[Person]
    units: list[Any]

    def clerk(self, task: str) -> Person:
        """Whose matter that is."""
        return self.clerks[int(task[1:]) % OFFICES] if task.startswith("m") else self.officer


def county() -> County:
    """The demo's window, and eight offices with a clerk each, through the ordinary actions."""
    import installation

    from diguan.kernel.access import actions
    from diguan.kernel.access.models import Person, Unit
    from diguan.site.demo import accounts

    officer = installation.people([installation.uscc(1)])["service"]
    admin = accounts.known("admin")
    units = list(Unit.objects.filter(kind="bureau").order_by("id")[:OFFICES])
    clerks = []
    for number, unit in enumerate(units):
        person = Person.objects.filter(login_name=f"bench{number}").first() or actions.create_person(
            by=admin, login_name=f"bench{number}", name=f"测速员{number}", password=accounts.PASSWORD, must_change_password=False)
        if not person.posts.exists():
            actions.appoint(by=admin, person=person, role="bureau_clerk", unit=unit, from_day=accounts.SINCE)
        clerks.append(person)
    return County(officer, clerks, units)


def open_cases(there: County, count: int, shape: str = LANES, accepted: bool = True) -> list[Case]:
    """So many cases whose matters wait for the offices."""
    from django.db import transaction

    from diguan.kernel import clocks
    from diguan.kernel.stages import document, shelf
    from diguan.kernel.stages.actions import Tick, moves
    from diguan.kernel.stages.models import Task
    from diguan.services.models import Case

    flow, version, day = document.parse(text(shape, [unit.code for unit in there.units]).encode(), shape, shelf.names()), _version(there), clocks.today()
    made = []
    for first in range(0, count, 50):
        with transaction.atomic():
            for number in range(first, min(count, first + 50)):
                row = Case.objects.create(life_event=version, applicant=f"测速企业{number}", matters=[key(each) for each in range(MATTERS)], year=day.year, day=day,
                                          owner_unit=there.officer.posts.first().unit, created_by=there.officer, changed_by=there.officer)
                row.course = moves.start(flow, moves.About("case", str(row.pk), row.applicant, owner_unit=row.owner_unit_id), there.officer, day, "")
                Case.objects.filter(pk=row.pk).update(course=row.course)
                if accepted:
                    moves.finish(row.course, [Tick(Task.objects.get(course=row.course, key="case_accepted"), 1)], there.officer, day, "")
                made.append(row)
    return made


def _version(there: County) -> Any:
    """A life event for the cases to belong to."""
    from diguan.kernel import clocks
    from diguan.services.models import LifeEvent, LifeEventVersion

    event = LifeEvent.objects.filter(key="bench").first() or LifeEvent.objects.create(key="bench", title={"zh": "测速一件事", "en": "A life event to measure"}, created_by=there.officer, changed_by=there.officer)
    return event.versions.first() or LifeEventVersion.objects.create(life_event=event, number=1, text=DOCUMENT, sha256=hashlib.sha256(DOCUMENT.encode()).hexdigest(),
                                                                     valid_from=clocks.today(), published_by=there.officer)
