"""Writes of introductions: made by the task force, answered by each firm for itself; seen by the other only while both consent."""

from __future__ import annotations

import datetime as dt
import logging
import re
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from diguan.chains.models import (
    Answer,
    Coverage,
    CoverageState,
    Introduction,
    IntroductionSide,
    IntroductionState,
    Role,
)
from diguan.chains.models.introductions import OPEN
from diguan.chains.queries import coverage as register
from diguan.chains.queries import introductions as queries
from diguan.chains.queries import shelf
from diguan.chains.queries.introductions import ANSWER, INTRODUCE
from diguan.kernel import access, clocks, packs
from diguan.kernel.access.models import Person
from diguan.kernel.access.roles import title_of
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.messages import Message
from diguan.kernel.notices import actions as notices
from diguan.kernel.notices.kinds import Draft
from diguan.kernel.notices.models import Notice
from diguan.kernel.refusals import Forbidden

ASKED, AGREED, OVER = "chains.introduction_asked", "chains.introduction_agreed", "chains.introduction_over"
"""The kinds of notice: to each firm that is to answer, to each once both consented, to who is still there when it is over."""
ABOUT = "introduction_side"
ANSWER_DAYS, MOST_DAYS = 10, 180
_PHONE = re.compile(r"^\+?[0-9][0-9 -]{5,18}[0-9]$")
log = logging.getLogger(__name__)


# ── made ─────────────────────────────────────────────────────────────────────
@action(permission=INTRODUCE, event="introduction_made", on="supply")
def introduce(*, supply: Coverage, need: Coverage, proposed_fen: int, purpose: str, until: dt.date, by: Person) -> Done[Introduction]:
    """Ask a supplier and a buyer of one node whether they would meet. Each is told what it is about, neither who the other is nor how much.

    Args:
        supply: a verified row of who makes it.
        need: a verified row of who buys it.
        proposed_fen: fen a year.
        purpose: what for, as both read it before they know of each other.
        until: the last day of the consent asked for, half a year from now at most.
        by: somebody of the task force, who may see the amounts of both.

    Raises:
        Forbidden: the person may not see the amounts of both.
        Refusal: ``invalid`` (field named), ``not_a_pair``, ``bad_day``, ``names_firm``, ``introduced_already``.
    """
    access.require(by, INTRODUCE, need)
    for each in (supply, need):
        access.require(by, register.VOLUME, each)
    _pair(supply, need)
    answer_by = clocks.due_after(clocks.today(), ANSWER_DAYS, packs.calendar()).day
    if not answer_by <= until <= clocks.today() + dt.timedelta(days=MOST_DAYS):
        raise Refusal("bad_day", [Message(f"应在 {answer_by}（最晚答复）以后，最多 {MOST_DAYS} 天", f"not before {answer_by}, the last day to answer, and {MOST_DAYS} days from now at most")], "until")
    if not 0 < proposed_fen <= 10**17:
        raise Refusal("invalid", [Message("建议金额要大于 0，也不能太大；请核对单位", "the amount is above 0 and not that large: check the unit")], "proposed_fen")
    words = _purpose(purpose, supply, need)
    try:
        with transaction.atomic():
            row = Introduction.objects.create(node=supply.node, supply=supply, need=need, proposed_fen=proposed_fen, purpose=words, answer_by=answer_by, until=until, made_on=clocks.today(),
                                              owner_unit_id=access.unit_of(by), created_by=by, changed_by=by)
    except IntegrityError as error:
        raise Refusal("introduced_already", [Message("这两家在这个环节上已经在对接", "these two are being introduced at this node already")]) from error
    for role, firm in ((Role.MAKE, supply.enterprise), (Role.USE, need.enterprise)):
        side = IntroductionSide.objects.create(introduction=row, role=role, enterprise=firm)
        _tell(ASKED, side, Message(f"有一家县内企业想和您对接：{_node(row).zh}", f"A firm of the county would like to meet you: {_node(row).en}"),
              Message(f"{words}。您是{'供方' if role == Role.MAKE else '需方'}。双方都同意之前，谁也看不到对方是谁；请在 {answer_by} 前答复，同意到 {until} 为止，随时可以撤回。",
                      f"{words}. You would be the {'supplier' if role == Role.MAKE else 'buyer'}. Neither sees who the other is before both consent; answer by {answer_by}. Consent lasts until {until} and can be taken back at any time."), by)
    return Done(row, after={"node": row.node, "proposed_fen": proposed_fen, "until": until, "answer_by": answer_by}, related=[supply.enterprise, need.enterprise])


