"""Reads of briefings: who may see which, the last one signed, who is told of a new one."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from diguan.indicators.engine import spans
from diguan.indicators.models import Briefing, BriefingState, BriefingSubscription
from diguan.indicators.queries import VIEW, briefing_template, compose, register, snapshots
from diguan.indicators.queries.briefing_template import Template
from diguan.indicators.queries.snapshots import Figures
from diguan.kernel import access
from diguan.kernel.access.models import Person, Post
from diguan.kernel.facts import runs
from diguan.kernel.facts.runs import Run
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal

READ = "indicators.view_briefing"
DRAFT = "indicators.draft_briefing"
REVIEW = "indicators.review_briefing"
SIGN = "indicators.sign_briefing"
EXPORT_FILE = "indicators.export_briefing"
MAKERS = (DRAFT, REVIEW, SIGN)
OFFERED = 13
"""So many months back a briefing may be drafted."""


def visible(person: Person) -> QuerySet[Briefing]:
    """The briefings a person may read, the newest first: signed ones with the right to read; others are for who makes them.

    Raises:
        access.Forbidden: they may read none.
    """
    access.require(person, READ)
    rows = access.visible(Briefing.objects.select_related("snapshot", "created_by", "reviewed_by", "signed_by"), person, READ)
    if not makes(person):
        rows = rows.filter(state=BriefingState.SIGNED)
    return rows.order_by("-month", "-edition")


def makes(person: Person) -> bool:
    """Whether they draft, review or sign, and may see every figure of the template: what is not signed yet is released to nobody else."""
    template = briefing_template.template()
    if template is None or not access.may(person, VIEW) or not any(access.may(person, right) for right in MAKERS):
        return False
    return not hidden(person, template.codes)


def hidden(person: Person, codes: Sequence[str]) -> list[str]:
    """Of these indicators those a person may not see."""
    seen = {one.code for one in register.visible(person)}
    return [code for code in codes if code not in seen]


def one(person: Person, month: str, edition: int = 0) -> Briefing | None:
    """One edition of a month's briefing, by default the newest they may read; None where there is none for them."""
    rows = visible(person).filter(month=month)
    return rows.filter(edition=edition).first() if edition else rows.first()


def editions(person: Person, month: str) -> list[Briefing]:
    """Every edition of a month they may read, the newest first."""
    return list(visible(person).filter(month=month))


def newest_signed(before: str = "") -> Briefing | None:
    """The last briefing that was signed: of the newest month (up to ``before``) the newest edition. Asks no right."""
    rows = Briefing.objects.filter(state=BriefingState.SIGNED).select_related("snapshot")
    return (rows.filter(month__lte=before) if before else rows).order_by("-month", "-edition").first()


def latest_of_each_month() -> list[Briefing]:
    """Of each month the newest edition that was signed, the oldest month first. Asks no right."""
    found = {row.month: row for row in Briefing.objects.filter(state=BriefingState.SIGNED).select_related("snapshot").defer("text").order_by("month", "edition")}
    return list(found.values())


def changed() -> list[Briefing]:
    """Those whose text is no longer what its digest says: somebody wrote past the actions. Asks no right, and tells no figure."""
    return [row for row in Briefing.objects.order_by("month", "edition").iterator(50) if compose.digest(row.text) != row.digest]


def waiting(person: Person) -> list[Briefing]:
    """What waits for this person: drafts by others to review, reviewed ones to sign."""
    states = [BriefingState.DRAFT] * access.may(person, REVIEW) + [BriefingState.REVIEWED] * access.may(person, SIGN)
    if not states or not access.may(person, READ) or not makes(person):
        return []
    rows = visible(person).filter(state__in=states).exclude(created_by=person.pk).exclude(state=BriefingState.REVIEWED, reviewed_by=person.pk)
    return list(rows)


# ── what one says ────────────────────────────────────────────────────────────
def template_of(person: Person) -> Template:
    """The template in force, all of whose figures the person may see.

    Raises:
        Refusal: there is none, or it tells figures they may not see.
    """
    found = briefing_template.template()
    if found is None:
        raise Refusal("no_template", [Message("数据包里没有简报模板 briefing.yaml", "no pack holds a template briefing.yaml")])
    unseen = hidden(person, found.codes)
    if unseen:
        raise Refusal("not_yours", [Message(f"模板里有您不能看的指标：{'、'.join(unseen)}", f"the template tells figures you may not see: {', '.join(unseen)}")])
    return found


def composed(person: Person, run: Run, month: str, last: Briefing | None) -> compose.Node:
    """The document of a month from a snapshot, and what differs from the last briefing.

    Raises:
        Refusal: no template, a figure that is not theirs, or a month the snapshot does not reach.
    """
    template = template_of(person)
    figures = snapshots.figures(person, run)
    assert figures is not None
    if month not in months(run):
        raise Refusal("no_month", [Message(f"这份快照里没有 {month}", f"this snapshot does not reach {month}")], field="month")
    return compose.both(figures, month, template, _against(person, last, run))


def _against(person: Person, last: Briefing | None, run: Run) -> compose.Changes | None:
    if last is None or last.snapshot_id == run.pk or not runs.intact(last.snapshot):
        return None
    before = snapshots.figures(person, last.snapshot)
    assert before is not None
    told = {(each["code"], each["period"], each["dim"], each["group"]): each for each in compose.figures_of(last.document("zh"))}
    return compose.against(before, list(told.values()))


def months(run: Run) -> tuple[str, ...]:
    """The months a briefing can be made of from a snapshot, the newest last."""
    return spans.months(run.as_of, OFFERED)


def choices(person: Person) -> list[Run]:
    """The snapshots a briefing can be drafted from, the newest first."""
    return [run for run in snapshots.kept(person)[:runs.RECENT] if runs.intact(run)]


def figures(person: Person, row: Briefing) -> Figures | None:
    """The figures of a briefing's snapshot this person may see."""
    return snapshots.figures(person, row.snapshot)


# ── who is told ──────────────────────────────────────────────────────────────
def subscribed(person: Person) -> bool:
    """Whether a person gets a notice: their own word, else that of their role."""
    row = BriefingSubscription.objects.filter(person=person.pk).first()
    return row.wanted if row else bool(_by_role() & {grant.role.name for grant in access.granted(person)})


def subscribers() -> list[Person]:
    """Everybody who gets a notice, in order: who asked for it or whose role does, may read it, and has not declined."""
    own = dict(BriefingSubscription.objects.values_list("person", "wanted"))
    posts = Post.objects.current().filter(role__in=_by_role())
    asked = [number for number, wanted in own.items() if wanted]
    rows = Person.objects.filter(Q(pk__in=asked) | Q(pk__in=posts.values("person")), is_active=True).order_by("pk")
    return [person for person in rows if own.get(person.pk, True) and access.may(person, READ)]


def _by_role() -> set[str]:
    found = briefing_template.template()
    return set(found.subscribers) if found else set()
