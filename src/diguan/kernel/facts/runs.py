"""Runs: one immutable result folder plus one manifest row, named by the hash of what went in.

A match, a simulation and an indicator snapshot have this same shape. A run never depends on rows
that change: the registry is exported to a batch before it, and the manifest names that batch too.
"""

from __future__ import annotations

import functools
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models

from diguan.kernel import clocks
from diguan.kernel.facts.models import IN_TURN, Batch
from diguan.kernel.records import Record

if TYPE_CHECKING:
    import pyarrow as pa

    from diguan.kernel.access.models import Person


RECENT = 8
_TOLD = ("subject", "source", "sheet", "period", "rows", "sha256", "replaces_all", "committed_at")
"""What is asked of the batches a run read: there may be hundreds, and a page waits for them."""


class Run(Record):
    """The manifest row. ``inputs`` names batches, pack versions and code version; times are both axes."""

    run_id = models.CharField("运行号", max_length=64, unique=True)
    kind = models.SlugField("种类", max_length=30)
    as_of = models.DateField("判断日")
    known_at = models.DateTimeField("所知截至")
    inputs = models.JSONField("输入")
    rows = models.PositiveBigIntegerField("行数")
    result_sha256 = models.CharField("结果摘要", max_length=64)
    seconds = models.FloatField("用时（秒）")

    view_permission: ClassVar[str | None] = "facts.view_run"

    class Meta:
        ordering: ClassVar = ["-known_at", "-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.as_of} {self.run_id[:8]}"

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return runs_folder() / self.run_id


def runs_folder() -> Path:
    """The folder that holds every run's result."""
    return Path(settings.DIGUAN_DATA) / "runs"


def visible(person: Person) -> models.QuerySet[Run]:
    """Runs the person may see."""
    from diguan.kernel import access

    found: models.QuerySet[Run] = access.visible(Run.objects.all(), person, "facts.view_run")
    return found


def current(kind: str, fits: Callable[[Run], bool] = lambda run: True) -> Run | None:
    """The run that pages speak from: of the latest day up to today, what was known last; of those, one that ``fits``.

    Whoever reads it asks first for the right to what is in it. A run for another day, past or to come, is a
    trial beside it, and one whose files are lost or damaged gives way to the one before.
    """
    rows = Run.objects.filter(kind=kind, as_of__lte=clocks.today()).order_by("-as_of", "-known_at", "-id")
    found = [run for run in rows[:RECENT] if intact(run)]
    alike = [run for run in found if (run.as_of, run.known_at) == (found[0].as_of, found[0].known_at)]
    return next((run for run in alike if fits(run)), alike[0] if alike else None)


def named(kind: str, run_id: str) -> Run | None:
    """The run of a kind by its name, whatever became of its files."""
    return Run.objects.filter(kind=kind, run_id=run_id).first()


def whole(kind: str, run_id: str) -> Run | None:
    """The run of a kind by its name, if its files are the ones that were written."""
    row = named(kind, run_id)
    return row if row is not None and intact(row) else None


def newest(kind: str, most: int = RECENT) -> list[Run]:
    """Of the last runs of a kind the intact ones, newest first, with who made them. Whoever asks has asked for the right."""
    rows = Run.objects.filter(kind=kind).order_by("-id").select_related("created_by")[:most]
    return [row for row in rows if intact(row)]


def intact(run: Run) -> bool:
    """Whether its files are the ones that were written."""
    from diguan.kernel.rules import runfile  # Arrow is not for every command that has models

    try:
        stamps = tuple((run.folder / name).stat().st_mtime_ns for name in runfile.files_of(run.kind))
    except OSError:
        return False
    return run.result_sha256 in _digests(run.folder, run.kind, stamps)


@functools.lru_cache(maxsize=256)
def _digests(folder: Path, kind: str, stamps: tuple[int, ...]) -> tuple[str, str]:
    """The run's digest, and the one older versions kept, of its rows alone."""
    from diguan.kernel.rules import runfile

    names = runfile.files_of(kind)
    return runfile.digest_of(folder, names), hashlib.sha256((folder / names[0]).read_bytes()).hexdigest()


def told(run: Run) -> list[Batch]:
    """The batches a run read, in the order it read them: its manifest ends their names in the number."""
    return list(_told(run.run_id, tuple(run.inputs["data"])))


@functools.lru_cache(maxsize=RECENT)
def _told(_run_id: str, names: tuple[str, ...]) -> tuple[Batch, ...]:
    """What a run read never changes; nobody writes into these rows."""
    numbers = [int(name.rpartition("#")[2]) for name in names]
    return tuple(Batch.objects.filter(pk__in=numbers).only(*_TOLD).order_by(*IN_TURN))


def publish(kind: str, run_id: str, inputs: dict[str, Any], totals: Sequence[Mapping[str, Any]], rows: pa.Table, *, of: Run, begun: float) -> dict[str, Any]:
    """Write the files of a run that rests on another, whole or not at all, and answer with its manifest for :func:`record`.

    Args:
        kind: what it is.
        run_id: its name, that of ``inputs``.
        inputs: everything the result depends on.
        totals: what it comes to, a mapping a line.
        rows: the result, in the order of its keys.
        of: the run whose days it takes over.
        begun: ``time.monotonic()`` when the work began.
    """
    from diguan.kernel.rules import runfile

    sha256 = runfile.publish(runs_folder() / run_id, kind, run_id, inputs, totals, rows)
    return {"as_of": of.as_of, "known_at": of.known_at, "inputs": inputs, "rows": rows.num_rows, "result_sha256": sha256, "seconds": round(time.monotonic() - begun, 3)}


def record(*, run_id: str, kind: str, manifest: dict[str, Any], by: Person) -> Run:
    """Insert the manifest row of a finished result; called inside the room's own action.

    The same inputs give the same bytes, so a run that is there already is returned as it is.
    """
    row, _made = Run.objects.get_or_create(run_id=run_id, defaults={"kind": kind, "created_by": by, "changed_by": by, **manifest})
    return row
