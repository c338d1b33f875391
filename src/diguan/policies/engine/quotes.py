"""Pure functions of policy pages: how quoted sentences lie in a document."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    """A run of characters of the document. ``marks`` are the clause numbers (from 1) that quote it;
    ``ends`` those whose quote ends here, where the numbered mark is drawn.
    """

    text: str
    marks: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()


def paragraphs(text: str, spans: Sequence[tuple[int, int]]) -> list[list[Piece]]:
    """Cut the document into paragraphs of pieces, so that every quote is marked where it stands.

    Args:
        text: the source document.
        spans: per clause, the start and end of its quote in ``text``.

    >>> [[(p.text, p.marks, p.ends) for p in line] for line in paragraphs("abcd", [(1, 3)])]
    [[('a', (), ()), ('bc', (1,), (1,)), ('d', (), ())]]
    """
    spans = [(start, start + len(text[start:end].rstrip())) for start, end in spans]  # a quote may end in a line's end
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
