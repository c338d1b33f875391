"""The demo county's trips from July to September 2025: 32 of them to Zhejiang, Jiangsu and Guangdong, 52 chambers and firms called on, 12 invited; those of the same months of 2026; one follow-up that is late, and a trip that is being planned.

Every name is invented. What was done is done by the actions, on its day.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from diguan.kernel.access.models import Person
from diguan.site.demo import accounts
from diguan.site.demo.requests import on

if TYPE_CHECKING:
    from diguan.outreach.models import FollowUp


@dataclass(frozen=True)
class Season:
    """Trips of three months from a Monday on: how many, how many are called on and invited on them, how many of those chambers; ``known`` were called on before."""

    first: dt.date
    trips: int
    visits: int
    invited: int
    chambers: int
    known: int = 0


SEASONS = (Season(dt.date(2025, 7, 7), 32, 52, 12, 14), Season(dt.date(2026, 7, 6), 28, 48, 10, 12, 52))
CITIES: tuple[tuple[str, str], ...] = (
    ("330100", "杭州"), ("330200", "宁波"), ("330300", "温州"), ("330400", "嘉兴"), ("330700", "金华"), ("331000", "台州"),
    ("320100", "南京"), ("320200", "无锡"), ("320400", "常州"), ("320500", "苏州"), ("320600", "南通"),
    ("440100", "广州"), ("440300", "深圳"), ("440400", "珠海"), ("440600", "佛山"), ("441300", "惠州"), ("441900", "东莞"), ("442000", "中山"))
TRADES = ("石英机芯", "精密表壳", "表带皮具", "智能模组", "日用陶瓷", "鞋材", "小家电", "注塑模具", "电机配件", "控制板")
MARKS = ("示例", "样例", "演示", "样本")
SAID = ("看了两条产线，内地用工和电价是他们最关心的", "谈了标准厂房和配套，想知道机芯本地能不能供", "介绍了钟表产业园，对方问物流到广州要几天", "老板是湖南人，愿意牵线两家会员企业", "今年订单往外转，想找第二生产基地")
OUTCOMES = ("keen", "coming", "later", "keen", "no", "keen", "coming", "later")
INVITED_TO = ("看标准厂房和员工宿舍", "看钟表产业园和检测中心", "看物流园，谈用工")
PLACES = (("杭州示例酒店", "330100", 30_274_000, 120_155_000), ("杭州余杭示例园区", "330100", 30_421_000, 120_300_000), ("杭州萧山示例园区", "330100", 30_183_000, 120_264_000), ("嘉兴秀洲示例园区", "330400", 30_765_000, 120_709_000),
          ("湖州吴兴示例园区", "330500", 30_857_000, 120_185_000), ("绍兴柯桥示例园区", "330600", 30_082_000, 120_495_000))
NEXT = (("杭州样例机芯有限公司", 820, 90, 1, "上午只见到 11:30"), ("杭州演示表壳有限公司", 640, 90, 2, ""), ("嘉兴示例智能模组有限公司", 910, 120, 3, ""), ("湖州样本注塑有限公司", 450, 60, 4, ""), ("绍兴示例表带有限公司", 560, 90, 5, ""),
        ("杭州示例湖南商会", 700, 60, 1, "请会长带两家会员来"), ("嘉兴演示电机有限公司", 530, 90, 3, ""), ("绍兴样例控制板有限公司", 610, 90, 5, ""))


def names(season: Season) -> Iterator[tuple[str, str, str]]:
    """Everybody called on as (party, name, region): of each city a chamber or a firm in turn, none twice."""
    for number in range(season.known, season.known + season.visits):
        code, city = CITIES[number % len(CITIES)]
        mark = MARKS[(number * 3 + number // len(CITIES)) % len(MARKS)]
        if number < season.known + season.chambers:
            yield "chamber", f"{city}{mark}湖南商会", code
        else:
            yield "firm", f"{city}{mark}{TRADES[number % len(TRADES)]}有限公司", code


def prepare() -> None:
    """Trips, visits, guests and a trip to plan, unless they are there."""
    from diguan.outreach.models import Trip

    if Trip.objects.exists():
        return
    team = [accounts.known(login) for login in ("invest", "chain", "invest2", "chain2")]
    for season in SEASONS:
        invited = 0
        for number, stops in enumerate(_shares(list(names(season)), season.trips)):
            begins = season.first + dt.timedelta(days=7 * (number * 12 // season.trips) + number % 3)
            invited += _trip(number, team, stops, season.invited - invited, begins)
    _answered()
    _late(team[0])
    _coming(team[0])


def _shares(everybody: Sequence[tuple[str, str, str]], trips: int) -> list[list[tuple[str, str, str]]]:
    """The calls of each trip: one or two, of one province."""
    by_place = sorted(everybody, key=lambda one: one[2])
    twos = len(everybody) - trips
    return [by_place[2 * at:2 * at + 2] for at in range(twos)] + [[one] for one in by_place[2 * twos:]]


def _trip(number: int, team: Sequence[Person], stops: Sequence[tuple[str, str, str]], wanted: int, begins: dt.date) -> int:
    """One trip as it was planned, made and closed; how many were invited on it."""
    from diguan.outreach.actions import calls, expenses, guests, trips, visits

    by, mate = team[number % len(team)], team[(number + 2) % len(team)]
    ends = begins + dt.timedelta(days=1)
    cities = list(dict.fromkeys(region for _party, _name, region in stops))
    asked = 0
    with on(begins - dt.timedelta(days=4)):
        row = trips.plan_trip(values={"title": f"赴{'、'.join(dict(CITIES)[code] for code in cities)}敲门招商", "purpose": "拜访商会和配套企业，找补链项目", "from_day": begins, "to_day": ends, "expected_visits": len(stops) + (number % 4 == 0),
                                      "expected_firms": sum(party == "firm" for party, _name, _region in stops), "expected_leads": 1, "budget_fen": 600_000}, leader=by, members=[mate], cities=cities, by=by)
        for party, name, _region in stops:
            calls.add_call(trip=row, values={"party": party, "name": name, "questions": "今年扩产吗；看重用工、电价还是配套"}, by=by)
    with on(begins):
        row = trips.start_trip(trip=row, version=row.version, by=by)
    for at, call in enumerate(row.calls.order_by("id")):
        outcome = OUTCOMES[(number + at) % len(OUTCOMES)]
        with on(begins + dt.timedelta(days=at)):
            told = {"party": call.party, "name": call.name, "visited_on": begins + dt.timedelta(days=at), "said": SAID[(number + at) % len(SAID)], "outcome": outcome, "next_step": "寄园区资料" if outcome in ("keen", "coming") else "", "trip": row, "call": call}
            visit, _new = visits.send_visit(key=uuid.uuid5(uuid.NAMESPACE_OID, call.name), values=told, by=by)
            if outcome == "keen":
                _followed(visits.set_follow_up(visit=visit, what="寄园区资料和标准厂房清单", owner=mate, days=5, by=by))
            if outcome == "coming" and asked < wanted:
                guests.invite(values={"party": call.party, "name": call.name, "purpose": INVITED_TO[number % len(INVITED_TO)], "invited_on": begins + dt.timedelta(days=at)}, trip=row, by=by)
                asked += 1
    with on(ends):
        for kind, fen in (("transport", 216_000), ("lodging", 66_000), ("meals", 40_000)):
            expenses.enter_expense(trip=row, values={"kind": kind, "day": begins, "region": cities[0], "persons": 2, "days": 2 if kind == "meals" else 1, "amount_fen": fen}, by=by)
    with on(ends + dt.timedelta(days=1)):
        trips.close_trip(trip=row, version=row.version, summary=f"拜访 {len(stops)} 家，{'有意向的已定跟进' if asked or number % 2 else '资料已留，年底再联系'}", by=by)
    return asked


def _followed(row: FollowUp) -> None:
    """A follow-up that was done three days after it was set."""
    from diguan.outreach.actions import visits

    with on(row.set_on + dt.timedelta(days=3)):
        visits.finish_follow_up(row=row, version=row.version, result="资料寄到了，对方看完再约", by=row.owner)


def _answered() -> None:
    """Of those invited some came, some declined, some have not answered."""
    from diguan.outreach.actions import guests
    from diguan.outreach.models import Invitation

    for number, row in enumerate(Invitation.objects.order_by("id")):
        by = row.created_by
        assert by is not None
        day = row.invited_on + dt.timedelta(days=14)
        with on(day):
            if number % 4 == 3:
                guests.answer_invitation(invitation=row, version=row.version, accepted=False, answer="今年不扩产", by=by)
            elif number % 4 < 2:
                guests.plan_site_visit(invitation=row, values={"from_day": day, "to_day": day + dt.timedelta(days=1), "guests": 3 + number % 3, "itinerary": "钟表产业园、标准厂房、县展览馆"}, host=by, by=by)
                visit = row.site_visits.get()
                guests.end_site_visit(invitation=Invitation.objects.get(pk=row.pk), visit=visit, version=visit.version, came=True, outcome="看中一栋标准厂房，要报价", by=by)


def _late(by: Person) -> None:
    """A visit of last week, on no trip, whose follow-up is late."""
    from diguan.enterprises.models import Enterprise, ProductionStatus
    from diguan.outreach.actions import visits

    day, firm = dt.date(2026, 10, 21), Enterprise.objects.filter(cluster="小家电", production_status=ProductionStatus.PRODUCING).order_by("uscc").first()
    with on(day):
        told = {"party": "firm", "name": firm.name if firm else "衡阳样例电子有限公司", "visited_on": day, "said": "老客户想在园区加一条线，缺两名工程师", "outcome": "keen", "next_step": "问人社局能不能定向招", "trip": None, "call": None}
        visit, _new = visits.send_visit(key=uuid.uuid5(uuid.NAMESPACE_OID, "late"), values=told, by=by)
        visits.set_follow_up(visit=visit, what="问人社局能不能定向招两名工程师", owner=by, days=3, by=by)


def _coming(by: Person) -> None:
    """A trip of next week with places, from which a plan can be worked out."""
    from diguan.kernel import clocks
    from diguan.outreach.actions import calls, plans, trips

    begins = clocks.today() + dt.timedelta(days=9)
    places = [plans.keep_place(values={"name": name, "region": region, "lat_e6": lat, "lon_e6": lon}, by=by) for name, region, lat, lon in PLACES]
    row = trips.plan_trip(values={"title": "赴杭州、嘉兴、湖州、绍兴敲门招商", "purpose": "拜访机芯和智能模组企业", "from_day": begins, "to_day": begins + dt.timedelta(days=1), "expected_visits": 6, "expected_firms": 5, "expected_leads": 2, "budget_fen": 1_200_000},
                          leader=by, members=[accounts.known("chain")], cities=["330100", "330400", "330500", "330600"], by=by)
    row = plans.set_base(trip=row, version=row.version, base=places[0], by=by)
    for name, worth, minutes, place, ask in NEXT:
        calls.add_call(trip=row, values={"party": "chamber" if name.endswith("商会") else "firm", "name": name, "worth": worth, "minutes": minutes, "place": places[place], "questions": ask or "今年扩产吗；看重用工、电价还是配套",
                                         "closes": 690 if "11:30" in ask else 1050, "contact_name": "钱样本", "contact_phone": "13900000001"}, by=by)
