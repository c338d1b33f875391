"""What a policy document may not say: each a problem with its line and the nearest valid name, and nothing used."""

import datetime as dt
import hashlib
from fractions import Fraction
from pathlib import Path

import jsonschema
import pytest
import yaml

from diguan.kernel import packs
from diguan.kernel.catalogue import Catalogue
from diguan.kernel.rules import document, schema, tree, values, windows
from diguan.kernel.rules.tests.build import FINE, FOUNDED, HEADS, HIGH_TECH, PROFIT, RD, REVENUE, SIZE, TAX, spec

pytestmark = pytest.mark.one_database

REGION, INDUSTRY, AREA = (spec("enterprise.registered_region", "none", "region", non_negative=False),
                          spec("enterprise.industry", "none", "industry", non_negative=False),
                          spec("land.area", "year", "number", unit="亩"))
CATALOGUE = Catalogue([FINE, FOUNDED, HEADS, HIGH_TECH, PROFIT, RD, REVENUE, SIZE, TAX, REGION, INDUSTRY, AREA])
SOURCE = "第一条 上季度入库税额10万元以上。\n"
GOOD = """\
id: sample
title: {zh: 样, en: Sample}
issuer: 县科工局
source: {document: 样〔2026〕1号, file: sources/sample.txt, sha256: SHA}
in_force: {from: 2026-01-01, to: 2027-12-31}
delivery: application
legal_basis: 样
fair_competition_review: {status: passed, date: 2025-12-20, record: 样}
clauses:
  - id: taxed
    cite: {article: 第一条, quote: 上季度入库税额10万元以上}
    when: {fact: tax.paid, over: previous_quarter, agg: sum, op: ">=", value: 10万元}
benefit: {kind: rate, of: {fact: tax.paid, over: previous_quarter, agg: sum}, rate: 10%, cap: 5万元}
examples:
  - {name: 一, as_of: 2026-06-30, facts: {tax.paid: {2026-02: 10万元}}, expect: {status: eligible, amount: 1万元}}
  - {name: 二, as_of: 2026-06-30, facts: {tax.paid: absent}, expect: {status: ineligible, clauses: {taxed: false}}}
  - {name: 三, as_of: 2026-06-30, facts: {tax.paid: unknown}, expect: {status: unknown, amount: unknown}}
"""
WHEN = '{fact: tax.paid, over: previous_quarter, agg: sum, op: ">=", value: 10万元}'


def write(folder: Path, text: str) -> Path:
    (folder / "sources").mkdir(exist_ok=True)
    (folder / "sources" / "sample.txt").write_text(SOURCE, "utf-8")
    path = folder / "sample.yaml"
    path.write_text(text.replace("SHA", hashlib.sha256(SOURCE.encode()).hexdigest()), "utf-8")
    return path


def load(folder, text):
    return document.load_policy(write(folder, text), CATALOGUE, packs.codes())


def problems(folder, text):
    with pytest.raises(document.DocumentErrors) as refused:
        load(folder, text)
    return refused.value.problems


def test_a_good_document_loads_and_its_quote_is_where_it_says(tmp_path):
    policy = load(tmp_path, GOOD)
    start, end = policy.clauses[0].cite.span
    assert policy.text[start:end] == policy.clauses[0].cite.quote
    assert (policy.clauses[0].line, policy.unpublishable) == (10, ())


def test_the_version_is_the_content_hash_unless_the_document_says_one(tmp_path):
    path = write(tmp_path, GOOD)
    assert document.load_policy(path, CATALOGUE, None).version == hashlib.sha256(path.read_bytes()).hexdigest()
    assert load(tmp_path, GOOD + "version: 2026.1\n").version == "2026.1"


