"""Two requests at the same moment: one deed, one answer."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from diguan.enterprises.models import Enterprise
from diguan.enterprises.tests.factories import credit_code, enterprise_factory
from diguan.kernel import clocks
from diguan.kernel.access.tokens import actions, queries
from diguan.kernel.events import Event
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 4


def together(ask: Any) -> list[Any]:
    """The answers of several clients that ask at one moment."""
    answers: list[Any] = []
    barrier = threading.Barrier(AT_ONCE)

    def one(number: int) -> None:
        barrier.wait()
        try:
            answers.append(ask(number))
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.fixture
def token() -> str:
    clerk, found = person_factory("data_clerk"), queries.make()
    actions.issue_token(person=clerk, name="程序", last_day=clocks.today(), token=found, by=clerk)
    return found


def test_one_key_sent_several_times_at_once_is_one_deed_and_one_answer(token: str) -> None:
    body = {"uscc": credit_code(1), "name": "衡阳并发有限公司"}
    answers = together(lambda number: Client(headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}).post(
        "/api/enterprises", body, content_type="application/json"))
    assert [answer.status_code for answer in answers] == [201] * AT_ONCE
    assert len({answer.content for answer in answers}) == 1
    assert Event.objects.filter(verb="enterprise_created").count() == 1


def test_of_several_changes_of_one_version_one_is_written(token: str) -> None:
    row = enterprise_factory()
    answers = together(lambda number: Client(headers={"Authorization": f"Bearer {token}", "If-Match": '"1"'}).patch(
        f"/api/enterprises/{row.uscc}", {"town": f"第{number}镇"}, content_type="application/json"))
    assert sorted(answer.status_code for answer in answers) == [200, *[412] * (AT_ONCE - 1)]
    assert Enterprise.objects.get(pk=row.pk).version == 2
    assert Event.objects.filter(verb="enterprise_changed").count() == 1