def _pair(supply: Coverage, need: Coverage) -> None:
    fits = supply.node == need.node and supply.role == Role.MAKE and need.role == Role.USE and supply.enterprise_id != need.enterprise_id
    believed = register.believed().filter(pk__in=(supply.pk, need.pk), state=CoverageState.VERIFIED).count() == 2
    if not fits or not believed:
        raise Refusal("not_a_pair", [Message("要同一个环节上两家不同的企业，一家生产、一家采购，都已核实", "it takes two firms at one node, one that makes and one that buys, both verified")])


def _purpose(text: str, supply: Coverage, need: Coverage) -> str:
    words = text.strip().rstrip("。.")
    if not 2 <= len(words) <= 200:
        raise Refusal("invalid", [Message("请写为什么对接，2 到 200 字", "say what for, in 2 to 200 characters")], "purpose")
    if any(queries.names(words, row.enterprise) for row in (supply, need)):
        raise Refusal("names_firm", [Message("双方同意之前不能让对方认出是谁：请去掉企业名称和信用代码", "neither may learn who the other is before both consent: leave out names and codes")], "purpose")
    return words


# ── answered ─────────────────────────────────────────────────────────────────
@action(permission=ANSWER, event="introduction_consented", on="side")
def consent(*, side: IntroductionSide, contact_name: str, contact_phone: str, by: Person) -> Done[Introduction]:
    """Consent for one's firm, and name whom the other may call. Only once both have does either see the other.

    Raises:
        Forbidden: it is not their enterprise's; nobody consents for another.
        Refusal: ``not_waiting``: answered, ended, or its day is past; ``invalid`` (field named).
    """
    _mine(side, by)
    name, phone = contact_name.strip(), contact_phone.strip()
    if not 2 <= len(name) <= 60:
        raise Refusal("invalid", [Message("请写联系人姓名", "name somebody the other may call")], "contact_name")
    if not _PHONE.match(phone):
        raise Refusal("invalid", [Message("不是电话号码", "not a phone number")], "contact_phone")
    _answer(side, by, Answer.CONSENTED, contact_name=name, contact_phone=phone)
    row = side.introduction
    if not row.sides.exclude(answer=Answer.CONSENTED).exists():
        Introduction.objects.filter(pk=row.pk).update(state=IntroductionState.AGREED, agreed_on=clocks.today())
        for each in row.sides.select_related("enterprise"):
            _tell(AGREED, each, Message(f"双方都同意对接了：{_node(row).zh}", f"Both consented: {_node(row).en}"),
                  Message(f"现在可以看到对方是谁、找谁联系，到 {row.until} 为止。每看一次都有记录。", f"You can now see who the other is and whom to call, until {row.until}. Every look is recorded."), by)
    row.refresh_from_db()
    return Done(row, after={"side": side.role, "state": row.state}, related=[side.enterprise], personal={"contact_name": name, "contact_phone": phone})


@action(permission=ANSWER, event="introduction_declined", on="side")
def decline(*, side: IntroductionSide, reason: str = "", by: Person) -> Done[Introduction]:
    """Say no for one's firm; no grounds need be given, and the other is told only that it is over.

    Raises:
        Forbidden: it is not their enterprise's. Refusal: ``not_waiting``.
    """
    _mine(side, by)
    _answer(side, by, Answer.DECLINED, reason=reason.strip()[:200])
    return Done(_over(side.introduction, IntroductionState.DECLINED, by, besides=side), after={"side": side.role, "state": IntroductionState.DECLINED}, related=[side.enterprise])


