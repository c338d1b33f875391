"""Pages of the regional economy: multipliers with their bands, tables and the county's figures, how we know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diguan.chains.actions import economy as actions
from diguan.chains.engine import known
from diguan.chains.models import IoTable
from diguan.chains.queries import economy as queries
from diguan.chains.queries import economy_files as files
from diguan.chains.queries.coverage import EXPORT_CHAIN
from diguan.chains.queries.economy import Economy
from diguan.chains.web import economy_words as said
from diguan.chains.web.economy_forms import RegionForm, SectorsForm, TableForm
from diguan.kernel import access, clocks
from diguan.kernel.forms import done, refused
from diguan.kernel.lists.files import XLSX, download, xlsx
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.shell import asking, language, or_404


def rights(person: Any) -> dict[str, Any]:
    """What the pages offer."""
    return {"tabs": said.tabs(), "may_import": access.may(person, queries.IMPORT), "may_estimate": access.may(person, queries.ESTIMATE), "may_export": access.may(person, EXPORT_CHAIN)}


def seen(request: HttpRequest) -> tuple[Economy | None, list[str]]:
    """The county's economy, or why the rows in store make none."""
    person = asking(request)
    try:
        return queries.economy(person), []
    except Forbidden:
        raise
    except Refusal as refusal:
        return None, refusal.texts(language())


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Multipliers of every sector, how far they reach, and what they rest on."""
    found, wrong = seen(request)
    row = found.row if found else queries.current()
    context: dict[str, Any] = {"economy": found, "wrong": wrong, "row": row, **rights(asking(request))}
    if found:
        basis = found.closed_basis or found.basis
        context |= {"lines": said.lines(found), "mean": said.mean(found), "basis": said.basis(basis), "per": said.per_word(found), "no_closed": found.no_closed.text(language()) if found.no_closed else "",
                    "unit": found.table.basis.unit, "asked": len(found.shares), "least": queries.LEAST_ASKED, "deltas": sorted(found.basis.delta), "learned": found.learned, "year": found.year}
    return render(request, "chains/economy.html", context)


@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The same as a workbook, what it rests on above the figures."""
    person = asking(request)
    access.require(person, queries.VIEW)
    access.require(person, EXPORT_CHAIN)
    found = or_404(queries.economy(person))
    return download(xlsx(_sheet(found), _("区域经济"), [(_("取出人"), person.name), (_("取出时间"), str(clocks.today()))]), XLSX, f"economy-{found.table.basis.year}.xlsx")


def _sheet(found: Economy) -> list[list[Any]]:
    head = [_("部门代码"), _("产业部门")]
    columns: list[Any] = []
    for kind in queries.KINDS:
        for closed in (False, True):
            if (matrix := found.effects(kind, closed)) is not None:
                columns += [matrix[end] for end in range(3)]
                head += [f"{said.KINDS[kind]} {'II' if closed else 'I'} {end}" for end in (_("低"), _("中"), _("高"))]
    head += [_("影响力系数"), _("感应度系数"), _("断链损失占总产出")]
    columns += [found.linkages.backward, found.linkages.forward, found.extraction.share]
    body: list[list[Any]] = [[code, found.table.names[at], *(said.rounded(float(column[at]), 4) for column in columns)] for at, code in enumerate(found.table.codes)]
    top = [list(pair) for pair in said.spoken(found.closed_basis or found.basis).exported(language())]
    wide = len(head)
    return [line + [None] * (wide - len(line)) for line in [*top, [_("说明"), _("全部是估计；每单位最终需求带动多少，就业按人计，其余按金额计")], [], head, *body]]


@require_GET
def how_known(request: HttpRequest) -> HttpResponse:
    """A textbook's answers beside ours, worked out while you wait."""
    access.require(asking(request), queries.VIEW)
    found, _wrong = seen(request)
    checks = known.properties(found.table if found else None, found.opened[1] if found else None)
    return render(request, "chains/economy_known.html", {"tabs": said.tabs(), "answers": known.textbook(), "checks": [(each.what.text(language()), each.holds, each.said) for each in checks], "book": known.BOOK.text(language()),
                                                         "measured": known.MEASURED, "basis": said.basis(found.basis) if found else None})


