"""BPMN: out and back the same, drawn whole, read strictly; what is not understood is named."""

import contextlib
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diguan.services.engine import bpmnfile
from diguan.services.engine.bpmn import Arrow, Node, Process, checked, clean, order_of, process_of
from diguan.services.engine.edges import BenchRefused

M, D, C, L = (f"{{{space}}}" for space in (bpmnfile.MODEL, bpmnfile.DIAGRAM, bpmnfile.BOUNDS, bpmnfile.LINES))
names = st.one_of(st.sampled_from(["用地许可", "7-1", "a b", "dg_start", "dg_task_1", "x<y>&\"'", "施工\u3000许可"]), st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1, max_size=8))


@st.composite
def orders(draw):
    ids = draw(st.lists(names, min_size=1, max_size=8, unique=True))
    pairs = draw(st.lists(st.tuples(st.integers(0, len(ids) - 1), st.integers(0, len(ids) - 1)), max_size=14))
    return {name: draw(st.text(max_size=12)) for name in ids}, [(ids[min(pair)], ids[max(pair)]) for pair in pairs if pair[0] != pair[1]]


def faults(content):
    """What the schema asks of our subset, checked element by element: ids, references, the order of children, a full drawing."""
    root, found = ET.fromstring(content), []
    every = [element.get("id") for element in root.iter() if element.get("id")]
    found += [f"twice: {name}" for name in every if every.count(name) > 1]
    process, diagram = list(root)
    if (root.tag, process.tag, diagram.tag) != (M + "definitions", M + "process", D + "BPMNDiagram") or not root.get("targetNamespace"):
        found.append("outline")
    flows = {flow.get("id"): flow for flow in process.findall(M + "sequenceFlow")}
    nodes = {node.get("id"): node for node in process if node.tag not in (M + "sequenceFlow", M + "documentation")}
    for node in nodes.values():
        tags = [child.tag for child in node]
        if tags != sorted(tags, key=[M + "documentation", M + "incoming", M + "outgoing"].index):
            found.append(f"children of {node.get('id')} out of order")
        for tag, end in ((M + "incoming", "targetRef"), (M + "outgoing", "sourceRef")):
            if {child.text for child in node.findall(tag)} != {name for name, flow in flows.items() if flow.get(end) == node.get("id")}:
                found.append(f"{tag} of {node.get('id')}")
    found += [f"dangling {name}" for name, flow in flows.items() if not {flow.get("sourceRef"), flow.get("targetRef")} <= nodes.keys()]
    return found + _undrawn(diagram, process, nodes, flows)


def _undrawn(diagram, process, nodes, flows):
    (plane,), found = diagram, []
    if plane.tag != D + "BPMNPlane" or plane.get("bpmnElement") != process.get("id"):
        found.append("plane")
    boxes = {shape.get("bpmnElement"): [float(shape.find(C + "Bounds").get(side)) for side in ("x", "y", "width", "height")] for shape in plane.findall(D + "BPMNShape")}
    lines = {edge.get("bpmnElement"): [(float(point.get("x")), float(point.get("y"))) for point in edge.findall(L + "waypoint")] for edge in plane.findall(D + "BPMNEdge")}
    if boxes.keys() != nodes.keys() or lines.keys() != flows.keys():
        found.append("drawing not whole")
    flat = list(boxes.values())
    found += [f"{one} lies on {other}" for at, one in enumerate(flat) for other in flat[:at]
              if abs(one[0] + one[2] / 2 - other[0] - other[2] / 2) < (one[2] + other[2]) / 2 and abs(one[1] + one[3] / 2 - other[1] - other[3] / 2) < (one[3] + other[3]) / 2]
    for name, points in lines.items():
        source, target = boxes[flows[name].get("sourceRef")], boxes[flows[name].get("targetRef")]
        if len(points) < 2 or points[0][0] != source[0] + source[2] or points[-1][0] != target[0]:
            found.append(f"line {name}")
    return found


@settings(deadline=None, max_examples=40)
@given(orders(), st.text(max_size=10))
def test_an_order_survives_the_way_out_and_back(order, title):
    titles, pairs = order
    process = process_of(titles, pairs, title)
    written = bpmnfile.write(process)
    assert faults(written) == []
    assert bpmnfile.read(written) == process
    assert bpmnfile.write(bpmnfile.read(written)) == written
    back = order_of(process)
    assert back.tasks == tuple((name, clean(text)) for name, text in titles.items())
    assert set(back.pairs) == set(pairs)
    assert back.optional == frozenset()


