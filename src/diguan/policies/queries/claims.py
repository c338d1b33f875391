"""Reads of claims: which a person may see, where each stands, what it waits for and whose turn it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum

from diguan.enterprises.models import Enterprise
from diguan.kernel import access, clocks, timelines
from diguan.kernel.access.models import Person
from diguan.kernel.evidence import dictionary
from diguan.kernel.evidence import queries as evidence
from diguan.kernel.evidence.models import Evidence, EvidenceState
from diguan.kernel.evidence.queries import Piece
from diguan.kernel.facts.models import Upload
from diguan.kernel.messages import Message
from diguan.kernel.rules.tree import FALSE
from diguan.kernel.stages import gates, shelf, subjects
from diguan.kernel.stages import queries as stages
from diguan.kernel.stages.models import Course, Passage, Task
from diguan.kernel.stages.queries import Progress, Way
from diguan.kernel.stages.tree import ACTIVE, Flow
from diguan.kernel.timelines import Line
from diguan.policies.models import CLAIM, Claim, Delivery
from diguan.policies.queries import ledgers

VIEW = "policies.view_claim"
VIEW_POLICY = "policies.view_policy"
HANDLE = "policies.handle_claim"
ANSWER = "policies.answer_claim"
FLOW = "policy_claim"
FOUND, CONFIRMED, PUBLICISED, UNOBJECTED, OBJECTED, SETTLED = "found", "confirmed", "publicised", "unobjected", "objected", "objection_settled"
INTENT, ORDERED, PAID, REFUSED, REVIEW, UPHELD = "intent_confirmed", "payment_ordered", "paid", "refused", "under_review", "refusal_upheld"
CLAWBACK, RETURNED, WITHDRAWN = "clawback", "clawed_back", "withdrawn"
OFFICE_STEPS = (CONFIRMED, PUBLICISED, UNOBJECTED, OBJECTED, SETTLED, INTENT, REFUSED, REVIEW, UPHELD)
"""What the office that handles claims moves to; from ``payment_ordered`` on it is the business of payments."""
PAYMENT_STAGES = (ORDERED, PAID, CLAWBACK, RETURNED)
"""Where payments alone move a claim, on and back."""
BULK_STEPS = (CONFIRMED, PUBLICISED, UNOBJECTED)
WITHOUT_MONEY = (REFUSED, REVIEW, UPHELD, RETURNED)
"""Stages in which nothing is to be paid: the money is free for others."""
APPEAL, OBJECTION, NOTICE, BANK, WILL = "appeal_letter", "objection", "publicity_notice", "bank_account", "intent_confirmation"
DELIVERIES = {"automatic_entitlement": Delivery.AUTOMATIC, "fast_claim": Delivery.FAST, "application": Delivery.APPLICATION}
"""How a claim calls the delivery that a policy's text names."""

Staged = QuerySet[Any]
"""Claims with ``stage``, ``status``, ``since`` and ``due``, which no type knows."""


# ── rows ─────────────────────────────────────────────────────────────────────
def with_stage(rows: QuerySet[Claim]) -> Staged:
    """Claims with where each stands: ``stage`` (the last task of its course), ``status``, ``since`` and ``due``."""
    last = Task.objects.filter(course=OuterRef("course")).order_by("-id")
    moved = Passage.objects.filter(course=OuterRef("course")).order_by("-id")
    return rows.annotate(stage=Subquery(last.values("key")[:1]), status=F("course__status"), since=Subquery(moved.values("day")[:1]),
                         due=Subquery(last.values("due")[:1]))


def visible_claims(person: Person) -> Staged:
    """The claims a person may see, each with where it stands."""
    return with_stage(access.visible(Claim.objects.all(), person, VIEW)).select_related("enterprise", "officer", "owner_unit", "course__frozen")


def claims_of(person: Person, policy_id: str) -> Staged:
    """The claims under one policy that the person may see."""
    return visible_claims(person).filter(policy=policy_id)


