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
        "policies.view_claim": Message(zh="查看兑现", en="view claims"),
        "policies.handle_claim": Message(zh="办理兑现", en="handle claims"),
        "policies.answer_claim": Message(zh="办自己企业的兑现", en="answer for one's own claims"),
    }
    menu: ClassVar[list[Any]] = [
        MenuItem(gettext_lazy("惠企政策"), "policies:list", "license", "policies.view_policy", gettext_lazy("服务"), office=True),
        MenuItem(gettext_lazy("兑现"), "policies:claims", "coin-yuan", "policies.view_claim", gettext_lazy("服务"), office=True),
    ]
    desk: ClassVar[list[Any]] = [Desk("policies.view_policy", later("diguan.policies.web.desk.items")), Desk("policies.view_claim", later("diguan.policies.web.claim_desk.items"))]
    search: ClassVar[list[Any]] = [Search(gettext_lazy("政策"), "policies.view_policy", later("diguan.policies.web.lists.found"), order=20)]
    panels: ClassVar[dict[str, list[Any]]] = {"enterprise": [
        Panel(gettext_lazy("政策权益"), "policies.view_entitlement", later("diguan.policies.web.pages.panel"), "policies/_panel.html", order=10),
        Panel(gettext_lazy("兑现"), "policies.view_claim", later("diguan.policies.web.own_claims.panel"), "policies/_claims_panel.html", order=15),
        Panel(gettext_lazy("上次比对以来"), "policies.view_entitlement", later("diguan.policies.web.differences.rail"), "policies/_changes.html", "rail", order=20),
    ]}
    verbs: ClassVar[dict[str, Any]] = {"match_run": gettext_lazy("比对政策"), "policies.run_match": gettext_lazy("比对企业和政策"), "notices_written": gettext_lazy("按比对写通知"),
                                  "allocation_run": gettext_lazy("分配资金"), "policies.allocate": gettext_lazy("分配资金"),
                                  "claims_opened": gettext_lazy("开兑现"), "claim_started": gettext_lazy("企业发起申领"), "claim_passed": gettext_lazy("办到下一步"),
                                  "claim_sent_back": gettext_lazy("退回"), "claim_withdrawn": gettext_lazy("企业放弃"), "claim_answered": gettext_lazy("企业交来"),
                                  "claim_answer_checked": gettext_lazy("核对意愿和账户"), "claim_paper_entered": gettext_lazy("录入材料"), "claim_paper_decided": gettext_lazy("核对材料"), "claim_objected_to": gettext_lazy("提出异议"),
                                  "simulation_run": gettext_lazy("试算政策")}
    notices: ClassVar[list[Any]] = [
        Kind("policies.entitled", gettext_lazy("政策可享"), gettext_lazy("我要申请"), {
            "not_needed": gettext_lazy("不需要"), "too_little": gettext_lazy("金额太少，不值得办"), "too_complex": gettext_lazy("手续太繁"),
            "not_meeting": gettext_lazy("我们认为不符合条件"), "already_have": gettext_lazy("已经享受过"), OTHER: gettext_lazy("其他")},
            later("diguan.policies.web.reach.details"), "policies/_notice.html"),
        Kind("policies.asked", gettext_lazy("请补报数据"), single=True),
        Kind("policies.claim", gettext_lazy("兑现进展"), single=True),
    ]
    due: ClassVar[list[Any]] = [later("diguan.policies.actions.notify_due")]
    after_delivery: ClassVar[list[tuple[Any, ...]]] = [("policies.run_match", {}, "policies.run_match", "facts.export_registry")]

    def ready(self) -> None:
        """Make the job and the measures known."""
        from diguan.policies import actions, queries  # noqa: F401
        from diguan.policies.actions import allocation  # noqa: F401
        from diguan.policies.queries import claim_measures, members, reach  # noqa: F401
