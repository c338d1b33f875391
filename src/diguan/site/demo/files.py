"""Write the synthetic county as the Excel files its bureaus keep: as ugly as real ones, and as late.

The files are then brought in through the ordinary import. Nothing here knows how to import.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font

from diguan.kernel import periods
from diguan.site.demo.county import Firm, Month, Params

MARK = "（演示数据，均为虚构）"
Row = tuple[Firm, Month]
Cell = str | float | int | None


@dataclass(frozen=True)
class Delivery:
    """One file to import: where it lies, what it is, who sent it, for which period."""

    path: Path
    sheet: str
    source: str = ""
    period: str = ""
    complete: bool = True


@dataclass(frozen=True)
class _Column:
    heading: str
    value: Callable[[Month], int]
    total: bool = True
    divisor: int = 1_000_000  # fen in 万元


_TAX = [
    _Column("入库税额（万元）", lambda m: m.tax), _Column("其中：增值税（万元）", lambda m: m.vat),
    _Column("企业所得税（万元）", lambda m: m.income), _Column("开票销售收入（万元）", lambda m: m.sales),
    _Column("出口销售额（万元）", lambda m: m.export), _Column("设备购置额（万元）", lambda m: m.equipment),
    _Column("研发费用（万元）", lambda m: m.rd),
]
_JOBS = [
    _Column("期末用工人数（人）", lambda m: m.headcount, divisor=1),
    _Column("失业保险参保人数（人）", lambda m: m.insured, divisor=1),
    _Column("当月新招人数（人）", lambda m: m.new_hires, divisor=1),
    _Column("其中：高校毕业生（人）", lambda m: m.graduates, divisor=1),
    _Column("工资总额（元）", lambda m: m.wages, divisor=100),
    _Column("失业保险缴费额（元）", lambda m: m.insurance, divisor=100),
]
_SHEETS = {
    "tax_monthly": ("tax_bureau", "衡阳县税务局企业入库税收明细表", _TAX),
    "employment_monthly": ("hr_bureau", "衡阳县企业用工与失业保险情况表", _JOBS),
}


def write_all(folder: Path, firms: Sequence[Firm], rows: Sequence[Row], params: Params) -> list[Delivery]:
    """Write every file of the county in the order the bureaus would have sent them."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(params["seed"] + 1)
    last = periods.parse(str(params["last_month"]))
    first = periods.parse(str(params["first_month"]))
    found = [_register(folder / "01-企业名册.xlsx", firms)]
    for sheet in _SHEETS:
        for year in range(first.start.year, last.start.year):
            chosen = [row for row in rows if row[1].period.start.year == year]
            found.append(_facts(folder, sheet, f"{year}", chosen, by_month=True))
        for month in periods.within(periods.Day(last.start.year, 1, 1), last.end, "month"):
            found += _monthly(folder, sheet, month, [row for row in rows if row[1].period == month], rng)
    found.append(_second_source(folder, rows, rng))
    return found


def _monthly(folder: Path, sheet: str, month: periods.Period, rows: list[Row], rng: random.Random) -> list[Delivery]:
    """One month's delivery, with what really goes wrong: a late bureau, a partial file, a correction."""
    if sheet == "employment_monthly" and month.text == "2026-10":
        return []  # the bureau has not sent October yet
    if sheet == "employment_monthly" and month.text == "2026-09":
        kept = [row for row in rows if rng.random() < 0.93]
        return [_facts(folder, sheet, month.text, kept, complete=False)]
    found = [_facts(folder, sheet, month.text, rows)]
    if sheet == "tax_monthly" and month.text == "2026-05":
        found.append(_facts(folder, sheet, month.text, [(f, _corrected(m)) if i % 97 == 5 else (f, m)
                                                        for i, (f, m) in enumerate(rows)], suffix="-更正"))
    return found


def _corrected(month: Month) -> Month:
    return Month(**{**month.__dict__, "sales": int(month.sales * 1.08), "tax": int(month.tax * 1.1)})


