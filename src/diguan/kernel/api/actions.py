"""The bookkeeping of kept answers. No deed of anybody's, so no Event: the deed itself has its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.kernel.api.models import KeptAnswer

KEPT_DAYS = 7


def keep_answer(*, person: Person, key: str, asked: str, status: int, body: str, headers: Mapping[str, str]) -> None:
    """Keep an answer, in the transaction of its deed.

    Raises:
        IntegrityError: another request with this key was quicker.
    """
    KeptAnswer.objects.create(person=person, key=key, asked=asked, status=status, body=body, headers=dict(headers))


def forget_answers() -> int:
    """Forget answers older than a week; ``tick`` calls this. Returns how many."""
    return KeptAnswer.objects.filter(at__lt=clocks.now() - dt.timedelta(days=KEPT_DAYS)).delete()[0]
