"""The set face on Spark: the same compiled expressions in Spark's dialect; the only file that knows PySpark.

The driver reads the data, numbers enterprises and keys, and hands Spark numbered Parquet; Spark works out the features, codes,
near-misses and amounts; the driver counts the totals and writes the run. Importing this file does not import PySpark.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from diguan.kernel.messages import Message
from diguan.kernel.rules import adapter, sets, tree
from diguan.kernel.rules.judged import ROWS
from diguan.kernel.rules.totals import LARGEST

MASTER = "local[2]"
JAVA = (17, 21)
SCRATCH = "DIGUAN_SPARK_SCRATCH"
"""A folder that driver and executors see; needed where they are not one machine."""
SLICE = 1 << 19
_EXACT_DIV = ("CREATE OR REPLACE TEMPORARY FUNCTION exact_div(a DECIMAL(38,0), b DECIMAL(38,0)) RETURNS DECIMAL(38,0) "
              "RETURN CAST((a - a % b) / b AS DECIMAL(38,0))")
_OVERFLOW = re.compile(r"ARITHMETIC_OVERFLOW|NUMERIC_VALUE_OUT_OF_RANGE|CAST_OVERFLOW")
# One pass a chunk: who is kept comes one by one, everybody else by code.
_ONE = "SELECT {at} AS policy, CASE WHEN {sparse} THEN ent END AS ent, code, near, amount_fen, amount_unknown FROM ({judged})"
_ALL = ("SELECT policy, ent, code, near, amount_fen, amount_unknown, count(*) AS firms FROM ({each}) "
        "GROUP BY policy, ent, code, near, amount_fen, amount_unknown")


class Unusable(Exception):
    """Spark cannot run here: what is missing, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        self.message = Message(zh, en)
        super().__init__(str(self.message))


class Spark:
    """One query a chunk of policies, on a Spark session that outlives it."""

    dialect: adapter.Dialect = "pyspark"

    def __init__(self, session: Any) -> None:
        self._session, self._kept = session, contextlib.ExitStack()
        session.sql("DROP TEMPORARY FUNCTION IF EXISTS exact_div")
        session.sql(_EXACT_DIV)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._kept.close()

    def load(self, chunk: sets.Chunk, first: int, last: int, told: pa.Table) -> None:
        """The features of one block of enterprises, kept until the next."""
        self._kept.close()
        folder = Path(tempfile.mkdtemp(prefix="diguan-spark-", dir=os.environ.get(SCRATCH)))
        self._kept.callback(shutil.rmtree, folder, ignore_errors=True)
        self._file(folder, "firms", chunk.firms(first, last))
        self._file(folder, "given", told)
        for name, table in chunk.masks.items():
            self._session.createDataFrame(table).createOrReplaceTempView(name)
        self._session.sql(f"SELECT * FROM given WHERE {chunk.read()}").createOrReplaceTempView("rows")
        features = self._session.sql(chunk.wide).persist()
        self._kept.callback(features.unpersist)
        features.createOrReplaceTempView("features")

    def _file(self, folder: Path, name: str, table: pa.Table) -> None:
        """A table as Parquet in parts, so that several processors read it."""
        (folder / name).mkdir()
        for at, start in enumerate(range(0, max(1, len(table)), SLICE)):
            pq.write_table(table.slice(start, SLICE), folder / name / f"{at:05}.parquet")
        self._session.read.parquet(str(folder / name)).createOrReplaceTempView(name)

    def found(self, chunk: sets.Chunk, *, everybody: bool) -> Iterator[sets.Found]:
        """Each policy over the block, by one query for all of them."""
        sparse = "true" if everybody else sets.SPARSE
        each = " UNION ALL ".join(_ONE.format(at=at, sparse=sparse, judged=judged) for at, judged in enumerate(chunk.judged))
        with _refusing():
            told = self._session.sql(_ALL.format(each=each)).toArrow().sort_by([("policy", "ascending"), ("ent", "ascending")])
        for at in range(len(chunk.judged)):
            yield _found(told.filter(pc.equal(told["policy"], at)))


def _found(told: pa.Table) -> sets.Found:
    kept = told.filter(pc.is_valid(told["ent"]))
    most = pc.max(kept["amount_fen"]).as_py()
    if most is not None and most > LARGEST:
        ent = pc.min(kept.filter(pc.equal(kept["amount_fen"], pa.scalar(most, kept["amount_fen"].type)))["ent"]).as_py()
        return sets.Found([], ROWS.empty_table(), (ent, int(most)))
    groups = [sets.Group(code, False, count, 0, 0) for code, count in zip(*(told.filter(pc.is_null(told["ent"]))[name].to_pylist() for name in ("code", "firms")), strict=True)]
    return sets.Found([*groups, *_groups(kept)], _rows(kept))


def _groups(kept: pa.Table) -> Iterator[sets.Group]:
    counted = kept.group_by(["code", "near"]).aggregate([("ent", "count"), ("amount_fen", "sum"), ("amount_unknown", "sum")])
    for line in counted.to_pylist():
        yield sets.Group(line["code"], line["near"], line["ent_count"], int(line["amount_fen_sum"] or 0), line["amount_unknown_sum"])


def _rows(kept: pa.Table) -> pa.Table:
    """The columns of a run, in order of enterprises."""
    code = kept["code"]
    false, unknown = (_bits(code, mask) for mask in (sets.FALSES, sets.UNKNOWNS))
    status = pc.if_else(pc.greater(false, 0), tree.INELIGIBLE, pc.if_else(pc.greater(unknown, 0), tree.UNDECIDED, tree.ELIGIBLE))
    columns = {"ent": kept["ent"], "status": status, "code": code, "n_false": false, "n_unknown": unknown, "amount_fen": kept["amount_fen"],
               "amount_unknown": kept["amount_unknown"], "near": kept["near"]}
    return pa.table(columns).cast(ROWS)


def _bits(code: pa.ChunkedArray, mask: int) -> pa.Array:
    """How many bits of a mask are set; by distinct code, of which there are few."""
    distinct = code.combine_chunks().dictionary_encode()
    counts = pa.array([(number & mask).bit_count() for number in distinct.dictionary.to_pylist()], pa.int8())
    return counts.take(distinct.indices)


@contextlib.contextmanager
def _refusing() -> Iterator[None]:
    """What passes 38 digits stops the job; whichever row it was."""
    try:
        yield
    except Exception as error:
        if _OVERFLOW.search(str(error)):
            raise adapter.TooLarge(str(error).splitlines()[0]) from error
        raise


def start(master: str = MASTER) -> Any:
    from pyspark.sql import SparkSession
    return (SparkSession.builder.master(master).config("spark.ui.enabled","false").config("spark.sql.shuffle.partitions","2")
      .config("spark.sql.session.timeZone","UTC").config("spark.driver.memory","2g").config("spark.ui.showConsoleProgress","false").config("spark.sql.adaptive.enabled", os.environ.get("AQE", "true"))
      .config("spark.sql.codegen.wholeStage", os.environ.get("WS","true")).config("spark.sql.codegen.factoryMode", os.environ.get("CG","FALLBACK"))
      .getOrCreate())
