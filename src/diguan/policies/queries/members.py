"""The lists of a policy: who is entitled, one step short, short of information, or screened out at a clause; and the measures that count them."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from diguan.enterprises.models import Enterprise
from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.facts.runs import Run
from diguan.kernel.measures import measure
from diguan.kernel.messages import Message
from diguan.kernel.rules import tree
from diguan.kernel.rules.tree import Policy
from diguan.policies.queries import (
    ENTITLED,
    ENTITLEMENT,
    EXPORT,
    NEAR,
    OUT,
    UNKNOWN,
    VIEW,
    Judged,
    Standing,
    judge,
    judge_each,
    read_for,
    visible_firms,
)


@dataclass(frozen=True)
class Line:
    """One enterprise in a list of a policy; ``judged`` is worked out for those that are shown.

    ``far`` sorts those one step short: the distance as a share of the limit.
    """

    enterprise: Enterprise
    amount_fen: int | None
    far: float | None = None
    judged: Judged | None = None


def lines(person: Person, standing: Standing, group: str) -> list[Line]:
    """The enterprises of one list, by name (see :data:`GROUPS` and :data:`OUT`), that the person may see.

    Raises:
        Forbidden: the person may not see entitlements.
    """
    access.require(person, ENTITLEMENT)
    if standing.run is None:
        return []
    found = _members(standing, group)
    rows = visible_firms(person, found)
    return [Line(row, *found[row.uscc]) for row in rows]


def exportable(person: Person, found: Sequence[Line]) -> list[Line]:
    """Those of these lines that the person may also take out as a file."""
    rows = access.visible(Enterprise.objects.filter(pk__in=[line.enterprise.pk for line in found]), person, EXPORT)
    allowed = set(rows.values_list("pk", flat=True))
    return [line for line in found if line.enterprise.pk in allowed]


def filled(standing: Standing, shown: Sequence[Line]) -> list[Line]:
    """The lines about to be shown, with the verdict each rests on."""
    judged = judge(standing, (line.enterprise.uscc for line in shown))
    return [Line(line.enterprise, line.amount_fen, line.far, judged.get(line.enterprise.uscc)) for line in shown]


def asks(standing: Standing) -> tuple[tuple[str, int], ...]:
    """The facts that stand in the way of a decision, and for how many enterprises; most first."""
    if standing.run is None or standing.changed or not standing.totals or not standing.totals.unknown:
        return ()
    return _asks(standing.run.run_id, standing.policy)


def dropped_at(group: str) -> int | None:
    """The clause (from 0) at which the enterprises of a list ``out-3`` drop out; None for the lists of those who may have something."""
    return int(group.removeprefix(OUT)) - 1 if group.startswith(OUT) else None


def _members(standing: Standing, group: str) -> Mapping[str, tuple[int | None, float | None]]:
    """Credit codes of one list, the amount and the distance of each, as many as the run counted.

    Of a text changed since, the run still says who was one step short; how far the old text alone can tell.
    """
    assert standing.run is not None
    at = dropped_at(group)
    if at is not None:
        return {} if standing.changed else dict.fromkeys(_dropped(standing.run.run_id, standing.policy).get(at, ()), (None, None))
    if group != NEAR:
        found = stood(standing.run, standing.policy, tree.ELIGIBLE if group == ENTITLED else tree.UNDECIDED)
        return {uscc: (amount, None) for uscc, amount in found.items()}
    near = _short(standing.run.folder, standing.run.result_sha256, standing.policy.id)
    if standing.changed:
        return dict.fromkeys(near, (None, None))
    return {uscc: (None, far) for uscc, far in _near(standing.run.run_id, standing.policy, near).items()}


def stood(run: Run, policy: Policy, status: int) -> Mapping[str, int | None]:
    """By credit code who has a status under a policy in a run, and the amount of each. It asks no right: its callers do."""
    return _stood(run.folder, run.result_sha256, policy.id, status)


@functools.lru_cache(maxsize=128)
def _stood(folder: Path, _sha256: str, policy_id: str, status: int) -> Mapping[str, int | None]:
    """By credit code who has this status in a run, and the amount of each. A run never changes, so its file is read once."""
    table = pq.read_table(folder / "match.parquet", columns=["enterprise_id", "amount_fen"], filters=[("policy_id", "=", policy_id), ("status", "=", status)])
    return dict(zip(*(table.column(name).to_pylist() for name in ("enterprise_id", "amount_fen")), strict=True))


@functools.lru_cache(maxsize=128)
def _short(folder: Path, _sha256: str, policy_id: str) -> frozenset[str]:
    """Who was one step short in a run; of a run that does not say it yet, whoever missed a single clause."""
    path = folder / "match.parquet"
    says = "near" in pq.read_schema(path).names
    table = pq.read_table(path, columns=["enterprise_id"], filters=[("policy_id", "=", policy_id), ("near", "=", True) if says else ("status", "=", tree.INELIGIBLE)])
    return frozenset(table.column("enterprise_id").to_pylist())


@functools.lru_cache(maxsize=128)
def _near(run_id: str, policy: Policy, candidates: frozenset[str]) -> Mapping[str, float]:
    """Of those short of one clause, how far are those whose distance is known. A run never changes, so this is worked out once."""
    run = Run.objects.get(run_id=run_id)
    return {uscc: judged.far for uscc, judged in judge_each(run, policy, sorted(candidates)) if judged.far is not None}


@functools.lru_cache(maxsize=32)
def _dropped(run_id: str, policy: Policy) -> Mapping[int, tuple[str, ...]]:
    """Whom each clause screens out: a run keeps only those who may have something, so everybody is judged once more."""
    from diguan.kernel.rules import sets  # Ibis takes a third of a second to import: only such a list pays for it

    run = Run.objects.get(run_id=run_id)
    data = read_for(run, policy)
    found: dict[int, list[str]] = {}
    rows = sets.judge([policy], data, run.as_of, everybody=True)[0].rows
    for ent, code in zip(rows.column("ent").to_pylist(), rows.column("code").to_pylist(), strict=True):
        at = next((at for at in range(len(policy.clauses)) if code >> 2 * at & 3 == tree.FALSE), None)
        if at is not None:
            found.setdefault(at, []).append(data.ids[ent])
    return {at: tuple(uscc) for at, uscc in found.items()}


@functools.lru_cache(maxsize=128)
def _asks(run_id: str, policy: Policy) -> tuple[tuple[str, int], ...]:
    run = Run.objects.get(run_id=run_id)
    open_ = _members(Standing(policy, run), UNKNOWN)
    counted = Counter(fact for _uscc, judged in judge_each(run, policy, sorted(open_)) for fact in judged.ask)
    return tuple(sorted(counted.items(), key=lambda found: (-found[1], found[0])))


# ── measures ─────────────────────────────────────────────────────────────────
@measure("policies.entitled", title=Message("可享", "Entitled"), unit="户", permission=VIEW,
         definition=Message("每一条都符合、且都有数据证明的企业", "Enterprises that meet every clause, each shown by data"),
         rows=lambda person, of: lines(person, of, ENTITLED))
def entitled(of: Standing) -> int | None:
    """How many are entitled."""
    return of.totals.eligible if of.totals else None


@measure("policies.near_miss", title=Message("差一步", "One step short"), unit="户", permission=VIEW,
         definition=Message("只差一条，而且差多少已知的企业", "Enterprises that miss a single clause, by a distance that is known"),
         rows=lambda person, of: lines(person, of, NEAR))
def near_miss(of: Standing) -> int | None:
    """How many are one step short."""
    return of.totals.near_miss if of.totals else None


@measure("policies.unknown", title=Message("待补信息", "Information needed"), unit="户", permission=VIEW,
         definition=Message("没有一条不符合，但有的条没人告诉过我们；补齐前不判不符合",
                            "Enterprises that fail no clause, but of which something nobody has told us is needed; not refused until it is told"),
         rows=lambda person, of: lines(person, of, UNKNOWN))
def unknown(of: Standing) -> int | None:
    """How many lack information."""
    return of.totals.unknown if of.totals else None


@measure("policies.judged", title=Message("在库企业", "Enterprises on the register"), unit="户", permission=VIEW,
         definition=Message("这次比对里判过的全部企业；政策不在施行期时是 0", "All enterprises judged in this match; 0 while the policy is not in force"))
def enterprises_judged(of: Standing) -> int | None:
    """How many were judged."""
    return of.totals.judged if of.totals else None


@measure("policies.amount_low", title=Message("金额下限", "Amount, low"), unit="元", permission=VIEW,
         definition=Message("确定可享的企业金额合计；金额还算不出的没有计入", "Amounts of the entitled together; those that cannot be worked out yet are left out"),
         rows=lambda person, of: lines(person, of, ENTITLED))
def amount_low(of: Standing) -> int | None:
    """Money that is certain, in fen."""
    return of.totals.amount_fen if of.totals else None


@measure("policies.amount_high", title=Message("金额上限", "Amount, high"), unit="元", permission=VIEW,
         definition=Message("下限再加待补信息的企业，假定补齐后都符合；有一户金额算不出，上限就未知",
                            "The low amount and those who lack information, as if all of them turned out to be entitled; unknown while an amount cannot be worked out"),
         rows=lambda person, of: [*lines(person, of, ENTITLED), *lines(person, of, UNKNOWN)])
def amount_high(of: Standing) -> int | None:
    """Money that is possible, in fen."""
    return None if of.totals is None or of.amounts_open else of.totals.high_fen
