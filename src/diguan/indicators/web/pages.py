"""Pages of indicators: all of them, one over time and by its parts, the rows behind a figure, the snapshots."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from diguan.indicators import queries
from diguan.indicators.actions import snapshots as actions
from diguan.indicators.engine.tables import PARTIAL
from diguan.indicators.engine.terms import DISTINCT, KINDS, Indicator
from diguan.indicators.queries import article as printed
from diguan.indicators.queries import behind, compute, open_data, register, snapshots, wording
from diguan.indicators.queries.snapshots import Cell, Figures
from diguan.indicators.web import change_words, standing, tables, words
from diguan.kernel import access, clocks, pictures
from diguan.kernel.facts import runs
from diguan.kernel.facts.runs import Run
from diguan.kernel.forms import refused
from diguan.kernel.lists import Column
from diguan.kernel.shell import asking, language, or_404, whole

SHOWN = 13
"""So many periods stand in an indicator's table at first."""


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All of them, with their last figures."""
    return tables.PAGE.show(request, run=snapshots.current(), may_take=access.may(asking(request), queries.SNAPSHOT), open_data=open_data.turned_on() is not None)


def asked(request: HttpRequest, code: str) -> tuple[Indicator, Figures | None]:
    """The indicator of this address and the snapshot that is asked for.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), queries.VIEW)
    one = or_404(next((each for each in register.visible(asking(request)) if each.code == code), None))
    return one, snapshots.figures(asking(request), run_asked(request))


def run_asked(request: HttpRequest) -> Run | None:
    """The snapshot named in the address, None where none is.

    Raises:
        Http404: there is no such snapshot.
    """
    name = request.GET.get("snapshot", "")
    return or_404(snapshots.named(name)) if name else None


@require_GET
def indicator(request: HttpRequest, code: str) -> HttpResponse:
    """One over time, and by the parts of one breakdown in one period."""
    one, found = asked(request, code)
    cells = found.series(code) if found else []
    period = request.GET.get("period", "")
    cell = found.cell(code, period) if found else None
    dim = request.GET.get("by", "")
    dim = dim if dim in one.by else (one.by[0] if one.by else "")
    refused = compute.refusal(register.book(), one, found.run.as_of) if found else None
    named = request.GET.get("snapshot", "")  # its figures open the rows of that snapshot
    return render(request, "indicators/indicator.html", {
        "standing": standing.of(asking(request), found, one, cell),
        "one": one, "title": one.title.text(language()), "definition": one.definition.text(language()), "owner": one.owner.text(language()), "source": one.source.text(language()), "scope": words.SCOPES[one.scope],
        "direction": words.DIRECTIONS[one.direction], "change": words.CHANGES.get(one.change, ""), "run": found.run if found else None, "refused": refused.text(language()) if refused else "",
        "cell": cell, "absent": period if found and cell is None else "", "shown": words.shown(one, cell), "status": words.status_of(cell), "lacking": wording.lacking(one, cell, language()) if cell and cell.state == PARTIAL else "", "lines": [_line(one, each, named) for each in reversed(cells)][:SHOWN], "chart": _chart(one, cells, named), "rows_url": words.told_address(one, cell, named), "named": named,
        "dims": [(name, words.dim_words(name), name == dim) for name in one.by], "dim": words.dim_words(dim) if dim else "", "by_dim": words.within(words.dim_words(dim)) if dim else "", "parts": _parts(found, one, cell, dim, named) if found and cell and dim else [],
        "versions": [(each, each.why.text(language()) if each.why else "") for each in reversed(register.book().versions[code])]})


def _line(one: Indicator, cell: Cell, named: str) -> dict[str, Any]:
    return {"period": cell.period, "shown": words.shown(one, cell), "status": words.status_of(cell), "url": words.rows_address(cell, named), "told": cell.told, "expected": cell.expected, "version": cell.version}


def _parts(found: Figures, one: Indicator, cell: Cell, dim: str, named: str) -> list[dict[str, Any]]:
    rows = [(group, found.cell(one.code, cell.period, dim, group)) for group in found.groups(one.code, dim)]
    return [{"group": words.part_words(dim, group), **_line(one, each, named)} for group, each in sorted(rows, key=lambda pair: -(pair[1].value(one) or 0) if pair[1] else 0) if each]


def _chart(one: Indicator, cells: list[Cell] | Any, named: str) -> pictures.Chart | None:
    """The last two years; a new version begins a new line."""
    last = cells[-25:]
    versions = sorted({cell.version for cell in last})
    series = [pictures.Series(one.title.text(language()) if len(versions) == 1 else _("第 {n} 版口径").format(n=version), [_point(one, cell) if cell.version == version else None for cell in last], urls=[words.told_address(one, cell, named) if cell.version == version else "" for cell in last])
              for version in versions]
    return pictures.chart(series, [cell.period for cell in last], words.unit_words(one.unit), zh=language() == "zh") if any(cell.num is not None for cell in last) else None


