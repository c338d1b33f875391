"""Pages of the early warning: every chain in a month, one chain month by month, the firms behind a figure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from diguan.chains.engine import warning as engine
from diguan.chains.queries import coverage as register
from diguan.chains.queries import shelf
from diguan.chains.queries import warning as queries
from diguan.chains.queries.warning import Board, Watched
from diguan.chains.web import words
from diguan.kernel import access, packs
from diguan.kernel.declare import DeskItem
from diguan.kernel.facts import series as facts
from diguan.kernel.shell import asking, language, or_404

LEVELS = {engine.RED: ("bad", gettext_lazy("红色")), engine.YELLOW: ("warn", gettext_lazy("黄色")), engine.CALM: ("ok", gettext_lazy("平稳")), engine.UNCLEAR: ("unknown", gettext_lazy("看不出")), engine.UNJUDGED: ("mute", gettext_lazy("合到下月看"))}
WHICH = {"year": gettext_lazy("比上年同月"), "before": gettext_lazy("比前三个月平均")}
SORTS = {"statistics_bureau": gettext_lazy("统计口径"), packs.SELF: gettext_lazy("企业自报")}
BUREAU = gettext_lazy("部门口径")


def title_of(fact: str) -> str:
    """A series' name."""
    return packs.catalogue()[fact].title[language()]


def unit_of(fact: str) -> str:
    """The unit a series is kept in."""
    return packs.catalogue()[fact].unit


def source_words(sources: tuple[str, ...]) -> str:
    """By whom a series is told and what kind of figure that makes it."""
    return _("、").join(f"{packs.sources()[source]['zh' if language() == 'zh' else 'en']}（{SORTS.get(source, BUREAU)}）" if source in packs.sources() else source for source in sources)


def may_open(person: Any) -> bool:
    """Whether this person may see the firms behind the figures."""
    return access.may(person, facts.VIEW) and access.may(person, register.VIEW)


def sees_amounts(person: Any) -> bool:
    """Amounts are for who may see the facts of every firm: others see changes and counts, out of which no firm's own can be worked."""
    return access.scope(person, facts.VIEW) is access.Scope.COUNTY


def board_of(request: HttpRequest) -> Board:
    """The warning of the month in the address.

    Raises:
        Http404: it has none.
    """
    return or_404(queries.board(asking(request), request.GET.get("month", "")))


@require_GET
def warnings(request: HttpRequest) -> HttpResponse:
    """Every chain in one month."""
    board, person = board_of(request), asking(request)
    total = board.one(queries.TOTAL)
    return render(request, "chains/warnings.html", {"board": board, "lines": [_line(person, board, one) for one in board.chains], "total": _line(person, board, total) if total else None, **_head(board)})


@require_GET
def warning(request: HttpRequest, key: str) -> HttpResponse:
    """One chain in a month, and the months before in a table."""
    person, board = asking(request), board_of(request)
    access.require(person, queries.VIEW)
    chain = or_404(shelf.chains().get(key))
    one = board.one(key)
    months = [(month, board.one(key, month)) for month in sorted(board.past, reverse=True)]
    return render(request, "chains/warning.html", {
        "board": board, "chain": chain, "name": words.said(chain.name), "line": _line(person, board, one) if one else None,
        "months": [(month, LEVELS[each.level], _cells(person, each, month)) for month, each in months if each], **_head(board)})


@require_GET
def firms(request: HttpRequest, key: str) -> HttpResponse:
    """The firms behind one figure."""
    person, asked = asking(request), request.GET
    access.require(person, queries.VIEW)
    chain = None if key == queries.TOTAL else or_404(shelf.chains().get(key))
    found = or_404(queries.behind(person, key, asked.get("fact", ""), asked.get("which", ""), asked.get("month", "")))
    return render(request, "chains/warning_firms.html", {
        "chain": chain, "name": words.said(chain.name) if chain else _("全部产业链"), "found": found, "title": title_of(found.fact), "word": WHICH[found.which], "unit": unit_of(found.fact),
        "then": _("上年同月") if found.which == "year" else _("前三个月平均"), "lines": [(one, source_words((one.source,)) if one.source else "") for one in found.firms]})


