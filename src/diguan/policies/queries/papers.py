"""What gates know of a policy: its document beside the evidence that was verified. Where the two differ, nothing is published."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from diguan.kernel import packs, remember
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.evidence.queries import Holding, holdings
from diguan.kernel.messages import Message
from diguan.kernel.rules.scalar import Stored, SubjectFacts
from diguan.kernel.rules.tree import Policy
from diguan.kernel.rules.windows import Coverage
from diguan.kernel.stages.models import Course, Passage, Task, TaskState
from diguan.policies import queries
from diguan.policies.models import DraftVersion
from diguan.policies.queries import drafts
from diguan.policies.queries.life import FLOW, KIND

BEFORE_PUBLICATION = ("drafted", "fair_competition_reviewed", "legality_reviewed")
"""Sent back from these a text is still the same one; from any later stage it is amended."""

BASIS, FAIR, LEGAL, ELEMENTS, TEXT = "legal_basis", "fair_competition_review", "legality_review", "policy_elements", "policy_text"
YES, NO = 1, 0


def facts_of(policy_id: str, day: dt.date) -> SubjectFacts:
    """The facts of a policy on a day, for gates; what is not told here verified evidence tells alone.

    A yes of the document and a no of the evidence, or the other way round, is a no: neither of them passes silently.
    """
    text, held = text_of(policy_id), _held(policy_id, day)
    told: dict[str, Stored] = {"policy.papers_agree": NO if disagreements(policy_id, day) else YES}
    if text.policy is not None:
        told |= _of_document(text.policy, held)
    if text.kept is not None:  # what its reviews concluded is not the draft's to say
        told.pop("policy.fair_competition_passed", None)
    scales = {name: spec.scale for name in told if (spec := packs.catalogue().get(name)) is not None}
    return SubjectFacts(told, {}, Coverage({}), scales=scales)


# ── the text that is judged ──────────────────────────────────────────────────
@dataclass(frozen=True)
class Text:
    """The text the gates of a policy are about; ``kept`` is the version of a draft it is, None where the library holds it."""

    policy: Policy | None
    kept: DraftVersion | None = None

    @property
    def digest(self) -> str:
        """Of its document; empty where there is none."""
        return self.kept.digest if self.kept else self.policy.digest if self.policy else ""


def text_of(policy_id: str) -> Text:
    """Before its publication the version of a draft that was kept last, else what the library holds."""
    return remember.while_reading(("policies.text_of", policy_id), lambda: _text_of(policy_id))


def _text_of(policy_id: str) -> Text:
    known = queries.library().policies.get(policy_id)
    kept = kept_last(policy_id) if _before_publication(policy_id) else None
    if kept is None or (known is not None and kept.digest == known.digest):
        return Text(known)
    return Text(drafts.opened(kept.text, kept.source).policy, kept)


def kept_last(policy_id: str, by: dt.datetime | None = None) -> DraftVersion | None:
    """The newest version of any draft of this policy, of those kept by an instant: what a leader who publishes then publishes."""
    rows = DraftVersion.objects.filter(draft__policy=policy_id).order_by("-at", "-id")
    return next((row for row in (rows if by is None else rows.filter(at__lte=by)) if drafts.name_in(row.text) == policy_id), None)


def _before_publication(policy_id: str) -> bool:
    return Task.objects.filter(course__flow=FLOW, course__subject_kind=KIND, course__subject_id=policy_id, course__ended_at__isnull=True, state=TaskState.OPEN,
                               key__in=BEFORE_PUBLICATION).exists()


# ── an amendment ─────────────────────────────────────────────────────────────
def round_began(policy_id: str) -> dt.datetime | None:
    """When the text now on its way was begun: papers of before are of another text, or of another year's list. None for a first text.

    A published policy sent back to its draft begins a round, and so does a course begun after another one. One sent back during its
    reviews goes on with the conclusions it has.
    """
    return remember.while_reading(("policies.round_began", policy_id), lambda: _round_began(policy_id))


def _round_began(policy_id: str) -> dt.datetime | None:
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
    text = text_of(policy_id)
    policy = text.policy
    if policy is None:
        return [_unread(text.kept)] if text.kept else []
    held = {name: one.row for name, one in _held(policy_id, day).items() if one.value is not None or one.state == "held"}
    found = [*_basis(policy, held.get(BASIS)), *_review(policy, held.get(FAIR)), *_number(policy, held.get(TEXT)), *_reviewed_another(text.kept, held)]
    return found + ([_said("要素拆解", "the elements", "已拆成条款", "read into clauses", "没有完成", "not extracted")] if _no(held.get(ELEMENTS)) else [])


def _unread(kept: DraftVersion) -> Message:
    return Message(f"草稿第 {kept.number} 版还不能用，先在政策草稿里改好", f"version {kept.number} of the draft cannot be used yet: put it right in the builder first")


def _reviewed_another(kept: DraftVersion | None, held: Mapping[str, Evidence | None]) -> list[Message]:
    """Conclusions that were handed in before what this text says was kept: they are of another text."""
    if kept is None:
        return []
    rows, says = [(row, words) for name, words in _REVIEWS.items() if (row := held.get(name)) is not None], drafts.substance(kept.text)
    return [_another(kept, words) for row, words in rows if not any(
        drafts.substance(text) == says for text in DraftVersion.objects.filter(draft__policy=kept.draft.policy, at__lte=row.created_at).values_list("text", flat=True))]


_REVIEWS = {FAIR: ("公平竞争审查", "the fair-competition review"), LEGAL: ("合法性审查", "the legality review")}


def _another(kept: DraftVersion, words: tuple[str, str]) -> Message:
    return Message(f"{words[0]}的结论是在草稿第 {kept.number} 版的内容存下之前交的，审的是另一稿；请按这一版重新审查、重新提交",
                   f"{words[1]} was handed in before what version {kept.number} of the draft says was kept: it is of another text; review this one and hand it in anew")


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
