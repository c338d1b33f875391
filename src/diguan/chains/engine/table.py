"""The input–output table 投入产出表: sectors × sectors, what is used finally, what goes in besides, and whether it balances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from diguan.chains.engine.basis import INCLUDED, REMOVED, Basis, Matrix, Vector, refused
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal

HOUSEHOLD_USE, EXPORTS = "households", "exports"
WAGES, TAXES, DEPRECIATION, SURPLUS = "wages", "taxes", "depreciation", "surplus"
TOLERANCE = 1e-6
"""Of a sector's output: published tables are rounded, and so may miss by a little."""
MOST_NAMED = 8


@dataclass(frozen=True)
class Table:
    """n sectors; all money in ``basis.unit`` a year.

    Attributes:
        codes: n texts, each once.
        names: n texts.
        flows: (n, n); ``flows[i, j]`` is what sector j used of product i.
        output: (n,) total output.
        use: final use by kind, (n,) each; :data:`HOUSEHOLD_USE` and :data:`EXPORTS` are the names the engine knows.
        value_added: by kind, (n,) each: :data:`WAGES`, :data:`TAXES`, :data:`DEPRECIATION`, :data:`SURPLUS`, or one ``total``.
        inputs: other primary inputs by kind, (n,) each: imported inputs of a domestic table, taxes on products.
        imports: (n,) the column that a competitive table takes off, 0 elsewhere; ``error`` (n,) the bureau's 其他, added.
        satellites: by kind, (n,) each, in their own units: ``jobs`` in persons, ``tax`` in money.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    flows: Matrix
    output: Vector
    use: Mapping[str, Vector]
    value_added: Mapping[str, Vector]
    basis: Basis
    inputs: Mapping[str, Vector] = field(default_factory=dict)
    imports: Vector | None = None
    error: Vector | None = None
    satellites: Mapping[str, Vector] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.codes)

    def final_use(self) -> Vector:
        """(n,) all final use, exports too, before imports are taken off."""
        return total(self.use, len(self))

    def added(self) -> Vector:
        """(n,) value added."""
        return total(self.value_added, len(self))

    def place(self, code: str) -> int:
        """The row of a sector.

        Raises:
            Refusal: the table has no such sector.
        """
        if code not in self.codes:
            raise refused("unknown_sector", f"表“{self.basis.name}”没有部门“{code}”。", f"Table “{self.basis.name}” has no sector “{code}”.")
        return self.codes.index(code)


def total(parts: Mapping[str, Vector], length: int) -> Vector:
    """(length,) the sum of all parts; zeros where there are none."""
    return np.sum([np.zeros(length), *parts.values()], axis=0)


def row_gaps(table: Table) -> Vector:
    """(n,) what is used of a product and imports taken off, minus its output; 0 where the row balances."""
    off = np.zeros(len(table)) if table.imports is None else table.imports
    other = np.zeros(len(table)) if table.error is None else table.error
    return np.asarray(table.flows.sum(axis=1) + table.final_use() - off + other - table.output)


def column_gaps(table: Table) -> Vector:
    """(n,) all that went in minus output; 0 where the column balances."""
    return np.asarray(table.flows.sum(axis=0) + total(table.inputs, len(table)) + table.added() - table.output)


def imbalances(table: Table, tolerance: float = TOLERANCE) -> list[Message]:
    """One sentence for each row or column that misses by more than ``tolerance`` of its output (at least of a thousandth of the mean output)."""
    floor = float(np.abs(table.output).mean()) * 1e-3 if len(table) else 0.0
    found = []
    for gaps, zh, en in ((row_gaps(table), "行", "row"), (column_gaps(table), "列", "column")):
        for at in np.flatnonzero(~(np.abs(gaps) <= tolerance * np.maximum(np.abs(table.output), floor))):
            code, name, unit, gap = table.codes[at], table.names[at], table.basis.unit, float(gaps[at])
            found.append(Message(f"{zh} {code} {name}不平衡：各项之和比总产出{'多' if gap > 0 else '少'} {abs(gap):,.4g} {unit}。",
                                 f"{en.capitalize()} {code} {name} does not balance: its parts are {abs(gap):,.4g} {unit} {'above' if gap > 0 else 'below'} total output."))
    return found


def check(table: Table, tolerance: float = TOLERANCE) -> Table:
    """The table itself.

    Raises:
        Refusal: shapes that do not fit, numbers that are none, a sector twice, output below 0, inputs of a sector without output, or rows
            and columns that do not balance, each named with how much it misses.
    """
    _check_shapes(table)
    for code, made, used in zip(table.codes, table.output, np.abs(table.flows).sum(axis=0), strict=True):
        if made < 0 or (made == 0 and used > 0):
            what = ("总产出为负", "has an output below 0") if made < 0 else ("没有产出却有投入", "has inputs and no output")
            raise refused("bad_output", f"部门 {code} {what[0]}，无法计算消耗系数。", f"Sector {code} {what[1]}; its coefficients cannot be computed.")
    faults = imbalances(table, tolerance)
    if faults:
        rest = len(faults) - MOST_NAMED
        more = [Message(f"另有 {rest} 处不平衡。", f"{rest} more do not balance.")] if rest > 0 else []
        raise Refusal("unbalanced", [*faults[:MOST_NAMED], *more])
    return table


def _check_shapes(table: Table) -> None:
    size = len(table)
    twice = {code for code in table.codes if table.codes.count(code) > 1}
    if twice:
        raise refused("sector_twice", f"部门代码重复：{'、'.join(sorted(twice))}。", f"Sector codes that stand twice: {', '.join(sorted(twice))}.")
    vectors = {"总产出": table.output, "进口": table.imports, "其他": table.error, **table.use, **table.value_added, **table.inputs, **table.satellites}
    wrong = [name for name, vector in vectors.items() if vector is not None and vector.shape != (size,)]
    if wrong or table.flows.shape != (size, size) or len(table.names) != size or not size:
        raise refused("bad_shape", f"表应为 {size}×{size} 个部门，形状不符：{'、'.join(wrong) or '流量'}。", f"The table should have {size}×{size} sectors; {', '.join(wrong) or 'flows'} do not fit.")
    if not all(np.isfinite(each).all() for each in (table.flows, *(vector for vector in vectors.values() if vector is not None))):
        raise refused("not_a_number", "表中有空缺或不是数的格子；缺数不能当作 0。", "The table has cells that are empty or no numbers; a missing number is not 0.")


def without_imports(table: Table) -> Table:
    """A competitive table with imports taken out of flows and home final use in proportion (chains.md §3 item 2).

    ``m_i = imports_i / (intermediate use_i + final use_i − exports_i)``, kept within [0, 1]; exports are of home goods. What is taken
    out of the flows becomes a primary input, so rows and columns balance as before. A table that is not competitive comes back as it is.
    """
    if table.basis.imports != INCLUDED or table.imports is None:
        return table
    exports = table.use.get(EXPORTS, np.zeros(len(table)))
    home = table.flows.sum(axis=1) + table.final_use() - exports
    share = np.divide(table.imports, home, out=np.zeros(len(table)), where=home > 0)
    odd = (share > 1) | (share < 0) | ((home <= 0) & (table.imports != 0))
    share = np.clip(share, 0, 1)
    flows = table.flows * (1 - share)[:, None]
    use = {kind: vector if kind == EXPORTS else vector * (1 - share) for kind, vector in table.use.items()}
    kept = table.imports - share * home  # what a share outside [0, 1] leaves over stays in its column, or the row would not balance
    basis = replace(table.basis, imports=REMOVED)
    if odd.any():
        codes = "、".join(np.array(table.codes)[odd])
        basis = basis.noting(Message(f"部门 {codes} 的进口超出国内使用（或为负），进口份额按 0–1 截断。", f"Imports of sectors {codes} exceed home use or are negative; their import share was cut to 0–1."))
    return replace(table, flows=flows, use=use, imports=kept, inputs={**table.inputs, "imported": (table.flows - flows).sum(axis=0)}, basis=basis)
