"""The board 招商看板: columns of stages, each card with a form to move it on; a closed gate answers with what is missing."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from diguan.kernel import access, clocks, money
from diguan.kernel.shell import asking, language
from diguan.projects.queries import board, projects
from diguan.projects.queries.board import Card, Column
from diguan.projects.web import project_words as words
from diguan.projects.web.project_lists import PAGE


def _card(card: Card) -> dict[str, Any]:
    assert card.row.course is not None
    flow = card.row.course.tree
    late = card.due is not None and card.due < clocks.today()
    row = card.row
    officer = row.service_officer.name if row.service_officer else _("服务专员没定")
    days = "" if card.days is None else ngettext("停留 {n} 个工作日", "停留 {n} 个工作日", card.days).format(n=card.days) + (_("（暂估）") if card.provisional else "")
    return {"card": card, "row": row, "planned": money.words(row.planned_fen, language()) if row.planned_fen is not None else _("金额没人告诉过我们"), "who": " · ".join(filter(None, (officer, days))), "move": reverse("projects:deed", args=[row.pk, "move"]), "status": words.status_of(flow, card.status, late=late and bool(card.task)), "targets": [(step.id, step.label(language())) for step in card.targets]}


def _column(column: Column) -> dict[str, Any]:
    return {"id": column.step.id, "title": column.step.label(language()), "column": column, "more": column.count - len(column.cards), "full": len(column.cards) >= board.MOST_WHOLE, "cards": [_card(card) for card in column.cards]}


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """The board of the projects that pass the filters of the list; ``?all=STAGE`` shows every card of one column."""
    person = asking(request)
    access.require(person, projects.VIEW)
    chosen, whole = PAGE.chosen(request), request.GET.get("all", "")[:60]
    found = board.board(person, PAGE.narrowed(request, chosen), clocks.today(), whole)
    values = {item.key: value for item, value in chosen}
    context = {"board": found, "columns": [_column(column) for column in found.columns], "whole": whole,
               "filters": [(item, item.options(person), values.get(item.key, "")) for item in PAGE.filters], "chosen": values, "kept": _kept(values), "may_change": access.may(person, projects.CHANGE)}
    return render(request, "projects/board.html", context)


def _kept(values: dict[str, str]) -> str:
    return urlencode(values)
