"""The gate tells what is met, what is not and what nobody knows, with words and the gap; and what can be waived."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diguan.kernel import clocks
from diguan.kernel.clocks import PAUSE, START, Calendar, Entry
from diguan.kernel.messages import Message
from diguan.kernel.rules.scalar import SubjectFacts
from diguan.kernel.rules.tree import FALSE, TRUE, UNKNOWN
from diguan.kernel.rules.windows import Coverage
from diguan.kernel.stages import gates
from diguan.kernel.stages.gates import Held, Situation
from diguan.kernel.stages.tests.factories import flow_of

pytestmark = pytest.mark.one_database
DAY = dt.date(2026, 10, 30)
GATE = flow_of("""\
id: x
title: 测试
subject: enterprise
stages:
  - {id: a, title: 一, next: [b]}
  - id: b
    title: 二
    final: true
    gate:
      facts:
        - {id: capital, says: 注册资本不低于100万元, when: {fact: enterprise.registered_capital, op: ">=", value: 100万元}}
        - {id: high_tech, says: 是高新技术企业, when: {fact: enterprise.high_tech, op: "=", value: "true"}}
      evidence: [policy_text, legal_basis]
      roles: [leader, policy_officer]
      verifier_not_doer: true
      waiver: [high_tech, policy_text]
      clock: {days: 5, kind: wait, basis: 公示五个工作日}
""").step["b"].gate
HELD = {"policy_text": Held(TRUE, Message("已核实", "verified"), 7), "legal_basis": Held(TRUE, Message("已核实", "verified"), 8)}


def facts(**values):
    return SubjectFacts({f"enterprise.{name}": value for name, value in values.items()}, {}, Coverage({}), scales={"enterprise.registered_capital": 100})


def clock(*entries):
    return clocks.read([Entry(START, dt.date(2026, 10, 22), 5), *entries], Calendar())


def asked(**more):
    given_ = {"day": DAY, "actor": 1, "holds": {"leader"}, "facts": facts(registered_capital=100_000_000, high_tech=1), "evidence": HELD, "clock": clock(), **more}
    return gates.judge(GATE, Situation(**given_))


def states(answer):
    return {item.id: item.state for item in answer.items}


def test_a_gate_whose_every_item_is_met_is_open():
    answer = asked()
    assert (answer.met, answer.state, answer.missing) == (True, TRUE, ())
    assert [item.kind for item in answer.items] == ["fact", "fact", "evidence", "evidence", "role", "doer", "clock"]


def test_a_fact_that_fails_says_by_how_much_and_one_nobody_knows_says_so():
    answer = asked(facts=facts(registered_capital=60_000_000))
    capital, high_tech = answer.missing
    assert (capital.state, capital.gap, capital.asked.zh) == (FALSE, Fraction(400_000), "注册资本不低于100万元")
    assert "60 万元" in capital.found.zh
    assert (high_tech.state, high_tech.gap, high_tech.found.zh) == (UNKNOWN, None, "没人告诉过我们")
    assert answer.state == FALSE
    assert asked(facts=facts(registered_capital=100_000_000)).state == UNKNOWN
    assert asked(facts=None).state == UNKNOWN


def test_evidence_not_there_is_missing_and_one_not_verified_is_unknown():
    answer = asked(evidence={"policy_text": Held(UNKNOWN, Message("还没核实", "not verified"), 7)})
    assert states(answer)["policy_text"] == UNKNOWN
    assert states(answer)["legal_basis"] == FALSE
    assert not answer.met


def test_one_of_the_roles_is_enough_and_none_is_not():
    assert states(asked(holds={"policy_officer"}))["roles"] == TRUE
    assert states(asked(holds={"administrator"}))["roles"] == FALSE


@pytest.mark.parametrize("actor", [7, 8, 5])
def test_who_handed_in_the_evidence_or_did_the_step_before_does_not_verify(actor):
    assert states(asked(actor=actor, doers={5}))["verifier_not_doer"] == FALSE
    assert states(asked(actor=actor + 100, doers={5}))["verifier_not_doer"] == TRUE


def test_a_time_that_has_to_pass_stands_in_the_way_until_the_day_after():
    assert states(asked(day=dt.date(2026, 10, 29)))["wait"] == FALSE  # the fifth working day is not over
    assert states(asked(day=dt.date(2026, 10, 30)))["wait"] == TRUE
    paused = asked(clock=clock(Entry(PAUSE, dt.date(2026, 10, 26))))
    assert states(paused)["wait"] == FALSE
    assert "暂停" in paused.missing[0].found.zh


def test_only_what_the_flow_lets_be_waived_is():
    nothing = {"facts": None, "evidence": {}}
    waived = dict.fromkeys(("high_tech", "policy_text", "capital", "legal_basis", "roles", "verifier_not_doer", "wait"), "领导批示")
    answer = asked(**nothing, waived={name: why for name, why in waived.items() if name in GATE.waiver})
    assert [item.id for item in answer.missing] == ["capital", "legal_basis"]
    assert {item.id for item in answer.items if item.waivable} == {"high_tech", "policy_text"}


@given(st.lists(st.tuples(st.sampled_from([TRUE, FALSE, UNKNOWN]), st.booleans()), max_size=6))
def test_a_gate_is_met_exactly_when_every_item_is_met_or_waived(found):
    item = Message("甲", "a")
    answer = gates.Answer(tuple(gates.Item("fact", str(at), state, item, item, waived="批" if waived else "") for at, (state, waived) in enumerate(found)))
    assert answer.met == (answer.state == TRUE) == all(state == TRUE or waived for state, waived in found)
    assert answer.met == (not answer.missing) == (not answer.reasons)
    assert (answer.state == FALSE) == any(state == FALSE and not waived for state, waived in found)
