"""Draw the synthetic county from a pack's ``demo.yaml``: firms, and what each did month by month.

Same seed, same county, whatever the day. No firm, person, code or number is real.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
import random
from dataclasses import dataclass, field
from typing import Any

from diguan.kernel import packs, periods, uscc
from diguan.kernel.messages import Message

Params = dict[str, Any]
LAST_START = dt.date(2026, 8, 1)
"""Who produces today has declared since August at the latest."""


def parameters() -> Params:
    """The last ``demo.yaml`` of the packs in force.

    Raises:
        packs.PackError: no pack has one.
    """
    found = list(packs.files("demo.yaml"))
    if not found:
        raise packs.PackError("DIGUAN_PACKS", Message("没有一个数据包带有 demo.yaml", "no pack holds a demo.yaml"))
    params: Params = _plain(packs.read_yaml(found[-1]))
    return params


def _plain(node: Any) -> Any:
    """Without the line numbers that the reader of packs puts into every mapping."""
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items() if key != "__line__"}
    return [_plain(value) for value in node] if isinstance(node, list) else node


@dataclass
class Firm:
    """One synthetic enterprise and its hidden traits; money in yuan. ``untold`` names what the register leaves empty."""

    uscc: str
    name: str
    cluster: str
    industry: str
    region: str
    town: str
    park: str
    status: str
    producing: bool
    established: dt.date
    capital: int
    person: str
    phone: str
    starts: dt.date
    sales: float
    growth: float
    export_share: float
    rd_share: float
    invests: float
    insured_share: float
    former_name: str = ""
    untold: frozenset[str] = frozenset()
    titles: list[tuple[str, str, dt.date, dt.date | None]] = field(default_factory=list)


@dataclass(frozen=True)
class Month:
    """One firm's one month; money in whole fen, None where the firm declared nothing."""

    period: periods.Period
    sales: int
    tax: int
    vat: int
    income: int
    export: int
    equipment: int
    rd: int
    headcount: int
    insured: int
    new_hires: int
    graduates: int
    wages: int
    insurance: int


def draw_firms(params: Params) -> list[Firm]:
    """All firms of the county, in a fixed order."""
    rng = random.Random(params["seed"])
    numbers = itertools.count(1)
    used: set[str] = set()
    return [
        _firm(params, cluster, next(numbers), index < cluster["producing"], used, rng)
        for cluster in params["clusters"] for index in range(cluster["firms"])
    ]


def _name(params: Params, cluster: Params, industry: str, used: set[str], rng: random.Random) -> str:
    """A name no other firm of the county has, that says what the firm makes."""
    products = cluster["industries"][industry]["products"]
    while True:
        word, brand = rng.choice(params["name_words"]), rng.choice(params["brands"])
        name = f"衡阳{word}{brand}{rng.choice(products)}有限公司"
        if name not in used:
            used.add(name)
            return name


def _firm(params: Params, cluster: Params, number: int, producing: bool, used: set[str], rng: random.Random) -> Firm:
    industry = rng.choices(list(cluster["industries"]), weights=[each["weight"] for each in cluster["industries"].values()])[0]
    elsewhere = cluster["name"] != "其他" and rng.random() < 0.05
    region = rng.choice(params["registered_elsewhere"]) if elsewhere else "430421"
    established = dt.date(2008, 1, 1) + dt.timedelta(days=int(6600 * math.sqrt(rng.random())))
    firm = Firm(
        uscc=_code(region, number), name=_name(params, cluster, industry, used, rng),
        cluster=cluster["name"], industry=industry, region=region, town=rng.choice(params["towns"]),
        park=cluster["park"], status="存续", producing=producing, established=established,
        capital=rng.choice([50, 100, 200, 300, 500, 800, 1000, 2000, 5000]) * 10_000,
        person=rng.choice(params["surnames"]) + rng.choice(params["name_words"]), phone=f"1380000{number:04d}",
        starts=min(max(periods.add_months(established, rng.randint(3, 14)).replace(day=1), dt.date(2020, 1, 1)), LAST_START),
        sales=cluster["monthly_sales"] * 10_000 * rng.lognormvariate(0, 0.9),
        growth=cluster["growth_2025"] + rng.gauss(0, 0.15),
        export_share=cluster["exports"] * rng.random() if rng.random() < 0.6 else 0.0,
        rd_share=rng.choice([0, 0, 0.01, 0.025, 0.035, 0.045, 0.06]), invests=rng.choice([0, 0.02, 0.05, 0.12, 0.2]),
        insured_share=rng.uniform(0.68, 1.0),
    )
    _finish(firm, number, rng)
    firm.untold = frozenset(field for field, one_in in params["register_gaps"].items() if rng.random() * one_in < 1)
    return firm


