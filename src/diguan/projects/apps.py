"""Declaration of the projects room: data only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy

from diguan.kernel.declare import MenuItem, Panel, Search, later
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
        "projects.hold_project": Message(zh="搁置、恢复或终止招商项目", en="hold up, resume or end projects"),
        "projects.view_review": Message(zh="查看准入评审和联合审查", en="view access reviews and joint reviews"),
        "projects.enter_review": Message(zh="填报准入评审、发起联合审查", en="fill in access reviews and begin joint reviews"),
        "projects.verify_review": Message(zh="核实准入评审的填报", en="verify what an access review says"),
        "projects.decide_review": Message(zh="作出准入评审决定", en="decide access reviews"),
        "projects.give_opinion": Message(zh="出具联合审查意见", en="give opinions in joint reviews"),
    }
    menu: ClassVar[list[Any]] = [
        MenuItem(gettext_lazy("招商线索"), "projects:leads", "list", "projects.view_lead", gettext_lazy("招引"), office=True),
        MenuItem(gettext_lazy("招商项目"), "projects:list", "checklist", "projects.view_project", gettext_lazy("招引"), office=True),
        MenuItem(gettext_lazy("联合审查"), "projects:joints", "scale", "projects.view_review", gettext_lazy("招引"), office=True),
    ]
    search: ClassVar[list[Any]] = [
        Search(gettext_lazy("招商线索"), "projects.view_lead", later("diguan.projects.web.lead_lists.found"), order=50),
        Search(gettext_lazy("招商项目"), "projects.view_project", later("diguan.projects.web.project_lists.found"), order=51),
    ]
    panels: ClassVar[dict[str, list[Any]]] = {
        "project": [
            Panel(gettext_lazy("准入评审"), "projects.view_review", later("diguan.projects.queries.access.panel"), "projects/_access_panel.html", order=20),
            Panel(gettext_lazy("联合审查"), "projects.view_review", later("diguan.projects.queries.joint.panel"), "projects/_joint_panel.html", order=21),
        ]}
    verbs: ClassVar[dict[str, Any]] = {
        "lead_registered": gettext_lazy("登记线索"), "project_opened": gettext_lazy("立项"), "project_moved": gettext_lazy("项目进入下一阶段"),
        "project_changed": gettext_lazy("修改项目"), "project_team_named": gettext_lazy("明确链长、链班和服务专员"), "project_sent_back": gettext_lazy("退回项目阶段"), "project_status_changed": gettext_lazy("改变项目状态"),
        "project_evidence_entered": gettext_lazy("交项目材料"), "project_progress_noted": gettext_lazy("记下项目进展"), "project_step_done": gettext_lazy("办成下一步"),
        "access_review_started": gettext_lazy("开始准入评审"), "access_review_answered": gettext_lazy("填报准入评审"), "access_review_verified": gettext_lazy("核实准入评审"), "access_review_met": gettext_lazy("记下评审会"), "access_review_decided": gettext_lazy("作出准入评审决定"),
        "joint_review_started": gettext_lazy("发起联合审查"), "joint_opinion_given": gettext_lazy("出具联合审查意见"), "joint_review_closed": gettext_lazy("联合审查会商结束"),
    }
    subject_facts: ClassVar[dict[str, Any]] = {"lead": later("diguan.projects.queries.leads.facts_of"), "project": later("diguan.projects.queries.projects.facts_of")}

    def ready(self) -> None:
        """Make the actions, facts and measures known to the command line and the worker, which import no page."""
        from diguan.projects.actions import access, board, joint, leads, projects  # noqa: F401
