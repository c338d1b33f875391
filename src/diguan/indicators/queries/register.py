"""The indicators of the packs (``indicators.yaml``): read, checked against the catalogue and the measures, kept by version.

```yaml
- code: tax.watch_growth            # names it everywhere, for good
  version: 1                        # a changed definition is the next version, with the day it holds from and why
  effective_from: 2023-01-01
  title: {zh: 钟表税收增长, en: Growth of watch tax}
  definition: {zh: …, en: …}
  scope: department                 # statistics | department | self_reported
  owner: {zh: 税务局, en: Tax bureau}
  source: {zh: 月度税收表, en: Monthly tax sheet}
  direction: up                     # up | down | none: which way is better
  fact: tax.paid                    # or measure: a counted measure; or top and bottom: codes of two indicators (part: the top is a part of the bottom; mean: of firms' own ratios)
  fold: sum                         # of a fact sum, count (firms above zero), last; of lines sum, count, distinct, kinds, share, mean_share, p50, p90
  each: country                     # with kinds: how many different ones of this breakdown of the lines
  unit: 国                          # of kinds, and of a measure whose lines are of several units: what is counted
  where: {cluster: [钟表]}          # attributes of enterprises, or breakdowns of the lines
  span: to_date                     # month | quarter | year | to_date | day
  change: yoy                       # yoy | mom; left out: as it is
  by: [cluster, town]               # breakdowns
  weight: 1
  public: true
```
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from diguan.indicators.engine import terms
from diguan.indicators.engine.terms import Book, Indicator, Over, Source
from diguan.indicators.queries import VIEW
from diguan.kernel import access, dated, packs
from diguan.kernel.access.models import Person
from diguan.kernel.catalogue import FactSpec
from diguan.kernel.dated import Entry
from diguan.kernel.measures import COUNTED, Counted
from diguan.kernel.messages import Message, nearest
from diguan.kernel.packs import PackError

FILE = "indicators.yaml"
ATTRIBUTE = "enterprise."
"""Filters and breakdowns of facts name attributes of enterprises by their last word."""
_KEYS = ("code", "version", "effective_from", "title", "definition", "scope", "owner", "source", "direction", "fact", "measure", "top", "bottom", "part", "mean", "fold", "each", "unit", "where", "span", "change", "by",
         "weight", "public", "why")
_STEPS = {"month": 0, "quarter": 1, "year": 2}
_LEAST = {"month": 0, "to_date": 0, "day": 0, "quarter": 1, "year": 2}


def book() -> Book:
    """Every indicator; a pack later in the order replaces a version of the same code and number.

    Raises:
        PackError: one that cannot be used, with file and line.
    """
    return _book(tuple((path, path.stat().st_mtime_ns) for path in packs.files(FILE)), packs.folders())


@functools.lru_cache(maxsize=8)
def _book(stamped: tuple[tuple[Path, int], ...], _folders: tuple[Path, ...]) -> Book:
    found: dict[tuple[str, int], tuple[str, Indicator]] = {}
    for path, _stamp in stamped:
        here: dict[tuple[str, int], str] = {}
        for entry in packs.entries(path):
            where = dated.at(str(path), entry)
            one = read(where, entry)
            if (one.code, one.version) in here:
                raise PackError(where, Message(f"{one.code} 第 {one.version} 版在 {here[one.code, one.version]} 已经写过", f"version {one.version} of {one.code} stands at {here[one.code, one.version]} already"))
            found[one.code, one.version], here[one.code, one.version] = (where, one), where
    versions: dict[str, list[Indicator]] = {}
    for (code, _version), (where, one) in sorted(found.items()):
        _follows(where, one, versions.setdefault(code, []))
        versions[code].append(one)
    made = Book({code: tuple(each) for code, each in versions.items()})
    for where, one in found.values():
        _joined(where, one, made)
    return Book({code: tuple(_unit_of(one, made) for one in each) for code, each in made.versions.items()})


def visible(person: Person) -> list[Indicator]:
    """The newest version of every indicator this person may see, by code.

    Raises:
        access.Forbidden: they may see none.
    """
    access.require(person, VIEW)
    known = book()
    return [known.newest(code) for code in sorted(known.versions) if may_see(person, known.newest(code), known)]


def may_see(person: Person, one: Indicator, known: Book) -> bool:
    """Whether they may see the figure: county figures of facts with the right to indicators, others with that of their measure too."""
    if isinstance(one.of, Over):
        return all(may_see(person, known.newest(code), known) for code in (one.of.top, one.of.bottom))
    return access.may(person, VIEW) and (one.of.kind == terms.FACT or access.may(person, COUNTED[one.of.name].permission))


# ── reading one ──────────────────────────────────────────────────────────────
def read(where: str, entry: Entry) -> Indicator:
    """One entry; ``where`` is its file and line.

    Raises:
        PackError: an unknown key, word, fact, measure or breakdown, with the nearest.
    """
    dated.only(where, entry, _KEYS)
    code, first = entry.get("code"), entry.get("effective_from")
    if not isinstance(code, str) or not code.replace("_", "").replace(".", "").isalnum() or "." not in code:
        raise PackError(where, Message(f"code 应是 room.name 这样的字，现为 {code}", f"code is a word like room.name, not {code}"))
    if not isinstance(first, dt.date) or isinstance(first, dt.datetime):
        raise PackError(where, Message("effective_from 要写日期", "effective_from is to be a day"))
    if not isinstance(entry.get("public", False), bool):
        raise PackError(where, Message(f"public 写 true 或 false，现为 {entry['public']}", f"public is true or false, not {entry['public']}"))
    span, change = _word(where, entry, "span", terms.SPANS, "month"), _word(where, entry, "change", terms.CHANGES, "")
    of, unit, scale, firms, known = _of(where, entry, span)
    if change and (isinstance(of, Over) or of.fold in (terms.SHARE, terms.MEAN_SHARE, terms.P50, terms.P90)):
        raise PackError(where, Message("比率和分位数没有增长率：把 change 写在分子或分母自己的指标上", "a ratio or a quantile has no rate of growth: write change at the indicator above or below"))
    by = _listed(where, entry, "by")
    if isinstance(of, Source):
        _among(where, by, known, "by")
    return Indicator(
        code, dated.number(where, entry, "version", 1, 999) if "version" in entry else 1, first, dated.words(where, entry, "title"), dated.words(where, entry, "definition"),
        _word(where, entry, "scope", terms.SCOPES, None), dated.words(where, entry, "owner"), dated.words(where, entry, "source"), _word(where, entry, "direction", terms.DIRECTIONS, "none"),
        "%" if change else unit, 1 if change else scale, of, change, tuple(by), dated.number(where, entry, "weight", 0, 100) if "weight" in entry else 1, entry.get("public") is True,
        dated.words(where, entry, "why") if "why" in entry else None, firms, _digest(entry))


def _digest(entry: Entry) -> str:
    """Of all that decides the figure; words may be mended without a new version."""
    decides = {key: str(entry[key]) if isinstance(entry[key], dt.date) else entry[key] for key in ("fact", "measure", "top", "bottom", "part", "mean", "fold", "each", "where", "span", "change") if key in entry}
    return hashlib.sha256(json.dumps(_plain(decides), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _plain(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {key: _plain(value) for key, value in node.items() if key != "__line__"}
    return [_plain(value) for value in node] if isinstance(node, list) else node


def _word(where: str, entry: Entry, key: str, valid: Sequence[str], usual: str | None) -> str:
    return dated.among(where, key, str(entry.get(key, usual)), valid)


def _listed(where: str, entry: Entry, key: str) -> list[str]:
    found = entry.get(key) or []
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found) or len(set(found)) != len(found):
        raise PackError(where, Message(f"{key} 要写成名称的列表，不重复", f"{key} is a list of names, none twice"))
    return found


def _among(where: str, names: Iterable[str], known: Sequence[str], key: str) -> None:
    for name in names:
        dated.among(where, key, name, known)


def _of(where: str, entry: Entry, span: str) -> tuple[Source | Over, str, int, bool, Sequence[str]]:
    """What it is folded from, its unit and scale, whether it tells of firms, and what it may be cut by."""
    kinds = [key for key in ("fact", "measure", "top") if key in entry]
    if len(kinds) != 1 or ("bottom" in entry) != (kinds == ["top"]):
        raise PackError(where, Message("fact、measure、top 和 bottom 只写一种", "one of fact, measure, or top with bottom"))
    if kinds == ["top"]:
        return Over(str(entry["top"]), str(entry["bottom"]), entry.get("part") is True, entry.get("mean") is True), "%", 1, False, ()
    name = str(entry[kinds[0]])
    return _of_fact(where, entry, name, span) if kinds == ["fact"] else _of_measure(where, entry, name, span)


def _of_fact(where: str, entry: Entry, name: str, span: str) -> tuple[Source, str, int, bool, Sequence[str]]:
    spec = _fact(where, name)
    if span == "day" or _STEPS[spec.period] > _LEAST[span]:
        raise PackError(where, Message(f"{name} 按 {spec.period} 报送，span 不能是 {span}", f"{name} is told by the {spec.period}, span cannot be {span}"))
    fold = _word(where, entry, "fold", terms.FACT_FOLDS, terms.SUM)
    if fold == terms.COUNT and span != spec.period:
        raise PackError(where, Message(f"户数只能按 {spec.period} 数，跨期会重复", f"firms are counted by the {spec.period}; over more they would count twice"))
    of = Source(terms.FACT, name, _where(where, entry, attributes()), fold, span)
    return of, "户" if fold == terms.COUNT else spec.unit, 1 if fold == terms.COUNT else spec.scale, True, list(attributes())


def _of_measure(where: str, entry: Entry, name: str, span: str) -> tuple[Source, str, int, bool, Sequence[str]]:
    measure = _measure(where, name)
    fold = _word(where, entry, "fold", terms.LINE_FOLDS, terms.SUM)
    each = _each(where, entry, measure.groups, fold)
    of = Source(terms.MEASURE, name, _where(where, entry, measure.groups), fold, span, each)
    unit = "%" if fold in (terms.SHARE, terms.MEAN_SHARE) else _unit(where, entry, measure.unit, fold)
    return of, unit, 100 if unit == "元" else 1, measure.firms, measure.groups


def _unit(where: str, entry: Entry, usual: str, fold: str) -> str:
    """What is counted: the measure's unit, save where different parts are counted or the lines are of several units."""
    if "unit" not in entry:
        return usual
    if not isinstance(entry["unit"], str) or entry["unit"] in ("元", "%") or (usual and fold != terms.KINDS):
        raise PackError(where, Message("unit 只在 fold 是 kinds、或口径的单位不止一种时写，不能是元和 %", "unit is for kinds, and for measures of several units; never yuan or per cent"))
    return entry["unit"]


