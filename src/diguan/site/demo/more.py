"""What the other bureaus keep of each firm: energy, statements, research, patents, customs, loans, enforcement, training, space.

Drawn beside the tax rows from random streams of its own, so that it changes nothing of what they say. Electricity, customs and
patents begin in 2023, the other monthly books in 2024. As in a real county some deliveries are late or not whole: see :func:`_books_of`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from diguan.kernel import periods
from diguan.site.demo import figures
from diguan.site.demo.files import Column, Row, Table
from diguan.site.demo.firm import OTHERS, Firm, Month, Params, makes

EARLY, FROM = 2023, 2024
CORRECTED = ("electricity_monthly", "2026-Q2")
"""Of this delivery some meters were read wrongly; a later file of those firms alone puts it right."""
LATE = ("loans_monthly", "2026-10")
CRAFTS = {"钟表": 0.035, "小家电": 0.03, "陶瓷": 0.02, "鞋帽服装": 0.018}
"""kWh per yuan of sales."""


@dataclass(frozen=True)
class Told:
    """What one bureau tells of one firm for one period: by fact, in storage units."""

    period: periods.Period
    values: Mapping[str, int]


@dataclass(frozen=True)
class Book:
    """One bureau's sheet: who keeps it, its title and columns, and which rows of a firm it holds."""

    sheet: str
    word: str
    source: str
    title: str
    columns: tuple[Column, ...]
    draw: Callable[[Firm, Sequence[Month], random.Random], Iterator[Told]]


def _column(heading: str, fact: str, divisor: int = 1) -> Column:
    return Column(heading, fact, lambda told: told.values[fact], divisor)  # type: ignore[attr-defined]


def tables(rows: Sequence[Row], params: Params) -> Iterator[Table]:
    """The files of the other bureaus that have come, in the order of the books, then of time."""
    return (table for table in _all(rows, params) if (table.sheet, table.period) != LATE)


def late(rows: Sequence[Row], params: Params) -> Table:
    """The file that has not come yet."""
    return next(table for table in _all(rows, params) if (table.sheet, table.period) == LATE)


def in_ten_thousands(rows: Sequence[Row], params: Params) -> Table:
    """October's electricity as it came first: the bills in 万元 under a heading that says 元."""
    table = next(table for table in tables(rows, params) if (table.sheet, table.period) == ("electricity_monthly", "2026-10"))
    source, title, (used, bill) = table.book or ("", "", ())
    wrong = replace(bill, divisor=bill.divisor * 10_000)
    return replace(table, name="用电-2026-10-万元误作元", rows=table.rows[:40], book=(source, title, (used, wrong)))


def _all(rows: Sequence[Row], params: Params) -> Iterator[Table]:
    by_firm: dict[str, tuple[Firm, list[Month]]] = {}
    for firm, month in rows:
        by_firm.setdefault(firm.uscc, (firm, []))[1].append(month)
    for book in BOOKS:
        told = [(firm, one) for firm, months in by_firm.values()
                for one in book.draw(firm, months, random.Random(f"{params['seed']}-{book.sheet}-{firm.uscc}"))]
        if book.sheet == "finance_yearly":
            told = _put_out(told, params)
        yield from _books_of(book, told)


def _put_out(told: Sequence[tuple[Firm, Told]], params: Params) -> list[tuple[Firm, Told]]:
    """The statements with the output that the public figures name for a cluster's year."""
    kept = list(told)
    for cluster, years in params["output_value"].items():
        for year, yuan in years.items():
            places = [at for at, (firm, one) in enumerate(kept) if firm.cluster == cluster and one.period.text == str(year)]
            found = figures.summing_to([kept[at] for at in places], yuan * 100, lambda row: row[1].values["finance.output_value"], _putting_out)
            for at, row in zip(places, found, strict=True):
                kept[at] = row
    return kept


