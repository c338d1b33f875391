"""What the demo county's firms can do: a file of claims, brought in as a clerk does, and an officer's decisions on them.

Firms are picked from the register by cluster and size, so that the same file comes out of any county of these clusters.
The county's watch capacity, its export markets and its share of the world market follow public figures; every firm,
paper and issuer is invented.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from diguan.kernel import packs
from diguan.site.demo import accounts
from diguan.site.demo.books import Cell, write_xlsx
from diguan.site.demo.files import MARK, Delivery

if TYPE_CHECKING:
    from diguan.enterprises.models import Capability, Enterprise
    from diguan.kernel.access.models import Person

NAME = "40-能力名册.xlsx"
WATCHES, CERAMICS, SHOES, APPLIANCES = "钟表", "陶瓷", "鞋帽服装", "小家电"
# Watches a day of the fourteen largest makers, together 299,520: 208 a minute around the clock.
WATCHES_A_DAY = (48_000, 42_000, 36_000, 32_000, 28_000, 24_000, 21_000, 18_000, 15_000, 12_000, 9_600, 7_200, 4_200, 2_520)
WATCH_NAMES = ("石英手表", "石英手表", "机械手表", "石英挂钟", "智能手表", "石英手表", "台钟", "机械手表", "儿童手表", "石英挂钟", "运动手表", "怀表", "旅行闹钟", "定制手表")
# The 83 countries exported to; the first ones are those nearly every exporter sells to.
COUNTRIES = (
    "US", "DE", "JP", "GB", "FR", "IT", "ES", "NL", "AU", "CA", "KR", "IN", "BR", "MX", "RU", "AE", "SA", "TR", "ZA", "ID", "TH", "VN",
    "MY", "SG", "PH", "PK", "BD", "LK", "NP", "KZ", "UZ", "IL", "JO", "KW", "QA", "OM", "BH", "EG", "MA", "DZ", "TN", "NG", "KE", "GH",
    "ET", "TZ", "UG", "CM", "SN", "CI", "AO", "MZ", "ZM", "ZW", "PL", "CZ", "HU", "RO", "BG", "GR", "PT", "SE", "NO", "DK", "FI", "IE",
    "AT", "BE", "CH", "UA", "RS", "HR", "LT", "LV", "EE", "AR", "CL", "PE", "CO", "EC", "UY", "PY", "NZ",
)
POPULAR = 12
WATCH_WORDS = ("钟表", "穿戴")


@dataclass(frozen=True)
class Claim:
    """One line of the file, and what becomes of it: verified, rejected, withdrawn, or left waiting."""

    firm: Enterprise
    kind: str
    name: str
    issuer: str
    issued: dt.date
    told: dict[str, Cell] = field(default_factory=dict)
    until: dt.date | None = None
    then: str = "verified"
    why: str = ""
    paper: bool = True


@dataclass(frozen=True)
class File:
    """The file of claims as written, and the claims in it."""

    delivery: Delivery
    claims: Sequence[Claim]


def write(folder: Path, *, by: Person) -> File:
    """Draw the claims of the registered firms and write their file."""
    firms = {cluster: _firms(by, cluster) for cluster in (WATCHES, CERAMICS, SHOES, APPLIANCES)}
    claims = list(_claims(firms))
    columns = list(dict.fromkeys(name for claim in claims for name in claim.told))
    heads = ["序号", "统一社会信用代码", "企业名称", "能力类别", "名称", *columns, "出具单位", "文号或证书号", "出具日期", "有效期至"]
    body: list[list[Cell]] = [[
        number, claim.firm.uscc, claim.firm.name, claim.kind, claim.name, *(claim.told.get(name) for name in columns), claim.issuer,
        f"演示〔{claim.issued.year}〕{number}号" if claim.paper else None, claim.issued.isoformat(), claim.until.isoformat() if claim.until else None,
    ] for number, claim in enumerate(claims, start=1)]
    write_xlsx(folder / NAME, f"衡阳县企业能力名册 {MARK}", heads, body, ["合计", len(claims), *[None] * (len(heads) - 2)])
    return File(Delivery(folder / NAME, "capabilities", "registry"), claims)


def _firms(by: Person, cluster: str) -> list[Enterprise]:
    """The cluster's producing firms, those with most capital first; of the watch cluster first those whose name says watches."""
    from diguan.enterprises.queries import visible_enterprises

    rows = visible_enterprises(by).filter(cluster=cluster, production_status="在产", business_status="存续")
    return sorted(rows.order_by("-registered_capital_fen", "uscc"), key=lambda firm: cluster == WATCHES and not any(word in firm.name for word in WATCH_WORDS))


