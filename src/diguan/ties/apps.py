"""Declaration of the ties room: data only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy

from diguan.kernel.declare import MenuItem, QuickAction, Search, later
from diguan.kernel.messages import Message


class TiesConfig(AppConfig):
    """乡情."""

    name = "diguan.ties"
    label = "ties"
    verbose_name = "乡情"
    default_auto_field = "django.db.models.BigAutoField"

    permissions: ClassVar[dict[str, Message]] = {
        "ties.view_tie": Message(zh="查看乡情", en="view ties"),
        "ties.change_tie": Message(zh="修改乡情", en="change ties"),
        "ties.export_tie": Message(zh="导出乡情", en="export ties"),
    }
    menu: ClassVar[list[Any]] = [
        MenuItem(gettext_lazy("乡情"), "ties:list", "list", "ties.view_tie", gettext_lazy("服务")),
    ]
    quick_actions: ClassVar[list[Any]] = [
        QuickAction(gettext_lazy("登记乡情"), "ties:new", "plus", "ties.change_tie"),
    ]
    search: ClassVar[list[Any]] = [
        Search(gettext_lazy("乡情"), "ties.view_tie", later("diguan.ties.web.tables.found"), order=50),
    ]
    verbs: ClassVar[dict[str, Any]] = {
        "tie_created": gettext_lazy("登记乡情"), "tie_changed": gettext_lazy("修改乡情"),
    }

    def ready(self) -> None:
        """Make the actions, facts and measures known to the command line and the worker, which import no page."""
        from diguan.ties import actions, queries  # noqa: F401
