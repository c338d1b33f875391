"""The county's economy by a table: the model three ways over the band of δ, calibrated by what firms told of their purchases."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from django.db.models import QuerySet

from diguan.chains.engine import example, leontief, regional
from diguan.chains.engine.basis import COUNTY, Basis, Matrix, Vector, joined
from diguan.chains.engine.leontief import Extraction, Households, Linkages, Model
from diguan.chains.engine.regional import DELTA_BAND, FLQ, Band, Region
from diguan.chains.engine.survey import NOISE
from diguan.chains.engine.table import HOUSEHOLD_USE, WAGES, Table, without_imports
from diguan.chains.models import Estimate, IoTable, Places, Proxy, RegionYear, Role
from diguan.chains.queries import coverage as register
from diguan.chains.queries.economy_files import sector_of, table_of, vector
from diguan.kernel import access, remember
from diguan.kernel.access.models import Person
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal

VIEW = "chains.view_economy"
IMPORT = "chains.import_table"
ESTIMATE = "chains.estimate_effect"
MOST_OVER = 5
LEAST_ASKED = 5
"""Sectors whose local purchase share must be known before δ is learned from them."""
LEAST_FIRMS = 100
"""A region with fewer firms is left out of relatedness: its quotients are noise."""
KINDS = ("output", "value_added", "jobs", "tax", "income")
PROXIES = {Proxy.OUTPUT: "", Proxy.SALES: "开票销售", Proxy.JOBS: "从业人员"}
NO_INCOME = Message("不知道居民收入（全部来源）和居民消费，II 型乘数没有算；工资不能代替。", "Household income from all sources and household spending are not known: type II was not computed. Wages cannot stand in.")
SURVEY_OFF = Message(f"企业报的本地采购比例按误差 ±{NOISE:.0%} 计入区间。", f"Local purchase shares that firms told enter the band as off by ±{NOISE:.0%}.")
SPENDING_LOCAL = Message("居民消费按表中居民消费的构成，本地部分按区位商估计。", "Household spending was split as the table's households spend, the local part taken by location quotients.")


@dataclass(frozen=True)
class Economy:
    """Everything the pages need; money in the table's unit.

    Attributes:
        table: with imports taken out.
        local: (n,) the county's output, or what was worked out from its proxy.
        whole: the larger region's open model, as it is.
        opened: the county's open models by the largest, middle and smallest δ: multipliers low, mid, high.
        closed: the same with households inside; None with ``no_closed`` saying why.
        shares: local purchase shares by sector that firms told, ``firms`` how many told.
        learned: δ by those shares, where :data:`LEAST_ASKED` sectors told.
    """

    row: IoTable
    year: RegionYear | None
    table: Table
    local: Vector
    whole: Model
    opened: tuple[Model, Model, Model]
    closed: tuple[Model, Model, Model] | None
    no_closed: Message | None
    shares: Mapping[str, float]
    firms: Mapping[str, int]
    learned: Band | None

    @property
    def basis(self) -> Basis:
        """Of the open models together."""
        return joined([each.basis for each in self.opened])

    @property
    def closed_basis(self) -> Basis | None:
        """Of the closed ones."""
        return joined([each.basis for each in self.closed]) if self.closed else None

    def effects(self, kind: str, closed: bool = False) -> Matrix | None:
        """(3, n) low, mid and high of an effect per unit of final demand; None where the table does not say it, or there is no type II."""
        models = self.closed if closed else self.opened
        if models is None or (kind != "output" and kind not in models[0].coefficients):
            return None
        return np.sort(np.array([leontief.multipliers(each, kind).effect for each in models]), axis=0)

    @functools.cached_property
    def linkages(self) -> Linkages:
        """By the middle model."""
        return leontief.linkages(self.opened[1])

    @functools.cached_property
    def extraction(self) -> Extraction:
        """What is lost if a sector went, by the middle model."""
        return leontief.extractions(self.opened[1], self.local)

    @functools.cached_property
    def national(self) -> Vector:
        """(n,) output multipliers of the table as it is: what is wrongly quoted for a county."""
        return leontief.multipliers(self.whole).effect


# ── rows ─────────────────────────────────────────────────────────────────────
def current() -> IoTable | None:
    """The table in use."""
    return IoTable.objects.select_related("upload").filter(current=True).first()


def region_year(table: IoTable) -> RegionYear | None:
    """The county's newest figures by this table's sectors."""
    return RegionYear.objects.filter(table=table).order_by("-id").first()


def tables(person: Person) -> list[IoTable]:
    """Every table, the one in use first."""
    return list(access.visible(IoTable.objects.all(), person, VIEW).select_related("upload", "created_by"))


def table(person: Person, number: int) -> IoTable | None:
    """One table by its number."""
    return access.visible(IoTable.objects.all(), person, VIEW).select_related("upload", "created_by").filter(pk=number).first()


def estimates(person: Person) -> QuerySet[Estimate]:
    """Kept estimates, newest first."""
    return access.visible(Estimate.objects.all(), person, VIEW).select_related("created_by", "table").order_by("-id")


def places() -> Places | None:
    """The newest counts by region."""
    return Places.objects.select_related("upload").order_by("-id").first()


# ── the model ────────────────────────────────────────────────────────────────
def economy(person: Person) -> Economy | None:
    """The county by the table in use; None where no table was chosen, or one of a larger region without the county's figures.

    Raises:
        access.Forbidden: no right to see it.
        Refusal: the rows in store make no model (a singular table, a county larger than the whole).
    """
    access.require(person, VIEW)
    return of_county()


def of_county() -> Economy | None:
    """As :func:`economy`, for what everybody's ranking takes from it: no right is asked."""
    return remember.once("chains.economy", _now)


