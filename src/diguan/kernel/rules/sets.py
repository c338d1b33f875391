"""The set face: policies over all enterprises of a dataset, as columns in DuckDB.

Policies go in chunks of 50, which share one wide table of features; enterprises go in blocks, so memory does not grow
with their number. Per policy one table of verdicts, from which come the sparse rows and, by code, the totals. No
Python runs per enterprise: only per distinct code.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import pyarrow as pa

from diguan.kernel.periods import Day
from diguan.kernel.rules import adapter, amounts, tree, verdicts
from diguan.kernel.rules.adapter import Expr, Session
from diguan.kernel.rules.dataset import Dataset
from diguan.kernel.rules.features import Features
from diguan.kernel.rules.judged import ROWS, Judged
from diguan.kernel.rules.sights import Sights
from diguan.kernel.rules.totals import LARGEST, AmountTooLarge, Totals

Made = TypeVar("Made")
CHUNK = 50
BLOCK = 1 << 20
BLOCK_ROWS = 1 << 23
_GROUPED = ("SELECT code, near, count(*), coalesce(sum(amount_fen), 0), count(*) FILTER (WHERE amount_unknown), max(amount_fen) "
            "FROM judged GROUP BY code, near ORDER BY code, near")
_FALSE, _UNKNOWN = (sum(bit * 4**at for at in range(tree.MOST_CLAUSES)) for bit in (tree.FALSE, tree.UNKNOWN))
_ALL = (f"SELECT ent, CASE WHEN code & {_FALSE} <> 0 THEN {tree.INELIGIBLE} WHEN code <> 0 THEN {tree.UNDECIDED} ELSE {tree.ELIGIBLE} END AS status, code, "
        f"bit_count(code & {_FALSE}) AS n_false, bit_count(code & {_UNKNOWN}) AS n_unknown, CAST(amount_fen AS BIGINT) AS amount_fen, amount_unknown, near "
        "FROM judged {} ORDER BY ent")
# No clause false, or the code is a single bit of a false one.
_SPARSE = _ALL.format(f"WHERE code & {_FALSE} = 0 OR code & ((code - 1) | {_UNKNOWN}) = 0")
_LARGEST = "SELECT ent, amount_fen FROM judged ORDER BY amount_fen DESC NULLS LAST, ent LIMIT 1"


def judge(policies: Sequence[tree.Policy], dataset: Dataset, as_of: Day, *, everybody: bool = False) -> list[Judged]:
    """Judge every enterprise under every policy, in the order given; a policy not in force has zeros and no rows.

    The rows are the sparse ones of a run; with ``everybody`` those of all enterprises, for the lists behind a funnel.

    Raises:
        AmountTooLarge: an amount that 64 bits do not hold, or a product that 38 digits do not.
    """
    found = {policy.id: Judged(Totals.of(policy)) for policy in policies}
    running = [policy for policy in policies if policy.in_force(as_of)]
    chunks = [_Chunk(running[at:at + CHUNK], dataset, as_of) for at in range(0, len(running), CHUNK)]
    with Session() as session:
        for first, last in _blocks(dataset) if chunks else ():
            told = _rows_of(dataset, first, last)
            for chunk in chunks:
                chunk.load(session, first, last, told)
                for policy in chunk.policies:
                    chunk.judge(session, policy, found[policy.id], _ALL.format("") if everybody else _SPARSE)
    return list(found.values())


def _blocks(dataset: Dataset) -> Iterator[tuple[int, int]]:
    """First and last enterprise of each block: so many enterprises, or about so many rows."""
    count = len(dataset.ids)
    size = max(1, min(BLOCK, BLOCK_ROWS * count // max(1, dataset.rows.num_rows)))
    return ((first, min(first + size, count) - 1) for first in range(0, count, size))


def _rows_of(dataset: Dataset, first: int, last: int) -> pa.Table:
    """The dated rows of a block, without copying: rows are in the order of enterprises."""
    entries = dataset.rows.column("ent")
    low, high = (bisect_left(range(len(entries)), number, key=lambda at: entries[at].as_py()) for number in (first, last + 1))
    return dataset.rows.slice(low, high - low)


class _Chunk:
    """Policies compiled together; the SQL is the same for every block."""

    def __init__(self, policies: Sequence[tree.Policy], dataset: Dataset, as_of: Day) -> None:
        self.policies, self._ids = policies, dataset.ids
        self._features = Features(dataset, as_of)
        for policy in policies:
            Sights(self._features, as_of).ask(policy)
        self._features.close()
        self._wide, self._masks = self._features.query(), self._features.masks()
        codes, rest = Sights(self._features, as_of), Sights(self._features.over("coded", code="int64"), as_of)
        self._judged = {policy.id: _naming(policy, _judged, codes, rest) for policy in policies}

    def load(self, session: Session, first: int, last: int, told: pa.Table) -> None:
        """The features of one block of enterprises."""
        session.make("firms", "SELECT * FROM given", given=self._features.firms(first, last))
        for name, table in self._masks.items():
            session.make(name, "SELECT * FROM given", given=table)
        read = " OR ".join(f"key BETWEEN {low} AND {high}" for low, high in self._features.key_ranges()) or "false"
        session.make("rows", f"SELECT * FROM given WHERE {read}", given=told)
        session.make("features", self._wide)

    def judge(self, session: Session, policy: tree.Policy, found: Judged, rows: str = _SPARSE) -> None:
        """One policy over the block that is loaded; ``rows`` selects those to keep."""
        groups = _naming(policy, self._groups, session)
        if any(top is not None and top > LARGEST for *_, top in groups):
            (ent, fen), = session.rows(_LARGEST)
            raise AmountTooLarge(f"{policy.id} {self._ids[ent]}: {fen} 分")
        for code, near, count, fen, unknown, _ in groups:
            found.totals.tally(code, near, count, int(fen), unknown)
        found.parts.append(session.arrow(rows).cast(ROWS))

    def _groups(self, policy: tree.Policy, session: Session) -> list[tuple[Any, ...]]:
        session.make("judged", self._judged[policy.id])
        return session.rows(_GROUPED)


def _naming(policy: tree.Policy, work: Callable[..., Made], *given: object) -> Made:
    """A number beyond 38 digits, told with the policy's name."""
    try:
        return work(policy, *given)
    except adapter.TooLarge as error:
        raise AmountTooLarge(f"{policy.id}: {error}") from error


