"""The template of the monthly briefing (``briefing.yaml``): read, checked against the indicators, with file and line of what is wrong.

```yaml
- id: monthly
  title: {zh: "{county}{year} 年 {month} 月经济运行简报", en: "…"}
  subscribers: [leader]                       # roles that get a notice when one is published; each may decline
  sections:
    - title: {zh: 税收, en: Tax}
      paragraphs:                             # patterns of engine/patterns.py; both languages ask for the same figures
        - {zh: "入库税收{tax.paid}，{tax.paid yoy}。", en: "Tax paid came to {tax.paid}, {tax.paid yoy}."}
      tables:
        - {title: {zh: 主要指标, en: Main figures}, codes: [tax.paid, tax.to_date]}      # this month, a year before, the change
        - {title: {zh: 分集群, en: By cluster}, codes: [tax.to_date], by: cluster}         # a row a part
      charts:
        - {title: {zh: 走势, en: Trend}, codes: [tax.paid], months: 13}                   # of one unit; by: a line for each of the four largest parts
```
The last pack that has the file replaces it whole.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from diguan.indicators.engine import patterns
from diguan.indicators.engine.patterns import Ask, PatternError, Piece
from diguan.indicators.engine.terms import Book, Indicator
from diguan.indicators.queries import compute, register
from diguan.kernel import dated, packs
from diguan.kernel.access.roles import roles
from diguan.kernel.dated import Entry
from diguan.kernel.messages import Message, nearest
from diguan.kernel.packs import PackError

FILE = "briefing.yaml"
WORD_FILE = "briefing.docx"
MONTHS = 13
_LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class Pattern:
    """One sentence or title in both languages."""

    zh: tuple[Piece, ...]
    en: tuple[Piece, ...]

    def of(self, language: str) -> tuple[Piece, ...]:
        """Its pieces in a language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True)
class Sheet:
    """A table: a row a code against a year before, or, with ``by``, a row a part and a column a code."""

    title: Message
    codes: tuple[str, ...]
    by: str


@dataclass(frozen=True)
class Drawing:
    """A line chart of codes of one unit over so many months; with ``by`` one code, a line a part."""

    title: Message
    codes: tuple[str, ...]
    by: str
    months: int


@dataclass(frozen=True)
class Section:
    """One part of the briefing: its sentences, tables and charts, in this order."""

    title: Message
    paragraphs: tuple[Pattern, ...]
    tables: tuple[Sheet, ...]
    charts: tuple[Drawing, ...]


@dataclass(frozen=True)
class Template:
    """A briefing's template. ``digest`` is that of the file."""

    id: str
    title: Pattern
    sections: tuple[Section, ...]
    subscribers: tuple[str, ...]
    digest: str

    @property
    def codes(self) -> tuple[str, ...]:
        """Every indicator it speaks of, each once."""
        said = [ask.code for section in self.sections for each in section.paragraphs for ask in patterns.asks(each.zh)]
        shown = [code for section in self.sections for codes in (*(one.codes for one in section.tables), *(one.codes for one in section.charts)) for code in codes]
        return tuple(dict.fromkeys([*said, *shown]))


def template() -> Template | None:
    """The template in force; None where no pack has one.

    Raises:
        PackError: one that cannot be used, with file and line.
    """
    stamped = tuple((path, path.stat().st_mtime_ns) for name in (FILE, register.FILE) for path in packs.files(name))
    return _template(stamped, packs.folders())


@functools.lru_cache(maxsize=4)
def _template(stamped: tuple[tuple[Path, int], ...], _folders: tuple[Path, ...]) -> Template | None:
    paths = [path for path, _stamp in stamped if path.name == FILE]
    if not paths:
        return None
    path, known = paths[-1], register.book()
    found = packs.entries(path)
    if len(found) != 1:
        raise PackError(f"{path}:1", Message("简报模板正好一份", "there is exactly one template of the briefing"))
    return read(dated.at(str(path), found[0]), found[0], known, hashlib.sha256(path.read_bytes()).hexdigest())


def word_file() -> Path | None:
    """The Word file whose paper, heads and styles a county wants instead of ours; None where no pack has one."""
    return next(iter(reversed(list(packs.files(WORD_FILE)))), None)


def read(where: str, entry: Entry, known: Book, digest: str) -> Template:
    """One template; ``where`` is its file and line.

    Raises:
        PackError: an unknown key, code, part or role, with the nearest.
    """
    dated.only(where, entry, ("id", "title", "sections", "subscribers"))
    names = [str(name) for name in entry.get("subscribers") or []]
    for name in names:
        _among(where, name, roles(), Message("subscribers 里没有角色", "subscribers: there is no role"))
    sections = tuple(_section(dated.inside(where, part), part, known) for part in _list(where, entry, "sections"))
    if not sections:
        raise PackError(where, Message("sections 一节也没有", "there is no section"))
    return Template(str(entry.get("id") or "monthly"), _pattern(where, dated.words(where, entry, "title"), known), sections, tuple(names), digest)


