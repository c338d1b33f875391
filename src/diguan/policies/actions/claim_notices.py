"""What a firm is told of its claim: that it is its turn, that the list is public, that it was refused. Inside the action it follows from."""

from __future__ import annotations

from collections.abc import Sequence

from diguan.kernel import access, money
from diguan.kernel.access.models import Person
from diguan.kernel.messages import Message
from diguan.kernel.notices import actions as notices
from diguan.kernel.notices.kinds import Draft
from diguan.kernel.notices.models import Notice
from diguan.kernel.rules.tree import Policy
from diguan.policies import queries
from diguan.policies.models import CLAIM, Claim, Delivery
from diguan.policies.queries import claims

KIND = "policies.claim"
Words = tuple[Message, Message]

HAND_IN: Words = (Message("请交申报材料：{title}", "Hand in your papers: {title}"),
                  Message("拟安排 {amount}。县里已有的材料不用交；打开就看到要交什么。", "{amount} set aside. What the county holds is not asked for; the page lists the rest."))
AGAIN: Words = (Message("请重新确认：{title}", "Please tell us again: {title}"),
                Message("您交的没有通过核对，原因：{reason}。改好再交一次，其他不变。", "What you handed in did not pass: {reason}. Hand it in once more; nothing else changes."))
_STAGES: dict[str, Words] = {
    claims.PUBLICISED: (Message("正在公示：{title}", "On public notice: {title}"),
                        Message("名单正在公示，拟兑现 {amount}。现在不用您做什么。", "The list is on public notice with {amount} for you. There is nothing for you to do now.")),
    claims.UNOBJECTED: (Message("请确认意愿和账户：{title}", "Confirm your claim and account: {title}"),
                        Message("公示期满，没有异议，拟兑现 {amount}。只请您确认要不要、收款账户是哪个，不用交别的材料。",
                                "The notice ended without objection; {amount} for you. Confirm only that you want it and to which account; no other paper is asked for.")),
    claims.OBJECTED: (Message("有人提出异议：{title}", "An objection was raised: {title}"),
                      Message("公示期间有人提出异议，正在核查，有结果马上告诉您。现在不用您做什么。", "It is being looked into; you will be told the outcome. There is nothing for you to do now.")),
    claims.SETTLED: (Message("异议不成立，请确认意愿和账户：{title}", "The objection was not upheld; confirm your claim: {title}"),
                     Message("异议不成立，拟兑现 {amount}。只请您确认要不要、收款账户是哪个。", "The objection was not upheld; {amount} for you. Confirm only that you want it and to which account.")),
    claims.REFUSED: (Message("不予兑现：{title}", "Refused: {title}"), Message("原因：{reason}。觉得不对，可以申请复核。", "Reason: {reason}. If you disagree you may ask for a review.")),
    claims.REVIEW: (Message("复核已受理：{title}", "Your request for review was accepted: {title}"), Message("正在复核，有结果马上告诉您。", "It is under review; you will be told the outcome.")),
    claims.UPHELD: (Message("复核维持原决定：{title}", "The refusal was upheld: {title}"), Message("原因：{reason}。", "Reason: {reason}.")),
    claims.FOUND: (Message("复核通过，重新办理：{title}", "Reopened after review: {title}"), Message("原决定已撤销，重新办理。现在不用您做什么。", "The refusal was withdrawn and your claim goes on. There is nothing for you to do now.")),
}


def opened(rows: Sequence[Claim], policy: Policy, by: Person) -> None:
    """Firms that have to hand something in are told so; who gets it without application hears of it once there is something to say."""
    if _of_the_firm(by):
        return
    notices.write(drafts=[_draft(row, HAND_IN, policy) for row in rows if row.delivery == Delivery.APPLICATION], by=by)


def _of_the_firm(by: Person) -> bool:
    """Whether somebody of the firm acts: they need no notice of what they do."""
    return bool(access.usccs_of(by))


def moved(row: Claim, stage: str, by: Person, reason: str = "") -> None:
    """What was said of the claim no longer holds; what holds now is told, if there is anything to tell."""
    silence(row, by)
    words = _STAGES.get(stage)
    if words is not None:
        notices.write(drafts=[_draft(row, words, queries.library().policies.get(row.policy), reason)], by=by)


def ask_again(row: Claim, by: Person, reason: str) -> None:
    """What the firm handed in did not hold: it is its turn once more."""
    silence(row, by)
    notices.write(drafts=[_draft(row, AGAIN, queries.library().policies.get(row.policy), reason)], by=by)


def silence(row: Claim, by: Person) -> None:
    """End what was said of a claim."""
    notices.end(numbers=list(Notice.objects.filter(kind=KIND, about_kind=CLAIM, about_id=str(row.pk), ended_at__isnull=True).values_list("pk", flat=True)), by=by)


def _draft(row: Claim, words: Words, policy: Policy | None, reason: str = "") -> Draft:
    title, body = (_filled(one, row, policy, reason) for one in words)
    return Draft(KIND, (CLAIM, str(row.pk)), title, body, uscc=row.enterprise.uscc, link=f"/policies/claims/{row.pk}/")


def _filled(words: Message, row: Claim, policy: Policy | None, reason: str) -> Message:
    said = {language: words.text(language).format(title=policy.label(language) if policy else row.policy, amount=money.words(row.amount_fen, language), reason=reason)
            for language in ("zh", "en")}
    return Message(said["zh"][:180] if words.zh.endswith("{title}") else said["zh"], said["en"])
