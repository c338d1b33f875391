"""The list of hometown people, what the search box finds, and what the room puts on the desk about them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from diguan.kernel import clocks, packs
from diguan.kernel.declare import DeskItem, Hit, Hits
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.phones import masked
from diguan.ties.models import PersonKind, Purpose
from diguan.ties.queries import people, terms
from diguan.ties.web import words


def consent_status(row: Any) -> tuple[str, str]:
    """How long a visible person's consent lasts, as a status."""
    left = (row.until - clocks.today()).days
    if left <= terms.in_force(clocks.today()).remind_days:
        return "warn", ngettext("还有 %(n)s 天到期", "还有 %(n)s 天到期", left) % {"n": left}
    return "ok", _("同意有效")


def _towns(person: Any) -> list[tuple[str, str]]:
    return [(str(pk), name) for pk, name in people.towns(person, people.VIEW).values_list("pk", "name")]


def _regions(_person: Any) -> list[tuple[str, str]]:
    return [(code, name) for code, name in packs.codes().regions.items() if code.endswith("0000")]


COLUMNS = (
    Column("name", gettext_lazy("姓名"), sort="name_key", link=words.person_address, head=True, note=lambda row: f"#{row.pk}"),
    Column("kind", gettext_lazy("类别"), value=lambda row: row.get_kind_display()),
    Column("town", gettext_lazy("籍贯乡镇"), value=lambda row: row.town.name if row.town else "", sort="town__name", nothing=gettext_lazy("不清楚")),
    Column("place", gettext_lazy("现居地"), value=words.place, sort="region", nothing=gettext_lazy("不清楚")),
    Column("employer", gettext_lazy("工作单位"), note=lambda row: row.position, sort=True, nothing=gettext_lazy("没有说")),
    Column("skills", gettext_lazy("专长"), wide=True, nothing=gettext_lazy("没有说")),
    Column("phone", gettext_lazy("电话"), value=lambda row: masked(row.phone), nothing=gettext_lazy("没有留号码")),
    Column("consent", gettext_lazy("本人同意"), kind="status", value=consent_status),
    Column("until", gettext_lazy("同意到哪天"), kind="day", sort=True),
    Column("position", gettext_lazy("职务"), in_file=True),
    Column("employer_uscc", gettext_lazy("单位信用代码"), in_file=True),
    Column("owner_unit.name", gettext_lazy("归口单位"), in_file=True),
)
FILTERS = (
    Filter("q", gettext_lazy("姓名、单位或专长"), kind="search", apply=people.search),
    Filter("kind", gettext_lazy("类别"), choices=PersonKind.choices),
    Filter("town", gettext_lazy("籍贯乡镇"), choices=_towns),
    Filter("region", gettext_lazy("现居省份"), choices=_regions, apply=lambda rows, value: rows.filter(region__startswith=value[:2])),
    Filter("purpose", gettext_lazy("本人同意用于"), choices=Purpose.choices, apply=people.agreed_to),
    Filter("ending", gettext_lazy("同意快到期"), kind="bool", apply=lambda rows, _value: people.ending_soon(rows)),
)
PAGE = ListPage(
    title=gettext_lazy("乡情"), rows=people.visible_people, columns=COLUMNS, filters=FILTERS, permission=people.VIEW, export_permission=people.EXPORT, file_name="hometown-people", template="ties/people.html",
    empty=(gettext_lazy("这里还没有人"), gettext_lazy("本人同意了才能登记；同意到期或撤回的不在这里。")),
    about=[(gettext_lazy("口径"), gettext_lazy("只有本人同意在有效期内的人；号码一律遮盖"))])
LAPSED = ListPage(
    title=gettext_lazy("同意到期的"), rows=people.lapsed, permission=people.CHANGE, template="ties/lapsed.html", file_name="lapsed",
    columns=(Column("pk", gettext_lazy("编号"), value=lambda row: f"#{row.pk}", head=True, link=lambda row: reverse("ties:consent", args=[row.pk])),
             Column("unit", gettext_lazy("归口单位"), value=lambda row: row.owner_unit.name if row.owner_unit else ""),
             Column("over", gettext_lazy("同意到哪天"), kind="day", sort=True)),
    empty=(gettext_lazy("没有到期的"), gettext_lazy("在册的人，同意都在有效期内。")))


def found(person: Any, text: str, limit: int) -> Hits:
    """What the search box finds among people this person may see."""
    rows = people.search(people.visible_people(person), text)
    hits = [Hit(row.name, words.person_address(row), row.employer or words.place(row)) for row in rows[:limit]]
    return Hits(hits, rows.count(), f"{reverse('ties:people')}?{urlencode({'q': text})}")


def desk(person: Any) -> Iterator[DeskItem]:
    """Consents that run out soon, and rows whose consent is over: to be renewed or erased."""
    ending, over = people.running_out(person).count(), people.lapsed(person).count()
    if ending:
        yield DeskItem("week", "warn", _("快到期"), ngettext("%(n)s 位同乡的同意快到期", "%(n)s 位同乡的同意快到期", ending) % {"n": ending}, _("愿意再同意的请续期，过了日子谁也看不到"), "", f"{reverse('ties:people')}?ending=1", _("去看"), 45)
    if over:
        yield DeskItem("week", "mute", _("已到期"), ngettext("%(n)s 位同乡的同意到期了", "%(n)s 位同乡的同意到期了", over) % {"n": over}, _("续期，或者撤回并删除"), "", reverse("ties:lapsed"), _("去办"), 63)


