"""Reads of notices: the inbox of a recipient, the outbox of the house, what waits for which channel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from diguan.kernel import access, timelines
from diguan.kernel.access.models import Delegation, Person, Post
from diguan.kernel.access.roles import roles
from diguan.kernel.notices import kinds
from diguan.kernel.notices.models import Channel, Dispatch, Notice, Round, RoundKind, State, Way

VIEW = "notices.view_notice"
ANSWER = "notices.answer_notice"
SEND = "notices.send_notice"
EXPORT = "notices.export_notice"
RECEIPT = "notices.import_receipt"
REACHED = (State.DELIVERED, State.OPENED, State.ACTED, State.REFUSED)
COLOURS = {State.QUEUED: "warn", State.DELIVERED: "accent", State.OPENED: "accent", State.ACTED: "ok", State.REFUSED: "mute", State.WITHDRAWN: "mute"}
"""How pages colour a notice by its state."""
READ = (State.OPENED, State.ACTED, State.REFUSED)


def visible(person: Person) -> QuerySet[Notice]:
    """Every notice the person may see, newest first."""
    return access.visible(Notice.objects.all(), person, VIEW).order_by("-created_at", "-id")


def inbox(person: Person) -> QuerySet[Notice]:
    """What is addressed to the person or to an enterprise they act for; what was withdrawn never reached them."""
    mine = Q(uscc__in=sorted(access.usccs_of(person))) | Q(person=person.pk)
    return visible(person).filter(mine).exclude(state=State.WITHDRAWN)


def unopened(person: Person) -> int:
    """How many of these nobody has opened yet and still hold."""
    return inbox(person).filter(state__in=(State.QUEUED, State.DELIVERED), ended_at__isnull=True).count()


def one(person: Person, number: int) -> Notice | None:
    """One notice; None where there is none for this person. A recipient is shown none that was withdrawn."""
    row = visible(person).filter(pk=number).first()
    withdrawn = row is not None and row.state == State.WITHDRAWN
    return None if withdrawn and access.scope(person, VIEW) is access.Scope.OWN else row


def addressed(person: Person, notice: Notice) -> bool:
    """Whether it is the person's to open and to answer: an official who looks on is not."""
    return access.may(person, ANSWER, notice)


def of_enterprise(person: Person, uscc: str) -> QuerySet[Notice]:
    """The notices of one enterprise that the person may see."""
    rows = visible(person).filter(uscc=uscc)
    return rows.exclude(state=State.WITHDRAWN) if access.scope(person, VIEW) is access.Scope.OWN else rows


def history(person: Person, notice: Notice) -> list[timelines.Line]:
    """What was done to a notice, newest first, as far as the person may see it."""
    return timelines.of(person, notice)


def abouts(person: Person) -> list[tuple[str, str, str]]:
    """What the notices are about, for a filter: the id, and the newest title in both languages; not of kinds that have a thing each."""
    found: dict[str, tuple[str, str]] = {}
    for about, zh, en in visible(person).exclude(kind__in=_single()).order_by("about_id", "-title_zh").values_list("about_id", "title_zh", "title_en").distinct():
        found.setdefault(about, (zh, en))
    return [(about, *words) for about, words in found.items()]


def single_kinds(person: Person) -> list[str]:
    """The names of the kinds whose notices have a thing each, as far as the person may see any of them."""
    return list(visible(person).filter(kind__in=_single()).order_by("kind").values_list("kind", flat=True).distinct())


def _single() -> list[str]:
    return [name for name, kind in kinds.kinds().items() if kind.single]


def places(person: Person) -> list[str]:
    """The places on the envelopes."""
    return list(visible(person).exclude(place="").order_by("place").values_list("place", flat=True).distinct())


# ── what waits ───────────────────────────────────────────────────────────────
def with_account() -> QuerySet[Delegation]:
    """Delegations under which somebody can log in and open an inbox today."""
    names = [name for name, role in roles().items() if role.enterprise]
    posts = Post.objects.current().filter(role__in=names)
    return Delegation.objects.current().filter(revoked_at__isnull=True, person__is_active=True, person__in=posts.values("person"))


def due_for_page() -> QuerySet[Dispatch]:
    """What can go into an inbox now: there is one that somebody can open.

    The channel's own state stands in the outer condition, so that of two rounds at once each row is taken by one.
    """
    there = Notice.objects.filter(Q(person__is_active=True) | Q(uscc__in=with_account().values("uscc")), ended_at__isnull=True)
    return Dispatch.objects.filter(channel=Channel.PAGE, state=Way.QUEUED, notice__in=there)


@dataclass(frozen=True)
class Due:
    """A notice that goes out by file, and the number it goes to."""

    notice: Notice
    phone: str


def due_for_file(person: Person, *, about: str = "", place: str = "") -> list[Due]:
    """What the person may take out now: it holds, nobody has opened it, it has a short text, and a mobile number is on record.

    Raises:
        access.Forbidden: the person may take out nothing.
    """
    access.require(person, EXPORT)
    rows = _unread(person).filter(**{name: value for name, value in (("about_id", about), ("place", place)) if value})
    return list(_with_phone(rows.order_by("id")))


def unread_by_file(person: Person) -> int:
    """How many could still go out by file, whether or not a number is on record: counted without looking numbers up."""
    return _unread(person).count()


def _unread(person: Person) -> QuerySet[Notice]:
    waiting = Dispatch.objects.filter(channel=Channel.FILE, state=Way.QUEUED)
    return access.visible(Notice.objects.all(), person, EXPORT).filter(
        state__in=(State.QUEUED, State.DELIVERED), ended_at__isnull=True, pk__in=waiting.values("notice"))


def _with_phone(rows: QuerySet[Notice]) -> Iterator[Due]:
    found = list(rows)
    book = kinds.addresses({row.uscc for row in found if row.uscc})
    for row in found:
        address = book.get(row.uscc)
        if address and address.phone:
            yield Due(row, address.phone)


def rounds(person: Person) -> QuerySet[Round]:
    """Files handed over and receipts brought back that the person may see, newest first."""
    rows = access.visible(Round.objects.all(), person, VIEW).exclude(kind=RoundKind.PAGE)
    return rows.select_related("created_by", "upload").order_by("-id")


def handed(person: Person, row: Round) -> list[Due]:
    """What one file holds, with the numbers on record now; only what the person may take out.

    Raises:
        access.Forbidden: the person may take out nothing.
    """
    access.require(person, EXPORT)
    rows = access.visible(Notice.objects.all(), person, EXPORT)
    return list(_with_phone(rows.filter(pk__in=Dispatch.objects.filter(round=row, channel=Channel.FILE).values("notice")).order_by("id")))


def ways(rows: Sequence[Notice]) -> dict[int, list[Dispatch]]:
    """The channels of each of these notices, by its number, in one query."""
    found: dict[int, list[Dispatch]] = {row.pk: [] for row in rows}
    for way in Dispatch.objects.filter(notice__in=[row.pk for row in rows]).order_by("id"):
        found[way.notice_id].append(way)
    return found


def lost(rows: QuerySet[Notice]) -> QuerySet[Notice]:
    """Of these, those that could be reached by no channel: the message came back and nobody has opened it on the page."""
    back = Dispatch.objects.filter(channel=Channel.FILE, state=Way.FAILED)
    return rows.filter(state=State.QUEUED, ended_at__isnull=True, pk__in=back.values("notice"))
