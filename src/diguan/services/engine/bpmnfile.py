"""BPMN 2.0 files: written with diagram interchange, read within the subset of :mod:`~diguan.services.engine.bpmn`. Pure: bytes.

Reading is by expat with no document type, no entities, bounded size and depth. Drawings are not read: they are made anew.
Attributes in namespaces of other tools say how those tools draw and run things; they are passed over. Everything else
that is not in the subset is refused by element, id and line, all of it at once, each with what to write instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.etree import ElementTree as ET
from xml.parsers import expat

from diguan.services.engine import bpmn
from diguan.services.engine.bpmn import (
    END,
    EXCLUSIVE,
    GATEWAYS,
    KINDS,
    OURS,
    START,
    TASKS,
    Arrow,
    Node,
    Process,
    checked,
)
from diguan.services.engine.edges import BenchRefused

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DIAGRAM = "http://www.omg.org/spec/BPMN/20100524/DI"
BOUNDS = "http://www.omg.org/spec/DD/20100524/DC"
LINES = "http://www.omg.org/spec/DD/20100524/DI"
KEYS = "urn:diguan:bpmn"
"""Our own namespace: ``key`` on a task is its id with us."""
MOST_BYTES = 5_000_000
MOST_DEPTH = 40
MOST_ELEMENTS = 100_000
_SIZES = {START: (36, 36), END: (36, 36), **dict.fromkeys(GATEWAYS, (50, 50)), **dict.fromkeys(TASKS, (120, 60))}
_ACROSS, _DOWN = 180, 90


def write(process: Process) -> bytes:
    """The process as a BPMN 2.0 file with a drawing: columns by the longest way from the start.

    Raises:
        BenchRefused: as :func:`~diguan.services.engine.bpmn.checked`.
    """
    ways = bpmn.Ways(checked(process))
    root = ET.Element("bpmn:definitions", {"xmlns:bpmn": MODEL, "xmlns:bpmndi": DIAGRAM, "xmlns:dc": BOUNDS, "xmlns:di": LINES, "xmlns:diguan": KEYS,
                                           "id": _free(process, "definitions"), "targetNamespace": KEYS, "exporter": "Diguan"})
    body = ET.SubElement(root, "bpmn:process", {"id": process.id, **_named(process.title), "isExecutable": "false"})
    _note(body, process.note)
    into, out, default = _flows(process)
    for node in process.nodes:
        found = ET.SubElement(body, f"bpmn:{node.kind}", {"id": node.id, **_named(node.title), **({"diguan:key": node.key} if node.key else {}), **default.get(node.id, {})})
        _note(found, node.note)
        for tag, names in (("incoming", into[node.id]), ("outgoing", out[node.id])):
            for name in names:
                ET.SubElement(found, f"bpmn:{tag}").text = name
    for arrow in process.arrows:
        found = ET.SubElement(body, "bpmn:sequenceFlow", {"id": arrow.id, **_named(arrow.title), "sourceRef": arrow.source, "targetRef": arrow.target})
        if arrow.condition:
            ET.SubElement(found, "bpmn:conditionExpression").text = bpmn.clean(arrow.condition)
    _draw(root, process, ways)
    ET.indent(root, " ")
    return ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _named(title: str) -> dict[str, str]:
    return {"name": bpmn.clean(title)} if title else {}


def _note(parent: ET.Element, note: str) -> None:
    if note:
        ET.SubElement(parent, "bpmn:documentation").text = bpmn.clean(note)


def _free(process: Process, word: str) -> str:
    """An id of ours that the process does not use."""
    used, name = {process.id, *(node.id for node in process.nodes), *(arrow.id for arrow in process.arrows)}, OURS + word
    while name in used:
        name += "_"
    return name


def _flows(process: Process) -> tuple[dict[str, list[str]], dict[str, list[str]], dict[str, dict[str, str]]]:
    into: dict[str, list[str]] = {node.id: [] for node in process.nodes}
    out: dict[str, list[str]] = {node.id: [] for node in process.nodes}
    for arrow in process.arrows:
        out[arrow.source].append(arrow.id)
        into[arrow.target].append(arrow.id)
    return into, out, {arrow.source: {"default": arrow.id} for arrow in process.arrows if arrow.default}


def _places(process: Process, ways: bpmn.Ways) -> dict[str, tuple[int, int, int, int]]:
    """Left, top, width and height of every node: a column by its longest way from the start, in it by where those before stand."""
    rank: dict[str, int] = {}
    for name in ways.order():
        rank[name] = max((rank[one] + 1 for one in ways.into[name]), default=0)
    columns: dict[int, list[str]] = {}
    for node in process.nodes:
        columns.setdefault(rank[node.id], []).append(node.id)
    row: dict[str, int] = {}
    def middle(name: str) -> float:
        return sum(row[one] for one in ways.into[name]) / max(1, len(ways.into[name]))
    for column in sorted(columns):
        row.update({name: at for at, name in enumerate(sorted(columns[column], key=middle))})
    return {node.id: (100 + rank[node.id] * _ACROSS - _SIZES[node.kind][0] // 2, 100 + row[node.id] * _DOWN - _SIZES[node.kind][1] // 2, *_SIZES[node.kind]) for node in process.nodes}


def _draw(root: ET.Element, process: Process, ways: bpmn.Ways) -> None:
    place = _places(process, ways)
    diagram = ET.SubElement(root, "bpmndi:BPMNDiagram", {"id": _free(process, "diagram")})
    plane = ET.SubElement(diagram, "bpmndi:BPMNPlane", {"id": _free(process, "plane"), "bpmnElement": process.id})
    for at, node in enumerate(process.nodes, 1):
        marker = {"isMarkerVisible": "true"} if node.kind == EXCLUSIVE else {}
        shape = ET.SubElement(plane, "bpmndi:BPMNShape", {"id": _free(process, f"shape_{at}"), "bpmnElement": node.id, **marker})
        ET.SubElement(shape, "dc:Bounds", {name: str(value) for name, value in zip(("x", "y", "width", "height"), place[node.id], strict=True)})
    for at, arrow in enumerate(process.arrows, 1):
        edge = ET.SubElement(plane, "bpmndi:BPMNEdge", {"id": _free(process, f"edge_{at}"), "bpmnElement": arrow.id})
        for x, y in _points(place[arrow.source], place[arrow.target]):
            ET.SubElement(edge, "di:waypoint", {"x": str(x), "y": str(y)})


def _points(source: tuple[int, int, int, int], target: tuple[int, int, int, int]) -> list[tuple[int, int]]:
    """From the right side of one to the left side of the other, at right angles."""
    begin, end = (source[0] + source[2], source[1] + source[3] // 2), (target[0], target[1] + target[3] // 2)
    turn = end[0] - 20
    return [begin, end] if begin[1] == end[1] else [begin, (turn, begin[1]), (turn, end[1]), end]


# ── reading ───────────────────────────────────────────────────────────────
@dataclass
class _Element:
    space: str
    tag: str
    attributes: dict[str, str]
    line: int
    children: list[_Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def where(self) -> tuple[str, str]:
        """Element, id and line, in both languages."""
        name = f" {self.attributes['id']}" if "id" in self.attributes else ""
        return f"{self.tag}{name}（第 {self.line} 行）", f"{self.tag}{name} (line {self.line})"


def _no(element: _Element, code: str, zh: str, en: str) -> BenchRefused:
    return BenchRefused(code, f"{element.where[0]}：{zh}", f"{element.where[1]}: {en}", [element.tag, element.attributes.get("id", "")])


class _Tree:
    """The elements of a file, gathered by expat."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data
        self.open: list[_Element] = []
        self.root: _Element | None = None
        self.count = 0

    def _doctype(self, *_: object) -> None:
        raise BenchRefused("dtd", f"第 {self.parser.CurrentLineNumber} 行有文档类型声明（DOCTYPE），不予读取", f"line {self.parser.CurrentLineNumber} declares a document type (DOCTYPE), which is not read")

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        space, _, tag = name.rpartition(" ")
        element = _Element(space, tag, attributes, self.parser.CurrentLineNumber)
        self.count += 1
        if len(self.open) >= MOST_DEPTH or self.count > MOST_ELEMENTS:
            raise BenchRefused("too_large", f"文件嵌套超过 {MOST_DEPTH} 层或元素超过 {MOST_ELEMENTS} 个", f"the file nests deeper than {MOST_DEPTH} or has more than {MOST_ELEMENTS} elements")
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.root = element
        self.open.append(element)

    def _end(self, _: str) -> None:
        self.open.pop()

    def _data(self, text: str) -> None:
        self.open[-1].pieces.append(text)


