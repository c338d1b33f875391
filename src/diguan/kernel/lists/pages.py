"""One list page, made from a declaration: filters in the URL, chips, sorting, pages, export of what is filtered.

``rows(person)`` answers a queryset or a sequence; both are filtered, sorted and paged alike: rows
without a value come last, and ties are broken by the id (or the row's place), so no row is on two pages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from diguan.kernel import access, clocks
from diguan.kernel.declare import Text
from diguan.kernel.lists import files
from diguan.kernel.lists.models import SavedView

PAGE_SIZE = 25
LARGE = 1_000
MOST_EXPORTED = 100_000
_NUMERIC = ("money", "number", "percent")


@dataclass(frozen=True)
class Column:
    """One column. ``kind``: text, money (fen), number, percent (basis points), amount (words of a figure with its unit), day, moment, status, fact.

    ``key`` is read from the row by dots (``owner_unit.name``) unless ``value(row)`` is given; ``sort`` is an
    ORM field, or True to sort by the key. A status column's value is a pair (kind, word). A ``wide`` one is
    left out where a row is a card on a phone; one ``in_file`` stands in the exported file alone. ``nothing`` says
    what an empty cell means: known to be none, or not known.
    """

    key: str
    label: Text
    kind: str = "text"
    sort: str | bool = False
    value: Callable[[Any], Any] | None = None
    link: Callable[[Any], str] | None = None
    note: Callable[[Any], Any] | None = None
    head: bool = False
    wide: bool = False
    in_file: bool = False
    nothing: Text = "—"

    def of(self, row: Any) -> Any:
        """The row's value in this column."""
        return self.value(row) if self.value else _read(row, self.key)

    @property
    def numeric(self) -> bool:
        """Whether figures stand right."""
        return self.kind in _NUMERIC


@dataclass(frozen=True)
class Filter:
    """One filter, a key of the URL. ``kind``: choice, bool or search.

    ``choices`` are pairs or a function of the person; ``apply(rows, value)`` replaces the default, which
    compares ``fields`` (or the key) with the value; search asks for any of the fields to contain it.
    """

    key: str
    label: Text
    kind: str = "choice"
    choices: Sequence[tuple[str, Text]] | Callable[[Any], Sequence[tuple[str, Text]]] = ()
    fields: Sequence[str] = ()
    apply: Callable[[Any, str], Any] | None = None

    def options(self, person: Any) -> list[tuple[str, Text]]:
        """The choices this person is offered."""
        return list(self.choices(person) if callable(self.choices) else self.choices)

    def narrow(self, rows: Any, value: str) -> Any:
        """The rows that pass."""
        if self.apply:
            return self.apply(rows, value)
        names = self.fields or (self.key,)
        wanted: Any = True if self.kind == "bool" else value
        if isinstance(rows, QuerySet):
            condition = Q()
            for name in names:
                condition |= Q(**{f"{name}__icontains" if self.kind == "search" else name: wanted})
            return rows.filter(condition)
        if self.kind == "search":
            return [row for row in rows if any(value.lower() in str(_read(row, name)).lower() for name in names)]
        return [row for row in rows if any(_read(row, name) == wanted for name in names)]


