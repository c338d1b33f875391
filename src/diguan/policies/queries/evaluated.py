"""Reads of finished evaluations: what they say, how sure it is, and the firms behind every number."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from diguan.enterprises.models import Enterprise
from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.facts import runs
from diguan.kernel.facts.runs import Run
from diguan.kernel.rules import runfile
from diguan.policies import queries
from diguan.policies.queries.evaluations import HELD, KIND
from diguan.policies.queries.questions import EVALUATE, Question

FACTS = "facts.view_fact"
NEAR_LEFT, NEAR_RIGHT, RECEIVED, OTHERS, LOST = "near-left", "near-right", "received", "others", "lost"
GROUPS = (NEAR_LEFT, NEAR_RIGHT, RECEIVED, OTHERS, LOST)
"""The firms behind the numbers: at the threshold on either side; before and after in either group; those whose outcome nobody knows."""
REFUSED, DOUBT, OPEN, SHOWN = "refused", "doubt", "open", "shown"
"""What may be said: nothing; a difference whose cause is open, for a check failed; that nothing was shown; a difference that the checks leave standing."""
BREAKS = {
    "threshold": frozenset({"bunching", "placebo", "no_placebo", "unbalanced", "no_balance", "attrition", "unstable", "other_policies", "straddles", "before_late", "few_values"}),
    "change": frozenset({"pretrend", "no_pretrend", "attrition", "one_firm", "straddles", "before_late", "same_fact"}),
}
"""The doubts after which nothing is said about the cause."""


@dataclass(frozen=True)
class Line:
    """One firm of an evaluation; numbers in the fact's display unit, None where nobody knows."""

    enterprise: Enterprise
    received: bool
    over: bool | None
    running: Fraction | None
    before: Fraction | None
    after: Fraction | None


def find(person: Person, run_id: str) -> Run | None:
    """One intact evaluation.

    Raises:
        Forbidden: the person may not evaluate.
    """
    access.require(person, EVALUATE)
    return runs.whole(KIND, run_id)


def recent(person: Person) -> list[Run]:
    """The last intact evaluations, newest first.

    Raises:
        Forbidden: the person may not evaluate.
    """
    access.require(person, EVALUATE)
    return runs.newest(KIND, 50)


def question_of(run: Run) -> Question:
    """What was asked."""
    return Question(**run.inputs["question"])


def told(run: Run) -> Mapping[str, Mapping[str, Any]]:
    """By ``counts``, ``threshold`` and ``change`` what it found."""
    return _told(run.folder, run.result_sha256)


@functools.lru_cache(maxsize=16)
def _told(folder: Path, _sha256: str) -> Mapping[str, Mapping[str, Any]]:
    document = json.loads((folder / runfile.RUN).read_text("utf-8"))
    return {line.pop("method"): line for line in document["totals"]}


def level(method: str, found: Mapping[str, Any]) -> str:
    """How much may be said of one method's result: the least of what the interval and the checks allow."""
    if found["refused"]:
        return REFUSED
    effect = found["effect"]
    if effect["low"] <= 0 <= effect["high"]:
        return OPEN
    return DOUBT if BREAKS[method] & set(found["warnings"]) else SHOWN


def may_list(person: Person) -> bool:
    """Whether the person may see which firms a figure counts, and what was reported of them."""
    return all(access.scope(person, right) is access.Scope.COUNTY for right in (queries.ENTITLEMENT, FACTS))


def lines(person: Person, run: Run, group: str) -> list[Line]:
    """The firms behind a number whom the person may see, by name.

    Raises:
        Forbidden: the person may not evaluate, or see neither who is entitled nor what was reported.
    """
    rows = {row["enterprise_id"]: row for row in _rows(run.folder, run.result_sha256) if _in(group, row)}
    return [Line(firm, row["received"], row["over"], *(_number(row[name]) for name in ("running", "before", "after"))) for firm in _firms(person, rows) for row in [rows[firm.uscc]]]


def _in(group: str, row: Mapping[str, Any]) -> bool:
    if group in (NEAR_LEFT, NEAR_RIGHT):
        return bool(row["near"] and row["over"] is (group == NEAR_RIGHT))
    if group == LOST:
        return bool(row["others"] == HELD and (row["before"] is None or row["after"] is None))
    return bool(row["compared"] and row["received"] is (group == RECEIVED))


def _number(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


@functools.lru_cache(maxsize=4)
def _rows(folder: Path, _sha256: str) -> list[dict[str, Any]]:
    return list(pq.read_table(folder / runfile.files_of(KIND)[0]).to_pylist())


def _firms(person: Person, codes: Mapping[str, Any]) -> Iterator[Enterprise]:
    access.require(person, EVALUATE)
    access.require(person, FACTS)
    queries.require_county(person)
    return iter(queries.visible_firms(person, codes).order_by("name_key", "pk"))
