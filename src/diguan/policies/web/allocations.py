"""Pages of an allocation: every policy with what it gives out, and who gets it, waits, or has something else instead."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from diguan.enterprises import queries as register
from diguan.kernel import access, money
from diguan.kernel.facts.runs import Run
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.shell import asking, language, or_404
from diguan.policies import queries
from diguan.policies.actions import allocation as actions
from diguan.policies.queries import allocations
from diguan.policies.queries.allocations import DISPLACED, GRANTED, NOTHING, UNDECIDED, WAITLISTED, Line, Settled
from diguan.policies.queries.claims import HANDLE
from diguan.policies.web.lists import about

STATES = {GRANTED: ("ok", gettext_lazy("拟安排")), WAITLISTED: ("warn", gettext_lazy("轮候")), DISPLACED: ("mute", gettext_lazy("已选另一项")),
          UNDECIDED: ("unknown", gettext_lazy("未定")), NOTHING: ("mute", gettext_lazy("金额为零"))}
REASONS = {
    "unlimited": gettext_lazy("没有预算上限，全额安排"), "in_budget": gettext_lazy("排第 {place} 位，预算够"),
    "shared": gettext_lazy("预算不够全额，应得 {amount}，按比例安排"), "kept": gettext_lazy("以前已安排，保留"),
    "budget_used": gettext_lazy("排第 {place} 位，预算已由排在前面的用完"), "places_used": gettext_lazy("排第 {place} 位，名额已满"),
    "behind": gettext_lazy("排第 {place} 位；余下的 {left} 够它，但前面还有金额更大的在等，不越过"),
    "too_large": gettext_lazy("金额超过全部预算 {budget}"), "excluded": gettext_lazy("只能享受一项，已享受“{other}”"),
    "status_unknown": gettext_lazy("是否可享还没有数据判断，不参加分配"), "amount_unknown": gettext_lazy("可享，但金额还算不出，不参加分配"),
    "no_money": gettext_lazy("可享，按办法算出的金额是 0")}
LEFT_OUT = {allocations.CHANGED: gettext_lazy("比对之后改过，重新比对才能分配"), allocations.NOT_IN_FORCE: gettext_lazy("不在施行期"),
            allocations.UNPUBLISHABLE: gettext_lazy("还不能发布"), allocations.BARRED: gettext_lazy("全过程不在执行中（暂停、失效或还没发布）")}


def _titles() -> dict[str, str]:
    return {name: policy.label(language()) for name, policy in queries.library().policies.items()}


@require_GET
def one(request: HttpRequest, run_id: str) -> HttpResponse:
    """One allocation: every policy's sums against its budget."""
    row, titles = or_404(allocations.find(asking(request), run_id)), _titles()
    totals = allocations.totals_of(row)
    lines = [{"title": titles.get(name, name), "one": found, "out": LEFT_OUT.get(found.left_out, ""), "known": name in titles,
              "url": reverse("policies:allocated", args=[run_id, name]) if _listed(found) else ""} for name, found in totals.items()]
    given = [found for found in totals.values() if found.granted]
    return render(request, "policies/allocation.html", {
        "run": row, "lines": lines, "after": row.inputs["after"], "may_see_runs": access.may(asking(request), "facts.view_run"),
        "sum": sum(found.granted_fen for found in given), "firms": sum(found.granted for found in given)})


def _listed(found: Settled) -> bool:
    return bool(found.granted + found.waitlisted + found.displaced + found.undecided + found.nothing)


@require_GET
def listed(request: HttpRequest, run_id: str, policy_id: str) -> HttpResponse:
    """Everybody under one policy of an allocation, with state and reason; filters and export as every list."""
    row = or_404(allocations.find(asking(request), run_id))
    found = allocations.totals_of(row).get(policy_id)
    if found is None:
        raise Http404
    return page(row, found, export=request.GET.get("export") in ("xlsx", "csv")).show(
        request, run=row, one=found, policy_title=_titles().get(policy_id, policy_id), out=LEFT_OUT.get(found.left_out, ""),
        may_open=found.granted > 0 and access.may(asking(request), HANDLE))


def page(run: Run, found: Settled, *, export: bool = False) -> ListPage:
    """One policy of an allocation as a list page."""
    titles = _titles()
    title = titles.get(found.id, found.id)

    def rows(person: Any) -> list[Line]:
        lines = allocations.lines(person, run, found.id)
        return _exportable(person, lines) if export else lines

    return ListPage(
        title=_("分配：{title}").format(title=title), permission=allocations.VIEW, export_permission=queries.EXPORT, rows=rows, template="policies/allocated.html",
        file_name=f"allocation-{found.id}", empty=(gettext_lazy("没有可享或待定的企业"), ""), about=about(run, _("比对中可享或待定的企业，以及分配的结果和原因")),
        columns=(
            Column("enterprise.name", gettext_lazy("企业"), sort="enterprise.name_key", head=True, link=lambda line: reverse("policies:explanation", args=[found.id, line.enterprise.uscc]),
                   note=lambda line: line.enterprise.uscc),
            Column("enterprise.uscc", gettext_lazy("统一社会信用代码"), in_file=True),
            Column("state", gettext_lazy("结果"), kind="status", value=lambda line: STATES[line.state]),
            Column("place", gettext_lazy("排序"), kind="number", sort=True),
            Column("why", gettext_lazy("原因"), value=lambda line: why(line, found, titles)),
            Column("amount_fen", gettext_lazy("应得"), kind="money", sort=True),
            Column("granted_fen", gettext_lazy("拟安排"), kind="money", sort=True, value=lambda line: line.granted_fen if line.state == GRANTED else None),
            Column("enterprise.town", gettext_lazy("所在乡镇"), sort=True, wide=True)),
        filters=(Filter("q", gettext_lazy("企业名称或信用代码"), kind="search", fields=("enterprise.name", "enterprise.uscc")),
                 Filter("state", gettext_lazy("结果"), choices=[(name, words) for name, (_kind, words) in STATES.items()]),
                 Filter("town", gettext_lazy("所在乡镇"), choices=lambda person: [(text, text) for text in register.choices(person, "town")], fields=("enterprise.town",))))


def _exportable(person: Any, lines: list[Line]) -> list[Line]:
    firms = access.visible(register.visible_enterprises(person), person, queries.EXPORT).filter(pk__in=[line.enterprise.pk for line in lines])
    allowed = set(firms.values_list("pk", flat=True))
    return [line for line in lines if line.enterprise.pk in allowed]


def why(line: Line, found: Settled, titles: dict[str, str]) -> str:
    """The reason of one line in words, with what the firm got instead."""
    said = REASONS[line.reason].format(place=line.place, amount=_money(line.amount_fen), left=_money(found.left_fen), budget=_money(found.budget_fen),
                                       other=titles.get(line.other, line.other))
    if line.state == WAITLISTED and line.other:
        return _("{reason}；改为享受“{other}”").format(reason=said, other=titles.get(line.other, line.other))
    return said if line.in_match else _("{reason}；这次比对里已不可享，请复核").format(reason=said)


def _money(fen: int | None) -> str:
    return "—" if fen is None else money.words(fen, language())


@require_POST
def start(request: HttpRequest, run_id: str) -> HttpResponse:
    """Ask for an allocation of a match; it is worked out in the background."""
    actions.ask_allocation(by=asking(request), match=run_id, after=request.POST.get("after", ""))
    messages.success(request, _("已排上队，分好会显示在这里"))
    return redirect("policies:run", run_id)
