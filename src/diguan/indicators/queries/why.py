"""Why a figure is another one in a later snapshot: the rows that moved it, as far as a person may see them, and what each cause comes to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa

from diguan.indicators.engine import changes, spans, tables, terms
from diguan.indicators.engine.changes import Counting, Moved, Pair, Part, Shape
from diguan.indicators.engine.terms import Indicator, Over, Source
from diguan.indicators.queries import behind, facts, register, snapshots, sources
from diguan.indicators.queries.snapshots import Cell
from diguan.indicators.queries.sources import Total, source_of, where_of
from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.duck import Engine
from diguan.kernel.facts import batches, projections
from diguan.kernel.facts.models import Batch, BatchState
from diguan.kernel.facts.runs import Run
from diguan.kernel.measures import COUNTED, Line, opened
from diguan.kernel.messages import Message
from diguan.kernel.rules.reading import literal

FEW = Message("有一期不足 3 户，不显示，也不拆开", "one of the two is of fewer than 3 firms; it is not told and not taken apart")
VEILED = Message("变动的企业里有不足 3 户不在您的职责范围内，逐户列出来就等于说出它们，所以不拆开", "fewer than 3 of the firms that moved are not for you; to list the others would tell of them, so it is not taken apart")
NOT_TOLD = Message("有一期没有数，不能拆开", "one of the two is not told and cannot be taken apart")
OF_WHOLE = Message("分位数、有几种、各户比率的平均不是一条条加起来的，不能逐条拆；请打开前后两份快照里的记录对照", "a quantile, a number of kinds or a mean of firms' own ratios is no sum of rows and cannot be taken apart by rows; compare the records in both snapshots")
OLD_TERMS = Message("后一份快照用的口径已不在数据包里，不能重算，也就不能拆开", "the definition of the later snapshot is no longer in the packs; it cannot be computed again and not be taken apart")


@dataclass(frozen=True)
class Told:
    """Which delivery said it: its number, whose it is, when it came or was taken back. ``who`` and ``seen`` only for whom it may be seen."""

    number: int
    source: str
    at: dt.datetime | None
    file: str
    withdrawn: bool = False
    seen: bool = False
    who: str = ""


@dataclass(frozen=True)
class Row:
    """One record that moved a figure: what it was worth and is, in storage units, by how much that moves its side, and who said so."""

    cause: str
    key: str
    label: str
    route: str
    by: int
    before: int | None
    after: int | None
    step: str
    note: Message | None
    told: Told | None
    side: int

    @property
    def pk(self) -> str:
        """As lists ask it."""
        return f"{self.side}/{self.cause}/{self.key}/{self.step}"

    @property
    def at(self) -> dt.datetime | None:
        """When it was said."""
        return self.told.at if self.told else None


@dataclass(frozen=True)
class Side:
    """One total a figure is made of, before and after, and its unit."""

    role: str
    indicator: Indicator
    source: Source
    period: str
    before: Pair
    after: Pair


@dataclass(frozen=True)
class Why:
    """A figure in two snapshots. ``parts`` add up to the difference; None with the reason where it cannot be taken apart.

    ``hidden`` rows are not for this person; what they come to is the part ``hidden``. Where they are of fewer than three firms nothing is taken apart.
    """

    one: Indicator
    before: Cell | None
    after: Cell | None
    parts: tuple[Part, ...] | None
    refused: Message | None
    sides: tuple[Side, ...]
    rows: tuple[Row, ...]
    hidden: int


def why(person: Person, old: Run, new: Run, one: Indicator, period: str, dim: str = "", group: str = "") -> Why:
    """Why this indicator's figure of a period (or of one part of it) differs between two snapshots.

    ``one`` is the newest version; each snapshot's figure is of the version it named.

    Raises:
        access.Forbidden: they may see no indicators.
    """
    cells = [_cell(person, run, one.code, period, dim, group) for run in (old, new)]
    before, after = cells
    refused = _refused(before, after)
    known = _version(after, one) if after else None
    if refused is None and (known is None or not _same_terms(new, known)):
        refused = OLD_TERMS
    if refused is None and known is not None and _of_whole(known):
        refused = OF_WHOLE
    if refused is not None or known is None or before is None or after is None:
        return Why(known or one, before, after, None, refused or NOT_TOLD, (), (), 0)
    sides = sources.totals(known, register.book(), new.as_of, after)
    told = [_moved(old, new, side, dim, group) for side in sides]
    return _narrowed(person, _Found(old, new, known, before, after, sides, [total for _rows, total in told], [rows for rows, _total in told], dim, group))


@dataclass(frozen=True)
class _Found:
    """Everything of a figure that moved, whoever may see it."""

    old: Run
    new: Run
    one: Indicator
    before: Cell
    after: Cell
    sides: Sequence[Total]
    totals: Sequence[Pair]
    moved: Sequence[Sequence[Moved]]
    dim: str
    group: str


def _cell(person: Person, run: Run, code: str, period: str, dim: str, group: str) -> Cell | None:
    found = snapshots.figures(person, run)
    return found.cell(code, period, dim, group) if found and period else None


def _of_whole(one: Indicator) -> bool:
    """Whether no single row has a part of its own in the figure: a quantile, how many kinds, a mean of firms' own ratios."""
    return one.of.mean if isinstance(one.of, Over) else one.of.fold in terms.WHOLE_FOLDS