def read(content: bytes) -> Process:
    """A process from a file in the subset.

    Raises:
        BenchRefused: ``too_large``, ``not_xml``, ``xml``, ``dtd``, ``not_bpmn``, ``element``, ``attribute``, ``id`` or ``flow`` with the
            element, its id and line, and all further ones as ``messages``; or as :func:`~diguan.services.engine.bpmn.checked`.
    """
    root = _parsed(content)
    if (root.space, root.tag) != (MODEL, "definitions"):
        raise _no(root, "not_bpmn", "不是 BPMN 2.0 文件（根元素应为 definitions）", "this is no BPMN 2.0 file (its root must be definitions)")
    processes, faults = [], []
    for child in root.children:
        if child.space == MODEL and child.tag == "process":
            processes.append(child)
        elif (child.space, child.tag) != (DIAGRAM, "BPMNDiagram"):
            faults.append(_unsupported(child))
    if len(processes) != 1:
        faults.append(_no(processes[1] if processes else root, "element", f"应正好有一个流程，现有 {len(processes)} 个", f"there must be exactly one process, not {len(processes)}"))
    found = [_process(each, faults) for each in processes]
    if faults:
        raise bpmn.together(faults)
    return checked(found[0])


def _parsed(content: bytes) -> _Element:
    if len(content) > MOST_BYTES:
        raise BenchRefused("too_large", f"文件 {len(content)} 字节，至多 {MOST_BYTES}", f"the file has {len(content)} bytes, at most {MOST_BYTES} are read")
    for start, zh, en in _FOREIGN:
        if content.startswith(start):
            raise BenchRefused("not_xml", f"这是{zh}，不是 BPMN 文件；请从画图的软件导出 .bpmn（XML）再传", f"this is {en}, no BPMN file: export .bpmn (XML) from the tool that drew it")
    tree = _Tree()
    try:
        tree.parser.Parse(content, True)
    except expat.ExpatError as error:
        raise BenchRefused("xml", f"第 {error.lineno} 行：XML 不完整或有错（{expat.ErrorString(error.code)}）", f"line {error.lineno}: the XML is damaged ({expat.ErrorString(error.code)})") from None
    except ValueError as error:
        if isinstance(error, BenchRefused):
            raise
        raise BenchRefused("xml", "文件的编码不认识，请存为 UTF-8", "the encoding is not known; save the file as UTF-8") from None
    except LookupError:
        raise BenchRefused("xml", "文件的编码不认识，请存为 UTF-8", "the encoding is not known; save the file as UTF-8") from None
    assert tree.root is not None
    return tree.root


