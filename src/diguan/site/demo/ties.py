"""The demo county's hometown people, chambers and ties: all invented, each person with a consent, so that some target firms can be reached in two or three steps."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from diguan.site.demo import accounts
from diguan.site.demo.requests import on

if TYPE_CHECKING:
    from diguan.ties.models import Chamber, HometownPerson, Tie

KEPT, TIED, DECIDED = dt.date(2026, 9, 8), dt.date(2026, 9, 22), dt.date(2026, 10, 12)
UNTIL = (dt.date(2027, 9, 7), dt.date(2028, 9, 7), dt.date(2026, 11, 20))
"""Most consents last a year or two; every ninth runs out within a month of the demo's day."""
FORM = ("同意书（演示）.pdf", b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF")
SURNAMES = "刘王陈周李张欧阳谢肖罗曾彭蒋唐邓何许曹龙夏魏贺廖凌易段颜宁祝屈申尹旷阳邹莫汤戴尹"
GIVEN = ("样例", "示例", "演示", "样本")
# name, region, city, members, founded.
CHAMBERS = (
    ("深圳市衡阳样例商会", "440300", "深圳", 420, 2009), ("东莞市衡阳示例商会", "441900", "东莞", 380, 2011), ("广东省衡阳演示商会", "440000", "广州", 650, 2005), ("佛山样本衡商联谊会", "440000", "佛山", None, 2016),
    ("中山示例湘商会", "440000", "中山", 160, 2014), ("惠州样例衡阳商会", "440000", "惠州", 210, 2013), ("温州市样例湖南商会", "330300", "温州", 300, 2008), ("宁波市示例衡阳商会", "330200", "宁波", 180, 2012),
    ("浙江省演示湖南商会", "330000", "杭州", 900, 2003), ("苏州样例衡阳商会", "320500", "苏州", 240, 2010), ("江苏省示例湖南商会", "320000", "南京", None, None), ("珠海演示衡阳联谊会", "440000", "珠海", 90, 2018))
TARGETS = ("深圳示例机芯科技有限公司", "东莞样例计时器件有限公司", "珠海演示微机电有限公司", "佛山样例表壳制造有限公司", "深圳演示精钢表壳有限公司", "温州样本注塑电器有限公司", "苏州样例传感模组有限公司", "广州示例智能模组有限公司")
PEOPLE = 40
_POSITIONS = ("总经理", "副总经理", "生产总监", "高级工程师", "采购经理", "教授")
_SKILLS = ("精密注塑", "石英机芯", "表壳抛光", "供应链管理", "工业设计", "跨境电商", "传感器", "模具")


def prepare() -> None:
    """Chambers, people with their consents, ties and a few returnee proofs; what is there is left."""
    from diguan.ties.models import Chamber, HometownPerson, Return, Tie

    if not Chamber.objects.exists():
        with on(KEPT):
            _chambers()
    chambers = list(Chamber.objects.order_by("id"))
    if not HometownPerson.objects.exists():
        with on(KEPT):
            _people()
    people = list(HometownPerson.objects.order_by("id"))
    if not Tie.objects.exists():
        with on(TIED):
            made = _ties(people, chambers)
        with on(DECIDED):
            _verify(made)
    if not Return.objects.exists():
        with on(DECIDED):
            _returns(people)


def _chambers() -> None:
    from diguan.ties.actions import chambers

    for number, (name, region, city, members, year) in enumerate(CHAMBERS):
        chambers.keep_chamber(by=accounts.known("invest"), values={
            "name": name, "region": region, "city": city, "members": members, "founded": dt.date(year, 5, 18) if year else None, "contact_name": f"{SURNAMES[number]}{GIVEN[number % 4]}",
            "contact_phone": f"138 0000 9{number:03d}", "source": "商会 2026 年会员名册（演示）", "source_date": dt.date(2026, 8, 1), "note": ""})


def _people() -> None:
    """Forty: two in five from the town whose officer has an account, most of them merchants."""
    from diguan.kernel.access.models import Unit
    from diguan.ties.actions import people
    from diguan.ties.actions.people import Agreed
    from diguan.ties.models import Purpose

    towns = {town.code: town for town in Unit.objects.filter(code__in=("jiepai", "xidu"))}
    for number in range(PEOPLE):
        _name, region, city, _members, _year = CHAMBERS[number % len(CHAMBERS)]
        purposes = {Purpose.CONTACT, Purpose.INVITE} | ({Purpose.INTRODUCE} if number % 5 != 4 else set())
        town = "jiepai" if number % 5 < 2 else "xidu"
        people.keep_person(
            by=accounts.known("town" if town == "jiepai" else "invest2"), again=True,
            agreed=Agreed(frozenset(purposes), "联系走访、请本人引荐企业、邀请返乡；不转给别人（演示）", KEPT, UNTIL[2] if number % 9 == 8 else UNTIL[number % 2], ("signed", "online", "message")[number % 3], FORM),
            values={"name": f"{SURNAMES[number % len(SURNAMES)]}{GIVEN[(number // 4) % 4]}", "kind": ("merchant", "merchant", "talent", "merchant", "official_retired", "other")[number % 6], "town": towns[town], "region": region, "city": city,
                    "employer": f"{city}{GIVEN[number % 4]}{_SKILLS[number % 8]}公司" if number % 6 != 4 else "", "position": _POSITIONS[number % 6], "skills": _SKILLS[number % 8], "phone": f"139 0000 {number + 1:04d}"})


def _ties(people: list[HometownPerson], chambers: list[Chamber]) -> list[Tie]:
    """Members and secretaries of chambers, who leads or works in which target firm, who knows whom."""
    found: list[tuple[str, Any, Any, str]] = [("member", person, chambers[number % len(chambers)], "商会会员名册（演示）") for number, person in enumerate(people) if number % 8 != 7]
    found += [("secretary", people[number + 12], chamber, "商会章程备案（演示）") for number, chamber in enumerate(chambers)]
    found += [(kind, people[at], name, "企业公示信息（演示）") for kind, at, name in (
        ("legal_representative", 25, TARGETS[0]), ("executive", 3, TARGETS[1]), ("shareholder", 31, TARGETS[1]), ("executive", 11, TARGETS[2]), ("business_partner", 17, TARGETS[3]), ("knows", 6, TARGETS[4]),
        ("legal_representative", 30, TARGETS[5]), ("business_partner", 10, TARGETS[6]))]
    found += [("member", name, chambers[at], "商会会员名册（演示）") for name, at in zip(TARGETS, (0, 1, 11, 3, 0, 6, 9, 2), strict=True)]
    found += [(("classmate", "fellow_villager", "former_colleague", "relative", "business_partner")[number % 5], people[number], people[(number * 7 + 5) % PEOPLE], "本人来电（演示）") for number in range(0, PEOPLE, 2)]
    found += [("knows", "me", people[number], "本人说的（演示）") for number in (1, 12, 20, 28)]
    return [tie for line in found if (tie := _recorded(*line)) is not None]


def _recorded(kind: str, one: Any, other: Any, source: str) -> Tie | None:
    """A tie, every fourth of an old source; None where its two ends are one person."""
    from diguan.ties.actions import ties
    from diguan.ties.actions.ties import FirmName

    by = accounts.known("invest")
    ends = [by if each == "me" else FirmName(each) if isinstance(each, str) else each for each in (one, other)]
    if ends[0] == ends[1]:
        return None
    number = getattr(one, "pk", 0) or 0
    return ties.record_tie(kind=kind, one=ends[0], other=ends[1], source=source, source_date=dt.date(2024, 5, 6) if number % 4 == 3 else dt.date(2026, 9, 10), by=by)


def _verify(made: list[Tie]) -> None:
    """Three in four are verified by a colleague; the rest wait."""
    from diguan.ties.actions import ties

    for number, tie in enumerate(made):
        if number % 4 != 3:
            ties.verify_tie(tie=tie, version=tie.version, by=accounts.known("invest2"))


def _returns(people: list[HometownPerson]) -> None:
    """Two firms and one person proved to be returnees, one more that waits."""
    from diguan.ties.actions import returns
    from diguan.ties.actions.ties import FirmName

    invest, leader = accounts.known("invest"), accounts.known("leader")
    for number, (at, name, share) in enumerate(((25, TARGETS[0], 6_700), (30, TARGETS[5], 5_100), (31, TARGETS[1], 5_500))):
        row = returns.claim_return(person=people[at], basis="controlling_share", document="股东名册（演示）", proof=FORM, firm=FirmName(name), share=share, by=invest)
        if number < 2:
            returns.verify_return(proof=row, version=row.version, by=leader)
    row = returns.claim_return(person=people[3], basis="household_register", document="户口簿（演示）", proof=FORM, by=invest)
    returns.verify_return(proof=row, version=row.version, by=leader)
