from __future__ import annotations

import pytest
from django.urls import reverse

from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.projects.models import Project
from diguan.projects.tests.factories import project_factory

pytestmark = pytest.mark.django_db
WITHOUT = ["policy_officer", "finance_officer", "data_clerk", "bureau_clerk", "bureau_head", "case_assistant", "service_officer", "enterprise_agent", "administrator"]
PAGES = ["list", "new", "detail", "change"]


@pytest.fixture
def unit(db):
    return unit_factory()


@pytest.fixture
def row(unit):
    return project_factory("甲", unit)


@pytest.fixture
def officer(client, unit):
    person = person_factory("leader", unit)
    client.force_login(person)
    return person


def address(name, row):
    return reverse(f"projects:{name}", args=[row.pk] if name in ("detail", "change") else [])


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_is_sent_to_the_login_page(client, row, name):
    answer = client.get(address(name, row))
    assert answer.status_code == 302
    assert answer.url.startswith("/login/")


@pytest.mark.parametrize("role", WITHOUT)
@pytest.mark.parametrize("name", PAGES)
def test_a_role_without_the_right_is_refused(client, row, name, role):
    client.force_login(person_factory(role))
    assert client.get(address(name, row)).status_code == 403


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_one_heading_and_says_its_language(client, row, officer, name):
    page = client.get(address(name, row)).content.decode()
    assert page.count("<h1") == 1
    assert "<html lang=" in page


def test_a_form_registers_and_a_form_changes(client, row, officer):
    assert client.post(address("new", row), {"name": "乙"}).status_code == 302
    assert client.post(address("change", row), {"name": "丙", "note": "搬过来的", "version": 1}).status_code == 302
    assert sorted(Project.objects.values_list("name", flat=True)) == ["丙", "乙"]


def test_a_form_that_is_wrong_says_so_and_keeps_what_was_typed(client, row, officer):
    answer = client.post(address("new", row), {"name": "甲", "note": "没保存的话"})
    assert answer.status_code == 422
    assert "已经登记过" in answer.content.decode()
    assert "没保存的话" in answer.content.decode()


def test_another_units_row_is_read_and_not_changed(client, officer):
    theirs = project_factory("别人的")
    assert address("change", theirs) not in client.get(address("detail", theirs)).content.decode()
    assert client.post(address("change", theirs), {"name": "我的", "version": 1}).status_code == 403
    assert Project.objects.get(pk=theirs.pk).name == "别人的"


def test_what_is_filtered_is_what_is_exported(client, row, officer):
    project_factory("乙")
    text = client.get(address("list", row) + "?q=甲&export=csv").content.decode("utf-8-sig")
    assert "甲" in text
    assert "乙" not in text


def test_the_search_box_finds_it(client, row, officer):
    assert address("detail", row) in client.get(reverse("site:search") + "?q=甲").content.decode()
