"""Writes of the regional economy: tables, the county's figures, counts by region, estimates. A file that cannot be read writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from diguan.chains.engine import example
from diguan.chains.engine.basis import COUNTY, refused
from diguan.chains.engine.table import Table
from diguan.chains.models import Estimate, EstimateKind, IoTable, Places, Proxy, RegionYear, TableState
from diguan.chains.queries import economy as queries
from diguan.chains.queries import economy_estimates as estimates
from diguan.chains.queries import economy_files as read
from diguan.chains.queries import economy_places as places
from diguan.chains.queries.economy import ESTIMATE, IMPORT
from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, action
from diguan.kernel.evidence import sniff
from diguan.kernel.evidence.actions import keep_file
from diguan.kernel.facts.models import Upload
from diguan.kernel.refusals import Refusal

SHEET = "chains_economy"
LEVELS = ("nation", "province", "county")


@dataclass(frozen=True)
class File:
    """A file somebody brought."""

    name: str
    content: bytes


def _keep(file: File, by: Person) -> Upload:
    return keep_file(name=file.name, content=file.content, sheet=SHEET, unit=access.unit_of(by), by=by)


def _owned(by: Person) -> dict[str, Any]:
    return {"owner_unit_id": access.unit_of(by), "created_by": by, "changed_by": by, "visibility": "county"}


def _head(table: Table) -> dict[str, Any]:
    basis = table.basis
    return {"name": basis.name[:200], "year": basis.year, "source": basis.source[:200], "region": basis.region[:100], "level": basis.level, "unit": basis.unit[:40],
            "imports": basis.imports, "size": len(table), "example": basis.example}


# ── tables ───────────────────────────────────────────────────────────────────
@action(permission=IMPORT, event="table_brought")
def bring_table(*, file: File, source: str = "", region: str = "", level: str = "nation", by: Person, reason: str = "") -> Done[IoTable]:
    """Keep a table's file as it was read, to be looked at; it counts for nothing until :func:`keep_table`.

    Raises:
        Refusal: no such form, cells that are no numbers, a level there is none of.
    """
    if level not in LEVELS:
        raise refused("bad_level", "层级只能是全国、全省或本县。", "The level is nation, province or county.")
    table = read.read_table(sniff.tidy_file_name(file.name), file.content, source=source, region=region, level=level)
    row = IoTable.objects.create(upload=_keep(file, by), off=read.off(table), sectors=read.example_sectors() if _is_example(table) else {}, **_head(table), **_owned(by))
    return Done(row, after={"name": row.name, "year": row.year, "sectors": row.size, "sha256": row.upload.sha256 if row.upload else "", "off": round(row.off, 6)})


def _is_example(table: Table) -> bool:
    return table.basis.example and table.codes == example.table().codes


@action(permission=IMPORT, event="example_taken")
def take_example(*, by: Person, reason: str = "") -> Done[IoTable]:
    """Use the table the product ships; its mark goes with every figure."""
    row = IoTable.objects.filter(example=True, upload=None).first() or IoTable.objects.create(
        state=TableState.KEPT, off=0.0, sectors=read.example_sectors(), **_head(example.table()), **_owned(by))
    _use(row)
    return Done(row, after={"name": row.name, "example": True})


@action(permission=IMPORT, event="table_kept", on="table")
def keep_table(*, table: IoTable, by: Person, reason: str = "") -> Done[IoTable]:
    """Take a table in and use it from now on.

    Raises:
        Refusal: ``unbalanced``, where a row or column misses by more than :data:`read.MOST_OFF`; or the engine finds no model in it.
    """
    if table.off > read.MOST_OFF:
        raise refused("unbalanced", f"表不平衡：最大的一处差其部门总产出的 {table.off:.1%}，超过 {read.MOST_OFF:.0%}，不能入库；请改好再传。",
                      f"The table does not balance: at worst it misses by {table.off:.1%} of a sector's output, above {read.MOST_OFF:.0%}. Mend the file and bring it again.")
    read.check_model(table)
    IoTable.objects.filter(pk=table.pk).update(state=TableState.KEPT, changed_by=by)
    _use(table)
    table.refresh_from_db()
    return Done(table, after={"state": table.state, "current": True})


@action(permission=IMPORT, event="table_chosen", on="table")
def choose_table(*, table: IoTable, by: Person, reason: str = "") -> Done[IoTable]:
    """Use another table that was taken in.

    Raises:
        Refusal: it was not taken in yet.
    """
    if table.state != TableState.KEPT:
        raise refused("not_kept", "这张表还没有入库。", "This table was not taken in yet.")
    before = queries.current()
    _use(table)
    table.refresh_from_db()
    return Done(table, before={"current": before.pk if before else None}, after={"current": table.pk})


def _use(row: IoTable) -> None:
    IoTable.objects.filter(current=True).exclude(pk=row.pk).update(current=False)
    IoTable.objects.filter(pk=row.pk).update(current=True)
    row.current = True


@action(permission=IMPORT, event="sectors_brought", on="table")
def bring_sectors(*, table: IoTable, file: File, by: Person, reason: str = "") -> Done[IoTable]:
    """Say which industries (GB/T 4754 prefixes) make up a table's sectors.

    Raises:
        Refusal: a prefix that is none or stands twice, or an unknown sector.
    """
    sectors = read.read_sectors(sniff.tidy_file_name(file.name), file.content, read.table_of(table).codes)
    IoTable.objects.filter(pk=table.pk).update(sectors=sectors, changed_by=by)
    table.refresh_from_db()
    return Done(table, after={"prefixes": len(sectors)}, related=[_keep(file, by)])


# ── the county ───────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Said:
    """What is told of the county besides its sectors; money in the table's unit, None is not known."""

    name: str
    year: int
    income: float | None = None
    spending: float | None = None
    living_here: int = 10_000
    source: str = ""


