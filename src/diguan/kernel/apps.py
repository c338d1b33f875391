"""Declaration of the kernel to Django: label, rights it knows of, nothing else."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig

from diguan.kernel.messages import Message


class KernelConfig(AppConfig):
    """The kernel's own tables: access, events, batches, jobs, saved views."""

    name = "diguan.kernel"
    label = "kernel"
    verbose_name = "内核"
    default_auto_field = "django.db.models.BigAutoField"

    permissions: ClassVar[dict[str, Message]] = {
        "access.manage_unit": Message(zh="管理单位", en="manage units"),
        "access.manage_person": Message(zh="管理人员和任职", en="manage people and posts"),
        "access.manage_delegation": Message(zh="管理经办人授权", en="manage delegations"),
        "facts.view_fact": Message(zh="查看事实", en="view facts"),
        "facts.view_batch": Message(zh="查看批次", en="view batches"),
        "facts.view_run": Message(zh="查看运行记录", en="view runs"),
        "facts.import_batch": Message(zh="导入数据", en="import data"),
        "facts.export_registry": Message(zh="导出名录事实", en="export the register as facts"),
    }
    menu: ClassVar[list[Any]] = []
