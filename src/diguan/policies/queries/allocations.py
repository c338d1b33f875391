"""Allocations: what a match leaves to be settled, how a line is ordered, and what a finished allocation says."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

import diguan
from diguan.enterprises.models import Enterprise
from diguan.enterprises.queries import visible_enterprises
from diguan.kernel import access, packs
from diguan.kernel.access.models import Person
from diguan.kernel.facts import runs, store
from diguan.kernel.facts.runs import Run
from diguan.kernel.rules import reads, runfile, standards, tree
from diguan.kernel.rules.tree import Policy
from diguan.policies import queries
from diguan.policies.engine import allocation
from diguan.policies.engine.allocation import Claim, Fund, Outcome
from diguan.policies.models import Claim as ClaimRow
from diguan.policies.queries import life

KIND = "allocation"
VIEW = "policies.view_allocation"
CHANGED, NOT_IN_FORCE, UNPUBLISHABLE, BARRED = "changed", "not_in_force", "unpublishable", "barred"
"""Why a policy of the match is left out: its text or the meaning of a fact is another by now; its days; it may not be published; its life bars it."""
GRANTED, WAITLISTED, DISPLACED, UNDECIDED, NOTHING = allocation.STATES.values()
SCHEMA = pa.schema([
    ("run_id", pa.string()), ("policy_id", pa.string()), ("policy_version", pa.string()), ("enterprise_id", pa.string()), ("state", pa.string()),
    ("reason", pa.string()), ("amount_fen", pa.int64()), ("granted_fen", pa.int64()), ("place", pa.int64()), ("other_policy_id", pa.string()),
    ("order_values", pa.list_(pa.string())), ("in_match", pa.bool_()),
])
"""``order_values``: what the firm's place in the line rests on, exactly, key by key; null is not known."""


@dataclass(frozen=True)
class Basis:
    """A match, the policies an allocation of it settles by id, and those left out with the reason."""

    run: Run
    policies: Mapping[str, Policy]
    left_out: Mapping[str, str]


@dataclass(frozen=True)
class Settled:
    """One policy of an allocation. ``left_fen`` is what nobody gets; None where there is no budget. ``left_out`` says why it was not settled."""

    id: str
    version: str
    budget_fen: int | None
    places: int | None
    prorate: bool
    granted: int
    granted_fen: int
    kept: int
    kept_fen: int
    waitlisted: int
    waitlisted_fen: int
    displaced: int
    undecided: int
    nothing: int
    left_out: str = ""

    @property
    def left_fen(self) -> int | None:
        return None if self.budget_fen is None else self.budget_fen - self.granted_fen


def basis(run: Run) -> Basis:
    """What may be settled of a match: the texts that it judged and that still stand, are in force and may be published."""
    known, kept, out, lives = queries.library().policies, {}, {}, life.stands()
    for name in sorted(run.inputs["policies"]):
        policy = known.get(name)
        why = CHANGED if policy is None or not queries.judged_alike(run, policy) else _barred(policy, run, lives)
        if why or policy is None:
            out[name] = why
        else:
            kept[name] = policy
    return Basis(run, kept, out)


def _barred(policy: Policy, run: Run, lives: Mapping[str, life.Stand]) -> str:
    if not policy.in_force(run.as_of):
        return NOT_IN_FORCE
    if not policy.publishable:
        return UNPUBLISHABLE
    return BARRED if life.barred(policy, lives) else ""


def manifest(of: Basis, after: Run | None) -> dict[str, Any]:
    """Everything the result depends on."""
    ordered = [_line_reads(policy) for policy in _ordered(of)]
    return {"kind": KIND, "match": of.run.run_id, "match_sha256": of.run.result_sha256, "as_of": of.run.as_of.isoformat(), "known_at": of.run.known_at.isoformat(),
            "code": diguan.__version__, "rules": runfile.fingerprint(), "engine": _fingerprint(), "policies": {name: policy.digest for name, policy in of.policies.items()},
            "order": {policy.id: standards.meaning(policy, packs.catalogue(), of.run.as_of) for policy in ordered}, "standards": standards.digests(ordered),
            "left_out": dict(of.left_out), "after": None if after is None else {"run": after.run_id, "sha256": after.result_sha256}}


