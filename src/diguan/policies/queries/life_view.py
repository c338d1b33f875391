"""What pages and the API tell of the lives of policies: one with its gate, its clock and its history, and the list of all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from diguan.kernel import access, clocks, timelines
from diguan.kernel.access.models import Person
from diguan.kernel.access.roles import title_of
from diguan.kernel.evidence import queries as evidence
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.evidence.queries import Piece
from diguan.kernel.messages import Message
from diguan.kernel.rules.tree import Policy
from diguan.kernel.stages import queries as stages
from diguan.kernel.stages.models import Course, Passage, Task
from diguan.kernel.stages.queries import Progress, Way
from diguan.kernel.stages.tree import ACTIVE, Step
from diguan.policies import queries
from diguan.policies.models import DraftVersion
from diguan.policies.queries import life, papers

VIEW = stages.VIEW
NONE, RUNNING, LATE, HELD, ENDED = "none", "running", "late", "held", "ended"


@dataclass(frozen=True)
class Life:
    """One policy's life as a person may see it; ``task`` is the open stage, None where it has ended."""

    person: Person
    course: Course
    task: Task | None
    day: dt.date

    @property
    def policy(self) -> Policy | None:
        """Its document, where the packs hold it."""
        return queries.library().policies.get(self.course.subject_id)

    @cached_property
    def ways(self) -> list[Way]:
        """The gates before the next stages, judged for this person."""
        return stages.ways(self.person, self.task, self.day) if self.task else []

    @cached_property
    def passages(self) -> list[Passage]:
        """Every move, first to last."""
        return stages.passages(self.person, self.course)

    @cached_property
    def pieces(self) -> list[Piece]:
        """What was handed in, newest first."""
        return evidence.pieces(self.person, [(life.KIND, self.course.subject_id)], self.day)

    @cached_property
    def text(self) -> papers.Text:
        """The text its gates judge."""
        return papers.text_of(self.course.subject_id)

    @cached_property
    def disagreements(self) -> list[Message]:
        """Where document and verified evidence differ."""
        return papers.disagreements(self.course.subject_id, self.day)

    @property
    def amending(self) -> bool:
        """Whether it has been published and is being reviewed anew, while the text in force stays."""
        order = [step.id for step in self.course.tree.steps]
        return self.course.status == ACTIVE and order.index(self.step.id) < order.index(life.PUBLISHED) and any(one.target == life.PUBLISHED for one in self.passages)

    @property
    def step(self) -> Step:
        """The stage it is in, or ended in."""
        return self.course.tree.step[stages.progress(self.course).at[-1]]

    @property
    def due_words(self) -> list[Message]:
        """How the due dates of the open stage came about."""
        return [words for way in self.ways if self.task and (words := stages.due_words(self.task, way.step.id))]

    @cached_property
    def published_text(self) -> str | None:
        """The digest of the text it was published with; None where it was not, or where no document was there."""
        lines = timelines.of(self.person, self.course)
        return next((str(line.after["text"]) for line in lines if line.after.get("stage") == life.PUBLISHED and line.after.get("text")), None)

    @property
    def waits_for_library(self) -> bool:
        """Whether what was published last is a version of a draft that nobody has put into the library yet."""
        return self.text_changed and DraftVersion.objects.filter(draft__policy=self.course.subject_id, digest=self.published_text).exists()

    @property
    def text_changed(self) -> bool:
        """Whether the document is another than the one that was reviewed and published."""
        told = self.published_text
        return told is not None and (self.policy is None or self.policy.digest != told)

    @property
    def version(self) -> str:
        """What tells what was read from what is there now: status, stage, the text."""
        digest = self.text.digest[:12] or "none"
        return f"{self.course.pk}.{self.course.version}.{self.task.pk if self.task else 0}.{self.task.version if self.task else 0}.{digest}"


