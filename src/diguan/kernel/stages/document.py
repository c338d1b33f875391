"""One flow: YAML → a typed tree, or every problem with file, line and nearest name. No Django here.

What there is to name (facts, codes, evidence, roles and rights) is handed in as :class:`Names`, so that a document can be
checked without a database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from diguan.kernel.catalogue import Catalogue
from diguan.kernel.evidence.dictionary import Entry, evidence_named, number, yes
from diguan.kernel.messages import Message, nearest
from diguan.kernel.packs import Codes
from diguan.kernel.rules import document, nodes, tree
from diguan.kernel.rules.conditions import Reader, Refused
from diguan.kernel.rules.nodes import DocumentErrors, Node, Problem
from diguan.kernel.stages import graph
from diguan.kernel.stages.tree import ACTIVE, DUE, GRAPH, PIPELINE, WAIT, Flow, Gate, Status, Step, Term

KEYS = ("id", "title", "subject", "reads", "stages", "tasks", "statuses")
STAGE_KEYS = ("id", "title", "next", "back", "final", "gate", "owner")
TASK_KEYS = ("id", "title", "after", "optional", "final", "gate", "owner")
STATUS_KEYS = ("id", "title", "from", "gate", "final")
GATE_KEYS = ("facts", "evidence", "roles", "verifier_not_doer", "clock", "waiver")
CLOCK_KEYS = ("days", "basis", "kind", "provisional", "pauses", "extend")
CLOCK_KINDS = (DUE, WAIT)
MOST_DAYS = 250
MOST_STEPS = 500


@dataclass(frozen=True)
class Names:
    """What a document may name."""

    catalogue: Catalogue
    evidence: Mapping[str, Entry] = field(default_factory=dict)
    roles: Collection[str] = ()
    codes: Codes | None = None


def load(path: Path, names: Names) -> Flow:
    """Read and check one document.

    Raises:
        DocumentErrors: anything wrong in it; nothing of it is used.
    """
    shown = f"{path.parent.name}/{path.name}"
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DocumentErrors([Problem(shown, 1, Message(f"读不了：{error.strerror}", f"cannot be read: {error.strerror}"))]) from error
    return parse(raw, shown, names)


def parse(raw: bytes, shown: str, names: Names) -> Flow:
    """As :func:`load`, of a document's bytes, under the name that errors shall show."""
    reader = Reader(shown, names.catalogue, names.codes)
    root = nodes.parse(raw, shown)
    try:
        found = _flow(reader, root, raw, names)
    except Refused:
        found = None
    if reader.problems or found is None:
        raise DocumentErrors(reader.problems)
    return found


def load_all(paths: Iterable[Path], names: Names) -> dict[str, Flow]:
    """Every flow of these files by id; a later file may replace an earlier one's.

    Raises:
        DocumentErrors: as :func:`load`, of all files together.
    """
    found: dict[str, Flow] = {}
    problems: list[Problem] = []
    for path in paths:
        try:
            flow = load(path, names)
        except DocumentErrors as error:
            problems += error.problems
        else:
            found[flow.id] = flow
    if problems:
        raise DocumentErrors(problems)
    return found


def _flow(reader: Reader, root: Node, raw: bytes, names: Names) -> Flow:
    keys = reader.keys(root, KEYS, ("id", "title", "subject"))
    if ("stages" in keys) == ("tasks" in keys):
        raise reader.refuse(root, "stages 和 tasks 写且只写一个", "exactly one of stages and tasks")
    shape = PIPELINE if "stages" in keys else GRAPH
    steps = keys["stages"] if shape == PIPELINE else keys["tasks"]
    kinds = sorted({spec.subject for spec in names.catalogue.values()})
    found = Flow(
        id=_id(reader, keys["id"]), title=document.title(reader, keys["title"]), subject=_id(reader, keys["subject"]), shape=shape,
        reads=tuple(reader.word(part, kinds) for part in _items(reader, keys.get("reads"))),
        steps=_steps(reader, steps, shape, names),
        statuses=_unique(reader, [_status(reader, part, names, _ids(steps)) for part in _items(reader, keys.get("statuses"))]),
        sha256=hashlib.sha256(raw).hexdigest(), text=raw.decode("utf-8-sig"))
    _check(reader, found)
    return found


