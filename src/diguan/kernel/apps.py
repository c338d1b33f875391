"""Declaration of the kernel to Django: label, rights it knows of, nothing else."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from diguan.kernel.declare import Desk, MenuItem, Panel, later
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
        "facts.view_request": Message(zh="查看数据征询", en="view data requests"),
        "facts.ask_fact": Message(zh="发出数据征询", en="ask for facts"),
        "facts.answer_request": Message(zh="答复数据征询", en="answer data requests"),
        "facts.export_request": Message(zh="导出数据征询", en="export data requests"),
        "facts.keep_upload": Message(zh="上传文件", en="bring files"),
        "facts.export_registry": Message(zh="导出名录事实", en="export the register as facts"),
        "notices.view_notice": Message(zh="查看通知", en="view notices"),
        "notices.answer_notice": Message(zh="打开和答复通知", en="open and answer notices"),
        "notices.send_notice": Message(zh="送出通知", en="send notices"),
        "notices.export_notice": Message(zh="导出短信名单（含完整手机号）", en="take out text messages with full numbers"),
        "notices.import_receipt": Message(zh="导入通知回执", en="import receipts of notices"),
    }
    menu: ClassVar[list[Any]] = [
        MenuItem(gettext_lazy("通知"), "notices:outbox", "bell", "notices.view_notice", gettext_lazy("服务"), office=True),
    ]
    desk: ClassVar[list[Any]] = [Desk("notices.view_notice", later("diguan.kernel.web.notices.desk"))]
    panels: ClassVar[dict[str, list[Any]]] = {"enterprise": [
        Panel(gettext_lazy("通知"), "notices.view_notice", later("diguan.kernel.web.notices.panel"), "kernel/notices/_panel.html", order=20),
    ]}
    due: ClassVar[list[Any]] = [later("diguan.kernel.notices.actions.send_due")]
    verbs: ClassVar[dict[str, str | Promise]] = {
        "unit_created": gettext_lazy("建立单位"),
        "unit_changed": gettext_lazy("修改单位"),
        "person_created": gettext_lazy("建立账号"),
        "person_changed": gettext_lazy("修改姓名或电话"),
        "person_deactivated": gettext_lazy("停用账号"),
        "person_reactivated": gettext_lazy("恢复账号"),
        "password_reset": gettext_lazy("重设初始密码"),
        "password_changed": gettext_lazy("本人修改密码"),
        "person_unlocked": gettext_lazy("解除锁定"),
        "language_chosen": gettext_lazy("选择语言"),
        "logged_in": gettext_lazy("登录"),
        "person_appointed": gettext_lazy("任职"),
        "post_ended": gettext_lazy("结束任职"),
        "delegation_granted": gettext_lazy("登记经办人授权"),
        "delegation_revoked": gettext_lazy("撤销经办人授权"),
        "file_uploaded": gettext_lazy("上传文件"),
        "batch_imported": gettext_lazy("入库"),
        "batch_withdrawn": gettext_lazy("撤回"),
        "request_sent": gettext_lazy("发出征询"),
        "request_declined": gettext_lazy("说明答不了"),
        "request_withdrawn": gettext_lazy("撤回征询"),
        "facts_told": gettext_lazy("企业自报"),
        "registry_exported": gettext_lazy("导出名录"),
        "view_saved": gettext_lazy("保存视图"),
        "view_forgotten": gettext_lazy("删除视图"),
        "token_issued": gettext_lazy("生成接口令牌"),
        "token_revoked": gettext_lazy("撤销接口令牌"),
        "notices_delivered": gettext_lazy("送进收件箱"),
        "notices_handed_over": gettext_lazy("交出短信名单"),
        "notices_taken_again": gettext_lazy("再次导出短信名单"),
        "receipts_imported": gettext_lazy("导入通知回执"),
        "notice_opened": gettext_lazy("打开通知"),
        "notice_answered": gettext_lazy("答复通知"),
    }

    def ready(self) -> None:
        """Make the sheet of receipts known, and keep what spills in the data folder."""
        from diguan.kernel import duck
        from diguan.kernel.facts import files
        from diguan.kernel.notices import receipts
        from diguan.kernel.sheets import declare

        declare.register(receipts.RECORD_SHEET)
        duck.spill_into(files.folder("projections"))