def flow(*arrows, nodes):
    return Process("p", "", tuple(Node(name, kind) for name, kind in nodes.items()), tuple(arrow if isinstance(arrow, Arrow) else Arrow(f"f{at}", *arrow.split(">")) for at, arrow in enumerate(arrows)))


ENDS = {"s": "startEvent", "e": "endEvent"}
CHOICE = flow("s>a", "a>x", Arrow("yes", "x", "b", "是", "面积 > 500"), Arrow("no", "x", "c", default=True), "b>j", "c>j", "j>d", "d>e",
              nodes={**ENDS, "a": "userTask", "b": "task", "c": "manualTask", "d": "task", "x": "exclusiveGateway", "j": "exclusiveGateway"})


def test_alternatives_are_optional_until_they_meet_again():
    found = order_of(CHOICE)
    assert found.optional == {"b", "c"}
    assert found.pairs == (("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"))
    written = bpmnfile.write(CHOICE)
    assert faults(written) == []
    assert bpmnfile.read(written) == CHOICE


def test_a_way_that_skips_everything_and_two_ends_make_the_rest_optional():
    skip = flow("s>x", "x>a", "x>j", "a>j", "j>b", "b>y", "y>e", "y>c", "c>e2", nodes={**ENDS, "e2": "endEvent", "x": "exclusiveGateway", "j": "exclusiveGateway", "y": "exclusiveGateway", "a": "task", "b": "task", "c": "task"})
    assert order_of(skip).optional == {"a", "c"}


GATES = {"x": "exclusiveGateway", "p1": "parallelGateway", "j": "exclusiveGateway", "p2": "parallelGateway", "a": "task", "b": "task"}


def some(*wanted):
    return {**ENDS, **{name: GATES[name] for name in wanted}}


@pytest.mark.parametrize(("process", "code", "words"), [
    (flow("s>x", "x>a", "x>b", "a>p2", "b>p2", "p2>e", nodes=some("x", "p2", "a", "b")), "shape", "会一直等下去"),
    (flow("s>p1", "p1>a", "p1>b", "a>j", "b>j", "j>e", nodes=some("p1", "j", "a", "b")), "shape", "会走好几遍"),
    (flow("s>x", "x>a", "a>y", "y>x", "y>e", nodes={**ENDS, "x": "exclusiveGateway", "a": "task", "y": "exclusiveGateway"}), "cycle", "a → y → x → a"),
    (flow("s>a", "a>e", "s>b", "b>e2", nodes={**some("a", "b"), "e2": "endEvent"}), "shape", "startEvent（s）有 2 条出"),
    (flow("s>a", "a>e", nodes=some("a", "b")), "shape", "task（b）有 0 条进"),
    (flow("s>a", "a>q", nodes=some("a")), "shape", "指向不存在的“q”"),
    (flow("s>a", Arrow("f", "a", "e", condition="1"), nodes=some("a")), "shape", "sequenceFlow（f）带条件"),
    (flow("s>a", "a>e", "s2>b", "b>e2", nodes={**some("a", "b"), "s2": "startEvent", "e2": "endEvent"}), "shape", "正好有一个开始"),
    (Process("p", "", (Node("p", "task"),), ()), "twice", "“p”用了两次"),
    (Process("p", "", (Node("a", "task", key="k"), Node("k", "task")), ()), "twice", "“k”出现了两次"),
    (flow("s>a", "a>e", nodes={**ENDS, "a": "serviceTask"}), "shape", "serviceTask（a）不在支持的范围内"),
])
def test_a_process_outside_the_subset_is_refused_by_element(process, code, words):
    with pytest.raises(BenchRefused, match=words) as caught:
        checked(process)
    assert caught.value.code == code


HEAD = f'<definitions xmlns="{bpmnfile.MODEL}" xmlns:di="{bpmnfile.DIAGRAM}" xmlns:camunda="urn:c" targetNamespace="t" id="d">'
BODY = ('<process id="p" isExecutable="true"><startEvent id="s"/><userTask id="a" name="受理" camunda:assignee="wang">{inside}</userTask><endEvent id="e">{end}</endEvent>'
        '<sequenceFlow id="f1" sourceRef="s" targetRef="a"/><sequenceFlow id="f2" sourceRef="a" targetRef="e"/>{more}</process>{after}</definitions>')


