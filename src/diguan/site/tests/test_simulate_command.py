"""``diguan simulate``: what it answers and refuses."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from diguan.kernel.tests.factories import person_factory
from diguan.policies import actions
from diguan.policies.actions.drafts import import_draft
from diguan.policies.tests import county
from diguan.policies.tests.county import PLAIN, POLICY, RICH, SHORT
from diguan.site import cli

pytestmark = pytest.mark.django_db
LIMIT = "clause:burns:0"


@pytest.fixture
def match(settings, tmp_path, monkeypatch):
    county.begin(settings, tmp_path, monkeypatch)
    county.deliver((RICH, 120), (PLAIN, 110), (SHORT, 90))
    return actions.run_match(by=person_factory("policy_officer", from_day=dt.date(2026, 1, 1)))


def test_the_command_says_what_each_scenario_comes_to_and_moves_a_threshold(match, capsys):
    assert cli.main(["simulate", POLICY, "--scenario", f"{LIMIT}=115立方米", "--sweep", LIMIT, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["match"], told["knobs"][0]) == (match.run_id, LIMIT)
    assert [(one["eligible"], one["low_fen"]) for one in told["scenarios"]] == [(2, 2_000_000), (1, 1_000_000)]
    assert told["scenarios"][1]["moves"]["lost"] == {"firms": 1, "fen": 1_000_000, "amount_unknown": 0}
    assert [(point["value"], point["eligible"]) for point in told["sweep"]] == [("90", 3), ("100", 2), ("110", 2), ("120", 1)]


def test_a_draft_stands_beside_the_policy_in_force_and_scenarios_turn_the_draft(match, tmp_path, capsys):
    county.policy(tmp_path / "pack", "other-kiln", "115")
    text, source = (tmp_path / "pack/policies" / name for name in ("other-kiln.yaml", "sources/kiln.txt"))
    row = import_draft(text=text.read_text("utf-8"), source=source.read_text("utf-8"), by=match.created_by)
    text.unlink()
    assert cli.main(["simulate", POLICY, "--draft", str(row.pk), "--scenario", f"{LIMIT}=80立方米", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(one["draft"], one["eligible"]) for one in told["scenarios"]] == [(False, 2), (True, 1), (True, 3)]
    assert cli.main(["simulate", f"draft:{row.pk}", "--json"]) == 0
    assert [one["eligible"] for one in json.loads(capsys.readouterr().out)["scenarios"]] == [1]
    assert cli.main(["simulate", POLICY, "--draft", "77"]) == 2


@pytest.mark.parametrize(("words", "said"), [
    ([POLICY, "--scenario", "burns"], "路径=值"), ([POLICY, "--scenario", f"{LIMIT}=9吨"], "立方米"), ([POLICY, "--sweep", "clause:here:0"], LIMIT), (["clean-klin-2026"], POLICY)])
def test_what_cannot_be_turned_is_bad_input(match, capsys, words, said):
    assert cli.main(["simulate", *words]) == 2
    assert said in capsys.readouterr().err
