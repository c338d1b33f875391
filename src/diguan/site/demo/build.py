"""Prepare the demo county: offices and people, the bureaus' files, their imports, one match, its notices, a few requests for data.

Everything goes through the actions and deliveries that a county uses. Each step looks first at what is
there, so that an interrupted start is taken up where it stopped.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from diguan.kernel import periods
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal
from diguan.site.demo import (
    accounts,
    bench,
    briefed,
    capabilities,
    cases,
    chains,
    county,
    earlier,
    files,
    investment,
    looked_back,
    matters,
    more,
    outreach,
    pipeline,
    plans,
    promotion,
    reach,
    settled,
    this_year,
    ties,
    waiting,
    walks,
)
from diguan.site.demo.firm import Firm, Month, Params
from diguan.site.demo.state import State

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person

GENERATOR = 22
Tell = Callable[[object], None]


@dataclass(frozen=True)
class County:
    """The county as drawn and written: its firms and its files, in the order of their delivery."""

    firms: Sequence[Firm]
    deliveries: Sequence[files.Delivery]
    waiting: Sequence[files.Delivery]
    chains: files.Delivery


def state_of(params: Params) -> State:
    """The marker of a folder in which these parameters are being built."""
    digest = hashlib.sha256(json.dumps(params, sort_keys=True, default=str).encode()).hexdigest()
    return State(f"{GENERATOR}-{digest[:12]}", str(params["today"]))


def build(folder: Path, params: Params, tell: Tell) -> str:
    """Do whatever is not done yet; answers with the number of the match.

    Raises:
        Refusal: a step is refused; what was done before it stays and is found again.
    """
    from diguan.policies.actions import run_match

    made = draw(folder, params, tell)
    clerk = accounts.person("clerk")
    assert clerk is not None  # draw has made the people
    total = len(made.deliveries)
    for number, delivery in enumerate(made.deliveries, start=1):
        rows = bring_in(delivery, by=clerk)
        if rows is not None:
            tell(Message(f"[{number}/{total}] 导入 {delivery.path.name}：{rows} 行", f"[{number}/{total}] imported {delivery.path.name}: {rows} rows"))
    claimed = capabilities.write(folder, by=clerk)
    rows = bring_in(claimed.delivery, by=clerk)
    if rows is not None:
        tell(Message(f"导入能力名册：{rows} 条", f"imported the capability register: {rows} claims"))
    capabilities.decide(claimed)
    rows = bring_in(made.chains, by=clerk)
    if rows is not None:
        tell(Message(f"导入企业环节表：{rows} 条", f"imported coverage of chain nodes: {rows} rows"))
    chains.verify()
    if bring_in(promotion.write(folder), by=accounts.known("chain")) is not None:
        tell(Message("导入目标企业名单", "imported a list of target firms"))
    promotion.prepare()
    ties.prepare()
    projects = investment.prepare(params)
    tell(Message(f"招商台账：{projects} 个项目", f"the ledger of investment promotion: {projects} projects"))
    outreach.prepare()
    moved = pipeline.prepare()
    moved += this_year.prepare(params)
    tell(Message(f"招商项目走各阶段：{moved} 个；登记线索、下达任务", f"{moved} projects of investment promotion pass their stages; leads and targets come in"))
    tell(Message("比对企业与政策……", "matching enterprises with policies…"))
    run = str(run_match(by=clerk).run_id)
    tell(Message("送出通知，企业答复，征询缺的数……", "sending notices, enterprises answering, asking for what is missing…"))
    reach.prepare(folder)
    _requests()
    tell(Message("开兑现、公示、付款……", "claims, public notices, payments…"))
    settled.prepare()
    tell(Message("回头看一份政策……", "looking back on one policy…"))
    looked_back.prepare()
    tell(Message(f"载入政务服务事项和一件事：{matters.prepare()} 项", "matters and life events taken in"))
    tell(Message("办几件一件事……", "carrying some cases…"))
    cases.prepare()
    earlier.prepare()
    bench.prepare()
    walks.prepare()
    tell(Message("载入方案、任务和目标……", "taking plans, tasks and targets in…"))
    plans.prepare()
    tell(Message("生成指标快照……", "taking snapshots of the indicators…"))
    _snapshots(params, by=clerk)
    written = briefed.prepare()
    tell(Message(f"经济运行简报：{written} 份", f"economic briefings: {written}"))
    return run


def _snapshots(params: Params, *, by: Person) -> None:
    """One of the day the public figures speak of, one of today: the pages speak from the newest."""
    from diguan.indicators.actions.snapshots import take_snapshot

    for day in (params.get("page_day"), None):
        take_snapshot(by=by, as_of=day)


def _requests() -> None:
    from diguan.site.demo import requests

    officer, agent = accounts.person("officer"), accounts.person("agent")
    assert officer is not None  # draw has made the people
    assert agent is not None
    requests.send(officer, agent)


def draw(folder: Path, params: Params, tell: Tell) -> County:
    """The people, and the files of the bureaus."""
    firms = county.draw_firms(params)
    rows = county.draw_rows(firms, params)
    accounts.found([firm.uscc for firm in files.late_exporters(rows)][:2])
    tell(Message(f"合成县：企业 {len(firms)} 户；写各部门的文件到 {folder}", f"synthetic county of {len(firms)} enterprises; writing the bureaus' files to {folder}"))
    return County(firms, files.write_all(folder, firms, rows, params, more.tables(rows, params)), waiting.write_all(folder, firms, rows, [more.late(rows, params)], more.in_ten_thousands(rows, params)),
                  chains.write(folder, firms, sold(rows, chains.YEAR)))


def sold(rows: Sequence[tuple[Firm, Month]], year: int) -> dict[str, int]:
    """What each firm sold in a year, in yuan, by credit code."""
    found: dict[str, int] = {}
    for firm, month in rows:
        if month.period.start.year == year and month.sales is not None:
            found[firm.uscc] = found.get(firm.uscc, 0) + month.sales // 100
    return found


def bring_in(delivery: files.Delivery, *, by: Person) -> int | None:
    """Import one file as a clerk does; answers with its rows, None where it is in already.

    Raises:
        Refusal: the file is refused; the reasons name it.
    """
    from diguan.kernel.facts import batches, deliveries
    from diguan.kernel.sheets.declare import record_sheets

    content = delivery.path.read_bytes()
    request = deliveries.Request(delivery.sheet, periods.parse(delivery.period) if delivery.period else None, delivery.source, delivery.complete)
    if delivery.sheet in record_sheets():
        found = deliveries.preview(request, delivery.path.name, content, by=by)
        if found.ok and not found.counts.get("new", 0) + found.counts.get("changed", 0):
            return None
    elif batches.same_file(delivery.source, delivery.sheet, hashlib.sha256(content).hexdigest()):
        return None
    upload = deliveries.keep(delivery.path.name, content, delivery.sheet, by=by)
    try:
        batch = deliveries.commit(request, upload, content, by=by)
    except Refusal as refusal:
        raise Refusal(refusal.code, [Message(f"{delivery.path.name}：{reason.zh}", f"{delivery.path.name}: {reason.en}") for reason in refusal.reasons]) from refusal
    return batch.rows if batch else found.checked.rows
