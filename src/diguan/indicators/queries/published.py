"""Published months as they are read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from diguan.indicators.engine import tables
from diguan.indicators.models import PublishedMonth
from diguan.indicators.queries import VIEW, register, snapshots
from diguan.kernel import access, periods
from diguan.kernel.access.models import Person
from diguan.kernel.facts import runs
from diguan.kernel.facts.runs import Run
from diguan.kernel.messages import Message

OFFERED = 12
"""So many snapshots are offered to be published."""


def latest(month: str) -> PublishedMonth | None:
    """The last publication of a month (``2026-08``), None where it was never published. Whoever shows it asks for the right."""
    return PublishedMonth.objects.filter(month=month).select_related("run", "created_by").order_by("-number").first()


def versions(month: str) -> list[PublishedMonth]:
    """Every publication of a month, the last first. Whoever shows them asks for the right."""
    return list(PublishedMonth.objects.filter(month=month).select_related("run", "created_by").order_by("-number"))


def months(person: Person) -> list[PublishedMonth]:
    """The last publication of every published month, the newest month first.

    Raises:
        access.Forbidden: the person may see none.
    """
    access.require(person, VIEW)
    found: dict[str, PublishedMonth] = {}
    for row in PublishedMonth.objects.select_related("run", "created_by").order_by("-month", "-number"):
        found.setdefault(row.month, row)
    return list(found.values())


def held_against(run: Run) -> PublishedMonth | None:
    """What a snapshot's figures are held against: the last month published from another snapshot, of one that is not later and whose files are whole."""
    rows = PublishedMonth.objects.exclude(run=run).filter(run__as_of__lte=run.as_of, run__known_at__lte=run.known_at).select_related("run").order_by("-month", "-number")
    return next((row for row in rows[:OFFERED] if runs.intact(row.run)), None)


def newer(run: Run, before: PublishedMonth) -> bool:
    """Whether a snapshot is newer than the one a month is published from."""
    return (run.as_of, run.known_at, run.pk) > (before.run.as_of, before.run.known_at, before.run.pk)


def speaks_from(run: Run, month: str) -> bool:
    """Whether a month is published from this snapshot or a newer one."""
    found = latest(month)
    return found is not None and not newer(run, found)


def offered(month: str) -> Sequence[Run]:
    """Snapshots a month may be published from, the newest first: taken for a day on which the month had ended."""
    rows = Run.objects.filter(kind=snapshots.KIND, as_of__gte=ended(month)).select_related("created_by").order_by("-as_of", "-known_at", "-id")
    return [row for row in rows[:OFFERED] if runs.intact(row)]


def partial(run: Run, month: str) -> list[Message]:
    """The indicators whose figure of a month, of the county as a whole, is told in part. Whoever shows them asks for the right."""
    known = register.book()
    cells = [(code, cells[month]) for (code, dim, _group), cells in snapshots.all_cells(run).items() if not dim and month in cells and code in known.versions]
    return [known.newest(code).title for code, cell in cells if cell.state in (tables.PARTIAL, tables.RUNNING)]


def tells(run: Run, month: str) -> bool:
    """Whether a snapshot has any figure of a month."""
    return any(month in cells and cells[month].num is not None for (_code, dim, _group), cells in snapshots.all_cells(run).items() if not dim)


def ended(month: str) -> dt.date:
    """The month's last day.

    Raises:
        periods.PeriodError: it is no month.
    """
    period = periods.parse(month)
    if period.kind != "month" or period.text != month:
        raise periods.PeriodError(month)
    return period.end
