"""Draw the synthetic county from a pack's ``demo.yaml``: firms, and what each did month by month.

Same seed, same county, whatever the day. No firm, person, code or number is real.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
import random
from typing import Any

from diguan.kernel import packs, periods, uscc
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal
from diguan.site.demo import figures, special
from diguan.site.demo.firm import LAST_START, OTHERS, Firm, Month, Params, makes

LEAST, MOST = 50, 4_000
"""How many firms a county may be asked to have: names and telephone numbers do not reach further."""


def parameters(firms: int | None = None) -> Params:
    """The last ``demo.yaml`` of the packs in force; with ``firms`` a county of about so many, its clusters in proportion.

    Raises:
        packs.PackError: no pack has one.
        Refusal: the number of firms is none a county can have.
    """
    found = list(packs.files("demo.yaml"))
    if not found:
        raise packs.PackError("DIGUAN_PACKS", Message("没有一个数据包带有 demo.yaml", "no pack holds a demo.yaml"))
    params: Params = _plain(packs.read_yaml(found[-1]))
    return params if firms is None else _resized(params, firms)


def _resized(params: Params, firms: int) -> Params:
    """The same county with fewer (or more) firms; every cluster, title and border keeps at least one."""
    whole = sum(cluster["firms"] for cluster in params["clusters"])
    if not LEAST <= firms <= MOST:
        raise Refusal("bad_size", [Message(f"企业数应在 {LEAST} 到 {MOST} 之间，这里是 {firms}", f"a county has {LEAST} to {MOST} firms, not {firms}")])
    share = firms / whole
    for cluster in params["clusters"]:
        cluster |= {"firms": _some(cluster["firms"], share), "producing": _some(cluster["producing"], share)}
    for title in params["titles"]:
        title["firms"] = {name: _some(count, share) for name, count in title["firms"].items()}
    for border in params["borders"]:
        border["firms"] = _some(border["firms"], share)
    for years in params["output_value"].values():
        years |= {year: round(value * share) for year, value in years.items()}
    return params


def _some(count: int, share: float) -> int:
    return max(1, round(count * share))


def _plain(node: Any) -> Any:
    """Without the line numbers that the reader of packs puts into every mapping."""
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items() if key != "__line__"}
    return [_plain(value) for value in node] if isinstance(node, list) else node


def draw_firms(params: Params) -> list[Firm]:
    """All firms of the county, in a fixed order."""
    rng = random.Random(params["seed"])
    numbers = itertools.count(1)
    used: set[str] = set()
    firms = [
        _firm(params, cluster, next(numbers), index < cluster["producing"], used, rng)
        for cluster in params["clusters"] for index in range(cluster["firms"])
    ]
    special.mark(firms, params)
    return firms


def draw_rows(firms: list[Firm], params: Params) -> list[tuple[Firm, Month]]:
    """Every firm's months, adjusted to the public figures."""
    return figures.adjusted([(firm, month) for firm in firms for month in months(firm, params)], params)


def _name(params: Params, cluster: Params, industry: str, used: set[str], rng: random.Random) -> str:
    """A name no other firm of the county has, that says what the firm makes."""
    kind = cluster["industries"][industry]
    while True:
        word, brand = rng.choice(params["name_words"]), rng.choice(params["brands"])
        name = f"衡阳{word}{brand}{rng.choice(kind['products'])}{kind.get('form', '有限公司')}"
        if name not in used:
            used.add(name)
            return name


def _firm(params: Params, cluster: Params, number: int, producing: bool, used: set[str], rng: random.Random) -> Firm:
    industry = rng.choices(list(cluster["industries"]), weights=[each["weight"] for each in cluster["industries"].values()])[0]
    kind = cluster | cluster["industries"][industry]
    region = rng.choice(params["registered_elsewhere"]) if cluster["name"] != OTHERS and rng.random() < 0.05 else "430421"
    established = _in_time(_established(rng), cluster, params)
    firm = Firm(
        uscc=_code(region, number, "93" if "form" in kind else "91"), name=_name(params, cluster, industry, used, rng),
        cluster=cluster["name"], industry=industry, region=region, town="", park="", status="存续", producing=producing, established=established,
        capital=rng.choice([50, 100, 200, 300, 500, 800, 1000, 2000, 5000]) * 10_000,
        person=rng.choice(params["surnames"]) + rng.choice(params["name_words"]), phone=f"1380000{number:04d}",
        starts=min(max(periods.add_months(established, rng.randint(3, 14)).replace(day=1), dt.date(2020, 1, 1)), LAST_START),
        sales=kind.get("sales", cluster["monthly_sales"]) * 10_000 * rng.lognormvariate(0, cluster["spread"]),
        growth=cluster["growth_2025"] + rng.gauss(0, 0.15),
        export_share=cluster["exports"] * rng.random() if rng.random() < 0.6 else 0.0,
        rd_share=rng.choice([0, 0, 0.01, 0.025, 0.029, 0.031, 0.035, 0.045, 0.06]), invests=rng.choice([0, 0.02, 0.05, 0.12, 0.2]),
        insured_share=rng.uniform(0.68, 1.0), per_head=rng.uniform(*kind["per_head"]),
    )
    _settle(firm, cluster, params, rng)
    _finish(firm, rng)
    firm.untold = frozenset(field for field, one_in in params["register_gaps"].items() if rng.random() * one_in < 1)
    return firm


