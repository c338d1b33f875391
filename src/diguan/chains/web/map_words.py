"""What the pages of a chain show: boxes and lines with their words, figures, gaps with their parts, the panel of a node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from diguan.chains.engine import gaps as engine
from diguan.chains.engine import picture as drawing
from diguan.chains.engine.chain import STAGES, Chain, Node
from diguan.chains.engine.layout import layout
from diguan.chains.engine.taxonomyfile import Taxonomy
from diguan.chains.models import Coverage, Role
from diguan.chains.queries import coverage as register
from diguan.chains.queries.maps import GAP, OUTSIDE, OWN, PLANNED, SINGLE, ChainView, Stand
from diguan.chains.queries.sourcing import MATCH
from diguan.chains.web import words
from diguan.chains.web.coverage_lists import list_address
from diguan.kernel import access
from diguan.kernel.measures import value
from diguan.kernel.pictures import span

LEGEND = ((OWN, gettext_lazy("本县有")), (SINGLE, gettext_lazy("只有一家（双框）")), (GAP, gettext_lazy("断点（六角、虚线、斜纹）")), (OUTSIDE, gettext_lazy("县外采购")), (PLANNED, gettext_lazy("在建或待核实（点线）")))
KINDS = {engine.FILL: ("bad", gettext_lazy("补链")), engine.EXTEND: ("accent", gettext_lazy("延链")), engine.STRENGTHEN: ("warn", gettext_lazy("强链")),
         engine.APART: ("mute", gettext_lazy("两头都缺")), engine.SOUND: ("ok", gettext_lazy("齐备"))}
WHY = {engine.FILL: gettext_lazy("本县没有，上下游都有企业"), engine.EXTEND: gettext_lazy("本县没有，上一环节的产出有富余"), engine.STRENGTHEN: gettext_lazy("有，但靠一家或少数几家"),
       engine.APART: gettext_lazy("本县没有，相邻环节也缺"), engine.SOUND: gettext_lazy("有几家在做")}
CRITERIA = {"gap": gettext_lazy("缺口"), "relatedness": gettext_lazy("与本县产业的接近程度"), "reach": gettext_lazy("断了牵连多少"), "feasibility": gettext_lazy("可行性")}
RATES = {Role.MAKE.value: "chains.local_sales_rate", Role.USE.value: "chains.local_sourcing_rate"}
FEW = 3
"""Amounts of fewer firms than this would tell a single firm's business."""


@dataclass(frozen=True)
class Drawn:
    """One box with its words. ``chosen``: it is the node of the panel; ``near``: it is joined to it."""

    box: drawing.Box
    shape: str
    name: str
    count: str
    label: str
    url: str
    stale: bool
    chosen: bool


def node_address(chain: Chain, node: str) -> str:
    """The map with a node chosen."""
    return f"{reverse('chains:chain', args=[chain.id])}?{urlencode({'node': node})}#node"


def picture(view: ChainView, chosen: Stand | None) -> dict[str, Any]:
    """The map: boxes, lines, and which lines join the chosen node."""
    names = {node.id: words.said(node.name) for node in view.chain.nodes}
    found = drawing.picture(layout([node.id for node in view.chain.nodes], view.chain.pairs, view.chain.loops), names)
    mine = chosen.node.id if chosen else ""
    boxes = [_drawn(box, view.stands[box.node], view.chain, names[box.node], mine) for box in found.boxes]
    lines = [(line, mine in (line.start, line.end), GAP in (view.stands[line.start].shape, view.stands[line.end].shape)) for line in found.lines]
    return {"boxes": boxes, "lines": sorted(lines, key=lambda each: each[1]), "width": found.width, "height": found.height}


def _drawn(box: drawing.Box, stand: Stand, chain: Chain, name: str, mine: str) -> Drawn:
    return Drawn(box, stand.shape, name, count(stand), _("{name}：{count}，{shape}").format(name=name, count=count(stand), shape=shape_word(stand)), node_address(chain, box.node), stand.faded, box.node == mine)


