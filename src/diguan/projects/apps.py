"""Declaration of the projects room: data only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy

from diguan.kernel.declare import Desk, MenuItem, Search, later
from diguan.kernel.messages import Message
from diguan.kernel.notices.kinds import Kind


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
        "projects.import_lead": Message(zh="导入线索表", en="import sheets of leads"),
        "projects.assign_lead": Message(zh="划转线索，线索超期时得到通知", en="assign leads and be told of late ones"),
        "projects.reveal_contact": Message(zh="查看线索联系人", en="see whom to call about a lead"),
        "projects.view_assignment": Message(zh="查看招商任务", en="view promotion targets"),
        "projects.set_assignment": Message(zh="下达招商任务", en="set promotion targets"),
        "projects.view_dispatch": Message(zh="查看招商周调度", en="view the weekly dispatch"),
        "projects.view_project": Message(zh="查看招商项目", en="view projects"),
        "projects.change_project": Message(zh="立项、修改招商项目", en="open and change projects"),
        "projects.move_project": Message(zh="推进招商项目", en="move projects on"),
        "projects.export_project": Message(zh="导出招商项目", en="export projects"),
    }
    menu: ClassVar[list[Any]] = [
        MenuItem(gettext_lazy("招商线索"), "projects:leads", "list", "projects.view_lead", gettext_lazy("招引"), office=True),
        MenuItem(gettext_lazy("招商项目"), "projects:list", "checklist", "projects.view_project", gettext_lazy("招引"), office=True),
        MenuItem(gettext_lazy("招商任务"), "projects:assignments", "stairs-up", "projects.view_assignment", gettext_lazy("招引"), office=True),
        MenuItem(gettext_lazy("招商周调度"), "projects:dispatch", "calendar", "projects.view_dispatch", gettext_lazy("招引"), office=True),
    ]
    search: ClassVar[list[Any]] = [
        Search(gettext_lazy("招商线索"), "projects.view_lead", later("diguan.projects.web.lead_lists.found"), order=50),
        Search(gettext_lazy("招商项目"), "projects.view_project", later("diguan.projects.web.project_lists.found"), order=51),
    ]
    verbs: ClassVar[dict[str, Any]] = {
        "lead_registered": gettext_lazy("登记线索"), "project_opened": gettext_lazy("立项"), "project_moved": gettext_lazy("项目进入下一阶段"),
    }
    verbs |= {
        "lead_changed": gettext_lazy("修改线索"), "lead_contact_revealed": gettext_lazy("查看联系人"), "leads_imported": gettext_lazy("导入线索表"),
        "lead_responded": gettext_lazy("首次联系"), "lead_judged": gettext_lazy("研判线索"), "lead_progress_told": gettext_lazy("写进展"), "lead_step_done": gettext_lazy("办成下一步"),
        "referrer_answered": gettext_lazy("答复引荐人"), "lead_laid_aside": gettext_lazy("搁置线索"), "lead_taken_up": gettext_lazy("重新跟进"), "lead_lost": gettext_lazy("线索流失"),
        "lead_duplicate": gettext_lazy("标为重复"), "lead_claimed": gettext_lazy("认领线索"), "lead_offered": gettext_lazy("提出交接"), "lead_handed_over": gettext_lazy("接手线索"),
        "lead_offer_closed": gettext_lazy("没有交接"), "lead_assigned": gettext_lazy("划转线索"), "lead_released": gettext_lazy("放开线索"), "lead_reminded": gettext_lazy("提醒线索超期"),
        "assignment_set": gettext_lazy("下达任务"), "assignment_changed": gettext_lazy("调整任务"),
    }
    notices: ClassVar[list[Any]] = [Kind("projects.lead_late", gettext_lazy("线索超期"), single=True), Kind("projects.lead_offered", gettext_lazy("线索交接"), single=True)]
    due: ClassVar[list[Any]] = [later("diguan.projects.actions.lead_notices.remind_due")]
    desk: ClassVar[list[Any]] = [Desk("projects.change_lead", later("diguan.projects.web.lead_desk.desk"))]
    subject_facts: ClassVar[dict[str, Any]] = {"lead": later("diguan.projects.queries.leads.facts_of"), "project": later("diguan.projects.queries.projects.facts_of")}

    def ready(self) -> None:
        """Make the actions, facts and measures known to the command line and the worker, which import no page."""
        from diguan.kernel.sheets.declare import register
        from diguan.projects.actions import (  # noqa: F401
            assignments,
            lead_holding,
            lead_import,
            lead_notices,
            lead_work,
            leads,
            projects,
        )
        from diguan.projects.web.lead_sheet import RECORD_SHEET

        register(RECORD_SHEET)
