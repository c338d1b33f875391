"""The demo county's plans: the five actions, the thirty measures, the year's targets; what was done of them, by whom it was verified, and tables of invented peers, the county's own honours.

Who is ahead and who is late is invented like everything else; what was noted and verified was so by the actions, on its day.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from diguan.site.demo import accounts
from diguan.site.demo.requests import on
from diguan.site.demo.ties import FORM as PROOF

if TYPE_CHECKING:
    from diguan.indicators.models import ProgressNote, Task
    from diguan.kernel.access.models import Person

TAKEN_IN = dt.date(2026, 1, 14)
TODAY = dt.date(2026, 10, 31)
OWNERS = {"science-industry": "officer", "human-resources": "bureau", "city-management": "head", "watch-park": "chain2", "commerce": "invest", "jiepai": "town", "approval": "service", "treasury": "treasury"}
LATE = {"five-actions-2026": {3, 12}, "measures-30-2026": {5, 11, 24, 29}}
"""Tasks that nobody has said are done; those due later are open as well."""
WAITING = {"five-actions-2026": {5}, "measures-30-2026": {8, 28}}
REJECTED = {"measures-30-2026": {29}}
SAID = ("已按清单办结，材料附后", "印发并执行，运行记录附后", "已上线，第一批办件附后", "会议纪要和公示截图附后", "已完成并在园区公告栏公布")
MOVING = ("已开过协调会，正在补材料", "初稿在征求意见", "已选点，等预算", "完成一半，下月收尾")
PEERS = ("衡阳县", "样例县", "示例市", "演示县", "样本市", "示例县", "演示区")
HEADS = "榜单,期间,县市区,数值,计量单位,来源,误差,排序,示例"
TABLES = (
    ("实际到位资金", "2025-09", ("42.93", "39.16", "35.20", "31.74", "28.05", "24.90", "11.37"), "亿元", "市商务局通报（示例数）", "", "越高越靠前"),
    ("常年在外人数", "2024", ("42.6", "35.1", "28.4", "19.7", "31.2", "22.8", "6.3"), "万人", "市人社局通报（示例数）", "", "越高越靠前"),
    ("规模工业增加值增速", "2026-08", ("8.3", "8.4", "8.3", "7.9", "8.2", "6.5", "7.0"), "%", "市统计局月报（示例数）", "", "越高越靠前"),
    ("政务服务一件事平均用时", "2026-06", ("2.6", "3.1", "2.5", "4.0", "2.9", "3.6", "3.3"), "天", "市行政审批局通报（示例数）", "0.2", "越低越靠前"))
REVISED = ("规模工业增加值增速", "2026-07", (("8.1", "8.6", "8.0", "7.7", "8.2", "6.4", "6.9"), ("8.4", "8.5", "8.1", "7.8", "8.0", "6.4", "7.1")))
"""One table as it first came and as it was revised a month later."""


HONOURS = (
    ("award", "全省县域经济高质量发展突出贡献县", "衡阳县", "provincial", "湖南省人民政府", "湘政（示例）〔2024〕3 号", dt.date(2024, 2, 20), None),
    ("award", "全省县域经济高质量发展先进县", "衡阳县", "provincial", "湖南省人民政府", "湘政（示例）〔2025〕4 号", dt.date(2025, 2, 18), None),
    ("rating", "2024 年度县域营商环境评价优秀", "衡阳县", "provincial", "省优化营商环境办", "湘营商（示例）〔2025〕2 号", dt.date(2025, 3, 12), None),
    ("rating", "2024 年度园区营商环境评价优秀", "西渡高新区", "provincial", "省优化营商环境办", "湘营商（示例）〔2025〕2 号", dt.date(2025, 3, 12), None),
    ("claim", "全国唯一的钟表全产业链项目", "船山时间谷", "industry", "中国钟表协会", "产业链证明（示例）", dt.date(2025, 5, 30), dt.date(2028, 5, 29)),
    ("claim", "全省唯一的钟表产业集群", "钟表产业园", "provincial", "省工业和信息化厅", "集群名单（示例）", dt.date(2025, 6, 20), None),
    ("award", "省级外贸转型升级基地", "钟表产业园", "provincial", "省商务厅", "湘商（示例）〔2026〕7 号", dt.date(2026, 10, 22), dt.date(2029, 10, 21)))
"""Kind, name, holder, level, issuer, paper, day, last day; the last one waits to be verified. The papers' numbers are invented."""


