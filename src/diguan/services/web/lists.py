"""The list of matters: columns, filters, what the search box finds; the file that is exported has the national columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel.declare import DeskItem, Hit, Hits
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.services import queries
from diguan.services.engine import cells, fields
from diguan.services.models import Matter, MatterState
from diguan.services.queries import shelf
from diguan.services.web import words

ON_PAGE = ("name", "bureau", "kind", "statutory_days", "promised_days", "visits")


def address_of(row: Matter) -> str:
    """Where its page is."""
    return reverse("services:matter", args=[row.key])


def _told(rows: Sequence[Any]) -> Sequence[Any]:
    """The rows with what their newest version says, for the columns of the file."""
    newest = queries.newest(rows)
    for row in rows:
        row.told = newest.get(row.pk)
    return rows


def _in_file(spec: fields.Spec) -> Column:
    return Column(spec.name, spec.zh, in_file=True, value=_cell(spec))


def _cell(spec: fields.Spec) -> Callable[[Any], Any]:
    return lambda row: cells.written(spec, row.told.content[spec.name], shelf.known()) if row.told else ""


def _day(name: str) -> Callable[[Any], Any]:
    return lambda row: getattr(row.told, name) if row.told else None


PAGE = ListPage(
    title=gettext_lazy("政务服务事项"), rows=queries.visible_matters,
    columns=(
        Column("name", gettext_lazy("事项名称"), sort="name_key", link=address_of, head=True, note=lambda row: row.task_code or _("编码待核")),
        Column("key", gettext_lazy("事项标识"), in_file=True),
        Column("state", gettext_lazy("状态"), kind="status", value=words.state_of),
        Column("bureau", gettext_lazy("实施主体"), sort="bureau"),
        Column("kind", gettext_lazy("事项类型"), sort="kind", value=lambda row: words.word(row.kind), wide=True),
        Column("statutory_days", gettext_lazy("法定办结时限"), kind="number", sort="statutory_days", nothing=gettext_lazy("法律没有规定")),
        Column("promised_days", gettext_lazy("承诺办结时限"), kind="number", sort="promised_days"),
        Column("visits", gettext_lazy("到办事现场次数"), kind="number", sort="visits"),
        *(_in_file(spec) for spec in fields.SPECS if spec.name not in ON_PAGE),
        Column("valid_from", gettext_lazy("计划生效日期"), kind="day", in_file=True, value=_day("valid_from")),
        Column("valid_to", gettext_lazy("计划取消日期"), kind="day", in_file=True, value=_day("valid_to")),
    ),
    filters=(
        Filter("q", gettext_lazy("名称或编码"), kind="search", apply=queries.search),
        Filter("bureau", gettext_lazy("实施主体"), choices=lambda person: [(name, name) for name in queries.bureaus(person)]),
        Filter("kind", gettext_lazy("事项类型"), choices=words.choices(fields.KINDS)),
        Filter("case_type", gettext_lazy("办件类型"), choices=words.choices(fields.CASE_TYPES)),
        Filter("state", gettext_lazy("状态"), choices=MatterState.choices),
        Filter("waiting", gettext_lazy("有草稿等发布"), kind="bool", apply=lambda rows, _value: queries.with_draft(rows)),
        Filter("provisional", gettext_lazy("暂录待核"), kind="bool"),
        Filter("is_fee", gettext_lazy("收费"), kind="bool"),
    ),
    permission=queries.VIEW, export_permission=queries.EXPORT, file_name="matters", template="services/matters.html", fill=_told,
    empty=(gettext_lazy("事项库里还没有事项"), gettext_lazy("从数据包载入，或导入一份事项清单。")),
)


def found(person: Any, text: str, limit: int) -> Hits:
    """What the search box finds among matters."""
    rows = queries.search(queries.visible_matters(person), text)
    hits = [Hit(row.name, address_of(row), row.bureau, words.state_of(row)) for row in rows[:limit]]
    return Hits(hits, rows.count(), f"{reverse('services:matters')}?{urlencode({'q': text})}")


def desk(person: Any) -> Iterator[DeskItem]:
    """Drafts that wait for this person to publish them."""
    waiting = queries.to_publish(person)
    if waiting:
        yield DeskItem("week", "warn", _("等发布"), _("{n} 个事项有草稿等发布").format(n=waiting), _("起草的和发布的要是两个人"), "", f"{reverse('services:matters')}?waiting=1", _("去看"), 45)
