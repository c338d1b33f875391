"""A study on the bench: last year's fit-outs of factories, one matter after the other, as an office's system would have written them down.

The log is drawn from a fixed seed around what the life event's document says of the former way; it is made up, and its title says so.
"""

from __future__ import annotations

import datetime as dt
import random

from diguan.site.demo import accounts

EVENT, CASES, FIRST = "factory_fitout", 240, dt.date(2025, 1, 6)
ACCEPT, DELIVER = "受理", "出证"


def prepare() -> None:
    """Bring the log and judge its orders, half of which somebody else has reviewed; where there is a study it is left as it is."""
    from diguan.services.actions import bench as actions
    from diguan.services.models import LifeEvent, Study

    if Study.objects.exists():
        return
    first, second = accounts.known("service"), accounts.known("service2")
    event = LifeEvent.objects.get(key=EVENT)
    study = actions.open_study(title="2025 年厂房装修办件（演示日志）", file_name="厂房装修2025.csv", content=log(), life_event=event, by=first)
    accept = {row.pk: ("data", "受理后才有申请资料可审") for row in study.edges.filter(before=ACCEPT, kind="")}
    if accept:
        study = actions.judge(study=study, version=study.version, said=accept, by=first)
    study = actions.free_habits(study=study, version=study.version, reason="逐个单位问过，没有找到依据（演示）", by=first)
    binding = study.edges.exclude(kind="habit").values_list("pk", flat=True)
    actions.review(study=study, version=study.version, numbers=list(binding)[: len(binding) // 2], by=second)


def log() -> bytes:
    """The log as CSV: a row for every matter of every case."""
    from diguan.kernel import clocks
    from diguan.services.models import LifeEvent
    from diguan.services.queries import contents
    from diguan.services.queries import life_events as events

    version = LifeEvent.objects.get(key=EVENT).versions.latest("number")
    document = events.document(version)
    assert document is not None
    told = {key: row.content for key, row in contents(document.keys, clocks.today()).items()}
    steps = [(ACCEPT, "政务服务大厅", 1), *((told[part.matter]["name"], told[part.matter]["bureau"], part.before.days) for part in document.parts if part.matter in told), (DELIVER, "政务服务大厅", 1)]
    chance = random.Random(20250106)
    lines = ["案件编号,环节,开始时间,完成时间,办理人,部门"]
    for case in range(1, CASES + 1):
        at = dt.datetime.combine(FIRST + dt.timedelta(days=chance.randrange(0, 300)), dt.time(9))
        for name, unit, days in steps:
            if name not in (ACCEPT, DELIVER) and chance.random() < 0.15:
                continue
            for _again in range(2 if chance.random() < 0.06 else 1):
                start = _open(at + dt.timedelta(days=chance.triangular(0.3, 2.2, 0.7) * days))
                at = _open(start + dt.timedelta(minutes=chance.randrange(20, 300)))
                lines.append(f"ZX2025-{case:04},{name},{start:%Y-%m-%d %H:%M},{at:%Y-%m-%d %H:%M},{unit}{chance.randrange(1, 4)}号,{unit}")
    return ("\n".join(lines) + "\n").encode("gb18030")


def _open(at: dt.datetime) -> dt.datetime:
    """The first instant from here on at which an office is open."""
    from diguan.kernel import packs

    calendar = packs.calendar()
    while not calendar.working(at.date()) or at.time() >= dt.time(17, 30):
        at = dt.datetime.combine(at.date() + dt.timedelta(days=1), dt.time(8, 30))
    if at.time() < dt.time(8, 30):
        at = dt.datetime.combine(at.date(), dt.time(8, 30))
    return dt.datetime.combine(at.date(), dt.time(14, 30)) if dt.time(12) <= at.time() < dt.time(14, 30) else at
