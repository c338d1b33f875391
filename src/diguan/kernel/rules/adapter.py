"""The only door to Ibis: small words for expressions, their SQL, and a DuckDB of this thread to run it in.

A *flag* is a Python bool where the answer is the same for all enterprises, else a boolean expression that is
never null; the words below fold constants away. Whole numbers that may pass 64 bits are ``decimal(38,0)``:
sums, products and quotients of it are exact, and DuckDB refuses what does not fit instead of rounding it.
"""

from __future__ import annotations

import contextlib
import functools
import operator
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Literal, Self

import duckdb
import ibis
import pyarrow as pa

from diguan.kernel.duck import Engine

Expr = Any
Flag = Any
Dialect = Literal["duckdb", "pyspark"]
_QUOTES: dict[Dialect, str] = {"duckdb": '"', "pyspark": "`"}
WIDE = "decimal(38,0)"
_MOST = 10**38 - 1
_LONG = 2**63 - 1
_EXACT_DIV = "CREATE TEMP MACRO exact_div(a, b) AS CAST(CAST(a AS HUGEINT) // CAST(b AS HUGEINT) AS DECIMAL(38,0))"


@ibis.udf.agg.builtin(name="max_by")
def _number_at_most(value: int, by: int, where: bool = True) -> int:  # type: ignore[empty-body]
    """The number of the row with the greatest key."""


@ibis.udf.agg.builtin(name="max_by")
def _text_at_most(value: str, by: int, where: bool = True) -> str:  # type: ignore[empty-body]
    """The text of the row with the greatest key."""


@ibis.udf.agg.builtin(name="bit_or")
def _all_bits(value: int) -> int:  # type: ignore[empty-body]
    """The bits that any row has: Ibis has a word for it, but not on Spark."""


@ibis.udf.agg.builtin(name="sum", signature=(("int64", "boolean"), WIDE))
def _sum(value: Expr, where: Expr) -> Expr:
    """The sum as engines give it, DuckDB's of 128 bits: Ibis takes its own for 64 and drops a cast to that."""


@ibis.udf.scalar.builtin(name="exact_div", signature=((WIDE, WIDE), WIDE))
def _exact_div(a: Expr, b: Expr) -> Expr:
    """Integer division of decimals as DuckDB's macro does it: ``//`` on decimals would go through a double."""


class TooLarge(ValueError):
    """A sum or product beyond 38 digits."""


def table(name: str, columns: Mapping[str, str]) -> Expr:
    """A table known by its name and columns only."""
    return ibis.table(dict(columns), name=name)


def whole(number: int, *, like: Expr = None) -> Expr:
    """An integer constant to compare with, wide if it must be or if what it meets is; beyond every sum it stops."""
    wide = abs(number) > _LONG or (like is not None and like.type().is_decimal())
    return ibis.literal(Decimal(max(-_MOST, min(_MOST, number))), WIDE) if wide else ibis.literal(number, "int64")


def exact(number: int, like: Expr = None) -> Expr:
    """A constant to multiply by.

    Raises:
        TooLarge: it has more than 38 digits.
    """
    if abs(number) > _MOST:
        raise TooLarge(str(number))
    return whole(number, like=like)


def constant(value: int | None, kind: str) -> Expr:
    """A number of a type, or its null."""
    return ibis.null(kind) if value is None else ibis.literal(Decimal(value) if kind == WIDE else value, kind)


def flagged(flag: Flag) -> Expr:
    """A flag as a column."""
    return ibis.literal(flag) if isinstance(flag, bool) else flag


def both(*flags: Flag) -> Flag:
    """All of them."""
    if any(flag is False for flag in flags):
        return False
    left = [flag for flag in flags if flag is not True]
    return functools.reduce(operator.and_, left) if left else True


def either(*flags: Flag) -> Flag:
    """Any of them."""
    if any(flag is True for flag in flags):
        return True
    left = [flag for flag in flags if flag is not False]
    return functools.reduce(operator.or_, left) if left else False


def among(column: Expr, stretches: Iterable[tuple[int, int]]) -> Flag:
    """Whether a whole number lies in one of these stretches, ends included."""
    return either(*[column == low if low == high else column.between(low, high) for low, high in stretches])


def opposite(flag: Flag) -> Flag:
    """Not it."""
    return not flag if isinstance(flag, bool) else ~flag


def when(flag: Flag, yes: Expr, no: Expr) -> Expr:
    """One or the other; a flag that is the same for all leaves only one."""
    if isinstance(flag, bool):
        return yes if flag else no
    return ibis.ifelse(flag, yes, no)


def of_each(code: Expr, flags: Mapping[int, Flag]) -> Expr:
    """The flag that belongs to the code; false where none does."""
    return ibis.cases(*[(code == whole(number), flagged(flag)) for number, flag in flags.items()], else_=False)


def any_bits(parts: Iterable[Expr]) -> Expr:
    """The bits that any of the columns has."""
    return functools.reduce(operator.or_, parts)


def shared_bits(parts: Iterable[Expr]) -> Expr:
    """The bits that all of the columns have."""
    return functools.reduce(operator.and_, parts)


def filled(column: Expr, number: int) -> Expr:
    """The column with a number where it is null."""
    return ibis.coalesce(column, whole(number, like=column))


def wide(column: Expr) -> Expr:
    """A whole-number column with room for products."""
    return column if column.type().is_decimal() else column.cast(WIDE)


def quotient(a: Expr, b: Expr) -> Expr:
    """The whole part of a / b, for a ≥ 0 and b > 0."""
    return _exact_div(a, b)


def long_sum(column: Expr, where: Expr) -> Expr:
    """The sum of 64-bit numbers where it is known to fit 64 bits; by way of decimals the cast takes longer than the sum."""
    return _sum(value=column, where=where).cast("int64")


def all_bits(column: Expr) -> Expr:
    """The bits that any row has."""
    return _all_bits(column)


def at_most_key(rows: Expr, column: str, where: Expr) -> Expr:
    """The value of the row with the greatest key."""
    found = _text_at_most if column == "text" else _number_at_most
    return found(rows[column], rows.key, where)


def sql(expression: Expr, dialect: Dialect = "duckdb") -> str:
    """An engine's words for an expression; opens no connection."""
    return str(ibis.to_sql(expression, dialect=dialect, pretty=False))


def sql_with_all(of: Expr, columns: Mapping[str, Expr], dialect: Dialect = "duckdb") -> str:
    """An engine's words for a table with more columns; naming the old ones one by one takes Ibis as long as all the rest."""
    words, quote = sql(of.select(**columns), dialect), _QUOTES[dialect]
    assert words.startswith("SELECT ")
    assert words.endswith(f" AS {quote}t0{quote}")
    return f'SELECT {quote}t0{quote}.*, {words.removeprefix("SELECT ")}'


class Session:
    """A private DuckDB of this thread, with exact division."""

    def __init__(self) -> None:
        self._engine = Engine()
        self._engine.run(_EXACT_DIV)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._engine.__exit__(*error)

    def make(self, name: str, query: str, **tables: pa.Table) -> None:
        """Put the answer of a query into a table, over an older one of that name.

        Raises:
            TooLarge: a number does not fit 38 digits.
        """
        with _refusing():
            self._engine.run(f'CREATE OR REPLACE TEMP TABLE "{name}" AS {query}', **tables)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The answer as tuples."""
        with _refusing():
            return self._engine.rows(query)

    def arrow(self, query: str) -> pa.Table:
        """The answer as columns."""
        with _refusing():
            return self._engine.arrow(query)


@contextlib.contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except duckdb.OutOfRangeException as error:
        raise TooLarge(str(error)) from error