def _refused(before: Cell | None, after: Cell | None) -> Message | None:
    cells = [one for one in (before, after) if one is not None]
    if any(one.state == tables.FEW for one in cells):
        return FEW
    return None if len(cells) == 2 and all(one.num is not None or one.state == tables.UNKNOWN for one in cells) and any(one.num is not None for one in cells) else NOT_TOLD


def _version(cell: Cell, one: Indicator) -> Indicator | None:
    return next((each for each in register.book().versions.get(one.code, ()) if each.version == cell.version), None)


def _digests(run: Run, one: Indicator) -> dict[str, str | None]:
    """What a snapshot names as the definition of an indicator and of what it divides."""
    known = register.book()
    return {each.name: run.inputs["indicators"].get(each.name) for each in (one, *sources.leaves(one, known, run.as_of))}


def _same_terms(run: Run, one: Indicator) -> bool:
    """Whether a snapshot was taken by the definition the packs have now."""
    known = register.book()
    versions = {each.name: each.digest for code in known.versions.values() for each in code}
    return all(digest == versions[name] for name, digest in _digests(run, one).items())


def shape_of(one: Indicator) -> Shape:
    """How an indicator's totals make its figure."""
    share = isinstance(one.of, Source) and one.of.fold in (terms.SHARE, terms.MEAN_SHARE)
    return Shape(ratio=isinstance(one.of, Over), change=bool(one.change), share=share)


def _moved(old: Run, new: Run, side: Total, dim: str, group: str) -> tuple[list[Moved], Pair]:
    """The rows that moved one total, and what the old rows come to by the definition of now."""
    _role, one, period = side
    of = source_of(one)
    where = where_of(of, dim, group)
    return _of_lines(old, new, of, period, where) if of.kind == terms.MEASURE else _of_facts(old, new, of, period, where)


def _redefined_rows(found: _Found) -> list[list[Moved]]:
    """Side by side what each old row counts for by the definition of now and by that of then, where the packs still have it."""
    nothing: list[list[Moved]] = [[] for _side in found.sides]
    then = _version(found.before, found.one)
    if not _redefined(found) or then is None or not _same_terms(found.old, then):
        return nothing
    sides = sources.totals(then, register.book(), found.old.as_of, found.before)
    if len(sides) != len(found.sides):
        return nothing
    return [_redefined_side(found, was, is_now) for was, is_now in zip(sides, found.sides, strict=True)]


