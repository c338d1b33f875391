"""Reads data files into a :class:`~diguan.kernel.rules.dataset.Dataset`: every row checked, nothing rounded."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from diguan.kernel import catalogue as catalogues
from diguan.kernel.catalogue import Catalogue, FactSpec
from diguan.kernel.duck import Engine
from diguan.kernel.messages import Message, nearest
from diguan.kernel.periods import ALL, Period, PeriodError, parse
from diguan.kernel.rules import reading
from diguan.kernel.rules.dataset import ROWS, DataProblem, Dataset, DatasetError, Key
from diguan.kernel.rules.keys import number_keys, number_rows, number_subjects
from diguan.kernel.rules.reading import MOST_PROBLEMS, Raw, literal, quoted

_LENGTH = {"day": 1, "month": 2, "quarter": 3, "year": 4, "all": 5}


_NO_KEYS: tuple[Key, ...] = ()


def read(folder: Path, default_catalogue: Catalogue | None = None) -> Dataset:
    """The data folder of ``diguan match --data``: ``enterprises``, ``facts``, ``coverage`` and ``catalogue.csv``.

    Raises:
        DatasetError: anything wrong in them, by file, row and column.
    """
    if not folder.is_dir():
        raise _refused(folder, "", Message("没有这个数据文件夹", "no such data folder"))
    paths = {name: _find(folder, name) for name in ("enterprises", "facts", "coverage")}
    catalogue = _catalogue(folder, default_catalogue)
    if paths["enterprises"] is None:
        raise _refused(folder, "", Message("缺少 enterprises.csv 或 enterprises.parquet",
                                           "enterprises.csv or enterprises.parquet is missing"))
    with Engine() as engine:
        ids, wide, catalogue = _enterprises(engine, paths["enterprises"], catalogue)
        if paths["facts"] is None:
            rows, keys = ROWS.empty_table(), _NO_KEYS
        else:
            rows, keys, catalogue = _facts(engine, reading.load(paths["facts"]), ids, catalogue)
    coverage = _coverage(paths["coverage"], catalogue) if paths["coverage"] else {}
    used = [path for path in (*paths.values(), folder / "catalogue.csv") if path is not None and path.exists()]
    return Dataset(ids=ids, attributes=wide, rows=rows, keys=keys, coverage=coverage, catalogue=catalogue,
                   sources={path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in used})


def _refused(path: Path, column: str, message: Message, row: int | None = None) -> DatasetError:
    return DatasetError([DataProblem(str(path), row, column, message)])


def _find(folder: Path, name: str) -> Path | None:
    found = [path for path in (folder / f"{name}.parquet", folder / f"{name}.csv") if path.exists()]
    if len(found) > 1:
        raise _refused(folder, "", Message(f"{name}.parquet 与 {name}.csv 只能有一个",
                                           f"only one of {name}.parquet and {name}.csv may be there"))
    return found[0] if found else None


def _catalogue(folder: Path, default: Catalogue | None) -> Catalogue:
    path = folder / "catalogue.csv"
    if not path.exists():
        if default is None:
            raise _refused(path, "", Message("没有事实目录", "there is no fact catalogue"))
        return default
    try:
        return catalogues.load_csv(path)
    except catalogues.CatalogueError as error:
        raise _refused(path, "", Message(str(error), str(error))) from error
    except (UnicodeDecodeError, OSError, TypeError, AttributeError, KeyError) as error:
        raise _refused(path, "", Message("读不懂这个文件，应为 UTF-8 的 CSV", "unreadable; UTF-8 CSV is expected")) from error


def _finish(problems: list[DataProblem]) -> None:
    if problems:
        raise DatasetError(sorted(problems, key=lambda problem: (problem.row or 0, problem.column))[:MOST_PROBLEMS])


# -- enterprises -------------------------------------------------------------------------------------------

def _enterprises(engine: Engine, path: Path, catalogue: Catalogue) -> tuple[tuple[str, ...], pa.Table, Catalogue]:
    raw = reading.load(path)
    reading.require(raw, ["uscc"])
    engine.run("CREATE TEMP TABLE wide AS SELECT * FROM sheet", sheet=raw.table)
    problems = _key_problems(engine, raw)
    columns = _attribute_columns(raw, catalogue)
    selects = ["CAST(row_number() OVER (ORDER BY trim(CAST(uscc AS VARCHAR))) - 1 AS INTEGER) AS ent",
               "trim(CAST(uscc AS VARCHAR)) AS uscc"]
    for column, spec in columns.items():
        cell = reading.cell(raw, column)
        spec = reading.widen(engine, "wide", "true", cell, spec)
        catalogue = _with(catalogue, spec)
        found = reading.checked(spec, cell)
        wrong = engine.rows(f"SELECT line, {found.fault} AS fault, {cell.shown} FROM wide "
                            f"WHERE ({cell.filled}) AND fault IS NOT NULL ORDER BY line LIMIT {MOST_PROBLEMS}")
        problems += [reading.value_problem(raw, line, column, fault, shown, spec) for line, fault, shown in wrong]
        value = found.num if spec.stored_as == "num" else found.text
        selects.append(f"CASE WHEN {cell.filled} AND ({found.fault}) IS NULL THEN {value} END AS {quoted(spec.name)}")
    _finish(problems)
    table = engine.arrow(f"SELECT {', '.join(selects)} FROM wide ORDER BY ent")
    return tuple(table.column("uscc").to_pylist()), table.drop_columns(["uscc"]), catalogue


def _key_problems(engine: Engine, raw: Raw) -> list[DataProblem]:
    empty = engine.rows("SELECT line FROM wide WHERE uscc IS NULL OR trim(CAST(uscc AS VARCHAR)) = '' ORDER BY line LIMIT 5")
    twice = engine.rows("SELECT max(line), trim(CAST(uscc AS VARCHAR)) AS u, min(line) FROM wide WHERE uscc IS NOT NULL "
                        "AND u <> '' GROUP BY u HAVING count(*) > 1 ORDER BY 1 LIMIT 20")
    return [DataProblem(raw.file, row, "uscc", Message("信用代码为空", "the credit code is empty")) for row, in empty] + [
        DataProblem(raw.file, row, "uscc", Message(f"信用代码 {uscc} 与第 {first} 行重复", f"{uscc} repeats row {first}"))
        for row, uscc, first in twice]


def _attribute_columns(raw: Raw, catalogue: Catalogue) -> dict[str, FactSpec]:
    """Columns that are facts without a period: by the whole name, or its last part. Others (a name …) are left."""
    by_last: dict[str, list[FactSpec]] = {}
    for spec in catalogue.values():
        if spec.period == "none":
            by_last.setdefault(spec.name.rpartition(".")[2], []).append(spec)
            by_last.setdefault(spec.name, []).append(spec)
    found = {}
    for column in raw.columns:
        specs = list(dict.fromkeys(by_last.get(column, ())))
        if len(specs) > 1:
            names = "、".join(spec.name for spec in specs)
            raise _refused(Path(raw.file), column, Message(f"列名可指 {names}，请写全名", f"the column may mean {names}: write the whole name"), 1)
        if specs:
            found[column] = specs[0]
    return found


def _with(catalogue: Catalogue, spec: FactSpec) -> Catalogue:
    if catalogue[spec.name].scale == spec.scale:
        return catalogue
    return Catalogue(replace(old, scale=spec.scale) if old.name == spec.name else old for old in catalogue.values())


# -- facts -------------------------------------------------------------------------------------------------

def _facts(engine: Engine, raw: Raw, ids: Sequence[str], catalogue: Catalogue,
           ) -> tuple[pa.Table, tuple[Key, ...], Catalogue]:
    reading.require(raw, ["uscc", "fact", "period", "state"])
    cell = reading.long_cell(raw)
    engine.run("CREATE TEMP TABLE given AS SELECT line, trim(CAST(uscc AS VARCHAR)) AS uscc, trim(CAST(fact AS VARCHAR)) AS fact, "
               "trim(CAST(period AS VARCHAR)) AS period, trim(CAST(state AS VARCHAR)) AS state, "
               f"{cell.num} AS num, {cell.word} AS word FROM loaded", loaded=raw.table)
    problems = _subject_problems(engine, raw, ids)
    known, more = _known_facts(engine, raw, catalogue)
    problems += more
    problems += _state_problems(engine, raw)
    spans, more = _periods(engine, raw, catalogue, known)
    problems += more
    _finish(problems)
    cell = reading.Cell(num="num", word="word", filled="num IS NOT NULL OR word <> ''", typed=cell.typed)
    parts = []
    for name in known:
        spec = reading.widen(engine, "given", f"fact = {literal(name)} AND state = 'value'", cell, catalogue[name])
        catalogue = _with(catalogue, spec)
        found = reading.checked(spec, cell)
        parts.append(f"SELECT line, uscc, fact, period, state = 'value' AS value, {found.fault} AS fault, {found.num} AS num, "
                     f"{found.text} AS text, coalesce(word, CAST(num AS VARCHAR)) AS shown FROM given WHERE fact = {literal(name)}")
    engine.run("CREATE TEMP TABLE told AS " + (" UNION ALL ".join(parts) if parts else reading.NOTHING_TOLD))
    for line, name, fault, shown in engine.rows(
            "SELECT line, fact, fault, shown FROM told WHERE value AND fault IS NOT NULL ORDER BY line LIMIT 20"):
        problems.append(reading.value_problem(raw, line, cell.column(catalogue[name]), fault, shown, catalogue[name]))
    for line, in engine.rows("SELECT line FROM told WHERE NOT value AND coalesce(shown, '') <> '' ORDER BY line LIMIT 20"):
        problems.append(DataProblem(raw.file, line, "value", Message("状态为 absent 的行不能有值", "an absent row holds no value")))
    _finish(problems)
    known_keys = number_keys(spans, catalogue)
    rows = number_rows(engine, known_keys, spans)
    _finish(_clashes(engine, raw))
    return rows, known_keys, catalogue


def _subject_problems(engine: Engine, raw: Raw, ids: Sequence[str]) -> list[DataProblem]:
    number_subjects(engine, ids)
    found = engine.rows("SELECT min(line) AS line, uscc FROM given WHERE coalesce(uscc, '') NOT IN (SELECT uscc FROM firms) "
                        f"GROUP BY uscc ORDER BY 1 LIMIT {MOST_PROBLEMS}")
    return [_unknown(raw, row, "uscc", uscc or "", ids if len(ids) <= 20_000 else (),
                     Message("enterprises 中没有这个信用代码", "no such credit code in enterprises")) for row, uscc in found]


def _unknown(raw: Raw, row: int, column: str, text: str, valid: Sequence[str], message: Message) -> DataProblem:
    near = nearest(text, valid)
    zh, en = (f"，最接近的是 {near}", f"; the nearest is {near}") if near else ("", "")
    return DataProblem(raw.file, row, column, Message(f"“{text}”：{message.zh}{zh}", f"“{text}”: {message.en}{en}"))


def _known_facts(engine: Engine, raw: Raw, catalogue: Catalogue) -> tuple[list[str], list[DataProblem]]:
    known, problems = [], []
    for name, row in engine.rows("SELECT coalesce(fact, ''), min(line) FROM given GROUP BY 1 ORDER BY 1"):
        if name not in catalogue:
            problems.append(_unknown(raw, row, "fact", name, list(catalogue), Message("目录中没有这个事实", "no such fact in the catalogue")))
        elif catalogue[name].period == "none":
            problems.append(DataProblem(raw.file, row, "fact", Message(
                f"{name} 没有时期，应写在 enterprises 的 {name.rpartition('.')[2]} 列",
                f"{name} has no period: it belongs in column {name.rpartition('.')[2]} of enterprises")))
        else:
            known.append(name)
    return known, problems


def _state_problems(engine: Engine, raw: Raw) -> list[DataProblem]:
    found = engine.rows("SELECT min(line), coalesce(state, '') FROM given WHERE coalesce(state, '') NOT IN ('value', 'absent') GROUP BY 2 ORDER BY 1 LIMIT 20")
    return [_unknown(raw, row, "state", state, ("value", "absent"), Message("状态只能是 value 或 absent", "the state is value or absent"))
            for row, state in found]


def _periods(engine: Engine, raw: Raw, catalogue: Catalogue, known: Sequence[str],
             ) -> tuple[dict[tuple[str, str, bool], Period], list[DataProblem]]:
    """Every (fact, period text, is a value) with its days, and what is wrong with the texts."""
    spans, problems = {}, []
    for fact, text, state, row in engine.rows(
            "SELECT fact, coalesce(period, ''), state, min(line) FROM given GROUP BY ALL ORDER BY 4"):
        if fact not in known:
            continue
        kind = catalogue[fact].period
        try:
            period = parse(text)
        except PeriodError:
            period = None
        if period is None or period == ALL:
            problems.append(DataProblem(raw.file, row, "period", Message(
                f"“{text}”不是时期，应形如 {reading.PERIOD_FORM[kind]}", f"“{text}” is no period; expected one like {reading.PERIOD_FORM[kind]}")))
        elif _LENGTH[period.kind] < _LENGTH[kind] or (state == "value" and period.kind != kind):
            problems.append(DataProblem(raw.file, row, "period", Message(
                f"“{text}”：{fact} 按{reading.KIND_ZH[kind]}填报，应形如 {reading.PERIOD_FORM[kind]}",
                f"“{text}”: {fact} is a {kind} fact; expected a period like {reading.PERIOD_FORM[kind]}")))
        else:
            spans[fact, text, state == "value"] = period
    return spans, problems


def _clashes(engine: Engine, raw: Raw) -> list[DataProblem]:
    """Repeated keys, and days that one row gives a value and another calls absent."""
    twice = engine.rows("SELECT max(line), min(line) FROM numbered_rows WHERE kind <> 'day' GROUP BY ent, key "
                        f"HAVING count(*) > 1 ORDER BY 1 LIMIT {MOST_PROBLEMS}")
    both = engine.rows(
        "SELECT greatest(v.line, a.line) AS line, least(v.line, a.line) FROM (SELECT * FROM numbered_rows WHERE NOT value) AS a "
        "JOIN numbered_rows AS v ON v.value AND v.ent = a.ent AND v.fact = a.fact AND v.first <= a.last AND a.first <= v.last "
        f"ORDER BY 1, 2 LIMIT {MOST_PROBLEMS}")
    return [DataProblem(raw.file, row, "period", Message(f"与第 {first} 行是同一企业、事实和时期", f"repeats the enterprise, fact and period of row {first}"))
            for row, first in twice] + [
        DataProblem(raw.file, row, "state", Message(f"与第 {first} 行矛盾：同一天既有值又不存在", f"contradicts row {first}: one day has a value and is absent"))
        for row, first in both]


# -- coverage ----------------------------------------------------------------------------------------------

def _coverage(path: Path, catalogue: Catalogue) -> dict[str, tuple[Period, ...]]:
    raw = reading.load(path)
    reading.require(raw, ["fact", "period"])
    problems: list[DataProblem] = []
    found: dict[str, list[Period]] = {}
    lines, facts, texts = (raw.table.column(name).to_pylist() for name in ("line", "fact", "period"))
    for line, fact, text in zip(lines, facts, texts, strict=True):
        fact, text = str(fact or "").strip(), str(text or "").strip()
        if fact not in catalogue:
            problems.append(_unknown(raw, line, "fact", fact, list(catalogue), Message("目录中没有这个事实", "no such fact in the catalogue")))
            continue
        try:
            found.setdefault(fact, []).append(parse(text))
        except PeriodError:
            problems.append(DataProblem(raw.file, line, "period", Message(
                f"“{text}”不是时期，应形如 all、2026、2026-Q1、2026-08、2026-08-31",
                f"“{text}” is no period; expected all, 2026, 2026-Q1, 2026-08 or 2026-08-31")))
    _finish(problems)
    return {fact: tuple(dict.fromkeys(periods)) for fact, periods in found.items()}
