"""Walks of a director: two of hiring staff, closed, with what came of the notes (overdue, waiting to be verified, just made); one of a fit-out on the way.

Through the ordinary actions, by the head of a bureau, the bureau that answers and the window; the county's day is moved as in the demo's cases.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from diguan.site.demo import accounts
from diguan.site.demo.cases import answers_of
from diguan.site.demo.requests import on

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person
    from diguan.services.models import Proposal, Walk, WalkNote

FIRST, ASKED, MENDED, AGAIN, LATEST = dt.date(2026, 9, 21), dt.date(2026, 10, 12), dt.date(2026, 10, 21), dt.date(2026, 10, 28), dt.date(2026, 10, 30)
HIRING = {"hires": "local", "flexible_hours": "no"}
FITOUT = {"applicant": "company", "site": "lease", "upgrade": "yes", "fitout_size": "large", "fire_class": "other", "signboard": "no", "road_works": "no"}
MATTER, PAPER = "employment_registration", "worker_ids"


def prepare() -> None:
    """Bring the walks and what came of them; where there are walks they are left as they are.

    Raises:
        Refusal: a step is refused; what was done before it stays.
    """
    from diguan.services.models import Walk

    if Walk.objects.exists():
        return
    head, bureau, window = accounts.known("head"), accounts.known("bureau"), accounts.known("service2")
    with on(FIRST):
        before = _walk("hiring", HIRING, "clerk", head, minutes=(40, 15), trips=2)
        _close(before)
    with on(ASKED):
        walk = _walk("hiring", HIRING, "applicant", head, minutes=(35, 12), trips=1)
        twice = _note(walk, "repeated", "劳动合同里已经有身份证号，还要再交一遍身份证复印件", kind="matter", matter__matter__key=MATTER)
        hall = _note(walk, "wait", "社保和医保在两个窗口各排一次队，等了四十分钟", kind="accept")
        form = _note(walk, "unclear", "“缴费基数”没有说明怎么填，窗口也说法不一", kind="matter", matter__matter__key="insured_staff")
        _close(walk)
        mended = _propose(twice, "就业登记不再收职工身份证复印件", bureau, 10)
        late = _propose(form, "办事指南里写明缴费基数怎么算，附一个例子", bureau, 5)
        _take(mended, bureau)
        _take(late, bureau)
    with on(MENDED):
        _mend(mended, bureau, window)
    with on(AGAIN):
        _propose(hall, "社保、医保合并成一个窗口收件", bureau, 15)
    with on(LATEST):
        _begun(head)


def _walk(key: str, wished: dict[str, str], role: str, by: Person, minutes: tuple[int, int], trips: int) -> Walk:
    """A walk of which every step is done: the form took the first number of minutes, everything else the second; trips were made at acceptance alone."""
    walk = _open(key, wished, role, by)
    from diguan.services.actions import walks as actions

    for step in walk.steps.order_by("place"):
        actions.finish_step(walk=walk, step=step, minutes=minutes[0] if step.kind == "form" else minutes[1], trips=trips if step.kind == "accept" else 0, by=by)
    return walk


def _open(key: str, wished: dict[str, str], role: str, by: Person) -> Walk:
    from diguan.services.actions import walks as actions
    from diguan.services.models import LifeEventVersion

    version = LifeEventVersion.objects.filter(life_event__key=key).order_by("-number")[0]
    return actions.begin_walk(life_event=version, role=role, answers=answers_of(version, wished), by=by)


def _begun(by: Person) -> None:
    from diguan.services.actions import walks as actions

    walk = _open("factory_fitout", FITOUT, "applicant", by)
    first = walk.steps.order_by("place")[0]
    actions.finish_step(walk=walk, step=first, minutes=48, trips=0, by=by)
    actions.note_walk(walk=walk, step=first, trouble="repeated", words="项目名称、地址在表里要填三遍", by=by)


def _note(walk: Walk, trouble: str, words: str, **where: Any) -> WalkNote:
    from diguan.services.actions import walks as actions
    from diguan.services.models import WalkNote

    assert walk.created_by is not None  # whoever walked
    actions.note_walk(walk=walk, step=walk.steps.get(**where), trouble=trouble, words=words, by=walk.created_by)
    return WalkNote.objects.latest("id")


def _close(walk: Walk) -> None:
    from diguan.services.actions import walks as actions

    assert walk.created_by is not None
    actions.close_walk(walk=walk, by=walk.created_by)


def _propose(note: WalkNote, what: str, owner: Person, days: int) -> Proposal:
    from diguan.kernel.access.models import Unit
    from diguan.services.actions import proposals as actions

    unit = Unit.objects.get(code=accounts.ACCOUNTS["bureau"].unit)
    return actions.propose(walk=note.step.walk, note=note, what=what, unit=unit, owner=owner, days=days, by=note.by)


def _take(row: Proposal, by: Person) -> None:
    from diguan.services.actions import proposals as actions

    actions.accept_proposal(proposal=row, version=row.version, by=by)


def _mend(row: Proposal, bureau: Person, window: Person) -> None:
    """The bureau drafts the next version of the matter without the paper, the window publishes it, and it is shown as proof."""
    from diguan.kernel import clocks
    from diguan.services import actions as library
    from diguan.services.actions import proposals as actions
    from diguan.services.models import Matter, MatterVersion

    matter = Matter.objects.get(key=MATTER)
    content = MatterVersion.objects.filter(matter=matter, published=True).order_by("-number")[0].content
    less = {**content, "requirements": [one for one in content["requirements"] if one["meaning"] != PAPER]}
    matter = library.draft_matter(matter=matter, version=matter.version, content=less, valid_from=clocks.today(), by=bureau)
    library.publish_matter(matter=matter, version=matter.version, by=window)
    better = MatterVersion.objects.filter(matter=matter, published=True).order_by("-number")[0]
    actions.finish_proposal(proposal=row, version=row.version, changed="身份证号从劳动合同里读，新版不再要复印件（演示）", matter=better, by=bureau)
