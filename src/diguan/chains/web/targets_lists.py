"""The list of target firms: ranked candidates with filters in the address, and a file that says on what it rests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.chains.engine.targetfile import FAILED, METHODS, STATES
from diguan.chains.models import Approach, Membership
from diguan.chains.queries import shelf
from diguan.chains.queries import targets as register
from diguan.chains.queries.target_board import Board, Line
from diguan.chains.web import targets_words as said
from diguan.chains.web import words
from diguan.enterprises.engine import name_key
from diguan.kernel import packs
from diguan.kernel.lists import Column, Filter, ListPage

MOST_NODES = 3


def address(**filters: Any) -> str:
    """The list narrowed to these filters."""
    from django.utils.http import urlencode

    return f"{reverse('chains:targets')}?{urlencode(filters)}"


def page_of(board: Board, lists: list[Any]) -> ListPage:
    """The list over one board; ``lists`` are those the county imported."""
    return ListPage(
        title=gettext_lazy("目标企业"), rows=lambda person: list(board.lines), columns=_columns(board), filters=_filters(lists), permission=register.VIEW, export_permission=register.EXPORT,
        file_name="targets", template="chains/targets.html", fill=lambda rows: _filled(board, rows), about=basis(board, lists),
        empty=(gettext_lazy("还没有目标企业"), gettext_lazy("导入一份名单：三类 500 强、商会名录或别的名单，每份写明年份和来源。")))


def _filled(board: Board, rows: Any) -> Any:
    board.ranges(rows)
    return rows


def _columns(board: Board) -> tuple[Column, ...]:
    found = board.scores
    own = [Column(f"part_{one.id}", f"{words.said(one.title)} {_('得分')}", value=_part(board, at), in_file=True) for at, one in enumerate(board.method.criteria)]
    told = [Column(name, said.title(name), value=_told(name), in_file=True) for name in dict.fromkeys(one.fact.name for one in board.method.criteria)]
    return (
        Column("rank", gettext_lazy("名次"), value=lambda line: said.rank(board, line), note=lambda line: said.rank_range(board, line)),
        Column("firm.name", gettext_lazy("企业名称"), link=lambda line: said.address(line.firm), head=True, note=lambda line: said.region(line.firm.region)),
        Column("uscc", gettext_lazy("统一社会信用代码"), value=lambda line: line.firm.uscc, in_file=True),
        Column("region", gettext_lazy("总部所在地"), value=lambda line: said.region(line.firm.region), in_file=True),
        Column("state", gettext_lazy("硬条件"), kind="status", value=said.state, note=lambda line: said.failed(board, line)),
        Column("why", gettext_lazy("哪条不符合或不知道"), value=lambda line: said.failed(board, line), in_file=True),
        Column("score", gettext_lazy("得分，由这几项来"), value=lambda line: said.Opened(board, line) if line.at is not None else None, nothing=gettext_lazy("不符合的不打分")),
        Column("low", gettext_lazy("最低"), value=lambda line: None if found is None or line.at is None else round(float(found.low[line.at]) * 100, 1), in_file=True),
        Column("high", gettext_lazy("最高"), value=lambda line: None if found is None or line.at is None else round(float(found.high[line.at]) * 100, 1), in_file=True),
        Column("range", gettext_lazy("名次范围"), value=lambda line: said.rank_range(board, line), in_file=True),
        Column("nodes", gettext_lazy("能做的环节"), value=_nodes(), nothing=gettext_lazy("还不知道"), wide=True),
        Column("need", gettext_lazy("能补上的缺口"), kind="money", value=lambda line: line.subject.gap_need, nothing=gettext_lazy("还不知道")),
        Column("approach", gettext_lazy("对接情况"), kind="status", value=lambda line: said.approach(line.firm), wide=True),
        *own, *told,
    )


def _part(board: Board, at: int) -> Any:
    def read(line: Line) -> Any:
        found = board.scores
        if found is None or line.at is None:
            return None
        if found.values[line.at, at] != found.values[line.at, at]:
            return _("不知道（0–{most}）").format(most=said.points(float(found.share[at])))
        return round(float(found.parts[line.at, at]) * 100, 1)
    return read


def _told(name: str) -> Any:
    from django.utils.html import strip_tags

    return lambda line: strip_tags(str(said.fact(name, line.told.get(name))))


def _nodes() -> Callable[[Line], str]:
    names = {key: words.said(node.name) for key, node in shelf.nodes().items()}  # once for the list, not once a row

    def read(line: Line) -> str:
        mine = line.subject.nodes
        named = _("、").join(names.get(key, key) for key in mine[:MOST_NODES])
        return named if len(mine) <= MOST_NODES else _("{some}等 {n} 个").format(some=named, n=len(mine))
    return read


def _filters(lists: list[Any]) -> tuple[Filter, ...]:
    return (
        Filter("q", gettext_lazy("名称或信用代码"), kind="search", apply=_search),
        Filter("node", gettext_lazy("能做的环节"), choices=lambda person: [(key, words.said(node.name)) for key, node in shelf.nodes().items()], apply=lambda rows, value: rows),
        Filter("list", gettext_lazy("名单"), choices=[(str(one.pk), str(one)) for one in lists], apply=_in_list),
        Filter("province", gettext_lazy("省份"), choices=_provinces, apply=lambda rows, value: [line for line in rows if line.firm.region[:2] == value]),
        Filter("state", gettext_lazy("硬条件"), choices=[(key, said.STATES[key][1]) for key in STATES], apply=lambda rows, value: [line for line in rows if line.state == value]),
        Filter("approach", gettext_lazy("对接情况"), choices=Approach.choices, apply=lambda rows, value: [line for line in rows if line.firm.approach == value]),
        Filter("use", gettext_lazy("权重"), choices=[(key, said.USES[key]) for key in METHODS], apply=lambda rows, value: rows),
    )


def _provinces(_person: Any) -> list[tuple[str, str]]:
    return [(code[:2], name) for code, name in packs.codes().regions.items() if code.endswith("0000")]


def _search(rows: list[Line], text: str) -> list[Line]:
    key = name_key(text)
    return [line for line in rows if (key and key in line.firm.name_key) or line.firm.uscc == text.upper()]


def _in_list(rows: list[Line], value: str) -> list[Line]:
    inside = set(Membership.objects.filter(list=int(value)).values_list("firm", flat=True))
    return [line for line in rows if line.firm.pk in inside]


def candidates(rows: list[Line]) -> list[Line]:
    """Without those a filter rules out."""
    return [line for line in rows if line.state != FAILED]


def basis(board: Board, lists: list[Any]) -> list[tuple[Any, Any]]:
    """What an exported file says it rests on."""
    of = board.method
    node = [(_("环节"), words.node(board.node))] if board.node else []
    return [
        *node, (_("截至"), f"{board.as_of:%Y-%m-%d}"), (_("口径"), f"{words.said(of.title)} {of.version} · {of.document}{'' if of.confirmed else _('（未核对）')} · {of.sha256[:12]}"), (_("权重"), said.weights(board)),
        *((_("硬条件"), clause.cite.quote) for clause in of.filters), *((_("基准"), f"{name}：{shown}（{source}）") for name, shown, source in said.scales(board)),
        (_("名单"), _("、").join(register.list_label(one) for one in lists) or _("没有")), (_("名次范围"), _("每项权重各在 ±20% 内变 1,000 次，不知道的当最好和最坏")), (_("不知道的"), _("按其他企业的平均计分，范围里按 0 分和满分计；不当 0"))]
