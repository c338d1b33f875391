"""What to ask of whom, so that undecided enterprises can be decided: the smallest set of facts of each, by addressee."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from diguan.kernel.catalogue import FactSpec
from diguan.kernel.facts.requests.queries import About, Question, addressees, may_be_told
from diguan.kernel.packs import SELF
from diguan.kernel.rules import asking, scalar, standards, tree
from diguan.kernel.rules.tree import Policy
from diguan.policies import queries
from diguan.policies.queries import Judged
from diguan.policies.queries.members import Line

KIND = "policy"


def about(policy: Policy) -> About:
    """What a request names as its reason."""
    return About(KIND, policy.id, policy.label())


def missing(judged: Judged) -> list[asking.Missing]:
    """The fewest facts that could settle it, each with the periods nobody has told us of.

    What a national standard tells nobody delivers: asked is what the standard lacks.
    """
    found: dict[str, asking.Missing] = {}
    for fact in asking.missing(judged.policy, judged.verdict, judged.facts, judged.as_of):
        for each in _behind(fact.fact, judged) if fact.fact.by_standard else (fact,):
            before = found.get(each.fact.name)
            spans = {*each.periods, *(before.periods if before else ())}
            clauses = dict.fromkeys((*(before.clauses if before else ()), *fact.clauses))
            found[each.fact.name] = asking.Missing(each.fact, tuple(sorted(spans)), tuple(clauses))
    return list(found.values())


def _behind(fact: FactSpec, judged: Judged) -> Sequence[asking.Missing]:
    """The fewest facts with which a standard could tell this one: those of the first class that is neither held nor failed."""
    standard = next((each for each in standards.known() if each.fact.name == fact.name), None)
    version = standard.on(judged.as_of) if standard else None
    for _value, rule in version.rules if version else ():
        verdict = scalar.judge(rule, judged.facts, judged.as_of)
        if verdict.status == tree.UNDECIDED:
            return asking.missing(rule, verdict, judged.facts, judged.as_of)
    return ()


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
