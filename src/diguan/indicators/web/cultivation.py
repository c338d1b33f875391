"""梯度培育: for each title the firms nearest to it, what each lacks, and what to ask."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from diguan.enterprises.models import TitleKind
from diguan.indicators.queries import cultivation
from diguan.indicators.queries.cultivation import Shown
from diguan.indicators.web import plan_words as words
from diguan.kernel import access, clocks
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.shell import asking, deliverers, language, or_404


def first(request: HttpRequest) -> HttpResponse:
    """Where the menu leads: the list of one title."""
    return listing(request, TitleKind.HIGH_TECH.value)


@require_GET
def listing(request: HttpRequest, title: str) -> HttpResponse:
    """The firms nearest to one title."""
    access.require(asking(request), cultivation.VIEW)
    or_404(title if title in cultivation.STANDARDS else None)
    standard, day = cultivation.standard_of(title), clocks.today()
    version = standard.on(day) if standard else None
    tabs = [(key, TitleKind(key).label, reverse("indicators:cultivation", args=[key])) for key in cultivation.STANDARDS]
    page = _page(title, day, cultivation.EXPORT if "export" in request.GET else cultivation.VIEW, version.document if version else "")
    left_out = (version.left_out.get(language()) or version.left_out.get("zh", "")) if version else ""
    return page.show(request, tabs=tabs, tab=title, version=version, left_out=left_out, day=day)


def _page(title: str, day: dt.date, permission: str, document: str) -> ListPage:
    return ListPage(
        title=gettext_lazy("梯度培育"), rows=_rows(title, day, permission), permission=cultivation.VIEW, export_permission=cultivation.EXPORT, file_name=f"cultivation-{title}", template="indicators/cultivation.html",
        fill=lambda rows: cultivation.filled(title, day, language(), rows),
        empty=(gettext_lazy("这里没有企业"), gettext_lazy("换一个条件；还没有企业名册和数据时，也排不出来。")),
        about=[(gettext_lazy("称号"), TitleKind(title).label), (gettext_lazy("标准"), document), (gettext_lazy("判断日"), day.isoformat())],
        columns=(
            Column("firm.name", gettext_lazy("企业"), head=True, link=lambda row: reverse("enterprises:standards", args=[row.firm.uscc]), note=lambda row: row.firm.town),
            Column("firm.uscc", gettext_lazy("统一社会信用代码"), in_file=True),
            Column("state", gettext_lazy("离称号多远"), kind="status", value=lambda row: words.NEARNESS[row.state]),
            Column("lacks", gettext_lazy("差什么"), value=lacks_words),
            Column("asks", gettext_lazy("要问什么"), value=asks_words, nothing=gettext_lazy("不用问")),
            Column("firm.cluster", gettext_lazy("产业集群")),
            Column("firm.park", gettext_lazy("园区"), wide=True)),
        filters=(
            Filter("q", gettext_lazy("企业名称或信用代码"), kind="search", fields=("firm.name", "firm.uscc")),
            Filter("state", gettext_lazy("离称号多远"), choices=[(key, words.NEARNESS[key][1]) for key in cultivation.STATES]),
            Filter("cluster", gettext_lazy("产业集群"), choices=_clusters, fields=("firm.cluster",))))


def _rows(title: str, day: dt.date, permission: str) -> Callable[[Any], Sequence[Shown]]:
    return lambda person: cultivation.nearest(person, title, day, permission)


def _clusters(person: Any) -> list[tuple[str, str]]:
    from diguan.enterprises import queries as enterprises

    return [(word, word) for word in enterprises.choices(person, "cluster")]


def lacks_words(row: Shown) -> str:
    """The clauses that fail, each with what there is and how far it is."""
    failing = [_("{says}（{reason}）").format(says=one.says, reason=one.reason) for one in row.lacks if not one.open_]
    return _("；").join(failing) or (_("没有不符合的") if row.lacks else _("都符合，可以申报"))


def asks_words(row: Shown) -> str:
    """The facts nobody has told us, with their periods and who delivers them."""
    asks = {ask.fact.name: ask for one in row.lacks for ask in one.asks}
    return _("；").join(_asked(ask) for ask in asks.values())


def _asked(ask: cultivation.Ask) -> str:
    name = ask.fact.title.get(language()) or ask.fact.title.get("zh", ask.fact.name)
    of = f" {ask.periods}" if ask.periods else ""
    who = _("、").join(deliverers(ask.fact))
    return _("{what}（{who}报送）").format(what=f"{name}{of}", who=who) if who else f"{name}{of}"
