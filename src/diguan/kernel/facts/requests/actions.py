"""The writes of requests: send them, decline or withdraw them, and what an enterprise tells of itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from diguan.kernel import access, clocks, packs, periods
from diguan.kernel.access.roles import title_of
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.catalogue import FactSpec
from diguan.kernel.factrow import FactRow, table_of
from diguan.kernel.facts import actions as batch_actions
from diguan.kernel.facts import batches, files
from diguan.kernel.facts.models import Batch, DataRequest, RequestLine, RequestState
from diguan.kernel.facts.requests import queries
from diguan.kernel.facts.requests.queries import ANSWER, ASK, Letter, Question
from diguan.kernel.messages import Message
from diguan.kernel.packs import SELF

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person

SHEET = SELF
"""Its deliveries come by no sheet; pages call them by their source, as they do the register's."""
MOST_QUESTIONS = 5_000
MOST_WORKDAYS = 60
_TRIES = 3


@dataclass(frozen=True)
class Asked:
    """What came of asking: the requests made, and how many lines were being asked already or are told by now."""

    made: tuple[DataRequest, ...]
    waiting: int
    told: int


def ask(*, letters: Sequence[Letter], by: Person) -> Asked:
    """Send these letters, all or none; what is being asked of the same addressee already, or is known by now, is left out.

    Raises:
        access.Forbidden: the person may not ask.
        Refusal: a question that its addressee cannot answer, or another send came in between.
    """
    access.require(by, ASK)
    for letter in letters:
        _check(letter)
    made, waiting, told = [], 0, 0
    try:
        with transaction.atomic():
            asked, known_to = queries.open_already(letters), _known(letters)
            for letter in letters:
                open_, known = asked[letter.addressee], known_to[letter.addressee == SELF]
                fresh = tuple(question for question in letter.questions if question.key not in open_ and question.key not in known)
                waiting += sum(question.key in open_ for question in letter.questions)
                told += sum(question.key in known and question.key not in open_ for question in letter.questions)
                if fresh:
                    made.append(send_request(letter=replace(letter, questions=fresh), by=by))
    except IntegrityError as error:
        raise Refusal("asked_meanwhile", [Message("刚刚有人问了同样的事，请刷新再看", "somebody asked the same a moment ago; look again")]) from error
    return Asked(tuple(made), waiting, told)


def _check(letter: Letter) -> None:
    catalogue, problems = packs.catalogue(), []
    if not letter.questions or len(letter.questions) > MOST_QUESTIONS:
        problems.append(Message(f"一次要问 1 到 {MOST_QUESTIONS} 条", f"ask for 1 to {MOST_QUESTIONS} facts at a time"))
    if not 1 <= letter.workdays <= MOST_WORKDAYS:
        problems.append(Message(f"期限要在 1 到 {MOST_WORKDAYS} 个工作日之间", f"the term is 1 to {MOST_WORKDAYS} working days"))
    if letter.addressee == SELF and letter.firms > 1:
        problems.append(Message("给企业的征询一家一份", "a request to an enterprise asks that one alone"))
    for question in letter.questions:
        problems += _unanswerable(question, letter.addressee, catalogue.get(question.fact))
    if problems:
        raise Refusal("cannot_ask", problems[:20])


def _unanswerable(question: Question, addressee: str, spec: FactSpec | None) -> list[Message]:
    if spec is None:
        return [Message(f"目录里没有事实 {question.fact}", f"the catalogue has no fact {question.fact}")]
    if addressee == SELF and not queries.may_be_told(spec):
        return [Message(f"{spec.label()}不由企业自报", f"{spec.label('en')} may not be told by the enterprise itself")]
    if addressee not in spec.sources:
        return [Message(f"{spec.label()}不由 {addressee} 报送", f"{spec.label('en')} is not delivered by {addressee}")]
    return [] if fits(spec, question.period) else [Message(f"{question.period} 不是{spec.label()}的期间", f"{question.period} is no period of {spec.label('en')}")]


def fits(spec: FactSpec, text: str) -> bool:
    """Whether a period is one of the fact's kind of which somebody can tell by now; ``all`` for an attribute."""
    try:
        found = periods.parse(text)
    except periods.PeriodError:
        return False
    return found.kind == ("all" if spec.period == "none" else spec.period) and periods.untimely(found, clocks.today()) is None


def _known(letters: Sequence[Letter]) -> dict[bool, frozenset[batches.Wanted]]:
    """What has been told since the questions were worked out, to bureaus (False) and to enterprises (True).

    What an enterprise said of itself is no answer of a bureau's.
    """
    visible = batches.visible_batches()
    keys = {own: [question.key for letter in letters if (letter.addressee == SELF) is own for question in letter.questions] for own in (False, True)}
    return {own: frozenset(batches.tells([row for row in visible if own or row.source != SELF], asked)) for own, asked in keys.items()}


