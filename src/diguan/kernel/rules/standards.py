"""Standards (划型与认定标准): dated national thresholds as data, told as facts of every enterprise.

One YAML document a standard (``packs/*/standards``): the fact it tells, and versions with the days they are in force.
A version has groups (an industry, or everybody), a group has classes, a class has clauses in the grammar of policies.
The first class whose clauses hold is the enterprise's class; one that stays open leaves the fact unknown. So a class
on two days differs because the standard changed or because the enterprise did, and the clauses say which.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa

from diguan.kernel import packs
from diguan.kernel.catalogue import STANDARD, Catalogue, FactSpec
from diguan.kernel.packs import Codes
from diguan.kernel.periods import Day
from diguan.kernel.rules import conditions, document, examples, judged, scalar, tree
from diguan.kernel.rules.conditions import Reader, Refused
from diguan.kernel.rules.dataset import Dataset
from diguan.kernel.rules.nodes import DocumentErrors, Node, read
from diguan.kernel.rules.scalar import SubjectFacts, Verdict

SOME = 500
"""Up to so many enterprises are told one by one: planning a query takes longer than that."""
UNKNOWN = "unknown"
KEYS = ("fact", "title", "versions", "examples")
_TYPES = ("text", "bool")


@dataclass(frozen=True, eq=False)
class Class:
    """One class of a group: what the fact is if every clause holds. Each is itself alone, also where two are worded alike."""

    value: str
    clauses: tuple[tree.Clause, ...]

    @property
    def condition(self) -> tree.Condition:
        return tree.All(tuple(clause.condition for clause in self.clauses))


@dataclass(frozen=True)
class Group:
    """Whom the classes are for; ``where`` is None for everybody. Classes are tried in order."""

    title: Mapping[str, str]
    where: tree.Condition | None
    classes: tuple[Class, ...]


@dataclass(frozen=True)
class Version:
    """A standard as it stands from a day to a day; ``confirmed`` only where somebody held it against the official text.

    ``left_out`` says what the recognising body judges besides, which no fact tells.
    """

    start: Day
    end: Day | None
    document: str
    confirmed: bool
    groups: tuple[Group, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)

    def in_force(self, day: Day) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)

    @functools.cached_property
    def rules(self) -> tuple[tuple[str, tree.Policy], ...]:
        """Per class the rule that tells it over everybody, in the order they are tried."""
        return tuple(self._rules())

    def _rules(self) -> Iterator[tuple[str, tree.Policy]]:
        for value in dict.fromkeys(each.value for group in self.groups for each in group.classes):
            ways = tuple(each.condition if group.where is None else tree.All((group.where, each.condition))
                         for group in self.groups for each in group.classes if each.value == value)
            yield value, self._rule(value, [tree.Clause("class", tree.Cite("", "", (0, 0)), tree.Any(ways))])

    def _rule(self, value: str, clauses: Sequence[tree.Clause]) -> tree.Policy:
        return tree.Policy(id=value, title={"zh": value}, in_force_from=self.start, in_force_to=self.end, clauses=tuple(clauses),
                           benefit=tree.Flat(0), version="", origin=tree.Origin(self.document, "", ""))

    def group_of(self, facts: SubjectFacts, as_of: Day) -> Group | None:
        """The group this enterprise falls under; None where that cannot be told."""
        return next((group for group, rule in self._wheres if rule is None or scalar.judge(rule, facts, as_of).status == tree.ELIGIBLE), None)

    def judge(self, one: Class, facts: SubjectFacts, as_of: Day) -> Verdict:
        """One class clause by clause."""
        return scalar.judge(self._classes[one], facts, as_of)

    # A rule is made ready once for a day and kept: a new one each time would be made ready each time.
    @functools.cached_property
    def _wheres(self) -> tuple[tuple[Group, tree.Policy | None], ...]:
        return tuple((group, self._rule("", [tree.Clause("where", tree.Cite("", "", (0, 0)), group.where)]) if group.where else None) for group in self.groups)

    @functools.cached_property
    def _classes(self) -> Mapping[Class, tree.Policy]:
        return {one: self._rule(one.value, one.clauses) for group in self.groups for one in group.classes}


@dataclass(frozen=True)
class Standard:
    """Everything a document says; ``fact`` is the fact it tells."""

    fact: FactSpec
    title: Mapping[str, str]
    versions: tuple[Version, ...]
    sha256: str

    def on(self, day: Day) -> Version | None:
        """The version in force on a day."""
        return next((version for version in self.versions if version.in_force(day)), None)

    def label(self, language: str = "zh") -> str:
        return self.title.get(language) or self.title["zh"]

    def stored(self, value: str) -> int | str:
        """A class as the fact stores it."""
        return int(value == "true") if self.fact.type == "bool" else value


def told(standard: Standard, facts: SubjectFacts, as_of: Day) -> int | str | None:
    """What the standard tells of one enterprise, in storage units; None where it is unknown."""
    version = standard.on(as_of)
    if version is None:
        return None
    found = ((value, scalar.judge(rule, facts, as_of).status) for value, rule in version.rules)
    return _first(standard, found)


def _first(standard: Standard, statuses: Iterable[tuple[str, int]]) -> int | str | None:
    """The first class that holds if all before it fail; a yes-or-no fact whose class fails is no."""
    for value, status in statuses:
        if status == tree.ELIGIBLE:
            return standard.stored(value)
        if status == tree.UNDECIDED:
            return None
    return 0 if standard.fact.type == "bool" else None


def complete(dataset: Dataset, standards: Iterable[Standard], facts: Iterable[FactSpec], as_of: Day) -> Dataset:
    """The dataset with what standards tell of every enterprise on a day, as attributes; only the facts that are read.

    A fact the data bring themselves is left as it is, and so is one that this data's catalogue knows otherwise.
    """
    wanted = {fact.name for fact in facts} - set(dataset.attribute_columns())
    found = [standard for standard in standards if standard.fact.name in wanted
             and dataset.catalogue.get(standard.fact.name) == standard.fact]
    if not found:
        return dataset
    attributes = dataset.attributes
    for standard in found:
        kind = pa.int64() if standard.fact.stored_as == "num" else pa.string()
        attributes = attributes.append_column(standard.fact.name, pa.array(_everybody(standard, dataset, as_of), kind))
    return replace(dataset, attributes=attributes, standards={standard.fact.name: standard.sha256 for standard in found})


def for_policies(dataset: Dataset, policies: Iterable[tree.Policy], as_of: Day) -> Dataset:
    """:func:`complete` with the standards in force, for what these policies read."""
    facts = {fact for policy in policies for fact in policy.facts if fact.by_standard}
    return complete(dataset, known(), facts, as_of) if facts else dataset


def read_by(policies: Iterable[tree.Policy], as_of: Day) -> frozenset[FactSpec]:
    """Every fact these policies read on a day, by themselves or through a standard."""
    facts = {fact for policy in policies for fact in policy.facts}
    told = known() if any(fact.by_standard for fact in facts) else ()
    versions = (standard.on(as_of) for standard in told if standard.fact in facts)
    return frozenset(facts | {fact for version in versions if version for _value, rule in version.rules for fact in rule.facts})


def meaning(policy: tree.Policy, catalogue: Catalogue, as_of: Day) -> str:
    """The digest of how the catalogue understands the facts a policy reads on a day: unit, period, sign, who is heard first."""
    read = sorted(fact.name for fact in read_by([policy], as_of))
    said = [(name, spec.type, spec.unit, spec.period, spec.non_negative, spec.scale, spec.sources) for name in read if (spec := catalogue.get(name)) is not None]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def digests(policies: Iterable[tree.Policy]) -> dict[str, str]:
    """The standards these policies read today, by fact: the digest of each document, as a run's manifest names them."""
    facts = {fact.name for policy in policies for fact in policy.facts if fact.by_standard}
    return {standard.fact.name: standard.sha256 for standard in known() if standard.fact.name in facts} if facts else {}


