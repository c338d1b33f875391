"""准入评审 as data and one pure function: veto list, minimums, scored criteria, due diligence; exact figures, what is missing gives a range.

A standard is a version of ``packs/*/access.yaml``; a review keeps the very text it was judged by. Figures are fractions in the units the standard
names; nothing is rounded here, and nothing that nobody told counts as zero or as passed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from diguan.kernel.messages import Message
from diguan.kernel.packs import PackError

YES, NO, UNKNOWN = "yes", "no", "unknown"
"""Of a veto: it applies, it does not, nobody looked. Of due diligence: done, a problem was found, not done yet."""
BANNED, CHECKED = "banned", "checked"
MET, BELOW, OPEN = "met", "below", "open"
WHOLE = 100
KEYS = ("id", "title", "in_force", "source", "pass_line", "vetoes", "regulated", "inputs", "minimums", "criteria", "diligence")
PLACES = ("planned", "land", "jobs")
"""Columns of a project an input can be filled in from."""


@dataclass(frozen=True)
class Source:
    """The document a threshold stands on; ``confirmed`` only where somebody held it against that."""

    document: str
    confirmed: bool


@dataclass(frozen=True)
class Veto:
    """Something that ends it whatever the score."""

    id: str
    title: Message
    source: Source


@dataclass(frozen=True)
class Regulated:
    """Industries (beginnings of GB/T 4754 codes) that are banned, or have to be looked at, by one veto."""

    codes: tuple[str, ...]
    veto: str
    level: str
    title: Message
    start: dt.date
    end: dt.date | None
    source: Source


@dataclass(frozen=True)
class Input:
    """A figure that is asked for, in its unit; ``place`` is the project's column it is filled in from."""

    id: str
    title: Message
    unit: str
    place: str


@dataclass(frozen=True)
class Minimum:
    """``of`` ÷ ``per`` (or ``of`` alone) is at least so much."""

    id: str
    title: Message
    of: str
    per: str
    at_least: Fraction
    unit: str
    source: Source


@dataclass(frozen=True)
class Word:
    """One of the words a criterion is answered with, and its share of the points."""

    id: str
    title: Message
    share: Fraction


@dataclass(frozen=True)
class Criterion:
    """Points for a figure between ``zero`` and ``full`` (straight line), or for one of its words."""

    id: str
    title: Message
    weight: int
    of: str = ""
    per: str = ""
    zero: Fraction = Fraction(0)
    full: Fraction = Fraction(1)
    words: tuple[Word, ...] = ()


@dataclass(frozen=True)
class Check:
    """One thing to be looked into before a decision."""

    id: str
    title: Message


