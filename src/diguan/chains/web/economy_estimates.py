"""Pages of estimates: what one project, or visitors, set in motion; the list of them, and several added."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from diguan.chains.actions.economy import estimate_effect
from diguan.chains.engine.effect import KINDS
from diguan.chains.models import Estimate, EstimateKind
from diguan.chains.queries import economy as queries
from diguan.chains.queries import economy_estimates as sums
from diguan.chains.queries import shelf
from diguan.chains.queries.coverage import EXPORT_CHAIN
from diguan.chains.web import economy_words as said
from diguan.chains.web import words
from diguan.chains.web.economy_forms import ProjectForm, TourismForm
from diguan.chains.web.economy_pages import rights, seen
from diguan.kernel import access
from diguan.kernel.forms import done
from diguan.kernel.lists.pages import Column, Filter, ListPage
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.shell import asking, language, or_404, whole

SORTS = {EstimateKind.PROJECT.value: gettext_lazy("一个项目"), EstimateKind.TOURISM.value: gettext_lazy("文旅")}
"""“项目” alone is a table's item in the other rooms' words, and so in English."""


def address_of(row: Estimate) -> str:
    """Where one estimate is."""
    return reverse("chains:estimate", args=[row.pk])


def _middle(row: Estimate, kind: str) -> str:
    """The middle of a year's effect, or nothing where it is not known."""
    bands = row.result["I"]["operation"]["bands"] if row.kind == EstimateKind.PROJECT else row.result["direct"]
    if kind not in bands:
        return ""
    mid = bands[kind][1] if row.kind == EstimateKind.PROJECT else sum(row.result[part][kind][1] for part in ("direct", "indirect", "induced"))
    return said.of_kind(kind, mid)


def _warning(row: Estimate) -> str:
    return "；".join(said.kept(row.basis)["warnings"])


LIST = ListPage(
    title=gettext_lazy("项目和文旅的估计"), rows=queries.estimates, permission=queries.VIEW, export_permission=EXPORT_CHAIN, file_name="estimates", template="chains/economy_estimates.html",
    columns=(
        Column("title", gettext_lazy("名称"), sort="title", link=address_of, head=True, note=lambda row: _("示例表：数字是编造的") if row.basis["example"] else ""),
        Column("pk", gettext_lazy("估计号"), kind="number", sort="id"),
        Column("kind", gettext_lazy("类别"), value=lambda row: str(SORTS[row.kind]), sort="kind"),
        Column("value_added", gettext_lazy("年增加值（估计，中间值）"), value=lambda row: _middle(row, "value_added"), nothing=gettext_lazy("未知")),
        Column("jobs", gettext_lazy("就业（估计，中间值）"), value=lambda row: _middle(row, "jobs"), nothing=gettext_lazy("未知")),
        Column("tax", gettext_lazy("年税收（估计，中间值）"), value=lambda row: _middle(row, "tax"), nothing=gettext_lazy("未知")),
        Column("created_at", gettext_lazy("估计时间"), kind="moment", sort="created_at", wide=True),
        Column("created_by.name", gettext_lazy("估计人"), wide=True),
        Column("caption", gettext_lazy("凭什么"), value=lambda row: said.kept(row.basis)["caption"], in_file=True),
        Column("warnings", gettext_lazy("警告"), value=_warning, in_file=True),
    ),
    filters=(Filter("q", gettext_lazy("名称"), kind="search", fields=("title",)), Filter("kind", gettext_lazy("类别"), choices=tuple(SORTS.items()))),
    empty=(gettext_lazy("还没有估计"), gettext_lazy("从“估计一个项目”开始；估计一经保存就不再改，可以引用。")),
)


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Every kept estimate."""
    return LIST.show(request, **rights(asking(request)))


def project(request: HttpRequest) -> HttpResponse:
    """Tell of a project; what it sets in motion is kept. ``?node=`` fills in the node's sector."""
    person = asking(request)
    access.require(person, queries.ESTIMATE)
    found, wrong = seen(request)
    if found is None:
        return render(request, "chains/economy_form.html", {"none": True, "wrong": wrong, "project": True})
    node = shelf.node(request.GET.get("node", "")[:60])
    initial = {"node": node.id, "title": _("{node}项目").format(node=words.said(node.name)), "sector": node.io_sector if node.io_sector in found.table.codes else ""} if node else {}
    form = ProjectForm(request.POST if request.method == "POST" else None, table=found.table, initial=initial)
    saved = done(request, form, lambda: estimate_effect(kind=EstimateKind.PROJECT, title=form.cleaned_data["title"], inputs=form.inputs(), node=form.cleaned_data["node"] if shelf.node(form.cleaned_data["node"]) else "", by=person))
    if saved:
        return redirect(address_of(saved))
    return render(request, "chains/economy_form.html", {"form": form, "items": form.items(), "node": words.said(node.name) if node else "", "basis": said.basis(found.basis), "project": True,
                                                        "no_sector": bool(node and not initial.get("sector"))}, status=422 if form.errors else 200)


