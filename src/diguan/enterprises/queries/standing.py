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
from diguan.kernel.facts.declare import VALUE, attributes_of, related
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal
from diguan.kernel.rules import standards, tree, windows, words
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


def require_met(row: Enterprise, name: str, day: dt.date) -> None:
    """The gate before an action: let pass an enterprise of which the yes-or-no standard ``name`` holds on a day, by what is known now.

    Nobody is asked for the right to see its facts, since who acts need not have it: the reasons say which clauses
    are not met or open, and never a figure.

    Raises:
        Refusal: ``not_met``, the clauses that stand in the way among its reasons.
        LookupError: no pack has such a standard.
    """
    standard = next((each for each in standards.known() if each.fact.name == name and each.fact.type == "bool"), None)
    if standard is None:
        raise LookupError(f"no yes-or-no standard tells {name}")
    found = _placed(standard, _facts(row, day), day)
    if found.value != standard.stored("true"):
        title = Message(f"{row.name}按 {day} 判断没有达到“{standard.label()}”", f"{row.name}, judged on {day}, has not met “{standard.label('en')}”")
        raise Refusal("not_met", [title, *_in_the_way(found)])


def _in_the_way(found: Placed) -> list[Message]:
    """The clauses that are not met or open, of the class that comes nearest."""
    ways = [[(clause, finding.verdict) for clause, finding in zip(one.clauses, verdict.findings, strict=True) if finding.verdict != tree.TRUE]
            for one, verdict in found.classes]
    if not ways:
        return [Message("当天没有适用的标准，或不知道适用哪一类", "no standard is in force on the day, or it is not known which group applies")]
    names = packs.codes().names
    asked = [(clause.cite.quote, words.reading(clause.condition, "en", names), verdict) for clause, verdict in min(ways, key=len)]
    return [Message(f"没人告诉过我们：{zh}", f"nobody has told us: {en}") if verdict == tree.UNKNOWN else Message(f"不满足：{zh}", f"not met: {en}")
            for zh, en, verdict in asked]


def _placed(standard: Standard, facts: SubjectFacts, day: dt.date) -> Placed:
    version = standard.on(day)
    group = version.group_of(facts, day) if version else None
    judged = tuple((one, version.judge(one, facts, day)) for one in group.classes) if version and group else ()
    return Placed(standard, day, standards.told(standard, facts, day), facts, version, group, judged)


def facts_of(uscc: str, day: dt.date) -> SubjectFacts:
    """What gates know of an enterprise (``subject_facts`` of the AppConfig); of a code that is not in the register nothing.

    Nobody is asked for a right: a gate tells which of its conditions hold, to whoever may see the course.
    """
    row = Enterprise.objects.filter(uscc=uscc).first()
    return SubjectFacts({}, {}, windows.Coverage({})) if row is None else _facts(row, day)


def _facts(row: Enterprise, day: dt.date) -> SubjectFacts:
    """What was delivered of it, with what the register says of that very day."""
    prefetch_related_objects([row], *related())  # asked for once, whichever facts read them
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