Firms = dict[str, list["Enterprise"]]


def _claims(firms: Firms) -> Iterator[Claim]:
    for draw in (_products, _markets, _shares, _brands, _honours, _standards, _research, _robots, _clean):
        yield from draw(firms)


def _spread(firms: Firms, *counts: int) -> Iterator[Enterprise]:
    """So many of the largest firms of each cluster, in turn."""
    for found, count in zip(firms.values(), counts, strict=True):
        yield from islice(found, count)


# ── what is made, where it goes ──────────────────────────────────────────────
def _product(firm: Enterprise, name: str, category: str, unit: str, capacity: int, number: int, **more: object) -> Claim:
    """A capacity with the output that two in three firms tell as well, at 58 to 80 per cent of it."""
    told: dict[str, Cell] = {"品类": category, "计量单位": unit, "日产能": capacity}
    if number % 3:
        told["日均产量"] = capacity * (58 + number * 7 % 23) // 100
    return Claim(firm, "产品与日产能", name, "县科工局（演示核定）", dt.date(2025, 3, 1) + dt.timedelta(days=number), told, **more)  # type: ignore[arg-type]


def _products(firms: Firms) -> Iterator[Claim]:
    makers, suppliers = firms[WATCHES][:len(WATCHES_A_DAY)], firms[WATCHES][len(WATCHES_A_DAY):]
    for number, (firm, name, capacity) in enumerate(zip(makers, WATCH_NAMES, WATCHES_A_DAY, strict=False), start=1):
        yield _product(firm, name, "钟表", "只", capacity, number)
    parts = (("精钢表圈", "表圈", 60_000), ("机芯齿轮组", "机芯齿轮", 90_000), ("表盘", "表盘", 80_000), ("表针", "表针", 150_000), ("表带", "表带", 40_000), ("蓝宝石表镜", "表镜", 20_000))
    for number, (name, category, capacity) in enumerate(parts, start=20):
        for firm in [firm for firm in suppliers if category in firm.name][:1]:
            yield _product(firm, name, category, "只", capacity, number)
    doubtful = (("石英手表", 9_000, "waiting", ""), ("电波手表", 6_000, "waiting", ""), ("智能手环", 120_000, "rejected", "把全年产量写进了日产能，与用电量不符"),
                ("石英手表", 5_500, "withdrawn", "生产线已迁走"))
    for number, (firm, (name, capacity, then, why)) in enumerate(zip(suppliers, doubtful, strict=False), start=30):
        yield _product(firm, name, "钟表", "只", capacity, number, then=then, why=why)
    other = ((CERAMICS, "件", (("釉下五彩餐具", "日用瓷", 36_000), ("青花茶具", "日用瓷", 22_000), ("酒瓶瓷", "日用瓷", 45_000), ("陈设瓷", "陈设瓷", 1_200), ("电瓷绝缘子", "电瓷", 5_000))),
             (SHOES, "双", (("运动鞋", "鞋", 26_000), ("皮鞋", "鞋", 14_000), ("布鞋", "鞋", 9_000), ("童鞋", "鞋", 11_000), ("凉鞋", "鞋", 7_500))),
             (APPLIANCES, "台", (("电吹风", "小家电", 32_000), ("电风扇", "小家电", 18_000), ("榨汁机", "小家电", 12_000), ("剃须刀", "小家电", 40_000), ("吸尘器", "小家电", 6_500))))
    for cluster, unit, made in other:
        for number, (firm, (name, category, capacity)) in enumerate(zip(firms[cluster], made, strict=False), start=40):
            yield _product(firm, name, category, unit, capacity, number, then="waiting" if number == 44 else "verified")


def _markets(firms: Firms) -> Iterator[Claim]:
    """Every exporter sells to the popular ones and to its own share of the rest; together they reach all of them."""
    exporters, names = list(_spread(firms, 9, 2, 3, 3)), packs.countries()
    for number, firm in enumerate(exporters):
        codes = (*COUNTRIES[:POPULAR - number % 5], *COUNTRIES[POPULAR - 4 + number::len(exporters)])
        yield Claim(firm, "出口市场", f"{firm.cluster}产品", "海关（演示证明）", dt.date(2025, 1, 20), {"出口国家和地区": "、".join(names[code].zh for code in dict.fromkeys(codes))}, dt.date(2027, 1, 19))
    for firm, then, why in zip(firms[WATCHES][-2:], ("waiting", "rejected"), ("", "报关单只见美国，其余国家没有凭证"), strict=False):
        yield Claim(firm, "出口市场", "钟表配件", "企业自报（演示）", dt.date(2026, 9, 1), {"出口国家和地区": "美国、古巴、冰岛"}, then=then, why=why)


