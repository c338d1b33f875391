"""The set face: policies over all enterprises of a dataset, as columns in DuckDB or another engine.

Policies go in chunks of 50, which share one wide table of features; enterprises go in blocks, so memory does not grow
with their number. Per policy one table of verdicts, from which come the sparse rows and, by code, the totals. No
Python runs per enterprise: only per distinct code.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol, Self, TypeVar

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
FALSES, UNKNOWNS = (sum(bit * 4**at for at in range(tree.MOST_CLAUSES)) for bit in (tree.FALSE, tree.UNKNOWN))
_ALL = (f"SELECT ent, CASE WHEN code & {FALSES} <> 0 THEN {tree.INELIGIBLE} WHEN code <> 0 THEN {tree.UNDECIDED} ELSE {tree.ELIGIBLE} END AS status, code, "
        f"bit_count(code & {FALSES}) AS n_false, bit_count(code & {UNKNOWNS}) AS n_unknown, CAST(amount_fen AS BIGINT) AS amount_fen, amount_unknown, near "
        "FROM judged {} ORDER BY ent")
SPARSE = f"code & {FALSES} = 0 OR code & ((code - 1) | {UNKNOWNS}) = 0"
"""Who is kept: no clause is false, or the code is a single bit of a false one."""
_LARGEST = "SELECT ent, amount_fen FROM judged ORDER BY amount_fen DESC NULLS LAST, ent LIMIT 1"


class Group(NamedTuple):
    """Enterprises of one code that are alike in being a near miss: how many, their money, and of how many it is unknown."""

    code: int
    near: bool
    firms: int
    fen: int
    unknown: int


class Found(NamedTuple):
    """One policy over one block: everybody by group, and the rows that are kept.

    ``beyond`` is who has more fen than 64 bits hold; then there are no rows.
    """

    groups: Sequence[Group]
    rows: pa.Table
    beyond: tuple[int, int] | None = None


class Engine(Protocol):
    """What runs the compiled SQL, in its own dialect.

    ``together`` asks for the codes of all policies of a chunk in one table, where planning a statement is dear.
    """

    dialect: adapter.Dialect
    together: bool

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...

    def load(self, chunk: Chunk, first: int, last: int, told: pa.Table) -> None:
        """The features of one block of enterprises."""

    def found(self, chunk: Chunk, *, everybody: bool) -> Iterator[Found]:
        """Each policy of the chunk over the block that is loaded, in order; an error belongs to the policy that is next.

        Raises:
            TooLarge: a number does not fit 38 digits.
        """


def judge(policies: Sequence[tree.Policy], dataset: Dataset, as_of: Day, *, everybody: bool = False, engine: Callable[[], Engine] | None = None) -> list[Judged]:
    """Judge every enterprise under every policy, in the order given; a policy not in force has zeros and no rows.

    The rows are the sparse ones of a run; with ``everybody`` those of all enterprises, for the lists behind a funnel.

    Raises:
        AmountTooLarge: an amount that 64 bits do not hold, or a product that 38 digits do not.
    """
    found = {policy.id: Judged(Totals.of(policy)) for policy in policies}
    running = [policy for policy in policies if policy.in_force(as_of)]
    with (engine or DuckDB)() as runs:
        chunks = [Chunk(running[at:at + CHUNK], dataset, as_of, runs) for at in range(0, len(running), CHUNK)]
        for first, last in _blocks(dataset) if chunks else ():
            told = _rows_of(dataset, first, last)
            for chunk in chunks:
                runs.load(chunk, first, last, told)
                each = runs.found(chunk, everybody=everybody)
                for policy in chunk.policies:
                    _add(found[policy.id], policy, _naming(policy, lambda _policy, each=each: next(each)), dataset)
    return list(found.values())


def _add(judged: Judged, policy: tree.Policy, found: Found, dataset: Dataset) -> None:
    if found.beyond:
        ent, fen = found.beyond
        raise AmountTooLarge(f"{policy.id} {dataset.ids[ent]}: {fen} 分")
    for code, near, count, fen, unknown in found.groups:
        judged.totals.tally(code, near, count, fen, unknown)
    judged.parts.append(found.rows.cast(ROWS))


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


class Chunk:
    """Policies compiled together; the SQL is the same for every block."""

    def __init__(self, policies: Sequence[tree.Policy], dataset: Dataset, as_of: Day, engine: Engine) -> None:
        self.policies = policies
        self._features = Features(dataset, as_of)
        for policy in policies:
            Sights(self._features, as_of).ask(policy)
        self._features.close()
        self.wide, self.masks = self._features.query(engine.dialect), self._features.masks()
        """SQL of the features, from ``firms``, ``rows`` and these tables; it makes ``features``."""
        self._codes, names = Sights(self._features, as_of), [f"{at}" if engine.together else "" for at in range(len(policies))]
        rest = Sights(self._features.over("coded", **dict.fromkeys((f"code{name}" for name in names), "int64")), as_of)
        columns = [_naming(policy, _columns, name, rest) for policy, name in zip(policies, names, strict=True)]
        one_by_one = [] if engine.together else zip(policies, names, columns, strict=True)
        self.coded = self._coded(policies, names, engine.dialect) if engine.together else ""
        """SQL of the features with everybody's codes under all policies, from ``features``; it makes ``coded``."""
        self.together = _answers(rest, dict(itertools.chain(*(each.items() for each in columns))), engine.dialect) if engine.together else ""
        """SQL of everybody's codes, near-misses and amounts under all policies, from ``coded``: columns of a name and a policy's place."""
        self.judged = [f"WITH coded AS ({self._coded([policy], [name], engine.dialect)}) {_answers(rest, found, engine.dialect)}" for policy, name, found in one_by_one]
        """SQL of each policy where they are not together: everybody's code, near-miss and amount."""

    def _coded(self, policies: Sequence[tree.Policy], names: Sequence[str], dialect: adapter.Dialect) -> str:
        digits = {f"digits{name}": _naming(policy, lambda each: adapter.any_bits(verdicts.digit(clause, at, self._codes) for at, clause in enumerate(each.clauses)))
                  for policy, name in zip(policies, names, strict=True)}
        # False is 3 here and 1 in the code.
        codes = ", ".join(f"digits{name} - (digits{name} & {FALSES}) * 2 AS code{name}" for name in names)
        return f"SELECT *, {codes} FROM ({adapter.sql_with_all(self._features.table, digits, dialect)}) AS counted"

    def firms(self, first: int, last: int) -> pa.Table:
        """The enterprises of a block."""
        return self._features.firms(first, last)

    def read(self) -> str:
        """Which dated rows are read, as a condition."""
        return " OR ".join(f"key BETWEEN {low} AND {high}" for low, high in self._features.key_ranges()) or "false"


