"""``diguan indicators``: what it answers, in whose name, and what it refuses."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from diguan.indicators.tests.factories import firms, told
from diguan.indicators.tests.plan_factories import target_factory
from diguan.kernel.facts.runs import Run
from diguan.kernel.tests.factories import person_factory
from diguan.site import cli

pytestmark = pytest.mark.django_db


@pytest.fixture
def county(settings, tmp_path):
    """Four firms that paid tax in August 2025, a leader and a clerk."""
    settings.DIGUAN_DATA = tmp_path
    person_factory("leader", login_name="leader")
    person_factory("data_clerk", login_name="clerk")
    rows = firms(4)
    told("tax.paid", {row.uscc: {"2024-08": 50_000, "2025-08": 123_45} for row in rows}, whole=("2024-08", "2025-08"))
    return rows


def answer(capsys, *words):
    left = cli.main(["indicators", *words, "--json"])
    return left, json.loads(capsys.readouterr().out)


def test_every_key_of_the_contract_is_there_and_money_has_its_fen(county, capsys):
    left, said = answer(capsys, "--as-of", "2025-08-31", "tax.paid", "enterprises.registered")
    assert (left, said["as_of"]) == (0, "2025-08-31")
    tax, registered = said["indicators"]
    assert {"code", "name", "value", "unit", "scope", "period", "snapshot", "target"} <= set(tax)
    assert (tax["code"], tax["value"], tax["value_fen"], tax["period"], tax["state"], tax["snapshot"]) == ("tax.paid", 493.8, 4 * 123_45, "2025-08", "whole", Run.objects.get(kind="snapshot").run_id)
    assert (registered["value"], "value_fen" in registered) == (4, False)


def test_a_target_stands_beside_the_figure_of_its_year_for_who_may_see_it(county, capsys):
    target_factory(indicator="tax.to_date", year=2025, value=1_000_000, unit="元", due_on=dt.date(2026, 12, 31))
    _left, said = answer(capsys, "--as-of", "2025-08-31", "tax.to_date")
    assert (said["indicators"][0]["target"], said["indicators"][0]["target_fen"]) == (10_000, 1_000_000)
    _left, said = answer(capsys, "--as-of", "2024-08-31", "tax.to_date")
    assert said["indicators"][0]["target"] is None


def test_without_a_code_all_that_may_be_seen_are_answered(county, capsys):
    _left, mine = answer(capsys, "--by", "clerk", "--as-of", "2025-08-31")
    _left, all_ = answer(capsys, "--by", "leader", "--as-of", "2025-08-31")
    codes = {line["code"] for line in all_["indicators"]} - {line["code"] for line in mine["indicators"]}
    assert "projects.in_place" in codes


def test_the_rows_behind_add_up_to_the_figure(county, capsys):
    left, said = answer(capsys, "explain", "tax.paid", "--as-of", "2025-08-31", "--group", "cluster=钟表")
    assert left == 0
    (side,) = said["sides"]
    assert sorted(row["key"] for row in side["rows"]) == sorted(row.uscc for row in county)
    assert (sum(row["num_fen"] for row in side["rows"]), side["hidden"]) == (said["value_fen"], 0)
    assert cli.main(["indicators", "explain", "tax.growth", "--as-of", "2025-08-31", "--period", "2025-08"]) == 0
    assert "8 条" not in capsys.readouterr().out


@pytest.mark.parametrize(("words", "said"), [
    (["tax.payed"], "tax.paid"), (["explain"], "explain"), (["explain", "tax.paid", "tax.year"], "explain"), (["explain", "tax.paid", "--period", "2031-08"], "2031-08"), (["explain", "tax.paid", "--group", "cluster=钟标"], "cluster=钟表"),
    (["--by", "nobody"], "nobody"), (["projects.in_place", "--by", "clerk"], "projects.in_place")])
def test_what_is_not_there_is_refused_with_the_nearest(county, capsys, words, said):
    assert cli.main(["indicators", *words, "--as-of", "2025-08-31"]) == 2
    assert said in capsys.readouterr().err


def test_who_may_take_no_snapshot_reads_the_one_that_is_there(county, capsys):
    assert cli.main(["indicators", "--by", "leader", "--as-of", "2025-08-31"]) == 2
    assert "还没有 2025-08-31 的快照" in capsys.readouterr().err
    assert cli.main(["indicators", "--as-of", "2025-08-31"]) == 0
    capsys.readouterr()
    assert answer(capsys, "tax.paid", "--by", "leader", "--as-of", "2025-08-31")[1]["indicators"][0]["value_fen"] == 4 * 123_45


def test_a_printed_figure_that_does_not_match_exits_1(county, capsys):
    left, said = answer(capsys, "--article")
    assert left == 1
    assert {row["state"] for row in said["figures"] if row["code"] == "clusters.firms" and row["group"] == "钟表"} == {"differs"}