def count(stand: Stand) -> str:
    """How many make it, in words."""
    if stand.shape == SINGLE:
        return _("仅 1 户")
    if stand.shape == OWN:
        return ngettext("%(n)s 户在产", "%(n)s 户在产", len(stand.makers)) % {"n": len(stand.makers)}
    if stand.growing:
        return _("在建 {n} 户").format(n=len(stand.growing))
    if stand.waiting:
        return _("待核实 {n} 户").format(n=stand.waiting)
    return _("缺") if stand.shape == GAP else _("县外采购")


def shape_word(stand: Stand) -> str:
    """The legend's word of a node."""
    return str(dict(LEGEND)[stand.shape])


def amount(person: Any, fen: int | None, firms: int) -> tuple[int | None, str]:
    """(fen, "") or (None, why not): not known, or of so few ``firms`` that it would tell one's business to who may not see that. Firms that told nothing do not count."""
    if fen is None:
        return None, _("没人告诉过我们")
    return (None, few_firms()) if few(person, firms) else (fen, "")


def few(person: Any, firms: int) -> bool:
    """Whether a figure of so many firms would tell one's business to this person."""
    return 0 < firms < FEW and not register.sees_every_volume(person)


def local_rate(person: Any, view: ChainView, role: str) -> tuple[int | None, bool]:
    """The share traded in the county on one side of a chain in basis points, and whether it is hidden because too few firms told both numbers."""
    hidden = few(person, len({row.enterprise_id for row in view.surveyed(role)}))
    return None if hidden else value(RATES[role], person, view).num, hidden


def few_firms() -> str:
    """Why an amount of so few firms is not shown."""
    return _("不足 3 户，不显示")


def figures(person: Any, view: ChainView) -> list[dict[str, Any]]:
    """The strip under the map: each figure opens its rows."""
    rows = list_address(chain=view.chain.id)
    return [
        {"label": _("覆盖率"), "num": value("chains.coverage_rate", person, view).num, "kind": "percent", "note": _("{n} / {all} 个环节").format(n=len(view.shaped(OWN, SINGLE)), all=len(view.stands)), "url": reverse("chains:chain_list", args=[view.chain.id])},
        _rate(_("本地配套率（采购侧）"), person, view, Role.USE, rows),
        _rate(_("本地销售率（销售侧）"), person, view, Role.MAKE, rows),
        {"label": _("断点"), "num": len(view.shaped(GAP)), "kind": "number", "note": _("关键环节没有企业"), "url": reverse("chains:chain_gaps", args=[view.chain.id])},
        {"label": _("单一供应"), "num": len(view.shaped(SINGLE)), "kind": "number", "note": _("只有一家在产"), "url": reverse("chains:chain_gaps", args=[view.chain.id])},
        {"label": _("企业归属"), "num": value("chains.links", person, view).num, "kind": "number", "note": _("其中 {n} 条超过 90 天未核验").format(n=sum(stand.stale for stand in view.stands.values())), "url": rows},
    ]


def _rate(label: str, person: Any, view: ChainView, role: str, rows: str) -> dict[str, Any]:
    num, hidden = local_rate(person, view, role)
    return {"label": label, "num": num, "kind": "percent", "note": few_firms() if hidden else _told(view.surveyed(role), view.of_role(role)), "url": f"{rows}&role={role}"}


def _told(surveyed: list[Coverage], all_: list[Coverage]) -> str:
    return _("调查了 {n} / {all} 户").format(n=len({row.enterprise_id for row in surveyed}), all=len({row.enterprise_id for row in all_}))


def line(person: Any, view: ChainView) -> dict[str, Any]:
    """One chain in the overview."""
    sourcing, hidden = local_rate(person, view, Role.USE)
    return {"chain": view.chain, "name": words.said(view.chain.name), "nodes": len(view.stands), "covered": len(view.shaped(OWN, SINGLE)), "rate": value("chains.coverage_rate", person, view).num,
            "bar": span(len(view.shaped(OWN, SINGLE)), len(view.shaped(OWN, SINGLE)), len(view.stands)), "sourcing": sourcing, "no_sourcing": few_firms() if hidden else _("未知"),
            "gaps": [words.said(stand.node.name) for stand in view.shaped(GAP)], "single": len(view.shaped(SINGLE)), "firms": len({row.enterprise_id for row in view.rows}), "stale": sum(stand.stale for stand in view.stands.values())}


