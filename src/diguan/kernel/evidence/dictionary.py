"""The dictionary (``packs/*/evidence.yaml``): meaning id → what it is called, who issues it, how long it holds, who holds it already.

```yaml
fair_competition_review:
  type: material                      # field (a value), material (a file), certificate (a file with number and days)
  title: {zh: 公平竞争审查结论, en: Fair-competition review}
  issuer: market_regulation           # a source of sources.yaml
  months: 36                          # how long it holds after its issue; left out: without end
  fact: policy.fair_competition_passed  # the fact its value tells once it is verified; or `value: {type: text}` for one nobody else reads
  shared: [{fact: …}, {evidence: …}]  # what the county holds already; then nobody is asked for it
  personal: true                      # about a natural person: shown masked, each look is an Event
  names: [竞争审查表]                  # what some bureaus call it in their files; no two entries share a name
```
A later pack adds to an earlier one and may replace an entry. This file imports no Django.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from diguan.kernel import messages, packs, periods
from diguan.kernel.catalogue import TYPES, Catalogue, CatalogueError, FactSpec, make_spec
from diguan.kernel.packs import Codes
from diguan.kernel.rules import document, scalar, values
from diguan.kernel.rules.conditions import Reader, Refused
from diguan.kernel.rules.nodes import DocumentErrors, Node, read
from diguan.kernel.rules.scalar import Stored

KINDS = ("field", "material", "certificate")
KEYS = ("type", "title", "issuer", "months", "fact", "value", "shared", "personal", "names")
MOST_MONTHS = 1200
_EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True)
class Shared:
    """What tells an entry without anybody handing it in: a fact that is known (and not no), or another entry that is held."""

    fact: FactSpec | None = None
    evidence: str = ""


@dataclass(frozen=True)
class Entry:
    """One meaning. ``value`` types what is entered with it; ``tells`` says that this value stands for the fact of that name."""

    id: str
    kind: str
    title: Mapping[str, str]
    issuer: str = ""
    months: int | None = None
    value: FactSpec | None = None
    tells: bool = False
    shared: tuple[Shared, ...] = ()
    personal: bool = False
    names: tuple[str, ...] = ()
    line: int = 0

    def label(self, language: str = "zh") -> str:
        """Its title in a language."""
        return self.title.get("zh" if language.startswith("zh") else language) or self.title["zh"]

    @property
    def takes_file(self) -> bool:
        """Whether a file has to be handed in."""
        return self.kind != "field"

    def ends(self, issued: dt.date | None) -> dt.date | None:
        """The last day it holds where nothing else is said; None: without end."""
        return None if self.months is None or issued is None else periods.add_months(issued, self.months)


class Dictionary(Mapping[str, Entry]):
    """Entries by id, with the nearest id for one that is not there."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = {entry.id: entry for entry in entries}

    def __getitem__(self, name: str) -> Entry:
        return self._entries[name]

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def nearest(self, name: str) -> str | None:
        """The most similar id, or None."""
        return messages.nearest(name, self._entries, 0.4)


def stored(entry: Entry, text: str, codes: Codes | None = None) -> Stored:
    """What somebody wrote as its value, as facts store it.

    Raises:
        values.ValueProblem: it is no such value.
    """
    assert entry.value is not None
    found = values.of_type(text.strip(), entry.value, codes)
    if isinstance(found, str):
        return found
    number = scalar.number(found, _EPOCH) * (entry.value.scale if entry.value.numeric else 1)
    if number.denominator != 1:
        raise values.ValueProblem(f"{text!r} 的小数位太多", f"{text!r} has too many decimals")
    return int(number)


def known() -> Dictionary:
    """The dictionary of the packs in force; read again when a file changes.

    Raises:
        DocumentErrors: anything wrong in it.
    """
    return _known(tuple((path, path.stat().st_mtime_ns) for path in packs.files("evidence.yaml")))


@functools.lru_cache(maxsize=4)
def _known(stamped: tuple[tuple[Path, int], ...]) -> Dictionary:
    return load((path for path, _stamp in stamped), packs.catalogue(), packs.sources())


def load(paths: Iterable[Path], catalogue: Catalogue, sources: Mapping[str, object]) -> Dictionary:
    """Every entry of these files.

    Raises:
        DocumentErrors: unknown key, type, fact, source or id, with file, line and the nearest name.
    """
    found: dict[str, Entry] = {}
    readers: dict[str, Reader] = {}
    for path in paths:
        reader = Reader(f"{path.parent.name}/{path.name}", catalogue, None)
        for name, node in (read(path, reader.name).keys or {}).items():
            try:
                found[name], readers[name] = _entry(reader, name, node, sources), reader
            except Refused:
                continue
        if reader.problems:
            raise DocumentErrors(reader.problems)
    shelf = Dictionary(found.values())
    for name, entry in shelf.items():
        _check_shared(readers[name], entry, shelf)
        _check_names(readers[name], entry, shelf)
    problems = [problem for reader in dict.fromkeys(map(id, readers.values())) for problem in _of(readers, reader)]
    if problems:
        raise DocumentErrors(problems)
    return shelf


