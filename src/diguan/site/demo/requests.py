"""A few requests for data as an official sends them: one late, some answered by a bureau and a firm, some still to be answered."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator, Sequence

from django.conf import settings

from diguan.kernel import access, packs
from diguan.kernel.access.models import Person
from diguan.kernel.facts import deliveries
from diguan.kernel.facts.models import DataRequest, RequestLine
from diguan.kernel.facts.requests import actions, answers
from diguan.kernel.facts.requests.queries import Letter, letters
from diguan.kernel.packs import SELF
from diguan.policies import queries
from diguan.policies.actions import ask_for_facts
from diguan.policies.queries import UNKNOWN, Standing, members, wanting

LATE, PAID, LOAN, RENT = "sred-cultivation-2026", "talent-housing-2026", "first-loan-2026", "factory-rent-2026"
OPEN = "training-subsidy-2026"
MOST = 20
"""Enterprises in one request of the demo."""
BEFORE = dt.date(2026, 10, 16)
"""A Friday a fortnight before the demo's day."""


def send(officer: Person, agent: Person) -> int:
    """Ask, and answer in part, unless that has been done; how many requests there are."""
    if DataRequest.objects.exists():
        return DataRequest.objects.count()
    firms = sorted(access.usccs_of(agent))
    known = {standing.policy.id: standing for standing in queries.standings(officer)}
    early = [_letters(officer, known.get(policy), addressee) for policy, addressee in ((LATE, "statistics_bureau"), (PAID, "hr_bureau"))]
    now = [_letters(officer, known.get(OPEN), "hr_bureau"), *(_letters(officer, known.get(policy), SELF, firms) for policy in (LOAN, RENT))]
    with on(BEFORE):
        _ask(officer, early)
    _ask(officer, now)
    _by_file(PAID)
    _by_firm(agent, LOAN)
    return DataRequest.objects.count()


def _letters(officer: Person, standing: Standing | None, addressee: str, firms: Sequence[str] | None = None) -> list[Letter]:
    if standing is None:
        return []
    lines = [line for line in members.lines(officer, standing, UNKNOWN) if firms is None or line.enterprise.uscc in firms]
    asked = wanting.questions(members.filled(standing, lines[:MOST])).get(addressee, [])
    return letters({addressee: asked}, wanting.about(standing.policy)) if asked else []


def _ask(officer: Person, found: Sequence[Sequence[Letter]]) -> None:
    ask_for_facts(letters=[letter for each in found for letter in each], by=officer)


def _by_file(policy: str) -> None:
    """The bureau's figures, brought in as a clerk brings in any file; about the firms asked for, and nobody else."""
    from diguan.site.demo.accounts import person

    clerk, rows = person("clerk"), RequestLine.objects.filter(request__about_id=policy, fact__in=("jobs.headcount", "jobs.wages")).order_by("subject_id", "period", "fact")
    if clerk is None or not rows:
        return
    keys = sorted({(row.subject_id, row.period) for row in rows})
    asked = set(rows.values_list("subject_id", "period", "fact"))
    text = "统一社会信用代码,所属期,期末用工人数,工资总额\n" + "".join(
        f"{uscc},{period},{64 + number if (uscc, period, 'jobs.headcount') in asked else ''},{312_000 + 4_800 * number if (uscc, period, 'jobs.wages') in asked else ''}\n"
        for number, (uscc, period) in enumerate(keys))
    name, content = "用工-答复征询.csv", text.encode()
    upload = deliveries.keep(name, content, "employment_monthly", by=clerk)
    deliveries.commit(deliveries.Request("employment_monthly", source="hr_bureau", complete=()), upload, content, by=clerk)


def _by_firm(agent: Person, policy: str) -> None:
    lines = RequestLine.objects.filter(request__about_id=policy, addressee=SELF, subject_id__in=sorted(access.usccs_of(agent))).order_by("subject_id", "period")
    by_firm: dict[str, list[RequestLine]] = {}
    for line in lines:
        by_firm.setdefault(line.subject_id, []).append(line)
    for uscc, asked in by_firm.items():
        told = [answers.read_answer(uscc, packs.catalogue()[line.fact], line.period, "80万元") for line in asked if packs.catalogue()[line.fact].type == "money"]
        rows = [row for row in told if row]
        if rows:
            actions.tell(subject_id=uscc, rows=rows, by=agent)


@contextlib.contextmanager
def on(day: dt.date) -> Iterator[None]:
    """The county's day as it was; the demo alone moves it."""
    today = settings.DIGUAN_TODAY
    settings.DIGUAN_TODAY = day.isoformat()
    try:
        yield
    finally:
        settings.DIGUAN_TODAY = today
