"""The numbers rows are known by on paper: 线索-2026-0001. Gaps may happen, doubles never: the column is unique and a taken number is tried anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models.functions import Length

from diguan.kernel import clocks

TRIES = 20


def numbered(model: type[models.Model], prefix: str, make: Callable[[str], Any]) -> Any:
    """Make a row under the next number of this year, inside an action's transaction.

    Raises:
        IntegrityError: something else than the number is taken.
    """
    for attempt in range(TRIES):
        start, first = next_number(model, prefix)
        number = f"{start}{first:04d}"
        try:
            with transaction.atomic():
                return make(number)
        except IntegrityError:
            if attempt == TRIES - 1 or not model._default_manager.filter(number=number).exists():
                raise
    raise AssertionError("unreachable")


def next_number(model: type[models.Model], prefix: str) -> tuple[str, int]:
    """What this year's numbers begin with, and the next one free. Above 9999 numbers have more digits, so the longest are the latest."""
    start = f"{prefix}-{clocks.today().year}-"
    rows = model._default_manager.filter(number__startswith=start).order_by(Length("number").desc(), "-number")
    last = rows.values_list("number", flat=True).first()
    return start, (int(last.rsplit("-", 1)[1]) if last else 0) + 1
