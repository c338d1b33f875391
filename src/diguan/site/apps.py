"""Declaration of the site: data only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy

from diguan.kernel.declare import MenuItem


class SiteConfig(AppConfig):
    """Login, home and administration pages."""

    name = "diguan.site"
    label = "site"
    verbose_name = "站点"
    menu: ClassVar[list[Any]] = [MenuItem(gettext_lazy("工作台"), "site:home", "layout-dashboard")]
