"""Declaration of the indicators room: data only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy

from diguan.kernel.declare import Desk, MenuItem, Panel, Search, later
from diguan.kernel.messages import Message
from diguan.kernel.notices.kinds import Kind


class IndicatorsConfig(AppConfig):
    """指标、驾驶舱、简报."""

    name = "diguan.indicators"
    label = "indicators"
    verbose_name = "指标"
    default_auto_field = "django.db.models.BigAutoField"

    permissions: ClassVar[dict[str, Message]] = {
        "indicators.view_indicator": Message(zh="查看指标", en="view indicators"),
        "indicators.export_indicator": Message(zh="导出指标", en="export indicators"),
        "indicators.take_snapshot": Message(zh="生成指标快照", en="take snapshots of indicators"),
        "indicators.view_plan": Message(zh="查看方案、任务和目标", en="view plans, tasks and targets"),
        "indicators.export_plan": Message(zh="导出方案、任务和目标", en="export plans, tasks and targets"),
        "indicators.manage_plan": Message(zh="下达任务、立目标", en="set tasks and targets"),
        "indicators.note_progress": Message(zh="填任务进展", en="note progress of tasks"),
        "indicators.verify_progress": Message(zh="核实任务进展", en="verify progress of tasks"),
        "indicators.view_cultivation": Message(zh="查看梯度培育名单", en="view which firms are near to a title"),
        "indicators.export_cultivation": Message(zh="导出梯度培育名单", en="export which firms are near to a title"),
        "indicators.view_ranking": Message(zh="查看县域排名", en="view rankings of counties"),
        "indicators.export_ranking": Message(zh="导出县域排名", en="export rankings of counties"),
        "indicators.import_ranking": Message(zh="导入县域排名", en="import rankings of counties"),
        "indicators.view_honour": Message(zh="查看县级荣誉", en="view honours of the county"),
        "indicators.export_honour": Message(zh="导出县级荣誉", en="export honours of the county"),
        "indicators.enter_honour": Message(zh="登记县级荣誉", en="enter honours of the county"),
        "indicators.verify_honour": Message(zh="核实县级荣誉", en="verify honours of the county"),
        "indicators.publish_month": Message(zh="发布月度指标", en="publish a month's indicators"),
        "indicators.view_briefing": Message(zh="看简报", en="read briefings"),
        "indicators.draft_briefing": Message(zh="起草简报", en="draft briefings"),
        "indicators.review_briefing": Message(zh="复核简报", en="review briefings"),
        "indicators.sign_briefing": Message(zh="签发简报", en="sign briefings"),
        "indicators.export_briefing": Message(zh="导出简报", en="export briefings"),
    }
    menu: ClassVar[list[Any]] = [
        MenuItem(gettext_lazy("驾驶舱"), "indicators:cockpit", "presentation", "indicators.view_indicator", gettext_lazy("看数"), office=True),
        MenuItem(gettext_lazy("指标"), "indicators:list", "chart-line", "indicators.view_indicator", gettext_lazy("看数"), office=True),
        MenuItem(gettext_lazy("方案和目标"), "indicators:plans", "clipboard-list", "indicators.view_plan", gettext_lazy("看数")),
        MenuItem(gettext_lazy("梯度培育"), "indicators:cultivation_first", "stairs-up", "indicators.view_cultivation", gettext_lazy("看数"), office=True),
        MenuItem(gettext_lazy("县域排名"), "indicators:rankings", "scale", "indicators.view_ranking", gettext_lazy("看数"), office=True),
        MenuItem(gettext_lazy("县级荣誉"), "indicators:honours", "certificate", "indicators.view_honour", gettext_lazy("看数"), office=True),
        MenuItem(gettext_lazy("经济运行简报"), "indicators:briefings", "file-text", "indicators.view_briefing", gettext_lazy("看数"), office=True),
    ]
    search: ClassVar[list[Any]] = [
        Search(gettext_lazy("指标"), "indicators.view_indicator", later("diguan.indicators.web.tables.found"), order=70),
        Search(gettext_lazy("任务一览"), "indicators.view_plan", later("diguan.indicators.web.plan_lists.found"), order=72),
        Search(gettext_lazy("县级荣誉"), "indicators.view_honour", later("diguan.indicators.web.honours.found"), order=74),
    ]
    desk: ClassVar[list[Any]] = [
        Desk("indicators.note_progress", later("diguan.indicators.web.plan_desk.tasks")),
        Desk("indicators.view_plan", later("diguan.indicators.web.plan_desk.targets")),
        Desk("indicators.verify_progress", later("diguan.indicators.web.plan_desk.verify")),
        Desk("indicators.verify_honour", later("diguan.indicators.web.honours.on_desk")),
        Desk("indicators.view_briefing", later("diguan.indicators.web.briefings.on_desk")),
    ]
    notices: ClassVar[list[Any]] = [Kind("indicators.task_soon", gettext_lazy("任务快到期"), single=True), Kind("indicators.task_late", gettext_lazy("任务逾期"), single=True), Kind("indicators.target_late", gettext_lazy("目标到期没达到"), single=True),
                                    Kind("indicators.briefing_published", gettext_lazy("简报已签发"))]
    due: ClassVar[list[Any]] = [later("diguan.indicators.actions.nightly.snapshot_due"), later("diguan.indicators.actions.reminders.remind_due"), later("diguan.indicators.actions.reminders.missed_due")]
    panels: ClassVar[dict[str, list[Any]]] = {"dispatch": [
        Panel(gettext_lazy("年度目标"), "indicators.view_indicator", later("diguan.indicators.web.dispatch.goals"), "indicators/_dispatch_goals.html", order=30),
        Panel(gettext_lazy("两个数对不上"), "facts.view_fact", later("diguan.indicators.web.dispatch.disputes"), "indicators/_dispatch_disputes.html", place="rail", order=10),
        Panel(gettext_lazy("变化大的"), "indicators.view_indicator", later("diguan.indicators.web.dispatch.moved"), "indicators/_dispatch_moved.html", place="rail", order=20),
    ]}
    verbs: ClassVar[dict[str, Any]] = {
        "snapshot_taken": gettext_lazy("生成指标快照"),
        "plan_made": gettext_lazy("建方案"), "plan_changed": gettext_lazy("修改方案"), "plan_taken_in": gettext_lazy("从数据包载入方案"), "tasks_imported": gettext_lazy("导入方案任务"),
        "task_set": gettext_lazy("下达工作任务"), "task_changed": gettext_lazy("调整工作任务"), "task_dropped": gettext_lazy("任务不再办"), "task_reopened": gettext_lazy("重新打开任务"), "task_due_told": gettext_lazy("提醒任务到期（自动）"),
        "progress_noted": gettext_lazy("填任务进展"), "progress_verified": gettext_lazy("核实任务进展"), "progress_rejected": gettext_lazy("驳回任务进展"),
        "target_set": gettext_lazy("立目标"), "target_changed": gettext_lazy("调整目标"), "target_taken_back": gettext_lazy("撤回目标"), "target_missed_told": gettext_lazy("提醒目标到期（自动）"), "rankings_imported": gettext_lazy("导入县域排名"),
        "honour_entered": gettext_lazy("登记荣誉"), "honour_verified": gettext_lazy("核实荣誉"), "honour_rejected": gettext_lazy("驳回或作废荣誉"), "honour_withdrawn": gettext_lazy("登记荣誉撤销"),
        "month_published": gettext_lazy("发布月度指标"),
        "briefing_drafted": gettext_lazy("起草简报"),
        "briefing_rewritten": gettext_lazy("重写简报"),
        "briefing_reviewed": gettext_lazy("复核简报"),
        "briefing_returned": gettext_lazy("退回简报"),
        "briefing_signed": gettext_lazy("签发简报"),
        "briefing_subscribed": gettext_lazy("改简报订阅"),
    }

    def ready(self) -> None:
        """Make the actions and sheets known to the command line, the worker and the imports, which import no page."""
        from diguan.indicators.actions import (  # noqa: F401
            briefings,
            goals,
            honours,
            nightly,
            packed,
            plans,
            progress,
            published,
            rankings,
            reminders,
            snapshots,
        )
        from diguan.indicators.queries import own_lines, timer  # noqa: F401
        from diguan.indicators.queries.honours import honour_lines  # noqa: F401
        from diguan.indicators.web.plan_sheet import RECORD_SHEET as TASKS
        from diguan.indicators.web.ranking_sheet import RECORD_SHEET as RANKINGS
        from diguan.kernel.sheets.declare import register

        register(TASKS)
        register(RANKINGS)
