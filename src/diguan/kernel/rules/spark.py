"""The set face on Spark: the same compiled expressions in Spark's dialect; the only file that knows PySpark.

The driver reads the data, numbers enterprises and keys, and hands Spark numbered Parquet; Spark works out the features, codes,
near-misses and amounts; the driver counts the totals and writes the run. Importing this file does not import PySpark.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import logging
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from diguan.kernel.messages import Message
from diguan.kernel.periods import Day
from diguan.kernel.rules import adapter, sets, tree
from diguan.kernel.rules.dataset import Dataset
from diguan.kernel.rules.judged import ROWS, Judged
from diguan.kernel.rules.totals import LARGEST

MASTER = "local[2]"
JAVA = 17
SCRATCH = "DIGUAN_SPARK_SCRATCH"
"""A folder that driver and executors see; needed where they are not one machine."""
SLICE, SHARE = 1 << 19, 1 << 15
"""Rows in a file, enterprises in a partition: about so many."""
_EXACT_DIV = ("CREATE OR REPLACE TEMPORARY FUNCTION exact_div(a DECIMAL(38,0), b DECIMAL(38,0)) RETURNS DECIMAL(38,0) "
              "RETURN CAST((a - a % b) / b AS DECIMAL(38,0))")
_OPTIONS = {
    "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.log.level": "ERROR", "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",  # a number that does not fit stops the job; without it Spark would give null
    "spark.sql.decimalOperations.allowPrecisionLoss": "true",
    "spark.driver.memory": os.environ.get("DIGUAN_SPARK_MEMORY", "2g"),
}
_OUT_OF_RANGE = "SQLSTATE: 22003"
# One pass a chunk, without keeping anything: who is kept comes one by one, everybody else by code.
_STACKED = "SELECT ent, stack({count}, {each}) AS (policy, code, near, amount_fen, amount_unknown) FROM ({together})"
_TOLD = ("SELECT policy, CASE WHEN {sparse} THEN ent END AS ent, code, near, amount_fen, amount_unknown, count(*) AS firms FROM ({stacked}) "
         "GROUP BY policy, CASE WHEN {sparse} THEN ent END, code, near, amount_fen, amount_unknown")


class Unusable(Exception):
    """Spark cannot run here: what is missing, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        self.message = Message(zh, en)
        super().__init__(str(self.message))


