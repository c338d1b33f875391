"""The numbers rows are known by on paper: 线索-2026-0001. Gaps may happen, doubles never: the column is unique and a taken number is tried anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, models, transaction

from diguan.kernel import clocks

TRIES = 20


def numbered(model: type[models.Model], prefix: str, make: Callable[[str], Any]) -> Any:
    """Make a row under the next number of this year, inside an action's transaction.

    Raises:
        IntegrityError: something else than the number is taken.
    """
    start = f"{prefix}-{clocks.today().year}-"
    for attempt in range(TRIES):
        last = model._default_manager.filter(number__startswith=start).order_by("-number").values_list("number", flat=True).first()
        number = f"{start}{(int(last.rsplit('-', 1)[1]) if last else 0) + 1:04d}"
        try:
            with transaction.atomic():
                return make(number)
        except IntegrityError:
            if attempt == TRIES - 1 or not model._default_manager.filter(number=number).exists():
                raise
    raise AssertionError("unreachable")
