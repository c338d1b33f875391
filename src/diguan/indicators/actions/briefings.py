"""Writes of briefings: drafted from a snapshot, reviewed by another, signed by a third and so published; subscriptions.

What is reviewed and signed is the text somebody saw: its digest comes with the decision.
"""

from __future__ import annotations

from typing import Any

from django.db.models import F, Max
from django.urls import reverse

from diguan.indicators.actions.published import publish_month
from diguan.indicators.models import Briefing, BriefingState, BriefingSubscription
from diguan.indicators.queries import PUBLISH, compose, published
from diguan.indicators.queries import briefings as queries
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.facts import runs
from diguan.kernel.facts.runs import Run
from diguan.kernel.messages import Message, visible
from diguan.kernel.notices import actions as notices
from diguan.kernel.notices.kinds import Draft

NOTICE = "indicators.briefing_published"
LONGEST = 300


@action(permission=queries.DRAFT, event="briefing_drafted")
def draft_briefing(*, month: str, run: Run, by: Person, reason: str = "") -> Done[Briefing]:
    """Draft the briefing of a month from a snapshot: the first edition, or a further one beside those that are signed.

    Args:
        month: ``2025-08``.
        run: the snapshot all of it comes from.
        by: who drafts; they may see every figure of the template.
        reason: why there is a further edition; needed where one is signed.

    Raises:
        Refusal: one of that month is open, a further edition without a reason or without anything new, a damaged snapshot, or no template.
    """
    if Briefing.objects.filter(month=month).exclude(state=BriefingState.SIGNED).exists():
        raise Refusal("open_already", [Message(f"{month} 的简报还有一份没签发，先办完那一份", f"a briefing of {month} is not signed yet; finish that one first")], field="month")
    _whole(run)
    signed = Briefing.objects.filter(month=month).order_by("-edition").first()
    reason = _sentence(reason) if signed else ""
    if signed and not reason:
        raise Refusal("why", [Message("这个月已签发过一版，写明为什么再出一版", "an edition of this month is signed; say why there is another")], field="reason")
    if signed and signed.snapshot_id == run.pk:
        raise Refusal("nothing_new", [Message("已签发的那一版就出自这份快照，没有新的数", "the signed edition is of this very snapshot; nothing is new")], field="run")
    text = queries.composed(by, run, month, queries.newest_signed(month))
    edition = (Briefing.objects.filter(month=month).aggregate(last=Max("edition"))["last"] or 0) + 1
    row = Briefing.objects.create(month=month, edition=edition, snapshot=run, text=text, digest=compose.digest(text), why=reason, owner_unit_id=access.unit_of(by), created_by=by, changed_by=by)
    return Done(row, after=_told(row), related=[run])


@action(permission=queries.DRAFT, event="briefing_rewritten", on="briefing")
def rewrite_briefing(*, briefing: Briefing, version: int, run: Run, by: Person) -> Done[Briefing]:
    """Compose a draft anew from a snapshot; whoever does has drafted it.

    Raises:
        Refusal: it is no draft any more, somebody changed it first, a damaged snapshot, or no template.
    """
    _whole(run)
    _at(briefing, BriefingState.DRAFT)
    text = queries.composed(by, run, briefing.month, queries.newest_signed(briefing.month))
    return _write(briefing, version, BriefingState.DRAFT, by, snapshot=run, text=text, digest=compose.digest(text), created_by=by)


@action(permission=queries.REVIEW, event="briefing_reviewed", on="briefing")
def review_briefing(*, briefing: Briefing, version: int, digest: str, by: Person) -> Done[Briefing]:
    """Somebody else than who drafted it has read it and finds it right.

    Raises:
        Refusal: their own draft, no draft, another text than they saw, or somebody changed it first.
    """
    _at(briefing, BriefingState.DRAFT)
    _as_seen(briefing, digest)
    _another(by, {briefing.created_by_id}, Message("起草的和复核的要是两个人", "who drafts and who reviews are two people"))
    _may_see(by, briefing)
    return _write(briefing, version, BriefingState.DRAFT, by, state=BriefingState.REVIEWED, reviewed_by=by, reviewed_at=clocks.now(), returned="")


@action(permission=queries.REVIEW, event="briefing_returned", on="briefing")
def return_briefing(*, briefing: Briefing, version: int, reason: str, by: Person) -> Done[Briefing]:
    """Send a reviewed one, or somebody else's draft, back to be written anew.

    Raises:
        Refusal: no reason, signed already, or somebody changed it first.
    """
    reason = _sentence(reason)
    if not reason:
        raise Refusal("reason", [Message("写明退回的原因", "say why it is returned")], field="reason")
    if briefing.published:
        raise Refusal("signed", [Message("已经签发，不能退回；数据更正后出新的一版", "it is signed and not returned; a correction makes a further edition")])
    _may_see(by, briefing)
    return _write(briefing, version, briefing.state, by, state=BriefingState.DRAFT, reviewed_by=None, reviewed_at=None, returned=reason)


