"""Open data 公共数据开放: of indicators that are marked public what signed briefings published of them, with definition, licence and a description for catalogues.

Turned on by a pack (``open_data.yaml``, the last pack that has it):

```yaml
- enabled: true
  open: false                                            # true: without logging in
  publisher: {zh: 某县人民政府办公室, en: Office of the county government}
  licence: {name: CC BY 4.0, url: "https://creativecommons.org/licenses/by/4.0/"}
  contact: {zh: 县数据局, en: County data bureau}
```
Nothing is published of a month no briefing was signed for, nor any figure that rests on fewer than three records; where one part of a breakdown
is kept back, that breakdown is kept back for the period.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from diguan.indicators.engine import tables, terms
from diguan.indicators.engine.terms import Indicator
from diguan.indicators.models import Briefing
from diguan.indicators.queries import briefings, compose, compute, rankings, register, snapshots, wording
from diguan.indicators.queries.snapshots import Cell, Figures
from diguan.kernel import clocks, dated, packs
from diguan.kernel.dated import Entry
from diguan.kernel.facts import runs
from diguan.kernel.messages import Message
from diguan.kernel.packs import PackError

FILE = "open_data.yaml"
STATES = {tables.WHOLE: "whole", tables.RUNNING: "running", tables.PARTIAL: "partial"}
"""How a figure that is told is marked in a file."""
COLUMNS = ("code", "version", "period", "month", "breakdown", "part", "value", "unit", "state", "told", "expected", "withheld", "briefing", "edition", "as_of", "snapshot")


@dataclass(frozen=True)
class Terms:
    """Whether and how data are open. ``open``: without logging in."""

    enabled: bool
    open: bool
    publisher: Message
    licence: str
    licence_url: str
    contact: Message


def settings() -> Terms | None:
    """What the packs say; None where none does.

    Raises:
        PackError: a file that cannot be used, with file and line.
    """
    return _settings(tuple((path, path.stat().st_mtime_ns) for path in packs.files(FILE))[-1:], packs.folders())


@functools.lru_cache(maxsize=4)
def _settings(stamped: tuple[tuple[Path, int], ...], _folders: tuple[Path, ...]) -> Terms | None:
    if not stamped:
        return None
    path = stamped[0][0]
    found = packs.entries(path)
    if len(found) != 1:
        raise PackError(f"{path}:1", Message("这里正好一项", "exactly one entry is expected here"))
    return read(dated.at(str(path), found[0]), found[0])


def read(where: str, entry: Entry) -> Terms:
    """One entry; ``where`` is its file and line.

    Raises:
        PackError: an unknown key, no publisher, or a licence without name and address.
    """
    dated.only(where, entry, ("enabled", "open", "publisher", "licence", "contact"))
    licence = entry.get("licence")
    if not (isinstance(licence, dict) and licence.get("name") and str(licence.get("url", "")).startswith("https://")):
        raise PackError(where, Message("licence 要写明 {name: …, url: https://…}", "licence is {name: …, url: https://…}"))
    for key in ("enabled", "open"):
        if not isinstance(entry.get(key, False), bool):
            raise PackError(where, Message(f"{key} 只能是 true 或 false", f"{key} is true or false"))
    return Terms(entry.get("enabled", False), entry.get("open", False), dated.words(where, entry, "publisher"), str(licence["name"]), str(licence["url"]), dated.words(where, entry, "contact"))


def turned_on() -> Terms | None:
    """The terms, where open data are turned on."""
    found = settings()
    return found if found is not None and found.enabled else None


# ── what is published ────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Point:
    """One published figure; ``value`` is None where it is kept back, ``withheld`` says why."""

    cell: Cell
    one: Indicator
    value: Decimal | None
    withheld: str
    briefing: Briefing

    def row(self) -> dict[str, Any]:
        """As files hold it: numbers as they are, the unit besides."""
        run, cell = self.briefing.snapshot, self.cell
        told = self.value is not None
        return {"code": cell.code, "version": cell.version, "period": cell.period, "month": self.briefing.month, "breakdown": cell.dim, "part": snapshots.group_label(cell.dim, cell.group) if cell.dim else "",
                "value": plain(self.value), "unit": self.one.unit, "state": STATES.get(cell.state, "") if told else "withheld", "told": cell.told if told else None, "expected": cell.expected if told else None,
                "withheld": self.withheld, "briefing": self.briefing.month, "edition": self.briefing.edition, "as_of": run.as_of.isoformat(), "snapshot": run.run_id[:12]}


def plain(value: Decimal | None) -> str | None:
    """A number without thousands and without a rounding that a reader could not undo: at most six decimals."""
    return None if value is None else f"{value.quantize(Decimal('0.000001')).normalize():f}"


def published() -> list[Indicator]:
    """The indicators marked public, by code."""
    known = register.book()
    return [known.newest(code) for code in sorted(known.versions) if known.newest(code).public]


def points() -> Mapping[str, Sequence[Point]]:
    """What signed briefings published, by code: of each month the newest edition's snapshot, the period of that month alone. Asks no right: it is public."""
    rows = [row for row in briefings.latest_of_each_month() if runs.intact(row.snapshot)]
    return _points(tuple((row.pk, row.digest, row.snapshot.run_id) for row in rows), tuple((one.name, one.digest) for one in published()))


