"""What the pages of target firms show, gathered: one firm, the weights, pairs that may be one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from diguan.chains.engine import targets as engine
from diguan.chains.engine.ranking import scores
from diguan.chains.engine.targetfile import FAILED
from diguan.chains.models.targets import TOP500
from diguan.chains.queries import shelf
from diguan.chains.queries import target_board as boards
from diguan.chains.queries import targets as register
from diguan.chains.queries.target_board import Board, Line
from diguan.chains.web import map_words, words
from diguan.chains.web import targets_lists as lists
from diguan.chains.web import targets_words as said
from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.lists import ListPage
from diguan.kernel.refusals import Refusal
from diguan.kernel.shell import language

FIRST = 10


def only_candidates(page: ListPage, board: Board) -> ListPage:
    """The list without those a filter rules out."""
    return replace(page, rows=lambda person: lists.candidates(list(board.lines)))


def around(person: Person, board: Board, brought: list[Any]) -> dict[str, Any]:
    """What stands around the list."""
    out = sum(line.state == FAILED for line in board.lines)
    return {"board": board, "node_name": words.node(board.node) if board.node else "", "out": out, "lists": brought, "weights": said.weights(board), "error": " ".join(board.refused.texts(language())) if board.refused else "",
            "may_import": access.may(person, register.IMPORT), "twins": len(register.twins(person)), "confirmed": board.method.confirmed, "document": board.method.document, "old": _old(brought)}


def _old(brought: list[Any]) -> list[str]:
    """Top-500 lists the county has not imported at all."""
    there = {one.kind for one in brought}
    return [said.list_kind(kind) for kind in TOP500 if kind not in there]


def firm(person: Person, line: Line, board: Board) -> dict[str, Any]:
    """One firm's page."""
    row = line.firm
    told = register.told(row)
    by_fact = {fact: column for column, fact in register.FACTS.items()}
    facts = [{"name": said.title(name), "value": said.fact(name, line.told.get(name)), "source": _source(name, told.get(by_fact.get(name, "")), line), "others": _others(name, told.get(by_fact.get(name, "")))} for name in boards.fact_names()]
    return {"firm": row, "state": said.state(line), "approach": said.approach(row), "verdicts": said.verdicts(board, line), "score": said.score(board, line), "parts": said.parts(board, line),
            "rank": said.rank(board, line), "range": said.rank_range(board, line), "ranked": board.scores is not None and len(board.scores.score), "facts": facts, "region": said.region(row.region),
            "nodes": _nodes(person, line), "members": _members(row), "notes": row.notes.select_related("created_by"), "as_of": board.as_of, "weights": said.weights(board)}


def _source(name: str, told: register.ToldColumn | None, line: Line) -> str:
    if told is not None:
        return f"{told.tellings[0].source} {told.tellings[0].told_on:%Y-%m-%d}"
    return said.keeper(boards.keeper_of(name)) if name in line.told else ""


def _others(name: str, told: register.ToldColumn | None) -> list[tuple[Any, str]]:
    """What other sources told, where they disagree."""
    if told is None or not told.disagree:
        return []
    return [(said.fact(name, int(one.value) if isinstance(one.value, bool) else one.value), f"{one.source} {one.told_on:%Y-%m-%d}") for one in told.tellings[1:]]


def _nodes(person: Person, line: Line) -> list[dict[str, Any]]:
    needs = boards.node_needs(person)
    sources = dict(line.firm.nodes.values_list("node", "source"))
    return [{"name": words.node(key), "url": map_words.node_address(chains[0], key) if (chains := shelf.chains_of(key)) else "", "chains": words.chains_of(key), "need": needs[key].need if key in needs else None,
             "feasible": {True: ("ok", _("容得下")), False: ("bad", _("容不下")), None: ("unknown", _("没人说过"))}[needs[key].feasible if key in needs else None], "source": sources.get(key, "")} for key in line.subject.nodes]


def _members(row: Any) -> list[dict[str, Any]]:
    newest = register.newest_lists()
    return [{"row": one, "list": one.list, "newest": newest.get(one.list.kind) == one.list.year, "counts": one.counts} for one in row.memberships.select_related("list").order_by("-list__year", "list__kind", "id")]


def weights(person: Person) -> dict[str, Any]:
    """Judgements, and the ranking by each way of weighing beside that of the way in use."""
    board = boards.board(person)
    of = board.method
    ways = [_way(board, use) for use in of.ways]
    names = [words.said(one.title) for one in of.criteria]
    rows = [(name, [f"{way['share'][at] * 100:.1f}%" if way["share"] is not None else "—" for way in ways]) for at, name in enumerate(names)]
    return {"board": board, "names": names, "matrix": _matrix(board, names), "doubt": _doubt(board), "ways": ways, "rows": rows, "first": _first(board, ways), "scales": said.scales(board), "in_use": said.USES[of.use],
            "filters": [clause.cite.quote for clause in of.filters], "n": len(board.values)}


def _way(board: Board, use: str) -> dict[str, Any]:
    try:
        found = boards.weighing(board.method, use, board.values)
    except Refusal as refusal:
        return {"use": use, "name": said.USES[use], "share": None, "ratio": "", "refused": " ".join(refusal.texts(language())), "rank": None, "on": use == board.method.use}
    ranked = scores(board.values, found.share) if len(board.values) else None
    return {"use": use, "name": said.USES[use], "share": found.share, "ratio": "" if found.consistency is None else f"{found.consistency:.3f}", "refused": "", "rank": None if ranked is None else ranked.rank, "on": use == board.method.use}


def _matrix(board: Board, names: list[str]) -> list[tuple[str, list[str]]]:
    pairs = board.method.pairs
    return [] if pairs is None else [(name, [_times(float(value)) for value in row]) for name, row in zip(names, pairs, strict=True)]


def _times(value: float) -> str:
    return f"{value:g}" if value >= 1 else f"1/{1 / value:g}"


def _doubt(board: Board) -> str:
    """The judgement that fits the others least, where there is one to speak of."""
    if board.method.pairs is None or np.allclose(board.method.pairs, 1):
        return ""
    doubt, names = engine.worst_pair(board.method.pairs), board.method.titles
    return _("最对不上的一对：“{one}”比“{other}”判为 {told} 倍，按其余判断约 {implied} 倍").format(one=words.said(names[doubt.first]), other=words.said(names[doubt.second]), told=f"{doubt.told:.2g}", implied=f"{doubt.implied:.2g}")


def _first(board: Board, ways: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The firms that one of the ways puts among its first ten, in the order of the way in use."""
    wanted = {line.at for line in board.ranked for way in ways if way["rank"] is not None and int(way["rank"][line.at]) <= FIRST}
    return [{"firm": line.firm, "url": said.address(line.firm), "ranks": ["—" if way["rank"] is None else str(int(way["rank"][line.at])) for way in ways]} for line in board.ranked if line.at in wanted][: FIRST * len(ways)]


def pairs(person: Person) -> list[dict[str, Any]]:
    """Pairs that may be one, each with what is known of either."""
    return [{"pair": [{"firm": row, "other": other, "url": said.address(row), "region": said.region(row.region), "lists": _("、").join(str(one.list) for one in row.memberships.select_related("list"))} for row, other in ((one, two), (two, one))],
             "codes": bool(one.uscc and two.uscc and one.uscc != two.uscc)} for one, two in register.twins(person)]
