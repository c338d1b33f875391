"""Declaration of the outreach room: data only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy

from diguan.kernel.declare import Desk, MenuItem, Panel, QuickAction, Search, later
from diguan.kernel.messages import Message


class OutreachConfig(AppConfig):
    """外出招商."""

    name = "diguan.outreach"
    label = "outreach"
    verbose_name = "外出招商"
    default_auto_field = "django.db.models.BigAutoField"

    permissions: ClassVar[dict[str, Message]] = {
        "outreach.view_trip": Message(zh="查看外出招商", en="view trips"),
        "outreach.change_trip": Message(zh="安排外出招商", en="plan trips"),
        "outreach.export_trip": Message(zh="导出外出招商", en="export trips"),
        "outreach.approve_expense": Message(zh="审批超限额费用", en="approve expenses above their limit"),
        "outreach.reveal_contact": Message(zh="查看拜访对象的联系方式", en="see the contacts of those called on"),
        "outreach.view_visit": Message(zh="查看走访记录", en="view visits"),
        "outreach.log_visit": Message(zh="写走访记录、跟进、邀请", en="write down visits, follow up, invite"),
        "outreach.export_visit": Message(zh="导出走访记录", en="export visits"),
    }
    menu: ClassVar[list[Any]] = [
        MenuItem(gettext_lazy("外出招商"), "outreach:trips", "calendar-event", "outreach.view_trip", gettext_lazy("招引"), office=True),
        MenuItem(gettext_lazy("走访记录"), "outreach:visits", "notes", "outreach.view_visit", gettext_lazy("招引"), office=True),
    ]
    quick_actions: ClassVar[list[Any]] = [
        QuickAction(gettext_lazy("写走访记录"), "outreach:log", "edit", "outreach.log_visit"),
    ]
    search: ClassVar[list[Any]] = [
        Search(gettext_lazy("外出招商"), "outreach.view_trip", later("diguan.outreach.web.tables.found"), order=50),
    ]
    panels: ClassVar[dict[str, list[Any]]] = {
        "enterprise": [Panel(gettext_lazy("走访和外出"), "outreach.view_visit", later("diguan.outreach.web.firm_panel.of_enterprise"), "outreach/_firm_panel.html", order=60)],
        "lead": [Panel(gettext_lazy("走访和外出"), "outreach.view_visit", later("diguan.outreach.web.firm_panel.of_lead"), "outreach/_firm_panel.html", order=60)],
        "project": [Panel(gettext_lazy("走访和外出"), "outreach.view_visit", later("diguan.outreach.web.firm_panel.of_project"), "outreach/_firm_panel.html", order=60)],
    }
    desk: ClassVar[list[Any]] = [
        Desk("outreach.view_visit", later("diguan.outreach.web.desk.follow_ups")),
        Desk("outreach.approve_expense", later("diguan.outreach.web.desk.expenses")),
        Desk("outreach.log_visit", later("diguan.outreach.web.desk.guests")),
    ]
    verbs: ClassVar[dict[str, Any]] = {
        "trip_planned": gettext_lazy("计划外出"), "trip_changed": gettext_lazy("修改外出"), "trip_started": gettext_lazy("出发"), "trip_closed": gettext_lazy("结束外出"), "trip_cancelled": gettext_lazy("取消外出"),
        "call_added": gettext_lazy("加拜访对象"), "targets_taken": gettext_lazy("从目标企业里选"), "call_changed": gettext_lazy("修改拜访"), "call_dropped": gettext_lazy("没去成"), "call_contact_revealed": gettext_lazy("查看联系方式"),
        "plan_proposed": gettext_lazy("排行程"), "plan_taken": gettext_lazy("采用排程"), "call_moved": gettext_lazy("手工挪动"), "place_kept": gettext_lazy("登记地点"), "ways_told": gettext_lazy("录入路程"), "trip_base_set": gettext_lazy("定早出晚归的地点"),
        "expense_entered": gettext_lazy("记费用"), "expense_decided": gettext_lazy("审批费用"), "expense_reversed": gettext_lazy("冲销费用"),
        "visit_logged": gettext_lazy("写走访记录"), "visit_corrected": gettext_lazy("更正走访记录"), "follow_up_set": gettext_lazy("定下一步"), "follow_up_ended": gettext_lazy("办结跟进"), "follow_up_handed_over": gettext_lazy("转交跟进"),
        "guest_invited": gettext_lazy("邀请来县考察"), "invitation_answered": gettext_lazy("记邀请答复"), "site_visit_planned": gettext_lazy("安排考察"), "site_visit_ended": gettext_lazy("记考察结果"),
    }

    def ready(self) -> None:
        """Make the actions and measures known to the command line and the worker, which import no page."""
        from diguan.outreach.actions import (  # noqa: F401
            calls,
            expenses,
            guests,
            plans,
            trips,
            visits,
        )
        from diguan.outreach.queries import lines  # noqa: F401
