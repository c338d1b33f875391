"""YAML read as text with its lines: no number, date or bool is guessed, a key written twice is an error."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from diguan.kernel import yamls
from diguan.kernel.messages import Message

MOST_BYTES = 1_000_000
MOST_DEPTH = 40
# What plain YAML resolves to by itself ("value" is a bare =, the operator); any other tag was written by hand.
_TAGS = frozenset(f"tag:yaml.org,2002:{word}" for word in
                  ("null", "bool", "int", "float", "timestamp", "str", "seq", "map", "value", "merge"))


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
        root = yaml.compose(yamls.shallow(raw.decode("utf-8-sig")), Loader=yamls.Loader)
    except UnicodeDecodeError as error:
        raise _one(name, 1, "不是 UTF-8 文本", "this is not UTF-8 text") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _one(name, line, f"YAML 写法有误：{error.problem}", f"bad YAML: {error.problem}") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _one(name, 1, f"YAML 写法有误：{error}", f"bad YAML: {error}") from error
    if not isinstance(root, yaml.MappingNode):
        raise _one(name, 1, "应是一个键值文档", "a mapping is expected")
    return _node(root, name, set(), 0)


def _node(node: yaml.Node, name: str, seen: set[int], depth: int) -> Node:
    line = node.start_mark.line + 1
    if id(node) in seen or depth > MOST_DEPTH:
        raise _one(name, line, "不用 YAML 的别名（& *），也不嵌套过深", "aliases (& *) and deep nesting are not used")
    seen.add(id(node))
    if node.tag not in _TAGS:
        raise _one(name, line, f"不用 YAML 的类型标记 {node.tag}", f"YAML tags are not used: {node.tag}")
    if isinstance(node, yaml.ScalarNode):
        return Node(line, text="" if node.tag.endswith(":null") and node.style is None else str(node.value))
    if isinstance(node, yaml.SequenceNode):
        return Node(line, items=tuple(_node(part, name, seen, depth + 1) for part in node.value))
    keys: dict[str, Node] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _one(name, key.start_mark.line + 1, "键应是文字", "a key is a word")
        if key.value in keys:
            raise _one(name, key.start_mark.line + 1, f"键 {key.value} 写了两次", f"the key {key.value} is written twice")
        keys[str(key.value)] = _node(value, name, seen, depth + 1)
    return Node(line, keys=keys)


def _one(name: str, line: int, zh: str, en: str) -> DocumentErrors:
    return DocumentErrors([Problem(name, line, Message(zh, en))])
