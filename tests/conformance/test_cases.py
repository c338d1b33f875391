"""The conformance cases (``conformance/``): both faces, the command and the naive judge answer every cell as the files say."""

from __future__ import annotations

import copy
import datetime as dt
import importlib.util
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from diguan.kernel import packs
from diguan.kernel.rules import document, explain, judged, runfile, tree
from diguan.kernel.rules import folder as reading
from diguan.site import cli
from tests.conformance import plain, reference
from tests.conformance.test_conformance import BITS, same

pytestmark = pytest.mark.one_database
ROOT = Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("conformance_run", ROOT / "conformance/run.py")
assert spec is not None
assert spec.loader is not None
runner = importlib.util.module_from_spec(spec)
spec.loader.exec_module(runner)
FAMILIES = runner.families()
LETTER = {True: "T", False: "F", "unknown": "U"}
STATUS = {word: number for number, word in tree.STATUS_WORDS.items()}
every = pytest.mark.parametrize("name", FAMILIES)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every file as a data folder."""
    found = {name: tmp_path_factory.mktemp(name) for name in FAMILIES}
    for name, folder in found.items():
        runner.write(FAMILIES[name], folder)
    return found


@every
def test_both_faces_answer_as_the_case_says(name: str, folders: dict[str, Path]) -> None:
    family, folder = FAMILIES[name], folders[name]
    data = reading.read(folder, packs.catalogue())
    policies, problems = document.load_folder(folder / "policies", data.catalogue, packs.codes())
    assert not problems
    known, as_of = {policy.id: policy for policy in policies}, family["as_of"]
    outcome = runfile.match(policies, data, as_of)
    same(outcome, runfile.match(policies, data, as_of, face=judged.one_by_one))
    rows = {(row["enterprise_id"], row["policy_id"]): row for row in outcome.rows.to_pylist()}
    near = dict.fromkeys(known, 0)
    for at, policy, wanted in runner.cells(family):
        row = rows.pop((runner.number_of(at), policy), None)
        if wanted == runner.NOT_IN_FORCE:
            assert row is None
            continue
        near[policy] += "gap" in wanted
        assert runner.differences(explain.explain(known[policy], data.subject_facts(runner.number_of(at)), as_of), wanted) == [], (at, policy)
        letters = [LETTER[value] for value in wanted["clauses"].values()]
        assert (row is not None) == (wanted["status"] != "ineligible" or (letters.count("F") == 1 and "U" not in letters))
        if row is not None:
            assert (row["status"], row["amount_fen"]) == (STATUS[wanted["status"]], wanted["amount_fen"])
            assert row["code"] == sum(BITS[letter] << 2 * place for place, letter in enumerate(letters))
    assert not rows
    assert near == {totals.id: totals.near_miss for totals in outcome.totals}


@every
def test_the_naive_judge_answers_as_the_case_says(name: str, folders: dict[str, Path]) -> None:
    family, folder = FAMILIES[name], folders[name]
    subjects = plain.read_folder(folder)
    for at, policy, wanted in runner.cells(family):
        judged_by = runner.policy(family, policy)
        span = {end: dt.date.fromisoformat(day) for end, day in judged_by["in_force"].items()}
        assert reference.in_force({"in_force": span}, family["as_of"]) == (wanted != runner.NOT_IN_FORCE)
        if wanted != runner.NOT_IN_FORCE:
            found = reference.judge(judged_by, subjects[runner.number_of(at)], family["as_of"])
            assert found.letters == "".join(LETTER[value] for value in wanted["clauses"].values()), (at, policy)
            assert (found.status, found.amount) == (STATUS[wanted["status"]], wanted["amount_fen"]), (at, policy)
            assert (found.gap is not None) == ("gap" in wanted), (at, policy)
            if found.gap is not None:
                gap = found.gap * 10_000 if wanted["unit"] == "基点" else found.gap
                assert abs(Fraction(str(wanted["gap"])) - gap) < Fraction(1, 10**5), (at, policy)


@every
def test_the_command_answers_as_the_case_says(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One cell a file: the command judges as the faces do, what is tried here is the way there and back."""
    family = first_cell(FAMILIES[name])

    def command(arguments: list[str]) -> Any:
        assert cli.main(["explain", *arguments]) == 0
        return json.loads(capsys.readouterr().out)

    assert list(runner.run(family, command)) == []


