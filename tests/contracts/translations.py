"""What the English catalogue owes the source, told in plain Python: no machine needs gettext to know it."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation.template import templatize

from tests.contracts.tree import dotted, sources, templates

ASKING = re.compile(r"^n?gettext(_lazy|_noop)?$")
IN_TEMPLATE = re.compile(r"""\b(?:_|n?gettext)\(\s*u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
STAYS_CHINESE = {"中文"}  # the switch that offers Chinese names it in Chinese
TYPED = "无"  # what people write into a cell, in whatever language the page is
PLACE = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


@dataclass(frozen=True)
class Entry:
    """One entry of a catalogue: what is asked for, its translations (two for a plural), whether it is unsure."""

    asked: str
    said: tuple[str, ...]
    fuzzy: bool = False


def asked(root: Path) -> dict[str, str]:
    """Every text the source asks a translation for, with the first place that does."""
    found: dict[str, str] = {}
    for where, text in (*_in_python(root), *_in_templates(root)):
        found.setdefault(text, where)
    return found


def _in_python(root: Path) -> Iterator[tuple[str, str]]:
    for source in sources(root):
        names = {"_"} | {alias.asname or alias.name for node in ast.walk(source.tree) if isinstance(node, ast.ImportFrom)
                         for alias in node.names if ASKING.match(alias.name)}
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = dotted(node.func)
            first = node.args[0]
            if (name in names or ASKING.match(name.rpartition(".")[2])) and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield source.at(node), first.value


def _in_templates(root: Path) -> Iterator[tuple[str, str]]:
    for name, text in templates(root):
        for found in IN_TEMPLATE.finditer(templatize(text)):
            yield name, ast.literal_eval(found[1])


def read_po(text: str) -> list[Entry]:
    """The living entries of a catalogue, without its head. Obsolete ones are named by :func:`faults`."""
    entries = []
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        fields: dict[str, str] = {}
        key = ""
        for line in lines:
            head, quoted = line.split(" ", 1) if not line.startswith('"') else (key, line)
            key = head
            fields[key] = fields.get(key, "") + ast.literal_eval(quoted)
        if fields.get("msgid"):
            fuzzy = any(line.startswith("#,") and "fuzzy" in line for line in block.splitlines())
            entries.append(Entry(fields["msgid"], tuple(said for name, said in fields.items() if name.startswith("msgstr")), fuzzy))
    return entries


def faults(wanted: Mapping[str, str], catalogue: str) -> list[str]:
    """Texts without English, unsure or outworn ones, English that is Chinese, and places that were lost."""
    entries = {entry.asked: entry for entry in read_po(catalogue)}
    wrong = [f"{where}: no English for {text!r}" for text, where in wanted.items() if text not in entries]
    wrong += [f"nobody asks for {text!r} any more" for text in entries if text not in wanted]
    wrong += [f"kept though outworn: {line}" for line in catalogue.splitlines() if line.startswith("#~ msgid")]
    return wrong + [f"{text!r}: {fault}" for text, entry in entries.items() for fault in _entry_faults(entry)]


def _entry_faults(entry: Entry) -> Iterator[str]:
    if entry.fuzzy:
        yield "is fuzzy"
    if not entry.said or not all(entry.said):
        yield "has no English"
    for said in entry.said:
        if CHINESE.search(said.replace(TYPED, "")) and entry.asked not in STAYS_CHINESE:
            yield f"{said!r} is Chinese still"
        if said and set(PLACE.findall(said)) - set(PLACE.findall(entry.asked)):
            yield f"{said!r} names a place that is not there"
    if entry.said and entry.said[-1] and set(PLACE.findall(entry.asked)) - set(PLACE.findall(entry.said[-1])):
        yield f"{entry.said[-1]!r} loses a place"


def stale(catalogue: str, compiled: Path) -> list[str]:
    """Entries whose compiled form says something else than the catalogue."""
    with compiled.open("rb") as file:
        spoken = gettext.GNUTranslations(file)
    wrong = []
    for entry in read_po(catalogue):
        forms = tuple(spoken.ngettext(entry.asked, entry.asked, count) for count in (1, 2)) if len(entry.said) > 1 else (
            spoken.gettext(entry.asked),)
        if all(entry.said) and not entry.fuzzy and forms != entry.said:
            wrong.append(f"{entry.asked!r}: compiled as {forms[0]!r}")
    return wrong
