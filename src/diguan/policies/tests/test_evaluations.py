"""Evaluations of a county whose policy worked by a known amount: question, receivers, attrition, pages, rights."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from functools import partial

import pyarrow.parquet as pq
import pytest
from django.urls import reverse

from diguan.enterprises.tests.factories import credit_code, enterprise_factory
from diguan.kernel import jobs
from diguan.kernel.access import Forbidden
from diguan.kernel.actions import Refusal
from diguan.kernel.facts.runs import Run
from diguan.kernel.stages.models import Task
from diguan.kernel.tests.factories import person_factory
from diguan.policies import actions
from diguan.policies.actions import allocation
from diguan.policies.actions.evaluation import ask_evaluation, run_evaluation
from diguan.policies.models import Claim
from diguan.policies.queries import evaluated, evaluations, questions
from diguan.policies.queries.questions import Question
from diguan.policies.tests import county, payment_factory
from diguan.policies.tests.county import POLICY

pytestmark = pytest.mark.django_db
LIMIT, GAINED, FIRMS, FIRST = "clause:burns:0", 40, 160, 100
ASKED = Question(POLICY, "kiln.gas", "2025-Q4", "2026-Q3", LIMIT, "latest")


@pytest.fixture
def officer(settings, tmp_path, monkeypatch):
    """A county where whoever burnt 100 m³ received, and burns 40 more a year later; five are silent after, one and four of the pack's own always."""
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
    assert at["unknown"] == 5
    assert counts == {"firms": 165, "shut_out": 1, "open": 0, "groups": counts["groups"]}
    assert [sum(group[name] for group in counts["groups"].values()) for name in ("firms", "before", "after", "both")] == [164, 159, 154, 154]
    assert {name: len(evaluated.lines(officer, run, name)) for name in evaluated.GROUPS} == {
        "near-left": at["effect"]["left"], "near-right": at["effect"]["right"], "received": change["effect"]["right"], "others": change["effect"]["left"], "lost": 10}
    assert {"early", "same_fact"} <= {*at["warnings"], *change["warnings"]}
    assert evaluated.level("change", change) == "doubt"  # the outcome is the fact they were chosen by
    _the_same_question_is_the_same_run(officer, run)
    _money_given_counts_before_a_match(officer)


def _the_same_question_is_the_same_run(officer, run):
    assert run_evaluation(question=ASKED, by=officer) == run
    assert run_evaluation(question=replace(ASKED, limit=""), by=officer) != run
    stored = {row["enterprise_id"]: row for row in pq.read_table(run.folder / "evaluation.parquet").to_pylist()}
    silent = stored[credit_code(FIRST + FIRMS - 1)]
    assert (silent["running"], silent["after"], silent["near"], silent["compared"]) == (None, None, False, False)  # missing is not zero


def _money_given_counts_before_a_match(officer):
    match = Run.objects.get(kind="match", as_of=dt.date(2026, 1, 31))
    allocation.run_allocation(by=officer, match=match.run_id)
    few = run_evaluation(question=ASKED, by=officer)  # the budget of 4万元 is for four firms at most
    assert few.inputs["received"]["by"] == "granted"
    assert evaluated.told(few)["change"]["refused"] == "too_few"
    assert evaluated.level("change", evaluated.told(few)["change"]) == "refused"
    claim = payment_factory.ready(payment_factory.cast(), policy=POLICY, enterprise=county.enterprise(credit_code(FIRST + 99)))
    Claim.objects.filter(pk=claim.pk).update(match=match.run_id)
    assert evaluations.receivers(questions.asked(ASKED)).by == "granted"  # not paid yet
    Task.objects.filter(course=claim.course).update(key="paid")
    assert evaluations.receivers(questions.asked(ASKED)) == evaluations.Receivers("paid", frozenset({claim.enterprise.uscc}))


def test_the_officer_asks_waits_and_reads_and_nobody_else_does(officer, client):
    client.force_login(officer)
    assert reverse("policies:new_evaluation") in client.get(reverse("policies:policy", args=[POLICY])).content.decode()
    page = reverse("policies:new_evaluation") + f"?policy={POLICY}"
    told = {"fact": "kiln.gas", "agg": "latest", "before": "2025-Q4", "after": "2025-Q5", "limit": LIMIT, "match": ""}
    text = client.post(page, told).content.decode()
    assert "2025-Q5 应是一年" in text
    assert 'value="2025-Q4"' in text
    assert not jobs.going("policies.evaluate")
    client.post(page, {**told, "after": "2026-Q3"})
    assert "正在评估" in client.get(reverse("policies:evaluations")).content.decode()
    jobs.run_pending()
    run = evaluated.recent(officer)[0]
    shown = client.get(reverse("policies:evaluation", args=[run.run_id])).content.decode()
    for said in ("95% 区间", "不能据此说什么", "比对中可享的企业", "往中间回", "换一个宽度", "没有数据不等于零"):
        assert said in shown
    assert shown.count("<circle") > 10
    firms = client.get(reverse("policies:evaluation_firms", args=[run.run_id, "lost"])).content.decode()
    assert credit_code(FIRST + FIRMS - 1) in firms
    assert client.get(reverse("policies:evaluation_firms", args=[run.run_id, "all"])).status_code == 404
    assert client.get("/api/evaluations/" + run.run_id).json()["change"]["level"] == "doubt"
    for role in ("data_clerk", "bureau_clerk", "administrator", "finance_officer"):
        other = person_factory(role, from_day=dt.date(2026, 1, 1))
        for call in (partial(run_evaluation, question=ASKED, by=other), partial(ask_evaluation, question=ASKED, by=other), partial(evaluated.find, other, run.run_id),
                     partial(evaluated.recent, other), partial(evaluated.lines, other, run, "lost")):
            with pytest.raises(Forbidden):
                call()
        client.force_login(other)
        for name, args in (("evaluations", []), ("evaluation", [run.run_id]), ("evaluation_firms", [run.run_id, "lost"])):
            assert client.get(reverse(f"policies:{name}", args=args)).status_code == 403
        assert client.post(page, told).status_code == 403
        assert client.get("/api/evaluations/" + run.run_id).status_code == 403


@pytest.fixture
def small(settings, tmp_path, monkeypatch):
    county.begin(settings, tmp_path, monkeypatch)
    county.deliver((county.RICH, 600), (county.PLAIN, 500), (county.SHORT, 90), period="2025-12")
    found = person_factory("policy_officer", from_day=dt.date(2026, 1, 1))
    actions.run_match(by=found)
    return found


WRONG = (
    ({"policy": "clean-klin-2026"}, "no_policy", "policy"), ({"limit": "clause:here:0"}, "no_limit", "limit"), ({"agg": "mean"}, "no_agg", "agg"), ({"fact": "kiln.gaz"}, "no_fact", "fact"),
    ({"before": "2025-13"}, "no_period", "before"), ({"before": "2025-12-31"}, "no_period", "before"), ({"before": "2025"}, "unlike", "after"), ({"before": "2026-Q3"}, "overlap", "after"),
    ({"before": "2024", "after": "2025"}, "not_after", "after"), ({"after": "2026-Q4"}, "not_over", "after"), ({"match": "0" * 64}, "no_match", "match"))


def test_what_cannot_be_asked_is_refused_at_its_field_and_nothing_is_kept(small):
    for change, code, field in WRONG:
        with pytest.raises(Refusal) as refusal:
            run_evaluation(question=replace(ASKED, **change), by=small)
        assert (refusal.value.code, refusal.value.field) == (code, field), change
    assert not Run.objects.filter(kind="evaluation").exists()
