"""A bureau sees of a case what its own matters ask for, by every way in; the window, the applicant and a leader see all of it."""

from __future__ import annotations

import pytest

from diguan.kernel import clocks
from diguan.kernel.evidence import dictionary
from diguan.kernel.evidence.actions import Paper
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.services.engine.caseflow import ACCEPT
from diguan.services.models import Case, Matter
from diguan.services.queries.cases import View
from diguan.services.tests.test_case_pages import at, deed, page, send
from diguan.services.tests.test_cases import PDF, accepted, done, opened, who

__all__ = ["who"]
pytestmark = pytest.mark.django_db
SECRETS = ("钟表制造", "租赁.pdf")
"""What planning alone asks for; fire and power are content with the name and the address."""


def view(case, person):
    return View(person, Case.objects.get(pk=case.pk), clocks.today())


def entries(view):
    return {ask.entry.id for ask in view.asks}, {piece.row.entry for piece in view.pieces}


def piece(case, entry):
    return Evidence.objects.get(entry=entry, subject_id=str(case.pk))


def test_a_bureau_sees_what_its_matters_ask_for_and_the_rest_sees_all(who):
    case = opened(who)
    assert entries(view(case, who.housing)) == ({"company_name", "business_address"},) * 2
    assert entries(view(case, who.land)) == ({"company_name", "business_scope", "layout"},) * 2
    everything = ({"company_name", "business_scope", "layout", "business_address"},) * 2
    for person in (who.agent, who.officer, person_factory("leader"), person_factory("bureau_clerk", who.officer.posts.get().unit)):
        assert entries(view(case, person)) == everything
        assert view(case, person).answers == {"site": "lease"}


def test_an_answer_is_seen_by_whose_matter_hangs_on_it(who):
    case = opened(who)
    assert view(case, who.power).answers == {"site": "lease"}
    assert view(case, who.housing).answers == {}


def test_what_the_situation_does_not_call_for_is_not_seen_though_another_matter_asks_for_it(who):
    version = Matter.objects.get(key="fire").versions.get()
    version.content["requirements"].append({**version.content["requirements"][0], "meaning": "layout", "when": {"site": ["own"]}})
    type(version).objects.filter(pk=version.pk).update(content=version.content)
    case = opened(who)
    assert "layout" not in entries(view(case, who.housing))[0]
    assert view(case, who.housing).answers == {"site": "lease"}  # now it decides what is asked


def test_what_a_matter_asks_for_later_opens_no_case_of_before(who, settings):
    from diguan.services import actions as matters

    case = opened(who)
    fire, officer = Matter.objects.get(key="fire"), who.officer
    told = fire.versions.get().content
    settings.DIGUAN_TODAY = "2026-11-12"
    row = matters.draft_matter(matter=fire, version=fire.version, content={**told, "requirements": [*told["requirements"], {**told["requirements"][0], "meaning": "layout"}]},
                               valid_from=clocks.today(), by=officer)
    matters.publish_matter(matter=row, version=row.version, by=who.second)
    assert "layout" not in entries(view(case, who.housing))[0]


def test_the_page_of_a_bureau_tells_neither_others_papers_nor_contacts_nor_reasons(client, who):
    case = opened(who)
    send(client, who.officer, at("case_touch", case.pk), kind="call", what="问了股东的事")
    accepted(who, case, reason="受理时的说明")
    shown = page(client, who.housing, at("case", case.pk))
    assert "西渡高新区 1 号" in shown
    layout = dictionary.known()["layout"].label()
    for words in (*SECRETS, layout, "问了股东的事", "受理时的说明", "留痕文件"):
        assert words not in shown, words
    for words in (case.number, "县示例时计有限公司", "规划许可", "县自然资源局"):
        assert words in shown, words
    for words in ("钟表制造", layout, "问了股东的事", "受理时的说明", "留痕文件"):
        assert words in page(client, who.officer, at("case", case.pk)), words


def test_a_correction_is_told_to_who_needs_it(client, who):
    case = opened(who)
    deed(client, who.officer, case, ACCEPT, "correct", items=["layout"], reason="平面图没有盖章")
    assert "平面图没有盖章" not in page(client, who.housing, at("case", case.pk))
    assert "平面图没有盖章" in page(client, who.officer, at("case", case.pk))


def test_the_file_goes_to_whose_matter_asks_for_it(client, who):
    case = opened(who)
    client.force_login(who.land)
    assert client.get(at("case_paper", case.pk, piece(case, "layout").pk)).content == PDF
    page(client, who.housing, at("case_paper", case.pk, piece(case, "layout").pk), 404)
    send(client, who.housing, at("case_reveal", case.pk), 404, piece=piece(case, "layout").pk, reason="看看图纸")


def test_the_chain_and_the_export_are_not_for_a_bureau_with_one_matter(client, who):
    case = opened(who)
    page(client, who.housing, at("case_chain", case.pk), 403)
    page(client, who.housing, at("cases") + "?export=csv", 403)
    assert case.applicant in page(client, who.housing, at("cases"))  # whose case it is, and how far
    assert "钟表制造" not in page(client, who.housing, at("cases"))


def test_a_result_is_seen_by_who_made_it_and_who_waits_for_it(client, who):
    case = opened(who)
    accepted(who, case)
    done(case, "filing", who.reform, result=Paper(number="备〔2026〕1号", file_name="备案.pdf", content=PDF))
    done(case, "fire", who.housing, result=Paper(number="消〔2026〕1号", file_name="消防.pdf", content=PDF))
    numbers = lambda person: {one.number for one in view(case, person).results}  # noqa: E731
    assert numbers(who.land) == {"备〔2026〕1号"}  # planning waits for the filing
    assert numbers(who.housing) == {"消〔2026〕1号"}
    assert numbers(who.power) == set()
    assert numbers(who.agent) == numbers(who.officer) == {"备〔2026〕1号", "消〔2026〕1号"}
    page(client, who.power, at("case_paper", case.pk, Evidence.objects.get(number="消〔2026〕1号").pk), 404)


def test_who_has_no_matter_in_it_sees_no_case(client, who):
    case = opened(who)
    for name, more in (("case", ()), ("case_chain", ()), ("case_paper", (piece(case, "layout").pk,))):
        page(client, person_factory("bureau_clerk", unit_factory("别的局")), at(name, case.pk, *more), 404)
