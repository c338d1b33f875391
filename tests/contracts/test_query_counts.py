"""How many queries each page asks: the same for few rows and for many, and as the snapshot says.

After a wanted change ``DIGUAN_SNAPSHOT=1`` in the environment of this test writes the snapshot anew; read its diff.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.contracts.api_world import CALLS, ask, people, token_of
from tests.contracts.test_pages import address, as_
from tests.contracts.world import ROOMS, WALKED, World, build

SNAPSHOT = Path(__file__).parent / "query_counts.json"
PAGES = {name: sample for name, sample in WALKED.items() if sample.gives == "page"}


def asked(world: World) -> dict[str, int]:
    """Queries of each page, once it has been asked for before (caches are warm)."""
    found = {}
    for name, sample in PAGES.items():
        client = as_(world.people.get(sample.who) or (world.agent if sample.who == "agent" else None))
        where = address(name, sample, world)
        client.get(where)
        with CaptureQueriesContext(connection) as queries:
            client.get(where)
        found[name] = len(queries)
    return found if ROOMS else found | asked_by_programs(world)


def asked_by_programs(world: World) -> dict[str, int]:
    """Queries of each read of the API, likewise."""
    found, tokens = {}, {who: token_of(people(world, who)) for who in {call.who for call in CALLS.values()}}
    for name, call in CALLS.items():
        if call.method == "get":
            ask(call, world, tokens[call.who])
            with CaptureQueriesContext(connection) as queries:
                ask(call, world, tokens[call.who])
            found[f"api:{name}"] = len(queries)
    return found


def kept() -> dict[str, int]:
    """What the snapshot says of the pages that are walked."""
    said: dict[str, int] = json.loads(SNAPSHOT.read_text())
    return {name: count for name, count in said.items() if not ROOMS or name.partition(":")[0] in ROOMS}


def grown(few: Mapping[str, int], many: Mapping[str, int]) -> list[str]:
    """Pages that ask more when there are more rows."""
    return [f"{name}: {few[name]} queries for few rows, {many[name]} for many" for name in few if many[name] > few[name]]


def differing(found: Mapping[str, int], kept: Mapping[str, int]) -> list[str]:
    """Pages whose count is not the snapshot's."""
    return [f"{name}: {found.get(name)} queries, the snapshot says {kept.get(name)}"
            for name in sorted(found.keys() | kept.keys()) if found.get(name) != kept.get(name)]


@pytest.fixture
def folder(db: Any, settings: Any, tmp_path: Path) -> None:
    settings.DIGUAN_DATA = tmp_path


@pytest.mark.usefixtures("folder")
def test_every_page_asks_what_the_snapshot_says(tmp_path: Path) -> None:
    found = asked(build(tmp_path))
    if os.environ.get("DIGUAN_SNAPSHOT"):
        others = json.loads(SNAPSHOT.read_text()) if ROOMS else {}
        SNAPSHOT.write_text(json.dumps(others | found, indent=1, sort_keys=True) + "\n")
    assert differing(found, kept()) == []


@pytest.mark.usefixtures("folder")
def test_no_page_asks_more_for_more_rows(tmp_path: Path) -> None:
    assert grown(kept(), asked(build(tmp_path, firms=14))) == []


def test_a_planted_page_that_asks_once_a_row_is_named() -> None:
    assert grown({"list": 4}, {"list": 15}) == ["list: 4 queries for few rows, 15 for many"]
    assert differing({"list": 5}, {"list": 4}) == ["list: 5 queries, the snapshot says 4"]
