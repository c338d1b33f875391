"""A case that ends without its delivery: the applicant takes it back, the window does not accept it, or it is ended by law. What is under way stops."""

from __future__ import annotations

from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.evidence import actions as evidence
from diguan.kernel.messages import Message
from diguan.kernel.stages.actions import moves
from diguan.kernel.stages.models import TaskState
from diguan.services.actions.cases.shared import course_of, tell
from diguan.services.engine.caseflow import ACCEPT, DECLINED, STOPPED, WITHDRAWN
from diguan.services.models import Case
from diguan.services.queries.cases import HANDLE, OPEN, View

CLOSED = "services.case_closed"
"""The kind of notice that tells an enterprise that its case ended without a delivery."""
REMEDY = Message("不服的，可以依法申请行政复议或者提起行政诉讼。", "Against this an administrative review may be applied for, or a suit filed, as the law provides.")


@action(permission=OPEN, event="case_withdrawn", on="case")
def withdraw_case(*, case: Case, version: int, reason: str, by: Person) -> Done[Case]:
    """The applicant takes the case back, at any time before the delivery; what was handed in stays in the trail.

    Args:
        case: one that has not ended.
        version: of its course, as it was read.
        reason: why.
        by: the enterprise's agent, or the window at their request.

    Raises:
        ChangedMeanwhile: it was ended meanwhile. Refusal: ``ended``, ``no_way`` (its flow, frozen before, knows no such end), ``invalid``.
    """
    return _close(case, WITHDRAWN, version, evidence.said(reason, 300), by)


@action(permission=HANDLE, event="case_closed", on="case")
def close_case(*, case: Case, version: int, basis: str, reason: str, by: Person) -> Done[Case]:
    """Before acceptance: it is not accepted; after: it is ended. Both with the article and the reason, which the applicant is told with what may be done against it.

    Args:
        case: one that has not ended.
        version: of its course, as it was read.
        basis: the article, 4 to 200 characters.
        reason: why, in words the applicant understands.
        by: somebody of the leading office.

    Raises:
        ChangedMeanwhile, Refusal: as :func:`withdraw_case`.
    """
    if not 4 <= len(basis.strip()) <= 200:
        raise Refusal("invalid", [Message("请写明法律依据，到条，4 到 200 字", "name the law with its article, in 4 to 200 characters")], "basis")
    words = evidence.said(reason, 300)
    accepted = View(by, case, clocks.today()).tasks[ACCEPT].state == TaskState.DONE
    title = Message("终止办理", "ended") if accepted else Message("不予受理", "not accepted")
    done = _close(case, STOPPED if accepted else DECLINED, version, f"{basis.strip()}；{words}", by)
    tell(case, CLOSED, Message(f"{title.zh}：{case.number}", f"Case {case.plain} is {title.en}"),
         Message(f"{title.zh}。依据：{basis.strip()}。理由：{words}。{REMEDY.zh}", f"It is {title.en}. Basis: {basis.strip()}. Reason: {words}. {REMEDY.en}"), by)
    return done


def _close(case: Case, status: str, version: int, words: str, by: Person) -> Done[Case]:
    course = course_of(case)
    if course.ended_at is not None:
        raise Refusal("ended", [Message("这一件已经结束了", "it has ended")])
    moves.set_status(course, status, version, by, clocks.today(), words)
    return Done(case, after={"status": status, "reason": words}, related=[course])
