"""Spark judges as DuckDB and as the single-enterprise face do: rows, totals and files, to the byte. One session serves them all."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from unittest import mock

import pytest

from diguan.kernel import packs
from diguan.kernel.rules import document, judged, runfile, scalar, sets, spark, tree, windows
from diguan.kernel.rules import folder as folders
from diguan.kernel.rules.tests import build
from diguan.kernel.rules.tests.build import DAY, FINE, PROFIT, RD, REVENUE, TAX
from diguan.kernel.rules.tests.data import dataset
from diguan.kernel.rules.tests.test_sets import AGAINST, FACTS, TOLD, named
from diguan.site.cli import main
from tests.conformance import worlds
from tests.conformance.test_cases import FAMILIES, runner
from tests.conformance.test_conformance import same
from tests.conformance.test_more_worlds import VAST
from tests.conformance.worlds import World

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
CASES = BENCHMARKS.parent / "conformance" / "cases"
FIRMS = 100_000 if os.environ.get("CI") else 20_000
WIDE = ("benefit-bases", "benefits", "growth-operators", "in-force", "on-missing", "operators-covered", "operators-partly", "operators-untold", "periods-day-facts",
        "ratio-operators", "thirty-one-clauses", "words-over-time")
"""The conformance files that reach everything; each costs Spark a second or two."""
# Only the first, quick compiler and one collector: the tests are many small queries.
OPTIONS = {"spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}


@pytest.fixture(scope="module")
def face() -> Iterator[runfile.Face]:
    try:
        found = spark.face(spark.MASTER, **OPTIONS)
    except spark.Unusable as missing:
        if os.environ.get("CI"):
            pytest.fail(f"CI must be able to run Spark: {missing}")
        pytest.skip(str(missing))
    yield found
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    if session:
        session.stop()


@pytest.fixture
def county(monkeypatch: pytest.MonkeyPatch) -> object:
    """The benchmarks' generator."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("county")


def all_three(face: runfile.Face, policies: list[tree.Policy], data: folders.Dataset, as_of=DAY) -> runfile.Outcome:
    found = runfile.match(policies, data, as_of, face=face)
    same(found, runfile.match(policies, data, as_of, face=judged.one_by_one))
    same(found, runfile.match(policies, data, as_of))
    return found


@pytest.mark.parametrize(("seed", "money", "block"), [(7001, worlds.MONEY, sets.BLOCK), (7002, worlds.MONEY, 7), (64236478, VAST, sets.BLOCK), (7003, VAST, sets.BLOCK)])
def test_a_random_world_is_judged_alike_by_all_three(face: runfile.Face, seed: int, money: list[int], block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sets, "BLOCK", block)
    with mock.patch.object(worlds, "MONEY", money):
        world = World(seed, enterprises=12, policies=5)
        world.write_data(tmp_path)
        world.write_policies(tmp_path / "policies", tmp_path)
    data = folders.read(tmp_path, packs.catalogue())
    policies, problems = document.load_folder(tmp_path / "policies", data.catalogue, packs.codes())
    assert not problems
    all_three(face, policies, data, world.as_of)


def test_the_conformance_cases_of_every_operator_are_answered_alike(face: runfile.Face, tmp_path: Path) -> None:
    """Those cells are held against the naive judge and against the written answers by ``test_cases.py``; here Spark is held against them."""
    family = runner.families([CASES / "every-operator.yaml"])["every-operator"]
    runner.write(family, tmp_path)
    data = folders.read(tmp_path, packs.catalogue())
    policies, problems = document.load_folder(tmp_path / "policies", data.catalogue, packs.codes())
    assert not problems
    all_three(face, policies, data, family["as_of"])


def test_every_aggregation_with_every_operator_over_what_is_partly_covered(face: runfile.Face, tmp_path: Path) -> None:
    """With nothing covered at all too: whoever told nothing is undecided, not zero."""
    data = dataset(tmp_path, [*FACTS, PROFIT], [(who, *row) for who, rows in TOLD.items() for row in rows], attributes={who: {} for who in TOLD})
    over = [(TAX, "previous_quarter", agg) for agg in ("sum", "count", "max", "min", "latest")] + [(FINE, "this_year", agg) for agg in ("sum", "count", "latest")]
    over += [(PROFIT, "last_12_months", agg) for agg in ("sum", "max", "min")] + [(RD, "previous_year", "growth")]
    conditions: list[tree.Condition] = [build.over(*read, *against) for read in over for against in (*AGAINST, ("exists",))]
    conditions += [build.share(RD, REVENUE, "previous_year", *against) for against in AGAINST if against[0] != "in"]
    some = conditions[::9]
    conditions += [tree.Not(each) for each in some] + [tree.Any((each, some[at - 1])) for at, each in enumerate(some)]
    conditions += [tree.Not(tree.Any((each, tree.Not(some[at - 2])))) for at, each in enumerate(some)]
    policies = named(*[build.policy(*conditions[at:at + 12], on_missing="fail" if at % 5 else "ask") for at in range(0, len(conditions), 12)])
    all_three(face, policies, data)
    everybody = sets.judge(policies, data, DAY, everybody=True)
    assert {row["code"] >> 2 * at & 3 for found in everybody for row in found.rows.to_pylist() for at in range(12)} == {0, 1, 2}


