"""Pages of tables of peers: this county's place as far as it is certain, and the table it comes from."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from diguan.indicators.models import RankingTable
from diguan.indicators.queries import rankings
from diguan.indicators.web import plan_words as words
from diguan.kernel import access
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.money import digits
from diguan.kernel.shell import asking, or_404


def _address(row: RankingTable) -> str:
    return reverse("indicators:ranking", args=[row.pk])


def _fill(rows: Sequence[RankingTable]) -> Sequence[RankingTable]:
    own = rankings.own_name()
    for row in rows:
        row.own, row.count = rankings.own_line(row, own), len(row.values.all())  # type: ignore[attr-defined]
    return rows


TABLES = ListPage(
    title=gettext_lazy("县域排名"), rows=rankings.visible_tables, permission=rankings.VIEW, export_permission=rankings.EXPORT, file_name="rankings", template="indicators/rankings.html", fill=_fill,
    empty=(gettext_lazy("还没有排名表"), gettext_lazy("把上级公布的排名表按“县域排名”这张表导入。")),
    columns=(
        Column("title", gettext_lazy("榜单"), head=True, sort="title_key", link=_address, note=lambda row: row.source),
        Column("period", gettext_lazy("期间"), sort=True),
        Column("value", gettext_lazy("本县"), value=lambda row: f"{row.own.row.printed} {row.unit}" if row.own else "", nothing=gettext_lazy("表里没有本县"), link=_address),
        Column("place", gettext_lazy("位次"), value=lambda row: words.place_words(row.own.place, row.count) if row.own else "", link=_address),
        Column("certain", gettext_lazy("把握"), kind="status", value=lambda row: words.place_status(row.own.place) if row.own else ("mute", gettext_lazy("不在表里"))),
        Column("example", gettext_lazy("数据"), kind="status", value=lambda row: ("unknown", gettext_lazy("示例")) if row.example else ("ok", gettext_lazy("公布")))),
    filters=(
        Filter("q", gettext_lazy("榜单"), kind="search", fields=("title", "source")),
        Filter("period", gettext_lazy("期间"), choices=lambda person: [(one, one) for one in rankings.visible_tables(person).order_by("-period").values_list("period", flat=True).distinct()])))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Every table that counts."""
    return TABLES.show(request, may_import=access.may(asking(request), rankings.IMPORT))


@require_GET
def table(request: HttpRequest, number: int) -> HttpResponse:
    """One table, peer by peer."""
    access.require(asking(request), rankings.VIEW)
    row = or_404(rankings.table(asking(request), number))
    found = rankings.lines(row)
    earlier = rankings.before(row)
    page = ListPage(
        title=row.title, rows=lambda _person: found, permission=rankings.VIEW, export_permission=rankings.EXPORT, file_name=f"ranking-{row.pk}", template="indicators/ranking.html",
        about=[(gettext_lazy("来源"), row.source), (gettext_lazy("期间"), row.period)],
        columns=(
            Column("place", gettext_lazy("位次"), value=lambda line: words.place_words(line.place, len(found))),
            Column("row.county", gettext_lazy("县市区"), head=True, note=lambda line: gettext_lazy("本县") if line.own else ""),
            Column("row.printed", gettext_lazy("数值"), value=lambda line: f"{line.row.printed} {row.unit}"),
            Column("band", gettext_lazy("可能的误差"), value=lambda line: f"±{digits(line.band, 4)}"),
            Column("revised", gettext_lazy("上次修订"), value=lambda line: "" if line.revised is None else digits(line.revised, 4), nothing=gettext_lazy("没有修订")),
            Column("certain", gettext_lazy("把握"), kind="status", value=lambda line: words.place_status(line.place))))
    own = next((line for line in found if line.own), None)
    return page.show(request, row=row, own=own, own_words=words.place_words(own.place, len(found)) if own else "", own_status=words.place_status(own.place) if own else None, earlier=earlier, earlier_url=_address(earlier) if earlier else "",
                     later_url=_address(row.replaced_by) if row.replaced_by else "")
