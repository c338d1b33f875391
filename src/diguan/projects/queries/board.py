"""The board of projects: columns of stages with count and sum, cards with how long each has been there; a constant number of questions.

And one project with what its next gates ask, for its own page.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from diguan.kernel import access, clocks, packs
from diguan.kernel.access.models import Person
from diguan.kernel.evidence import queries as evidence
from diguan.kernel.evidence.queries import Piece
from diguan.kernel.records import chunks
from diguan.kernel.stages import queries as stages
from diguan.kernel.stages import shelf
from diguan.kernel.stages.models import Task, TaskState
from diguan.kernel.stages.queries import Way
from diguan.kernel.stages.tree import ACTIVE, Flow, Step
from diguan.projects.models import PROJECT, Progress, Project
from diguan.projects.queries.leads import Staged
from diguan.projects.queries.projects import FLOW, MOVE, visible_projects

HOLD = "projects.hold_project"
MOST_CARDS = 8
"""Cards a column shows before "show all"."""
MOST_WHOLE = 60
"""Cards a column shows at most; who wants more takes the list."""


# ── one project ──────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class View:
    """One project as a person sees it on a day: the open stage, the gates before the next ones, papers, what was done."""

    person: Person
    row: Project
    day: dt.date

    @cached_property
    def course(self) -> Any:
        """Its course; every project has one."""
        assert self.row.course is not None
        return self.row.course

    @cached_property
    def task(self) -> Task | None:
        """The open stage."""
        found = stages.current(self.course)
        if found is not None:
            found.course = self.course
        return found

    @cached_property
    def last(self) -> Task | None:
        """The stage it is in or ended in."""
        return self.task or Task.objects.filter(course=self.course).order_by("-id").first()

    @property
    def step(self) -> Step:
        """What the flow says of where it is."""
        assert self.last is not None
        flow: Flow = self.course.tree
        return flow.step[self.last.key]

    @cached_property
    def ways(self) -> list[Way]:
        """The gates before the next stages, judged for this person, who sees the project."""
        if self.task is None:
            return []
        flow: Flow = self.course.tree
        return [Way(flow.step[name], stages.answer(self.course, self.task, flow.step[name].gate, name, self.person, self.day), stages.clock_of(self.task, name)) for name in self.step.next]

    @cached_property
    def pieces(self) -> list[Piece]:
        """What was handed in for it, newest first, as far as this person may see evidence."""
        return evidence.pieces(self.person, [(PROJECT, str(self.row.pk))], self.day)

    @cached_property
    def progress(self) -> list[Progress]:
        """What was done, newest first."""
        return list(Progress.objects.filter(project=self.row).select_related("created_by", "next_by")[:50])

    @property
    def may_move(self) -> bool:
        """Whether this person may move it now."""
        return self.task is not None and self.course.status == ACTIVE and access.may(self.person, MOVE, self.row)


def find(person: Person, number: int) -> View | None:
    """The project of this number, if the person may see it."""
    row = visible_projects(person).select_related("lead", "extends").filter(pk=number).first()
    return View(person, row, clocks.today()) if row is not None else None


# ── the board ────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Card:
    """One project on the board. ``days`` are working days in its stage; ``provisional`` where a year of them has no official calendar."""

    row: Project
    stage: str
    status: str
    days: int | None
    due: dt.date | None
    task: int
    version: int
    targets: tuple[Step, ...]
    provisional: bool = False


@dataclass(frozen=True)
class Column:
    """One stage: how many projects, what they plan together (fen; ``unknown`` of them did not say), and the first of their cards."""

    step: Step
    count: int
    planned_fen: int
    unknown: int
    cards: tuple[Card, ...]
    whole: bool


@dataclass(frozen=True)
class Line:
    """What the sums are made of, a row a project."""

    pk: int
    stage: str
    planned_fen: int | None
    since: dt.date | None


@dataclass(frozen=True)
class Board:
    """All columns of the flow as it is now; a stage that only older courses know comes last."""

    columns: tuple[Column, ...] = field(default=())

    @property
    def count(self) -> int:
        """How many projects there are on it."""
        return sum(column.count for column in self.columns)


def lines(rows: Staged) -> list[Line]:
    """What the columns are counted from, those longest in their stage first."""
    found = [Line(*values) for values in rows.order_by().values_list("pk", "stage", "planned_fen", "since")]
    return sorted(found, key=lambda line: (line.since or dt.date.max, line.pk))


def board(person: Person, rows: Staged, day: dt.date, whole: str = "") -> Board:
    """The board of these projects.

    Args:
        person: who looks; may they move a project, its card says where to.
        rows: the projects, with stage and status (:func:`visible_projects`), filtered as asked.
        day: on which the days in a stage are counted.
        whole: the stage that is shown with all of its cards.
    """
    by_stage: dict[str, list[Line]] = defaultdict(list)
    for line in lines(rows):
        by_stage[line.stage].append(line)
    steps = list(shelf.known()[FLOW].steps)
    shown = {name: found[:MOST_WHOLE if name == whole else MOST_CARDS] for name, found in by_stage.items()}
    cards = _cards(person, rows, [line for found in shown.values() for line in found], day)
    return Board(tuple(_column(step, by_stage.get(step.id, []), [cards[line.pk] for line in shown.get(step.id, []) if line.pk in cards]) for step in steps))


def _column(step: Step, found: Sequence[Line], cards: Iterable[Card]) -> Column:
    known = [line.planned_fen for line in found if line.planned_fen is not None]
    kept = tuple(cards)
    return Column(step, len(found), sum(known), len(found) - len(known), kept, len(kept) == len(found))


def _cards(person: Person, rows: Staged, asked: Sequence[Line], day: dt.date) -> Mapping[int, Card]:
    """The cards of these lines by id: rows, open stages and rights in one question each."""
    numbers = [line.pk for line in asked]
    found = {row.pk: row for part in chunks(numbers) for row in _lean(rows).filter(pk__in=part)}
    movable = {number for part in chunks(numbers) for number in access.visible(Project.objects.filter(pk__in=part), person, MOVE).order_by().values_list("pk", flat=True)}
    courses = [row.course_id for row in found.values()]
    tasks = {course: (pk, version) for part in chunks(courses) for pk, course, version in Task.objects.filter(course__in=part, state=TaskState.OPEN).order_by().values_list("pk", "course_id", "version")}
    days = _Days(day)
    return {line.pk: _card(found[line.pk], line, tasks.get(found[line.pk].course_id, (0, 0)), line.pk in movable, days) for line in asked if line.pk in found}


def _lean(rows: Staged) -> Staged:
    """The rows with what a card shows and no more; the flow's text is read once in a process."""
    return rows.order_by().select_related(None).select_related("service_officer", "course__frozen").defer("course__frozen__text", "told")


