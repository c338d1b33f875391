"""The list of claims: columns, filters, and a file that can be brought in again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.enterprises.engine import capabilities as kinds
from diguan.enterprises.models import NONE_WORD, Capability
from diguan.enterprises.queries import capabilities as register
from diguan.enterprises.web.capabilities import words
from diguan.kernel import access, clocks
from diguan.kernel.declare import DeskItem
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.shell import language


def address_of(row: Capability) -> str:
    """Where one claim is."""
    return reverse("enterprises:capability", args=[row.pk])


def list_address(**filters: Any) -> str:
    """The list narrowed to these filters."""
    return f"{reverse('enterprises:capabilities')}?{urlencode(filters)}"


def _dossier(row: Capability) -> str:
    return reverse("enterprises:enterprise_capabilities", args=[row.enterprise.uscc])


def _told(name: str) -> Callable[[Capability], Any]:
    return partial(words.in_file, name=name)


# What stands in the file has the headings of the sheet, so that the file can come back (web/capabilities/sheet.py).
COLUMNS = (
    Column("name", gettext_lazy("名称"), sort="name", link=address_of, note=words.summary, head=True),
    Column("uscc", gettext_lazy("统一社会信用代码"), value=lambda row: row.enterprise.uscc, in_file=True),
    Column("enterprise", gettext_lazy("企业名称"), sort="enterprise__name_key", value=lambda row: row.enterprise.name, link=_dossier),
    Column("kind", gettext_lazy("能力类别"), sort="kind", value=lambda row: words.kind_title(row.kind)),
    Column("status", gettext_lazy("核实情况"), kind="status", value=words.status_of),
    *(Column(name, words.later_label(name), value=_told(name), in_file=True) for name, column in kinds.COLUMNS.items()),
    Column("issuer", gettext_lazy("出具单位"), sort="issuer", wide=True),
    Column("document", gettext_lazy("文号或证书号"), in_file=True),
    Column("issued", gettext_lazy("出具日期"), kind="day", sort="issued"),
    Column("valid_until", gettext_lazy("有效期至"), kind="day", sort="valid_until", wide=True, nothing=gettext_lazy("长期")),
)


def _words(column: str) -> Callable[[Any], list[tuple[str, str]]]:
    return lambda person: [(text, _("无") if text == NONE_WORD else text) for text in register.words_of(person, column)]


FILTERS = (
    Filter("q", gettext_lazy("名称、企业、出具单位或文号"), kind="search", apply=register.search),
    Filter("kind", gettext_lazy("能力类别"), choices=lambda person: [(name, kind.title.text(language())) for name, kind in kinds.KINDS.items()]),
    Filter("state", gettext_lazy("核实情况"), choices=lambda person: words.states(), apply=lambda rows, state: register.in_state(rows, state, clocks.today())),
    Filter("cluster", gettext_lazy("产业集群"), choices=_words("cluster"), fields=("enterprise__cluster",)),
    Filter("town", gettext_lazy("乡镇"), choices=_words("town"), fields=("enterprise__town",)),
    Filter("category", gettext_lazy("产品品类"), choices=lambda person: [(text, text) for text in register.categories(person)], fields=("details__category",)),
    Filter("level", gettext_lazy("级别"), choices=lambda person: [(level, words.word(level)) for level in kinds.LEVELS], fields=("details__level",)),
    Filter("ending", gettext_lazy("90 天内到期"), kind="bool", apply=lambda rows, _on: register.ending(rows, clocks.today())),
)

PAGE = ListPage(
    title=gettext_lazy("能力名册"),
    rows=lambda person: register.visible_capabilities(person).select_related("enterprise"),
    columns=COLUMNS, filters=FILTERS, permission=register.VIEW, export_permission=register.EXPORT, file_name="capabilities",
    empty=(gettext_lazy("能力名册里还没有记录"), gettext_lazy("到一家企业的“能力”页填报，或导入一份能力名册。")),
    template="enterprises/capabilities.html",
    about=((gettext_lazy("说明"), gettext_lazy("产能不是产量；份额带着分母；“核实情况”是导出当天的")),),
)


def desk(person: Any) -> Iterator[DeskItem]:
    """What the register puts on the desk: claims that wait for this person to verify them, and those about to end."""
    rows = register.visible_capabilities(person)
    waiting = register.in_state(access.visible(rows, person, register.VERIFY), "claimed", clocks.today()).exclude(entered_by=person).exclude(created_by=person).count()
    if waiting:
        yield DeskItem("week", "warn", _("待核实"), _("{n} 条企业能力等人核实").format(n=waiting), _("核实之前不计入全县的数"), "",
                       list_address(state="claimed"), _("去核实"), 40)
    ending = register.ending(rows, clocks.today()).count()
    if ending:
        yield DeskItem("waiting", "mute", _("快到期"), _("{n} 条已核实的能力 90 天内到期").format(n=ending), _("到期后不再计数，请企业补新的凭证"), "",
                       list_address(ending=1), _("看名单"), 60)
