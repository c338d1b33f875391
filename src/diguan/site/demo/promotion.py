"""What the demo county's chain task force works with besides the map: the example table of a region's economy, a list of target firms, two introductions under way.

The table is the one the product ships, made up and marked so; the target firms are invented.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from diguan.kernel import uscc
from diguan.site.demo import accounts
from diguan.site.demo.books import Cell, write_xlsx
from diguan.site.demo.files import MARK, Delivery
from diguan.site.demo.requests import on

NAME = "60-目标企业名单.xlsx"
HEADS = ["序号", "名单类别", "名单名称", "名单年份", "名单来源", "名次", "企业名称", "统一社会信用代码", "总部所在地", "行业", "可做环节", "营收增长（%）", "预计用工（人）", "亩均税收（万元）", "用地需求（亩）", "本地采购比例（%）", "污染程度", "乡情关联", "来源日期"]
LIST, SOURCE = "珠三角钟表和小家电配套企业", "链专班摸排（演示）"
ASKED = dt.date(2026, 10, 28)
# name, seat, industry, nodes, growth, jobs, tax per mu, land, local share, pollution, hometown tie; None is what nobody told.
FIRMS: tuple[tuple[Cell, ...], ...] = (
    ("深圳示例机芯科技有限公司", "440000", "4030", "movement_quartz", 18, 320, 26, 35, 42, "轻", "是"), ("东莞样例计时器件有限公司", "440000", "4030", "movement_quartz、movement_mechanical", 11, 240, 22, 28, None, "轻", "是"),
    ("珠海演示微机电有限公司", "440000", "4030", "movement_quartz、coil", 27, 180, 31, 20, 35, "无", None), ("惠州样本精密机芯有限公司", "440000", "4030", "movement_quartz", 6, 410, 15, 48, 30, "轻", "否"),
    ("中山示例石英机芯有限公司", "440000", "4030", "movement_quartz", None, None, None, None, None, None, None), ("佛山样例表壳制造有限公司", "440000", "4030", "case", 9, 260, 18, 30, 25, "中", "是"),
    ("深圳演示精钢表壳有限公司", "440000", "4030", "case", 14, 210, 20, 24, 33, "中", None), ("东莞样本表壳科技有限公司", "440000", "4030", "case", -4, 330, 9, 40, 20, "中", "否"),
    ("广州示例智能模组有限公司", "440000", "3973", "smart_module", 35, 150, 38, 18, 12, "无", "否"), ("苏州样例传感模组有限公司", "320000", "3983", "smart_module、sensor", 22, 190, 29, 22, None, "无", None),
    ("宁波演示控制板有限公司", "330000", "3982", "controller_board", 12, 280, 17, 26, 38, "轻", "否"), ("温州样本注塑电器有限公司", "330000", "2929", "plastic_parts", 3, 350, 11, 45, 51, "轻", "是"),
    ("泉州示例鞋底有限公司", "350000", "2929", "sole", 8, 300, 12, 36, 44, "中", None), ("景德镇样例釉料有限公司", "360000", "2643", "glaze", 10, 90, 14, 25, 30, "重", "否"))


def write(folder: Path) -> Delivery:
    """The list of target firms as a file the task force brings in."""
    body: list[list[Cell]] = [[number, "其他", LIST, 2026, SOURCE, None, name, _code(number), *rest, "2026-09-20"] for number, (name, *rest) in enumerate(FIRMS, start=1)]
    write_xlsx(folder / NAME, f"目标企业名单 {MARK}", HEADS, body, ["合计", len(body), *[None] * (len(HEADS) - 2)])
    return Delivery(folder / NAME, "firms", "target_firms")


def _code(number: int) -> str | None:
    """A synthetic credit code of another province; of every fifth firm nobody knows it."""
    first = f"91440300MA5X{number:05d}"
    return first + uscc.check_character(first) if number % 5 else None


def _province() -> bytes:
    """The example table told as that of a made-up province, so that it has to be brought to the county; its mark stays."""
    from diguan.chains.engine import example, tablefile

    said = {"name": "示例省投入产出表", "region": "示例省", "level": "province"}
    lines = [[line[0], said.get(str(line[0]), line[1])] if len(line) == 2 else line for line in tablefile.rows(example.table())]
    return "\n".join(",".join(str(cell) for cell in line) for line in lines).encode()


def _county() -> bytes:
    """A county with some per cent of that province's output, most of it finished goods."""
    from diguan.chains.engine import example

    found, shares = example.table(), {"A": 0.03, "B": 0.045, "C": 0.07, "D": 0.02, "E": 0.018, "F": 0.015}
    return "\n".join(["code,local", *(f"{code},{output * shares[code]:.3f}" for code, output in zip(found.codes, found.output, strict=True))]).encode()


def prepare() -> None:
    """The example table in use, one project estimated, two introductions: one asked of the agent's firm, one agreed between others; what is there is left."""
    from diguan.chains.actions import economy
    from diguan.chains.models import Introduction, IoTable

    chain = accounts.known("chain")
    if not IoTable.objects.exists():
        table = economy.keep_table(table=economy.bring_table(file=economy.File("示例省投入产出表.csv", _province()), by=chain), by=chain)
        economy.tell_region(table=table, said=economy.Said("示例县", 2020, income=80.0, spending=46.0, living_here=9_200, source="编造的示例"), proxy="output", file=economy.File("示例县.csv", _county()), unit=table.unit, by=chain)
        economy.estimate_effect(kind="project", title="石英机芯厂（假设）", node="movement_quartz", by=chain, inputs={
            "title": "石英机芯厂（假设）", "firm": "深圳示例机芯科技有限公司", "sector": "B", "sales": 18_000_000_000, "sold": [0.6, 0.7, 0.8], "displacement": [0.0, 0.05, 0.1], "deadweight": None,
            "building": [{"sector": "D", "fen": 6_000_000_000, "share": [0.5, 0.6, 0.8], "item": "厂房"}, {"sector": "B", "fen": 9_000_000_000, "share": [0.0, 0.05, 0.1], "item": "设备"}], "own": {"jobs": 320}, "customers": []})
    if not Introduction.objects.exists():
        with on(ASKED):
            _introduce()


def _introduce() -> None:
    from diguan.chains.actions import introductions
    from diguan.chains.models import Coverage
    from diguan.kernel.access.queries import usccs_of

    chain, agent = accounts.known("chain"), accounts.known("agent")
    mine = usccs_of(agent)
    open_ = [row for row in Coverage.objects.filter(state="verified", role="use", amount_fen__gt=0, enterprise__production_status="在产").select_related("enterprise").order_by("-amount_fen", "pk") if row.local_fen is not None]
    made = {row.node for row in Coverage.objects.filter(state="verified", role="make", amount_fen__gt=0, enterprise__production_status="在产")}
    asked = [row for row in open_ if row.node in made and row.enterprise.uscc in mine][:1] + [row for row in open_ if row.node in ("dial", "strap_leather") and row.enterprise.uscc not in mine][:1]
    for need in asked:
        supply = Coverage.objects.filter(state="verified", role="make", node=need.node, amount_fen__gt=0, enterprise__production_status="在产").exclude(enterprise=need.enterprise).order_by("amount_fen", "pk").first()
        if supply is not None:
            introductions.introduce(supply=supply, need=need, proposed_fen=min(supply.amount_fen or 0, (need.amount_fen or 0) - (need.local_fen or 0)) or 1_000_000, purpose="同在一个园区，一家要买、一家有余量，想请双方谈谈",
                                    until=ASKED + dt.timedelta(days=120), by=chain)
