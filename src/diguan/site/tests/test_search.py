"""The search box: rooms answer for themselves, and only to whom may see."""

from __future__ import annotations

import pytest
from django.apps import apps

from diguan.kernel.declare import Hit, Hits, Search
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db
CODE = "91430421MA00002260"


@pytest.fixture
def room(monkeypatch):
    def query(person, text, limit):
        hits = [Hit(f"样例{number}厂", f"/x/{number}/", "钟表") for number in range(12) if text in f"样例{number}厂"]
        hits += [Hit("衡阳样例", "/one/")] if text == CODE else []
        return Hits(hits[:limit], len(hits), "/x/?q=all")

    found = [Search("企业", "facts.view_batch", query)]
    monkeypatch.setattr(apps.get_app_config("enterprises"), "search", found, raising=False)
    monkeypatch.setattr(apps.get_app_config("policies"), "search", [], raising=False)


@pytest.mark.usefixtures("room")
def test_what_a_room_finds_is_listed_with_its_count_and_a_way_to_all(client):
    client.force_login(person_factory("data_clerk"))
    page = client.get("/search/", {"q": " 样例 "}).content.decode()
    assert "找到 12 条" in page
    assert "样例3厂" in page
    assert "/x/?q=all" in page
    assert page.count("<h1>") == 1


@pytest.mark.usefixtures("room")
def test_who_lacks_the_rooms_right_finds_nothing(client):
    client.force_login(person_factory("administrator"))
    page = client.get("/search/", {"q": "样例"}).content.decode()
    assert "样例3厂" not in page
    assert "没有找到" in page


@pytest.mark.usefixtures("room")
def test_a_whole_credit_code_goes_straight_to_the_one_it_names(client):
    client.force_login(person_factory("data_clerk"))
    assert client.get("/search/", {"q": CODE}).url == "/one/"


@pytest.mark.usefixtures("room")
def test_pages_of_ones_own_menu_are_found_by_name(client):
    client.force_login(person_factory("data_clerk"))
    assert "/coverage/" in client.get("/search/", {"q": "覆盖"}).content.decode().partition("dg-content")[2]
    client.force_login(person_factory("administrator"))
    assert "/coverage/" not in client.get("/search/", {"q": "覆盖"}).content.decode()


@pytest.mark.usefixtures("room")
@pytest.mark.parametrize("text", ["", "   ", "<script>alert(1)</script>", "'\"%_\\", "好" * 500, "\x00"])
def test_odd_texts_are_answered(client, text):
    client.force_login(person_factory("data_clerk"))
    answer = client.get("/search/", {"q": text})
    assert answer.status_code == (404 if "\x00" in text else 200)
    assert "<script>alert" not in answer.content.decode()


def test_a_stranger_is_sent_to_the_login_page(client):
    assert client.get("/search/", {"q": "样例"}).headers["Location"].startswith("/login/")
