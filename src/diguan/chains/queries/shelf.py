"""The chains of the packs in force (``chains/*.yaml``); read again when a file changes."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from diguan.chains.engine import chainfile
from diguan.chains.engine.chain import Chain, Node
from diguan.kernel import packs
from diguan.kernel.messages import Message, nearest
from diguan.kernel.rules.nodes import DocumentErrors, Problem
from diguan.kernel.sheets.declare import heading_key

Stamped = tuple[tuple[Path, int], ...]


def _stamped() -> Stamped:
    return tuple((path, path.stat().st_mtime_ns) for folder in packs.files("chains") for path in sorted(folder.glob("*.yaml")))


@dataclass(frozen=True)
class Shelf:
    """All of it, read once: chains and nodes by id, ids by what a node is called in either language, what the keepers should look at again."""

    chains: Mapping[str, Chain]
    nodes: Mapping[str, Node]
    called: Mapping[str, str]
    warnings: tuple[Problem, ...]


def _shelf() -> Shelf:
    return _read(_stamped(), packs.folders())


def chains() -> Mapping[str, Chain]:
    """Every chain by its id, in the order of packs and files; a later pack's chain replaces an earlier one's of the same id.

    Raises:
        DocumentErrors: anything wrong in one of the files, or two chains tell one node in different ways; so for all of these functions.
    """
    return _shelf().chains


def warnings() -> tuple[Problem, ...]:
    """What the keepers of the chain files should look at again."""
    return _shelf().warnings


def nodes() -> Mapping[str, Node]:
    """Every node of every chain by its id; one that several chains share is there once."""
    return _shelf().nodes


def node(node_id: str) -> Node | None:
    """The node of that id, where a chain has it."""
    return nodes().get(node_id)


def node_of(text: str) -> str:
    """A node's id, from its id or its name in either language; the text itself where there is none."""
    plain = text.strip()
    return plain if plain in nodes() else _shelf().called.get(heading_key(plain), plain)


def node_problem(node_id: str) -> Message | None:
    """Why this is no node's id; the nearest one is named."""
    found = _shelf()
    if node_id in found.nodes:
        return None
    words = {word: key for key, one in found.nodes.items() for word in (one.name.en, one.name.zh, key)}
    near = words.get(nearest(node_id, words, 0) or "")
    more = Message(f"，最接近的是 {near}（{found.nodes[near].name.zh}）", f"; the nearest is {near} ({found.nodes[near].name.en})") if near else Message("", "")
    return Message(f"产业链里没有环节“{node_id}”{more.zh}", f"no chain has a node “{node_id}”{more.en}")


def chains_of(node_id: str) -> tuple[Chain, ...]:
    """The chains that hold a node."""
    return tuple(chain for chain in chains().values() if node_id in chain.by_id)


@functools.lru_cache(maxsize=4)
def _read(stamped: Stamped, _folders: tuple[Path, ...]) -> Shelf:
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
    kept = {chain_id: read.chain for chain_id, (_name, read) in found.items()}
    every = {node.id: node for chain in reversed(kept.values()) for node in chain.nodes}
    called = {heading_key(word): key for key, node in every.items() for word in (node.name.zh, node.name.en)}
    return Shelf(kept, every, called, tuple(warning for _name, read in found.values() for warning in read.warnings))
