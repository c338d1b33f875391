"""A naive judge: the sentences of the rules' semantics, written down one by one.

It shares no code with the engine and does nothing cleverly: every leaf walks the rows again, all
arithmetic is in fractions. When it and the engine disagree, read the sentence and see who is right.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests.conformance.plain import Day, Row, Spec, Subject, Window, quantity, rate_of, threshold, window

SYNONYMS = {"≠": "!=", "≤": "<=", "≥": ">="}
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
ORDERED = ("<", "<=", ">", ">=", "between")


# ---- results of aggregation -------------------------------------------------------------------

@dataclass(frozen=True)
class Result:
    """``state``: value, absent, unknown, refused (false whatever the operator), or what a known
    part bounds: from (at least ``value``), max, min."""

    state: str
    value: Any = None


def aggregate(subject: Subject, fact: str, word: str, agg: str, as_of: Day) -> Result:
    """The result of one aggregation, or what is known of it."""
    spec = subject.facts[fact]
    within = window(word, spec["period"], as_of)
    rows = subject.known(fact, within, as_of)
    values = [row.value for row in rows if row.value is not None]
    full = subject.covered(fact, within, as_of)
    if agg == "latest":
        return latest(subject, fact, within, rows, as_of)
    if agg == "growth":
        return growth(subject, fact, within, as_of)
    if agg in ("sum", "count"):
        amount = sum(values, Fraction(0)) if agg == "sum" else Fraction(len(values))
        if full:
            return Result("value", amount)
        bounded = agg == "count" or spec["non_negative"] == "true"
        return Result("from", amount) if bounded else Result("unknown")
    if not values:
        return Result("absent" if full else "unknown")
    extreme = max(values) if agg == "max" else min(values)
    return Result("value" if full else agg, extreme)


def latest(subject: Subject, fact: str, within: Window, rows: list[Row], as_of: Day) -> Result:
    if not rows:
        return Result("absent" if subject.touched(fact, within, as_of) else "unknown")
    end = max(row.span[1] for row in rows)
    last = [row.value for row in rows if row.span[1] == end]
    return Result("absent") if None in last else Result("value", max(last))


def growth(subject: Subject, fact: str, within: Window, as_of: Day) -> Result:
    """In per cent, against the same whole periods one year earlier."""
    before = within.year_earlier()
    old, new = (sum((row.value for row in subject.known(fact, one, as_of) if row.value is not None), Fraction(0))
                for one in (before, within))
    if subject.covered(fact, before, as_of):
        if old <= 0:
            return Result("refused")
        if subject.covered(fact, within, as_of):
            return Result("value", (new - old) * 100 / old)
    return Result("unknown")


def ratio(subject: Subject, facts: list[str], word: str, as_of: Day) -> Result:
    sides = [aggregate(subject, fact, word, "sum", as_of) for fact in facts]
    if sides[1].state == "value" and sides[1].value <= 0:
        return Result("refused")
    if any(side.state != "value" for side in sides):
        return Result("unknown")
    return Result("value", sides[0].value / sides[1].value)


def resolve(subject: Subject, leaf: dict[str, Any], as_of: Day) -> Result:
    """What a leaf (or a benefit's base) looks at."""
    if "ratio" in leaf:
        return ratio(subject, leaf["ratio"], leaf["over"], as_of)
    if subject.facts[leaf["fact"]]["period"] == "none":
        if leaf["fact"] not in subject.attributes:
            return Result("unknown")
        value = subject.attributes[leaf["fact"]]
        return Result("absent") if value is None else Result("value", value)
    over, agg = leaf["over"], leaf.get("agg")
    if over == "latest":
        over, agg = "all", "latest"
    return aggregate(subject, leaf["fact"], over, str(agg), as_of)


# ---- judging ----------------------------------------------------------------------------------

def exists(subject: Subject, leaf: dict[str, Any], as_of: Day) -> str:
    spec = subject.facts[leaf["fact"]]
    agg = "latest" if leaf.get("over") == "latest" else leaf.get("agg")
    if spec["period"] == "none" or agg in ("latest", "growth"):
        return {"value": "T", "unknown": "U"}.get(resolve(subject, leaf, as_of).state, "F")
    within = window(leaf["over"], spec["period"], as_of)
    some = any(row.value is not None for row in subject.known(leaf["fact"], within, as_of))
    if some:
        return "T"
    if not subject.covered(leaf["fact"], within, as_of):
        return "U"
    return "T" if agg in ("sum", "count") else "F"


def limits(leaf: dict[str, Any], facts: dict[str, Spec], as_of: Day) -> list[Any]:
    """The values a leaf compares with, one or several."""
    values = leaf["value"] if isinstance(leaf["value"], list) else [leaf["value"]]
    if "ratio" in leaf:
        return [rate_of(one) for one in values]
    if leaf.get("agg") in ("count", "growth"):
        return [quantity(one)[0] for one in values]
    return [threshold(facts[leaf["fact"]], one, as_of) for one in values]


def holds(op: str, value: Any, against: list[Any]) -> bool:
    if op == "in":
        return value in against
    if op == "starts_with":
        return any(value.startswith(prefix) for prefix in against)
    if op == "between":
        return bool(against[0] <= value <= against[1])
    return COMPARE[op](value, against[0])


def compare(op: str, result: Result, against: list[Any]) -> str:
    if result.state == "value":
        return "T" if holds(op, result.value, against) else "F"
    if result.state in ("absent", "refused"):
        return "F"
    if result.state == "from":
        return known_part(op, result.value, against)
    if result.state == "max" and op in (">=", ">", "<", "<="):
        settled = holds(">=" if op in (">=", "<") else ">", result.value, against)
        return ("T" if op in (">=", ">") else "F") if settled else "U"
    if result.state == "min" and op in (">=", ">", "<", "<="):
        settled = holds("<=" if op in ("<=", ">") else "<", result.value, against)
        return ("T" if op in ("<=", "<") else "F") if settled else "U"
    return "U"


def known_part(op: str, part: Fraction, against: list[Any]) -> str:
    """The whole is ``part`` or more: is the answer the same for all of those?"""
    samples = [part, *(one for one in against if one >= part), max(part, *against) + 1]
    samples += [one + Fraction(1, 10**9) for one in list(samples)]
    answers = {holds(op, one, against) for one in samples}
    return "U" if len(answers) == 2 else "T" if True in answers else "F"


def judge_when(subject: Subject, when: Any, as_of: Day) -> str:
    """Kleene: a list is "all"; any and not nest."""
    if isinstance(when, list):
        when = {"all": when}
    if "not" in when:
        return {"T": "F", "F": "T", "U": "U"}[judge_when(subject, when["not"], as_of)]
    for word, decisive in (("any", "T"), ("all", "F")):
        if word in when:
            inner = {judge_when(subject, one, as_of) for one in when[word]}
            return decisive if decisive in inner else "U" if "U" in inner else "F" if decisive == "T" else "T"
    op = SYNONYMS.get(when["op"], when["op"])
    if op == "exists":
        return exists(subject, when, as_of)
    return compare(op, resolve(subject, when, as_of), limits(when, subject.facts, as_of))


def gap_of(subject: Subject, when: Any, as_of: Day) -> Fraction | None:
    """How far a single ordered comparison is from holding; None where nothing was observed."""
    if not isinstance(when, dict) or SYNONYMS.get(when.get("op"), when.get("op")) not in ORDERED:
        return None
    result = resolve(subject, when, as_of)
    if result.state != "value":
        return None
    return Fraction(min(abs(result.value - one) for one in limits(when, subject.facts, as_of)))


@dataclass(frozen=True)
class Judgement:
    status: int  # 1 eligible, 0 ineligible, 2 unknown
    letters: str
    amount: int | None
    amount_unknown: bool
    near_miss: bool
    gap: Fraction | None

    @property
    def cell(self) -> str:
        money = "?" if self.amount_unknown else "-" if self.amount is None else str(self.amount)
        return f"{self.status} {self.letters} {money}"


def judge(policy: dict[str, Any], subject: Subject, as_of: Day) -> Judgement:
    letters = ""
    for clause in policy["clauses"]:
        letter = judge_when(subject, clause["when"], as_of)
        letters += "F" if letter == "U" and clause.get("on_missing") == "fail" else letter
    status = 0 if "F" in letters else 2 if "U" in letters else 1
    amount = benefit(policy["benefit"], subject, as_of) if status else None
    gap = None
    if letters.count("F") == 1 and "U" not in letters:
        gap = gap_of(subject, policy["clauses"][letters.index("F")]["when"], as_of)
    return Judgement(status, letters, amount, bool(status) and amount is None, gap is not None, gap)


def benefit(spec: dict[str, Any], subject: Subject, as_of: Day) -> int | None:
    """Rate, then cap, then rounding; None where the base is not known."""
    if spec["kind"] == "flat":
        worth = quantity(spec["amount"])[0] * 100
    else:
        result = resolve(subject, spec["of"], as_of)
        if result.state not in ("value", "absent"):
            return None
        base = result.value if result.state == "value" else Fraction(0)
        worth = base * rate_of(spec["rate"]) if spec["kind"] == "rate" else step(spec, subject.facts, base, as_of)
    if "cap" in spec:
        worth = min(worth, quantity(spec["cap"])[0] * 100)
    return rounded(max(worth, Fraction(0)), spec.get("rounding", "down_to_fen"))


def step(spec: dict[str, Any], facts: dict[str, Spec], base: Fraction, as_of: Day) -> Fraction:
    """The highest step reached counts for the whole base; below the lowest 0."""
    reached = []
    for one in spec["tiers"]:
        from_ = limits({**spec["of"], "value": one["at_least"]}, facts, as_of)[0]
        if base >= from_:
            reached.append((from_, one))
    if not reached:
        return Fraction(0)
    best = max(reached, key=lambda pair: pair[0])[1]
    return quantity(best["amount"])[0] * 100 if "amount" in best else base * rate_of(best["rate"])


def rounded(fen: Fraction, how: str) -> int:
    step_ = 100 if how.endswith("yuan") else 1
    whole, rest = divmod(fen, step_)
    up = (how.startswith("up") and rest > 0) or (how.startswith("half_up") and rest * 2 >= step_)
    return int(whole + up) * step_


def in_force(policy: dict[str, Any], as_of: Day) -> bool:
    span = policy["in_force"]
    return bool(as_of >= span["from"] and ("to" not in span or span["to"] is None or as_of <= span["to"]))


def totals(judged: Iterable[Judgement]) -> dict[str, int]:
    """One policy's line of totals; money counts eligible only."""
    judged = list(judged)
    entitled = [one for one in judged if one.status == 1]
    return {
        "eligible": len(entitled),
        "ineligible": sum(one.status == 0 for one in judged),
        "unknown": sum(one.status == 2 for one in judged),
        "near_miss": sum(one.near_miss for one in judged),
        "amount_fen": sum(one.amount or 0 for one in entitled),
        "amount_unknown": sum(one.amount_unknown for one in entitled),
    }