def _judged(policy: tree.Policy, codes: Sights, rest: Sights) -> str:
    """SQL of everybody's code, near-miss and amount: first the code, and of the few who need them the others."""
    coded = codes.features.table
    first = adapter.sql_with_all(coded, "digits", _digits(verdicts.clause(clause, codes) for clause in policy.clauses))
    table = rest.features.table
    in_, lonely = table.code & adapter.whole(_FALSE) == 0, table.code & ((table.code - 1) | adapter.whole(_UNKNOWN)) == 0
    known = {4**at: flag for at, clause in enumerate(policy.clauses) if (flag := verdicts.near(clause, rest)) is not False}
    amount = amounts.amount(policy.benefit, rest)
    near = adapter.when(lonely, adapter.of_each(table.code, known), adapter.flagged(False)) if known else adapter.flagged(False)
    second = table.select("ent", "code", near=near, amount_fen=adapter.when(in_, amount, adapter.constant(None, adapter.WIDE)),
                          amount_unknown=adapter.when(in_, amount.isnull(), adapter.flagged(False)))
    # A digit counts 1 false, 2 unknown, 3 true here; in the code 3 is 0.
    return (f"WITH counted AS ({first}), coded AS (SELECT * EXCLUDE digits, digits - (digits & (digits >> 1) & {_FALSE}) * 3 AS code FROM counted) "
            f"{adapter.sql(second)}")


def _digits(letters: Iterable[Expr]) -> Expr:
    """The letters in one number, two bits each and one more than the letter."""
    return adapter.total((adapter.long(letter) + 1) * adapter.whole(4**at) for at, letter in enumerate(letters))
