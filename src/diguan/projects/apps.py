"""Declaration of the projects room: data only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy

from diguan.kernel.declare import MenuItem, QuickAction, Search, later
from diguan.kernel.messages import Message


class ProjectsConfig(AppConfig):
    """招商项目."""

    name = "diguan.projects"
    label = "projects"
    verbose_name = "招商项目"
    default_auto_field = "django.db.models.BigAutoField"

    permissions: ClassVar[dict[str, Message]] = {
        "projects.view_project": Message(zh="查看招商项目", en="view projects"),
        "projects.change_project": Message(zh="修改招商项目", en="change projects"),
        "projects.export_project": Message(zh="导出招商项目", en="export projects"),
    }
    menu: ClassVar[list[Any]] = [
        MenuItem(gettext_lazy("招商项目"), "projects:list", "list", "projects.view_project", gettext_lazy("服务")),
    ]
    quick_actions: ClassVar[list[Any]] = [
        QuickAction(gettext_lazy("登记招商项目"), "projects:new", "plus", "projects.change_project"),
    ]
    search: ClassVar[list[Any]] = [
        Search(gettext_lazy("招商项目"), "projects.view_project", later("diguan.projects.web.tables.found"), order=50),
    ]
    verbs: ClassVar[dict[str, Any]] = {
        "project_created": gettext_lazy("登记招商项目"), "project_changed": gettext_lazy("修改招商项目"),
    }

    def ready(self) -> None:
        """Make the actions, facts and measures known to the command line and the worker, which import no page."""
        from diguan.projects import actions, queries  # noqa: F401
