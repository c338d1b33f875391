"""Packs: the folders of YAML and CSV a county may change without touching code.

``DIGUAN_PACKS`` names them in order, shipped ones by name and a county's own by path
(``base,hengyang,/srv/diguan/our-county``). A later pack adds to an earlier one and may
replace an entry of the same name. This file imports no Django: the engine alone uses it too.
"""

from __future__ import annotations

import csv
import datetime as dt
import functools
import os
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from diguan.kernel import clocks, places, yamls
from diguan.kernel.catalogue import Catalogue, CatalogueError, FactSpec, make_spec
from diguan.kernel.messages import Message, nearest

SELF = "enterprise"
"""The source of what an enterprise says of itself: never verified, and never before another source."""
SHIPPED = Path(__file__).resolve().parent.parent / "packs"


class PackError(ValueError):
    """A pack that cannot be used; the message names file and line."""

    def __init__(self, where: str, message: Message) -> None:
        super().__init__(f"{where}: {message}")
        self.where, self.message = where, message


@dataclass(frozen=True)
class Codes:
    """The region (GB/T 2260) and industry (GB/T 4754) codes the packs ship, with their names."""

    regions: Mapping[str, str]
    industries: Mapping[str, str]
    retired: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Industry codes of the 2011 edition that the 2017 one no longer has: (their name, the code that came after)."""

    @functools.cached_property
    def names(self) -> Mapping[str, str]:
        """Every code's name; the two kinds differ in length."""
        return {**self.industries, **self.regions}

    def nearest_region(self, code: str) -> str | None:
        """The code of that name or a like one, else the most similar listed code of the same prefecture, province or anywhere.

        >>> Codes({"430400": "衡阳市", "430421": "衡阳县", "440309": "龙华区"}, {}).nearest_region("430499")
        '430421'
        >>> Codes({"430400": "衡阳市", "440309": "龙华区"}, {}).nearest_region("衡阳")
        '430400'
        """
        if not code.isdigit():
            return _named_like(code, self.regions)
        for width in (4, 2, 0):
            close = nearest(code, [known for known in self.regions if known[:width] == code[:width]])
            if close:
                return close
        return None

    def nearest_industry(self, code: str) -> str | None:
        """As :meth:`nearest_region`, for industries.

        >>> Codes({}, {"403": "钟表与计时仪器制造", "4030": "钟表与计时仪器制造"}).nearest_industry("钟表与记时仪器制造")
        '4030'
        """
        return nearest(code, self.industries) if re.search("[0-9]", code) else _named_like(code, self.industries)

    def region_of(self, text: str) -> str:
        """The code of a region written as its code, its code with zeros behind, or its name; else the text.

        >>> Codes({"430421": "衡阳县"}, {}).region_of("４３０４２１０００"), Codes({"430421": "衡阳县"}, {}).region_of("衡阳县")
        ('430421', '430421')
        """
        plain = unicodedata.normalize("NFKC", text).strip()
        named = [known for known, name in self.regions.items() if name == plain]
        return named[0] if len(named) == 1 else re.sub(r"^([0-9]{6})0{3,6}$", r"\1", plain)

    def industry_of(self, text: str) -> str:
        """The code of an industry written as its code, its code and name, or its name; else the text."""
        plain = unicodedata.normalize("NFKC", text).strip()
        coded = re.match(r"([A-Ta-t]?[0-9]{2,4}|[A-Ta-t])(?![0-9A-Za-z])", plain)
        if coded:
            return places.normal_industry(coded.group(1))
        named = [known for known, name in self.industries.items() if unicodedata.normalize("NFKC", name) == plain]
        return max(named, key=len) if named else places.normal_industry(plain)

    def region_problem(self, code: str) -> Message | None:
        """What is wrong with a region code; the nearest listed one is named."""
        if not code or code in self.regions:
            return None
        near = self.nearest_region(code)
        return Message(f"没有行政区划代码 {code}" + (f"，最接近的是 {near} {self.regions[near]}" if near else ""),
                       f"no region code {code}" + (f"; the nearest is {near} {self.regions[near]}" if near else ""))

    def industry_problem(self, code: str) -> Message | None:
        """What is wrong with a normal industry code; one that is well formed and not listed is no error, for no table is sure to be whole."""
        if not code or places.industry_well_formed(code):
            return None
        near = self.nearest_industry(code)
        return Message(f"{code} 不是国民经济行业代码（GB/T 4754-2017）" + (f"，最接近的是 {near} {self.industries[near]}" if near else ""),
                       f"{code} is no GB/T 4754-2017 code" + (f"; the nearest is {near} {self.industries[near]}" if near else ""))

    def industry_warning(self, code: str) -> Message | None:
        """A well-formed code that the loaded table does not list; one of the 2011 edition is called so."""
        if not code or code in self.industries or not places.industry_well_formed(code):
            return None
        if code in self.retired:
            name, now = self.retired[code]
            more = f"，现在是 {now} {self.industries.get(now, '')}".rstrip() if now else ""
            return Message(f"行业代码 {code}（{name}）是 2011 年版的，2017 年版已改{more}；先照收，请核对", f"industry code {code} ({name}) is of the 2011 edition, changed in 2017{f'; now {now}' if now else ''}; kept as it is, check it")
        near = self.nearest_industry(code)
        return Message(f"行业代码 {code} 不在已载入的行业表中，先照收" + (f"；若是写错，最接近的是 {near} {self.industries[near]}" if near else ""),
                       f"industry code {code} is not in the loaded table; kept as it is" + (f"; if it is a slip, the nearest is {near} {self.industries[near]}" if near else ""))