def _shares(firms: Firms) -> Iterator[Claim]:
    heads = ("市场份额（%）", "份额分母", "统计年份", "数据出处", "份额口径")
    found = ((WATCHES, "园区成品钟表（全园合计，本企业牵头申报）", (11, "全球钟表年产量", 2024, "钟表行业年度统计公报（演示）", "按数量"), "verified", ""),
             (APPLIANCES, "电吹风", (1.5, "全国电吹风内销市场", 2025, "家电行业协会年报（演示）", "按金额"), "waiting", ""),
             (CERAMICS, "釉下五彩瓷", (30, "全国高端日用瓷市场", 2025, "企业自行估算", "按金额"), "rejected", "分母是企业自己估的，没有公开统计"))
    for cluster, name, told, then, why in found:
        for firm in firms[cluster][:1]:
            yield Claim(firm, "市场份额", name, told[3], dt.date(2025, 2, 10), dict(zip(heads, told, strict=True)), dt.date(2027, 2, 9), then, why)


# ── what speaks for a firm ───────────────────────────────────────────────────
def _brands(firms: Firms) -> Iterator[Claim]:
    for number, firm in enumerate(_spread(firms, 4, 2, 2, 2), start=1):
        yield Claim(firm, "品牌", f"{firm.name.removeprefix('衡阳')[:4]}牌", "商标注册部门（演示）", dt.date(2016 + number % 8, 5, 20), {"商标注册号": f"{90_000_000 + number * 7919}"},
                    dt.date(2026 + number % 8, 5, 19), "withdrawn" if number == 10 else "verified", "商标已转让" if number == 10 else "")


def _honours(firms: Firms) -> Iterator[Claim]:
    """National ones few, county ones many; two have ended, two are about to."""
    awards = (("中国钟表产业基地（牵头企业）", "国家级", 2023, 5), ("绿色工厂", "国家级", 2024, 3), ("智能制造示范", "省级", 2024, 3), ("质量奖", "省级", 2022, 3),
              ("工业设计中心", "省级", 2025, 3), ("绿色工厂", "省级", 2023, 3), ("市长质量奖", "市级", 2024, 3), ("企业技术中心", "市级", 2023, 3),
              ("和谐劳动关系企业", "市级", 2025, 3), ("突出贡献企业", "县级", 2024, 0), ("纳税大户", "县级", 2025, 0), ("安全生产标准化", "县级", 2023, 3),
              ("诚信企业", "县级", 2025, 2), ("出口先进企业", "县级", 2024, 0), ("稳岗先进企业", "县级", 2025, 0), ("技改先进企业", "县级", 2026, 0))
    issuers = {"国家级": "国家行业联合会（演示）", "省级": "省级主管部门（演示）", "市级": "市级主管部门（演示）", "县级": "县人民政府（演示）"}
    for number, (firm, (name, level, year, years)) in enumerate(zip(_spread(firms, 7, 3, 3, 3), awards, strict=False), start=1):
        issued = dt.date(year, 1 + number % 4 if year == 2026 else 10, 15) if name != "绿色工厂" else dt.date(year, 12, 20)
        yield Claim(firm, "荣誉", name, issuers[level], issued, {"级别": level}, issued.replace(year=year + years) if years else None,
                    "waiting" if number in (9, 16) else "verified", paper=number != 16)


def _standards(firms: Firms) -> Iterator[Claim]:
    named = (("石英手表走时精度试验方法", "主导"), ("手表外观件镀层", "参与"), ("智能手表通用要求", "参与"), ("表壳防水等级", "主导"), ("日用瓷器铅镉溶出", "参与"),
             ("釉下五彩瓷", "主导"), ("运动鞋耐折", "参与"), ("电吹风能效", "参与"))
    for number, (firm, (name, role)) in enumerate(zip(_spread(firms, 4, 2, 1, 1), named, strict=False), start=1):
        yield Claim(firm, "参与标准", name, "标准化主管部门（演示）", dt.date(2022 + number % 4, 7, 1), {"标准号": f"T/YS {100 + number}-{2022 + number % 4}", "作用": role},
                    then="waiting" if number == 7 else "verified")


