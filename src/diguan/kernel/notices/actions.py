"""Writes of notices: written by a room, put into inboxes, handed over as a file, receipts brought back, opened, answered.

Every step is a conditional UPDATE, so that two ticks at once, or a tick and a click, do each thing once.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Max, Q, QuerySet

from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.facts.models import Upload
from diguan.kernel.facts.runs import Run
from diguan.kernel.messages import Message
from diguan.kernel.notices import kinds, queries
from diguan.kernel.notices.kinds import Draft
from diguan.kernel.notices.models import Channel, Dispatch, Notice, Round, RoundKind, State, Way
from diguan.kernel.records import CHUNK, chunks

LONGEST_TEXT = 140
_SPELL = ("kind", "about_kind", "about_id", "uscc")


# ── written and ended, inside a room's own action ────────────────────────────
def write(*, drafts: Sequence[Draft], by: Person, run: Run | None = None) -> list[Notice]:
    """Write these notices, those left out that hold already; called inside the action of the room whose event they follow.

    An enterprise that no address book knows gets none. A recipient gets a new one about the same thing only after the last has ended.

    Returns:
        The notices that are new, in the order of their numbers.

    Raises:
        Refusal: a short text is longer than a message may be.
    """
    wanted = {draft.key: draft for draft in drafts}
    for draft in wanted.values():
        if len(draft.text) > LONGEST_TEXT:
            raise Refusal("text_too_long", [Message(f"短信最多 {LONGEST_TEXT} 字，这条 {len(draft.text)} 字：{draft.text}",
                                                    f"a text message has at most {LONGEST_TEXT} characters, this has {len(draft.text)}: {draft.text}")])
    token = uuid.uuid4().hex
    rows = list(_rows(list(wanted.values()), by, run, token))
    Notice.objects.bulk_create(rows, batch_size=CHUNK, ignore_conflicts=True)
    written = list(Notice.objects.filter(token=token).order_by("id"))
    ways = [Dispatch(notice=row, channel=channel) for row in written for channel in _channels(row)]
    Dispatch.objects.bulk_create(ways, batch_size=CHUNK)
    return written


def _channels(row: Notice) -> tuple[Channel, ...]:
    return (Channel.PAGE, Channel.FILE) if row.text else (Channel.PAGE,)


def _rows(drafts: Sequence[Draft], by: Person, run: Run | None, token: str) -> Iterable[Notice]:
    book = kinds.addresses({draft.uscc for draft in drafts if draft.uscc})
    open_, spells = _known(drafts)
    for draft in drafts:
        address = book.get(draft.uscc) if draft.uscc else kinds.Address(draft.person.name if draft.person else "")
        if address is None or draft.key in open_:
            continue
        yield Notice(
            kind=draft.kind, about_kind=draft.about[0], about_id=draft.about[1], uscc=draft.uscc, person=draft.person,
            spell=spells.get(draft.key, 0) + 1, addressee=address.name, place=address.place, owner_unit_id=address.unit_id,
            title_zh=draft.title.zh, title_en=draft.title.en, body_zh=draft.body.zh, body_en=draft.body.en, text=draft.text,
            link=draft.link, run=run, token=token, created_by=by, changed_by=by)


def _known(drafts: Sequence[Draft]) -> tuple[set[tuple[str, ...]], dict[tuple[str, ...], int]]:
    """What holds already, and how many spells each recipient has had."""
    about = Q(pk__in=[])
    for kind, about_kind in sorted({(draft.kind, draft.about[0]) for draft in drafts}):
        ids = sorted({draft.about[1] for draft in drafts if (draft.kind, draft.about[0]) == (kind, about_kind)})
        about |= Q(kind=kind, about_kind=about_kind, about_id__in=ids)
    open_, spells = set(), {}
    for *key, person, last, running in (Notice.objects.filter(about).order_by().values_list(*_SPELL, "person")
                                        .annotate(last=Max("spell"), running=Count("id", filter=Q(ended_at__isnull=True)))):
        name = (*key[:3], key[3] or str(person))
        spells[name] = last
        if running:
            open_.add(name)
    return open_, spells


def end(*, numbers: Sequence[int], by: Person) -> tuple[list[int], list[int]]:
    """What the notices of these numbers say no longer holds; inside a room's own action. What has ended already stays as it is.

    Returns:
        The numbers of those withdrawn, since nobody had been told, and of those that had gone out and have ended.
    """
    now = clocks.now()
    withdrawn: list[int] = []
    ended: list[int] = []
    for part in chunks(numbers):
        gone = Dispatch.objects.filter(notice__in=part, channel=Channel.FILE, state=Way.HANDED)
        held = Notice.objects.filter(pk__in=part, ended_at__isnull=True)
        held.filter(state=State.QUEUED).exclude(pk__in=gone.values("notice")).update(
            state=State.WITHDRAWN, ended_at=now, changed_at=now, changed_by=by)
        held.update(ended_at=now, changed_at=now, changed_by=by)
        Dispatch.objects.filter(notice__in=part, state=Way.QUEUED).update(state=Way.SKIPPED, at=now)
        for number, state in Notice.objects.filter(pk__in=part, ended_at=now).values_list("pk", "state"):
            (withdrawn if state == State.WITHDRAWN else ended).append(number)
    return withdrawn, ended


def references(numbers: Iterable[int]) -> list[Notice]:
    """Notices by number alone, to be named as related rows of an Event."""
    return [Notice(pk=number) for number in numbers]


# ── sent ─────────────────────────────────────────────────────────────────────
class _Nothing(Exception):
    """There was nothing to send after all; the transaction leaves no trace."""


def send_due(*, by: Person | None = None) -> int:
    """Put into inboxes what waits for one; answers how many. Twice, or two at once, sends nothing twice.

    Args:
        by: who sends; for the clock (``diguan tick``) whoever longest holds the right, nobody where nobody does.
    """
    if not queries.due_for_page().exists():
        return 0
    try:
        return deliver_to_pages(by=by or access.acting_person(None, queries.SEND)).count
    except (_Nothing, access.Forbidden):
        return 0
    except Refusal as refusal:
        if refusal.code == "nobody_may":
            return 0
        raise


@action(permission=queries.SEND, event="notices_delivered")
def deliver_to_pages(*, by: Person) -> Done[Round]:
    """One round into the inboxes of those who have one."""
    row, now = _round(RoundKind.PAGE, by), clocks.now()
    row.count = queries.due_for_page().update(state=Way.DELIVERED, round=row, at=now)
    if not row.count:
        raise _Nothing
    row.save()
    reached = _reached(row)
    Notice.objects.filter(pk__in=reached.values("pk"), state=State.QUEUED).update(state=State.DELIVERED, changed_at=now)
    return Done(row, after={"channel": "page", "count": row.count}, related=references(reached.values_list("pk", flat=True)))


def _round(kind: RoundKind, by: Person, upload: Upload | None = None) -> Round:
    return Round.objects.create(kind=kind, upload=upload, owner_unit_id=access.unit_of(by), created_by=by, changed_by=by)


def _reached(row: Round) -> QuerySet[Notice]:
    return Notice.objects.filter(pk__in=Dispatch.objects.filter(round=row).values("notice"))


@action(permission=queries.EXPORT, event="notices_handed_over")
def hand_over(*, by: Person, about: str = "", place: str = "") -> Done[Round]:
    """Take out what waits for a text message or the provincial portal; it counts as handed over from now on.

    Raises:
        Refusal: nothing waits, or all that waits lacks a mobile number.
    """
    due = queries.due_for_file(by, about=about, place=place)
    row, now, numbers = _round(RoundKind.FILE, by), clocks.now(), [each.notice.pk for each in due]
    for part in chunks(numbers):
        waiting = Dispatch.objects.filter(channel=Channel.FILE, state=Way.QUEUED, notice__in=part)
        row.count += waiting.update(state=Way.HANDED, round=row, at=now)
    if not row.count:
        raise Refusal("nothing_due", [Message("现在没有要交出的短信：都已交出、已打开，或没有留手机号",
                                              "no text message waits: all were handed over or opened, or no mobile number is on record")])
    row.save()
    return Done(row, after={"channel": "file", "count": row.count}, related=references(_reached(row).values_list("pk", flat=True)))


@action(permission=queries.EXPORT, event="notices_taken_again", on="row")
def take_again(*, row: Round, by: Person) -> Done[Round]:
    """Note that a file of full numbers is taken out once more.

    Raises:
        Refusal: that round handed over no file.
    """
    if row.kind != RoundKind.FILE:
        raise Refusal("no_file", [Message("这一批不是交出的文件", "this round handed over no file")])
    return Done(row, after={"count": row.count})


@dataclass(frozen=True)
class Receipt:
    """What became of one message, as whoever sent it says."""

    notice: int
    delivered: bool
    at: dt.datetime
    reason: str = ""


@action(permission=queries.RECEIPT, event="receipts_imported")
def import_receipts(*, receipts: Sequence[Receipt], upload: Upload, by: Person) -> Done[Round]:
    """Note what became of messages handed over; all of them or none.

    Raises:
        Refusal: one of them was answered meanwhile, or is not to be seen by this person.
    """
    row = _round(RoundKind.RECEIPT, by, upload)
    beyond = {each.notice for each in receipts} - set(waiting_for_receipt(by, [each.notice for each in receipts]))
    for each in receipts:
        way = Dispatch.objects.filter(notice=each.notice, channel=Channel.FILE, state=Way.HANDED)
        hit = 0 if each.notice in beyond else way.update(state=Way.DELIVERED if each.delivered else Way.FAILED, at=each.at, note=each.reason)
        if hit != 1:
            raise Refusal("receipt_meanwhile", [Message(f"通知 {each.notice} 的回执刚刚已经入库，请重新核对",
                                                        f"the receipt of notice {each.notice} came in meanwhile; check once more")])
    came = [each.notice for each in receipts if each.delivered]
    Notice.objects.filter(pk__in=came, state=State.QUEUED).update(state=State.DELIVERED, changed_at=clocks.now())
    row.count = len(receipts)
    row.save()
    return Done(row, after={"receipts": len(receipts), "delivered": len(came), "failed": len(receipts) - len(came)},
                related=references(each.notice for each in receipts))


def waiting_for_receipt(person: Person, numbers: Iterable[int]) -> set[int]:
    """Of these notices, those handed over and not answered for yet that the person's right reaches."""
    rows = access.visible(Notice.objects.all(), person, queries.RECEIPT)
    found: set[int] = set()
    for part in chunks(sorted(set(numbers))):
        handed = Dispatch.objects.filter(channel=Channel.FILE, state=Way.HANDED, notice__in=part)
        found |= set(rows.filter(pk__in=handed.values("notice")).values_list("pk", flat=True))
    return found


