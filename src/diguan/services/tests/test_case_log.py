"""Our cases as XES: read back by our own reader with equal numbers, nobody's name in it, only what may be taken out."""

from __future__ import annotations

import datetime as dt
import gzip
import io

import pytest

from diguan.kernel import access
from diguan.kernel.clocks import COUNTY_TIME
from diguan.kernel.stages.models import Passage
from diguan.kernel.tests.factories import person_factory
from diguan.services.engine.eventlog import log_of
from diguan.services.engine.readers import read_log
from diguan.services.models import Case
from diguan.services.queries import case_log
from diguan.services.tests.test_case_measures import done_cases
from diguan.services.tests.test_cases import USCC, who

__all__ = ["done_cases", "who"]
pytestmark = pytest.mark.django_db


def read(text):
    return read_log(io.BytesIO(text.encode()), COUNTY_TIME)


def test_the_bench_reads_our_log_back_with_equal_numbers(who, done_cases, monkeypatch):
    rows = case_log.exportable(who.officer, Case.objects.all())
    whole = "".join(case_log.pieces(rows))
    found = read(whole)
    names = list(rows.order_by("pk").values_list("pk", "course", "owner_unit__name"))
    assert found.log.same(log_of(case_log._executions(names)))
    assert (found.left_out, found.unread) == ({}, {})
    assert len(found.log.cases) == 3  # of the fourth nothing is done yet
    assert len(found.log) == Passage.objects.filter(kind="done").count() == 18
    assert found.events == 36
    assert found.log.timed.all()
    assert set(found.log.activities) == {"受理", "项目备案", "规划许可", "消防设计审查", "用电报装", "统一发证"}
    monkeypatch.setattr(case_log, "BATCH", 1)
    assert read("".join(case_log.pieces(rows))).log.same(found.log)


def test_days_from_first_to_last_are_those_that_were_measured(who, done_cases):
    log = read("".join(case_log.pieces(Case.objects.filter(pk=done_cases[1].pk)))).log
    first, last = (dt.datetime.fromtimestamp(int(at) / 1e6, COUNTY_TIME).date() for at in (log.start.min(), log.end.max()))
    assert (first, last) == (dt.date(2026, 11, 9), dt.date(2026, 11, 18))


def test_nobodys_name_and_no_enterprise_is_in_it(who, done_cases):
    text = "".join(case_log.pieces(Case.objects.all()))
    for word in (USCC, "县示例时计有限公司", "测试员", *(case.number for case in done_cases)):
        assert word not in text
    assert "供电公司 承办岗" in text
    assert "县行政审批局 窗口岗" in text
    assert case_log.pseudonym(1) != case_log.pseudonym(2)
    assert case_log.pseudonym(done_cases[0].pk) in text


def test_another_secret_gives_other_pseudonyms(settings):
    before = case_log.pseudonym(1)
    settings.SECRET_KEY = "another" * 10
    assert case_log.pseudonym(1) != before


def test_packed_it_is_the_same_and_the_same_bytes_twice(who, done_cases):
    first, second = (b"".join(case_log.packed(case_log.pieces(Case.objects.all()))) for _time in range(2))
    assert first == second
    assert gzip.decompress(first).decode() == "".join(case_log.pieces(Case.objects.all()))
    assert len(read_log(io.BytesIO(first), COUNTY_TIME).log) == 18


def test_without_cases_it_is_a_log_all_the_same(who):
    text = "".join(case_log.pieces(Case.objects.none()))
    assert text.startswith("<?xml")
    assert text.endswith("</log>\n")


def test_only_what_may_be_taken_out_is_in_it(who, done_cases):
    with pytest.raises(access.Forbidden):
        case_log.exportable(who.power, Case.objects.all())
    with pytest.raises(access.Forbidden):
        case_log.exportable(person_factory("leader"), Case.objects.all())
    assert case_log.exportable(who.officer, Case.objects.filter(pk=done_cases[0].pk)).count() == 1


def test_a_deed_written_down_later_stands_at_noon_of_its_day():
    at = dt.datetime(2026, 11, 9, 9, 30, tzinfo=COUNTY_TIME)
    assert case_log.instant(dt.date(2026, 11, 9), at) == at.timestamp() * 1e6
    assert case_log.instant(dt.date(2026, 11, 6), at) == dt.datetime(2026, 11, 6, 12, tzinfo=COUNTY_TIME).timestamp() * 1e6
