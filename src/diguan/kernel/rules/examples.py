"""The worked examples of a policy: turned into facts, judged, and held against what they expect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from diguan.kernel import periods
from diguan.kernel.catalogue import FactSpec
from diguan.kernel.messages import Message
from diguan.kernel.periods import ALL, Day, Period
from diguan.kernel.rules import scalar, tree, values, windows
from diguan.kernel.rules.conditions import Reader, Refused
from diguan.kernel.rules.nodes import Node, Problem
from diguan.kernel.rules.scalar import Row, Stored, SubjectFacts
from diguan.kernel.rules.windows import Window

_SCALE = 10_000


@dataclass
class _Named:
    """A fact an example names is complete, except for the periods it calls unknown."""

    unknown: dict[str, list[Period]] = field(default_factory=dict)

    def gaps(self, fact: str, window: Window, kind: str) -> Sequence[Period]:
        if fact not in self.unknown:
            return windows.uncovered(window, kind, ())
        holes = self.unknown[fact]
        if window.whole:
            return [ALL] if any(hole.start <= window.end for hole in holes) else []
        return [part for part in windows.uncovered(window, kind, ()) if any(part.overlaps(hole) for hole in holes)]

    def touches(self, fact: str, window: Window) -> bool:
        holes = self.unknown.get(fact)
        if holes is None or window.empty:
            return False
        return not any(hole.start <= window.start and window.end <= hole.end for hole in holes)


def check(policy: tree.Policy, reader: Reader) -> None:
    """Note what is wrong with the examples: a fact that does not exist, or an answer other than expected."""
    for example in policy.examples:
        try:
            facts = facts_of(example, reader)
            _check(policy, example, scalar.judge(policy, facts, example.as_of), reader)
        except Refused:
            continue


def facts_of(example: tree.Example, reader: Reader) -> SubjectFacts:
    """An example's facts as rows of one enterprise."""
    coverage, attributes, absent, scales = _Named(), {}, set(), {}
    rows: dict[str, list[Row]] = {}
    for name, node in example.facts.items():
        assert isinstance(node, Node)
        spec = reader.fact(Node(node.line, text=name))
        scales[name] = _SCALE if spec.numeric else 1
        if spec.period == "none":
            if node.text == "absent":
                absent.add(name)
            elif node.text != "unknown":
                attributes[name] = _stored(reader, node, spec)
            continue
        rows[name] = _dated(reader, node, spec, example.as_of, coverage)
    return SubjectFacts(attributes, rows, coverage, frozenset(absent), scales)


def _dated(reader: Reader, node: Node, spec: FactSpec, as_of: Day, coverage: _Named) -> list[Row]:
    holes = coverage.unknown.setdefault(spec.name, [])
    if node.text is not None:
        if node.text == "unknown":
            del coverage.unknown[spec.name]
        if node.text in ("unknown", "absent"):
            return []
        last = periods.of_day(windows.last_ended(spec.period, as_of), spec.period)
        return [Row(last.start, last.end, _stored(reader, node, spec))]
    found: list[Row] = []
    for text, child in node.lines_of():
        period = _period(reader, child, text)
        if child.text == "unknown":
            holes.append(period)
            continue
        if child.text != "absent" and period.kind != spec.period:
            raise reader.refuse(child, f"{spec.name} 的值按 {spec.period} 给，不是 {text}", f"a value of {spec.name} is per {spec.period}, not {text}")
        told = [Row(period.start, period.end, None if part.text == "absent" else _stored(reader, part, spec)) for part in child.items or (child,)]
        if _clash(told, found):
            raise reader.refuse(child, f"{spec.name} 的 {text} 说了两遍，或同一天既有值又不存在", f"{text} of {spec.name} is told twice, or one day has a value and is absent")
        found += told
    return found


