"""Targets: somebody answers for each; beside the snapshot's figure; no rows is neither nought nor an error."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from diguan.indicators.actions import goals as actions
from diguan.indicators.actions import reminders
from diguan.indicators.actions.packed import take_plan
from diguan.indicators.engine.forecast import Cannot, Forecast
from diguan.indicators.models import Plan, Target, Task
from diguan.indicators.queries import goals, planfile, plans
from diguan.indicators.tests.factories import firms, pack, snapshot_factory, told
from diguan.indicators.tests.plan_factories import (
    clerk,
    owner_factory,
    plan_factory,
    target_factory,
    wanted,
)
from diguan.kernel import access, packs
from diguan.kernel.notices.models import Notice
from diguan.kernel.packs import PackError
from diguan.kernel.refusals import Refusal
from diguan.kernel.tests.factories import person_factory, unit_factory

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 8, 31)


@pytest.fixture(autouse=True)
def august(settings):
    settings.DIGUAN_TODAY = DAY.isoformat()


def months(first, last):
    """Months as text, both included."""
    (year, month), end, found = map(int, first.split("-")), last, []
    while not found or found[-1] != end:
        found.append(f"{year}-{month:02d}")
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return found


def taxed(per_month, first="2024-01", last="2026-08", whole=True):
    rows, periods = firms(4), tuple(months(first, last))
    told("tax.paid", {row.uscc: {period: per_month(period) for period in periods} for row in rows}, whole=periods if whole else ())
    return rows


def standing(row, person=None):
    return goals.standings(person or person_factory("leader"), [row])[0]


# ── who answers for it ───────────────────────────────────────────────────────
@pytest.mark.parametrize(("unit", "owner", "says"), [
    (False, True, "这个目标没有责任单位，不能下达：先定由谁负责"), (True, False, "这个目标没有责任人，不能下达：先定由谁来办")])
def test_a_target_nobody_answers_for_is_refused_in_plain_words(unit, owner, says):
    office, person = owner_factory()
    with pytest.raises(Refusal) as refused:
        actions.set_target(plan=plan_factory(), wanted=wanted(), owner_unit=office if unit else None, owner=person if owner else None, by=clerk())
    assert (refused.value.code, refused.value.texts("zh")) == ("no_owner", [says])
    assert not Target.objects.exists()


@pytest.mark.parametrize(("told_", "code"), [
    ({"indicator": "enterprises.producin"}, "no_indicator"), ({"indicator": "tax.paid", "unit": "元"}, "not_comparable"), ({"unit": "元"}, "other_unit"), ({"dim": "sky", "group": "蓝"}, "invalid"),
    ({"dim": "cluster"}, "invalid"), ({"value": -1}, "invalid"), ({"weight": 0}, "invalid"), ({"due_on": dt.date(2016, 12, 31)}, "bad_day"), ({"direction": "side"}, "invalid"), ({"title": " "}, "invalid")])
def test_a_target_that_could_not_be_held_against_anything_is_refused(told_, code):
    with pytest.raises(Refusal) as refused:
        target_factory(**told_)
    assert refused.value.code == code


def test_an_unknown_code_names_the_nearest_and_passes_where_it_says_what_it_waits_for():
    with pytest.raises(Refusal) as refused:
        target_factory(indicator="enterprises.producin")
    assert "最接近的是 enterprises.producing" in refused.value.texts("zh")[0]
    assert target_factory(indicator="parks.rate", unit="%", value=8000, awaits="园区房间还没有建").pk


def test_one_indicator_has_one_target_a_year_and_may_be_set_anew_once_taken_back():
    plan = plan_factory()
    row = target_factory(plan)
    with pytest.raises(Refusal) as twice:
        target_factory(plan)
    assert twice.value.code == "taken"
    actions.take_back_target(target=row, version=row.version, reason="县里改了口径", by=clerk())
    assert target_factory(plan).pk != row.pk
    assert plans.target(person_factory("leader"), row.pk) is None


def test_a_change_says_why_keeps_its_indicator_and_the_later_of_two_is_refused():
    row = target_factory()
    more = {"owner_unit": row.owner_unit, "owner": row.owner, "by": clerk()}
    with pytest.raises(Refusal):
        actions.change_target(target=row, version=row.version, wanted=wanted(value=140), reason=" ", **more)
    with pytest.raises(Refusal):
        actions.change_target(target=row, version=row.version, wanted=wanted(indicator="enterprises.registered"), reason="换一个", **more)
    assert actions.change_target(target=row, version=row.version, wanted=wanted(value=140), reason="中期调整", **more).value == 140
    with pytest.raises(Refusal) as later:
        actions.change_target(target=row, version=row.version, wanted=wanted(value=130), reason="再调整", **more)
    assert later.value.code == "conflict"


def test_nobody_without_the_right_sets_changes_or_takes_back():
    row, (unit, owner) = target_factory(), owner_factory()
    for role in ("leader", "policy_officer", "bureau_head", "enterprise_agent"):
        by = person_factory(role)
        with pytest.raises(access.Forbidden):
            actions.set_target(plan=row.plan, wanted=wanted(indicator="enterprises.registered"), owner_unit=unit, owner=owner, by=by)
        with pytest.raises(access.Forbidden):
            actions.change_target(target=row, version=row.version, wanted=wanted(), owner_unit=unit, owner=owner, reason="改", by=by)
        with pytest.raises(access.Forbidden):
            actions.take_back_target(target=row, version=row.version, reason="不要了", by=by)


# ── beside its figure ────────────────────────────────────────────────────────
def test_an_indicator_that_is_not_there_yet_is_no_rows_yet_and_never_nought(client):
    row = target_factory(indicator="parks.rate", unit="%", value=8000, title="标准厂房投产面积率", awaits="园区房间还没有建")
    snapshot_factory()
    found = standing(row)
    assert (found.state, found.found, found.ending) == (goals.NO_ROWS, None, None)
    assert found.gap.zh == "还没有记录：园区房间还没有建"
    client.force_login(person_factory("leader"))
    for address in (reverse("indicators:target", args=[row.pk]), reverse("indicators:targets"), reverse("indicators:plan", args=[row.plan_id])):
        page = client.get(address).content.decode()
        assert "还没有记录" in page
        assert "0.0%" not in page


def test_before_the_first_snapshot_a_target_is_untold():
    found = standing(target_factory())
    assert (found.state, found.gap.zh) == (goals.UNTOLD, "2026 年还没有数：没人告诉过我们")


def test_a_figure_its_distance_and_the_years_end_in_words():
    taxed(lambda period: 100_000)
    row = target_factory(indicator="tax.to_date", unit="元", value=6_000_000, title="全年税收")
    snapshot_factory(as_of=DAY)
    found = standing(row)
    assert (found.state, found.found) == (goals.SHORT, 32_000)
    assert isinstance(found.ending, Forecast)
    assert found.ending.mid == pytest.approx(48_000)
    assert found.gap.zh == "距 6 万元还差 2.8 万元；按现在的进度年底约 4.8 万元（估计）"


def test_one_more_row_changes_the_figure():
    rows = taxed(lambda period: 100_000)
    row = target_factory(indicator="tax.to_date", unit="元", value=6_000_000)
    snapshot_factory(as_of=DAY)
    told("tax.paid", {rows[0].uscc: {"2026-08": 3_000_000}})
    snapshot_factory(as_of=DAY)
    assert standing(row).found == 61_000
    assert standing(row).state == goals.MET


def test_one_whole_year_is_too_few_to_speak_of_the_next_ones_end():
    taxed(lambda period: 100_000, first="2025-01")
    row = target_factory(indicator="tax.to_date", unit="元", value=6_000_000)
    snapshot_factory(as_of=DAY)
    found = standing(row)
    assert isinstance(found.ending, Cannot)
    assert "年底多少还估不出：至少要有 2 个整年的往年数才能估，现有 1 年" in found.gap.zh


def test_a_period_told_in_part_is_called_so_and_carried_nowhere():
    rows = taxed(lambda period: 100_000, last="2026-07")
    told("tax.paid", {row.uscc: {"2026-08": 100_000} for row in rows[:3]})
    row = target_factory(indicator="tax.to_date", unit="元", value=6_000_000)
    snapshot_factory(as_of=DAY)
    found = standing(row)
    assert found.partial
    assert found.gap.zh.endswith("数据不全，不往年底推")


def test_a_part_of_a_breakdown_has_its_own_target():
    for count, cluster in ((5, "钟表"), (7, "陶瓷")):
        firms(count, cluster, production_status="在产")
    row = target_factory(value=8, dim="cluster", group="钟表")
    snapshot_factory(as_of=DAY)
    assert standing(row).gap.zh.startswith("距 8 户还差 3 户")


def test_a_part_there_is_not_names_the_nearest_and_one_of_few_firms_is_called_so():
    firms(4, "陶瓷", production_status="在产")
    firms(5, "钟表", production_status="在产")
    firms(2, "小家电", production_status="在产")
    snapshot_factory(as_of=DAY)
    with pytest.raises(Refusal) as refused:
        target_factory(dim="cluster", group="钟表业")
    assert (refused.value.code, refused.value.field) == ("no_part", "group")
    assert "最接近的是 钟表" in refused.value.texts("zh")[0]
    assert standing(target_factory(dim="cluster", group="小家电")).gap.zh == "不足 3 户，不显示"


def test_a_unit_is_written_as_pages_print_it():
    assert planfile.stored("100万元/亩") == (100_000_000, "元/亩")


def test_a_ceiling_is_not_passed():
    firms(5, production_status="在产")
    row = target_factory(value=4, direction="down")
    snapshot_factory(as_of=DAY)
    assert standing(row).state == goals.SHORT
    assert standing(row).gap.zh.startswith("超过 4 户，多 1 户")


def test_who_may_see_no_indicators_reads_the_target_and_not_its_figure(client):
    firms(5, production_status="在产")
    _unit, owner = owner_factory(role="bureau_clerk")
    row = target_factory(owner=owner)
    snapshot_factory(as_of=DAY)
    found = standing(row, owner)
    assert (found.state, found.found) == (goals.HIDDEN, None)
    client.force_login(owner)
    page = client.get(reverse("indicators:target", args=[row.pk])).content.decode()
    assert "您的岗位看不到这个指标的数" in page
    assert "还差 145" not in page
    client.force_login(person_factory("bureau_clerk"))
    assert client.get(reverse("indicators:target", args=[row.pk])).status_code == 404
    assert row.title not in client.get(reverse("indicators:targets")).content.decode()


def test_who_answers_for_a_target_is_told_once_that_its_day_is_over_and_it_is_not_reached():
    clerk()
    firms(5, production_status="在产")
    missed, reached, coming = target_factory(due_on=dt.date(2026, 8, 1)), target_factory(value=5, due_on=dt.date(2026, 8, 1)), target_factory(due_on=dt.date(2026, 12, 31))
    unbuilt = target_factory(indicator="parks.rate", unit="%", value=8000, awaits="园区房间还没有建", due_on=dt.date(2026, 8, 1))
    assert reminders.missed_due() == 0
    snapshot_factory(as_of=DAY)
    assert reminders.missed_due() == 1
    assert reminders.missed_due() == 0
    told_ = Notice.objects.get()
    assert (told_.person, told_.kind) == (missed.owner, "indicators.target_late")
    assert told_.person not in (reached.owner, coming.owner, unbuilt.owner)


def test_a_notice_tells_no_figure_to_who_may_not_see_it():
    clerk()
    firms(5, production_status="在产")
    _unit, owner = owner_factory(role="bureau_clerk")
    target_factory(owner=owner, due_on=dt.date(2026, 8, 1))
    snapshot_factory(as_of=DAY)
    assert reminders.missed_due() == 1
    told_ = Notice.objects.get()
    assert "145" not in f"{told_.title_zh}{told_.title_en}{told_.body_zh}{told_.body_en}"


def test_the_page_opens_the_rows_behind_its_figure_and_sets_a_target(client):
    firms(5, production_status="在产")
    row = target_factory()
    snapshot_factory(as_of=DAY)
    client.force_login(person_factory("leader"))
    assert f"{reverse('indicators:rows', args=['enterprises.producing'])}?period=2026-08" in client.get(reverse("indicators:target", args=[row.pk])).content.decode()
    unit, owner = owner_factory()
    client.force_login(clerk())
    sent = {"indicator": "enterprises.registered", "title": "在库企业", "direction": "up", "value": "1,500 户", "weight": 1, "owner_unit": unit.pk, "owner": owner.pk, "due_on": "2026-12-31", "source": "纪要"}
    assert client.post(reverse("indicators:target_new", args=[row.plan_id]), sent).status_code == 302
    assert Target.objects.get(indicator="enterprises.registered").value == 1500
    refused = client.post(reverse("indicators:target_new", args=[row.plan_id]), {**sent, "value": "很多"})
    assert refused.status_code == 422
    assert "写数和单位" in refused.content.decode()


# ── plans as data ────────────────────────────────────────────────────────────
def test_the_shipped_plans_can_be_taken_in_whole_and_keep_source_and_flag():
    owners = {}
    for code in {one.unit for packed in planfile.packed().values() for one in (*packed.tasks, *packed.targets)}:
        owners[code] = person_factory("policy_officer", unit_factory(code=code))
    for packed in planfile.packed().values():
        take_plan(packed=packed, owners=owners, by=clerk())
    measures = Plan.objects.get(code="measures-30-2026")
    assert measures.tasks.count() == 30
    assert measures.provisional
    year = Plan.objects.get(code="year-2026")
    assert {row.indicator: (row.value, row.unit) for row in year.targets.all()} | {"enterprises.producing": (150, "户"), "parks.standard_factory_in_production": (8000, "%")} == {row.indicator: (row.value, row.unit) for row in year.targets.all()}
    assert all(row.provisional and row.source for row in year.targets.all())


def test_a_plan_of_which_an_office_has_nobody_is_not_taken_in_at_all():
    packed = planfile.packed()["five-actions-2026"]
    with pytest.raises(Refusal) as refused:
        take_plan(packed=packed, owners={}, by=clerk())
    assert refused.value.code == "no_owner"
    assert not Plan.objects.exists()
    assert not Task.objects.exists()
    with pytest.raises(access.Forbidden):
        take_plan(packed=packed, owners={}, by=person_factory("leader"))


@pytest.mark.parametrize(("text", "says"), [
    ("{kind: wish}", "kind"), ("{colour: red}", "colour"), ("{year: soon}", "year"), ("{targets: [{indicator: enterprises.producin, title: 甲, value: 3 户, unit: a, due_on: 2026-12-31}]}", "enterprises.producing"),
    ("{targets: [{indicator: enterprises.producing, title: 甲, value: 很多, unit: a, due_on: 2026-12-31}]}", "value"), ("{tasks: [{text: 甲, unit: a, due_on: 明年}]}", "due_on"),
    ("{targets: [{indicator: enterprises.producing, title: 甲, value: 3 户, unit: a, due_on: 2026-12-31, task: 4}]}", "task"), ("{tasks: [甲]}", "tasks")])
def test_a_fault_in_a_plan_file_is_an_error_with_its_line(text, says, tmp_path, settings):
    import yaml

    entry = {"code": "x-2026", "kind": "year", "name": "甲", "year": 2026, "source": "乙"} | yaml.safe_load(text)
    folder = pack(tmp_path, "[]")
    (folder / "plans.yaml").write_text(yaml.safe_dump([entry], allow_unicode=True), "utf-8")
    where, _first = f"{folder}/plans.yaml:1", packs.entries(folder / "plans.yaml")
    with pytest.raises(PackError) as wrong:
        planfile.read(where, next(iter(_first)))
    assert says in str(wrong.value)
    assert "plans.yaml" in str(wrong.value)
