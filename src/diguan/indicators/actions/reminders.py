"""What the clock does of plans: whoever carries a task out is told once that it is soon due, and once that it is late; who answers for a target, once that its day is over and it is not reached. Nobody else is, and nobody is counted."""

from __future__ import annotations

from django.urls import reverse

from diguan.indicators import queries
from diguan.indicators.actions.parts import CONFLICT
from diguan.indicators.models import Target, Task
from diguan.indicators.queries import goals, plans
from diguan.indicators.queries.plans import MANAGE
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action, write_at
from diguan.kernel.messages import Message
from diguan.kernel.notices import actions as notices
from diguan.kernel.notices.kinds import Draft
from diguan.kernel.notices.models import Notice

SOON, LATE, ABOUT = "indicators.task_soon", "indicators.task_late", "task"
MISSED, ABOUT_TARGET = "indicators.target_late", "target"
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


def missed_due() -> int:
    """Tell of targets whose day is over and that the current snapshot's figure does not reach; answers of how many. What has no figure is not said to be missed."""
    told_of = set(Notice.objects.filter(kind=MISSED, about_kind=ABOUT_TARGET).values_list("about_id", "person_id"))
    over = Target.objects.filter(dropped_why="", due_on__lt=clocks.today()).select_related("plan", "owner", "owner_unit").order_by("due_on", "id")
    rows = [row for row in over if (_of(row), row.owner_id) not in told_of][:MOST]
    if not rows:
        return 0
    try:
        by = access.acting_person(None, MANAGE, queries.VIEW)
    except Refusal:
        return 0
    told = 0
    for one in goals.standings(by, rows):
        if one.state != goals.SHORT or one.partial:
            continue
        try:
            tell_missed(target=one.row, version=one.row.version, gap=one.gap, by=by)
            told += 1
        except Refusal:  # somebody has just changed it: it is looked at again the next time
            continue
    return told


def _of(target: Target) -> str:
    """What such a notice is about: the target with its day, so that another day is told of anew."""
    return f"{target.pk}-{target.due_on:%Y%m%d}"


@action(permission=MANAGE, event="target_missed_told", on="target")
def tell_missed(*, target: Target, version: int, gap: Message, by: Person) -> Done[Target]:
    """Tell who answers for a target that its day is over and how far it is; the figure itself only to who may see it on the page.

    Raises:
        Refusal: ``conflict``.
    """
    day = clocks.today()
    write_at(target, version, {}, by=by, taken=CONFLICT)  # of two clocks at once one comes second
    sees = access.may(target.owner, queries.VIEW)
    title = Message(f"目标到期没达到：{target.title[:40]}", "A target is past its day and not reached")
    body = Message(f"{target.plan.name}：{target.title}，{target.due_on} 前应达到。{gap.zh if sees else ''}", f"A target of the plan was due by {target.due_on}. {gap.en if sees else ''}".strip())
    notices.write(drafts=[Draft(MISSED, (ABOUT_TARGET, _of(target)), title, body, person=target.owner, link=reverse("indicators:target", args=[target.pk]))], by=by)
    row = Target.objects.select_related("plan").get(pk=target.pk)
    return Done(row, after={"late": day, "due_on": target.due_on}, related=[target.plan])