def _list(where: str, entry: Entry, key: str) -> list[Entry]:
    found = entry.get(key) or []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise PackError(where, Message(f"{key} 要写成列表，每项是键值", f"{key} is a list of mappings"))
    return found


def _section(where: str, part: Entry, known: Book) -> Section:
    dated.only(where, part, ("title", "paragraphs", "tables", "charts"))
    paragraphs = []
    for each in _list(where, part, "paragraphs"):
        at = dated.inside(where, each)
        dated.only(at, each, _LANGUAGES)
        paragraphs.append(_pattern(at, dated.words(at, {"words": each}, "words"), known))
    return Section(dated.words(where, part, "title"), tuple(paragraphs), tuple(_sheet(dated.inside(where, each), each, known) for each in _list(where, part, "tables")),
                   tuple(_drawing(dated.inside(where, each), each, known) for each in _list(where, part, "charts")))


# ── sentences ────────────────────────────────────────────────────────────────
def _pattern(where: str, words: Message, known: Book) -> Pattern:
    try:
        zh, en = (patterns.parse(words.text(language)) for language in _LANGUAGES)
    except PatternError as error:
        raise PackError(where, error.message) from error
    for ask in patterns.asks(zh):
        _checked(where, ask, known)
    if sorted(map(repr, patterns.asks(zh))) != sorted(map(repr, patterns.asks(en))):
        raise PackError(where, Message("中文和英文要说同样的数", "both languages are to tell the same figures"))
    return Pattern(zh, en)


def _checked(where: str, ask: Ask, known: Book) -> None:
    one = _indicator(where, ask.code, known)
    for dim in filter(None, (ask.dim, ask.by)):
        _among(where, dim, one.by, Message(f"{ask.code} 没有分组", f"{ask.code} is not cut by"))
    if ask.form == patterns.GREW and not one.change:
        raise PackError(where, Message(f"{ask.code} 不是增幅，不能用 grew", f"{ask.code} is no change, grew does not fit"))
    if ask.form == patterns.MOM and compute.span_of(known, one) not in ("month", "quarter", "day"):
        raise PackError(where, Message(f"{ask.code} 是累计或全年数，没有环比", f"{ask.code} is of a year or since January and has no period before it"))


def _indicator(where: str, code: str, known: Book) -> Indicator:
    _among(where, code, known.versions, Message("没有指标", "there is no indicator"))
    return known.newest(code)


def _among(where: str, name: str, valid: Iterable[str], what: Message) -> None:
    valid = list(valid)
    if name not in valid:
        near = nearest(name, valid, 0)
        raise PackError(where, Message(f"{what.zh} {name}，最接近的是 {near}", f"{what.en} {name}, the nearest is {near}"))


# ── tables and charts ────────────────────────────────────────────────────────
def _codes(where: str, part: Entry, known: Book) -> tuple[tuple[str, ...], str]:
    codes = part.get("codes")
    if not isinstance(codes, list) or not codes:
        raise PackError(where, Message("codes 要写成指标代码的列表", "codes is a list of indicators"))
    by = str(part.get("by") or "")
    for code in map(str, codes):
        one = _indicator(where, code, known)
        if by:
            _among(where, by, one.by, Message(f"{code} 没有分组", f"{code} is not cut by"))
    return tuple(map(str, codes)), by


def _sheet(where: str, part: Entry, known: Book) -> Sheet:
    dated.only(where, part, ("title", "codes", "by"))
    return Sheet(dated.words(where, part, "title"), *_codes(where, part, known))


def _drawing(where: str, part: Entry, known: Book) -> Drawing:
    dated.only(where, part, ("title", "codes", "by", "months"))
    codes, by = _codes(where, part, known)
    _alike(where, [known.newest(code) for code in codes], known)
    if by and len(codes) > 1:
        raise PackError(where, Message("分组画图只写一个指标", "a chart by parts is of one indicator"))
    return Drawing(dated.words(where, part, "title"), codes, by, dated.number(where, part, "months", 2, 36) if "months" in part else MONTHS)


def _alike(where: str, ones: Sequence[Indicator], known: Book) -> None:
    """A chart has one axis and one row of periods."""
    if len({one.unit for one in ones}) > 1:
        raise PackError(where, Message("一张图里的指标要同一个单位", "the indicators of one chart are of one unit"))
    if len({compute.span_of(known, one) if compute.span_of(known, one) in ("quarter", "year") else "month" for one in ones}) > 1:
        raise PackError(where, Message("一张图里的指标要按同样的期间", "the indicators of one chart are of the same periods"))
