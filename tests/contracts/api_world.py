"""How to call every operation of the API in the small county: who may, who may not, with what."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from diguan.chains.models import Coverage
from diguan.chains.tests.factories import coverage_factory
from diguan.enterprises.models import Capability, Enterprise
from diguan.indicators.actions.snapshots import take_snapshot
from diguan.indicators.queries import snapshots
from diguan.kernel.access.models import Person, Unit
from diguan.kernel.access.tokens import actions, queries
from diguan.kernel.api.versions import etag
from diguan.kernel.clocks import today
from diguan.kernel.facts.runs import Run
from diguan.kernel.sheets.tests.ugly import HEADS, code, xlsx
from diguan.kernel.stages import queries as stages
from diguan.policies import queries as policies
from diguan.policies.models import Claim, ClaimReview
from diguan.policies.queries import life_view, members, wanting
from diguan.projects.actions import board, lead_work
from diguan.projects.models import Lead, Project
from diguan.projects.queries import board as projects
from diguan.projects.tests.factories import lead_factory, project_factory
from diguan.projects.web import api_projects
from diguan.services.engine.caseflow import ACCEPT, DELIVER
from diguan.services.models import Case
from diguan.services.queries.cases import View
from diguan.services.tests import carried
from diguan.services.web import api_cases
from diguan.site.web import api_facts, api_requests
from tests.contracts.world import ENTITLED, POLICY, World


@dataclass(frozen=True)
class Call:
    """One operation: ``who`` may (a role or ``agent``), ``not_who`` may not (403; None where everybody in post may).

    ``own``: an enterprise's agent may ask it of their own firm. ``gives`` is the status of success, ``media`` what comes.
    ``file`` makes what is sent as a form with a file.
    """

    method: str
    path: Callable[[World], str]
    who: str = "policy_officer"
    not_who: str | None = "administrator"
    body: Callable[[World], Any] | None = None
    gives: int = 200
    own: bool = False
    match: Callable[[World], str] | None = None
    file: Callable[[], bytes] | None = None
    media: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


def _at(text: str) -> Callable[[World], str]:
    return lambda world: "/api" + text.format(
        uscc=world.firm.uscc, batch=world.batch.pk, upload=world.upload.pk, run=world.run.run_id, policy=POLICY, job=world.job.pk, title=world.title.pk,
        claim=world.capability.pk, simulation=world.simulation.run_id, evaluation=world.evaluation.run_id, payout=world.payout.pk, allocation=world.allocation.run_id, letter=world.letter.pk, notice=world.notice.pk,
        drafted=world.pay.drafted.pk, approved=world.pay.approved.pk, pay_line=world.pay.open.pk,
        result=world.pay.result.pk, paid=world.pay.paid.pk, demanded=world.pay.demanded.pk, entry=world.pay.entry.pk, review=world.review.pk)


def figured(world: World) -> Run:
    """The county's snapshot; taken where it is first asked for."""
    return snapshots.current() or take_snapshot(by=world.people["data_clerk"])


def _figured(path: str) -> Callable[[World], str]:
    return lambda world: f"/api{path}".replace("current", figured(world).run_id)


def _version(world: World) -> str:
    return f'"{Enterprise.objects.get(pk=world.firm.pk).version}"'


def _checked(world: World) -> str:
    """The version a check of the kept file with these words gives."""
    return etag(api_facts.version_of(api_facts.Said(period="2026-09").of("tax_monthly"), world.batch.pk))


def _letter_version(world: World) -> str:
    return etag(api_requests.version_of(world.letter))


def _claim_version(world: World) -> str:
    return f'"{Capability.objects.get(pk=world.capability.pk).version}"'


def _payout_version(world: World) -> str:
    task, row = stages.current(world.payout.course), Claim.objects.get(pk=world.payout.pk)
    return etag(f"{f'{task.pk}.{task.version}' if task else '0.0'}.{row.version}")  # given up it has no stage
