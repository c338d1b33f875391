"""Pages of the measures of cases: the numbers, the rows they open, what one case is counted from, the log; and everybody who may not."""

from __future__ import annotations

import gzip
import io
import re

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from diguan.kernel.clocks import COUNTY_TIME
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.services.engine.readers import read_log
from diguan.services.queries.case_measures import NAMES
from diguan.services.tests.test_case_measures import carried_out, done_cases
from diguan.services.tests.test_case_pages import at, page
from diguan.services.tests.test_cases import opened, who

__all__ = ["done_cases", "who"]
pytestmark = pytest.mark.django_db


def plain(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_page_prints_both_reductions_with_the_gap_to_what_was_published(client, who, done_cases):
    shown = plain(page(client, who.officer, at("case_measures")))
    for words in ("天数压减（每件平均） 88%", "公开说过 60%，超过 28 个百分点", "跑动压减（合计） 88.89%", "公开说过 75%，超过 13.89 个百分点", "平均压减审批时限 60%", "没有说是每件压减率的平均", "4.5 星", "2 件评价过", "建厂房", "种子 20260101"):
        assert words in shown, words


def test_every_figure_of_the_page_leads_to_exactly_its_cases(client, who, done_cases):
    html = page(client, who.officer, at("case_measures"))
    for name in NAMES:
        if name in ("case_trips",):
            continue
        assert f'href="{reverse("services:case_measure", args=[name])}' in html, name
    listed = page(client, who.officer, at("case_measure", "case_days_cut_mean"))
    first, second, third, fourth = done_cases
    assert all(case.number in listed for case in (first, second))
    assert not any(case.number in listed for case in (third, fourth))
    assert "88%" in plain(listed)
    late = page(client, who.officer, at("case_measure", "cases_late"))
    assert third.number in late
    assert first.number not in late
    page(client, who.officer, at("case_measure", "no_such_figure"), 404)


def test_from_each_case_its_events(client, who, done_cases):
    second = done_cases[1]
    assert reverse("services:case_counted", args=[second.pk]) in page(client, who.officer, at("case_measure", "case_days"))
    shown = plain(page(client, who.officer, at("case_counted", second.pk)))
    assert "自 2026-11-09 提交的次日起，到 2026-11-18 送达当天，共 7 个工作日；其中等申请人补正 3 个工作日，不含它是 4 个。" in shown
    for words in ("次日起等申请人", "次日起接着算", "天数算到这天", "从次日起算天数", "一次性告知补正", "原来几个工作日"):
        assert words in shown, words
    assert shown.count("算跑动 1 次") == 2
    assert "送达后才算" in page(client, who.officer, at("case_counted", done_cases[3].pk))


def test_filters_groups_and_export(client, who, done_cases):
    power = who.offices["power"].pk
    shown = plain(page(client, who.officer, f"{at('case_measures')}?by=bureau&period=2026-11&bureau={power}"))
    assert "供电公司" in shown
    assert "县住建局 3" not in shown
    assert "2026-11" in page(client, who.officer, f"{at('case_measures')}?event=factory&by=month")
    client.force_login(who.officer)
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{at('case_measures')}?export=xlsx").content))
    rows = list(book.worksheets[0].values)
    line = dict(zip(rows[0], rows[1], strict=True))
    assert (line["一件事"], line["送达办结"], float(line["天数压减（每件平均）（%）"]), line["没有原来的天数"]) == ("建厂房", 3, 88.0, 1)
    about = dict(row[:2] for row in book.worksheets[1].values)
    assert "平均压减审批时限 60%" in about["公开的数"]
    behind = openpyxl.load_workbook(io.BytesIO(client.get(f"{at('case_measure', 'case_days_missing')}?export=xlsx").content))
    assert [row[0] for row in list(behind.worksheets[0].values)[1:]] == [done_cases[2].number]


def test_no_case_and_no_ended_case_say_so(client, who, settings):
    assert "还没有办件" in page(client, who.officer, at("case_measures"))
    opened(who)
    shown = page(client, who.officer, at("case_measures"))
    assert "还没有送达办结的办件" in shown
    assert "天数压减（每件平均） —" in plain(shown)


def test_the_seed_is_kept_or_refused(client, who, done_cases):
    first, again = (page(client, who.officer, f"{at('case_measures')}?seed=7") for _time in range(2))
    assert "种子 7，" in plain(first)
    digest = re.search(r"结果摘要 (\w+)", plain(first)).group(1)
    assert digest == re.search(r"结果摘要 (\w+)", plain(again)).group(1)
    assert digest not in page(client, who.officer, f"{at('case_measures')}?seed=8")
    for wrong in ("4294967296", "-1", "x"):
        assert "种子应是 0 到" in page(client, who.officer, f"{at('case_measures')}?seed={wrong}")


def test_in_public_few_cases_show_nothing(client, who, done_cases, settings):
    shown = page(client, who.officer, f"{at('case_measures')}?public=1")
    assert "办件太少，不公开" in shown
    assert "88%" not in shown
    assert "太少，不公开" in shown
    for _case in range(3):
        carried_out(who, settings)
    shown = plain(page(client, who.officer, f"{at('case_measures')}?public=1"))
    assert "天数压减（合计）" in shown
    assert "告知过补正 —" in shown  # one case alone was corrected
    assert "没有原来的天数 —" in shown
    assert "measures/case_" not in page(client, who.officer, f"{at('case_measures')}?public=1")


def test_a_bureau_sees_its_own_scope_and_takes_nothing_out(client, who, done_cases):
    assert "建厂房" in page(client, who.power, at("case_measures"))
    page(client, who.power, f"{at('case_measures')}?export=xlsx", 403)
    page(client, who.power, f"{at('case_measure', 'cases_ended')}?export=xlsx", 403)
    page(client, who.power, at("case_log"), 403)
    stranger = person_factory("bureau_clerk", unit_factory("县林业局"))
    assert "您单位还没有" in page(client, stranger, at("case_measures"))
    assert done_cases[0].number not in page(client, stranger, at("case_measure", "cases_ended"))
    page(client, stranger, at("case_counted", done_cases[0].pk), 404)


@pytest.mark.parametrize("role", ["data_clerk", "finance_officer"])
def test_who_sees_no_cases_sees_no_figure(client, who, done_cases, role):
    for url in (at("case_measures"), at("case_measure", "cases_ended"), at("case_counted", done_cases[0].pk), at("case_log")):
        page(client, person_factory(role), url, 403)


def test_an_enterprise_sees_none_of_it(client, who, done_cases):
    for url in (at("case_measures"), at("case_measure", "cases_ended"), at("case_counted", done_cases[0].pk), at("case_log")):
        page(client, who.agent, url, 403)


def test_the_log_is_what_the_list_shows_and_reads_back(client, who, done_cases):
    assert at("case_log") in page(client, who.officer, at("cases"))
    client.force_login(who.officer)
    answer = client.get(f"{at('case_log')}?state=ended&gz=1")
    assert answer.headers["Content-Disposition"].endswith('.xes.gz"')
    packed = b"".join(answer.streaming_content)
    plain_text = b"".join(client.get(f"{at('case_log')}?state=ended").streaming_content)
    assert gzip.decompress(packed) == plain_text
    assert len(read_log(io.BytesIO(packed), COUNTY_TIME).log.cases) == 3
    assert b"".join(client.get(f"{at('case_log')}?q=nobody").streaming_content).count(b"<trace>") == 0


def test_in_english_the_page_is_english(client, who, done_cases):
    client.cookies["diguan_language"] = "en"
    shown = page(client, who.officer, at("case_measures"))
    assert "Days cut, mean of ratios" in shown


def test_more_cases_ask_no_more_questions(client, who, settings, django_assert_max_num_queries):
    carried_out(who, settings)
    client.force_login(who.officer)
    with CaptureQueriesContext(connection) as one:
        client.get(at("case_measures"))
    for _case in range(2):
        carried_out(who, settings)
    for url in (at("case_measures"), f"{at('case_measures')}?by=bureau", f"{at('case_measures')}?by=month"):
        with django_assert_max_num_queries(len(one) + 1):
            client.get(url)
