"""Matters and situations as a pack tells them: ``matters/*.yaml`` and ``situations.yaml`` → typed values, or every problem with its line.

```yaml
defaults: {exercise_level: 县级, provisional: true}     # of every matter of this file
matters:
  - id: company_registration
    name: 公司设立登记
    bureau: 县市监局
    legal_basis: [中华人民共和国公司法第二十九条]
    asks: ["lease_contract|C|复印件|site=lease"]           # as in a cell of the file, see cells
```
The words of every field are those of the national columns; ``asks`` is short for requirements.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diguan.kernel.catalogue import Catalogue
from diguan.kernel.messages import nearest
from diguan.kernel.rules import document, nodes
from diguan.kernel.rules.conditions import Reader, Refused
from diguan.kernel.rules.nodes import DocumentErrors, Node, Problem
from diguan.services.engine import cells, matters
from diguan.services.engine.fields import BY_NAME
from diguan.services.engine.matters import Known
from diguan.services.engine.situations import Question, When

ASKS = "asks"
KEYS = ("id", ASKS, *BY_NAME)


@dataclass(frozen=True)
class MatterText:
    """One matter of a pack: its key, its whole content, where it stands."""

    key: str
    content: Mapping[str, Any]
    file: str
    line: int


def shown(path: Path) -> str:
    """A file as errors name it."""
    return f"{path.parent.name}/{path.name}"


def items(reader: Reader, node: Node | None) -> tuple[Node, ...]:
    """The parts of a list; nothing where it is not there."""
    if node is None:
        return ()
    if node.items is None:
        raise reader.refuse(node, "这里应是列表", "a list is expected here")
    return node.items


def identity(reader: Reader, node: Node) -> str:
    """An id: lower-case letters, digits and underscores."""
    text = reader.text(node)
    if not matters.KEY.fullmatch(text):
        raise reader.refuse(node, f"编号只用小写字母、数字和下划线，现为 {text}", f"an id is made of lower-case letters, digits and _: {text}")
    return text


# ── situations ───────────────────────────────────────────────────────────────
def questions(paths: Iterable[Path]) -> dict[str, Question]:
    """The questions of these files by id; a later file may replace an earlier one's.

    Raises:
        DocumentErrors: anything wrong in one of them.
    """
    found: dict[str, Question] = {}
    problems: list[Problem] = []
    for path in paths:
        reader = Reader(shown(path), Catalogue(()), None)
        for name, node in (nodes.read(path, reader.name).keys or {}).items():
            try:
                found[name] = _question(reader, name, node)
            except Refused:
                continue
        problems += reader.problems
    if problems:
        raise DocumentErrors(problems)
    return found


def _question(reader: Reader, name: str, node: Node) -> Question:
    if not matters.KEY.fullmatch(name):
        raise reader.refuse(node, f"编号只用小写字母、数字和下划线，现为 {name}", f"an id is made of lower-case letters, digits and _: {name}")
    keys = reader.keys(node, ("title", "answers"), ("title", "answers"))
    answers = {value: document.title(reader, part) for value, part in (keys["answers"].keys or {}).items()}
    if len(answers) < 2:
        raise reader.refuse(keys["answers"], "至少要有两个答案", "at least two answers are needed")
    return Question(name, document.title(reader, keys["title"]), answers, node.line)


def when(reader: Reader, node: Node | None, known: Mapping[str, Question]) -> When:
    """A situation: question → one answer or a list of them."""
    found: dict[str, list[str]] = {}
    for name, part in (node.keys or {}).items() if node else ():
        if name not in known:
            raise reader.refuse(part, f"没有这个情形问题：{name}", f"no question {name}", nearest(name, known, 0.4))
        found[name] = [reader.word(one, known[name].answers) for one in (part.items or (part,))]
    return found


# ── matters ──────────────────────────────────────────────────────────────────
def load(paths: Iterable[Path], known: Known) -> dict[str, MatterText]:
    """The matters of these files by key; a later file may replace an earlier one's.

    Raises:
        DocumentErrors: an unknown key, word, meaning or question, or a matter against a rule of :mod:`matters`; all of them, with file and line.
    """
    found: dict[str, MatterText] = {}
    problems: list[Problem] = []
    for path in paths:
        reader = Reader(shown(path), Catalogue(()), None)
        try:
            found |= _file(reader, nodes.read(path, reader.name), known)
        except Refused:
            pass
        except DocumentErrors as error:
            problems += error.problems
        problems += reader.problems
    if problems:
        raise DocumentErrors(problems)
    return found


def _file(reader: Reader, root: Node, known: Known) -> dict[str, MatterText]:
    keys = reader.keys(root, ("defaults", "matters"), ("matters",))
    defaults = _told(reader, keys["defaults"], known) if "defaults" in keys else {}
    found: dict[str, MatterText] = {}
    for part in items(reader, keys["matters"]):
        try:
            matter = _matter(reader, part, defaults, known)
        except Refused:
            continue
        if matter.key in found:
            reader.refuse(part, f"编号 {matter.key} 重复", f"id {matter.key} is used twice")
        found[matter.key] = matter
    return found


def _matter(reader: Reader, node: Node, defaults: Mapping[str, Any], known: Known) -> MatterText:
    keys = reader.keys(node, KEYS, ("id", "name"))
    key = identity(reader, keys["id"])
    content = matters.whole({**defaults, **_told(reader, node, known)})
    for wrong in matters.errors(content, known):
        at = keys.get(wrong.field) or (keys.get(ASKS) if wrong.field == "requirements" else None) or node
        reader.refuse(at, f"{key}：{wrong.message.zh}", f"{key}: {wrong.message.en}")
    return MatterText(key, content, reader.name, node.line)


def _told(reader: Reader, node: Node, known: Known) -> dict[str, Any]:
    """The fields of one mapping; one bad field must not hide what is wrong with the next."""
    found: dict[str, Any] = {}
    for name, part in reader.keys(node, KEYS).items():
        spec = BY_NAME.get("requirements" if name == ASKS else name)
        if spec is None:
            continue
        try:
            found[spec.name] = cells.read(spec, "\n".join(reader.text(one) for one in part.items) if part.items is not None else part.text or "", known)
        except cells.Unreadable as wrong:
            reader.refuse(part, wrong.message.zh, wrong.message.en)
        except Refused:
            continue
    return found
