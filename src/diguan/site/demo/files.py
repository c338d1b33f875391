"""Write the synthetic county as the Excel files its bureaus keep: as ugly as real ones, and as late.

The files are then brought in through the ordinary import. Nothing here knows how to import.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from diguan.kernel import periods
from diguan.site.demo.books import Cell, write_csv, write_xlsx
from diguan.site.demo.firm import Firm, Month, Params

MARK = "（演示数据，均为虚构）"
Row = tuple[Firm, Month]
Blanks = Mapping[str, Collection[str]]


@dataclass(frozen=True)
class Delivery:
    """One file to import: where it lies, what it is, who sent it, for which period, and what it is complete for.

    ``complete`` None: as the sheet's default; else the facts named.
    """

    path: Path
    sheet: str
    source: str = ""
    period: str = ""
    complete: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Column:
    """One column of a bureau's file; ``fact`` as the sheet declares it, values of a month in fen or persons."""

    heading: str
    fact: str
    value: Callable[[Month], int]
    divisor: int = 1_000_000  # fen in 万元


TAX = (
    Column("入库税额（万元）", "tax.paid", lambda m: m.tax), Column("其中：增值税（万元）", "tax.vat", lambda m: m.vat),
    Column("企业所得税（万元）", "tax.income", lambda m: m.income), Column("开票销售收入（万元）", "revenue.sales", lambda m: m.sales),
    Column("出口销售额（万元）", "export.sales", lambda m: m.export),
    Column("设备购置额（万元）", "investment.equipment", lambda m: m.equipment), Column("研发费用（万元）", "rd.expense", lambda m: m.rd),
)
JOBS = (
    Column("期末用工人数（人）", "jobs.headcount", lambda m: m.headcount, 1),
    Column("失业保险参保人数（人）", "jobs.insured", lambda m: m.insured, 1),
    Column("当月新招人数（人）", "jobs.new_hires", lambda m: m.new_hires, 1),
    Column("其中：高校毕业生（人）", "jobs.graduates", lambda m: m.graduates, 1),
    Column("工资总额（元）", "jobs.wages", lambda m: m.wages, 100),
    Column("失业保险缴费额（元）", "jobs.insurance_paid", lambda m: m.insurance, 100),
)
COUNTED_TWICE = ("2025-12", "2026-03", "2026-06", "2026-08")
"""Months in which the watch park counted heads itself."""
CORRECTED = {("tax_monthly", "2026-02"): "2026-04", ("tax_monthly", "2026-05"): "2026-05", ("employment_monthly", "2026-03"): "2026-05"}
"""Monthly files whose first delivery was wrong, and the month after whose file the right one came."""
SHEETS = {
    "tax_monthly": ("tax_bureau", "衡阳县税务局企业入库税收明细表", TAX),
    "employment_monthly": ("hr_bureau", "衡阳县企业用工与失业保险情况表", JOBS),
}


@dataclass(frozen=True)
class Table:
    """What one file shall hold; ``blanks`` names by fact the credit codes whose cell is left empty."""

    name: str
    sheet: str
    period: str
    rows: Sequence[tuple[Firm, Any]]
    by_month: bool = False
    complete: tuple[str, ...] | None = None
    blanks: Blanks = field(default_factory=dict)
    book: tuple[str, str, Sequence[Column]] | None = None
    """Source, title and columns where they are not those of :data:`SHEETS`."""


