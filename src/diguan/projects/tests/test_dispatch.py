"""Targets counted from rows, the weekly dispatch sheet and the work desk: exceptions only, nobody ranked."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.projects.actions import assignments as actions
from diguan.projects.actions import lead_holding, lead_work
from diguan.projects.actions.lead_work import News
from diguan.projects.queries import assignments, dispatch
from diguan.projects.tests.factories import lead_factory, project_factory
from diguan.projects.tests.ledger_factory import agreement_factory, fund_factory
from diguan.projects.web import lead_desk

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 10, 30)


@pytest.fixture(autouse=True)
def october(settings: Any) -> None:
    settings.DIGUAN_TODAY = "2026-10-30"


def set_(by: Any, **told: Any) -> Any:
    return actions.set_assignment(**({"year": 2026, "unit": by.posts.get().unit, "measure": "leads", "number": 20, "note": "", "by": by} | told))


def test_a_target_counts_what_an_office_brought_whoever_follows_it_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(assignments._COUNTERS, "visits", raising=False)  # no upper room counts them here: not known, which is not 0
    bureau = unit_factory("商务局")
    officer, other, leader = person_factory("promotion_officer", bureau), person_factory("promotion_officer"), person_factory("leader")
    row = lead_factory(officer)
    lead_factory(other, firm="东莞样例表壳有限公司")
    lead_factory(officer, firm="去年样例公司", came_on=dt.date(2025, 12, 31))
    lead_holding.assign_lead(lead=row, version=row.version, to=other, reason="换人", by=leader)
    set_(leader, unit=bureau)
    set_(leader, unit=bureau, measure="projects", number=3)
    set_(leader, unit=bureau, measure="visits", number=12)
    project_factory(officer)
    found = {line.row.measure: line.done for line in assignments.lines(leader, 2026)}
    assert (found["leads"].number, found["projects"].number, found["visits"]) == (1, 1, None)


def test_what_was_signed_and_arrived_for_a_target_follows_the_counting_rules(client: Any) -> None:
    bureau, leader = unit_factory("商务局"), person_factory("leader")
    officer, other = person_factory("promotion_officer", bureau), person_factory("promotion_officer", bureau)
    row, twin = project_factory(officer), project_factory(officer, "样例机芯项目二")
    for one in (row, twin):
        agreement_factory(one, officer, other)
        agreement_factory(one, officer, other, kind="framework", minor=9_000_000_000)
    fund_factory(row, officer, other)
    fund_factory(row, officer, other, paid_on=dt.date(2025, 12, 31))
    fund_factory(twin, officer)
    tasks = {measure: set_(leader, unit=bureau, measure=measure) for measure in ("projects", "signed", "contracted_fen", "arrived_fen")}
    found = {line.row.measure: line.done.number for line in assignments.lines(leader, 2026) if line.done}
    assert found == {"projects": 2, "signed": 1, "contracted_fen": 1_000_000_000, "arrived_fen": 100_000_000}
    assert assignments.rows_of(leader, tasks["arrived_fen"]) == [(row, 100_000_000)]
    assert assignments.rows_of(leader, tasks["signed"]) == [(row, None)]
    client.force_login(leader)
    assert "100 万元" in client.get(reverse("projects:assignment_rows", args=[tasks["arrived_fen"].pk])).content.decode()


def test_a_target_in_money_counts_verified_contracts_and_payments_of_the_office(client: Any) -> None:
    bureau = unit_factory("商务局")
    officer, other, elsewhere, leader = person_factory("promotion_officer", bureau), person_factory("promotion_officer"), person_factory("promotion_officer"), person_factory("leader")
    mine, theirs = project_factory(officer), project_factory(elsewhere, name="别处项目", investor="东莞别处样例有限公司")
    for row, by in ((mine, officer), (theirs, elsewhere)):
        agreement_factory(row, by, other, minor=8_000_000_000, signed_on=dt.date(2026, 5, 1))
        fund_factory(row, by, other, amount_fen=1_000_000_000, paid_on=dt.date(2026, 6, 1))
    fund_factory(mine, officer, other, amount_fen=500_000_000, paid_on=dt.date(2025, 12, 31))
    task, funds = set_(leader, unit=bureau, measure="contracted_fen", number=10**12), set_(leader, unit=bureau, measure="arrived_fen", number=10**11)
    found = {line.row.measure: line.done.number for line in assignments.lines(leader, 2026)}
    assert found == {"contracted_fen": 8_000_000_000, "arrived_fen": 1_000_000_000}
    client.force_login(leader)
    for row, amount in ((task, "8,000"), (funds, "1,000")):
        page = client.get(reverse("projects:assignment_rows", args=[row.pk])).content.decode()
        assert amount in page
        assert "别处项目" not in page


def test_every_number_opens_its_rows_and_no_office_is_ranked(client: Any) -> None:
    leader, bureau = person_factory("leader"), unit_factory("商务局")
    officer = person_factory("promotion_officer", bureau)
    lead_factory(officer)
    set_(leader, unit=bureau)
    client.force_login(leader)
    page = client.get(reverse("projects:assignments")).content.decode()
    assert "名次" not in page
    assert "完成率" not in page
    rows = client.get(reverse("projects:leads"), {"brought": bureau.pk, "year": 2026}).content.decode()
    assert f"brought={bureau.pk}&amp;year=2026" in page
    assert "深圳样例机芯有限公司" in rows


@pytest.mark.parametrize("told", [{"number": 0}, {"number": -1}, {"measure": "rank"}, {"year": 1999}])
def test_a_target_that_cannot_be_is_refused(told: dict[str, Any]) -> None:
    with pytest.raises(Refusal):
        set_(person_factory("leader"), **told)


def test_targets_are_set_once_and_only_by_who_may() -> None:
    leader = person_factory("leader")
    set_(leader)
    with pytest.raises(Refusal) as refused:
        set_(leader)
    assert refused.value.code == "set_already"
    for role in ("chain_officer", "town_officer", "policy_officer"):
        with pytest.raises(Forbidden):
            set_(person_factory(role))


def test_the_sheet_holds_exceptions_and_counts_what_is_on_time(settings: Any) -> None:
    officer, leader = person_factory("promotion_officer", name="甲专员"), person_factory("leader")
    fine, late, free = (lead_factory(officer, firm=f"{name}样例有限公司", title=name) for name in ("按时的", "超期的", "没人的"))
    lead_work.respond(lead=fine, version=fine.version, news=News(DAY, "打了电话", "上门", dt.date(2026, 11, 10), officer), by=officer)
    fine.refresh_from_db()
    lead_work.judge(lead=fine, version=fine.version, opinion="合产业方向", by=officer)
    lead_holding.release_lead(lead=free, version=free.version, reason="没有精力", by=officer)
    settings.DIGUAN_TODAY = "2026-11-05"
    found = dispatch.sheet(leader, dt.date(2026, 11, 5))
    assert found.start == dt.date(2026, 11, 2)
    assert [item.what for item in found.decide.items] == ["没人的"]
    assert {item.what for item in found.stuck.items} == {"超期的", "没人的"}
    assert [(item.what, item.why.zh) for item in found.coming.items] == [("按时的", "上门")]
    assert found.moved.items == ()
    assert found.on_time == (1, 0)
    assert [item.why.zh for item in dispatch.sheet(leader, DAY).moved.items] == ["已登记 → 已首次联系", "已首次联系 → 已研判，跟进中"]
    assert late.pk in {item.number for item in found.stuck.items}


def test_the_sheet_is_for_who_may_see_it(client: Any) -> None:
    for role, status in (("leader", 200), ("promotion_officer", 200), ("chain_officer", 403), ("town_officer", 403), ("policy_officer", 403)):
        client.force_login(person_factory(role))
        for week in ("", "2026-W44", "2026-10-30", "nonsense", "9999-W99"):
            assert client.get(reverse("projects:dispatch"), {"week": week}).status_code == status


def test_the_desk_shows_ones_own_steps_clocks_and_offers_only(settings: Any) -> None:
    officer, other = person_factory("promotion_officer"), person_factory("promotion_officer")
    row = lead_factory(officer)
    row = lead_work.respond(lead=row, version=row.version, news=News(DAY, "打了电话", "上门看厂", dt.date(2026, 11, 2), other), by=officer)
    lead_holding.offer_lead(lead=row, version=row.version, to=other, by=officer)
    settings.DIGUAN_TODAY = "2026-11-05"
    mine, theirs = list(lead_desk.desk(officer)), list(lead_desk.desk(other))
    assert [item.kind for item in mine] == ["bad"] or "研判" in str(mine[0].what)
    assert {str(item.word) for item in theirs} == {"过了日子", "等您接"}
    assert "上门看厂" in {str(item.what) for item in theirs}


def test_a_refused_deed_keeps_what_was_typed(client: Any) -> None:
    officer = person_factory("promotion_officer")
    row = lead_factory(officer)
    client.force_login(officer)
    address = reverse("projects:lead_do", args=[row.pk, "respond"])
    refused = client.post(address, {"version": row.version, "on": "2026-10-31", "what": "打了电话给老板"})
    assert refused.status_code == 422
    assert "打了电话给老板" in refused.content.decode()
    assert client.post(address, {"version": row.version, "on": "2026-10-30", "what": "打了电话给老板"}).status_code == 302
    assert client.post(reverse("projects:lead_do", args=[row.pk, "nothing"]), {}).status_code == 404


def test_on_a_friday_the_desk_says_what_is_due_on_monday(settings: Any) -> None:
    settings.DIGUAN_TODAY = "2026-10-30"  # a Friday; a lead registered today is answered by Monday
    officer = person_factory("promotion_officer")
    lead_factory(officer, came_on=DAY)
    found = [(item.group, str(item.word), str(item.why)) for item in lead_desk.desk(officer)]
    assert ("first", "快到期", "最晚 2026-11-02") in found
