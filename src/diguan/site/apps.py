"""Declaration of the site: data only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy

from diguan.kernel.declare import Desk, MenuItem, QuickAction, later


class SiteConfig(AppConfig):
    """Login, home and administration pages."""

    name = "diguan.site"
    label = "site"
    verbose_name = "站点"
    menu: ClassVar[list[Any]] = [
        MenuItem(gettext_lazy("工作台"), "site:home", "layout-dashboard"),
        MenuItem(gettext_lazy("导入"), "site:imports", "table-import", "facts.import_batch", gettext_lazy("数据")),
        MenuItem(gettext_lazy("批次"), "site:batches", "database", "facts.view_batch", gettext_lazy("数据")),
        MenuItem(gettext_lazy("数据覆盖"), "site:coverage", "checklist", "facts.view_batch", gettext_lazy("数据")),
        MenuItem(gettext_lazy("数据征询"), "site:requests", "message-question", "facts.view_request", gettext_lazy("数据")),
        MenuItem(gettext_lazy("人员和任职"), "site:people", "users", "access.manage_person", gettext_lazy("管理")),
        MenuItem(gettext_lazy("单位"), "site:units", "building", "access.manage_unit", gettext_lazy("管理")),
    ]
    desk: ClassVar[list[Any]] = [
        Desk("facts.view_batch", later("diguan.site.desk.deliveries")),
        Desk("facts.view_batch", later("diguan.site.desk.disagreements")),
        Desk("facts.view_request", later("diguan.site.desk.asked")),
        Desk(None, later("diguan.site.desk.own_jobs")),
        Desk("access.manage_person", later("diguan.site.desk.accounts")),
        Desk("access.manage_delegation", later("diguan.site.desk.delegations")),
    ]
    verbs: ClassVar[dict[str, Any]] = {"site.commit_upload": gettext_lazy("入库一份大表")}
    quick_actions: ClassVar[list[Any]] = [
        QuickAction(gettext_lazy("导入"), "site:imports", "table-import", "facts.import_batch"),
    ]
