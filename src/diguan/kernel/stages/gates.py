"""The gate: what is met and what is missing, item by item. Pure: everything it judges by is handed in.

Three values, as in rules: an item nobody can tell yet is *unknown*, which is not met and not the same as *not met*. A waived
item counts as met and says so. Roles, the other person and the clock are never waived.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from diguan.kernel import clocks
from diguan.kernel.clocks import Reading
from diguan.kernel.messages import Message
from diguan.kernel.rules import scalar, tree, words
from diguan.kernel.rules.scalar import Finding, SubjectFacts
from diguan.kernel.rules.tree import FALSE, TRUE, UNKNOWN
from diguan.kernel.stages.tree import WAIT, Gate, Term

FACT, EVIDENCE, ROLE, DOER, CLOCK = "fact", "evidence", "role", "doer", "clock"
_NOBODY = Message("没人告诉过我们", "nobody has told us")


@dataclass(frozen=True)
class Held:
    """What is held of one evidence: TRUE in force, UNKNOWN handed in but not verified, FALSE not there; ``by`` handed it in."""

    state: int
    found: Message
    by: int | None = None


@dataclass(frozen=True)
class Situation:
    """What a gate is judged by. ``holds`` are the roles and rights of who would pass; ``titles`` name roles, rights and evidence."""

    day: dt.date
    actor: int | None = None
    holds: Collection[str] = ()
    facts: SubjectFacts | None = None
    evidence: Mapping[str, Held] = field(default_factory=dict)
    doers: Collection[int] = ()
    waived: Mapping[str, str] = field(default_factory=dict)
    clock: Reading | None = None
    titles: Mapping[str, Message] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Item:
    """One thing a gate asks. ``asked`` is what it takes, ``found`` what there is; ``gap`` how far, in the fact's display unit."""

    kind: str
    id: str
    state: int
    asked: Message
    found: Message
    gap: Fraction | None = None
    waivable: bool = False
    waived: str = ""

    @property
    def met(self) -> bool:
        """Whether it does not stand in the way."""
        return self.state == TRUE or bool(self.waived)


@dataclass(frozen=True)
class Answer:
    """Every item of a gate in the order facts, evidence, role, other person, clock."""

    items: tuple[Item, ...]

    @property
    def met(self) -> bool:
        """Whether one may pass."""
        return all(item.met for item in self.items)

    @property
    def state(self) -> int:
        """The whole in three values."""
        states = [TRUE if item.met else item.state for item in self.items]
        return FALSE if FALSE in states else UNKNOWN if UNKNOWN in states else TRUE

    @property
    def missing(self) -> tuple[Item, ...]:
        """还差这些: what stands in the way."""
        return tuple(item for item in self.items if not item.met)

    @property
    def reasons(self) -> list[Message]:
        """What is missing, a sentence each."""
        return [Message(f"{item.asked.zh}：{item.found.zh}", f"{item.asked.en}: {item.found.en}") for item in self.missing]


def judge(gate: Gate, given: Situation) -> Answer:
    """What of a gate is met."""
    items = [_fact(clause, gate, given) for clause in gate.facts] + [_evidence(name, gate, given) for name in gate.evidence]
    if gate.roles:
        items.append(_role(gate, given))
    if gate.verifier_not_doer:
        items.append(_doer(gate, given))
    if gate.term is not None and given.clock is not None:
        items.append(_clock(gate.term, given.clock, given.day))
    return Answer(tuple(items))


def _fact(clause: tree.Clause, gate: Gate, given: Situation) -> Item:
    asked = Message(clause.cite.quote, words.reading(clause.condition, "en", given.codes))
    finding = find(clause, given)
    found = _NOBODY if finding.verdict == UNKNOWN else Message(*(words.reason(clause, finding, given.day, language, given.codes) for language in ("zh", "en")))
    return Item(FACT, clause.id, finding.verdict, asked, found, _gap(clause, finding, given.day), clause.id in gate.waiver, given.waived.get(clause.id, ""))


def find(clause: tree.Clause, given: Situation) -> Finding:
    """One clause over the facts at hand; without any it is unknown."""
    if given.facts is None:
        return Finding(UNKNOWN)
    return scalar.find(clause, given.facts, given.day)


def _gap(clause: tree.Clause, finding: Finding, day: dt.date) -> Fraction | None:
    single = clause.condition
    far = isinstance(single, tree.Compare) and single.op in tree.ORDERED and finding.verdict == FALSE
    return scalar.gap(single, finding.observed, day) if far and isinstance(single, tree.Compare) and isinstance(finding.observed, Fraction) else None


def _evidence(name: str, gate: Gate, given: Situation) -> Item:
    held = given.evidence.get(name, Held(FALSE, Message("没有", "not there")))
    return Item(EVIDENCE, name, held.state, given.titles.get(name, Message(name, name)), held.found, None, name in gate.waiver, given.waived.get(name, ""))


def _role(gate: Gate, given: Situation) -> Item:
    titles = [given.titles.get(name, Message(name, name)) for name in gate.roles]
    asked = Message(f"由{'或'.join(title.zh for title in titles)}办理", f"by {' or '.join(title.en for title in titles)}")
    if set(gate.roles) & set(given.holds):
        return Item(ROLE, "roles", TRUE, asked, Message("您可以办", "you may"))
    return Item(ROLE, "roles", FALSE, asked, Message("您的岗位不在其中", "your post is none of these"))


def _doer(gate: Gate, given: Situation) -> Item:
    asked = Message("经办人和核验人不是同一个人", "who verifies is not who did it")
    handed = {held.by for name in gate.evidence if (held := given.evidence.get(name)) is not None}
    if given.actor is not None and given.actor in handed | set(given.doers):
        return Item(DOER, "verifier_not_doer", FALSE, asked, Message("前一步或材料是您经办的，请另一个人来", "the step before, or its evidence, is yours: ask somebody else"))
    return Item(DOER, "verifier_not_doer", TRUE, asked, Message("不是同一个人", "somebody else"))


def _clock(term: Term, clock: Reading, day: dt.date) -> Item:
    """A clock that has to run out stands in the way until then; one to be done by never does, late or not, unless it is paused."""
    asked = Message(f"{'期满' if term.kind == WAIT else '期限'}：{term.basis}", f"{'time that has to pass' if term.kind == WAIT else 'term'}: {term.basis}")
    if clock.due is None:
        return Item(CLOCK, term.kind, FALSE, asked, Message("时限还在暂停，先恢复", "the clock is paused: resume it first"))
    told = clocks.derivation(clock.due)
    if term.kind == WAIT:
        return Item(CLOCK, term.kind, TRUE if day > clock.due.day else FALSE, asked, told)
    late = clock.late(day)
    return Item(CLOCK, term.kind, TRUE, asked, Message(f"{told.zh}，已超期", f"{told.en}, overdue") if late else told)
