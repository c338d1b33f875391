"""CHARM: a region's trade from its commodity balance and from how much alike goods cross the border both ways (cross-hauling).

Location quotients forget that a region buys and sells the same product; that makes their multipliers too high. Here what is exchanged both ways
is taken from the whole's heterogeneity of products (Kronenberg 2009), within what is made and used: without that bound a region far out of balance
would sell more than it makes, the inconsistency Többen and Kronenberg 2015 treat. Such a region still buys nearly all it uses from outside: look at
``trade`` where ``output`` and ``use`` lie far apart. Needs a table that holds imports in its flows, as the national bureau's do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from diguan.chains.engine.basis import INCLUDED, REMOVED, Vector, refused
from diguan.chains.engine.leontief import Model, coefficients, model
from diguan.chains.engine.regional import Region, slq
from diguan.chains.engine.table import EXPORTS, Table, total
from diguan.kernel.messages import Message

CHARM = "CHARM"


@dataclass(frozen=True)
class Trade:
    """(n,) of a region's sectors, in the table's unit a year. ``exports − imports`` is ``output − use``.

    Attributes:
        output: what is made.
        use: what is used in the region, by firms and finally.
        exports, imports: to and from everywhere outside.
        crossed: the part of trade that goes both ways.
        local: share of use that is made in the region; 0 where nothing is used.
    """

    output: Vector
    use: Vector
    exports: Vector
    imports: Vector
    crossed: Vector
    local: Vector


@dataclass(frozen=True)
class Charm:
    """The region's open model, and the trade it rests on."""

    model: Model
    trade: Trade


def heterogeneity(output: Vector, use: Vector, exports: Vector, imports: Vector) -> Vector:
    """(n,) trade that goes both ways over output and use together, 0 where there is neither.

    >>> heterogeneity(np.array([100.0]), np.array([90.0]), np.array([30.0]), np.array([20.0])).round(4).tolist()
    [0.2105]
    """
    both = exports + imports - np.abs(exports - imports)
    size = output + use
    return np.divide(both, size, out=np.zeros_like(size), where=size > 0)


def trade(output: Vector, use: Vector, mixed: Vector) -> Trade:
    """A region's trade, products as ``mixed`` (:func:`heterogeneity`) as in the whole; never more crosses than is made, or used, twice."""
    balance = output - use
    crossed = np.minimum(mixed * (output + use), 2 * np.minimum(output, use))
    exports, imports = crossed / 2 + np.maximum(balance, 0), crossed / 2 + np.maximum(-balance, 0)
    local = np.divide(use - imports, use, out=np.zeros_like(use), where=use > 0)
    return Trade(output, use, exports, imports, crossed, np.clip(local, 0, 1))


def charm(table: Table, region: Region, final: float | None = None) -> Charm:
    """The region's model: the whole's coefficients, of each product the share that is made in the region.

    Args:
        table: of the larger region, with imports in its flows and a column of them.
        region: its output, or what stands in for it, in the sectors of the table.
        final: the region's share of the whole's final use at home, 0 to 1; None takes its share of value added, which is said.

    Raises:
        Refusal: a table without imports in it, a share outside [0, 1], or see :func:`diguan.chains.engine.regional.slq`.
    """
    if table.basis.imports != INCLUDED or table.imports is None:
        raise refused("imports_needed", "CHARM 需要流量含进口的（竞争型）表及其进口列。", "CHARM needs a competitive table: imports in its flows, and a column of them.")
    if len(region.whole) != len(table) or (final is not None and not 0 <= final <= 1):
        raise refused("bad_region", "区域的部门应与表相同，最终使用份额应在 0 到 1 之间。", "The region must have the table's sectors, and its share of final use be within 0 to 1.")
    slq(region)
    whole, exports = model(table), table.use.get(EXPORTS, np.zeros(len(table)))
    home = total({kind: vector for kind, vector in table.use.items() if kind != EXPORTS}, len(table))
    mixed = heterogeneity(table.output, np.maximum(table.flows.sum(axis=1) + home, 0), exports, np.maximum(table.imports, 0))
    output = table.output * np.divide(region.local, region.whole, out=np.zeros(len(table)), where=region.whole > 0)
    share = float((np.nan_to_num(whole.coefficients["value_added"]) * output).sum() / table.added().sum()) if final is None else final
    a = coefficients(table.flows, table.output)
    found = trade(output, np.maximum(a @ output + home * share, 0), mixed)
    notes = [Message("单位产出的增加值、就业、税收仍取自上级区域的表。", "Value added, jobs and tax per unit of output are still the larger region's.")]
    if final is None:
        notes.append(Message(f"不知道本地最终使用，按增加值份额 {share:.2%} 估计。", f"Final use in the region is not known; it was taken by the share of value added, {share:.2%}."))
    basis = replace(table.basis, region=region.name or table.basis.region, method=CHARM, delta=(), proxy=region.proxy, imports=REMOVED).noting(*notes)
    return Charm(replace(whole, a=a * found.local[:, None], basis=basis, final=None), found)
