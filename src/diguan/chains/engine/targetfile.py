"""How target firms are chosen, as data (``packs/*/targets.yaml``): hard filters, criteria with dated scales, weights, worked examples."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from diguan.chains.engine import targets
from diguan.chains.engine.basis import Matrix, Vector
from diguan.chains.engine.targets import Scale
from diguan.kernel.catalogue import Catalogue, FactSpec
from diguan.kernel.messages import Message
from diguan.kernel.packs import Codes
from diguan.kernel.periods import Day
from diguan.kernel.refusals import Refusal
from diguan.kernel.rules import document, examples, scalar, tree, values
from diguan.kernel.rules.conditions import Reader, Refused
from diguan.kernel.rules.nodes import DocumentErrors, Node, parse
from diguan.kernel.rules.scalar import Finding, Stored, SubjectFacts
from diguan.kernel.rules.tree import FALSE, UNKNOWN

SUBJECT = "target"
AHP, GIVEN, ENTROPY = "ahp", "given", "entropy"
METHODS = (AHP, GIVEN, ENTROPY)
MORE, LESS = "more", "less"
PASSED, OPEN, FAILED = "passed", "unknown", "failed"
STATES = (PASSED, OPEN, FAILED)
KEYS = ("version", "title", "source", "filters", "criteria", "weights", "examples")
_WORDED = ("text", "bool")
_MOST_TIMES = 9


@dataclass(frozen=True)
class Dated:
    """A scale with the days it is in force and the document it stands on; ``confirmed`` only where somebody held it against that."""

    start: Day
    end: Day | None
    document: str
    confirmed: bool
    scale: Scale
    shown: Message

    def in_force(self, day: Day) -> bool:
        """Whether it is the scale of that day."""
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Criterion:
    """One criterion: a fact, whether more or less of it is better, and its scales."""

    id: str
    title: Message
    fact: FactSpec
    less: bool
    scales: tuple[Dated, ...]

    def on(self, day: Day) -> Dated | None:
        """The scale of a day; None before the first."""
        return next((one for one in self.scales if one.in_force(day)), None)

    def column(self, told: Sequence[Mapping[str, Stored]], day: Day) -> Vector:
        """(n,) scaled values of these subjects' attributes; NaN where nobody knows, or no scale is in force."""
        dated = self.on(day)
        return np.full(len(told), np.nan) if dated is None else dated.scale.of([each.get(self.fact.name) for each in told])


@dataclass(frozen=True)
class Method:
    """Everything the document says. ``given`` (k,) in percent, ``pairs`` (k, k) judgements; ``use`` says which of them counts."""

    version: str
    title: Message
    document: str
    confirmed: bool
    filters: tuple[tree.Clause, ...]
    criteria: tuple[Criterion, ...]
    use: str
    pairs: Matrix | None
    given: Vector | None
    sha256: str

    @property
    def titles(self) -> list[Message]:
        """The criteria's."""
        return [one.title for one in self.criteria]

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts its filters read."""
        return tuple(dict.fromkeys(fact.name for clause in self.filters for source in tree.sources_of(clause.condition) for fact in source.facts))

    @property
    def ways(self) -> tuple[str, ...]:
        """The ways of weighing it allows for."""
        return tuple(use for use in METHODS if use == ENTROPY or (self.pairs if use == AHP else self.given) is not None)

    def judge(self, facts: SubjectFacts, day: Day) -> tuple[Finding, ...]:
        """Every filter over one firm."""
        return tuple(scalar.find(clause, facts, day) for clause in self.filters)


def state_of(findings: Sequence[Finding]) -> str:
    """A firm's state: one filter that fails is enough; what is not known keeps it in."""
    verdicts = {finding.verdict for finding in findings}
    return FAILED if FALSE in verdicts else OPEN if UNKNOWN in verdicts else PASSED


def read(name: str, raw: bytes, catalogue: Catalogue, codes: Codes | None = None) -> Method:
    """Read, check and try one document.

    Raises:
        DocumentErrors: anything wrong in it, judgements that contradict one another among them; nothing of it is used.
    """
    reader = Reader(name, catalogue, codes)
    try:
        found = _method(reader, parse(raw, name), hashlib.sha256(raw).hexdigest())
    except Refused:
        found = None
    if reader.problems or found is None:
        raise DocumentErrors(reader.problems)
    return found


def load(path: Path, catalogue: Catalogue, codes: Codes | None = None) -> Method:
    """:func:`read` of a file."""
    return read(f"{path.parent.name}/{path.name}", path.read_bytes(), catalogue, codes)


def _method(reader: Reader, root: Node, sha256: str) -> Method:
    keys = reader.keys(root, KEYS, KEYS)
    source, confirmed = _source(reader, keys["source"])
    filters = tuple(_filter(reader, part) for part in keys["filters"].items or ())
    criteria = tuple(_criterion(reader, part) for part in keys["criteria"].items or ())
    if not criteria:
        raise reader.refuse(keys["criteria"], "至少要一条准则", "at least one criterion is needed")
    for kind, ids in (("filters", [one.id for one in filters]), ("criteria", [one.id for one in criteria])):
        if len(set(ids)) < len(ids):
            reader.refuse(keys[kind], "编号重复", "an id is used twice")
    found = Method(reader.text(keys["version"]), Message(*_both(reader, keys["title"])), source, confirmed, filters, criteria, GIVEN, None, None, sha256)
    found = _weighed(reader, keys["weights"], found)
    if not reader.problems:
        _try(reader, keys["examples"], found)
    return found


