"""Features of many enterprises: every (fact, window, aggregation) a chunk of policies reads, worked out once.

One row of aggregates per enterprise and fact, joined into one wide table. Key numbers of a fact are contiguous and
sort by time (:class:`~diguan.kernel.rules.dataset.Key`), so a window is a range of keys; what a row fills of the
coverage's gaps is a mask of bits, or-ed in the same pass.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc

from diguan.kernel.catalogue import FactSpec
from diguan.kernel.periods import Day, Period
from diguan.kernel.rules import adapter
from diguan.kernel.rules.adapter import Expr, Flag
from diguan.kernel.rules.dataset import Dataset, Key
from diguan.kernel.rules.windows import Window

ROWS = {"ent": "int32", "key": "int32", "num": "int64", "text": "string", "top": "boolean"}
BITS = 62
SAFE = 2**61
"""A sum no larger than this may be subtracted from another in 64 bits."""
_TYPES = {"sum": adapter.WIDE, "count": "int64", "max": "int64", "min": "int64", "last": "int32", "num": "int64",
          "text": "string", "word": "int64"}
_ZERO = {"sum": 0, "count": 0, "last": -1, "word": 0}
NO_KEY = -1


@dataclass(frozen=True)
class Span:
    """The keys from ``low`` to ``high`` but for ``holes``; none if low > high."""

    low: int = 0
    high: int = -1
    holes: tuple[int, ...] = ()

    @property
    def empty(self) -> bool:
        return self.low > self.high

    def among(self, key: Expr) -> Expr:
        inside = key.between(self.low, self.high)
        return inside & ~key.isin(list(self.holes)) if self.holes else inside


@dataclass(frozen=True)
class Feature:
    """One aggregate over one fact's rows; a ``word`` is one of the words of the mask of filled gaps."""

    fact: str
    how: str
    column: str = "num"
    span: Span = Span()
    word: int = 0


