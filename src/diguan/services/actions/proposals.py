"""Writes of proposals: made of a note, accepted or refused, done with proof, found real or not by a third person; and the watch over their days."""

from __future__ import annotations

import logging
from typing import Any

from django.db.models import F

from diguan.kernel import access, clocks, packs
from diguan.kernel.access.models import Person, Unit
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.messages import Message
from diguan.kernel.notices import actions as notices
from diguan.kernel.notices.kinds import Draft
from diguan.kernel.notices.models import Notice
from diguan.kernel.stages.refusals import ChangedMeanwhile, no
from diguan.services.actions.walks import text_of
from diguan.services.models import LifeEventVersion, MatterVersion, Proposal, ProposalState, Walk, WalkNote
from diguan.services.models.walks import MOST_DAYS
from diguan.services.queries import proposals
from diguan.services.queries.proposals import FIX, VERIFY, WAITING
from diguan.services.queries.walks import WALK

log = logging.getLogger("diguan.services")
ABOUT = "proposal"
MADE, LATE = "services.proposal_made", "services.proposal_late"
"""The kinds of notice that tell an office's people of a proposal, and that it is overdue."""


@action(permission=WALK, event="proposal_made", on="walk")
def propose(*, walk: Walk, note: WalkNote, what: str, unit: Unit, days: int, owner: Person | None = None, by: Person, reason: str = "") -> Done[Proposal]:
    """Ask an office to change something by a day, and tell its people.

    Args:
        walk: the walk of the note, which has been closed; only who walked it proposes.
        note: what was met.
        what: what is to change, in 2 to 300 characters.
        unit: the office that answers for it.
        days: working days it has, today not counted.
        owner: who of that office; None: whoever takes it.
        by: who walked.
        reason: goes into the Event.

    Raises:
        Refusal: ``not_of_this``, ``not_closed``, ``no_unit``, ``no_owner``, ``invalid`` (field named), ``proposed`` the same already.
    """
    if note.step.walk_id != walk.pk:
        raise no("not_of_this", "这条记录不是这一次走的", "this note is not of this walk")
    if not Walk.objects.filter(pk=walk.pk, closed__isnull=False).update(version=F("version") + 1):  # holds the row: two at once make one
        raise no("not_closed", "走完之后再提整改建议", "close the walk before proposing")
    _answerable(unit, owner)
    if not 1 <= days <= MOST_DAYS:
        raise no("invalid", f"期限是 1 到 {MOST_DAYS} 个工作日", f"the term is 1 to {MOST_DAYS} working days", "days")
    words = text_of(what, 300, "what")
    if Proposal.objects.filter(note=note, what=words, owner_unit=unit).exists():
        raise no("proposed", "这一条已经提过了", "this was proposed before", "what")
    due = clocks.due_after(clocks.today(), days, packs.calendar())
    row = Proposal.objects.create(note=note, what=words, owner=owner, day=due.start, days=days, due=due.day, owner_unit=unit, created_by=by, changed_by=by)
    _tell(MADE, row, Message(f"整改建议：{words[:80]}", "A proposal of a walk waits for your office"), Message(f"请在 {row.due} 前答复、办好。", f"Please answer it and see to it by {row.due}."), by)
    return Done(row, after={"note": note.pk, "unit": unit.code, "owner": owner.pk if owner else None, "days": days, "due": row.due}, related=[walk])


def _answerable(unit: Unit, owner: Person | None) -> None:
    people = [person for person, _unit in proposals.people_of([unit])]
    if unit not in proposals.offices() or not people:
        raise no("no_unit", f"{unit.name}没有人能办整改", f"nobody at {unit.name} may change anything", "unit")
    if owner is not None and owner not in people:
        raise no("no_owner", f"责任人不在{unit.name}，或不能办理整改", f"this person holds no post at {unit.name} that may change things", "owner")


@action(permission=FIX, event="proposal_accepted", on="proposal")
def accept_proposal(*, proposal: Proposal, version: int, by: Person, reason: str = "") -> Done[Proposal]:
    """Take it up; where nobody was named, whoever does answers for it.

    Raises:
        ChangedMeanwhile, Refusal: ``no_way`` from where it stands.
    """
    done = _move(proposal, version, (ProposalState.OPEN,), by, state=ProposalState.ACCEPTED, owner=proposal.owner or by)
    _end(proposal, by, MADE)
    return done


@action(permission=FIX, event="proposal_refused", on="proposal")
def refuse_proposal(*, proposal: Proposal, version: int, reason: str, by: Person) -> Done[Proposal]:
    """Say that it will not be changed, and why.

    Raises:
        ChangedMeanwhile, Refusal: ``no_way``, ``invalid`` without a reason.
    """
    done = _move(proposal, version, WAITING, by, state=ProposalState.REFUSED, reason=text_of(reason, 300, "reason"))
    _end(proposal, by, MADE, LATE)
    return done


@action(permission=FIX, event="proposal_done", on="proposal")
def finish_proposal(*, proposal: Proposal, version: int, changed: str, matter: MatterVersion | None = None, life_event: LifeEventVersion | None = None, walk: Walk | None = None, by: Person,
                    reason: str = "") -> Done[Proposal]:
    """Say what was changed and show it: a version published since, or a later walk that met it no more. It counts once a third person has found it real.

    Raises:
        ChangedMeanwhile, Refusal: ``no_way``, ``no_proof``, ``not_later`` than what was noted, ``invalid``.
    """
    there = proposals.mending(by, proposal)
    if (matter and matter not in there.matters) or (life_event and life_event not in there.events) or (walk and walk not in there.walks):
        raise no("not_later", "这不是走过之后发布的新版，也不是之后再走完的一次", "this is neither a version published since nor a walk that was closed since", "proof")
    if not (matter or life_event or walk):
        raise no("no_proof", "整改要有凭据：选之后发布的新版，或之后再走完的一次", "a change needs its proof: choose a version published since, or a walk that was closed since", "proof")
    done = _move(proposal, version, (ProposalState.ACCEPTED,), by, state=ProposalState.DONE, reason="", changed=text_of(changed, 500, "changed"), after_matter=matter, after_event=life_event, after_walk=walk,
                 done_by=by, done_day=clocks.today())
    _end(proposal, by, MADE, LATE)
    return done


