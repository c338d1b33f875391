"""Where an enterprise stands by the dated national standards on a day, and why that differs from another day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import pyarrow as pa
from django.db.models import prefetch_related_objects

from diguan.enterprises.models import Enterprise
from diguan.kernel import packs
from diguan.kernel.access.models import Person
from diguan.kernel.facts import batches, series, store
from diguan.kernel.facts.declare import VALUE, attributes_of
from diguan.kernel.rules import standards, tree
from diguan.kernel.rules.scalar import SubjectFacts, Verdict
from diguan.kernel.rules.standards import Class, Group, Standard, Version


@dataclass(frozen=True)
class Placed:
    """One enterprise by one standard on a day.

    ``value`` is in storage units, None where it is unknown; ``classes`` holds each class of its group with the verdict
    on its clauses. Before the first version, or for an industry the standard does not know, there is nothing to judge.
    """

    standard: Standard
    day: dt.date
    value: int | str | None
    facts: SubjectFacts
    version: Version | None = None
    group: Group | None = None
    classes: tuple[tuple[Class, Verdict], ...] = ()

    def findings(self) -> dict[tuple[str, str], tuple[tree.Clause, int]]:
        """Each clause with its verdict, by class and clause id."""
        return {(one.value, clause.id): (clause, finding.verdict) for one, verdict in self.classes
                for clause, finding in zip(one.clauses, verdict.findings, strict=True)}


def placed(person: Person, row: Enterprise, day: dt.date) -> list[Placed]:
    """Every standard over one enterprise on a day, by what is known now.

    Raises:
        access.Forbidden: the person may not see this enterprise's facts.
    """
    series.require_of(person, row.uscc)
    facts = _facts(row, day)
    return [_placed(standard, facts, day) for standard in standards.known()]


def _placed(standard: Standard, facts: SubjectFacts, day: dt.date) -> Placed:
    version = standard.on(day)
    group = version.group_of(facts, day) if version else None
    judged = tuple((one, version.judge(one, facts, day)) for one in group.classes) if version and group else ()
    return Placed(standard, day, standards.told(standard, facts, day), facts, version, group, judged)


def _facts(row: Enterprise, day: dt.date) -> SubjectFacts:
    """What was delivered of it, with what the register says of that very day."""
    prefetch_related_objects([row], "titles", "capabilities")  # asked for once, whichever facts read them
    said = list(attributes_of(row, row.uscc, day))
    known = {each.fact: pa.array([each.value]) for each in said if each.state == VALUE}
    told = batches.visible_batches(as_of=day)
    data = store.open_batches(told, packs.catalogue(), attributes=pa.table({"subject_id": [row.uscc], **known}))
    found = data.subject_facts(row.uscc)
    return replace(found, absent=found.absent - known.keys() | {each.fact for each in said if each.state != VALUE})


@dataclass(frozen=True)
class Turned:
    """One clause that is met on one day and not on the other: by another limit, or by another figure. None where one day has no such clause."""

    before: tree.Clause | None
    after: tree.Clause | None

    @property
    def other_limit(self) -> bool:
        """Whether the standard itself asks for something else."""
        return self.before is None or self.after is None or self.before.cite.quote != self.after.cite.quote


def turned(before: Placed, after: Placed) -> list[Turned]:
    """The clauses judged differently on the two days, in the order of the standard."""
    old, new = before.findings(), after.findings()
    nothing = (None, tree.TRUE)  # what a standard does not ask for is met
    pairs = ((old.get(key, nothing), new.get(key, nothing)) for key in dict.fromkeys((*new, *old)))
    return [Turned(was, now) for (was, held), (now, holds) in pairs if held != holds]