@pytest.mark.parametrize(("old", "new", "line", "nearest"), [
    ("issuer:", "isuer:", 3, "issuer"),
    ("tax.paid, over", "tax.payed, over", 12, "tax.paid"),
    ("previous_quarter, agg: sum, op", "previous_quater, agg: sum, op", 12, "previous_quarter"),
    ("agg: sum, op", "agg: summ, op", 12, "sum"),
    ('op: ">="', 'op: "=>"', 12, ">="),
    ("value: 10万元", "value: 10万人", 12, "元"),
    ("value: 10万元", "value: 100000", 12, "元"),
    ("kind: rate", "kind: rates", 13, "rate"),
    ("cap: 5万元", "cap: 5万元, rounding: down_to_fens", 13, "down_to_fen"),
    ("delivery: application", "delivery: aplication", 6, "application"),
    ("quote: 上季度入库税额10万元以上", "quote: 上季度入库税额20万元以上", 11, None),
    ("sha256: SHA", "sha256: " + "0" * 64, 4, None),
    ("sources/sample.txt", "../sample.txt", 4, None),
    ("sources/sample.txt", "sources/none.txt", 4, None),
    ("from: 2026-01-01", "from: 2026-02-30", 5, None),
    ("amount: 1万元", "amount: 2万元", 15, None),
    ("status: eligible", "status: unknown", 15, None),
    ("clauses: {taxed: false}", "clauses: {taxed: true}", 16, None),
    ("clauses: {taxed: false}", "clauses: {taxes: false}", 16, "taxed"),
    ("{2026-02: 10万元}", "{2026-13: 10万元}", 15, None),
    ("facts: {tax.paid: unknown}", "facts: {tax.payed: unknown}", 17, "tax.paid"),
    ("legal_basis: 样", "issuer: 又", 7, None),
    (WHEN, '{fact: enterprise.registered_region, op: in, value: ["4304211"]}', 12, "430421"),
    (WHEN, '{fact: enterprise.industry, op: "=", value: "9999"}', 12, "8199"),
    (WHEN, '{fact: enterprise.industry, op: starts_with, value: C}', 12, None),
    (WHEN, '{fact: enterprise.industry, op: starts_with, value: [C, "51"]}', 12, None),
    ("{taxed: false}}", "{taxed: false}, stauts: x}", 16, "status"),
    (WHEN, WHEN + "\n    on_missing: asks", 13, "ask"),
    ("  - id: taxed", "  - any:\n    id: taxed", 10, None),
    ("benefit:", "budget: {amount: 3000万元, when_exhausted: wait}\nbenefit:", 13, "waitlist"),
    ("benefit:", "budget: {amount: 3000万元, places: 0}\nbenefit:", 13, None),
    ("benefit:", "budget: {amount: 3000万元, places: 2.5}\nbenefit:", 13, None),
    ("benefit:", "budget: {amount: 3000万元, order: [{fact: tax.payed, over: latest}]}\nbenefit:", 13, "tax.paid"),
    ("{2026-02: 10万元}", "{2026-02: 100000}", 15, "元")])
def test_what_is_wrong_is_named_with_its_line_and_the_nearest_valid_name(tmp_path, old, new, line, nearest):
    assert old in GOOD
    found = problems(tmp_path, GOOD.replace(old, new, 1))
    assert line in {problem.line for problem in found}
    assert nearest is None or nearest in {problem.nearest for problem in found}
    for problem in found:
        assert problem.message.zh
        assert problem.message.en
        assert problem.message.zh != problem.message.en


@pytest.mark.parametrize("when", [
    '{fact: revenue.main, over: this_year, agg: sum, op: ">=", value: 1 元}',
    '{fact: tax.paid, over: all, agg: growth, op: ">=", value: 1%}',
    '{fact: tax.paid, over: "year:1", agg: sum, op: ">=", value: 1 元}',
    '{fact: tax.paid, over: previous_quarter, op: ">=", value: 1 元}',
    '{fact: tax.paid, op: ">=", value: 1 元}',
    '{fact: enterprise.size, over: all, agg: latest, op: "=", value: 小型}',
    '{fact: enterprise.size, op: ">", value: 小型}',
    '{fact: tax.paid, over: latest, op: starts_with, value: "1"}',
    '{fact: tax.paid, over: previous_quarter, agg: sum, op: between, value: [1 元]}',
    '{fact: tax.paid, over: previous_quarter, agg: sum, op: in, value: []}',
    '{fact: tax.paid, over: previous_quarter, op: exists, value: 1 元}',
    '{fact: enterprise.high_tech, op: "=", value: yes}',
    '{fact: enterprise.established, op: "<", value: as_of - 12 days}',
    '{fact: enterprise.registered_region, op: in, value: ["999999"]}',
    '{fact: enterprise.industry, op: starts_with, value: ["XX"]}',
    '{ratio: [rd.expense, land.area], over: previous_year, op: ">=", value: 3 元/人}',
    '{ratio: [rd.expense], over: previous_year, op: ">=", value: 3%}',
    '{fact: rd.expense, ratio: [rd.expense, revenue.main], over: previous_year, op: ">=", value: 3%}',
    '{ratio: [rd.expense, revenue.main], over: previous_year, agg: sum, op: ">=", value: 3%}',
    '{fact: tax.paid, over: previous_quarter, agg: sum, op: ">=", value: 10万元/2}',
    '{fact: enterprise.established, op: "<", value: now}',
    '{fact: enterprise.size, op: =, value: 小型, cast: text}',
    "{all: []}", "{any: [], not: {}}", '{fact: tax.paid, over: previous_quarter, agg: sum, op: ">=", value: .nan}'])
