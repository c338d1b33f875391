"""What is wrong with the shape of a flow: cycles, steps nobody reaches, ends that are none. Pure: ids and edges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Edges = Mapping[str, Sequence[str]]


def cycle(edges: Edges) -> tuple[str, ...]:
    """One way round, first id repeated at its end; empty where there is none.

    >>> cycle({"a": ["b"], "b": ["c"], "c": ["b"]})
    ('b', 'c', 'b')
    >>> cycle({"a": ["b", "c"], "b": ["c"], "c": []})
    ()
    """
    done: set[str] = set()
    for start in edges:
        found = _walk(edges, start, done)
        if found:
            return found
    return ()


def _walk(edges: Edges, start: str, done: set[str]) -> tuple[str, ...]:
    # By hand, not by recursion: a chain may be longer than Python's stack.
    path: list[str] = []
    stack: list[tuple[str, bool]] = [(start, False)]
    while stack:
        at, leaving = stack.pop()
        if leaving:
            done.add(path.pop())
        elif at in path:
            return (*path[path.index(at):], at)
        elif at not in done:
            path.append(at)
            stack.append((at, True))
            stack += [(to, False) for to in reversed(edges[at])]
    return ()


def unreachable(edges: Edges, starts: Sequence[str]) -> tuple[str, ...]:
    """The ids no way leads to.

    >>> unreachable({"a": ["b"], "b": [], "c": ["b"]}, ["a"])
    ('c',)
    """
    seen, waiting = set(starts), list(starts)
    while waiting:
        for to in edges[waiting.pop()]:
            if to not in seen:
                seen.add(to)
                waiting.append(to)
    return tuple(name for name in edges if name not in seen)


def ends(edges: Edges) -> tuple[str, ...]:
    """The ids that lead nowhere.

    >>> ends({"a": ["b"], "b": []})
    ('b',)
    """
    return tuple(name for name, to in edges.items() if not to)


def earlier(edges: Edges, name: str) -> frozenset[str]:
    """What a way leads from to a step, the step itself left out.

    >>> sorted(earlier({"a": ["b", "c"], "b": ["d"], "c": [], "d": []}, "d"))
    ['a', 'b']
    """
    before: dict[str, list[str]] = {at: [] for at in edges}
    for at, to in edges.items():
        for one in to:
            before[one].append(at)
    return frozenset(edges) - frozenset(unreachable(before, [name])) - {name}
