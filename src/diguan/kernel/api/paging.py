"""Pages by cursor: each begins after the last row of the one before, so rows that come or go meanwhile shift nothing.

A cursor is opaque to clients. It holds the sort key of the last row shown, the filters it was shown by and, where pages
only make sense together, the name of what they are pages of (a run): when one of these is another, the client begins anew.
"""

from __future__ import annotations

import base64
import binascii
import bisect
import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, NoReturn, TypeVar

from django.db.models import Model, Q, QuerySet
from ninja import Path
from pydantic import AwareDatetime, Field

from diguan.kernel.api.problems import refuse
from diguan.kernel.api.sent import Sent
from diguan.kernel.api.versions import brief
from diguan.kernel.lists import Filter

M = TypeVar("M", bound=Model)
T = TypeVar("T")
MOST = 200
LARGEST = 2**63 - 1
Values = tuple[str | int, ...]
Number = Annotated[int, Path(ge=1, le=LARGEST)]
# The ends of the calendar overflow as soon as a zone is taken off.
Instant = Annotated[AwareDatetime, Field(ge=dt.datetime(1970, 1, 1, tzinfo=dt.UTC), lt=dt.datetime(2200, 1, 1, tzinfo=dt.UTC))]


class Paging(Sent):
    """What every list takes; a list's own filters are added to it."""

    cursor: str = Field("", max_length=2000, pattern=r"^[A-Za-z0-9_-]*$", description="`next` of the page before")
    limit: int = Field(50, ge=1, le=MOST, description="Rows a page, at most")

    @property
    def filters(self) -> str:
        """The filters in short: two pages of one list have the same."""
        return brief(self.model_dump_json(exclude={"cursor", "limit"}))


@dataclass(frozen=True)
class Part(Generic[T]):
    """The rows of one page, and the cursor of the next; None on the last."""

    rows: Sequence[T]
    next: str | None


def of_query(rows: QuerySet[M], order: Sequence[str], asked: Paging) -> Part[M]:
    """One page of a query by fields that hold no nulls, the last of them unique; ``-id`` runs down.

    Raises:
        Refusal: the cursor is none of ours.
    """
    limit, after = asked.limit, _read(asked, "", _kinds(rows, order)) if asked.cursor else None
    wanted = rows.order_by(*order)
    if after is not None:
        wanted = wanted.filter(_after(order, after))
    found = list(wanted[: limit + 1])
    last = found[limit - 1] if len(found) > limit else None
    return Part(found[:limit], _write(asked, "", tuple(getattr(last, name.lstrip("-")) for name in order)) if last is not None else None)


def filtered(rows: Any, filters: Sequence[Filter], asked: Paging) -> Any:
    """The rows that pass the filters of a list page, as they were asked for by the same keys."""
    for item in filters:
        value = getattr(asked, item.key)
        rows = item.narrow(rows, str(value)) if value else rows
    return rows


def of_list(rows: Sequence[T], key: Callable[[T], Values], asked: Paging, of: str = "") -> Part[T]:
    """One page of rows at hand, by a key that is different for each; ``of`` names what they are pages of.

    Raises:
        Refusal: the cursor is none of ours, or belongs to another ``of`` (``moved_on``).
    """
    ordered = sorted(rows, key=key)
    start, limit = 0, asked.limit
    if asked.cursor:
        kinds = tuple(type(value) for value in key(ordered[0])) if ordered else None
        start = bisect.bisect_right(ordered, _read(asked, of, kinds), key=key)
    shown = ordered[start:start + limit]
    return Part(shown, _write(asked, of, key(shown[-1])) if start + limit < len(ordered) else None)


def of_place(read: Callable[[int, int], Sequence[T]], asked: Paging) -> Part[T]:
    """One page of what never changes, by place: ``read(limit, start)`` answers the rows from a place on.

    Raises:
        Refusal: the cursor is none of ours.
    """
    start, limit = int(_read(asked, "", (int,))[0]) if asked.cursor else 0, asked.limit
    if start < 0:
        _no_cursor()
    found = read(limit + 1, start)
    return Part(found[:limit], _write(asked, "", (start + limit,)) if len(found) > limit else None)


def _after(order: Sequence[str], values: Values) -> Q:
    """The rows behind a key: (a, b) > (x, y) is a > x, or a = x and b > y."""
    found, same = Q(pk__in=[]), Q()
    for name, value in zip(order, values, strict=True):
        field = name.lstrip("-")
        found |= same & Q(**{f"{field}__{'lt' if name.startswith('-') else 'gt'}": value})
        same &= Q(**{field: value})
    return found


def _kinds(rows: QuerySet[M], order: Sequence[str]) -> tuple[type, ...]:
    fields = [rows.model._meta.get_field(name.lstrip("-")) for name in order]
    return tuple(int if getattr(field, "get_internal_type", str)().endswith(("IntegerField", "AutoField")) else str for field in fields)


def _write(asked: Paging, of: str, values: Values) -> str:
    return base64.urlsafe_b64encode(json.dumps([of, asked.filters, *values], ensure_ascii=False).encode()).decode().rstrip("=")


def _read(asked: Paging, of: str, kinds: tuple[type, ...] | None) -> Values:
    cursor = asked.cursor
    try:
        held = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        held = None
    if not isinstance(held, list) or len(held) < 2 or not all(_plain(value) for value in held):
        _no_cursor()
    if held[0] != of:
        refuse("moved_on", "翻页途中又有了新的比对，请从第一页重新读", "a new match came while you were paging: begin again with the first page")
    if held[1] != asked.filters:
        refuse("cursor", "cursor 是用另一组筛选条件得到的，请从第一页重新读", "cursor was given for other filters: begin again with the first page", "cursor")
    values = tuple(held[2:])
    if kinds is not None and tuple(type(value) for value in values) != kinds:
        _no_cursor()
    return values


def _plain(value: Any) -> bool:
    if isinstance(value, str):  # half a surrogate pair is no text for a database, nor is NUL
        return "\x00" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)
    return type(value) is int and abs(value) <= LARGEST


def _no_cursor() -> NoReturn:
    refuse("cursor", "cursor 不是上一页给的 next", "cursor is not the `next` of a page", "cursor")