def _putting_out(row: tuple[Firm, Told], output: int) -> tuple[Firm, Told]:
    """The statement with this output, in whole yuan hundreds as drawn; value added keeps its share."""
    firm, one = row
    drawn, added = one.values["finance.output_value"], one.values["finance.value_added"]
    return firm, replace(one, values={**one.values, "finance.output_value": output, "finance.value_added": added * output // max(1, drawn)})


def _books_of(book: Book, told: Sequence[tuple[Firm, Told]]) -> Iterator[Table]:
    """A book cut into its deliveries: 2025 and before by year, 2026 by quarter, October alone.

    October's loans have not come (:data:`LATE`); the statements and floor space of 2025 are not whole, so who is not in them stays unknown.
    """
    cuts: dict[str, list[tuple[Firm, Told]]] = {}
    for firm, one in told:
        cuts.setdefault(_delivery(one.period), []).append((firm, one))
    for cut, chosen in sorted(cuts.items()):
        by_month = chosen[0][1].period != periods.parse(cut)
        complete = () if (book.sheet, cut) in {("finance_yearly", "2025"), ("space_yearly", "2025")} else None
        table = Table(f"{book.word}-{cut}", book.sheet, cut, chosen, by_month, complete, book=(book.source, book.title, book.columns))
        yield from _misread(table) if (book.sheet, cut) == CORRECTED else (table,)


def _misread(table: Table) -> Iterator[Table]:
    """One firm in ninety with a tenfold reading, then those firms as they should be."""
    firms = sorted({firm.uscc for firm, _one in table.rows})[7::90]
    yield replace(table, rows=[(firm, _tenfold(one)) if firm.uscc in firms else (firm, one) for firm, one in table.rows])
    yield replace(table, name=f"{table.name}-更正", rows=[row for row in table.rows if row[0].uscc in firms], complete=())


def _tenfold(one: Told) -> Told:
    return replace(one, values={fact: value * 10 for fact, value in one.values.items()})


def _delivery(period: periods.Period) -> str:
    if period.kind == "year" or period.start.year < 2026:
        return str(period.start.year)
    return period.text if period.text == "2026-10" else periods.of_day(period.start, "quarter").text


def _monthly(months: Sequence[Month], since: int = FROM) -> Iterator[Month]:
    return (month for month in months if month.period.start.year >= since)


# ── energy and water ─────────────────────────────────────────────────────────
def _electricity(firm: Firm, months: Sequence[Month], rng: random.Random) -> Iterator[Told]:
    rate = CRAFTS.get(firm.cluster, 0.025 if makes(firm) else 0.006) * rng.uniform(0.5, 1.6)
    for month in _monthly(months, EARLY):
        kwh = max(200, int(month.sales / 100 * rate * rng.uniform(0.85, 1.15)))
        yield Told(month.period, {"energy.electricity": kwh * 100, "energy.electricity_cost": int(kwh * rng.uniform(62, 74))})


def _gas(firm: Firm, months: Sequence[Month], rng: random.Random) -> Iterator[Told]:
    """Kilns burn it, some metal and food works too."""
    rate = 0.03 if firm.cluster == "陶瓷" else 0.004 if firm.industry[:2] in ("13", "14", "15", "33") and rng.random() < 0.5 else 0.0
    for month in _monthly(months) if rate else ():
        cubic = int(month.sales / 100 * rate * rng.uniform(0.7, 1.2))
        yield Told(month.period, {"energy.gas": cubic * 100, "energy.gas_cost": int(cubic * rng.uniform(335, 420))})


def _water(firm: Firm, months: Sequence[Month], rng: random.Random) -> Iterator[Told]:
    saving = rng.choice([1.0, 1.0, 0.94, 0.88, 1.06])
    for month in _monthly(months):
        tonnes = (month.headcount * 4 + month.sales / 100 / 9_000) * saving ** (month.period.start.year - FROM) * rng.uniform(0.9, 1.1)
        yield Told(month.period, {"energy.water": int(tonnes) * 10_000})


# ── yearly statements ────────────────────────────────────────────────────────
def _years(months: Sequence[Month], full: bool = True) -> Iterator[tuple[periods.Period, list[Month]]]:
    for year in sorted({month.period.start.year for month in months if month.period.start.year < 2026}):
        of_year = [month for month in months if month.period.start.year == year]
        if len(of_year) == 12 or not full:
            yield periods.parse(str(year)), of_year


def _finance(firm: Firm, months: Sequence[Month], rng: random.Random) -> Iterator[Told]:
    """Statements of the clusters' firms, of firms above scale, and of every third of the rest."""
    listed = firm.cluster != OTHERS or any(name == "规上工业企业" for name, *_rest in firm.titles)
    if rng.random() > 0.33 and not listed:
        return
    debt, assets = rng.uniform(0.25, 0.9), rng.uniform(0.6, 1.4)
    for period, of_year in _years(months):
        revenue = int(sum(month.sales for month in of_year) * rng.choice([rng.uniform(0.97, 1.0)] * 9 + [rng.uniform(0.86, 1.12)]))
        output = int(revenue * rng.uniform(0.98, 1.06))
        total = int(revenue * assets)
        yield Told(period, {
            "finance.main_revenue": revenue, "finance.output_value": output, "finance.value_added": int(output * rng.uniform(0.2, 0.32)),
            "finance.profit": int(revenue * rng.uniform(-0.03, 0.11)), "finance.assets": total, "finance.liabilities": int(total * debt),
            "finance.employees": round(sum(month.headcount for month in of_year) / 12)})


def _research(firm: Firm, months: Sequence[Month], rng: random.Random) -> Iterator[Told]:
    joint = rng.choice([0, 0, 0, 1, 2])
    for period, of_year in _years(months) if firm.rd_share and makes(firm) else ():
        crew = round(sum(month.headcount for month in of_year) / 12)
        yield Told(period, {"rd.staff": max(1, round(crew * rng.uniform(0.04, 0.18))), "rd.projects": rng.randint(1, 6), "rd.joint_projects": joint})


def _space(firm: Firm, months: Sequence[Month], rng: random.Random) -> Iterator[Told]:
    """Of 2025 only the watch park's list has come."""
    if not firm.park:
        return
    crew = max(month.headcount for month in months)
    floor = int(crew * rng.uniform(18, 45))
    rents = rng.random() < 0.7
    for period, _of_year in _years(months, full=False):
        if period.start.year < 2025 or firm.park == "钟表产业园":
            yield Told(period, {"space.land": int(floor / 666 * rng.uniform(0.4, 1.1) * 10_000), "space.floor": floor * 100,
                                "space.rent": int(floor * 12 * rng.uniform(7, 13) * 100) if rents else 0})


# ── property, trade ──────────────────────────────────────────────────────────
def _patents(firm: Firm, months: Sequence[Month], rng: random.Random) -> Iterator[Told]:
    if not firm.rd_share or not makes(firm):
        return
    inventions, models, marks = rng.randint(0, 4), rng.randint(0, 12), rng.randint(0, 5)
    for period in sorted({periods.of_day(month.period.start, "quarter") for month in _monthly(months, EARLY)}):
        if period.end <= periods.Day(2026, 9, 30):
            new = rng.choices([0, 1, 2], weights=[80, 15, 5])[0]
            granted = new + rng.choices([0, 1, 3], weights=[70, 22, 8])[0]
            inventions, models, marks = inventions + new, models + granted - new, marks + (rng.random() < 0.05)
            yield Told(period, {"patent.inventions": inventions, "patent.utility_models": models, "patent.granted": granted,
                                "brand.trademarks": marks, "standard.led": int(rng.random() < 0.02)})


def _customs(firm: Firm, months: Sequence[Month], rng: random.Random) -> Iterator[Told]:
    """In dollars of the month, by the day of clearance: seldom what the tax bureau says, and of one firm in four far from it (agents' names)."""
    buys, agents = rng.random() < 0.15, rng.choice([1.0, 1.0, 1.0, rng.choice([0.82, 0.9, 1.1])])
    for month in _monthly(months, EARLY) if firm.export_share else ():
        yield Told(month.period, {"customs.exports": int(month.export * agents / rng.uniform(7.02, 7.24)),
                                  "customs.imports": int(month.equipment / 7.1 * 0.6) if buys else 0})


def _premium(firm: Firm, months: Sequence[Month], rng: random.Random) -> Iterator[Told]:
    for month in _monthly(months) if firm.export_share and rng.random() < 0.5 else ():
        yield Told(month.period, {"insurance.premium": int(month.export * rng.uniform(0.002, 0.005))})


def _freight(firm: Firm, months: Sequence[Month], rng: random.Random) -> Iterator[Told]:
    share = rng.uniform(0.006, 0.022)
    for month in _monthly(months) if makes(firm) else ():
        yield Told(month.period, {"logistics.freight": int(month.sales * share * rng.uniform(0.8, 1.2))})


def _loans(firm: Firm, months: Sequence[Month], rng: random.Random) -> Iterator[Told]:
    """Three in five borrow; some for the first time this year."""
    if rng.random() > 0.6:
        return
    starts = periods.Day(2026, rng.randint(1, 9), 1) if rng.random() < 0.2 else periods.Day(FROM, 1, 1)
    balance = 0
    for month in _monthly(months):
        if month.period.start < starts:
            continue
        fresh = not balance or rng.random() < 0.06
        new = rng.choice([50, 100, 200, 300, 500, 800]) * 1_000_000 if fresh else 0
        balance = max(0, balance + new - int(balance * 0.02))
        yield Told(month.period, {"loan.balance": balance, "loan.new": new, "loan.interest": int(balance * 0.0038)})


# ── conduct, people ──────────────────────────────────────────────────────────
def _conduct(firm: Firm, months: Sequence[Month], rng: random.Random) -> Iterator[Told]:
    """Only months in which something happened: the list is of events."""
    clean = rng.random() < 0.75
    for month in _monthly(months):
        penalties = 0 if clean else rng.choices([0, 1], weights=[95, 5])[0]
        told = {"penalty.count": penalties, "penalty.fines": penalties * rng.choice([2_000, 5_000, 20_000, 50_000]) * 100,
                "safety.accidents": 0 if clean else int(rng.random() < 0.004), "environment.violations": 0 if clean else int(rng.random() < 0.008)}
        received = rng.choices([0, 1, 2, 5], weights=[88, 8, 3, 1])[0]
        told |= {"complaint.received": received, "complaint.settled": sum(rng.random() < 0.9 for _one in range(received))}
        if any(told.values()):
            yield Told(month.period, told)


def _training(firm: Firm, months: Sequence[Month], rng: random.Random) -> Iterator[Told]:
    talents = rng.choices([0, 1, 2, 4], weights=[70, 18, 8, 4])[0]
    for month in _monthly(months) if _trains(firm, rng) else ():
        trained = min(month.headcount, rng.choices([0, 2, 5, 12], weights=[70, 15, 10, 5])[0])
        yield Told(month.period, {"jobs.trained": trained, "jobs.training_cost": trained * rng.randint(500, 1_800) * 100, "jobs.talents": talents})


def _trains(firm: Firm, rng: random.Random) -> bool:
    """Whether the firm trains its people at all."""
    return rng.random() < (0.5 if makes(firm) else 0.2)


BOOKS = (
    Book("electricity_monthly", "用电", "power_grid", "衡阳县企业用电情况表", (
        _column("用电量（千瓦时）", "energy.electricity", 100), _column("电费（元）", "energy.electricity_cost", 100)), _electricity),
    Book("gas_monthly", "用气", "gas_company", "衡阳县企业用气情况表", (
        _column("天然气用量（立方米）", "energy.gas", 100), _column("天然气费（元）", "energy.gas_cost", 100)), _gas),
    Book("water_monthly", "用水", "water_company", "衡阳县企业用水情况表", (_column("用水量（吨）", "energy.water", 10_000),), _water),
    Book("finance_yearly", "年报财务", "statistics_bureau", "衡阳县企业主要财务指标", (
        _column("主营业务收入（万元）", "finance.main_revenue", 1_000_000), _column("工业总产值（万元）", "finance.output_value", 1_000_000),
        _column("工业增加值（万元）", "finance.value_added", 1_000_000), _column("利润总额（万元）", "finance.profit", 1_000_000),
        _column("资产总计（万元）", "finance.assets", 1_000_000), _column("负债合计（万元）", "finance.liabilities", 1_000_000),
        _column("年平均从业人数（人）", "finance.employees")), _finance),
    Book("rd_yearly", "研发", "science_bureau", "衡阳县企业研发活动情况表", (
        _column("研发人员（人）", "rd.staff"), _column("研发项目（项）", "rd.projects"), _column("产学研合作项目（项）", "rd.joint_projects")), _research),
    Book("patents_quarterly", "知识产权", "market_regulation", "衡阳县企业知识产权情况表", (
        _column("有效发明专利（件）", "patent.inventions"), _column("有效实用新型（件）", "patent.utility_models"), _column("授权专利（件）", "patent.granted"),
        _column("注册商标（件）", "brand.trademarks"), _column("牵头发布标准（项）", "standard.led")), _patents),
    Book("customs_monthly", "海关", "customs", "衡阳县企业进出口情况表", (
        _column("海关出口额（万美元）", "customs.exports", 1_000_000), _column("海关进口额（万美元）", "customs.imports", 1_000_000)), _customs),
    Book("export_insurance_monthly", "出口信保", "export_insurer", "衡阳县企业出口信用保险情况表", (_column("出口信保保费（元）", "insurance.premium", 100),), _premium),
    Book("freight_monthly", "物流", "commerce_bureau", "衡阳县企业物流费用情况表", (_column("物流运费（万元）", "logistics.freight", 1_000_000),), _freight),
    Book("loans_monthly", "贷款", "finance_office", "衡阳县企业贷款情况表", (
        _column("月末贷款余额（万元）", "loan.balance", 1_000_000), _column("当月新增贷款（万元）", "loan.new", 1_000_000),
        _column("当月付息（元）", "loan.interest", 100)), _loans),
    Book("compliance_monthly", "执法信用", "enforcement", "衡阳县涉企执法与投诉情况表", (
        _column("行政处罚次数（次）", "penalty.count"), _column("罚没金额（元）", "penalty.fines", 100), _column("生产安全事故（次）", "safety.accidents"),
        _column("环境违法（次）", "environment.violations"), _column("消费投诉（件）", "complaint.received"), _column("办结投诉（件）", "complaint.settled")), _conduct),
    Book("training_monthly", "培训人才", "hr_bureau", "衡阳县企业培训与人才情况表", (
        _column("培训合格人数（人）", "jobs.trained"), _column("培训支出（元）", "jobs.training_cost", 100), _column("高层次人才（人）", "jobs.talents")), _training),
    Book("space_yearly", "用地厂房", "park_office", "园区企业用地厂房情况表", (
        _column("用地面积（亩）", "space.land", 10_000), _column("厂房面积（平方米）", "space.floor", 100), _column("厂房租金（万元）", "space.rent", 1_000_000)), _space),
)
