"""The typed noes of stages: somebody was quicker, the gate is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal
from diguan.kernel.rules.tree import VERDICT_WORDS
from diguan.kernel.stages.gates import Answer

if TYPE_CHECKING:
    from diguan.kernel.stages.models import Task


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


class OneOfMany(Refusal):
    """Of several tasks done at once this one stood in the way: it is named, nothing was done. ``why`` is what it would have been told alone."""

    def __init__(self, task: Task, why: Refusal) -> None:
        self.task, self.why = task, why
        name = Message(f"{task.course.title}的“{task.step.label()}”", f"“{task.step.label('en')}” of {task.course.title}")
        super().__init__(why.code, [Message(f"一项也没有办：{name.zh}：{reason.zh}", f"nothing was done: {name.en}: {reason.en}") for reason in why.reasons], why.field)


def no(code: str, zh: str, en: str, field: str = "") -> Refusal:
    """A refusal ready to raise."""
    return Refusal(code, [Message(zh, en)], field)


def opened(answer: Answer) -> dict[str, str]:
    """What the gate saw, for the passage.

    Raises:
        GateClosed: it is closed.
    """
    if not answer.met:
        raise GateClosed(answer)
    return {item.id: "waived" if item.waived else VERDICT_WORDS[item.state] for item in answer.items}
