"""Flows and courses for tests: a flow from its text, a course through the action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from diguan.kernel.access.models import Person
from diguan.kernel.stages import document, shelf
from diguan.kernel.stages.actions import About, start_course
from diguan.kernel.stages.models import Course
from diguan.kernel.stages.tree import Flow


def flow_of(text: str, name: str = "stages/test.yaml") -> Flow:
    """A flow as the packs would have it."""
    return document.parse(text.encode(), name, shelf.names())


def graph_text(after: Mapping[str, Sequence[str]], name: str = "test_graph", optional: Sequence[str] = ()) -> str:
    """A graph of plain tasks; those nobody waits for are final."""
    needed = {one for found in after.values() for one in found}
    lines = [f"id: {name}", f"title: {{zh: 测试 {name}, en: Test {name}}}", "subject: test_case", "tasks:"]
    for key, found in after.items():
        more = [f"after: [{', '.join(found)}]"] if found else []
        more += ["final: true"] if key not in needed else []
        more += ["optional: true"] if key in optional else []
        lines.append(f"  - {{{', '.join([f'id: {key}', f'title: {{zh: 环节{key}, en: Task {key}}}', *more])}}}")
    return "\n".join(lines) + "\n"


def put(monkeypatch, *flows: Flow) -> None:
    """Let the packs have these flows too."""
    real = shelf.known
    monkeypatch.setattr(shelf, "known", lambda: {**real(), **{flow.id: flow for flow in flows}})


def course_factory(flow: str, by: Person, number: str = "1", *, kind: str = "test_case", **more: object) -> Course:
    """A course that has begun."""
    return start_course(flow=flow, about=About(kind, number, f"测试 {number}", **more), by=by)  # type: ignore[arg-type]
