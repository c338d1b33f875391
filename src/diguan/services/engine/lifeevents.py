"""A life event 一件事: a versioned document whose questions choose the matters; what follows from the answers.

```yaml
id: start_business
title: {zh: 开办企业, en: Starting a business}
valid_from: 2026-01-01
provisional: true
source: 按一般常识录入，待与省清单核对
given: {product: none}                       # answered by the nature of the event: it is not asked
questions: [site, {ask: licence_needed, when: {site: [lease]}}]
matters:                                     # in the order in which they were done one after another
  - {matter: company_registration, before: {days: 3, trips: 2}}
  - {matter: seal_record, when: {site: [lease]}, before: {days: 1, trips: 1}}
edges:                                       # only legal, data and physical ones bind
  - {from: company_registration, to: seal_record, kind: data, evidence: 刻章要用执照上的名称, reviewer: 待核}
before: {sequential: true, source: 访谈窗口（演示）}   # what follows another without a reason is habit
```
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from diguan.kernel.catalogue import Catalogue
from diguan.kernel.evidence.dictionary import number, yes
from diguan.kernel.messages import Message, nearest
from diguan.kernel.rules import document, nodes
from diguan.kernel.rules.conditions import Reader, Refused
from diguan.kernel.rules.nodes import DocumentErrors, Node, Problem
from diguan.kernel.stages import graph
from diguan.services.engine.matterdoc import identity, items, shown, when
from diguan.services.engine.situations import Answers, Question, When, holds

LEGAL, DATA, PHYSICAL, HABIT = KINDS = ("legal", "data", "physical", "habit")
BINDING = frozenset({LEGAL, DATA, PHYSICAL})
KEYS = ("id", "title", "valid_from", "valid_to", "provisional", "source", "given", "questions", "matters", "edges", "before")
MOST_MATTERS = 200
MOST_DAYS = 1000
MOST_TRIPS = 50
UNREASONED = "原先一件办完再办下一件，没有找到依据"


@dataclass(frozen=True)
class Before:
    """How it went when matters were done one after another: working days from handing in to the result, and visits."""

    days: int
    trips: int


@dataclass(frozen=True)
class Part:
    """One matter of the event, the situation that calls for it, how it went before."""

    matter: str
    when: When
    before: Before
    line: int = 0


@dataclass(frozen=True)
class Edge:
    """One matter before another, and why. Only legal, data and physical edges bind. An empty ``reviewer``: nobody has looked at it yet."""

    start: str
    end: str
    kind: str
    evidence: str = ""
    reviewer: str = ""
    line: int = 0

    @property
    def binds(self) -> bool:
        """Whether the order has to be kept."""
        return self.kind in BINDING


@dataclass(frozen=True)
class Asked:
    """One question of the event, asked where ``when`` holds."""

    question: str
    when: When


@dataclass(frozen=True)
class LifeEvent:
    """One version of a life event, as its document tells it."""

    id: str
    title: Mapping[str, str]
    valid_from: dt.date
    valid_to: dt.date | None
    provisional: bool
    source: str
    given: Answers
    asked: tuple[Asked, ...]
    parts: tuple[Part, ...]
    edges: tuple[Edge, ...]
    sequential: bool
    before_source: str
    sha256: str = ""
    text: str = field(default="", repr=False)

    def label(self, language: str = "zh") -> str:
        """Its title in a language."""
        return self.title.get("zh" if language.startswith("zh") else "en") or self.title["zh"]

    @property
    def keys(self) -> tuple[str, ...]:
        """The matters it may hold, in the old order."""
        return tuple(part.matter for part in self.parts)


@dataclass(frozen=True)
class Chosen:
    """What follows from some answers: each matter with True, or None where an open question decides; the edges between them."""

    matters: Mapping[str, bool | None]
    edges: tuple[Edge, ...]
    open_questions: tuple[str, ...]
    days_before: int
    trips_before: int

    @property
    def sure(self) -> tuple[str, ...]:
        """Those that are called for whatever the open answers are, in the old order."""
        return tuple(name for name, state in self.matters.items() if state)


# ── what follows ─────────────────────────────────────────────────────────────
def choose(event: LifeEvent, answers: Answers) -> Chosen:
    """The matters, edges and former days and trips for these answers. Answers to questions that are not put do not count."""
    situation = situated(event, answers)
    states = {part.matter: situation.holds(part.when) for part in event.parts}
    matters = {name: state for name, state in states.items() if state is not False}
    sure = [part for part in event.parts if matters.get(part.matter)]
    return Chosen(matters, edges_among(event, matters), situation.unanswered, sum(part.before.days for part in sure), sum(part.before.trips for part in sure))


@dataclass(frozen=True)
class Situation:
    """What is known of one case: the questions put so far, the answers that count, the questions that do not arise."""

    put: tuple[str, ...]
    answers: Answers
    never: frozenset[str]

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The questions that were put and not answered."""
        return tuple(name for name in self.put if name not in self.answers)

    def holds(self, when: When) -> bool | None:
        """Whether a situation is this one; None while a question that decides is open."""
        return holds(when, self.answers, self.never)


