"""Declaration of the chains room: data only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy

from diguan.kernel.declare import Desk, MenuItem, later
from diguan.kernel.messages import Message
from diguan.kernel.notices.kinds import Kind


class ChainsConfig(AppConfig):
    """产业链."""

    name = "diguan.chains"
    label = "chains"
    verbose_name = "产业链"
    default_auto_field = "django.db.models.BigAutoField"

    permissions: ClassVar[dict[str, Message]] = {
        "chains.view_chain": Message(zh="查看产业链图谱", en="view chain maps"),
        "chains.export_chain": Message(zh="导出产业链图谱和清单", en="export chain maps and lists"),
        "chains.view_coverage": Message(zh="查看企业在哪个环节", en="view which enterprise covers which node"),
        "chains.view_volume": Message(zh="查看环节产能和采购额", en="view capacities and purchases at nodes"),
        "chains.claim_coverage": Message(zh="填报企业环节", en="claim what an enterprise covers"),
        "chains.verify_coverage": Message(zh="核实企业环节", en="verify what enterprises cover"),
        "chains.tell_feasibility": Message(zh="记环节可行性", en="tell whether the county could take in a node"),
        "chains.import_coverage": Message(zh="导入企业环节", en="import coverage of nodes"),
        "chains.view_warning": Message(zh="查看产业链预警", en="view early warnings of chains"),
        "chains.hear_warning": Message(zh="接收产业链预警", en="be told of early warnings of chains"),
        "chains.export_coverage": Message(zh="导出企业环节", en="export coverage of nodes"),
    }
    menu: ClassVar[list[Any]] = [
        MenuItem(gettext_lazy("产业链"), "chains:chains", "sitemap", "chains.view_chain", gettext_lazy("企业与空间"), office=True),
        MenuItem(gettext_lazy("企业环节"), "chains:coverages", "link", "chains.view_coverage", gettext_lazy("企业与空间"), office=True),
        MenuItem(gettext_lazy("产业链预警"), "chains:warnings", "alert-triangle", "chains.view_warning", gettext_lazy("企业与空间"), office=True),
    ]
    notices: ClassVar[list[Any]] = [Kind("chains.warning", gettext_lazy("产业链预警"), single=True)]
    due: ClassVar[list[Any]] = [later("diguan.chains.actions.warning.warn_due")]
    desk: ClassVar[list[Any]] = [
        Desk("chains.view_warning", later("diguan.chains.web.warning.desk")),
        Desk("chains.verify_coverage", later("diguan.chains.web.coverage_lists.desk")),
    ]
    verbs: ClassVar[dict[str, Any]] = {
        "coverage_claimed": gettext_lazy("填报企业环节"), "coverage_changed": gettext_lazy("重新填报企业环节"), "coverage_verified": gettext_lazy("核实企业环节"),
        "coverage_rejected": gettext_lazy("驳回企业环节"), "coverage_withdrawn": gettext_lazy("撤回企业环节"), "coverages_imported": gettext_lazy("导入企业环节"),
        "suggestions_taken": gettext_lazy("采纳环节建议"), "feasibility_told": gettext_lazy("记下环节可行性"), "chain_warned": gettext_lazy("产业链预警（自动）"),
    }

    def ready(self) -> None:
        """Make the sheets known to the imports, and the actions to the command line and the worker."""
        from diguan.chains.actions import warning  # noqa: F401
        from diguan.chains.web.coverage_sheet import RECORD_SHEET
        from diguan.kernel.sheets.declare import register

        register(RECORD_SHEET)
