"""Kinds of notices as rooms declare them, what a room hands in to have one written, and where an address is found.

``notices = [Kind("policies.entitled", …)]`` in an AppConfig.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from diguan.kernel.declare import Text, declared
from diguan.kernel.messages import Message

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person
    from diguan.kernel.notices.models import Notice

OTHER = "other"
"""The reason that must be put in one's own words."""


@dataclass(frozen=True)
class Kind:
    """One kind of notice.

    ``act`` is the word of the button by which the recipient says that they will; without it there is nothing to answer.
    ``reasons`` are those for which they may say no. ``details(person, notice)`` answers the context of ``template``, the part of
    the page that tells how things stand now, or None to stay away; it asks its own rights. ``single``: each notice is about
    a thing of its own, so lists offer the kind instead of the things.
    """

    name: str
    title: Text
    act: Text = ""
    reasons: Mapping[str, Text] = field(default_factory=dict, hash=False)
    details: Callable[[Any, Any], dict[str, Any] | None] | None = None
    template: str = ""
    single: bool = False


def kinds() -> dict[str, Kind]:
    """Every kind any room declares."""
    return {kind.name: kind for kind in declared("notices") if isinstance(kind, Kind)}


def kind_of(notice: Notice) -> Kind:
    """The kind of one notice; a bare one where its room is no longer there."""
    return kinds().get(notice.kind) or Kind(notice.kind, notice.kind)


@dataclass(frozen=True)
class Draft:
    """A notice to be written: ``uscc`` or ``person``; ``text`` is the short message, empty for one that goes to the inbox only."""

    kind: str
    about: tuple[str, str]
    title: Message
    body: Message
    uscc: str = ""
    person: Person | None = None
    text: str = ""
    link: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What may hold once at a time: the kind, what about, and the recipient."""
        return (self.kind, *self.about, self.uscc or str(self.person.pk if self.person else ""))


# ── addresses ────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Address:
    """Where an enterprise is reached: the name for the envelope, the place, the unit it belongs to, a mobile number or nothing."""

    name: str
    place: str = ""
    unit_id: int | None = None
    phone: str = ""


class Book(Protocol):
    """Answers, of the credit codes given, the addresses of those that are known."""

    def __call__(self, usccs: Collection[str]) -> Mapping[str, Address]: ...


_BOOKS: dict[str, Book] = {}


def register_book(book: Book) -> None:
    """Tell the kernel where enterprises are reached; called from a room's ``AppConfig.ready``."""
    _BOOKS["enterprise"] = book


def addresses(usccs: Collection[str]) -> Mapping[str, Address]:
    """The addresses of these enterprises, as far as any are known."""
    book = _BOOKS.get("enterprise")
    return book(usccs) if book and usccs else {}
