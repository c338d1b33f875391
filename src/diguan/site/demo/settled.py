"""From a match of mid October to the money: claims of four policies, each come to another point of its way.

Through the ordinary actions, by the people whose business each step is; the county's day is moved as in the demo's requests. Every step
takes whatever claims stand before it, so an interrupted start goes on where it stopped. One award is paid in full; of a
subsidy's order some are paid, one the bank has returned; a list is on public notice; one waits to be confirmed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from diguan.kernel.evidence.actions import Paper
from diguan.site.demo import accounts, papers
from diguan.site.demo.requests import on

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person
    from diguan.kernel.facts.runs import Run
    from diguan.policies.models import Claim, PaymentLine, PaymentOrder

PAID, SENT, NOTICED, FOUND = "little-giant-award-2026", "gas-price-parity-2026", "equipment-upgrade-2026", "land-intensity-2026"
NEXT = "equipment-upgrade-2027"
BANKS = ("农业银行衡阳县支行", "建设银行西渡支行", "衡阳县农商银行")
MATCHED, CONFIRMED, NOTICE, UNOBJECTED, ANSWERED, CHECKED, ORDERED, TREASURY, RESULT = (
    dt.date(2026, 10, day) for day in (12, 13, 14, 22, 23, 26, 27, 28, 30))
AGENCY = ("agency3", "蒋演示（代账）")


class People:
    """Who does what: ``first`` opens and drafts, ``second`` confirms and checks, the leader approves, the treasury pays."""

    def __init__(self) -> None:
        self.first, self.second, self.leader = accounts.known("officer"), accounts.known("officer2"), accounts.known("leader")
        self.sender, self.booker = accounts.known("treasury"), accounts.known("treasury2")


def prepare() -> None:
    """Bring the claims to where a county would be a fortnight after its list; what is there already is left as it is.

    Raises:
        Refusal: a step is refused; what was done before it stays and is found again.
    """
    from diguan.policies.actions import run_match
    from diguan.policies.actions.allocation import run_allocation

    who = People()
    with on(MATCHED):
        run = run_allocation(match=run_match(by=who.first, as_of=MATCHED).run_id, by=who.first)
    for policy in (PAID, SENT, NOTICED, FOUND):
        _open(policy, run, who)
    for policy in (PAID, SENT, NOTICED):
        _confirm(policy, who)
    for policy in (PAID, SENT):
        _answer(policy, who)
        _order(policy, who)
    _pay(PAID, who, lambda _place: "paid")
    _pay(SENT, who, lambda place: "returned" if place == 1 else "paid" if place < 8 else "")
    _draft(who)


def _draft(who: People) -> None:
    """Next year's text is being written, and its fair-competition review has been handed in."""
    from diguan.kernel.evidence import actions as evidence
    from diguan.kernel.evidence.actions import About
    from diguan.policies.actions import drafts, life
    from diguan.policies.models import Draft

    if Draft.objects.exists():
        return
    made = drafts.copy_policy(policy=NOTICED, name=NEXT, by=who.first)
    drafts.save_version(draft=made, version=made.version, note="照今年的拟，送审", by=who.first)  # what the review is of
    life.begin_life(policy_id=NEXT, title=made.title, by=who.first)
    paper = Paper(value="true", content=papers.pdf("Fair-competition review (synthetic)"), file_name="公平竞争审查.pdf", number="演示公竞审〔2026〕31号", issued=RESULT)
    evidence.enter(entry="fair_competition_review", about=About("policy", NEXT), paper=paper, by=who.first)


def _at(policy: str, stage: str, by: Person) -> list[Claim]:
    from diguan.policies.queries import claims

    return [row for row in claims.claims_of(by, policy).order_by("enterprise__name_key", "id") if claims.where(row) == stage]


def _seen(rows: Iterable[Claim]) -> dict[int, object]:
    from diguan.kernel.stages import queries as stages
    from diguan.policies.queries.claims import Seen

    return {row.pk: Seen.of(task) for row in rows if row.course and (task := stages.current(row.course))}


def _open(policy: str, run: Run, who: People) -> None:
    from diguan.policies.actions import claims
    from diguan.policies.models import Claim
    from diguan.policies.queries import allocations

    found = allocations.totals_of(run).get(policy)
    if found is not None and found.granted_fen and not Claim.objects.filter(policy=policy).exists():
        with on(MATCHED):
            claims.open_claims(allocation=run, policy=policy, by=who.first)


def _confirm(policy: str, who: People) -> None:
    """Confirmed by another officer, then put on public notice; what is paid has been on it for five working days."""
    from diguan.policies.actions import claim_lists

    late = policy == NOTICED
    with on(dt.date(2026, 10, 28) if late else CONFIRMED):
        rows = _at(policy, "found", who.second)
        if rows:
            claim_lists.pass_list(to="confirmed", seen=_seen(rows), by=who.second)  # type: ignore[arg-type]
    with on(dt.date(2026, 10, 29) if late else NOTICE):
        rows = _at(policy, "confirmed", who.second)
        if rows:
            claim_lists.put_up_notice(claims_seen=[row.pk for row in rows], paper=_paper("公示.pdf", f"Public notice, {policy} (synthetic)"), by=who.first)
            claim_lists.pass_list(to="publicised", seen=_seen(rows), by=who.second)  # type: ignore[arg-type]
    if not late:
        with on(UNOBJECTED):
            rows = _at(policy, "publicised", who.first)
            if rows:
                claim_lists.pass_list(to="unobjected", seen=_seen(rows), by=who.first)  # type: ignore[arg-type]


