"""The sheet of funds: all of a file or nothing, faults at their cells; imported rows still need their slip."""

from __future__ import annotations

from typing import Any

import pytest

from diguan.kernel.access.models import Person
from diguan.kernel.facts import deliveries
from diguan.kernel.refusals import Refusal
from diguan.kernel.sheets.check import Checked
from diguan.kernel.sheets.tests.ugly import xlsx
from diguan.kernel.tests.factories import person_factory
from diguan.projects.actions import funds
from diguan.projects.models import Fund, Project
from diguan.projects.tests.factories import project_factory
from diguan.projects.tests.ledger_factory import PROOF, fund_factory

pytestmark = pytest.mark.django_db
HEADS = ["项目编号", "到资类别", "资金来源地", "付款方", "付款日期", "到资金额（万元）", "凭证号"]


@pytest.fixture
def by() -> Person:
    return person_factory("promotion_officer")


@pytest.fixture
def project(by: Person) -> Project:
    return project_factory(by)


def row(project: Project, **told: Any) -> list[Any]:
    values = {"项目编号": project.number, "到资类别": "设备款", "资金来源地": "省外", "付款方": "深圳样例机芯有限公司", "付款日期": "2026-03-02", "到资金额（万元）": 12.5, "凭证号": "FP001"} | told
    return [values[head] for head in HEADS]


def preview(by: Person, *rows: list[Any]) -> Checked:
    return deliveries.preview(deliveries.Request("project_funds"), "到资.xlsx", xlsx([HEADS, *rows]), by=by).checked


@pytest.mark.parametrize("told", [
    {"到资金额（万元）": -3}, {"到资金额（万元）": 0}, {"付款日期": "2199-01-01"}, {"到资类别": "红包"}, {"项目编号": "项目-1999-0001"}, {"凭证号": ""}])
def test_a_fault_is_told_at_its_cell_and_nothing_may_be_entered(by: Person, project: Project, told: dict[str, Any]) -> None:
    found = preview(by, row(project, 凭证号="FP002"), row(project, **told))
    assert [error.row for error in found.errors] == [3]
    assert not found.ok


def test_one_paper_twice_in_a_file_or_in_the_ledger_is_a_fault(by: Person, project: Project) -> None:
    assert not preview(by, row(project), row(project, 凭证号="ＦＰ 001")).ok
    fund_factory(project, by, document="FP001")
    found = preview(by, row(project))
    assert project.number in found.errors[0].message.zh


def test_a_file_is_entered_whole_and_its_rows_are_verified_only_with_their_slip(by: Person, project: Project) -> None:
    other = person_factory("promotion_officer")
    found = preview(by, row(project), row(project, 凭证号="FP002"))
    assert (found.ok, found.changes["new"]) == (True, 2)
    for entry in found.payload:
        funds._written(project, entry.said, by, None)
    one = Fund.objects.earliest("id")
    assert one.amount_fen == 12_500_000
    with pytest.raises(Refusal, match="no_proof"):
        funds.verify_fund(fund=one, version=one.version, by=other)
    one = funds.attach_slip(fund=one, version=one.version, proof=PROOF, by=by)
    assert funds.verify_fund(fund=one, version=one.version, by=other).state == "verified"


def test_who_may_not_import_is_refused(project: Project) -> None:
    with pytest.raises(Refusal):
        preview(person_factory("chain_officer"), row(project))