@action(permission=IMPORT, event="region_told", on="table")
def tell_region(*, table: IoTable, said: Said, proxy: str, file: File | None = None, unit: str = "", by: Person, reason: str = "") -> Done[RegionYear]:
    """Tell the county's figures of a year by the table's sectors: from a sheet, or, without one, from the sales its firms were told to have.

    Raises:
        Refusal: see :func:`read.read_region` and :func:`read.sales_of`; figures that make no model with this table.
    """
    if table.state != TableState.KEPT:
        raise refused("not_kept", "这张表还没有入库。", "This table was not taken in yet.")
    whole = read.table_of(table)
    if file is not None:
        if proxy not in Proxy.values:
            raise refused("bad_proxy", "口径只能是总产出、开票销售或从业人员。", "The figures are output, invoiced sales or jobs.")
        local = read.read_region(sniff.tidy_file_name(file.name), file.content, whole, money=proxy != Proxy.JOBS, unit=unit or table.unit)
    elif table.level == COUNTY:
        local = read.Local({code: float(each) for code, each in zip(whole.codes, whole.output, strict=True)}, {})
        proxy = Proxy.OUTPUT
    else:
        access.require(by, "facts.view_fact")
        proxy, local = Proxy.SALES, read.sales_of(table, whole.basis.unit, said.year)
    row = RegionYear(table=table, name=said.name.strip()[:100], year=said.year, proxy=proxy, local=dict(local.local), whole=dict(local.whole), income=said.income, spending=said.spending,
                     living_here=said.living_here, source=_source(said, local), told=local.told, asked=local.asked, **_owned(by))
    _check_region(row)
    row.upload = _keep(file, by) if file else None
    kept = RegionYear.objects.create(**{field.name: getattr(row, field.name) for field in RegionYear._meta.concrete_fields if field.name != "id"})
    return Done(kept, after={"year": kept.year, "proxy": kept.proxy, "income": kept.income, "spending": kept.spending, "living_here": kept.living_here,
                             "told": kept.told, "asked": kept.asked, "beyond": local.beyond})


def _source(said: Said, local: read.Local) -> str:
    if local.told is None:
        return said.source.strip()[:200]
    return (f"税务开票销售收入加总：{local.told} / {local.asked} 户有数，{local.part} 户不满 12 个月，{local.beyond} 户行业对不上部门" + (f"；{said.source.strip()}" if said.source.strip() else ""))[:200]


def _check_region(row: RegionYear) -> None:
    """Nothing is kept of which no model can be made; an income that is no more than wages is refused at its field."""
    found = queries.computed(row.table, row, {}, {})
    why = found.no_closed
    if row.income is not None and why is not None and why != queries.NO_INCOME:
        raise Refusal("bad_income", [why], field="income")


# ── counts by region ─────────────────────────────────────────────────────────
@action(permission=IMPORT, event="places_brought")
def bring_places(*, file: File, home: str, source: str, counts: bool = True, by: Person, reason: str = "") -> Done[Places]:
    """Keep counts of industries by region and year.

    Raises:
        Refusal: see :func:`places.read_places`; or the county is not among the regions.
    """
    found = places.read_places(sniff.tidy_file_name(file.name), file.content)
    if home.strip() not in found.regions:
        raise refused("no_home", f"表里没有地区“{home}”；有：{'、'.join(found.regions[:8])}。", f"The sheet has no region “{home}”; it has {', '.join(found.regions[:8])}.")
    row = Places.objects.create(upload=_keep(file, by), name=sniff.tidy_file_name(file.name)[:200], source=source.strip()[:200], counts=counts, home=home.strip(), regions=len(found.regions),
                                industries=len(found.industries), years=sorted(found.values), **_owned(by))
    return Done(row, after={"regions": row.regions, "industries": row.industries, "years": row.years, "home": row.home})


# ── estimates ────────────────────────────────────────────────────────────────
@action(permission=ESTIMATE, event="effect_estimated")
def estimate_effect(*, kind: str, title: str, inputs: Mapping[str, Any], node: str = "", by: Person, reason: str = "") -> Done[Estimate]:
    """Work out what a project or visitors set in motion, and keep it with what it rests on so that it can be cited; it is never changed.

    Raises:
        Refusal: no title, no model of the county, or see :mod:`diguan.chains.queries.economy_estimates`.
    """
    if kind not in EstimateKind.values or not title.strip():
        raise refused("no_title", "请写明估计的是什么。", "Say what was estimated.")
    found = queries.economy(by)
    if found is None:
        raise refused("no_table", "还没有投入产出表，或还没有本县各部门的数。", "There is no input–output table yet, or no figures of the county by its sectors.")
    worked = estimates.project(found, inputs) if kind == EstimateKind.PROJECT else estimates.tourism(found, inputs)
    row = Estimate.objects.create(kind=kind, title=title.strip()[:100], table=found.row, region=found.year, node=node[:60], inputs=dict(inputs), result=dict(worked.result), basis=dict(worked.basis), **_owned(by))
    related: list[Model] = [found.row]
    return Done(row, after={"kind": kind, "title": row.title, "table": found.row.pk}, related=related)
