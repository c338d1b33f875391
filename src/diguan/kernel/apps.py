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
        "evidence.view_evidence": Message(zh="查看材料", en="view evidence"),
        "evidence.enter_evidence": Message(zh="填报材料", en="enter evidence"),
        "evidence.verify_evidence": Message(zh="核实材料", en="verify evidence"),
        "evidence.reveal_evidence": Message(zh="查看涉及个人的材料全文", en="see personal evidence in full"),
        "stages.view_course": Message(zh="查看办理过程", en="view courses"),
        "stages.start_course": Message(zh="开始办理", en="start courses"),
        "stages.move_course": Message(zh="办理环节", en="move courses and do tasks"),
        "stages.assign_task": Message(zh="分派环节", en="assign tasks"),
        "stages.hold_course": Message(zh="中止、恢复或终止办理", en="hold, resume or end courses"),
        "stages.waive_gate": Message(zh="批准免予提供", en="waive items of gates"),
        "stages.pause_clock": Message(zh="暂停、恢复时限", en="pause and resume clocks"),
        "stages.extend_clock": Message(zh="批准延长时限", en="approve extensions of clocks"),
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
    due: ClassVar[list[Any]] = [later("diguan.kernel.notices.actions.send_due"), later("diguan.kernel.stages.actions.rederive_due"), later("diguan.kernel.seals.actions.seal_due")]
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
        "evidence_entered": gettext_lazy("填报材料"),
        "evidence_verified": gettext_lazy("核实材料"),
        "evidence_rejected": gettext_lazy("驳回材料"),
        "evidence_withdrawn": gettext_lazy("撤回材料"),
        "evidence_revealed": gettext_lazy("查看涉及个人的材料"),
        "course_started": gettext_lazy("开始办理"),
        "gate_passed": gettext_lazy("进入下一阶段"),
        "course_sent_back": gettext_lazy("退回"),
        "tasks_completed": gettext_lazy("完成环节"),
        "tasks_skipped": gettext_lazy("免办环节"),
        "course_status_changed": gettext_lazy("改变办理状态"),
        "task_assigned": gettext_lazy("分派环节"),
        "gate_item_waived": gettext_lazy("批准免予提供"),
        "clock_paused": gettext_lazy("暂停时限"),
        "clock_resumed": gettext_lazy("恢复时限"),
        "clock_extended": gettext_lazy("延长时限"),
        "dues_rederived": gettext_lazy("按新日历重算期限"),
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
