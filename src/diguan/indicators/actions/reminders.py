"""What the clock does of plans: whoever carries a task out is told once that it is soon due, and once that it is late. Nobody else is, and nobody is counted."""

from __future__ import annotations

from django.urls import reverse

from diguan.indicators.actions.parts import CONFLICT
from diguan.indicators.models import Task
from diguan.indicators.queries import plans
from diguan.indicators.queries.plans import MANAGE
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action, write_at
from diguan.kernel.messages import Message
from diguan.kernel.notices import actions as notices
from diguan.kernel.notices.kinds import Draft

SOON, LATE, ABOUT = "indicators.task_soon", "indicators.task_late", "task"
MOST = 500


def remind_due() -> int:
    """Tell what is soon due or late and not told yet; answers of how many."""
    open_ = plans.with_waits(Task.objects.all())
    late = plans.in_standing(open_, plans.LATE).filter(late_told_on__isnull=True).order_by("id")[:MOST]
    near = plans.in_standing(open_, plans.SOON_DUE).filter(soon_told_on__isnull=True).order_by("id")[:MOST]
    rows = [(row, True) for row in late] + [(row, False) for row in near]
    if not rows:
        return 0
    try:
        by = access.acting_person(None, MANAGE)
    except Refusal:
        return 0
    told = 0
    for row, is_late in rows:
        try:
            tell_due(task=row, version=row.version, late=is_late, by=by)
            told += 1
        except Refusal:  # somebody has just changed it: it is looked at again the next time
            continue
    return told


@action(permission=MANAGE, event="task_due_told", on="task")
def tell_due(*, task: Task, version: int, late: bool, by: Person) -> Done[Task]:
    """Tell who carries a task out that it is soon due, or late.

    Raises:
        Refusal: ``conflict``.
    """
    day = clocks.today()
    write_at(task, version, {"late_told_on" if late else "soon_told_on": day}, by=by, taken=CONFLICT)
    title = Message(f"任务逾期：{task.text[:40]}", f"Task overdue: number {task.number}") if late else Message(f"任务快到期：{task.text[:40]}", f"Task soon due: number {task.number}")
    body = Message(f"{task.plan.name}第 {task.number} 项，{task.due_on} 前完成：{task.text}。请填进展；完成了就附上佐证材料，由另一个人核实。",
                   f"Task {task.number} of the plan, due by {task.due_on}. Note the progress; when it is done, with a file that shows it, for another person to verify.")
    notices.write(drafts=[Draft(LATE if late else SOON, (ABOUT, str(task.pk)), title, body, person=task.owner, link=reverse("indicators:task", args=[task.pk]))], by=by)
    row = Task.objects.select_related("plan").get(pk=task.pk)
    return Done(row, after={"late" if late else "soon": day, "due_on": task.due_on}, related=[task.plan])
