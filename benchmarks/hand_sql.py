"""The fifty policies in SQL as a person writes it for DuckDB: month numbers and thresholds worked out by hand, 64-bit sums.

Nothing here comes from the rule engine. Input are two tables, ``firms`` (attributes) and ``told`` (firm, fact, period,
value, num). Form ``wide`` gathers all sums of a firm in one aggregate with filters; form ``joined`` has one small
aggregate a fact and joins them. Both end in one statement a policy: CASE per clause, code, counts, amount.
A clause is 0 true, 1 false, 2 unknown.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from fractions import Fraction

from county import ALWAYS, Clause, Leaf, Pays, Plain

from diguan.kernel.rules.tree import AsOf

# Places of 2024-01 to 2026-06 (months), 2023 to 2025 (years) and twenty days up to 2026-06-30.
FACTS = ["award.won", "energy.power", "invest.equipment", "jobs.headcount", "profit.year", "rd.spend", "revenue.sales", "tax.paid"]
SPAN = {"previous_year": (12, 23), "year before": (0, 11), "this_year": (24, 29), "last_12_months": (18, 29), "latest": (0, 29)}
SPAN_OF_YEARS = {"previous_year": (2, 2)}
SPAN_OF_DAYS = {"this_year": (15, 19)}
GAPS = {"energy.power": (3, 17, 21), "invest.equipment": (28,), "jobs.headcount": (20,), "rd.spend": (14, 25), "tax.paid": (29,), "profit.year": (0,)}
UNIT = {"award.won": 1, "jobs.headcount": 1, "firm.high_tech": 1, "firm.founded": 1}  # the others are stored in hundredths
SIGNED = {"profit.year"}
BACK = {-12: dt.date(2025, 6, 30), -24: dt.date(2024, 6, 30), -36: dt.date(2023, 6, 30), -48: dt.date(2022, 6, 30)}


@dataclass
class Columns:
    """The aggregates that are needed: name to SQL over one fact's rows, by fact."""

    of: dict[str, dict[str, str]] = field(default_factory=dict)

    def ask(self, fact: str, what: str, span: tuple[int, int]) -> str:
        """The name of an aggregate over a span of periods."""
        name = f"{what}_{FACTS.index(fact)}_{span[0]}_{span[1]}"
        inside = f"period BETWEEN {span[0]} AND {span[1]}"
        made = {"sum": f"CAST(coalesce(sum(num) FILTER (WHERE {inside}), 0) AS BIGINT)", "n": f"count(num) FILTER (WHERE {inside})",
                "max": f"max(num) FILTER (WHERE {inside})", "min": f"min(num) FILTER (WHERE {inside})",
                "lastkey": f"max(period * 2 + CAST(value AS INTEGER)) FILTER (WHERE {inside})", "lastnum": f"arg_max(num, period) FILTER (WHERE {inside})",
                "filled": f"count(*) FILTER (WHERE period IN ({', '.join(map(str, self.gaps(fact, span)))}))"}[what]
        self.of.setdefault(fact, {})[name] = made
        return name

    @staticmethod
    def gaps(fact: str, span: tuple[int, int]) -> list[int]:
        """The periods of a span that no delivery covers as a whole."""
        return [place for place in GAPS.get(fact, ()) if span[0] <= place <= span[1]]

    def covered(self, fact: str, span: tuple[int, int]) -> str:
        """Whether every period of the span is told."""
        if fact == "award.won":
            return "false"
        gaps = self.gaps(fact, span)
        return f"{self.ask(fact, 'filled', span)} = {len(gaps)}" if gaps else "true"


def span_of(fact: str, over: str) -> tuple[int, int]:
    """The periods of a word."""
    return {"award.won": SPAN_OF_DAYS, "profit.year": SPAN_OF_YEARS}.get(fact, SPAN)[over]


def stored(fact: str, limit: object) -> Fraction:
    """A limit in storage units."""
    return Fraction(limit) * UNIT.get(fact, 100)  # type: ignore[arg-type]


def leaf(of: Leaf, columns: Columns) -> tuple[str, str]:
    """One comparison: its CASE, and when a number was seen."""
    if len(of.of) == 2:
        return ratio(of, columns)
    return dated(of, columns) if of.over else attribute(of)