_ALL = ("只支持开始、结束、任务、并行和排他网关、顺序流", "only start and end events, tasks, parallel and exclusive gateways and sequence flows are supported")
_INSTEAD = {
    **dict.fromkeys(("subProcess", "adHocSubProcess", "transaction", "callActivity"), ("请展开，写成各个任务（task）", "write its steps as tasks (task)")),
    **dict.fromkeys(("serviceTask", "scriptTask", "sendTask", "receiveTask", "businessRuleTask"), ("请写成 task、userTask 或 manualTask", "write it as task, userTask or manualTask")),
    **dict.fromkeys(("inclusiveGateway", "complexGateway", "eventBasedGateway"), ("请改用并行网关（parallelGateway）或排他网关（exclusiveGateway）", "use a parallelGateway or an exclusiveGateway")),
    **dict.fromkeys(("intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"), ("请去掉；要等的写成一个任务", "leave it out; what is waited for is a task")),
    **dict.fromkeys(("collaboration", "laneSet"), ("请去掉泳池、泳道，只留一个流程（process）", "leave pools and lanes out, only one process stays")),
    **dict.fromkeys(("dataObject", "dataObjectReference", "dataStoreReference", "textAnnotation", "association", "group", "extensionElements", "ioSpecification"), ("请去掉；说明写在 documentation 里", "leave it out; notes go into documentation")),
    **dict.fromkeys(("multiInstanceLoopCharacteristics", "standardLoopCharacteristics"), ("请去掉循环，写成一个任务", "leave the loop out: one task")),
}
"""What is expected in the place of what other tools write."""
_FOREIGN = ((b"MZ", "一个可执行程序", "a program"), (b"\x7fELF", "一个可执行程序", "a program"), (b"PK\x03\x04", "一个压缩包（或 Office 文件）", "an archive (or an Office file)"), (b"\x1f\x8b", "一个压缩包", "an archive"),
            (b"%PDF-", "一个 PDF", "a PDF"), (b"\x89PNG", "一张图片", "a picture"), (b"\xff\xd8\xff", "一张图片", "a picture"), (b"\xd0\xcf\x11\xe0", "一个旧式 Office 文件", "an old Office file"))


