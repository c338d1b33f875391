"""Writes of the re-engineering bench: a log becomes a study, people say what its orders are and others look at it, and what came of it is published."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F

from diguan.kernel import access, clocks, packs
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.evidence import sniff
from diguan.kernel.evidence.actions import keep_file
from diguan.kernel.messages import Message, nearest
from diguan.services.actions.life_events import publish_life_event
from diguan.services.engine import edges
from diguan.services.engine.edges import BINDING, HABIT, KINDS, BenchRefused
from diguan.services.engine.eventlog import LogRefused
from diguan.services.engine.orders import Order
from diguan.services.engine.plan import MOST_TASKS
from diguan.services.engine.readers import Columns
from diguan.services.models import LifeEvent, LifeEventVersion, Study, StudyEdge
from diguan.services.queries import bench
from diguan.services.queries import life_events as events
from diguan.services.queries.bench import RUN, Analysis
from diguan.services.queries.life_events import PUBLISH

SHEET = "event_log"
MOST_BYTES = 60 * sniff.MEGABYTE
"""Of a log as it is brought; packed ones hold about twenty times as much."""
MOST_STAFF = 10_000


# ── opened ───────────────────────────────────────────────────────────────────
@action(permission=RUN, event="study_opened")
def open_study(*, title: str, file_name: str, content: bytes, columns: Mapping[str, str] | None = None, hours: str = bench.OFFICE_HOURS, support: int = 0, life_event: LifeEvent | None = None, by: Person,
               reason: str = "") -> Done[Study]:
    """Read a log whole and keep it; the orders that had no counter-example come up to be judged.

    Args:
        title: 2 to 100 characters.
        file_name: as it was brought.
        content: XES, XES.gz or CSV.
        columns: heading of a sheet → what it is; empty ones are looked for.
        hours: office hours as ``08:30-12:00,14:30-17:30``; empty counts every hour.
        support: cases an order needs to be called strict; 0 takes a twentieth of the cases, three at least.
        life_event: whose matters the activities are; those it is known of are tied by their names.
        by: who studies.
        reason: goes into the Event.

    Raises:
        Refusal: ``invalid`` with its field: the log cannot be used, and nothing of it is kept.
    """
    words = _titled(title)
    if len(content) > MOST_BYTES:
        raise too_large(len(content))
    try:
        reading = bench.read(io.BytesIO(content), Columns(**dict(columns or {})))
    except LogRefused as refused:
        raise Refusal("invalid", [refused.message], "file") from refused
    many = len(reading.log.cases)
    found = Analysis(reading, _hours(hours), packs.calendar(), support or max(3, many // 20))
    if not len(reading.log) or len(reading.log.activities) > MOST_TASKS:
        raise Refusal("invalid", [Message(f"日志里有 {len(reading.log.activities)} 种环节，应有 1 到 {MOST_TASKS} 种", f"the log has {len(reading.log.activities)} activities; 1 to {MOST_TASKS} are expected")], "file")
    unit = access.unit_of(by)
    upload = keep_file(name=file_name, content=content, sheet=SHEET, unit=unit, by=by)
    row = Study.objects.create(title=words, upload=upload, columns={name: value for name, value in (columns or {}).items() if value}, hours=hours.strip(), support=found.support, life_event=life_event, cases=many,
                               events=reading.used, names=_names(life_event, reading.log.activities), owner_unit_id=unit, created_by=by, changed_by=by)
    _begin(row, found, by)
    return Done(row, after={"sha256": upload.sha256, "cases": many, "events": reading.used, "left_out": reading.left_out, "support": found.support}, related=[upload])


def _hours(text: str) -> tuple[tuple[int, int], ...]:
    try:
        return bench.hours_of(text)
    except LogRefused as refused:
        raise Refusal("invalid", [refused.message], "hours") from refused


def _titled(title: str) -> str:
    if not 2 <= len(title.strip()) <= 100:
        raise Refusal("invalid", [Message("请写名称，2 到 100 字", "give it a name of 2 to 100 characters")], "title")
    return title.strip()


def too_large(size: int) -> Refusal:
    """The refusal of a file beyond :data:`MOST_BYTES`."""
    return Refusal("invalid", [Message(f"文件有 {size // sniff.MEGABYTE} 兆，最多 {MOST_BYTES // sniff.MEGABYTE} 兆；请压缩成 .gz，或按时间拆开",
                                       f"the file has {size // sniff.MEGABYTE} MB, at most {MOST_BYTES // sniff.MEGABYTE} MB: pack it as .gz, or split it by time")], "file")


def _names(life_event: LifeEvent | None, activities: Sequence[str]) -> dict[str, str]:
    version = life_event.versions.first() if life_event else None
    document = events.document(version) if version else None
    return bench.matched(activities, bench.titles(document.keys)) if document else {}


def _begin(study: Study, found: Analysis, by: Person) -> None:
    """The orders the life event knows, with their reasons; then those the log shows and nothing stands for."""
    version = bench.version_of(study)
    document = events.document(version) if version else None
    seen = {(one.before, one.after): one for one in found.orders}
    turned = {matter: name for name, matter in study.names.items()}
    rows = []
    for edge in document.edges if document else ():
        if edge.binds and edge.start in turned and edge.end in turned:
            pair = (turned[edge.start], turned[edge.end])
            rows.append(_row(study, *pair, seen.get(pair), edge.kind, edge.evidence, by))
    StudyEdge.objects.bulk_create(rows)
    _uncover(study, found)


def _row(study: Study, before: str, after: str, seen: Order | None, kind: str = "", evidence: str = "", by: Person | None = None) -> StudyEdge:
    return StudyEdge(study=study, before=before, after=after, kind=kind, evidence=evidence[:300], by=by, support=seen.support if seen else 0, against=seen.against + seen.together if seen else 0)


def _uncover(study: Study, found: Analysis) -> int:
    """Orders that come to light: strict in the log, not judged, and no longer given by those that stay."""
    rows = list(study.edges.values_list("before", "after", "kind"))
    new = [_row(study, one.before, one.after, one) for one in bench.unseen(found, rows)]
    StudyEdge.objects.bulk_create(new)
    return len(new)


# ── judged and reviewed ──────────────────────────────────────────────────────
@action(permission=RUN, event="study_judged", on="study")
def judge(*, study: Study, version: int, said: Mapping[int, tuple[str, str]], by: Person, reason: str = "") -> Done[Study]:
    """Say of some orders what they are; whoever reviewed them has to look again. What they kept in order by the way comes to light.

    Args:
        study: the study.
        version: as it was read.
        said: number of the order → (legal, data, physical or habit; its evidence). An empty kind takes a judgement back.
        by: who says so.
        reason: goes into the Event.

    Raises:
        Refusal: ``conflict``; ``invalid``: an order that binds needs its evidence; ``cycle``; ``nothing``.
    """
    rows = {row.pk: row for row in study.edges.all()}
    changed = []
    for number, (kind, evidence) in said.items():
        row = rows.get(number)
        if row is None or (kind and kind not in KINDS):
            raise Refusal("invalid", [Message("没有这条先后，或类别不对", "no such order or kind")])
        if (row.kind, row.evidence) != (kind, evidence.strip()):
            row.kind, row.evidence, row.by, row.reviewer = kind, _evidence(row, kind, evidence), by, None
            changed.append(row)
    if not changed:
        raise Refusal("nothing", [Message("没有改动", "nothing was changed")])
    _claim(study, version, by)
    StudyEdge.objects.bulk_update(changed, ["kind", "evidence", "by", "reviewer"])
    return _settled(study, {"judged": [[row.before, row.after, row.kind] for row in changed]})


def _evidence(row: StudyEdge, kind: str, evidence: str) -> str:
    words = evidence.strip()
    if kind in BINDING and len(words) < 2:
        raise Refusal("invalid", [Message(f"“{row.before}”先于“{row.after}”：必须遵守的先后要写依据（法条、数据项或客观原因）", f"{row.before} before {row.after}: an order that binds needs its evidence (article, data or physical reason)")])
    if len(words) > 300:
        raise Refusal("invalid", [Message("依据最多 300 字", "evidence has at most 300 characters")])
    return words


def _settled(study: Study, after: Mapping[str, Any]) -> Done[Study]:
    """What stays must not run in a circle, and what is uncovered is added."""
    found = bench.analysis(study)
    try:
        edges.in_order(found.log.activities, [row.pair for row in bench.told(study.edges.select_related("reviewer")) if row.kind in BINDING])
    except BenchRefused as refused:
        raise Refusal("cycle", [refused.message]) from refused
    uncovered = _uncover(study, found)
    return Done(Study.objects.get(pk=study.pk), after={**after, "uncovered": uncovered})


@action(permission=RUN, event="study_freed", on="study")
def free_habits(*, study: Study, version: int, reason: str, by: Person) -> Done[Study]:
    """Call every order a habit that nobody has given evidence for, also those that come to light by it: only what binds is left.

    Raises:
        Refusal: ``conflict``; ``invalid``: say why nobody could give evidence.
    """
    words = reason.strip()
    if not 4 <= len(words) <= 300:
        raise Refusal("invalid", [Message("请写按什么认定其余都是习惯，4 到 300 字", "say on what ground the rest is habit, in 4 to 300 characters")], "reason")
    _claim(study, version, by)
    found, many = bench.analysis(study), 0
    while (rows := list(study.edges.filter(kind=""))):
        for row in rows:
            row.kind, row.evidence, row.by, row.reviewer = HABIT, words, by, None
        StudyEdge.objects.bulk_update(rows, ["kind", "evidence", "by", "reviewer"])
        many += len(rows)
        _uncover(study, found)
    return Done(Study.objects.get(pk=study.pk), after={"habits": many})


@action(permission=RUN, event="study_order_added", on="study")
def add_order(*, study: Study, version: int, before: str, after: str, kind: str, evidence: str, by: Person, reason: str = "") -> Done[Study]:
    """Add an order the log does not show and somebody knows of.

    Raises:
        Refusal: ``invalid``, ``taken``, ``cycle``, ``conflict``.
    """
    found = bench.analysis(study)
    for name in (before, after):
        if name not in found.log.activities:
            like = nearest(name, found.log.activities)
            raise Refusal("invalid", [Message(f"日志里没有环节“{name}”" + (f"；是不是“{like}”？" if like else ""), f"the log has no activity {name}" + (f"; is it {like}?" if like else ""))], "before")
    if kind not in BINDING or before == after:
        raise Refusal("invalid", [Message("自己加的先后要选法定、数据或实物，两个环节不能相同", "an order that is added is legal, data or physical, between two activities")], "kind")
    if study.edges.filter(before=before, after=after).exists():
        raise Refusal("taken", [Message("这条先后已经在表里", "this order is in the table already")], "before")
    _claim(study, version, by)
    seen = next((one for one in found.orders if {one.before, one.after} == {before, after}), None)
    row = _row(study, before, after, seen if seen and seen.before == before else None, kind, "", by)
    if seen and seen.before != before:
        row.support, row.against = seen.against, seen.support + seen.together
    row.evidence = _evidence(row, kind, evidence)
    row.save()
    return _settled(study, {"before": before, "after": after, "kind": kind})


@action(permission=bench.REVIEW, event="study_reviewed", on="study")
def review(*, study: Study, version: int, numbers: Sequence[int], by: Person, reason: str = "") -> Done[Study]:
    """Agree with judgements of somebody else, having looked at their evidence.

    Raises:
        Refusal: ``own``: who said so does not review it; ``invalid``: not judged; ``conflict``.
    """
    rows = list(study.edges.filter(pk__in=numbers).exclude(kind=""))
    if not rows or len(rows) != len(set(numbers)):
        raise Refusal("invalid", [Message("请勾选已经判定的先后", "choose orders that were judged")])
    if any(row.by_id == by.pk for row in rows):
        raise Refusal("own", [Message("判定的和复核的要是两个人", "who judged an order does not review it")])
    _claim(study, version, by)
    study.edges.filter(pk__in=[row.pk for row in rows]).update(reviewer=by)
    return Done(Study.objects.get(pk=study.pk), after={"reviewed": [[row.before, row.after] for row in rows]})


# ── assumptions ──────────────────────────────────────────────────────────────
@action(permission=RUN, event="study_assumed", on="study")
def assume(*, study: Study, version: int, staff: Mapping[str, int], wait_left: int, share: int, dropped: Sequence[str], seed: int, names: Mapping[str, str], by: Person, reason: str = "") -> Done[Study]:
    """Say what the new flow may count on: people, what is left of waits, what falls away, which matter an activity is.

    Raises:
        Refusal: ``invalid`` with its field, ``conflict``.
    """
    found = bench.analysis(study).observed
    _whole("wait_left", wait_left, 0, 100)
    _whole("share", share, 0, 100)
    _whole("seed", seed, 0, 2**31 - 1)
    for unit, people in staff.items():
        _whole("staff", people, 1, MOST_STAFF, unit)
    if set(dropped) >= set(found.activities):
        raise Refusal("invalid", [Message("不能把所有环节都合并掉", "not every activity can fall away")], "dropped")
    keys = _keys(study)
    if len(set(names.values())) != len(names) or not set(names.values()) <= keys:
        raise Refusal("invalid", [Message("一个事项只能对应一个环节", "a matter stands for one activity")], "names")
    _claim(study, version, by)
    assumed = {"staff": {unit: people for unit, people in sorted(staff.items()) if unit in found.people}, "wait_left": wait_left, "share": share,
               "dropped": sorted(set(dropped) & set(found.activities)), "seed": seed}
    Study.objects.filter(pk=study.pk).update(assumed=assumed, names={name: key for name, key in names.items() if name in found.activities})
    return Done(Study.objects.get(pk=study.pk), before=study.assumed, after=assumed)


def _whole(field: str, value: int, low: int, high: int, unit: str = "") -> None:
    if not low <= value <= high:
        about = (f"“{unit}”的人手", f"the staff of {unit}") if unit else ("这一栏", "this")
        raise Refusal("invalid", [Message(f"{about[0]}应在 {low} 到 {high} 之间，现为 {value}", f"{about[1]} must lie from {low} to {high}, not {value}")], field)


def _keys(study: Study) -> set[str]:
    version = bench.version_of(study)
    document = events.document(version) if version else None
    return set(document.keys) if document else set()


# ── published ────────────────────────────────────────────────────────────────
@action(permission=PUBLISH, event="study_published", on="study")
def publish_study(*, study: Study, version: int, valid_from: dt.date, by: Person, reason: str = "") -> Done[Study]:
    """Publish what came of a study as the next version of its life event; the study keeps what it rested on.

    Raises:
        Refusal: ``no_event``; ``not_reviewed``: an order that binds lacks evidence or a reviewer; ``own``: who opened the study does not publish it;
            ``unjudged``; ``conflict``; and whatever :func:`publish_life_event` refuses.
    """
    text, told = bench.rewritten(study, valid_from)
    if study.created_by_id == by.pk:
        raise Refusal("own", [Message("做实验的和发布的要是两个人", "who made the study does not publish it")])
    _claim(study, version, by)
    redesign = bench.redesign(study)
    inputs = bench.digest(study)
    proof = {"digest": inputs, "seed": redesign.assumed.seed, "simulation": redesign.simulation.digest, "changes": [[change.zh, change.en] for change in told], "day": clocks.today().isoformat()}
    event = publish_life_event(text=text, origin=f"再造实验 {study.pk}，输入摘要 {inputs[:12]}", by=by, reason=reason)
    made = LifeEventVersion.objects.filter(life_event=event).latest("number")
    Study.objects.filter(pk=study.pk).update(published=made, proof=proof)
    return Done(Study.objects.get(pk=study.pk), after={"life_event": event.key, "number": made.number, **proof}, related=[event])


def _claim(study: Study, version: int, by: Person) -> None:
    done = Study.objects.filter(pk=study.pk, version=version).update(version=F("version") + 1, changed_by=by, changed_at=clocks.now())
    if not done:
        raise Refusal("conflict", [Message("没保存上：别人先改了这个实验，请刷新后再来", "Not saved: somebody changed this study first. Read the page again")])