@action(permission=VERIFY, event="proposal_verified", on="proposal")
def verify_proposal(*, proposal: Proposal, version: int, by: Person, reason: str = "") -> Done[Proposal]:
    """Say that the change is real. Who proposed it or says it is done does not, and what is not in force yet is not real.

    Raises:
        ChangedMeanwhile, Refusal: ``no_way``, ``own_work``, ``not_in_force``.
    """
    _third(proposal, by)
    first = max((one.valid_from for one in (proposal.after_matter, proposal.after_event) if one is not None), default=None)
    if first is not None and first > clocks.today():
        raise no("not_in_force", f"新的一版 {first} 才启用，启用之后再核验", f"the new version begins on {first}: verify it then")
    return _move(proposal, version, (ProposalState.DONE,), by, state=ProposalState.VERIFIED, verified_by=by, verified_day=clocks.today())


@action(permission=VERIFY, event="proposal_returned", on="proposal")
def return_proposal(*, proposal: Proposal, version: int, reason: str, by: Person) -> Done[Proposal]:
    """Say that the change does not hold, and why; the office goes on with it.

    Raises:
        ChangedMeanwhile, Refusal: ``no_way``, ``own_work``, ``invalid`` without a reason.
    """
    _third(proposal, by)
    return _move(proposal, version, (ProposalState.DONE,), by, state=ProposalState.ACCEPTED, reason=text_of(reason, 300, "reason"), done_by=None, done_day=None, after_matter=None, after_event=None, after_walk=None)


# ── the watch ────────────────────────────────────────────────────────────────
class _Nothing(Exception):
    """Somebody else has told it this moment; the transaction leaves no trace."""


def tell_overdue() -> int:
    """What the clock does: whoever answers for an overdue proposal is told once. Answers of how many; run twice, or after a kill, it tells nothing twice."""
    rows = list(proposals.overdue(Proposal.objects.filter(told=None)).select_related("owner", "owner_unit").order_by("id"))
    if not rows:
        return 0
    try:
        by = access.acting_person(None, VERIFY)
    except Refusal:
        return 0
    return sum(_told(row, by) for row in rows)


def _told(row: Proposal, by: Person) -> int:
    try:
        urge_proposal(proposal=row, by=by)
    except _Nothing:
        return 0
    except Exception:  # one that cannot be told must not keep the others from it
        log.exception("proposal %s could not be told to be overdue; it is done again the next time", row.pk)
        return 0
    return 1


@action(permission=VERIFY, event="proposal_urged", on="proposal")
def urge_proposal(*, proposal: Proposal, by: Person) -> Done[Proposal]:
    """Tell whoever answers for a proposal that its day has passed."""
    if not proposals.overdue(Proposal.objects.filter(pk=proposal.pk, told=None)).update(told=clocks.today()):
        raise _Nothing
    proposal.refresh_from_db()
    people = _tell(LATE, proposal, Message(f"整改超期：{proposal.what[:80]}", "A proposal of a walk is overdue"), Message(f"最晚 {proposal.due}，还没有办好。", f"It was due on {proposal.due} and is not done."), by)
    return Done(proposal, after={"due": proposal.due, "told": people})


# ── parts ────────────────────────────────────────────────────────────────────
def _third(proposal: Proposal, by: Person) -> None:
    if by.pk in (proposal.done_by_id, proposal.created_by_id):
        raise no("own_work", "提出的、整改的都不能自己核验，要第三个人", "neither who proposed it nor who did it verifies it: a third person does")


def _move(proposal: Proposal, version: int, start: tuple[ProposalState, ...], by: Person, **values: Any) -> Done[Proposal]:
    """Go on from a state as it was read; the row count says who came first."""
    before = ProposalState(proposal.state)
    if before not in start:
        raise no("no_way", f"现在是“{before.label}”，不能办这一步", f"it is {before.value}: this cannot be done now")
    hit = Proposal.objects.filter(pk=proposal.pk, version=version, state__in=start).update(**values, version=F("version") + 1, changed_by=by, changed_at=clocks.now())
    proposal.refresh_from_db()
    if hit != 1:
        raise ChangedMeanwhile(version, proposal.version, Message(str(ProposalState(proposal.state).label), proposal.state))
    proof = {name: value.pk for name, value in values.items() if name.startswith("after_") and value is not None}
    return Done(proposal, before={"state": before.value}, after={"state": proposal.state, **proof}, related=[proposal.note.step.walk])


def _tell(kind: str, row: Proposal, title: Message, body: Message, by: Person) -> int:
    """Tell its owner, or where there is none all who may change something there; answers how many are told."""
    people = [row.owner] if row.owner else [person for person, _unit in proposals.people_of([row.owner_unit] if row.owner_unit else [])]
    return len(notices.write(drafts=[Draft(kind, (ABOUT, str(row.pk)), title, body, person=person, link=f"/services/proposals/{row.pk}/") for person in people], by=by))


def _end(row: Proposal, by: Person, *kinds: str) -> None:
    """What these notices say holds no longer."""
    notices.end(numbers=list(Notice.objects.filter(kind__in=kinds, about_kind=ABOUT, about_id=str(row.pk), ended_at__isnull=True).values_list("pk", flat=True)), by=by)
