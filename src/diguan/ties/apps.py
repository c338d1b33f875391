"""Declaration of the ties room: data only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy

from diguan.kernel.declare import Desk, MenuItem, QuickAction, Search, later
from diguan.kernel.messages import Message
from diguan.kernel.notices.kinds import Kind


class TiesConfig(AppConfig):
    """乡情."""

    name = "diguan.ties"
    label = "ties"
    verbose_name = "乡情"
    default_auto_field = "django.db.models.BigAutoField"

    permissions: ClassVar[dict[str, Message]] = {
        "ties.view_person": Message(zh="查看同乡（号码遮盖）", en="view hometown people, numbers masked"),
        "ties.reveal_person": Message(zh="查看同乡的完整号码", en="see hometown people's whole numbers"),
        "ties.change_person": Message(zh="登记同乡和本人的同意", en="keep hometown people and their consents"),
        "ties.import_person": Message(zh="导入同乡名册", en="import rosters of hometown people"),
        "ties.export_person": Message(zh="导出同乡名册", en="export hometown people"),
        "ties.view_chamber": Message(zh="查看异地商会", en="view chambers elsewhere"),
        "ties.reveal_chamber": Message(zh="查看商会的完整号码", en="see chambers' whole numbers"),
        "ties.change_chamber": Message(zh="登记异地商会", en="keep chambers elsewhere"),
        "ties.export_chamber": Message(zh="导出异地商会", en="export chambers elsewhere"),
        "ties.view_tie": Message(zh="查看乡情关系和引荐路径", en="view ties and who can introduce us"),
        "ties.change_tie": Message(zh="记乡情关系", en="record ties"),
        "ties.verify_tie": Message(zh="核实乡情关系", en="verify ties"),
        "ties.view_return": Message(zh="查看湘商回归认定", en="view returnee proofs"),
        "ties.change_return": Message(zh="录入湘商回归材料", en="enter returnee proofs"),
        "ties.verify_return": Message(zh="核实湘商回归材料", en="verify returnee proofs"),
        "ties.export_return": Message(zh="导出湘商回归认定", en="export returnee proofs"),
    }
    menu: ClassVar[list[Any]] = [
        MenuItem(gettext_lazy("乡情"), "ties:people", "users-group", "ties.view_person", gettext_lazy("招引"), office=True),
        MenuItem(gettext_lazy("异地商会"), "ties:chambers", "building-community", "ties.view_chamber", gettext_lazy("招引"), office=True),
    ]
    quick_actions: ClassVar[list[Any]] = [
        QuickAction(gettext_lazy("谁能引荐"), "ties:paths", "sitemap", "ties.view_tie"),
    ]
    search: ClassVar[list[Any]] = [
        Search(gettext_lazy("同乡"), "ties.view_person", later("diguan.ties.web.people_lists.found"), order=60),
        Search(gettext_lazy("异地商会"), "ties.view_chamber", later("diguan.ties.web.chamber_lists.found"), order=61),
    ]
    desk: ClassVar[list[Any]] = [
        Desk("ties.change_person", later("diguan.ties.web.people_lists.desk")),
        Desk("ties.verify_tie", later("diguan.ties.web.tie_lists.desk")),
        Desk("ties.verify_return", later("diguan.ties.web.return_lists.desk")),
    ]
    notices: ClassVar[list[Any]] = [Kind("ties.consent_over", gettext_lazy("同乡的同意到期"), single=True)]
    due: ClassVar[list[Any]] = [later("diguan.ties.actions.people.expire_due")]
    verbs: ClassVar[dict[str, Any]] = {
        "person_kept": gettext_lazy("登记同乡"), "person_changed": gettext_lazy("修改同乡"), "person_viewed": gettext_lazy("打开同乡的页面"), "person_revealed": gettext_lazy("查看同乡的完整号码"),
        "consent_renewed": gettext_lazy("续本人同意"), "consent_withdrawn": gettext_lazy("本人撤回同意，已删除"), "person_hidden": gettext_lazy("同意到期，隐藏（自动）"), "people_imported": gettext_lazy("导入同乡名册"),
        "chamber_kept": gettext_lazy("登记异地商会"), "chamber_changed": gettext_lazy("修改异地商会"), "chamber_revealed": gettext_lazy("查看商会的完整号码"),
        "tie_recorded": gettext_lazy("记乡情关系"), "tie_verified": gettext_lazy("核实乡情关系"), "tie_rejected": gettext_lazy("驳回乡情关系"), "tie_ended": gettext_lazy("结束乡情关系"),
        "return_claimed": gettext_lazy("录入湘商回归材料"), "return_verified": gettext_lazy("核实湘商回归材料"), "return_rejected": gettext_lazy("驳回湘商回归材料"), "return_withdrawn": gettext_lazy("撤回湘商回归材料"),
    }

    def ready(self) -> None:
        """Make the sheet known to the imports, the actions and queries to the command line and the worker."""
        from diguan.kernel.sheets.declare import register
        from diguan.ties import queries  # noqa: F401
        from diguan.ties.actions import chambers, imports, people, returns, ties  # noqa: F401
        from diguan.ties.web.people_sheet import RECORD_SHEET

        register(RECORD_SHEET)