def _unsupported(element: _Element, inside: _Element | None = None) -> BenchRefused:
    zh, en = _INSTEAD.get(element.tag, _ALL) if element.space == MODEL else _ALL
    if element.tag.endswith("EventDefinition"):
        zh, en = "请去掉；开始和结束只能是普通的", "leave it out; starts and ends are plain"
    where = (f"（在 {inside.where[0]} 里）", f" (inside {inside.where[1]})") if inside else ("", "")
    return _no(element, "element", f"不在支持的范围内{where[0]}；{zh}", f"is not supported{where[1]}: {en}")


_ANY = frozenset({"id", "name"})
_ATTRIBUTES = {"process": _ANY | {"isExecutable", "isClosed", "processType"}, "sequenceFlow": _ANY | {"sourceRef", "targetRef"}, START: _ANY | {"isInterrupting", "parallelMultiple"},
               END: _ANY, EXCLUSIVE: _ANY | {"gatewayDirection", "default"}, "parallelGateway": _ANY | {"gatewayDirection"},
               **dict.fromkeys(TASKS, _ANY | {"isForCompensation", "startQuantity", "completionQuantity", "implementation"})}
_ONLY = {"isForCompensation": "false", "startQuantity": "1", "completionQuantity": "1", "parallelMultiple": "false"}


def _attributes(element: _Element, faults: list[BenchRefused]) -> dict[str, str]:
    """The attributes; those of other tools' namespaces are passed over, unknown ones are a fault."""
    for name, value in element.attributes.items():
        if " " not in name and name not in _ATTRIBUTES[element.tag]:
            faults.append(_no(element, "attribute", f"属性 {name}=\"{value[:60]}\" 不在支持的范围内，请去掉", f"the attribute {name}=\"{value[:60]}\" is not supported: leave it out"))
        elif _ONLY.get(name, value) != value:
            faults.append(_no(element, "attribute", f"属性 {name}=\"{value[:60]}\" 不在支持的范围内，只能是 \"{_ONLY[name]}\"", f"the attribute {name}=\"{value[:60]}\" is not supported, only \"{_ONLY[name]}\" is"))
    if not element.attributes.get("id"):
        faults.append(_no(element, "id", "没有编号（id）", "has no id"))
    return element.attributes