@action(permission=ANSWER, event="introduction_withdrawn", on="side")
def withdraw_consent(*, side: IntroductionSide, reason: str = "", by: Person) -> Done[Introduction]:
    """Take consent back, at any time; from then on neither sees the other.

    Raises:
        Forbidden: it is not their enterprise's. Refusal: ``not_waiting``: there is no consent, or it is over.
    """
    _mine(side, by)
    _lock(side.introduction, OPEN, by)
    if not IntroductionSide.objects.filter(pk=side.pk, answer=Answer.CONSENTED).update(answer=Answer.WITHDRAWN, answered_by=by, answered_at=clocks.now(), reason=reason.strip()[:200], contact_name="", contact_phone=""):
        raise _not_waiting()
    return Done(_over(side.introduction, IntroductionState.WITHDRAWN, by, besides=side), after={"side": side.role, "state": IntroductionState.WITHDRAWN}, related=[side.enterprise])


@action(permission=ANSWER, event="introduction_other_seen", on="side")
def see_other(*, side: IntroductionSide, by: Person) -> Done[Introduction]:
    """Look at who the other side is and whom to call; every look is an Event, and only then may the page show it.

    Raises:
        Forbidden: it is not their enterprise's. Refusal: ``not_open``: not both consent today.
    """
    _mine(side, by)
    _lock(side.introduction, (IntroductionState.AGREED,), by, bump=False)
    other = queries.other_of(IntroductionSide.objects.get(pk=side.pk))
    if other is None:
        raise Refusal("not_open", [Message("要双方都同意、没有撤回、没有到期，才看得到对方", "the other is seen only while both consent and the day is not past")])
    return Done(side.introduction, after={"side": side.role, "seen": other.role}, related=[side.enterprise])


# ── ended ────────────────────────────────────────────────────────────────────
@action(permission=INTRODUCE, event="introduction_ended", on="introduction")
def end_introduction(*, introduction: Introduction, version: int, reason: str, by: Person) -> Done[Introduction]:
    """End one that is open, with a reason; both are told that it is over.

    Raises:
        Refusal: ``invalid`` without a reason, ``conflict``, ``not_waiting``.
    """
    if len(reason.strip()) < 2:
        raise Refusal("invalid", [Message("请写明原因", "say why")], field="reason")
    before = introduction.state
    _lock(introduction, OPEN, by, version=version)
    return Done(_over(introduction, IntroductionState.ENDED, by, reason=reason.strip()[:200]), before={"state": before}, after={"state": IntroductionState.ENDED})


class _Nothing(Exception):
    """There was nothing to do after all; the transaction leaves no trace."""


@action(permission=INTRODUCE, event="introduction_expired", on="introduction")
def expire_introduction(*, introduction: Introduction, by: Person) -> Done[Introduction]:
    """End one that was not answered in time, or whose consent has run out; contacts are emptied."""
    before = introduction.state
    rows = queries.overdue(Introduction.objects.filter(pk=introduction.pk))
    if not rows.update(version=F("version") + 1):
        raise _Nothing
    return Done(_over(introduction, IntroductionState.EXPIRED, by), before={"state": before}, after={"state": IntroductionState.EXPIRED})


def expire_due() -> int:
    """What the clock does: introductions whose day is past are ended. Answers of how many; run twice it ends nothing twice."""
    rows = list(queries.overdue(Introduction.objects.all()).order_by("id"))
    if not rows:
        return 0
    try:
        by = access.acting_person(None, INTRODUCE)
    except Refusal:
        return 0
    return sum(_expired(row, by) for row in rows)


def _expired(row: Introduction, by: Person) -> int:
    try:
        expire_introduction(introduction=row, by=by)
    except _Nothing:
        return 0
    except Exception:  # one that cannot be ended must not keep the others from it
        log.exception("introduction %s could not be ended; it is done again the next time", row.pk)
        return 0
    return 1