class _Days:
    """Working days from a day to today, each day reckoned once."""

    def __init__(self, today: dt.date) -> None:
        self.today, self.calendar, self.known = today, packs.calendar(), dict[dt.date, tuple[int, bool]]()

    def since(self, day: dt.date) -> tuple[int, bool]:
        if day not in self.known:
            self.known[day] = clocks.working_between(day, self.today, self.calendar)
        return self.known[day]


def _card(row: Any, line: Line, task: tuple[int, int], movable: bool, days: _Days) -> Card:
    flow: Flow = row.course.tree
    targets = tuple(flow.step[name] for name in flow.step[line.stage].next) if movable and task[0] and row.status == ACTIVE else ()
    count, provisional = days.since(line.since) if line.since else (None, False)
    return Card(row, line.stage, row.status, count, row.due, *task, targets, provisional)


def board_slowly(person: Person, rows: Staged, day: dt.date, whole: str = "") -> Board:
    """As :func:`board`, a project after another, as one would first write it: what the benchmark and a test hold the fast one against."""
    by_stage: dict[str, list[Any]] = defaultdict(list)
    for row in rows.order_by():
        by_stage[row.stage].append(row)
    columns = []
    for step in shelf.known()[FLOW].steps:
        found = sorted(by_stage.get(step.id, []), key=lambda row: (row.since or dt.date.max, row.pk))
        cards = []
        for row in found:
            task = Task.objects.filter(course=row.course_id, state=TaskState.OPEN).first()
            line = Line(row.pk, row.stage, row.planned_fen, row.since)
            cards.append(_card(row, line, (task.pk, task.version) if task else (0, 0), access.may(person, MOVE, row), _Days(day)))
        columns.append(_column(step, [Line(row.pk, row.stage, row.planned_fen, row.since) for row in found], cards[:MOST_WHOLE if step.id == whole else MOST_CARDS]))
    return Board(tuple(columns))
