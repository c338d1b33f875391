"""The question of an evaluation: a policy, an outcome before and after, a threshold, the match whose receivers are looked at."""

from __future__ import annotations

from dataclasses import dataclass

from diguan.kernel import packs, periods
from diguan.kernel.catalogue import FactSpec
from diguan.kernel.facts import runs
from diguan.kernel.facts.runs import Run
from diguan.kernel.periods import Day
from diguan.kernel.rules import tree
from diguan.kernel.rules.tree import Policy
from diguan.policies import queries
from diguan.policies.engine.scenarios import Knob
from diguan.policies.queries import sweeps

EVALUATE = "policies.evaluate"
AGGREGATIONS = ("sum", "latest")
EARLIER = 2
"""So many years before the one before are looked at, whether the two groups moved alike."""


@dataclass(frozen=True)
class Question:
    """What is asked. ``limit`` is the path of the threshold; empty asks for before and after alone. ``match``: whose receivers; empty for the one that fits."""

    policy: str
    fact: str
    before: str
    after: str
    limit: str = ""
    agg: str = "sum"
    match: str = ""


class BadQuestion(ValueError):
    """A question that cannot be asked: the field, a code and what was given."""

    def __init__(self, field: str, code: str, given: str = "") -> None:
        self.field, self.code, self.given = field, code, given
        super().__init__(f"{field}: {code} {given}")


@dataclass(frozen=True)
class Span:
    """Days over which an outcome is read: a year, a quarter, or the twelve months that end with a month."""

    text: str
    start: Day
    end: Day
    word: tree.Word
    as_of: Day


def span(text: str) -> Span:
    """A span by its text.

    >>> [(one.start.isoformat(), one.end.isoformat()) for one in (span("2025"), span("2025-Q3"), span("2025-09"))]
    [('2025-01-01', '2025-12-31'), ('2025-07-01', '2025-09-30'), ('2024-10-01', '2025-09-30')]

    Raises:
        periods.PeriodError: the text is none.
    """
    found = periods.parse(text.strip())
    if found.kind == "year":
        return Span(found.text, found.start, found.end, tree.Word("year"), found.end)
    if found.kind == "quarter":
        return Span(found.text, found.start, found.end, tree.Word("previous_quarter"), periods.next_day(found.end))
    if found.kind == "month":
        return Span(found.text, periods.add_months(periods.next_day(found.end), -12), found.end, tree.Word("last_12_months"), found.end)
    raise periods.PeriodError(text)


def earlier(of: Span, years: int) -> Span:
    """The same span some years before."""
    now = periods.parse(of.text)
    return span(periods.of_day(periods.add_months(now.start, -12 * years), now.kind).text)


@dataclass(frozen=True)
class Asked:
    """A question that can be asked, with everything it names."""

    question: Question
    policy: Policy
    knob: Knob | None
    fact: FactSpec
    before: Span
    after: Span
    match: Run
    known: Run

    @property
    def spans(self) -> tuple[Span, ...]:
        """The earlier ones first; before and after last."""
        return (*(earlier(self.before, back) for back in range(EARLIER, 0, -1)), self.before, self.after)


def outcomes() -> list[FactSpec]:
    """The facts that can be an outcome: numbers with a period."""
    return [fact for fact in packs.catalogue().values() if fact.numeric and fact.period != "none" and fact.subject == "enterprise"]


def matches() -> list[Run]:
    """The matches whose receivers can be looked at, newest day first."""
    rows = Run.objects.filter(kind=queries.KIND).order_by("-as_of", "-known_at", "-id")[:200]
    days: dict[Day, Run] = {}
    for row in rows:
        if row.as_of not in days and runs.intact(row):
            days[row.as_of] = row
    return list(days.values())[:24]


def asked(question: Question) -> Asked:
    """The question with what it names.

    Raises:
        BadQuestion: something it names is not there or does not fit.
    """
    policy = queries.library().policies.get(question.policy)
    if policy is None:
        raise BadQuestion("policy", "no_policy", question.policy)
    knob = next((one for one in sweeps.sweepable(policy) if one.path == question.limit), None)
    if question.limit and knob is None:
        raise BadQuestion("limit", "no_limit", question.limit)
    fact = _fact(question)
    before, after = _spans(question, fact)
    match, known = _match(question, policy, after), queries.current_run()
    if known is None:
        raise BadQuestion("match", "no_match")
    if after.end <= match.as_of:
        raise BadQuestion("after", "not_after", match.as_of.isoformat())
    if after.end > known.as_of:
        raise BadQuestion("after", "not_over", known.as_of.isoformat())
    return Asked(question, policy, knob, fact, before, after, match, known)


def _fact(question: Question) -> FactSpec:
    if question.agg not in AGGREGATIONS:
        raise BadQuestion("agg", "no_agg", question.agg)
    fact = next((one for one in outcomes() if one.name == question.fact), None)
    if fact is None:
        raise BadQuestion("fact", "no_fact", question.fact)
    return fact


def _spans(question: Question, fact: FactSpec) -> tuple[Span, Span]:
    before, after = (_span(name, getattr(question, name), fact) for name in ("before", "after"))
    if periods.parse(before.text).kind != periods.parse(after.text).kind:
        raise BadQuestion("after", "unlike", question.after)
    if before.end >= after.start:
        raise BadQuestion("after", "overlap", question.after)
    return before, after


def _span(field: str, text: str, fact: FactSpec) -> Span:
    try:
        found = span(text)
    except periods.PeriodError as error:
        raise BadQuestion(field, "no_period", text) from error
    if periods.of_day(found.end, fact.period).end != found.end or (fact.period == "year" and found.word.name == "previous_quarter"):
        raise BadQuestion(field, "cuts", text)
    return found


def _match(question: Question, policy: Policy, after: Span) -> Run:
    if question.match:
        found = runs.whole(queries.KIND, question.match)
    else:
        known = [row for row in matches() if policy.id in row.inputs["policies"]]
        found = next((row for row in known if row.as_of < after.start), known[-1] if known else None)
    if found is None:
        raise BadQuestion("match", "no_match", question.match)
    if policy.id not in found.inputs["policies"]:
        raise BadQuestion("match", "not_in_match", question.match)
    return found