def _facts(folder: Path, sheet: str, period: str, rows: list[Row], *, by_month: bool = False,
           complete: bool = True, suffix: str = "") -> Delivery:
    source, title, columns = _SHEETS[sheet]
    heads = ["序号", "统一社会信用代码", "企业名称", *(["所属期"] if by_month else []), *(c.heading for c in columns)]
    body = [
        [i, firm.uscc, firm.name, *([_chinese(month.period)] if by_month else []),
         *(_shown(c.value(month), c.divisor, i + k) for k, c in enumerate(columns))]
        for i, (firm, month) in enumerate(rows, start=1)
    ]
    totals = ["合计", None, None, *([None] if by_month else []),
              *(float(Decimal(sum(c.value(m) for _, m in rows)) / c.divisor) for c in columns)]
    path = folder / f"{'税务' if sheet == 'tax_monthly' else '用工'}-{period}{suffix}.xlsx"
    if period == "2026-07" and sheet == "employment_monthly":
        path = path.with_suffix(".csv")
        _write_csv(path, [[f"{title} {period} {MARK}"], heads, *body, totals])
    else:
        _write_xlsx(path, f"{title} {period} {MARK}", heads, body, totals)
    return Delivery(path, sheet, source, period, complete)


def _chinese(period: periods.Period) -> str:
    return f"{period.start.year}年{period.start.month}月"


def _shown(value: int, divisor: int, odd: int) -> Cell:
    """A number as a clerk's file holds it: mostly numbers, now and then text, commas or full-width digits."""
    exact = Decimal(value) / divisor
    if odd % 53 == 7:
        return f"{exact:,}"
    if odd % 61 == 11:
        return str(exact).translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))
    return int(exact) if exact == exact.to_integral() else float(exact)


def _write_xlsx(path: Path, title: str, heads: list[str], body: Iterable[list[Cell]], totals: list[Cell]) -> None:
    book = Workbook()
    sheet = book.active
    sheet.title = "明细"
    sheet.append([title])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(heads))
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.append(["填报单位：演示单位", *[None] * (len(heads) - 2), "单位见表头"])
    sheet.append(heads)
    for row in body:
        sheet.append(row)
    sheet.append(totals)
    sheet.append(["注：本表由演示程序生成，企业与数字均为虚构。"])
    hidden = book.create_sheet("填报说明")
    hidden.sheet_state = "hidden"
    hidden.append(["请勿删除本页"])
    book.save(path)


def _write_csv(path: Path, rows: Iterable[Sequence[Cell]]) -> None:
    """As an old desktop program saves it: GB18030, comma separated."""
    lines = [",".join("" if c is None else f'"{c}"' if "," in str(c) else str(c) for c in row) for row in rows]
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode("gb18030"))


def _register(path: Path, firms: Sequence[Firm]) -> Delivery:
    heads = ["序号", "统一社会信用代码", "企业名称", "曾用名", "登记地", "经营地", "所在乡镇", "经营地址", "行业代码", "产业集群", "所在园区",
             "登记状态", "生产状态", "成立日期", "注册资本（万元）", "法定代表人", "联系人", "联系电话", "荣誉资质"]
    body: list[list[Cell]] = [[
        i, f.uscc, f.name, f.former_name or None, f.region, "430421", f.town, f"衡阳县{f.town}演示路{i}号", f.industry, f.cluster,
        f.park or None, f.status, _production(f), _day(f, i), f.capital // 10_000, f.person, f.person, f.phone,
        "；".join("|".join([name, issuer, a.isoformat(), b.isoformat() if b else ""]) for name, issuer, a, b in f.titles) or None,
    ] for i, f in enumerate(firms, start=1)]
    _write_xlsx(path, f"衡阳县企业名册 {MARK}", heads, body, ["合计", len(firms), *[None] * (len(heads) - 2)])
    return Delivery(path, "enterprises", "registry")


def _production(firm: Firm) -> str:
    if firm.producing:
        return "在产"
    return "停产" if firm.status != "存续" else "在建"


def _day(firm: Firm, number: int) -> str:
    day = firm.established
    return f"{day.year}年{day.month}月{day.day}日" if number % 9 == 4 else day.isoformat()


def _second_source(folder: Path, rows: Sequence[Row], rng: random.Random) -> Delivery:
    """The park office counts heads too, and does not always agree with the bureau."""
    chosen = [(f, Month(**{**m.__dict__, "headcount": m.headcount + rng.choice([0, 0, 0, 2, 7])}))
              for f, m in rows if m.period.text == "2026-08" and f.park == "钟表产业园"][:60]
    heads = ["序号", "统一社会信用代码", "企业名称", "期末用工人数（人）"]
    body: list[list[Cell]] = [[i, f.uscc, f.name, m.headcount] for i, (f, m) in enumerate(chosen, start=1)]
    path = folder / "园区用工-2026-08.xlsx"
    _write_xlsx(path, f"钟表产业园用工摸底表 2026-08 {MARK}", heads, body, ["合计", None, None, sum(int(r[3] or 0) for r in body)])
    return Delivery(path, "employment_monthly", "park_office", "2026-08", complete=False)