def _point(one: Indicator, cell: Cell) -> float | None:
    found = cell.value(one)
    return None if found is None else float(found)


@require_GET
def rows(request: HttpRequest, code: str) -> HttpResponse:
    """The rows behind one figure, each opening its record."""
    one, found = asked(request, code)
    if found is None:
        raise Http404
    cell = or_404(found.cell(code, request.GET.get("period", ""), request.GET.get("dim", ""), request.GET.get("group", "")))
    sides = behind.sides(asking(request), found.run, one, cell, found.book) if cell.num is not None else []
    chosen = sides[min(whole(request.GET.get("side", "")), len(sides) - 1)] if sides else None
    page = replace(tables.ROWS, title=one.title.text(language()), rows=lambda _person: list(chosen.rows) if chosen else [], columns=_counting(chosen) if chosen else tables.ROWS.columns,
                   about=[(_("口径"), one.definition.text(language())), (_("期间"), cell.period), (_("快照"), found.run.run_id)])
    return page.show(request, one=one, cell=cell, shown=words.shown(one, cell), status=words.status_of(cell), definition=one.definition.text(language()), run=found.run, hidden=chosen.hidden if chosen else 0,
                     group=words.part_words(cell.dim, cell.group), told=cell.num is not None, once=sum(row.num or 0 for row in chosen.rows) if chosen and chosen.source.fold in (DISTINCT, KINDS) else None, snapshot=request.GET.get("snapshot", ""),
                     sides=[(at, each.indicator.title.text(language()), behind.ROLES[each.role].text(language()), each.period, each is chosen) for at, each in enumerate(sides)])


def _counting(side: behind.Side) -> tuple[Any, ...]:
    """The columns of rows, with what each counts for in its own unit."""
    unit, scale = behind.unit_of(side.source)
    columns = [replace(column, value=lambda row: "" if row.num is None else words.counting(unit, scale, row.num, row.of)) if column.key == "num" else column for column in tables.ROWS.columns]
    if side.source.each:
        columns.insert(2, Column("kind", words.dim_words(side.source.each), value=lambda row: words.part_words(side.source.each, row.kind) if row.kind else "", sort=True, nothing=gettext_lazy("没有填")))
    return tuple(columns)


@require_GET
def article(request: HttpRequest) -> HttpResponse:
    """What was printed of the county, figure by figure, beside ours."""
    access.require(asking(request), queries.VIEW)
    told = printed.article()
    run = printed.snapshot_of(told.as_of) if told else None
    counts = Counter(each.row.state for each in tables.printed(asking(request)))
    return tables.ARTICLE.show(request, told=told, source=told.source.text(language()) if told else "", run=run, may_take=access.may(asking(request), queries.SNAPSHOT),
                               counts=[(state, *words.JUDGED[state], counts[state]) for state in words.JUDGED if counts[state]])


# ── snapshots ────────────────────────────────────────────────────────────────
@require_GET
def snapshot_list(request: HttpRequest) -> HttpResponse:
    """Every snapshot, the newest first."""
    return tables.SNAPSHOTS.show(request, may_take=access.may(asking(request), queries.SNAPSHOT), today=clocks.today(), first=actions.FIRST)


@require_GET
def snapshot(request: HttpRequest, run_id: str) -> HttpResponse:
    """One snapshot: what went in."""
    access.require(asking(request), queries.VIEW)
    run = or_404(snapshots.named(run_id))
    found = snapshots.figures(asking(request), run)
    assert found is not None
    earlier = [each for each in snapshots.kept(asking(request))[:8] if each.pk != run.pk]
    lines = [(one.title.text(language()), tables.address_of(one.code), found.cell(one.code), one) for one in register.visible(asking(request))]
    return render(request, "indicators/snapshot.html", {"run": run, "earlier": [(each, change_words.run_words(each)) for each in earlier if runs.intact(each)][:3], "batches": len(run.inputs["data"]), "may_export": access.may(asking(request), queries.EXPORT), "lines": [{"title": title, "url": url, "shown": words.shown(one, cell), "rows": words.told_address(one, cell, run.run_id), "status": words.status_of(cell), "cell": cell} for title, url, cell, one in lines if cell]})


@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """Take one in the background, of today or of the day the form names."""
    access.require(asking(request), queries.SNAPSHOT)
    try:
        day = dt.date.fromisoformat(request.POST["as_of"]) if request.POST.get("as_of") else None
    except ValueError:
        messages.error(request, _("看不懂这个日期"))
        return redirect("indicators:snapshots")
    refusal = refused(lambda: actions.enqueue_snapshot(by=asking(request), as_of=day))
    if refusal is not None:
        messages.error(request, " ".join(refusal.texts(language())))
    else:
        messages.success(request, _("已排上，算好了列在这里"))
    return redirect("indicators:snapshots")