def test_sums_beyond_64_bits_negative_growth_and_amounts_above_2_to_the_53(face: runfile.Face, tmp_path: Path) -> None:
    big = 2**62 - 1
    loss = build.spec("profit.year", "year", non_negative=False)
    told = [("A", TAX, f"2025-{month:02d}", big) for month in range(1, 13)] + [("B", TAX, "2025-01", 2**53 + 1), ("B", TAX, "2025-02", 2**53 + 3)]
    told += [("A", loss, "2024", 500), ("A", loss, "2025", -700), ("B", loss, "2024", 2**53 + 1), ("B", loss, "2025", 2**53), ("C", loss, "2024", -3), ("C", loss, "2025", 9)]
    data = dataset(tmp_path, [*FACTS, loss], told, covered={TAX: " ".join(f"2025-{month:02d}" for month in range(1, 13))}, attributes={who: {} for who in "ABCD"})
    growth = tree.Read(loss, windows.parse_word("previous_year"), "growth")
    conditions = [tree.Compare(growth, op, (limit,)) for limit in (Fraction(-12, 5), Fraction(0), Fraction(-1, 2**53 + 1)) for op in ("<", "<=", ">=", "=")]
    conditions += [tree.Not(each) for each in conditions[:4]]
    conditions += [build.over(TAX, "previous_year", "sum", op, Fraction(total + off, 100)) for total in (12 * big, 2**54 + 4) for off in (-1, 0, 1) for op in (">", "=")]
    base = tree.Read(TAX, windows.parse_word("latest"), "latest")
    pays = [tree.Rate(base, Fraction(share), None, rounding) for share, rounding in zip((Fraction(1, 3), Fraction(2, 7), 99, 1, Fraction(1, 199)), tree.ROUNDINGS, strict=True)]
    policies = named(*[build.policy(each, benefit=pays[at % len(pays)]) for at, each in enumerate(conditions)])
    found = all_three(face, policies, data)
    assert max(amount for amount in found.rows.column("amount_fen").to_pylist() if amount) > 2**53


def test_what_cannot_be_stored_is_refused_in_the_same_words(face: runfile.Face, tmp_path: Path) -> None:
    rows = [("A", TAX, "2025-01", 5), ("B", TAX, "2025-01", 2**62), ("B", TAX, "2025-02", 2**62), ("A", RD, "2025", 2**62), ("A", REVENUE, "2025", 2**62)]
    data = dataset(tmp_path, FACTS, rows, covered={TAX: " ".join(f"2025-{month:02d}" for month in range(1, 13))})
    fine = build.policy(build.over(TAX, "previous_year", "sum", ">", 0))
    large = build.policy(build.over(TAX, "previous_year", "sum", ">", 0), benefit=tree.Rate(tree.Read(TAX, windows.parse_word("previous_year"), "sum"), Fraction(100)))
    wide = build.policy(build.share(RD, REVENUE, "previous_year", ">", Fraction(10**30, 10**30 + 1)))
    with pytest.raises(runfile.AmountTooLarge, match=rf"^p1 B: {2**63} 分$"):
        runfile.match(named(fine, large), data, DAY, face=face)
    with pytest.raises(runfile.AmountTooLarge, match=r"^p1: "):
        runfile.match(named(fine, wide), data, DAY, face=face)


@pytest.mark.parametrize("name", WIDE)
def test_the_conformance_cases_are_answered_as_written(face: runfile.Face, name: str) -> None:
    """The other files, which hold the same words over more days, are run by ``conformance/run.py --match``."""
    family = FAMILIES[name]

    def match(arguments: list[str]) -> dict[str, object]:
        given = dict(zip(arguments[::2], arguments[1::2], strict=False))
        data = folders.read(Path(given["--data"]), packs.catalogue())
        policies, problems = document.load_folder(Path(given["--policies"]), data.catalogue, packs.codes())
        assert not problems
        outcome = runfile.match(policies, data, family["as_of"], face=face)
        runfile.write(outcome, Path(given["--out"]))
        return {"policies": [{"id": each.id, **{key: getattr(each, key) for key in keys}} for each in outcome.totals]}

    keys = next(iter(runner.totals(family).values()))
    assert list(runner.run_match(family, match)) == []


