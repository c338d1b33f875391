"""Declaration of the policies room: data only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy

from diguan.kernel.declare import Desk, MenuItem, Panel, Search, later
from diguan.kernel.messages import Message
from diguan.kernel.notices.kinds import OTHER, Kind


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
        "policies.allocate": Message(zh="分配资金", en="allocate money"),
        "policies.view_allocation": Message(zh="查看分配", en="view allocations"),
        "policies.view_entitlement": Message(zh="查看可享政策", en="view entitlements"),
        "policies.simulate": Message(zh="试算政策", en="simulate policies"),
        "policies.evaluate": Message(zh="评估政策", en="evaluate policies"),
        "policies.view_claim": Message(zh="查看兑现", en="view claims"),
        "policies.handle_claim": Message(zh="办理兑现", en="handle claims"),
        "policies.answer_claim": Message(zh="办自己企业的兑现", en="answer for one's own claims"),
        "policies.view_payment": Message(zh="查看付款和台账", en="view payments and the ledger"),
        "policies.check_payment": Message(zh="付款前核查", en="check claims before payment"),
        "policies.order_payment": Message(zh="拟付款通知", en="draft payment orders"),
        "policies.approve_payment": Message(zh="审批付款通知", en="approve payment orders"),
        "policies.send_payment": Message(zh="送出付款通知并导出", en="send and export payment orders"),
        "policies.record_payment": Message(zh="登记支付结果", en="record payment results"),
        "policies.claw_back": Message(zh="决定追回资金", en="claw money back"),
        "policies.begin_life": Message(zh="开始政策全过程", en="begin the life of a policy"),
        "policies.move_life": Message(zh="办理政策全过程", en="move the life of a policy"),
        "policies.hold_life": Message(zh="暂停、恢复、终止政策", en="suspend, resume or end a policy"),
        "policies.view_review": Message(zh="查看兑现复核", en="view reviews of claims"),
        "policies.decide_review": Message(zh="决定兑现复核", en="decide on reviews of claims"),
        "policies.view_draft": Message(zh="查看政策草稿", en="view policy drafts"),
        "policies.draft_policy": Message(zh="起草政策", en="draft policies"),
        "policies.publish_draft": Message(zh="把政策草稿发布到政策库", en="publish a policy draft into the library"),
    }
    menu: ClassVar[list[Any]] = [
        MenuItem(gettext_lazy("惠企政策"), "policies:list", "license", "policies.view_policy", gettext_lazy("服务"), office=True),
        MenuItem(gettext_lazy("政策全过程"), "policies:lives", "stairs", "policies.move_life", gettext_lazy("服务"), office=True),
        MenuItem(gettext_lazy("兑现"), "policies:claims", "checklist", "policies.view_claim", gettext_lazy("服务"), office=True),
        MenuItem(gettext_lazy("资金拨付"), "policies:payments", "building-bank", "policies.view_payment", gettext_lazy("服务"), office=True),
        MenuItem(gettext_lazy("兑现复核"), "policies:reviews", "scale", "policies.view_review", gettext_lazy("服务"), office=True),
    ]
    desk: ClassVar[list[Any]] = [Desk("policies.view_policy", later("diguan.policies.web.desk.items")), Desk("stages.view_course", later("diguan.policies.web.life_desk.items")),
                                 Desk("policies.view_claim", later("diguan.policies.web.claim_desk.items")), Desk("policies.view_payment", later("diguan.policies.web.payments.desk.items")),
                                 Desk("policies.view_review", later("diguan.policies.web.reviews.desk"))]
    search: ClassVar[list[Any]] = [Search(gettext_lazy("政策"), "policies.view_policy", later("diguan.policies.web.lists.found"), order=20)]
    panels: ClassVar[dict[str, list[Any]]] = {"enterprise": [
        Panel(gettext_lazy("政策权益"), "policies.view_entitlement", later("diguan.policies.web.pages.panel"), "policies/_panel.html", order=10),
        Panel(gettext_lazy("兑现"), "policies.view_claim", later("diguan.policies.web.own_claims.panel"), "policies/_claims_panel.html", order=15),
        Panel(gettext_lazy("上次比对以来"), "policies.view_entitlement", later("diguan.policies.web.differences.rail"), "policies/_changes.html", "rail", order=20),
    ]}
    verbs: ClassVar[dict[str, Any]] = {"match_run": gettext_lazy("比对政策"), "policies.run_match": gettext_lazy("比对企业和政策"), "notices_written": gettext_lazy("按比对写通知"),
                                  "allocation_run": gettext_lazy("分配资金"), "policies.allocate": gettext_lazy("分配资金"),
                                  "simulation_run": gettext_lazy("试算政策"), "evaluation_run": gettext_lazy("评估政策"), "policies.evaluate": gettext_lazy("评估政策"),
                                  "claims_opened": gettext_lazy("开兑现"), "claim_started": gettext_lazy("企业发起申领"), "claim_passed": gettext_lazy("办到下一步"),
                                  "claim_sent_back": gettext_lazy("退回"), "claim_withdrawn": gettext_lazy("企业放弃"), "claim_answered": gettext_lazy("企业交来"),
                                  "claim_answer_checked": gettext_lazy("核对意愿和账户"), "claim_paper_entered": gettext_lazy("录入材料"), "claim_paper_decided": gettext_lazy("核对材料"), "claim_objected_to": gettext_lazy("提出异议"),
                                  "payment_check_entered": gettext_lazy("登记付款前核查"), "payment_check_decided": gettext_lazy("核实付款前核查"),
                                  "payment_order_drafted": gettext_lazy("拟付款通知"), "payment_order_approved": gettext_lazy("审批付款通知"),
                                  "payment_order_sent": gettext_lazy("送出付款通知"), "payment_order_cancelled": gettext_lazy("撤销付款通知"),
                                  "payment_order_recalled": gettext_lazy("收回付款通知"), "payment_order_exported": gettext_lazy("导出付款清单"),
                                  "payment_account_revealed": gettext_lazy("查看完整账号"), "payment_result_entered": gettext_lazy("录入支付结果"),
                                  "payment_results_imported": gettext_lazy("导入支付结果"), "payment_result_booked": gettext_lazy("复核入账"),
                                  "payment_result_rejected": gettext_lazy("驳回支付结果"), "ledger_entry_reversed": gettext_lazy("冲销"),
                                  "claim_settled": gettext_lazy("按台账流转"), "clawback_demanded": gettext_lazy("决定追回"),
                                  "repayment_booked": gettext_lazy("登记退缴"),
                                  "life_begun": gettext_lazy("开始政策全过程"), "life_moved": gettext_lazy("政策进入下一阶段"), "life_sent_back": gettext_lazy("退回政策"),
                                  "life_held": gettext_lazy("暂停或终止政策"), "life_resumed": gettext_lazy("恢复政策"),
                                  "reviews_opened": gettext_lazy("发现要复核的兑现"), "review_decided": gettext_lazy("决定兑现复核"),
                                  "draft_begun": gettext_lazy("开始起草"), "draft_changed": gettext_lazy("改草稿"), "draft_version_saved": gettext_lazy("存一版草稿"), "draft_published": gettext_lazy("发布草稿")}
    subject_facts: ClassVar[dict[str, Any]] = {"policy": later("diguan.policies.queries.papers.facts_of"), "policy_claim": later("diguan.policies.queries.payable.facts_of")}
    subject_rounds: ClassVar[dict[str, Any]] = {"policy": later("diguan.policies.queries.papers.round_began")}
    notices: ClassVar[list[Any]] = [
        Kind("policies.entitled", gettext_lazy("政策可享"), gettext_lazy("我要申请"), {
            "not_needed": gettext_lazy("不需要"), "too_little": gettext_lazy("金额太少，不值得办"), "too_complex": gettext_lazy("手续太繁"),
            "not_meeting": gettext_lazy("我们认为不符合条件"), "already_have": gettext_lazy("已经享受过"), OTHER: gettext_lazy("其他")},
            later("diguan.policies.web.reach.details"), "policies/_notice.html"),
        Kind("policies.asked", gettext_lazy("请补报数据"), single=True),
        Kind("policies.claim", gettext_lazy("兑现进展"), single=True),
        Kind("policies.claim_held", gettext_lazy("兑现暂缓或照常"), single=True),
        Kind("policies.claim_resumed", gettext_lazy("兑现恢复办理"), single=True),
    ]
    due: ClassVar[list[Any]] = [later("diguan.policies.actions.notify_due"), later("diguan.policies.actions.reviews.review_due")]
    after_delivery: ClassVar[list[tuple[Any, ...]]] = [("policies.run_match", {}, "policies.run_match", "facts.export_registry")]

    def ready(self) -> None:
        """Make the job and the measures known."""
        from diguan.kernel.sheets import declare
        from diguan.policies import actions, queries  # noqa: F401
        from diguan.policies.actions import allocation, checks, clawbacks, evaluation, life, payments, results, reviews  # noqa: F401
        from diguan.policies.queries import claim_measures, lines, members, reach  # noqa: F401
        from diguan.policies.web.payments import sheet

        declare.register(sheet.RECORD_SHEET)
