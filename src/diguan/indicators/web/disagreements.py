"""Pages of figures that two sources tell otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from diguan.indicators.engine import tables as states
from diguan.indicators.queries import EXPORT, VIEW, disagreements, snapshots
from diguan.indicators.queries.disagreements import Explained, Pair
from diguan.indicators.web import change_words, standing, words
from diguan.kernel import access
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.shell import asking, language, or_404, source_name


def _pairs(person: Any) -> list[Pair]:
    run = snapshots.current()
    return disagreements.pairs(person, run) if run else []


def _periods(person: Any) -> list[tuple[str, str]]:
    return [(text, text) for text in sorted({pair.period for pair in _pairs(person)}, reverse=True)]


def _facts(person: Any) -> list[tuple[str, str]]:
    return sorted({(pair.spec.name, pair.spec.label(language())) for pair in _pairs(person)})


def _state(pair: Pair) -> tuple[str, Any]:
    if pair.one is None:
        return words.STATES[states.FEW]
    return ("warn", gettext_lazy("两个数对不上")) if pair.differ else ("ok", gettext_lazy("一致"))


PAGE = ListPage(
    title=gettext_lazy("两个来源的数"), rows=_pairs, permission=VIEW, export_permission=EXPORT, file_name="disagreements", template="indicators/disagreements.html",
    empty=(gettext_lazy("没有两个来源都报的数"), gettext_lazy("同一个数有两个部门报时，这里并排看；谁也不平均。")),
    filters=(
        Filter("period", gettext_lazy("期间"), choices=_periods),
        Filter("fact", gettext_lazy("什么数"), choices=_facts, fields=("spec.name",)),
        Filter("differ", gettext_lazy("只看对不上的"), kind="bool", apply=lambda rows, _value: [row for row in rows if row.differ])),
    columns=(
        Column("spec.name", gettext_lazy("什么数"), value=lambda row: row.spec.label(language()), head=True, link=standing.pair_address),
        Column("period", gettext_lazy("期间"), sort=True),
        Column("first", gettext_lazy("先用的来源"), value=lambda row: change_words.pair_amount(row, row.one), note=lambda row: source_name(row.first), link=standing.pair_address),
        Column("second", gettext_lazy("另一个来源"), value=lambda row: change_words.pair_amount(row, row.other), note=lambda row: source_name(row.second), link=standing.pair_address),
        Column("by", gettext_lazy("相差"), value=lambda row: _signed(row, row.by), link=standing.pair_address),
        Column("firms", gettext_lazy("两边都报的企业"), kind="number", sort=True, value=lambda row: row.firms if row.one is not None else None, link=standing.pair_address),
        Column("differ", gettext_lazy("报得不一样的"), kind="number", sort=True, value=lambda row: row.differ if row.one is not None else None, link=standing.pair_address),
        Column("state", gettext_lazy("对得上吗"), kind="status", value=_state)))
FIRMS = ListPage(
    title="", rows=lambda person: (), columns=(), permission=VIEW, export_permission=EXPORT, file_name="disagreement", template="indicators/disagreement.html", kept=("first", "second"),
    empty=(gettext_lazy("没有您能看的企业"), gettext_lazy("两边报得一样，或不在您的职责范围内。")))


def _signed(pair: Pair, num: int | None) -> str:
    return "" if num is None else change_words.signed(change_words.pair_amount(pair, num))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Every number two sources tell of the same firms, side by side."""
    return PAGE.show(request, run=snapshots.current())


@require_GET
def firms(request: HttpRequest, fact: str, period: str) -> HttpResponse:
    """The firms that explain the difference, the largest first."""
    person = asking(request)
    access.require(person, VIEW)
    run = or_404(snapshots.current())
    named = {key: request.GET.get(key, "") for key in ("first", "second")}
    pair = or_404(next((each for each in disagreements.pairs(person, run) if (each.spec.name, each.period) == (fact, period) and all(not value or getattr(each, key) == value for key, value in named.items())), None))
    found = disagreements.explained(person, run, pair)
    page = replace(FIRMS, title=_("{title} {period}：两个数对不上").format(title=pair.spec.label(language()), period=period) if pair.differ else f"{pair.spec.label(language())} {period}", rows=lambda _person: list(found.firms), columns=_columns(pair))
    return page.show(request, pair=standing.pair_line(pair), by=_signed(pair, pair.by), told=pair.one is not None, run=run, hidden=found.hidden, rest=_rest(found), few=words.STATES[states.FEW][1])


def _rest(found: Explained) -> str:
    return "" if found.rest is None else _signed(found.pair, found.rest)


def _columns(pair: Pair) -> tuple[Column, ...]:
    return (
        Column("name", gettext_lazy("企业"), head=True, sort=True, link=lambda row: reverse("enterprises:dossier", args=[row.uscc])),
        Column("uscc", gettext_lazy("统一社会信用代码"), in_file=True),
        Column("one", source_name(pair.first), value=lambda row: change_words.pair_amount(pair, row.one), sort=True),
        Column("other", source_name(pair.second), value=lambda row: change_words.pair_amount(pair, row.other), sort=True),
        Column("by", gettext_lazy("相差"), value=lambda row: _signed(pair, row.by), sort=True))