def test_the_command_writes_the_same_files_with_either_engine(face: runfile.Face, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = World(7004, enterprises=12, policies=6)
    world.write_data(tmp_path / "data")
    world.write_policies(tmp_path / "policies", tmp_path / "data")
    answers = {}
    for engine, more in (("duckdb", ()), ("spark", ("--master", "local[2]"))):
        code = main(["match", "--data", str(tmp_path / "data"), "--policies", str(tmp_path / "policies"), "--as-of", world.as_of.isoformat(), "--json",
                     "--out", str(tmp_path / engine), "--engine", engine, *more])
        out, err = capsys.readouterr()
        assert code == 0, err
        answers[engine] = json.loads(out)
    assert [answers[engine].pop("engine") for engine in ("duckdb", "spark")] == ["duckdb", "spark"]
    assert answers["spark"] == answers["duckdb"]
    for name in runfile.FILES:
        assert (tmp_path / "spark" / name).read_bytes() == (tmp_path / "duckdb" / name).read_bytes()


def test_fifty_policies_over_many_firms_give_the_same_bytes(face: runfile.Face, county, tmp_path: Path) -> None:
    """A hundred firms are asked one by one, too. What grows with the firms is little beside Spark's start and planning, so CI compares a hundred thousand."""
    data, policies = county.dataset(FIRMS), county.library()
    on_duckdb = runfile.write(runfile.match(policies, data, county.AS_OF), tmp_path / "duckdb")
    outcome = runfile.match(policies, data, county.AS_OF, face=face)
    assert runfile.write(outcome, tmp_path / "spark") == on_duckdb
    rows = {(row["policy_id"], row["enterprise_id"]): row for row in outcome.rows.to_pylist()}
    for who in data.ids[:: FIRMS // 100]:
        facts = data.subject_facts(who)
        for policy in policies:
            alone, row = scalar.judge(policy, facts, county.AS_OF), rows.get((policy.id, who))
            assert (row is not None) == (alone.status != tree.INELIGIBLE or (alone.n_false == 1 and not alone.n_unknown))
            if row is not None:
                assert (row["status"], row["code"], row["amount_fen"], row["amount_unknown"]) == (alone.status, alone.code, alone.amount_fen, alone.amount_unknown)


# ── where Spark cannot run ───────────────────────────────────────────────────


def refused(capsys: pytest.CaptureFixture[str], *more: str) -> str:
    assert main(["match", "--data", "nowhere", *more]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.search(r"[一-鿿].*[a-z]", err)
    return err


def test_a_master_goes_with_spark_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--engine spark" in refused(capsys, "--master", "local[2]")


def test_without_pyspark_it_says_what_to_install(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark.importlib.util, "find_spec", lambda _name: None)
    assert "diguan[spark]" in refused(capsys, "--engine", "spark")


@pytest.mark.parametrize(("said", "wanted"), [(None, "Java 17"), ('openjdk version "11.0.2" 2019-01-15', "Java 11"), ('java version "1.8.0_412"', "Java 8")])
def test_without_a_fitting_java_it_says_which(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str | None, wanted: str) -> None:
    monkeypatch.setattr(spark.importlib.util, "find_spec", lambda _name: object())
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    if said:
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "java").write_text(f"#!/bin/sh\necho '{said}' >&2\n")
        (tmp_path / "bin" / "java").chmod(0o755)
    assert wanted in refused(capsys, "--engine", "spark")


def test_a_master_that_is_none_is_refused_in_one_sentence(tmp_path: Path) -> None:
    """In a process of its own: this one has its session."""
    if importlib.util.find_spec("pyspark") is None or shutil.which("java") is None:
        pytest.skip("PySpark or Java is missing")
    world = World(7005, enterprises=2, policies=1)
    world.write_data(tmp_path)
    world.write_policies(tmp_path / "policies", tmp_path)
    command = "import sys; from diguan.site.cli import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run([sys.executable, "-c", command, "match", "--data", str(tmp_path), "--policies", str(tmp_path / "policies"), "--engine", "spark",
                           "--master", "nonsense"], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--master nonsense" in done.stderr.splitlines()[-1]
