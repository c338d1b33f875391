"""What a sheet declares: its columns with the headings bureaus write, and what each column means."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from diguan.kernel.catalogue import PERIODS, Catalogue
from diguan.kernel.messages import Message

COLUMN_TYPES = ("uscc", "period", "text", "number", "money", "date", "bool", "region", "industry", "choice", "note")
_NOISE = re.compile(r"[\s*＊:：。.'’\"“”]+")


class DeclarationError(ValueError):
    """A sheet declaration that cannot be used; ``where`` is the file and line where known."""

    def __init__(self, where: str, zh: str, en: str) -> None:
        super().__init__(f"{where}: {zh} / {en}")
        self.where, self.message = where, Message(zh, en)


def heading_key(text: object) -> str:
    """The form in which headings are compared: half-width, lower case, without spaces and stars.

    >>> heading_key("＊统一社会 信用代码：") == heading_key("统一社会信用代码")
    True
    """
    return _key(str(text))


@functools.lru_cache(maxsize=32_768)
def _key(text: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).lower()


@dataclass(frozen=True)
class Column:
    """One column. A column with a ``fact`` takes type and unit from the catalogue.

    ``unit`` is the unit meant where the heading names none. ``choices`` maps written words to
    stored values. ``check`` is called with the value read and answers with what is wrong.
    """

    name: str
    type: str = "text"
    headings: tuple[str, ...] = ()
    fact: str = ""
    unit: str = ""
    required: bool = False
    filled: bool = False
    title: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)
    choices: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)
    check: Callable[[Any], Message | None] | None = field(default=None, hash=False, compare=False)

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(heading_key(text) for text in (*self.headings, *self.title.values()))

    def label(self, language: str = "zh") -> str:
        return self.title.get(language) or (self.headings[0] if self.headings else self.name)


def headed(name: str, headings: str, en: str, kind: str = "text", **more: Any) -> Column:
    """A column by the headings it is known under, parted by spaces; the first is its Chinese title.

    >>> headed("town", "所在乡镇 乡镇", "Town").label()
    '所在乡镇'
    """
    words = tuple(headings.split())
    return Column(name, kind, words, title={"zh": words[0], "en": en}, **more)


@dataclass(frozen=True)
class Sheet:
    """One kind of file. ``period`` is the kind of period each row is about, ``none`` for Records.

    ``complete`` names the facts a delivery is taken to be complete for unless the clerk says otherwise.
    ``key`` is the column that names the subject; with the period it may occur once in a file. ``due_day`` is
    the day of the following month by which a month's delivery is expected; 0 where nothing is expected.
    """

    name: str
    columns: tuple[Column, ...]
    title: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)
    source: str = ""
    sources: tuple[str, ...] = ()
    period: str = "none"
    key: str = "uscc"
    subject: str = "enterprise"
    complete: tuple[str, ...] = ()
    due_day: int = 0
    due_months: int = 1

    @functools.cached_property
    def _named(self) -> Mapping[str, Column]:
        return {column.name: column for column in reversed(self.columns)}

    def column(self, name: str) -> Column:
        """The column of this name, the first where two have it.

        Raises:
            KeyError: there is none.
        """
        return self._named[name]

    def label(self, language: str = "zh") -> str:
        return self.title.get(language) or self.title.get("zh") or self.name

    @property
    def required(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.required)

    @functools.cached_property
    def facts(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.fact)

    @functools.cached_property
    def period_column(self) -> Column | None:
        return next((column for column in self.columns if column.type == "period"), None)

    def takes_source(self, source: str) -> bool:
        return source == self.source or source in self.sources


_SHEET_KEYS = {"name", "title", "source", "sources", "period", "key", "subject", "complete", "due_day", "due_months", "columns"}
_COLUMN_KEYS = {"name", "type", "headings", "fact", "unit", "required", "filled", "title", "choices"}


def _strange(where: str, node: Mapping[str, Any], allowed: set[str]) -> None:
    strange = sorted(set(node) - allowed - {"__line__"})
    if strange:
        raise DeclarationError(where, f"不认识的键 {'、'.join(strange)}，可用 {'、'.join(sorted(allowed))}", f"unknown key {', '.join(strange)}; there are {', '.join(sorted(allowed))}")


def _words(node: Mapping[str, Any]) -> dict[str, str]:
    return {str(key): str(value) for key, value in node.items() if key != "__line__"}


def _place(where: str, node: Mapping[str, Any]) -> str:
    return f"{where}:{node['__line__']}" if "__line__" in node else where


def _column(where: str, node: Mapping[str, Any], catalogue: Catalogue | None) -> Column:
    where = _place(where, node)
    _strange(where, node, _COLUMN_KEYS)
    if not node.get("name"):
        raise DeclarationError(where, "列没有 name", "a column without a name")
    kind, fact, unit = str(node.get("type", "text")), str(node.get("fact", "")), str(node.get("unit", ""))
    if fact and catalogue is not None:
        if fact not in catalogue:
            near = catalogue.nearest(fact)
            raise DeclarationError(where, f"目录中没有事实 {fact}" + (f"，最接近的是 {near}" if near else ""), f"unknown fact {fact}" + (f", nearest {near}" if near else ""))
        kind, unit = catalogue[fact].type, unit or catalogue[fact].unit
    if kind not in COLUMN_TYPES:
        raise DeclarationError(where, f"列类型 {kind} 不在 {'、'.join(COLUMN_TYPES)} 之中", f"column type {kind} is none of {', '.join(COLUMN_TYPES)}")
    return Column(name=str(node["name"]), type=kind, fact=fact, unit=unit,
                  headings=tuple(str(text) for text in node.get("headings", ())),
                  required=bool(node.get("required", False)), filled=bool(node.get("filled", False)),
                  title=_words(node.get("title", {})),
                  choices={heading_key(word): value for word, value in _words(node.get("choices", {})).items()})


def _unique_headings(where: str, columns: Iterable[Column]) -> None:
    owner: dict[str, str] = {}
    for column in columns:
        for key in column.keys:
            if owner.setdefault(key, column.name) != column.name:
                raise DeclarationError(where, f"表头 {key} 同属 {owner[key]} 与 {column.name} 两列", f"heading {key} belongs to two columns, {owner[key]} and {column.name}")


def from_yaml(node: Mapping[str, Any], where: str = "sheets.yaml", catalogue: Catalogue | None = None) -> Sheet:
    """Build a sheet from one item of a pack's ``sheets.yaml``.

    Args:
        node: the item; a ``__line__`` key, if the loader set one, is used in messages.
        where: the file's name for messages.
        catalogue: where given, every fact must be in it and columns take its types.

    Raises:
        DeclarationError: an unknown key, type, fact or period kind, or a heading of two columns.
    """
    file, where = where, _place(where, node)
    _strange(where, node, _SHEET_KEYS)
    if not node.get("name") or not node.get("columns"):
        raise DeclarationError(where, "表要有 name 和 columns", "a sheet needs a name and columns")
    period = str(node.get("period", "none"))
    if period not in PERIODS:
        raise DeclarationError(where, f"周期 {period} 不在 {'、'.join(PERIODS)} 之中", f"period {period} is none of {', '.join(PERIODS)}")
    if not all(isinstance(item, Mapping) for item in node["columns"]):
        raise DeclarationError(where, "每一列要写成 {name: …}", "every column is written {name: …}")
    columns = tuple(_column(file, item, catalogue) for item in node["columns"])
    _unique_headings(where, columns)
    sheet = Sheet(name=str(node["name"]), columns=columns, title=_words(node.get("title", {})),
                  source=str(node.get("source", "")), sources=tuple(node.get("sources", ())), period=period,
                  key=str(node.get("key", "uscc")), subject=str(node.get("subject", "enterprise")),
                  complete=tuple(node.get("complete", ())), due_day=_number(where, node, "due_day", 0, 28), due_months=_number(where, node, "due_months", 1, 12))
    unknown = [name for name in (*sheet.complete,) if name not in {column.fact for column in columns}]
    if unknown or sheet.key not in {column.name for column in columns}:
        raise DeclarationError(where, f"complete 或 key 指向没有的列 {'、'.join(unknown) or sheet.key}", f"complete or key names no column: {', '.join(unknown) or sheet.key}")
    return sheet


def _number(where: str, node: Mapping[str, Any], key: str, least: int, most: int) -> int:
    found = node.get(key, least)
    if not isinstance(found, int) or isinstance(found, bool) or not least <= found <= most:
        raise DeclarationError(where, f"{key} 要在 {max(least, 1)} 到 {most} 之间", f"{key} is {max(least, 1)} to {most}")
    return found


class Preview(Protocol):
    """What a record sheet makes of the rows read: warnings, changes and errors by cell."""

    def __call__(self, read: Any, *, by: Any) -> Any: ...


@dataclass(frozen=True)
class RecordSheet:
    """A sheet whose rows become Records of a module instead of facts.

    ``preview(read, by)`` takes a ``reader.Read`` and answers with ``check.Checked`` (errors, warnings,
    change counts); ``commit(checked, by, file)`` is an action's caller and answers with the batch number
    or None. ``permission`` is what a person must hold to see the sheet offered.
    """

    sheet: Sheet
    preview: Preview
    commit: Callable[..., Any]
    permission: str = ""


_RECORD_SHEETS: dict[str, RecordSheet] = {}


def register(record_sheet: RecordSheet) -> None:
    """Make a module's record sheet known; called from its ``AppConfig.ready``."""
    _RECORD_SHEETS[record_sheet.sheet.name] = record_sheet


def record_sheets() -> Mapping[str, RecordSheet]:
    """Record sheets by name."""
    return dict(_RECORD_SHEETS)


class Subjects(Protocol):
    """Answers, of the ids given, which are known, each with every name it bears or bore."""

    def __call__(self, ids: set[str]) -> Mapping[str, frozenset[str]]: ...


_SUBJECTS: dict[str, Subjects] = {}


def register_subjects(subject: str, known: Subjects) -> None:
    """Tell the kernel which subjects of a kind exist; called from a module's ``AppConfig.ready``."""
    _SUBJECTS[subject] = known


def subjects(subject: str) -> Subjects | None:
    """The register of a subject kind, None where no module keeps one."""
    return _SUBJECTS.get(subject)


def names_of(subject: str, ids: set[str]) -> Mapping[str, str]:
    """One name of each of these subjects that a register knows by one."""
    known = subjects(subject)
    return {each: min(names) for each, names in known(ids).items() if names} if known else {}
