"""A synthetic county of any size: attributes, three dated rows a firm, coverage with holes; and fifty policies of 357 clauses.

The policies are written down once, as plain leaves. :func:`library` makes typed trees of them for the set face;
``hand_sql.py`` writes SQL from the same leaves. Seeded: the same size is the same county.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pyarrow as pa

from diguan.kernel import periods
from diguan.kernel.catalogue import Catalogue, make_spec
from diguan.kernel.rules import tree, windows
from diguan.kernel.rules.dataset import Dataset, Key

AS_OF = dt.date(2026, 6, 30)
POLICIES, CLAUSES, ROWS_A_FIRM = 50, 357, 3
MONTHS = list(periods.within(dt.date(2024, 1, 1), AS_OF, "month"))
YEARS = list(periods.within(dt.date(2023, 1, 1), dt.date(2025, 12, 31), "year"))
DAYS = [periods.of_day(AS_OF - dt.timedelta(days=37 * back), "day") for back in range(19, -1, -1)]
TEXTS = {"firm.region": ["430421", "430422", "430424", "430481"], "firm.industry": ["1311", "1953", "3812", "4030", "6511", "5112"],
         "firm.status": ["存续", "停业", "注销"], "firm.size": ["大", "中", "小", "微"]}
ATTRIBUTES = [make_spec("", name=name, type={"firm.region": "region", "firm.industry": "industry"}.get(name, "text")) for name in TEXTS] + [
    make_spec("", name="firm.high_tech", type="bool"), make_spec("", name="firm.founded", type="date"), make_spec("", name="firm.capital", type="money")]
DATED = [make_spec("", name=name, type=kind, unit=unit, period=period, non_negative=grows) for name, kind, unit, period, grows in (
    ("award.won", "number", "件", "day", True), ("energy.power", "number", "kWh", "month", True), ("invest.equipment", "money", "元", "month", True),
    ("jobs.headcount", "number", "人", "month", True), ("profit.year", "money", "元", "year", False), ("rd.spend", "money", "元", "month", True),
    ("revenue.sales", "money", "元", "month", True), ("tax.paid", "money", "元", "month", True))]
CATALOGUE = Catalogue([*ATTRIBUTES, *DATED])
PERIODS = {spec.name: {"month": MONTHS, "year": YEARS, "day": DAYS}[spec.period] for spec in DATED}
ALWAYS = ("firm.region", "firm.high_tech", "firm.capital")
"""Attributes that are complete: who has none, has none."""
MISSING = {"energy.power": {3, 17, 21}, "invest.equipment": {28}, "jobs.headcount": {20}, "rd.spend": {14, 25}, "tax.paid": {29}, "profit.year": {0}}
"""Places in a fact's periods nobody delivered as a whole."""


@dataclass(frozen=True)
class Leaf:
    """One comparison. ``of``: a fact, or two for a ratio; ``limits`` in display units."""

    of: tuple[str, ...]
    op: str
    limits: tuple[object, ...] = ()
    over: str = ""
    agg: str = ""


@dataclass(frozen=True)
class Clause:
    """``how``: one or not, of the first leaf, or any of all."""

    leaves: tuple[Leaf, ...]
    how: str = "one"
    fail: bool = False


@dataclass(frozen=True)
class Pays:
    """Flat: ``amount`` yuan. Rate: ``rate`` of a sum, at most ``amount``. Tiers: steps (at least, yuan) on a sum. Down to yuan."""

    kind: str
    amount: int = 0
    of: str = ""
    over: str = ""
    rate: Fraction = Fraction(0)
    steps: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Plain:
    """A policy before it is a tree or SQL."""

    id: str
    clauses: tuple[Clause, ...]
    pays: Pays


def plain(count: int = POLICIES) -> list[Plain]:
    """So many policies; fifty have 357 clauses between them."""
    return [_plain(number) for number in range(count)]


def _plain(number: int) -> Plain:
    size = 8 if number % POLICIES < CLAUSES % POLICIES else CLAUSES // POLICIES
    return Plain(f"p{number:03d}", tuple(_CLAUSES[(number * 5 + at * 3) % len(_CLAUSES)](number + at) for at in range(size)), _PAYS[number % len(_PAYS)](number))


def _sum(fact: str, over: str, op: str, *limits: int, agg: str = "sum") -> Leaf:
    return Leaf((fact,), op, limits, over, agg)


