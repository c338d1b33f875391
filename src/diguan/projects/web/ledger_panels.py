"""What a project's page shows of its agreements, funds and fulfilment."""

from __future__ import annotations

from typing import Any

from diguan.kernel import access, clocks
from diguan.projects.models import Agreement, Project
from diguan.projects.queries import agreements as signed
from diguan.projects.queries import counted
from diguan.projects.queries import fulfilment as owed
from diguan.projects.queries import funds as ledger
from diguan.projects.web import funds as fund_pages
from diguan.projects.web import ledger_words as words


def agreements(person: Any, project: Project) -> dict[str, Any] | None:
    """Agreements with what counts of each, promises that wait for their review."""
    if not access.may(person, signed.VIEW, project):
        return None
    rows = list(Agreement.objects.filter(project=project).prefetch_related("promises").order_by("-signed_on", "-id"))
    lines = {line.agreement: line for line in counted.book(clocks.today()).lines if line.project == project.pk} if rows else {}
    told = [{"row": row, "state": words.state_of(row), "line": lines.get(row.pk), "why": words.reason_of(lines[row.pk]) if row.pk in lines else "", "promises": len(row.promises.all()),
             "open": sum(one.conclusion == "" for one in row.promises.all()), "failed": sum(one.conclusion == "failed" for one in row.promises.all())} for row in rows]
    return {"lines": told, "contracted": sum(line.fen for line in lines.values()), "may_enter": access.may(person, signed.ENTER, project)}


def funds(person: Any, project: Project) -> dict[str, Any] | None:
    """What arrived, by kind, and what waits."""
    if not access.may(person, ledger.VIEW, project):
        return None
    found = fund_pages.shown(person, project)
    return {**found, "lines": found["lines"][:5], "count": len(found["lines"]), "may_enter": access.may(person, ledger.ENTER, project)}


def fulfilment(person: Any, project: Project) -> dict[str, Any] | None:
    """What is owed and by when, and the last performance check."""
    if not access.may(person, signed.VIEW, project):
        return None
    rows = owed.visible_obligations(person).filter(agreement__project=project)
    checks = owed.checks_of(person, project)
    last = checks[0] if checks else None
    return {"lines": [{"row": row, "state": words.obligation_state(row), "target": words.quantity(row.target, row.measure)} for row in rows], "last": last,
            "verdict": words.verdict_of(owed.verdict(last)) if last else None, "checked": words.state_of(last) if last else None}


def returnee(person: Any, project: Project) -> dict[str, Any] | None:
    """Whether it is a returnee's, as far as it was claimed."""
    claim = counted.claim_of(project)
    if not access.may(person, signed.VIEW, project) or (claim is None and not access.may(person, signed.ENTER, project)):
        return None
    return {"claim": claim, "state": words.state_of(claim) if claim else None}
