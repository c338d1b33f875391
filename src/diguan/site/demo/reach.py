"""How far the demo county's notices have come: two bookkeeping agencies read and answer for their clients, messages went out, receipts came.

Through the ordinary actions, in the same order each time: who is told is sorted by credit code, and each does what its place says. One file
of receipts is left in ``待导入`` for a newcomer to import.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from diguan.kernel import access
from diguan.site.demo import accounts, waiting
from diguan.site.demo.books import write_xlsx
from diguan.site.demo.files import MARK

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person
    from diguan.kernel.notices.models import Notice, Round

AGENCIES = (("agency1", "何示例（代账）"), ("agency2", "邓样本（代账）"))
CLIENTS = 14
"""Firms an agency acts for."""
ANSWERED = 72
"""Notices that somebody has looked at."""
REASONS = (("too_complex", ""), ("not_needed", ""), ("too_little", ""), ("other", "今年已搬了厂房，明年再说"))
FAULTS = ("空号", "停机", "拒收")
FILES = 2
FILE = "短信回执-第二批"


def prepare(folder: Path) -> None:
    """Bring the notices to where a county would be some days after its first match; what is there already is left as it is.

    Raises:
        Refusal: a step is refused; what was done before it stays and is found again.
    """
    from diguan.kernel.notices import actions
    from diguan.kernel.notices.models import Round, RoundKind

    officer, clerk = accounts.person("officer"), accounts.person("clerk")
    assert officer is not None  # the county has its people
    assert clerk is not None
    _agencies()
    actions.send_due(by=officer)
    _answers()
    done = list(Round.objects.filter(kind=RoundKind.FILE).order_by("id"))
    while len(done) < FILES and (place := _busiest(officer)):
        done.append(actions.hand_over(place=place, by=officer))
    if done and not Round.objects.filter(kind=RoundKind.RECEIPT).exists():
        _bring(_write(folder / "短信回执-第一批.xlsx", done[0]), by=clerk)
    if len(done) > 1:
        _write(folder / waiting.FOLDER / f"{FILE}.xlsx", done[1])


def _agencies() -> None:
    """The agencies, each with its clients: firms with a notice, by credit code, that nobody acts for yet."""
    from diguan.kernel.access import actions
    from diguan.kernel.access.models import Delegation
    from diguan.policies.queries import reach

    administrator = accounts.person("admin")
    assert administrator is not None
    taken = set(Delegation.objects.values_list("uscc", flat=True))
    free = [uscc for uscc in reach.holding().order_by("uscc").values_list("uscc", flat=True).distinct() if uscc not in taken]
    for login, name in AGENCIES:
        who = accounts.person(login) or actions.create_person(login_name=login, name=name, password=accounts.PASSWORD, must_change_password=False, by=administrator)
        if not who.posts.exists():
            actions.appoint(person=who, role="enterprise_agent", unit=None, by=administrator)
        for uscc in [free.pop(0) for _ in range(CLIENTS - who.delegations.count()) if free]:
            actions.delegate(person=who, uscc_code=uscc, evidence="代理记账委托书（演示）", by=administrator)


def _answers() -> None:
    """Of every six notices one is left, two are read, two are acted on and one is declined."""
    from diguan.kernel.notices import actions
    from diguan.kernel.notices.models import Notice, State

    agents = {uscc: person for login, _name in AGENCIES if (person := accounts.person(login)) for uscc in access.usccs_of(person)}
    rows = list(Notice.objects.filter(kind="policies.entitled", uscc__in=agents, ended_at__isnull=True).order_by("uscc", "about_id")[:ANSWERED])
    for place, row in enumerate(rows):
        if row.state != State.DELIVERED or place % 6 == 5:
            continue
        by = agents[row.uscc]
        actions.look(notice=row, by=by)
        if place % 6 in (1, 2):
            actions.answer_notice(notice=row, acted=True, by=by)
        elif place % 6 == 4:
            reason, words = REASONS[place // 6 % len(REASONS)]
            actions.answer_notice(notice=row, acted=False, reason=reason, words=words, by=by)


def _busiest(officer: Person) -> str:
    """The town to which most messages wait to go; nothing where none wait."""
    from diguan.kernel.notices.queries import due_for_file

    counted = Counter(each.notice.place for each in due_for_file(officer) if each.notice.place)
    return min(counted, key=lambda place: (-counted[place], place), default="")


def _write(path: Path, row: Round) -> Path:
    """The receipts of one file: of eleven messages one did not arrive."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        write_xlsx(path, f"短信回执 {MARK}", ["通知编号", "状态", "时间", "原因"], [_line(place, notice) for place, notice in enumerate(_handed(row))], [])
    return path


def _handed(row: Round) -> Sequence[Notice]:
    from diguan.kernel.notices.models import Notice

    return list(Notice.objects.filter(dispatches__round=row).order_by("id"))


def _line(place: int, notice: Notice) -> list[int | float | str | None]:
    failed = place % 11 == 7
    return [notice.pk, "失败" if failed else "成功", f"2026-10-31 10:{place % 60:02d}", FAULTS[place % len(FAULTS)] if failed else None]


def _bring(path: Path, *, by: Person) -> None:
    from diguan.kernel.facts import deliveries

    content = path.read_bytes()
    upload = deliveries.keep(path.name, content, "notice_receipts", by=by)
    deliveries.commit(deliveries.Request("notice_receipts"), upload, content, by=by)
