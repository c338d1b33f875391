"""A text tried on this county's data at once, beside any run: how many, how much, who; and two texts held against each other.

Everything is judged on the day and by the batches of the match pages speak from, whatever days the text is in force. Nothing is kept but in
this process's memory.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from diguan.enterprises.models import Enterprise
from diguan.kernel import access, packs
from diguan.kernel.access.models import Person
from diguan.kernel.catalogue import FactSpec
from diguan.kernel.facts import runs, store
from diguan.kernel.facts.runs import Run
from diguan.kernel.rules import examples, scalar, standards, tree
from diguan.kernel.rules.conditions import Reader, Refused
from diguan.kernel.rules.dataset import Dataset
from diguan.kernel.rules.scalar import Verdict
from diguan.kernel.rules.totals import AmountTooLarge, Totals
from diguan.policies import queries
from diguan.policies.queries import ENTITLED, ENTITLEMENT, NEAR, NOT, UNKNOWN, Judged, Standing
from diguan.policies.queries.members import Line, dropped_at

GAINED, LOST, MORE, LESS, ASKED, CLEARED, OPEN = "gained", "lost", "more", "less", "asked", "cleared", "open"
CHANGES = (GAINED, LOST, MORE, LESS, ASKED, CLEARED, OPEN)
GROUP_OF = {tree.ELIGIBLE: ENTITLED, tree.UNDECIDED: UNKNOWN, tree.INELIGIBLE: NOT}


@dataclass(frozen=True)
class Member:
    """One enterprise under a text: its status, its clauses' bits, its amount (None: none, or not known), whether one step short."""

    status: int
    code: int
    amount_fen: int | None
    near: bool

    @property
    def group(self) -> str:
        """entitled, unknown, near or not."""
        return NEAR if self.near else GROUP_OF[self.status]


@dataclass(frozen=True, eq=False)
class Trial:
    """A text over everybody: the totals, and every enterprise by credit code."""

    policy: tree.Policy
    run: Run
    totals: Totals
    members: Mapping[str, Member]
    dataset: Dataset

    @property
    def standing(self) -> Standing:
        """As pages of policies take it."""
        return Standing(self.policy, self.run, self.totals)

    def judged(self, uscc: str) -> Judged:
        """One enterprise, clause by clause."""
        facts = self.dataset.subject_facts(uscc)
        return Judged(self.policy, facts, scalar.judge(self.policy, facts, self.run.as_of), self.run.as_of)


def trial(person: Person, policy: tree.Policy) -> Trial | None:
    """The text tried; None where nothing was matched yet, so that there are no data to try it on, or an amount is too large.

    Raises:
        Forbidden: the person may not see the county's policies, or entitlements.
    """
    queries.require_county(person)
    access.require(person, ENTITLEMENT)
    run = queries.current_run()
    try:
        return _tried(run, run.run_id, policy, tuple(sorted(standards.digests([policy]).items()))) if run else None
    except AmountTooLarge:
        return None


@functools.lru_cache(maxsize=16)
def _tried(run: Run, _run_id: str, policy: tree.Policy, told: tuple[tuple[str, str], ...]) -> Trial:
    """A run never changes and a text is one object, so this is worked out once in a process."""
    from diguan.kernel.rules import sets  # Ibis takes a third of a second to import: only a trial pays for it

    data = _data(run, run.run_id, standards.read_by([policy], run.as_of), frozenset(fact for fact in policy.facts if fact.by_standard), told, packs.folders())
    found = sets.judge([policy], data, run.as_of, everybody=True)[0]
    columns = [found.rows.column(name).to_pylist() for name in ("ent", "status", "code", "amount_fen", "near")]
    members = {data.ids[ent]: Member(status, code, fen, near) for ent, status, code, fen, near in zip(*columns, strict=True)}
    return Trial(policy, run, found.totals, members, data)


@functools.lru_cache(maxsize=8)
def _data(run: Run, _run_id: str, facts: frozenset[FactSpec], by_standard: frozenset[FactSpec], _told: object, _packs: object) -> Dataset:
    """What the run read of everybody, of these facts alone: a changed threshold reads nothing anew."""
    found = store.open_batches(runs.told(run), packs.catalogue(), facts=facts)
    return standards.complete(found, standards.known(), by_standard, run.as_of) if by_standard else found


def lines(person: Person, of: Trial, group: str) -> list[Line]:
    """The enterprises of one list of a trial that the person may see: entitled, near, unknown, or ``out-3``.

    Raises:
        Forbidden: the person may not see entitlements.
    """
    access.require(person, ENTITLEMENT)
    at = dropped_at(group)
    found = {uscc: member for uscc, member in of.members.items() if (_first_false(member.code) == at if at is not None else member.group == group)}
    firms = queries.visible_firms(person, found)
    far = {uscc: of.judged(uscc).far for uscc in found} if group == NEAR else {}
    return [Line(row, found[row.uscc].amount_fen, far.get(row.uscc)) for row in firms]


def filled(of: Trial, shown: Sequence[Line]) -> list[Line]:
    """The lines about to be shown, with the verdict each rests on."""
    return [Line(line.enterprise, line.amount_fen, line.far, of.judged(line.enterprise.uscc)) for line in shown]


