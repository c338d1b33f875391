"""Evidence for the tests of every room: entered by one person, verified by another, through the actions."""

from __future__ import annotations

from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.kernel.evidence import actions, dictionary
from diguan.kernel.evidence.actions import About, Paper
from diguan.kernel.evidence.models import Evidence

PDF = b"%PDF-1.7 test"


def paper(entry: str, value: str = "true", **more: object) -> Paper:
    """What an entry takes: a file, a number and a day where it needs them."""
    found = dictionary.known()[entry]
    given: dict[str, object] = {"file_name": f"{entry}.pdf", "content": PDF} if found.takes_file else {}
    if found.kind == "certificate":
        given |= {"number": "演示〔2026〕1号", "issued": clocks.today()}
    if found.value is not None:
        given["value"] = value
    return Paper(**{**given, **more})  # type: ignore[arg-type]


def evidence_factory(entry: str, about: About, entered_by: Person, verified_by: Person | None = None, value: str = "true", **more: object) -> Evidence:
    """One piece; verified where somebody is named who does."""
    row = actions.enter(entry=entry, about=about, paper=paper(entry, value, **more), by=entered_by)
    return actions.verify(evidence=row, version=row.version, by=verified_by) if verified_by else row