# ── tables ───────────────────────────────────────────────────────────────────
def tables(request: HttpRequest) -> HttpResponse:
    """Every table, and the form to bring one."""
    person = asking(request)
    access.require(person, queries.VIEW)
    may = access.may(person, queries.IMPORT)
    if request.method == "POST":
        access.require(person, queries.IMPORT)
    form = TableForm(*_sent(request)) if may else None
    if form is not None:
        saved = done(request, form, lambda: actions.bring_table(file=form.sent(), source=form.cleaned_data["source"], region=form.cleaned_data["region"], level=form.cleaned_data["level"], by=person))  # type: ignore[arg-type]
        if saved:
            return redirect("chains:economy_table", number=saved.pk)
    return render(request, "chains/economy_tables.html", {"tables": queries.tables(person), "levels": said.LEVELS, "form": form, **rights(person)}, status=422 if form is not None and form.errors else 200)


def table_of(request: HttpRequest, number: int) -> IoTable:
    """The table of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), queries.VIEW)
    return or_404(queries.table(asking(request), number))


@require_GET
def table(request: HttpRequest, number: int) -> HttpResponse:
    """What was read of a file, with every imbalance named; taken in from here."""
    return _table(request, table_of(request, number))


def _table(request: HttpRequest, row: IoTable, status: int = 200, **more: Any) -> HttpResponse:
    person, wrong = asking(request), list[str]()
    try:
        read = files.table_of(row)
    except Refusal as refusal:
        return render(request, "chains/economy_table.html", {"row": row, "gone": refusal.texts(language()), **rights(person)})
    wrong = [each.text(language()) for each in files.faults(read)]
    added, output = read.added(), read.output
    return render(request, "chains/economy_table.html", {
        "row": row, "level": said.LEVELS[row.level], "basis": said.basis(read.basis), "faults": wrong[:20], "more": max(len(wrong) - 20, 0), "off": said.share(row.off, 2), "too_far": row.off > files.MOST_OFF,
        "sectors": [(code, read.names[at], said.rounded(float(output[at]), 4), said.rounded(float(added[at]), 4), sum(sector == code for sector in row.sectors.values())) for at, code in enumerate(read.codes)],
        "output": said.rounded(float(output.sum()), 4), "value_added": said.rounded(float(added.sum()), 4), "kinds": sorted(read.satellites), "year": queries.region_year(row), "sector_form": SectorsForm(), **rights(person), **more}, status=status)


def _do(request: HttpRequest, number: int, deed: Callable[[IoTable], Any], word: str) -> HttpResponse:
    row = table_of(request, number)
    refusal = refused(lambda: deed(row))
    if refusal is not None:
        return _table(request, row, 422, error=" ".join(refusal.texts(language())))
    messages.success(request, word)
    return redirect("chains:economy_table", number=row.pk)


@require_POST
def keep(request: HttpRequest, number: int) -> HttpResponse:
    """Take a table in."""
    return _do(request, number, lambda row: actions.keep_table(table=row, by=asking(request)), _("已入库，从现在起用这张表"))


@require_POST
def choose(request: HttpRequest, number: int) -> HttpResponse:
    """Use another table."""
    return _do(request, number, lambda row: actions.choose_table(table=row, by=asking(request)), _("从现在起用这张表"))


@require_POST
def sectors(request: HttpRequest, number: int) -> HttpResponse:
    """Bring the industries of a table's sectors."""
    form = SectorsForm(*_sent(request))
    if not form.is_valid():
        return _table(request, table_of(request, number), 422, error=_("请选择对照文件"))
    return _do(request, number, lambda row: actions.bring_sectors(table=row, file=form.sent(), by=asking(request)), _("对照已导入"))  # type: ignore[arg-type]


@require_POST
def take_example(request: HttpRequest) -> HttpResponse:
    """Use the example."""
    actions.take_example(by=asking(request))
    messages.success(request, _("现在用的是示例表：数字是编造的，每页都会写明"))
    return redirect("chains:economy")


def region(request: HttpRequest, number: int) -> HttpResponse:
    """Tell the county's figures by a table's sectors."""
    person, row = asking(request), table_of(request, number)
    access.require(person, queries.IMPORT)
    form = RegionForm(*_sent(request), unit=row.unit, initial={"name": _("本县"), "year": row.year, "unit": row.unit})
    saved = done(request, form, lambda: actions.tell_region(table=row, said=form.said(), proxy=form.cleaned_data["proxy"], file=form.sent(), unit=form.cleaned_data["unit"], by=person))
    if saved:
        messages.success(request, _("记下了，乘数从现在起按这些数算"))
        return redirect("chains:economy")
    return render(request, "chains/economy_region.html", {"row": row, "form": form, "sectors": len(row.sectors)}, status=422 if form.errors else 200)


def _sent(request: HttpRequest) -> tuple[Any, ...]:
    return (request.POST, request.FILES) if request.method == "POST" else ()
