"""A flow as BPMN 2.0 has it: events, tasks, gateways and the arrows between them; from an order and back to one. Pure.

**The subset**, for reading and writing alike, strict so that nothing is guessed:

- one process; exactly one start event, one end event or more, all plain;
- ``task``, ``userTask``, ``manualTask``, each with one arrow in and one out;
- parallel and exclusive gateways, each with one arrow in or one out (or both);
- sequence flows; only those that leave an exclusive gateway may carry a condition (kept as words, never evaluated) or be the
  default of their gateway;
- every node lies on a way from the start to an end, and no way runs in a circle;
- branches are joined by the kind of gateway that parted them: exclusive ones that met in a parallel gateway would wait for
  each other for ever, parallel ones that met in an exclusive gateway would go on several times.

Whatever else is met, pools, lanes, sub-processes, timers, messages, data, scripts, is refused by its element and id.
:func:`process_of` makes a process of tasks and their order with parallel gateways alone; :func:`order_of` gives both back.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from diguan.services.engine.edges import BenchRefused, Pair, in_order

START, END, TASK, PARALLEL, EXCLUSIVE = "startEvent", "endEvent", "task", "parallelGateway", "exclusiveGateway"
TASKS = (TASK, "userTask", "manualTask")
GATEWAYS = (PARALLEL, EXCLUSIVE)
KINDS = (START, END, *TASKS, *GATEWAYS)
MOST_TASKS, MOST_NODES = 2_000, 7_000
OURS = "dg_"
"""How the ids begin that we make up."""
PLAIN_ID = re.compile(r"[A-Za-z_\u4e00-\u9fa5][A-Za-z0-9_.\-\u4e00-\u9fa5]*")
"""Ids that are XML names beyond doubt."""
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Node:
    """One event, task or gateway. ``key`` is the id the task has with us, where that is no XML name; else empty."""

    id: str
    kind: str
    title: str = ""
    key: str = ""
    note: str = ""

    @property
    def name(self) -> str:
        return self.key or self.id


@dataclass(frozen=True)
class Arrow:
    id: str
    source: str
    target: str
    title: str = ""
    condition: str = ""
    default: bool = False


@dataclass(frozen=True)
class Process:
    id: str
    title: str
    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]
    note: str = ""


@dataclass(frozen=True)
class Order:
    """Tasks (id, title) as they stand in the file, what comes before what, and those that a case may do without."""

    tasks: tuple[tuple[str, str], ...]
    pairs: tuple[Pair, ...]
    optional: frozenset[str] = frozenset()


def process_of(titles: Mapping[str, str], pairs: Iterable[Pair], title: str = "") -> Process:
    """Tasks and their order with parallel gateways where several come before or after one.

    Args:
        titles: the title of every task by its id, in the order wanted.
        pairs: what must come before what.
        title: of the process.

    Raises:
        BenchRefused: ``no_activities``, ``unknown_activity``, ``self_edge``, ``cycle``; ``too_many``; ``id`` where an id is
            empty or holds characters no XML can carry.

    >>> [arrow.source + ">" + arrow.target for arrow in process_of({"a": "", "b": "", "c": ""}, [("a", "b"), ("a", "c")]).arrows]
    ['dg_start>a', 'a>dg_fork_1', 'dg_fork_1>b', 'dg_fork_1>c', 'b>dg_end_join', 'c>dg_end_join', 'dg_end_join>dg_end']
    """
    found, names = tuple(dict.fromkeys(pairs)), list(titles)
    in_order(names, found)
    for name in names:
        if not name or _ILLEGAL.search(name):
            raise BenchRefused("id", f"环节编号 {name!r} 为空或含有 XML 不能写的字符", f"the id {name!r} is empty or holds characters XML cannot carry", [name])
    ids = {name: name if PLAIN_ID.fullmatch(name) and not name.startswith(OURS) else f"{OURS}task_{at}" for at, name in enumerate(names, 1)}
    made = _Made()
    befores: dict[str, list[str]] = {name: [] for name in names}
    afters: dict[str, list[str]] = {name: [] for name in names}
    for before, after in found:
        befores[after].append(before)
        afters[before].append(after)
    made.nodes.append(Node(f"{OURS}start", START))
    doors = {name: (f"{OURS}join_{at}" if len(befores[name]) > 1 else ids[name], f"{OURS}fork_{at}" if len(afters[name]) > 1 else ids[name]) for at, name in enumerate(names, 1)}
    firsts, lasts = [name for name in names if not befores[name]], [name for name in names if not afters[name]]
    made.spread(f"{OURS}start", f"{OURS}start_fork", [doors[name][0] for name in firsts])
    for name in names:
        into, out = doors[name]
        made.gate(into, ids[name])
        made.nodes.append(Node(ids[name], TASK, clean(titles[name]), "" if ids[name] == name else name))
        if out != ids[name]:
            made.gate(out, ids[name])
            made.arrow(ids[name], out)
        for after in afters[name]:
            made.arrow(out, doors[after][0])
        if into != ids[name]:
            made.arrow(into, ids[name])
    made.gather([doors[name][1] for name in lasts], f"{OURS}end_join", f"{OURS}end")
    return checked(Process(f"{OURS}process", clean(title), tuple(made.nodes), tuple(made.arrows)))


def clean(text: str) -> str:
    """A text without what XML cannot carry, its line ends as XML gives them back."""
    return _ILLEGAL.sub("\ufffd", text).replace("\r\n", "\n").replace("\r", "\n")


class _Made:
    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.arrows: list[Arrow] = []

    def arrow(self, source: str, target: str) -> None:
        self.arrows.append(Arrow(f"{OURS}flow_{len(self.arrows) + 1}", source, target))

    def gate(self, name: str, task: str) -> None:
        if name != task:
            self.nodes.append(Node(name, PARALLEL))

    def spread(self, source: str, fork: str, targets: Sequence[str]) -> None:
        if len(targets) > 1:
            self.nodes.append(Node(fork, PARALLEL))
            self.arrow(source, fork)
        for target in targets:
            self.arrow(fork if len(targets) > 1 else source, target)

    def gather(self, sources: Sequence[str], join: str, target: str) -> None:
        for source in sources:
            self.arrow(source, join if len(sources) > 1 else target)
        if len(sources) > 1:
            self.nodes.append(Node(join, PARALLEL))
            self.arrow(join, target)
        self.nodes.append(Node(target, END))


class Ways:
    """Who leads to whom, by node id; every arrow's ends exist."""

    def __init__(self, process: Process) -> None:
        self.node = {node.id: node for node in process.nodes}
        self.into: dict[str, list[str]] = {node.id: [] for node in process.nodes}
        self.out: dict[str, list[str]] = {node.id: [] for node in process.nodes}
        for arrow in process.arrows:
            for end in (arrow.source, arrow.target):
                if end not in self.node:
                    raise _no("sequenceFlow", arrow.id, f"指向不存在的“{end}”", f"leads to or from {end}, which is not there")
            self.out[arrow.source].append(arrow.target)
            self.into[arrow.target].append(arrow.source)

    def order(self) -> tuple[str, ...]:
        """The nodes, every one after those that lead to it."""
        return in_order(list(self.node), [(source, target) for source, targets in self.out.items() for target in targets])


