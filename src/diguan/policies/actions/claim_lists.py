"""A step for a whole list: each claim in a command of its own, so that a kill in between leaves some done and the rest untouched.

What is done is done whole (stage, papers, notice, Event in one transaction); doing the same list again passes what is left. Of two
officers at once each claim passes once, and the later one is told, claim by claim.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Refusal
from diguan.kernel.evidence.actions import Paper
from diguan.kernel.messages import Message
from diguan.kernel.stages.models import Course
from diguan.policies.actions.claim_papers import enter_paper
from diguan.policies.actions.claim_steps import pass_step, put_on_notice
from diguan.policies.models import Claim
from diguan.policies.queries import claims
from diguan.policies.queries.claims import BULK_STEPS, HANDLE, NOTICE, PUBLICISED, Seen

MOST = 200
"""So many claims at a time: the answer is waited for."""


@dataclass(frozen=True)
class Outcome:
    """What became of a list: the claims that passed, and of the others why not."""

    passed: tuple[Claim, ...] = ()
    refused: tuple[tuple[Claim, tuple[Message, ...]], ...] = field(default=())


def pass_list(*, to: str, seen: Mapping[int, Seen], by: Person) -> Outcome:
    """Take many claims to one stage; ``seen`` is by claim the open stage as it was read.

    To ``publicised`` the notice that somebody else entered is verified in the same command.

    Raises:
        access.Forbidden: the person may not handle claims. Refusal: ``no_way``, ``nothing_chosen``, ``too_many``.
    """
    access.require(by, HANDLE)
    if to not in BULK_STEPS:
        raise Refusal("no_way", [Message("整批只办：部门确认、公示、公示期满", "a whole list is only confirmed, publicised or found unobjected")], "to")

    def one(row: Claim) -> Course:
        if to == PUBLICISED:
            return put_on_notice(claim=row, seen=seen[row.pk], by=by)
        return pass_step(claim=row, to=to, seen=seen[row.pk], by=by)

    return _each(by, seen, one)


def put_up_notice(*, claims_seen: Iterable[int], paper: Paper, by: Person) -> Outcome:
    """Enter one publicity notice (the printed and stamped page) for every confirmed claim of a list; another officer puts it up.

    Raises:
        access.Forbidden: the person may not handle claims. Refusal: ``nothing_chosen``, ``too_many``, ``invalid`` (no file, or none that is taken).
    """
    access.require(by, HANDLE)
    return _each(by, list(claims_seen), lambda row: _notice(row, paper, by))


def _notice(row: Claim, paper: Paper, by: Person) -> Course:
    if claims.where(row) != claims.CONFIRMED:
        raise Refusal("no_way", [Message("这一户不在“部门已确认”", "this one does not stand at “confirmed”")])
    return enter_paper(claim=row, entry=NOTICE, paper=paper, by=by)


def _each(by: Person, numbers: Iterable[int], deed: Callable[[Claim], Course]) -> Outcome:
    wanted = list(dict.fromkeys(numbers))
    if not wanted:
        raise Refusal("nothing_chosen", [Message("还没有选中任何一户", "none is chosen")])
    if len(wanted) > MOST:
        raise Refusal("too_many", [Message(f"一次最多办 {MOST} 户", f"at most {MOST} at a time")])
    rows = list(claims.visible_claims(by).filter(pk__in=wanted).order_by("enterprise__name_key", "id"))
    passed: list[Claim] = []
    refused: list[tuple[Claim, tuple[Message, ...]]] = []
    for row in rows:
        try:
            deed(row)
            passed.append(row)
        except Refusal as refusal:
            refused.append((row, refusal.reasons))
    return Outcome(tuple(passed), tuple(refused))


def chosen(pairs: Sequence[str]) -> dict[int, Seen]:
    """``["7:12.1"]``, as a form sends what was ticked, as by claim the stage that was read.

    >>> chosen(["7:12.1"])
    {7: Seen(task=12, version=1)}

    Raises:
        Refusal: ``invalid``.
    """
    found = {}
    for pair in pairs:
        number, _colon, text = pair.partition(":")
        seen = Seen.read(text)
        if seen is None or not number.isdecimal() or len(number) > 18:
            raise Refusal("invalid", [Message("名单读不懂，请刷新后重选", "the list cannot be read: reload it and choose again")])
        found[int(number)] = seen
    return found
