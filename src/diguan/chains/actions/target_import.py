"""Bringing in a list of firms: all of a file or nothing, the latest telling counts and no older list takes anything back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from diguan.chains.engine.targets import core_key
from diguan.chains.models import FirmList, Membership, TargetFirm, TargetNode, Telling
from diguan.chains.queries import targets as register
from diguan.chains.queries.targets import IMPORT, TEXTS, Entry, Kept, Plan, Slot
from diguan.enterprises.engine import name_key
from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.facts.models import Upload
from diguan.kernel.messages import Message
from diguan.kernel.records import CHUNK, chunks

ListId = tuple[str, str, int]


@action(permission=IMPORT, event="targets_imported")
def import_targets(*, plan: Plan, upload: Upload, by: Person, reason: str = "") -> Done[Upload]:
    """Enter what a checked file tells; one Event, on the upload, with every list and firm it touched.

    Raises:
        Refusal: ``invalid`` where the plan holds an error, or ``conflict``: the firms changed since the file was compared.
    """
    if plan.wrong:
        raise Refusal("invalid", [message for _column, message in plan.wrong.values()])
    try:
        with transaction.atomic():
            lists = _lists(plan.slots, upload, by)
            firms = _firms(plan.slots, by)
            before = register.kept(plan.slots)
            _members(firms, lists, before, by)
            _nodes(firms, before)
            _tellings(firms, lists, before)
            settle([firm.pk for firm, slot in firms if slot.firm is not None], by)  # a new one was made with what counts
    except IntegrityError as error:
        raise Refusal("conflict", [Message("核对之后有人改动了目标企业，一行都没有写入；请重新导入", "target firms were changed after the check; nothing was written, import again")]) from error
    told = {"file": upload.name, "sha256": upload.sha256, "counts": dict(plan.counts), "lists": [str(one) for one in lists.values()]}
    return Done(upload, after=told, related=[*lists.values(), *(firm for firm, _slot in firms)])


def _stamp(by: Person) -> dict[str, Any]:
    now = clocks.now()
    return {"owner_unit": None, "created_by": by, "changed_by": by, "created_at": now, "changed_at": now}


def _lists(slots: Sequence[Slot], upload: Upload, by: Person) -> dict[ListId, FirmList]:
    """The lists a file names; one that is there already keeps its row and takes the file's source."""
    found: dict[ListId, FirmList] = {}
    for entry in (entry for slot in slots for entry in slot.entries):
        if entry.list.key in found:
            continue
        kind, key, year = entry.list.key
        row = FirmList.objects.filter(kind=kind, name_key=key, year=year).first() or FirmList(kind=kind, name=entry.list.name, name_key=key, year=year, **_stamp(by))
        row.source, row.upload, row.changed_by, row.changed_at = entry.source, upload, by, clocks.now()
        row.save()
        found[entry.list.key] = row
    return found


def _firms(slots: Sequence[Slot], by: Person) -> list[tuple[TargetFirm, Slot]]:
    fresh = [slot for slot in slots if slot.firm is None]
    rows = [_fresh(slot.entries, by) for slot in fresh]
    TargetFirm.objects.bulk_create(rows, batch_size=CHUNK)
    made = {id(slot): row for slot, row in zip(fresh, rows, strict=True)}
    return [(slot.firm or made[id(slot)], slot) for slot in slots]


def _fresh(entries: Sequence[Entry], by: Person) -> TargetFirm:
    values: dict[str, Any] = {}
    for entry in sorted(entries, key=lambda entry: entry.told_on):  # as settle has it: of one day the one entered last
        values |= entry.tells
    key = name_key(values["name"])
    return TargetFirm(**values, name_key=key, core_key=core_key(key), **_stamp(by))


def _members(firms: Sequence[tuple[TargetFirm, Slot]], lists: dict[ListId, FirmList], before: Kept, by: Person) -> None:
    new, changed = [], []
    for firm, slot in firms:
        for entry in slot.entries:
            row = before.memberships.get((firm.pk, entry.list.key))
            if row is None:
                new.append(Membership(firm=firm, list=lists[entry.list.key], **entry.membership, **_stamp(by)))
                continue
            # A proof somebody gave is not lost because a file that comes later says nothing of it.
            told = {name: value for name, value in entry.membership.items() if value or name in ("rank", "parent")}
            for name, value in told.items():
                setattr(row, name, value)
            row.changed_by, row.changed_at = by, clocks.now()
            changed.append(row)
    Membership.objects.bulk_create(new, batch_size=CHUNK)
    Membership.objects.bulk_update(changed, ["rank", "parent", "control_proof", "proof_source", "changed_by", "changed_at"], batch_size=CHUNK)


def _nodes(firms: Sequence[tuple[TargetFirm, Slot]], before: Kept) -> None:
    wanted = {(firm.pk, node): entry for firm, slot in firms for entry in slot.entries for node in entry.nodes if node not in before.nodes.get(firm.pk, frozenset())}
    TargetNode.objects.bulk_create([TargetNode(firm_id=number, node=node, source=f"{entry.list.name} {entry.list.year}"[:100]) for (number, node), entry in wanted.items()], batch_size=CHUNK)


def _tellings(firms: Sequence[tuple[TargetFirm, Slot]], lists: dict[ListId, FirmList], before: Kept) -> None:
    new: list[Telling] = []
    changed: list[Telling] = []
    for firm, slot in firms:
        for entry in slot.entries:
            there = before.tellings.get((firm.pk, entry.list.key), {})
            of = lists[entry.list.key]
            for column, value in entry.tells.items():
                row = there.get(column) or Telling(firm=firm, column=column, list=of)
                row.num, row.text = (None, str(value)) if column in TEXTS else (int(value), "")
                row.source, row.told_on = register.list_label(of), entry.told_on
                (new if row.pk is None else changed).append(row)
    Telling.objects.bulk_create(new, batch_size=CHUNK)
    Telling.objects.bulk_update(changed, ["num", "text", "source", "told_on"], batch_size=CHUNK)


def settle(numbers: Iterable[int], by: Person) -> None:
    """Give each of these firms the values that count by now, where they are others than before."""
    for part in chunks(sorted(numbers)):
        told: dict[int, list[Telling]] = defaultdict(list)
        for one in Telling.objects.filter(firm__in=part):
            told[one.firm_id].append(one)
        for row in TargetFirm.objects.filter(pk__in=part):
            changed = {column: value for column, value in register.counting(told[row.pk]).items() if getattr(row, column) != value}
            if changed:  # one statement a row: bulk_update writes a CASE of every row for every column
                TargetFirm.objects.filter(pk=row.pk).update(**changed, **_keys(changed), version=F("version") + 1, changed_by=by, changed_at=clocks.now())


def _keys(changed: Mapping[str, Any]) -> dict[str, str]:
    if "name" not in changed:
        return {}
    key = name_key(changed["name"])
    return {"name_key": key, "core_key": core_key(key)}


def touched(firm: TargetFirm, version: int, by: Person) -> None:
    """Take a firm's next version, as somebody saw it.

    Raises:
        Refusal: ``conflict``, somebody changed it first.
    """
    if TargetFirm.objects.filter(pk=firm.pk, version=version, merged_into=None).update(version=F("version") + 1, changed_by=by, changed_at=clocks.now()) != 1:
        raise Refusal("conflict", [Message("没保存上：别人先改过，请重新打开再办", "Not saved: somebody changed it first; open it again")])