def _redefined_side(found: _Found, was: Total, is_now: Total) -> list[Moved]:
    if source_of(was[1]) == source_of(is_now[1]) and was[2] == is_now[2]:
        return []
    before, after = (_worths(found.old, source_of(one), period, where_of(source_of(one), found.dim, found.group)) for _role, one, period in (was, is_now))
    moved = [Moved(changes.DEFINITION, key, changes.minus(after.get(key, changes.NOTHING), before.get(key, changes.NOTHING)), before[key][0] if key in before else None, after[key][0] if key in after else None)
             for key in sorted({*before, *after})]
    return [one for one in moved if one.by != changes.NOTHING]


def _worths(run: Run, of: Source, period: str, where: terms.Where) -> dict[str, Pair]:
    """What each record counted for in a snapshot."""
    if of.kind == terms.FACT:
        return {uscc: (num, 0) for uscc, num in behind.fact_values(run, of, period, where).items()}
    counting = _counting(run, of, period, where)
    found = {key: counting.worth(lines) for key, lines in _by_key(snapshots.lines(run).get(of.name, ())).items()}
    return {key: worth for key, worth in found.items() if worth != changes.NOTHING}


# ── lines ────────────────────────────────────────────────────────────────────
def _of_lines(old: Run, new: Run, of: Source, period: str, where: terms.Where) -> tuple[list[Moved], Pair]:
    then, now = (_counting(run, of, period, where) for run in (old, new))
    before, after = (_by_key(snapshots.lines(run).get(of.name, ())) for run in (old, new))
    moved = [one for key in sorted({*before, *after}) if _differs(before.get(key), after.get(key), then, now)
             for one in changes.of_record(key, before.get(key, []), after.get(key, []), then, now)]
    total = changes.NOTHING
    for lines in before.values():
        total = changes.plus(total, then.worth(lines))
    return moved, total


def _counting(run: Run, of: Source, period: str, where: terms.Where) -> Counting:
    first, last = spans.bounds(of.span, period)
    return Counting(where, of.fold, of.span, first, min(last, run.as_of))


def _by_key(lines: Iterable[Line]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.key, []).append(line)
    return found


def _differs(before: list[Line] | None, after: list[Line] | None, then: Counting, now: Counting) -> bool:
    return before != after or then != now


# ── facts ────────────────────────────────────────────────────────────────────
_MOVED = """
SELECT coalesce(t.subject_id, n.subject_id) AS uscc, coalesce(t.period, n.period) AS step, t.num, n.num, w.subject_id IS NOT NULL AS was_in, i.subject_id IS NOT NULL AS is_in
FROM "then" t FULL JOIN "now" n ON t.subject_id = n.subject_id AND t.period = n.period
LEFT JOIN was w ON w.subject_id = coalesce(t.subject_id, n.subject_id) LEFT JOIN "is" i ON i.subject_id = coalesce(t.subject_id, n.subject_id)
WHERE (w.subject_id IS NOT NULL OR i.subject_id IS NOT NULL) AND (t.num IS DISTINCT FROM n.num OR (w.subject_id IS NULL) <> (i.subject_id IS NULL)) ORDER BY 1, 2
"""


def _of_facts(old: Run, new: Run, of: Source, period: str, where: terms.Where) -> tuple[list[Moved], Pair]:
    count = of.fold == terms.COUNT
    with Engine() as session:
        for told, members, run in (("then", "was", old), ("now", "is", new)):
            session.run(f'CREATE TEMP TABLE "{told}" AS {sources.told(run, of, period)}')
            session.run(f'CREATE TEMP TABLE "{members}" AS SELECT * FROM given', given=sources.members(run, where, of, period))
        worth = "num > 0" if count else "num"
        total = session.rows(f'SELECT coalesce(sum({worth}), 0) FROM "then" JOIN was USING (subject_id)')[0][0]
        rows = session.rows(_MOVED)
    return [one for uscc, told in _by_firm(rows).items() for one in changes.of_firm(uscc, told[0], told[1], was_in=told[2], is_in=told[3], count=count)], (int(total), 0)


def _by_firm(rows: Iterable[Sequence[Any]]) -> dict[str, tuple[dict[str, int], dict[str, int], bool, bool]]:
    found: dict[str, tuple[dict[str, int], dict[str, int], bool, bool]] = {}
    for uscc, step, then, now, was_in, is_in in rows:
        before, after, _was, _is = found.setdefault(uscc, ({}, {}, was_in, is_in))
        for told, num in ((before, then), (after, now)):
            if num is not None:
                told[step] = int(num)
    return found


