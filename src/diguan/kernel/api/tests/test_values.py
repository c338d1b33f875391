"""Stored values as JSON holds them, and versions as HTTP does."""

from __future__ import annotations

from typing import Any

import pytest

from diguan.kernel.api.facts import value_of
from diguan.kernel.api.versions import etag, require_match
from diguan.kernel.catalogue import FactSpec
from diguan.kernel.refusals import Refusal


@pytest.mark.parametrize(("kind", "unit", "scale", "num", "text", "wanted"), [
    ("money", "元", 100, 123, None, {"value_fen": 123}),
    ("money", "元", 100, 0, None, {"value_fen": 0}),
    ("number", "%", 100, 1250, None, {"value": "12.5"}),
    ("number", "亩", 10_000, -1, None, {"value": "-0.0001"}),
    ("number", "人", 1, 7, None, {"value": "7"}),
    ("number", "kWh", 100, 10**15, None, {"value": "10000000000000"}),
    ("bool", "", 1, 0, None, {"value": False}),
    ("date", "", 1, 20_000, None, {"value": "2024-10-04"}),
    ("text", "", 1, None, "钟表", {"value": "钟表"}),
])
def test_a_stored_value_is_told_exactly(kind: str, unit: str, scale: int, num: Any, text: Any, wanted: dict[str, Any]) -> None:
    spec = FactSpec("x.y", kind, unit, scale=scale)
    assert value_of(spec, "value", num, text) == {"state": "value", **wanted}


@pytest.mark.parametrize("state", ["absent", "unknown"])
def test_what_is_absent_or_unknown_has_no_value(state: str) -> None:
    assert value_of(FactSpec("x.y", "money", "元", scale=100), state, None, None) == {"state": state, "value": None}


@pytest.mark.parametrize(("named", "code"), [("", "unversioned"), ("*", "unversioned"), ("3", "unversioned"), ('"2"', "stale"), ('"33"', "stale"), ('"2", "4"', "stale")])
def test_whoever_does_not_name_the_present_version_is_refused(rf: Any, named: str, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        require_match(rf.get("/", headers={"If-Match": named}), 3)


@pytest.mark.parametrize("named", ['"3"', '"2", "3"', 'W/"3"'])
def test_whoever_names_it_passes(rf: Any, named: str) -> None:
    assert etag(3) == '"3"'
    require_match(rf.get("/", headers={"If-Match": named}), 3)
