"""Declaration of the indicators room: data only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy

from diguan.kernel.declare import MenuItem, Panel, Search, later
from diguan.kernel.messages import Message


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
    }
    menu: ClassVar[list[Any]] = [
        MenuItem(gettext_lazy("驾驶舱"), "indicators:cockpit", "presentation", "indicators.view_indicator", gettext_lazy("看数"), office=True),
        MenuItem(gettext_lazy("指标"), "indicators:list", "chart-line", "indicators.view_indicator", gettext_lazy("看数"), office=True),
    ]
    search: ClassVar[list[Any]] = [
        Search(gettext_lazy("指标"), "indicators.view_indicator", later("diguan.indicators.web.tables.found"), order=70),
    ]
    panels: ClassVar[dict[str, list[Any]]] = {"dispatch": [
        Panel(gettext_lazy("年度目标"), "indicators.view_indicator", later("diguan.indicators.web.dispatch.goals"), "indicators/_dispatch_goals.html", order=30),
        Panel(gettext_lazy("两个数对不上"), "facts.view_fact", later("diguan.indicators.web.dispatch.disputes"), "indicators/_dispatch_disputes.html", place="rail", order=10),
        Panel(gettext_lazy("变化大的"), "indicators.view_indicator", later("diguan.indicators.web.dispatch.moved"), "indicators/_dispatch_moved.html", place="rail", order=20),
    ]}
    verbs: ClassVar[dict[str, Any]] = {
        "snapshot_taken": gettext_lazy("生成指标快照"),
    }

    def ready(self) -> None:
        """Make the actions and measures known to the command line and the worker, which import no page."""
        from diguan.indicators.actions import snapshots  # noqa: F401
        from diguan.indicators.queries import timer  # noqa: F401
