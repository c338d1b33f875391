"""A Merkle tree over lines of text: one root for all of them, and a short path from each to it (the shape of RFC 6962)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

EMPTY = hashlib.sha256(b"").hexdigest()


def leaf(line: str) -> str:
    """The digest of a line; marked, so that no inner node can stand for a line."""
    return hashlib.sha256(b"\0" + line.encode()).hexdigest()


def _node(left: str, right: str) -> str:
    return hashlib.sha256(b"\1" + bytes.fromhex(left) + bytes.fromhex(right)).hexdigest()


def _levels(lines: Sequence[str]) -> list[list[str]]:
    """All levels, leaves first; an odd one out goes up as it is."""
    levels = [[leaf(line) for line in lines]]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([_node(*below[at:at + 2]) if at + 1 < len(below) else below[at] for at in range(0, len(below), 2)])
    return levels


def root(lines: Sequence[str]) -> str:
    """The root over lines in their order."""
    return _levels(lines)[-1][0] if lines else EMPTY


def path(lines: Sequence[str], at: int) -> list[list[str]]:
    """What it takes from the line ``at`` to the root: ``["left" | "right", digest]`` from below upwards.

    >>> lines = ["a", "b", "c"]
    >>> [climb(lines[at], path(lines, at)) == root(lines) for at in range(3)]
    [True, True, True]
    """
    found = []
    for level in _levels(lines)[:-1]:
        if (beside := at ^ 1) < len(level):
            found.append(["left" if beside < at else "right", level[beside]])
        at //= 2
    return found


def climb(line: str, steps: Sequence[Sequence[str]]) -> str:
    """The root a line leads to by these steps.

    Raises:
        ValueError: a step is none.
    """
    found = leaf(line)
    for side, digest in steps:
        if side not in ("left", "right"):
            raise ValueError(side)
        found = _node(digest, found) if side == "left" else _node(found, digest)
    return found
