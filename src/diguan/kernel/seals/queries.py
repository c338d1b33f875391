"""Reads of seals: the heads they hold, whether they still hold, and the file that proves one chain."""

from __future__ import annotations

import datetime as dt
import json
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models

from diguan.kernel import access, chains, timelines
from diguan.kernel.access.roles import title_of
from diguan.kernel.events import Event, key_of
from diguan.kernel.messages import Message
from diguan.kernel.records import chunks
from diguan.kernel.seals import casefile, merkle, signing
from diguan.kernel.seals.models import Seal

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person

LATE = dt.timedelta(days=1)
"""What was begun before a seal may be committed after it: the next one looks back so far."""


def folder() -> Path:
    """Where the sealed heads lie, a file a seal."""
    return Path(settings.DIGUAN_DATA) / "seals"


def lines_path(until: dt.datetime) -> Path:
    """The file of one seal: ``type, id, seq, hash`` a line, in order."""
    return folder() / f"{until.astimezone(dt.UTC):%Y%m%dT%H%M%S%fZ}.txt"


def lines(seal: Seal) -> list[str]:
    """The heads of one seal; empty where the file is gone."""
    path = lines_path(seal.until)
    return path.read_text("utf-8").splitlines() if path.exists() else []


def heads(until: dt.datetime) -> list[str]:
    """The heads of the chains as they stood before an instant: all of them the first time, then those that grew since the seal before."""
    before = Seal.objects.filter(until__lt=until).order_by("-until").values_list("until", flat=True).first()
    rows = Event.objects.filter(at__lt=until, **({"at__gte": before - LATE} if before else {})).order_by("root_type", "root_id", "-seq")
    found, last = [], None
    for kind, key, seq, digest in rows.values_list("root_type", "root_id", "seq", "hash").iterator():
        if (kind, key) != last:
            found.append(casefile.line_of((kind, key), seq, digest))
        last = (kind, key)
    return sorted(found)


def statement(until: dt.datetime, found: list[str]) -> str:
    """What is signed."""
    before = Seal.objects.filter(until__lt=until).order_by("-until").values_list("statement", flat=True).first()
    return chains.canonical({"format": "diguan-seal/1", "until": until.astimezone(dt.UTC).isoformat(timespec="microseconds"), "heads": len(found), "root": merkle.root(found),
                             "previous": chains.sha(before) if before else chains.FIRST})


# ── the file of one chain ────────────────────────────────────────────────────
def case_file(person: Person, record: models.Model) -> str:
    """The chain of a row, its place in the newest seal that holds it, and the signature, as JSON text.

    Raises:
        Forbidden: the person may not view the row.
    """
    if not timelines.viewable(person, record):
        permission = str(getattr(record, "view_permission", ""))
        raise access.Forbidden(permission, title_of(permission))
    return chain_file(*key_of(record))


def chain_file(kind: str, key: str) -> str:
    """As :func:`case_file`, of a chain by its key; whoever calls it has seen to the rights."""
    events = [_event(event) for event in Event.objects.filter(root_type=kind, root_id=key).order_by("seq").prefetch_related("subjects")]
    seal, proof = _proof(kind, key)
    told = {"statement": seal.statement, "suite": seal.suite, "public_key": seal.public_key, "signature": seal.signature} if seal else None
    return json.dumps({"format": casefile.FORMAT, "root": [kind, key], "events": events, "seal": told, "proof": proof}, ensure_ascii=False, indent=1) + "\n"


def _event(event: Event) -> dict[str, Any]:
    subjects = sorted([row.subject_type, row.subject_id] for row in event.subjects.all())
    return {"seq": event.seq, "verb": event.verb, "at": event.at.astimezone(dt.UTC).isoformat(timespec="microseconds"), "actor": event.actor_id, "reason": event.reason,
            "before": event.before_json, "after": event.after_json, "personal": event.personal_digest, "subjects": subjects, "previous": event.previous, "hash": event.hash}


def _proof(kind: str, key: str) -> tuple[Seal | None, dict[str, Any] | None]:
    """The newest seal with this chain, and the way from it to the root."""
    start = f"{kind}\t{key}\t"
    for seal in Seal.objects.order_by("-until").iterator():
        found = lines(seal)
        at = bisect_left(found, start)
        if at < len(found) and found[at].startswith(start):
            seq, digest = found[at].split("\t")[2:]
            return seal, {"seq": int(seq), "hash": digest, "path": merkle.path(found, at)}
    return None, None


# ── do they hold ─────────────────────────────────────────────────────────────
def faults() -> Iterator[Message]:
    """What of the seals, and of the chains under them, does not hold; oldest first."""
    before = chains.FIRST
    for seal in Seal.objects.order_by("until"):
        day = f"{seal.until.astimezone(dt.UTC):%Y-%m-%d %H:%M}Z"
        suite = signing.SUITES.get(seal.suite)
        if suite is None or not suite.holds(seal.public_key, seal.statement, seal.signature):
            yield Message(f"{day} 的封存签名不对", f"the signature of the seal of {day} does not hold")
        told = json.loads(seal.statement)
        if told["previous"] != before:
            yield Message(f"{day} 的封存接不上前一份", f"the seal of {day} does not follow the one before")
        before = chains.sha(seal.statement)
        found = lines(seal)
        if merkle.root(found) != told["root"]:
            yield Message(f"{day} 的封存清单不见了或改过", f"the list of the seal of {day} is missing or was edited")
        else:
            yield from _lost(day, found)


def _lost(day: str, found: list[str]) -> Iterator[Message]:
    """The chains whose sealed head is there no longer, or another."""
    for part in chunks([line.split("\t") for line in found]):
        rows = Event.objects.filter(root_type__in={kind for kind, *_ in part}, root_id__in={key for _kind, key, *_ in part})
        there = {(kind, key, str(seq), digest) for kind, key, seq, digest in rows.values_list("root_type", "root_id", "seq", "hash")}
        for kind, key, seq, digest in part:
            if (kind, key, seq, digest) not in there:
                yield Message(f"{kind} {key} 的留痕第 {seq} 条和 {day} 封存的对不上：被截掉或重写过", f"event {seq} of {kind} {key} is not the one sealed at {day}: cut off or rewritten")