def _everybody(standard: Standard, dataset: Dataset, as_of: Day) -> list[int | str | None]:
    version = standard.on(as_of)
    if version is None:
        return [None] * len(dataset.ids)
    if len(dataset.ids) <= SOME:
        return [told(standard, dataset.subject_facts(subject), as_of) for subject in dataset.ids]
    from diguan.kernel.rules import sets  # Ibis takes a third of a second to import: only a run pays for it

    values, rules = zip(*version.rules, strict=True)
    columns = [_statuses(each) for each in sets.judge(rules, dataset, as_of, everybody=True)]
    return [_first(standard, zip(values, row, strict=True)) for row in zip(*columns, strict=True)]


def _statuses(found: judged.Judged) -> list[int]:
    """Everybody's status in the order of enterprises."""
    rows = found.rows.sort_by("ent")
    return [int(status) for status in rows.column("status").to_pylist()]


# ── reading the documents ────────────────────────────────────────────────────
def known() -> tuple[Standard, ...]:
    """The standards of the packs in force; reread when a file changes.

    Raises:
        DocumentErrors: as :func:`load`.
    """
    paths = [path for folder in packs.files("standards") for path in sorted(folder.glob("*.yaml"))]
    return _known(tuple((path, path.stat().st_mtime_ns) for path in paths))


@functools.lru_cache(maxsize=4)
def _known(stamped: tuple[tuple[Path, int], ...]) -> tuple[Standard, ...]:
    return tuple(load((path for path, _stamp in stamped), packs.catalogue(), packs.codes()))


