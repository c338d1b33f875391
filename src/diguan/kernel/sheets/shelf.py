"""Every sheet that can be imported: those packs declare as data and those rooms register."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

from diguan.kernel import packs
from diguan.kernel.messages import Message
from diguan.kernel.sheets.declare import DeclarationError, Sheet, from_yaml, record_sheets


def fact_sheets() -> Mapping[str, Sheet]:
    """The sheets of all packs (``sheets.yaml``) by name; a later pack replaces one of the same name.

    Raises:
        packs.PackError: a declaration that cannot be used, with file and line.
    """
    return _fact_sheets(packs.folders())


@functools.cache
def _fact_sheets(folders: tuple[Path, ...]) -> Mapping[str, Sheet]:
    found: dict[str, Sheet] = {}
    for path in (folder / "sheets.yaml" for folder in folders):
        for node in packs.read_yaml(path) or () if path.exists() else ():
            try:
                sheet = from_yaml(node, str(path), packs.catalogue())
            except DeclarationError as error:
                raise packs.PackError(str(path), Message(str(error), str(error))) from error
            found[sheet.name] = sheet
    return found


def sheets() -> Mapping[str, Sheet]:
    """All sheets by name, record sheets included."""
    return {**fact_sheets(), **{name: entry.sheet for name, entry in record_sheets().items()}}