def _research(firms: Firms) -> Iterator[Claim]:
    joint = ((WATCHES, "智能手表", "样例大学微电子学院", "联合开发的智能手表已量产两款"), (WATCHES, "高频机械机芯", "示例精密研究所", "样机通过寿命试验"),
             (CERAMICS, "低温釉料", "样例大学材料学院", "烧成温度下降 80 度"), (SHOES, "可降解鞋底", "示例化工研究院", "小试完成"), (APPLIANCES, "无刷电机", "样例大学电气学院", "噪声下降 6 分贝"))
    for number, (cluster, name, partner, result) in enumerate(joint):
        for firm in firms[cluster][number % 2:number % 2 + 1]:
            yield Claim(firm, "联合研发", name, "县科工局（演示）", dt.date(2025, 6 + number, 8), {"合作方": partner, "成果": result}, then="waiting" if number == 3 else "verified")
    tasks = ((WATCHES, "微型齿轮超精密加工", "国家级"), (WATCHES, "表镜曲面抛光", "省级"), (CERAMICS, "大件瓷整体成型", "省级"), (APPLIANCES, "高速电机轴承", "市级"))
    for number, (cluster, name, level) in enumerate(tasks):
        for firm in firms[cluster][number % 2:number % 2 + 1]:
            yield Claim(firm, "核心技术攻关", name, "科技主管部门（演示）", dt.date(2025, 3 + number, 3), {"级别": level}, dt.date(2027, 12, 31))


def _robots(firms: Firms) -> Iterator[Claim]:
    uses, counts = ("打磨机器人", "装配机器人", "搬运机器人", "施釉机器人", "焊接机器人"), (46, 38, 27, 22, 16, 14, 11, 9, 8, 6, 5, 3)
    for number, (firm, count) in enumerate(zip(_spread(firms, 6, 2, 2, 2), counts, strict=False)):
        yield Claim(firm, "机器人", uses[number % 5], "县科工局（演示核定）", dt.date(2026, 4, 10), {"机器人台数": count}, then="waiting" if number in (5, 11) else "verified")


def _clean(firms: Firms) -> Iterator[Claim]:
    """An audit holds for five years; two have run out."""
    for number, firm in enumerate(_spread(firms, 4, 3, 1, 2)):
        audited = dt.date(2021 if number in (3, 6) else 2023 + number % 3, 9, 12)
        yield Claim(firm, "清洁生产", "清洁生产审核", "生态环境主管部门（演示）", audited, {"清洁生产等级": ("一级", "二级", "三级")[number % 3], "审核日期": audited.isoformat()},
                    audited.replace(year=audited.year + 5), "waiting" if number == 9 else "verified")


# ── what is decided ──────────────────────────────────────────────────────────
def decide(file: File) -> None:
    """The officer verifies and rejects, the clerk withdraws, the agent claims for their own firm; what is done already stays."""
    from django.db import transaction

    from diguan.enterprises.actions import capabilities as actions
    from diguan.enterprises.models import Capability

    clerk, officer = accounts.person("clerk"), accounts.person("officer")
    assert clerk is not None
    assert officer is not None
    waiting = {(row.enterprise_id, row.kind, row.name): row for row in Capability.objects.filter(state="claimed").select_related("enterprise")}
    deeds: dict[str, Callable[[Capability, str], object]] = {
        "verified": lambda row, _why: actions.verify_capability(capability=row, version=row.version, by=officer),
        "rejected": lambda row, why: actions.reject_capability(capability=row, version=row.version, reason=why, by=officer),
        "withdrawn": lambda row, why: actions.withdraw_capability(capability=row, version=row.version, reason=why, by=clerk),
        "waiting": lambda _row, _why: None,
    }
    with transaction.atomic():  # one sync to the disk for all of them
        for claim in file.claims:
            row = waiting.get((claim.firm.pk, _kind(claim), claim.name))
            if row is not None:
                deeds[claim.then](row, claim.why)
    _agents_own(Capability.objects.values_list("enterprise__uscc", "name"))


def _kind(claim: Claim) -> str:
    from diguan.enterprises.engine.capabilities import kind_named

    return str(kind_named(claim.kind))


def _agents_own(known: Iterable[tuple[str, str]]) -> None:
    """Two claims the agent enters for the firms they act for; they wait for an official."""
    from diguan.enterprises.actions import capabilities as actions
    from diguan.enterprises.queries import visible_enterprises

    agent, there = accounts.person("agent"), set(known)
    assert agent is not None
    common = {"issuer": "企业自报（演示）", "document": "演示自报1号", "issued": dt.date(2026, 10, 20)}
    for firm in visible_enterprises(agent):
        if (firm.uscc, "自动检测机器人") not in there:
            actions.claim_capability(enterprise=firm, kind="robot", told={**common, "name": "自动检测机器人", "count": 4}, by=agent)
