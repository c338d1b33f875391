"""Saved views: one's own names for filters of a list, seen and forgotten by nobody else."""

from __future__ import annotations

import datetime as dt

import pytest

from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel.events import Event
from diguan.kernel.lists.actions import MOST
from diguan.kernel.lists.models import SavedView
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db
LIST = "/enterprises/"


@pytest.fixture
def officer(client):
    enterprise_factory(name="衡阳样例钟表有限公司", town="西渡镇", cluster="钟表")
    person = person_factory("policy_officer", from_day=dt.date(2026, 1, 1))
    client.force_login(person)
    return person


def save(client, name="西渡的钟表厂", path=LIST, query="town=西渡镇&cluster=钟表"):
    return client.post("/views/save/", {"name": name, "path": path, "query": query})


def test_a_view_is_saved_from_the_list_and_opened_there(client, officer):
    assert "存下这个筛选" in client.get(LIST + "?town=西渡镇").content.decode()
    assert "存下这个筛选" not in client.get(LIST).content.decode()
    assert save(client).status_code == 302
    html = client.get(LIST).content.decode()
    assert "西渡的钟表厂" in html
    view = SavedView.objects.get()
    assert "衡阳样例钟表有限公司" in client.get(f"{LIST}?{view.query}").content.decode()
    assert Event.objects.filter(verb="view_saved").count() == 1


def test_the_same_name_takes_the_new_filters(client, officer):
    save(client)
    save(client, query="town=界牌镇")
    assert [view.query for view in SavedView.objects.all()] == ["town=界牌镇"]


def test_nobody_sees_or_forgets_anothers_view(client, officer):
    save(client)
    view = SavedView.objects.get()
    client.force_login(person_factory("policy_officer", from_day=dt.date(2026, 1, 1)))
    assert "西渡的钟表厂" not in client.get(LIST).content.decode()
    assert client.post(f"/views/{view.pk}/forget/").status_code == 404
    client.force_login(officer)
    assert client.post(f"/views/{view.pk}/forget/").status_code == 302
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("path", ["https://elsewhere.example/", "//elsewhere.example/", "/no/such/page/", "", "javascript:alert(1)", "/\\elsewhere.example"])
def test_a_view_leads_nowhere_but_to_a_list_of_the_house(client, officer, path):
    assert save(client, path=path).status_code == 404
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(("name", "query"), [("", "town=a"), ("  ", "town=a"), ("甲" * 41, "town=a"), ("甲", ""), ("甲", "q=" + "a" * 1000)])
def test_a_view_without_a_name_or_filters_is_refused_and_said(client, officer, name, query):
    answer = client.post("/views/save/", {"name": name, "path": LIST, "query": query}, follow=True)
    assert "名称要有" in answer.content.decode()
    assert not SavedView.objects.exists()


def test_there_is_an_end_to_views_of_one_list(client, officer):
    for number in range(MOST + 1):
        save(client, name=f"第{number}个")
    assert SavedView.objects.count() == MOST