def claim(person: Person, number: int) -> Claim | None:
    """One claim; None where there is none that the person may see."""
    found: Claim | None = visible_claims(person).filter(pk=number).first()
    return found


def own_claims(person: Person, usccs: Iterable[str] | None = None) -> Staged:
    """The claims of the enterprises a 经办人 acts for, or of some of them; for officials none."""
    own = access.usccs_of(person)
    return visible_claims(person).filter(enterprise__uscc__in=sorted(own if usccs is None else own & set(usccs)))


def live(rows: QuerySet[Claim]) -> Staged:
    """Those that are under way, paid or being clawed back: money is promised or gone. The rest leaves its money to others."""
    return with_stage(rows).exclude(course__status=WITHDRAWN).exclude(stage__in=WITHOUT_MONEY)


def binding(rows: QuerySet[Claim]) -> list[tuple[Claim, int]]:
    """The claims that bind money, each with how much: what is promised by those that are live, of the others what their firm still has.

    A claim that was given up or refused half paid, or clawed back in part, has left money with its firm: that is not paid again.
    """
    alive = set(live(rows).values_list("pk", flat=True))
    every = list(rows.select_related("enterprise").order_by("id"))
    kept = {number: told.kept for number, told in ledgers.sums_of(row.pk for row in every if row.pk not in alive).items()}
    return [(row, kept.get(row.pk, row.amount_fen)) for row in every if row.pk in alive or kept[row.pk] > 0]


def claim_for(person: Person, enterprise: Enterprise, policy_id: str) -> Claim | None:
    """The enterprise's last claim under a policy, for who may see it."""
    found: Claim | None = claims_of(person, policy_id).filter(enterprise=enterprise).order_by("-attempt").first()
    return found


# ── the words of the flow ────────────────────────────────────────────────────
def flow() -> Flow:
    """The flow of claims in force."""
    return shelf.known()[FLOW]


def stage_titles(language: str) -> dict[str, str]:
    """What every stage and status is called."""
    found = flow()
    return {step.id: step.label(language) for step in found.steps} | {status.id: status.label(language) for status in found.statuses}


def where(row: Claim) -> str:
    """The stage of a claim, or the status that holds it."""
    status, stage = getattr(row, "status", ACTIVE), getattr(row, "stage", "")
    return str(stage if status in (ACTIVE, None) else status)


@dataclass(frozen=True)
class Stage:
    """One stage (or status) of a list: how many claims and what they come to."""

    id: str
    count: int
    amount_fen: int


def by_stage(rows: Staged) -> list[Stage]:
    """The claims of a list by where they stand, in the order of the flow; stages without any are left out."""
    found: dict[str, tuple[int, int]] = {}
    for stage, status, count, fen in rows.order_by().values_list("stage", "status").annotate(n=Count("pk"), fen=Sum("amount_fen")):
        key = stage if status == ACTIVE else status
        had = found.get(key, (0, 0))
        found[key] = (had[0] + count, had[1] + int(fen or 0))
    order = [*(step.id for step in flow().steps), *(status.id for status in flow().statuses)]
    return [Stage(key, *found[key]) for key in sorted(found, key=lambda key: order.index(key) if key in order else len(order))]


def at_stage(rows: Staged, key: str) -> Staged:
    """The claims of a list that stand there."""
    if key in flow().status:
        return rows.filter(course__status=key)
    return rows.filter(course__status=ACTIVE, stage=key)


# ── what was read ──
@dataclass(frozen=True)
class Seen:
    """The open stage of a claim as somebody read it; forms and programs carry it as ``12.1``."""

    task: int
    version: int

    def __str__(self) -> str:
        return f"{self.task}.{self.version}"

    @classmethod
    def of(cls, task: Task) -> Seen:
        """A stage as it is now."""
        return cls(task.pk, task.version)

    @classmethod
    def read(cls, text: str) -> Seen | None:
        """What a form carried; None where it is none.

        >>> Seen.read("12.1"), Seen.read("twelve")
        (Seen(task=12, version=1), None)
        """
        task, _dot, version = text.partition(".")
        return cls(int(task), int(version)) if len(text) < 30 and task.isdecimal() and version.isdecimal() else None