def drawn(inside="", end="", more="", after="", head=HEAD):
    return (head + BODY.format(inside=inside, end=end, more=more, after=after)).encode()


def test_a_file_of_another_tool_is_read_without_its_drawing_and_settings():
    found = bpmnfile.read(drawn("<incoming>f1</incoming>", after='<di:BPMNDiagram id="x"><di:whatever/></di:BPMNDiagram>'))
    assert order_of(found).tasks == (("a", "受理"),)
    assert found.nodes[1].kind == "userTask"
    assert bpmnfile.read('<?xml version="1.0" encoding="utf-16"?>'.encode("utf-16") + drawn().decode().encode("utf-16")[2:]) == bpmnfile.read(drawn())


@pytest.mark.parametrize(("content", "code", "words"), [
    (b"", "xml", "XML 不完整"),
    (b"<a><b></a>", "xml", "第 1 行"),
    (b'<?xml version="1.0" encoding="klingon"?><a/>', "xml", "XML|编码"),
    (b"<html/>", "not_bpmn", "根元素应为 definitions"),
    (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "dtd", "DOCTYPE"),
    (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "dtd", "DOCTYPE"),
    (b"<a>" * 60, "too_large", "嵌套超过 40 层"),
    (b" " * 5_000_001, "too_large", "至多 5000000"),
    (drawn(more='<subProcess id="sub1"/>'), "element", r"subProcess sub1（第 1 行）：不在支持的范围内"),
    (drawn(more='<laneSet id="l"/>'), "element", "laneSet l"),
    (drawn(more='<intermediateCatchEvent id="i"/>'), "element", "intermediateCatchEvent i"),
    (drawn("<multiInstanceLoopCharacteristics/>"), "element", r"multiInstanceLoopCharacteristics（第 1 行）：不在支持的范围内（在 userTask a"),
    (drawn("<extensionElements/>"), "element", "extensionElements"),
    (drawn(end='<terminateEventDefinition id="te"/>'), "element", "terminateEventDefinition te"),
    (drawn(after='<collaboration id="co"/>'), "element", "collaboration co"),
    (drawn(after='<process id="p2"/>'), "element", "process p2（第 1 行）：应正好有一个流程，现有 2 个"),
    (drawn("<incoming>f9</incoming>"), "flow", r"写明的 incoming（f9）与顺序流不符（f1）"),
    (drawn().replace(b'sourceRef="s"', b""), "flow", "没有 sourceRef"),
    (drawn().replace(b'id="a"', b""), "id", "userTask（第 1 行）：没有编号"),
    (drawn().replace(b'id="a"', b'id="a" isForCompensation="true"'), "attribute", "isForCompensation"),
    (drawn().replace(b'id="a"', b'id="a" default="f2"'), "attribute", "default"),
    (drawn().replace(b'targetRef="e"', b'targetRef="zz"'), "shape|flow", "zz|不符"),
])
def test_a_file_outside_the_subset_is_refused_by_element_and_id(content, code, words):
    with pytest.raises(BenchRefused, match=words) as caught:
        bpmnfile.read(content)
    assert caught.value.code in code
    assert caught.value.message.en


@pytest.mark.parametrize(("titles", "pairs", "code"), [({}, [], "no_activities"), ({"a": ""}, [("a", "b")], "unknown_activity"), ({"a": "", "b": ""}, [("a", "b"), ("b", "a")], "cycle"),
                                                       ({"": ""}, [], "id"), ({"a\x00": ""}, [], "id"), ({str(at): "" for at in range(2001)}, [], "too_many")])
def test_an_order_that_cannot_be_drawn_is_refused(titles, pairs, code):
    with pytest.raises(BenchRefused) as caught:
        process_of(titles, pairs)
    assert caught.value.code == code


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=60), st.integers(0, 700), st.integers(0, 30))
def test_a_damaged_file_is_refused_or_read_and_never_anything_else(noise, at, cut):
    whole = bpmnfile.write(CHOICE)
    with contextlib.suppress(BenchRefused):
        found = bpmnfile.read(whole[:at] + noise + whole[at + cut:])
        assert checked(found) == found