def _now() -> Economy | None:
    row = current()
    year = region_year(row) if row else None
    if row is None or (year is None and row.level != COUNTY):
        return None
    shares, firms = purchase_shares(row)
    return computed(row, year, shares, firms)


def purchase_shares(row: IoTable) -> tuple[dict[str, float], dict[str, int]]:
    """Of each sector the share of purchases made in the county, and how many firms told it: verified rows that know both."""
    whole, local, firms = defaultdict[str, int](int), defaultdict[str, int](int), defaultdict[str, set[int]](set)
    if row.sectors:
        for each in register.believed().filter(role=Role.USE, amount_fen__gt=0, local_fen__isnull=False):
            sector = sector_of(each.enterprise.industry, row.sectors)
            if sector is not None:
                whole[sector] += each.amount_fen or 0
                local[sector] += each.local_fen or 0
                firms[sector].add(each.enterprise_id)
    return {sector: local[sector] / whole[sector] for sector in sorted(whole)}, {sector: len(found) for sector, found in firms.items()}


def computed(row: IoTable, year: RegionYear | None, shares: Mapping[str, float], firms: Mapping[str, int]) -> Economy:
    """The models of a table and a county's figures; kept for the same rows.

    Raises:
        Refusal: they make no model.
    """
    return _computed(_Key(row, year, tuple(shares.items()), tuple(firms.items())))


@dataclass(frozen=True, eq=False)
class _Key:
    row: IoTable
    year: RegionYear | None
    shares: tuple[tuple[str, float], ...]
    firms: tuple[tuple[str, int], ...]

    @property
    def _said(self) -> tuple[object, ...]:
        year = self.year and (self.year.pk, self.year.proxy, str(self.year.local), str(self.year.whole), self.year.income, self.year.spending, self.year.living_here)
        return (self.row.pk, self.row.upload.sha256 if self.row.upload else "", str(self.row.sectors), year, self.shares, self.firms)

    def __hash__(self) -> int:
        return hash(self._said)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._said == other._said


@functools.lru_cache(maxsize=4)
def _computed(key: _Key) -> Economy:
    row, year = key.row, key.year
    shares, firms = dict(key.shares), dict(key.firms)
    table = without_imports(table_of(row))
    whole = leontief.model(table)
    deltas: tuple[float, ...] = ()
    if row.level == COUNTY:
        local, found, learned = table.output, (whole, whole, whole), None
    else:
        assert year is not None
        region = region_of(year, table)
        local = table.output * np.divide(region.local, region.whole, out=np.zeros(len(table)), where=region.whole > 0)
        learned = regional.learned_delta(whole, region, shares) if _bought(whole, shares) >= LEAST_ASKED else None
        deltas = (learned.high, learned.mid, learned.low) if learned else tuple(sorted(DELTA_BAND, reverse=True))
        found = _regional(whole, region, shares, deltas)
    closed, why = _closed(found, table, local, year, deltas)
    return Economy(row, year, table, local, whole, found, closed, why, shares, firms, learned)


def _bought(whole: Model, shares: Mapping[str, float]) -> int:
    return sum(bool(whole.a[:, whole.codes.index(code)].any()) for code in shares)


