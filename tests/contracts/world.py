"""A small county for the contracts that walk pages: people of every role, firms, a delivery, a match."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.apps import apps

from diguan.enterprises import actions as register
from diguan.enterprises.actions.capabilities import Proof, claim_capability
from diguan.enterprises.models import Capability, Contact, Enterprise, Title
from diguan.enterprises.tests.factories import CLAIMS, COMMON, contact_factory, enterprise_factory
from diguan.kernel import jobs
from diguan.kernel.access.models import Person
from diguan.kernel.clocks import today
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.facts import deliveries
from diguan.kernel.facts.models import Batch, DataRequest, Upload
from diguan.kernel.facts.requests import actions as requests
from diguan.kernel.facts.requests.queries import About, Question, letters
from diguan.kernel.facts.runs import Run
from diguan.kernel.messages import Message
from diguan.kernel.notices import actions as notices
from diguan.kernel.notices.kinds import Draft as NoticeDraft
from diguan.kernel.notices.models import Notice, Round
from diguan.kernel.periods import add_months, parse
from diguan.kernel.sheets.tests.ugly import HEADS, code, xlsx
from diguan.kernel.stages.models import Course
from diguan.kernel.tests import worlds
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.policies.actions import life as living
from diguan.policies.actions import run_match
from diguan.policies.actions.allocation import run_allocation
from diguan.policies.actions.drafts import copy_policy
from diguan.policies.actions.evaluation import run_evaluation
from diguan.policies.actions.simulation import run_simulation
from diguan.policies.models import Claim, ClaimReview, Draft
from diguan.policies.queries import questions
from diguan.policies.queries.simulations import Scenario
from diguan.policies.tests import claiming, lives, payment_factory
from diguan.services.tests import carried
from diguan.services.tests.samples import event as life_event

ROLES = ("leader", "policy_officer", "data_clerk", "administrator", "finance_officer", "service_officer", "chain_officer", "promotion_officer", "statistics_officer")
POLICY = "equipment-upgrade-2026"
ENTITLED = "high-tech-award-2026"
"""The policy the first firm is entitled to."""
APPLICATION = "export-growth-2026"
"""One that is applied for: a claim of it is confirmed, its notice verified, its firm still to answer."""


@dataclass
class World:
    """The rows the samples name. ``agent`` acts for ``firm``, ``other_agent`` for another one."""

    people: Mapping[str, Person]
    agent: Person
    other_agent: Person
    nobody: Person
    firm: Enterprise
    title: Title
    contact: Contact
    capability: Capability
    batch: Batch
    upload: Upload
    job: jobs.Job
    run: Run
    allocation: Run
    simulation: Run
    evaluation: Run
    letter: DataRequest
    own_letter: DataRequest
    notice: Notice
    round: Round
    claim: Claim
    paper: Evidence
    payout: Claim
    pay: SimpleNamespace
    life: Course
    life_paper: Evidence
    review: ClaimReview
    drafting: Course
    resting: Course
    draft: Draft
    cases: SimpleNamespace


def build(folder: Path, firms: int = 3) -> World:
    """The county, with its data in the folder; ``firms`` is how many enterprises it has (at least 3)."""
    return worlds.remembered(("contracts", firms), folder, lambda: _built(firms))


def _built(firms: int) -> World:
    people = {role: person_factory(role) for role in ROLES}
    made = [enterprise_factory(code(n), f"衡阳演示{n}有限公司", registered_region="430421", town="西渡镇", cluster="钟表",
                               industry="3092", production_status="在产") for n in range(1, firms + 1)]
    clerk = people["data_clerk"]
    register.add_title(enterprise=made[0], kind="high_tech_enterprise", issued=dt.date(2024, 5, 1), by=clerk)
    register.add_former_name(enterprise=made[0], name="衡阳从前有限公司", by=clerk)
    _research(made[0], clerk)
    book = xlsx([HEADS, *([n, code(n), row.name, n * 10] for n, row in enumerate(made, 1))])
    upload = deliveries.keep("税务.xlsx", book, "tax_monthly", by=clerk)
    batch = deliveries.commit(deliveries.Request("tax_monthly", parse("2026-08")), upload, book, by=clerk)
    claims = [claim_capability(enterprise=row, kind=kind, told={**COMMON, **told}, proof=Proof("凭证.pdf", b"%PDF-1.7"), by=clerk)
              for row in made[:2] for kind, told in CLAIMS.items()]
    waiting = xlsx([HEADS, [1, code(1), made[0].name, 12]])
    run = run_match(by=people["policy_officer"])
    evaluation = _evaluated(people["policy_officer"])
    unit_factory("县工信局", code="industry")
    assert batch is not None
    asked = [Question(made[0].uscc, made[0].name, "export.sales", "2026-07", "第二条")]
    letter, own_letter = requests.ask(letters=letters({"tax_bureau": asked, "enterprise": asked}, About("policy", POLICY, "设备更新补贴")), by=people["policy_officer"]).made
    contact, agent = contact_factory(made[0]), person_factory("enterprise_agent", uscc=made[0].uscc)
    allocation = run_allocation(by=people["policy_officer"])
    claim = claiming.on_notice(people["policy_officer"], allocation, POLICY, made[0])
    payout = claiming.on_notice(people["policy_officer"], allocation, APPLICATION, made[0], put_up=False)
    evaluation = _evaluated(people["policy_officer"])
    served = carried.world(made[0].uscc, agent)
    notice, handed = _told(people["policy_officer"], made)
    life_event(None)
    return World(people, agent, person_factory("enterprise_agent", uscc=made[1].uscc),
                 person_factory(), made[0], Title.objects.get(), contact, claims[0], batch,
                 deliveries.keep("九月.xlsx", waiting, "tax_monthly", by=clerk), jobs.Job.objects.filter(by=clerk).latest("id"), run, allocation,
                 run_simulation(scenarios=[Scenario(POLICY), Scenario(POLICY, {"budget:amount": "9万元"})], by=people["policy_officer"]), evaluation,
                 letter, own_letter, notice, handed, claim, Evidence.objects.get(entry="publicity_notice", subject_id=str(claim.pk)), payout,
                 payment_factory.world(_payers(people), made[0]), *_life(people, run, made[1]), copy_policy(policy=POLICY, by=people["policy_officer"]), served)


def _evaluated(officer: Person) -> Run:
    """What became of last year's receivers; three firms are too few to say, which is an answer too."""
    run_match(by=officer, as_of=add_months(today(), -13))
    last = add_months(today(), -1)
    return run_evaluation(question=questions.Question(POLICY, "tax.paid", f"{add_months(last, -12):%Y-%m}", f"{last:%Y-%m}"), by=officer)