def groups(kept: Taxonomy | None, lines: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The chains by the county's system of industries; those it does not name stand last, without a title where it names none."""
    found, named = [], set[str]()
    for group in kept.groups if kept else ():
        mine = [lines[key] for industry in group.industries for key in industry.chains if key in lines]
        named |= {one["chain"].id for one in mine}
        bare = [words.said(industry.title) for industry in group.industries if not industry.chains]
        found.append({"title": words.said(group.title), "lines": mine, "bare": bare, "open": words.said(group.open) if group.open else ""})
    rest = [line for key, line in lines.items() if key not in named]
    return [*found, {"title": _("其他产业链") if found else "", "lines": rest, "bare": [], "open": ""}] if rest else found


# ── gaps ─────────────────────────────────────────────────────────────────────
def gap_lines(person: Any, view: ChainView) -> list[dict[str, Any]]:
    """The nodes there is something to do about, best first, with the parts of each score and how far its rank may move."""
    ranking, found = view.gaps.ranking, []
    for at, stand in view.ranked:
        fen, why = amount(person, stand.need.fen, stand.need.counted)
        low, high = int(ranking.best[at]), int(ranking.worst[at])
        found.append({
            "stand": stand, "name": words.said(stand.node.name), "url": node_address(view.chain, stand.node.id), "kind": KINDS[stand.gap.kind if stand.gap else engine.SOUND], "why": WHY[stand.gap.kind if stand.gap else engine.SOUND],
            "rank": int(ranking.rank[at]), "tied": bool(ranking.tied[at]), "range": f"{low}–{high}" if low != high else str(low), "moves": low != high, "need": fen, "no_need": why, "note": _needed(stand),
            **_score(view, at, _seen_values(person, view, at, stand))})
    return found


def _needed(stand: Stand) -> str:
    firms = stand.need.firms
    if stand.shape == SINGLE:
        return ngettext("仅 1 户在产，%(n)s 户在用", "仅 1 户在产，%(n)s 户在用", firms) % {"n": firms}
    if not firms:
        return _("本县还没有企业要用")
    return ngettext("%(n)s 户在买", "%(n)s 户在买", firms) % {"n": firms}


def _seen_values(person: Any, view: ChainView, at: int, stand: Stand) -> dict[str, float | None]:
    """What this person may see of a gap's criteria, 0 to 1; None is hidden.

    The gap is need less supply over the largest need, and reach adds up shares of output: to three figures either would give back an amount
    that is hidden. So who may not see amounts sees no gap of few firms, and reach in tenths.
    """
    values = {word: float(view.gaps.ranking.values[at, column]) for column, word in enumerate(engine.CRITERIA)}
    if register.sees_every_volume(person):
        return dict(values)
    hidden = few(person, stand.need.counted) or few(person, stand.supply_told)
    return values | {"gap": None if hidden else values["gap"], "reach": round(values["reach"], 1)}


def _score(view: ChainView, at: int, values: Mapping[str, float | None]) -> dict[str, Any]:
    """A score of 100 with its parts; ``low`` and ``high`` differ where something is not known or not shown. A part that is hidden says so."""
    ranking, asked, parts = view.gaps.ranking, view.gaps, []
    low = score = high = 0.0
    for column, word in enumerate(engine.CRITERIA):
        if not asked.known[:, column].any():
            parts.append({"word": CRITERIA[word], "left_out": True})
            continue
        weight, seen = float(ranking.share[column]), values[word]
        known = bool(asked.known[at, column]) and seen is not None
        part = weight * (seen or 0.0) if known else weight / 2 if seen is None else float(ranking.parts[at, column])
        low, score, high = low + part * known, score + part, high + (part if known else weight)
        parts.append({"word": CRITERIA[word], "weight": round(weight * 100), "known": known, "hidden": seen is None, "points": round(part * 100, 1), "bar": span(0, part, 1)})
    return {"score": round(score * 100), "low": round(low * 100), "high": round(high * 100), "parts": parts}


# ── one node ─────────────────────────────────────────────────────────────────
def panel(person: Any, view: ChainView, stand: Stand) -> dict[str, Any]:
    """The panel of a node: what it is, what is needed and made, who is before and after it, and who stands at it."""
    need, no_need = amount(person, stand.need.fen, stand.need.counted)
    supply, no_supply = amount(person, stand.supply_fen, stand.supply_told)
    names = access.may(person, register.VIEW)
    seen = register.seen_at(person, [stand.node.id])
    makers = [row for row in (*stand.makers, *stand.growing) if row.pk in seen]
    return {
        "node": stand.node, "name": words.said(stand.node.name), "codes": words.codes(stand.node), "stage": words.stage(stand.node.stage), "what": words.kind(stand.node.kind), "shape": shape_word(stand), "count": count(stand), "wanting": bool(stand.gap and stand.gap.kind != engine.SOUND),
        "kind": KINDS[stand.gap.kind] if stand.gap else None, "why": WHY[stand.gap.kind] if stand.gap else "", "need": need, "no_need": no_need, "need_words": _need_words(stand), "supply": supply, "no_supply": no_supply,
        "before": _neighbours(view, [start for start, end in view.chain.pairs if end == stand.node.id]), "after": _neighbours(view, [end for start, end in view.chain.pairs if start == stand.node.id]),
        "chains": [(words.said(one.name), node_address(one, stand.node.id)) for one in words.shelf.chains_of(stand.node.id) if one.id != view.chain.id],
        "makers": makers, "users": [row for row in stand.users if row.pk in seen], "names": names, "volume": register.sees_every_volume(person),
        "hidden": len(stand.makers) + len(stand.growing) - len(makers),
        "may_match": access.may(person, MATCH), "feasibility": view.told.get(stand.node.id), "rows": list_address(node=stand.node.id), "evidence": _evidence(view.chain, stand.node)}


def _need_words(stand: Stand) -> str:
    need, parts = stand.need, []
    if need.told:
        parts.append(ngettext("%(n)s 户报了采购额", "%(n)s 户报了采购额", need.told) % {"n": need.told})
    if need.estimated:
        parts.append(ngettext("%(n)s 户按产值和用料比例估计", "%(n)s 户按产值和用料比例估计", need.estimated) % {"n": need.estimated})
    if need.silent:
        parts.append(ngettext("%(n)s 户要用、不知道多少，没算进去", "%(n)s 户要用、不知道多少，没算进去", need.silent) % {"n": need.silent})
    return _("，").join(parts)


def _neighbours(view: ChainView, nodes: list[str]) -> list[tuple[str, str, str]]:
    return [(words.said(view.stands[node].node.name), count(view.stands[node]), node_address(view.chain, node)) for node in dict.fromkeys(nodes)]


def _evidence(chain: Chain, node: Node) -> list[tuple[str, str, bool]]:
    return [(words.said(chain.sources[one.source]) if one.source in chain.sources else one.source, words.said(one.note) if one.note else "", one.confirmed) for one in node.evidence]


def stages(person: Any, view: ChainView) -> list[dict[str, Any]]:
    """The list that says what the map shows: by stage, node by node."""
    seen = register.seen_at(person, view.stands)
    return [{"stage": words.stage(stage), "nodes": [{
        "stand": stand, "name": words.said(stand.node.name), "url": node_address(view.chain, stand.node.id), "word": shape_word(stand), "count": count(stand), "codes": words.codes(stand.node), "key": stand.node.key,
        "kind": KINDS[stand.gap.kind] if stand.gap else None, "makers": [row for row in stand.makers if row.pk in seen],
        "after": [words.said(view.stands[end].node.name) for start, end in view.chain.pairs if start == stand.node.id]} for stand in view.stands.values() if stand.node.stage == stage]} for stage in STAGES]
