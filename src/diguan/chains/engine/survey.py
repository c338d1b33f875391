"""Which sectors to ask next for their local purchase share, and how many: those whose unknown share widens the band of a multiplier most.

The band of δ is a band of shares, sector by sector; a sector that was asked has only the survey's own error left. But δ is not all that is not known: of the
one region with a table of its own three shares in four lay outside their band, by 0.16 on average. Questions are therefore put in order by the band and that
:data:`DOUBT` together (there it takes more of the error away than the order by δ alone, or by size); the width to come to is that of the band of δ, which
stands beside every multiplier. What asking one more is worth is worked out from the inverse itself: a column that changes is a change of rank one (Sherman
and Morrison 1950), so all sectors are weighed at once and no model is solved again (tests hold it against solving each).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from diguan.chains.engine.basis import Basis, Matrix, Vector, refused
from diguan.chains.engine.leontief import Model
from diguan.chains.engine.regional import (
    DELTA_BAND,
    FLQ,
    Band,
    Region,
    calibrate,
    check_shares,
    local_shares,
    regionalise,
)

NOISE = 0.05
"""How far a surveyed share may be off, as a share of itself. At 0.20 little is gained over a well-chosen δ."""
DOUBT = 0.15
"""How far a sector's share may be off whatever the δ."""


@dataclass(frozen=True)
class Question:
    """One sector to ask: its ``share`` by the model over the band of δ, and the ``band`` of the multiplier once it and all before it were asked.

    ``doubted`` is that band if every share nobody asked were off by the doubt as well, and all to the same side: the worst.
    """

    code: str
    share: Band
    band: Band
    doubted: Band


@dataclass(frozen=True)
class Plan:
    """``band`` and ``doubted`` of the weighted multiplier as things are known today; ``enough``: how many questions bring ``band`` to the width wanted, None if these do not."""

    band: Band
    doubted: Band
    questions: tuple[Question, ...]
    enough: int | None
    basis: Basis


@dataclass
class _End:
    """One end of a band: its inverse, and what each column becomes once its sector is asked."""

    inverse: Matrix
    change: Matrix
    weights: Vector

    def mean(self) -> float:
        return float((self.inverse @ self.weights).sum())

    def asked(self) -> Vector:
        """(n,) the mean multiplier if that one sector more were asked."""
        sums, response = self.inverse.sum(axis=0), self.inverse @ self.weights
        return np.asarray(self.mean() + sums @ self.change * response / (1 - np.einsum("jk,kj->j", self.inverse, self.change)))

    def ask(self, at: int) -> None:
        moved = self.inverse @ self.change[:, at]
        self.inverse = self.inverse + np.outer(moved, self.inverse[at]) / (1 - moved[at])
        self.change[:, at] = 0


@dataclass
class _Ends:
    """Both ends, and the middle between them."""

    low: _End
    middle: float
    high: _End

    def widths(self) -> Vector:
        return self.high.asked() - self.low.asked()

    def ask(self, at: int) -> None:
        self.low.ask(at)
        self.high.ask(at)

    def band(self) -> Band:
        # An answer at the middle leaves the middle where it is, but for how a calibrated column is made up.
        return Band(min(self.low.mean(), self.middle), self.middle, max(self.high.mean(), self.middle))


def plan(of: Model, region: Region, weights: Vector, known: Mapping[str, float] | None = None, *, goal: float = 0.05, most: int = 20, noise: float = NOISE,
         doubt: float = DOUBT, method: str = FLQ, deltas: tuple[float, float, float] = DELTA_BAND) -> Plan:
    """Sectors in the order in which to ask them; each is the one that narrows the doubted band most after those before it, its answer taken to be the model's middle.

    Args:
        of: the larger region's open model.
        region: which region of it.
        weights: (n,) not below 0, of the sectors in the multiplier that matters: output, or one project's spending.
        known: local purchase shares that were surveyed already, by code.
        goal: the width of the band to come to, as a share of its middle.
        most: how many questions to plan.
        noise: how far a surveyed share may be off, as a share of itself, 0 to 1.
        doubt: how far a share nobody asked may be off besides δ, 0 to 1; with 0 the order is by δ alone.
        method: FLQ or AFLQ.
        deltas: the band.

    Raises:
        Refusal: weights below 0 or all 0, noise or doubt outside [0, 1], or see :func:`diguan.chains.engine.regional.regionalise` and ``calibrate``.
    """
    known = known or {}
    if weights.shape != (len(of),) or not np.isfinite(weights).all() or weights.min() < 0 or weights.sum() <= 0 or not (0 <= noise <= 1 and 0 <= doubt <= 1):
        raise refused("bad_weights", "每个部门一个权重，不小于 0 且不全为 0；误差应在 0 到 1 之间。", "One weight for each sector, none below 0 and not all 0; errors lie within 0 to 1.")
    check_shares(known, of)
    models = [regionalise(of, region, method, delta) for delta in sorted(deltas, reverse=True)]
    sized, doubted = (_ends(models, of, known, weights / weights.sum(), noise, each) for each in (0.0, doubt))
    shares = np.array([local_shares(each, of) for each in models])
    open_ = np.array([code not in known for code in of.codes]) & np.isfinite(shares[1])
    found, questions = Plan(sized.band(), doubted.band(), (), None, replace(models[1].basis, delta=tuple(sorted(deltas)), surveyed=len(known))), list[Question]()
    while open_.any() and len(questions) < most:
        at = int(np.where(open_, doubted.widths(), np.inf).argmin())
        sized.ask(at)
        doubted.ask(at)
        open_[at] = False
        questions.append(Question(of.codes[at], Band(*np.sort(shares[:, at]).tolist()), sized.band(), doubted.band()))
    reached = [count for count, band in enumerate([found.band, *(each.band for each in questions)]) if band.high - band.low <= goal * band.mid]
    return replace(found, questions=tuple(questions), enough=reached[0] if reached else None)


def _ends(models: list[Model], of: Model, known: Mapping[str, float], weights: Vector, noise: float, doubt: float) -> _Ends:
    shares = np.array([local_shares(each, of) for each in models])
    least, most = np.clip(shares[0] - doubt, 0, 1), np.clip(shares[2] + doubt, 0, 1)
    ends = []
    for model, start, error in ((models[0], least, -noise), (models[2], most, noise)):
        a = _with(model, of, {**(_named(of, start) if doubt else {}), **{code: min(1.0, share * (1 + error)) for code, share in known.items()}})
        asked = _with(models[1], of, _named(of, np.clip(shares[1] * (1 + error), least, most)))
        ends.append(_End(np.asarray(np.linalg.inv(np.eye(len(a)) - a), dtype=float), asked - a, weights))
    middle = _with(models[1], of, known)
    return _Ends(ends[0], float(np.linalg.solve(np.eye(len(middle)) - middle, weights).sum()), ends[1])


def _named(of: Model, shares: Vector) -> dict[str, float]:
    return {code: float(share) for code, share in zip(of.codes, shares, strict=True) if np.isfinite(share)}


def _with(model: Model, of: Model, shares: Mapping[str, float]) -> Matrix:
    return calibrate(model, of, shares).model.a
