"""Pages of what changed between two snapshots: all figures, and why one of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from diguan.indicators.engine import tables as states
from diguan.indicators.queries import EXPORT, VIEW, changes, published, register, snapshots, why
from diguan.indicators.queries.changes import Changed
from diguan.indicators.queries.snapshots import Cell
from diguan.indicators.queries.why import Row, Why
from diguan.indicators.web import change_words, words
from diguan.indicators.web.pages import asked
from diguan.kernel import access
from diguan.kernel.facts.runs import Run
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.measures import COUNTED
from diguan.kernel.shell import asking, language, or_404, source_name

CHANGES = ListPage(
    title=gettext_lazy("两份快照之间变了的数"), rows=lambda person: (), columns=(), permission=VIEW, export_permission=EXPORT, file_name="changes", template="indicators/against.html",
    empty=(gettext_lazy("这两份快照的数一样"), gettext_lazy("换一份更早的快照来比。")))
ROWS = ListPage(
    title="", rows=lambda person: (), columns=(), permission=VIEW, export_permission=EXPORT, file_name="changed", template="indicators/changed.html", kept=("period", "dim", "group", "from", "to"),
    empty=(gettext_lazy("没有您能看的记录变动"), gettext_lazy("差额由哪几项得来，见上表。")))


def two_runs(name: str, other: str) -> tuple[Run, Run]:
    """The later and the earlier snapshot of an address.

    Raises:
        Http404: one of them is not there, or its files are not whole.
    """
    return or_404(snapshots.named(name)), or_404(snapshots.named(other))


@require_GET
def against(request: HttpRequest, run_id: str, other: str) -> HttpResponse:
    """Every figure of a snapshot that is another one in an earlier snapshot, and what went in."""
    person = asking(request)
    access.require(person, VIEW)
    new, old = two_runs(run_id, other)
    titles = sorted((one.code, one.title.text(language())) for one in register.visible(person))
    page = replace(CHANGES, rows=lambda each: changes.between(each, old, new), columns=_columns(old, new), about=[(_("现在的快照"), new.run_id), (_("对比的快照"), old.run_id)],
                   filters=(Filter("code", gettext_lazy("指标"), choices=titles), Filter("kind", gettext_lazy("怎么变的"), choices=[(key, word) for key, (_colour, word) in change_words.KINDS.items()])))
    return page.show(request, new=new, old=old, **_inputs(changes.inputs(person, old, new)))


def _columns(old: Run, new: Run) -> tuple[Column, ...]:
    return (
        Column("code", gettext_lazy("指标"), value=lambda row: row.one.title.text(language()), head=True, link=lambda row: change_words.address(row.one.code, old, new, row.period)),
        Column("period", gettext_lazy("期间"), value=_period, sort=True),
        Column("before", gettext_lazy("以前"), value=lambda row: words.shown(row.one, row.before), link=lambda row: words.told_address(row.one, row.before, old.run_id)),
        Column("after", gettext_lazy("现在"), value=lambda row: words.shown(row.one, row.after), link=lambda row: words.told_address(row.one, row.after, new.run_id)),
        Column("by", gettext_lazy("差额"), value=_by, link=lambda row: change_words.address(row.one.code, old, new, row.period)),
        Column("kind", gettext_lazy("怎么变的"), kind="status", value=lambda row: change_words.KINDS[row.kind], note=_note))


def _period(row: Changed) -> str:
    cell = row.after or row.before
    return words.period_words(cell.span, cell.period) if cell else row.period


def _by(row: Changed) -> str:
    before, after = (why.exact(cell) if cell else None for cell in (row.before, row.after))
    return "" if before is None or after is None else change_words.difference(row.one, after - before)


def _note(row: Changed) -> str:
    if row.before and row.after and row.before.version != row.after.version:
        return _("口径由第 {a} 版改为第 {b} 版").format(a=row.before.version, b=row.after.version)
    few = states.FEW in {cell.state for cell in (row.before, row.after) if cell}
    return str(words.STATES[states.FEW][1]) if few else ""


def _inputs(found: changes.Inputs) -> dict[str, Any]:
    """What went in, as the page says it."""
    deliveries = [{"number": one.told.number, "source": source_name(one.told.source), "file": one.told.file or one.sheet, "period": one.period, "rows": one.rows, "at": one.told.at, "who": one.told.who, "gone": one.gone, "withdrawn": one.told.withdrawn} for one in found.deliveries]
    redefined = [{"title": each.one.title.text(language()), "url": reverse("indicators:indicator", args=[each.one.code]), "said": _redefined_words(each), "why": each.why.text(language()) if each.why and each.before else ""} for each in found.redefined]
    lines = [{"title": COUNTED[name].title.text(language()), "before": before, "after": after} for name, (before, after) in found.lines.items()]
    return {"deliveries": deliveries, "unseen": found.unseen, "redefined": redefined, "measures": lines, "program": found.program, "register": found.register}


def _redefined_words(each: changes.Redefined) -> str:
    """What is otherwise about an indicator: what the earlier snapshot did not know is new, its definition did not change."""
    return _("口径改了") if each.before and each.after else _("新的指标") if each.after else _("不再算的指标")


# ── one figure ───────────────────────────────────────────────────────────────
@require_GET
def changed(request: HttpRequest, code: str) -> HttpResponse:
    """Why one figure is another one: the difference by its causes, and the rows that moved it."""
    one, _figures = asked(request, code)
    old, new = _runs(request)
    dim, group = request.GET.get("dim", ""), request.GET.get("group", "")
    found = why.why(asking(request), old, new, one, request.GET.get("period", "") or _last(request, new, code), dim, group)
    cell = or_404(found.after or found.before)
    label = words.part_words(dim, group)
    sentence = change_words.sentence(found, label)
    told = bool(found.parts)
    here = change_words.address(code, old, new, cell.period, dim, group)
    moved, of_records = dict.fromkeys(row.cause for row in found.rows), change_words.of_records(found)
    page = replace(ROWS, filters=(Filter("cause", gettext_lazy("原因"), choices=[(key, change_words.cause(of_records, key)[1]) for key in moved]),), empty=ROWS.empty if told else (_("没有能拆开的差额"), _nothing_words(found)), title=_("{title}为什么变了").format(title=one.title.text(language())), rows=lambda _person: list(found.rows), columns=_row_columns(found),
                   about=[(_("说明"), sentence), (_("现在的快照"), new.run_id), (_("对比的快照"), old.run_id)])
    return page.show(request, one=one, name=one.title.text(language()), found=found, sentence=sentence, new=new, old=old, causes=[{**line, "url": f"{here}&cause={part.cause}" if part.cause in moved else ""} for line, part in zip(change_words.lines(found), found.parts or (), strict=True)], refused=found.refused.text(language()) if found.refused else "",
                     difference=_total(found), sides=_sides(found, old, new), pair=[(label, change_words.shown(one, cell), words.told_address(one, cell, run.run_id)) for label, cell, run in ((_("以前"), found.before, old), (_("现在"), found.after, new))], why_redefined=_redefined(found), ratio=one.is_share, group=label)


def _nothing_words(found: Why) -> str:
    """Why nothing is taken apart: one of the two figures is not there, or the reason stands above."""
    if found.before is None:
        return _("以前那份快照里没有这个数，没有可比的。")
    if found.after is None:
        return _("现在这份快照里没有这个数，没有可比的。")
    return _("原因见上。") if found.refused else _("两份快照的数一样。")


def _runs(request: HttpRequest) -> tuple[Run, Run]:
    """The earlier and the later snapshot: those named, else the one pages speak from against what was published last.

    Raises:
        Http404: there are no two.
    """
    late = request.GET.get("to", "")
    new = or_404(snapshots.named(late) if late else snapshots.current())
    early = request.GET.get("from", "")
    if early:
        return or_404(snapshots.named(early)), new
    return or_404(published.held_against(new)).run, new


def _last(request: HttpRequest, new: Run, code: str) -> str:
    found = snapshots.figures(asking(request), new)
    cell = found.cell(code) if found else None
    return cell.period if cell else ""


def _total(found: Why) -> dict[str, str]:
    if not found.parts:
        return {}
    by = sum((part.by for part in found.parts[1:]), found.parts[0].by)
    return {"by": change_words.difference(found.one, by), "exact": change_words.exact(found.one, by)}


def _sides(found: Why, old: Run, new: Run) -> list[dict[str, Any]]:
    """The totals a share or a growth is made of; a plain figure is its own."""
    if len(found.sides) < 2:
        return []
    def at(cell: Cell | None, run: Run, number: int) -> str:
        address = words.told_address(found.one, cell, run.run_id)
        return address and f"{address}&side={number}"

    return [{"role": change_words.ROLES[side.role], "title": change_words.side_title(side), "period": side.period, "before": change_words.total(side, side.before), "before_url": at(found.before, old, number),
             "after": change_words.total(side, side.after), "after_url": at(found.after, new, number)} for number, side in enumerate(found.sides)]


def _redefined(found: Why) -> str:
    """Why the definition is another one, where it is."""
    if not found.before or not found.after or found.before.version == found.after.version:
        return ""
    said = _("口径由第 {a} 版改为第 {b} 版").format(a=found.before.version, b=found.after.version)
    return f"{said}：{found.one.why.text(language())}" if found.one.why else said


def _row_columns(found: Why) -> tuple[Column, ...]:
    of_records = change_words.of_records(found)
    roles = (Column("side", gettext_lazy("哪个数"), value=lambda row: change_words.ROLES[found.sides[row.side].role]),) if len(found.sides) > 1 else ()
    told = () if of_records else (
        Column("told", gettext_lazy("谁报的"), value=change_words.told_words, note=lambda row: row.told.who if row.told else ""),
        Column("at", gettext_lazy("什么时候"), kind="moment", note=lambda row: _("已撤回") if row.told and row.told.withdrawn else ""),
        Column("batch", gettext_lazy("批次"), value=_batch, link=_batch_address))
    return (
        Column("label", gettext_lazy("记录"), head=True, link=lambda row: reverse(row.route, args=[row.key]), note=lambda row: row.note.text(language()) if row.note else ""),
        Column("key", gettext_lazy("编号"), in_file=True),
        *roles,
        Column("cause", gettext_lazy("原因"), kind="status", value=lambda row: change_words.cause(of_records, row.cause)),
        Column("step", gettext_lazy("所属期"), value=lambda row: row.step or (found.after.period if found.after else "")),
        Column("before", gettext_lazy("以前"), value=lambda row: change_words.stored(found.sides[row.side], row.before)),
        Column("after", gettext_lazy("现在"), value=lambda row: change_words.stored(found.sides[row.side], row.after)),
        Column("by", gettext_lazy("计入差额"), value=lambda row: change_words.row_by(found.sides[row.side], row)),
        *told)


def _batch(row: Row) -> str:
    return f"#{row.told.number}" if row.told else ""


def _batch_address(row: Row) -> str:
    return reverse("site:batch", args=[row.told.number]) if row.told and row.told.seen else ""