def load(paths: Iterable[Path], catalogue: Catalogue, codes: Codes | None = None) -> list[Standard]:
    """Every standard of these files, in the catalogue's order; a later one of the same fact replaces an earlier.

    Raises:
        DocumentErrors: anything wrong in one of them; a threshold that cannot be read is never passed over.
    """
    found = {standard.fact.name: standard for path in paths for standard in [_load(path, catalogue, codes)]}
    return [found[name] for name in catalogue if name in found]


def _load(path: Path, catalogue: Catalogue, codes: Codes | None) -> Standard:
    reader = Reader(f"{path.parent.name}/{path.name}", catalogue, codes)
    try:
        found = _standard(reader, read(path, reader.name), hashlib.sha256(path.read_bytes()).hexdigest())
    except Refused:
        found = None
    if reader.problems or found is None:
        raise DocumentErrors(reader.problems)
    return found


def _standard(reader: Reader, root: Node, sha256: str) -> Standard:
    keys = reader.keys(root, KEYS, KEYS)
    fact = reader.fact(keys["fact"])
    if fact.type not in _TYPES or fact.period != "none" or not fact.by_standard:
        raise reader.refuse(keys["fact"], f"{fact.name} 不是由标准告知的文字或是否类事实（sources: [{STANDARD}]，不带周期）",
                            f"{fact.name} is no text or yes-or-no fact told by a standard (sources: [{STANDARD}], no period)")
    versions = sorted((_version(reader, part, fact) for part in keys["versions"].items or ()), key=lambda one: one.start)
    for one, after in itertools.pairwise(versions):
        if one.end is None or one.end >= after.start:
            raise reader.refuse(keys["versions"], f"{after.start} 起的一版与前一版重叠", f"the version from {after.start} overlaps the one before")
    found = Standard(fact, document.title(reader, keys["title"]), tuple(versions), sha256)
    if not reader.problems:
        _try(found, keys["examples"], reader)
    return found


def _try(standard: Standard, node: Node, reader: Reader) -> None:
    """Note every example whose class is not the one expected.

    Raises:
        Refused: there are too few.
    """
    if len(node.items or ()) < document.FEWEST_EXAMPLES:
        raise reader.refuse(node, f"至少要 {document.FEWEST_EXAMPLES} 个算例", f"at least {document.FEWEST_EXAMPLES} examples are needed")
    for part in node.items or ():
        keys = reader.keys(part, ("name", "as_of", "facts", "expect"), ("name", "as_of", "facts", "expect"))
        day = document.day(reader, keys["as_of"])
        example = tree.Example(reader.text(keys["name"]), day, dict(keys["facts"].keys or {}), {}, part.line)
        found = told(standard, examples.facts_of(example, reader), day)
        said = UNKNOWN if found is None else next(word for word in (*_words(standard), "true", "false") if standard.stored(word) == found)
        expected = reader.word(keys["expect"], (*_words(standard), *(("true", "false") if standard.fact.type == "bool" else ()), UNKNOWN))
        if said != expected:
            reader.refuse(keys["expect"], f"算例“{example.name}”应是 {expected}，算出来是 {said}", f"example “{example.name}”: expected {expected}, found {said}")


def _words(standard: Standard) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.value for version in standard.versions for group in version.groups for each in group.classes))


def _version(reader: Reader, node: Node, fact: FactSpec) -> Version:
    keys = reader.keys(node, ("in_force", "source", "groups", "left_out"), ("in_force", "source", "groups"))
    source = reader.keys(keys["source"], ("document", "confirmed"), ("document", "confirmed"))
    start, end = document.in_force(reader, keys["in_force"])
    left_out = document.title(reader, keys["left_out"]) if "left_out" in keys else {}
    confirmed = reader.word(source["confirmed"], ("true", "false")) == "true"
    return Version(start, end, reader.text(source["document"]), confirmed,
                   tuple(_group(reader, part, fact) for part in keys["groups"].items or ()), left_out)


def _group(reader: Reader, node: Node, fact: FactSpec) -> Group:
    keys = reader.keys(node, ("title", "where", "classes"), ("classes",))
    where = conditions.condition(reader, keys["where"]) if "where" in keys else None
    return Group(document.title(reader, keys["title"]) if "title" in keys else {}, where,
                 tuple(_class(reader, part, fact) for part in keys["classes"].items or ()))


def _class(reader: Reader, node: Node, fact: FactSpec) -> Class:
    keys = reader.keys(node, ("value", "clauses"), ("value", "clauses"))
    value = reader.word(keys["value"], ("true",)) if fact.type == "bool" else reader.text(keys["value"])
    clauses = tuple(document.said_clause(reader, part) for part in keys["clauses"].items or ())
    for each, line in ((each, clause.line) for clause in clauses for source in tree.sources_of(clause.condition) for each in source.facts):
        if each.by_standard:
            raise reader.refuse(Node(line), f"标准不能再依据另一条标准：{each.name}", f"a standard does not stand on another one: {each.name}")
    return Class(value, clauses)
