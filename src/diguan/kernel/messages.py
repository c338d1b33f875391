"""A sentence in both languages, for errors that reach a person by page, file or command line alike."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


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


def nearest(word: str, valid: Iterable[str], cutoff: float = 0.5) -> str | None:
    """The valid word most like this one, for a refusal to offer; None where none is as like as ``cutoff`` (0 to 1).

    The same letters in another order come first.

    >>> nearest("=>", [">", "<", ">=", "<="]), nearest("sum", ["last"])
    ('>=', None)
    """
    known = list(valid)
    turned = next((each for each in known if sorted(each) == sorted(word)), None)
    return turned or next(iter(difflib.get_close_matches(word, known, n=1, cutoff=cutoff)), None)