def _each(where: str, entry: Entry, known: Sequence[str], fold: str) -> str:
    """Of what ``kinds`` counts the different ones; the other folds count none."""
    each = str(entry.get("each", ""))
    if bool(each) != (fold == terms.KINDS):
        raise PackError(where, Message("fold 写 kinds 时要写 each（数哪个分组有几种），别的不写", "each, the breakdown whose parts are counted, goes with fold: kinds alone"))
    if each:
        _among(where, [each], known, "each")
    return each


def attributes() -> dict[str, FactSpec]:
    """What facts may be cut and narrowed by: attributes of enterprises that hold a word or yes and no, by their last word."""
    return {name.removeprefix(ATTRIBUTE): spec for name, spec in packs.catalogue().items()
            if name.startswith(ATTRIBUTE) and spec.period == "none" and not spec.by_standard and spec.type in ("text", "region", "industry", "bool")}


def _where(where: str, entry: Entry, known: Iterable[str]) -> terms.Where:
    found = entry.get("where") or {}
    if not isinstance(found, dict):
        raise PackError(where, Message("where 要写成 {名称: [值]}", "where is {name: [values]}"))
    names = [str(name) for name in found if name != "__line__"]
    _among(where, names, list(known), "where")
    for name in names:
        values = found[name] if isinstance(found[name], list) else [found[name]]
        if not values or not all(isinstance(value, str | int | dt.date) for value in values):
            raise PackError(where, Message(f"where 的 {name} 要写一个值或几个值，现为 {found[name]}", f"where: {name} is a value or a list of values, not {found[name]}"))
    return tuple((name, tuple(sorted(map(_value, found[name] if isinstance(found[name], list) else [found[name]])))) for name in sorted(names))


