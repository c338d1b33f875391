"""``diguan allocate``: what it answers, writes and refuses."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from diguan.kernel.tests.factories import person_factory
from diguan.policies import actions
from diguan.policies.tests import county
from diguan.policies.tests.county import PLAIN, POLICY, RICH, SHORT
from diguan.site import cli

pytestmark = pytest.mark.django_db


@pytest.fixture
def match(settings, tmp_path, monkeypatch):
    county.begin(settings, tmp_path, monkeypatch)
    county.deliver((RICH, 120), (PLAIN, 110), (SHORT, 90))
    return actions.run_match(by=person_factory("policy_officer", from_day=dt.date(2026, 1, 1)))


def test_the_command_says_what_was_given_to_whom(match, capsys, tmp_path):
    assert cli.main(["allocate", "--json", "--run", match.run_id, "--out", str(tmp_path / "out")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["match"], told["after"], told["as_of"]) == (match.run_id, None, "2026-10-31")
    assert [(one["id"], one["granted"], one["granted_fen"], one["left_fen"]) for one in told["policies"]] == [(POLICY, 2, 2_000_000, 2_000_000)]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["allocation.parquet", "run.json"]
    assert cli.main(["allocate", "--after", told["run"]]) == 0
    assert "拟安排 2 户 2 万元，轮候 0" in capsys.readouterr().out


def test_what_is_not_there_is_bad_input(match, capsys):
    for option in ("--run", "--after"):
        assert cli.main(["allocate", option, "nobody"]) == 2
    assert "没有这次比对" in capsys.readouterr().err
    assert cli.main(["allocate", "--by", "nobody"]) == 2
