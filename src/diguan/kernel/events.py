"""Event 留痕: who did what to which row, when and why; append-only and hash-chained per root.

One command writes one Event on its root row. Related rows are named in ``EventSubject``. The hash of
an event covers the digests of its parts and the hash of the event before it on the same root, so a
changed, removed or inserted row shows in ``verify``. Values about a natural person sit in
``EventPersonal``; the chain covers only their salted digest, so they can be erased without breaking it.

A chain alone cannot show that its *last* events were cut off, nor stop somebody who rewrites the whole
table: that is what the daily seals are for (``kernel/seals``), whose key lives outside the database.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, models, transaction
from django.db.models import OuterRef, Subquery

from diguan.kernel import chains, clocks
from diguan.kernel.records import chunks
from diguan.kernel.rows import Prepared, insert_rows

TRIES = 60


class AppendOnlyError(TypeError):
    """Somebody tried to change or delete an event."""


class AppendOnly(models.QuerySet[Any]):
    """A queryset that can read and insert, and nothing else."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError("events are never changed")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError("events are never changed")

    def delete(self) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError("events are never deleted")


class AppendOnlyModel(models.Model):
    """A row that is written once."""

    objects = AppendOnly.as_manager()

    class Meta:
        abstract = True

    def save_base(self, *args: Any, **kwargs: Any) -> None:
        """Insert; a second save of the same row is refused."""
        if not self._state.adding:
            raise AppendOnlyError("events are never changed")
        super().save_base(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError("events are never deleted")


class Event(AppendOnlyModel):
    """One deed. ``root`` is the row it was done to; ``seq`` counts the deeds on that row from 1."""

    root_type = models.CharField(max_length=80)
    root_id = models.CharField(max_length=64)
    seq = models.PositiveIntegerField()
    verb = models.SlugField("动作", max_length=60)
    at = models.DateTimeField("时间", db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    reason = models.TextField("理由", blank=True)
    # Canonical JSON kept as text: a database's own JSON type may respell numbers and break the digest.
    before_json = models.TextField(default="{}")
    after_json = models.TextField(default="{}")
    personal_digest = models.CharField(max_length=64, blank=True)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar = ["root_type", "root_id", "seq"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["root_type", "root_id", "seq"], name="event_root_seq_unique")
        ]

    def __str__(self) -> str:
        return f"{self.root_type}:{self.root_id}#{self.seq} {self.verb}"

    @property
    def before(self) -> dict[str, Any]:
        """What was there."""
        return dict(json.loads(self.before_json))

    @property
    def after(self) -> dict[str, Any]:
        """What is there now."""
        return dict(json.loads(self.after_json))


class EventSubject(AppendOnlyModel):
    """A row an event also concerns, so that it shows on that row's timeline."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="subjects")
    subject_type = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "subject_type", "subject_id"], name="event_subject_unique")
        ]
        indexes: ClassVar = [models.Index(fields=["subject_type", "subject_id"], name="event_subject_lookup")]

    def __str__(self) -> str:
        return f"{self.subject_type}:{self.subject_id}"


class EventPersonal(models.Model):
    """Values about a natural person; may be erased, the event and its chain stay."""

    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="personal_row")
    salt = models.CharField(max_length=32)
    values_json = models.TextField()

    def __str__(self) -> str:
        return f"personal values of event {self.event_id}"


@dataclass(frozen=True)
class _Draft:
    """An event about to be linked, its subjects, and what is kept beside it."""

    event: Event
    subjects: list[tuple[str, str]]
    salt: str
    values: str


@dataclass(frozen=True)
class Break:
    """A place where a chain does not hold: ``what`` is gap, previous, hash, personal."""

    seq: int
    what: str


def key_of(record: models.Model) -> tuple[str, str]:
    """Return the (type, id) under which a row's events are kept."""
    return record._meta.label_lower, str(record.pk)


@dataclass(frozen=True)
class Deed:
    """What one event says of one root: values before and after, the other rows it shows on, what is personal and may be erased."""

    record: models.Model
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    related: Iterable[models.Model] = ()
    personal: Mapping[str, Any] = field(default_factory=dict)


def append(
    record: models.Model,
    verb: str,
    *,
    by: AbstractBaseUser | None,
    reason: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    related: Iterable[models.Model] = (),
    personal: Mapping[str, Any] | None = None,
) -> Event:
    """Append one event to the chain of ``record``. Actions do this; rooms do not call it.

    Two writers may reach for the same ``seq``: the unique constraint lets one win, the other reads the
    chain again and takes the next. (SQLite never gets there: its writers queue.)

    Args:
        record: the root row, saved.
        verb: what was done, ``contact_changed``.
        by: the actor; None for the system itself.
        reason: why, in the actor's words.
        before: values before, without anything about a natural person.
        after: values after, likewise.
        related: other rows on whose timeline this shows.
        personal: values about a natural person, erasable.
    """
    return append_all([Deed(record, before or {}, after or {}, related, personal or {})], verb, by=by, reason=reason)[0]


def append_all(deeds: Sequence[Deed], verb: str, *, by: AbstractBaseUser | None, reason: str = "") -> list[Event]:
    """As :func:`append`, of several deeds of one command: an event and a link for each, in their order, by a few statements for all."""
    at, drafts = clocks.now(), []
    for deed in deeds:
        root = key_of(deed.record)
        salt, values = secrets.token_hex(16) if deed.personal else "", _json(deed.personal)
        event = Event(root_type=root[0], root_id=root[1], verb=verb, at=at, actor_id=by.pk if by else None, reason=reason, before_json=_json(deed.before),
                      after_json=_json(deed.after), personal_digest=chains.sha(salt + values) if deed.personal else "")
        drafts.append(_Draft(event, sorted({key_of(row) for row in deed.related} - {root}), salt, values))
    with transaction.atomic(savepoint=False):
        _insert(drafts)
        insert_rows([EventSubject(event=draft.event, subject_type=kind, subject_id=key) for draft in drafts for kind, key in draft.subjects])
        insert_rows([EventPersonal(event=draft.event, salt=draft.salt, values_json=draft.values) for draft in drafts if draft.salt])
    return [draft.event for draft in drafts]


def verify(record: models.Model) -> list[Break]:
    """Check the chain of one root; an empty list means that every link holds."""
    root_type, root_id = key_of(record)
    return verify_key(root_type, root_id)


def verify_key(root_type: str, root_id: str) -> list[Break]:
    """Check the chain kept under a (type, id), also when the row itself is gone."""
    breaks: list[Break] = []
    previous, expected = chains.FIRST, 1
    rows = Event.objects.filter(root_type=root_type, root_id=root_id).order_by("seq")
    for event in rows.prefetch_related("subjects").select_related("personal_row"):
        if event.seq != expected:
            breaks.append(Break(event.seq, "gap"))
        if event.previous != previous:
            breaks.append(Break(event.seq, "previous"))
        subjects = sorted((row.subject_type, row.subject_id) for row in event.subjects.all())
        if event.hash != _hash(event, subjects):
            breaks.append(Break(event.seq, "hash"))
        if not _personal_holds(event):
            breaks.append(Break(event.seq, "personal"))
        previous, expected = event.hash, event.seq + 1
    return breaks


def verify_all() -> dict[tuple[str, str], list[Break]]:
    """Check every chain; only broken ones are in the answer."""
    roots = Event.objects.order_by("root_type", "root_id").values_list("root_type", "root_id").distinct()
    checked = {(kind, key): verify_key(kind, key) for kind, key in roots.iterator()}
    return {root: breaks for root, breaks in checked.items() if breaks}


def erase_personal(record: models.Model) -> int:
    """Erase the personal values kept with a row's events; returns how many. The chain still holds."""
    root_type, root_id = key_of(record)
    rows = EventPersonal.objects.filter(event__root_type=root_type, event__root_id=root_id)
    return rows.delete()[0]


def _insert(drafts: Sequence[_Draft]) -> None:
    for attempt in range(TRIES):
        heads = _heads({(draft.event.root_type, draft.event.root_id) for draft in drafts})
        for draft in drafts:
            event, root = draft.event, (draft.event.root_type, draft.event.root_id)
            seq, previous = heads.get(root, (0, chains.FIRST))
            event.seq, event.previous = seq + 1, previous
            event.hash = _hash(event, draft.subjects)
            heads[root] = (event.seq, event.hash)
        try:
            with transaction.atomic():
                insert_rows([draft.event for draft in drafts])
        except IntegrityError:
            if attempt == TRIES - 1:
                raise
        else:
            return


def _heads(roots: set[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, str]]:
    """The last link of each chain that has one."""
    found: dict[tuple[str, str], tuple[int, str]] = {}
    for kind in {kind for kind, _key in roots}:
        for keys in chunks([key for each, key in roots if each == kind]):
            if len(keys) == 1:
                last: Iterable[tuple[Any, ...]] = _HEAD.rows(kind, keys[0])
            else:
                newest = Event.objects.filter(root_type=kind, root_id=OuterRef("root_id")).order_by("-seq").values("seq")[:1]
                last = Event.objects.filter(root_type=kind, root_id__in=keys, seq=Subquery(newest)).order_by().values_list("root_id", "seq", "hash")
            found |= {(kind, key): (seq, digest) for key, seq, digest in last}
    return found


_HEAD = Prepared(lambda kind, key: Event.objects.filter(root_type=kind, root_id=key).order_by("-seq").values_list("root_id", "seq", "hash")[:1], "a.kind", "a key")


def _hash(event: Event, subjects: list[tuple[str, str]]) -> str:
    return chains.link(
        root=(event.root_type, event.root_id), seq=event.seq, verb=event.verb, at=event.at, actor=event.actor_id, reason=event.reason, before=event.before_json,
        after=event.after_json, personal=event.personal_digest, subjects=subjects, previous=event.previous)


def _personal_holds(event: Event) -> bool:
    row = getattr(event, "personal_row", None)
    return row is None or chains.sha(row.salt + row.values_json) == event.personal_digest


def _json(value: Any) -> str:
    return chains.canonical(value, DjangoJSONEncoder)
