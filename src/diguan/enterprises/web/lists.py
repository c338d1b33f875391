"""The list of enterprises: columns, filters and what the search box finds, in one declaration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from diguan.enterprises import queries
from diguan.enterprises.models import NONE_WORD, BusinessStatus, Enterprise, ProductionStatus, TitleKind
from diguan.enterprises.queries import dossier
from diguan.kernel import clocks, packs, places
from diguan.kernel.declare import Hit, Hits
from diguan.kernel.lists import Column, Filter, ListPage

EXPORT = "enterprises.export_enterprise"
_KINDS = {ProductionStatus.PRODUCING: "ok", ProductionStatus.BUILDING: "accent", ProductionStatus.STOPPED: "warn", ProductionStatus.NOT_STARTED: "mute"}


def address_of(row: Enterprise) -> str:
    """Where its dossier is."""
    return reverse("enterprises:dossier", args=[row.uscc])


def status_of(row: Enterprise) -> tuple[str, str]:
    """One status: what the register says where it no longer stands, else whether it produces."""
    if row.business_status and row.business_status != BusinessStatus.ACTIVE:
        return ("mute", str(row.get_business_status_display()))
    if row.production_status:
        return (_KINDS.get(ProductionStatus(row.production_status), "mute"), str(row.get_production_status_display()))
    return ("accent", str(row.get_business_status_display())) if row.business_status else ("unknown", _("状态未知"))


def word(text: str) -> str:
    """A word of the register in a table: 无 stays a word, unknown says so."""
    return _("无") if text == NONE_WORD else text or _("未知")


def _industry(row: Enterprise) -> str:
    return packs.codes().industries.get(row.industry, row.industry) or _("未知")


def _titles(row: Enterprise) -> str:
    return "、".join(title.name for title in dossier.held_titles(row))


def _region(row: Enterprise) -> str:
    return packs.codes().regions.get(row.registered_region, row.registered_region) or _("未知")


COLUMNS = (
    Column("name", gettext_lazy("企业"), sort="name_key", link=address_of, note=lambda row: row.uscc, head=True),
    Column("uscc", gettext_lazy("统一社会信用代码"), in_file=True),
    Column("status", gettext_lazy("状态"), kind="status", value=status_of),
    Column("industry", gettext_lazy("行业"), sort="industry", value=_industry),
    Column("cluster", gettext_lazy("产业集群"), sort="cluster", value=lambda row: word(row.cluster)),
    Column("town", gettext_lazy("所在乡镇"), sort="town", value=lambda row: word(row.town)),
    Column("park", gettext_lazy("所在园区"), sort="park", value=lambda row: word(row.park), wide=True),
    Column("registered_region", gettext_lazy("登记地"), value=_region, in_file=True),
    Column("established", gettext_lazy("成立日期"), kind="day", sort="established", wide=True, nothing=gettext_lazy("未知")),
    Column("registered_capital_fen", gettext_lazy("注册资本"), kind="money", sort="registered_capital_fen", wide=True, nothing=gettext_lazy("未知")),
    Column("titles", gettext_lazy("资质"), value=_titles, nothing=gettext_lazy("没有登记过")),
)


def _words(column: str) -> Callable[[Any], list[tuple[str, str]]]:
    return lambda person: [(text, word(text)) for text in queries.choices(person, column)]


def _regions(person: Any) -> list[tuple[str, str]]:
    names = packs.codes().regions
    return [(code, names.get(code, code)) for code in queries.choices(person, "registered_region")]


def _sections(person: Any) -> list[tuple[str, str]]:
    """The sections of industry in use, by letter."""
    used = {places.section_of(code) for code in queries.choices(person, "industry") if places.industry_well_formed(code)}
    place = 2 if (get_language() or "zh").startswith("zh") else 3
    return [(letter, f"{letter} {section[place]}") for letter, section in places.SECTIONS.items() if letter in used]


def _titles_offered(person: Any) -> list[tuple[str, str]]:
    return [(kind.value, str(kind.label)) for kind in TitleKind if kind is not TitleKind.OTHER]


FILTERS = (
    Filter("q", gettext_lazy("名称、拼音首字母或代码"), kind="search", apply=lambda rows, text: queries.search(None, text, rows)),
    Filter("cluster", gettext_lazy("产业集群"), choices=_words("cluster")),
    Filter("park", gettext_lazy("园区"), choices=_words("park")),
    Filter("town", gettext_lazy("乡镇"), choices=_words("town")),
    Filter("registered_region", gettext_lazy("登记地"), choices=_regions),
    Filter("section", gettext_lazy("行业门类"), choices=_sections, apply=queries.in_section),
    Filter("production_status", gettext_lazy("生产状态"), choices=ProductionStatus.choices),
    Filter("business_status", gettext_lazy("登记状态"), choices=BusinessStatus.choices),
    Filter("title", gettext_lazy("今天持有的资质"), choices=_titles_offered, apply=lambda rows, kind: queries.holding(rows, kind, clocks.today())),
)

PAGE = ListPage(
    title=gettext_lazy("企业库"),
    rows=lambda person: queries.visible_enterprises(person).prefetch_related("titles"),
    columns=COLUMNS, filters=FILTERS, permission=queries.VIEW, export_permission=EXPORT, file_name="enterprises",
    empty=(gettext_lazy("企业库里还没有企业"), gettext_lazy("导入一份企业名册，或登记一家企业。")),
    template="enterprises/list.html",
)


def found(person: Any, text: str, limit: int) -> Hits:
    """What the search box finds among enterprises."""
    rows = queries.search(person, text)
    hits = [Hit(row.name, address_of(row), row.uscc, status_of(row)) for row in rows[:limit]]
    return Hits(hits, rows.count(), f"{reverse('enterprises:list')}?{urlencode({'q': text})}")
