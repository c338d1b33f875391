"""Routes of a policy's life: where it is and what is missing, the deeds on it; each names the version that was read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router, Schema
from pydantic import Field

from diguan.kernel import access
from diguan.kernel.api import paging
from diguan.kernel.api.once import Key, once
from diguan.kernel.api.problems import READS, WRITES, NoNul, Stale
from diguan.kernel.api.sent import Sent
from diguan.kernel.api.versions import IF_MATCH, etag, require_match, told
from diguan.kernel.messages import Message
from diguan.kernel.rules.tree import VERDICT_WORDS
from diguan.kernel.shell import asking, language, or_404
from diguan.kernel.stages import gates
from diguan.kernel.stages.models import Task
from diguan.kernel.stages.queries import Way
from diguan.policies.actions import life as actions
from diguan.policies.queries import life, life_view
from diguan.policies.queries.life_view import Life, Line
from diguan.policies.web.life import life_of

router = Router(tags=["policies"])
Reason = Annotated[str, NoNul, Field(min_length=2, max_length=300)]
Name = Annotated[str, NoNul, Field(max_length=60)]


# ── what is told ─────────────────────────────────────────────────────────────
class GateItemOut(Schema):
    """One thing a gate asks. ``state`` is true, false or unknown; ``waived`` the reason where it need not be met."""

    kind: str
    id: str
    state: str
    met: bool
    asked: str
    found: str
    waived: str | None


class NextStageOut(Schema):
    """A stage that may come next, and its gate as it stands for who asks. ``provisional``: nobody has held the term against the official text."""

    to: str
    title: str
    met: bool
    items: list[GateItemOut]
    due: dt.date | None
    provisional: bool


class PassageOut(Schema):
    kind: str
    source: str | None
    target: str
    day: dt.date
    at: dt.datetime
    by: str | None
    reason: str | None


class LifeOut(Schema):
    """One policy's life. ``status`` is active or what holds it up; ``barred`` why nothing new begins under it; ``text`` the digest of its document."""

    policy: str
    title: str
    stage: str
    status: str
    office: str | None
    due: dt.date | None
    ended: bool
    barred: str | None
    text: str | None
    text_changed: bool
    disagreements: list[str]
    open_claims: int
    ways: list[NextStageOut]
    passages: list[PassageOut]


class LifeLine(Schema):
    """One policy in the list; without a life ``stage`` and ``status`` are null."""

    policy: str
    title: str
    state: Literal["none", "running", "late", "held", "ended"]
    stage: str | None
    status: str | None
    due: dt.date | None
    office: str | None


class LifePage(Schema):
    items: list[LifeLine]
    next: str | None


def _way(one: Way) -> NextStageOut:
    term = one.step.gate.term
    return NextStageOut(to=one.step.id, title=one.step.label(language()), met=one.answer.met, items=[_item(item) for item in one.answer.items],
                  due=one.clock.due.day if one.clock and one.clock.due else None, provisional=bool(term and term.provisional))


def _item(item: gates.Item) -> GateItemOut:
    return GateItemOut(kind=item.kind, id=item.id, state=VERDICT_WORDS[item.state], met=item.met, asked=item.asked.text(language()), found=item.found.text(language()),
                       waived=item.waived or None)


def _out(found: Life) -> LifeOut:
    barred = life.barred(found.course.subject_id)
    return LifeOut(
        policy=found.course.subject_id, title=found.course.title, stage=found.step.id, status=found.course.status, office=found.course.owner_unit.name if found.course.owner_unit else None,
        due=found.task.due if found.task else None, ended=found.course.ended_at is not None, barred=barred.text(language()) if barred else None,
        text=found.policy.digest if found.policy else None, text_changed=found.text_changed, disagreements=[words.text(language()) for words in found.disagreements],
        open_claims=len(actions.open_claims(found.course.subject_id)), ways=[_way(one) for one in found.ways],
        passages=[PassageOut(kind=one.kind, source=one.source or None, target=one.target, day=one.day, at=one.at, by=one.by.name if one.by else None, reason=one.reason or None)
                  for one in found.passages])


def _line(line: Line) -> LifeLine:
    return LifeLine(policy=line.policy_id, title=line.title, state=line.state, stage=line.stage or None, status=line.course.status if line.course else None,  # type: ignore[arg-type]
                    due=line.due, office=line.office or line.issuer or None)


@router.get("/lives", response={200: LifePage, **READS}, url_name="lives")
def list_lives(request: HttpRequest, asked: Query[paging.Paging]) -> HttpResponse:
    """Every policy with the stage its life is in, by id; the late ones have state ``late``."""
    rows = life_view.lines(asking(request))
    part = paging.of_list(rows, lambda line: (line.policy_id, line.title), asked)
    return told(LifePage(items=[_line(line) for line in part.rows], next=part.next))


@router.get("/policies/{policy_id}/life", response={200: LifeOut, **READS}, url_name="policy_life")
def policy_life(request: HttpRequest, policy_id: str) -> HttpResponse:
    """Where a policy is on its way and what its next gate still asks; its ETag is what every deed needs as If-Match."""
    found = life_of(request, policy_id)
    return told(_out(found), version=found.version)


# ── deeds ────────────────────────────────────────────────────────────────────
class LifeBegin(Sent):
    """``day`` is when it was begun, by default today."""

    title: Annotated[str, NoNul, Field(min_length=1, max_length=200)]
    day: dt.date | None = None


