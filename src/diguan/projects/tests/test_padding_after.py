"""Padding by what nobody verifies: a project's columns, somebody else's agreement, one paper under two names, figures that cannot be worked out."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import replace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.kernel.evidence import actions as evidence
from diguan.kernel.refusals import Refusal
from diguan.kernel.sheets.tests.ugly import code
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.projects.actions import access, agreements, board, projects, proofs
from diguan.projects.models import AccessReview, Project
from diguan.projects.queries import counted
from diguan.projects.tests.board_factories import GOOD, PDF, Team, answered, met
from diguan.projects.tests.factories import lead_factory, project_factory
from diguan.projects.tests.ledger_factory import PROOF, agreement_factory, fund_factory

pytestmark = pytest.mark.django_db
INVESTOR = "深圳样例机芯有限公司"
TEN_MILLION = 1_000_000_000


@pytest.fixture
def by() -> Person:
    return person_factory("promotion_officer")


@pytest.fixture
def other() -> Person:
    return person_factory("promotion_officer")


def told(name: str, **more: Any) -> projects.Said:
    return projects.Said(**{"name": name, "investor": INVESTOR, "source": "chain_team", "investor_uscc": code(7), "node": "movement"} | more)


def opened(by: Person, name: str, extends: Project | None = None, **more: Any) -> Project:
    return projects.open_project(said=told(name, **more), by=by, extends=extends)


def changed(row: Project, by: Person, said: projects.Said, extends: Project | None = None) -> Project:
    row.refresh_from_db()
    return board.change_project(project=row, version=row.version, said=said, extends=extends, by=by)


def counts() -> tuple[int, int]:
    book = counted.book(clocks.today())
    return book.fen, len(book.firsts)


# ── what counting reads of a project ─────────────────────────────────────────
def test_an_upgraded_or_added_project_called_new_afterwards_is_refused(by: Person, other: Person) -> None:
    first = opened(by, "甲项目")
    agreement_factory(first, by, other)
    for kind in ("upgraded", "added"):
        row = opened(by, f"{kind}项目", first, kind=kind)
        agreement_factory(row, by, other, minor=5 * TEN_MILLION, **({"total_fen": TEN_MILLION} if kind == "added" else {}))
        with pytest.raises(Refusal, match="counts_more"):
            changed(row, by, told(f"{kind}项目", kind="new", node="case"))
        row.refresh_from_db()
        assert (row.kind, row.node) == (kind, "movement")
    assert counts() == (TEN_MILLION, 1)


@pytest.mark.parametrize("turned", ["first", "second"])
def test_a_twin_moved_to_another_node_afterwards_is_refused(by: Person, other: Person, turned: str) -> None:
    rows = {"first": opened(by, "甲项目"), "second": opened(by, "乙项目")}
    for row in rows.values():
        agreement_factory(row, by, other)
    with pytest.raises(Refusal, match="counts_more"):
        changed(rows[turned], by, told(rows[turned].name, node="case"))
    assert counts() == (TEN_MILLION, 1)


def test_projects_that_add_to_each_other_in_a_ring_are_refused(by: Person) -> None:
    first = opened(by, "甲项目")
    second = opened(by, "乙项目", first, kind="added")
    third = opened(by, "丙项目", second, kind="added")
    for above in (first, second, third):
        with pytest.raises(Refusal) as refused:
            changed(first, by, told("甲项目", kind="added"), above)
        assert refused.value.field == "extends"


def test_more_jobs_than_a_column_takes_are_refused(by: Person) -> None:
    for make in (lambda: opened(by, "甲项目", jobs=9_999_999_999), lambda: lead_factory(by, jobs=9_999_999_999)):
        with pytest.raises(Refusal) as refused:
            make()
        assert refused.value.field == "jobs"


def test_what_makes_nothing_count_more_may_be_changed(by: Person, other: Person) -> None:
    row = opened(by, "甲项目")
    agreement_factory(row, by, other)
    assert changed(row, by, replace(told("甲项目二期"), node="case", jobs=5)).node == "case"
    waiting = opened(by, "丙项目")
    agreement_factory(waiting, by)
    assert changed(waiting, by, told("丙项目", node="dial")).node == "dial"


# ── what was proved, and no longer is so ─────────────────────────────────────
def test_a_returnee_is_none_any_more_once_another_investor_has_come_in(by: Person, other: Person) -> None:
    row = opened(by, "甲项目")
    first = agreement_factory(row, by, other)
    claim = proofs.claim_returnee(project=row, basis="法定代表人户籍在界牌镇", proof=PROOF, by=by)
    claim = proofs.verify_returnee(claim=claim, version=claim.version, by=other)
    with pytest.raises(Refusal) as refused:
        changed(row, by, told("甲项目", investor="东莞别家表壳有限公司"))
    assert (refused.value.code, refused.value.field) == ("returnee", "investor")
    known = clocks.now()
    agreement_factory(row, by, other, kind="replacement", counterparty="东莞别家表壳有限公司", minor=900_000_000, replaces=first)
    assert counted.returnees() == frozenset()
    assert counted.returnees(known) == {row.pk}


def test_a_verified_proof_is_taken_back_by_another_and_stood_until_then(client: Any, by: Person, other: Person) -> None:
    row, twin = opened(by, "甲项目"), opened(by, "乙项目")
    for one in (row, twin):
        agreement_factory(one, by, other)
    claim = proofs.claim_returnee(project=row, basis="法定代表人户籍在界牌镇", proof=PROOF, by=by)
    claim = proofs.verify_returnee(claim=claim, version=claim.version, by=other)
    ruling = proofs.rule_apart(project=row, other=twin, basis="两期两块地", proof=PROOF, by=by)
    ruling = proofs.verify_ruling(ruling=ruling, version=ruling.version, by=other)
    assert (counts(), counted.returnees()) == ((2 * TEN_MILLION, 2), {row.pk})
    known = clocks.now()
    with pytest.raises(Refusal, match="own_row"):
        proofs.reject_returnee(claim=claim, version=claim.version, reason="凭据是假的", by=by)
    client.force_login(by)
    assert "撤销认定" not in client.get(reverse("projects:returnee", args=[row.pk])).content.decode()
    client.force_login(other)
    for page, deed, proof in (("returnee", "returnee_do", claim), ("apart", "ruling_do", ruling)):
        assert "撤销认定" in client.get(reverse(f"projects:{page}", args=[row.pk] if page == "returnee" else [row.pk, twin.pk])).content.decode()
        assert client.post(reverse(f"projects:{deed}", args=[proof.pk, "reject"]), {"version": proof.version, "reason": "凭据是假的"}).status_code == 302
    assert (counts(), counted.returnees()) == ((TEN_MILLION, 1), frozenset())
    assert (counted.returnees(known), len(counted.apart(known))) == ({row.pk}, 1)
    assert proofs.claim_returnee(project=row, basis="另有凭据", proof=PROOF, by=by).pk


# ── somebody else's agreement ────────────────────────────────────────────────
def test_an_amendment_of_an_addition_lowers_the_addition_alone(by: Person, other: Person) -> None:
    first = opened(by, "甲项目")
    agreement_factory(first, by, other)
    added = opened(by, "扩产项目", first, kind="added")
    agreement_factory(added, by, other, minor=500_000_000, total_fen=1_500_000_000)
    agreement_factory(added, by, other, kind="amendment", minor=300_000_000)
    assert counts() == (1_300_000_000, 1)
    agreement_factory(first, by, other, kind="amendment", minor=700_000_000)
    assert counts() == (700_000_000, 1)


def test_another_units_agreement_is_replaced_by_nobody_who_may_not_enter_it(client: Any, by: Person, other: Person) -> None:
    theirs = agreement_factory(project_factory(by), by, other)
    stranger = person_factory("chain_officer", unit_factory("林业局"))
    own = project_factory(stranger, "乙项目")
    with pytest.raises(Refusal) as refused:
        agreement_factory(own, stranger, kind="replacement", minor=100, replaces=theirs)
    assert (refused.value.code, refused.value.field) == ("invalid", "replaces")
    client.force_login(stranger)
    said = {"kind": "replacement", "number": "H1", "signed_on": "2026-03-02", "counterparty": INVESTOR, "currency": "CNY", "minor": "1", "replaces": str(theirs.pk), "no_promises": "on", "proof": SimpleUploadedFile("a.pdf", PDF)}
    assert client.post(reverse("projects:agreement_new", args=[own.pk]), said).status_code == 422
    assert counts() == (TEN_MILLION, 1)


# ── one paper ────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("again", [{"kind": "land"}, {"payer": "深圳样例机芯公司"}, {"payer": "样例机芯（深圳）有限公司", "document": "hd 2026－0001"}, {"payer": "另一名称", "payer_uscc": code(7)}])
def test_one_paper_under_another_kind_or_spelling_counts_once(by: Person, other: Person, again: dict[str, Any]) -> None:
    project = project_factory(by)
    fund_factory(project, by, other, kind="capital", document="HD-2026-0001", payer_uscc=code(7))
    with pytest.raises(Refusal) as refused:
        fund_factory(project, by, **{"document": "HD-2026-0001"} | again)
    assert refused.value.code == "entered_already"
    assert project.number in str(refused.value)


def test_the_same_number_of_another_payer_is_another_paper(by: Person) -> None:
    project = project_factory(by)
    fund_factory(project, by, document="0001")
    assert fund_factory(project, by, document="0001", payer="东莞别家表壳有限公司").pk


# ── figures that cannot be worked out ────────────────────────────────────────
@pytest.mark.parametrize("figure", ["1e999999999", "nan", "inf", "1/3", "--1", "9" * 40, "1_0"])
def test_a_figure_that_is_no_plain_decimal_is_refused_at_once(figure: str) -> None:
    team = Team()
    began = time.monotonic()
    with pytest.raises(Refusal) as refused:
        answered(project_factory(team.officer), team.officer, inputs={**GOOD["inputs"], "tax": figure})
    assert refused.value.field == "input-tax"
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("rate", ["nan", "inf", "-7.1", "0", "1e999999", "1e5", "sNaN", "7.1_2", "7.123456789"])
def test_a_rate_that_is_no_plain_decimal_is_said_at_its_field(client: Any, by: Person, rate: str) -> None:
    project = project_factory(by)
    client.force_login(by)
    said = {"kind": "contract", "number": "H1", "signed_on": "2026-03-02", "counterparty": INVESTOR, "currency": "USD", "minor": "100", "rate": rate, "rate_on": "2026-03-02", "rate_source": "外汇中心", "no_promises": "on",
            "proof": SimpleUploadedFile("a.pdf", PDF)}
    assert client.post(reverse("projects:agreement_new", args=[project.pk]), said).status_code == 422
    assert not project.agreements.exists()


def test_nothing_is_decided_on_minutes_that_were_rejected() -> None:
    team = Team()
    row = met(project_factory(team.officer, planned_fen=12_000_000_000, land=300_000, jobs=300), team)
    assert row.minutes is not None
    evidence.reject(evidence=row.minutes, version=row.minutes.version, reason="不是纪要", by=person_factory("promotion_officer", team.unit))
    with pytest.raises(Refusal, match="not_met"):
        access.decide_review(review=AccessReview.objects.get(pk=row.pk), version=row.version, decision="passed", by=team.leader)


def test_an_agreement_made_void_after_funds_arrived_leaves_the_funds_and_counts_no_more(by: Person, other: Person) -> None:
    project = project_factory(by)
    row = agreement_factory(project, by, other)
    fund_factory(project, by, other)
    agreements.void_agreement(agreement=row, version=row.version, reason="合同解除", by=other)
    assert counts() == (0, 0)
    assert project.funds.get().state == "verified"
    assert counted.book(dt.date(2026, 12, 31)).fen == 0
