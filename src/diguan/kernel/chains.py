"""How an event is digested and linked to the one before it; plain, so that a file can be checked where there is no database."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from typing import Any

FIRST = "0" * 64


def canonical(value: Any, encoder: type[json.JSONEncoder] | None = None) -> str:
    """One spelling of a value as JSON."""
    return json.dumps(value, cls=encoder, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha(text: str) -> str:
    """The digest of a text, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def link(*, root: Sequence[str], seq: int, verb: str, at: dt.datetime, actor: int | None, reason: str, before: str, after: str, personal: str,
         subjects: Sequence[Sequence[str]], previous: str) -> str:
    """The hash of one event; ``before`` and ``after`` are JSON texts, ``personal`` is the digest of what may be erased."""
    return sha(canonical({
        "root": list(root), "seq": seq, "verb": verb, "at": at.astimezone(dt.UTC).isoformat(timespec="microseconds"), "actor": actor, "reason": sha(reason),
        "before": sha(before), "after": sha(after), "personal": personal, "subjects": [list(each) for each in subjects], "previous": previous}))
