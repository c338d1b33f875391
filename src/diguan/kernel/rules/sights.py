"""What a read gives for every enterprise at once: the same cases as :func:`~diguan.kernel.rules.scalar.see`, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from diguan.kernel.catalogue import FactSpec
from diguan.kernel.periods import Day
from diguan.kernel.rules import adapter, tree, windows
from diguan.kernel.rules.adapter import Expr, Flag
from diguan.kernel.rules.features import Features
from diguan.kernel.rules.windows import Window

FLOOR, MAX, MIN = "floor", "max", "min"


@dataclass(frozen=True)
class Sight:
    """``value`` is a text or a whole number; in display units it is ``value / over · unit``. Of ``words`` it is the place among them.

    It stands where ``known``; where not and ``absent`` there is none (``absent`` means nothing where it is known). Elsewhere nobody told, but
    ``part`` says how the value bounds the whole: from below (a sum that only grows), as its maximum or its minimum so far.
    """

    value: Expr
    known: Flag
    absent: Flag = False
    over: Expr = None
    unit: Fraction = Fraction(1)
    part: str = ""
    words: Sequence[str] | None = None

    @property
    def textual(self) -> bool:
        return self.words is not None or bool(self.value.type().is_string())


class Sights:
    """The sights of one chunk of policies; policies that ask the same thing share it."""

    def __init__(self, features: Features, as_of: Day) -> None:
        self.features, self.as_of = features, as_of
        self._found: dict[tree.Source, Sight] = {}

    def ask(self, policy: tree.Policy) -> None:
        """Have the features planned that a policy reads."""
        for clause in policy.clauses:
            for leaf in tree.comparisons(clause.condition):
                self.of(leaf.of)
                if leaf.op == "exists" and isinstance(leaf.of, tree.Read):
                    self.told(leaf.of)
        if not isinstance(policy.benefit, tree.Flat):
            self.of(policy.benefit.of)

    def of(self, source: tree.Source) -> Sight:
        """What a read or a ratio gives."""
        found = self._found.get(source)
        if found is None:
            found = self._found[source] = self._ratio(source) if isinstance(source, tree.Ratio) else self._read(source)
        return found

    def told(self, read: tree.Read) -> Flag:
        """Whether a value row is known in the window, be it covered or not."""
        if read.window is None or read.agg in ("latest", "growth"):
            return False
        return self.features.told(read.fact, windows.resolve(read.window, read.fact.period, self.as_of))

    def _read(self, read: tree.Read) -> Sight:
        if read.window is None:
            return self._attribute(read.fact)
        window = windows.resolve(read.window, read.fact.period, self.as_of)
        if read.agg == "growth":
            return self._growth(read.fact, window)
        if read.agg == "latest":
            return self._latest(read.fact, window)
        if read.agg in ("sum", "count"):
            return self._total(read.fact, window, read.agg)
        return self._extreme(read.fact, window, read.agg) if read.agg else self._any(read.fact, window)

    def _attribute(self, fact: FactSpec) -> Sight:
        column = self.features.attribute(fact)
        known: Flag = False if column is None else column.notnull()
        missing = self.features.always(fact) or self.features.mentioned(fact)
        value = adapter.constant(None, "int64") if column is None else column
        words = self.features.words(fact) if fact.stored_as == "text" else None
        return Sight(value, known, missing, unit=self._unit(fact), words=words)

    def _unit(self, fact: FactSpec) -> Fraction:
        return Fraction(1, self.features.scale(fact))

    def _total(self, fact: FactSpec, window: Window, agg: str = "sum") -> Sight:
        value = self.features.total(fact, window) if agg == "sum" else self.features.number(fact, window)
        grows = agg == "count" or fact.non_negative
        return Sight(value, self.features.covered(fact, window), unit=self._unit(fact) if agg == "sum" else Fraction(1),
                     part=FLOOR if grows else "")

    def _any(self, fact: FactSpec, window: Window) -> Sight:
        told = self.features.told(fact, window)
        return Sight(adapter.constant(None, "int64"), told, self.features.covered(fact, window))

    def _extreme(self, fact: FactSpec, window: Window, agg: str) -> Sight:
        value, covered = self.features.extreme(fact, window, agg), self.features.covered(fact, window)
        told: Flag = False if self.features.values(fact, window).empty else value.notnull()
        return Sight(value, adapter.both(covered, told), covered, unit=self._unit(fact), part=agg)

    def _latest(self, fact: FactSpec, window: Window) -> Sight:
        key, value = self.features.last(fact, window)
        known = key % 2 == 1
        denied = self.features.touched(fact, window) or self.features.denied(fact, window)
        return Sight(value, known, adapter.either(key >= 0, denied), unit=self._unit(fact))

    def _growth(self, fact: FactSpec, window: Window) -> Sight:
        now, before = self._total(fact, window), self._total(fact, windows.year_earlier(window))
        return self._over(now.value - before.value, now.known, before)

    def _ratio(self, of: tree.Ratio) -> Sight:
        a, b = (self._total(fact, windows.resolve(of.window, fact.period, self.as_of)) for fact in of.facts)
        return self._over(a.value, a.known, b, a.unit / b.unit)

    def _over(self, value: Expr, known: Flag, b: Sight, unit: Fraction = Fraction(1)) -> Sight:
        positive = b.value > adapter.whole(0, like=b.value)
        return Sight(value, adapter.both(known, b.known, positive), adapter.both(b.known, ~positive), b.value, unit)
