"""The tree of a document's clauses as plain data: found, changed, moved, taken away. Nothing here judges whether it is right.

A node is named by its place: the clause, counted from 0, then the way down through its groups: ``3.1.0``. Every function
answers new data and leaves what it was given as it is.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Data: TypeAlias = Any
Document: TypeAlias = dict[str, Data]
Place: TypeAlias = tuple[int, ...]
GROUPS = ("all", "any", "not")


class NoSuchNode(LookupError):
    """The tree has no node there: it was changed meanwhile, or the address is wrong."""


@dataclass(frozen=True)
class Spot:
    """One node of the tree: where it is, how deep, and the group it is (None for a comparison)."""

    place: Place
    condition: Data
    group: str | None
    siblings: int

    @property
    def name(self) -> str:
        """The place as addresses write it."""
        return name_of(self.place)

    @property
    def depth(self) -> int:
        return len(self.place) - 1


def place_of(name: str) -> Place:
    """A place by its name.

    >>> place_of("3.1.0")
    (3, 1, 0)

    Raises:
        NoSuchNode: it is no such name.
    """
    if not re.fullmatch(r"\d{1,3}(\.\d{1,3}){0,40}", name):
        raise NoSuchNode(name)
    return tuple(int(part) for part in name.split("."))


def name_of(place: Place) -> str:
    """The name of a place."""
    return ".".join(str(part) for part in place)


def group_of(condition: Data) -> str | None:
    """``all``, ``any`` or ``not``; None for a comparison."""
    return next((key for key in GROUPS if key in condition), None) if isinstance(condition, Mapping) else None


def inner(condition: Data) -> list[Data]:
    """What a group holds; nothing for a comparison."""
    group = group_of(condition)
    if group is None:
        return []
    held = condition[group]
    return [held] if group == "not" else list(held) if isinstance(held, list) else []


def clauses(document: Mapping[str, Data]) -> list[Document]:
    """The clauses as far as they are mappings."""
    found = document.get("clauses")
    return [clause for clause in found if isinstance(clause, dict)] if isinstance(found, list) else []


def spots(document: Mapping[str, Data], clause: int) -> Iterator[Spot]:
    """Every node of one clause, from the top down, in the order it is read."""
    yield from _below((clause,), clauses(document)[clause].get("when", {}), len(clauses(document)))


def _below(place: Place, condition: Data, siblings: int) -> Iterator[Spot]:
    yield Spot(place, condition, group_of(condition), siblings)
    parts = inner(condition)
    for at, part in enumerate(parts):
        yield from _below((*place, at), part, len(parts))


def condition_at(document: Mapping[str, Data], place: Place) -> Data:
    """The condition at a place.

    Raises:
        NoSuchNode: there is none.
    """
    found = clauses(document)
    if not place or place[0] >= len(found):
        raise NoSuchNode(name_of(place))
    condition = found[place[0]].get("when", {})
    for at in place[1:]:
        parts = inner(condition)
        if at >= len(parts):
            raise NoSuchNode(name_of(place))
        condition = parts[at]
    return condition


def put(document: Mapping[str, Data], place: Place, condition: Data) -> Document:
    """The document with another condition at a place."""
    condition_at(document, place)
    changed = _copy(document)
    if len(place) == 1:
        changed["clauses"][place[0]]["when"] = condition
        return changed
    above = condition_at(changed, place[:-1])
    group = group_of(above)
    if group == "not":
        above["not"] = condition
    else:
        above[str(group)][place[-1]] = condition
    return changed


def add_clause(document: Mapping[str, Data], quote: str = "", article: str = "", condition: Data = None) -> tuple[Document, Place]:
    """One more clause at the end."""
    changed = _copy(document)
    changed["clauses"].append({"id": new_id(document, condition or {}), "cite": {"article": article, "quote": quote}, "when": condition or {"fact": "", "op": ">=", "value": ""}})
    return changed, (len(changed["clauses"]) - 1,)


def add_condition(document: Mapping[str, Data], place: Place, condition: Data = None) -> tuple[Document, Place]:
    """One more condition in the group at a place; a comparison there becomes a group of both."""
    new = condition or {"fact": "", "op": ">=", "value": ""}
    here = condition_at(document, place)
    group = group_of(here)
    if group in ("all", "any"):
        return put(document, place, {group: [*inner(here), new]}), (*place, len(inner(here)))
    if group == "not":
        return put(document, place, {"not": {"any": [here["not"], new]}}), (*place, 0, 1)
    return put(document, place, {"all": [here, new]}), (*place, 1)


def regroup(document: Mapping[str, Data], place: Place, group: str) -> Document:
    """What is at a place as another group: a comparison is wrapped, a group of the other kind renamed, ``not`` put round or taken off."""
    here = condition_at(document, place)
    was = group_of(here)
    if group == was:
        return _copy(document)
    if group == "not":
        return put(document, place, {"not": here})
    if was == "not":
        return put(document, place, here["not"] if group_of(here["not"]) == group else {group: [here["not"]]})
    return put(document, place, {group: inner(here) if was else [here]})


def ungroup(document: Mapping[str, Data], place: Place) -> Document:
    """What a group of one holds, in its place; any other stays as it is."""
    parts = inner(condition_at(document, place))
    return put(document, place, parts[0]) if len(parts) == 1 else _copy(document)


def remove(document: Mapping[str, Data], place: Place) -> Document:
    """Without the node at a place; a group that would be empty goes with it, and so does the clause."""
    condition_at(document, place)
    if len(place) == 1:
        changed = _copy(document)
        del changed["clauses"][place[0]]
        return changed
    above = condition_at(document, place[:-1])
    parts = inner(above)
    if len(parts) == 1:
        return remove(document, place[:-1])
    return put(document, place[:-1], {str(group_of(above)): [*parts[:place[-1]], *parts[place[-1] + 1:]]})


def shift(document: Mapping[str, Data], place: Place, by: int) -> tuple[Document, Place]:
    """With the node at a place one up (-1) or down (1) among those beside it; at the end it stays where it is."""
    condition_at(document, place)
    changed = _copy(document)
    row = changed["clauses"] if len(place) == 1 else condition_at(changed, place[:-1])[str(group_of(condition_at(changed, place[:-1])))]
    to = place[-1] + by
    if not isinstance(row, list) or not 0 <= to < len(row):
        return changed, place
    row[place[-1]], row[to] = row[to], row[place[-1]]
    return changed, (*place[:-1], to)


def describe(document: Mapping[str, Data], clause: int, *, name: str, article: str, quote: str, on_missing: str) -> Document:
    """The clause with these words about it; a new name is put into the examples that speak of it too."""
    if clause >= len(clauses(document)):
        raise NoSuchNode(str(clause))
    changed = _copy(document)
    row = changed["clauses"][clause]
    old, row["id"] = row.get("id", ""), name
    row["cite"] = {"article": article, "quote": quote}
    if on_missing == "ask" and "on_missing" not in row:
        on_missing = ""
    if on_missing:
        row["on_missing"] = on_missing
    if old and old != name and not any(other.get("id") == old for other in changed["clauses"]):
        _rename(changed, old, name)
    return changed


def _rename(document: Document, old: str, name: str) -> None:
    for example in document.get("examples") or []:
        expected: Data = example.get("expect") if isinstance(example, dict) else None
        told = expected.get("clauses") if isinstance(expected, dict) else None
        if isinstance(told, dict) and old in told and name not in told:
            expected["clauses"] = {name if key == old else key: value for key, value in told.items()}


def new_id(document: Mapping[str, Data], condition: Mapping[str, Data]) -> str:
    """A name for a clause that none has yet: after its fact where it has one.

    >>> new_id({"clauses": [{"id": "paid"}]}, {"fact": "tax.paid"})
    'paid_2'
    """
    first = condition.get("fact") or (condition.get("ratio") or [""])[0] if isinstance(condition, Mapping) else ""
    stem = re.sub(r"\W", "_", str(first).rpartition(".")[2]) or "clause"
    taken = {clause.get("id") for clause in clauses(document)}
    return next(name for number in range(1, len(taken) + 2) if (name := stem if number == 1 else f"{stem}_{number}") not in taken)


def _copy(document: Mapping[str, Data]) -> Document:
    changed = copy.deepcopy(dict(document))
    changed["clauses"] = clauses(changed)
    return changed


def path_of(document: Mapping[str, Data], place: Place) -> tuple[str | int, ...]:
    """Where a node is in the document's data.

    >>> path_of({"clauses": [{"when": {"any": [{"fact": "a"}, {"not": {"fact": "b"}}]}}]}, (0, 1, 0))
    ('clauses', 0, 'when', 'any', 1, 'not')
    """
    path: tuple[str | int, ...] = ("clauses", place[0], "when")
    for end in range(1, len(place)):
        group = str(group_of(condition_at(document, place[:end])))
        path = (*path, group) if group == "not" else (*path, group, place[end])
    return path
