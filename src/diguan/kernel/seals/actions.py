"""Sealing: once a day, of what was done before midnight; nobody's deed, so no person and no event stand behind it."""

from __future__ import annotations

import datetime as dt
import logging
import os
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction

from diguan.kernel import clocks
from diguan.kernel.disk import flush
from diguan.kernel.seals import queries, signing
from diguan.kernel.seals.models import Seal

log = logging.getLogger("diguan.seals")
GRACE = dt.timedelta(minutes=5)
"""After midnight, so that what was begun before it has been committed."""


def seal_due() -> int:
    """Seal what was done before the last midnight, where it is not sealed yet; answers how many seals were made."""
    now = clocks.now().astimezone(clocks.COUNTY_TIME)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if now < midnight + GRACE or Seal.objects.filter(until__gte=midnight).exists():
        return 0
    try:
        return 1 if seal(midnight) else 0
    except signing.KeyUnusable as error:  # what is due goes on; the check of the installation says it again
        log.error("%s", error)
        return 0


def seal(until: dt.datetime) -> Seal | None:
    """Seal the heads of the chains as they stood before an instant; None where nothing is to be sealed, or another process just did.

    The list of heads is on the disk before the row names it; a list without a row is written again.

    Raises:
        KeyUnusable: the key cannot be read or made.
    """
    found = queries.heads(until)
    if not found:
        return None
    suite, private = signing.private_key(Path(settings.DIGUAN_SEAL_KEY))
    statement = queries.statement(until, found)
    _write(queries.lines_path(until), found)
    try:
        with transaction.atomic():
            return Seal.objects.create(until=until, statement=statement, suite=suite.name, public_key=suite.public(private), signature=suite.sign(private, statement))
    except IntegrityError:
        return None


def _write(path: Path, found: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text("".join(f"{line}\n" for line in found), "utf-8")
    flush(draft)
    draft.replace(path)
    flush(path.parent)
