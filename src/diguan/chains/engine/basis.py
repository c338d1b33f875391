"""What a number rests on. It travels with every result, into every print and every export; nothing computes without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal

Vector = np.ndarray[Any, np.dtype[np.float64]]
Matrix = np.ndarray[Any, np.dtype[np.float64]]
DOMESTIC, INCLUDED, REMOVED = "domestic", "included", "removed"
OPEN, HOUSEHOLDS, WAGE_CLOSED = "I", "II", "II-wages"
NATION, PROVINCE, COUNTY = "nation", "province", "county"

IMPORTS = {
    DOMESTIC: Message("流量只含本地产品（非竞争型表）", "flows hold home products only (non-competitive table)"),
    INCLUDED: Message("流量含进口，未扣除（竞争型表）", "flows include imports, not taken out (competitive table)"),
    REMOVED: Message("已按比例扣除进口", "imports taken out in proportion"),
}
CLOSURES = {
    OPEN: Message("I 型（居民不内生）", "type I (households outside)"),
    HOUSEHOLDS: Message("II 型（居民内生，分母为全部居民收入）", "type II (households inside, over household income from all sources)"),
    WAGE_CLOSED: Message("II 型·工资闭合（分母仅为工资，结果偏高）", "type II, wage-closed (over wages alone; overstated)"),
}
EXAMPLE = Message("示例表：数字是编造的，不得用于真实县域的结论。", "Example table: its figures are made up; no conclusion about a real county may rest on it.")
ESTIMATE = Message("估计", "estimate")


@dataclass(frozen=True)
class Basis:
    """Where a number comes from.

    Attributes:
        name: the table's.
        year: the table's.
        source: who published it.
        unit: of money, as the table writes it (万元, GBP million).
        region: whose economy the table is.
        level: :data:`NATION`, :data:`PROVINCE` or :data:`COUNTY`.
        imports: :data:`DOMESTIC`, :data:`INCLUDED` or :data:`REMOVED`.
        closure: :data:`OPEN`, :data:`HOUSEHOLDS` or :data:`WAGE_CLOSED`.
        method: how the table was brought to the region: an empty string for the table as it is, else SLQ, CILQ, FLQ or AFLQ.
        delta: the size parameters computed with: none, one, or low/mid/high of a band.
        proxy: what stood in for local output when it was not known (employment, sales); empty where it was.
        surveyed: sectors whose local purchase share was asked for.
        example: the figures are made up.
        notes: what else has to be said.
    """

    name: str
    year: int
    source: str
    unit: str
    region: str = ""
    level: str = NATION
    imports: str = DOMESTIC
    closure: str = OPEN
    method: str = ""
    delta: tuple[float, ...] = ()
    proxy: str = ""
    surveyed: int = 0
    example: bool = False
    notes: tuple[Message, ...] = ()

    def noting(self, *notes: Message) -> Basis:
        """The same with more to be said; nothing twice."""
        return replace(self, notes=(*self.notes, *(note for note in notes if note not in self.notes)))

    def warnings(self, place: str = COUNTY) -> tuple[Message, ...]:
        """What must stand beside every number that is used for a ``place`` of this level."""
        found = [EXAMPLE] if self.example else []
        if self.imports == INCLUDED:
            found.append(Message("进口没有从表中扣除，乘数偏高。", "Imports were not taken out of the table: multipliers are too high."))
        if place != self.level and not self.method:
            found.append(Message("直接用了上级区域的表，没有按本地化方法调整，乘数明显偏高（在有答案可对的一例中高 27%）。",
                                 "A larger region's table was used as it is; multipliers are much too high (27 % in the one case that could be checked)."))
        if self.closure == WAGE_CLOSED:
            found.append(Message("居民收入只按工资计，II 型乘数偏高（英国两表中约 16%–18%）。", "Household income was taken to be wages alone: type II is too high (16–18 % in two published tables)."))
        return (*found, *self.notes)

    def caption(self, language: str = "zh") -> str:
        """One line for under a printed number: table, year, source, imports, δ, closure; first of all whether it is an example."""
        chinese = language.startswith("zh")
        parts = [EXAMPLE.text(language)] if self.example else []
        parts += [f"{self.name}（{self.year} 年，{self.source}）" if chinese else f"{self.name} ({self.year}; {self.source})", IMPORTS[self.imports].text(language)]
        parts.append(self._method(chinese))
        if self.surveyed:
            parts.append(f"{self.surveyed} 个部门按调查的本地采购比例校准" if chinese else f"{self.surveyed} sectors calibrated by surveyed local purchase shares")
        parts += [CLOSURES[self.closure].text(language), ESTIMATE.text(language)]
        return ("；" if chinese else "; ").join(part for part in parts if part)

    def _method(self, chinese: bool) -> str:
        if not self.method:
            return "未作本地化，无 δ" if chinese else "not regionalised, no δ"
        band = f" δ {'–'.join(f'{each:g}' for each in sorted({min(self.delta), max(self.delta)}))}" if self.delta else ""
        proxy = (f"，以{self.proxy}代替本地产出" if chinese else f", {self.proxy} in place of local output") if self.proxy else ""
        return f"{self.method}{band}{proxy}"

    def exported(self, language: str = "zh") -> list[tuple[str, str]]:
        """Label and text, to be written into every exported file; the example mark comes first and cannot be left out."""
        chinese = language.startswith("zh")
        rows = [("警告" if chinese else "Warning", note.text(language)) for note in self.warnings()]
        labels = ("表", "年份", "来源", "单位", "区域", "进口处理", "本地化与 δ", "闭合方式") if chinese else (
            "Table", "Year", "Source", "Unit", "Region", "Imports", "Regionalisation and δ", "Closure")
        texts = (self.name, str(self.year), self.source, self.unit, self.region, IMPORTS[self.imports].text(language), self._method(chinese), CLOSURES[self.closure].text(language))
        return [*rows, *zip(labels, texts, strict=True)]


def joined(bases: Sequence[Basis]) -> Basis:
    """One basis for a result made of several: the band of all δ, every note, an example if one of them is.

    Raises:
        Refusal: they rest on different tables, years, units or import treatments.
    """
    first = bases[0]
    if any((each.name, each.year, each.unit, each.imports, each.region) != (first.name, first.year, first.unit, first.imports, first.region) for each in bases):
        raise refused("different_tables", "不能合并：结果来自不同的表、年份、单位、区域或进口处理。", "Results of different tables, years, units, regions or import treatments cannot be joined.")
    deltas = tuple(sorted({delta for each in bases for delta in each.delta}))
    whole = replace(first, delta=deltas, example=any(each.example for each in bases), surveyed=min(each.surveyed for each in bases))
    return whole.noting(*(note for each in bases for note in each.notes))


def refused(code: str, zh: str, en: str) -> Refusal:
    """A refusal of one sentence, ready to raise."""
    return Refusal(code, [Message(zh, en)])
