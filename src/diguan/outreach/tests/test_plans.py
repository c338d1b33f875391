"""A trip's plan: calls from the target list, a proposal with its bound, moved by hand with what breaks, ways from a table."""

from __future__ import annotations

import datetime as dt

import pytest

from diguan.chains.tests.factories import target_factory
from diguan.kernel.access import Forbidden
from diguan.kernel.events import Event
from diguan.kernel.refusals import Refusal
from diguan.kernel.tests.factories import person_factory
from diguan.outreach.actions import calls, plans, trips
from diguan.outreach.models import Place, TravelTime, Trip
from diguan.outreach.queries import planning
from diguan.outreach.queries import trips as queries
from diguan.outreach.tests.factories import call_factory, officer_factory, refused, trip_factory

pytestmark = pytest.mark.django_db
DAY = dt.date(2025, 8, 4)


@pytest.fixture(autouse=True)
def august(settings, tmp_path):
    settings.DIGUAN_DATA, settings.DIGUAN_TODAY = tmp_path, DAY.isoformat()


def planned(row: Trip) -> list[list[str]]:
    return [[call.name for call, _stop in day.lines] for day in planning.day_plans(row, planning.ground(row, queries.calls_of(row)))]


def test_target_firms_become_calls_worth_their_score_and_not_twice():
    by = person_factory("chain_officer")
    firm = target_factory("杭州示例机芯有限公司", region="330000", jobs=120)
    row = trip_factory(by)
    ((found, score),) = planning.candidates(by, row)
    assert found == firm
    calls.add_targets(trip=row, firms=[firm], by=by)
    assert [(call.target, call.worth) for call in row.calls.all()] == [(firm, score)]
    assert planning.candidates(by, row) == []
    refused("nothing_chosen", calls.add_targets, trip=row, firms=[firm], by=by)


def test_who_may_not_see_target_firms_takes_none():
    town = person_factory("town_officer")
    firm = target_factory("杭州示例机芯有限公司", region="330000")
    row = trip_factory(town)
    assert planning.candidates(town, row) == []
    with pytest.raises(Forbidden):
        calls.add_targets(trip=row, firms=[firm], by=town)


@pytest.mark.parametrize(("change", "field"), [({"opens": 700, "closes": 600}, "closes"), ({"minutes": 5}, "minutes"), ({"shut": "9"}, "shut"), ({"shut": "x"}, "shut"), ({"uscc": "123"}, "uscc"), ({"worth": 2000}, "worth"), ({"name": ""}, "name")])
def test_what_cannot_be_a_call_is_refused_at_its_field(change, field):
    with pytest.raises(Refusal) as error:
        call_factory(**change)
    assert error.value.field == field


def test_one_firm_is_called_on_once_a_trip_however_it_is_typed():
    row = trip_factory()
    call_factory(row, name="杭州示例（机芯）有限公司")
    assert refused("called_twice", call_factory, trip=row, name="杭州示例(机芯)有限公司").field == "name"


def test_a_proposal_changes_nothing_until_it_is_taken_and_says_what_is_left_out():
    by = officer_factory()
    row = trip_factory(by)
    refused("nothing_to_plan", plans.propose_plan, trip=row, by=by)
    good = call_factory(row, by, name="开着的")
    call_factory(row, by, name="都不行的", shut="0,1,2")
    plans.propose_plan(trip=row, by=by)
    plan = row.plans.get()
    assert (plan.value, plan.bound, plan.greedy_value, plan.proven, plan.ways) == (100, 100, 100, True, {"unknown": 3})
    assert [(call, why) for call, why in plan.left] == [(row.calls.get(name="都不行的").pk, "closed")]
    assert planned(row) == [[], [], []]
    row = plans.take_plan(trip=row, plan=plan, version=row.version, by=by)
    assert [name for day in planned(row) for name in day] == [good.name]
    refused("conflict", plans.take_plan, trip=row, plan=plan, version=1, by=by)


