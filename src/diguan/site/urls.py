"""Every address. A room that has ``web/urls.py`` is served under its own name; the kernel at the root."""

from __future__ import annotations

from importlib.util import find_spec

from django.apps import apps
from django.urls import URLPattern, URLResolver, include, path

from diguan.site.apps import SiteConfig


def _rooms() -> list[URLPattern | URLResolver]:
    found: list[URLPattern | URLResolver] = []
    for config in apps.get_app_configs():
        if not config.name.startswith("diguan.") or isinstance(config, SiteConfig):
            continue
        if find_spec(f"{config.name}.web") and find_spec(f"{config.name}.web.urls"):
            prefix = "" if config.label == "kernel" else f"{config.label}/"
            found.append(path(prefix, include(f"{config.name}.web.urls")))
    return found


urlpatterns = [path("", include("diguan.site.web.urls")), path("api/", include("diguan.site.web.api")), *_rooms()]
handler400 = "diguan.site.web.errors.bad_request"
handler403 = "diguan.site.web.errors.forbidden"
handler404 = "diguan.site.web.errors.not_found"
handler500 = "diguan.site.web.errors.server_error"