# ── opened and answered by the recipient ─────────────────────────────────────
def look(*, notice: Notice, by: Person) -> bool:
    """Note that the recipient has seen it, the first time only; an official's look is none. Answers whether it was noted."""
    if notice.state not in (State.QUEUED, State.DELIVERED) or not queries.addressed(by, notice):
        return False
    try:
        open_notice(notice=notice, by=by)
    except _Nothing:
        return False
    return True


@action(permission=queries.ANSWER, event="notice_opened", on="notice")
def open_notice(*, notice: Notice, by: Person) -> Done[Notice]:
    """The first look of somebody to whom it is addressed."""
    now = clocks.now()
    hit = Notice.objects.filter(pk=notice.pk, state__in=(State.QUEUED, State.DELIVERED)).update(
        state=State.OPENED, opened_at=now, opened_by=by, changed_at=now, changed_by=by)
    if hit != 1:
        raise _Nothing
    _seen(notice, now)
    before = notice.state
    notice.refresh_from_db()
    return Done(notice, before={"state": before}, after={"state": notice.state})


def _seen(notice: Notice, now: dt.datetime) -> None:
    """Who reads it on the page has it on the page, and needs no message any more."""
    ways = Dispatch.objects.filter(notice=notice, state=Way.QUEUED)
    ways.filter(channel=Channel.PAGE).update(state=Way.DELIVERED, at=now)
    ways.filter(channel=Channel.FILE).update(state=Way.SKIPPED, at=now)


