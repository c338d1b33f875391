"""Agreements, promises and funds: entered by one, verified by another, never edited; what cannot be true is refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.projects.actions import agreements, funds, promises, proofs
from diguan.projects.models import Agreement, Fund, Project, Promise
from diguan.projects.queries import counted
from diguan.projects.queries import funds as ledger
from diguan.projects.queries.projects import facts_of
from diguan.projects.tests.factories import project_factory
from diguan.projects.tests.ledger_factory import DAY, PROOF, agreement_factory, fund_factory, promise_factory

pytestmark = pytest.mark.django_db


@pytest.fixture
def by() -> Person:
    return person_factory("promotion_officer")


@pytest.fixture
def other() -> Person:
    return person_factory("promotion_officer")


@pytest.fixture
def project(by: Person) -> Project:
    return project_factory(by)


def refused(code: str, act: Any, field: str | None = None) -> Refusal:
    with pytest.raises(Refusal) as error:
        act()
    assert error.value.code == code
    assert field is None or error.value.field == field
    return error.value


def facts(project: Project) -> dict[str, Any]:
    return dict(facts_of(str(project.pk), clocks.today()).attributes)


# ── agreements ───────────────────────────────────────────────────────────────
def test_a_contract_counts_once_another_person_has_verified_it(project: Project, by: Person, other: Person) -> None:
    row = agreement_factory(project, by)
    assert (facts(project)["project.contract_signed"], counted.book(clocks.today()).fen) == (0, 0)
    refused("own_row", lambda: agreements.verify_agreement(agreement=row, version=row.version, by=by))
    agreements.verify_agreement(agreement=row, version=row.version, by=other)
    assert (facts(project)["project.contract_signed"], counted.book(clocks.today()).fen) == (1, 1_000_000_000)


@pytest.mark.parametrize(("field", "values", "code"), [
    ("minor", {"minor": 0}, "invalid"), ("minor", {"minor": -5}, "invalid"), ("minor", {"minor": None}, "invalid"), ("signed_on", {"signed_on": dt.date(2199, 1, 1)}, "bad_day"),
    ("currency", {"currency": "XXX"}, "invalid"), ("rate", {"currency": "USD"}, "invalid"), ("rate_source", {"currency": "USD", "rate": 700_000_000, "rate_on": DAY}, "invalid"),
    ("rate_on", {"currency": "USD", "rate": 700_000_000, "rate_source": "中国外汇交易中心"}, "invalid"), ("counterparty_uscc", {"counterparty_uscc": "91430421MA00002261"}, "invalid"),
    ("total_fen", {"kind": "supplement"}, "invalid"), ("replaces", {"kind": "replacement"}, "invalid"), ("number", {"number": ""}, "invalid")])
def test_what_cannot_be_true_of_an_agreement_is_refused_at_its_field(project: Project, by: Person, field: str, values: dict[str, Any], code: str) -> None:
    refused(code, lambda: agreement_factory(project, by, **values), field)
    assert not Agreement.objects.exists()


def test_a_contract_in_dollars_keeps_its_amount_its_rate_and_says_that_it_was_rounded(project: Project, by: Person) -> None:
    row = agreement_factory(project, by, currency="USD", minor=100_000_001, rate=712_345_678, rate_on=DAY, rate_source="中国外汇交易中心")
    assert (row.minor, row.currency, row.rate, row.amount_fen, row.rounded) == (100_000_001, "USD", 712_345_678, 712_345_685, True)


def test_a_paper_is_not_replaced_after_it_was_verified(project: Project, by: Person, other: Person) -> None:
    row = agreement_factory(project, by)
    row = agreements.replace_proof(agreement=row, version=row.version, proof=("新.pdf", PROOF[1] + b"2"), by=by)
    row = agreements.verify_agreement(agreement=row, version=row.version, by=other)
    before = row.proof_id
    refused("verified_already", lambda: agreements.replace_proof(agreement=row, version=row.version, proof=("再.pdf", PROOF[1] + b"3"), by=by))
    assert Agreement.objects.get(pk=row.pk).proof_id == before


def test_what_was_read_before_somebody_else_acted_is_a_conflict(project: Project, by: Person, other: Person) -> None:
    row = agreement_factory(project, by)
    stale = Agreement.objects.get(pk=row.pk)
    agreements.replace_proof(agreement=row, version=row.version, proof=PROOF, by=by)
    refused("conflict", lambda: agreements.verify_agreement(agreement=stale, version=stale.version, by=other))


def test_a_void_agreement_counts_nothing_and_who_entered_it_does_not_void_it(project: Project, by: Person, other: Person) -> None:
    row = agreement_factory(project, by, other)
    refused("own_row", lambda: agreements.void_agreement(agreement=row, version=row.version, reason="签错了", by=by))
    refused("invalid", lambda: agreements.void_agreement(agreement=row, version=row.version, reason="", by=other), "reason")
    row = agreements.void_agreement(agreement=row, version=row.version, reason="签错了主体", by=other)
    assert (row.state, counted.book(clocks.today()).fen) == ("void", 0)
    assert counted.book(clocks.today(), row.verified_at).fen == 1_000_000_000


def test_the_database_too_wants_two_people(project: Project, by: Person) -> None:
    row = agreement_factory(project, by)
    with pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.filter(pk=row.pk).update(state="verified", verified_by=by, verified_at=clocks.now())


# ── promises ─────────────────────────────────────────────────────────────────
def test_an_agreement_is_not_verified_before_its_promises_were_told(project: Project, by: Person, other: Person) -> None:
    row = agreement_factory(project, by, no_promises=False)
    refused("promises_unknown", lambda: agreements.verify_agreement(agreement=row, version=row.version, by=other))


def test_a_promise_nobody_reviewed_closes_the_gate(project: Project, by: Person, other: Person) -> None:
    assert "project.promises_cleared" not in facts(project)
    promise = promise_factory(agreement_factory(project, by), by)
    assert facts(project)["project.promises_cleared"] == 0
    refused("own_row", lambda: promises.review_promise(promise=promise, version=1, conclusion="passed", review_note="对照条例逐条看过", proof=PROOF, by=by))
    promises.review_promise(promise=promise, version=promise.version, conclusion="passed", review_note="对照条例逐条看过", proof=PROOF, by=other)
    assert facts(project)["project.promises_cleared"] == 1


def test_a_promise_that_failed_keeps_the_gate_closed(project: Project, by: Person, other: Person) -> None:
    promise = promise_factory(agreement_factory(project, by), by)
    promises.review_promise(promise=promise, version=promise.version, conclusion="failed", review_note="没有走招拍挂", proof=PROOF, by=other)
    assert facts(project)["project.promises_cleared"] == 0


@pytest.mark.parametrize("conclusion", ["passed", "exempt"])
def test_a_favour_in_taxes_without_a_legal_basis_never_passes(project: Project, by: Person, other: Person, conclusion: str) -> None:
    promise = promise_factory(agreement_factory(project, by), by, kind="fiscal", text="前三年税收地方留成全部返还", legal_basis="")
    error = refused("no_legal_basis", lambda: promises.review_promise(promise=promise, version=promise.version, conclusion=conclusion, review_note="看过", proof=PROOF, by=other))
    assert "公平竞争审查条例" in error.texts("zh")[1]
    with pytest.raises(IntegrityError), transaction.atomic():
        Promise.objects.filter(pk=promise.pk).update(conclusion=conclusion, reviewed_by=other, reviewed_on=DAY, review_proof=promise.agreement.proof)
    promises.review_promise(promise=promise, version=promise.version, conclusion="failed", review_note="没有依据", proof=PROOF, by=other)


def test_no_promise_is_slipped_into_a_verified_agreement(project: Project, by: Person, other: Person) -> None:
    row = agreement_factory(project, by, other)
    refused("verified_already", lambda: promise_factory(row, by))


def test_who_may_not_review_is_refused(project: Project, by: Person) -> None:
    promise = promise_factory(agreement_factory(project, by), by)
    refused("forbidden", lambda: promises.review_promise(promise=promise, version=1, conclusion="passed", review_note="对照条例逐条看过", proof=PROOF, by=person_factory("chain_officer")))


# ── funds ────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("field", "values", "code"), [
    ("amount_fen", {"amount_fen": -100}, "invalid"), ("amount_fen", {"amount_fen": 0}, "invalid"), ("amount_fen", {"amount_fen": 10**18}, "invalid"), ("paid_on", {"paid_on": dt.date(2199, 1, 1)}, "bad_day"),
    ("paid_on", {"paid_on": dt.date(202, 1, 1)}, "bad_day"), ("kind", {"kind": "gift"}, "invalid"), ("origin", {"origin": "moon"}, "invalid"), ("document", {"document": ""}, "invalid")])
def test_negative_and_future_payments_are_refused_at_their_field(project: Project, by: Person, field: str, values: dict[str, Any], code: str) -> None:
    refused(code, lambda: fund_factory(project, by, **values), field)
    assert not Fund.objects.exists()


def test_a_slip_without_a_file_is_refused(project: Project, by: Person) -> None:
    said = funds.Said("land", "county", "某公司", DAY, 100, "票1")
    refused("invalid", lambda: funds.enter_fund(project=project, said=said, proof=None, by=by), "proof")
    refused("invalid", lambda: funds.enter_fund(project=project, said=said, proof=("x.exe", b"MZ"), by=by), "proof")


def test_who_entered_a_slip_does_not_verify_it(project: Project, by: Person, other: Person) -> None:
    row = fund_factory(project, by)
    refused("own_row", lambda: funds.verify_fund(fund=row, version=row.version, by=by))
    assert facts(project)["project.funds_arrived"] == 0
    funds.verify_fund(fund=row, version=row.version, by=other)
    assert facts(project)["project.funds_arrived"] == 1


def test_one_paper_counts_once_and_names_its_project_only_to_who_may_see_it(by: Person, other: Person) -> None:
    here, there = unit_factory(), unit_factory()
    mine, theirs = person_factory("town_officer", here), person_factory("town_officer", there)
    first, second = project_factory(by), project_factory(by, name="另一个样例项目")
    Project.objects.filter(pk=first.pk).update(owner_unit=here)
    Project.objects.filter(pk=second.pk).update(owner_unit=there)
    fund_factory(Project.objects.get(pk=first.pk), mine, document="票 007", payer="甲公司")
    blind = refused("entered_already", lambda: fund_factory(Project.objects.get(pk=second.pk), theirs, document="票007", payer="甲公司"), "document")
    assert first.number not in blind.texts("zh")[0]
    assert first.name not in blind.texts("zh")[0]
    seen = refused("entered_already", lambda: fund_factory(second, by, document="票007", payer="甲公司"))
    assert first.number in seen.texts("zh")[0]


def test_a_rejected_paper_may_be_entered_anew(project: Project, by: Person, other: Person) -> None:
    row = fund_factory(project, by, document="票1")
    funds.reject_fund(fund=row, version=row.version, reason="金额不符", by=other)
    fund_factory(project, by, document="票1")


def test_a_wrong_line_is_reversed_by_two_and_every_day_is_right_from_then_on(project: Project, by: Person, other: Person) -> None:
    row = fund_factory(project, by, other, document="票1")
    known = clocks.now()
    back = funds.reverse_fund(fund=row, reason="重复入账", by=by)
    total = lambda known_at=None: ledger.total(ledger.arrived(Fund.objects.all(), clocks.today(), known_at))  # noqa: E731
    assert total() == 100_000_000
    refused("reversed_already", lambda: funds.reverse_fund(fund=row, reason="再冲一次", by=other))
    refused("own_row", lambda: funds.verify_fund(fund=back, version=back.version, by=by))
    funds.verify_fund(fund=back, version=back.version, by=other)
    assert (total(), total(known), facts(project)["project.funds_arrived"]) == (0, 100_000_000, 0)
    fund_factory(project, by, document="票1")


def test_a_rejected_reversal_may_be_asked_again(project: Project, by: Person, other: Person) -> None:
    row = fund_factory(project, by, other)
    back = funds.reverse_fund(fund=row, reason="以为重复", by=by)
    funds.reject_fund(fund=back, version=back.version, reason="没有重复", by=other)
    funds.reverse_fund(fund=row, reason="确实重复", by=by)


def test_sums_at_any_date_by_kind_and_origin(project: Project, by: Person, other: Person) -> None:
    fund_factory(project, by, other)
    fund_factory(project, by, other, paid_on=dt.date(2026, 6, 1), kind="land", origin="county", amount_fen=7)
    rows = ledger.arrived(Fund.objects.all(), dt.date(2026, 6, 30))
    assert ledger.sums(rows, "kind") == {"equipment": 100_000_000, "land": 7}
    assert ledger.sums(rows, "origin") == {"other_province": 100_000_000, "county": 7}
    assert ledger.by_project([project.pk], dt.date(2026, 5, 31)) == {project.pk: 100_000_000}
    assert ledger.by_project([project.pk], dt.date(2026, 6, 30), since=dt.date(2026, 4, 1)) == {project.pk: 7}


def test_many_are_verified_at_once_or_none(project: Project, by: Person, other: Person) -> None:
    rows = [fund_factory(project, by) for _ in range(3)]
    refused("conflict", lambda: funds.verify_funds(funds=[*((row, row.version) for row in rows[:2]), (rows[2], 9)], by=other))
    assert not Fund.objects.filter(state="verified").exists()
    funds.verify_funds(funds=[(row, row.version) for row in Fund.objects.all()], by=other)
    assert Fund.objects.filter(state="verified").count() == 3
    refused("nothing_chosen", lambda: funds.verify_funds(funds=[], by=other))


def test_an_officer_of_another_unit_and_a_former_one_may_not(project: Project, by: Person) -> None:
    with pytest.raises(Forbidden):
        fund_factory(project, person_factory("town_officer", unit_factory()))
    former = person_factory("promotion_officer", to_day=clocks.today() - dt.timedelta(days=1), from_day=dt.date(2026, 1, 1))
    with pytest.raises(Forbidden):
        fund_factory(project, former)
    assert not ledger.visible_funds(former).exists()


# ── returnees and twins ──────────────────────────────────────────────────────
def test_a_returnee_counts_once_another_person_has_verified_the_proof(project: Project, by: Person, other: Person) -> None:
    claim = proofs.claim_returnee(project=project, basis="法定代表人户籍在界牌镇", proof=PROOF, by=by)
    assert counted.returnees() == frozenset()
    refused("own_row", lambda: proofs.verify_returnee(claim=claim, version=claim.version, by=by))
    proofs.verify_returnee(claim=claim, version=claim.version, by=other)
    assert counted.returnees() == {project.pk}
    refused("claimed_already", lambda: proofs.claim_returnee(project=project, basis="再报一次", proof=PROOF, by=by))


def test_twins_count_once_until_another_person_has_verified_that_they_are_two(project: Project, by: Person, other: Person) -> None:
    twin = project_factory(by, name="样例机芯二期")
    agreement_factory(project, by, other)
    agreement_factory(twin, by, other)
    assert [line.reason for line in counted.book(clocks.today()).left_out] == ["twin"]
    ruling = proofs.rule_apart(project=project, other=twin, basis="两块地、两条线", proof=PROOF, by=by)
    assert len(counted.book(clocks.today()).firsts) == 1
    proofs.verify_ruling(ruling=ruling, version=ruling.version, by=other)
    assert len(counted.book(clocks.today()).firsts) == 2