def _established(rng: random.Random) -> dt.date:
    """Mostly up to the spring of 2024, more of late; one firm in twelve since, so that few grow from nothing."""
    if rng.random() < 1 / 12:
        return dt.date(2024, 4, 1) + dt.timedelta(days=rng.randrange(780))
    return dt.date(2008, 1, 1) + dt.timedelta(days=int(5_900 * math.sqrt(rng.random())))


def _in_time(day: dt.date, cluster: Params, params: Params) -> dt.date:
    """Every firm of the four clusters is there on the day the page speaks of; one drawn for later was founded a year before."""
    page = params.get("page_day")
    return day.replace(year=day.year - 1) if page and cluster["name"] != OTHERS and day > page else day


def _settle(firm: Firm, cluster: Params, params: Params, rng: random.Random) -> None:
    """Give it a town, and a park where it is in one; shops, inns and farms are in none."""
    towns = params["towns"]
    town = rng.choices(list(towns), weights=list(towns.values()))[0]
    inside = rng.random() < cluster["park_share"] and (cluster["name"] != OTHERS or makes(firm))
    firm.park = cluster["park"] if inside else ""
    firm.town = params["park_towns"][firm.park] if inside else town
    if not makes(firm):
        firm.rd_share = 0.0


def _code(region: str, number: int, office: str) -> str:
    """A credit code; ``office`` 91 is an enterprise, 93 a farmers' cooperative."""
    body = f"{office}{region}MA{number * 7919 % 10_000_000:07d}0"[:17]
    return body + uscc.check_character(body)


def _finish(firm: Firm, rng: random.Random) -> None:
    """Closures and former names."""
    if not firm.producing and rng.random() < 0.25:
        firm.status = rng.choice(["停业", "注销"])
    if rng.random() < 0.06 and firm.name.endswith("有限公司"):
        firm.former_name = firm.name.replace("有限公司", "厂")


def months(firm: Firm, params: Params) -> list[Month]:
    """What the firm declared from the county's first month to its last; empty before it began to produce."""
    rng = random.Random(f"{params['seed']}-{firm.uscc}")
    first, last = periods.parse(str(params["first_month"])), periods.parse(str(params["last_month"]))
    people = firm.crew or max(2, firm.sales / firm.per_head)
    return [_month(firm, period, people, rng) for period in periods.within(first.start, last.end, "month")
            if firm.producing and period.start >= firm.starts]


def _month(firm: Firm, period: periods.Period, people: float, rng: random.Random) -> Month:
    years = (period.start.year - 2024) + (period.start.month - 1) / 12
    level = _level(firm.growth, years)
    season = 1 + 0.12 * math.sin((period.start.month - 3) / 12 * 2 * math.pi) - (0.35 if period.start.month == 2 else 0)
    sales = _fen(firm.sales * level * season * rng.lognormvariate(0, 0.12))
    tax = int(sales * rng.uniform(0.018, 0.04))
    crew = firm.crew + rng.choice([-2, -1, 0, 0, 1, 2]) if firm.crew else max(2, round(people * (0.7 + 0.3 * level) * rng.uniform(0.96, 1.04)))
    hires = _hires(crew, rng)
    return Month(
        period=period, sales=sales, tax=tax, vat=int(tax * 0.62), income=int(tax * 0.2),
        export=int(sales * firm.export_share * rng.uniform(0.6, 1.2)),
        equipment=_fen(firm.sales * 12 * firm.invests * rng.uniform(0.3, 0.8)) if rng.random() < 0.12 else 0,
        rd=int(sales * firm.rd_share * rng.uniform(0.7, 1.3) * (1 + 0.1 * max(years, 0))),
        headcount=crew, insured=int(crew * min(1.0, firm.insured_share * rng.uniform(0.97, 1.03))), new_hires=hires,
        graduates=min(hires, rng.choices([0, 1, 3], weights=[86, 10, 4])[0]),
        wages=_fen(crew * rng.uniform(3_800, 5_600)), insurance=_fen(crew * rng.uniform(22, 40)),
    )


def _hires(crew: int, rng: random.Random) -> int:
    """A small shop takes on somebody every few years, a factory somebody most months."""
    found = rng.choices([0, 1, 2, 5], weights=[70, 15, 10, 5])[0] + round(crew * 0.01 * rng.random())
    return found if crew >= 12 else int(rng.random() < crew * 0.01)


def _level(growth: float, years: float) -> float:
    """Sales against those of 2024: 4% a year, and over the turn to 2025 a climb such that 2025 is ``1 + growth`` times 2024.

    The climb takes half a year from October 2024; ``years`` are counted from January 2024.
    """
    more = (1 + max(growth, -0.3)) / 1.04 - 1
    climb = more / (0.9375 - 0.0625 * (1 + more))  # a sixteenth of it falls into 2024, as much is missing in 2025
    return (1 + climb * min(1.0, max(0.0, (years - 0.75) * 2 + 1 / 12))) * 1.04**years


def _fen(yuan: float) -> int:
    return int(yuan * 100)
