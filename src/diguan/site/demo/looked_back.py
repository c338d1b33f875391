"""One policy looked back on: the match of the time of receipt, and the evaluation a year of sales later, so that the page has something to show."""

from __future__ import annotations

import datetime as dt

from diguan.site.demo import accounts

RECEIVED = dt.date(2026, 1, 31)
POLICY, OUTCOME, BEFORE, AFTER, LIMIT = "safe-production-2026", "revenue.sales", "2025-09", "2026-09", "clause:ten_people:0"


def prepare() -> None:
    """Match on the day of receipt and evaluate; the same inputs are the same run, so a second start makes nothing anew.

    Raises:
        Refusal: the question cannot be asked.
    """
    from diguan.policies.actions import run_match
    from diguan.policies.actions.evaluation import run_evaluation
    from diguan.policies.queries.questions import Question

    officer = accounts.known("officer")
    match = run_match(by=officer, as_of=RECEIVED)
    run_evaluation(question=Question(POLICY, OUTCOME, BEFORE, AFTER, LIMIT, "sum", match.run_id), by=officer)
