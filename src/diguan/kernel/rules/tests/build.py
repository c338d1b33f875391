"""Small builders for the tests here: facts of one enterprise, and policies straight from the tree."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from diguan.kernel import periods
from diguan.kernel.catalogue import FactSpec, make_spec
from diguan.kernel.rules import scalar, tree, windows

DAY = dt.date(2026, 6, 30)
LETTERS = {tree.TRUE: "T", tree.FALSE: "F", tree.UNKNOWN: "U"}


def spec(name: str, kind: str = "month", type: str = "money", **more: object) -> FactSpec:  # noqa: A002 (the catalogue's word)
    more.setdefault("non_negative", True)
    return make_spec("test", name=name, type=type, period=kind, **more)  # type: ignore[arg-type]


TAX, FINE, PROFIT = spec("tax.paid"), spec("penalty.fine", "day"), spec("profit.total", "quarter", non_negative=False)
REVENUE, RD, HEADS = spec("revenue.main", "year"), spec("rd.expense", "year"), spec("jobs.headcount", type="number", unit="人")
SIZE = spec("enterprise.size", "none", "text", non_negative=False)
HIGH_TECH = spec("enterprise.high_tech", "none", "bool", non_negative=False)
FOUNDED = spec("enterprise.established", "none", "date", non_negative=False)


def row(period: str, value: int | None) -> scalar.Row:
    """A row in storage units; None says absent."""
    found = periods.parse(period)
    return scalar.Row(found.start, found.end, value)


def facts(rows: dict[FactSpec, list[tuple[str, int | None]]] | None = None, covered: dict[FactSpec, str] | None = None,
          attributes: dict[FactSpec, int | str] | None = None, absent: tuple[FactSpec, ...] = ()) -> scalar.SubjectFacts:
    """``covered`` names periods divided by spaces."""
    coverage = windows.Coverage({fact.name: [periods.parse(word) for word in words.split()] for fact, words in (covered or {}).items()})
    return scalar.SubjectFacts(
        {fact.name: value for fact, value in (attributes or {}).items()},
        {fact.name: [row(*each) for each in found] for fact, found in (rows or {}).items()},
        coverage, frozenset(fact.name for fact in absent))


def over(fact: FactSpec, word: str, agg: str | None, op: str, *values: object) -> tree.Compare:
    """A comparison; ints are display units."""
    window = windows.parse_word(word)
    assert window is not None
    return tree.Compare(tree.Read(fact, window, agg), op, folded(values))


def of(fact: FactSpec, op: str, *values: object) -> tree.Compare:
    return tree.Compare(tree.Read(fact), op, folded(values))


def share(a: FactSpec, b: FactSpec, word: str, op: str, *values: object) -> tree.Compare:
    window = windows.parse_word(word)
    assert window is not None
    return tree.Compare(tree.Ratio(a, b, window), op, folded(values))


def folded(values: tuple[object, ...]) -> tuple[tree.Value, ...]:
    return tuple(Fraction(v) if isinstance(v, int) and not isinstance(v, bool) else v for v in values)  # type: ignore[misc]


def policy(*conditions: tree.Condition, benefit: tree.Benefit | None = None, on_missing: str = "ask",
           start: dt.date = dt.date(2026, 1, 1), end: dt.date | None = None) -> tree.Policy:
    clauses = tuple(tree.Clause(f"c{i}", tree.Cite("第一条", "字", (0, 1)), each, on_missing, i + 1) for i, each in enumerate(conditions))
    return tree.Policy(id="p", title={"zh": "样"}, in_force_from=start, in_force_to=end, clauses=clauses,
                       benefit=benefit or tree.Flat(100), version="1", origin=tree.Origin("", "", ""), text="字")


def verdict(condition: tree.Condition, known: scalar.SubjectFacts, as_of: dt.date = DAY, on_missing: str = "ask") -> str:
    """T, F or U."""
    return LETTERS[scalar.judge(policy(condition, on_missing=on_missing), known, as_of).findings[0].verdict]


def amount(benefit: tree.Benefit, known: scalar.SubjectFacts, as_of: dt.date = DAY) -> int | None:
    return scalar.amount_fen(benefit, known, as_of)
