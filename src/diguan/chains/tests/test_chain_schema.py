"""The JSON Schema says of every part what the loader says of it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema
import pytest
import yaml

from diguan.chains.engine import chainfile, chainrules, chainschema
from diguan.chains.tests.test_chain_files import GOOD
from diguan.kernel import packs
from diguan.kernel.rules.nodes import DocumentErrors

CHECK = jsonschema.Draft202012Validator(chainschema.schema())
OTHERS: list[Any] = [None, "", "~", "null", "x", "xy", "x y", " x", "x\ny", "=x", "-x", "x;y", "x；y", "true", True, False, 0, 1, 2, 5, 40, 403, 4030, 430421, 0.5, 1.5, -1, "0.5", "0.123456789012", "7", "0", "mid", "any",
                     "4030", "430421", "9114.90", "9114.9", "12345", [], {}, ["x"], ["40"], [4030], [0.5], [None], {"x": 1}, {"4030": 0.5}, {"4030": 0}, {"4030": None}, {"zh": "x", "en": "y"}, {"zh": "x"}, [{"source": "std"}]]


class _Any(dict[str, str]):
    """Every code there could be: which codes there are is not the schema's affair."""

    def __contains__(self, key: object) -> bool:
        return str(key).isdigit()


class _Regions(_Any):
    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) and len(str(key)) == 6


class _Codes:
    regions: Mapping[str, str] = _Regions()
    industries: Mapping[str, str] = _Any()
    retired: Mapping[str, tuple[str, str]] = {}

    def nearest_industry(self, code: str) -> str | None:
        return None

    def nearest_region(self, code: str) -> str | None:
        return None


def places(part: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every way from the root to a part."""
    yield way
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, child in inner:
        yield from places(child, (*way, key))


def variants(document: Any) -> Iterator[tuple[str, Any]]:
    """The document with one part left out, replaced or joined by a stranger."""
    for way in places(document):
        for other in OTHERS if way else ():
            changed = copy.deepcopy(document)
            _at(changed, way[:-1])[way[-1]] = copy.deepcopy(other)
            yield f"{way}={other!r}", changed
        if way:
            changed = copy.deepcopy(document)
            del _at(changed, way[:-1])[way[-1]]
            yield f"{way} left out", changed
        if isinstance(_at(document, way), dict):
            changed = copy.deepcopy(document)
            _at(changed, way)["stranger"] = "x"
            yield f"{way} with a stranger", changed


def _at(part: Any, way: tuple[Any, ...]) -> Any:
    for key in way:
        part = part[key]
    return part


def loads(document: Any) -> bool:
    """Whether the loader takes it, apart from what joins the parts."""
    try:
        chainfile.read("链.yaml", json.dumps(document).encode(), _Codes())
    except DocumentErrors as error:
        return all("among the sources" in problem.message.en for problem in error.problems)
    return True


def test_schema_and_loader_say_the_same_of_every_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chainrules, "wrongs", lambda chain: [])
    document = yaml.safe_load(GOOD)
    document["nodes"], document["edges"] = document["nodes"][1:2], [{**document["edges"][0], **document["edges"][2], "type": "input"}]
    assert loads(document)
    assert CHECK.is_valid(document)
    tried = [(name, CHECK.is_valid(changed), loads(changed)) for name, changed in variants(document)]
    differ = [(name, "schema" if valid else "loader") for name, valid, loaded in tried if valid != loaded]
    assert differ == []
    assert min(sum(valid for _name, valid, _loaded in tried), sum(not valid for _name, valid, _loaded in tried)) > 100


def test_the_schema_is_a_schema_and_takes_what_is_shipped() -> None:
    jsonschema.Draft202012Validator.check_schema(chainschema.schema())
    for path in (packs.SHIPPED / "base" / "chains").glob("*.yaml"):
        CHECK.validate(yaml.safe_load(path.read_text("utf-8")))