@action(permission=queries.ANSWER, event="notice_answered", on="notice")
def answer_notice(*, notice: Notice, acted: bool, by: Person, reason: str = "", words: str = "") -> Done[Notice]:
    """The recipient says that they will, or that they will not and why. They may think again, or of another reason, while it holds.

    Raises:
        Refusal: there is nothing to answer, no reason, what it says no longer holds, or somebody else answered first.
    """
    kind, words = kinds.kind_of(notice), " ".join(words.split())
    if not acted:
        _check_reason(kind, reason, words)
    said = {"state": State.ACTED, "reason": "", "reason_text": ""} if acted else {"state": State.REFUSED, "reason": reason, "reason_text": words}
    before, now = {"state": notice.state, "reason": notice.reason}, clocks.now()
    news = bool(kind.act) and any(getattr(notice, name) != value for name, value in said.items())
    # Only as it was when the answer was given: a colleague's in between is not overwritten.
    open_ = Notice.objects.filter(pk=notice.pk, ended_at__isnull=True, answered_at=notice.answered_at).exclude(state=State.WITHDRAWN)
    hit = open_.update(**said, answered_at=now, answered_by=by, changed_at=now, changed_by=by) if news else 0
    if hit != 1:
        raise Refusal("nothing_to_answer", [Message("这条通知不用回答，已经答过，或说的事已经不再有效",
                                                    "there is nothing to answer: it is answered already, or no longer holds")])
    Notice.objects.filter(pk=notice.pk, opened_at__isnull=True).update(opened_at=now, opened_by=by)
    _seen(notice, now)
    notice.refresh_from_db()
    return Done(notice, before=before, after={"state": notice.state, "reason": notice.reason, "words": notice.reason_text})


def _check_reason(kind: kinds.Kind, reason: str, words: str) -> None:
    if reason not in kind.reasons:
        raise Refusal("reason_missing", [Message("请选一个不办的原因", "choose a reason why not")], field="reason")
    if reason == kinds.OTHER and not words:
        raise Refusal("words_missing", [Message("选“其他”请写明是什么原因", "put the other reason in words")], field="words")
    longest = 200
    if len(words) > longest:
        raise Refusal("words_too_long", [Message(f"说明最多 {longest} 字", f"at most {longest} characters")], field="words")
