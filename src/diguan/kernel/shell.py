"""What every page's frame needs: the menu of this person, the theme, how old the data are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.http import Http404, HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, gettext_lazy

from diguan.kernel import access, clocks, jobs, packs, periods
from diguan.kernel.access.models import Person
from diguan.kernel.catalogue import FactSpec
from diguan.kernel.declare import (
    GROUPS,
    Desk,
    DeskItem,
    Hits,
    MenuItem,
    QuickAction,
    Search,
    Text,
    declared,
    verb_words,
)
from diguan.kernel.facts.models import Batch, BatchState
from diguan.kernel.notices import queries as notices
from diguan.kernel.rules import tree
from diguan.kernel.templatetags.diguan import moment
from diguan.kernel.timelines import Line

T = TypeVar("T")
THEMES = ("light", "dark", "auto")
THEME_COOKIE = "diguan_theme"
LOOKED = "looked_at_desk"
NEWS = dt.timedelta(days=1)


def whole(text: str, digits: int = 9) -> int:
    """A whole number as a form or an address sends it; 0 where it is none, or has more digits than that."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else 0


@dataclass(frozen=True)
class Entry:
    """A menu entry or button as the template draws it."""

    label: Text
    url: str
    icon: str
    current: bool = False
    count: int = 0


VERDICTS = {tree.TRUE: ("ok", gettext_lazy("符合")), tree.FALSE: ("mute", gettext_lazy("不符合")), tree.UNKNOWN: ("unknown", gettext_lazy("未知"))}
"""Colour and word of one clause's verdict."""


def asking(request: HttpRequest) -> Person:
    """Who asks; the wall has let nobody else come this far."""
    assert isinstance(request.user, Person)
    return request.user


def or_404(row: T | None) -> T:
    """What was looked up for this person.

    Raises:
        Http404: there is none, or none that they may see; which of the two is not told.
    """
    if row is None:
        raise Http404
    return row


def language() -> str:
    """The page's language as packs and messages write it: ``zh`` or ``en``."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def frame_of(person: Person) -> str:
    """The template a page of both sides stands in: who acts for enterprises has their frame."""
    return "kernel/public.html" if access.usccs_of(person) else "kernel/staff.html"


def trail(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """What was done to a row, as the timeline of its page takes it: when, what and by whom, why."""
    return [{"when": moment(line.at), "what": f"{verb_words(line.verb)} · {line.actor}", "note": line.reason} for line in lines]


def source_name(source: str) -> str:
    """How pages call a source of facts."""
    return packs.sources().get(source, {}).get(language(), source)


def deliverers(spec: FactSpec) -> list[str]:
    """How pages call the bureaus that deliver a fact; that an enterprise may tell it itself is no delivery."""
    return [source_name(source) for source in spec.sources if source != packs.SELF]


def theme_of(request: HttpRequest) -> str:
    """The chosen theme; ``auto`` follows the machine."""
    chosen = request.COOKIES.get(THEME_COOKIE, "auto")
    return chosen if chosen in THEMES else "auto"


def menu_of(request: HttpRequest) -> list[tuple[Text, list[Entry]]]:
    """Groups of entries this person may open, in the order of ``declare.GROUPS``."""
    grouped: dict[str, list[Entry]] = {str(group): [] for group in GROUPS}
    room = getattr(request.resolver_match, "namespace", "")
    items = [item for item in declared("menu") if isinstance(item, MenuItem) and _open(item, request.user)]
    urls = {id(item): _address(item.url_name) for item in items}
    best = max((url for url in urls.values() if url and request.path.startswith(url)), key=len, default="")
    for item in items:
        url = urls[id(item)]
        if url:
            here = (url == best and (url != "/" or request.path == "/")) or (not best and _room(item.url_name) == room)
            grouped.setdefault(str(item.group), []).append(
                Entry(item.label, url, item.icon, here, item.count(request.user) if item.count else 0)
            )
    return [(group, entries) for group, entries in grouped.items() if entries]


def quick_actions_of(person: Any) -> list[Entry]:
    """The buttons of the work desk this person may press."""
    items = [item for item in declared("quick_actions") if isinstance(item, QuickAction)]
    return [
        Entry(item.label, url, item.icon)
        for item in items
        if access.may(person, item.permission) and (url := _address(item.url_name))
    ]


@dataclass(frozen=True)
class DeskGroup:
    """One group of the work desk: 先办这些, 本周 or 等别人, with its lines in order."""

    key: str
    items: tuple[DeskItem, ...]


def desk_of(person: Any) -> list[DeskGroup]:
    """The groups of the work desk that hold anything for this person; each room's right is asked before its query."""
    items = [item for room in declared("desk") if isinstance(room, Desk) and (room.permission is None or access.may(person, room.permission))
             for item in room.query(person)]
    groups = [DeskGroup(key, tuple(sorted((item for item in items if item.group == key), key=lambda item: item.order)))
              for key in ("first", "week", "waiting")]
    return [group for group in groups if group.items]


