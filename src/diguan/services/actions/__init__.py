"""Writes of the matter library: one person drafts, another publishes; a published version is never written again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from diguan.enterprises.engine import name_key
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person, Unit
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.facts.models import Upload
from diguan.kernel.messages import Message
from diguan.kernel.records import Visibility
from diguan.services import queries
from diguan.services.engine import matters
from diguan.services.models import Matter, MatterState, MatterVersion
from diguan.services.queries import CHANGE, IMPORT, PUBLISH, Entry, Plan, shelf

SHOWN = ("name", "catalog_code", "kind", "bureau", "case_type", "statutory_days", "promised_days", "visits", "is_fee", "provisional")
"""What the row of a matter copies from its newest version."""
FIRST = Message("没保存上，您填的还在：别人先改了这个事项，请对照后再保存", "Not saved; your entry is kept: somebody changed this matter first. Compare and save again")


# ── drafting ─────────────────────────────────────────────────────────────────
@action(permission=CHANGE, event="matter_drafted")
def create_matter(*, key: str, content: Mapping[str, Any], valid_from: dt.date, valid_to: dt.date | None = None, by: Person, reason: str = "") -> Done[Matter]:
    """Enter a new matter as a draft; it belongs to the bureau it names.

    Raises:
        Refusal: ``invalid`` or ``taken`` (field named), ``beyond``: that bureau is not this person's.
    """
    entry = _checked(Entry(key, matters.whole(content), valid_from, valid_to))
    unit = _unit(entry.content["bureau"], by, CHANGE)
    row, draft = _new(entry, unit, by, origin="form")
    return Done(row, after=_told(draft))


@action(permission=CHANGE, event="matter_drafted", on="matter")
def draft_matter(*, matter: Matter, version: int, content: Mapping[str, Any], valid_from: dt.date, valid_to: dt.date | None = None, by: Person, reason: str = "") -> Done[Matter]:
    """Write the draft of a matter's next version, as somebody saw the matter at ``version``; what is published stays in force.

    Raises:
        Refusal: ``invalid`` (field named), ``moved``: a matter does not change its bureau by a draft, ``conflict``: somebody saved first.
    """
    entry = _checked(Entry(matter.key, matters.whole(content), valid_from, valid_to))
    if entry.content["bureau"] != matter.bureau:
        _unit(entry.content["bureau"], by, CHANGE)
    before = matter.versions.first()
    _claim(matter, version, by)
    draft = _draft(matter, entry, by, origin="form")
    return Done(Matter.objects.get(pk=matter.pk), before={"number": before.number, "digest": before.digest} if before else {}, after=_told(draft))


@action(permission=CHANGE, event="matter_draft_dropped", on="matter")
def drop_draft(*, matter: Matter, version: int, by: Person, reason: str = "") -> Done[Matter]:
    """Throw away the draft of a matter that has been published before.

    Raises:
        Refusal: ``no_draft``: there is none, or nothing else is there; ``conflict``.
    """
    draft = matter.versions.filter(published=False).first()
    if draft is None or not matter.versions.filter(published=True).exists():
        raise Refusal("no_draft", [Message("没有草稿可丢，或这个事项还没有发布过", "there is no draft, or the matter was never published")])
    _claim(matter, version, by)
    before = _told(draft)
    draft.delete()
    return Done(Matter.objects.get(pk=matter.pk), before=before)


# ── publishing ───────────────────────────────────────────────────────────────
@action(permission=PUBLISH, event="matter_published", on="matter")
def publish_matter(*, matter: Matter, version: int, by: Person, reason: str = "") -> Done[Matter]:
    """Freeze the draft: from its first day on it is what holds. Who drafted it does not publish it.

    Raises:
        Refusal: ``no_draft``, ``own_draft``, ``invalid`` with everything that stops it, ``too_early``: an earlier version begins later, ``conflict``.
    """
    draft = matter.versions.filter(published=False).first()
    if draft is None:
        raise Refusal("no_draft", [Message("没有等发布的草稿", "no draft waits to be published")])
    if draft.drafted_by_id == by.pk:
        raise Refusal("own_draft", [Message("起草的和发布的要是两个人", "who drafted it does not publish it")])
    wrong = matters.errors(draft.content, shelf.known())
    if wrong:
        raise Refusal("invalid", [each.message for each in wrong], field=wrong[0].field)
    _in_order(matter, draft.valid_from)
    _claim(matter, version, by)
    _freeze(matter, draft, by)
    return Done(Matter.objects.get(pk=matter.pk), after=_told(draft))


@action(permission=PUBLISH, event="matter_adopted")
def adopt_matter(*, key: str, by: Person, reason: str = "") -> Done[Matter]:
    """Take a matter of the packs into the library, published as it stands there; the pack is the county's own decision.

    Raises:
        Refusal: ``no_matter``: no pack has it, ``same``: the library says the same already.
    """
    if key not in shelf.matters():
        raise Refusal("no_matter", [Message(f"数据包里没有事项 {key}", f"no pack has a matter {key}")], field="key")
    text = shelf.matters()[key]
    first = clocks.today().replace(month=1, day=1)
    entry, row = Entry(key, text.content, first), Matter.objects.filter(key=key).first()
    if row is None:
        unit = queries.units_named([entry.content["bureau"]]).get(entry.content["bureau"])
        row, draft = _new(entry, unit, by, origin=text.file)
    else:
        if (was := row.versions.filter(published=True).first()) is not None and was.content == entry.content:
            raise Refusal("same", [Message("库里已经是这样", "the library says the same already")])
        entry = Entry(key, entry.content, max(first, was.valid_from if was else first))
        _claim(row, row.version, by)
        draft = _draft(row, entry, by, origin=text.file)
    _freeze(row, draft, by)
    return Done(Matter.objects.get(pk=row.pk), after={**_told(draft), "origin": text.file})


@action(permission=IMPORT, event="matters_imported")
def import_matters(*, plan: Plan, upload: Upload, by: Person, reason: str = "") -> Done[Upload]:
    """Enter a checked file as drafts, all of it or nothing; another person publishes them.

    Raises:
        Refusal: ``beyond``: a matter or bureau is not this person's, ``conflict``: the library changed since the file was compared.
    """
    if plan.beyond:
        raise Refusal("beyond", [Message("有事项不归您管，一行都没有写入", "some matters are not yours; nothing was written")])
    touched = []
    try:
        with transaction.atomic():
            for entry in plan.new:
                row, _made = _new(entry, plan.units.get(entry.content["bureau"]), by, origin=upload.name)
                touched.append(row)
            for row, _was, entry in plan.changed:
                access.require(by, IMPORT, row)
                _claim(row, row.version, by)
                _draft(row, entry, by, origin=upload.name)
                touched.append(row)
    except IntegrityError as error:
        raise Refusal("conflict", [Message("核对之后有人改动了事项库，一行都没有写入；请重新导入", "the library was changed after the check; nothing was written, import again")]) from error
    return Done(upload, after={"file": upload.name, "sha256": upload.sha256, "counts": plan.counts, "matters": [row.key for row in touched]}, related=touched)


# ── parts ────────────────────────────────────────────────────────────────────
def _checked(entry: Entry) -> Entry:
    """What can be kept as a draft: readable and within bounds; what only a publication needs may still be missing."""
    if entry.valid_to is not None and entry.valid_from is not None and entry.valid_to < entry.valid_from:
        raise Refusal("invalid", [Message("停用日期在启用日期之前", "it ends before it begins")], field="valid_to")
    wrong = [each for each in matters.errors(entry.content, shelf.known()) if each.field in ("name", "kind", "bureau", "case_type", "catalog_code", "task_code", "requirements")]
    if wrong:
        raise Refusal("invalid", [each.message for each in wrong], field=wrong[0].field)
    if entry.key and not matters.KEY.fullmatch(entry.key):
        raise Refusal("invalid", [Message("标识只用小写字母、数字和下划线", "a key is made of lower-case letters, digits and _")], field="key")
    return entry


def _unit(bureau: str, by: Person, permission: str) -> Unit | None:
    """The office of that name, if this person's right reaches it."""
    unit = queries.units_named([bureau]).get(bureau)
    reach = access.scope(by, permission)
    if reach is not access.Scope.COUNTY and (unit is None or not access.visible(Unit.objects.filter(pk=unit.pk), by, permission).exists()):
        raise Refusal("beyond", [Message(f"“{bureau}”不是您的单位", f"“{bureau}” is not your office")], field="bureau")
    return unit


