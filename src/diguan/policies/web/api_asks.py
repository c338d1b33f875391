"""Routes of asking for what is missing: the smallest set of facts that would decide a policy's undecided, and sending for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Mapping
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from diguan.kernel import access, clocks, packs
from diguan.kernel.api import paging
from diguan.kernel.api.once import Key, once
from diguan.kernel.api.problems import READS, WRITES, NoNul, refuse
from diguan.kernel.api.versions import told
from diguan.kernel.facts.requests.actions import MOST_QUESTIONS, MOST_WORKDAYS
from diguan.kernel.facts.requests.queries import ASK, WORKDAYS, Letter, Question, letters, open_already
from diguan.kernel.shell import asking
from diguan.policies import actions, queries
from diguan.policies.queries import UNKNOWN, Line, Standing, wanting
from diguan.policies.web import lists
from diguan.policies.web.api import standing_of

router = Router(tags=["policies"])
Addressee = Annotated[str, NoNul, Field(max_length=40, description="A source of facts, or `enterprise`: each firm itself")]


class AskFilters(paging.Paging):
    """The filters of the list 待补信息, and ``uscc`` for one enterprise alone."""

    q: str = Field("", max_length=80)
    town: str = Field("", max_length=60)
    cluster: str = Field("", max_length=40)
    uscc: str = Field("", max_length=18)


class AddresseeOut(Schema):
    """How much would be asked of one addressee; ``waiting`` of it is being asked already and is not asked twice."""

    addressee: str
    questions: int
    waiting: int
    enterprises: int


class WantedOut(Schema):
    """One fact of one enterprise for one period (null for an attribute); ``why`` names the clause that reads it."""

    addressee: str
    uscc: str
    name: str
    fact: str
    period: str | None
    why: str
    waiting: bool


class WantedPage(Schema):
    """``due`` is the day of a request sent today with the usual term of ``workdays``."""

    run: str | None
    as_of: dt.date | None
    due: dt.date
    workdays: int
    addressees: list[AddresseeOut]
    items: list[WantedOut]
    next: str | None


class LetterIn(Schema):
    """Whom to ask about which enterprises; what exactly is worked out anew."""

    model_config = {"extra": "forbid"}
    addressee: Addressee
    usccs: Annotated[list[Annotated[str, NoNul, Field(max_length=18)]], Field(min_length=1, max_length=MOST_QUESTIONS)]


class LettersIn(Schema):
    model_config = {"extra": "forbid"}
    letters: Annotated[list[LetterIn], Field(min_length=1, max_length=100)]
    workdays: int = Field(WORKDAYS, ge=1, le=MOST_WORKDAYS, strict=True)


class SentOut(Schema):
    """The requests made; ``waiting`` questions were being asked already, ``told`` ones are answered by now and count with the next match."""

    requests: list[int]
    waiting: int
    told: int


def _questions(standing: Standing, rows: list[Line], usccs: Container[str] | None) -> Mapping[str, list[Question]]:
    """What would decide these enterprises, or those of them that are named."""
    return wanting.questions(queries.filled(standing, [row for row in rows if usccs is None or row.enterprise.uscc in usccs]))


def _waiting(standing: Standing, found: Mapping[str, list[Question]]) -> dict[str, frozenset[tuple[str, str, str]]]:
    return open_already([Letter(addressee, tuple(each), wanting.about(standing.policy)) for addressee, each in found.items()])


@router.get("/policies/{policy_id}/questions", response={200: WantedPage, **READS}, url_name="policy_questions")
def policy_questions(request: HttpRequest, policy_id: str, asked: Query[AskFilters]) -> HttpResponse:
    """The fewest facts that would decide a policy's undecided, and of whom they would be asked. Asks nobody."""
    standing = standing_of(request, policy_id)
    access.require(asking(request), ASK)
    listed = lists.page(asking(request), standing, UNKNOWN)
    found = _questions(standing, paging.filtered(listed.rows(asking(request)), listed.filters, asked), {asked.uscc} if asked.uscc else None)
    waiting = _waiting(standing, found)
    part = paging.of_list([(addressee, one) for addressee, each in found.items() for one in each], lambda pair: (pair[0], *pair[1].key),
                          asked.cursor, asked.limit, of=standing.run.run_id if standing.run else "")
    return told(WantedPage(
        run=standing.run.run_id if standing.run else None, as_of=standing.as_of, due=clocks.due_after(clocks.today(), WORKDAYS, packs.calendar()).day, workdays=WORKDAYS,
        addressees=[_addressee(name, each, waiting[name]) for name, each in found.items()],
        items=[_wanted(name, one, waiting[name]) for name, one in part.rows], next=part.next))


def _addressee(name: str, asked: list[Question], waiting: frozenset[tuple[str, str, str]]) -> AddresseeOut:
    return AddresseeOut(addressee=name, questions=len(asked), waiting=sum(one.key in waiting for one in asked), enterprises=len({one.subject_id for one in asked}))


def _wanted(addressee: str, one: Question, waiting: frozenset[tuple[str, str, str]]) -> WantedOut:
    return WantedOut(addressee=addressee, uscc=one.subject_id, name=one.name, fact=one.fact, period=None if one.period == "all" else one.period,
                     why=one.why, waiting=one.key in waiting)


@router.post("/policies/{policy_id}/requests", response={201: SentOut, **WRITES}, url_name="policy_requests")
def send_requests(request: HttpRequest, policy_id: str, data: LettersIn, key: Key = None) -> HttpResponse:
    """Ask these addressees about these enterprises, all or nothing: one request to a bureau, one to each enterprise that is asked itself."""
    standing = standing_of(request, policy_id)
    access.require(asking(request), ASK)

    def work() -> HttpResponse:
        rows = queries.lines(asking(request), standing, UNKNOWN)
        picked = _picked(data, _questions(standing, rows, {uscc for letter in data.letters for uscc in letter.usccs}))
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
