"""Writes of the policies room: a match, computed outside any transaction and made known in one; the notices that follow from it."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from diguan.enterprises.actions.told import delivered, last_word
from diguan.kernel import access, clocks, packs
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.facts import runs, store
from diguan.kernel.facts.models import Batch, DataRequest
from diguan.kernel.facts.requests import actions as requests
from diguan.kernel.facts.requests.actions import Asked
from diguan.kernel.facts.requests.queries import Letter
from diguan.kernel.facts.runs import Run
from diguan.kernel.jobs import Job, Running, enqueue_once, job
from diguan.kernel.messages import Message
from diguan.kernel.notices import actions as notices
from diguan.kernel.notices.kinds import Draft
from diguan.kernel.notices.queries import SEND
from diguan.kernel.packs import SELF
from diguan.kernel.rules import runfile, standards, tree
from diguan.policies import queries
from diguan.policies.actions import reviews
from diguan.policies.queries import reach, reuse

RUN = "policies.run_match"
JOB = "policies.run_match"
SUBJECT = "enterprise"


def run_match(*, by: Person, as_of: dt.date | None = None, known_at: dt.datetime | None = None, face: runfile.Face | None = None) -> Run:
    """Judge every registered enterprise under every policy in use.

    The result is written to a folder named by what went in, then its row is inserted; a kill in between
    leaves no run, and the same inputs are the same run. Policies that nothing new concerns are taken from the match
    before (:mod:`diguan.policies.queries.reuse`); the bytes are those of judging everything, and the row names them.

    Args:
        by: who runs it.
        as_of: day of judgement, today by default.
        known_at: last delivery counted; by default all there are, after the register has said what it knows now.
        face: what judges, DuckDB by default; every face gives the same bytes, so a run does not say which it was.

    Raises:
        access.Forbidden: the person may not run a match.
        Refusal: no enterprise is known, no policy can be used, or an amount is too large to store.
    """
    access.require(by, RUN)
    as_of, begun = as_of or clocks.today(), time.monotonic()
    told = delivered(by=by, as_of=as_of, known_at=known_at)
    known_at = last_word(told, known_at)
    library = sorted(queries.library().policies.values(), key=lambda policy: policy.id)
    if not library:
        raise Refusal("no_policies", [Message("没有可用的政策文件", "no policy can be used")])
    told = [row for row in told if row.subject == SUBJECT]
    inputs = runfile.Inputs(packs.catalogue(), store.sources_of(told), standards.digests(library))
    manifest = runfile.manifest_of(library, inputs, as_of, known_at.isoformat())
    found = Run.objects.filter(run_id=runfile.name_of(manifest)).first()
    if found is not None and runs.intact(found):
        _follow(by)
        return found
    kept = reuse.reusable(library, told, as_of)
    outcome = _judged(library, told, as_of, manifest, inputs, kept, face)
    sha256 = runfile.write(outcome, runs.runs_folder() / outcome.run_id)
    said = {"reused": {name: kept.judged_in(name) for name in kept.policies}} if kept else {}
    run = record_match(run_id=outcome.run_id, by=by, manifest={
        "as_of": as_of, "known_at": known_at, "inputs": {**outcome.manifest, **said}, "rows": outcome.rows.num_rows,
        "result_sha256": sha256, "seconds": round(time.monotonic() - begun, 3)})
    _follow(by)
    return run


def _follow(by: Person) -> None:
    """What follows a match: notices of who is entitled, and reviews of claims it judges differently."""
    notify(by=by)
    reviews.review(by=by)


@action(permission=RUN, event="match_run")
def record_match(*, run_id: str, manifest: dict[str, Any], by: Person) -> Done[Run]:
    """Make a finished match known; its files are durable already."""
    row = runs.record(run_id=run_id, kind=queries.KIND, manifest=manifest, by=by)
    return Done(row, after={"run": run_id, "as_of": row.as_of, "known_at": row.known_at, "rows": row.rows, "sha256": row.result_sha256})


def the_match(run_id: str) -> Run:
    """The match of this name, by default the one pages speak from.

    Raises:
        Refusal: there is none.
    """
    row = runs.named(queries.KIND, run_id) if run_id else queries.current_run()
    if row is None:
        raise Refusal("no_match", [Message("没有这次比对，先比对一次" if run_id else "还没有比对过，先比对一次", "there is no such match: run one first")])
    return row


# ── notices of entitlements ──────────────────────────────────────────────────
def notify(*, by: Person) -> int:
    """Tell those newly entitled by the run pages speak from, take back what no longer holds, and send what can be sent.

    It compares the notices with the run, so it may be done again at any time and does nothing twice; a run that is a trial for
    another day changes nothing. A kill between the match and this is made good by the next match or ``diguan tick``.

    Returns:
        How many notices were written or ended.
    """
    now = reach.entitled_now()
    found = reach.moves(now) if now else None
    count = 0
    over = [*found.over, *reach.settled()] if found else []
    if now and found and (found.drafts or over):
        try:
            write_notices(run=now.run, drafts=found.drafts, over=over, by=by)
            count = len(found.drafts) + len(over)
        except _Nothing:
            count = 0
    if access.may(by, SEND):
        notices.send_due(by=by)
    return count


class _Nothing(Exception):
    """Somebody else has written the same notices meanwhile; the transaction leaves no trace."""


@action(permission=RUN, event="notices_written")
def write_notices(*, run: Run, drafts: Sequence[Draft], over: Sequence[int], by: Person) -> Done[Run]:
    """Write the notices of a run and end those of who is entitled no longer: one Event on the run, the notices related to it."""
    withdrawn, ended = notices.end(numbers=over, by=by)
    written = notices.write(drafts=drafts, by=by, run=run)
    if not (withdrawn or ended or written):
        raise _Nothing
    touched = notices.references([*(row.pk for row in written), *withdrawn, *ended])
    return Done(run, after={"run": run.run_id, "written": len(written), "withdrawn": len(withdrawn), "ended": len(ended)}, related=touched)


def notify_due() -> int:
    """What the clock does: bring the notices to the current match, in the name of whoever longest may run one."""
    try:
        return notify(by=access.acting_person(None, RUN))
    except Refusal:
        return 0


# ── asking for facts ─────────────────────────────────────────────────────────
def ask_for_facts(*, letters: Sequence[Letter], by: Person) -> Asked:
    """Ask bureaus and enterprises for facts; an enterprise that is asked finds a notice in its inbox.

    Raises:
        access.Forbidden: the person may not ask.
        Refusal: as :func:`diguan.kernel.facts.requests.actions.ask`; then nothing is sent and nobody is told.
    """
    with transaction.atomic():
        asked = requests.ask(letters=letters, by=by)
        notices.write(drafts=[_told_of(row) for row in asked.made if row.addressee == SELF], by=by)
    if access.may(by, SEND):
        notices.send_due(by=by)
    return asked


def _told_of(row: DataRequest) -> Draft:
    catalogue = packs.catalogue()
    facts = dict.fromkeys(row.lines.order_by("id").values_list("fact", flat=True))
    zh, en = ([catalogue[fact].label(language) for fact in facts if fact in catalogue] for language in ("zh", "en"))
    return Draft(reach.ASKED, (reach.REQUEST, str(row.pk)), Message(f"请补报：{'、'.join(zh)}", f"Please tell us: {', '.join(en)}"),
                 Message(f"有了它，“{row.about_title}”就能判断您是否可享。请在 {row.due} 前答复。", f"With it “{row.about_title}” can be decided for you. Please answer by {row.due}."),
                 uscc=row.subject_id, link=f"/requests/of/{row.subject_id}/answer/")


def ask_match(*, by: Person) -> Job:
    """Ask for a match in the background; one that waits already is that one.

    Raises:
        access.Forbidden: the person may not run a match.
    """
    access.require(by, RUN)
    return enqueue_once(JOB, {}, by)


@job(JOB)
def match_job(*, job: Running, by: Person, as_of: str = "", known_at: str = "") -> str:
    """:func:`run_match` in the background; answers with the run's name."""
    return run_match(by=by, as_of=dt.date.fromisoformat(as_of) if as_of else None,
                     known_at=dt.datetime.fromisoformat(known_at) if known_at else None).run_id


def _judged(policies: Sequence[tree.Policy], told: Sequence[Batch], as_of: dt.date, manifest: Mapping[str, Any], inputs: runfile.Inputs,
            kept: reuse.Reuse | None, face: runfile.Face | None) -> runfile.Outcome:
    """Judge what cannot be kept, over the facts that it reads."""
    anew = [policy for policy in policies if kept is None or policy.id not in kept.policies]
    dataset = None
    if anew:
        facts = standards.read_by(anew, as_of) if kept else None
        dataset = standards.for_policies(store.open_batches(told, inputs.catalogue, facts=facts), anew, as_of)
        if any(inputs.standards.get(fact) != sha256 for fact, sha256 in dataset.standards.items()):
            raise Refusal("changed_meanwhile", [Message("认定标准在比对时改过，请再比对一次", "a standard was changed while the match began: match again")])
    try:
        return runfile.partly(policies, dataset, as_of, manifest, runfile.kept_of(kept.run.folder, kept.policies) if kept else {}, face=face)
    except runfile.AmountTooLarge as error:
        raise Refusal("amount_too_large", [Message(f"金额太大，存不下：{error}", f"an amount is too large to store: {error}")]) from error
