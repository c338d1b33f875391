"""The life of policies: where each one's course is, and what that bars. It tells no content, so it judges no right.

Whoever matches for notices, allocates, claims or orders asks :func:`barred`; a policy without a course is as its document says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from diguan.kernel import remember
from diguan.kernel.messages import Message
from diguan.kernel.records import chunks
from diguan.kernel.rules.tree import Policy
from diguan.kernel.stages.models import Course, Passage
from diguan.kernel.stages.tree import ACTIVE
from diguan.policies.models import Claim, ClaimHold

FLOW, KIND = "policy_life", "policy"
PUBLISHED = "published"
SUSPENDED, EXPIRED, CLAWBACK = "suspended", "expired", "clawback"
_WORDS = {
    SUSPENDED: Message("这份政策暂停执行", "this policy is suspended"),
    EXPIRED: Message("这份政策已失效", "this policy is no longer in force"),
    CLAWBACK: Message("这份政策正在追回资金", "the money of this policy is being clawed back"),
}
UNPUBLISHED = Message("这份政策还没走到“已发布”", "this policy has not been published yet")


@dataclass(frozen=True)
class Stand:
    """Where the life of one policy is: its newest course, the status of that, and whether a text is published.

    What a course that came to its end published stays in force while the next one is reviewed; what was ended by a status does not, nor what
    was published before that.
    """

    course: int
    status: str
    published: bool
    ended: bool = False

    @property
    def bars(self) -> Message | None:
        """Why nothing new is begun under the policy; None where nothing stands in the way."""
        if self.status != ACTIVE:
            return _WORDS.get(self.status, _WORDS[SUSPENDED])
        return None if self.published else UNPUBLISHED


def stands() -> Mapping[str, Stand]:
    """Of every policy with a course, where its newest one is: one question for all of them, once in a request that reads."""
    return remember.while_reading("policies.life", _stands)


def _stands() -> Mapping[str, Stand]:
    repealed = Course.objects.filter(flow=FLOW, subject_kind=KIND, subject_id=OuterRef("course__subject_id"), status=EXPIRED, id__gt=OuterRef("course_id"))
    published = Passage.objects.filter(~Exists(repealed), course__flow=FLOW, course__subject_kind=KIND, course__subject_id=OuterRef("subject_id"), course__status=ACTIVE, target=PUBLISHED)
    rows = Course.objects.filter(flow=FLOW, subject_kind=KIND).annotate(out=Exists(published)).order_by("id")
    told = rows.values_list("subject_id", "pk", "status", "out", "ended_at")
    return {name: Stand(number, status, out, at is not None) for name, number, status, out, at in told}


def barred(policy: Policy | str, known: Mapping[str, Stand] | None = None) -> Message | None:
    """Why a policy's life lets nobody be newly told, allocated, claimed or ordered under it; None where it does, or has no course.

    ``known`` are the :func:`stands` of a whole run, so that it asks once and not for every policy.
    """
    found = (stands() if known is None else known).get(policy if isinstance(policy, str) else policy.id)
    return found.bars if found else None


def barred_claim(claim: Claim, known: Mapping[str, Stand] | None = None) -> Message | None:
    """Why a claim that is under way may not be confirmed further or ordered; None where it may.

    A claim of which it was said that it goes on under the version it was made by is not barred by what was said then.
    """
    return bars_of([claim], known).get(claim.pk)


def bars_of(claims: Sequence[Claim], known: Mapping[str, Stand] | None = None) -> Mapping[int, Message]:
    """As :func:`barred_claim`, of many in two questions, by primary key; those that nothing bars are left out."""
    lives = stands() if known is None else known
    barred_ = {claim.pk: (lives[claim.policy].course, words) for claim in claims if claim.policy in lives and (words := lives[claim.policy].bars) is not None}
    goes_on: set[tuple[int, int]] = set()
    for part in chunks(sorted(barred_)):
        rows = ClaimHold.objects.filter(claim__in=part, goes_on=True, lifted_at__isnull=True).values_list("life_id", "claim_id")
        # A course begun anew after one that was ended takes nothing of what was said then, until it is held up itself.
        goes_on |= {(barred_[claim][0] if barred_[claim][1] is UNPUBLISHED else life_, claim) for life_, claim in rows}
    return {number: words for number, (course, words) in barred_.items() if (course, number) not in goes_on}


def ended(policy_id: str, known: Mapping[str, Stand]) -> bool:
    """Whether a policy's life is over, so that what was told of it no longer holds; what is suspended waits."""
    found = known.get(policy_id)
    return found is not None and found.status == EXPIRED
