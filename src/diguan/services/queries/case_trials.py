"""The simulated former way and new flow of each life event, from the same seed, in the situations of the cases that were measured."""

from __future__ import annotations

import functools
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.messages import Message
from diguan.services.engine import trials
from diguan.services.engine.caseflow import ACCEPT_DAYS, DELIVER_DAYS
from diguan.services.engine.edges import BenchRefused
from diguan.services.engine.lifeevents import LifeEvent as Document
from diguan.services.engine.lifeevents import situated
from diguan.services.engine.spells import PER_DAY, Spell
from diguan.services.engine.trials import HIGH, LOW, SEED, Inputs, Part, Situation, Trial
from diguan.services.models import LifeEventVersion
from diguan.services.queries import life_events as events
from diguan.services.queries import shelf
from diguan.services.queries.case_counts import Told
from diguan.services.queries.case_groups import FEWEST
from diguan.services.queries.case_measures import Book, delivered
from diguan.services.queries.life_events import Picture, Summary

MOST_SITUATIONS = 12
"""The commonest situations of a life event that are drawn."""
Answers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Tried:
    """One life event drawn: what it was drawn from and came to; ``measured`` cases stand behind its situations, ``left`` fell away (rare, or their document is gone).

    ``problem`` says why it could not be drawn; then there is no trial.
    """

    key: str
    document: Document
    inputs: Inputs | None
    trial: Trial | None
    measured: int
    left: int
    problem: Message | None = None
    desk_seen: bool = False


@dataclass(frozen=True)
class Trials:
    """All of them; ``whole`` is of those that were measured, each case weighing the same, or of all where none was. ``digest`` is of what came out."""

    seed: int
    tried: tuple[Tried, ...]
    whole: Trial | None
    inputs: str
    digest: str

    @property
    def measured(self) -> int:
        """How many cases stand behind it."""
        return sum(one.measured for one in self.tried)


ASSUMED = Message(
    f"原来：按文件里写的天数和次序一件接一件，每件在 {LOW}%～{HIGH}% 之间抽取（这个范围是假定）。改造后：有依据的先后保留，其余并行；每件剩下承诺的天数，不超过原来；跑动剩下事项库里还要到现场的次数；再加上窗口受理和统一送达："
    f"有 {FEWEST} 件以上办结的按实际，否则从 0 抽到法定的 {ACCEPT_DAYS}、{DELIVER_DAYS} 个工作日，通常 1 天。承诺或次数不清楚的不减。",
    f"Before: matter after matter in the document's order and days, each drawn between {LOW}% and {HIGH}% of them (this range is assumed). After: what binds keeps its order, the rest runs side by side; of each matter's days its promise remains, "
    f"never more than before; of the trips the visits the library still asks for; the window's acceptance and delivery are added: as seen where {FEWEST} cases or more ended, else drawn from 0 to the {ACCEPT_DAYS} and {DELIVER_DAYS} working days "
    "of the law, usually 1. Where a promise or the visits are not known, nothing is taken away.")


def tried(person: Person, book: Book, *, seed: int = SEED, event: str = "") -> Trials:
    """Draw the life events in force, or one of them, for a person who may see them.

    Raises:
        access.Forbidden: they may not.
        BenchRefused: ``seed``.
    """
    access.require(person, events.VIEW)
    if not 0 <= seed <= trials.MOST_SEED:
        raise BenchRefused("seed", f"种子应在 0 到 {trials.MOST_SEED} 之间，现为 {seed}", f"the seed must lie from 0 to {trials.MOST_SEED}, not {seed}")
    ended = book.of(delivered)
    found = tuple(_tried(summary, [one for one in ended if one.event == summary.row.key], seed) for summary in events.summaries(person) if not event or summary.row.key == event)
    drawn = [one for one in found if one.trial is not None]
    counted = [one for one in drawn if one.measured] or drawn
    whole = trials.together([one.trial for one in counted if one.trial is not None]) if counted else None
    return Trials(seed, found, whole, _joined(one.inputs.digest for one in drawn if one.inputs), _joined(one.trial.digest for one in drawn if one.trial))


def _joined(digests: Iterable[str]) -> str:
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def _tried(summary: Summary, ended: Sequence[Told], seed: int) -> Tried:
    situations, left = _situations(summary, ended)
    seen = len(ended) >= FEWEST
    inputs = Inputs(f"{summary.row.key} {summary.version.sha256}", tuple(situations), _desk(ended, 0, ACCEPT_DAYS), _desk(ended, 1, DELIVER_DAYS), seed)
    try:
        return Tried(summary.row.key, summary.document, inputs, _drawn(inputs), len(ended) - left, left, desk_seen=seen)
    except BenchRefused as refused:
        return Tried(summary.row.key, summary.document, None, None, 0, len(ended), refused.message)


_drawn = functools.lru_cache(maxsize=64)(trials.trial)


def _desk(ended: Sequence[Told], at: int, most: int) -> Spell:
    """What the window took in these cases; where they are few, what the law allows at most."""
    seen = [took * PER_DAY for one in ended for took in [one.desk[at]] if took is not None]
    return Spell.observed(seen) if len(seen) >= FEWEST else Spell.triangular(0, PER_DAY, most * PER_DAY)


def _situations(summary: Summary, ended: Sequence[Told]) -> tuple[list[Situation], int]:
    """The commonest situations of these cases, and how many cases are in none of them; without any case the first answer to each question."""
    if not ended:
        one = _situation(summary.document, _first_answers(summary.document), 1)
        return ([one] if one else []), 0
    versions = {row.pk: row for row in LifeEventVersion.objects.filter(pk__in={one.version for one in ended})}
    documents = {pk: events.document(row) for pk, row in versions.items()}
    counted = Counter((one.version, one.answers) for one in ended)
    found, taken = [], 0
    for (version, answers), count in sorted(counted.items(), key=lambda each: (-each[1], each[0]))[:MOST_SITUATIONS]:
        document = documents.get(version)
        one = _situation(document, answers, count) if document else None
        if one:
            found.append(one)
            taken += count
    return found, len(ended) - taken


def _first_answers(document: Document) -> Answers:
    answers: dict[str, str] = {}
    while open_ := situated(document, answers).unanswered:
        answers[open_[0]] = next(iter(shelf.questions()[open_[0]].answers))
    return tuple(sorted(answers.items()))


def _situation(document: Document, answers: Answers, count: int) -> Situation | None:
    """None where nothing is called for."""
    shown = events.picture(document, dict(answers), clocks.today())
    sure = set(shown.chosen.sure)
    parts = tuple(_part(shown, part.matter, part.before.days, part.before.trips) for part in document.parts if part.matter in sure)
    pairs = tuple(sorted({(edge.start, edge.end) for edge in shown.chosen.edges if edge.binds and {edge.start, edge.end} <= sure}))
    return Situation(answers, parts, pairs, count) if parts else None


def _part(shown: Picture, matter: str, days: int, trips: int) -> Part:
    content: Mapping[str, int | None] = shown.versions[matter].content if matter in shown.versions else {}
    return Part(matter, days, trips, content.get("promised_days"), content.get("visits"))
