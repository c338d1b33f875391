"""What one request asks for several times is looked up once, and never for longer: rights end, and rows change."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Callable, Hashable, Iterator
from typing import TypeVar, cast

T = TypeVar("T")
_memo: contextvars.ContextVar[dict[Hashable, object] | None] = contextvars.ContextVar("memo", default=None)
_reading: contextvars.ContextVar[bool] = contextvars.ContextVar("reading", default=False)


@contextlib.contextmanager
def remembering(*, reading: bool = False) -> Iterator[None]:
    """Remember for the length of one request; ``reading`` says that it changes nothing but what it tells ``forget`` of."""
    memo, read = _memo.set({}), _reading.set(reading)
    try:
        yield
    finally:
        _memo.reset(memo)
        _reading.reset(read)


@contextlib.contextmanager
def through() -> Iterator[None]:
    """Remember for the length of one action, where no request does: the same posts are not asked for at each of its rights."""
    if _memo.get() is None:
        with remembering():
            yield
    else:
        yield


def forget() -> None:
    """Drop what is remembered; actions that change posts or delegations call it."""
    memo = _memo.get()
    if memo is not None:
        memo.clear()


def once(key: Hashable, find: Callable[[], T]) -> T:
    """What ``find`` gives; asked once in a request. Who changes what was found calls :func:`forget`."""
    memo = _memo.get()
    if memo is None:
        return find()
    if key not in memo:
        memo[key] = find()
    return cast("T", memo[key])


def while_reading(key: Hashable, find: Callable[[], T]) -> T:
    """As :func:`once` in a request that only reads; asked anew each time in any other."""
    return once(key, find) if _reading.get() else find()
