"""What to ask of whom, so that undecided enterprises can be decided: the smallest set of facts of each, by addressee."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from diguan.kernel.facts.requests.queries import About, Question, addressees, may_be_told
from diguan.kernel.packs import SELF
from diguan.kernel.rules import asking
from diguan.kernel.rules.tree import Policy
from diguan.policies import queries
from diguan.policies.queries import Judged, Line

KIND = "policy"


def about(policy: Policy) -> About:
    """What a request names as its reason."""
    return About(KIND, policy.id, policy.label())


def missing(judged: Judged) -> list[asking.Missing]:
    """The fewest facts that could settle it, each with the periods nobody has told us of."""
    return asking.missing(judged.policy, judged.verdict, judged.facts, judged.as_of)


def questions(lines: Iterable[Line]) -> Mapping[str, list[Question]]:
    """By addressee what would decide these enterprises: bureaus first, the enterprises themselves last."""
    found: dict[str, list[Question]] = {}
    for line in lines:
        if line.judged is None or line.judged.group != queries.UNKNOWN:
            continue
        for fact in missing(line.judged):
            why = "、".join(clause.cite.article for clause in fact.clauses)
            asked = [Question(line.enterprise.uscc, line.enterprise.name, fact.fact.name, period.text, why) for period in fact.periods]
            for addressee in addressees(fact.fact):
                if addressee != SELF or may_be_told(fact.fact):
                    found.setdefault(addressee, []).extend(asked)
    return dict(sorted(found.items(), key=lambda each: (each[0] == SELF, each[0])))


def own_answers(judged: Judged) -> list[tuple[str, str]]:
    """Of what is missing, what the enterprise may tell itself: fact and period."""
    return [(fact.fact.name, period.text) for fact in missing(judged) if may_be_told(fact.fact) for period in fact.periods]