def region_of(year: RegionYear, table: Table) -> Region:
    """The county within the table's region, by output or what stands in for it.

    Raises:
        Refusal: jobs without the larger region's jobs by sector.
    """
    if year.whole:
        whole = vector(year.whole, table.codes)
    elif year.proxy == Proxy.JOBS:
        if "jobs" not in table.satellites:
            raise Refusal("no_whole", [Message("用从业人员代替产出时，要有上级区域各部门的从业人员：表里没有，请在上传的表里加“上级”一列。",
                                               "Jobs in place of output need the larger region's jobs by sector: the table has none, so add a column “whole” to the sheet.")])
        whole = table.satellites["jobs"]
    else:
        whole = table.output
    local = vector(year.local, table.codes)
    _check_larger(table, local, whole)
    return Region(local, whole, PROXIES[Proxy(year.proxy)], year.name, COUNTY)


def _check_larger(table: Table, local: Vector, whole: Vector) -> None:
    """Name the sectors in which the county is told to be larger than the region around it; the engine knows them by number alone."""
    over = [f"{code} {name}" for code, name, mine, all_ in zip(table.codes, table.names, local, whole, strict=True) if mine > all_ * (1 + 1e-9)]
    if over:
        raise Refusal("larger_than_whole", [Message(f"本县的数比上级区域的还大，请核对口径和单位：{'、'.join(over[:MOST_OVER])}{f' 等 {len(over)} 个部门' if len(over) > MOST_OVER else ''}",
                                                    f"the county's figure is larger than the larger region's; check what is counted and the unit: {', '.join(over[:MOST_OVER])}{f' and others, {len(over)} in all' if len(over) > MOST_OVER else ''}")])


def _regional(whole: Model, region: Region, shares: Mapping[str, float], deltas: Sequence[float]) -> tuple[Model, Model, Model]:
    models = []
    for delta, error in zip(deltas, (-NOISE, 0.0, NOISE), strict=True):
        model = regional.regionalise(whole, region, FLQ, delta)
        model = regional.calibrate(model, whole, {code: min(1.0, share * (1 + error)) for code, share in shares.items()}).model if shares else model
        basis = replace(model.basis, delta=tuple(sorted(set(deltas))))
        models.append(replace(model, basis=basis.noting(SURVEY_OFF) if shares else basis))
    return models[0], models[1], models[2]


def _closed(models: tuple[Model, Model, Model], table: Table, local: Vector, year: RegionYear | None, deltas: Sequence[float]) -> tuple[tuple[Model, Model, Model] | None, Message | None]:
    """Type II where income from all sources is known; the example county knows its own."""
    income = year.income if year else example.HOUSEHOLD_INCOME if table.basis.example else None
    wages, pattern = table.value_added.get(WAGES), table.use.get(HOUSEHOLD_USE)
    if income is None or wages is None or pattern is None or (deltas and (year is None or year.spending is None)):
        return None, NO_INCOME
    # A sector the county does not have pays as an average one does: its output is all but nothing, so wages added up stay as they are.
    there = np.maximum(local, float(local.sum()) * 1e-9)
    paid = np.divide(wages, table.output, out=np.zeros(len(table)), where=table.output > 0) * there
    as_county, living = replace(table, output=there), year.living_here / 10_000 if year else 1.0
    found = []
    for model, delta in zip(models, deltas or (0.0,) * 3, strict=True):
        spent = _spent(table, year, delta) if deltas and year else pattern
        try:
            closed = leontief.close(model, as_county, Households(income, spending=spent, wages=paid, living_here=living))
        except Refusal as refusal:
            return None, refusal.reasons[0]
        found.append(replace(closed, basis=closed.basis.noting(SPENDING_LOCAL)) if deltas else closed)
    return (found[0], found[1], found[2]), None


def _spent(table: Table, year: RegionYear, delta: float) -> Vector:
    """(n,) what households spend on local goods: their whole spending as the table's households split theirs, by the share a quotient leaves local."""
    region, pattern = region_of(year, table), np.maximum(table.use[HOUSEHOLD_USE], 0)
    kept = np.minimum(1.0, regional.slq(region) * regional.size_term(region, delta))
    # Imports were taken out of the table's households already: what they spent on them is no local good either.
    return np.asarray((year.spending or 0.0) * pattern / table_of(year.table).use[HOUSEHOLD_USE].sum() * kept)
