"""A matrix brought to given margins: RAS, and GRAS where it holds values below 0.

Sources: Stone 1961; Bacharach 1970; Lenzen, Wood and Gallego 2007.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diguan.chains.engine.basis import Matrix, Vector, refused
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal

MOST_ROUNDS = 2000
CLOSE = 1e-9
BEYOND = 1e120


@dataclass(frozen=True)
class Balanced:
    """``matrix`` (m, n) with the margins asked for; ``rounds`` it took; ``gap`` the largest miss of a margin, as a share of the sum of all margins."""

    matrix: Matrix
    rounds: int
    gap: float

    @property
    def report(self) -> Message:
        return Message(f"RAS 平衡：{self.rounds} 轮收敛，边际最大偏差为总额的 {self.gap:.1e}。", f"RAS: converged in {self.rounds} rounds, margins off by at most {self.gap:.1e} of the whole.")


def ras(prior: Matrix, rows: Vector, columns: Vector, names: Sequence[str] = ()) -> Balanced:
    """The matrix nearest to ``prior`` (in information) whose sums are ``rows`` and ``columns``; zeros stay zero, signs stay.

    Args:
        prior: (m, n).
        rows: (m,) sums asked for; with no negative value in ``prior`` none may be below 0.
        columns: (n,) likewise.
        names: of rows, for sentences; numbers from 1 where left out.

    Raises:
        Refusal: margins that add up to different sums, a row or column of zeros that is to add up to something, or zeros that leave no
            solution (no convergence; the row that misses most is named).
    """
    _check(prior, rows, columns, names)
    plus, minus = np.maximum(prior, 0), np.maximum(-prior, 0)
    r, s = np.ones(len(rows)), np.ones(len(columns))
    scale = max(float(np.abs(rows).sum()), float(np.abs(columns).sum()), np.finfo(float).tiny)
    gap, found = np.inf, prior
    for turn in range(1, MOST_ROUNDS + 1):
        r = _factor(plus @ s, minus @ (1 / s), rows)
        s = _factor(r @ plus, (1 / r) @ minus, columns)
        if not all(np.isfinite(each).all() and each.min() > 1 / BEYOND and each.max() < BEYOND for each in (r, s)):
            break  # factors that run away: the zeros leave no solution
        found = r[:, None] * plus * s[None, :] - minus / r[:, None] / s[None, :]
        gap = max(float(np.abs(found.sum(axis=1) - rows).max()), float(np.abs(found.sum(axis=0) - columns).max())) / scale
        if gap < CLOSE * 1e-3:
            return Balanced(found, turn, gap)
    if gap <= CLOSE:
        return Balanced(found, MOST_ROUNDS, gap)
    at = int(np.abs(found.sum(axis=1) - rows).argmax())
    raise refused("ras_diverges", f"RAS 在 {MOST_ROUNDS} 轮内不收敛：零格的位置使这些边际不可能同时成立；差得最多的是“{_name(names, at)}”行。",
                  f"RAS does not converge in {MOST_ROUNDS} rounds: with these zeros the margins cannot hold together; row “{_name(names, at)}” misses most.")


def _name(names: Sequence[str], at: int) -> str:
    return names[at] if at < len(names) else str(at + 1)


def _factor(up: Vector, down: Vector, goal: Vector) -> Vector:
    """The r for which ``r·up − down/r = goal``; 1 where the line is empty, and a tiny one where it is to vanish."""
    with np.errstate(divide="ignore", invalid="ignore"):
        # 2·down/(√(goal² + 4·up·down) − goal) is the same root without cancellation where goal < 0.
        root = np.sqrt(goal**2 + 4 * up * down)
        found = np.where(goal >= 0, (goal + root) / (2 * up), 2 * down / (root - goal))
        found = np.where((up == 0) & (down > 0), -down / goal, found)
    found = np.where((up == 0) & (down == 0), 1.0, found)
    return np.where((goal == 0) & (down == 0) & (up > 0), np.finfo(float).tiny ** 0.25, found)


def _check(prior: Matrix, rows: Vector, columns: Vector, names: Sequence[str]) -> None:
    if prior.shape != (len(rows), len(columns)) or not all(np.isfinite(each).all() for each in (prior, rows, columns)):
        raise refused("bad_shape", "边际的长度应与矩阵的行列数相同，且都应为数。", "Margins must be as long as the matrix has rows and columns, and all be numbers.")
    total, other = float(rows.sum()), float(columns.sum())
    if abs(total - other) > CLOSE * max(abs(total), abs(other), np.finfo(float).tiny):
        raise refused("margins_differ", f"行边际合计 {total:,.10g} 与列边际合计 {other:,.10g} 不等，无法平衡。", f"Row margins add up to {total:,.10g} and column margins to {other:,.10g}: they cannot both hold.")
    faults = []
    for sums, lines, zh, en in ((rows, prior, "行", "Row"), (columns, prior.T, "列", "Column")):
        for at, goal in enumerate(sums):
            name = _name(names, at)
            if goal != 0 and not lines[at].any():
                faults.append(Message(f"{zh}“{name}”全是 0，却要合计为 {goal:,.6g}。", f"{en} “{name}” is all zeros and is to add up to {goal:,.6g}."))
            elif goal < 0 and not (lines[at] < 0).any():
                faults.append(Message(f"{zh}“{name}”没有负数，却要合计为 {goal:,.6g}。", f"{en} “{name}” has nothing below 0 and is to add up to {goal:,.6g}."))
    if faults:
        raise Refusal("margin_impossible", faults[:8])