def _research(firm: Enterprise, clerk: Person) -> None:
    """The first firm has researched enough for one policy without a budget: it is entitled, and an allocation grants it."""
    book = xlsx([["统一社会信用代码", "入库税额（万元）", "研发费用"], [firm.uscc, 1, 900_000]])
    upload = deliveries.keep("研发.xlsx", book, "tax_monthly", by=clerk)
    deliveries.commit(deliveries.Request("tax_monthly", parse("2025-12"), complete=()), upload, book, by=clerk)


def _payers(people: Mapping[str, Person]) -> SimpleNamespace:
    """The people of payments: those the samples name do what the samples do not, so that each of them still may."""
    return SimpleNamespace(officer=person_factory("policy_officer"), checker=person_factory("policy_officer"), leader=person_factory("leader"),
                           sender=person_factory("finance_officer"), booker=person_factory("finance_officer"), clerk=people["data_clerk"])


def _life(people: Mapping[str, Person], run: Run, firm: Enterprise) -> tuple[Course, Evidence, ClaimReview, Course, Course]:
    """A policy on its way that has been published, so that nothing of it is barred; one of its papers, and a claim
    with a finding; a draft that was reviewed once, and a policy that is suspended."""
    who = SimpleNamespace(officer=people["policy_officer"], second=person_factory("policy_officer"), leader=people["leader"], clerk=people["data_clerk"])
    course = lives.published(POLICY, who, review=lives.review_of(POLICY))
    claim = lives.claim_factory(run, POLICY, firm.uscc, who.officer)
    review = ClaimReview.objects.create(claim=claim, old_run=run.run_id, new_run=run.run_id, was_status=1, now_status=0, finding="x")
    draft = living.begin_life(policy_id="draft-2027", title="起草中的政策", by=who.officer)
    lives.hand_in("draft-2027", "fair_competition_review", who)
    lives.go(draft, "fair_competition_reviewed", who.second)
    resting = lives.published("resting-2026", who)
    living.hold_life(course=resting, to="suspended", version=1, reason="核查", by=who.leader)
    return course, Evidence.objects.filter(subject_id=POLICY).latest("id"), review, draft, resting


def _told(officer: Person, firms: list[Enterprise]) -> tuple[Notice, Round]:
    """A notice to every firm but the second; that of the first is in its inbox and was handed over as a message."""
    words = Message("可享：演示", "You are entitled: a sample")
    drafts = [NoticeDraft("policies.entitled", ("policy", POLICY), words, words, uscc=firm.uscc, text="演示短信") for firm in (firms[0], *firms[2:])]
    written = notices.write(drafts=drafts, by=officer)
    notices.send_due(by=officer)
    return written[0], notices.hand_over(by=officer)