# ── narrowed to a person ─────────────────────────────────────────────────────
def _narrowed(person: Person, found: _Found) -> Why:
    redefined = _redefined_rows(found)
    labels = [_labels(person, found, at, redefined[at]) for at in range(len(found.sides))]
    moved = [[one if one.key in labels[at] else replace(one, cause=changes.HIDDEN) for one in each] for at, each in enumerate(found.moved)]
    hidden = len({one.key for each in moved for one in each if one.cause == changes.HIDDEN})
    if found.one.firms and 0 < hidden < tables.LEAST:  # beside the whole the others would tell what they come to
        return Why(found.one, found.before, found.after, None, VEILED, (), (), hidden)
    shape = shape_of(found.one)
    start, end = (exact(cell) for cell in (found.before, found.after))
    start = shape.of(found.totals) if start is None else start
    end = shape.of([changes.plus(total, _all(each)) for total, each in zip(found.totals, moved, strict=True)]) if end is None else end
    parts = None if start is None or end is None else changes.split(shape, start, end, found.totals, moved, redefined=_redefined(found))
    sides = tuple(Side(role, one, source_of(one), period, total, changes.plus(total, _all(each))) for (role, one, period), total, each in zip(found.sides, found.totals, moved, strict=True))
    rows = tuple(row for at in range(len(found.sides)) for row in _rows(person, found, at, [*(one for one in redefined[at] if one.key in labels[at]), *moved[at]], labels[at]))
    return Why(found.one, found.before, found.after, None if parts is None else tuple(parts), NOT_TOLD if parts is None else None, sides, rows, hidden)


def exact(cell: Cell) -> Fraction | None:
    """A cell's figure; None where it is not told."""
    return None if cell.num is None or cell.den is None else Fraction(cell.num, cell.den)


def _all(moved: Iterable[Moved]) -> Pair:
    total = changes.NOTHING
    for one in moved:
        total = changes.plus(total, one.by)
    return total


def _redefined(found: _Found) -> bool:
    """Whether the earlier snapshot's figure is by another definition."""
    return found.before.version != found.after.version or _digests(found.old, found.one) != _digests(found.new, found.one)


def _labels(person: Person, found: _Found, at: int, more: Sequence[Moved]) -> dict[str, str]:
    """Of the records that moved a total those this person may see, with their names."""
    of = source_of(found.sides[at][1])
    keys = sorted({one.key for one in (*found.moved[at], *more)})
    if of.kind == terms.MEASURE:
        if not access.may(person, COUNTED[of.name].permission):
            return {}
        seen = opened(person, of.name, keys)
        return {line.key: line.label for run in (found.old, found.new) for line in snapshots.lines(run).get(of.name, ()) if line.key in seen}
    return sources.firms_seen(person, keys)


def _rows(person: Person, found: _Found, at: int, moved: Sequence[Moved], labels: Mapping[str, str]) -> list[Row]:
    seen = [one for one in moved if one.cause != changes.HIDDEN]
    of = source_of(found.sides[at][1])
    if of.kind == terms.MEASURE:
        route = COUNTED[of.name].route
        return [Row(one.cause, one.key, labels[one.key], route, one.by[0], one.before, one.after, one.step, None, None, at) for one in sorted(seen, key=_order)]
    told = _deliveries(person, found, of, seen)
    notes = _register_notes(found, of, [one.key for one in seen if one.cause == changes.REGISTER])
    return [Row(one.cause, one.key, labels[one.key], "enterprises:dossier", one.by[0], one.before, one.after, one.step, notes.get(one.key) if one.cause == changes.REGISTER else None, told.get((one.key, one.step)), at)
            for one in sorted(seen, key=_order)]


def _order(one: Moved) -> tuple[int, int, str, str]:
    return changes.ORDER.index(one.cause), -abs(one.by[0]), one.key, one.step


