"""Evaluations of a county whose policy worked by a known amount: question, receivers, attrition, pages, rights."""

from __future__ import annotations

import datetime as dt
import random
import subprocess
import sys

import pytest
from django.urls import reverse

from diguan.enterprises.tests.factories import credit_code, enterprise_factory
from diguan.kernel.access import Forbidden
from diguan.kernel.actions import Refusal
from diguan.kernel.jobs import Job
from diguan.kernel.tests.factories import person_factory
from diguan.policies import actions
from diguan.policies.actions.evaluation import ask_evaluation, run_evaluation
from diguan.policies.queries import evaluated
from diguan.policies.queries.questions import Question
from diguan.policies.tests import county
from diguan.policies.tests.county import POLICY

pytestmark = pytest.mark.django_db
LIMIT, GAINED, FIRMS, FIRST = "clause:burns:0", 40, 160, 100
ASKED = Question(POLICY, "kiln.gas", "2025-Q4", "2026-Q3", LIMIT, "latest")


@pytest.fixture
def officer(settings, tmp_path, monkeypatch):
    """A county where whoever burnt 100 m³ received, and burns 40 more for it a year later; the last five are silent after, one was from the start."""
    county.begin(settings, tmp_path, monkeypatch)
    codes = [credit_code(FIRST + at) for at in range(FIRMS)]
    for at, code in enumerate(codes):
        enterprise_factory(code, f"衡阳{at}号窑业有限公司", registered_region="430421", cluster="陶瓷", town="界牌镇")
    draw = random.Random(7)
    gas = {code: 60 + 80 * at / FIRMS + draw.random() / 8 for at, code in enumerate(codes[:-1])}
    for period, rise, more in (("2024-12", -5, 0), ("2025-12", 0, 0), ("2026-09", 5, GAINED)):
        told = list(gas.items())[:-5] if more else gas.items()
        noise = 0 if period == "2025-12" else 8
        county.deliver(*((code, round(value + rise + (more if value >= 100 else 0) + draw.uniform(-noise, noise), 2)) for code, value in told), period=period)
    found = person_factory("policy_officer", from_day=dt.date(2026, 1, 1))
    actions.run_match(by=found, as_of=dt.date(2026, 1, 31))
    actions.run_match(by=found)
    return found


def test_the_known_effect_is_in_both_intervals_and_every_number_is_its_rows(officer):
    run = run_evaluation(question=ASKED, by=officer)
    told = evaluated.told(run)
    at, change, counts = told["threshold"], told["change"], told["counts"]
    assert (run.inputs["received"]["by"], run.as_of) == ("eligible", dt.date(2026, 1, 31))
    for effect in (at["effect"], change["effect"]):
        assert effect["low"] <= GAINED <= effect["high"]
        assert effect["low"] > 20
    assert (at["sharp"], at["refused"], change["refused"]) == (True, "", "")
    assert at["unknown"] == 2  # the silent one, and the one of the pack that reported nothing at all but is on the register
    assert {name: len(evaluated.lines(officer, run, name)) for name in evaluated.GROUPS} == {
        "near-left": at["effect"]["left"], "near-right": at["effect"]["right"], "received": change["effect"]["right"], "others": change["effect"]["left"],
        "lost": sum(group["firms"] - group["both"] for group in counts["groups"].values())}