Arguments = Callable[[World], dict[str, Any]]


@dataclass(frozen=True)
class Sample:
    """How to ask for one address: who may (a role, ``agent`` or ``public``), with which arguments, and what comes.

    ``gives`` is ``page`` (a whole page), ``part`` (a fragment for htmx), ``file``, ``data`` (what a script asks for), or ``deed`` (POST only; a
    stranger is refused, the deed itself is tested in its room). ``anyone`` marks pages every logged-in person has;
    ``own`` lists that an enterprise's agent has too, holding nothing but that enterprise.
    """

    who: str = "policy_officer"
    arguments: Arguments = field(default=lambda world: {})
    query: str = ""
    gives: str = "page"
    anyone: bool = False
    own: bool = False


def _one(name: str, read: Callable[[World], Any]) -> Arguments:
    return lambda world: {name: read(world)}


_uscc = _one("uscc", lambda world: world.firm.uscc)
_claim = _one("number", lambda world: world.capability.pk)
_policy = _one("policy_id", lambda world: POLICY)
_claimed = _one("number", lambda world: world.claim.pk)
_paper: Arguments = lambda world: {"number": world.claim.pk, "paper": world.paper.pk}  # noqa: E731  # a sample like its neighbours
staff, clerk, admin, treasury, leader = (partial(Sample, role) for role in ("policy_officer", "data_clerk", "administrator", "finance_officer", "leader"))


def _pay(name: str, what: str = "pk", **more: Any) -> Arguments:
    return lambda world: {"number": getattr(getattr(world.pay, name), what), **more}


_draft = _one("number", lambda world: world.draft.pk)
_letter = _one("number", lambda world: world.letter.pk)
person = _one("pk", lambda world: world.people["leader"].pk)