@action(permission=ASK, event="request_sent")
def send_request(*, letter: Letter, by: Person) -> Done[DataRequest]:
    """Insert one request and its lines; :func:`ask` decides what is still to be asked."""
    due = clocks.due_after(clocks.today(), letter.workdays, packs.calendar())
    firm = letter.questions[0] if letter.addressee == SELF else None
    row = DataRequest.objects.create(
        addressee=letter.addressee, subject_id=firm.subject_id if firm else "", subject_name=firm.name if firm else "",
        to_unit=queries.unit_for(letter.addressee), about_kind=letter.about.kind, about_id=letter.about.id, about_title=letter.about.title[:200],
        due=due.day, derivation=_derivation(due), owner_unit_id=access.unit_of(by), created_by=by, changed_by=by)
    RequestLine.objects.bulk_create([
        RequestLine(request=row, addressee=row.addressee, subject_id=each.subject_id, name=each.name[:200], fact=each.fact, period=each.period, why=each.why[:120])
        for _key, each in sorted({each.key: each for each in letter.questions}.items())])
    return Done(row, after={"addressee": row.addressee, "about": f"{row.about_kind} {row.about_id}", "lines": len(letter.questions),
                            "firms": letter.firms, "due": row.due})


def _derivation(due: clocks.Due) -> dict[str, object]:
    return {"start": due.start.isoformat(), "workdays": due.days, "provisional": due.provisional,
            "holidays": [day.isoformat() for day in due.holidays], "weekends": [day.isoformat() for day in due.weekends]}


@action(permission=ANSWER, event="request_declined", on="request")
def decline_request(*, request: DataRequest, by: Person, reason: str) -> Done[DataRequest]:
    """Say of what is still open that it cannot be told, and why.

    Raises:
        access.Forbidden: the person does not speak for its addressee.
        Refusal: no reason, or nothing is open.
    """
    if not queries.may_answer(by, request):
        raise access.Forbidden(ANSWER, title_of(ANSWER))
    return _end(request, RequestState.DECLINED, by, reason)


@action(permission=ASK, event="request_withdrawn", on="request")
def withdraw_request(*, request: DataRequest, by: Person, reason: str) -> Done[DataRequest]:
    """Take back what is still open.

    Raises:
        Refusal: no reason, or nothing is open.
    """
    return _end(request, RequestState.WITHDRAWN, by, reason)


def _end(row: DataRequest, state: RequestState, by: Person, reason: str) -> Done[DataRequest]:
    if not reason.strip():
        raise Refusal("no_reason", [Message("请写明原因", "say why")], field="reason")
    now = clocks.now()
    changed = RequestLine.objects.filter(request=row, state=RequestState.OPEN).update(state=state, closed_at=now)
    if not changed:
        raise Refusal("not_open", [Message("这份征询已经办结", "this request is closed already")])
    DataRequest.objects.filter(pk=row.pk).update(state=state, said=reason.strip()[:300], closed_at=now, closed_by=by, changed_by=by, changed_at=now)
    row.refresh_from_db()
    return Done(row, before={"state": "open"}, after={"state": row.state, "lines": changed})


# ── what an enterprise says of itself ────────────────────────────────────────
def tell(*, subject_id: str, rows: Sequence[FactRow], by: Person) -> Batch:
    """Write what an enterprise tells of itself as one batch of source ``enterprise``; requests it answers close by that.

    Raises:
        access.Forbidden: the person does not act for this enterprise.
        Refusal: nothing is told, or a fact that an enterprise may not tell.
    """
    _may_tell(subject_id, by)
    _check_told(subject_id, rows)
    table = table_of(rows)
    sha256 = files.write_table(table)
    spans = sorted({row.period for row in rows})
    period = spans[0].text if len(spans) == 1 else f"{spans[0].text}/{spans[-1].text}"
    for attempt in range(_TRIES):
        staged = batch_actions.Staged(source=SELF, sheet=SHEET, period=period, sha256=sha256, rows=1, facts=len(rows), after=batch_actions.newest(SELF),
                                      changes=dict(batches.compare(SELF, table).counts))
        try:
            return tell_facts(subject_id=subject_id, staged=staged, by=by)
        except Refusal as refusal:
            # Another enterprise told something at this instant: that is no reason to send this one away.
            if refusal.code != "changed_meanwhile" or attempt == _TRIES - 1:
                raise
    raise AssertionError  # the loop returns or raises


@action(permission=ANSWER, event="facts_told")
def tell_facts(*, subject_id: str, staged: batch_actions.Staged, by: Person) -> Done[Batch]:
    """Make known what an enterprise told of itself; the file is durable already."""
    _may_tell(subject_id, by)
    row, closed = batch_actions.insert(staged, by)
    return Done(row, after={"source": row.source, "subject": subject_id, "facts": row.facts, "sha256": row.sha256}, related=closed)


def _may_tell(subject_id: str, by: Person) -> None:
    if not access.may(by, ANSWER) or subject_id not in access.usccs_of(by):
        raise access.Forbidden(ANSWER, title_of(ANSWER))


def _check_told(subject_id: str, rows: Sequence[FactRow]) -> None:
    catalogue = packs.catalogue()
    if not rows:
        raise Refusal("nothing_told", [Message("一项也没有填", "nothing was filled in")])
    for row in rows:
        spec = catalogue.get(row.fact)
        if spec is None or not queries.may_be_told(spec) or row.subject_id != subject_id or not fits(spec, row.period.text):
            name = spec.label() if spec else row.fact
            raise Refusal("may_not_tell", [Message(f"{name}（{row.period.text}）不能由企业自报", f"{row.fact} ({row.period.text}) may not be told by the enterprise itself")])
