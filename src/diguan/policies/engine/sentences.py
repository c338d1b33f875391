"""The source text by articles and sentences, so that a sentence can be chosen without a mouse."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from diguan.policies.engine.quotes import Piece, paragraphs

_ARTICLE = re.compile(r"^\s*(第[一二三四五六七八九十百零〇\d]+条)\s*")
_END = re.compile(r"[^。；！？\n]+[。；！？]?")


@dataclass(frozen=True)
class Sentence:
    """One sentence without its full stop: where it lies, and under which article."""

    number: int
    start: int
    end: int
    article: str
    text: str


def sentences(text: str) -> list[Sentence]:
    r"""Every sentence, from 1; the heading of an article and the full stop are left aside.

    >>> [(one.number, one.article, one.text) for one in sentences("办法\n第一条 甲，乙。丙；丁。")]
    [(1, '', '办法'), (2, '第一条', '甲，乙'), (3, '第一条', '丙'), (4, '第一条', '丁')]
    """
    found: list[Sentence] = []
    article, start = "", 0
    for line in text.split("\n"):
        head = _ARTICLE.match(line)
        article = head[1] if head else article
        for part in _END.finditer(line, head.end() if head else 0):
            low, high = start + part.start(), start + part.end()
            said = text[low:high]
            low, high = low + len(said) - len(said.lstrip()), high - len(said) + len(said.rstrip("。；！？ 　\r\t"))
            if low < high:
                found.append(Sentence(len(found) + 1, low, high, article, text[low:high]))
        start += len(line) + 1
    return found


def article_at(text: str, quote: str) -> str:
    r"""The article a quote stands in; empty where it is not found or stands in none.

    >>> article_at("第一条 甲。\n第二条 乙，丙。", "丙")
    '第二条'
    """
    at = text.find(quote) if quote else -1
    return next((one.article for one in reversed(sentences(text)) if 0 <= one.start <= at), "") if at >= 0 else ""


def untouched(text: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    """The articles no quote stands in."""
    found = sentences(text)
    touched = {one.article for one in found for low, high in spans if low < one.end and one.start < high}
    return [article for article in dict.fromkeys(one.article for one in found if one.article) if article not in touched]


@dataclass(frozen=True)
class Part:
    """A part of a paragraph: marked pieces, and the sentence they belong to (None between sentences)."""

    pieces: tuple[Piece, ...]
    sentence: Sentence | None


def laid_out(text: str, spans: Sequence[tuple[int, int]]) -> list[list[Part]]:
    """The document by paragraphs, every quote marked and every sentence told apart."""
    found, known, start = [], sentences(text), 0
    starts = [one.start for one in known]
    for line in text.split("\n"):
        if line.strip():
            end = start + len(line)
            found.append(_parts(text, start, end, spans, known[bisect_left(starts, start):bisect_left(starts, end)]))
        start += len(line) + 1
    return found


def _parts(text: str, start: int, end: int, spans: Sequence[tuple[int, int]], known: Sequence[Sentence]) -> list[Part]:
    out, at = [], start
    for one in known:
        if at < one.start:
            out.append(Part(_pieces(text, at, one.start, spans), None))
        out.append(Part(_pieces(text, one.start, one.end, spans), one))
        at = one.end
    return [*out, Part(_pieces(text, at, end, spans), None)] if at < end else out


def _pieces(text: str, low: int, high: int, spans: Sequence[tuple[int, int]]) -> tuple[Piece, ...]:
    """A stretch within one line, with marks; a mark that only touches it counts as outside."""
    part = text[low:high]
    inside = [(max(start - low, 0), min(end - low, len(part))) if start < high and low < end else (-1, -1) for start, end in spans]
    lines = paragraphs(part, inside)
    pieces = lines[0] if lines else [Piece(part)]
    return tuple(Piece(piece.text, piece.marks, tuple(n for n in piece.ends if low < spans[n - 1][1] <= high)) for piece in pieces)
