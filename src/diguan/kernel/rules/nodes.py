"""YAML read as text with its lines: no number, date or bool is guessed, a key written twice is an error."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from diguan.kernel import yamls
from diguan.kernel.messages import Message

MOST_BYTES = 1_000_000
MOST_DEPTH = 40
# What plain YAML resolves to by itself ("value" is a bare =, the operator); any other tag was written by hand.
_TAGS = frozenset({None, "!", *(f"tag:yaml.org,2002:{word}" for word in
                                ("null", "bool", "int", "float", "timestamp", "str", "seq", "map", "value", "merge"))})


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a document: file, line (from 1), what was expected, the nearest valid name."""

    file: str
    line: int
    message: Message
    nearest: str | None = None

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}"

    def __str__(self) -> str:
        near = f"（最近的是 {self.nearest} / nearest: {self.nearest}）" if self.nearest else ""
        return f"{self.where}: {self.message}{near}"


class DocumentErrors(ValueError):
    """A document that is not used; ``problems`` in order of lines."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True)
class Node:
    """A scalar's text, a list, or a mapping; exactly one of the three."""

    line: int
    text: str | None = None
    items: tuple[Node, ...] | None = None
    keys: dict[str, Node] | None = field(default=None, hash=False)

    @property
    def kind(self) -> str:
        return "text" if self.text is not None else "list" if self.items is not None else "mapping"

    def lines_of(self) -> Iterator[tuple[str, Node]]:
        yield from (self.keys or {}).items()


def read(path: Path, name: str) -> Node:
    """Read one YAML document.

    Raises:
        DocumentErrors: not UTF-8, not YAML, too large, aliases, or a key written twice.
    """
    try:
        return parse(path.read_bytes(), name)
    except OSError as error:
        raise _one(name, 1, f"读不了：{error.strerror}", f"cannot be read: {error.strerror}") from error


def parse(raw: bytes, name: str) -> Node:
    """A document's bytes, under the name that errors shall show.

    Raises:
        DocumentErrors: as :func:`read`.
    """
    if len(raw) > MOST_BYTES:
        raise _one(name, 1, "文件超过 1 MB", "the file is larger than 1 MB")
    try:
        return _document(_Reading(name, yaml.parse(raw.decode("utf-8-sig"), Loader=yamls.Loader)))
    except UnicodeDecodeError as error:
        raise _one(name, 1, "不是 UTF-8 文本", "this is not UTF-8 text") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _one(name, line, f"YAML 写法有误：{error.problem}", f"bad YAML: {error.problem}") from error
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, DocumentErrors):
            raise
        raise _one(name, 1, f"YAML 写法有误：{error}", f"bad YAML: {error}") from error


@dataclass
class _Reading:
    """A document as the parser goes through it; built on the way, for its own tree of nodes takes four times as long."""

    name: str
    events: Iterator[Any]

    def refuse(self, event: Any, zh: str, en: str) -> DocumentErrors:
        """What to raise at an event; bad YAML further down is raised before it, as far as it is worth reading."""
        deep = 0
        for each in self.events:
            deep += isinstance(each, yaml.CollectionStartEvent) - isinstance(each, yaml.CollectionEndEvent)
            if deep > MOST_DEPTH:  # the parser's time grows with the square of the depth
                break
        return _one(self.name, event.start_mark.line + 1, zh, en)


def _document(reading: _Reading) -> Node:
    first = next(event for event in reading.events if not isinstance(event, (yaml.StreamStartEvent, yaml.DocumentStartEvent)))
    if not isinstance(first, yaml.MappingStartEvent):
        raise reading.refuse(first, "应是一个键值文档", "a mapping is expected")
    root = _node(reading, first, 0)
    for event in reading.events:
        if isinstance(event, yaml.DocumentStartEvent):
            raise reading.refuse(event, "一个文件只写一份，“---”后面又起了一份", "a file holds one document, and another begins here")
    return root


def _node(reading: _Reading, event: Any, depth: int) -> Node:
    line = event.start_mark.line + 1
    if depth > MOST_DEPTH:
        raise _one(reading.name, line, f"嵌套过深（最多 {MOST_DEPTH} 层）", f"nested too deeply (at most {MOST_DEPTH} levels)")
    if isinstance(event, yaml.AliasEvent):
        raise reading.refuse(event, "不用 YAML 的别名（& *）", "aliases (& *) are not used")
    if event.tag not in _TAGS:
        raise reading.refuse(event, f"不用 YAML 的类型标记 {event.tag}", f"YAML tags are not used: {event.tag}")
    if isinstance(event, yaml.ScalarEvent):
        return Node(line, text=event.value)
    if isinstance(event, yaml.SequenceStartEvent):
        return Node(line, items=tuple(_node(reading, part, depth + 1) for part in _until(reading, yaml.SequenceEndEvent)))
    return Node(line, keys=_keys(reading, depth))


def _keys(reading: _Reading, depth: int) -> dict[str, Node]:
    keys: dict[str, Node] = {}
    for key in _until(reading, yaml.MappingEndEvent):
        if not isinstance(key, yaml.ScalarEvent):
            raise reading.refuse(key, "键应是文字", "a key is a word")
        if key.value in keys:
            raise reading.refuse(key, f"键 {key.value} 写了两次", f"the key {key.value} is written twice")
        keys[key.value] = _node(reading, next(reading.events), depth + 1)
    return keys


def _until(reading: _Reading, end: type[yaml.Event]) -> Iterator[Any]:
    """The events of one list or mapping, whose parts take their own out of the same stream."""
    for event in reading.events:
        if isinstance(event, end):
            return
        yield event


def _one(name: str, line: int, zh: str, en: str) -> DocumentErrors:
    return DocumentErrors([Problem(name, line, Message(zh, en))])
