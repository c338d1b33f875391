"""Situations 情形: questions whose answers decide which matters and which papers are needed; three-valued, as everywhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

When = Mapping[str, Collection[str]]
"""Question → the answers that are meant; every question named has to fit, any of its answers will do. Empty: always."""
Answers = Mapping[str, str]


@dataclass(frozen=True)
class Question:
    """One question of the dictionary, with its answers in order."""

    id: str
    title: Mapping[str, str]
    answers: Mapping[str, Mapping[str, str]]
    line: int = 0

    def label(self, language: str = "zh") -> str:
        """The question in a language."""
        return self.title.get("zh" if language.startswith("zh") else "en") or self.title["zh"]

    def answer(self, value: str, language: str = "zh") -> str:
        """One of its answers in a language."""
        words = self.answers[value]
        return words.get("zh" if language.startswith("zh") else "en") or words["zh"]


def holds(when: When, answers: Answers, never: Collection[str] = ()) -> bool | None:
    """Whether a situation is the one described; None where a question that decides is not answered yet.

    ``never`` are questions that do not arise here: what hangs on their answer does not hold.

    >>> holds({}, {}), holds({"site": ["lease"]}, {"site": "lease"}), holds({"site": ["lease"]}, {"site": "own"})
    (True, True, False)
    >>> holds({"site": ["lease"], "staff": ["yes"]}, {"site": "lease"}), holds({"site": ["lease"], "staff": ["yes"]}, {"site": "own"})
    (None, False)
    >>> holds({"fire": ["special"]}, {}, never=["fire"])
    False
    """
    found = [False if name in never else None if name not in answers else answers[name] in wanted for name, wanted in when.items()]
    return False if False in found else None if None in found else True


def both(first: bool | None, second: bool | None) -> bool | None:
    """And: one that does not hold decides.

    >>> both(None, True), both(None, False), both(True, True)
    (None, False, True)
    """
    return False if False in (first, second) else None if None in (first, second) else True


def words(when: When, questions: Mapping[str, Question], language: str = "zh") -> str:
    """A situation in words: 场所：租赁；用工：是.

    >>> site = Question("site", {"zh": "场所", "en": "Site"}, {"lease": {"zh": "租赁", "en": "rented"}})
    >>> words({"site": ["lease"]}, {"site": site}), words({"site": ["lease"]}, {"site": site}, "en")
    ('场所：租赁', 'Site: rented')
    """
    zh = language.startswith("zh")
    parts = []
    for name, values in sorted(when.items()):
        question = questions.get(name)
        said = [question.answer(value, language) if question and value in question.answers else value for value in values]
        parts.append((question.label(language) if question else name) + ("：" if zh else ": ") + ("或" if zh else " or ").join(said))
    return ("；" if zh else "; ").join(parts)
