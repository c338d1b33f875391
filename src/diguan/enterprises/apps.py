"""Declaration of the enterprise registry: data only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig

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
    menu: ClassVar[list[Any]] = []

    def ready(self) -> None:
        """Make the sheet and the register of subjects known to the imports."""
        from diguan.enterprises import queries
        from diguan.enterprises.web import tables
        from diguan.kernel.sheets import declare

        declare.register(tables.RECORD_SHEET)
        declare.register_subjects("enterprise", queries.subject_names)