@dataclass(frozen=True)
class ListPage:
    """A list page: call ``show(request)`` from a view."""

    title: Text
    rows: Callable[[Any], Any]
    columns: Sequence[Column]
    permission: str
    filters: Sequence[Filter] = ()
    export_permission: str | None = None
    file_name: str = "list"
    order: str = ""
    empty: tuple[Text, ...] = ()
    template: str = "kernel/list.html"
    extra: dict[str, Any] = field(default_factory=dict)
    about: Sequence[tuple[Text, Text]] = ()
    """What an exported workbook says of itself besides its title, filters and who took it: pairs of a word and a sentence."""
    personal: bool = False
    """It lists what waits for the person, and ``empty`` says so; else who reaches their own office alone is told that its emptiness is their office's."""
    most_counted: int = 0
    """Of a list that may have a million rows: so many are counted and paged through at most, newest or first sorted; who wants others filters. 0: all."""
    kept: Sequence[str] = ()
    """Keys of the address that say what the list is of, no filters of it: every link of the page keeps them."""
    fill: Callable[[Sequence[Any]], Sequence[Any]] | None = None
    """Given the rows about to be shown or exported, answers them with what is too dear to work out for every row."""

    def show(self, request: HttpRequest, **context: Any) -> HttpResponse:
        """The page, or the file when ``?export=xlsx`` (or csv) is asked.

        Raises:
            access.Forbidden: the person may not see, or not export, this list.
        """
        access.require(request.user, self.permission)
        chosen = self.chosen(request)
        rows = self.narrowed(request, chosen)
        order = self._order(request)
        rows = _sorted(rows, self._sort_key(order), order.startswith("-"))
        if request.GET.get("export") in ("xlsx", "csv") and self.export_permission:
            access.require(request.user, self.export_permission)
            if isinstance(rows, QuerySet):  # who may see more than they may export takes out only the latter
                rows = access.visible(rows, request.user, self.export_permission)
            return self._file(rows, request, chosen)
        page = _narrow_first(_Counted(rows, PAGE_SIZE, self.most_counted).get_page(request.GET.get("page")), rows)
        return render(request, self.template, {**self.extra, **self._context(request, page, chosen, order), **context})

    def narrowed(self, request: HttpRequest, chosen: list[tuple[Filter, str]] | None = None) -> Any:
        """The rows that pass the filters in the address."""
        rows = self.rows(request.user)
        for item, value in self.chosen(request) if chosen is None else chosen:
            rows = item.narrow(rows, value)
        return rows

    def chosen(self, request: HttpRequest) -> list[tuple[Filter, str]]:
        """The filters that are set, with values that are really offered."""
        found = []
        for item in self.filters:
            value = request.GET.get(item.key, "").strip()[:80]
            offered = not value or item.kind != "choice" or value in {key for key, _label in item.options(request.user)}
            if value and offered:
                found.append((item, value))
        return found

    @property
    def _shown(self) -> list[Column]:
        return [column for column in self.columns if not column.in_file]

    def _filled(self, rows: Any) -> Any:
        return self.fill(list(rows)) if self.fill else rows

    def _order(self, request: HttpRequest) -> str:
        wanted = request.GET.get("sort", self.order)
        known = {column.key for column in self.columns if column.sort}
        return wanted if wanted.lstrip("-") in known else self.order

    def _sort_key(self, order: str) -> str:
        name = order.lstrip("-")
        for column in self.columns:
            if column.key == name and isinstance(column.sort, str):
                return column.sort
        return name

    def _context(self, request: HttpRequest, page: Any, chosen: list[tuple[Filter, str]], order: str) -> dict[str, Any]:
        kept = {key: request.GET[key] for key in self.kept if request.GET.get(key)}
        values = {**kept, **{item.key: value for item, value in chosen}}
        query = {**values, **({"sort": order} if order and order != self.order else {})}
        return {
            "listing": self,
            "page": page,
            "total": page.paginator.count,
            "more": page.paginator.more,
            "heads": [_head(column, order, values) for column in self._shown],
            "lines": [[(column, column.of(row), *_about(column, row)) for column in self._shown] for row in self._filled(page.object_list)],
            "filters": [(item, item.options(request.user), values.get(item.key, "")) for item in self.filters],
            "chips": [_chip(item, value, query, request.user) for item, value in chosen],
            "query": urlencode(query),
            "kept": kept,
            "kept_query": urlencode(kept),
            "views": SavedView.objects.filter(person=request.user.pk, path=request.path) if self.filters else (),
            "path": request.path,
            "may_export": bool(self.export_permission) and access.may(request.user, self.export_permission or ""),
            "of_unit": not self.personal and access.scope(request.user, self.permission) in (access.Scope.UNIT, access.Scope.TEAM),
            "title": self.title,
            "crumbs": (),
        }

    def _file(self, rows: Any, request: HttpRequest, chosen: list[tuple[Filter, str]]) -> HttpResponse:
        kind = request.GET["export"]
        table = [[files.heading(column.label, column.kind) for column in self.columns]]
        table += [[files.value(column.kind, column.of(row)) for column in self.columns] for row in self._filled(rows[:MOST_EXPORTED])]
        filters = "；".join(f"{item.label} {_words_of(item, value, request.user)}".strip() for item, value in chosen)
        about = [(_("名单"), str(self.title)), *((str(label), str(text)) for label, text in self.about), (_("条件"), filters or _("没有筛选")),
                 (_("行数"), str(len(table) - 1)), (_("导出"), f"{request.user} · {clocks.now().astimezone(clocks.COUNTY_TIME):%Y-%m-%d %H:%M}")]
        body, mime = (files.xlsx(table, str(self.title), about), files.XLSX) if kind == "xlsx" else (files.csv_text(table), files.CSV)
        name = f"{self.file_name}-{clocks.today().isoformat()}.{kind}"
        return files.download(body, mime, name)