def prepare() -> None:
    """Plans with what was done of them, and the tables; what is there is left."""
    from diguan.indicators.models import Honour, Plan, RankingTable

    if not Plan.objects.exists():
        _plans()
    if not RankingTable.objects.exists():
        _tables(accounts.known("clerk"))
    if not Honour.objects.exists():
        _honours(accounts.known("clerk"), accounts.known("leader"))


def _plans() -> None:
    from diguan.indicators.actions.packed import take_plan
    from diguan.indicators.queries import planfile

    clerk, owners = accounts.known("clerk"), {code: accounts.known(login) for code, login in OWNERS.items()}
    for code, packed in planfile.packed().items():
        with on(TAKEN_IN):
            plan = take_plan(packed=packed, owners=owners, by=clerk)
        for task in plan.tasks.select_related("owner", "plan").order_by("number"):
            _worked(code, task)


def _worked(code: str, task: Task) -> None:
    """What was done of one task by the demo's day: due ones are done but for those named, some others move, a few wait to be verified."""
    number = task.number
    finished = task.due_on <= TODAY and number not in LATE.get(code, set())
    if number in WAITING.get(code, set()):
        _noted(task, TODAY - dt.timedelta(days=2 + number % 3), finished=True)
    elif finished:
        day = task.due_on - dt.timedelta(days=3 + number % 9)
        _verified(_noted(task, day, finished=True), day + dt.timedelta(days=2))
    elif number % 2:
        _noted(task, dt.date(2026, 9, 4) + dt.timedelta(days=number), finished=False)
    if number in REJECTED.get(code, set()):
        _rejected(_noted(task, dt.date(2026, 9, 25), finished=True), dt.date(2026, 9, 28))


def _noted(task: Task, day: dt.date, *, finished: bool) -> ProgressNote:
    from diguan.indicators.actions.progress import note_progress

    said = SAID[task.number % len(SAID)] if finished else MOVING[task.number % len(MOVING)]
    with on(day):
        return note_progress(task=task, on=day, said=said, finished=finished, proof=PROOF if finished else None, by=task.owner)


def _verified(note: ProgressNote, day: dt.date) -> None:
    from diguan.indicators.actions.progress import verify_note

    with on(min(day, TODAY)):
        verify_note(note=note, version=note.version, by=accounts.known("clerk"))


def _rejected(note: ProgressNote, day: dt.date) -> None:
    from diguan.indicators.actions.progress import reject_note

    with on(day):
        reject_note(note=note, version=note.version, reason="清单里还缺两项手续，补齐再报", by=accounts.known("leader"))


def _honours(clerk: Person, leader: Person) -> None:
    from diguan.indicators.actions.honours import FIELDS, enter_honour, verify_honour

    for place, told in enumerate(HONOURS):
        issued = told[6]
        with on(max(TAKEN_IN, issued + dt.timedelta(days=6))):
            row = enter_honour(told=dict(zip(FIELDS, told, strict=True)), proof=("荣誉证书（演示）.pdf", PROOF[1]), by=clerk)
            if place < len(HONOURS) - 1:
                verify_honour(honour=row, version=row.version, by=leader)


def _tables(clerk: Person) -> None:
    name, period, (first, later) = REVISED
    for number, (title, when, values, unit, source, band, order) in enumerate(TABLES):
        _brought(f"县域排名{number + 1}.csv", _lines(title, when, values, unit, source, band, order), clerk)
    for number, values in enumerate((first, later)):
        _brought(f"县域排名修订{number + 1}.csv", _lines(name, period, values, "%", "市统计局月报（示例数）", "", "越高越靠前"), clerk)


def _lines(title: str, period: str, values: tuple[str, ...], unit: str, source: str, band: str, order: str) -> bytes:
    rows = [f"{title},{period},{county},{value},{unit},{source},{band},{order},是" for county, value in zip(PEERS, values, strict=True)]
    return "\n".join([HEADS, *rows]).encode("utf-8")


def _brought(name: str, content: bytes, clerk: Person) -> None:
    """A file as a clerk brings it."""
    from diguan.kernel.facts import deliveries

    upload = deliveries.keep(name, content, "rankings", by=clerk)
    deliveries.commit(deliveries.Request("rankings"), upload, content, by=clerk)
