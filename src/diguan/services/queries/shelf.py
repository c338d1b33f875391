"""What the packs in force tell: situations, matters and life events; read again when a file changes."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from diguan.kernel import packs
from diguan.kernel.evidence import dictionary
from diguan.services.engine import lifeevents, matterdoc
from diguan.services.engine.lifeevents import LifeEvent, Names
from diguan.services.engine.matterdoc import MatterText
from diguan.services.engine.matters import Known
from diguan.services.engine.situations import Question

Stamped = tuple[tuple[Path, int], ...]


def _stamped(paths: Iterable[Path]) -> Stamped:
    return tuple((path, path.stat().st_mtime_ns) for path in paths)


def _in(folder: str) -> Iterator[Path]:
    return (path for each in packs.files(folder) for path in sorted(each.glob("*.yaml")))


def questions() -> Mapping[str, Question]:
    """The questions of the situations (``situations.yaml``) by id.

    Raises:
        DocumentErrors: anything wrong in one of the files; so for all of these functions.
    """
    return _questions(_stamped(packs.files("situations.yaml")))


@functools.lru_cache(maxsize=4)
def _questions(stamped: Stamped) -> Mapping[str, Question]:
    return matterdoc.questions(path for path, _stamp in stamped)


def known() -> Known:
    """What a matter may name in this installation."""
    return Known(dictionary.known(), questions())


def matters() -> Mapping[str, MatterText]:
    """The matters of the packs (``matters/*.yaml``) by key."""
    return _matters(_stamped(_in("matters")), _stamped(packs.files("situations.yaml")), _stamped(packs.files("evidence.yaml")))


@functools.lru_cache(maxsize=4)
def _matters(stamped: Stamped, _situations: Stamped, _evidence: Stamped) -> Mapping[str, MatterText]:
    return matterdoc.load((path for path, _stamp in stamped), known())


def life_events() -> Mapping[str, LifeEvent]:
    """The life events of the packs (``life_events/*.yaml``) by id; they name the packs' own matters."""
    return _life_events(_stamped(_in("life_events")), _stamped(_in("matters")), _stamped(packs.files("situations.yaml")))


@functools.lru_cache(maxsize=4)
def _life_events(stamped: Stamped, _matters: Stamped, _situations: Stamped) -> Mapping[str, LifeEvent]:
    return lifeevents.load_all((path for path, _stamp in stamped), Names(questions(), matters().keys()))


@functools.lru_cache(maxsize=256)
def frozen(sha256: str, text: str, keys: frozenset[str], questions_of: Stamped) -> LifeEvent:
    """A version as it was published; it needs the questions and matters it names to be there still."""
    return lifeevents.parse(text.encode(), f"{sha256[:12]}.yaml", Names(questions(), keys))


def read_frozen(sha256: str, text: str, keys: frozenset[str]) -> LifeEvent:
    """As :func:`frozen`, with the files it depends on.

    Raises:
        DocumentErrors: something it names is gone.
    """
    return frozen(sha256, text, keys, _stamped(packs.files("situations.yaml")))