class _Counted(Paginator):  # type: ignore[type-arg]
    """Pages of at most so many rows; ``more`` says that there are others behind them."""

    def __init__(self, rows: Any, size: int, most: int) -> None:
        super().__init__(rows, size)
        self._most = most if isinstance(rows, QuerySet) else 0

    @cached_property
    def _found(self) -> int:
        rows: Any = self.object_list
        if self._most:
            return len(rows.values_list("pk")[: self._most + 1])
        return int(rows.count()) if isinstance(rows, QuerySet) else len(rows)

    @cached_property
    def count(self) -> int:
        """How many rows are paged through."""
        return min(self._found, self._most) if self._most else self._found

    @property
    def more(self) -> bool:
        """Whether there are rows behind the last page."""
        return bool(self._most) and self._found > self._most


def _narrow_first(page: Any, rows: Any) -> Any:
    """Of many rows first the ids in order, then the rows of the page: a database sorts numbers faster than whole rows."""
    if isinstance(rows, QuerySet) and page.paginator.count >= LARGE:
        ids = list(page.object_list.values_list("pk", flat=True))
        found = {row.pk: row for row in rows.order_by().filter(pk__in=ids)}
        page.object_list = [found[number] for number in ids if number in found]
    return page


def _read(row: Any, path: str) -> Any:
    for name in path.replace("__", ".").split("."):
        row = row.get(name) if isinstance(row, dict) else getattr(row, name, None)
    return row


def _sorted(rows: Any, key: str, down: bool) -> Any:
    if isinstance(rows, QuerySet):
        if not key:
            return rows if rows.ordered else rows.order_by("pk")
        if "__" not in key and any(field.name == key and not field.null for field in rows.model._meta.concrete_fields):
            return rows.order_by(f"-{key}" if down else key, "pk")  # nothing is missing: said so, an index could not be walked
        column = F(key).desc(nulls_last=True) if down else F(key).asc(nulls_last=True)
        return rows.order_by(column, "pk")
    rows = list(rows)
    if not key:
        return rows
    known = sorted((row for row in rows if _read(row, key) is not None), key=lambda row: _read(row, key), reverse=down)
    return known + [row for row in rows if _read(row, key) is None]


def _about(column: Column, row: Any) -> tuple[str, Any]:
    return (column.link(row) if column.link else "", column.note(row) if column.note else "")


def _head(column: Column, order: str, values: dict[str, str]) -> dict[str, Any]:
    current = order.lstrip("-") == column.key
    down = current and order.startswith("-")
    after = column.key if down or not current else f"-{column.key}"
    return {
        "column": column,
        "aria": ("descending" if down else "ascending") if current and column.sort else "",
        "url": "?" + urlencode({**values, "sort": after}) if column.sort else "",
    }


def _chip(item: Filter, value: str, query: dict[str, str], person: Any) -> dict[str, Any]:
    words = _words_of(item, value, person)
    rest = {key: kept for key, kept in query.items() if key != item.key}
    return {"label": item.label, "words": words, "url": f"?{urlencode(rest)}"}


def _words_of(item: Filter, value: str, person: Any) -> Text:
    return dict(item.options(person)).get(value, value) if item.kind != "bool" else ""
