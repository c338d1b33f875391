"""One set of what is handed in: requirements of many matters merged by meaning, the strictest of every rule wins and says why.

A merged requirement keeps every asking behind it; what it demands is worked out from them. So merging is a union: the order does
not matter, doing it again changes nothing, and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from diguan.services.engine.fields import FORMS, QUALITIES

RULES = ("quality", "form", "copies", "tolerant", "fresh_months", "commitment_days")
"""What may be demanded of one paper: its trust level, its form, how many, whether it may follow later, how new it has to be, whether a promise checked within so many days will do."""


@dataclass(frozen=True)
class Asking:
    """One matter asks for one meaning. ``needed`` is None while a question that decides is open; ``fresh_months`` None: however old; ``commitment_days`` None: no promise will do."""

    meaning: str
    matter: str
    needed: bool | None = True
    quality: str = "D"
    form: str = "electronic"
    copies: int = 1
    tolerant: bool = False
    fresh_months: int | None = None
    because: str = ""
    commitment_days: int | None = None


@dataclass(frozen=True)
class Why:
    """Why a rule is as strict as it is: who demands it, and who would have been content with less."""

    rule: str
    value: Any
    demanded_by: tuple[str, ...]
    content_with: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Merged:
    """One meaning asked for once, with every asking behind it."""

    meaning: str
    askings: frozenset[Asking] = field(default_factory=frozenset)

    @property
    def counted(self) -> tuple[Asking, ...]:
        """The askings that count: those that are needed for sure, or, where none is, those that may be."""
        sure = [one for one in self.askings if one.needed]
        return tuple(sorted(sure or self.askings, key=_order))

    @property
    def needed(self) -> bool | None:
        """True where one matter needs it for sure, None where that depends on an open question."""
        return True if any(one.needed for one in self.askings) else None

    @property
    def matters(self) -> tuple[str, ...]:
        """Who asks for it, by name."""
        return tuple(sorted({one.matter for one in self.askings}))

    def value(self, rule: str) -> Any:
        """The strictest of one rule."""
        return min((getattr(one, rule) for one in self.counted), key=_STRICT[rule])

    @property
    def whys(self) -> tuple[Why, ...]:
        """Every rule on which the matters differ, with who demands the strictest and who less."""
        return tuple(why for rule in RULES if (why := self.why(rule)).content_with)

    def why(self, rule: str) -> Why:
        """One rule: its value, who demands it, who would be content with less."""
        strictest = self.value(rule)
        demand = sorted({one.matter for one in self.counted if getattr(one, rule) == strictest})
        less = sorted({(one.matter, getattr(one, rule)) for one in self.counted if getattr(one, rule) != strictest}, key=lambda pair: (pair[0], str(pair[1])))
        return Why(rule, strictest, tuple(demand), tuple(less))


def _order(one: Asking) -> tuple[str, ...]:
    return (one.matter, str(one.needed), one.quality, one.form, f"{one.copies:03}", str(one.tolerant), str(one.fresh_months), one.because, str(one.commitment_days))


_STRICT: Mapping[str, Callable[[Any], float]] = {
    "quality": QUALITIES.index, "form": FORMS.index, "copies": lambda number: -number, "tolerant": int,
    "fresh_months": lambda months: float("inf") if months is None else months, "commitment_days": lambda days: 0 if days is None else days}


def merge(*parts: Iterable[Asking | Merged]) -> dict[str, Merged]:
    """The union by meaning id, in order of the ids.

    >>> paper = [Asking("licence", "甲", quality="C"), Asking("licence", "乙", quality="B", copies=2)]
    >>> one = merge(paper)["licence"]
    >>> one.value("quality"), one.value("copies"), one.matters, one.why("quality").content_with
    ('B', 2, ('乙', '甲'), (('甲', 'C'),))
    """
    found: dict[str, set[Asking]] = {}
    for one in (one for part in parts for one in part):
        found.setdefault(one.meaning, set()).update(one.askings if isinstance(one, Merged) else (one,))
    return {meaning: Merged(meaning, frozenset(askings)) for meaning, askings in sorted(found.items())}


def handed_in(merged: Mapping[str, Merged]) -> tuple[int, int]:
    """How many papers were handed in when every matter asked by itself, and how many are now.

    >>> handed_in(merge([Asking("a", "甲"), Asking("a", "乙"), Asking("b", "甲")]))
    (3, 2)
    """
    return sum(len({one.matter for one in each.counted}) for each in merged.values()), len(merged)
