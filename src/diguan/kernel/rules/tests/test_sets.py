"""The set face where it could differ from the single-enterprise face: numbers beyond 64 bits, many gaps, chunks and blocks."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diguan.kernel.periods import within
from diguan.kernel.rules import adapter, committed, judged, runfile, scalar, sets, tree, windows
from diguan.kernel.rules.tests import build
from diguan.kernel.rules.tests.build import DAY, FINE, PROFIT, RD, REVENUE, SIZE, TAX
from diguan.kernel.rules.tests.data import batch, dataset

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

FACTS = [TAX, FINE, REVENUE, RD, SIZE]
BIG = 2**53
LARGE = st.one_of(st.integers(BIG - 3, BIG + 3), st.integers(2**62 - 3, 2**62), st.integers(0, 3))


def base(fact, word, agg="sum"):
    return tree.Read(fact, windows.parse_word(word), agg)


def named(*policies):
    return [dataclasses.replace(policy, id=f"p{at}") for at, policy in enumerate(policies)]


def both(policies, data, as_of=DAY):
    """The outcome, after holding the two faces equal."""
    found, wanted = (runfile.match(policies, data, as_of, face=face) for face in (sets.judge, judged.one_by_one))
    assert found.totals == wanted.totals
    assert found.rows.to_pylist() == wanted.rows.to_pylist()
    return found


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(now=LARGE, before=LARGE, off=st.sampled_from([0, 1, -1]), op=st.sampled_from(["<", "<=", ">", ">=", "=", "!="]))
def test_growth_and_ratio_beyond_2_to_the_53_are_told_apart_to_the_last_unit(tmp_path, now, before, off, op):
    data = dataset(tmp_path, FACTS, [("A", RD, "2025", now), ("A", RD, "2024", before), ("A", REVENUE, "2025", before)])
    limit = Fraction(now + off, before) if before else Fraction(1)
    growth = tree.Compare(base(RD, "previous_year", "growth"), op, (limit - 1,))
    both(named(*[build.policy(each) for each in (build.share(RD, REVENUE, "previous_year", op, limit), growth, tree.Not(growth))]), data)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(LARGE, min_size=1, max_size=4), limit=LARGE, op=st.sampled_from(["<", "<=", ">", ">=", "=", "!=", "in"]))
def test_sums_beyond_64_bits_are_compared_exactly(tmp_path, values, limit, op):
    data = dataset(tmp_path, FACTS, [("A", TAX, f"2025-{month:02d}", value) for month, value in enumerate(values, start=1)])
    limits = [Fraction(sum(values) + off, 100) for off in (-1, 0, 1)] + [Fraction(limit, 100), Fraction(sum(values) * 2 + 1, 200)]
    both(named(*[build.policy(build.over(TAX, "previous_year", "sum", op, limit)) for limit in limits]), data)
    covered = dataclasses.replace(data, coverage={"tax.paid": tuple(within(dt.date(2025, 1, 1), dt.date(2025, 12, 31), "month"))})
    both(named(*[build.policy(build.over(TAX, "previous_year", "sum", op, limit)) for limit in limits]), covered)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.one_of(LARGE, st.integers(-3, 400), st.integers(-(2**62), 2**55)), rounding=st.sampled_from(tree.ROUNDINGS),
       rate=st.fractions(0, Fraction(3, 4), max_denominator=10_000), cap=st.one_of(st.none(), st.integers(0, 2**60)))
def test_amounts_are_rounded_as_whole_numbers_above_2_to_the_53(tmp_path, value, rounding, rate, cap):
    profit = dataclasses.replace(PROFIT, period="year")
    data = dataset(tmp_path, [profit], [("A", profit, "2025", value)])
    of, condition = base(profit, "previous_year"), build.over(profit, "latest", "latest", "exists")
    steps = (tree.Step(Fraction(-1), rate=rate), tree.Step(Fraction(BIG, 100), 777), tree.Step(Fraction(BIG + 1, 100), rate=rate * 2))
    both(named(build.policy(condition, benefit=tree.Rate(of, rate * 100, cap, rounding)),
               build.policy(condition, benefit=tree.Tiers(of, tuple(dataclasses.replace(s, rate=s.rate and s.rate * 100) for s in steps), cap, rounding))), data)


def test_an_amount_that_64_bits_do_not_hold_is_refused_by_both_faces_in_the_same_words(tmp_path):
    data = dataset(tmp_path, FACTS, [("A", TAX, "2025-01", 5), ("B", TAX, "2025-01", 2**62), ("B", TAX, "2025-02", 2**62)])
    policy = build.policy(build.over(TAX, "previous_year", "sum", ">", 0), benefit=tree.Rate(base(TAX, "previous_year"), Fraction(100)))
    said = []
    for face in (sets.judge, judged.one_by_one):
        covered = dataclasses.replace(data, coverage={"tax.paid": tuple(within(dt.date(2025, 1, 1), dt.date(2025, 12, 31), "month"))})
        with pytest.raises(runfile.AmountTooLarge) as refused:
            runfile.match([policy], covered, DAY, face=face)
        said.append(str(refused.value))
    assert said == [f"p B: {2**63} 分"] * 2


def test_a_product_of_more_than_38_digits_is_refused_and_not_rounded(tmp_path):
    data = dataset(tmp_path, FACTS, [("A", RD, "2025", 2**62), ("A", REVENUE, "2025", 2**62)])
    policy = build.policy(build.share(RD, REVENUE, "previous_year", ">", Fraction(10**30, 10**30 + 1)))
    with pytest.raises(runfile.AmountTooLarge):
        sets.judge([policy], data, DAY)


def test_a_window_with_more_gaps_than_a_word_has_bits_is_covered_by_the_last_absent_day(tmp_path):
    condition = build.over(FINE, "previous_year", "sum", "=", 0)
    days = [day.text for day in within(dt.date(2025, 1, 1), dt.date(2025, 12, 31), "day")]
    told = [("A", FINE, day, None) for day in days]
    told += [("B", FINE, day, None) for day in days[:-1]]
    told += [("C", FINE, day, None) for day in days[1:]] + [("D", FINE, f"2025-{month:02d}", None) for month in range(1, 13)]
    total = both([build.policy(condition)], dataset(tmp_path, FACTS, told)).totals[0]
    assert (total.eligible, total.unknown) == (2, 2)


TOLD = {
    "nothing": [], "below": [(TAX, "2026-01", 400)], "at": [(TAX, "2026-01", 500)], "above": [(TAX, "2026-01", 600), (PROFIT, "2026-Q1", 600)],
    "two of three": [(TAX, "2026-01", 500), (TAX, "2026-02", 300), (PROFIT, "2026-Q1", -500)], "one and one absent": [(TAX, "2026-02", 700), (TAX, "2026-01", None)],
    "one told late": [(TAX, "2026-03", 200), (TAX, "2026-07", 900), (FINE, "2026-02-01", 500), (FINE, "2026-07-01", 500)],
    "whole": [(TAX, f"2026-{month:02d}", 100 * month) for month in (1, 2, 3)], "whole but nothing": [(TAX, "2026-Q1", None), (PROFIT, "2026-Q1", None)],
    "absent until after the day": [(TAX, "2026", None), (FINE, "2026", None)],
    "years": [(RD, "2024", 500), (RD, "2025", 505), (REVENUE, "2025", 100)], "from nothing": [(RD, "2024", 0), (RD, "2025", 500), (REVENUE, "2025", 0)],
    "half a ratio": [(RD, "2025", 500)], "less than nothing": [(REVENUE, "2025", -100), (RD, "2024", -1)]}
AGAINST = [("=", 5), ("!=", 5), ("<", 5), ("<=", 5), (">", 5), (">=", 5), ("in", 4, 5), ("between", 4, 5)]


def test_every_aggregation_with_every_operator_over_what_is_partly_covered_is_as_the_single_face_says(tmp_path):
    data = dataset(tmp_path, [*FACTS, PROFIT], [(who, *row) for who, rows in TOLD.items() for row in rows], attributes={who: {} for who in TOLD})
    over = [(TAX, "previous_quarter", agg) for agg in ("sum", "count", "max", "min", "latest")] + [(FINE, "this_year", agg) for agg in ("sum", "count", "latest")]
    over += [(PROFIT, "last_12_months", agg) for agg in ("sum", "max", "min")] + [(RD, "previous_year", "growth")]
    conditions = [build.over(*read, *against) for read in over for against in (*AGAINST, ("exists",))]
    conditions += [build.over(TAX, "previous_quarter", None, "exists"), build.over(TAX, "latest", "latest", "exists")]
    conditions += [build.share(RD, REVENUE, "previous_year", *against) for against in AGAINST if against[0] != "in"]
    policies = named(*[build.policy(*conditions[at:at + tree.MOST_CLAUSES]) for at in range(0, len(conditions), tree.MOST_CLAUSES)])
    seen = set()
    for policy, found in zip(policies, sets.judge(policies, data, DAY, everybody=True), strict=True):
        for row in found.rows.to_pylist():
            alone = scalar.judge(policy, data.subject_facts(data.ids[row["ent"]]), DAY)
            for at, clause in enumerate(policy.clauses):
                verdict = alone.findings[at].verdict
                assert row["code"] >> 2 * at & 3 == verdict, (data.ids[row["ent"]], clause.condition)
                seen.add((clause.condition.of.agg if isinstance(clause.condition.of, tree.Read) else "ratio", clause.condition.op, verdict))
    assert len(seen) > 100


def test_a_longer_absent_row_answers_latest_without_lying_in_the_window(tmp_path):
    for condition in (build.over(TAX, "previous_quarter", "latest", "exists"), build.over(TAX, "previous_quarter", "latest", ">", 0)):
        data = dataset(tmp_path, FACTS, [("A", TAX, "2025", None), ("B", TAX, "2025-11", 4), ("C", TAX, "2024", None)])
        total = both([build.policy(condition)], data, dt.date(2026, 1, 31)).totals[0]
        assert (total.eligible, total.ineligible, total.unknown) == (1, 1, 1)


def test_a_policy_not_in_force_is_listed_with_zeros(tmp_path):
    data = dataset(tmp_path, FACTS, [("A", TAX, "2025-01", 5)])
    early = build.policy(build.over(TAX, "all", "latest", "exists"), start=DAY + dt.timedelta(days=1))
    outcome = both(named(early, build.policy(build.over(TAX, "all", "latest", "exists"))), data)
    assert [total.eligible + total.ineligible + total.unknown for total in outcome.totals] == [0, 1]
    assert {row["policy_id"] for row in outcome.rows.to_pylist()} == {"p1"}


def test_nobody_and_nothing_are_judged_too(tmp_path):
    nobody = dataset(tmp_path, FACTS, [])
    policies = named(build.policy(build.over(TAX, "all", "sum", ">", 0)), build.policy(build.of(SIZE, "=", "小型")))
    assert len(both(policies, nobody).rows) == 0
    assert len(runfile.match([], nobody, DAY).rows) == 0
    silent = dataset(tmp_path, FACTS, [], attributes={"A": {}})
    assert [total.unknown for total in both(policies, silent).totals] == [1, 1]


def many(tmp_path, count=11):
    told = [(f"E{number:02d}", TAX, f"2025-{month:02d}", number * 10**6 + month) for number in range(count) for month in range(1, 13) if (number + month) % 5]
    told += [(f"E{number:02d}", RD, str(year), (number * 7 + year) % 5 * 10**6) for number in range(count) for year in (2024, 2025)]
    data = dataset(tmp_path, FACTS, told, attributes={f"E{number:02d}": {SIZE: "小型" if number % 2 else None} for number in range(count)},
                   covered={TAX: "2025-01 2025-06", SIZE: "all"})
    conditions = [build.over(TAX, "previous_year", agg, op, limit) for agg, limit in (("sum", 50_000), ("max", 10_000), ("count", 10)) for op in (">=", "<")]
    conditions += [build.of(SIZE, "=", "小型"), build.over(RD, "previous_year", "growth", ">", Fraction(1, 10)),
                   tree.Any((build.of(SIZE, "!=", "大型"), tree.Not(build.over(TAX, "previous_year", "sum", ">", 7))))]
    return data, named(*[build.policy(conditions[at], conditions[at - 1], benefit=tree.Rate(base(TAX, "latest", "latest"), Fraction(1, 3), None, "half_up_to_fen"))
                         for at in range(len(conditions))])


def test_small_chunks_and_blocks_give_the_same_rows_and_totals(tmp_path, monkeypatch):
    data, policies = many(tmp_path)
    whole = both(policies, data)
    monkeypatch.setattr(sets, "CHUNK", 2)
    monkeypatch.setattr(sets, "BLOCK", 3)
    parts = both(policies, data)
    assert parts.totals == whole.totals
    assert parts.rows.equals(whole.rows)
    assert len(whole.rows) > 20


def test_the_same_inputs_give_the_same_bytes_twice(tmp_path):
    data, policies = many(tmp_path)
    first, second = (runfile.write(runfile.match(order, data, DAY), tmp_path / name) for name, order in (("a", policies), ("b", policies[::-1])))
    assert first == second
    assert (tmp_path / "a" / "run.json").read_bytes() == (tmp_path / "b" / "run.json").read_bytes()


def test_another_engine_is_another_run(tmp_path, monkeypatch):
    data, policies = many(tmp_path, 2)
    first = runfile.match(policies, data, DAY).run_id
    assert runfile.match(policies, data, DAY).run_id == first
    monkeypatch.setattr(runfile, "fingerprint", lambda: "another")
    assert runfile.match(policies, data, DAY).run_id != first


def test_eight_threads_over_different_enterprises_never_see_anothers_rows(tmp_path):
    worlds = []
    for number in range(8):
        folder = tmp_path / str(number)
        folder.mkdir()
        told = [(f"{number}-{at:03d}", TAX, f"2025-{month:02d}", number * 1000 + at) for at in range(40 + number) for month in range(1, 13)]
        worlds.append(dataset(folder, FACTS, told))
    policy = build.policy(build.over(TAX, "previous_year", "sum", ">", 120), benefit=tree.Rate(base(TAX, "previous_year"), Fraction(100)))
    alone = [runfile.match([policy], world, DAY) for world in worlds]
    together = threading.Barrier(8)

    def run(world):
        together.wait()
        return [runfile.match([policy], world, DAY) for _ in range(3)]

    with ThreadPoolExecutor(8) as pool:
        for number, outcomes in enumerate(pool.map(run, worlds)):
            for outcome in outcomes:
                assert outcome.rows.equals(alone[number].rows)
                assert outcome.totals == alone[number].totals
                assert {name[0] for name in outcome.rows.column("enterprise_id").to_pylist()} <= {str(number)}


def test_a_session_is_of_one_thread_only():
    with adapter.Session() as session, ThreadPoolExecutor(1) as pool, pytest.raises(RuntimeError):
        pool.submit(session.rows, "SELECT 1").result()


def test_the_newest_of_several_batches_is_the_one_heard(tmp_path):
    old = [("A", TAX, "2025-01", 100), ("A", TAX, "2025-02", 100), ("B", TAX, "2025-01", 7), ("C", TAX, "2025", None)]
    new = [("A", TAX, "2025-02", 1), ("B", TAX, "2025-01", None), ("C", TAX, "2025-03", 50), ("X", TAX, "2025-01", 9)]
    made = dataset(tmp_path, FACTS, new)
    data = committed.read(facts=[batch(tmp_path / "old.parquet", old), batch(tmp_path / "new.parquet", new)],
                                   attributes=made.attributes.drop_columns(["ent"]).append_column("subject_id", [list(made.ids)]).slice(0, 3),
                                   coverage=[("tax.paid", period) for period in within(dt.date(2025, 1, 1), dt.date(2025, 12, 31), "month")],
                                   catalogue=made.catalogue)
    assert data.ids == ("A", "B", "C")
    for limit, wanted in ((1, ["A"]), (Fraction(101, 100), ["A"]), (Fraction(102, 100), []), (Fraction(1, 2), ["A", "C"])):
        outcome = both([build.policy(build.over(TAX, "previous_year", "sum", ">=", limit))], data)
        assert [row["enterprise_id"] for row in outcome.rows.to_pylist() if row["status"] == 1] == wanted


@pytest.mark.parametrize("benefit", [tree.Flat(10**45), tree.Rate(base(TAX, "latest", "latest"), Fraction(10**45)), tree.Rate(base(TAX, "latest", "latest"), Fraction(10**25))])
def test_a_benefit_beyond_all_bounds_is_refused_where_somebody_would_get_it(tmp_path, benefit):
    data = dataset(tmp_path, FACTS, [("A", TAX, "2025-01", 2**62)])
    for face in (sets.judge, judged.one_by_one):
        with pytest.raises(runfile.AmountTooLarge):
            face([build.policy(build.over(TAX, "latest", "latest", "exists"), benefit=benefit)], data, DAY)


@pytest.mark.parametrize("rounding", tree.ROUNDINGS)
def test_a_cap_beyond_all_bounds_does_no_harm(tmp_path, rounding):
    data = dataset(tmp_path, FACTS, [("A", TAX, "2025-01", 2**62)])
    both([build.policy(build.over(TAX, "latest", "latest", "exists"), benefit=tree.Rate(base(TAX, "latest", "latest"), Fraction(10), 10**45, rounding))], data)


def test_a_limit_beyond_every_sum_is_compared_all_the_same(tmp_path):
    data = dataset(tmp_path, FACTS, [("A", TAX, "2025-01", 2**62)])
    both(named(*[build.policy(build.over(TAX, "all", agg, op, Fraction(sign * 10**45)))
                 for agg in ("sum", "max", "latest", "count") for op in ("<", ">", "=", "!=") for sign in (1, -1)]), data)
