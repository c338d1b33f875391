"""Runs: one immutable result folder plus one manifest row, named by the hash of what went in.

A match, a simulation and an indicator snapshot have this same shape. A run never depends on rows
that change: the registry is exported to a batch before it, and the manifest names that batch too.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models

from diguan.kernel import clocks
from diguan.kernel.facts.models import Batch
from diguan.kernel.records import Record

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person


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


def current(kind: str) -> Run | None:
    """The run that pages speak from: of the latest day up to today, what was known last.

    Whoever reads it asks first for the right to what is in it. A run for another day, past or to come, is a
    trial beside it, and one whose files are lost gives way to the one before.
    """
    found = Run.objects.filter(kind=kind, as_of__lte=clocks.today()).order_by("-as_of", "-known_at", "-id")
    return next((run for run in found[:5] if (run.folder / "run.json").exists()), None)


def told(run: Run) -> list[Batch]:
    """The batches a run read, the register's export first, then oldest first: its manifest ends their names in the number."""
    numbers = [int(name.rpartition("#")[2]) for name in run.inputs["data"]]
    return sorted(Batch.objects.filter(pk__in=numbers), key=lambda row: (not row.replaces_all, str(row.committed_at), row.pk))


def record(*, run_id: str, kind: str, manifest: dict[str, Any], by: Person) -> Run:
    """Insert the manifest row of a finished result; called inside the room's own action.

    The same inputs give the same bytes, so a run that is there already is returned as it is.
    """
    row, _made = Run.objects.get_or_create(run_id=run_id, defaults={"kind": kind, "created_by": by, "changed_by": by, **manifest})
    return row
