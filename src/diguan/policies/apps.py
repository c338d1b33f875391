"""Declaration of the policies room: data only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig

from diguan.kernel.messages import Message


class PoliciesConfig(AppConfig):
    """惠企政策."""

    name = "diguan.policies"
    label = "policies"
    verbose_name = "惠企政策"
    default_auto_field = "django.db.models.BigAutoField"

    permissions: ClassVar[dict[str, Message]] = {
        "policies.view_policy": Message(zh="查看政策", en="view policies"),
        "policies.run_match": Message(zh="运行匹配", en="run a match"),
        "policies.export_match": Message(zh="导出匹配结果", en="export match results"),
        "policies.view_entitlement": Message(zh="查看可享政策", en="view entitlements"),
    }
    menu: ClassVar[list[Any]] = []
    after_delivery: ClassVar[list[tuple[str, dict[str, Any]]]] = [("policies.run_match", {})]

    def ready(self) -> None:
        """Make the job known to the worker."""
        from diguan.policies import actions  # noqa: F401
