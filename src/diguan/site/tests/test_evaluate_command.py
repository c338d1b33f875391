"""``diguan evaluate``: what it answers and refuses."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import subprocess
import sys

import pytest

from diguan.kernel.tests.factories import person_factory
from diguan.policies import actions
from diguan.policies.queries.questions import Question
from diguan.policies.tests import county
from diguan.policies.tests.county import PLAIN, POLICY, RICH, SHORT
from diguan.site import cli
from diguan.site.commands import evaluate

pytestmark = pytest.mark.django_db
ASKED = ["evaluate", POLICY, "--outcome", "kiln.gas", "--before", "2025-Q4", "--after", "2026-Q3", "--agg", "latest", "--limit", "clause:burns:0"]


def test_the_command_says_why_three_firms_say_nothing_and_refuses_what_cannot_be_asked(settings, tmp_path, monkeypatch, capsys):
    county.begin(settings, tmp_path, monkeypatch)
    county.deliver((RICH, 120), (PLAIN, 110), (SHORT, 90), period="2025-12")
    officer = person_factory("policy_officer", from_day=dt.date(2026, 1, 1))
    match = actions.run_match(by=officer, as_of=dt.date(2026, 1, 31))
    actions.run_match(by=officer)
    assert cli.main([*ASKED, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["match"], told["received"]["by"], told["question"]["limit"]) == (match.run_id, "eligible", "clause:burns:0")
    assert [(told[method]["refused"], told[method]["level"], told[method]["left"], told[method]["right"]) for method in ("threshold", "change")] == [
        ("too_few", "refused", 1, 2), ("too_few", "refused", 2, 2)]  # the one who told nothing is beside the three, and so not over the threshold
    assert cli.main(ASKED) == 0
    assert "不能判断 / no answer: too_few (1 | 2)" in capsys.readouterr().out
    assert cli.main([*ASKED, "--run", match.run_id[:12], "--json"]) == 0  # as commands and pages print it
    assert json.loads(capsys.readouterr().out)["match"] == match.run_id
    assert cli.main([*ASKED, "--run", match.run_id[:6]]) == 2
    assert "没有这次比对" in capsys.readouterr().err
    for words, said in (([POLICY, "--outcome", "kiln.gaz"], "kiln.gaz"), ([POLICY, "--before", "2025-13"], "2025-13"), ([POLICY, "--limit", "clause:here:0"], "clause:here:0"), (["clean-klin-2026"], "clean-klin-2026")):
        assert cli.main([*ASKED, *words[1:]] if words[0] == POLICY else ["evaluate", *words, *ASKED[2:]]) == 2
        assert said in capsys.readouterr().err


def test_an_estimate_is_printed_in_the_unit_of_its_outcome(settings, tmp_path, monkeypatch, capsys):
    county.begin(settings, tmp_path, monkeypatch)
    line = {"refused": "", "effect": {"low": 2_908_210.4, "high": 5_305_110.0, "estimate": 4_106_660.0, "left": 815, "right": 488}, "level": "doubt", "warnings": ["early"]}
    evaluate._print({"question": dataclasses.asdict(Question(POLICY, "revenue.sales", "2025", "2026")), "as_of": "2026-01-31", "match": "a" * 64, "run": "b" * 64, "threshold": line, "change": line})
    assert capsys.readouterr().out.count("95% 290.8 万元 … 530.5 万元，差别 / difference 410.7 万元，815 | 488 户") == 2
    assert evaluate._figure(2_908_210.4, "revenue.sales") == "290.8 万元"
    assert evaluate._figure(1_234_567.891, "kiln.gas") == "1,234,567.89 立方米"


def test_whoever_serves_pages_does_not_load_the_statistics():
    code = ("import os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'diguan.site.settings'; import django; django.setup(); import diguan.site.urls, diguan.site.web.api; "
            "from diguan.policies.web import evaluations; from django.urls import get_resolver; get_resolver().url_patterns; "
            "print(sorted(name for name in ('statsmodels', 'scipy') if name in sys.modules))")
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