def attribute(of: Leaf) -> tuple[str, str]:
    """A comparison of a column of ``firms``."""
    fact, column = of.of[0], f'"{of.of[0]}"'
    if of.op == "starts_with":
        test = " OR ".join(f"{column} LIKE '{word}%'" for word in of.limits)
    elif of.op == "between":
        test = f"{column} BETWEEN {stored(fact, of.limits[0])} AND {stored(fact, of.limits[1])}"
    elif isinstance(of.limits[0], AsOf):
        test = f"{column} <= {(BACK[of.limits[0].months] - dt.date(1970, 1, 1)).days}"
    elif of.op == "in":
        test = f"{column} IN ({', '.join(repr(word) for word in of.limits)})"
    else:
        test = f"{column} = 1" if of.limits[0] is True else f"{column} <> {of.limits[0]!r}"
    return f"CASE WHEN {column} IS NULL THEN {1 if fact in ALWAYS else 2} WHEN {test} THEN 0 ELSE 1 END", f"{column} IS NOT NULL"


def dated(of: Leaf, columns: Columns) -> tuple[str, str]:
    """A comparison of an aggregate."""
    fact, span = of.of[0], span_of(of.of[0], of.over)
    covered = columns.covered(fact, span)
    if of.op == "exists":
        return f"CASE WHEN {columns.ask(fact, 'n', span)} > 0 THEN 0 WHEN {covered} THEN 1 ELSE 2 END", "false"
    if of.agg == "growth":
        return growth(of, columns)
    limit = stored(fact, of.limits[0])
    assert limit.denominator == 1
    if of.agg == "latest":
        key, number = columns.ask(fact, "lastkey", span), columns.ask(fact, "lastnum", span)
        return f"CASE WHEN {key} IS NULL OR {key} % 2 = 0 THEN 1 WHEN {number} >= {limit} THEN 0 ELSE 1 END", f"coalesce({key} % 2 = 1, false)"
    column = columns.ask(fact, {"count": "n"}.get(of.agg, of.agg), span)
    if fact in SIGNED:
        return f"CASE WHEN NOT ({covered}) THEN 2 WHEN {column} {of.op} {limit} THEN 0 ELSE 1 END", covered
    if of.agg == "min":
        case = f"CASE WHEN {column} <= {limit} THEN 1 WHEN NOT ({covered}) THEN 2 WHEN {column} IS NULL THEN 1 ELSE 0 END"
        return case, f"{covered} AND {column} IS NOT NULL"
    if of.op == "<=":
        return f"CASE WHEN {column} > {limit} THEN 1 WHEN {covered} THEN 0 ELSE 2 END", covered
    seen = f"{covered} AND {column} IS NOT NULL" if of.agg == "max" else covered
    return f"CASE WHEN {column} {of.op} {limit} THEN 0 WHEN {covered} THEN 1 ELSE 2 END", seen


def ratio(of: Leaf, columns: Columns) -> tuple[str, str]:
    """Whether a / b ≥ share, by cross-multiplication; both are money."""
    share = Fraction(of.limits[0])  # type: ignore[arg-type]
    (a, known_a), (b, known_b) = ((columns.ask(fact, "sum", span_of(fact, of.over)), columns.covered(fact, span_of(fact, of.over))) for fact in of.of)
    case = f"CASE WHEN {known_b} AND {b} <= 0 THEN 1 WHEN NOT ({known_a} AND {known_b}) THEN 2 WHEN {a} * {share.denominator} >= {b} * {share.numerator} THEN 0 ELSE 1 END"
    return case, f"{known_a} AND {known_b} AND {b} > 0"


def growth(of: Leaf, columns: Columns) -> tuple[str, str]:
    """Growth of a sum over the year before, in per cent; revenue is covered throughout."""
    now, before = (columns.ask(of.of[0], "sum", SPAN[word]) for word in ("previous_year", "year before"))
    return f"CASE WHEN {before} <= 0 THEN 1 WHEN ({now} - {before}) * 100 >= {before} * {of.limits[0]} THEN 0 ELSE 1 END", f"{before} > 0"


def clause(of: Clause, columns: Columns) -> tuple[str, str]:
    """A clause, and whether it is missed by a known distance where it is false."""
    parts = [leaf(one, columns) for one in (of.leaves if of.how == "any" else of.leaves[:1])]
    case, seen = parts[0]
    if of.how == "any":
        both = ", ".join(part for part, _ in parts)
        case, seen = f"CASE WHEN 0 IN ({both}) THEN 0 WHEN 2 IN ({both}) THEN 2 ELSE 1 END", "false"
    elif of.how == "not":
        case, seen = f"CASE {case} WHEN 0 THEN 1 WHEN 1 THEN 0 ELSE 2 END", "false"
    elif of.leaves[0].op not in ("<", "<=", ">", ">=", "between"):
        seen = "false"
    return f"CASE {case} WHEN 0 THEN 0 WHEN 1 THEN 1 ELSE 1 END" if of.fail else case, seen


