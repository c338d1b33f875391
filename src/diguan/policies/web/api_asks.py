"""Routes of asking for what is missing: the smallest set of facts that would decide a policy's undecided, and sending for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from diguan.kernel import access, clocks, packs
from diguan.kernel.api import paging
from diguan.kernel.api.once import Key, once
from diguan.kernel.api.problems import READS, WRITES, NoNul, refuse
from diguan.kernel.api.sent import Sent
from diguan.kernel.api.versions import told
from diguan.kernel.facts.requests.actions import MOST_QUESTIONS, MOST_WORKDAYS
from diguan.kernel.facts.requests.queries import ASK, WORKDAYS, Letter, Question, letters, open_already
from diguan.kernel.shell import asking
from diguan.policies import actions
from diguan.policies.queries import UNKNOWN, Standing, members, wanting
from diguan.policies.queries.members import Line
from diguan.policies.web import lists
from diguan.policies.web.pages import policy_of

router = Router(tags=["policies"])
Addressee = Annotated[str, NoNul, Field(max_length=40, description="A source of facts, or `enterprise`: each firm itself")]


class AskFilters(paging.Paging):
    """The filters of the list 待补信息, and ``uscc`` for one enterprise alone."""

    q: str = Field("", max_length=80)
    town: str = Field("", max_length=60)
    cluster: str = Field("", max_length=40)
    uscc: str = Field("", max_length=18)


class WantedOut(Schema):
    """One fact for one period (null for an attribute) and of whom it would be asked; ``why`` names the clause that reads it.

    ``waiting``: it is being asked already and would not be asked twice.
    """

    addressee: str
    fact: str
    period: str | None
    why: str
    waiting: bool


class UndecidedOut(Schema):
    """One undecided enterprise and the fewest facts that would decide it; those of another addressee are another way to the same."""

    uscc: str
    name: str
    asks: list[WantedOut]


class UndecidedPage(Schema):
    """``due`` is the day of a request sent today with the usual term of ``workdays``."""

    run: str | None
    as_of: dt.date | None
    due: dt.date
    workdays: int
    items: list[UndecidedOut]
    next: str | None


class LetterIn(Sent):
    """Whom to ask about which enterprises; what exactly is worked out anew."""

    addressee: Addressee
    usccs: Annotated[list[Annotated[str, NoNul, Field(max_length=18)]], Field(min_length=1, max_length=MOST_QUESTIONS)]


class LettersIn(Sent):
    letters: Annotated[list[LetterIn], Field(min_length=1, max_length=100)]
    workdays: int = Field(WORKDAYS, ge=1, le=MOST_WORKDAYS, strict=True)


class SentOut(Schema):
    """The requests made; ``waiting`` questions were being asked already, ``told`` ones are answered by now and count with the next match."""

    requests: list[int]
    waiting: int
    told: int


def _questions(standing: Standing, rows: Iterable[Line]) -> Mapping[str, list[Question]]:
    """By addressee what would decide these enterprises."""
    return wanting.questions(members.filled(standing, list(rows)))


@router.get("/policies/{policy_id}/questions", response={200: UndecidedPage, **READS}, url_name="policy_questions")
def policy_questions(request: HttpRequest, policy_id: str, asked: Query[AskFilters]) -> HttpResponse:
    """A policy's undecided enterprises, by name, each with the fewest facts that would decide it and of whom they would be asked. Asks nobody."""
    standing = policy_of(request, policy_id)
    access.require(asking(request), ASK)
    listed = lists.page(asking(request), standing, UNKNOWN)
    rows = [row for row in paging.filtered(listed.rows(asking(request)), listed.filters, asked) if asked.uscc in ("", row.enterprise.uscc)]
    run = standing.run.run_id if standing.run else ""
    part = paging.of_list(rows, lambda row: (row.enterprise.name_key, row.enterprise.pk), asked, of=run)
    asks = _asks(standing, part.rows)  # worked out for this page alone: of a thousand undecided it takes a second
    items = [UndecidedOut(uscc=row.enterprise.uscc, name=row.enterprise.name, asks=asks.get(row.enterprise.uscc, [])) for row in part.rows]
    return told(UndecidedPage(run=run or None, as_of=standing.as_of, due=clocks.due_after(clocks.today(), WORKDAYS, packs.calendar()).day, workdays=WORKDAYS,
                              items=items, next=part.next))


def _asks(standing: Standing, rows: Sequence[Line]) -> dict[str, list[WantedOut]]:
    """By enterprise what would be asked."""
    found = _questions(standing, rows)
    waiting = open_already([Letter(addressee, tuple(each), wanting.about(standing.policy)) for addressee, each in found.items()])
    asks: dict[str, list[WantedOut]] = {}
    for addressee, questions in found.items():
        for one in questions:
            asks.setdefault(one.subject_id, []).append(WantedOut(addressee=addressee, fact=one.fact, period=None if one.period == "all" else one.period,
                                                                 why=one.why, waiting=one.key in waiting[addressee]))
    return asks


@router.post("/policies/{policy_id}/requests", response={201: SentOut, **WRITES}, url_name="policy_requests")
def send_requests(request: HttpRequest, policy_id: str, data: LettersIn, key: Key = None) -> HttpResponse:
    """Ask these addressees about these enterprises, all or nothing: one request to a bureau, one to each enterprise that is asked itself."""
    standing = policy_of(request, policy_id)
    access.require(asking(request), ASK)

    def work() -> HttpResponse:
        named = {uscc for letter in data.letters for uscc in letter.usccs}
        undecided = members.lines(asking(request), standing, UNKNOWN)
        picked = _picked(data, _questions(standing, (row for row in undecided if row.enterprise.uscc in named)))
        asked = actions.ask_for_facts(letters=letters(picked, wanting.about(standing.policy), data.workdays), by=asking(request))
        return told(SentOut(requests=[row.pk for row in asked.made], waiting=asked.waiting, told=asked.told), 201)

    return once(request, key, work)


def _picked(data: LettersIn, found: Mapping[str, list[Question]]) -> Mapping[str, list[Question]]:
    """Of what is wanted, what was asked for.

    Raises:
        Refusal: an addressee is named twice, or of one of its enterprises there is nothing to ask it.
    """
    wanted = {letter.addressee: set(letter.usccs) for letter in data.letters}
    if len(wanted) < len(data.letters):
        refuse("invalid", "同一个征询对象写了两次", "an addressee is named twice", "letters")
    picked = {addressee: [one for one in found.get(addressee, ()) if one.subject_id in usccs] for addressee, usccs in wanted.items()}
    nothing = [f"{addressee}: {uscc}" for addressee, usccs in wanted.items() for uscc in sorted(usccs - {one.subject_id for one in picked[addressee]})]
    if nothing:
        some = "; ".join(nothing[:20])
        refuse("nothing_to_ask", f"这些没有要问的：{some}；先看 questions 里有哪些", f"there is nothing to ask: {some}; see `questions` for what there is", "letters")
    return picked
