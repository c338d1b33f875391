"""Projections: what many batches say together, in two Parquet files named by the batches that went in.

``facts`` holds one value a subject, fact and period, ``series`` every value told; both are sorted by subject, so that
the rows of a few subjects are a few row groups, read without a database. A projection is never trusted over the
batches: it is made anew where it is missing or its files are not the ones that were written.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from diguan.kernel.catalogue import Catalogue
from diguan.kernel.facts import duck, files
from diguan.kernel.facts.models import Batch

KEPT = 8
FACTS, SERIES, SEAL = "facts.parquet", "series.parquet", "digests.json"
_VERSION = 2
_GROUP = 8_192
"""Rows a group: a firm with sixty facts over four years fits in one or two."""
_WORDS = ("subject", "subject_id", "fact", "period", "state", "source")
"""Columns that say few different words: they are sorted and kept as numbers, in the order of the words, which takes a quarter of the time and room."""
_PLACED = f"""
CREATE TEMP TABLE placed AS
SELECT {", ".join(f"said.{name}::{name}_word AS {name}" for name in _WORDS)}, period_start, period_end, num, text, batch, number, coalesce(p.place, 1000000) AS place
FROM said LEFT JOIN priority p ON p.fact = said.fact AND p.source = said.source
"""
_SERIES = """
CREATE TEMP TABLE series AS
WITH several AS (SELECT subject, fact, period FROM placed GROUP BY ALL HAVING count(DISTINCT batch) > 1)
SELECT *, true AS current, true AS chosen FROM placed ANTI JOIN several USING (subject, fact, period)
UNION ALL
SELECT *, row_number() OVER (PARTITION BY subject, subject_id, fact, period, source ORDER BY batch DESC) = 1,
       row_number() OVER (PARTITION BY subject, subject_id, fact, period ORDER BY place, batch DESC) = 1
