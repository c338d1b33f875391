"""Declaration of the chains room: data only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy

from diguan.kernel.declare import Desk, MenuItem, Panel, later
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
        "chains.view_economy": Message(zh="查看区域经济", en="view the regional economy"),
        "chains.import_table": Message(zh="导入投入产出表和区域数据", en="import input–output tables and figures of the region"),
        "chains.estimate_effect": Message(zh="估计项目和文旅的带动", en="estimate what projects and visitors set in motion"),
        "chains.match_sourcing": Message(zh="看本地配套撮合", en="see the matching of local supply and demand"),
        "chains.view_introduction": Message(zh="查看供需对接", en="view introductions"),
        "chains.introduce": Message(zh="介绍供需对接", en="introduce suppliers and buyers"),
        "chains.answer_introduction": Message(zh="答复供需对接", en="answer introductions"),
        "chains.verify_outcome": Message(zh="核实对接成交", en="verify what came of introductions"),
        "chains.export_introduction": Message(zh="导出供需对接", en="export introductions"),
        "chains.view_target": Message(zh="查看目标企业", en="view target firms"),
        "chains.import_target": Message(zh="导入目标企业名单", en="import lists of target firms"),
        "chains.change_target": Message(zh="补充目标企业信息、记对接", en="tell of target firms and note approaches"),
        "chains.export_target": Message(zh="导出目标企业", en="export target firms"),
    }
    menu: ClassVar[list[Any]] = [
        MenuItem(gettext_lazy("产业链"), "chains:chains", "sitemap", "chains.view_chain", gettext_lazy("企业与空间"), office=True),
        MenuItem(gettext_lazy("企业环节"), "chains:coverages", "link", "chains.view_coverage", gettext_lazy("企业与空间"), office=True),
        MenuItem(gettext_lazy("区域经济"), "chains:economy", "chart-line", "chains.view_economy", gettext_lazy("企业与空间"), office=True),
        MenuItem(gettext_lazy("供需对接"), "chains:introductions", "git-compare", "chains.view_introduction", gettext_lazy("企业与空间"), office=True),
        MenuItem(gettext_lazy("县内对接"), "chains:own_introductions", "git-compare", "chains.answer_introduction", gettext_lazy("服务")),
        MenuItem(gettext_lazy("目标企业"), "chains:targets", "map-pin", "chains.view_target", gettext_lazy("招引"), office=True),
        MenuItem(gettext_lazy("产业链预警"), "chains:warnings", "alert-triangle", "chains.view_warning", gettext_lazy("企业与空间"), office=True),
    ]
    desk: ClassVar[list[Any]] = [
        Desk("chains.view_warning", later("diguan.chains.web.warning.desk")),
        Desk("chains.verify_coverage", later("diguan.chains.web.coverage_lists.desk")),
        Desk("chains.view_introduction", later("diguan.chains.web.introduction_lists.desk")),
        Desk("chains.answer_introduction", later("diguan.chains.web.introduction_lists.own_desk")),
    ]
    panels: ClassVar[dict[str, list[Any]]] = {"enterprise": [
        Panel(gettext_lazy("产业链和本地配套"), "chains.view_coverage", later("diguan.chains.web.sourcing_panel.panel"), "chains/sourcing_panel.html", order=30),
    ]}
    notices: ClassVar[list[Any]] = [
        Kind("chains.introduction_asked", gettext_lazy("县内企业想对接"), single=True), Kind("chains.introduction_agreed", gettext_lazy("双方同意对接"), single=True),
        Kind("chains.introduction_over", gettext_lazy("对接结束"), single=True), Kind("chains.warning", gettext_lazy("产业链预警"), single=True),
    ]
    due: ClassVar[list[Any]] = [later("diguan.chains.actions.introductions.expire_due"), later("diguan.chains.actions.warning.warn_due")]
    verbs: ClassVar[dict[str, Any]] = {
        "coverage_claimed": gettext_lazy("填报企业环节"), "coverage_changed": gettext_lazy("重新填报企业环节"), "coverage_verified": gettext_lazy("核实企业环节"),
        "coverage_rejected": gettext_lazy("驳回企业环节"), "coverage_withdrawn": gettext_lazy("撤回企业环节"), "coverages_imported": gettext_lazy("导入企业环节"),
        "suggestions_taken": gettext_lazy("采纳环节建议"), "feasibility_told": gettext_lazy("记下环节可行性"),
        "table_brought": gettext_lazy("传来投入产出表"), "example_taken": gettext_lazy("改用示例表"), "table_kept": gettext_lazy("投入产出表入库"), "table_chosen": gettext_lazy("换用投入产出表"),
        "sectors_brought": gettext_lazy("导入行业与部门对照"), "region_told": gettext_lazy("记下本县各部门的数"), "places_brought": gettext_lazy("导入行业户数表"), "effect_estimated": gettext_lazy("估计带动"),
        "introduction_made": gettext_lazy("介绍对接"), "introduction_consented": gettext_lazy("企业同意对接"), "introduction_declined": gettext_lazy("企业不同意对接"), "introduction_withdrawn": gettext_lazy("企业撤回对接同意"),
        "introduction_other_seen": gettext_lazy("企业查看对方"), "introduction_ended": gettext_lazy("结束对接"), "introduction_expired": gettext_lazy("对接到期"), "introduction_order_entered": gettext_lazy("录入对接发票"),
        "introduction_order_told": gettext_lazy("企业报对接发票"), "introduction_order_verified": gettext_lazy("核实对接发票"), "introduction_order_rejected": gettext_lazy("驳回对接发票"),
        "targets_imported": gettext_lazy("导入目标企业名单"), "target_told": gettext_lazy("补充目标企业信息"), "control_proved": gettext_lazy("证明控股关系"), "target_approached": gettext_lazy("记对接"),
        "targets_merged": gettext_lazy("并为一家"), "targets_kept_apart": gettext_lazy("确认是两家"),
        "chain_warned": gettext_lazy("产业链预警（自动）"),
    }

    def ready(self) -> None:
        """Make the sheets known to the imports, the actions and measures to the command line and the worker."""
        from diguan.chains.actions import (  # noqa: F401
            coverage,
            economy,
            feasibility,
            introduction_orders,
            introductions,
            targets,
            warning,
        )
        from diguan.chains.queries import lines, maps, target_board  # noqa: F401
        from diguan.chains.web.coverage_sheet import RECORD_SHEET
        from diguan.chains.web.targets_sheet import RECORD_SHEET as FIRMS
        from diguan.kernel.sheets.declare import register

        register(RECORD_SHEET)
        register(FIRMS)
