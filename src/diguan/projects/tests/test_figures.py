"""Figures, each of its cohort: 42.93 ÷ 120 is refused where the projects are not the same, with the reason and the projects that differ."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client

from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel.access.models import Person
from diguan.kernel.measures import behind, value
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.stages.models import Passage
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.projects.actions import fulfilment, proofs
from diguan.projects.engine import cohorts
from diguan.projects.models import Project
from diguan.projects.queries import figures
from diguan.projects.queries.projects import facts_of
from diguan.projects.tests.factories import project_factory
from diguan.projects.tests.ledger_factory import (
    DAY,
    PROOF,
    agreement_factory,
    fund_factory,
    obligation_factory,
)

pytestmark = pytest.mark.django_db
YEAR = (dt.date(2026, 1, 1), dt.date(2026, 12, 31), dt.date(2026, 10, 31))


@pytest.fixture
def by() -> Person:
    return person_factory("promotion_officer")


@pytest.fixture
def other() -> Person:
    return person_factory("promotion_officer")


def place(by: Person, name: str) -> Project:
    return project_factory(by, name=f"{name}项目", investor=f"深圳{name}有限公司", node="case")


@pytest.fixture
def county(by: Person, other: Person) -> dict[str, Project]:
    """Two projects signed this year, one of them with funds; one signed last year that got its funds this year."""
    signed, funded, old = place(by, "甲壳"), place(by, "乙针"), place(by, "丙盘")
    agreement_factory(signed, by, other, minor=8_000)
    agreement_factory(funded, by, other, minor=4_000)
    agreement_factory(old, by, other, minor=2_000, signed_on=dt.date(2025, 5, 1))
    fund_factory(funded, by, other, amount_fen=1_000)
    fund_factory(old, by, other, amount_fen=500)
    return {"signed": signed, "funded": funded, "old": old}


def figure(name: str, person: Person, rule: str) -> int | None:
    return value(f"projects.{name}", person, figures.sample(person, rule, *YEAR)).num


def test_figures_of_a_year_and_the_projects_behind_them(county: dict[str, Project], by: Person) -> None:
    assert (figure("projects", by, "signed"), figure("contracted", by, "contracted"), figure("in_place", by, "funded")) == (2, 12_000, 1_500)
    assert {row.pk for row in behind("projects.in_place", by, figures.sample(by, "funded", *YEAR))} == {county["funded"].pk, county["old"].pk}


def test_the_rate_of_arrival_is_of_the_projects_that_were_signed(county: dict[str, Project], by: Person) -> None:
    assert figure("funds_rate", by, "signed") == 833


def test_what_arrived_for_others_is_not_divided_by_what_was_signed(county: dict[str, Project], by: Person) -> None:
    of = figures.samples(by, ("funded", "contracted"), *YEAR)
    no = figures.ratio("in_place", of["funded"], "contracted", of["contracted"])
    assert isinstance(no, cohorts.Refused)
    assert (no.only_top, no.only_bottom) == ({county["old"].pk}, {county["signed"].pk})


def test_a_figure_as_of_an_earlier_day_and_as_it_was_known(county: dict[str, Project], by: Person) -> None:
    early = figures.sample(by, "signed", YEAR[0], YEAR[1], dt.date(2026, 2, 28))
    assert value("projects.projects", by, early).num == 0
    unknown = figures.sample(by, "signed", *YEAR, dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    assert value("projects.projects", by, unknown).num == 0


def test_returnees_started_producing_and_fulfilling(county: dict[str, Project], by: Person, other: Person) -> None:
    row = county["signed"]
    claim = proofs.claim_returnee(project=row, basis="法定代表人是界牌镇人", proof=PROOF, by=by)
    assert figure("returnee_projects", by, "signed") == 0
    proofs.verify_returnee(claim=claim, version=claim.version, by=other)
    assert (figure("returnee_firms", by, "signed"), figure("returnee_share", by, "signed"), figure("returnee_amount_share", by, "signed")) == (1, 5000, 6667)
    Passage.objects.create(course=row.course, kind="passed", source="sited", target="production", day=dt.date(2026, 9, 1), by=by)
    assert (figure("started", by, "signed"), figure("producing", by, "signed"), figure("production_rate", by, "signed")) == (1, 1, 5000)
    Passage.objects.create(course=row.course, kind="held", source="active", target="abandoned", day=dt.date(2026, 9, 2), by=by)
    assert figure("producing", by, "signed") == 0


def test_an_obligation_is_met_once_another_verified_it_and_late_before(county: dict[str, Project], by: Person, other: Person) -> None:
    agreement = county["signed"].agreements.get()
    row = obligation_factory(agreement, by, due_on=dt.date(2026, 6, 30))
    assert figure("fulfilled", by, "signed") == 0
    row = fulfilment.claim_obligation(obligation=row, version=row.version, met_on=dt.date(2026, 7, 5), measured=210, proof=PROOF, by=by)
    with pytest.raises(Refusal) as error:
        fulfilment.verify_obligation(obligation=row, version=row.version, by=by)
    assert error.value.code == "own_row"
    fulfilment.verify_obligation(obligation=row, version=row.version, by=other)
    assert (figure("fulfilled", by, "signed"), figure("fulfilment_rate", by, "signed")) == (1, 5000)


def test_less_than_promised_is_not_met_and_a_waiver_needs_another_person(county: dict[str, Project], by: Person, other: Person) -> None:
    row = obligation_factory(county["signed"].agreements.get(), by)
    row = fulfilment.claim_obligation(obligation=row, version=row.version, met_on=DAY, measured=199, proof=PROOF, by=by)
    with pytest.raises(Refusal, match="short"):
        fulfilment.verify_obligation(obligation=row, version=row.version, by=other)
    with pytest.raises(Refusal, match="own_row"):
        fulfilment.waive_obligation(obligation=row, version=row.version, reason="疫情", by=by)
    assert fulfilment.waive_obligation(obligation=row, version=row.version, reason="经会议同意", by=other).state == "waived"


def test_the_last_verified_check_says_whether_performance_was_met(county: dict[str, Project], by: Person, other: Person) -> None:
    project = county["signed"]
    row = obligation_factory(project.agreements.get(), by)
    told = lambda: facts_of(str(project.pk), YEAR[2]).attributes.get("project.performance_met")  # noqa: E731
    for measured, met in ((150, 0), (200, 1)):
        check = fulfilment.enter_check(project=project, point="production", on=DAY, measured={row.pk: measured}, note="", proof=PROOF, by=by)
        fulfilment.verify_check(check=check, version=check.version, by=other)
        assert told() == met


def test_what_is_late_is_told_once(county: dict[str, Project], by: Person) -> None:
    obligation_factory(county["signed"].agreements.get(), by, due_on=dt.date(2026, 4, 1))
    assert (fulfilment.late_due(), fulfilment.late_due()) == (1, 0)
    assert by.notices.filter(kind=fulfilment.LATE).count() == 1


def test_who_sees_only_their_unit_has_figures_of_their_unit(county: dict[str, Project], by: Person) -> None:
    with pytest.raises(Forbidden):
        figures.sample(person_factory("town_officer", unit_factory()), "signed", *YEAR)


# ── pages ────────────────────────────────────────────────────────────────────
def as_(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_the_page_refuses_the_division_says_why_and_offers_one_cohort(county: dict[str, Project], by: Person) -> None:
    asked = {"start": "2026-01-01", "end": "2026-12-31", "as_of": "2026-10-31", "top": "in_place", "top_of": "funded", "bottom": "contracted", "bottom_of": "contracted"}
    html = as_(by).get("/projects/figures/", asked).content.decode()
    assert "这两个数不能相除" in html
    assert county["old"].name in html
    assert "top_of=contracted" in html
    same = as_(by).get("/projects/figures/", asked | {"top": "in_place_to_date", "top_of": "signed", "bottom": "contracted_to_date", "bottom_of": "signed"}).content.decode()
    assert "8.33%" in same


def test_the_page_begins_with_the_last_year_something_was_signed_in(county: dict[str, Project], by: Person, other: Person, settings: Any) -> None:
    html = as_(by).get("/projects/figures/").content.decode()
    assert [str(day) for day in re.findall(r'<input type="date"[^>]*value="([-0-9]+)"', html)] == ["2026-01-01", "2026-10-31", "2026-10-31"]
    settings.DIGUAN_TODAY = "2027-02-01"
    agreement_factory(county["signed"], by, other, kind="framework", minor=9_000, signed_on=dt.date(2027, 1, 20))
    html = as_(by).get("/projects/figures/").content.decode()
    assert [str(day) for day in re.findall(r'<input type="date"[^>]*value="([-0-9]+)"', html)] == ["2026-01-01", "2026-12-31", "2027-02-01"], "nothing was signed yet in 2027"
    assert "start=2027-01-01&amp;end=2027-02-01&amp;as_of=2027-02-01" in html
    assert "start=2025-01-01&amp;end=2025-12-31" in html
    assert "投产率（投产 ÷ 新签约）" in html
    assert "投产率（投产 ÷ 引进）" in html


def test_clusters_tell_firms_introduced_and_producing_and_open_them(by: Person) -> None:
    for number, status in enumerate(("在产", "在产", "在建")):
        enterprise_factory(cluster="钟表", production_status=status, name=f"衡阳样例{'甲乙丙'[number]}表壳有限公司")
    enterprise_factory(cluster="其他", production_status="在产")
    html = as_(by).get("/projects/figures/").content.decode()
    found = re.search(r'id="clusters".*?</table>', html, re.S)
    assert found
    assert re.findall(r'href="([^"]+)">(\d+)</a>', found[0]) == [("/enterprises/?cluster=%E9%92%9F%E8%A1%A8", "3"), ("/enterprises/?cluster=%E9%92%9F%E8%A1%A8&amp;production_status=%E5%9C%A8%E4%BA%A7", "2")]
    assert as_(by).get("/enterprises/?cluster=%E9%92%9F%E8%A1%A8&production_status=%E5%9C%A8%E4%BA%A7").content.decode().count("表壳有限公司</a>") == 2


def test_every_figure_opens_its_rows_and_their_export_has_a_right_of_its_own(county: dict[str, Project], by: Person) -> None:
    where = "/projects/figures/in_place/funded/2026-01-01/2026-12-31/2026-10-31/"
    html = as_(by).get(where).content.decode()
    assert county["old"].name in html
    assert as_(by).get(f"{where}?export=csv").status_code == 200
    assert as_(person_factory("policy_officer")).get(where).status_code == 403
    assert as_(by).get("/projects/figures/in_place/funded/2026-13-01/2026-12-31/2026-10-31/").status_code == 404


def test_what_does_not_count_says_why_on_the_page(county: dict[str, Project], by: Person, other: Person) -> None:
    agreement_factory(county["signed"], by, other, kind="framework", minor=99_000)
    html = as_(by).get("/projects/counting/", {"counts": "no"}).content.decode()
    assert "框架协议不计合同引资额" in html


def test_export_by_who_may_not_is_refused(county: dict[str, Project]) -> None:
    town = person_factory("town_officer")
    for page in ("funds", "agreements", "obligations"):
        assert as_(town).get(f"/projects/{page}/?export=csv").status_code == 403


def test_a_payment_is_entered_and_many_are_verified_in_the_browser(by: Person, other: Person, county: dict[str, Project]) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    project = county["signed"]
    typed: dict[str, Any] = {"kind": "land", "origin": "other_province", "payer": "深圳甲壳有限公司", "paid_on": "2026-05-01", "amount_fen": "-5", "document": "土0001", "proof": SimpleUploadedFile(*PROOF)}
    wrong = as_(by).post(f"/projects/{project.pk}/funds/", typed)
    assert wrong.status_code == 422
    assert "土0001" in wrong.content.decode()
    as_(by).post(f"/projects/{project.pk}/funds/", typed | {"amount_fen": "5", "proof": SimpleUploadedFile(*PROOF)})
    row = project.funds.get()
    assert row.amount_fen == 5_000_000
    as_(by).post("/projects/funds/waiting/", {"fund": [f"{row.pk}:{row.version}"]})
    row.refresh_from_db()
    assert row.state == "entered"
    as_(other).post("/projects/funds/waiting/", {"fund": [f"{row.pk}:{row.version}"]})
    row.refresh_from_db()
    assert row.state == "verified"


def test_a_contract_in_dollars_is_entered_in_the_browser(by: Person, county: dict[str, Project]) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    project = place(by, "丁机")
    typed: dict[str, Any] = {"kind": "contract", "number": "外1", "signed_on": "2026-05-01", "counterparty": "Sample Movements Ltd", "currency": "USD", "minor": "1,000,000.50", "rate": "", "no_promises": "on"}
    wrong = as_(by).post(f"/projects/{project.pk}/agreements/new/", typed | {"proof": SimpleUploadedFile(*PROOF)})
    assert "外币合同要填折算汇率" in wrong.content.decode()
    as_(by).post(f"/projects/{project.pk}/agreements/new/", typed | {"rate": "7.1", "rate_on": "2026-04-30", "rate_source": "中国外汇交易中心", "proof": SimpleUploadedFile(*PROOF)})
    row = project.agreements.get()
    assert (row.minor, row.amount_fen) == (100_000_050, 710_000_355)
    assert "USD 1,000,000.50" in as_(by).get(f"/projects/agreements/{row.pk}/").content.decode()
