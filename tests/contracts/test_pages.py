"""Every address of the site: it has a title, a language, one h1 and nothing from outside, and it refuses a stranger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, path, reverse
from django.urls.resolvers import URLPattern, URLResolver

from tests.contracts.page_faults import fragment_faults, page_faults
from tests.contracts.world import SAMPLES, WALKED, Sample, World, build

BACKEND = "diguan.kernel.access.passwords.PersonBackend"
FRAMEWORK = {"static"}
API = "api:"  # its operations are walked by test_api


@pytest.fixture
def world(db: Any, settings: Any, tmp_path: Any) -> World:
    settings.DIGUAN_DATA = tmp_path
    return build(tmp_path)


def names(resolver: URLResolver, space: str = "") -> Iterator[str]:
    """Every named address below a resolver, as ``room:name``."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield f"{space}{entry.name}"
        else:
            yield from names(entry, f"{space}{entry.namespace}:" if entry.namespace else space)


def unsampled(found: Iterator[str]) -> list[str]:
    """Addresses nobody has given a sample to: the walk would pass them by."""
    return sorted(name for name in set(found) - SAMPLES.keys() - FRAMEWORK if not name.startswith(API))


def address(name: str, sample: Sample, world: World) -> str:
    return reverse(name, kwargs=sample.arguments(world)) + sample.query


def as_(person: Any) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person, backend=BACKEND)
    return client


def walk_faults(name: str, sample: Sample, world: World) -> list[str]:
    """What is wrong with the answer to somebody who may see this address."""
    client = as_(world.people.get(sample.who) or (world.agent if sample.who == "agent" else None))
    answer = client.get(address(name, sample, world))
    if sample.gives == "deed":
        return [] if answer.status_code == 405 else [f"{name}: a deed answers {answer.status_code} to GET"]
    if answer.status_code != 200:
        return [f"{name}: {answer.status_code}"]
    if sample.gives == "data":  # what a script asks for, no page
        return [] if answer["Content-Type"].startswith(("application/json", "text/javascript")) else [f"{name}: no data"]
    if sample.gives == "file":
        return [] if answer.has_header("Content-Disposition") else [f"{name}: no file"]
    html = answer.content.decode()
    return [f"{name}: {wrong}" for wrong in (page_faults(html) if sample.gives == "page" else fragment_faults(html))]


def admits(answer: HttpResponse) -> bool:
    """Whether an answer lets a stranger in: anything but the way to the login page or a refusal."""
    to_login = answer.status_code == 302 and answer.headers["Location"].startswith("/login/")
    return not to_login and answer.status_code not in (403, 404)


def open_to(name: str, sample: Sample, world: World, person: Any) -> list[str]:
    """Whether the address can be asked for, or written to, by a person who has no business there."""
    client, where = as_(person), address(name, sample, world)
    return [f"{name}: {answer.status_code} to {person or 'a stranger'}" for answer in (client.get(where), client.post(where))
            if admits(answer) and answer.status_code != 405]


def test_every_address_has_a_sample() -> None:
    assert unsampled(names(get_resolver())) == []


def test_every_page_is_whole_and_brings_nothing_from_outside(world: World) -> None:
    assert [wrong for name, sample in WALKED.items() for wrong in walk_faults(name, sample, world)] == []


def test_every_address_refuses_who_is_not_logged_in(world: World) -> None:
    closed = {name: sample for name, sample in WALKED.items() if sample.who != "public"}
    assert [wrong for name, sample in closed.items() for wrong in open_to(name, sample, world, None)] == []


def test_every_address_refuses_a_person_without_a_post(world: World) -> None:
    closed = {name: sample for name, sample in WALKED.items() if sample.who != "public" and not sample.anyone}
    assert [wrong for name, sample in closed.items() for wrong in open_to(name, sample, world, world.nobody)] == []


def test_another_firms_agent_reaches_nothing_of_the_staff_nor_of_this_firm(world: World) -> None:
    closed = {name: sample for name, sample in WALKED.items() if sample.who != "public" and not sample.anyone and not sample.own}
    assert [wrong for name, sample in closed.items() for wrong in open_to(name, sample, world, world.other_agent)] == []


def test_what_an_agent_may_list_holds_nothing_of_another_firm(world: World) -> None:
    for name, sample in WALKED.items():
        if sample.own:
            html = as_(world.other_agent).get(address(name, sample, world)).content.decode()
            assert world.firm.uscc not in html, name
            assert world.firm.name not in html, name


# ── each contract names its planted violation ────────────────────────────────
WHOLE = '<html lang="zh-Hans"><head><title>工作台 · 滴灌</title></head><body><h1>工作台</h1>{}</body></html>'


def test_a_whole_page_passes() -> None:
    assert page_faults(WHOLE.format('<a href="/people/">人员</a><label for="q">找</label><input id="q">')) == []


@pytest.mark.parametrize(("planted", "named"), [
    (WHOLE.format("<h1>又一个</h1>"), "2 h1"),
    (WHOLE.replace(' lang="zh-Hans"', ""), "no lang"),
    (WHOLE.replace("工作台 · 滴灌", ""), "no title"),
    (WHOLE.format('<img src="//cdn.example/x.png">'), "leads out of the house"),
    (WHOLE.format('<a href="https://elsewhere.example/">外面</a>'), "leads out of the house"),
    (WHOLE.format("<script>alert(1)</script>"), "the policy refuses it"),
    (WHOLE.format('<p style="width:3px">'), "the policy refuses it"),
    (WHOLE.format('<button onclick="go()">去</button>'), "the policy refuses it"),
    (WHOLE.format('<input id="q">'), "has no label"),
    (WHOLE.format('<p id="a"></p><p id="a"></p>'), "twice"),
    (WHOLE.format('<a class="btn btn-primary" href="/a/">看</a><button class="btn btn-primary">办</button>'), "2 solid buttons"),
    (WHOLE.format('<button class="btn"><svg></svg>提交核实</button>'), "not its deed"),
    (WHOLE.format('<a class="btn btn-sm" href="/">确定</a>'), "not its deed"),
    (WHOLE.format("<table><caption>表</caption><thead><tr><th>名</th></tr></thead></table>"), "without a scope"),
    (WHOLE.format('<table><thead><tr><th scope="col">名</th></tr></thead><tbody></tbody></table>'), "without a caption"),
])
def test_a_planted_fault_of_a_page_is_named(planted: str, named: str) -> None:
    assert [wrong for wrong in page_faults(planted) if named in wrong]


def test_a_planted_address_without_a_sample_is_named() -> None:
    def page(request: Any) -> HttpResponse:
        return HttpResponse()

    resolver = URLResolver(get_resolver().pattern, [path("planted/", page, name="planted")])
    assert unsampled(names(resolver)) == ["planted"]


def test_a_planted_page_that_lets_a_stranger_in_is_named() -> None:
    assert admits(HttpResponse("welcome"))
    assert admits(HttpResponse(status=302, headers={"Location": "/people/"}))
    assert not admits(HttpResponse(status=302, headers={"Location": "/login/?next=/people/"}))