FROM placed SEMI JOIN several USING (subject, fact, period)
ORDER BY subject, subject_id, fact, period_start, period, place, batch DESC
"""
"""What one delivery alone tells of a period needs no ranking: within it a subject comes once. What is chosen is current: of its place and source nothing is later."""
_TOLD = "subject::VARCHAR AS subject, subject_id::VARCHAR AS subject_id, fact::VARCHAR AS fact, period::VARCHAR AS period, period_start, period_end, state::VARCHAR AS state, num, text"
_CHOSEN = f"SELECT {_TOLD} FROM series WHERE chosen"
_ALL = f"SELECT {_TOLD}, batch, number, source::VARCHAR AS source, place, current, chosen FROM series"


def projection(found: Sequence[Batch], catalogue: Catalogue) -> Path:
    """The folder with ``facts.parquet`` (one value a key) and ``series.parquet`` (every value told) of these batches."""
    order = [(fact, source, place) for fact, spec in sorted(catalogue.items()) for place, source in enumerate(spec.sources)]
    key = hashlib.sha256(json.dumps([_VERSION, [[row.pk, row.source, row.sha256] for row in found], order]).encode()).hexdigest()
    final = files.folder("projections") / key
    if _sound(final):
        os.utime(final)
        return final
    with _alone(final):
        if not _sound(final):  # nobody made it while we waited
            _make(found, order, final)
    return final


@contextlib.contextmanager
def _alone(final: Path) -> Iterator[None]:
    """One maker at a time, of all threads and processes: many pages may want a projection the moment a delivery is in."""
    final.parent.mkdir(parents=True, exist_ok=True)
    with (final.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # each open file has a lock of its own, so threads wait for each other too
        yield


def _make(found: Sequence[Batch], order: list[tuple[str, str, int]], final: Path) -> None:
    draft = final.with_name(f".{secrets.token_hex(8)}.tmp")
    draft.mkdir()
    try:
        _project(found, order, draft)
        _place(draft, final)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    _prune(final)


def _project(found: Sequence[Batch], order: list[tuple[str, str, int]], folder: Path) -> None:
    with duck.connect() as db:
        duck.load(db, found)
        db.execute("CREATE TEMP TABLE priority (fact VARCHAR, source VARCHAR, place INTEGER)")
        if order:
            db.executemany("INSERT INTO priority VALUES (?, ?, ?)", order)
        for name in _WORDS:
            db.execute(f"CREATE TEMP TYPE {name}_word AS ENUM (SELECT DISTINCT {name} FROM said UNION SELECT '' ORDER BY 1)")  # never without a word
        db.execute(_PLACED)
        db.execute(_SERIES)
        db.execute("DROP TABLE placed")
        for name, query in ((FACTS, _CHOSEN), (SERIES, _ALL)):
            db.execute(f"COPY ({query}) TO '{folder / name}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_GROUP})")
    (folder / SEAL).write_text(json.dumps({name: files.sha256_of(folder / name) for name in (FACTS, SERIES)}), "utf-8")


def _place(draft: Path, final: Path) -> None:
    """Give a finished projection its name; one that is damaged steps aside first."""
    try:
        if final.exists() and not _sound(final):
            final.rename(draft.with_name(f"{draft.name}-old"))
        if not final.exists():
            draft.rename(final)
    except OSError:
        if not _sound(final):  # another process finished the same projection first
            raise
    finally:
        shutil.rmtree(draft.with_name(f"{draft.name}-old"), ignore_errors=True)


def _sound(folder: Path) -> bool:
    """Whether a projection is there and as it was written; its files are read again only when they changed."""
    try:
        stamps = tuple((found.st_mtime_ns, found.st_size, found.st_ino) for found in ((folder / name).stat() for name in (FACTS, SERIES, SEAL)))
    except OSError:
        return False
    return _sealed(folder, stamps)


@functools.lru_cache(maxsize=2 * KEPT)
def _sealed(folder: Path, stamps: tuple[tuple[int, int, int], ...]) -> bool:
    try:
        said = json.loads((folder / SEAL).read_text("utf-8"))
        return bool(said == {name: files.sha256_of(folder / name) for name in (FACTS, SERIES)})
    except (OSError, ValueError):
        return False


def _prune(kept: Path) -> None:
    """Keep the projections used last; one that is open stays readable to who has it open."""
    folders = [path for path in files.folder("projections").iterdir() if len(path.name) == 64]
    for path in sorted(folders, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT:]:
        if path != kept:
            shutil.rmtree(path, ignore_errors=True)


# ── the rows of a few subjects ───────────────────────────────────────────────
def rows_of(path: Path, subject: str, ids: Collection[str], columns: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """The rows of these subjects in a projection's file, in its order; reads only the row groups that may hold them.

    ``columns`` (default: all) names what is wanted of them; ``subject`` and ``subject_id`` are read in any case.
    """
    read = None if columns is None else list(dict.fromkeys(("subject", "subject_id", *columns)))
    footer, ranges = _footer(path, path.stat().st_mtime_ns)
    wanted = [at for at, (kinds, names) in enumerate(ranges)
              if kinds[0] <= subject <= kinds[1] and any(names[0] <= each <= names[1] for each in ids)]
    with pq.ParquetFile(path, metadata=footer) as file:
        table = file.read_row_groups(wanted, read, use_threads=False) if wanted else file.schema_arrow.empty_table()
    kept = pc.and_(pc.equal(table["subject"], subject), pc.is_in(table["subject_id"], pa.array(sorted(ids), pa.string())))
    found = table.filter(kept)
    rows: list[dict[str, Any]] = (found if columns is None else found.select(columns)).to_pylist()
    return rows


@functools.lru_cache(maxsize=2 * KEPT)
def _footer(path: Path, _stamp: int) -> tuple[pq.FileMetaData, list[tuple[tuple[str, str], tuple[str, str]]]]:
    """What a file says of itself, and from where to where each row group goes: a projection's file never changes."""
    with pq.ParquetFile(path) as file:
        places = [file.schema_arrow.names.index(name) for name in ("subject", "subject_id")]
        groups = [file.metadata.row_group(at) for at in range(file.metadata.num_row_groups)]
        told = [[group.column(place).statistics for place in places] for group in groups]
        return file.metadata, [((kinds.min, kinds.max), (names.min, names.max)) for kinds, names in told]