def write_all(folder: Path, firms: Sequence[Firm], rows: Sequence[Row], params: Params, more: Iterable[Table] = ()) -> list[Delivery]:
    """Write every file of the county in the order the bureaus would have sent them; ``more`` are those of other bureaus."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(params["seed"] + 1)
    found = [_register(folder / "01-企业名册.xlsx", firms)]
    found += [write(folder, table) for table in _tables(rows, params, rng)]
    found += [_second_source(folder, month, rows, rng) for month in COUNTED_TWICE]
    return found + [write(folder, table) for table in more]


def _tables(rows: Sequence[Row], params: Params, rng: random.Random) -> Iterator[Table]:
    first, last = (periods.parse(str(params[key])).start.year for key in ("first_month", "last_month"))
    for sheet in SHEETS:
        for year in range(first, last):
            yield from _year(sheet, year, last, [row for row in rows if row[1].period.start.year == year])
    by_month = {month.text: [row for row in rows if row[1].period == month]
                for month in periods.within(periods.Day(last, 1, 1), periods.parse(str(params["last_month"])).end, "month")}
    for month, chosen in by_month.items():
        yield _tax_month(month, chosen, rows)
        yield _jobs_month(month, chosen, rng)
        for (sheet, wrong), after in CORRECTED.items():
            if after == month and wrong in by_month:
                yield Table(f"{_word(sheet)}-{wrong}-更正", sheet, wrong, by_month[wrong])


def _year(sheet: str, year: int, last: int, rows: Sequence[Row]) -> Iterator[Table]:
    """A year as one file; of last year's tax December came by itself, its R&D expense still being checked."""
    december = f"{year}-12"
    if sheet != "tax_monthly" or year != last - 1:
        yield Table(f"{_word(sheet)}-{year}", sheet, f"{year}", rows, by_month=True)
        return
    yield Table(f"税务-{year}", sheet, f"{year}", [row for row in rows if row[1].period.text != december], by_month=True)
    chosen = [row for row in rows if row[1].period.text == december]
    bought: dict[str, int] = {}
    for firm, month in rows:
        bought[firm.uscc] = bought.get(firm.uscc, 0) + month.equipment
    researching = sorted((firm.uscc for firm, _ in chosen if firm.rd_share >= 0.035), key=lambda code: (-bought[code], code))
    yield Table(f"税务-{december}", sheet, december, chosen, complete=_all_but(TAX, "rd.expense"),
                blanks={"rd.expense": researching[3::7]})


def _tax_month(month: str, rows: Sequence[Row], history: Sequence[Row]) -> Table:
    if month == "2026-08":  # exports of three firms were still with the customs; the completed file waits
        return Table(f"税务-{month}", "tax_monthly", month, rows, complete=_all_but(TAX, "export.sales"),
                     blanks={"export.sales": [firm.uscc for firm in late_exporters(history)]})
    return Table(f"税务-{month}", "tax_monthly", month, _first_told("tax_monthly", month, rows))


def _jobs_month(month: str, rows: Sequence[Row], rng: random.Random) -> Table:
    """September lacks some firms; of October only what the firms reported online has come, the bureau's file waits."""
    share = {"2026-09": 0.94, "2026-10": 0.6}.get(month)
    kept = rows if share is None else [row for row in rows if rng.random() < share]
    return Table(f"用工-{month}", "employment_monthly", month, _first_told("employment_monthly", month, kept), complete=None if share is None else ())