def _both(reader: Reader, node: Node) -> tuple[str, str]:
    keys = reader.keys(node, ("zh", "en"), ("zh", "en"))
    return reader.text(keys["zh"]), reader.text(keys["en"])


def _source(reader: Reader, node: Node) -> tuple[str, bool]:
    keys = reader.keys(node, ("document", "confirmed"), ("document", "confirmed"))
    return reader.text(keys["document"]), reader.word(keys["confirmed"], ("true", "false")) == "true"


def _own(reader: Reader, node: Node, facts: Sequence[FactSpec]) -> None:
    for fact in facts:
        if fact.subject != SUBJECT or fact.period != "none":
            reader.refuse(node, f"{fact.name} 不是目标企业的事实（subject: {SUBJECT}，不带周期）", f"{fact.name} is no fact of target firms (subject: {SUBJECT}, no period)")


def _filter(reader: Reader, node: Node) -> tree.Clause:
    clause = document.said_clause(reader, node)
    _own(reader, node, [fact for source in tree.sources_of(clause.condition) for fact in source.facts])
    return clause


def _criterion(reader: Reader, node: Node) -> Criterion:
    keys = reader.keys(node, ("id", "title", "fact", "better", "scales"), ("id", "title", "fact", "better", "scales"))
    fact = reader.fact(keys["fact"])
    _own(reader, keys["fact"], [fact])
    less = reader.word(keys["better"], (MORE, LESS)) == LESS
    scales = tuple(sorted((_dated(reader, part, fact, less) for part in keys["scales"].items or ()), key=lambda one: one.start))
    if not scales:
        raise reader.refuse(keys["scales"], "至少要一档基准", "at least one scale is needed")
    for one, after in itertools.pairwise(scales):
        if one.end is None or one.end >= after.start:
            reader.refuse(keys["scales"], f"{after.start} 起的基准与前一档重叠", f"the scale from {after.start} overlaps the one before")
    return Criterion(reader.text(keys["id"]), Message(*_both(reader, keys["title"])), fact, less, scales)


def _dated(reader: Reader, node: Node, fact: FactSpec, less: bool) -> Dated:
    worded = fact.type in _WORDED
    shape = ("words",) if worded else ("zero", "full")
    keys = reader.keys(node, ("in_force", "source", *shape), ("in_force", "source", *shape))
    start, end = document.in_force(reader, keys["in_force"])
    source, confirmed = _source(reader, keys["source"])
    if worded:
        words = {_stored(reader, child, key, fact): _share(reader, child) for key, child in keys["words"].lines_of()}
        shown = "、".join(f"{key} → {child.text}" for key, child in keys["words"].lines_of())
        return Dated(start, end, source, confirmed, Scale(words=words), Message(shown, shown.replace("、", ", ")))
    zero, full = (_stored(reader, keys[name], reader.text(keys[name]), fact) for name in shape)
    assert isinstance(zero, int)
    assert isinstance(full, int)
    if zero == full or (full < zero) is not less:
        raise reader.refuse(keys["full"], f"better: {LESS if less else MORE} 时 full 应{'低' if less else '高'}于 zero", f"with better: {LESS if less else MORE}, full lies {'below' if less else 'above'} zero")
    low, high = reader.text(keys["zero"]), reader.text(keys["full"])
    return Dated(start, end, source, confirmed, Scale(Fraction(zero), Fraction(full)), Message(f"{low} 得 0 分，{high} 得满分", f"{low} scores 0, {high} scores full"))


def _stored(reader: Reader, node: Node, text: str, fact: FactSpec) -> Stored:
    found = reader.valued(node, values.of_type, text, fact, reader.codes)
    if isinstance(found, str):
        return found
    number = scalar.number(found, Day(1970, 1, 1)) * (fact.scale if fact.numeric else 1)  # type: ignore[arg-type]
    if number.denominator != 1:
        raise reader.refuse(node, f"{text} 比最小单位还细", f"{text} is finer than the smallest unit")
    return int(number)


def _share(reader: Reader, node: Node) -> float:
    text = reader.text(node)
    try:
        found = float(text)
    except ValueError:
        raise reader.refuse(node, f"{text} 不是 0 到 1 的数", f"{text} is no number from 0 to 1") from None
    if not 0 <= found <= 1:
        raise reader.refuse(node, f"{text} 不在 0 到 1 之间", f"{text} is not within 0 to 1")
    return found


