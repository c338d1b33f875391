"""Declaration of the site: data only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy

from diguan.kernel.declare import MenuItem, QuickAction


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
    ]
    quick_actions: ClassVar[list[Any]] = [
        QuickAction(gettext_lazy("导入"), "site:imports", "table-import", "facts.import_batch"),
    ]
