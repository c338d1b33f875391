"""Routes of the chains: every chain with its figures, one with nodes and edges as the county has them, its gaps, and the early warning."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from diguan.chains.engine import gaps as engine
from diguan.chains.engine import warning as early
from diguan.chains.engine.chain import Chain
from diguan.chains.models import Role
from diguan.chains.queries import coverage as register
from diguan.chains.queries import maps, shelf
from diguan.chains.queries import warning as warnings
from diguan.chains.queries.maps import GAP, OWN, SINGLE, ChainView, Stand
from diguan.chains.web import map_words
from diguan.kernel import access
from diguan.kernel.api import paging
from diguan.kernel.api.problems import READS
from diguan.kernel.api.sent import Sent
from diguan.kernel.api.versions import told
from diguan.kernel.measures import value
from diguan.kernel.shell import asking, or_404

router = Router(tags=["chains"])


# ── what goes out ────────────────────────────────────────────────────────────
class ChainLine(Schema):
    """A chain with its figures; shares in basis points, null where nobody told enough or so few firms that it would tell one's business."""

    id: str
    name: dict[str, str]
    version: str
    nodes: int
    covered: int
    coverage_bp: int | None
    local_sourcing_bp: int | None
    local_sales_bp: int | None
    breaks: list[str]
    single: int
    firms: int
    stale: int


class ChainPage(Schema):
    items: list[ChainLine]
    next: str | None


class ChainNodeOut(Schema):
    """A node as the county has it. ``shape``: own, single, gap, outside or planned. An amount is null where nobody told it, or where so few firms stand behind
    that it would tell one's business; ``need_why`` and ``supply_why`` say which, in words.
    """

    id: str
    name: dict[str, str]
    stage: str
    kind: str
    key: bool
    criticality: int
    gbt4754: list[str]
    hs: list[str]
    shape: str
    makers: int
    growing: int
    users: int
    waiting: int
    stale: int
    gap: str | None
    need_fen: int | None
    need_why: str | None
    supply_fen: int | None
    supply_why: str | None


class ChainEdgeOut(Schema):
    """What goes from one node into another; ``share`` is money of input per money of output as decimal text, null where nobody knows."""

    start: str
    end: str
    type: str
    share: str | None
    substitutable: bool | None
    loop: bool


class ChainOut(ChainLine):
    """One chain with nodes and edges, as the map draws them."""

    licence: str
    as_of: dt.date
    known_at: dt.datetime | None
    node_list: list[ChainNodeOut]
    edges: list[ChainEdgeOut]


class ChainGapPart(Schema):
    """One criterion of a score; ``points`` of 100, null where it is not known, left out of this chain, or would tell one firm's business to you."""

    criterion: str
    weight: int | None
    points: float | None


class ChainGapOut(Schema):
    """A node there is something to do about. ``best`` and ``worst`` are its ranks over weights of ±20 %, with what is not known at its best and worst."""

    node: str
    name: dict[str, str]
    kind: str
    rank: int
    tied: bool
    best: int
    worst: int
    score: int
    score_low: int
    score_high: int
    need_fen: int | None
    need_why: str | None
    parts: list[ChainGapPart]


class ChainGapsOut(Schema):
    """The gaps of a chain, best first; ``closed`` are nodes the county cannot take in, which are not ranked."""

    as_of: dt.date
    known_at: dt.datetime | None
    weights: dict[str, float]
    items: list[ChainGapOut]
    closed: list[str]


class ChainWarningSide(Schema):
    """Against one yardstick: the change in basis points, null where there is none or it is hidden (``hidden``); how many firms are compared, of how many that told the month."""

    change_bp: int | None
    hidden: bool
    firms: int | None
    of: int


class ChainWarningSeries(Schema):
    """One series: against the same month a year ago and the mean of the three months before; ``falls`` null: it cannot be said."""

    fact: str
    falls: bool | None
    year: ChainWarningSide
    before: ChainWarningSide
    sources: list[str]
    gone: int


class ChainWarningLine(Schema):
    """One chain in a month; ``level``: red, yellow, calm, unclear, unjudged (the month is judged with the next)."""

    chain: str
    level: str
    firms: int
    series: list[ChainWarningSeries]


class ChainWarningsOut(Schema):
    """The early warning of a month; ``months`` may be asked for."""

    month: str
    months: list[str]
    as_of: dt.date
    known_at: dt.datetime | None
    provisional: bool | None
    items: list[ChainWarningLine]


# ── reads ────────────────────────────────────────────────────────────────────
class WarningAsked(Sent):
    month: str = Field("", pattern=r"^(|\d{4}-\d{2})$", description="As 2026-09; the last one that may be judged where it is left out")


def _words(message: Any) -> dict[str, str]:
    return {"zh": message.zh, "en": message.en}


def _line(person: Any, view: ChainView) -> dict[str, Any]:
    figures = {"coverage_bp": value("chains.coverage_rate", person, view).num, "local_sourcing_bp": map_words.local_rate(person, view, Role.USE)[0], "local_sales_bp": map_words.local_rate(person, view, Role.MAKE)[0]}
    return {"id": view.chain.id, "name": _words(view.chain.name), "version": view.chain.version, "nodes": len(view.stands), "covered": len(view.shaped(OWN, SINGLE)), "breaks": [stand.node.id for stand in view.shaped(GAP)],
            "single": len(view.shaped(SINGLE)), "firms": len({row.enterprise_id for row in view.rows}), "stale": sum(stand.stale for stand in view.stands.values())} | figures