def _no(kind: str, name: str, zh: str, en: str) -> BenchRefused:
    return BenchRefused("shape", f"{kind}（{name}）{zh}", f"{kind} ({name}) {en}", [name])


def checked(process: Process) -> Process:
    """The process, when it lies in the subset.

    Raises:
        BenchRefused: ``twice``, ``too_many``, ``shape`` with the element and its id, ``self_edge`` or ``cycle``.
    """
    _unique(process)
    ways = Ways(process)
    faults = [fault for node in process.nodes for fault in _node(node, len(ways.into[node.id]), len(ways.out[node.id]))]
    if faults:
        raise together(faults)
    if sum(node.kind == START for node in process.nodes) != 1 or not any(node.kind == END for node in process.nodes):
        raise BenchRefused("shape", f"流程（{process.id}）应正好有一个开始、至少有一个结束", f"the process ({process.id}) must have exactly one start and at least one end", [process.id])
    for arrow in process.arrows:
        if (arrow.condition or arrow.default) and ways.node[arrow.source].kind != EXCLUSIVE:
            raise _no("sequenceFlow", arrow.id, "带条件，却不是从排他网关出来的", "has a condition without leaving an exclusive gateway")
    order = ways.order()
    _connected(ways)
    _paired(ways, order)
    return process


def _unique(process: Process) -> None:
    tasks = sum(node.kind in TASKS for node in process.nodes)
    if tasks > MOST_TASKS or len(process.nodes) > MOST_NODES:
        raise BenchRefused("too_many", f"一个流程至多 {MOST_TASKS} 个环节、{MOST_NODES} 个元素，现有 {tasks}、{len(process.nodes)} 个",
                           f"a process has at most {MOST_TASKS} tasks and {MOST_NODES} elements; this one has {tasks} and {len(process.nodes)}")
    seen: set[str] = set()
    for name in (process.id, *(node.id for node in process.nodes), *(arrow.id for arrow in process.arrows)):
        if name in seen:
            raise BenchRefused("twice", f"编号“{name}”用了两次", f"the id {name} is used twice", [name])
        seen.add(name)
    keys = Counter(node.name for node in process.nodes if node.kind in TASKS)
    for name, count in keys.items():
        if count > 1:
            raise BenchRefused("twice", f"环节“{name}”出现了两次", f"the activity {name} is there twice", [name])


_DEGREES = {START: ((0, 0), (1, 1)), END: ((1, 1), (0, 0)), **dict.fromkeys(TASKS, ((1, 1), (1, 1)))}


def together(faults: Sequence[BenchRefused]) -> BenchRefused:
    """All that is wrong as one refusal."""
    first = faults[0]
    return BenchRefused(first.code, first.message.zh, first.message.en, first.names, faults[1:])