def amount(of: Pays, columns: Columns) -> str:
    """Fen, down to the yuan; null where the base is not known."""
    if of.kind == "flat":
        return f"{of.amount * 100}::BIGINT"
    base, covered = columns.ask(of.of, "sum", span_of(of.of, of.over)), columns.covered(of.of, span_of(of.of, of.over))
    if of.kind == "rate":
        part = of.rate / 100
        return f"CASE WHEN {covered} THEN least({base} * {part.numerator} // {part.denominator} * 100, {of.amount * 100}) END"
    steps = " ".join(f"WHEN {base} >= {least * 100} THEN {yuan * 100}" for least, yuan in reversed(of.steps))
    return f"CASE WHEN NOT ({covered}) THEN NULL {steps} ELSE 0 END"


def statements(policies: list[Plain], form: str) -> tuple[list[str], list[tuple[str, str]]]:
    """What makes the table ``features``, and per policy (id, what makes the table ``judged``)."""
    columns = Columns()
    judged = [(one.id, judge(one, columns)) for one in policies]
    return (wide if form == "wide" else joined)(columns), judged


def wide(columns: Columns) -> list[str]:
    """All aggregates of a firm in one pass, each filtered by its fact."""
    found = [f"{sql.replace('FILTER (WHERE ', f'FILTER (WHERE fact = {FACTS.index(fact)} AND ')} AS {name}"
             for fact, each in columns.of.items() for name, sql in each.items()]
    return [f"CREATE TEMP TABLE sums AS SELECT ent, {', '.join(found)} FROM told GROUP BY ent",
            f"CREATE TEMP TABLE features AS SELECT firms.*, {_zeros(columns)} FROM firms LEFT JOIN sums USING (ent)"]


def joined(columns: Columns) -> list[str]:
    """An aggregate a fact, joined to the firms."""
    parts = [f"LEFT JOIN (SELECT ent, {', '.join(f'{sql} AS {name}' for name, sql in each.items())} FROM told WHERE fact = {FACTS.index(fact)} GROUP BY ent) AS g{at} "
             f"ON g{at}.ent = firms.ent" for at, (fact, each) in enumerate(columns.of.items())]
    return [f"CREATE TEMP TABLE features AS SELECT firms.*, {_zeros(columns)} FROM firms {' '.join(parts)}"]


def _zeros(columns: Columns) -> str:
    zero = ("sum", "n", "filled")
    return ", ".join(f"coalesce({name}, 0) AS {name}" if name.split("_")[0] in zero else name for each in columns.of.values() for name in each)


def judge(policy: Plain, columns: Columns) -> str:
    """Everybody under one policy."""
    cases, seen = zip(*(clause(one, columns) for one in policy.clauses), strict=True)
    each = range(len(cases))
    code = " + ".join(f"CAST(c{at} AS BIGINT) * {4**at}" for at in each)
    false, unknown = (" + ".join(f"CAST(c{at} = {bit} AS TINYINT)" for at in each) for bit in (1, 2))
    near = " OR ".join(f"(c{at} = 1 AND s{at})" for at in each)
    return (f"CREATE OR REPLACE TEMP TABLE judged AS SELECT ent, code, n_false, n_unknown, CASE WHEN n_false > 0 THEN 0 WHEN n_unknown > 0 THEN 2 ELSE 1 END AS status, "
            f"CASE WHEN n_false = 0 THEN amount END AS amount_fen, n_false = 0 AND amount IS NULL AS amount_unknown, n_false = 1 AND n_unknown = 0 AND near AS near FROM "
            f"(SELECT ent, amount, {code} AS code, {false} AS n_false, {unknown} AS n_unknown, {near} AS near FROM "
            f"(SELECT ent, {', '.join(f'CAST({case} AS TINYINT) AS c{at}, {seen[at]} AS s{at}' for at, case in enumerate(cases))}, "
            f"{amount(policy.pays, columns)} AS amount FROM features))")


TOTALS = "SELECT code, near, count(*), coalesce(sum(amount_fen), 0)::BIGINT, count(*) FILTER (WHERE amount_unknown) FROM judged GROUP BY code, near ORDER BY code, near"
SPARSE = ("SELECT ent, status, code, n_false, n_unknown, amount_fen, amount_unknown, near FROM judged "
          "WHERE status <> 0 OR (n_false = 1 AND n_unknown = 0) ORDER BY ent")
