from __future__ import annotations

import pytest
from django.urls import reverse

from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.services.actions import packs
from diguan.services.models import Matter
from diguan.services.tests.factories import draft_factory, life_event_factory, matter_factory
from diguan.services.web.forms import initial

pytestmark = pytest.mark.django_db
STAFF = ["leader", "policy_officer", "finance_officer", "data_clerk", "bureau_clerk", "service_officer"]


@pytest.fixture
def row(db):
    matter_factory("seal_record", name="公章刻制备案")
    row = matter_factory(name="公司设立登记")
    life_event_factory()
    return row


def text(client, name, *args, query=""):
    answer = client.get(reverse(f"services:{name}", args=args) + query)
    return answer.status_code, answer.content.decode()


def boxes(row):
    """What a browser sends of a form as it is."""
    return {name: value for name, value in initial(row.versions.get().content).items() if value is not False and value != ""}


@pytest.mark.parametrize("role", STAFF)
def test_everybody_inside_reads_what_is_published(client, row, role):
    client.force_login(person_factory(role))
    for name, args in (("matters", ()), ("matter", (row.key,)), ("life_events", ()), ("life_event", ("start_business",)), ("life_event_picture", ("start_business",))):
        status, page = text(client, name, *args)
        assert status == 200, name
        assert "公司设立登记" in page or name == "life_events"


@pytest.mark.parametrize("role", ["enterprise_agent", "administrator"])
def test_who_has_no_right_is_refused(client, row, role):
    client.force_login(person_factory(role))
    assert {text(client, name, *args)[0] for name, args in (("matters", ()), ("matter", (row.key,)), ("life_events", ()), ("life_event", ("start_business",)), ("life_event_picture", ("start_business",)), ("matter_new", ()))} == {403}


def test_a_draft_is_hidden_from_who_may_not_work_on_it(client):
    draft = draft_factory(unit=unit_factory("县公安局"))
    client.force_login(person_factory("bureau_clerk"))
    assert text(client, "matter", draft.key)[0] == 404
    assert draft.name not in text(client, "matters")[1]


@pytest.mark.parametrize("name", ["matter_publish", "matter_drop"])
def test_deeds_are_refused_to_who_only_reads(client, row, name):
    client.force_login(person_factory("leader"))
    assert client.post(reverse(f"services:{name}", args=[row.key]), {"version": row.version}).status_code == 403
    assert client.post(reverse("services:adopt")).status_code == 403


def test_answers_choose_the_matters_and_open_ones_say_so(client, row):
    client.force_login(person_factory("leader"))
    assert "看情形" in text(client, "life_event", "start_business")[1]
    assert "公章刻制备案" not in text(client, "life_event", "start_business", query="?site=own")[1]
    status, page = text(client, "life_event_picture", "start_business", query="?site=lease")
    assert (status, "看情形" in page, "公章刻制备案" in page, "<html" in page) == (200, False, True, False)


def test_the_part_tells_the_browser_the_address_of_the_whole_page(client, row):
    client.force_login(person_factory("leader"))
    answer = client.get(reverse("services:life_event_picture", args=["start_business"]) + "?site=lease&nonsense=1")
    assert answer.headers["HX-Replace-Url"] == reverse("services:life_event", args=["start_business"]) + "?site=lease"


def test_an_answer_that_is_none_counts_as_not_answered(client, row):
    client.force_login(person_factory("leader"))
    assert "看情形" in text(client, "life_event", "start_business", query="?site=<b>")[1]


def test_a_form_drafts_and_another_person_publishes_with_what_changed_before_the_eyes(client, row):
    first, second = person_factory("service_officer"), person_factory("service_officer")
    client.force_login(first)
    sent = boxes(row) | {"valid_from": "2026-10-01", "version": row.version, "promised_days": "2"}
    assert client.post(reverse("services:matter_draft", args=[row.key]), sent).status_code == 302
    assert client.post(reverse("services:matter_publish", args=[row.key]), {"version": row.version + 1}).status_code == 409
    client.force_login(second)
    page = text(client, "matter", row.key, query="?version=2")[1]
    assert "3 个工作日" in page
    assert "2 个工作日" in page
    assert client.post(reverse("services:matter_publish", args=[row.key]), {"version": row.version + 1}).status_code == 302
    assert Matter.objects.get(pk=row.pk).promised_days == 2


def test_a_form_that_is_wrong_says_so_and_keeps_what_was_typed(client, row):
    client.force_login(person_factory("service_officer"))
    answer = client.post(reverse("services:matter_draft", args=[row.key]), {**boxes(row), "valid_from": "2026-10-01", "version": row.version, "requirements": "没有这种材料", "conditions": "没保存的话"})
    assert answer.status_code == 422
    assert "没有“没有这种材料”" in answer.content.decode()
    assert "没保存的话" in answer.content.decode()


def test_the_packs_are_taken_in_by_one_press(client):
    client.force_login(person_factory("service_officer"))
    assert client.post(reverse("services:adopt")).status_code == 302
    assert Matter.objects.count() == 79
    status, page = text(client, "life_event", "industrial_project", query="?land=grant&eia_class=table")
    assert (status, "取最严" in page) == (200, True)


def test_filters_narrow_and_the_search_box_finds(client):
    packs.adopt(by=person_factory("service_officer"))
    client.force_login(person_factory("leader"))
    page = text(client, "matters", query="?bureau=县气象局&kind=行政许可")[1]
    assert "雷电防护装置设计审核" in page
    assert "公司设立登记" not in page
    assert "雷电防护装置设计审核" in client.get(reverse("site:search") + "?q=雷电").content.decode()


def test_the_desk_tells_of_drafts_of_others_and_not_of_ones_own(client):
    first, second = person_factory("service_officer"), person_factory("service_officer")
    draft_factory(by=first)
    for who, told in ((first, False), (second, True), (person_factory("leader"), False)):
        client.force_login(who)
        assert ("1 个事项有草稿等发布" in client.get(reverse("site:home")).content.decode()) is told
