"""Pure functions of policy pages: how quoted sentences lie in a document, and how a funnel narrows."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    """A run of characters of the document. ``marks`` are the clause numbers (from 1) that quote it;
    ``ends`` those whose quote ends here, where the numbered mark is drawn.
    """

    text: str
    marks: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()


@dataclass(frozen=True)
class Funnel:
    """One clause's part of the narrowing. Counts of enterprises: those who came this far and
    pass, are unknown, or drop out here; ``left`` = passed + unknown so far.
    """

    true: int
    unknown: int
    out: int

    @property
    def left(self) -> int:
        return self.true + self.unknown


def paragraphs(text: str, spans: Sequence[tuple[int, int]]) -> list[list[Piece]]:
    """Cut the document into paragraphs of pieces, so that every quote is marked where it stands.

    Args:
        text: the source document.
        spans: per clause, the start and end of its quote in ``text``.

    >>> [[(p.text, p.marks, p.ends) for p in line] for line in paragraphs("abcd", [(1, 3)])]
    [[('a', (), ()), ('bc', (1,), (1,)), ('d', (), ())]]
    """
    found, start = [], 0
    for line in text.split("\n"):
        end = start + len(line)
        if line.strip():
            found.append(_pieces(text, start, end, spans))
        start = end + 1
    return found


def _pieces(text: str, start: int, end: int, spans: Sequence[tuple[int, int]]) -> list[Piece]:
    cuts = sorted({start, end, *(cut for span in spans for cut in span if start < cut < end)})
    return [
        Piece(text[a:b],
              tuple(n for n, (s, e) in enumerate(spans, 1) if s <= a and b <= e),
              tuple(n for n, (s, e) in enumerate(spans, 1) if e == b and s <= a))
        for a, b in itertools.pairwise(cuts)
    ]


def funnel(codes: Iterable[int], clauses: int) -> list[Funnel]:
    """How enterprises drop out clause by clause, in document order.

    Args:
        codes: one int per enterprise, two bits a clause (0 true, 1 false, 2 unknown).
        clauses: how many clauses the policy has.

    >>> [(f.true, f.unknown, f.out) for f in funnel([0b0000, 0b0001, 0b0110], 2)]
    [(1, 1, 1), (1, 0, 1)]
    """
    counts = [[0, 0, 0] for _ in range(clauses)]
    for code in codes:
        undecided = False
        for index in range(clauses):
            verdict = code >> 2 * index & 3
            if verdict == 1:
                counts[index][2] += 1
                break
            undecided = undecided or verdict == 2
            counts[index][1 if undecided else 0] += 1
    return [Funnel(*row) for row in counts]
