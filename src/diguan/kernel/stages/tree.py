"""The typed tree of a flow: names resolved, nothing left to guess. It holds no data and reads no date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from diguan.kernel.catalogue import FactSpec
from diguan.kernel.rules import tree as rules

PIPELINE, GRAPH = "pipeline", "graph"
DUE, WAIT = "due", "wait"
ACTIVE = "active"
"""The status of a course that nothing holds up; every other one is declared by the flow."""


@dataclass(frozen=True)
class Term:
    """A clock: ``due`` is a day to be done by, ``wait`` a time that has to pass first. ``basis`` is the article.

    ``pauses`` are the articles it may be paused by, ``extend`` the working days it may be extended by in all.
    ``provisional``: nobody has held the number of days against the official text yet.
    """

    days: int
    basis: str
    kind: str = DUE
    provisional: bool = False
    pauses: tuple[str, ...] = ()
    extend: int = 0


@dataclass(frozen=True)
class Gate:
    """What it takes. ``roles``: one of these roles or rights is enough. ``waiver`` names the facts and evidence that may be waived."""

    facts: tuple[rules.Clause, ...] = ()
    evidence: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    verifier_not_doer: bool = False
    term: Term | None = None
    waiver: tuple[str, ...] = ()

    @property
    def reads(self) -> tuple[FactSpec, ...]:
        """The facts its clauses read."""
        return tuple(dict.fromkeys(fact for clause in self.facts for source in rules.sources_of(clause.condition) for fact in source.facts))

    @property
    def free(self) -> bool:
        """Whether it asks for nothing."""
        return self == _FREE


_FREE = Gate()


@dataclass(frozen=True)
class Step:
    """A stage (``next``, ``back``) or a task (``after``, ``optional``). ``unit`` and ``role`` are who it belongs to.

    ``final``: the course may end here. A final stage with ``next`` can be left again.
    """

    id: str
    title: Mapping[str, str]
    gate: Gate = field(default_factory=Gate)
    next: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    optional: bool = False
    final: bool = False
    unit: str = ""
    role: str = ""
    line: int = 0

    def label(self, language: str = "zh") -> str:
        """Its title in a language."""
        return titled(self.title, language)


@dataclass(frozen=True)
class Status:
    """The other axis: what a course is besides its stage. ``start`` are the steps it may be declared in (none: any).

    While it holds, the course does not move; unless ``final`` it can be lifted and the course goes on where it was.
    """

    id: str
    title: Mapping[str, str]
    start: tuple[str, ...] = ()
    gate: Gate = field(default_factory=Gate)
    final: bool = False
    line: int = 0

    def label(self, language: str = "zh") -> str:
        """Its title in a language."""
        return titled(self.title, language)


@dataclass(frozen=True, eq=False)
class Flow:
    """A whole document; two objects are the same version if their digests are."""

    id: str
    title: Mapping[str, str]
    subject: str
    shape: str
    steps: tuple[Step, ...]
    statuses: tuple[Status, ...] = ()
    reads: tuple[str, ...] = ()
    """The kinds of subject besides its own whose facts its gates read."""
    sha256: str = ""
    text: str = field(repr=False, default="")

    def label(self, language: str = "zh") -> str:
        """Its title in a language."""
        return titled(self.title, language)

    @cached_property
    def step(self) -> Mapping[str, Step]:
        """Steps by id."""
        return {step.id: step for step in self.steps}

    @cached_property
    def status(self) -> Mapping[str, Status]:
        """Declared statuses by id."""
        return {status.id: status for status in self.statuses}

    @cached_property
    def successors(self) -> Mapping[str, tuple[str, ...]]:
        """Of each task of a graph, the tasks that wait for it."""
        return {step.id: tuple(other.id for other in self.steps if step.id in other.after) for step in self.steps}

    @property
    def first(self) -> Step:
        """The stage a pipeline starts in: the first one written."""
        return self.steps[0]

    @cached_property
    def terms(self) -> Mapping[str, tuple[tuple[str, Term], ...]]:
        """Of each step, the clocks that start once it is open: its own in a graph, in a pipeline those of the stages it leads to."""
        targets = {step.id: (step.id,) if self.shape == GRAPH else step.next for step in self.steps}
        return {name: tuple((to, term) for to in found if (term := self.step[to].gate.term) is not None) for name, found in targets.items()}

    @cached_property
    def evidence(self) -> tuple[str, ...]:
        """Every dictionary id its gates ask for."""
        gates = [step.gate for step in self.steps] + [status.gate for status in self.statuses]
        return tuple(dict.fromkeys(name for gate in gates for name in gate.evidence))


def titled(title: Mapping[str, str], language: str) -> str:
    """A title in a language, Chinese where there is none."""
    return title.get("zh" if language.startswith("zh") else language) or title["zh"]
