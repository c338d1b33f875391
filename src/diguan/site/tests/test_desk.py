"""The work desk: what is late, what disagrees, what failed; each only for whom it concerns."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel import clocks, jobs, periods
from diguan.kernel.facts import deliveries
from diguan.kernel.jobs import Job
from diguan.kernel.sheets.tests.ugly import HEADS, body, code, xlsx
from diguan.kernel.tests.factories import delegation_factory, person_factory, post_factory
from diguan.policies.actions import run_match
from diguan.policies.queries import totals_of

pytestmark = pytest.mark.django_db
JOBS_HEADS = ["统一社会信用代码", "企业名称", "期末用工人数（人）"]
SINCE = dt.date(2026, 1, 1)


@pytest.fixture(autouse=True)
def october(settings, tmp_path, db):
    settings.DIGUAN_DATA = tmp_path
    settings.DIGUAN_TODAY = "2026-10-31"
    for number in range(1, 10):
        enterprise_factory(code(number), f"演示企业{number}")


def person(role, **fields):
    return person_factory(role, from_day=SINCE, **fields)


def desk(client, who):
    client.force_login(who)
    return client.get("/").content.decode()


def bring(by, sheet, rows, month, source="", complete=None):
    upload = deliveries.keep(f"{sheet}-{month}-{source}.xlsx", xlsx(rows), sheet, by=by)
    _upload, content = deliveries.kept(upload.pk, by=by)
    return deliveries.commit(deliveries.Request(sheet, periods.parse(month), source, complete), upload, content, by=by)


def test_a_month_that_is_late_comes_first_and_names_who_should_deliver_it(client):
    page = desk(client, person("data_clerk"))
    assert "2026-09 月度税收还没有报来" in page
    assert "县税务局" in page
    assert "超期 16 天" in page
    assert "sheet=tax_monthly&amp;period=2026-09" in page


def test_a_month_that_is_not_due_yet_waits_for_others(client):
    page = desk(client, person("data_clerk"))
    assert page.index("等别人") < page.index("2026-10 月度税收待报送")


WHOLE = [*HEADS, "增值税（元）", "企业所得税（元）", "开票销售收入（元）", "出口销售额（元）", "设备购置额（元）", "研发费用（元）"]


def test_a_month_delivered_whole_takes_no_line_and_one_that_lacks_columns_names_them(client):
    clerk = person("data_clerk")
    bring(clerk, "tax_monthly", [HEADS, *body()], "2026-08")
    bring(clerk, "tax_monthly", [WHOLE, *[[*row, *[1] * (len(WHOLE) - len(row))] for row in body()]], "2026-09")
    page = desk(client, clerk).partition('class="dg-rail"')[0]
    assert "2026-09 月度税收" not in page
    assert "近半年另有 1 份按时报齐" in page
    assert "2026-08 月度税收没报齐" in page
    assert "设备购置额" in page


def test_a_leader_sees_exceptions_only_and_no_button_to_import(client):
    page = desk(client, person("leader"))
    assert "要您知道的" in page
    assert "还没有报来" in page
    assert "等别人" not in page
    assert reverse("site:imports") not in page


def test_the_desk_tells_what_the_match_came_to_over_all_policies_and_only_to_whom_sees_the_county(client):
    officer = person("policy_officer")
    run = run_match(by=officer)
    totals = totals_of(run).values()
    page = desk(client, officer).split('id="run-title"', 1)[1].split("</section>", 1)[0]
    for label, count in (("在施行的政策", len(totals)), ("可享", sum(one.eligible for one in totals)), ("差一步", sum(one.near_miss for one in totals)),
                         ("待补信息", sum(one.unknown for one in totals))):
        assert f'<dt>{label}</dt><dd><span class="dg-figure">{count:,}</span>' in page
    assert sum(one.judged for one in totals) == 9 * len(totals)
    assert "dg-tiles" not in desk(client, person("administrator"))


def test_two_sources_that_disagree_are_named_and_shown_side_by_side(client):
    clerk = person("data_clerk")
    bring(clerk, "employment_monthly", [JOBS_HEADS, [code(1), "甲", 10], [code(2), "乙", 20]], "2026-08")
    bring(clerk, "employment_monthly", [JOBS_HEADS, [code(1), "甲", 10], [code(2), "乙", 27]], "2026-08", "park_office", ())
    assert "有 1 户对不上" in desk(client, clerk)
    url = reverse("site:disputes") + "?fact=jobs.headcount&period=2026-08"
    page = client.get(url).content.decode()
    assert code(2) in page
    assert code(1) not in page
    assert "27 人" in page
    client.force_login(person("administrator"))
    assert client.get(url).status_code == 403
    client.force_login(person("enterprise_agent", uscc=code(2)))
    assert client.get(url).status_code == 403


def test_a_failed_job_is_on_its_owners_desk_and_page_and_on_nobody_elses(client):
    clerk, other = person("data_clerk"), person("data_clerk")
    row = Job.objects.create(name="site.commit_upload", by=clerk, state="failed", error="第 3 行不对", finished_at=clocks.now())
    page = desk(client, clerk)
    assert "没有做成" in page
    assert "第 3 行不对" in client.get(reverse("site:job", args=[row.pk])).content.decode()
    assert "没有做成" not in desk(client, other)
    assert client.get(reverse("site:job", args=[row.pk])).status_code == 404


def test_a_crash_is_never_shown_with_its_trace(client):
    clerk = person("data_clerk")
    row = Job.objects.create(name="site.commit_upload", by=clerk, state="failed", error="KeyError: 'x'\n\nTraceback: secret.py", finished_at=clocks.now())
    client.force_login(clerk)
    page = client.get(reverse("site:job", args=[row.pk])).content.decode()
    assert "secret.py" not in page
    assert "告诉系统管理员" in page


def test_a_running_job_shows_how_far_it_is_and_asks_again_by_itself(client):
    clerk = person("data_clerk")
    row = Job.objects.create(name="site.commit_upload", by=clerk, state="running", progress_done=1200, progress_total=6000)
    client.force_login(clerk)
    answer = client.get(reverse("site:job", args=[row.pk]))
    assert answer.headers["Refresh"]
    assert "1,200 / 6,000" in answer.content.decode()


def test_an_administrator_sees_locked_accounts_people_without_posts_and_delegations_that_end(client):
    admin = person("administrator")
    person("data_clerk", name="锁甲", locked_until=clocks.now() + dt.timedelta(minutes=9))
    person_factory(name="空乙")
    agent = person("enterprise_agent", name="代丙")
    delegation_factory(agent, code(1), from_day=SINCE, to_day=dt.date(2026, 11, 20))
    going = person_factory(name="换丁")
    post_factory(going, "leader", from_day=SINCE, to_day=dt.date(2026, 11, 5))
    page = desk(client, admin)
    for name, why in (("锁甲", "已锁定"), ("空乙", "没有任职"), ("代丙", "授权快到期"), ("换丁", "任职快到期")):
        assert name in page, name
        assert why in page
    assert "锁甲" not in desk(client, person("data_clerk"))
    assert "锁甲" not in desk(client, person("leader"))


def test_who_holds_nothing_has_an_empty_desk(client):
    page = desk(client, person_factory())
    assert "现在没有要您办的" in page
    assert "最近交付的数据" not in page


def test_jobs_of_long_ago_are_not_repeated(client):
    clerk = person("data_clerk")
    Job.objects.create(name="site.commit_upload", by=clerk, state="done", finished_at=clocks.now() - dt.timedelta(days=9))
    assert jobs.own(clerk, clocks.now() - dt.timedelta(days=2)) == []
