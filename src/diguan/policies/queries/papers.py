"""What gates know of a policy: its document beside the evidence that was verified. Where the two differ, nothing is published."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping

from diguan.kernel import packs
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.evidence.queries import Holding, holdings
from diguan.kernel.messages import Message
from diguan.kernel.rules.scalar import Stored, SubjectFacts
from diguan.kernel.rules.tree import Policy
from diguan.kernel.rules.windows import Coverage
from diguan.kernel.stages.models import Course, Passage
from diguan.policies import queries
from diguan.policies.queries.life import FLOW, KIND

BEFORE_PUBLICATION = ("drafted", "fair_competition_reviewed", "legality_reviewed")
"""Sent back from these a text is still the same one; from any later stage it is amended."""

BASIS, FAIR, LEGAL, ELEMENTS, TEXT = "legal_basis", "fair_competition_review", "legality_review", "policy_elements", "policy_text"
YES, NO = 1, 0


def facts_of(policy_id: str, day: dt.date) -> SubjectFacts:
    """The facts of a policy on a day, for gates; what is not told here verified evidence tells alone.

    A yes of the document and a no of the evidence, or the other way round, is a no: neither of them passes silently.
    """
    policy, held = queries.library().policies.get(policy_id), _held(policy_id, day)
    told: dict[str, Stored] = {"policy.papers_agree": NO if disagreements(policy_id, day) else YES}
    if policy is not None:
        told |= _of_document(policy, held)
    scales = {name: spec.scale for name in told if (spec := packs.catalogue().get(name)) is not None}
    return SubjectFacts(told, {}, Coverage({}), scales=scales)


# ── an amendment ─────────────────────────────────────────────────────────────
def round_began(policy_id: str) -> dt.datetime | None:
    """When the text now on its way was begun: papers of before are of another text, or of another year's list. None for a first text.

    A published policy sent back to its draft begins a round, and so does a course begun after another one. One sent back during its
    reviews goes on with the conclusions it has.
    """
    courses = list(Course.objects.filter(flow=FLOW, subject_kind=KIND, subject_id=policy_id).order_by("-id").values_list("pk", "created_at")[:2])
    if not courses:
        return None
    back = Passage.objects.filter(course=courses[0][0], kind="returned", target="drafted").exclude(source__in=BEFORE_PUBLICATION)
    return back.order_by("-id").values_list("at", flat=True).first() or (courses[0][1] if len(courses) > 1 else None)


def _held(policy_id: str, day: dt.date) -> Mapping[str, Holding]:
    return holdings((BASIS, FAIR, LEGAL, ELEMENTS, TEXT), [(KIND, policy_id)], day, round_began(policy_id))


def _of_document(policy: Policy, held: Mapping[str, Holding]) -> dict[str, Stored]:
    """What the document itself tells: the basis it names, its review, and that it has been read into clauses."""
    found: dict[str, Stored] = {}
    if policy.legal_basis:
        found["policy.legal_basis"] = policy.legal_basis
    if policy.review is not None:
        found["policy.fair_competition_passed"] = _both(policy.review.status == "passed", held[FAIR].value)
    found["policy.elements_extracted"] = _both(True, held[ELEMENTS].value)
    return found


def _both(said: bool, verified: int | str | None) -> int:
    return YES if said and verified in (None, YES) else NO


def disagreements(policy_id: str, day: dt.date) -> list[Message]:
    """Where a policy's document and its verified evidence say different things, a sentence each; none without a document."""
    policy = queries.library().policies.get(policy_id)
    if policy is None:
        return []
    held = {name: one.row for name, one in _held(policy_id, day).items() if one.value is not None or one.state == "held"}
    found = [*_basis(policy, held.get(BASIS)), *_review(policy, held.get(FAIR)), *_number(policy, held.get(TEXT))]
    return found + ([_said("要素拆解", "the elements", "已拆成条款", "read into clauses", "没有完成", "not extracted")] if _no(held.get(ELEMENTS)) else [])


def _no(row: Evidence | None) -> bool:
    return row is not None and row.num == NO


def _basis(policy: Policy, row: Evidence | None) -> list[Message]:
    if row is None or _alike(policy.legal_basis, row.text):
        return []
    return [_said("依据", "the legal basis", policy.legal_basis or "没有写", policy.legal_basis or "nothing", row.text, row.text)]


def _review(policy: Policy, row: Evidence | None) -> list[Message]:
    """The outcome, and where both give them the number and the day."""
    if row is None:
        return []
    review = policy.review
    if review is None or (review.status == "passed") != (row.num == YES):
        said = (("没有记", "nothing") if review is None else ("通过", "passed") if review.status == "passed" else ("没有通过", "not passed"))
        return [_said("公平竞争审查", "the fair-competition review", *said, *(("通过", "passed") if row.num == YES else ("没有通过", "not passed")))]
    found = []
    if review.record and row.number and not _alike(review.record, row.number):
        found.append(_said("公平竞争审查文号", "the number of the review", review.record, review.record, row.number, row.number))
    if review.date and row.issued and review.date != row.issued:
        found.append(_said("公平竞争审查日期", "the day of the review", str(review.date), str(review.date), str(row.issued), str(row.issued)))
    return found


def _number(policy: Policy, row: Evidence | None) -> list[Message]:
    if row is None or not row.number or not policy.origin.document or _alike(policy.origin.document, row.number):
        return []
    return [_said("文号", "the number of the document", policy.origin.document, policy.origin.document, row.number, row.number)]


def _said(zh: str, en: str, document_zh: str, document_en: str, evidence_zh: str, evidence_en: str) -> Message:
    return Message(f"{zh}：文件写的是“{document_zh}”，核实过的材料是“{evidence_zh}”", f"{en}: the document says “{document_en}”, the verified evidence “{evidence_en}”")


def _alike(one: str, other: str) -> bool:
    """Whether two texts are one but for spaces, width and the shape of brackets."""
    return _plain(one) == _plain(other)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).translate(str.maketrans("〔〕【】", "[][]"))
    return "".join(folded.split()).casefold()