def first_cell(family: Any) -> dict[str, Any]:
    """The family's last case under its first policy that is in force."""
    case = family["cases"][-1]
    policy = next(policy for policy, wanted in case["expect"].items() if wanted != runner.NOT_IN_FORCE)
    return {**family, "policies": {policy: family["policies"][policy]}, "cases": [{**case, "expect": {policy: case["expect"][policy]}}]}


@pytest.mark.parametrize("name", ["benefits", "in-force", "near-miss"])
def test_a_match_by_command_answers_as_the_case_says(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Three files: what is tried here is the way there and back."""

    def command(arguments: list[str]) -> Any:
        assert cli.main(["match", *arguments]) == 0
        return json.loads(capsys.readouterr().out)

    assert list(runner.run_match(FAMILIES[name], command)) == []


def test_the_cases_reach_every_operator_aggregation_period_benefit_rounding_and_answer() -> None:
    """Each aggregation under each operator it may take, with each verdict; each period word over each kind of period it does not cut."""
    told = [(leaf, kind_of(family, leaf), verdict) for family in FAMILIES.values() for leaf, verdict in judgements(family)]
    numeric = {(agg, op) for agg in ("sum", "count", "max", "min", "latest", "growth", None) for op in tree.OPERATORS if op != "starts_with"}
    ratios = {("ratio", op) for op in tree.OPERATORS if op not in ("in", "starts_with", "exists")}
    never = {("sum", "exists", "false"), ("count", "exists", "false")}  # nothing sums to 0, which is there
    want = {(*pair, verdict) for pair in numeric | ratios | {("latest", "starts_with"), (None, "starts_with")} for verdict in ("true", "false", "unknown")}
    assert want - never - {(agg_of(leaf), leaf["op"], verdict) for leaf, _kind, verdict in told} == set()
    words = ("this_year", "year:0", "previous_year", "year:-2", "last_12_months", "previous_quarter", "all", "latest")
    assert {leaf.get("over") for leaf, _kind, _verdict in told} >= set(words)
    cut = {("this_year", "year"), ("last_12_months", "year"), ("previous_quarter", "year")}
    spans = {(word, kind) for word in ("this_year", "previous_year", "last_12_months", "previous_quarter", "all") for kind in ("day", "month", "quarter", "year")}
    assert spans - cut - {(leaf.get("over"), kind["period"]) for leaf, kind, _verdict in told} == set()
    assert {kind["type"] for _leaf, kind, _verdict in told} == {"money", "number", "text", "date", "bool", "region", "industry"}
    policies = [runner.policy(family, name) for family in FAMILIES.values() for name in family["policies"]]
    assert {(each["benefit"]["kind"], "cap" in each["benefit"]) for each in policies} == {("flat", False), ("rate", False), ("rate", True), ("tiers", False), ("tiers", True)}
    assert {each["benefit"].get("rounding", "down_to_fen") for each in policies} == set(tree.ROUNDINGS)
    assert {clause.get("on_missing") for each in policies for clause in each["clauses"]} == {None, "ask", "fail"}
    assert max(len(each["clauses"]) for each in policies) == tree.MOST_CLAUSES
    assert any("exclusive_with" in each for each in policies)
    wanted = [cell for family in FAMILIES.values() for _at, _policy, cell in runner.cells(family) if cell != runner.NOT_IN_FORCE]
    assert {cell["status"] for cell in wanted} == set(STATUS)
    assert {cell["unit"] for cell in wanted if "gap" in cell} == {"", "人", "分", "分/亩", "基点", "%", "天"}
    assert any(cell["amount_fen"] is not None and cell["amount_fen"] > 2**53 for cell in wanted)


def judgements(family: Any) -> list[tuple[dict[str, Any], str]]:
    """Every comparison that is a clause of its own, with each verdict it gets; of nested ones only that they are there."""
    found = []
    for _at, name, wanted in runner.cells(family):
        for clause in runner.policy(family, name)["clauses"]:
            alone = wanted != runner.NOT_IN_FORCE and "op" in clause["when"] and clause.get("on_missing") != "fail"
            found += [(leaf, str(wanted["clauses"][clause["id"]]).lower() if alone else "nested") for leaf in leaves(clause["when"])]
    return found


def agg_of(leaf: dict[str, Any]) -> str | None:
    return "ratio" if "ratio" in leaf else "latest" if leaf.get("over") == "latest" else leaf.get("agg")


def kind_of(family: Any, leaf: dict[str, Any]) -> dict[str, Any]:
    return dict(family["facts"][leaf["fact"] if "fact" in leaf else leaf["ratio"][0]])


def test_every_aggregation_growth_and_ratio_meets_every_operator_and_every_period_word_occurs() -> None:
    found: dict[str, set[str]] = {}
    words = set()
    for family in FAMILIES.values():
        for policy in family["policies"].values():
            for leaf in (each for clause in policy["clauses"] for each in leaves(clause["when"])):
                found.setdefault("ratio" if "ratio" in leaf else leaf.get("agg", ""), set()).add(leaf["op"])
                words.add(str(leaf.get("over")))
    numeric = set(tree.OPERATORS) - {"starts_with"}
    assert all(found[agg] >= numeric for agg in tree.AGGREGATIONS)
    assert found["ratio"] >= numeric - {"in", "exists"}
    assert words >= {"this_year", "year:0", "previous_year", "year:-1", "year:-2", "last_12_months", "previous_quarter", "all", "latest"}


def leaves(when: Any) -> list[dict[str, Any]]:
    """Every comparison of a condition."""
    parts = when.get("any") or when.get("all") or ([when["not"]] if "not" in when else None)
    return [leaf for part in parts for leaf in leaves(part)] if parts else [when]


def test_a_wrong_answer_is_named() -> None:
    family = copy.deepcopy(first_cell(FAMILIES["near-miss"]))
    (policy, wanted), = family["cases"][0]["expect"].items()
    answer = {"status": wanted["status"], "amount_fen": wanted["amount_fen"], "ask": wanted["ask"], "clauses": [{"id": "c", "verdict": "true"}]}
    assert list(runner.run(family, lambda arguments: answer)) == []
    for key, value in (("status", "unknown"), ("amount_fen", 1), ("ask", ["x"]), ("clauses", [{"id": "c", "verdict": "false", "gap": 1, "unit": ""}])):
        line, = runner.run(family, lambda arguments, key=key, value=value: {**answer, key: value})
        assert f"near-miss: above a range: {policy}: {key}: expected" in line
    missed = {"status": "ineligible", "clauses": {"c": False}, "amount_fen": None, "ask": [], "gap": 5, "unit": "人"}
    told = {**answer, "status": "ineligible", "amount_fen": None, "clauses": [{"id": "c", "verdict": "false", "gap": 6, "unit": "人"}]}
    assert runner.differences(told, missed) == ["gap: expected 5, found 6"]


def test_a_wrong_match_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """A total, a row that is another, and a row that should not be."""
    family = copy.deepcopy(first_cell(FAMILIES["values"]))
    (policy, wanted), = family["cases"][0]["expect"].items()

    def command(arguments: list[str]) -> Any:
        assert cli.main(["match", *arguments]) == 0
        return json.loads(capsys.readouterr().out)

    family["cases"][0]["expect"][policy] = {"status": "unknown", "clauses": dict.fromkeys(wanted["clauses"], "unknown"), "amount_fen": 10000, "ask": []}
    totals, row = runner.run_match(family, command)
    assert totals.startswith(f"values: {policy}: expected {{'ineligible': 0, 'eligible': 0, 'unknown': 1,")
    assert row.startswith(f"values: CASE01 {policy}: expected {{'status': 2, 'code': 2,")


def test_every_file_is_plain_yaml_of_the_documented_keys() -> None:
    readme = (ROOT / "conformance/README.md").read_text("utf-8")
    for name, family in FAMILIES.items():
        assert list(family) == ["family", "says", "as_of", "facts", "coverage", "defaults", "policies", "cases"]
        assert all(f"`{key}`" in readme for key in family)
        assert f"`{name}`" in readme
