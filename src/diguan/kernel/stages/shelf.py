"""The flows of the packs in force, and frozen versions read back from their text."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from diguan.kernel import packs
from diguan.kernel.access.roles import known_permissions, roles
from diguan.kernel.evidence import dictionary
from diguan.kernel.messages import Message
from diguan.kernel.stages import document
from diguan.kernel.stages.document import Names
from diguan.kernel.stages.tree import Flow

Stamped = tuple[tuple[Path, int], ...]


def names() -> Names:
    """What documents may name in this installation."""
    return Names(packs.catalogue(), dictionary.known(), frozenset(roles()) | frozenset(known_permissions()), packs.codes())


def known() -> Mapping[str, Flow]:
    """The flows of the packs (``stages/*.yaml``) by id; read again when a file changes.

    Raises:
        DocumentErrors: anything wrong in one of them; none is passed over.
    """
    paths = [path for folder in packs.files("stages") for path in sorted(folder.glob("*.yaml"))]
    return _known(_stamped(paths), _stamped(packs.files("evidence.yaml")))


def _stamped(paths: Iterable[Path]) -> Stamped:
    return tuple((path, path.stat().st_mtime_ns) for path in paths)


@functools.lru_cache(maxsize=4)
def _known(stamped: Stamped, evidence: Stamped) -> Mapping[str, Flow]:
    return document.load_all((path for path, _stamp in stamped), names())


class _Version:
    """A version by its digest alone: its text, which may not even have been fetched, is read where nobody has parsed it yet."""

    def __init__(self, sha256: str, text: Callable[[], str]) -> None:
        self.sha256, self.text = sha256, text

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Version) and self.sha256 == other.sha256


def frozen(sha256: str, text: Callable[[], str]) -> Flow:
    """A version as a course froze it; it needs what it names to be there still.

    Raises:
        DocumentErrors: something it names is gone from the packs.
    """
    return _parsed(_Version(sha256, text))


@functools.lru_cache(maxsize=256)
def _parsed(version: _Version) -> Flow:
    text, version.text = version.text(), str  # what is kept holds no row
    return read(version.sha256, text)


def read(sha256: str, text: str) -> Flow:
    """As :func:`frozen`, from this very text, whatever was parsed before under its digest: for who checks what is kept.

    Raises:
        DocumentErrors: as :func:`frozen`.
    """
    return document.parse(text.encode(), f"{sha256[:12]}.yaml", names())


def title_of(name: str) -> Message:
    """The words for a role, a right or a piece of evidence."""
    if "." in name:  # a right; neither dictionary nor roles use dots, and reading the dictionary asks the file system
        return known_permissions().get(name, Message(name, name))
    if name in dictionary.known():
        entry = dictionary.known()[name]
        return Message(entry.label(), entry.label("en"))
    if name in roles():
        return Message(roles()[name].label(), roles()[name].label("en"))
    return known_permissions().get(name, Message(name, name))