def _node(node: Node, into: int, out: int) -> Iterator[BenchRefused]:
    if node.kind in GATEWAYS:
        if not into or not out or (into > 1 and out > 1):
            yield _no(node.kind, node.id, f"有 {into} 条进、{out} 条出；网关应一条进或一条出，分与合各用一个", f"has {into} arrows in and {out} out; a gateway has one in or one out: part and join with one each")
        return
    wanted = _DEGREES.get(node.kind)
    if wanted is None:
        yield _no(node.kind, node.id, "不在支持的范围内", "is not supported")
        return
    for count, (least, most), (zh, en) in zip((into, out), wanted, (("进", "in"), ("出", "out")), strict=True):
        if not least <= count <= most:
            yield _no(node.kind, node.id, f"有 {count} 条{zh}，应为 {most} 条；几条路的分合请用网关", f"has {count} arrows {en} instead of {most}; part and join ways with gateways")


def _connected(ways: Ways) -> None:
    """In a flow without circles and with degrees as checked, only a node with nothing before or after it could lie apart: all others hang on the start."""
    start = next(name for name, node in ways.node.items() if node.kind == START)
    seen, waiting = {start}, [start]
    while waiting:
        for target in ways.out[waiting.pop()]:
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    if apart := [node for node in ways.node.values() if node.id not in seen]:
        raise _no(apart[0].kind, apart[0].id, "从开始走不到", "cannot be reached from the start")


def _dominators(order: Sequence[str], befores: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """For every node the nearest one that all ways to it lead through (Cooper, Harvey, Kennedy 2001, in one pass: no circles)."""
    place = {name: at for at, name in enumerate(order)}
    found: dict[str, str] = {}
    for name in order:
        ways = list(befores[name])
        if not ways:
            found[name] = name
            continue
        at = ways[0]
        for other in ways[1:]:
            while at != other:
                if place[at] > place[other]:
                    at = found[at]
                else:
                    other = found[other]
        found[name] = at
    return found


def _paired(ways: Ways, order: Sequence[str]) -> None:
    before = _dominators(order, ways.into)
    for name in order:
        node, split = ways.node[name], ways.node[before[name]]
        if len(ways.into[name]) > 1 and node.kind in GATEWAYS and split.kind in GATEWAYS and node.kind != split.kind:
            if node.kind == PARALLEL:
                raise _no(node.kind, node.id, f"汇合了排他网关“{split.id}”分开的路，会一直等下去；请用排他网关汇合", f"joins ways that the exclusive gateway {split.id} parted, and would wait for ever; join them with an exclusive gateway")
            raise _no(node.kind, node.id, f"汇合了并行网关“{split.id}”分开的路，会走好几遍；请用并行网关汇合", f"joins ways that the parallel gateway {split.id} parted, and would go on several times; join them with a parallel gateway")


def order_of(process: Process) -> Order:
    """The tasks and their order, gateways left out; behind an exclusive gateway a task is optional unless all ways meet again before it.

    Raises:
        BenchRefused: as :func:`checked`.

    >>> order_of(process_of({"a": "A", "b": "B"}, [("a", "b")]))
    Order(tasks=(('a', 'A'), ('b', 'B')), pairs=(('a', 'b'),), optional=frozenset())
    """
    ways = Ways(checked(process))
    order = ways.order()
    nexts: dict[str, tuple[str, ...]] = {}
    for name in reversed(order):  # the tasks that a way leads to without passing another
        found = [target for one in ways.out[name] for target in ((one,) if ways.node[one].kind in TASKS else nexts[one])]
        nexts[name] = tuple(dict.fromkeys(found))
    tasks = [node for node in process.nodes if node.kind in TASKS]
    place = {node.id: at for at, node in enumerate(tasks)}
    pairs = sorted((place[node.id], place[after]) for node in tasks for after in nexts[node.id])
    sure = _sure(ways, order)
    return Order(tuple((node.name, node.title) for node in tasks), tuple((tasks[one].name, tasks[other].name) for one, other in pairs),
                 frozenset(node.name for node in tasks if node.id not in sure))


def _sure(ways: Ways, order: Sequence[str]) -> set[str]:
    """The nodes every case passes: as sure as what leads to them, a join of alternatives as sure as where they parted."""
    before = _dominators(order, ways.into)
    back = {name: list(ways.out[name]) or [""] for name in order if ways.node[name].kind != END} | {name: [""] for name in order if ways.node[name].kind == END} | {"": []}
    after = _dominators(["", *reversed(order)], back)
    sure: set[str] = set()
    for name in order:
        into = ways.into[name]
        firm = [one in sure and not (ways.node[one].kind == EXCLUSIVE and len(ways.out[one]) > 1) for one in into]
        if all(firm) or (ways.node[name].kind == EXCLUSIVE and before[name] in sure and _behind(after, before[name], name)):
            sure.add(name)
    return sure


def _behind(after: Mapping[str, str], at: str, wanted: str) -> bool:
    """Whether all ways from one node to an end lead through another."""
    while at not in (wanted, ""):
        at = after[at]
    return at == wanted
