"""Steps of cases by programs at one moment: one key is one deed and one answer, one version is changed once."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from diguan.enterprises.tests.test_api_at_once import AT_ONCE, together
from diguan.kernel import clocks
from diguan.kernel.access.tokens import actions, queries
from diguan.kernel.events import Event, verify
from diguan.kernel.stages.models import Passage
from diguan.services.models import Case
from diguan.services.tests.test_case_api import BODY, step
from diguan.services.tests.test_cases import accepted, opened, task, who

__all__ = ["who"]
pytestmark = pytest.mark.django_db(transaction=True)


def token_of(person: Any) -> str:
    found = queries.make()
    actions.issue_token(person=person, name="程序", last_day=clocks.today(), token=found, by=person)
    return found


def finish(token: str, case: Case, key: str, version: int) -> Any:
    client = Client(headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key, "If-Match": f'"{version}"'})
    return client.post(f"/api{step(case, 'power', 'finish')}", {}, content_type="application/json")


def once_done(case: Case) -> bool:
    there = Event.objects.filter(root_type="services.case", root_id=case.pk, verb="case_matter_done").count()
    return (Passage.objects.filter(course=case.course, kind="done", source="power").count(), there, verify(case)) == (1, 1, [])


def test_a_step_finished_several_times_at_once_with_one_key_is_done_once_and_answered_alike(who: Any) -> None:
    case = opened(who)
    accepted(who, case)
    token, version = token_of(who.power), task(case, "power").version
    answers = together(lambda number: finish(token, case, "k", version))
    assert [answer.status_code for answer in answers] == [200] * AT_ONCE
    assert len({answer.content for answer in answers}) == 1
    assert once_done(case)


def test_of_several_that_finish_one_step_with_keys_of_their_own_one_does_it(who: Any) -> None:
    case = opened(who)
    accepted(who, case)
    token, version = token_of(who.power), task(case, "power").version
    answers = together(lambda number: finish(token, case, f"k{number}", version))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * (AT_ONCE - 1)
    assert once_done(case)


def test_a_case_opened_several_times_at_once_with_one_key_is_one_case(who: Any) -> None:
    token = token_of(who.agent)
    answers = together(lambda number: Client(headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}).post("/api/cases", BODY, content_type="application/json"))
    assert [answer.status_code for answer in answers] == [201] * AT_ONCE
    assert Case.objects.count() == 1


def test_a_token_that_was_revoked_and_none_at_all_do_nothing(who: Any) -> None:
    case = opened(who)
    accepted(who, case)
    token, version = token_of(who.power), task(case, "power").version
    (row,) = queries.tokens_of(who.power)
    actions.revoke_token(person=who.power, token=row, by=who.power)
    for stranger in (token, "dgt_unknown"):
        assert finish(stranger, case, "k", version).status_code == 401
    assert Client().post(f"/api{step(case, 'power', 'finish')}", {}, content_type="application/json").status_code == 401
    assert task(case, "power").state == "open"
