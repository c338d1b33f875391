"""Facts, firms and snapshots for the tests of this room."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from diguan.enterprises.models import Enterprise
from diguan.enterprises.tests.factories import enterprise_factory
from diguan.indicators.actions import briefings, snapshots
from diguan.indicators.engine import spans
from diguan.indicators.models import Briefing
from diguan.kernel import clocks, periods
from diguan.kernel.facts import actions, files
from diguan.kernel.facts.models import Batch
from diguan.kernel.facts.runs import Run
from diguan.kernel.stages.models import Passage
from diguan.kernel.tests.factories import person_factory
from diguan.projects.models import Project
from diguan.projects.tests.factories import project_factory
from diguan.projects.tests.ledger_factory import agreement_factory

_number = itertools.count(1)
HEAD = """
  effective_from: 2020-01-01
  title: {zh: 试, en: Trial}
  definition: {zh: 试, en: Trial}
  scope: department
  owner: {zh: 税务局, en: Tax bureau}
  source: {zh: 表, en: Sheet}
"""


def firms(count: int, cluster: str = "钟表", **more: Any) -> list[Enterprise]:
    """So many firms of one cluster."""
    return [enterprise_factory(cluster=cluster, **more) for _each in range(count)]


def told(fact: str, values: Mapping[str, Mapping[str, int]], source: str = "tax_bureau", whole: tuple[str, ...] = ()) -> Batch:
    """What a bureau delivers: credit code → period → value in storage units; ``whole`` are periods it is complete for."""
    rows = [{"subject": "enterprise", "subject_id": uscc, "fact": fact, "period": text, "period_start": periods.parse(text).start, "period_end": periods.parse(text).end,
             "state": "value", "num": value, "text": None} for uscc, by_period in values.items() for text, value in by_period.items()]
    staged = actions.Staged(source, "sample", f"sample-{next(_number)}", files.write_batch(rows), len(values), len(rows), coverage=tuple((fact, text) for text in whole), after=actions.newest(source))
    return actions.import_batch(staged=staged, by=person_factory("data_clerk"))


def pack(folder: Path, text: str) -> Path:
    """A pack of one file of indicators; ``HEAD`` in the text stands for what every one needs."""
    (folder / "pack").mkdir(exist_ok=True)
    (folder / "pack" / "indicators.yaml").write_text(text.replace("HEAD", HEAD.strip("\n")), "utf-8")
    return folder / "pack"


def snapshot_factory(**more: Any) -> Run:
    """A snapshot of today; with a firm where the register has none."""
    if not Enterprise.objects.exists():
        firms(3)
    return snapshots.take_snapshot(by=person_factory("data_clerk"), **more)


def signed_project(signed: dt.date, registered: dt.date | None = None, produced: dt.date | None = None, *, established: dt.date | None = None, lost: dt.date | None = None, cluster: str = "钟表") -> Project:
    """A project with a verified contract of that day, that passed these gates on these days; ``established`` gives it a firm of that day."""
    officer, other = person_factory("promotion_officer"), person_factory("promotion_officer")
    number = next(_number)
    firm = enterprise_factory(established=established, cluster=cluster) if established else None
    row = project_factory(officer, f"样例计时项目{number}", investor=f"样例投资{number}有限公司", cluster=cluster)
    agreement_factory(row, officer, other, signed_on=signed)
    if firm is not None:
        Project.objects.filter(pk=row.pk).update(enterprise=firm)
    for target, day in (("registered", registered), ("production", produced), ("lost", lost)):
        if day is not None:
            Passage(course=row.course, kind="passed", target=target, day=day, by=officer).save()
    return Project.objects.get(pk=row.pk)


def briefing_factory(*, signed: bool = False, month: str = "", run: Run | None = None, reason: str = "试", why: str = "") -> Briefing:
    """A draft of the snapshot's last month, or, signed, the briefing of the month before; the one there is, where there is one."""
    run = run or snapshot_factory()
    month = month or spans.months(run.as_of, 2)[0 if signed else 1]
    found = Briefing.objects.filter(month=month).order_by("-edition").first()
    if found is not None and not why:
        return found
    row = briefings.draft_briefing(month=month, run=run, by=person_factory("statistics_officer"), reason=why)
    return sign(row, reason) if signed else row


def sign(row: Briefing, reason: str = "") -> Briefing:
    """Reviewed and signed by two others."""
    row = briefings.review_briefing(briefing=row, version=row.version, digest=row.digest, by=person_factory("statistics_officer"))
    return briefings.sign_briefing(briefing=row, version=row.version, digest=row.digest, by=person_factory("leader"), reason=reason)


def taxed_factory(amount: int = 10_000, count: int = 3) -> Briefing:
    """A signed briefing of the month before last, of whose tax a bureau told; the one there is, where there is one."""
    month = spans.months(clocks.today(), 3)[0]
    if found := Briefing.objects.filter(month=month).first():
        return found
    rows = firms(count)
    told("tax.paid", {row.uscc: {month: amount} for row in rows}, whole=(month,))
    return briefing_factory(signed=True, month=month)
