"""Evaluations: what became of those who received a policy, beside comparable ones who did not; from committed batches alone.

Whoever received is known by payments, else by an allocation, else by the match (the result says which). The fact of one threshold and
whether the other conditions held are read from what that match read; outcomes before and after from what is known now. A firm whose outcome
nobody knows is counted and left out, never taken for zero.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import diguan
from diguan.kernel import packs, periods
from diguan.kernel.facts import runs, store
from diguan.kernel.facts.runs import Run
from diguan.kernel.periods import Day
from diguan.kernel.rules import reads, runfile, scalar, standards, tree
from diguan.kernel.rules.dataset import Dataset
from diguan.kernel.rules.tree import FALSE, UNKNOWN, Compare, Policy
from diguan.policies import queries
from diguan.policies.engine import evaluation
from diguan.policies.engine.evaluation import Marks, Numbers, Refused
from diguan.policies.models import Claim
from diguan.policies.queries import allocations, simulations, sweeps
from diguan.policies.queries.claims import PAID as PAID_STAGE
from diguan.policies.queries.claims import with_stage
from diguan.policies.queries.questions import EARLIER, Asked

KIND = "evaluation"
PAID, GRANTED, ELIGIBLE = "paid", "granted", "eligible"
"""What says who received."""
STAFF, FOUNDED = "jobs.headcount", "enterprise.established"
HELD, OPEN, FAILED = "yes", "unknown", "no"
SCHEMA = pa.schema([
    ("run_id", pa.string()), ("enterprise_id", pa.string()), ("received", pa.bool_()), ("others", pa.string()), ("over", pa.bool_()), ("running", pa.string()),
    ("before", pa.string()), ("after", pa.string()), *((f"earlier_{back}", pa.string()) for back in range(1, EARLIER + 1)), ("near", pa.bool_()), ("compared", pa.bool_()),
])
"""Numbers are exact, as fractions in the fact's display unit; null is not known. ``near``: used at the threshold; ``compared``: used before and after."""


# ── who received ─────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Receivers:
    """Who received, what says so, and the allocation that does."""

    by: str
    codes: frozenset[str]
    run: str = ""


def receivers(of: Asked) -> Receivers:
    """Who was paid on a match of that year; nobody: who was granted in an allocation of it; none: who was entitled in the match."""
    year = Run.objects.filter(as_of__year=of.match.as_of.year)
    names = list(year.filter(kind=queries.KIND).values_list("run_id", flat=True))
    paid = with_stage(Claim.objects.filter(policy=of.policy.id, match__in=names)).filter(stage=PAID_STAGE)
    if codes := frozenset(paid.values_list("enterprise__uscc", flat=True)):
        return Receivers(PAID, codes)
    for run in sorted(year.filter(kind=allocations.KIND).order_by("-id")[:runs.RECENT], key=lambda row: row.inputs["match"] != of.match.run_id):
        if runs.intact(run) and (codes := _named(run, of.policy.id, "state", allocations.GRANTED)):
            return Receivers(GRANTED, codes, run.run_id)
    return Receivers(ELIGIBLE, _named(of.match, of.policy.id, "status", tree.ELIGIBLE))


def _named(run: Run, policy_id: str, column: str, value: Any) -> frozenset[str]:
    """The firms whose line under a policy says so."""
    rows = pq.read_table(run.folder / runfile.files_of(run.kind)[0], columns=["enterprise_id"], filters=[("policy_id", "=", policy_id), (column, "=", value)])
    return frozenset(rows.column("enterprise_id").to_pylist())


# ── what is known of every firm ──────────────────────────────────────────────
@dataclass(frozen=True)
class Firm:
    """One firm. ``others`` says whether every condition beside the threshold held; ``over`` whether the threshold was met."""

    code: str
    received: bool
    others: str
    over: bool | None
    running: Fraction | None
    outcomes: tuple[Fraction | None, ...]
    covariates: tuple[Fraction | None, ...]


def firms(of: Asked, got: Receivers) -> list[Firm]:
    """Every firm of the match or of those who received."""
    then, now = _then(of), _now(of)
    others = _others(of, then)
    found = []
    for code in sorted({*then.ids, *got.codes}):
        facts = then.subject_facts(code)
        over, running = _standing(of, facts)
        later = now.subject_facts(code)
        told = tuple(_number(tree.Read(of.fact, each.word, of.question.agg), later, each.as_of) for each in of.spans)
        found.append(Firm(code, code in got.codes, others.get(code, FAILED), over, running, told, tuple(_number(one, facts, of.match.as_of) for one in covariates(of))))
    return found


def _number(read: tree.Source, facts: scalar.SubjectFacts, as_of: Day) -> Fraction | None:
    seen = reads.see(read, facts, as_of)
    return seen.value if seen.state == reads.VALUE and isinstance(seen.value, Fraction) else None


