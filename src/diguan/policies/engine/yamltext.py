"""Policy documents as text that people wrote: read into plain data, changed, and written back with everything else as it was.

Plain data are texts, lists and mappings, as the loader reads them: no number, date or bool is guessed. Writing keeps the
lines of whatever has not changed, with its comments; only what changed is written anew.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import yaml

from diguan.kernel import yamls
from diguan.kernel.rules import nodes

Data: TypeAlias = Any
"""str, list of data, or dict from str to data."""
WIDTH = 160
_PLAIN = re.compile(r"[\w\u4e00-\u9fff（《“〔][^\n\t\x00-\x1f]*")
_FLOW_MARKS = re.compile(r"[,\[\]{}\"'#&*!|>%@`\\:?]| #")
_NUMBER = re.compile(r"[+-]?[\d_.,]+|0[xob].*")
_COUNTS = ("places", "amount_fen", "version")
_NAMES = ("id", "name")
"""By which an item of a list is known again after it was changed."""


def read(text: str, name: str = "policy.yaml") -> dict[str, Data]:
    """A document as plain data.

    Raises:
        nodes.DocumentErrors: it is no YAML of the kind policies are written in.
    """
    found = plain(nodes.parse(text.encode(), name))
    assert isinstance(found, dict)  # the reader refuses any other root
    return found


def plain(node: nodes.Node) -> Data:
    """A node of the reader as plain data."""
    if node.items is not None:
        return [plain(part) for part in node.items]
    if node.keys is not None:
        return {key: plain(part) for key, part in node.keys.items()}
    return node.text or ""


# ── writing anew ─────────────────────────────────────────────────────────────
def scalar(text: str, key: str = "") -> str:
    """A text as YAML, so that it is read back as it is; codes of digits are quoted, as people write them.

    >>> scalar("430421"), scalar("2026-06-30"), scalar(">="), scalar("200万元"), scalar("第二条：甲"), scalar("")
    ('"430421"', '2026-06-30', '">="', '200万元', '第二条：甲', '""')
    """
    simple = text.isprintable() and _PLAIN.fullmatch(text) and not _FLOW_MARKS.search(text) and text == text.strip() and text.lower() not in ("null", "yes", "no", "on", "off", "y", "n")
    if text.endswith("%") and re.fullmatch(r"[\d.]+%", text):
        return text
    if simple and (key in _COUNTS or not _NUMBER.fullmatch(text)):
        return text
    out = "".join(_ESCAPED.get(char) or (char if char.isprintable() else f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}") for char in text)
    return f'"{out}"'


_ESCAPED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def flow(data: Data, key: str = "") -> str:
    """Data on one line.

    >>> flow({"fact": "tax.paid", "op": ">=", "value": ["3", "4万元"]})
    '{fact: tax.paid, op: ">=", value: ["3", 4万元]}'
    """
    if isinstance(data, str):
        return scalar(data, key)
    if isinstance(data, Mapping):
        return "{" + ", ".join(f"{_key(name)}: {flow(value, name)}" for name, value in data.items()) + "}"
    return "[" + ", ".join(flow(value, key) for value in data) + "]"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_][\w.\-]*|\d{4}(-\w{2})?(-\d{2})?", name) else scalar(name)


def write(data: Mapping[str, Data]) -> str:
    """A whole document, short parts on one line."""
    return "\n".join(_entries(data, 0)) + "\n"


def _entries(data: Mapping[str, Data], indent: int) -> list[str]:
    return [line for name, value in data.items() for line in _entry(name, value, indent)]


def _entry(name: str, value: Data, indent: int) -> list[str]:
    pad, short = " " * indent, flow(value, name)
    fits = len(pad) + len(name) + len(short) + 2 <= WIDTH and name not in ("clauses", "examples")
    if isinstance(value, str) or not value or fits:
        return [f"{pad}{_key(name)}: {short}"]
    if isinstance(value, Mapping):
        return [f"{pad}{_key(name)}:", *_entries(value, indent + 2)]
    if not all(isinstance(part, Mapping) and part for part in value):
        return [f"{pad}{_key(name)}: {short}"]
    return [f"{pad}{_key(name)}:", *(line for part in value for line in _item(part, indent + 2, name))]


def _item(part: Mapping[str, Data], indent: int, key: str) -> list[str]:
    short = flow(part, key)
    if len(short) + indent + 2 <= WIDTH and key not in ("clauses", "examples"):
        return [f"{' ' * indent}- {short}"]
    return _dashed(_entries(part, indent + 2), indent)


def _dashed(lines: list[str], indent: int) -> list[str]:
    at = next((number for number, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), 0)
    return [*lines[:at], f"{' ' * indent}- {lines[at][indent + 2:]}", *lines[at + 1:]]


# ── writing only what changed ────────────────────────────────────────────────
def rewrite(text: str, data: Mapping[str, Data]) -> str:
    r"""The text with other data in it: every part that says the same keeps its lines and comments.

    What cannot be done in place is written anew, all of it; either way the outcome reads back as ``data``.

    >>> print(rewrite("# 甲\nid: a\nclauses:\n  # 乙\n  - {id: x, when: {op: '='}}\n", {"id": "b", "clauses": [{"id": "x", "when": {"op": "="}}]}), end="")
    # 甲
    id: b
    clauses:
      # 乙
      - {id: x, when: {op: '='}}
    """
    try:
        root = _composed(text)
        out = "\n".join(_mapping(text.rstrip("\n").split("\n"), root, data, 0)) + "\n"
        if read(out) == data:
            return out
    except (yaml.YAMLError, nodes.DocumentErrors, _NotInPlace):
        pass
    return write(data)


def _composed(text: str) -> yaml.Node:
    root = yaml.compose(yamls.shallow(text), Loader=yamls.Loader)
    if root is None:
        raise yaml.YAMLError("nothing in it")
    return root


class _NotInPlace(Exception):
    """The text is laid out in a way that is not changed piece by piece."""


def _plain(node: yaml.Node) -> Data:
    if isinstance(node, yaml.ScalarNode):
        return "" if node.tag.endswith(":null") and node.style is None else str(node.value)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(part) for part in node.value]
    return {str(key.value): _plain(part) for key, part in node.value}


def _mapping(lines: list[str], node: yaml.Node, data: Mapping[str, Data], start: int, end: int | None = None) -> list[str]:
    """The lines of a block mapping from ``start`` on, with other data."""
    if not isinstance(node, yaml.MappingNode) or node.flow_style or not node.value:
        raise _NotInPlace
    indent = node.value[0][0].start_mark.column
    starts = [key.start_mark.line for key, _value in node.value]
    if len(set(starts)) != len(starts):
        raise _NotInPlace
    chunks = _chunks(lines, starts, start, len(lines) if end is None else end)
    old = {str(key.value): (chunk, value) for (key, value), chunk in zip(node.value, chunks, strict=True)}
    out: list[str] = []
    for name, value in data.items():
        if name not in old:
            out += _entry(name, value, indent)
            continue
        (lead, low, high), before = old[name]
        out += lines[lead:low] + (lines[low:high] if _plain(before) == value else _changed(lines, name, before, value, indent, low, high))
    return out


def _chunks(lines: list[str], starts: Sequence[int], first: int, end: int) -> list[tuple[int, int, int]]:
    """Per entry where its comments begin, where it begins, and where it ends."""
    found, lead = [], first
    for low, following in zip(starts, [*starts[1:], end], strict=True):
        high = following
        while following != end and high > low + 1 and (not lines[high - 1].strip() or lines[high - 1].lstrip().startswith("#")):
            high -= 1  # a comment above an entry belongs to it
        found.append((lead, low, high))
        lead = high
    return found


def _changed(lines: list[str], name: str, before: yaml.Node, value: Data, indent: int, low: int, high: int) -> list[str]:
    """An entry that says something else: in place where it is laid out in lines, else anew."""
    block = isinstance(before, yaml.CollectionNode) and not before.flow_style and before.value and before.start_mark.line > low
    if block and isinstance(before, yaml.MappingNode) and isinstance(value, Mapping) and value:
        return [lines[low], *_mapping(lines, before, value, low + 1, high)]
    if block and isinstance(before, yaml.SequenceNode) and isinstance(value, list) and value:
        return [lines[low], *_sequence(lines, name, before, value, low + 1, high)]
    return _entry(name, value, indent)


def _sequence(lines: list[str], name: str, node: yaml.SequenceNode, data: Sequence[Data], first: int, end: int) -> list[str]:
    starts = [part.start_mark.line for part in node.value]
    indent = len(lines[starts[0]]) - len(lines[starts[0]].lstrip())
    if len(set(starts)) != len(starts) or not all(lines[at].lstrip().startswith("- ") for at in starts):
        raise _NotInPlace
    chunks = dict(enumerate(zip(_chunks(lines, starts, first, end), node.value, [_plain(part) for part in node.value], strict=True)))
    out: list[str] = []
    for at, value in enumerate(data):
        known = _known(chunks, value, at)
        if known is None:
            out += _item(value, indent, name) if isinstance(value, Mapping) else [f"{' ' * indent}- {flow(value, name)}"]
            continue
        (lead, low, high), part, before = chunks.pop(known)
        out += lines[lead:low] + (lines[low:high] if before == value else _changed_item(lines, name, part, value, indent, low, high))
    return out


def _known(chunks: Mapping[int, tuple[Any, yaml.Node, Data]], value: Data, at: int) -> int | None:
    """Which item of before this is: the very same, the one of the same name, else none."""
    same = [number for number, (_lines, _node, before) in chunks.items() if before == value]
    if same or not isinstance(value, Mapping):
        return min(same, key=lambda number: abs(number - at), default=None)
    named = next((key for key in _NAMES if value.get(key)), None)
    return next((number for number, (_lines, _node, before) in chunks.items()
                 if named and isinstance(before, Mapping) and before.get(named) == value[named]), None)


def _changed_item(lines: list[str], name: str, node: yaml.Node, value: Data, indent: int, low: int, high: int) -> list[str]:
    if not isinstance(value, Mapping):
        return [f"{' ' * indent}- {flow(value, name)}"]
    if not isinstance(node, yaml.MappingNode) or node.flow_style:
        return _item(value, indent, name)
    opened = [*lines[:low], lines[low].replace("- ", "  ", 1), *lines[low + 1:]]
    return _dashed(_mapping(opened, node, value, low, high), node.start_mark.column - 2)


# ── where things are ─────────────────────────────────────────────────────────
Path = tuple[str | int, ...]


def numbered(data: Data) -> tuple[nodes.Node, dict[int, Path]]:
    """Data as the reader's nodes, each on a line of its own, and which place each line stands for: errors then name places.

    >>> numbered({"a": ["x"]})[1]
    {1: (), 2: ('a',), 3: ('a', 0)}
    """
    places: dict[int, Path] = {}
    return _numbered(data, (), places), places


def _numbered(data: Data, place: Path, places: dict[int, Path]) -> nodes.Node:
    line = len(places) + 1
    places[line] = place
    if isinstance(data, Mapping):
        return nodes.Node(line, keys={name: _numbered(value, (*place, name), places) for name, value in data.items()})
    if isinstance(data, str):
        return nodes.Node(line, text=data)
    return nodes.Node(line, items=tuple(_numbered(value, (*place, at), places) for at, value in enumerate(data)))


def lines_of(text: str) -> dict[Path, int]:
    """On which line of the text each place is, from 1."""
    found: dict[Path, int] = {}
    _note(_composed(text), (), found)
    return found


def _note(node: yaml.Node, place: Path, found: dict[Path, int]) -> None:
    found[place] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            _note(value, (*place, str(key.value)), found)
    elif isinstance(node, yaml.SequenceNode):
        for at, value in enumerate(node.value):
            _note(value, (*place, at), found)
