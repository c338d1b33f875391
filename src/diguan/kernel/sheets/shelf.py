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
        for node in packs.entries(path):
            try:
                sheet = from_yaml(node, str(path), packs.catalogue())
            except DeclarationError as error:
                raise packs.PackError(error.where, error.message) from error
            _check_sources(f"{path}:{node.get('__line__', 1)}", sheet)
            found[sheet.name] = sheet
    return found


def _check_sources(where: str, sheet: Sheet) -> None:
    """A delivery from nobody, or from somebody the facts do not hear, would come in and never be used."""
    if not sheet.source:
        raise packs.PackError(where, Message(f"表 {sheet.name} 要有 source：谁来报", f"the sheet {sheet.name} needs a source: who delivers it"))
    for source in (sheet.source, *sheet.sources):
        packs.check_source(where, source)
    for column in sheet.facts:
        if sheet.source not in packs.catalogue()[column.fact].sources:
            raise packs.PackError(where, Message(f"事实 {column.fact} 的 sources 里没有 {sheet.source}", f"the sources of the fact {column.fact} do not name {sheet.source}"))


def sheets() -> Mapping[str, Sheet]:
    """All sheets by name, record sheets included."""
    return {**fact_sheets(), **{name: entry.sheet for name, entry in record_sheets().items()}}
