"""Printed figures: how their file is read, how they are judged, who sees what of them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from diguan.indicators.engine import judging
from diguan.indicators.queries import article, register, snapshots
from diguan.indicators.tests.factories import firms, snapshot_factory
from diguan.kernel import access, packs
from diguan.kernel.jobs import Job
from diguan.kernel.tests.factories import person_factory

SEPTEMBER = dt.date(2025, 9, 30)
HEAD = "as_of: 2025-09-30\nsource: {zh: 报, en: Paper}\nfigures:\n"
ONE = '- line: 17\n  title: {zh: 钟表企业, en: Watch firms}\n  said: 钟表 4 家\n  value: "4"\n  unit: {zh: 家, en: firms}\n'
CODE = "  code: enterprises.registered\n  period: 2025-09\n"
PART = CODE + "  dim: cluster\n  group: 钟表\n"


@pytest.fixture
def read(tmp_path, monkeypatch):
    """What a pack's article says, with the indicators as shipped."""

    def of(text):
        path = tmp_path / article.FILE
        path.write_text(HEAD + text, "utf-8")
        files = packs.files
        monkeypatch.setattr(article.packs, "files", lambda name: iter([path]) if name == article.FILE else files(name))
        article._article.cache_clear()
        return article.article()

    yield of
    article._article.cache_clear()


# ── the file ─────────────────────────────────────────────────────────────────
def test_the_shipped_article_tells_every_figure_with_an_indicator_or_a_room_or_as_a_list():
    told = article.article()
    assert told.as_of == SEPTEMBER
    assert [one.line for one in told.figures] == sorted(one.line for one in told.figures)
    assert all(one.code in register.book().versions for one in told.figures if one.code)
    assert {one.waits for one in told.figures if one.waits} == {"finance", "parks", "costs", "tourism", "dialogue"}


@pytest.mark.parametrize(("text", "word"), [
    (ONE, "只写一种"), (ONE + CODE + "  waits: finance\n", "只写一种"), (ONE + "  waits: finances\n", "最接近的是 finance"), (ONE + CODE.replace("registered", "registred"), "最接近的是 enterprises.registered"),
    (ONE + PART.replace("cluster", "clusters"), "最接近的是 cluster"), (ONE + CODE + "  dim: cluster\n", "一起写"), (ONE + CODE.replace("2025-09", "2025-Q3"), "period 不能是 2025-Q3"), (ONE + CODE.replace("2025-09", "九月"), "period 不能是 九月"),
    (ONE.replace('"4"', "4") + CODE, "带引号"), (ONE.replace('"4"', '"四"') + CODE, "带引号"), (ONE.replace('"4"', '"Infinity"') + CODE, "带引号"), (ONE + CODE + "  compare: about\n", "最接近的是"), (ONE + CODE + "  ours: 4\n", "不认识的键 ours"),
    (ONE.replace("said: 钟表 4 家", "said: ''") + CODE, "said 要写文字"), ("- 4\n", "应是键值")])
def test_a_figure_that_cannot_be_used_is_refused_with_its_line_and_the_nearest(read, text, word):
    with pytest.raises(packs.PackError) as refused:
        read(text)
    assert article.FILE in refused.value.where
    assert word in refused.value.message.zh


def test_no_figure_of_ours_can_be_written_into_the_file():
    """There is no key for it: what is there is what was printed, and which indicator counts it."""
    assert set(article.Printed.__dataclass_fields__) == {"line", "title", "said", "value", "unit", "compare", "code", "period", "dim", "group", "waits", "note"}


# ── judging ──────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("ours", "said", "unit", "compare", "holds"), [
    ("299520", "30", "万只", "equal", True), ("294999", "30", "万只", "equal", False), ("160.625", "160.62", "%", "equal", False), ("160.6249", "160.62", "%", "equal", True), ("4293000000", "42.93", "亿元", "equal", True),
    ("4292499999", "42.93", "亿元", "equal", False), ("32", "30", "批次", "at_least", True), ("29", "30", "批次", "at_least", False), ("60", "60", "%", "more_than", False), ("60.01", "60", "%", "more_than", True), ("400000", "40", "万人", "at_least", True)])
def test_a_figure_is_judged_at_the_digits_that_were_printed(ours, said, unit, compare, holds):
    assert judging.agrees(Decimal(ours), Decimal(said), unit, compare) is holds