def _of_pay(name: str) -> Callable[[World], str]:
    def version(world: World) -> str:
        row = getattr(world.pay, name)
        row.refresh_from_db()
        return f'"{row.version}"'
    return version


def _paid_today(world: World) -> dict[str, Any]:
    return {"outcome": "paid", "amount_fen": 400, "day": today().isoformat(), "number": "国库9号"}
def _life(name: str) -> Callable[[World], str]:
    """The version of one policy's life as it is read."""

    def version(world: World) -> str:
        course = getattr(world, name)
        found = life_view.of_policy(world.people["policy_officer"], course.subject_id)
        assert found is not None
        return etag(found.version)

    return version


def _review_version(world: World) -> str:
    return etag(ClaimReview.objects.get(pk=world.review.pk).version)


def _case(name: str, more: str = "") -> Callable[[World], str]:
    return lambda world: f"/api/cases/{getattr(world.cases, name).pk}{more}"


def _case_version(name: str) -> Callable[[World], str]:
    def version(world: World) -> str:
        row = Case.objects.select_related("course__frozen", "life_event__life_event").get(pk=getattr(world.cases, name).pk)
        return etag(api_cases.version_of(View(world.agent, row, today())))
    return version


def _step_version(name: str, key: str) -> Callable[[World], str]:
    return lambda world: etag(carried.step(getattr(world.cases, name), key).version)


def covered(world: World) -> Coverage:
    """Where the firm stands, entered by the clerk and not verified yet; made where it is first asked for."""
    return Coverage.objects.filter(enterprise=world.firm).first() or coverage_factory(world.firm, verified=False, by=world.people["data_clerk"], amount_fen=50_000_000)


def _covered(more: str = "") -> Callable[[World], str]:
    return lambda world: f"/api/chain-coverages/{covered(world).pk}{more}"


def _covered_version(world: World) -> str:
    return etag(covered(world).version)


def led(world: World, stage: str) -> Lead:
    """The lead of the promotion officer that stands at a stage, carried there where it is first asked for."""
    officer = world.people["promotion_officer"]
    row = Lead.objects.filter(holder=officer, title=f"为{stage}").first()
    if row is None:
        row = lead_factory(officer, title=f"为{stage}")
        if stage in ("responded", "following"):
            row = lead_work.respond(lead=row, version=row.version, news=lead_work.News(today(), "打了电话"), by=officer)
        if stage == "following":
            row = lead_work.judge(lead=row, version=row.version, opinion="合产业方向", by=officer)
    return row


def _lead(stage: str, more: str = "") -> Callable[[World], str]:
    return lambda world: f"/api/leads/{led(world, stage).pk}{more}"


def _lead_version(stage: str) -> Callable[[World], str]:
    return lambda world: etag(led(world, stage).version)


def _lead_news(world: World) -> dict[str, Any]:
    return {"on": today().isoformat(), "what": "打了电话，对方愿意来看"}
def promoted(world: World) -> Project:
    """A project in triage with its three people; made where it is first asked for."""
    leader = world.people["leader"]
    found = Project.objects.filter(name="示例机芯项目").first() or project_factory(leader, name="示例机芯项目")
    if found.task_force_id is None:
        unit = Unit.objects.get(pk=found.owner_unit_id)
        found = board.name_team(project=found, version=found.version, chain_chief=leader, task_force=unit, service_officer=leader, by=leader)
    return found


def _project(more: str = "") -> Callable[[World], str]:
    return lambda world: f"/api/projects/{promoted(world).pk}{more}"


def _project_version(world: World) -> str:
    view = projects.find(world.people["leader"], promoted(world).pk)
    assert view is not None
    return etag(api_projects.version_of(view))


def _letters(world: World) -> dict[str, Any]:
    """The first bureau there is something to ask, of one enterprise."""
    officer = world.people["policy_officer"]
    standing = policies.standing(officer, POLICY)
    assert standing is not None
    found = wanting.questions(members.filled(standing, members.lines(officer, standing, policies.UNKNOWN)))
    addressee, questions = next(iter(found.items()))
    return {"letters": [{"addressee": addressee, "usccs": [questions[-1].subject_id]}]}