def _clash(told: Sequence[Row], before: Sequence[Row]) -> bool:
    """Whether a period is told twice (two rows of one day are two events), or a value and an absent row share a day."""
    pairs = [(one, other) for at, one in enumerate(told) for other in (*told[:at], *before) if one.start <= other.end and other.start <= one.end]
    return any((one.value is None) is not (other.value is None) or (one.start < one.end and one[:2] == other[:2]) for one, other in pairs)


def _period(reader: Reader, node: Node, text: str) -> Period:
    try:
        return periods.parse(text)
    except periods.PeriodError:
        raise reader.refuse(node, f"{text} 不是期间", f"{text} is no period") from None


def _stored(reader: Reader, node: Node, spec: FactSpec) -> Stored:
    value = reader.valued(node, values.of_type, reader.text(node), spec, None)
    if isinstance(value, str):
        return value
    number = scalar.number(value, Day(1970, 1, 1))  # type: ignore[arg-type]
    return int(number * _SCALE) if spec.numeric else int(number)


def _check(policy: tree.Policy, example: tree.Example, verdict: scalar.Verdict, reader: Reader) -> None:
    wrong: list[str] = []
    expect = example.expect
    status = expect.get("status")
    if isinstance(status, Node) and status.text != tree.STATUS_WORDS[verdict.status]:
        wrong.append(f"status {status.text} → {tree.STATUS_WORDS[verdict.status]}")
    amount = expect.get("amount", expect.get("amount_fen"))
    if isinstance(amount, Node) and not _same_amount(amount, verdict, reader, fen="amount_fen" in expect):
        wrong.append(f"amount {amount.text} → {verdict.amount_fen} 分")
    wrong += _clauses(policy, expect.get("clauses"), verdict, reader)
    wrong += _gap(policy, example, verdict, reader)
    if wrong:
        said = "；".join(wrong)
        reader.problems.append(Problem(reader.name, example.line, Message(
            f"算例“{example.name}”对不上：{said}", f"the example “{example.name}” does not hold: {said}")))


def _same_amount(node: Node, verdict: scalar.Verdict, reader: Reader, *, fen: bool) -> bool:
    if node.text == "unknown":
        return verdict.amount_unknown
    if fen:
        return str(verdict.amount_fen) == node.text
    return bool(reader.valued(node, values.money_fen, reader.text(node)) == verdict.amount_fen)


def _clauses(policy: tree.Policy, node: object, verdict: scalar.Verdict, reader: Reader) -> list[str]:
    if not isinstance(node, Node):
        return []
    found = {clause.id: tree.VERDICT_WORDS[finding.verdict] for clause, finding in zip(policy.clauses, verdict.findings, strict=True)}
    reader.keys(node, found)
    return [f"{key} {child.text} → {found[key]}" for key, child in node.lines_of() if key in found and child.text != found[key]]


def _gap(policy: tree.Policy, example: tree.Example, verdict: scalar.Verdict, reader: Reader) -> list[str]:
    """``gap`` is how far the only false clause is from holding: money with its unit, a share in %, a date in 天."""
    node = example.expect.get("gap")
    if not isinstance(node, Node):
        return []
    at = scalar.near_miss(policy, verdict)
    seen = None if at is None else verdict.findings[at].observed
    if at is None or not isinstance(seen, Fraction):
        return [f"gap {node.text} → none"]
    missed = policy.clauses[at].condition
    assert isinstance(missed, tree.Compare)  # only a single comparison is missed by a distance
    gap = scalar.gap(missed, seen, example.as_of)
    return [] if reader.valued(node, values.distance, reader.text(node), missed.of) == gap else [f"gap {node.text} → {_told(gap, missed.of)}"]


def _told(gap: Fraction, of: tree.Source) -> str:
    share = of.type == "percent"
    number = gap * 100 if share else gap
    whole = number.numerator if number.denominator == 1 else round(float(number), 4)
    return f"{whole}{'%' if share else '天' if of.type == 'date' else of.fact.unit if isinstance(of, tree.Read) else ''}"