# ── words ────────────────────────────────────────────────────────────────────
def _head(board: Board) -> dict[str, Any]:
    terms = board.terms
    return {"months_on": [(month, month == board.month) for month in board.months[:queries.SHOWN]], "terms": terms, "source": words.said(terms.source) if terms else "",
            "rules": [_("{name} 比上年同月低 {year}% 以上，且低于前三个月平均{more}").format(name=title_of(line.fact), year=line.year_fall // 100, more=_(" {n}% 以上").format(n=line.before_fall // 100) if line.before_fall else "") for line in terms.lines] if terms else []}


def _line(person: Any, board: Board, one: Watched) -> dict[str, Any]:
    chain = shelf.chains().get(one.key)
    return {"key": one.key, "name": words.said(chain.name) if chain else _("全部产业链"), "firms": one.firms, "level": LEVELS[one.level], "since": _since(board, one), "cells": _cells(person, one, board.month, board),
            "url": f"{reverse('chains:warning', args=[one.key])}?month={board.month}" if chain else ""}


def _since(board: Board, one: Watched) -> int:
    """For how many months in a row it has been in yellow or red, this one counted; what is judged with the next month neither counts nor breaks."""
    count = 0
    for month in sorted(board.past, reverse=True):
        found = board.one(one.key, month)
        if found is None or found.level not in (engine.RED, engine.YELLOW, engine.UNJUDGED):
            break
        count += found.level != engine.UNJUDGED
    return count


def _cells(person: Any, one: Watched, month: str, board: Board | None = None) -> list[dict[str, Any]]:
    """Each series: its changes with the firms behind, or why there is none; with a board also how the year's change went."""
    found = []
    for each in one.series:
        year = each.shown("year")
        found.append({
            "title": title_of(each.line.fact), "falls": each.falls, "sides": [_side(person, one.key, each, which, month) for which in queries.WHICH],
            "sources": source_words(each.year.sources or each.before.sources), "amount": year.now if year and sees_amounts(person) else None, "unit": unit_of(each.line.fact),
            "gone": len(each.year.gone), "trend": _trend(board, one.key, each.line.fact) if board else None})
    return found


def _side(person: Any, key: str, each: engine.Series, which: str, month: str) -> dict[str, Any]:
    found, whole = each.shown(which), getattr(each, which)
    said: dict[str, Any] = {"word": WHICH[which], "change": found.change if found else None, "firms": len(whole.firms), "of": whole.told, "url": ""}
    if found is None:
        said["why"] = _("没有两边都有数的企业") if not whole.firms else _("不足 3 户，不显示") if len(whole.firms) < engine.LEAST_FIRMS else _("会推出别的数，不显示")
        said["firms"] = 0
        return said
    if found.change is None:
        said["why"] = _("原来是 0，算不出")
    if may_open(person):
        said["url"] = f"{reverse('chains:warning_firms', args=[key])}?{urlencode({'month': month, 'fact': each.line.fact, 'which': which})}"
    return said


def _trend(board: Board, key: str, fact: str) -> list[int | None]:
    """The change against the year before, month by month; a gap where it is not known, hidden or not judged."""
    found: list[int | None] = []
    for month in sorted(board.past):
        one = board.one(key, month)
        shown = next((each.shown("year") for each in one.series if each.line.fact == fact), None) if one else None
        found.append(shown.change if shown else None)
    return found


# ── the work desk ────────────────────────────────────────────────────────────
def desk(person: Any) -> Iterator[DeskItem]:
    """The chains in trouble, by name, in the month judged last."""
    board = queries.board(person)
    warned = board.warned if board else []
    if board is None or not warned:
        return
    red = [one for one in warned if one.level == engine.RED]
    names = _("、").join(words.said(shelf.chains()[one.key].name) for one in warned)
    what = ngettext("%(month)s 有 %(n)s 条产业链预警：%(names)s", "%(month)s 有 %(n)s 条产业链预警：%(names)s", len(warned)) % {"month": board.month, "n": len(warned), "names": names}
    yield DeskItem("first" if red else "week", "bad" if red else "warn", _("产业链预警"), what, _("两项以上比上年同月和前三个月平均都低"), "", f"{reverse('chains:warnings')}?month={board.month}", _("去看"), 31)
