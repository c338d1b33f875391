"""What only the choice of target firms asks of a ranking: names without what companies are commonly called, scales, judgements that contradict one another."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from diguan.chains.engine.basis import Matrix, Vector
from diguan.chains.engine.ranking import MOST_INCONSISTENT, ahp
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal

_COMMON = ("股份有限公司", "有限责任公司", "集团有限公司", "有限公司", "股份公司", "集团公司", "集团", "控股", "公司", "股份", "corporation", "company", "holdings", "holding", "limited", "group", "corp", "inc", "ltd", "co")


def core_key(name_key: str) -> str:
    """A name's key without what companies are commonly called; the key itself where next to nothing would be left.

    >>> core_key("某某精密股份有限公司"), core_key("某某精密集团"), core_key("集团公司")
    ('某某精密', '某某精密', '集团公司')
    """
    found, before = name_key, ""
    while found != before:
        before = found
        for word in _COMMON:
            found = found.removesuffix(word)
    found = re.sub(r"^中国", "", found) if len(found) > 4 else found
    return found if len(found) > 1 else name_key


# ── scales ───────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Scale:
    """How a value becomes 0 to 1: between ``zero`` and ``full`` (storage units) in a straight line and flat beyond, or by ``words``."""

    zero: Fraction | None = None
    full: Fraction | None = None
    words: Mapping[int | str, float] | None = None

    def of(self, values: Sequence[int | str | None]) -> Vector:
        """(n,) values within 0 to 1; NaN where there is none, or a word the scale does not have."""
        if self.words is not None:
            return np.array([np.nan if value is None else self.words.get(value, np.nan) for value in values], dtype=np.float64)
        assert self.zero is not None
        assert self.full is not None
        told = np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)
        return np.clip((told - float(self.zero)) / float(self.full - self.zero), 0.0, 1.0)


# ── weights ──────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Doubt:
    """The judgement that fits the others least: it says ``told`` times, the others together say about ``implied``."""

    first: int
    second: int
    told: float
    implied: float


def judged(pairs: Matrix, titles: Sequence[Message]) -> tuple[Vector, float]:
    """Weights and consistency ratio of judgements in pairs.

    Raises:
        Refusal: ``inconsistent``, with the pair that fits the others least; or no judgement matrix at all.
    """
    found = ahp(pairs)
    if not found.consistent:
        raise inconsistent(found.consistency, worst_pair(pairs), titles)
    return found.weights, found.consistency


def worst_pair(pairs: Matrix) -> Doubt:
    """The judgement that is furthest from the weights all of them give together."""
    weights = ahp(pairs).weights
    ratio = weights[:, None] / weights[None, :]
    off = np.abs(np.log(pairs / ratio))
    first, second = np.unravel_index(int(np.triu(off).argmax()), off.shape)
    if pairs[first, second] < 1:
        first, second = second, first
    return Doubt(int(first), int(second), float(pairs[first, second]), float(ratio[first, second]))


def inconsistent(consistency: float, doubt: Doubt, titles: Sequence[Message]) -> Refusal:
    """What to raise of judgements that contradict one another."""
    one, other = titles[doubt.first], titles[doubt.second]
    return Refusal("inconsistent", [Message(
        f"两两判断前后不一致：一致性比率 {consistency:.3f}，应小于 {MOST_INCONSISTENT:.2f}。最对不上的一对是“{one.zh}”比“{other.zh}”：判为 {doubt.told:.2g} 倍，按其余判断约 {doubt.implied:.2g} 倍",
        f"the judgements contradict one another: consistency ratio {consistency:.3f}, to be below {MOST_INCONSISTENT:.2f}. Worst is “{one.en}” over “{other.en}”: told {doubt.told:.2g} times, the others say about {doubt.implied:.2g}")])