class LifePass(Sent):
    """``day`` is when it happened, by default today; of a publication the day the text was issued."""

    to: Name
    day: dt.date | None = None
    reason: Annotated[str, NoNul, Field(max_length=300)] = ""


class LifeBack(Sent):
    to: Name
    reason: Reason


class LifeHold(Sent):
    """``claims`` says what becomes of open claims and is needed where there are any."""

    to: Literal["suspended", "expired", "clawback"]
    reason: Reason
    claims: Literal["", "go_on", "suspend"] = ""


class LifeResume(Sent):
    reason: Reason


class StaleLife(Stale):
    """Another version is there now, and what of it is another."""

    def __init__(self, found: Life, said: str) -> None:
        super().__init__(etag(found.version))
        self.reasons = (*self.reasons, *_what_changed(found, said))


_READ = re.compile(r'"(\d+)\.(\d+)\.(\d+)\.(\d+)\.(\w+)"')


def _what_changed(found: Life, said: str) -> list[Message]:
    """What differs between the version somebody named and the one that is there."""
    read = _READ.search(said)
    if read is None:
        return []
    course, status, stage, _version, text = read.groups()
    now = found.version.split(".")
    if course != now[0]:
        return [Message("这份政策已重新开始全过程", "the policy's life was begun anew")]
    step, words = found.step, []
    if status != now[1]:
        words.append(Message(f"状态改过，现在是 {found.course.status}", f"its status changed and is {found.course.status} now"))
    if stage != now[2]:
        words.append(Message(f"阶段变了，现在是“{step.label()}”", f"its stage changed and is “{step.label('en')}” now"))
    elif _version != now[3]:
        words.append(Message("这一阶段有人动过", "somebody changed this stage"))
    if text != now[4]:
        words.append(Message("政策文件的文本改过", "the text of the policy's document changed"))
    return words


def _deed(request: HttpRequest, policy_id: str, right: str, key: str | None, act: Callable[[Life], object]) -> HttpResponse:
    """Do one thing with a life as it was read, once."""
    found = life_of(request, policy_id)
    access.require(asking(request), right, found.course if right == actions.HOLD else found.task)

    def work() -> HttpResponse:
        try:
            require_match(request, found.version)
        except Stale as stale:
            raise StaleLife(found, request.headers.get("If-Match", "")) from stale
        act(found)
        again = life_of(request, policy_id)
        return told(_out(again), version=again.version)

    return once(request, key, work)


def _task(found: Life) -> Task:
    return or_404(found.task)


@router.post("/policies/{policy_id}/life", response={201: LifeOut, **WRITES}, url_name="policy_life")
def begin_policy_life(request: HttpRequest, policy_id: str, data: LifeBegin, key: Key = None) -> HttpResponse:
    """Begin a policy's life in its draft; one that is under way is not begun twice."""
    access.require(asking(request), actions.BEGIN)

    def work() -> HttpResponse:
        actions.begin_life(policy_id=policy_id, title=data.title, day=data.day, by=asking(request))
        found = life_of(request, policy_id)
        return told(_out(found), 201, version=found.version, at=reverse("api:policy_life", args=[policy_id]))

    return once(request, key, work)


@router.post("/policies/{policy_id}/life/pass", response={200: LifeOut, **WRITES}, url_name="policy_life_pass", openapi_extra=IF_MATCH)
def pass_policy_stage(request: HttpRequest, policy_id: str, data: LifePass, key: Key = None) -> HttpResponse:
    """Pass the gate to the next stage; a closed one answers 409 with everything that is missing."""
    return _deed(request, policy_id, actions.MOVE, key, lambda found: actions.pass_stage(
        task=_task(found), to=data.to, version=_task(found).version, day=data.day, reason=data.reason, by=asking(request)))


@router.post("/policies/{policy_id}/life/send-back", response={200: LifeOut, **WRITES}, url_name="policy_life_back", openapi_extra=IF_MATCH)
def send_policy_back(request: HttpRequest, policy_id: str, data: LifeBack, key: Key = None) -> HttpResponse:
    """Send a policy back to an earlier stage."""
    return _deed(request, policy_id, actions.MOVE, key, lambda found: actions.send_stage_back(
        task=_task(found), to=data.to, version=_task(found).version, reason=data.reason, by=asking(request)))


@router.post("/policies/{policy_id}/life/hold", response={200: LifeOut, **WRITES}, url_name="policy_life_hold", openapi_extra=IF_MATCH)
def hold_policy(request: HttpRequest, policy_id: str, data: LifeHold, key: Key = None) -> HttpResponse:
    """Suspend or end a policy, or begin to claw its money back, and say what becomes of its open claims."""
    return _deed(request, policy_id, actions.HOLD, key, lambda found: actions.hold_life(
        course=found.course, to=data.to, version=found.course.version, reason=data.reason, claims=data.claims, by=asking(request)))


@router.post("/policies/{policy_id}/life/resume", response={200: LifeOut, **WRITES}, url_name="policy_life_resume", openapi_extra=IF_MATCH)
def resume_policy(request: HttpRequest, policy_id: str, data: LifeResume, key: Key = None) -> HttpResponse:
    """Lift what holds a policy up, and the claims that were suspended with it."""
    return _deed(request, policy_id, actions.HOLD, key, lambda found: actions.resume_life(
        course=found.course, version=found.course.version, reason=data.reason, by=asking(request)))
