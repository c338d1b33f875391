"""Figures in words, in a language that is named: what pages, briefings and files say alike."""

from __future__ import annotations

from decimal import Decimal

from diguan.indicators.engine import figures, spans, tables
from diguan.indicators.engine.terms import Indicator
from diguan.indicators.queries.snapshots import Cell
from diguan.kernel.messages import Message

NOT_TOLD = {tables.UNKNOWN: Message("没有数据", "no data"), tables.REFUSED: Message("不是同一批，不能相除", "of different cohorts, not divided"), tables.FEW: Message("不足 3 户，不公布", "fewer than 3 firms, not told")}
"""Why a figure is not told, by its state."""


def unit(name: str, language: str) -> str:
    """A unit as a language has it."""
    return name if language == "zh" else figures.english(name)


def amount(one: Indicator, found: Decimal, language: str) -> str:
    """A value in the indicator's unit, in words."""
    return figures.words(one.unit, found).text(language)


def lacking(one: Indicator, cell: Cell | None, language: str) -> str:
    """What a reader must know of a figure before using it: told in part, its span still running, not told; empty where it is whole."""
    state = cell.state if cell else tables.UNKNOWN
    if cell is not None and state == tables.PARTIAL:
        if cell.told >= cell.expected:
            return Message("数据不全，期间里有月份没有报送", "data incomplete: months of the span were not delivered").text(language)
        kind = Message("户", "firms") if one.firms else Message("条", "records")
        return Message(f"数据不全，{cell.expected:,} {kind.zh}里有 {cell.told:,} {kind.zh}", f"data incomplete: {cell.told:,} of {cell.expected:,} {kind.en}").text(language)
    if state == tables.RUNNING:
        return Message("期间未完", "the period still runs").text(language)
    return NOT_TOLD[state].text(language) if state in NOT_TOLD else ""


def period_of(span: str, month: str) -> str:
    """The last period of a span that has ended with a month.

    >>> period_of("to_date", "2025-08"), period_of("quarter", "2025-08"), period_of("year", "2025-08"), period_of("year", "2025-12")
    ('2025-08', '2025-Q2', '2024', '2025')
    """
    year, number = int(month[:4]), int(month[5:])
    if span == "quarter":
        return f"{year}-Q{number // 3}" if number >= 3 else f"{year - 1}-Q4"
    if span == "year":
        return f"{year if number == 12 else year - 1}"
    return month


_HALF = {"month": Message("{y} 年 {m} 月", "{y}-{m:0>2}"), "to_date": Message("{y} 年 1—{m} 月", "January to {y}-{m:0>2}"), "day": Message("{y} 年 {m} 月末", "end of {y}-{m:0>2}")}


def period(span: str, text: str, language: str) -> str:
    """A period in words.

    >>> period("to_date", "2025-08", "zh"), period("quarter", "2025-Q2", "zh"), period("year", "2024", "en"), period("day", "2025-08", "en")
    ('2025 年 1—8 月', '2025 年第 2 季度', '2024', 'end of 2025-08')
    """
    if span == "quarter":
        return f"{text[:4]} 年第 {text[-1]} 季度" if language == "zh" else text
    if span == "year":
        return f"{text} 年" if language == "zh" else text
    first = spans.bounds("month", text)[0]
    return _HALF[span].text(language).format(y=first.year, m=first.month)
