"""The “X图X清单” of one chain: map, firms, gaps, projects, people and technique, the same five on a page and in one workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from diguan.chains.engine.chain import EDGES, Edge
from diguan.chains.engine.gaps import CRITERIA
from diguan.chains.models import Coverage
from diguan.chains.queries import coverage as register
from diguan.chains.queries import lists as queries
from diguan.chains.queries import maps
from diguan.chains.queries.maps import ChainView, Stand
from diguan.chains.web import map_words, words
from diguan.chains.web.coverage_lists import address_of
from diguan.chains.web.maps import chain_of
from diguan.enterprises.engine import capabilities as kinds
from diguan.enterprises.models import Capability
from diguan.enterprises.queries import capabilities
from diguan.kernel import access, clocks
from diguan.kernel.lists import files
from diguan.kernel.shell import asking, language

SHOWN = 200
"""So many rows stand on the page; the file has all."""
SHORT = 12
"""Texts up to so many letters are not broken."""
RELATIONS = dict(zip(EDGES, (gettext_lazy("用料"), gettext_lazy("工艺"), gettext_lazy("装备"), gettext_lazy("服务")), strict=True))
SVG = "image/svg+xml"


@dataclass(frozen=True)
class Cell:
    """One value; a text where a figure cannot be shown says why. ``url``: where it leads on the page."""

    value: Any = None
    url: str = ""

    @property
    def is_figure(self) -> bool:
        """Whether its column's kind says how to write it; a text stands as it is."""
        return not isinstance(self.value, str)

    @property
    def is_short(self) -> bool:
        """Whether it stands on one line."""
        return isinstance(self.value, str) and len(self.value) <= SHORT


@dataclass(frozen=True)
class Head:
    """A column: its heading, the kind of its values (as in lists), and whether it stands in the file alone."""

    label: str
    kind: str = ""
    in_file: bool = False

    @property
    def is_number(self) -> bool:
        """Whether its values are set as figures."""
        return self.kind in ("money", "number", "percent")


@dataclass(frozen=True)
class Table:
    """One list: columns and rows. ``closed`` says why this person sees none of it."""

    key: str
    title: str
    heads: Sequence[Head]
    rows: Sequence[Sequence[Cell]] = field(default_factory=list)
    closed: str = ""

    @property
    def sheet(self) -> list[list[Any]]:
        """As a file holds it."""
        if self.closed:
            return [[self.closed]]
        return [[files.heading(head.label, head.kind) for head in self.heads],
                *([cell.value if isinstance(cell.value, str) else files.value(head.kind, cell.value) for cell, head in zip(row, self.heads, strict=True)] for row in self.rows)]

    @property
    def shown(self) -> list[list[tuple[Cell, Head]]]:
        """As the page holds it: the first rows, without what stands in the file alone."""
        return [[(cell, head) for cell, head in zip(row, self.heads, strict=True) if not head.in_file] for row in self.rows[:SHOWN]]


def tables(person: Any, view: ChainView) -> list[Table]:
    """The five lists as this person may see them."""
    rows = queries.stands(person, view)
    return [_map(view), _firms(person, view, rows), _gaps(person, view), _projects(person, rows), _technique(person, rows)]


# ── the map as rows ──────────────────────────────────────────────────────────
def _map(view: ChainView) -> Table:
    heads = [Head(_("环节")), Head(_("环节代码"), in_file=True), Head(_("位置")), Head(_("类别"), in_file=True), Head(_("关键环节")), Head(_("行业和海关代码"), in_file=True), Head(_("本县情况")), Head(_("在产"), "number"), Head(_("在建、未投产"), "number"), Head(_("采购"), "number"),
             Head(_("待核实"), "number", in_file=True), Head(_("久未核验"), "number", in_file=True), Head(_("供给到")), Head(_("关系")), Head(_("用料比例"), "percent"), Head(_("可替代"), in_file=True), Head(_("回路"), in_file=True)]
    rows = []
    for stand in view.stands.values():
        after = [edge for edge in view.chain.edges if edge.start == stand.node.id]
        rows += [[*_of_node(view, stand), *_of_edge(view, edge)] for edge in after] or [[*_of_node(view, stand), *[Cell()] * 5]]
    return Table("map", _("环节与连线"), heads, rows)


def _of_node(view: ChainView, stand: Stand) -> list[Cell]:
    node = stand.node
    return [Cell(words.said(node.name), map_words.node_address(view.chain, node.id)), Cell(node.id), Cell(words.stage(node.stage)), Cell(words.kind(node.kind)), Cell(_("是") if node.key else None), Cell(words.codes(node)),
            Cell(map_words.shape_word(stand)), *(Cell(number) for number in (len(stand.makers), len(stand.growing), len(stand.users), stand.waiting, stand.stale))]


def _of_edge(view: ChainView, edge: Edge) -> list[Cell]:
    swap = {True: _("是"), False: _("否")}
    return [Cell(words.said(view.stands[edge.end].node.name), map_words.node_address(view.chain, edge.end)), Cell(str(RELATIONS[edge.type])), Cell(None if edge.share is None else round(edge.share * 10_000)),
            Cell(None if edge.substitutable is None else swap[edge.substitutable]), Cell(_("是") if edge.loop else None)]


