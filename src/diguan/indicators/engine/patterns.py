"""Sentence patterns of a briefing: text with figures in braces, ``入库税收{tax.paid}，{tax.paid yoy}``, and the words of what they say.

A figure is a code, then how it is told, then which part: ``{tax.growth grew cluster=钟表}``; ``by=cluster`` tells every part, the largest first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from diguan.kernel import money
from diguan.kernel.messages import Message, nearest

VALUE, YOY, MOM, GREW = "value", "yoy", "mom", "grew"
FORMS = (VALUE, YOY, MOM, GREW)
"""The figure; against the same span a year before; against the span before; of an indicator that is a change itself: up or down by so much."""
PLAIN = ("county", "year", "month")
"""What else may stand in braces."""
_BRACES = re.compile(r"\{([^{}]*)\}")


class PatternError(ValueError):
    """A pattern that cannot be read; ``message`` says what is wrong."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


@dataclass(frozen=True)
class Ask:
    """One figure that a sentence asks for. ``dim`` and ``group`` name a part; ``by`` a breakdown all of whose parts are told."""

    code: str
    form: str = VALUE
    dim: str = ""
    group: str = ""
    by: str = ""


@dataclass(frozen=True)
class Word:
    """A word that is known without a snapshot: the county, the year, the month."""

    name: str


Piece = str | Ask | Word


def parse(text: str) -> tuple[Piece, ...]:
    """A pattern as its pieces.

    >>> parse("{year} 年{tax.paid yoy}。")
    (Word(name='year'), ' 年', Ask(code='tax.paid', form='yoy', dim='', group='', by=''), '。')
    >>> parse("{tax.growth grew by=cluster}")[0].by
    'cluster'

    Raises:
        PatternError: a brace left open, or a word in braces that says nothing.
    """
    found: list[Piece] = []
    at = 0
    for match in _BRACES.finditer(text):
        found += [text[at:match.start()]] if match.start() > at else []
        found.append(_asked(match.group(1)))
        at = match.end()
    found += [text[at:]] if at < len(text) else []
    if any(isinstance(piece, str) and re.search(r"[{}]", piece) for piece in found):
        raise PatternError(Message(f"花括号没有配对：{text}", f"a brace stands alone: {text}"))
    return tuple(found)


def _asked(text: str) -> Ask | Word:
    words = text.split()
    if len(words) == 1 and "." not in words[0]:
        if words[0] not in PLAIN:
            near = nearest(words[0], PLAIN, 0)
            raise PatternError(Message(f"没有 {words[0]} 这个词，最接近的是 {near}", f"there is no word {words[0]}, the nearest is {near}"))
        return Word(words[0])
    if not words:
        raise PatternError(Message("花括号里没有指标代码", "there is no code in the braces"))
    told = {"form": VALUE, "dim": "", "group": "", "by": ""}
    for word in words[1:]:
        name, equals, value = word.partition("=")
        if not equals:
            told["form"] = _form(name)
        elif name == "by":
            told["by"] = value
        else:
            told["dim"], told["group"] = name, value
    return Ask(words[0], **told)


def _form(name: str) -> str:
    if name not in FORMS:
        near = nearest(name, FORMS, 0)
        raise PatternError(Message(f"没有 {name} 这种说法，最接近的是 {near}", f"there is no form {name}, the nearest is {near}"))
    return name


def asks(pieces: Sequence[Piece]) -> list[Ask]:
    """The figures of a pattern, in order."""
    return [piece for piece in pieces if isinstance(piece, Ask)]


# ── words ────────────────────────────────────────────────────────────────────
AGAINST = {YOY: Message("同比", "on a year earlier"), MOM: Message("环比", "on the period before")}
_LEVEL = {YOY: Message("与上年同期持平", "level with a year earlier"), MOM: Message("与上期持平", "level with the period before")}


def moved(by: Decimal, against: str, *, points: bool, language: str, bare: bool = False) -> str:
    """By how much a figure went up or down, the sign in words; ``points``: a difference of two rates, in percentage points; ``bare``: without against what.

    >>> moved(Decimal("12.34"), YOY, points=False, language="zh"), moved(Decimal("-0.96"), MOM, points=True, language="zh")
    ('同比增长 12.3%', '环比下降 1 个百分点')
    >>> moved(Decimal("-3.1"), YOY, points=False, language="en"), moved(Decimal("0.04"), YOY, points=False, language="zh")
    ('down 3.1% on a year earlier', '与上年同期持平')
    >>> moved(Decimal("62.63"), YOY, points=False, language="zh", bare=True), moved(Decimal(0), YOY, points=False, language="en", bare=True)
    ('增长 62.6%', 'level')
    """
    size = money.digits(abs(by), 1)
    if size == "0":
        return Message("持平", "level").text(language) if bare else _LEVEL[against].text(language)
    if language != "zh":
        return f"{'up' if by > 0 else 'down'} {size}{' percentage points' if points else '%'} {'' if bare else AGAINST[against].en}".strip()
    word = ("上升" if points else "增长") if by > 0 else "下降"
    return f"{'' if bare else AGAINST[against].zh}{word} {size}{' 个百分点' if points else '%'}"


def changed(now: Decimal, then: Decimal, *, rate: bool) -> Decimal | None:
    """The change of a figure in percent, of a rate in points; None where it was not above zero before.

    >>> changed(Decimal(112), Decimal(100), rate=False), changed(Decimal(5), Decimal(3), rate=True), changed(Decimal(1), Decimal(0), rate=False)
    (Decimal('12.00'), Decimal('2'), None)
    """
    if rate:
        return now - then
    return (now - then) / then * 100 if then > 0 else None


def listed(parts: Sequence[str], language: str) -> str:
    """Parts of a sentence one after another.

    >>> listed(["钟表增长 1%", "陶瓷下降 2%"], "zh")
    '钟表增长 1%、陶瓷下降 2%'
    """
    return ("、" if language == "zh" else ", ").join(parts)