def _process(element: _Element, faults: list[BenchRefused]) -> Process:
    told = _attributes(element, faults)
    nodes, arrows, note = [], [], []
    for child in element.children:
        if child.space != MODEL or child.tag not in (*KINDS, "sequenceFlow", "documentation"):
            faults.append(_unsupported(child))
        elif child.tag == "documentation":
            note.append(child.text)
        elif child.tag == "sequenceFlow":
            arrows.append((child, _arrow(child, faults)))
        else:
            nodes.append((child, _node(child, faults)))
    defaults = {child.attributes["default"]: child for child, _ in nodes if "default" in child.attributes}
    for name, child in defaults.items():
        if not any(arrow.id == name and arrow.source == child.attributes.get("id") for _, arrow in arrows):
            faults.append(_no(child, "flow", f"默认出口“{name}”不是从它出去的顺序流", f"its default {name} is no sequence flow that leaves it"))
    found = tuple(Arrow(arrow.id, arrow.source, arrow.target, arrow.title, arrow.condition, arrow.id in defaults) for _, arrow in arrows)
    faults += _strays([child for child, _ in arrows], {node.id for _, node in nodes}) if not faults else []
    into, out = _flow_ids(found)
    for child, node in nodes:
        _agrees(child, "incoming", into.get(node.id, set()), faults)
        _agrees(child, "outgoing", out.get(node.id, set()), faults)
    return Process(told.get("id", ""), told.get("name", ""), tuple(node for _, node in nodes), found, "\n".join(note))


def _flow_ids(arrows: tuple[Arrow, ...]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """The flows that come into each node and those that go out."""
    into: dict[str, set[str]] = {}
    out: dict[str, set[str]] = {}
    for arrow in arrows:
        into.setdefault(arrow.target, set()).add(arrow.id)
        out.setdefault(arrow.source, set()).add(arrow.id)
    return into, out


def _strays(arrows: list[_Element], known: set[str]) -> list[BenchRefused]:
    """Flows that lead to or from what is not there; asked only where nothing else was left out, which would be said twice."""
    return [_no(arrow, "flow", f"{name}=\"{end}\" 指向不存在的“{end}”", f"{name}=\"{end}\" names {end}, which is not there")
            for arrow in arrows for name in ("sourceRef", "targetRef") if (end := arrow.attributes.get(name, "")) and end not in known]


def _node(element: _Element, faults: list[BenchRefused]) -> Node:
    told, note = _attributes(element, faults), []
    for child in element.children:
        if child.space != MODEL or child.tag not in ("documentation", "incoming", "outgoing"):
            faults.append(_unsupported(child, element))
        elif child.tag == "documentation":
            note.append(child.text)
    return Node(told.get("id", ""), element.tag, told.get("name", ""), told.get(f"{KEYS} key", "") if element.tag in TASKS else "", "\n".join(note))


def _arrow(element: _Element, faults: list[BenchRefused]) -> Arrow:
    told, conditions = _attributes(element, faults), []
    for child in element.children:
        if child.space != MODEL or child.tag != "conditionExpression":
            faults.append(_unsupported(child, element))
        else:
            conditions.append(child.text)
    faults += [_no(element, "flow", f"没有 {name}", f"has no {name}") for name in ("sourceRef", "targetRef") if not told.get(name)]
    return Arrow(told.get("id", ""), told.get("sourceRef", ""), told.get("targetRef", ""), told.get("name", ""), "\n".join(conditions))


def _agrees(element: _Element, tag: str, names: set[str], faults: list[BenchRefused]) -> None:
    """What a node says comes in or goes out is what the flows say, where it says so at all."""
    told = {child.text.strip() for child in element.children if child.tag == tag}
    if told and told != names:
        faults.append(_no(element, "flow", f"写明的 {tag}（{'、'.join(sorted(told))}）与顺序流不符（{'、'.join(sorted(names))}）", f"its {tag} ({', '.join(sorted(told))}) is not what the sequence flows say ({', '.join(sorted(names))})"))