@functools.cache
def _fingerprint() -> str:
    texts = [Path(allocation.__file__).read_bytes(), Path(__file__).read_bytes()]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()


def _ordered(of: Basis) -> list[Policy]:
    return [policy for policy in of.policies.values() if policy.budget and policy.budget.order]


def _line_reads(policy: Policy) -> Policy:
    """A policy that reads what orders the line, and nothing else."""
    assert policy.budget is not None
    keys = tuple(tree.Compare(key.of, "exists") for key in policy.budget.order)
    return replace(policy, clauses=(tree.Clause("order", tree.Cite("", "", (0, 0)), tree.All(keys)),), benefit=tree.Flat(0))


# ── working it out ───────────────────────────────────────────────────────────
Pair = tuple[str, str]


def settle(of: Basis, run_id: str, after: Run | None) -> tuple[pa.Table, list[Settled]]:
    """Rows and totals of an allocation, in the order of policies and enterprises.

    Raises:
        allocation.BelowGranted: a budget is below what the allocation before has granted.
    """
    told, kept = _told(of), granted_in(after) if after else {}
    values = _order_values(of, told)
    keys = _places(of, values)
    claims = [Claim(uscc, name, fen, status == tree.ELIGIBLE, keys.get((name, uscc), ()), kept.get((name, uscc))) for name, uscc, status, fen in told]
    seen = {(name, uscc) for name, uscc, _status, _fen in told}
    claims += [Claim(uscc, name, kept_fen=fen, in_match=False) for (name, uscc), fen in kept.items() if (name, uscc) not in seen]
    outcome = allocation.allocate(allocation.claims_of(_funds(of, kept), claims))
    return _table(of, run_id, outcome, values), list(_totals(of, outcome))


def granted_in(run: Run) -> dict[Pair, int]:
    """Fen by policy and credit code that an allocation granted."""
    table = pq.read_table(run.folder / runfile.files_of(KIND)[0], columns=["policy_id", "enterprise_id", "granted_fen"], filters=[("state", "=", GRANTED)])
    return {(name, uscc): fen for name, uscc, fen in zip(*(column.to_pylist() for column in table.columns), strict=True)}


def _told(of: Basis) -> list[tuple[str, str, int, int | None]]:
    """Policy, credit code, status and amount of all who are or may be entitled."""
    table = pq.read_table(of.run.folder / runfile.FILES[0], columns=["policy_id", "enterprise_id", "status", "amount_fen"],
                          filters=[("policy_id", "in", set(of.policies)), ("status", "!=", tree.INELIGIBLE)]) if of.policies else pa.table({})
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def _funds(of: Basis, kept: Iterable[Pair]) -> list[Fund]:
    """A policy left out takes part by what it has granted already, without a budget."""
    known = queries.library().policies
    gone = {name: known.get(name) for name, _uscc in kept if name not in of.policies}
    return [_fund(policy) for policy in of.policies.values()] + [
        Fund(name, excludes=frozenset(policy.exclusive_with) if policy else frozenset()) for name, policy in gone.items()]


def _fund(policy: Policy) -> Fund:
    budget = policy.budget
    return Fund(policy.id, budget.amount_fen if budget else None, prorate=budget is not None and budget.when_exhausted == "prorate",
                excludes=frozenset(policy.exclusive_with), places=budget.places if budget else None)


def _order_values(of: Basis, told: Iterable[tuple[str, str, int, int | None]]) -> dict[Pair, tuple[Fraction | str | None, ...]]:
    """By policy and credit code of the entitled, what each key of the policy's order says; None where nothing is known of it."""
    ordered = {policy.id: policy for policy in _ordered(of)}
    wanted = [(name, uscc) for name, uscc, status, _fen in told if name in ordered and status == tree.ELIGIBLE]
    if not wanted:
        return {}
    asking = [_line_reads(policy) for policy in ordered.values()]
    codes = sorted({uscc for _name, uscc in wanted})
    data = store.open_batches(runs.told(of.run), packs.catalogue(), only=codes, facts=standards.read_by(asking, of.run.as_of))
    data = standards.for_policies(data, asking, of.run.as_of)
    facts = {uscc: data.subject_facts(uscc) for uscc in codes}
    return {(name, uscc): tuple(_known(reads.see(key.of, facts[uscc], of.run.as_of)) for key in ordered[name].budget.order)  # type: ignore[union-attr]
            for name, uscc in wanted}


