"""What is missing in a chain, and what to do about it first: 补链 (fill), 延链 (extend), 强链 (strengthen); chains.md §3 item 12."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from diguan.chains.engine.basis import Vector, refused
from diguan.chains.engine.ranking import Ranking, rank

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
        need: what local firms need of it.
        supplies: by firm, what local firms make of it.
            relatedness, reach, feasibility: within 0 to 1, None where nobody knows.
    """

    id: str
    need: float
    supplies: Mapping[str, float]
    relatedness: float | None = None
    reach: float | None = None
    feasibility: float | None = None


@dataclass(frozen=True)
class Gap:
    """``cover`` = min(1, supply / need), None where nothing is needed; ``value`` = need not covered; ``hhi`` of suppliers, None without any."""

    node: str
    kind: str
    cover: float | None
    value: float
    hhi: float | None
    single: bool


@dataclass(frozen=True)
class Gaps:
    """``gaps[i]`` and row i of ``ranking`` are one node; parts are in the order of :data:`CRITERIA`."""

    gaps: tuple[Gap, ...]
    ranking: Ranking
    weights: Mapping[str, float]


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
    if any(not np.isfinite(each) or each < 0 for node in nodes for each in (node.need, *node.supplies.values())):
        raise refused("bad_amount", "需求和供给应为不小于 0 的数。", "Need and supply must be numbers not below 0.")
    by_id = {node.id: node for node in nodes}
    found = tuple(_gap(node, by_id, edges) for node in nodes)
    values = np.array([gap.value for gap in found])
    # Over the largest need and not the largest gap: a firm that comes to one node must not raise the others' scores.
    most = max((node.need for node in nodes), default=0.0)
    columns = [values / most if most > 0 else values, *(_told([getattr(node, word) for node in nodes]) for word in CRITERIA[1:])]
    return Gaps(found, rank(np.array(columns).T, np.array([weights[word] for word in CRITERIA]), draws=draws, seed=seed), weights)


def _told(values: Sequence[float | None]) -> Vector:
    return np.array([np.nan if value is None else value for value in values])


def _gap(node: Node, by_id: Mapping[str, Node], edges: Sequence[tuple[str, str]]) -> Gap:
    amounts = [each for each in node.supplies.values() if each > 0]
    supply = sum(amounts)
    cover = min(1.0, supply / node.need) if node.need > 0 else None
    concentration = sum((each / supply) ** 2 for each in amounts) if amounts else None
    before = [by_id[start] for start, end in edges if end == node.id]
    after = [by_id[end] for start, end in edges if start == node.id]
    return Gap(node.id, _kind(supply, concentration, before, after), cover, node.need * (1 - (cover if cover is not None else 1.0)), concentration, len(amounts) == 1)


def _kind(supply: float, concentration: float | None, before: Sequence[Node], after: Sequence[Node]) -> str:
    if supply > 0:
        return STRENGTHEN if concentration is not None and concentration >= CONCENTRATED else SOUND
    fed = not before or any(_made(each) > 0 for each in before)
    if fed and any(_made(each) > 0 for each in after):
        return FILL
    # Nobody downstream: the chain's last local node would be drawn out, if it has something over.
    return EXTEND if any(_made(each) > each.need for each in before) else APART


def _made(node: Node) -> float:
    return sum(node.supplies.values())
