"""The pages of what changed: they say it in words, open the rows, and let nobody in who may not."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest
from django.urls import reverse

from diguan.indicators.actions.published import publish_month
from diguan.indicators.models import PublishedMonth
from diguan.indicators.queries import sources
from diguan.indicators.tests.factories import firms, pack, snapshot_factory, told
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db
SEPTEMBER = dt.date(2025, 9, 30)
TRIAL = "- code: trial.tax\n  version: 1\nHEAD\n  fact: tax.paid\n"


def taxed(rows, amount, months=("2025-08",), whole=True):
    return told("tax.paid", {row.uscc: dict.fromkeys(months, amount) for row in rows}, whole=months if whole else ())


def seen(client, name, *args, role="leader", query="", status=200):
    client.force_login(person_factory(role))
    answer = client.get(reverse(f"indicators:{name}", args=args) + query)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


@pytest.fixture
def two():
    """August published from four returns; then one corrected and one late."""
    rows = firms(5)
    taxed(rows[:4], 1_000_000)
    old = snapshot_factory(as_of=SEPTEMBER)
    publish_month(month="2025-08", run=old, by=person_factory("leader"), reason="有的户还没报")
    batch = taxed(rows[:1], 1_500_001, whole=False)
    taxed(rows[4:], 250_000, whole=False)
    return rows, old, snapshot_factory(as_of=SEPTEMBER), batch


def test_the_page_says_in_a_sentence_why_august_changed_and_opens_the_rows(client, two):
    rows, old, new, batch = two
    page = seen(client, "indicator", "tax.paid", query="?period=2025-08")
    assert "2025-08 从 4 万元 变为 4.8 万元。" in page
    address = f"?period=2025-08&from={old.run_id}&to={new.run_id}"
    assert address.replace("&", "&amp;") in page
    page = seen(client, "changed", "tax.paid", query=address)
    assert "2025-08 入库税收从 4 万元 变为 4.8 万元：更正 1 户 +5,000.01 元，补报 1 户 +2,500 元。" in page
    assert "+7,500.01 元" in page
    assert reverse("enterprises:dossier", args=[rows[0].uscc]) in page
    assert reverse("site:batch", args=[batch.pk]) in page


def test_both_figures_of_the_sentence_and_each_count_open_their_rows(client, two):
    rows, old, new, _batch = two
    address = f"?period=2025-08&from={old.run_id}&to={new.run_id}"
    page = seen(client, "changed", "tax.paid", query=address)
    for run, count in ((old, 4), (new, 5)):
        url = f"{reverse('indicators:rows', args=['tax.paid'])}?period=2025-08&snapshot={run.run_id}"
        assert url.replace("&", "&amp;") in page
        assert len(client.get(url).context["page"].paginator.object_list) == count
    assert f"{address}&cause=corrected".replace("&", "&amp;") in page
    corrected = seen(client, "changed", "tax.paid", query=f"{address}&cause=corrected")
    assert rows[0].name in corrected
    assert rows[4].name not in corrected
    assert "更正 1 户 +5,000.01 元，补报 1 户 +2,500 元" in corrected, "the sentence stays whole"


def test_a_page_of_an_earlier_snapshot_opens_the_rows_of_that_snapshot(client, two):
    _rows, old, _new, _batch = two
    page = seen(client, "indicator", "tax.paid", query=f"?period=2025-08&snapshot={old.run_id}")
    links = set(re.findall(r'href="([^"]*period=2025-08[^"]*)"', page))
    assert links
    assert {link for link in links if f"snapshot={old.run_id}" not in link and "/changed/" not in link} == set()
    figure = f"{reverse('indicators:rows', args=['tax.paid'])}?period=2025-08&snapshot={old.run_id}"
    assert figure in map(html.unescape, links)
    assert len(client.get(figure).context["page"].paginator.object_list) == 4
    assert figure in html.unescape(seen(client, "snapshot", old.run_id))


def test_the_exported_rows_carry_the_sentence_and_take_the_right_to_export(client, two):
    _rows, old, new, _batch = two
    client.force_login(person_factory("leader"))
    address = reverse("indicators:changed", args=["tax.paid"]) + f"?period=2025-08&from={old.run_id}&to={new.run_id}&export=csv"
    text = client.get(address).content.decode("utf-8-sig")
    assert "更正" in text
    client.force_login(person_factory("policy_officer"))
    assert client.get(address).status_code == 403


def test_a_page_of_rows_keeps_what_it_is_of_in_every_link(client):
    rows = firms(30)
    taxed(rows, 100, ("2025-07", "2025-08"))
    run = snapshot_factory(as_of=SEPTEMBER)
    page = seen(client, "rows", "tax.paid", query=f"?period=2025-07&snapshot={run.run_id}")
    assert f"period=2025-07&amp;snapshot={run.run_id}&amp;page=2" in page
    assert f"period=2025-07&amp;snapshot={run.run_id}&amp;sort=" in page


def test_two_snapshots_beside_each_other_name_the_figures_and_the_deliveries(client, two):
    _rows, old, new, batch = two
    page = seen(client, "against", new.run_id, old.run_id)
    assert "入库税收" in page
    assert "+7,500.01 元" in page
    assert reverse("site:batch", args=[batch.pk]) in page
    assert "这两份快照的数一样" in seen(client, "against", new.run_id, new.run_id)
    seen(client, "against", new.run_id, "0" * 64, status=404)


def test_a_figure_of_two_firms_is_not_taken_apart_on_the_page(client):
    firms(5, "陶瓷")
    pair = firms(2)
    taxed(pair, 1_000_000)
    old = snapshot_factory(as_of=SEPTEMBER)
    taxed(pair[:1], 9_000_000, whole=False)
    new = snapshot_factory(as_of=SEPTEMBER)
    page = seen(client, "changed", "tax.paid", query=f"?period=2025-08&dim=cluster&group=钟表&from={old.run_id}&to={new.run_id}")
    assert "有一期不足 3 户" in page
    assert pair[0].name not in page
    assert "80,000" not in page


def test_hidden_firms_are_neither_named_nor_summed_where_they_are_two(client, two, monkeypatch):
    rows, old, new, _batch = two
    visible = sources.visible_enterprises
    monkeypatch.setattr(sources, "visible_enterprises", lambda person: visible(person).filter(pk=rows[2].pk))
    page = seen(client, "changed", "tax.paid", query=f"?period=2025-08&from={old.run_id}&to={new.run_id}")
    assert "变动的企业里有不足 3 户不在您的职责范围内" in page
    assert rows[2].name not in page, "beside the whole it would tell what the two come to"
    assert rows[0].name not in page


def test_a_month_is_published_and_published_again_with_a_reason(client, two):
    _rows, old, new, _batch = two
    page = seen(client, "month", "2025-08")
    assert "发布过 1 次" in page
    address = reverse("indicators:month", args=["2025-08"])
    refused = client.post(address, {"run": new.run_id, "reason": ""})
    assert refused.status_code == 422
    assert "再次发布要写明为什么" in refused.content.decode()
    assert client.post(address, {"run": new.run_id, "reason": "更正一户，补报一户"}).status_code == 302
    page = seen(client, "month", "2025-08")
    assert "4 万元 → 4.8 万元" in page
    assert "已被后一次代替，留着备查" in page
    assert reverse("indicators:against", args=[new.run_id, old.run_id]) in page
    assert "2025-08" in seen(client, "months")
    seen(client, "month", "2025-Q3", status=404)


@pytest.mark.parametrize("role", ["policy_officer", "data_clerk"])
def test_who_may_look_but_not_publish_sees_no_form_and_is_refused(client, two, role):
    _rows, _old, new, _batch = two
    page = seen(client, "month", "2025-08", role=role)
    assert "再次发布</button>" not in page
    assert client.post(reverse("indicators:month", args=["2025-08"]), {"run": new.run_id, "reason": "试"}).status_code == 403
    assert PublishedMonth.objects.count() == 1


def test_what_is_lacking_stands_on_the_list_and_the_page_with_who_owes_it(client):
    rows = firms(4)
    taxed(rows[:3], 1_000_000, whole=False)
    snapshot_factory(as_of=dt.date(2025, 8, 31))
    assert "缺 2025-08（县税务局）" in seen(client, "list", query="?q=tax.paid")
    page = seen(client, "indicator", "tax.paid", query="?period=2025-08")
    assert "还缺的数据" in page
    assert "2025-09-15" in page
    assert "来了 3 户，没有说齐" in page
    taxed(rows, 1_000_000)
    snapshot_factory(as_of=dt.date(2025, 8, 31))
    assert "缺 2025-08" not in seen(client, "list", query="?q=tax.paid")


def test_two_sources_are_linked_from_the_indicator_and_never_averaged(client):
    rows = firms(4)
    for source, number in (("hr_bureau", 100), ("park_office", 130)):
        told("jobs.headcount", {row.uscc: {"2025-08": number} for row in rows}, source)
    snapshot_factory(as_of=SEPTEMBER)
    page = seen(client, "indicator", "jobs.headcount", query="?period=2025-08")
    assert "县人社局 400 人，园区管委会 520 人" in page
    page = seen(client, "disagreements")
    assert "+120 人" in page
    assert "460" not in page
    page = seen(client, "disagreement", "jobs.headcount", "2025-08")
    assert page.count("+30 人") == 4
    assert rows[0].name in page
    seen(client, "disagreement", "jobs.headcount", "2025-07", status=404)
    seen(client, "disagreement", "tax.paid", "2025-08", status=404)


def test_nobody_without_the_right_to_indicators_sees_any_of_it(client, two):
    _rows, old, new, _batch = two
    for role in ("town_officer", "enterprise_agent"):
        for name, args in (("changed", ["tax.paid"]), ("against", [new.run_id, old.run_id]), ("months", []), ("month", ["2025-08"]), ("disagreements", []), ("disagreement", ["jobs.headcount", "2025-08"])):
            seen(client, name, *args, role=role, status=403)


def test_an_indicator_the_earlier_snapshot_did_not_know_is_new_and_not_redefined(client, tmp_path, monkeypatch):
    rows = firms(4)
    taxed(rows, 1_000_000)
    old = snapshot_factory(as_of=SEPTEMBER)
    monkeypatch.setenv("DIGUAN_PACKS", f"base,{pack(tmp_path, TRIAL)}")
    new = snapshot_factory(as_of=SEPTEMBER)
    page = seen(client, "against", new.run_id, old.run_id)
    assert "新的指标" in page
    assert "口径改了" not in page
    page = seen(client, "changed", "trial.tax", query=f"?period=2025-08&from={old.run_id}&to={new.run_id}")
    assert "以前那份快照里没有这个数" in page
    assert "见上表" not in page


def test_a_period_without_a_figure_is_said_in_a_sentence(client, two):
    page = seen(client, "indicator", "tax.paid", query="?period=2031-01")
    assert "这份快照里没有 2031-01 的数" in page
    assert "这份快照里没有" not in seen(client, "indicator", "tax.paid")


def test_an_english_page_draws_its_axis_in_english(client, two, settings):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    taxed(firms(4), 100_000_000_000)
    snapshot_factory(as_of=SEPTEMBER)
    page = seen(client, "indicator", "tax.paid")
    axis = page.partition('<svg class="dg-chart-large"')[2].partition("</svg>")[0]
    assert "bn</text>" in axis
    assert "亿" not in axis


def test_a_wide_chart_has_a_small_one_for_the_phone_and_one_table(client, two):
    page = seen(client, "indicator", "tax.paid")
    assert '<svg class="dg-chart-small" viewBox="0 0 360 190"' in page
    assert page.count("看表格") == 1