def situated(event: LifeEvent, answers: Answers) -> Situation:
    """What these answers say: one whose own situation is open is not put yet, one whose situation is another does not arise."""
    put: list[str] = []
    counted: dict[str, str] = dict(event.given)
    never: set[str] = set()
    for one in event.asked:
        arises = holds(one.when, counted, never)
        if arises is False:
            never.add(one.question)
        elif arises:
            put.append(one.question)
            counted |= {one.question: answers[one.question]} if one.question in answers else {}
    return Situation(tuple(put), counted, frozenset(never))


def edges_among(event: LifeEvent, matters: Collection[str]) -> tuple[Edge, ...]:
    """The edges between these matters; where the old way was one after another, each pair of neighbours without a reason is habit.

    An order that holds by way of others (a before b before c) is no habit for a and c.
    """
    told = tuple(edge for edge in event.edges if edge.start in matters and edge.end in matters)
    if not event.sequential:
        return told
    row = [name for name in event.keys if name in matters]
    after = {name: tuple(edge.end for edge in told if edge.start == name and edge.binds) for name in row}
    said = {(edge.start, edge.end) for edge in told}
    habits = [Edge(start, end, HABIT, UNREASONED) for start, end in itertools.pairwise(row)
              if (start, end) not in said and start not in graph.earlier(after, end)]
    return (*told, *habits)


# ── the document ─────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Names:
    """What a document may name: the questions and the keys of the matters there are."""

    questions: Mapping[str, Question]
    matters: Collection[str]


def load_all(paths: Iterable[Path], names: Names) -> dict[str, LifeEvent]:
    """Every life event of these files by id; a later file may replace an earlier one's.

    Raises:
        DocumentErrors: anything wrong in one of them, with file and line.
    """
    found: dict[str, LifeEvent] = {}
    problems: list[Problem] = []
    for path in paths:
        try:
            event = parse(path.read_bytes(), shown(path), names)
        except DocumentErrors as error:
            problems += error.problems
        except OSError as error:
            problems.append(Problem(shown(path), 1, Message(f"读不了：{error.strerror}", f"cannot be read: {error.strerror}")))
        else:
            found[event.id] = event
    if problems:
        raise DocumentErrors(problems)
    return found


def parse(raw: bytes, name: str, names: Names) -> LifeEvent:
    """One document, under the name that errors shall show.

    Raises:
        DocumentErrors: an unknown key, question, answer or matter, an edge that leads nowhere, or binding edges in a circle.
    """
    reader = Reader(name, Catalogue(()), None)
    root = nodes.parse(raw, name)
    try:
        found = _event(reader, root, raw, names)
    except Refused:
        found = None
    if reader.problems or found is None:
        raise DocumentErrors(reader.problems)
    return found


def _event(reader: Reader, root: Node, raw: bytes, names: Names) -> LifeEvent:
    keys = reader.keys(root, KEYS, ("id", "title", "valid_from", "matters"))
    before = reader.keys(keys["before"], ("sequential", "source")) if "before" in keys else {}
    parts = _parts(reader, keys["matters"], names)
    first, last = _day(reader, keys["valid_from"]), _day(reader, keys["valid_to"]) if "valid_to" in keys else None
    if last is not None and last < first:
        raise reader.refuse(keys["valid_to"], "停用日期在启用日期之前", "it ends before it begins")
    found = LifeEvent(
        id=identity(reader, keys["id"]), title=document.title(reader, keys["title"]), valid_from=first, valid_to=last,
        provisional=yes(reader, keys.get("provisional")), source=reader.text(keys["source"]) if "source" in keys else "",
        given={name: next(iter(found)) for name, found in when(reader, keys.get("given"), names.questions).items()},
        asked=tuple(_asked(reader, part, names) for part in items(reader, keys.get("questions"))), parts=parts,
        edges=tuple(_edge(reader, part, {one.matter for one in parts}) for part in items(reader, keys.get("edges"))),
        sequential=yes(reader, before.get("sequential")), before_source=reader.text(before["source"]) if "source" in before else "",
        sha256=hashlib.sha256(raw).hexdigest(), text=raw.decode("utf-8-sig"))
    _check(reader, root, found)
    return found