def _first_false(code: int) -> int | None:
    return next((at for at in range(tree.MOST_CLAUSES) if code >> 2 * at & 3 == tree.FALSE), None)


# ── examples ─────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Worked:
    """A worked example and what came of it; None where its facts cannot be read."""

    example: tree.Example
    verdict: Verdict | None


def worked(policy: tree.Policy) -> list[Worked]:
    """Every example of a text, judged."""
    return [Worked(example, _verdict(policy, example)) for example in policy.examples]


def _verdict(policy: tree.Policy, example: tree.Example) -> Verdict | None:
    reader = Reader("", packs.catalogue(), packs.codes())
    try:
        facts = examples.facts_of(example, reader)
    except Refused:
        return None
    return None if reader.problems else scalar.judge(policy, facts, example.as_of)


# ── two texts ────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Change:
    """One enterprise under two texts."""

    enterprise: Enterprise
    kind: str
    was: str
    now: str
    old_fen: int | None
    new_fen: int | None

    @property
    def difference(self) -> int | None:
        """By how much the amount that is sure changes; None where one of the two cannot be told."""
        old, new = (fen if group == ENTITLED else 0 for fen, group in ((self.old_fen, self.was), (self.new_fen, self.now)))
        return None if old is None or new is None else new - old


@dataclass(frozen=True)
class Sum:
    """How many change in one way, and by how much together; ``open_`` of them have an amount that cannot be told."""

    count: int = 0
    fen: int = 0
    open_: int = 0


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two trials held against each other; ``kinds`` has how each enterprise that changes does."""

    old: Trial
    new: Trial
    kinds: Mapping[str, str]
    sums: Mapping[str, Sum]


def compare(person: Person, old: tree.Policy, new: tree.Policy) -> Comparison | None:
    """Who gains and who loses from one text to the other, on the same day and data; None where there are none.

    Raises:
        Forbidden: as :func:`trial`.
    """
    one, other = trial(person, old), trial(person, new)
    return _compared(one, other) if one and other else None


@functools.lru_cache(maxsize=8)
def _compared(old: Trial, new: Trial) -> Comparison:
    kinds = {uscc: kind for uscc, member in new.members.items() if (kind := _kind(old.members[uscc], member))}
    sums = {kind: Sum() for kind in CHANGES}
    for uscc, kind in kinds.items():
        sums[kind] = _added(sums[kind], _sure(old.members[uscc]), _sure(new.members[uscc]))
    return Comparison(old, new, kinds, sums)


def _kind(old: Member, new: Member) -> str:
    """In what way it changes; empty where neither status nor amount does."""
    was, now = old.status, new.status
    if was != now:
        return GAINED if now == tree.ELIGIBLE else LOST if was == tree.ELIGIBLE else ASKED if now == tree.UNDECIDED else CLEARED
    if now != tree.ELIGIBLE or old.amount_fen == new.amount_fen:
        return ""
    if old.amount_fen is None or new.amount_fen is None:
        return OPEN
    return MORE if new.amount_fen > old.amount_fen else LESS


def _sure(member: Member) -> int | None:
    return member.amount_fen if member.status == tree.ELIGIBLE else 0


def _added(found: Sum, old: int | None, new: int | None) -> Sum:
    if old is None or new is None:
        return Sum(found.count + 1, found.fen, found.open_ + 1)
    return Sum(found.count + 1, found.fen + new - old, found.open_)


def changes(person: Person, of: Comparison, kinds: Iterable[str]) -> list[Change]:
    """The enterprises that change in these ways, as far as the person may see them.

    Raises:
        Forbidden: the person may not see entitlements.
    """
    access.require(person, ENTITLEMENT)
    wanted = set(kinds)
    found = {uscc: kind for uscc, kind in of.kinds.items() if kind in wanted}
    firms = queries.visible_firms(person, found)
    return [_change(row, found[row.uscc], of.old.members[row.uscc], of.new.members[row.uscc]) for row in firms]


def _change(row: Enterprise, kind: str, old: Member, new: Member) -> Change:
    return Change(row, kind, old.group, new.group, old.amount_fen, new.amount_fen)


# ── two texts, clause by clause ──────────────────────────────────────────────
ADDED, REMOVED, CHANGED = "added", "removed", "changed"


@dataclass(frozen=True)
class ClauseChange:
    """One clause of either text that the other does not have so."""

    kind: str
    old: tree.Clause | None
    new: tree.Clause | None


def clause_changes(old: tree.Policy, new: tree.Policy) -> list[ClauseChange]:
    """What differs clause by clause, by their ids, in the order of the new text, then what it left out."""
    before = {clause.id: clause for clause in old.clauses}
    found = [ClauseChange(ADDED if one is None else CHANGED, one, clause) for clause in new.clauses
             if (one := before.get(clause.id)) is None or _said(one) != _said(clause)]
    kept = {clause.id for clause in new.clauses}
    return found + [ClauseChange(REMOVED, clause, None) for clause in old.clauses if clause.id not in kept]


def _said(clause: tree.Clause) -> tuple[object, ...]:
    return (clause.condition, clause.on_missing, clause.cite.article, clause.cite.quote)