def _id(reader: Reader, node: Node) -> str:
    text = reader.text(node)
    if not (text.isascii() and text.replace("_", "a").isalnum() and text == text.lower() and len(text) <= 60):
        raise reader.refuse(node, f"编号只用小写字母、数字和下划线，现为 {text}", f"an id is made of lower-case letters, digits and _: {text}")
    return text


def _items(reader: Reader, node: Node | None) -> tuple[Node, ...]:
    if node is None:
        return ()
    if node.items is None:
        raise reader.refuse(node, "这里应是列表", "a list is expected here")
    return node.items


def _texts(reader: Reader, node: Node | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reader.text(part) for part in _items(reader, node)))


def _steps(reader: Reader, node: Node, shape: str, names: Names) -> tuple[Step, ...]:
    parts = _items(reader, node)
    if not 1 <= len(parts) <= MOST_STEPS:
        raise reader.refuse(node, f"要有 1 到 {MOST_STEPS} 步", f"1 to {MOST_STEPS} steps are needed")
    found, there = [], _ids(node)
    for part in parts:  # one bad step must not hide what is wrong with the next
        try:
            found.append(_step(reader, part, shape, names, there))
        except Refused:
            continue
    if reader.problems:
        raise Refused
    return _unique(reader, found)


def _ids(node: Node) -> list[str]:
    """The ids of the steps as written, so that a name that is none is found where it stands."""
    return [part.keys["id"].text or "" for part in node.items or () if part.keys and "id" in part.keys]


def _steps_named(reader: Reader, node: Node | None, there: Collection[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_named(reader, part, there, "步骤", "step") for part in _items(reader, node)))


def _unique(reader: Reader, found: list[Step] | list[Status]) -> tuple:  # type: ignore[type-arg]
    seen: set[str] = set()
    for one in found:
        if one.id in seen or one.id == ACTIVE:
            raise reader.refuse(Node(one.line), f"编号 {one.id} 重复或不能用", f"id {one.id} is used twice or reserved")
        seen.add(one.id)
    return tuple(found)


def _step(reader: Reader, node: Node, shape: str, names: Names, there: Collection[str]) -> Step:
    keys = reader.keys(node, STAGE_KEYS if shape == PIPELINE else TASK_KEYS, ("id", "title"))
    owner = reader.keys(keys["owner"], ("unit", "role")) if "owner" in keys else {}
    role = _named(reader, owner["role"], names.roles, "角色", "role") if "role" in owner else ""
    return Step(
        id=_id(reader, keys["id"]), title=document.title(reader, keys["title"]), gate=_gate(reader, keys.get("gate"), names),
        next=_steps_named(reader, keys.get("next"), there), back=_steps_named(reader, keys.get("back"), there), after=_steps_named(reader, keys.get("after"), there),
        optional=yes(reader, keys.get("optional")), final=yes(reader, keys.get("final")),
        unit=reader.text(owner["unit"]) if "unit" in owner else "", role=role, line=node.line)


def _status(reader: Reader, node: Node, names: Names, there: Collection[str]) -> Status:
    keys = reader.keys(node, STATUS_KEYS, ("id", "title"))
    gate = _gate(reader, keys.get("gate"), names)
    if gate.term is not None:
        raise reader.refuse(keys["gate"], "状态没有时限", "a status has no clock")
    return Status(_id(reader, keys["id"]), document.title(reader, keys["title"]), _steps_named(reader, keys.get("from"), there), gate,
                  yes(reader, keys.get("final")), node.line)


def _gate(reader: Reader, node: Node | None, names: Names) -> Gate:
    if node is None:
        return Gate()
    keys = reader.keys(node, GATE_KEYS)
    facts = tuple(document.said_clause(reader, part) for part in _items(reader, keys.get("facts")))
    evidence = tuple(evidence_named(reader, part, names.evidence) for part in _items(reader, keys.get("evidence")))
    roles = tuple(_named(reader, part, names.roles, "角色或权限", "role or right") for part in _items(reader, keys.get("roles")))
    waivable = [*(clause.id for clause in facts), *evidence]
    if len(set(waivable)) != len(waivable):
        raise reader.refuse(node, "一道关口里的编号重复了", "an id is used twice in one gate")
    waiver = tuple(_named(reader, part, waivable, "可免的条件", "item to waive") for part in _items(reader, keys.get("waiver")))
    return Gate(facts, evidence, roles, yes(reader, keys.get("verifier_not_doer")), _clock(reader, keys.get("clock")), waiver)


