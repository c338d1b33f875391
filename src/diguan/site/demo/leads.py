"""The demo's leads of autumn 2026, one in every state a list and a week's sheet speak of; and the targets of three offices for the year."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from diguan.site.demo import accounts
from diguan.site.demo.requests import on

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person
    from diguan.projects.models import Lead
    from diguan.ties.models import HometownPerson

YI = 10_000_000_000
"""Fen in 100 million yuan."""
TASK = "2026 年招商引资任务分解表（演示）"
# office, measure, number
TARGETS = (("science-industry", "leads", 12), ("science-industry", "signed", 6), ("commerce", "projects", 20), ("commerce", "contracted_fen", 130 * YI), ("commerce", "arrived_fen", 45 * YI), ("jiepai", "leads", 4), ("jiepai", "visits", 6))


@dataclass(frozen=True)
class Plan:
    """One lead as it came: who registered it and when, and how its days went on (day, deed, words)."""

    by: str
    on: dt.date
    title: str
    firm: str
    source: str
    region: str
    node: str
    wan: int | None
    deeds: tuple[tuple[dt.date, str, str], ...] = ()
    hold: bool = True


def _day(month: int, day: int) -> dt.date:
    return dt.date(2026, month, day)


PLANS = (
    Plan("invest", _day(10, 31), "石英机芯装配线", "深圳样例精密机芯有限公司", "door_knocking", "440300", "movement_quartz", 8_000),
    Plan("invest2", _day(10, 27), "不锈钢表壳抛光", "东莞演示表壳制品有限公司", "outpost", "441900", "case", 5_000),
    Plan("chain", _day(9, 28), "智能手表模组贴片", "惠州示例智能模组有限公司", "chain_team", "441300", "smart_module", 22_000, (
        (_day(9, 28), "respond", "和总经理通了电话，明年要扩一条贴片线"), (_day(9, 30), "judge", "补智能手表的短板，用电 800 千伏安，厂房有现成的，建议请来看"),
        (_day(10, 20), "tell", "寄了园区厂房资料和用工成本表|邀请来县看厂房|2026-11-05"))),
    Plan("invest", _day(10, 9), "直流微电机扩产", "中山样本微电机有限公司", "referral_by_investor", "442000", "micro_motor", 12_000, (
        (_day(10, 9), "respond", "老客户引荐，和生产总监见了一面"), (_day(10, 12), "judge", "本县风扇、厨房电器都要外购微电机，配套半径合适"), (_day(10, 15), "answer", "已告知引荐人：双方见过面，等对方排产计划"),
        (_day(10, 27), "tell", "对方发来用地和用电需求|请县供电公司核电价|2026-11-03"))),
    Plan("invest2", _day(9, 14), "真皮表带裁切", "温州示例皮件有限公司", "door_knocking", "330300", "strap_leather", 3_000, (
        (_day(9, 14), "respond", "在温州敲门拜访，留了资料"), (_day(9, 17), "judge", "规模小，可以先租厂房"), (_day(9, 24), "tell", "对方说国庆后回话"))),
    Plan("chain2", _day(10, 30), "精密电镀加工", "佛山演示表面处理有限公司", "platform_based", "440600", "plating", None, hold=False),
    Plan("chain", _day(10, 19), "注塑外壳配套", "宁波样例塑胶有限公司", "chain_team", "330200", "plastic_parts", 6_000, (
        (_day(10, 19), "respond", "线上开了会，看重风扇厂的订单"), (_day(10, 21), "judge", "小家电链上缺大件注塑，值得跟"), (_day(10, 29), "offer", "要谈厂房租金，商务局跟进更合适"))),
    Plan("invest", _day(10, 27), "老乡返乡建控制板厂", "深圳示例电控有限公司", "hometown_ties", "440300", "controller_board", 9_000, ((_day(10, 28), "respond", "和老乡本人通了电话，愿意十一月回来看看"),)),
    Plan("invest2", _day(8, 12), "运动鞋底发泡", "泉州样本鞋材有限公司", "chamber", "350500", "sole", 7_000, (
        (_day(8, 12), "respond", "商会介绍，和董事长见了面"), (_day(8, 14), "judge", "能耗偏高，要先看节能审查"), (_day(8, 18), "answer", "已告知商会：等对方环评意见"), (_day(9, 8), "aside", "对方今年不扩产，明年春天再问"))),
    Plan("town", _day(10, 29), "日用瓷花纸", "醴陵演示花纸有限公司", "town", "430200", "decal", 1_500, ((_day(10, 30), "respond", "到厂里看了，想靠近界牌的瓷厂"),)))


def prepare() -> None:
    """The leads and targets that are not there yet."""
    from diguan.projects.models import Assignment, Lead

    for number, plan in enumerate(PLANS):
        if not Lead.objects.filter(title=plan.title, firm_name=plan.firm).exists():
            with transaction.atomic():
                _lead(plan, number)
    if not Assignment.objects.exists():
        with transaction.atomic():
            _targets()


def _lead(plan: Plan, number: int) -> None:
    from diguan.projects.actions import leads

    by = accounts.known(plan.by)
    said = leads.Said(
        title=plan.title, firm_name=plan.firm, source=plan.source, came_on=plan.on, region=plan.region, node=plan.node, investment_fen=plan.wan * 1_000_000 if plan.wan else None,
        contact_name="钱样本", contact_phone=f"139 0000 8{number:03d}", told=f"{plan.title}，想租标准厂房", referrer=_referrer(by) if plan.source == "hometown_ties" else None)
    with on(plan.on):
        row = leads.register_lead(said=said, by=by, hold=plan.hold)
    for day, deed, words in plan.deeds:
        with on(day):
            row = DEEDS[deed](row, by, day, words)


def _referrer(by: Person) -> HometownPerson | None:
    """Somebody from home who agreed to introduce firms, if the demo has any."""
    from diguan.ties.models import Purpose
    from diguan.ties.queries import people

    return people.visible_people(by, Purpose.INTRODUCE).order_by("id").first()


def _respond(row: Lead, by: Person, day: dt.date, words: str) -> Lead:
    from diguan.projects.actions import lead_work

    return lead_work.respond(lead=row, version=row.version, news=lead_work.News(on=day, what=words), by=by)


def _judge(row: Lead, by: Person, _day: dt.date, words: str) -> Lead:
    from diguan.projects.actions import lead_work

    return lead_work.judge(lead=row, version=row.version, opinion=words, by=by)


def _tell(row: Lead, by: Person, day: dt.date, words: str) -> Lead:
    """News; a next step and its day stand behind bars."""
    from diguan.projects.actions import lead_work

    what, *step = words.split("|")
    news = lead_work.News(on=day, what=what, next_step=step[0], next_on=dt.date.fromisoformat(step[1]), next_by=by) if step else lead_work.News(on=day, what=what)
    return lead_work.tell_progress(lead=row, version=row.version, news=news, by=by)


def _answer(row: Lead, by: Person, day: dt.date, words: str) -> Lead:
    from diguan.projects.actions import lead_work

    return lead_work.give_feedback(lead=row, version=row.version, on=day, what=words, by=by)


def _aside(row: Lead, by: Person, _day: dt.date, words: str) -> Lead:
    from diguan.projects.actions import lead_work

    return lead_work.lay_aside(lead=row, version=row.version, reason=words, by=by)


def _offer(row: Lead, by: Person, _day: dt.date, words: str) -> Lead:
    from diguan.projects.actions import lead_holding

    return lead_holding.offer_lead(lead=row, version=row.version, to=accounts.known("invest"), note=words, by=by)


DEEDS = {"respond": _respond, "judge": _judge, "tell": _tell, "answer": _answer, "aside": _aside, "offer": _offer}


def _targets() -> None:
    from diguan.kernel.access.models import Unit
    from diguan.projects.actions import assignments

    leader = accounts.known("leader")
    with on(_day(1, 12)):
        for code, measure, number in TARGETS:
            assignments.set_assignment(year=2026, unit=Unit.objects.get(code=code), measure=measure, number=number, note=TASK, by=leader)