def _standing(of: Asked, facts: scalar.SubjectFacts) -> tuple[bool | None, Fraction | None]:
    """Whether the threshold is met and by which value; None where nobody knows."""
    if of.knob is None or of.knob.clause is None:
        return None, None
    clause = of.policy.clauses[of.knob.clause]
    assert isinstance(clause.condition, Compare)
    running = _number(clause.condition.of, facts, of.match.as_of)
    return (None, None) if running is None else (scalar.find(clause, facts, of.match.as_of).verdict == tree.TRUE, running)


def covariates(of: Asked) -> list[tree.Read]:
    """What was settled by the day of the match and is neither threshold nor outcome: to be equal on both sides of the threshold."""
    known = packs.catalogue()
    found = [tree.Read(known[STAFF], tree.Word("all"), "latest")] if STAFF in known else []
    found += [tree.Read(known[FOUNDED])] if FOUNDED in known else []
    used = {of.fact.name, *(fact.name for fact in (of.knob.of.facts if of.knob and of.knob.of else ()))}
    return [one for one in found if one.fact.name not in used]


def _then(of: Asked) -> Dataset:
    return simulations.data_of(of.match, [of.policy, _reading(covariates(of))])


def _now(of: Asked) -> Dataset:
    return store.open_batches(runs.told(of.known), packs.catalogue(), facts=frozenset([of.fact]))


def _reading(wanted: Sequence[tree.Read]) -> Policy:
    """A policy that reads these facts, so that the dataset holds them."""
    keys = tuple(Compare(one, "exists") for one in wanted)
    return Policy("", {}, Day(2000, 1, 1), None, (tree.Clause("", tree.Cite("", "", (0, 0)), tree.All(keys)),), tree.Flat(0), "", tree.Origin("", "", ""))


def _others(of: Asked, data: Dataset) -> dict[str, str]:
    """By firm, whether what the policy asks beside the threshold held; without a threshold nobody is shut out."""
    if of.knob is None or of.knob.clause is None:
        return dict.fromkeys(data.ids, HELD)
    from diguan.kernel.rules import sets  # Ibis takes a third of a second to import

    always = replace(of.policy, in_force_from=Day.min, in_force_to=None)
    rows = sets.judge([always], data, of.match.as_of, everybody=True)[0].rows
    mask, found = ~(3 << 2 * of.knob.clause), {}
    for ent, code in zip(rows.column("ent").to_pylist(), rows.column("code").to_pylist(), strict=True):
        letters = [(code & mask) >> 2 * at & 3 for at in range(len(of.policy.clauses))]
        found[data.ids[ent]] = FAILED if FALSE in letters else OPEN if UNKNOWN in letters else HELD
    return found


# ── working it out ───────────────────────────────────────────────────────────
def manifest(of: Asked, got: Receivers) -> dict[str, Any]:
    """Everything the result depends on."""
    named = hashlib.sha256("\n".join(sorted(got.codes)).encode()).hexdigest()
    return {"kind": KIND, "match": of.match.run_id, "as_of": of.match.as_of.isoformat(), "known": of.known.run_id, "known_at": of.known.known_at.isoformat(), "code": diguan.__version__,
            "rules": runfile.fingerprint(), "engine": _fingerprint(), "statistics": {name: importlib.metadata.version(name) for name in ("numpy", "scipy", "statsmodels")},
            "data": of.known.inputs["data"], "data_then": of.match.inputs["data"], "standards": standards.digests([of.policy]), "question": {**asdict(of.question), "match": of.match.run_id},
            "digest": of.policy.digest, "meaning": standards.meaning(of.policy, packs.catalogue(), of.match.as_of), "received": {"by": got.by, "run": got.run, "firms": named},
            "outcome": [of.fact.unit, of.fact.scale, of.fact.period, list(of.fact.sources)]}


@functools.cache
def _fingerprint() -> str:
    texts = [Path(evaluation.__file__).read_bytes(), Path(__file__).read_bytes()]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()


def settle(of: Asked, got: Receivers, run_id: str) -> tuple[pa.Table, list[dict[str, Any]]]:
    """The row of every firm, and what the two methods say, or why they say nothing."""
    found = firms(of, got)
    fit = [firm.others == HELD for firm in found]
    at = _at_threshold(of, found, np.array(fit, bool))
    change = _before_and_after(of, found, np.array(fit, bool))
    near, compared = at.pop("used"), change.pop("used")
    columns = {
        "run_id": [run_id] * len(found), "enterprise_id": [one.code for one in found], "received": [one.received for one in found], "others": [one.others for one in found],
        "over": [one.over for one in found], "running": [_text(one.running) for one in found], "before": [_text(one.outcomes[-2]) for one in found], "after": [_text(one.outcomes[-1]) for one in found],
        **{f"earlier_{back}": [_text(one.outcomes[-2 - back]) for one in found] for back in range(1, EARLIER + 1)}, "near": list(near), "compared": list(compared)}
    return pa.table(columns, schema=SCHEMA), [{"method": "counts", **_counts(found)}, {"method": "threshold", **at}, {"method": "change", **change}]


def _text(value: Fraction | None) -> str | None:
    return None if value is None else str(value)