def _value(told: object) -> str:
    return {True: "1", False: "0"}[told] if isinstance(told, bool) else str(told)


def _fact(where: str, name: str) -> FactSpec:
    able = {known: spec for known, spec in packs.catalogue().items() if spec.subject == "enterprise" and spec.numeric and spec.period in _STEPS}
    if name not in able:
        near = nearest(name, able, 0)
        raise PackError(where, Message(f"没有 {name} 这个按期报送的数字事实，最接近的是 {near}", f"{name} is no dated number of enterprises, the nearest is {near}"))
    return able[name]


def _measure(where: str, name: str) -> Counted:
    if name not in COUNTED:
        near = nearest(name, COUNTED, 0)
        raise PackError(where, Message(f"没有 {name} 这个可计数的口径，最接近的是 {near}", f"there is no counted measure {name}, the nearest is {near}"))
    return COUNTED[name]


# ── what hangs together ──────────────────────────────────────────────────────
def _follows(where: str, one: Indicator, before: Sequence[Indicator]) -> None:
    """A later version begins later and says why."""
    if before and (one.effective_from <= before[-1].effective_from or one.why is None):
        raise PackError(where, Message(f"{one.code} 的第 {one.version} 版要从更晚的日期起，并写明 why", f"version {one.version} of {one.code} is to begin later and say why"))


