"""Assisted handling 帮代办: an assistant is asked by the leading office, the applicant consents, then what is missing may be handed in for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import IntegrityError, transaction

from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.access.roles import title_of
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.evidence import actions as evidence
from diguan.kernel.evidence.actions import Paper
from diguan.kernel.messages import Message
from diguan.kernel.notices import actions as notices
from diguan.kernel.notices.kinds import Draft
from diguan.kernel.refusals import Forbidden
from diguan.services.actions import cases
from diguan.services.models import Case, CaseHelp
from diguan.services.queries import case_help as helps
from diguan.services.queries.case_help import ASSIST, OVERSEE
from diguan.services.queries.cases import OPEN, VIEW

OFFERED, BEGUN = "services.case_help_offered", "services.case_help_begun"
"""The kinds of notice: to the applicant who is to consent, to the assistant who may begin."""
MOST_DAYS = 180


@action(permission=OVERSEE, event="help_offered", on="case")
def offer_help(*, case: Case, assistant: Person, purpose: str, until: dt.date, paper: str = "", by: Person) -> Done[Case]:
    """Ask somebody to help the applicant; nothing may be seen or done before the applicant consents.

    Args:
        case: a case that has not ended.
        assistant: somebody who holds the right to assist.
        purpose: what for, as the applicant reads it.
        until: the last day, half a year from now at most.
        paper: on what paper an applicant without an account consented; needed where there is no enterprise, refused where there is.
        by: somebody of the leading office.

    Raises:
        Refusal: ``ended``, ``no_assistant``, ``bad_day``, ``invalid`` with its field, ``helped_already``.
    """
    if case.course is None or case.course.ended_at is not None:
        raise Refusal("ended", [Message("已经办结了", "it has ended")])
    if not helps.assistants().filter(pk=assistant.pk).exists() or assistant == by:
        raise Refusal("no_assistant", [Message(f"{assistant.name} 不是帮办员", f"{assistant.name} is no assistant")], "assistant")
    if not clocks.today() <= until <= clocks.today() + dt.timedelta(days=MOST_DAYS):
        raise Refusal("bad_day", [Message(f"从今天起，最多 {MOST_DAYS} 天", f"from today on, {MOST_DAYS} days at most")], "until")
    if bool(case.uscc) == bool(paper.strip()):
        raise Refusal("invalid", [Message("企业自己在网上同意，不填书面同意" if case.uscc else "还没有登记的申请人要有书面同意，写明编号",
                                          "the enterprise consents by itself: no paper" if case.uscc else "an applicant without an account consents on paper: name it")], "paper")
    CaseHelp.objects.filter(case=case, ended_at=None, until__lt=clocks.today()).update(ended_by=by, ended_at=clocks.now(), end_reason="到期")
    told = {"consented_by": by, "consented_at": clocks.now(), "paper": paper.strip()[:200]} if paper.strip() else {}
    try:
        with transaction.atomic():
            row = CaseHelp.objects.create(case=case, assistant=assistant, purpose=_purpose(purpose), until=until, assigned_by=by, **told)
    except IntegrityError as error:
        raise Refusal("helped_already", [Message("这一件已经有帮办员", "the case has an assistant")]) from error
    if case.uscc:
        _tell(row, OFFERED, Message(f"帮代办等您同意：{case.number}", f"Help that waits for your consent: case {case.plain}"),
              Message(f"{assistant.name} 可以帮您办：{row.purpose}，到 {until}。您同意以后才看得到这一件。", f"{assistant.name} could help: {row.purpose}, until {until}. Nothing is seen before you consent."), by, uscc=case.uscc)
    else:
        _begin(row, by)
    return Done(case, after={"assistant": assistant.login_name, "until": until, "paper": bool(told)})


@action(permission=OPEN, event="help_consented", on="case_help")
def consent_help(*, case_help: CaseHelp, by: Person) -> Done[Case]:
    """The applicant lets the assistant see the case and hand in for them, for this purpose and until that day.

    Raises:
        Forbidden: it is not their enterprise's; nobody consents for another, the window neither.
        Refusal: ``not_waiting``: it was answered, or its day is past.
    """
    if case_help.case.uscc not in access.usccs_of(by):
        raise Forbidden(OPEN, title_of(OPEN))
    if case_help.until < clocks.today() or not CaseHelp.objects.filter(pk=case_help.pk, consented_at=None, ended_at=None).update(consented_by=by, consented_at=clocks.now()):
        raise Refusal("not_waiting", [Message("这份帮代办已经答复过，或已过期", "it has been answered, or its day is past")])
    _begin(case_help, by)
    return Done(case_help.case, after={"assistant": case_help.assistant.login_name, "purpose": case_help.purpose, "until": case_help.until})


@action(permission=VIEW, event="help_ended")
def end_help(*, case_help: CaseHelp, reason: str, by: Person) -> Done[Case]:
    """End it: the applicant at any time and without giving grounds, the assistant, or the office that leads the case. From then on nothing is seen.

    Raises:
        Forbidden: they have nothing to do with it.
        Refusal: ``not_waiting``: it has ended.
    """
    if case_help.case.uscc not in access.usccs_of(by) and case_help.assistant_id != by.pk and not access.may(by, OVERSEE, case_help.case):
        raise Forbidden(OVERSEE, title_of(OVERSEE))
    if not CaseHelp.objects.filter(pk=case_help.pk, ended_at=None).update(ended_by=by, ended_at=clocks.now(), end_reason=reason.strip()[:200]):
        raise Refusal("not_waiting", [Message("已经结束了", "it has ended")])
    return Done(case_help.case, after={"assistant": case_help.assistant.login_name})


@action(permission=ASSIST, event="case_supplemented_by_assistant", on="case_help")
def supplement_for(*, case_help: CaseHelp, papers: Mapping[str, Paper], by: Person) -> Done[Case]:
    """Hand in for the applicant what is still asked for; what only they can promise stays theirs.

    Raises:
        Forbidden: the help does not hold today. Refusal: as :func:`cases.supplement`.
    """
    if helps.helping(by, case_help.case) != case_help:
        raise Forbidden(ASSIST, title_of(ASSIST))
    given = cases.take_in(case_help.case, papers, (), by, access.unit_of(by))
    return Done(case_help.case, after={"papers": sorted(papers), "for": case_help.pk}, related=given, personal=evidence.personal_of(given))


def _purpose(text: str) -> str:
    if not 2 <= len(text.strip()) <= 200:
        raise Refusal("invalid", [Message("请写帮什么，2 到 200 字", "say what for, in 2 to 200 characters")], "purpose")
    return text.strip()


def _begin(row: CaseHelp, by: Person) -> None:
    _tell(row, BEGUN, Message(f"请您帮办：{row.case.number}", f"Please help with case {row.case.plain}"),
          Message(f"{row.case.applicant}：{row.purpose}，到 {row.until}。", f"{row.case.applicant}: {row.purpose}, until {row.until}."), by, person=row.assistant)


def _tell(row: CaseHelp, kind: str, title: Message, body: Message, by: Person, **to: object) -> None:
    notices.write(drafts=[Draft(kind, ("case_help", str(row.pk)), title, body, link=row.case.address, **to)], by=by)  # type: ignore[arg-type]