def _named_like(text: str, table: Mapping[str, str]) -> str | None:
    """The code of that name or a like one; of codes that share a name the region first listed, the industry's most exact one."""
    names: dict[str, str] = {}
    for code, name in table.items():
        names[name] = code if name not in names or len(code) > len(names[name]) else names[name]
    near = nearest(text, names)
    return names[near] if near else None


class _Lines(yamls.Loader):
    """Safe YAML that refuses a key written twice and remembers the line of every mapping."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        found: dict[Any, Any] = {"__line__": node.start_mark.line + 1}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in found:
                raise yaml.constructor.ConstructorError(
                    None, None, f"同一个键写了两次：{key} / key written twice: {key}", key_node.start_mark)
            found[key] = self.construct_object(value_node, deep=True)
        return found


_Lines.add_constructor("tag:yaml.org,2002:map", _Lines.construct_mapping)


def read_yaml(path: Path) -> Any:
    """Read one YAML file; every mapping carries its line under ``__line__``.

    Raises:
        PackError: the file cannot be read or is no YAML.
    """
    try:
        return yaml.load(yamls.shallow(path.read_text("utf-8-sig")), Loader=_Lines)  # noqa: S506 (a SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PackError(f"{path}:{line}", Message(f"YAML 写法有误：{error.problem}", f"bad YAML: {error.problem}")) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise PackError(str(path), Message(f"读不了：{error}", f"cannot be read: {error}")) from error


def entries(path: Path) -> list[dict[str, Any]]:
    """The items of a YAML file that is a list of mappings; none where there is no such file.

    Raises:
        PackError: it cannot be read, or is something else; with file and line.
    """
    found = read_yaml(path) or [] if path.exists() else []
    if not isinstance(found, list):
        raise PackError(f"{path}:1", Message("这里应是列表，每项以“- ”起头", "a list is expected here, every item begins with “- ”"))
    for number, entry in enumerate(found, 1):
        if not isinstance(entry, dict):
            raise PackError(str(path), Message(f"第 {number} 项应是键值", f"item {number} is to be a mapping"))
    return found


def folders() -> tuple[Path, ...]:
    """The packs in force, in order.

    Raises:
        PackError: ``DIGUAN_PACKS`` names a pack that is not there.
    """
    return _folders(os.environ.get("DIGUAN_PACKS", ",".join(shipped())))


@functools.cache
def shipped() -> tuple[str, ...]:
    """The packs that come with the code, ``base`` before the counties; all of them are in force where nothing is said."""
    names = (path.name for path in SHIPPED.iterdir() if path.is_dir() and not path.name.startswith("_"))
    return tuple(sorted(names, key=lambda name: (name != "base", name)))


@functools.cache
def _folders(names: str) -> tuple[Path, ...]:
    found = []
    for name in filter(None, (part.strip() for part in names.split(","))):
        path = Path(name) if os.sep in name else SHIPPED / name
        if not path.is_dir():
            there = ", ".join(shipped())
            raise PackError("DIGUAN_PACKS", Message(f"没有数据包 {name}；自带的有 {there}，自己的写路径（./{Path(name).name}）",
                                                    f"no pack {name}; shipped: {there}; one of your own is named by its path (./{Path(name).name})"))
        found.append(path)
    return tuple(found)


def files(name: str) -> Iterator[Path]:
    """This file in every pack that has it, in order."""
    return (path / name for path in folders() if (path / name).exists())


def catalogue() -> Catalogue:
    """The facts of all packs (``facts.yaml``)."""
    return _catalogue(folders())


@functools.cache
def _catalogue(packs: tuple[Path, ...]) -> Catalogue:
    specs: dict[str, FactSpec] = {}
    for pack in packs:
        path = pack / "facts.yaml"
        for entry in entries(path):
            where = f"{path}:{entry.get('__line__', 1)}"
            spec = _spec(path, entry)
            specs[spec.name] = spec
            for source in spec.sources:
                check_source(where, source)
    return Catalogue(specs.values())


_FACT_KEYS = {"name", "type", "unit", "period", "non_negative", "subject", "title", "sources"}


def _spec(path: Path, entry: dict[str, Any]) -> FactSpec:
    where = f"{path}:{entry.pop('__line__', 1)}"
    for key in entry:
        if key not in _FACT_KEYS:
            near = nearest(str(key), sorted(_FACT_KEYS), 0)
            raise PackError(where, Message(f"不认识的键 {key}，最近的是 {near}", f"unknown key {key}, nearest {near}"))
    if not (entry.get("name") and entry.get("type")):
        raise PackError(where, Message("事实要有 name 和 type", "a fact needs a name and a type"))
    told_by = entry.get("sources", [])
    if not isinstance(told_by, list):
        raise PackError(where, Message(f"sources 要写成列表：[{told_by}]", f"sources is a list: [{told_by}]"))
    entry["sources"] = tuple(told_by)
    if SELF in entry["sources"][:-1]:
        raise PackError(where, Message(f"企业自报（{SELF}）要排在来源的最后", f"{SELF}, self-reported, stands last among the sources"))
    entry["title"] = {k: v for k, v in entry.get("title", {}).items() if k != "__line__"}
    try:
        return make_spec(where, **entry)
    except (CatalogueError, TypeError) as error:
        raise PackError(where, Message(str(error), str(error))) from error


def sources() -> Mapping[str, Mapping[str, str]]:
    """Who delivers facts: source word → {zh, en}, and ``unit``, the code of the office that does (``sources.yaml``)."""
    return _sources(folders())


@functools.cache
def _sources(packs: tuple[Path, ...]) -> Mapping[str, Mapping[str, str]]:
    found: dict[str, Mapping[str, str]] = {}
    for path in (pack / "sources.yaml" for pack in packs if (pack / "sources.yaml").exists()):
        said = read_yaml(path) or {}
        if not isinstance(said, dict):
            raise PackError(f"{path}:1", Message("这里应是键值，不是列表", "a mapping is expected here, no list"))
        for key, words in said.items():
            if key == "__line__":
                continue
            if not (isinstance(words, dict) and words.get("zh") and words.get("en")):
                raise PackError(str(path), Message(f"来源 {key} 要有名称：{{zh: …, en: …}}", f"source {key} needs its names: {{zh: …, en: …}}"))
            found[key] = words
    return found


def check_source(where: str, source: str) -> None:
    """Let pass a source that ``sources.yaml`` names.

    Raises:
        PackError: it does not; the nearest one is named.
    """
    if source not in sources():
        near = nearest(source, sources(), 0)
        raise PackError(where, Message(f"来源 {source} 不在 sources.yaml 里，最近的是 {near}", f"source {source} is not in sources.yaml, nearest {near}"))


def calendar() -> clocks.Calendar:
    """The working days of the packs (``workdays.yaml``); a later pack replaces a year. Read again when a notice has come in.

    Raises:
        PackError: a day that is none, or not of its year, with file and line.
    """
    found = (pack / "workdays.yaml" for pack in folders())
    return _calendar(tuple((path, path.stat().st_mtime_ns) for path in found if path.exists()))


@functools.lru_cache(maxsize=8)
def _calendar(stamped: tuple[tuple[Path, int], ...]) -> clocks.Calendar:
    years: dict[int, tuple[set[dt.date], set[dt.date]]] = {}
    for path, _stamp in stamped:
        for entry in entries(path):
            where = f"{path}:{entry.get('__line__', 1)}"
            if set(entry) - {"__line__"} != {"year", "document", "holidays", "working_weekends"}:
                raise PackError(where, Message("要有而且只有 year、document、holidays、working_weekends", "needs year, document, holidays and working_weekends, and nothing else"))
            years[entry["year"]] = (_days(where, entry["year"], entry["holidays"]), _days(where, entry["year"], entry["working_weekends"]))
    off, work = ({day for sides in years.values() for day in sides[at]} for at in (0, 1))
    return clocks.Calendar(frozenset(off), frozenset(work), frozenset(years))


def _days(where: str, year: object, spans: list[Any]) -> set[dt.date]:
    """Days and spans of days (2026-10-01/2026-10-07), all of one year."""
    found: set[dt.date] = set()
    for span in spans:
        try:
            first, last = (dt.date.fromisoformat(text) for text in (str(span).partition("/")[0], str(span).rpartition("/")[2]))
        except ValueError as error:
            raise PackError(where, Message(f"{span} 不是日期或日期段", f"{span} is no day or span of days")) from error
        if {first.year, last.year} != {year} or last < first:
            raise PackError(where, Message(f"{span} 不在 {year} 年内", f"{span} is not within {year}"))
        found |= {first + dt.timedelta(days=number) for number in range((last - first).days + 1)}
    return found


def codes() -> Codes:
    """The codes of all packs (``regions.csv``, ``industries.csv``: code,name; ``industries_2011.csv``: code,name,now,still)."""
    return _codes(folders())


@functools.cache
def _codes(packs: tuple[Path, ...]) -> Codes:
    regions = {code: name for pack in packs for _line, code, name in _code_rows(pack / "regions.csv")}
    industries = {code: name for pack in packs for code, name in _industries(pack / "industries.csv").items()}
    return Codes(regions, industries, {row["code"]: (row["name"], row["now"]) for pack in packs for row in _edition_2011(pack) if not row.get("still")})


def _industries(path: Path) -> Mapping[str, str]:
    """A pack's industries by normal code (4030, not C4030); a row that is no code of the standard is refused."""
    found, odd = places.check_industries((line, code, name, "") for line, code, name in _code_rows(path))
    for row in odd:
        if row.left_out:
            raise PackError(f"{path}:{row.line}", row.message)
    return found