# ── weights ──────────────────────────────────────────────────────────────────
def _weighed(reader: Reader, node: Node, found: Method) -> Method:
    keys = reader.keys(node, ("use", "judgements", "given"), ("use",))
    use = reader.word(keys["use"], METHODS)
    names = [one.id for one in found.criteria]
    given = _given(reader, keys["given"], names) if "given" in keys else None
    pairs = _pairs(reader, keys["judgements"], names) if "judgements" in keys else None
    if (use == GIVEN and given is None) or (use == AHP and pairs is None):
        raise reader.refuse(keys["use"], f"用 {use} 就要写 {'given' if use == GIVEN else 'judgements'}", f"{use} needs {'given' if use == GIVEN else 'judgements'}")
    if pairs is not None:
        try:
            targets.judged(pairs, found.titles)
        except Refusal as refusal:
            raise reader.refuse(keys["judgements"], refusal.reasons[0].zh, refusal.reasons[0].en) from None
    return replace(found, use=use, pairs=pairs, given=given)


def _given(reader: Reader, node: Node, names: Sequence[str]) -> Vector:
    keys = reader.keys(node, names, names)
    found = [_percent(reader, keys[name]) for name in names]
    if sum(found) != 100:
        raise reader.refuse(node, f"权重合计是 {sum(found)}，应为 100", f"weights add up to {sum(found)}, not to 100")
    return np.array(found, dtype=np.float64)


def _percent(reader: Reader, node: Node) -> int:
    text = reader.text(node)
    if not (text.isascii() and text.isdigit() and int(text) <= 100):
        raise reader.refuse(node, f"{text} 不是 0 到 100 的整数", f"{text} is no whole number from 0 to 100")
    return int(text)


def _pairs(reader: Reader, node: Node, names: Sequence[str]) -> Matrix:
    found, told = np.ones((len(names), len(names))), set[frozenset[str]]()
    for part in node.items or ():
        keys = reader.keys(part, ("more", "than", "times"), ("more", "than", "times"))
        first, second = (reader.word(keys[key], names) for key in ("more", "than"))
        pair = frozenset((first, second))
        if first == second or pair in told:
            raise reader.refuse(part, f"“{first}”和“{second}”比了两次，或自己比自己", f"{first} and {second} are compared twice, or with themselves")
        told.add(pair)
        times = _times(reader, keys["times"])
        at, to = names.index(first), names.index(second)
        found[at, to], found[to, at] = times, 1 / times
    missing = [f"{one}–{other}" for at, one in enumerate(names) for other in names[at + 1:] if frozenset((one, other)) not in told]
    if missing:
        raise reader.refuse(node, f"还有 {len(missing)} 对没有判断：{'、'.join(missing[:5])}", f"{len(missing)} pairs are not judged: {', '.join(missing[:5])}")
    return found


def _times(reader: Reader, node: Node) -> float:
    text = reader.text(node)
    try:
        found = Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise reader.refuse(node, f"{text} 不是数", f"{text} is no number") from None
    if not 1 <= found <= _MOST_TIMES:
        raise reader.refuse(node, f"倍数在 1 到 {_MOST_TIMES} 之间；把更重要的写在 more", f"times is 1 to {_MOST_TIMES}: the more important one is named in more")
    return float(found)


# ── examples ─────────────────────────────────────────────────────────────────
def _try(reader: Reader, node: Node, found: Method) -> None:
    """Note every example that does not come out as it says: ``state``, and by criterion the value from 0 to 1 or ``unknown``."""
    if len(node.items or ()) < document.FEWEST_EXAMPLES:
        raise reader.refuse(node, f"至少要 {document.FEWEST_EXAMPLES} 个算例", f"at least {document.FEWEST_EXAMPLES} examples are needed")
    for part in node.items or ():
        keys = reader.keys(part, ("name", "as_of", "facts", "expect"), ("name", "as_of", "facts", "expect"))
        example = tree.Example(reader.text(keys["name"]), document.day(reader, keys["as_of"]), dict(keys["facts"].keys or {}), {}, part.line)
        _hold(reader, keys["expect"], example, found)


def _hold(reader: Reader, node: Node, example: tree.Example, found: Method) -> None:
    facts = examples.facts_of(example, reader)
    expect = reader.keys(node, ("state", *(one.id for one in found.criteria)), ("state",))
    wrong = [] if reader.word(expect["state"], STATES) == (state := state_of(found.judge(facts, example.as_of))) else [f"state → {state}"]
    told = {name: _restored(facts, name, value, reader.catalogue) for name, value in facts.attributes.items()}
    for one in found.criteria:
        if one.id in expect:
            value = float(one.column([told], example.as_of)[0])
            said = "unknown" if np.isnan(value) else f"{value:.4g}"
            wrong += [] if said == expect[one.id].text else [f"{one.id} → {said}"]
    if wrong:
        reader.refuse(node, f"算例“{example.name}”对不上：{'；'.join(wrong)}", f"the example “{example.name}” does not hold: {'; '.join(wrong)}")


def _restored(facts: SubjectFacts, name: str, value: Stored, catalogue: Catalogue) -> Stored:
    """An example keeps numbers in a scale of its own; a criterion reads storage units."""
    spec = catalogue[name]
    return value if isinstance(value, str) or not spec.numeric else value * spec.scale // facts.scale(spec)


