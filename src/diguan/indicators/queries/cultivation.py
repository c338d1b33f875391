"""梯度培育: which firm is nearest to which title, what it lacks, and what nobody has told us of it. The standards are judged clause by clause by the rule engine."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from diguan.enterprises import queries as enterprises
from diguan.enterprises.models import TitleKind
from diguan.kernel import access, packs
from diguan.kernel.access.models import Person
from diguan.kernel.catalogue import FactSpec
from diguan.kernel.facts import batches, series, store
from diguan.kernel.facts.models import Batch
from diguan.kernel.rules import scalar, standards, tree, words
from diguan.kernel.rules.dataset import Dataset
from diguan.kernel.rules.scalar import Finding, SubjectFacts
from diguan.kernel.rules.standards import Class, Group, Standard, Version

VIEW = "indicators.view_cultivation"
EXPORT = "indicators.export_cultivation"
STANDARDS = {TitleKind.ABOVE_SCALE.value: "enterprise.reaches_above_scale", TitleKind.HIGH_TECH.value: "enterprise.meets_high_tech", TitleKind.SRED_SME.value: "enterprise.meets_sred_sme",
             TitleKind.LITTLE_GIANT.value: "enterprise.meets_little_giant"}
"""By title the standard that says who reaches it, the lower title first."""
READY, ASK, NEAR, SHORT = "ready", "ask", "near", "short"
STATES = (READY, ASK, NEAR, SHORT)
"""All clauses hold; none fails, but some nobody has told us of; exactly one fails and none is open; more than that."""


@dataclass(frozen=True)
class Near:
    """One firm by one title's standard: how many clauses fail and how many are open. The clauses themselves come with :func:`filled`."""

    uscc: str
    group: int
    failing: tuple[int, ...]
    open_: tuple[int, ...]
    kind: str

    @property
    def pk(self) -> str:
        """As lists ask it."""
        return self.uscc

    @property
    def state(self) -> str:
        """One of :data:`STATES`."""
        if self.failing:
            return NEAR if len(self.failing) == 1 and not self.open_ else SHORT
        return ASK if self.open_ else READY


@dataclass(frozen=True)
class Lack:
    """One clause that stands in the way: what the standard says, what there is; ``asks`` are the facts nobody has told us, with the periods and who delivers them."""

    says: str
    reason: str
    open_: bool
    asks: tuple[Ask, ...] = ()


@dataclass(frozen=True)
class Ask:
    """One fact that is open."""

    fact: FactSpec
    periods: str


@dataclass(frozen=True)
class Firm:
    """What the list says of a firm."""

    uscc: str
    name: str
    town: str
    cluster: str
    park: str


@dataclass(frozen=True)
class Shown:
    """A firm of the list, with all that stands in its way."""

    near: Near
    firm: Firm
    lacks: tuple[Lack, ...] = field(default=())

    @property
    def pk(self) -> str:
        """As lists ask it."""
        return self.near.uscc

    @property
    def state(self) -> str:
        """One of :data:`STATES`."""
        return self.near.state


def standard_of(title: str) -> Standard | None:
    """The standard of a title; None where no pack has it."""
    return next((each for each in standards.known() if each.fact.name == STANDARDS.get(title)), None)


def nearest(person: Person, title: str, day: dt.date, permission: str = VIEW) -> list[Shown]:
    """The firms this person may see that do not hold a title, those nearest to it first.

    Args:
        person: who asks; they see no firm that they could not see in the register, nor one beyond ``permission``.
        title: a key of :data:`STANDARDS`.
        day: the day of judging, by what is known now.
        permission: :data:`VIEW` for the page, :data:`EXPORT` for the file.

    Raises:
        access.Forbidden: they may not see this list, or no facts of firms.
    """
    access.require(person, permission)
    access.require(person, series.VIEW)
    standard = standard_of(title)
    if standard is None:
        return []
    rows = access.visible(enterprises.visible_enterprises(person), person, permission)
    held = set(enterprises.holding(rows, title, day).values_list("uscc", flat=True))
    firms = {told[0]: Firm(*told) for told in rows.values_list("uscc", "name", "town", "cluster", "park") if told[0] not in held}
    found = [Shown(one, firms[one.uscc]) for one in judged(standard, title, day) if one.uscc in firms]
    return sorted(found, key=lambda one: (len(one.near.failing) + len(one.near.open_), len(one.near.failing), one.firm.name, one.near.uscc))


# ── judging ──────────────────────────────────────────────────────────────────
def judged(standard: Standard, title: str, day: dt.date) -> tuple[Near, ...]:
    """Every firm the standard is for, clause by clause. Whoever shows it narrows it to who may be seen."""
    told = [row for row in batches.visible_batches(as_of=day) if row.subject == "enterprise"]
    return _judged(standard.fact.name, standard.sha256, tuple((row.pk, row.sha256) for row in told), title, day)