class Features:
    """The wide table of one chunk. Ask for everything, :meth:`close`, and ask again: then columns are real."""

    def __init__(self, dataset: Dataset, as_of: Day) -> None:
        self._data, self._as_of = dataset, as_of
        self._features: dict[Feature, str] = {}
        self._attributes: dict[str, str] = {}
        self._words: dict[str, list[str]] = {}
        self._specs: dict[str, FactSpec] = {}
        self._gaps: dict[str, dict[Period, int]] = {}
        self._table: Expr = None

    def close(self) -> None:
        """From now on columns belong to the table ``features``."""
        self._table = self._named("features")

    def over(self, name: str, **more: str) -> Self:
        """The same columns in another table, which has more of them."""
        found = copy.copy(self)
        found._table = self._named(name, **more)
        return found

    def _named(self, name: str, **more: str) -> Expr:
        columns = {name: self._kind(fact) for fact, name in self._attributes.items()}
        columns |= {name: self._type(feature) for feature, name in self._features.items()}
        return adapter.table(name, {"ent": "int32", **columns, **more})

    @property
    def table(self) -> Expr:
        return self._table

    # -- what sights ask for -------------------------------------------------------------------------------

    def scale(self, fact: FactSpec) -> int:
        """Storage units in one display unit; 1 where the fact is no number."""
        return self._data.scales.get(fact.name, fact.scale) if fact.numeric else 1

    def always(self, fact: FactSpec) -> bool:
        """Whether an attribute nobody filled in is known not to exist."""
        return fact.name in self._data.covered_always

    def attribute(self, fact: FactSpec) -> Expr | None:
        """The column of a fact without a period; None if the data have none."""
        if fact.name not in self._data.attributes.column_names:
            return None
        self._specs[fact.name] = fact
        name = self._attributes.setdefault(fact.name, f"a{len(self._attributes)}")
        return adapter.constant(None, self._kind(fact.name)) if self._table is None else self._table[name]

    def words(self, fact: FactSpec) -> Sequence[str]:
        """The texts of an attribute in order; its column tells places among them, which are compared a dozen times faster."""
        if fact.name not in self._words:
            given = self._data.attributes
            self._words[fact.name] = sorted(pc.unique(given[fact.name].cast(pa.string()).drop_null()).to_pylist()) if fact.name in given.column_names else []
        return self._words[fact.name]

    def mentioned(self, fact: FactSpec) -> Flag:
        """Whether any row names the enterprise and the fact."""
        return self._any_row(fact, self._data.keys_of.get(fact.name, ()))

    def total(self, fact: FactSpec, window: Window) -> Expr:
        """The sum of the values in a window, 0 of none."""
        return self._column(Feature(fact.name, "sum", "num", self.values(fact, window)))

    def number(self, fact: FactSpec, window: Window) -> Expr:
        """How many values there are in a window."""
        return self._column(Feature(fact.name, "count", fact.stored_as, self.values(fact, window)))

    def told(self, fact: FactSpec, window: Window) -> Flag:
        """Whether there is a value in a window."""
        return False if self.values(fact, window).empty else self.number(fact, window) > 0

    def extreme(self, fact: FactSpec, window: Window, agg: str) -> Expr:
        """The greatest or smallest value in a window; null of none."""
        return self._column(Feature(fact.name, agg, "num", self.values(fact, window)))

    def last(self, fact: FactSpec, window: Window) -> tuple[Expr, Expr]:
        """The key of the latest row in a window (``NO_KEY`` of none, odd for a value) and its value."""
        span = self._span(fact, [key for key in self._keys(fact) if window.holds(key.start, key.end)])
        return self._column(Feature(fact.name, "last", "key", span)), self._column(Feature(fact.name, fact.stored_as, fact.stored_as, span))

    def denied(self, fact: FactSpec, window: Window) -> Flag:
        """Whether an absent row, perhaps of a longer period, touches the window."""
        return self._any_row(fact, [key for key in self._keys(fact) if not key.value and window.touches(key.start, key.end)])

    def touched(self, fact: FactSpec, window: Window) -> bool:
        """Whether any coverage touches the window."""
        return self._data.known_gaps.touches(fact.name, window)

    def covered(self, fact: FactSpec, window: Window) -> Flag:
        """Whether every whole period of the window is told, by coverage or by the enterprise's own rows."""
        gaps = self._data.known_gaps.gaps(fact.name, window, fact.period)
        if not gaps or window.empty:
            return True
        fills = self._fills(fact)
        if not all(any(_holds(key, gap) for key in fills) for gap in gaps):
            return False
        self._specs[fact.name] = fact
        numbers = self._gaps.setdefault(fact.name, {})
        masks: dict[int, int] = {}
        for gap in gaps:
            word, bit = divmod(numbers.setdefault(gap, len(numbers)), BITS)
            masks[word] = masks.get(word, 0) | 1 << bit
        words = {word: self._column(Feature(fact.name, "word", word=word)) for word in masks}
        return adapter.both(*[(words[word] & adapter.whole(mask)) == adapter.whole(mask) for word, mask in masks.items()])

    # -- keys ----------------------------------------------------------------------------------------------

    def values(self, fact: FactSpec, window: Window) -> Span:
        """The keys of values in a window. Keys between them that say absent do no harm: their value is null."""
        inside = [key for key in self._keys(fact) if key.value and window.holds(key.start, key.end)]
        return self._span(fact, inside, values=True)

    def _keys(self, fact: FactSpec) -> Sequence[Key]:
        return [key for key in self._data.keys_of.get(fact.name, ()) if key.end <= self._as_of]

    def _fills(self, fact: FactSpec) -> list[Key]:
        """The keys whose rows cover their period: a value of a day covers nothing."""
        return [key for key in self._keys(fact) if not (fact.period == "day" and key.value)]

    def _span(self, fact: FactSpec, keys: Sequence[Key], *, values: bool = False) -> Span:
        if not keys:
            return Span()
        inside = {key.number for key in keys}
        low, high = min(inside), max(inside)
        holes = [key.number for key in self._data.keys_of[fact.name]
                 if low < key.number < high and key.number not in inside and (key.value or not values)]
        return Span(low, high, tuple(holes))

    # -- columns -------------------------------------------------------------------------------------------

    def _any_row(self, fact: FactSpec, keys: Sequence[Key]) -> Flag:
        span = self._span(fact, keys)
        return False if span.empty else self._column(Feature(fact.name, "count", "key", span)) > 0

    def _type(self, feature: Feature) -> str:
        """Sums that can never pass 64 bits are kept in them: comparing is twice as fast."""
        return "int64" if feature.how == "sum" and self._data.largest_sum(feature.fact) <= SAFE else _TYPES[feature.how]

    def _column(self, feature: Feature) -> Expr:
        kind = self._type(feature)
        if feature.how != "word" and feature.span.empty:
            return adapter.constant(_ZERO.get(feature.how), kind)
        name = self._features.setdefault(feature, f"f{len(self._features)}")
        return adapter.constant(None, kind) if self._table is None else self._table[name]

    def _kind(self, fact: str) -> str:
        return "int32" if self._specs[fact].stored_as == "text" else "int64"

    # -- the query -----------------------------------------------------------------------------------------

    def firms(self, first: int, last: int) -> pa.Table:
        """Number and attributes of the enterprises ``first`` to ``last``, under the names used here."""
        wanted = self._data.attributes.select(["ent", *self._attributes]).slice(first, last - first + 1)
        columns = [self._stored(fact, wanted[fact]) for fact in self._attributes]
        return pa.table([wanted["ent"].cast(pa.int32()), *columns], ["ent", *self._attributes.values()])

    def _stored(self, fact: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
        if self._specs[fact].stored_as != "text":
            return column.cast(pa.int64())
        return pc.index_in(column.cast(pa.string()), pa.array(self.words(self._specs[fact]), pa.string()))

    def masks(self) -> pa.Table:
        """Which gaps of its fact each key fills, in as many words as the fact with most gaps takes."""
        found = dict(pair for fact, gaps in self._gaps.items() for pair in self._filled(fact, gaps))
        words = {f"w{word}": pa.array([mask >> BITS * word & (1 << BITS) - 1 for mask in found.values()], pa.int64()) for word in range(self._words_of_gaps())}
        return pa.table({"key": pa.array(list(found), pa.int32()), **words})

    def _filled(self, fact: str, gaps: dict[Period, int]) -> Iterator[tuple[int, int]]:
        for key in self._fills(self._specs[fact]):
            yield key.number, sum(1 << bit for gap, bit in gaps.items() if _holds(key, gap))

    def _words_of_gaps(self) -> int:
        return max((-(-len(gaps) // BITS) for gaps in self._gaps.values()), default=0)

    def key_ranges(self) -> list[tuple[int, int]]:
        """The keys of the facts that are read."""
        return [self._range(fact) for fact in self._facts()]

    def query(self, dialect: adapter.Dialect) -> str:
        """SQL of the wide table, from ``firms``, ``rows`` and the masks."""
        firms = wide = adapter.table("firms", {"ent": "int32", **{name: self._kind(fact) for fact, name in self._attributes.items()}})
        for at, fact in enumerate(self._facts()):
            each = self._aggregated(at, fact)
            wide = wide.left_join(each, firms.ent == each[f"ent_{at}"])
        columns = {name: adapter.filled(wide[name], _ZERO[feature.how]) if feature.how in _ZERO else wide[name]
                   for feature, name in self._features.items()}
        return adapter.sql(wide.select("ent", *self._attributes.values(), **columns), dialect)

    def _facts(self) -> list[str]:
        return sorted({feature.fact for feature in self._features})

    def _range(self, fact: str) -> tuple[int, int]:
        keys = self._data.keys_of[fact]
        return keys[0].number, keys[-1].number

    def _aggregated(self, at: int, fact: str) -> Expr:
        rows = adapter.table("rows", ROWS)
        rows = rows.filter(rows.key.between(*self._range(fact)))
        if fact in self._gaps:
            masks = adapter.table("masks", {"key": "int32", **{f"w{word}": "int64" for word in range(self._words_of_gaps())}})
            rows = rows.left_join(masks, rows.key == masks.key).select(*(rows[name] for name in ROWS), *(masks[name] for name in masks.columns if name != "key"))
        found = {name: _aggregate(rows, feature, self._type(feature)) for feature, name in self._features.items() if feature.fact == fact}
        return rows.group_by("ent").aggregate(**found).rename({f"ent_{at}": "ent"})


def _holds(key: Key, gap: Period) -> bool:
    return key.start <= gap.start and gap.end <= key.end


def _aggregate(rows: Expr, feature: Feature, kind: str) -> Expr:
    if feature.how == "word":
        return adapter.all_bits(rows[f"w{feature.word}"])
    among = feature.span.among(rows.key)
    if feature.how in ("num", "text"):
        return adapter.at_most_key(rows, feature.column, rows.top & among)
    column = rows[feature.column]
    if feature.how == "sum":
        return column.cast(adapter.WIDE).sum(where=among) if kind == adapter.WIDE else adapter.long_sum(column, among)
    return {"count": column.count, "max": column.max, "min": column.min, "last": column.max}[feature.how](where=among)
