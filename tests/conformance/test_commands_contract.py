"""What scripts may rely on: the sentences about match, explain and policy, asked of the command itself.

No test here marks the database: with ``--data`` none is touched.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from diguan.kernel import clocks
from diguan.kernel.rules import explain, judged, runfile
from diguan.site.cli import main
from diguan.site.commands import given
from tests.conformance import plain, reference
from tests.conformance.test_conformance import WORDS as LETTERS
from tests.conformance.worlds import STATUS, World

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

TOTALS = {"id", "version", "eligible", "ineligible", "unknown", "near_miss", "amount_fen", "amount_unknown"}
COLUMNS = {"run_id": pa.string(), "policy_id": pa.string(), "policy_version": pa.string(), "enterprise_id": pa.string(),
           "status": pa.int8(), "code": pa.int64(), "n_false": pa.int8(), "n_unknown": pa.int8(),
           "amount_fen": pa.int64(), "amount_unknown": pa.bool_(), "near": pa.bool_()}
CLAUSE_KEYS = {"id", "verdict", "observed", "threshold", "gap", "unit", "cite", "source"}
FIRMS = ["91430421MA00000011", "91430421MA00000020", "91430421MA00000038"]

CATALOGUE = """fact,type,unit,period,non_negative
enterprise.registered_region,region,,none,
enterprise.size,text,,none,
tax.paid,money,元,month,true
rd.expense,money,元,year,true
revenue.main,money,元,year,true
land.area,number,亩,year,true
staff.count,number,人,month,true
"""
COVERAGE = """fact,period
enterprise.size,all
tax.paid,2025
rd.expense,2025
revenue.main,2025
land.area,2025
"""
POLICY: dict[str, Any] = {
    "id": "sample", "title": {"zh": "示例政策", "en": "Sample"}, "issuer": "虚构局",
    "source": {"document": "虚构〔2026〕1号", "file": "sources/sample.txt", "sha256": ""},
    "in_force": {"from": dt.date(2020, 1, 1), "to": dt.date(2027, 12, 31)}, "delivery": "application",
    "legal_basis": "虚构依据，仅供测试",
    "fair_competition_review": {"status": "passed", "date": dt.date(2019, 12, 20), "record": "虚构〔2019〕1号"},
    "clauses": [
        {"id": "here", "cite": {"article": "第一条", "quote": "在本县登记"},
         "when": {"fact": "enterprise.registered_region", "op": "in", "value": ["430421"]}},
        {"id": "taxed", "cite": {"article": "第二条", "quote": "上年纳税五万元以上"},
         "when": {"fact": "tax.paid", "over": "previous_year", "agg": "sum", "op": ">=", "value": "5万元"}},
        {"id": "researching", "cite": {"article": "第三条", "quote": "研发占比不低于百分之三"},
         "when": {"ratio": ["rd.expense", "revenue.main"], "over": "previous_year", "op": ">=", "value": "3%"}},
    ],
    "benefit": {"kind": "rate", "of": {"fact": "tax.paid", "over": "previous_year", "agg": "sum"}, "rate": "10%"},
    "examples": [
        {"name": "够", "as_of": dt.date(2026, 6, 30),
         "facts": {"enterprise.registered_region": "430421", "tax.paid": {"2025-03": "6万元"},
                   "rd.expense": {"2025": "3 元"}, "revenue.main": {"2025": "100 元"}},
         "expect": {"status": "eligible", "amount": "6000 元",
                    "clauses": {"here": True, "taxed": True, "researching": True}}},
        {"name": "差", "as_of": dt.date(2026, 6, 30),
         "facts": {"enterprise.registered_region": "430421", "tax.paid": "absent",
                   "rd.expense": {"2025": "3 元"}, "revenue.main": {"2025": "100 元"}},
         "expect": {"status": "ineligible", "clauses": {"taxed": False}}},
        {"name": "不知", "as_of": dt.date(2026, 6, 30), "facts": {"tax.paid": {"2025-03": "6万元"}},
         "expect": {"status": "unknown", "clauses": {"here": "unknown", "researching": "unknown"}}},
    ],
}
ENTERPRISES = f"""uscc,name,registered_region,size
{FIRMS[0]},虚构甲厂,430421,小型
{FIRMS[1]},虚构乙厂,430421,
{FIRMS[2]},虚构丙厂,,大型
"""
FACTS = f"""uscc,fact,period,value,state
{FIRMS[0]},tax.paid,2025-03,60000.00,value
{FIRMS[0]},rd.expense,2025,3.00,value
{FIRMS[0]},revenue.main,2025,100.00,value
{FIRMS[1]},tax.paid,2025-03,38000.00,value
{FIRMS[1]},tax.paid,2025-04,,absent
{FIRMS[1]},rd.expense,2025,3.00,value
{FIRMS[1]},revenue.main,2025,100.00,value
{FIRMS[2]},tax.paid,2025-03,60000.00,value
{FIRMS[2]},rd.expense,2025,3.00,value
{FIRMS[2]},revenue.main,2025,99.99,value
"""


@dataclass
class Folder:
    """A data folder with one policy, and the command run over it."""

    root: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def policies(self) -> Path:
        return self.root / "policies"

    def policy(self, **changed: Any) -> None:
        """Write the sample policy, changed; its source text holds every quote."""
        made = {**POLICY, **changed}
        text = "\n".join(clause["cite"]["quote"] for clause in POLICY["clauses"]).encode()
        (self.policies / "sources").mkdir(parents=True, exist_ok=True)
        (self.policies / "sources" / "sample.txt").write_bytes(text)
        made["source"] = {"sha256": hashlib.sha256(text).hexdigest()} | {
            key: value for key, value in made["source"].items() if key != "sha256" or value}
        (self.policies / f"{made['id']}.yaml").write_text(yaml.safe_dump(made, allow_unicode=True, sort_keys=False))

    def run(self, *args: str) -> tuple[int, str, str]:
        """Exit code, stdout, stderr."""
        self.capsys.readouterr()
        try:
            code = main(list(args))
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        out, err = self.capsys.readouterr()
        return int(code or 0), out, err

    def match(self, *more: str) -> tuple[int, str, str]:
        return self.run("match", "--data", str(self.root), "--policies", str(self.policies), "--as-of", "2026-06-30",
                        "--out", str(self.root / "out"), "--json", *more)

    def explain(self, firm: str, policy: str = "sample", *more: str) -> tuple[int, str, str]:
        return self.run("explain", firm, policy, "--data", str(self.root), "--policies", str(self.policies),
                        "--as-of", "2026-06-30", "--json", *more)

    def rows(self) -> dict[str, dict[str, Any]]:
        return {row["enterprise_id"]: row for row in pq.read_table(self.root / "out" / "match.parquet").to_pylist()}

    def spoil(self, name: str, old: str, new: str) -> None:
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Folder:
    for name, text in {"catalogue": CATALOGUE, "coverage": COVERAGE, "enterprises": ENTERPRISES, "facts": FACTS}.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    made = Folder(tmp_path, capsys)
    made.policy()
    return made


def bilingual(text: str) -> bool:
    return bool(re.search("[\u4e00-\u9fff]{2}", text) and re.search("[a-z]{2,} [a-z]+", text))


# ---- match ------------------------------------------------------------------------------------

def test_match_prints_one_json_document_with_the_documented_keys(folder: Folder) -> None:
    code, out, _ = folder.match()
    answer = json.loads(out)
    assert code == 0
    assert {"as_of", "engine", "run", "policies"} <= set(answer)
    assert answer["as_of"] == "2026-06-30"
    assert answer["engine"] == "duckdb"
    assert set(answer["policies"][0]) >= TOTALS


def test_match_totals_count_eligible_money_only(folder: Folder) -> None:
    line = json.loads(folder.match()[1])["policies"][0]
    wanted = {"eligible": 1, "ineligible": 1, "unknown": 1, "near_miss": 1, "amount_fen": 600_000, "amount_unknown": 0}
    assert {key: line[key] for key in wanted} == wanted
    assert all(type(line[key]) is int for key in wanted)


def test_match_parquet_has_the_columns_and_types_of_the_contract(folder: Folder) -> None:
    folder.match()
    schema = pq.read_schema(folder.root / "out" / "match.parquet")
    assert {name: schema.field(name).type for name in COLUMNS} == COLUMNS


def test_match_parquet_code_holds_two_bits_a_clause_in_file_order(folder: Folder) -> None:
    folder.match()
    rows = folder.rows()
    assert rows[FIRMS[0]]["code"] == 0
    assert rows[FIRMS[1]]["code"] == 1 << 2
    assert rows[FIRMS[2]]["code"] == 2
    assert (rows[FIRMS[1]]["n_false"], rows[FIRMS[1]]["n_unknown"]) == (1, 0)


def test_amount_is_set_for_eligible_and_unknown_and_null_for_ineligible(folder: Folder) -> None:
    folder.match()
    assert {firm: row["amount_fen"] for firm, row in folder.rows().items()} == {
        FIRMS[0]: 600_000, FIRMS[1]: None, FIRMS[2]: 600_000}


def test_same_inputs_give_the_same_run_and_the_same_bytes(folder: Folder) -> None:
    first = json.loads(folder.match()[1])["run"]
    before = (folder.root / "out" / "match.parquet").read_bytes()
    shutil.rmtree(folder.root / "out")
    assert json.loads(folder.match()[1])["run"] == first
    assert (folder.root / "out" / "match.parquet").read_bytes() == before


def test_a_policy_not_in_force_is_listed_with_zeros_and_has_no_rows(folder: Folder) -> None:
    folder.policy(in_force={"from": dt.date(2026, 7, 1)})
    line = json.loads(folder.match()[1])["policies"][0]
    assert all(line[key] == 0 for key in TOTALS - {"id", "version"})
    assert folder.rows() == {}


def test_facts_in_parquet_storage_units_give_the_same_answers_as_csv(folder: Folder) -> None:
    expected = json.loads(folder.match()[1])["policies"]
    rows = list(csv.DictReader(FACTS.splitlines()))
    pq.write_table(pa.table({
        **{key: [row[key] for row in rows] for key in ("uscc", "fact", "period", "state")},
        "num": pa.array([round(float(row["value"]) * 100) if row["value"] else None for row in rows], pa.int64()),
        "text": pa.array([None] * len(rows), pa.string()),
    }), folder.root / "facts.parquet")
    (folder.root / "facts.csv").unlink()
    assert json.loads(folder.match()[1])["policies"] == expected


def test_every_file_of_the_folder_may_be_parquet(folder: Folder) -> None:
    expected = json.loads(folder.match()[1])["policies"]
    for name in ("enterprises", "coverage"):
        path = folder.root / f"{name}.csv"
        rows = [{key: cell or None for key, cell in row.items()} for row in csv.DictReader(path.read_text("utf-8").splitlines())]
        pq.write_table(pa.Table.from_pylist(rows), path.with_suffix(".parquet"))
        path.unlink()
    assert json.loads(folder.match()[1])["policies"] == expected


def test_without_a_catalogue_the_shipped_one_is_used(folder: Folder) -> None:
    clauses, examples = POLICY["clauses"][:2], [{**each, "expect": {}, "facts": {"tax.paid": "unknown"}} for each in POLICY["examples"]]
    folder.policy(clauses=clauses, examples=examples)
    (folder.root / "catalogue.csv").unlink()
    (folder.root / "coverage.csv").write_text("fact,period\ntax.paid,2025\n", encoding="utf-8")
    (folder.root / "facts.csv").write_text("".join(line for line in FACTS.splitlines(keepends=True) if "rd." not in line and "revenue." not in line))
    code, out, err = folder.match()
    assert code == 0, err
    assert json.loads(out)["policies"][0]["eligible"] == 1


def test_exclusion_and_budget_change_nothing_of_a_match(folder: Folder) -> None:
    said = []
    for more in ({}, {"exclusive_with": ["other"], "budget": {"amount": "1 元", "order": [{"fact": "tax.paid", "over": "latest", "desc": True}]}}):
        folder.policy(**more)
        folder.policy(id="other", **more)
        lines = json.loads(folder.match()[1])["policies"]
        rows = pq.read_table(folder.root / "out" / "match.parquet").drop_columns(["run_id", "policy_version"])
        said.append(([{key: line[key] for key in TOTALS - {"version"}} for line in lines], rows.to_pylist()))
    assert said[0] == said[1]
    assert len(said[0][1]) == 6


def test_without_a_day_it_is_judged_today(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "today", lambda: dt.date(2026, 4, 17))
    for command in (("match",), ("explain", FIRMS[0], "sample")):
        code, out, err = folder.run(*command, "--data", str(folder.root), "--policies", str(folder.policies), "--json")
        assert code == 0, err
        assert json.loads(out)["as_of"] == "2026-04-17"


def test_an_engine_this_version_does_not_have_exits_2(folder: Folder) -> None:
    code, out, err = folder.match("--engine", "abacus")
    assert (code, out) == (2, "")
    assert "abacus" in err


def test_a_double_column_in_parquet_is_refused(folder: Folder) -> None:
    (folder.root / "facts.csv").unlink()
    pq.write_table(pa.table({"uscc": FIRMS[:1], "fact": ["tax.paid"], "period": ["2025-03"], "state": ["value"],
                             "num": [1.5], "text": pa.array([None], pa.string())}), folder.root / "facts.parquet")
    code, out, err = folder.match()
    assert (code, out) == (2, "")
    assert "facts.parquet" in err
    assert "num" in err


def test_an_empty_cell_is_unknown_unless_coverage_lists_the_fact_with_all(folder: Folder) -> None:
    clause = {"id": "sized", "cite": POLICY["clauses"][0]["cite"],
              "when": {"fact": "enterprise.size", "op": "!=", "value": "大型"}}
    folder.policy(clauses=[clause], benefit={"kind": "flat", "amount": "1 元"}, examples=[
        {"name": str(n), "as_of": dt.date(2026, 6, 30), "facts": {"enterprise.size": size},
         "expect": {"status": status}}
        for n, (size, status) in enumerate([("小型", "eligible"), ("absent", "ineligible"), ("unknown", "unknown")])])
    assert json.loads(folder.explain(FIRMS[1])[1])["status"] == "ineligible"
    folder.spoil("coverage.csv", "enterprise.size,all\n", "")
    assert json.loads(folder.explain(FIRMS[1])[1])["status"] == "unknown"


def test_no_row_and_covered_is_absent_and_no_row_and_not_covered_is_unknown(folder: Folder) -> None:
    folder.spoil("facts.csv", f"{FIRMS[0]},tax.paid,2025-03,60000.00,value\n", "")
    assert json.loads(folder.explain(FIRMS[0])[1])["status"] == "ineligible"
    folder.spoil("coverage.csv", "tax.paid,2025\n", "")
    assert json.loads(folder.explain(FIRMS[0])[1])["status"] == "unknown"


def test_the_folders_catalogue_replaces_the_shipped_one(folder: Folder) -> None:
    folder.spoil("catalogue.csv", "tax.paid,money,元,month,true\n", "")
    code, out, err = folder.match()
    assert (code, out) == (2, "")
    assert "tax.paid" in err


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_csv_may_begin_with_a_byte_order_mark_and_end_lines_as_windows_does(folder: Folder, ending: str) -> None:
    expected = json.loads(folder.match()[1])["policies"]
    for name in ("enterprises", "facts", "coverage", "catalogue"):
        path = folder.root / f"{name}.csv"
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", ending.encode()))
    assert json.loads(folder.match()[1])["policies"] == expected


# ---- bad input --------------------------------------------------------------------------------

BAD_ROWS = {
    "an unknown fact": "tax.payed,2024-01,1,value", "an unknown period": "tax.paid,2024-13,1,value",
    "a value over a longer period": "tax.paid,2024,1,value", "a shorter period": "tax.paid,2024-01-01,1,value",
    "an unknown state": "tax.paid,2024-01,1,maybe", "NaN": "tax.paid,2024-01,NaN,value",
    "infinity": "tax.paid,2024-01,1e999,value", "more than an int64 holds": "tax.paid,2024-01,99999999999999999999,value",
    "a part of a fen": "tax.paid,2024-01,0.001,value", "words": "tax.paid,2024-01,abc,value",
    "no value": "tax.paid,2024-01,,value", "a negative amount": "tax.paid,2024-01,-5,value",
    "a repeated key": "tax.paid,2025-03,1,value", "an absent row over a known day": "tax.paid,2025-Q1,,absent",
    "too few cells": "tax.paid,2024-01", "a fifth of a square metre": "land.area,2024,0.00001,value",
}


@pytest.mark.parametrize("row", BAD_ROWS.values(), ids=BAD_ROWS)
def test_bad_facts_exit_2_and_name_file_and_row_in_both_languages(folder: Folder, row: str) -> None:
    with (folder.root / "facts.csv").open("a", encoding="utf-8") as lines:
        lines.write(f"{FIRMS[0]},{row}\n")
    code, out, err = folder.match()
    assert (code, out) == (2, "")
    assert re.search(r"facts\.csv\D{1,12}1[12]\b", err), err
    assert bilingual(err)
    assert not (folder.root / "out" / "match.parquet").exists()


BAD_FILES = {
    "an unknown type": ("catalogue.csv", "land.area,number", "land.area,area", 7), "an unknown period kind": ("catalogue.csv", "人,month", "人,week", 8),
    "money not in yuan": ("catalogue.csv", "tax.paid,money,元", "tax.paid,money,万元", 4), "a fact listed twice": ("catalogue.csv", "staff.count,", "tax.paid,", 8),
    "coverage of an unknown fact": ("coverage.csv", "tax.paid,2025", "tax.payed,2025", 3), "coverage of no period": ("coverage.csv", "tax.paid,2025", "tax.paid,2025-13", 3),
    "an enterprise twice": ("enterprises.csv", FIRMS[1], FIRMS[0], 3), "no credit code": ("enterprises.csv", FIRMS[1], "", 3),
}


@pytest.mark.parametrize(("name", "old", "new", "row"), BAD_FILES.values(), ids=BAD_FILES)
def test_what_is_wrong_in_another_file_exits_2_and_names_file_and_row(folder: Folder, name: str, old: str, new: str, row: int) -> None:
    folder.spoil(name, old, new)
    code, out, err = folder.match()
    assert (code, out) == (2, "")
    assert re.search(rf"{name}\D{{1,12}}{row}\b", err), err
    assert bilingual(err)


def spoiled(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    made: dict[str, Any] = yaml.safe_load(yaml.safe_dump(POLICY))
    change(made)
    return made


BAD_POLICIES: dict[str, Callable[[dict[str, Any]], object]] = {
    "an unknown key": lambda p: p.update(isuer="x"),
    "an unknown fact": lambda p: p["clauses"][1]["when"].update(fact="tax.payed"),
    "an unknown operator": lambda p: p["clauses"][1]["when"].update(op="=>"),
    "an unknown period word": lambda p: p["clauses"][1]["when"].update(over="last_year"),
    "an unknown unit": lambda p: p["clauses"][1]["when"].update(value="5万匹"),
    "the unit of something else": lambda p: p["clauses"][1]["when"].update(value="5万人"),
    "an unknown region": lambda p: p["clauses"][0]["when"].update(value=["439999"]),
    "a word that cuts the year": lambda p: p["clauses"][2]["when"].update(over="this_year"),
    "growth over all": lambda p: p["clauses"][1]["when"].update(over="all", agg="growth", value="3%"),
    "over without agg": lambda p: p["clauses"][1]["when"].pop("agg"),
    "a null in a list": lambda p: p["clauses"][0]["when"].update(value=[None]),
    "a quote not in the source": lambda p: p["clauses"][0]["cite"].update(quote="在邻县登记"),
    "a wrong sha256": lambda p: p["source"].update(sha256="0" * 64),
    "a source outside the folder": lambda p: p["source"].update(file="../../../etc/hostname"),
    "two examples": lambda p: p["examples"].pop(),
    "32 clauses": lambda p: p["clauses"].extend({**p["clauses"][0], "id": f"c{n}"} for n in range(29)),
    "a failing example": lambda p: p["examples"][0]["expect"].update(amount="6000.01 元"),
}


@pytest.mark.parametrize("change", BAD_POLICIES.values(), ids=BAD_POLICIES)
def test_nothing_of_a_bad_policy_is_used_and_its_line_is_named(folder: Folder, change: Callable[..., object]) -> None:
    folder.policy(**spoiled(change))
    code, out, err = folder.match()
    assert (code, out) == (2, "")
    assert re.search(r"sample\.yaml\D{1,12}\d+", err), err
    assert bilingual(err)


def test_policy_check_exits_0_when_every_example_holds(folder: Folder) -> None:
    code, out, _ = folder.run("policy", "check", str(folder.policies), "--data", str(folder.root), "--json")
    assert code == 0
    json.loads(out)


def test_policy_check_exits_1_when_an_example_fails_and_says_which(folder: Folder) -> None:
    folder.policy(**spoiled(BAD_POLICIES["a failing example"]))
    code, out, err = folder.run("policy", "check", str(folder.policies), "--data", str(folder.root), "--json")
    assert code == 1
    json.loads(out)
    assert "够" in out + err


def test_policy_check_reads_the_catalogue_of_the_data_folder(folder: Folder) -> None:
    folder.spoil("catalogue.csv", "tax.paid,money,元,month,true\n", "")
    code, out, _ = folder.run("policy", "check", str(folder.policies), "--data", str(folder.root), "--json")
    assert code == 1
    assert "tax.paid" in json.loads(out)["problems"][0]["zh"]


def test_policy_check_of_a_folder_that_is_not_there_exits_2(folder: Folder) -> None:
    code, out, err = folder.run("policy", "check", str(folder.root / "nowhere"), "--json")
    assert (code, out) == (2, "")
    assert bilingual(err)


def test_the_nearest_valid_name_is_offered(folder: Folder) -> None:
    folder.policy(**spoiled(BAD_POLICIES["an unknown fact"]))
    assert "tax.paid" in folder.match()[2]


@pytest.mark.parametrize("day", ["2026-02-30", "tomorrow", "2026/06/30"])
def test_a_day_that_is_none_exits_2(folder: Folder, day: str) -> None:
    code, out, err = folder.run("match", "--data", str(folder.root), "--policies", str(folder.policies),
                                "--as-of", day, "--json")
    assert (code, out) == (2, "")
    assert day in err


# ---- explain ----------------------------------------------------------------------------------

def test_explain_has_the_documented_keys(folder: Folder) -> None:
    code, out, _ = folder.explain(FIRMS[1])
    answer = json.loads(out)
    assert code == 0
    assert {"status", "amount_fen", "clauses", "ask"} <= set(answer)
    assert [clause["id"] for clause in answer["clauses"]] == ["here", "taxed", "researching"]
    assert all(set(clause) >= CLAUSE_KEYS for clause in answer["clauses"])


def test_explain_gives_money_in_fen_with_unit_fen(folder: Folder) -> None:
    taxed = json.loads(folder.explain(FIRMS[1])[1])["clauses"][1]
    assert (taxed["observed"], taxed["threshold"], taxed["gap"], taxed["unit"]) == (3_800_000, 5_000_000, 1_200_000, "分")


def test_explain_gives_ratios_in_basis_points(folder: Folder) -> None:
    share = json.loads(folder.explain(FIRMS[0])[1])["clauses"][2]
    assert (share["observed"], share["threshold"]) == (300, 300)


UNITS = {
    "growth": ({"fact": "rd.expense", "over": "previous_year", "agg": "growth", "op": ">=", "value": "10%"}, (5, 10, 5, "%")),
    "number": ({"fact": "staff.count", "over": "latest", "op": "between", "value": ["20 人", "30 人"]}, (17, [20, 30], 3, "人")),
    "date": ({"fact": "enterprise.established", "op": "<=", "value": "as_of - 12 months"}, ("2025-07-10", "2025-06-30", 10, "天")),
    "pair": ({"ratio": ["tax.paid", "land.area"], "over": "previous_year", "op": ">=", "value": "10万元/亩"},
             (3_000_000, 10_000_000, 7_000_000, "分/亩")),
    "word": ({"fact": "enterprise.size", "op": "=", "value": "大型"}, ("小型", "大型", None, None)),
    "part": ({"fact": "tax.paid", "over": "this_year", "agg": "sum", "op": "<", "value": "1 元"}, (None, 100, None, "分")),
}


@pytest.mark.parametrize(("when", "told"), UNITS.values(), ids=UNITS)
def test_explain_tells_observed_threshold_and_gap_in_the_unit_it_names(folder: Folder, when: dict[str, Any], told: tuple[Any, ...]) -> None:
    folder.spoil("catalogue.csv", "tax.paid,", "enterprise.established,date,,none,\ntax.paid,")
    (folder.root / "enterprises.csv").write_text(f"uscc,size,established\n{FIRMS[0]},小型,2025-07-10\n", encoding="utf-8")
    rows = ("rd.expense,2024,200", "rd.expense,2025,210", "staff.count,2026-05,17", "land.area,2025,2", "tax.paid,2025-03,60000", "tax.paid,2026-01,5")
    (folder.root / "facts.csv").write_text("uscc,fact,period,value,state\n" + "".join(f"{FIRMS[0]},{row},value\n" for row in rows))
    folder.policy(clauses=[{"id": "one", "cite": POLICY["clauses"][0]["cite"], "when": when}],
                  examples=[{**each, "facts": {}, "expect": {}} for each in POLICY["examples"]])
    code, out, err = folder.explain(FIRMS[0])
    assert code == 0, err
    clause, = json.loads(out)["clauses"]
    assert (clause["verdict"], clause["observed"], clause["threshold"], clause["gap"], clause["unit"]) == ("false", *told)


def test_explain_asks_for_the_facts_that_are_missing_and_for_no_other(folder: Folder) -> None:
    assert json.loads(folder.explain(FIRMS[2])[1])["ask"] == ["enterprise.registered_region"]
    assert json.loads(folder.explain(FIRMS[0])[1])["ask"] == []


def test_explain_cites_the_words_of_the_document(folder: Folder) -> None:
    assert "在本县登记" in json.dumps(json.loads(folder.explain(FIRMS[0])[1])["clauses"][0]["cite"], ensure_ascii=False)


@pytest.mark.parametrize(("firm", "policy"), [("91430421MA99999999", "sample"), (FIRMS[0], "sampel")])
def test_explain_of_an_unknown_enterprise_or_policy_exits_2(folder: Folder, firm: str, policy: str) -> None:
    code, out, err = folder.explain(firm, policy)
    assert (code, out) == (2, "")
    assert bilingual(err)


# ---- schema -----------------------------------------------------------------------------------

def test_policy_schema_is_a_json_schema_that_knows_the_samples(folder: Folder) -> None:
    code, out, _ = folder.run("policy", "schema")
    schema = json.loads(out)
    assert code == 0
    jsonschema.validators.validator_for(schema).check_schema(schema)
    document = json.loads(json.dumps(yaml.safe_load((folder.policies / "sample.yaml").read_text()), default=str))
    jsonschema.validate(document, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document, "isuer": "x"}, schema)


# ---- random worlds ----------------------------------------------------------------------------

def leaves(when: Any) -> Iterator[dict[str, Any]]:
    """Every comparison below a condition."""
    for part in when if isinstance(when, list) else [when]:
        groups = [part[word] for word in ("any", "all", "not") if word in part]
        yield from leaves(groups[0]) if groups else [part]


def settled_by_a_part(policy: dict[str, Any], subject: plain.Subject, day: dt.date) -> int:
    """How many comparisons are true or false though only a part of what they add up or choose from is known."""
    found = [leaf for clause in policy["clauses"] for leaf in leaves(clause["when"]) if "fact" in leaf and leaf.get("agg")]
    return sum(reference.resolve(subject, leaf, day).state in ("from", "max", "min")
               and reference.judge_when(subject, leaf, day) != "U" for leaf in found)


@pytest.mark.parametrize("seed", [109, 119, 132, 138])
def test_the_commands_answer_a_random_world_cell_by_cell_as_both_faces_and_the_reference_do(
        seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    world, folder = World(seed, enterprises=6, policies=4), Folder(tmp_path, capsys)
    world.write_data(tmp_path)
    policies, day = world.write_policies(folder.policies, tmp_path), ("--as-of", world.as_of.isoformat())
    code, out, err = folder.match(*day)
    assert code == 0, err
    data = given.dataset(tmp_path)
    loaded = given.policies(folder.policies, data.catalogue)
    alone, answer = runfile.match(loaded, data, world.as_of, face=judged.one_by_one), json.loads(out)
    assert answer["run"] == alone.run_id
    assert pq.read_table(tmp_path / "out" / "match.parquet").to_pylist() == alone.rows.to_pylist()  # the command asks the set face
    found, subjects, part = {line["id"]: line for line in answer["policies"]}, plain.read_folder(tmp_path), 0
    assert json.loads(folder.explain(world.codes[0], policies[0]["id"], *day)[1])["policy"] == policies[0]["id"]
    monkeypatch.setattr(given, "dataset", lambda _folder: data)  # read once by the command, and not again for every cell
    monkeypatch.setattr(given, "policies", lambda _folder, _catalogue: loaded)
    for policy, ready in zip(policies, sorted(loaded, key=lambda one: [p["id"] for p in policies].index(one.id)), strict=True):
        cells = {uscc: reference.judge(policy, subject, world.as_of) for uscc, subject in subjects.items()}
        wanted = reference.totals(cells.values() if reference.in_force(policy, world.as_of) else [])
        assert {key: found[policy["id"]][key] for key in wanted} == wanted
        for uscc, cell in cells.items():
            said = json.loads(folder.explain(uscc, policy["id"], *day)[1])
            assert said == explain.explain(ready, data.subject_facts(uscc), world.as_of)
            letters = "".join(LETTERS[clause["verdict"]] for clause in said["clauses"])
            assert (STATUS[cell.status], cell.letters, cell.amount, cell.amount_unknown) == (
                said["status"], letters, said["amount_fen"], said["amount_unknown"])
            part += settled_by_a_part(policy, subjects[uscc], world.as_of)
    assert part
