"""Who leads a chain is told once of a month in yellow or red; what no longer holds, since figures were corrected, ends.

It runs with everything that is due (``diguan tick``, the worker of ``serve``). Run twice, or two at once, it tells nothing twice; only what got worse is told again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.urls import reverse

from diguan.chains.engine import warning as engine
from diguan.chains.queries import shelf
from diguan.chains.queries import warning as reads
from diguan.chains.queries.warning import HEAR, Board, Watched
from diguan.kernel import access, packs
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.messages import Message
from diguan.kernel.money import percent
from diguan.kernel.notices import actions as notices
from diguan.kernel.notices.kinds import Draft
from diguan.kernel.notices.models import Notice
from diguan.kernel.rules.nodes import DocumentErrors

log = logging.getLogger("diguan.chains")
KIND, ABOUT = "chains.warning", "chain_warning"
COLOURS = {engine.RED: Message("红色预警", "Red warning"), engine.YELLOW: Message("黄色预警", "Yellow warning")}


class _Nothing(Exception):
    """There is nothing new; the transaction leaves no trace."""


def warn_due() -> int:
    """What the clock does, in the name of whoever longest is told of warnings; answers how many chains were told of or ended."""
    try:
        by = access.acting_person(None, HEAR, reads.VIEW)
        board = reads.board(by)
    except (Refusal, access.Forbidden):
        return 0
    except (packs.PackError, DocumentErrors):  # a county's own file that cannot be read must not stop what else is due
        log.exception("chains could not be watched; it is done again the next time")
        return 0
    return sum(_warned(one, board, by) for one in board.chains) if board else 0


def _warned(one: Watched, board: Board, by: Person) -> int:
    if one.level not in COLOURS and not _open(one.key, board.month):
        return 0
    try:
        warn_chain(chain=one, board=board, by=by)
    except _Nothing:
        return 0
    return 1


def _about(key: str, month: str, level: str) -> str:
    return f"{key}/{month}/{level}"


def _open(key: str, month: str) -> list[Notice]:
    return list(Notice.objects.filter(kind=KIND, about_kind=ABOUT, about_id__startswith=f"{key}/{month}/", ended_at__isnull=True).order_by("id"))


@action(permission=HEAR, event="chain_warned")
def warn_chain(*, chain: Watched, board: Board, by: Person) -> Done[Notice]:
    """Tell of one chain in one month who is to be told and was not yet; end what was told of it and no longer holds."""
    held = _open(chain.key, board.month)
    over = [row for row in held if row.about_id != _about(chain.key, board.month, chain.level)]
    notices.end(numbers=[row.pk for row in over], by=by)
    written = notices.write(drafts=_drafts(chain, board, reads.listeners()), by=by) if chain.level in COLOURS else []
    if not written and not over:
        raise _Nothing
    return Done((written or over)[0], after={"chain": chain.key, "month": board.month, "level": chain.level, "told": len(written), "ended": len(over), "changes": _changes(chain)},
                related=notices.references(row.pk for row in [*written, *over][1:]))


def _changes(chain: Watched) -> dict[str, int | None]:
    return {one.line.fact: shown.change if (shown := one.shown("year")) else None for one in chain.series}


def _drafts(chain: Watched, board: Board, people: Sequence[Person]) -> list[Draft]:
    name, colour = shelf.chains()[chain.key].name, COLOURS[chain.level]
    down = [one for one in chain.series if one.falls]
    zh, en = ("、".join(_said(one, "zh") for one in down), ", ".join(_said(one, "en") for one in down))
    body = Message(f"{name.zh}产业链 {board.month}：比上年同月 {zh}。只比两边都有数的企业。", f"{name.en}, {board.month}, against the same month of the year before: {en}. Only firms with figures on both sides are compared.")
    title = Message(f"{colour.zh}：{name.zh}产业链 {board.month}", f"{colour.en}: {name.en}, {board.month}")
    return [Draft(KIND, (ABOUT, _about(chain.key, board.month, chain.level)), title, body, person=person, link=f"{reverse('chains:warning', args=[chain.key])}?month={board.month}") for person in people]


def _said(one: engine.Series, language: str) -> str:
    title = packs.catalogue()[one.line.fact].title[language]
    return f"{title} {percent(one.year.change or 0)}（{len(one.year.firms)} 户）" if language == "zh" else f"{title} {percent(one.year.change or 0)} ({len(one.year.firms)} firms)"
