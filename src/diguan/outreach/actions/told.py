"""What the writes of this room share: who came second, and a refusal of one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diguan.kernel.actions import Refusal
from diguan.kernel.messages import Message

Values = Mapping[str, Any]
CONFLICT = Message("没保存上，您填的还在：别人先保存了，请对照后再保存", "Not saved; your entry is kept: someone else saved first. Compare and save again")


def refuse(code: str, zh: str, en: str, field: str = "") -> Refusal:
    """A refusal of one sentence."""
    return Refusal(code, [Message(zh, en)], field)