def edition_2011() -> Mapping[tuple[str, str], str]:
    """What the 2011 edition of GB/T 4754 called otherwise: (code, name) → the code of 2017; not all of it, but what is often met (``industries_2011.csv``)."""
    return {(row["code"], row["name"]): row["now"] for pack in folders() for row in _edition_2011(pack)}


@functools.cache
def _edition_2011(pack: Path) -> list[dict[str, str]]:
    path = pack / "industries_2011.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for number, row in enumerate(rows, start=2):
        if not (row.get("code") and row.get("name") and row.get("now")) or row.get("still") not in ("", "yes", None):
            raise PackError(f"{path}:{number}", Message("要有 code、name、now 三列；代码还在用而意思变了的，still 写 yes", "needs code, name and now; still is yes where the code is there yet and means something else"))
    return rows


def _code_rows(path: Path) -> Iterator[tuple[int, str, str]]:
    if not path.exists():
        return
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            if not row.get("code") or not row.get("name"):
                raise PackError(f"{path}:{number}", Message("要有 code 和 name 两列", "needs columns code and name"))
            yield number, row["code"], row["name"]


def countries() -> Mapping[str, Message]:
    """Countries and regions by ISO 3166-1 code, their names in both languages (``countries.csv``: code,name,en)."""
    return _countries(folders())


@functools.cache
def _countries(packs: tuple[Path, ...]) -> Mapping[str, Message]:
    found: dict[str, Message] = {}
    for path in (pack / "countries.csv" for pack in packs if (pack / "countries.csv").exists()):
        with path.open(encoding="utf-8-sig", newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines), start=2):
                code, zh, en = (row.get(name) or "" for name in ("code", "name", "en"))
                if not (len(code) == 2 and code.isascii() and code.isupper() and zh and en):
                    raise PackError(f"{path}:{number}", Message("要有两位大写代码 code、中文名 name、英文名 en", "needs a two-letter upper-case code, name and en"))
                found[code] = Message(zh, en)
    return found
