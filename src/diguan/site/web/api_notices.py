"""Routes of notices 通知: a recipient's inbox, one notice, its opening and its answer; the outbox of the house.

On a page whoever looks at a notice has opened it. Here a GET changes nothing, as HTTP has it: a program that fetches
notices has shown them to nobody yet. It says so by POST …/open once somebody of the recipient has seen one.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from diguan.kernel import access
from diguan.kernel.api import paging
from diguan.kernel.api.once import Key, once
from diguan.kernel.api.problems import READS, WRITES, NoNul
from diguan.kernel.api.sent import Sent
from diguan.kernel.api.versions import IF_MATCH, require_match, told
from diguan.kernel.notices import actions, kinds, queries
from diguan.kernel.notices.models import Dispatch, Notice, State
from diguan.kernel.shell import asking
from diguan.kernel.web import notices as pages
from diguan.kernel.web import shown

router = Router(tags=["notices"])


# ── what goes out ────────────────────────────────────────────────────────────
class NoticeLine(Schema):
    """One message to one recipient. ``holds`` is false once what it says is no longer so; ``uscc`` is null for one to a person.

    ``state``: queued, delivered, opened, acted, refused or withdrawn; ``reason`` is the code of why not, ``words`` what was written to it.
    """

    id: int
    kind: str
    title: str
    body: str
    addressee: str
    uscc: str | None
    about_kind: str
    about_id: str
    state: str
    holds: bool
    reason: str | None
    words: str | None
    created_at: dt.datetime


class NoticePage(Schema):
    items: list[NoticeLine]
    next: str | None


class InboxPage(NoticePage):
    """``unopened``: how many nobody of the recipient has opened yet and still hold."""

    unopened: int


class WayOut(Schema):
    """How far it has come by one channel; ``note`` is why it failed."""

    channel: str
    state: str
    at: dt.datetime | None
    note: str | None


class OutboxLine(NoticeLine):
    place: str | None
    ways: list[WayOut]


class OutboxPage(Schema):
    items: list[OutboxLine]
    next: str | None


class NoticeOut(NoticeLine):
    """One notice. ``act`` and ``reasons`` are what its recipient may answer now, null where there is nothing to answer.

    ``ways`` and ``text`` (the short message) are for the house; a recipient finds null.
    """

    opened_at: dt.datetime | None
    answered_at: dt.datetime | None
    answered_by: str | None
    act: str | None
    reasons: dict[str, str] | None
    ways: list[WayOut] | None
    text: str | None


def _line(row: Notice) -> dict[str, Any]:
    kept = {name: getattr(row, name) for name in ("kind", "addressee", "about_kind", "about_id", "state", "holds", "created_at")}
    return kept | {"id": row.pk, "title": shown.title(row), "body": shown.body(row), "uscc": row.uscc or None, "reason": row.reason or None, "words": row.reason_text or None}


def _ways(rows: Any) -> list[WayOut]:
    return [WayOut(channel=way.channel, state=way.state, at=way.at, note=way.note or None) for way in rows]


def _out(person: Any, row: Notice) -> NoticeOut:
    mine, kind = queries.addressed(person, row), kinds.kind_of(row)
    asked = bool(mine and row.holds and kind.act)
    ways = None if mine else _ways(Dispatch.objects.filter(notice=row).order_by("id"))
    return NoticeOut(
        **_line(row), opened_at=row.opened_at, answered_at=row.answered_at, answered_by=row.answered_by.name if row.answered_by else None,
        act=str(kind.act) if asked else None, reasons={name: str(words) for name, words in kind.reasons.items()} if asked else None,
        ways=ways, text=None if mine else row.text or None)


def _told(request: HttpRequest, number: int) -> HttpResponse:
    row = pages.notice_of(request, number)
    return told(_out(asking(request), row), version=_version(row))


def _version(row: Notice) -> str:
    """What an answer would change: another one's answer since then, or the end of what it says, makes it another version."""
    answered = f"-{row.answered_at:%Y%m%d%H%M%S%f}" if row.answered_at else ""
    return f"{row.state}{answered}{'' if row.holds else '-ended'}"


