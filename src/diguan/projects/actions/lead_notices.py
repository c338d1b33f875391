"""Notices of leads: who holds one is told once of each clock that has run out, and so is whoever leads the office. Nobody is ranked by it.

It runs with everything that is due (``diguan tick``, the worker of ``serve``). Run twice, or two at once, it tells nothing twice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from django.urls import reverse

from diguan.kernel import access, packs
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.messages import Message
from diguan.kernel.notices import actions as notices
from diguan.kernel.notices.kinds import Draft
from diguan.kernel.notices.models import Notice
from diguan.projects.models import Lead
from diguan.projects.queries import leads
from diguan.projects.queries.leads import CHANGE, VIEW

log = logging.getLogger("diguan.projects")
LATE, OFFERED = "projects.lead_late", "projects.lead_offered"
"""The kinds of notice: a clock of a lead has run out; a lead is offered to you."""
ABOUT, OFFER = "lead_clock", "lead_offer"
STAGE, PROGRESS, FEEDBACK = "stage", "progress", "feedback"
WORDS = {
    STAGE: Message("这一步的时限过了", "the term of its step has run out"),
    PROGRESS: Message("该写进展了", "news are due"),
    FEEDBACK: Message("还没答复引荐人", "its referrer was not answered"),
}


class _Nothing(Exception):
    """There is nothing new to tell; the transaction leaves no trace."""


def remind_due() -> int:
    """What the clock does; answers of how many leads somebody was told."""
    try:
        by = access.acting_person(None, CHANGE, VIEW)
        found = list(overdue(by))
    except Refusal:
        return 0
    except packs.PackError:  # a county's own file that cannot be read must not stop what else is due
        log.exception("leads could not be watched; it is done again the next time")
        return 0
    return sum(_reminded(lead, late, by) for lead, late in found)


def overdue(person: Person) -> Iterator[tuple[Lead, list[tuple[str, str]]]]:
    """The leads a person may see with what is late of each: which clock, and the day that is past."""
    rows, found = leads.visible_leads(person), dict[int, tuple[Lead, list[tuple[str, str]]]]()
    for clock, part, day in ((STAGE, leads.late(rows), "due"), (PROGRESS, leads.stale(rows), "progress_due"), (FEEDBACK, leads.unanswered(rows), "feedback_due")):
        for lead in part:
            found.setdefault(lead.pk, (lead, []))[1].append((clock, str(getattr(lead, day))))
    yield from found.values()


def _reminded(lead: Lead, late: list[tuple[str, str]], by: Person) -> int:
    told = set(Notice.objects.filter(kind=LATE, about_kind=ABOUT, about_id__in=[_about(lead, *one) for one in late]).values_list("about_id", flat=True))
    new = [one for one in late if _about(lead, *one) not in told]
    if not new:
        return 0
    try:
        remind(lead=lead, late=new, by=by)
    except _Nothing:
        return 0
    except Exception:  # one that cannot be told must not keep the others from it
        log.exception("nobody could be told of lead %s; it is done again the next time", lead.pk)
        return 0
    return 1


@action(permission=CHANGE, event="lead_reminded", on="lead")
def remind(*, lead: Lead, late: list[tuple[str, str]], by: Person) -> Done[Lead]:
    """Tell who holds a lead, and who leads the office, which of its clocks have run out. Each person once of each clock and day."""
    people = [person for person in (lead.holder, *leads.heads_of(lead)) if person is not None]
    drafts = [
        Draft(LATE, (ABOUT, _about(lead, clock, day)), Message(f"{lead.number} {WORDS[clock].zh}", f"{lead.number}: {WORDS[clock].en}"),
              Message(f"最晚 {day}。持有人：{lead.holder.name if lead.holder else '没有'}。", f"Due by {day}. Held by {lead.holder.name if lead.holder else 'nobody'}."),
              person=person, link=reverse("projects:lead", args=[lead.pk]))
        for clock, day in late for person in people]
    written = notices.write(drafts=drafts, by=by)
    if not written:
        raise _Nothing
    return Done(lead, after={"late": [list(one) for one in late]}, related=notices.references(row.pk for row in written))


def _about(lead: Lead, clock: str, day: str) -> str:
    return f"{lead.pk}/{clock}/{day}"


def end_notices(lead: Lead, by: Person) -> None:
    """What was told of its clocks holds no longer: something was done. Inside the action that did it."""
    rows = Notice.objects.filter(kind=LATE, about_kind=ABOUT, about_id__startswith=f"{lead.pk}/", ended_at__isnull=True)
    numbers = list(rows.values_list("pk", flat=True))
    if numbers:
        notices.end(numbers=numbers, by=by)


def tell_offer(lead: Lead, number: int, taker: Person, by: Person) -> None:
    """Tell somebody that a lead is offered to them. Inside the action that offers it."""
    notices.write(drafts=[Draft(OFFERED, (OFFER, str(number)), Message(f"{by.name} 想把线索 {lead.number} 交给您", f"{by.name} would hand lead {lead.number} to you"),
                                Message("接了以后由您跟进；不接就还在对方手里。", "Once you take it you follow it; until then it stays with them."), person=taker, link=reverse("projects:lead_offers"))], by=by)


def end_offer(number: int, by: Person) -> None:
    """The offer waits no longer. Inside the action that answered it."""
    notices.end(numbers=list(Notice.objects.filter(kind=OFFERED, about_kind=OFFER, about_id=str(number), ended_at__isnull=True).values_list("pk", flat=True)), by=by)
