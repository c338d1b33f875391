"""Routes of the dated standards 划型与认定: the standards with their versions, and where one enterprise stands by them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from diguan.enterprises.queries import standing as queries
from diguan.enterprises.queries.standing import Placed, Turned
from diguan.enterprises.web import standing as shown
from diguan.enterprises.web.forms import LATEST
from diguan.enterprises.web.pages import enterprise
from diguan.kernel import access, clocks, packs, periods
from diguan.kernel.api.facts import ValueOut, value_of
from diguan.kernel.api.problems import READS
from diguan.kernel.facts import series
from diguan.kernel.rules import standards, tree, words
from diguan.kernel.rules.scalar import Verdict
from diguan.kernel.rules.standards import Class, Group, Standard, Version
from diguan.kernel.shell import asking, language

router = Router(tags=["enterprises"])
Day = Annotated[dt.date, Query(ge=periods.EARLIEST, le=LATEST)]


# ── the standards ────────────────────────────────────────────────────────────
class StandardClauseOut(Schema):
    """What is asked: the standard's own words, and the machine's reading of them."""

    id: str
    says: str
    reading: str


class StandardClassOut(Schema):
    value: str
    clauses: list[StandardClauseOut]


class StandardGroupOut(Schema):
    """Whom the classes are for; they are tried in order. ``where`` is null for everybody."""

    title: dict[str, str]
    where: str | None
    classes: list[StandardClassOut]


class StandardVersionOut(Schema):
    """``confirmed`` only where somebody held it against the official text; ``in_force`` today; ``left_out``: what no fact tells."""

    in_force_from: dt.date
    in_force_to: dt.date | None
    document: str
    confirmed: bool
    in_force: bool
    left_out: dict[str, str]
    groups: list[StandardGroupOut]


class StandardOut(Schema):
    """A dated national standard and the fact it tells of every enterprise."""

    fact: str
    title: dict[str, str]
    sha256: str
    versions: list[StandardVersionOut]


def _reading(condition: tree.Condition) -> str:
    return words.reading(condition, language(), packs.codes().names)


def _class(one: Class) -> StandardClassOut:
    return StandardClassOut(value=one.value, clauses=[
        StandardClauseOut(id=clause.id, says=clause.cite.quote, reading=_reading(clause.condition)) for clause in one.clauses])


def _group(one: Group) -> StandardGroupOut:
    return StandardGroupOut(title=dict(one.title), where=_reading(one.where) if one.where else None, classes=[_class(each) for each in one.classes])


def _dates(one: Version) -> dict[str, Any]:
    return {"in_force_from": one.start, "in_force_to": one.end, "document": one.document, "confirmed": one.confirmed}


def _version(one: Version) -> StandardVersionOut:
    return StandardVersionOut(**_dates(one), in_force=one.in_force(clocks.today()), left_out=dict(one.left_out), groups=[_group(each) for each in one.groups])


@router.get("/standards", response={200: list[StandardOut], **READS}, url_name="standards")
def list_standards(request: HttpRequest) -> list[StandardOut]:
    """The standards with every version, what it asks for, and whether it was held against the official text."""
    access.require(asking(request), series.VIEW)
    return [StandardOut(fact=each.fact.name, title=dict(each.title), sha256=each.sha256, versions=[_version(one) for one in each.versions])
            for each in standards.known()]


# ── one enterprise ───────────────────────────────────────────────────────────
class JudgedClauseOut(Schema):
    """``verdict``: true, false or unknown; ``found`` says what there was."""

    id: str
    says: str
    verdict: str
    found: str


class JudgedClassOut(Schema):
    value: str
    clauses: list[JudgedClauseOut]


class UsedVersionOut(Schema):
    in_force_from: dt.date
    in_force_to: dt.date | None
    document: str
    confirmed: bool


class PlacedOut(ValueOut):
    """One standard on one day. ``state`` is value or unknown; ``version`` is null before the first one, ``group`` where none is for this industry."""

    day: dt.date
    version: UsedVersionOut | None
    group: dict[str, str] | None
    classes: list[JudgedClassOut]


class WhyOut(Schema):
    """A clause judged differently on the two days. ``by``: the standard asks for something else, or a figure is another."""

    clause: str
    by: str
    says: str


class StandingOut(Schema):
    """``days`` holds one or two days, the earlier first; ``why`` says what made the difference."""

    fact: str
    title: dict[str, str]
    differs: bool
    days: list[PlacedOut]
    why: list[WhyOut]


def _value(standard: Standard, value: int | str | None) -> Mapping[str, Any]:
    if value is None:
        return {"state": "unknown"}
    return value_of(standard.fact, "value", *((value, None) if isinstance(value, int) else (None, value)))


def _placed(one: Placed) -> PlacedOut:
    return PlacedOut(**_value(one.standard, one.value), day=one.day, version=UsedVersionOut(**_dates(one.version)) if one.version else None,
                     group=dict(one.group.title) if one.group else None, classes=[_judged(each, verdict, one) for each, verdict in one.classes])


def _judged(one: Class, verdict: Verdict, placed: Placed) -> JudgedClassOut:
    return JudgedClassOut(value=one.value, clauses=[
        JudgedClauseOut(id=clause.id, says=clause.cite.quote, verdict=tree.VERDICT_WORDS[finding.verdict], found=shown.there(clause, finding, placed))
        for clause, finding in zip(one.clauses, verdict.findings, strict=True)])


def _why(turn: Turned, old: Placed, new: Placed) -> WhyOut:
    clause = turn.after or turn.before
    assert clause is not None  # one of the two days has it
    return WhyOut(clause=clause.id, by="standard" if turn.other_limit else "figure", says=shown.why(turn, old, new))


def _standing(days: tuple[Placed, ...]) -> StandingOut:
    old, new = days[0], days[-1]
    differs = old.value != new.value
    return StandingOut(fact=new.standard.fact.name, title=dict(new.standard.title), differs=differs, days=[_placed(one) for one in days],
                       why=[_why(turn, old, new) for turn in queries.turned(old, new)] if differs else [])


@router.get("/enterprises/{uscc}/standards", response={200: list[StandingOut], **READS}, url_name="enterprise_standards")
def enterprise_standards(request: HttpRequest, uscc: str, on: Day | None = None, against: Day | None = None) -> list[StandingOut]:
    """Where one enterprise stands by every standard, ``on`` a day (today), by what is known now; with ``against`` also on another, and why it differs."""
    person, row = asking(request), enterprise(request, uscc)
    series.require_of(person, row.uscc)
    days = sorted({on or clocks.today(), *([against] if against else ())})
    return [_standing(each) for each in zip(*(queries.placed(person, row, day) for day in days), strict=True)]
