"""Declaration of the projects room: data only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy

from diguan.kernel.declare import MenuItem, Search, later
from diguan.kernel.messages import Message


class ProjectsConfig(AppConfig):
    """招商项目."""

    name = "diguan.projects"
    label = "projects"
    verbose_name = "线索和项目"
    default_auto_field = "django.db.models.BigAutoField"

    permissions: ClassVar[dict[str, Message]] = {
        "projects.view_lead": Message(zh="查看招商线索", en="view leads"),
        "projects.change_lead": Message(zh="登记和跟进招商线索", en="register and follow leads"),
        "projects.export_lead": Message(zh="导出招商线索", en="export leads"),
        "projects.view_project": Message(zh="查看招商项目", en="view projects"),
        "projects.change_project": Message(zh="立项、修改招商项目", en="open and change projects"),
        "projects.move_project": Message(zh="推进招商项目", en="move projects on"),
        "projects.export_project": Message(zh="导出招商项目", en="export projects"),
    }
    menu: ClassVar[list[Any]] = [
        MenuItem(gettext_lazy("招商线索"), "projects:leads", "list", "projects.view_lead", gettext_lazy("招引"), office=True),
        MenuItem(gettext_lazy("招商项目"), "projects:list", "checklist", "projects.view_project", gettext_lazy("招引"), office=True),
    ]
    search: ClassVar[list[Any]] = [
        Search(gettext_lazy("招商线索"), "projects.view_lead", later("diguan.projects.web.lead_lists.found"), order=50),
        Search(gettext_lazy("招商项目"), "projects.view_project", later("diguan.projects.web.project_lists.found"), order=51),
    ]
    verbs: ClassVar[dict[str, Any]] = {
        "lead_registered": gettext_lazy("登记线索"), "project_opened": gettext_lazy("立项"), "project_moved": gettext_lazy("项目进入下一阶段"),
    }
    subject_facts: ClassVar[dict[str, Any]] = {"lead": later("diguan.projects.queries.leads.facts_of"), "project": later("diguan.projects.queries.projects.facts_of")}

    def ready(self) -> None:
        """Make the actions, facts and measures known to the command line and the worker, which import no page."""
        from diguan.projects.actions import leads, projects  # noqa: F401
