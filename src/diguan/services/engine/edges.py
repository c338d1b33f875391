"""What must come before what, and why: edges of four kinds, of which habit binds nobody. Pure: ids, kinds, words.

**The four kinds.** *Legal*: an article says so. *Data*: the later activity reads a result of the earlier one. *Physical*:
the world says so (a roof stands on walls). *Habit*: it has always been done so. Only the first three bind; what
re-engineering takes away are the habits, and nothing else. Between the same two activities several edges may stand,
one a reason: the order ends only when none of them binds.

**What may be left out of a picture.** An edge is *implied* when other edges already give its order. A binding edge counts
as implied only by a way that binds at every step: a law that was left out because habits happened to give the same
order would be lost on the day the habits go. So habits are dropped first and the rest is reduced afterwards.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from diguan.kernel.messages import Message, nearest

LEGAL, DATA, PHYSICAL, HABIT = "legal", "data", "physical", "habit"
KINDS = {LEGAL: Message("法律规定", "required by law"), DATA: Message("要用前一环节的结果", "needs a result of the earlier activity"),
         PHYSICAL: Message("客观上必须先做", "cannot physically be done earlier"), HABIT: Message("只是习惯", "habit only")}
BINDING = frozenset({LEGAL, DATA, PHYSICAL})
Pair = tuple[str, str]


class BenchRefused(ValueError):
    """What was given to the bench cannot be planned, simulated or drawn; one sentence says why.

    Attributes:
        code: a word for programs, ``cycle``.
        message: the sentence in both languages.
        names: the activities, units or elements it is about; of a cycle the way round, its first name repeated at the end.
        messages: every sentence there is to say, this one first: a file is refused with all its faults.
    """

    def __init__(self, code: str, zh: str, en: str, names: Sequence[str] = (), others: Sequence[BenchRefused] = ()) -> None:
        self.code, self.message, self.names = code, Message(zh, en), tuple(names)
        self.messages = (self.message, *(each.message for each in others))
        super().__init__(str(self.message))


@dataclass(frozen=True, order=True)
class Edge:
    """``before`` ends before ``after`` starts. ``evidence`` is an article, a field, a count; ``reviewer`` who agreed."""

    before: str
    after: str
    kind: str = LEGAL
    evidence: str = ""
    reviewer: str = ""

    @property
    def pair(self) -> Pair:
        return (self.before, self.after)

    @property
    def binds(self) -> bool:
        return self.kind in BINDING


@dataclass(frozen=True)
class Freed:
    """What parallelising did.

    ``kept`` are the edges that bind, ``dropped`` the habits. ``still`` are those of the dropped whose order stays all the
    same, since edges that bind give it: nothing is won by dropping them.
    """

    kept: tuple[Edge, ...]
    dropped: tuple[Edge, ...]
    still: tuple[Edge, ...]

    def text(self, titles: Mapping[str, str] | None = None) -> Message:
        """One sentence: which habits went, and which of them change nothing.

        >>> parallelise([Edge("a", "b", HABIT)]).text().zh
        '去掉 1 条习惯先后：a → b。'
        """
        if not self.dropped:
            return Message("没有只凭习惯的先后，全部保留。", "No order rests on habit alone; all stay.")
        def listed(edges: Sequence[Edge]) -> str:
            return "、".join(" → ".join(_title(name, titles) for name in edge.pair) for edge in edges)
        zh, en = f"去掉 {len(self.dropped)} 条习惯先后：{listed(self.dropped)}。", f"{len(self.dropped)} habits dropped: {listed(self.dropped)}."
        if self.still:
            zh += f"其中 {len(self.still)} 条的先后另有依据，不变：{listed(self.still)}。"
            en += f" Of these, {len(self.still)} orders stay for other reasons: {listed(self.still)}."
        return Message(zh, en)


def checked(activities: Sequence[str], edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """The edges, the same edge once, when they fit the activities and run in no circle.

    Raises:
        BenchRefused: ``no_activities``, ``twice``, ``unknown_activity``, ``unknown_kind``, ``self_edge`` or ``cycle``.

    >>> checked(["a", "b"], [Edge("a", "b"), Edge("b", "a", HABIT)])
    Traceback (most recent call last):
    diguan.services.engine.edges.BenchRefused: 先后成了圈：a → b → a / the order runs in a circle: a → b → a
    """
    found = tuple(dict.fromkeys(edges))
    for edge in found:
        if edge.kind not in KINDS:
            raise BenchRefused("unknown_kind", f"先后 {edge.before} → {edge.after} 的类别“{edge.kind}”不认识，应为 {'、'.join(KINDS)} 之一",
                               f"{edge.before} → {edge.after}: no such kind: {edge.kind}; one of {', '.join(KINDS)}", edge.pair)
    in_order(activities, [edge.pair for edge in found])
    return found


def in_order(activities: Sequence[str], pairs: Iterable[Pair]) -> tuple[str, ...]:
    """The activities in an order that keeps every pair; of several the one nearest to the order given.

    Raises:
        BenchRefused: ``no_activities``, ``twice``, ``unknown_activity``, ``self_edge`` or ``cycle``.

    >>> in_order(["c", "b", "a"], [("a", "c")])
    ('b', 'a', 'c')
    """
    befores = _befores(activities, pairs)
    sorter = TopologicalSorter(befores)
    try:
        sorter.prepare()
    except CycleError as error:
        raise _circle(error.args[1]) from None
    place = {name: at for at, name in enumerate(activities)}
    found: list[str] = []
    ready: list[int] = []
    while sorter.is_active():
        for name in sorter.get_ready():
            heapq.heappush(ready, place[name])
        found.append(activities[heapq.heappop(ready)])
        sorter.done(found[-1])
    return tuple(found)


def _befores(activities: Sequence[str], pairs: Iterable[Pair]) -> dict[str, list[str]]:
    if not activities:
        raise BenchRefused("no_activities", "没有任何环节", "there is no activity")
    befores: dict[str, list[str]] = {name: [] for name in activities}
    if len(befores) != len(activities):
        twice = next(name for name, count in Counter(activities).items() if count > 1)
        raise BenchRefused("twice", f"环节“{twice}”出现了两次", f"the activity {twice} is there twice", [twice])
    for before, after in pairs:
        _known(before, after, befores)
        if before == after:
            raise BenchRefused("self_edge", f"环节“{before}”不能排在自己前面", f"the activity {before} cannot come before itself", [before])
        befores[after].append(before)
    return befores


def _known(before: str, after: str, known: Mapping[str, object]) -> None:
    for name in (before, after):
        if name not in known:
            like = nearest(name, known)
            raise BenchRefused("unknown_activity", f"先后 {before} → {after} 里的“{name}”不是这个流程的环节" + (f"，是不是“{like}”？" if like else ""),
                               f"{before} → {after}: {name} is no activity of this flow" + (f"; did you mean {like}?" if like else ""), [name])


def _circle(way: Sequence[str]) -> BenchRefused:
    """The refusal that names a circle, told from its smallest name on, so that it reads alike every time."""
    ring = list(way[:-1])
    at = ring.index(min(ring))
    told = [*ring[at:], *ring[:at], ring[at]]
    return BenchRefused("cycle", f"先后成了圈：{' → '.join(told)}", f"the order runs in a circle: {' → '.join(told)}", told)


def parallelise(edges: Iterable[Edge], activities: Sequence[str] | None = None) -> Freed:
    """Drop the habits. A circle that only habits close is no obstacle: it goes with them.

    Args:
        edges: all edges, in any order.
        activities: all of the flow; those the edges name where not given.

    Raises:
        BenchRefused: as :func:`checked`, for the edges that stay.
    """
    found = tuple(dict.fromkeys(edges))
    kept, dropped = tuple(edge for edge in found if edge.kind != HABIT), tuple(edge for edge in found if edge.kind == HABIT)
    names = list(dict.fromkeys(name for edge in found for name in edge.pair)) if activities is None else activities
    if not names:
        return Freed((), (), ())
    for edge in dropped:
        _known(edge.before, edge.after, dict.fromkeys(names))
    reach = Reach(names, [edge.pair for edge in checked(names, kept)])
    return Freed(kept, dropped, tuple(edge for edge in dropped if reach.comes_before(*edge.pair)))


class Reach:
    """Who must come before whom by however many steps, as bits of whole numbers: quick for thousands of activities.

    Raises:
        BenchRefused: as :func:`in_order`.

    >>> Reach("abc", [("a", "b"), ("b", "c")]).comes_before("a", "c")
    True
    """

    def __init__(self, activities: Sequence[str], pairs: Iterable[Pair]) -> None:
        self.activities, pairs = tuple(activities), dict.fromkeys(pairs)
        self.order = in_order(activities, pairs)
        self._bit = {name: 1 << at for at, name in enumerate(activities)}
        self._direct: dict[str, list[str]] = {name: [] for name in activities}
        for before, after in pairs:
            self._direct[after].append(before)
        self._all: dict[str, int] = {}
        self._far: dict[str, int] = {}
        for name in self.order:
            self._far[name] = self._union(self._direct[name])
            self._all[name] = self._far[name] | sum(self._bit[one] for one in self._direct[name])  # each once, so sum is union

    def _union(self, names: Iterable[str]) -> int:
        found = 0
        for name in names:
            found |= self._all[name]
        return found

    def comes_before(self, before: str, after: str) -> bool:
        """Whether the pairs say so, directly or by a way."""
        return bool(self._all[after] & self._bit[before])

    def by_a_way(self, before: str, after: str) -> bool:
        """Whether two pairs or more say so one after the other."""
        return bool(self._far[after] & self._bit[before])

    def nearest(self) -> dict[str, list[str]]:
        """For every activity those directly before it, without what others give already.

        >>> Reach("abc", [("a", "b"), ("b", "c"), ("a", "c")]).nearest()
        {'a': [], 'b': ['a'], 'c': ['b']}
        """
        return {name: [one for one in self._direct[name] if not self.by_a_way(one, name)] for name in self.activities}

    def nearest_of(self, left: Iterable[str]) -> dict[str, list[str]]:
        """The same for some of the activities, the order passed on through those left out.

        >>> Reach("abc", [("a", "b"), ("b", "c")]).nearest_of("ac")
        {'a': [], 'c': ['a']}
        """
        names = list(left)
        found = {}
        for name in names:
            candidates = [one for one in names if self.comes_before(one, name)]
            far = self._union(candidates)
            found[name] = [one for one in candidates if not far & self._bit[one]]
        return found


def implied(activities: Sequence[str], edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """The edges whose order others give already: a habit by any way, an edge that binds only by ways that bind.

    Of two reasons for the same pair neither is implied: both are to be read.

    Raises:
        BenchRefused: as :func:`checked`.

    >>> [edge.pair for edge in implied("abc", [Edge("a", "b"), Edge("b", "c"), Edge("a", "c")])]
    [('a', 'c')]
    >>> implied("abc", [Edge("a", "b"), Edge("b", "c", HABIT), Edge("a", "c")])
    ()
    """
    found = checked(activities, edges)
    every, binding = Reach(activities, [edge.pair for edge in found]), Reach(activities, [edge.pair for edge in found if edge.binds])
    return tuple(edge for edge in found if (binding if edge.binds else every).by_a_way(*edge.pair))


def reduced(activities: Sequence[str], edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """The transitive reduction: the edges without the implied ones.

    Raises:
        BenchRefused: as :func:`checked`.
    """
    found = tuple(dict.fromkeys(edges))
    out = set(implied(activities, found))
    return tuple(edge for edge in found if edge not in out)


def why(edge: Edge, titles: Mapping[str, str] | None = None) -> Message:
    """Why an edge stays, or may go, in one sentence that says what proof it still lacks.

    >>> why(Edge("a", "b", LEGAL, "城乡规划法第四十条", "王敏"), {"a": "用地许可", "b": "工程许可"}).zh
    '“用地许可”须先于“工程许可”：法律规定（城乡规划法第四十条），王敏复核。'
    """
    kind, (before, after) = KINDS[edge.kind], (_title(name, titles) for name in edge.pair)
    if not edge.binds:
        return Message(f"“{before}”先于“{after}”{kind.zh}，可以并行" + (f"（{edge.evidence}）。" if edge.evidence else "。"),
                       f"{before} before {after} is {kind.en}: they may run in parallel" + (f" ({edge.evidence})." if edge.evidence else "."))
    zh = f"“{before}”须先于“{after}”：{kind.zh}" + (f"（{edge.evidence}）" if edge.evidence else "，尚未写明依据")
    en = f"{before} must come before {after}: {kind.en}" + (f" ({edge.evidence})" if edge.evidence else ", no evidence given yet")
    return Message(zh + (f"，{edge.reviewer}复核。" if edge.reviewer else "，尚无人复核。"), en + (f", reviewed by {edge.reviewer}." if edge.reviewer else ", reviewed by nobody yet."))


def unproven(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """The edges that bind without evidence or without a reviewer: to be settled before a flow is published."""
    return tuple(edge for edge in edges if edge.binds and not (edge.evidence.strip() and edge.reviewer.strip()))


def _title(name: str, titles: Mapping[str, str] | None) -> str:
    return (titles or {}).get(name, name)