# ── one claim ────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class View:
    """One claim as a person may see it: where it stands, the ways on with what each lacks, papers, moves, what was done."""

    claim: Claim
    course: Course
    task: Task | None
    progress: Progress
    ways: Sequence[Way]
    papers: Sequence[Piece]
    passages: Sequence[Passage]
    timeline: Sequence[Line]

    @property
    def stage(self) -> str:
        return where(self.claim)

    @property
    def seen(self) -> str:
        """What a form that moves it carries."""
        return str(Seen.of(self.task)) if self.task else ""

    def way(self, step: str) -> Way | None:
        """The way to a step from here."""
        return next((way for way in self.ways if way.step.id == step), None)

    def reason(self, step: str) -> str:
        """What was said when it last came to a step."""
        return next((one.reason for one in reversed(self.passages) if one.target == step), "")


def view(person: Person, row: Claim, day: dt.date | None = None) -> View:
    """Everything of one claim.

    Raises:
        access.Forbidden: the person may not see it.
    """
    access.require(person, VIEW, row)
    course = course_of(row)
    task = stages.current(course)
    moving = task is not None and course.status == ACTIVE
    papers = evidence.pieces(person, [subject(row)], day or clocks.today())
    firms_own = bool(access.usccs_of(person))
    ways = stages.ways(person, task, day) if moving and task else ()
    return View(row, course, task, stages.progress(course), ways if firms_own else _ways_of_office(row, ways), papers,
                _told(stages.passages(person, course), firms_own=firms_own), () if firms_own else timelines.of(person, course))


def _ways_of_office(row: Claim, ways: Sequence[Way]) -> Sequence[Way]:
    """The ways on; “unobjected” is none while an objection waits, which the gate of the flow cannot say."""
    said = objection_items([row]).get(row.pk) if any(way.step.id == UNOBJECTED for way in ways) else None
    return [replace(way, answer=gates.Answer((*way.answer.items, said))) if said is not None and way.step.id == UNOBJECTED else way for way in ways]


def _told(passages: Sequence[Passage], *, firms_own: bool) -> Sequence[Passage]:
    """The moves; what was said of an objection is not the firm's to read, for it may tell who objected."""
    for one in passages:
        if firms_own and one.target == OBJECTED:
            one.reason = ""
    return passages


def reason_of(row: Claim, step: str) -> str:
    """What was said when the claim last came to a step."""
    last = Passage.objects.filter(course=row.course_id, target=step).order_by("-id").first()
    return last.reason if last is not None else ""


def course_of(row: Claim) -> Course:
    """Its way; only while it is being written has a claim none."""
    assert row.course is not None
    return row.course


def subject(row: Claim) -> tuple[str, str]:
    """What its evidence and its course are bound to."""
    return (CLAIM, str(row.pk))


def paper(person: Person, row: Claim, number: int) -> Evidence | None:
    """One piece of evidence of a claim, for who may see it."""
    kind, key = subject(row)
    return evidence.visible_evidence(person).filter(subject_kind=kind, subject_id=key, pk=number).select_related("upload").first()


def file_of(person: Person, row: Claim, number: int) -> Upload | None:
    """The file of a piece, for who may see it; of what is personal none: that takes a look that leaves a trace."""
    found = paper(person, row, number)
    return evidence.file_of(person, found) if found is not None else None


