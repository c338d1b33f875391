"""The fact catalogue: which facts exist, of what type, unit and period kind, fed by whom."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from diguan.kernel import units
from diguan.kernel.messages import nearest

TYPES = ("money", "number", "text", "date", "bool", "region", "industry")
PERIODS = ("none", "year", "quarter", "month", "day")
NUMERIC = ("money", "number")
STANDARD = "standard"
"""The source of a fact that a dated national standard tells of everybody; no other is heard beside it."""


class CatalogueError(ValueError):
    """A catalogue row that cannot be used; the message names file and line."""


@dataclass(frozen=True)
class FactSpec:
    """One entry. ``period`` is ``none`` for an attribute that has no date.

    ``scale`` storage units make one display ``unit``. Dates are stored as days since
    1970-01-01 and bools as 0/1, both in ``num``; text, region and industry in ``text``.
    """

    name: str
    type: str
    unit: str = ""
    period: str = "none"
    non_negative: bool = False
    subject: str = "enterprise"
    title: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)
    sources: tuple[str, ...] = ()
    scale: int = 1

    @property
    def numeric(self) -> bool:
        return self.type in NUMERIC

    @property
    def stored_as(self) -> str:
        """The column its value is in: ``num`` or ``text``."""
        return "num" if self.type in (*NUMERIC, "date", "bool") else "text"

    @property
    def by_standard(self) -> bool:
        """Whether a standard tells it, so that no delivery does."""
        return self.sources == (STANDARD,)

    def label(self, language: str = "zh") -> str:
        return self.title.get(language) or self.title.get("zh") or self.name


class Catalogue(Mapping[str, FactSpec]):
    """Facts by name, with the nearest valid name for one that is not there."""

    def __init__(self, specs: Iterable[FactSpec]) -> None:
        self._specs = {spec.name: spec for spec in specs}

    def __getitem__(self, name: str) -> FactSpec:
        return self._specs[name]

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._specs)

    def __len__(self) -> int:
        return len(self._specs)

    def nearest(self, name: str) -> str | None:
        """The most similar fact name, or None.

        >>> Catalogue([FactSpec("tax.paid", "money")]).nearest("tax.payed")
        'tax.paid'
        """
        return nearest(name, self._specs)


def make_spec(where: str, *, name: str, type: str, unit: str = "", period: str = "none",  # noqa: A002 (the column's name)
              non_negative: bool = False, **more: object) -> FactSpec:
    """Check one entry and fill in its scale.

    Raises:
        CatalogueError: an unknown type, period kind or unit; ``where`` is named.
    """
    period = period or "none"
    if type not in TYPES:
        raise CatalogueError(f"{where}: 类型 {type!r} 不在 {', '.join(TYPES)} 之中 / unknown type")
    if period not in PERIODS:
        raise CatalogueError(f"{where}: 周期 {period!r} 不在 {', '.join(PERIODS)} 之中 / unknown period kind")
    unit = unit or ("元" if type == "money" else "")
    if type == "money" and unit != "元":
        raise CatalogueError(f"{where}: 金额以元计，不是 {unit!r} / money is declared in 元")
    return FactSpec(name=name, type=type, unit=unit, period=period, non_negative=non_negative,
                    scale=units.scale_of(unit), **more)  # type: ignore[arg-type]


def load_csv(path: Path) -> Catalogue:
    """Read ``catalogue.csv`` of a data folder (columns fact,type,unit,period,non_negative)."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        missing = {"fact", "type"} - set(rows.fieldnames or ())
        if missing:
            raise CatalogueError(f"{path}:1: 缺列 / missing columns: {', '.join(sorted(missing))}")
        found: dict[str, FactSpec] = {}
        for number, row in enumerate(rows, start=2):
            spec = _csv_spec(f"{path}:{number}", {key: (value or "").strip() for key, value in row.items() if key})
            if spec.name in found:
                raise CatalogueError(f"{path}:{number}: 事实 {spec.name} 写了两次 / the fact is listed twice")
            found[spec.name] = spec
        return Catalogue(found.values())


def _csv_spec(where: str, row: Mapping[str, str]) -> FactSpec:
    if row.get("non_negative", "").lower() not in ("", "true", "false"):
        raise CatalogueError(f"{where}: non_negative 应是 true、false 或空 / must be true, false or empty")
    return make_spec(where, name=row["fact"], type=row["type"], unit=row.get("unit", ""), period=row.get("period", ""),
                     non_negative=row.get("non_negative", "").lower() == "true")
