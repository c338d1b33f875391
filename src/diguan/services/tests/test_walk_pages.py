"""Pages of walks and proposals, as a director at a counter, an office and a third person use them; and who may not."""

from __future__ import annotations

import pytest

from diguan.kernel.tests.factories import person_factory
from diguan.services.actions import proposals as actions
from diguan.services.models import Proposal, Walk
from diguan.services.tests.test_case_pages import at, page, send
from diguan.services.tests.test_cases import who
from diguan.services.tests.walking import accepted, begun, closed, next_version, noted, proposed

__all__ = ["who"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def head(who):
    return person_factory("bureau_head", who.offices["land"], name="何样本")


def deed(client, person, row, name, status=302, **data):
    row.refresh_from_db()
    return send(client, person, at("proposal_deed", row.pk, name), status, **{"version": row.version, **data})


def test_a_director_walks_notes_closes_and_proposes(client, who, head):
    assert "建厂房" in page(client, head, at("walk_choose"))
    assert "看要走哪些" in page(client, head, at("walk_begin", "factory"))
    shown = page(client, head, at("walk_begin", "factory") + "?site=lease")
    assert "要走 8 步" in shown
    send(client, head, at("walk_begin", "factory"), site="lease", role="applicant")
    walk = Walk.objects.get()
    assert "在走" in page(client, head, at("walk", walk.pk))
    send(client, head, at("walk_deed", walk.pk, 1, "reach"))
    send(client, head, at("walk_deed", walk.pk, 1, "done"), minutes="25", trips="1")
    send(client, head, at("walk_deed", walk.pk, 6, "note"), trouble="needless", words="同一张平面图要交两次")
    shown = page(client, head, at("walk", walk.pk))
    for words in ("25 分钟", "8 个环节里 1 个计了", "同一张平面图要交两次", "消防设计审查，第 1 版", "多余的材料"):
        assert words in shown
    assert "提整改建议" not in shown  # first it is closed
    send(client, head, at("walk_close", walk.pk))
    shown = page(client, head, at("walk", walk.pk))
    assert "提整改建议" in shown
    assert "记一个问题</" not in shown
    note = walk.steps.get(place=6).notes.get()
    assert f'<option value="{who.offices["housing"].pk}" selected>' in page(client, head, at("propose", walk.pk, note.pk))  # whose matter it is comes first
    send(client, head, at("propose", walk.pk, note.pk), what="平面图只收一次", unit=who.offices["housing"].pk, owner="", days="5")
    row = Proposal.objects.get()
    assert (row.owner_unit, row.days) == (who.offices["housing"], 5)
    assert "平面图只收一次" in page(client, head, at("proposals"))


def test_its_office_answers_mends_and_a_third_person_finds_it_real(client, who, head):
    row = proposed(who, head)
    assert "采纳，按期整改" in page(client, who.housing, at("proposal", row.pk))
    deed(client, who.housing, row, "accept")
    assert "现在还没有凭据" in page(client, who.housing, at("proposal", row.pk))
    better = next_version("fire", who, who.housing, promised_days=2)
    shown = page(client, who.housing, at("proposal", row.pk))
    for words in ("走的第 1 版，最新的第 2 版", "5 个工作日", "2 个工作日", "−3"):
        assert words in shown
    assert "没办成" in deed(client, who.housing, row, "done", 422, changed="", proof=f"matter-{better.pk}")
    deed(client, who.housing, row, "done", changed="不再收两份", proof=f"matter-{better.pk}")
    assert "还没有核验，不算数" in page(client, head, at("proposal", row.pk))
    assert "核验属实" in page(client, who.officer, at("proposal", row.pk))
    assert "没办成" in deed(client, who.officer, row, "return", 422, reason="啊")
    deed(client, who.officer, row, "verify")
    row.refresh_from_db()
    assert (row.state, row.verified_by) == ("verified", who.officer)


def test_what_is_overdue_is_shown(client, who, head, settings):
    row = proposed(who, head)
    settings.DIGUAN_TODAY = "2026-11-30"
    actions.tell_overdue()
    assert "超期的 1 条" in page(client, head, at("proposals"))
    assert "2026-11-30 已催办" in page(client, who.housing, at("proposal", row.pk))
    assert row.what in page(client, who.housing, at("proposals") + "?late=1")
    accepted(row, who.housing)
    settings.DIGUAN_TODAY = "2026-11-10"
    assert row.what not in page(client, who.housing, at("proposals") + "?late=1")


def test_two_walks_side_by_side(client, who, head):
    first, second = begun(head), begun(head, "clerk")
    assert "只走过这一次" not in page(client, head, at("walk_beside", first.pk))
    closed(first, head, 50)
    closed(second, head, 20)
    shown = page(client, head, at("walk_beside", first.pk) + f"?other={second.pk}")
    for words in ("50 分钟", "20 分钟", "没有计"):
        assert words in shown
    page(client, head, at("walk_beside", first.pk) + "?other=99999", 404)
    stranger = begun(person_factory("bureau_head", who.offices["housing"]))
    page(client, head, at("walk_beside", first.pk) + f"?other={stranger.pk}", 404)


def test_refusals_come_on_the_page_with_what_was_typed(client, who, head):
    walk = begun(head)
    assert "没办成" in send(client, head, at("walk_close", walk.pk), 422)
    assert "没办成" in send(client, head, at("walk_deed", walk.pk, 1, "done"), 422, minutes="-1")
    assert "写了半天的话" in send(client, head, at("walk_deed", walk.pk, 1, "note"), 422, trouble="", words="写了半天的话")
    send(client, head, at("walk_deed", walk.pk, 99, "reach"), 404)
    send(client, head, at("walk_deed", walk.pk, "9" * 400, "reach"), 404)
    send(client, head, at("walk_begin", "factory"), 422, role="applicant")
    send(client, head, at("walk_begin", "factory"), 422, site="lease", role="king")
    note = noted(walk, head)
    closed(walk, head)
    assert "没有人能办整改" not in page(client, head, at("propose", walk.pk, note.pk))
    send(client, head, at("propose", walk.pk, note.pk), 422, what="平面图只收一次", unit=who.offices["housing"].pk, owner=who.power.pk, days="5")
    send(client, head, at("propose", walk.pk, note.pk), 422, what="平面图只收一次", unit="99999", days="5")
    assert Proposal.objects.count() == 0
    assert "没办成" in send(client, head, at("walk_deed", walk.pk, 1, "note"), 422, trouble="wait", words="走完又想起来")


def test_the_second_of_two_answers_is_told(client, who, head):
    row = proposed(who, head)
    deed(client, who.housing, row, "accept")
    assert "没办成" in deed(client, who.housing, row, "refuse", 409, version=1, reason="不改")


@pytest.mark.parametrize("name", ["walk", "walk_beside"])
def test_another_office_a_firm_and_others_see_no_walk(client, who, head, name):
    walk = begun(head)
    page(client, who.power, at(name, walk.pk), 404)
    for person in (who.agent, person_factory("finance_officer"), person_factory("policy_officer")):
        page(client, person, at(name, walk.pk), 403)
    for person in (who.land, who.officer, person_factory("leader")):
        page(client, person, at(name, walk.pk))


def test_only_who_walks_writes_on_the_page(client, who, head):
    walk = begun(head)
    note = noted(walk, head)
    for person in (who.land, who.officer, person_factory("bureau_head", who.offices["land"]), person_factory("leader")):
        send(client, person, at("walk_deed", walk.pk, 1, "done"), 403, minutes="1")
        send(client, person, at("walk_close", walk.pk), 403)
        page(client, person, at("propose", walk.pk, note.pk), 403)
    for person in (who.land, who.officer, who.agent):
        page(client, person, at("walk_choose"), 403)
        page(client, person, at("walk_begin", "factory"), 403)
    other = begun(head)
    page(client, head, at("propose", other.pk, note.pk), 404)


def test_only_those_concerned_see_and_answer_a_proposal(client, who, head):
    row = proposed(who, head)
    page(client, who.power, at("proposal", row.pk), 404)
    page(client, who.agent, at("proposal", row.pk), 403)
    deed(client, who.power, row, "accept", 404)
    for name in ("accept", "refuse", "done"):
        deed(client, head, row, name, 403, reason="自己答复")
    for name in ("verify", "return"):
        deed(client, who.housing, row, name, 403, reason="自己核验")
    shown = page(client, who.housing, at("proposal", row.pk))
    assert f'href="{at("walk", row.note.step.walk_id)}' not in shown  # the walk itself is the other office's


def test_lists_export_only_with_the_right_and_only_what_it_reaches(client, who, head):
    row = proposed(who, head)
    for name in ("walks", "proposals"):
        page(client, who.housing, at(name) + "?export=csv", 403)
    client.force_login(who.officer)
    told = client.get(at("proposals") + "?export=csv").content.decode("utf-8-sig")
    assert row.what in told
    assert row.note.words in told
    assert ",30," in client.get(at("walks") + "?export=csv").content.decode("utf-8-sig")


def test_a_list_of_many_asks_no_more_than_a_list_of_one(client, who, head, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    proposed(who, head)
    for name in ("walks", "proposals"):
        page(client, head, at(name))
        with CaptureQueriesContext(connection) as one:
            page(client, head, at(name))
        proposed(who, head)
        with django_assert_max_num_queries(len(one)):
            page(client, head, at(name))


def test_what_waits_stands_on_the_desk(who, head, settings):
    from diguan.services.web.proposals import desk

    row = proposed(who, head)
    assert [item.word for item in desk(who.housing)] == ["等整改"]
    settings.DIGUAN_TODAY = "2026-11-30"
    assert [item.word for item in desk(who.housing)] == ["超期"]
    accepted(row, who.housing)
    actions.finish_proposal(proposal=row, version=row.version, changed="不再收两份", matter=next_version("fire", who, who.housing, promised_days=2), by=who.housing)
    assert [[item.word for item in desk(person)] for person in (who.housing, who.officer, head)] == [[], ["等核验"], []]
