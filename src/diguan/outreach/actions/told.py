"""What the writes of this room share: who came second, and a refusal of one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Refusal
from diguan.kernel.messages import Message
from diguan.kernel.records import Record

Values = Mapping[str, Any]
CONFLICT = Message("没保存上，您填的还在：别人先保存了，请对照后再保存", "Not saved; your entry is kept: someone else saved first. Compare and save again")


def queue(row: Record, by: Person) -> None:
    """Who does something with the same row at once waits here until the first one is done, so that what was looked up stays true; within an action of its caller."""
    type(row)._default_manager.filter(pk=row.pk).update(changed_by=by, changed_at=clocks.now())


def refuse(code: str, zh: str, en: str, field: str = "") -> Refusal:
    """A refusal of one sentence."""
    return Refusal(code, [Message(zh, en)], field)
