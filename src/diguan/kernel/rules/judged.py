"""What a face of the engine gives for one policy over a whole dataset; and the single-enterprise face in a loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from diguan.kernel.periods import Day
from diguan.kernel.rules import scalar, tree
from diguan.kernel.rules.dataset import Dataset
from diguan.kernel.rules.totals import LARGEST, AmountTooLarge, Totals

ROWS = pa.schema([("ent", pa.int32()), ("status", pa.int8()), ("code", pa.int64()), ("n_false", pa.int8()), ("n_unknown", pa.int8()),
                  ("amount_fen", pa.int64()), ("amount_unknown", pa.bool_()), ("near", pa.bool_())])


@dataclass
class Judged:
    """One policy over everybody: the totals, and the rows of those who are in, undecided or one clause short."""

    totals: Totals
    parts: list[pa.Table] = field(default_factory=list)

    @property
    def rows(self) -> pa.Table:
        return pa.concat_tables([ROWS.empty_table(), *self.parts]).combine_chunks()


def one_by_one(policies: Sequence[tree.Policy], dataset: Dataset, as_of: Day) -> list[Judged]:
    """What :func:`diguan.kernel.rules.sets.judge` gives, by the single-enterprise face: the oracle, and the benchmark's peer.

    Raises:
        AmountTooLarge: an amount that 64 bits do not hold.
    """
    totals = {policy.id: Totals.of(policy) for policy in policies}
    found: dict[str, list[tuple[Any, ...]]] = {policy.id: [] for policy in policies}
    running = [policy for policy in policies if policy.in_force(as_of)]
    for ent, subject in enumerate(dataset.ids):
        facts = dataset.subject_facts(subject)
        for policy in running:
            verdict = scalar.judge(policy, facts, as_of)
            totals[policy.id].add(policy, verdict)
            if (verdict.amount_fen or 0) > LARGEST:
                raise AmountTooLarge(f"{policy.id} {subject}: {verdict.amount_fen} 分")
            if verdict.status != tree.INELIGIBLE or (verdict.n_false == 1 and not verdict.n_unknown):
                found[policy.id].append((ent, verdict.status, verdict.code, verdict.n_false, verdict.n_unknown,
                                         verdict.amount_fen, verdict.amount_unknown, scalar.near_miss(policy, verdict) is not None))
    return [Judged(totals[name], [_table(rows)]) for name, rows in found.items()]


def _table(rows: list[tuple[Any, ...]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(ROWS)
    return pa.table([pa.array(list(column), kind.type) for column, kind in zip(columns, ROWS, strict=True)], schema=ROWS)
