"""Writes of hometown people: kept with a consent or not at all, looked at and revealed with a trace, renewed, hidden, erased."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from diguan.enterprises.engine import pinyin_key, tidy_phone
from diguan.kernel import access, clocks, events
from diguan.kernel.access.models import Person, Unit
from diguan.kernel.actions import Done, Refusal, action, write_at
from diguan.kernel.facts.models import Upload
from diguan.kernel.messages import Message
from diguan.kernel.notices import actions as notices
from diguan.kernel.notices.kinds import Draft
from diguan.kernel.notices.models import Notice
from diguan.ties import engine
from diguan.ties.actions import parts
from diguan.ties.actions.parts import Proof, invalid
from diguan.ties.models import Consent, HometownPerson, How, PersonState, Purpose, Tie, TieState
from diguan.ties.queries import people as queries
from diguan.ties.queries import terms
from diguan.ties.queries.people import CHANGE, REVEAL, VIEW

FIELDS = ("name", "kind", "town", "region", "city", "employer", "employer_uscc", "position", "skills", "phone")
"""What a person may fill in; all of it is about a natural person, so Events keep it apart, to be erased."""
BLANK = dict.fromkeys(("name", "name_key", "pinyin_key", "region", "city", "employer", "employer_uscc", "position", "skills", "phone", "phone_digest"), "")
PROOF_SHEET, OVER = "hometown_consent", "ties.consent_over"
Values = Mapping[str, Any]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Agreed:
    """A consent as it was given: for what (in words too), when, until when, by what it is proved."""

    purposes: frozenset[Purpose]
    words: str
    given_on: dt.date | None
    expires_on: dt.date | None
    how: str
    proof: Proof | Upload | None


# ── kept ─────────────────────────────────────────────────────────────────────
@action(permission=CHANGE, event="person_kept")
def keep_person(*, values: Values, agreed: Agreed, by: Person, again: bool = False) -> Done[HometownPerson]:
    """Keep somebody who agreed to it. Without a consent in force today nobody is kept.

    Args:
        values: :data:`FIELDS`; ``town`` a unit.
        agreed: their consent, with the file that proves it.
        again: keep them although somebody on record may be the same.
        by: whose right has to reach the town; where no town is told the row is their office's.

    Raises:
        Forbidden: the town is not theirs.
        Refusal: ``invalid`` (field named), ``no_consent``, or ``double``: somebody on record may be the same.
    """
    row = put_person(values=values, by=by)
    found = queries.doubles(name=row.name, phone=row.phone, town=row.town_id, city=row.city, besides=row.pk)
    if found and (not again or any(one.sure for one in found)):
        raise _double(found)
    consent = put_consent(row=row, agreed=agreed, by=by)
    return Done(row, after=consented_words(consent), personal=personal_of(row))


def put_person(*, values: Values, by: Person) -> HometownPerson:
    """The row of somebody, inside an action that keeps their consent with it.

    Raises:
        Forbidden, Refusal: as :func:`keep_person`.
    """
    told = _told(values)
    unit = told["town"].pk if told["town"] else access.unit_of(by)
    row = HometownPerson.objects.create(**told, **_keys(told), owner_unit_id=unit, created_by=by, changed_by=by)
    access.require(by, CHANGE, row)
    return row


def put_consent(*, row: HometownPerson, agreed: Agreed, by: Person) -> Consent:
    """A consent of somebody, inside an action.

    Raises:
        Refusal: ``no_consent`` or ``invalid`` (field named).
    """
    given, until = _span(agreed)
    words = agreed.words.strip()
    if not agreed.purposes:
        raise Refusal("no_consent", [Message("本人没有同意任何用途，不能登记", "without consent to any purpose nobody is kept")], field="purposes")
    if not 2 <= len(words) <= 200 or "\x00" in words:
        raise invalid("words", "请写本人同意的用途，2 到 200 字", "say in 2 to 200 characters what they agreed to")
    if agreed.how not in How.values:
        raise invalid("how", "请选同意方式", "choose how they consented")
    proof = parts.kept(agreed.proof, PROOF_SHEET, row.owner_unit_id, by)
    if proof is None:
        raise Refusal("no_consent", [Message("没有同意的凭证（同意书、截图），不能登记", "without proof of consent nobody is kept")], field="proof")
    return Consent.objects.create(person=row, **{each.value: each in agreed.purposes for each in Purpose}, purpose=words, given_on=given, expires_on=until, how=agreed.how, proof=proof, entered_by=by)


def _span(agreed: Agreed) -> tuple[dt.date, dt.date]:
    today = clocks.today()
    given = parts.past(agreed.given_on, "given_on")
    longest = terms.in_force(today).consent_until(given)
    if agreed.expires_on is None or not today <= agreed.expires_on <= longest:
        raise invalid("expires_on", f"应在今天到 {longest} 之间：同意要有期限，过了的不能登记", f"between today and {longest}: a consent ends some day, and one that is over keeps nobody")
    return given, agreed.expires_on


@action(permission=CHANGE, event="person_changed", on="row")
def change_person(*, row: HometownPerson, version: int, values: Values, by: Person, reason: str = "") -> Done[HometownPerson]:
    """Change what is kept of somebody, as it was seen at ``version``. An empty phone leaves the number that is there.

    Raises:
        Forbidden: the new town is not theirs.
        Refusal: ``invalid`` (field named), ``gone`` where their consent is over, or ``conflict``.
    """
    _still(row)
    before, told = personal_of(row), _told({**values, "phone": values.get("phone") or row.phone})
    unit: Unit | None = told["town"]
    if unit is not None and unit.pk != row.town_id:
        access.require(by, CHANGE, unit)
    write_at(row, version, {**told, **_keys(told), "owner_unit_id": unit.pk if unit else row.owner_unit_id}, by=by, taken=parts.CONFLICT)
    now = HometownPerson.objects.get(pk=row.pk)
    changed = [name for name in FIELDS if getattr(now, name) != getattr(row, name)]
    return Done(now, after={"changed": changed}, personal={"before": {name: before[name] for name in changed}, "after": {name: personal_of(now)[name] for name in changed}})


def _told(values: Values) -> dict[str, Any]:
    told = parts.told(HometownPerson, FIELDS, values)
    if not told["name"]:
        raise invalid("name", "没有填", "this is missing")
    told["region"], told["employer_uscc"] = parts.region_of(told["region"]), parts.code_of(told["employer_uscc"], "employer_uscc")
    told["phone"] = tidy_phone(told["phone"])
    if told["phone"] and not 7 <= len(engine.phone_key(told["phone"])) <= 15:
        raise invalid("phone", "不是电话号码", "not a phone number")
    return told


def _keys(told: Mapping[str, Any]) -> dict[str, str]:
    return {"name_key": engine.name_key(told["name"]), "pinyin_key": pinyin_key(told["name"])[:60], "phone_digest": queries.digest(told["phone"])}


def personal_of(row: HometownPerson) -> dict[str, Any]:
    """What an Event keeps of somebody, to be erased; the town as its code."""
    return {name: getattr(row, name) if name != "town" else (row.town.code if row.town else "") for name in FIELDS}


def consented_words(consent: Consent) -> dict[str, Any]:
    """What an Event says of a consent; nothing in it tells who gave it."""
    return {"purposes": [each.value for each in consent.purposes], "given_on": consent.given_on, "expires_on": consent.expires_on, "how": consent.how, "proof": consent.proof.sha256}


def _double(found: list[queries.Double]) -> Refusal:
    numbers = "、".join(f"#{one.row.pk}" for one in found)
    if any(one.sure for one in found):
        return Refusal("double", [Message(f"姓名和电话都相同的已经在册：{numbers}", f"name and number are on record already: {numbers}")], field="name")
    return Refusal("double", [Message(f"同名、同乡镇、同城市的已经在册：{numbers}；确实是另一个人，请勾选“是另一个人”", f"somebody of this name, town and city is on record: {numbers}; if this is another person, say so")], field="again")


def _still(row: HometownPerson) -> None:
    """Let pass a row whose consent is in force.

    Raises:
        Refusal: ``gone``.
    """
    if not queries.consented(HometownPerson.objects.filter(pk=row.pk)).exists():
        raise Refusal("gone", [Message("本人的同意已到期或撤回，什么都不能看、不能改", "their consent is over or taken back: nothing may be seen or changed")])


# ── looked at ────────────────────────────────────────────────────────────────
@action(permission=VIEW, event="person_viewed", on="row")
def view_person(*, row: HometownPerson, by: Person) -> Done[HometownPerson]:
    """Note that somebody's page was opened; only then is it shown.

    Raises:
        Refusal: ``gone``.
    """
    _still(row)
    return Done(row)


@action(permission=REVEAL, event="person_revealed", on="row")
def reveal_person(*, row: HometownPerson, reason: str, by: Person) -> Done[HometownPerson]:
    """Note that ``by`` looks at the whole number and why; only then may a page show it.

    Raises:
        Refusal: ``invalid`` without a reason, ``gone``.
    """
    parts.reason_of(reason)
    _still(row)
    return Done(row, after={"shown": "phone"})


# ── consent ──────────────────────────────────────────────────────────────────
@action(permission=CHANGE, event="consent_renewed", on="row")
def renew_consent(*, row: HometownPerson, agreed: Agreed, name: str = "", by: Person, reason: str = "") -> Done[HometownPerson]:
    """Enter another consent. Where the last one is over nothing of the person is shown, so whoever renews says the name on the new one.

    Raises:
        Refusal: ``invalid`` (field named), ``no_consent``, ``gone``: the row was erased, ``not_the_same``: the name is another.
    """
    if not queries.consented(HometownPerson.objects.filter(pk=row.pk)).exists() and engine.name_key(name) != row.name_key:
        raise Refusal("not_the_same", [Message("和在册的姓名不一致：同意已到期的，要照新的同意书写本人姓名", "not the name on record: where the consent is over, give the name as the new one has it")], field="name")
    consent = put_consent(row=row, agreed=agreed, by=by)
    hit = HometownPerson.objects.filter(pk=row.pk).exclude(state=PersonState.ERASED).update(state=PersonState.KEPT, version=F("version") + 1, changed_by=by, changed_at=clocks.now())
    if not hit:
        raise Refusal("gone", [Message("已经按本人要求删除，请重新登记", "erased at their wish: keep them anew")])
    _end_notices(row, by)
    row.refresh_from_db()
    return Done(row, after=consented_words(consent))


@action(permission=CHANGE, event="consent_withdrawn", on="row")
def withdraw_consent(*, row: HometownPerson, reason: str, by: Person) -> Done[HometownPerson]:
    """Take every consent back at the person's wish: what is personal is erased, in the row and beside its Events, and their ties end.

    Raises:
        Refusal: ``invalid`` without a reason, ``gone``: it was erased already.
    """
    parts.reason_of(reason)
    hit = HometownPerson.objects.filter(pk=row.pk).exclude(state=PersonState.ERASED).update(
        **BLANK, town=None, state=PersonState.ERASED, version=F("version") + 1, changed_by=by, changed_at=clocks.now())
    if not hit:
        raise Refusal("gone", [Message("已经删除过了", "it was erased already")])
    Consent.objects.filter(person=row, withdrawn_on__isnull=True).update(withdrawn_on=clocks.today())
    ended = list(Tie.objects.filter(pk__in=[*row.ties_from.values_list("pk", flat=True), *row.ties_to.values_list("pk", flat=True)]))
    Tie.objects.filter(pk__in=[one.pk for one in ended]).update(state=TieState.ENDED, source="—", decision="", version=F("version") + 1, changed_by=by, changed_at=clocks.now())
    proofs = list(row.returns.all())
    row.returns.update(document="—", changed_by=by, changed_at=clocks.now())
    for one in (row, *ended, *proofs):
        events.erase_personal(one)
    _end_notices(row, by)
    row.refresh_from_db()
    return Done(row, before={"state": PersonState.KEPT}, after={"state": row.state, "ties_ended": len(ended)})


# ── the clock ────────────────────────────────────────────────────────────────
class _Nothing(Exception):
    """There was nothing to do after all; the transaction leaves no trace."""


@action(permission=CHANGE, event="person_hidden", on="row")
def hide_person(*, row: HometownPerson, by: Person) -> Done[HometownPerson]:
    """Hide somebody whose consent is over, and tell who holds the row: number and day, no name."""
    if not queries.overdue(HometownPerson.objects.filter(pk=row.pk)).update(state=PersonState.HIDDEN, version=F("version") + 1, changed_at=clocks.now()):
        raise _Nothing
    last = row.consents.select_related("entered_by").order_by("-expires_on", "-id").first()
    assert last is not None  # nobody is kept without one
    notices.write(drafts=[Draft(
        OVER, ("hometown_person", str(row.pk)), Message(f"同乡 #{row.pk} 的同意到期了", f"The consent of hometown person #{row.pk} is over"),
        Message(f"同意到 {last.expires_on} 为止，从现在起谁也看不到这个人。本人愿意再同意的，凭新的同意书续期；不愿意的，请撤回并删除。",
                f"It lasted until {last.expires_on}; from now on nobody sees this person. If they agree again, renew it with a new form; if not, withdraw and erase."),
        person=last.entered_by, link=f"/ties/{row.pk}/consent/")], by=by)
    row.refresh_from_db()
    return Done(row, before={"state": PersonState.KEPT}, after={"state": row.state, "until": last.expires_on})


def expire_due() -> int:
    """What the clock does: whose consent is over is hidden. Answers of how many; run twice it hides nobody twice. Nothing waits for it: no page shows them before either."""
    rows = list(queries.overdue(HometownPerson.objects.all()).order_by("id"))
    if not rows:
        return 0
    try:
        by = access.acting_person(None, CHANGE)
    except Refusal:
        return 0
    return sum(_hidden(row, by) for row in rows)


def _hidden(row: HometownPerson, by: Person) -> int:
    try:
        hide_person(row=row, by=by)
    except _Nothing:
        return 0
    except Exception:  # one that cannot be hidden must not keep the others from it
        log.exception("hometown person %s could not be hidden; it is done again the next time", row.pk)
        return 0
    return 1


def _end_notices(row: HometownPerson, by: Person) -> None:
    notices.end(numbers=list(Notice.objects.filter(kind=OVER, about_kind="hometown_person", about_id=str(row.pk), ended_at__isnull=True).values_list("pk", flat=True)), by=by)
