"""How far a policy reached, by a program: the figures are the page's, each opens its enterprises, and nobody sees more than there."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from diguan.kernel.notices import actions as notices
from diguan.kernel.notices.models import Notice
from diguan.policies import actions
from diguan.policies.tests import county
from diguan.policies.tests.county import PLAIN, POLICY, RICH, SHORT, SILENT
from diguan.policies.tests.test_api import program
from diguan.policies.tests.test_reach import LONG, agent, figures, officer, person_factory

__all__ = ["officer"]
pytestmark = pytest.mark.django_db
THERE = f"/api/policies/{POLICY}/reach"


@pytest.fixture
def client(officer: Any) -> Client:
    """Four are entitled: one will claim, one will not, two were never reached."""
    rich, plain = agent(RICH), agent(PLAIN)
    county.deliver((SHORT, 120), (SILENT, 200), period="2026-10")
    actions.run_match(by=officer)
    notices.answer_notice(notice=Notice.objects.get(uscc=RICH), acted=True, by=rich)
    notices.answer_notice(notice=Notice.objects.get(uscc=PLAIN), acted=False, reason="other", words="已经停窑", by=plain)
    return program(officer)


def walked(client: Client, path: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = client.get(f"{path}{'&' if '?' in path else '?'}limit=1&cursor={cursor}").json()
        rows += page["items"]
        if page["next"] is None:
            return rows
        cursor = page["next"]


def test_the_figures_are_those_of_the_page_and_each_opens_its_enterprises(client: Client, officer: Any) -> None:
    found = client.get(THERE).json()
    counted = figures(officer)
    assert {name: found[name] for name in counted} == counted == {"notified": 4, "delivered": 2, "opened": 2, "acted": 1, "refused": 1, "unreached": 2}
    assert (found["entitled"], found["reasons"], found["as_of"]) == (4, [{"reason": "other", "count": 1}], "2026-10-31")
    for stage, count in counted.items():
        assert len(walked(client, f"{THERE}/{stage}")) == count, stage


def test_a_row_tells_the_notice_its_state_and_why_not(client: Client) -> None:
    (row,) = client.get(f"{THERE}/refused?reason=other").json()["items"]
    assert (row["uscc"], row["state"], row["reason"], row["words"], row["amount_fen"]) == (PLAIN, "refused", "other", "已经停窑", 1_000_000)
    assert client.get(f"/api/notices/{row['notice']}").json()["reason"] == "other"
    assert client.get(f"{THERE}/refused?reason=too_little").json()["items"] == []
    assert {line["uscc"] for line in client.get(f"{THERE}/unreached").json()["items"]} == {SHORT, SILENT}
    assert [line["uscc"] for line in client.get(f"{THERE}/notified?q={SHORT}").json()["items"]] == [SHORT]
    assert client.get(f"{THERE}/notified?town=没有这个镇").json()["items"] == []


def test_a_stage_that_is_none_and_a_reason_where_there_is_none_are_refused(client: Client) -> None:
    assert client.get(f"{THERE}/asleep").status_code == 422
    assert client.get(f"{THERE}/acted?reason=other").json()["fields"].keys() == {"reason"}
    assert client.get("/api/policies/none/reach").status_code == 404


def test_before_the_first_match_nothing_is_counted_and_nothing_is_zero(officer: Any) -> None:
    found = program(officer).get(THERE).json()
    assert {found[name] for name in ("run", "entitled", "notified", "acted", "unreached")} == {None}
    assert program(officer).get(f"{THERE}/notified").json() == {"run": None, "items": [], "next": None}


def test_who_may_not_see_it_on_the_page_may_not_here(client: Client) -> None:
    own = program(agent(RICH))
    clerk, admin = (program(person_factory(role, from_day=LONG)) for role in ("data_clerk", "administrator"))
    for other in (own, clerk, admin):
        assert other.get(f"{THERE}/acted").status_code == 403
    assert own.get(THERE).status_code == admin.get(THERE).status_code == 403
    assert clerk.get(THERE).json()["acted"] == 1  # the page shows a clerk the figures, not the firms