def _code(region: str, number: int) -> str:
    body = f"91{region}MA{number * 7919 % 10_000_000:07d}0"[:17]
    return body + uscc.check_character(body)


def _finish(firm: Firm, number: int, rng: random.Random) -> None:
    """Closures, former names and dated titles."""
    if not firm.producing and rng.random() < 0.25:
        firm.status = rng.choice(["停业", "注销"])
    if rng.random() < 0.06:
        firm.former_name = firm.name.replace("有限公司", "厂")
    listed = max(dt.date(2024, 2, 1), periods.add_months(firm.starts, 12))
    if firm.producing and "13" <= firm.industry[:2] <= "43" and firm.sales * 12 >= 20_000_000 and listed < LAST_START:
        firm.titles.append(("规上工业企业", "县统计局", listed, None))
    if firm.producing and firm.rd_share >= 0.035 and _makes(firm) and rng.random() < 0.25:
        issued = dt.date(rng.choice([2022, 2023, 2024, 2025]), 12, 5)
        firm.titles.append(("高新技术企业", "省科技厅", issued, periods.add_months(issued, 36)))
    if firm.producing and firm.rd_share >= 0.045 and _makes(firm) and number % 17 == 0:
        firm.titles.append(("专精特新中小企业", "省工信厅", dt.date(2024, 10, 20), dt.date(2027, 10, 19)))
    if firm.producing and firm.rd_share >= 0.06 and _makes(firm) and number % 29 == 0:
        firm.titles.append(("专精特新小巨人企业", "国家工信部", dt.date(2024, 9, 3), dt.date(2027, 9, 2)))


def _makes(firm: Firm) -> bool:
    """Whether it makes things or software: shops and inns do no research."""
    return "13" <= firm.industry[:2] <= "43" or firm.industry.startswith("65")


def months(firm: Firm, params: Params) -> list[Month]:
    """What the firm declared from the county's first month to its last; empty before it began to produce."""
    rng = random.Random(f"{params['seed']}-{firm.uscc}")
    first, last = periods.parse(str(params["first_month"])), periods.parse(str(params["last_month"]))
    people = max(4, firm.sales / rng.uniform(9_000, 16_000))
    return [_month(firm, period, people, rng) for period in periods.within(first.start, last.end, "month")
            if firm.producing and period.start >= firm.starts]


def _month(firm: Firm, period: periods.Period, people: float, rng: random.Random) -> Month:
    years = (period.start.year - 2024) + (period.start.month - 1) / 12
    level = _level(firm.growth, years)
    season = 1 + 0.12 * math.sin((period.start.month - 3) / 12 * 2 * math.pi) - (0.35 if period.start.month == 2 else 0)
    sales = _fen(firm.sales * level * season * rng.lognormvariate(0, 0.12))
    tax = int(sales * rng.uniform(0.018, 0.04))
    crew = max(3, round(people * (0.7 + 0.3 * level) * rng.uniform(0.96, 1.04)))
    hires = rng.choices([0, 1, 2, 5], weights=[70, 15, 10, 5])[0] + round(crew * 0.01 * rng.random())
    return Month(
        period=period, sales=sales, tax=tax, vat=int(tax * 0.62), income=int(tax * 0.2),
        export=int(sales * firm.export_share * rng.uniform(0.6, 1.2)),
        equipment=_fen(firm.sales * 12 * firm.invests * rng.uniform(0.3, 0.8)) if rng.random() < 0.12 else 0,
        rd=int(sales * firm.rd_share * rng.uniform(0.7, 1.3) * (1 + 0.1 * max(years, 0))),
        headcount=crew, insured=int(crew * min(1.0, firm.insured_share * rng.uniform(0.97, 1.03))), new_hires=hires,
        graduates=min(hires, rng.choices([0, 1, 3], weights=[86, 10, 4])[0]),
        wages=_fen(crew * rng.uniform(3_800, 5_600)), insurance=_fen(crew * rng.uniform(22, 40)),
    )


def _level(growth: float, years: float) -> float:
    """Sales against those of 2024: 4% a year, and over the turn to 2025 a climb such that 2025 is ``1 + growth`` times 2024.

    The climb takes half a year from October 2024; ``years`` are counted from January 2024.
    """
    more = (1 + max(growth, -0.3)) / 1.04 - 1
    climb = more / (0.9375 - 0.0625 * (1 + more))  # a sixteenth of it falls into 2024, as much is missing in 2025
    return (1 + climb * min(1.0, max(0.0, (years - 0.75) * 2 + 1 / 12))) * 1.04**years


def _fen(yuan: float) -> int:
    return int(yuan * 100)