def _key_of(entry: Entry) -> str:
    return entry.key or (entry.content["task_code"] or "").lower() or f"m{matters.digest(entry.content)[:12]}"


def _columns(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: content[name] for name in SHOWN} | {"name_key": name_key(content["name"]), "task_code": content["task_code"] or None}


def _new(entry: Entry, unit: Unit | None, by: Person, origin: str) -> tuple[Matter, MatterVersion]:
    try:
        with transaction.atomic():
            row = Matter.objects.create(key=_key_of(entry), owner_unit=unit, created_by=by, changed_by=by, **_columns(entry.content))
    except IntegrityError as error:
        raise Refusal("taken", [Message("这个标识或实施编码已经有了", "this key or implementation code is there already")], field="task_code") from error
    return row, _draft(row, entry, by, origin)


def _draft(row: Matter, entry: Entry, by: Person, origin: str) -> MatterVersion:
    """Write the draft of the next version; the one that was there is replaced."""
    row.versions.filter(published=False).delete()
    last = row.versions.first()
    draft = MatterVersion(matter=row, number=last.number + 1 if last else 1, content=entry.content, valid_from=entry.valid_from or clocks.today(), valid_to=entry.valid_to, origin=origin[:200], drafted_by=by)
    draft.digest = queries.digest_of(draft)
    draft.save(force_insert=True)
    if last is None:
        Matter.objects.filter(pk=row.pk).update(**_columns(entry.content))
    return draft


