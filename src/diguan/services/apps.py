"""Declaration of the services room: data only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy

from diguan.kernel.declare import Desk, MenuItem, Search, later
from diguan.kernel.messages import Message
from diguan.kernel.notices.kinds import Kind


class ServicesConfig(AppConfig):
    """政务服务."""

    name = "diguan.services"
    label = "services"
    verbose_name = "政务服务"
    default_auto_field = "django.db.models.BigAutoField"

    permissions: ClassVar[dict[str, Message]] = {
        "services.view_matter": Message(zh="查看政务服务事项", en="view matters"),
        "services.change_matter": Message(zh="起草政务服务事项", en="draft matters"),
        "services.publish_matter": Message(zh="发布政务服务事项", en="publish matters"),
        "services.import_matter": Message(zh="导入政务服务事项", en="import matters"),
        "services.export_matter": Message(zh="导出政务服务事项", en="export matters"),
        "services.view_life_event": Message(zh="查看一件事", en="view life events"),
        "services.publish_life_event": Message(zh="发布一件事", en="publish life events"),
        "services.view_case": Message(zh="查看办件", en="view cases"),
        "services.open_case": Message(zh="提交办件", en="open cases"),
        "services.handle_case": Message(zh="办理办件", en="handle cases"),
        "services.rate_case": Message(zh="评价办件", en="rate cases"),
        "services.export_case": Message(zh="导出办件", en="export cases"),
        "services.view_study": Message(zh="查看流程再造实验", en="view studies of the bench"),
        "services.run_study": Message(zh="做流程再造实验", en="run studies on the bench"),
        "services.review_study": Message(zh="复核流程再造实验", en="review studies of the bench"),
        "services.oversee_case": Message(zh="督办办件", en="oversee cases"),
        "services.assist_case": Message(zh="帮代办办件", en="assist with cases"),
        "services.view_walk": Message(zh="查看局长办证", en="view walks of directors"),
        "services.walk_case": Message(zh="走流程、提整改建议", en="walk life events and propose changes"),
        "services.export_walk": Message(zh="导出局长办证", en="export walks of directors"),
        "services.fix_proposal": Message(zh="办理整改建议", en="answer proposals of walks"),
        "services.verify_proposal": Message(zh="核验整改", en="verify what proposals changed"),
    }
    menu: ClassVar[list[Any]] = [
        MenuItem(gettext_lazy("办件"), "services:cases", "clipboard-list", "services.view_case", gettext_lazy("服务"), office=True),
        MenuItem(gettext_lazy("帮代办"), "services:own_cases", "users", "services.assist_case", gettext_lazy("服务"), office=True),
        MenuItem(gettext_lazy("督办"), "services:case_watch", "clock-exclamation", "services.oversee_case", gettext_lazy("服务"), office=True),
        MenuItem(gettext_lazy("成效"), "services:case_measures", "chart-line", "services.view_case", gettext_lazy("服务"), office=True),
        MenuItem(gettext_lazy("一件事"), "services:life_events", "checklist", "services.view_life_event", gettext_lazy("服务")),
        MenuItem(gettext_lazy("流程再造实验台"), "services:studies", "git-compare", "services.view_study", gettext_lazy("服务")),
        MenuItem(gettext_lazy("局长办证"), "services:walks", "stairs", "services.view_walk", gettext_lazy("服务")),
        MenuItem(gettext_lazy("整改建议"), "services:proposals", "message-dots", "services.view_walk", gettext_lazy("服务")),
        MenuItem(gettext_lazy("事项库"), "services:matters", "list", "services.view_matter", gettext_lazy("服务")),
    ]
    notices: ClassVar[list[Any]] = [
        Kind("services.case_correction", gettext_lazy("办件要补正"), single=True), Kind("services.case_delivered", gettext_lazy("办件已办结"), single=True), Kind("services.case_closed", gettext_lazy("办件没有办成"), single=True),
        Kind("services.extension_asked", gettext_lazy("等您批延期"), single=True), Kind("services.extension_answered", gettext_lazy("延期申请有了结果"), single=True),
        Kind("services.case_extended", gettext_lazy("办件时限延长"), single=True), Kind("services.case_due_soon", gettext_lazy("办件快到期"), single=True),
        Kind("services.case_late", gettext_lazy("办件超期"), single=True), Kind("services.case_escalated", gettext_lazy("办件超期上报"), single=True),
        Kind("services.commitment_failed", gettext_lazy("告知承诺核查不实"), single=True), Kind("services.case_help_offered", gettext_lazy("帮代办等您同意"), single=True),
        Kind("services.case_help_begun", gettext_lazy("请您帮办一件"), single=True),
        Kind("services.proposal_made", gettext_lazy("整改建议等答复"), single=True), Kind("services.proposal_late", gettext_lazy("整改建议超期"), single=True)]
    due: ClassVar[list[Any]] = [later("diguan.services.actions.case_watch.warn_due"), later("diguan.services.actions.proposals.tell_overdue")]
    desk: ClassVar[list[Any]] = [
        Desk("services.publish_matter", later("diguan.services.web.lists.desk")),
        Desk("stages.extend_clock", later("diguan.services.web.case_terms.desk")),
        Desk("services.oversee_case", later("diguan.services.web.case_terms.late")),
        Desk("services.view_walk", later("diguan.services.web.proposals.desk")),
    ]
    search: ClassVar[list[Any]] = [
        Search(gettext_lazy("政务服务事项"), "services.view_matter", later("diguan.services.web.lists.found"), order=60),
    ]
    verbs: ClassVar[dict[str, Any]] = {
        "matter_drafted": gettext_lazy("起草事项"), "matter_draft_dropped": gettext_lazy("丢弃事项草稿"), "matter_published": gettext_lazy("发布事项"),
        "matter_adopted": gettext_lazy("从数据包载入事项"), "matters_imported": gettext_lazy("导入事项"), "life_event_published": gettext_lazy("发布一件事"),
        "case_opened": gettext_lazy("提交办件"), "case_supplemented": gettext_lazy("补交"), "case_correction_asked": gettext_lazy("一次告知补正"), "case_accepted": gettext_lazy("受理"),
        "case_matter_done": gettext_lazy("办结一个事项"), "case_delivered": gettext_lazy("送达办结"), "case_touched": gettext_lazy("记一次联系"), "case_rated": gettext_lazy("评价"),
        "study_opened": gettext_lazy("开始流程再造实验"), "study_judged": gettext_lazy("判定先后"), "study_freed": gettext_lazy("去掉习惯先后"), "study_order_added": gettext_lazy("加一条先后"),
        "study_reviewed": gettext_lazy("复核先后"), "study_assumed": gettext_lazy("改方案的假设"), "study_published": gettext_lazy("发布再造结果"), "matter_retired": gettext_lazy("停用事项"), "life_event_retired": gettext_lazy("停用一件事"), "study_flow_brought": gettext_lazy("导入流程图"), "study_flow_matched": gettext_lazy("对应流程图的环节"),
        "extension_asked": gettext_lazy("申请延期"), "extension_decided": gettext_lazy("决定延期"), "case_warned": gettext_lazy("时限预警（自动）"), "case_withdrawn": gettext_lazy("撤回申请"), "case_closed": gettext_lazy("不予受理或终止办理"), "commitment_checked": gettext_lazy("核查告知承诺"), "case_papers_verified": gettext_lazy("核对补交的材料"),
        "help_offered": gettext_lazy("指派帮办员"), "help_consented": gettext_lazy("同意帮代办"), "help_ended": gettext_lazy("结束帮代办"), "case_supplemented_by_assistant": gettext_lazy("帮办员代企业补交"),
        "walk_begun": gettext_lazy("开始走流程"), "walk_step_reached": gettext_lazy("到了一个环节"), "walk_step_done": gettext_lazy("办完一个环节"), "walk_noted": gettext_lazy("记下一个问题"), "walk_closed": gettext_lazy("走完流程"),
        "proposal_made": gettext_lazy("提出整改建议"), "proposal_accepted": gettext_lazy("采纳整改建议"), "proposal_refused": gettext_lazy("不采纳整改建议"), "proposal_done": gettext_lazy("整改了，等核验"),
        "proposal_verified": gettext_lazy("核验属实"), "proposal_returned": gettext_lazy("核验不属实，退回"), "proposal_urged": gettext_lazy("超期催办（自动）"),
    }

    def ready(self) -> None:
        """Make the actions and the sheet known to the command line and the worker, which import no page."""
        from diguan.kernel.sheets.declare import register
        from diguan.services.actions import (  # noqa: F401
            bench,
            bench_flows,
            case_help,
            case_terms,
            case_watch,
            cases,
            life_events,
            proposals,
            retirement,
            walks,
        )
        from diguan.services.queries import case_measures, lines  # noqa: F401
        from diguan.services.web.sheet import RECORD_SHEET

        register(RECORD_SHEET)
