"""SpiffWorkflow (LGPL): ``python peer_spiff.py GRAPH ANSWERS`` in the peers' environment.

Walks each case to its end in memory, always the ready task whose name comes first; of the first case it writes what was ready after each step.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from SpiffWorkflow.specs.Join import Join
from SpiffWorkflow.specs.Simple import Simple
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import TaskState
from SpiffWorkflow.workflow import Workflow


def spec_of(before: dict[str, list[str]]) -> WorkflowSpec:
    """The graph; what waits for several is a join."""
    spec = WorkflowSpec(name="case", addstart=True)
    made = {name: (Join if len(starts) > 1 else Simple)(spec, name) for name, starts in before.items()}
    for name, starts in before.items():
        for start in starts or [None]:
            (made[start] if start else spec.start).connect(made[name])
    return spec


def ready(workflow: Workflow, names: set[str]) -> list[object]:
    return sorted((task for task in workflow.get_tasks(state=TaskState.READY) if task.task_spec.name in names), key=lambda task: task.task_spec.name)


def main(graph: str, answers: str) -> None:
    told = json.loads(Path(graph).read_text("utf-8"))
    spec, names, steps, first = spec_of(told["before"]), set(told["before"]), 0, list[tuple[str, list[str]]]()
    cpu, begun = time.process_time(), time.perf_counter()
    for case in range(told["cases"]):
        workflow = Workflow(spec)
        workflow.run_next()  # its own start
        now = ready(workflow, names)
        while now:
            name = now[0].task_spec.name
            now[0].run()
            workflow.update_waiting_tasks()
            now, steps = ready(workflow, names), steps + 1
            if not case:
                first.append((name, [task.task_spec.name for task in now]))
        if time.process_time() - cpu > 20:  # enough to know
            break
    cpu = time.process_time() - cpu
    Path(answers).write_text(json.dumps(first), "utf-8")
    print(json.dumps({"cases": case + 1, "steps": steps, "seconds": round(time.perf_counter() - begun, 3), "cpu_seconds": round(cpu, 3), "us_per_task": round(cpu / steps * 1e6, 1), "steps_first": len(first)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