@functools.lru_cache(maxsize=16)
def _judged(fact: str, _sha256: str, told: tuple[tuple[int, str], ...], title: str, day: dt.date) -> tuple[Near, ...]:
    """Batches never change: what they say under one text of a standard on one day is worked out once."""
    from diguan.kernel.rules import sets  # Ibis takes a third of a second to import: only who needs it pays for it

    standard = next(each for each in standards.known() if each.fact.name == fact)
    version = standard.on(day)
    if version is None or not told:
        return ()
    ways = _ways(version)
    policies = [_policy(version, at, group, one) for at, (group, one) in enumerate(ways)]
    data = _dataset(tuple(number for number, _sha in told), frozenset(each for policy in policies for each in policy.facts))
    best: dict[int, Near] = {}
    for at, (policy, found) in enumerate(zip(policies, sets.judge(policies, data, day, everybody=True), strict=True)):
        for ent, code in zip(found.rows.column("ent").to_pylist(), found.rows.column("code").to_pylist(), strict=True):
            near = _near(data.ids[ent], at, policy, ways[at][0].where is not None, code, title)
            if near is not None and (ent not in best or len(near.open_) + len(near.failing) < len(best[ent].open_) + len(best[ent].failing)):
                best[ent] = near
    return tuple(best[ent] for ent in sorted(best))


def _ways(version: Version) -> list[tuple[Group, Class]]:
    return [(group, one) for group in version.groups for one in group.classes if one.value == "true"]


def _policy(version: Version, at: int, group: Group, one: Class) -> tree.Policy:
    """One class of one group as a rule over everybody; whom it is for stands last."""
    clauses = (*one.clauses, *([tree.Clause("where", tree.Cite("", "", (0, 0)), group.where)] if group.where is not None else []))
    return tree.Policy(id=f"way{at}", title={"zh": one.value}, in_force_from=version.start, in_force_to=version.end, clauses=clauses, benefit=tree.Flat(0), version="", origin=tree.Origin(version.document, "", ""))


def _near(uscc: str, at: int, policy: tree.Policy, limited: bool, code: int, title: str) -> Near | None:
    """What a code says; None where the standard is not for this firm."""
    verdicts = [(code >> 2 * place) & 3 for place in range(len(policy.clauses))]
    if limited and verdicts[-1] == tree.FALSE:
        return None
    return Near(uscc, at, tuple(place for place, each in enumerate(verdicts) if each == tree.FALSE), tuple(place for place, each in enumerate(verdicts) if each == tree.UNKNOWN), title)


def _dataset(numbers: Sequence[int], facts: frozenset[FactSpec], only: Iterable[str] | None = None) -> Dataset:
    rows = {row.pk: row for row in Batch.objects.filter(pk__in=numbers)}
    return store.open_batches([rows[number] for number in numbers if number in rows], packs.catalogue(), facts=facts, only=None if only is None else sorted(only))


# ── what stands in the way ───────────────────────────────────────────────────
def filled(title: str, day: dt.date, language: str, rows: Sequence[Shown]) -> list[Shown]:
    """These rows with the clauses that stand in their way, in words."""
    standard = standard_of(title)
    version = standard.on(day) if standard else None
    lacking = {row.near.uscc for row in rows if row.near.failing or row.near.open_}
    if version is None or not lacking:
        return list(rows)
    ways = _ways(version)
    policies = [_policy(version, at, *way) for at, way in enumerate(ways)]
    told = [row.pk for row in batches.visible_batches(as_of=day) if row.subject == "enterprise"]
    data = _dataset(told, frozenset(each for policy in policies for each in policy.facts), lacking)
    return [Shown(row.near, row.firm, tuple(_lacks(row.near, policies[row.near.group], data, day, language)) if row.near.uscc in lacking else ()) for row in rows]


def _lacks(near: Near, policy: tree.Policy, data: Dataset, day: dt.date, language: str) -> Iterable[Lack]:
    facts = data.subject_facts(near.uscc)
    findings = scalar.judge(policy, facts, day).findings
    for place in (*near.failing, *near.open_):
        clause, names = policy.clauses[place], packs.codes().names
        says = clause.cite.quote if language == "zh" and clause.cite.quote else words.reading(clause.condition, language, names)
        if place in near.open_:
            open_facts = words.untold(tree.sources_of(clause.condition), facts, day, language)
            yield Lack(says, "", True, tuple(Ask(packs.catalogue()[name], periods) for name, periods in open_facts.items()))
        else:
            yield Lack(says, _there(clause, findings[place], facts, day, language), False)


def _there(clause: tree.Clause, finding: Finding, facts: SubjectFacts, day: dt.date, language: str) -> str:
    """What there is: of one comparison the figure and the distance, of several every figure."""
    if isinstance(clause.condition, tree.Compare):
        return words.reason(clause, finding, day, language, packs.codes().names)
    return ("；" if language == "zh" else "; ").join(words.seen(source, facts, day, language) for source in dict.fromkeys(tree.sources_of(clause.condition)))
