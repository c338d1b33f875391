"""Declaration of the enterprise registry: data only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy

from diguan.kernel.declare import Desk, MenuItem, QuickAction, Search, later
from diguan.kernel.messages import Message


class EnterprisesConfig(AppConfig):
    """企业库."""

    name = "diguan.enterprises"
    label = "enterprises"
    verbose_name = "企业库"
    default_auto_field = "django.db.models.BigAutoField"

    permissions: ClassVar[dict[str, Message]] = {
        "enterprises.view_enterprise": Message(zh="查看企业", en="view enterprises"),
        "enterprises.change_enterprise": Message(zh="修改企业", en="change enterprises"),
        "enterprises.import_enterprise": Message(zh="导入企业", en="import enterprises"),
        "enterprises.view_contact": Message(zh="查看联系人", en="view contacts"),
        "enterprises.reveal_contact": Message(zh="查看完整联系方式", en="see contacts unmasked"),
        "enterprises.export_enterprise": Message(zh="导出企业", en="export enterprises"),
        "enterprises.view_capability": Message(zh="查看企业能力", en="view what enterprises can do"),
        "enterprises.claim_capability": Message(zh="填报企业能力", en="claim what an enterprise can do"),
        "enterprises.verify_capability": Message(zh="核实企业能力", en="verify what enterprises can do"),
        "enterprises.import_capability": Message(zh="导入能力名册", en="import the capability register"),
        "enterprises.export_capability": Message(zh="导出能力名册", en="export the capability register"),
    }
    menu: ClassVar[list[Any]] = [
        MenuItem(gettext_lazy("企业库"), "enterprises:list", "building-factory-2", "enterprises.view_enterprise", gettext_lazy("企业与空间")),
        MenuItem(gettext_lazy("能力名册"), "enterprises:capabilities", "certificate", "enterprises.view_capability", gettext_lazy("企业与空间")),
    ]
    quick_actions: ClassVar[list[Any]] = [
        QuickAction(gettext_lazy("登记企业"), "enterprises:new", "plus", "enterprises.change_enterprise"),
    ]
    search: ClassVar[list[Any]] = [
        Search(gettext_lazy("企业"), "enterprises.view_enterprise", later("diguan.enterprises.web.lists.found"), order=10),
    ]
    desk: ClassVar[list[Any]] = [
        Desk("enterprises.verify_capability", later("diguan.enterprises.web.capabilities.lists.desk")),
    ]
    verbs: ClassVar[dict[str, Any]] = {
        "enterprise_created": gettext_lazy("登记入库"), "enterprise_changed": gettext_lazy("修改登记信息"),
        "enterprises_imported": gettext_lazy("导入名册"), "former_name_added": gettext_lazy("记一个曾用名"),
        "title_added": gettext_lazy("添荣誉资质"), "title_withdrawn": gettext_lazy("取消荣誉资质"),
        "contact_changed": gettext_lazy("改联系人"), "contact_revealed": gettext_lazy("查看完整号码"),
        "capability_claimed": gettext_lazy("填报能力"), "capability_changed": gettext_lazy("重新填报能力"),
        "capability_verified": gettext_lazy("核实能力"), "capability_rejected": gettext_lazy("驳回能力"),
        "capability_withdrawn": gettext_lazy("撤回能力"), "capabilities_imported": gettext_lazy("导入能力名册"),
    }

    subject_facts: ClassVar[dict[str, Any]] = {"enterprise": later("diguan.enterprises.queries.standing.facts_of")}

    def ready(self) -> None:
        """Make the measures known, the sheets and the register of subjects to the imports, and where firms are reached to the notices."""
        from diguan.enterprises import queries
        from diguan.enterprises.queries import clusters, lines  # noqa: F401
        from diguan.enterprises.web import tables
        from diguan.enterprises.web.capabilities import sheet
        from diguan.kernel.notices import kinds
        from diguan.kernel.sheets import declare

        kinds.register_book(queries.addresses)
        declare.register(tables.RECORD_SHEET)
        declare.register(sheet.RECORD_SHEET)
        declare.register_subjects("enterprise", queries.subject_names)
