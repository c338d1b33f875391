"""What is refused is logged: who, what, on which record, why; once, and nothing that was typed."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from diguan.kernel import refused
from diguan.kernel.access.models import Person
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.projects.actions import funds, lead_holding, lead_work, leads
from diguan.projects.tests.factories import lead_factory, project_factory
from diguan.projects.tests.ledger_factory import PROOF, fund_factory
from diguan.site import environment

pytestmark = pytest.mark.django_db
PHONE, TYPED = "13800001234", "乱写的话"


class Lines(logging.Handler):
    """What the logger was told, read back."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(text) for text in self.texts]


@pytest.fixture
def lines() -> Any:
    handler = Lines()
    refused.log.addHandler(handler)
    yield handler
    refused.log.removeHandler(handler)


@pytest.fixture
def officer() -> Person:
    return person_factory("promotion_officer", unit_factory("商务局"))


def test_a_refused_action_says_who_what_on_which_record_and_why(lines: Any, officer: Person) -> None:
    lead, other = lead_factory(officer), person_factory("promotion_officer")
    with pytest.raises(Refusal):
        lead_holding.claim_lead(lead=lead, by=other)
    assert lines.told == [{"who": other.pk, "login": other.login_name, "what": "projects.claim_lead", "on": f"projects.lead {lead.pk}", "code": "held_already", "right": ""}]


def test_a_lacking_right_is_named(lines: Any, officer: Person) -> None:
    lead, clerk = lead_factory(officer), person_factory("data_clerk")
    with pytest.raises(Forbidden):
        lead_work.lose(lead=lead, version=lead.version, reason=TYPED, by=clerk)
    assert [(one["code"], one["right"], one["on"]) for one in lines.told] == [("forbidden", "projects.change_lead", f"projects.lead {lead.pk}")]


def test_what_is_done_is_not_logged_as_refused(lines: Any, officer: Person) -> None:
    lead_factory(officer)
    assert lines.texts == []


def test_neither_phone_nor_what_was_typed_is_in_a_line(lines: Any, officer: Person) -> None:
    said = leads.Said(title=TYPED, firm_name=TYPED, source="nowhere", came_on=leads.clocks.today(), contact_name=TYPED, contact_phone=PHONE, uscc=TYPED)
    with pytest.raises(Refusal):
        leads.register_lead(said=said, by=officer)
    named = person_factory("promotion_officer", login_name=PHONE)
    with pytest.raises(Refusal):
        leads.register_lead(said=said, by=named)
    assert [one["login"] for one in lines.told] == [officer.login_name, "…"]
    assert not any(word in text for text in lines.texts for word in (PHONE, TYPED))


def test_a_refusal_in_a_transaction_that_is_rolled_back_is_logged(lines: Any, officer: Person) -> None:
    first, second = project_factory(officer), project_factory(officer)

    def both() -> None:
        with transaction.atomic():
            fund_factory(first, officer, document="FP-1")
            fund_factory(second, officer, document="FP-1")

    with pytest.raises(Refusal):
        both()
    assert not first.funds.exists()
    assert [one["code"] for one in lines.told] == ["entered_already"]


def test_an_action_within_an_action_says_nothing_of_its_own(lines: Any, officer: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    lead = lead_factory(officer)

    def inner(*_args: Any, **_more: Any) -> None:
        lead_holding.claim_lead(lead=lead, by=officer)

    monkeypatch.setattr(lead_work, "end_notices", inner)
    with pytest.raises(Refusal):
        lead_work.lose(lead=lead, version=lead.version, reason="不来了", by=officer)
    assert [one["what"] for one in lines.told] == ["projects.lose"]


def test_what_an_outer_action_makes_good_is_no_refusal(lines: Any, officer: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    lead = lead_factory(officer)

    def inner(*_args: Any, **_more: Any) -> None:
        with pytest.raises(Refusal):
            lead_holding.claim_lead(lead=lead, by=officer)

    monkeypatch.setattr(lead_work, "end_notices", inner)
    lead_work.lose(lead=lead, version=lead.version, reason="不来了", by=officer)
    assert lines.texts == []


# ── pages, exports, the API ──────────────────────────────────────────────────
def test_a_refused_export_is_logged_by_its_address_without_what_was_searched(lines: Any, client: Any) -> None:
    outsider = person_factory("data_clerk")
    client.force_login(outsider)
    assert client.get(reverse("projects:leads") + f"?export=xlsx&q={TYPED}").status_code == 403
    assert client.get(reverse("projects:leads") + f"?export={TYPED}").status_code == 403
    assert [one["what"] for one in lines.told] == ["GET projects:leads?export=xlsx", "GET projects:leads"]
    assert {(one["who"], one["code"], one["right"]) for one in lines.told} == {(outsider.pk, "forbidden", "projects.view_lead")}
    assert not any(TYPED in text for text in lines.texts)


def test_who_sees_a_list_and_may_not_export_it_is_logged(lines: Any, client: Any) -> None:
    client.force_login(person_factory("town_officer"))
    assert client.get(reverse("projects:funds") + "?export=csv").status_code == 403
    assert [(one["what"], one["right"]) for one in lines.told] == [("GET projects:funds?export=csv", "projects.export_fund")]


def test_a_page_that_is_refused_is_logged_once_with_its_record(lines: Any, client: Any, officer: Person) -> None:
    lead = lead_factory(officer)
    client.force_login(person_factory("chain_officer", unit_factory("林业局")))
    assert client.get(reverse("projects:lead_change", args=[lead.pk])).status_code == 403
    assert [(one["what"], one["on"], one["right"]) for one in lines.told] == [("GET projects:lead_change", f"projects.lead {lead.pk}", "projects.change_lead")]


def test_an_action_refused_at_a_page_is_one_line(lines: Any, client: Any, officer: Person) -> None:
    lead = lead_factory(officer)
    other = person_factory("promotion_officer")
    client.force_login(other)
    client.post(reverse("projects:lead_claim", args=[lead.pk]))
    assert [one["what"] for one in lines.told] == ["projects.claim_lead"]


def test_what_the_api_refuses_is_logged_once(lines: Any, client: Any) -> None:
    client.force_login(person_factory("data_clerk"))
    assert client.get("/api/leads").status_code == 403
    assert [(one["what"], one["right"]) for one in lines.told] == [("GET api:leads", "projects.view_lead")]


def test_a_stranger_without_a_right_is_no_more_than_nobody(lines: Any) -> None:
    with pytest.raises(Forbidden):
        funds.enter_fund(project=None, said=None, proof=PROOF, by=None)  # type: ignore[arg-type]
    assert [(one["who"], one["login"], one["on"]) for one in lines.told] == [(None, "", "")]


def test_the_log_is_kept_whatever_the_level_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGUAN_LOG", "ERROR")
    assert environment.logging_settings()["loggers"]["diguan.refused"] == {"level": "INFO", "handlers": ["err"], "propagate": False}