class DuckDB:
    """One statement a policy, in a private DuckDB of this thread."""

    dialect: adapter.Dialect = "duckdb"
    together = False

    def __init__(self) -> None:
        self._session = Session()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._session.__exit__(*error)

    def load(self, chunk: Chunk, first: int, last: int, told: pa.Table) -> None:
        """The features of one block of enterprises."""
        self._session.make("firms", "SELECT * FROM given", given=chunk.firms(first, last))
        self._session.make("masks", "SELECT * FROM given", given=chunk.masks)
        self._session.make("rows", f"SELECT * FROM given WHERE {chunk.read()}", given=told)
        self._session.make("features", chunk.wide)

    def found(self, chunk: Chunk, *, everybody: bool) -> Iterator[Found]:
        """Each policy over the block."""
        rows = _ALL.format("" if everybody else f"WHERE {SPARSE}")
        for statement in chunk.judged:
            self._session.make("judged", statement)
            groups = self._session.rows(_GROUPED)
            if any(top is not None and top > LARGEST for *_, top in groups):
                (beyond,) = self._session.rows(_LARGEST)
                yield Found([], ROWS.empty_table(), beyond)
            yield Found([Group(code, near, count, int(fen), unknown) for code, near, count, fen, unknown, _top in groups], self._session.arrow(rows))


def _naming(policy: tree.Policy, work: Callable[..., Made], *given: object) -> Made:
    """A number beyond 38 digits, told with the policy's name."""
    try:
        return work(policy, *given)
    except adapter.TooLarge as error:
        raise AmountTooLarge(f"{policy.id}: {error}") from error


def _columns(policy: tree.Policy, name: str, rest: Sights) -> dict[str, Expr]:
    """Code, near-miss and amount, from a table that has the code: of the few who need them, the others."""
    code = rest.features.table[f"code{name}"]
    in_, lonely = code & adapter.whole(FALSES) == 0, code & ((code - 1) | adapter.whole(UNKNOWNS)) == 0
    known = {4**at: flag for at, clause in enumerate(policy.clauses) if (flag := verdicts.near(clause, rest)) is not False}
    amount = amounts.amount(policy.benefit, rest)
    near = adapter.when(lonely, adapter.of_each(code, known), adapter.flagged(False)) if known else adapter.flagged(False)
    nobody_knows = adapter.flagged(False) if isinstance(policy.benefit, tree.Flat) else adapter.when(in_, amount.isnull(), adapter.flagged(False))
    return {f"code{name}": code, f"near{name}": near, f"amount_fen{name}": adapter.when(in_, amount, adapter.constant(None, adapter.WIDE)), f"amount_unknown{name}": nobody_knows}


def _answers(rest: Sights, columns: Mapping[str, Expr], dialect: adapter.Dialect) -> str:
    return adapter.sql(rest.features.table.select("ent", **columns), dialect)
