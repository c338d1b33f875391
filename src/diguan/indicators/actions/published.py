"""Publishing a month: from then on its figures are given out from this snapshot, until a later one takes its place."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from diguan.indicators.models import PublishedMonth
from diguan.indicators.queries import PUBLISH, published, snapshots
from diguan.kernel import access, periods
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.facts import runs
from diguan.kernel.facts.runs import Run
from diguan.kernel.messages import Message, visible


@action(permission=PUBLISH, event="month_published")
def publish_month(*, month: str, run: Run, by: Person, reason: str = "") -> Done[PublishedMonth]:
    """Publish a month (``2026-08``) from a snapshot; a month that is published already gets another publication, and the earlier ones stay.

    Raises:
        access.Forbidden: the person may publish none.
        Refusal: it is no month, no snapshot of a day after it or no whole one, one that tells nothing of it, the same or an older one than published, or without a reason a second publication or one of figures that are not whole.
    """
    before = published.latest(month)
    reason = visible(reason)[:300]
    _check(month, run, before, reason)
    number = before.number + 1 if before else 1
    try:
        with transaction.atomic():
            row = PublishedMonth.objects.create(month=month, number=number, run=run, reason=reason, owner_unit_id=access.unit_of(by), created_by=by, changed_by=by)
    except IntegrityError as error:
        raise Refusal("conflict", [Message("刚刚有人发布了这个月，请对照后再来", "somebody published this month a moment ago. Compare and try again")]) from error
    return Done(row, before={"run": before.run.run_id} if before else {}, after={"month": month, "number": number, "run": run.run_id}, related=[run])


def _check(month: str, run: Run, before: PublishedMonth | None, reason: str) -> None:
    try:
        end = published.ended(month)
    except periods.PeriodError as error:
        raise Refusal("no_month", [Message(f"{month} 不是月份，写成 2026-08 这样", f"{month} is no month; it is written like 2026-08")], field="month") from error
    if run.kind != snapshots.KIND or not runs.intact(run):
        raise Refusal("no_snapshot", [Message("没有这份快照，或它的文件不完整", "there is no such snapshot, or its files are not whole")], field="run")
    if run.as_of < end:
        raise Refusal("not_ended", [Message(f"这份快照的数据截至 {run.as_of}，{month} 还没有结束", f"this snapshot is as of {run.as_of}, when {month} had not ended")], field="run")
    if not published.tells(run, month):
        raise Refusal("nothing_told", [Message(f"这份快照里没有 {month} 的数，没有东西可发布", f"this snapshot tells nothing of {month}: there is nothing to publish")], field="run")
    if before is not None:
        _check_again(run, before, reason)
    lacking = published.partial(run, month)
    if lacking and not reason:
        names, more = "、".join(one.zh for one in lacking[:5]), f" 等 {len(lacking)} 个" if len(lacking) > 5 else ""
        raise Refusal("partial", [Message(f"这个月有数不齐全：{names}{more}。一定要发布就写明理由", f"figures of this month are not whole: {', '.join(one.en for one in lacking[:5])}; {len(lacking)} in all. To publish it all the same, say why")], field="reason")


def _check_again(run: Run, before: PublishedMonth, reason: str) -> None:
    if not published.newer(run, before):
        raise Refusal("not_newer", [Message(f"这个月已按这份或更新的快照发布过（第 {before.number} 次）", f"this month is published from this snapshot or a newer one (publication {before.number})")], field="run")
    if not reason:
        raise Refusal("no_reason", [Message("再次发布要写明为什么", "say why it is published again")], field="reason")