# ── parts ────────────────────────────────────────────────────────────────────
def _mine(side: IntroductionSide, by: Person) -> None:
    """Who acts for the firm today; the right alone, held over all of the county, would not do."""
    if side.enterprise.uscc not in access.usccs_of(by):
        raise Forbidden(ANSWER, title_of(ANSWER))


def _not_waiting() -> Refusal:
    return Refusal("not_waiting", [Message("这次对接已经答复过、结束了或过了日子", "it was answered, is over, or its day is past")])


def _lock(row: Introduction, states: tuple[IntroductionState, ...], by: Person, *, version: int | None = None, bump: bool = True) -> None:
    """Take the introduction's row, so that two answers at once see each other on every database; its row count says that it is still open."""
    rows = Introduction.objects.filter(pk=row.pk, **({} if version is None else {"version": version}))
    more = {"version": F("version") + 1, "changed_by": by, "changed_at": clocks.now()} if bump else {"version": F("version")}
    if rows.filter(state__in=states).update(**more):
        return
    if version is not None and not rows.exists():
        raise Refusal("conflict", [Message("没办成：别人先办过这一条，请重新打开再办", "not done: somebody acted on this first; open it again")])
    raise _not_waiting()


def _answer(side: IntroductionSide, by: Person, answer: Answer, **more: Any) -> None:
    """Keep an answer while it may be given: the introduction is taken first, then the side, each by a conditional update."""
    _lock(side.introduction, (IntroductionState.ASKED,), by)
    side.introduction.refresh_from_db()
    hit = side.introduction.waits(clocks.today()) and IntroductionSide.objects.filter(pk=side.pk, answer=Answer.WAITING).update(answer=answer, answered_by=by, answered_at=clocks.now(), **more)
    if not hit:
        raise _not_waiting()
    _end_notices(side.introduction, by, sides=[side.pk], kinds=(ASKED,))


def _over(row: Introduction, state: IntroductionState, by: Person, *, reason: str = "", besides: IntroductionSide | None = None) -> Introduction:
    """End it: contacts are emptied, what waited waits no longer, and who did not end it is told no more than that it is over."""
    Introduction.objects.filter(pk=row.pk).update(state=state, ended_on=clocks.today(), end_reason=reason, changed_by=by, changed_at=clocks.now())
    IntroductionSide.objects.filter(introduction=row).update(contact_name="", contact_phone="")
    _end_notices(row, by, kinds=(ASKED, AGREED))
    for side in row.sides.exclude(answer=Answer.DECLINED).select_related("enterprise"):
        if besides is None or side.pk != besides.pk:
            _tell(OVER, side, Message(f"对接结束了：{_node(row).zh}", f"The introduction is over: {_node(row).en}"),
                  Message("双方从现在起看不到对方的联系方式。您不用再做什么。", "From now on neither sees how to reach the other. There is nothing more for you to do."), by)
    row.refresh_from_db()
    return row


def _node(row: Introduction) -> Message:
    found = shelf.node(row.node)
    return found.name if found else Message(row.node, row.node)


def _tell(kind: str, side: IntroductionSide, title: Message, body: Message, by: Person) -> None:
    by = side.introduction.created_by or by  # in the office's name: whose answer it follows would tell who the other is
    notices.write(drafts=[Draft(kind, (ABOUT, str(side.pk)), title, body, uscc=side.enterprise.uscc, link=f"/chains/introductions/own/{side.introduction_id}/")], by=by)


def _end_notices(row: Introduction, by: Person, *, kinds: tuple[str, ...], sides: list[int] | None = None) -> None:
    """What these notices say holds no longer."""
    numbers = [str(pk) for pk in (row.sides.values_list("pk", flat=True) if sides is None else sides)]
    notices.end(numbers=list(Notice.objects.filter(kind__in=kinds, about_kind=ABOUT, about_id__in=numbers, ended_at__isnull=True).values_list("pk", flat=True)), by=by)
