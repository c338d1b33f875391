"""The frame of every page: how old the data are, what an event's verb is called, what is looked up late."""

from __future__ import annotations

import datetime as dt

import pytest
from django.template import Context, Template
from django.utils import translation

from diguan.kernel import actions, clocks, declare, shell
from diguan.kernel.facts.models import Batch
from diguan.kernel.templatetags.diguan import status, told
from diguan.kernel.tests.factories import person_factory


def batch(period, **fields):
    return Batch.objects.create(source="tax_bureau", sheet="tax_monthly", period=period, state="committed", sha256="0" * 64,
                                rows=1, facts=1, follows=Batch.objects.count(), committed_at=clocks.now(), **fields)


@pytest.mark.django_db
def test_data_reach_to_the_last_day_of_a_delivered_period_and_never_beyond_today(settings):
    settings.DIGUAN_TODAY = "2026-09-20"
    leader = person_factory("leader", from_day=dt.date(2026, 1, 1))
    assert shell._data_as_of(leader) == ""
    batch("2025")
    batch("2026-06/2026-08")
    batch("all", replaces_all=True)
    assert shell._data_as_of(leader) == "2026-08-31"
    batch("2026-09")
    assert shell._data_as_of(leader) == "2026-09-20"
    assert shell._data_as_of(person_factory("administrator", from_day=dt.date(2026, 1, 1))) == ""


def test_every_event_an_action_appends_has_words():
    without = sorted(info.event for info in actions.REGISTRY.values()
                     if info.name.split(".")[0] in ("access", "facts") and declare.verb_words(info.event) == info.event)
    assert without == []


def test_a_function_named_late_is_called():
    assert declare.later("diguan.kernel.money.percent")(325) == "3.25%"


def test_an_english_page_marks_the_chinese_of_the_data_and_a_chinese_page_marks_nothing():
    with translation.override("en"):
        assert told("县科工局 Policy officer") == '<span lang="zh-Hans">县科工局</span> Policy officer'
        assert told("<b>衡阳") == '&lt;b&gt;<span lang="zh-Hans">衡阳</span>'
        assert status("mute", "注销").count('lang="zh-Hans"') == 1
        assert told(told("衡阳")) == told("衡阳")
        assert told(None) is None
    with translation.override("zh-hans"):
        assert told("县科工局") == "县科工局"
        assert "lang=" not in status("mute", "注销")


def test_a_date_of_a_page_is_not_divided():
    page = Template("{% load diguan %}{{ at|day }} {{ none|day }}").render(Context({"at": dt.date(2026, 10, 31), "none": None}))
    assert page == '<span class="dg-nowrap">2026-10-31</span> <span class="dg-nowrap">—</span>'
