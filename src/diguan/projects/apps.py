"""Declaration of the projects room: data only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy

from diguan.kernel.declare import Desk, MenuItem, Panel, Search, later
from diguan.kernel.messages import Message
from diguan.kernel.notices.kinds import Kind


class ProjectsConfig(AppConfig):
    """招商项目."""

    name = "diguan.projects"
    label = "projects"
    verbose_name = "线索和项目"
    default_auto_field = "django.db.models.BigAutoField"

    permissions: ClassVar[dict[str, Message]] = {
        "projects.view_lead": Message(zh="查看招商线索", en="view leads"),
        "projects.change_lead": Message(zh="登记和跟进招商线索", en="register and follow leads"),
        "projects.export_lead": Message(zh="导出招商线索", en="export leads"),
        "projects.import_lead": Message(zh="导入线索表", en="import sheets of leads"),
        "projects.assign_lead": Message(zh="划转线索，线索超期时得到通知", en="assign leads and be told of late ones"),
        "projects.reveal_contact": Message(zh="查看线索联系人", en="see whom to call about a lead"),
        "projects.view_assignment": Message(zh="查看招商任务", en="view promotion targets"),
        "projects.set_assignment": Message(zh="下达招商任务", en="set promotion targets"),
        "projects.view_dispatch": Message(zh="查看招商周调度", en="view the weekly dispatch"),
        "projects.view_project": Message(zh="查看招商项目", en="view projects"),
        "projects.change_project": Message(zh="立项、修改招商项目", en="open and change projects"),
        "projects.move_project": Message(zh="推进招商项目", en="move projects on"),
        "projects.export_project": Message(zh="导出招商项目", en="export projects"),
        "projects.view_agreement": Message(zh="查看招商协议和履约", en="view agreements and their fulfilment"),
        "projects.enter_agreement": Message(zh="录入招商协议、承诺和履约", en="enter agreements, promises and fulfilment"),
        "projects.verify_agreement": Message(zh="核实、作废招商协议和履约", en="verify agreements and fulfilment, make them void"),
        "projects.export_agreement": Message(zh="导出招商协议和履约", en="export agreements and fulfilment"),
        "projects.review_promise": Message(zh="公平竞争审查", en="review promises for fair competition"),
        "projects.view_fund": Message(zh="查看到资台账", en="view the funds-in-place ledger"),
        "projects.enter_fund": Message(zh="录入、冲销到资", en="enter and reverse funds"),
        "projects.verify_fund": Message(zh="核实到资", en="verify funds"),
        "projects.import_fund": Message(zh="导入到资台账", en="import funds"),
        "projects.export_fund": Message(zh="导出到资台账", en="export the funds-in-place ledger"),
        "projects.view_figure": Message(zh="查看招商指标", en="view figures of promotion"),
        "projects.export_figure": Message(zh="导出招商指标背后的项目", en="export the projects behind figures"),
        "projects.hold_project": Message(zh="搁置、恢复或终止招商项目", en="hold up, resume or end projects"),
        "projects.view_review": Message(zh="查看准入评审和联合审查", en="view access reviews and joint reviews"),
        "projects.enter_review": Message(zh="填报准入评审、发起联合审查", en="fill in access reviews and begin joint reviews"),
        "projects.verify_review": Message(zh="核实准入评审的填报", en="verify what an access review says"),
        "projects.decide_review": Message(zh="作出准入评审决定", en="decide access reviews"),
        "projects.give_opinion": Message(zh="出具联合审查意见", en="give opinions in joint reviews"),
    }
    menu: ClassVar[list[Any]] = [
        MenuItem(gettext_lazy("招商线索"), "projects:leads", "list", "projects.view_lead", gettext_lazy("招引"), office=True),
        MenuItem(gettext_lazy("招商项目"), "projects:list", "checklist", "projects.view_project", gettext_lazy("招引"), office=True),
        MenuItem(gettext_lazy("招商协议"), "projects:agreements", "file-text", "projects.view_agreement", gettext_lazy("招引"), office=True),
        MenuItem(gettext_lazy("到资台账"), "projects:funds", "receipt-yuan", "projects.view_fund", gettext_lazy("招引"), office=True),
        MenuItem(gettext_lazy("约定履行"), "projects:obligations", "clipboard-check", "projects.view_agreement", gettext_lazy("招引"), office=True),
        MenuItem(gettext_lazy("招商指标"), "projects:figures", "chart-line", "projects.view_figure", gettext_lazy("招引"), office=True),
        MenuItem(gettext_lazy("联合审查"), "projects:joints", "scale", "projects.view_review", gettext_lazy("招引"), office=True),
        MenuItem(gettext_lazy("招商任务"), "projects:assignments", "stairs-up", "projects.view_assignment", gettext_lazy("招引"), office=True),
        MenuItem(gettext_lazy("招商周调度"), "projects:dispatch", "calendar", "projects.view_dispatch", gettext_lazy("招引"), office=True),
    ]
    search: ClassVar[list[Any]] = [
        Search(gettext_lazy("招商线索"), "projects.view_lead", later("diguan.projects.web.lead_lists.found"), order=50),
        Search(gettext_lazy("招商项目"), "projects.view_project", later("diguan.projects.web.project_lists.found"), order=51),
    ]
    verbs: ClassVar[dict[str, Any]] = {
        "lead_registered": gettext_lazy("登记线索"), "project_opened": gettext_lazy("立项"), "project_moved": gettext_lazy("项目进入下一阶段"),
        "project_changed": gettext_lazy("修改项目"), "project_team_named": gettext_lazy("明确链长、链班和服务专员"), "project_sent_back": gettext_lazy("退回项目阶段"), "project_status_changed": gettext_lazy("改变项目状态"),
        "project_evidence_entered": gettext_lazy("交项目材料"), "project_progress_noted": gettext_lazy("记下项目进展"), "project_step_done": gettext_lazy("办成下一步"),
        "access_review_started": gettext_lazy("开始准入评审"), "access_review_answered": gettext_lazy("填报准入评审"), "access_review_verified": gettext_lazy("核实准入评审"), "access_review_met": gettext_lazy("记下评审会"), "access_review_decided": gettext_lazy("作出准入评审决定"),
        "joint_review_started": gettext_lazy("发起联合审查"), "joint_opinion_given": gettext_lazy("出具联合审查意见"), "joint_review_closed": gettext_lazy("联合审查会商结束"),
        "agreement_entered": gettext_lazy("录入协议"), "agreement_proof_replaced": gettext_lazy("换协议扫描件"), "agreement_verified": gettext_lazy("核实协议"), "agreement_rejected": gettext_lazy("驳回协议"),
        "agreement_voided": gettext_lazy("作废协议"), "promise_entered": gettext_lazy("登记承诺"), "promise_reviewed": gettext_lazy("公平竞争审查"),
        "fund_entered": gettext_lazy("录入到资"), "funds_imported": gettext_lazy("导入到资台账"), "fund_proof_replaced": gettext_lazy("换到资凭证"), "fund_verified": gettext_lazy("核实到资"), "fund_rejected": gettext_lazy("驳回到资"),
        "fund_reversed": gettext_lazy("申请冲销到资"), "obligation_entered": gettext_lazy("登记约定"), "obligation_claimed": gettext_lazy("报约定履行"), "obligation_verified": gettext_lazy("核实约定履行"),
        "obligation_rejected": gettext_lazy("驳回约定履行"), "obligation_waived": gettext_lazy("豁免约定"), "obligation_late_told": gettext_lazy("提醒约定逾期（自动）"),
        "performance_entered": gettext_lazy("录入履约核查"), "performance_verified": gettext_lazy("核实履约核查"), "performance_rejected": gettext_lazy("驳回履约核查"),
        "returnee_claimed": gettext_lazy("申报回归项目"), "returnee_verified": gettext_lazy("核实回归项目"), "returnee_rejected": gettext_lazy("驳回回归项目"),
        "twins_ruled_apart": gettext_lazy("申报是两个项目"), "twin_ruling_verified": gettext_lazy("核实是两个项目"), "twin_ruling_rejected": gettext_lazy("驳回是两个项目"),
        "lead_changed": gettext_lazy("修改线索"), "lead_contact_revealed": gettext_lazy("查看联系人"), "leads_imported": gettext_lazy("导入线索表"),
        "lead_responded": gettext_lazy("首次联系"), "lead_judged": gettext_lazy("研判线索"), "lead_progress_told": gettext_lazy("写进展"), "lead_step_done": gettext_lazy("办成下一步"),
        "referrer_answered": gettext_lazy("答复引荐人"), "lead_laid_aside": gettext_lazy("搁置线索"), "lead_taken_up": gettext_lazy("重新跟进"), "lead_lost": gettext_lazy("线索流失"),
        "lead_duplicate": gettext_lazy("标为重复"), "lead_claimed": gettext_lazy("认领线索"), "lead_offered": gettext_lazy("提出交接"), "lead_handed_over": gettext_lazy("接手线索"),
        "lead_offer_closed": gettext_lazy("没有交接"), "lead_assigned": gettext_lazy("划转线索"), "lead_released": gettext_lazy("放开线索"), "lead_reminded": gettext_lazy("提醒线索超期"),
        "assignment_set": gettext_lazy("下达任务"), "assignment_changed": gettext_lazy("调整任务"),
    }
    panels: ClassVar[dict[str, list[Any]]] = {"project": [
        Panel(gettext_lazy("准入评审"), "projects.view_review", later("diguan.projects.queries.access.panel"), "projects/_access_panel.html", order=20),
        Panel(gettext_lazy("联合审查"), "projects.view_review", later("diguan.projects.queries.joint.panel"), "projects/_joint_panel.html", order=21),
        Panel(gettext_lazy("协议和承诺"), "projects.view_agreement", later("diguan.projects.web.ledger_panels.agreements"), "projects/_agreements.html", order=30),
        Panel(gettext_lazy("到资"), "projects.view_fund", later("diguan.projects.web.ledger_panels.funds"), "projects/_funds.html", order=31),
        Panel(gettext_lazy("履约"), "projects.view_agreement", later("diguan.projects.web.ledger_panels.fulfilment"), "projects/_fulfilment.html", order=32),
        Panel(gettext_lazy("湘商回归"), "projects.view_agreement", later("diguan.projects.web.ledger_panels.returnee"), "projects/_returnee.html", order=33),
    ]}
    desk: ClassVar[list[Any]] = [
        Desk("projects.change_lead", later("diguan.projects.web.lead_desk.desk")),
        Desk("projects.view_agreement", later("diguan.projects.web.ledger_desk.agreements")),
        Desk("projects.view_fund", later("diguan.projects.web.ledger_desk.funds")),
    ]
    notices: ClassVar[list[Any]] = [Kind("projects.obligation_late", gettext_lazy("约定逾期"), single=True), Kind("projects.lead_late", gettext_lazy("线索超期"), single=True), Kind("projects.lead_offered", gettext_lazy("线索交接"), single=True)]
    due: ClassVar[list[Any]] = [later("diguan.projects.actions.lead_notices.remind_due"), later("diguan.projects.actions.fulfilment.late_due")]
    subject_facts: ClassVar[dict[str, Any]] = {"lead": later("diguan.projects.queries.leads.facts_of"), "project": later("diguan.projects.queries.projects.facts_of")}

    def ready(self) -> None:
        """Make the actions, facts, measures and sheets known to the command line, the worker and the imports, which import no page."""
        from diguan.kernel.sheets.declare import register
        from diguan.projects.actions import (  # noqa: F401
            access,
            agreements,
            assignments,
            board,
            fulfilment,
            funds,
            joint,
            lead_holding,
            lead_import,
            lead_notices,
            lead_work,
            leads,
            projects,
            promises,
            proofs,
        )
        from diguan.projects.queries import figures, lines  # noqa: F401
        from diguan.projects.web.funds_sheet import RECORD_SHEET as FUNDS
        from diguan.projects.web.lead_sheet import RECORD_SHEET as LEADS

        register(FUNDS)
        register(LEADS)
