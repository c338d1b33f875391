"""Where the demo county's firms stand in the chains: a sheet of coverage brought in as a clerk does, verified by the chain task force.

What a firm makes follows the words of its name, what it buys a made-up share of what it sold in 2025. Nobody makes movements or cases.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from diguan.site.demo import accounts
from diguan.site.demo.books import Cell, write_xlsx
from diguan.site.demo.files import MARK, Delivery
from diguan.site.demo.firm import Firm
from diguan.site.demo.requests import on

if TYPE_CHECKING:
    from diguan.chains.models import Coverage

NAME = "50-企业环节表.xlsx"
YEAR = 2025
FIRST, LOOKED, LATE = dt.date(2026, 5, 20), dt.date(2026, 6, 15), dt.date(2026, 10, 12)
"""When the rows came in, when those that are stale by now were looked at, and when the others were."""
HEADS = ["序号", "统一社会信用代码", "企业名称", "环节", "生产或采购", "年份", "年产值（万元）", "其中在本县（万元）", "年产能折合（万元）", "来源", "来源日期", "把握"]
_WATCH = {"movement_quartz": 22, "case": 13, "dial": 5, "hands": 2, "crystal": 3, "strap_leather": 5, "strap_metal": 3, "strap_rubber": 1.5, "button_cell": 1, "watch_box": 3, "movement_mechanical": 2.5, "gasket": 0.4,
          "printed_matter": 0.5, "plastic_packaging": 0.6, "testing": 0.3, "design": 0.8, "packaging": 1.2, "case_parts": 4, "micro_motor": 0.7, "research": 0.6}


@dataclass(frozen=True)
class Kind:
    """What a word in a name means: the node made, and what is bought, in per cent of sales by node."""

    word: str
    makes: str
    buys: Mapping[str, float]
    local: int = 0
    """Per cent of its sales that stay in the county."""


KINDS = {
    "钟表": (
        Kind("表圈底盖", "case_parts", {"steel": 28, "plating": 7, "mould": 2}, 62), Kind("机芯齿轮", "gear_train", {"copper": 24, "mould": 3}, 8), Kind("表盘", "dial", {"copper": 12, "plating": 6}, 71),
        Kind("表针", "hands", {"copper": 15, "plating": 9}, 66), Kind("表镜", "crystal", {}, 38), Kind("电镀", "plating", {}, 93), Kind("表面处理", "plating", {}, 90), Kind("模具", "mould", {"steel": 30, "machine_tools": 4}, 55),
        Kind("五金", "strap_metal", {"steel": 35, "plating": 8}, 48), Kind("表扣", "strap_metal", {"steel": 33, "plating": 9}, 51), Kind("表带", "strap_leather", {"leather": 31}, 57), Kind("电池", "button_cell", {}, 22),
        Kind("线路", "pcb", {"copper": 18}, 29), Kind("穿戴", "smart_watch", {"smart_module": 28, "battery": 6, "chip": 14, "case": 8, "strap_rubber": 4, "design": 1.5, "testing": 0.5, "packaging": 1, "app_software": 3, "printed_matter": 0.4, "watch_box": 2, "plastic_packaging": 0.4, "crystal": 2, "gasket": 0.3, "research": 2}), Kind("包装", "watch_box", {}, 74),
        Kind("石英钟表", "watch_assembly", _WATCH, 1)),
    "小家电": (
        Kind("微电机", "micro_motor", {"copper": 21, "steel": 14, "magnet": 9}, 40), Kind("风扇", "fans", {"micro_motor": 13, "plastic_parts": 15, "power_cord": 4, "packaging": 3, "switch": 1.5, "stamping": 6, "foam_packaging": 0.8, "testing": 0.3, "controller_board": 3, "die_casting": 2}), Kind("通风", "fans", {"micro_motor": 14, "stamping": 9, "power_cord": 3}),
        Kind("厨房", "kitchen_appliances", {"micro_motor": 8, "heating_element": 9, "controller_board": 8, "plastic_parts": 14, "power_cord": 4, "packaging": 4, "switch": 1.6, "stamping": 7, "foam_packaging": 0.9, "testing": 0.3, "sensor": 1.2, "die_casting": 1.5}), Kind("清洁", "cleaning_appliances", {"micro_motor": 15, "battery": 8, "plastic_parts": 17}),
        Kind("个护", "beauty_appliances", {"micro_motor": 11, "heating_element": 6, "plastic_parts": 12, "power_cord": 5, "packaging": 5}), Kind("配件", "appliance_parts", {"stamping": 14, "plastic_parts": 11}, 45)),
    "陶瓷": (
        Kind("日用瓷", "daily_porcelain", {"ceramic_body": 14, "glaze": 6, "decal": 5, "natural_gas": 17, "packaging": 6}), Kind("工艺", "art_porcelain", {"ceramic_body": 11, "glaze": 7, "natural_gas": 15, "design": 4}),
        Kind("电瓷", "technical_ceramics", {"ceramic_body": 18, "glaze": 4, "natural_gas": 19}), Kind("耐火", "kiln_furniture", {}, 60)),
    "鞋帽服装": (
        Kind("运动服装", "woven_garments", {"woven_fabric": 36, "trimmings": 4}), Kind("塑料鞋", "plastic_shoes", {"polymer": 24, "mould": 4, "packaging": 3}), Kind("皮鞋", "leather_shoes", {"leather": 27, "sole": 12, "last": 2, "adhesive": 3}),
        Kind("布鞋", "textile_shoes", {"woven_fabric": 15, "sole": 14, "adhesive": 3}), Kind("制鞋", "textile_shoes", {"woven_fabric": 16, "sole": 13, "upper": 9}), Kind("鞋业", "leather_shoes", {"leather": 25, "sole": 12, "upper": 8}),
        Kind("帽业", "hats", {"woven_fabric": 30, "trimmings": 3}), Kind("服饰", "hats", {"knitted_fabric": 31, "trimmings": 5}), Kind("服装", "knitted_garments", {"knitted_fabric": 35, "trimmings": 4})),
}
SHARED = (("检测技术", "testing", 1), ("塑料包装", "packaging", 4), ("物流", "forwarding", 2), ("电子商务", "e_commerce", 5), ("软件科技", "app_software", 2), ("锂电池", "battery", 1), ("电线电缆", "power_cord", 2), ("塑料制品", "plastic_parts", 3))
"""Firms outside the clusters that serve them: a word, a node, how many."""
LOCAL_BUY = {"dial": 83, "hands": 77, "crystal": 30, "strap_leather": 61, "plating": 88, "mould": 47, "watch_box": 70, "button_cell": 35, "micro_motor": 34, "power_cord": 18, "plastic_parts": 22, "battery": 12, "packaging": 58, "case": 0, "movement_quartz": 0}
"""Per cent of purchases that come from the county; a node that is not named was not asked about."""


def write(folder: Path, firms: Sequence[Firm], sales: Mapping[str, int]) -> Delivery:
    """Draw the rows and write their file; ``sales`` in yuan of 2025 by credit code."""
    body = [[number, *row] for number, row in enumerate(_rows(firms, sales), start=1)]
    write_xlsx(folder / NAME, f"衡阳县企业环节表 {MARK}", HEADS, body, ["合计", len(body), *[None] * (len(HEADS) - 2)])
    return Delivery(folder / NAME, "coverage", "registry")


def _rows(firms: Sequence[Firm], sales: Mapping[str, int]) -> Iterator[list[Cell]]:
    for number, firm in enumerate(firms):
        kind = next((kind for kind in KINDS.get(firm.cluster, ()) if kind.word in firm.name), None)
        if kind is not None:
            yield from _of(firm, kind, sales.get(firm.uscc, 0) if firm.producing else 0, number)
    for word, node, count in SHARED:
        for firm in [firm for firm in firms if firm.cluster not in KINDS and firm.producing and word in firm.name][:count]:
            yield _line(firm, node, "生产", sales.get(firm.uscc, 0), None, None, 7)


def _of(firm: Firm, kind: Kind, sold: int, number: int) -> Iterator[list[Cell]]:
    """What a firm makes, and what it buys; every fifth tells no amounts, and every third nothing of what stays here."""
    told = sold if number % 5 and sold else None
    makes = kind.makes if kind.makes != "watch_assembly" or number % 3 else "clock_assembly"
    yield _line(firm, makes, "生产", told, kind.local if number % 3 else None, (100 + number * 7 % 60) if told else None, number)
    if not sold:
        return
    for node, share in kind.buys.items():
        there = {"movement_quartz": "movement_quartz", "case": "clock_parts"}.get(node, node) if makes == "clock_assembly" else node
        bought = int(told * share * (92 + number % 5 * 4) / 10_000) if told else None
        yield _line(firm, there, "采购", bought, LOCAL_BUY.get(there) if number % 4 and bought else None, None, number)


def _line(firm: Firm, node: str, role: str, yuan: int | None, local: int | None, capacity: int | None, number: int) -> list[Cell]:
    """One row of the sheet; money in ten thousands of yuan with two decimals, local and capacity in per cent of it."""
    def tens(part: int | None) -> Cell:
        return None if yuan is None or part is None else round(yuan * part / 100 / 10_000, 2)

    source, sure = (("税务发票汇总（演示）", "有凭据"), ("链专班走访（演示）", "走访所见"), ("企业自报（演示）", "估计"))[number % 3]
    return [firm.uscc, firm.name, node, role, YEAR if yuan is not None else None, tens(100), tens(local), tens(capacity) if role == "生产" else None, source, (FIRST - dt.timedelta(days=number % 40)).isoformat(), sure]


def verify() -> None:
    """The task force looks: most of the rows lately, some in June, a few not yet; feasibility of the nodes that miss."""
    from diguan.chains.actions.coverage import reject_coverage, verify_coverages
    from diguan.chains.actions.feasibility import tell_feasibility
    from diguan.chains.models import Coverage, Feasibility

    chief = accounts.known("chain")
    rows = list(Coverage.objects.filter(state="claimed").select_related("enterprise").order_by("pk"))
    if Feasibility.objects.exists():
        return
    for day, part in ((LOOKED, [row for at, row in enumerate(rows) if at % 13 == 4]), (LATE, [row for at, row in enumerate(rows) if at % 13 not in (4, 9)])):
        with on(day):
            verify_coverages(rows=[(row, row.version) for row in part], by=chief)
    waiting: list[Coverage] = [row for at, row in enumerate(rows) if at % 13 == 9]
    for row in waiting[:2]:
        reject_coverage(coverage=row, version=row.version, reason="走访时没有看到这条生产线", by=chief)
    told = {"movement_quartz": ("open", "tight", "open", "要恒温无尘厂房；县供电公司：10 千伏专线明年 6 月到位"), "case": ("open", "open", "tight", "抛光废水要进园区污水厂"), "movement_mechanical": ("open", "open", "open", "缺熟练工"),
            "smart_module": ("open", "open", "open", ""), "leather": ("tight", "open", "closed", "制革不在园区规划环评清单内"), "steel": ("closed", "closed", "closed", "两高项目，县里不上"), "copper": ("closed", "tight", "closed", "冶炼不在县产业准入目录"), "natural_gas": ("closed", "closed", "open", "管道气，不是本县能办的"), "machine_tools": ("open", "open", "open", "缺技术工人"), "quartz_crystal": ("open", "tight", "open", ""), "ceramic_body": ("open", "open", "tight", ""), "woven_fabric": ("open", "open", "tight", "印染另论"), "sole": ("open", "open", "open", ""), "chip": ("closed", "tight", "tight", "投资强度和用水都够不着")}
    for node, (land, energy, environment, note) in told.items():
        tell_feasibility(node=node, version=0, by=chief, told={"land": land, "energy": energy, "environment": environment, "note": note, "source": "钟表产业园管委会（演示）", "told_on": dt.date(2026, 9, 18)})
