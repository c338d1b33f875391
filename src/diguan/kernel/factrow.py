"""One fact as a source tells it: the row that a sheet or an answer is read into, and the columns of a batch file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pyarrow as pa

from diguan.kernel import periods

SCHEMA = pa.schema([
    pa.field("subject", pa.string(), nullable=False), pa.field("subject_id", pa.string(), nullable=False),
    pa.field("fact", pa.string(), nullable=False), pa.field("period", pa.string(), nullable=False),
    pa.field("period_start", pa.date32(), nullable=False), pa.field("period_end", pa.date32(), nullable=False),
    pa.field("state", pa.string(), nullable=False), pa.field("num", pa.int64()), pa.field("text", pa.string()),
])


class FactRow(NamedTuple):
    """One row of a batch: exactly one of ``num`` and ``text`` is set when it is a value."""

    subject: str
    subject_id: str
    fact: str
    period: periods.Period
    state: str = "value"
    num: int | None = None
    text: str | None = None


def table_of(rows: Iterable[FactRow]) -> pa.Table:
    """A few fact rows as columns of a batch file."""
    return pa.Table.from_pylist([row._asdict() | {"period": row.period.text, "period_start": row.period.start, "period_end": row.period.end}
                                 for row in rows], schema=SCHEMA)
