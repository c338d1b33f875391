"""What a gate of the kernel's stages knows of an enterprise: the register, the deliveries and the national standards."""

from __future__ import annotations

import datetime as dt

import pytest

from diguan.enterprises.queries import standing
from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel.rules.tree import FALSE, UNKNOWN
from diguan.kernel.stages import queries
from diguan.kernel.stages.tests.factories import course_factory, flow_of, put
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db
USCC = "91430421MA00002260"


@pytest.fixture(autouse=True)
def here(settings, tmp_path):
    settings.DIGUAN_DATA = tmp_path


def test_the_register_deliveries_and_standards_reach_the_gate(monkeypatch):
    officer = person_factory("policy_officer")
    put(monkeypatch, flow_of("""\
id: f
title: 测试
subject: test_case
reads: [enterprise]
stages:
  - {id: a, title: 一, next: [b]}
  - id: b
    title: 二
    final: true
    gate:
      facts:
        - {id: here, says: 在本县登记, when: {fact: enterprise.registered_region, op: "=", value: "430421"}}
        - {id: size, says: 是小型企业, when: {fact: enterprise.size_class, op: "=", value: 小型}}
        - {id: taxes, says: 有纳税, when: {fact: tax.paid, over: this_year, agg: sum, op: ">", value: 0元}}
"""))
    enterprise_factory(USCC, "衡阳样例表业有限公司", registered_region="430421", industry="4030")
    course = course_factory("f", officer, uscc=USCC)
    (way,) = queries.ways(officer, queries.current(course))
    assert [item.id for item in way.answer.missing] == ["size", "taxes"]
    assert {item.state for item in way.answer.missing} == {UNKNOWN}
    monkeypatch.setattr("diguan.kernel.rules.standards.told", lambda one, facts, day: "小型")
    (way,) = queries.ways(officer, queries.current(course))
    assert [item.id for item in way.answer.missing] == ["taxes"]


def test_of_a_code_that_is_not_in_the_register_nothing_is_known():
    found = standing.facts_of("91430421MA0000000X", dt.date(2026, 10, 31))
    assert (dict(found.attributes), dict(found.rows), found.absent) == ({}, {}, frozenset())


def test_the_licence_in_the_register_is_asked_of_nobody(monkeypatch):
    officer, flow = person_factory("policy_officer"), "id: f\ntitle: 测试\nsubject: test_case\nstages:\n  - {id: a, title: 一, next: [b]}\n"
    put(monkeypatch, flow_of(flow + "  - {id: b, title: 二, final: true, gate: {evidence: [business_licence]}}\n"))
    course = course_factory("f", officer, uscc=USCC)
    (way,) = queries.ways(officer, queries.current(course))
    assert [(item.id, item.state) for item in way.answer.missing] == [("business_licence", FALSE)]
    enterprise_factory(USCC, "衡阳样例表业有限公司", business_status="存续")
    (way,) = queries.ways(officer, queries.current(course))
    assert (way.answer.met, way.answer.items[0].found.zh) == (True, "县里已有：登记状态")
