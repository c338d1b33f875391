"""What agreements, funds, claims and checks have in common: entered with a proof, verified or rejected by another. Called inside actions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import write_at
from diguan.kernel.evidence.actions import keep_proof, said
from diguan.kernel.facts.models import Upload
from diguan.kernel.messages import Message
from diguan.projects.actions import fields
from diguan.projects.actions.fields import no
from diguan.projects.models import Checked, CheckState

SHEET = "project_proof"
Proof = tuple[str, bytes]
CHANGED = Message("没办成：别人刚先办了这一条，请重新打开再看", "not done: somebody has just acted on this row; open it again")


def kept(proof: Proof | None, unit: int | None, by: Person, field: str = "proof", sheet: str = SHEET) -> Upload:
    """The file that proves it; ``sheet`` says what it was brought for.

    Raises:
        Refusal: ``invalid``: there is none, or it is no picture or PDF.
    """
    if proof is None:
        raise no("invalid", "要有凭据文件", "a file that proves it is needed", field)
    return keep_proof(name=proof[0], content=proof[1], sheet=sheet, unit=unit, by=by, field=field)


def words(values: Mapping[str, str], model: Any, needed: tuple[str, ...]) -> dict[str, str]:
    """Texts trimmed; those that are needed are there, none is too long.

    Raises:
        Refusal: ``invalid`` (field named).
    """
    for name, text in values.items():
        fields.text(name, text, fields.column(model, name), needed=name in needed)
    return {name: text.strip() for name, text in values.items()}


def amount(fen: int | None, field: str) -> None:
    """Let pass an amount above zero.

    Raises:
        Refusal: ``invalid`` (field named).
    """
    if fen is None or fen <= 0:
        raise no("invalid", "金额要大于零；记错了的用冲销或作废，不填负数", "the amount is above zero; what is wrong is reversed or made void, never entered negative", field)
    if fen > fields.MOST_FEN:
        raise no("invalid", "金额太大，请核对单位", "the amount is too large: check the unit", field)


def past(day: dt.date, field: str, earliest: dt.date = dt.date(1990, 1, 1)) -> None:
    """Let pass a day that has come.

    Raises:
        Refusal: ``bad_day`` (field named).
    """
    if day > clocks.today():
        raise no("bad_day", f"{day} 还没到", f"{day} is still to come", field)
    if day < earliest:
        raise no("bad_day", f"{day} 太早，请核对年份", f"{day} is too early: check the year", field)


def verified(row: Checked, version: int, by: Person) -> None:
    """Say that it is true; who entered it cannot.

    Raises:
        Refusal: ``own_row``, ``no_proof``, ``not_waiting``, ``conflict``.
    """
    _waits(row)
    if row.entered_by_id == by.pk:
        raise no("own_row", "自己录入的不能自己核实，请另一个人来", "who entered it cannot verify it: ask somebody else")
    if row.proof_id is None:
        raise no("no_proof", "还没有凭据文件，不能核实", "there is no file that proves it yet")
    write_at(row, version, {"state": CheckState.VERIFIED, "verified_by": by, "verified_at": clocks.now(), "decision": ""}, by=by, taken=CHANGED)
    row.refresh_from_db()


def rejected(row: Checked, version: int, reason: str, by: Person, **more: Any) -> None:
    """Say that it does not hold, and why; who entered it may take it back so.

    Raises:
        Refusal: ``invalid`` without a reason, ``not_waiting``, ``conflict``.
    """
    decision = said(reason)
    _waits(row)
    write_at(row, version, {"state": CheckState.REJECTED, "decision": decision, **more}, by=by, taken=CHANGED)
    row.refresh_from_db()


def undone(row: Checked, version: int, reason: str, by: Person, **more: Any) -> None:
    """Say of what was verified that it does not hold after all, and why: it counts no more from now on. Who entered it cannot. ``more`` are columns to be set besides.

    Raises:
        Refusal: ``own_row``, ``not_waiting``, ``invalid`` without a reason, ``conflict``.
    """
    decision = said(reason)
    if row.state != CheckState.VERIFIED:
        raise no("not_waiting", "这一条不在已核实状态", "this row is not verified")
    if row.entered_by_id == by.pk:
        raise no("own_row", "自己录入的要由另一个人撤销", "who entered it does not take it back once it is verified: ask somebody else")
    write_at(row, version, {"state": CheckState.VOID, "decision": decision, **more}, by=by, taken=CHANGED)
    row.refresh_from_db()


def proved(row: Checked, version: int, proof: Proof | None, unit: int | None, by: Person) -> None:
    """Another file that proves it, while nobody has verified it.

    Raises:
        Refusal: ``verified_already``: what was verified was verified on that file; ``conflict``, ``invalid``.
    """
    if row.state != CheckState.ENTERED:
        raise no("verified_already", "已经核实、驳回或作废，凭据不能再换；有误就作废或冲销后重新录入", "it was decided on, so its proof cannot be replaced: make it void or reverse it, and enter it anew", "proof")
    write_at(row, version, {"proof": kept(proof, unit, by)}, by=by, taken=CHANGED)
    row.refresh_from_db()


def _waits(row: Checked) -> None:
    if row.state != CheckState.ENTERED:
        raise no("not_waiting", "这一条不在待核实状态", "this row does not wait for verification")
