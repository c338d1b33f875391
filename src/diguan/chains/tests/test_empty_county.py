"""A county that has just begun: no firm, no table, no list. Every page of the room says so, and none of them shows a figure nobody told."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import translation

from diguan.chains.queries import shelf
from diguan.chains.tests.factories import coverage_factory
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db

OWN = ("", "coverage/", "coverage/verify/", "economy/", "economy/known/", "economy/tables/", "economy/location/", "economy/estimates/", "economy/estimates/project/", "economy/estimates/tourism/", "economy/estimates/sum/",
       "introductions/", "targets/", "targets/weights/", "targets/twins/", "warnings/")
OF_A_CHAIN = ("{}/", "{}/list/", "{}/gaps/", "{}/gaps/?gap=0&relatedness=100&reach=0&feasibility=0", "{}/lists/", "{}/lists.xlsx", "{}/map.svg", "{}/sourcing/", "warnings/{}/", *(f"{{}}/lists/?list={name}" for name in ("firms", "gaps", "projects", "technique")))
OF_A_NODE = ("nodes/{}/sourcing/", "nodes/{}/suggested/", "nodes/{}/feasibility/")
API = ("chains", "chains/watch", "chains/watch/gaps", "chain-warnings", "chain-coverages")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("role", ["chain_officer", "leader"])
def test_every_page_of_an_empty_county_answers(client: Client, role: str, language: str) -> None:
    client.force_login(person_factory(role))
    client.cookies["diguan_language"] = language
    chains = [page.format(key) for key in shelf.chains() for page in OF_A_CHAIN]
    pages = [*(f"/chains/{page}" for page in (*OWN, *chains, *(page.format("movement_quartz") for page in OF_A_NODE))), *(f"/api/{page}" for page in API)]
    with translation.override(language):
        answers = {page: client.get(page) for page in pages}
    usual = {page: answer.status_code for page, answer in answers.items() if answer.status_code not in ((200,) if role == "chain_officer" else (200, 403)) and "?gap=0" not in page}
    assert usual == {}
    texts = {page: answer.content.decode() for page, answer in answers.items() if answer.headers["Content-Type"].startswith("text/html")}
    assert not [page for page, text in texts.items() if ">nan" in text.lower() or "inf%" in text.lower()]


def test_an_empty_county_says_that_nobody_is_there_and_claims_nothing(client: Client) -> None:
    client.force_login(person_factory("chain_officer"))
    for page in ("watch/", "watch/gaps/"):
        assert "还没有企业归到这条链的环节上" in client.get(f"/chains/{page}").content.decode()
    assert "都在 90 天内" not in client.get("/chains/").content.decode()
    node = client.get("/chains/nodes/movement_quartz/sourcing/").content.decode()
    assert "每户都说清了" not in node
    assert "没有更好的配法" not in node
    coverage_factory(node="dial", amount_fen=1000)
    assert "还没有企业归到这条链的环节上" not in client.get("/chains/watch/gaps/").content.decode()


def test_weights_on_what_nobody_knows_are_no_order(client: Client) -> None:
    client.force_login(person_factory("chain_officer"))
    coverage_factory(node="movement_quartz", role="use", amount_fen=1000)
    found = client.get("/chains/watch/gaps/?gap=0&relatedness=100&reach=0&feasibility=0")
    assert found.status_code == 422
    assert "有权重的几项都没有数据，排不出先后" in found.content.decode()
