"""How far it is to a target, in words: the distance first, then where the year would end. Never a score."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from diguan.indicators.engine.forecast import Cannot, Forecast
from diguan.kernel.messages import Message

AT_LEAST, AT_MOST = "up", "down"
Words = Callable[[Decimal], Message]
"""A figure in its unit, in both languages."""


@dataclass(frozen=True)
class Goal:
    """A target: the value in its unit, and whether it is to be reached from below (``up``) or not passed (``down``)."""

    value: Decimal
    direction: str = AT_LEAST

    def met(self, found: Decimal) -> bool:
        """Whether a figure reaches it.

        >>> Goal(Decimal(150)).met(Decimal(150)), Goal(Decimal(30), "down").met(Decimal(31))
        (True, False)
        """
        return found >= self.value if self.direction == AT_LEAST else found <= self.value


def distance(goal: Goal, found: Decimal, words: Words, apart: Words | None = None) -> Message:
    """How far a figure is from its target. ``apart`` words the distance where it differs (percentage points).

    >>> say = lambda found: Message(f"{found} 户", f"{found} firms")
    >>> distance(Goal(Decimal(150)), Decimal(117), say).zh, distance(Goal(Decimal(150)), Decimal(152), say).en
    ('距 150 户还差 33 户', '150 firms reached, 2 firms more')
    """
    left, whole = (apart or words)(abs(goal.value - found)), words(goal.value)
    if found == goal.value:
        return Message(f"正好达到 {whole.zh}", f"exactly {whole.en}")
    if goal.direction == AT_LEAST:
        return Message(f"已达到 {whole.zh}，多 {left.zh}", f"{whole.en} reached, {left.en} more") if goal.met(found) else Message(f"距 {whole.zh}还差 {left.zh}", f"{left.en} short of {whole.en}")
    return Message(f"没有超过 {whole.zh}，低 {left.zh}", f"within {whole.en}, {left.en} below") if goal.met(found) else Message(f"超过 {whole.zh}，多 {left.zh}", f"{left.en} above {whole.en}")


def ending(found: Forecast | Cannot, words: Words, whole: bool) -> Message:
    """Where the year would end, always called an estimate. ``whole``: such a figure is a whole number, so bounds are rounded outwards.

    >>> say = lambda found: Message(f"{found} 户", f"{found} firms")
    >>> ending(Forecast(127.6, 133.2, 138.2, Message("", "")), say, True).zh
    '按现在的进度年底约 127–139 户（估计）'
    """
    if isinstance(found, Cannot):
        return Message(f"年底多少还估不出：{found.why.zh}", f"no estimate of the year's end: {found.why.en}")
    low, high = bounds(found, whole)
    if low == high:
        return Message(f"按现在的进度年底约 {words(low).zh}（估计）", f"at this pace about {words(low).en} at the year's end (estimate)")
    return Message(f"按现在的进度年底约 {span(words(low).zh, words(high).zh)}（估计）", f"at this pace about {span(words(low).en, words(high).en)} at the year's end (estimate)")


def bounds(found: Forecast, whole: bool) -> tuple[Decimal, Decimal]:
    """Low and high as they are said: of what is counted whole, rounded outwards.

    >>> bounds(Forecast(116.6, 118.0, 118.2, Message("", "")), True)
    (Decimal('116'), Decimal('119'))
    """
    return (Decimal(math.floor(found.low)), Decimal(math.ceil(found.high))) if whole else (_two(found.low), _two(found.high))


def span(low: str, high: str) -> str:
    """Two figures as a range; of one unit it is said once.

    >>> span("128 户", "139 户"), span("1.2 亿元", "9,800 万元"), span("80%", "90%")
    ('128–139 户', '1.2 亿元–9,800 万元', '80%–90%')
    """
    one, _, unit = low.partition(" ")
    return f"{one}–{high}" if unit and high.endswith(f" {unit}") else f"{low}–{high}"


def joined(*parts: Message) -> Message:
    """Sentences one after another."""
    return Message("；".join(part.zh for part in parts), "; ".join(part.en for part in parts))


def _two(found: float) -> Decimal:
    return Decimal(f"{found:.2f}")


__all__ = ["AT_LEAST", "AT_MOST", "Goal", "Words", "bounds", "distance", "ending", "joined", "span"]