def search_all(person: Any, text: str, limit: int = 8) -> list[tuple[Text, Hits]]:
    """What each room finds, its right asked first; rooms that find nothing are left out."""
    rooms = sorted((room for room in declared("search") if isinstance(room, Search)), key=lambda room: room.order)
    found = [(room.title, room.query(person, text, limit)) for room in rooms if access.may(person, room.permission)]
    return [(title, hits) for title, hits in found if hits.total]


def pages_named(request: HttpRequest, text: str) -> list[Entry]:
    """Entries of this person's menu whose name contains the text."""
    key = text.strip().lower()
    return [entry for _group, entries in menu_of(request) for entry in entries if key and key in str(entry.label).lower()]


def face(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Lazy: a page without the frame runs none of its queries."""
    language = get_language() or "zh-hans"
    return {
        "face": {
            "theme": theme_of(request),
            "lang": "zh-Hans" if language.startswith("zh") else language,
            "menu": SimpleLazyObject(lambda: menu_of(request)),
            "data_as_of": SimpleLazyObject(lambda: _data_as_of(request.user)),
            "post": SimpleLazyObject(lambda: _post_of(request.user)),
            "news": SimpleLazyObject(lambda: news_of(request)),
            "unopened": SimpleLazyObject(lambda: notices.unopened(asking(request))),
        }
    }


def _open(item: MenuItem, person: Any) -> bool:
    if item.permission is None:
        return True
    return access.may(person, item.permission) and not (item.office and access.scope(person, item.permission) is access.Scope.OWN)


def _room(url_name: str) -> str:
    return url_name.partition(":")[0]


def _address(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def _data_as_of(person: Any) -> str:
    """The last day any delivered period reaches (no later than today), as text; empty before the first delivery."""
    if not access.may(person, "facts.view_fact"):
        return ""
    spans = Batch.objects.filter(state=BatchState.COMMITTED, replaces_all=False).order_by().values_list("period", flat=True).distinct()
    ends = [end for text in spans if (end := _end_of(text))]
    return min(max(ends), clocks.today()).isoformat() if ends else ""


def _end_of(span: str) -> dt.date | None:
    try:
        period = periods.stretch(span)
    except periods.PeriodError:
        return None
    return None if period == periods.ALL else period.end


def news_of(request: HttpRequest) -> int:
    """How many of the person's jobs ended since they last looked at their desk, in this session."""
    looked = request.session.get(LOOKED)
    since = dt.datetime.fromisoformat(looked) if looked else clocks.now() - NEWS
    return jobs.ended(request.user, since)


def _post_of(person: Any) -> str:
    """The person's first current post in words: unit and role."""
    first = next(iter(access.granted(person)), None)
    if first is None:
        return ""
    return f"{first.unit_name} {first.role.label(get_language() or 'zh')}".strip()