def _clock(reader: Reader, node: Node | None) -> Term | None:
    if node is None:
        return None
    keys = reader.keys(node, CLOCK_KEYS, ("days", "basis"))
    return Term(
        number(reader, keys["days"], 1, MOST_DAYS), reader.text(keys["basis"]),
        reader.word(keys["kind"], CLOCK_KINDS) if "kind" in keys else DUE, yes(reader, keys.get("provisional")),
        _texts(reader, keys.get("pauses")), number(reader, keys["extend"], 0, MOST_DAYS) if "extend" in keys else 0)


def _named(reader: Reader, node: Node, known: Iterable[str], zh: str, en: str) -> str:
    """One of what there is; an unknown one is a problem with the nearest (the list may be long, so it is not told)."""
    name, known = reader.text(node), list(known)
    if name not in known:
        raise reader.refuse(node, f"没有这个{zh}：{name}", f"unknown {en} {name}", nearest(name, known, 0.3))
    return name


# ── the shape ────────────────────────────────────────────────────────────────
def _check(reader: Reader, flow: Flow) -> None:
    _check_facts(reader, flow)
    edges = {step.id: step.next for step in flow.steps} if flow.shape == PIPELINE else flow.successors
    round_ = graph.cycle(edges)
    if round_:
        reader.refuse(_at(flow, round_[0]), f"绕成了圈：{' → '.join(round_)}；要退回用 back", f"a cycle: {' → '.join(round_)}; going back is said with back")
        return
    _check_ends(reader, flow, edges)
    if flow.shape == PIPELINE:
        _check_pipeline(reader, flow, edges)


def _at(flow: Flow, name: str) -> Node:
    return Node(flow.step[name].line)


def _check_ends(reader: Reader, flow: Flow, edges: Mapping[str, tuple[str, ...]]) -> None:
    for name in graph.ends(edges):
        if not flow.step[name].final:
            reader.refuse(_at(flow, name), f"{name} 后面没有下一步，又没写 final: true", f"{name} leads nowhere and is not final")
    for step in flow.steps:
        if flow.shape == GRAPH and step.final and edges[step.id]:
            reader.refuse(_at(flow, step.id), f"{step.id} 写了 final，后面却还有环节", f"{step.id} is final, yet tasks wait for it")


def _check_pipeline(reader: Reader, flow: Flow, edges: Mapping[str, tuple[str, ...]]) -> None:
    for name in graph.unreachable(edges, [flow.first.id]):
        reader.refuse(_at(flow, name), f"从 {flow.first.id} 走不到 {name}", f"no way leads from {flow.first.id} to {name}")
    if flow.first.gate.term is not None:
        reader.refuse(_at(flow, flow.first.id), "第一步之前没有时限可计", "before the first stage there is nothing to count from")
    for step in flow.steps:
        for name in step.back:
            if name not in graph.earlier(edges, step.id):
                reader.refuse(_at(flow, step.id), f"{step.id} 只能退回到前面的阶段，{name} 不是", f"{step.id} can only go back to an earlier stage: {name} is none")


def _check_facts(reader: Reader, flow: Flow) -> None:
    """A gate reads facts of the subject itself and of the kinds the flow says it reads."""
    for gate in [*(step.gate for step in flow.steps), *(status.gate for status in flow.statuses)]:
        for clause in gate.facts:
            for fact in (fact for source in tree.sources_of(clause.condition) for fact in source.facts):
                if fact.subject not in (flow.subject, *flow.reads):
                    reader.refuse(Node(clause.line), f"{fact.name} 是 {fact.subject} 的事实；要读它，在 reads 里写上 {fact.subject}",
                                  f"{fact.name} is a fact of {fact.subject}: to read it, name {fact.subject} in reads")