def test_a_condition_outside_the_closed_grammar_is_refused_at_its_line(tmp_path, when):
    assert {problem.line for problem in problems(tmp_path, GOOD.replace(WHEN, when))} == {12}


@pytest.mark.parametrize("when", [
    '{ratio: [rd.expense, revenue.main], over: previous_year, op: ≥, value: 3%}',
    '{ratio: [revenue.main, land.area], over: previous_year, op: ">=", value: 10万元/亩}',
    "{fact: enterprise.size, op: =, value: 小型}", "{fact: enterprise.size, op: ≠, value: 012}",
    "{not: {any: [{fact: enterprise.high_tech, op: =, value: true}, {fact: enterprise.established, op: <, value: as_of - 12 months}]}}",
    '{fact: jobs.headcount, over: latest, op: ">=", value: 20.5 人}'])
def test_a_condition_of_the_grammar_is_read_without_guessing_at_its_words(tmp_path, when):
    text = GOOD.replace(WHEN, when).split("examples:")[0] + "examples:\n" + "".join(
        f"  - {{name: {n}, as_of: 2026-06-30, facts: {{tax.paid: absent}}, expect: {{}}}}\n" for n in "一二三")
    assert load(tmp_path, text).clauses[0].condition is not None


def test_the_words_of_the_language_are_these_and_no_others():
    assert tree.OPERATORS == ("=", "!=", "<", "<=", ">", ">=", "in", "starts_with", "between", "exists")
    assert tree.SYNONYMS == {"≠": "!=", "≤": "<=", "≥": ">="}
    assert tree.AGGREGATIONS == ("sum", "count", "max", "min", "latest", "growth")
    assert tree.ROUNDINGS == ("down_to_fen", "half_up_to_fen", "down_to_yuan", "half_up_to_yuan", "up_to_yuan")
    assert windows.WORDS == ("this_year", "previous_year", "year:n", "last_12_months", "previous_quarter", "all", "latest")
    assert set(document.BENEFIT_KEYS) == {"flat", "rate", "tiers"}


@pytest.mark.parametrize("delivery", ["automatic_entitlement", "fast_claim", "application"])
def test_what_is_said_of_a_policy_beside_its_clauses_is_kept(tmp_path, delivery):
    more = ("recorded_at: 2026-01-05\nexclusive_with: [other-policy]\n"
            "budget: {amount: 3000万元, order: [{fact: tax.paid, over: latest, desc}, {fact: jobs.headcount, over: latest}], when_exhausted: prorate, places: 20}\n")
    policy = load(tmp_path, GOOD.replace("delivery: application", f"delivery: {delivery}") + more)
    assert (policy.delivery, policy.recorded_at, policy.exclusive_with) == (delivery, dt.date(2026, 1, 5), ("other-policy",))
    assert policy.review == tree.Review("passed", dt.date(2025, 12, 20), "样")
    assert (policy.budget.amount_fen, policy.budget.when_exhausted, policy.budget.places) == (3_000_000_000, "prorate", 20)
    assert [(key.of.fact.name, key.descending) for key in policy.budget.order] == [("tax.paid", True), ("jobs.headcount", False)]


@pytest.mark.parametrize(("written", "value"), [
    ("2026-06-30", dt.date(2026, 6, 30)), ("as_of", tree.AsOf(0)), ("as_of - 12 months", tree.AsOf(-12)), ("as_of + 3 months", tree.AsOf(3))])
def test_a_date_is_iso_or_counted_from_as_of(written, value):
    assert values.of_type(written, FOUNDED, None) == value