def test_calls_move_by_hand_and_the_plan_names_the_window_that_breaks():
    by = officer_factory()
    row = trip_factory(by)
    call_factory(row, by, name="上午", opens=540, closes=700)
    call_factory(row, by, name="全天")

    def move(name: str, how: str) -> None:
        fresh = Trip.objects.get(pk=row.pk)
        plans.move_call(call=row.calls.select_related("trip").get(name=name), version=fresh.version, how=how, by=by)

    for name in ("上午", "全天"):
        move(name, plans.IN)
    assert planned(row) == [["上午", "全天"], [], []]
    move("上午", plans.DOWN)
    (first, *_rest) = planning.day_plans(row, planning.ground(row, queries.calls_of(row)))
    assert [stop.late for _call, stop in first.lines] == [0, 110]  # 9:30 to 11:00, an hour's way, 12:00 to 13:30 where it closes at 11:40
    move("上午", plans.LATER)
    assert planned(row) == [["全天"], ["上午"], []]
    move("上午", plans.OUT)
    assert planned(row) == [["全天"], [], []]
    refused("cannot_move", move, name="全天", how=plans.UP)
    refused("cannot_move", move, name="全天", how=plans.EARLIER)
    refused("cannot_move", move, name="上午", how=plans.UP)


def test_days_in_use_are_not_cut_off():
    by = officer_factory()
    row = trip_factory(by)
    call_factory(row, by, name="全天")
    for how in (plans.IN, plans.LATER):
        plans.move_call(call=row.calls.select_related("trip").get(), version=Trip.objects.get(pk=row.pk).version, how=how, by=by)
    told = {"title": "短了", "purpose": "短了", "from_day": DAY, "to_day": DAY}
    refused("days_in_use", trips.change_trip, trip=row, version=Trip.objects.get(pk=row.pk).version, values=told, leader=by, cities=["330100"], by=by)


def test_a_table_of_ways_is_taken_whole_or_not_at_all():
    by = officer_factory()
    error = refused("invalid", plans.read_ways, text="从,到,分钟\n甲厂,乙厂,30\n乙厂,乙厂,20\n丙厂,甲厂,很久\n")
    assert [text.partition("：")[0] for text in error.texts("zh")] == ["第 3 行", "第 4 行"]
    assert not Place.objects.exists()
    plans.tell_ways(ways=plans.read_ways("从,到,分钟\n甲厂，乙厂，30\n乙厂\t酒店\t25\n"), source="车队", by=by)
    plans.tell_ways(ways=plans.read_ways("甲厂,乙厂,35"), source="车队", by=by)
    assert sorted(TravelTime.objects.values_list("origin__name", "target__name", "minutes")) == [("乙厂", "酒店", 25), ("甲厂", "乙厂", 35)]


def test_the_way_is_told_by_the_table_and_else_reckoned():
    by = officer_factory()
    plans.tell_ways(ways=plans.read_ways("甲厂,酒店,25"), source="车队", by=by)
    row = trip_factory(by)
    row = plans.set_base(trip=row, version=row.version, base=Place.objects.get(name="酒店"), by=by)
    call_factory(row, by, name="甲", place=Place.objects.get(name="甲厂"))
    far = plans.keep_place(values={"name": "乙厂", "lat_e6": 30_000_000, "lon_e6": 120_000_000}, by=by)
    call_factory(row, by, name="乙", place=far)
    ground = planning.ground(row, queries.calls_of(row))
    assert ground.how == {"table": 1, "unknown": 2}
    assert ground.ways[0][2].minutes == 25


@pytest.mark.parametrize("values", [{"name": ""}, {"name": "甲", "lat_e6": 1}, {"name": "甲", "lat_e6": 95_000_000, "lon_e6": 1}, {"name": "甲", "region": "990000"}])
def test_what_cannot_be_a_place_is_refused(values):
    with pytest.raises(Refusal):
        plans.keep_place(values=values, by=officer_factory())


def test_a_contact_is_seen_in_full_with_a_reason_and_leaves_a_trace():
    by = officer_factory()
    call = call_factory(by=by, contact_name="钱样本", contact_phone="13900000001")
    refused("invalid", calls.reveal_contact, call=call, reason="", by=by)
    calls.reveal_contact(call=call, reason="约时间", by=by)
    assert Event.objects.filter(verb="call_contact_revealed").count() == 1
    with pytest.raises(Forbidden):
        calls.reveal_contact(call=call, reason="看看", by=officer_factory())
    assert "13900000001" not in "".join(str(event.after) for event in Event.objects.all())
