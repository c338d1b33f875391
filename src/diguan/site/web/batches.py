"""What came in: batches, one batch with its rows, and what is still missing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access, clocks, packs, timelines
from diguan.kernel.actions import Refusal
from diguan.kernel.catalogue import FactSpec
from diguan.kernel.facts import actions, batches, coverage
from diguan.kernel.facts.models import Batch, BatchState
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.sheets import shelf
from diguan.kernel.sheets.declare import names_of
from diguan.kernel.shell import asking, deliverers, language, or_404, source_name, trail, whole
from diguan.kernel.templatetags.diguan import address

ROWS = 50
STATES = {"staged": ("mute", gettext_lazy("待入库")), "committed": ("ok", gettext_lazy("已入库")), "withdrawn": ("warn", gettext_lazy("已撤回"))}
COVERED = (("month", gettext_lazy("按月报的"), 12), ("quarter", gettext_lazy("按季报的"), 8), ("year", gettext_lazy("按年报的"), 4))
CELLS = {"complete": ("ok", gettext_lazy("齐全")), "partial": ("warn", gettext_lazy("已报，未声明齐全")), "missing": ("unknown", gettext_lazy("未报"))}


def sheet_name(sheet: str) -> str:
    """A sheet in the page's language."""
    known = shelf.sheets()
    return known[sheet].label(language()) if sheet in known else source_name(sheet)


def _words(column: str) -> Any:
    name = source_name if column == "source" else sheet_name
    return lambda person: [(key, name(key)) for key in batches.batches(person).order_by(column).values_list(column, flat=True).distinct()]


def batch_filters() -> list[Filter]:
    """The filters of batches, of the page and of the API."""
    return [
        Filter("q", gettext_lazy("文件名或期间"), kind="search", fields=("file_name", "period")),
        Filter("source", gettext_lazy("来源"), choices=_words("source")),
        Filter("sheet", gettext_lazy("表"), choices=_words("sheet")),
        Filter("state", gettext_lazy("状态"), choices=[(state.value, STATES[state.value][1]) for state in BatchState]),
    ]


def _page() -> ListPage:
    return ListPage(
        title=_("批次"), permission=batches.VIEW, order="-committed_at", file_name="batches",
        rows=lambda person: batches.batches(person).select_related("created_by"),
        columns=[
            Column("id", gettext_lazy("批次号"), kind="text", sort=True, head=True, link=lambda row: reverse("site:batch", args=[row.pk])),
            Column("source", gettext_lazy("来源"), sort=True, value=lambda row: source_name(row.source)),
            Column("sheet", gettext_lazy("表"), sort=True, value=lambda row: sheet_name(row.sheet)),
            Column("period", gettext_lazy("期间"), sort=True),
            Column("rows", gettext_lazy("行数"), kind="number", sort=True),
            Column("created_by.name", gettext_lazy("经手人")),
            Column("committed_at", gettext_lazy("入库时间"), kind="moment", sort=True),
            Column("state", gettext_lazy("状态"), kind="status", value=lambda row: STATES[row.state]),
        ],
        filters=batch_filters(),
        empty=(_("还没有批次"), _("本单位导入一份表，就有第一个批次；别人代交的不在这里，看“数据覆盖”。"), reverse("site:imports"), _("导入")),
    )


@require_GET
def batch_list(request: HttpRequest) -> HttpResponse:
    """Every batch the person may see."""
    return _page().show(request)


def _found(request: HttpRequest, number: int) -> Batch:
    access.require(asking(request), batches.VIEW)
    return or_404(batches.batch(asking(request), number))


@require_GET
def batch(request: HttpRequest, number: int) -> HttpResponse:
    """One batch: where it came from, what it covers, its rows, who did what."""
    row = _found(request, number)
    return render(request, "site/batch.html", _about(request, row))


def _about(request: HttpRequest, row: Batch) -> dict[str, Any]:
    page = _page_number(request.GET.get("page", ""))
    may_see = access.may(asking(request), "facts.view_fact")
    catalogue, words = packs.catalogue(), language()
    rows = batches.content(asking(request), row, ROWS, (page - 1) * ROWS) if may_see else []
    names = names_of(row.subject, {line["subject_id"] for line in rows})
    for line in rows:
        line["name"] = names.get(line["subject_id"], "")
        spec = catalogue.get(line["fact"])
        line["title"] = spec.label(words) if spec else line["fact"]
        line["unit"] = {"date": "date", "bool": "bool"}.get(spec.type, spec.unit) if spec else ""
    covered = [(catalogue[one.fact].label(words) if one.fact in catalogue else one.fact, one.period) for one in row.coverage.all()]
    return {
        "batch": row, "source": source_name(row.source), "sheet": sheet_name(row.sheet), "state": STATES[row.state], "rows": rows,
        "page": page, "previous": page - 1, "next": page + 1 if len(rows) == ROWS else 0, "covered": covered, "may_see": may_see,
        "may_withdraw": row.state == BatchState.COMMITTED and access.may(asking(request), batches.IMPORT, row),
        "lines": trail(timelines.of(asking(request), row)),
    }


def _page_number(text: str) -> int:
    return max(whole(text, 8), 1)


@require_POST
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Take a batch back, with a reason."""
    row = _found(request, number)
    try:
        actions.withdraw_batch(batch=row, by=asking(request), reason=request.POST.get("reason", "")[:500])
    except access.Forbidden:
        raise
    except Refusal as refusal:
        for text in refusal.texts(get_language() or "zh"):
            messages.error(request, text)
    else:
        messages.success(request, _("已撤回"))
    return redirect("site:batch", number)


@require_GET
def coverage_page(request: HttpRequest) -> HttpResponse:
    """Fact by month, quarter or year: what has come and what is missing; the period people ask about first stands first."""
    columns = {kind: coverage.ended(clocks.today(), kind, count)[::-1] for kind, _title, count in COVERED}
    found = coverage.matrix(asking(request), packs.catalogue(), columns)
    tables = [{"kind": kind, "title": title, "columns": columns[kind], "lines": [_covered(line) for line in found[kind]]} for kind, title, _count in COVERED]
    return render(request, "site/coverage.html", {"tables": tables})


def _covered(line: coverage.Line) -> dict[str, Any]:
    return {"title": line.spec.label(language()), "source": "、".join(deliverers(line.spec)),
            "cells": [(cell.period, *CELLS[cell.state], cell.batches[0] if cell.batches else None) for cell in line.cells]}


@require_GET
def disputes(request: HttpRequest) -> HttpResponse:
    """The enterprises of which two sources tell different values of one fact in one month, side by side."""
    spec = packs.catalogue().get(request.GET.get("fact", ""))
    period = request.GET.get("period", "")[:20]
    if spec is None:
        raise Http404
    told = coverage.disputed(asking(request), packs.catalogue(), spec.name, period)
    return render(request, "site/disputes.html", {"fact": spec.label(language()), "period": period, "lines": _sides(told, spec),
                                                  "sources": [source_name(source) for source in spec.sources]})


def _sides(told: list[coverage.Told], spec: FactSpec) -> list[tuple[Any, ...]]:
    names = names_of(spec.subject, {line.subject_id for line in told})
    return [(names.get(line.subject_id, line.subject_id), line.subject_id, address("enterprises:dossier", line.subject_id),
             [(source_name(source), _side(line.values.get(source), spec)) for source in spec.sources]) for line in told]


def _side(value: tuple[str, int | None, str | None] | None, spec: FactSpec) -> dict[str, Any] | None:
    if value is None:
        return None
    return {"state": value[0], "num": value[1], "text": value[2], "unit": spec.unit}