def _day(reader: Reader, node: Node) -> dt.date:
    try:
        return dt.date.fromisoformat(reader.text(node))
    except ValueError:
        raise reader.refuse(node, f"应是日期（2026-01-01），现为 {node.text}", f"a date (2026-01-01) is expected: {node.text}") from None


def _asked(reader: Reader, node: Node, names: Names) -> Asked:
    keys = reader.keys(node, ("ask", "when"), ("ask",)) if node.keys is not None else {"ask": node}
    name = reader.text(keys["ask"])
    if name not in names.questions:
        raise reader.refuse(node, f"没有这个情形问题：{name}", f"no question {name}", nearest(name, names.questions, 0.4))
    return Asked(name, when(reader, keys.get("when"), names.questions))


def _parts(reader: Reader, node: Node, names: Names) -> tuple[Part, ...]:
    found: dict[str, Part] = {}
    for one in items(reader, node):
        try:
            part = _part(reader, one, names)
        except Refused:
            continue  # one bad line must not hide what is wrong with the next
        if part.matter in found:
            reader.refuse(one, f"{part.matter} 写了两次", f"{part.matter} stands here twice")
        found[part.matter] = part
    if not 1 <= len(found) <= MOST_MATTERS:
        raise reader.refuse(node, f"要有 1 到 {MOST_MATTERS} 个事项", f"1 to {MOST_MATTERS} matters are needed")
    return tuple(found.values())


def _part(reader: Reader, node: Node, names: Names) -> Part:
    keys = reader.keys(node, ("matter", "when", "before"), ("matter", "before"))
    name = reader.text(keys["matter"])
    if name not in names.matters:
        raise reader.refuse(keys["matter"], f"事项库里没有 {name}", f"no matter {name}", nearest(name, names.matters, 0.4))
    before = reader.keys(keys["before"], ("days", "trips"), ("days", "trips"))
    return Part(name, when(reader, keys.get("when"), names.questions),
                Before(number(reader, before["days"], 0, MOST_DAYS), number(reader, before["trips"], 0, MOST_TRIPS)), node.line)


def _edge(reader: Reader, node: Node, there: Collection[str]) -> Edge:
    keys = reader.keys(node, ("from", "to", "kind", "evidence", "reviewer"), ("from", "to", "kind"))
    ends = [reader.text(keys["from"]), reader.text(keys["to"])]
    for name, part in zip(ends, (keys["from"], keys["to"]), strict=True):
        if name not in there:
            raise reader.refuse(part, f"这件事里没有事项 {name}", f"this event has no matter {name}", nearest(name, there, 0.4))
    kind = reader.word(keys["kind"], KINDS)
    if kind in BINDING and "evidence" not in keys:
        raise reader.refuse(node, "必须遵守的先后要写依据 evidence", "an order that binds needs its evidence")
    evidence, reviewer = (reader.text(keys[name]) if name in keys else "" for name in ("evidence", "reviewer"))
    return Edge(ends[0], ends[1], kind, evidence, reviewer, node.line)


def _check(reader: Reader, root: Node, event: LifeEvent) -> None:
    _check_edges(reader, event)
    _check_questions(reader, root, event)


def _check_edges(reader: Reader, event: LifeEvent) -> None:
    seen: set[tuple[str, str]] = set()
    for edge in event.edges:
        if edge.start == edge.end or (edge.start, edge.end) in seen:
            reader.refuse(Node(edge.line), f"{edge.start} → {edge.end} 写了两次或指向自己", f"{edge.start} → {edge.end} is said twice or leads to itself")
        seen.add((edge.start, edge.end))
    round_ = graph.cycle({name: tuple(edge.end for edge in event.edges if edge.start == name and edge.binds) for name in event.keys})
    if round_:
        line = next(edge.line for edge in event.edges if edge.binds and edge.start == round_[0])
        reader.refuse(Node(line), f"先后绕成了圈：{' → '.join(round_)}", f"the order runs in a circle: {' → '.join(round_)}")


def _check_questions(reader: Reader, root: Node, event: LifeEvent) -> None:
    """What decides has to be asked, and a question may only hang on one that comes before it."""
    asked: set[str] = set(event.given)
    for one in event.asked:
        if one.question in asked or not set(one.when) <= asked:
            reader.refuse(root, f"问题 {one.question} 写了两次，或取决于排在后面的问题", f"question {one.question} is asked twice, or hangs on a later one")
        asked.add(one.question)
    for part in event.parts:
        for name in part.when:
            if name not in asked:
                reader.refuse(Node(part.line), f"{part.matter} 取决于问题 {name}，questions 里却没有问", f"{part.matter} hangs on {name}, which is not among the questions", nearest(name, asked, 0.4))
