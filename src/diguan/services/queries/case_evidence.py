"""What one case's figures are counted from: its passages, clock entries and contacts in order, the sentence of its days, the former figures of its matters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from diguan.kernel import clocks, packs
from diguan.kernel.access.models import Person
from diguan.kernel.clocks import PAUSE, RESUME
from diguan.kernel.messages import Message
from diguan.kernel.stages.models import ClockEntry, Passage
from diguan.services.engine.caseflow import ACCEPT, CORRECTION, DELIVER
from diguan.services.models import Case, TouchKind
from diguan.services.queries import case_counts, cases
from diguan.services.queries import life_events as events
from diguan.services.queries.case_counts import DONE, Told
from diguan.services.queries.cases import View

PASSAGE, CLOCK, TOUCH = "passage", "clock", "touch"
BEGINS, ENDS, WAITS, RUNS_ON, TRIP = "begins", "ends", "waits", "runs_on", "trip"
"""What a row does to the figures: the days begin after it, end with it, are the applicant's from it on, the county's again; or it is a trip."""


@dataclass(frozen=True)
class Happened:
    """One row: when, of what sort, which step (by language) or contact, at which office, who wrote it down, and what it does to the figures."""

    day: dt.date
    at: dt.datetime
    sort: str
    kind: str
    title: Mapping[str, str]
    office: str
    by: str
    days: int = 0
    basis: str = ""
    does: str = ""


@dataclass(frozen=True)
class Former:
    """What the document said of one matter: working days and trips before."""

    title: str
    days: int
    trips: int


@dataclass(frozen=True)
class Counted:
    """One case with everything its figures are counted from."""

    view: View
    told: Told
    sentence: Message
    happened: Sequence[Happened]
    former: Sequence[Former]
    source: str


def counted(person: Person, number: int) -> Counted | None:
    """One case, if the person may see it."""
    case, day, calendar = cases.find(person, number), clocks.today(), packs.calendar()
    if case is None:
        return None
    view = View(person, case, day)
    told = case_counts.told(cases.visible_cases(person).filter(pk=number), day, calendar)[0]
    former, source = _former(case)
    return Counted(view, told, sentence(told, day), sorted(_happened(view), key=lambda one: (one.day, one.at)), former, source)


def sentence(told: Told, day: dt.date) -> Message:
    """How the days of a case were counted."""
    due = clocks.working_between(told.day, told.ended or max(told.day, day), packs.calendar())
    until = (f"到 {told.ended} 送达当天", f"up to {told.ended}, the day it was given out") if told.ended else (f"到今天 {day}（还没送达）", f"up to today, {day} (not given out yet)")
    zh, en = f"自 {told.day} 提交的次日起，{until[0]}，共 {told.days} 个工作日", f"after {told.day}, the day it was handed in, {until[1]}: {told.days} working days"
    if told.corrected:
        waits = told.days - told.own_days
        zh, en = f"{zh}；其中等申请人补正 {waits} 个工作日，不含它是 {told.own_days} 个", f"{en}; {waits} of them it waited for the applicant's correction, {told.own_days} without those"
    if due[1]:
        zh, en = f"{zh}；其中有一年的放假通知还没有，天数是暂定的", f"{en}; the notice of one of these years is not in: the number is provisional"
    return Message(f"{zh}。", f"{en}.")


def _former(case: Case) -> tuple[list[Former], str]:
    document = events.document(case.life_event)
    if document is None:
        return [], ""
    titles = {step.id: step.label() for step in case.course.tree.steps} if case.course else {}
    wanted = set(case.matters)
    return [Former(titles.get(part.matter, part.matter), part.before.days, part.before.trips) for part in document.parts if part.matter in wanted], document.before_source


def _happened(view: View) -> Iterator[Happened]:
    steps, own = view.flow.step, view.case.owner_unit
    offices = {key: (task.owner_unit or own).name if task.owner_unit or own else "" for key, task in view.tasks.items()}  # type: ignore[union-attr]
    titles = {name: {"zh": step.label(), "en": step.label("en")} for name, step in steps.items()}
    for passage in Passage.objects.filter(course=view.course).exclude(source="").select_related("by"):
        does = ENDS if passage.source == DELIVER and passage.kind == DONE else ""
        yield Happened(passage.day, passage.at, PASSAGE, passage.kind, titles.get(passage.source, {"zh": passage.source}), offices.get(passage.source, ""), passage.by.name if passage.by else "", does=does)
    for entry in ClockEntry.objects.filter(task__course=view.course).select_related("task", "by"):
        key = entry.task.key
        yield Happened(entry.day, entry.at, CLOCK, entry.kind, titles[key], offices.get(key, ""), entry.by.name if entry.by else "", entry.days, entry.basis, _does(key, entry))
    for number, touch in enumerate(view.case.touches.select_related("by").order_by("id")):
        does = TRIP if touch.kind == TouchKind.VISIT else BEGINS if number == 0 else ""
        yield Happened(touch.day, touch.at, TOUCH, touch.kind, {"zh": touch.what}, "", touch.by.name, does=does)


def _does(key: str, entry: ClockEntry) -> str:
    if key != ACCEPT or entry.kind not in (PAUSE, RESUME):
        return ""
    return RUNS_ON if entry.kind == RESUME else WAITS if entry.basis == CORRECTION else ""