@pytest.mark.parametrize(("written", "fact", "number"), [
    ("500 元", TAX, 500), ("5万元", TAX, 50_000), ("0.2亿元", TAX, 20_000_000), ("3.5%", spec("x.share", type="number", unit="%"), Fraction(7, 2)),
    ("20人", HEADS, 20), ("1.5亩", AREA, Fraction(3, 2)), ("2万kWh", spec("x.power", type="number", unit="kWh"), 20_000)])
def test_a_quantity_is_read_in_the_units_of_its_fact(written, fact, number):
    assert values.of_type(written, fact, None) == number


@pytest.mark.parametrize(("written", "yuan"), [("10万元/亩", 100_000), ("1500 元/亩", 1500), ("3万元/2亩", 15_000)])
def test_a_pair_of_units_is_so_much_of_one_per_one_of_the_other(written, yuan):
    assert values.pair(written, "元", "亩") == yuan


@pytest.mark.parametrize(("facts", "expect"), [
    ("{tax.paid: 12万元}", "status: eligible"),  # of the last whole month ended
    ("{tax.paid: {2026-01: 12万元}}", "status: eligible"),
    ("{tax.paid: {2026-01: 9万元}}", "status: ineligible"),
    ("{tax.paid: {2026-01: 9万元, 2026-02: unknown}}", "status: unknown"),
    ("{tax.paid: {2026-01: 9万元, 2025: unknown}}", "status: ineligible"),
    ("{tax.paid: {2026-Q1: absent}}", "status: ineligible"),
    ("{jobs.headcount: absent}", "status: unknown")])
def test_a_fact_an_example_names_is_complete_but_for_what_it_calls_unknown(tmp_path, facts, expect):
    load(tmp_path, GOOD + f"  - {{name: 四, as_of: 2026-04-15, facts: {facts}, expect: {{{expect}}}}}\n")


@pytest.mark.parametrize(("fact", "told", "said"), [
    ("tax.paid", "{2026-02: [10万元, 1 元]}", "2026-02"), ("tax.paid", "{2026-02: 10万元, 2026-Q1: absent}", "2026-Q1"),
    ("profit.total", "{2026-Q1: 1 元, 2026Q1: 1 元}", "2026Q1"), ("tax.paid", "{2026: absent, 2026-02: 10万元}", "2026-02"), ("penalty.fine", "{2026-05-01: [1 元, absent]}", "2026-05-01")])
def test_an_example_tells_a_period_once_and_never_both_a_value_and_that_there_is_none(tmp_path, fact, told, said):
    text = GOOD + f"  - {{name: 四, as_of: 2026-06-30, facts: {{{fact}: {told}}}, expect: {{}}}}\n"
    problem, = problems(tmp_path, text)
    assert (problem.line, f"{fact} 的 {said}" in problem.message.zh) == (18, True)


def test_two_events_of_one_day_may_be_told_in_an_example(tmp_path):
    fined = GOOD.replace(WHEN, '{fact: penalty.fine, over: this_year, agg: count, op: "=", value: 2}').split("examples:")[0]
    told = "{penalty.fine: {2026-05-01: [1 元, 1 元]}}"
    load(tmp_path, fined + "examples:\n" + f"  - {{name: 一, as_of: 2026-06-30, facts: {told}, expect: {{clauses: {{taxed: true}}}}}}\n" * 3)


def test_every_problem_of_a_document_is_named_at_once(tmp_path):
    second = GOOD.replace("benefit:", "  - id: b\n    cite: {article: 一, quote: 上季度}\n    when: {fact: tax.x, over: all, agg: sum, op: '>', value: 0 元}\nbenefit:")
    found = problems(tmp_path, second.replace("tax.paid, over: previous_quarter, agg: sum, op", "tax.payd, over: previous_quarter, agg: sum, op", 1))
    assert {12, 15} <= {problem.line for problem in found}


def test_more_than_31_clauses_are_refused(tmp_path):
    clause = GOOD[GOOD.index("  - id: taxed"):GOOD.index("benefit:")]
    many = "".join(clause.replace("taxed", f"t{n}") for n in range(32))
    found = problems(tmp_path, GOOD.replace(clause, many))
    assert any("31" in problem.message.zh for problem in found)


def test_a_clause_id_used_twice_is_refused(tmp_path):
    clause = GOOD[GOOD.index("  - id: taxed"):GOOD.index("benefit:")]
    assert any(problem.line == 13 for problem in problems(tmp_path, GOOD.replace(clause, clause * 2)))


