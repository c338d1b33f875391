"""The typed noes of stages: somebody was quicker, the gate is closed."""

from __future__ import annotations

from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal
from diguan.kernel.stages.gates import Answer


class ChangedMeanwhile(Refusal):
    """The version somebody read is not the one that is there; both are told."""

    def __init__(self, read: int, now: int, state: Message) -> None:
        super().__init__("changed_meanwhile", [Message(
            f"没办成：您看到的是第 {read} 版，现在是第 {now} 版（{state.zh}），请重新打开再办",
            f"not done: you read version {read}, version {now} is there now ({state.en}); open it again")])
        self.read, self.now = read, now


class GateClosed(Refusal):
    """Something is missing; ``answer`` says what, item by item, so that a page can ask for it."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("gate_closed", answer.reasons)
        self.answer = answer


def no(code: str, zh: str, en: str, field: str = "") -> Refusal:
    """A refusal ready to raise."""
    return Refusal(code, [Message(zh, en)], field)
