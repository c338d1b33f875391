"""The lines that this room's own records are counted by: tasks of plans, and the county's figure and place in imported tables."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator

from diguan.indicators.models import RankingTable, Task, TaskState
from diguan.indicators.queries import planfile, plans, rankings
from diguan.kernel import periods
from diguan.kernel.measures import Asked, Line, counted, part_names
from diguan.kernel.messages import Message
from diguan.kernel.units import UnitError


@counted("indicators.task_lines", title=Message("方案里的任务", "Tasks of plans"), unit="条", permission=plans.VIEW, visible=plans.visible_tasks, route="indicators:task", groups=("kind", "section", "plan", "standing"),
         definition=Message("方案里没有撤掉的任务，照现在登记的；办没办成看那天有没有核实过的办结", "tasks of plans that were not dropped, as they are registered now; done if a note that says so had been verified by the day"))
def task_lines(asked: Asked) -> Iterable[Line]:
    """One line a task while it is open, another from the day it is done. The register keeps no day from which a plan holds."""
    rows = Task.objects.exclude(state=TaskState.DROPPED).order_by("id").values_list("id", "text", "plan__kind", "section", "plan__name", "done_on")
    for key, text, kind, section, plan, done in rows:
        done, parts = done if done is not None and done <= asked.as_of else None, {"kind": kind, "section": section, "plan": plan}
        yield Line(str(key), text, 1, None, done - dt.timedelta(days=1) if done else None, groups={**parts, "standing": "open"})
        if done:
            yield Line(str(key), text, 1, done, groups={**parts, "standing": "done"})


_STANDINGS = {"done": Message("办成了", "Carried out"), "open": Message("还没办成", "Not carried out yet")}


@part_names("standing")
def standing_name(group: str, language: str) -> str:
    """Whether a task is done."""
    return _STANDINGS[group].text(language) if group in _STANDINGS else ""


def _tables() -> Iterator[tuple[RankingTable, rankings.Line, dt.date, dt.date | None]]:
    """Every table that counts and has this county, with its line, the first day it speaks for and the last, which is None where no newer one has come."""
    name, ends = rankings.own_name(), dict[str, dt.date]()
    for row in RankingTable.objects.filter(replaced_by__isnull=True).prefetch_related("values", "replaces__values").order_by("-period", "-id"):
        since = periods.parse(row.period).end
        until, ends[row.title_key] = ends.get(row.title_key), since - dt.timedelta(days=1)
        own = rankings.own_line(row, name)
        if own is not None:
            yield row, own, since, until


@counted("indicators.printed_lines", title=Message("上级表里本县的数", "The county's figures in tables of higher offices"), unit="", permission=rankings.VIEW, visible=rankings.visible_tables, route="indicators:ranking", groups=("table", "unit"),
         definition=Message("导入的表里印的本县那个数，从表的期末算到下一期来为止；不同的表、不同的单位不相加", "the county's figure as printed in an imported table, from the end of its period until the next one; figures of different tables or units are not added"))
def printed_lines(asked: Asked) -> Iterable[Line]:
    """One line a table that this county is in, its figure in storage units of its unit; one that is printed finer than its unit is kept is left out."""
    for row, own, since, until in _tables():
        with contextlib.suppress(UnitError):
            value, unit = planfile.stored(f"{own.row.printed} {row.unit}")
            yield Line(str(row.pk), f"{row.title} {row.period}", value, since, until, groups={"table": row.title, "unit": unit})


@counted("indicators.place_lines", title=Message("县域排名里的名次", "Place in rankings of counties"), unit="位", permission=rankings.VIEW, visible=rankings.visible_tables, route="indicators:ranking", groups=("table",),
         definition=Message("本县在导入的榜单里的名次，从榜单期末算到下一期来为止；差距在误差以内的看榜单上的名次区间", "the county's place in imported tables, from the end of their period until the next one; where differences are within noise the table shows a range"))
def place_lines(asked: Asked) -> Iterable[Line]:
    """One line a table that this county is in."""
    for row, own, since, until in _tables():
        yield Line(str(row.pk), f"{row.title} {row.period}", own.place.printed, since, until, groups={"table": row.title})
