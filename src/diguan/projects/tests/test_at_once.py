"""Two at once and twice in a row: one lead has one holder, one paper one line, one form sent twice one row."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from diguan.kernel.access.models import Person
from diguan.kernel.refusals import Refusal
from diguan.kernel.stages.tests.test_races import at_once
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.projects.actions import funds, lead_holding
from diguan.projects.models import Fund, Lead, Obligation, Project
from diguan.projects.tests.factories import lead_factory, project_factory
from diguan.projects.tests.ledger_factory import agreement_factory, fund_factory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def by() -> Person:
    return person_factory("promotion_officer", unit_factory("商务局"))


def test_of_officers_who_claim_one_lead_at_once_one_has_it_and_the_others_are_told_who(by: Person) -> None:
    lead = lead_factory(by)
    lead_holding.release_lead(lead=lead, version=lead.version, reason="忙不过来", by=by)
    officers = [person_factory("promotion_officer") for _turn in range(6)]
    told: list[str] = []

    def claimed(officer: Person) -> Any:
        def claim() -> int:
            try:
                return lead_holding.claim_lead(lead=Lead.objects.get(pk=lead.pk), by=officer).holder_id or 0
            except Refusal as refusal:
                told.extend(refusal.texts("zh"))
                raise
        return claim

    found = at_once(*map(claimed, officers))
    holder = Lead.objects.select_related("holder").get(pk=lead.pk).holder
    assert holder in officers
    assert found.count("held_already") == 5
    assert all(holder.name in text for text in told if holder)


def test_one_paper_entered_at_once_is_one_line_and_one_line_is_reversed_once(by: Person) -> None:
    project, other = project_factory(by), person_factory("promotion_officer")
    assert at_once(*[lambda: fund_factory(project, by, document="回单 1").pk] * 4).count("entered_already") == 3
    row = Fund.objects.get()
    funds.verify_fund(fund=row, version=row.version, by=other)
    assert at_once(*[lambda: funds.reverse_fund(fund=Fund.objects.get(pk=row.pk), reason="重复登记", by=by).pk] * 4).count("reversed_already") == 3


def test_a_form_sent_twice_is_done_once(client: Any, by: Person) -> None:
    client.force_login(by)
    agreement = agreement_factory(project_factory(by), by)
    opened = {"name": "双击项目", "investor": "样例公司", "kind": "new", "source": "chain_team", "once": "a-key"}
    owed = {"side": "investor", "text": "投产后用工 200 人", "due_on": "2026-12-31", "once": "another-key"}
    for name, args, told in (("new", [], opened), ("obligation_new", [agreement.pk], owed)):
        first, second = (client.post(reverse(f"projects:{name}", args=args), told) for _turn in range(2))
        assert (first.status_code, second.status_code) == (302, 302)
        assert first["Location"] == second["Location"]
    assert (Project.objects.filter(name="双击项目").count(), Obligation.objects.count()) == (1, 1)
    assert 'name="once"' in client.get(reverse("projects:new")).content.decode()
    assert 'name="once"' in client.get(reverse("projects:agreement", args=[agreement.pk])).content.decode()
