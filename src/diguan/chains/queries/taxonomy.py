"""The county's system of industries (``taxonomy.yaml`` of its pack); read again when a file changes."""

from __future__ import annotations

import functools
from pathlib import Path

from diguan.chains.engine import taxonomyfile
from diguan.chains.engine.taxonomyfile import Taxonomy
from diguan.chains.queries import shelf
from diguan.kernel import packs


def taxonomy() -> Taxonomy | None:
    """The last pack's; None where no pack tells one.

    Raises:
        DocumentErrors: anything wrong in it, or in a chain file it names.
    """
    path = next(reversed(list(packs.files("taxonomy.yaml"))), None)
    return _read(path, path.stat().st_mtime_ns, packs.folders(), tuple(shelf.chains())) if path else None


@functools.lru_cache(maxsize=4)
def _read(path: Path, _stamp: int, _folders: tuple[Path, ...], chains: tuple[str, ...]) -> Taxonomy:
    return taxonomyfile.read(f"{path.parent.name}/{path.name}", path.read_bytes(), packs.codes(), chains)