def _of(readers: Mapping[str, Reader], which: int) -> list[document.Problem]:
    return next(reader.problems for reader in readers.values() if id(reader) == which)


def _entry(reader: Reader, name: str, node: Node, sources: Mapping[str, object]) -> Entry:
    if not (name.isascii() and name.replace("_", "a").isalnum() and name == name.lower() and len(name) <= 60):
        raise reader.refuse(node, f"编号只用小写字母、数字和下划线，现为 {name}", f"an id is made of lower-case letters, digits and _: {name}")
    keys = reader.keys(node, KEYS, ("type", "title"))
    kind = reader.word(keys["type"], KINDS)
    title = reader.keys(keys["title"], ("zh", "en"), ("zh", "en"))
    value = _value(reader, name, node, keys)
    if kind == "field" and value is None:
        raise reader.refuse(node, f"{name} 是字段，要写 fact 或 value", f"{name} is a field: it needs fact or value")
    return Entry(
        name, kind, {key: reader.text(child) for key, child in title.items()},
        issuer=reader.word(keys["issuer"], sources) if "issuer" in keys else "",
        months=number(reader, keys["months"], 1, MOST_MONTHS) if "months" in keys else None,
        value=value, tells="fact" in keys, shared=tuple(_shared(reader, part) for part in (keys["shared"].items or ())) if "shared" in keys else (),
        personal=yes(reader, keys.get("personal")), names=tuple(reader.text(part) for part in (keys["names"].items or ())) if "names" in keys else (), line=node.line)


def _value(reader: Reader, name: str, node: Node, keys: Mapping[str, Node]) -> FactSpec | None:
    if "fact" in keys and "value" in keys:
        raise reader.refuse(node, "fact 和 value 只写一个", "only one of fact and value")
    if "fact" in keys:
        fact = reader.fact(keys["fact"])
        if fact.period != "none":
            raise reader.refuse(keys["fact"], f"{fact.name} 带期间，不能由一份材料告知", f"{fact.name} has a period: evidence cannot tell it")
        return fact
    if "value" not in keys:
        return None
    typed = reader.keys(keys["value"], ("type", "unit"), ("type",))
    kind = reader.word(typed["type"], TYPES)
    try:
        return make_spec(f"{reader.name}:{node.line}", name=name, type=kind, unit=typed["unit"].text or "" if "unit" in typed else "", subject="")
    except (CatalogueError, ValueError) as error:
        raise reader.refuse(keys["value"], str(error), str(error)) from None


def _shared(reader: Reader, node: Node) -> Shared:
    keys = reader.keys(node, ("fact", "evidence"))
    if len(keys) != 1:
        raise reader.refuse(node, "fact 和 evidence 写且只写一个", "exactly one of fact and evidence")
    return Shared(fact=reader.fact(keys["fact"])) if "fact" in keys else Shared(evidence=reader.text(keys["evidence"]))


def _check_shared(reader: Reader, entry: Entry, shelf: Dictionary) -> None:
    for one in entry.shared:
        if one.evidence and (one.evidence not in shelf or one.evidence == entry.id):
            reader.refuse(Node(entry.line), f"{entry.id} 的 shared 里没有这份材料：{one.evidence}", f"{entry.id}: unknown evidence {one.evidence} in shared",
                          shelf.nearest(one.evidence))


def _check_names(reader: Reader, entry: Entry, shelf: Dictionary) -> None:
    """A name that a file may use means one entry: neither another's name nor another's title."""
    for name in entry.names:
        other = next((one for one in shelf.values() if one.id != entry.id and name in (*one.names, one.label())), None)
        if other is not None:
            reader.refuse(Node(entry.line), f"{entry.id} 的名称“{name}”已经是 {other.id} 的", f"{entry.id}: the name “{name}” is {other.id}'s already")


def named(entries: Mapping[str, Entry]) -> dict[str, str]:
    """The id behind every name and other name that a file may use; of entries with one name the first."""
    found: dict[str, str] = {}
    for entry in entries.values():
        for name in (entry.label(), *entry.names):
            found.setdefault(name, entry.id)
    return found


# ── words that documents of the kernel share ─────────────────────────────────
def yes(reader: Reader, node: Node | None) -> bool:
    """A yes or no; what is not said is no."""
    return node is not None and reader.word(node, ("true", "false")) == "true"


def number(reader: Reader, node: Node, least: int, most: int) -> int:
    """A whole number within bounds."""
    text = reader.text(node)
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise reader.refuse(node, f"应是 {least} 到 {most} 的整数，现为 {text}", f"a whole number from {least} to {most} is expected: {text}")
    return int(text)


def evidence_named(reader: Reader, node: Node, shelf: Mapping[str, Entry]) -> str:
    """An id of the dictionary; an unknown one is a problem with the nearest."""
    name = reader.text(node)
    if name not in shelf:
        raise reader.refuse(node, f"材料字典里没有 {name}", f"the dictionary has no evidence {name}", messages.nearest(name, shelf, 0.4))
    return name


__all__ = ["KINDS", "Dictionary", "Entry", "Shared", "evidence_named", "known", "load", "number", "stored", "yes"]
