"""Action 动作: the only way to write.

``@action`` opens the transaction, asks ``access`` whether the actor may, runs the function and appends
exactly one Event to the row it returns, and one to each further row that the same command was done to.
Page, API, command line and import call the same functions, so rights and checks hold at every door.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, ParamSpec, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction

from diguan.kernel import clocks, events, refused, remember
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal

__all__ = ["REGISTRY", "ActionInfo", "Done", "Refusal", "action", "told_of", "write_at"]

R = TypeVar("R", bound=models.Model)
P = ParamSpec("P")
_PERMISSION = re.compile(r"^[a-z][a-z_]*\.[a-z][a-z_]*$")
_VERB = re.compile(r"^[a-z][a-z_]*$")


@dataclass(frozen=True)
class Done(Generic[R]):
    """What an action did: the root row and what its Event shall say.

    ``before`` and ``after`` hold nothing about a natural person; that goes into ``personal``, which can
    be erased later. ``also`` are further roots that the same command was done to, each with an Event of its own.
    """

    record: R
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    related: Iterable[models.Model] = ()
    personal: Mapping[str, Any] = field(default_factory=dict)
    also: Sequence[Done[R]] = ()

    @property
    def deeds(self) -> list[events.Deed]:
        """What the events say: its own first."""
        return [events.Deed(one.record, one.before, one.after, one.related, one.personal) for one in (self, *self.also)]


@dataclass(frozen=True)
class ActionInfo:
    """One declared action, for contract tests and pages that list what can be done."""

    name: str
    permission: str
    event: str
    on: str | None
    function: Callable[..., Any]


REGISTRY: dict[str, ActionInfo] = {}


def action(
    *, permission: str, event: str, on: str | None = None
) -> Callable[[Callable[P, Done[R] | R]], Callable[P, R]]:
    """Declare a function as an action.

    The function takes keyword arguments only, ``by`` among them, and returns the row it wrote or a
    ``Done``. Its optional ``reason`` goes into the Event.

    Args:
        permission: the right that is needed, ``enterprises.change_contact``.
        event: the verb of the Event, in the past tense, ``contact_changed``.
        on: name of the argument that holds the row whose scope is judged; None for what has no row yet.

    Raises:
        TypeError: the declaration or the signature breaks these rules (at import, not at run time).
    """

    def declare(function: Callable[P, Done[R] | R]) -> Callable[P, R]:
        name = _check(function, permission, event, on)

        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            if args:
                raise TypeError(f"{name} takes keyword arguments only")
            return _run(name, function, permission, event, on, kwargs)

        REGISTRY[name] = ActionInfo(name, permission, event, on, run)
        return run

    return declare


def _run(
    name: str, function: Callable[..., Done[R] | R], permission: str, event: str, on: str | None, kwargs: dict[str, Any]
) -> R:
    from diguan.kernel.access import queries

    by = kwargs["by"]
    with refused.noting(name, on, kwargs), remember.through(), transaction.atomic():
        queries.require(by, permission, record=kwargs[on] if on else None)
        outcome = function(**kwargs)
        done = outcome if isinstance(outcome, Done) else Done(outcome)
        events.append_all(done.deeds, event, by=by, reason=str(kwargs.get("reason") or ""))
    return done.record


def _check(function: Callable[..., Any], permission: str, event: str, on: str | None) -> str:
    parts = function.__module__.split(".")
    room = parts[parts.index("actions") - 1] if "actions" in parts[1:] else parts[-2] if len(parts) > 1 else parts[-1]
    name = f"{room}.{function.__name__}"
    if not _PERMISSION.match(permission):
        raise TypeError(f"{name}: permission {permission!r} is not room.right")
    if not _VERB.match(event):
        raise TypeError(f"{name}: event {event!r} is not a verb")
    parameters = inspect.signature(function).parameters
    if any(p.kind is not inspect.Parameter.KEYWORD_ONLY for p in parameters.values()):
        raise TypeError(f"{name}: every argument is keyword-only")
    for needed in filter(None, ("by", on)):
        if needed not in parameters:
            raise TypeError(f"{name}: needs the argument {needed}")
    if name in REGISTRY and REGISTRY[name].function.__module__ != function.__module__:
        raise TypeError(f"{name} is declared twice")
    return name


def told_of(model: type[models.Model], values: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """What is told of these columns, as the model keeps it; nothing told is NULL or an empty text.

    Raises:
        Refusal: ``invalid`` at the first field that is missing or cannot be used.
    """
    return {name: _column(model._meta.get_field(name), values.get(name)) for name in names}


def _column(field: Any, value: Any) -> Any:
    if isinstance(value, str):
        value = value.strip()
    if value in (None, ""):
        if not field.blank:
            raise Refusal("invalid", [Message("没有填", "this is missing")], field=field.name)
        return None if field.null else ""
    if isinstance(value, models.Model):
        return value
    if isinstance(value, str) and (len(value) > (field.max_length or len(value)) or "\x00" in value):
        raise Refusal("invalid", [Message(f"最多 {field.max_length} 个字，不能有看不见的字符", f"at most {field.max_length} characters, none invisible")], field=field.name)
    try:
        return field.clean(value, None)
    except ValidationError as error:
        raise Refusal("invalid", [Message("填得不对", "this cannot be used")], field=field.name) from error


def write_at(row: models.Model, version: int, values: Mapping[str, Any], *, by: Any, taken: Message) -> None:
    """Write columns of a row as somebody saw it at ``version``, and count it up; within an action of its caller.

    A conditional UPDATE is the lock on every database; its row count says who came first.

    Raises:
        Refusal: ``conflict`` with the sentence ``taken``: somebody wrote it first, and nothing was written.
    """
    hit = type(row)._default_manager.filter(pk=row.pk, version=version).update(**values, version=models.F("version") + 1, changed_by=by, changed_at=clocks.now())
    if hit != 1:
        raise Refusal("conflict", [taken])