@functools.cache
def book() -> bytes:
    """One and the same file each time: a workbook written anew holds another time of writing."""
    return xlsx([HEADS, *([n, code(n), f"衡阳演示{n}有限公司", n * 10] for n in (1, 2, 3))])


CALLS: dict[str, Call] = {
    "one_job": Call("get", _at("/jobs/{job}"), "data_clerk", None),
    "list_facts": Call("get", _at("/facts"), own=True),
    "list_sheets": Call("get", _at("/sheets"), "data_clerk", None, own=True),
    "list_leads": Call("get", _at("/leads"), "promotion_officer"),
    "one_lead": Call("get", _lead("registered"), "promotion_officer"),
    "register_lead": Call("post", _at("/leads"), "promotion_officer", body=lambda world: {"title": "想来建厂", "firm_name": "东莞样例表壳有限公司", "source": "online", "came_on": today().isoformat()}, gives=201),
    "respond_to_lead": Call("post", _lead("registered", "/respond"), "promotion_officer", body=_lead_news, match=_lead_version("registered")),
    "judge_lead": Call("post", _lead("responded", "/judge"), "promotion_officer", body=lambda world: {"opinion": "合产业方向，先上门"}, match=_lead_version("responded")),
    "tell_lead_progress": Call("post", _lead("following", "/progress"), "promotion_officer", body=_lead_news, match=_lead_version("following")),
    "list_matters": Call("get", _at("/matters"), "service_officer"),
    "one_matter": Call("get", _at("/matters/sample_matter"), "service_officer"),
    "list_life_events": Call("get", _at("/life-events"), "service_officer"),
    "one_life_event": Call("get", _at("/life-events/sample_event?answers=site%3Dlease"), "service_officer"),
    "list_chains": Call("get", _at("/chains"), "chain_officer"),
    "one_chain": Call("get", _at("/chains/watch"), "chain_officer"),
    "chain_gaps": Call("get", _at("/chains/watch/gaps"), "chain_officer"),
    "list_indicators": Call("get", _at("/indicators"), "leader"),
    "one_indicator": Call("get", _at("/indicators/tax.paid"), "leader"),
    "list_figures": Call("get", _figured("/indicators/tax.paid/figures?by=cluster"), "leader"),
    "list_rows": Call("get", _figured("/indicators/tax.paid/rows"), "leader"),
    "list_snapshots": Call("get", _figured("/snapshots"), "leader"),
    "one_snapshot": Call("get", _figured("/snapshots/current"), "leader"),
    "start_snapshot": Call("post", _at("/snapshots"), "data_clerk", "leader", lambda world: {"as_of": None}, 202),
    "chain_warnings": Call("get", _at("/chain-warnings"), "chain_officer", "data_clerk"),
    "list_chain_coverages": Call("get", _at("/chain-coverages"), "chain_officer", own=True),
    "one_chain_coverage": Call("get", _covered(), "chain_officer", own=True),
    "claim_chain_coverage": Call("post", _at("/enterprises/{uscc}/chain-coverages"), "data_clerk", "leader", lambda world: {
        "node": "hands", "role": "make", "year": 2025, "amount_fen": 100, "source": "走访", "told_on": "2026-01-20"}, 201),
    "change_chain_coverage": Call("patch", _covered(), "data_clerk", "leader", lambda world: {"amount_fen": 900, "year": 2025}, match=_covered_version),
    "verify_chain_coverage": Call("post", _covered("/verify"), "chain_officer", "data_clerk", match=_covered_version),
    "reject_chain_coverage": Call("post", _covered("/reject"), "chain_officer", "data_clerk", lambda world: {"reason": "没有这条线"}, match=_covered_version),
    "withdraw_chain_coverage": Call("post", _covered("/withdraw"), "data_clerk", "leader", lambda world: {"reason": "已经停产"}, match=_covered_version),
    "list_batches": Call("get", _at("/batches")),
    "one_batch": Call("get", _at("/batches/{batch}")),
    "batch_rows": Call("get", _at("/batches/{batch}/rows")),
    "withdraw_batch": Call("post", _at("/batches/{batch}/withdraw"), "data_clerk", "policy_officer", lambda world: {"reason": "报错了月份"}, match=lambda world: '"committed"'),
    "get_coverage": Call("get", _at("/coverage")),
    "bring_file": Call("post", _at("/imports"), "data_clerk", "policy_officer", lambda world: {"sheet": "tax_monthly", "period": "2026-07"}, 201, file=book),
    "preview_import": Call("get", _at("/imports/{upload}?period=2026-09"), "data_clerk", "leader"),
    "commit_import": Call("post", _at("/imports/{upload}/commit"), "data_clerk", "leader", lambda world: {"period": "2026-09"}, 201,
                          match=_checked),
    "list_enterprises": Call("get", _at("/enterprises"), own=True),
    "create_enterprise": Call("post", _at("/enterprises"), "data_clerk", "policy_officer",
                              lambda world: {"uscc": code(77), "name": "衡阳另一家钟表有限公司", "checked": True}, 201),
    "one_enterprise": Call("get", _at("/enterprises/{uscc}"), own=True),
    "change_enterprise": Call("patch", _at("/enterprises/{uscc}"), "data_clerk", "policy_officer", lambda world: {"town": "界牌镇"}, match=_version),
    "enterprise_facts": Call("get", _at("/enterprises/{uscc}/facts"), own=True),
    "enterprise_fact": Call("get", _at("/enterprises/{uscc}/facts/tax.paid"), own=True),
    "add_former_name": Call("post", _at("/enterprises/{uscc}/former-names"), "data_clerk", "policy_officer", lambda world: {"name": "衡阳更早有限公司"}),
    "add_title": Call("post", _at("/enterprises/{uscc}/titles"), "data_clerk", "policy_officer", lambda world: {"kind": "sred_sme", "issued": "2025-01-05"}),
    "withdraw_title": Call("post", _at("/enterprises/{uscc}/titles/{title}/withdraw"), "data_clerk", "policy_officer",
                           lambda world: {"on_day": "2026-10-01", "reason": "复审没过"}),
    "list_policies": Call("get", _at("/policies")),
    "one_policy": Call("get", _at("/policies/{policy}")),
    "policy_rows": Call("get", _at("/policies/{policy}/rows/unknown"), not_who="data_clerk"),
    "list_entitlements": Call("get", _at("/enterprises/{uscc}/entitlements"), not_who="data_clerk", own=True),
    "explain_entitlement": Call("get", _at("/enterprises/{uscc}/entitlements/{policy}"), not_who="data_clerk", own=True),
    "enterprise_changes": Call("get", _at("/enterprises/{uscc}/changes"), not_who="data_clerk", own=True),
    "list_lives": Call("get", _at("/lives"), not_who="administrator"),
    "policy_life": Call("get", _at("/policies/{policy}/life"), not_who="administrator"),
    "begin_policy_life": Call("post", _at("/policies/another-2027/life"), "policy_officer", "leader", lambda world: {"title": "又一份政策"}, 201),
    "pass_policy_stage": Call("post", _at("/policies/{policy}/life/pass"), "policy_officer", "data_clerk", lambda world: {"to": "matching"}, match=_life("life")),
    "send_policy_back": Call("post", _at("/policies/draft-2027/life/send-back"), "policy_officer", "data_clerk", lambda world: {"to": "drafted", "reason": "要素不全"}, match=_life("drafting")),
    "hold_policy": Call("post", _at("/policies/{policy}/life/hold"), "leader", "policy_officer", lambda world: {"to": "suspended", "reason": "核查", "claims": "suspend"}, match=_life("life")),
    "resume_policy": Call("post", _at("/policies/resting-2026/life/resume"), "leader", "policy_officer", lambda world: {"reason": "核查完了"}, match=_life("resting")),
    "list_reviews": Call("get", _at("/reviews"), not_who="data_clerk"),
    "one_review": Call("get", _at("/reviews/{review}"), not_who="data_clerk"),
    "decide_review": Call("post", _at("/reviews/{review}/decide"), "policy_officer", "data_clerk", lambda world: {"decision": "kept", "reason": "查过台账"}, match=_review_version),
    "list_runs": Call("get", _at("/runs"), not_who="agent"),
    "start_run": Call("post", _at("/runs"), "policy_officer", "leader", gives=202),
    "one_run": Call("get", _at("/runs/current"), not_who="agent"),
    "policy_questions": Call("get", _at("/policies/{policy}/questions"), not_who="data_clerk"),
    "send_requests": Call("post", _at("/policies/{policy}/requests"), "policy_officer", "data_clerk", _letters, 201),
    "policy_reach": Call("get", _at("/policies/{policy}/reach")),
    "policy_reached": Call("get", _at("/policies/{policy}/reach/notified"), not_who="data_clerk"),
    "list_requests": Call("get", _at("/requests"), own=True),
    "one_request": Call("get", _at("/requests/{letter}")),
    "request_lines": Call("get", _at("/requests/{letter}/lines")),
    "decline_request": Call("post", _at("/requests/{letter}/decline"), "data_clerk", "policy_officer", lambda world: {"reason": "我局没有这项数据"}, match=_letter_version),
    "withdraw_request": Call("post", _at("/requests/{letter}/withdraw"), "policy_officer", "leader", lambda world: {"reason": "不用问了"}, match=_letter_version),
    "list_questions": Call("get", _at("/enterprises/{uscc}/questions"), "agent", "leader", own=True),
    "answer_questions": Call("post", _at("/enterprises/{uscc}/answers"), "agent", "leader",
                             lambda world: {"answers": [{"fact": "export.sales", "period": "2026-07", "value": "12万元"}]}, 201),
    "list_inbox": Call("get", _at("/inbox"), "agent", own=True),
    "list_outbox": Call("get", _at("/outbox"), not_who="agent"),
    "one_notice": Call("get", _at("/notices/{notice}"), own=True),
    "open_notice": Call("post", _at("/notices/{notice}/open"), "agent", "leader"),
    "answer_notice": Call("post", _at("/notices/{notice}/answer"), "agent", "policy_officer", lambda world: {"answer": "refused", "reason": "too_little"},
                          match=lambda world: '"delivered"'),
    "list_capabilities": Call("get", _at("/capabilities"), own=True),
    "enterprise_capabilities": Call("get", _at("/enterprises/{uscc}/capabilities"), own=True),
    "claim_capability": Call("post", _at("/enterprises/{uscc}/capabilities"), "data_clerk", "leader", lambda world: {
        "kind": "robot", "name": "装配机器人", "issuer": "县科工局", "document": "示例〔2026〕9号", "issued": "2026-03-01", "details": {"count": 3}}, 201),
    "one_capability": Call("get", _at("/capabilities/{claim}"), own=True),
    "capability_proof": Call("get", _at("/capabilities/{claim}/proof"), own=True, media="application/pdf"),
    "change_capability": Call("patch", _at("/capabilities/{claim}"), "data_clerk", "leader", lambda world: {"document": "示例〔2026〕2号"}, match=_claim_version),
    "bring_proof": Call("post", _at("/capabilities/{claim}/proof"), "data_clerk", "leader", file=lambda: b"%PDF-1.7 another", match=_claim_version),
    "verify_capability": Call("post", _at("/capabilities/{claim}/verify"), "policy_officer", "data_clerk", match=_claim_version),
    "reject_capability": Call("post", _at("/capabilities/{claim}/reject"), "policy_officer", "data_clerk", lambda world: {"reason": "凭证看不清"}, match=_claim_version),
    "withdraw_capability": Call("post", _at("/capabilities/{claim}/withdraw"), "data_clerk", "leader", lambda world: {"reason": "已经停产"}, match=_claim_version),
    "list_payments": Call("get", _at("/payments"), not_who="agent"),
    "one_payment": Call("get", _at("/payments/{approved}"), not_who="data_clerk"),
    "policy_payable": Call("get", _at("/policies/{policy}/payable"), not_who="leader"),
    "draft_payment": Call("post", _at("/payments"), "policy_officer", "finance_officer", lambda world: {"policy": POLICY, "claims": [{"claim": world.pay.free.pk}]}, 201),
    "approve_payment": Call("post", _at("/payments/{drafted}/approve"), "leader", "policy_officer", match=_of_pay("drafted")),
    "send_payment": Call("post", _at("/payments/{approved}/send"), "finance_officer", "leader", match=_of_pay("approved")),
    "cancel_payment": Call("post", _at("/payments/{drafted}/cancel"), "policy_officer", "leader", lambda world: {"reason": "重新拟"}, match=_of_pay("drafted")),
    "recall_payment": Call("post", _at("/payments/{drafted}/recall"), "leader", "policy_officer", lambda world: {"reason": "退回重拟"}, match=_of_pay("drafted")),
    "enter_payment_result": Call("post", _at("/payment-lines/{pay_line}/results"), "finance_officer", "leader", _paid_today, 201, file=lambda: b"%PDF-1.7 voucher", match=_of_pay("open")),
    "one_payment_result": Call("get", _at("/payment-results/{result}"), not_who="agent"),
    "book_payment_result": Call("post", _at("/payment-results/{result}/book"), "finance_officer", "policy_officer", match=_of_pay("result")),
    "reject_payment_result": Call("post", _at("/payment-results/{result}/reject"), "finance_officer", "leader", lambda world: {"reason": "没有这笔"}, match=_of_pay("result")),
    "list_ledger": Call("get", _at("/ledger"), not_who="agent"),
    "reconcile_ledger": Call("get", _at("/ledger/reconciliation"), not_who="agent"),
    "reverse_ledger_entry": Call("post", _at("/ledger/{entry}/reverse"), "finance_officer", "leader", lambda world: {"reason": "记到别家了"}, 201),
    "claim_entries": Call("get", _at("/claims/{paid}/ledger"), own=True),
    "hand_in_clawback_paper": Call("post", _at("/claims/{paid}/clawback-papers"), "policy_officer", "agent", lambda world: {
        "entry": "clawback_decision", "number": "追〔2026〕9号", "issued": today().isoformat()}, 201, file=lambda: b"%PDF-1.7 decision"),
    "payment_check": Call("get", lambda world: f"/api/claims/{world.pay.checking.pk}/check", not_who="agent"),
    "enter_payment_check": Call("post", lambda world: f"/api/claims/{world.pay.fresh.pk}/check", "policy_officer", "leader", lambda world: {
        "conditions_met": "true", "payee_matches": "true"}, 201, file=lambda: b"%PDF-1.7 check"),
    "decide_payment_check": Call("post", lambda world: f"/api/claims/{world.pay.checking.pk}/check/decision", "policy_officer", "leader", lambda world: {
        "seen": world.pay.pieces, "holds": True}),
    "demand_back": Call("post", _at("/claims/{paid}/demands"), "leader", "finance_officer", lambda world: {"paper": world.pay.decision.pk, "amount_fen": 300, "reason": "虚报"}, 201),
    "book_repayment": Call("post", _at("/claims/{demanded}/repayments"), "finance_officer", "leader", lambda world: {"paper": world.pay.returned.pk, "amount_fen": 500}, 201),
    "list_standards": Call("get", _at("/standards"), own=True),
    "enterprise_standards": Call("get", _at("/enterprises/{uscc}/standards?against=2025-10-31"), own=True),
    "list_allocations": Call("get", _at("/allocations"), not_who="data_clerk"),
    "start_allocation": Call("post", _at("/allocations"), "policy_officer", "leader", lambda _world: {}, gives=202),
    "one_allocation": Call("get", _at("/allocations/{allocation}"), not_who="data_clerk"),
    "allocation_lines": Call("get", _at("/allocations/{allocation}/{policy}"), not_who="data_clerk"),
    "run_simulation_now": Call("post", _at("/simulations"), "policy_officer", "data_clerk", lambda _world: {"scenarios": [{"policy": POLICY, "changes": {"budget:amount": "8万元"}}]}, gives=201),
    "one_simulation": Call("get", _at("/simulations/{simulation}"), not_who="data_clerk"),
    "list_evaluations": Call("get", _at("/evaluations"), not_who="data_clerk"),
    "one_evaluation": Call("get", _at("/evaluations/{evaluation}"), not_who="data_clerk"),
    "list_claims": Call("get", _at("/claims"), not_who="data_clerk", own=True),
    "one_claim": Call("get", _at("/claims/{payout}"), not_who="data_clerk", own=True),
    "open_claims": Call("post", _at(f"/policies/{ENTITLED}/claims"), "policy_officer", "leader", lambda world: {"allocation": world.allocation.run_id}, 201),
    "start_claim": Call("post", _at("/enterprises/{uscc}/claims"), "agent", "leader", lambda world: {"policy": ENTITLED}, 201),
    "pass_claim": Call("post", _at("/claims/{payout}/passages"), "policy_officer", "leader", lambda world: {"to": "publicised"}, match=_payout_version),
    "send_claim_back": Call("post", _at("/claims/{payout}/back"), "policy_officer", "leader", lambda world: {"to": "found", "reason": "名单有误"}, match=_payout_version),
    "answer_claim": Call("post", _at("/claims/{payout}/answer"), "agent", "policy_officer", lambda world: {"intent": True, "account": "18012345678901", "bank": "县农商行"},
                         match=_payout_version),
    "give_up_claim": Call("post", _at("/claims/{payout}/give-up"), "agent", "policy_officer", lambda world: {"reason": "今年不需要"}, match=_payout_version),
    "list_cases": Call("get", _at("/cases?state=open"), "service_officer", own=True),
    "one_case": Call("get", _case("fresh"), "service_officer", own=True),
    "open_case": Call("post", _at("/cases"), "service_officer", "leader", lambda world: {"life_event": carried.EVENT, "answers": {"site": "lease"}, "values": {"company_name": "示例"}, "applicant": "示例第二筹建组"}, 201),
    "hand_in_paper": Call("post", _case("fresh", "/papers"), "agent", "leader", lambda world: {"entry": "layout"}, file=lambda: b"%PDF-1.7 layout", match=_case_version("fresh")),
    "verify_case_papers": Call("post", _case("owing", "/papers/seen"), "service_officer", "leader", lambda world: {"pieces": world.cases.followed}, match=_case_version("owing")),
    "note_case_touch": Call("post", _case("running", "/touches"), "service_officer", "leader", lambda world: {"kind": "call", "what": "问进展"}, match=_case_version("running")),
    "withdraw_case": Call("post", _case("fresh", "/withdrawal"), "agent", "leader", lambda world: {"reason": "不办了"}, match=_case_version("fresh")),
    "close_case": Call("post", _case("handed", "/closing"), "service_officer", "leader", lambda world: {"basis": "行政许可法第三十二条", "reason": "不属于本机关职权"}, match=_case_version("handed")),
    "rate_case": Call("post", _case("ended", "/rating"), "agent", "service_officer", lambda world: {"stars": 5}, match=_case_version("ended")),
    "list_case_steps": Call("get", _at("/case-steps"), "service_officer", "leader"),
    "one_case_step": Call("get", _case("running", f"/steps/{carried.FIRST}"), "service_officer"),
    "accept_case": Call("post", _case("handed", f"/steps/{ACCEPT}/accept"), "service_officer", "leader", lambda world: {"verified": world.cases.waiting}, match=_step_version("handed", ACCEPT)),
    "ask_correction": Call("post", _case("handed", f"/steps/{ACCEPT}/correction"), "service_officer", "leader", lambda world: {"items": ["layout"], "reason": "图上没有盖章"}, match=_step_version("handed", ACCEPT)),
    "finish_matter": Call("post", _case("running", f"/steps/{carried.FIRST}/finish"), "service_officer", "leader", lambda world: {"reason": "办好了"}, match=_step_version("running", carried.FIRST)),
    "finish_with_result": Call("post", _case("running", f"/steps/{carried.FIRST}/result"), "service_officer", "leader", lambda world: {"number": "示例〔2026〕1号"}, file=lambda: b"%PDF-1.7 result", match=_step_version("running", carried.FIRST)),
    "pause_step": Call("post", _case("running", f"/steps/{carried.FIRST}/pause"), "service_officer", "administrator", lambda world: {
        "article": carried.step(world.cases.running, carried.FIRST).step.gate.term.pauses[0], "reason": "现场勘察"}, match=_step_version("running", carried.FIRST)),
    "resume_step": Call("post", _case("paused", f"/steps/{carried.FIRST}/resume"), "service_officer", "administrator", lambda world: {"reason": "勘察完了"}, match=_step_version("paused", carried.FIRST)),
    "ask_step_extension": Call("post", _case("running", f"/steps/{carried.FIRST}/extension"), "service_officer", "leader", lambda world: {"days": 5, "basis": "行政许可法第四十二条", "reason": "要专家复核"},
                               match=_step_version("running", carried.FIRST)),
    "deliver_case": Call("post", _case("ready", f"/steps/{DELIVER}/deliver"), "service_officer", "leader", lambda world: {"kind": "courier"}, match=_step_version("ready", DELIVER)),
    "finish_steps": Call("post", _at("/case-steps/finish"), "service_officer", "leader", lambda world: {"steps": world.cases.read}),
    "list_case_extensions": Call("get", _at("/case-extensions"), "leader", "service_officer"),
    "decide_case_extension": Call("post", lambda world: f"/api/case-extensions/{world.cases.extension.pk}/decide", "leader", "service_officer", lambda world: {"grant": True, "reason": "情况属实"}, match=lambda world: '"1"'),
    "list_commitments": Call("get", _at("/commitments"), "service_officer", "leader"),
    "check_commitment": Call("post", lambda world: f"/api/commitments/{world.cases.promise.pk}/check", "service_officer", "leader", lambda world: {"holds": True, "reason": "看过现场"}, match=lambda world: '"1"'),
    "run_changes": Call("get", _at("/runs/{run}/since/{run}"), not_who="data_clerk"),
    "list_projects": Call("get", _at("/projects?stage=triage"), "leader", "data_clerk"),
    "one_project": Call("get", _project(), "leader", "data_clerk"),
    "open_project": Call("post", _at("/projects"), "leader", "data_clerk", lambda world: {"name": "示例表壳项目", "investor": "东莞示例五金有限公司", "source": "chain_team", "planned_fen": 360_000_000}, 201),
    "move_project": Call("post", _project("/move"), "leader", "data_clerk", lambda world: {"to": "negotiating"}, match=_project_version),
}


def token_of(person: Person) -> str:
    """A token as the page issues it."""
    token = queries.make()
    actions.issue_token(person=person, name="试验", last_day=today(), token=token, by=person)
    return token


def people(world: World, who: str) -> Person:
    """Somebody by role, the agent of the firm, of another one, or a person without a post."""
    own = {"agent": world.agent, "other_agent": world.other_agent, "nobody": world.nobody}
    return own[who] if who in own else world.people[who]


def ask(call: Call, world: World, token: str | None, **more: str) -> Any:
    """The answer to one call."""
    headers = {**call.headers, **({"Authorization": f"Bearer {token}"} if token else {}), **({"If-Match": call.match(world)} if call.match else {}), **more}
    body = call.body(world) if call.body else None
    client = Client(headers=headers)
    if call.file:
        return client.post(call.path(world), {**(body or {}), "file": SimpleUploadedFile("七月.xlsx", call.file())})
    return getattr(client, call.method)(call.path(world), *((body,) if body is not None else ()), **({"content_type": "application/json"} if call.method != "get" else {}))