class Spark:
    """One query a chunk of policies, on a Spark session that outlives it."""

    dialect: adapter.Dialect = "pyspark"
    together = True

    def __init__(self, session: Any) -> None:
        self._session, self._kept = session.newSession(), contextlib.ExitStack()  # views and functions of its own
        self._session.sql(_EXACT_DIV)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._kept.close()

    def load(self, chunk: sets.Chunk, first: int, last: int, told: pa.Table) -> None:
        """The features of one block of enterprises, kept until the next."""
        self._kept.close()
        self._session.conf.set("spark.sql.shuffle.partitions", max(self._session.sparkContext.defaultParallelism, (last - first) // SHARE))
        folder = Path(tempfile.mkdtemp(prefix="diguan-spark-", dir=os.environ.get(SCRATCH)))
        self._kept.callback(shutil.rmtree, folder, ignore_errors=True)
        self._file(folder, "firms", chunk.firms(first, last))
        self._file(folder, "given", told)
        self._session.createDataFrame(chunk.masks).createOrReplaceTempView("masks")
        self._session.sql(f"SELECT * FROM given WHERE {chunk.read()}").createOrReplaceTempView("rows")
        self._session.sql(chunk.wide).createOrReplaceTempView("features")
        self._session.sql(chunk.coded).createOrReplaceTempView("coded")

    def _file(self, folder: Path, name: str, table: pa.Table) -> None:
        """A table as Parquet in parts, so that several processors read it."""
        (folder / name).mkdir()
        for at, start in enumerate(range(0, max(1, len(table)), SLICE)):
            pq.write_table(table.slice(start, SLICE), folder / name / f"{at:05}.parquet")
        self._session.read.parquet(str(folder / name)).createOrReplaceTempView(name)

    def found(self, chunk: sets.Chunk, *, everybody: bool) -> Iterator[sets.Found]:
        """Each policy over the block, by one query for all of them."""
        places = range(len(chunk.policies))
        try:
            told = self._told(chunk, places, everybody=everybody)
        except adapter.TooLarge:  # of which policy, only one after the other tells
            yield from (_found(self._told(chunk, [at], everybody=everybody)) for at in places)
            return
        yield from (_found(told.filter(pc.equal(told["policy"], at))) for at in places)

    def _told(self, chunk: sets.Chunk, places: Sequence[int], *, everybody: bool) -> pa.Table:
        each = ", ".join(f"{at}, code{at}, near{at}, amount_fen{at}, amount_unknown{at}" for at in places)
        stacked = _STACKED.format(count=len(places), each=each, together=chunk.together)
        with _refusing():
            told = self._session.sql(_TOLD.format(sparse="true" if everybody else f"({sets.SPARSE})", stacked=stacked)).toArrow()
        return told.sort_by([("policy", "ascending"), ("ent", "ascending")])


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
        if _OUT_OF_RANGE in str(error):
            raise adapter.TooLarge(str(error).splitlines()[0]) from error
        raise


def face(master: str = MASTER, **options: str) -> Callable[[Sequence[tree.Policy], Dataset, Day], list[Judged]]:
    """The face of a match on Spark; the session starts with the first match and serves the later ones.

    Raises:
        Unusable: PySpark or a fitting Java is missing; when it judges, also that Spark does not start.
    """
    check()
    started = functools.cache(lambda: start(master, options))
    return lambda policies, dataset, as_of: sets.judge(policies, dataset, as_of, engine=lambda: Spark(started()))


def summing(master: str = MASTER, **options: str) -> Callable[[Callable[[adapter.Dialect], str], Path, Mapping[str, pa.Table]], pa.Table]:
    """What answers a query over ``told``, a Parquet file of fact rows, and small tables by name, on Spark; the session starts with the first query.

    Raises:
        Unusable: PySpark or a fitting Java is missing; when it is asked, also that Spark does not start.
    """
    check()
    started = functools.cache(lambda: start(master, options))

    def answer(words: Callable[[adapter.Dialect], str], told: Path, tables: Mapping[str, pa.Table]) -> pa.Table:
        session = started().newSession()
        session.read.parquet(str(told)).createOrReplaceTempView("told")
        for name, rows in tables.items():
            session.createDataFrame(rows).createOrReplaceTempView(name)
        with _refusing():
            found: pa.Table = session.sql(words("pyspark")).toArrow()
        return found

    return answer


def check() -> None:
    """Whether Spark could start here.

    Raises:
        Unusable: PySpark or a fitting Java is missing.
    """
    if importlib.util.find_spec("pyspark") is None:
        raise Unusable("没有安装 PySpark，请先运行 pip install 'diguan[spark]'", "PySpark is not installed, run pip install 'diguan[spark]' first")
    found = java_version()
    if found is None:
        raise Unusable(f"没有找到 Java，Spark 需要 Java {JAVA} 或 21（JAVA_HOME 或 PATH）", f"no Java found, Spark needs Java {JAVA} or 21 (JAVA_HOME or PATH)")
    if found < JAVA:
        raise Unusable(f"Java 版本是 {found}，Spark 需要 {JAVA} 或 21", f"this is Java {found}, Spark needs {JAVA} or 21")


def java_version() -> int | None:
    """The number of the Java that would be used: 8, 17, 21; None where there is none that says it."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which(str(Path(home) / "bin" / "java") if home else "java")
    if java is None:
        return None
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False, timeout=60).stderr
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(found[1]) if found else None


def start(master: str = MASTER, options: Mapping[str, str] | None = None) -> Any:
    """A Spark session, or the one of this process.

    Raises:
        Unusable: it does not start.
    """
    from pyspark.sql import SparkSession

    logging.getLogger("py4j").setLevel(logging.WARNING)  # it tells of its connections even after the end
    local = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"} if master.startswith("local") else {}
    builder = SparkSession.builder.master(master).appName("diguan")
    for name, value in {**_OPTIONS, **local, **(options or {})}.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except Exception as error:
        told = next((line for line in str(error).splitlines() if "Exception" in line), str(error).splitlines()[0] if str(error) else type(error).__name__)
        raise Unusable(f"Spark 启动不了（--master {master}）：{told}", f"Spark does not start (--master {master}): {told}") from error