@dataclass(frozen=True)
class Standard:
    """One dated version of the whole."""

    id: str
    title: Message
    start: dt.date
    end: dt.date | None
    source: Source
    pass_line: Fraction
    vetoes: tuple[Veto, ...]
    regulated: tuple[Regulated, ...]
    inputs: tuple[Input, ...]
    minimums: tuple[Minimum, ...]
    criteria: tuple[Criterion, ...]
    diligence: tuple[Check, ...]
    text: str = field(repr=False, default="")

    @property
    def sha256(self) -> str:
        """What tells one text from another."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def in_force(self, day: dt.date) -> bool:
        """Whether it is the standard of that day."""
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Answers:
    """What was filled in; whatever is not there is not known."""

    inputs: Mapping[str, Fraction] = field(default_factory=dict)
    choices: Mapping[str, str] = field(default_factory=dict)
    vetoes: Mapping[str, str] = field(default_factory=dict)
    diligence: Mapping[str, str] = field(default_factory=dict)


# ── judging ──────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class VetoPart:
    """One veto with its state; ``listed`` is the entry of regulated industries that says so."""

    veto: Veto
    state: str
    listed: Regulated | None


@dataclass(frozen=True)
class MinimumPart:
    """One minimum: what there is (None: not known) and how it stands."""

    minimum: Minimum
    value: Fraction | None
    state: str


@dataclass(frozen=True)
class Part:
    """One criterion: between so many points and so many; the same where it is known."""

    criterion: Criterion
    value: Fraction | None
    word: Word | None
    low: Fraction
    high: Fraction

    @property
    def known(self) -> bool:
        """Whether it was answered."""
        return self.value is not None or self.word is not None


@dataclass(frozen=True)
class Result:
    """Every part opened; ``low`` and ``high`` bound the points of a hundred."""

    standard: Standard
    vetoes: tuple[VetoPart, ...]
    minimums: tuple[MinimumPart, ...]
    parts: tuple[Part, ...]
    diligence: tuple[tuple[Check, str], ...]

    @property
    def low(self) -> Fraction:
        """The fewest points it can have, what is not known at its worst."""
        return sum((part.low for part in self.parts), Fraction(0))

    @property
    def high(self) -> Fraction:
        """The most points it can have."""
        return sum((part.high for part in self.parts), Fraction(0))

    @property
    def score(self) -> str:
        """Whether the points reach the line: ``met``, ``below`` or ``open``."""
        line = self.standard.pass_line
        return MET if self.low >= line else BELOW if self.high < line else OPEN

    @property
    def problems(self) -> tuple[Message, ...]:
        """Why it cannot be passed, a sentence each; none where it can. Unknown is not passed."""
        found = [Message(f"{part.veto.title.zh}：{'否决' if part.state == YES else '还没查清'}", f"{part.veto.title.en}: {'vetoed' if part.state == YES else 'not looked into yet'}")
                 for part in self.vetoes if part.state != NO]
        found += [Message(f"{part.minimum.title.zh}{'不到门槛' if part.state == BELOW else '还不知道'}", f"{part.minimum.title.en} is {'below the minimum' if part.state == BELOW else 'not known yet'}")
                  for part in self.minimums if part.state != MET]
        if self.score != MET:
            found.append(Message("得分不到及格线" if self.score == BELOW else "缺数，得分还定不了", "the points are below the line" if self.score == BELOW else "figures are missing: the points are not settled"))
        return (*found, *(Message(f"尽职调查：{check.title.zh}{'，发现问题' if state == NO else '，还没做'}", f"due diligence: {check.title.en}{', a problem was found' if state == NO else ', not done yet'}")
                          for check, state in self.diligence if state != YES))


def judge(standard: Standard, answers: Answers, industry: str, day: dt.date) -> Result:
    """How a project stands by a standard.

    Args:
        standard: the version it is judged by.
        answers: what was filled in.
        industry: its GB/T 4754 code, empty where it is not known.
        day: on which the list of regulated industries is read.
    """
    listed = matches(standard, industry, day)
    return Result(
        standard, tuple(_veto(one, answers.vetoes.get(one.id, UNKNOWN), [each for each in listed if each.veto == one.id]) for one in standard.vetoes),
        tuple(_minimum(one, answers) for one in standard.minimums), tuple(_part(one, answers) for one in standard.criteria),
        tuple((one, _one_of(answers.diligence.get(one.id, UNKNOWN))) for one in standard.diligence))


def matches(standard: Standard, industry: str, day: dt.date) -> list[Regulated]:
    """The entries of regulated industries in force on a day that name this industry."""
    return [one for one in standard.regulated if one.start <= day and (one.end is None or day <= one.end) and industry and any(industry.startswith(code) for code in one.codes)]


def prefilled(standard: Standard, industry: str, day: dt.date) -> dict[str, str]:
    """What the list of regulated industries says of each veto it speaks of: ``yes`` where banned, ``unknown`` where it has to be looked at, ``no`` where the industry is not
    on it; nothing where the industry is not known.
    """
    spoken = {one.veto for one in standard.regulated}
    found = dict.fromkeys(sorted(spoken), NO) if industry else {}
    for one in matches(standard, industry, day):
        found[one.veto] = YES if one.level == BANNED or found[one.veto] == YES else UNKNOWN
    return found


def _veto(veto: Veto, said: str, listed: Sequence[Regulated]) -> VetoPart:
    banned = next((one for one in listed if one.level == BANNED), None)
    return VetoPart(veto, YES if banned else _one_of(said), banned or next(iter(listed), None))


def _one_of(said: str) -> str:
    return said if said in (YES, NO) else UNKNOWN


def _minimum(one: Minimum, answers: Answers) -> MinimumPart:
    value = ratio(answers.inputs, one.of, one.per)
    return MinimumPart(one, value, OPEN if value is None else MET if value >= one.at_least else BELOW)


def ratio(inputs: Mapping[str, Fraction], of: str, per: str) -> Fraction | None:
    """``of`` ÷ ``per``, or ``of`` alone; None where one of them is not known or nothing is divided by.

    >>> ratio({"a": Fraction(600), "b": Fraction(2)}, "a", "b"), ratio({"a": Fraction(1)}, "a", "b")
    (Fraction(300, 1), None)
    """
    above, below = inputs.get(of), inputs.get(per) if per else Fraction(1)
    return None if above is None or not below else above / below


def _part(one: Criterion, answers: Answers) -> Part:
    if one.words:
        word = next((each for each in one.words if each.id == answers.choices.get(one.id)), None)
        points = (word.share * one.weight,) * 2 if word else (min(each.share for each in one.words) * one.weight, max(each.share for each in one.words) * one.weight)
        return Part(one, None, word, *points)
    value = ratio(answers.inputs, one.of, one.per)
    if value is None:
        return Part(one, None, None, Fraction(0), Fraction(one.weight))
    points_ = scaled(value, one.zero, one.full) * one.weight
    return Part(one, value, None, points_, points_)


def scaled(value: Fraction, zero: Fraction, full: Fraction) -> Fraction:
    """Where a value lies between no points and all of them, in [0, 1].

    >>> scaled(Fraction(300), Fraction(200), Fraction(400))
    Fraction(1, 2)
    """
    return min(max((value - zero) / (full - zero), Fraction(0)), Fraction(1))


# ── reading ──────────────────────────────────────────────────────────────────
def read(raw: Mapping[str, Any], where: str) -> Standard:
    """One version of the file, or of what a review kept.

    Raises:
        PackError: something in it is wrong; with file and line.
    """
    reader = _Reader(where)
    reader.keys(raw, KEYS)
    start, end = reader.span(raw)
    found = Standard(
        reader.text(raw, "id"), reader.title(raw), start, end, reader.source(raw), reader.fraction(raw, "pass_line"),
        tuple(Veto(reader.text(one, "id"), reader.title(one), reader.source(one)) for one in reader.items(raw, "vetoes")),
        tuple(_regulated(reader, one) for one in reader.items(raw, "regulated")),
        tuple(Input(reader.text(one, "id"), reader.title(one), reader.text(one, "unit"), str(one.get("from", ""))) for one in reader.items(raw, "inputs")),
        tuple(Minimum(reader.text(one, "id"), reader.title(one), reader.text(one, "of"), str(one.get("per", "")), reader.fraction(one, "at_least"), str(one.get("unit", "")), reader.source(one))
              for one in reader.items(raw, "minimums")),
        tuple(_criterion(reader, one) for one in reader.items(raw, "criteria")),
        tuple(Check(reader.text(one, "id"), reader.title(one)) for one in reader.items(raw, "diligence")),
        json.dumps(plain(raw), ensure_ascii=False, sort_keys=True))
    _check(reader, raw, found)
    return found


def _regulated(reader: _Reader, one: Mapping[str, Any]) -> Regulated:
    start, end = reader.span(one)
    if one.get("level") not in (BANNED, CHECKED):
        reader.refuse(one, f"level 是 {BANNED} 或 {CHECKED}", f"level is {BANNED} or {CHECKED}")
    return Regulated(tuple(str(code) for code in one.get("codes", ())), reader.text(one, "veto"), one["level"], reader.title(one), start, end, reader.source(one))


def _criterion(reader: _Reader, one: Mapping[str, Any]) -> Criterion:
    words = tuple(Word(reader.text(each, "id"), reader.title(each), reader.fraction(each, "share")) for each in one.get("words", ()))
    weight = one.get("weight")
    if not isinstance(weight, int) or weight < 0:
        reader.refuse(one, "weight 是不小于 0 的整数", "weight is a whole number, not negative")
    if words:
        return Criterion(reader.text(one, "id"), reader.title(one), int(weight or 0), words=words)
    zero, full = reader.fraction(one, "zero"), reader.fraction(one, "full")
    if zero == full:
        reader.refuse(one, "zero 和 full 不能一样", "zero and full differ")
    return Criterion(reader.text(one, "id"), reader.title(one), int(weight or 0), reader.text(one, "of"), str(one.get("per", "")), zero, full)


def _check(reader: _Reader, raw: Mapping[str, Any], found: Standard) -> None:
    named = {one.id for one in found.inputs}
    pairs = [(one.of, one.per) for one in found.minimums] + [(one.of, one.per) for one in found.criteria]
    used = [name for pair in pairs for name in pair if name]
    if lost := [name for name in used if name not in named]:
        reader.refuse(raw, f"inputs 里没有 {'、'.join(lost)}", f"no such inputs: {', '.join(lost)}")
    if lost := [one.veto for one in found.regulated if one.veto not in {veto.id for veto in found.vetoes}]:
        reader.refuse(raw, f"vetoes 里没有 {'、'.join(lost)}", f"no such vetoes: {', '.join(lost)}")
    if (total := sum(one.weight for one in found.criteria)) != WHOLE:
        reader.refuse(raw, f"权重合计是 {total}，应是 {WHOLE}", f"the weights add up to {total}, not {WHOLE}")
    if lost := [one.place for one in found.inputs if one.place and one.place not in PLACES]:
        reader.refuse(raw, f"from 只能是 {'、'.join(PLACES)}", f"from is one of {', '.join(PLACES)}")


def plain(value: Any) -> Any:
    """A YAML value without the lines it was read with, days as text."""
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items() if key != "__line__"}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, dt.date) else value


class _Reader:
    """Reads values of one file and says where something is wrong."""

    def __init__(self, where: str) -> None:
        self.where = where

    def refuse(self, node: Mapping[str, Any], zh: str, en: str) -> None:
        line = node.get("__line__", 1)
        raise PackError(f"{self.where}:{line}", Message(zh, en))

    def keys(self, node: Mapping[str, Any], known: Sequence[str]) -> None:
        if strange := [key for key in node if key not in (*known, "__line__")]:
            self.refuse(node, f"没有这个键：{strange[0]}", f"no such key: {strange[0]}")

    def text(self, node: Mapping[str, Any], key: str) -> str:
        found = node.get(key)
        if not isinstance(found, str) or not found:
            self.refuse(node, f"缺 {key}", f"{key} is missing")
        return str(found)

    def title(self, node: Mapping[str, Any]) -> Message:
        found = node.get("title")
        if not isinstance(found, Mapping) or not found.get("zh") or not found.get("en"):
            self.refuse(node, "title 要有中文和英文", "title has zh and en")
        assert isinstance(found, Mapping)
        return Message(str(found["zh"]), str(found["en"]))

    def source(self, node: Mapping[str, Any]) -> Source:
        found = node.get("source")
        if not isinstance(found, Mapping) or not found.get("document"):
            self.refuse(node, "缺来源 source", "source is missing")
        assert isinstance(found, Mapping)
        return Source(str(found["document"]), found.get("confirmed") is True)

    def fraction(self, node: Mapping[str, Any], key: str) -> Fraction:
        try:
            return Fraction(str(node[key]))
        except (KeyError, ValueError, ZeroDivisionError):
            self.refuse(node, f"{key} 不是数", f"{key} is no number")
            raise

    def items(self, node: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
        found = node.get(key) or []
        if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
            self.refuse(node, f"{key} 应是列表", f"{key} is a list")
        return list(found)

    def span(self, node: Mapping[str, Any]) -> tuple[dt.date, dt.date | None]:
        found = node.get("in_force")
        if not isinstance(found, Mapping) or "from" not in found:
            self.refuse(node, "缺起用日期 in_force.from", "in_force.from is missing")
        assert isinstance(found, Mapping)
        return _day(found["from"]), _day(found["to"]) if found.get("to") else None


def _day(said: Any) -> dt.date:
    return said if isinstance(said, dt.date) else dt.date.fromisoformat(str(said))