def _paper(name: str, words: str) -> Paper:
    return Paper(content=papers.pdf(words), file_name=name)


def _answer(policy: str, who: People) -> None:
    """The firms' agency confirms intent and account; an officer verifies both, then the conditions and the payee are checked by two."""
    from diguan.policies.actions import claim_papers, claim_steps
    from diguan.policies.queries import claims

    agent = _agent(_at(policy, "unobjected", who.first))
    with on(ANSWERED):
        for place, row in enumerate(_at(policy, "unobjected", who.first)):
            if claims.to_hand_in(row):
                claim_papers.hand_in(claim=row, version=row.version, by=agent, papers={
                    "intent_confirmation": Paper(value="true"), "bank_account": Paper(value=f"18{row.pk:06d}{place:06d}", number=BANKS[place % len(BANKS)])})
            seen = _seen([row])[row.pk]
            claim_steps.confirm_intent(claim=claims.claim(who.second, row.pk), seen=seen, by=who.second)  # type: ignore[arg-type]
    with on(CHECKED):
        for row in _at(policy, "intent_confirmed", who.first):
            _checked(row, who)


def _checked(row: Claim, who: People) -> None:
    """Neither who opened the claim nor who hands the check in may verify it."""
    from diguan.policies.actions import checks
    from diguan.policies.queries import payable

    if not payable.checks_of(row):
        checks.enter_check(claim=row, met=True, matches=True, file_name="核查.pdf", content=papers.pdf(f"Conditions checked on site, claim {row.pk} (synthetic)"), by=who.first)
    waiting = payable.checks_waiting(row)
    if waiting:
        checks.decide_check(claim=row, seen=[piece.pk for piece in waiting], holds=True, by=who.second)


def _agent(rows: Iterable[Claim]) -> Person:
    """One agency acts for these firms."""
    from diguan.kernel.access import actions

    administrator = accounts.known("admin")
    login, name = AGENCY
    who = accounts.person(login) or actions.create_person(login_name=login, name=name, password=accounts.PASSWORD, must_change_password=False, by=administrator)
    if not who.posts.exists():
        actions.appoint(person=who, role="enterprise_agent", unit=None, from_day=accounts.SINCE, by=administrator)
    for row in rows:
        if not who.delegations.filter(uscc=row.enterprise.uscc).exists():
            actions.delegate(person=who, uscc_code=row.enterprise.uscc, evidence="代理记账委托书（演示）", from_day=accounts.SINCE, by=administrator)
    return who


def _order(policy: str, who: People) -> None:
    """Drafted by the first, approved by the leader, sent by the treasury."""
    from diguan.policies.actions import payments
    from diguan.policies.models import PaymentOrder

    with on(ORDERED):
        rows = _at(policy, "intent_confirmed", who.first)
        if rows and not PaymentOrder.objects.filter(policy=policy).exists():
            payments.draft_order(policy=policy, claims=rows, by=who.first)
        for order in PaymentOrder.objects.filter(policy=policy, state="drafted"):
            payments.approve_order(order=order, version=order.version, by=who.leader)
    with on(TREASURY):
        for order in PaymentOrder.objects.filter(policy=policy, state="approved"):
            payments.send_order(order=order, version=order.version, by=who.sender)


def _pay(policy: str, who: People, outcome: Callable[[int], str]) -> None:
    """What the treasury did of each line, by its place: entered by one, booked by another."""
    from diguan.policies.actions import results
    from diguan.policies.models import PaymentLine, PaymentOrder, PaymentResult

    with on(RESULT):
        for order in PaymentOrder.objects.filter(policy=policy, state="sent"):
            for place, line in enumerate(PaymentLine.objects.filter(order=order).order_by("id")):
                if outcome(place) and not PaymentResult.objects.filter(line=line).exists():
                    _enter(order, line, outcome(place), place, who)
        for row in PaymentResult.objects.filter(line__order__policy=policy, state="entered"):
            results.book_result(result=row, version=row.version, by=who.booker)


def _enter(order: PaymentOrder, line: PaymentLine, outcome: str, place: int, who: People) -> None:
    from diguan.policies.actions import results
    from diguan.policies.actions.results import Told

    told = Told(outcome, line.amount_fen, RESULT, f"国库演示〔2026〕{order.serial:02d}{place:03d}号", "账号与户名不符" if outcome == "returned" else "")
    results.enter_result(line=line, version=line.version, told=told, file_name="拨付凭证.pdf", content=papers.pdf(f"Payment voucher {told.number.encode('ascii', 'ignore').decode()} (synthetic)"), by=who.sender)
