"""The lines that counts of enterprises are folded from."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet

from diguan.enterprises.engine import capabilities as kinds
from diguan.enterprises.models import NONE_WORD, TITLE_NAMES, Capability, CapabilityState, Enterprise, Title
from diguan.enterprises.queries import VIEW, capabilities, visible_enterprises
from diguan.kernel import packs
from diguan.kernel.access.models import Person
from diguan.kernel.measures import Asked, Line, counted
from diguan.kernel.messages import Message


@counted("enterprises.registered", title=Message("在库企业", "Enterprises on the register"), unit="户", permission=VIEW, visible=visible_enterprises, column="uscc", route="enterprises:dossier", firms=True,
         groups=("cluster", "town", "park", "industry", "production_status", "business_status"),
         definition=Message("企业库里的企业，从成立那天起算；集群、园区和生产状态是现在登记的", "enterprises on the register from the day of their establishment; cluster, park and production as registered now"))
def registered(asked: Asked) -> Iterable[Line]:
    """One line an enterprise. The register keeps no history of its attributes."""
    rows = Enterprise.objects.order_by("uscc").values_list("uscc", "name", "established", "cluster", "town", "park", "industry", "production_status", "business_status")
    for uscc, name, since, cluster, town, park, industry, producing, status in rows:
        yield Line(uscc, name, 1, since, groups={"cluster": cluster, "town": town, "park": _known(park), "industry": industry[:2], "production_status": producing, "business_status": status})


# ── titles ───────────────────────────────────────────────────────────────────
@counted("enterprises.title_lines", title=Message("有资质的企业", "Enterprises with titles"), unit="户", permission=VIEW, visible=visible_enterprises, column="uscc", route="enterprises:dossier", groups=("title", "cluster"),
         definition=Message("企业名录里的荣誉资质，从发证那天起，到有效期满或取消前一天止；资质是公开的，几户都可以说", "titles of the register from their issue to the day they end or the day before they are withdrawn; titles are public, however few hold them"))
def titles(asked: Asked) -> Iterable[Line]:
    """One line a title of an enterprise."""
    for one in Title.objects.select_related("enterprise").order_by("id"):
        ends = [one.valid_until, one.withdrawn_on - dt.timedelta(days=1) if one.withdrawn_on else None]
        until = min((day for day in ends if day is not None), default=None)
        yield Line(one.enterprise.uscc, f"{one.enterprise.name}（{one.name}）", 1, one.issued, until, groups={"title": TITLE_NAMES.get(one.kind, one.name), "cluster": _known(one.enterprise.cluster)})


def _known(word: str) -> str:
    return "" if word == NONE_WORD else word


# ── what enterprises can do ──────────────────────────────────────────────────
_HOLDS = Message("能力名册里已核实的，从出具那天起到有效期满；待核实的不算", "verified claims of the capability register from their issue to their end; those that wait do not count")


def claiming_firms(person: Person) -> QuerySet[Enterprise]:
    """The enterprises whose claims this person may see."""
    return Enterprise.objects.filter(pk__in=capabilities.visible_capabilities(person).order_by().values("enterprise"))


_claimed = functools.partial(counted, permission=capabilities.VIEW, visible=claiming_firms, column="uscc", route="enterprises:enterprise_capabilities")


def _claims(kind: str, known_at: dt.datetime | None) -> QuerySet[Capability]:
    rows = Capability.objects.filter(kind=kind, state=CapabilityState.VERIFIED).select_related("enterprise").order_by("id")
    return rows if known_at is None else rows.filter(created_at__lte=known_at)


def _line(one: Capability, num: int | None = 1, of: int | None = None, **groups: Any) -> Line:
    return Line(one.enterprise.uscc, f"{one.enterprise.name}（{one.name}）", num, one.issued, one.valid_until, of, {"cluster": _known(one.enterprise.cluster), **groups})


@_claimed("enterprises.capacity_lines", title=Message("日产能", "Daily capacity"), unit="", firms=True, groups=("cluster", "category", "unit"),
         definition=Message(f"{_HOLDS.zh}。同一品类、同一计量单位的日产能才相加；是一天最多能做多少，不是产量", f"{_HOLDS.en}; capacities of one product class in one unit alone are added up; the most that can be made in a day, not output"))
def capacities(asked: Asked) -> Iterable[Line]:
    """One line a product."""
    return [_line(one, one.details["daily_capacity"], category=one.details["category"], unit=kinds.WORDS[one.details["unit"]].zh) for one in _claims("product", asked.known_at)]


@_claimed("enterprises.market_lines", title=Message("出口国家和地区", "Export markets"), unit="个", firms=True, groups=("cluster", "country"),
         definition=Message(f"{_HOLDS.zh}。国家和地区按 ISO 3166 代码去重，几家出口同一国算一个", f"{_HOLDS.en}; by ISO 3166 code, one that several enterprises export to counts once"))
def markets(asked: Asked) -> Iterator[Line]:
    """One line a claim and country."""
    names = packs.countries()
    for one in _claims("market", asked.known_at):
        yield from (_line(one, country=names[code].zh if code in names else code) for code in one.details["countries"])


@_claimed("enterprises.share_lines", title=Message("市场份额", "Market shares"), unit="%", groups=("cluster", "market", "year", "basis", "statistics"),
         definition=Message(f"{_HOLDS.zh}。每项份额都写明是哪个市场、哪一年、谁的统计；不同市场的不相加", f"{_HOLDS.en}; each says of which market, year and statistics; shares of different markets are not added"))
def shares(asked: Asked) -> Iterable[Line]:
    """One line a share, in basis points of the whole."""
    for one in _claims("share", asked.known_at):
        told = one.details
        basis = kinds.WORDS[told["basis"]].zh if told.get("basis") else ""
        yield _line(one, told["share"], 10_000, market=told["market"], year=str(told["year"]), basis=basis, statistics=told["statistics"])


@_claimed("enterprises.brand_lines", title=Message("品牌", "Brands"), unit="个", groups=("cluster", "brand"), definition=Message(f"{_HOLDS.zh}。按品牌名称去重；商标是公开的", f"{_HOLDS.en}; by name, each once; trade marks are public"))
def brands(asked: Asked) -> Iterable[Line]:
    """One line a brand."""
    return [_line(one, brand=one.name) for one in _claims("brand", asked.known_at)]


@_claimed("enterprises.honour_lines", title=Message("有效荣誉", "Honours in force"), unit="项", groups=("cluster", "level", "honour"), definition=Message(f"{_HOLDS.zh}；荣誉是公开的", f"{_HOLDS.en}; honours are public"))
def honours(asked: Asked) -> Iterable[Line]:
    """One line an honour."""
    return [_line(one, level=kinds.WORDS[one.details["level"]].zh, honour=one.name) for one in _claims("honour", asked.known_at)]


@_claimed("enterprises.research_lines", title=Message("联合研发", "Joint R&D"), unit="项", groups=("cluster", "project"), definition=_HOLDS)
def joint_research(asked: Asked) -> Iterable[Line]:
    """One line a project."""
    return [_line(one, project=one.name) for one in _claims("joint_rd", asked.known_at)]