@pytest.mark.django_db
def test_a_printed_figure_matches_differs_is_aimed_at_or_has_no_rows(read):
    firms(4)
    told = read(ONE + PART + ONE.replace('"4"', '"5"') + PART + ONE.replace('"4"', '"9"') + PART + "  compare: target\n" + ONE + PART.replace("钟表", "陶瓷") + ONE + "  waits: finance\n" + ONE + "  listed: true\n")
    leader = person_factory("leader")
    rows = article.judged(leader, told, snapshots.figures(leader, snapshot_factory(as_of=SEPTEMBER)))
    assert [row.state for row in rows] == ["match", "differs", "target", "no_rows", "no_rows", "listed"]
    assert (rows[2].short, rows[0].short) == (5, None)
    assert [article.room_of(row).zh if article.room_of(row) else "" for row in rows[3:]] == ["企业库", "银企对接", ""]


@pytest.mark.django_db
def test_without_a_snapshot_of_that_day_there_is_no_figure(read):
    firms(4)
    snapshot_factory()
    told = read(ONE + PART)
    assert article.snapshot_of(told.as_of) is None
    assert [row.state for row in article.judged(person_factory("leader"), told, None)] == ["no_rows"]


# ── the page ─────────────────────────────────────────────────────────────────
@pytest.mark.django_db
def test_the_page_shows_ours_beside_and_opens_the_rows_of_that_snapshot(client, read):
    rows = firms(4)
    read(ONE + PART + ONE + "  waits: finance\n")
    run = snapshot_factory(as_of=SEPTEMBER)
    client.force_login(person_factory("leader"))
    seen = client.get(reverse("indicators:article")).content.decode()
    assert "相符" in seen
    assert "等“银企对接”的记录" in seen
    address = f"{reverse('indicators:rows', args=['enterprises.registered'])}?period=2025-09&dim=cluster&group=%E9%92%9F%E8%A1%A8&snapshot={run.run_id}"
    assert address.replace("&", "&amp;") in seen
    assert rows[0].name in client.get(address).content.decode()
    assert "相符" not in client.get(reverse("indicators:article") + "?state=no_rows").content.decode().partition("<tbody>")[2]


@pytest.mark.django_db
def test_who_may_not_see_what_is_counted_sees_no_figure_of_it(client, read):
    firms(4)
    read(ONE + PART + ONE.replace('"4"', '"0"') + "  code: projects.signed\n  period: 2025-09\n")
    snapshot_factory(as_of=SEPTEMBER)
    officer = person_factory("bureau_clerk")
    assert access.may(officer, "indicators.view_indicator") is access.may(officer, "projects.view_project") is False
    client.force_login(officer)
    assert client.get(reverse("indicators:article")).status_code == 403
    clerk = person_factory("data_clerk")
    assert not access.may(clerk, "projects.view_project")
    told = article.article()
    rows = article.judged(clerk, told, snapshots.figures(clerk, article.snapshot_of(SEPTEMBER)))
    assert [(row.state, row.ours) for row in rows] == [("match", 4), ("beyond", None)]
    client.force_login(clerk)
    assert "不在职责范围内" in client.get(reverse("indicators:article")).content.decode()


@pytest.mark.django_db
def test_a_snapshot_of_that_day_is_asked_for_by_who_may(client, read):
    firms(4)
    read(ONE + PART)
    client.force_login(person_factory("data_clerk"))
    assert "还没有这一天的快照" in client.get(reverse("indicators:article")).content.decode()
    assert client.post(reverse("indicators:take_snapshot"), {"as_of": "2025-09-30"}).status_code == 302
    assert Job.objects.get(name="indicators.take_snapshot").kwargs == {"as_of": "2025-09-30"}
    assert "看不懂这个日期" in client.post(reverse("indicators:take_snapshot"), {"as_of": "九月"}, follow=True).content.decode()
    assert Job.objects.filter(name="indicators.take_snapshot").count() == 1
    assert "快照的日期要在" in client.post(reverse("indicators:take_snapshot"), {"as_of": "2999-01-01"}, follow=True).content.decode()
    client.force_login(person_factory("leader"))
    assert client.post(reverse("indicators:take_snapshot"), {"as_of": "2025-09-30"}).status_code == 403
