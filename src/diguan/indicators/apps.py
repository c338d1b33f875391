"""Declaration of the indicators room: data only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy

from diguan.kernel.declare import Desk, MenuItem, Search, later
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
        "indicators.view_briefing": Message(zh="看简报", en="read briefings"),
        "indicators.draft_briefing": Message(zh="起草简报", en="draft briefings"),
        "indicators.review_briefing": Message(zh="复核简报", en="review briefings"),
        "indicators.sign_briefing": Message(zh="签发简报", en="sign briefings"),
        "indicators.export_briefing": Message(zh="导出简报", en="export briefings"),
    }
    menu: ClassVar[list[Any]] = [
        MenuItem(gettext_lazy("指标"), "indicators:list", "chart-line", "indicators.view_indicator", gettext_lazy("看数"), office=True),
        MenuItem(gettext_lazy("经济运行简报"), "indicators:briefings", "file-text", "indicators.view_briefing", gettext_lazy("看数"), office=True),
    ]
    desk: ClassVar[list[Any]] = [Desk("indicators.view_briefing", later("diguan.indicators.web.briefings.on_desk"))]
    notices: ClassVar[list[Any]] = [Kind("indicators.briefing_published", gettext_lazy("简报已签发"))]
    search: ClassVar[list[Any]] = [
        Search(gettext_lazy("指标"), "indicators.view_indicator", later("diguan.indicators.web.tables.found"), order=70),
    ]
    verbs: ClassVar[dict[str, Any]] = {
        "snapshot_taken": gettext_lazy("生成指标快照"),
        "briefing_drafted": gettext_lazy("起草简报"),
        "briefing_rewritten": gettext_lazy("重写简报"),
        "briefing_reviewed": gettext_lazy("复核简报"),
        "briefing_returned": gettext_lazy("退回简报"),
        "briefing_signed": gettext_lazy("签发简报"),
        "briefing_subscribed": gettext_lazy("改简报订阅"),
    }

    def ready(self) -> None:
        """Make the actions known to the command line and the worker, which import no page."""
        from diguan.indicators.actions import briefings, snapshots  # noqa: F401
