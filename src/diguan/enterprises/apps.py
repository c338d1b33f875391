"""Declaration of the enterprise registry: data only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy

from diguan.kernel.declare import MenuItem, QuickAction, Search, later
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
    }
    menu: ClassVar[list[Any]] = [
        MenuItem(gettext_lazy("企业库"), "enterprises:list", "building-factory-2", "enterprises.view_enterprise", gettext_lazy("企业与空间")),
    ]
    quick_actions: ClassVar[list[Any]] = [
        QuickAction(gettext_lazy("登记企业"), "enterprises:new", "plus", "enterprises.change_enterprise"),
    ]
    search: ClassVar[list[Any]] = [
        Search(gettext_lazy("企业"), "enterprises.view_enterprise", later("diguan.enterprises.web.lists.found"), order=10),
    ]
    verbs: ClassVar[dict[str, Any]] = {
        "enterprise_created": gettext_lazy("登记入库"), "enterprise_changed": gettext_lazy("修改登记信息"),
        "enterprises_imported": gettext_lazy("导入名册"), "former_name_added": gettext_lazy("记一个曾用名"),
        "title_added": gettext_lazy("添荣誉资质"), "title_withdrawn": gettext_lazy("取消荣誉资质"),
        "contact_changed": gettext_lazy("改联系人"), "contact_revealed": gettext_lazy("查看完整号码"),
    }

    def ready(self) -> None:
        """Make the sheet and the register of subjects known to the imports, and where firms are reached to the notices."""
        from diguan.enterprises import queries
        from diguan.enterprises.web import tables
        from diguan.kernel.notices import kinds
        from diguan.kernel.sheets import declare

        kinds.register_book(queries.addresses)
        declare.register(tables.RECORD_SHEET)
        declare.register_subjects("enterprise", queries.subject_names)