# ── whose turn it is ─────────────────────────────────────────────────────────
def asks_of_firm(row: Claim) -> tuple[str, ...]:
    """The dictionary ids the enterprise may hand in where the claim stands now, whatever the county holds already.

    An automatic or fast claim asks for the intent and the account alone, once the list has been publicised; an application for
    what the gates on its way ask of an enterprise, at the start. A refused one may be appealed against.
    """
    stage, steps = where(row), course_of(row).tree.step
    if stage == REFUSED:
        return steps[REVIEW].gate.evidence if REVIEW in steps[REFUSED].next else ()
    if row.delivery == Delivery.APPLICATION and stage in (FOUND, CONFIRMED, PUBLICISED):
        return (*steps[CONFIRMED].gate.evidence, *steps[INTENT].gate.evidence)
    return steps[INTENT].gate.evidence if stage in (UNOBJECTED, SETTLED) else ()


def to_hand_in(row: Claim, day: dt.date | None = None) -> list[dictionary.Entry]:
    """What the enterprise is asked for now: neither handed in nor held by the county, in the order of the gates."""
    asked = asks_of_firm(row)
    if not asked:
        return []
    course = course_of(row)
    known = subjects.known_of(course, asked, course.tree.step[CONFIRMED].gate.reads, day or clocks.today())
    shelf_of = dictionary.known()
    return [shelf_of[name] for name in dict.fromkeys(asked) if known.evidence[name].state == FALSE]


def to_correct(row: Claim) -> list[dictionary.Entry]:
    """What the enterprise may hand in anew before a payment is ordered: its account, where it was wrong or the bank returned the money."""
    return [dictionary.known()[BANK]] if where(row) == INTENT and BANK in course_of(row).tree.step[INTENT].gate.evidence else []


def turn_of_firm(row: Claim, day: dt.date | None = None) -> bool:
    """Whether the enterprise has to do something for the claim to go on; an appeal is a right, not a duty."""
    return where(row) != REFUSED and bool(to_hand_in(row, day))


def waiting_papers(rows: Iterable[Claim]) -> Mapping[int, list[Evidence]]:
    """By claim, what was handed in and waits to be verified."""
    keys = [str(row.pk) for row in rows]
    found: dict[int, list[Evidence]] = {}
    for paper in Evidence.objects.filter(subject_kind=CLAIM, subject_id__in=keys, state=EvidenceState.ENTERED).order_by("id"):
        found.setdefault(int(paper.subject_id), []).append(paper)
    return found


def waiting_for(rows: Staged, entry: str) -> list[Claim]:
    """The claims of a list with a piece of this kind that waits to be verified, the longest first."""
    papers = Evidence.objects.filter(subject_kind=CLAIM, entry=entry, state=EvidenceState.ENTERED).order_by("id").values_list("subject_id", flat=True)
    order = {int(number): at for at, number in reversed(list(enumerate(papers)))}
    return sorted(rows.filter(pk__in=order, course__ended_at__isnull=True) if entry == OBJECTION else rows.filter(pk__in=order), key=lambda row: order[row.pk])


def objection_items(rows: Iterable[Claim]) -> dict[int, gates.Item]:
    """By claim, that an objection stands against it: one that waits to be verified, or that was found to hold since it went up last.

    Nobody may say “no objection” of these: an objection that holds goes on as objected to, one that does not is rejected.
    """
    courses = {str(row.pk): row.course_id for row in rows}
    found = Evidence.objects.filter(subject_kind=CLAIM, subject_id__in=courses, entry=OBJECTION, state__in=(EvidenceState.ENTERED, EvidenceState.VERIFIED))
    up = dict(Passage.objects.filter(course__in=courses.values(), target=PUBLICISED).order_by("id").values_list("course", "at")) if courses else {}
    counts: dict[int, int] = {}
    for paper in found:
        went_up = up.get(courses[paper.subject_id])
        if paper.state == EvidenceState.ENTERED or went_up is None or (paper.decided_at is not None and paper.decided_at >= went_up):
            counts[int(paper.subject_id)] = counts.get(int(paper.subject_id), 0) + 1
    return {number: _objection_item(count) for number, count in counts.items()}