def late_exporters(rows: Sequence[Row], count: int = 3) -> list[Firm]:
    """Firms that lack nothing but August's exports to be small exporters in the sense of the trade fair voucher."""
    sums: dict[str, int] = {}
    largest: dict[str, int] = {}
    for firm, month in rows:
        if "2025-11" <= month.period.text <= "2026-10":
            sums[firm.uscc] = sums.get(firm.uscc, 0) + month.export
            largest[firm.uscc] = max(largest.get(firm.uscc, 0), month.export)
    august = [firm for firm, month in rows if month.period.text == "2026-08" and month.export]
    fit = [firm for firm in august if firm.cluster != "其他" and firm.region == "430421" and not firm.untold
           and firm.starts < periods.Day(2025, 11, 1) and sums[firm.uscc] < 1_500_000_000 and largest[firm.uscc] < 400_000_000]
    return fit[:: max(1, len(fit) // count)][:count]


def _all_but(columns: Sequence[Column], fact: str) -> tuple[str, ...]:
    return tuple(column.fact for column in columns if column.fact != fact)


def _first_told(sheet: str, month: str, rows: Sequence[Row]) -> Sequence[Row]:
    """What the first delivery said: right, but in the months of :data:`CORRECTED` too little of one firm in 97."""
    if (sheet, month) not in CORRECTED:
        return rows
    return [(firm, _too_little(told)) if number % 97 == 5 else (firm, told) for number, (firm, told) in enumerate(rows)]


def _too_little(month: Month) -> Month:
    """A late invoice, a payment booked next month, a shift not counted."""
    return replace(month, sales=month.sales * 92 // 100, tax=month.tax * 9 // 10, headcount=max(1, month.headcount - 2))


def _word(sheet: str) -> str:
    return "税务" if sheet == "tax_monthly" else "用工"


def write(folder: Path, table: Table) -> Delivery:
    """Write one file of a bureau."""
    source, title, columns = table.book or SHEETS[table.sheet]
    title = f"{title} {table.period} {MARK}"
    own = ["所属期"] if table.by_month else []
    heads = ["序号", "统一社会信用代码", "企业名称", *own, *(c.heading for c in columns)]
    body = [_line(number, row, columns, table) for number, row in enumerate(table.rows, start=1)]
    totals: list[Cell] = ["合计", None, None, *([None] if own else []), *(_sum(column, table) for column in columns)]
    path = folder / f"{table.name}.xlsx"
    if table.name == "用工-2026-07":
        path = path.with_suffix(".csv")
        write_csv(path, [[title], heads, *body, totals])
    else:
        write_xlsx(path, title, heads, body, totals)
    return Delivery(path, table.sheet, source, table.period, table.complete)


def _line(number: int, row: Row, columns: Sequence[Column], table: Table) -> list[Cell]:
    firm, month = row
    name = firm.former_name if firm.former_name and month.period.start.year < 2024 else firm.name
    own: list[Cell] = [_said(month.period)] if table.by_month else []
    cells = [_cell(firm, month, column, table.blanks, number + k) for k, column in enumerate(columns)]
    return [number, firm.uscc, name, *own, *cells]


def _said(period: periods.Period) -> str:
    return f"{period.start.year}年{period.start.month}月" if period.kind == "month" else period.text


def _told(firm: Firm, month: Month, column: Column, blanks: Blanks) -> bool:
    """A firm that never exports has an empty cell there, not a zero."""
    return firm.uscc not in blanks.get(column.fact, ()) and (column.fact != "export.sales" or firm.export_share > 0)


def _cell(firm: Firm, month: Month, column: Column, blanks: Blanks, odd: int) -> Cell:
    """A number as a clerk's file holds it: mostly numbers, now and then text, commas or full-width digits."""
    if not _told(firm, month, column, blanks):
        return None
    told = column.value(month)
    if odd % 53 != 7 and odd % 61 != 11:
        return told // column.divisor if told % column.divisor == 0 else told / column.divisor
    exact = Decimal(told) / column.divisor
    if odd % 53 == 7:
        return f"{exact:,}"
    return str(exact).translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))


def _sum(column: Column, table: Table) -> float:
    return float(Decimal(sum(column.value(m) for f, m in table.rows if _told(f, m, column, table.blanks))) / column.divisor)


_REGISTER = ("序号", "统一社会信用代码", "企业名称", "曾用名", "登记地", "经营地", "所在乡镇", "经营地址", "行业代码", "产业集群", "所在园区",
             "登记状态", "生产状态", "成立日期", "注册资本（万元）", "法定代表人", "联系人", "联系电话", "荣誉资质")


def _register(path: Path, firms: Sequence[Firm]) -> Delivery:
    body: list[list[Cell]] = [[
        i, f.uscc, f.name, f.former_name or None, None if "region" in f.untold else f.region, "430421", f.town,
        f"衡阳县{f.town}演示路{i}号", None if "industry" in f.untold else f.industry, f.cluster,
        None if "park" in f.untold else f.park or "无", f.status, _production(f), None if "established" in f.untold else _day(f, i), f.capital // 10_000,
        f.person, f.person, f.phone,
        "；".join("|".join([name, issuer, a.isoformat(), b.isoformat() if b else ""]) for name, issuer, a, b in f.titles) or None,
    ] for i, f in enumerate(firms, start=1)]
    write_xlsx(path, f"衡阳县企业名册 {MARK}", list(_REGISTER), body, ["合计", len(firms), *[None] * (len(_REGISTER) - 2)])
    return Delivery(path, "enterprises", "registry")


def _production(firm: Firm) -> str:
    if firm.producing:
        return "在产"
    return "停产" if firm.status != "存续" else "在建"


def _day(firm: Firm, number: int) -> str:
    day = firm.established
    return f"{day.year}年{day.month}月{day.day}日" if number % 9 == 4 else day.isoformat()


def _second_source(folder: Path, month: str, rows: Sequence[Row], rng: random.Random) -> Delivery:
    """The park office counts heads too, and does not always agree with the bureau."""
    chosen = [(f, m.headcount + rng.choice([0, 0, 0, 2, 7])) for f, m in rows if m.period.text == month and f.park == "钟表产业园"]
    body: list[list[Cell]] = [[i, f.uscc, f.name, count] for i, (f, count) in enumerate(chosen, start=1)]
    path = folder / f"园区用工-{month}.xlsx"
    write_xlsx(path, f"钟表产业园用工摸底表 {month} {MARK}", ["序号", "统一社会信用代码", "企业名称", "期末用工人数（人）"], body,
               ["合计", None, None, sum(count for _, count in chosen)])
    return Delivery(path, "employment_monthly", "park_office", month, ())