_HIGH_TECH, _SMALL = Leaf(("firm.high_tech",), "=", (True,)), Leaf(("firm.size",), "in", ("小", "微"))
_CLAUSES = [
    lambda n: Clause((Leaf(("firm.region",), "in", tuple(TEXTS["firm.region"][: 2 + n % 2])),)),
    lambda n: Clause((Leaf(("firm.industry",), "starts_with", ("13", "19", "38", "40")[: 2 + n % 3]),)),
    lambda n: Clause((Leaf(("firm.status",), "!=", ("注销",)),), fail=n % 2 == 0),
    lambda n: Clause((_sum("tax.paid", "previous_year", ">=", 1_000 * (1 + n % 9)),)),
    lambda n: Clause((Leaf(("rd.spend", "revenue.sales"), ">=", (Fraction(1 + n % 5, 100),), "previous_year"), _HIGH_TECH), "any" if n % 3 else "one"),
    lambda n: Clause((Leaf(("firm.founded",), "<=", (tree.AsOf(-12 * (1 + n % 4)),)),)),
    lambda n: Clause((_sum("jobs.headcount", "last_12_months", ">=", 5 + n % 40, agg="max"), _SMALL), "any" if n % 3 else "one"),
    lambda n: Clause((_sum("revenue.sales", "last_12_months", ">=", 10_000 * (1 + n % 20)),)),
    lambda n: Clause((_HIGH_TECH, _sum("invest.equipment", "previous_year", ">=", 20_000 * (1 + n % 6))), "any"),
    lambda n: Clause((_sum("energy.power", "this_year", "<=", 50_000 * (1 + n % 5)),)),
    lambda n: Clause((_sum("jobs.headcount", "latest", ">=", 3 + n % 30, agg="latest"), _SMALL), "any" if n % 2 else "one"),
    lambda n: Clause((_sum("profit.year", "previous_year", ">", 1_000 * (n % 7)),), fail=n % 3 == 0),
    lambda n: Clause((_sum("revenue.sales", "previous_year", ">=", n % 10, agg="growth"), _HIGH_TECH, _SMALL), "any" if n % 4 else "one"),
    lambda n: Clause((_sum("award.won", "this_year", ">=", 1 + n % 2, agg="count"),), fail=n % 5 == 0),
    lambda n: Clause((Leaf(("firm.capital",), "between", (10_000 * (1 + n % 5), 5_000_000)),)),
    lambda n: Clause((Leaf(("firm.size",), "in", ("大",)),), "not"),
    lambda n: Clause((_sum("tax.paid", "last_12_months", "exists", agg=""), _sum("tax.paid", "this_year", ">=", 500 * (1 + n % 8))), "any"),
    lambda n: Clause((_sum("invest.equipment", "last_12_months", ">=", 5_000 * (1 + n % 12)),)),
    lambda n: Clause((_sum("energy.power", "previous_year", ">", 10 * (n % 9), agg="min"),)),
]
_PAYS = [
    lambda n: Pays("rate", 1_000_000, "invest.equipment", "previous_year", Fraction(5 + n % 10, 100)),
    lambda n: Pays("flat", 50_000 + 1_000 * n),
    lambda n: Pays("tiers", of="tax.paid", over="previous_year", steps=((1_000, 10_000), (100_000, 50_000), (500_000, 200_000 + n))),
    lambda n: Pays("rate", 300_000 + n, "revenue.sales", "last_12_months", Fraction(3 + n % 4, 1000)),
]


def library(count: int = POLICIES) -> list[tree.Policy]:
    """The policies as typed trees."""
    return [tree.Policy(id=one.id, title={"zh": one.id}, in_force_from=dt.date(2026, 1, 1), in_force_to=None, version="1", sha256=one.id,
                        clauses=tuple(tree.Clause(f"c{at}", tree.Cite("第一条", "", (0, 0)), _condition(clause), "fail" if clause.fail else "ask")
                                      for at, clause in enumerate(one.clauses)),
                        benefit=_benefit(one.pays), origin=tree.Origin("", "", "")) for one in plain(count)]


def _condition(clause: Clause) -> tree.Condition:
    parts = tuple(tree.Compare(_source(leaf), leaf.op, _values(leaf)) for leaf in clause.leaves)
    return {"one": lambda: parts[0], "any": lambda: tree.Any(parts), "not": lambda: tree.Not(parts[0])}[clause.how]()


def _values(leaf: Leaf) -> tuple[tree.Value, ...]:
    share = Fraction(1, 100) if leaf.agg == "growth" else Fraction(1)
    return tuple(limit if isinstance(limit, str | bool | tree.AsOf) else Fraction(limit) * share for limit in leaf.limits)  # type: ignore[arg-type]


def _source(leaf: Leaf) -> tree.Source:
    facts = [CATALOGUE[name] for name in leaf.of]
    word = windows.parse_word(leaf.over) if leaf.over else None
    if len(facts) == 2:
        assert word is not None
        return tree.Ratio(facts[0], facts[1], word)
    return tree.Read(facts[0], word, leaf.agg or None)


