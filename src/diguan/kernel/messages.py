"""A sentence in both languages, for errors that reach a person by page, file or command line alike."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_CLOSE = re.compile(r"[\u4e00-\u9fff]{2}|[\u3001-\u303f\uff00-\uffef].|.[\u3001-\u303f\uff00-\uffef]")


@dataclass(frozen=True)
class Message:
    """One sentence twice; ``str()`` gives both, for a terminal whose language we do not know."""

    zh: str
    en: str

    def text(self, language: str) -> str:
        """The sentence in ``zh…`` or, for any other language, in English."""
        return self.zh if language.startswith("zh") else self.en

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


def visible(text: str) -> str:
    """What people see of a text: without letters that print nothing, blanks made one.

    >>> visible(" 因为\u200b\u3000有缺 "), visible("\u3000\u200b\u2060")
    ('因为 有缺', '')
    """
    return " ".join("".join(letter for letter in text if letter.isspace() or unicodedata.category(letter) not in ("Cf", "Cc", "Cn", "Co")).split())


def nearest(word: str, valid: Iterable[str], cutoff: float = 0.5) -> str | None:
    """The valid word most like this one, for a refusal to offer; None where none is as like as ``cutoff`` (0 to 1).

    The same letters in another order come first.

    >>> nearest("=>", [">", "<", ">=", "<="]), nearest("sum", ["last"])
    ('>=', None)
    """
    known = list(valid)
    turned = next((each for each in known if sorted(each) == sorted(word)), None)
    return turned or next(iter(difflib.get_close_matches(word, known, n=1, cutoff=cutoff)), None)


def beside(left: str, right: str) -> str:
    """Two pieces of a Chinese sentence: a space where a digit or Latin letter meets a character, else none.

    >>> beside("现有", "852 万元"), beside("属于", "衡阳县"), beside("开头：", "13–43")
    ('现有 852 万元', '属于衡阳县', '开头：13–43')
    """
    return left + right if _CLOSE.match(left[-1:] + right[:1]) else f"{left} {right}"