def _joined(where: str, one: Indicator, made: Book) -> None:
    """A ratio names two indicators that are none themselves."""
    if not isinstance(one.of, Over):
        return
    for code in (one.of.top, one.of.bottom):
        found = made.versions.get(code)
        if found is None:
            near = nearest(code, made.versions, 0)
            raise PackError(where, Message(f"没有指标 {code}，最接近的是 {near}", f"there is no indicator {code}, the nearest is {near}"))
        if one.of.mean and any(not isinstance(each.of, Source) or each.of.kind != terms.FACT or each.of.fold == terms.COUNT for each in found):
            raise PackError(where, Message(f"mean 只用于两个企业事实的指标，{code} 不是", f"mean is for two indicators of facts of enterprises, which {code} is not"))
        if any(each.is_share for each in found):
            raise PackError(where, Message(f"{code} 本身已是比率，不能再除", f"{code} is a ratio already and is not divided again"))
    _among(where, one.by, [name for name in made.newest(one.of.top).by if name in made.newest(one.of.bottom).by], "by")


def _unit_of(one: Indicator, made: Book) -> Indicator:
    """A ratio of equal units is a percentage, else so many of the top's in one of the bottom's."""
    if not isinstance(one.of, Over):
        return one
    top, bottom = made.newest(one.of.top), made.newest(one.of.bottom)
    unit = "%" if top.unit == bottom.unit or one.change else f"{top.unit}/{bottom.unit}"
    fields = {**{name: getattr(one, name) for name in one.__dataclass_fields__}, "unit": unit, "firms": top.firms or bottom.firms}
    return Indicator(**fields)
