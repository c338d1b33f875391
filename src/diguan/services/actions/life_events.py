"""Writes of life events: a document is published whole, as the next version, and never changed."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import F

from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.messages import Message
from diguan.kernel.records import Visibility
from diguan.kernel.rules.nodes import DocumentErrors
from diguan.services.engine import lifeevents
from diguan.services.engine.lifeevents import LifeEvent as Document
from diguan.services.models import LifeEvent, LifeEventVersion
from diguan.services.queries import life_events as reads
from diguan.services.queries.life_events import PUBLISH


@action(permission=PUBLISH, event="life_event_published")
def publish_life_event(*, text: str, origin: str = "", by: Person, reason: str = "") -> Done[LifeEvent]:
    """Publish a document as the next version of the life event it names; its matters have to be published.

    Raises:
        Refusal: ``invalid`` with every problem at its line, ``same``: the newest version is this document, ``conflict``.
    """
    document = _read(text)
    row = LifeEvent.objects.filter(key=document.id).first()
    last = row.versions.first() if row else None
    if last is not None and last.sha256 == document.sha256:
        raise Refusal("same", [Message("已经发布过同样的内容", "this very document is published already")])
    if last is not None and document.valid_from < last.valid_from:
        raise Refusal("too_early", [Message(f"上一版 {last.valid_from} 启用，这一版不能更早", f"the version before begins on {last.valid_from}; this one cannot begin earlier")])
    try:
        with transaction.atomic():
            row, version = _write(row, document, last, origin, by)
    except IntegrityError as error:
        raise Refusal("conflict", [Message("没发布上：别人先发布了一版，请对照后再来", "Not published: somebody published first. Compare and try again")]) from error
    return Done(row, before={"number": last.number, "sha256": last.sha256} if last else {}, after={"number": version.number, "sha256": version.sha256, "origin": origin})


def _read(text: str) -> Document:
    try:
        return lifeevents.parse(text.encode(), "life_event.yaml", reads.names())
    except DocumentErrors as error:
        raise Refusal("invalid", [Message(f"第 {each.line} 行：{each.message.zh}", f"line {each.line}: {each.message.en}") for each in error.problems]) from error


def _write(row: LifeEvent | None, document: Document, last: LifeEventVersion | None, origin: str, by: Person) -> tuple[LifeEvent, LifeEventVersion]:
    title = dict(document.title)
    if row is None:
        row = LifeEvent.objects.create(key=document.id, title=title, visibility=Visibility.COUNTY, created_by=by, changed_by=by)
    elif LifeEvent.objects.filter(pk=row.pk, version=row.version).update(title=title, version=F("version") + 1, changed_by=by, changed_at=clocks.now()) != 1:
        raise IntegrityError
    version = LifeEventVersion.objects.create(
        life_event=row, number=last.number + 1 if last else 1, text=document.text, sha256=document.sha256, valid_from=document.valid_from,
        valid_to=document.valid_to, origin=origin[:200], published_by=by)
    return LifeEvent.objects.get(pk=row.pk), version
