"""Who moved between two matches, and what moved them: a fact, a correction, the day, the text of the policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.db.models import QuerySet

from diguan.enterprises.models import Enterprise
from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.facts import duck, runs
from diguan.kernel.facts.runs import Run
from diguan.kernel.rules import differences, scalar, tree
from diguan.kernel.rules.differences import Change
from diguan.kernel.rules.scalar import SubjectFacts
from diguan.policies import queries

_MOVED = """
SELECT policy_id, enterprise_id, coalesce(a.status, 0) AS was, coalesce(b.status, 0) AS now
FROM read_parquet(?) a FULL JOIN read_parquet(?) b USING (policy_id, enterprise_id)
WHERE coalesce(a.status, 0) <> coalesce(b.status, 0) AND (CAST(? AS VARCHAR) IS NULL OR enterprise_id = ?) ORDER BY policy_id, enterprise_id
"""
STATUSES = {tree.ELIGIBLE: queries.ENTITLED, tree.UNDECIDED: queries.UNKNOWN, tree.INELIGIBLE: queries.NOT}


@dataclass(frozen=True)
class Why:
    """What moved one enterprise: the facts told differently, those that did it first; or the day, or the text itself."""

    changes: tuple[Change, ...] = ()
    decisive: frozenset[str] = frozenset()
    other_day: bool = False
    other_text: bool = False
    own: frozenset[tuple[str, str]] = frozenset()
    """Fact and period of what the enterprise told of itself."""


@dataclass(frozen=True)
class Moved:
    """One enterprise under one policy: where it stood, where it stands (entitled, unknown, not), and why, once worked out."""

    enterprise: Enterprise
    policy_id: str
    was: str
    now: str
    why: Why = field(default_factory=Why)


def before(person: Person, run: Run) -> Run | None:
    """The match before this one that the person may see: of its day or an earlier one, with less known."""
    return _previous(runs.visible(person), run)


def _previous(rows: QuerySet[Run], run: Run) -> Run | None:
    found = rows.filter(kind=queries.KIND, as_of__lte=run.as_of, known_at__lte=run.known_at, pk__lt=run.pk)
    return found.order_by("-as_of", "-known_at", "-id").first()


def lately(person: Person, enterprise: Enterprise) -> tuple[Run, list[Moved]] | None:
    """What changed for one enterprise with the current match, and the match before it; None where there are not two yet.

    Raises:
        Forbidden: the person may not see what this enterprise is entitled to.
    """
    access.require(person, queries.ENTITLEMENT, enterprise)
    new = queries.current_run()
    old = _previous(Run.objects.all(), new) if new else None
    if new is None or old is None or not runs.intact(old):
        return None
    found = [Moved(enterprise, policy, STATUSES[was], STATUSES[now]) for policy, _uscc, was, now in _moves(old, new, enterprise.uscc)]
    return old, explained(old, new, found)


def _moves(old: Run, new: Run, uscc: str | None = None) -> list[tuple[str, str, int, int]]:
    """Policy, credit code, status before and now, of everybody or of one enterprise; a policy only one run knew is left out."""
    both = old.inputs["policies"].keys() & new.inputs["policies"].keys()
    with duck.connect() as db:
        found = db.execute(_MOVED, [*(str(run.folder / "match.parquet") for run in (old, new)), uscc, uscc]).fetchall()
    return [line for line in found if line[0] in both]


def moved(person: Person, old: Run, new: Run) -> list[Moved]:
    """Everybody the person may see whose status changed, by policy and credit code; a policy only one run knew is left out.

    Raises:
        Forbidden: the person may not see entitlements.
    """
    access.require(person, queries.ENTITLEMENT)
    found = _moves(old, new)
    codes = {uscc for _policy, uscc, _was, _now in found}
    rows = queries.visible_firms(person, codes)
    firms = {row.uscc: row for row in rows}
    return [Moved(firms[uscc], policy, STATUSES[was], STATUSES[now]) for policy, uscc, was, now in found if uscc in firms]


def explained(old: Run, new: Run, lines: Sequence[Moved]) -> list[Moved]:
    """The lines about to be shown, with what moved them."""
    codes = sorted({line.enterprise.uscc for line in lines})
    data = [queries.seen(run, codes) for run in (old, new)] if codes else []
    known, seen, own = queries.library().policies, {}, queries.own_words(new, codes)
    found = []
    for line in lines:
        code, policy = line.enterprise.uscc, known.get(line.policy_id)
        if code not in seen:
            seen[code] = tuple(each.subject_facts(code) for each in data)
        told = frozenset((fact, period.text) for fact, spans in own.get(code, {}).items() for period in spans)
        found.append(replace(line, why=replace(_why(policy, line, old, new, *seen[code]), own=told)) if policy else line)
    return found


def _why(policy: tree.Policy, line: Moved, old: Run, new: Run, was: SubjectFacts, now: SubjectFacts) -> Why:
    """Take the steps one by one: today's text on what was known, then the new day, then what is known now."""
    texts = scalar.judge(policy, was, old.as_of).status
    days = scalar.judge(policy, was, new.as_of).status
    other_text = old.inputs["policies"][policy.id] != new.inputs["policies"][policy.id] and STATUSES[texts] != line.was
    changes = differences.changes(policy, was, now)
    decisive = differences.decisive(policy, was, now, new.as_of) if changes else frozenset()
    return Why(tuple(changes), decisive, texts != days, other_text)
