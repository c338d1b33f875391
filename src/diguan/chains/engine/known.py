"""How we know that the arithmetic is right: a textbook's small table with its printed answers, and what must hold of any table.

Figures alone are taken from the book, typed by us; nothing of its text.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diguan.chains.engine import leontief
from diguan.chains.engine.balance import ras
from diguan.chains.engine.basis import Basis, Matrix, Vector
from diguan.chains.engine.leontief import Model
from diguan.chains.engine.location import shift_share
from diguan.chains.engine.table import Table
from diguan.kernel.messages import Message

BOOK = Message("R. E. Miller、P. D. Blair《Input–Output Analysis: Foundations and Extensions》第二版（剑桥大学出版社，2009）第 2 章两部门例题；只录数字。",
               "R. E. Miller and P. D. Blair, Input–Output Analysis: Foundations and Extensions, 2nd edition (Cambridge University Press 2009), the two-sector example of chapter 2; figures alone.")
_FLOWS, _OUTPUT, _DEMAND = np.array([[150.0, 500.0], [200.0, 100.0]]), np.array([1000.0, 2000.0]), np.array([600.0, 1500.0])
_COEFFICIENTS, _INVERSE = ((0.15, 0.25), (0.20, 0.05)), ((1.2541, 0.3300), (0.2640, 1.1221))
_RESPONSE, _MULTIPLIERS = (1247.5, 1841.6), (1.518, 1.452)
MEASURED = (("SLQ", 15.5), ("FLQ δ 0.15", 1.4), ("FLQ δ 0.20", -1.9), ("FLQ δ 0.30", -7.3))
"""Bias in percent of the weighted multiplier against Scotland's own table of 2019; the unadjusted table has +26.9."""


@dataclass(frozen=True)
class Answer:
    """One printed figure beside ours; it holds where they differ by no more than half of the last printed place."""

    what: str
    printed: float
    ours: float
    places: int

    @property
    def shown(self) -> str:
        """The printed figure as the book prints it."""
        return f"{self.printed:.{self.places}f}"

    @property
    def off(self) -> float:
        """Ours minus the printed."""
        return self.ours - self.printed

    @property
    def holds(self) -> bool:
        """Whether ours, rounded as the book rounds, is what it prints."""
        return abs(self.off) <= 0.5 * 10.0**-self.places + 1e-12


@dataclass(frozen=True)
class Check:
    """Something that must hold, and what was found (a number as text)."""

    what: Message
    holds: bool
    said: str


def textbook() -> list[Answer]:
    """The book's table worked out anew: coefficients, inverse, the outputs a new demand calls for, multipliers."""
    found = Model(("1", "2"), leontief.coefficients(_FLOWS, _OUTPUT), {}, Basis("Miller–Blair", 2009, "textbook", "$"))
    answers = [Answer(f"a{i + 1}{j + 1}", _COEFFICIENTS[i][j], float(found.a[i, j]), 2) for i in range(2) for j in range(2)]
    answers += [Answer(f"l{i + 1}{j + 1}", _INVERSE[i][j], float(found.inverse[i, j]), 4) for i in range(2) for j in range(2)]
    answers += [Answer(f"x{i + 1}", _RESPONSE[i], float(each), 1) for i, each in enumerate(found.respond(_DEMAND))]
    return answers + [Answer(f"m{i + 1}", _MULTIPLIERS[i], float(each), 3) for i, each in enumerate(leontief.multipliers(found).effect)]


def properties(table: Table | None = None, of: Model | None = None) -> list[Check]:
    """What must hold of the table and model in use, and of the methods; the book's own table where none is in use."""
    found = of or Model(("1", "2"), leontief.coefficients(_FLOWS, _OUTPUT), {}, Basis("Miller–Blair", 2009, "textbook", "$"))
    inverse, effect = found.inverse, leontief.multipliers(found).effect
    size = len(found)
    least = float((inverse - np.eye(size)).min())
    return [
        Check(Message("L ≥ I：每个部门至少要生产最终需求本身", "L ≥ I: every sector makes at least the final demand itself"), least >= -1e-9, f"{least:.2g}"),
        Check(Message("乘数 ≥ 1", "multipliers are at least 1"), float(effect.min()) >= 1 - 1e-9, f"{effect.min():.3f}"),
        _rounds(found, effect), _identity(table), _margins(), _shift()]


def _rounds(found: Model, effect: Vector) -> Check:
    """The inverse against the other way to it: round by round, what the suppliers of suppliers need."""
    size = len(found)
    shock, whole = np.eye(size), np.eye(size)
    for _ in range(400):
        shock = found.a[:size, :size] @ shock
        whole = whole + shock
    off = float(np.abs(whole.sum(axis=0) - effect).max())
    return Check(Message("逐轮相加（400 轮）与求逆得数相同", "summed round by round (400 rounds), the same as by the inverse"), off < 1e-6, f"{off:.1g}")


def _identity(table: Table | None) -> Check:
    flows, output = (_FLOWS, _OUTPUT) if table is None else (table.flows, table.output)
    a = leontief.coefficients(flows, output)
    off = float(np.abs(a @ output + (output - flows.sum(axis=1)) - output).max() / max(float(output.max()), 1e-300))
    return Check(Message("x = A·x + f：用表自己的最终需求得回总产出", "x = A·x + f: the table's own final demand gives its output back"), off < 1e-9, f"{off:.1g}")


def _margins() -> Check:
    prior: Matrix = np.array([[2.0, 1.0, 0.0], [1.0, 3.0, 2.0], [0.0, 1.0, 4.0]])
    rows, columns = np.array([4.0, 7.0, 6.0]), np.array([4.0, 6.0, 7.0])
    found = ras(prior, rows, columns).matrix
    off = float(max(np.abs(found.sum(axis=1) - rows).max(), np.abs(found.sum(axis=0) - columns).max()))
    return Check(Message("RAS：行列合计都对上，零格仍是零", "RAS: both margins are met, zeros stay"), off < 1e-9 and not found[prior == 0].any(), f"{off:.1g}")


def _shift() -> Check:
    local, whole = (np.array([10.0, 20.0, 5.0]), np.array([14.0, 18.0, 9.0])), (np.array([100.0, 300.0, 80.0]), np.array([120.0, 310.0, 70.0]))
    found = shift_share(local, whole)
    off = float(np.abs(found.national + found.mix + found.competitive - found.change).max())
    return Check(Message("偏离—份额：三部分之和等于变化", "shift-share: the three parts add up to the change"), off < 1e-9, f"{off:.1g}")