def _office(person: Person) -> None:
    """Let pass who sees courses of an office; the life of a policy is no enterprise's."""
    if access.scope(person, VIEW) in (None, access.Scope.OWN):
        raise access.Forbidden(VIEW, title_of(VIEW))


def of_policy(person: Person, policy_id: str) -> Life | None:
    """The newest life of a policy that the person may see.

    Raises:
        Forbidden: the person may see no courses but their own enterprise's.
    """
    _office(person)
    course = stages.visible_courses(person).filter(flow=life.FLOW, subject_kind=life.KIND, subject_id=policy_id).select_related("owner_unit").order_by("-id").first()
    return Life(person, course, stages.current(course), clocks.today()) if course else None


# ── all of them ──────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Line:
    """One policy in the list: its newest life, or none; ``days`` late is how many calendar days its due date is over."""

    policy_id: str
    title: str
    office: str
    issuer: str
    course: Course | None = None
    progress: Progress | None = None
    late: bool = False

    @property
    def state(self) -> str:
        if self.course is None or self.progress is None:
            return NONE
        if self.course.status != ACTIVE and not self.progress.ended:
            return HELD
        return ENDED if self.progress.ended else LATE if self.late else RUNNING

    @property
    def due(self) -> dt.date | None:
        return self.progress.due if self.progress else None

    @property
    def stage(self) -> str:
        """The id of the stage it is in."""
        return self.progress.at[-1] if self.progress and self.progress.at else ""


def lines(person: Person) -> list[Line]:
    """Every policy whose life the person may see, by title; for who may see the county's policies those without one too.

    Raises:
        Forbidden: the person may see no courses but their own enterprise's.
    """
    _office(person)
    rows = stages.visible_courses(person).filter(flow=life.FLOW, subject_kind=life.KIND).select_related("owner_unit").order_by("id")
    newest = {course.subject_id: course for course in rows}
    found, known = stages.progress_of(list(newest.values())), queries.library().policies
    begun = [_line(course, known, found) for course in newest.values()]
    rest = [Line(policy.id, policy.label(), "", policy.issuer) for policy in known.values() if policy.id not in newest] if queries.sees_county(person) else []
    return sorted([*begun, *rest], key=lambda line: (line.title, line.policy_id))


def _line(course: Course, known: Mapping[str, Policy], found: Mapping[int, Progress]) -> Line:
    progress, policy = found[course.pk], known.get(course.subject_id)
    late = progress.due is not None and progress.due < clocks.today()
    return Line(course.subject_id, course.title, course.owner_unit.name if course.owner_unit else "", policy.issuer if policy else "", course, progress, late)


# ── what waits on a person ───────────────────────────────────────────────────
def waiting_on(person: Person, move: str) -> Sequence[Task]:
    """Open stages the person's right reaches and whose next gate asks for a role they are in, the first due first."""
    roles = {grant.role.name for grant in access.granted(person)}
    rows = access.visible(Task.objects.filter(state="open", course__flow=life.FLOW, course__ended_at__isnull=True, course__status=ACTIVE), person, move)
    tasks = rows.select_related("course__frozen", "owner_unit").order_by("due", "id")
    return [task for task in tasks if any(not gate.roles or roles & set(gate.roles) for gate in (task.course.tree.step[name].gate for name in task.step.next))]


def to_verify(person: Person) -> Sequence[Piece]:
    """Evidence of policies that waits for somebody else than who entered it, and that this person may verify."""
    rows = access.visible(Evidence.objects.filter(subject_kind=life.KIND, state="entered").exclude(entered_by=person), person, evidence.VERIFY)
    return [evidence.piece(row, clocks.today()) for row in rows.select_related("entered_by").order_by("id")]


def titles(policy_ids: Iterable[str]) -> dict[str, str]:
    """What the newest life of each policy is called, whether its document is in the library yet or not."""
    rows = Course.objects.filter(flow=life.FLOW, subject_kind=life.KIND, subject_id__in=sorted(set(policy_ids)))
    return dict(rows.order_by("id").values_list("subject_id", "title"))