@functools.lru_cache(maxsize=2)
def _points(signed: tuple[tuple[int, str, str], ...], _public: tuple[tuple[str, str], ...]) -> Mapping[str, Sequence[Point]]:
    """What was signed never changes: it is read once, however often it is asked for."""
    known, found = register.book(), {one.code: list[Point]() for one in published()}
    rows = {row.pk: row for row in Briefing.objects.filter(pk__in=[number for number, *_rest in signed]).select_related("snapshot").defer("text")}
    seen: set[tuple[str, str]] = set()
    for number, *_rest in reversed(signed):
        row = rows[number]
        figures = Figures(row.snapshot, known, snapshots.all_cells(row.snapshot))
        for code, listed in found.items():
            period = wording.period_of(compute.span_of(known, known.newest(code)), row.month)
            if (code, period) not in seen:
                seen.add((code, period))
                listed[:0] = _of(figures, code, period, row)
    return found


def _of(figures: Figures, code: str, period: str, row: Briefing) -> list[Point]:
    """An indicator in one period: the whole, then its breakdowns."""
    cells = [cells[period] for (each, _dim, _group), cells in figures.cells.items() if each == code and period in cells]
    back = {cell.dim for cell in cells if cell.dim and cell.state not in (tables.FEW, tables.UNKNOWN, tables.REFUSED) and _few(cell)}
    return [_point(figures, cell, row, held=cell.dim in back or _few(cell)) for cell in cells if cell.state not in (tables.UNKNOWN, tables.REFUSED)]


def _few(cell: Cell) -> bool:
    return cell.state == tables.FEW or (cell.firms is not None and 0 < cell.firms < tables.LEAST)


def _point(figures: Figures, cell: Cell, row: Briefing, *, held: bool) -> Point:
    one = compose.version_of(figures, cell)
    return Point(cell, one, None if held else cell.value(one), "fewer_than_3" if held else "", row)


# ── how it is described ──────────────────────────────────────────────────────
def definition(one: Indicator) -> dict[str, Any]:
    """The definition of an indicator as files carry it."""
    known = register.book()
    return {"code": one.code, "version": one.version, "title": _both(one.title), "definition": _both(one.definition), "unit": one.unit, "span": compute.span_of(known, one), "change": one.change,
            "breakdowns": list(one.by), "scope": one.scope, "owner": _both(one.owner), "source": _both(one.source), "effective_from": one.effective_from.isoformat(), "digest": one.digest,
            "of": {"top": one.of.top, "bottom": one.of.bottom} if isinstance(one.of, terms.Over) else {one.of.kind: one.of.name}}


def _both(text: Message) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def document(said: Terms, one: Indicator, listed: Sequence[Point]) -> dict[str, Any]:
    """One data set as JSON: terms, every version's definition, the figures."""
    versions = {point.one.version: point.one for point in listed} or {one.version: one}
    return {"publisher": _both(said.publisher), "contact": _both(said.contact), "licence": {"name": said.licence, "url": said.licence_url}, "definitions": [definition(each) for _version, each in sorted(versions.items())],
            "columns": list(COLUMNS), "data": [point.row() for point in listed]}


def dataset(said: Terms, one: Indicator, listed: Sequence[Point], addresses: Mapping[str, str]) -> dict[str, Any]:
    """A description of one data set in the words of schema.org (Dataset), for catalogues; ``addresses``: media type → where the file is, ``page``: where it is described."""
    last = listed[-1].briefing if listed else None
    periods = [point.cell.period for point in listed]
    body = {"@type": "GovernmentOrganization", "name": said.publisher.zh, "alternateName": said.publisher.en}
    return {"@context": "https://schema.org/", "@type": "Dataset", "@id": addresses["page"], "identifier": one.code, "name": one.title.zh, "alternateName": one.title.en, "description": f"{one.definition.zh}（{one.source.zh}）{one.definition.en}. {one.source.en}.",
            "inLanguage": ["zh-Hans", "en"], "license": said.licence_url, "isAccessibleForFree": True, "creator": body, "publisher": body, "version": str(one.version), "keywords": [one.title.zh, one.title.en, one.owner.zh],
            "spatialCoverage": {"@type": "AdministrativeArea", "name": rankings.own_name()}, "url": addresses["page"],
            **({"temporalCoverage": f"{min(periods)}/{max(periods)}"} if periods else {}), **({"dateModified": last.signed_at.astimezone(clocks.COUNTY_TIME).date().isoformat()} if last and last.signed_at else {}),
            "variableMeasured": {"@type": "PropertyValue", "name": one.title.zh, "alternateName": one.title.en, "unitText": one.unit, "measurementTechnique": one.definition.zh},
            "distribution": [{"@type": "DataDownload", "encodingFormat": media, "contentUrl": url} for media, url in addresses.items() if media != "page"]}
