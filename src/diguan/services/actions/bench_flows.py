"""Writes of flows on the bench: a BPMN file is brought to a study, and its tasks are said to be activities of the log."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from django.db.models import F

from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.evidence.actions import keep_file
from diguan.kernel.messages import Message, nearest
from diguan.services.engine import bpmn, bpmnfile, flowplan
from diguan.services.engine.edges import BenchRefused
from diguan.services.engine.eventlog import LogRefused
from diguan.services.models import Study, StudyFlow
from diguan.services.queries import bench
from diguan.services.queries import bench_flows as queries
from diguan.services.queries.bench import RUN

SHEET = "bpmn"
MOST_BYTES = bpmnfile.MOST_BYTES
MOST_FAULTS = 40
MOST_FLOWS = 50


@action(permission=RUN, event="study_flow_brought", on="study")
def bring_flow(*, study: Study, file_name: str, content: bytes, by: Person, reason: str = "") -> Done[Study]:
    """Read a BPMN file whole and keep it beside the study; tasks named like an activity of the log are tied to it.

    Args:
        study: the study.
        file_name: as it was brought.
        content: BPMN 2.0 within the subset of :mod:`~diguan.services.engine.bpmn`.
        by: who brings it.
        reason: goes into the Event.

    Raises:
        Refusal: ``invalid`` with every element that was not understood, its line and what is expected; ``taken``: the same file is there; ``too_many``.
    """
    try:
        process = bpmnfile.read(content)
        order = bpmn.order_of(process)
        names = flowplan.matched(order, bench.analysis(study).log.activities)
        if names:
            flowplan.plan(order, names)
    except BenchRefused as refused:
        raise Refusal("invalid", told(refused)) from refused  # of no field: each is a line of its own above the form
    except LogRefused as refused:
        raise Refusal("invalid", [refused.message]) from refused
    if not order.tasks:
        raise Refusal("invalid", [Message("流程里没有一个任务（task）", "the flow holds no task")], "file")
    if there := queries.same(study, hashlib.sha256(content).hexdigest()):
        raise Refusal("taken", [Message(f"这个文件已经导入过：{there.title}", f"this file is there already: {there.title}")], "file")
    if study.flows.count() >= MOST_FLOWS:
        raise Refusal("too_many", [Message(f"一个实验至多 {MOST_FLOWS} 个流程图", f"a study holds at most {MOST_FLOWS} flows")], "file")
    upload = keep_file(name=file_name, content=content, sheet=SHEET, unit=study.owner_unit_id or access.unit_of(by), by=by)
    title = (process.title or upload.name)[:200]
    StudyFlow.objects.create(study=study, upload=upload, title=title, tasks=len(order.tasks), names=names, by=by)
    return Done(study, after={"title": title, "sha256": upload.sha256, "tasks": len(order.tasks), "orders": len(order.pairs), "matched": len(names)}, related=[upload])


def told(refused: BenchRefused) -> list[Message]:
    """What a file is refused for, the first :data:`MOST_FAULTS` of it."""
    left = len(refused.messages) - MOST_FAULTS
    more = [Message(f"另有 {left} 处", f"and {left} more")] if left > 0 else []
    return [*refused.messages[:MOST_FAULTS], *more]


def too_large(size: int) -> Refusal:
    """The refusal of a file beyond :data:`MOST_BYTES`."""
    return Refusal("invalid", [Message(f"文件有 {size / 1_000_000:.1f} 兆，BPMN 最多 {MOST_BYTES // 1_000_000} 兆", f"the file has {size / 1_000_000:.1f} MB, a BPMN file at most {MOST_BYTES // 1_000_000}")], "file")


@action(permission=RUN, event="study_flow_matched", on="study")
def match_flow(*, study: Study, flow: int, version: int, names: Mapping[str, str], by: Person, reason: str = "") -> Done[Study]:
    """Say which activity of the log each task of a flow is; what is left out is not asked.

    Args:
        study: the study.
        flow: number of the flow.
        version: of the study, as it was read.
        names: task → activity.
        by: who says so.
        reason: goes into the Event.

    Raises:
        Refusal: ``invalid``: an activity the log has not, or one said twice; ``too_many``; ``conflict``.
    """
    found = queries.find(study, flow)
    if found is None:
        raise Refusal("invalid", [Message("没有这个流程图", "there is no such flow")])
    _sound(found, names)
    if not Study.objects.filter(pk=study.pk, version=version).update(version=F("version") + 1, changed_by=by, changed_at=clocks.now()):
        raise Refusal("conflict", [Message("没保存上：别人先改了这个实验，请刷新后再来", "Not saved: somebody changed this study first. Read the page again")])
    before = dict(found.row.names)
    StudyFlow.objects.filter(pk=found.row.pk).update(names=dict(names))
    return Done(Study.objects.get(pk=study.pk), before={"names": before}, after={"flow": found.row.title, "names": dict(names)})


def _sound(found: queries.Brought, names: Mapping[str, str]) -> None:
    """Every task is one of the flow's, every activity one of the log's and said once."""
    tasks, activities = dict(found.order.tasks), found.analysis.log.activities
    if not names.keys() <= tasks.keys():
        raise Refusal("invalid", [Message("流程图里没有这个环节", "the flow has no such task")])
    for task, name in names.items():
        if name not in activities:
            like = nearest(name, activities)
            raise Refusal("invalid", [Message(f"日志里没有环节“{name}”" + (f"；是不是“{like}”？" if like else ""), f"the log has no activity {name}" + (f"; is it {like}?" if like else ""))])
        if twice := [other for other, said in names.items() if said == name and other != task]:
            raise Refusal("invalid", [Message(f"“{name}”对应了两个环节：{tasks[task] or task}、{tasks[twice[0]] or twice[0]}", f"{name} stands for two tasks: {tasks[task] or task}, {tasks[twice[0]] or twice[0]}")])
    if names:
        try:
            flowplan.plan(found.order, names)
        except BenchRefused as refused:
            raise Refusal("too_many", told(refused)) from refused