SAMPLES: dict[str, Sample] = {
    "site:home": staff(anyone=True),
    "site:search": staff(query="?q=演示", anyone=True),
    "site:login": Sample("public"),
    "site:logout": Sample("public", gives="deed"),
    "site:password": staff(anyone=True),
    "site:language": Sample("public", gives="deed"),
    "site:theme": Sample("public", gives="deed"),
    "site:tokens": staff(anyone=True),
    "site:token_revoke": staff(_one("number", lambda world: 1), gives="deed", anyone=True),
    "site:people": admin(),
    "site:person_new": admin(),
    "site:person": admin(person),
    "site:person_deed": admin(lambda world: {"pk": world.people["leader"].pk, "name": "deactivate"}),
    "site:units": admin(),
    "site:unit_new": admin(),
    "site:unit": admin(lambda world: {"pk": world.people["leader"].posts.get().unit_id}),
    "site:imports": clerk(),
    "site:import_preview": clerk(_one("number", lambda world: world.upload.pk), "?period=2026-09"),
    "site:import_marked": clerk(_one("number", lambda world: world.upload.pk), "?period=2026-09", gives="file"),
    "site:import_commit": clerk(_one("number", lambda world: world.upload.pk), gives="deed"),
    "site:batches": staff(),
    "site:batch": staff(_one("number", lambda world: world.batch.pk)),
    "site:batch_withdraw": clerk(_one("number", lambda world: world.batch.pk), gives="deed"),
    "site:coverage": staff(),
    "site:disputes": staff(query="?fact=jobs.headcount&period=2026-08"),
    "site:requests": staff(own=True),
    "site:request": staff(_letter),
    "site:request_sheet": staff(lambda world: {"number": world.letter.pk, "name": "tax_monthly"}, gives="file"),
    "site:request_upload": clerk(lambda world: {"number": world.letter.pk, "name": "tax_monthly"}, gives="deed"),
    "site:request_decline": clerk(_letter, gives="deed"),
    "site:request_withdraw": staff(_letter, gives="deed"),
    "site:answer": Sample("agent", _uscc),
    "site:save_view": Sample("policy_officer", gives="deed", anyone=True),
    "site:forget_view": Sample("policy_officer", _one("number", lambda world: 1), gives="deed", anyone=True),
    "site:job": clerk(_one("number", lambda world: world.job.pk)),
    "enterprises:list": staff(own=True),
    "enterprises:new": clerk(),
    "enterprises:duplicates": clerk(query="?name=衡阳演示", gives="part"),
    "enterprises:dossier": staff(_uscc),
    "enterprises:facts": staff(_uscc),
    "enterprises:fact": staff(lambda world: {"uscc": world.firm.uscc, "name": "tax.paid"}),
    "enterprises:standards": staff(_uscc),
    "enterprises:history": staff(_uscc),
    "enterprises:reveal": staff(lambda world: {"uscc": world.firm.uscc, "number": world.contact.pk}, gives="deed"),
    "enterprises:change": clerk(_uscc),
    "enterprises:add_former_name": clerk(_uscc),
    "enterprises:add_title": clerk(_uscc),
    "enterprises:withdraw_title": clerk(lambda world: {"uscc": world.firm.uscc, "number": world.title.pk}),
    "enterprises:add_contact": clerk(_uscc),
    "enterprises:change_contact": clerk(lambda world: {"uscc": world.firm.uscc, "number": world.contact.pk}),
    "notices:inbox": Sample("agent", own=True),
    "notices:outbox": staff(),
    "notices:rounds": staff(),
    "notices:hand_over": staff(gives="deed"),
    "notices:take_again": staff(_one("number", lambda world: world.round.pk), gives="deed"),
    "notices:one": Sample("agent", _one("number", lambda world: world.notice.pk)),
    "notices:answer": Sample("agent", _one("number", lambda world: world.notice.pk), gives="deed"),
    "enterprises:capabilities": staff(own=True),
    "enterprises:capability_overview": staff(),
    "enterprises:capability": staff(_claim),
    "enterprises:change_capability": clerk(_claim),
    "enterprises:verify_capability": staff(_claim, gives="deed"),
    "enterprises:reject_capability": staff(_claim, gives="deed"),
    "enterprises:withdraw_capability": clerk(_claim, gives="deed"),
    "enterprises:capability_proof": staff(_claim, gives="file"),
    "enterprises:enterprise_capabilities": staff(_uscc),
    "enterprises:claim_capability": clerk(_uscc, "?kind=share"),
    "policies:list": staff(),
    "policies:policy": staff(_policy),
    "policies:group": staff(lambda world: {"policy_id": POLICY, "group": "unknown"}),
    "policies:ask": staff(_policy),
    "policies:explanation": staff(lambda world: {"policy_id": POLICY, "uscc": world.firm.uscc}),
    "policies:reach": staff(lambda world: {"policy_id": POLICY, "stage": "unreached"}),
    "policies:lives": staff(),
    "policies:life_begin": staff(),
    "policies:life": staff(_policy),
    "policies:life_deed": staff(lambda world: {"policy_id": POLICY, "name": "pass"}, gives="deed"),
    "policies:life_paper": staff(lambda world: {"policy_id": POLICY, "number": world.life_paper.pk}, gives="file"),
    "policies:life_decide": staff(lambda world: {"policy_id": POLICY, "number": world.life_paper.pk, "name": "verify"}, gives="deed"),
    "policies:reviews": staff(),
    "policies:review": staff(_one("number", lambda world: world.review.pk)),
    "policies:mine": Sample("agent", own=True),
    "policies:claims": staff(own=True),
    "policies:claims_of": staff(_policy, own=True),
    "policies:claim": staff(_claimed),
    "policies:claim_pass": staff(_claimed, gives="deed"),
    "policies:claim_back": staff(_claimed, gives="deed"),
    "policies:claim_enter": staff(_claimed, gives="deed"),
    "policies:claim_paper": staff(_paper, gives="file"),
    "policies:claim_decide": staff(_paper, gives="deed"),
    "policies:claim_reveal": staff(_paper, gives="deed"),
    "policies:claim_step": staff(lambda world: {"policy_id": POLICY, "step": "unobjected"}),
    "policies:claim_notice": staff(_policy, gives="deed"),
    "policies:open_claims": staff(lambda world: {"run_id": world.allocation.run_id, "policy_id": POLICY}, gives="deed"),
    "policies:own_claims": Sample("agent", own=True),
    "policies:claim_answer": Sample("agent", _claimed, gives="deed"),
    "policies:claim_give_up": Sample("agent", _claimed, gives="deed"),
    "policies:start_claim": Sample("agent", lambda world: {"policy_id": POLICY, "uscc": world.firm.uscc}, gives="deed"),
    "policies:publicity": staff(_policy, anyone=True),  # a public notice: firms read it of one another, and object
    "policies:object": Sample("agent", lambda world: {"policy_id": POLICY, "number": world.claim.pk}, anyone=True),
    "policies:runs": staff(),
    "policies:run": staff(_one("run_id", lambda world: world.run.run_id)),
    "policies:changes": staff(lambda world: {"run_id": world.run.run_id, "old_id": world.run.run_id}),
    "policies:start_run": staff(gives="deed"),
    "policies:start_allocation": staff(_one("run_id", lambda world: world.run.run_id), gives="deed"),
    "policies:drafts": staff(),
    "policies:builder_new": staff(),
    "policies:builder_import": staff(),
    "policies:builder_copy": staff(gives="deed"),
    "policies:builder": staff(_draft, "?at=3"),
    "policies:builder_clause": staff(_draft, gives="deed"),
    "policies:builder_tree": staff(_draft, gives="deed"),
    "policies:builder_source": staff(_draft),
    "policies:builder_terms": staff(_draft),
    "policies:builder_examples": staff(_draft),
    "policies:builder_example": staff(lambda world: {"number": world.draft.pk, "at": 1}),
    "policies:builder_text": staff(_draft),
    "policies:builder_download": staff(_draft, gives="file"),
    "policies:builder_versions": staff(_draft),
    "policies:builder_publish": staff(_draft),
    "policies:builder_publish_now": staff(_draft, gives="deed"),
    "policies:builder_compare": staff(_draft),
    "policies:builder_moved": staff(lambda world: {"number": world.draft.pk, "old": "inforce", "new": "draft", "kind": "gained"}),
    "policies:builder_people": staff(lambda world: {"number": world.draft.pk, "group": "near"}),
    "policies:allocation": staff(_one("run_id", lambda world: world.allocation.run_id)),
    "policies:simulations": staff(),
    "policies:new_simulation": staff(query=f"?policy={POLICY}"),
    "policies:simulation": staff(_one("run_id", lambda world: world.simulation.run_id)),
    "policies:simulation_firms": staff(lambda world: {"run_id": world.simulation.run_id, "scenario": 1}),
    "policies:simulation_moved": staff(lambda world: {"run_id": world.simulation.run_id, "scenario": 1, "move": "gained"}),
    "policies:evaluations": staff(),
    "policies:new_evaluation": staff(query=f"?policy={POLICY}"),
    "policies:evaluation": staff(_one("run_id", lambda world: world.evaluation.run_id)),
    "policies:evaluation_firms": staff(lambda world: {"run_id": world.evaluation.run_id, "group": "lost"}),
    "policies:payments": staff(),
    "policies:payment_new": staff(query=f"?policy={POLICY}"),
    "policies:payment_draft": staff(gives="deed"),
    "policies:payment": staff(_pay("approved")),
    "policies:payment_export": treasury(_pay("open", "order_id"), gives="deed"),
    "policies:payment_deed": leader(_pay("drafted", deed="approve"), gives="deed"),
    "policies:payment_line": treasury(_pay("open")),
    "policies:payment_reveal": treasury(_pay("open"), gives="deed"),
    "policies:payment_result": treasury(_pay("result", deed="book"), gives="deed"),
    "policies:payment_paper": treasury(_pay("result", "voucher_id"), gives="file"),
    "policies:ledger": staff(),
    "policies:entries": staff(),
    "policies:entry_reverse": treasury(_pay("entry"), gives="deed"),
    "policies:reconcile": staff(),
    "policies:claim_ledger": staff(_pay("paid")),
    "policies:claim_check": staff(_pay("fresh"), gives="deed"),
    "policies:claim_check_decide": staff(_pay("checking"), gives="deed"),
    "policies:claim_demand": leader(_pay("paid"), gives="deed"),
    "policies:claim_repay": treasury(_pay("demanded"), gives="deed"),
    "policies:claim_settle": treasury(_pay("paid"), gives="deed"),
    "policies:allocated": staff(lambda world: {"run_id": world.allocation.run_id, "policy_id": POLICY}),
}


def _of_the_rooms() -> dict[str, Sample]:
    """The samples a room brings along in ``tests/samples.py``: address -> (who may, arguments or None), and what else the sample says where it is no plain page."""
    found = {}
    for config in apps.get_app_configs():
        if config.name.startswith("diguan.") and find_spec(f"{config.name}.tests") and find_spec(f"{config.name}.tests.samples"):
            brought = import_module(f"{config.name}.tests.samples").SAMPLES
            found.update({name: Sample(who, **({"arguments": arguments} if arguments else {}), **(more[0] if more else {})) for name, (who, arguments, *more) in brought.items()})
    return found


SAMPLES.update(_of_the_rooms())
ROOMS = os.environ.get("DIGUAN_WALK", "").split()
WALKED = {name: sample for name, sample in SAMPLES.items() if not ROOMS or name.partition(":")[0] in ROOMS}
"""The addresses that are walked: all, or those of the rooms ``DIGUAN_WALK`` names, for who adds one room and knows the rest."""