def _objection_item(count: int) -> gates.Item:
    return gates.Item(gates.EVIDENCE, OBJECTION, FALSE, Message("没有等着处理的异议", "no objection waits"), Message(
        f"有 {count} 份异议：先核实，成立的办到“有异议”，不成立的驳回", f"{count} raised: verify first; one that holds goes on as objected to, one that does not is rejected"))


# ── what lies before a list ──────────────────────────────────────────────────
@dataclass(frozen=True)
class Ready:
    """One claim of a list before a step, the stage that was read, and what stands in the way; None where it was not judged yet."""

    claim: Claim
    seen: Seen
    missing: tuple[gates.Item, ...] | None


SOURCES = {CONFIRMED: FOUND, PUBLICISED: CONFIRMED, UNOBJECTED: PUBLICISED}


def ready_for(person: Person, policy_id: str, step: str, judge: int = 12) -> list[Ready]:
    """The claims of one policy that stand before a step of the whole list, by name.

    A gate that reads what bureaus delivered takes time: then only the first few are judged.
    """
    day, gate, known = clocks.today(), flow().step[step].gate, dictionary.known()
    dear = bool(gate.facts) or any(known[name].shared for name in gate.evidence)
    rows = list(at_stage(claims_of(person, policy_id), SOURCES[step]).order_by("enterprise__name_key", "id"))
    tasks = {task.course_id: task for task in Task.objects.filter(course__in=[row.course_id for row in rows], state="open").order_by("id")}
    against = objection_items(rows) if step == UNOBJECTED else {}
    found: list[Ready] = []
    for row in rows:
        task = tasks.get(row.course_id)
        if task is not None:
            task.course = row.course
            judged = stages.answer(row.course, task, row.course.tree.step[step].gate, step, person, day).missing if not dear or len(found) < judge else None
            if judged is not None and row.pk in against:
                judged = (*judged, against[row.pk])
            found.append(Ready(row, Seen.of(task), judged))
    return found


def notice_over(rows: Staged, policy_id: str) -> bool:
    """Whether of the claims of one policy that are on public notice, the first to go up has stood there long enough."""
    first = at_stage(rows, PUBLICISED).filter(policy=policy_id).order_by("since", "id").first()
    task = stages.current(first.course) if first is not None else None
    clock = stages.clock_of(task, UNOBJECTED) if task is not None else None
    return clock is not None and clock.due is not None and clocks.today() > clock.due.day


# ── the public list ──────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Publicity:
    """What is on public notice under one policy: the claims, the last day to object and how it came about, whom to tell."""

    rows: Sequence[Claim]
    until: dt.date | None
    derivation: Message | None
    officer: Person | None
    draft: bool

    @property
    def total_fen(self) -> int:
        return sum(row.amount_fen for row in self.rows)


def publicity(person: Person, policy_id: str) -> Publicity | None:
    """The list that is on public notice now, for whoever may see the policy; before it is, the office finds the list to be put up.

    It tells names and amounts of firms that are not one's own, for that is what a public notice does; nothing else of them.

    Raises:
        access.Forbidden: the person may see no policies and handles no claims.
    """
    if not access.may(person, HANDLE):
        access.require(person, VIEW_POLICY)
    every = with_stage(Claim.objects.filter(policy=policy_id)).select_related("enterprise", "officer", "owner_unit", "course__frozen")
    rows = list(at_stage(every, PUBLICISED).order_by("enterprise__name_key", "id"))
    draft = not rows and access.may(person, HANDLE)
    if draft:
        rows = list(access.visible(at_stage(every, CONFIRMED), person, HANDLE).order_by("enterprise__name_key", "id"))
    if not rows:
        return None
    last, words = None, None
    for task in Task.objects.filter(course__in=[row.course_id for row in rows], key=PUBLICISED, state="open").select_related("course__frozen").order_by("-opened_at")[:1]:
        reading = stages.clock_of(task, UNOBJECTED)
        last, words = reading.due.day if reading and reading.due else None, stages.due_words(task, UNOBJECTED)
    return Publicity(rows, last, words, next((row.officer for row in rows if row.officer), None), draft)
