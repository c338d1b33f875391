"""Many enterprises at once: a checked file of the register becomes rows, or nothing does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from diguan.enterprises import engine, queries
from diguan.enterprises.actions import about_people, keys_of, not_personal
from diguan.enterprises.models import (
    Contact,
    Enterprise,
    FormerName,
    Title,
)
from diguan.enterprises.queries.imports import Change, ContactEntry, Entry, Plan, TitleEntry
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.facts.models import Upload
from diguan.kernel.messages import Message
from diguan.kernel.records import chunks

IMPORT = "enterprises.import_enterprise"
CHANGED_MEANWHILE = Message("核对之后有人改动了企业库，一行都没有写入；请重新导入", "the register was changed after the check; nothing was written, import again")


@action(permission=IMPORT, event="enterprises_imported")
def import_enterprises(*, plan: Plan, upload: Upload, by: Person, reason: str = "") -> Done[Upload]:
    """Write what a checked file tells, all of it or nothing; one Event, on the upload, with every firm it touched.

    Raises:
        Refusal: ``beyond`` the person's scope, or ``conflict``: the register changed since the file was compared.
    """
    if plan.beyond:
        raise Refusal("beyond", [Message(f"{'、'.join(sorted(plan.beyond)[:5])} 不归您管，改不了", f"{', '.join(sorted(plan.beyond)[:5])} are not yours to change")])
    try:
        with transaction.atomic():
            rows = _insert_all(plan.new, by)
            _change_all(plan.changed, by)
            _add_parts(rows, plan)
    except IntegrityError as error:
        raise Refusal("conflict", [CHANGED_MEANWHILE]) from error
    touched = [*rows.values(), *(change.row for change in plan.changed)]
    return Done(upload, related=touched, **_imported(plan, upload))


def _insert_all(entries: tuple[Entry, ...], by: Person) -> dict[str, Enterprise]:
    unit, now = access.unit_of(by), clocks.now()
    rows = [Enterprise(uscc=entry.uscc, **entry.values, **keys_of(entry.values), owner_unit_id=unit, created_by=by, changed_by=by,
                       created_at=now, changed_at=now) for entry in entries]
    return {row.uscc: row for row in Enterprise.objects.bulk_create(rows, batch_size=500)}


def _change_all(changes: tuple[Change, ...], by: Person) -> None:
    """Take every row at the version that was compared, then write; each row is asked for once more by scope."""
    reach = access.visible(Enterprise.objects.all(), by, IMPORT)
    for part in chunks(changes):
        for version in {change.row.version for change in part}:
            keys = [change.row.pk for change in part if change.row.version == version]
            hit = Enterprise.objects.filter(pk__in=reach.filter(pk__in=keys).values("pk"), version=version).update(
                version=F("version") + 1, changed_by=by, changed_at=clocks.now())
            if hit != len(keys):
                raise Refusal("conflict", [CHANGED_MEANWHILE])
    written = [change for change in changes if change.after]
    names = sorted({name for change in written for name in (*change.after, *keys_of(change.after))})
    for change in written:
        for name, value in {**change.after, **keys_of(change.after)}.items():
            setattr(change.row, name, value)
    if written:
        Enterprise.objects.bulk_update([change.row for change in written], names, batch_size=200)


def _add_parts(rows: Mapping[str, Enterprise], plan: Plan) -> None:
    """Former names, titles and contacts of all of them."""
    new = [(rows[entry.uscc], entry) for entry in plan.new]
    names = [(row, name) for row, entry in new for name in entry.former_names if engine.name_key(name) != row.name_key]
    names += [(change.row, name) for change in plan.changed for name in change.former_names]
    FormerName.objects.bulk_create([FormerName(enterprise=row, name=name, **_name_keys(name)) for row, name in names], batch_size=500)
    titles: list[tuple[Enterprise, Title | None, TitleEntry]] = [(row, None, title) for row, entry in new for title in entry.titles]
    titles += [(change.row, known, title) for change in plan.changed for known, title in change.titles]
    _put_titles(titles)
    contacts: list[tuple[Enterprise, Contact | None, ContactEntry]] = [(row, None, entry.contact) for row, entry in new if entry.contact]
    contacts += [(change.row, *change.contact) for change in plan.changed if change.contact]
    _put_contacts(contacts)


def _name_keys(name: str) -> dict[str, str]:
    return {"name_key": engine.name_key(name), "pinyin_key": engine.pinyin_key(name), "core_key": queries.core_of(name)}


def _put_titles(found: list[tuple[Enterprise, Title | None, TitleEntry]]) -> None:
    Title.objects.bulk_create([Title(
        enterprise=row, kind=told.kind, name=told.name, issuer=told.issuer, issued=told.issued, valid_until=told.valid_until)
        for row, known, told in found if known is None], batch_size=500)
    known_rows = []
    for _row, known, told in found:
        if known is not None:
            known.issuer, known.valid_until = told.issuer or known.issuer, told.valid_until or known.valid_until
            known_rows.append(known)
    Title.objects.bulk_update(known_rows, ["issuer", "valid_until"], batch_size=500)


def _put_contacts(found: list[tuple[Enterprise, Contact | None, ContactEntry]]) -> None:
    Contact.objects.bulk_create([Contact(
        enterprise=row, name=told.name, role=told.role, phone=told.phone, phone_key=engine.phone_key(told.phone))
        for row, known, told in found if known is None], batch_size=500)
    known_rows = []
    for _row, known, told in found:
        if known is not None:
            known.role, known.phone = told.role or known.role, told.phone or known.phone
            known.phone_key = engine.phone_key(known.phone)
            known_rows.append(known)
    Contact.objects.bulk_update(known_rows, ["role", "phone", "phone_key"], batch_size=500)


def _imported(plan: Plan, upload: Upload) -> dict[str, Any]:
    """The event of an import, by firm; what is about a person goes into the erasable side."""
    before = {change.row.uscc: not_personal(change.before) for change in plan.changed if not_personal(change.before)}
    after = {change.row.uscc: {**not_personal(change.after), **_parts(change)} for change in plan.changed}
    people = {entry.uscc: {**about_people(entry.values), **_contact_told(entry.contact)} for entry in plan.new}
    people |= {change.row.uscc: {"before": about_people(change.before), **about_people(change.after),
                                 **_contact_told(change.contact[1] if change.contact else None)} for change in plan.changed}
    return {
        "before": {"changed": before} if before else {},
        "after": {"file": upload.name, "sha256": upload.sha256, "counts": plan.counts, "new": [entry.uscc for entry in plan.new], "changed": after},
        "personal": {code: told for code, told in people.items() if any(told.values())},
    }


def _parts(change: Change) -> dict[str, Any]:
    found = {"former_names": list(change.former_names), "titles": [told.name for _known, told in change.titles],
             "contact": bool(change.contact), "legal_representative": "legal_representative" in change.after}
    return {name: value for name, value in found.items() if value}


def _contact_told(contact: ContactEntry | None) -> dict[str, str]:
    return {"contact": contact.name, "phone": contact.phone, "role": contact.role} if contact else {}