def _deliveries(person: Person, found: _Found, of: Source, moved: Sequence[Moved]) -> dict[tuple[str, str], Told]:
    """Which delivery said it, by firm and period; of what is gone the one that took it back or says that there is none."""
    wanted = [one for one in moved if one.step]
    late, early = (_numbers(run, of.name, wanted) for run in (found.new, found.old))
    numbers = {(one.key, one.step): late.get((one.key, one.step)) or early.get((one.key, one.step)) for one in wanted}
    rows = deliveries(person, {number for number in numbers.values() if number})
    return {key: rows[number] for key, number in numbers.items() if number in rows}


def _numbers(run: Run, fact: str, wanted: Sequence[Moved]) -> dict[tuple[str, str], int]:
    path = sources.projected(run, projections.SERIES)
    if not wanted or not path:
        return {}
    given = pa.table({"uscc": [one.key for one in wanted], "step": [one.step for one in wanted]})
    with Engine() as session:
        rows = session.run(f"SELECT uscc, step, number FROM read_parquet({path}) s JOIN (SELECT DISTINCT * FROM given) ON s.subject_id = uscc AND s.period = step WHERE subject = '{facts.SUBJECT}' AND fact = {literal(fact)} AND chosen", given=given).fetchall()
    return {(uscc, step): int(number) for uscc, step, number in rows}


def deliveries(person: Person, numbers: Collection[int]) -> dict[int, Told]:
    """Deliveries by number; who brought them only where this person may see the delivery."""
    seen = set(batches.batches(person).filter(pk__in=numbers).values_list("pk", flat=True)) if access.may(person, batches.VIEW) else set()
    found = {}
    for row in Batch.objects.filter(pk__in=numbers).select_related("created_by", "changed_by"):
        back = row.state == BatchState.WITHDRAWN
        who = (row.changed_by if back else row.created_by) if row.pk in seen else None
        found[row.pk] = Told(row.pk, row.source, row.withdrawn_at if back else row.committed_at, row.file_name, back, row.pk in seen, str(who) if who else "")
    return found


def _register_notes(found: _Found, of: Source, keys: Collection[str]) -> dict[str, Message]:
    """What the register said of a firm then and now, of the attributes the figure asks for."""
    if not keys:
        return {}
    names = sorted({name for name, _values in of.where} | ({found.dim} if found.dim else set()))
    where = tuple((name, ()) for name in names)
    then, now = (_attributes(run, where, set(keys)) for run in (found.old, found.new))
    return {key: _note(names, then.get(key), now.get(key)) for key in keys}


def _attributes(run: Run, where: terms.Where, keys: set[str]) -> dict[str, dict[str, str]]:
    if not sources.told_by(run):
        return {}
    firms, classes = sources.classed(run, where)
    ids, numbers = firms.column("subject_id").to_pylist(), np.asarray(firms.column("class"))
    return {uscc: {name: values[number] for name, values in classes.values.items()} for uscc, number in zip(ids, numbers, strict=True) if uscc in keys}


def _note(names: Sequence[str], then: Mapping[str, str] | None, now: Mapping[str, str] | None) -> Message:
    if then is None or now is None:
        return Message("进入企业库", "came onto the register") if then is None else Message("离开企业库", "left the register")
    turned = [(name, snapshots.group_label(name, then[name]), snapshots.group_label(name, now[name])) for name in names if then[name] != now[name]]
    zh = "；".join(f"{snapshots.titles(name).get('zh', name)} {was or '没有填'} → {is_now or '没有填'}" for name, was, is_now in turned)
    en = "; ".join(f"{snapshots.titles(name).get('en', name)} {was or 'not filled in'} → {is_now or 'not filled in'}" for name, was, is_now in turned)
    return Message(zh, en)


def in_unit(one: Indicator, found: Fraction) -> Decimal:
    """A difference of figures in the indicator's unit, as :meth:`Cell.value` has it; of percentages in points."""
    return snapshots.in_unit(one, Decimal(found.numerator) / Decimal(found.denominator))
