"""What a match may keep of the one before: the policies whose text, standards, facts and enterprises are the same on the same day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import diguan
from diguan.kernel.facts import runs, touched
from diguan.kernel.facts.models import Batch
from diguan.kernel.facts.runs import Run
from diguan.kernel.periods import Day
from diguan.kernel.rules import runfile, standards
from diguan.kernel.rules.tree import Policy
from diguan.policies import queries


@dataclass(frozen=True)
class Reuse:
    """An earlier run and the policies whose rows and totals it may lend."""

    run: Run
    policies: tuple[str, ...]

    def judged_in(self, policy_id: str) -> str:
        """The run in which a policy was judged: the earlier one may itself have kept it."""
        return str(self.run.inputs.get("reused", {}).get(policy_id, self.run.run_id))


def reusable(policies: Iterable[Policy], told: Sequence[Batch], as_of: Day) -> Reuse | None:
    """What may be kept of the last whole match of this day by this program; None where nothing may.

    A policy is kept if its text, the standards it reads and the catalogue's understanding of its facts are those of then,
    no batch that is new or gone tells or covers a fact it reads (by itself or through a standard), the register's export says the
    same of the attributes it reads, and the enterprises judged are the same.
    """
    run = _before(as_of)
    if run is None:
        return None
    news = touched.between(runs.told(run), told)
    same = [] if news.subjects else [policy.id for policy in policies if _same(run, policy, news.facts)]
    return Reuse(run, tuple(sorted(same))) if same else None


def _before(as_of: Day) -> Run | None:
    rows = Run.objects.filter(kind=queries.KIND, as_of=as_of).order_by("-id")[:runs.RECENT]
    return next((run for run in rows if _fits(run) and runs.intact(run)), None)


def _fits(run: Run) -> bool:
    """Whether this very program judged it; runs of before name one meaning of all facts together."""
    return (run.inputs["code"], run.inputs.get("rules")) == (diguan.__version__, runfile.fingerprint()) and not isinstance(run.inputs["facts"], str)


def _same(run: Run, policy: Policy, news: frozenset[str]) -> bool:
    read = {fact.name for fact in standards.read_by([policy], run.as_of)}
    return queries.judged_alike(run, policy) and not read & news