def _benefit(pays: Pays) -> tree.Benefit:
    if pays.kind == "flat":
        return tree.Flat(pays.amount * 100, "down_to_yuan")
    of = tree.Read(CATALOGUE[pays.of], windows.parse_word(pays.over), "sum")
    if pays.kind == "rate":
        return tree.Rate(of, pays.rate * 100, pays.amount * 100, "down_to_yuan")
    return tree.Tiers(of, tuple(tree.Step(Fraction(least), yuan * 100) for least, yuan in pays.steps), None, "down_to_yuan")


def dataset(count: int) -> Dataset:
    """The county as the rules read it."""
    firms, told = attributes(count), rows(count)
    # A key's number is twice its place among all (fact, period, state), and one more for a value.
    offset = dict(zip((spec.name for spec in DATED), itertools.accumulate((2 * len(PERIODS[spec.name]) for spec in DATED), initial=0), strict=False))
    keys = tuple(Key(2 * (offset[name] + 2 * at + value) + value, name, period.start, period.end, bool(value))
                 for name, found in PERIODS.items() for at, period in enumerate(found) for value in (0, 1))
    value = told["value"].to_numpy(zero_copy_only=False)
    starts = np.array([offset[spec.name] for spec in DATED])[told["fact"].to_numpy()]
    key = 2 * (starts + 2 * told["period"].to_numpy().astype(np.int64) + value) + value
    long = pa.table({"ent": told["ent"], "key": pa.array(key.astype(np.int32)), "num": told["num"], "text": pa.nulls(len(told), pa.string()),
                     "top": pa.array(np.ones(len(told), dtype=bool))})
    coverage = {spec.name: tuple(_covered(spec.name)) for spec in DATED} | dict.fromkeys(ALWAYS, (periods.ALL,))
    return Dataset(ids=tuple(f"91430421MA{number:08d}" for number in range(count)), attributes=firms, rows=long, keys=keys, coverage=coverage, catalogue=CATALOGUE)


def _covered(fact: str) -> Iterator[periods.Period]:
    if fact == "award.won":  # days: the year before is whole, this year is not
        return iter([periods.parse("2025")])
    return (period for at, period in enumerate(PERIODS[fact]) if at not in MISSING.get(fact, ()))


def attributes(count: int) -> pa.Table:
    """One row a firm, ``ent`` from 0; a twentieth of the cells is empty."""
    dice = np.random.default_rng(1)
    def column(numbers: np.ndarray) -> pa.Array:
        return pa.array(numbers, pa.int64(), mask=dice.random(count) < 0.05)
    words = {name: pa.array(np.array(found, dtype=object)[dice.integers(0, len(found), count)], pa.string(), mask=dice.random(count) < 0.05)
             for name, found in TEXTS.items()}
    return pa.table({"ent": pa.array(np.arange(count, dtype=np.int32)), **words, "firm.high_tech": column(dice.integers(0, 2, count)),
                     "firm.founded": column(dice.integers(15_000, 20_600, count)), "firm.capital": column(dice.integers(0, 8_000_000_00, count))})


def rows(count: int) -> pa.Table:
    """Three dated rows a firm on average, in order of firm, fact and period: ``fact`` and ``period`` are places; three in a hundred say absent."""
    dice = np.random.default_rng(2)
    sizes = [len(PERIODS[spec.name]) for spec in DATED]
    # A firm tells of a few facts at a few of the later periods; one that repeats is told once.
    ent, fact = np.repeat(np.arange(count, dtype=np.int32), ROWS_A_FIRM), dice.choice(len(DATED), count * ROWS_A_FIRM, p=[0.05, 0.1, 0.12, 0.15, 0.1, 0.1, 0.2, 0.18])
    period = (np.array(sizes)[fact] * np.sqrt(dice.random(len(ent)))).astype(np.int64)
    order = np.unique((ent.astype(np.int64) * len(DATED) + fact) * 64 + period)
    ent, fact, period = (order // 64 // len(DATED)).astype(np.int32), order // 64 % len(DATED), order % 64
    value = dice.random(len(order)) < 0.97
    scale = np.array([1, 200_000, 5_000_000, 1, 50_000_000, 900_000, 30_000_000, 800_000])[fact]
    number = np.where(scale == 1, dice.integers(0, 60, len(order)), (np.exp(dice.normal(0, 1.2, len(order))) * scale).astype(np.int64))
    number = np.where((fact == 4) & (dice.random(len(order)) < 0.3), -number, number)  # a loss
    return pa.table({"ent": ent, "fact": fact.astype(np.int8), "period": period.astype(np.int16), "value": pa.array(value), "num": pa.array(number, mask=~value)})
