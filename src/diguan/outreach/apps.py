"""Declaration of the outreach room: data only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy

from diguan.kernel.declare import MenuItem, QuickAction, Search, later
from diguan.kernel.messages import Message


class OutreachConfig(AppConfig):
    """外出招商."""

    name = "diguan.outreach"
    label = "outreach"
    verbose_name = "外出招商"
    default_auto_field = "django.db.models.BigAutoField"

    permissions: ClassVar[dict[str, Message]] = {
        "outreach.view_outreach": Message(zh="查看外出招商", en="view outreach"),
        "outreach.change_outreach": Message(zh="修改外出招商", en="change outreach"),
        "outreach.export_outreach": Message(zh="导出外出招商", en="export outreach"),
    }
    menu: ClassVar[list[Any]] = [
        MenuItem(gettext_lazy("外出招商"), "outreach:list", "list", "outreach.view_outreach", gettext_lazy("服务")),
    ]
    quick_actions: ClassVar[list[Any]] = [
        QuickAction(gettext_lazy("登记外出招商"), "outreach:new", "plus", "outreach.change_outreach"),
    ]
    search: ClassVar[list[Any]] = [
        Search(gettext_lazy("外出招商"), "outreach.view_outreach", later("diguan.outreach.web.tables.found"), order=50),
    ]
    verbs: ClassVar[dict[str, Any]] = {
        "outreach_created": gettext_lazy("登记外出招商"), "outreach_changed": gettext_lazy("修改外出招商"),
    }

    def ready(self) -> None:
        """Make the actions, facts and measures known to the command line and the worker, which import no page."""
        from diguan.outreach import actions, queries  # noqa: F401
