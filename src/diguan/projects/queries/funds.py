"""Reads of the funds-in-place ledger: who may see which line, and sums at any date, as they were known at any moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from diguan.enterprises import engine as names
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.records import chunks
from diguan.projects.models import CheckState, Fund, Project
from diguan.projects.queries.projects import teller

VIEW = "projects.view_fund"
ENTER = "projects.enter_fund"
VERIFY = "projects.verify_fund"
IMPORT = "projects.import_fund"
EXPORT = "projects.export_fund"


def visible_funds(person: Person) -> QuerySet[Fund]:
    """The lines a person may see, the last paid first."""
    rows = access.visible(Fund.objects.all(), person, VIEW).annotate(reversed=Exists(_reversals()))
    return rows.select_related("project", "entered_by", "verified_by", "proof", "reverses").order_by("-paid_on", "-id")


def fund(person: Person, number: int) -> Fund | None:
    """One line; None where there is none for this person."""
    return visible_funds(person).filter(pk=number).first()


def search(rows: QuerySet[Fund], text: str) -> QuerySet[Fund]:
    """Those whose payer, project or paper holds the text."""
    key, plain = names.name_key(text), text.strip()
    return rows.filter(Q(payer_key__contains=key) | Q(document_key__contains=names.name_key(text)) | Q(project__name_key__contains=key) | Q(project__number__contains=plain))


def to_verify(person: Person) -> QuerySet[Fund]:
    """Lines that wait for this person: another entered them."""
    rows = access.visible(Fund.objects.filter(state=CheckState.ENTERED).exclude(entered_by=person), person, VERIFY)
    return rows.select_related("project", "entered_by", "proof", "reverses").order_by("paid_on", "id")


# ── what counts ──────────────────────────────────────────────────────────────
def _reversals(known_at: dt.datetime | None = None) -> QuerySet[Fund]:
    rows = Fund.objects.filter(reverses=OuterRef("pk"), state=CheckState.VERIFIED)
    return rows.filter(verified_at__lte=known_at) if known_at is not None else rows


def arrived(rows: QuerySet[Fund], as_of: dt.date, known_at: dt.datetime | None = None) -> QuerySet[Fund]:
    """Of these lines the ones that count: paid by a day, verified and not reversed as it was known at a moment (None: now)."""
    found = rows.filter(state=CheckState.VERIFIED, reverses__isnull=True, paid_on__lte=as_of)
    if known_at is not None:
        found = found.filter(verified_at__lte=known_at)
    return found.filter(~Exists(_reversals(known_at)))


def sums(rows: QuerySet[Fund], by: str) -> dict[object, int]:
    """What these lines come to in fen, by ``project``, ``kind`` or ``origin``."""
    return dict(rows.order_by().values_list(by).annotate(fen=Sum("amount_fen")))


def by_project(projects: Collection[int], as_of: dt.date, known_at: dt.datetime | None = None, since: dt.date | None = None) -> dict[int, int]:
    """What arrived for each of these projects between two days, ends included, in fen. Asked by figures that have seen to the rights."""
    found: dict[int, int] = {}
    for part in chunks(sorted(projects)):
        rows = arrived(Fund.objects.filter(project__in=part), as_of, known_at)
        rows = rows.filter(paid_on__gte=since) if since is not None else rows
        found |= {int(str(key)): fen for key, fen in sums(rows, "project").items()}
    return found


def total(rows: QuerySet[Fund]) -> int:
    """What they come to, in fen."""
    return rows.aggregate(fen=Sum("amount_fen"))["fen"] or 0


@teller
def _arrived(row: Project, day: dt.date) -> dict[str, int | str]:
    return {"project.funds_arrived": int(arrived(Fund.objects.filter(project=row), min(day, clocks.today())).exists())}
