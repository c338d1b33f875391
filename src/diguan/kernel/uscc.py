"""Unified social credit codes (GB 32100-2015): eighteen characters, the last one a check."""

from __future__ import annotations

import functools
import re
import unicodedata

from diguan.kernel.messages import Message

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUE = {letter: value for value, letter in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_LOOKALIKE = str.maketrans("IOSVZ", "10502")


def normalise(text: object) -> str:
    """Half-width, upper case, without spaces and hyphens; nothing else is guessed.

    >>> normalise("９１４３０４２１ ma00002260")
    '91430421MA00002260'
    """
    return _normalised(str(text))


@functools.lru_cache(maxsize=32_768)
def _normalised(text: str) -> str:
    return re.sub(r"[\s\-‐–—_'`]+", "", unicodedata.normalize("NFKC", text)).upper()


def check_character(first: str) -> str:
    """The eighteenth character for the first seventeen.

    A sum that 31 divides gives 0, which public code often gets wrong (there is no 31st letter).

    >>> check_character("91350100M000100Y4"), check_character("91430421MA0000226")
    ('3', '0')
    """
    total = sum(_VALUE[letter] * weight for letter, weight in zip(first, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


@functools.lru_cache(maxsize=32_768)
def problem(code: str) -> Message | None:
    """What is wrong with a normalised code; None if nothing is.

    >>> problem("91430421MA00002260") is None
    True
    """
    if len(code) != 18:
        return Message(f"统一社会信用代码应为 18 位，这里是 {len(code)} 位",
                       f"a credit code has 18 characters, this has {len(code)}")
    strange = sorted({letter for letter in code if letter not in _VALUE})
    if strange:
        hint = code.translate(_LOOKALIKE)
        better = hint if hint != code and problem(hint) is None else ""
        return Message(
            f"统一社会信用代码不用字符 {'、'.join(strange)}" + (f"，是否应为 {better}" if better else ""),
            f"a credit code never holds {', '.join(strange)}" + (f"; perhaps {better}" if better else ""))
    wanted = check_character(code[:17])
    if code[17] != wanted:
        return Message(f"统一社会信用代码校验位不对：末位是 {code[17]}，按前 17 位应为 {wanted}",
                       f"wrong check character of the credit code: it ends in {code[17]}, the first 17 call for {wanted}")
    return None


def valid(code: str) -> bool:
    """Whether a normalised code is a credit code."""
    return problem(code) is None
