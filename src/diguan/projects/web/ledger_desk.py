"""What the ledger puts on the work desk: rows to verify, promises to review, obligations that are late or fall due."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from diguan.kernel import access
from diguan.kernel.declare import DeskItem
from diguan.projects.queries import agreements as signed
from diguan.projects.queries import counted
from diguan.projects.queries import fulfilment as owed
from diguan.projects.queries import funds as ledger


def agreements(person: Any) -> Iterator[DeskItem]:
    """Agreements, promises, obligations and claims of what this person may do."""
    page, obligations = reverse("projects:agreements"), reverse("projects:obligations")
    if count := signed.to_review(person).count():
        yield DeskItem("first", "warn", _("待审查"), ngettext("%(n)s 条承诺等公平竞争审查", "%(n)s 条承诺等公平竞争审查", count) % {"n": count}, _("没审查完，项目过不了签约关"), "", f"{page}?review=1", _("去审查"), 24)
    if count := signed.to_verify(person).count():
        yield DeskItem("first", "warn", _("待核实"), ngettext("%(n)s 份协议等您核实", "%(n)s 份协议等您核实", count) % {"n": count}, _("核实之前不计合同引资额"), "", f"{page}?state=entered", _("去核实"), 25)
    if access.may(person, signed.ENTER) or access.may(person, signed.VERIFY):
        yield from _owed(person, obligations)
    if count := owed.to_verify(person).count():
        yield DeskItem("week", "warn", _("待核实"), ngettext("%(n)s 条约定报了履行，等您核实", "%(n)s 条约定报了履行，等您核实", count) % {"n": count}, "", "", f"{obligations}?state=claimed", _("去核实"), 46)
    for check in owed.checks_to_verify(person)[:5]:
        yield DeskItem("week", "warn", _("待核实"), _("履约核查：{project}").format(project=check.project.name), "", "", reverse("projects:performance", args=[check.project_id]), _("去核实"), 47)
    for claim in counted.claims_to_verify(person)[:5]:
        yield DeskItem("week", "warn", _("待核实"), _("湘商回归认定：{project}").format(project=claim.project.name), "", "", reverse("projects:returnee", args=[claim.project_id]), _("去核实"), 48)
    for ruling in counted.rulings_to_verify(person)[:5]:
        yield DeskItem("week", "warn", _("待核实"), _("是不是两个项目：{one}、{other}").format(one=ruling.first.number, other=ruling.second.number), "", "", reverse("projects:apart", args=[ruling.first_id, ruling.second_id]), _("去核实"), 49)


def _owed(person: Any, page: str) -> Iterator[DeskItem]:
    rows = access.visible(owed.visible_obligations(person), person, signed.ENTER if access.may(person, signed.ENTER) else signed.VERIFY)
    if count := owed.late(rows).count():
        yield DeskItem("first", "bad", _("逾期"), ngettext("%(n)s 条约定逾期没有履行", "%(n)s 条约定逾期没有履行", count) % {"n": count}, _("问清原因：催办、报履行，或由另一个人豁免"), "", f"{page}?due=late", _("去看"), 27)
    if count := owed.due_soon(rows).count():
        yield DeskItem("week", "accent", _("快到期"), ngettext("%(n)s 条约定 30 天内到期", "%(n)s 条约定 30 天内到期", count) % {"n": count}, "", "", f"{page}?due=soon", _("去看"), 45)


def funds(person: Any) -> Iterator[DeskItem]:
    """Payments that wait for this person."""
    if count := ledger.to_verify(person).count():
        yield DeskItem("first", "warn", _("待核实"), ngettext("%(n)s 笔到资等您核实", "%(n)s 笔到资等您核实", count) % {"n": count}, _("核实之前不计到位资金"), "", reverse("projects:funds_waiting"), _("去核实"), 26)
