"""Claims are opened: by the office for everybody an allocation has granted, or by a firm that starts its own.

What is promised never exceeds a budget, whichever allocation or door it comes by: whoever opens claims queues at one row, then
counts what is promised already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Max

from diguan.enterprises.models import Enterprise
from diguan.kernel import access, clocks, money
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.facts.runs import Run
from diguan.kernel.messages import Message
from diguan.kernel.rules import tree
from diguan.kernel.rules.tree import Policy
from diguan.kernel.stages.actions import About, moves
from diguan.kernel.stages.models import Course
from diguan.policies import queries
from diguan.policies.actions import claim_notices, life
from diguan.policies.models import CLAIM, Claim
from diguan.policies.queries import allocations, claims
from diguan.policies.queries.claims import ANSWER, DELIVERIES, FLOW, HANDLE


@dataclass(frozen=True)
class Grant:
    """What one enterprise is to get, and the runs it rests on."""

    enterprise: Enterprise
    amount_fen: int
    match: str
    allocation: str = ""


# ── by the office, from an allocation ────────────────────────────────────────
def open_claims(*, allocation: Run, policy: str, by: Person) -> list[Claim]:
    """One claim for every enterprise an allocation granted money under one policy and that has none under way or paid.

    Raises:
        access.Forbidden: the person may not handle claims, or not see allocations.
        Refusal: ``damaged``, ``no_policy``, ``changed`` (the text is another than the allocation judged), ``nothing_to_open``,
            ``open_already`` (somebody opens the same at this moment), ``over_budget``, ``excluded`` or ``policy_barred`` by its life.
    """
    access.require(by, HANDLE)
    found = allocations.find(by, allocation.run_id)
    if found is None:
        raise Refusal("damaged", [Message("这次分配的结果文件不见了或变了，不能据此兑现", "the files of this allocation are missing or changed: nothing can rest on them")])
    text = _text_of(found, policy)
    granted = [line for line in allocations.lines(by, found, policy) if line.state == allocations.GRANTED and line.granted_fen > 0]
    held = {row.enterprise_id for row, _fen in claims.binding(Claim.objects.filter(policy=policy))}
    grants = [Grant(line.enterprise, line.granted_fen, found.inputs["match"], found.run_id) for line in granted if line.enterprise.pk not in held]
    if not grants:
        raise Refusal("nothing_to_open", [Message(f"没有要开的：获安排的 {len(granted)} 户都已有在办或已拨付的兑现", f"nothing to open: all {len(granted)} that were granted have a claim under way or paid")])
    open_for(run=found, policy=text, grants=grants, by=by)
    return list(claims.live(claims.claims_of(by, policy)).filter(allocation=found.run_id, enterprise__in=[one.enterprise.pk for one in grants]))


def _text_of(run: Run, policy_id: str) -> Policy:
    """The policy, if it is the text that an allocation settled."""
    settled, known = allocations.totals_of(run).get(policy_id), queries.library().policies.get(policy_id)
    if settled is None or settled.left_out:
        raise Refusal("no_policy", [Message(f"这次分配没有安排政策 {policy_id}", f"this allocation settled no policy {policy_id}")], "policy")
    if known is None or run.inputs["policies"].get(policy_id) != known.digest:
        raise Refusal("changed", [Message("政策文本在分配之后改过，请重新比对、重新分配，再开兑现", "the policy's text changed since the allocation: match and allocate again, then open claims")])
    return known


@action(permission=HANDLE, event="claims_opened")
def open_for(*, run: Run, policy: Policy, grants: Sequence[Grant], by: Person) -> Done[Run]:
    """Write these claims and begin their courses, all or none: one Event on the allocation.

    Raises:
        Refusal: as :func:`open_claims`.
    """
    rows = _written(policy, grants, by)
    return Done(run, after={"policy": policy.id, "version": policy.digest, "claims": len(rows), "amount_fen": sum(row.amount_fen for row in rows)}, related=rows)


# ── by the firm itself ───────────────────────────────────────────────────────
@action(permission=ANSWER, event="claim_started", on="enterprise")
def start_claim(*, policy: str, enterprise: Enterprise, by: Person) -> Done[Course]:
    """A firm starts its own claim: a fast one or an application, where the match of today calls it entitled.

    Where the policy has a budget the money is shared out first: the newest allocation of its text must have granted it; of what was
    granted and what the match of today says, the lesser counts.

    Raises:
        access.Forbidden: it is not the person's enterprise.
        Refusal: ``no_policy``, ``automatic``, ``not_entitled``, ``amount_unknown``, ``not_granted``, ``open_already``, ``over_budget``, ``excluded``, ``policy_barred``.
    """
    text, fen, match = _entitled(policy, enterprise, by)
    grant = Grant(enterprise, fen, match.run_id) if text.budget is None else _granted(text, enterprise, fen, match, by)
    row = _written(text, [grant], by)[0]
    assert row.course is not None
    return Done(row.course, after={"policy": text.id, "version": text.digest, "amount_fen": row.amount_fen}, related=[row, enterprise])


def _entitled(policy_id: str, enterprise: Enterprise, by: Person) -> tuple[Policy, int, Run]:
    found = queries.entitlements(by, enterprise)
    judged = found.of(policy_id)
    if judged is None or found.run is None:
        raise Refusal("no_policy", [Message("这份政策现在不能申领：没有这份政策，不在施行期，或文本改过、还没有重新比对",
                                            "this policy cannot be claimed now: there is none, it is not in force, or its text waits for the next match")])
    if judged.policy.delivery == "automatic_entitlement":
        raise Refusal("automatic", [Message("这份政策免申即享，不用您申请；名单确认后会通知您", "it is paid without application; you will be told once the list is confirmed")])
    if judged.group != queries.ENTITLED:
        raise Refusal("not_entitled", [Message("按最近一次比对，贵企业还不符合全部条件；逐条判断里写着差在哪", "by the last match your enterprise does not meet every clause; the page tells which")])
    if not judged.amount_fen:
        raise Refusal("amount_unknown", [Message("金额还算不出，或是 0，先补上缺的数据", "the amount cannot be worked out yet, or is 0: tell us what is missing")])
    return judged.policy, judged.amount_fen, found.run


def _granted(policy: Policy, enterprise: Enterprise, fen: int, match: Run, by: Person) -> Grant:
    found = allocations.newest_line(by, enterprise, policy.id)
    if found is None:
        raise Refusal("not_granted", [Message("这份政策有预算上限，县里还没有分配资金；分好会通知您", "this policy has a budget that is not shared out yet; you will be told")])
    run, _settled, line = found
    if line.state != allocations.GRANTED or line.granted_fen <= 0:
        raise Refusal("not_granted", [Message("资金按办法分配，这一次没有安排到贵企业；“为什么没有我”写着原因", "the money was shared out by the rules and none came to your enterprise; the page tells why")])
    return Grant(enterprise, min(fen, line.granted_fen), match.run_id, run.run_id)


# ── written, inside either action ────────────────────────────────────────────
def _written(policy: Policy, grants: Sequence[Grant], by: Person) -> list[Claim]:
    """The claims with their courses begun and the firms told."""
    _queue()
    life.require_open(policy.id)
    _check_free(policy.id, policy, grants)
    attempts = dict(Claim.objects.filter(policy=policy.id).values("enterprise").annotate(last=Max("attempt")).values_list("enterprise", "last"))
    flow, unit, day = moves.flow_named(FLOW), access.unit_of(by), clocks.today()
    office = None if access.usccs_of(by) else by
    rows = []
    for one in grants:
        row = _insert(Claim(
            policy=policy.id, policy_version=policy.digest, enterprise=one.enterprise, attempt=attempts.get(one.enterprise.pk, 0) + 1, delivery=DELIVERIES[policy.delivery],
            amount_fen=one.amount_fen, match=one.match, allocation=one.allocation, officer=office or one.enterprise.service_officer, owner_unit_id=unit if office else _office_of(policy),
            created_by=by, changed_by=by))
        about = About(CLAIM, str(row.pk), f"{policy.label()} · {one.enterprise.name}"[:200], one.enterprise.uscc, row.owner_unit_id)
        row.course = moves.start(flow, about, by, day, "")
        rows.append(row)
    Claim.objects.bulk_update(rows, ["course"], batch_size=500)
    claim_notices.opened(rows, policy, by)
    return rows


def _insert(row: Claim) -> Claim:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise _taken() from error
    return row


def _taken() -> Refusal:
    return Refusal("open_already", [Message("没开成：这一户在这份政策下已有在办、已拨付或没有全数退回的兑现，请刷新名单", "not opened: this firm has a claim under way or paid, or money it has not given back; reload the list")])


def _queue() -> None:
    """Whoever promises money waits here for whoever does so now, for the length of one transaction."""
    first = list(Run.objects.filter(kind=queries.KIND).order_by("pk").values_list("pk", flat=True)[:1])
    Run.objects.filter(pk__in=first).update(kind=queries.KIND)


def require_free(claim: Claim) -> None:
    """Inside the transaction that takes a refusal back: the claim promises money again, as one that is opened does.

    Raises:
        Refusal: ``open_already``, ``over_budget``, ``excluded``.
    """
    _queue()
    _check_free(claim.policy, queries.library().policies.get(claim.policy), [Grant(claim.enterprise, claim.amount_fen, claim.match, claim.allocation)])


def _check_free(policy_id: str, policy: Policy | None, grants: Sequence[Grant]) -> None:
    _check_none_live(policy_id, grants)
    if policy is not None:
        _check_budget(policy, grants)
        _check_exclusive(policy, grants)


def _check_none_live(policy_id: str, grants: Sequence[Grant]) -> None:
    firms = [one.enterprise.pk for one in grants]
    if claims.binding(Claim.objects.filter(policy=policy_id, enterprise__in=firms)):
        raise _taken()


def _check_budget(policy: Policy, grants: Sequence[Grant]) -> None:
    """What is promised and what is to be promised, against the budget."""
    if policy.budget is None:
        return
    promised = sum(fen for _row, fen in claims.binding(Claim.objects.filter(policy=policy.id)))
    total = promised + sum(one.amount_fen for one in grants)
    if total > policy.budget.amount_fen:
        had, more, budget = (money.exact(fen) for fen in (promised, total - promised, policy.budget.amount_fen))
        raise Refusal("over_budget", [Message(f"在办和已拨付的 {had} 元，再开 {more} 元，超过预算 {budget} 元。分配时请选“保留以前已安排的”",
                                              f"{had} yuan are promised or paid, {more} more exceed the budget of {budget} yuan. Keep what was granted before when you allocate")])


def _check_exclusive(policy: Policy, grants: Sequence[Grant]) -> None:
    """Whoever has money promised by a policy that this one excludes gets none by this one."""
    apart = _apart(policy, queries.library().policies)
    firms = [one.enterprise.pk for one in grants]
    held = claims.binding(Claim.objects.filter(policy__in=apart, enterprise__in=firms)) if apart else []
    names = [row.enterprise.name for row, _fen in held[:3]]
    if names:
        raise Refusal("excluded", [Message(f"只能享受一项，已有另一项在办或已拨付：{'、'.join(names)}", f"only one of the two may be had, and another is under way or paid: {', '.join(names)}")])


def _apart(policy: Policy, known: Mapping[str, tree.Policy]) -> list[str]:
    """The policies that may not be had beside this one, whichever of the two says so."""
    return sorted({*policy.exclusive_with, *(name for name, other in known.items() if policy.id in other.exclusive_with)})


def _office_of(policy: Policy) -> int | None:
    """The office that handled the policy's claims last; nobody's where it is the first, then whoever sees the county finds it."""
    return Claim.objects.filter(policy=policy.id, owner_unit__isnull=False).order_by("-id").values_list("owner_unit", flat=True).first()
