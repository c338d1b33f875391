"""The measures of cases by life event, bureau and month; what may be shown in public of small groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from diguan.kernel.access.models import Person, Unit
from diguan.kernel.measures import Figure, value
from diguan.services.queries.case_counts import Told
from diguan.services.queries.case_measures import COUNTS, NAMES, Book, Choice, delivered

EVENT, BUREAU, MONTH = BY = ("event", "bureau", "month")
FEWEST = 5
"""So many cases at least a group has that is shown in public: of fewer one could tell whose they are."""


@dataclass(frozen=True)
class Group:
    """The cases of one life event, office or month. ``title`` by language; ``hidden``: too few to be shown in public."""

    key: str
    title: Mapping[str, str]
    book: Book
    choice: Choice
    hidden: bool = False

    @property
    def ended(self) -> int:
        """How many were given out."""
        return len(self.book.of(delivered))


def groups(book: Book, by: str, choice: Choice, *, public: bool = False) -> list[Group]:
    """The cases of a choice, grouped; a case in which several offices have a matter is counted with each of them.

    In public a group of fewer than :data:`FEWEST` cases is hidden, and where it is the only one, the next smallest too: else it could
    be worked out from the total.
    """
    found: dict[str, list[Told]] = {}
    for one in book.within(choice).told:
        for key in _keys(one, by):
            if not choice.bureau or by != BUREAU or key == choice.bureau:
                found.setdefault(key, []).append(one)
    titles = _titles(found, by)
    made = [Group(key, titles[key], replace(book, told=tuple(told)), _choice(choice, by, key)) for key, told in found.items()]
    made.sort(key=lambda group: group.key, reverse=True) if by == MONTH else made.sort(key=lambda group: (-len(group.book.told), group.title["zh"]))
    return _hidden(made) if public else made


def _keys(one: Told, by: str) -> Sequence[str]:
    return [one.event] if by == EVENT else [one.month] if by == MONTH else sorted(str(unit) for unit in one.bureaus)


def _titles(found: Mapping[str, Sequence[Told]], by: str) -> Mapping[str, Mapping[str, str]]:
    if by == EVENT:
        return {key: told[0].title for key, told in found.items()}
    if by == MONTH:
        return {key: {"zh": key} for key in found}
    names = {str(pk): name for pk, name in Unit.objects.filter(pk__in=[int(key) for key in found if key.isdigit()]).values_list("pk", "name")}
    return {key: {"zh": names.get(key, key)} for key in found}


def _choice(choice: Choice, by: str, key: str) -> Choice:
    return replace(choice, event=key) if by == EVENT else replace(choice, period=key) if by == MONTH else replace(choice, bureau=key)


def few(book: Book) -> bool:
    """Whether a group is too small to be shown in public: in what was handed in, or in what was given out."""
    return not book.told or len(book.told) < FEWEST or 0 < len(book.of(delivered)) < FEWEST


def figure_of(person: Person, book: Book, name: str, *, public: bool = False) -> Figure:
    """A figure of a group; in public none that a few cases stand behind.

    Raises:
        access.Forbidden: the person may not see it.
    """
    found = value(NAMES[name], person, book)
    return replace(found, num=None) if public and 0 < len(book.of(COUNTS[name])) < FEWEST else found


def _hidden(made: list[Group]) -> list[Group]:
    small = {group.key for group in made if few(group.book)}
    if len(small) == 1 and len(made) > 1:
        small.add(min((group for group in made if group.key not in small), key=lambda group: len(group.book.told)).key)
    return [replace(group, hidden=group.key in small) for group in made]


@dataclass(frozen=True)
class Options:
    """What the filters offer: life events with their titles, offices with their names, years and months, newest first."""

    events: Mapping[str, Mapping[str, str]]
    bureaus: Mapping[str, str]
    periods: Sequence[str]


def options(book: Book) -> Options:
    """As far as there are cases of it that the person may see."""
    units = {str(unit) for one in book.told for unit in one.bureaus}
    names = dict(Unit.objects.filter(pk__in=[int(unit) for unit in units]).order_by("name").values_list("pk", "name"))
    months = {one.month for one in book.told}
    return Options({one.event: one.title for one in book.told}, {str(pk): name for pk, name in names.items()}, sorted(months | {month[:4] for month in months}, reverse=True))
