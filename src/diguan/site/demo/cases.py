"""Cases on every step of their way: one done and rated, two under way, one to be corrected with an assistant's help, one just handed in; more days asked for one step, one with a promise to be checked.

Through the ordinary actions, by window, bureaus and the agent; the county's day is moved as in the demo's claims.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from diguan.kernel.evidence.actions import Paper
from diguan.site.demo import accounts, papers
from diguan.site.demo.requests import on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diguan.kernel.access.models import Person
    from diguan.kernel.evidence.dictionary import Entry
    from diguan.services.models import Case, LifeEventVersion

HIRED, FITTED, MOVED = dt.date(2026, 10, 9), dt.date(2026, 10, 15), dt.date(2026, 10, 26)
FITOUT = {"applicant": "company", "site": "lease", "upgrade": "yes", "fitout_size": "large", "fire_class": "other", "signboard": "yes", "road_works": "no"}
VALUES = {"money": "120万元", "number": "26", "date": "2026-11-01", "industry": "3861", "bool": "true"}


def prepare() -> None:
    """Bring some cases on their way, with the library taken in; where there are cases they are left as they are.

    Raises:
        Refusal: a step is refused; what was done before it stays.
    """
    from diguan.kernel.access.queries import usccs_of
    from diguan.services.models import Case

    second, agent = accounts.known("service2"), accounts.known("agent")
    firms = sorted(usccs_of(agent))
    if Case.objects.exists() or not firms:
        return
    with on(HIRED):
        hired = opened("hiring", {"hires": "local", "flexible_hours": "no"}, firms[0], agent)
    with on(HIRED + dt.timedelta(days=3)):
        accepted(hired, second)
    with on(HIRED + dt.timedelta(days=5)):
        finished(hired, hired.matters, second)
        delivered(hired, second)
    _rate(hired, agent)
    with on(FITTED):
        fitted = opened("factory_fitout", FITOUT, firms[-1], agent)
    with on(FITTED + dt.timedelta(days=4)):
        accepted(fitted, second)
    with on(FITTED + dt.timedelta(days=5)):
        finished(fitted, fitted.matters[:1], second)
        _pause(fitted, second)
    with on(MOVED):
        moved = opened("moving", {"applicant": "company", "move_to": "inside", "site": "lease", "licences_held": "none", "customs_held": "no", "signboard": "no"}, firms[0], agent)
    with on(MOVED + dt.timedelta(days=1)):
        _correct(moved, second)
        _help(moved, second, agent)
        promised = opened("moving", {"applicant": "company", "move_to": "inside", "site": "lease", "licences_held": "none", "customs_held": "no", "signboard": "no"}, firms[-1], agent, ["premises_proof"])
    with on(MOVED + dt.timedelta(days=2)):
        opened("hiring", {"hires": "local", "flexible_hours": "yes"}, firms[-1], agent)
        accepted(promised, second)
    with on(MOVED + dt.timedelta(days=3)):
        extended = opened("factory_fitout", FITOUT, firms[0], agent)
    with on(MOVED + dt.timedelta(days=4)):
        accepted(extended, second)
        finished(extended, extended.matters[:1], second)
        _extend(extended, second)


def opened(key: str, wished: dict[str, str], uscc: str, by: Person, promised: Sequence[str] = (), *, online: bool = True) -> Case:
    """A case with everything filled in and handed in; questions for which nothing is wished take their first answer."""
    from diguan.kernel import clocks
    from diguan.kernel.evidence import dictionary
    from diguan.services.actions import cases as actions
    from diguan.services.models import LifeEventVersion
    from diguan.services.queries import cases

    version = LifeEventVersion.objects.filter(life_event__key=key).order_by("-number")[0]
    answers = answers_of(version, wished)
    draft = cases.draft(version, answers, clocks.today())
    assert draft is not None
    there = cases.held_of(uscc, draft.asked, clocks.today())
    known = dictionary.known()
    given = {name: _paper(known[name]) for name in draft.asked if name not in there and name not in promised}
    return actions.open_case(life_event=version, uscc=uscc, answers=answers, papers=given, promised=promised, by=by, online=online)


def answers_of(version: LifeEventVersion, wished: dict[str, str]) -> dict[str, str]:
    """An answer to every question that is put: the one wished, else the first."""
    from diguan.kernel import clocks
    from diguan.services.queries import cases, shelf

    answers: dict[str, str] = {}
    while (draft := cases.draft(version, answers, clocks.today())) is not None and draft.picture.situation.unanswered:
        name = draft.picture.situation.unanswered[0]
        known = shelf.questions()[name].answers
        answers[name] = wished[name] if wished.get(name) in known else next(iter(known))
    return answers


def _paper(entry: Entry) -> Paper:
    from diguan.kernel import clocks

    value = (VALUES.get(entry.value.type, f"{entry.label()}（演示）") if entry.value else "")
    file = {"file_name": f"{entry.label()}.pdf", "content": papers.pdf(f"Demo {entry.id}")} if entry.takes_file else {}
    certificate = {"number": "演示〔2026〕1号", "issued": clocks.today()} if entry.kind == "certificate" else {}
    return Paper(value=value, **file, **certificate)  # type: ignore[arg-type]


def accepted(case: Case, by: Person) -> None:
    """The window takes what was handed in as verified and accepts the case."""
    from diguan.kernel.evidence.models import Evidence
    from diguan.services.actions import cases as actions

    task = _task(case, "case_accepted")
    seen = Evidence.objects.filter(subject_kind="case", subject_id=str(case.pk), state="entered").exclude(entry="commitment").values_list("pk", flat=True)
    actions.accept_case(task=task, version=task.version, verified=list(seen), by=by)


def _task(case: Case, key: str) -> Any:
    from diguan.kernel.stages.models import Task

    return Task.objects.select_related("course__frozen").get(course=case.course_id, key=key)


def finished(case: Case, keys: list[str], by: Person) -> None:
    """Do what is open of these matters, again and again, until nothing of them is."""
    from diguan.kernel import clocks
    from diguan.kernel.stages.models import Task, TaskState
    from diguan.services.actions import cases as actions

    while (task := Task.objects.filter(course=case.course_id, key__in=keys, state=TaskState.OPEN).order_by("id").first()) is not None:
        task = _task(case, task.key)
        result = Paper(number=f"演示〔2026〕{task.pk}号", issued=clocks.today(), file_name=f"{task.step.label()}.pdf", content=papers.pdf(f"Result {task.key}"))
        actions.finish_matter(task=task, version=task.version, result=result, by=by)


def delivered(case: Case, by: Person) -> None:
    """Everything goes out by courier."""
    from diguan.services.actions import cases as actions

    task = _task(case, "case_delivered")
    actions.deliver(task=task, version=task.version, kind="courier", by=by)


def _rate(case: Case, agent: Person) -> None:
    from diguan.services.actions import cases as actions
    from diguan.services.models import Case

    actions.rate_case(case=Case.objects.select_related("course").get(pk=case.pk), stars=5, words="交了一次，就等着收结果（演示）", by=agent)


def _pause(case: Case, by: Person) -> None:
    from diguan.kernel.stages import actions as stages
    from diguan.kernel.stages.models import Task, TaskState

    found = Task.objects.filter(course=case.course_id, state=TaskState.OPEN).order_by("id").first()
    if found is not None:
        task = _task(case, found.key)
        stages.pause_clock(task=task, to=task.key, version=task.version, article=task.step.gate.term.pauses[0], reason="专家评审（演示）", by=by)


def _extend(case: Case, by: Person) -> None:
    """Ask for more days for a step of the bureau whose head is among the accounts; the head has yet to decide."""
    from diguan.kernel import clocks
    from diguan.kernel.stages.models import Task, TaskState
    from diguan.services.actions import case_terms as actions
    from diguan.services.engine.caseterms import EXTENDED_BY
    from diguan.services.queries import case_terms as terms

    for found in Task.objects.filter(course=case.course_id, state=TaskState.OPEN, owner_unit__code=accounts.ACCOUNTS["head"].unit).order_by("id"):
        task = _task(case, found.key)
        room = terms.room(task, clocks.today(), terms.clock_rows(task.course).get(task.pk, []))
        if room.why is None:
            actions.ask_extension(task=task, version=task.version, days=room.days, basis=EXTENDED_BY, reason="图纸要请专家复核（演示）", by=by)
            return


def _help(case: Case, by: Person, agent: Person) -> None:
    """The park's assistant is asked to help with what is to be corrected; the applicant consents."""
    from diguan.kernel import clocks
    from diguan.services.actions import case_help as actions

    until = clocks.today() + dt.timedelta(days=30)
    actions.offer_help(case=case, assistant=accounts.known("helper"), purpose="帮着核对并补正变更登记的材料（演示）", until=until, by=by)
    actions.consent_help(case_help=case.helps.get(), by=agent)


def _correct(case: Case, by: Person) -> None:
    from diguan.kernel import clocks
    from diguan.services.actions import cases as actions
    from diguan.services.queries.cases import View

    task = _task(case, "case_accepted")
    items = [ask.entry.id for ask in View(by, case, clocks.today()).asks if not ask.settled][:1]
    actions.ask_correction(task=task, version=task.version, items=items, reason="填写的内容和营业执照不一致，请核对后重填（演示）", by=by)