def _known(seen: reads.Seen) -> Fraction | str | None:
    return seen.value if seen.state == reads.VALUE else None


def _places(of: Basis, values: Mapping[Pair, tuple[Any, ...]]) -> dict[Pair, tuple[int, ...]]:
    """The values as places in the line, key by key."""
    found: dict[Pair, tuple[int, ...]] = {}
    for policy in _ordered(of):
        assert policy.budget is not None
        pairs = [pair for pair in values if pair[0] == policy.id]
        columns = [allocation.places_of([values[pair][at] for pair in pairs], descending=key.descending) for at, key in enumerate(policy.budget.order)]
        found.update(zip(pairs, zip(*columns, strict=True), strict=True))
    return found


def _table(of: Basis, run_id: str, outcome: Outcome, values: Mapping[Pair, tuple[Any, ...]]) -> pa.Table:
    rows = outcome.rows()
    claims = outcome.claims
    version = {name: policy.version for name, policy in of.policies.items()}
    pairs = [row[:2] for row in rows]
    columns = {
        "run_id": [run_id] * len(rows), "policy_id": [name for name, _uscc in pairs], "policy_version": [version.get(name, "") for name, _uscc in pairs],
        "enterprise_id": [uscc for _name, uscc in pairs], "state": [row[2] for row in rows], "reason": [row[3] for row in rows],
        "amount_fen": [None if fen == allocation.NONE else fen for fen in claims.fen.tolist()], "granted_fen": [row[4] for row in rows],
        "place": [row[5] or None for row in rows], "other_policy_id": [row[6] or None for row in rows],
        "order_values": [[None if value is None else str(value) for value in values.get(pair, ())] for pair in pairs], "in_match": claims.in_match.tolist()}
    return pa.table(columns, schema=SCHEMA)


def _totals(of: Basis, outcome: Outcome) -> Iterator[Settled]:
    by_policy: dict[str, list[tuple[Any, ...]]] = {fund.id: [] for fund in outcome.claims.funds}
    for row, fen in zip(outcome.rows(), outcome.claims.fen.tolist(), strict=True):
        by_policy[row[0]].append((*row, fen))
    for fund in outcome.claims.funds:
        yield _settled(fund, of, by_policy[fund.id])
    for name in sorted(of.left_out.keys() - by_policy.keys()):
        yield _settled(Fund(name), of, [])


def _settled(fund: Fund, of: Basis, rows: Sequence[tuple[Any, ...]]) -> Settled:
    of_state = {state: [row for row in rows if row[2] == state] for state in allocation.STATES.values()}
    kept = [row[4] for row in of_state[GRANTED] if row[3] == allocation.REASONS[allocation.KEPT]]
    policy = of.policies.get(fund.id)
    return Settled(fund.id, policy.version if policy else "", fund.budget_fen, fund.places, fund.prorate, len(of_state[GRANTED]), sum(row[4] for row in of_state[GRANTED]),
                   len(kept), sum(kept), len(of_state[WAITLISTED]), sum(row[7] for row in of_state[WAITLISTED]), len(of_state[DISPLACED]),
                   len(of_state[UNDECIDED]), len(of_state[NOTHING]), of.left_out.get(fund.id, ""))


def as_total(one: Settled) -> dict[str, Any]:
    """One policy as ``run.json`` and the command line tell it."""
    return {**asdict(one), "left_fen": one.left_fen}


# ── reading one ──────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Line:
    """One enterprise in an allocation; ``other`` is the policy it got instead or that stands in the way, empty for none."""

    enterprise: Enterprise
    state: str
    reason: str
    amount_fen: int | None
    granted_fen: int
    place: int | None
    other: str
    in_match: bool


def find(person: Person, run_id: str) -> Run | None:
    """One intact allocation.

    Raises:
        Forbidden: the person may not see allocations.
    """
    access.require(person, VIEW)
    return runs.whole(KIND, run_id)


def made_of(person: Person, run: Run) -> list[Run]:
    """The intact allocations of a match, newest first; none for who may not see them."""
    if not access.may(person, VIEW):
        return []
    rows = Run.objects.filter(kind=KIND, as_of=run.as_of, known_at=run.known_at).order_by("-id")[:runs.RECENT]
    return [row for row in rows if row.inputs["match"] == run.run_id and runs.intact(row)]


