"""Writes of a project's own page: what is planned, who looks after it, back a stage, held up and resumed, evidence for its gates, what was done."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from diguan.enterprises import engine as names
from diguan.enterprises import queries as register
from diguan.enterprises.models import Enterprise
from diguan.kernel import clocks
from diguan.kernel.access.models import Person, Unit
from diguan.kernel.actions import Done, Refusal, action, write_at
from diguan.kernel.evidence import actions as papers
from diguan.kernel.evidence.models import Evidence, EvidenceState
from diguan.kernel.messages import Message
from diguan.kernel.stages.actions import moves
from diguan.kernel.stages.models import Course, Task
from diguan.projects.actions import fields
from diguan.projects.actions.projects import Said, checked, require_own
from diguan.projects.models import PROJECT, CheckState, Progress, Project
from diguan.projects.queries import counted
from diguan.projects.queries.board import HOLD
from diguan.projects.queries.projects import CHANGE, MOVE

TAKEN = Message("没保存上，您填的还在：别人先改了这个项目，请核对后再保存", "Not saved, your entry is kept: somebody changed this project first, check and save again")

TAKEN_PAPER = Message("没办成：别人刚核实或撤回了原来的材料，请重新打开再交", "Not done: somebody has just decided on the earlier paper; open it again")


# ── what is planned, who looks after it ──────────────────────────────────────
@action(permission=CHANGE, event="project_changed", on="project")
def change_project(*, project: Project, version: int, said: Said, by: Person, extends: Project | None = None, enterprise: Enterprise | None = None, reason: str = "") -> Done[Project]:
    """Change what is told of a project, as it was read at ``version``.

    Raises:
        Refusal: ``invalid`` (field named), ``conflict``: somebody changed it first, ``counts_more``: more of what was verified would count.
    """
    checked(said, extends)
    _no_ring(project, extends)
    _same_returnee(project, said)
    told = {name: value.strip() if isinstance(value, str) else value for name, value in asdict(said).items()}
    before = {name: getattr(project, name) for name in told if getattr(project, name) != told[name]}
    keys = {"name_key": names.name_key(said.name), "investor_key": names.name_key(said.investor), "core_key": register.core_of(said.investor)}
    judged = not COUNTED_BY.isdisjoint(before) or extends != project.extends
    counts = _counts() if judged else None
    write_at(project, version, told | keys | {"extends": extends, "enterprise": enterprise}, by=by, taken=TAKEN)
    if counts is not None and any(now > then for then, now in zip(counts, _counts(), strict=True)):
        raise Refusal("counts_more", [Message("这样改，已核实的协议会多计（一个项目只计一次，增资只计增量，技改不计）。确实是两个项目的，请按“认定为两个项目”交凭据；登记错了的，先作废协议再重新录入",
                                              "with this change more of what was verified would count. If these are two projects, hand in the proof that they are; if it was entered wrong, make the agreement void and enter it anew")])
    project.refresh_from_db()
    return Done(project, before=before, after={name: told[name] for name in before})


def _same_returnee(project: Project, said: Said) -> None:
    """Let pass a change that leaves the investor whom a verified proof says to be a returnee."""
    same = register.core_of(said.investor) == project.core_key and (not project.investor_uscc or said.investor_uscc == project.investor_uscc)
    if not same and project.returnee_claims.filter(state=CheckState.VERIFIED).exists():
        raise Refusal("returnee", [Message("这个投资方的回归认定已核实；换投资方先撤销认定，新的投资方另行申报", "this investor was proved a returnee: take that back first, and claim it anew of another investor")], "investor")


def _no_ring(project: Project, extends: Project | None) -> None:
    """Let pass what adds to another project that does not, over however many, add to this one."""
    above, seen = extends, set[int]()
    while above is not None and above.pk not in seen:
        if above.pk == project.pk:
            raise Refusal("invalid", [Message("一个项目不能在它自己上面增资，绕一圈也不行", "a project is no addition to itself, however many lie between")], "extends")
        seen.add(above.pk)
        above = above.extends


COUNTED_BY = frozenset({"kind", "node", "name", "investor", "investor_uscc"})
"""What counting reads of a project: nobody verifies it, so changing it never makes verified agreements count more."""


def _counts() -> tuple[int, int]:
    book = counted.book(clocks.today())
    return book.fen, len(book.firsts)


@action(permission=CHANGE, event="project_team_named", on="project")
def name_team(*, project: Project, version: int, chain_chief: Person | None, task_force: Unit | None, service_officer: Person | None, by: Person, reason: str = "") -> Done[Project]:
    """Say who looks after a project: chain chief (链长), task force (链班) and service officer (服务专员).

    Raises:
        Refusal: ``conflict``: somebody changed it first; ``invalid``: one of them is no longer in service.
    """
    for field, one in (("chain_chief", chain_chief), ("service_officer", service_officer)):
        if one is not None and not one.is_active:
            raise Refusal("invalid", [Message("这个人已经停用，请另选", "this person is no longer in service: choose another")], field)
    before = {"chain_chief": project.chain_chief_id, "task_force": project.task_force_id, "service_officer": project.service_officer_id}
    write_at(project, version, {"chain_chief": chain_chief, "task_force": task_force, "service_officer": service_officer}, by=by, taken=TAKEN)
    project.refresh_from_db()
    after = {"chain_chief": project.chain_chief_id, "task_force": project.task_force_id, "service_officer": project.service_officer_id}
    return Done(project, before=before, after=after)


# ── its stages ───────────────────────────────────────────────────────────────
@action(permission=MOVE, event="project_sent_back", on="project")
def send_project_back(*, project: Project, task: Task, to: str, version: int, reason: str, by: Person) -> Done[Course]:
    """Go back to an earlier stage that the flow names, with a reason.

    Raises:
        access.Forbidden: the right does not reach the project.
        ChangedMeanwhile: the stage is not as it was read.
        Refusal: ``no_way``, ``held``, ``invalid`` without a reason, ``not_this_project``.
    """
    require_own(task.course_id == project.course_id)
    before = task.key
    moves.send_back(task, to, version, by, clocks.today(), papers.said(reason))
    return Done(task.course, before={"stage": before}, after={"stage": to}, related=[project])


@action(permission=HOLD, event="project_status_changed", on="project")
def set_project_status(*, project: Project, to: str, version: int, reason: str, by: Person) -> Done[Course]:
    """Say that a project is delayed, dormant, lost or abandoned, or that it goes on again (``active``); ``version`` is its course's.

    Raises:
        ChangedMeanwhile: the status is not as it was read.
        Refusal: ``no_way``, ``invalid`` without a reason.
    """
    assert project.course is not None
    before = moves.set_status(project.course, to, version, by, clocks.today(), papers.said(reason))
    return Done(project.course, before={"status": before}, after={"status": to}, related=[project])


@action(permission=MOVE, event="project_evidence_entered", on="project")
def hand_in(*, project: Project, entry: str, paper: papers.Paper, by: Person, reason: str = "") -> Done[Evidence]:
    """Hand in one piece of evidence for a gate; it counts once another person has verified it. What was handed in as the same before is replaced:
    verified or not, it counts for nothing from now on, so the gate is closed until the new one is verified.

    Raises:
        access.Forbidden: the right to enter evidence does not reach the project.
        Refusal: ``invalid`` (field named), ``conflict``: somebody decided on the earlier one just now.
    """
    standing = Evidence.objects.filter(entry=entry, subject_kind=PROJECT, subject_id=str(project.pk), state__in=(EvidenceState.ENTERED, EvidenceState.VERIFIED))
    earlier = list(standing.order_by("id"))
    row = papers.put(entry=entry, about=papers.About(PROJECT, str(project.pk), owner_unit=project.owner_unit_id), paper=paper, by=by)
    for one in earlier:
        write_at(one, one.version, {"state": EvidenceState.WITHDRAWN, "decision": f"由新交的材料 {row.pk} 替换"}, by=by, taken=TAKEN_PAPER)
    return Done(row, after={"entry": entry, "state": row.state, "replaces": [one.pk for one in earlier], "sha256": row.upload.sha256 if row.upload else ""}, related=[project, *earlier])


# ── what was done ────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Note:
    """What was done about a project on a day, and what comes next, by whom and when."""

    what: str
    on: dt.date
    next_step: str = ""
    next_on: dt.date | None = None
    next_by: Person | None = None


@action(permission=CHANGE, event="project_progress_noted", on="project")
def note_project_progress(*, project: Project, note: Note, by: Person, reason: str = "") -> Done[Project]:
    """Note in a line what was done about a project.

    Raises:
        Refusal: ``invalid`` (field named), ``bad_day``: the day is still to come.
    """
    fields.text("what", note.what, 500, needed=True)
    fields.text("next_step", note.next_step, 200)
    if note.next_on is not None and note.next_on < note.on:
        raise Refusal("invalid", [Message(f"下一步的日子 {note.next_on} 早于 {note.on}", f"the next step's day {note.next_on} is before {note.on}")], "next_on")
    values: dict[str, Any] = {"what": note.what, "on": moves.reached(note.on), "next_step": note.next_step, "next_on": note.next_on, "next_by": note.next_by}
    Progress.objects.create(project=project, **values, owner_unit_id=project.owner_unit_id, created_by=by, changed_by=by)
    return Done(project, after={"what": note.what, "on": note.on, "next_step": note.next_step, "next_on": note.next_on})


@action(permission=CHANGE, event="project_step_done", on="project")
def finish_project_step(*, project: Project, progress: Progress, version: int, by: Person, reason: str = "") -> Done[Project]:
    """The next step that was noted is done.

    Raises:
        Refusal: ``conflict``, ``not_this_project``.
    """
    require_own(progress.project_id == project.pk)
    write_at(progress, version, {"done_on": clocks.today()}, by=by, taken=TAKEN)
    return Done(project, after={"step": progress.next_step})