def test_fewer_than_three_examples_are_refused(tmp_path):
    assert any("3" in problem.message.zh for problem in problems(tmp_path, "\n".join(GOOD.splitlines()[:-1]) + "\n"))


def test_a_policy_without_basis_or_passed_review_loads_but_cannot_be_published(tmp_path):
    review = "fair_competition_review: {status: passed, date: 2025-12-20, record: 样}\n"
    for old, new, word in (("legal_basis: 样\n", "", "basis"), (review, "", "review"), ("status: passed", "status: pending", "review")):
        policy = load(tmp_path, GOOD.replace(old, new))
        reason, = policy.unpublishable
        assert (policy.publishable, word in reason.en) == (False, True)


def test_a_bad_document_is_left_out_and_the_good_ones_beside_it_are_used(tmp_path):
    write(tmp_path, GOOD)
    (tmp_path / "worse.yaml").write_text("id: [", "utf-8")
    found, wrong = document.load_folder(tmp_path, CATALOGUE, packs.codes())
    assert [policy.id for policy in found] == ["sample"]
    assert {problem.file.rpartition("/")[2] for problem in wrong} == {"worse.yaml"}


def test_two_documents_of_one_id_are_refused(tmp_path):
    text = write(tmp_path, GOOD).read_text("utf-8")
    (tmp_path / "twin.yaml").write_text(text, "utf-8")
    assert document.load_folder(tmp_path, CATALOGUE, packs.codes())[1]


def test_the_shipped_schema_accepts_the_document_and_refuses_an_unknown_key(tmp_path):
    rules = schema.schema()
    jsonschema.Draft202012Validator.check_schema(rules)
    check = jsonschema.Draft202012Validator(rules)
    given = yaml.load(write(tmp_path, GOOD).read_text("utf-8"), Loader=yaml.BaseLoader)
    assert not list(check.iter_errors(given))
    assert list(check.iter_errors({**given, "isuer": "x"}))


@pytest.mark.parametrize("when", [
    "{fact: tax.paid, over: previous_quarter, agg: sum, op: between, value: [20万元, 10万元]}",
    "{fact: tax.paid, over: previous_quarter, agg: growth, op: between, value: [20%, 10%]}",
    "{fact: enterprise.established, op: between, value: [2026-02-01, 2026-01-01]}",
    "{fact: enterprise.established, op: between, value: [as_of, as_of - 3 months]}",
])
def test_a_range_nothing_can_lie_in_is_refused_at_its_line_in_both_languages(tmp_path, when):
    first, *_ = problems(tmp_path, GOOD.replace(WHEN, when))
    assert first.line == GOOD[:GOOD.index(WHEN)].count("\n") + 1
    assert "高于上限" in first.message.zh
    assert "above the high end" in first.message.en


@pytest.mark.parametrize("when", [
    "{fact: tax.paid, over: previous_quarter, agg: sum, op: between, value: [10万元, 10万元]}",
    "{fact: enterprise.established, op: between, value: [as_of - 3 months, as_of]}",
])
def test_a_range_of_one_value_or_told_from_as_of_is_accepted(tmp_path, when):
    write(tmp_path, GOOD.replace(WHEN, when))
    _, found = document.load_folder(tmp_path, CATALOGUE, packs.codes())
    assert all("算例" in problem.message.zh for problem in found)  # the examples are of another condition


@pytest.mark.parametrize(("facts", "gap", "said"), [
    ("{tax.paid: {2026-02: 4万元}}", "6万元", None),
    ("{tax.paid: {2026-02: 4万元}}", "60000 元", None),
    ("{tax.paid: {2026-02: 4万元}}", "5万元", "gap 5万元 → 60000元"),
    ("{tax.paid: {2026-02: 12万元}}", "5万元", "gap 5万元 → none"),
    ("{tax.paid: unknown}", "5万元", "gap 5万元 → none"),
    ("{tax.paid: {2026-02: 4万元}}", "5 人", "单位 人"),
])
def test_the_gap_an_example_expects_is_held_against_the_verdict(tmp_path, facts, gap, said):
    text = GOOD + f"  - {{name: 四, as_of: 2026-06-30, facts: {facts}, expect: {{gap: {gap}}}}}\n"
    if said is None:
        assert load(tmp_path, text).examples[3].name == "四"
    else:
        assert said in problems(tmp_path, text)[0].message.zh