def recent(person: Person) -> list[Run]:
    """The last intact allocations of any match, newest first: what they granted may be kept; none for who may not see them."""
    if not access.may(person, VIEW):
        return []
    return runs.newest(KIND)


def totals_of(run: Run) -> dict[str, Settled]:
    """An allocation's policies by id."""
    return dict(_totals_of(run.folder, run.result_sha256))


@functools.lru_cache(maxsize=16)
def _totals_of(folder: Path, _sha256: str) -> Mapping[str, Settled]:
    lines = json.loads((folder / runfile.RUN).read_text("utf-8"))["totals"]
    return {line["id"]: Settled(**{name: value for name, value in line.items() if name != "left_fen"}) for line in lines}


def lines(person: Person, run: Run, policy_id: str) -> list[Line]:
    """Everybody under one policy whom the person may see, the granted first, then by place in the line and name.

    Raises:
        Forbidden: the person may not see allocations.
    """
    access.require(person, VIEW)
    told = _rows_of(run.folder, run.result_sha256, policy_id)
    rows = access.visible(visible_enterprises(person), person, VIEW).filter(uscc__in=sorted(told))
    found = [Line(row, *told[row.uscc]) for row in rows]
    order = list(allocation.STATES.values())
    return sorted(found, key=lambda line: (order.index(line.state), line.place is None, line.place or 0, line.enterprise.name_key, line.enterprise.pk))


@functools.lru_cache(maxsize=64)
def _rows_of(folder: Path, _sha256: str, policy_id: str) -> Mapping[str, tuple[Any, ...]]:
    names = ["enterprise_id", "state", "reason", "amount_fen", "granted_fen", "place", "other_policy_id", "in_match"]
    table = pq.read_table(folder / runfile.files_of(KIND)[0], columns=names, filters=[("policy_id", "=", policy_id)])
    rows = zip(*(table.column(name).to_pylist() for name in names), strict=True)
    return {uscc: (state, reason, fen, granted, place, other or "", in_match) for uscc, state, reason, fen, granted, place, other, in_match in rows}


# ── one enterprise's own line ────────────────────────────────────────────────
Own = tuple[Run, Settled, Line]


def newest_line(person: Person, enterprise: Enterprise, policy_id: str) -> Own | None:
    """How an enterprise came out under a policy in the newest intact allocation that settled its text of today.

    Of whichever match: a delivery makes a new one every few days, which takes back no grant.

    Raises:
        Forbidden: the person may not see what this enterprise is entitled to.
    """
    access.require(person, queries.ENTITLEMENT, enterprise)
    policy = queries.library().policies.get(policy_id)
    for run in Run.objects.filter(kind=KIND).order_by("-id")[:runs.RECENT] if policy else ():
        if policy is not None and run.inputs["policies"].get(policy_id) == policy.digest and runs.intact(run):
            return _own(run, enterprise, policy_id)
    return None


def own_line(person: Person, enterprise: Enterprise, policy_id: str) -> Own | None:
    """How an enterprise came out in the allocation the office acts by: the last one that claims of the policy were opened from.

    An allocation that nobody acts by is a trial and tells nobody anything. None too where the policy may not be published.

    Raises:
        Forbidden: the person may not see what this enterprise is entitled to.
    """
    access.require(person, queries.ENTITLEMENT, enterprise)
    policy = queries.library().policies.get(policy_id)
    if policy is None or not policy.publishable:
        return None
    run_id = acted_by(policy_id)
    run = runs.whole(KIND, run_id) if run_id else None
    return _own(run, enterprise, policy_id) if run is not None else None


def acted_by(policy_id: str) -> str:
    """The allocation that the last claims of a policy were opened from; empty where there is none."""
    return ClaimRow.objects.filter(policy=policy_id).exclude(allocation="").order_by("-id").values_list("allocation", flat=True).first() or ""


def _own(run: Run, enterprise: Enterprise, policy_id: str) -> Own | None:
    told, settled = _rows_of(run.folder, run.result_sha256, policy_id), totals_of(run).get(policy_id)
    return (run, settled, Line(enterprise, *told[enterprise.uscc])) if settled and enterprise.uscc in told else None
