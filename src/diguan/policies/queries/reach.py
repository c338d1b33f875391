"""How far a policy reached those who are entitled: whom to tell, who was told, who opened it, who acted, who refused and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from diguan.kernel import access, money, remember
from diguan.kernel.access.models import Person
from diguan.kernel.facts.models import DataRequest, RequestState
from diguan.kernel.facts.runs import Run
from diguan.kernel.measures import measure
from diguan.kernel.messages import Message
from diguan.kernel.notices.kinds import Draft
from diguan.kernel.notices.models import Notice, State
from diguan.kernel.notices.queries import REACHED, READ
from diguan.kernel.packs import SELF
from diguan.kernel.rules import tree
from diguan.kernel.rules.tree import Policy
from diguan.policies import queries
from diguan.policies.queries import ENTITLEMENT, VIEW, Standing, life, members

NOTICE = "policies.entitled"
ABOUT = "policy"
ASKED, REQUEST = "policies.asked", "request"
"""The kind of notice that tells an enterprise what it is asked for, and what it is about."""
NOTIFIED, DELIVERED, OPENED, ACTED, REFUSED, UNREACHED = "notified", "delivered", "opened", "acted", "refused", "unreached"
STAGES = (NOTIFIED, DELIVERED, OPENED, ACTED, REFUSED, UNREACHED)
_STATES: Mapping[str, Sequence[State]] = {DELIVERED: REACHED, OPENED: READ, ACTED: (State.ACTED,), REFUSED: (State.REFUSED,)}
TEXT = 70
"""Characters of one text message; a longer one is paid for twice."""


# ── whom to tell ─────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Entitled:
    """What a run says of the policies that may be told of: by policy the entitled and their amounts, known or not."""

    run: Run
    policies: Mapping[str, Policy]
    amounts: Mapping[str, Mapping[str, int | None]]


def entitled_now() -> Entitled | None:
    """Who is entitled by the run pages speak from, under the policies that may be published; None before the first run.

    A policy whose text or standard has changed since is left out: its notices wait for the next match. It asks no right: it is read for the
    notices alone.
    """
    run = queries.current_run()
    if run is None:
        return None
    lives = life.stands()
    told = {name: policy for name, policy in queries.library().policies.items()
            if policy.publishable and life.barred(policy, lives) is None and queries.judged_alike(run, policy)}
    return Entitled(run, told, {name: members.stood(run, policy, tree.ELIGIBLE) for name, policy in told.items()})


def holding() -> QuerySet[Notice]:
    """The notices of entitlements that still hold."""
    return Notice.objects.filter(kind=NOTICE, about_kind=ABOUT, ended_at__isnull=True)


def settled() -> list[int]:
    """The notices that ask an enterprise for data it need not send any more: the request has been answered, declined or taken back."""
    asked = Notice.objects.filter(kind=ASKED, about_kind=REQUEST, ended_at__isnull=True).order_by("id").values_list("pk", "about_id")
    open_ = {str(number) for number in DataRequest.objects.filter(state=RequestState.OPEN, addressee=SELF).values_list("pk", flat=True)}
    return [notice for notice, number in asked if number not in open_]


@dataclass(frozen=True)
class Moves:
    """What separates the notices from a run: the drafts of those to be told, and the numbers of the notices that no longer hold."""

    drafts: Sequence[Draft]
    over: Sequence[int]


def moves(now: Entitled) -> Moves:
    """Compare the notices that hold with who is entitled now.

    A policy that is gone, has ended or may no longer be published ends its notices; one whose text changed since the match, or that is
    suspended, is left as it is.
    """
    held: dict[tuple[str, str], int] = {}
    over: list[int] = []
    library, lives = queries.library().policies, life.stands()
    for number, policy_id, uscc in holding().order_by("id").values_list("pk", "about_id", "uscc"):
        waits = policy_id not in now.policies and policy_id in library and library[policy_id].publishable and not life.ended(policy_id, lives)
        if waits or uscc in now.amounts.get(policy_id, ()):
            held[policy_id, uscc] = number
        else:
            over.append(number)
    drafts = [draft(now.policies[name], uscc, fen, now.run.as_of) for name, firms in sorted(now.amounts.items())
              for uscc, fen in sorted(firms.items()) if (name, uscc) not in held]
    return Moves(drafts, over)


def draft(policy: Policy, uscc: str, fen: int | None, as_of: dt.date) -> Draft:
    """The notice of one entitlement, in both languages, and as one text message."""
    zh, en = policy.label("zh"), policy.label("en")
    amount = Message("（金额待核定）" if fen is None else money.words(fen, "zh"), "the amount yet to be determined" if fen is None else money.words(fen, "en"))
    body = Message(
        f"按 {as_of.isoformat()} 的数据比对，贵企业符合《{zh}》的全部 {len(policy.clauses)} 条，可享 {amount.zh}。发文单位：{policy.issuer}。",
        f"By the data as of {as_of.isoformat()} your enterprise meets all {len(policy.clauses)} clauses of “{en}”: {amount.en}. Issued by {policy.issuer}.")
    return Draft(NOTICE, (ABOUT, policy.id), Message(f"可享：{zh}", f"You are entitled: {en}"), body, uscc=uscc, text=_text(zh, amount.zh))


def _text(title: str, amount: str) -> str:
    """The short message; a long title is cut so that it stays one message."""
    head, tail = "贵企业符合《", f"》，可享 {amount}。请登录企业服务平台“通知”查看办理。"
    room = TEXT - len(head) - len(tail)
    return f"{head}{title if len(title) <= room else title[:room - 1] + '…'}{tail}"


# ── who was reached ──────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Reached:
    """One entitled enterprise and its notice, if it has one."""

    uscc: str
    name: str
    town: str
    amount_fen: int | None
    notice: Notice | None = None


def _amounts(of: Standing) -> Mapping[str, int | None]:
    """By credit code the amounts of those entitled in the run."""
    assert of.run is not None
    return members.stood(of.run, of.policy, tree.ELIGIBLE)


def _numbers(of: Standing) -> dict[str, tuple[int, str]]:
    """By credit code the notice that holds and its state, of those entitled in the run."""
    if of.run is None:
        return {}
    return remember.while_reading(("policies.reach", of.run.pk, of.policy.id), lambda: _found(of))


def _found(of: Standing) -> dict[str, tuple[int, str]]:
    members = _amounts(of)
    rows = holding().filter(about_id=of.policy.id).values_list("uscc", "pk", "state")
    return {uscc: (number, state) for uscc, number, state in rows if uscc in members}


def _count(of: Standing, stage: str) -> int | None:
    if of.totals is None:
        return None
    found = _numbers(of)
    if stage == NOTIFIED:
        return len(found)
    if stage == UNREACHED:
        return of.totals.eligible - _in(found, DELIVERED)
    return _in(found, stage)


def _in(found: Mapping[str, tuple[int, str]], stage: str) -> int:
    return sum(state in _STATES[stage] for _number, state in found.values())


def reached(person: Person, of: Standing, stage: str) -> list[Reached]:
    """The enterprises at one stage (see :data:`STAGES`), by name, that the person may see; ``unreached`` those no notice got to.

    Raises:
        Forbidden: the person may not see entitlements.
    """
    access.require(person, ENTITLEMENT)
    if of.run is None:
        return []
    amounts, found = _amounts(of), _numbers(of)
    told = {uscc for uscc, (_number, state) in found.items() if stage == NOTIFIED or state in _STATES[DELIVERED if stage == UNREACHED else stage]}
    wanted = set(amounts) - told if stage == UNREACHED else told
    firms = queries.visible_firms(person, wanted)
    notices = holding().filter(about_id=of.policy.id).in_bulk([found[uscc][0] for uscc in wanted if uscc in found])
    return [Reached(row.uscc, row.name, row.town, amounts[row.uscc], notices.get(found[row.uscc][0]) if row.uscc in found else None) for row in firms]


def refusals(of: Standing) -> list[tuple[str, int]]:
    """Why it was refused and how often, most often first."""
    numbers = [number for number, state in _numbers(of).values() if state == State.REFUSED]
    counted: dict[str, int] = {}
    for reason in Notice.objects.filter(pk__in=numbers).values_list("reason", flat=True):
        counted[reason] = counted.get(reason, 0) + 1
    return sorted(counted.items(), key=lambda each: (-each[1], each[0]))


def _stage(name: str, title: Message, definition: Message) -> None:
    """Declare the measure of one stage."""
    measure(f"policies.{name}", title=title, unit="户", permission=VIEW, definition=definition,
            rows=lambda person, of: reached(person, of, name))(lambda of: _count(of, name))


_stage(NOTIFIED, Message("已发通知", "Notified"), Message("可享企业里，已经为这次可享写了通知的", "Of the entitled, those for whom a notice of this entitlement was written"))
_stage(DELIVERED, Message("已送达", "Delivered"), Message("通知进了有人能打开的收件箱，或短信回执说成功；企业自己打开的也算",
                                                      "The notice is in an inbox somebody can open, or the receipt of the message says so; what the enterprise opened itself counts too"))
_stage(OPENED, Message("已打开", "Opened"), Message("企业自己的人打开过通知；干部看的不算", "Somebody of the enterprise has opened it; an official's look does not count"))
_stage(ACTED, Message("已办", "Acted"), Message("企业说了“我要申请”，或确认了要", "The enterprise said that it will claim, or confirmed"))
_stage(REFUSED, Message("不办", "Refused"), Message("企业说了不申请，并写了原因", "The enterprise said no and why"))
_stage(UNREACHED, Message("可享但没有触达", "Entitled, never reached"), Message("可享的企业里，没有任何渠道送到过的：没有账号，短信没交出、没送到或没有手机号",
                                                                       "Of the entitled, those no channel got to: no account, and no message went out, arrived, or had a number to go to"))
