"""How much of a case a person sees: the applicant, its office and the county all of it; a bureau what its own matters ask for, and how far the rest is.

Everybody who sees a case at all sees its number, its applicant, its steps, offices and days. What was filled in and handed in, the answers,
the contacts and what others wrote are for who needs them: a bureau gets the fields and papers that the matters it does require, as the
library had them on the day the case was opened, the results of the matters it waits for, and its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.stages.models import Task
from diguan.services import queries
from diguan.services.engine import lifeevents, matters
from diguan.services.engine.caseflow import ACCEPT, DELIVER
from diguan.services.engine.lifeevents import LifeEvent as Document
from diguan.services.models import Case, MatterVersion
from diguan.services.queries import case_help
from diguan.services.queries import life_events as events

VIEW = "services.view_case"
RESULT = "case_result"


@dataclass(frozen=True)
class Sight:
    """What of one case is seen. ``steps`` are the person's own; of the rest ``entries`` (dictionary ids), ``questions`` and ``results`` (titles)
    say what is seen; they are empty where ``whole`` says that everything is.
    """

    whole: bool
    steps: frozenset[str] = frozenset()
    entries: frozenset[str] = frozenset()
    questions: frozenset[str] = frozenset()
    results: frozenset[str] = frozenset()

    def asks(self, entry: str) -> bool:
        """Whether what was asked under this dictionary id is seen."""
        return self.whole or entry in self.entries

    def does(self, step: str) -> bool:
        """Whether what was written about a step is seen."""
        return self.whole or step in self.steps

    def holds(self, row: Evidence) -> bool:
        """Whether one piece of evidence about the case is seen. A result bears the name of its matter."""
        return self.whole or (row.text in self.results if row.entry == RESULT else row.entry in self.entries)


WHOLE = Sight(whole=True)


def sight(person: Person, case: Case, tasks: Iterable[Task]) -> Sight:
    """What a person sees of a case with these tasks (``course`` set); nothing beyond its progress where none of them is theirs."""
    if access.visible(Case.objects.filter(pk=case.pk), person, VIEW).exists():
        return WHOLE
    there = {task.key: task for task in tasks}
    if case_help.helping(person, case):  # what the applicant filled in and was asked, not what others wrote of it
        return Sight(False, entries=frozenset(there[ACCEPT].step.gate.evidence), questions=frozenset(case.answers), results=frozenset(task.step.label() for task in there.values()))
    mine = frozenset(access.visible(Task.objects.filter(course=case.course_id), person, VIEW).values_list("key", flat=True)) & there.keys()
    if mine & {ACCEPT, DELIVER}:  # who accepts it is its window
        return WHOLE
    if not mine:
        return Sight(whole=False)
    versions, document = queries.contents(sorted(mine), case.day), events.document(case.life_event)
    situation = lifeevents.situated(document, case.answers) if document else lifeevents.Situation((), case.answers, frozenset())
    asked = frozenset(one.meaning for version in versions.values() for one in matters.askings(version.content, version.matter.key, situation.holds) if one.needed is not False)
    before = {name for key in mine for name in there[key].step.after} & there.keys()
    return Sight(False, mine, asked, _questions(mine, versions.values(), document), frozenset(there[key].step.label() for key in mine | before))


def _questions(mine: frozenset[str], versions: Iterable[MatterVersion], document: Document | None) -> frozenset[str]:
    """The questions on which these matters, and what they ask for, depend."""
    called = {name for part in (document.parts if document else ()) if part.matter in mine for name in part.when}
    return frozenset(called | {name for version in versions for one in version.content["requirements"] for name in one["when"]})
