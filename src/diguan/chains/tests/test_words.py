"""Words that are two things: the English page says the right one."""

from __future__ import annotations

import pytest
from django.test import Client

from diguan.chains.tests.factories import estimate_factory
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db


def test_a_project_is_no_field_and_an_error_has_no_chinese_colon(client: Client) -> None:
    estimate_factory()
    client.force_login(person_factory("chain_officer"))
    client.cookies["diguan_language"] = "en"
    listed = client.get("/chains/economy/estimates/").content.decode()
    assert ">Project<" in listed
    assert ">Field<" not in listed
    refused = client.post("/chains/economy/estimates/project/", {"title": "x"}).content.decode()
    assert '<h2 id="what">Project</h2>' in refused
    assert "The project&#x27;s sector: This field is required." in refused
    assert "：This" not in refused
