"""The writes of evidence: enter, verify, reject, withdraw; and a look at what is personal, which leaves a trace."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from diguan.kernel import access, clocks, packs
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.evidence import sniff
from diguan.kernel.evidence.dictionary import Entry, known, stored
from diguan.kernel.evidence.models import Evidence, EvidenceState
from diguan.kernel.evidence.queries import ENTER, REVEAL, VERIFY
from diguan.kernel.facts import files
from diguan.kernel.facts.models import Upload
from diguan.kernel.messages import Message, visible
from diguan.kernel.rules.values import ValueProblem

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person

SHEET = "evidence"
EARLIEST = dt.date(1949, 10, 1)


# Rooms may call ``put`` and ``settle`` inside actions of their own, whose one Event then names the rows: one command, one Event.


@dataclass(frozen=True)
class About:
    """Whom it is about; ``uscc`` where that is an enterprise or something of one."""

    kind: str
    id: str
    uscc: str = ""
    owner_unit: int | None = None


@dataclass(frozen=True)
class Paper:
    """What is handed in. ``value`` is written as in rules (``true``, ``3万元``, ``2026-08-31``); a file comes with its name."""

    value: str = ""
    number: str = ""
    issued: dt.date | None = None
    valid_until: dt.date | None = None
    file_name: str = ""
    content: bytes | None = None


@action(permission=ENTER, event="evidence_entered")
def enter(*, entry: str, about: About, paper: Paper, by: Person, reason: str = "") -> Done[Evidence]:
    """Enter one piece of evidence; it counts once another person has verified it.

    Raises:
        access.Forbidden: the right does not reach this subject.
        Refusal: ``invalid`` (field named): no such entry, no file, a value or day that is none.
    """
    row = put(entry=entry, about=about, paper=paper, by=by)
    return Done(row, **_told(_entry(entry), row))


@action(permission=VERIFY, event="evidence_verified", on="evidence")
def verify(*, evidence: Evidence, version: int, by: Person, reason: str = "") -> Done[Evidence]:
    """Say that it is true; who entered it cannot.

    Raises:
        Refusal: ``own_evidence``, ``not_waiting`` or ``changed_meanwhile``.
    """
    return _decide(evidence, version, EvidenceState.VERIFIED, "", by)


@action(permission=VERIFY, event="evidence_rejected", on="evidence")
def reject(*, evidence: Evidence, version: int, reason: str, by: Person) -> Done[Evidence]:
    """Say that it does not hold, and why.

    Raises:
        Refusal: as :func:`verify`; ``invalid`` without a reason.
    """
    return _decide(evidence, version, EvidenceState.REJECTED, said(reason), by)


@action(permission=ENTER, event="evidence_withdrawn", on="evidence")
def withdraw(*, evidence: Evidence, version: int, reason: str, by: Person) -> Done[Evidence]:
    """Take it back, verified or not; from then on it counts for nothing.

    Raises:
        Refusal: ``invalid`` without a reason, ``not_waiting`` where it counts for nothing already, or ``changed_meanwhile``.
    """
    if evidence.state not in (EvidenceState.ENTERED, EvidenceState.VERIFIED):
        raise Refusal("not_waiting", [Message("已驳回或已撤回的不用再撤", "it is rejected or withdrawn already")])
    return _write(evidence, version, {"state": EvidenceState.WITHDRAWN, "decision": said(reason)}, by)


@action(permission=REVEAL, event="evidence_revealed", on="evidence")
def reveal(*, evidence: Evidence, reason: str, by: Person) -> Done[Evidence]:
    """Log that ``by`` looks at a personal piece in full (number, value, file); only then may a page show it.

    Raises:
        Refusal: no reason given.
    """
    said(reason)
    return Done(evidence, after={"entry": evidence.entry})


def put(*, entry: str, about: About, paper: Paper, by: Person) -> Evidence:
    """The row of one piece of evidence, inside an action.

    Raises:
        access.Forbidden, Refusal: as :func:`enter`.
    """
    values = _checked(_entry(entry), paper)
    row = Evidence.objects.create(
        entry=entry, subject_kind=about.kind, subject_id=about.id, uscc=about.uscc, entered_by=by, created_by=by, changed_by=by,
        owner_unit_id=about.owner_unit or access.unit_of(by), upload=_keep(paper, about, by), **values)
    access.require(by, ENTER, row)
    return row


def settle(*, evidence: Evidence, version: int, holds: bool, by: Person, reason: str = "") -> Evidence:
    """Whether a piece holds, inside an action; without, a reason is needed.

    Raises:
        access.Forbidden, Refusal: as :func:`verify` and :func:`reject`.
    """
    access.require(by, VERIFY, evidence)
    return _decide(evidence, version, EvidenceState.VERIFIED if holds else EvidenceState.REJECTED, "" if holds else said(reason), by).record


def personal_of(rows: Iterable[Evidence]) -> dict[str, str]:
    """What an Event that names these rows keeps apart, to be erased later: number and value of what is personal."""
    return {row.entry: f"{row.number} {row.num if row.num is not None else row.text}".strip() for row in rows if _entry(row.entry).personal}


def said(reason: str, most: int = 200) -> str:
    """A reason worth the name.

    Raises:
        Refusal: there is none.
    """
    told = visible(reason)
    if len(told) < 2:
        raise Refusal("invalid", [Message("请写明原因", "say why")], field="reason")
    return told[:most]


def _entry(name: str) -> Entry:
    found = known()
    if name not in found:
        raise Refusal("invalid", [Message(f"材料字典里没有 {name}，最近的是 {found.nearest(name)}", f"the dictionary has no {name}, nearest {found.nearest(name)}")], "entry")
    return found[name]


def _checked(entry: Entry, paper: Paper) -> dict[str, Any]:
    if entry.takes_file and paper.content is None:
        raise Refusal("invalid", [Message(f"{entry.label()}要有文件", f"{entry.label('en')} needs its file")], "file")
    if entry.kind == "certificate" and not paper.number.strip():
        raise Refusal("invalid", [Message(f"{entry.label()}要写证书号", f"{entry.label('en')} needs its number")], "number")
    until = paper.valid_until or entry.ends(paper.issued)
    _check_days(entry, paper.issued, until)
    return {"number": paper.number.strip()[:100], "issued": paper.issued, "valid_until": until, **_value(entry, paper.value)}


def _value(entry: Entry, text: str) -> dict[str, Any]:
    if entry.value is None:
        return {}
    try:
        value = stored(entry, text, packs.codes())
    except ValueProblem as problem:
        raise Refusal("invalid", [problem.message], "value") from problem
    return {"num": value} if isinstance(value, int) else {"text": value[:400]}


def _check_days(entry: Entry, issued: dt.date | None, until: dt.date | None) -> None:
    if issued is None and (entry.kind == "certificate" or entry.months is not None):
        raise Refusal("invalid", [Message("出具日期没有填", "the day of issue is missing")], "issued")
    if issued is not None and not EARLIEST <= issued <= clocks.today():
        raise Refusal("invalid", [Message(f"出具日期 {issued} 不可能", f"issued on {issued} cannot be")], "issued")
    if issued is not None and until is not None and until < issued:
        raise Refusal("invalid", [Message(f"有效期至 {until} 早于出具日期 {issued}", f"valid until {until} is before {issued}")], "valid_until")


def _keep(paper: Paper, about: About, by: Person) -> Upload | None:
    if paper.content is None:
        return None
    return keep_proof(name=paper.file_name, content=paper.content, sheet=SHEET, unit=about.owner_unit or access.unit_of(by), by=by, field="file")


def keep_proof(*, name: str, content: bytes, sheet: str, unit: int | None, by: Person, field: str = "proof") -> Upload:
    """Keep a file that shall prove something, within an action of its caller.

    Raises:
        Refusal: ``invalid`` at ``field``: it is no picture or PDF, or too large.
    """
    problem = sniff.proof_problem(content)
    if problem:
        raise Refusal("invalid", [problem], field=field)
    return keep_file(name=name, content=content, sheet=sheet, unit=unit, by=by)


def keep_file(*, name: str, content: bytes, sheet: str, unit: int | None, by: Person) -> Upload:
    """Keep a file by its content, as it came, within an action of its caller; ``sheet`` says what it was brought for, ``unit`` who owns it."""
    return Upload.objects.create(sha256=files.keep_upload(content), name=sniff.tidy_file_name(name), size=len(content), sheet=sheet, owner_unit_id=unit, created_by=by, changed_by=by)


def _told(entry: Entry, row: Evidence) -> Mapping[str, Any]:
    """What the Event says; number and value of a personal one are erasable."""
    after = {"entry": row.entry, "subject": f"{row.subject_kind} {row.subject_id}", "state": row.state, "issued": row.issued,
             "valid_until": row.valid_until, "sha256": row.upload.sha256 if row.upload else ""}
    more = {"number": row.number, "value": row.num if row.num is not None else row.text}
    return {"after": after, "personal": more} if entry.personal else {"after": {**after, **more}}


def _decide(evidence: Evidence, version: int, state: str, decision: str, by: Person) -> Done[Evidence]:
    if evidence.entered_by_id == by.pk:
        raise Refusal("own_evidence", [Message("自己填报的不能自己核实，请另一个人来", "who entered it cannot decide on it: ask somebody else")])
    if evidence.state != EvidenceState.ENTERED:
        raise Refusal("not_waiting", [Message("这份材料不在待核实状态", "this piece does not wait for verification")])
    return _write(evidence, version, {"state": state, "decision": decision, "verified_by": by, "decided_at": clocks.now()}, by)


def _write(evidence: Evidence, version: int, values: Mapping[str, Any], by: Person) -> Done[Evidence]:
    before = evidence.state
    changed = Evidence.objects.filter(pk=evidence.pk, version=version, state=before).update(
        **values, version=version + 1, changed_by=by, changed_at=clocks.now())
    if not changed:
        raise Refusal("changed_meanwhile", [Message("没办成：别人先改过或核实过这份材料，请重新打开再办", "not done: somebody changed or decided on it first; open it again")])
    evidence.refresh_from_db()
    return Done(evidence, before={"state": before}, after={"entry": evidence.entry, "state": evidence.state})
