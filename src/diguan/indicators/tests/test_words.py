"""Breakdowns and their parts have names: no code of the programme stands on a page or in a file."""

from __future__ import annotations

import pytest
from django.utils import translation

from diguan.chains.queries import shelf
from diguan.indicators.models import HonourKind, HonourLevel
from diguan.indicators.queries import register, snapshots
from diguan.indicators.web import words
from diguan.kernel import measures
from diguan.policies import queries as policies
from diguan.policies.models import Delivery
from diguan.projects.models import LeadSource
from diguan.services.models import LifeEvent

CODED = {"source": LeadSource.values, "node": list(shelf.nodes()), "standing": ["done", "open"],
         "honour_kind": HonourKind.values, "honour_level": HonourLevel.values, "pledge": ["output", "tax"],
         "movement": ["paid", "returned", "repaid"], "delivery": Delivery.values, "policy": list(policies.library().policies)}
"""Breakdowns whose lines carry a code, with every code there is."""


def breakdowns() -> list[str]:
    """Every breakdown of the shipped indicators."""
    return sorted({dim for versions in register.book().versions.values() for one in versions for dim in one.by})


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_shipped_breakdown_has_a_name(language: str) -> None:
    with translation.override(language):
        named = {dim: words.dim_words(dim) for dim in breakdowns()}
    assert {dim for dim, name in named.items() if name == dim or name.isascii() is (language == "zh-hans")} == set()


@pytest.mark.parametrize("dim", CODED)
def test_no_part_is_called_by_its_code(dim: str) -> None:
    for group in CODED[dim]:
        assert not snapshots.group_label(dim, group).isascii(), group
        assert snapshots.group_label(dim, group, "en") != group


def test_a_part_is_named_in_the_language_of_the_page_and_in_chinese_in_kept_files() -> None:
    with translation.override("en"):
        assert words.part_words("node", "plating") == shelf.nodes()["plating"].name.en
        assert words.part_words("source", "chain_team") == str(LeadSource.CHAIN_TEAM.label)
        assert snapshots.group_label("source", "chain_team") == "产业链招商"
        assert words.part_words("standing", "open") == "Not carried out yet"


@pytest.mark.django_db
def test_a_life_event_and_a_chain_have_their_own_names_in_english() -> None:
    LifeEvent.objects.create(key="hiring", title={"zh": "招聘用工", "en": "Hiring staff"})
    chain = shelf.chains()["watch"]
    assert (measures.part_name("event", "招聘用工", "en"), measures.part_name("event", "招聘用工")) == ("Hiring staff", "招聘用工")
    assert (measures.part_name("chain", chain.name.zh, "en"), measures.part_name("chain", chain.name.zh)) == (chain.name.en, chain.name.zh)


def test_a_word_without_a_name_stays_as_it_is() -> None:
    assert measures.part_name("node", "no_such_node") == "no_such_node"
    assert words.part_words("cluster", "钟表") == "钟表"


def test_two_functions_may_not_name_one_breakdown() -> None:
    with pytest.raises(TypeError):
        measures.part_names("node")(lambda group, language: group)