# ── reads ────────────────────────────────────────────────────────────────────
class OutboxFilters(paging.Paging):
    """The filters of the list page."""

    q: str = Field("", max_length=80, description="Name or credit code of an enterprise")
    about: str = Field("", max_length=100, description="A policy's id, for one")
    state: Literal["", "queued", "delivered", "opened", "acted", "refused", "withdrawn", "ended"] = Field("", description="ended: no longer so, after it went out")
    channel: Literal["", "page", "handed", "sent", "failed", "lost", "none"] = Field(
        "", description="handed: as a message, no receipt yet; lost: the message came back and nobody opened it on the page; none: by none so far")
    town: str = Field("", max_length=60)


@router.get("/inbox", response={200: InboxPage, **READS}, url_name="inbox")
def list_inbox(request: HttpRequest, asked: Query[paging.Paging]) -> HttpResponse:
    """What is addressed to you or to an enterprise you act for, newest first. Reading it opens nothing."""
    person = asking(request)
    access.require(person, queries.VIEW)
    part = paging.of_query(queries.inbox(person), ("-id",), asked)
    return told(InboxPage(items=[NoticeLine(**_line(row)) for row in part.rows], next=part.next, unopened=queries.unopened(person)))


@router.get("/outbox", response={200: OutboxPage, **READS}, url_name="outbox")
def list_outbox(request: HttpRequest, asked: Query[OutboxFilters]) -> HttpResponse:
    """Every notice the office may see, newest first, and how far each has come by which channel."""
    pages.require_office(request)
    part = paging.of_query(paging.filtered(queries.visible(asking(request)), pages.OUTBOX.filters, asked), ("-id",), asked)
    ways = queries.ways(part.rows)
    return told(OutboxPage(items=[OutboxLine(**_line(row), place=row.place or None, ways=_ways(ways[row.pk])) for row in part.rows], next=part.next))


@router.get("/notices/{number}", response={200: NoticeOut, **READS}, url_name="notice")
def one_notice(request: HttpRequest, number: paging.Number) -> HttpResponse:
    """One notice; its ETag is what an answer needs as If-Match. Reading it does not open it: see ``/notices/{number}/open``."""
    return _told(request, number)


# ── the recipient's writes ───────────────────────────────────────────────────
class NoticeAnswer(Sent):
    """``refused`` needs a ``reason`` of those the notice offers, and ``other`` needs ``words`` to it."""

    answer: Literal["acted", "refused"]
    reason: Annotated[str, NoNul, Field(max_length=40)] = ""
    words: Annotated[str, NoNul, Field(max_length=200)] = ""


def _addressed(request: HttpRequest, number: int) -> Notice:
    row = pages.notice_of(request, number)
    access.require(asking(request), queries.ANSWER, row)
    return row


@router.post("/notices/{number}/open", response={200: NoticeOut, **WRITES}, url_name="notice_open")
def open_notice(request: HttpRequest, number: paging.Number, key: Key = None) -> HttpResponse:
    """Note that somebody of the recipient has seen it; only the first time counts, and an official who looks on may not."""
    row = _addressed(request, number)

    def work() -> HttpResponse:
        actions.look(notice=row, by=asking(request))
        return _told(request, number)

    return once(request, key, work)


@router.post("/notices/{number}/answer", response={200: NoticeOut, **WRITES}, url_name="notice_answer", openapi_extra=IF_MATCH)
def answer_notice(request: HttpRequest, number: paging.Number, data: NoticeAnswer, key: Key = None) -> HttpResponse:
    """The recipient will, or will not and why; they may think again while it holds."""
    row, acted = _addressed(request, number), data.answer == State.ACTED

    def work() -> HttpResponse:
        require_match(request, _version(row))
        actions.answer_notice(notice=row, acted=acted, reason="" if acted else data.reason, words="" if acted else data.words, by=asking(request))
        return _told(request, number)

    return once(request, key, work)