def tourism(request: HttpRequest) -> HttpResponse:
    """Tell of a year's visitors."""
    person = asking(request)
    access.require(person, queries.ESTIMATE)
    found, wrong = seen(request)
    if found is None or found.closed is None:
        why = [found.no_closed.text(language())] if found and found.no_closed else wrong
        return render(request, "chains/economy_form.html", {"none": True, "wrong": why})
    form = TourismForm(request.POST if request.method == "POST" else None, table=found.table)
    saved = done(request, form, lambda: estimate_effect(kind=EstimateKind.TOURISM, title=form.cleaned_data["title"], inputs=form.inputs(), by=person))
    if saved:
        return redirect(address_of(saved))
    return render(request, "chains/economy_form.html", {"form": form, "items": form.items(), "basis": said.basis(found.closed_basis or found.basis)}, status=422 if form.errors else 200)


@require_GET
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """One estimate as it was made: one page of paper."""
    person = asking(request)
    access.require(person, queries.VIEW)
    row = or_404(queries.estimates(person).filter(pk=number).first())
    context: dict[str, Any] = {"row": row, "basis": said.kept(row.basis), "node": words.node(row.node) if row.node else "", "chains": shelf.chains_of(row.node) if row.node else ()}
    return render(request, "chains/economy_estimate.html", {**context, **(_project(row) if row.kind == EstimateKind.PROJECT else _tourism(row))})


def _project(row: Estimate) -> dict[str, Any]:
    first, second = row.result["I"], row.result.get("II")
    phases = [{"name": name, "lines": [_line(kind, first[phase], second and second[phase]) for kind in KINDS if kind in first[phase]["bands"]]} for phase, name in said.PHASES.items()]
    net = first["operation"]["bands"]["output"]
    claim, gross, middle = row.result["national"], row.result["gross"], net[1]
    return {"phases": phases, "inputs": _project_inputs(row), "claim": said.amount(claim), "gross": said.amount(gross), "net": said.band("output", net), "part": said.share(middle / gross, 0) if gross else ""}


def _line(kind: str, first: Any, second: Any) -> dict[str, Any]:
    return {"word": said.KINDS[kind], "direct": said.band(kind, first["direct"][kind]), "all": said.band(kind, first["bands"][kind]),
            "induced": said.band(kind, second["bands"][kind]) if second and kind in second["bands"] else None}


def _project_inputs(row: Estimate) -> list[tuple[str, str]]:
    told = row.inputs
    found = [(_("产业部门"), row.result["sector"]), (_("年销售额"), said.amount(told["sales"])), (_("卖给本县企业"), _range(told["sold"])), (_("替代率"), _range(told["displacement"])), (_("无谓损失率"), _range(told["deadweight"]))]
    found += [(each.get("item") or each["sector"], _("{money}，在本县买 {share}").format(money=said.amount(each["fen"]), share=_range(each["share"]))) for each in told["building"]]
    found += [(_("项目自身{what}").format(what=said.KINDS[kind]), said.of_kind(kind, value)) for kind, value in told.get("own", {}).items()]
    return found + ([(_("本地客户"), _("、").join(told["customers"]))] if told.get("customers") else [])


def _range(band: Any) -> str:
    if band is None:
        return _("不知道，按 0 到 100%")
    return said.share(band[0], 0) if band[0] == band[2] else f"{said.share(band[0], 0)}–{said.share(band[2], 0)}"


def _tourism(row: Estimate) -> dict[str, Any]:
    found = row.result
    kinds = [kind for kind in KINDS if kind in found["direct"]]
    lines = [{"word": said.KINDS[kind], **{part: said.band(kind, found[part][kind]) for part in ("direct", "indirect", "induced")},
              "all": said.band(kind, [sum(found[part][kind][end] for part in ("direct", "indirect", "induced")) for end in range(3)])} for kind in kinds]
    lever = found["leverage"]
    return {"lines": lines, "spent": said.band("output", found["spent"]), "tickets": said.band("output", found["tickets"]),
            "leverage": {"mid": f"{lever[1]:.1f}", "range": f"{lever[0]:.1f}–{lever[2]:.1f}"} if lever else None, "definition": found["definition"]["zh" if language().startswith("zh") else "en"],
            "inputs": [(_("接待人次"), f"{row.inputs['visits']:,}"), (_("外来游客的比例"), _range(row.inputs["outside"])), (_("一日游的比例"), _range(row.inputs["day"])),
                       *((item["item"], _("一日游 {day} 元、过夜 {night} 元").format(day=f"{item['day'] / 100:g}", night=f"{item['night'] / 100:g}")) for item in row.inputs["items"])]}


@require_GET
def added(request: HttpRequest) -> HttpResponse:
    """Several projects together, or why they are not added."""
    person = asking(request)
    access.require(person, queries.VIEW)
    every = list(queries.estimates(person).filter(kind=EstimateKind.PROJECT)[:200])
    picked = {whole(each) for each in request.GET.getlist("pick")}
    rows, found, wrong = [row for row in every if row.pk in picked], [], list[str]()
    if picked:
        try:
            found = sums.added(rows)
        except Forbidden:
            raise
        except Refusal as refusal:
            wrong = refusal.texts(language())
    phases = [{"name": said.PHASES[each.phase], "lines": [(said.KINDS[kind], said.band(kind, ends)) for kind, ends in each.bands.items()]} for each in found]
    return render(request, "chains/economy_sum.html", {"rows": [(row, row.pk in picked) for row in every], "phases": phases, "wrong": wrong, "basis": said.kept(rows[0].basis) if found else None},
                  status=422 if wrong else 200)