# ── firms ────────────────────────────────────────────────────────────────────
def _firms(person: Any, view: ChainView, rows: Sequence[Coverage]) -> Table:
    amounts = register.sees_volumes(person)
    heads = [Head(_("企业名称")), Head(_("统一社会信用代码"), in_file=True), Head(_("环节")), Head(_("生产或采购")), Head(_("生产状态")), Head(_("所在园区"), in_file=True), Head(_("核实情况")), Head(_("核实日期"), "day"), Head(_("来源"), in_file=True), Head(_("来源日期"), "day", in_file=True)]
    heads += [Head(_("年份"), in_file=True), Head(_("年产值或年采购额"), "money"), Head(_("其中在本县"), "money"), Head(_("年产能折合"), "money"), Head(_("年产能"), "number", in_file=True), Head(_("产能单位"), in_file=True)] if amounts else []
    cells = [[*_who(row), Cell(row.get_role_display()), *_where(row), Cell(words.status_of(row, view.as_of)[1]), Cell(row.decided_on), Cell(row.source), Cell(row.told_on), *(_amounts(row) if amounts else [])] for row in rows]
    return Table("firms", _("企业清单"), heads, cells, _closed(person, register.VIEW, _("没有“查看企业在哪个环节”的权限，企业名称不列")))


def _who(row: Coverage) -> list[Cell]:
    return [Cell(row.enterprise.name, address_of(row)), Cell(row.enterprise.uscc), Cell(words.node(row.node))]


def _where(row: Coverage) -> list[Cell]:
    return [Cell(row.enterprise.get_production_status_display() or None), Cell(row.enterprise.park or None)]


def _amounts(row: Coverage) -> list[Cell]:
    return [Cell(str(row.year) if row.year else None), Cell(row.amount_fen), Cell(row.local_fen), Cell(row.capacity_fen), Cell(row.capacity), Cell(row.unit or None)]


def _closed(person: Any, permission: str, why: str) -> str:
    return "" if access.may(person, permission) else why


# ── gaps ─────────────────────────────────────────────────────────────────────
def _gaps(person: Any, view: ChainView) -> Table:
    heads = [Head(_("名次"), "number"), Head(_("并列"), in_file=True), Head(_("名次范围")), Head(_("环节")), Head(_("类型")), Head(_("为什么")), Head(_("本地年需求"), "money"), Head(_("本地情况")), Head(_("得分")),
             *(Head(_("{word}（分）").format(word=map_words.CRITERIA[word]), in_file=True) for word in CRITERIA)]
    rows = []
    for one in map_words.gap_lines(person, view):
        score = str(one["score"]) if one["low"] == one["high"] else f"{one['low']}–{one['high']}"
        rows.append([Cell(one["rank"]), Cell(_("并列") if one["tied"] else None), Cell(one["range"]), Cell(one["name"], one["url"]), Cell(str(one["kind"][1])), Cell(str(one["why"])), Cell(one["no_need"] if one["need"] is None else one["need"]), Cell(one["note"]),
                     Cell(score), *(Cell(_part(part)) for part in one["parts"])])
    return Table("gaps", _("缺口清单"), heads, rows)


def _part(part: dict[str, Any]) -> str:
    """A criterion's points, or why there are none."""
    if part.get("left_out"):
        return _("没有数据，没计")
    return map_words.few_firms() if part["hidden"] else str(part["points"]) if part["known"] else _("不知道")


# ── projects, people and technique ───────────────────────────────────────────
def _projects(person: Any, rows: Sequence[Coverage]) -> Table:
    amounts = register.sees_volumes(person)
    heads = [Head(_("企业名称")), Head(_("统一社会信用代码"), in_file=True), Head(_("环节")), Head(_("生产状态")), Head(_("所在园区")), Head(_("乡镇")), Head(_("来源"), in_file=True), Head(_("来源日期"), "day", in_file=True), *([Head(_("年产能折合"), "money"), Head(_("年产能"), "number", in_file=True), Head(_("产能单位"), in_file=True)] if amounts else [])]
    cells = [[*_who(row), *_where(row), Cell(row.enterprise.town or None), Cell(row.source), Cell(row.told_on), *(_amounts(row)[3:] if amounts else [])] for row in queries.building(rows)]
    return Table("projects", _("项目清单"), heads, cells, _closed(person, register.VIEW, _("没有“查看企业在哪个环节”的权限，企业名称不列")))


def _technique(person: Any, rows: Sequence[Coverage]) -> Table:
    heads = [Head(_("企业名称")), Head(_("统一社会信用代码"), in_file=True), Head(_("类别")), Head(_("名称")), Head(_("详细")), Head(_("颁发或出处")), Head(_("文号"), in_file=True), Head(_("日期"), "day"), Head(_("有效期至"), "day")]
    cells = [[Cell(row.enterprise.name, reverse("enterprises:capability", args=[row.pk])), Cell(row.enterprise.uscc), Cell(kinds.KINDS[row.kind].title.text(language())), Cell(row.name), Cell(_details(row)), Cell(row.issuer or None), Cell(row.document or None), Cell(row.issued), Cell(row.valid_until)]
             for row in queries.technique(person, rows)]
    return Table("technique", _("人才与技术清单"), heads, cells, _closed(person, register.VIEW, _("没有“查看企业在哪个环节”的权限，企业名称不列")) or _closed(person, capabilities.VIEW, _("没有“查看能力名册”的权限")))


