"""What a room declares in its AppConfig for the pages of the house: data only, no query runs at import.

``menu = [MenuItem(…)]``, ``quick_actions = [QuickAction(…)]``, ``panels = {"enterprise": [Panel(…)]}``,
``desk = [Desk(…)]``, ``search = [Search(…)]``, ``verbs = {"batch_imported": …}``,
``after_delivery = [("policies.run_match", {}, "policies.run_match")]``: jobs to queue once data have come in or were taken
back, each with the rights it takes; ``notices = [Kind(…)]`` (``kernel/notices/kinds.py``), ``due = [later("…")]``: what the
clock does, see :func:`run_due`.
Whatever runs a query is named with :func:`later`, since models are not loaded when an AppConfig is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy

Text = str | Promise
# The order of the side menu's groups; a room names one of these.
GROUPS: tuple[Text, ...] = (
    "",
    gettext_lazy("企业与空间"),
    gettext_lazy("招引"),
    gettext_lazy("服务"),
    gettext_lazy("看数"),
    gettext_lazy("数据"),
    gettext_lazy("管理"),
)


@dataclass(frozen=True)
class MenuItem:
    """One entry of the side menu, shown to whoever holds ``permission`` (None: everybody).

    ``count`` takes the person and says how many things wait on them; 0 shows nothing. ``office``: it is no page for those whose
    right reaches only what is their own.
    """

    label: Text
    url_name: str
    icon: str
    permission: str | None = None
    group: Text = ""
    count: Callable[[Any], int] | None = None
    office: bool = False


@dataclass(frozen=True)
class QuickAction:
    """A button on the work desk."""

    label: Text
    url_name: str
    icon: str
    permission: str


@dataclass(frozen=True)
class Panel:
    """A card an upper room puts on a lower room's page.

    ``query(person, record)`` answers the template's context, or None to stay away. ``place`` is
    ``main`` or ``rail``. The kernel asks for the right before it runs the query.
    """

    title: Text
    permission: str
    query: Callable[[Any, Any], dict[str, Any] | None]
    template: str
    place: str = "main"
    order: int = 50


@dataclass(frozen=True)
class DeskItem:
    """One line of the work desk: status, what and why, who, and the one thing to do.

    ``group`` is ``first`` (先办这些), ``week`` (本周) or ``waiting`` (等别人); ``order`` sorts inside it.
    """

    group: str
    kind: str
    word: Text
    what: Text
    why: Text = ""
    who: Text = ""
    url: str = ""
    link: Text = ""
    order: int = 50


@dataclass(frozen=True)
class Desk:
    """What a room puts on the work desk. ``query(person)`` answers :class:`DeskItem`; the kernel asks for the right first."""

    permission: str | None
    query: Callable[[Any], Iterable[DeskItem]]


@dataclass(frozen=True)
class Hit:
    """One thing found; ``status`` is a pair (kind, word)."""

    label: Text
    url: str
    note: Text = ""
    status: tuple[str, Text] | None = None


@dataclass(frozen=True)
class Hits:
    """What a room found: the first few, how many there are, and where all of them are listed."""

    hits: Sequence[Hit]
    total: int
    all_url: str = ""


@dataclass(frozen=True)
class Search:
    """What the search box finds in a room. ``query(person, text, limit)`` narrows to what the person may see."""

    title: Text
    permission: str
    query: Callable[[Any, str, int], Hits]
    order: int = 50


def later(path: str) -> Callable[..., Any]:
    """A function by its dotted name, looked up when it is first called."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return import_string(path)(*args, **kwargs)

    return call


def verb_words(verb: str) -> Text:
    """An event's verb in the page's language, as its room declares it; the verb itself where none does."""
    for config in apps.get_app_configs():
        words: Text | None = getattr(config, "verbs", {}).get(verb) if config.name.startswith("diguan.") else None
        if words:
            return words
    return verb


def declared(name: str) -> Iterator[Any]:
    """What every room declared under ``name``, in the order of INSTALLED_APPS from the lowest room up."""
    for config in reversed(list(apps.get_app_configs())):
        found = getattr(config, name, None)
        if found and config.name.startswith("diguan."):
            yield from found


def run_due() -> int:
    """Do what every room declared as ``due``, from the highest room down; answers how many things were done.

    Each is a function without arguments that answers a number and may be run at any time, twice, or two at once.
    """
    return sum(work() for work in reversed(list(declared("due"))))


def panels_on(page: str) -> list[Panel]:
    """The panels of all rooms for one kind of page, in their order."""
    found: list[Panel] = []
    for config in apps.get_app_configs():
        declared_here = getattr(config, "panels", None)
        if declared_here and config.name.startswith("diguan."):
            found.extend(declared_here.get(page, ()))
    return sorted(found, key=lambda panel: panel.order)
