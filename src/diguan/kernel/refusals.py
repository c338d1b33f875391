"""The typed no: what was refused and why, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diguan.kernel.messages import Message


class Refusal(Exception):
    """An action that may not be done now.

    Attributes:
        code: a word for programs, ``login_name_taken``.
        reasons: sentences for people; at least one.
        field: the form field it is about, or an empty string.
        noted: whether the log has it already (``kernel/refused.py``).
    """

    def __init__(self, code: str, reasons: Sequence[Message], field: str = "") -> None:
        super().__init__(f"{code}: " + "; ".join(str(reason) for reason in reasons))
        self.code, self.reasons, self.field, self.noted = code, tuple(reasons), field, False

    def texts(self, language: str) -> list[str]:
        """The reasons in one language."""
        return [reason.text(language) for reason in self.reasons]


class Forbidden(Refusal):
    """The person has no such right here, on ``record`` if it is about one. The web answers 403, the command line leaves with 2."""

    def __init__(self, permission: str, title: Message, record: Any = None) -> None:
        reason = Message(
            zh=f"您的岗位没有“{title.zh}”的权限，或不在职责范围内。需要的话请联系系统管理员。",
            en=f"Your post does not include the right to {title.en}, or not here. Ask the administrator if you need it.",
        )
        super().__init__("forbidden", [reason])
        self.permission, self.record = permission, record
