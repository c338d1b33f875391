"""Our own cases as an event log, in pieces: each step done, from when its clock began to when it was done, by which office; nobody's name, no enterprise.

A case is known by a pseudonym that this installation alone can make again. The instants are those at which a deed was written down; where it was
written down for another day than it was done on, that day's noon in the county's time stands for it, and nothing ends before it began.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterable, Iterator, Sequence

from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.clocks import COUNTY_TIME, START
from diguan.kernel.messages import Message
from diguan.kernel.stages.models import ClockEntry, Course, Passage, Task
from diguan.services.engine import xes
from diguan.services.engine.caseflow import ACCEPT, DELIVER
from diguan.services.engine.eventlog import Execution, log_of
from diguan.services.models import Case
from diguan.services.queries import cases
from diguan.services.queries.cases import EXPORT

BATCH = 200
"""Cases whose steps are held in memory at a time."""
WINDOW, DESK = Message("窗口岗", "window"), Message("承办岗", "desk")


def exportable(person: Person, rows: QuerySet[Case]) -> QuerySet[Case]:
    """Of some cases those that the person may see and may take out.

    Raises:
        access.Forbidden: they may take none out.
    """
    access.require(person, EXPORT)
    may = access.visible(Case.objects.all(), person, EXPORT).values("pk")
    return cases.visible_cases(person).filter(pk__in=rows.order_by().values("pk")).filter(pk__in=may)


def pseudonym(case: int) -> str:
    """What the log calls a case: the same each time, and nobody without the installation's secret can tell which it is."""
    return salted_hmac("services.case_log", str(case), algorithm="sha256").hexdigest()[:20]


def pieces(rows: QuerySet[Case]) -> Iterator[str]:
    """The log as XES, piece by piece; encode as UTF-8. Steps under way are not in it: a log tells what was done."""
    head, *_rest, tail = list(xes.write_xes(log_of([]), COUNTY_TIME))
    yield head
    numbers = list(rows.order_by("pk").values_list("pk", "course", "owner_unit__name"))
    for start in range(0, len(numbers), BATCH):
        log = log_of(_executions(numbers[start : start + BATCH]))
        yield from list(xes.write_xes(log, COUNTY_TIME))[1:-1]
    yield tail


def packed(texts: Iterable[str]) -> Iterator[bytes]:
    """The same as a gzip file; equal texts give equal bytes, for no time of writing is in it."""
    pack = zlib.compressobj(wbits=31)
    for text in texts:
        if piece := pack.compress(text.encode()):
            yield piece
    yield pack.flush()


def _executions(found: Sequence[tuple[int, int | None, str | None]]) -> list[Execution]:
    names = {course: (pseudonym(pk), office or "") for pk, course, office in found if course is not None}
    titles = {course.pk: {step.id: step.label() for step in course.tree.steps} for course in Course.objects.filter(pk__in=names).select_related("frozen")}
    offices = {(course, key): office for course, key, office in Task.objects.filter(course__in=names).values_list("course", "key", "owner_unit__name")}
    begun: dict[tuple[int, str], int] = {}
    for course, key, day, at in ClockEntry.objects.filter(task__course__in=names, kind=START).order_by("id").values_list("task__course", "task__key", "day", "at"):
        begun.setdefault((course, key), instant(day, at))
    rows = Passage.objects.filter(course__in=names, kind="done").order_by("id").values_list("course", "source", "day", "at")
    return [_execution(names[course], titles[course].get(key, key), key, offices.get((course, key)), begun.get((course, key)), instant(day, at)) for course, key, day, at in rows]


def _execution(case: tuple[str, str], title: str, key: str, office: str | None, start: int | None, end: int) -> Execution:
    unit = office or case[1]
    role = (WINDOW if key in (ACCEPT, DELIVER) else DESK).zh
    return Execution(case[0], _plain(title), end if start is None else max(start, end), start, _plain(f"{unit} {role}".strip()), _plain(unit))


def _plain(text: str) -> str:
    """A name without what XML cannot carry."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split()) or "—"


def instant(day: dt.date, at: dt.datetime) -> int:
    """Microseconds since 1970 UTC of a deed: when it was written down, or the noon of its day where that is another.

    >>> instant(dt.date(1970, 1, 1), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)) // 3_600_000_000
    4
    """
    told = at if at.astimezone(COUNTY_TIME).date() == day else dt.datetime.combine(day, dt.time(12), COUNTY_TIME)
    return (told - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)
