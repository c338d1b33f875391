"""Writes of what ends: a matter or a life event is retired from a day on, with its reason and its legal ground or successor."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import F

from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.messages import Message, nearest
from diguan.services.models import LifeEvent, Matter, MatterState, Retirement
from diguan.services.queries import PUBLISH, life_events


@action(permission=PUBLISH, event="matter_retired", on="matter")
def retire_matter(*, matter: Matter, version: int, day: dt.date, reason: str, basis: str = "", successor: str = "", by: Person) -> Done[Matter]:
    """End a matter: from the day on no case begins with it, those under way go on as they were frozen. A version published later undoes it.

    Args:
        matter: a published one.
        version: of its row, as it was read.
        day: the first day without it; tomorrow or later, so that what began today stands on what held today.
        reason: why, 4 to 300 characters.
        basis: the article or decision that ends it.
        successor: key of the matter to be asked for instead; one of both has to be said.
        by: who publishes matters of this bureau.

    Raises:
        Refusal: ``invalid`` (field named), ``not_published``, ``retired`` already, ``conflict``.
    """
    last = matter.versions.filter(published=True).first()
    if last is None:
        raise Refusal("not_published", [Message("没有发布过，不用停用", "it was never published")])
    if successor and (successor == matter.key or not Matter.objects.filter(key=successor, state=MatterState.PUBLISHED).exists()):
        raise _unknown(successor, Matter.objects.filter(state=MatterState.PUBLISHED).exclude(pk=matter.pk).values_list("key", flat=True))
    _said(day, reason, basis, successor)
    if Matter.objects.filter(pk=matter.pk, version=version).update(version=F("version") + 1, changed_by=by, changed_at=clocks.now()) != 1:
        raise Refusal("conflict", [Message("没停成：别人先改了这个事项，请对照后再来", "Not retired: somebody changed this matter first. Compare and try again")])
    return Done(Matter.objects.get(pk=matter.pk), after=_keep(Retirement(matter=matter, after=last.number, day=day, reason=reason.strip(), basis=basis.strip(), successor=successor, by=by)))


@action(permission=life_events.PUBLISH, event="life_event_retired", on="life_event")
def retire_life_event(*, life_event: LifeEvent, version: int, day: dt.date, reason: str, basis: str = "", successor: str = "", by: Person) -> Done[LifeEvent]:
    """End a life event, as :func:`retire_matter` ends a matter.

    Raises:
        Refusal: ``invalid`` (field named), ``retired`` already, ``conflict``.
    """
    if successor and (successor == life_event.key or not LifeEvent.objects.filter(key=successor).exists()):
        raise _unknown(successor, LifeEvent.objects.exclude(pk=life_event.pk).values_list("key", flat=True))
    _said(day, reason, basis, successor)
    if LifeEvent.objects.filter(pk=life_event.pk, version=version).update(version=F("version") + 1, changed_by=by, changed_at=clocks.now()) != 1:
        raise Refusal("conflict", [Message("没停成：别人先改了这件事，请对照后再来", "Not retired: somebody changed this life event first. Compare and try again")])
    last = life_event.versions.latest("number")
    return Done(LifeEvent.objects.get(pk=life_event.pk), after=_keep(Retirement(life_event=life_event, after=last.number, day=day, reason=reason.strip(), basis=basis.strip(), successor=successor, by=by)))


def _unknown(successor: str, known: object) -> Refusal:
    like = nearest(successor, [str(one) for one in known])  # type: ignore[attr-defined]
    return Refusal("invalid", [Message(f"改办的“{successor}”没有发布，或就是它自己" + (f"；是不是 {like}？" if like else ""), f"the successor {successor} is not published, or is this one itself" + (f"; is it {like}?" if like else ""))], "successor")


def _said(day: dt.date, reason: str, basis: str, successor: str) -> None:
    if day <= clocks.today():
        raise Refusal("invalid", [Message("停用日期最早是明天：今天已经受理的按今天的办", "the first day without it is tomorrow or later: what began today stands on what holds today")], "day")
    if not 4 <= len(reason.strip()) <= 300:
        raise Refusal("invalid", [Message("请写为什么停用，4 到 300 字", "say why, in 4 to 300 characters")], "reason")
    if len(basis.strip()) > 300:
        raise Refusal("invalid", [Message("依据最多 300 字", "the ground has at most 300 characters")], "basis")
    if not basis.strip() and not successor:
        raise Refusal("invalid", [Message("写明依据，或者改办哪个", "say the legal ground, or what to ask for instead")], "basis")


def _keep(row: Retirement) -> dict[str, object]:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Refusal("retired", [Message("已经停用了；要恢复请发布新的一版", "it is retired already; a new version brings it back")]) from error
    return {"day": row.day, "after": row.after, "basis": row.basis, "successor": row.successor, "reason": row.reason}