def _node(person: Any, stand: Stand) -> ChainNodeOut:
    node = stand.node
    need, no_need = map_words.amount(person, stand.need.fen, stand.need.counted)
    supply, no_supply = map_words.amount(person, stand.supply_fen, stand.supply_told)
    return ChainNodeOut(id=node.id, name=_words(node.name), stage=node.stage, kind=node.kind, key=node.key, criticality=node.criticality, gbt4754=list(node.codes), hs=list(node.hs), shape=stand.shape,
                        makers=len(stand.makers), growing=len(stand.growing), users=len(stand.users), waiting=stand.waiting, stale=stand.stale, gap=stand.gap.kind if stand.gap else None,
                        need_fen=need, need_why=no_need or None, supply_fen=supply, supply_why=no_supply or None)


def _chain(request: HttpRequest, key: str) -> Chain:
    access.require(asking(request), register.VIEW_CHAIN)
    return or_404(shelf.chains().get(key))


@router.get("/chains", response={200: ChainPage, **READS}, url_name="chains")
def list_chains(request: HttpRequest, asked: Query[paging.Paging]) -> HttpResponse:
    """Every chain with its figures; counts and sums are of the whole county."""
    person = asking(request)
    access.require(person, register.VIEW_CHAIN)
    part = paging.of_list(sorted(shelf.chains().values(), key=lambda one: one.id), lambda one: (one.id,), asked)
    views = maps.views(person, part.rows)
    return told(ChainPage(items=[ChainLine(**_line(person, view)) for view in views.values()], next=part.next))


@router.get("/chains/{key}", response={200: ChainOut, **READS}, url_name="chain")
def one_chain(request: HttpRequest, key: str) -> HttpResponse:
    """One chain: its nodes as they stand today, and what goes from one into another."""
    person, chain = asking(request), _chain(request, key)
    view = maps.view(person, chain)
    edges = [ChainEdgeOut(start=edge.start, end=edge.end, type=edge.type, share=None if edge.share is None else str(edge.share), substitutable=edge.substitutable, loop=edge.loop) for edge in chain.edges]
    return told(ChainOut(**_line(person, view), licence=chain.licence, as_of=view.as_of, known_at=view.known_at, node_list=[_node(person, stand) for stand in view.stands.values()], edges=edges))


@router.get("/chains/{key}/gaps", response={200: ChainGapsOut, **READS}, url_name="chain_gaps")
def chain_gaps(request: HttpRequest, key: str) -> HttpResponse:
    """The gaps of a chain by the usual weights, every score with its parts and how far its rank may move."""
    person, chain = asking(request), _chain(request, key)
    view = maps.view(person, chain)
    found = [ChainGapOut(node=line["stand"].node.id, name=_words(line["stand"].node.name), kind=line["stand"].gap.kind, rank=line["rank"], tied=line["tied"], best=int(view.gaps.ranking.best[at]), worst=int(view.gaps.ranking.worst[at]),
                         score=line["score"], score_low=line["low"], score_high=line["high"], need_fen=line["need"], need_why=line["no_need"] or None, parts=_parts(line["parts"]))
             for (at, _stand), line in zip(view.ranked, map_words.gap_lines(person, view), strict=True)]
    return told(ChainGapsOut(as_of=view.as_of, known_at=view.known_at, weights=dict(engine.WEIGHTS), items=found, closed=[stand.node.id for stand in view.closed]))


def _parts(parts: list[dict[str, Any]]) -> list[ChainGapPart]:
    return [ChainGapPart(criterion=word, weight=part.get("weight"), points=part["points"] if part.get("known") else None) for word, part in zip(engine.CRITERIA, parts, strict=True)]


@router.get("/chain-warnings", response={200: ChainWarningsOut, **READS}, url_name="chain_warnings")
def chain_warnings(request: HttpRequest, asked: Query[WarningAsked]) -> HttpResponse:
    """Power, tax and jobs of each chain in a month, only over firms that told both sides; what fewer than three firms stand behind is hidden. ``all``: every chain together."""
    board = or_404(warnings.board(asking(request), asked.month))
    items = [*board.chains, *filter(None, [board.one(warnings.TOTAL)])]
    return told(ChainWarningsOut(month=board.month, months=list(board.months), as_of=board.as_of, known_at=board.known_at, provisional=board.terms.provisional if board.terms else None,
                                 items=[ChainWarningLine(chain=one.key, level=one.level, firms=one.firms, series=[_series(each) for each in one.series]) for one in items]))


def _series(one: early.Series) -> ChainWarningSeries:
    return ChainWarningSeries(fact=one.line.fact, falls=one.falls, year=_side(one, "year"), before=_side(one, "before"), sources=list(one.year.sources or one.before.sources), gone=len(one.year.gone))


def _side(one: early.Series, which: str) -> ChainWarningSide:
    whole, shown = getattr(one, which), one.shown(which)
    return ChainWarningSide(change_bp=shown.change if shown else None, hidden=which in one.hidden, firms=len(whole.firms) if shown or not whole.firms else None, of=whole.told)