def _claim(row: Matter, version: int, by: Person) -> None:
    """Take the row as it was seen; the row count says who came first."""
    hit = Matter.objects.filter(pk=row.pk, version=version).update(version=F("version") + 1, changed_by=by, changed_at=clocks.now())
    if hit != 1:
        raise Refusal("conflict", [FIRST])


def _in_order(row: Matter, first: dt.date) -> None:
    last = row.versions.filter(published=True).first()
    if last is not None and first < last.valid_from:
        raise Refusal("too_early", [Message(f"上一版 {last.valid_from} 启用，这一版不能更早", f"the version before begins on {last.valid_from}; this one cannot begin earlier")], field="valid_from")


def _freeze(row: Matter, draft: MatterVersion, by: Person) -> None:
    hit = MatterVersion.objects.filter(pk=draft.pk, published=False).update(published=True, published_by=by, published_at=clocks.now())
    if hit != 1:
        raise Refusal("conflict", [FIRST])
    try:
        with transaction.atomic():
            unit = queries.units_named([draft.content["bureau"]]).get(draft.content["bureau"])
            Matter.objects.filter(pk=row.pk).update(state=MatterState.PUBLISHED, visibility=Visibility.COUNTY, owner_unit=unit or row.owner_unit, **_columns(draft.content))
    except IntegrityError as error:
        raise Refusal("taken", [Message("另一个事项已经用了这个实施编码", "another matter has this implementation code")], field="task_code") from error


def _told(draft: MatterVersion) -> dict[str, Any]:
    return {"number": draft.number, "digest": draft.digest, "valid_from": draft.valid_from, "valid_to": draft.valid_to}
