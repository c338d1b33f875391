"""What is missing in a chain, and what to do about it first: 补链 (fill), 延链 (extend), 强链 (strengthen); chains.md §3 item 12."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from diguan.chains.engine.basis import Vector, refused
from diguan.chains.engine.ranking import Ranking, means, rank

FILL, EXTEND, STRENGTHEN, SOUND, APART = "fill", "extend", "strengthen", "sound", "apart"
"""APART: missing, and its neighbours are missing too, so it is neither filled nor reached by extending."""
CRITERIA = ("gap", "relatedness", "reach", "feasibility")
WEIGHTS = {"gap": 0.4, "relatedness": 0.2, "reach": 0.2, "feasibility": 0.2}
CONCENTRATED = 0.5
"""HHI of a node's suppliers from which it hangs on too few."""


@dataclass(frozen=True)
class Node:
    """One node of a chain; money in one unit a year.

    Attributes:
        need: what local firms need of it; None where nobody knows.
        supplies: by firm, what local firms make of it.
        relatedness, reach, feasibility: within 0 to 1, None where nobody knows.
        untold: firms that make it and of which nobody knows how much.
    """

    id: str
    need: float | None
    supplies: Mapping[str, float]
    relatedness: float | None = None
    reach: float | None = None
    feasibility: float | None = None
    untold: int = 0


@dataclass(frozen=True)
class Gap:
    """``cover`` = min(1, supply / need), None where nothing is needed or nobody knows; ``value`` = need not covered, None where nobody knows; ``hhi`` of suppliers, None without any or with untold ones."""

    node: str
    kind: str
    cover: float | None
    value: float | None
    hhi: float | None
    single: bool


@dataclass(frozen=True)
class Gaps:
    """Every node's gap, and the ranking of those there is something to do about: row i of ``ranking`` and ``known`` is ``gaps[places[i]]``.

    A node the county cannot take in (feasibility 0) is not ranked. What is not known of a node counts in its score as the mean of what is known of the others.
    ``weights`` are those counted with: one of which nothing is known at any of these nodes counts nothing, since it cannot tell them apart.
    """

    gaps: tuple[Gap, ...]
    places: tuple[int, ...]
    ranking: Ranking
    weights: Mapping[str, float]
    known: np.ndarray[tuple[int, int], np.dtype[np.bool_]]

    @property
    def ranked(self) -> list[tuple[int, Gap]]:
        """(row of the ranking, gap), best first; equals by their node's name."""
        return sorted(((row, self.gaps[at]) for row, at in enumerate(self.places)), key=lambda pair: (int(self.ranking.rank[pair[0]]), pair[1].node))


def gaps(nodes: Sequence[Node], edges: Sequence[tuple[str, str]], weights: Mapping[str, float] = WEIGHTS, draws: int = 1000, seed: int = 1) -> Gaps:
    """Every node's gap, ranked.

    Args:
        nodes: of one chain or of several.
        edges: (from, to): what is made at ``from`` goes into ``to``.
        weights: by criterion of :data:`CRITERIA`.
        draws: of the weights, for the range of ranks.
        seed: of the draws.

    Raises:
        Refusal: nodes twice, edges to nowhere, amounts below 0, criteria without weights.
    """
    names = [node.id for node in nodes]
    if not nodes or len(set(names)) < len(names) or any(end not in names for edge in edges for end in edge) or set(weights) != set(CRITERIA):
        raise refused("bad_chain", "链上环节代码不能重复，连线两端须是已有环节，四项权重须齐全。", "Nodes stand once, edges join nodes there are, and all four weights are given.")
    if any(not np.isfinite(each) or each < 0 for node in nodes for each in (node.need or 0.0, *node.supplies.values())):
        raise refused("bad_amount", "需求和供给应为不小于 0 的数。", "Need and supply must be numbers not below 0.")
    by_id = {node.id: node for node in nodes}
    found = tuple(_gap(node, by_id, edges) for node in nodes)
    places = tuple(at for at, gap in enumerate(found) if gap.kind != SOUND and nodes[at].feasibility != 0)
    # Over the largest need and not the largest gap: a firm that comes to one node must not raise the others' scores.
    most = max((node.need or 0.0 for node in nodes if node.feasibility != 0), default=0.0) or 1.0
    columns = [_told([found[at].value for at in places]) / most, *(_told([getattr(nodes[at], word) for at in places]) for word in CRITERIA[1:])]
    table = np.array(columns).T
    known = ~np.isnan(table)
    counted = {word: weights[word] if known[:, at].any() else 0.0 for at, word in enumerate(CRITERIA)}
    used = counted if any(counted.values()) else dict(weights)
    return Gaps(found, places, rank(table, np.array([used[word] for word in CRITERIA]), draws=draws, seed=seed, middle=means(table)), used, known)


def _told(values: Sequence[float | None]) -> Vector:
    return np.array([np.nan if value is None else value for value in values])


def _gap(node: Node, by_id: Mapping[str, Node], edges: Sequence[tuple[str, str]]) -> Gap:
    amounts = [each for each in node.supplies.values() if each > 0]
    supply = sum(amounts)
    cover, value = _covered(node, supply)
    concentration = sum((each / supply) ** 2 for each in amounts) if amounts and not node.untold else None
    before = [by_id[start] for start, end in edges if end == node.id]
    after = [by_id[end] for start, end in edges if start == node.id]
    return Gap(node.id, _kind(node, concentration, before, after), cover, value, concentration, len(amounts) + node.untold == 1)


def _covered(node: Node, supply: float) -> tuple[float | None, float | None]:
    """Share of the need that is covered, and what is not; what untold makers make could cover it all."""
    if node.need is None:
        return None, None
    if supply >= node.need:
        return (1.0 if node.need > 0 else None), 0.0
    return (None, None) if node.untold else (supply / node.need, node.need - supply)


def _kind(node: Node, concentration: float | None, before: Sequence[Node], after: Sequence[Node]) -> str:
    if _there(node):
        alone = len([each for each in node.supplies.values() if each > 0]) + node.untold == 1
        return STRENGTHEN if alone or (concentration is not None and concentration >= CONCENTRATED) else SOUND
    fed = not before or any(_there(each) for each in before)
    if fed and any(_there(each) for each in after):
        return FILL
    # Nobody downstream: the chain's last local node would be drawn out, if it has something over.
    return EXTEND if any(_made(each) > (each.need or 0.0) for each in before) else APART


def _there(node: Node) -> bool:
    return _made(node) > 0 or node.untold > 0


def _made(node: Node) -> float:
    return sum(node.supplies.values())