def _details(row: Capability) -> str:
    """What this kind of claim says besides, in one line."""
    said = [(column.label(language()), row.details.get(column.name)) for column in kinds.KINDS[row.kind].columns]
    return _("；").join(f"{label} {kinds.WORDS[value].text(language()) if value in kinds.WORDS else value}" for label, value in said if value not in (None, ""))


# ── said about all of it ─────────────────────────────────────────────────────
def about(person: Any, view: ChainView, found: Sequence[Table]) -> list[tuple[str, str]]:
    """What the file is: of which day, by which version of the chain, what is hidden and why, who took it out."""
    gaps = next(table for table in found if table.key == "gaps")
    column = [head.kind for head in gaps.heads].index("money")
    name = [head.label for head in gaps.heads].index(_("环节"))
    hidden = [row[name].value for row in gaps.rows if row[column].value == map_words.few_firms()]
    at = clocks.now().astimezone(clocks.COUNTY_TIME)
    return [
        (_("产业链"), _("{name}，图谱版本 {version}，{licence}").format(name=words.said(view.chain.name), version=view.chain.version, licence=view.chain.licence)),
        (_("截至"), _("{day}；企业环节最后改动 {at}").format(day=view.as_of, at=f"{view.known_at.astimezone(clocks.COUNTY_TIME):%Y-%m-%d %H:%M}" if view.known_at else _("没有"))),
        (_("计数"), _("只算已核实的企业环节；在产不含在建、未投产、停产、注销的；一家企业可以在几个环节")),
        (_("缺口"), _("名次范围：四项权重各在 ±20% 内变 1,000 次，再把不知道的当最好和最坏；空格是没人告诉过我们，不是 0")),
        (_("项目"), _("在建、未投产的已核实企业；还没落地的线索不在内")),
        (_("技术"), _("能力名册里已核实、今天有效的联合研发、核心技术攻关、参与标准、机器人")),
        (_("没有显示"), _("不足 3 户的金额：{names}").format(names=_("、").join(hidden)) if hidden else _("没有因户数少而不显示的金额")),
        *([] if register.sees_volumes(person) else [(_("没有列"), _("产能和金额：导出的人没有“查看环节产能和采购额”的权限"))]),
        *((table.title, table.closed) for table in found if table.closed),
        (_("导出"), f"{person} · {at:%Y-%m-%d %H:%M}")]


# ── pages and files ──────────────────────────────────────────────────────────
@require_GET
def lists(request: HttpRequest, key: str) -> HttpResponse:
    """The five lists, one at a time."""
    person, chain = asking(request), chain_of(request, key)
    view = maps.view(person, chain)
    found = tables(person, view)
    chosen = next((table for table in found if table.key == request.GET.get("list")), found[0])
    return render(request, "chains/lists.html", {
        "chain": chain, "name": words.said(chain.name), "table": chosen, "rows": chosen.shown, "heads": [head for head in chosen.heads if not head.in_file], "more": max(len(chosen.rows) - SHOWN, 0), "as_of": view.as_of,
        "tabs": [(table.key, table.title, f"?list={table.key}", None if table.closed else len(table.rows)) for table in found], "may_export": access.may(person, register.EXPORT_CHAIN)})


def _exported(request: HttpRequest, key: str) -> ChainView:
    chain = chain_of(request, key)
    access.require(asking(request), register.EXPORT_CHAIN)
    return maps.view(asking(request), chain)


@require_GET
def lists_file(request: HttpRequest, key: str) -> HttpResponse:
    """All five as one workbook."""
    person, view = asking(request), _exported(request, key)
    found = tables(person, view)
    body = files.workbook([(table.title, table.sheet) for table in found], about(person, view, found))
    name = _("{name}产业链图谱和清单").format(name=words.said(view.chain.name))
    return files.download(body, files.XLSX, f"{name}-{view.as_of.isoformat()}.xlsx")


@require_GET
def map_file(request: HttpRequest, key: str) -> HttpResponse:
    """The map as a drawing that stands alone, in the light colours of paper."""
    view = _exported(request, key)
    drawn = map_words.picture(view, None)
    title = _("{name}产业链图谱").format(name=words.said(view.chain.name))
    foot = _("截至 {day}，图谱版本 {version}；只算已核实的企业环节").format(day=view.as_of, version=view.chain.version)
    legend = [(shape, word, 10 + 190 * at) for at, (shape, word) in enumerate(map_words.LEGEND)]
    shown = render_to_string("chains/map.svg", {"title": title, "foot": foot, "picture": drawn, "legend": legend, "lang": language(), "wide": max(drawn["width"], 980), "high": drawn["height"] + 96})
    return files.download(shown.encode(), SVG, f"{title}-{view.as_of.isoformat()}.svg")
