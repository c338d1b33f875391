"""A sentence in both languages, for errors that reach a person by page, file or command line alike."""

from __future__ import annotations

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
