"""Lists of plans, tasks and targets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy

from diguan.indicators.models import Plan, PlanKind, Target
from diguan.indicators.queries import goals, plans
from diguan.indicators.web import plan_words as words
from diguan.kernel.declare import Hit, Hits
from diguan.kernel.lists import Column, Filter, ListPage


def _plan_choices(person: Any) -> list[tuple[str, str]]:
    return [(str(row.pk), f"{row.name}（{row.year}）") for row in plans.visible_plans(person)]


def _unit_choices(person: Any) -> list[tuple[str, str]]:
    found = plans.visible_tasks(person).order_by("owner_unit__path").values_list("owner_unit_id", "owner_unit__name").distinct()
    return [(str(number), name) for number, name in found]


def _plans(person: Any) -> Any:
    def fill(rows: Sequence[Plan]) -> Sequence[Plan]:
        found, targets = plans.counts(person), plans.target_counts(person)
        for row in rows:
            row.counted, row.targeted = found.get(row.pk, plans.Counts(0, 0, 0, 0, 0)), targets.get(row.pk, 0)  # type: ignore[attr-defined]
        return rows
    return fill


def plan_page(person: Any) -> ListPage:
    """The plans, with how many of their tasks stand how."""
    return ListPage(
        title=gettext_lazy("方案一览"), rows=plans.visible_plans, permission=plans.VIEW, export_permission=plans.EXPORT, file_name="plans", template="indicators/plans.html", fill=_plans(person),
        empty=(gettext_lazy("还没有方案"), gettext_lazy("建一个方案，把任务和目标定到单位和人。")),
        columns=(
            Column("name", gettext_lazy("方案名"), head=True, sort="name", link=lambda row: words.plan_address(row.pk), note=lambda row: row.source),
            Column("kind", gettext_lazy("类别"), value=lambda row: row.get_kind_display()),
            Column("year", gettext_lazy("年度"), sort=True),
            Column("targets", gettext_lazy("目标"), kind="number", value=lambda row: row.targeted, link=lambda row: f"{reverse('indicators:targets')}?plan={row.pk}"),
            Column("total", gettext_lazy("工作任务"), kind="number", value=lambda row: row.counted.total, link=lambda row: words.tasks_address(row.pk)),
            Column("done", gettext_lazy("已完成"), kind="number", value=lambda row: row.counted.done, link=lambda row: words.tasks_address(row.pk, plans.DONE)),
            Column("waiting", gettext_lazy("等核实"), kind="number", value=lambda row: row.counted.waiting, link=lambda row: words.tasks_address(row.pk, plans.WAITING)),
            Column("late", gettext_lazy("逾期"), kind="number", value=lambda row: row.counted.late, link=lambda row: words.tasks_address(row.pk, plans.LATE)),
            Column("soon", gettext_lazy("快到期"), kind="number", value=lambda row: row.counted.soon, link=lambda row: words.tasks_address(row.pk, plans.SOON_DUE))),
        filters=(
            Filter("q", gettext_lazy("名称"), kind="search", fields=("name", "source")),
            Filter("kind", gettext_lazy("类别"), choices=PlanKind.choices)))


TASKS = ListPage(
    title=gettext_lazy("任务一览"), rows=plans.visible_tasks, permission=plans.VIEW, export_permission=plans.EXPORT, file_name="tasks", template="indicators/tasks.html",
    empty=(gettext_lazy("这里没有任务"), gettext_lazy("换一个条件，或者在方案里下达任务。")),
    about=[(gettext_lazy("口径"), gettext_lazy("“已完成”要有佐证材料，由录入人以外的人核实过"))],
    columns=(
        Column("plan.name", gettext_lazy("方案"), in_file=True),
        Column("number", gettext_lazy("序号"), kind="number"),
        Column("text", gettext_lazy("工作任务"), head=True, link=words.task_address, note=lambda row: f"{row.plan.name}{' · ' if row.section else ''}{row.section}"),
        Column("section", gettext_lazy("所属行动"), in_file=True),
        Column("standing", gettext_lazy("状态"), kind="status", value=words.task_status),
        Column("owner_unit.name", gettext_lazy("责任单位"), sort="owner_unit__name"),
        Column("owner.name", gettext_lazy("责任人")),
        Column("due_on", gettext_lazy("完成时限"), kind="day", sort=True),
        Column("done_on", gettext_lazy("完成日期"), kind="day", sort=True, wide=True, nothing=gettext_lazy("还没有"))),
    filters=(
        Filter("q", gettext_lazy("任务、单位或人"), kind="search", apply=plans.search),
        Filter("plan", gettext_lazy("方案"), choices=_plan_choices, fields=("plan_id",)),
        Filter("standing", gettext_lazy("状态"), choices=[*((key, words.STANDINGS[key][1]) for key in plans.STANDINGS), (plans.KEPT, gettext_lazy("不含不再办的"))], apply=plans.in_standing),
        Filter("unit", gettext_lazy("责任单位"), choices=_unit_choices, fields=("owner_unit_id",))))


def _standings(person: Any) -> Any:
    def fill(rows: Sequence[Target]) -> Sequence[Any]:
        return goals.standings(person, rows)
    return fill


def target_page(person: Any) -> ListPage:
    """The targets beside their figures."""
    return ListPage(
        title=gettext_lazy("目标一览"), rows=plans.visible_targets, permission=plans.VIEW, export_permission=plans.EXPORT, file_name="targets", template="indicators/targets.html", fill=_standings(person),
        empty=(gettext_lazy("还没有目标"), gettext_lazy("在方案里立目标：指标、目标值、谁负责、什么时候。")),
        about=[(gettext_lazy("口径"), gettext_lazy("现在的数出自页面所用的快照；年底的数是估计"))],
        columns=(
            Column("title", gettext_lazy("目标"), head=True, value=lambda one: one.row.title, link=lambda one: words.target_address(one.row), note=lambda one: one.row.plan.name),
            Column("year", gettext_lazy("年度"), value=lambda one: str(one.row.year)),
            Column("value", gettext_lazy("目标值"), kind="amount", value=lambda one: words.value_words(one.row), link=lambda one: words.target_address(one.row)),
            Column("found", gettext_lazy("现在"), kind="amount", value=words.found_words, link=lambda one: words.target_address(one.row)),
            Column("state", gettext_lazy("状态"), kind="status", value=words.goal_status),
            Column("gap", gettext_lazy("还差多少"), value=lambda one: one.gap.text(words.language()), link=lambda one: words.target_address(one.row)),
            Column("unit", gettext_lazy("责任单位"), value=lambda one: one.row.owner_unit.name),
            Column("owner", gettext_lazy("责任人"), value=lambda one: one.row.owner.name, wide=True),
            Column("due", gettext_lazy("完成时限"), kind="day", value=lambda one: one.row.due_on),
            Column("code", gettext_lazy("指标代码"), value=lambda one: one.row.indicator, in_file=True),
            Column("weight", gettext_lazy("权重"), kind="number", value=lambda one: one.row.weight, in_file=True),
            Column("source", gettext_lazy("文件依据"), value=lambda one: one.row.source, in_file=True)),
        filters=(
            Filter("q", gettext_lazy("目标"), kind="search", fields=("title", "indicator", "owner_unit__name")),
            Filter("plan", gettext_lazy("方案"), choices=_plan_choices, fields=("plan_id",)),
            Filter("year", gettext_lazy("年度"), choices=_years)))


def _years(person: Any) -> list[tuple[str, str]]:
    return [(str(year), str(year)) for year in plans.visible_targets(person).order_by("-year").values_list("year", flat=True).distinct()]


def found(person: Any, text: str, limit: int) -> Hits:
    """What the search box finds of tasks."""
    rows = plans.search(plans.visible_tasks(person), text)
    hits = [Hit(row.text, words.task_address(row), f"{row.plan.name} · {row.owner_unit.name if row.owner_unit else ''}", words.task_status(row)) for row in rows[:limit]]
    return Hits(hits, rows.count(), f"{reverse('indicators:tasks')}?{urlencode({'q': text})}")


