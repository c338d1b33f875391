"""What a run over the enterprises reads: the deliveries that count, once the register has said what it knows; and their last word."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import Max

from diguan.enterprises import queries as register
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Refusal
from diguan.kernel.facts import batches, store
from diguan.kernel.facts.models import Batch
from diguan.kernel.messages import Message


def delivered(*, by: Person, as_of: dt.date, known_at: dt.datetime | None = None) -> list[Batch]:
    """The batches that count, as they are read; without ``known_at`` the register first says what it knows of ``as_of``.

    Raises:
        access.Forbidden: the register has news and the person may not export it.
    """
    if known_at is None:
        store.export_records(register.attribute_rows(as_of), subjects=register.subject_ids(), by=by, as_of=as_of)
    return batches.visible_batches(known_at, as_of)


def last_word(told: Sequence[Batch], known_at: dt.datetime | None) -> dt.datetime:
    """When what is known by then last changed: two runs with nothing new between them are one run.

    Raises:
        Refusal: nothing is known by then.
    """
    withdrawn = batches.every_batch(known_at).aggregate(last=Max("withdrawn_at"))["last"]
    instants = [at for at in (withdrawn, *(row.committed_at for row in told)) if at is not None and (known_at is None or at <= known_at)]
    if not instants:
        raise Refusal("nothing_known", [Message("还没有企业：先导入企业名册", "there is no enterprise yet: import the register first")])
    return max(instants)