def _counts(found: Sequence[Firm]) -> dict[str, Any]:
    """How many firms there are, how many of them fit for a comparison, and of how many the outcome is known, by group."""
    fit = [one for one in found if one.others == HELD]
    groups = {name: [one for one in fit if one.received is received] for name, received in (("received", True), ("others", False))}
    return {"firms": len(found), "shut_out": sum(one.others == FAILED for one in found), "open": sum(one.others == OPEN for one in found),
            "groups": {name: {"firms": len(group), "before": sum(one.outcomes[-2] is not None for one in group), "after": sum(one.outcomes[-1] is not None for one in group),
                              "both": sum(None not in one.outcomes[-2:] for one in group)} for name, group in groups.items()}}


def _floats(values: Sequence[Fraction | None]) -> Numbers:
    return np.array([np.nan if value is None else float(value) for value in values], np.float64)


def _at_threshold(of: Asked, found: Sequence[Firm], fit: Marks) -> dict[str, Any]:
    """The jump at the threshold as plain values."""
    nobody = np.zeros(len(found), bool)
    if of.knob is None or not isinstance(of.knob.value, Fraction):
        return {"refused": "no_limit", "left": 0, "right": 0, "used": nobody}
    used = [at for at, one in enumerate(found) if fit[at] and one.running is not None]
    chosen, limit = [found[at] for at in used], of.knob.value
    distance = _floats([one.running - limit for one in chosen if one.running is not None])
    over, received = np.array([bool(one.over) for one in chosen], bool), np.array([one.received for one in chosen], bool)
    balance = {"before": _floats([one.outcomes[-2] for one in chosen])}
    balance |= {read.fact.name: _floats([one.covariates[at] for one in chosen]) for at, read in enumerate(covariates(of))}
    told = {"limit": str(limit), "unknown": int(fit.sum()) - len(used)}
    try:
        answer = evaluation.discontinuity(distance, _floats([one.outcomes[-1] for one in chosen]), over, received, balance)
    except Refused as refused:
        return {**told, "refused": refused.code, "left": refused.left, "right": refused.right, "used": nobody}
    near = nobody.copy()
    near[[at for at, one, away in zip(used, chosen, np.abs(distance), strict=True) if away < answer.bandwidth and one.outcomes[-1] is not None]] = True
    rivals = _rivals(of, answer.bandwidth)
    doubts = [*answer.warnings, *_doubts_of(of), *(["other_policies"] if rivals else [])]
    plain = {**asdict(answer), "sensitivity": _pairs(answer.sensitivity), "placebos": _pairs(answer.placebos), "balance": _pairs(answer.balance), "bins": [asdict(one) for one in answer.bins]}
    return {**told, "refused": "", **plain, "warnings": doubts, "rivals": rivals, "sharp": answer.sharp, "used": near}


def _pairs(found: Mapping[Any, Any]) -> list[list[Any]]:
    return [[key, None if one is None else asdict(one)] for key, one in found.items()]


def _before_and_after(of: Asked, found: Sequence[Firm], fit: Marks) -> dict[str, Any]:
    """The difference in changes as plain values."""
    nobody = np.zeros(len(found), bool)
    chosen = [one for one, fits in zip(found, fit, strict=True) if fits]
    received = np.array([one.received for one in chosen], bool)
    told = {"periods": [each.text for each in of.spans]}
    try:
        answer = evaluation.change([_floats([one.outcomes[at] for one in chosen]) for at in range(len(of.spans))], received)
    except Refused as refused:
        return {**told, "refused": refused.code, "left": refused.left, "right": refused.right, "used": nobody}
    compared = fit & np.array([None not in one.outcomes[-2:] for one in found], bool)
    same = of.knob is not None and of.knob.of is not None and of.fact.name in {fact.name for fact in of.knob.of.facts}
    return {**told, "refused": "", **asdict(answer), "warnings": [*answer.warnings, *_doubts_of(of), *(["same_fact"] if same else [])], "used": compared}


def _doubts_of(of: Asked) -> list[str]:
    """What the question itself makes doubtful."""
    found = {"straddles": of.after.start <= of.match.as_of, "before_late": of.before.end > of.match.as_of, "early": of.after.end < periods.add_months(of.match.as_of, 12),
             "text_changed": of.match.inputs["policies"].get(of.policy.id) != of.policy.digest}
    return [code for code, holds in found.items() if holds]


def _rivals(of: Asked, bandwidth: float) -> list[dict[str, str]]:
    """Other policies of the library with a threshold of the same fact within the bandwidth: what they give mixes in."""
    assert of.knob is not None
    assert of.knob.of is not None
    mine, limit = {fact.name for fact in of.knob.of.facts}, of.knob.value
    assert isinstance(limit, Fraction)
    return [{"policy": policy.id, "limit": knob.path, "value": str(knob.value)}
            for _id, policy in sorted(queries.library().policies.items()) if policy.id != of.policy.id for knob in sweeps.sweepable(policy)
            if knob.of is not None and {fact.name for fact in knob.of.facts} == mine and isinstance(knob.value, Fraction) and abs(float(knob.value - limit)) < bandwidth]