@action(permission=queries.SIGN, event="briefing_signed", on="briefing")
def sign_briefing(*, briefing: Briefing, version: int, digest: str, by: Person, reason: str = "") -> Done[Briefing]:
    """A third person signs it, which publishes it and tells who subscribed.

    Args:
        briefing: a reviewed one.
        version: of the row, as it was seen.
        digest: of the text, as it was read.
        by: neither who drafted nor who reviewed it.
        reason: why it is signed though figures are not whole; it is printed in the document.

    Raises:
        Refusal: not reviewed, ``partial`` (figures that are not whole, and no reason), a person who had a hand in it, another text than
            they saw, a damaged snapshot, or somebody changed it first.
    """
    _at(briefing, BriefingState.REVIEWED)
    _as_seen(briefing, digest)
    _another(by, {briefing.created_by_id, briefing.reviewed_by_id}, Message("签发的不能是起草或复核的人", "who signs has neither drafted nor reviewed it"))
    _may_see(by, briefing)
    _whole(briefing.snapshot)
    reason = _sentence(reason) if briefing.partial else ""
    if briefing.partial and not reason:
        raise Refusal("partial", [Message(f"有 {len(briefing.partial)} 个数不齐全，不能签发；一定要签发就写明理由，理由印在简报里", f"{len(briefing.partial)} figures are not whole, so it is not signed; to sign it all the same, say why: the reason is printed in it"),
                                  *(Message(zh["text"], en["text"]) for zh, en in zip(briefing.partial, briefing.document("en")["partial"], strict=True))], field="reason")
    done = _write(briefing, version, BriefingState.REVIEWED, by, state=BriefingState.SIGNED, signed_by=by, signed_at=clocks.now(), partial_reason=reason, returned="")
    notices.write(drafts=[_notice(done.record, person) for person in queries.subscribers() if person.pk != by.pk], by=by)
    _publish(done.record, by)
    return done


def _publish(briefing: Briefing, by: Person) -> None:
    """Its month is published from its snapshot, unless it is from a newer one already or they may not publish.

    Where a figure the briefing does not print is not whole nobody has said why: the month waits to be published by itself, with a reason.
    """
    before = published.latest(briefing.month)
    said = briefing.partial_reason or not published.partial(briefing.snapshot, briefing.month)
    if said and access.may(by, PUBLISH) and (before is None or published.newer(briefing.snapshot, before)):
        signed = f"第 {briefing.edition} 版简报签发"
        publish_month(month=briefing.month, run=briefing.snapshot, by=by, reason=f"{signed}：{briefing.partial_reason}" if briefing.partial_reason else signed)


@action(permission=queries.READ, event="briefing_subscribed")
def subscribe(*, wanted: bool, by: Person) -> Done[BriefingSubscription]:
    """A person says whether they want a notice when a briefing is published."""
    row, _made = BriefingSubscription.objects.update_or_create(person=by, defaults={"wanted": wanted, "owner_unit_id": access.unit_of(by), "changed_by": by, "changed_at": clocks.now()}, create_defaults={"wanted": wanted, "owner_unit_id": access.unit_of(by), "created_by": by, "changed_by": by})
    return Done(row, after={"wanted": wanted})


# ── what they have in common ─────────────────────────────────────────────────
def _told(row: Briefing) -> dict[str, Any]:
    return {"month": row.month, "edition": row.edition, "state": row.state, "snapshot": row.snapshot.run_id, "digest": row.digest}


def _sentence(text: str) -> str:
    text = visible(text)
    if len(text) > LONGEST:
        raise Refusal("too_long", [Message(f"最多 {LONGEST} 字", f"at most {LONGEST} characters")], field="reason")
    return text


def _whole(run: Run) -> None:
    if not runs.intact(run):
        raise Refusal("damaged", [Message("这份快照的文件不完整，换一份", "the files of this snapshot are damaged; take another")], field="run")


def _at(row: Briefing, state: BriefingState) -> None:
    if row.state != state:
        raise Refusal("state", [Message(f"这份简报现在是“{row.get_state_display()}”，不能这样办", f"this briefing is {row.state} now, which does not allow this")])


def _as_seen(row: Briefing, digest: str) -> None:
    if row.digest != digest or compose.digest(row.text) != digest:
        raise Refusal("conflict", [Message("正文已经改了，请看过新的再办", "the text has changed; read the new one first")])


def _another(by: Person, others: set[int | None], why: Message) -> None:
    if by.pk in others:
        raise Refusal("same_person", [why])


def _may_see(by: Person, row: Briefing) -> None:
    unseen = queries.hidden(by, sorted({each["code"] for each in compose.figures_of(row.document("zh"))}))
    if unseen:
        raise Refusal("not_yours", [Message(f"里面有您不能看的指标：{'、'.join(unseen)}", f"it tells figures you may not see: {', '.join(unseen)}")])


def _write(row: Briefing, version: int, seen: str, by: Person, **values: Any) -> Done[Briefing]:
    """Change a row as it was seen: a conditional UPDATE whose count says who came first."""
    before = _told(row)
    hit = Briefing.objects.filter(pk=row.pk, version=version, state=seen).update(**values, version=F("version") + 1, changed_by=by, changed_at=clocks.now())
    if hit != 1:
        raise Refusal("conflict", [Message("没办成：别人先改了，请看过新的再办", "Not done: somebody changed it first. Look again")])
    row = Briefing.objects.select_related("snapshot", "created_by", "reviewed_by", "signed_by").get(pk=row.pk)
    return Done(row, before=before, after={**_told(row), **({"partial": len(row.partial), "partial_reason": row.partial_reason} if row.partial_reason else {})})


def _notice(row: Briefing, person: Person) -> Draft:
    zh, en = row.document("zh")["title"], row.document("en")["title"]
    edition = Message(f"（第 {row.edition} 版：{row.why}）", f" (edition {row.edition}: {row.why})") if row.edition > 1 else Message("", "")
    return Draft(NOTICE, ("indicators.briefing", f"{row.month}-{row.edition}"), Message(f"已签发：{zh}{edition.zh}"[:200], f"Published: {en}{edition.en}"[:300]),
                 Message(f"数据截至 {row.snapshot.as_of.isoformat()}。", f"Data as of {row.snapshot.as_of.isoformat()}."), person=person, link=reverse("indicators:briefing", args=[row.month, row.edition]))
