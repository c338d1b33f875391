"""The chains of the packs in force (``chains/*.yaml``); read again when a file changes."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

from diguan.chains.engine import chainfile
from diguan.chains.engine.chain import Chain, Node
from diguan.kernel import packs
from diguan.kernel.rules.nodes import DocumentErrors, Problem

Stamped = tuple[tuple[Path, int], ...]


def _stamped() -> Stamped:
    return tuple((path, path.stat().st_mtime_ns) for folder in packs.files("chains") for path in sorted(folder.glob("*.yaml")))


def chains() -> Mapping[str, Chain]:
    """Every chain by its id, in the order of packs and files; a later pack's chain replaces an earlier one's of the same id.

    Raises:
        DocumentErrors: anything wrong in one of the files, or two chains tell one node in different ways; so for all of these functions.
    """
    return _chains(_stamped(), packs.folders())


def warnings() -> tuple[Problem, ...]:
    """What the keepers of the chain files should look at again."""
    return _read(_stamped(), packs.folders())[1]


def nodes() -> Mapping[str, Node]:
    """Every node of every chain by its id; one that several chains share is there once."""
    found: dict[str, Node] = {}
    for chain in chains().values():
        found = {**chain.by_id, **found}
    return found


def node(node_id: str) -> Node | None:
    """The node of that id, where a chain has it."""
    return nodes().get(node_id)


def chains_of(node_id: str) -> tuple[Chain, ...]:
    """The chains that hold a node."""
    return tuple(chain for chain in chains().values() if node_id in chain.by_id)


def _chains(stamped: Stamped, folders: tuple[Path, ...]) -> Mapping[str, Chain]:
    return _read(stamped, folders)[0]


@functools.lru_cache(maxsize=4)
def _read(stamped: Stamped, _folders: tuple[Path, ...]) -> tuple[Mapping[str, Chain], tuple[Problem, ...]]:
    found: dict[str, tuple[str, chainfile.Read]] = {}
    problems: list[Problem] = []
    for path, _stamp in stamped:
        name = f"{path.parent.name}/{path.name}"
        try:
            read = chainfile.read(name, path.read_bytes(), packs.codes())
        except DocumentErrors as error:
            problems += error.problems
            continue
        found[read.chain.id] = (name, read)
    if problems:
        raise DocumentErrors(problems)
    chainfile.check_shared(dict(found.values()))
    return {chain_id: read.chain for chain_id, (_name, read) in found.items()}, tuple(warning for _name, read in found.values() for warning in read.warnings)
