"""Bringing in a roster of hometown people: all of a file or nothing, each row with its consent."""

from __future__ import annotations

from dataclasses import dataclass, field

from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.facts.models import Upload
from diguan.kernel.messages import Message
from diguan.ties.actions import people
from diguan.ties.actions.people import Agreed, Values
from diguan.ties.queries import people as queries
from diguan.ties.queries.people import IMPORT


@dataclass(frozen=True)
class Entry:
    """One row of a roster that may be kept; ``agreed`` without its file, which is the roster itself."""

    row: int
    values: Values
    agreed: Agreed


@dataclass(frozen=True)
class Plan:
    """What a checked file would keep; ``wrong`` is whether any cell of it is."""

    entries: tuple[Entry, ...] = ()
    same: int = 0
    wrong: bool = field(default=False)


@action(permission=IMPORT, event="people_imported")
def import_people(*, plan: Plan, upload: Upload, by: Person, reason: str = "") -> Done[Upload]:
    """Keep everybody in a checked roster; one Event, on the file, which is also what proves the consents.

    Raises:
        Forbidden: a town is not theirs.
        Refusal: ``invalid`` where the plan holds an error; ``conflict``: somebody of it was kept since it was checked.
    """
    if plan.wrong:
        raise Refusal("invalid", [Message("名册里还有错，没有写入", "the roster holds errors; nothing was written")])
    rows = []
    for entry in plan.entries:
        row = people.put_person(values=entry.values, by=by)
        access.require(by, IMPORT, row)
        if any(one.sure for one in queries.doubles(name=row.name, phone=row.phone, besides=row.pk)):
            raise Refusal("conflict", [Message(f"第 {entry.row} 行在核对之后已被别人登记，一行都没有写入；请重新导入", f"row {entry.row} was entered by somebody since; nothing was written, import again")])
        people.put_consent(row=row, agreed=Agreed(entry.agreed.purposes, entry.agreed.words, entry.agreed.given_on, entry.agreed.expires_on, entry.agreed.how, upload), by=by)
        rows.append(row)
    return Done(upload, after={"file": upload.name, "sha256": upload.sha256, "kept": len(rows), "same": plan.same}, related=rows)
